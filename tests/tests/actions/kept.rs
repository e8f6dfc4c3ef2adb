//! What a group keeps to its members: whom it is addressed to, which servers get it, and what is taken from elsewhere.

use hearth_actions::{
    ActionError, event, group,
    group::GroupForm,
    moderation::{self, Act},
    post::{self, Answering, PostForm},
    received::Outcome,
    rsvp,
};
use hearth_db::{
    tables::{
        actors::{self, Actor},
        events, follows, memberships, posts,
    },
    views::{conversation, visible::Reader},
};
use hearth_domain::{
    audience::Visibility,
    group::{Joining, Posting, Reach, Readable, Settings, Template},
    id::AccountId,
    membership::Role,
};
use serde_json::{Value, json};
use tests::{
    database::each_database,
    world::{Sent, World, event_form, post_form, rsvp_form},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

const CIRCLE: Settings = Settings {
    readable: Readable::Members,
    joining: Joining::Approval,
    reach: Reach::Network,
    posting: Posting::Members,
};

fn circle(world: &World, keeper: AccountId, settings: Settings) -> Actor {
    let owner = world.personas(keeper)[0].id;
    let group = world.group(keeper, owner, "circle");
    world.settle(group.id, settings);
    group
}

fn members_only(form: PostForm) -> PostForm {
    PostForm { visibility: "members".into(), ..form }
}

/// Checks that these are for this collection of the group and nobody else, at whatever depth.
#[track_caller]
fn check_kept(sent: &[Sent], collection: &str) {
    assert!(!sent.is_empty());
    for one in sent {
        let mut body = one.body.clone();
        body.as_object_mut().unwrap().remove("@context");
        let text = body.to_string();
        assert!(!text.contains(PUBLIC) && !text.contains("as:Public"), "{text}");
        let to = body["to"].as_array().unwrap();
        assert!(to.iter().any(|to| to == collection) && body["cc"] == json!([]), "{text}");
        for object in [&body["object"], &body["object"]["object"]] {
            if object.get("to").is_some() {
                assert!(object["to"].as_array().unwrap().contains(&json!(collection)), "{text}");
                assert_eq!(object["cc"], json!([]), "{text}");
            }
        }
        assert!(body["object"].is_object() || body["type"] == "Delete", "activity form only: {text}");
    }
}

#[test]
fn what_is_for_members_goes_to_their_servers_alone() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = circle(&world, keeper, CIRCLE);
        let public = world.group(keeper, owner, "tea");
        for group in [&group, &public] {
            world.remote_member(group, "https://elm.test/u/kim");
            world.remote_member(group, "https://elm.test/u/lee");
        }
        // A mere follower of the public one; and one that the circle has from the time before it was one.
        world.remote_follower(&public, "https://ash.test/u/sam");
        // A member whose server may not hold what is for members any more.
        let ivy = world.remote_actor("Person", "https://ivy.test/u/pat");
        world.software("ivy.test", "mastodon");
        let row = memberships::Membership {
            group_id: public.id,
            actor_id: ivy.id,
            role: Role::Member,
            state: hearth_domain::membership::State::Active,
            since: world.app.now(),
        };
        world.write(|tx| row.insert(tx));
        for (group, collection) in
            [(&group, "https://oak.test/g/circle/followers"), (&public, "https://oak.test/g/tea/members")]
        {
            let typed = members_only(post_form(owner, "Hush", "Only among us."));
            let root = post::publish(&world.app, keeper, group.id, &typed).unwrap();
            let reply = post_form(owner, "", "Quite.");
            post::reply(&world.app, keeper, Answering::Post(root.id), &reply).unwrap();
            let edited = PostForm { text: "Among us.".into(), ..typed };
            post::edit(&world.app, keeper, root.id, &edited).unwrap();
            // Nor does looking after it say more than the post did.
            for act in [Act::Lock, Act::Unlock, Act::Pin, Act::Unpin] {
                moderation::act(&world.app, keeper, root.id, &act).unwrap();
            }
            post::delete(&world.app, keeper, root.id).unwrap();
            let mut form = event_form(owner);
            form.visibility = "members".into();
            let meetup = event::announce(&world.app, keeper, group.id, &form).unwrap();
            event::cancel(&world.app, keeper, meetup.id).unwrap();
            event::delete(&world.app, keeper, meetup.id).unwrap();
            let sent = world.sent();
            check_kept(&sent, collection);
            assert!(sent.iter().all(|sent| sent.inbox == "https://elm.test/inbox"), "once for each server of a member");
            let kinds: Vec<_> = sent.iter().map(|sent| sent.body["type"].as_str().unwrap()).collect();
            assert_eq!((&kinds[..8], &kinds[8..]), (&["Announce"; 8][..], &["Create", "Update", "Delete"][..]));
            let text: String = sent.iter().map(|sent| sent.body.to_string()).collect();
            assert!(!text.contains("Mill Lane") && !text.contains("secret-room"), "not even to members' servers");
        }
    });
}

