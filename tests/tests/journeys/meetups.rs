//! Meetups announced across servers, and answers to them.

use crate::{Databases, journeys};
use hearth_actions::{
    ActionError, event,
    rsvp::{self, RsvpForm},
};
use hearth_db::tables::{activities, rsvps};
use hearth_domain::{Denied, event::Status, id::ActorId, rsvp::Answer};
use tests::{
    network::{ACTIVITY_JSON, TestNetwork},
    world::{event_form, rsvp_form, sign_up_form},
};

journeys! {
    a_meetup_arrives_at_its_local_time,
    an_answer_is_counted_and_named_to_hosts_only,
    a_full_meetup_says_no,
    a_change_and_a_cancellation_arrive,
}

async fn two(databases: Databases) -> (TestNetwork, ActorId) {
    let network = databases.start(&["oak", "elm"]).await;
    let tea = network.server("oak").group("tea").id;
    network.server("elm").follow("@tea@oak.test").await;
    network.settle().await;
    (network, tea)
}

async fn a_meetup_arrives_at_its_local_time(databases: Databases) {
    let (network, tea) = two(databases).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let mut typed = event_form(oak.persona);
    // New York is four hours behind UTC in summer and five in winter.
    typed.date = "2026-12-01".into();
    typed.zone = "America/New_York".into();
    let made = oak.act(|app| event::announce(app, oak.keeper, tea, &typed));
    network.settle().await;

    let arrived = elm.event(made.ap_id.as_str()).expect("it arrived");
    assert_eq!((arrived.civil_start.as_str(), arrived.zone.as_str()), ("2026-12-01T18:30", "America/New_York"));
    assert_eq!(arrived.starts_at.utc().to_rfc3339(), "2026-12-01T23:30:00+00:00");
    assert_eq!(arrived.ends_at, made.ends_at);
    assert_eq!(arrived.area, "Northside, near the library");
    assert_eq!((arrived.address.as_str(), arrived.link.as_str()), ("", ""), "sealed until somebody comes");
    let document = oak.document(made.ap_id.as_str()).await;
    assert_eq!(document.json()["startTime"], "2026-12-01T18:30:00-05:00");
    for secret in ["14 Mill Lane", "secret-room"] {
        assert!(!document.body.contains(secret), "{secret}");
        assert!(!oak.page(&format!("/e/{}", made.id)).await.body.contains(secret), "{secret}");
    }
    let page = elm.page(&format!("/e/{}", arrived.id)).await;
    assert!(page.status == 200 && page.body.contains("Tuesday tea"), "{}", page.body);
    network.finish().await;
}

