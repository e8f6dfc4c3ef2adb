//! Attacks on the door to other servers: over real HTTP, with real signatures, against a server that must not move.
//!
//! `oak` is the server under attack. `elm` is a good neighbour whose keeper follows a group on oak; `ash` is a stranger
//! whose signatures are as valid as anybody's. Whatever comes, [`Stage::picture`] of oak has to stay the same.

use chrono::{DateTime, Duration, Utc};
use hearth_actions::{
    event, post,
    post::{Answering, PostForm},
};
use hearth_db::{
    Kind,
    tables::{
        actors::{self, Actor},
        deliveries,
        events::{self, Event},
        follows, groups, memberships,
        posts::{self, Post},
        rsvps,
    },
    views::{conversation, outbox, visible::Reader},
};
use hearth_domain::{
    clock::Clock,
    group::{Reach, Readable},
    id::ActorId,
};
use hearth_federation::signing::{RequestTarget, SigningKey};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde_json::{Value, json};
use tests::{
    network::{ACTIVITY_JSON, TestNetwork, TestServer},
    world::{event_form, post_form},
};
use url::Url;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// A group that nobody is told about, and one that does not exist.
const HIDDEN: &str = "https://oak.test/g/circle";
const NOWHERE: &str = "https://oak.test/g/nowhere";

/// Somebody who can sign.
struct Signer {
    id: String,
    key: SigningKey,
}

impl Signer {
    /// The keeper's persona of a server, which has an address from now on.
    fn of(server: &TestServer) -> Self {
        let app = server.app();
        app.db.write(|tx| actors::put_on_network(tx, server.persona, app.now())).expect("the database answers");
        let actor = server.actor(server.persona);
        let pem = actor.private_key_pem.expect("it lives there");
        let key_id = Url::parse(&actor.public_key_id).expect("an address");
        Self { id: actor.ap_id.to_string(), key: SigningKey::from_pem(&key_id, &pem).expect("a key") }
    }

    /// An address on the signer's own server.
    fn own(&self, rest: &str) -> String {
        let origin = Url::parse(&self.id).expect("an address").origin().ascii_serialization();
        format!("{origin}/made-up/{rest}")
    }

    /// The headers of a good delivery to oak.
    fn sign(&self, body: &[u8], now: DateTime<Utc>) -> HeaderMap {
        self.sign_for("https://oak.test/inbox", body, now)
    }

    fn sign_for(&self, inbox: &str, body: &[u8], now: DateTime<Utc>) -> HeaderMap {
        let inbox = Url::parse(inbox).expect("an address");
        self.key.sign_cavage(&Method::POST, &inbox, Some(body), RequestTarget::WithQuery, now).expect("signed")
    }
}

/// What stands on oak when the attacks begin.
struct Stage {
    net: TestNetwork,
    /// Keeper of elm: follows the group, and has written in it.
    friend: Signer,
    /// Keeper of ash: follows nothing.
    stranger: Signer,
    tea: Actor,
    circle: ActorId,
    root: Post,
    members_only: Post,
    meetup: Event,
    members_meetup: Event,
    hidden_post: Post,
    hidden_meetup: Event,
}

