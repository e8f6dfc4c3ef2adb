//! `/meetups` and `/g/{name}/meetups`: what is on, by day.

use super::cards;
use crate::{
    answer::Answer,
    error::Failure,
    viewer::{Shown, Visit},
    views::{
        event::{EventDay, EventsPage},
        parts::Pager,
        shell::Nav,
    },
    words::{date_words, zone_words},
};
use hearth_db::{
    DbConn,
    tables::{actors::Actor, events::Event},
    views::{calendar, visible::Reader},
};
use hearth_domain::{audience::Visibility, permission};

/// Most meetups on the page.
const MOST: i64 = 60;

pub(crate) async fn everywhere(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.site()?;
            visit.read(|c| {
                let events = calendar::upcoming_everywhere(c, &visit.reader, visit.now.into(), MOST)?;
                page(visit, c, None, &events)
            })
        })
        .await
}

pub(crate) async fn of_group(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.read(|c| {
                let (actor, row) = cards::find_group(visit, c, visit.part("name"))?;
                let events = calendar::upcoming(c, &visit.reader, &[actor.id], visit.now.into(), MOST)?;
                // A calendar program signs in nowhere: it reads what everybody may.
                let open = Reader::anybody().includes(&row, Visibility::Public);
                page(visit, c, Some((&actor, open)), &events)
            })
        })
        .await
}

fn page(visit: &Visit, connection: &mut DbConn, group: Option<(&Actor, bool)>, events: &[Event]) -> Shown {
    let calendar =
        group.filter(|(_, open)| *open).map(|(actor, _)| format!("{}/meetups.ics", cards::group_href(actor)));
    let group = group.map(|(actor, _)| actor);
    let hosting = |actor: &&Actor| actor.local && permission::may_host(visit.reader.standing(actor.id)).is_ok();
    visit.page(&EventsPage {
        shell: visit.shell("Meetups", Nav::Meetups),
        group: group.map(cards::group_line),
        zone_words: format!("Days are those of {}; each meetup says its own time.", zone_words(visit.zone())),
        days: days(visit, connection, events, group.is_none())?,
        plan_href: group.filter(hosting).map(|actor| format!("{}/meetups/new", cards::group_href(actor))),
        calendar_href: calendar,
        pager: Pager::default(),
    })
}

/// Meetups under the days on which they begin.
pub(crate) fn days(
    visit: &Visit,
    connection: &mut DbConn,
    events: &[Event],
    named: bool,
) -> Result<Vec<EventDay>, Failure> {
    let mut days: Vec<EventDay> = Vec::new();
    for (event, card) in events.iter().zip(cards::event_cards(visit, connection, events, named, true)?) {
        let words = date_words(event.starts_at.utc(), visit.zone(), visit.now);
        match days.last_mut().filter(|day| day.words == words) {
            Some(day) => day.events.push(card),
            None => days.push(EventDay { id: format!("day-{}", days.len() + 1), words, events: vec![card] }),
        }
    }
    Ok(days)
}
