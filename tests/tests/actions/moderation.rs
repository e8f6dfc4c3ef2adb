//! Looking after a group: by people here, by moderators elsewhere, and as groups elsewhere announce it.

use hearth_actions::{
    ActionError,
    ban::{self, BanForm},
    cleanup,
    error::Missing,
    follow,
    moderation::{self, Act},
    post::{self, Answering, PostForm},
    received::{Evidence, Outcome},
    team,
};
use hearth_db::tables::{
    actors::Actor,
    bans, follows, locks, memberships, pins,
    posts::{self, Post},
    removals, teams,
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId},
    membership::{Role, State},
};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    world::{Sent, World, fetched, gone, post_form, refused_fields},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A group here with followers at elm.test and fir.test; `kim@elm.test` looks after it, `sam@fir.test` does not.
struct Tea {
    world: World,
    keeper: AccountId,
    owner: ActorId,
    group: Actor,
    kim: Actor,
    sam: Actor,
    post: Post,
}

impl Tea {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_follower(&group, "https://elm.test/u/kim");
        let sam = world.remote_follower(&group, "https://fir.test/u/sam");
        team::appoint(&world.app, keeper, group.id, kim.id, true).unwrap();
        let (wren, persona) = world.account("wren");
        let post = post::publish(&world.app, wren, group.id, &post_form(persona, "Hello", "A long day.")).unwrap();
        world.sent();
        Self { world, keeper, owner, group, kim, sam, post }
    }

    fn act(&self, act: &Act) -> Result<Post, ActionError> {
        moderation::act(&self.world.app, self.keeper, self.post.id, act)
    }

    /// An activity of somebody elsewhere about the post.
    fn about(&self, by: &Actor, kind: &str, number: u32) -> Value {
        let group = self.group.ap_id.as_str();
        json!({"id": format!("{}/a/{number}", by.ap_id.as_str()), "type": kind, "actor": by.ap_id.as_str(), "to": [group, PUBLIC],
            "cc": [group], "audience": group, "object": self.post.ap_id.as_str()})
    }

    fn receive(&self, by: &Actor, activity: &Value) -> Outcome {
        self.world.receive(by, activity).unwrap()
    }

    fn row(&self) -> Post {
        self.world.read(|c| posts::by_id(c, self.post.id)).unwrap()
    }

    fn reply_of_sam(&self, number: u32) -> Value {
        let (id, group) = (format!("https://fir.test/n/{number}"), self.group.ap_id.as_str());
        let note = json!({"id": id, "type": "Note", "attributedTo": self.sam.ap_id.as_str(), "content": "<p>I know</p>",
            "inReplyTo": self.post.ap_id.as_str(), "to": [group, PUBLIC], "cc": [], "published": "2026-11-24T09:00:00Z"});
        json!({"id": format!("https://fir.test/u/sam/a/{number}"), "type": "Create", "actor": self.sam.ap_id.as_str(), "to": [group, PUBLIC], "object": note})
    }
}

fn undo(by: &Actor, number: u32, undone: &Value) -> Value {
    json!({"id": format!("{}/a/{number}", by.ap_id.as_str()), "type": "Undo", "actor": by.ap_id.as_str(), "to": [PUBLIC], "object": undone})
}

fn ignored(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Ignored(_))
}

/// The hosts that got an activity of this type inside an Announce.
fn told<'a>(sent: &'a [Sent], kind: &str) -> Vec<&'a str> {
    let is = |one: &&Sent| one.body["type"] == "Announce" && one.body["object"]["type"] == kind;
    sent.iter().filter(is).map(|one| one.host.as_str()).collect()
}

