//! What is shown to whom, and what is not.

use super::world::{Reply, UNKNOWN, World, event_body, post_body};
use serde_json::{Value, json};

/// All that an answer says: status, headers, body.
fn whole(reply: &Reply) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let mut headers: Vec<_> =
        reply.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (reply.status.as_u16(), headers, reply.body.to_vec())
}

#[actix_web::test]
async fn what_is_for_members_is_like_what_is_not_there() {
    let world = World::start().await;
    let reply = json!({"text": "x", "persona": world.outsider_persona});
    let rsvp = json!({"answer": "coming", "persona": world.outsider_persona});
    let (title, wrong) = (json!({"title": "Mine now"}), json!({"title": ""}));
    let unsorted = json!({"topics": []});
    for (method, path, secret, body) in [
        ("get", "/posts/{id}", &world.secret_post, None),
        ("patch", "/posts/{id}", &world.secret_post, Some(&title)),
        ("patch", "/posts/{id}", &world.secret_post, Some(&wrong)),
        ("delete", "/posts/{id}", &world.secret_post, None),
        ("put", "/posts/{id}/topics", &world.secret_post, Some(&unsorted)),
        ("post", "/posts/{id}/replies", &world.secret_post, Some(&reply)),
        ("get", "/events/{id}", &world.secret_event, None),
        ("patch", "/events/{id}", &world.secret_event, Some(&title)),
        ("patch", "/events/{id}", &world.secret_event, Some(&wrong)),
        ("delete", "/events/{id}", &world.secret_event, None),
        ("post", "/events/{id}/cancel", &world.secret_event, None),
        ("post", "/events/{id}/replies", &world.secret_event, Some(&reply)),
        ("put", "/events/{id}/rsvp", &world.secret_event, Some(&rsvp)),
        ("get", "/events/{id}/people", &world.secret_event, None),
    ] {
        let nothing = world.call(method, &path.replace("{id}", UNKNOWN), &world.outsider, body).await;
        let secret = world.call(method, &path.replace("{id}", secret), &world.outsider, body).await;
        assert_eq!(nothing.status, 404, "{method} {path}");
        assert_eq!(whole(&secret), whole(&nothing), "{method} {path}");
    }
    let nothing = world.get(&format!("/posts/{UNKNOWN}"), "").await;
    let secret = world.get(&format!("/posts/{}", world.secret_post), "").await;
    assert_eq!(whole(&secret), whole(&nothing));
    world.get(&format!("/posts/{}", world.secret_post), &world.member).await.is(200);
    world.get(&format!("/events/{}", world.secret_event), &world.member).await.is(200);
}

#[actix_web::test]
async fn lists_hold_what_may_be_seen() {
    let world = World::start().await;
    let count = |reply: Reply, name: &str| reply.is(200).json()[name].as_array().unwrap().len();
    for (token, expected) in [("", 1), (world.outsider.as_str(), 1), (world.member.as_str(), 2)] {
        assert_eq!(count(world.get(&format!("/groups/{}/posts", world.group), token).await, "posts"), expected);
        assert_eq!(count(world.get(&format!("/groups/{}/events", world.group), token).await, "events"), expected);
        assert_eq!(count(world.get("/events", token).await, "events"), expected);
    }
    assert_eq!(count(world.get("/feed", &world.outsider).await, "posts"), 0);
    assert_eq!(count(world.get("/feed", &world.member).await, "posts"), 2);
    let choice = json!({"persona": world.outsider_persona});
    world.call("post", &format!("/groups/{}/follow", world.group), &world.outsider, Some(&choice)).await.is(200);
    assert_eq!(count(world.get("/feed", &world.outsider).await, "posts"), 1);
}

#[actix_web::test]
async fn what_was_removed_is_gone() {
    let world = World::start().await;
    for (path, secret) in [
        (format!("/posts/{}", world.post), false),
        (format!("/posts/{}", world.secret_post), true),
        (format!("/events/{}", world.event), false),
        (format!("/events/{}", world.secret_event), true),
    ] {
        world.call("delete", &path, &world.keeper, None).await.is(204);
        for (method, body) in [("get", None), ("patch", Some(json!({"title": "Again"}))), ("delete", None)] {
            world.call(method, &path, &world.keeper, body.as_ref()).await.is(410).is_problem(&path);
        }
        let other = world.get(&path, "").await;
        assert_eq!(other.status, if secret { 404 } else { 410 }, "{path}");
    }
}

