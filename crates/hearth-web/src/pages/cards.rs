//! Rows of the database put into the words and parts that pages show.
//!
//! Must never show a number of people, nor an address or link of a meetup.

use crate::{
    error::Failure,
    viewer::Visit,
    views::{
        SafeHtml,
        parts::{
            Door, EventCard, EventState, GroupCard, GroupLine, Person, PersonaOption, PostCard, Visibility as Shown,
        },
    },
    words::{When, meeting_words, zone_words},
};
use chrono_tz::Tz;
use hearth_actions::{ActionError, markdown, persona, rsvp, seal};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor, ActorKind},
        events::Event,
        groups::{self, Group},
        rsvps::{self, Rsvp},
    },
    views::{Authored, conversation},
};
use hearth_domain::{
    audience::{self, Readers, Receivers, Visibility},
    event::{PlaceKind, Status},
    id::{ActorId, EventId},
    note::Folding,
    rsvp::{Answer, Places},
    text,
};
use std::collections::{HashMap, hash_map::Entry};

/// Letters of a post that a list shows.
const EXCERPT: usize = 320;

/// The colour of a pebble or door: always the same for the same actor.
pub(crate) fn hue(actor: ActorId) -> u8 {
    u8::try_from(actor.get() % 8).unwrap_or_default() + 1
}

/// The name in an address: `tea`, or `tea@oak.test` for what lives elsewhere.
pub(crate) fn spec(actor: &Actor) -> String {
    if actor.local { actor.name.clone() } else { format!("{}@{}", actor.name, actor.host) }
}

/// The page of a group.
pub(crate) fn group_href(actor: &Actor) -> String {
    format!("/g/{}", spec(actor))
}

/// The server of an actor, where it is not this one.
pub(crate) fn from(actor: &Actor) -> Option<String> {
    (!actor.local).then(|| actor.host.clone())
}

/// The page of something on its own server, where that is a web address.
pub(crate) fn page_elsewhere(url: &str) -> Option<String> {
    (url.starts_with("https://") || url.starts_with("http://")).then(|| url.to_owned())
}

/// A door.
pub(crate) fn door(actor: &Actor) -> Door {
    Door { emblem: actor.display_name.clone(), hue: hue(actor.id) }
}

/// A group in a line. A meetup of another server may stand in no group, but in a server or person: they have no page here.
pub(crate) fn group_line(actor: &Actor) -> GroupLine {
    let href = match actor.kind {
        ActorKind::Group => group_href(actor),
        _ => page_elsewhere(&actor.url).unwrap_or_else(|| "/meetups".to_owned()),
    };
    GroupLine { href, name: actor.display_name.clone(), door: door(actor), from: from(actor) }
}

/// A group as a card.
pub(crate) fn group_card((actor, row): &(Actor, Group)) -> GroupCard {
    GroupCard {
        href: group_href(actor),
        name: actor.display_name.clone(),
        door: door(actor),
        line: shorten(&markdown::plain(&actor.summary_html), 140),
        meta: row.rhythm.clone(),
        from: from(actor),
    }
}

/// What stands in the place of a name.
pub(crate) const SOMEONE: &str = "Someone";

/// The name of whoever wrote something, as pages say it.
pub(crate) fn shown_name(actor: &Actor) -> String {
    if seal::stands_for_others(actor) { SOMEONE.to_owned() } else { actor.display_name.clone() }
}

/// Somebody who wrote or hosts.
pub(crate) fn person(visit: &Visit, actor: &Actor) -> Person {
    if seal::stands_for_others(actor) {
        return Person { name: SOMEONE.to_owned(), hue: 1, from: from(actor), ..Person::default() };
    }
    Person {
        name: actor.display_name.clone(),
        hue: hue(actor.id),
        href: Some(format!("/u/{}", spec(actor))),
        host: false,
        you: visit.is_mine(actor.id),
        from: from(actor),
    }
}

/// The names a form can be sent under: the one the reader is known by in this group, or all of them.
pub(crate) fn personas(
    visit: &Visit,
    connection: &mut DbConn,
    group: Option<ActorId>,
    typed: &str,
) -> Result<Vec<PersonaOption>, Failure> {
    let Some(me) = &visit.me else { return Ok(Vec::new()) };
    let bound = match group {
        Some(group) => persona::bound(connection, me.account.id, group)?,
        None => None,
    };
    let offered = me.personas.iter().filter(|own| bound.is_none_or(|bound| bound == own.id));
    let mut options: Vec<PersonaOption> = offered
        .map(|own| PersonaOption {
            id: own.id.to_string(),
            name: own.display_name.clone(),
            hue: hue(own.id),
            hint: String::new(),
            chosen: own.id.to_string() == typed,
        })
        .collect();
    if !options.iter().any(|option| option.chosen)
        && let Some(first) = options.first_mut()
    {
        first.chosen = true;
    }
    Ok(options)
}

