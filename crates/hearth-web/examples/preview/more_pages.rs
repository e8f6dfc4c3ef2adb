//! The pages about meetups, filled with the samples.

use super::{
    pages::{Pages, errors},
    samples::*,
    views::{
        FieldErrors,
        event::*,
        parts::*,
        shell::{Link, Nav, Shell},
    },
};
use askama::Template;

/// The list, one meetup in each of its states, the host's list and the form.
pub fn event_pages(pages: &mut Pages) -> Result<(), askama::Error> {
    lists(pages)?;
    states(pages)?;
    form(pages)
}

fn lists(pages: &mut Pages) -> Result<(), askama::Error> {
    let mut all = events();
    let last = all.split_off(1);
    let page = EventsPage {
        shell: signed_in("Meetups", Nav::Meetups),
        group: None,
        zone_words: text("Times are shown in UK time."),
        days: vec![
            EventDay { id: text("d24"), words: text("Tuesday 24 November"), events: all },
            EventDay { id: text("d26"), words: text("Thursday 26 November"), events: last },
        ],
        plan_href: Some(text("/g/tuesday-lamp/meetups/new")),
        calendar_href: Some(text("/meetups.ics")),
        pager: Pager { label: text("Other weeks"), here: text("24 to 30 November"), ..pager() },
    };
    pages.push(("events", page.render()?));
    let empty = EventsPage {
        shell: signed_out("Meetups", Nav::Meetups),
        group: Some(lamp_line()),
        days: vec![],
        plan_href: None,
        calendar_href: None,
        pager: Pager::default(),
        ..page
    };
    pages.push(("events-empty", empty.render()?));
    let attendee = |name: &str, answer: &str, note: &str, waits| Attendee {
        id: name.to_lowercase(),
        person: person(name, 4),
        answer: text(answer),
        note: text(note),
        waits,
    };
    let mut people = EventPeoplePage {
        shell: signed_in("Who’s coming", Nav::Meetups),
        href: text("/e/evening"),
        title: text("An evening together"),
        people: vec![attendee("Wren", "Coming", "First time", false), attendee("Heron", "Asked to come", "", true)],
    };
    pages.push(("event-people", people.render()?));
    people.people.clear();
    pages.push(("event-people-empty", people.render()?));
    Ok(())
}

fn event_page(shell: Shell, answer: Answer) -> EventPage {
    EventPage {
        shell,
        href: text("/e/evening"),
        link: text("https://hearth.larkwater.example/e/evening"),
        title: text("An evening together"),
        group: lamp_line(),
        when: meeting("2026-11-24T19:00:00Z", "2026-11-24T20:30:00Z"),
        when_more: text("8 to 9.30 pm in your own time zone"),
        again: text("Every Tuesday at 7 pm."),
        series_href: Some(text("/s/evening")),
        place: text("Larkwater, near the market square"),
        setting: Setting::Both,
        access: text("Step-free, hearing loop, low lighting, a quiet room next door"),
        words: html("We start with a round of first names, any name. Around quarter to eight we stop for tea."),
        visibility: Visibility::Public,
        state: EventState::AFewLeft,
        places: text("A few places left"),
        sealed: Sealed::Shut,
        answer,
        personas: personas(),
        by_approval: true,
        note: String::new(),
        errors: FieldErrors::none(),
        hosts: hosts(),
        host_links: vec![],
        calendar_href: Some(text("/e/evening.ics")),
        talk: vec![],
        reply_href: Some(text("/e/evening/reply")),
        share_href: Some(text("/follow?uri=https://hearth.larkwater.example/e/evening")),
    }
}

fn states(pages: &mut Pages) -> Result<(), askama::Error> {
    let shell = || signed_in("An evening together", Nav::Meetups);
    let far = || Some(text("kindred.ambermouth.example"));
    let signed_out = signed_out("An evening together", Nav::Meetups);
    pages.push(("event-signed-out", event_page(signed_out, Answer::SignedOut).render()?));
    for (name, answer) in [
        ("event", Answer::Open),
        ("event-full", Answer::Full),
        ("event-maybe", Answer::Maybe(text("Wren"))),
        ("event-asked", Answer::Asked { name: text("Wren"), server: None }),
        ("event-asked-far", Answer::Asked { name: text("Wren"), server: far() }),
        ("event-refused", Answer::Refused { server: None }),
        ("event-refused-far", Answer::Refused { server: far() }),
        ("event-unreachable", Answer::Unreachable(text("kindred.ambermouth.example"))),
    ] {
        pages.push((name, event_page(shell(), answer).render()?));
    }
    let mut going = event_page(shell(), Answer::Coming(text("Wren")));
    going.state = EventState::Coming;
    going.sealed = Sealed::Open {
        address: text("Warm Room, Larkwater Library Annexe, 4 Weavers’ Yard.\nBlue door, ring the lower bell."),
        link: text("https://room.example/lamp"),
    };
    going.host_links = vec![Link { href: text("/e/evening/people"), words: text("See who’s coming") }];
    pages.push(("event-going", going.render()?));
    let mut wrong = event_page(with_errors(shell()), Answer::Open);
    wrong.errors = errors(&[("note", "Keep the note under 300 letters")]);
    wrong.group = owls_line();
    pages.push(("event-errors", wrong.render()?));
    for (name, state) in [("event-cancelled", EventState::Cancelled), ("event-past", EventState::Past)] {
        let page =
            EventPage { state, sealed: Sealed::None, setting: Setting::Online, ..event_page(shell(), Answer::Open) };
        pages.push((name, page.render()?));
    }
    Ok(())
}

fn form(pages: &mut Pages) -> Result<(), askama::Error> {
    let page = EventFormPage {
        shell: signed_in("New meetup", Nav::Meetups),
        group: lamp_line(),
        action: text("/g/tuesday-lamp/meetups/new"),
        editing: false,
        zones: vec![choice("Europe/London", "UK time", ""), choice("Europe/Lisbon", "Lisbon time", "")],
        audiences: audiences(),
        personas: personas(),
        notice: None,
        repetitions: vec![choice("", "Once", ""), choice("weekly", "Every week", "")],
        scopes: Vec::new(),
        values: EventValues {
            title: text("An evening together"),
            date: text("2026-11-24"),
            starts: text("19:00"),
            ends: text("18:30"),
            zone: text("Europe/London"),
            setting: text("both"),
            area: text("Larkwater, near the market square"),
            address: text("Warm Room, Larkwater Library Annexe, 4 Weavers’ Yard."),
            places: text("14"),
            see: text("public"),
            ..EventValues::default()
        },
        errors: FieldErrors::none(),
    };
    pages.push(("event-new", page.render()?));
    let wrong =
        errors(&[("ends", "Choose an end time after 7 pm"), ("link", "Add a link, or choose “In person” above")]);
    let page = EventFormPage { shell: with_errors(page.shell), errors: wrong, ..page };
    pages.push(("event-new-errors", page.render()?));
    let notice = Notice { tone: Tone::Plain, lead: text("People who are coming see the change."), more: String::new() };
    let edit = EventFormPage {
        editing: true,
        scopes: vec![
            choice("this", "This date only", ""),
            choice("later", "This and all later dates", "They can move to another day together."),
            choice("all", "All dates still to come", "What is special about one of them stays."),
        ],
        notice: Some(notice),
        audiences: audiences().into_iter().take(1).collect(),
        shell: signed_in("Change this meetup", Nav::Meetups),
        errors: FieldErrors::none(),
        ..page
    };
    pages.push(("event-edit", edit.render()?));
    Ok(())
}
