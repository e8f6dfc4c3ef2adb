//! Planning a meetup, and changing one.

use super::{cards, event, post::audiences};
use crate::{
    answer::Answer,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, draft, submit},
    viewer::{Shown, Visit},
    views::{
        event::{EventFormPage, EventValues},
        parts::{Choice, Notice, Tone},
        shell::Nav,
    },
    words::zone_words,
};
use hearth_actions::event::{self as meetup, EventForm};
use hearth_db::tables::{
    actors::Actor,
    event_series,
    event_terms::{self, EventTerms},
    events::Event,
    groups::Group,
};
use hearth_domain::{
    event::{JoinMode, PlaceKind},
    id::EventId,
    permission,
    series::{Repeats, Scope},
};

/// The fields of the action, and what the page calls them.
const NAMES: [(&str, &str); 9] = [
    ("text", "words"),
    ("start", "starts"),
    ("end", "ends"),
    ("place_kind", "setting"),
    ("capacity", "places"),
    ("visibility", "see"),
    ("persona", "as"),
    ("link_minutes", "link-minutes"),
    ("join_mode", "asking"),
];

/// The fields in the order of the page.
const ORDER: [&str; 19] = [
    "title",
    "words",
    "date",
    "starts",
    "ends",
    "zone",
    "repeats",
    "until",
    "setting",
    "area",
    "address",
    "link",
    "link-minutes",
    "access",
    "see",
    "places",
    "asking",
    "as",
    "scope",
];

/// Zones on offer; a meetup elsewhere in the world keeps its own.
const ZONES: [&str; 30] = [
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Brussels",
    "Europe/Amsterdam",
    "Europe/Berlin",
    "Europe/Zurich",
    "Europe/Rome",
    "Europe/Vienna",
    "Europe/Prague",
    "Europe/Warsaw",
    "Europe/Copenhagen",
    "Europe/Stockholm",
    "Europe/Oslo",
    "Europe/Helsinki",
    "Europe/Athens",
    "Europe/Istanbul",
    "Europe/Kyiv",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Johannesburg",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
    "UTC",
];

/// The zones as choices, with `chosen` among them.
pub(crate) fn zones(chosen: &str) -> Vec<Choice> {
    let known = chosen.parse::<chrono_tz::Tz>().is_ok() && !ZONES.contains(&chosen);
    let extra = known.then_some(chosen);
    let choice = |name: &str| {
        let words = name.parse().map_or_else(|_| name.to_owned(), zone_words);
        Choice { value: name.to_owned(), words, hint: String::new() }
    };
    extra.into_iter().chain(ZONES).map(choice).collect()
}

/// Which dates a change can be about.
fn scopes() -> Vec<Choice> {
    let words = |scope: Scope| match scope {
        Scope::This => ("This date only", ""),
        Scope::Later => ("This and all later dates", "They can move to another day together."),
        Scope::All => ("All dates still to come", "What is special about one of them stays."),
    };
    let choice = |scope: &Scope| {
        let (words, hint) = words(*scope);
        Choice { value: scope.as_str().to_owned(), words: words.to_owned(), hint: hint.to_owned() }
    };
    Scope::ALL.iter().map(choice).collect()
}

/// How often a meetup can happen; the first date says on which day.
fn repetitions() -> Vec<Choice> {
    let words = |repeats: Repeats| match repeats {
        Repeats::Weekly => "Every week",
        Repeats::Fortnightly => "Every two weeks",
        Repeats::MonthlyWeekday => "Every month, on the same weekday (the second Tuesday, say)",
        Repeats::MonthlyLast => "Every month, on the last such weekday",
        Repeats::MonthlyDay => "Every month, on the same day (the 5th, say)",
    };
    let choice =
        |value: &str, words: &str| Choice { value: value.to_owned(), words: words.to_owned(), hint: String::new() };
    let all = Repeats::ALL.iter().map(|repeats| choice(repeats.as_str(), words(*repeats)));
    std::iter::once(choice("", "Once")).chain(all).collect()
}

