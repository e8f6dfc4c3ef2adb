//! Check-ins on pages: what is typed is kept, what opened is shown calmly, and nobody else sees what has not.

use super::world::{Browser, World};
use chrono::Duration;
use hearth_actions::{care, check_in};

/// The fields of the form: a token, how often, and a time.
fn fields<'a>(token: &'a str, every: &'a str, time: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("token", token),
        ("title", "How was your week?"),
        ("body", "One line is enough."),
        ("note", "hard weeks"),
        ("see", "public"),
        ("every", every),
        ("weekday", "WE"),
        ("day", "-1"),
        ("time", time),
    ]
}

#[actix_web::test]
async fn a_check_in_is_set_up_changed_and_ended() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let care_page = heron.get("/g/tea/care").await;
    assert!(care_page.html.contains("/g/tea/check-ins"), "{}", care_page.html);
    let form = heron.get("/g/tea/check-ins/new").await;
    assert!(form.html.contains("Europe/London") && form.html.contains("Every month, the last"), "{}", form.html);
    for (every, time) in [("5", "18:30"), ("week", "soon"), ("", "")] {
        let refused = heron.post("/g/tea/check-ins/new", &fields(&form.token(), every, time)).await;
        assert_eq!(refused.status, 422);
        for kept in
            ["One line is enough.", "hard weeks", "<option value=\"WE\" selected>", "<option value=\"-1\" selected>"]
        {
            assert!(refused.html.contains(kept), "{kept}: {}", refused.html);
        }
    }
    let token = form.token();
    let preview = [fields(&token, "week", "18:30"), vec![("do", "preview")]].concat();
    let preview = heron.post("/g/tea/check-ins/new", &preview).await;
    assert!(preview.html.contains("Not saved yet") && preview.html.contains("<option value=\"week\" selected>"));

    let made = heron.post("/g/tea/check-ins/new", &fields(&form.token(), "week", "18:30")).await;
    assert_eq!(made.location, "/g/tea/check-ins?said=check-in-set-up");
    let list = heron.get(&made.location).await;
    for words in
        ["How was your week?", "every Wednesday at 6.30 pm", "It opens in your name.", "The next one: Wednesday"]
    {
        assert!(list.html.contains(words), "{words}: {}", list.html);
    }
    let id = check_in::list(&world.state.app, place.keeper, group(&world)).unwrap()[0].check_in.id;
    let address = format!("/g/tea/check-ins/{id}");
    for path in ["/g/tea", "/g/tea/check-ins", "/g/tea/check-ins/new", &*address, &format!("{address}/end")] {
        let seen = wren.get(path).await;
        assert!(!seen.html.contains("How was your week?"), "{path}");
        assert!(path == "/g/tea" || seen.status >= 400, "{path}: {}", seen.status);
    }
    // An hour before it opens nothing is said of it; then its group and its conversation say it.
    assert!(!heron.get("/g/tea").await.html.contains("This week’s check-in"));
    world.clock.advance(Duration::days(7));
    check_in::open_due(&world.state.app).unwrap();
    let open = check_in::list(&world.state.app, place.keeper, group(&world)).unwrap()[0].check_in.post_id.unwrap();
    let page = wren.get("/g/tea").await;
    assert!(page.html.contains("This week’s check-in: <a href=\"/p/"), "{}", page.html);
    let thread = wren.get(&format!("/p/{open}")).await;
    assert!(thread.html.contains("This check-in opens by itself every Wednesday at 6.30 pm. The next one: "));

    let token = heron.get("/g/tea/check-ins").await.token();
    let number = id.to_string();
    let press = |what: &'static str| vec![("token", &*token), ("id", &*number), ("do", what)];
    assert_eq!(heron.post("/g/tea/check-ins", &press("pause")).await.location, "/g/tea/check-ins?said=check-in-paused");
    assert!(heron.get("/g/tea/check-ins").await.html.contains("It is paused."));
    assert!(wren.get("/g/tea").await.html.contains("The last check-in: "));
    assert!(wren.get(&format!("/p/{open}")).await.html.contains("It rests at the moment."));
    care::archive(&world.state.app, place.keeper, group(&world), true).unwrap();
    let refused = heron.post("/g/tea/check-ins", &press("go-on")).await;
    assert!(refused.status == 422 && refused.html.contains("This group is archived"), "{}", refused.html);
    // A refusal that is about the group keeps what was typed, too.
    let edit = heron.get(&address).await;
    assert!(edit.html.contains("<option value=\"week\" selected>") && edit.html.contains("value=\"18:30\""));
    let mut typed = fields(&token, "day", "19:00");
    typed[2] = ("body", "Two lines.");
    let refused = heron.post(&address, &typed).await;
    assert!(refused.status == 422 && refused.html.contains("Two lines."), "{}", refused.html);
    care::archive(&world.state.app, place.keeper, group(&world), false).unwrap();
    assert_eq!(heron.post(&address, &typed).await.location, "/g/tea/check-ins?said=saved");
    assert!(heron.get("/g/tea/check-ins").await.html.contains("every month on the last day at 7 pm"));
    assert_eq!(heron.post("/g/tea/check-ins", &press("go-on")).await.status, 303);

    let sure = heron.get(&format!("{address}/end")).await;
    assert!(sure.html.contains("End “How was your week?”?"), "{}", sure.html);
    let end = heron.post(&format!("{address}/end"), &[("token", &*sure.token()), ("sure", "yes")]).await;
    assert_eq!(end.location, "/g/tea/check-ins?said=check-in-ended");
    // It is gone: what is typed into a form that was still open is in the form of a new one.
    let late = heron.post(&address, &typed).await;
    assert!(late.status == 422 && late.html.contains("It was ended meanwhile"), "{}", late.html);
    assert!(late.html.contains("action=\"/g/tea/check-ins/new\"") && late.html.contains("Two lines."));
    assert!(!wren.get("/g/tea").await.html.contains("check-in"), "nothing is said of what is over");
}

fn group(world: &World) -> hearth_domain::id::ActorId {
    let found = world.state.app.db.read(|c| hearth_db::tables::actors::local_by_name(c, "tea")).unwrap();
    found.expect("the group").id
}
