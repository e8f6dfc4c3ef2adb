//! Muting and blocking, earlier versions and quiet words, in the browser.

use super::world::{Browser, World, value_of};

#[actix_web::test]
async fn somebody_is_muted_and_blocked_without_learning_of_it() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut wren = Browser::signed_in(&app, "wren").await;
    let post = format!("/p/{}", place.open_post);
    let about = format!("{post}/person");
    assert!(wren.get(&post).await.html.contains(&format!("href=\"{about}\">Mute or block Heron")));
    let mut visitor = Browser::new(&app);
    assert_eq!(visitor.get(&about).await.status, 303);
    let page = wren.get(&about).await;
    assert!(page.html.contains("Heron is not told"), "{}", page.html);
    let press = |what: &'static str, token: String| [("token", token), ("do", what.to_owned())];
    for what in ["mute", "block"] {
        let fields = press(what, wren.get(&about).await.token());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(wren.post(&about, &fields).await.location, "/g/tea?said=saved", "{what}");
    }
    assert!(!wren.get("/g/tea").await.html.contains("An open door"), "what they wrote is hidden");
    assert!(visitor.get("/g/tea").await.html.contains("An open door"));
    let list = wren.get("/settings/people").await;
    assert_eq!(list.html.matches("<b>Heron</b>").count(), 2, "{}", list.html);
    let (person, by) = (value_of(&list.html, "person"), value_of(&list.html, "as"));
    for what in ["unmute", "unblock"] {
        let token = wren.get("/settings/people").await.token();
        let fields = [("token", &*token), ("do", what), ("person", &person), ("as", &by)];
        assert_eq!(wren.post("/settings/people", &fields).await.location, "/settings/people?said=saved");
    }
    assert_eq!(wren.get("/settings/people").await.html.matches("Nobody.").count(), 2);
    assert!(wren.get("/g/tea").await.html.contains("An open door"));
}

#[actix_web::test]
async fn who_changed_something_finds_what_it_was() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let post = format!("/p/{}", place.open_post);
    let token = heron.get(&format!("{post}/edit")).await.token();
    let words = [("token", &*token), ("title", "A wide door"), ("body", "Other words.")];
    heron.post(&format!("{post}/edit"), &words).await;
    assert!(heron.get(&post).await.html.contains(&format!("{post}/history")));
    let history = heron.get(&format!("{post}/history")).await;
    assert!(history.html.contains("An open door") && history.html.contains("Some words."), "{}", history.html);
    assert!(!wren.get(&post).await.html.contains("/history"));
    assert_eq!(wren.get(&format!("{post}/history")).await.status, 403);
}

#[actix_web::test]
async fn a_quiet_word_by_name_and_through_the_seal() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let persona = world.persona(place.wren);
    assert_eq!(wren.get("/g/tea/quiet").await.status, 403, "members only");
    let token = wren.get("/g/tea").await.token();
    wren.post("/g/tea/join", &[("token", &token), ("as", &persona)]).await;
    let page = wren.get("/g/tea/quiet").await;
    let refused = wren.post("/g/tea/quiet", &[("token", &*page.token()), ("text", " ")]).await;
    assert!(refused.status == 422 && refused.html.contains("A message is needed here."), "{}", refused.html);
    let said = wren.post("/g/tea/quiet", &[("token", &*refused.token()), ("text", "I worry about Teal.")]).await;
    let own = said.location.replace("?said=said", "");
    assert!(own.starts_with("/g/tea/quiet/"), "{own}");
    let list = heron.get("/g/tea/quiet").await.html;
    assert!(list.contains(&own) && list.contains("wren"), "{list}");
    let page = heron.get(&own).await;
    assert!(page.html.contains("I worry about Teal."), "{}", page.html);
    heron.post(&own, &[("token", &*page.token()), ("text", "Thank you.\n\nI’ll look.")]).await;
    let read = wren.get(&own).await.html;
    assert!(read.contains("<p>Thank you.</p><p>I’ll look.</p>") && read.contains("Heron"), "{read}");
    let mut visitor = Browser::new(&app);
    assert_eq!(visitor.get(&own).await.status, 303);

    // Through the seal.
    let form = wren.get("/g/tea/new").await.token();
    let words = [("token", &*form), ("title", "Nights"), ("body", "No sleep."), ("see", "public"), ("as", &persona)];
    let post = wren.post("/g/tea/new", &[&words[..], &[("unnamed", "yes")]].concat()).await.location;
    let care = format!("{}/care", post.replace("?said=posted", ""));
    let token = heron.get(&care).await.token();
    let sent = heron.post(&care, &[("token", &*token), ("do", "quiet"), ("text", "Are you safe?")]).await.location;
    let sealed = sent.replace("?said=said", "");
    assert!(sealed.starts_with("/g/tea/quiet/") && sealed != own, "{sealed}");
    let list = wren.get("/g/tea/quiet").await.html;
    assert!(list.contains(&sealed) && list.contains("about “Nights”"), "{list}");
    let token = wren.get(&sealed).await.token();
    wren.post(&sealed, &[("token", &*token), ("text", "Yes.")]).await;
    let read = heron.get(&sealed).await.html.to_lowercase();
    assert!(read.contains("<p>yes.</p>") && read.contains("someone") && !read.contains("wren"), "{read}");
}
