//! Why a document was not taken.

use thiserror::Error;

/// Why a document was not taken. Never holds more than a few cleaned words of what came in, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Longer than [`super::MAX_BYTES`].
    #[error("the document is larger than 1 MiB")]
    TooLarge,
    /// Nested deeper than [`super::MAX_NESTING`], or an activity in too many others.
    #[error("the document is nested too deeply")]
    TooDeep,
    /// More of something than we read.
    #[error("the document holds too many entries in {0}")]
    TooMany(&'static str),
    /// The same key twice in one object; readers differ in which one they take.
    #[error("the key {0:?} stands twice in one object")]
    DuplicateKey(String),
    /// Not UTF-8, or not JSON.
    #[error("the document is not valid JSON")]
    NotJson,
    /// JSON, but no object.
    #[error("the document is not a JSON object")]
    NotAnObject,
    /// No `type`.
    #[error("the document has no type")]
    NoType,
    /// No `id` where one is needed.
    #[error("the document has no id")]
    NoId,
    /// An id that is no canonical https address.
    #[error("an id is not a plain https address")]
    BadId,
    /// Something needed is missing.
    #[error("the field {0} is missing")]
    MissingField(&'static str),
    /// Something has a shape that no reading fits.
    #[error("the field {0} has an unexpected shape")]
    WrongShape(&'static str),
    /// A type we do not read. Holds its first letters.
    #[error("the type {0:?} is not known here")]
    UnknownType(String),
    /// A time that is no time, or has no zone.
    #[error("a time cannot be read, or says no time zone")]
    BadTime,
}

impl Refusal {
    /// A type nobody here knows, cut and cleaned for a log line.
    pub(crate) fn unknown_type(kind: &str) -> Self {
        Self::UnknownType(clean_word(kind))
    }

    /// A doubled key, cut and cleaned for a log line.
    pub(crate) fn duplicate_key(key: &str) -> Self {
        Self::DuplicateKey(clean_word(key))
    }
}

/// At most 40 harmless characters.
pub(crate) fn clean_word(word: &str) -> String {
    word.chars().filter(|c| c.is_ascii_alphanumeric() || "_:.-@".contains(*c)).take(40).collect()
}
