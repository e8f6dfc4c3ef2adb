//! The one table of who may do what in a group: each deed with the least role that may do it.
//!
//! Later roles include what earlier ones may ([`Role`]). What hangs on the group's settings as well stands in
//! `permission.rs`, which asks here.

use crate::{
    membership::{Role, Standing},
    permission::Denied,
};

words! {
    /// Something that somebody does in a group.
    Deed("deed") {
        /// Reads what is for members.
        Read = "read",
        /// Writes and replies, where the group lets members write.
        Write = "write",
        /// Asks somebody to look.
        Report = "report",
        /// Asks for something to be kept as a card, or keeps what they wrote.
        KeepCards = "keep_cards",
        /// Leaves.
        Leave = "leave",
        /// Announces and changes meetups.
        RunMeetups = "run_meetups",
        /// Sees the names of who is coming.
        SeeNames = "see_names",
        /// Lets people in or turns them away.
        LetIn = "let_in",
        /// Writes also where only facilitators do.
        Announce = "announce",
        /// Reads what was reported, takes it and answers it.
        AnswerReports = "answer_reports",
        /// Removes, hides or brings back what somebody wrote; asks for other words.
        Withhold = "withhold",
        /// Closes conversations and pins posts.
        Steer = "steer",
        /// Keeps the topics of cards, and removes cards.
        CareForCards = "care_for_cards",
        /// Shows or declines what waits for a person to look.
        DecideHeld = "decide_held",
        /// Tells a member that something was not right.
        Warn = "warn",
        /// Lets a member not write for some days.
        Pause = "pause",
        /// Ends a membership.
        RemoveMember = "remove_member",
        /// Keeps somebody out.
        Ban = "ban",
        /// Makes somebody a host, or ends that.
        AppointHost = "appoint_host",
        /// Reads the log of the group.
        ReadLog = "read_log",
        /// Sets up posts that open by themselves, and changes them.
        KeepCheckIns = "keep_check_ins",
        /// Changes the group's words and settings, what waits for a look, and the ready texts.
        ChangeGroup = "change_group",
        /// Makes somebody a facilitator, or ends that.
        Appoint = "appoint",
        /// Says whether other servers are shown who looks after the group.
        ShowTeam = "show_team",
        /// Offers the group to another owner.
        HandOver = "hand_over",
        /// Closes the group for good or opens it again: everything stays to be read.
        Archive = "archive",
        /// Takes a copy of the whole group.
        Export = "export",
        /// Erases the group.
        Erase = "erase",
    }
}

impl Deed {
    /// The least role that may do it.
    #[must_use]
    pub const fn least(self) -> Role {
        match self {
            Self::Read | Self::Write | Self::Report | Self::KeepCards | Self::Leave => Role::Member,
            Self::RunMeetups | Self::SeeNames => Role::Host,
            Self::LetIn
            | Self::Announce
            | Self::AnswerReports
            | Self::Withhold
            | Self::Steer
            | Self::CareForCards
            | Self::DecideHeld
            | Self::Warn
            | Self::Pause
            | Self::RemoveMember
            | Self::Ban
            | Self::AppointHost
            | Self::ReadLog
            | Self::KeepCheckIns
            | Self::ChangeGroup => Role::Facilitator,
            Self::Appoint | Self::ShowTeam | Self::HandOver | Self::Archive | Self::Export | Self::Erase => Role::Owner,
        }
    }
}

/// May somebody with this standing do this in the group?
///
/// # Errors
/// `MembersOnly`, `HostsOnly`, `FacilitatorsOnly`, `OwnersOnly`.
pub fn may(standing: Standing, deed: Deed) -> Result<(), Denied> {
    let least = deed.least();
    if standing.at_least(least) {
        return Ok(());
    }
    Err(match least {
        Role::Member => Denied::MembersOnly,
        Role::Host => Denied::HostsOnly,
        Role::Facilitator => Denied::FacilitatorsOnly,
        Role::Owner => Denied::OwnersOnly,
    })
}

/// May somebody with the first standing decide about somebody with the second: pause, warn, remove or keep them out?
/// Nobody decides about somebody with as much say as their own.
///
/// # Errors
/// `FacilitatorsOnly`, `NotAboveThem`.
pub fn may_decide_about(by: Standing, deed: Deed, whom: Standing) -> Result<(), Denied> {
    may(by, deed)?;
    let Standing::Member(own) = by else { return Err(Denied::MembersOnly) };
    match whom {
        Standing::Member(theirs) if theirs >= own => Err(Denied::NotAboveThem),
        _ => Ok(()),
    }
}

