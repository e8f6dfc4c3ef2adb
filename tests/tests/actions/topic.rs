//! The topics of conversations: chosen from the group's list, found by whoever may read, and gone with what had them.

use chrono::Duration;
use hearth_actions::{
    ActionError, App,
    care::{self, CareForm, Words},
    cleanup, hold, log,
    post::{self, Answering, PostForm},
    rephrase,
    scheduled_post::{self, ScheduleForm},
    topics::{self, TopicLine},
};
use hearth_db::{
    tables::{
        actors::Actor,
        held_posts, post_marks,
        posts::{self, Post},
    },
    views::{conversation, visible::Reader},
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId, TopicId},
    log::Logged,
    membership::Role,
};
use serde_json::json;
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form, refused_fields},
};

struct Circle {
    world: World,
    keeper: AccountId,
    group: Actor,
    wren: (AccountId, ActorId),
    sleep: TopicId,
    trains: TopicId,
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let wren = world.member(group.id, "wren", Role::Member);
        let list = ["Better sleep", "Trains"].map(|name| TopicLine { id: None, name: name.to_owned() });
        let all = topics::set(&world.app, keeper, group.id, &list, &[]).unwrap();
        let (sleep, trains) = (all[0].id, all[1].id);
        Self { world, keeper, group, wren, sleep, trains }
    }

    fn app(&self) -> &App {
        &self.world.app
    }

    fn form(&self, title: &str, visibility: &str, topics: &[TopicId]) -> PostForm {
        let topics = Some(topics.iter().map(ToString::to_string).collect());
        PostForm { visibility: visibility.to_owned(), topics, ..post_form(self.wren.1, title, "Lying awake.") }
    }

    fn publish(&self, title: &str, visibility: &str, topics: &[TopicId]) -> Post {
        self.world.clock.advance(Duration::minutes(61));
        post::publish(self.app(), self.wren.0, self.group.id, &self.form(title, visibility, topics)).unwrap()
    }

    fn of(&self, number: i64) -> Vec<String> {
        let found = self.world.read(|c| post_marks::of(c, &[number])).remove(&number).unwrap_or_default();
        found.into_iter().map(|topic| topic.name).collect()
    }

    /// Titles of the conversations about a topic, and the topics that can be found, for one reader.
    fn found(&self, account: Option<AccountId>, topic: TopicId) -> (Vec<String>, Vec<String>) {
        self.world.read(|c| {
            let reader = account.map_or_else(|| Ok(Reader::anybody()), |account| Reader::account(c, account))?;
            let roots = conversation::roots_about(c, &reader, self.group.id, topic, None, 50)?;
            let names = conversation::topics_in_use(c, &reader, self.group.id)?;
            Ok((
                roots.into_iter().filter_map(|one| one.post.title).collect(),
                names.into_iter().map(|topic| topic.name).collect(),
            ))
        })
    }
}

#[test]
fn whoever_may_read_finds_conversations_by_their_topics() {
    each_database(|database| {
        let circle = Circle::new(database);
        circle.publish("For all", "public", &[circle.sleep]);
        circle.publish("For members", "members", &[circle.trains, circle.sleep, circle.trains]);
        circle.publish("About nothing", "public", &[]);
        let (anybody, wren) = (circle.found(None, circle.sleep), circle.found(Some(circle.wren.0), circle.sleep));
        assert_eq!(anybody, (vec!["For all".to_owned()], vec!["Better sleep".to_owned()]));
        assert_eq!(wren.0, ["For members", "For all"]);
        assert_eq!(wren.1, ["Better sleep", "Trains"]);
        assert!(circle.found(None, circle.trains).0.is_empty());
        // Another group's number finds nothing here.
        let owner = circle.world.personas(circle.keeper)[0].id;
        let other = circle.world.group(circle.keeper, owner, "soup");
        let nothing = circle.world.read(|c| {
            let reader = Reader::account(c, circle.wren.0)?;
            conversation::roots_about(c, &reader, other.id, circle.sleep, None, 9)
        });
        assert!(nothing.is_empty());
    });
}

