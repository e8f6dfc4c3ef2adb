//! Whether other servers that are dead or very slow are felt by those who post to the inbox: the same paced load with
//! good followers only, and with some of them bad, in turns, so that what else the machine does falls on both alike.

use super::{
    Options, incoming,
    report::{Report, Target},
};
use crate::rig::{
    peers::Plan,
    requests::{self, Member},
    sender,
    served::Raised,
    town::{Followers, Town},
};
use std::time::Instant;

/// How much longer 95 % may take with bad followers than without.
const RATIO: f64 = 1.25;
/// How long each run lasts, in seconds.
const SECONDS: f64 = 12.0;

/// Pairs of runs, each on a new database.
pub(super) fn slow_peers(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let followers = options.size(&options.followers, 20, 10);
    let rate = options.size(&options.rate, 25.0, 20.0);
    let pairs = options.size(&options.pairs, 5, 1);
    let section = format!("slow peers, {followers} followers");
    let members = incoming::people(options)?;
    let bad = bad(followers);
    report.say(&section, "limits of the server", raised(options).words());
    report.figure(&section, "activities a second", rate, "");
    report.say(
        &section,
        "bad: closed, silent, one byte a second",
        format!("{}, {}, {}", bad.closed, bad.silent, bad.slow),
    );
    let good = Plan { good: followers, ..Plan::default() };
    let mut ratios = Vec::new();
    for pair in 1..=pairs {
        let without = run(options, followers, good, &members, rate)?;
        let with = run(options, followers, bad, &members, rate)?;
        let ratio = with.p95_ms / without.p95_ms;
        ratios.push(ratio);
        let answered = format!("{:.2}, {:.2} ms", without.p95_ms, with.p95_ms);
        report.say(&section, &format!("95 % answered within, pair {pair}: without, with"), answered);
        let relayed = format!("{:.0}, {:.0} ms", without.last_ms, with.last_ms);
        report.say(&section, &format!("the good ones had all after, pair {pair}: without, with"), relayed);
        report.figure(&section, &format!("ratio, pair {pair}"), ratio, "");
    }
    ratios.sort_by(f64::total_cmp);
    report.judge(&section, "median ratio", ratios[ratios.len() / 2], "", Target::Most(RATIO));
    Ok(())
}

/// 30 % dead, half of them silently, and 10 % that answer one byte a second.
fn bad(followers: usize) -> Plan {
    let (dead, slow) = (followers * 3 / 10, followers / 10);
    let silent = dead / 2;
    Plan { good: followers - dead - slow, slow, silent, closed: dead - silent, ..Plan::default() }
}

/// What is compared.
struct Run {
    /// The time within which 95 % were answered.
    p95_ms: f64,
    /// From the first activity to the last delivery to a good follower.
    last_ms: f64,
}

fn run(options: &Options, followers: usize, peers: Plan, members: &[Member], rate: f64) -> anyhow::Result<Run> {
    let mut town = Town::new(&options.setting(), Followers { count: followers, each: 1, peers }, members)?;
    town.start(raised(options))?;
    incoming::warm_up(&mut town, members)?;
    let count = if options.quick { 10 } else { (rate * SECONDS) as usize };
    let requests = requests::signed(&town, members, "slow", count)?;
    let began = Instant::now();
    let sent = sender::send(town.address()?, &requests, 64, Some(rate))?;
    sent.all_accepted()?;
    // The good ones get everything all the same, if later.
    town.reached((members.len() + count) * peers.good)?;
    Ok(Run { p95_ms: sent.percentile(0.95), last_ms: began.elapsed().as_secs_f64() * 1_000.0 })
}

/// How many deliveries one host may hold up is part of the question: that limit stays, unless it is given.
fn raised(options: &Options) -> Raised {
    Raised { per_host: options.per_host, ..incoming::raised(options) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_follower_is_of_one_kind() {
        for followers in [10, 20, 50] {
            let Plan { good, slow, silent, closed, .. } = bad(followers);
            assert_eq!(good + slow + silent + closed, followers);
            assert_eq!((slow, silent + closed), (followers / 10, followers * 3 / 10));
        }
    }
}
