//! Every address of this server, written and read in one place (profile 1.1).
//!
//! Addresses are lower-case, have no query and never change. Must never guess at other servers' addresses: those are
//! opaque and come from their documents.

use thiserror::Error;
use url::Url;

/// Why an address cannot be the origin of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the server's address must be https://NAME with no path, query or user name")]
pub struct NotAnOrigin;

/// Builds the local addresses below one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    origin: Url,
}

/// A page or box that hangs below an actor or object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Where activities are delivered.
    Inbox,
    /// What the actor sent.
    Outbox,
    /// Who follows it (never with names).
    Followers,
    /// Whom it follows (never with names).
    Following,
    /// A group's facilitators.
    Moderators,
    /// A group's pinned posts.
    Featured,
    /// A group's meetups to come.
    Upcoming,
    /// A group's root posts, for Smithereen.
    Wall,
    /// A group's members; also the audience of members-only posts. Always served empty.
    Members,
    /// An empty collection: Mobilizon wants several to exist.
    Empty,
    /// A thread in order.
    Context,
    /// The direct answers.
    Replies,
    /// Who comes to a meetup. Always served empty.
    Attendees,
}

/// All parts and their last path segment.
const PARTS: [(Part, &str); 13] = [
    (Part::Inbox, "inbox"),
    (Part::Outbox, "outbox"),
    (Part::Followers, "followers"),
    (Part::Following, "following"),
    (Part::Moderators, "moderators"),
    (Part::Featured, "featured"),
    (Part::Upcoming, "upcoming"),
    (Part::Wall, "wall"),
    (Part::Members, "members"),
    (Part::Empty, "empty"),
    (Part::Context, "context"),
    (Part::Replies, "replies"),
    (Part::Attendees, "attendees"),
];

impl Part {
    /// The last segment of the path.
    pub const fn segment(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Outbox => "outbox",
            Self::Followers => "followers",
            Self::Following => "following",
            Self::Moderators => "moderators",
            Self::Featured => "featured",
            Self::Upcoming => "upcoming",
            Self::Wall => "wall",
            Self::Members => "members",
            Self::Empty => "empty",
            Self::Context => "context",
            Self::Replies => "replies",
            Self::Attendees => "attendees",
        }
    }

    fn from_segment(segment: &str) -> Option<Self> {
        PARTS.iter().find(|(_, name)| *name == segment).map(|(part, _)| *part)
    }
}

/// What a local address names. The names and ids are as written in the address, not looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LocalId {
    /// The instance actor at the root.
    Server,
    /// `/u/{name}`: a person, or a group's notices.
    Person(String),
    /// `/g/{name}`.
    Group(String),
    /// `/p/{id}`: a titled post.
    Post(String),
    /// `/n/{id}`: a reply.
    Note(String),
    /// `/e/{id}`: a meetup.
    Event(String),
    /// `/s/{id}`: a series of meetups.
    Series(String),
    /// `/a/{id}`: an activity.
    Activity(String),
    /// `/media/{id}`.
    Media(String),
    /// `/tag/{name}`.
    Tag(String),
    /// Something below one of the others, such as a group's followers.
    Part(Box<LocalId>, Part),
    /// A key of an actor: `#main-key` or `#ed25519-key`.
    Key(Box<LocalId>),
}

impl Addresses {
    /// Addresses below `origin`.
    ///
    /// # Errors
    /// When `origin` is no http(s) address with a host name, or has a path, a query, a fragment or a user name.
    pub fn new(origin: Url) -> Result<Self, NotAnOrigin> {
        let bare = matches!(origin.scheme(), "https" | "http")
            && origin.has_host()
            && origin.path() == "/"
            && origin.query().is_none()
            && origin.fragment().is_none()
            && origin.username().is_empty()
            && origin.password().is_none();
        if bare { Ok(Self { origin }) } else { Err(NotAnOrigin) }
    }

    /// The instance actor, `https://{h}/`; also the server's origin.
    pub fn server(&self) -> Url {
        self.origin.clone()
    }

    /// The server's name as it stands behind the `@` of a handle: host, and port where it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.origin.host_str().unwrap_or_default();
        self.origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// `name@host`.
    pub fn handle(&self, name: &str) -> String {
        format!("{name}@{}", self.host())
    }

    /// A person, or a group's notices actor.
    pub fn person(&self, name: &str) -> Url {
        self.at(&["u", name])
    }

    /// A group.
    pub fn group(&self, name: &str) -> Url {
        self.at(&["g", name])
    }

    /// The `Service` actor that tells about a group's meetups when no organiser is named (profile 4.3).
    pub fn notices(&self, group: &str) -> Url {
        self.person(&notices_name(group))
    }

    /// A titled post.
    pub fn post(&self, id: &str) -> Url {
        self.at(&["p", id])
    }