#[test]
fn which_servers_get_what() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        // elm: member on a Hearth. fir: the same, a partner. ivy: member on Mastodon. ash: follower. yew: follower, partner.
        for (host, partner) in [("elm.test", false), ("fir.test", true), ("ivy.test", false), ("yew.test", true)] {
            world.trust(keeper, host, partner, false);
        }
        for (number, (readable, reach, chosen, expected)) in [
            (
                Readable::Public,
                Reach::Network,
                "public",
                vec!["ash.test", "elm.test", "fir.test", "ivy.test", "yew.test"],
            ),
            (Readable::Public, Reach::Network, "members", vec!["elm.test", "fir.test"]),
            (Readable::Public, Reach::Partners, "public", vec!["fir.test", "yew.test"]),
            (Readable::Public, Reach::Partners, "members", vec!["fir.test"]),
            (Readable::Members, Reach::Network, "public", vec!["elm.test", "fir.test"]),
            (Readable::Members, Reach::Partners, "members", vec!["fir.test"]),
            (Readable::Hidden, Reach::Network, "public", vec!["elm.test", "fir.test"]),
            (Readable::Public, Reach::Here, "public", vec![]),
            (Readable::Members, Reach::Here, "members", vec![]),
        ]
        .into_iter()
        .enumerate()
        {
            let group = world.group(keeper, owner, &format!("group_{number}"));
            for follower in ["https://ash.test/u/sam", "https://yew.test/u/max"] {
                world.remote_follower(&group, follower);
            }
            for member in ["https://elm.test/u/kim", "https://fir.test/u/kit", "https://ivy.test/u/pat"] {
                world.remote_member(&group, member);
            }
            world.software("ivy.test", "mastodon");
            world.software("yew.test", "hearth");
            world.settle(group.id, Settings { readable, reach, ..CIRCLE });
            let typed = PostForm { visibility: chosen.into(), ..post_form(owner, "Hush", "Words.") };
            post::publish(&world.app, keeper, group.id, &typed).unwrap();
            let mut hosts: Vec<String> = world.sent().into_iter().map(|sent| sent.host).collect();
            hosts.sort();
            hosts.dedup();
            assert_eq!(hosts, expected, "{readable} {reach} {chosen}");
        }
    });
}

#[test]
fn a_group_that_closes_tells_those_who_knew_it() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let sam = world.remote_follower(&group, "https://ash.test/u/sam");
        world.remote_member(&group, "https://elm.test/u/kim");
        let pat = world.remote_member(&group, "https://ivy.test/u/pat");
        world.software("ivy.test", "mastodon");
        let closing = GroupForm { readable: "members".into(), posting: "members".into(), ..GroupForm::default() };
        group::settle(&world.app, keeper, group.id, &closing).unwrap();
        let sent = world.sent();
        let mut said: Vec<_> =
            sent.iter().map(|sent| (sent.body["type"].as_str().unwrap(), sent.host.as_str())).collect();
        // All are told before anybody is sent away; who is told first does not matter.
        said[..3].sort_unstable();
        assert_eq!(
            said,
            [
                ("Update", "ash.test"),
                ("Update", "elm.test"),
                ("Update", "ivy.test"),
                ("Reject", "ash.test"),
                ("Remove", "ivy.test"),
            ]
        );
        let update = &sent[0].body;
        assert_eq!(update["to"], json!(["https://oak.test/g/tea/followers"]));
        assert_eq!(update["object"]["manuallyApprovesFollowers"], json!(true));
        assert!(world.read(|c| follows::between(c, sam.id, group.id)).is_none());
        assert!(world.read(|c| memberships::get(c, group.id, pat.id)).is_none());
        let again = world.read(|c| actors::by_id(c, group.id)).unwrap();
        assert!(again.approves_followers && !again.discoverable);
    });
}

