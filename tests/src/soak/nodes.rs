//! two nodes share one PostgreSQL. One is killed under load; one stands still for longer than its leases last, and
//! goes on. Everything arrives, and nothing more often than that explains.

use super::{
    Options,
    findings::Findings,
    flood::{self, How},
    person::Person,
    twice,
};
use crate::rig::{
    peers::Plan,
    requests::{self, Member},
    served::Raised,
    town::{Followers, Node, Town, pause},
};
use anyhow::Context;
use hearth_actions::{job, session, tries};
use hearth_db::tables::jobs;
use std::{collections::BTreeMap, net::SocketAddr, thread};

const FOLLOWERS: usize = 3;

///
pub(super) fn two_nodes(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    twice::twice(options, findings)?;
    let lease = options.pick(60, 5);
    let raised = Raised { lease: Some(lease), ..twice::raised() };
    let members = requests::members(4, 4, true)?;
    // An answer takes a moment, so that something is always on its way.
    let peers = Plan { good: FOLLOWERS, delay: 100, keep: true, ..Plan::default() };
    let mut town = Town::new(&options.setting(), Followers { count: FOLLOWERS, each: 1, peers }, &members)?;
    town.start(raised)?;
    town.start(raised)?;
    let count = options.rounds(600, 45);
    let person = Person { session: session::open(&town.app, town.keeper, "a soak")? };
    for node in addresses(&town) {
        findings.same("a signed-in page on a node", &person.get(node, "/settings")?.status, &200);
    }
    let killed = under_load(&mut town, &members, "killed", count, |town| drop(town.nodes.remove(0)))?;
    findings.must("a node was killed, and the other one took what was sent", killed);
    town.start(raised)?;
    let paused = under_load(&mut town, &members, "paused", count, |town| {
        let _ = town.nodes[0].process.signal("STOP");
    })?;
    findings.must("a node stood still, and the other one took what was sent", paused);
    pause(u64::try_from(lease + 5)? * 1_000);
    town.nodes.first().context("no node")?.process.signal("CONT")?;
    // Answers that came while it stood still are written down, or their leases end.
    pause(2_000);
    let arrived = town.settle(2 * count * FOLLOWERS)?;
    let seen = town.seen()?;
    let mut times: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for one in &seen {
        *times.entry((&one.host, &one.activity)).or_default() += 1;
    }
    findings.say("deliveries, different ones", format!("{}, {}", arrived.deliveries, arrived.distinct));
    findings.same("different ones", &times.len(), &(2 * count * FOLLOWERS));
    findings.most("most times one came", times.values().max().copied().unwrap_or_default() as f64, 2.0, "");
    for node in addresses(&town) {
        findings.same("the same signed-in page afterwards", &person.get(node, "/settings")?.status, &200);
    }
    // Eleven wrong passwords, in turn on both: a limit of one is a limit of all.
    let nodes = addresses(&town);
    let wrong = [("password", "not it at all"), ("new_password", "another one at all")];
    let mut statuses = Vec::new();
    for turn in 0..=tries::SIGN_IN.tries {
        let node = *nodes.get(turn % nodes.len()).context("no node")?;
        statuses.push(person.send(node, "/settings", "/settings/password", &wrong)?.status);
    }
    let last = statuses.pop();
    findings.must("wrong passwords were looked at on both nodes", !statuses.contains(&429));
    findings.same("one more than is allowed, over both nodes", &last, &Some(429));
    let tidied = town.app.db.read(|c| jobs::get(c, job::TIDY_UP))?.map(|job| job.runs);
    findings.same("times that the hourly job ran, on all nodes together", &tidied, &Some(1));
    let posts = town.sizes()?.posts;
    findings.same("posts", &posts, &i64::try_from(2 * count + 1)?);
    Ok(())
}

fn addresses(town: &Town) -> Vec<SocketAddr> {
    town.nodes.iter().map(Node::address).collect()
}

/// Sends to both nodes, does something to one of them in the middle, and sends again to the one that was left alone what
/// was not taken. Whether all was taken.
fn under_load(
    town: &mut Town,
    members: &[Member],
    series: &str,
    count: usize,
    accident: impl FnOnce(&mut Town),
) -> anyhow::Result<bool> {
    let requests = requests::signed(town, members, series, count)?;
    let nodes = addresses(town);
    let left_alone = *nodes.last().context("no node")?;
    let (first, second) = requests.split_at(count / 2);
    let outcomes = thread::scope(|scope| {
        let half = first.len();
        let sending = scope.spawn(move || flood::flood(&nodes[..1], &first[..half / 2], How::over(4)));
        let other = scope.spawn(|| flood::flood(&[left_alone], second, How::over(4)));
        let mut outcomes = sending.join().expect("sending does not panic")?;
        accident(town);
        // Whoever gets no answer asks the other node.
        outcomes.extend(flood::insist(&[left_alone], &first[half / 2..], How::over(4), 5)?);
        outcomes.extend(other.join().expect("sending does not panic")?);
        Ok::<_, anyhow::Error>(outcomes)
    })?;
    let again: Vec<Vec<u8>> = requests
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| outcome.status != 202)
        .map(|(request, _)| request.clone())
        .collect();
    let again = flood::insist(&[left_alone], &again, How::over(4), 20)?;
    Ok(again.iter().all(|outcome| outcome.status == 202))
}
