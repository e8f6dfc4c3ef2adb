//! Writing, from the form to the page, once; and coming back to it after signing in.

use super::world::{Browser, World};

#[actix_web::test]
async fn a_group_and_a_conversation() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut wren = Browser::signed_in(&app, "wren").await;
    let persona = world.persona(place.wren);
    let token = wren.get("/groups/new").await.token();
    let fields = [
        ("token", &*token),
        ("name", "Quiet walks"),
        ("address", "walks"),
        ("words", "Slow ones."),
        ("kind", "open_community"),
        ("as", &*persona),
        ("rhythm", "Every Thursday"),
    ];
    assert_eq!(wren.post("/groups/new", &fields).await.location, "/g/walks?said=made");
    assert!(wren.get("/g/walks").await.html.contains("Every Thursday"));
    let token = wren.get("/g/tea").await.token();
    assert_eq!(wren.post("/g/tea/join", &[("token", &token), ("as", &persona)]).await.location, "/g/tea?said=joined");
    assert!(wren.get("/g/tea?said=joined").await.html.contains("Welcome in."));
    let home = wren.get("/").await.html;
    assert!(home.contains("A shut door") && home.contains("Quiet time"), "members see what is theirs");
    let post = format!("/p/{}", place.members_post);
    let page = wren.get(&post).await;
    let said = [("token", &*page.token()), ("body", "**Hello** all"), ("as", &*persona), ("do", "preview")];
    let preview = wren.post(&format!("{post}/reply"), &said).await;
    assert!(preview.html.contains("<strong>Hello</strong> all") && preview.html.contains("**Hello** all"));
    let said = [("token", &*preview.token()), ("body", "**Hello** all"), ("as", &*persona), ("do", "post")];
    let done = wren.post(&format!("{post}/reply"), &said).await;
    assert!(done.location.starts_with(&format!("{post}?said=replied#n-")), "{} {}", done.status, done.html);
    let id = done.location.rsplit("#n-").next().unwrap().to_owned();
    let token = wren.get(&format!("/n/{id}/edit")).await.token();
    let edited = wren.post(&format!("/n/{id}/edit"), &[("token", &token), ("body", "Hello again")]).await;
    assert_eq!(edited.location, format!("{post}#n-{id}"));
    assert!(wren.get(&post).await.html.contains("Hello again"));
    let mut heron = Browser::signed_in(&app, "heron").await;
    assert_eq!(heron.get(&format!("/n/{id}/edit")).await.status, 403);
    let token = wren.get(&format!("/n/{id}/delete")).await.token();
    let gone = wren.post(&format!("/n/{id}/delete"), &[("token", &token), ("sure", "yes")]).await;
    assert_eq!(gone.location, format!("{post}?said=removed#n-{id}"));
    assert!(heron.get(&post).await.html.contains("wren removed this."));
    let token = wren.get("/g/tea").await.token();
    assert_eq!(wren.post("/g/tea/leave", &[("token", &token)]).await.location, "/g/tea?said=left");
    assert_eq!(wren.get(&post).await.status, 404);
}

#[actix_web::test]
async fn the_same_form_sent_twice_writes_once() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let persona = world.persona(place.keeper);
    let token = heron.get("/g/tea/new").await.token();
    let write = |title| [("token", token.clone()), ("title", title), ("body", "b".to_owned()), ("as", persona.clone())];
    let mut places = Vec::new();
    for title in ["Only once", "Only once", "Another after going back"] {
        let fields = write(title.to_owned());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        places.push(heron.post("/g/tea/new", &fields).await.location);
    }
    assert!(places[0].starts_with("/p/") && places[0] == places[1] && places[0] != places[2], "{places:?}");
    assert_eq!(heron.get("/g/tea").await.html.matches("Only once</a>").count(), 1);
    let token = heron.get("/g/tea/meetups/new").await.token();
    let fields = [
        ("token", &*token),
        ("title", "One evening"),
        ("words", "x"),
        ("date", "2026-03-20"),
        ("starts", "18:30"),
        ("ends", "20:00"),
        ("zone", "Europe/London"),
        ("setting", "in-person"),
        ("area", "Here"),
        ("see", "public"),
        ("as", &*persona),
    ];
    let (one, two) = (heron.post("/g/tea/meetups/new", &fields).await, heron.post("/g/tea/meetups/new", &fields).await);
    assert!(one.location.starts_with("/e/") && one.location == two.location, "{} {}", one.html, two.location);
    assert_eq!(heron.get("/meetups").await.html.matches("One evening").count(), 1);
}