/// Who can see something, as pages say it.
pub(crate) fn visibility(group: &Group, chosen: Visibility) -> Shown {
    let audience = audience::audience(group.settings(), chosen);
    match (audience.readers, audience.receivers) {
        (Readers::Anyone, Receivers::Nobody) => Shown::PublicHere,
        (Readers::Anyone, _) => Shown::Public,
        (Readers::Members, Receivers::PartnersOfMembers) => Shown::MembersPartners,
        (Readers::Members, Receivers::Members) => Shown::MembersElsewhere,
        (Readers::Members, _) => Shown::Members,
    }
}

/// The first words of a text, cut at a word.
pub(crate) fn shorten(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    let cut = text::cut(words, most);
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole))
}

/// A text as HTML that holds nothing but it.
pub(crate) fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text of which the first words are shown: all of it where it is short.
pub(crate) fn excerpt(html: &str) -> SafeHtml {
    let words = markdown::plain(html);
    if words.chars().count() <= EXCERPT {
        return SafeHtml(html.to_owned());
    }
    SafeHtml(format!("<p>{}</p>", escaped(&shorten(&words, EXCERPT))))
}

/// Conversations as cards, with their numbers of replies. `named` says in which group each is.
pub(crate) fn post_cards(
    visit: &Visit,
    connection: &mut DbConn,
    posts: Vec<Authored>,
    named: bool,
) -> Result<Vec<PostCard>, Failure> {
    let ids: Vec<_> = posts.iter().map(|one| one.post.id).collect();
    let replies = conversation::reply_counts(connection, &visit.reader, &ids)?;
    let numbers: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let mut topics = super::topics::names(connection, &numbers)?;
    let groups = groups_of(connection, posts.iter().map(|one| one.post.group_id))?;
    let card = |Authored { post, author }: Authored| {
        let (actor, row) = groups.get(&post.group_id)?;
        let folding = visit.reader.folding(&post);
        if folding == Folding::Hidden {
            return None;
        }
        Some(PostCard {
            id: post.id.to_string(),
            href: format!("/p/{}", post.id),
            title: post.title.clone().unwrap_or_else(|| "A post".to_owned()),
            author: person(visit, &author),
            when: When::written(post.published_at.utc(), visit.zone(), visit.now),
            in_group: named.then(|| actor.display_name.clone()),
            content_note: post.content_note.clone(),
            notes_open: visit.asked.reading.notes_open || folding == Folding::Open,
            body: excerpt(&post.content_html),
            topics: topics.remove(&post.id.get()).unwrap_or_default(),
            visibility: visibility(row, post.visibility),
            replies: replies.get(&post.id).and_then(|count| u64::try_from(*count).ok()).unwrap_or_default(),
        })
    };
    Ok(posts.into_iter().filter_map(card).collect())
}

/// The groups with these ids, each read once.
fn groups_of(
    connection: &mut DbConn,
    ids: impl Iterator<Item = ActorId>,
) -> Result<HashMap<ActorId, (Actor, Group)>, Failure> {
    let mut found = HashMap::new();
    for id in ids {
        if let Entry::Vacant(entry) = found.entry(id)
            && let Some(group) = groups::with_actor(connection, id)?
        {
            entry.insert(group);
        }
    }
    Ok(found)
}

/// The zone of a meetup.
pub(crate) fn zone_of(event: &Event) -> Tz {
    event.zone.parse().unwrap_or(Tz::UTC)
}

/// What the reader answered to which meetup.
pub(crate) fn own_answers(visit: &Visit, connection: &mut DbConn) -> Result<HashMap<EventId, Rsvp>, Failure> {
    let Some(me) = &visit.me else { return Ok(HashMap::new()) };
    let rows = rsvps::all_of_account(connection, me.account.id)?;
    Ok(rows.into_iter().map(|row| (row.event_id, row)).collect())
}

/// The one label of a meetup.
pub(crate) fn event_state(
    visit: &Visit,
    connection: &mut DbConn,
    event: &Event,
    answer: Option<Answer>,
) -> Result<EventState, Failure> {
    if event.status == Status::Cancelled {
        return Ok(EventState::Cancelled);
    }
    if event.ends_at.utc() <= visit.now {
        return Ok(EventState::Past);
    }
    match answer {
        Some(Answer::Coming) => return Ok(EventState::Coming),
        Some(Answer::Asked | Answer::Waiting) => return Ok(EventState::Asked),
        _ => {}
    }
    Ok(match band(connection, event)? {
        Places::Open => EventState::OpenToAll,
        Places::Left => EventState::PlacesLeft,
        Places::AFew => EventState::AFewLeft,
        Places::Full => EventState::Full,
    })
}

