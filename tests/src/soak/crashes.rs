//! a server under load is killed again and again, at random moments and at every fault point. What was
//! acknowledged is there after the start, and reaches the other servers, at most once more for each crash.

use super::{
    Options,
    findings::Findings,
    flood::{self, How},
    person::Person,
};
use crate::rig::{
    peers::{self, Arrived, Plan, Question},
    requests::{self, Member},
    served::Raised,
    town::{Followers, Setting, Town, pause},
};
use anyhow::{Context, bail};
use hearth::ballast::BYTES;
use hearth_actions::session;
use hearth_db::{
    DbError, Kind, dialect, fault,
    tables::{events::Event, follows, incoming, posts, rsvps},
    views::outbox,
};
use hearth_domain::rsvp::Answer;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The servers that follow.
const FOLLOWERS: usize = 3;
/// A start takes no longer than this, in seconds.
const START: f64 = 3.0;
/// Activities for which something has to be fetched.
const KEPT: &str = "activities that needed something first";
/// The point at which files are written.
const FILES: &str = "file.write";
/// How often each point is visited in the full run.
const VISITS: usize = 20;

/// What was acknowledged, and is not checked yet.
#[derive(Default)]
struct Ledger {
    /// Addresses of local posts.
    posts: Vec<String>,
    /// Ids of posts from elsewhere.
    letters: Vec<String>,
    /// Ids of posts from elsewhere that are kept until something was fetched for them.
    kept: Vec<String>,
    /// Ids of follows.
    follows: Vec<String>,
    /// The last answer that was taken, and those after it of which nothing was heard.
    answers: Vec<&'static str>,
    /// How many were taken.
    acknowledged_answers: usize,
}

/// Everything over all rounds.
#[derive(Default)]
struct Totals {
    acknowledged: BTreeMap<&'static str, usize>,
    lost: Vec<String>,
    crashes: usize,
    at_start: usize,
    slowest_start: f64,
    visits: BTreeMap<String, usize>,
    posts: BTreeSet<String>,
    letters: BTreeSet<String>,
    kept: BTreeSet<String>,
}

/// An activity that is ready to be sent.
struct Letter {
    /// The id of what it is about, or of a follow.
    id: String,
    /// Whether something has to be fetched before it can take effect.
    needs: bool,
    request: Vec<u8>,
}

struct Stage {
    town: Town,
    members: Vec<Member>,
    person: Person,
    event: Event,
    raised: Raised,
    round: usize,
    seed: u64,
    /// Activities that are ready to be sent in each round.
    letters: usize,
    ledger: Ledger,
    totals: Totals,
}

/// How a round ends.
enum End<'a> {
    /// After so many milliseconds.
    After(u64),
    /// At this point, sooner or later.
    At(&'a str),
}

///
pub(super) fn crashes(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let random = options.rounds.map_or_else(|| options.pick(60, 2), |rounds| rounds * 3 / 10);
    let visits = options.rounds.map_or_else(|| options.pick(VISITS, 1), |rounds| (rounds / 10).max(1));
    let mut stage = Stage::new(options)?;
    let mut chance = crate::fuzz::random::Random::new(options.seed, 0);
    for _ in 0..random {
        let longest = options.pick(2_000, 700);
        stage.round(&End::After(50 + chance.below(longest - 50) as u64))?;
    }
    for point in points(options.kind()) {
        // A point may be missed in a round; that it can be visited at all is what counts.
        for _ in 0..visits * 4 {
            if stage.totals.visits.get(point).copied().unwrap_or_default() >= visits {
                break;
            }
            stage.round(&End::At(point))?;
        }
    }
    stage.finish(options, findings, visits)
}

/// The points that a server on this database passes. The one file it writes itself is the ballast beside SQLite.
fn points(kind: Kind) -> impl Iterator<Item = &'static str> {
    fault::POINTS.into_iter().filter(move |point| kind == Kind::Sqlite || *point != FILES)
}

