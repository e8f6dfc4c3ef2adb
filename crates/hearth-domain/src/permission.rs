//! Who may do what. Every action asks here, whichever door it came through.

use crate::{
    group::{Joining, Posting, Settings},
    membership::{Role, Standing},
};

/// Why somebody may not do something. The wording people read lives with the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in.
    #[error("sign in first")]
    SignIn,
    /// The account waits for approval or is suspended.
    #[error("this account can't do that now")]
    AccountNotActive,
    /// Only members may.
    #[error("only members of the group can do that")]
    MembersOnly,
    /// Only facilitators may.
    #[error("only facilitators of the group can do that")]
    FacilitatorsOnly,
    /// Only owners may.
    #[error("only owners of the group can do that")]
    OwnersOnly,
    /// Only hosts and facilitators may.
    #[error("only hosts of the group can do that")]
    HostsOnly,
    /// Only the author may.
    #[error("only the person who wrote it can do that")]
    AuthorOnly,
    /// Only keepers of the server may.
    #[error("only keepers of this server can do that")]
    KeepersOnly,
    /// The group can be joined by invitation only.
    #[error("joining is by invitation")]
    InvitationOnly,
    /// The group's only owner can't leave it without one.
    #[error("the last owner can't leave the group")]
    LastOwner,
    /// Who is meant has as much to say in the group as who asks.
    #[error("that person looks after the group too")]
    NotAboveThem,
    /// Somebody who looks after the group closed the conversation.
    #[error("this conversation takes no more replies")]
    Locked,
    /// The meetup is cancelled or over.
    #[error("this meetup takes no more answers")]
    MeetupClosed,
}

/// May somebody with this standing begin a conversation or reply?
///
/// # Errors
/// `MembersOnly`, `FacilitatorsOnly`.
pub fn may_post(group: Settings, standing: Standing) -> Result<(), Denied> {
    match group.posting {
        Posting::Anyone if group.is_public() && !standing.is_banned() => Ok(()),
        Posting::Anyone | Posting::Members => {
            if standing.is_member() {
                Ok(())
            } else {
                Err(Denied::MembersOnly)
            }
        }
        Posting::Facilitators => {
            if standing.at_least(Role::Facilitator) {
                Ok(())
            } else {
                Err(Denied::FacilitatorsOnly)
            }
        }
    }
}

/// May somebody with this standing reply? Replying is open to every member, also on a noticeboard.
///
/// # Errors
/// `MembersOnly`.
pub fn may_reply(group: Settings, standing: Standing) -> Result<(), Denied> {
    let open = group.is_public() && matches!(group.posting, Posting::Anyone) && !standing.is_banned();
    if open || standing.is_member() { Ok(()) } else { Err(Denied::MembersOnly) }
}

/// May somebody with this standing follow the group, or answer a meetup they can see? A ban refuses both.
///
/// # Errors
/// `MembersOnly`.
pub fn may_take_part(standing: Standing) -> Result<(), Denied> {
    if standing.is_banned() { Err(Denied::MembersOnly) } else { Ok(()) }
}

/// May somebody with this standing announce or change a meetup of the group?
///
/// # Errors
/// `HostsOnly`.
pub fn may_host(standing: Standing) -> Result<(), Denied> {
    if standing.at_least(Role::Host) { Ok(()) } else { Err(Denied::HostsOnly) }
}

/// May somebody with this standing change the group itself?
///
/// # Errors
/// `FacilitatorsOnly`.
pub fn may_change_group(standing: Standing) -> Result<(), Denied> {
    if standing.at_least(Role::Facilitator) { Ok(()) } else { Err(Denied::FacilitatorsOnly) }
}

/// May somebody with this standing remove, close or pin what others wrote, and read the group's reports?
///
/// # Errors
/// `FacilitatorsOnly`.
pub fn may_moderate(standing: Standing) -> Result<(), Denied> {
    if standing.at_least(Role::Facilitator) { Ok(()) } else { Err(Denied::FacilitatorsOnly) }
}

/// May somebody with the first standing keep somebody with the second out of the group? Facilitators can't do that to
/// each other, and nobody to an owner.
///
/// # Errors
/// `FacilitatorsOnly`, `NotAboveThem`.
pub fn may_ban(by: Standing, whom: Standing) -> Result<(), Denied> {
    may_moderate(by)?;
    let above = match whom {
        Standing::Member(Role::Owner) => false,
        Standing::Member(Role::Facilitator) => by.at_least(Role::Owner),
        _ => true,
    };
    if above { Ok(()) } else { Err(Denied::NotAboveThem) }
}

/// May somebody with the first standing make somebody with the second a facilitator, or end that? Owners only, and not
/// of each other; who is kept out has to be let in first.
///
/// # Errors
/// `OwnersOnly`, `NotAboveThem`.
pub fn may_appoint(by: Standing, whom: Standing) -> Result<(), Denied> {
    if !by.at_least(Role::Owner) {
        return Err(Denied::OwnersOnly);
    }
    if whom.is_banned() || whom.at_least(Role::Owner) { Err(Denied::NotAboveThem) } else { Ok(()) }
}

/// May this person see the names of those who are coming? (RSVPs are blind: hosts only.)
#[must_use]
pub fn may_see_names(standing: Standing) -> bool {
    standing.at_least(Role::Host)
}

/// May somebody with this standing let people in, or turn them away?
///
/// # Errors
/// `FacilitatorsOnly`.
pub fn may_let_in(standing: Standing) -> Result<(), Denied> {
    may_change_group(standing)
}