#[actix_web::test]
async fn a_removed_reply_keeps_its_place_and_nothing_else() {
    let world = World::start().await;
    let replies = format!("/posts/{}/replies", world.post);
    let reply = json!({"text": "A canary.", "content_note": "birds", "persona": world.member_persona});
    let reply = world.call("post", &replies, &world.member, Some(&reply)).await.is(201).json();
    let below = format!("/posts/{}/replies", reply["id"].as_str().unwrap());
    let answer = json!({"text": "I hear you.", "persona": world.persona});
    world.call("post", &below, &world.keeper, Some(&answer)).await.is(201);
    let path = format!("/posts/{}", reply["id"].as_str().unwrap());
    let alone = world.get(&path, "").await.is(200).json();
    assert_eq!(alone["replies"].as_array().unwrap().len(), 1);
    assert_eq!(alone["author"]["id"], world.member_persona.as_str());
    world.call("delete", &path, &world.member, None).await.is(204);
    let all = world.get(&format!("/posts/{}", world.post), "").await.is(200).json();
    let first = &all["replies"][0];
    assert_eq!((&first["removed"], &first["author"]), (&json!(true), &Value::Null));
    assert!(!all.to_string().contains("canary") && !all.to_string().contains("birds"));
    assert_eq!(all["replies"][1]["in_reply_to"], first["id"]);
}

#[actix_web::test]
async fn pages_follow_one_another() {
    let world = World::start().await;
    for number in 0..5 {
        // Two at the same instant, then a minute later.
        if number % 2 == 0 {
            world.clock.advance(chrono::Duration::minutes(1));
        }
        let mut body = post_body(&world.persona, "public");
        body["title"] = json!(format!("Post {number}"));
        world.call("post", &format!("/groups/{}/posts", world.group), &world.keeper, Some(&body)).await.is(201);
    }
    for (limit, pages) in [(2, 3), (3, 2), (6, 1), (50, 1)] {
        let (mut seen, mut after, mut turns) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!("/groups/{}/posts?limit={limit}{after}", world.group);
            let page = world.get(&path, "").await.is(200).json();
            turns += 1;
            let posts = page["posts"].as_array().unwrap();
            assert!(posts.len() <= limit);
            seen.extend(posts.iter().map(|post| (post["published_at"].to_string(), post["id"].to_string())));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let mut sorted = seen.clone();
        sorted.sort_by(|one, other| other.cmp(one));
        sorted.dedup();
        assert_eq!((seen.len(), turns), (6, pages), "{limit}");
        assert_eq!(seen, sorted, "{limit}");
    }
}

#[actix_web::test]
async fn answers_are_blind() {
    let world = World::start().await;
    let path = format!("/events/{}", world.event);
    let rsvp = json!({"answer": "coming", "note": "I bring cake.", "persona": world.member_persona});
    let mine = world.call("put", &format!("{path}/rsvp"), &world.member, Some(&rsvp)).await.is(200).json();
    assert_eq!(mine["mine"]["answer"], "coming");
    assert_eq!((&mine["address"], &mine["link"]), (&json!("4 Secret Street"), &json!("https://room.example/secret")));
    assert_eq!(mine["capacity"], Value::Null);
    for token in ["", world.outsider.as_str()] {
        let seen = world.get(&path, token).await.is(200).json();
        assert_eq!((&seen["places"], &seen["mine"]), (&json!("left"), &Value::Null));
        for secret in ["Secret", "secret", "cake", &world.member_persona] {
            assert!(!seen.to_string().contains(secret), "{secret} in {seen}");
        }
        assert_eq!(seen["capacity"], Value::Null);
    }
    let people = world.get(&format!("{path}/people"), &world.keeper).await.is(200).json();
    assert_eq!(people["people"][0]["person"]["id"], world.member_persona.as_str());
    assert_eq!(people["people"][0]["note"], "I bring cake.");
    let hosts = world.get(&path, &world.keeper).await.is(200).json();
    assert_eq!((&hosts["capacity"], &hosts["hosting"]), (&json!(5), &json!(true)));
    let rsvp = json!({"answer": "maybe", "persona": world.member_persona});
    let mine = world.call("put", &format!("{path}/rsvp"), &world.member, Some(&rsvp)).await.is(200).json();
    assert_eq!((&mine["address"], &mine["link"]), (&Value::Null, &Value::Null));
}

#[actix_web::test]
async fn a_full_meetup_is_full() {
    let world = World::start().await;
    let mut body = event_body(&world.persona, "public");
    body["capacity"] = json!(1);
    let path = format!("/groups/{}/events", world.group);
    let event = world.call("post", &path, &world.keeper, Some(&body)).await.is(201);
    let location = event.header("location").strip_prefix("/api/v1").unwrap().to_owned();
    let rsvp = |persona: &str| json!({"answer": "coming", "persona": persona});
    let path = format!("{location}/rsvp");
    world.call("put", &path, &world.member, Some(&rsvp(&world.member_persona))).await.is(200);
    assert_eq!(world.get(&location, "").await.json()["places"], "full");
    world.call("put", &path, &world.outsider, Some(&rsvp(&world.outsider_persona))).await.is(409);
    world.call("post", &format!("{location}/cancel"), &world.keeper, None).await.is(200);
    let closed = world.call("put", &path, &world.outsider, Some(&rsvp(&world.outsider_persona))).await.is(403);
    assert_eq!(closed.json()["type"], "urn:hearth:problem:meetup-closed");
}

