//! A full disk: what adds much is refused with what was typed, and everything that makes less of it still works.

use super::world::{Browser, PASSWORD, World};
use hearth_actions::health::Machine;
use std::sync::Arc;

const KEPT: &str = "Kept words";

#[actix_web::test]
async fn without_room_nothing_new_is_taken_and_nothing_typed_is_lost() {
    let world = World::new();
    let place = world.settled();
    let (heron_name, wren_name) = (world.persona(place.keeper), world.persona(place.wren));
    let app = world.serve().await;
    let (heron, wren, stranger) = (0, 1, 2);
    let mut browsers =
        [Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await, Browser::new(&app)];
    let room = world.state.app.db.room();
    room.ran_out();
    let post = [("title", KEPT), ("body", "Some words"), ("see", "public"), ("as", &heron_name)];
    let reply = [("body", KEPT), ("as", heron_name.as_str())];
    let meetup = [
        ("title", "An evening"),
        ("words", KEPT),
        ("date", "2026-03-20"),
        ("starts", "18:30"),
        ("ends", "20:00"),
        ("zone", "Europe/London"),
        ("setting", "in-person"),
        ("area", "Near"),
        ("see", "public"),
        ("as", &heron_name),
    ];
    let group = [("name", KEPT), ("address", "walks"), ("words", "x"), ("kind", "open_community"), ("as", &heron_name)];
    let join =
        [("name", KEPT), ("sign_in_name", "jay.private"), ("password", PASSWORD), ("agree", "yes"), ("hello", "x")];
    let (open, event) = (format!("/p/{}", place.open_post), format!("/e/{}", place.open_event));
    for (who, page, to, fields) in [
        (heron, "/g/tea/new", "/g/tea/new", post.as_slice()),
        (heron, open.as_str(), &format!("{open}/reply"), reply.as_slice()),
        (heron, event.as_str(), &format!("{event}/reply"), reply.as_slice()),
        (heron, "/g/tea/meetups/new", "/g/tea/meetups/new", meetup.as_slice()),
        (heron, "/groups/new", "/groups/new", group.as_slice()),
        (wren, "/settings/names", "/settings/names", &[("name", KEPT)]),
        (stranger, "/join", "/join", join.as_slice()),
    ] {
        let browser = &mut browsers[who];
        let shown = browser.get(page).await;
        assert_eq!(shown.status, 200, "{page}: reading goes on");
        let token = shown.token();
        let fields = [fields, &[("token", token.as_str())]].concat();
        let got = browser.post(to, &fields).await;
        assert_eq!(got.status, 507, "{to}: {} {}", got.location, got.html);
        assert!(got.html.contains("this place’s disk is full"), "{to}: {}", got.html);
        assert!(got.html.contains(KEPT), "{to}: typed words are kept");
        assert!(!got.html.contains(PASSWORD), "{to}");
    }
    let [mut heron, mut wren, _] = browsers;
    // What makes less of it, and what people need to come and go.
    let token = wren.get(&event).await.token();
    let answer = [("token", token.as_str()), ("answer", "yes"), ("as", &wren_name), ("note", "")];
    let answered = wren.post(&format!("{event}/rsvp"), &answer).await;
    assert_eq!(answered.status, 303, "an answer is a line: {}", answered.html);
    let token = heron.get(&open).await.token();
    let deleted = heron.post(&format!("{open}/delete"), &[("token", token.as_str()), ("sure", "yes")]).await;
    assert_eq!(deleted.status, 303, "{}", deleted.html);
    let token = wren.get("/settings").await.token();
    assert_eq!(wren.post("/sign-out", &[("token", token.as_str())]).await.status, 303);
    assert_eq!(Browser::new(&app).sign_in("wren", PASSWORD).await.status, 303);

    room.is_back();
    let token = heron.get("/g/tea/new").await.token();
    let posted = heron.post("/g/tea/new", &[post.as_slice(), &[("token", token.as_str())]].concat()).await;
    assert_eq!(posted.status, 303, "{}", posted.html);
}

#[actix_web::test]
async fn the_keeper_is_told_what_still_works_and_what_to_do() {
    let mut world = World::new();
    world.settled();
    world.state.machine = Arc::new(|| Machine { short_of_room: true, ..Machine::default() });
    let app = world.serve().await;
    let page = Browser::signed_in(&app, "heron").await.get("/admin").await.html;
    for words in ["The disk is full. Nothing new is taken;", "Hearth then goes on by itself within a minute."] {
        assert!(page.contains(words), "{words}");
    }
}
