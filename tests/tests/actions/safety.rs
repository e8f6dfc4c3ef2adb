//! A group as a safe place: roles and owners, posts that wait, other words, reports in turn, pauses, notices, emergency
//! access; and that no log ever holds what somebody wrote. It is one file because all of it begins with the same circle.

use chrono::Duration;
use hearth_actions::{
    ActionError, access, account,
    ban::{self, BanForm},
    care::{self, CareForm, Words},
    erase, export,
    helpline::{self, HelplineForm},
    hold, log, membership,
    moderation::{self, Act},
    notice::{self, QuietForm},
    pause, persona,
    post::{self, Answering, PostForm},
    queue, reminder, rephrase,
    report::{self, ReportForm},
    role,
};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        audit_log, group_log, held_posts, helplines, memberships,
        posts::{self, Post},
        reports,
    },
    views::{conversation, visible::Reader},
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId},
    log::Logged,
    membership::Role,
    notice::Kind,
};
use serde_json::json;
use std::sync::{Arc, Barrier};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, event_form, post_form, refused_fields, rsvp_form},
};

/// A group for members with an owner, a facilitator, a host and a member.
struct Circle {
    world: World,
    keeper: AccountId,
    owner: AccountId,
    group: Actor,
    otter: (AccountId, ActorId),
    heron: (AccountId, ActorId),
    wren: (AccountId, ActorId),
}

impl Circle {
    fn new(database: &TestDatabase, template: &str) -> Self {
        let (world, keeper) = World::ready(database);
        let (owner, persona) = world.account("lark");
        let group = world.group_like(owner, persona, "circle", template);
        let otter = world.member(group.id, "otter", Role::Facilitator);
        let heron = world.member(group.id, "heron", Role::Host);
        let wren = world.member(group.id, "wren", Role::Member);
        Self { world, keeper, owner, group, otter, heron, wren }
    }

    fn owner_persona(&self) -> ActorId {
        self.world.personas(self.owner)[0].id
    }

    fn care(&self, first_posts: u32, words: &str) {
        let form =
            CareForm { first_posts: first_posts.to_string(), answer_hours: "6".into(), held_words: words.into() };
        care::settle(&self.world.app, self.owner, self.group.id, &form).unwrap();
    }

    fn write(&self, who: (AccountId, ActorId), title: &str, text: &str) -> Post {
        post::publish(&self.world.app, who.0, self.group.id, &post_form(who.1, title, text)).unwrap()
    }

    fn is_shown(&self, post: &Post) -> bool {
        self.world.read(|c| posts::by_id(c, post.id)).is_some_and(|row| row.deleted_at.is_none())
    }

    fn told(&self, account: AccountId) -> Vec<Kind> {
        notice::list(&self.world.app, account).unwrap().into_iter().map(|one| one.notice.kind).collect()
    }

    fn count(&self, account: AccountId, hour: u32) -> usize {
        self.world.read(|c| {
            let reader = Reader::account(c, account)?;
            Ok(notice::count(c, &reader, account, false, hour).unwrap())
        })
    }

    fn logged(&self) -> Vec<Logged> {
        let mut lines = log::of_group(&self.world.app, self.owner, self.group.id).unwrap();
        lines.sort_by_key(|one| one.line.at);
        lines.into_iter().map(|one| one.line.deed).collect()
    }

    fn report(&self, by: (AccountId, ActorId), post: &Post, kind: &str) -> hearth_domain::id::ReportId {
        let form = ReportForm {
            kind: kind.into(),
            reason: if kind == "worried" { String::new() } else { "Please look.".into() },
            persona: by.1.to_string(),
            ..ReportForm::default()
        };
        report::file(&self.world.app, by.0, post.id, &form).unwrap();
        let open = report::open(&self.world.app, self.owner, Some(self.group.id)).unwrap();
        open.into_iter().map(|one| one.report.id).next_back().unwrap()
    }

    fn later(&self, hours: i64) {
        self.world.clock.advance(Duration::hours(hours));
    }
}

fn words(text: &str) -> Words {
    Words { house_reply: String::new(), words: text.into() }
}

fn denied<T>(result: Result<T, ActionError>) -> Option<Denied> {
    match result {
        Err(ActionError::Denied(denied)) => Some(denied),
        _ => None,
    }
}

