//! Pictures in posts: kept while a post is being written, put into it with its words, and seen by whoever sees the post
//! (decision 15).
//!
//! Must never: show one to anybody who may not see its post, keep a file as it was sent, or let anything say who sent one
//! once it is part of a post.

mod link;
pub mod reencode;

pub use link::Link;

use crate::{ActionError, App, Form, Result, account as accounts, block, care, hold, rephrase, server::Site, tries};
use hearth_activitypub::{self as ap, activity::Reach};
use hearth_db::{
    DbConn, Tx,
    tables::{
        groups,
        images::{self, Image, Picture},
        personas,
        posts::{self, Post},
        scheduled_posts,
    },
    views::visible::Reader,
};
use hearth_domain::{
    audience::{self, Readers, Receivers},
    care::Waiting,
    deed::Deed,
    id::{AccountId, ImageId, PostId, ScheduledPostId},
    image::{self as rules, DESCRIPTION_MAX, ImageDraft, ImageState, MOST, MOST_WAITING},
    text::TextProblem,
};
use url::Url;

/// The field that every problem with pictures is about.
pub const FIELD: &str = "images";

const GONE: &str = "One of the pictures is here no more. Take it away, and choose it again if you like.";

/// A picture as a form names it.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct ImageForm {
    /// Its id: it was sent before, or is in the post already.
    pub id: String,
    /// What it shows.
    pub description: String,
}

/// Keeps a picture for a post that is being written, for the account that sent it and nobody else. `id`: the same file
/// sent twice with one form is kept once.
///
/// # Errors
/// `Invalid` for what is no picture, or can't be read; `TooOften`; `ShortOfRoom`.
pub fn keep(app: &App, account: AccountId, id: Option<ImageId>, sent: Vec<u8>) -> Result<Picture> {
    app.require_room()?;
    let id = id.unwrap_or_else(|| ImageId::random(&*app.entropy));
    let known = app.db.read(|c| {
        accounts::require_active(c, account)?;
        Ok::<_, ActionError>(images::get(c, id)?)
    })?;
    let id = match known {
        Some(known) if waits_for(&known, account) => return Ok(known),
        // In a post already, or somebody else's: nothing is told of it.
        Some(_) => ImageId::random(&*app.entropy),
        None => id,
    };
    tries::count(app, &[(tries::PICTURE, &account.to_string())])?;
    let made = app.images.make(sent).map_err(|unfit| ActionError::field(FIELD, unfit.sentence()))?;
    let (width, height) = made.size;
    let row = Image {
        id,
        state: ImageState::Waiting,
        belongs_to: None,
        account_id: Some(account),
        position: 0,
        media_type: made.media_type.to_owned(),
        width: i32::try_from(width).unwrap_or_default(),
        height: i32::try_from(height).unwrap_or_default(),
        description: String::new(),
        url: None,
        created_at: app.now(),
        bytes: made.bytes,
    };
    app.db.write(|tx| {
        accounts::require_active(tx, account)?;
        if let Some(known) = images::get(tx, id)? {
            return if waits_for(&known, account) { Ok(known) } else { Err(ActionError::NotFound) };
        }
        let waiting = images::waiting_of(tx, account)?;
        for oldest in waiting.iter().take((waiting.len() + 1).saturating_sub(MOST_WAITING)) {
            images::delete(tx, oldest.id)?;
        }
        row.insert(tx)?;
        images::get(tx, id)?.ok_or(ActionError::NotFound)
    })
}

fn waits_for(picture: &Picture, account: AccountId) -> bool {
    picture.state == ImageState::Waiting && picture.account_id == Some(account)
}

/// The pictures of a form, checked as far as the database need not be asked.
pub(crate) fn read(form: &mut Form, typed: &[ImageForm]) -> Vec<ImageDraft> {
    if typed.len() > MOST {
        form.problem(FIELD, "A post can have four pictures at most. Take one away.");
        return Vec::new();
    }
    let mut drafts: Vec<ImageDraft> = Vec::new();
    for (one, number) in typed.iter().zip(1..) {
        let id = form.keep(FIELD, one.id.parse::<ImageId>(), |_| GONE.to_owned());
        let description = form.keep(FIELD, rules::description(&one.description), |problem| sentence(number, problem));
        if let (Some(id), Some(description)) = (id, description)
            && drafts.iter().all(|known| known.id != id)
        {
            drafts.push(ImageDraft { id, description });
        }
    }
    drafts
}

fn sentence(number: usize, problem: TextProblem) -> String {
    match problem {
        TextProblem::TooLong(_) => {
            format!("What picture {number} shows can be said in {DESCRIPTION_MAX} characters at most.")
        }
        _ => format!(
            "Say in a few words what picture {number} shows. Some people can’t see it, and for them it is only these words."
        ),
    }
}

