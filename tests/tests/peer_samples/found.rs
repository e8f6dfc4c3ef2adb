//! What Hearth's readers understood, under the same names as in `expected`.

use hearth_activitypub::Recipient;
use hearth_activitypub::event::{EventStatus, JoinMode};
use hearth_activitypub::inbound::{
    ActivityKind, ActorDocument, Announced, CollectionDocument, EventDocument, HashtagOrMention, InboxActivity,
    PlaceDocument, PostDocument, Received, Reference,
};
use url::Url;

use crate::expected::Facts;

#[derive(Default)]
struct Read(Facts);

impl Read {
    fn fact(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value.map(|value| value.to_string()).filter(|value| !value.is_empty()) {
            self.0.insert(name.to_owned(), value);
        }
    }

    fn instant(&mut self, name: &str, at: Option<chrono::DateTime<chrono::Utc>>) {
        self.fact(name, at.map(|at| at.to_rfc3339()));
    }

    fn audience(&mut self, to: &[Recipient], cc: &[Recipient], public: bool) {
        let mut people: Vec<&str> = to
            .iter()
            .chain(cc)
            .filter_map(|recipient| match recipient {
                Recipient::Id(url) => Some(url.as_str()),
                Recipient::Public => None,
            })
            .collect();
        people.sort_unstable();
        people.dedup();
        self.fact("public", Some(public));
        self.fact("addressed to", Some(people.join(" ")));
    }

    fn tags(&mut self, tags: &[HashtagOrMention]) {
        let mut mentions = Vec::new();
        let mut hashtags = Vec::new();
        for tag in tags {
            match tag {
                HashtagOrMention::Mention(url) => mentions.push(url.as_str()),
                HashtagOrMention::Hashtag(name) => hashtags.push(name.as_str()),
            }
        }
        mentions.sort_unstable();
        hashtags.sort_unstable();
        self.fact("mentions", Some(mentions.join(" ")));
        self.fact("hashtags", Some(hashtags.join(" ")));
    }
}

pub(crate) fn actor(actor: &ActorDocument) -> Facts {
    let mut read = Read::default();
    read.fact("id", Some(&actor.id));
    read.fact("type", Some(format!("{:?}", actor.kind)));
    read.fact("inbox", actor.inbox.as_ref());
    read.fact("outbox", actor.outbox.as_ref());
    read.fact("followers", actor.followers.as_ref());
    read.fact("featured", actor.featured.as_ref());
    read.fact("movedTo", actor.moved_to.as_ref());
    read.fact("username", actor.preferred_username.as_ref());
    read.fact("title", actor.name.as_ref());
    read.fact("text", actor.summary.as_ref());
    read.fact("asks before it is followed", Some(actor.manually_approves_followers));
    read.fact("shared inbox", actor.shared_inbox.as_ref());
    let keys: Vec<String> = actor.public_keys.iter().map(|key| format!("{} {}", key.id, key.pem)).collect();
    read.fact("keys", Some(keys.join(" ")));
    read.fact("moderators", actor.moderators.as_ref());
    read.fact("picture", actor.icon.as_ref());
    read.instant("published", actor.published);
    read.0
}

pub(crate) fn post(post: &PostDocument) -> Facts {
    let mut read = Read::default();
    read.fact("id", Some(&post.id));
    read.fact("type", Some(format!("{:?}", post.kind)));
    read.fact("author", post.attributed_to.as_ref());
    read.fact("group", post.stated_group());
    read.fact("title", post.name.as_ref());
    read.fact("text", post.content.as_ref());
    read.fact("content note", post.content_note());
    read.fact("answers", post.in_reply_to.as_ref());
    read.instant("published", post.published);
    read.instant("updated", post.updated);
    read.audience(&post.to, &post.cc, post.is_public());
    read.tags(&post.tags);
    read.fact("link", post.link());
    read.0
}

pub(crate) fn event(event: &EventDocument) -> Facts {
    let mut read = Read::default();
    read.fact("id", Some(&event.id));
    read.fact("owner", event.attributed_to.as_ref());
    read.fact("actor", event.actor.as_ref());
    read.fact("group", event.stated_group());
    read.fact("title", Some(&event.name));
    read.fact("text", event.content.as_ref());
    read.instant("starts", Some(event.start.to_utc()));
    read.instant("ends", event.end.map(|end| end.to_utc()));
    read.fact("zone", event.timezone.map(|zone| zone.name()));
    read.instant("published", event.published);
    read.instant("updated", event.updated);
    let places: Vec<String> = event.places.iter().map(place).collect();
    read.fact("place", Some(places.join("; ")));
    read.fact("cancelled", Some(event.status == EventStatus::Cancelled));
    read.fact("room for", event.capacity);
    let page = match &event.join_mode {
        Some(JoinMode::External(url)) => Some(url),
        _ => None,
    };
    read.fact("page to join", page);
    read.audience(&event.to, &event.cc, event.is_public());
    read.tags(&event.tags);
    read.0
}

