//! The keeper's page of how the server is doing: for keepers only, in plain words, with one button for each problem.

use super::world::{Browser, World};
use chrono::{DateTime, Duration, Utc};
use hearth_actions::{
    health::{Disk, Machine},
    incident, job,
};
use hearth_db::{
    Time,
    tables::{
        activities::Activity,
        actors, deliveries,
        hosts::{self, Host},
        incidents::IncidentKind,
    },
};
use hearth_domain::id::ActivityId;
use std::sync::Arc;

const NORTH: &str = "northside.example";

/// Announcements on their way to a server, which has this row.
fn neighbour(world: &World, host: &str, waiting: u32, change: impl FnOnce(&mut Host)) {
    let app = &world.state.app;
    let signer = app.db.read(actors::server).unwrap().unwrap().id;
    let written = app.db.write(|tx| {
        let mut row = hosts::ensure(tx, host)?;
        change(&mut row);
        hosts::update(tx, &row)?;
        for number in 0..waiting {
            let id = ActivityId::random(&*app.entropy);
            let activity = Activity {
                id,
                ap_id: format!("https://oak.example/a/{id}").parse().unwrap(),
                actor_id: signer,
                kind: "Create".into(),
                object_ap_id: format!("https://oak.example/p/{number}"),
                body: "{}".into(),
                created_at: app.now(),
            };
            activity.insert(tx)?;
            deliveries::enqueue(tx, &activity, host, &format!("https://{host}/inbox"), app.now())?;
        }
        Ok::<_, hearth_db::DbError>(())
    });
    written.unwrap();
}

fn ago(world: &World, time: Duration) -> Option<Time> {
    let now: DateTime<Utc> = world.state.app.now().utc();
    Some((now - time).into())
}

fn away(world: &World) {
    let (seen, later) = (ago(world, Duration::days(3)), ago(world, Duration::hours(-9)));
    neighbour(world, NORTH, 3, |row| (row.failures, row.last_ok_at, row.next_try_at) = (7, seen, later));
}

/// A world whose tidying ran just now.
fn tidy() -> World {
    let world = World::new();
    world.settled();
    job::begin(&world.state.app, job::TIDY_UP, job::HOURLY, Duration::minutes(1)).unwrap();
    job::finish(&world.state.app, job::TIDY_UP, "done").unwrap();
    world
}

#[actix_web::test]
async fn for_keepers_only() {
    let world = tidy();
    away(&world);
    let app = world.serve().await;
    let server = format!("/admin/servers/{NORTH}");
    let button = format!("{server}/try");
    let mut wren = Browser::signed_in(&app, "wren").await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    for page in ["/admin", server.as_str()] {
        let stranger = Browser::new(&app).get(page).await;
        assert_eq!((stranger.status, stranger.location.starts_with("/sign-in?next=")), (303, true), "{page}");
        let member = wren.get(page).await;
        assert!(member.status == 404 && !member.html.contains(NORTH), "{page}: {}", member.status);
        assert_eq!(heron.get(page).await.status, 200, "{page}");
    }
    let before = world.written();
    assert_eq!(Browser::new(&app).post(&button, &[("token", "nonsense")]).await.status, 403);
    let token = wren.get("/settings").await.token();
    let refused = wren.post(&button, &[("token", &token)]).await;
    assert_eq!(refused.status, 404);
    assert!(before == world.written());
    assert!(!wren.get("/settings").await.html.contains("href=\"/admin\""));
    assert!(heron.get("/settings").await.html.contains("href=\"/admin\""));
    assert_eq!(heron.get("/admin/servers/nowhere.example").await.status, 404);
}

#[actix_web::test]
async fn a_quiet_day_is_one_sentence() {
    let mut world = tidy();
    let disk = Disk { total: 100_000_000_000, free: 62_000_000_000 };
    world.state.machine = Arc::new(move || Machine { disk: Some(disk), ..Machine::default() });
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let page = heron.get("/admin").await.html;
    for words in [
        "Everything is working",
        "38% used",
        "62.0 GB left",
        "No servers are connected yet.",
        "Nothing in the last 30 days.",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("Try again now"));
    neighbour(&world, "elm.example", 1, |row| row.software = Some("mastodon".to_owned()));
    job::count_hour(&world.state.app, 12, 3).unwrap();
    incident::record(&world.state.app, IncidentKind::BacklogSent, Some("elm.example"), 38).unwrap();
    let page = heron.get("/admin").await.html;
    for words in [
        "Kept and sent 38 announcements to elm.example after it had been away (today, noon).",
        "<b>Kept and sent 38 announcements to</b> <bdi>elm.<wbr>example</bdi> after it had been away.",
        "12 were delivered, and 3 attempts failed.",
        "<td class=\"num\">12</td><td class=\"num\">3</td><td class=\"num\">1</td>",
        "Mastodon",
        "<a href=\"/admin/servers/elm.example\">",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[actix_web::test]
async fn a_problem_says_what_to_do_and_has_one_button() {
    let mut world = tidy();
    away(&world);
    let disk = Disk { total: 100_000_000_000, free: 1_000_000 };
    world.state.machine = Arc::new(move || Machine { disk: Some(disk), ..Machine::default() });
    let app = world.serve().await;
    let mut heron = Browser::signed_in(&app, "heron").await;
    let page = heron.get("/admin").await;
    let words = format!("{NORTH} has not answered since Saturday; 3 announcements are waiting.");
    let places = [page.html.find("The disk is nearly full: 1 MB is left."), page.html.find(&words)];
    assert!(places[0].unwrap() < places[1].unwrap(), "what is broken comes first");
    assert!(!page.html.contains("Everything is working"));
    assert_eq!(page.html.matches("Try again now").count(), 1);
    assert!(page.html.contains("Not answering since Saturday"));
    let server = heron.get(&format!("/admin/servers/{NORTH}")).await.html;
    assert!(server.contains("Failed in a row:") && server.contains("7 times"));

    let next = || world.state.app.db.read(|c| hosts::get(c, NORTH)).unwrap().unwrap().next_try_at;
    assert!(next().is_some());
    let done = heron.post(&format!("/admin/servers/{NORTH}/try"), &[("token", &page.token())]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/admin/servers/northside.example?said=trying"));
    assert_eq!(next(), None);
    assert!(heron.get(&done.location).await.html.contains("Trying again now."));
}

#[actix_web::test]
async fn people_are_numbers_and_groups_are_nothing() {
    let world = tidy();
    away(&world);
    let app = world.serve().await;
    let page = Browser::signed_in(&app, "heron").await.get("/admin").await.html;
    let main = page.split("<main").nth(1).unwrap().split("</main").next().unwrap();
    for name in ["Tea and talk", "tea", "Wren", "Heron", "An open door"] {
        assert!(!main.contains(&format!(">{name}")) && !main.contains(&format!("{name}<")), "{name}");
    }
}
