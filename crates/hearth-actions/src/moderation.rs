//! Looking after a group: removing what somebody wrote, closing a conversation, pinning a post; and undoing each. The
//! same for people here, for moderators elsewhere of groups here, and for what groups elsewhere announce.
//!
//! Must never bring back what its own author deleted, or send anything about what is kept to members.

use crate::{
    ActionError, App, Form, Result,
    log::{self, Said},
    notice,
    publish::{self, Outgoing, Relay, Relayed},
    recipients::Circle,
    rephrase, secret,
    server::{Site, site},
    team,
};
use hearth_activitypub::{
    Part,
    moderation::{self as wire, Deed},
    outbound,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        deliveries::To,
        groups, images,
        locks::{self, Lock},
        pins::{self, Pin},
        posts::{self, Post},
        removals::{self, Removal},
        teams,
    },
    views::visible::Reader,
};
use hearth_domain::{
    Denied,
    audience::{self, Receivers, Visibility},
    group::Settings,
    id::{AccountId, ActivityId, PostId},
    image::ImageState,
    log::Logged,
    notice::Kind,
    permission,
    report::Withheld,
    text,
};
use serde_json::Value;
use url::Url;

/// Most posts that stand first on the page of a group.
pub const MOST_PINS: i64 = 5;
/// The same of a group elsewhere, which may have other limits.
const MOST_PINS_ELSEWHERE: i64 = 50;

/// Something done in a group: where, by whom, and who has to be told.
pub(crate) struct Scene<'a> {
    pub app: &'a App,
    pub site: &'a Site,
    pub group: &'a Actor,
    pub settings: Settings,
    /// Who does it, by their id on the network.
    pub by: &'a Url,
    /// The activity: made here, or as it came.
    pub id: (ActivityId, Url),
    pub told: Told<'a>,
}

/// Who has to be told.
#[derive(Clone, Copy)]
pub(crate) enum Told<'a> {
    /// This persona does it: its group tells its followers; a group elsewhere is asked to.
    Here(&'a Actor),
    /// It came straight to a group here, as this text from this server: the group relays it.
    Raw(&'a str, &'a str),
    /// A group elsewhere announced it, and tells everybody.
    Announced,
}

impl Told<'_> {
    /// Whether somebody here does it.
    pub(crate) const fn is_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }
}

impl<'a> Scene<'a> {
    /// Something that a persona here does.
    pub(crate) fn here(app: &'a App, site: &'a Site, group: &'a Actor, settings: Settings, by: &'a Actor) -> Self {
        let id = publish::new_activity(app, site);
        Self { app, site, group, settings, by: by.ap_id.url(), id, told: Told::Here(by) }
    }

    /// The same by the same, as another activity.
    pub(crate) fn again(&self) -> Self {
        let id = publish::new_activity(self.app, self.site);
        let Self { app, site, group, settings, by, told, .. } = *self;
        Self { app, site, group, settings, by, id, told }
    }

    /// The same, without a word to anybody: they were told otherwise.
    pub(crate) fn quietly(&self) -> Self {
        Self { told: Told::Announced, ..self.again() }
    }

