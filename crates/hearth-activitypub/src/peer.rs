//! The dialects of other servers, by the software they name in NodeInfo (profile 4.3, 5.2, 7.3).
//!
//! Used only to choose a form of the same content. Must never decide whether something is believed.

/// A server's software, as its NodeInfo names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Software {
    /// Lower-case name; empty when unknown.
    name: String,
    /// Version as written there.
    version: String,
}

/// The form in which a group relays an accepted activity to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnounceForm {
    /// (A): the activity itself, unchanged, inside the Announce.
    Activity,
    /// (B): the address of a root post, on Create only.
    Object,
    /// Both, for software we do not know.
    Both,
}

impl AnnounceForm {
    /// Whether form (A) is sent.
    pub const fn sends_activity(self) -> bool {
        matches!(self, Self::Activity | Self::Both)
    }

    /// Whether form (B) is sent.
    pub const fn sends_object(self) -> bool {
        matches!(self, Self::Object | Self::Both)
    }
}

/// What a server advertises that understands RFC 9421 (FEP-844e).
pub const RFC_9421: &str = "https://datatracker.ietf.org/doc/html/rfc9421";

/// The same for Ed25519 keys.
pub const RFC_9421_ED25519: &str = "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25";

/// Software that takes a titled post by a person, but no event of a group.
pub const THREADIVERSE: &[&str] = &["lemmy", "piefed", "mbin", "kbin", "nodebb"];

/// Software that understands an activity inside an Announce (FEP-1b12).
pub const READS_ACTIVITIES: &[&str] =
    &["lemmy", "piefed", "mbin", "kbin", "nodebb", "lotide", "discourse", "wordpress", "friendica", "hearth"];

/// Software that boosts what it can fetch by its address.
pub const READS_OBJECTS: &[&str] = &[
    "mastodon",
    "hometown",
    "glitch-soc",
    "glitchcafe",
    "ecko",
    "misskey",
    "firefish",
    "calckey",
    "iceshrimp",
    "iceshrimp.net",
    "sharkey",
    "foundkey",
    "cherrypick",
    "catodon",
    "gotosocial",
    "pleroma",
    "akkoma",
    "pixelfed",
    "mobilizon",
    "takahe",
];

impl Software {
    /// From `software.name` and `software.version`. Names longer than 64 characters count as unknown.
    pub fn new(name: &str, version: &str) -> Self {
        let name = name.trim().to_lowercase();
        let name = if name.chars().count() > 64 { String::new() } else { name };
        Self { name, version: version.trim().chars().take(64).collect() }
    }

    /// A server that names none.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// The lower-case name; empty when unknown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version as written by the server.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// In which form a group relays to it (profile 5.2).
    pub fn announce_form(&self) -> AnnounceForm {
        if READS_ACTIVITIES.contains(&self.name()) {
            AnnounceForm::Activity
        } else if READS_OBJECTS.contains(&self.name()) {
            AnnounceForm::Object
        } else {
            AnnounceForm::Both
        }
    }

    /// Whether it gets the companion post instead of a meetup's `Event` (profile 4.3).
    pub fn wants_companion_page(&self) -> bool {
        THREADIVERSE.contains(&self.name())
    }

    /// Whether it may hold members-only content unless a keeper says otherwise (profile 7.3): Hearth, and Lemmy from 1.0.
    pub fn may_hold_members_only(&self) -> bool {
        match self.name() {
            "hearth" => true,
            "lemmy" => self.major_version().is_some_and(|major| major >= 1),
            _ => false,
        }
    }

    /// Whether its groups are joined by `Join` (Mobilizon, Smithereen, Hearth), or only followed; `None` when unknown.
    pub fn reads_joins(&self) -> Option<bool> {
        match self.name() {
            "" => None,
            "hearth" | "mobilizon" | "smithereen" => Some(true),
            _ => Some(false),
        }
    }

    /// Whether its groups take a person's meetup only as a titled post (profile 4.5): PieFed's take events.
    pub fn takes_posts_only(&self) -> bool {
        self.wants_companion_page() && !self.reads_events_of_people()
    }

    /// Whether an event of a person needs PieFed's 13 keys, and can be sent at all to a group there (profile 4.5).
    pub fn reads_events_of_people(&self) -> bool {
        self.name() == "piefed"
    }

    /// Whether root posts enter its groups by `Add` to a wall (FEP-400e).
    pub fn reads_walls(&self) -> bool {
        self.name() == "smithereen"
    }

    fn major_version(&self) -> Option<u32> {
        self.version.trim_start_matches('v').split(['.', '-', '+']).next()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, version: &str, form: AnnounceForm, companion: bool, members_only: bool) {
        let software = Software::new(name, version);
        let found = (software.announce_form(), software.wants_companion_page(), software.may_hold_members_only());
        assert_eq!(found, (form, companion, members_only), "{name} {version}");
    }

    #[test]
    fn dialects() {
        use AnnounceForm::{Activity, Both, Object};
        check("hearth", "0.1.0", Activity, false, true);
        check("lemmy", "0.19.20", Activity, true, false);
        check("lemmy", "1.0.0-alpha.5", Activity, true, true);
        check("Lemmy", "unknown version", Activity, true, false);
        check("piefed", "1.6", Activity, true, false);
        check("mbin", "1.8", Activity, true, false);
        check("nodebb", "4.11.3", Activity, true, false);
        check("wordpress", "6.8", Activity, false, false);
        check("mastodon", "4.5", Object, false, false);
        check("gotosocial", "0.19.2", Object, false, false);
        check("mobilizon", "5.0", Object, false, false);
        check("brandnew", "1", Both, false, false);
        check("", "", Both, false, false);
    }

    #[test]
    fn joining() {
        for (name, reads) in [("hearth", Some(true)), ("mobilizon", Some(true)), ("lemmy", Some(false)), ("", None)] {
            assert_eq!(Software::new(name, "1").reads_joins(), reads, "{name}");
        }
    }

    #[test]
    fn who_takes_a_persons_meetup_as_what() {
        for (name, posts_only) in
            [("lemmy", true), ("mbin", true), ("nodebb", true), ("piefed", false), ("hearth", false), ("", false)]
        {
            assert_eq!(Software::new(name, "").takes_posts_only(), posts_only, "{name}");
        }
    }

    #[test]
    fn absurd_names_are_unknown() {
        assert_eq!(Software::new(&"x".repeat(65), "1").name(), "");
    }
}
