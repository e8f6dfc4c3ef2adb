//! Content notes: what a text is about, said before it, and what each member wants to happen then.
//!
//! A note is free text. A group has a list of topics; a member can choose for each of them that what carries it is always
//! open, or never shown.

use crate::text;

words! {
    /// What a member chose for a topic.
    NoteChoice("choice for a content note") {
        /// Shown open, like anything else.
        Show = "show",
        /// Left out.
        Hide = "hide",
    }
}

/// How something is shown to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// As it is.
    Open,
    /// Behind its note.
    Folded,
    /// Not at all, for the reader wants it so.
    Hidden,
}

/// Topics of a group that has made no list of its own.
pub const SUGGESTED: [&str; 6] =
    ["panic attack", "grief", "hospital", "medication", "food and eating", "self-harm mention"];

/// Most topics in a list.
pub const MOST_TOPICS: usize = 40;
/// Longest topic.
pub const TOPIC_MAX: usize = 60;

/// Why a list of topics can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListProblem {
    /// More than [`MOST_TOPICS`].
    #[error("has more than {MOST_TOPICS} topics")]
    TooMany,
    /// One of them is longer than [`TOPIC_MAX`].
    #[error("has a topic of more than {TOPIC_MAX} characters")]
    TooLong,
}

/// The topics of a list that was typed, one a line; each once.
///
/// # Errors
/// See [`ListProblem`].
pub fn list(typed: &str) -> Result<Vec<String>, ListProblem> {
    let mut topics: Vec<String> = Vec::new();
    for topic in typed.lines().flat_map(parts) {
        if topic.chars().count() > TOPIC_MAX {
            return Err(ListProblem::TooLong);
        }
        if !topics.iter().any(|known| same(known, &topic)) {
            topics.push(topic);
        }
    }
    if topics.len() > MOST_TOPICS { Err(ListProblem::TooMany) } else { Ok(topics) }
}

/// What a note names: "panic attack, buses" names two things.
fn parts(note: &str) -> impl Iterator<Item = String> {
    note.split([',', ';', '/', '、', '،']).map(text::line).filter(|part| !part.is_empty())
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// How something with this note is shown to whoever made these choices: not at all when it names one thing they never
/// want to see, and open when they chose so for all that it names.
#[must_use]
pub fn folding<'c>(note: Option<&str>, choices: impl Iterator<Item = (&'c str, NoteChoice)> + Clone) -> Folding {
    let Some(note) = note else { return Folding::Open };
    let mut all_open = true;
    for part in parts(note) {
        match choices.clone().find(|(topic, _)| same(topic, &part)) {
            Some((_, NoteChoice::Hide)) => return Folding::Hidden,
            Some((_, NoteChoice::Show)) => {}
            None => all_open = false,
        }
    }
    if all_open { Folding::Open } else { Folding::Folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_chose() {
        let choices = [("Panic attack", NoteChoice::Hide), ("grief", NoteChoice::Show), ("Ärzte", NoteChoice::Show)];
        for (note, expected) in [
            (None, Folding::Open),
            (Some("grief"), Folding::Open),
            (Some("  GRIEF , ärzte"), Folding::Open),
            (Some("grief, buses"), Folding::Folded),
            (Some("buses"), Folding::Folded),
            (Some("buses; panic  attack"), Folding::Hidden),
            (Some("grief/panic attack"), Folding::Hidden),
            (Some("panic attacks"), Folding::Folded),
        ] {
            assert_eq!(folding(note, choices.into_iter()), expected, "{note:?}");
        }
        assert_eq!(folding(Some("grief"), [].into_iter()), Folding::Folded);
    }

    #[test]
    fn lists() {
        assert_eq!(
            list(" grief \n\nbuses, Grief\r\nhospital"),
            Ok(["grief", "buses", "hospital"].map(String::from).into())
        );
        assert_eq!(list(""), Ok(Vec::new()));
        assert_eq!(list(&"x".repeat(61)), Err(ListProblem::TooLong));
        let many: Vec<String> = (0..41).map(|number| format!("topic {number}")).collect();
        assert_eq!(list(&many.join("\n")), Err(ListProblem::TooMany));
    }
}