#[test]
fn a_group_never_loses_its_last_owner() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, group, lark) = (&circle.world.app, circle.group.id, circle.owner_persona());
        // Not by leaving, erasing, retiring, being removed, kept out, or losing the role.
        assert_eq!(denied(membership::leave(app, circle.owner, group)), Some(Denied::LastOwner));
        persona::create(app, circle.owner, "spare_name", "").unwrap();
        assert_eq!(denied(erase::persona(app, circle.owner, lark)), Some(Denied::LastOwner));
        assert!(persona::retire(app, circle.owner, lark).is_err());
        let (otter, _) = circle.otter;
        assert_eq!(denied(membership::remove(app, otter, group, lark)), Some(Denied::NotAboveThem));
        let ban = BanForm { reason: "No reason".into(), ..BanForm::default() };
        assert_eq!(denied(ban::ban(app, otter, group, lark, &ban)), Some(Denied::NotAboveThem));
        assert_eq!(denied(role::give(app, otter, group, lark, Role::Member)), Some(Denied::NotAboveThem));
        assert_eq!(denied(role::give(app, circle.owner, group, lark, Role::Member)), Some(Denied::NotAboveThem));

        // Handing over: the other says yes first; then the first may go, and the second may not.
        assert_eq!(refused_fields(role::offer(app, circle.owner, group, lark)), ["owner"]);
        role::offer(app, circle.owner, group, circle.heron.1).unwrap();
        assert!(matches!(role::answer_offer(app, otter, group, true), Err(ActionError::NotFound)));
        role::answer_offer(app, circle.heron.0, group, true).unwrap();
        let role = |persona| circle.world.read(|c| memberships::get(c, group, persona)).unwrap().role;
        assert_eq!((role(circle.heron.1), role(lark)), (Role::Owner, Role::Facilitator));
        membership::leave(app, circle.owner, group).unwrap();
        assert_eq!(denied(membership::leave(app, circle.heron.0, group)), Some(Denied::LastOwner));
    });
}

#[test]
fn of_two_owners_who_go_at_once_one_stays() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let group = circle.group.id;
        let second = circle.world.member(group, "robin", Role::Owner);
        let begin = Arc::new(Barrier::new(2));
        let went: Vec<bool> = std::thread::scope(|scope| {
            let go = |account: AccountId| {
                let (app, begin) = (circle.world.app.clone(), begin.clone());
                scope.spawn(move || {
                    begin.wait();
                    membership::leave(&app, account, group).is_ok()
                })
            };
            let both = [go(circle.owner), go(second.0)];
            both.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(went.iter().filter(|went| **went).count(), 1, "{went:?}");
        let owners = circle.world.read(|c| memberships::with_roles(c, group, &[Role::Owner]));
        assert_eq!(owners.len(), 1);
    });
}

