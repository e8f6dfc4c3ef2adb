//! Posts and replies from elsewhere: those written in a group here, and those a followed group relays.

use super::{
    Door, Outcome, addressed, known_actor,
    words::{Words, pictures},
};
use crate::{
    ActionError, Result, care,
    error::Missing,
    fading, hold, image, moderation, notice,
    post::standing_of,
    publish::{self, Outgoing, Relay, Relayed},
    recipients::{self, Circle},
    topics,
};
use hearth_activitypub::{
    Document,
    inbound::{InboxActivity, PostDocument},
    outbound,
};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        blocks,
        deliveries::To,
        events::{self, Event},
        groups::{self, Group},
        posts::{self, Post},
        removals,
    },
};
use hearth_domain::{
    address::ApId,
    audience::{self, ServerFacts, Shown, Visibility},
    id::PostId,
    image::ImageState,
    permission,
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
    let (known, answered) = known_and_answered(tx, document)?;
    if known {
        return Ok(Outcome::SeenBefore);
    }
    let Some((group, settings)) = local_group_of(door, tx, document, answered.as_ref())? else {
        return Ok(Outcome::Ignored("it stands in no group here"));
    };
    let visibility = addressed::visibility(door, &document.to, &document.cc, &group, &settings)?;
    let standing = standing_of(tx, group.id, door.signer.id)?;
    if visibility == Visibility::Members && !standing.is_member() {
        return Err(hearth_domain::Denied::MembersOnly.into());
    }
    let allowed = if document.in_reply_to.is_some() {
        permission::may_reply(settings.settings(), standing)
    } else {
        permission::may_post(settings.settings(), standing)
    };
    let closed = match &answered {
        Some(Answered::Post(parent)) => moderation::is_closed(tx, parent)?,
        _ => false,
    };
    let blocked = match &answered {
        Some(Answered::Post(parent)) => blocks::between(tx, parent.author_id, door.signer.id)?.is_some(),
        _ => false,
    };
    let care = match care::may_write(door.app, tx, &group, door.signer.id) {
        Ok(care) => Some(care),
        Err(ActionError::Denied(_)) => None,
        Err(other) => return Err(other),
    };
    let Some(care) = care.filter(|_| allowed.is_ok() && !closed && !blocked) else {
        return refused(door, tx, activity, &group);
    };
    let parent = if let Some(Answered::Post(parent)) = &answered { Some(parent.clone()) } else { None };
    let post = made(door, tx, document, (&group, &settings), door.signer, answered)?;
    let tags = if post.is_root() { document.hashtags() } else { Vec::new() };
    topics::mark_received(tx, group.id, post.id.get(), &tags)?;
    let pictures = pictures(document);
    let shown: Vec<&str> = pictures.iter().map(|(_, shown)| shown.as_str()).collect();
    if hold::keeps_received(door.app, tx, &care, &group, &post, (&shown.join("\n"), &activity.raw))? {
        image::put_links(door.app, tx, post.id, ImageState::Held, &pictures)?;
        return Ok(Outcome::Done);
    }
    post.insert(tx)?;
    image::put_links(door.app, tx, post.id, ImageState::Shown, &pictures)?;
    fading::begin(tx, &group, &post)?;
    let named = (door.site.actor.ap_id.url(), document.mentions());
    notice::received(door.app, tx, &post, parent.as_ref(), named)?;
    relay(door, tx, activity, (post.ap_id.url(), post.visibility), (&group, &settings), post.is_root())?;
    Ok(Outcome::Done)
}

/// The group takes it not. Its author's server is told so and not why: it looks the same for everybody who may not.
fn refused(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, group: &Actor) -> Result<Outcome> {
    let asked = serde_json::from_str(&activity.raw).map_err(|_| ActionError::NotBelieved("it is not JSON"))?;
    let id = publish::new_activity(door.app, &door.site);
    let body = outbound::reject(&id.1, group.ap_id.url(), door.signer.ap_id.url(), asked).to_string();
    let outgoing = Outgoing { id, kind: "Reject", signer: group, object: door.signer.ap_id.as_str(), body };
    outgoing.send(door.app, tx, door.signer)?;
    Ok(Outcome::Done)
}

/// What a post answers, as far as it is here.
enum Answered {
    Post(Post),
    Event(Event),
}

