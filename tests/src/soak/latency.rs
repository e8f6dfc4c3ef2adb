//! how long people and other servers wait at a steady rate, and the memory and the start of the server.

use super::{
    Options,
    findings::Findings,
    flood::{self, How},
    person::Person,
    slow::{look, percentile},
    twice,
};
use crate::{
    load::growth,
    rig::{
        peers::Plan,
        requests,
        served::Raised,
        town::{Followers, Town, pause},
    },
};
use hearth_actions::session;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A second: activities that come in, and posts that go out.
const INCOMING: f64 = 20.0;
const POSTS: f64 = 5.0;
/// People of this server, all of them signed in.
const PEOPLE: usize = 200;

///
pub(super) fn steady(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let seconds = options.rounds(1_800, 4);
    at_distance(options, findings, seconds / 2, 0, 2.0)?;
    at_distance(options, findings, seconds / 2, 300, 5.0)
}

fn at_distance(
    options: &Options,
    findings: &mut Findings,
    seconds: usize,
    delay: u64,
    limit: f64,
) -> anyhow::Result<()> {
    let servers = options.pick(50, 6);
    let members = requests::members(8, 8, true)?;
    let peers = Plan { good: servers, delay, keep: true, ..Plan::default() };
    let mut town = Town::new(&options.setting(), Followers { count: servers, each: 1, peers }, &members)?;
    // 20 activities a second of 8 servers are 150 a minute for each: the usual limits suffice.
    town.start(Raised::default())?;
    let at = town.address()?;
    let people: Vec<(Person, String)> = town
        .people(options.pick(PEOPLE, 6))?
        .into_iter()
        .map(|(session, persona)| (Person { session }, persona.to_string()))
        .collect();
    let stop = AtomicBool::new(false);
    let clock = town.app.clock.clone();
    let (mut outcomes, mut posted, mut pages) = (Vec::new(), BTreeMap::new(), Vec::new());
    // In parts, for a signature counts only for a while.
    for (part, from) in (0..seconds).step_by(60).enumerate() {
        let length = (seconds - from).min(60) as f64;
        let letters = requests::signed(&town, &members, &format!("part{part}"), (length * INCOMING) as usize)?;
        stop.store(false, Ordering::Relaxed);
        let now = || clock.now().timestamp_millis();
        let (sent, posts, looked) = thread::scope(|scope| {
            let how = How { rate: Some(INCOMING), ..How::over(16) };
            let sending = scope.spawn(move || flood::flood(&[at], &letters, how));
            let posting = scope.spawn(|| publish(&people, at, part, (length * POSTS) as usize, now));
            let looking = scope.spawn(|| look(people.iter().map(|(person, _)| person), at, &stop));
            let sent = sending.join().expect("sending does not panic");
            let posts = posting.join().expect("posting does not panic");
            stop.store(true, Ordering::Relaxed);
            (sent, posts, looking.join().expect("looking does not panic"))
        });
        outcomes.extend(sent?);
        posted.extend(posts?);
        pages.extend(looked?);
    }
    let at_peers = format!("answers after {delay} ms");
    town.settle((outcomes.len() + posted.len()) * servers)?;
    let late: Vec<f64> =
        town.seen()?.iter().filter_map(|one| Some((one.at_ms - posted.get(&one.object)?) as f64 / 1_000.0)).collect();
    let refused = outcomes.iter().filter(|outcome| outcome.status != 202).count();
    let factor = if cfg!(debug_assertions) { 5.0 } else { 1.0 };
    findings.say(
        &format!("{at_peers}: seconds, activities, posts, servers, people signed in"),
        format!("{seconds}, {}, {}, {servers}, {}", outcomes.len(), posted.len(), people.len()),
    );
    findings.same("activities that were not taken", &refused, &0);
    findings.most("inbox, 95 % within", flood::percentile(&outcomes, 0.95), 50.0 * factor, "ms");
    findings.most("pages, 95 % within", percentile(pages, 0.95), 150.0 * factor, "ms");
    findings.same("posts that reached servers, times", &late.len(), &(posted.len() * servers));
    findings.most("post to other server, 95 % within", percentile(late, 0.95), limit * factor, "s");
    findings.most("most memory", town.server()?.usage()?.peak_mib, 200.0, "MiB");
    Ok(())
}

/// Writes posts with a pace, everybody in turn. Returns their ids, with the moment before each was sent.
fn publish(
    people: &[(Person, String)],
    at: SocketAddr,
    part: usize,
    count: usize,
    now: impl Fn() -> i64,
) -> anyhow::Result<BTreeMap<String, i64>> {
    let (began, mut posted) = (Instant::now(), BTreeMap::new());
    for (number, (person, persona)) in (0..count).zip(people.iter().cycle()) {
        let due = Duration::from_secs_f64(number as f64 / POSTS);
        pause(u64::try_from(due.saturating_sub(began.elapsed()).as_millis())?);
        let title = format!("Tea, {part}-{number}");
        let fields = [
            ("title", title.as_str()),
            ("body", "There is tea on Tuesday."),
            ("see", "public"),
            ("as", persona.as_str()),
        ];
        let moment = now();
        let page = person.send(at, "/g/tea/new", "/g/tea/new", &fields)?;
        anyhow::ensure!(page.status == 303, "a post was answered {}", page.status);
        let path = page.location.split('?').next().unwrap_or_default();
        posted.insert(format!("https://{}{path}", crate::world::HOST), moment);
    }
    Ok(posted)
}

/// R-14, of this program's own server; `measure` does the same for the released one on an empty folder.
pub(super) fn large(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let rows = options.rounds(1_000_000, 2_000);
    let members = requests::members(1, 1, true)?;
    let mut town = Town::new(&options.setting(), Followers::good(1, 0), &members)?;
    let person = Person { session: session::open(&town.app, town.keeper, "a soak")? };
    let empty = start(&mut town, &person)?;
    town.stop();
    growth::fill_posts(&town, &members, rows)?;
    let filled = start(&mut town, &person)?;
    // Cleaning up begins with the start; idle is after it.
    pause(options.pick(10_000, 500));
    findings.most(
        "first page after the start, empty",
        empty,
        1.0 * if cfg!(debug_assertions) { 3.0 } else { 1.0 },
        "s",
    );
    findings.most(&format!("first page after the start, {rows} posts"), filled, 3.0, "s");
    findings.say("resident when idle", format!("{:.1} MiB", town.server()?.resident_mib()?));
    let began = Instant::now();
    findings.same("the group's page", &person.get(town.address()?, "/g/tea")?.status, &200);
    findings.say("which took", format!("{:.0} ms", began.elapsed().as_secs_f64() * 1_000.0));
    findings.same("posts", &town.sizes()?.posts, &i64::try_from(rows + 1)?);
    Ok(())
}

fn start(town: &mut Town, person: &Person) -> anyhow::Result<f64> {
    let began = Instant::now();
    town.start(twice::raised())?;
    anyhow::ensure!(person.get(town.address()?, "/about")?.status == 200, "no page");
    Ok(began.elapsed().as_secs_f64())
}
