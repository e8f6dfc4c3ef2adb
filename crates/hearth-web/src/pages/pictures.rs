//! The part of a form in which pictures are put into a post: taken in, described, taken away.
//!
//! Must never lose a picture that was sent, or its description, because something else in the form can't be taken.

use super::thread::Found;
use crate::{
    error::Failure,
    protect::FormNonce,
    sent::{Fault, Sent},
    submit::draft,
    viewer::Visit,
    views::{
        SafeHtml,
        pictures::{Kept, PictureFields, PictureView, with_pictures},
    },
};
use hearth_actions::{
    ActionError,
    image::{self, ImageForm, reencode::Unfit},
    markdown,
};
use hearth_db::tables::images::{self, Picture};
use hearth_domain::{
    id::{AccountId, ImageId, PostId},
    image::{ImageState, MOST},
};
use sha2::{Digest, Sha256};

/// Said with a form that holds this part: which pictures it means is said with it.
const PART: &str = "pictures";
/// A picture that is in the form.
const ONE: &str = "image";
/// What the file shows that comes with the form.
const ABOUT_FILE: &str = "picture_about";

fn about(id: &str) -> String {
    format!("about-{id}")
}

fn dropped(id: &str) -> String {
    format!("drop-{id}")
}

/// The ids of the pictures in a form, but for those that were taken away.
fn ids(sent: &Sent) -> Vec<&str> {
    sent.all(ONE).filter(|id| sent.get(&dropped(id)) != "yes").collect()
}

/// Takes the file of a form in, so that it is one of the pictures in the form.
pub(crate) fn take_in(visit: &Visit, sent: &mut Sent, nonce: FormNonce) -> Result<(), Failure> {
    let unfit = |unfit: Unfit| Err(ActionError::field(image::FIELD, unfit.sentence()).into());
    match sent.fault {
        Some(Fault::FileTooLarge) => return unfit(Unfit::TooLarge),
        Some(Fault::NoPlace) => return unfit(Unfit::Busy),
        _ => {}
    }
    let Some(file) = sent.file.take() else { return Ok(()) };
    if ids(sent).len() >= MOST {
        let words = "A post can have four pictures at most. Take one away before you add another.";
        return Err(ActionError::field(image::FIELD, words).into());
    }
    // The same file sent twice with one form is one picture.
    let hash: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    let id = ImageId::try_from(draft(nonce, &[ONE, &hash]))?;
    let kept = image::keep(&visit.state.app, visit.account()?, Some(id), file)?.id.to_string();
    let words = sent.text(ABOUT_FILE);
    sent.add(about(&kept), words, true);
    sent.add(ONE.to_owned(), kept, true);
    sent.remove(ABOUT_FILE);
    Ok(())
}

/// The pictures of a form, for the action; `None` where the form has no part for them.
pub(crate) fn typed(sent: &Sent) -> Option<Vec<ImageForm>> {
    let form = |id: &str| ImageForm { id: id.to_owned(), description: sent.text(&about(id)) };
    (!sent.get(PART).is_empty()).then(|| ids(sent).into_iter().map(form).collect())
}

/// Which pictures a form has in its post before anything was typed.
#[derive(Clone, Copy)]
pub(crate) enum Before {
    /// None: it is a new one.
    None,
    /// Those of this post.
    Post(PostId, ImageState),
    /// Those of what is planned.
    Planned(i64),
}

impl Before {
    /// Of a post that is there, or that is hidden for other words.
    pub(crate) fn of(found: &Found) -> Self {
        let state = if found.post.deleted_at.is_some() { ImageState::Withheld } else { ImageState::Shown };
        Self::Post(found.post.id, state)
    }

    /// The number of what is there already.
    pub(super) const fn number(self) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Post(id, _) => Some(id.get()),
            Self::Planned(id) => Some(id),
        }
    }

    /// Whether a picture is one of those, or waits for its post in the reader's hands.
    fn knows(self, picture: &Picture, account: Option<AccountId>) -> bool {
        let of = match self {
            Self::None => None,
            Self::Post(id, state) => Some((state, Some(id.get()))),
            Self::Planned(id) => Some((ImageState::Planned, Some(id))),
        };
        let waits = picture.state == ImageState::Waiting && account.is_some() && picture.account_id == account;
        waits || of == Some((picture.state, picture.belongs_to))
    }
}

/// A text with the pictures of the form, as it will look.
pub(crate) fn preview(body: &str, fields: &PictureFields) -> Result<SafeHtml, Failure> {
    let shown = fields.kept.iter().filter(|one| one.width > 0);
    let pictures: Vec<PictureView> = shown.map(|one| here(&one.id, &one.about, (one.width, one.height))).collect();
    Ok(with_pictures(&markdown::html(body), &pictures)?)
}

fn here(id: &str, about: &str, (width, height): (i32, i32)) -> PictureView {
    PictureView::Here { src: format!("/media/{id}"), about: about.to_owned(), width, height }
}

fn view(picture: &Picture) -> Option<PictureView> {
    let about = picture.description.clone();
    let Some(url) = &picture.url else {
        return Some(here(&picture.id.to_string(), &about, (picture.width, picture.height)));
    };
    let host = url::Url::parse(url).ok()?.host_str()?.to_owned();
    Some(PictureView::Elsewhere { href: url.clone(), host, about })
}

/// A text with pictures below it, as it is shown.
pub(crate) fn below(html: &str, pictures: &[Picture]) -> Result<SafeHtml, Failure> {
    let views: Vec<PictureView> = pictures.iter().filter_map(view).collect();
    Ok(with_pictures(html, &views)?)
}

/// The part of the form as it is shown: with what was sent, or with what is there.
pub(crate) fn fields(visit: &Visit, sent: &Sent, before: Before) -> Result<PictureFields, Failure> {
    let kept = |picture: Picture, words: Option<String>| Kept {
        id: picture.id.to_string(),
        about: words.unwrap_or(picture.description),
        width: picture.width,
        height: picture.height,
    };
    let account = visit.account().ok();
    let mut all = Vec::new();
    if sent.get(PART).is_empty() {
        let there = match before {
            Before::None => Vec::new(),
            Before::Post(id, state) => visit.read(|c| Ok(images::of(c, state, id.get())?))?,
            Before::Planned(id) => visit.read(|c| Ok(images::of(c, ImageState::Planned, id)?))?,
        };
        all.extend(there.into_iter().map(|picture| kept(picture, None)));
    } else {
        for id in ids(sent) {
            let Ok(number) = id.parse::<ImageId>() else { continue };
            // What is here no more stays in the form, so that its words are not lost.
            match visit.read(|c| Ok(images::get(c, number)?))?.filter(|picture| before.knows(picture, account)) {
                Some(picture) => all.push(kept(picture, Some(sent.text(&about(id))))),
                None => all.push(Kept { id: id.to_owned(), about: sent.text(&about(id)), width: 0, height: 0 }),
            }
        }
    }
    Ok(PictureFields { room: all.len() < MOST, kept: all, about: sent.text(ABOUT_FILE) })
}
