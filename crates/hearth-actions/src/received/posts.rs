//! Posts and replies from elsewhere: those written in a group here, and those a followed group relays.

use super::{Door, Outcome, known_actor};
use crate::{
    ActionError, Result,
    documents::NOTE_LABEL,
    error::Missing,
    markdown,
    post::standing_of,
    publish::{self, Relay, Relayed},
};
use hearth_activitypub::{
    Document, Recipient,
    inbound::{InboxActivity, PostDocument},
};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        deliveries::To,
        events::{self, Event},
        groups::{self, Group},
        posts::{self, Post},
    },
};
use hearth_domain::{
    address::ApId,
    audience::{self, Receivers, Visibility},
    group::Settings,
    id::PostId,
    permission, text,
};
use url::Url;

/// A post sent straight by its author: written in a group that lives here.
pub(super) fn created(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    document: &PostDocument,
) -> Result<Outcome> {
    if document.attributed_to.is_none() {
        return Ok(Outcome::Ignored("it names no author"));
    }
    own_of_signer(door, document)?;
    if posts::by_ap_id(tx, document.id.as_str())?.is_some() {
        return Ok(Outcome::SeenBefore);
    }
    let answered = answered(tx, document)?;
    let Some((group, settings)) = local_group_of(door, tx, document, answered.as_ref())? else {
        return Ok(Outcome::Ignored("it stands in no group here"));
    };
    let standing = standing_of(tx, group.id, door.signer.id)?;
    if document.in_reply_to.is_some() {
        permission::may_reply(settings.settings(), standing)?;
    } else {
        permission::may_post(settings.settings(), standing)?;
    }
    let post = store(door, tx, document, &group, door.signer, answered)?;
    relay(door, tx, activity, &document.id, (&group, settings.settings()), post.is_root())?;
    Ok(Outcome::Done)
}

/// What a post answers, as far as it is here.
enum Answered {
    Post(Post),
    Event(Event),
}

fn answered(tx: &mut Tx<'_>, document: &PostDocument) -> Result<Option<Answered>> {
    let Some(parent) = &document.in_reply_to else { return Ok(None) };
    if let Some(post) = posts::by_ap_id(tx, parent.as_str())? {
        return Ok(Some(Answered::Post(post)));
    }
    Ok(events::by_ap_id(tx, parent.as_str())?.map(Answered::Event))
}

/// Has a group here relay an activity as it came, if what is said in the group goes to its followers at all.
fn relay(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    object: &Url,
    (group, settings): (&Actor, Settings),
    new_root: bool,
) -> Result<()> {
    if audience::audience(settings, Visibility::Public).receivers != Receivers::Followers {
        return Ok(());
    }
    let relayed = Relayed::Raw(&activity.raw);
    let to = To::AllBut(&door.signer.host);
    publish::relay(door.app, tx, &door.site, &Relay { group, relayed, object, to, new_root })
}

/// The post is the signer's own, of its own server.
fn own_of_signer(door: &Door<'_>, document: &PostDocument) -> Result<()> {
    let signer = door.signer.ap_id.url();
    if document.attributed_to.as_ref() != Some(signer) {
        return Err(ActionError::NotBelieved("its author did not send it"));
    }
    if document.id.origin() != signer.origin() {
        return Err(ActionError::NotBelieved("its id is of another server than its author"));
    }
    Ok(())
}

/// The group here that a post stands in: the one of what it answers, or else the one it is addressed to. What is not
/// for the network answers like what does not exist (threats PR-05).
fn local_group_of(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &PostDocument,
    answered: Option<&Answered>,
) -> Result<Option<(Actor, Group)>> {
    let of_parent = answered.map(|parent| match parent {
        Answered::Post(post) => (post.group_id, post.visibility),
        Answered::Event(event) => (event.group_id, event.visibility),
    });
    if let Some((group, visibility)) = of_parent {
        let (actor, settings) = groups::with_actor(tx, group)?.ok_or(ActionError::NotFound)?;
        if !actor.local {
            return Ok(None);
        }
        if visibility == Visibility::Public && is_open_to_network(&actor, &settings) {
            return Ok(Some((actor, settings)));
        }
    }
    for id in named(document).filter(|id| door.site.at.is_local(id)) {
        let Some(actor) = actors::by_ap_id(tx, id.as_str())?.filter(|actor| actor.kind == ActorKind::Group) else {
            continue;
        };
        if let Some(settings) = groups::by_id(tx, actor.id)?
            && is_open_to_network(&actor, &settings)
        {
            return Ok(Some((actor, settings)));
        }
    }
    Ok(None)
}

/// Whether a group here has an address on the network.
fn is_open_to_network(group: &Actor, settings: &Group) -> bool {
    group.deleted_at.is_none() && audience::group_is_on_the_network(settings.settings())
}

/// Everybody a post names: its audience, its recipients, who it mentions.
fn named(document: &PostDocument) -> impl Iterator<Item = &Url> {
    let addressed = document.to.iter().chain(&document.cc).filter_map(|recipient| match recipient {
        Recipient::Id(url) => Some(url),
        Recipient::Public => None,
    });
    document.audience.iter().chain(addressed).chain(document.mentions())
}