#[test]
fn a_facilitator_removes_and_brings_back() {
    each_database(|database| {
        let tea = Tea::new(database);
        tea.world.software("fir.test", "mastodon");
        assert_eq!(refused_fields(tea.act(&Act::Remove(" ".into()))), ["reason"]);
        tea.act(&Act::Remove("It names somebody.".into())).unwrap();
        let row = tea.row();
        assert!(row.deleted_at.is_some() && row.content_html.is_empty() && row.title.is_none());
        let sent = tea.world.sent();
        assert_eq!(told(&sent, "Delete"), ["elm.test"]);
        let delete = &sent[0].body["object"];
        assert_eq!(
            (&delete["actor"], &delete["summary"]),
            (&json!("https://oak.test/u/rowan"), &json!("It names somebody."))
        );
        // Mastodon believes only the author, and this server is the author's.
        let direct: Vec<_> = sent.iter().filter(|one| one.host == "fir.test").collect();
        assert!(direct.iter().any(|one| one.body["type"] == "Delete" && one.signer == "https://oak.test/u/wren"));
        assert!(matches!(tea.act(&Act::Lock), Err(ActionError::Gone)));

        tea.act(&Act::Restore).unwrap();
        assert_eq!(tea.row().content_html, tea.post.content_html);
        let sent = tea.world.sent();
        assert_eq!(sent[0].body["object"]["type"], "Undo");
        assert_eq!(sent[0].body["object"]["object"]["id"], delete["id"], "what is undone is named as it was");
    });
}

#[test]
fn only_who_looks_after_the_group_may() {
    each_database(|database| {
        let tea = Tea::new(database);
        let (host, _) = tea.world.member(tea.group.id, "heron", Role::Host);
        let (stranger, _) = tea.world.account("lark");
        for account in [host, stranger] {
            for act in [Act::Remove("No reason".into()), Act::Lock, Act::Pin] {
                let denied = moderation::act(&tea.world.app, account, tea.post.id, &act);
                assert!(matches!(denied, Err(ActionError::Denied(Denied::FacilitatorsOnly))), "{act:?}");
            }
            let denied = ban::ban(&tea.world.app, account, tea.group.id, tea.sam.id, &for_ever());
            assert!(matches!(denied, Err(ActionError::Denied(Denied::FacilitatorsOnly))));
        }
        // Not by somebody elsewhere either, and in silence.
        let block = block(&tea, &tea.sam, &tea.kim, 9);
        for (number, kind) in ["Lock", "Add"].into_iter().enumerate() {
            let mut activity = tea.about(&tea.sam, kind, u32::try_from(number).unwrap() + 1);
            activity["target"] = json!("https://oak.test/g/tea/featured");
            assert!(ignored(tea.receive(&tea.sam, &activity)), "{kind}");
        }
        assert!(ignored(tea.receive(&tea.sam, &block)));
        let delete = tea.about(&tea.sam, "Delete", 5);
        assert!(matches!(tea.world.receive(&tea.sam, &delete), Err(ActionError::NotBelieved(_))));
        assert!(tea.row() == tea.post && tea.world.sent().is_empty());
        assert!(tea.world.read(|c| Ok(pins::get(c, tea.post.id)?.is_none() && locks::get(c, tea.post.id)?.is_none())));
    });
}

#[test]
fn a_moderator_elsewhere_removes_and_undoes_only_their_own() {
    each_database(|database| {
        let tea = Tea::new(database);
        let mut delete = tea.about(&tea.kim, "Delete", 1);
        delete["summary"] = json!("It names somebody.");
        assert_eq!(tea.receive(&tea.kim, &delete), Outcome::Done);
        assert!(tea.row().deleted_at.is_some());
        let sent = tea.world.sent();
        assert_eq!(told(&sent, "Delete"), ["fir.test"], "relayed, but not back");
        assert_eq!(tea.world.read(|c| removals::get(c, tea.post.id)).unwrap().reason, "It names somebody.");
        // Another facilitator did not remove it, and neither did its author.
        assert!(matches!(tea.act(&Act::Restore), Err(ActionError::Conflict(_))));
        assert_eq!(tea.receive(&tea.kim, &undo(&tea.kim, 2, &delete)), Outcome::Done);
        assert_eq!(tea.row().content_html, tea.post.content_html);
        assert_eq!(told(&tea.world.sent(), "Undo"), ["fir.test"]);
        tea.act(&Act::Remove("Again.".into())).unwrap();
        assert!(ignored(tea.receive(&tea.kim, &undo(&tea.kim, 3, &delete))), "the removal is another's now");
        assert!(tea.row().deleted_at.is_some());
    });
}

