//! The one audience function: who may see a thing, and which servers get it.
//!
//! The same value is shown before posting, enforced on every read and used by the sender. Nothing else in Hearth
//! decides visibility. Its SQL twin, for lists, is `hearth_db::views::visible`; a test there holds the two together.

use crate::{
    group::{Reach, Readable, Settings},
    membership::Standing,
};

words! {
    /// What the author of a post or meetup chose.
    Visibility("visibility") {
        /// Whoever the group's settings let in, up to everybody.
        Public = "public",
        /// Members of the group.
        Members = "members",
    }
}

/// Who may read a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Everybody, signed in or not.
    Anyone,
    /// Members of the group.
    Members,
}

/// Which servers get a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receivers {
    /// None: it never leaves this server.
    Nobody,
    /// Servers of members, if they are partners of this server.
    PartnersOfMembers,
    /// Servers of members.
    Members,
    /// Servers of partners that follow the group.
    PartnersFollowing,
    /// Every server that follows the group.
    Followers,
}

/// Who may see a thing and which servers get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audience {
    /// Who may read it here, or fetch it.
    pub readers: Readers,
    /// Where it is sent.
    pub receivers: Receivers,
}

/// The audience of a post, reply, meetup or attachment in a group with these settings.
#[must_use]
pub const fn audience(group: Settings, chosen: Visibility) -> Audience {
    let readers = match (group.readable, chosen) {
        (Readable::Public, Visibility::Public) => Readers::Anyone,
        _ => Readers::Members,
    };
    let receivers = match (readers, group.reach) {
        (_, Reach::Here) => Receivers::Nobody,
        (Readers::Anyone, Reach::Network) => Receivers::Followers,
        (Readers::Anyone, Reach::Partners) => Receivers::PartnersFollowing,
        (Readers::Members, Reach::Network) => Receivers::Members,
        (Readers::Members, Reach::Partners) => Receivers::PartnersOfMembers,
    };
    Audience { readers, receivers }
}

/// Who is asking to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A person here with this standing in the group; `Stranger` when not signed in.
    Person(Standing),
    /// Another server. `has_member` says whether an accepted member of the group lives there.
    Server {
        /// An accepted member of the group lives there.
        has_member: bool,
        /// It is on the keeper's list of partners.
        is_partner: bool,
    },
}

impl Audience {
    /// Whether this viewer may see the thing.
    #[must_use]
    pub const fn includes(self, viewer: Viewer) -> bool {
        match (self.readers, viewer) {
            (Readers::Anyone, Viewer::Person(_)) => true,
            (Readers::Members, Viewer::Person(standing)) => standing.is_member(),
            (_, Viewer::Server { has_member, is_partner }) => match self.receivers {
                Receivers::Nobody => false,
                Receivers::Followers => true,
                Receivers::PartnersFollowing => is_partner,
                Receivers::Members => has_member,
                Receivers::PartnersOfMembers => has_member && is_partner,
            },
        }
    }
}

/// Whether the group itself may be shown: its name, its description, how to join.
#[must_use]
pub const fn group_is_shown(group: Settings, standing: Standing) -> bool {
    match group.readable {
        Readable::Public | Readable::Members => true,
        Readable::Hidden => standing.is_member(),
    }
}

/// Whether anybody on the network may learn that the group exists (profile 7.1).
#[must_use]
pub const fn group_is_on_the_network(group: Settings) -> bool {
    !matches!(group.reach, Reach::Here) && !matches!(group.readable, Readable::Hidden)
}

/// What another server learns of a group that is asked for at its own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing: it answers as if it did not exist.
    Nothing,
    /// That there is a group, and what its signatures are checked with; not its name.
    Stub,
    /// All that is told about a group.
    Full,
}

/// What a reader of another server learns of a group. `server` is the reader's server where the request was signed by
/// it, as [`Viewer::Server`] says; who did not sign is nobody in particular (profile 7.2).
#[must_use]
pub const fn group_shown_to(group: Settings, server: Option<ServerFacts>) -> Shown {
    let partner = matches!(server, Some(facts) if facts.is_partner);
    let allowed = partner || matches!(group.reach, Reach::Network);
    match (group.readable, group.reach) {
        (_, Reach::Here) => Shown::Nothing,
        (Readable::Hidden, _) => match server {
            Some(facts) if facts.has_member && allowed => Shown::Full,
            _ => Shown::Nothing,
        },
        (Readable::Public, Reach::Network) => Shown::Full,
        (Readable::Public | Readable::Members, _) => {
            if server.is_some() && allowed {
                Shown::Full
            } else {
                Shown::Stub
            }
        }
    }
}

