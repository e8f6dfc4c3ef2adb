//! `/e/{id}`: a meetup, the answer to it, and what its hosts see and do.
//!
//! Must never show the address or the link to anybody who is not coming, nor who comes to anybody but hosts.

use super::{
    cards, group,
    talk::{Around, Talk},
    thread::host_ids,
};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        event::{Answer as Shows, Attendee, EventPage, EventPeoplePage, Sealed, Setting},
        parts::{ConfirmPage, EventState},
        shell::{Link, Nav},
    },
    words::{When, series_words},
};
use hearth_actions::{
    ActionError,
    event::{self as meetup, series},
    rsvp::{self, RsvpForm},
};
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        event_series, event_terms,
        events::{self, Event},
        groups::{self, Group},
        rsvps::{self, Rsvp},
    },
    views::conversation,
};
use hearth_domain::{
    Denied,
    audience::{self, Receivers},
    event::{JoinMode, PlaceKind},
    id::{EventId, RsvpId},
    permission,
    rsvp::{Answer as Answered, Places},
};

/// Most things said about a meetup that its page shows.
const MOST: i64 = 200;

/// A meetup that the reader may see.
///
/// # Errors
/// `NotFound`, `Gone`.
pub(crate) fn find(visit: &Visit, connection: &mut DbConn, id: EventId) -> Result<(Event, Actor, Group), Failure> {
    let event = events::by_id(connection, id)?.ok_or_else(nothing)?;
    let (actor, row) = groups::with_actor(connection, event.group_id)?.ok_or_else(nothing)?;
    if !visit.reader.includes(&row, event.visibility) {
        return Err(nothing());
    }
    if event.deleted_at.is_some() { Err(ActionError::Gone.into()) } else { Ok((event, actor, row)) }
}

/// A meetup here that the reader hosts.
///
/// # Errors
/// As [`find`], and `Denied(HostsOnly)`.
pub(crate) fn hosted(visit: &Visit, id: EventId) -> Result<(Event, Actor, Group), Failure> {
    visit.me()?;
    let (event, actor, row) = visit.read(|c| find(visit, c, id))?;
    if !event.local {
        return Err(nothing());
    }
    let account = visit.account()?;
    if visit.read(|c| Ok(meetup::is_host(c, account, &event, &actor)?))? {
        Ok((event, actor, row))
    } else {
        Err(ActionError::Denied(Denied::HostsOnly).into())
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, visit.part("id"), &Sent::default(), Flaws::none())).await
}

/// The page of a meetup, with what was typed into its form.
pub(crate) fn page(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let flaws = flaws.named(&[("persona", "as")]);
    let id: EventId = id.parse()?;
    visit.read(|c| {
        let (event, actor, row) = find(visit, c, id)?;
        let own = match &visit.me {
            Some(me) => rsvps::of_account(c, id, me.account.id)?,
            None => None,
        };
        let standing = visit.reader.standing(actor.id);
        let hosting = match &visit.me {
            Some(me) => meetup::is_host(c, me.account.id, &event, &actor)?,
            None => false,
        };
        let state = cards::event_state(visit, c, &event, own.as_ref().map(|row| row.answer))?;
        let band = cards::band(c, &event)?;
        let hosts = host_ids(c, actor.id)?;
        let said = conversation::about_event(c, &visit.reader, id, MOST)?;
        // Nobody is told "every Tuesday" of what was stopped.
        let series =
            event_series::of_event(c, id)?.map(|(series, _)| series).filter(|series| series.stopped_at.is_none());
        let around = Around::of(visit, c, &actor, said.iter().map(|one| &one.post))?;
        let notes_open = visit.asked.reading.notes_open;
        let group_href = cards::group_href(&actor);
        let talk =
            Talk { around: &around, visit, hosts: &hosts, may_reply: false, notes_open, group_href: &group_href };
        let talk = talk.replies(&said);
        let may_reply = visit.me.is_some() && permission::may_reply(row.settings(), standing).is_ok();
        let receivers = audience::audience(row.settings(), event.visibility).receivers;
        let page = EventPage {
            shell: visit.shell_again(&event.title, Nav::Meetups, flaws.any(), flaws.notice.clone()),
            href: format!("/e/{id}"),
            link: event.url.clone(),
            title: event.title.clone(),
            group: cards::group_line(&actor),
            when: When::meeting(event.starts_at.utc(), Some(event.ends_at.utc()), cards::zone_of(&event), visit.now),
            when_more: cards::time_here(visit, &event),
            again: series
                .as_ref()
                .map(|series| Ok::<_, Failure>(series_words(series::plan(series)?)))
                .transpose()?
                .unwrap_or_default(),
            series_href: series.as_ref().map(|series| format!("/s/{}", series.id)),
            place: cards::place(&event),
            setting: match event.place_kind {
                PlaceKind::InPerson => Setting::InPerson,
                PlaceKind::Online => Setting::Online,
                PlaceKind::Both => Setting::Both,
            },
            access: event.access.clone(),
            words: SafeHtml(event.content_html.clone()),
            visibility: cards::visibility(&row, event.visibility),
            places: places_words(band).to_owned(),
            sealed: sealed(visit, c, &event, own.as_ref(), hosting)?,
            answer: answer(visit, c, &event, own.as_ref(), band)?,
            personas: cards::personas(visit, c, Some(actor.id), sent.get("as"))?,
            by_approval: event.join_mode == JoinMode::Restricted,
            note: sent.text("note"),
            errors: flaws.errors,
            hosts: group::hosts(visit, c, actor.id)?,
            host_links: if hosting { host_links(id, state, series.is_some()) } else { Vec::new() },
            calendar_href: Some(format!("/e/{id}.ics")),
            talk,
            reply_href: may_reply.then(|| format!("/e/{id}/reply")),
            share_href: (event.local && receivers == Receivers::Followers)
                .then(|| format!("/follow?uri=@{}@{}", actor.name, actor.host)),
            state,
        };
        visit.page(&page)
    })
}

