//! a server that is away for days, and names that can't be resolved for minutes. The clock is moved.

use super::{Options, findings::Findings, flood, person::Person, still::Still};
use crate::{
    rig::{
        peers::{Arrived, Plan, Question},
        requests,
        town::Followers,
    },
    world::post_form,
};
use anyhow::Context;
use chrono::Duration;
use hearth_actions::{post, session};
use hearth_db::tables::{hosts, posts::Post};
use hearth_federation::resolver::{GuardedResolver, Lookup};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Instant,
};

const AWAY: &str = "f0.test";

///
pub(super) fn away(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    six_days(options, findings)?;
    eight_days(options, findings)
}

fn one_follower() -> Followers {
    Followers { count: 1, each: 1, peers: Plan { good: 1, keep: true, ..Plan::default() } }
}

/// What a person does with the posts while the other server is away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Edited,
    Deleted,
}

fn six_days(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let count = options.rounds(500, 40);
    let mut still = Still::start(options, one_follower(), &[], None)?;
    still.town.peers.ask::<Arrived>(&Question::Down(true))?;
    let step = Duration::seconds(6 * 86_400 / i64::try_from(count)?);
    let mut written: Vec<(Post, Fate)> = Vec::new();
    for number in 0..count {
        let post = publish(&still, number)?;
        written.push((post, Fate::Kept));
        still.pass(step, Duration::minutes(20))?;
        // Some time after, so that they wait in the queue beside each other.
        if number % 3 == 2 {
            let (post, fate) = &mut written[number - 2];
            let form = post_form(still.town.persona, "Tea, later", "At **eight**.");
            post::edit(&still.town.app, still.town.keeper, post.id, &form)?;
            *fate = Fate::Edited;
        }
        if number % 6 == 5 {
            let (post, fate) = &mut written[number - 5];
            post::delete(&still.town.app, still.town.keeper, post.id)?;
            *fate = Fate::Deleted;
        }
    }
    let waiting = still.town.waiting()?;
    let refused = still.town.arrived()?.refused;
    still.town.peers.ask::<Arrived>(&Question::Down(false))?;
    // Until it is asked again by itself.
    let back = still.now();
    let began = loop {
        still.clock.advance(Duration::minutes(10));
        let began = Instant::now();
        still.settle()?;
        if still.town.arrived()?.deliveries > 0 {
            break began;
        }
        anyhow::ensure!(still.now() - back < Duration::hours(24), "nothing came within a day");
    };
    let (took, first) = (began.elapsed(), still.now());
    still.pass(Duration::seconds(60), Duration::seconds(5))?;
    findings.say("posts while it was away, deliveries that waited", format!("{count}, {waiting}"));
    findings.most("connections while it was away for six days", refused as f64, 40.0, "");
    findings.say("asked again after it was back", format!("{} min", (first - back).num_minutes()));
    findings.same("deliveries that wait 60 s after the first success", &still.town.waiting()?, &0);
    findings.most("sending what waited took", took.as_secs_f64(), 60.0, "s");
    in_order(&mut still, findings, &written)
}

fn publish(still: &Still, number: usize) -> anyhow::Result<Post> {
    let form = post_form(still.town.persona, &format!("Tea, {number}"), "On Tuesday.");
    Ok(post::publish(&still.town.app, still.town.keeper, still.town.group.id, &form)?)
}

fn in_order(still: &mut Still, findings: &mut Findings, written: &[(Post, Fate)]) -> anyhow::Result<()> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in still.town.seen()? {
        told.entry(one.object).or_default().push(one.kind);
    }
    let (mut missing, mut out_of_order, mut repeated) = (0, 0, 0);
    for (post, fate) in written {
        let told = told.get(post.ap_id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let place = |kind: &str| told.iter().position(|one| one == kind);
        let complete = match fate {
            Fate::Kept => place("Create").is_some(),
            Fate::Edited => place("Create").is_some() && place("Update").is_some(),
            Fate::Deleted => place("Delete").is_some(),
        };
        missing += usize::from(!complete);
        let ranks: Vec<usize> =
            told.iter().filter_map(|kind| ["Create", "Update", "Delete"].iter().position(|one| one == kind)).collect();
        out_of_order += usize::from(!ranks.is_sorted());
        repeated += ranks.windows(2).filter(|pair| pair[0] == pair[1]).count();
    }
    findings.same("posts of which something did not arrive", &missing, &0);
    findings.same("posts told in another order than Create, Update, Delete", &out_of_order, &0);
    findings.same("things told twice", &repeated, &0);
    Ok(())
}

