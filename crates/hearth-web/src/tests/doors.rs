//! Coming in and going: set-up, joining, signing in and out, leaving, and what strangers meet.

use super::world::{Browser, PASSWORD, World, value_of};
use actix_web::http::Method;
use chrono::Duration;

#[actix_web::test]
async fn a_new_server_is_set_up_in_the_browser() {
    let world = World::new();
    let app = world.serve().await;
    let mut browser = Browser::new(&app);
    assert_eq!(browser.get("/").await.location, "/setup");
    assert_eq!(browser.get("/groups").await.location, "/setup");
    let page = browser.get(&format!("/setup?code={}", world.code)).await;
    assert_eq!((page.status, value_of(&page.html, "token").is_empty()), (200, false));
    assert!(page.html.contains(&world.code));
    let token = page.token();
    let mut fields = vec![
        ("token", token.as_str()),
        ("code", "bbbb-bbbb-bbbb-bbbb"),
        ("place", "Larkwater Hearth"),
        ("address", "https://oak.example"),
        ("run_by", "Run by a small charity."),
        ("contact", "hello@oak.example"),
        ("exit", "https://www.wikipedia.org/"),
        ("zone", "Europe/London"),
        ("door", "open"),
        ("line_name", "Harbour Line"),
        ("line_reach", "0800 123 456"),
        ("sign_in_name", "heron.private"),
        ("name", "Heron of the lane"),
        ("password", PASSWORD),
    ];
    let wrong = browser.post("/setup", &fields).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.html.contains("That is not the code.") && wrong.html.contains("value=\"Harbour Line\""));
    assert!(!wrong.html.contains(PASSWORD));
    fields[1].1 = &world.code;
    let done = browser.post("/setup", &fields).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/?said=welcome"), "{}", done.html);
    let home = browser.get("/").await;
    assert!(home.html.contains("Make the first group") && home.html.contains("Heron of the lane"));
    assert_eq!(browser.get("/setup").await.location, "/");
    assert_eq!(Browser::new(&app).get("/leave").await.location, "https://www.wikipedia.org/");
}

#[actix_web::test]
async fn somebody_asks_to_join_and_a_keeper_lets_them_in() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut visitor = Browser::new(&app);
    let token = visitor.get("/join").await.token();
    let fields = [
        ("token", token.as_str()),
        ("name", "Robin Red"),
        ("sign_in_name", "robin.private"),
        ("password", PASSWORD),
        ("agree", "yes"),
        ("hello", "A friend told me."),
    ];
    let asked = visitor.post("/join", &fields).await;
    assert!(asked.status == 200 && asked.html.contains("Thank you, Robin Red"), "{}", asked.html);
    let early = visitor.sign_in("robin", PASSWORD).await;
    assert!(early.status == 422 && early.html.contains("still being read"));
    let mut keeper = Browser::signed_in(&app, "heron").await;
    let page = keeper.get("/admin/people").await;
    assert!(page.html.contains("A friend told me."));
    let id = page.html.split("action=\"/admin/people/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let yes = keeper.post(&format!("/admin/people/{id}"), &[("token", &page.token()), ("answer", "yes")]).await;
    assert_eq!(yes.location, "/admin/people?said=let-in");
    assert_eq!(visitor.sign_in("robin", PASSWORD).await.status, 303);
    assert!(visitor.get("/").await.html.contains("Hello, Robin Red"));
    assert_eq!(visitor.get("/admin/people").await.status, 403);
    assert!(Browser::new(&app).get("/u/robin_red").await.html.contains("Robin Red"));
}

#[actix_web::test]
async fn an_invitation_lets_one_person_in() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut keeper = Browser::signed_in(&app, "heron").await;
    let token = keeper.get("/admin/people").await.token();
    let bad = keeper.post("/admin/invitations", &[("token", &token), ("uses", "many"), ("days", "14")]).await;
    assert!(bad.status == 422 && bad.html.contains("1 to 100 people") && bad.html.contains("value=\"many\""));
    let made = keeper.post("/admin/invitations", &[("token", &bad.token()), ("uses", "1"), ("days", "14")]).await;
    assert!(made.html.contains("https://oak.example/join?code="), "{}", made.html);
    assert!(made.html.contains("For 1 person, until Tuesday 24 March"));
}

