//! Conversations: writing, replying, editing, removing. The same rules for people here and for what other servers send.

mod begin;

pub(crate) use begin::{Beginning, begin, beginner, may_begin};

use crate::{
    ActionError, App, Form, Result, agreement, block, care, documents, fading,
    form::length_sentence,
    group, hold,
    image::{self, ImageForm, NewPictures},
    markdown, moderation, notice, persona,
    publish::{self, Outgoing, Relay, Relayed, What},
    recipients::Circle,
    rephrase, seal,
    server::{Site, site},
    topics,
};
use hearth_activitypub::{
    activity::{Frame, Reach, Recipient},
    outbound, peer,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        deliveries::{Software, To},
        events,
        groups::{self, Group},
        held_posts, memberships,
        post_versions::{self, PostVersion},
        posts::{self, Post, Thread},
        removals, seals,
    },
    views::visible::Reader,
};
use hearth_domain::{
    Denied,
    address::ApId,
    audience::{self, Visibility},
    id::{AccountId, ActorId, EventId, PostId, PostVersionId},
    image::ImageState,
    membership::{Role, Standing},
    permission,
    post::{PostDraft, content_note, reply_visibility, source, title},
};
use serde_json::Value;
use url::Url;

/// What a person types to write.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct PostForm {
    /// Title, for a post that begins a conversation.
    pub title: String,
    /// The text, Markdown.
    pub text: String,
    /// What it is about, for people who would rather not read it unprepared.
    pub content_note: String,
    /// `public` or `members`.
    pub visibility: String,
    /// The persona that writes.
    pub persona: String,
    /// `yes`: without the name; the group's notices stand for whoever wrote it.
    pub unnamed: String,
    /// Made with the form: the same form sent twice writes once.
    pub draft: String,
    /// Its pictures, in their order. `None`: none for what is new, and for a change those that are there.
    pub images: Option<Vec<ImageForm>>,
    /// Ids of topics of the group's list, for what begins a conversation. `None`: none for what is new, and for a change
    /// those that are there.
    pub topics: Option<Vec<String>>,
}

pub(crate) fn read_draft(form: &mut Form, typed: &PostForm, with_title: bool) -> PostDraft {
    let title = with_title.then(|| form.take("title", title(&typed.title), |p| length_sentence("A title", p)));
    let source = form.take("text", source(&typed.text), |p| length_sentence("The text", p));
    let content_note =
        form.take("content_note", content_note(&typed.content_note), |p| length_sentence("A content note", p));
    let visibility = if typed.visibility.is_empty() {
        Visibility::Public
    } else {
        form.word("visibility", "who can see this", &typed.visibility).unwrap_or(Visibility::Members)
    };
    let pictures = image::read(form, typed.images.as_deref().unwrap_or_default());
    let topics = typed.topics.as_ref().filter(|_| with_title).map(|typed| topics::read_chosen(form, typed));
    PostDraft { title, source, content_note, visibility, pictures, topics }
}

/// A new id, or the one the form carries, so that the same form sent twice is one post.
fn draft_id(app: &App, typed: &str) -> PostId {
    typed.parse().unwrap_or_else(|_| PostId::random(&*app.entropy))
}

/// Begins a conversation in a group. Where a person looks first, what is returned is no post yet: `hold` knows it by the
/// same id.
///
/// # Errors
/// `NotFound`, `Denied`, `Invalid`.
pub fn publish(app: &App, account: AccountId, group: ActorId, typed: &PostForm) -> Result<Post> {
    app.require_room()?;
    let mut form = Form::default();
    let draft = read_draft(&mut form, typed, true);
    let persona = group::read_persona(&mut form, &typed.persona);
    form.finish()?;
    let persona = persona.ok_or(ActionError::NotFound)?;
    let id = draft_id(app, &typed.draft);
    let asked = typed.unnamed == "yes";
    let keys = if asked { seal::keys(app, account, group)? } else { None };
    let plan = Beginning { persona, draft, unnamed: asked, keys };
    app.db.write(|tx| {
        let place = beginner(tx, account, group, plan.persona)?;
        match twin(tx, id, place.author.id)? {
            Some(twin) => Ok(twin),
            None => begin(app, tx, account, place, &plan, id),
        }
    })
}

/// Who writes, and in whose name it stands.
pub(crate) struct Speaker {
    /// The account and its persona.
    pub writer: (AccountId, Actor),
    /// The notices that stand for it, where it is without a name.
    pub unnamed: Option<Actor>,
}

impl Speaker {
    /// Who is shown as its author.
    pub(crate) fn author(&self) -> &Actor {
        self.unnamed.as_ref().unwrap_or(&self.writer.1)
    }
}

