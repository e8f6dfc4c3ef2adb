//! very many followers with dead servers among them, and very many accounts that nobody knows and that
//! are deleted.

use super::{
    Options,
    findings::Findings,
    flood::{self, How},
};
use crate::rig::{
    peers::Plan,
    requests,
    served::Raised,
    town::{Followers, Town, pause},
};
use hearth_db::tables::deliveries;
use serde_json::json;
use std::time::{Duration, Instant};

///
pub(super) fn fan_out(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let servers = options.rounds(1_000, 40);
    // A fifth of the servers shares each port; a tenth of the ports is dead, half of these silently.
    let ports = if servers >= 200 { servers / 5 } else { servers };
    let dead = ports / 10;
    let peers = Plan { good: ports - dead, silent: dead / 2, closed: dead - dead / 2, ..Plan::default() };
    let (live, dead_servers) = (servers / ports * (ports - dead), servers / ports * dead);
    let mut town = Town::new(&options.setting(), Followers { count: servers, each: 5, peers }, &[])?;
    town.start(Raised::default())?;
    let before = town.sizes()?.deliveries;
    let began = Instant::now();
    town.publish(1)?;
    let arrived = town.reached(live)?;
    let took = began.elapsed().as_secs_f64();
    findings.say("followers, servers, dead ones", format!("{}, {servers}, {dead_servers}", servers * 5));
    findings.same("deliveries that were queued", &(town.sizes()?.deliveries - before), &i64::try_from(servers)?);
    findings.most("the live ones were served within", took, 60.0, "s");
    findings.say("and 95 % of them within", format!("{:.0} ms", arrived.p95_ms));
    findings.same("repeated", &(arrived.deliveries - arrived.distinct), &0);
    // Until every dead one was tried at least once.
    while attempts(&town, servers)?.iter().filter(|times| **times > 0).count() < servers {
        anyhow::ensure!(began.elapsed() < Duration::from_secs(300), "some were never tried");
        pause(200);
    }
    // The first attempt is at once, the second not before 24 s (30 less a fifth).
    let steps = 1
        + i32::from(began.elapsed() > Duration::from_secs(24))
        + i32::from(began.elapsed() > Duration::from_secs(120));
    let most = attempts(&town, servers)?.into_iter().max().unwrap_or_default();
    findings.most("most attempts for one server", f64::from(most), f64::from(steps), "attempts");
    Ok(())
}

fn attempts(town: &Town, servers: usize) -> anyhow::Result<Vec<i32>> {
    let hosts = (0..servers).map(|number| format!("f{number}.test"));
    Ok(town.app.db.read(|c| {
        hosts
            .map(|host| Ok(deliveries::of_host(c, &host)?.iter().map(|row| row.attempts).max().unwrap_or_default()))
            .collect::<hearth_db::Result<_>>()
    })?)
}

///
pub(super) fn deletes(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let count = options.rounds(10_000, 300);
    // Their servers are there, and would answer if they were asked.
    let members = requests::members(4, 1, true)?;
    let mut town = Town::new(&options.setting(), Followers::good(1, 0), &members)?;
    town.start(Raised { posts_per_minute: Some(u32::MAX), ..Raised::default() })?;
    let now = town.app.clock.now();
    let mut letters = Vec::new();
    for number in 0..count {
        let gone = requests::member(&format!("https://m{}.test/u/gone{number}", number % 4))?;
        let body = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{}#delete", gone.id), "type": "Delete",
            "actor": gone.id, "to": ["https://www.w3.org/ns/activitystreams#Public"], "object": gone.id,
        });
        letters.push(requests::packed(&gone, &body.to_string(), now)?);
    }
    let (before, fetches, rows) = (town.server()?.usage()?.cpu, town.arrived()?.fetches, town.sizes()?);
    let began = Instant::now();
    let rate = options.pick(Some(count as f64 / 60.0), None);
    let outcomes = flood::flood(&[town.address()?], &letters, How { rate, ..How::over(16) })?;
    pause(500);
    let cpu = town.server()?.usage()?.cpu - before;
    findings.say("deletes, all sent within", format!("{count}, {:.1} s", began.elapsed().as_secs_f64()));
    let refused = outcomes.iter().filter(|outcome| outcome.status != 202).count();
    findings.same("not answered 202", &refused, &0);
    findings.same("documents that were asked for", &(town.arrived()?.fetches - fetches), &0);
    findings.same("rows that were added", &(town.sizes()? == rows), &true);
    findings.most("processor time of the server", cpu.as_secs_f64(), 10.0, "s");
    Ok(())
}