/// Whether a post is here already, and what it answers.
fn known_and_answered(tx: &mut Tx<'_>, document: &PostDocument) -> Result<(bool, Option<Answered>)> {
    let id = document.id.as_str();
    let Some(parent) = &document.in_reply_to else { return Ok((posts::by_ap_id(tx, id)?.is_some(), None)) };
    let (known, post) = posts::by_two_ap_ids(tx, id, parent.as_str())?;
    let answered = match post {
        Some(post) => Some(Answered::Post(post)),
        None => events::by_any_id(tx, parent.as_str())?.map(Answered::Event),
    };
    Ok((known.is_some(), answered))
}

/// Has a group here relay an activity about a post or a meetup as it came, to the servers its audience names.
pub(super) fn relay(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    (object, visibility): (&Url, Visibility),
    (group, settings): (&Actor, &Group),
    new_root: bool,
) -> Result<()> {
    let circle = Circle::of(&door.site, group, settings.settings(), visibility);
    // What was sent to everybody once is not sent on by a group that is for members by now.
    if !circle.leaves() || circle.is_open() != activity.is_public() {
        return Ok(());
    }
    let relayed = Relayed::Raw(&activity.raw);
    let to = To::AllBut(&door.signer.host);
    publish::relay(door.app, tx, &door.site, &Relay { circle: &circle, relayed, object, to, new_root })
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
    // Whoever reads only `attributedTo` takes such a group for the author: it may not be just anybody's.
    let group_is_fine = |group: &Url| group.origin() == signer.origin() || door.site.at.is_local(group);
    if !document.attributed_group.as_ref().is_none_or(group_is_fine) {
        return Err(ActionError::NotBelieved("it is attributed to somebody of another server"));
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
        let facts = facts(door, tx, &actor)?;
        let may_see = audience::audience(settings.settings(), visibility).includes(facts.viewer());
        if may_see && is_open(&actor, &settings, facts) {
            return Ok(Some((actor, settings)));
        }
    }
    for id in document.possible_groups().filter(|id| door.site.at.is_local(id)) {
        let Some(actor) = actors::by_ap_id(tx, id.as_str())?.filter(|actor| actor.kind == ActorKind::Group) else {
            continue;
        };
        if let Some(settings) = groups::by_id(tx, actor.id)?
            && is_open_to(door, tx, &actor, &settings)?
        {
            return Ok(Some((actor, settings)));
        }
    }
    Ok(None)
}

/// Whether a group here exists for the signer's server.
pub(super) fn is_open_to(door: &Door<'_>, tx: &mut Tx<'_>, group: &Actor, settings: &Group) -> Result<bool> {
    Ok(is_open(group, settings, facts(door, tx, group)?))
}

fn is_open(group: &Actor, settings: &Group, facts: ServerFacts) -> bool {
    let shown = audience::group_shown_to(settings.settings(), Some(facts)) != Shown::Nothing;
    shown && group.deleted_at.is_none()
}

/// What is known of the signer's server with regard to a group here.
fn facts(door: &Door<'_>, tx: &mut Tx<'_>, group: &Actor) -> Result<ServerFacts> {
    recipients::facts_of(tx, group.id, &door.signer.host, door.host.as_ref())
}

/// A post that a followed group relays. The caller has made sure that the document is its server's own word.
pub(super) fn relayed(door: &Door<'_>, tx: &mut Tx<'_>, document: &PostDocument, group: &Actor) -> Result<Outcome> {
    let (known, answered) = known_and_answered(tx, document)?;
    if known {
        return Ok(Outcome::SeenBefore);
    }
    if super::meetups::stands_for_known(tx, document, group)? {
        return Ok(Outcome::Ignored("it stands for a meetup that is known here"));
    }
    let author = document.attributed_to.as_ref().ok_or(ActionError::NotBelieved("it has no author"))?;
    if author.origin() != document.id.origin() {
        return Err(ActionError::NotBelieved("its id is of another server than its author"));
    }
    if door.site.at.is_local(&document.id) {
        return Err(ActionError::NotBelieved("it claims to be from here"));
    }
    let author = known_actor(tx, author)?;
    let settings = groups::by_id(tx, group.id)?.ok_or(ActionError::NotFound)?;
    store(door, tx, document, (group, &settings), &author, answered)?;
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
    visibility: Visibility,
) -> Result<Thread> {
    let Some(parent) = &document.in_reply_to else { return Ok(Thread::default()) };
    let row = match answered {
        Some(Answered::Event(event)) if event.group_id == group.id => {
            if event.visibility != Visibility::Public && visibility == Visibility::Public {
                return Err(ActionError::NotBelieved(ANSWERS_NOTHING));
            }
            return Ok(Thread { event: Some(event.id), ..Thread::default() });
        }
        Some(Answered::Post(row)) => row,
        _ => match companion_event(door, tx, parent, group)? {
            Some(event) => return Ok(Thread { event: Some(event.id), ..Thread::default() }),
            None => fetched_parent(door, tx, parent, group)?,
        },
    };
    if row.group_id != group.id {
        return Err(ActionError::NotBelieved("it answers something of another group"));
    }
    // A reply is never wider than what it answers; who guesses the address of something for members learns nothing.
    if row.visibility != Visibility::Public && visibility == Visibility::Public {
        return Err(ActionError::NotBelieved(ANSWERS_NOTHING));
    }
    let root = if row.is_root() { Some(row.id) } else { row.root_id };
    Ok(Thread { parent: Some(row.id), root, event: row.event_id })
}