#[actix_web::test]
async fn one_answer_for_every_wrong_pair() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut browser = Browser::new(&app);
    let tokenless = |html: &str| html.replace(&value_of(html, "token"), "").replace("nobody.private", "wren.private");
    let wrong = browser.sign_in("wren", "not the password").await;
    let unknown = browser.sign_in("nobody", "not the password").await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(tokenless(&wrong.html), tokenless(&unknown.html));
    assert!(!wrong.html.contains("not the password"));
}

#[actix_web::test]
async fn signing_in_gives_a_new_session_and_signing_out_ends_it() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut browser = Browser::signed_in(&app, "wren").await;
    let first = browser.cookies["__Host-hearth"].clone();
    assert_eq!(browser.get("/sign-in?next=/groups").await.location, "/groups", "already signed in");
    let planted = "f".repeat(64);
    let mut fixed = Browser::new(&app);
    fixed.cookies.insert("__Host-hearth".to_owned(), planted.clone());
    fixed.sign_in("wren", PASSWORD).await;
    assert!(![planted, first.clone()].contains(&fixed.cookies["__Host-hearth"]));
    let token = browser.get("/").await.token();
    let kept = browser.cookies.clone();
    let out = browser.post("/sign-out", &[("token", &token)]).await;
    assert_eq!(out.location, "/?said=signed-out");
    assert!(!browser.cookies.contains_key("__Host-hearth"));
    browser.cookies = kept;
    assert!(browser.get("/settings").await.location.starts_with("/sign-in"), "the old cookie is worth nothing");
}

#[actix_web::test]
async fn signing_in_leads_only_to_our_own_pages() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    for (next, location) in [
        ("/g/tea", "/g/tea"),
        ("/meetups?x=1", "/meetups?x=1"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("\\/evil.test", "/"),
        ("https://evil.test", "/"),
        ("https:evil.test", "/"),
        ("/\t/evil.test", "/"),
        ("evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("%2f%2fevil.test", "/"),
    ] {
        let mut browser = Browser::new(&app);
        browser.peer = "127.0.0.1:1";
        browser.headers.push(("x-forwarded-for", format!("198.51.100.{}", next.len())));
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = browser.get(&format!("/sign-in?next={query}")).await;
        assert_eq!(value_of(&page.html, "next"), if location == "/" { "" } else { location }, "{next}");
        let fields =
            [("token", &*page.token()), ("sign_in_name", "wren.private"), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.post("/sign-in", &fields).await.location, location, "{next}");
    }
}

#[actix_web::test]
async fn passwords_can_be_tried_ten_times() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut browser = Browser::new(&app);
    for n in 0..10 {
        browser.headers = vec![("x-forwarded-for", format!("203.0.113.{n}"))];
        assert_eq!(browser.sign_in("wren", "wrong password").await.status, 422, "{n}");
    }
    let eleventh = browser.sign_in("wren", PASSWORD).await;
    assert!(eleventh.status == 429 && eleventh.html.contains("in about 5 minutes"), "{}", eleventh.status);
    browser.peer = "198.51.100.9:4000";
    assert_eq!(browser.sign_in("wren", PASSWORD).await.status, 303, "another network is not shut out");
    let mut later = Browser::new(&app);
    world.clock.advance(Duration::minutes(6));
    assert_eq!(later.sign_in("wren", PASSWORD).await.status, 303);
}

#[actix_web::test]
async fn leaving_quickly_ends_the_session_unless_only_fetched_ahead() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut browser = Browser::signed_in(&app, "wren").await;
    browser.headers = vec![("sec-purpose", "prefetch;prerender".to_owned())];
    assert_eq!(browser.get("/leave").await.status, 204);
    browser.headers.clear();
    assert_eq!(browser.get("/settings").await.status, 200);
    let left = browser.get("/leave").await;
    assert_eq!((left.status, left.location.as_str()), (303, "https://www.bbc.co.uk/weather"));
    assert_eq!(left.headers["clear-site-data"], "\"cache\"");
    assert_eq!(left.headers["cache-control"], "no-store");
    assert!(browser.get("/settings").await.location.starts_with("/sign-in"));
}

