//! Every page of a small place: whole, with one heading, and with nothing from elsewhere.

use super::world::{Browser, World};

fn pages(world: &World) -> (Vec<String>, super::world::Place) {
    let place = world.settled();
    let (post, event) = (place.open_post, place.open_event);
    let pages = [
        "/",
        "/groups",
        "/groups?q=tea",
        "/groups?q=nothing",
        "/g/tea",
        "/g/tea/meetups",
        "/meetups",
        "/help",
        "/about",
        "/privacy",
        "/u/heron",
        "/g/tea@oak.example",
        "/groups/lookup?q=@tea@oak.example",
        "/follow?uri=@tea@oak.example",
    ];
    let mut pages: Vec<String> = pages.iter().map(|page| (*page).to_owned()).collect();
    pages.extend([format!("/p/{post}"), format!("/p/{post}?notes=open"), format!("/e/{event}")]);
    (pages, place)
}

fn check_page(page: &str, html: &str) {
    assert_eq!(html.matches("<h1").count(), 1, "{page}: one h1");
    assert!(html.len() < 40_000, "{page}: {} bytes", html.len());
    for attribute in [" src=\"", " href=\"", " action=\""] {
        for target in html.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let own = target.starts_with('/') || target.starts_with('#') || target.starts_with('?');
            let known = ["https://source.example/", "tel:", "mailto:", "https://room.example/tea"];
            let fine = own && !target.starts_with("//") || known.iter().any(|known| target.starts_with(known));
            assert!(fine, "{page}: {target}");
        }
    }
}

#[actix_web::test]
async fn visitors_can_look_around() {
    let world = World::new();
    let (pages, _) = pages(&world);
    let app = world.serve().await;
    let mut browser = Browser::new(&app);
    for page in pages.iter().map(String::as_str).chain(["/sign-in", "/join"]) {
        let got = browser.get(page).await;
        assert_eq!(got.status, 200, "{page}");
        check_page(page, &got.html);
        assert!(!got.html.contains("4 Weavers Yard") && !got.html.contains("room.example"), "{page}");
    }
    for page in ["/settings", "/settings/names", "/groups/new", "/g/tea/new", "/admin", "/admin/people"] {
        let got = browser.get(page).await;
        assert_eq!((got.status, got.location.starts_with("/sign-in?next=%2F")), (303, true), "{page}");
    }
    let asked = browser.get("/authorize_interaction?uri=https%3A%2F%2Felm.example%2Fg%2Fx").await;
    assert!(asked.location.starts_with("/sign-in?next="), "{}", asked.location);
}

#[actix_web::test]
async fn members_find_every_page() {
    let world = World::new();
    let (mut pages, place) = pages(&world);
    let (post, event, reply) = (place.members_post, place.members_event, place.reply);
    let own = world.persona(place.keeper);
    pages.extend([
        format!("/p/{post}"),
        format!("/p/{post}/reply"),
        format!("/p/{post}/edit"),
        format!("/p/{post}/delete"),
        format!("/n/{reply}/edit"),
        format!("/n/{reply}/reply"),
        format!("/e/{event}"),
        format!("/e/{event}/people"),
        format!("/e/{event}/edit"),
        format!("/e/{event}/cancel"),
        format!("/e/{event}/delete"),
        format!("/e/{event}/reply"),
        format!("/settings/names/{own}/retire"),
    ]);
    let more = [
        "/settings",
        "/settings/names",
        "/settings/sessions",
        "/groups/new",
        "/g/tea/new",
        "/g/tea/edit",
        "/g/tea/meetups/new",
        "/admin",
        "/admin/people",
        "/groups?q=@owls@elm.example",
        "/authorize_interaction?uri=https%3A%2F%2Felm.example%2Fg%2Fx",
    ];
    pages.extend(more.iter().map(|page| (*page).to_owned()));
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    for page in &pages {
        let got = heron.get(page).await;
        assert_eq!(got.status, 200, "{page}: {}", got.location);
        check_page(page, &got.html);
    }
    assert!(heron.get("/groups?q=@owls@elm.example").await.html.contains("We couldn’t reach"));
    let place_of = heron.get(&format!("/n/{reply}")).await;
    assert_eq!(place_of.location, format!("/p/{}#n-{reply}", place.open_post));
    assert!(heron.get(&format!("/p/{}", place.open_post)).await.html.contains(&format!("id=\"n-{reply}\"")));
}

#[actix_web::test]
async fn calendar_files_give_nothing_away() {
    let world = World::new();
    let place = world.settled();
    let app = world.serve().await;
    let path = format!("/e/{}.ics", place.open_event);
    let open = Browser::new(&app).get(&path).await;
    assert_eq!(open.headers["content-type"], "text/calendar; charset=utf-8");
    for line in ["SUMMARY:Tea time\r\n", "DTSTART:20260312T183000Z\r\n", "LOCATION:Near the library\r\n"] {
        assert!(open.html.contains(line), "{line} in {}", open.html);
    }
    assert!(!open.html.contains("Weavers"));
    let mut wren = Browser::signed_in(&app, "wren").await;
    assert!(wren.get(&path).await.html.contains("SUMMARY:Appointment\r\n"));
    let event = format!("/e/{}", place.open_event);
    let page = wren.get(&event).await;
    assert!(!page.html.contains("4 Weavers Yard"));
    let persona = world.persona(place.wren);
    let fields = [("token", &*page.token()), ("as", &*persona), ("answer", "yes"), ("note", "first time")];
    let answered = wren.post(&format!("{event}/rsvp"), &fields).await;
    assert_eq!(answered.location, format!("{event}?said=answered"), "{}", answered.html);
    let coming = wren.get(&event).await;
    assert!(coming.html.contains("4 Weavers Yard") && coming.html.contains("You’re coming"));
    assert!(wren.get(&path).await.html.contains("Weavers Yard"));
    assert_eq!(wren.get(&format!("{event}/people")).await.status, 403);
    let people = Browser::signed_in(&app, "heron").await.get(&format!("{event}/people")).await;
    assert!(people.html.contains("first time") && people.html.contains("wren"));
    let no = wren.post(&format!("{event}/rsvp"), &[("token", &coming.token()), ("answer", "no")]).await;
    assert_eq!(no.status, 303);
    assert!(!wren.get(&event).await.html.contains("4 Weavers Yard"));
}