#[test]
fn nobody_brings_back_what_its_author_deleted_too() {
    each_database(|database| {
        let tea = Tea::new(database);
        tea.act(&Act::Remove("It names somebody.".into())).unwrap();
        let wren = tea.world.read(|c| hearth_db::tables::personas::owner(c, tea.post.author_id)).unwrap();
        post::delete(&tea.world.app, wren, tea.post.id).unwrap();
        assert!(tea.world.read(|c| removals::get(c, tea.post.id)).is_none(), "the words are gone");
        assert!(matches!(tea.act(&Act::Restore), Err(ActionError::Conflict(_))));
        assert!(matches!(post::delete(&tea.world.app, wren, tea.post.id), Err(ActionError::Gone)));
    });
}

#[test]
fn nor_does_a_moderator_elsewhere() {
    each_database(|database| {
        let walks = Walks::new(database);
        let by_mod = Walks::inner("https://elm.test/u/admin", "Delete", 1, OF_SAM);
        assert_eq!(walks.receive(1, &by_mod, &Evidence::default()).unwrap(), Outcome::Done);
        let by_author = Walks::inner(SAM, "Delete", 2, OF_SAM);
        assert_eq!(walks.receive(2, &by_author, &Evidence::default()).unwrap(), Outcome::SeenBefore);
        let mut back = Walks::inner("https://elm.test/u/admin", "Undo", 3, "");
        back["object"] = by_mod;
        assert!(ignored(walks.receive(3, &back, &Evidence::default()).unwrap()));
        assert!(walks.row().deleted_at.is_some());
    });
}

#[test]
fn the_words_of_what_was_removed_are_forgotten_after_a_month() {
    each_database(|database| {
        let tea = Tea::new(database);
        tea.act(&Act::Remove("It names somebody.".into())).unwrap();
        tea.world.clock.advance(chrono::Duration::days(31));
        cleanup::forget(&tea.world.app).unwrap();
        let removal = tea.world.read(|c| removals::get(c, tea.post.id)).unwrap();
        assert!(removal.content_html.is_empty() && removal.source.is_empty() && removal.title.is_none());
        assert!(matches!(tea.act(&Act::Restore), Err(ActionError::Conflict(_))));
    });
}

#[test]
fn a_closed_conversation_takes_no_replies() {
    each_database(|database| {
        let tea = Tea::new(database);
        assert_eq!(tea.receive(&tea.sam, &tea.reply_of_sam(1)), Outcome::Done);
        let below = tea.world.read(|c| posts::by_ap_id(c, "https://fir.test/n/1")).unwrap();
        tea.world.sent();
        assert_eq!(tea.receive(&tea.kim, &tea.about(&tea.kim, "Lock", 1)), Outcome::Done);
        assert_eq!(told(&tea.world.sent(), "Lock"), ["fir.test"]);
        assert_eq!(tea.receive(&tea.sam, &tea.reply_of_sam(2)), Outcome::Done);
        let sent = tea.world.sent();
        assert_eq!((sent.len(), &sent[0].body["type"]), (1, &json!("Reject")));
        assert!(tea.world.read(|c| posts::by_ap_id(c, "https://fir.test/n/2")).is_none());
        let typed = PostForm { text: "Me too.".into(), persona: tea.owner.to_string(), ..PostForm::default() };
        for post in [tea.post.id, below.id] {
            let denied = post::reply(&tea.world.app, tea.keeper, Answering::Post(post), &typed);
            assert!(matches!(denied, Err(ActionError::Denied(Denied::Locked))));
        }
        tea.act(&Act::Unlock).unwrap();
        let sent = tea.world.sent();
        assert_eq!((told(&sent, "Undo").len(), &sent[0].body["object"]["object"]["type"]), (2, &json!("Lock")));
        post::reply(&tea.world.app, tea.keeper, Answering::Post(below.id), &typed).unwrap();
    });
}

