//! What is sent, word for word. Ids are written as their order of appearance; the context is left out.

use hearth_actions::{
    event, follow,
    group::{self, GroupForm},
    membership,
    post::{self, Answering, PostForm},
    received::Outcome,
    rsvp, server_follow,
};
use hearth_domain::{membership::Role, server::FollowedBy};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use tests::{
    database::each_database,
    world::{Sent, World, event_form, group_form, post_form, rsvp_form},
};

/// Random ids become `{1}`, `{2}`… so that a snapshot does not depend on what was made before.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    fn readable(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(list) => list.iter().map(|value| self.readable(value)).collect(),
            Value::Object(members) => {
                let kept = members.iter().filter(|(key, _)| !["@context", "uuid"].contains(&key.as_str()));
                // In the order of their names, whether or not serde_json keeps the order of writing.
                let kept: BTreeMap<&String, &Value> = kept.collect();
                kept.into_iter().map(|(key, value)| (key.clone(), self.readable(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let Some(path) = text.strip_prefix("https://oak.test/") else { return text.to_owned() };
        let parts: Vec<String> = path.split('/').map(|part| self.part(part)).collect();
        format!("https://oak.test/{}", parts.join("/"))
    }

    fn part(&mut self, part: &str) -> String {
        if part.parse::<hearth_domain::id::PostId>().is_err() {
            return part.to_owned();
        }
        let next = self.0.len() + 1;
        format!("{{{}}}", self.0.entry(part.to_owned()).or_insert(next))
    }
}

#[track_caller]
fn check(name: &str, sent: &Sent) {
    insta::assert_json_snapshot!(name, Names::default().readable(&sent.body));
}

#[test]
fn posts_and_replies() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let typed = PostForm { content_note: "Insomnia".into(), ..post_form(owner, "What helps?", "I *tried* tea.") };
        let root = post::publish(&world.app, keeper, group.id, &typed).unwrap();
        let sent = world.sent();
        check("announce_create_page", &sent[0]);
        check("announce_page", &sent[1]);
        post::reply(&world.app, keeper, Answering::Post(root.id), &post_form(owner, "", "Warm milk.")).unwrap();
        check("announce_create_note", &world.sent()[0]);
        post::delete(&world.app, keeper, root.id).unwrap();
        let sent = world.sent();
        check("announce_delete", &sent[0]);
        check("delete", &sent[1]);
    });
}

/// Nothing of it says who wrote it: not the author, nor who is told, nor the ids.
#[test]
fn a_post_without_a_name_and_what_is_answered_to_it() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let (wren, persona) = world.member(group.id, "wren", Role::Member);
        let sealed = |title: &str| PostForm { unnamed: "yes".into(), ..post_form(persona, title, "I am *afraid*.") };
        let root = post::publish(&world.app, wren, group.id, &sealed("Evenings")).unwrap();
        let mut all = world.sent();
        check("announce_create_sealed_page", &all[0]);
        post::reply(&world.app, wren, Answering::Post(root.id), &sealed("")).unwrap();
        let sent = world.sent();
        check("announce_create_sealed_note", &sent[0]);
        all.extend(sent);
        assert!(all.iter().all(|one| !one.body.to_string().contains("wren") && !one.signer.contains("wren")));
    });
}

#[test]
fn meetups_in_other_forms() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://lemmy.test/u/kim");
        world.software("lemmy.test", "lemmy");
        server_follow::set_followed_by(&world.app, keeper, FollowedBy::Anyone).unwrap();
        let relay = world.remote_actor("Application", "https://mob.test/relay");
        let follow = json!({"id": "https://mob.test/f/1", "type": "Follow", "actor": relay.ap_id.as_str(), "object": "https://oak.test/"});
        assert_eq!(world.receive(&relay, &follow).unwrap(), Outcome::Done);
        world.sent();
        let made = event::announce(&world.app, keeper, group.id, &event_form(owner)).unwrap();
        let sent = world.sent();
        let to = |host: &str, kind: &str| {
            let found = sent.iter().find(|one| one.host == host && one.body["type"] == kind);
            found.unwrap_or_else(|| panic!("no {kind} to {host}"))
        };
        check("announce_companion", to("lemmy.test", "Announce"));
        check("announce_meetup", to("mob.test", "Announce"));
        let typed = event::EventForm { start: "19:00".into(), ..event_form(owner) };
        event::edit(&world.app, keeper, made.id, &typed).unwrap();
        check("update_event_rescheduled", world.sent().iter().find(|one| one.host == "mob.test").unwrap());
        event::delete(&world.app, keeper, made.id).unwrap();
        check("undo_announce_meetup", world.sent().iter().find(|one| one.body["type"] == "Undo").unwrap());
    });
}

