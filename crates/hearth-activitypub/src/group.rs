//! A group as actor (profile 2.4), for Lemmy, PieFed, Mobilizon, Smithereen and the rest at once.
//!
//! Must never tell how many members a group has, or who they are.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::address::{Addresses, Part};
use crate::context::top_level;
use crate::write::{Image, Language, PublicKeys, RichText, endpoints, extend, generator, put, put_moves, wire_time};

/// Who may join, in Mobilizon's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// Anyone.
    Open,
    /// Anyone who is let in.
    Moderated,
    /// Only who is invited.
    InviteOnly,
}

impl Openness {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Moderated => "moderated",
            Self::InviteOnly => "invite_only",
        }
    }
}

/// A group as `Group`.
#[derive(Debug, Clone)]
pub struct Group {
    /// The name in the address, `tea_and_talk`.
    pub username: String,
    /// The name people see.
    pub display_name: String,
    /// The long description ("sidebar").
    pub about: RichText,
    /// One plain sentence.
    pub description: String,
    /// Who may join.
    pub openness: Openness,
    /// True only for groups that members alone can read: Lemmy takes it to mean exactly that.
    pub members_only: bool,
    /// True when only facilitators may start threads.
    pub posting_restricted_to_mods: bool,
    /// True when the whole group is about hard things.
    pub sensitive: bool,
    /// False for an unlisted group.
    pub discoverable: bool,
    /// Whether search engines of the network may index its posts.
    pub indexable: bool,
    /// The languages spoken.
    pub languages: Vec<Language>,
    /// The group's picture.
    pub icon: Option<Image>,
    /// The picture above the group's page.
    pub image: Option<Image>,
    /// When it was made.
    pub published: DateTime<Utc>,
    /// When its description last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Other addresses that are the same group (needed before moving here).
    pub also_known_as: Vec<Url>,
    /// Where it moved to.
    pub moved_to: Option<Url>,
    /// Its public keys.
    pub keys: PublicKeys,
}

/// `Group` (profile 2.4).
pub fn group(at: &Addresses, group: &Group) -> Value {
    let id = at.group(&group.username);
    let mut actor = json!({
        "id": id,
        "type": "Group",
        "preferredUsername": group.username,
        "webfinger": at.handle(&group.username),
        "name": group.display_name,
        "summary": group.about.html,
        "source": group.about.source(),
        "description": group.description,
        "mediaType": "text/html",
        "url": id,
        "openness": group.openness.as_str(),
        "postingRestrictedToMods": group.posting_restricted_to_mods,
        "sensitive": group.sensitive,
        "manuallyApprovesFollowers": group.members_only,
        "discoverable": group.discoverable && !group.members_only,
        "indexable": group.indexable && !group.members_only,
        "language": group.languages.iter().map(Language::write).collect::<Vec<_>>(),
        "published": wire_time(group.published),
    });
    put_collections(&mut actor, at, &id);
    put(&mut actor, "icon", group.icon.as_ref().map(Image::write));
    put(&mut actor, "image", group.image.as_ref().map(Image::write));
    put(&mut actor, "updated", group.updated.map(|at| json!(wire_time(at))));
    put_moves(&mut actor, &group.also_known_as, group.moved_to.as_ref());
    put(&mut actor, "generator", Some(generator(at)));
    group.keys.put_into(&mut actor, at, &id);
    top_level(actor)
}

fn put_collections(actor: &mut Value, at: &Addresses, id: &Url) {
    let part = |part| at.part(id, part);
    extend(
        actor,
        json!({
            "inbox": part(Part::Inbox),
            "outbox": part(Part::Outbox),
            "followers": part(Part::Followers),
            "following": part(Part::Following),
            "featured": part(Part::Featured),
            "attributedTo": part(Part::Moderators),
            "moderators": part(Part::Moderators),
            "upcomingEvents": part(Part::Upcoming),
            "wall": part(Part::Wall),
        }),
    );
    // Mobilizon walks these one after another and stops at the first that is missing; older versions look in endpoints.
    let mobilizon = json!({
        "members": part(Part::Members),
        "events": part(Part::Upcoming),
        "posts": part(Part::Empty),
        "resources": part(Part::Empty),
        "todos": part(Part::Empty),
        "discussions": part(Part::Empty),
    });
    let mut endpoints = endpoints(at);
    extend(&mut endpoints, mobilizon.clone());
    extend(actor, mobilizon);
    put(actor, "endpoints", Some(endpoints));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_public_group() {
        insta::assert_json_snapshot!("group", samples::group());
    }

    #[test]
    fn a_members_only_group_is_never_discoverable() {
        let draft = Group { members_only: true, ..samples::group_draft() };
        let actor = group(&samples::here(), &draft);
        let flags = ["manuallyApprovesFollowers", "discoverable", "indexable"].map(|flag| actor[flag].clone());
        assert_eq!(flags, [json!(true), json!(false), json!(false)]);
    }

    #[test]
    fn words_for_joining() {
        let words = [Openness::Open, Openness::Moderated, Openness::InviteOnly].map(Openness::as_str);
        assert_eq!(words, ["open", "moderated", "invite_only"]);
    }
}
