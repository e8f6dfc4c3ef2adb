//! What others may read, and in which form.

use actix_web::{http::StatusCode, test::TestRequest};
use hearth_actions::{event, post, post::Answering};
use hearth_activitypub::{
    Document, ReadOptions,
    inbound::{self, ActivityKind},
};
use hearth_db::tables::{actors, deliveries};
use serde_json::{Value, json};

use super::world::{ACTIVITY, World, follow};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const PROFILED: &str = r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;

#[actix_web::test]
async fn an_address_has_a_page_and_a_document() {
    let world = World::new(&[]);
    world.group("tea", "open_community");
    for path in ["/", "/g/tea"] {
        for accept in [ACTIVITY, PROFILED, "application/activity+json, text/html;q=0.1"] {
            let answer = world.get(path, accept).await;
            assert_eq!((answer.status, answer.media_type.as_str()), (StatusCode::OK, ACTIVITY), "{path} {accept}");
            assert_eq!(answer.vary, "Accept, Signature");
            assert_eq!(answer.json()["id"], format!("https://oak.test{path}"));
        }
        for accept in ["", "*/*", BROWSER, "application/json"] {
            assert_eq!(world.get(path, accept).await.body, b"a page", "{path} {accept}");
        }
        let head = TestRequest::default().method(actix_web::http::Method::HEAD).uri(path);
        let head = world.call(head.insert_header(("accept", ACTIVITY))).await;
        assert_eq!((head.status, head.media_type.as_str()), (StatusCode::OK, ACTIVITY));
        let form = TestRequest::post().uri(path).insert_header(("accept", ACTIVITY));
        assert_eq!(world.call(form).await.body, b"a page", "forms are the pages' business");
    }
    assert_eq!(world.get("/g/tea/upcoming", "*/*").await.media_type, ACTIVITY);
    assert_eq!(world.get("/g/tea/members", BROWSER).await.body, b"a page");
}

#[actix_web::test]
async fn each_thing_has_one_address_and_leaves_a_tombstone() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    let root = world.post(&tea, "What helps you sleep?", "public");
    let note = world.reply(Answering::Post(root.id));
    let meetup = world.meetup(&tea);
    let check = async |path: String, status: u16, kind: &str| {
        let answer = world.get(&path, ACTIVITY).await;
        assert_eq!(answer.status, status, "{path}");
        if !kind.is_empty() {
            assert_eq!(answer.json()["type"], kind, "{path}");
        }
    };
    check(format!("/p/{}", root.id), 200, "Page").await;
    check(format!("/n/{}", note.id), 200, "Note").await;
    check(format!("/e/{}", meetup.id), 200, "Event").await;
    check(format!("/n/{}", root.id), 404, "").await;
    check(format!("/p/{}", note.id), 404, "").await;
    check(format!("/p/{}", meetup.id), 404, "").await;
    let event = world.get(&format!("/e/{}", meetup.id), ACTIVITY).await;
    let text = String::from_utf8(event.body).unwrap();
    assert!(!text.contains("Mill Lane") && !text.contains("secret-room"));
    post::delete(&world.app, world.keeper, note.id).unwrap();
    post::delete(&world.app, world.keeper, root.id).unwrap();
    event::delete(&world.app, world.keeper, meetup.id).unwrap();
    for path in [format!("/p/{}", root.id), format!("/n/{}", note.id), format!("/e/{}", meetup.id)] {
        check(path, 410, "Tombstone").await;
    }
    check(format!("/p/{}/context", root.id), 404, "").await;
}

