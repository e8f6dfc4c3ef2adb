//! Check-ins: they open once, when it is time, in the name of somebody who may write there just then; or they rest, and
//! the others who hold the group are told.

use chrono::Duration;
use hearth_actions::{
    ActionError, App,
    agreement::{self, TermsForm},
    ban::{self, BanForm},
    care::{self, CareForm, Words},
    check_in::{self, CheckInForm, ReadCheckIn},
    erase, export, log, membership, notice, pause, persona,
    post::{self, Answering},
    role,
};
use hearth_db::{
    Db,
    tables::{
        actors::Actor,
        check_ins::{self, CheckIn},
        groups, held_posts, memberships,
        moves::{self, Move},
        posts::{self, Post},
    },
    views::visible::Reader,
};
use hearth_domain::{
    Denied,
    audience::Visibility,
    check_in::Rest,
    id::{AccountId, ActorId, CheckInId},
    log::Logged,
    membership::{Parting, Role},
    notice::Kind as Told,
};
use std::thread;
use tests::{
    database::{TestDatabase, each_database},
    world::{World, instant, post_form, refused_fields},
};

/// A group with its owner, two facilitators and a member. It is Tuesday morning.
struct Circle {
    world: World,
    owner: AccountId,
    group: Actor,
    wren: (AccountId, ActorId),
    heron: (AccountId, ActorId),
    otter: (AccountId, ActorId),
}

fn weekly() -> CheckInForm {
    CheckInForm {
        title: "How was your week?".into(),
        text: "One *line* is enough.".into(),
        content_note: "hard weeks".into(),
        rule: "FREQ=WEEKLY;BYDAY=TU".into(),
        time: "18:30".into(),
        ..CheckInForm::default()
    }
}

fn denied<T>(result: Result<T, ActionError>) -> Option<Denied> {
    match result {
        Err(ActionError::Denied(denied)) => Some(denied),
        _ => None,
    }
}

fn not_found<T>(result: Result<T, ActionError>) -> bool {
    matches!(result, Err(ActionError::NotFound))
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, owner) = World::ready(database);
        let rowan = world.personas(owner)[0].id;
        let group = world.group(owner, rowan, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let [wren, heron] = ["wren", "heron"].map(|name| world.member(group.id, name, Role::Facilitator));
        let otter = world.member(group.id, "otter", Role::Member);
        Self { world, owner, group, wren, heron, otter }
    }

    fn app(&self) -> &App {
        &self.world.app
    }

    fn set_up(&self) -> CheckIn {
        check_in::set_up(self.app(), self.wren.0, self.group.id, &weekly()).unwrap()
    }

    fn one(&self, id: CheckInId) -> CheckIn {
        self.world.read(|c| check_ins::get(c, id)).unwrap()
    }

    fn list(&self, account: AccountId) -> Vec<ReadCheckIn> {
        check_in::list(self.app(), account, self.group.id).unwrap()
    }

    fn run(&self) {
        check_in::open_due(self.app()).unwrap();
    }

    fn pass(&self, span: Duration) {
        self.world.clock.advance(span);
        self.run();
    }

    fn posts(&self, author: ActorId) -> Vec<Post> {
        self.world.read(|c| posts::of_author(c, author, Some(self.group.id), 50))
    }

    fn told(&self, account: AccountId) -> usize {
        let all = notice::list(self.app(), account).unwrap();
        all.iter().filter(|one| one.notice.kind == Told::CheckInRests).count()
    }

    fn logged(&self) -> Vec<(Logged, Option<ActorId>)> {
        let all = log::of_group(self.app(), self.owner, self.group.id).unwrap();
        all.iter().map(|line| (line.line.deed, line.line.by_id)).collect()
    }
}

