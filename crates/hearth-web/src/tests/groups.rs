//! Groups of every kind on the pages: making one, closing it further, and letting people in.

use super::world::{Browser, World};

/// The fields of the form of a group, with the four settings.
fn fields<'a>(token: &'a str, persona: &'a str, kind: &'a str, four: [&'a str; 4]) -> Vec<(&'a str, &'a str)> {
    let [readable, joining, reach, posting] = four;
    vec![
        ("token", token),
        ("name", "Quiet circle"),
        ("address", "quiet"),
        ("words", "We sit."),
        ("kind", kind),
        ("as", persona),
        ("readable", readable),
        ("joining", joining),
        ("reach", reach),
        ("posting", posting),
    ]
}

const CIRCLE: [&str; 4] = ["members", "approval", "here", "members"];

#[actix_web::test]
async fn a_circle_is_made_and_people_are_let_in() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let persona = world.persona(place.keeper);
    let mut heron = Browser::signed_in(&app, "heron").await;
    let form = heron.get("/groups/new").await;
    for words in
        ["Peer-support circle", "Private circle across partners", "Nothing ever leaves it.", "Its address is made"]
    {
        assert!(form.html.contains(words), "{words}");
    }
    // What does not fit together is said at the setting.
    let token = form.token();
    let wrong = fields(&token, &persona, "own", ["hidden", "open", "here", "members"]);
    let answer = heron.post("/groups/new", &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.html.contains("A hidden group can’t be open")
            || answer.html.contains("A hidden group can&#39;t be open"),
        "{}",
        answer.html
    );
    let token = answer.token();
    let made = heron.post("/groups/new", &fields(&token, &persona, "own", CIRCLE)).await;
    assert_eq!((made.status, made.location.as_str()), (303, "/g/quiet?said=made"));
    let page = heron.get("/g/quiet").await.html;
    assert!(page.contains("Only members can read. A facilitator lets people in. It never leaves this server."));
    assert!(page.contains("/g/quiet/waiting") && !page.contains("@quiet@"), "it has no address on the network");

    let mut wren = Browser::signed_in(&app, "wren").await;
    let door = wren.get("/g/quiet").await;
    let asked = wren.post("/g/quiet/join", &[("token", &door.token()), ("as", &world.persona(place.wren))]).await;
    assert_eq!(asked.location, "/g/quiet?said=asked");
    assert_eq!(wren.get("/g/quiet/waiting").await.status, 403, "only who looks after it sees who waits");
    let waiting = heron.get("/g/quiet/waiting").await;
    assert!(waiting.html.contains("Not this group"));
    let to = format!("/g/quiet/waiting/{}", world.persona(place.wren));
    let unclear = heron.post(&to, &[("token", &waiting.token())]).await;
    assert_eq!(unclear.status, 422);
    let welcome = heron.post(&to, &[("token", &waiting.token()), ("answer", "yes")]).await;
    assert_eq!(welcome.location, "/g/quiet/waiting?said=let-in");
    assert!(heron.get("/g/quiet/waiting").await.html.contains("Nobody is waiting."));
    assert!(wren.get("/g/quiet").await.html.contains("You’re a member"));
}

#[actix_web::test]
async fn a_group_is_closed_and_not_opened_again() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let persona = world.persona(place.keeper);
    let mut heron = Browser::signed_in(&app, "heron").await;
    let mut four = ["members", "approval", "network", "members"];
    let token = heron.get("/g/tea/edit").await.token();
    let saved = heron.post("/g/tea/edit", &fields(&token, &persona, "", four)).await;
    assert_eq!((saved.status, saved.location.as_str()), (303, "/g/tea?said=saved"));
    four[0] = "public";
    let token = heron.get("/g/tea/edit").await.token();
    let refused = heron.post("/g/tea/edit", &fields(&token, &persona, "", four)).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("make a new group"));
    assert!(Browser::new(&app).get("/g/tea").await.html.contains("Members have more conversations here."));
}
