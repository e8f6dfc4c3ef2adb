//! Following a group on another server, and stopping.

use crate::{Databases, journeys};
use hearth_actions::{follow, post};
use hearth_db::tables::{deliveries, follows, follows::FollowState};
use tests::{network::TestServer, world::post_form};

journeys! { follow_is_accepted, by_link_as_by_handle, unfollow_stops_everything, an_absent_server_catches_up }

fn state(server: &TestServer, group: hearth_domain::id::ActorId) -> Option<FollowState> {
    server.read(|c| follows::between(c, server.persona, group)).map(|row| row.state)
}

async fn follow_is_accepted(databases: Databases) {
    let network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let tea = oak.group("tea");
    let persona_at_elm = elm.actor(elm.persona).ap_id.to_string();
    assert_eq!(elm.document(&persona_at_elm).await.status, 404, "no deed beyond elm, no address on the network");

    let found = elm.follow("@tea@oak.test").await;
    assert_eq!(state(elm, found), Some(FollowState::Asked));
    network.settle().await;

    assert_eq!(state(elm, found), Some(FollowState::Accepted));
    assert_eq!(oak.read(|c| follows::count_followers(c, tea.id)), 1);
    assert_eq!(elm.document(&persona_at_elm).await.status, 200);
    let known = elm.actor(found);
    assert_eq!((known.display_name.as_str(), known.host.as_str(), known.local), ("Tea and Talk", "oak.test", false));
    network.finish().await;
}

async fn by_link_as_by_handle(databases: Databases) {
    let network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    oak.group("tea");
    let by_handle = elm.find("tea@oak.test").await;
    assert_eq!(elm.find("!tea@oak.test").await, by_handle);
    assert_eq!(elm.find("https://oak.test/g/tea").await, by_handle);
    network.finish().await;
}

async fn unfollow_stops_everything(databases: Databases) {
    let network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let tea = oak.group("tea");
    let found = elm.follow("@tea@oak.test").await;
    network.settle().await;
    let first = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "First", "Hello.")));
    network.settle().await;
    assert!(elm.post(first.ap_id.as_str()).is_some());

    elm.act(|app| follow::unfollow(app, elm.keeper, found));
    network.settle().await;
    assert_eq!(oak.read(|c| follows::count_followers(c, tea.id)), 0, "leaving leaves no trace");
    let before = oak.read(|c| deliveries::of_host(c, "elm.test")).len();
    let second = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "Second", "Hello.")));
    network.settle().await;
    assert!(elm.post(second.ap_id.as_str()).is_none());
    assert_eq!(oak.read(|c| deliveries::of_host(c, "elm.test")).len(), before, "nothing was even asked for");
    network.finish().await;
}

async fn an_absent_server_catches_up(databases: Databases) {
    let mut network = databases.start(&["oak", "elm"]).await;
    let tea = network.server("oak").group("tea");
    network.server("elm").follow("@tea@oak.test").await;
    network.settle().await;

    network.server_mut("elm").stop().await;
    let oak = network.server("oak");
    let created = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "While away", "One.")));
    network.settle().await;
    let mut edited = post_form(oak.persona, "While away", "Two.");
    edited.visibility = "public".into();
    network.server("oak").act(|app| post::edit(app, network.server("oak").keeper, created.id, &edited));
    network.pass(chrono::Duration::hours(30)).await;
    assert!(network.server("oak").read(deliveries::count_waiting) > 0, "nothing is given up");

    network.server_mut("oak").stop().await;
    network.server_mut("oak").start_again();
    network.server_mut("elm").start_again();
    network.pass(chrono::Duration::hours(13)).await;
    let arrived = network.server("elm").post(created.ap_id.as_str()).expect("it arrived");
    assert!(arrived.content_html.contains("Two."), "Create before Update: {}", arrived.content_html);
    assert_eq!(network.server("oak").read(deliveries::count_waiting), 0);
    network.finish().await;
}