#[actix_web::test]
async fn what_is_hidden_is_like_what_never_was() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    let circle = world.group("circle", "peer_support_circle");
    let members_only = world.post(&tea, "Only here", "members");
    let local_only = world.post(&circle, "Only here", "public");
    let nothing = world.get("/p/0000000000000", ACTIVITY).await;
    assert_eq!(nothing.status, 404);
    let mut hidden = vec!["/g/circle".into(), "/u/rowan".into(), "/u/nobody".into(), "/g/nobody".into()];
    hidden.extend([members_only.id, local_only.id].map(|id| format!("/p/{id}")));
    hidden.extend(["outbox", "followers", "members", "wall"].map(|part| format!("/g/circle/{part}")));
    hidden.extend(["/u/rowan/outbox".into(), format!("/p/{}/replies", members_only.id), "/p/x".into()]);
    for path in hidden {
        assert_eq!(world.get(&path, ACTIVITY).await, nothing, "{path}");
    }
    post::delete(&world.app, world.keeper, members_only.id).unwrap();
    assert_eq!(world.get(&format!("/p/{}", members_only.id), ACTIVITY).await, nothing, "not even a tombstone");
    let unknown = world.get("/.well-known/webfinger?resource=acct:nobody@oak.test", "").await;
    assert_eq!(unknown.status, 404);
    for name in ["rowan", "circle"] {
        let path = format!("/.well-known/webfinger?resource=acct:{name}@oak.test");
        assert_eq!(world.get(&path, "").await, unknown, "{name}");
    }
}

#[actix_web::test]
async fn a_group_for_partners_shows_its_key_and_nothing_else() {
    let world = World::new(&[]);
    world.group("tea", "open_community");
    world.write(|tx| {
        let tea = actors::local_by_name(tx, "tea")?.unwrap();
        let mut row = hearth_db::tables::groups::by_id(tx, tea.id)?.unwrap();
        row.readable = hearth_domain::group::Readable::Members;
        hearth_db::tables::groups::update(tx, &row)
    });
    let stub = world.get("/g/tea", ACTIVITY).await.json();
    let mut members: Vec<&String> = stub.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["@context", "id", "inbox", "name", "preferredUsername", "publicKey", "type"]);
    assert_eq!(stub["name"], "A private group");
    assert_eq!(world.get("/g/tea/outbox", ACTIVITY).await.status, 404);
}

#[actix_web::test]
async fn a_persona_is_there_once_it_went_out() {
    let world = World::new(&[]);
    let gone = |c: &mut hearth_db::Tx<'_>| actors::mark_deleted(c, world.rowan, world.app.now());
    world.write(|tx| actors::put_on_network(tx, world.rowan, world.app.now()));
    assert_eq!(world.get("/u/rowan", ACTIVITY).await.json()["type"], "Person");
    let outbox = world.get("/u/rowan/outbox", ACTIVITY).await.json();
    assert_eq!((&outbox["totalItems"], &outbox["orderedItems"]), (&json!(0), &json!([])));
    world.write(gone);
    assert_eq!(world.get("/u/rowan", ACTIVITY).await.status, 410);
    assert_eq!(world.get("/.well-known/webfinger?resource=https://oak.test/u/rowan", "").await.status, 404);
}

#[actix_web::test]
async fn who_is_found_here() {
    let world = World::new(&[]);
    world.group("tea", "open_community");
    let check = async |resource: &str, kind: &str, id: &str| {
        let answer = world.get(&format!("/.well-known/webfinger?resource={resource}"), BROWSER).await;
        assert_eq!((answer.status, answer.media_type.as_str()), (StatusCode::OK, "application/jrd+json"), "{resource}");
        let own = &answer.json()["links"][0];
        assert_eq!((&own["rel"], &own["href"]), (&json!("self"), &json!(id)));
        assert_eq!(own["properties"]["https://www.w3.org/ns/activitystreams#type"], kind);
    };
    check("acct:tea@oak.test", "Group", "https://oak.test/g/tea").await;
    check("acct%3ATea%40OAK.test", "Group", "https://oak.test/g/tea").await;
    check("https://oak.test/g/tea", "Group", "https://oak.test/g/tea").await;
    check("acct:relay@oak.test", "Application", "https://oak.test/").await;
    check("https://oak.test/", "Application", "https://oak.test/").await;
    for resource in ["acct:tea@elm.test", "https://oak.test/u/tea", "tea", "https://elm.test/g/tea"] {
        let answer = world.get(&format!("/.well-known/webfinger?resource={resource}"), "").await;
        assert_eq!(answer.status, 404, "{resource}");
    }
    assert_eq!(world.get("/.well-known/webfinger", "").await.status, 400);
    assert_eq!(world.get("/.well-known/host-meta", "").await.status, 404);
}