/// How full a meetup is. Only its own server knows: one elsewhere is taken to have places.
pub(crate) fn band(connection: &mut DbConn, event: &Event) -> Result<Places, Failure> {
    match event.capacity {
        None => Ok(Places::Open),
        Some(_) if event.local => Ok(rsvp::band(connection, event)?),
        Some(_) => Ok(Places::Left),
    }
}

/// Where a meetup is, as everybody may know it.
pub(crate) fn place(event: &Event) -> String {
    place_words(event.place_kind, &event.area)
}

/// Where something is, as far as everybody may know.
pub(crate) fn place_words(kind: PlaceKind, area: &str) -> String {
    match (kind, area) {
        (PlaceKind::Online, "") => "Online".to_owned(),
        (PlaceKind::Online, area) => format!("Online, {area}"),
        (_, "") => "The hosts tell you where".to_owned(),
        (_, area) => area.to_owned(),
    }
}

/// Meetups as cards. `named` says which group each belongs to; `card` shows each as a card of its own.
pub(crate) fn event_cards(
    visit: &Visit,
    connection: &mut DbConn,
    events: &[Event],
    named: bool,
    card: bool,
) -> Result<Vec<EventCard>, Failure> {
    let answers = own_answers(visit, connection)?;
    let groups = groups_of(connection, events.iter().filter(|_| named).map(|event| event.group_id))?;
    let mut cards = Vec::with_capacity(events.len());
    for event in events {
        let answer = answers.get(&event.id).map(|row| row.answer);
        cards.push(EventCard {
            href: format!("/e/{}", event.id),
            title: event.title.clone(),
            when: hours(visit, event),
            place: place(event),
            online: event.place_kind == PlaceKind::Online,
            group: groups.get(&event.group_id).map(|(actor, _)| group_line(actor)),
            state: event_state(visit, connection, event, answer)?,
            card,
        });
    }
    Ok(cards)
}

/// The clock times of a meetup, with its zone where that is not the zone of this place: "6.30 to 8 pm, New York time".
fn hours(visit: &Visit, event: &Event) -> When {
    let zone = zone_of(event);
    let hours = When::hours(event.starts_at.utc(), Some(event.ends_at.utc()), zone);
    if zone == visit.zone() {
        return hours;
    }
    let name = zone_words(zone);
    let everyday = name.split_once(" / ").map_or(name.as_str(), |(everyday, _)| everyday);
    When { words: format!("{}, {everyday}", hours.words), ..hours }
}

/// When a meetup with another zone is by the clocks of this place; empty where the zones are the same.
pub(crate) fn time_here(visit: &Visit, event: &Event) -> String {
    let here = visit.zone();
    if zone_of(event) == here {
        return String::new();
    }
    format!("Here: {}", meeting_words(event.starts_at.utc(), Some(event.ends_at.utc()), here, visit.now))
}

/// The group with this name in an address, if the reader may know of it.
///
/// # Errors
/// `NotFound`, `Gone`.
pub(crate) fn find_group(visit: &Visit, connection: &mut DbConn, name: &str) -> Result<(Actor, Group), Failure> {
    let actor = find_actor(connection, name)?.filter(|actor| actor.kind == ActorKind::Group);
    let actor = actor.ok_or_else(crate::error::nothing)?;
    let (actor, row) = groups::with_actor(connection, actor.id)?.ok_or_else(crate::error::nothing)?;
    if !audience::group_is_shown(row.settings(), visit.reader.standing(actor.id)) {
        return Err(crate::error::nothing());
    }
    if actor.deleted_at.is_some() { Err(ActionError::Gone.into()) } else { Ok((actor, row)) }
}

/// The actor with this name in an address: `tea`, `tea@oak.test` or `@tea@oak.test`.
pub(crate) fn find_actor(connection: &mut DbConn, name: &str) -> Result<Option<Actor>, Failure> {
    let name = name.trim_start_matches('@').to_lowercase();
    Ok(match name.split_once('@') {
        None => actors::local_by_name(connection, &name)?,
        Some((name, host)) => match actors::remote_by_handle(connection, name, host)? {
            Some(actor) => Some(actor),
            None => actors::local_by_name(connection, name)?.filter(|actor| actor.host == host),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_a_word() {
        assert_eq!(shorten("one two three", 13), "one two three");
        assert_eq!(shorten("one two three", 9), "one two…");
        assert_eq!(excerpt("<p>a <b>b</b></p>").0, "<p>a <b>b</b></p>");
        let long = format!("<p>{}</p>", "a &lt; b ".repeat(100));
        assert!(excerpt(&long).0.starts_with("<p>a &lt; b") && excerpt(&long).0.len() < 700);
    }
}