#[test]
fn meetups() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_follower(&group, "https://elm.test/u/kim");
        let made = event::announce(&world.app, keeper, group.id, &event_form(owner)).unwrap();
        check("create_event", &world.sent()[0]);
        let join = json!({"id": "https://elm.test/a/1", "type": "Join", "actor": kim.ap_id.as_str(), "object": made.ap_id.as_str(), "to": [group.ap_id.as_str()]});
        assert_eq!(world.receive(&kim, &join).unwrap(), Outcome::Done);
        check("accept_join", &world.sent()[0]);
        event::delete(&world.app, keeper, made.id).unwrap();
        check("delete_event", &world.sent()[0]);
    });
}

#[test]
fn follows() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let asked = json!({"id": "https://elm.test/a/1", "type": "Follow", "actor": kim.ap_id.as_str(), "object": group.ap_id.as_str()});
        world.receive(&kim, &asked).unwrap();
        check("accept_follow", &world.sent()[0]);
        let (wren, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        follow::follow(&world.app, wren, walks.id, persona).unwrap();
        let follow = world.sent().remove(0);
        check("follow", &follow);
        let accept = json!({"id": "https://elm.test/a/2", "type": "Accept", "actor": walks.ap_id.as_str(), "object": follow.body["id"]});
        world.receive(&walks, &accept).unwrap();
        let event = json!({"id": "https://elm.test/e/1", "type": "Event", "attributedTo": walks.ap_id.as_str(), "name": "Walk", "startTime": "2026-12-01T10:00:00Z", "to": ["https://www.w3.org/ns/activitystreams#Public"]});
        let create =
            json!({"id": "https://elm.test/a/3", "type": "Create", "actor": walks.ap_id.as_str(), "object": event});
        world.receive(&walks, &create).unwrap();
        let event = world.read(|c| hearth_db::tables::events::by_ap_id(c, "https://elm.test/e/1")).unwrap();
        let typed = rsvp::RsvpForm { note: "First time!".into(), ..rsvp_form(persona, "coming") };
        rsvp::answer(&world.app, wren, event.id, &typed).unwrap();
        check("join", &world.sent()[0]);
        follow::unfollow(&world.app, wren, walks.id).unwrap();
        check("undo_follow", &world.sent()[0]);
    });
}