#[test]
fn first_posts_and_words_wait_and_never_leave() {
    each_database(|database| {
        let circle = Circle::new(database, "open_community");
        let (app, group) = (&circle.world.app, circle.group.id);
        circle.world.remote_follower(&circle.group, "https://elm.test/u/kim");
        circle.care(1, "cold turkey");
        let first = circle.write(circle.wren, "Hello", "I am new here.");
        assert!(!circle.is_shown(&first) && circle.world.sent().is_empty(), "nothing leaves before it is shown");
        let seen = |account: AccountId| {
            circle.world.read(|c: &mut DbConn| {
                let reader = Reader::account(c, account)?;
                conversation::roots(c, &reader, &[group], None, 10)
            })
        };
        assert!(seen(circle.wren.0).is_empty() && seen(circle.owner).is_empty());
        // Its author sees it as waiting, others nothing; the team is told.
        assert!(circle.world.read(|c| Ok(hold::own_by_id(c, circle.wren.0, first.id).unwrap())).is_some());
        assert!(circle.world.read(|c| Ok(hold::own_by_id(c, circle.heron.0, first.id).unwrap())).is_none());
        assert_eq!(circle.told(circle.otter.0), [Kind::Held]);
        assert!(matches!(hold::show(app, circle.heron.0, first.id), Err(ActionError::NotFound)));
        hold::show(app, circle.otter.0, first.id).unwrap();
        assert!(circle.is_shown(&first) && !circle.world.sent().is_empty());
        assert_eq!(circle.told(circle.wren.0), [Kind::Shown]);
        assert!(matches!(hold::show(app, circle.otter.0, first.id), Err(ActionError::NotFound)), "once");

        // One is shown: the next goes straight, but for a word of the list. Hosts are never held.
        let second = circle.write(circle.wren, "Today", "A walk.");
        let third = circle.write(circle.wren, "Tonight", "I went cold turkey.");
        let by_host = circle.write(circle.heron, "Reading", "On cold turkey.");
        assert!(circle.is_shown(&second) && !circle.is_shown(&third) && circle.is_shown(&by_host));
        circle.world.sent();
        assert_eq!(refused_fields(hold::decline(app, circle.otter.0, third.id, &words(""))), ["words"]);
        hold::decline(app, circle.otter.0, third.id, &words("Could you say how you feel instead?")).unwrap();
        assert!(circle.world.sent().is_empty());
        let own = circle.world.read(|c| held_posts::get(c, third.id)).unwrap();
        assert_eq!(own.answer, "Could you say how you feel instead?");
        hold::take_back(app, circle.wren.0, third.id).unwrap();

        // New words of what is shown wait too, and the old ones stay.
        let edit = post_form(circle.wren.1, "Today", "A walk, cold turkey.");
        post::edit(app, circle.wren.0, second.id, &edit).unwrap();
        let row = circle.world.read(|c| posts::by_id(c, second.id)).unwrap();
        assert_eq!(row.source, "A walk.");
        hold::show(app, circle.otter.0, second.id).unwrap();
        assert_eq!(circle.world.read(|c| posts::by_id(c, second.id)).unwrap().source, "A walk, cold turkey.");
    });
}

/// Whoever looks learns nothing of who wrote what waits without a name: neither from the queue, nor from the log, nor from
/// what else waits, nor from what becomes of its author.
#[test]
fn what_waits_without_a_name_says_not_whose_it_is() {
    each_database(|database| {
        let circle = Circle::new(database, "open_community");
        let (app, group) = (&circle.world.app, circle.group.id);
        circle.world.remote_follower(&circle.group, "https://elm.test/u/kim");
        circle.care(1, "");
        let unnamed = |who: (AccountId, ActorId), title: &str| {
            let typed = PostForm { unnamed: "yes".into(), ..post_form(who.1, title, "I can't sleep.") };
            post::publish(app, who.0, group, &typed).unwrap()
        };
        let by_member = unnamed(circle.wren, "Nights");
        let by_host = unnamed(circle.heron, "Evenings");
        let under_a_name = circle.write(circle.wren, "Hello", "I am new here.");
        assert!([&by_member, &by_host, &under_a_name].iter().all(|post| !circle.is_shown(post)), "a host's waits too");
        let waiting = hold::waiting(app, circle.otter.0, group).unwrap();
        let authors = |id| waiting.iter().find(|one| one.held.id == id).map(|one| one.author.name.clone()).unwrap();
        assert_eq!(
            (authors(by_member.id).as_str(), authors(by_host.id).as_str()),
            ("circle_notices", "circle_notices")
        );
        assert_eq!(authors(under_a_name.id), "wren");
        assert!(circle.world.read(|c| Ok(hold::own_by_id(c, circle.wren.0, by_member.id).unwrap())).is_some());
        assert!(circle.world.read(|c| Ok(hold::own_by_id(c, circle.heron.0, by_member.id).unwrap())).is_none());

        // Wren is kept out: what waits under her name goes, the rest stays and can be shown.
        ban::ban(
            app,
            circle.otter.0,
            group,
            circle.wren.1,
            &BanForm { reason: "Unkind.".into(), ..BanForm::default() },
        )
        .unwrap();
        let left: Vec<_> =
            hold::waiting(app, circle.otter.0, group).unwrap().into_iter().map(|one| one.held.id).collect();
        assert!(left.contains(&by_member.id) && left.contains(&by_host.id) && !left.contains(&under_a_name.id));
        circle.world.sent();
        let shown = hold::show(app, circle.otter.0, by_member.id).unwrap();
        let author = circle.world.read(|c| actors::by_id(c, shown.author_id)).unwrap();
        assert_eq!(author.name, "circle_notices");
        let sent = circle.world.sent();
        assert!(!sent.is_empty() && sent.iter().all(|one| !one.body.to_string().contains("wren")));
        hold::show(app, circle.otter.0, by_host.id).unwrap();
        let lines = log::of_group(app, circle.owner, group).unwrap();
        let shown: Vec<_> = lines.iter().filter(|one| one.line.deed == Logged::HeldShown).collect();
        assert!(shown.len() == 2 && shown.iter().all(|one| one.line.about_id.is_none()));

        // In one conversation a person speaks in one way, also while it waits.
        circle.care(5, "");
        let reply = |text: &str, unnamed: &str| {
            let typed = PostForm { unnamed: unnamed.into(), ..post_form(circle.heron.1, "", text) };
            post::reply(app, circle.heron.0, Answering::Post(by_member.id), &typed)
        };
        let first = reply("Me too.", "yes").unwrap();
        let second = reply("Every night.", "").unwrap();
        let held = |id| circle.world.read(|c| held_posts::get(c, id)).unwrap().unnamed;
        assert!(held(first.id) && held(second.id), "who began without a name goes on without it");
    });
}