#[test]
fn pins_are_few_and_of_their_group() {
    each_database(|database| {
        let tea = Tea::new(database);
        let mut add = tea.about(&tea.kim, "Add", 1);
        add["target"] = json!("https://oak.test/g/tea/featured");
        assert_eq!(tea.receive(&tea.kim, &add), Outcome::Done);
        assert_eq!(told(&tea.world.sent(), "Add"), ["fir.test"]);
        assert_eq!(tea.world.read(|c| pins::of_group(c, tea.group.id)).len(), 1);
        let other = tea.world.group(tea.keeper, tea.owner, "walks");
        let elsewhere =
            post::publish(&tea.world.app, tea.keeper, other.id, &post_form(tea.owner, "A walk", "At noon.")).unwrap();
        let mut foreign = tea.about(&tea.kim, "Add", 2);
        (foreign["target"], foreign["object"]) =
            (json!("https://oak.test/g/tea/featured"), json!(elsewhere.ap_id.as_str()));
        assert!(ignored(tea.receive(&tea.kim, &foreign)));
        for number in 0..moderation::MOST_PINS {
            let typed = post_form(tea.owner, &format!("Post {number}"), "Words.");
            let more = post::publish(&tea.world.app, tea.keeper, tea.group.id, &typed).unwrap();
            let pinned = moderation::act(&tea.world.app, tea.keeper, more.id, &Act::Pin);
            assert_eq!(pinned.is_ok(), number + 1 < moderation::MOST_PINS, "{number}");
        }
        tea.world.sent();
        tea.act(&Act::Unpin).unwrap();
        let sent = tea.world.sent();
        assert_eq!((told(&sent, "Remove").len(), &sent[0].body["object"]["target"]), (2, &add["target"]));
        assert!(tea.world.read(|c| pins::get(c, tea.post.id)).is_none());
    });
}

fn for_ever() -> BanForm {
    BanForm { reason: "Wrote to people in private.".into(), ..BanForm::default() }
}

fn block(tea: &Tea, by: &Actor, whom: &Actor, number: u32) -> Value {
    let mut block = tea.about(by, "Block", number);
    (block["object"], block["target"]) = (json!(whom.ap_id.as_str()), json!(tea.group.ap_id.as_str()));
    block
}

#[test]
fn who_is_kept_out_hears_nothing_but_that_what_they_write_is_not_taken() {
    each_database(|database| {
        let tea = Tea::new(database);
        assert_eq!(tea.receive(&tea.sam, &tea.reply_of_sam(1)), Outcome::Done);
        tea.world.sent();
        let terms = BanForm { days: "7".into(), remove_posts: "yes".into(), ..for_ever() };
        ban::ban(&tea.world.app, tea.keeper, tea.group.id, tea.sam.id, &terms).unwrap();
        let sent = tea.world.sent();
        let block = sent.iter().find(|one| one.body["object"]["type"] == "Block").expect("a Block");
        assert_eq!(block.body["object"]["target"], tea.group.ap_id.as_str());
        assert_eq!(block.body["object"]["endTime"], "2026-12-01T10:00:00.000Z");
        assert_eq!(block.body["object"]["removeData"], true);
        assert!(!block.body.to_string().contains("in private"), "why is told to nobody");
        assert_eq!(told(&sent, "Block"), ["elm.test", "fir.test"]);
        assert_eq!(told(&sent, "Delete"), ["elm.test", "fir.test"]);
        let reply = tea.world.read(|c| posts::by_ap_id(c, "https://fir.test/n/1")).unwrap();
        assert!(reply.deleted_at.is_some());
        assert!(tea.world.read(|c| follows::between(c, tea.sam.id, tea.group.id)).is_none());

        assert_eq!(tea.receive(&tea.sam, &tea.reply_of_sam(2)), Outcome::Done);
        let sent = tea.world.sent();
        assert_eq!((sent.len(), sent[0].host.as_str(), &sent[0].body["type"]), (1, "fir.test", &json!("Reject")));
        assert!(tea.world.read(|c| posts::by_ap_id(c, "https://fir.test/n/2")).is_none());

        tea.world.clock.advance(chrono::Duration::days(7));
        cleanup::forget(&tea.world.app).unwrap();
        assert!(tea.world.read(|c| Ok(bans::get(c, tea.group.id, tea.sam.id)?.is_none()
            && memberships::get(c, tea.group.id, tea.sam.id)?.is_none())));
        assert_eq!(tea.receive(&tea.sam, &tea.reply_of_sam(3)), Outcome::Done);
        assert!(tea.world.read(|c| posts::by_ap_id(c, "https://fir.test/n/3")).is_some(), "the time is over");
    });
}

