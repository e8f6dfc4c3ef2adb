//! A full disk: every action that adds much refuses, before it reads or writes anything, and every other one is done in
//! the room that was set aside.

use hearth_actions::{
    ActionError, Result, account, event, follow, group, persona,
    post::{self, Answering},
    received::{self, Outcome},
    rsvp, session,
};
use hearth_activitypub::{ReadOptions, inbound};
use hearth_db::{Kind, dialect};
use serde_json::json;
use tests::{
    database::TestDatabase,
    world::{World, event_form, group_form, post_form, rsvp_form, sign_up_form},
};

#[test]
fn what_adds_much_is_refused_and_everything_else_is_done() {
    // Only SQLite lies on the disk of this server.
    let database = &TestDatabase::new(Kind::Sqlite);
    let (world, keeper) = World::ready(database);
    let app = &world.app;
    let owner = world.personas(keeper)[0].id;
    let tea = world.group(keeper, owner, "tea");
    let old = post::publish(app, keeper, tea.id, &post_form(owner, "Tea", "On Tuesday")).unwrap();
    let meetup = event::announce(app, keeper, tea.id, &event_form(owner)).unwrap();
    let (wren, wren_name) = world.account("wren");
    let sam = world.remote_actor("Person", "https://elm.test/u/sam");
    let asked = json!({"id": "https://elm.test/a/1", "type": "Follow", "actor": sam.ap_id.as_str(), "object": tea.ap_id.as_str()});
    let asked = inbound::read_activity(asked.to_string().as_bytes(), ReadOptions::default()).unwrap();
    let form = post_form(owner, "", "Some words");

    let adding: [(&str, &dyn Fn() -> Result<()>); 9] = [
        ("a post", &|| post::publish(app, keeper, tea.id, &post_form(owner, "Title", "Words")).map(drop)),
        ("a reply to a post", &|| post::reply(app, keeper, Answering::Post(old.id), &form).map(drop)),
        ("a reply to a meetup", &|| post::reply(app, keeper, Answering::Event(meetup.id), &form).map(drop)),
        ("a meetup", &|| event::announce(app, keeper, tea.id, &event_form(owner)).map(drop)),
        ("a group", &|| group::create(app, keeper, &group_form("walks", owner, "open_community")).map(drop)),
        ("another name", &|| persona::create(app, keeper, "plover", "Plover").map(drop)),
        ("an account", &|| account::create(app, &sign_up_form("knot"), false).map(drop)),
        ("what another server sent", &|| {
            received::receive(app, &sam, &asked, &received::Evidence::default()).map(drop)
        }),
        ("what is to wait", &|| received::keep_for_later(app, &sam, &asked).map(drop)),
    ];
    let content = || world.read(|c| dialect::content(c, &[]));
    let before = content();
    app.db.room().ran_out();
    for (what, act) in adding {
        assert!(matches!(act(), Err(ActionError::ShortOfRoom)), "{what}");
    }
    assert!(before == content(), "nothing was written");

    let walks = world.remote_actor("Group", "https://elm.test/g/walks");
    let lines: [(&str, &dyn Fn() -> Result<()>); 9] = [
        ("signing in", &|| session::open(app, wren, "a browser").map(drop)),
        ("joining", &|| hearth_actions::membership::join(app, wren, tea.id, wren_name).map(drop)),
        ("an answer", &|| rsvp::answer(app, wren, meetup.id, &rsvp_form(wren_name, "coming")).map(drop)),
        ("following", &|| follow::follow(app, wren, walks.id, wren_name).map(drop)),
        ("putting a post right", &|| post::edit(app, keeper, old.id, &post_form(owner, "Tea", "At six")).map(drop)),
        ("putting a meetup right", &|| event::edit(app, keeper, meetup.id, &event_form(owner)).map(drop)),
        ("calling a meetup off", &|| event::cancel(app, keeper, meetup.id).map(drop)),
        ("removing a post", &|| post::delete(app, keeper, old.id).map(drop)),
        ("leaving", &|| hearth_actions::membership::leave(app, wren, tea.id).map(drop)),
    ];
    for (what, act) in lines {
        act().unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    app.db.room().is_back();
    for (what, act) in adding.into_iter().filter(|(what, _)| !what.starts_with("a reply")) {
        act().unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert_eq!(
        received::receive(app, &sam, &asked, &received::Evidence::default()).unwrap(),
        Outcome::SeenBefore,
        "it took effect when it was sent again"
    );
}