/// Somebody's post in a group, as their server sends it.
fn note(by: &Actor, group: &Actor, name: &str, to: &[&str], answers: Option<&str>) -> Value {
    let origin = by.ap_id.as_str().split("/u/").next().unwrap();
    let kind = if answers.is_some() { "Note" } else { "Page" };
    json!({
        "id": format!("{origin}/act/{name}"), "type": "Create", "actor": by.ap_id.as_str(), "to": to, "cc": [],
        "object": {
            "id": format!("{origin}/p/{name}"), "type": kind, "attributedTo": by.ap_id.as_str(), "name": "Title",
            "content": "<p>From afar</p>", "to": to, "cc": [], "audience": group.ap_id.as_str(), "inReplyTo": answers,
        },
    })
}

#[test]
fn what_members_elsewhere_write_stays_among_members() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = circle(&world, keeper, CIRCLE);
        let kim = world.remote_member(&group, "https://elm.test/u/kim");
        world.remote_member(&group, "https://fir.test/u/kit");
        let out = world.remote_actor("Person", "https://ash.test/u/sam");
        let id = group.ap_id.as_str();
        let followers = "https://oak.test/g/circle/followers";
        let root = post::publish(&world.app, keeper, group.id, &post_form(owner, "Hush", "Words.")).unwrap();
        world.sent();
        let parent = root.ap_id.as_str();
        // Nobody who is no member, nothing public, nothing for others.
        for (number, (by, to)) in [
            (&out, vec![id, followers]),
            (&kim, vec![id, PUBLIC]),
            (&kim, vec![id]),
            (&kim, vec!["https://elm.test/u/kim/followers"]),
        ]
        .into_iter()
        .enumerate()
        {
            for (word, answers) in [("root", None), ("reply", Some(parent))] {
                let refused = world.receive(by, &note(by, &group, &format!("{word}{number}"), &to, answers));
                assert!(!matches!(refused, Ok(Outcome::Done)), "{number} {word} {refused:?}");
            }
        }
        assert_eq!(world.waiting(), 0);
        let reader = Reader::anybody();
        let stranger = || world.read(|c| conversation::roots(c, &reader, &[group.id], None, 50)).len();
        for (name, answers) in [("root", None), ("reply", Some(parent))] {
            let written = note(&kim, &group, name, &[id, followers], answers);
            assert_eq!(world.receive(&kim, &written).unwrap(), Outcome::Done, "{name}");
            let kept = world.read(|c| posts::by_ap_id(c, written["object"]["id"].as_str().unwrap())).unwrap();
            assert_eq!((kept.visibility, stranger()), (Visibility::Members, 0));
            let sent = world.sent();
            check_kept(&sent, followers);
            assert_eq!(
                sent.iter().map(|sent| sent.host.as_str()).collect::<Vec<_>>(),
                ["fir.test"],
                "not back, and once"
            );
        }
        let member = world.read(|c| Reader::account(c, keeper));
        assert_eq!(world.read(|c| conversation::roots(c, &member, &[group.id], None, 50)).len(), 2);
        // An edit for everybody would be shown to members only here, and is a slip there: it is not taken.
        let mut wider = note(&kim, &group, "root", &[id, PUBLIC], None);
        wider["id"] = json!("https://elm.test/act/wider");
        wider["type"] = json!("Update");
        assert!(matches!(world.receive(&kim, &wider), Err(ActionError::NotBelieved(_))));
    });
}

