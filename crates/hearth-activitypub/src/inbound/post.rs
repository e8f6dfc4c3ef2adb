//! Posts, replies and what is left of them (profile 3).
//!
//! HTML is kept as received; cleaning it is the business of whoever shows it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::refusal::Refusal;
use super::shape::{self, Fragment};
use super::strict::Object;
use super::text;
use super::{MAX_ATTACHMENTS, MAX_SUMMARY, MAX_TAGS, MAX_TITLE, ReadOptions};
use crate::activity::Recipient;

/// The types that are read as a post or reply (profile 3.1 j).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the ActivityStreams object type of that name")]
pub enum PostKind {
    Page,
    Article,
    Note,
    Video,
    Question,
}

impl PostKind {
    pub(crate) fn from_type(name: &str) -> Option<Self> {
        match name {
            "Page" => Some(Self::Page),
            "Article" => Some(Self::Article),
            "Note" => Some(Self::Note),
            "Video" => Some(Self::Video),
            "Question" => Some(Self::Question),
            _ => None,
        }
    }
}

/// A tag that means something here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HashtagOrMention {
    /// A hashtag without `#`.
    Hashtag(String),
    /// Someone who is named, once each.
    Mention(Url),
}

/// What kind of thing hangs on a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the ActivityStreams type of that name")]
pub enum AttachmentKind {
    Link,
    Image,
    Video,
    Audio,
    Document,
}

/// Something that hangs on a post or meetup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedFile {
    /// What it is, by its type and media type.
    pub kind: AttachmentKind,
    /// Where it is.
    pub url: Url,
    /// Its media type as claimed.
    pub media_type: Option<String>,
    /// What it shows, or what it is called; one line.
    pub name: Option<String>,
}

/// A post or reply.
#[derive(Debug, Clone, PartialEq)]
pub struct PostDocument {
    /// Its id.
    pub id: Url,
    /// What type it came as.
    pub kind: PostKind,
    /// Who wrote it: the first author that is not a group, or the `actor` where that is another one (Mobilizon).
    pub attributed_to: Option<Url>,
    /// The group among its authors, as PeerTube names its channels and Mobilizon its groups.
    pub attributed_group: Option<Url>,
    /// Its title; one line.
    pub name: Option<String>,
    /// HTML as received (or plain text, if `media_type` says so).
    pub content: Option<String>,
    /// The media type of `content`; HTML when absent.
    pub media_type: Option<String>,
    /// The markdown it was made from.
    pub source_markdown: Option<String>,
    /// A content note or extract, as received.
    pub summary: Option<String>,
    /// Whether it is marked sensitive.
    pub sensitive: bool,
    /// What it answers.
    pub in_reply_to: Option<Url>,
    /// The thread.
    pub context: Option<Url>,
    /// What was done in the thread, as a collection of activities (FEP-f228).
    pub context_history: Option<Url>,
    /// The group it says it belongs to.
    pub audience: Option<Url>,
    /// Mainly for.
    pub to: Vec<Recipient>,
    /// Also for.
    pub cc: Vec<Recipient>,
    /// Hashtags and mentions.
    pub tags: Vec<HashtagOrMention>,
    /// What hangs on it.
    pub attachments: Vec<AttachedFile>,
    /// A preview picture.
    pub image: Option<Url>,
    /// When it was published, as it says; never trust it to be in the past.
    pub published: Option<DateTime<Utc>>,
    /// When it was edited.
    pub updated: Option<DateTime<Utc>>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Where people can read it.
    pub url: Option<Url>,
    /// The collection of its answers.
    pub replies: Option<Url>,
    /// False when it takes no answers.
    pub comments_enabled: bool,
    /// Whether moderators pinned it.
    pub stickied: bool,
    /// The meetup it stands for (another Hearth's companion post).
    pub companion_of: Option<Url>,
}

