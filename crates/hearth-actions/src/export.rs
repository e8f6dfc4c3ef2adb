//! A copy of a whole group for its owner: one zip with a page that opens without the internet, the same as JSON, and its
//! pictures.
//!
//! Must never hold anything that the owner may not read, who comes to meetups, who reported something, or which account
//! a persona belongs to.

use crate::{
    ActionError, App, Result, care,
    log::{self, Said},
    markdown,
};
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        check_ins::{self, CheckIn},
        events::Event,
        groups::{self, Group},
        images::{self, Picture},
    },
    views::{
        After, Authored, calendar, conversation,
        library::{self, AfterCard, ReadCard, Wanted},
        visible::Reader,
    },
};
use hearth_domain::{
    card::Month,
    deed::Deed,
    id::{AccountId, ActorId, PostId},
    log::Logged,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{Cursor, Write as _},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// How many conversations are read at once.
const PAGE: i64 = 200;
/// Most replies of one conversation.
const MOST_REPLIES: i64 = 5_000;
/// Most meetups.
const MOST_EVENTS: i64 = 5_000;

/// Most bytes of pictures; of more there are their descriptions.
const MOST_PICTURES: usize = 64 * 1024 * 1024;

/// The pictures of a copy.
#[derive(Default)]
struct Pictures {
    /// Of each post what they show, and the names of their files.
    below: HashMap<PostId, Vec<(String, Option<String>)>>,
    /// The files.
    files: Vec<(String, Vec<u8>)>,
    bytes: usize,
}

impl Pictures {
    /// Adds those of some posts.
    fn add<'p>(&mut self, connection: &mut DbConn, posts: impl Iterator<Item = &'p Authored>) -> Result<()> {
        let ids: Vec<PostId> = posts.map(|one| one.post.id).collect();
        for (post, all) in images::of_posts(connection, &ids)? {
            for picture in all {
                let file = self.file(connection, &picture)?;
                self.below.entry(post).or_default().push((picture.description, file));
            }
        }
        Ok(())
    }

    fn file(&mut self, connection: &mut DbConn, picture: &Picture) -> Result<Option<String>> {
        if picture.url.is_some() || self.bytes >= MOST_PICTURES {
            return Ok(None);
        }
        let Some(bytes) = images::bytes(connection, picture.id)? else { return Ok(None) };
        let ending = if picture.media_type == "image/png" { "png" } else { "jpg" };
        let name = format!("pictures/{}.{ending}", picture.id);
        self.bytes += bytes.len();
        self.files.push((name.clone(), bytes));
        Ok(Some(name))
    }

    fn of(&self, post: PostId) -> &[(String, Option<String>)] {
        self.below.get(&post).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A conversation: what it began with, and everything below.
struct Conversation {
    root: Authored,
    replies: Vec<Authored>,
}

/// Everything of a group that its owner may read.
struct GroupCopy {
    group: Actor,
    settings: Group,
    conversations: Vec<Conversation>,
    meetups: Vec<(Event, Vec<Authored>)>,
    cards: Vec<ReadCard>,
    check_ins: Vec<CheckIn>,
    pictures: Pictures,
}

/// Makes the copy, as the bytes of a zip. That it was made stands in the group's log.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly)`.
pub fn group(app: &App, account: AccountId, group: ActorId) -> Result<Vec<u8>> {
    app.db.write(|tx| {
        let (group, own) = care::held(tx, account, group, Deed::Export)?;
        log::write(app, tx, &group, Logged::Exported, Said { by: Some(own), ..Said::default() })
    })?;
    let copy = app.db.read(|c| {
        // Asked once more: what is read is what may be read now.
        care::held(c, account, group, Deed::Export)?;
        read(c, account, group)
    })?;
    packed(&copy).map_err(|_| ActionError::Conflict("The copy could not be made. Please try again."))
}

fn read(connection: &mut DbConn, account: AccountId, id: ActorId) -> Result<GroupCopy> {
    let reader = Reader::account(connection, account)?;
    let (group, settings) = groups::with_actor(connection, id)?.ok_or(ActionError::NotFound)?;
    let (mut conversations, mut pictures) = (Vec::new(), Pictures::default());
    let mut after = None;
    loop {
        let roots = conversation::roots(connection, &reader, &[id], after, PAGE)?;
        let Some(last) = roots.last() else { break };
        after = Some(After { time: last.post.published_at, id: last.post.id });
        for root in roots {
            let replies = conversation::replies(connection, &reader, root.post.id, MOST_REPLIES)?;
            pictures.add(connection, replies.iter().chain([&root]))?;
            conversations.push(Conversation { root, replies });
        }
    }
    let mut meetups = Vec::new();
    for event in calendar::all_of(connection, &reader, id, MOST_EVENTS)? {
        let said = conversation::about_event(connection, &reader, event.id, MOST_REPLIES)?;
        pictures.add(connection, said.iter())?;
        meetups.push((event, said));
    }
    let cards = cards(connection, &reader, &settings)?;
    let check_ins = check_ins::of_group(connection, id)?;
    Ok(GroupCopy { group, settings, conversations, meetups, cards, check_ins, pictures })
}

/// The whole library of a group.
fn cards(connection: &mut DbConn, reader: &Reader, group: &Group) -> Result<Vec<ReadCard>> {
    let mut all: Vec<ReadCard> = Vec::new();
    loop {
        let after = all.last().map(|last| AfterCard { month: last.card.month, id: last.card.id });
        let more = library::cards(connection, reader, group, Wanted::default(), after, PAGE)?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

fn packed(copy: &GroupCopy) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Stored as it is: no length of a secret beside a text that somebody chose is ever compressed together.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in [("index.html", page(copy)), ("group.json", document(copy).to_string())] {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    for (name, bytes) in &copy.pictures.files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn said(one: &Authored, pictures: &Pictures) -> Value {
    let post = &one.post;
    if post.deleted_at.is_some() {
        return json!({"id": post.id.to_string(), "removed": true});
    }
    let pictures = pictures.of(post.id).iter().map(|(shown, file)| json!({"shows": shown, "file": file}));
    json!({
        "id": post.id.to_string(), "author": one.author.display_name, "title": post.title, "text": post.source,
        "text_html": post.content_html, "content_note": post.content_note, "visibility": post.visibility.as_str(),
        "in_reply_to": post.parent_id.map(|id| id.to_string()), "published_at": post.published_at.utc(),
        "edited_at": post.edited_at.map(|at| at.utc()), "pictures": pictures.collect::<Vec<_>>(),
    })
}

fn kept(one: &ReadCard) -> Value {
    json!({
        "id": one.card.id.to_string(), "author": one.author.as_ref().map(|author| &author.display_name),
        "title": one.card.title, "text": one.card.source, "text_html": one.card.content_html,
        "content_note": one.card.content_note, "month": Month::from(one.card.month).to_string(),
        "topics": one.topics.iter().map(|topic| &topic.name).collect::<Vec<_>>(),
    })
}

/// A check-in, without whose it is: the prompt is the group's.
fn prompted(one: &CheckIn) -> Value {
    json!({
        "id": one.id.to_string(), "title": one.title, "text": one.source, "content_note": one.content_note,
        "visibility": one.visibility.as_str(), "rule": one.rule.to_string(), "time": one.civil_time, "zone": one.zone,
    })
}

fn document(copy: &GroupCopy) -> Value {
    let read = |one: &Authored| said(one, &copy.pictures);
    let conversations = copy
        .conversations
        .iter()
        .map(|one| json!({"post": read(&one.root), "replies": one.replies.iter().map(read).collect::<Vec<_>>()}));
    let meetups = copy.meetups.iter().map(|(event, below)| {
        json!({
            "id": event.id.to_string(), "title": event.title, "text": event.source, "text_html": event.content_html,
            "starts_at": event.starts_at.utc(), "ends_at": event.ends_at.utc(), "zone": event.zone, "area": event.area,
            "address": event.address, "access": event.access, "status": event.status.as_str(),
            "replies": below.iter().map(read).collect::<Vec<_>>(),
        })
    });
    json!({
        "name": copy.group.display_name, "about": copy.group.summary_source, "rhythm": copy.settings.rhythm,
        "guidelines": copy.settings.guidelines, "readable": copy.settings.readable.as_str(),
        "joining": copy.settings.joining.as_str(), "reach": copy.settings.reach.as_str(),
        "posting": copy.settings.posting.as_str(), "conversations": conversations.collect::<Vec<_>>(),
        "meetups": meetups.collect::<Vec<_>>(), "cards": copy.cards.iter().map(kept).collect::<Vec<_>>(),
        "check_ins": copy.check_ins.iter().map(prompted).collect::<Vec<_>>(),
    })
}

/// The text as it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn page(copy: &GroupCopy) -> String {
    let name = escaped(&copy.group.display_name);
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file:\">\
         <title>{name}</title></head><body><h1>{name}</h1>{}",
        copy.group.summary_html
    );
    for one in &copy.conversations {
        entry(&mut out, &one.root, &copy.pictures, "h2");
        for reply in &one.replies {
            entry(&mut out, reply, &copy.pictures, "h3");
        }
    }
    for (event, below) in &copy.meetups {
        let when = event.starts_at.utc().format("%Y-%m-%d %H:%M UTC");
        let _ = write!(out, "<h2>{}</h2><p>{when}</p>{}", escaped(&event.title), event.content_html);
        for reply in below {
            entry(&mut out, reply, &copy.pictures, "h3");
        }
    }
    for one in &copy.cards {
        let author =
            one.author.as_ref().map(|author| format!("{}, ", escaped(&author.display_name))).unwrap_or_default();
        let note = one.card.content_note.as_deref().map(|note| format!(" ({})", escaped(note))).unwrap_or_default();
        let _ = write!(
            out,
            "<h2>{}</h2><p>{author}{}{note}</p><blockquote>{}</blockquote>",
            escaped(&one.card.title),
            Month::from(one.card.month),
            one.card.content_html
        );
    }
    for one in &copy.check_ins {
        let (rule, time, zone) = (one.rule.to_string(), escaped(&one.civil_time), escaped(&one.zone));
        let note = one.content_note.as_deref().map(|note| format!(" ({})", escaped(note))).unwrap_or_default();
        let _ = write!(
            out,
            "<h2>{}</h2><p>Opens by itself: {rule}, {time}, {zone}{note}</p><blockquote>{}</blockquote>",
            escaped(&one.title),
            markdown::html(&one.source)
        );
    }
    out.push_str("</body></html>");
    out
}

fn entry(out: &mut String, one: &Authored, pictures: &Pictures, heading: &str) {
    if one.post.deleted_at.is_some() {
        return;
    }
    let title = one.post.title.as_deref().map_or_else(|| one.author.display_name.clone(), str::to_owned);
    let note = one.post.content_note.as_deref().map(|note| format!(" ({})", escaped(note))).unwrap_or_default();
    let when = one.post.published_at.utc().format("%Y-%m-%d %H:%M UTC");
    let (title, author) = (escaped(&title), escaped(&one.author.display_name));
    let _ = write!(
        out,
        "<{heading}>{title}</{heading}><p>{author}, {when}{note}</p><blockquote>{}</blockquote>",
        one.post.content_html
    );
    for (shown, file) in pictures.of(one.post.id) {
        let shown = escaped(shown);
        let _ = match file {
            Some(file) => write!(out, "<p><img src=\"{file}\" alt=\"{shown}\" width=\"480\"></p>"),
            None => write!(out, "<p>A picture: {shown}</p>"),
        };
    }
}
