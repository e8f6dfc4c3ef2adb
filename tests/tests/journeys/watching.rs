//! Watching a server: its figures on a listener of their own, and its health.

use hearth::{
    config::Config,
    metrics,
    server::{self, Parts, Running},
};
use hearth_actions::password::Cost;
use hearth_db::Kind;
use hearth_domain::{audience::Visibility, clock::FixedClock};
use std::{net::TcpListener, sync::Arc};
use tests::{
    keys::SharedKeys,
    network::TestNetwork,
    world::{NOW, Repeating, instant, post_form, setup_form},
};

/// What a figure may tell apart, and nothing else.
const LABELS: [&str; 8] = ["outcome", "reason", "came_to", "class", "why", "state", "job", "le"];

/// The value of a figure.
fn value(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// What does not change by itself from one look to the next: the database is written for many reasons, such as a sign-in.
fn steady(text: &str) -> Vec<&str> {
    let own = |line: &&str| !line.starts_with("process_") && !line.starts_with("hearth_database_");
    text.lines().filter(own).filter(|line| !line.starts_with('#')).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_name_no_server_group_or_person_and_count_nothing_private() {
    let network = TestNetwork::start(&[("oak", Kind::Sqlite), ("elm", Kind::Sqlite)]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let tea = oak.group("teatime");
    elm.follow("@teatime@oak.test").await;
    network.settle().await;
    let post = |title: &str, visibility: Visibility| {
        let form = post_form(oak.persona, title, "Some words.");
        let form = hearth_actions::post::PostForm { visibility: visibility.as_str().into(), ..form };
        oak.act(|app| hearth_actions::post::publish(app, oak.keeper, tea.id, &form));
    };
    post("A lamp in the window", Visibility::Public);
    network.settle().await;
    #[expect(clippy::disallowed_methods, reason = "a test is a peer, not a part of Hearth")]
    let unsigned = reqwest::Client::new()
        .post(oak.local_url().join("inbox").expect("an address"))
        .header("Host", "oak.test")
        .header("Content-Type", "application/activity+json")
        .body("{}");
    assert_eq!(unsigned.send().await.expect("an answer").status(), 401);

    let text = metrics::text(oak.app(), oak.federation()).expect("figures");
    for (name, least) in [
        ("hearth_delivery_seconds_count{outcome=\"accepted\"}", 2.0),
        ("hearth_sign_seconds_count", 2.0),
        ("hearth_verify_seconds_count", 1.0),
        ("hearth_inbox_activities_total{came_to=\"applied\"}", 1.0),
        ("hearth_inbox_refused_total{reason=\"no_signature\"}", 1.0),
        ("hearth_fetches_total{class=\"fetched\"}", 1.0),
        ("hearth_servers{state=\"well\"}", 1.0),
        ("hearth_schema_version", 20_261_124_000_100.0),
        ("hearth_database_bytes", 10_000.0),
        ("process_open_fds", 3.0),
        ("process_resident_memory_bytes", 1_000_000.0),
    ] {
        assert!(value(&text, name).is_some_and(|found| found >= least), "{name} in {text}");
    }
    for name in [
        "hearth_deliveries_in_flight",
        "hearth_deliveries_waiting{state=\"well\"}",
        "hearth_delivery_oldest_due_seconds",
        "hearth_incoming_waiting",
    ] {
        assert_eq!(value(&text, name), Some(0.0), "{name}");
    }
    assert_eq!(value(&text, "hearth_database_up"), Some(1.0));
    for private in ["oak", "elm", ".test", "teatime", "owan", "lamp"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        for label in line.split_once('{').into_iter().flat_map(|(_, labels)| labels.split(',')) {
            let name = label.split('=').next().unwrap_or_default();
            assert!(LABELS.contains(&name), "{line}");
        }
    }
    // What members write among themselves changes no figure.
    post("For us only", Visibility::Members);
    let after = metrics::text(oak.app(), oak.federation()).expect("figures");
    assert_eq!(steady(&text), steady(&after));
    network.finish().await;
}

/// A server whose work runs by itself, with its figures on any port that is free.
fn start(folder: &std::path::Path, clock: &Arc<FixedClock>, workers: bool) -> Running {
    let config = Config {
        data_dir: folder.to_owned(),
        address: "https://oak.test".to_owned(),
        metrics_listen: "0".to_owned(),
        dev: true,
        ..Config::default()
    };
    let parts = Parts {
        clock: clock.clone(),
        entropy: Arc::new(Repeating::from_seed(3)),
        keys: Arc::new(SharedKeys),
        passwords: Cost::none(),
        workers,
        ..Parts::system()
    };
    server::start_on(TcpListener::bind("127.0.0.1:0").expect("a free port"), &config, parts).expect("it starts")
}

async fn get(at: std::net::SocketAddr, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("http://{at}{path}")).await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_and_health_each_have_their_door() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::at(instant(NOW)));
    let running = start(folder.path(), &clock, true);
    let (public, figures) = (running.listens_at, running.figures_at().expect("figures are shown"));
    assert!(figures.ip().is_loopback() && figures.port() != public.port());
    let (status, text) = get(figures, "/metrics").await;
    assert!(status == 200 && text.contains("hearth_database_up 1"), "{text}");
    for path in ["/", "/healthz", "/admin", "/inbox", "/metrics/x"] {
        assert_eq!(get(figures, path).await, (404, String::new()), "{path}");
    }
    assert_eq!(get(public, "/healthz").await, (200, "ok\n".to_owned()));

    let app = running.app.clone();
    let code = hearth_actions::server::new_setup_code(&app).expect("a database").expect("not set up");
    let set_up = move || hearth_actions::server::set_up(&app, &setup_form(&code)).map(|_| ());
    tokio::task::spawn_blocking(set_up).await.expect("no panic").expect("set up");
    assert_eq!(get(public, "/metrics").await.0, 404);
    let runs = |running: &Running| {
        let row = running.app.db.read(|c| hearth_db::tables::jobs::get(c, "health check")).expect("a database");
        row.map_or(0, |row| row.runs)
    };
    for _ in 0..20 {
        assert_eq!(get(public, "/healthz").await.0, 200);
    }
    assert!((1..=2).contains(&runs(&running)), "who asks often writes no more");
    running.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_turns_red_when_nothing_goes_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::at(instant(NOW)));
    // Nothing works: the worst case of a sender that stopped.
    let running = start(folder.path(), &clock, false);
    let app = running.app.clone();
    let arrange = move || {
        let code = hearth_actions::server::new_setup_code(&app)?.expect("not set up");
        hearth_actions::server::set_up(&app, &setup_form(&code))?;
        app.db.write(|tx| {
            hearth_db::tables::incoming::store(tx, "aa", "https://elm.test/u/kim", "{}", app.now())?;
            Ok::<_, hearth_actions::ActionError>(())
        })
    };
    tokio::task::spawn_blocking(arrange).await.expect("no panic").expect("set up");
    clock.advance(chrono::Duration::minutes(10));
    let (status, words) = get(running.listens_at, "/healthz").await;
    assert_eq!((status, words.as_str()), (503, "received messages are stuck\n"));
    running.stop().await.expect("it stops");
}
