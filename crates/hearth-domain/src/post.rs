//! Conversations: titled posts and replies.

use crate::{
    audience::Visibility,
    id::TopicId,
    image::ImageDraft,
    text::{self, TextProblem},
};

/// What a person wrote, checked and cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostDraft {
    /// Title; `None` for a reply.
    pub title: Option<String>,
    /// The text, in Markdown.
    pub source: String,
    /// What the text is about, for people who would rather not read it unprepared.
    pub content_note: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Its pictures, in their order.
    pub pictures: Vec<ImageDraft>,
    /// What it is about, of the group's list; `None`: what was chosen before stays. Never for a reply.
    pub topics: Option<Vec<TopicId>>,
}

/// Most topics of one conversation.
pub const MOST_TOPICS: usize = 5;

/// Checks a title.
///
/// # Errors
/// See [`TextProblem`].
pub fn title(typed: &str) -> Result<String, TextProblem> {
    text::bounded_line(typed, text::TITLE_MIN, text::TITLE_MAX)
}

/// Checks the text of a post or reply.
///
/// # Errors
/// See [`TextProblem`].
pub fn source(typed: &str) -> Result<String, TextProblem> {
    text::bounded_paragraphs(typed, 1, text::BODY_MAX)
}

/// Checks a content note; nothing typed means none.
///
/// # Errors
/// `TooLong`.
pub fn content_note(typed: &str) -> Result<Option<String>, TextProblem> {
    text::bounded_line(typed, 0, text::NOTE_MAX).map(|note| Some(note).filter(|n| !n.is_empty()))
}

/// A reply can't be wider than what it answers.
#[must_use]
pub fn reply_visibility(parent: Visibility, chosen: Visibility) -> Visibility {
    if parent == Visibility::Members { Visibility::Members } else { chosen }
}
