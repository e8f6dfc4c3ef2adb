//! Hiding a post for a while: until a facilitator shows it again, or until its author has found other words. Its author
//! sees it all the while, and why.
//!
//! Must never send another server what was said to the author.

use crate::{
    ActionError, App, Form, Result,
    care::{self, Words},
    hold,
    image::{self, NewPictures},
    log::{self, Said},
    markdown,
    moderation::{self, Restored, Scene},
    notice::{self, Told},
    post::{self, PostForm},
    seal,
    server::{Site, site},
    topics,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        groups,
        posts::{self, Post},
        removals::{self, Removal},
    },
};
use hearth_domain::{
    deed::{self, Deed},
    id::{AccountId, PostId},
    image::ImageState,
    log::Logged,
    notice::Kind,
    report::Withheld,
};

/// Hides a post, with a word to its author; or asks the author for other words, and shows it again once they came.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(FacilitatorsOnly)`, `Invalid`; `Conflict` for a post whose author can't be asked.
pub fn hide(app: &App, account: AccountId, id: PostId, rephrase: bool, words: &Words) -> Result<Post> {
    app.db.write(|tx| {
        let found = moderation::find(tx, account, id)?;
        let (group, row) = groups::with_actor(tx, found.group_id)?.ok_or(ActionError::NotFound)?;
        let (persona, standing) = crate::team::acting(tx, account, &group)?;
        deed::may(standing, Deed::Withhold)?;
        if !group.local {
            return Err(ActionError::Conflict("This group lives on another server. You can remove the post there."));
        }
        if found.deleted_at.is_some() {
            return Err(ActionError::Gone);
        }
        if rephrase && !found.local {
            return Err(ActionError::Conflict(
                "Its author lives on another server, where we can’t ask them. Hide it instead.",
            ));
        }
        let words = words.read(tx, group.id)?;
        let site = site(tx)?;
        let scene = Scene::here(app, &site, &group, row.settings(), &persona);
        let kind = if rephrase { Withheld::Rephrase } else { Withheld::Hidden };
        moderation::withhold_in(&scene, tx, &found, &words, kind)?;
        let about = if rephrase { Kind::Rephrase } else { Kind::Withheld };
        let author = seal::persona_of(tx, &found)?;
        notice::persona(app, tx, author, Told::of(about, group.id).post(found.id).words(&words))?;
        posts::by_id(tx, id)?.ok_or(ActionError::NotFound)
    })
}

/// Why something of an account's own is hidden, with the words it had.
///
/// # Errors
/// Database errors.
pub fn own(connection: &mut DbConn, account: AccountId, post: &Post) -> Result<Option<Removal>> {
    if post.deleted_at.is_none() || seal::writer(connection, post)? != Some(account) {
        return Ok(None);
    }
    let hidden = removals::get(connection, post.id)?;
    Ok(hidden.filter(|removal| removal.kind != Withheld::Removed && !removal.content_html.is_empty()))
}

/// The author found other words for a post that waits for them. `None`: it is no such post.
pub(crate) fn reworded(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    id: PostId,
    typed: &PostForm,
) -> Result<Option<Post>> {
    let Some(post) = posts::by_id(tx, id)? else { return Ok(None) };
    let Some(removal) = own(tx, account, &post)?.filter(|removal| removal.kind == Withheld::Rephrase) else {
        return Ok(None);
    };
    crate::account::require_active(tx, account)?;
    let group = actors::by_id(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let author = seal::persona_of(tx, &post)?;
    care::may_write(app, tx, &group, author)?;
    let mut form = Form::default();
    let draft = post::read_draft(&mut form, typed, post.is_root());
    let before = image::drafts(tx, ImageState::Withheld, id.get())?;
    let pictures = if typed.images.is_some() { draft.pictures } else { before.clone() };
    let same_words =
        (&draft.title, &draft.source, &draft.content_note) == (&removal.title, &removal.source, &removal.content_note);
    if same_words && pictures == before {
        form.problem("text", "Say it in other words first. What you were asked stands above.");
    }
    form.finish()?;
    if let Some(chosen) = &draft.topics {
        topics::mark(tx, group.id, id.get(), chosen)?;
    }
    let new = Post {
        title: draft.title,
        content_html: markdown::html(&draft.source),
        source: draft.source,
        content_note: draft.content_note,
        edited_at: Some(app.now()),
        ..post
    };
    if hold::keeps_edit(app, tx, &group, &new, (account, &pictures))? {
        return Ok(Some(new));
    }
    shown_again(app, tx, new, NewPictures::Chosen(account, &pictures)).map(Some)
}

/// Shows a post again that was hidden for other words, with those.
pub(crate) fn shown_again(app: &App, tx: &mut Tx<'_>, new: Post, pictures: NewPictures<'_>) -> Result<Post> {
    let post = posts::by_id(tx, new.id)?.ok_or(ActionError::NotFound)?;
    let removal = removals::get(tx, post.id)?
        .filter(|removal| removal.kind == Withheld::Rephrase)
        .ok_or(ActionError::Conflict("It was removed meanwhile."))?;
    let (group, row) = groups::with_actor(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let site = site(tx)?;
    let by = asked_by(tx, &removal)?;
    bring_back(app, tx, &site, (&group, &row), by.as_ref(), &post)?;
    let shown = post::put_edited(app, tx, Post { deleted_at: None, ..new }, pictures)?;
    let said = Said { by: Some(post.author_id), post: Some(post.id), ..Said::default() };
    log::write(app, tx, &group, Logged::Rephrased, said)?;
    Ok(shown)
}

/// Who hid it: only somebody here hides.
fn asked_by(connection: &mut DbConn, removal: &Removal) -> Result<Option<Actor>> {
    let by = actors::by_ap_id(connection, &removal.by_ap_id)?;
    Ok(by.filter(|actor| actor.local && actor.deleted_at.is_none()))
}

/// Brings back what was hidden. To other servers it is undone by whoever did it.
pub(crate) fn bring_back(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    (group, row): (&Actor, &groups::Group),
    by: Option<&Actor>,
    post: &Post,
) -> Result<()> {
    let done = match by {
        Some(by) => moderation::restore_in(&Scene::here(app, site, group, row.settings(), by), tx, post)?,
        None => {
            // Whoever hid it is gone, and nobody can undo it in their name: here it is shown.
            let removal = removals::get(tx, post.id)?.ok_or(ActionError::NotFound)?;
            let back = Post {
                title: removal.title,
                source: removal.source,
                content_html: removal.content_html,
                content_note: removal.content_note,
                deleted_at: None,
                ..post.clone()
            };
            posts::unbury(tx, &back)?;
            removals::delete(tx, post.id)?;
            Restored::Done
        }
    };
    match done {
        Restored::Done => Ok(()),
        Restored::NotTheirs => Err(ActionError::NotFound),
        Restored::Forgotten => Err(ActionError::Conflict("This was hidden too long ago: its words are gone.")),
    }
}

/// Shows again what any facilitator hid, for another who may.
pub(crate) fn unhide(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    (group, row): (&Actor, &groups::Group),
    post: &Post,
) -> Result<bool> {
    let Some(removal) = removals::get(tx, post.id)?.filter(|removal| removal.kind != Withheld::Removed) else {
        return Ok(false);
    };
    let by = asked_by(tx, &removal)?;
    bring_back(app, tx, site, (group, row), by.as_ref(), post)?;
    Ok(true)
}