/// A post that a followed group relays. The caller has made sure that the document is its server's own word.
pub(super) fn relayed(door: &Door<'_>, tx: &mut Tx<'_>, document: &PostDocument, group: &Actor) -> Result<Outcome> {
    if posts::by_ap_id(tx, document.id.as_str())?.is_some() {
        return Ok(Outcome::SeenBefore);
    }
    let author = document.attributed_to.as_ref().ok_or(ActionError::NotBelieved("it has no author"))?;
    if author.origin() != document.id.origin() {
        return Err(ActionError::NotBelieved("its id is of another server than its author"));
    }
    if door.site.at.is_local(&document.id) {
        return Err(ActionError::NotBelieved("it claims to be from here"));
    }
    let author = known_actor(tx, author)?;
    let answered = answered(tx, document)?;
    store(door, tx, document, group, &author, answered)?;
    Ok(Outcome::Done)
}

/// Where a post stands.
#[derive(Default)]
struct Thread {
    parent: Option<PostId>,
    root: Option<PostId>,
    event: Option<hearth_domain::id::EventId>,
}

/// One answer for what is not here and for what only members may see.
const ANSWERS_NOTHING: &str = "what it answers is not here";

/// Finds what a post answers. A conversation that began before we followed is fetched upwards, one answer at a time.
fn thread(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &PostDocument,
    group: &Actor,
    answered: Option<Answered>,
) -> Result<Thread> {
    let Some(parent) = &document.in_reply_to else { return Ok(Thread::default()) };
    let row = match answered {
        Some(Answered::Event(event)) if event.group_id == group.id => {
            if event.visibility != Visibility::Public {
                return Err(ActionError::NotBelieved(ANSWERS_NOTHING));
            }
            return Ok(Thread { event: Some(event.id), ..Thread::default() });
        }
        Some(Answered::Post(row)) => row,
        _ => fetched_parent(door, tx, parent, group)?,
    };
    if row.group_id != group.id {
        return Err(ActionError::NotBelieved("it answers something of another group"));
    }
    // A reply is never wider than what it answers; who guesses the address of something for members learns nothing.
    if row.visibility != Visibility::Public {
        return Err(ActionError::NotBelieved(ANSWERS_NOTHING));
    }
    let root = if row.is_root() { Some(row.id) } else { row.root_id };
    Ok(Thread { parent: Some(row.id), root, event: row.event_id })
}

fn fetched_parent(door: &Door<'_>, tx: &mut Tx<'_>, parent: &Url, group: &Actor) -> Result<Post> {
    if door.site.at.is_local(parent) {
        return Err(ActionError::NotBelieved(ANSWERS_NOTHING));
    }
    if door.evidence.is_gone(parent) {
        return Err(ActionError::NotBelieved("what it answers is gone"));
    }
    let Some(Document::Post(document)) = door.evidence.object(parent) else {
        return Err(ActionError::Needs(Missing::Object(parent.clone())));
    };
    let belongs = document.in_reply_to.is_some() || named(document).any(|id| id == group.ap_id.url());
    if !belongs {
        return Err(ActionError::NotBelieved("its conversation stands in no group"));
    }
    relayed(door, tx, document, group)?;
    posts::by_ap_id(tx, parent.as_str())?.ok_or(ActionError::NotFound)
}

/// Stores a post of another server. What is not plainly public is not taken: a group that is public here must not
/// become the way by which something private gets out (threats PR-01, PR-04).
fn store(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &PostDocument,
    group: &Actor,
    author: &Actor,
    answered: Option<Answered>,
) -> Result<Post> {
    if !document.is_public() {
        return Err(ActionError::NotBelieved("it is not public"));
    }
    let thread = thread(door, tx, document, group, answered)?;
    let words = Words::of(document, thread.parent.is_none() && thread.event.is_none());
    let now = door.app.clock.now();
    let post = Post {
        id: PostId::random(&*door.app.entropy),
        ap_id: ApId::try_from(document.id.clone()).map_err(|_| ActionError::NotBelieved("its id is not usable"))?,
        local: false,
        group_id: group.id,
        author_id: author.id,
        root_id: thread.root,
        parent_id: thread.parent,
        event_id: thread.event,
        title: words.title,
        source: String::new(),
        content_html: words.html,
        content_note: words.note,
        visibility: Visibility::Public,
        url: document
            .url
            .as_ref()
            .filter(|url| url.origin() == document.id.origin())
            .unwrap_or(&document.id)
            .to_string(),
        published_at: document.published.map_or(now, |at| at.min(now)).into(),
        edited_at: document.updated.map(|at| at.min(now).into()),
        deleted_at: None,
        created_at: now.into(),
    };
    post.insert(tx)?;
    Ok(post)
}

/// The words of a post as they are kept here.
struct Words {
    title: Option<String>,
    html: String,
    note: Option<String>,
}