/// May the first give the second this role? Owners are made by handing over only, and nobody is above their own part:
/// a facilitator makes hosts of members, an owner facilitators too.
///
/// # Errors
/// `FacilitatorsOnly`, `OwnersOnly`, `NotAboveThem`, `MembersOnly` where the second is no member.
pub fn may_give_role(by: Standing, whom: Standing, role: Role) -> Result<(), Denied> {
    let Standing::Member(before) = whom else { return Err(Denied::MembersOnly) };
    let deed = match before.max(role) {
        Role::Owner => return Err(Denied::NotAboveThem),
        Role::Facilitator => Deed::Appoint,
        Role::Member | Role::Host => Deed::AppointHost,
    };
    may_decide_about(by, deed, whom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTSIDE: [Standing; 4] = [Standing::Stranger, Standing::Follower, Standing::Waiting, Standing::Banned];

    /// The table as people read it: member, host, facilitator, owner.
    const TABLE: &[(Deed, [bool; 4])] = &[
        (Deed::Read, [true, true, true, true]),
        (Deed::Write, [true, true, true, true]),
        (Deed::Report, [true, true, true, true]),
        (Deed::KeepCards, [true, true, true, true]),
        (Deed::Leave, [true, true, true, true]),
        (Deed::RunMeetups, [false, true, true, true]),
        (Deed::SeeNames, [false, true, true, true]),
        (Deed::LetIn, [false, false, true, true]),
        (Deed::Announce, [false, false, true, true]),
        (Deed::AnswerReports, [false, false, true, true]),
        (Deed::Withhold, [false, false, true, true]),
        (Deed::Steer, [false, false, true, true]),
        (Deed::CareForCards, [false, false, true, true]),
        (Deed::DecideHeld, [false, false, true, true]),
        (Deed::Warn, [false, false, true, true]),
        (Deed::Pause, [false, false, true, true]),
        (Deed::RemoveMember, [false, false, true, true]),
        (Deed::Ban, [false, false, true, true]),
        (Deed::AppointHost, [false, false, true, true]),
        (Deed::ReadLog, [false, false, true, true]),
        (Deed::KeepCheckIns, [false, false, true, true]),
        (Deed::ChangeGroup, [false, false, true, true]),
        (Deed::Appoint, [false, false, false, true]),
        (Deed::ShowTeam, [false, false, false, true]),
        (Deed::HandOver, [false, false, false, true]),
        (Deed::Archive, [false, false, false, true]),
        (Deed::Export, [false, false, false, true]),
        (Deed::Erase, [false, false, false, true]),
    ];

    #[test]
    fn every_role_and_every_deed() {
        let listed: Vec<Deed> = TABLE.iter().map(|(deed, _)| *deed).collect();
        assert_eq!(listed, Deed::ALL, "a new deed has a row here");
        for (deed, row) in TABLE {
            for (role, allowed) in Role::ALL.iter().zip(row) {
                assert_eq!(may(Standing::Member(*role), *deed).is_ok(), *allowed, "{role} {deed}");
            }
            for standing in OUTSIDE {
                assert!(may(standing, *deed).is_err(), "{standing:?} {deed}");
            }
        }
    }

    #[test]
    fn nobody_decides_about_who_has_as_much_say() {
        for deed in [Deed::Warn, Deed::Pause, Deed::RemoveMember, Deed::Ban] {
            for by in Role::ALL {
                for whom in Role::ALL {
                    let allowed = *by >= Role::Facilitator && by > whom;
                    let found = may_decide_about(Standing::Member(*by), deed, Standing::Member(*whom));
                    assert_eq!(found.is_ok(), allowed, "{deed} {by} {whom}");
                }
            }
            for whom in OUTSIDE {
                assert!(may_decide_about(Standing::Member(Role::Facilitator), deed, whom).is_ok());
            }
        }
    }

    #[test]
    fn who_gives_which_role() {
        use Role::{Facilitator, Host, Member, Owner};
        for (by, whom, role, allowed) in [
            (Owner, Member, Host, true),
            (Owner, Member, Facilitator, true),
            (Owner, Facilitator, Member, true),
            (Owner, Member, Owner, false),
            (Owner, Owner, Member, false),
            (Facilitator, Member, Host, true),
            (Facilitator, Host, Member, true),
            (Facilitator, Member, Facilitator, false),
            (Facilitator, Facilitator, Member, false),
            (Host, Member, Host, false),
            (Member, Member, Host, false),
        ] {
            let found = may_give_role(Standing::Member(by), Standing::Member(whom), role);
            assert_eq!(found.is_ok(), allowed, "{by} {whom} {role}");
        }
        for whom in OUTSIDE {
            assert!(may_give_role(Standing::Member(Owner), whom, Host).is_err(), "{whom:?}");
        }
    }
}