fn speaker(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    place: &Place,
    writer: (AccountId, Actor),
    unnamed: bool,
    keys: Option<&crate::KeyPair>,
) -> Result<Speaker> {
    let group = (&place.group, &place.settings);
    let unnamed = if unnamed { Some(seal::stand_in(app, tx, site, group, keys)?) } else { None };
    Ok(Speaker { writer, unnamed })
}

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// A post or reply.
    Post(PostId),
    /// A meetup.
    Event(EventId),
}

/// Answers a post, a reply or a meetup; what waits is returned as [`publish`] says.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied`, `Invalid`.
pub fn reply(app: &App, account: AccountId, to: Answering, typed: &PostForm) -> Result<Post> {
    app.require_room()?;
    let mut form = Form::default();
    let mut draft = read_draft(&mut form, typed, false);
    let persona = group::read_persona(&mut form, &typed.persona);
    form.finish()?;
    let persona = persona.ok_or(ActionError::NotFound)?;
    let id = draft_id(app, &typed.draft);
    let asked = typed.unnamed == "yes";
    let keys = if asked { keys_in(app, account, to)? } else { None };
    app.db.write(|tx| {
        let site = site(tx)?;
        let reader = Reader::account(tx, account)?;
        let (place, visibility) = place_of(tx, &reader, to)?;
        let author = persona::for_group(tx, account, place.group.id, persona)?;
        if let Some(twin) = twin(tx, id, author.id)? {
            return Ok(twin);
        }
        let standing = standing_of(tx, place.group.id, author.id)?;
        permission::may_reply(place.settings.settings(), standing)?;
        care::may_write(app, tx, &place.group, author.id)?;
        care::not_too_often(app, tx, account, standing)?;
        agreement::require(tx, &place.group, author.id, standing)?;
        if let Answering::Post(parent) = to {
            let parent = posts::by_id(tx, parent)?.ok_or(ActionError::NotFound)?;
            if block::hides(tx, Some(account), &reader, &parent)? {
                return Err(ActionError::NotFound);
            }
            moderation::may_answer(tx, &parent)?;
            block::may_answer(tx, author.id, parent.author_id)?;
        }
        draft.visibility = reply_visibility(visibility, draft.visibility);
        draft.visibility = kept(&place.group, &place.settings, standing, draft.visibility)?;
        let unnamed = seal::decide(tx, account, &place.group, place.thread(), standing, asked)?;
        let speaker = speaker(app, tx, &site, &place, (account, author), unnamed, keys.as_ref())?;
        write_here(app, tx, &site, place, speaker, draft, id)
    })
}

/// Keys for the notices of the group in which something is answered, where they may be needed.
fn keys_in(app: &App, account: AccountId, to: Answering) -> Result<Option<crate::KeyPair>> {
    let group = app.db.read(|c| {
        Ok::<_, ActionError>(match to {
            Answering::Post(id) => posts::by_id(c, id)?.map(|post| post.group_id),
            Answering::Event(id) => events::by_id(c, id)?.map(|event| event.group_id),
        })
    })?;
    group.map_or(Ok(None), |group| seal::keys(app, account, group))
}

/// Whom a new thing is for. In a group elsewhere that only members can read, everything is for members; and what is for
/// its members only a member can send there.
pub(crate) fn kept(group: &Actor, settings: &Group, standing: Standing, chosen: Visibility) -> Result<Visibility> {
    let chosen = if settings.settings().is_public() || group.local { chosen } else { Visibility::Members };
    if group.local || chosen == Visibility::Public || standing.is_member() {
        return Ok(chosen);
    }
    Err(ActionError::field(
        "visibility",
        "This group lives on another server, and you follow it without being a member. What you write there can be \
         read by anyone.",
    ))
}

/// The post that the same form made before.
fn twin(connection: &mut DbConn, id: PostId, author: ActorId) -> Result<Option<Post>> {
    match posts::by_id(connection, id)? {
        Some(post) if seal::is_by(connection, &post, author)? => Ok(Some(post)),
        Some(_) => Err(ActionError::Conflict("That was sent already.")),
        None => Ok(None),
    }
}

/// Where a new post stands.
struct Place {
    group: Actor,
    settings: Group,
    parent: Option<PostId>,
    root: Option<PostId>,
    event: Option<EventId>,
}

impl Place {
    /// The conversation, where one has begun.
    fn thread(&self) -> Option<Thread> {
        self.event.map(Thread::Event).or(self.root.map(Thread::Post))
    }
}