impl Words {
    fn of(document: &PostDocument, root: bool) -> Self {
        let summary = document.summary.as_deref().map(text::line).filter(|summary| !summary.is_empty());
        // Without `sensitive`, the summary of a titled post is only an extract of its text (profile 3.1 f).
        let note = summary.filter(|_| document.sensitive || document.in_reply_to.is_some());
        let mut html = markdown::foreign_html(document.content.as_deref().unwrap_or_default());
        if let Some(note) = &note {
            html = without_note(html, note);
        }
        let note =
            note.map(|note| text::cut(note.strip_prefix(NOTE_LABEL).unwrap_or(&note).trim_start(), text::NOTE_MAX));
        let title = root.then(|| title(document, &html));
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

/// The title of a conversation; of an untitled one, its first words.
fn title(document: &PostDocument, html: &str) -> String {
    let named = document.name.as_deref().map(text::line).filter(|name| !name.is_empty());
    let title = named.unwrap_or_else(|| {
        let words = markdown::plain(html);
        if words.chars().count() > 80 { format!("{}…", text::cut(&words, 79)) } else { words }
    });
    text::cut(&title, text::TITLE_MAX)
}

/// An author changed a post of their own.
pub(super) fn updated(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    document: &PostDocument,
) -> Result<Outcome> {
    own_of_signer(door, document)?;
    let Some(post) = posts::by_ap_id(tx, document.id.as_str())? else {
        return created(door, tx, activity, document);
    };
    if post.author_id != door.signer.id {
        return Err(ActionError::NotBelieved("it is another author's"));
    }
    if !apply_edit(door, tx, &post, document)? {
        return Ok(Outcome::SeenBefore);
    }
    if let Some((group, settings)) = groups::with_actor(tx, post.group_id)?.filter(|(group, _)| group.local) {
        relay(door, tx, activity, &document.id, (&group, settings.settings()), false)?;
    }
    Ok(Outcome::Done)
}

/// A followed group relays an edit. The caller has made sure that the document is its server's own word.
pub(super) fn relayed_update(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &PostDocument,
    group: &Actor,
) -> Result<Outcome> {
    let Some(post) = posts::by_ap_id(tx, document.id.as_str())? else {
        return relayed(door, tx, document, group);
    };
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    if post.local || document.attributed_to.as_ref() != Some(author.ap_id.url()) {
        return Err(ActionError::NotBelieved("it is another author's"));
    }
    if apply_edit(door, tx, &post, document)? { Ok(Outcome::Done) } else { Ok(Outcome::SeenBefore) }
}

/// Takes over the words; author, group and audience never change. `false` when it is older than what is here. Words
/// that are for fewer people than the post was are not taken: here they would be shown to all of them.
fn apply_edit(door: &Door<'_>, tx: &mut Tx<'_>, post: &Post, document: &PostDocument) -> Result<bool> {
    if !document.is_public() {
        return Err(ActionError::NotBelieved("it is not public"));
    }
    let now = door.app.clock.now();
    let at = document.updated.unwrap_or(now).min(now);
    if post.deleted_at.is_some() || post.edited_at.is_some_and(|known| known.utc() > at) {
        return Ok(false);
    }
    let words = Words::of(document, post.is_root());
    let post = Post {
        title: words.title,
        content_html: words.html,
        content_note: words.note,
        edited_at: Some(at.into()),
        ..post.clone()
    };
    posts::edit(tx, &post)?;
    Ok(true)
}

/// An author removed a post of their own. `false` when it is no post that is known here.
pub(super) fn deleted(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Url) -> Result<bool> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())? else { return Ok(false) };
    if post.author_id != door.signer.id {
        return Err(ActionError::NotBelieved("it is another author's"));
    }
    if post.deleted_at.is_some() {
        return Ok(true);
    }
    posts::bury(tx, post.id, door.app.now())?;
    if let Some((group, settings)) = groups::with_actor(tx, post.group_id)?.filter(|(group, _)| group.local) {
        relay(door, tx, activity, object, (&group, settings.settings()), false)?;
    }
    Ok(true)
}

/// A followed group relays a removal, by the author or by somebody who looks after the group; `proven` when it carries
/// a proof of who removed it.
pub(super) fn relayed_delete(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    (by, proven): (&Url, bool),
    object: &Url,
    group: &Actor,
) -> Result<Outcome> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())? else {
        return Ok(Outcome::Ignored("it is not known here"));
    };
    if post.deleted_at.is_some() {
        return Ok(Outcome::SeenBefore);
    }
    if post.group_id != group.id {
        return Err(ActionError::NotBelieved("it stands in another group"));
    }
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    let of_the_group = by.origin() == group.ap_id.url().origin();
    let of_the_author = by == author.ap_id.url();
    if !of_the_group && !of_the_author {
        return Err(ActionError::NotBelieved("it is another author's"));
    }
    // The group's word is enough for what is of its own server; otherwise where it was written must say so too.
    let own_word = of_the_group || object.origin() == group.ap_id.url().origin() || (proven && of_the_author);
    if !own_word && !door.evidence.is_gone(object) {
        return match door.evidence.object(object) {
            Some(_) => Err(ActionError::NotBelieved("it is still there where it was written")),
            None => Err(ActionError::Needs(Missing::Absence(object.clone()))),
        };
    }
    posts::bury(tx, post.id, door.app.now())?;
    Ok(Outcome::Done)
}