#[test]
fn a_ban_keeps_to_ranks_and_is_lifted() {
    each_database(|database| {
        let tea = Tea::new(database);
        let (_, member) = tea.world.member(tea.group.id, "heron", Role::Member);
        let (facilitator, lark) = tea.world.member(tea.group.id, "lark", Role::Facilitator);
        let by_lark = |whom| ban::ban(&tea.world.app, facilitator, tea.group.id, whom, &for_ever());
        assert!(matches!(by_lark(tea.owner), Err(ActionError::Denied(Denied::NotAboveThem))));
        assert!(matches!(by_lark(tea.kim.id), Err(ActionError::Denied(Denied::NotAboveThem))));
        assert_eq!(refused_fields(by_lark(lark)), ["person"]);
        by_lark(member).unwrap();
        assert!(tea.world.sent().is_empty(), "a persona that never left this server is not told of");
        let state = || tea.world.read(|c| memberships::get(c, tea.group.id, tea.sam.id)).map(|row| row.state);
        // From elsewhere the same ranks hold, and a Block alone is no more than it says.
        let (rowan, sam) = (tea.world.read(|c| hearth_db::tables::actors::by_id(c, tea.owner)).unwrap(), &tea.sam);
        assert!(matches!(
            tea.world.receive(&tea.kim, &block(&tea, &tea.kim, &rowan, 1)),
            Ok(Outcome::Ignored(_)) | Err(ActionError::NotFound)
        ));
        let banned = block(&tea, &tea.kim, sam, 2);
        assert_eq!(tea.receive(&tea.kim, &banned), Outcome::Done);
        assert_eq!(state(), Some(State::Banned));
        assert_eq!(told(&tea.world.sent(), "Block"), ["fir.test"]);
        assert_eq!(tea.receive(&tea.kim, &undo(&tea.kim, 3, &banned)), Outcome::Done);
        assert_eq!(state(), None);
        assert_eq!(told(&tea.world.sent(), "Undo"), ["fir.test"]);
    });
}

#[test]
fn a_team_is_shown_only_if_its_group_wants_that() {
    each_database(|database| {
        let tea = Tea::new(database);
        team::appoint(&tea.world.app, tea.keeper, tea.group.id, tea.kim.id, false).unwrap();
        let sent = tea.world.sent();
        let [remove] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!((remove.host.as_str(), remove.signer.as_str()), ("elm.test", "https://oak.test/g/tea"));
        assert_eq!((&remove.body["type"], &remove.body["to"]), (&json!("Remove"), &json!([tea.kim.ap_id.as_str()])));
        assert!(tea.world.read(|c| Ok(team::shown(c, tea.group.id).unwrap())).is_empty());
        team::show(&tea.world.app, tea.keeper, tea.group.id, true).unwrap();
        team::appoint(&tea.world.app, tea.keeper, tea.group.id, tea.kim.id, true).unwrap();
        assert_eq!(told(&tea.world.sent(), "Add"), ["elm.test", "fir.test"]);
        let shown = tea.world.read(|c| Ok(team::shown(c, tea.group.id).unwrap()));
        let mut shown: Vec<_> = shown.iter().map(url::Url::as_str).collect();
        shown.sort_unstable();
        assert_eq!(shown, ["https://elm.test/u/kim", "https://oak.test/u/rowan"]);
        // A facilitator elsewhere is no owner.
        let mut add = tea.about(&tea.kim, "Add", 1);
        (add["object"], add["target"]) = (json!(tea.sam.ap_id.as_str()), json!("https://oak.test/g/tea/moderators"));
        assert!(ignored(tea.receive(&tea.kim, &add)));
        (add["id"], add["object"]) = (json!("https://elm.test/u/kim/a/2"), json!(tea.kim.ap_id.as_str()));
        assert!(ignored(tea.receive(&tea.kim, &add)), "nobody appoints themselves");
    });
}

