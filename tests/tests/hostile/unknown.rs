//! What a reader may not have is answered like what is not there, byte for byte (threats PR-05): the same status, headers and
//! body, but for the day, the tokens of forms and what was asked for.
//!
//! A group for members says at its own address that it is there, and how one joins; a hidden one does not.

use crate::leaks::{self, DOCUMENTS, House, Ids, PAGES, Who, mark, may_see};
use hearth_db::{Kind, dialect};
use hearth_domain::id::PostId;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tests::network::plain_client;

/// The groups whose things are asked for; one of them hides itself too.
const KEPT: [&str; 2] = ["circle", "veil"];
const HIDES: &str = "veil";
/// The name of no group, as long as the other.
const NO_GROUP: &str = "nope";

/// One of each kind of thing that a group keeps to itself.
fn kept(house: &House, group: &str) -> Ids {
    let rows = house.oak().read(dialect::every_row);
    let first = |table: &str, holds: &str| -> Vec<Value> {
        let mut lines = rows.iter().filter(|(name, line)| name == table && line.contains(holds));
        let (_, line) = lines.next().unwrap_or_else(|| panic!("no {holds} in {table}"));
        vec![serde_json::from_str(line).expect("JSON")]
    };
    let text = |number: i64| PostId::try_from(number).expect("an id").to_string();
    let of = |table: &str, thing: &str| -> Vec<String> {
        first(table, &mark(group, thing)).iter().map(|row| text(row["id"].as_i64().expect("an id"))).collect()
    };
    let at = |table: &str, thing: &str| -> Vec<String> {
        let last = |row: &Value| row["ap_id"].as_str().and_then(|id| id.rsplit('/').next()).map(str::to_owned);
        first(table, &mark(group, thing)).iter().filter_map(last).collect()
    };
    let hides = house.groups.iter().filter(|one| group == HIDES && one.name == HIDES);
    Ids {
        posts: at("posts", "kept"),
        events: at("events", "meet"),
        activities: at("activities", "kept"),
        cards: of("cards", "card"),
        scheduled: of("scheduled_posts", "address"),
        check_ins: of("check_ins", "address"),
        images: of("images", "kept"),
        faded: of("faded_posts", "address"),
        series: of("event_series", "meet"),
        names: hides.clone().map(|one| one.name.clone()).collect(),
        groups: hides.map(|one| one.id.to_string()).collect(),
        ..Ids::default()
    }
}

/// As many ids of nothing.
fn nothing(like: &Ids) -> Ids {
    let ids = |like: &[String]| vec!["0000000000007".to_owned(); like.len()];
    Ids {
        posts: ids(&like.posts),
        events: ids(&like.events),
        activities: ids(&like.activities),
        cards: ids(&like.cards),
        scheduled: ids(&like.scheduled),
        check_ins: ids(&like.check_ins),
        images: ids(&like.images),
        faded: ids(&like.faded),
        series: ids(&like.series),
        groups: ids(&like.groups),
        names: vec![NO_GROUP.to_owned(); like.names.len()],
        ..Ids::default()
    }
}

/// A text without the tokens of its forms, of which every answer has others.
fn without_tokens(text: &str) -> String {
    const TOKEN: &str = "name=\"token\" value=\"";
    let mut parts = text.split(TOKEN);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + TOKEN + part.split_once('"').map_or(part, |(_, rest)| rest))
}

/// An answer without the time of day, without tokens and without what was asked for.
fn plain(answer: &str, asked: &Ids) -> String {
    let lists = [
        &asked.posts,
        &asked.events,
        &asked.activities,
        &asked.cards,
        &asked.scheduled,
        &asked.check_ins,
        &asked.images,
        &asked.faded,
        &asked.series,
        &asked.groups,
        &asked.names,
    ];
    let (headers, body) = answer.split_once('\n').expect("headers and a body");
    let headers = headers.trim_start_matches('{').trim_end_matches('}');
    let mut headers: Vec<&str> = headers.split("\", \"").map(|one| one.trim_matches('"')).collect();
    // They are sent in no order that means anything.
    headers.retain(|one| !one.starts_with("date\""));
    headers.sort_unstable();
    let text = format!("{}\n{}", headers.join("\n"), without_tokens(body));
    lists.into_iter().flatten().fold(text, |text, id| text.replace(id, "ID"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_may_not_have_is_answered_like_what_is_not_there() {
    is_answered_alike(&House::build(Kind::Sqlite).await, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_servers_may_not_have_is_answered_like_what_is_not_there() {
    is_answered_alike(&House::build(Kind::Sqlite).await, true).await;
}

/// Asks for what is kept and for what is not there, as everybody who may have neither.
async fn is_answered_alike(house: &House, servers: bool) {
    let pages = leaks::registered(PAGES);
    let documents = leaks::registered(DOCUMENTS);
    let described = leaks::described(house).await;
    let routes: BTreeSet<&String> =
        if servers { documents.iter().collect() } else { pages.iter().chain(&described).collect() };
    let client = plain_client();
    let mut unknown = BTreeMap::new();
    let mut compared = 0;
    let mut different = Vec::new();
    for group in KEPT {
        let ids = kept(house, group);
        let none = nothing(&ids);
        let readers = Who::ALL.into_iter().filter(|who| who.is_server() == servers && !may_see(*who, group, "kept"));
        for who in readers {
            for route in routes.iter().filter(|route| route.contains('{')) {
                for (path, beside) in leaks::filled(route, &ids).into_iter().zip(leaks::filled(route, &none)) {
                    if path == beside {
                        continue;
                    }
                    let (status, told) = leaks::ask(house, &client, who, &path).await;
                    let key = (who, beside.clone());
                    if !unknown.contains_key(&key) {
                        unknown.insert(key.clone(), leaks::ask(house, &client, who, &beside).await);
                    }
                    let (status_beside, told_beside) = &unknown[&key];
                    compared += 1;
                    if (status, plain(&told, &ids)) != (*status_beside, plain(told_beside, &none)) {
                        different.push(format!(
                            "{who:?} GET {path}: {status}, {beside}: {status_beside}\n{told}\n{told_beside}"
                        ));
                    }
                }
            }
        }
    }
    assert!(compared > 50, "only {compared} were compared");
    assert!(different.is_empty(), "{} of {compared} differ:\n{}", different.len(), different.join("\n"));
}
