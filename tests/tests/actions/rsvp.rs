//! Answers to meetups: ours here, ours elsewhere, and theirs here.

use hearth_actions::{
    ActionError, event,
    event::EventForm,
    follow,
    received::Outcome,
    rsvp::{self, RsvpForm},
};
use hearth_db::tables::{actors::Actor, events::Event, rsvps};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId},
    membership::Role,
    rsvp::{Answer, Places},
};
use serde_json::{Value, json};
use std::thread;
use tests::{
    database::{TestDatabase, each_database},
    world::{World, event_form, rsvp_form},
};

/// A group with a meetup.
struct Tea {
    world: World,
    keeper: AccountId,
    owner: ActorId,
    group: Actor,
    event: Event,
}

impl Tea {
    fn new(database: &TestDatabase, capacity: &str) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let typed = EventForm { capacity: capacity.into(), ..event_form(owner) };
        let event = event::announce(&world.app, keeper, group.id, &typed).unwrap();
        world.sent();
        Self { world, keeper, owner, group, event }
    }

    fn join(&self, by: &Actor, number: u8) -> Result<Outcome, ActionError> {
        let id = format!("{}/a/{number}", by.ap_id);
        let join = json!({"id": id, "type": "Join", "actor": by.ap_id.as_str(), "object": self.event.ap_id.as_str(), "participationMessage": "Nut allergy.\0"});
        self.world.receive(by, &join)
    }

    fn answer_of(&self, actor: ActorId) -> Option<Answer> {
        self.world.read(|c| rsvps::get(c, self.event.id, actor)).map(|row| row.answer)
    }

    fn band(&self) -> Places {
        self.world.app.db.read(|c| rsvp::band(c, &self.event)).unwrap()
    }
}

#[test]
fn a_full_meetup_takes_nobody_more() {
    each_database(|database| {
        let tea = Tea::new(database, "2");
        let app = &tea.world.app;
        let people: Vec<(AccountId, ActorId)> = ["wren", "robin", "lark"].map(|name| tea.world.account(name)).into();
        let answer = |index: usize, word: &str| {
            rsvp::answer(app, people[index].0, tea.event.id, &rsvp_form(people[index].1, word))
        };
        assert_eq!(tea.band(), Places::Left);
        assert_eq!(answer(0, "coming").unwrap(), Answer::Coming);
        assert_eq!(tea.band(), Places::AFew);
        assert_eq!(answer(1, "coming").unwrap(), Answer::Coming);
        assert_eq!(tea.band(), Places::Full);
        assert!(matches!(answer(2, "coming"), Err(ActionError::Conflict("This meetup is full."))));
        assert_eq!(answer(2, "maybe").unwrap(), Answer::Maybe);
        assert_eq!(answer(1, "coming").unwrap(), Answer::Coming, "who has a place keeps it");
        let kim = tea.world.remote_actor("Person", "https://elm.test/u/kim");
        tea.join(&kim, 1).unwrap();
        assert_eq!(tea.world.sent()[0].body["type"], "Reject");
        assert_eq!(tea.answer_of(kim.id), None);
        assert_eq!(answer(0, "not_coming").unwrap(), Answer::NotComing);
        assert_eq!(answer(2, "coming").unwrap(), Answer::Coming);
    });
}

#[test]
fn the_last_place_goes_to_one() {
    each_database(|database| {
        let tea = Tea::new(database, "1");
        let people: Vec<(AccountId, ActorId)> =
            ["wren", "robin", "lark", "owl"].map(|name| tea.world.account(name)).into();
        thread::scope(|scope| {
            for (account, persona) in &people {
                scope.spawn(|| {
                    drop(rsvp::answer(&tea.world.app, *account, tea.event.id, &rsvp_form(*persona, "coming")))
                });
            }
        });
        assert_eq!(tea.world.read(|c| rsvps::count_coming(c, tea.event.id)), 1);
    });
}