#[actix_web::test]
async fn what_was_written_survives_signing_in_again() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let persona = world.persona(place.keeper);
    let token = heron.get("/g/tea/new").await.token();
    heron.cookies.clear();
    let before = world.written();
    let words = "First line\nSecond \"line\" & <b>more</b>";
    let fields = [("token", &*token), ("title", "Kept title"), ("body", words), ("as", &*persona)];
    let asked = heron.post("/g/tea/new", &fields).await;
    assert_eq!((asked.status, asked.location.as_str()), (403, ""));
    assert!(asked.html.contains("<h1>Sign in</h1>") && asked.html.contains("name=\"kept.title\" value=\"Kept title\""));
    assert!(before == world.written());
    let kept = [("kept_for", "/g/tea/new"), ("kept.title", "Kept title"), ("kept.body", words), ("kept.as", &persona)];
    let mut fields = vec![("sign_in_name", "heron.private"), ("password", "wrong password")];
    fields.extend(kept);
    let token = asked.token();
    fields.push(("token", &token));
    let wrong = heron.post("/sign-in", &fields).await;
    assert!(wrong.status == 422 && wrong.html.contains("name=\"kept.title\" value=\"Kept title\""));
    fields[1].1 = super::world::PASSWORD;
    let back = heron.post("/sign-in", &fields).await;
    assert_eq!(back.status, 200, "{}", back.location);
    assert!(back.html.contains("action=\"/g/tea/new\"") && back.html.contains("value=\"Kept title\""));
    assert!(back.html.contains("Second &#34;line&#34; &#38; &#60;b&#62;more"), "{}", back.html);
    let fields = [("token", &*back.token()), ("title", "Kept title"), ("body", words), ("as", &*persona)];
    assert!(heron.post("/g/tea/new", &fields).await.location.starts_with("/p/"));
}

#[actix_web::test]
async fn settings_save_each_on_its_own() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let mut wren = Browser::signed_in(&app, "wren").await;
    let mut other = Browser::signed_in(&app, "wren").await;
    let token = wren.get("/settings").await.token();
    let save = [("token", &*token), ("theme", "dark"), ("text_size", "large"), ("notes_open", "yes")];
    assert_eq!(wren.post("/settings/reading", &save).await.location, "/settings?said=saved#reading");
    let html = wren.get("/settings").await.html;
    assert!(html.contains("data-theme=\"dark\"") && html.contains("data-text=\"large\""));
    assert_eq!(wren.post("/settings/discreet", &[("token", &token), ("exit", "3")]).await.status, 303);
    assert!(wren.get("/settings").await.html.contains("<title>Your settings | Larkwater Hearth</title>"));
    assert_eq!(wren.get("/leave").await.location, "https://www.wikipedia.org/");
    assert_eq!(wren.get("/settings").await.status, 200, "stays signed in, as chosen");
    let names = [("token", &*token), ("name", "Zoë")];
    assert_eq!(wren.post("/settings/names", &names).await.location, "/settings/names?said=named");
    assert!(wren.get("/settings/names").await.html.contains("Zoë"));
    let change = [("token", &*token), ("password", "a quiet evening"), ("new_password", "a louder evening")];
    assert_eq!(wren.post("/settings/password", &change).await.location, "/settings?said=password#password-part");
    assert_eq!(wren.get("/settings").await.status, 200);
    assert_eq!(other.get("/settings").await.status, 303, "other devices are signed out");
}
