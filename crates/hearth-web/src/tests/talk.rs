//! Content notes as each reader wants them, and writing without a name.

use super::world::{Browser, World};

#[actix_web::test]
async fn nobody_sees_who_wrote_without_a_name() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let persona = world.persona(place.wren);
    assert!(!wren.get("/g/tea/new").await.html.contains("Without my name"), "only members are offered it");
    let token = wren.get("/g/tea").await.token();
    wren.post("/g/tea/join", &[("token", &token), ("as", &persona)]).await;
    let form = wren.get("/g/tea/new").await;
    assert!(form.html.contains("Without my name"), "{}", form.html);
    // What is wrong is shown again with everything that was chosen.
    let words = [("title", ""), ("body", "I can’t sleep."), ("see", "public"), ("as", &*persona), ("unnamed", "yes")];
    let refused = wren.post("/g/tea/new", &[&[("token", &*form.token())], &words[..]].concat()).await;
    assert!(
        refused.status == 422 && refused.html.contains("name=\"unnamed\" value=\"yes\" checked"),
        "{}",
        refused.html
    );
    let words = [("title", "Nights"), words[1], words[2], words[3], words[4]];
    let post = wren.post("/g/tea/new", &[&[("token", &*refused.token())], &words[..]].concat()).await;
    let post = post.location.replace("?said=posted", "");
    assert!(post.starts_with("/p/"), "{post}");

    let own = wren.get(&post).await.html;
    assert!(own.contains("Without your name, as before") && own.contains("/edit"), "{own}");
    let answer = [("token", &*wren.get(&post).await.token()), ("body", "Still awake."), ("as", &persona)];
    assert!(wren.post(&format!("{post}/reply"), &answer).await.location.contains("said=replied"));

    let mut visitor = Browser::new(&app);
    for path in
        [&*post, "/g/tea", "/", &format!("{post}/care"), &format!("{post}/report"), "/g/tea/care", "/u/tea_notices"]
    {
        for reader in [&mut heron, &mut visitor] {
            let html = reader.get(path).await.html.to_lowercase();
            assert!(!html.contains("wren") && !html.contains(&persona), "{path}: {html}");
        }
    }
    let seen = heron.get(&post).await.html;
    assert!(seen.contains("Still awake.") && seen.contains("<b>Someone</b>") && !seen.contains("/edit"), "{seen}");
    let care = heron.get(&format!("{post}/care")).await.html;
    assert!(care.contains("nobody can see who it was") && !care.contains("Keep "), "{care}");
}

#[actix_web::test]
async fn a_reader_leaves_a_topic_out() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let keeper = world.persona(place.keeper);
    // The group's own list is suggested to whoever writes.
    let page = heron.get("/g/tea/talk").await;
    assert!(page.html.contains("self-harm mention"), "{}", page.html);
    assert_eq!(wren.get("/g/tea/talk").await.status, 403);
    let long = "x".repeat(70);
    let refused = heron.post("/g/tea/talk", &[("token", &*page.token()), ("notes", &long)]).await;
    assert!(refused.html.contains("60 characters at most") && refused.html.contains(&long), "{}", refused.html);
    let fields = [("token", &*refused.token()), ("notes", "Buses\nexams"), ("unnamed", "yes")];
    assert_eq!(heron.post("/g/tea/talk", &fields).await.location, "/g/tea/care?said=saved");
    let form = heron.get("/g/tea/new").await;
    assert!(form.html.contains("<option>Buses</option><option>exams"), "{}", form.html);
    let words =
        [("title", "On the way"), ("body", "It went well."), ("note", "buses"), ("see", "public"), ("as", &keeper)];
    let noted = heron.post("/g/tea/new", &[&[("token", &*form.token())], &words[..]].concat()).await.location;
    let noted = noted.replace("?said=posted", "");
    let reply =
        [("token", &*heron.get(&noted).await.token()), ("body", "And back."), ("note", "buses"), ("as", &keeper)];
    heron.post(&format!("{noted}/reply"), &reply).await;

    let choose = |choice: &'static str, token: String| [("token", token), ("topic-Buses", choice.to_owned())];
    for (choice, listed, reply) in [("hide", false, false), ("show", true, true), ("", true, true)] {
        let page = wren.get("/g/tea/notes").await;
        let fields = choose(choice, page.token());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(wren.post("/g/tea/notes", &fields).await.location, "/g/tea?said=saved");
        let list = wren.get("/g/tea").await.html;
        assert_eq!(list.contains("On the way"), listed, "{choice}: {list}");
        let thread = wren.get(&noted).await.html;
        assert_eq!(thread.contains("And back."), reply, "{choice}: {thread}");
        assert_eq!(thread.contains("You chose not to see"), !reply, "{choice}");
        assert_eq!(thread.contains("<details class=\"cw\" open>"), choice == "show", "{choice}: {thread}");
    }
    let mut visitor = Browser::new(&app);
    assert!(visitor.get("/g/tea").await.html.contains("On the way"), "it is nobody else's choice");
    assert_eq!(visitor.get("/g/tea/notes").await.status, 303);
}
