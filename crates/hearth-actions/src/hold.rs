//! Posts that wait for a person to look: the first of somebody new, and those with a word of the group's list. Never a
//! silent refusal: the author sees their post as waiting, and hears what became of it.
//!
//! Must never let anything of a waiting post leave this server, or be counted or listed anywhere. It is no post until it
//! is shown.

use crate::{
    ActionError, App, Result,
    care::{self, Words},
    fading,
    image::{self, NewPictures},
    log::{self, Said},
    markdown, moderation, notice,
    notice::Told,
    post::{Speaker, standing_of},
    publish::{self, Relay, Relayed},
    recipients::Circle,
    seal,
    server::{Site, site},
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        deliveries::To,
        events,
        group_care::{self, GroupCare},
        groups,
        held_posts::{self, HeldPost},
        images, personas,
        posts::{self, Post},
        seals,
    },
};
use hearth_domain::{
    address::ApId,
    audience::Visibility,
    care::{self as rules, Cause, Waiting},
    deed::Deed,
    id::{AccountId, ActorId, PostId},
    image::{ImageDraft, ImageState},
    log::Logged,
    membership::Role,
    notice::Kind,
    permission,
};

/// Most posts that one author has waiting in a group.
const MOST_OF_ONE: i64 = 10;
/// Most that are listed together.
const MOST: i64 = 100;

/// Who wrote what waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By {
    /// The persona, also of what stands without its name.
    pub writer: ActorId,
    /// Whether it stands without its name: then nobody who looks learns more than that.
    pub unnamed: bool,
}

/// Why a person looks at these words first, if somebody does. What stands without a name waits whoever wrote it: were
/// some excepted, that it waits, or does not, would say something of them.
fn cause(
    connection: &mut DbConn,
    care: &GroupCare,
    group: &Actor,
    post: &Post,
    pictures: &str,
    by: By,
) -> Result<Option<Cause>> {
    let words = rules::word_list(&care.held_words);
    let first = u32::try_from(care.first_posts).unwrap_or_default();
    if !group.local || (first == 0 && words.is_empty()) {
        return Ok(None);
    }
    let trusted = !by.unnamed && standing_of(connection, group.id, by.writer)?.at_least(Role::Host);
    let shown = match first {
        0 => 0,
        _ if by.unnamed => 0,
        _ => posts::count_shown(connection, group.id, by.writer, i64::from(first))?,
    };
    let text = [post.title.as_deref(), Some(&*markdown::plain(&post.content_html)), post.content_note.as_deref()];
    let text: Vec<&str> = text.into_iter().flatten().chain([pictures]).collect();
    let holds = rules::holds_word(&words, &text.join("\n"));
    Ok(rules::cause_of_waiting(trusted, first, u32::try_from(shown).unwrap_or(u32::MAX), holds))
}

/// Whether a text that can't wait holds a word of a group's list.
pub(crate) fn has_listed_word(connection: &mut DbConn, group: ActorId, text: &str) -> Result<bool> {
    let words = rules::word_list(&group_care::of_group(connection, group)?.held_words);
    Ok(!words.is_empty() && rules::holds_word(&words, &markdown::plain(&markdown::html(text))))
}

/// Keeps a new post that was written here until a person has looked, where its group wants that. `false`: nobody needs
/// to look.
pub(crate) fn keeps(
    app: &App,
    tx: &mut Tx<'_>,
    group: &Actor,
    post: &Post,
    pictures: &[ImageDraft],
    by: By,
) -> Result<bool> {
    if let Some(known) = held_posts::get(tx, post.id)? {
        // The same form once more, or somebody else's number.
        return if known.author_id == by.writer {
            Ok(true)
        } else {
            Err(ActionError::Conflict("That was sent already."))
        };
    }
    let care = group_care::of_group(tx, group.id)?;
    let Some(cause) = cause(tx, &care, group, post, &image::words(pictures), by)? else { return Ok(false) };
    store(app, tx, post, by, (cause, false), None)?;
    Ok(true)
}

/// Keeps a post from elsewhere, with the activity as it came. `false`: nobody needs to look.
pub(crate) fn keeps_received(
    app: &App,
    tx: &mut Tx<'_>,
    care: &GroupCare,
    group: &Actor,
    post: &Post,
    (pictures, activity): (&str, &str),
) -> Result<bool> {
    let by = By { writer: post.author_id, unnamed: false };
    let Some(cause) = cause(tx, care, group, post, pictures, by)? else { return Ok(false) };
    if held_posts::by_ap_id(tx, post.ap_id.as_str())?.is_none() {
        store(app, tx, post, by, (cause, false), Some(activity))?;
    }
    Ok(true)
}

