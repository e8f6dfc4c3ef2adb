//! What was missed is read from where it lies: outboxes of every peer's shape, conversations, and who is gone.

use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use hearth_actions::{follow, repair};
use hearth_db::tables::{actors::Actor, follows, posts, repairs};
use serde_json::{Value, json};

use super::world::{World, actor};
use crate::client::testpeer::{Peer, Seen, activity, reply};

const BOOKS: &str = "https://elm.test/g/books";
const KIM: &str = "https://elm.test/u/kim";
const SAM: &str = "https://ash.test/u/sam";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn books() -> Value {
    let mut group = actor("Group", BOOKS, "books");
    group["upcomingEvents"] = json!(format!("{BOOKS}/upcoming"));
    group
}

fn page(id: &str, by: &str, title: &str) -> Value {
    json!({"id": id, "type": "Page", "attributedTo": by, "audience": BOOKS, "to": [BOOKS, PUBLIC], "cc": [],
        "name": title, "content": format!("<p>{title}</p>"), "published": "2026-11-01T10:00:00Z",
        "context": format!("{id}/context"), "replies": format!("{id}/replies")})
}

fn note(id: &str, by: &str, parent: &str) -> Value {
    json!({"id": id, "type": "Note", "attributedTo": by, "inReplyTo": parent, "to": [BOOKS, PUBLIC], "cc": [],
        "content": "<p>Yes.</p>", "published": "2026-11-02T10:00:00Z", "replies": format!("{id}/replies")})
}

fn event(id: &str, title: &str) -> Value {
    json!({"id": id, "type": "Event", "attributedTo": BOOKS, "to": [PUBLIC], "cc": [], "name": title,
        "content": "<p>Tea.</p>", "startTime": "2027-01-10T18:30:00+00:00", "endTime": "2027-01-10T20:00:00+00:00",
        "published": "2026-11-01T10:00:00Z"})
}

fn announced(number: u32, object: Value) -> Value {
    json!({"id": format!("{BOOKS}/a/{number}"), "type": "Announce", "actor": BOOKS, "to": [PUBLIC], "cc": [], "object": object})
}

fn created(by: &str, object: Value) -> Value {
    json!({"id": format!("{by}/a/{}", object["name"]).replace(['"', ' '], ""), "type": "Create", "actor": by, "to": [PUBLIC], "cc": [], "object": object})
}

fn list(url: &str, items: Value) -> Value {
    json!({"id": url, "type": "OrderedCollection", "orderedItems": items})
}

/// Documents of the network beyond `oak.test`, by address; 410 for null, 404 for what is not here.
type Documents = Arc<Mutex<std::collections::BTreeMap<String, Value>>>;

struct Stage {
    world: World,
    peer: Peer,
    documents: Documents,
    books: Actor,
}

impl Stage {
    async fn new() -> Self {
        let documents = Documents::default();
        let served = documents.clone();
        let peer = Peer::start(move |seen: &Seen| {
            let url = format!("https://{}{}", seen.header("host").unwrap_or_default(), seen.target);
            match served.lock().unwrap().get(&url) {
                Some(Value::Null) => reply(410, &[], b""),
                Some(document) => activity(&document.to_string()),
                None => reply(404, &[], b""),
            }
        })
        .await;
        let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]);
        let books = world.known("Group", BOOKS, "books");
        let stage = Self { world, peer, documents, books };
        stage.serve([books_of(), (KIM, actor("Person", KIM, "kim")), (SAM, actor("Person", SAM, "sam"))]);
        stage
    }

    fn serve<const N: usize>(&self, more: [(&str, Value); N]) {
        self.documents.lock().unwrap().extend(more.map(|(url, document)| (url.to_owned(), document)));
    }

    /// Somebody here follows the group, which accepts; then everything that is due is fetched.
    async fn follow(&self) {
        let world = &self.world;
        follow::follow(&world.app, world.keeper, self.books.id, world.rowan).unwrap();
        let asked = world.read(|c| follows::between(c, world.rowan, self.books.id)).unwrap();
        let accept =
            json!({"id": format!("{BOOKS}/a/0"), "type": "Accept", "actor": BOOKS, "object": asked.ap_id.as_str()});
        assert_eq!(world.deliver(&accept, "books").await, StatusCode::ACCEPTED);
        self.settle().await;
    }

    async fn settle(&self) {
        while self.world.door.repair_due(|| false).await.unwrap() > 0 {}
    }

    fn post(&self, id: &str) -> Option<posts::Post> {
        self.world.read(|c| posts::by_ap_id(c, id))
    }

    fn asked(&self, path: &str) -> usize {
        self.peer.seen().iter().filter(|seen| seen.method == "GET" && seen.target == path).count()
    }

    fn end(&self, url: &str) -> Option<String> {
        self.world.read(|c| repairs::get(c, self.books.id, url)).and_then(|row| row.last_result)
    }
}

