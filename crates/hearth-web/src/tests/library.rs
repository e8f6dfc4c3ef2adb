//! The library of a group, as a browser meets it: asking, answering, searching, changing and taking back.

use super::world::{Browser, World};
use hearth_actions::{membership, post};

/// Wren and a third person, Teal, are members of the group.
fn members(world: &World, place: &super::world::Place) -> hearth_domain::id::AccountId {
    let app = &world.state.app;
    let tea = app.db.read(|c| hearth_db::tables::posts::by_id(c, place.open_post)).unwrap().unwrap().group_id;
    let teal = world.account("teal");
    for account in [place.wren, teal] {
        membership::join(app, account, tea, world.persona(account).parse().unwrap()).unwrap();
    }
    teal
}

#[actix_web::test]
async fn somebody_is_asked_and_keeps_it() {
    let world = World::new();
    let place = world.settled();
    members(&world, &place);
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let empty = wren.get("/g/tea/cards").await;
    assert!(empty.status == 200 && empty.html.contains("No cards yet"), "{}", empty.html);
    assert!(wren.get("/g/tea").await.html.contains("href=\"/g/tea/cards\""));
    // Wren has Heron asked; Heron sees who of nobody.
    let page = format!("/p/{}/card", place.open_post);
    assert!(wren.get(&format!("/p/{}", place.open_post)).await.html.contains(&format!("href=\"{page}\"")));
    let ask = wren.get(&page).await;
    assert!(ask.html.contains("Did this help you?") && ask.html.contains("Some words."), "{}", ask.html);
    let asked = wren.post(&page, &[("token", &ask.token()), ("do", "ask")]).await;
    assert_eq!(asked.location, format!("/p/{}?said=card-asked", place.open_post));
    assert!(wren.get(&asked.location).await.html.contains("They are asked"));
    let notices = heron.get("/notices").await.html;
    assert!(notices.contains("May it be kept as a card?") && notices.contains(&page), "{notices}");
    assert!(!notices.to_lowercase().contains("wren"), "{notices}");
    let form = heron.get(&page).await;
    assert!(form.html.contains("The group asks") && form.html.contains("No, thank you"), "{}", form.html);
    // What is wrong is shown again with everything that was typed.
    let typed = [
        ("title", ""),
        ("body", "What I’d say now."),
        ("note", "rain"),
        ("naming", "named"),
        ("proposed", "Doors"),
        ("do", "keep"),
    ];
    let refused = heron.post(&page, &[&[("token", &*form.token())], &typed[..]].concat()).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    for kept in ["What I’d say now.", "value=\"rain\"", "value=\"named\" checked", "value=\"Doors\"", "id=\"title-e\""]
    {
        assert!(refused.html.contains(kept), "{kept}: {}", refused.html);
    }
    let token = refused.token();
    let typed = [&[("token", &*token), ("title", "An open door")], &typed[1..]].concat();
    let kept = heron.post(&page, &typed).await.location;
    let card = kept.split('?').next().unwrap().to_owned();
    assert!(card.starts_with("/g/tea/cards/") && kept.ends_with("said=card-kept"), "{kept}");
    assert_eq!(heron.post(&page, &typed).await.location, kept, "sent twice it is one card");
    let own = heron.get(&card).await.html;
    assert!(own.contains("March 2026") && own.contains("/edit\"") && own.contains("/settings/cards/"), "{own}");
    // The others read it: its name, its note, its month, and no way to change it.
    let read = wren.get(&card).await.html;
    assert!(read.contains("Heron") && read.contains("Content note:") && read.contains("What I’d say now."), "{read}");
    assert!(!read.contains("/edit\"") && !read.contains("Take it back") && !read.contains("Doors"), "{read}");
    for query in ["?q=OPEN+say", "?q=door"] {
        assert!(wren.get(&format!("/g/tea/cards{query}")).await.html.contains("An open door"), "{query}");
    }
    let none = wren.get("/g/tea/cards?q=window").await.html;
    assert!(none.contains("No card has that") && none.contains("value=\"window\""), "{none}");
    let long = wren.get(&format!("/g/tea/cards?q={}", "x".repeat(101))).await;
    assert!(long.status == 422 && long.html.contains("100 characters at most"), "{}", long.html);
    // Heron takes the name off, and takes it back.
    let form = heron.get(&format!("{card}/edit")).await;
    let change = [("token", &*form.token()), ("title", "A door"), ("body", "Open."), ("naming", "unnamed")];
    assert!(heron.post(&format!("{card}/edit"), &change).await.location.ends_with("said=saved"));
    let read = wren.get(&card).await.html;
    assert!(!read.contains("Heron") && read.contains("A door"), "{read}");
    assert!(heron.get(&card).await.html.contains("only you can see that"));
    let list = heron.get("/settings/cards").await.html;
    assert!(list.contains("Tea and talk, March 2026, without your name"), "{list}");
    let back = format!("/settings/cards/{}", card.rsplit('/').next().unwrap());
    let sure = heron.get(&back).await;
    assert!(sure.html.contains("Take back “A door”?"), "{}", sure.html);
    assert_eq!(wren.get(&back).await.status, 404);
    assert_eq!(heron.post(&back, &[("token", &sure.token())]).await.location, "/settings/cards?said=taken-back");
    assert_eq!(wren.get(&card).await.status, 404);
}

