//! Languages as BCP 47 tags. Some servers sort what they show by them.

/// The language that is taken where none is named.
pub const DEFAULT: &str = "en";

/// Names of the languages that groups here are most likely to write in; others go by their tag.
const NAMES: [(&str, &str); 24] = [
    ("ar", "Arabic"),
    ("bn", "Bengali"),
    ("cs", "Czech"),
    ("cy", "Welsh"),
    ("da", "Danish"),
    ("de", "German"),
    ("en", "English"),
    ("es", "Spanish"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("ga", "Irish"),
    ("gd", "Scottish Gaelic"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("so", "Somali"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("zh", "Chinese"),
];

/// A tag in its usual spelling; `None` when it is none: letters, then parts of letters and digits.
#[must_use]
pub fn read(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let mut parts = typed.split('-');
    let first = parts.next().unwrap_or_default();
    let good = (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        && typed.len() <= 35;
    good.then(|| match typed.split_once('-') {
        Some((first, rest)) => format!("{}-{rest}", first.to_ascii_lowercase()),
        None => typed.to_ascii_lowercase(),
    })
}

/// The English name of a language, or its tag.
#[must_use]
pub fn name(tag: &str) -> &str {
    let first = tag.split('-').next().unwrap_or(tag);
    NAMES.iter().find(|(known, _)| *known == first).map_or(tag, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_one_form() {
        for (typed, expected) in [
            ("en", Some("en")),
            (" EN ", Some("en")),
            ("de-CH", Some("de-CH")),
            ("zh-Hant-TW", Some("zh-Hant-TW")),
            ("tok", Some("tok")),
            ("", None),
            ("e", None),
            ("english", None),
            ("en_GB", None),
            ("en-", None),
            ("1n", None),
            ("\u{e9}n", None),
        ] {
            assert_eq!(read(typed).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn names_are_english() {
        for (tag, expected) in [("en", "English"), ("cy", "Welsh"), ("de-CH", "German"), ("tok", "tok")] {
            assert_eq!(name(tag), expected);
        }
    }
}
