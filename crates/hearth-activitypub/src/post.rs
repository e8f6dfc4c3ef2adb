//! Discussion objects: a titled post is a `Page`, a reply a `Note` (profile 3.1, 3.2).
//!
//! Must never address a members-only post to the public, and never give a `Note` a name or a `Page` an `inReplyTo`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::activity::{GroupRef, Reach, Recipient};
use crate::address::{Addresses, Part};
use crate::context::top_level;
use crate::write::{Image, Language, RichText, cut, escape, extend, put, wire_time};

/// The most characters of a plain-text extract in `summary`, which is all Mastodon shows beside the title.
pub const EXTRACT_CHARACTERS: usize = 300;
/// Hashtags must be shorter than this; Mobilizon drops longer ones.
pub const HASHTAG_CHARACTERS: usize = 40;

/// Something that hangs on a post. Any other kind would make Lemmy drop the post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// A web page. The first one becomes the post's link in Lemmy.
    Link {
        /// Where it leads.
        href: Url,
        /// Usually `text/html`.
        media_type: String,
        /// What to call it.
        name: Option<String>,
    },
    /// A picture.
    Image(Image),
    /// Any other file.
    Document {
        /// Where the file is.
        url: Url,
        /// Its media type.
        media_type: String,
        /// What to call it.
        name: Option<String>,
    },
}

impl Attachment {
    pub(crate) fn write(&self) -> Value {
        let (mut attachment, name) = match self {
            Self::Image(image) => return image.write(),
            Self::Link { href, media_type, name } => {
                (json!({"type": "Link", "href": href, "mediaType": media_type}), name)
            }
            Self::Document { url, media_type, name } => {
                (json!({"type": "Document", "url": url, "mediaType": media_type}), name)
            }
        };
        put(&mut attachment, "name", name.as_ref().map(|name| json!(name)));
        attachment
    }
}

/// Someone named in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The actor.
    pub id: Url,
    /// `wren@h.example`, without the leading `@`.
    pub handle: String,
}

impl Mention {
    pub(crate) fn write(&self) -> Value {
        json!({"type": "Mention", "name": format!("@{}", self.handle), "href": self.id})
    }
}

/// What a post and a reply have in common.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its id here.
    pub id: Url,
    /// The person who wrote it: one local actor.
    pub author: Url,
    /// The group it was written in.
    pub group: GroupRef,
    /// Who may read it.
    pub reach: Reach,
    /// What was written, without the content note.
    pub text: RichText,
    /// A warning of what the text is about; plain text.
    pub content_note: Option<String>,
    /// The language it is written in.
    pub language: Option<Language>,
    /// Hashtags without `#`.
    pub hashtags: Vec<String>,
    /// People named in the text. The group is always named besides, so that Mastodon's replies reach it.
    pub mentions: Vec<Mention>,
    /// What hangs on it.
    pub attachments: Vec<Attachment>,
    /// The thread it is in, in order.
    pub context: Url,
    /// False when no answers are taken any more.
    pub comments_enabled: bool,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// When it was last really edited.
    pub updated: Option<DateTime<Utc>>,
}