#[test]
fn cancelled_past_and_hidden_meetups_take_no_answers() {
    each_database(|database| {
        let tea = Tea::new(database, "");
        let app = &tea.world.app;
        let (wren, persona) = tea.world.account("wren");
        let for_members = EventForm { visibility: "members".into(), ..event_form(tea.owner) };
        let hidden = event::announce(app, tea.keeper, tea.group.id, &for_members).unwrap();
        let off = event::announce(app, tea.keeper, tea.group.id, &event_form(tea.owner)).unwrap();
        event::cancel(app, tea.keeper, off.id).unwrap();
        let answer = |id| rsvp::answer(app, wren, id, &rsvp_form(persona, "coming"));
        assert!(matches!(answer(hidden.id), Err(ActionError::NotFound)));
        assert!(matches!(answer(off.id), Err(ActionError::Denied(Denied::MeetupClosed))));
        answer(tea.event.id).unwrap();
        tea.world.clock.advance(tea.event.ends_at.utc() - tea.world.app.now().utc());
        assert!(matches!(answer(tea.event.id), Err(ActionError::Denied(Denied::MeetupClosed))));
    });
}

#[test]
fn only_hosts_see_who_comes() {
    each_database(|database| {
        let tea = Tea::new(database, "");
        let app = &tea.world.app;
        let (wren, persona) = tea.world.member(tea.group.id, "wren", Role::Member);
        let typed = RsvpForm { note: "I may be late".into(), ..rsvp_form(persona, "coming") };
        rsvp::answer(app, wren, tea.event.id, &typed).unwrap();
        let people = rsvp::people(app, tea.keeper, tea.event.id).unwrap();
        assert_eq!((people.len(), people[0].0.note.as_str(), people[0].1.name.as_str()), (1, "I may be late", "wren"));
        assert!(matches!(rsvp::people(app, wren, tea.event.id), Err(ActionError::Denied(Denied::HostsOnly))));
        assert_eq!(tea.world.waiting(), 0, "answers here stay here");
    });
}

#[test]
fn people_elsewhere_come_and_go() {
    each_database(|database| {
        let tea = Tea::new(database, "");
        let kim = tea.world.remote_actor("Person", "https://elm.test/u/kim");
        assert_eq!(tea.join(&kim, 1).unwrap(), Outcome::Done);
        assert_eq!(tea.answer_of(kim.id), Some(Answer::Coming));
        assert_eq!(tea.world.read(|c| rsvps::get(c, tea.event.id, kim.id)).unwrap().note, "Nut allergy.");
        let sent = tea.world.sent();
        assert_eq!((sent.len(), sent[0].inbox.as_str()), (1, "https://elm.test/u/kim/inbox"));
        assert_eq!(sent[0].body["instructions"], "14 Mill Lane\nhttps://rooms.example/secret-room");
        assert_eq!((&sent[0].body["to"], &sent[0].body["cc"]), (&json!([kim.ap_id.as_str()]), &json!([])));
        assert_eq!(tea.join(&kim, 1).unwrap(), Outcome::SeenBefore);
        tea.join(&kim, 2).unwrap();
        assert_eq!(tea.world.read(|c| rsvps::count_coming(c, tea.event.id)), 1, "a second Join updates");
        let leave = json!({"id": "https://elm.test/a/9", "type": "Leave", "actor": kim.ap_id.as_str(), "object": tea.event.ap_id.as_str()});
        assert_eq!(tea.world.receive(&kim, &leave).unwrap(), Outcome::Done);
        assert_eq!(tea.answer_of(kim.id), None);
        // Friendica answers the meetup itself.
        for (number, kind, answer) in [(10, "Accept", Some(Answer::Coming)), (11, "Reject", None)] {
            let id = format!("https://elm.test/a/{number}");
            let said = json!({"id": id, "type": kind, "actor": kim.ap_id.as_str(), "object": tea.event.ap_id.as_str()});
            assert_eq!(tea.world.receive(&kim, &said).unwrap(), Outcome::Done, "{kind}");
            assert_eq!(tea.answer_of(kim.id), answer, "{kind}");
        }
        event::cancel(&tea.world.app, tea.keeper, tea.event.id).unwrap();
        assert!(matches!(tea.join(&kim, 3), Err(ActionError::Denied(Denied::MeetupClosed))));
    });
}

