//! Answers to meetups across servers: hosts who say yes or no, places and the line for them, and where it is.

use chrono::Duration;
use hearth_actions::{
    ActionError,
    event::{self, EventForm},
    received::{Evidence, Outcome},
    rsvp,
};
use hearth_db::tables::{
    actors::Actor,
    events::Event,
    rsvps::{self, Rsvp},
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId},
    membership::Role,
    rsvp::Answer,
};
use serde_json::{Value, json};
use std::thread;
use tests::{
    database::{TestDatabase, each_database},
    world::{Sent, World, event_form, fetched, rsvp_form},
};

struct Tea {
    world: World,
    keeper: AccountId,
    owner: ActorId,
    group: Actor,
    event: Event,
}

impl Tea {
    fn new(database: &TestDatabase, change: impl Fn(EventForm) -> EventForm) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let event = event::announce(&world.app, keeper, group.id, &change(event_form(owner))).unwrap();
        world.sent();
        Self { world, keeper, owner, group, event }
    }

    /// Somebody on a server of their own.
    fn somebody(&self, number: usize) -> Actor {
        self.world.remote_actor("Person", &format!("https://s{number}.test/u/kim"))
    }

    fn join_of(&self, by: &Actor, number: u32) -> Value {
        let id = format!("{}/a/{number}", by.ap_id);
        json!({"id": id, "type": "Join", "actor": by.ap_id.as_str(), "object": self.event.ap_id.as_str(), "participationMessage": "First time."})
    }

    fn join(&self, by: &Actor, number: u32) {
        assert_eq!(self.world.receive(by, &self.join_of(by, number)).unwrap(), Outcome::Done);
    }

    fn leave(&self, by: &Actor, number: u32) {
        let leave = json!({"id": format!("{}/l/{number}", by.ap_id), "type": "Leave", "actor": by.ap_id.as_str(), "object": self.event.ap_id.as_str()});
        assert_eq!(self.world.receive(by, &leave).unwrap(), Outcome::Done);
    }

    fn row(&self, actor: ActorId) -> Option<Rsvp> {
        self.world.read(|c| rsvps::get(c, self.event.id, actor))
    }

    fn answer_of(&self, actor: ActorId) -> Option<Answer> {
        self.row(actor).map(|row| row.answer)
    }

    fn coming(&self) -> i64 {
        self.world.read(|c| rsvps::count_coming(c, self.event.id))
    }
}

fn kinds(sent: &[Sent]) -> Vec<(&str, &str)> {
    sent.iter().map(|one| (one.host.as_str(), one.body["type"].as_str().unwrap())).collect()
}

#[test]
fn hosts_say_yes_or_no() {
    each_database(|database| {
        let tea = Tea::new(database, |form| EventForm { join_mode: "restricted".into(), ..form });
        let app = &tea.world.app;
        let (kim, lee) = (tea.somebody(1), tea.somebody(2));
        tea.join(&kim, 1);
        tea.join(&lee, 1);
        assert_eq!((tea.answer_of(kim.id), tea.coming()), (Some(Answer::Asked), 0));
        assert_eq!(tea.world.waiting(), 0, "no answer is pending");
        let row = |actor: &Actor| tea.row(actor.id).unwrap().id;
        let (member, _) = tea.world.member(tea.group.id, "wren", Role::Member);
        let refused = rsvp::decide(app, member, tea.event.id, row(&kim), true);
        assert!(matches!(refused, Err(ActionError::Denied(Denied::HostsOnly))));
        assert_eq!(rsvp::decide(app, tea.keeper, tea.event.id, row(&kim), true).unwrap(), Answer::Coming);
        assert_eq!(rsvp::decide(app, tea.keeper, tea.event.id, row(&lee), false).unwrap(), Answer::Refused);
        let sent = tea.world.sent();
        assert_eq!(kinds(&sent), [("s1.test", "Accept"), ("s2.test", "Reject")]);
        assert_eq!(sent[0].signer, tea.group.ap_id.as_str());
        assert_eq!(sent[0].body["object"]["id"], tea.join_of(&kim, 1)["id"], "Mobilizon knows it by its id");
        assert_eq!((&sent[0].body["to"], &sent[0].body["cc"]), (&json!([kim.ap_id.as_str()]), &json!([])));
        assert!(sent[0].body["instructions"].as_str().unwrap().contains("14 Mill Lane"));
        assert!(sent[1].body.get("instructions").is_none());
        let (wren, persona) = tea.world.account("robin");
        assert_eq!(rsvp::answer(app, wren, tea.event.id, &rsvp_form(persona, "coming")).unwrap(), Answer::Asked);
        assert_eq!(
            rsvp::decide(app, tea.keeper, tea.event.id, tea.row(persona).unwrap().id, true).unwrap(),
            Answer::Coming
        );
        assert_eq!(tea.world.waiting(), 0, "who is here sees it on the page");
    });
}

