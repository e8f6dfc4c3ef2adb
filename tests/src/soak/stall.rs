//! the loop that sends stands still for good. Health turns red because of what waits, the watchdog begins the loop
//! again, everything is sent, and health is green again.

use super::{Options, findings::Findings, person::Person};
use crate::rig::{
    peers::Plan,
    served::Raised,
    town::{Followers, Town, pause},
};
use hearth_actions::session;
use hearth_db::tables::incidents::{self, IncidentKind};
use std::time::{Duration, Instant};

/// Health is red within this time, in seconds.
const NOTICED: f64 = 120.0;

/// The short form ends when health is red: the watchdog waits for a minute.
pub(super) fn noticed(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let peers = Plan { good: 1, keep: true, ..Plan::default() };
    let mut town = Town::new(&options.setting(), Followers { count: 1, each: 1, peers }, &[])?;
    // The usual setting is two minutes; the loop would be begun again before that.
    town.config.stuck_after_seconds = options.pick(30, 10);
    town.start_with(Raised::default(), |command| {
        command.env("HEARTH_FAULT", "delivery.record:hang:1");
    })?;
    let at = town.address()?;
    let person = Person { session: session::open(&town.app, town.keeper, "a soak")? };
    findings.same("health before", &person.get(at, "/healthz")?.status, &200);
    town.publish(1)?;
    town.reached(1)?;
    // The answer to the first one is never written down, and the second one never looked at.
    town.publish(1)?;
    let began = Instant::now();
    let red = wait_for(&person, at, 503, Duration::from_secs(130))?;
    findings.most(&format!("health is red (`{}`) after", red.trim()), began.elapsed().as_secs_f64(), NOTICED, "s");
    findings.same("deliveries that came meanwhile", &town.arrived()?.distinct, &1);
    findings.same("a page meanwhile", &person.get(at, "/g/tea")?.status, &200);
    if options.short {
        return Ok(());
    }
    town.reached(2)?;
    findings.say("the second one came after", format!("{:.0} s", began.elapsed().as_secs_f64()));
    town.settle(2)?;
    let put_right = town.app.db.read(|c| incidents::latest(c, 100))?;
    let begun_again = put_right.iter().any(|row| row.kind == IncidentKind::WorkerBegunAgain);
    findings.must("it is noted that a worker was begun again", begun_again);
    wait_for(&person, at, 200, Duration::from_secs(60))?;
    findings.say("health is green after", format!("{:.0} s", began.elapsed().as_secs_f64()));
    Ok(())
}

fn wait_for(person: &Person, at: std::net::SocketAddr, status: u16, patience: Duration) -> anyhow::Result<String> {
    let began = Instant::now();
    loop {
        let page = person.get(at, "/healthz")?;
        if page.status == status {
            return Ok(page.body);
        }
        anyhow::ensure!(began.elapsed() < patience, "health still says {}", page.body.trim());
        pause(200);
    }
}
