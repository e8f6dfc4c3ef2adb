//! What a post of another server says, as it is kept here.
//!
//! Must never keep anything of it that was not cleaned.

use crate::{documents::NOTE_LABEL, markdown};
use hearth_activitypub::inbound::{AttachmentKind, PostDocument};
use hearth_domain::{
    image::{DESCRIPTION_MAX, MOST},
    text,
};
use url::Url;

/// The words of a post as they are kept here.
pub(super) struct Words {
    pub title: Option<String>,
    pub html: String,
    pub note: Option<String>,
}

impl Words {
    pub(super) fn of(document: &PostDocument, root: bool) -> Self {
        let note = document.content_note().map(text::line).filter(|note| !note.is_empty());
        let content = document.content.as_deref().unwrap_or_default();
        let mut html = markdown::foreign(content, document.media_type.as_deref());
        if let Some(note) = &note {
            html = without_note(html, note);
        }
        let note =
            note.map(|note| text::cut(note.strip_prefix(NOTE_LABEL).unwrap_or(&note).trim_start(), text::NOTE_MAX));
        let title = root.then(|| title(document, &html));
        if let Some(link) = document.link() {
            html = with_link(html, link);
        }
        Self { title, html, note }
    }
}

/// A content note is repeated before the text for servers that know none; here it stands above the fold already.
fn without_note(html: String, note: &str) -> String {
    match html.find("</p>") {
        Some(end) if markdown::plain(html.get(..end).unwrap_or_default()) == note => {
            html.get(end + "</p>".len()..).unwrap_or_default().trim_start().to_owned()
        }
        _ => html,
    }
}

/// A link post (Lemmy, Lotide, Friendica) keeps beside its text what it is about; here it stands below the text.
fn with_link(html: String, link: &Url) -> String {
    let address = link.as_str().replace('&', "&amp;");
    if html.contains(&format!("href=\"{address}\"")) {
        return html;
    }
    format!("{html}{}", markdown::foreign_html(&format!("<p><a href=\"{address}\">{address}</a></p>")))
}

/// The title of a conversation; of an untitled one, its first words.
fn title(document: &PostDocument, html: &str) -> String {
    let named = document.name.as_deref().map(text::line).filter(|name| !name.is_empty());
    let title = named.unwrap_or_else(|| {
        let words = markdown::plain(html);
        if words.chars().count() > 80 { format!("{}…", text::cut(&words, 79)) } else { words }
    });
    text::cut(&title, text::TITLE_MAX)
}

/// The pictures that hang on it: where each is, and what it shows. Nothing here ever asks for one.
pub(super) fn pictures(document: &PostDocument) -> Vec<(Url, String)> {
    let all = document.attachments.iter().filter(|file| file.kind == AttachmentKind::Image);
    let described = all.map(|file| {
        let words = file.name.as_deref().map(text::line).unwrap_or_default();
        (file.url.clone(), text::cut(&words, DESCRIPTION_MAX))
    });
    described.take(MOST).collect()
}
