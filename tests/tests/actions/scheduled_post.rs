//! Posts that are written now and published later: once, as if they were written then, or back to who wrote them.

use chrono::Duration;
use hearth_actions::{
    ActionError, App,
    agreement::{self, TermsForm},
    care::{self, CareForm, Words},
    cleanup, erase, membership, notice, pause, persona,
    post::PostForm,
    scheduled_post::{self, ReadScheduled, ScheduleForm},
    talk::{self, RulesForm},
};
use hearth_db::{
    Db, Kind, dialect,
    tables::{
        actors::{self, Actor, ActorKind},
        groups, held_posts,
        posts::{self, Post},
        scheduled_posts::ScheduledPost,
        seals,
    },
};
use hearth_domain::{
    Denied,
    audience::Visibility,
    group::{Joining, Posting, Readable, Settings},
    id::{AccountId, ActorId},
    membership::{Parting, Role},
    notice::Kind as Told,
    scheduled_post::Returned,
};
use std::thread;
use tests::{
    database::{TestDatabase, each_database},
    world::{World, instant, post_form, refused_fields},
};

struct Circle {
    world: World,
    keeper: AccountId,
    group: Actor,
    wren: (AccountId, ActorId),
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let wren = world.member(group.id, "wren", Role::Member);
        Self { world, keeper, group, wren }
    }

    fn form(&self, date: &str, time: &str) -> ScheduleForm {
        let post = post_form(self.wren.1, "Evenings", "I am afraid of the evenings.");
        ScheduleForm { post, date: date.into(), time: time.into() }
    }

    fn plan(&self) -> ScheduledPost {
        scheduled_post::plan(&self.world.app, self.wren.0, self.group.id, &self.form("2026-11-25", "18:30")).unwrap()
    }

    fn list(&self, account: AccountId) -> Vec<ReadScheduled> {
        scheduled_post::list(&self.world.app, account, None).unwrap()
    }

    fn run(&self) {
        scheduled_post::publish_due(&self.world.app).unwrap();
    }

    fn until_it_is_time(&self) {
        self.world.clock.advance(Duration::hours(33));
        self.run();
    }

    fn posts(&self) -> Vec<Post> {
        self.world.read(|c| posts::of_author(c, self.wren.1, Some(self.group.id), 50))
    }

    fn why(&self) -> Vec<Option<Returned>> {
        self.list(self.wren.0).iter().map(|one| one.post.returned).collect()
    }

    fn told(&self) -> usize {
        let all = notice::list(&self.world.app, self.wren.0).unwrap();
        all.iter().filter(|one| one.notice.kind == Told::Returned).count()
    }
}

#[test]
fn it_is_published_once_when_its_time_has_come() {
    each_database(|database| {
        let circle = Circle::new(database);
        let world = &circle.world;
        let sent = world.sent().len();
        let planned = circle.plan();
        assert_eq!((&*planned.civil_time, &*planned.zone), ("2026-11-25T18:30", "Europe/London"));
        circle.run();
        world.clock.advance(Duration::hours(32) + Duration::minutes(29));
        circle.run();
        assert!(circle.posts().is_empty() && world.sent().len() == sent, "not a minute too early");
        assert!(circle.list(circle.keeper).is_empty(), "it is its author's alone");
        let others = [
            scheduled_post::get(&world.app, circle.keeper, planned.id).map(drop),
            scheduled_post::take_back(&world.app, circle.keeper, planned.id).map(drop),
            scheduled_post::publish_now(&world.app, circle.keeper, planned.id).map(drop),
            scheduled_post::change(&world.app, circle.keeper, planned.id, &ScheduleForm::default()).map(drop),
        ];
        assert!(others.iter().all(|one| matches!(one, Err(ActionError::NotFound))));
        world.clock.advance(Duration::minutes(1));
        circle.run();
        circle.run();
        let posts = circle.posts();
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0].published_at.utc(), instant("2026-11-25T18:30:00Z"));
        assert_ne!(posts[0].id.get(), planned.id.get(), "its own id");
        assert!(world.sent().len() > sent, "it went out like any other");
        assert!(circle.list(circle.wren.0).is_empty());
    });
}

#[test]
fn nodes_at_the_same_moment_publish_it_once() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        for _ in 0..3 {
            circle.plan();
        }
        let nodes: Vec<App> =
            (0..3).map(|_| App { db: Db::open(&database.url, 2).expect("a node"), ..app.clone() }).collect();
        circle.world.sent();
        circle.world.clock.advance(Duration::hours(33));
        thread::scope(|scope| {
            for node in &nodes {
                scope.spawn(|| scheduled_post::publish_due(node).unwrap());
            }
        });
        assert_eq!(circle.posts().len(), 3);
        let sent = circle.world.sent();
        let created = sent.iter().filter(|one| one.body["object"]["type"] == "Create").count();
        assert_eq!(created, 3, "each went out once");
        assert!(circle.list(circle.wren.0).is_empty() && circle.told() == 0, "no node took it for a failure");
    });
}