#[test]
fn it_opens_once_each_time() {
    each_database(|database| {
        let circle = Circle::new(database);
        let world = &circle.world;
        let sent = world.sent().len();
        let made = circle.set_up();
        assert_eq!(made.next_at.utc(), instant("2026-11-24T18:30:00Z"));
        assert_eq!((&*made.zone, made.visibility), ("Europe/London", Visibility::Public));
        circle.pass(Duration::hours(8) + Duration::minutes(29));
        assert!(circle.posts(circle.wren.1).is_empty() && world.sent().len() == sent, "not a minute too early");
        circle.pass(Duration::minutes(1));
        circle.run();
        let first = circle.posts(circle.wren.1);
        assert_eq!(first.len(), 1, "once");
        assert_eq!(first[0].published_at.utc(), instant("2026-11-24T18:30:00Z"));
        assert_eq!(first[0].title.as_deref(), Some("How was your week?"));
        assert_eq!(first[0].content_note.as_deref(), Some("hard weeks"));
        assert!(first[0].content_html.contains("<em>line</em>") && first[0].visibility == Visibility::Public);
        assert_ne!(first[0].id.get(), made.id.get(), "an id of its own");
        assert!(world.sent().len() > sent, "it went out like any other");
        let after = circle.one(made.id);
        assert_eq!((after.next_at.utc(), after.post_id), (instant("2026-12-01T18:30:00Z"), Some(first[0].id)));
        assert!(after == CheckIn { next_at: after.next_at, post_id: after.post_id, ..made.clone() });
        // A reply is a plain reply, and is told to who keeps it.
        let text = post_form(circle.otter.1, "", "A long one.");
        post::reply(circle.app(), circle.otter.0, Answering::Post(first[0].id), &text).unwrap();
        let notices = notice::list(circle.app(), circle.wren.0).unwrap();
        assert!(notices.iter().any(|one| one.notice.kind == Told::Reply));
        circle.pass(Duration::days(7));
        assert_eq!(circle.posts(circle.wren.1).len(), 2);
        assert_eq!(circle.told(circle.owner), 0);
        assert_eq!(circle.logged(), [(Logged::CheckInSetUp, Some(circle.wren.1))], "what opens is no deed");
    });
}

#[test]
fn what_was_missed_opens_once() {
    each_database(|database| {
        let circle = Circle::new(database);
        let made = circle.set_up();
        // Off for three weeks and a day: three Tuesdays passed.
        circle.pass(Duration::days(22));
        circle.run();
        let posts = circle.posts(circle.wren.1);
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0].published_at.utc(), instant("2026-12-16T10:00:00Z"));
        assert_eq!(circle.one(made.id).next_at.utc(), instant("2026-12-22T18:30:00Z"));
    });
}

#[test]
fn nodes_at_the_same_moment_open_it_once() {
    each_database(|database| {
        let circle = Circle::new(database);
        circle.set_up();
        let nodes: Vec<App> =
            (0..3).map(|_| App { db: Db::open(&database.url, 2).expect("a node"), ..circle.app().clone() }).collect();
        circle.world.clock.advance(Duration::hours(9));
        thread::scope(|scope| {
            for node in &nodes {
                scope.spawn(|| check_in::open_due(node).unwrap());
            }
        });
        assert_eq!(circle.posts(circle.wren.1).len(), 1);
        assert_eq!(circle.told(circle.owner), 0);
    });
}