#[actix_web::test]
async fn what_is_hidden_answers_like_what_is_not_there() {
    let world = World::new();
    let place = world.settled();
    let teal = members(&world, &place);
    let tea = world.state.app.db.read(|c| hearth_db::tables::actors::local_by_name(c, "tea")).unwrap().unwrap();
    let form = post::PostForm {
        title: "Nights".to_owned(),
        text: "I count.".to_owned(),
        unnamed: "yes".to_owned(),
        persona: world.persona(teal),
        ..post::PostForm::default()
    };
    let sealed = post::publish(&world.state.app, teal, tea.id, &form).unwrap().id;
    let app = world.serve().await;
    let (mut heron, mut teal) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "teal").await);
    let page = format!("/p/{sealed}/card");
    // Behind the seal a name is never offered; its author alone has the form.
    let form = teal.get(&page).await;
    assert!(!form.html.contains("value=\"named\"") && form.html.contains("value=\"unnamed\""), "{}", form.html);
    assert!(heron.get(&page).await.html.contains("Did this help you?"));
    let typed = [("token", &*form.token()), ("title", "Counting"), ("body", "I count."), ("do", "keep")];
    let named = teal.post(&page, &[&typed[..], &[("naming", "named")]].concat()).await;
    assert!(named.status == 422 && named.html.contains("without your name"), "{}", named.html);
    let kept = teal.post(&page, &[&typed[..], &[("naming", "unnamed")]].concat()).await.location;
    let card = kept.split('?').next().unwrap().to_owned();
    for path in [&*card, "/g/tea/cards", "/g/tea/log"] {
        let html = heron.get(path).await.html.to_lowercase();
        assert!(!html.contains("teal") && !html.contains(&sealed.to_string()), "{path}: {html}");
    }
    // A visitor of an open group, and of one that is not there: the same page.
    let mut visitor = Browser::new(&app);
    let id = card.rsplit('/').next().unwrap();
    for path in ["", "/ID", "/ID/edit", "/ID/remove"] {
        let [real, unknown] = [id, "0000000000000"].map(|id| format!("/g/tea/cards{}", path.replace("ID", id)));
        let (real, unknown) = (visitor.get(&real).await, visitor.get(&unknown).await);
        assert_eq!(real.status, unknown.status, "{path}");
        let plain = |html: &str| html.replace(id, "0000000000000");
        assert_eq!(plain(&real.html), plain(&unknown.html), "{path}");
        assert!(!real.html.contains("Counting"));
    }
    assert_eq!(visitor.get("/g/tea/cards").await.status, 404);
    for (path, other) in [
        (card.clone(), "/g/tea/cards/0000000000000".to_owned()),
        (format!("/g/nowhere/cards/{id}"), "/g/nowhere/cards/0000000000000".to_owned()),
    ] {
        let (there, nowhere) = (visitor.get(&path).await, visitor.get(&other).await);
        assert_eq!((there.status, there.html.replace(id, "0000000000000")), (404, nowhere.html), "{path}");
    }
    // Who looks after the group removes it, without learning whose it was.
    let sure = heron.get(&format!("{card}/remove")).await;
    assert!(sure.html.contains("Remove “Counting”?"), "{}", sure.html);
    let mut wren = Browser::signed_in(&app, "wren").await;
    assert_eq!(wren.get(&format!("{card}/remove")).await.status, 403);
    let gone = heron.post(&format!("{card}/remove"), &[("token", &sure.token())]).await.location;
    assert_eq!(gone, "/g/tea/cards?said=card-gone");
    assert_eq!(heron.get(&card).await.status, 404);
    let log = heron.get("/g/tea/log").await.html;
    assert!(log.contains("Heron: removed a card.") && !log.contains("Counting"), "{log}");
}