/// The pictures of a post as they would be chosen again.
pub(crate) fn drafts(connection: &mut DbConn, state: ImageState, belongs_to: i64) -> Result<Vec<ImageDraft>> {
    let all = images::of(connection, state, belongs_to)?;
    let ours = all.into_iter().filter(|picture| picture.url.is_none());
    Ok(ours.map(|picture| ImageDraft { id: picture.id, description: picture.description }).collect())
}

/// What they show, for whoever looks through the words of a post.
pub(crate) fn words(pictures: &[ImageDraft]) -> String {
    pictures.iter().map(|one| one.description.as_str()).collect::<Vec<_>>().join("\n")
}

/// Puts pictures into a post: those that wait for its author, and those that are in it (`of`) already. Others that stand
/// there go.
///
/// # Errors
/// `Invalid` when one is here no more, or was never theirs.
pub(crate) fn put(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    wanted: &[ImageDraft],
    to: (ImageState, i64),
    of: Option<PostId>,
) -> Result<()> {
    let mut placed = Vec::new();
    for (one, position) in wanted.iter().zip(0..) {
        let picture = images::get(tx, one.id)?.filter(|picture| picture.url.is_none());
        let picture = picture.ok_or_else(|| ActionError::field(FIELD, GONE))?;
        let there = (picture.state, picture.belongs_to) == (to.0, Some(to.1));
        let in_post = of.is_some_and(|of| picture.belongs_to == Some(of.get()))
            && matches!(picture.state, ImageState::Shown | ImageState::Withheld);
        let own = waits_for(&picture, account);
        if !there && !in_post && !own {
            return Err(ActionError::field(FIELD, GONE));
        }
        // The words that are shown meanwhile keep theirs.
        let id = if in_post && to.0 == ImageState::Held {
            let id = ImageId::random(&*app.entropy);
            images::copy(tx, picture.id, id)?;
            id
        } else {
            picture.id
        };
        images::place(tx, id, to, (position, &one.description), app.now())?;
        placed.push(id);
    }
    for other in images::of(tx, to.0, to.1)? {
        if !placed.contains(&other.id) {
            images::delete(tx, other.id)?;
        }
    }
    Ok(())
}

/// The pictures of new words for a post.
#[derive(Clone, Copy)]
pub(crate) enum NewPictures<'a> {
    /// Those that waited with the words.
    Held,
    /// Those that its author chose.
    Chosen(AccountId, &'a [ImageDraft]),
}

/// Gives a post the pictures of its new words.
pub(crate) fn replace(app: &App, tx: &mut Tx<'_>, post: PostId, new: NewPictures<'_>) -> Result<()> {
    match new {
        NewPictures::Held => {
            images::delete_of(tx, ImageState::Shown, post.get())?;
            Ok(images::change_state(tx, post.get(), ImageState::Held, ImageState::Shown)?)
        }
        NewPictures::Chosen(account, wanted) => {
            put(app, tx, account, wanted, (ImageState::Shown, post.get()), Some(post))
        }
    }
}

/// A picture that somebody may see.
pub struct Seen {
    /// What it is.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Whether everybody may, signed in or not.
    pub by_everybody: bool,
}

/// A picture, for somebody who may see what it belongs to: the same is asked as for that.
///
/// # Errors
/// `NotFound`, whether there is none or it is not for them.
pub fn seen(connection: &mut DbConn, reader: &Reader, account: Option<AccountId>, id: ImageId) -> Result<Seen> {
    let picture = images::get(connection, id)?.filter(|picture| picture.url.is_none()).ok_or(ActionError::NotFound)?;
    let by_everybody = match (picture.state, picture.belongs_to, account) {
        (ImageState::Shown, Some(number), _) => shown(connection, reader, account, number)?,
        (ImageState::Waiting, _, Some(account)) => (picture.account_id == Some(account)).then_some(false),
        (ImageState::Planned, Some(number), Some(account)) => planned(connection, account, number)?.then_some(false),
        (ImageState::Held, Some(number), Some(account)) => held(connection, account, number)?.then_some(false),
        (ImageState::Withheld, Some(number), Some(account)) => withheld(connection, account, number)?.then_some(false),
        _ => None,
    };
    let by_everybody = by_everybody.ok_or(ActionError::NotFound)?;
    let bytes = images::bytes(connection, id)?.ok_or(ActionError::NotFound)?;
    Ok(Seen { media_type: picture.media_type, bytes, by_everybody })
}

fn post_of(connection: &mut DbConn, number: i64) -> Result<Option<Post>> {
    let Ok(id) = PostId::try_from(number) else { return Ok(None) };
    Ok(posts::by_id(connection, id)?)
}