pub(crate) async fn new(visit: Visit) -> Answer {
    visit.show(|visit| new_form(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_new(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, New { name }).await
}

pub(crate) async fn edit(visit: Visit) -> Answer {
    visit.show(|visit| edit_form(visit, visit.part("id"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_edit(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Edit { id }).await
}

/// The form of a new meetup.
pub(crate) fn new_form(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    let (actor, row) = visit.read(|c| cards::find_group(visit, c, name))?;
    if !actor.local {
        return Err(crate::error::nothing());
    }
    permission::may_host(visit.reader.standing(actor.id))?;
    let start = EventValues {
        zone: visit.zone().name().to_owned(),
        setting: "in-person".to_owned(),
        see: audiences(visit, &actor, &row).first().map(|choice| choice.value.clone()).unwrap_or_default(),
        ..EventValues::default()
    };
    let action = format!("{}/meetups/new", cards::group_href(&actor));
    form_page(visit, (&actor, &row), None, action, &start, sent, flaws)
}

/// The form of a meetup that is there already.
pub(crate) fn edit_form(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let id: EventId = id.parse()?;
    let (event, actor, row) = event::hosted(visit, id)?;
    let start = values_of(&event, &visit.read(|c| Ok(event_terms::get(c, id)?))?);
    form_page(visit, (&actor, &row), Some(&event), format!("/e/{id}/edit"), &start, sent, flaws)
}

fn values_of(event: &Event, terms: &EventTerms) -> EventValues {
    let split =
        |civil: &str| civil.split_once('T').map(|(date, time)| (date.to_owned(), time.to_owned())).unwrap_or_default();
    let (date, starts) = split(&event.civil_start);
    let (_, ends) = split(&event.civil_end);
    EventValues {
        title: event.title.clone(),
        words: event.source.clone(),
        date,
        starts,
        ends,
        zone: event.zone.clone(),
        repeats: String::new(),
        until: String::new(),
        scope: Scope::This.as_str().to_owned(),
        setting: setting_word(event.place_kind).to_owned(),
        area: event.area.clone(),
        address: event.address.clone(),
        link: event.link.clone(),
        access: event.access.clone(),
        places: event.capacity.map(|places| places.to_string()).unwrap_or_default(),
        see: event.visibility.as_str().to_owned(),
        asking: event.join_mode == JoinMode::Restricted,
        line: terms.waiting_list,
        only_here: terms.only_here,
        named: terms.named,
        address_public: terms.address_public,
        link_minutes: terms.link_lead.map(|minutes| minutes.to_string()).unwrap_or_default(),
    }
}

const fn setting_word(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::InPerson => "in-person",
        PlaceKind::Online => "online",
        PlaceKind::Both => "both",
    }
}

fn form_page(
    visit: &Visit,
    (actor, row): (&Actor, &Group),
    event: Option<&Event>,
    action: String,
    start: &EventValues,
    sent: &Sent,
    flaws: Flaws,
) -> Shown {
    let flaws = flaws.named(&NAMES);
    let zone = sent.or("zone", &start.zone);
    let audiences = match event {
        None => audiences(visit, actor, row),
        Some(event) => {
            let shown = cards::visibility(row, event.visibility);
            let (words, hint) = (shown.short().to_owned(), shown.more().to_owned());
            vec![Choice { value: event.visibility.as_str().to_owned(), words, hint }]
        }
    };
    let editing = Notice {
        tone: Tone::Plain,
        lead: "People who are coming see the change on the meetup’s page.".to_owned(),
        more: String::new(),
    };
    let personas = visit.read(|c| cards::personas(visit, c, Some(actor.id), sent.get("as")))?;
    let repeats = match event {
        Some(event) => visit.read(|c| Ok(event_series::of_event(c, event.id)?))?.is_some(),
        None => false,
    };
    // A box that was not ticked is not sent: what was sent counts as a whole.
    let ticked = |name: &str, before: bool| if sent.get("zone").is_empty() { before } else { sent.get(name) == "yes" };
    visit.page(&EventFormPage {
        shell: visit.shell_again("Meetup", Nav::Meetups, flaws.any(), flaws.notice.clone()),
        group: cards::group_line(actor),
        action,
        editing: event.is_some(),
        zones: zones(&zone),
        repetitions: repetitions(),
        scopes: if repeats { scopes() } else { Vec::new() },
        audiences,
        personas,
        notice: event.map(|_| editing),
        values: EventValues {
            title: sent.or("title", &start.title),
            words: sent.or("words", &start.words),
            date: sent.or("date", &start.date),
            starts: sent.or("starts", &start.starts),
            ends: sent.or("ends", &start.ends),
            zone,
            repeats: sent.text("repeats"),
            until: sent.text("until"),
            scope: sent.or("scope", &start.scope),
            setting: sent.or("setting", &start.setting),
            area: sent.or("area", &start.area),
            address: sent.or("address", &start.address),
            link: sent.or("link", &start.link),
            access: sent.or("access", &start.access),
            places: sent.or("places", &start.places),
            see: sent.or("see", &start.see),
            asking: ticked("asking", start.asking),
            line: ticked("line", start.line),
            only_here: ticked("only-here", start.only_here),
            named: ticked("named", start.named),
            address_public: ticked("publish-address", start.address_public),
            link_minutes: sent.or("link-minutes", &start.link_minutes),
        },
        errors: flaws.errors.in_order(&ORDER),
    })
}

fn typed(sent: &Sent, nonce: FormNonce) -> EventForm {
    let words = ["title", "words", "date", "starts", "ends", "area", "as"].map(|name| sent.get(name));
    EventForm {
        title: sent.text("title"),
        text: sent.text("words"),
        date: sent.text("date"),
        start: sent.text("starts"),
        end: sent.text("ends"),
        zone: sent.text("zone"),
        repeats: sent.text("repeats"),
        until: sent.text("until"),
        scope: sent.text("scope"),
        place_kind: sent.get("setting").replace('-', "_"),
        area: sent.text("area"),
        address: sent.text("address"),
        link: sent.text("link"),
        access: sent.text("access"),
        capacity: sent.text("places"),
        visibility: sent.text("see"),
        join_mode: if sent.get("asking") == "yes" { "restricted" } else { "free" }.to_owned(),
        waiting_list: sent.text("line"),
        only_here: sent.text("only-here"),
        named: sent.text("named"),
        address_public: sent.text("publish-address"),
        link_minutes: sent.text("link-minutes"),
        persona: sent.text("as"),
        draft: EventId::try_from(draft(nonce, &words)).map(|id| id.to_string()).unwrap_or_default(),
    }
}

struct New {
    name: String,
}

impl Form for New {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        new_form(visit, &self.name, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let made = meetup::announce(&visit.state.app, visit.account()?, actor.id, &typed(sent, nonce))?;
        Ok(Answer::see(&format!("/e/{}?said=announced", made.id)))
    }
}

struct Edit {
    id: String,
}

impl Form for Edit {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        edit_form(visit, &self.id, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let done = meetup::edit(&visit.state.app, visit.account()?, self.id.parse()?, &typed(sent, nonce))?;
        Ok(Answer::see(&format!("/e/{}?said=saved", done.id)))
    }
}
