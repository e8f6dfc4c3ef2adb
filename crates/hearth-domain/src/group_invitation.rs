//! Invitations to a group, as a link and as a printed card.

use crate::{
    group::{Joining, Settings},
    membership::State,
};

/// Most people who can use one invitation.
pub const MOST_USES: i32 = 100;
/// Longest time an invitation is good for, in days.
pub const MOST_DAYS: i64 = 365;
/// Longest name that those who look after the group give an invitation.
pub const LABEL_MAX: usize = 60;

/// How somebody enters who shows an invitation of the group.
#[must_use]
pub const fn may_join_invited(group: Settings, skips_approval: bool) -> State {
    match group.joining {
        Joining::Open => State::Active,
        Joining::Approval | Joining::Invitation if skips_approval => State::Active,
        Joining::Approval | Joining::Invitation => State::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Template;

    #[test]
    fn an_invitation_opens_the_door_or_the_waiting_room() {
        let group = Template::PeerSupportCircle.settings();
        for (joining, skips, expected) in [
            (Joining::Open, false, State::Active),
            (Joining::Open, true, State::Active),
            (Joining::Approval, false, State::Waiting),
            (Joining::Approval, true, State::Active),
            (Joining::Invitation, false, State::Waiting),
            (Joining::Invitation, true, State::Active),
        ] {
            assert_eq!(may_join_invited(Settings { joining, ..group }, skips), expected, "{joining} {skips}");
        }
    }
}