#[actix_web::test]
async fn strangers_meet_the_same_page_for_hidden_and_for_nothing() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (post, event) = (place.members_post, place.members_event);
    let pairs = [
        (format!("/p/{post}"), "/p/0000000000001".to_owned()),
        (format!("/n/{post}"), "/n/0000000000001".to_owned()),
        (format!("/p/{post}"), "/p/nonsense".to_owned()),
        (format!("/e/{event}"), "/e/0000000000001".to_owned()),
        (format!("/e/{event}.ics"), "/e/0000000000001.ics".to_owned()),
        (format!("/e/{event}"), "/no/such/page".to_owned()),
    ];
    let mut visitor = Browser::new(&app);
    for (hidden, missing) in &pairs {
        let (hidden, missing) = (visitor.get(hidden).await, visitor.get(missing).await);
        assert_eq!((hidden.status, missing.status), (404, 404));
        assert_eq!(hidden.html, missing.html);
        assert_eq!(hidden.headers, missing.headers);
    }
    let mut wren = Browser::signed_in(&app, "wren").await;
    for (hidden, missing) in &pairs {
        let (hidden, missing) = (wren.get(hidden).await, wren.get(missing).await);
        assert_eq!((hidden.status, missing.status), (404, 404));
        assert_eq!(hidden.html.replace(&hidden.token(), ""), missing.html.replace(&missing.token(), ""));
    }
    let mut heron = Browser::signed_in(&app, "heron").await;
    assert_eq!(heron.get(&format!("/p/{post}")).await.status, 200);
    for page in ["/", "/g/tea", "/meetups", "/g/tea/meetups"] {
        let html = visitor.get(page).await.html;
        assert!(!html.contains("A shut door") && !html.contains("Quiet time"), "{page}");
    }
}

#[actix_web::test]
async fn methods_and_headers() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut browser = Browser::new(&app);
    for path in ["/", "/groups", "/g/tea", "/help"] {
        let (got, head) = (browser.get(path).await, browser.ask(Method::HEAD, path, None).await);
        assert_eq!((got.status, head.status), (200, 200), "{path}");
        assert_eq!(browser.ask(Method::DELETE, path, None).await.status, 405, "{path}");
        assert_eq!(got.headers["content-security-policy"], crate::protect::PAGE_POLICY);
        assert_eq!(got.headers["referrer-policy"], "no-referrer");
        assert_eq!(got.headers["x-content-type-options"], "nosniff");
        assert!(got.headers.contains_key("strict-transport-security"));
        assert!(!got.headers.contains_key("set-cookie"), "{path}: nothing to protect yet");
    }
    let follow = browser.get("/follow?uri=@tea@oak.example").await;
    assert_eq!(follow.headers["content-security-policy"], crate::protect::FOLLOW_POLICY);
    let there = [("token", &*follow.token()), ("uri", "@tea@oak.example"), ("home", "robin@meadow.example")];
    let sent = browser.post("/follow", &there).await;
    assert_eq!(sent.location, "https://meadow.example/authorize_interaction?uri=https%3A%2F%2Foak.example%2Fg%2Ftea");
    let mut wren = Browser::signed_in(&app, "wren").await;
    assert_eq!(wren.get("/").await.headers["cache-control"], "no-store");
    let mut evil = Browser::signed_in(&app, "wren").await;
    let token = evil.get("/g/tea/new").await.token();
    evil.headers = vec![("origin", "https://evil.example".to_owned())];
    let before = world.written();
    assert_eq!(evil.post("/g/tea/new", &[("token", &token), ("title", "x")]).await.status, 403);
    assert!(before == world.written());
}

#[test]
fn only_loopback_names_go_without_https() {
    let state = World::new().state.clone();
    for (host, https) in [
        ("groups.example.org", true),
        ("groups.example.org:443", true),
        ("127.0.0.1:8080", false),
        ("localhost", false),
        ("[::1]:8080", false),
        ("[::1]", false),
        ("127.0.0.1.evil.example", true),
        ("", true),
    ] {
        assert_eq!(state.is_https(host), https, "{host}");
    }
}