#[actix_web::test]
async fn what_is_left_out_of_a_change_stays() {
    let world = World::start().await;
    for (path, change, same) in [
        (format!("/groups/{}", world.group), json!({"rhythm": "Fridays"}), vec!["display_name", "about", "guidelines"]),
        (format!("/posts/{}", world.post), json!({"text": "New."}), vec!["title", "visibility", "published_at"]),
        (
            format!("/events/{}", world.event),
            json!({"capacity": null}),
            vec!["title", "civil_start", "civil_end", "zone", "address", "link", "area", "access", "starts_at"],
        ),
    ] {
        let before = world.get(&path, &world.keeper).await.is(200).json();
        let after = world.call("patch", &path, &world.keeper, Some(&change)).await.is(200).json();
        for field in same {
            assert_eq!(before[field], after[field], "{path} {field}");
        }
        for (field, value) in change.as_object().unwrap() {
            assert_eq!(&after[field], value, "{path}");
        }
    }
}

#[actix_web::test]
async fn groups_are_found() {
    let world = World::start().await;
    for (asked, token, status, found) in [
        ("tea", "", 200, 1),
        ("TALK", "", 200, 1),
        ("nothing+like+it", "", 200, 0),
        ("@tea_and_talk@oak.example", "", 200, 1),
        ("https://oak.example/groups/none", "", 404, 0),
        ("@nobody_at_all@oak.example", "", 404, 0),
        ("@wren@oak.example", "", 404, 0),
        ("@tea@elm.example", "", 401, 0),
        ("@tea@elm.example", world.reads.as_str(), 502, 0),
    ] {
        let reply = world.get(&format!("/groups/lookup?q={asked}"), token).await.is(status);
        let groups = reply.json()["groups"].as_array().map_or(0, Vec::len);
        assert_eq!(groups, found, "{asked}");
    }
    let group = world.get(&format!("/groups/{}", world.group), "").await.is(200).json();
    assert_eq!((&group["size"], &group["mine"]), (&json!("a few people"), &Value::Null));
    assert_eq!(group["hosts"][0]["id"], world.persona.as_str());
    let mine = world.get(&format!("/groups/{}", world.group), &world.member).await.is(200).json();
    assert_eq!(mine["mine"]["persona"], world.member_persona.as_str());
}

#[actix_web::test]
async fn the_same_draft_is_one_post() {
    let world = World::start().await;
    let path = format!("/groups/{}/posts", world.group);
    let mut body = post_body(&world.persona, "public");
    body["draft"] = json!("5aaaaaaaaaaaa");
    let one = world.call("post", &path, &world.keeper, Some(&body)).await.is(201).json();
    let two = world.call("post", &path, &world.keeper, Some(&body)).await.is(201).json();
    assert_eq!((one["id"].as_str(), &one["id"]), (Some("5aaaaaaaaaaaa"), &two["id"]));
}

#[actix_web::test]
async fn nobody_learns_which_personas_belong_together() {
    let world = World::start().await;
    let account = hearth_actions::token::account_named(&world.state.app, "ada").unwrap().to_string();
    for path in [
        format!("/groups/{}", world.group),
        format!("/groups/{}/posts", world.group),
        format!("/posts/{}", world.post),
        format!("/events/{}", world.event),
        "/groups".to_owned(),
        "/server".to_owned(),
    ] {
        let seen = String::from_utf8(world.get(&path, &world.member).await.is(200).body.to_vec()).unwrap();
        for secret in [account.as_str(), &world.spare, "spare_name", "\"ada\""] {
            assert!(!seen.contains(secret), "{secret} at {path}");
        }
    }
}