/// Keeps new words of a post that is shown, where they hold a word of the group's list. The old words stay meanwhile.
pub(crate) fn keeps_edit(
    app: &App,
    tx: &mut Tx<'_>,
    group: &Actor,
    post: &Post,
    (account, pictures): (AccountId, &[ImageDraft]),
) -> Result<bool> {
    // Words alone count: that it is one of the first was looked at when it was shown.
    let care = GroupCare { first_posts: 0, ..group_care::of_group(tx, group.id)? };
    let sealed = seals::author(tx, post.id)?;
    let by = By { writer: sealed.unwrap_or(post.author_id), unnamed: sealed.is_some() };
    match cause(tx, &care, group, post, &image::words(pictures), by)? {
        Some(Cause::Words) => {
            held_posts::delete(tx, post.id)?;
            store(app, tx, post, by, (Cause::Words, true), None)?;
            image::put(app, tx, account, pictures, (ImageState::Held, post.id.get()), Some(post.id))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn store(
    app: &App,
    tx: &mut Tx<'_>,
    post: &Post,
    by: By,
    (cause, edits): (Cause, bool),
    activity: Option<&str>,
) -> Result<()> {
    let own = held_posts::of_authors(tx, post.group_id, &[by.writer], MOST_OF_ONE)?;
    if own.iter().filter(|held| held.state == Waiting::Waiting).count() >= usize::try_from(MOST_OF_ONE).unwrap_or(10) {
        return Err(ActionError::Conflict(
            "Several of your posts wait for a person to look. Please give them a little time.",
        ));
    }
    let held = HeldPost {
        id: post.id,
        group_id: post.group_id,
        author_id: by.writer,
        unnamed: by.unnamed,
        root_id: post.root_id,
        parent_id: post.parent_id,
        event_id: post.event_id,
        title: post.title.clone(),
        source: post.source.clone(),
        content_html: post.content_html.clone(),
        content_note: post.content_note.clone(),
        visibility: post.visibility,
        cause,
        state: Waiting::Waiting,
        edits,
        answer: String::new(),
        ap_id: activity.map(|_| post.ap_id.to_string()),
        activity: activity.map(str::to_owned),
        created_at: app.now(),
        decided_at: None,
    };
    held.insert(tx)?;
    let account = personas::owner(tx, by.writer)?;
    notice::team(app, tx, post.group_id, account, Told::of(Kind::Held, post.group_id).post(post.id))
}

/// One that waits or was declined, as its author or a facilitator reads it.
pub struct ReadHeld {
    /// What waits.
    pub held: HeldPost,
    /// Who wrote it, or the group's notices where it is to stand without a name.
    pub author: Actor,
}

fn read(connection: &mut DbConn, list: Vec<HeldPost>) -> Result<Vec<ReadHeld>> {
    let mut read = Vec::new();
    for held in list {
        let author = if held.unnamed {
            seal::stands_in(connection, held.group_id)?
        } else {
            actors::by_id(connection, held.author_id)?.filter(|actor| actor.deleted_at.is_none())
        };
        if let Some(author) = author {
            read.push(ReadHeld { held, author });
        }
    }
    Ok(read)
}

/// What waits in a group, oldest first.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn waiting(app: &App, account: AccountId, group: ActorId) -> Result<Vec<ReadHeld>> {
    app.db.read(|c| {
        let (group, _) = care::held(c, account, group, Deed::DecideHeld)?;
        let list = held_posts::waiting_in(c, group.id, MOST)?;
        read(c, list)
    })
}

/// What of an account's own waits or was declined in a group.
///
/// # Errors
/// Database errors.
pub fn own(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<Vec<HeldPost>> {
    let own: Vec<ActorId> = personas::of_account(connection, account)?.into_iter().map(|actor| actor.id).collect();
    Ok(held_posts::of_authors(connection, group, &own, MOST)?)
}

/// One of an account's own that waits or was declined; for everybody else there is nothing.
///
/// # Errors
/// Database errors.
pub fn own_by_id(connection: &mut DbConn, account: AccountId, id: PostId) -> Result<Option<HeldPost>> {
    let Some(held) = held_posts::get(connection, id)? else { return Ok(None) };
    let owner = personas::owner(connection, held.author_id)?;
    Ok(Some(held).filter(|_| owner == Some(account)))
}

/// Something that waits, for somebody who decides about it.
fn decided(tx: &mut Tx<'_>, account: AccountId, id: PostId) -> Result<(HeldPost, Actor, ActorId)> {
    let held = held_posts::get(tx, id)?.filter(|held| held.state == Waiting::Waiting).ok_or(ActionError::NotFound)?;
    match care::held(tx, account, held.group_id, Deed::DecideHeld) {
        Ok((group, by)) => Ok((held, group, by)),
        // Who may not decide does not learn that something waits.
        Err(ActionError::Denied(_)) => Err(ActionError::NotFound),
        Err(other) => Err(other),
    }
}

/// What the log says of a decision: not who wrote it, where it stands without a name.
fn said(held: &HeldPost, by: ActorId) -> Said {
    let about = Some(held.author_id).filter(|_| !held.unnamed);
    Said { by: Some(by), about, post: Some(held.id), number: None }
}

/// Shows what waited: now it is a post, and goes where its audience says.
///
/// # Errors
/// `NotFound`; `Conflict` when it can't be shown any more.
pub fn show(app: &App, account: AccountId, id: PostId) -> Result<Post> {
    app.db.write(|tx| {
        let (held, group, by) = decided(tx, account, id)?;
        let shown = if held.edits { reword(app, tx, &held)? } else { put_up(app, tx, &held, &group)? };
        held_posts::delete(tx, held.id)?;
        let told = Told::of(Kind::Shown, group.id).post(held.id);
        notice::persona(app, tx, held.author_id, told)?;
        log::write(app, tx, &group, Logged::HeldShown, said(&held, by))?;
        Ok(shown)
    })
}

/// The words go to the post that they were written for.
fn reword(app: &App, tx: &mut Tx<'_>, held: &HeldPost) -> Result<Post> {
    let post = posts::by_id(tx, held.id)?.ok_or(ActionError::NotFound)?;
    let new = Post {
        title: held.title.clone(),
        source: held.source.clone(),
        content_html: held.content_html.clone(),
        content_note: held.content_note.clone(),
        edited_at: Some(app.now()),
        ..post.clone()
    };
    if post.deleted_at.is_some() {
        return crate::rephrase::shown_again(app, tx, new, NewPictures::Held);
    }
    crate::post::put_edited(app, tx, new, NewPictures::Held)
}

fn put_up(app: &App, tx: &mut Tx<'_>, held: &HeldPost, group: &Actor) -> Result<Post> {
    let settings = groups::by_id(tx, group.id)?.ok_or(ActionError::NotFound)?;
    let author = actors::by_id(tx, held.author_id)?
        .filter(|actor| actor.deleted_at.is_none())
        .ok_or(ActionError::Conflict("Its author is here no more."))?;
    still_fits(app, tx, held, group, &settings)?;
    let site = site(tx)?;
    let is_root = held.parent_id.is_none() && held.event_id.is_none();
    let own = if is_root { site.at.post(&held.id.to_string()) } else { site.at.note(&held.id.to_string()) };
    let ap_id = match &held.ap_id {
        Some(ap_id) => ApId::try_from(ap_id.clone()).map_err(|_| ActionError::NotFound)?,
        None => ApId::try_from(own).map_err(|_| ActionError::NotSetUp)?,
    };
    let speaker = if held.activity.is_none() { Some(speaker(app, tx, &site, held, (group, &settings))?) } else { None };
    let now = app.now();
    let post = Post {
        id: held.id,
        local: held.activity.is_none(),
        group_id: held.group_id,
        author_id: speaker.as_ref().map_or(author.id, |speaker| speaker.author().id),
        root_id: held.root_id,
        parent_id: held.parent_id,
        event_id: held.event_id,
        title: held.title.clone(),
        source: held.source.clone(),
        content_html: held.content_html.clone(),
        content_note: held.content_note.clone(),
        visibility: held.visibility,
        url: ap_id.to_string(),
        ap_id,
        published_at: now,
        edited_at: None,
        deleted_at: None,
        created_at: now,
    };
    images::change_state(tx, post.id.get(), ImageState::Held, ImageState::Shown)?;
    let Some(activity) = &held.activity else {
        let speaker = speaker.ok_or(ActionError::NotFound)?;
        return crate::post::put_up(app, tx, &site, post, (group, &settings), &speaker);
    };
    post.insert(tx)?;
    fading::begin(tx, group, &post)?;
    let circle = Circle::of(&site, group, settings.settings(), post.visibility);
    if circle.leaves() && circle.is_open() == (post.visibility == Visibility::Public) {
        let (object, to) = (post.ap_id.url(), To::AllBut(&author.host));
        let relay = Relay { circle: &circle, relayed: Relayed::Raw(activity), object, to, new_root: post.is_root() };
        publish::relay(app, tx, &site, &relay)?;
    }
    notice::written(app, tx, &post, None)?;
    Ok(post)
}

/// Who speaks in what was written here and waited.
fn speaker(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    held: &HeldPost,
    group: (&Actor, &groups::Group),
) -> Result<Speaker> {
    const GONE: ActionError = ActionError::Conflict("Its author is here no more.");
    let account = personas::owner(tx, held.author_id)?.ok_or(GONE)?;
    let writer = actors::by_id(tx, held.author_id)?.ok_or(GONE)?;
    // The notices were made when it was written.
    let unnamed = if held.unnamed { Some(seal::stand_in(app, tx, site, group, None)?) } else { None };
    Ok(Speaker { writer: (account, writer), unnamed })
}

/// What was allowed when it was written is asked once more: time has passed. Not of who stands without a name: the answer
/// would tell whoever looks that it is somebody who left, or was paused.
fn still_fits(app: &App, tx: &mut Tx<'_>, held: &HeldPost, group: &Actor, settings: &groups::Group) -> Result<()> {
    if !held.unnamed {
        author_still_may(app, tx, held, group, settings)?;
    }
    if let Some(parent) = held.parent_id {
        let parent = posts::by_id(tx, parent)?.filter(|parent| parent.deleted_at.is_none());
        let parent = parent.ok_or(ActionError::Conflict("What it answers is gone."))?;
        moderation::may_answer(tx, &parent)?;
    }
    if let Some(event) = held.event_id
        && events::by_id(tx, event)?.is_none_or(|event| event.deleted_at.is_some())
    {
        return Err(ActionError::Conflict("What it answers is gone."));
    }
    Ok(())
}

fn author_still_may(
    app: &App,
    tx: &mut Tx<'_>,
    held: &HeldPost,
    group: &Actor,
    settings: &groups::Group,
) -> Result<()> {
    let standing = standing_of(tx, group.id, held.author_id)?;
    care::may_write(app, tx, group, held.author_id)?;
    let is_root = held.parent_id.is_none() && held.event_id.is_none();
    let allowed = if is_root {
        permission::may_post(settings.settings(), standing)
    } else {
        permission::may_reply(settings.settings(), standing)
    };
    let members_only = held.visibility == Visibility::Members && !standing.is_member();
    if allowed.is_err() || members_only {
        return Err(ActionError::Conflict("Its author can’t write here any more."));
    }
    Ok(())
}

/// Does not show what waited, with a kind word to its author.
///
/// # Errors
/// `NotFound`, `Invalid`.
pub fn decline(app: &App, account: AccountId, id: PostId, words: &Words) -> Result<()> {
    app.db.write(|tx| {
        let (held, group, by) = decided(tx, account, id)?;
        let words = words.read(tx, group.id)?;
        if !held_posts::decline(tx, held.id, &words, app.now())? {
            return Err(ActionError::NotFound);
        }
        let told = Told::of(Kind::Declined, group.id).post(held.id).words(&words);
        notice::persona(app, tx, held.author_id, told)?;
        log::write(app, tx, &group, Logged::HeldDeclined, said(&held, by))
    })
}

/// Takes back what one wrote oneself and what waits, or was declined: its words go.
///
/// # Errors
/// `NotFound`, `Denied(AuthorOnly)`.
pub fn take_back(app: &App, account: AccountId, id: PostId) -> Result<()> {
    app.db.write(|tx| {
        crate::account::require_active(tx, account)?;
        let held = held_posts::get(tx, id)?.ok_or(ActionError::NotFound)?;
        if personas::owner(tx, held.author_id)? != Some(account) {
            return Err(ActionError::NotFound);
        }
        held_posts::delete(tx, id)?;
        Ok::<_, ActionError>(())
    })
}

/// The author of a post from elsewhere that waits deleted or changed it: it waits no more. `false` when none waited.
pub(crate) fn gone_elsewhere(tx: &mut Tx<'_>, ap_id: &str, author: ActorId) -> Result<bool> {
    match held_posts::by_ap_id(tx, ap_id)?.filter(|held| held.author_id == author) {
        Some(held) => Ok(held_posts::delete(tx, held.id)?),
        None => Ok(false),
    }
}
