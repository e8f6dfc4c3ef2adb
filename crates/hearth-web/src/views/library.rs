//! The library of a group: its cards, one of them, asking for one and making one.

use askama::Template;

use super::{
    FieldErrors, SafeHtml, filters,
    parts::{Choice, Door, Pager, Person},
    shell::Shell,
};

/// `/g/{name}/cards`
#[derive(Debug, Clone, Template)]
#[template(path = "library.html")]
pub struct LibraryPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub group_href: String,
    /// The group's name.
    pub group_name: String,
    /// Its door.
    pub door: Door,
    /// Topics: address, name, and whether its cards alone are shown.
    pub topics: Vec<(String, String, bool)>,
    /// The topic that is chosen, as the form sends it; may be empty.
    pub topic: String,
    /// `q`: what is searched for.
    pub q: String,
    /// The cards, newest month first.
    pub cards: Vec<CardEntry>,
    /// Pages of cards.
    pub pager: Pager,
    /// Where the topics are kept, for who looks after the group.
    pub topics_href: Option<String>,
    /// What is wrong with what is searched for.
    pub errors: FieldErrors,
}

/// A card as it is shown.
#[derive(Debug, Clone)]
pub struct CardEntry {
    /// Its id, for anchors.
    pub id: String,
    /// Its page.
    pub href: String,
    /// What it is called.
    pub title: String,
    /// Whose name it stands under, if under one.
    pub author: Option<Person>,
    /// "November 2026"
    pub month: String,
    /// Its topics.
    pub topics: Vec<String>,
    /// What to know before opening it.
    pub content_note: Option<String>,
    /// Whether it is shown open.
    pub note_open: bool,
    /// Its text, or the first words of it.
    pub body: SafeHtml,
    /// Whether it is the reader's own.
    pub own: bool,
}

/// `/g/{name}/cards/{id}`
#[derive(Debug, Clone, Template)]
#[template(path = "library_card.html")]
pub struct LibraryCardPage {
    /// The frame.
    pub shell: Shell,
    /// The library.
    pub back: String,
    /// The card.
    pub card: CardEntry,
    /// Where it can be changed, for whose it is.
    pub edit_href: Option<String>,
    /// Where it can be taken back, for whose it is.
    pub take_back_href: Option<String>,
    /// Where it can be removed, for who looks after the group.
    pub remove_href: Option<String>,
}

/// `/p/{id}/card` for who did not write it
#[derive(Debug, Clone, Template)]
#[template(path = "card_ask.html")]
pub struct CardAskPage {
    /// The frame.
    pub shell: Shell,
    /// Where the form posts to.
    pub action: String,
    /// The post in its place.
    pub back: String,
    /// The group's name.
    pub group_name: String,
    /// What to know before reading it; may be empty.
    pub note: String,
    /// The first words of the post.
    pub body: SafeHtml,
    /// Why nobody can be asked; may be empty.
    pub refused: String,
}

/// `/p/{id}/card` for who wrote it, and `/g/{name}/cards/{id}/edit`
#[derive(Debug, Clone, Template)]
#[template(path = "card_form.html")]
pub struct CardFormPage {
    /// The frame.
    pub shell: Shell,
    /// Where the form posts to.
    pub action: String,
    /// Where "Not now" leads, and what is there.
    pub back: (String, String),
    /// The group's name.
    pub group_name: String,
    /// Whether it is a card already.
    pub editing: bool,
    /// Whether the group asked for it.
    pub asked: bool,
    /// Whether it stands under a name: the choices.
    pub namings: Vec<Choice>,
    /// Topics of the group's list: the name of the field, the topic, whether it is ticked.
    pub topics: Vec<(String, String, bool)>,
    /// Topics the group suggests for content notes.
    pub notes: Vec<String>,
    /// What was typed.
    pub values: CardValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// The fields of a card.
#[derive(Debug, Clone, Default)]
pub struct CardValues {
    /// `title`
    pub title: String,
    /// `body`, Markdown.
    pub body: String,
    /// `note`: the content note.
    pub note: String,
    /// `naming`
    pub naming: String,
    /// `proposed`: a topic that is not on the list.
    pub proposed: String,
}

/// `/g/{name}/topics`
#[derive(Debug, Clone, Template)]
#[template(path = "topics.html")]
pub struct TopicsPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// Its name.
    pub group_name: String,
    /// The list: the name of the field, what was there, and what was typed.
    pub list: Vec<(String, String, String)>,
    /// What was proposed: the name of the field, the topic, and what was chosen.
    pub proposed: Vec<(String, String, String)>,
    /// What can be done about a proposal.
    pub offers: Vec<Choice>,
    /// `topics`: new ones, one a line.
    pub topics: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// `/settings/cards`
#[derive(Debug, Clone, Template)]
#[template(path = "own_cards.html")]
pub struct OwnCardsPage {
    /// The frame.
    pub shell: Shell,
    /// The cards.
    pub cards: Vec<OwnCardLine>,
}

/// A card of the reader's own.
#[derive(Debug, Clone)]
pub struct OwnCardLine {
    /// What it is called.
    pub title: String,
    /// Its page, where the reader can still see it.
    pub href: Option<String>,
    /// "Tuesday Lamp, November 2026, without your name"
    pub words: String,
    /// Where it can be taken back.
    pub take_back_href: String,
}

/// `/p/{id}/delete`
#[derive(Debug, Clone, Template)]
#[template(path = "post_delete.html")]
pub struct PostDeletePage {
    /// The frame.
    pub shell: Shell,
    /// "post" or "reply"
    pub what: &'static str,
    /// Where the form posts to.
    pub action: String,
    /// Where "No, go back" leads.
    pub back: String,
    /// Whether the reader has cards in the library of the group, which stay.
    pub has_cards: bool,
}