    /// A reply.
    pub fn note(&self, id: &str) -> Url {
        self.at(&["n", id])
    }

    /// A meetup.
    pub fn event(&self, id: &str) -> Url {
        self.at(&["e", id])
    }

    /// A series of meetups.
    pub fn series(&self, id: &str) -> Url {
        self.at(&["s", id])
    }

    /// An activity.
    pub fn activity(&self, id: &str) -> Url {
        self.at(&["a", id])
    }

    /// A picture or other upload.
    pub fn media(&self, id: &str) -> Url {
        self.at(&["media", id])
    }

    /// The page of a hashtag; `name` without `#`.
    pub fn tag(&self, name: &str) -> Url {
        self.at(&["tag", name])
    }

    /// A page of the server that names nothing in the network, such as `about` or `nodeinfo/2.1`.
    pub fn page(&self, path: &str) -> Url {
        let segments: Vec<&str> = path.split('/').collect();
        self.at(&segments)
    }

    /// Something that hangs below a local actor or object: `part(&group, Part::Followers)`.
    pub fn part(&self, owner: &Url, part: Part) -> Url {
        let mut url = owner.clone();
        url.set_fragment(None);
        url.set_query(None);
        url.set_path(&format!("{}/{}", owner.path().trim_end_matches('/'), part.segment()));
        url
    }

    /// Where the whole server takes deliveries.
    pub fn shared_inbox(&self) -> Url {
        self.part(&self.origin, Part::Inbox)
    }

    /// The inbox of a local actor.
    pub fn inbox(&self, actor: &Url) -> Url {
        self.part(actor, Part::Inbox)
    }

    /// The outbox of a local actor.
    pub fn outbox(&self, actor: &Url) -> Url {
        self.part(actor, Part::Outbox)
    }

    /// A page of a local actor's outbox, counted from 1.
    pub fn outbox_page(&self, actor: &Url, page: u32) -> Url {
        let mut url = self.outbox(actor);
        url.set_query(Some(&format!("page={page}")));
        url
    }

    /// The followers of a local actor, as audience and as (nameless) collection.
    pub fn followers(&self, actor: &Url) -> Url {
        self.part(actor, Part::Followers)
    }

    /// The members of a local group, as audience and as (empty) collection.
    pub fn members(&self, group: &Url) -> Url {
        self.part(group, Part::Members)
    }

    /// The RSA key of a local actor.
    pub fn main_key(&self, actor: &Url) -> Url {
        with_fragment(actor, "main-key")
    }

    /// The Ed25519 key of a local actor.
    pub fn ed25519_key(&self, actor: &Url) -> Url {
        with_fragment(actor, "ed25519-key")
    }

    /// True when the address has this server's scheme, host and port, whatever it names.
    pub fn is_local(&self, url: &Url) -> bool {
        url.origin() == self.origin.origin()
    }

    /// What a local address names; `None` for other servers' and for pages that name nothing in the network.
    ///
    /// A query is refused except the page number of a collection.
    pub fn parse(&self, url: &Url) -> Option<LocalId> {
        if !self.is_local(url) || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        if let Some(fragment) = url.fragment() {
            let mut owner = url.clone();
            owner.set_fragment(None);
            let is_key = matches!(fragment, "main-key" | "ed25519-key");
            return self.parse(&owner).filter(|id| is_key && id.is_actor()).map(|id| LocalId::Key(Box::new(id)));
        }
        let id = parse_path(url.path())?;
        let query_is_fine = url.query().is_none_or(|_| matches!(id, LocalId::Part(..)));
        query_is_fine.then_some(id)
    }

    fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.origin.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url
    }
}

impl LocalId {
    /// True for the server, people and groups.
    pub const fn is_actor(&self) -> bool {
        matches!(self, Self::Server | Self::Person(_) | Self::Group(_))
    }
}

/// The reserved name of a group's notices actor.
pub fn notices_name(group: &str) -> String {
    format!("{group}_notices")
}

fn with_fragment(url: &Url, fragment: &str) -> Url {
    let mut url = url.clone();
    url.set_fragment(Some(fragment));
    url
}

fn parse_path(path: &str) -> Option<LocalId> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    match segments.as_slice() {
        [""] => Some(LocalId::Server),
        [part] => part_of(LocalId::Server, part),
        [kind, id] => named(kind, id),
        [kind, id, part] => part_of(named(kind, id)?, part),
        _ => None,
    }
}

fn named(kind: &str, id: &str) -> Option<LocalId> {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if kind != "tag" && !plain {
        return None;
    }
    let id = id.to_owned();
    match kind {
        "u" => Some(LocalId::Person(id)),
        "g" => Some(LocalId::Group(id)),
        "p" => Some(LocalId::Post(id)),
        "n" => Some(LocalId::Note(id)),
        "e" => Some(LocalId::Event(id)),
        "s" => Some(LocalId::Series(id)),
        "a" => Some(LocalId::Activity(id)),
        "media" => Some(LocalId::Media(id)),
        "tag" => Some(LocalId::Tag(id)),
        _ => None,
    }
}

