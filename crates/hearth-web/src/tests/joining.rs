//! Coming into a group on the pages: codes, what members agree to, the waiting room from both sides, leaving.

use super::world::{Browser, World, value_of};

/// Words that stand on a page, apostrophes apart.
fn says(html: &str, words: &str) -> bool {
    html.replace("&#39;", "’").contains(words)
}

#[actix_web::test]
async fn a_code_is_shown_once_and_every_bad_one_is_answered_alike() {
    let world = World::new();
    world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    for page in ["/g/tea/invitations", "/g/tea/terms", "/g/tea/waiting"] {
        assert_eq!(wren.get(page).await.status, 403, "{page}");
    }
    let token = heron.get("/g/tea/invitations").await.token();
    let typed = [("token", &*token), ("do", "make"), ("label", "Library"), ("uses", "1"), ("days", "30")];
    let card = heron.post("/g/tea/invitations", &typed).await;
    assert!(card.status == 200 && card.html.contains("<svg viewBox=\"0 0 "), "{}", card.html);
    let link = card.html.split("value=\"https://oak.example/i/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let list = heron.get("/g/tea/invitations").await.html;
    assert!(list.contains("Library") && !list.contains(&link), "the code is shown once");
    assert_eq!(wren.get(&format!("/i?code={}", link.to_uppercase())).await.location, format!("/i/{link}"));
    assert!(says(&wren.get(&format!("/i/{link}")).await.html, "You’re invited to Tea and talk"));
    let mut visitor = Browser::new(&app);
    let page = visitor.get(&format!("/i/{link}")).await.html;
    assert!(page.contains(&format!("/join?code={link}")) && page.contains("/sign-in?next="), "{page}");
    let known = |html: &str| html.replace(&value_of(html, "token"), "");
    let bad = visitor.get("/i/2345234523452345").await;
    assert!(bad.status == 404 && !bad.html.contains("Tea and talk"));
    let id = value_of(&list, "invitation");
    let token = value_of(&list, "token");
    let back = [("token", &*token), ("do", "revoke"), ("invitation", &*id)];
    assert_eq!(heron.post("/g/tea/invitations", &back).await.location, "/g/tea/invitations?said=request-back");
    let gone = visitor.get(&format!("/i/{link}")).await;
    assert_eq!((gone.status, known(&gone.html)), (404, known(&bad.html)));
}

#[actix_web::test]
async fn asking_being_asked_and_leaving() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let own = world.persona(place.wren);
    let token = heron.get("/g/tea/edit").await.token();
    let four = [("readable", "members"), ("joining", "approval"), ("reach", "network"), ("posting", "members")];
    let saved = heron.post("/g/tea/edit", &[&[("token", &*token), ("name", "Tea")], &four[..]].concat()).await;
    assert_eq!(saved.location, "/g/tea?said=saved", "{}", saved.html);
    let token = heron.get("/g/tea/terms").await.token();
    let terms = [("token", &*token), ("agreement", "Kind first."), ("question_1", "What brings you?")];
    assert_eq!(heron.post("/g/tea/terms", &terms).await.location, "/g/tea/terms?said=saved");

    let door = wren.get("/g/tea/join").await;
    assert!(door.html.contains("Kind first.") && door.html.contains("What brings you?"));
    let typed = [("token", &*door.token()), ("as", &*own), ("answer_1", "Long nights.")];
    let refused = wren.post("/g/tea/join", &typed).await;
    assert!(refused.status == 422 && refused.html.contains("Long nights."), "{}", refused.html);
    let typed = [("token", &*refused.token()), ("as", &*own), ("answer_1", "Long nights."), ("agreed", "1")];
    assert_eq!(wren.post("/g/tea/join", &typed).await.location, "/g/tea?said=asked");
    let waiting = heron.get("/g/tea/waiting").await;
    assert!(waiting.html.contains("Long nights."));
    let to = format!("/g/tea/waiting/{own}");
    let ask = [("token", &*waiting.token()), ("answer", "ask"), ("question", "")];
    assert_eq!(heron.post(&to, &ask).await.status, 422);
    let ask = [("token", &*waiting.token()), ("answer", "ask"), ("question", "Which evenings?")];
    assert_eq!(heron.post(&to, &ask).await.location, "/g/tea/waiting?said=question-sent");
    assert!(wren.get("/").await.html.contains("would like to know something"));
    let mine = wren.get("/invitations").await;
    let group = mine.html.split("/invitations/requests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (place_of, to_mine) = (format!("a-{group}-1"), format!("/invitations/requests/{group}"));
    let empty = [("token", &*mine.token()), ("do", "answer"), (&*place_of, " ")];
    assert_eq!(wren.post(&to_mine, &empty).await.status, 422);
    let token = wren.get("/invitations").await.token();
    let sent = [("token", &*token), ("do", "answer"), (&*place_of, "Tuesdays.")];
    assert_eq!(wren.post(&to_mine, &sent).await.location, "/invitations?said=answer-sent");
    let waiting = heron.get("/g/tea/waiting").await;
    assert!(waiting.html.contains("Tuesdays."));
    let no = [("token", &*waiting.token()), ("answer", "no"), ("word", "Owls meets later.")];
    assert_eq!(heron.post(&to, &no).await.location, "/g/tea/waiting?said=turned-away");
    let letter = wren.get("/invitations").await;
    assert!(letter.html.contains("Owls meets later.") && letter.html.contains("Harbour Line"), "{}", letter.html);
    let away = [("token", &*letter.token()), ("do", "put_away")];
    assert_eq!(wren.post(&to_mine, &away).await.location, "/invitations?said=put-away");

    // In at last; the words change; and out.
    let token = wren.get("/g/tea/join").await.token();
    wren.post("/g/tea/join", &[("token", &*token), ("as", &*own), ("agreed", "1")]).await;
    let token = heron.get("/g/tea/waiting").await.token();
    assert_eq!(heron.post(&to, &[("token", &*token), ("answer", "yes")]).await.location, "/g/tea/waiting?said=let-in");
    let token = heron.get("/g/tea/terms").await.token();
    heron.post("/g/tea/terms", &[("token", &*token), ("agreement", "Kind first and last.")]).await;
    assert!(says(&wren.get("/g/tea").await.html, "What members agree to has changed."));
    let form = wren.get("/g/tea/new").await;
    let post = [("token", &*form.token()), ("title", "Hello"), ("body", "All."), ("see", "members"), ("as", &*own)];
    let late = wren.post("/g/tea/new", &post).await;
    assert!(late.status == 422 && late.html.contains("All.") && late.html.contains("agree"), "{}", late.html);
    let page = wren.get("/g/tea/agreement").await;
    assert!(page.html.contains("Kind first and last."));
    let agreed = [("token", &*page.token()), ("agreed", "2")];
    assert_eq!(wren.post("/g/tea/agreement", &agreed).await.location, "/g/tea?said=agreed");
    assert!(wren.post("/g/tea/new", &post).await.location.ends_with("?said=posted"));
    let leave = wren.get("/g/tea/leave").await;
    assert!(says(&leave.html, "Other servers have copies") && !leave.html.contains("unnamed"));
    let goes = [("token", &*leave.token()), ("posts", "removed"), ("sure", "yes")];
    assert_eq!(wren.post("/g/tea/leave", &goes).await.location, "/g/tea?said=left");
    assert!(wren.get("/g/tea/join").await.html.contains("Kind first and last."));
}