fn place_of(connection: &mut DbConn, reader: &Reader, to: Answering) -> Result<(Place, Visibility)> {
    let (group_id, visibility, deleted, parent, root, event) = match to {
        Answering::Post(id) => {
            let post = posts::by_id(connection, id)?.ok_or(ActionError::NotFound)?;
            let root = if post.is_root() { Some(post.id) } else { post.root_id };
            (post.group_id, post.visibility, post.deleted_at, Some(post.id), root, post.event_id)
        }
        Answering::Event(id) => {
            let event = events::by_id(connection, id)?.ok_or(ActionError::NotFound)?;
            (event.group_id, event.visibility, event.deleted_at, None, None, Some(event.id))
        }
    };
    let (group, settings) = groups::with_actor(connection, group_id)?.ok_or(ActionError::NotFound)?;
    if !reader.includes(&settings, visibility) {
        return Err(ActionError::NotFound);
    }
    if deleted.is_some() {
        return Err(ActionError::Gone);
    }
    Ok((Place { group, settings, parent, root, event }, visibility))
}

/// A group an account may see.
pub(crate) fn visible_group(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<(Actor, Group)> {
    let (actor, row) = groups::with_actor(connection, group)?.ok_or(ActionError::NotFound)?;
    let standing = group::standing(connection, account, group)?;
    if !audience::group_is_shown(row.settings(), standing) {
        return Err(ActionError::NotFound);
    }
    if actor.deleted_at.is_some() { Err(ActionError::Gone) } else { Ok((actor, row)) }
}

/// What an actor, here or elsewhere, is to a group.
pub(crate) fn standing_of(connection: &mut DbConn, group: ActorId, actor: ActorId) -> Result<Standing> {
    Ok(memberships::get(connection, group, actor)?.map_or(Standing::Stranger, |row| Standing::of(row.role, row.state)))
}

fn write_here(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    place: Place,
    speaker: Speaker,
    draft: PostDraft,
    id: PostId,
) -> Result<Post> {
    let is_root = place.parent.is_none() && place.event.is_none();
    let url = if is_root { site.at.post(&id.to_string()) } else { site.at.note(&id.to_string()) };
    let now = app.now();
    let post = Post {
        id,
        ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
        local: true,
        group_id: place.group.id,
        author_id: speaker.author().id,
        root_id: place.root,
        parent_id: place.parent,
        event_id: place.event,
        title: draft.title,
        content_html: markdown::html(&draft.source),
        source: draft.source,
        content_note: draft.content_note,
        visibility: draft.visibility,
        url: url.into(),
        published_at: now,
        edited_at: None,
        deleted_at: None,
        created_at: now,
    };
    let by = hold::By { writer: speaker.writer.1.id, unnamed: speaker.unnamed.is_some() };
    let held = hold::keeps(app, tx, &place.group, &post, &draft.pictures, by)?;
    let state = if held { ImageState::Held } else { ImageState::Shown };
    image::put(app, tx, speaker.writer.0, &draft.pictures, (state, post.id.get()), None)?;
    if let Some(chosen) = draft.topics.filter(|chosen| !chosen.is_empty()) {
        topics::mark(tx, place.group.id, post.id.get(), &chosen)?;
    }
    if held {
        return Ok(post);
    }
    put_up(app, tx, site, post, (&place.group, &place.settings), &speaker)
}

/// Puts up a post that was written here: now it is one, and goes where its audience says.
pub(crate) fn put_up(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    post: Post,
    (group, settings): (&Actor, &Group),
    speaker: &Speaker,
) -> Result<Post> {
    post.insert(tx)?;
    if speaker.unnamed.is_some() {
        let (account, writer) = &speaker.writer;
        seal::put(tx, *account, &post, writer.id)?;
    }
    fading::begin(tx, group, &post)?;
    announce(app, tx, site, &post, group, settings, speaker.author(), What::Create, To::All)?;
    notice::written(app, tx, &post, None)?;
    Ok(post)
}

/// Gives a post that is shown its new words and pictures, and tells of them. Its author can read what it was before.
pub(crate) fn put_edited(app: &App, tx: &mut Tx<'_>, post: Post, pictures: NewPictures<'_>) -> Result<Post> {
    let (group, settings) = groups::with_actor(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    if let Some(before) = posts::by_id(tx, post.id)? {
        let before = PostVersion {
            id: PostVersionId::random(&*app.entropy),
            post_id: before.id,
            title: before.title,
            source: before.source,
            content_note: before.content_note,
            replaced_at: app.now(),
            pictures: image::words(&image::drafts(tx, ImageState::Shown, post.id.get())?),
        };
        before.insert(tx)?;
    }
    posts::edit(tx, &post)?;
    image::replace(app, tx, post.id, pictures)?;
    let site = site(tx)?;
    announce(app, tx, &site, &post, &group, &settings, &author, What::Update, To::All)?;
    Ok(post)
}

/// Tells other servers what happened to a post that was written here, as far as its audience goes.
#[expect(clippy::too_many_arguments, reason = "one value each of what the audience function and the document need")]
pub(crate) fn announce(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    post: &Post,
    group: &Actor,
    settings: &Group,
    author: &Actor,
    what: What,
    to: To<'_>,
) -> Result<()> {
    let circle = Circle::of(site, group, settings.settings(), post.visibility);
    let heard = group.local && circle.leaves() && !circle.is_open();
    // Nobody elsewhere is a member: the author stays without an address on the network.
    if !circle.leaves() || (heard && circle.inboxes(tx, to, Software::AllBut(&[]))?.is_empty()) {
        return Ok(());
    }
    if !seal::stands_for_others(author) {
        actors::put_on_network(tx, author.id, app.now())?;
    }
    let now = app.clock.now();
    let id = publish::new_activity(app, site);
    let actor = author.ap_id.url();
    let (kind, body) = match what {
        What::Create => ("Create", outbound::create(&id.1, actor, documents::post(tx, site, post, now)?, now)),
        What::Update => ("Update", outbound::update(&id.1, actor, documents::post(tx, site, post, now)?, now)),
        What::Delete => ("Delete", outbound::delete(&frame(&id.1, actor, &circle), post.ap_id.url(), None)),
    };
    let object = post.ap_id.url().clone();
    let outgoing = Outgoing { id, kind, signer: author, object: object.as_str(), body: body.to_string() };
    if !group.local {
        return outgoing.send(app, tx, group);
    }
    let new_root = what == What::Create && post.is_root();
    let relay = Relay { circle: &circle, relayed: Relayed::Own(&body), object: &object, to, new_root };
    match to_companions(tx, site, post, what, (&relay_id(app, site), actor), now)? {
        None => publish::relay(app, tx, site, &relay)?,
        Some(twin) => {
            let elsewhere: Vec<&str> = peer::READS_OBJECTS.iter().chain(peer::THREADIVERSE).copied().collect();
            publish::relay_to(app, tx, site, &relay, Software::AllBut(&elsewhere))?;
            let relay = Relay { relayed: Relayed::Own(&twin), ..relay };
            publish::relay_to(app, tx, site, &relay, Software::Only(peer::THREADIVERSE))?;
        }
    }
    if what != What::Create {
        publish::directly(app, tx, &circle, outgoing, to)?;
    }
    Ok(())
}

fn relay_id(app: &App, site: &Site) -> Url {
    publish::new_activity(app, site).1
}

/// What answers a meetup directly, as servers read it that know only the post that stands for the meetup. `None` when it
/// reads the same for all.
fn to_companions(
    tx: &mut Tx<'_>,
    site: &Site,
    post: &Post,
    what: What,
    (id, actor): (&Url, &Url),
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<Value>> {
    if post.event_id.is_none() || post.parent_id.is_some() || what == What::Delete {
        return Ok(None);
    }
    let document = documents::post_for(tx, site, post, documents::Reads::Companions, now)?;
    Ok(Some(match what {
        What::Create => outbound::create(id, actor, document, now),
        _ => outbound::update(id, actor, document, now),
    }))
}

/// Frame of an activity about something in a group, for the readers of a circle.
pub(crate) fn frame(id: &Url, actor: &Url, circle: &Circle<'_>) -> Frame {
    let group = circle.group;
    let readers = match &circle.reach {
        Reach::Public => Recipient::Public,
        Reach::Limited(readers) => Recipient::Id(readers.clone()),
    };
    Frame {
        id: id.clone(),
        actor: actor.clone(),
        to: vec![Recipient::Id(group.ap_id.url().clone()), readers],
        cc: Vec::new(),
        audience: Some(group.ap_id.url().clone()),
        published: None,
    }
}

/// A post of this account that can still be changed, with its group and author.
fn own_post(connection: &mut DbConn, account: AccountId, id: PostId) -> Result<(Post, Actor, Group, Actor)> {
    let post = posts::by_id(connection, id)?.ok_or(ActionError::NotFound)?;
    let (group, settings) = groups::with_actor(connection, post.group_id)?.ok_or(ActionError::NotFound)?;
    let reader = Reader::account(connection, account)?;
    if !reader.includes(&settings, post.visibility) {
        return Err(ActionError::NotFound);
    }
    crate::account::require_active(connection, account)?;
    // Also of a persona that was retired since: what one wrote stays one's own.
    if seal::writer(connection, &post)? != Some(account) {
        return Err(Denied::AuthorOnly.into());
    }
    let author = actors::by_id(connection, post.author_id)?.ok_or(ActionError::NotFound)?;
    if post.deleted_at.is_some() { Err(ActionError::Gone) } else { Ok((post, group, settings, author)) }
}

/// Changes the words, pictures and topics of a post or reply. Who may see it stays as it was. Where the new words wait for
/// a person to look, the old ones stay meanwhile.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(AuthorOnly)`, `Invalid`.
pub fn edit(app: &App, account: AccountId, id: PostId, typed: &PostForm) -> Result<Post> {
    app.db.write(|tx| {
        if let Some(reworded) = rephrase::reworded(app, tx, account, id, typed)? {
            return Ok(reworded);
        }
        let (mut post, group, _, _) = own_post(tx, account, id)?;
        if group.local {
            care::takes_more(tx, group.id)?;
        }
        let mut form = Form::default();
        let draft = read_draft(&mut form, typed, post.is_root());
        form.finish()?;
        let before = image::drafts(tx, ImageState::Shown, id.get())?;
        let pictures = if typed.images.is_some() { draft.pictures } else { before.clone() };
        if let Some(chosen) = &draft.topics {
            topics::mark(tx, group.id, id.get(), chosen)?;
        }
        let same_words =
            (&draft.title, &draft.source, &draft.content_note) == (&post.title, &post.source, &post.content_note);
        if same_words && pictures == before {
            return Ok(post);
        }
        post.title = draft.title;
        post.content_html = markdown::html(&draft.source);
        post.source = draft.source;
        post.content_note = draft.content_note;
        post.edited_at = Some(app.now());
        if hold::keeps_edit(app, tx, &group, &post, (account, &pictures))? {
            return Ok(post);
        }
        put_edited(app, tx, post, NewPictures::Chosen(account, &pictures))
    })
}

/// What a post was before its author changed it, the latest first. Its author only.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(AuthorOnly)`.
pub fn versions(app: &App, account: AccountId, id: PostId) -> Result<(Post, Vec<PostVersion>)> {
    app.db.read(|c| {
        let (post, ..) = own_post(c, account, id)?;
        let versions = post_versions::of(c, id)?;
        Ok((post, versions))
    })
}

/// A post of this account that a moderator removed, whose words are kept for a while: now they go for good.
fn removed_by_another(tx: &mut Tx<'_>, account: AccountId, id: PostId) -> Result<Option<Post>> {
    let Some(post) = posts::by_id(tx, id)?.filter(|post| post.deleted_at.is_some()) else { return Ok(None) };
    let own = seal::writer(tx, &post)? == Some(account);
    Ok(if own && removals::delete(tx, id)? > 0 { Some(post) } else { None })
}

/// Removes a post or reply of one's own: the words go, a tombstone stays.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(AuthorOnly)`.
pub fn delete(app: &App, account: AccountId, id: PostId) -> Result<Post> {
    app.db.write(|tx| {
        if let Some(removed) = removed_by_another(tx, account, id)? {
            seals::delete(tx, id)?;
            held_posts::delete(tx, id)?;
            return Ok(removed);
        }
        let (post, ..) = own_post(tx, account, id)?;
        let post = bury(app, tx, post)?;
        seals::delete(tx, id)?;
        held_posts::delete(tx, id)?;
        Ok(post)
    })
}

/// Removes a post or reply that was written here for good, and asks other servers to do so.
pub(crate) fn bury(app: &App, tx: &mut Tx<'_>, mut post: Post) -> Result<Post> {
    if post.deleted_at.is_some() {
        removals::delete(tx, post.id)?;
        return Ok(post);
    }
    let (group, settings) = groups::with_actor(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    let now = app.now();
    posts::bury(tx, post.id, now)?;
    post.deleted_at = Some(now);
    let site = site(tx)?;
    announce(app, tx, &site, &post, &group, &settings, &author, What::Delete, To::All)?;
    Ok(post)
}

/// Whether somebody with this standing may begin a conversation here under a persona that is not a member yet.
#[must_use]
pub fn may_write(settings: &Group, standing: Standing) -> bool {
    permission::may_post(settings.settings(), standing).is_ok()
}

/// Roles whose holders are shown as looking after a group.
pub const HOLDERS: &[Role] = &[Role::Host, Role::Facilitator, Role::Owner];