#[test]
fn looking_after_a_group() {
    use hearth_actions::{
        ban::{self, BanForm},
        moderation::{self, Act},
        reaction,
        report::{self, ReportForm},
        team,
    };
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_follower(&group, "https://elm.test/u/kim");
        let page = json!({"id": "https://elm.test/p/1", "type": "Page", "attributedTo": kim.ap_id.as_str(), "name": "Hello",
            "content": "<p>Hi</p>", "to": [group.ap_id.as_str(), "https://www.w3.org/ns/activitystreams#Public"], "cc": []});
        let create = |number: u32| {
            let id = format!("https://elm.test/a/{number}");
            json!({"id": id, "type": "Create", "actor": kim.ap_id.as_str(), "object": page})
        };
        assert_eq!(world.receive(&kim, &create(1)).unwrap(), Outcome::Done);
        let post = world.read(|c| hearth_db::tables::posts::by_ap_id(c, "https://elm.test/p/1")).unwrap();
        let one = |name: &str| {
            let sent = world.sent();
            assert_eq!(sent.len(), 1, "{name}");
            check(name, &sent[0]);
        };
        world.sent();
        reaction::hear(&world.app, keeper, post.id, owner, true).unwrap();
        one("like");
        reaction::hear(&world.app, keeper, post.id, owner, false).unwrap();
        one("undo_like");
        let typed = ReportForm {
            reason: "This hurts.".into(),
            persona: owner.to_string(),
            author_server: "yes".into(),
            ..ReportForm::default()
        };
        report::file(&world.app, keeper, post.id, &typed).unwrap();
        one("flag");
        for (name, act) in [
            ("announce_lock", Act::Lock),
            ("announce_undo_lock", Act::Unlock),
            ("announce_add_featured", Act::Pin),
            ("announce_remove_featured", Act::Unpin),
            ("announce_removal", Act::Remove("It names somebody.".into())),
            ("announce_undo_removal", Act::Restore),
        ] {
            moderation::act(&world.app, keeper, post.id, &act).unwrap();
            one(name);
        }
        team::appoint(&world.app, keeper, group.id, kim.id, true).unwrap();
        one("add_moderator");
        let block = json!({"id": "https://elm.test/a/7", "type": "Lock", "actor": kim.ap_id.as_str(), "object": "https://elm.test/p/1"});
        world.remote_follower(&group, "https://fir.test/u/sam");
        assert_eq!(world.receive(&kim, &block).unwrap(), Outcome::Done);
        one("announce_lock_for_a_moderator_elsewhere");
        team::appoint(&world.app, keeper, group.id, kim.id, false).unwrap();
        one("remove_moderator");
        let terms = BanForm { reason: "Unkind.".into(), days: "7".into(), ..BanForm::default() };
        ban::ban(&world.app, keeper, group.id, kim.id, &terms).unwrap();
        check("announce_block", &world.sent()[0]);
        let mut another = create(2);
        another["object"]["id"] = json!("https://elm.test/p/2");
        assert_eq!(world.receive(&kim, &another).unwrap(), Outcome::Done);
        one("reject_create");
        ban::lift(&world.app, keeper, group.id, kim.id).unwrap();
        check("announce_undo_block", &world.sent()[0]);
    });
}

#[test]
fn membership_across_servers() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let typed = GroupForm { reach: "network".into(), ..group_form("circle", owner, "private_circle") };
        let circle = group::create(&world.app, keeper, &typed).unwrap();
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        world.software("elm.test", "hearth");
        let asked = |number: u8| json!({"id": format!("https://elm.test/a/{number}"), "type": "Join", "actor": kim.ap_id.as_str(), "object": circle.ap_id.as_str()});
        for (number, welcome, name) in [(1, false, "reject_join_group"), (2, true, "accept_join_group")] {
            world.receive(&kim, &asked(number)).unwrap();
            membership::answer(&world.app, keeper, circle.id, kim.id, welcome).unwrap();
            check(name, &world.sent()[0]);
        }
        post::publish(&world.app, keeper, circle.id, &post_form(owner, "Hush", "Among us.")).unwrap();
        check("announce_create_page_for_members", &world.sent()[0]);
        event::announce(&world.app, keeper, circle.id, &event_form(owner)).unwrap();
        check("create_event_for_members", &world.sent()[0]);
        membership::remove(&world.app, keeper, circle.id, kim.id).unwrap();
        check("remove_member", &world.sent()[0]);
        let tea = world.group(keeper, owner, "tea");
        world.remote_follower(&tea, "https://elm.test/u/kim");
        let closing = GroupForm { readable: "members".into(), posting: "members".into(), ..GroupForm::default() };
        group::settle(&world.app, keeper, tea.id, &closing).unwrap();
        let mut sent = world.sent();
        // The key is made anew in each process.
        sent[0].body["object"]["publicKey"] = json!("a key");
        check("update_group", &sent[0]);
        check("reject_follow", &sent[1]);
        let (wren, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        membership::join(&world.app, wren, walks.id, persona).unwrap();
        check("join_group", &world.sent()[0]);
        membership::leave(&world.app, wren, walks.id).unwrap();
        check("leave_group", &world.sent()[0]);
    });
}
