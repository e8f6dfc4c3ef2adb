//! other servers send everything one to five times, shuffled, to all nodes at once. It takes effect once.

use super::{
    Options,
    findings::Findings,
    flood::{self, How},
};
use crate::{
    fuzz::random::Random,
    rig::{
        peers::Plan,
        requests,
        served::Raised,
        town::{Followers, Node, Town},
    },
};
use hearth_db::Kind;
use std::net::SocketAddr;

const FOLLOWERS: usize = 2;
/// Concurrent senders.
const SENDERS: usize = 8;
/// Most copies of one activity.
const COPIES: usize = 5;

///
pub(super) fn twice(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let count = options.rounds(1_000, 60);
    let members = requests::members(4, 4, true)?;
    let peers = Plan { good: FOLLOWERS, keep: true, ..Plan::default() };
    let mut town = Town::new(&options.setting(), Followers { count: FOLLOWERS, each: 1, peers }, &members)?;
    // SQLite has one node.
    let nodes = if options.kind() == Kind::Postgres { 2 } else { 1 };
    for _ in 0..nodes {
        town.start(raised())?;
    }
    let addresses: Vec<SocketAddr> = town.nodes.iter().map(Node::address).collect();
    let before = town.sizes()?;
    let requests = requests::signed(&town, &members, "twice", count)?;
    let mut chance = Random::new(options.seed, 2);
    let mut copies: Vec<Vec<u8>> = Vec::new();
    for request in &requests {
        copies.extend(std::iter::repeat_n(request, 1 + chance.below(COPIES)).cloned());
    }
    shuffle(&mut copies, &mut chance);
    let outcomes = flood::insist(&addresses, &copies, How::over(SENDERS), 5)?;
    let refused = outcomes.iter().filter(|outcome| outcome.status != 202).count();
    findings.say("activities, copies, nodes", format!("{count}, {}, {nodes}", copies.len()));
    findings.same("copies that were not answered 202", &refused, &0);
    let arrived = town.settle(count * FOLLOWERS)?;
    let after = town.sizes()?;
    findings.same("new posts", &(after.posts - before.posts), &i64::try_from(count)?);
    findings.same(
        "activities that took effect",
        &(after.seen_activities - before.seen_activities),
        &i64::try_from(count)?,
    );
    // A reply is relayed in one form, a new post in two: some servers read only one of them.
    let relayed = i64::try_from(count + count.div_ceil(8))?;
    findings.same("activities made because of them", &(after.activities - before.activities), &relayed);
    findings.same("deliveries of these", &arrived.deliveries, &(count * FOLLOWERS));
    Ok(())
}

/// How many one host may send is not the question.
pub(super) fn raised() -> Raised {
    Raised { posts_per_minute: Some(u32::MAX), ..Raised::default() }
}

/// Puts them in an order of chance.
pub(super) fn shuffle<T>(list: &mut [T], chance: &mut Random) {
    for place in (1..list.len()).rev() {
        list.swap(place, chance.below(place + 1));
    }
}