impl PostDocument {
    /// Whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        self.to.iter().chain(&self.cc).any(Recipient::is_public)
    }

    /// The group it says outright that it stands in: its `audience`, or a group among its authors (PeerTube, Mobilizon).
    pub fn stated_group(&self) -> Option<&Url> {
        self.audience.as_ref().or(self.attributed_group.as_ref())
    }

    /// Everybody who may be the group it stands in, the likeliest first: what it states, its recipients, who it mentions.
    pub fn possible_groups(&self) -> impl Iterator<Item = &Url> {
        let addressed = self.to.iter().chain(&self.cc).filter_map(|recipient| match recipient {
            Recipient::Id(url) => Some(url),
            Recipient::Public => None,
        });
        self.audience.iter().chain(&self.attributed_group).chain(addressed).chain(self.mentions())
    }

    /// What readers are to know before they read. The summary of a microblog's post and of an answer is that; of
    /// something with a title it is an extract, unless it is marked sensitive (profile 3.1 f).
    pub fn content_note(&self) -> Option<&str> {
        let untitled = self.name.is_none() && matches!(self.kind, PostKind::Note | PostKind::Question);
        let is_note = self.sensitive || untitled || self.in_reply_to.is_some();
        self.summary.as_deref().filter(|_| is_note)
    }

    /// What a link post leads to: its first attached link, or the address of another server that a `Page` gives as its
    /// own (Lotide, Friendica: fixtures lotide/page, friendica/page_1).
    pub fn link(&self) -> Option<&Url> {
        let attached = self.attachments.iter().find(|file| file.kind == AttachmentKind::Link).map(|file| &file.url);
        let elsewhere = self.url.as_ref().filter(|url| url.host() != self.id.host());
        attached.or(elsewhere.filter(|_| self.kind == PostKind::Page))
    }

    /// Its hashtags, without `#`.
    #[must_use]
    pub fn hashtags(&self) -> Vec<&str> {
        let names = self.tags.iter().filter_map(|tag| match tag {
            HashtagOrMention::Hashtag(name) => Some(name.as_str()),
            HashtagOrMention::Mention(_) => None,
        });
        names.collect()
    }

    /// The people and groups it names.
    pub fn mentions(&self) -> impl Iterator<Item = &Url> {
        self.tags.iter().filter_map(|tag| match tag {
            HashtagOrMention::Mention(url) => Some(url),
            HashtagOrMention::Hashtag(_) => None,
        })
    }
}

/// What is left of something deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TombstoneDocument {
    /// What was deleted.
    pub id: Url,
    /// What type it had.
    pub former_type: Option<String>,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
}

pub(crate) fn read(object: &Object, kind: &str, options: ReadOptions) -> Result<PostDocument, Refusal> {
    let kind = PostKind::from_type(kind).ok_or_else(|| Refusal::unknown_type(kind))?;
    let id = shape::string(object, "id").ok_or(Refusal::NoId)?;
    let id = shape::id(id, Fragment::Refused, options)?;
    let authors = authors(object, options)?.with_actor(object, options);
    let url = |key| shape::useful_id(object, key, options);
    Ok(PostDocument {
        id,
        kind,
        attributed_to: authors.person,
        attributed_group: authors.group,
        name: shape::natural_text(object, "name")
            .map(|name| text::line(name, MAX_TITLE))
            .filter(|name| !name.is_empty()),
        content: shape::natural_text(object, "content").map(text::long),
        media_type: shape::string(object, "mediaType").and_then(text::media_type),
        source_markdown: markdown(object),
        summary: summary(object),
        sensitive: shape::boolean(object, "sensitive").unwrap_or(false),
        in_reply_to: shape::optional_id(object, "inReplyTo", Fragment::Allowed, options)?,
        context: url("context").or_else(|| url("conversation")),
        context_history: url("contextHistory"),
        audience: url("audience"),
        to: shape::recipients(object, "to", options),
        cc: shape::recipients(object, "cc", options),
        tags: tags(object, options),
        attachments: attachments(object),
        image: shape::list(object, "image").iter().find_map(shape::link_address),
        published: shape::instant(object, "published"),
        updated: shape::instant(object, "updated"),
        language: shape::language(object),
        url: shape::page_url(object),
        replies: url("replies"),
        comments_enabled: shape::boolean(object, "commentsEnabled").unwrap_or(true),
        stickied: shape::boolean(object, "stickied").unwrap_or(false),
        companion_of: url("companionOf"),
    })
}

pub(crate) fn read_tombstone(object: &Object, options: ReadOptions) -> Result<TombstoneDocument, Refusal> {
    let id = shape::string(object, "id").ok_or(Refusal::NoId)?;
    Ok(TombstoneDocument {
        id: shape::id(id, Fragment::Refused, options)?,
        former_type: shape::string(object, "formerType").and_then(text::word),
        deleted: shape::instant(object, "deleted"),
    })
}