/// A titled post.
#[derive(Debug, Clone)]
pub struct Page {
    /// What it shares with replies. `context` is its own `…/context`.
    pub body: Body,
    /// The title, 3 to 200 characters.
    pub title: String,
    /// The text as plain words; its beginning stands in `summary` where there is no content note.
    pub plain: String,
    /// One preview picture.
    pub image: Option<Image>,
    /// True when facilitators pinned it.
    pub stickied: bool,
    /// The meetup this post stands for on servers that cannot take an event (profile 4.3).
    pub companion_of: Option<Url>,
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Note {
    /// What it shares with posts. `context` is the thread's.
    pub body: Body,
    /// The post, meetup or reply that is answered.
    pub in_reply_to: Url,
    /// Who wrote that.
    pub parent_author: Mention,
}

/// `Page` (profile 3.1) as a top-level document.
pub fn page(at: &Addresses, page: &Page) -> Value {
    let body = &page.body;
    let mut object = common(at, body, "Page");
    let summary = match &body.content_note {
        Some(note) => note.clone(),
        None => cut(&page.plain, EXTRACT_CHARACTERS),
    };
    extend(
        &mut object,
        json!({
            "name": page.title,
            "summary": summary,
            "tag": tags(at, body, None),
            "to": recipients(body),
            "cc": [],
            "stickied": page.stickied,
        }),
    );
    put(&mut object, "image", page.image.as_ref().map(Image::write));
    put(&mut object, "companionOf", page.companion_of.as_ref().map(|event| json!(event)));
    let target = |wall| json!({"type": "OrderedCollection", "id": wall, "attributedTo": body.group.id});
    put(&mut object, "target", body.group.wall.as_ref().map(target));
    top_level(object)
}

/// `Note` with `inReplyTo` (profile 3.2) as a top-level document.
pub fn note(at: &Addresses, note: &Note) -> Value {
    let body = &note.body;
    let mut object = common(at, body, "Note");
    let cc = match body.reach {
        Reach::Public => vec![Recipient::Id(note.parent_author.id.clone())],
        Reach::Limited(_) => Vec::new(),
    };
    extend(
        &mut object,
        json!({
            "inReplyTo": note.in_reply_to,
            "tag": tags(at, body, Some(&note.parent_author)),
            "to": recipients(body),
            "cc": cc,
        }),
    );
    put(&mut object, "summary", body.content_note.as_ref().map(|note| json!(note)));
    top_level(object)
}

fn common(at: &Addresses, body: &Body, kind: &str) -> Value {
    let text = with_content_note(&body.text, body.content_note.as_deref());
    let mut object = json!({
        "id": body.id,
        "type": kind,
        "attributedTo": body.author,
        "audience": body.group.id,
        "content": text.html,
        "mediaType": "text/html",
        "source": text.source(),
        "sensitive": body.content_note.is_some(),
        "attachment": body.attachments.iter().map(Attachment::write).collect::<Vec<_>>(),
        "context": body.context,
        "replies": at.part(&body.id, Part::Replies),
        "commentsEnabled": body.comments_enabled,
        // FEP-044f for "nobody": an empty list would not say so.
        "interactionPolicy": {"canQuote": {"automaticApproval": [body.author]}},
        "url": body.id,
        "published": wire_time(body.published),
    });
    if let Some(language) = &body.language {
        let mut by_language = serde_json::Map::new();
        by_language.insert(language.identifier.clone(), json!(text.html));
        put(&mut object, "contentMap", Some(by_language.into()));
        put(&mut object, "language", Some(language.write()));
    }
    put(&mut object, "updated", body.updated.map(|at| json!(wire_time(at))));
    object
}

/// The group first: Lemmy walks `to` and takes the first that is a community.
fn recipients(body: &Body) -> [Recipient; 2] {
    let readers = match &body.reach {
        Reach::Public => Recipient::Public,
        Reach::Limited(collection) => Recipient::Id(collection.clone()),
    };
    [Recipient::Id(body.group.id.clone()), readers]
}

/// The note stands before the text as well, because Lemmy ignores `summary`.
fn with_content_note(text: &RichText, note: Option<&str>) -> RichText {
    match note {
        None => text.clone(),
        Some(note) => RichText {
            html: format!("<p>{}</p>{}", escape(note), text.html),
            markdown: format!("{note}\n\n{}", text.markdown),
        },
    }
}

fn tags(at: &Addresses, body: &Body, parent_author: Option<&Mention>) -> Vec<Value> {
    let group = Mention { id: body.group.id.clone(), handle: body.group.handle.clone() };
    let mut tags: Vec<Value> = hashtags(at, &body.hashtags);
    let mut named: Vec<&Mention> = Vec::new();
    for mention in parent_author.into_iter().chain(&body.mentions).chain([&group]) {
        if !named.iter().any(|known| known.id == mention.id) {
            named.push(mention);
        }
    }
    tags.extend(named.into_iter().map(Mention::write));
    tags
}

pub(crate) fn hashtags(at: &Addresses, names: &[String]) -> Vec<Value> {
    let short = names.iter().filter(|name| !name.is_empty() && name.chars().count() < HASHTAG_CHARACTERS);
    short.map(|name| json!({"type": "Hashtag", "name": format!("#{name}"), "href": at.tag(name)})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::PUBLIC;
    use crate::samples;

    #[test]
    fn a_titled_post() {
        insta::assert_json_snapshot!("page", samples::page());
    }

    #[test]
    fn a_reply() {
        insta::assert_json_snapshot!("note", samples::note());
    }

    #[test]
    fn without_a_note_the_summary_is_an_extract() {
        let mut draft = samples::page_draft();
        draft.body.content_note = None;
        draft.plain = "ä".repeat(400);
        let post = page(&samples::here(), &draft);
        assert_eq!(post["summary"], json!("ä".repeat(300)));
        assert_eq!(post["sensitive"], json!(false));
        assert_eq!(post["content"], json!(draft.body.text.html));
    }

    #[test]
    fn a_content_note_is_text_not_markup() {
        let mut draft = samples::page_draft();
        draft.body.content_note = Some("<b>sleep</b>".into());
        let content = page(&samples::here(), &draft)["content"].clone();
        assert!(content.as_str().unwrap().starts_with("<p>&lt;b&gt;sleep&lt;/b&gt;</p>"));
    }

    #[test]
    fn members_only_is_never_public() {
        let members = samples::url("https://h.example/g/tea_and_talk/members");
        let mut post = samples::page_draft();
        post.body.reach = Reach::Limited(members.clone());
        let written = page(&samples::here(), &post);
        assert_eq!(written["to"], json!([post.body.group.id, members]));
        assert_eq!(written["cc"], json!([]));
        assert!(!embedded_text(&written).contains(PUBLIC));
        let mut reply = samples::note_draft();
        reply.body.reach = Reach::Limited(members);
        let written = note(&samples::here(), &reply);
        assert_eq!(written["cc"], json!([]));
        assert!(!embedded_text(&written).contains(PUBLIC));
    }

    fn embedded_text(document: &Value) -> String {
        crate::context::embedded(document.clone()).to_string()
    }

    #[test]
    fn nobody_is_mentioned_twice() {
        let mut draft = samples::note_draft();
        draft.body.mentions = vec![draft.parent_author.clone(), draft.parent_author.clone()];
        let written = note(&samples::here(), &draft);
        let mentions = written["tag"].as_array().unwrap().iter().filter(|tag| tag["type"] == "Mention").count();
        assert_eq!(mentions, 2, "the author of the parent and the group");
    }

    #[test]
    fn long_hashtags_stay_home() {
        let names = ["sleep".to_owned(), "x".repeat(40), String::new()];
        let written = hashtags(&samples::here(), &names);
        assert_eq!(written.len(), 1);
    }
}