#[test]
fn a_place_that_opens_up_goes_to_who_is_next() {
    each_database(|database| {
        let tea = Tea::new(database, |form| EventForm { capacity: "1".into(), waiting_list: "yes".into(), ..form });
        let people: Vec<Actor> = (0..4).map(|number| tea.somebody(number)).collect();
        for kim in &people {
            tea.join(kim, 1);
        }
        assert_eq!(kinds(&tea.world.sent()), [("s0.test", "Accept")]);
        assert_eq!(tea.answer_of(people[1].id), Some(Answer::Waiting));
        tea.join(&people[1], 2);
        tea.leave(&people[2], 1);
        tea.leave(&people[0], 1);
        let sent = tea.world.sent();
        assert_eq!(kinds(&sent), [("s1.test", "Accept")], "asking again keeps the place in line");
        assert_eq!(sent[0].body["object"]["id"], format!("{}/a/2", people[1].ap_id), "the latest Join is answered");
        // More places: a change of the meetup.
        let more = EventForm { capacity: "2".into(), waiting_list: "yes".into(), ..event_form(tea.owner) };
        event::edit(&tea.world.app, tea.keeper, tea.event.id, &more).unwrap();
        assert_eq!(kinds(&tea.world.sent()), [("s3.test", "Accept")]);
        // Who erases themselves leaves a place.
        tea.join(&people[2], 2);
        tea.world.sent();
        let gone = json!({"id": "https://s1.test/d/1", "type": "Delete", "actor": people[1].ap_id.as_str(), "object": people[1].ap_id.as_str()});
        tea.world.receive(&people[1], &gone).unwrap();
        assert_eq!(kinds(&tea.world.sent()), [("s2.test", "Accept")]);
        assert_eq!(tea.coming(), 2);
    });
}

#[test]
fn many_servers_at_once_never_fill_more_than_there_are() {
    const PLACES: usize = 5;
    const PEOPLE: usize = 40;
    each_database(|database| {
        let tea =
            Tea::new(database, |form| EventForm { capacity: PLACES.to_string(), waiting_list: "yes".into(), ..form });
        let people: Vec<Actor> = (0..PEOPLE).map(|number| tea.somebody(number)).collect();
        thread::scope(|scope| {
            for chunk in people.chunks(5) {
                let tea = &tea;
                scope.spawn(move || {
                    for kim in chunk {
                        tea.join(kim, 1);
                    }
                });
            }
        });
        assert_eq!(tea.coming(), i64::try_from(PLACES).unwrap());
        let line = tea.world.read(|c| rsvps::in_line(c, tea.event.id));
        let places: Vec<i64> = line.iter().filter_map(|row| row.place_in_line).collect();
        assert_eq!(
            places,
            (1..=i64::try_from(PEOPLE - PLACES).unwrap()).collect::<Vec<_>>(),
            "everybody has a place in line"
        );
        assert_eq!(tea.world.sent().len(), PLACES, "the others hear nothing yet");

        // Half of those who come leave, at once: the first in line come, and no others.
        let leaving: Vec<Actor> =
            people.iter().filter(|kim| tea.answer_of(kim.id) == Some(Answer::Coming)).take(3).cloned().collect();
        thread::scope(|scope| {
            for kim in &leaving {
                let tea = &tea;
                scope.spawn(move || tea.leave(kim, 1));
            }
        });
        assert_eq!(tea.coming(), i64::try_from(PLACES).unwrap());
        let after = tea.world.read(|c| rsvps::in_line(c, tea.event.id));
        assert!(after.iter().map(|row| row.id).eq(line.iter().skip(3).map(|row| row.id)), "the order is kept");
        let accepted: Vec<String> =
            tea.world.sent().into_iter().map(|one| one.body["object"]["actor"].as_str().unwrap().to_owned()).collect();
        let first: Vec<String> = line
            .iter()
            .take(3)
            .map(|row| tea.world.read(|c| hearth_db::tables::actors::by_id(c, row.actor_id)).unwrap().ap_id.to_string())
            .collect();
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        assert_eq!(sorted(accepted), sorted(first));
    });
}

#[test]
fn the_room_is_told_when_it_is_time_and_only_once() {
    each_database(|database| {
        let tea = Tea::new(database, |form| EventForm { link_minutes: "30".into(), ..form });
        let app = &tea.world.app;
        let kim = tea.somebody(1);
        tea.join(&kim, 1);
        assert_eq!(tea.world.sent()[0].body["instructions"], "14 Mill Lane");
        rsvp::tell_where_it_is(app).unwrap();
        assert_eq!(tea.world.waiting(), 0, "it is not time yet");
        let before = tea.event.starts_at.utc() - tea.world.app.now().utc() - Duration::minutes(29);
        tea.world.clock.advance(before);
        rsvp::tell_where_it_is(app).unwrap();
        let sent = tea.world.sent();
        assert_eq!(kinds(&sent), [("s1.test", "Accept")]);
        assert_eq!(sent[0].body["object"]["id"], tea.join_of(&kim, 1)["id"], "of the same Join");
        assert_eq!(sent[0].body["instructions"], "14 Mill Lane\nhttps://rooms.example/secret-room");
        rsvp::tell_where_it_is(app).unwrap();
        assert_eq!(tea.world.waiting(), 0, "once");
        // A change of the place is told to who comes, and to nobody else.
        let moved = EventForm { address: "3 Station Road".into(), link_minutes: "30".into(), ..event_form(tea.owner) };
        event::edit(app, tea.keeper, tea.event.id, &moved).unwrap();
        let sent = tea.world.sent();
        assert_eq!(kinds(&sent), [("s1.test", "Accept")]);
        assert!(sent[0].body["instructions"].as_str().unwrap().starts_with("3 Station Road"));
    });
}