/// What is known here of another server with regard to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServerFacts {
    /// An accepted member of the group lives there, and it may hold what is for members.
    pub has_member: bool,
    /// It is on the keeper's list of partners.
    pub is_partner: bool,
}

impl ServerFacts {
    /// The server as a viewer.
    #[must_use]
    pub const fn viewer(self) -> Viewer {
        Viewer::Server { has_member: self.has_member, is_partner: self.is_partner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{group::Template, membership::Role};

    const MEMBER: Viewer = Viewer::Person(Standing::Member(Role::Member));
    const STRANGER: Viewer = Viewer::Person(Standing::Stranger);
    const FOLLOWER: Viewer = Viewer::Person(Standing::Follower);
    const WAITING: Viewer = Viewer::Person(Standing::Waiting);
    const SERVER: Viewer = Viewer::Server { has_member: false, is_partner: false };
    const PARTNER: Viewer = Viewer::Server { has_member: false, is_partner: true };
    const HOME: Viewer = Viewer::Server { has_member: true, is_partner: false };
    const BOTH: Viewer = Viewer::Server { has_member: true, is_partner: true };
    const EVERYBODY: [Viewer; 8] = [MEMBER, STRANGER, FOLLOWER, WAITING, SERVER, PARTNER, HOME, BOTH];

    #[track_caller]
    fn check(template: Template, chosen: Visibility, let_in: &[Viewer], receivers: Receivers) {
        let audience = audience(template.settings(), chosen);
        assert_eq!(audience.receivers, receivers);
        for viewer in EVERYBODY {
            assert_eq!(audience.includes(viewer), let_in.contains(&viewer), "{template} {chosen} {viewer:?}");
        }
    }

    #[test]
    fn who_sees_what() {
        use Template::{OpenCommunity, PeerSupportCircle, PrivateCircle, PublicNoticeboard};
        use Visibility::{Members, Public};
        check(OpenCommunity, Public, &EVERYBODY, Receivers::Followers);
        check(PublicNoticeboard, Public, &EVERYBODY, Receivers::Followers);
        check(OpenCommunity, Members, &[MEMBER, HOME, BOTH], Receivers::Members);
        check(PeerSupportCircle, Public, &[MEMBER], Receivers::Nobody);
        check(PeerSupportCircle, Members, &[MEMBER], Receivers::Nobody);
        check(PrivateCircle, Public, &[MEMBER, BOTH], Receivers::PartnersOfMembers);
        check(PrivateCircle, Members, &[MEMBER, BOTH], Receivers::PartnersOfMembers);
    }

    #[test]
    fn what_servers_learn_of_a_group() {
        use Readable::{Hidden, Members, Public};
        use Shown::{Full, Nothing, Stub};
        let facts = |has_member, is_partner| Some(ServerFacts { has_member, is_partner });
        // Unsigned, a stranger, a partner, a member's server, both.
        let servers = [None, facts(false, false), facts(false, true), facts(true, false), facts(true, true)];
        for (readable, reach, shown) in [
            (Public, Reach::Network, [Full; 5]),
            (Public, Reach::Partners, [Stub, Stub, Full, Stub, Full]),
            (Members, Reach::Network, [Stub, Full, Full, Full, Full]),
            (Members, Reach::Partners, [Stub, Stub, Full, Stub, Full]),
            (Hidden, Reach::Network, [Nothing, Nothing, Nothing, Full, Full]),
            (Hidden, Reach::Partners, [Nothing, Nothing, Nothing, Nothing, Full]),
            (Public, Reach::Here, [Nothing; 5]),
            (Members, Reach::Here, [Nothing; 5]),
            (Hidden, Reach::Here, [Nothing; 5]),
        ] {
            let settings = Settings { readable, reach, ..Template::PeerSupportCircle.settings() };
            assert_eq!(servers.map(|server| group_shown_to(settings, server)), shown, "{readable} {reach}");
        }
    }
}