/// Whether the reader may see a post that is there, and everybody; `None`: they may not.
fn shown(connection: &mut DbConn, reader: &Reader, account: Option<AccountId>, number: i64) -> Result<Option<bool>> {
    let Some(post) = post_of(connection, number)?.filter(|post| post.deleted_at.is_none()) else { return Ok(None) };
    let Some((_, row)) = groups::with_actor(connection, post.group_id)? else { return Ok(None) };
    if !reader.includes(&row, post.visibility) || block::hides(connection, account, reader, &post)? {
        return Ok(None);
    }
    let readers = audience::audience(row.settings(), post.visibility).readers;
    Ok(Some(readers == Readers::Anyone))
}

fn planned(connection: &mut DbConn, account: AccountId, number: i64) -> Result<bool> {
    let Ok(id) = ScheduledPostId::try_from(number) else { return Ok(false) };
    let Some(planned) = scheduled_posts::get(connection, id)? else { return Ok(false) };
    Ok(personas::owner(connection, planned.author_id)? == Some(account))
}

/// Its author, and who decides about it.
fn held(connection: &mut DbConn, account: AccountId, number: i64) -> Result<bool> {
    let Ok(id) = PostId::try_from(number) else { return Ok(false) };
    let Some(held) = hearth_db::tables::held_posts::get(connection, id)? else { return Ok(false) };
    if hold::own_by_id(connection, account, id)?.is_some() {
        return Ok(true);
    }
    let decides = care::held(connection, account, held.group_id, Deed::DecideHeld).is_ok();
    Ok(decides && held.state == Waiting::Waiting)
}

fn withheld(connection: &mut DbConn, account: AccountId, number: i64) -> Result<bool> {
    let Some(post) = post_of(connection, number)? else { return Ok(false) };
    Ok(rephrase::own(connection, account, &post)?.is_some())
}

/// A picture, for another server that was given a link to it (profile 7.4).
///
/// # Errors
/// `NotFound`, whether there is none, the link is none of ours, or its time is over.
pub fn seen_by_link(connection: &mut DbConn, app: &App, site: &Site, id: ImageId, link: &Link) -> Result<Seen> {
    if !link.opens(site, id, app.clock.now()) {
        return Err(ActionError::NotFound);
    }
    let picture = images::get(connection, id)?.filter(|picture| picture.state == ImageState::Shown);
    let picture = picture.filter(|picture| picture.url.is_none()).ok_or(ActionError::NotFound)?;
    let post = post_of(connection, picture.belongs_to.unwrap_or(-1))?.filter(|post| post.deleted_at.is_none());
    let post = post.ok_or(ActionError::NotFound)?;
    let row = groups::by_id(connection, post.group_id)?.ok_or(ActionError::NotFound)?;
    // The group may have chosen meanwhile to keep to itself.
    if audience::audience(row.settings(), post.visibility).receivers == Receivers::Nobody {
        return Err(ActionError::NotFound);
    }
    let bytes = images::bytes(connection, id)?.ok_or(ActionError::NotFound)?;
    Ok(Seen { media_type: picture.media_type, bytes, by_everybody: false })
}

/// The pictures of a post as other servers are told of them.
pub(crate) fn attachments(
    connection: &mut DbConn,
    site: &Site,
    post: &Post,
    reach: &Reach,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<ap::post::Attachment>> {
    let all = images::of(connection, ImageState::Shown, post.id.get())?;
    let attachment = |picture: Picture| {
        let url = match reach {
            Reach::Public => site.at.media(&picture.id.to_string()),
            Reach::Limited(_) => Link::until(site, picture.id, now + rules::LINK_OPENS).url(site, picture.id),
        };
        let alt = Some(picture.description);
        ap::post::Attachment::Image(ap::Image { url, media_type: picture.media_type, alt })
    };
    Ok(all.into_iter().filter(|picture| picture.url.is_none()).map(attachment).collect())
}

/// The same for a post that was there before: what its new words name takes the place of what was named.
pub(crate) fn replace_links(app: &App, tx: &mut Tx<'_>, post: PostId, links: &[(Url, String)]) -> Result<()> {
    images::delete_of(tx, ImageState::Shown, post.get())?;
    put_links(app, tx, post, ImageState::Shown, links)
}

/// Where the pictures of a new post of another server are: links that nobody here follows by themselves.
pub(crate) fn put_links(
    app: &App,
    tx: &mut Tx<'_>,
    post: PostId,
    state: ImageState,
    links: &[(Url, String)],
) -> Result<()> {
    for ((url, description), position) in links.iter().take(MOST).zip(0..) {
        let row = Image {
            id: ImageId::random(&*app.entropy),
            state,
            belongs_to: Some(post.get()),
            account_id: None,
            position,
            media_type: String::new(),
            width: 0,
            height: 0,
            description: description.clone(),
            url: Some(url.to_string()),
            created_at: app.now(),
            bytes: Vec::new(),
        };
        row.insert(tx)?;
    }
    Ok(())
}
