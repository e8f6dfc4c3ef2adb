//! What a probe says. Pure: documents and rows in, words out.
//!
//! Must never: say more of a document than the reading rules take from it.

use super::{FetchError, Known, Probe};
use chrono::{DateTime, Utc};
use hearth_activitypub::{
    event::{EventStatus, JoinMode},
    inbound::{ActorDocument, ActorKind, EventDocument, PostDocument, PostKind},
    peer::{AnnounceForm, Software},
};
use hearth_db::{Time, tables::hosts::Host};
use hearth_domain::{address::host_of, host::HostState};
use url::Url;

/// The most of a text that is repeated.
const EXTRACT: usize = 200;

/// Why a document could not be had.
pub(super) const fn fetch(error: FetchError) -> &'static str {
    match error {
        FetchError::Address(_) => "That address may not be asked: only https, port 443 and public names are.",
        FetchError::NotFound => "Its server says that there is no such thing (404).",
        FetchError::Gone => "It was removed for good on its server (410).",
        FetchError::Status(401 | 403) => {
            "Its server says no (401 or 403): it may want to know this server first, or block it."
        }
        FetchError::Status(429) => "Its server asks to come again later (429).",
        FetchError::Status(500..=599) => "Its server is in trouble (an answer of 500 or more).",
        FetchError::Status(_) => "Its server gave an answer that means nothing here.",
        FetchError::WrongType => {
            "There is a page for people, but no ActivityPub document: it can't be followed from here."
        }
        FetchError::TooLarge => "The document is larger than 1 MiB.",
        FetchError::Redirect => "It leads to another server, or in a circle. A signed request does not follow that.",
        FetchError::Signing | FetchError::Unsupported => "The request could not be made here.",
        FetchError::Trouble(_) => "Its server could not be reached.",
    }
}

fn name(actor: &ActorDocument) -> String {
    let handle = actor.preferred_username.as_deref().unwrap_or_default();
    let handle = format!("@{handle}@{}", host_of(&actor.id));
    match actor.name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} ({handle})"),
        None => handle,
    }
}

const fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Person => "a person (Person)",
        ActorKind::Group => "a group (Group)",
        ActorKind::Service => "a bot (Service)",
        ActorKind::Application => "a server (Application)",
        ActorKind::Organization => "an organisation (Organization)",
    }
}

fn who(id: Option<&Url>, actor: Option<&ActorDocument>) -> String {
    match (actor, id) {
        (Some(actor), _) => name(actor),
        (None, Some(id)) => format!("{id}, which could not be read"),
        (None, None) => String::new(),
    }
}

/// An actor.
pub(super) fn actor(probe: &mut Probe, actor: &ActorDocument) {
    probe.fact("Type", kind(actor.kind));
    probe.fact("Who", name(actor));
    if actor.kind != ActorKind::Group {
        probe.refuse("Only groups can be followed from here.");
        return;
    }
    probe.fact("Following", if actor.manually_approves_followers { "somebody there decides" } else { "open" });
    probe.fact("Posting", if actor.posting_restricted_to_mods { "moderators only" } else { "" });
    let lists = [("posts", &actor.outbox), ("meetups", &actor.upcoming_events), ("pinned posts", &actor.featured)];
    let lists: Vec<&str> = lists.into_iter().filter(|(_, url)| url.is_some()).map(|(what, _)| what).collect();
    probe.fact("Lists", lists.join(", "));
    if actor.dated.is_some() {
        probe.fact("Meetup", "the group is one itself, with a date (Smithereen)");
    }
}

/// A post or reply.
pub(super) fn post(
    probe: &mut Probe,
    post: &PostDocument,
    author: Option<&ActorDocument>,
    group: Option<&ActorDocument>,
) {
    let reply = post.in_reply_to.is_some();
    let wire = match post.kind {
        PostKind::Page => "Page",
        PostKind::Article => "Article",
        PostKind::Note => "Note",
        PostKind::Video => "Video",
        PostKind::Question => "Question",
    };
    probe.fact("Type", format!("{} ({wire})", if reply { "a reply" } else { "a post" }));
    probe.fact("Who", who(post.attributed_to.as_ref(), author));
    probe.fact("Group", group.map(name).unwrap_or_default());
    probe.fact("Title", post.name.clone().unwrap_or_default());
    probe.fact("Content note", if post.sensitive { post.summary.clone().unwrap_or_default() } else { String::new() });
    probe.fact("Answers", post.in_reply_to.as_ref().map(ToString::to_string).unwrap_or_default());
    probe.fact("Published", post.published.map(|at| at.to_rfc3339()).unwrap_or_default());
    probe.fact("For", if post.is_public() { "everybody" } else { "only those it is addressed to" });
    if !post.is_public() {
        probe.refuse("It is not public, so it would not be shown here.");
    }
    match &post.attributed_to {
        None => probe.refuse("It names no author."),
        Some(author) if author.origin() != post.id.origin() => {
            probe.refuse("Its author is of another server than it: it would not be believed.");
        }
        Some(_) => {}
    }
    if author.is_some_and(|author| !author.kind.is_person_like()) {
        probe.refuse("Its author is no person.");
    }
    if !reply && group.is_none() {
        probe.refuse("It stands in no group, so it would not be taken in.");
    }
}