/// May somebody with this standing end another's membership? Nobody removes somebody with as much say as their own.
///
/// # Errors
/// `FacilitatorsOnly`.
pub fn may_remove(standing: Standing, role: Role) -> Result<(), Denied> {
    match standing {
        Standing::Member(own) if own >= Role::Facilitator && own > role => Ok(()),
        _ => Err(Denied::FacilitatorsOnly),
    }
}

/// May somebody of another server ask to be a member?
///
/// `is_partner`: the keeper trusts the server. `may_hold`: it keeps what is for members to members (profile 7.3).
#[must_use]
pub const fn may_ask_from_elsewhere(group: Settings, is_partner: bool, may_hold: bool) -> bool {
    let reached = match group.reach {
        crate::group::Reach::Network => true,
        crate::group::Reach::Partners => is_partner,
        crate::group::Reach::Here => false,
    };
    reached && (group.is_public() || may_hold)
}

/// How an asking person enters the group.
///
/// # Errors
/// `InvitationOnly`.
pub const fn may_join(group: Settings) -> Result<crate::membership::State, Denied> {
    match group.joining {
        Joining::Open => Ok(crate::membership::State::Active),
        Joining::Approval => Ok(crate::membership::State::Waiting),
        Joining::Invitation => Err(Denied::InvitationOnly),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Template;

    const MEMBER: Standing = Standing::Member(Role::Member);
    const HOST: Standing = Standing::Member(Role::Host);
    const FACILITATOR: Standing = Standing::Member(Role::Facilitator);
    const OWNER: Standing = Standing::Member(Role::Owner);
    const ALL: [Standing; 8] =
        [Standing::Stranger, Standing::Follower, Standing::Waiting, MEMBER, HOST, FACILITATOR, OWNER, Standing::Banned];
    const NOT_BANNED: [Standing; 7] =
        [Standing::Stranger, Standing::Follower, Standing::Waiting, MEMBER, HOST, FACILITATOR, OWNER];

    #[track_caller]
    fn check(rule: impl Fn(Standing) -> bool, allowed: &[Standing]) {
        for standing in ALL {
            assert_eq!(rule(standing), allowed.contains(&standing), "{standing:?}");
        }
    }

    #[test]
    fn posting() {
        check(|s| may_post(Template::OpenCommunity.settings(), s).is_ok(), &NOT_BANNED);
        check(|s| may_post(Template::PublicNoticeboard.settings(), s).is_ok(), &[FACILITATOR, OWNER]);
        check(|s| may_post(Template::PeerSupportCircle.settings(), s).is_ok(), &[MEMBER, HOST, FACILITATOR, OWNER]);
        check(|s| may_reply(Template::PublicNoticeboard.settings(), s).is_ok(), &[MEMBER, HOST, FACILITATOR, OWNER]);
        check(|s| may_reply(Template::OpenCommunity.settings(), s).is_ok(), &NOT_BANNED);
        check(|s| may_take_part(s).is_ok(), &NOT_BANNED);
    }

    #[test]
    fn looking_after_a_group() {
        check(|s| may_moderate(s).is_ok(), &[FACILITATOR, OWNER]);
        let below = [Standing::Stranger, Standing::Follower, Standing::Waiting, MEMBER, HOST, Standing::Banned];
        check(|whom| may_ban(FACILITATOR, whom).is_ok(), &below);
        check(|whom| may_ban(OWNER, whom).is_ok(), &[&below[..], &[FACILITATOR]].concat());
        check(|by| may_ban(by, MEMBER).is_ok(), &[FACILITATOR, OWNER]);
        check(|by| may_appoint(by, MEMBER).is_ok(), &[OWNER]);
        let appointed = [Standing::Stranger, Standing::Follower, Standing::Waiting, MEMBER, HOST, FACILITATOR];
        check(|whom| may_appoint(OWNER, whom).is_ok(), &appointed);
    }

    #[test]
    fn holding_a_group() {
        check(|s| may_host(s).is_ok(), &[HOST, FACILITATOR, OWNER]);
        check(may_see_names, &[HOST, FACILITATOR, OWNER]);
        check(|s| may_change_group(s).is_ok(), &[FACILITATOR, OWNER]);
        check(|s| may_let_in(s).is_ok(), &[FACILITATOR, OWNER]);
        check(|s| may_remove(s, Role::Member).is_ok(), &[FACILITATOR, OWNER]);
        check(|s| may_remove(s, Role::Facilitator).is_ok(), &[OWNER]);
        check(|s| may_remove(s, Role::Owner).is_ok(), &[]);
    }

    #[test]
    fn asking_from_elsewhere() {
        use crate::group::{Reach, Readable};
        for (readable, reach, allowed) in [
            // A stranger, one that keeps things to members, a partner, both.
            (Readable::Public, Reach::Network, [true, true, true, true]),
            (Readable::Public, Reach::Partners, [false, false, true, true]),
            (Readable::Members, Reach::Network, [false, true, false, true]),
            (Readable::Members, Reach::Partners, [false, false, false, true]),
            (Readable::Hidden, Reach::Network, [false, true, false, true]),
            (Readable::Members, Reach::Here, [false; 4]),
            (Readable::Public, Reach::Here, [false; 4]),
        ] {
            let group = Settings { readable, reach, ..Template::PeerSupportCircle.settings() };
            let servers = [(false, false), (false, true), (true, false), (true, true)];
            let found = servers.map(|(partner, may_hold)| may_ask_from_elsewhere(group, partner, may_hold));
            assert_eq!(found, allowed, "{readable} {reach}");
        }
    }
}