#[actix_web::test]
async fn a_picture_is_sent_named_and_had() {
    let world = World::start().await;
    for (bytes, status) in [
        (b"{\"type\": \"Person\"}".to_vec(), 422),
        (Vec::new(), 422),
        (vec![0; hearth_domain::image::MOST_SENT + 1], 413),
    ] {
        let before = world.written();
        let sent = super::world::request("post", "/images", &world.keeper).set_payload(bytes);
        world.send(sent).await.is(status).is_problem("no picture");
        assert!(before == world.written(), "something was written");
    }
    let image = world.call("post", "/images", &world.keeper, None).await.is(201).json();
    assert_eq!((&image["media_type"], &image["width"], &image["height"]), (&json!("image/jpeg"), &json!(8), &json!(4)));
    let path = format!("/images/{}", image["id"].as_str().unwrap());
    world.get(&path, &world.member).await.is(404);
    let mut body = post_body(&world.persona, "members");
    body["images"] = json!([{"id": image["id"]}]);
    let posts = format!("/groups/{}/posts", world.group);
    let refused = world.call("post", &posts, &world.keeper, Some(&body)).await.is(422);
    assert_eq!(refused.fields(), ["images"], "what it shows is missing");
    body["images"][0]["description"] = json!("Orange");
    let post = world.call("post", &posts, &world.keeper, Some(&body)).await.is(201).json();
    assert_eq!((&post["images"][0]["id"], &post["images"][0]["description"]), (&image["id"], &json!("Orange")));
    let file = world.get(&path, &world.member).await.is(200);
    let kept = (file.header("content-type"), file.header("cache-control"), file.header("content-security-policy"));
    assert_eq!(kept, ("image/jpeg", "no-store", "default-src 'none'; sandbox"));
    assert_eq!(world.get(&path, &world.outsider).await.is(404).body, world.get("/images/x", "").await.is(404).body);
    let post = format!("/posts/{}", post["id"].as_str().unwrap());
    let same = world.call("patch", &post, &world.keeper, Some(&json!({"text": "New."}))).await.is(200).json();
    assert_eq!(same["images"].as_array().unwrap().len(), 1, "what is left out stays");
    world.call("patch", &post, &world.keeper, Some(&json!({"images": []}))).await.is(200);
    world.get(&path, &world.member).await.is(404);
    let versions = world.get(&format!("{post}/versions"), &world.keeper).await.is(200).json();
    assert_eq!(versions["versions"][0]["images"], json!(["Orange"]));
}

#[actix_web::test]
async fn lists_are_narrowed_by_topic_and_by_words() {
    let world = World::start().await;
    let group = format!("/groups/{}", world.group);
    let list = json!({"topics": [{"name": "Sleep"}, {"name": "Trains"}]});
    let topics = world.call("put", &format!("{group}/topics"), &world.keeper, Some(&list)).await.is(200).json();
    let id = |place: usize| topics["topics"][place]["id"].as_str().unwrap().to_owned();
    let mut body = post_body(&world.persona, "members");
    (body["title"], body["topics"]) = (json!("Awake at four"), json!([id(0)]));
    let made = world.call("post", &format!("{group}/posts"), &world.keeper, Some(&body)).await.is(201).json();
    assert_eq!(made["topics"][0]["name"], "Sleep");
    let titles = |reply: Reply| -> Vec<String> {
        let json = reply.is(200).json();
        json["posts"].as_array().unwrap().iter().map(|post| post["title"].as_str().unwrap_or("").to_owned()).collect()
    };
    let ask = |query: String, token: &str| {
        let (path, token) = (format!("{group}/posts?{query}"), token.to_owned());
        let world = &world;
        async move { world.get(&path, &token).await }
    };
    let sleep = format!("topic={}&limit=5", id(0));
    assert_eq!(titles(ask(sleep.clone(), &world.member).await), ["Awake at four"]);
    assert!(titles(ask(sleep.clone(), &world.outsider).await).is_empty(), "it is for members");
    assert!(titles(ask(format!("topic={}", id(1)), &world.member).await).is_empty());
    assert_eq!(titles(ask("q=AWAKE+four".to_owned(), &world.member).await), ["Awake at four"]);
    assert!(titles(ask("q=awake".to_owned(), &world.outsider).await).is_empty());
    ask("q=awake".to_owned(), "").await.is(401).is_problem("searching takes work: for people who are known");
    for wrong in ["topic=none", "q=x&topic=7zzzzzzzzzzzz", "about=tea", "q=x&after=yesterday"] {
        let status = ask(wrong.to_owned(), &world.member).await.status.as_u16();
        assert!((400..=422).contains(&status), "{wrong}: {status}");
    }
    // Its author changes them with the post, and nobody else does; those who look after the group sort.
    let path = format!("/posts/{}", made["id"].as_str().unwrap());
    let other = json!({"topics": [id(1)]});
    world.call("patch", &path, &world.member, Some(&other)).await.is(403);
    let changed = world.call("patch", &path, &world.keeper, Some(&other)).await.is(200).json();
    assert_eq!((&changed["topics"][0]["name"], &changed["edited_at"]), (&json!("Trains"), &Value::Null));
    world.call("put", &format!("{path}/topics"), &world.keeper, Some(&json!({"topics": []}))).await.is(204);
    assert!(titles(ask(format!("topic={}", id(1)), &world.member).await).is_empty());
}