impl Stage {
    fn new(options: &Options) -> anyhow::Result<Self> {
        let members = requests::members(4, 120, true)?;
        let followers =
            Followers { count: FOLLOWERS, each: 1, peers: Plan { good: FOLLOWERS, keep: true, ..Plan::default() } };
        let setting = Setting { by_name: true, ..options.setting() };
        let town = Town::new(&setting, followers, &members)?;
        let session = session::open(&town.app, town.keeper, "a soak")?;
        let mut form = crate::world::event_form(town.persona);
        form.date = (town.app.clock.now() + chrono::Duration::days(30)).format("%Y-%m-%d").to_string();
        let event = hearth_actions::event::announce(&town.app, town.keeper, town.group.id, &form)?;
        let lease = Some(options.pick(60, 4));
        Ok(Self {
            town,
            members,
            person: Person { session },
            event,
            raised: Raised { posts_per_minute: Some(u32::MAX), lease, ..Raised::default() },
            round: 0,
            seed: options.seed,
            letters: options.pick(48, 24),
            ledger: Ledger { answers: vec!["no"], ..Ledger::default() },
            totals: Totals::default(),
        })
    }

    fn round(&mut self, end: &End<'_>) -> anyhow::Result<()> {
        self.round += 1;
        let log = self.town.folder().join("faults");
        let began = Instant::now();
        let fault = match end {
            End::After(_) => String::new(),
            End::At(point) => format!("{point}:kill:{}", likelihood(point)),
        };
        if let End::At(FILES) = end {
            // It is written only where it is missing.
            let _ = std::fs::remove_file(self.town.database_file()?.with_file_name("ballast"));
        }
        let seed = (self.seed + self.round as u64 * 7_919).to_string();
        let started = self.town.start_with(self.raised, |command| {
            command.env("HEARTH_FAULT", &fault).env("HEARTH_FAULT_SEED", seed).env("HEARTH_FAULT_LOG", &log);
        });
        self.totals.crashes += 1;
        if started.is_ok() {
            self.live(end, began)?;
        } else if fault.is_empty() {
            bail!("the server does not start after {} crashes", self.totals.crashes - 1);
        } else {
            self.totals.at_start += 1;
        }
        self.town.stop();
        // What was on its way when it died belongs to the life before.
        pause(50);
        self.town.peers.ask::<Arrived>(&Question::NextLife)?;
        self.count_visits(&log)
    }

    /// One life of the server: is everything there, then load until the end.
    fn live(&mut self, end: &End<'_>, began: Instant) -> anyhow::Result<()> {
        let at = self.town.address()?;
        // A point is passed soon; a machine that is busy elsewhere needs its time until then.
        let deadline = Instant::now() + Duration::from_millis(if let End::After(time) = end { *time } else { 12_000 });
        let healthy = self.person.get(at, "/about").is_ok_and(|page| page.status == 200);
        if healthy {
            self.totals.slowest_start = self.totals.slowest_start.max(began.elapsed().as_secs_f64());
        } else if matches!(end, End::After(_)) {
            bail!("the server started and is not healthy");
        }
        self.check()?;
        let letters = self.letters()?;
        let requests: Vec<Vec<u8>> = letters.iter().map(|letter| letter.request.clone()).collect();
        let stop = AtomicBool::new(false);
        let round = self.round;
        let (person, event) = (&self.person, &self.event);
        let persona = self.town.persona.to_string();
        let town = &mut self.town;
        let how = How { connections: 4, rate: Some(120.0), stop: Some(&stop) };
        let (outcomes, posts, answers) = thread::scope(|scope| -> anyhow::Result<_> {
            let sending = scope.spawn(|| flood::flood(&[at], &requests, how));
            let posting = scope.spawn(|| publish(person, at, &persona, round, &stop));
            let answering = scope.spawn(|| answer(person, at, &persona, event, &stop));
            while Instant::now() < deadline && !town.nodes.first_mut().is_none_or(|node| node.process.has_ended()) {
                pause(5);
            }
            town.stop();
            stop.store(true, Ordering::Relaxed);
            Ok((
                sending.join().expect("sending does not panic")?,
                posting.join().expect("posting does not panic"),
                answering.join().expect("answering does not panic"),
            ))
        })?;
        for (Letter { id, needs, .. }, outcome) in letters.into_iter().zip(outcomes) {
            match outcome.status {
                202 if id.contains("/follows/") => self.ledger.follows.push(id),
                202 if needs => self.ledger.kept.push(id),
                202 => self.ledger.letters.push(id),
                0 | 503 => {}
                other => bail!("an activity was answered {other}"),
            }
        }
        self.ledger.posts.extend(posts?);
        let answers = answers?;
        self.ledger.acknowledged_answers = answers.1;
        if answers.1 > 0 {
            self.ledger.answers.clear();
        }
        self.ledger.answers.extend(answers.0);
        Ok(())
    }

