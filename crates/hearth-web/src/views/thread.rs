//! Conversations: reading one, answering, writing and changing a post.

use askama::Template;

use super::{
    FieldErrors, SafeHtml, filters,
    parts::{Choice, Door, HelpBox, Pager, Person, PersonaOption, TopicLink, Visibility},
    pictures::PictureFields,
    shell::Shell,
};
use crate::words::When;

/// `/p/{id}`: the post, its replies, and a place to answer.
#[derive(Debug, Clone, Template)]
#[template(path = "thread.html")]
pub struct ThreadPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub group_href: String,
    /// The group's name.
    pub group_name: String,
    /// Its address here: `/p/{id}`. Forms post below it.
    pub href: String,
    /// Its title.
    pub title: String,
    /// The post itself, or what is left of it.
    pub root: Entry,
    /// Who can see it.
    pub visibility: Visibility,
    /// Where it is on its own server, if it is not this one.
    pub original: Option<String>,
    /// How many replies there are.
    pub reply_count: u64,
    /// Replies, oldest first; each with the answers to it.
    pub replies: Vec<Reply>,
    /// Whether there are more than two folded replies, so that "Show all noted replies" is offered.
    pub can_open_notes: bool,
    /// Pages of replies.
    pub pager: Pager,
    /// The form to answer with; `None` where the reader cannot.
    pub composer: Option<Composer>,
    /// When it is gone for everybody: "3 December". May be empty.
    pub fades: String,
    /// Its topics.
    pub topics: Vec<TopicLink>,
    /// That it opened by itself, and when the next one does. May be empty.
    pub check_in: String,
    /// What the reader chose to hear of it, `usual`, `follow` or `mute`; `None` where they can't choose.
    pub hears: Option<&'static str>,
    /// Why there is no form: "You can reply once you’re signed in." Shown where `composer` is `None`; may be empty.
    pub no_reply_words: String,
    /// The helpline panel.
    pub help: HelpBox,
}

/// A reply with the answers to it.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The reply.
    pub entry: Entry,
    /// Answers; deeper ones stay at this depth.
    pub answers: Vec<Entry>,
}

/// A post or reply as it is shown.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its anchor on the page: the reply's id.
    pub id: String,
    /// The address its forms post below: `/p/{id}` or `/n/{id}`.
    pub href: String,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub when: When,
    /// "edited Friday", where it was changed. May be empty.
    pub edited: String,
    /// Whom it answers, at the second depth: "Tidepool". May be empty.
    pub to: String,
    /// What to know before opening it.
    pub content_note: Option<String>,
    /// Whether it is shown open.
    pub note_open: bool,
    /// What is left of it, or all.
    pub state: EntryState,
    /// What the reader may do.
    pub may: EntryActions,
}

impl Entry {
    /// Whether its text is there, and so can be answered.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        matches!(self.state, EntryState::Shown(_))
    }
}

/// What there is to see of a post or reply.
#[derive(Debug, Clone)]
pub enum EntryState {
    /// The text, sanitised.
    Shown(SafeHtml),
    /// Its author removed it.
    Removed,
    /// A facilitator removed it.
    TakenDown,
    /// The reader chose never to see what it is about; where that is changed.
    LeftOut(String),
    /// Its own server, of this domain, no longer has it.
    GoneElsewhere(String),
}

/// What the reader may do with a post or reply.
#[derive(Debug, Clone, Default)]
pub struct EntryActions {
    /// Answer it.
    pub reply: bool,
    /// Change it.
    pub edit: bool,
    /// Delete it.
    pub delete: bool,
    /// Say "I hear you"; `Some(true)` where they already did.
    pub hear: Option<bool>,
    /// For the author only: "7 people heard you". May be empty.
    pub heard_words: String,
    /// Where to ask a moderator to look.
    pub report_href: Option<String>,
    /// Where to choose what one sees of its author.
    pub person_href: Option<String>,
    /// Where it can be kept as a card, or its author asked for it.
    pub card_href: Option<String>,
    /// Where its earlier versions are, for who wrote it.
    pub history_href: Option<String>,
    /// Where to look after it, for those who do.
    pub care_href: Option<String>,
}

/// Writing without one's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unnamed {
    /// Whether it can be chosen.
    pub offered: bool,
    /// Whether it is.
    pub ticked: bool,
    /// Whether the reader speaks so in this conversation already, and goes on so.
    pub always: bool,
}

/// The form for a reply.
#[derive(Debug, Clone)]
pub struct Composer {
    /// Whom the reply is for, where it answers a reply; sent as the hidden field `to`.
    pub to: Option<(String, String)>,
    /// The names it can be written under.
    pub personas: Vec<PersonaOption>,
    /// Whether it can be written without one.
    pub unnamed: Unnamed,
    /// What the group suggests for content notes.
    pub notes: Vec<String>,
    /// Who will see it: never wider than the post above.
    pub visibility: Visibility,
    /// Its pictures.
    pub pictures: PictureFields,
    /// What was typed.
    pub values: ReplyValues,
    /// What was typed, as it will look.
    pub preview: Option<SafeHtml>,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// The fields of a reply.
#[derive(Debug, Clone, Default)]
pub struct ReplyValues {
    /// `body`, Markdown.
    pub body: String,
    /// `note`: the content note.
    pub note: String,
}

/// `/g/{name}/new`, `/p/{id}/edit`, and `/p/{id}/reply` and `/e/{id}/reply` on a page of their own.
#[derive(Debug, Clone, Template)]
#[template(path = "post_form.html")]
pub struct PostFormPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub group_href: String,
    /// The group's name.
    pub group_name: String,
    /// The group's door.
    pub group_door: Door,
    /// Where the form posts to.
    pub action: String,
    /// What is being written.
    pub kind: PostForm,
    /// The names it can be written under (new posts only).
    pub personas: Vec<PersonaOption>,
    /// Whether it can be written without one.
    pub unnamed: Unnamed,
    /// What the group suggests for content notes.
    pub notes: Vec<String>,
    /// The group's topics: field, name, and whether it is ticked. Empty where none can be chosen.
    pub topics: Vec<(String, String, bool)>,
    /// Who can see it: the values of `see`, each with its sentence. One choice is shown as words.
    pub audiences: Vec<Choice>,
    /// When it is to be published, where that can be chosen.
    pub later: Option<Later>,
    /// Its pictures.
    pub pictures: PictureFields,
    /// What was typed.
    pub values: PostValues,
    /// What was typed, as it will look.
    pub preview: Option<SafeHtml>,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// When a post is to be published.
#[derive(Debug, Clone, Default)]
pub struct Later {
    /// `date`
    pub date: String,
    /// `time`
    pub time: String,
    /// The zone of the clock: "UK time / Europe/London".
    pub zone: String,
    /// For a planned post: its group in the hidden field `group`, so that nothing typed is lost where it is gone.
    pub group: String,
}

/// What the form of a post is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostForm {
    /// A new post.
    New,
    /// A new reply, on a page of its own.
    Reply,
    /// A post that is there already.
    Edit,
    /// A reply that is there already: it has no title and keeps its audience.
    EditReply,
    /// A post that is planned for later.
    Planned,
}

/// The fields of a post.
#[derive(Debug, Clone, Default)]
pub struct PostValues {
    /// `title`
    pub title: String,
    /// `body`, Markdown.
    pub body: String,
    /// `note`: the content note.
    pub note: String,
    /// `see`: the value of one of the audiences.
    pub see: String,
}