impl Stage {
    async fn set() -> Self {
        let net = TestNetwork::start(&[("oak", Kind::Sqlite), ("elm", Kind::Sqlite), ("ash", Kind::Sqlite)]).await;
        let (oak, elm) = (net.server("oak"), net.server("elm"));
        let (friend, stranger) = (Signer::of(elm), Signer::of(net.server("ash")));
        let tea = oak.group("tea");
        elm.follow("@tea@oak.test").await;
        net.settle().await;
        let for_members =
            |title: &str| PostForm { visibility: "members".into(), ..post_form(oak.persona, title, "Hush") };
        let root = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "Sleep?", "Badly.")));
        let members_only = oak.act(|app| post::publish(app, oak.keeper, tea.id, &for_members("Only us")));
        let meetup = oak.act(|app| event::announce(app, oak.keeper, tea.id, &event_form(oak.persona)));
        let mut form = event_form(oak.persona);
        form.visibility = "members".into();
        let members_meetup = oak.act(|app| event::announce(app, oak.keeper, tea.id, &form));
        let circle = oak.group("circle").id;
        restrict(oak, circle, Readable::Members, Reach::Here);
        let hidden_post = oak.act(|app| post::publish(app, oak.keeper, circle, &for_members("Hush")));
        let hidden_meetup = oak.act(|app| event::announce(app, oak.keeper, circle, &form));
        net.settle().await;
        Self {
            friend,
            stranger,
            tea,
            circle,
            root,
            members_only,
            meetup,
            members_meetup,
            hidden_post,
            hidden_meetup,
            net,
        }
    }

    fn oak(&self) -> &TestServer {
        self.net.server("oak")
    }

    fn now(&self) -> DateTime<Utc> {
        self.net.clock.now()
    }

    /// Posts bytes with these headers to an inbox of oak.
    async fn post(&self, path: &str, headers: HeaderMap, body: Vec<u8>) -> StatusCode {
        #[expect(clippy::disallowed_methods, reason = "a test is a peer, not a part of Hearth")]
        let client = reqwest::Client::new();
        let url = self.oak().local_url().join(path).expect("an address");
        client.post(url).headers(headers).body(body).send().await.expect("an answer").status()
    }

    /// Delivers an activity as a well-behaved server would, and lets oak do what follows from it.
    async fn deliver(&self, signer: &Signer, activity: &Value) -> u16 {
        let body = activity.to_string().into_bytes();
        let status = self.post("/inbox", signer.sign(&body, self.now()), body).await;
        self.net.settle().await;
        status.as_u16()
    }

    /// Everything on oak that a stranger might want to move.
    fn picture(&self) -> Value {
        self.oak().read(|c| {
            let anybody = Reader::anybody();
            let mut words = Vec::new();
            for one in [&self.root, &self.members_only, &self.hidden_post] {
                let row = posts::by_id(c, one.id)?.expect("it is never gone");
                words.push(json!([row.content_html, row.title, row.author_id.to_string(), row.deleted_at.is_some()]));
            }
            let mut meetups = Vec::new();
            for one in [&self.meetup, &self.members_meetup, &self.hidden_meetup] {
                let row = events::by_id(c, one.id)?.expect("it is never gone");
                let people = rsvps::with_actors(c, row.id)?.into_iter();
                let people: Vec<String> =
                    people.map(|(rsvp, actor)| format!("{} {}", actor.ap_id, rsvp.answer.as_str())).collect();
                meetups.push(json!([row.title, row.area, row.deleted_at.is_some(), people]));
            }
            let mut here = Vec::new();
            for id in [self.tea.id, self.circle, self.oak().persona] {
                let actor = actors::by_id(c, id)?.expect("it is never gone");
                here.push(json!([actor.display_name, actor.public_key_pem, actor.inbox, actor.deleted_at.is_some()]));
            }
            let friend = actors::by_ap_id(c, &self.friend.id)?.expect("known");
            let follow = follows::between(c, friend.id, self.tea.id)?.map(|row| row.state.as_str());
            let settings =
                |group: Option<groups::Group>| group.map(|group| serde_json::to_value(group.settings()).ok());
            Ok(json!({
                "posts": words,
                "meetups": meetups,
                "actors": here,
                "friend": [friend.public_key_pem, friend.inbox, friend.display_name],
                "follow": follow,
                "followers": follows::count_followers(c, self.tea.id)?,
                "members": [memberships::count(c, self.tea.id)?, memberships::count(c, self.circle)?],
                "roots": [outbox::count(c, self.tea.id)?, outbox::count(c, self.circle)?],
                "replies": conversation::replies(c, &anybody, self.root.id, 100)?.len(),
                "settings": [settings(groups::by_id(c, self.tea.id)?), settings(groups::by_id(c, self.circle)?)],
            }))
        })
    }

    /// A note by `signer` in the group, as an activity.
    fn note(&self, signer: &Signer, name: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut activity = json!({
            "id": signer.own(&format!("act-{name}")), "type": "Create", "actor": signer.id,
            "to": [PUBLIC, self.tea.ap_id.as_str()],
            "object": {
                "id": signer.own(name), "type": "Note", "attributedTo": signer.id, "content": "<p>From afar</p>",
                "to": [PUBLIC, self.tea.ap_id.as_str()], "audience": self.tea.ap_id.as_str(),
                "inReplyTo": self.root.ap_id.as_str(), "published": "2026-11-24T09:59:00Z",
            },
        });
        change(&mut activity);
        activity
    }

    /// A plain activity about something.
    fn about(&self, signer: &Signer, name: &str, kind: &str, object: impl Into<Value>) -> Value {
        json!({"id": signer.own(name), "type": kind, "actor": signer.id, "to": [PUBLIC], "object": object.into()})
    }

    async fn finish(self) {
        self.net.finish().await;
    }
}

