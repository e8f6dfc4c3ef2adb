//! Two charities whose calendars show each other's meetups, and the way into a room for somebody of another server.

use crate::{Databases, journeys};
use chrono::Duration;
use hearth_actions::{
    cleanup,
    event::{self, EventForm},
    network::Network,
    rsvp, server_follow,
};
use hearth_db::tables::{activities, deliveries, follows::FollowState, rsvps};
use hearth_domain::{event::Status, rsvp::Answer, server::TakesMeetups};
use tests::{
    network::TestServer,
    world::{event_form, rsvp_form},
};

journeys! { long:
    calendars_of_two_charities,
    the_way_into_the_room,
}

/// `by` follows the server `host`, and is let.
async fn follow_server(by: &TestServer, host: &str, meetups: TakesMeetups) {
    let found = by.federation().find_server(host).await.expect("the server speaks for itself");
    by.act(|app| server_follow::follow(app, by.keeper, found, meetups));
}

async fn calendars_of_two_charities(databases: Databases) {
    let network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let tea = oak.group("tea").id;
    follow_server(elm, "oak.test", TakesMeetups::Review).await;
    network.settle().await;

    // Oak's keeper is asked, and agrees.
    let asking = oak.act(|app| server_follow::servers(app, oak.keeper)).followers;
    assert_eq!((asking.len(), asking[0].1), (1, FollowState::Asked));
    oak.act(|app| server_follow::answer_follower(app, oak.keeper, asking[0].0.id, true));
    network.settle().await;
    assert_eq!(elm.act(|app| server_follow::servers(app, elm.keeper)).followed[0].2, FollowState::Accepted);

    // A meetup of oak waits for elm's keeper, and nobody at elm sees it before. Posts never come.
    let made = oak.act(|app| event::announce(app, oak.keeper, tea, &event_form(oak.persona)));
    let post = tests::world::post_form(oak.persona, "News", "Of the group.");
    let post = oak.act(|app| hearth_actions::post::publish(app, oak.keeper, tea, &post));
    network.settle().await;
    let id = made.ap_id.as_str();
    assert!(elm.event(id).is_none() && elm.post(post.ap_id.as_str()).is_none());
    let waiting = elm.act(|app| server_follow::servers(app, elm.keeper)).waiting;
    assert_eq!((waiting.len(), waiting[0].title.as_str()), (1, "Tuesday tea"));
    assert!(!elm.page("/meetups").await.body.contains("Tuesday tea"));
    elm.act(|app| server_follow::review(app, elm.keeper, id, true));
    network.settle().await;
    let arrived = elm.event(id).expect("it was fetched once more");
    assert!(elm.page("/meetups").await.body.contains("Tuesday tea"));
    assert!(elm.page(&format!("/e/{}", arrived.id)).await.body.contains("Northside"));

    // Oak's outbox names it under the id that was announced, for servers that come later.
    let outbox = oak.get("/outbox", tests::network::ACTIVITY_JSON).await.json();
    assert_eq!(outbox["orderedItems"][0]["object"], id);
    assert!(outbox["orderedItems"][0]["id"].as_str().is_some_and(|id| id.starts_with("https://oak.test/a/")));

    // Somebody at elm comes; a change and the cancellation arrive.
    elm.act(|app| rsvp::answer(app, elm.keeper, arrived.id, &rsvp_form(elm.persona, "coming")));
    network.settle().await;
    let own = elm.read(|c| rsvps::of_account(c, arrived.id, elm.keeper)).expect("an answer");
    assert_eq!(own.answer, Answer::Coming);
    network.clock.advance(Duration::minutes(5));
    let later = EventForm { start: "19:00".into(), ..event_form(oak.persona) };
    oak.act(|app| event::edit(app, oak.keeper, made.id, &later));
    network.settle().await;
    assert_eq!(elm.event(id).expect("it is here").civil_start, "2026-12-01T19:00");
    network.clock.advance(Duration::minutes(5));
    oak.act(|app| event::cancel(app, oak.keeper, made.id));
    network.settle().await;
    assert_eq!(elm.event(id).expect("it is here").status, Status::Cancelled);

    // Seven days after its end nothing of it is left at elm.
    network.clock.advance(Duration::days(15));
    network.settle().await;
    elm.act(cleanup::forget);
    assert!(elm.event(id).is_none());
    network.finish().await;
}

