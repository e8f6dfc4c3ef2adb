//! Pictures below a text, and the part of a form in which they are put there.
//!
//! Must never load anything from another server: a picture elsewhere is a link.

use askama::Template;

use super::{SafeHtml, filters};

/// A picture below a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureView {
    /// One of ours.
    Here {
        /// Its address.
        src: String,
        /// What it shows.
        about: String,
        /// Points across.
        width: i32,
        /// Points down.
        height: i32,
    },
    /// One that lies on another server.
    Elsewhere {
        /// Its address.
        href: String,
        /// The domain of that server.
        host: String,
        /// What it shows; may be empty.
        about: String,
    },
}

#[derive(Template)]
#[template(path = "part/pictures.html")]
struct Below<'a> {
    pictures: &'a [PictureView],
}

/// A text with its pictures below it.
///
/// # Errors
/// When the template can't be filled.
pub fn with_pictures(html: &str, pictures: &[PictureView]) -> askama::Result<SafeHtml> {
    if pictures.is_empty() {
        return Ok(SafeHtml(html.to_owned()));
    }
    Ok(SafeHtml(format!("{html}{}", Below { pictures }.render()?)))
}

/// The part of a form for pictures.
#[derive(Debug, Clone, Default)]
pub struct PictureFields {
    /// Those that are in the form: fields `image`, `about-{id}` and `drop-{id}`.
    pub kept: Vec<Kept>,
    /// Whether another can be added: fields `picture` and `picture_about`.
    pub room: bool,
    /// What was typed about a picture that was not taken.
    pub about: String,
}

/// A picture in a form.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// What it shows, as typed.
    pub about: String,
    /// Points across; 0 where it is here no more.
    pub width: i32,
    /// Points down.
    pub height: i32,
}
