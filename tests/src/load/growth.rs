//! A large database: whether everything is as fast on it as on an empty one, and what cleaning up leaves of it.

use super::{
    Options, incoming, outgoing,
    report::{Report, Target},
};
use crate::rig::{
    requests::{self, Member},
    town::{self, Followers, Town, days_ago},
};
use anyhow::{Context, bail};
use chrono::Duration;
use hearth_actions::{App, cleanup, secret};
use hearth_db::{
    Time, Tx,
    tables::{
        activities::Activity,
        actors::{self, Actor},
        deliveries,
        posts::Post,
        seen_activities::SeenActivity,
    },
};
use hearth_domain::{
    audience::Visibility,
    clock::FixedClock,
    id::{ActivityId, PostId},
};
use std::sync::Arc;

/// How much slower everything may be on the large database.
const SLOWER: f64 = 1.2;
/// What a million activities each way may leave after the cleaning, in MiB, and the log beside the database (R-15).
const LEFT: f64 = 300.0;
const LOG: f64 = 64.0;
/// How long ago everything was sent: it is kept for longer than that.
const RECENT: Duration = Duration::hours(6);
/// How long after the load it is cleaned up: nothing that was sent is kept for longer.
const LATER: Duration = Duration::days(2);
/// So many rows are put in together: enough to be quick, few enough for a small log.
const TOGETHER: usize = 20_000;

/// What is compared.
struct Speed {
    outgoing: f64,
    incoming: f64,
}

/// Measures on an empty and on a filled database, then cleans up.
pub(super) fn growth(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let rows = options.size(&options.rows, 1_000_000, 100);
    let section = format!("growth, {rows} rows");
    let members = incoming::people(options)?;
    let mut town = Town::new(&options.setting(), Followers::good(hosts(options), 0), &members)?;
    let empty = measure(options, &mut town, &members, "empty")?;
    drop(town);

    let mut town = Town::new(&options.setting(), Followers::good(hosts(options), 0), &members)?;
    let author = author(&town, &members)?;
    let filler = Filler { app: &town.app, group: &town.group, author: &author, at: days_ago(&town.app, 8) };
    in_parts(rows, |tx, number| filler.post(tx, number), &town.app)?;
    let (with_posts, _) = town.disk_mib()?;
    // As many as may be there at any time: nothing of it is to be cleaned up yet.
    let filler = Filler { at: (town.app.clock.now() - RECENT).into(), ..filler };
    in_parts(rows, |tx, number| filler.past_activity(tx, number), &town.app)?;
    if town.waiting()? != 0 {
        bail!("past deliveries were not written down as past");
    }
    say_size(report, &section, "filled", &town)?;
    let full = measure(options, &mut town, &members, "full")?;
    let largest_log = town.disk_mib()?.1;
    report.judge(&section, "outgoing: empty over full", empty.outgoing / full.outgoing, "", Target::Most(SLOWER));
    report.judge(&section, "incoming: empty over full", empty.incoming / full.incoming, "", Target::Most(SLOWER));

    town.stop();
    let began = std::time::Instant::now();
    let later = Arc::new(FixedClock::at(town.app.clock.now() + LATER));
    cleanup::forget(&App { clock: later, ..town.app.clone() })?;
    report.figure(&section, "cleaning up took", began.elapsed().as_secs_f64(), "s");
    say_size(report, &section, "cleaned up", &town)?;
    let left = town.sizes()?;
    if left.activities >= i64::try_from(rows)? {
        bail!("cleaning up left {} activities", left.activities);
    }
    if let Some(free) = town.free_mib()? {
        let extra = town.disk_mib()?.0 - free - with_posts;
        // What was measured meanwhile is in it too; the target is for a million rows.
        report.judge(&section, "left of what was sent and received", extra, "MiB", Target::Most(LEFT));
    }
    if let Some(log) = largest_log {
        report.judge(&section, "the log beside the database, after the load", log, "MiB", Target::Most(LOG));
    }
    Ok(())
}

fn author(town: &Town, members: &[Member]) -> anyhow::Result<Actor> {
    let author = town.app.db.read(|c| actors::by_ap_id(c, members[0].id.as_str()))?;
    author.context("members are known")
}

/// Puts so many posts of the first of these people into the database.
pub(crate) fn fill_posts(town: &Town, members: &[Member], rows: usize) -> anyhow::Result<()> {
    let author = author(town, members)?;
    let filler = Filler { app: &town.app, group: &town.group, author: &author, at: days_ago(&town.app, 8) };
    in_parts(rows, |tx, number| filler.post(tx, number), &town.app)
}

