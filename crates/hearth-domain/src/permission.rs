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

/// May this person see the names of those who are coming? (RSVPs are blind: hosts only.)
#[must_use]
pub fn may_see_names(standing: Standing) -> bool {
    standing.at_least(Role::Host)
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
    fn holding_a_group() {
        check(|s| may_host(s).is_ok(), &[HOST, FACILITATOR, OWNER]);
        check(may_see_names, &[HOST, FACILITATOR, OWNER]);
        check(|s| may_change_group(s).is_ok(), &[FACILITATOR, OWNER]);
    }
}
