//! R-07: thousands of hostile requests of many kinds among good ones, over many connections. The good ones take effect,
//! nobody is answered with a failure, and the memory comes back.

use super::{
    Options,
    findings::Findings,
    flood::{self, How, Outcome},
    twice::{raised, shuffle},
};
use crate::{
    fuzz::random::Random,
    rig::{
        peers::Plan,
        requests::{self, Member},
        town::{Followers, HOST, Town, pause},
    },
};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs::File, ops::Range};

/// Kinds of hostile requests.
const KINDS: usize = 24;

/// One request of a flood: what kind of hostile one it is; `None` for a good one.
type Sent = (Option<usize>, Vec<u8>);

/// R-07.
pub(super) fn flooded(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let (bad, good) = (options.rounds(10_000, 400), options.pick(1_000, 60));
    let members = requests::members(4, 4, true)?;
    let peers = Plan { good: 2, ..Plan::default() };
    let mut town = Town::new(&options.setting(), Followers { count: 2, each: 1, peers }, &members)?;
    let said = town.folder().join("said");
    let file = File::create(&said)?;
    town.config.log = "error".to_owned();
    town.start_with(raised(), |command| {
        command.stderr(file);
    })?;
    let rows = town.sizes()?;
    let mut chance = Random::new(options.seed, 7);
    // Twice the same, so that like is compared with like: the first time the server runs through code it never ran
    // through, and its allocator gets as much as so many threads want at once. What it keeps of each request shows in
    // what the second time adds.
    let mut held = Vec::new();
    for (round, series) in ["first", "second"].into_iter().enumerate() {
        let sent = mixed(&town, &members, series, (round * bad..(round + 1) * bad, good), &mut chance)?;
        let all: Vec<Vec<u8>> = sent.iter().map(|(_, request)| request.clone()).collect();
        let outcomes = flood::flood(&[town.address()?], &all, How::over(64))?;
        answers(findings, series, &sent, &outcomes);
        let again: Vec<Vec<u8>> = sent
            .iter()
            .zip(&outcomes)
            .filter(|((kind, _), outcome)| kind.is_none() && outcome.status != 202)
            .map(|((_, request), _)| request.clone())
            .collect();
        findings.say(&format!("{series}: good ones that were turned away at first"), again.len());
        let again = flood::insist(&[town.address()?], &again, How::over(8), 10)?;
        let taken = again.iter().all(|outcome| outcome.status == 202);
        findings.must(&format!("{series}: all good ones were taken in the end"), taken);
        let (taken, wanted) = ((round + 1) * good, (round + 1) * good * 2);
        let arrived = town.settle(wanted)?;
        findings.same(&format!("{series}: deliveries of the good ones so far"), &arrived.distinct, &wanted);
        let posts = rows.posts + i64::try_from(taken)?;
        findings.same(&format!("{series}: posts, the good ones and no other"), &town.sizes()?.posts, &posts);
        pause(options.pick(60_000, 1_000));
        held.push(town.server()?.resident_mib()?);
    }
    findings.most("most memory", town.server()?.usage()?.peak_mib, 300.0, "MiB");
    findings.say("memory a while after the first and after the second, in MiB", format!("{held:.1?}"));
    let most = options.pick(1.1, 2.0);
    findings.most("memory after the second, of that after the first", held[1] / held[0], most, "");
    let said = std::fs::read_to_string(&said)?;
    findings.same("panics", &said.matches("panicked").count(), &0);
    Ok(())
}

/// Hostile requests of these numbers among so many good ones, in an order of chance.
fn mixed(
    town: &Town,
    members: &[Member],
    series: &str,
    (bad, good): (Range<usize>, usize),
    chance: &mut Random,
) -> anyhow::Result<Vec<Sent>> {
    let mut mixed: Vec<Sent> =
        requests::signed(town, members, series, good)?.into_iter().map(|request| (None, request)).collect();
    let now = town.app.clock.now();
    for number in bad {
        mixed.push((Some(number % KINDS), hostile(&members[number % members.len()], number, now, chance)?));
    }
    shuffle(&mut mixed, chance);
    Ok(mixed)
}

/// How a flood was answered.
fn answers(findings: &mut Findings, series: &str, sent: &[Sent], outcomes: &[Outcome]) {
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    let mut unanswered: BTreeMap<usize, usize> = BTreeMap::new();
    let mut of_good = Vec::new();
    for ((kind, _), outcome) in sent.iter().zip(outcomes) {
        *statuses.entry(outcome.status).or_default() += 1;
        match kind {
            None => of_good.push(*outcome),
            Some(kind) if outcome.status == 0 => *unanswered.entry(*kind).or_default() += 1,
            Some(_) => {}
        }
    }
    let good = of_good.len();
    findings.say(
        &format!("{series}: hostile, good, answers by status"),
        format!("{}, {good}, {statuses:?}", sent.len() - good),
    );
    let failed = |one: &&Outcome| one.status >= 500 && !(one.status == 503 && one.retry_after);
    let failures = outcomes.iter().filter(failed).count();
    findings.same(&format!("{series}: failures (5xx but 503 with Retry-After)"), &failures, &0);
    findings.same(&format!("{series}: hostile ones that got no answer, by kind"), &unanswered, &BTreeMap::new());
    let within = flood::percentile(&of_good, 0.95);
    findings.most(&format!("{series}: good ones, 95 % within"), within, 1_000.0, "ms");
}