const fn places_words(band: Places) -> &'static str {
    match band {
        Places::Open => "Open to all",
        Places::Left => "Places left",
        Places::AFew => "A few places left",
        Places::Full => "Full",
    }
}

fn host_links(id: EventId, state: EventState, repeats: bool) -> Vec<Link> {
    let link = |end: &str, words: &str| Link { href: format!("/e/{id}/{end}"), words: words.to_owned() };
    let mut links = vec![link("people", "See who’s coming"), link("edit", "Change this meetup")];
    if !matches!(state, EventState::Cancelled | EventState::Past) {
        links.push(link("cancel", "Cancel it"));
        if repeats {
            links.push(link("stop", "Cancel this and all later dates"));
        }
    }
    links.push(link("delete", "Delete it: it was a mistake"));
    links
}

/// The address and the link, for those who come and those who host; the link once it is time.
fn sealed(
    visit: &Visit,
    connection: &mut DbConn,
    event: &Event,
    own: Option<&Rsvp>,
    hosting: bool,
) -> Result<Sealed, Failure> {
    let coming = own.is_some_and(|row| row.answer == Answered::Coming);
    if !event.local {
        let told = own.map(|row| row.instructions.clone()).filter(|told| coming && !told.is_empty());
        return Ok(told.map_or(Sealed::None, |address| Sealed::Open { address, link: String::new() }));
    }
    Ok(if event.address.is_empty() && event.link.is_empty() {
        Sealed::None
    } else if hosting || (coming && meetup::link_is_told(connection, event, visit.now)?) {
        Sealed::Open { address: event.address.clone(), link: event.link.clone() }
    } else if coming && !event.address.is_empty() {
        Sealed::Open { address: event.address.clone(), link: String::new() }
    } else {
        Sealed::Shut
    })
}

fn answer(
    visit: &Visit,
    connection: &mut DbConn,
    event: &Event,
    own: Option<&Rsvp>,
    band: Places,
) -> Result<Shows, Failure> {
    if visit.me.is_none() {
        return Ok(Shows::SignedOut);
    }
    let server = || {
        let url = event.ap_id.host();
        (!event.local).then_some(url)
    };
    let waits = event.local && event_terms::get(connection, event.id)?.waiting_list;
    let full = band == Places::Full && !waits && event.join_mode != JoinMode::Restricted;
    let Some(own) = own else { return Ok(if full { Shows::Full } else { Shows::Open }) };
    let name = group::name(connection, own.actor_id)?;
    Ok(match own.answer {
        Answered::Coming => Shows::Coming(name),
        Answered::Maybe => Shows::Maybe(name),
        Answered::Asked => Shows::Asked { name, server: server() },
        Answered::Refused => Shows::Refused { server: server() },
        Answered::Waiting => Shows::Waiting(name),
        Answered::NotTaken => Shows::NotTaken(event.url.clone()),
        Answered::NotComing if full => Shows::Full,
        Answered::NotComing => Shows::Open,
    })
}

pub(crate) async fn rsvp(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Answering { id }).await
}

struct Answering {
    id: String,
}

impl Form for Answering {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        page(visit, &self.id, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let id: EventId = self.id.parse()?;
        let own = visit.read(|c| Ok(rsvps::of_account(c, id, visit.account()?)?))?;
        // Changing an answer keeps its name, and its note unless another was typed.
        let (persona, note) = match &own {
            Some(own) => (own.actor_id.to_string(), sent.or("note", &own.note)),
            None => (sent.text("as"), sent.text("note")),
        };
        let answer = match sent.get("answer") {
            "yes" => "coming",
            "no" => "not_coming",
            other => other,
        };
        let typed = RsvpForm { answer: answer.to_owned(), note, persona };
        rsvp::answer(&visit.state.app, visit.account()?, id, &typed)?;
        Ok(Answer::see(&format!("/e/{id}?said=answered")))
    }
}