#[actix_web::test]
async fn what_this_server_says_about_itself() {
    let world = World::new(&[]);
    let links = world.get("/.well-known/nodeinfo", "").await;
    assert_eq!(links.media_type, "application/json");
    assert_eq!(links.json()["links"][0]["href"], "https://oak.test/nodeinfo/2.1");
    let info = world.get("/nodeinfo/2.1", "").await.json();
    assert_eq!(info["software"]["name"], "hearth");
    assert_eq!(info["software"]["repository"], "https://source.example/hearth");
    assert_eq!(info["usage"]["users"], json!({"total": 0, "activeMonth": 0, "activeHalfyear": 0}), "rounded down");
    assert_eq!((&info["metadata"]["nodeName"], &info["openRegistrations"]), (&json!("Larkwater"), &json!(true)));
    assert_eq!(world.get("/nodeinfo/2.0", "").await.json()["version"], "2.0");
    assert_eq!(world.get("/nodeinfo/1.0", "").await.status, 404);
}

/// Lemmy loses the whole outbox over one item that is not this.
fn lemmy_reads(item: &Value) {
    assert_eq!(item["type"], "Announce");
    assert!(item["to"].is_array() && item["cc"].is_array());
    let inner = &item["object"];
    assert!(inner["id"].is_string() && inner["actor"].is_string());
    assert_eq!((&inner["type"], &inner["object"]["type"]), (&json!("Create"), &json!("Page")));
    assert!(inner["to"].is_array() && inner["cc"].is_array());
}

#[actix_web::test]
async fn an_outbox_is_read_by_everybody() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    for number in 0..25 {
        world.clock.advance(chrono::Duration::seconds(1));
        world.post(&tea, &format!("Post {number}"), if number % 5 == 0 { "members" } else { "public" });
    }
    world.clock.advance(chrono::Duration::seconds(1));
    let meetup = world.meetup(&tea);
    let root = world.get("/g/tea/outbox", ACTIVITY).await;
    assert!(matches!(inbound::read_document(&root.body, ReadOptions::default()), Ok(Document::Collection(_))));
    let root = root.json();
    let items = root["orderedItems"].as_array().unwrap();
    assert_eq!((items.len(), &root["totalItems"]), (20, &json!(20)));
    assert_eq!(root["first"], "https://oak.test/g/tea/outbox?page=1");
    items.iter().for_each(lemmy_reads);
    assert_eq!(items[0]["object"]["object"]["name"], "Post 24", "newest first");
    let text = root.to_string();
    assert!(!text.contains("Post 20"), "what is for members is not in it");

    let first = world.get("/g/tea/outbox?page=1", ACTIVITY).await.json();
    let items = first["orderedItems"].as_array().unwrap();
    assert_eq!((items.len(), &first["next"]), (20, &json!("https://oak.test/g/tea/outbox?page=2")));
    assert!(items.iter().all(|item| item["type"] == "Announce" && item["object"]["type"] == "Create"));
    assert_eq!(items[0]["object"]["object"]["id"], meetup.ap_id.as_str());

    let second = world.get("/g/tea/outbox?page=2", ACTIVITY).await.json();
    let items = second["orderedItems"].as_array().unwrap();
    assert_eq!(items[0]["type"], "Create", "the group's own");
    assert_eq!((&items[0]["actor"], &items[0]["object"]["type"]), (&json!("https://oak.test/g/tea"), &json!("Event")));
    assert_eq!((items.len(), items[1]["object"]["object"]["name"].as_str()), (2, Some("Post 1")));
    assert_eq!(second.get("next"), None);
    assert_eq!(world.get("/g/tea/outbox?page=0", ACTIVITY).await.status, 404);

    let server = world.get("/outbox", ACTIVITY).await.json();
    assert_eq!(server["orderedItems"][0]["object"], meetup.ap_id.as_str());
}