    /// Tells of it, as far as what it is about goes: `what` is its type and what it is about; `also` is told in any case.
    pub(crate) fn tell(
        &self,
        tx: &mut Tx<'_>,
        seen_by: Visibility,
        (kind, object): (&'static str, &Url),
        also: Option<&Actor>,
        write: impl FnOnce(Deed<'_>) -> Value,
    ) -> Result<()> {
        let (app, group) = (self.app, self.group);
        let circle = &Circle::of(self.site, group, self.settings, seen_by);
        if !circle.leaves() {
            return Ok(());
        }
        let relay = |relayed, to| Relay { circle, relayed, object, to, new_root: false };
        match self.told {
            Told::Announced => Ok(()),
            Told::Raw(raw, from) if teams::is_shown(tx, group.id)? => {
                publish::relay_also(app, tx, self.site, &relay(Relayed::Raw(raw), To::AllBut(from)), also)
            }
            // Nobody could see that its actor looks after the group: the group says it itself.
            Told::Raw(_, from) => {
                let id = said_by_group(group, &self.id.1);
                let by = group.ap_id.url();
                let body = write(Deed { id: &id, by, group: by, reach: &circle.reach });
                publish::relay_also(app, tx, self.site, &relay(Relayed::Own(&body), To::AllBut(from)), also)
            }
            Told::Here(persona) => {
                actors::put_on_network(tx, persona.id, app.now())?;
                let (id, by) = (&self.id.1, self.by);
                let body = write(Deed { id, by, group: group.ap_id.url(), reach: &circle.reach });
                if group.local {
                    return publish::relay_also(app, tx, self.site, &relay(Relayed::Own(&body), To::All), also);
                }
                let (id, object) = (self.id.clone(), object.as_str());
                Outgoing { id, kind, signer: persona, object, body: body.to_string() }.send(app, tx, group)
            }
        }
    }

    /// Tells that it is undone. `write` writes what is undone, under the id it had.
    pub(crate) fn tell_undone(
        &self,
        tx: &mut Tx<'_>,
        seen_by: Visibility,
        object: &Url,
        undone: &Url,
        also: Option<&Actor>,
        write: impl FnOnce(Deed<'_>) -> Value,
    ) -> Result<()> {
        self.tell(tx, seen_by, ("Undo", object), also, |deed| {
            let own = deed.by == deed.group;
            let undone = if own { said_by_group(self.group, undone) } else { undone.clone() };
            outbound::undo(deed.id, deed.by, write(Deed { id: &undone, ..deed }))
        })
    }
}

/// The id of what a group says in place of the moderator elsewhere who did it: always the same for the same activity.
fn said_by_group(group: &Actor, activity: &Url) -> Url {
    let mut id = group.ap_id.url().clone();
    id.set_fragment(Some(&format!("for-{}", secret::activity_hash(activity.as_str()))));
    id
}

/// Removes what somebody wrote. What is removed already stays so.
pub(crate) fn remove_in(scene: &Scene<'_>, tx: &mut Tx<'_>, post: &Post, reason: &str) -> Result<bool> {
    withhold_in(scene, tx, post, reason, Withheld::Removed)
}

/// What other servers are told in place of a word that is for the author alone.
const HIDDEN: &str = "Hidden by those who look after the group.";

/// The reason of a removal as other servers learn it.
fn told_reason(removal: &Removal) -> &str {
    if removal.kind == Withheld::Removed { &removal.reason } else { HIDDEN }
}

/// Removes or hides what somebody wrote.
pub(crate) fn withhold_in(
    scene: &Scene<'_>,
    tx: &mut Tx<'_>,
    post: &Post,
    reason: &str,
    kind: Withheld,
) -> Result<bool> {
    if post.deleted_at.is_some() {
        return Ok(false);
    }
    let now = scene.app.now();
    let removal = Removal {
        post_id: post.id,
        group_id: post.group_id,
        by_ap_id: scene.by.to_string(),
        ap_id: scene.id.1.to_string(),
        reason: match kind {
            Withheld::Removed => text::cut(&text::line(reason), text::REASON_MAX),
            Withheld::Hidden | Withheld::Rephrase => reason.to_owned(),
        },
        title: post.title.clone(),
        source: post.source.clone(),
        content_html: post.content_html.clone(),
        content_note: post.content_note.clone(),
        removed_at: now,
        kind,
    };
    removals::delete(tx, post.id)?;
    removal.insert(tx)?;
    images::change_state(tx, post.id.get(), ImageState::Shown, ImageState::Withheld)?;
    posts::bury(tx, post.id, now)?;
    pins::delete(tx, post.id)?;
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    let object = post.ap_id.url();
    scene.tell(tx, post.visibility, ("Delete", object), Some(&author), |deed| {
        wire::remove(deed, object, told_reason(&removal))
    })?;
    tell_boosters(scene, tx, post, &author)?;
    let logged = match kind {
        Withheld::Removed => Logged::Removed,
        Withheld::Hidden => Logged::Hidden,
        Withheld::Rephrase => Logged::AskedToRephrase,
    };
    written(scene, tx, logged, post)?;
    Ok(true)
}

/// Writes down what was done about a post.
pub(crate) fn written(scene: &Scene<'_>, tx: &mut Tx<'_>, deed: Logged, post: &Post) -> Result<()> {
    let by = log::actor_of(tx, scene.by)?;
    let said = Said { by, about: Some(post.author_id), post: Some(post.id), number: None };
    log::write(scene.app, tx, scene.group, deed, said)
}

/// Servers that read no relayed activities believe a removal by the author only. What was written here is gone here, and
/// its author's server is we.
fn tell_boosters(scene: &Scene<'_>, tx: &mut Tx<'_>, post: &Post, author: &Actor) -> Result<()> {
    let public = audience::audience(scene.settings, post.visibility).receivers == Receivers::Followers;
    if !public || !author.local || !scene.group.local {
        return Ok(());
    }
    let id = publish::new_activity(scene.app, scene.site);
    let circle = Circle::of(scene.site, scene.group, scene.settings, post.visibility);
    let frame = crate::post::frame(&id.1, author.ap_id.url(), &circle);
    let body = outbound::delete(&frame, post.ap_id.url(), None).to_string();
    let outgoing = Outgoing { id, kind: "Delete", signer: author, object: post.ap_id.as_str(), body };
    publish::directly(scene.app, tx, &circle, outgoing, To::All)
}

/// What undoing a removal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restored {
    Done,
    /// It is another's removal, or no removal.
    NotTheirs,
    /// Too much time has passed: the words are gone.
    Forgotten,
}

/// Brings back what the same actor removed.
pub(crate) fn restore_in(scene: &Scene<'_>, tx: &mut Tx<'_>, post: &Post) -> Result<Restored> {
    let removal = removals::get(tx, post.id)?.filter(|removal| removal.by_ap_id == scene.by.as_str());
    let Some(removal) = removal else { return Ok(Restored::NotTheirs) };
    if removal.content_html.is_empty() {
        return Ok(Restored::Forgotten);
    }
    let words = removal.clone();
    let back = Post {
        title: words.title,
        source: words.source,
        content_html: words.content_html,
        content_note: words.content_note,
        deleted_at: None,
        ..post.clone()
    };
    posts::unbury(tx, &back)?;
    removals::delete(tx, post.id)?;
    let author = actors::by_id(tx, post.author_id)?;
    let object = post.ap_id.url();
    let undone = Url::parse(&removal.ap_id).map_err(|_| ActionError::NotFound)?;
    scene.tell_undone(tx, post.visibility, object, &undone, author.as_ref(), |deed| {
        wire::remove(deed, object, told_reason(&removal))
    })?;
    Ok(Restored::Done)
}

/// Closes a post, so that nobody answers it or anything below it; or opens it again.
pub(crate) fn lock_in(scene: &Scene<'_>, tx: &mut Tx<'_>, post: &Post, closed: bool) -> Result<()> {
    let object = post.ap_id.url();
    match (locks::get(tx, post.id)?, closed) {
        (None, true) => {
            let ap_id = scene.id.1.to_string();
            Lock { post_id: post.id, by_ap_id: scene.by.to_string(), ap_id, locked_at: scene.app.now() }.insert(tx)?;
            written(scene, tx, Logged::Locked, post)?;
            scene.tell(tx, post.visibility, ("Lock", object), None, |deed| wire::lock(deed, object))
        }
        (Some(lock), false) => {
            locks::delete(tx, post.id)?;
            written(scene, tx, Logged::Unlocked, post)?;
            let undone = Url::parse(&lock.ap_id).map_err(|_| ActionError::NotFound)?;
            scene.tell_undone(tx, post.visibility, object, &undone, None, |deed| wire::lock(deed, object))
        }
        _ => Ok(()),
    }
}

/// Pins a post that begins a conversation, or takes the pin away.
pub(crate) fn pin_in(scene: &Scene<'_>, tx: &mut Tx<'_>, post: &Post, pinned: bool) -> Result<()> {
    let object = post.ap_id.url();
    let collection = scene.site.at.part(scene.group.ap_id.url(), Part::Featured);
    if pinned == pins::get(tx, post.id)?.is_some() {
        return Ok(());
    }
    if pinned {
        let most = if scene.group.local { MOST_PINS } else { MOST_PINS_ELSEWHERE };
        if !post.is_root() || post.deleted_at.is_some() {
            return Err(ActionError::Conflict("Only a post that begins a conversation can be pinned."));
        }
        if pins::count(tx, scene.group.id)? >= most {
            return Err(ActionError::Conflict("Five posts are pinned already. Unpin one first."));
        }
        let by_ap_id = scene.by.to_string();
        Pin { post_id: post.id, group_id: scene.group.id, by_ap_id, pinned_at: scene.app.now() }.insert(tx)?;
    } else {
        pins::delete(tx, post.id)?;
    }
    written(scene, tx, if pinned { Logged::Pinned } else { Logged::Unpinned }, post)?;
    let kind = if pinned { "Add" } else { "Remove" };
    let collection = featured_of(tx, scene.group, collection)?;
    scene.tell(tx, post.visibility, (kind, object), None, |deed| wire::listed(deed, pinned, object, &collection))
}

/// Where a group lists its pinned posts: ours by our own plan, others where they say.
fn featured_of(connection: &mut DbConn, group: &Actor, ours: Url) -> Result<Url> {
    if group.local {
        return Ok(ours);
    }
    let known = teams::get(connection, group.id)?.and_then(|team| team.featured);
    Ok(known.and_then(|url| Url::parse(&url).ok()).unwrap_or(ours))
}

/// Whether something in the conversation above a new reply is closed. `parent` is what it answers.
///
/// # Errors
/// Database errors.
pub fn is_closed(connection: &mut DbConn, parent: &Post) -> Result<bool> {
    let root = if parent.is_root() { parent.id } else { parent.root_id.unwrap_or(parent.id) };
    Ok(locks::any_above(connection, parent.id, root)?)
}

/// May a reply be written below this post?
///
/// # Errors
/// `Denied(Locked)`.
pub(crate) fn may_answer(connection: &mut DbConn, parent: &Post) -> Result<()> {
    if is_closed(connection, parent)? { Err(Denied::Locked.into()) } else { Ok(()) }
}

/// What somebody who looks after a group does about a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Removes it, for this reason.
    Remove(String),
    /// Brings it back.
    Restore,
    /// Takes no more replies.
    Lock,
    /// Takes replies again.
    Unlock,
    /// Shows it first on the group's page.
    Pin,
    /// No longer.
    Unpin,
}

/// Does something about a post, as the persona that looks after its group.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(FacilitatorsOnly)`, `Invalid`, `Conflict`.
pub fn act(app: &App, account: AccountId, post: PostId, act: &Act) -> Result<Post> {
    let mut form = Form::default();
    let reason = match act {
        Act::Remove(reason) => form.line("reason", "A reason", reason, 3, text::REASON_MAX),
        _ => String::new(),
    };
    form.finish()?;
    app.db.write(|tx| {
        let site = site(tx)?;
        let found = find(tx, account, post)?;
        let (group, row) = groups::with_actor(tx, found.group_id)?.ok_or(ActionError::NotFound)?;
        let (persona, standing) = team::acting(tx, account, &group)?;
        permission::may_moderate(standing)?;
        if found.deleted_at.is_some() && *act != Act::Restore {
            return Err(ActionError::Gone);
        }
        let scene = Scene::here(app, &site, &group, row.settings(), &persona);
        match act {
            Act::Remove(_) => {
                remove_in(&scene, tx, &found, &reason)?;
                let told = notice::Told::of(Kind::Withheld, group.id).post(found.id).words(&reason);
                notice::persona(app, tx, found.author_id, told)?;
            }
            Act::Restore if rephrase::unhide(app, tx, &site, (&group, &row), &found)? => {
                written(&scene, tx, Logged::Restored, &found)?;
            }
            Act::Restore => match restore_in(&scene, tx, &found)? {
                Restored::Done => written(&scene, tx, Logged::Restored, &found)?,
                Restored::NotTheirs => {
                    return Err(ActionError::Conflict("Only whoever removed this can bring it back."));
                }
                Restored::Forgotten => {
                    return Err(ActionError::Conflict("This was removed too long ago: its words are gone."));
                }
            },
            Act::Lock | Act::Unlock => lock_in(&scene, tx, &found, *act == Act::Lock)?,
            Act::Pin | Act::Unpin => pin_in(&scene, tx, &found, *act == Act::Pin)?,
        }
        posts::by_id(tx, post)?.ok_or(ActionError::NotFound)
    })
}

/// A post that this account may see, removed ones too.
pub(crate) fn find(connection: &mut DbConn, account: AccountId, post: PostId) -> Result<Post> {
    let found = posts::by_id(connection, post)?.ok_or(ActionError::NotFound)?;
    let row = groups::by_id(connection, found.group_id)?.ok_or(ActionError::NotFound)?;
    let reader = Reader::account(connection, account)?;
    if reader.includes(&row, found.visibility) { Ok(found) } else { Err(ActionError::NotFound) }
}