#[test]
fn what_comes_from_elsewhere_waits_too() {
    each_database(|database| {
        let circle = Circle::new(database, "open_community");
        let kim = circle.world.remote_follower(&circle.group, "https://elm.test/u/kim");
        circle.world.remote_follower(&circle.group, "https://fir.test/u/sam");
        circle.care(1, "");
        let group = circle.group.ap_id.as_str();
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let note = |number: u32| {
            json!({"id": format!("https://elm.test/p/{number}"), "type": "Page", "attributedTo": kim.ap_id.as_str(),
                "name": "Hello", "content": "<p>From elm.</p>", "to": [group, public], "cc": [], "audience": group})
        };
        let create = |number: u32| {
            json!({"id": format!("https://elm.test/a/{number}"), "type": "Create", "actor": kim.ap_id.as_str(),
                "to": [group, public], "cc": [], "object": note(number)})
        };
        circle.world.receive(&kim, &create(1)).unwrap();
        let waiting = hold::waiting(&circle.world.app, circle.owner, circle.group.id).unwrap();
        assert_eq!(waiting.len(), 1);
        assert!(circle.world.sent().is_empty(), "the group relays nothing before somebody looked");
        hold::show(&circle.world.app, circle.owner, waiting[0].held.id).unwrap();
        let sent = circle.world.sent();
        assert!(sent.iter().all(|one| one.host == "fir.test" && one.body["type"] == "Announce") && !sent.is_empty());
        // One that its author deletes while it waits is gone.
        circle.care(2, "");
        circle.world.receive(&kim, &create(2)).unwrap();
        let delete = json!({"id": "https://elm.test/a/3", "type": "Delete", "actor": kim.ap_id.as_str(),
            "to": [group, public], "object": "https://elm.test/p/2"});
        circle.world.receive(&kim, &delete).unwrap();
        assert!(hold::waiting(&circle.world.app, circle.owner, circle.group.id).unwrap().is_empty());
    });
}

