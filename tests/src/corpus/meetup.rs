//! What may become of a meetup that a member elsewhere announces in the public group: at most one, with facts that make
//! sense, that anybody can read and take into a calendar, and nothing else.

use super::{judge::Facts, picture::Change};
use chrono::FixedOffset;
use chrono_tz::Tz;

/// What is new beyond one meetup, and what is wrong with it.
pub(super) fn problems(facts: &Facts<'_>) -> Vec<String> {
    let stage = facts.stage;
    let about = |change: &Change| meetups(facts).any(|event| event.text("ap_id") == change.text("object_ap_id"));
    let fine = |change: &Change| {
        change.is_new()
            && match change.table.as_str() {
                "events" => {
                    change.text("ap_id").contains(facts.nonce)
                        && change.column("group_id").as_i64() == Some(stage.calm.id.get())
                        && change.column("author_id").as_i64() == Some(stage.alice.id.get())
                }
                "activities" => {
                    about(change)
                        && change.text("kind") == "Announce"
                        && change.column("actor_id").as_i64() == Some(stage.calm.id.get())
                }
                "seen_activities" | "event_terms" => true,
                _ => false,
            }
    };
    let mut problems: Vec<String> = facts.changes.iter().filter(|change| !fine(change)).map(Change::words).collect();
    if meetups(facts).count() > 1 {
        problems.push("more than one meetup was taken".into());
    }
    problems.extend(meetups(facts).flat_map(facts_of).map(str::to_owned));
    problems
}

fn meetups<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = &'a Change> {
    facts.changes.iter().filter(|change| change.table == "events" && change.is_new())
}

/// What about a stored meetup makes no sense.
fn facts_of(event: &Change) -> Vec<&'static str> {
    // Where no zone is named, the offset of its start stands for one.
    let is_zone = |name: &str| name.parse::<Tz>().is_ok() || name.parse::<FixedOffset>().is_ok();
    let one_line = |text: &str| !text.chars().any(char::is_control);
    let checks = [
        (event.text("ends_at") < event.text("starts_at"), "it ends before it starts"),
        (!is_zone(event.text("zone")), "its zone is odd"),
        (!["title", "area", "address"].iter().all(|name| one_line(event.text(name))), "a line of it is several"),
        (event.column("capacity").as_i64().is_some_and(|places| !(1..100_000).contains(&places)), "its places are odd"),
        (
            !["url", "external_url", "link"].iter().all(|name| {
                let text = event.text(name);
                text.is_empty() || text.starts_with("https://")
            }),
            "an address of it is none",
        ),
    ];
    checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, why)| why).collect()
}

/// It is on its page and in its calendar file, which holds it alone.
pub(super) async fn asked(facts: &Facts<'_>) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for event in meetups(facts) {
        let path = format!("/e/{}", facts.word_of(event));
        let page = facts.page(&path).await?;
        if page.status != 200 || page.body.contains("href=\"javascript:") {
            problems.push(format!("its page answers {} or leads astray", page.status));
        }
        let file = facts.page(&format!("{path}.ics")).await?;
        let count = |needle: &str| file.body.lines().filter(|line| line.starts_with(needle)).count();
        let odd = ["BEGIN:VALARM", "ATTENDEE", "RRULE", "RDATE"].into_iter().map(count).sum::<usize>();
        if file.status != 200 || count("BEGIN:VEVENT") != 1 || odd > 0 {
            problems.push(format!("its calendar file is odd ({})", file.status));
        }
    }
    for path in ["/meetups".to_owned(), format!("/g/{}/meetups", facts.stage.calm.name)] {
        let page = facts.page(&path).await?;
        if page.status != 200 || page.body.contains("href=\"javascript:") {
            problems.push(format!("{path} answers {} or leads astray", page.status));
        }
    }
    Ok(problems)
}