#[test]
fn only_topics_of_the_groups_list_are_taken() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (circle.app(), circle.wren.0);
        let owner = circle.world.personas(circle.keeper)[0].id;
        let other = circle.world.group(circle.keeper, owner, "soup");
        let line = TopicLine { id: None, name: "Soup".into() };
        let elsewhere = topics::set(app, circle.keeper, other.id, &[line], &[]).unwrap()[0].id;
        let refused = |topics: Option<Vec<String>>| {
            let form = PostForm { topics, ..circle.form("Nights", "public", &[]) };
            refused_fields(post::publish(app, wren, circle.group.id, &form))
        };
        assert_eq!(refused(Some(vec![elsewhere.to_string()])), ["topics"]);
        assert_eq!(refused(Some(vec!["rm -rf".into()])), ["topics"]);
        let many = (1..=6).map(|number| TopicLine { id: None, name: format!("Number {number}") });
        let many = topics::set(app, circle.keeper, circle.group.id, &many.collect::<Vec<_>>(), &[]).unwrap();
        assert_eq!(refused(Some(many.iter().map(|topic| topic.id.to_string()).collect())), ["topics"]);
        // What is refused leaves nothing behind.
        let left = circle.world.read(|c| posts::of_author(c, circle.wren.1, None, 9));
        assert!(left.is_empty());
    });
}

#[test]
fn a_change_keeps_or_replaces_them_and_a_reply_has_none() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (circle.app(), circle.wren.0);
        let post = circle.publish("Nights", "public", &[circle.sleep]);
        let number = post.id.get();
        post::edit(app, wren, post.id, &PostForm { topics: None, ..circle.form("Long nights", "public", &[]) })
            .unwrap();
        assert_eq!(circle.of(number), ["Better sleep"]);
        let form = circle.form("Long nights", "public", &[circle.trains]);
        let before = circle.world.read(|c| posts::by_id(c, post.id)).unwrap();
        let after = post::edit(app, wren, post.id, &form).unwrap();
        assert_eq!(after.edited_at, before.edited_at, "other topics are no other words");
        assert_eq!(circle.of(number), ["Trains"]);
        post::edit(app, wren, post.id, &circle.form("Long nights", "public", &[])).unwrap();
        assert!(circle.of(number).is_empty());
        let form = circle.form("", "public", &[circle.sleep]);
        let reply = post::reply(app, wren, Answering::Post(post.id), &form).unwrap();
        assert!(circle.of(reply.id.get()).is_empty());
    });
}

#[test]
fn who_looks_after_a_group_sorts_and_nobody_else() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, post) = (circle.app(), circle.publish("Nights", "public", &[circle.trains]));
        let chosen = [circle.sleep.to_string()];
        let wren = topics::sort(app, circle.wren.0, post.id, &chosen);
        assert!(matches!(wren, Err(ActionError::Denied(Denied::FacilitatorsOnly))), "{wren:?}");
        assert_eq!(refused_fields(topics::sort(app, circle.keeper, post.id, &["none".into()])), ["topics"]);
        topics::sort(app, circle.keeper, post.id, &chosen).unwrap();
        assert_eq!(circle.of(post.id.get()), ["Better sleep"]);
        let deeds: Vec<Logged> =
            log::of_group(app, circle.keeper, circle.group.id).unwrap().iter().map(|one| one.line.deed).collect();
        assert!(deeds.contains(&Logged::Sorted), "{deeds:?}");
        let reply = post::reply(app, circle.wren.0, Answering::Post(post.id), &circle.form("", "public", &[])).unwrap();
        assert!(matches!(topics::sort(app, circle.keeper, reply.id, &[]), Err(ActionError::NotFound)));
        // What leaves the list leaves the conversation.
        topics::set(app, circle.keeper, circle.group.id, &[], &[]).unwrap();
        assert!(circle.of(post.id.get()).is_empty());
        post::delete(app, circle.wren.0, post.id).unwrap();
        assert!(matches!(topics::sort(app, circle.keeper, post.id, &[]), Err(ActionError::Gone)));
    });
}