#[test]
fn other_words_bring_a_post_back() {
    each_database(|database| {
        let circle = Circle::new(database, "open_community");
        circle.world.remote_follower(&circle.group, "https://elm.test/u/kim");
        let app = &circle.world.app;
        let post = circle.write(circle.wren, "My landlord", "Mr Brook shouted.");
        circle.world.sent();
        assert!(rephrase::hide(app, circle.wren.0, post.id, true, &words("Please")).is_err());
        rephrase::hide(app, circle.otter.0, post.id, true, &words("Please leave the name out.")).unwrap();
        assert!(!circle.is_shown(&post));
        let sent = circle.world.sent();
        assert!(
            !sent.is_empty()
                && !serde_json::to_string(&sent.iter().map(|one| &one.body).collect::<Vec<_>>())
                    .unwrap()
                    .contains("leave the name out"),
            "what is said to the author stays here"
        );
        let same = post_form(circle.wren.1, "My landlord", "Mr Brook shouted.");
        assert_eq!(refused_fields(post::edit(app, circle.wren.0, post.id, &same)), ["text"]);
        let better = post_form(circle.wren.1, "My landlord", "He shouted.");
        assert!(post::edit(app, circle.heron.0, post.id, &better).is_err(), "the author only");
        post::edit(app, circle.wren.0, post.id, &better).unwrap();
        let row = circle.world.read(|c| posts::by_id(c, post.id)).unwrap();
        assert!(row.deleted_at.is_none() && row.source == "He shouted.");
        let kinds: Vec<String> = circle
            .world
            .sent()
            .iter()
            .map(|one| one.body["object"]["type"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert!(kinds.contains(&"Undo".to_owned()) && kinds.contains(&"Update".to_owned()), "{kinds:?}");

        // What was only hidden any facilitator shows again.
        rephrase::hide(app, circle.otter.0, post.id, false, &words("Later, perhaps.")).unwrap();
        assert!(!circle.is_shown(&post));
        moderation::act(app, circle.owner, post.id, &Act::Restore).unwrap();
        assert!(circle.is_shown(&post));
    });
}

#[test]
fn reports_are_taken_given_back_and_passed_on_once() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, keeper) = (&circle.world.app, circle.keeper);
        let post = circle.write(circle.wren, "Tonight", "It is dark.");
        circle.care(0, "");
        let worry = circle.report(circle.heron, &post, "worried");
        // A worry: everybody who looks after the group, at once.
        assert_eq!((circle.told(circle.owner), circle.told(circle.otter.0)), (vec![Kind::Worry], vec![Kind::Worry]));
        queue::take(app, circle.otter.0, worry).unwrap();
        assert!(matches!(queue::take(app, circle.owner, worry), Err(ActionError::Conflict(_))));
        assert!(matches!(queue::take(app, circle.heron.0, worry), Err(ActionError::NotFound)));
        let open = report::open(app, circle.owner, Some(circle.group.id)).unwrap();
        assert_eq!(open[0].taken_by.as_ref().unwrap().name, "otter", "the others see who has it");
        circle.later(23);
        queue::ask_next(app).unwrap();
        assert_eq!(circle.world.read(|c| reports::by_id(c, worry)).unwrap().taken_by, Some(circle.otter.0));
        circle.later(2);
        queue::ask_next(app).unwrap();
        assert_eq!(circle.world.read(|c| reports::by_id(c, worry)).unwrap().taken_by, None, "given back after a day");
        report::resolve(app, circle.owner, worry, "I wrote to Wren.").unwrap();

        // Another, which nobody answers: one, the next one, the keepers; each once, however often the job runs.
        let other = circle.report(circle.heron, &post, "unkind");
        let step = || circle.world.read(|c| reports::by_id(c, other)).unwrap().step;
        let unanswered = |account| circle.told(account).iter().filter(|kind| **kind == Kind::Unanswered).count();
        let before = unanswered(circle.otter.0) + unanswered(circle.owner);
        for (hours, steps, asked) in [(5, 0, 0), (1, 1, 1), (0, 1, 1), (6, 2, 1), (40, 2, 1)] {
            circle.later(hours);
            queue::ask_next(app).unwrap();
            queue::ask_next(app).unwrap();
            let now = unanswered(circle.otter.0) + unanswered(circle.owner) - before;
            assert_eq!((step(), now), (steps, asked), "after {hours} more hours");
        }
        assert_eq!(unanswered(keeper), 1);
        // The keepers know that something waits, and not what was written for members.
        let theirs = report::open(app, keeper, None).unwrap();
        assert_eq!((theirs.len(), theirs[0].posts.len(), theirs[0].kept_back), (1, 0, 1));
        queue::take(app, keeper, other).unwrap();
        report::resolve(app, keeper, other, "I rang the owner.").unwrap();
    });
}

#[test]
fn two_nodes_pass_a_report_on_once() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let post = circle.write(circle.wren, "Tonight", "It is dark.");
        circle.report(circle.heron, &post, "unkind");
        circle.later(13);
        let begin = Arc::new(Barrier::new(2));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let (app, begin) = (circle.world.app.clone(), begin.clone());
                scope.spawn(move || {
                    begin.wait();
                    queue::ask_next(&app).unwrap();
                });
            }
        });
        let told = [circle.owner, circle.otter.0].map(|account| circle.told(account));
        let asked = told.iter().flatten().filter(|kind| **kind == Kind::Unanswered).count();
        assert_eq!(asked, 1);
    });
}

