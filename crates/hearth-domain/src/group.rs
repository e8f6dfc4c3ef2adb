//! The four settings of a group, and what may change about them.

words! {
    /// Who can read what happens in the group.
    Readable("reading rule") {
        /// Posts are public unless their author keeps them to members.
        Public = "public",
        /// Name, description and how to join are shown; everything inside is for members.
        Members = "members",
        /// Nobody but members learns that the group exists.
        Hidden = "hidden",
    }
}

words! {
    /// Who can become a member.
    Joining("joining rule") {
        /// Anybody, at once.
        Open = "open",
        /// A facilitator lets people in.
        Approval = "approval",
        /// By invitation.
        Invitation = "invitation",
    }
}

words! {
    /// How far the group reaches.
    Reach("reach") {
        /// The whole network.
        Network = "network",
        /// Servers on the keeper's list of partners.
        Partners = "partners",
        /// This server only; nothing ever leaves it.
        Here = "here",
    }
}

words! {
    /// Who can begin a conversation or reply.
    Posting("posting rule") {
        /// Anybody who can read it, also from other servers.
        Anyone = "anyone",
        /// Members.
        Members = "members",
        /// Facilitators and owners.
        Facilitators = "facilitators",
    }
}

words! {
    /// Ready-made settings.
    Template("template") {
        /// Anyone reads, joins and writes.
        OpenCommunity = "open_community",
        /// Members only, by approval, never leaves this server.
        PeerSupportCircle = "peer_support_circle",
        /// Anyone reads, facilitators write.
        PublicNoticeboard = "public_noticeboard",
        /// Members only, by approval, shared with partner servers.
        PrivateCircle = "private_circle",
    }
}

/// The four settings together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// Who can read.
    pub readable: Readable,
    /// Who can join.
    pub joining: Joining,
    /// How far it reaches.
    pub reach: Reach,
    /// Who can post.
    pub posting: Posting,
}

impl Template {
    /// The settings this template stands for.
    #[must_use]
    pub const fn settings(self) -> Settings {
        match self {
            Self::OpenCommunity => Settings {
                readable: Readable::Public,
                joining: Joining::Open,
                reach: Reach::Network,
                posting: Posting::Anyone,
            },
            Self::PeerSupportCircle => Settings {
                readable: Readable::Members,
                joining: Joining::Approval,
                reach: Reach::Here,
                posting: Posting::Members,
            },
            Self::PublicNoticeboard => Settings {
                readable: Readable::Public,
                joining: Joining::Open,
                reach: Reach::Network,
                posting: Posting::Facilitators,
            },
            Self::PrivateCircle => Settings {
                readable: Readable::Members,
                joining: Joining::Approval,
                reach: Reach::Partners,
                posting: Posting::Members,
            },
        }
    }
}

/// Why settings do not go together or may not follow the present ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsProblem {
    /// What was kept private can never be made public.
    #[error("a group that was ever kept to members or to this server can't be made public; make a new group")]
    NeverPublicAgain,
    /// Who joins may read what was said before: a door that was closed stays so.
    #[error("a group that only members can read can't be opened to anybody who likes to join; make a new group")]
    NeverOpenAgain,
    /// A hidden group whose door is open to everybody.
    #[error("a hidden group can't be open to everybody, since nobody can find it; choose by invitation")]
    HiddenAndOpen,
    /// Strangers can't write where they can't read.
    #[error("people who can't read a group can't post in it; choose members or facilitators")]
    AnyoneButCannotRead,
}