#[test]
fn who_may_be_told_where_it_is() {
    each_database(|database| {
        let tea = Tea::new(database, |form| form);
        let other = TestDatabase::new(database.kind());
        let only_here = Tea::new(&other, |form| EventForm { only_here: "yes".into(), ..form });
        let kim = only_here.somebody(1);
        only_here.join(&kim, 1);
        assert_eq!(kinds(&only_here.world.sent()), [("s1.test", "Reject")]);
        assert_eq!(only_here.answer_of(kim.id), None);
        let (wren, persona) = only_here.world.account("wren");
        let form = rsvp_form(persona, "coming");
        assert_eq!(rsvp::answer(&only_here.world.app, wren, only_here.event.id, &form).unwrap(), Answer::Coming);
        // A server that is blocked later hears no more.
        let lee = tea.somebody(2);
        tea.join(&lee, 1);
        tea.world.sent();
        tea.world.block("s2.test");
        let moved = EventForm { address: "3 Station Road".into(), ..event_form(tea.owner) };
        event::edit(&tea.world.app, tea.keeper, tea.event.id, &moved).unwrap();
        assert!(tea.world.sent().iter().all(|one| one.host != "s2.test"));
    });
}

/// A meetup elsewhere that was answered from here.
fn asked_elsewhere(world: &World) -> (Actor, Event, AccountId, ActorId, Value) {
    let (wren, persona) = world.account("wren");
    let walks = world.remote_actor("Group", "https://elm.test/g/walks");
    hearth_actions::follow::follow(&world.app, wren, walks.id, persona).unwrap();
    let asked = world.sent().remove(0).body;
    let accept =
        json!({"id": "https://elm.test/a/1", "type": "Accept", "actor": walks.ap_id.as_str(), "object": asked});
    world.receive(&walks, &accept).unwrap();
    let create =
        json!({"id": "https://elm.test/a/2", "type": "Create", "actor": walks.ap_id.as_str(), "object": elsewhere()});
    assert_eq!(world.receive(&walks, &create).unwrap(), Outcome::Done);
    let event = world.read(|c| hearth_db::tables::events::by_ap_id(c, "https://elm.test/e/1")).unwrap();
    assert_eq!(rsvp::answer(&world.app, wren, event.id, &rsvp_form(persona, "coming")).unwrap(), Answer::Asked);
    let join = world.sent().remove(0).body;
    (walks, event, wren, persona, join)
}

fn elsewhere() -> Value {
    json!({"id": "https://elm.test/e/1", "type": "Event", "attributedTo": "https://elm.test/g/walks", "actor": "https://elm.test/u/lee", "name": "Walk", "startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T12:00:00Z", "to": ["https://www.w3.org/ns/activitystreams#Public"]})
}

#[test]
fn a_server_that_takes_no_answers_says_so() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (walks, event, _, persona, join) = asked_elsewhere(&world);
        let ignore = json!({"id": "https://elm.test/a/3", "type": "Ignore", "actor": walks.ap_id.as_str(), "object": join["id"]});
        assert_eq!(world.receive(&walks, &ignore).unwrap(), Outcome::Done);
        assert_eq!(world.read(|c| rsvps::get(c, event.id, persona)).unwrap().answer, Answer::NotTaken);
    });
}

#[test]
fn who_announced_it_answers_where_the_meetup_says_so() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (_, event, _, persona, join) = asked_elsewhere(&world);
        let answer = || world.read(|c| rsvps::get(c, event.id, persona)).unwrap().answer;
        let (lee, max) = (
            world.remote_actor("Person", "https://elm.test/u/lee"),
            world.remote_actor("Person", "https://elm.test/u/max"),
        );
        let by = |actor: &Actor, evidence: &Evidence| {
            let accept = json!({"id": format!("{}/a/1", actor.ap_id), "type": "Accept", "actor": actor.ap_id.as_str(), "object": join});
            world.receive_with(actor, &accept, evidence)
        };
        assert!(matches!(by(&max, &Evidence::default()), Err(ActionError::Needs(_))), "the meetup is asked");
        assert!(matches!(by(&max, &fetched(&[elsewhere()])).unwrap(), Outcome::Ignored(_)));
        assert_eq!(answer(), Answer::Asked);
        assert_eq!(by(&lee, &fetched(&[elsewhere()])).unwrap(), Outcome::Done);
        assert_eq!(answer(), Answer::Coming);
    });
}