#[test]
fn what_can_be_planned_and_changed() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (&circle.world.app, circle.wren);
        let refused = |date: &str, time: &str| {
            refused_fields(scheduled_post::plan(app, wren.0, circle.group.id, &circle.form(date, time)))
        };
        assert_eq!(refused("2026-11-24", "10:00"), ["date"], "it has passed");
        assert_eq!(refused("2027-12-24", "10:00"), ["date"], "too far");
        assert_eq!(refused("2027-03-28", "01:30"), ["time"], "the clocks go forward over it");
        assert_eq!(refused("soon", ""), ["date", "time"]);
        let (stranger, kite) = circle.world.account("kite");
        let settings = circle.world.read(|c| groups::by_id(c, circle.group.id)).unwrap().settings();
        circle.world.settle(circle.group.id, Settings { posting: Posting::Members, ..settings });
        let form = ScheduleForm { post: post_form(kite, "Hello", "Words."), ..circle.form("2026-11-25", "18:30") };
        let denied = scheduled_post::plan(app, stranger, circle.group.id, &form);
        assert!(matches!(denied, Err(ActionError::Denied(Denied::MembersOnly))));

        let draft = ScheduleForm {
            post: PostForm { draft: "0000000000012".into(), ..circle.form("", "").post },
            ..circle.form("2026-11-25", "18:30")
        };
        for _ in 0..2 {
            scheduled_post::plan(app, wren.0, circle.group.id, &draft).unwrap();
        }
        let planned = circle.list(wren.0);
        assert_eq!(planned.len(), 1, "the same form plans once");
        let id = planned[0].post.id;
        let post = PostForm { title: "Mornings".into(), visibility: "members".into(), ..draft.post.clone() };
        let later = ScheduleForm { post, date: "2027-07-01".into(), time: "18:30".into() };
        let changed = scheduled_post::change(app, wren.0, id, &later).unwrap();
        assert_eq!(changed.publish_at.utc(), instant("2027-07-01T17:30:00Z"), "by the clock, in summer too");
        circle.until_it_is_time();
        assert!(circle.posts().is_empty());
        let post = scheduled_post::publish_now(app, wren.0, id).unwrap();
        assert_eq!((post.title.as_deref(), post.visibility), (Some("Mornings"), Visibility::Members));
        assert!(matches!(scheduled_post::publish_now(app, wren.0, id), Err(ActionError::NotFound)));
        for hour in 0..20 {
            let form = circle.form("2026-12-25", &format!("{hour:02}:00"));
            scheduled_post::plan(app, wren.0, circle.group.id, &form).unwrap();
        }
        let more = scheduled_post::plan(app, wren.0, circle.group.id, &circle.form("2026-12-26", "10:00"));
        assert!(matches!(more, Err(ActionError::Conflict(_))));
        let first = circle.list(wren.0)[0].post.id;
        scheduled_post::take_back(app, wren.0, first).unwrap();
        assert_eq!(circle.list(wren.0).len(), 19);
    });
}

#[test]
fn who_may_no_longer_write_has_it_back_with_a_word() {
    type Change = fn(&Circle);
    let cases: [(Returned, Change); 3] = [
        (Returned::Paused, |circle| {
            let words = Words { words: "Rest a little.".into(), ..Words::default() };
            pause::pause(&circle.world.app, circle.keeper, circle.group.id, circle.wren.1, "3", &words).unwrap();
        }),
        (Returned::Archived, |circle| {
            care::archive(&circle.world.app, circle.keeper, circle.group.id, true).unwrap();
        }),
        (Returned::Agreement, |circle| {
            let typed = TermsForm { agreement: "We listen first.".into(), ..TermsForm::default() };
            agreement::set(&circle.world.app, circle.keeper, circle.group.id, &typed).unwrap();
        }),
    ];
    for (why, change) in cases {
        each_database(|database| {
            let circle = Circle::new(database);
            circle.plan();
            change(&circle);
            circle.until_it_is_time();
            circle.run();
            assert!(circle.posts().is_empty(), "{why}");
            assert_eq!(circle.why(), [Some(why)]);
            assert_eq!(circle.told(), 1, "told once");
            assert_eq!(circle.list(circle.wren.0)[0].post.source, "I am afraid of the evenings.", "the text is kept");
        });
    }
}