#[test]
fn what_can_be_set_up_and_by_whom() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, group) = (circle.app(), circle.group.id);
        let wrong = CheckInForm { rule: "FREQ=DAILY".into(), time: "half past six".into(), ..CheckInForm::default() };
        let refused = refused_fields(check_in::set_up(app, circle.wren.0, group, &wrong));
        assert_eq!(refused, ["title", "text", "rule", "time"]);
        // Who may not hears nothing about fields.
        assert_eq!(denied(check_in::set_up(app, circle.otter.0, group, &wrong)), Some(Denied::FacilitatorsOnly));
        assert_eq!(denied(check_in::list(app, circle.otter.0, group)), Some(Denied::FacilitatorsOnly));
        let form = CheckInForm { draft: "0000000000012".into(), ..weekly() };
        for _ in 0..2 {
            check_in::set_up(app, circle.wren.0, group, &form).unwrap();
        }
        assert_eq!(circle.list(circle.heron.0).len(), 1, "the same form sets one up");
        assert!(matches!(check_in::set_up(app, circle.heron.0, group, &form), Err(ActionError::Conflict(_))));
        let id = circle.list(circle.wren.0)[0].check_in.id;
        for stranger in [circle.otter.0, circle.world.account("kite").0] {
            assert!(not_found(check_in::get(app, stranger, id)));
            assert!(not_found(check_in::change(app, stranger, id, &wrong)), "nor about fields");
            assert!(not_found(check_in::pause(app, stranger, id, true)));
            assert!(not_found(check_in::take_over(app, stranger, id)));
            assert!(not_found(check_in::end(app, stranger, id)));
        }
        for time in ["08:00", "09:00", "10:00", "11:00"] {
            let form = CheckInForm { time: time.into(), ..weekly() };
            check_in::set_up(app, circle.heron.0, group, &form).unwrap();
        }
        assert!(matches!(check_in::set_up(app, circle.owner, group, &weekly()), Err(ActionError::Conflict(_))), "five");
        check_in::end(app, circle.heron.0, id).unwrap();
        assert!(not_found(check_in::end(app, circle.heron.0, id)));
        check_in::set_up(app, circle.owner, group, &weekly()).unwrap();
        // What nobody could write now, nobody can have open by itself.
        care::archive(app, circle.owner, group, true).unwrap();
        let one = circle.list(circle.owner)[0].check_in.id;
        assert_eq!(denied(check_in::change(app, circle.owner, one, &weekly())), Some(Denied::Archived));
        check_in::pause(app, circle.owner, one, true).unwrap();
        assert_eq!(denied(check_in::pause(app, circle.owner, one, false)), Some(Denied::Archived));
        check_in::end(app, circle.owner, one).unwrap();
        assert_eq!(denied(check_in::set_up(app, circle.owner, group, &weekly())), Some(Denied::Archived));
    });
}

#[test]
fn who_changes_the_words_keeps_them() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, [wren, heron]) = (circle.app(), [circle.wren, circle.heron]);
        let id = circle.set_up().id;
        let words = CheckInForm { text: "Two lines, perhaps.".into(), visibility: "members".into(), ..weekly() };
        check_in::change(app, heron.0, id, &words).unwrap();
        let changed = circle.one(id);
        assert_eq!((changed.author_id, changed.visibility), (Some(heron.1), Visibility::Members));
        assert_eq!(changed.next_at.utc(), instant("2026-11-24T18:30:00Z"), "it opens as it would have");
        // Words that are changed while it is due still open; another time begins anew.
        circle.world.clock.advance(Duration::hours(9));
        check_in::change(app, heron.0, id, &words).unwrap();
        circle.run();
        assert_eq!((circle.posts(heron.1).len(), circle.posts(wren.1).len()), (1, 0));
        let monthly = CheckInForm { rule: "FREQ=MONTHLY;BYMONTHDAY=-1".into(), time: "08:00".into(), ..words.clone() };
        check_in::change(app, heron.0, id, &monthly).unwrap();
        assert_eq!(circle.one(id).next_at.utc(), instant("2026-11-30T08:00:00Z"));
        // A pause is nobody's but of who pauses: other words do not end it, and nothing is made up for.
        check_in::pause(app, wren.0, id, true).unwrap();
        check_in::change(app, heron.0, id, &words).unwrap();
        circle.pass(Duration::days(10));
        assert_eq!((circle.posts(heron.1).len(), circle.one(id).rest), (1, Some(Rest::ByHand)));
        check_in::pause(app, wren.0, id, false).unwrap();
        circle.run();
        assert_eq!(circle.posts(heron.1).len(), 1);
        assert_eq!(circle.one(id).next_at.utc(), instant("2026-12-08T18:30:00Z"));
        check_in::take_over(app, wren.0, id).unwrap();
        circle.pass(Duration::days(5));
        assert_eq!((circle.posts(heron.1).len(), circle.posts(wren.1).len()), (1, 1));
        assert_eq!(circle.told(circle.owner), 0, "nobody is told what somebody did by hand");
        check_in::end(app, wren.0, id).unwrap();
        assert!(circle.list(wren.0).is_empty() && circle.posts(wren.1)[0].deleted_at.is_none(), "what it opened stays");
        let mut deeds: Vec<Logged> = circle.logged().into_iter().map(|(deed, _)| deed).collect();
        deeds.sort();
        deeds.dedup();
        let all = [
            Logged::CheckInSetUp,
            Logged::CheckInChanged,
            Logged::CheckInPaused,
            Logged::CheckInResumed,
            Logged::CheckInTakenOver,
            Logged::CheckInEnded,
        ];
        assert_eq!(deeds, all);
    });
}

