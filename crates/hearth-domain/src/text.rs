//! What people may type: lengths, normal form, and what is taken out.
//!
//! Every text a person or a peer gives passes through here once, before it is stored. Lengths are counted in
//! characters (Unicode scalar values) after normalisation.

use unicode_normalization::UnicodeNormalization;

/// Longest shown name of a persona or a group.
pub const NAME_MAX: usize = 80;
/// Longest title of a post or meetup (Mobilizon: 3 to 200).
pub const TITLE_MAX: usize = 200;
/// Shortest title.
pub const TITLE_MIN: usize = 3;
/// Longest post, reply or description.
pub const BODY_MAX: usize = 20_000;
/// Longest content note, note to hosts, or short field.
pub const NOTE_MAX: usize = 300;
/// Longest reason that somebody who looks after a group gives.
pub const REASON_MAX: usize = 500;
/// Longest description of a group or persona.
pub const SUMMARY_MAX: usize = 2_000;

/// Why a text cannot be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Nothing but white space.
    #[error("is empty")]
    Empty,
    /// Fewer characters than the field needs.
    #[error("is shorter than {0} characters")]
    TooShort(usize),
    /// More characters than the field holds.
    #[error("is longer than {0} characters")]
    TooLong(usize),
}

/// One line: NFC, white space folded, without control, bidirectional-override and tag characters.
#[must_use]
pub fn line(raw: &str) -> String {
    // Taken out before the normal form is made: a hidden character would keep a letter and its accent apart.
    let shown = raw.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_hidden(*c));
    let folded: String = shown.nfc().collect();
    let mut out = String::with_capacity(folded.len());
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Several lines: NFC, line ends as `\n`, without control, override and tag characters, trimmed.
#[must_use]
pub fn paragraphs(raw: &str) -> String {
    let unified = raw.replace("\r\n", "\n").replace('\r', "\n");
    let clean: String = unified.chars().filter(|c| *c == '\n' || *c == '\t' || !is_hidden(*c)).nfc().collect();
    clean.trim().to_owned()
}

/// A cleaned line between `min` and `max` characters.
///
/// # Errors
/// `Empty` (only if `min` > 0), `TooShort`, `TooLong`.
pub fn bounded_line(raw: &str, min: usize, max: usize) -> Result<String, TextProblem> {
    bounded(line(raw), min, max)
}

/// Cleaned paragraphs between `min` and `max` characters.
///
/// # Errors
/// As [`bounded_line`].
pub fn bounded_paragraphs(raw: &str, min: usize, max: usize) -> Result<String, TextProblem> {
    bounded(paragraphs(raw), min, max)
}

/// The first `max` characters, for what a peer sent: cut, never refused.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

fn bounded(text: String, min: usize, max: usize) -> Result<String, TextProblem> {
    let length = text.chars().count();
    if length == 0 && min > 0 {
        Err(TextProblem::Empty)
    } else if length < min {
        Err(TextProblem::TooShort(min))
    } else if length > max {
        Err(TextProblem::TooLong(max))
    } else {
        Ok(text)
    }
}

/// Characters that show nothing and can disguise what stands there (threats CO-05): controls, bidirectional overrides
/// and isolates, zero-width spaces, interlinear marks, tags. The joiners U+200C and U+200D stay: scripts and emoji need them.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cleaned() {
        for (raw, clean) in [
            ("  Wren \t\n B ", "Wren B"),
            ("e\u{301}", "é"),
            ("a\u{202e}b\u{200b}c\0d", "abcd"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("\u{e0041}x", "x"),
            ("e\u{200b}\u{301}", "é"),
            (" \u{200b} ", ""),
        ] {
            assert_eq!(line(raw), clean, "{raw:?}");
        }
    }

    #[test]
    fn paragraphs_keep_their_lines() {
        assert_eq!(paragraphs("\r\n a\r\nb\rc\0 \n"), "a\nb\nc");
        assert_eq!(paragraphs("e\0\u{301}"), "é");
    }

    #[test]
    fn bounds_count_characters() {
        assert_eq!(bounded_line("  ", 1, 5), Err(TextProblem::Empty));
        assert_eq!(bounded_line("", 0, 5), Ok(String::new()));
        assert_eq!(bounded_line("äö", 3, 5), Err(TextProblem::TooShort(3)));
        assert_eq!(bounded_line("äöüäöü", 3, 5), Err(TextProblem::TooLong(5)));
        assert_eq!(bounded_line("äöüäö", 3, 5), Ok("äöüäö".into()));
    }
}