/// Only the parts that really hang below that kind of thing.
fn part_of(owner: LocalId, segment: &str) -> Option<LocalId> {
    use Part::{
        Attendees, Context, Empty, Featured, Followers, Following, Inbox, Members, Moderators, Outbox, Replies,
        Upcoming, Wall,
    };
    let part = Part::from_segment(segment)?;
    let fits = match &owner {
        LocalId::Server | LocalId::Person(_) => matches!(part, Inbox | Outbox | Followers | Following),
        LocalId::Group(_) => {
            matches!(part, Inbox | Outbox | Followers | Following | Moderators | Featured)
                || matches!(part, Upcoming | Wall | Members | Empty)
        }
        LocalId::Post(_) | LocalId::Note(_) => matches!(part, Context | Replies),
        LocalId::Event(_) => matches!(part, Context | Replies | Attendees),
        _ => false,
    };
    fits.then(|| LocalId::Part(Box::new(owner), part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Addresses {
        Addresses::new(Url::parse("https://h.example").unwrap()).unwrap()
    }

    fn check(url: &Url, written: &str, named: LocalId) {
        assert_eq!(url.as_str(), written);
        assert_eq!(here().parse(url), Some(named), "{written}");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let at = here();
        let group = at.group("tea_and_talk");
        let named = LocalId::Group("tea_and_talk".into());
        check(&at.server(), "https://h.example/", LocalId::Server);
        check(&at.person("wren"), "https://h.example/u/wren", LocalId::Person("wren".into()));
        check(&at.notices("tea"), "https://h.example/u/tea_notices", LocalId::Person("tea_notices".into()));
        check(&group, "https://h.example/g/tea_and_talk", named.clone());
        check(&at.post("01j"), "https://h.example/p/01j", LocalId::Post("01j".into()));
        check(&at.note("01j"), "https://h.example/n/01j", LocalId::Note("01j".into()));
        check(&at.event("01j"), "https://h.example/e/01j", LocalId::Event("01j".into()));
        check(&at.series("01j"), "https://h.example/s/01j", LocalId::Series("01j".into()));
        check(&at.activity("01j"), "https://h.example/a/01j", LocalId::Activity("01j".into()));
        check(&at.media("01j"), "https://h.example/media/01j", LocalId::Media("01j".into()));
        check(&at.tag("sleep"), "https://h.example/tag/sleep", LocalId::Tag("sleep".into()));
        let part = |part| LocalId::Part(Box::new(named.clone()), part);
        check(&at.members(&group), "https://h.example/g/tea_and_talk/members", part(Part::Members));
        check(&at.outbox_page(&group, 2), "https://h.example/g/tea_and_talk/outbox?page=2", part(Part::Outbox));
        check(&at.main_key(&group), "https://h.example/g/tea_and_talk#main-key", LocalId::Key(Box::new(named)));
        let server_inbox = LocalId::Part(Box::new(LocalId::Server), Part::Inbox);
        check(&at.shared_inbox(), "https://h.example/inbox", server_inbox);
        check(&at.main_key(&at.server()), "https://h.example/#main-key", LocalId::Key(Box::new(LocalId::Server)));
    }

    #[test]
    fn every_part_has_its_segment() {
        for (part, segment) in PARTS {
            assert_eq!((part.segment(), Part::from_segment(segment)), (segment, Some(part)));
        }
    }

    #[test]
    fn other_addresses_name_nothing_here() {
        for other in [
            "https://h.example:8443/u/wren",
            "http://h.example/u/wren",
            "https://x.example/u/wren",
            "https://user@h.example/u/wren",
            "https://h.example/u/wren?x=1",
            "https://h.example/u/wren#other",
            "https://h.example/u/",
            "https://h.example/u/wr%2Fen",
            "https://h.example/u/wren/moderators",
            "https://h.example/g/tea/attendees",
            "https://h.example/p/1/followers",
            "https://h.example/p/1/context/2",
            "https://h.example/settings",
            "https://h.example/p/1#main-key",
        ] {
            assert_eq!(here().parse(&Url::parse(other).unwrap()), None, "{other}");
        }
    }

    #[test]
    fn an_origin_is_bare() {
        for bad in ["https://h.example/path", "https://u@h.example", "https://h.example/?q", "mailto:a@h.example"] {
            assert_eq!(Addresses::new(Url::parse(bad).unwrap()), Err(NotAnOrigin), "{bad}");
        }
    }

    #[test]
    fn a_port_belongs_to_the_handle() {
        let at = Addresses::new(Url::parse("http://localhost:8536").unwrap()).unwrap();
        assert_eq!(at.handle("wren"), "wren@localhost:8536");
    }
}