pub(crate) async fn people(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id: EventId = visit.part("id").parse()?;
            let account = visit.account()?;
            let event = hosted(visit, id)?.0;
            let rows = rsvp::people(&visit.state.app, account, id)?;
            let attendee = |(row, actor): (Rsvp, Actor)| {
                let answer = match row.answer {
                    Answered::Coming => "Coming",
                    Answered::Maybe => "Maybe",
                    Answered::Asked => "Asked to come",
                    Answered::Waiting => "Waits for a place",
                    Answered::NotComing | Answered::Refused | Answered::NotTaken => return None,
                };
                Some(Attendee {
                    id: row.id.to_string(),
                    // A row for a host's eyes: whether it is one of their own names is nobody's business here.
                    person: crate::views::parts::Person { you: false, ..cards::person(visit, &actor) },
                    answer: answer.to_owned(),
                    note: row.note,
                    waits: matches!(row.answer, Answered::Asked | Answered::Waiting),
                })
            };
            visit.page(&EventPeoplePage {
                shell: visit.shell("Who’s coming", Nav::Meetups),
                href: format!("/e/{id}"),
                title: event.title,
                people: rows.into_iter().filter_map(attendee).collect(),
            })
        })
        .await
}

pub(crate) async fn decide(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let page = format!("/e/{id}/people");
    let act = move |visit: &Visit, sent: &Sent| {
        let (event, person): (EventId, RsvpId) = (id.parse()?, sent.get("id").parse()?);
        let yes = match sent.get("answer") {
            "yes" => true,
            "no" => false,
            _ => return Err(Failure::Unreadable("Press one of the two buttons beside the name.")),
        };
        rsvp::decide(&visit.state.app, visit.account()?, event, person, yes)?;
        Ok(Answer::see(&format!("/e/{event}/people?said=saved")))
    };
    submit(visit, sent, Button { page, act }).await
}

/// What is asked about before it is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Cancel,
    Stop,
    Delete,
}

struct End {
    id: String,
    how: Ending,
}

impl Form for End {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let id: EventId = self.id.parse()?;
        hosted(visit, id)?;
        if self.how == Ending::Stop && visit.read(|c| Ok(event_series::of_event(c, id)?))?.is_none() {
            return Err(nothing());
        }
        let (question, words, button, end) = match self.how {
            Ending::Cancel => (
                "Cancel this meetup?",
                "Its page stays and says that it won’t take place. It can’t be taken back.",
                "Cancel the meetup",
                "cancel",
            ),
            Ending::Stop => (
                "Cancel this and all later dates?",
                "Their pages stay and say that they won’t take place, and no further dates come. It can’t be taken back.",
                "Cancel these dates",
                "stop",
            ),
            Ending::Delete => (
                "Delete this meetup?",
                "Its page goes, with everything on it. If people know about it, cancelling is kinder: its page then \
                 says so.",
                "Delete the meetup",
                "delete",
            ),
        };
        visit.page(&ConfirmPage {
            shell: visit.shell_again(question, Nav::Meetups, flaws.any(), flaws.notice),
            question: question.to_owned(),
            words: words.to_owned(),
            action: format!("/e/{id}/{end}"),
            button: button.to_owned(),
            back: format!("/e/{id}"),
        })
    }

    fn act(&self, visit: &Visit, _: &Sent, _: FormNonce) -> Shown {
        let id: EventId = self.id.parse()?;
        let (app, account) = (&visit.state.app, visit.account()?);
        match self.how {
            Ending::Cancel => {
                meetup::cancel(app, account, id)?;
                Ok(Answer::see(&format!("/e/{id}?said=cancelled")))
            }
            Ending::Stop => {
                series::stop(app, account, id)?;
                Ok(Answer::see(&format!("/e/{id}?said=cancelled")))
            }
            Ending::Delete => {
                let done = meetup::delete(app, account, id)?;
                let group = visit.read(|c| Ok(groups::with_actor(c, done.group_id)?))?.ok_or_else(nothing)?.0;
                Ok(Answer::see(&format!("{}?said=removed", cards::group_href(&group))))
            }
        }
    }
}

async fn ask(visit: Visit, how: Ending) -> Answer {
    let id = visit.part("id").to_owned();
    visit.show(move |visit| End { id, how }.show(visit, &Sent::default(), Flaws::none())).await
}

async fn end(visit: Visit, sent: Sent, how: Ending) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, End { id, how }).await
}

pub(crate) async fn ask_cancel(visit: Visit) -> Answer {
    ask(visit, Ending::Cancel).await
}

pub(crate) async fn cancel(visit: Visit, sent: Sent) -> Answer {
    end(visit, sent, Ending::Cancel).await
}

pub(crate) async fn ask_stop(visit: Visit) -> Answer {
    ask(visit, Ending::Stop).await
}

pub(crate) async fn stop(visit: Visit, sent: Sent) -> Answer {
    end(visit, sent, Ending::Stop).await
}

pub(crate) async fn ask_delete(visit: Visit) -> Answer {
    ask(visit, Ending::Delete).await
}

pub(crate) async fn delete(visit: Visit, sent: Sent) -> Answer {
    end(visit, sent, Ending::Delete).await
}