async fn an_answer_is_counted_and_named_to_hosts_only(databases: Databases) {
    let (network, tea) = two(databases).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let made = oak.act(|app| event::announce(app, oak.keeper, tea, &event_form(oak.persona)));
    network.settle().await;
    let arrived = elm.event(made.ap_id.as_str()).expect("it arrived");

    let typed = RsvpForm { note: "I may be late.".into(), ..rsvp_form(elm.persona, "coming") };
    assert_eq!(elm.act(|app| rsvp::answer(app, elm.keeper, arrived.id, &typed)), Answer::Asked);
    network.settle().await;

    let own = elm.read(|c| rsvps::of_account(c, arrived.id, elm.keeper)).expect("the answer");
    assert_eq!(own.answer, Answer::Coming);
    assert!(own.instructions.contains("14 Mill Lane") && own.instructions.contains("secret-room"));
    assert_eq!(oak.read(|c| rsvps::count_coming(c, made.id)), 1);
    let people = oak.act(|app| rsvp::people(app, oak.keeper, made.id));
    let names: Vec<_> = people.iter().map(|(row, actor)| (actor.ap_id.as_str(), row.note.as_str())).collect();
    assert_eq!(names, [("https://elm.test/u/rowan", "I may be late.")]);

    let member = oak.act(|app| hearth_actions::account::sign_up(app, &sign_up_form("finch")));
    let member = tests::world::active(member);
    let finch = oak.act(|app| hearth_actions::persona::all(app, member))[0].id;
    oak.act(|app| hearth_actions::membership::join(app, member, tea, finch));
    let refused = rsvp::people(oak.app(), member, made.id);
    assert!(matches!(refused, Err(ActionError::Denied(Denied::HostsOnly))));
    for path in [format!("/e/{}", made.id), format!("/e/{}/attendees", made.id)] {
        for accept in [ACTIVITY_JSON, "text/html"] {
            let answer = oak.get(&path, accept).await;
            assert!(!answer.body.contains("elm.test"), "{path} names who is coming");
        }
    }
    // The Accept that told the address is not kept once it was delivered (profile 5.4).
    let kept = oak.read(|c| {
        let rows = hearth_db::tables::deliveries::of_host(c, "elm.test")?;
        rows.iter().map(|row| activities::by_id(c, row.activity_id)).collect::<hearth_db::Result<Vec<_>>>()
    });
    assert!(kept.into_iter().flatten().all(|activity| !activity.body.contains("Mill Lane")));

    elm.act(|app| rsvp::answer(app, elm.keeper, arrived.id, &rsvp_form(elm.persona, "not_coming")));
    network.settle().await;
    assert_eq!(oak.read(|c| rsvps::count_coming(c, made.id)), 0);
    let own = elm.read(|c| rsvps::of_account(c, arrived.id, elm.keeper)).expect("the answer");
    assert_eq!((own.answer, own.instructions.as_str()), (Answer::NotComing, ""));
    network.finish().await;
}

async fn a_full_meetup_says_no(databases: Databases) {
    let (network, tea) = two(databases).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let mut typed = event_form(oak.persona);
    typed.capacity = "1".into();
    let made = oak.act(|app| event::announce(app, oak.keeper, tea, &typed));
    network.settle().await;
    oak.act(|app| rsvp::answer(app, oak.keeper, made.id, &rsvp_form(oak.persona, "coming")));
    let arrived = elm.event(made.ap_id.as_str()).expect("it arrived");
    elm.act(|app| rsvp::answer(app, elm.keeper, arrived.id, &rsvp_form(elm.persona, "coming")));
    network.settle().await;

    let own = elm.read(|c| rsvps::of_account(c, arrived.id, elm.keeper)).expect("the answer");
    assert_eq!((own.answer, own.instructions.as_str()), (Answer::Refused, ""));
    assert_eq!(oak.read(|c| rsvps::count_coming(c, made.id)), 1);
    network.finish().await;
}

async fn a_change_and_a_cancellation_arrive(databases: Databases) {
    let (network, tea) = two(databases).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let made = oak.act(|app| event::announce(app, oak.keeper, tea, &event_form(oak.persona)));
    network.settle().await;

    network.clock.advance(chrono::Duration::minutes(5));
    let mut typed = event_form(oak.persona);
    typed.start = "19:00".into();
    oak.act(|app| event::edit(app, oak.keeper, made.id, &typed));
    network.settle().await;
    assert_eq!(elm.event(made.ap_id.as_str()).expect("it is here").civil_start, "2026-12-01T19:00");

    network.clock.advance(chrono::Duration::minutes(5));
    oak.act(|app| event::cancel(app, oak.keeper, made.id));
    network.settle().await;
    let cancelled = elm.event(made.ap_id.as_str()).expect("it is here");
    assert_eq!(cancelled.status, Status::Cancelled);
    let late = rsvp::answer(elm.app(), elm.keeper, cancelled.id, &rsvp_form(elm.persona, "coming"));
    assert!(matches!(late, Err(ActionError::Denied(Denied::MeetupClosed))));

    oak.act(|app| event::delete(app, oak.keeper, made.id));
    network.settle().await;
    let buried = elm.event(made.ap_id.as_str()).expect("the tombstone stays");
    assert!(buried.deleted_at.is_some() && buried.title.is_empty());
    assert_eq!(oak.document(made.ap_id.as_str()).await.status, 410);
    network.finish().await;
}