    /// Replies, some of them to what is not known here, posts, and one new follower.
    fn letters(&self) -> anyhow::Result<Vec<Letter>> {
        let series = format!("r{}", self.round);
        let now = self.town.app.clock.now();
        let mut letters = Vec::new();
        for number in 0..self.letters {
            let author = &self.members[(self.round + number) % self.members.len()];
            let mut body = requests::activity(&self.town, author, &series, number);
            let needs = number % 8 == 5;
            if needs {
                let host = author.id.host_str().unwrap_or_default();
                body["object"]["inReplyTo"] = json!(peers::asked_id(host, &format!("{series}-{number}")));
            }
            let request = requests::packed(author, &body.to_string(), now)?;
            letters.push(Letter { id: requests::object_id(author, &series, number), needs, request });
        }
        let fan = self.members.get(self.round).context("more rounds than people")?;
        let id = format!("{}/follows/1", fan.id);
        let follow = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id, "type": "Follow", "actor": fan.id, "object": self.town.group.ap_id.as_str(),
        });
        let request = requests::packed(fan, &follow.to_string(), now)?;
        letters.insert(self.letters / 8, Letter { id, needs: false, request });
        Ok(letters)
    }

    /// Whether everything that was acknowledged is in the database.
    fn check(&mut self) -> anyhow::Result<()> {
        let ledger = std::mem::take(&mut self.ledger);
        let totals = &mut self.totals;
        let (event, persona) = (self.event.id, self.town.persona);
        self.town.app.db.read(|c| {
            for id in ledger.posts.iter().chain(&ledger.letters) {
                if posts::by_ap_id(c, id)?.is_none() {
                    totals.lost.push(id.clone());
                }
            }
            for id in &ledger.follows {
                if follows::by_ap_id(c, id)?.is_none() {
                    totals.lost.push(id.clone());
                }
            }
            let found = rsvps::get(c, event, persona)?.map_or("no", |row| word(row.answer));
            if !ledger.answers.contains(&found) {
                totals.lost.push(format!("the answer {:?}; found {found:?}", ledger.answers));
            }
            Ok::<_, DbError>(())
        })?;
        for (what, count) in [
            ("posts", ledger.posts.len()),
            ("activities", ledger.letters.len()),
            (KEPT, ledger.kept.len()),
            ("follows", ledger.follows.len()),
            ("answers", ledger.acknowledged_answers),
        ] {
            *totals.acknowledged.entry(what).or_default() += count;
        }
        totals.posts.extend(ledger.posts);
        totals.letters.extend(ledger.letters);
        // These have time until the end.
        totals.kept.extend(ledger.kept);
        // The last answer still stands.
        self.ledger.answers = ledger.answers;
        Ok(())
    }

    fn count_visits(&mut self, log: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        self.totals.visits.clear();
        for line in text.lines() {
            *self.totals.visits.entry(line.to_owned()).or_default() += 1;
        }
        Ok(())
    }

    fn finish(mut self, options: &Options, findings: &mut Findings, visits: usize) -> anyhow::Result<()> {
        self.town.start(self.raised)?;
        self.check()?;
        self.take_effect(findings)?;
        if options.kind() == Kind::Sqlite {
            let ballast = std::fs::metadata(self.town.database_file()?.with_file_name("ballast"))?;
            findings.same("the ballast after all that, in bytes", &ballast.len(), &BYTES);
        }
        let everything = self.town.app.db.read(|c| outbox::newest(c, self.town.group.id, 1_000_000))?;
        let own: BTreeSet<String> = everything
            .iter()
            .filter(|row| row.post.local && row.post.id != self.town.welcome.id)
            .map(|row| row.post.ap_id.to_string())
            .collect();
        // However long it takes, as long as it goes on.
        let (mut fewest, mut since) = (i64::MAX, Instant::now());
        while fewest > 0 && since.elapsed() < Duration::from_secs(60) {
            let waiting = self.town.waiting()?;
            if waiting < fewest {
                (fewest, since) = (waiting, Instant::now());
            }
            pause(200);
        }
        findings.same("deliveries that still wait", &self.town.waiting()?, &0);
        let integrity = self.town.app.db.read(dialect::integrity)?;
        findings.same("complaints of the database about itself", &integrity.len(), &0);
        let totals = &self.totals;
        findings.say("crashes", format!("{} ({} of them while starting)", totals.crashes, totals.at_start));
        findings.say("visits of each fault point", format!("{:?}", totals.visits));
        for point in points(options.kind()) {
            let visited = totals.visits.get(point).copied().unwrap_or_default();
            findings.must(&format!("{point} was visited at least {visits} times"), visited >= visits);
        }
        findings.say("acknowledged", format!("{:?}", totals.acknowledged));
        for what in ["posts", "activities", KEPT, "follows", "answers"] {
            findings.must(&format!("some {what} were acknowledged"), totals.acknowledged.get(what) > Some(&0));
        }
        findings.same("acknowledged and lost", &totals.lost.len(), &0);
        if let Some(lost) = totals.lost.first() {
            findings.say("the first that was lost", lost);
        }
        findings.most("slowest start", totals.slowest_start, START, "s");
        findings.must("every acknowledged post is among the posts", totals.posts.is_subset(&own));
        self.compare(findings, &own)
    }

    /// Waits until what was kept took effect, as long as it goes on.
    fn take_effect(&mut self, findings: &mut Findings) -> anyhow::Result<()> {
        let (mut fewest, mut since) = (i64::MAX, Instant::now());
        while fewest > 0 && since.elapsed() < Duration::from_secs(120) {
            let waiting = self.town.app.db.read(incoming::count_waiting)?;
            if waiting < fewest {
                (fewest, since) = (waiting, Instant::now());
            }
            pause(200);
        }
        let (waiting, parked) =
            self.town.app.db.read(|c| Ok::<_, DbError>((incoming::count_waiting(c)?, incoming::count_parked(c)?)))?;
        findings.same("received activities that still wait, and that were given up", &(waiting, parked), &(0, 0));
        findings.must("what they needed was fetched", self.town.arrived()?.fetches >= self.totals.kept.len());
        let kept = std::mem::take(&mut self.totals.kept);
        let totals = &mut self.totals;
        self.town.app.db.read(|c| {
            for id in kept {
                if posts::by_ap_id(c, &id)?.is_none() {
                    totals.lost.push(id.clone());
                }
                totals.letters.insert(id);
            }
            Ok::<_, DbError>(())
        })?;
        Ok(())
    }

    /// What the other servers got: everything, and nothing more often than crashes explain.
    fn compare(mut self, findings: &mut Findings, own: &BTreeSet<String>) -> anyhow::Result<()> {
        let seen = self.town.seen()?;
        let mut got: BTreeSet<(&str, &str)> = BTreeSet::new();
        let mut times: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut in_a_life: BTreeMap<(&str, &str, u32), usize> = BTreeMap::new();
        for one in &seen {
            got.insert((&one.host, &one.object));
            *times.entry((&one.host, &one.activity)).or_default() += 1;
            *in_a_life.entry((&one.host, &one.activity, one.life)).or_default() += 1;
        }
        let hosts: Vec<String> = (0..FOLLOWERS).map(|number| format!("f{number}.test")).collect();
        for (what, ids) in [("local posts", own), ("relayed activities", &self.totals.letters)] {
            let missing = hosts
                .iter()
                .flat_map(|host| ids.iter().map(move |id| (host.as_str(), id.as_str())))
                .filter(|wanted| !got.contains(wanted))
                .count();
            findings.say(&format!("{what} that had to reach {FOLLOWERS} servers"), ids.len());
            findings.same(&format!("{what} that did not reach one of them"), &missing, &0);
        }
        let repeated: usize = times.values().map(|times| times - 1).sum();
        findings.say("R-03 deliveries, and repeated ones", format!("{}, {repeated}", seen.len()));
        findings.say("R-03 most times one came to one server", times.values().max().copied().unwrap_or_default());
        let twice = in_a_life.values().filter(|times| **times > 1).count();
        findings.same("R-03 repeated without a crash between", &twice, &0);
        Ok(())
    }
}