impl Settings {
    /// Whether anything of this group may be seen by everybody.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self.readable, Readable::Public)
    }

    /// Whether everything was public and unlimited: the only settings from which any change is allowed.
    #[must_use]
    pub const fn is_wide_open(self) -> bool {
        self.is_public() && matches!(self.reach, Reach::Network)
    }

    /// Checks that the settings fit together.
    ///
    /// # Errors
    /// `HiddenAndOpen`, `AnyoneButCannotRead`.
    pub const fn check(self) -> Result<(), SettingsProblem> {
        match (self.readable, self.joining, self.posting) {
            (Readable::Hidden, Joining::Open, _) => Err(SettingsProblem::HiddenAndOpen),
            (Readable::Members | Readable::Hidden, _, Posting::Anyone) => Err(SettingsProblem::AnyoneButCannotRead),
            _ => Ok(()),
        }
    }

    /// Checks a change from these settings to `next`.
    ///
    /// # Errors
    /// As [`Settings::check`], `NeverPublicAgain` (profile 7.1) and `NeverOpenAgain`.
    pub fn check_change(self, next: Self) -> Result<(), SettingsProblem> {
        next.check()?;
        let narrower = |s: Self| (s.readable as u8).max(if matches!(s.reach, Reach::Network) { 0 } else { 1 });
        let wider_reach = self.reach > next.reach;
        if narrower(self) > 0 && (next.readable < self.readable || wider_reach) {
            return Err(SettingsProblem::NeverPublicAgain);
        }
        let opens = next.joining == Joining::Open && self.joining != Joining::Open;
        if opens && !(self.is_public() && next.is_public()) {
            return Err(SettingsProblem::NeverOpenAgain);
        }
        Ok(())
    }

    /// One more short sentence: how far the group reaches.
    #[must_use]
    pub const fn reach_sentence(self) -> &'static str {
        match self.reach {
            Reach::Network => "People on other servers can take part.",
            Reach::Partners => "People on partner servers can take part.",
            Reach::Here => "It never leaves this server.",
        }
    }

    /// The two short sentences that are always shown with a group.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match (self.readable, self.joining) {
            (Readable::Public, Joining::Open) => "Anyone can read. Anyone can join.",
            (Readable::Public, Joining::Approval) => "Anyone can read. A facilitator lets people in.",
            (Readable::Public, Joining::Invitation) => "Anyone can read. Joining is by invitation.",
            (Readable::Members, Joining::Open) => "Only members can read. Anyone can join.",
            (Readable::Members, Joining::Approval) => "Only members can read. A facilitator lets people in.",
            (Readable::Members, Joining::Invitation) => "Only members can read. Joining is by invitation.",
            (Readable::Hidden, Joining::Open | Joining::Approval) => {
                "Only members know of it. A facilitator lets people in."
            }
            (Readable::Hidden, Joining::Invitation) => "Only members know of it. Joining is by invitation.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Settings> {
        Readable::ALL.iter().flat_map(|&readable| {
            Joining::ALL.iter().flat_map(move |&joining| {
                Reach::ALL.iter().flat_map(move |&reach| {
                    Posting::ALL.iter().map(move |&posting| Settings { readable, joining, reach, posting })
                })
            })
        })
    }

    #[test]
    fn templates_fit_together() {
        for template in Template::ALL {
            assert_eq!(template.settings().check(), Ok(()), "{template}");
        }
    }

    #[test]
    fn nothing_private_ever_becomes_public() {
        for before in all().filter(|s| s.check().is_ok()) {
            for after in all().filter(|s| s.check().is_ok()) {
                if !before.is_wide_open() && after.is_wide_open() {
                    assert_eq!(
                        before.check_change(after),
                        Err(SettingsProblem::NeverPublicAgain),
                        "{before:?} {after:?}"
                    );
                }
                let opens_door = after.joining == Joining::Open && before.joining != Joining::Open;
                if before == after || (before.is_wide_open() && !opens_door) {
                    assert_eq!(before.check_change(after), Ok(()), "{before:?} {after:?}");
                }
                if opens_door && !after.is_public() {
                    assert!(before.check_change(after).is_err(), "{before:?} {after:?}");
                }
            }
        }
    }

    #[test]
    fn words_read_back() {
        for word in Readable::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        assert!("Public".parse::<Readable>().is_err());
    }
}
