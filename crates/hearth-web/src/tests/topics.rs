//! The topics of conversations: chosen in the form, kept when it comes back, shown and followed on the group's page.

use super::world::{Browser, World};

/// The ids of the boxes on a page, with whether each is ticked.
fn boxes(html: &str) -> Vec<(String, bool)> {
    html.split("name=\"topic-")
        .skip(1)
        .map(|rest| (rest.split('"').next().unwrap().to_owned(), rest.split('>').next().unwrap().contains("checked")))
        .collect()
}

#[actix_web::test]
async fn conversations_are_sorted_and_found_by_topic() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let mut visitor = Browser::new(&app);
    let form = heron.get("/g/tea/new").await;
    assert!(boxes(&form.html).is_empty(), "there is nothing to choose yet");
    let list = heron.get("/g/tea/topics").await;
    heron.post("/g/tea/topics", &[("token", &list.token()), ("topics", "Sleep\nTrains")]).await;
    let form = heron.get("/g/tea/new").await;
    let [(sleep, false), (trains, false)] = &boxes(&form.html)[..] else { panic!("{}", form.html) };
    assert!(form.html.contains("<span>Sleep</span>") && form.html.contains("<span>Trains</span>"), "{}", form.html);
    let (sleep_box, trains_box) = (format!("topic-{sleep}"), format!("topic-{trains}"));
    let persona = world.persona(place.keeper);
    let mut typed = vec![("title", "Awake at four"), ("body", ""), ("see", "public"), ("as", &*persona)];
    typed.extend([("topics", "yes"), (&*sleep_box, "yes"), ("do", "post")]);
    let token = form.token();
    // What is wrong leaves the boxes as they were ticked.
    let again = heron.post("/g/tea/new", &[&typed[..], &[("token", &token)]].concat()).await;
    assert_eq!(again.status, 422);
    assert_eq!(boxes(&again.html), [(sleep.clone(), true), (trains.clone(), false)]);
    typed[1].1 = "Again.";
    let token = again.token();
    let post = heron.post("/g/tea/new", &[&typed[..], &[("token", &token)]].concat()).await.location;
    let post = post.split('?').next().unwrap().to_owned();
    // Found by everybody who may read, and by nothing else.
    let thread = visitor.get(&post).await.html;
    assert!(thread.contains(&format!("href=\"/g/tea?topic={sleep}\"")), "{thread}");
    let page = visitor.get("/g/tea").await.html;
    assert!(page.contains(">Sleep<") && !page.contains("Trains"), "only what can be found is offered: {page}");
    let about = visitor.get(&format!("/g/tea?topic={sleep}")).await.html;
    assert!(about.contains("Awake at four") && !about.contains("An open door"), "{about}");
    for nothing in [trains.as_str(), "0000000000000", "%3Cscript%3E"] {
        assert_eq!(visitor.get(&format!("/g/tea?topic={nothing}")).await.status, 404, "{nothing}");
    }
    // The form of what is there has them; leaving all boxes empty takes them away.
    let form = heron.get(&format!("{post}/edit")).await;
    assert_eq!(boxes(&form.html), [(sleep.clone(), true), (trains.clone(), false)]);
    // Who looks after the group sorts it anew.
    let care = heron.get(&format!("{post}/care")).await;
    assert!(boxes(&care.html)[0].1 && care.html.contains("<span>Trains</span>"));
    let typed = [("token", &*care.token()), ("topics", "yes"), (&*trains_box, "yes"), ("do", "sort")];
    assert!(heron.post(&format!("{post}/care"), &typed).await.location.contains("said=saved"));
    assert!(visitor.get("/g/tea").await.html.contains(">Trains<"));
    let form = heron.get(&format!("{post}/edit")).await;
    let typed = [("token", &*form.token()), ("title", "Awake"), ("body", "Again."), ("topics", "yes"), ("do", "post")];
    heron.post(&format!("{post}/edit"), &typed).await;
    assert!(!visitor.get("/g/tea").await.html.contains(">Trains<"));
}

#[actix_web::test]
async fn what_is_planned_keeps_its_topics() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let list = heron.get("/g/tea/topics").await;
    heron.post("/g/tea/topics", &[("token", &list.token()), ("topics", "Sleep")]).await;
    let form = heron.get("/g/tea/new").await;
    let sleep = format!("topic-{}", boxes(&form.html)[0].0);
    let persona = world.persona(place.keeper);
    let day =
        (hearth_domain::clock::Clock::now(&*world.clock) + chrono::Duration::days(9)).format("%Y-%m-%d").to_string();
    let typed = [
        ("token", &*form.token()),
        ("title", "Awake at four"),
        ("body", "Again."),
        ("see", "public"),
        ("as", &*persona),
        ("topics", "yes"),
        (&*sleep, "yes"),
        ("date", &*day),
        ("time", "18:30"),
        ("do", "post"),
    ];
    let planned = heron.post("/g/tea/new", &typed).await;
    assert!(planned.location.contains("said=planned"), "{} {}", planned.location, planned.html);
    let planned = heron.get("/planned").await.html;
    let address = planned.split("href=\"/planned/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = heron.get(&format!("/planned/{address}")).await;
    assert!(boxes(&form.html)[0].1, "{}", form.html);
}

#[actix_web::test]
async fn a_group_is_searched_by_who_may_read_it() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let (mut heron, mut visitor) = (Browser::signed_in(&app, "heron").await, Browser::new(&app));
    let found = heron.get("/g/tea/search?q=open+DOOR").await;
    assert!(found.html.contains("An open door") && !found.html.contains("A shut door"), "{}", found.html);
    assert!(found.html.contains("value=\"open DOOR\""), "{}", found.html);
    assert!(heron.get("/g/tea/search?q=shut").await.html.contains("A shut door"));
    let nothing = heron.get("/g/tea/search?q=%3Cb%3Ezebra").await;
    assert!(nothing.html.contains("Nothing has all these words") && !nothing.html.contains("<b>zebra"));
    let long = heron.get(&format!("/g/tea/search?q={}", "x".repeat(101))).await;
    assert!(long.status == 422 && long.html.contains("100 characters"), "{}", long.html);
    assert!(!heron.get("/g/tea/search").await.html.contains("Nothing has"));
    // A visitor is asked to sign in, whether the group is there or not.
    for path in ["/g/tea/search?q=door", "/g/nowhere/search?q=door"] {
        let asked = visitor.get(path).await;
        assert!(asked.location.starts_with("/sign-in") && !asked.html.contains("door"), "{path}: {}", asked.location);
    }
}
