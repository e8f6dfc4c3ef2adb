//! Finding a group, knowing it, joining or following it, and making one.
//!
//! Must never show a count of members: `size` is a band.

use askama::Template;

use super::{
    FieldErrors, SafeHtml,
    check_ins::OpenCheckIn,
    filters,
    parts::{Choice, Door, EventCard, GroupCard, Pager, Person, PersonaOption, PostCard, TopicLink},
    shell::Shell,
};

/// `/groups`: groups here, neighbours' groups, and one box that takes words, handles and links.
#[derive(Debug, Clone, Template)]
#[template(path = "groups.html")]
pub struct GroupsPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed.
    pub query: String,
    /// What came of it.
    pub found: Found,
    /// Groups here (those that match, after a search by words).
    pub here: Vec<GroupCard>,
    /// Groups of neighbours.
    pub neighbours: Vec<GroupCard>,
    /// Whether the reader may make a group.
    pub can_create: bool,
}

/// What a search on `/groups` came to.
#[derive(Debug, Clone)]
pub enum Found {
    /// Nothing was asked.
    NotAsked,
    /// The lists show what matches the words.
    Lists,
    /// One group, here or elsewhere.
    Group(Box<GroupPreview>),
    /// No group like that.
    Nothing,
    /// Their server could not be reached; its domain.
    Unreachable(String),
    /// Their server said no; its domain.
    Refused(String),
}

/// A group from another server, before following it.
#[derive(Debug, Clone)]
pub struct GroupPreview {
    /// The value of the hidden field `uri`: the group's id on the network.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// Its door.
    pub door: Door,
    /// The domain of its server; `None` if it is here.
    pub from: Option<String>,
    /// What it says about itself, sanitised.
    pub words: SafeHtml,
    /// Facts as an icon's name and a sentence.
    pub facts: Vec<(&'static str, String)>,
    /// Where it is on its own server.
    pub their_page: String,
    /// Its page here, once it is followed or if it is ours.
    pub here: Option<String>,
    /// What the follow would send: "wren@hearth.larkwater.example".
    pub shares: String,
    /// The names it can be followed as; empty when signed out.
    pub personas: Vec<PersonaOption>,
    /// Whether one of the reader's names already follows it, or asked to.
    pub following: Following,
}

/// Whether the reader follows a group on another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// Not yet.
    No,
    /// Asked; their server has not answered.
    Asked,
    /// Yes.
    Yes,
    /// Their server said no.
    Refused,
}

/// `/g/{name}`.
#[derive(Debug, Clone, Template)]
#[template(path = "group.html")]
pub struct GroupPage {
    /// The frame.
    pub shell: Shell,
    /// Its address here: `/g/tuesday-lamp`. Forms post below it.
    pub href: String,
    /// Whether the reader can have a quiet word with those who look after it, and read its library.
    pub quiet: bool,
    /// Its name.
    pub name: String,
    /// Its door.
    pub door: Door,
    /// Its address on the network: `@tuesday-lamp@hearth.larkwater.example`; `None` if it never leaves this server.
    pub handle: Option<String>,
    /// The domain of its server, if it is not this one.
    pub from: Option<String>,
    /// Where it is on its own server, if it is not this one.
    pub their_page: Option<String>,
    /// What it says about itself, sanitised.
    pub words: SafeHtml,
    /// When it usually meets. May be empty.
    pub rhythm: String,
    /// How people treat each other here, sanitised; `None` where nothing is written down.
    pub guidelines: Option<SafeHtml>,
    /// Where its words can be changed, for who looks after it.
    pub edit_href: Option<String>,
    /// Who offers the group to the reader, where somebody does.
    pub offered_by: Option<String>,
    /// What members should know: that it is archived, or that a keeper reads it.
    pub remarks: Vec<String>,
    /// Where it is looked after, for who does.
    pub care_href: Option<String>,
    /// Where people wait to be let in, for who looks after it.
    pub waiting_href: Option<String>,
    /// The four settings as one sentence: "Anyone can read. Anyone can join."
    pub settings: String,
    /// Rough size: "About 40 people".
    pub size: String,
    /// What the reader is to the group.
    pub standing: Standing,
    /// Whether a page comes before joining: with what members agree to, or questions.
    pub asks: bool,
    /// Whether there is something that members agree to.
    pub has_agreement: bool,
    /// Whether it changed, and the reader is still to agree.
    pub agreement_due: bool,
    /// Whether a group of another server, which can be followed, can be joined too.
    pub can_ask: bool,
    /// The names it can be joined or followed as; empty when signed out.
    pub personas: Vec<PersonaOption>,
    /// Whether someone elsewhere can follow it.
    pub can_be_followed: bool,
    /// Whether the reader may write a post.
    pub can_post: bool,
    /// Whether the reader may plan a meetup.
    pub can_plan: bool,
    /// Whether there are conversations that this reader does not see.
    pub more_for_members: bool,
    /// The next meetups.
    pub next: Vec<EventCard>,
    /// The topics of its conversations that the reader can find.
    pub topics: Vec<TopicLink>,
    /// The check-in that opened last.
    pub check_in: Option<OpenCheckIn>,
    /// Conversations that stand first.
    pub pinned: Vec<PostCard>,
    /// Conversations.
    pub posts: Vec<PostCard>,
    /// Pages of conversations.
    pub pager: Pager,
    /// Who looks after it.
    pub hosts: Vec<Person>,
    /// What was typed into the join form.
    pub values: JoinValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// What the reader is to a group, and so which form the page offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Signed out.
    Visitor,
    /// May join at once (open) or ask to (`Approval`).
    Outside(WayIn),
    /// Asked to join under this name; a facilitator has not answered.
    Asked(String),
    /// A member under this name.
    Member(String),
    /// Follows a group of another server under this name.
    Follows(String),
    /// Asked to follow a group of another server under this name; it has not answered.
    FollowAsked(String),
}