#[actix_web::test]
async fn collections_name_nobody() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.known("Person", "https://elm.test/u/kim", "kim");
    world.deliver(&follow(1, "https://elm.test/u/kim", tea.ap_id.as_str()), "kim").await;
    let followers = world.get("/g/tea/followers", "").await.json();
    assert_eq!(
        (&followers["type"], &followers["items"], &followers["totalItems"]),
        (&json!("Collection"), &json!([]), &json!(0)),
        "counted in tens"
    );
    for part in ["members", "moderators", "featured", "empty", "upcoming"] {
        let document = world.get(&format!("/g/tea/{part}"), "").await.json();
        assert_eq!((&document["type"], &document["orderedItems"]), (&json!("OrderedCollection"), &json!([])), "{part}");
    }
    let meetup = world.meetup(&tea);
    let attendees = world.get(&format!("/e/{}/attendees", meetup.id), "").await.json();
    assert_eq!((&attendees["items"], attendees.get("totalItems")), (&json!([]), None));
    assert_eq!(world.get("/g/tea/upcoming", "").await.json()["orderedItems"][0]["type"], "Event");
}

#[actix_web::test]
async fn a_conversation_in_order() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    let root = world.post(&tea, "Sleep?", "public");
    world.clock.advance(chrono::Duration::seconds(1));
    let one = world.reply(Answering::Post(root.id));
    world.clock.advance(chrono::Duration::seconds(1));
    let two = world.reply(Answering::Post(one.id));
    let ids = |document: &Value| -> Vec<String> {
        let items = document["orderedItems"].as_array().unwrap().iter();
        items.map(|item| item.as_str().or_else(|| item["id"].as_str()).unwrap().to_owned()).collect()
    };
    let context = world.get(&format!("/p/{}/context", root.id), "").await.json();
    assert_eq!(ids(&context), [&root, &one, &two].map(|post| post.ap_id.to_string()));
    assert_eq!(context["attributedTo"], tea.ap_id.as_str());
    let embedded = world.get(&format!("/p/{}/context?embed=1", root.id), "").await.json();
    assert_eq!((ids(&embedded), &embedded["orderedItems"][1]["type"]), (ids(&context), &json!("Note")));
    let replies = world.get(&format!("/p/{}/replies", root.id), "").await.json();
    assert_eq!((ids(&replies), &replies["totalItems"]), (vec![one.ap_id.to_string()], &json!(1)));
    let replies = world.get(&format!("/n/{}/replies", one.id), "").await.json();
    assert_eq!(ids(&replies), [two.ap_id.to_string()]);
    let meetup = world.meetup(&tea);
    let asked = world.reply(Answering::Event(meetup.id));
    let context = world.get(&format!("/e/{}/context", meetup.id), "").await.json();
    assert_eq!(ids(&context), [meetup.ap_id.to_string(), asked.ap_id.to_string()]);
    let wall = world.get("/g/tea/wall", "").await.json();
    assert_eq!(ids(&wall), [root.ap_id.to_string()]);
}

#[actix_web::test]
async fn an_activity_is_there_while_its_words_are() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.known("Person", "https://elm.test/u/kim", "kim");
    world.deliver(&follow(1, "https://elm.test/u/kim", tea.ap_id.as_str()), "kim").await;
    let accept = world.deliveries("elm.test")[0].activity_id;
    assert_eq!(world.get(&format!("/a/{accept}"), ACTIVITY).await.status, 404, "it was for one person");
    let root = world.post(&tea, "Sleep?", "public");
    let sent = world.read(|c| deliveries::of_host(c, "elm.test"))[1].activity_id;
    let answer = world.get(&format!("/a/{sent}"), ACTIVITY).await;
    let read = inbound::read_activity(&answer.body, ReadOptions::default()).unwrap();
    assert!(matches!(read.kind, ActivityKind::Announce { .. }));
    post::delete(&world.app, world.keeper, root.id).unwrap();
    assert_eq!(world.get(&format!("/a/{sent}"), ACTIVITY).await.status, 404);
}
