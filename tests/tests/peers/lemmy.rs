//! Lemmy: reads Announce of activities, and parses every field it knows without mercy: one bad item spoils an outbox, a
//! missing `cc` an activity. Its communities announce twice (profile 2.5, 3.1, 10; recorded/SIGNATURES.md 4).

use crate::{follows, signed_by_its_actor, stories};
use hearth_actions::{follow, post};
use hearth_db::{Kind, tables::follows::FollowState};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tests::{
    network::TestNetwork,
    peer::{PUBLIC, ScriptedPeer},
    world::post_form,
};
use url::Url;

stories! { reads_a_group, has_a_community }

#[derive(Deserialize)]
struct Announce<T> {
    id: Url,
    r#type: String,
    actor: Url,
    to: Vec<Url>,
    cc: Vec<Url>,
    object: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatePage {
    id: Url,
    r#type: String,
    actor: Url,
    to: Vec<Url>,
    cc: Vec<Url>,
    object: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    id: Url,
    r#type: String,
    attributed_to: Url,
    to: Vec<Url>,
    cc: Vec<Url>,
    audience: Option<Url>,
    name: String,
    content: Option<String>,
    in_reply_to: Option<Value>,
    attachment: Vec<Attachment>,
    image: Option<Image>,
    sensitive: bool,
    language: Option<Language>,
    context: Option<Url>,
    published: chrono::DateTime<chrono::FixedOffset>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Attachment {
    Link { href: Url },
    Image { url: Url },
    Document { url: Url },
}

#[derive(Deserialize)]
struct Image {
    url: Url,
}

#[derive(Deserialize)]
struct Language {
    identifier: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outbox {
    r#type: String,
    total_items: usize,
    ordered_items: Vec<Announce<CreatePage>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Followers {
    r#type: String,
    total_items: usize,
    items: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moderators {
    r#type: String,
    ordered_items: Vec<Url>,
}

fn strictly<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("Lemmy drops it: {error}\n{value:#}"))
}

/// Everything Lemmy asks of a post it is told of.
fn judge(announce: &Announce<CreatePage>, group: &str) {
    let (create, page) = (&announce.object, &announce.object.object);
    assert_eq!((&*announce.r#type, &*create.r#type, &*page.r#type), ("Announce", "Create", "Page"));
    assert_eq!(announce.actor.as_str(), group);
    assert_eq!(create.actor, page.attributed_to, "who creates is the author");
    let host = |url: &Url| url.host_str().map(str::to_owned);
    assert!(
        host(&announce.id) == host(&announce.actor)
            && host(&create.id) == host(&create.actor)
            && host(&page.id) == host(&create.actor)
    );
    let public = |urls: &[Url]| urls.iter().any(|url| url.as_str() == PUBLIC);
    assert!(public(&announce.to) || public(&announce.cc));
    assert!(public(&create.to) || public(&create.cc));
    assert!(public(&page.to) || public(&page.cc));
    let community = page.to.iter().chain(&page.cc).find(|url| url.as_str() != PUBLIC).expect("a community");
    assert_eq!(community.as_str(), group, "the first address is resolved as the community");
    assert_eq!(page.audience.as_ref().map(Url::as_str), Some(group));
    assert!(page.in_reply_to.is_none(), "a Page that answers something is refused");
    assert!((3..=200).contains(&page.name.chars().count()) && page.content.is_some() && !page.sensitive);
    let files = page.attachment.iter().map(|file| match file {
        Attachment::Link { href: url } | Attachment::Image { url } | Attachment::Document { url } => url,
    });
    assert!(files.chain(page.image.iter().map(|image| &image.url)).all(|url| url.scheme() == "https"));
    assert!(page.language.iter().all(|language| !language.identifier.is_empty() && !language.name.is_empty()));
    assert!(page.context.is_some() && page.published.timestamp() > 0);
}

async fn reads_a_group(kind: Kind) {
    let lem = ScriptedPeer::start("lem.test", "lemmy", "0.19.20");
    lem.judges(signed_by_its_actor);
    let network = TestNetwork::start_beside(&[("oak", kind)], &[&lem]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let kim = lem.actor("Person", "/u/kim", "kim", true);
    let (follow, accept) = follows(&lem, &kim, &network, oak, &tea).await;
    for part in ["id", "type", "actor", "object"] {
        assert_eq!(accept["object"][part], follow[part], "the Follow stands in the Accept: {part}");
    }

    // A link, emphasis and a content note: what is said apart for others must not break it.
    let mut typed = post_form(oak.persona, "Sleep", "What *helps*? See https://example.org/");
    oak.act(|app| post::publish(app, oak.keeper, tea.id, &typed));
    typed.title = "Second".into();
    network.clock.advance(chrono::Duration::minutes(1));
    oak.act(|app| post::publish(app, oak.keeper, tea.id, &typed));
    network.settle().await;
    let news = lem.news();
    assert_eq!(news.len(), 2, "one Announce for each post, none in object form: {news:#?}");
    for one in &news {
        judge(&strictly::<Announce<CreatePage>>(one), tea.ap_id.as_str());
    }

    let read = |path: &str| -> Value {
        let answer =
            lem.asks(&format!("{}{path}", tea.ap_id), Some(&format!("{}#main-key", kim["id"].as_str().unwrap())));
        assert_eq!(answer.status, 200, "{path}");
        serde_json::from_slice(&answer.body).unwrap()
    };
    let outbox: Outbox = strictly(&read("/outbox"));
    assert_eq!((&*outbox.r#type, outbox.total_items, outbox.ordered_items.len()), ("OrderedCollection", 2, 2));
    for item in &outbox.ordered_items {
        judge(item, tea.ap_id.as_str());
    }
    assert_eq!(outbox.ordered_items[0].object.object.name, "Second", "newest first");
    let followers: Followers = strictly(&read("/followers"));
    // It wants a number and no names; ours counts in tens.
    assert_eq!((&*followers.r#type, followers.total_items, followers.items.len()), ("Collection", 0, 0));
    let moderators: Moderators = strictly(&read("/moderators"));
    assert_eq!((&*moderators.r#type, moderators.ordered_items.len()), ("OrderedCollection", 0));
    network.finish().await;
}

async fn has_a_community(kind: Kind) {
    let lem = ScriptedPeer::start("lem.test", "lemmy", "0.19.20");
    lem.judges(signed_by_its_actor);
    let network = TestNetwork::start_beside(&[("oak", kind)], &[&lem]).await;
    let oak = network.server("oak");
    let knit = lem.actor("Group", "/c/knit", "knit", true);
    let sam = lem.actor("Person", "/u/sam", "sam", true);
    let found = oak.find("!knit@lem.test").await;
    oak.act(|app| follow::follow(app, oak.keeper, found, oak.persona));
    network.settle().await;
    let follow = lem.news().remove(0);
    assert_eq!((&follow["type"], &follow["object"]), (&json!("Follow"), &knit["id"]));
    let follows_it = |server: &tests::network::TestServer| {
        server.read(|c| hearth_db::tables::follows::between(c, server.persona, found)).map(|row| row.state)
    };
    assert_eq!(follows_it(oak), Some(FollowState::Asked));
    let accept = json!({"@context": "https://www.w3.org/ns/activitystreams", "id": lem.new_id(), "type": "Accept",
        "actor": knit["id"], "to": [follow["actor"]], "object": follow});
    assert_eq!(lem.delivers("oak.test", &accept), 202);
    network.settle().await;
    assert_eq!(follows_it(oak), Some(FollowState::Accepted));

    let announce = |object: &Value| {
        json!({"@context": "https://www.w3.org/ns/activitystreams", "id": lem.new_id(), "type": "Announce",
            "actor": knit["id"], "to": [PUBLIC], "cc": [lem.id("/c/knit/followers")], "object": object})
    };
    let page = json!({"id": lem.id("/post/1"), "type": "Page", "attributedTo": sam["id"], "to": [knit["id"], PUBLIC], "cc": [],
        "audience": knit["id"], "name": "Wool", "content": "<p>blue</p>", "mediaType": "text/html", "sensitive": false,
        "source": {"content": "blue", "mediaType": "text/markdown"}, "published": "2026-11-24T09:00:00.123456Z",
        "attachment": [{"type": "Link", "href": "https://wool.example/"}], "language": {"identifier": "en", "name": "English"}});
    lem.serve("/post/1", page.clone());
    let create = json!({"id": lem.new_id(), "type": "Create", "actor": sam["id"], "to": [knit["id"], PUBLIC], "cc": [],
        "audience": knit["id"], "object": page});
    // The same post comes as an activity and bare.
    for object in [&create, &page] {
        assert_eq!(lem.delivers("oak.test", &announce(object)), 202);
        network.settle().await;
    }
    let stored = oak.post(&lem.id("/post/1")).expect("it is here");
    assert_eq!((stored.title.as_deref(), stored.group_id), (Some("Wool"), found));
    assert!(stored.content_html.starts_with("<p>blue</p>") && stored.content_html.contains("https://wool.example/"));
    assert_eq!(oak.actor(stored.author_id).ap_id.as_str(), sam["id"].as_str().unwrap());

    let delete = json!({"id": lem.new_id(), "type": "Delete", "actor": sam["id"], "to": [PUBLIC], "cc": [knit["id"]],
        "object": lem.id("/post/1")});
    assert_eq!(lem.delivers("oak.test", &announce(&delete)), 202);
    network.settle().await;
    assert!(oak.post(&lem.id("/post/1")).expect("its place stays").deleted_at.is_some());
    network.finish().await;
}
