//! What people are told of in the app. Calm: no number over nine, and nothing about what they may not see any more.

words! {
    /// What a notice is about.
    Kind("kind of notice") {
        /// Somebody answered what the reader wrote.
        Reply = "reply",
        /// Somebody named the reader.
        Mention = "mention",
        /// Something was said in a conversation that the reader follows.
        Said = "said",
        /// The reader was let in.
        LetIn = "let_in",
        /// A meetup that the reader goes to is soon.
        Reminder = "reminder",
        /// What the reader wrote waits no longer: it is shown.
        Shown = "shown",
        /// What the reader wrote is not shown.
        Declined = "declined",
        /// The reader is asked for other words.
        Rephrase = "rephrase",
        /// What the reader wrote was hidden or removed.
        Withheld = "withheld",
        /// A word from those who look after the group.
        Warned = "warned",
        /// The reader can't write for a while.
        Paused = "paused",
        /// The reader has another part in the group.
        Role = "role",
        /// The reader is offered the group.
        Offered = "offered",
        /// Somebody asked that the reader look at something.
        Report = "report",
        /// Somebody is worried about a person, and the reader is asked to look.
        Worry = "worry",
        /// Nobody answered: the reader is asked to look.
        Unanswered = "unanswered",
        /// A post waits for a look.
        Held = "held",
        /// The group asks whether something the reader wrote may be kept as a card.
        CardAsked = "card_asked",
        /// A keeper reads the group.
        Access = "access",
        /// What the reader planned was not published; they have it back.
        Returned = "returned",
        /// A check-in of the group can't open in the name of whoever keeps it.
        CheckInRests = "check_in_rests",
    }
}

words! {
    /// What somebody wants to hear of a conversation, but for the usual: what answers or names them.
    ThreadChoice("choice for a conversation") {
        /// Whatever is said in it.
        Follow = "follow",
        /// Nothing.
        Mute = "mute",
    }
}

impl Kind {
    /// Whether it is for those who look after the group only: nobody else is shown it, also when they were told before.
    #[must_use]
    pub const fn is_for_care(self) -> bool {
        matches!(self, Self::Report | Self::Worry | Self::Unanswered | Self::Held | Self::CheckInRests)
    }

    /// Whether it is about something that only the reader has: told also where the group is shown to them no more, and
    /// then without naming it.
    #[must_use]
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Returned)
    }

    /// Whether it comes also in quiet hours: somebody may be in danger.
    #[must_use]
    pub const fn breaks_quiet(self) -> bool {
        matches!(self, Self::Worry)
    }
}

/// The number that is shown beside "Notices": none, one to nine, or "9+".
#[must_use]
pub fn number(unseen: usize) -> String {
    match unseen {
        0 => String::new(),
        1..=9 => unseen.to_string(),
        _ => "9+".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_over_nine() {
        let shown = [0, 1, 9, 10, 5_000].map(number);
        assert_eq!(shown, ["", "1", "9", "9+", "9+"]);
    }
}