fn place(place: &PlaceDocument) -> String {
    let words = [
        &place.name,
        &place.address,
        &place.street,
        &place.postal_code,
        &place.locality,
        &place.region,
        &place.country,
    ];
    let mut words: Vec<String> = words.into_iter().flatten().cloned().collect();
    words.extend(place.coordinates.map(|(north, east)| format!("{north} {east}")));
    words.join(", ")
}

pub(crate) fn activity(activity: &InboxActivity) -> Facts {
    let mut read = Read::default();
    read.fact("id", activity.id.as_ref());
    read.fact("type", Some(word(&activity.kind)));
    read.fact("actor", Some(&activity.actor));
    read.fact("group", activity.audience.as_ref());
    read.fact("target", activity.target.as_ref());
    read.instant("published", activity.published);
    let mut objects: Vec<&str> = objects(&activity.kind).into_iter().map(Url::as_str).collect();
    objects.sort_unstable();
    read.fact("objects", Some(objects.join(" ")));
    if let ActivityKind::Flag { content, .. } = &activity.kind {
        read.fact("reason", content.as_ref());
    }
    read.audience(&activity.to, &activity.cc, activity.is_public());
    read.0
}

/// The name of the type. What is dropped kept its outermost type in front of the colon.
fn word(kind: &ActivityKind) -> String {
    match kind {
        ActivityKind::Other(what) => what.split(':').next().unwrap_or_default().to_owned(),
        known => format!("{known:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

fn objects(kind: &ActivityKind) -> Vec<&Url> {
    use ActivityKind as K;
    match kind {
        K::Accept { object, .. }
        | K::Reject { object }
        | K::TentativeAccept { object }
        | K::Ignore { object }
        | K::Undo { object } => referred(object).into_iter().collect(),
        K::Create { object } | K::Update { object } => object.id().into_iter().collect(),
        K::Announce { objects } => objects.iter().filter_map(announced).collect(),
        K::Flag { objects, .. } => objects.iter().collect(),
        K::Follow { object }
        | K::Delete { object, .. }
        | K::Join { object, .. }
        | K::Leave { object }
        | K::Like { object }
        | K::Dislike { object }
        | K::EmojiReact { object }
        | K::Block { object, .. }
        | K::Lock { object, .. }
        | K::Add { object }
        | K::Remove { object, .. }
        | K::Move { object }
        | K::Invite { object }
        | K::QuoteRequest { object, .. } => vec![object],
        K::Other(_) => Vec::new(),
    }
}

fn referred(reference: &Reference) -> Option<&Url> {
    reference.id.as_ref().or_else(|| reference.activity.as_deref()?.id.as_ref())
}

fn announced(object: &Announced) -> Option<&Url> {
    match object {
        Announced::Id(url) => Some(url),
        Announced::Activity(inner) => inner.id.as_ref(),
        Announced::Object(document) => document_id(document),
    }
}

/// The id of whatever document it is.
pub(crate) fn document_id(document: &hearth_activitypub::Document) -> Option<&Url> {
    use hearth_activitypub::Document as D;
    match document {
        D::Actor(actor) => Some(&actor.id),
        D::Key(key) => Some(&key.key.id),
        D::Post(post) => Some(&post.id),
        D::Event(event) => Some(&event.id),
        D::Tombstone(tombstone) => Some(&tombstone.id),
        D::Collection(collection) => collection.id.as_ref(),
        D::Activity(activity) => activity.id.as_ref(),
        D::WebFinger(_) | D::NodeInfoLinks(_) | D::NodeInfo(_) => None,
    }
}

/// What an activity holds, as far as it was embedded and read.
pub(crate) enum Inner<'a> {
    Document(&'a hearth_activitypub::Document),
    Activity(&'a InboxActivity),
}

/// The embedded things of an activity, in the order of the JSON; `None` for those that are only named.
pub(crate) fn inner(kind: &ActivityKind) -> Vec<Option<Inner<'_>>> {
    use ActivityKind as K;
    match kind {
        K::Create { object } | K::Update { object } => vec![match object {
            Received::Document(document) => Some(Inner::Document(document)),
            Received::Id(_) => None,
        }],
        K::Announce { objects } => objects
            .iter()
            .map(|object| match object {
                Announced::Activity(activity) => Some(Inner::Activity(activity)),
                Announced::Object(document) => Some(Inner::Document(document)),
                Announced::Id(_) => None,
            })
            .collect(),
        K::Accept { object, .. } | K::Reject { object } | K::Undo { object } | K::TentativeAccept { object } => {
            vec![object.activity.as_deref().map(Inner::Activity)]
        }
        _ => Vec::new(),
    }
}

pub(crate) fn collection(collection: &CollectionDocument) -> Facts {
    let mut read = Read::default();
    read.fact("id", collection.id.as_ref());
    read.fact("type", Some(format!("{:?}", collection.kind)));
    read.fact("total", collection.total);
    read.fact("items", Some(collection.items.len()));
    read.fact("next", collection.next.as_ref());
    read.fact("partOf", collection.part_of.as_ref());
    read.0
}