#[actix_web::test]
async fn who_looks_after_the_group_keeps_the_topics() {
    let world = World::new();
    let place = world.settled();
    members(&world, &place);
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    assert_eq!(wren.get("/g/tea/topics").await.status, 403);
    let form = heron.get("/g/tea/topics").await;
    let long = "x".repeat(61);
    let refused = heron.post("/g/tea/topics", &[("token", &form.token()), ("topics", &long)]).await;
    assert!(refused.status == 422 && refused.html.contains(&long), "{}", refused.html);
    let typed = [("token", &*refused.token()), ("topics", "Doors\n\nWindows\r\n")];
    assert_eq!(heron.post("/g/tea/topics", &typed).await.location, "/g/tea?said=saved");
    let form = heron.get(&format!("/p/{}/card", place.open_post)).await;
    assert!(form.html.contains("<span>Doors</span>"), "{}", form.html);
    let doors = form.html.split("name=\"topic-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let ticked = format!("topic-{doors}");
    let typed = [
        ("token", &*form.token()),
        ("title", "An open door"),
        ("body", "Words."),
        ("naming", "unnamed"),
        (&*ticked, "yes"),
        ("proposed", "Gardens"),
        ("do", "keep"),
    ];
    assert!(heron.post(&format!("/p/{}/card", place.open_post), &typed).await.location.contains("card-kept"));
    let library = wren.get("/g/tea/cards").await.html;
    assert!(library.contains("Doors") && library.contains("Windows") && !library.contains("Gardens"), "{library}");
    assert!(wren.get(&format!("/g/tea/cards?topic={doors}")).await.html.contains("An open door"));
    assert_eq!(wren.get("/g/tea/cards?topic=0000000000000").await.status, 404);
    // The proposal is added, a topic gets another name, another goes.
    let form = heron.get("/g/tea/topics").await;
    let field = |prefix: &str, nth: usize| {
        let rest = form.html.split(&format!("name=\"{prefix}")).nth(nth).unwrap();
        format!("{prefix}{}", rest.split('"').next().unwrap())
    };
    let (proposed, first, second) = (field("proposed-", 1), field("topic-", 1), field("topic-", 2));
    let typed = [("token", &*form.token()), (&*proposed, "add"), (&*first, "Open doors"), (&*second, " ")];
    heron.post("/g/tea/topics", &typed).await;
    let library = wren.get("/g/tea/cards").await.html;
    assert!(library.contains("Open doors") && library.contains("Gardens") && !library.contains("Windows"), "{library}");
    // Deleting the post says that the card stays.
    let sure = heron.get(&format!("/p/{}/delete", place.open_post)).await;
    assert!(sure.html.contains("the card stays") && sure.html.contains("href=\"/settings/cards\""), "{}", sure.html);
    heron.post(&format!("/p/{}/delete", place.open_post), &[("token", &sure.token())]).await;
    assert!(wren.get("/g/tea/cards").await.html.contains("An open door"));
}