const fn hosts(options: &Options) -> usize {
    if options.quick { 3 } else { 50 }
}

/// Deliveries per CPU-second, then activities a second, on one database.
fn measure(options: &Options, town: &mut Town, members: &[Member], series: &str) -> anyhow::Result<Speed> {
    town.start(outgoing::raised(options))?;
    let posts = if options.quick { 2 } else { 40 };
    let out = outgoing::publish(town, hosts(options), 1, posts)?.per_cpu_second();
    town.stop();
    town.start(incoming::raised(options))?;
    town.reset_peers()?;
    incoming::warm_up(town, members)?;
    town.settle(members.len() * hosts(options))?;
    let (count, senders) = if options.quick { (8, 4) } else { (2_000, 64) };
    let requests = requests::signed(town, members, series, count)?;
    let incoming = incoming::run_to(town, &requests, senders, None, hosts(options))?.applied_per_second();
    town.stop();
    Ok(Speed { outgoing: out, incoming })
}

fn say_size(report: &mut Report, section: &str, when: &str, town: &Town) -> anyhow::Result<()> {
    let sizes = town.sizes()?;
    let rows = format!("{}, {}, {}, {}", sizes.posts, sizes.activities, sizes.deliveries, sizes.seen_activities);
    report.say(section, &format!("{when}: posts, activities, deliveries, seen"), rows);
    let (database, log) = town.disk_mib()?;
    report.figure(section, &format!("{when}: database"), database, "MiB");
    if let (Some(free), Some(log)) = (town.free_mib()?, log) {
        report.figure(section, &format!("{when}: free in it"), free, "MiB");
        report.figure(section, &format!("{when}: log"), log, "MiB");
    }
    Ok(())
}

fn in_parts(rows: usize, put: impl Fn(&mut Tx<'_>, i64) -> hearth_db::Result<()>, app: &App) -> anyhow::Result<()> {
    for from in (0..rows).step_by(TOGETHER) {
        let numbers = from..(from + TOGETHER).min(rows);
        app.db.write(|tx| numbers.map(|number| i64::try_from(number).unwrap_or(0)).try_for_each(|n| put(tx, n)))?;
    }
    Ok(())
}

/// Puts rows in as they would be after some time. Ids go up, which makes filling quick.
struct Filler<'a> {
    app: &'a App,
    group: &'a Actor,
    author: &'a Actor,
    at: Time,
}

impl Filler<'_> {
    fn post(&self, tx: &mut Tx<'_>, number: i64) -> hearth_db::Result<()> {
        let id = format!("https://{}/old/{number}", self.author.host);
        Post {
            id: PostId::try_from(number).expect("an id"),
            ap_id: id.parse().expect("an id"),
            local: false,
            group_id: self.group.id,
            author_id: self.author.id,
            root_id: None,
            parent_id: None,
            event_id: None,
            title: Some(format!("A question, number {number}")),
            source: String::new(),
            content_html: "<p>Thank you. I will be there on Tuesday and bring <em>scones</em>.</p>".repeat(3),
            content_note: None,
            visibility: Visibility::Public,
            url: id,
            published_at: self.at,
            edited_at: None,
            deleted_at: None,
            created_at: self.at,
        }
        .insert(tx)
    }

    /// An activity that was sent to one server and taken, and one that was received.
    fn past_activity(&self, tx: &mut Tx<'_>, number: i64) -> hearth_db::Result<()> {
        let object = format!("https://{}/old/{number}", self.author.host);
        let activity = Activity {
            id: ActivityId::try_from(number).expect("an id"),
            ap_id: format!("https://{}/a/old-{number}", town::HOST).parse().expect("an id"),
            actor_id: self.group.id,
            kind: "Announce".to_owned(),
            body: format!(r#"{{"type":"Announce","object":"{object}","padding":"{}"}}"#, "x".repeat(900)),
            object_ap_id: object.clone(),
            created_at: self.at,
        };
        activity.insert(tx)?;
        let host = format!("f{}.test", number % 3);
        deliveries::enqueue(tx, &activity, &host, &format!("https://{host}/inbox"), self.at)?;
        // A new database numbers them from one.
        deliveries::finish_all(tx, &[number + 1])?;
        SeenActivity { id_hash: secret::activity_hash(&object), seen_at: self.at }.insert(tx)?;
        debug_assert!(self.app.now().utc() > self.at.utc(), "it is past");
        Ok(())
    }
}