#[test]
fn a_pause_a_word_and_an_archive() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, group, wren) = (&circle.world.app, circle.group.id, circle.wren);
        let post = circle.write(wren, "Hello", "A long day.");
        assert_eq!(
            denied(pause::warn(app, circle.heron.0, group, wren.1, &words("Hey"))),
            Some(Denied::FacilitatorsOnly)
        );
        assert_eq!(
            denied(pause::warn(app, circle.otter.0, group, circle.owner_persona(), &words("Hey"))),
            Some(Denied::NotAboveThem)
        );
        care::add_house_reply(app, circle.otter.0, group, "Kindness", "Please be kind to each other.").unwrap();
        let ready = care::of_group(app, circle.otter.0, group).unwrap().1.remove(0);
        let both = Words { house_reply: ready.id.to_string(), words: "Shall we talk?".into() };
        pause::warn(app, circle.otter.0, group, wren.1, &both).unwrap();
        let read = notice::list(app, wren.0).unwrap();
        assert_eq!(read[0].notice.words, "Please be kind to each other.\n\nShall we talk?");
        assert_eq!(refused_fields(pause::pause(app, circle.otter.0, group, wren.1, "0", &both)), ["days"]);
        pause::pause(app, circle.otter.0, group, wren.1, "3", &both).unwrap();
        let form = post_form(wren.1, "Again", "Still here.");
        assert_eq!(denied(post::publish(app, wren.0, group, &form)), Some(Denied::Paused));
        let reply = PostForm { text: "Yes.".into(), persona: wren.1.to_string(), ..PostForm::default() };
        assert_eq!(denied(post::reply(app, wren.0, Answering::Post(post.id), &reply)), Some(Denied::Paused));
        circle.later(73);
        post::publish(app, wren.0, group, &form).unwrap();

        // A copy of all the owner may read; it is stored as it is, so its words can be looked for.
        assert_eq!(denied(export::group(app, circle.otter.0, group)), Some(Denied::OwnersOnly));
        let copy = export::group(app, circle.owner, group).unwrap();
        assert!(copy.starts_with(b"PK") && String::from_utf8_lossy(&copy).contains("A long day."));
        assert!(circle.logged().contains(&Logged::Exported));

        assert_eq!(denied(care::archive(app, circle.otter.0, group, true)), Some(Denied::OwnersOnly));
        care::archive(app, circle.owner, group, true).unwrap();
        let more = post_form(circle.otter.1, "More", "More.");
        assert_eq!(denied(post::publish(app, circle.otter.0, group, &more)), Some(Denied::Archived));
        assert!(circle.is_shown(&post), "everything stays");
        care::archive(app, circle.owner, group, false).unwrap();
        post::publish(app, circle.otter.0, group, &more).unwrap();
    });
}

#[test]
fn writing_is_limited_at_first() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, group, wren) = (&circle.world.app, circle.group.id, circle.wren);
        for number in 0..20 {
            circle.write(wren, &format!("Number {number}"), "Words.");
        }
        let form = post_form(wren.1, "One more", "Words.");
        assert!(matches!(post::publish(app, wren.0, group, &form), Err(ActionError::TooOften { .. })));
        circle.later(24 * 8);
        for number in 0..21 {
            circle.write(wren, &format!("Later {number}"), "Words.");
        }
    });
}