#[test]
fn other_words_for_what_was_hidden_may_come_with_other_topics() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (circle.app(), circle.wren.0);
        let post = circle.publish("Nights", "public", &[circle.trains]);
        let words = Words { words: "Please leave the name out.".into(), ..Words::default() };
        rephrase::hide(app, circle.keeper, post.id, true, &words).unwrap();
        assert!(circle.found(Some(wren), circle.trains).1.is_empty(), "nothing is found of what is hidden");
        let form = PostForm { text: "Awake.".into(), ..circle.form("Nights", "public", &[circle.sleep]) };
        post::edit(app, wren, post.id, &form).unwrap();
        assert_eq!(circle.of(post.id.get()), ["Better sleep"]);
        assert_eq!(circle.found(None, circle.sleep).0, ["Nights"]);
    });
}

#[test]
fn what_waits_or_is_planned_keeps_them_until_it_is_shown() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (circle.app(), circle.wren.0);
        let form = ScheduleForm {
            post: circle.form("Evenings", "public", &[circle.sleep]),
            date: "2026-11-25".into(),
            time: "18:30".into(),
        };
        let planned = scheduled_post::plan(app, wren, circle.group.id, &form).unwrap();
        assert_eq!(circle.of(planned.id.get()), ["Better sleep"]);
        cleanup::forget(app).unwrap();
        let words = CareForm { held_words: "evenings".into(), ..CareForm::default() };
        care::settle(app, circle.keeper, circle.group.id, &words).unwrap();
        circle.world.clock.advance(Duration::hours(33));
        scheduled_post::publish_due(app).unwrap();
        let held = circle.world.read(|c| held_posts::waiting_in(c, circle.group.id, 10)).remove(0);
        assert_eq!(circle.of(held.id.get()), ["Better sleep"]);
        assert!(circle.found(Some(wren), circle.sleep).0.is_empty(), "nothing of what waits is found");
        assert!(circle.found(Some(wren), circle.sleep).1.is_empty(), "nor that it is about something");
        cleanup::forget(app).unwrap();
        assert!(circle.of(planned.id.get()).is_empty(), "the plan is over");
        hold::show(app, circle.keeper, held.id).unwrap();
        assert_eq!(circle.found(None, circle.sleep).0, ["Evenings"]);
        post::delete(app, wren, held.id).unwrap();
        assert!(circle.found(None, circle.sleep).0.is_empty());
        cleanup::forget(app).unwrap();
        assert!(circle.of(held.id.get()).is_empty(), "what was removed keeps nothing");
    });
}

#[test]
fn hashtags_of_people_elsewhere_are_topics_where_the_group_has_them() {
    each_database(|database| {
        let circle = Circle::new(database);
        let kim = circle.world.remote_follower(&circle.group, "https://elm.test/u/kim");
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let tag = |name: &str| json!({"type": "Hashtag", "name": name, "href": "https://elm.test/tags/x"});
        let page = json!({"id": "https://elm.test/p/1", "type": "Page", "attributedTo": kim.ap_id.as_str(), "name": "Awake",
            "content": "<p>Again</p>", "to": [circle.group.ap_id.as_str(), public], "audience": circle.group.ap_id.as_str(),
            "tag": [tag("#BETTERsleep"), tag("#fediverse"), tag("#")]});
        let create = json!({"id": "https://elm.test/a/1", "type": "Create", "actor": kim.ap_id.as_str(),
            "to": [circle.group.ap_id.as_str(), public], "object": page});
        circle.world.receive(&kim, &create).unwrap();
        assert_eq!(circle.found(None, circle.sleep), (vec!["Awake".into()], vec!["Better sleep".into()]));
    });
}

/// A group's topics are its own order: a hashtag would put what people write here into lists of the whole network.
#[test]
fn topics_do_not_leave_the_server() {
    each_database(|database| {
        let circle = Circle::new(database);
        circle.world.remote_follower(&circle.group, "https://elm.test/u/kim");
        circle.publish("Nights", "public", &[circle.sleep]);
        let sent = circle.world.sent();
        assert!(!sent.is_empty());
        for one in sent {
            let object = one.body["object"].to_string().to_lowercase();
            assert!(!object.contains("sleep") && !object.contains("hashtag"), "{object}");
        }
    });
}
