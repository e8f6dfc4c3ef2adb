//! The parts that pages share: people, doors, cards, labels, notices, helplines, pages of a list.
//!
//! Must never hold a number of people, only bands; counts of replies are the one exception.

use askama::{Template, filters::HtmlSafe};

use super::{SafeHtml, filters};
use crate::words::When;

/// A group's door: an emblem or a letter in one of eight colours.
#[derive(Debug, Clone, Default)]
pub struct Door {
    /// The name of an emblem, or the group's name (its first letter is shown).
    pub emblem: String,
    /// 1 to 8.
    pub hue: u8,
}

/// Someone who wrote, or who hosts.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// The pebble's colour, 1 to 8.
    pub hue: u8,
    /// Their page, if it can be looked at.
    pub href: Option<String>,
    /// Whether they carry the "Host" label here.
    pub host: bool,
    /// Whether it is the reader.
    pub you: bool,
    /// The domain of their server, if it is not this one.
    pub from: Option<String>,
}

/// Who can see something, always said in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone, and it goes to other servers.
    Public,
    /// Anyone, but it never leaves this server.
    PublicHere,
    /// Members of the group on this server.
    Members,
    /// Members of the group, here and on partner servers.
    MembersPartners,
    /// Members of the group, here and wherever they live.
    MembersElsewhere,
}

impl Visibility {
    /// The words for lists.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Public | Self::PublicHere => "Public",
            Self::Members | Self::MembersPartners | Self::MembersElsewhere => "Members only",
        }
    }

    /// The whole sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Public => "Public. Shared with other community servers",
            Self::PublicHere => "Anyone can read. Stays on this server",
            Self::Members => "Members only. Stays in this group",
            Self::MembersPartners => "Members only, here and on partner servers",
            Self::MembersElsewhere => "Members only, here and on their own servers",
        }
    }

    /// What [`Self::words`] says beyond [`Self::short`], for choices that show the two together.
    #[must_use]
    pub fn more(self) -> &'static str {
        match self {
            Self::Public => "Shared with other community servers",
            Self::PublicHere => "Anyone can read. Stays on this server",
            Self::Members => "Stays in this group",
            Self::MembersPartners => "Here and on partner servers",
            Self::MembersElsewhere => "Here and on their own servers",
        }
    }

    /// The icon beside the words.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::Public => "open",
            Self::PublicHere => "home",
            Self::Members | Self::MembersPartners | Self::MembersElsewhere => "lock",
        }
    }
}

/// A notice: an icon, a bold first sentence, then what to do.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its colour and icon.
    pub tone: Tone,
    /// What happened: "Your reply is posted."
    pub lead: String,
    /// What comes next; may be empty.
    pub more: String,
}

/// The colour and icon of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// Worth knowing.
    Plain,
    /// About another server.
    Far,
    /// Take care, or wait.
    Warm,
    /// It did not work.
    Bad,
}

impl Tone {
    /// The class in the stylesheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "note good",
            Self::Plain => "note",
            Self::Far => "note far",
            Self::Warm => "note warm",
            Self::Bad => "note bad",
        }
    }

    /// The icon.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Plain => "info",
            Self::Far => "sign",
            Self::Warm | Self::Bad => "warn",
        }
    }
}

/// A helpline the keeper entered.
#[derive(Debug, Clone)]
pub struct Helpline {
    /// Its name.
    pub name: String,
    /// What it is, what it costs, when it is open.
    pub words: String,
    /// What the big link says: "0808 157 0123", "Text HELLO to 57570".
    pub label: String,
    /// What the big link does: a `tel:`, `sms:` or `https:` address.
    pub href: String,
    /// For whom it is, such as "Scotland"; empty: everybody.
    pub region: String,
}

impl Helpline {
    /// The icon that fits the kind of address.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        if self.href.starts_with("sms:") {
            "chat"
        } else if self.href.starts_with("tel:") {
            "phone"
        } else {
            "link"
        }
    }
}

/// The short helpline panel that stands beside conversations.
#[derive(Debug, Clone, Template)]
#[template(path = "part/helpbox.html")]
pub struct HelpBox {
    /// The first of the keeper's lines; `None` shows only the link to the help page.
    pub line: Option<Helpline>,
}

/// A meetup in a list.
#[derive(Debug, Clone, Template)]
#[template(path = "part/event_card.html")]
pub struct EventCard {
    /// Its page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// The leaf, and the hours as words (`When::hours`).
    pub when: When,
    /// The area, or "Online": never the exact address.
    pub place: String,
    /// Whether it is online only.
    pub online: bool,
    /// The group's door and name; `None` on the group's own page.
    pub group: Option<GroupLine>,
    /// One word on its state.
    pub state: EventState,
    /// Whether it stands alone as a card, or inside one.
    pub card: bool,
}

/// The one label of a meetup in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventState {
    /// No limit of places.
    OpenToAll,
    /// More than a few places left.
    PlacesLeft,
    /// Few places left.
    AFewLeft,
    /// No place left.
    Full,
    /// The reader said they come.
    Coming,
    /// The reader asked a remote host, who has not answered yet.
    Asked,
    /// It does not take place.
    Cancelled,
    /// It is over.
    Past,
}

