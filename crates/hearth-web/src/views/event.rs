//! Meetups: the list, one meetup, the answer to it, the host's list and the form to plan one.
//!
//! Must never show who comes to anyone but hosts, nor the sealed details to anyone who is not coming.

use askama::Template;

use super::thread::EntryState;
use super::{
    FieldErrors, SafeHtml, filters,
    parts::{Choice, EventCard, EventState, GroupLine, Notice, Pager, Person, PersonaOption, Visibility},
    shell::{Link, Shell},
};
use crate::words::When;

/// `/meetups`, and `/g/{name}/meetups` where `group` is given.
#[derive(Debug, Clone, Template)]
#[template(path = "events.html")]
pub struct EventsPage {
    /// The frame.
    pub shell: Shell,
    /// The group whose meetups these are.
    pub group: Option<GroupLine>,
    /// "Times are shown in UK time."
    pub zone_words: String,
    /// Days with their meetups.
    pub days: Vec<EventDay>,
    /// Where a meetup can be planned, if the reader may.
    pub plan_href: Option<String>,
    /// The calendar file of this list.
    pub calendar_href: Option<String>,
    /// Other weeks.
    pub pager: Pager,
}

/// `/s/{id}`: a meetup that comes again.
#[derive(Debug, Clone, Template)]
#[template(path = "series.html")]
pub struct SeriesPage {
    /// The frame.
    pub shell: Shell,
    /// Its address here. The form of a later date posts to it.
    pub href: String,
    /// Its title.
    pub title: String,
    /// The group it belongs to.
    pub group: GroupLine,
    /// How it repeats: "Every Tuesday at 6.30 pm."
    pub again: String,
    /// The calendar file of its dates.
    pub calendar_href: String,
    /// Whether its hosts ended it.
    pub stopped: bool,
    /// Days with their meetups.
    pub days: Vec<EventDay>,
    /// Dates that are not announced yet, for hosts.
    pub later: Vec<LaterDate>,
}

/// A date that is not announced yet.
#[derive(Debug, Clone)]
pub struct LaterDate {
    /// What the form sends: 2026-12-29.
    pub day: String,
    /// "Tuesday 29 December".
    pub words: String,
    /// Whether it is left out.
    pub skipped: bool,
}

/// A day in the list.
#[derive(Debug, Clone)]
pub struct EventDay {
    /// Unique on the page.
    pub id: String,
    /// "Tuesday 24 November".
    pub words: String,
    /// Its meetups.
    pub events: Vec<EventCard>,
}

/// `/e/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "event.html")]
pub struct EventPage {
    /// The frame.
    pub shell: Shell,
    /// Its address here. Forms post below it.
    pub href: String,
    /// Its whole address, to copy and pass on.
    pub link: String,
    /// Its title.
    pub title: String,
    /// The group it belongs to.
    pub group: GroupLine,
    /// When (`When::meeting`).
    pub when: When,
    /// More on the time, such as the reader's own zone. May be empty.
    pub when_more: String,
    /// How it repeats: "Every Tuesday at 6.30 pm". Empty for a meetup that is once.
    pub again: String,
    /// The page of all its dates, where there are others.
    pub series_href: Option<String>,
    /// The area, or "Online", shown to everyone.
    pub place: String,
    /// How one takes part.
    pub setting: Setting,
    /// Access notes. May be empty.
    pub access: String,
    /// What happens, sanitised.
    pub words: SafeHtml,
    /// Who can see it.
    pub visibility: Visibility,
    /// Its state. `Cancelled` and `Past` are said at the top, and take the form away.
    pub state: EventState,
    /// Places as words: "Places left", "Open to all". Never a count.
    pub places: String,
    /// The address and link, for people who are coming.
    pub sealed: Sealed,
    /// The reader's answer.
    pub answer: Answer,
    /// The names one can answer under; empty when signed out.
    pub personas: Vec<PersonaOption>,
    /// Whether a host says yes to each person.
    pub by_approval: bool,
    /// What was typed as `note`.
    pub note: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// Who hosts it.
    pub hosts: Vec<Person>,
    /// For hosts: edit, see who comes, cancel.
    pub host_links: Vec<Link>,
    /// The calendar file.
    pub calendar_href: Option<String>,
    /// What was said about it, oldest first.
    pub talk: Vec<super::thread::Reply>,
    /// Where the reader can say something about it, if they may.
    pub reply_href: Option<String>,
    /// Where it can be followed or shared from another server; `None` where it never leaves this one.
    pub share_href: Option<String>,
}

/// How one takes part in a meetup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// In a room.
    InPerson,
    /// By a link.
    Online,
    /// Either.
    Both,
}