/// The meetup that is answered by way of the post that stands for it.
fn companion_event(door: &Door<'_>, tx: &mut Tx<'_>, parent: &Url, group: &Actor) -> Result<Option<Event>> {
    let Some(Document::Post(document)) = door.evidence.object(parent) else { return Ok(None) };
    let Some(about) = document.companion_of.as_ref().filter(|about| about.origin() == parent.origin()) else {
        return Ok(None);
    };
    if !super::meetups::stands_for_known(tx, document, group)? {
        return Ok(None);
    }
    Ok(events::by_ap_id(tx, about.as_str())?.filter(|event| event.visibility == Visibility::Public))
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
    let belongs = document.in_reply_to.is_some() || document.possible_groups().any(|id| id == group.ap_id.url());
    if !belongs {
        return Err(ActionError::NotBelieved("its conversation stands in no group"));
    }
    relayed(door, tx, document, group)?;
    posts::by_ap_id(tx, parent.as_str())?.ok_or(ActionError::NotFound)
}

/// Stores a post of another server.
fn store(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &PostDocument,
    group: (&Actor, &Group),
    author: &Actor,
    answered: Option<Answered>,
) -> Result<Post> {
    let post = made(door, tx, document, group, author, answered)?;
    post.insert(tx)?;
    image::put_links(door.app, tx, post.id, ImageState::Shown, &pictures(document))?;
    fading::begin(tx, group.0, &post)?;
    let named = (door.site.actor.ap_id.url(), document.mentions());
    notice::received(door.app, tx, &post, None, named)?;
    Ok(post)
}

/// A post of another server as it is kept. What is neither plainly public nor plainly for the group's members is not taken: a
/// group must not become the way by which something private gets out (threats PR-01, PR-04).
fn made(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &PostDocument,
    (group, settings): (&Actor, &Group),
    author: &Actor,
    answered: Option<Answered>,
) -> Result<Post> {
    let visibility = addressed::visibility(door, &document.to, &document.cc, group, settings)?;
    let thread = thread(door, tx, document, group, answered, visibility)?;
    let words = Words::of(document, thread.parent.is_none() && thread.event.is_none());
    let now = door.app.clock.now();
    Ok(Post {
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
        visibility,
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
    })
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
        // What waits for a look is looked at anew, with its new words.
        hold::gone_elsewhere(tx, document.id.as_str(), door.signer.id)?;
        return created(door, tx, activity, document);
    };
    if post.author_id != door.signer.id {
        return Err(ActionError::NotBelieved("it is another author's"));
    }
    if !apply_edit(door, tx, &post, document)? {
        return Ok(Outcome::SeenBefore);
    }
    if let Some((group, settings)) = groups::with_actor(tx, post.group_id)?.filter(|(group, _)| group.local) {
        relay(door, tx, activity, (post.ap_id.url(), post.visibility), (&group, &settings), false)?;
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
    if document.is_public() != (post.visibility == Visibility::Public) {
        return Err(ActionError::NotBelieved("it is for other people than it was"));
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
    image::replace_links(door.app, tx, post.id, &pictures(document))?;
    Ok(true)
}

/// An author removed a post of their own. `false` when it is no post that is known here.
pub(super) fn deleted(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Url) -> Result<bool> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())? else {
        return hold::gone_elsewhere(tx, object.as_str(), door.signer.id);
    };
    if post.author_id != door.signer.id {
        return Err(ActionError::NotBelieved("it is another author's"));
    }
    if post.deleted_at.is_some() {
        // A moderator was quicker. Now nobody brings it back.
        removals::delete(tx, post.id)?;
        return Ok(true);
    }
    posts::bury(tx, post.id, door.app.now())?;
    if let Some((group, settings)) = groups::with_actor(tx, post.group_id)?.filter(|(group, _)| group.local) {
        relay(door, tx, activity, (post.ap_id.url(), post.visibility), (&group, &settings), false)?;
    }
    Ok(true)
}