#[test]
fn a_meetup_for_members_is_not_there_for_people_elsewhere() {
    each_database(|database| {
        let mut tea = Tea::new(database, "");
        let typed = EventForm { visibility: "members".into(), ..event_form(tea.owner) };
        tea.event = event::announce(&tea.world.app, tea.keeper, tea.group.id, &typed).unwrap();
        let kim = tea.world.remote_actor("Person", "https://elm.test/u/kim");
        assert!(matches!(tea.join(&kim, 1), Err(ActionError::NotFound)));
        assert_eq!(tea.world.waiting(), 0);
    });
}

/// A meetup elsewhere that a group elsewhere holds, which `wren` follows.
fn elsewhere(world: &World, wren: AccountId, persona: ActorId) -> (Actor, Event) {
    let walks = world.remote_actor("Group", "https://elm.test/g/walks");
    follow::follow(&world.app, wren, walks.id, persona).unwrap();
    let follow = world.sent().remove(0).body;
    let accept =
        json!({"id": "https://elm.test/a/1", "type": "Accept", "actor": walks.ap_id.as_str(), "object": follow});
    world.receive(&walks, &accept).unwrap();
    let event = json!({"id": "https://elm.test/e/1", "type": "Event", "attributedTo": walks.ap_id.as_str(), "name": "Walk", "startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T12:00:00Z", "to": ["https://www.w3.org/ns/activitystreams#Public"]});
    let create =
        json!({"id": "https://elm.test/a/2", "type": "Create", "actor": walks.ap_id.as_str(), "object": event});
    assert_eq!(world.receive(&walks, &create).unwrap(), Outcome::Done);
    let event = world.read(|c| hearth_db::tables::events::by_ap_id(c, "https://elm.test/e/1")).unwrap();
    (walks, event)
}

#[test]
fn a_place_elsewhere_counts_once_its_hosts_say_so() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (wren, persona) = world.account("wren");
        let (walks, event) = elsewhere(&world, wren, persona);
        let row = || world.read(|c| rsvps::get(c, event.id, persona)).unwrap();
        assert_eq!(rsvp::answer(&world.app, wren, event.id, &rsvp_form(persona, "coming")).unwrap(), Answer::Asked);
        let join = world.sent().remove(0);
        assert_eq!((join.body["type"].as_str(), join.host.as_str()), (Some("Join"), "elm.test"));
        let accept = |by: &Actor, number: u8| {
            let id = format!("{}/{number}", by.ap_id);
            let accept: Value = json!({"id": id, "type": "Accept", "actor": by.ap_id.as_str(), "object": join.body["id"], "instructions": "Gate 3"});
            world.receive(by, &accept).unwrap()
        };
        let other = world.remote_actor("Group", "https://elm.test/g/other");
        assert!(matches!(accept(&other, 1), Outcome::Ignored(_)));
        assert_eq!(row().answer, Answer::Asked);
        assert_eq!(accept(&walks, 2), Outcome::Done);
        assert_eq!((row().answer, row().instructions.as_str()), (Answer::Coming, "Gate 3"));
        rsvp::answer(&world.app, wren, event.id, &rsvp_form(persona, "not_coming")).unwrap();
        assert_eq!(world.sent()[0].body["type"], "Leave");
        assert_eq!((row().answer, row().instructions.as_str()), (Answer::NotComing, ""));
        assert!(matches!(accept(&walks, 3), Outcome::Ignored(_)), "a late Accept brings nobody back");
    });
}