fn books_of() -> (&'static str, Value) {
    (BOOKS, books())
}

#[actix_web::test]
async fn an_accepted_follow_reads_outbox_meetups_and_conversations() {
    let stage = Stage::new().await;
    let (one, two, three) = ("https://elm.test/p/1", "https://ash.test/p/2", "https://elm.test/p/3");
    let (first, second) = ("https://elm.test/n/1", "https://ash.test/n/2");
    stage.serve([
        ("https://elm.test/g/books/outbox", json!({"type": "OrderedCollection", "id": "https://elm.test/g/books/outbox",
            "orderedItems": [announced(1, created(KIM, page(one, KIM, "One"))), announced(2, created(SAM, page(two, SAM, "Not what Sam said"))),
                7, {"type": "Announce"}, announced(3, json!(three)), {"id": "https://elm.test/l", "type": "Like", "actor": KIM, "object": one}]})),
        (two, page(two, SAM, "Two")),
        (three, page(three, KIM, "Three")),
        ("https://elm.test/g/books/upcoming", list("https://elm.test/g/books/upcoming", json!([event("https://elm.test/e/1", "Tea")]))),
        ("https://elm.test/p/1/context", list("https://elm.test/p/1/context", json!([one, note(first, KIM, one), second]))),
        (second, note(second, SAM, first)),
    ]);
    stage.follow().await;

    let shown = |id: &str| stage.post(id).and_then(|post| post.title);
    assert_eq!(shown(one).as_deref(), Some("One"));
    assert_eq!(shown(two).as_deref(), Some("Two"), "as its own server says");
    assert_eq!(shown(three).as_deref(), Some("Three"));
    let root = stage.post(one).unwrap();
    assert_eq!(root.published_at, "2026-11-01T10:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().into());
    let (a, b) = (stage.post(first).unwrap(), stage.post(second).unwrap());
    assert_eq!(
        (a.root_id, a.parent_id, b.root_id, b.parent_id),
        (Some(root.id), Some(root.id), Some(root.id), Some(a.id))
    );
    let tea = stage.world.read(|c| hearth_db::tables::events::by_ap_id(c, "https://elm.test/e/1")).unwrap();
    assert_eq!(tea.title, "Tea");
    assert_eq!(stage.world.deliveries("elm.test").len(), 1, "nothing but the Follow was sent");

    // Once more: nothing comes twice, and what is known is not fetched again.
    let before = stage.asked("/p/2");
    stage.world.clock.advance(chrono::Duration::hours(25));
    repair::read_again(&stage.world.app).unwrap();
    stage.settle().await;
    assert_eq!((stage.asked("/g/books/outbox"), stage.asked("/p/2")), (2, before));
    repair::read_again(&stage.world.app).unwrap();
    assert_eq!(stage.world.read(|c| repairs::count_due(c, stage.world.app.now())), 0, "once a day");
}

#[actix_web::test]
async fn outboxes_of_all_shapes_end_after_sixty_items_or_three_pages() {
    let outbox = "https://elm.test/g/books/outbox";
    let items = |from: u32, to: u32| -> Value {
        let one = |n| announced(n, created(KIM, page(&format!("https://elm.test/p/{n}"), KIM, &format!("N{n}"))));
        (from..to).map(one).collect()
    };
    let turn = |n: u32, items: Value| {
        (
            format!("{outbox}?page={n}"),
            json!({"id": format!("{outbox}?page={n}"), "type": "OrderedCollectionPage",
            "partOf": outbox, "next": format!("{outbox}?page={}", n + 1), "orderedItems": items}),
        )
    };
    let named = json!({"id": outbox, "type": "OrderedCollection", "first": format!("{outbox}?page=1")});
    let embedded = json!({"id": outbox, "type": "OrderedCollection", "first": {"type": "OrderedCollectionPage",
        "next": format!("{outbox}?page=2"), "orderedItems": items(100, 110)}});
    for (what, root, pages, expected) in [
        ("one long list", list(outbox, items(100, 190)), vec![], 60),
        ("pages of ten", named.clone(), (1..9).map(|n| turn(n, items(100 + 10 * n, 110 + 10 * n))).collect(), 30),
        ("long pages", named.clone(), vec![turn(1, items(100, 150)), turn(2, items(150, 200))], 60),
        (
            "the first page inside",
            embedded,
            vec![turn(2, items(110, 120)), turn(3, items(120, 130)), turn(4, items(130, 140))],
            30,
        ),
        ("empty pages", named, (1..9).map(|n| turn(n, json!([]))).collect(), 0),
    ] {
        let stage = Stage::new().await;
        stage.serve([(outbox, root)]);
        stage.documents.lock().unwrap().extend(pages);
        stage.follow().await;
        let count = stage.world.read(|c| hearth_db::views::outbox::count(c, stage.books.id));
        assert_eq!(count, expected, "{what}");
        assert_eq!(stage.asked("/g/books/outbox?page=4"), 0, "{what}");
    }
}

#[actix_web::test]
async fn edits_and_removals_that_were_missed_are_made_up_for() {
    let stage = Stage::new().await;
    let outbox = "https://elm.test/g/books/outbox";
    let (one, two, three) = ("https://elm.test/p/1", "https://elm.test/p/2", "https://elm.test/p/3");
    let of = |pages: &[&Value]| -> Value {
        list(outbox, pages.iter().map(|page| announced(1, created(KIM, (*page).clone()))).collect())
    };
    let (first, second, third) = (page(one, KIM, "One"), page(two, KIM, "Two"), page(three, KIM, "Three"));
    stage.serve([(outbox, of(&[&first, &second, &third]))]);
    stage.follow().await;

    let mut changed = page(one, KIM, "One and a half");
    changed["updated"] = json!("2026-11-20T10:00:00Z");
    let mut forged = page(three, KIM, "Not news");
    forged["updated"] = json!("2020-01-01T00:00:00Z");
    stage.serve([(outbox, of(&[&changed, &forged])), (two, Value::Null), (one, changed.clone())]);
    stage.world.clock.advance(chrono::Duration::hours(25));
    repair::read_again(&stage.world.app).unwrap();
    stage.settle().await;
    assert_eq!(stage.post(one).unwrap().title.as_deref(), Some("One and a half"));
    assert!(stage.post(two).unwrap().deleted_at.is_some(), "410 where it was written");

    // 404 is no removal: a server that lost its database must not empty others.
    stage.serve([(outbox, of(&[&changed]))]);
    stage.world.clock.advance(chrono::Duration::hours(25));
    repair::read_again(&stage.world.app).unwrap();
    stage.settle().await;
    assert!(stage.post(three).unwrap().deleted_at.is_none());
}

#[actix_web::test]
async fn a_conversation_without_a_list_is_read_two_levels_deep() {
    let stage = Stage::new().await;
    let one = "https://elm.test/p/1";
    let ids = ["https://elm.test/n/1", "https://elm.test/n/2", "https://elm.test/n/3"];
    stage.serve([
        ("https://elm.test/g/books/outbox", list("https://elm.test/g/books/outbox", json!([announced(1, created(KIM, page(one, KIM, "One")))]))),
        ("https://elm.test/p/1/replies", json!({"id": "https://elm.test/p/1/replies", "type": "Collection",
            "first": {"type": "CollectionPage", "items": [ids[0], {"type": "Page", "id": "https://elm.test/p/9", "attributedTo": KIM, "name": "No answer", "to": [PUBLIC]}]}})),
        (ids[0], note(ids[0], KIM, one)),
        ("https://elm.test/n/1/replies", list("https://elm.test/n/1/replies", json!([note(ids[1], KIM, ids[0])]))),
        ("https://elm.test/n/2/replies", list("https://elm.test/n/2/replies", json!([note(ids[2], KIM, ids[1])]))),
    ]);
    stage.follow().await;
    assert!(stage.post(ids[0]).is_some() && stage.post(ids[1]).is_some());
    assert!(stage.post(ids[2]).is_none() && stage.post("https://elm.test/p/9").is_none());
    assert_eq!(stage.end("https://elm.test/p/1/context").as_deref(), Some("not_found"));
}

#[actix_web::test]
async fn an_opened_conversation_is_read_every_quarter_of_an_hour_at_most() {
    let stage = Stage::new().await;
    let one = "https://elm.test/p/1";
    stage.serve([
        (
            "https://elm.test/g/books/outbox",
            list("https://elm.test/g/books/outbox", json!([announced(1, created(KIM, page(one, KIM, "One")))])),
        ),
        (one, page(one, KIM, "One")),
    ]);
    stage.follow().await;
    let root = stage.post(one).unwrap();
    stage.serve([(
        "https://elm.test/p/1/context",
        list("https://elm.test/p/1/context", json!([one, note("https://elm.test/n/1", KIM, one)])),
    )]);
    assert!(repair::opened(&stage.world.app, root.id).unwrap());
    assert!(!repair::opened(&stage.world.app, root.id).unwrap());
    stage.settle().await;
    assert!(stage.post("https://elm.test/n/1").is_some());
    assert!(!repair::opened(&stage.world.app, root.id).unwrap());
    stage.world.clock.advance(chrono::Duration::minutes(16));
    assert!(repair::opened(&stage.world.app, root.id).unwrap());
    let tea = stage.world.group("tea", "open_community");
    let own = stage.world.post(&tea, "Ours", "public");
    assert!(!repair::opened(&stage.world.app, own.id).unwrap(), "what is ours is whole");
}

/// What was done in a conversation is asked for before what stands in it, and that where there is no such list.
#[actix_web::test]
async fn the_history_of_a_conversation_is_read_first() {
    let stage = Stage::new().await;
    let with_history = |number: u8| {
        let id = format!("https://elm.test/p/{number}");
        let mut page = page(&id, KIM, "One");
        page["contextHistory"] = json!(format!("{id}/history"));
        page
    };
    let answer = |number: u8| format!("https://elm.test/n/{number}");
    let (history, context) = ("https://elm.test/p/1/history", "https://elm.test/p/2/context");
    let done = created(KIM, note(&answer(1), KIM, "https://elm.test/p/1"));
    let outbox = [announced(1, created(KIM, with_history(1))), announced(2, created(KIM, with_history(2)))];
    stage.serve([
        ("https://elm.test/g/books/outbox", list("https://elm.test/g/books/outbox", json!(outbox))),
        (history, list(history, json!([announced(3, done)]))),
        (context, list(context, json!([note(&answer(2), KIM, "https://elm.test/p/2")]))),
    ]);
    stage.follow().await;
    assert!(stage.post(&answer(1)).is_some());
    assert_eq!((stage.asked("/p/1/history"), stage.asked("/p/1/context")), (1, 0));
    assert!(stage.post(&answer(2)).is_some());
    assert_eq!((stage.asked("/p/2/history"), stage.asked("/p/2/context")), (1, 1));
}

#[actix_web::test]
async fn what_is_listed_elsewhere_is_believed_only_of_its_own_server() {
    let stage = Stage::new().await;
    let (forged, private) = ("https://ash.test/p/1", "https://elm.test/p/2");
    let mut closed = page(private, KIM, "For us");
    closed["to"] = json!([BOOKS]);
    stage.serve([(
        "https://elm.test/g/books/outbox",
        list(
            "https://elm.test/g/books/outbox",
            json!([
                announced(1, created(SAM, page(forged, SAM, "Sam never said this"))),
                announced(2, created(KIM, closed)),
                announced(3, created(KIM, page("https://oak.test/p/1", "https://oak.test/u/rowan", "Ours")))
            ]),
        ),
    )]);
    stage.follow().await;
    assert!(
        stage.post(forged).is_none() && stage.post(private).is_none() && stage.post("https://oak.test/p/1").is_none()
    );
}

#[actix_web::test]
async fn a_restart_loses_nothing_and_trouble_is_tried_again() {
    let stage = Stage::new().await;
    follow::follow(&stage.world.app, stage.world.keeper, stage.books.id, stage.world.rowan).unwrap();
    stage.documents.lock().unwrap().clear();
    stage.follow().await;
    assert_eq!(stage.end(BOOKS).as_deref(), Some("not_found"));
    stage.serve([books_of()]);
    stage.world.clock.advance(chrono::Duration::hours(25));
    repair::read_again(&stage.world.app).unwrap();
    // Another process finds the rows: nothing waits in memory.
    let rows = stage.world.read(|c| repairs::due(c, stage.world.app.now(), 9));
    assert_eq!(rows.len(), 1);
    // On a full disk it waits, and nobody is asked.
    stage.world.app.db.room().ran_out();
    let asked = stage.peer.seen().len();
    stage.settle().await;
    assert_eq!((stage.peer.seen().len(), stage.end(BOOKS).as_deref()), (asked, Some("not_found")));
    stage.world.app.db.room().is_back();
    stage.settle().await;
    assert_eq!(stage.end(BOOKS).as_deref(), Some("read"));
}

#[actix_web::test]
async fn who_follows_from_an_inbox_that_is_gone_is_asked_for() {
    let stage = Stage::new().await;
    let tea = stage.world.group("tea", "open_community");
    for (who, name) in [(KIM, "kim"), (SAM, "sam")] {
        stage.world.known("Person", who, name);
        stage.world.deliver(&super::world::follow(1, who, tea.ap_id.as_str()), name).await;
    }
    stage.serve([(KIM, Value::Null)]);
    let gone = |inbox: &'static str| {
        let app = stage.world.app.clone();
        app.db.write(|tx| repair::inbox_is_gone(&app, tx, inbox)).unwrap();
    };
    gone("https://elm.test/inbox");
    gone("https://ash.test/inbox");
    stage.settle().await;
    assert_eq!(stage.world.read(|c| follows::count_followers(c, tea.id)), 1, "Sam is still there");
    assert!(stage.world.actor(KIM).unwrap().deleted_at.is_some());
    assert!(stage.world.actor(SAM).unwrap().deleted_at.is_none());
}