/// A request that must have no effect. Most are signed well: what is wrong lies deeper.
fn hostile(author: &Member, number: usize, now: DateTime<Utc>, chance: &mut Random) -> anyhow::Result<Vec<u8>> {
    let id = format!("https://{}/bad/{number}", author.id.host_str().unwrap_or_default());
    let note =
        |id: &str| json!({"id": id, "type": "Note", "attributedTo": author.id, "content": "x", "to": "as:Public"});
    let activity = |kind: &str, object: Value| json!({"@context": "https://www.w3.org/ns/activitystreams", "id": format!("{id}/a"), "type": kind, "actor": author.id, "object": object});
    let signed = |body: &str| requests::packed(author, body, now);
    let good = activity("Create", note(&id)).to_string();
    Ok(match number % KINDS {
        // The head.
        0 => plain("POST /inbox", &good, ""),
        1 => cut(&signed(&good)?, "digest: ", "digest: SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n"),
        2 => cut(&signed(&good)?, "host: ", "host: elsewhere.test\r\n"),
        3 => cut(&signed(&good)?, "date: ", "date: Tue, 24 Nov 2020 10:00:00 GMT\r\n"),
        4 => requests::packed(author, &good, now - Duration::days(30))?,
        5 => requests::packed(author, &good, now + Duration::days(30))?,
        6 => cut(&signed(&good)?, "signature: ", "signature: keyId=\"x\",signature=\"\"\r\n"),
        7 => plain("POST /inbox", &good, &format!("signature: {}\r\n", "a=\"b\",".repeat(1_000))),
        8 => changed(signed(&good)?),
        9 => requests::packed(&stranger(number)?, &good, now)?,
        // The body.
        10 => signed("{")?,
        11 => signed(&format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)))?,
        12 => signed(&good.replace("Create", "Create\u{0}"))?,
        13 => signed(&format!(r#"{{"type":"Create","type":"Delete",{}"#, good.trim_start_matches('{')))?,
        14 => signed(&json!({"type": "Create", "padding": "x".repeat(1_100_000)}).to_string())?,
        15 => signed(&"\u{fffd}".repeat(20 + chance.below(2_000)))?,
        // What it says.
        16 => signed(&activity("Create", note("https://oak.test/p/1")).to_string())?,
        17 => signed(&activity("Update", json!({"id": "https://f0.test/u/sam0", "type": "Person"})).to_string())?,
        18 => signed(&activity("Delete", json!("https://oak.test/g/tea")).to_string())?,
        19 => signed(&activity("Undo", activity("Follow", json!("https://f0.test/u/sam0"))).to_string())?,
        20 => signed(&activity("Accept", json!("https://oak.test/a/none")).to_string())?,
        21 => signed(&activity("Add", json!([null, 1, {"a": [{}]}])).to_string())?,
        // What is no inbox.
        22 => plain("POST /g/tea/outbox", &good, ""),
        _ => plain(
            &format!("GET /g/{}", "%2e%2e/".repeat(1 + chance.below(40))),
            "",
            "accept: application/activity+json\r\n",
        ),
    })
}

fn stranger(number: usize) -> anyhow::Result<Member> {
    requests::member(&format!("https://m0.test/u/nobody{number}"))
}

fn plain(line: &str, body: &str, more: &str) -> Vec<u8> {
    format!(
        "{line} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/activity+json\r\n{more}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The same request with one header replaced.
fn cut(request: &[u8], header: &str, by: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let lines =
        text.split_inclusive("\r\n").map(|line| if line.to_lowercase().starts_with(header) { by } else { line });
    lines.collect::<String>().into_bytes()
}

/// The same request with one byte of the body changed.
fn changed(mut request: Vec<u8>) -> Vec<u8> {
    let place = request.len() - 3;
    request[place] ^= 1;
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_replaced_and_nothing_else() {
        let request = plain("POST /inbox", "{\"host: \":1}", "Date: now\r\n");
        let cut = String::from_utf8(cut(&request, "date: ", "date: then\r\n")).unwrap();
        assert_eq!(cut, String::from_utf8(request).unwrap().replace("Date: now", "date: then"));
    }
}
