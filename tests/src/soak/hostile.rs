//! R-07: thousands of hostile requests of many kinds among good ones, over many connections. The good ones take effect,
//! nobody is answered with a failure, and the memory comes back.

use super::{
    Options,
    findings::Findings,
    flood::{self, How},
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
use std::{collections::BTreeMap, fs::File};

/// Kinds of hostile requests.
const KINDS: usize = 24;

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
    let at = town.address()?;
    let rows = town.sizes()?;
    // What it holds after as many good ones over as many connections, and nothing bad, is what it is to come back to.
    let warm = requests::signed(&town, &members, "warm", good)?;
    anyhow::ensure!(
        flood::flood(&[at], &warm, How::over(64))?.iter().all(|one| one.status == 202),
        "a good one was refused"
    );
    let before = town.server()?.resident_mib()?;

    let mut chance = Random::new(options.seed, 7);
    // None: a good one. Otherwise what kind of hostile one.
    let mut mixed: Vec<(Option<usize>, Vec<u8>)> =
        requests::signed(&town, &members, "good", good)?.into_iter().map(|request| (None, request)).collect();
    let now = town.app.clock.now();
    for number in 0..bad {
        mixed.push((Some(number % KINDS), hostile(&members[number % members.len()], number, now, &mut chance)?));
    }
    shuffle(&mut mixed, &mut chance);
    let all: Vec<Vec<u8>> = mixed.iter().map(|(_, request)| request.clone()).collect();
    let outcomes = flood::flood(&[at], &all, How::over(64))?;
    let peak = town.server()?.usage()?.peak_mib;

    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for outcome in &outcomes {
        *statuses.entry(outcome.status).or_default() += 1;
    }
    findings.say("hostile, good, answers by status", format!("{bad}, {good}, {statuses:?}"));
    let failures = outcomes
        .iter()
        .filter(|outcome| outcome.status >= 500 && !(outcome.status == 503 && outcome.retry_after))
        .count();
    findings.same("failures (5xx but 503 with Retry-After)", &failures, &0);
    let of_good: Vec<flood::Outcome> =
        outcomes.iter().zip(&mixed).filter(|(_, (kind, _))| kind.is_none()).map(|(outcome, _)| *outcome).collect();
    let mut unanswered: BTreeMap<usize, usize> = BTreeMap::new();
    for (outcome, (kind, _)) in outcomes.iter().zip(&mixed) {
        if let (0, Some(kind)) = (outcome.status, kind) {
            *unanswered.entry(*kind).or_default() += 1;
        }
    }
    findings.same("hostile ones that got no answer, by kind", &unanswered, &BTreeMap::new());
    findings.most("good ones, 95 % within", flood::percentile(&of_good, 0.95), 1_000.0, "ms");
    let again: Vec<Vec<u8>> = mixed
        .iter()
        .zip(&outcomes)
        .filter(|((kind, _), outcome)| kind.is_none() && outcome.status != 202)
        .map(|((_, request), _)| request.clone())
        .collect();
    findings.say("good ones that were turned away at first", again.len());
    let again = flood::insist(&[at], &again, How::over(8), 10)?;
    findings.must("all good ones were taken in the end", again.iter().all(|outcome| outcome.status == 202));
    let arrived = town.settle((good + warm.len()) * 2)?;
    findings.same("deliveries of the good ones", &arrived.distinct, &((good + warm.len()) * 2));
    let wanted = rows.posts + i64::try_from(good + warm.len())?;
    findings.same("posts: the good ones and no other", &town.sizes()?.posts, &wanted);
    findings.most("most memory", peak, 300.0, "MiB");
    pause(options.pick(60_000, 1_000));
    findings.most(
        "memory afterwards, of what it was before",
        town.server()?.resident_mib()? / before,
        options.pick(1.1, 2.0),
        "",
    );
    let said = std::fs::read_to_string(&said)?;
    findings.same("panics", &said.matches("panicked").count(), &0);
    Ok(())
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