/// Who something is attributed to.
#[derive(Debug, Default)]
pub(crate) struct Authors {
    pub(crate) person: Option<Url>,
    pub(crate) group: Option<Url>,
}

impl Authors {
    /// Mobilizon files what a person writes in a group under the group and names the person as `actor`
    /// (Mobilizon: lib/federation/activity_stream/converter/post.ex and comment.ex).
    fn with_actor(self, object: &Object, options: ReadOptions) -> Self {
        let actor = shape::optional_id(object, "actor", Fragment::Refused, options).ok().flatten();
        match (&self.person, actor) {
            (Some(owner), Some(actor)) if *owner != actor && self.group.is_none() => {
                Self { group: self.person, person: Some(actor) }
            }
            _ => self,
        }
    }
}

/// The first author that is not marked as a group, and the first that is.
///
/// # Errors
/// When something stands there, but no address: NodeBB once took the number 1 for its first user.
pub(crate) fn authors(object: &Object, options: ReadOptions) -> Result<Authors, Refusal> {
    let mut authors = Authors::default();
    let entries = shape::list(object, "attributedTo");
    for entry in entries {
        let Some(url) = shape::id_text(entry).and_then(|text| shape::id(text, Fragment::Refused, options).ok()) else {
            continue;
        };
        let is_group = entry.as_object().is_some_and(|author| shape::types(author).contains(&"Group"));
        let slot = if is_group { &mut authors.group } else { &mut authors.person };
        slot.get_or_insert(url);
    }
    let none = authors.person.is_none() && authors.group.is_none();
    if none && !entries.is_empty() { Err(Refusal::WrongShape("attributedTo")) } else { Ok(authors) }
}

