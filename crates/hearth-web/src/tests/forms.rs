//! Every form with something wrong: it says so, keeps what was typed, and writes nothing.

use super::world::{Browser, PASSWORD, Place, World};
use actix_web::http::Method;

/// Words that must still be there afterwards.
const KEPT: &str = "Kept words";

/// A form that is filled rightly.
struct Case {
    who: &'static str,
    page: String,
    to: String,
    fields: Vec<(&'static str, String)>,
    /// The field that holds [`KEPT`].
    kept: &'static str,
    /// A field that is needed and is not the kept one.
    needed: &'static str,
    /// A field with the most it can hold.
    long: (&'static str, usize),
}

fn cases(world: &World, place: &Place) -> Vec<Case> {
    let heron = world.persona(place.keeper);
    let wren = world.persona(place.wren);
    let text = str::to_owned;
    let post = || vec![("title", text(KEPT)), ("body", text("Some words")), ("note", text("")), ("as", heron.clone())];
    let reply = |who: &str| vec![("body", text("Some words")), ("note", text(KEPT)), ("as", who.to_owned())];
    let meetup = || {
        vec![
            ("title", text("An evening")),
            ("words", text(KEPT)),
            ("date", text("2026-03-20")),
            ("starts", text("18:30")),
            ("ends", text("20:00")),
            ("zone", text("Europe/London")),
            ("setting", text("in-person")),
            ("area", text("Near")),
            ("see", text("public")),
            ("as", heron.clone()),
        ]
    };
    let group = || {
        vec![
            ("name", text(KEPT)),
            ("address", text("walks")),
            ("words", text("x")),
            ("kind", text("open_community")),
            ("as", heron.clone()),
        ]
    };
    let case = |who, page: &str, to: &str, fields, kept, needed, long| Case {
        who,
        page: page.to_owned(),
        to: to.to_owned(),
        fields,
        kept,
        needed,
        long,
    };
    let (open, event, said) = (place.open_post, place.open_event, place.reply);
    let join = vec![
        ("name", text(KEPT)),
        ("sign_in_name", text("new.private")),
        ("password", text(PASSWORD)),
        ("agree", text("yes")),
        ("hello", text("")),
    ];
    vec![
        case("heron", "/g/tea/new", "/g/tea/new", post(), "title", "body", ("body", 20_000)),
        case("heron", &format!("/p/{open}/edit"), &format!("/p/{open}/edit"), post(), "title", "body", ("note", 300)),
        case(
            "wren",
            &format!("/p/{open}"),
            &format!("/p/{open}/reply"),
            reply(&wren),
            "note",
            "body",
            ("body", 20_000),
        ),
        case(
            "heron",
            &format!("/n/{said}"),
            &format!("/n/{said}/reply"),
            reply(&heron),
            "note",
            "body",
            ("body", 20_000),
        ),
        case(
            "wren",
            &format!("/e/{event}/reply"),
            &format!("/e/{event}/reply"),
            reply(&wren),
            "note",
            "body",
            ("body", 20_000),
        ),
        case(
            "heron",
            &format!("/n/{said}/edit"),
            &format!("/n/{said}/edit"),
            reply(&heron),
            "note",
            "body",
            ("body", 20_000),
        ),
        case("heron", "/g/tea/meetups/new", "/g/tea/meetups/new", meetup(), "words", "title", ("area", 120)),
        case(
            "heron",
            &format!("/e/{event}/edit"),
            &format!("/e/{event}/edit"),
            meetup(),
            "words",
            "date",
            ("access", 1_000),
        ),
        case("heron", "/groups/new", "/groups/new", group(), "name", "address", ("words", 2_000)),
        case("heron", "/g/tea/edit", "/g/tea/edit", group(), "rhythm", "name", ("guidelines", 5_000)),
        case(
            "wren",
            &format!("/e/{event}"),
            &format!("/e/{event}/rsvp"),
            vec![("note", text(KEPT)), ("answer", text("yes")), ("as", wren.clone())],
            "note",
            "as",
            ("note", 300),
        ),
        case("wren", "/settings/names", "/settings/names", vec![("name", text(KEPT))], "name", "", ("name", 80)),
        case("", "/join", "/join", join, "name", "agree", ("hello", 1_000)),
        case(
            "",
            "/sign-in",
            "/sign-in",
            vec![("sign_in_name", text(KEPT)), ("password", text(PASSWORD))],
            "sign_in_name",
            "password",
            ("password", 600),
        ),
    ]
}

async fn browser(app: &super::world::Served, who: &str) -> Browser {
    let mut browser = if who.is_empty() { Browser::new(app) } else { Browser::signed_in(app, who).await };
    browser.peer = "198.51.100.20:1";
    browser
}

fn encoded(fields: &[(&str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn with(case: &Case, name: &str, value: String) -> Vec<(&'static str, String)> {
    let mut fields = case.fields.clone();
    fields.retain(|(field, _)| *field != name);
    if let Some(name) = [case.kept, case.needed, case.long.0, "token"].into_iter().find(|known| *known == name) {
        fields.push((name, value));
    }
    if !fields.iter().any(|(field, _)| *field == case.kept) {
        fields.push((case.kept, KEPT.to_owned()));
    }
    fields
}

#[actix_web::test]
async fn every_form_keeps_what_was_typed_and_writes_nothing() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    for case in cases(&world, &place) {
        // So that signing in for each form is not too often.
        world.clock.advance(chrono::Duration::minutes(6));
        let mut browser = browser(&app, case.who).await;
        let shown = browser.get(&case.page).await;
        let page = if shown.status == 303 { browser.get(&shown.location).await } else { shown };
        let token = page.token();
        assert!(!token.is_empty(), "{}", case.page);
        let before = world.written();
        let long = "x".repeat(case.long.1 + 1);
        let long = if case.long.0 == case.kept { format!("{KEPT}{long}") } else { long };
        let mut wrongs = vec![
            ("token", with(&case, "token", "nonsense".to_owned()), "Please press the button once more."),
            ("long", with(&case, case.long.0, long), "class=\"errsum\""),
        ];
        if !case.needed.is_empty() {
            wrongs.push(("missing", with(&case, case.needed, String::new()), "class=\"errsum\""));
        }
        for (what, mut fields, says) in wrongs {
            if what != "token" {
                fields.push(("token", token.clone()));
            }
            let got = browser.ask(Method::POST, &case.to, Some(encoded(&fields).into_bytes())).await;
            assert_eq!(got.status, 422, "{what} {}: {}", case.to, got.location);
            assert!(got.html.contains(says), "{what} {}: {}", case.to, got.html);
            assert!(got.html.contains(KEPT), "{what} {}: typed words are kept", case.to);
            assert!(got.html.contains("<title>Error: ") || case.to == "/sign-in", "{what} {}", case.to);
            assert!(!got.html.contains(PASSWORD), "{what} {}", case.to);
        }
        let mut fields = with(&case, "", String::new());
        fields.push(("token", token.clone()));
        let garbled = format!("{}&odd=%FF%", encoded(&fields));
        let got = browser.ask(Method::POST, &case.to, Some(garbled.into_bytes())).await;
        assert!(got.status == 422 && got.html.contains("can’t be read"), "{}: {}", case.to, got.status);
        assert!(got.html.contains(KEPT), "{}: typed words are kept", case.to);
        let huge = browser.ask(Method::POST, &case.to, Some(vec![b'a'; crate::sent::MOST_BYTES + 1])).await;
        assert!(huge.status == 413 && huge.html.contains("too much for one form"), "{}", huge.status);
        assert!(before == world.written(), "{}: nothing is written", case.to);
    }
}

#[actix_web::test]
async fn buttons_need_their_token_too() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let (post, event) = (place.open_post, place.open_event);
    let own = world.persona(place.keeper);
    let before = world.written();
    for to in [
        "/sign-out".to_owned(),
        "/g/tea/leave".to_owned(),
        "/g/tea/join".to_owned(),
        "/g/tea/follow".to_owned(),
        format!("/p/{post}/delete"),
        format!("/e/{event}/cancel"),
        format!("/e/{event}/delete"),
        "/settings/reading".to_owned(),
        "/settings/discreet".to_owned(),
        "/settings/password".to_owned(),
        "/settings/sessions".to_owned(),
        format!("/settings/names/{own}"),
        format!("/settings/names/{own}/retire"),
        "/admin/invitations".to_owned(),
        "/admin/servers/elm.example/try".to_owned(),
        "/admin/people/0000000000001".to_owned(),
    ] {
        let got = heron.post(&to, &[("token", "nonsense"), ("sure", "yes")]).await;
        assert_eq!(got.status, 422, "{to}");
        assert!(got.html.contains("Please press the button once more."), "{to}");
        let stranger = Browser::new(&app).post(&to, &[("token", "nonsense")]).await;
        assert!(stranger.status == 403 || to == "/sign-out", "{to}: {}", stranger.status);
    }
    assert!(before == world.written());
}