/// Gives a group settings that no page offers yet.
fn restrict(server: &TestServer, group: ActorId, readable: Readable, reach: Reach) {
    let app = server.app();
    app.db
        .write(|tx| {
            let row = groups::by_id(tx, group)?.expect("a group");
            let posting =
                if readable == Readable::Public { row.posting } else { hearth_domain::group::Posting::Members };
            groups::update(tx, &groups::Group { readable, reach, posting, ..row })
        })
        .expect("the database answers");
}

fn header(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(name, HeaderValue::from_str(value).expect("a header"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_delivery_is_taken_once() {
    let stage = Stage::set().await;
    let activity = stage.note(&stage.friend, "one", |_| {});
    let body = activity.to_string().into_bytes();
    let headers = stage.friend.sign(&body, stage.now());
    assert_eq!(stage.post("/inbox", headers.clone(), body.clone()).await, StatusCode::ACCEPTED);
    let after = stage.picture();
    assert_eq!(after["replies"], 1);
    assert_eq!(stage.post("/inbox", headers, body).await, StatusCode::ACCEPTED, "the same bytes again");
    let again = stage.note(&stage.friend, "one", |activity| activity["object"]["content"] = json!("Other words"));
    assert_eq!(stage.deliver(&stage.friend, &again).await, 202, "the same id, signed afresh");
    assert_eq!(stage.picture(), after);
    // An undone follow does not come back by replaying it.
    let follow = stage.about(&stage.stranger, "follow", "Follow", stage.tea.ap_id.as_str());
    assert_eq!(stage.deliver(&stage.stranger, &follow).await, 202);
    assert_eq!(stage.picture()["followers"], 2);
    let undo = stage.about(&stage.stranger, "undo", "Undo", follow.clone());
    assert_eq!(stage.deliver(&stage.stranger, &undo).await, 202);
    assert_eq!(stage.deliver(&stage.stranger, &follow).await, 202);
    assert_eq!(stage.picture(), after);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_quite_right_changes_nothing() {
    let stage = Stage::set().await;
    let (before, now) = (stage.picture(), stage.now());
    let body = stage.note(&stage.friend, "bent", |_| {}).to_string().into_bytes();
    let good = || stage.friend.sign(&body, now);
    let bent = |change: &dyn Fn(&mut HeaderMap)| {
        let mut headers = good();
        change(&mut headers);
        headers
    };
    let other = br#"{"type":"Create"}"#;
    let deep = format!("{}{}", r#"{"id":"#, "[".repeat(5_000)).into_bytes();
    let twice =
        String::from_utf8(body.clone()).expect("text").replacen('{', r#"{"actor":"https://ash.test/u/rowan","#, 1);
    let twice = twice.into_bytes();
    let huge = vec![b' '; 1024 * 1024 + 1];
    let mut cases: Vec<(&str, HeaderMap, Vec<u8>, u16)> = vec![
        ("unsigned", bent(&|h| drop(h.remove("signature"))), body.clone(), 401),
        ("no digest", bent(&|h| drop(h.remove("digest"))), body.clone(), 401),
        ("another body", good(), other.to_vec(), 401),
        (
            "two digests",
            bent(&|h| {
                let _ = h.append("digest", h["digest"].clone());
            }),
            body.clone(),
            400,
        ),
        (
            "two signatures",
            bent(&|h| {
                let _ = h.append("signature", h["signature"].clone());
            }),
            body.clone(),
            400,
        ),
        (
            "two dates",
            bent(&|h| {
                let _ = h.append("date", h["date"].clone());
            }),
            body.clone(),
            400,
        ),
        ("another Host", bent(&|h| header(h, "host", "elm.test")), body.clone(), 421),
        ("signed for elm", stage.friend.sign_for("https://elm.test/inbox", &body, now), body.clone(), 421),
        ("for another path", stage.friend.sign_for("https://oak.test/u/rowan/inbox", &body, now), body.clone(), 401),
        ("a year ahead", stage.friend.sign(&body, now + Duration::days(365)), body.clone(), 401),
        ("six minutes ahead", stage.friend.sign(&body, now + Duration::minutes(6)), body.clone(), 401),
        ("two hours old", stage.friend.sign(&body, now - Duration::hours(2)), body.clone(), 401),
        ("by a stranger's key", stage.stranger.sign(&body, now), body.clone(), 401),
        ("no JSON type", bent(&|h| header(h, "content-type", "text/plain")), body.clone(), 415),
        ("compressed", bent(&|h| header(h, "content-encoding", "gzip")), body.clone(), 415),
        ("too large", stage.friend.sign(&huge, now), huge.clone(), 413),
        ("too deep", stage.friend.sign(&deep, now), deep.clone(), 400),
        ("a key twice", stage.friend.sign(&twice, now), twice.clone(), 400),
    ];
    let forged = String::from_utf8(good()["signature"].as_bytes().to_vec()).expect("text");
    for (name, from, to) in [
        ("keyId of the stranger", "https://elm.test/u/rowan", "https://ash.test/u/rowan"),
        ("host not covered", "(request-target) host date", "(request-target) date"),
        ("digest not covered", " digest", ""),
        ("a foreign algorithm", "hs2019", "hmac-sha256"),
    ] {
        assert!(forged.contains(from), "{name}");
        let signature = forged.replace(from, to);
        cases.push((name, bent(&|h| header(h, "signature", &signature)), body.clone(), 401));
    }
    for (name, headers, body, status) in cases {
        assert_eq!(headers.get_all(CONTENT_TYPE).iter().count(), 1, "{name}");
        assert_eq!(stage.post("/inbox", headers, body).await.as_u16(), status, "{name}");
        stage.net.settle().await;
        assert_eq!(stage.picture(), before, "{name}");
    }
    // The control: the very same bytes, unbent.
    assert_eq!(stage.post("/inbox", good(), body.clone()).await, StatusCode::ACCEPTED);
    assert_eq!(stage.picture()["replies"], 1);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_for_another() {
    let stage = Stage::set().await;
    let (ash, elm) = (&stage.stranger, &stage.friend);
    assert_eq!(stage.deliver(elm, &stage.note(elm, "mine", |_| {})).await, 202);
    let join = stage.about(elm, "join", "Join", stage.meetup.ap_id.as_str());
    assert_eq!(stage.deliver(elm, &join).await, 202);
    let before = stage.picture();
    let mine = elm.own("mine");
    let (tea, root, meetup) = (stage.tea.ap_id.as_str(), stage.root.ap_id.as_str(), stage.meetup.ap_id.as_str());
    let follow = json!({"id": elm.own("f"), "type": "Follow", "actor": elm.id, "object": tea});
    let named = |name: &str, change: &dyn Fn(&mut Value)| stage.note(ash, name, change);
    let with = |mut activity: Value, change: &dyn Fn(&mut Value)| {
        change(&mut activity);
        activity
    };
    let event = json!({"id": meetup, "type": "Event", "name": "Elsewhere", "attributedTo": tea, "to": [PUBLIC],
        "startTime": "2026-12-01T18:30:00Z", "location": {"type": "Place", "name": "A dark alley"}});
    let forged_note = json!({"id": mine, "type": "Note", "attributedTo": elm.id, "content": "<p>Forged</p>",
        "to": [PUBLIC, tea], "inReplyTo": root});
    let group = json!({"id": tea, "type": "Group", "name": "Ours now", "inbox": ash.own("inbox"), "to": [PUBLIC],
        "preferredUsername": "tea"});
    let attacks: Vec<(&str, Value, &[u16])> = vec![
        ("a wrong actor", named("a", &|a| a["actor"] = json!(elm.id)), &[401, 403]),
        ("another author", named("b", &|a| a["object"]["attributedTo"] = json!(elm.id)), &[403]),
        ("an author here", named("c", &|a| a["object"]["attributedTo"] = json!("https://oak.test/u/rowan")), &[403]),
        ("an activity id elsewhere", named("d", &|a| a["id"] = json!(elm.own("d"))), &[403]),
        ("an object id elsewhere", named("e", &|a| a["object"]["id"] = json!(elm.own("e"))), &[403]),
        ("an object id here", named("f", &|a| a["object"]["id"] = json!(root)), &[403]),
        ("an activity id here", named("g", &|a| a["id"] = json!("https://oak.test/a/1")), &[403]),
        ("over a known note", named("h", &|a| a["object"]["id"] = json!(mine)), &[403]),
        ("Update of another's", stage.about(ash, "i", "Update", forged_note.clone()), &[403]),
        ("Update of a meetup here", stage.about(ash, "j", "Update", event.clone()), &[403]),
        (
            "a meetup in our name",
            stage.about(ash, "k", "Create", with(event, &|e| e["id"] = json!(ash.own("e")))),
            &[403],
        ),
        ("Update of a group here", stage.about(ash, "l", "Update", group), &[202, 403]),
        ("Delete of another's", stage.about(ash, "m", "Delete", mine.as_str()), &[403]),
        ("Delete of a post here", stage.about(ash, "n", "Delete", root), &[403]),
        ("Delete of a meetup here", stage.about(ash, "o", "Delete", meetup), &[403]),
        ("Delete of a group here", stage.about(ash, "p", "Delete", tea), &[403]),
        ("Delete of somebody else", stage.about(ash, "q", "Delete", elm.id.as_str()), &[403]),
        ("Undo of another's follow", stage.about(ash, "r", "Undo", follow.clone()), &[403]),
        ("Undo by id", stage.about(ash, "s", "Undo", elm.own("f")), &[202]),
        ("Undo of another's Join", stage.about(ash, "t", "Undo", join.clone()), &[403]),
        ("Accept of a follow", stage.about(ash, "u", "Accept", follow.clone()), &[202]),
        ("Accept of a Join", stage.about(ash, "v", "Accept", join), &[202]),
        (
            "Join for somebody else",
            with(stage.about(ash, "w", "Join", meetup), &|a| a["actor"] = json!(elm.id)),
            &[401, 403],
        ),
        ("Leave", stage.about(ash, "x", "Leave", meetup), &[202]),
        ("a forged copy in an Announce", stage.about(ash, "y", "Announce", forged_note.clone()), &[202]),
        (
            "Announce of a forged Update",
            stage.about(
                ash,
                "z",
                "Announce",
                json!({"id": elm.own("up"), "type": "Update",
            "actor": elm.id, "to": [PUBLIC], "object": forged_note}),
            ),
            &[202],
        ),
        ("Announce as the group", with(stage.about(ash, "aa", "Announce", root), &|a| a["actor"] = json!(tea)), &[403]),
        ("Add to the team", stage.about(ash, "ab", "Add", ash.id.as_str()), &[202]),
        ("Block of a member", stage.about(ash, "ac", "Block", "https://oak.test/u/rowan"), &[202]),
        ("Move of a group here", stage.about(ash, "ad", "Move", tea), &[202]),
        ("a private note", named("ae", &|a| a["object"]["to"] = json!([tea])), &[403]),
        ("a note to followers", named("af", &|a| a["object"]["to"] = json!([ash.own("followers"), tea])), &[403]),
        (
            "no recipients",
            named("ag", &|a| {
                a["object"].as_object_mut().expect("an object").remove("to");
            }),
            &[202, 403],
        ),
        (
            "a reply to what is for members",
            named("ah", &|a| a["object"]["inReplyTo"] = json!(stage.members_only.ap_id.as_str())),
            &[202, 403],
        ),
        ("Join of what is for members", stage.about(ash, "ai", "Join", stage.members_meetup.ap_id.as_str()), &[202]),
        ("Join of what is hidden", stage.about(ash, "aj", "Join", stage.hidden_meetup.ap_id.as_str()), &[202]),
        ("Follow of what is hidden", stage.about(ash, "ak", "Follow", HIDDEN), &[404]),
    ];
    for (name, activity, expected) in attacks {
        let status = stage.deliver(ash, &activity).await;
        assert!(expected.contains(&status), "{name}: {status}");
        assert_eq!(stage.picture(), before, "{name}");
        let kept = stage.oak().post(&mine).expect("the note stays");
        assert!(kept.content_html.contains("From afar") && kept.deleted_at.is_none(), "{name}");
    }
    let sent = stage.oak().read(|c| deliveries::of_host(c, "ash.test"));
    assert!(sent.is_empty(), "the stranger gets nothing, not even an answer");
    stage.finish().await;
}

/// Two activities that differ only in what they name; the answers may not.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_answers_like_what_is_not_there() {
    let stage = Stage::set().await;
    let ash = &stage.stranger;
    let pairs = [
        (stage.members_only.ap_id.to_string(), "https://oak.test/p/0000000000001"),
        (stage.hidden_post.ap_id.to_string(), "https://oak.test/p/0000000000002"),
        (stage.members_meetup.ap_id.to_string(), "https://oak.test/e/0000000000003"),
        (stage.hidden_meetup.ap_id.to_string(), "https://oak.test/e/0000000000004"),
        (HIDDEN.to_owned(), NOWHERE),
    ];
    for (number, (hidden, unknown)) in pairs.iter().enumerate() {
        for kind in
            ["Join", "TentativeAccept", "Leave", "Like", "Announce", "Delete", "Undo", "Follow", "Flag", "Accept"]
        {
            let name = |which: &str| format!("{which}-{number}-{kind}");
            let left = stage.deliver(ash, &stage.about(ash, &name("a"), kind, hidden.as_str())).await;
            let right = stage.deliver(ash, &stage.about(ash, &name("b"), kind, *unknown)).await;
            assert_eq!(left, right, "{kind} of {hidden}");
        }
        // Answered, with and without an open group beside it, and written into.
        let written = [("tea", stage.tea.ap_id.to_string()), ("none", ash.own("nobody"))];
        for (word, beside) in &written {
            let write = |which: &str, target: &str| {
                stage.note(ash, &format!("{which}-{number}-{word}"), |activity| {
                    let object = &mut activity["object"];
                    object["audience"] = json!(if target.contains("/g/") { target } else { beside });
                    object["to"] = json!([PUBLIC, object["audience"]]);
                    object["inReplyTo"] = if target.contains("/g/") { Value::Null } else { json!(target) };
                })
            };
            let left = stage.deliver(ash, &write("left", hidden)).await;
            let right = stage.deliver(ash, &write("right", unknown)).await;
            assert_eq!(left, right, "a note to {hidden}, {word}");
        }
    }
    stage.finish().await;
}

/// An answer as a reader sees it: everything but the time.
async fn seen(server: &TestServer, method: Method, path: &str, accept: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    #[expect(clippy::disallowed_methods, reason = "a test is a peer, not a part of Hearth")]
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let url = server.local_url().join(path).expect("an address");
    let request = client.request(method, url).header("Host", server.host()).header("Accept", accept);
    let answer = request.send().await.expect("an answer");
    let mut headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    (answer.status().as_u16(), headers, answer.bytes().await.expect("a body").to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_things_read_like_nothing_at_all() {
    let stage = Stage::set().await;
    let oak = stage.oak();
    let hidden = oak.act(|app| {
        post::reply(app, oak.keeper, Answering::Post(stage.hidden_post.id), &post_form(oak.persona, "", "Hush"))
    });
    let quiet = oak.act(|app| {
        post::reply(app, oak.keeper, Answering::Post(stage.members_only.id), &post_form(oak.persona, "", "Hush"))
    });
    let path = |ap_id: &str| Url::parse(ap_id).expect("an address").path().to_owned();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (post, unknown) in
        [(&stage.members_only, "/p/1"), (&stage.hidden_post, "/p/1"), (&hidden, "/n/1"), (&quiet, "/n/1")]
    {
        for part in ["", "/replies", "/context", "/context?embed=1"] {
            pairs.push((format!("{}{part}", path(post.ap_id.as_str())), format!("{unknown}{part}")));
        }
    }
    for meetup in [&stage.members_meetup, &stage.hidden_meetup] {
        for part in ["", "/replies", "/context", "/context?embed=1", "/attendees"] {
            pairs.push((format!("{}{part}", path(meetup.ap_id.as_str())), format!("/e/1{part}")));
        }
    }
    let parts = ["outbox", "outbox?page=1", "outbox?page=x", "followers", "following", "moderators", "featured"];
    for part in parts.iter().chain(&["upcoming", "wall", "members", "empty", "inbox", ""]) {
        pairs.push((format!("/g/circle/{part}"), format!("/g/nowhere/{part}")));
    }
    pairs.push(("/g/circle".into(), "/g/nowhere".into()));
    let finger = |name: &str| format!("/.well-known/webfinger?resource=acct:{name}@oak.test");
    pairs.push((finger("circle"), finger("nowhere")));
    for (hidden, unknown) in pairs {
        for method in [Method::GET, Method::HEAD] {
            let left = seen(oak, method.clone(), &hidden, ACTIVITY_JSON).await;
            let right = seen(oak, method, &unknown, ACTIVITY_JSON).await;
            assert_eq!(left, right, "{hidden}");
            assert_ne!(left.0, 200, "{hidden}");
        }
    }
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_document_names_what_is_for_members() {
    let stage = Stage::set().await;
    let oak = stage.oak();
    let before = oak.get("/nodeinfo/2.1", ACTIVITY_JSON).await.body;
    let mut forms = post_form(oak.persona, "", "Hush");
    forms.visibility = "members".into();
    oak.act(|app| post::reply(app, oak.keeper, Answering::Post(stage.root.id), &forms));
    oak.act(|app| post::reply(app, oak.keeper, Answering::Event(stage.meetup.id), &forms));
    let (root, meetup) = (format!("/p/{}", stage.root.id), format!("/e/{}", stage.meetup.id));
    let mut paths: Vec<String> =
        ["/", "/outbox", "/outbox?page=1", "/followers", "/g/tea", "/u/rowan", "/u/rowan/outbox"]
            .map(str::to_owned)
            .to_vec();
    for part in ["outbox", "outbox?page=1", "outbox?page=2", "followers", "wall", "upcoming", "featured", "members"] {
        paths.push(format!("/g/tea/{part}"));
    }
    for one in [&root, &meetup] {
        paths.extend(["", "/replies", "/context", "/context?embed=1"].map(|part| format!("{one}{part}")));
    }
    for path in paths {
        let answer = oak.get(&path, ACTIVITY_JSON).await;
        assert_eq!(answer.status, 200, "{path}");
        for secret in ["Only us", "Hush", "Mill Lane", "secret-room", "circle"] {
            assert!(!answer.body.contains(secret), "{path} tells {secret}");
        }
        for secret in [stage.members_only.ap_id.as_str(), stage.members_meetup.ap_id.as_str()] {
            assert!(!answer.body.contains(secret), "{path} names {secret}");
        }
    }
    let replies = oak.get(&format!("{root}/replies"), ACTIVITY_JSON).await.json();
    assert_eq!(replies["totalItems"], 0, "and it is not counted");
    assert_eq!(oak.get("/g/tea/outbox", ACTIVITY_JSON).await.json()["totalItems"], 1);
    assert_eq!(oak.get("/nodeinfo/2.1", ACTIVITY_JSON).await.body, before);
    stage.finish().await;
}

/// Everybody may read such a group here, but nothing of it is for other servers.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_group_that_stays_here_takes_nothing_from_elsewhere() {
    let stage = Stage::set().await;
    let (oak, ash) = (stage.oak(), &stage.stranger);
    restrict(oak, stage.tea.id, Readable::Public, Reach::Here);
    let before = stage.picture();
    for (name, kind) in [("a", "Join"), ("b", "TentativeAccept")] {
        let activity = stage.about(ash, name, kind, stage.meetup.ap_id.as_str());
        assert_eq!(stage.deliver(ash, &activity).await, 202, "{kind}");
        assert_eq!(stage.picture(), before, "{kind}");
    }
    for (name, parent) in [("c", Value::Null), ("d", json!(stage.root.ap_id.as_str()))] {
        let note = stage.note(ash, name, |activity| activity["object"]["inReplyTo"] = parent);
        stage.deliver(ash, &note).await;
        assert_eq!(stage.picture(), before, "{name}");
    }
    let sent = oak.read(|c| deliveries::of_host(c, "ash.test"));
    assert!(sent.is_empty(), "above all not the address of the meetup");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_became_private_are_not_shown() {
    let stage = Stage::set().await;
    let elm = &stage.friend;
    let note = stage.note(elm, "mine", |_| {});
    assert_eq!(stage.deliver(elm, &note).await, 202);
    let mut narrowed = stage.note(elm, "mine", |activity| {
        activity["id"] = json!(elm.own("narrowed"));
        activity["type"] = json!("Update");
        activity["object"]["to"] = json!([elm.own("followers")]);
        activity["object"]["content"] = json!("<p>For friends only</p>");
    });
    narrowed["object"]["updated"] = json!("2026-11-24T10:00:00Z");
    assert_eq!(stage.deliver(elm, &narrowed).await, 403);
    let kept = stage.oak().post(&elm.own("mine")).expect("it stays as it was");
    assert!(!kept.content_html.contains("friends"));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_served_only_while_what_it_is_about_is_public() {
    let stage = Stage::set().await;
    let oak = stage.oak();
    let sent = oak.read(|c| deliveries::of_host(c, "elm.test"));
    let mut served = Vec::new();
    for delivery in &sent {
        let path = format!("/a/{}", delivery.activity_id);
        let answer = oak.get(&path, ACTIVITY_JSON).await;
        assert!(!answer.body.contains("Hush"), "{path}");
        if answer.status == 200 {
            served.push(path);
        }
    }
    assert!(served.len() >= 2, "the post and the meetup are there");
    restrict(oak, stage.tea.id, Readable::Members, Reach::Here);
    for path in served {
        assert_eq!(oak.get(&path, ACTIVITY_JSON).await.status, 404, "{path}");
    }
    stage.finish().await;
}

/// The bodies of the shared corpus, signed by elm and ash in place of its own actors.
#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_of_signed_activities() {
    let folder = std::env::var("HEARTH_CORPUS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/security/corpus").to_owned());
    let Ok(index) = std::fs::read(format!("{folder}/index.json")) else { return };
    let rows: Vec<Value> = serde_json::from_slice(&index).expect("an index");
    let stage = Stage::set().await;
    let picture = |stage: &Stage| {
        let mut picture = stage.picture();
        for field in ["roots", "replies", "followers"] {
            // What anybody may do in an open group: write, follow, and come.
            picture[field] = Value::Null;
        }
        for meetup in picture["meetups"].as_array_mut().expect("meetups") {
            meetup[3] = Value::Null;
        }
        picture
    };
    let before = picture(&stage);
    let mut sent = 0;
    for row in rows.iter().filter(|row| row["kind"] == "json") {
        let file = row["file"].as_str().expect("a name");
        let signer = match row["signer"].as_str() {
            Some("alice") => &stage.friend,
            Some("evil" | "mallory") => &stage.stranger,
            _ => continue,
        };
        let body = filled(&std::fs::read(format!("{folder}/{file}")).expect("a body"), &stage, sent);
        let status = stage.post("/inbox", signer.sign(&body, stage.now()), body).await.as_u16();
        let wanted = row["expect_status"].as_array().expect("statuses");
        assert!(wanted.contains(&json!(status)), "{file}: {status}, wanted {wanted:?}");
        stage.net.clock.advance(Duration::seconds(1));
        stage.net.settle().await;
        assert_eq!(picture(&stage), before, "{file}");
        sent += 1;
    }
    assert!(sent > 150, "{sent} bodies");
}

fn filled(body: &[u8], stage: &Stage, number: usize) -> Vec<u8> {
    let mut body = body.to_vec();
    let (root, meetup) = (stage.root.ap_id.to_string(), stage.meetup.ap_id.to_string());
    let (members_only, members_meetup) = (stage.members_only.ap_id.to_string(), stage.members_meetup.ap_id.to_string());
    let nonce = format!("nonce{number}");
    for (from, to) in [
        ("{{PEER}}/users/alice", stage.friend.id.as_str()),
        ("{{EVIL}}/users/mallory", &stage.stranger.id),
        ("{{PEER_POST}}", "https://elm.test/notes/known"),
        ("{{VICTIM_POST}}", "https://yew.test/notes/known"),
        ("{{PEER}}", "https://elm.test"),
        ("{{EVIL}}", "https://ash.test"),
        ("https://evil.test", "https://ash.test"),
        ("https://peer.test", "https://elm.test"),
        ("evil.test", "ash.test"),
        ("{{VICTIM}}", "https://yew.test"),
        ("{{BASE}}", "https://oak.test"),
        ("{{HOST}}", "oak.test"),
        ("{{GROUP_NAME}}", "tea"),
        ("{{GROUP}}", stage.tea.ap_id.as_str()),
        ("{{PRIVATE_GROUP}}", HIDDEN),
        ("{{USER}}", "https://oak.test/u/rowan"),
        ("{{POST}}", &root),
        ("{{PRIVATE_POST}}", &members_only),
        ("{{EVENT}}", &meetup),
        ("{{PRIVATE_EVENT}}", &members_meetup),
        ("{{NONCE}}", &nonce),
        ("{{NOW}}", "2026-11-24T10:00:00Z"),
    ] {
        body = replaced(&body, from.as_bytes(), to.as_bytes());
    }
    body
}

/// As `str::replace`, for bodies that are no text.
fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(from.len()).position(|part| part == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
