//! other servers that are slow, one of them hopelessly, and one that is far away.

use super::{Options, findings::Findings, person::Person};
use crate::rig::{
    peers::Plan,
    served::Raised,
    town::{Followers, Town, pause},
};
use hearth_actions::session;
use std::{
    iter,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How late the late one answers, in milliseconds.
const LATE: u64 = 600;
const GOOD: &str = "f0.test";
const TARDY: &str = "f2.test";

///
pub(super) fn one_slow(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let count = options.rounds(1_000, 30);
    let peers = Plan { good: 1, slow: 1, late: 1, late_delay: LATE, keep: true, ..Plan::default() };
    let mut town = Town::new(&options.setting(), Followers { count: 3, each: 1, peers }, &[])?;
    town.start(Raised::default())?;
    let person = Person { session: session::open(&town.app, town.keeper, "a soak")? };
    let at = town.address()?;
    for _ in 0..5 {
        person.get(at, "/")?;
    }
    let (memory, threads) = (town.server()?.resident_mib()?, town.server()?.threads()?);
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    let since = town.app.clock.now().timestamp_millis();
    let pages = thread::scope(|scope| {
        let looking = scope.spawn(|| look(iter::once(&person), at, &stop));
        let waited = town.publish(count).and_then(|()| until_all_came(&mut town, count));
        stop.store(true, Ordering::Relaxed);
        waited?;
        looking.join().expect("looking does not panic")
    })?;
    let seen = town.seen()?;
    let times =
        |host: &str| -> Vec<i64> { seen.iter().filter(|one| one.host == host).map(|one| one.at_ms - since).collect() };
    let last = |times: &[i64]| times.iter().max().copied().unwrap_or(i64::MAX) as f64 / 1_000.0;
    let (good, tardy) = (times(GOOD), times(TARDY));
    findings.say("posts, and all of it took", format!("{count}, {:.1} s", began.elapsed().as_secs_f64()));
    findings.most("the good one had all after", last(&good), 30.0, "s");
    // One at a time would be 1.7; a few posts are written too slowly for more.
    let least = options.pick(6.0, 2.5);
    let first = tardy.iter().min().copied().unwrap_or_default() as f64 / 1_000.0;
    findings.least("the late one took", tardy.len() as f64 / (last(&tardy) - first + 0.6), least, "a second");
    findings.must("pages were asked for meanwhile", pages.len() >= 3);
    findings.most("95 % of the pages came within", percentile(pages, 0.95), options.pick(200.0, 1_000.0), "ms");
    let (more, threads_more) =
        (town.server()?.resident_mib()? - memory, town.server()?.threads()?.saturating_sub(threads));
    findings.most("memory grew by", more, 30.0, "MiB");
    findings.most("threads grew by", threads_more as f64, 40.0, "");
    Ok(())
}

/// Waits until the good and the late one have everything.
fn until_all_came(town: &mut Town, count: usize) -> anyhow::Result<()> {
    let began = Instant::now();
    while town.arrived()?.distinct < 2 * count {
        anyhow::ensure!(began.elapsed() < Duration::from_secs(400), "not everything came: {:?}", town.arrived()?);
        pause(50);
    }
    Ok(())
}

/// Asks for pages until it is told to stop. Returns how long each took, in milliseconds.
pub(super) fn look<'a>(
    people: impl Iterator<Item = &'a Person> + Clone,
    at: std::net::SocketAddr,
    stop: &AtomicBool,
) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    for (path, person) in ["/", "/g/tea", "/meetups"].into_iter().cycle().zip(people.cycle()) {
        let began = Instant::now();
        let page = person.get(at, path)?;
        anyhow::ensure!(page.status == 200, "the page {path} was answered {}", page.status);
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
        if stop.load(Ordering::Relaxed) {
            break;
        }
        pause(100);
    }
    Ok(times)
}

/// The time within which this share came.
pub(super) fn percentile(mut times: Vec<f64>, share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let place = (times.len() as f64 * share) as usize;
    times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or(f64::INFINITY)
}

///
pub(super) fn far_away(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let count = options.rounds(200, 30);
    let mut town = Town::new(&options.setting(), Followers::good(1, 300), &[])?;
    town.start(Raised::default())?;
    town.publish(4)?;
    town.settle(4)?;
    town.reset_peers()?;
    town.publish(count)?;
    let arrived = town.settle(count)?;
    findings.say("posts to a server that answers after 300 ms", count);
    findings.least("taken", count as f64 * 1_000.0 / arrived.last_ms, 10.0, "a second");
    findings.same("repeated", &(arrived.deliveries - arrived.distinct), &0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles() {
        assert_eq!(percentile((1..=100).map(f64::from).rev().collect(), 0.95), 96.0);
        assert_eq!(percentile(vec![5.0], 0.95), 5.0);
        assert_eq!(percentile(Vec::new(), 0.95), f64::INFINITY);
    }
}