#[test]
fn who_was_removed_or_left_does_not_speak_there() {
    each_database(|database| {
        // A hidden group: whoever is no member is told without its name.
        let circle = Circle::new(database);
        let settings = circle.world.read(|c| groups::by_id(c, circle.group.id)).unwrap().settings();
        circle.world.settle(
            circle.group.id,
            Settings { readable: Readable::Hidden, joining: Joining::Approval, posting: Posting::Members, ..settings },
        );
        circle.plan();
        membership::remove(&circle.world.app, circle.keeper, circle.group.id, circle.wren.1).unwrap();
        circle.until_it_is_time();
        assert!(circle.posts().is_empty());
        assert_eq!((circle.why(), circle.told()), (vec![Some(Returned::NotAllowed)], 1));
        assert!(circle.list(circle.wren.0)[0].group.is_none());
        let told = notice::list(&circle.world.app, circle.wren.0).unwrap();
        assert!(told.iter().all(|one| one.notice.kind != Told::Returned || one.group.is_none()));
        circle.world.clock.advance(Duration::days(91));
        cleanup::forget(&circle.world.app).unwrap();
        assert!(circle.list(circle.wren.0).is_empty(), "it does not stay for good");
    });
    each_database(|database| {
        // In a public group anybody may write: who left does not go on speaking there all the same.
        let circle = Circle::new(database);
        let app = &circle.world.app;
        circle.plan();
        membership::leave_with(app, circle.wren.0, circle.group.id, Parting::Kept).unwrap();
        assert_eq!(circle.why(), [Some(Returned::NotAllowed)]);
        circle.until_it_is_time();
        assert!(circle.posts().is_empty() && circle.told() == 0, "they know that they left");
        circle.world.join(circle.wren.0, circle.group.id, circle.wren.1);
        membership::leave_with(app, circle.wren.0, circle.group.id, Parting::Removed).unwrap();
        assert!(circle.list(circle.wren.0).is_empty(), "what they wrote goes with them");
        circle.world.join(circle.wren.0, circle.group.id, circle.wren.1);
        let planned = scheduled_post::plan(app, circle.wren.0, circle.group.id, &circle.form("2026-12-25", "18:30"));
        planned.unwrap();
        persona::create(app, circle.wren.0, "wren_too", "").unwrap();
        erase::persona(app, circle.wren.0, circle.wren.1).unwrap();
        assert!(circle.list(circle.wren.0).is_empty(), "erased with their name");
    });
}

#[test]
fn a_person_looks_first_as_at_any_post() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        circle.plan();
        let words = CareForm { held_words: "evenings".into(), ..CareForm::default() };
        care::settle(app, circle.keeper, circle.group.id, &words).unwrap();
        circle.until_it_is_time();
        assert!(circle.posts().is_empty());
        let held = circle.world.read(|c| held_posts::waiting_in(c, circle.group.id, 10));
        assert_eq!(held.len(), 1);
        assert!(circle.list(circle.wren.0).is_empty());
    });
}

#[test]
fn without_a_name_nothing_is_told_before_and_no_name_after() {
    each_database(|database| {
        let circle = Circle::new(database);
        let world = &circle.world;
        let app = &world.app;
        let notices = || world.read(|c| actors::local_by_name(c, "tea_notices"));
        let mut form = circle.form("2026-11-25", "18:30");
        form.post.unnamed = "yes".into();
        let planned = scheduled_post::plan(app, circle.wren.0, circle.group.id, &form).unwrap();
        assert!(notices().is_none(), "that there are notices would say that somebody plans something");
        circle.until_it_is_time();
        let author = notices().unwrap();
        assert_eq!(author.kind, ActorKind::Service);
        let posts = world.read(|c| posts::of_author(c, author.id, Some(circle.group.id), 5));
        assert_eq!(posts.len(), 1);
        assert_eq!(world.read(|c| seals::author(c, posts[0].id)), Some(circle.wren.1));
        for one in world.sent() {
            assert!(!one.body.to_string().contains("wren"));
        }
        if database.kind() == Kind::Sqlite {
            let tables = ["seals", "actors", "personas", "memberships", "proof_keys"];
            let rest = world.read(|c| dialect::content(c, &tables));
            assert!(!rest.contains(&circle.wren.1.get().to_string()), "something else names who wrote");
            assert!(!rest.contains(&planned.id.get().to_string()), "something remembers the plan");
        }
        // The group changes its mind: it comes back, and does not appear under the name.
        scheduled_post::plan(app, circle.wren.0, circle.group.id, &{
            let mut form = circle.form("2026-11-27", "18:30");
            form.post.unnamed = "yes".into();
            form
        })
        .unwrap();
        talk::change(app, circle.keeper, circle.group.id, &RulesForm::default()).unwrap();
        world.clock.advance(Duration::days(2));
        circle.run();
        assert!(circle.posts().is_empty());
        assert_eq!(circle.why(), [Some(Returned::Changed)]);
    });
}