/// Whether a post that is known here was written by this actor.
pub(super) fn is_by(tx: &mut Tx<'_>, object: &Url, by: &Url) -> Result<bool> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())? else { return Ok(false) };
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    Ok(author.ap_id.url() == by)
}

/// Whether a post that is known here was written by this actor, and no moderator removed it.
pub(super) fn is_authors_own(tx: &mut Tx<'_>, object: &Url, by: &Url) -> Result<bool> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())? else { return Ok(false) };
    Ok(is_by(tx, object, by)? && removals::get(tx, post.id)?.is_none())
}

/// A followed group relays that an author removed a post of their own; `proven` when it carries a proof of the author.
pub(super) fn relayed_delete(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    object: &Url,
    group: &Actor,
    proven: bool,
) -> Result<Outcome> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())? else {
        return Ok(Outcome::Ignored("it is not known here"));
    };
    if post.group_id != group.id {
        return Err(ActionError::NotBelieved("it stands in another group"));
    }
    if post.deleted_at.is_some() {
        // A moderator was quicker. Now nobody brings it back.
        removals::delete(tx, post.id)?;
        return Ok(Outcome::SeenBefore);
    }
    // The group's word is enough for what is of its own server; otherwise where it was written must say so too.
    let own_word = object.origin() == group.ap_id.url().origin() || proven;
    if !own_word && !door.evidence.is_gone(object) {
        return match door.evidence.object(object) {
            Some(_) => Err(ActionError::NotBelieved("it is still there where it was written")),
            None => Err(ActionError::Needs(Missing::Absence(object.clone()))),
        };
    }
    posts::bury(tx, post.id, door.app.now())?;
    Ok(Outcome::Done)
}

/// An author takes the removal of a post of their own back. Its words are gone here: they are read anew where it was
/// written, and only from there.
pub(super) fn restored(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Url) -> Result<Outcome> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())? else {
        return Ok(Outcome::Ignored("it is not known here"));
    };
    if !read_again(door, tx, &post)? {
        return Ok(Outcome::SeenBefore);
    }
    if let Some((group, settings)) = groups::with_actor(tx, post.group_id)?.filter(|(group, _)| group.local) {
        relay(door, tx, activity, (post.ap_id.url(), post.visibility), (&group, &settings), false)?;
    }
    Ok(Outcome::Done)
}

/// The same, relayed by a followed group.
pub(super) fn relayed_restore(door: &Door<'_>, tx: &mut Tx<'_>, object: &Url, group: &Actor) -> Result<Outcome> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())?.filter(|post| post.group_id == group.id) else {
        return Ok(Outcome::Ignored("it is not known here"));
    };
    if read_again(door, tx, &post)? { Ok(Outcome::Done) } else { Ok(Outcome::SeenBefore) }
}

/// `false` when it is there, or was written here: then only its author here can say so.
fn read_again(door: &Door<'_>, tx: &mut Tx<'_>, post: &Post) -> Result<bool> {
    if post.deleted_at.is_none() || post.local {
        return Ok(false);
    }
    let id = post.ap_id.url();
    if door.evidence.is_gone(id) {
        return Err(ActionError::NotBelieved("it is not there where it was written"));
    }
    let Some(Document::Post(document)) = door.evidence.object(id) else {
        return Err(ActionError::Needs(Missing::Object(id.clone())));
    };
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    if document.attributed_to.as_ref() != Some(author.ap_id.url()) {
        return Err(ActionError::NotBelieved("it is another author's"));
    }
    if !document.is_public() {
        return Err(ActionError::NotBelieved("it is not public"));
    }
    let words = Words::of(document, post.is_root());
    let back = Post {
        title: words.title,
        content_html: words.html,
        content_note: words.note,
        deleted_at: None,
        ..post.clone()
    };
    posts::unbury(tx, &back)?;
    image::replace_links(door.app, tx, post.id, &pictures(document))?;
    Ok(true)
}