impl EventState {
    /// The label's words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::OpenToAll => "Open to all",
            Self::PlacesLeft => "Places left",
            Self::AFewLeft => "A few places left",
            Self::Full => "Full",
            Self::Coming => "You’re coming",
            Self::Asked => "Waiting for an answer",
            Self::Cancelled => "Cancelled",
            Self::Past => "This one has been",
        }
    }

    /// The label's class.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::OpenToAll | Self::PlacesLeft | Self::Coming => "tag good",
            Self::AFewLeft | Self::Full | Self::Asked => "tag wait",
            Self::Cancelled => "tag bad",
            Self::Past => "tag",
        }
    }
}

/// A group named in a line, with its small door.
#[derive(Debug, Clone)]
pub struct GroupLine {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its door.
    pub door: Door,
    /// The domain of its server, if it is not this one.
    pub from: Option<String>,
}

/// A group in a list of cards.
#[derive(Debug, Clone, Template)]
#[template(path = "part/group_card.html")]
pub struct GroupCard {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its door.
    pub door: Door,
    /// One line on what it is.
    pub line: String,
    /// Rhythm and rough size: "Every Tuesday · about 40 people".
    pub meta: String,
    /// The domain of its server, if it is not this one.
    pub from: Option<String>,
}

/// A topic that leads to the conversations about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicLink {
    /// Where they are.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Whether this page shows them.
    pub here: bool,
}

/// A conversation in a list.
#[derive(Debug, Clone, Template)]
#[template(path = "part/post_card.html")]
pub struct PostCard {
    /// Unique on the page, for the heading's id.
    pub id: String,
    /// The conversation.
    pub href: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub when: When,
    /// The group's name, in the feed; `None` on the group's own page.
    pub in_group: Option<String>,
    /// What to know before opening it.
    pub content_note: Option<String>,
    /// Whether the reader wants content notes open.
    pub notes_open: bool,
    /// The first lines, sanitised.
    pub body: SafeHtml,
    /// Its topics.
    pub topics: Vec<String>,
    /// Who can see it.
    pub visibility: Visibility,
    /// How many replies it has.
    pub replies: u64,
}

impl PostCard {
    /// "1 reply", "9 replies", "No replies yet".
    #[must_use]
    pub fn replies_words(&self) -> String {
        match self.replies {
            0 => "No replies yet".to_owned(),
            count => crate::words::count_words(count, "reply", "replies"),
        }
    }
}

impl HtmlSafe for HelpBox {}
impl HtmlSafe for EventCard {}
impl HtmlSafe for GroupCard {}
impl HtmlSafe for PostCard {}

/// One of the reader's names, where a form asks which to use.
#[derive(Debug, Clone)]
pub struct PersonaOption {
    /// The value that is sent.
    pub id: String,
    /// The name.
    pub name: String,
    /// The pebble's colour, 1 to 8.
    pub hue: u8,
    /// Where it is known: "The name you use in Tuesday Lamp". May be empty.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// Where the reader is in a long list.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// What the pages are of: "Pages of conversations".
    pub label: String,
    /// Where the reader is: "Page 2 of 6", "24 to 30 November". May be empty.
    pub here: String,
    /// The page before, with its words.
    pub newer: Option<super::shell::Link>,
    /// The page after, with its words.
    pub older: Option<super::shell::Link>,
}

/// A choice in a list: an option of a select, or a radio button with a hint.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The value that is sent.
    pub value: String,
    /// What it says.
    pub words: String,
    /// More about it; may be empty.
    pub hint: String,
}

/// Asks "are you sure" on a page of its own: deleting, cancelling, leaving, retiring a name.
#[derive(Debug, Clone, Template)]
#[template(path = "confirm.html")]
pub struct ConfirmPage {
    /// The frame.
    pub shell: super::shell::Shell,
    /// The question: "Delete this post?"
    pub question: String,
    /// What will happen, and what cannot be taken back.
    pub words: String,
    /// Where the form posts to.
    pub action: String,
    /// What the button says.
    pub button: String,
    /// Where "No, go back" leads.
    pub back: String,
}

/// Something slow: the page says what is going on, asks again by itself (`shell.refresh_seconds`), and can be left.
#[derive(Debug, Clone, Template)]
#[template(path = "waiting.html")]
pub struct WaitingPage {
    /// The frame.
    pub shell: super::shell::Shell,
    /// The domain of the server that is being asked; the heading then says so.
    pub server: Option<String>,
    /// The heading where no server is asked.
    pub lead: String,
    /// What happens next.
    pub more: String,
    /// Where to look by hand.
    pub again: String,
    /// Whether it has stopped asking by itself.
    pub stopped: bool,
}

/// A page of words: who runs this, what is kept, guidelines.
#[derive(Debug, Clone, Template)]
#[template(path = "words.html")]
pub struct WordsPage {
    /// The frame; its title is the heading.
    pub shell: super::shell::Shell,
    /// The words, sanitised.
    pub body: SafeHtml,
}