/// How a group lets people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayIn {
    /// At once.
    Open,
    /// A facilitator lets people in.
    Approval,
    /// Only with an invitation.
    Invitation,
    /// It is on another server: one follows it.
    Remote,
}

/// The join form.
#[derive(Debug, Clone, Default)]
pub struct JoinValues {
    /// A line to the hosts.
    pub hello: String,
}

/// `/groups/new` and `/g/{name}/edit`.
#[derive(Debug, Clone, Template)]
#[template(path = "group_new.html")]
pub struct NewGroupPage {
    /// The frame.
    pub shell: Shell,
    /// This server's domain, shown behind the address.
    pub domain: String,
    /// Where the form posts to.
    pub action: String,
    /// Where "Not now" leads.
    pub back: String,
    /// Whether the group is there already: its address, kind and first host are settled then.
    pub editing: bool,
    /// The kinds of group on offer, each with its settings sentence as hint.
    pub kinds: Vec<Choice>,
    /// The four settings, for who chooses each.
    pub settings: Vec<SettingChoice>,
    /// Who can be its first host.
    pub personas: Vec<PersonaOption>,
    /// What was typed.
    pub values: NewGroupValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// One of the four settings in the form of a group.
#[derive(Debug, Clone)]
pub struct SettingChoice {
    /// The field.
    pub name: String,
    /// What is asked.
    pub legend: String,
    /// What is chosen; may be empty.
    pub value: String,
    /// What can be chosen.
    pub offers: Vec<Choice>,
}

/// `/g/{name}/waiting`: people who asked to join, for who looks after the group.
#[derive(Debug, Clone, Template)]
#[template(path = "group_waiting.html")]
pub struct GroupWaitingPage {
    /// The frame.
    pub shell: Shell,
    /// The group's address here.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Who waits, longest first.
    pub waiting: Vec<WaitingPerson>,
    /// Who was let in lately.
    pub lately: Vec<LetInPerson>,
    /// What is wrong, under `question-ID` or `word-ID`.
    pub errors: FieldErrors,
}

/// Somebody who was let in lately.
#[derive(Debug, Clone)]
pub struct LetInPerson {
    /// Their name.
    pub name: String,
    /// When, in words.
    pub when: String,
    /// What they were asked, and answered.
    pub answers: Vec<(String, String)>,
}

/// Somebody who asked to join a group.
#[derive(Debug, Clone)]
pub struct WaitingPerson {
    /// The id forms send.
    pub id: String,
    /// Their name.
    pub name: String,
    /// When they asked, in words.
    pub when: String,
    /// Their server and what it runs: "elm.example (hearth 1.0)"; empty for people here.
    pub from: String,
    /// What they were asked, and answered.
    pub answers: Vec<(String, String)>,
    /// What was typed as `question`.
    pub question: String,
    /// What was typed as `word`.
    pub word: String,
}

/// The form of a new group.
#[derive(Debug, Clone, Default)]
pub struct NewGroupValues {
    /// `name`
    pub name: String,
    /// `address`: the part before the domain.
    pub address: String,
    /// `words`: what it is, in Markdown.
    pub words: String,
    /// `kind`: the value of one of the kinds.
    pub kind: String,
    /// `rhythm`: when it usually meets.
    pub rhythm: String,
    /// `guidelines`: how people treat each other, in Markdown.
    pub guidelines: String,
}