/// How likely a point is to kill at one visit: so that a life lasts a moment, and ends.
fn likelihood(point: &str) -> f64 {
    match point {
        "db.begin" | "db.commit.before" | "db.commit.after" => 0.04,
        // Of the 256 blocks of the ballast one in a hundred: it is left in any state.
        FILES => 0.01,
        "resolver.answer" => 0.5,
        "page.answer" => 0.3,
        _ => 0.15,
    }
}

fn publish(
    person: &Person,
    at: SocketAddr,
    persona: &str,
    round: usize,
    stop: &AtomicBool,
) -> anyhow::Result<Vec<String>> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let title = format!("Tea, {round}-{number}");
        let fields =
            [("title", title.as_str()), ("body", "There is tea on Tuesday."), ("see", "public"), ("as", persona)];
        // No answer: nothing is known.
        let Ok(page) = person.send(at, "/g/tea/new", "/g/tea/new", &fields) else { continue };
        let path = page.location.split('?').next().unwrap_or_default();
        match (page.status, path.starts_with("/p/")) {
            (303, true) => {
                acknowledged.push(format!("https://{}{path}", crate::world::HOST));
                // Each becomes three deliveries: more than this, and all the time goes into signing.
                pause(10);
            }
            (503, _) => {}
            (status, _) => bail!("a post was answered {status}, {}", page.location),
        }
    }
    Ok(acknowledged)
}

/// Answers and takes it back, over and over. Returns what may stand now, and how many were acknowledged.
fn answer(
    person: &Person,
    at: SocketAddr,
    persona: &str,
    event: &Event,
    stop: &AtomicBool,
) -> anyhow::Result<(Vec<&'static str>, usize)> {
    let path = event.ap_id.url().path().to_owned();
    let (mut may_stand, mut acknowledged) = (Vec::new(), 0);
    for answer in ["yes", "no"].into_iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let fields = [("answer", answer), ("as", persona), ("note", "")];
        let page = person.send(at, &path, &format!("{path}/rsvp"), &fields);
        match page.map(|page| page.status) {
            Ok(303) => {
                may_stand = vec![answer];
                acknowledged += 1;
            }
            Ok(503) | Err(_) => may_stand.push(answer),
            Ok(status) => bail!("an answer to a meetup was answered {status}"),
        }
    }
    Ok((may_stand, acknowledged))
}

const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Coming => "yes",
        _ => "no",
    }
}