#[test]
fn what_a_group_elsewhere_keeps_to_members_is_kept_here_too() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        world.software("elm.test", "hearth");
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let (wren, persona) = world.account("wren");
        let (robin, _) = world.account("robin");
        let row = memberships::Membership {
            group_id: walks.id,
            actor_id: persona,
            role: Role::Member,
            state: hearth_domain::membership::State::Active,
            since: world.app.now(),
        };
        world.write(|tx| row.insert(tx));
        let id = walks.ap_id.as_str();
        let (followers, members) = ("https://elm.test/g/walks/followers", "https://elm.test/g/walks/members");
        for (settings, collection) in [(CIRCLE, followers), (Template::OpenCommunity.settings(), members)] {
            world.settle(walks.id, settings);
            let name = if settings.is_public() { "open" } else { "kept" };
            let inner = note(&kim, &walks, name, &[id, collection], None);
            let announce = json!({"id": format!("https://elm.test/act/{name}-a"), "type": "Announce", "actor": id, "to": [collection], "cc": [], "object": inner});
            assert_eq!(world.receive(&walks, &announce).unwrap(), Outcome::Done, "{name}");
            let event = json!({"id": format!("https://elm.test/e/{name}"), "type": "Event", "attributedTo": id, "name": "Walk", "startTime": "2026-12-01T10:00:00Z", "to": [id, collection], "cc": []});
            let create = json!({"id": format!("https://elm.test/act/{name}-e"), "type": "Create", "actor": id, "to": [collection], "cc": [], "object": event});
            assert_eq!(world.receive(&walks, &create).unwrap(), Outcome::Done, "{name}");
            let post = world.read(|c| posts::by_ap_id(c, &format!("https://elm.test/p/{name}"))).unwrap();
            let meetup = world.read(|c| events::by_ap_id(c, &format!("https://elm.test/e/{name}"))).unwrap();
            assert_eq!((post.visibility, meetup.visibility), (Visibility::Members, Visibility::Members));
            let row = world.read(|c| hearth_db::tables::groups::by_id(c, walks.id)).unwrap();
            for (account, sees) in [(Some(wren), true), (Some(robin), false), (Some(keeper), false), (None, false)] {
                let reader =
                    account.map_or_else(Reader::anybody, |account| world.read(|c| Reader::account(c, account)));
                assert_eq!(reader.includes(&row, post.visibility), sees, "{name}");
                assert_eq!(reader.includes(&row, meetup.visibility), sees, "{name}");
            }
            // A member answers: to the group's server, for its members.
            let reply =
                post::reply(&world.app, wren, Answering::Post(post.id), &post_form(persona, "", "Yes.")).unwrap();
            assert_eq!(reply.visibility, Visibility::Members);
            rsvp::answer(&world.app, wren, meetup.id, &rsvp_form(persona, "coming")).unwrap();
            let sent = world.sent();
            assert!(sent.iter().all(|sent| sent.inbox == "https://elm.test/g/walks/inbox"));
            check_kept(&sent[..1], collection);
            assert_eq!(sent[1].body["type"], "Join");
        }
        // What is for others than the group's members is not taken, and a stranger here can't write for members.
        let slip = note(&kim, &walks, "slip", &[id, followers], None);
        let announce = json!({"id": "https://elm.test/act/slip-a", "type": "Announce", "actor": id, "object": slip});
        assert!(matches!(world.receive(&walks, &announce), Err(ActionError::NotBelieved(_))));
        let typed = members_only(post_form(world.personas(robin)[0].id, "Hello", "Words."));
        assert!(post::publish(&world.app, robin, walks.id, &typed).is_err());
    });
}

#[test]
fn a_meetup_for_members_is_answered_by_members() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = circle(&world, keeper, CIRCLE);
        let meetup = event::announce(&world.app, keeper, group.id, &event_form(owner)).unwrap();
        let kim = world.remote_member(&group, "https://elm.test/u/kim");
        let lee = world.remote_actor("Person", "https://elm.test/u/lee");
        world.sent();
        let join = |by: &Actor| json!({"id": format!("{}/joins/1", by.ap_id), "type": "Join", "actor": by.ap_id.as_str(), "object": meetup.ap_id.as_str()});
        assert!(
            matches!(world.receive(&lee, &join(&lee)), Err(ActionError::NotFound)),
            "no member, though of the same server"
        );
        assert_eq!(world.receive(&kim, &join(&kim)).unwrap(), Outcome::Done);
        let sent = world.sent();
        assert_eq!((sent.len(), sent[0].body["to"].clone()), (1, json!([kim.ap_id.as_str()])));
        assert!(sent[0].body["instructions"].as_str().unwrap().contains("Mill Lane"));
    });
}