pub(crate) fn summary(object: &Object) -> Option<String> {
    let summary = shape::natural_text(object, "summary")?;
    let cut: String = text::long(summary).trim().chars().take(MAX_SUMMARY).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// `source` as an object, when it is markdown.
pub(crate) fn markdown(object: &Object) -> Option<String> {
    let source = object.get("source")?.as_object()?;
    let media_type = shape::string(source, "mediaType").and_then(text::media_type)?;
    (media_type == "text/markdown").then(|| shape::string(source, "content").map(text::long)).flatten()
}

pub(crate) fn tags(object: &Object, options: ReadOptions) -> Vec<HashtagOrMention> {
    let read = |tag: &Value| {
        let tag = tag.as_object()?;
        let kinds = shape::types(tag);
        if kinds.contains(&"Mention") {
            let id = shape::id(shape::string(tag, "href")?, Fragment::Refused, options).ok()?;
            return Some(HashtagOrMention::Mention(id));
        }
        if kinds.contains(&"Hashtag") {
            // Cleaned first: what is taken out may have hidden another `#`.
            let name = text::line(shape::string(tag, "name")?, 200);
            let name = text::line(name.trim_start_matches(['#', ' ']), 100);
            return (!name.is_empty()).then_some(HashtagOrMention::Hashtag(name));
        }
        None
    };
    let mut tags = Vec::new();
    // Twice as many are looked at as kept: repetitions must not crowd out the rest, and the work stays small.
    for tag in shape::list(object, "tag").iter().take(16 * MAX_TAGS).filter_map(read) {
        if tags.len() < MAX_TAGS && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

pub(crate) fn attachments(object: &Object) -> Vec<AttachedFile> {
    shape::list(object, "attachment").iter().filter_map(attachment).take(MAX_ATTACHMENTS).collect()
}

fn attachment(value: &Value) -> Option<AttachedFile> {
    let object = value.as_object()?;
    let media_type = media_type(object);
    let by_media_type = || match media_type.as_deref().and_then(|kind| kind.split('/').next()) {
        Some("image") => AttachmentKind::Image,
        Some("video") => AttachmentKind::Video,
        Some("audio") => AttachmentKind::Audio,
        _ => AttachmentKind::Document,
    };
    let kind = match shape::types(object).first().copied()? {
        "Image" => AttachmentKind::Image,
        "Video" => AttachmentKind::Video,
        "Audio" => AttachmentKind::Audio,
        "Link" | "Page" => AttachmentKind::Link,
        "Document" => by_media_type(),
        _ => return None,
    };
    let name = shape::natural_text(object, "name").map(|name| text::line(name, MAX_SUMMARY));
    let url = shape::link_address(value)?;
    Some(AttachedFile { kind, url, media_type, name: name.filter(|name| !name.is_empty()) })
}

/// Its own media type, or that of the link inside `url`.
fn media_type(object: &Object) -> Option<String> {
    let inner = || shape::list(object, "url").iter().find_map(|link| link.get("mediaType")?.as_str());
    shape::string(object, "mediaType").or_else(inner).and_then(text::media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(members: &str) -> Result<PostDocument, Refusal> {
        let json = format!(r#"{{"type": "Note", "id": "https://x.example/n/1"{members}}}"#);
        read(&serde_json::from_str(&json).unwrap(), "Note", ReadOptions::default())
    }

    #[test]
    fn little_is_needed() {
        let post = check("").unwrap();
        assert!(!post.is_public());
        assert_eq!(post.attributed_to, None);
        assert!(post.comments_enabled);
    }

    #[test]
    fn authors_in_all_shapes() {
        let author = |members: &str| check(members).map(|post| post.attributed_to.map(String::from));
        let kim = Ok(Some("https://x.example/kim".to_owned()));
        assert_eq!(author(r#", "attributedTo": "https://x.example/kim""#), kim);
        assert_eq!(author(r#", "attributedTo": {"id": "https://x.example/kim"}"#), kim);
        assert_eq!(author(r#", "attributedTo": ["https://x.example/kim", "https://y.example/lou"]"#), kim);
        assert_eq!(author(r#", "attributedTo": null"#), Ok(None));
        assert_eq!(author(r#", "attributedTo": 1"#), Err(Refusal::WrongShape("attributedTo")));
        let channel = r#", "attributedTo": [{"type": "Group", "id": "https://x.example/g"}, {"type": "Person", "id": "https://x.example/kim"}]"#;
        assert_eq!(author(channel), kim);
        assert_eq!(check(channel).unwrap().attributed_group.unwrap().as_str(), "https://x.example/g");
    }

    #[test]
    fn a_person_of_mobilizon_writes_in_a_group() {
        let post = |members: &str| {
            let post = check(&format!(r#", "attributedTo": "https://x.example/@tea"{members}"#)).unwrap();
            let path = |url: Option<Url>| url.map(|url| url.path().to_owned());
            (path(post.attributed_to), path(post.attributed_group))
        };
        let (kim, tea) = (Some("/@kim".to_owned()), Some("/@tea".to_owned()));
        assert_eq!(post(r#", "actor": "https://x.example/@kim""#), (kim.clone(), tea.clone()));
        assert_eq!(post(r#", "actor": {"id": "https://x.example/@kim"}"#), (kim, tea.clone()));
        assert_eq!(
            post(r#", "actor": "https://x.example/@tea""#),
            (tea.clone(), None),
            "Pleroma names the author twice"
        );
        assert_eq!(post(r#", "actor": null"#), (tea, None));
    }

    #[test]
    fn tags_are_limited_and_nobody_is_named_twice() {
        let mention = r#"{"type": "Mention", "href": "https://x.example/kim"}"#;
        let tags =
            format!(r##", "tag": [{}{{"type": "Hashtag", "name": "#tea"}}]"##, format!("{mention},").repeat(900));
        let post = check(&tags).unwrap();
        assert_eq!(post.mentions().count(), 1);
        assert_eq!(post.tags.len(), 2);
        let many: Vec<String> = (0..9000).map(|n| format!(r#"{{"type": "Hashtag", "name": "t{n}"}}"#)).collect();
        assert_eq!(check(&format!(r#", "tag": [{}]"#, many.join(","))).unwrap().tags.len(), MAX_TAGS);
    }

    #[test]
    fn attachments_of_known_types_with_a_web_address() {
        let post = check(
            r#", "attachment": [
                {"type": "Document", "mediaType": "image/png", "url": "https://x.example/1", "name": "cup"},
                {"type": "Image", "url": [{"type": "Link", "href": "https://x.example/2", "mediaType": "image/webp"}]},
                {"type": "Link", "href": "https://x.example/3"},
                {"type": "Link", "href": "javascript:alert(1)"},
                {"type": "PropertyValue", "name": "a", "value": "b"},
                {"type": "Document", "mediaType": "x\r\ny", "url": "https://x.example/4"}]"#,
        );
        let attachments = post.unwrap().attachments;
        let kinds: Vec<AttachmentKind> = attachments.iter().map(|file| file.kind).collect();
        use AttachmentKind::{Document, Image, Link};
        assert_eq!(kinds, [Image, Image, Link, Document]);
        assert_eq!(attachments[1].media_type.as_deref(), Some("image/webp"));
        assert_eq!(attachments[3].media_type, None);
    }

    #[test]
    fn texts_lose_nul_and_stay_short() {
        let post = check(r#", "content": "a\u0000b", "contentMap": {"en": "x"}, "published": "0000-01-01T00:00:00Z""#)
            .unwrap();
        assert_eq!(post.content.as_deref(), Some("ab"));
        assert_eq!(post.language.as_deref(), Some("en"));
        assert_eq!(post.published, None);
        let long = check(&format!(r#", "content": "{}", "name": "{}""#, "c".repeat(90_000), "n".repeat(900))).unwrap();
        assert_eq!(long.content.unwrap().len(), super::super::MAX_TEXT);
        assert_eq!(long.name.unwrap().len(), MAX_TITLE);
    }

    #[test]
    fn groups_it_may_stand_in() {
        let groups = |members: &str| {
            let post = check(members).unwrap();
            let stated = post.stated_group().map(|url| url.path().to_owned());
            let possible: Vec<String> = post.possible_groups().map(|url| url.path().to_owned()).collect();
            (stated, possible.join(" "))
        };
        let public = r#""https://www.w3.org/ns/activitystreams#Public""#;
        let lemmy = format!(r#", "audience": "https://x.example/c/tea", "to": ["https://x.example/c/tea", {public}]"#);
        assert_eq!(groups(&lemmy), (Some("/c/tea".into()), "/c/tea /c/tea".into()));
        let lotide = format!(r#", "to": "https://x.example/communities/1", "cc": {public}"#);
        assert_eq!(groups(&lotide), (None, "/communities/1".into()));
        let mastodon = format!(
            r#", "to": {public}, "cc": ["https://y.example/followers"], "tag": {{"type": "Mention", "href": "https://x.example/c/tea"}}"#
        );
        assert_eq!(groups(&mastodon), (None, "/followers /c/tea".into()));
        let channel = r#", "attributedTo": [{"type": "Group", "id": "https://x.example/channel"}]"#;
        assert_eq!(groups(channel), (Some("/channel".into()), "/channel".into()));
    }

    #[test]
    fn a_summary_is_a_note_or_an_extract() {
        let note =
            |members: &str| check(&format!(r#", "summary": "spiders"{members}"#)).unwrap().content_note().is_some();
        assert!(note(""), "a microblog's content warning, also without `sensitive` (Pleroma, GoToSocial)");
        assert!(note(r#", "name": "Title", "sensitive": true"#));
        assert!(note(r#", "name": "Title", "inReplyTo": "https://x.example/1""#));
        assert!(!note(r#", "name": "Title""#), "an extract (WordPress, NodeBB, Mbin)");
        assert_eq!(check(r#", "summary": """#).unwrap().content_note(), None);
    }

    #[test]
    fn link_posts() {
        let link = |kind: &str, members: &str| {
            let json = format!(r#"{{"id": "https://x.example/1"{members}}}"#);
            let post = read(&serde_json::from_str(&json).unwrap(), kind, ReadOptions::default()).unwrap();
            post.link().map(|url| url.as_str().to_owned())
        };
        let there = Some("https://y.example/a".to_owned());
        let attached = r#", "attachment": [{"type": "Image", "url": "https://x.example/i"}, {"type": "Link", "href": "https://y.example/a"}]"#;
        assert_eq!(link("Page", attached), there);
        assert_eq!(link("Page", r#", "url": "https://y.example/a""#), there);
        assert_eq!(link("Page", r#", "url": "https://x.example/page/1""#), None);
        assert_eq!(
            link("Note", r#", "url": "https://web.example/@kim/1""#),
            None,
            "a Mastodon whose pages have another host"
        );
    }

    #[test]
    fn only_markdown_is_taken_as_source() {
        let bbcode = check(r#", "source": {"content": "[b]", "mediaType": "text/bbcode"}"#).unwrap();
        assert_eq!(bbcode.source_markdown, None);
        let markdown = check(r#", "source": {"content": "*b*", "mediaType": "text/markdown"}"#).unwrap();
        assert_eq!(markdown.source_markdown.as_deref(), Some("*b*"));
        assert_eq!(check(r#", "source": "*b*""#).unwrap().source_markdown, None);
    }
}
