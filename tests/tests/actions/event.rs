//! Meetups of groups here: times, rights, and what others learn of them.

use hearth_actions::{
    ActionError,
    event::{self, EventForm},
    post::{self, Answering},
};
use hearth_db::tables::events;
use hearth_domain::{Denied, event::Status, id::EventId, membership::Role};
use tests::{
    database::each_database,
    world::{World, event_form, instant, post_form, refused_fields},
};

#[test]
fn civil_time_stays_when_the_clocks_change() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        for (date, start, end, zone, starts_at, ends_at) in [
            ("2027-03-27", "18:30", "20:00", "Europe/London", "2027-03-27T18:30:00Z", "2027-03-27T20:00:00Z"),
            ("2027-03-28", "18:30", "20:00", "Europe/London", "2027-03-28T17:30:00Z", "2027-03-28T19:00:00Z"),
            // Through the night of the change: an hour shorter, an hour longer.
            ("2027-03-27", "23:00", "03:00", "Europe/London", "2027-03-27T23:00:00Z", "2027-03-28T02:00:00Z"),
            ("2027-10-30", "23:00", "03:00", "Europe/London", "2027-10-30T22:00:00Z", "2027-10-31T03:00:00Z"),
            ("2026-12-31", "22:00", "01:00", "Asia/Kolkata", "2026-12-31T16:30:00Z", "2026-12-31T19:30:00Z"),
        ] {
            let typed = EventForm {
                date: date.into(),
                start: start.into(),
                end: end.into(),
                zone: zone.into(),
                ..event_form(owner)
            };
            let made = event::announce(&world.app, keeper, group, &typed).unwrap();
            let row = world.read(|c| events::by_id(c, made.id)).unwrap();
            assert_eq!(
                (row.starts_at.utc(), row.ends_at.utc()),
                (instant(starts_at), instant(ends_at)),
                "{date} {start}"
            );
            assert_eq!(row.civil_start, format!("{date}T{start}"));
        }
    });
}

#[test]
fn every_problem_of_the_form_is_named() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let base = || event_form(owner);
        for (typed, field) in [
            (EventForm { date: "2027-03-28".into(), start: "01:30".into(), end: "04:00".into(), ..base() }, "start"),
            (EventForm { end: "18:30".into(), ..base() }, "end"),
            (EventForm { date: "1999-12-31".into(), ..base() }, "start"),
            (EventForm { date: "2026-02-30".into(), ..base() }, "date"),
            (EventForm { zone: "Mars/Olympus".into(), ..base() }, "zone"),
            (EventForm { capacity: "0".into(), ..base() }, "capacity"),
            (EventForm { capacity: "-3".into(), ..base() }, "capacity"),
            (EventForm { link: "javascript:alert(1)".into(), ..base() }, "link"),
            (EventForm { area: " ".into(), ..base() }, "area"),
            (EventForm { visibility: "secret".into(), ..base() }, "visibility"),
            (EventForm { title: "x".into(), ..base() }, "title"),
            (EventForm { persona: "rowan".into(), ..base() }, "persona"),
        ] {
            assert_eq!(refused_fields(event::announce(&world.app, keeper, group, &typed)), [field]);
        }
        let empty = EventForm { zone: "Europe/London".into(), ..EventForm::default() };
        let mut fields = refused_fields(event::announce(&world.app, keeper, group, &empty));
        fields.sort_unstable();
        assert_eq!(fields, ["date", "end", "persona", "place_kind", "start", "title"]);
        assert_eq!(world.waiting(), 0);
    });
}

#[test]
fn hosts_hold_meetups() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let made = event::announce(&world.app, keeper, group, &event_form(owner)).unwrap();
        for (name, role) in [
            ("stranger", None),
            ("member", Some(Role::Member)),
            ("hostess", Some(Role::Host)),
            ("facilitator", Some(Role::Facilitator)),
        ] {
            let (account, persona) = match role {
                Some(role) => world.member(group, name, role),
                None => world.account(name),
            };
            let app = &world.app;
            let answers = [
                event::announce(app, account, group, &event_form(persona)).map(drop),
                event::edit(app, account, made.id, &event_form(persona)).map(drop),
                event::cancel(app, account, made.id).map(drop),
            ];
            for answer in answers {
                match answer {
                    Ok(()) => assert!(role >= Some(Role::Host), "{name}"),
                    Err(ActionError::Denied(Denied::HostsOnly)) => assert!(role < Some(Role::Host), "{name}"),
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(world.read(|c| events::by_id(c, made.id)).unwrap().status, Status::Cancelled);
    });
}

#[test]
fn the_same_form_sent_twice_announces_once() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let typed = EventForm { draft: EventId::random(&*world.app.entropy).to_string(), ..event_form(owner) };
        let first = event::announce(&world.app, keeper, group.id, &typed).unwrap();
        let second = event::announce(&world.app, keeper, group.id, &typed).unwrap();
        assert!(first.id == second.id);
        assert_eq!(world.sent().len(), 1);
    });
}

#[test]
fn address_and_room_never_leave_with_the_meetup() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let app = &world.app;
        let made = event::announce(app, keeper, group.id, &event_form(owner)).unwrap();
        event::edit(app, keeper, made.id, &EventForm { title: "Wednesday tea".into(), ..event_form(owner) }).unwrap();
        post::reply(app, keeper, Answering::Event(made.id), &post_form(owner, "", "See you there.")).unwrap();
        event::cancel(app, keeper, made.id).unwrap();
        event::delete(app, keeper, made.id).unwrap();
        let sent = world.sent();
        let kinds: Vec<&str> = sent.iter().filter_map(|sent| sent.body["type"].as_str()).collect();
        assert_eq!(kinds, ["Create", "Update", "Announce", "Update", "Delete"]);
        for sent in sent {
            let body = sent.body.to_string();
            assert!(!body.contains("Mill Lane") && !body.contains("secret-room"), "{body}");
            assert_eq!(sent.signer, "https://oak.test/g/tea");
        }
        let row = world.read(|c| events::by_id(c, made.id)).unwrap();
        assert_eq!(
            [row.title, row.source, row.content_html, row.area, row.address, row.link, row.access],
            [const { String::new() }; 7]
        );
        assert!(matches!(event::edit(app, keeper, made.id, &event_form(owner)), Err(ActionError::Gone)));
    });
}

#[test]
fn meetups_for_members_are_sent_to_nobody_and_shown_to_no_stranger() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let typed = EventForm { visibility: "members".into(), ..event_form(owner) };
        let made = event::announce(&world.app, keeper, group.id, &typed).unwrap();
        let public = EventForm { visibility: "public".into(), ..event_form(owner) };
        event::edit(&world.app, keeper, made.id, &public).unwrap();
        post::reply(&world.app, keeper, Answering::Event(made.id), &post_form(owner, "", "Hello.")).unwrap();
        event::cancel(&world.app, keeper, made.id).unwrap();
        event::delete(&world.app, keeper, made.id).unwrap();
        assert_eq!(world.waiting(), 0);
        let (stranger, persona) = world.account("wren");
        assert!(matches!(event::cancel(&world.app, stranger, made.id), Err(ActionError::NotFound)));
        let said = post::reply(&world.app, stranger, Answering::Event(made.id), &post_form(persona, "", "Hi."));
        assert!(matches!(said, Err(ActionError::NotFound)));
    });
}