/// `walks` at elm.test, followed from here, and a post there by `sam` of a third server.
struct Walks {
    world: World,
    walks: Actor,
    wren: (AccountId, ActorId),
}

const SAM: &str = "https://fir.test/u/sam";
const MOD: &str = "https://ash.test/u/mo";
const OF_SAM: &str = "https://fir.test/p/1";
const LIST: &str = "https://elm.test/g/walks/moderators";
const PINNED: &str = "https://elm.test/g/walks/featured";

impl Walks {
    fn new(database: &TestDatabase) -> Self {
        let (world, _) = World::ready(database);
        let (account, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        world.write(|tx| {
            teams::put(
                tx,
                &teams::Team {
                    group_id: walks.id,
                    shown: false,
                    address: Some(LIST.into()),
                    featured: Some(PINNED.into()),
                    read_at: None,
                },
            )
        });
        follow::follow(&world.app, account, walks.id, persona).unwrap();
        let follow = world.sent().remove(0).body;
        let accept =
            json!({"id": "https://elm.test/a/0", "type": "Accept", "actor": walks.ap_id.as_str(), "object": follow});
        world.receive(&walks, &accept).unwrap();
        world.remote_actor("Person", SAM);
        let walks = Self { world, walks, wren: (account, persona) };
        let page = json!({"id": OF_SAM, "type": "Page", "attributedTo": SAM, "name": "A walk", "content": "<p>Along the river</p>", "to": ["https://elm.test/g/walks", PUBLIC]});
        let create = walks.announce(100, &json!(OF_SAM));
        assert_eq!(walks.world.receive_with(&walks.walks, &create, &fetched(&[page])).unwrap(), Outcome::Done);
        walks
    }

    fn announce(&self, number: u32, object: &Value) -> Value {
        json!({"id": format!("https://elm.test/a/{number}"), "type": "Announce", "actor": self.walks.ap_id.as_str(), "to": [PUBLIC], "object": object})
    }

    fn inner(by: &str, kind: &str, number: u32, object: &str) -> Value {
        json!({"id": format!("{by}/a/{number}"), "type": kind, "actor": by, "to": ["https://elm.test/g/walks", PUBLIC], "cc": ["https://elm.test/g/walks"], "object": object})
    }

    fn receive(&self, number: u32, inner: &Value, evidence: &Evidence) -> Result<Outcome, ActionError> {
        self.world.receive_with(&self.walks, &self.announce(number, inner), evidence)
    }

    fn row(&self) -> Post {
        self.world.read(|c| posts::by_ap_id(c, OF_SAM)).unwrap()
    }
}

fn listing(ids: &[&str]) -> Evidence {
    let ids = ids.iter().map(|id| id.parse().unwrap()).collect();
    Evidence { moderators: vec![(LIST.parse().unwrap(), ids)], ..Evidence::default() }
}

#[test]
fn a_group_elsewhere_is_believed_about_its_own_moderators() {
    each_database(|database| {
        let walks = Walks::new(database);
        let mut delete = Walks::inner(MOD, "Delete", 1, OF_SAM);
        delete["summary"] = json!("Off topic.");
        let list = LIST.parse().unwrap();
        let needs = walks.receive(1, &delete, &Evidence::default());
        assert!(matches!(needs, Err(ActionError::Needs(Missing::Moderators(url))) if url == list));
        assert!(ignored(walks.receive(1, &delete, &listing(&["https://ash.test/u/other"])).unwrap()));
        assert!(walks.row().deleted_at.is_none(), "who is not listed may not");
        walks.world.clock.advance(chrono::Duration::hours(2));
        assert_eq!(walks.receive(2, &delete, &listing(&[MOD])).unwrap(), Outcome::Done);
        assert!(walks.row().deleted_at.is_some());
        // From now on the list is known.
        let mut theirs = Walks::inner(MOD, "Undo", 2, "");
        theirs["object"] = delete.clone();
        let mut others = Walks::inner("https://elm.test/u/admin", "Undo", 3, "");
        others["object"] =
            json!({"id": delete["id"], "type": "Delete", "actor": "https://elm.test/u/admin", "object": OF_SAM});
        assert!(ignored(walks.receive(3, &others, &Evidence::default()).unwrap()), "it is not their removal");
        assert_eq!(walks.receive(4, &theirs, &Evidence::default()).unwrap(), Outcome::Done);
        assert_eq!(walks.row().content_html, "<p>Along the river</p>");
        // Of the group's own server everybody may: it answers for them.
        let lock = Walks::inner("https://elm.test/u/admin", "Lock", 4, OF_SAM);
        assert_eq!(walks.receive(5, &lock, &Evidence::default()).unwrap(), Outcome::Done);
        let typed = PostForm { text: "Me too.".into(), persona: walks.wren.1.to_string(), ..PostForm::default() };
        let reply = || post::reply(&walks.world.app, walks.wren.0, Answering::Post(walks.row().id), &typed);
        assert!(matches!(reply(), Err(ActionError::Denied(Denied::Locked))));
        let mut unlock = Walks::inner(MOD, "Undo", 5, "");
        unlock["object"] = Walks::inner(MOD, "Lock", 6, OF_SAM);
        assert_eq!(walks.receive(6, &unlock, &Evidence::default()).unwrap(), Outcome::Done);
        reply().unwrap();
    });
}

#[test]
fn what_is_no_moderation_of_the_announcing_group_changes_nothing() {
    each_database(|database| {
        let walks = Walks::new(database);
        let other = walks.world.remote_actor("Group", "https://elm.test/g/other");
        let delete = Walks::inner("https://elm.test/u/admin", "Delete", 1, OF_SAM);
        // A group that is not the post's; one that nobody follows; the moderator without the group.
        follow::follow(&walks.world.app, walks.wren.0, other.id, walks.wren.1).unwrap();
        let by_other =
            json!({"id": "https://elm.test/a/1", "type": "Announce", "actor": other.ap_id.as_str(), "object": delete});
        assert!(ignored(walks.world.receive(&other, &by_other).unwrap()));
        let admin = walks.world.remote_actor("Person", "https://elm.test/u/admin");
        assert!(walks.world.receive(&admin, &delete).is_err());
        let lock = Walks::inner("https://elm.test/u/admin", "Lock", 2, OF_SAM);
        assert!(ignored(walks.world.receive(&admin, &lock).unwrap()));
        assert!(walks.row().deleted_at.is_none());
        assert!(walks.world.read(|c| locks::get(c, walks.row().id)).is_none());
    });
}

#[test]
fn lists_and_pins_of_a_group_elsewhere() {
    each_database(|database| {
        let walks = Walks::new(database);
        let mut pin = Walks::inner("https://elm.test/u/admin", "Add", 1, OF_SAM);
        pin["target"] = json!("https://elm.test/g/other/featured");
        assert!(ignored(walks.receive(1, &pin, &Evidence::default()).unwrap()));
        pin["target"] = json!(PINNED);
        assert_eq!(walks.receive(2, &pin, &Evidence::default()).unwrap(), Outcome::Done);
        assert!(walks.world.read(|c| pins::get(c, walks.row().id)).is_some());
        let mut add = Walks::inner("https://elm.test/u/admin", "Add", 2, MOD);
        add["target"] = json!(LIST);
        assert!(matches!(
            walks.receive(3, &add, &Evidence::default()),
            Err(ActionError::Needs(Missing::Moderators(_)))
        ));
        assert_eq!(walks.receive(3, &add, &listing(&["https://elm.test/u/admin"])).unwrap(), Outcome::Done);
        let lists = |id: &str| walks.world.read(|c| teams::lists(c, walks.walks.id, id));
        assert!(lists(MOD) && lists("https://elm.test/u/admin"));
        let mut remove = Walks::inner("https://elm.test/u/admin", "Remove", 3, MOD);
        remove["target"] = json!(LIST);
        assert_eq!(walks.receive(4, &remove, &listing(&[])).unwrap(), Outcome::Done);
        assert!(!lists(MOD) && lists("https://elm.test/u/admin"), "an empty list says nothing");
        // The group itself, without an Announce, tells somebody here that they look after it.
        let wren = walks.world.personas(walks.wren.0)[0].ap_id.to_string();
        let told = json!({"id": "https://elm.test/a/9", "type": "Add", "actor": walks.walks.ap_id.as_str(), "object": wren, "target": LIST, "to": [wren]});
        assert_eq!(walks.world.receive(&walks.walks, &told).unwrap(), Outcome::Done);
        // So wren may: here at once, and the group's server is asked.
        moderation::act(&walks.world.app, walks.wren.0, walks.row().id, &Act::Remove("Off topic.".into())).unwrap();
        let sent = walks.world.sent();
        assert_eq!((sent.len(), sent[0].host.as_str(), &sent[0].body["type"]), (1, "elm.test", &json!("Delete")));
        assert!(walks.row().deleted_at.is_some());
    });
}

#[test]
fn data_is_removed_only_where_its_own_server_agrees() {
    each_database(|database| {
        let walks = Walks::new(database);
        let block = |number: u32| {
            let mut block = Walks::inner("https://elm.test/u/admin", "Block", number, SAM);
            (block["target"], block["removeData"]) = (json!("https://elm.test/g/walks"), json!(true));
            block
        };
        let absence = walks.receive(1, &block(1), &Evidence::default());
        assert!(matches!(absence, Err(ActionError::Needs(Missing::Absence(_)))));
        let there =
            json!({"id": OF_SAM, "type": "Page", "attributedTo": SAM, "name": "A walk", "content": "", "to": [PUBLIC]});
        assert_eq!(walks.receive(1, &block(1), &fetched(&[there])).unwrap(), Outcome::Done);
        assert!(walks.row().deleted_at.is_none(), "kept out, but what is there stays");
        let sam = walks.row().author_id;
        let row = || walks.world.read(|c| memberships::get(c, walks.walks.id, sam));
        assert_eq!(row().map(|row| row.state), Some(State::Banned));
        let mut lift = Walks::inner("https://elm.test/u/admin", "Undo", 3, "");
        lift["object"] = block(1);
        assert_eq!(walks.receive(3, &lift, &Evidence::default()).unwrap(), Outcome::Done);
        assert!(row().is_none());
        // The server of the person keeps them out altogether.
        let own = json!({"id": "https://fir.test/a/1", "type": "Block", "actor": "https://fir.test/u/admin", "object": SAM, "target": "https://fir.test/", "removeData": true});
        let admin = walks.world.remote_actor("Person", "https://fir.test/u/admin");
        assert!(matches!(walks.world.receive(&admin, &own), Err(ActionError::Needs(Missing::Absence(_)))));
        assert_eq!(walks.world.receive_with(&admin, &own, &gone(OF_SAM)).unwrap(), Outcome::Done);
        assert!(walks.row().deleted_at.is_some());
    });
}

#[test]
fn an_author_elsewhere_takes_a_removal_back() {
    each_database(|database| {
        let walks = Walks::new(database);
        let page = json!({"id": OF_SAM, "type": "Page", "attributedTo": SAM, "name": "A walk", "content": "<p>Again</p>", "to": ["https://elm.test/g/walks", PUBLIC]});
        let delete = Walks::inner(SAM, "Delete", 1, OF_SAM);
        assert_eq!(walks.receive(1, &delete, &gone(OF_SAM)).unwrap(), Outcome::Done);
        let mut back = Walks::inner(SAM, "Undo", 2, "");
        back["object"] = delete;
        assert!(matches!(walks.receive(2, &back, &Evidence::default()), Err(ActionError::Needs(Missing::Object(_)))));
        assert_eq!(walks.receive(2, &back, &fetched(&[page])).unwrap(), Outcome::Done);
        assert_eq!(walks.row().content_html, "<p>Again</p>");
    });
}