#[test]
fn notices_are_calm_and_never_show_what_is_closed() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, group) = (&circle.world.app, circle.group.id);
        let post = circle.write(circle.wren, "Hello", "A long day.");
        let reply =
            |text: &str| PostForm { text: text.into(), persona: circle.otter.1.to_string(), ..PostForm::default() };
        for _ in 0..12 {
            post::reply(app, circle.otter.0, Answering::Post(post.id), &reply("I know.")).unwrap();
        }
        post::reply(app, circle.otter.0, Answering::Post(post.id), &reply("Ask @heron or @nobody.")).unwrap();
        assert_eq!(circle.told(circle.heron.0), [Kind::Mention]);
        assert_eq!(circle.count(circle.wren.0, 12), 10, "ten or more are ten");
        let quiet = QuietForm { from: "22".into(), until: "8".into() };
        notice::set_quiet(app, circle.wren.0, &quiet).unwrap();
        assert_eq!((circle.count(circle.wren.0, 23), circle.count(circle.wren.0, 9)), (0, 10));
        assert_eq!(
            refused_fields(notice::set_quiet(app, circle.wren.0, &QuietForm { from: "25".into(), until: "".into() })),
            ["quiet_from"]
        );
        // A meetup that is soon, once; and moved, once more.
        let form = event_form(circle.heron.1);
        let event = hearth_actions::event::announce(app, circle.heron.0, group, &form).unwrap();
        hearth_actions::rsvp::answer(app, circle.wren.0, event.id, &rsvp_form(circle.wren.1, "coming")).unwrap();
        reminder::remind(app).unwrap();
        assert!(!circle.told(circle.wren.0).contains(&Kind::Reminder));
        circle.world.clock.advance(event.starts_at.utc() - circle.world.app.clock.now() - Duration::hours(20));
        reminder::remind(app).unwrap();
        reminder::remind(app).unwrap();
        assert_eq!(circle.told(circle.wren.0).iter().filter(|kind| **kind == Kind::Reminder).count(), 1);
        // Seen, and what is gone or closed is not shown any more, nor counted.
        notice::mark_seen(app, circle.wren.0, app.now()).unwrap();
        assert_eq!(circle.count(circle.wren.0, 12), 0);
        post::reply(app, circle.otter.0, Answering::Post(post.id), &reply("One more.")).unwrap();
        assert_eq!(circle.count(circle.wren.0, 12), 1);
        membership::remove(app, circle.otter.0, group, circle.wren.1).unwrap();
        assert_eq!(circle.count(circle.wren.0, 12), 0, "no member any more");
        assert!(circle.told(circle.wren.0).iter().all(|kind| !matches!(kind, Kind::Reply | Kind::Reminder)));
    });
}

#[test]
fn keepers_do_not_read_but_in_an_emergency() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, group) = (&circle.world.app, circle.group.id);
        let first = circle.keeper;
        let second = account::create(app, &tests::world::sign_up_form("magpie"), true).unwrap();
        circle.write(circle.wren, "Hello", "A long day.");
        let reads = |keeper: AccountId| {
            let seen = circle.world.read(|c| {
                let reader = Reader::looking(c, keeper)?;
                conversation::roots(c, &reader, &[group], None, 10)
            });
            !seen.is_empty()
        };
        assert!(!reads(first), "keepers are no members");
        assert_eq!(denied(access::ask(app, circle.owner, "circle", "I would like to.")), Some(Denied::KeepersOnly));
        assert_eq!(refused_fields(access::ask(app, first, "nothing", "Nobody answers there.")), ["group"]);
        access::ask(app, first, "circle", "Nobody answers there.").unwrap();
        let id = access::current(app, first).unwrap()[0].0.id;
        assert!(access::open(app, first, id).is_err() && access::approve(app, first, id).is_err());
        circle.later(23);
        assert!(access::open(app, first, id).is_err() && !reads(first));
        assert!(circle.told(circle.wren.0).is_empty());
        access::approve(app, second, id).unwrap();
        access::open(app, first, id).unwrap();
        assert!(reads(first) && !reads(second));
        for member in [circle.owner, circle.otter.0, circle.heron.0, circle.wren.0] {
            assert!(circle.told(member).contains(&Kind::Access), "told at that moment");
        }
        let keepers = circle.world.personas(first)[0].id;
        let form = post_form(keepers, "Hello", "From the keeper.");
        assert_eq!(denied(post::publish(app, first, group, &form)), Some(Denied::MembersOnly), "reading is all");
        circle.later(25);
        access::end_those_over(app).unwrap();
        assert!(!reads(first), "a day later it is over");
        // Without a second keeper it takes a day.
        access::ask(app, first, "circle", "Nobody answers there.").unwrap();
        let id = access::current(app, first).unwrap()[0].0.id;
        circle.later(24);
        access::open(app, first, id).unwrap();
        access::end(app, second, id).unwrap();
        assert!(!reads(first));
        let logged = circle.logged();
        for deed in [Logged::AccessAsked, Logged::AccessApproved, Logged::AccessOpened, Logged::AccessEnded] {
            assert!(logged.contains(&deed), "{deed}");
        }
    });
}