fn eight_days(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let sam = requests::member("https://f0.test/u/sam0")?;
    let mut still = Still::start(options, one_follower(), &[], None)?;
    still.town.peers.ask::<Arrived>(&Question::Down(true))?;
    let count = options.pick(50, 16);
    for number in 0..count {
        publish(&still, number)?;
        still.pass(Duration::minutes(8 * 24 * 60 / i64::try_from(count)?), Duration::minutes(30))?;
    }
    let row = still.town.app.db.read(|c| hosts::get(c, AWAY))?.context("the host is not known")?;
    let refused = still.town.arrived()?.refused;
    findings.most("connections while it was away for eight days", refused as f64, 45.0, "");
    findings.must("after eight days it is noted as asleep", row.asleep_since.is_some());
    let keeper = Person { session: session::open(&still.town.app, still.town.keeper, "a soak")? };
    let page = keeper.get(still.address(), "/admin")?;
    // With the day, if it ever gave a sign of life.
    let state = page.body.find("Asleep").and_then(|from| page.body[from..].split('<').next()).unwrap_or_default();
    findings.say("the keeper's page says of it", state);
    findings.must("the keeper's page says that it is asleep", page.status == 200 && !state.is_empty());
    let page = keeper.get(still.address(), &format!("/admin/servers/{AWAY}"))?;
    findings.must("and so does the page about that server", page.status == 200 && page.body.contains("Asleep"));
    findings.most("deliveries that are kept for it", still.town.waiting()? as f64, 1.0, "");
    publish(&still, count)?;
    findings.same("deliveries that a new post adds for it", &still.town.waiting()?, &0);
    still.town.peers.ask::<Arrived>(&Question::Down(false))?;
    still.pass(Duration::days(1), Duration::hours(1))?;
    findings.same("deliveries to it while it is asleep", &still.town.arrived()?.deliveries, &0);

    let follow = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{}/follows/2", sam.id),
        "type": "Follow", "actor": sam.id, "object": still.town.group.ap_id.as_str(),
    });
    let request = requests::packed(&sam, &follow.to_string(), still.now())?;
    let outcomes = flood::flood(&[still.address()], &[request], flood::How::over(1))?;
    findings.same("a request from it is answered", &outcomes[0].status, &202);
    still.settle()?;
    let row = still.town.app.db.read(|c| hosts::get(c, AWAY))?.context("the host is not known")?;
    findings.must("one request wakes it", row.asleep_since.is_none());
    let page = keeper.get(still.address(), "/admin")?;
    findings.must("the keeper's page says that it sleeps no more", page.status == 200 && !page.body.contains("Asleep"));
    let seen = still.town.seen()?;
    let posts = seen.iter().filter(|one| one.kind == "Create" && one.object.contains("/p/")).count();
    findings.say("posts it is told of when it wakes", posts);
    findings.must("it is told how things stand", posts > 0);
    findings.most("which is a summary", posts as f64, 50.0, "posts");
    Ok(())
}

///
pub(super) fn no_names(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    const RIGHT: u8 = 2;
    let service = Arc::new(AtomicU8::new(0));
    let asked = service.clone();
    let lookup: Lookup = Arc::new(move |_| {
        let state = asked.load(Ordering::Relaxed);
        Box::pin(async move {
            match state {
                0 => Err(io::Error::other("SERVFAIL")),
                1 => Ok(Vec::new()),
                _ => Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
            }
        })
    });
    let followers = Followers { count: 3, each: 1, peers: Plan { good: 3, keep: true, ..Plan::default() } };
    let mut still = Still::start(options, followers, &[], Some(GuardedResolver::with_lookup(lookup)))?;
    let count = options.rounds(50, 10);
    let mut attempts = 0;
    for number in 0..count {
        publish(&still, number)?;
        attempts += still.pass(Duration::seconds(600 / i64::try_from(count)?), Duration::seconds(15))?;
        service.store(u8::from(number >= count / 2), Ordering::Relaxed);
    }
    findings.same("deliveries while no name was resolved", &still.town.arrived()?.deliveries, &0);
    findings.say("attempts meanwhile", attempts);
    findings.must("it was tried meanwhile", attempts > 0);
    service.store(RIGHT, Ordering::Relaxed);
    let back = still.now();
    while still.town.waiting()? > 0 && still.now() - back < Duration::days(1) {
        still.pass(Duration::minutes(1), Duration::minutes(1))?;
    }
    findings.say("everything was delivered after", format!("{} min", (still.now() - back).num_minutes()));
    let arrived = still.town.arrived()?;
    findings.same("different deliveries", &arrived.distinct, &(count * 3));
    findings.same("deliveries", &arrived.deliveries, &(count * 3));
    Ok(())
}