async fn the_way_into_the_room(databases: Databases) {
    let network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let tea = oak.group("tea").id;
    elm.follow("@tea@oak.test").await;
    network.settle().await;
    let typed = EventForm { join_mode: "restricted".into(), link_minutes: "30".into(), ..event_form(oak.persona) };
    let made = oak.act(|app| event::announce(app, oak.keeper, tea, &typed));
    network.settle().await;
    let arrived = elm.event(made.ap_id.as_str()).expect("it arrived");
    elm.act(|app| rsvp::answer(app, elm.keeper, arrived.id, &rsvp_form(elm.persona, "coming")));
    network.settle().await;
    let own = || elm.read(|c| rsvps::of_account(c, arrived.id, elm.keeper)).expect("an answer");
    assert_eq!((own().answer, own().instructions.as_str()), (Answer::Asked, ""));

    // A host says yes: the address is told, the room not yet.
    let asked = oak.act(|app| rsvp::people(app, oak.keeper, made.id));
    assert_eq!((asked.len(), asked[0].0.answer), (1, Answer::Asked));
    oak.act(|app| rsvp::decide(app, oak.keeper, made.id, asked[0].0.id, true));
    network.settle().await;
    assert_eq!((own().answer, own().instructions.as_str()), (Answer::Coming, "14 Mill Lane"));

    // Half an hour before it begins, the room follows.
    let wait = made.starts_at.utc() - Duration::minutes(29) - hearth_domain::clock::Clock::now(&*network.clock);
    network.clock.advance(wait);
    network.settle().await;
    oak.act(rsvp::tell_where_it_is);
    network.settle().await;
    assert_eq!(own().instructions, "14 Mill Lane\nhttps://rooms.example/secret-room");
    oak.act(rsvp::tell_where_it_is);
    assert_eq!(oak.read(deliveries::count_waiting), 0, "told once");
    let kept = oak.read(|c| {
        let rows = deliveries::of_host(c, "elm.test")?;
        rows.iter().map(|row| activities::by_id(c, row.activity_id)).collect::<hearth_db::Result<Vec<_>>>()
    });
    for secret in ["Mill Lane", "secret-room"] {
        assert!(kept.iter().flatten().all(|activity| !activity.body.contains(secret)), "{secret} is kept");
    }

    // The post that stands for the meetup, and who speaks in it.
    let companion = made.companion_ap_id.expect("servers that read no events get a post");
    let document = oak.document(&companion).await.json();
    assert_eq!(
        (document["type"].as_str(), document["companionOf"].as_str()),
        (Some("Page"), Some(made.ap_id.as_str()))
    );
    assert_eq!(document["attributedTo"], "https://oak.test/u/tea_notices");
    let notices = oak.document("https://oak.test/u/tea_notices").await.json();
    assert_eq!(
        (notices["type"].as_str(), notices["preferredUsername"].as_str()),
        (Some("Service"), Some("tea_notices"))
    );
    let finger = oak.get("/.well-known/webfinger?resource=acct:tea_notices@oak.test", "*/*").await;
    assert_eq!((finger.status, finger.json()["subject"].as_str()), (200, Some("acct:tea_notices@oak.test")));
    let path = companion.trim_start_matches("https://oak.test");
    assert_eq!(oak.page(path).await.status, 303, "here the meetup has a page of its own");
    for part in ["context", "replies"] {
        assert_eq!(oak.document(&format!("{companion}/{part}")).await.status, 200, "{part}");
    }
    network.finish().await;
}