#[test]
fn helplines_are_the_keepers_and_one_always_stays() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, keeper) = (&circle.world.app, circle.keeper);
        let line = HelplineForm {
            name: "Day line".into(),
            number: "0800 765 432".into(),
            region: "Northside".into(),
            ..HelplineForm::default()
        };
        assert_eq!(denied(helpline::add(app, circle.owner, &line)), Some(Denied::KeepersOnly));
        let wrong = HelplineForm { number: "ring us".into(), ..line.clone() };
        assert_eq!(refused_fields(helpline::add(app, keeper, &wrong)), ["helpline_number"]);
        helpline::add(app, keeper, &line).unwrap();
        let all = || circle.world.read(helplines::all);
        assert_eq!(all().iter().map(|line| line.region.clone()).collect::<Vec<_>>(), ["", "Northside"]);
        helpline::change(app, keeper, all()[1].id, true).unwrap();
        assert_eq!(all()[0].name, "Day line", "the first stands beside every conversation");
        helpline::change(app, keeper, all()[1].id, false).unwrap();
        assert!(matches!(helpline::change(app, keeper, all()[0].id, false), Err(ActionError::Conflict(_))));
    });
}

/// What nobody may find in a log.
const CANARIES: [&str; 6] =
    ["canary-title", "canary-text", "canary-note", "canary-reason", "canary-word", "canary-answer"];

#[test]
fn no_log_holds_what_anybody_wrote() {
    each_database(|database| {
        let circle = Circle::new(database, "peer_support_circle");
        let (app, group, otter, wren) = (&circle.world.app, circle.group.id, circle.otter.0, circle.wren);
        circle.care(1, "canary-word");
        let form =
            |title: &str| PostForm { content_note: "canary-note".into(), ..post_form(wren.1, title, "canary-text") };
        let publish = |title: &str| post::publish(app, wren.0, group, &form(title)).unwrap();
        let first = publish("canary-title one");
        let second = publish("canary-title two");
        hold::decline(app, otter, second.id, &words("canary-answer")).unwrap();
        hold::show(app, otter, first.id).unwrap();
        let report = circle.report(circle.heron, &first, "harmful");
        queue::take(app, otter, report).unwrap();
        report::resolve(app, otter, report, "canary-answer").unwrap();
        rephrase::hide(app, otter, first.id, true, &words("canary-answer")).unwrap();
        post::edit(app, wren.0, first.id, &PostForm { text: "canary-text again".into(), ..form("canary-title") })
            .unwrap();
        for act in [Act::Lock, Act::Unlock, Act::Pin, Act::Unpin, Act::Remove("canary-reason".into()), Act::Restore] {
            moderation::act(app, otter, first.id, &act).unwrap();
        }
        pause::warn(app, otter, group, wren.1, &words("canary-answer")).unwrap();
        pause::pause(app, otter, group, wren.1, "2", &words("canary-answer")).unwrap();
        pause::end(app, otter, group, wren.1).unwrap();
        let ban = BanForm { reason: "canary-reason".into(), days: "2".into(), ..BanForm::default() };
        ban::ban(app, otter, group, wren.1, &ban).unwrap();
        ban::lift(app, otter, group, wren.1).unwrap();
        let keeper = circle.keeper;
        access::ask(app, keeper, "circle", "canary-reason, quite long").unwrap();
        let (lines, audit) =
            circle.world.read(|c| Ok((group_log::of_group(c, group, 200)?, audit_log::newest(c, 200)?)));
        assert!(lines.len() >= 19 && audit.len() >= lines.len(), "{} {}", lines.len(), audit.len());
        for deed in [
            Logged::HeldShown,
            Logged::HeldDeclined,
            Logged::Rephrased,
            Logged::Removed,
            Logged::Paused,
            Logged::Banned,
        ] {
            assert!(lines.iter().any(|line| line.deed == deed), "{deed}");
        }
        // Everything the two tables hold, as the database itself writes it down.
        let rows = circle.world.read(hearth_db::dialect::every_row);
        let logs = rows.into_iter().filter(|(table, _)| table == "group_log" || table == "audit_log");
        let dump: String = logs.map(|(_, row)| row).collect();
        assert!(dump.contains("held_shown"), "{dump}");
        for canary in CANARIES {
            assert!(!dump.contains(canary), "{canary}");
        }
        // Nor does the keepers' log name who did what in a group.
        let read = log::of_server(app, keeper).unwrap();
        assert!(read.iter().all(|one| one.keeper.is_none() || one.line.deed == Logged::AccessAsked));
    });
}
