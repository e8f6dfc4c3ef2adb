//! the clock jumps forward and back, into 2038, and over a leap day. Nothing is lost or repeated, people stay
//! signed in as long as they should, meetups keep their time, and signatures are judged by the new time.

use super::{Options, findings::Findings, flood, flood::How, still::Still};
use crate::{
    rig::{peers::Plan, requests, town::Followers},
    world::{event_form, instant, post_form},
};
use chrono::{DateTime, Duration, Utc};
use hearth_actions::{cleanup, event, post, session};

const FOLLOWERS: usize = 2;

///
pub(super) fn jumps(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let sam = requests::members(1, 1, true)?;
    let followers =
        Followers { count: FOLLOWERS, each: 1, peers: Plan { good: FOLLOWERS, keep: true, ..Plan::default() } };
    let mut still = Still::start(options, followers, &sam, None)?;
    let start = still.now();
    let token = session::open(&still.town.app, still.town.keeper, "a soak")?;
    let (short, years) = (Duration::minutes(2), Duration::days(365));
    // The jump, the new time, whether the session lasts, and within what time that which waited meanwhile is sent. What was
    // written down by a clock that was hours ahead waits for these hours; if it was years, the hourly cleaning sees to it.
    let jumps: [(&str, DateTime<Utc>, bool, Duration); 6] = [
        ("nothing", start, true, short),
        ("two hours forward", start + Duration::hours(2), true, short),
        ("four hours back", start - Duration::hours(2), true, Duration::hours(5)),
        ("to the leap day", instant("2028-02-29T10:00:00Z"), false, short),
        ("past the end of 32 bits", instant("2038-01-19T03:14:08Z"), false, short),
        ("back to where it began", start, false, short),
    ];
    let mut expected = 0;
    for (number, (jump, at, signed_in, within)) in jumps.into_iter().enumerate() {
        // Something waits while the clock jumps; after a jump of years it would be too old to be sent, and rightly so.
        let waited = if at - still.now() < years { FOLLOWERS } else { 0 };
        if waited > 0 {
            publish(&still, &format!("Before {number}"))?;
        }
        let old = requests::activity(&still.town, &sam[0], "old", number * 8 + 1);
        let old = requests::packed(&sam[0], &old.to_string(), still.now())?;
        still.clock.advance(at - still.now());
        cleanup::forget(&still.town.app)?;
        if number > 0 {
            let status = flood::flood(&[still.address()], &[old], How::over(1))?[0].status;
            // Hours in the future or the past: it counts for as long as its sender may be wrong about the time.
            findings.must(
                &format!("{jump}: a signature of the old time is refused ({status})"),
                matches!(status, 401 | 403),
            );
        }
        let new = requests::activity(&still.town, &sam[0], "new", number * 8 + 1);
        let new = requests::packed(&sam[0], &new.to_string(), still.now())?;
        let status = flood::flood(&[still.address()], &[new], How::over(1))?[0].status;
        findings.same(&format!("{jump}: a signature of the new time is answered"), &status, &202);
        let attempts = still.pass(within, Duration::seconds(30))?;
        expected += waited + FOLLOWERS;
        findings.same(&format!("{jump}: what waited and came was sent, attempts"), &attempts, &(waited + FOLLOWERS));
        publish(&still, &format!("After {number}"))?;
        still.pass(short, Duration::seconds(30))?;
        expected += FOLLOWERS;
        let arrived = still.town.arrived()?;
        let found = (arrived.deliveries, arrived.distinct);
        findings.same(&format!("{jump}: deliveries, different ones"), &found, &(expected, expected));
        // Cleaning up forgets a session that has ended: it does not come back when the clock does.
        let found = session::check(&still.town.app, &token)?.is_some();
        findings.same(&format!("{jump}: still signed in"), &found, &signed_in);
        let fresh = session::open(&still.town.app, still.town.keeper, "a soak")?;
        findings.must(&format!("{jump}: signing in works"), session::check(&still.town.app, &fresh)?.is_some());
    }
    meetup(&mut still, findings)
}

fn publish(still: &Still, title: &str) -> anyhow::Result<()> {
    let form = post_form(still.town.persona, title, "There is tea.");
    post::publish(&still.town.app, still.town.keeper, still.town.group.id, &form)?;
    Ok(())
}

fn meetup(still: &mut Still, findings: &mut Findings) -> anyhow::Result<()> {
    still.clock.advance(instant("2028-02-28T23:59:30Z") - still.now());
    for (date, starts) in [("2028-02-29", "2028-02-29T18:30:00Z"), ("2038-07-19", "2038-07-19T17:30:00Z")] {
        let mut form = event_form(still.town.persona);
        form.date = date.to_owned();
        let row = event::announce(&still.town.app, still.town.keeper, still.town.group.id, &form)?;
        findings.same(&format!("a meetup on {date} at 18:30 in London begins"), &row.starts_at.utc(), &instant(starts));
    }
    still.pass(Duration::minutes(2), Duration::seconds(30))?;
    findings.same("deliveries that wait at the end", &still.town.waiting()?, &0);
    Ok(())
}
