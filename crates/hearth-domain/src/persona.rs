//! Personas and the one name space that personas and groups share.
//!
//! A persona is what others see of a member; the account behind it is never named by anything in this module.

/// Shortest name in an address.
pub const NAME_MIN: usize = 3;
/// Longest name of a persona in an address.
pub const PERSON_NAME_MAX: usize = 30;
/// Longest name of a group: `{group}_notices` must fit the name space too.
pub const GROUP_NAME_MAX: usize = 22;
/// The end of the names kept for a group's notices actor.
pub const NOTICES_SUFFIX: &str = "_notices";

/// Names that would be mistaken for the server itself, or that peers use for fixed purposes.
const RESERVED: &[&str] = &[
    "abuse",
    "actor",
    "admin",
    "administrator",
    "api",
    "help",
    "hearth",
    "helpdesk",
    "host",
    "inbox",
    "instance",
    "keeper",
    "mod",
    "moderator",
    "moderators",
    "nobody",
    "null",
    "official",
    "outbox",
    "postmaster",
    "relay",
    "root",
    "security",
    "server",
    "staff",
    "support",
    "system",
    "undefined",
    "webmaster",
];

/// Why a name cannot be used in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Shorter than three characters.
    #[error("is too short")]
    TooShort,
    /// Longer than the limit that is given.
    #[error("is longer than {0} characters")]
    TooLong(usize),
    /// Something other than `a-z`, `0-9` and `_`.
    #[error("may only have letters a to z, numbers and _")]
    Characters,
    /// Kept for the server.
    #[error("is kept for this server")]
    Reserved,
}

/// A name for a persona's address, lower-cased.
///
/// # Errors
/// See [`NameProblem`].
pub fn person_name(typed: &str) -> Result<String, NameProblem> {
    checked(typed, PERSON_NAME_MAX)
}

/// A name for a group's address, lower-cased.
///
/// # Errors
/// See [`NameProblem`].
pub fn group_name(typed: &str) -> Result<String, NameProblem> {
    checked(typed, GROUP_NAME_MAX)
}

fn checked(typed: &str, max: usize) -> Result<String, NameProblem> {
    let name = typed.trim().to_ascii_lowercase();
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(NameProblem::Characters);
    }
    if name.len() < NAME_MIN {
        return Err(NameProblem::TooShort);
    }
    if name.len() > max {
        return Err(NameProblem::TooLong(max));
    }
    if name.ends_with(NOTICES_SUFFIX) || RESERVED.contains(&name.as_str()) {
        return Err(NameProblem::Reserved);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (typed, expected) in [
            (" Wren ", Ok("wren".to_owned())),
            ("tea_and_talk", Ok("tea_and_talk".to_owned())),
            ("ab", Err(NameProblem::TooShort)),
            ("", Err(NameProblem::TooShort)),
            ("аdmin", Err(NameProblem::Characters)),
            ("a-b-c", Err(NameProblem::Characters)),
            ("Admin", Err(NameProblem::Reserved)),
            ("relay", Err(NameProblem::Reserved)),
            ("tea_notices", Err(NameProblem::Reserved)),
            ("abcdefghijklmnopqrstuvw", Err(NameProblem::TooLong(22))),
        ] {
            assert_eq!(group_name(typed), expected, "{typed}");
        }
        assert!(person_name("abcdefghijklmnopqrstuvw").is_ok());
    }
}