type Change = fn(&Circle);
/// What happened, why it rests then, whether its author is told too and still named as who keeps it, and how it happens.
type Case = (&'static str, Rest, bool, bool, Change);

fn rested(circle: &Circle, (what, why, author_told, named, _): &Case) {
    let (wren, heron) = (circle.wren, circle.heron);
    assert!(circle.posts(wren.1).iter().all(|post| post.deleted_at.is_some()), "{what}");
    let rests = circle.list(heron.0).remove(0);
    assert_eq!((rests.check_in.rest, rests.author.is_some(), rests.own), (Some(*why), *named, false), "{what}");
    assert_eq!([circle.told(heron.0), circle.told(circle.owner)], [1, 1], "{what}: the others are told, once");
    assert_eq!(circle.told(wren.0), usize::from(*author_told), "{what}");
    assert_eq!(circle.told(circle.otter.0), 0, "{what}");
    assert!(circle.logged().contains(&(Logged::CheckInPaused, None)), "{what}");
    let app = circle.app();
    let (id, group) = (rests.check_in.id, circle.group.id);
    assert!(matches!(check_in::pause(app, heron.0, id, false), Err(ActionError::Conflict(_))), "{what}");
    check_in::take_over(app, heron.0, id).unwrap();
    circle.pass(Duration::days(7));
    assert_eq!(circle.posts(heron.1).len(), 1, "{what}: the prompt is the group's");
    assert_eq!(circle.told(heron.0), 1, "{what}");
    assert_eq!(check_in::list(app, heron.0, group).unwrap()[0].check_in.source, "One *line* is enough.");
}

#[test]
fn without_somebody_who_may_it_rests_until_it_is_taken_over() {
    const CASES: [Case; 8] = [
        ("left", Rest::Author, false, false, |circle| {
            membership::leave_with(circle.app(), circle.wren.0, circle.group.id, Parting::Removed).unwrap();
        }),
        ("removed", Rest::Author, false, false, |circle| {
            membership::remove(circle.app(), circle.owner, circle.group.id, circle.wren.1).unwrap();
        }),
        ("erased", Rest::Author, false, false, |circle| {
            persona::create(circle.app(), circle.wren.0, "wren_too", "").unwrap();
            erase::persona(circle.app(), circle.wren.0, circle.wren.1).unwrap();
        }),
        ("kept out", Rest::Author, false, true, |circle| {
            let why = BanForm { reason: "unkind".into(), ..BanForm::default() };
            ban::ban(circle.app(), circle.owner, circle.group.id, circle.wren.1, &why).unwrap();
        }),
        ("no facilitator any more", Rest::Author, false, true, |circle| {
            role::give(circle.app(), circle.owner, circle.group.id, circle.wren.1, Role::Member).unwrap();
        }),
        ("paused", Rest::Author, false, true, |circle| {
            let words = Words { words: "Rest a little.".into(), ..Words::default() };
            pause::pause(circle.app(), circle.owner, circle.group.id, circle.wren.1, "30", &words).unwrap();
        }),
        ("known by another name", Rest::Author, false, true, |circle| {
            let other = persona::create(circle.app(), circle.wren.0, "wren_too", "").unwrap();
            circle.world.write(|tx| {
                let row = memberships::get(tx, circle.group.id, circle.wren.1)?.expect("a member");
                memberships::delete(tx, circle.group.id, circle.wren.1)?;
                memberships::Membership { actor_id: other, ..row }.insert(tx)
            });
        }),
        ("has yet to agree", Rest::Agreement, true, true, |circle| {
            let typed = TermsForm { agreement: "We listen first.".into(), ..TermsForm::default() };
            agreement::set(circle.app(), circle.owner, circle.group.id, &typed).unwrap();
            agreement::accept(circle.app(), circle.heron.0, circle.group.id, "1").unwrap();
        }),
    ];
    each_database(|database| {
        let circle = Circle::new(database);
        circle.set_up();
        // One on both databases; for the others it is the same statements.
        CASES[0].4(&circle);
        circle.pass(Duration::hours(9));
        circle.run();
        rested(&circle, &CASES[0]);
    });
    for case in &CASES[1..] {
        let database = TestDatabase::new(hearth_db::Kind::Sqlite);
        let circle = Circle::new(&database);
        circle.set_up();
        case.4(&circle);
        circle.pass(Duration::hours(9));
        circle.run();
        rested(&circle, case);
    }
}

#[test]
fn who_goes_leaves_no_name() {
    each_database(|database| {
        let circle = Circle::new(database);
        let made = circle.set_up();
        // One that somebody paused is let go of as well, and nobody need be told of it.
        check_in::pause(circle.app(), circle.heron.0, made.id, true).unwrap();
        membership::leave(circle.app(), circle.wren.0, circle.group.id).unwrap();
        let left = circle.one(made.id);
        assert_eq!((left.author_id, left.rest), (None, Some(Rest::ByHand)));
        assert_eq!(circle.told(circle.owner), 0);
        assert!(matches!(check_in::pause(circle.app(), circle.owner, made.id, false), Err(ActionError::Conflict(_))));
        check_in::take_over(circle.app(), circle.owner, made.id).unwrap();
        assert_eq!(circle.one(made.id).rest, None);
        // Handed over: who gave the group away still holds it, and the check-in goes on.
        role::offer(circle.app(), circle.owner, circle.group.id, circle.heron.1).unwrap();
        role::answer_offer(circle.app(), circle.heron.0, circle.group.id, true).unwrap();
        circle.pass(Duration::hours(9));
        let rowan = circle.world.personas(circle.owner)[0].id;
        assert_eq!(circle.posts(rowan).len(), 1);
        // A copy of the group has the prompt, and not whose it is.
        let copy = export::group(circle.app(), circle.heron.0, circle.group.id).unwrap();
        let copy = String::from_utf8_lossy(&copy).into_owned();
        let check_ins = copy.split_once("\"check_ins\":[").unwrap().1.split_once(']').unwrap().0;
        assert!(check_ins.contains("One *line* is enough.") && check_ins.contains("FREQ=WEEKLY;BYDAY=TU"));
        assert!(!check_ins.contains("rowan"), "{check_ins}");
        assert!(copy.contains("Opens by itself: FREQ=WEEKLY"), "the page has it too");
        erase::group(circle.app(), circle.heron.0, circle.group.id).unwrap();
        assert!(circle.world.read(|c| check_ins::get(c, made.id)).is_none(), "it goes with its group");
        circle.pass(Duration::days(7));
    });
}

#[test]
fn what_is_archived_or_moved_is_left_out() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, group) = (circle.app(), circle.group.id);
        let made = circle.set_up();
        care::archive(app, circle.owner, group, true).unwrap();
        circle.pass(Duration::hours(9));
        let skipped = circle.one(made.id);
        assert_eq!((skipped.next_at.utc(), skipped.rest), (instant("2026-12-01T18:30:00Z"), None));
        care::archive(app, circle.owner, group, false).unwrap();
        circle.run();
        assert!(circle.posts(circle.wren.1).is_empty() && circle.told(circle.owner) == 0);
        circle.pass(Duration::days(7));
        assert_eq!(circle.posts(circle.wren.1).len(), 1, "opened again, it goes on");
        let (target, moved_at) = ("https://elm.test/g/tea".to_owned(), app.now());
        circle.world.write(|tx| moves::put(tx, &Move { actor_id: group, target, moved_at }));
        circle.pass(Duration::days(7));
        assert_eq!(circle.posts(circle.wren.1).len(), 1);
    });
}

