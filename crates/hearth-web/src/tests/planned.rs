//! Planning a post: the form keeps what was typed, nobody else sees it, and nothing is lost where it is gone meanwhile.

use super::world::{Browser, World};
use hearth_actions::scheduled_post;

#[actix_web::test]
async fn a_post_is_planned_changed_and_published() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let (mut heron, mut wren) = (Browser::signed_in(&app, "heron").await, Browser::signed_in(&app, "wren").await);
    let persona = world.persona(place.keeper);
    let form = heron.get("/g/tea/new").await;
    assert!(form.html.contains("Publish it later") && form.html.contains("Europe/London"), "{}", form.html);
    let words = [("title", "Next spring"), ("body", "We plant peas."), ("see", "public"), ("as", &*persona)];
    let fields = |token: &str, date: &str, time: &str| -> Vec<(String, String)> {
        let when = [("token", token), ("date", date), ("time", time)];
        when.iter().chain(&words).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let sent = |fields: &'static [(String, String)]| fields.iter().map(|(n, v)| (&**n, &**v)).collect::<Vec<_>>();
    let leak = |fields: Vec<(String, String)>| sent(Vec::leak(fields));
    for (date, time) in [("2001-01-01", "18:30"), ("", "18:30"), ("2026-13-01", "")] {
        let refused = heron.post("/g/tea/new", &leak(fields(&form.token(), date, time))).await;
        assert!(refused.status == 422 && refused.html.contains("We plant peas."), "{}", refused.html);
        assert!(refused.html.contains(&format!("value=\"{date}\"")), "{}", refused.html);
    }
    let day = (hearth_domain::clock::Clock::now(&*world.clock) + chrono::Duration::days(3)).format("%Y-%m-%d");
    let day = day.to_string();
    let planned = heron.post("/g/tea/new", &leak(fields(&form.token(), &day, "18:30"))).await;
    assert_eq!(planned.location, "/g/tea/planned?said=planned");
    let list = heron.get("/g/tea/planned").await;
    assert!(list.html.contains("Next spring") && list.html.contains("6.30 pm"), "{}", list.html);
    assert!(heron.get("/planned").await.html.contains("Tea and talk"));
    let id = scheduled_post::list(&world.state.app, place.keeper, None).unwrap()[0].post.id;
    let address = format!("/planned/{id}");
    for path in ["/g/tea", "/", "/planned", "/g/tea/planned", &*address] {
        assert!(!wren.get(path).await.html.contains("Next spring"), "{path}");
    }
    assert_eq!(wren.get(&address).await.status, 404);
    let edit = heron.get(&address).await;
    assert!(edit.html.contains("We plant peas.") && edit.html.contains(&format!("value=\"{day}\"")), "{}", edit.html);
    let refused = heron.post(&address, &leak(fields(&edit.token(), "2001-01-01", "18:30"))).await;
    assert!(refused.status == 422 && refused.html.contains("value=\"2001-01-01\""), "{}", refused.html);
    let token = list.token();
    let made = heron.post(&format!("{address}/publish"), &[("token", &*token)]).await;
    assert!(made.location.starts_with("/p/"), "{}", made.html);
    // It is gone: what is typed into a form that was still open is in the form of a new post.
    let mut late = fields(&edit.token(), &day, "19:00");
    late.push(("group".to_owned(), "tea".to_owned()));
    let late = heron.post(&address, &leak(late)).await;
    assert!(late.status == 422 && late.html.contains("published or taken back meanwhile"), "{}", late.html);
    assert!(late.html.contains("action=\"/g/tea/new\"") && late.html.contains("We plant peas."), "{}", late.html);
}
