//! What others find here, each by its own rules (profile 2.5): one group's collections are read as Lemmy, PieFed, Gancio,
//! the WordPress event bridge and Mobilizon read them.

use serde_json::{Value, json};

use super::world::{ACTIVITY, World};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

async fn get(world: &World, address: &str) -> Value {
    let path = address.strip_prefix("https://oak.test").unwrap_or(address);
    let answer = world.get(path, ACTIVITY).await;
    assert_eq!(answer.status, 200, "{address}");
    answer.json()
}

fn items(document: &Value) -> &Vec<Value> {
    document["orderedItems"].as_array().unwrap()
}

fn texts<'a>(found: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    found.into_iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// Lemmy reads the root only, all of it or nothing: every item is an Announce of a Create, with both lists of recipients,
/// and the post in it has one person as author, and its group first in `to`.
fn lemmy(root: &Value) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for item in items(root) {
        let (create, page) = (&item["object"], &item["object"]["object"]);
        let lists = |value: &Value| value["to"].is_array() && value["cc"].is_array();
        let whole = item["type"] == "Announce"
            && item["actor"].is_string()
            && lists(item)
            && create["type"] == "Create"
            && create["id"].is_string()
            && create["actor"].is_string()
            && lists(create)
            && page["type"] == "Page"
            && page["attributedTo"].is_string()
            && page["to"][0] == root["id"].as_str()?.trim_end_matches("/outbox")
            && page["audience"] == page["to"][0]
            && page.get("inReplyTo").is_none()
            && page["attachment"].is_array()
            && !page["image"].is_array()
            && page["language"]["identifier"].is_string()
            && page["language"]["name"].is_string()
            && (page["context"].is_string() || page["context"].is_null());
        if !whole {
            return None;
        }
        found.push(page["id"].as_str()?.to_owned());
    }
    Some(found)
}

/// PieFed reads ten items of the first page, stops at what is neither Announce nor Create, and after one bare Create
/// misreads every Announce.
fn piefed(page: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut wordpress = false;
    for item in items(page).iter().take(10) {
        match item["type"].as_str() {
            Some("Announce") if !wordpress => found.push(item["object"]["object"]["id"].clone()),
            Some("Announce") => {}
            Some("Create") => wordpress = true,
            _ => break,
        }
    }
    texts(&found)
}

/// Gancio reads the first page and unwraps an Announce of a Create of an Event; entries of `attachment` without a media
/// type and tags without a name make it fall over.
fn gancio(page: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for item in items(page) {
        let object = if item["type"] == "Announce" { &item["object"]["object"] } else { &item["object"] };
        for attached in object["attachment"].as_array().unwrap() {
            assert!(attached["mediaType"].is_string(), "{attached}");
        }
        for tag in object["tag"].as_array().unwrap() {
            assert!(tag["name"].is_string(), "{tag}");
        }
        if object["type"] == "Event" && object["name"].is_string() && object["startTime"].is_string() {
            found.push(object["id"].clone());
        }
    }
    texts(&found)
}

/// The event bridge walks from page to page and takes bare Creates of public Events.
async fn event_bridge(world: &World, root: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = root["first"].clone();
    while let Some(address) = next.as_str() {
        let page = get(world, address).await;
        assert_eq!((&page["type"], &page["partOf"]), (&json!("OrderedCollectionPage"), &root["id"]));
        for item in items(&page) {
            let event = &item["object"];
            let public = event["to"].as_array().is_some_and(|to| to.contains(&json!(PUBLIC)));
            if item["type"] == "Create" && event["type"] == "Event" && public && item["actor"] == event["attributedTo"]
            {
                found.push(event["id"].clone());
            }
        }
        next = page["next"].clone();
    }
    texts(&found)
}

#[actix_web::test]
async fn each_peer_finds_what_it_looks_for() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    let mut posts = Vec::new();
    for number in 0..45 {
        world.clock.advance(chrono::Duration::minutes(1));
        posts.insert(0, world.post(&tea, &format!("Post {number}"), "public").ap_id.to_string());
    }
    world.clock.advance(chrono::Duration::minutes(1));
    let meetup = world.meetup(&tea).ap_id.to_string();
    let group = get(&world, "/g/tea").await;
    let root = get(&world, group["outbox"].as_str().unwrap()).await;
    let first = get(&world, root["first"].as_str().unwrap()).await;

    assert_eq!(lemmy(&root), Some(posts.clone()));
    let mut expected = vec![meetup.clone()];
    expected.extend(posts[..9].iter().cloned());
    assert_eq!(piefed(&first), expected, "ten items, none of which confuses it");
    assert_eq!(gancio(&first), std::slice::from_ref(&meetup));
    assert_eq!(
        event_bridge(&world, &root).await,
        std::slice::from_ref(&meetup),
        "once, though it walks through all pages"
    );

    // Mobilizon stops at the first of these that does not answer.
    for part in ["outbox", "members", "resources", "posts", "todos", "discussions", "events"] {
        let url = group[part].as_str().unwrap_or_else(|| panic!("{part} is missing"));
        let document = get(&world, url).await;
        assert!(document["orderedItems"].is_array(), "{part}");
        assert!(part == "outbox" || group["endpoints"][part] == group[part], "{part}");
    }
    assert_eq!(items(&get(&world, group["events"].as_str().unwrap()).await)[0]["id"], meetup);
    // Lemmy wants exactly this of followers, and full objects of what is pinned.
    let followers = get(&world, group["followers"].as_str().unwrap()).await;
    assert_eq!((&followers["type"], &followers["items"]), (&json!("Collection"), &json!([])));
    assert!(items(&get(&world, group["featured"].as_str().unwrap()).await).iter().all(Value::is_object));
}

#[actix_web::test]
async fn one_item_of_another_shape_would_spoil_it() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.post(&tea, "A post", "public");
    let mut root = get(&world, "/g/tea/outbox").await;
    assert!(lemmy(&root).is_some());
    root["orderedItems"][0]["object"]["object"]["image"] = json!([]);
    assert_eq!(lemmy(&root), None, "the rule above can fail");
}

#[actix_web::test]
async fn every_field_of_a_post_and_a_reply_is_there() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    let root = world.post(&tea, "What helps you sleep?", "public");
    let note = world.reply(hearth_actions::post::Answering::Post(root.id));
    let page = get(&world, root.ap_id.as_str()).await;
    let reply = get(&world, note.ap_id.as_str()).await;
    for document in [&page, &reply] {
        let nobody = json!({"canQuote": {"automaticApproval": [document["attributedTo"]]}});
        assert_eq!(document["interactionPolicy"], nobody);
        assert_eq!(document["commentsEnabled"], json!(true));
        assert_eq!(document["context"], json!(format!("{}/context", root.ap_id)));
        assert_eq!(document["replies"], json!(format!("{}/replies", document["id"].as_str().unwrap())));
        assert_eq!(document["language"], json!({"identifier": "en", "name": "English"}));
        assert_eq!(document["contentMap"]["en"], document["content"]);
        assert!(document.get("updated").is_none() && document["published"].is_string());
    }
    let wall = json!({"type": "OrderedCollection", "id": "https://oak.test/g/tea/wall", "attributedTo": "https://oak.test/g/tea"});
    assert_eq!((&page["target"], reply.get("target"), reply.get("name")), (&wall, None, None));
    assert_eq!(page["summary"], "Warm milk.", "an extract: Mastodon shows nothing else");
}