/// A meetup.
pub(super) fn event(probe: &mut Probe, event: &EventDocument, owner: Option<&ActorDocument>, now: DateTime<Utc>) {
    probe.fact("Type", "a meetup (Event)");
    probe.fact("Group", who(event.attributed_to.as_ref(), owner));
    probe.fact("Title", event.name.chars().take(EXTRACT).collect::<String>());
    let local = |at: DateTime<chrono::FixedOffset>| match event.timezone {
        Some(zone) => at.with_timezone(&zone).format("%a %-d %B %Y, %H:%M").to_string(),
        None => at.format("%a %-d %B %Y, %H:%M").to_string(),
    };
    let zone = event.timezone.map_or_else(|| event.start.offset().to_string(), |zone| zone.name().to_owned());
    let end = event.end.map(|end| format!(" to {}", local(end))).unwrap_or_default();
    probe.fact("When", format!("{}{end} ({zone})", local(event.start)));
    let places: Vec<String> = event.places.iter().map(place).filter(|words| !words.is_empty()).collect();
    probe.fact("Where", if places.is_empty() { "it does not say".to_owned() } else { places.join("; ") });
    probe.fact(
        "State",
        match event.status {
            EventStatus::Cancelled => "cancelled",
            EventStatus::Tentative | EventStatus::Postponed => "not certain yet",
            EventStatus::Scheduled | EventStatus::Rescheduled | EventStatus::MovedOnline => "takes place",
        },
    );
    probe.fact(
        "Coming",
        match &event.join_mode {
            None | Some(JoinMode::Free) => "everybody may come".to_owned(),
            Some(JoinMode::Restricted) => "its hosts decide".to_owned(),
            Some(JoinMode::External(page)) => format!("answered on {page}"),
        },
    );
    probe.fact("For", if event.is_public() { "everybody" } else { "only those it is addressed to" });
    if !event.is_public() {
        probe.refuse("It is not public, so it would not be shown here.");
    }
    if event.draft {
        probe.refuse("It is a draft.");
    }
    if event.is_long_over(now) {
        probe.refuse("It is long over.");
    }
    match &event.attributed_to {
        None => probe.refuse("It names no group that holds it."),
        Some(group) if group.origin() != event.id.origin() => {
            probe.refuse("Its group is of another server than it: it would not be believed.");
        }
        Some(_) if owner.is_some_and(|owner| owner.kind != ActorKind::Group) => {
            probe.refuse("It is held by somebody who is no group, so following that group is not possible.");
        }
        Some(_) => {}
    }
}

fn place(place: &hearth_activitypub::inbound::PlaceDocument) -> String {
    let name = place.name.clone().unwrap_or_default();
    let near = [&place.street, &place.locality, &place.region].into_iter().flatten().cloned().collect::<Vec<_>>();
    let parts: Vec<String> = [name].into_iter().chain(near).filter(|part| !part.is_empty()).collect();
    match (place.is_virtual, parts.is_empty()) {
        (true, true) => "online".to_owned(),
        (true, false) => format!("online ({})", parts.join(", ")),
        (false, _) => parts.join(", "),
    }
}

/// What this server would send to another, and in which form.
pub(super) fn sent(probe: &mut Probe, software: &Software, row: Option<&Host>, followed: usize) {
    let mut say = |words: &str| probe.sent.push(words.to_owned());
    match followed {
        0 => say("Nothing yet: nobody there follows a group of this server."),
        1 => say("What is public in the one group of this server that is followed there."),
        number => say(&format!("What is public in the {number} groups of this server that are followed there.")),
    }
    say(match software.announce_form() {
        AnnounceForm::Activity => "Posts: the whole activity, relayed by the group (Announce of a Create of a Page).",
        AnnounceForm::Object => {
            "Posts: the address of each new post, relayed by the group (Announce of an id); edits and removals come from the author."
        }
        AnnounceForm::Both => {
            "Posts: both the whole activity and the address of each new post, because its software is not known here."
        }
    });
    say(if software.wants_companion_page() {
        "Meetups: a companion post (Page), because it takes no Event of a group."
    } else {
        "Meetups: the Event itself, by its group."
    });
    say(if software.may_hold_members_only() {
        "What is for members only: may be sent there where a group allows it."
    } else {
        "What is for members only: never, because its software is not known to keep it so."
    });
    say(match row.and_then(|row| row.signature_scheme.as_deref()) {
        Some("rfc9421") => "Signed by RFC 9421, which it asked for.",
        _ => "Signed by HTTP Signatures (draft-cavage-12); by RFC 9421 if it refuses that.",
    });
}

/// Why something may not arrive.
pub(super) fn trouble(probe: &mut Probe, host: &str, known: &Known, now: DateTime<Utc>) {
    let mut say = |words: String| probe.trouble.push(words);
    let Some(row) = &known.row else { return };
    let day = |at: Time| at.utc().format("%-d %B %Y, %H:%M UTC").to_string();
    match row.state() {
        HostState::Blocked => say(format!("{host} is blocked here: nothing is asked, taken or sent.")),
        HostState::Asleep => say(format!(
            "{host} sleeps{}: nothing is kept for it until it is heard from or you try it again.",
            row.asleep_since.map(|at| format!(" since {}", day(at))).unwrap_or_default()
        )),
        HostState::NotAnswering | HostState::Slow => say(format!(
            "{host} has failed {} in a row{}.",
            if row.failures == 1 { "once".to_owned() } else { format!("{} times", row.failures) },
            row.failing_since.map(|at| format!(", since {}", day(at))).unwrap_or_default()
        )),
        HostState::Well => {}
    }
    if let Some(at) = row.next_try_at.filter(|at| at.utc() > now) {
        say(format!("It is tried again at {}.", day(at)));
    }
    if known.waiting > 0 {
        say(format!(
            "{} waiting for it.",
            if known.waiting == 1 {
                "1 announcement is".to_owned()
            } else {
                format!("{} announcements are", known.waiting)
            }
        ));
    }
    if let Some(error) = &known.last_error {
        say(format!("The last thing that failed to arrive there ended with: {error}."));
    }
}
