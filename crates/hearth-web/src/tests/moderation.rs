//! Looking after a group in the browser: from asking somebody to look to what is done about it.

use super::world::{Browser, World};

#[actix_web::test]
async fn from_a_report_to_what_is_done() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let persona = world.persona(place.wren);
    // Wren joins, writes, and is asked about.
    let token = wren.get("/g/tea").await.token();
    wren.post("/g/tea/join", &[("token", &token), ("as", &persona)]).await;
    let token = wren.get("/g/tea/new").await.token();
    let words =
        [("token", &*token), ("title", "A rude word"), ("body", "Very rude."), ("see", "public"), ("as", &*persona)];
    let post = wren.post("/g/tea/new", &words).await.location.replace("?said=posted", "");
    let page = heron.get(&format!("{post}/report")).await;
    assert!(page.html.contains("Ask somebody to look"), "{}", page.html);
    let keeper = world.persona(place.keeper);
    let empty = [("token", &*page.token()), ("reason", ""), ("as", &*keeper)];
    let again = heron.post(&format!("{post}/report"), &empty).await;
    assert!(again.html.contains("What is the matter is needed here."), "{}", again.html);
    let asked = [("token", &*again.token()), ("reason", "It hurts."), ("as", &*keeper), ("worried", "yes")];
    assert_eq!(heron.post(&format!("{post}/report"), &asked).await.location, format!("{post}?said=reported"));
    // Who does not look after the group sees none of it.
    for path in ["/g/tea/care".to_owned(), format!("{post}/care"), "/admin/reports".to_owned()] {
        assert_eq!(wren.get(&path).await.status, 403, "{path}");
    }
    assert!(!wren.get(&post).await.html.contains("/care"));
    let care = heron.get("/g/tea/care").await;
    assert!(care.html.contains("It hurts.") && care.html.contains("Somebody is worried."), "{}", care.html);
    let id =
        care.html.split("/g/tea/reports/").nth(1).and_then(|rest| rest.split('"').next()).expect("a report").to_owned();
    // It is removed and the report is done with.
    let path = format!("{post}/care");
    let page = heron.get(&path).await;
    let removal = [("token", &*page.token()), ("do", "remove"), ("reason", "It hurts people.")];
    assert_eq!(heron.post(&path, &removal).await.location, format!("{post}?said=taken-down"));
    let gone = wren.get(&post).await;
    assert!(gone.status == 410 && gone.html.contains("A facilitator removed this."), "{}", gone.html);
    let token = heron.get("/g/tea/care").await.token();
    let done = heron.post(&format!("/g/tea/reports/{id}"), &[("token", &token), ("note", "Removed it.")]).await;
    assert_eq!(done.location, "/g/tea/care?said=looked");
    // It comes back, is closed, and its author is kept out.
    let token = heron.get(&path).await.token();
    assert_eq!(
        heron.post(&path, &[("token", &token), ("do", "restore")]).await.location,
        format!("{post}?said=restored")
    );
    let token = heron.get(&path).await.token();
    heron.post(&path, &[("token", &token), ("do", "lock")]).await;
    assert!(wren.get(&post).await.html.contains("This conversation takes no more replies."));
    let token = heron.get(&path).await.token();
    let ban = [("token", &*token), ("do", "ban"), ("why", "Unkind to people."), ("days", "7")];
    assert_eq!(heron.post(&path, &ban).await.location, format!("{post}?said=kept-out"));
    let care = heron.get("/g/tea/care").await;
    assert!(care.html.contains("Unkind to people.") && care.html.contains("Until "), "{}", care.html);
    // They see what somebody sees who asked to join, and no word about it.
    let theirs = wren.get("/g/tea").await.html;
    assert!(!theirs.contains("Unkind") && !theirs.contains("kept out"), "{theirs}");
}

#[actix_web::test]
async fn only_the_author_learns_that_somebody_heard() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let keeper = world.persona(place.keeper);
    let token = heron.get("/g/tea/new").await.token();
    let words =
        [("token", &*token), ("title", "A long day"), ("body", "So long."), ("see", "public"), ("as", &*keeper)];
    let post = heron.post("/g/tea/new", &words).await.location.replace("?said=posted", "");
    let page = wren.get(&post).await;
    assert!(page.html.contains(&format!("{post}/hear")), "{}", page.html);
    let heard = wren.post(&format!("{post}/hear"), &[("token", &page.token()), ("hear", "yes")]).await;
    assert_eq!(heard.location, post);
    assert!(wren.get(&post).await.html.contains("aria-pressed=\"true\""));
    assert!(!wren.get(&post).await.html.contains("heard you"));
    assert!(heron.get(&post).await.html.contains("1 person heard you"));
}