impl Setting {
    /// The icon beside the place.
    #[must_use]
    pub fn icon(self) -> &'static str {
        if self == Self::Online { "video" } else { "pin" }
    }

    /// Whether there is a link to join by, beside a room.
    #[must_use]
    pub fn is_both(self) -> bool {
        self == Self::Both
    }
}

/// The exact address and the online link.
#[derive(Debug, Clone)]
pub enum Sealed {
    /// There is nothing to seal.
    None,
    /// There is, but the reader has not said they come.
    Shut,
    /// The reader comes, or hosts.
    Open {
        /// The exact place. May be empty.
        address: String,
        /// The online link. May be empty.
        link: String,
    },
}

/// The reader's answer to a meetup.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Signed out.
    SignedOut,
    /// Not answered yet, or said no: the form is shown.
    Open,
    /// No place left: said instead of the form.
    Full,
    /// Coming under this name.
    Coming(String),
    /// Maybe, under this name.
    Maybe(String),
    /// Waits for a place, under this name.
    Waiting(String),
    /// The other server takes no answers: this is the meetup's page there.
    NotTaken(String),
    /// Asked the hosts, or the other server of this domain, and waits.
    Asked {
        /// The reader's name.
        name: String,
        /// The other server, if it is on one.
        server: Option<String>,
    },
    /// The hosts or their server said no.
    Refused {
        /// The other server, if it is on one.
        server: Option<String>,
    },
    /// The other server of this domain cannot be reached; Hearth keeps trying.
    Unreachable(String),
}

/// `/e/{id}/people`, for hosts.
#[derive(Debug, Clone, Template)]
#[template(path = "event_people.html")]
pub struct EventPeoplePage {
    /// The frame.
    pub shell: Shell,
    /// The meetup's page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// Those who answered.
    pub people: Vec<Attendee>,
}

/// Someone who answered, for hosts' eyes.
#[derive(Debug, Clone)]
pub struct Attendee {
    /// The id forms send.
    pub id: String,
    /// Who.
    pub person: Person,
    /// "Coming", "Maybe", "Asked to come".
    pub answer: String,
    /// Their note to the hosts. May be empty.
    pub note: String,
    /// Whether a host is to say yes or no.
    pub waits: bool,
}

/// `/g/{name}/meetups/new` and `/e/{id}/edit`.
#[derive(Debug, Clone, Template)]
#[template(path = "event_form.html")]
pub struct EventFormPage {
    /// The frame.
    pub shell: Shell,
    /// The group it is for.
    pub group: GroupLine,
    /// Where the form posts to.
    pub action: String,
    /// Whether the meetup is there already.
    pub editing: bool,
    /// Time zones on offer: IANA names with words.
    pub zones: Vec<Choice>,
    /// How often it can happen (new meetups only).
    pub repetitions: Vec<Choice>,
    /// Which dates a change can be about; empty for a meetup that is once.
    pub scopes: Vec<Choice>,
    /// Who can see it: the values of `see`. One choice is shown as words.
    pub audiences: Vec<Choice>,
    /// The names it can be planned under (new meetups only).
    pub personas: Vec<PersonaOption>,
    /// Something to know first, such as "People who come are told about the change."
    pub notice: Option<Notice>,
    /// What was typed.
    pub values: EventValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// The fields of a meetup, as they were typed.
#[derive(Debug, Clone, Default)]
pub struct EventValues {
    /// `title`
    pub title: String,
    /// `words`: what happens, in Markdown.
    pub words: String,
    /// `date`: 2026-11-24.
    pub date: String,
    /// `starts`: 19:00.
    pub starts: String,
    /// `ends`: 20:30.
    pub ends: String,
    /// `zone`: an IANA name.
    pub zone: String,
    /// `repeats`: empty for once.
    pub repeats: String,
    /// `until`: the last day, or empty.
    pub until: String,
    /// `scope`: which dates a change is about.
    pub scope: String,
    /// `setting`: `in-person`, `online` or `both`.
    pub setting: String,
    /// `area`, shown to everyone.
    pub area: String,
    /// `address`, sealed.
    pub address: String,
    /// `link`, sealed.
    pub link: String,
    /// `access`
    pub access: String,
    /// `places`: a number, or empty for no limit.
    pub places: String,
    /// `see`
    pub see: String,
    /// `asking`: hosts say yes to each person.
    pub asking: bool,
    /// `line`: people can wait once it is full.
    pub line: bool,
    /// `only-here`: only people of this server can answer.
    pub only_here: bool,
    /// `named`: whoever announces it is named on other servers.
    pub named: bool,
    /// `publish-address`: everybody may know the exact address.
    pub address_public: bool,
    /// `link-minutes`: how long before the start the online link is told; empty for at once.
    pub link_minutes: String,
}
