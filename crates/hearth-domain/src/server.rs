//! The server as its keeper sets it up.

words! {
    /// Who can open an account.
    SignUp("sign-up rule") {
        /// Anybody.
        Open = "open",
        /// A keeper lets people in.
        Approval = "approval",
        /// With an invitation.
        Invitation = "invitation",
        /// Nobody for now.
        Closed = "closed",
    }
}

words! {
    /// Where an account stands.
    AccountState("account state") {
        /// Asked; a keeper has not answered.
        Waiting = "waiting",
        /// Can sign in and act.
        Active = "active",
        /// Can't act.
        Suspended = "suspended",
    }
}

words! {
    /// How a server gets to follow this one, to show its meetups.
    FollowedBy("following rule") {
        /// A keeper lets it.
        Asked = "asked",
        /// It may at once.
        Anyone = "anyone",
    }
}

words! {
    /// What is taken of the meetups of a server that this one follows (profile 8.4).
    TakesMeetups("way of taking meetups") {
        /// Nothing for now.
        Off = "off",
        /// What a keeper let through.
        Review = "review",
        /// Everything public, at once.
        AtOnce = "at_once",
    }
}

words! {
    /// How a helpline is reached.
    HelplineKind("helpline kind") {
        /// By calling.
        Tel = "tel",
        /// By text message.
        Sms = "sms",
    }
}

/// Shortest password (ASVS 6.2).
pub const PASSWORD_MIN: usize = 10;
/// Longest password, in bytes: enough for any sentence, short enough to hash at once.
pub const PASSWORD_MAX: usize = 512;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// Under ten characters.
    #[error("needs at least {PASSWORD_MIN} characters")]
    TooShort,
    /// Over 512 bytes.
    #[error("is too long; 512 characters are the most")]
    TooLong,
    /// Among the passwords that are tried first, or made of the sign-in name.
    #[error("is one of the first that others would try")]
    TooCommon,
}

/// The beginnings of most guessed passwords of ten characters and more.
const COMMON: &[&str] = &[
    "1234567890",
    "12345678910",
    "0123456789",
    "0987654321",
    "1111111111",
    "0000000000",
    "qwertyuiop",
    "qwerty1234",
    "qwerty12345",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "letmein123",
    "iloveyou12",
    "iloveyou123",
    "sunshine123",
    "princess123",
    "football123",
    "baseball123",
    "welcome123",
    "welcome1234",
    "administrator",
    "admin12345",
    "abcdefghij",
    "abcd123456",
    "abc1234567",
    "asdfghjkl1",
    "asdfghjkl;",
    "zxcvbnm123",
    "changeme123",
    "trustno1trustno1",
    "aaaaaaaaaa",
    "q1w2e3r4t5",
    "superman123",
    "liverpool123",
    "correcthorsebatterystaple",
];

/// Checks a new password against its length, the passwords tried first, and the names around it.
///
/// # Errors
/// See [`PasswordProblem`].
pub fn check_password(password: &str, names: &[&str]) -> Result<(), PasswordProblem> {
    if password.len() > PASSWORD_MAX {
        return Err(PasswordProblem::TooLong);
    }
    if password.chars().count() < PASSWORD_MIN {
        return Err(PasswordProblem::TooShort);
    }
    let folded = password.to_lowercase();
    let distinct = folded.chars().collect::<std::collections::BTreeSet<_>>().len();
    let of_a_name = names.iter().map(|name| name.to_lowercase()).any(|name| {
        name.chars().count() >= 4 && folded.replace(&name, "").chars().filter(|c| c.is_alphabetic()).count() < 4
    });
    if COMMON.contains(&folded.as_str()) || distinct < 4 || of_a_name {
        return Err(PasswordProblem::TooCommon);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        for (password, expected) in [
            ("a quiet evening", Ok(())),
            ("пароль длинный", Ok(())),
            ("short", Err(PasswordProblem::TooShort)),
            ("Password123", Err(PasswordProblem::TooCommon)),
            ("aaaaaaaabbbb", Err(PasswordProblem::TooCommon)),
            ("larkwater2026", Err(PasswordProblem::TooCommon)),
        ] {
            assert_eq!(check_password(password, &["wren", "Larkwater"]), expected, "{password}");
        }
        assert_eq!(check_password(&"x".repeat(1 << 20), &[]), Err(PasswordProblem::TooLong));
    }
}
