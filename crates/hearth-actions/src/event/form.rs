//! What a host types about a meetup, and how it is read.

use crate::Form;
use hearth_domain::{
    audience::Visibility,
    event::{self, CivilTime, EventDraft, JoinMode, PlaceKind, TimeProblem},
    text,
};

/// What a host types about a meetup.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct EventForm {
    /// Title.
    pub title: String,
    /// What happens, Markdown.
    pub text: String,
    /// Date: `2026-03-10`.
    pub date: String,
    /// Start: `18:30`.
    pub start: String,
    /// End: `20:00`; before the start it means the next day.
    pub end: String,
    /// IANA zone.
    pub zone: String,
    /// How often it happens: `weekly`, `fortnightly`, `monthly_weekday`, `monthly_last` or `monthly_day`; empty for once.
    /// For new meetups only.
    pub repeats: String,
    /// The last day on which there may be one: `2026-12-31`; empty for no end.
    pub until: String,
    /// `this`, `later` or `all`: which dates of a series a change is about; `this` if left empty. For changes only.
    pub scope: String,
    /// `in_person`, `online` or `both`.
    pub place_kind: String,
    /// The area everybody may know.
    pub area: String,
    /// The exact address, for those who are coming.
    pub address: String,
    /// The online room, for those who are coming.
    pub link: String,
    /// Access notes.
    pub access: String,
    /// Places.
    pub capacity: String,
    /// `public` or `members`.
    pub visibility: String,
    /// `free` or `restricted`: the hosts say yes to each person. `free` if left empty.
    pub join_mode: String,
    /// `yes` if people can wait for a place once it is full.
    pub waiting_list: String,
    /// `yes` if only people of this server can answer.
    pub only_here: String,
    /// `yes` if who announces it agrees to be named as its organiser.
    pub named: String,
    /// `yes` if everybody may know the exact address.
    pub address_public: String,
    /// How many minutes before the start the room link is told; empty for at once.
    pub link_minutes: String,
    /// The persona that announces it.
    pub persona: String,
    /// Made with the form: the same form sent twice announces once.
    pub draft: String,
}

pub(super) fn read_draft(form: &mut Form, typed: &EventForm) -> Option<EventDraft> {
    let title =
        form.take("title", hearth_domain::post::title(&typed.title), |p| crate::form::length_sentence("A title", p));
    let source = form.paragraphs("text", "What happens", &typed.text, 0, text::BODY_MAX);
    let times = read_times(form, typed);
    let place_kind = form.word("place_kind", "where it happens", &typed.place_kind);
    let area = form.line("area", "The area", &typed.area, 0, 120);
    let address = form.line("address", "The address", &typed.address, 0, 300);
    let link = form.line("link", "The link", &typed.link, 0, 500);
    if !link.is_empty() && !url::Url::parse(&link).is_ok_and(|url| url.scheme() == "https") {
        form.problem("link", "Type the link as it stands in the invitation. It begins with https://.");
    }
    if matches!(place_kind, Some(PlaceKind::InPerson | PlaceKind::Both)) && area.is_empty() {
        form.problem(
            "area",
            "Name the area, so that people know whether they can get there. The address stays with those who come.",
        );
    }
    let access = form.paragraphs("access", "The access notes", &typed.access, 0, 1_000);
    let capacity = form.take("capacity", event::capacity(&typed.capacity), |_| {
        "Type a number of places from 1 to 10,000, or leave it empty.".to_owned()
    });
    let visibility = if typed.visibility.is_empty() {
        Some(Visibility::Public)
    } else {
        form.word("visibility", "who can see this", &typed.visibility)
    };
    let join_mode = read_join_mode(form, &typed.join_mode);
    let link_lead = form.take("link_minutes", event::link_lead(&typed.link_minutes), |_| {
        "Type how many minutes before the start people see the link, at most 10,080, or leave it empty.".to_owned()
    });
    let (start, end) = times?;
    Some(EventDraft {
        title,
        source,
        start,
        end,
        place_kind: place_kind?,
        area,
        address,
        link,
        access,
        capacity,
        visibility: visibility?,
        join_mode,
        waiting_list: yes(&typed.waiting_list),
        only_here: yes(&typed.only_here),
        named: yes(&typed.named),
        address_public: yes(&typed.address_public),
        link_lead,
    })
}

/// A box that was ticked.
fn yes(typed: &str) -> bool {
    typed.trim() == "yes"
}

fn read_join_mode(form: &mut Form, typed: &str) -> JoinMode {
    let read = match typed.trim() {
        "" => Ok(JoinMode::Free),
        typed => typed.parse().map_err(|_| ()),
    };
    let read = read.and_then(|mode| if mode == JoinMode::External { Err(()) } else { Ok(mode) });
    let sentence = || "Choose whether everybody can come or the hosts say yes to each person.".to_owned();
    form.keep("join_mode", read, |()| sentence()).unwrap_or(JoinMode::Free)
}

fn read_times(form: &mut Form, typed: &EventForm) -> Option<(CivilTime, CivilTime)> {
    let zone = form.keep("zone", event::zone(&typed.zone), |_| {
        "Choose a time zone from the list, for example Europe/London.".to_owned()
    })?;
    let date = chrono::NaiveDate::parse_from_str(typed.date.trim(), "%Y-%m-%d");
    let date = form.keep("date", date, |_| "Choose a date, for example 2026-11-24.".to_owned());
    let time = |form: &mut Form, field, typed: &str| {
        let read = ["%H:%M", "%H:%M:%S"]
            .iter()
            .find_map(|format| chrono::NaiveTime::parse_from_str(typed.trim(), format).ok());
        form.keep(field, read.ok_or(()), |()| "Choose a time, for example 18:30.".to_owned())
    };
    let start = time(form, "start", &typed.start);
    let end = time(form, "end", &typed.end);
    let (date, start, end) = (date?, start?, end?);
    let end_date = if end < start { date.succ_opt()? } else { date };
    let start = form.keep("start", CivilTime::new(date.and_time(start), zone), |p| time_sentence("start", p))?;
    let end = form.keep("end", CivilTime::new(end_date.and_time(end), zone), |p| time_sentence("end", p))?;
    form.keep("end", event::check_span(start.instant, end.instant), |p| time_sentence("end", p))?;
    Some((start, end))
}

fn time_sentence(which: &str, problem: TimeProblem) -> String {
    match problem {
        TimeProblem::Skipped => "The clocks go forward over this time that night. Choose another time.".to_owned(),
        TimeProblem::EndBeforeStart => "Choose an end time after the start.".to_owned(),
        TimeProblem::TooLong => "A meetup can last 31 days at most.".to_owned(),
        TimeProblem::OutOfRange => "Choose a date between 2000 and 2100.".to_owned(),
        TimeProblem::Unreadable | TimeProblem::UnknownZone => format!("The {which} can't be read. Choose it again."),
    }
}
