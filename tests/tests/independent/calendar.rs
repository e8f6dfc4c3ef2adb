//! The calendar file of a group, as another reader shows it: a meetup that comes again with a date moved, one cancelled,
//! one removed and one left out, and a meetup that is once.

use crate::{recurrence::python, witnesses};
use hearth_actions::event::{self, EventForm, series};
use hearth_db::{Kind, tables::event_series, views::calendar, views::visible::Reader};
use serde_json::{Value, json};
use tests::{network::TestNetwork, world::event_form};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_s_file_is_read_as_it_is_meant() {
    let Some(folder) = witnesses() else { return };
    let network = TestNetwork::start(&[("oak", Kind::Sqlite)]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let usual = event_form(oak.persona);
    let weekly = EventForm { repeats: "weekly".into(), until: "2027-04-06".into(), ..usual.clone() };
    let first = oak.act(|app| event::announce(app, oak.keeper, tea.id, &weekly));
    let id = oak.read(|c| event_series::of_event(c, first.id)).unwrap().0.id;
    let walk = EventForm { title: "A walk; slowly, \\ together".into(), date: "2026-12-05".into(), ..usual.clone() };
    oak.act(|app| event::announce(app, oak.keeper, tea.id, &walk));
    let dates = oak.read(|c| {
        calendar::upcoming(c, &Reader::anybody(), &[tea.id], hearth_db::Time::from(first.starts_at.utc()), 99)
    });
    let [moved, off, gone] = ["2026-12-08", "2026-12-15", "2026-12-22"]
        .map(|day| dates.iter().find(|e| e.civil_start.starts_with(day)).unwrap());
    let late = EventForm { date: "2026-12-09".into(), start: "19:00".into(), end: "20:00".into(), ..usual };
    oak.act(|app| event::edit(app, oak.keeper, moved.id, &late));
    oak.act(|app| event::cancel(app, oak.keeper, off.id));
    oak.act(|app| event::delete(app, oak.keeper, gone.id));
    oak.act(|app| series::skip(app, oak.keeper, id, "2027-02-02", true));
    let file = oak.page("/g/tea/meetups.ics").await.body;
    assert!(!file.contains("Mill Lane") && !file.contains("secret-room"));
    let asked = json!({"file": file, "from": "2026-11-01", "until": "2028-01-01",
        "clocks": ["2026-12-01T18:30", "2027-03-30T18:30", "2027-12-01T12:00"]});
    let Some(read) = python(&folder, "calendar_file.py", &asked) else { return };
    assert_eq!(read["errors"], json!([]));
    assert_eq!((&read["zones"], &read["clocks"]), (&json!(["Europe/London"]), &json!([0.0, 3600.0, 0.0])));
    let entries = read["entries"].as_array().unwrap();
    let starts: Vec<&str> = entries.iter().map(|one| one["starts"].as_str().unwrap()).collect();
    let expected = [
        "2026-12-01T18:30",
        "2026-12-05T18:30",
        "2026-12-09T19:00",
        "2026-12-15T18:30",
        "2026-12-29T18:30",
        "2027-01-05T18:30",
        "2027-01-12T18:30",
        "2027-01-19T18:30",
        "2027-01-26T18:30",
        "2027-02-09T18:30",
        "2027-02-16T18:30",
        "2027-02-23T18:30",
        "2027-03-02T18:30",
        "2027-03-09T18:30",
        "2027-03-16T18:30",
        "2027-03-23T18:30",
        "2027-03-30T17:30",
        "2027-04-06T17:30",
    ];
    assert_eq!(starts, expected);
    let of = |key: &str, at: usize| entries[at][key].clone();
    assert_eq!((of("title", 1), of("title", 2)), (json!("A walk; slowly, \\ together"), json!("Tuesday tea")));
    assert_eq!((of("status", 2), of("status", 3)), (json!("CONFIRMED"), json!("CANCELLED")));
    assert_eq!((of("minutes", 0), of("minutes", 2), of("minutes", 17)), (json!(90), json!(60), json!(90)));
    assert!(entries.iter().all(|one| one["place"] == "Northside, near the library"));
    let uids: Vec<&Value> = entries.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, one)| &one["uid"]).collect();
    assert!(uids.iter().all(|uid| **uid == json!(format!("{id}@oak.test"))), "one UID for all dates: {uids:?}");
    // The file of the series alone says the same of it.
    let alone = oak.page(&format!("/s/{id}.ics")).await.body;
    let read = python(
        &folder,
        "calendar_file.py",
        &json!({"file": alone, "from": "2026-11-01", "until": "2028-01-01", "clocks": []}),
    );
    assert_eq!(read.unwrap()["entries"].as_array().unwrap().len(), expected.len() - 1);
    network.finish().await;
}