#[test]
fn a_full_disk_leaves_it_due() {
    let database = TestDatabase::new(hearth_db::Kind::Sqlite);
    let circle = Circle::new(&database);
    let made = circle.set_up();
    circle.app().db.room().ran_out();
    assert!(matches!(
        check_in::set_up(circle.app(), circle.wren.0, circle.group.id, &weekly()),
        Err(ActionError::ShortOfRoom)
    ));
    circle.pass(Duration::hours(9));
    assert!(circle.posts(circle.wren.1).is_empty() && circle.one(made.id) == made);
    circle.app().db.room().is_back();
    circle.run();
    assert_eq!(circle.posts(circle.wren.1).len(), 1);
}

#[test]
fn a_facilitators_words_wait_for_nobody() {
    each_database(|database| {
        let circle = Circle::new(database);
        let words = CareForm { held_words: "week".into(), first_posts: "3".into(), ..CareForm::default() };
        care::settle(circle.app(), circle.owner, circle.group.id, &words).unwrap();
        circle.set_up();
        circle.pass(Duration::hours(9));
        assert_eq!(circle.posts(circle.wren.1).len(), 1);
        assert!(circle.world.read(|c| held_posts::waiting_in(c, circle.group.id, 10)).is_empty());
    });
}

#[test]
fn what_opened_last_is_shown_to_who_may_read_it() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, group) = (circle.app(), circle.group.id);
        let newest = |account: Option<AccountId>| {
            circle.world.app.db.read(|c| {
                let reader = match account {
                    Some(account) => Reader::account(c, account)?,
                    None => Reader::anybody(),
                };
                let row = groups::by_id(c, group)?.expect("a group");
                let found = check_in::newest(c, account, &reader, &row)?;
                Ok::<_, ActionError>(found.map(|(one, post)| (one.id, post.id)))
            })
        };
        let newest = |account| newest(account).unwrap();
        let weekly_one = circle.set_up().id;
        let monthly = CheckInForm { visibility: "members".into(), rule: "FREQ=MONTHLY;BYDAY=4WE".into(), ..weekly() };
        let monthly = check_in::set_up(app, circle.heron.0, group, &monthly).unwrap().id;
        assert_eq!(newest(Some(circle.owner)), None, "nothing opened yet");
        circle.pass(Duration::hours(9));
        let open = circle.posts(circle.wren.1).remove(0).id;
        assert_eq!(newest(None), Some((weekly_one, open)));
        circle.pass(Duration::days(1));
        let kept = circle.posts(circle.heron.1).remove(0).id;
        assert_eq!([newest(Some(circle.otter.0)), newest(None)], [Some((monthly, kept)), Some((weekly_one, open))]);
        let of_post = |post| circle.world.app.db.read(|c| check_in::of_post(c, post)).unwrap().map(|one| one.id);
        assert_eq!([of_post(open), of_post(kept)], [Some(weekly_one), Some(monthly)]);
        post::delete(app, circle.heron.0, kept).unwrap();
        assert_eq!(newest(Some(circle.otter.0)), Some((weekly_one, open)), "what is removed is not shown");
        circle.pass(Duration::days(6));
        assert_eq!(of_post(open), None, "the next one opened");
    });
}
