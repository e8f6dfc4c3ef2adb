//! Posts, replies, edits and removals across three servers.

use crate::{Databases, journeys};
use hearth_actions::post::{self, Answering, PostForm};
use hearth_db::tables::{actors, deliveries};
use hearth_domain::id::ActorId;
use tests::{
    network::{ACTIVITY_JSON, TestNetwork, TestServer},
    world::post_form,
};

journeys! {
    a_post_arrives_once_with_its_author,
    a_reply_travels_out_again,
    an_edit_arrives_everywhere,
    a_removal_leaves_a_tombstone_everywhere,
    what_is_for_members_never_leaves,
    what_is_without_a_name_is_so_everywhere,
}

/// oak holds a group, elm and ash follow it.
async fn three(databases: Databases) -> (TestNetwork, ActorId) {
    let network = databases.start(&["oak", "elm", "ash"]).await;
    let tea = network.server("oak").group("tea").id;
    network.server("elm").follow("@tea@oak.test").await;
    network.server("ash").follow("@tea@oak.test").await;
    network.settle().await;
    (network, tea)
}

fn noted(persona: ActorId) -> PostForm {
    PostForm { content_note: "insomnia".into(), ..post_form(persona, "What helps you sleep?", "I have tried **tea**.") }
}

fn author(server: &TestServer, ap_id: &str) -> String {
    let post = server.post(ap_id).expect("the post is here");
    server.read(|c| actors::by_id(c, post.author_id)).expect("known").ap_id.to_string()
}

async fn a_post_arrives_once_with_its_author(databases: Databases) {
    let (network, tea) = three(databases).await;
    let oak = network.server("oak");
    let sent = oak.act(|app| post::publish(app, oak.keeper, tea, &noted(oak.persona)));
    network.settle().await;

    for name in ["elm", "ash"] {
        let server = network.server(name);
        let copy = server.post(sent.ap_id.as_str()).expect("it arrived");
        assert_eq!(copy.title.as_deref(), Some("What helps you sleep?"));
        assert_eq!(copy.content_note.as_deref(), Some("insomnia"));
        assert!(copy.content_html.contains("<strong>tea</strong>"), "{}", copy.content_html);
        assert!(!copy.content_html.contains("insomnia"), "the note stands above, not in, the text");
        assert_eq!(author(server, sent.ap_id.as_str()), "https://oak.test/u/rowan");
        assert_eq!(server.actor(copy.group_id).ap_id.as_str(), "https://oak.test/g/tea");
        let taken = oak.read(|c| deliveries::of_host(c, &server.host()));
        let about: Vec<_> = taken.iter().filter(|row| row.object_ap_id == sent.ap_id.as_str()).collect();
        assert!(!about.is_empty() && about.len() <= 2, "one for each form at most");
    }
    network.finish().await;
}

async fn a_reply_travels_out_again(databases: Databases) {
    let (network, tea) = three(databases).await;
    let (oak, elm, ash) = (network.server("oak"), network.server("elm"), network.server("ash"));
    let sent = oak.act(|app| post::publish(app, oak.keeper, tea, &noted(oak.persona)));
    network.settle().await;

    let copy = elm.post(sent.ap_id.as_str()).expect("it arrived");
    let typed =
        PostForm { text: "A warm bath helps me.".into(), persona: elm.persona.to_string(), ..PostForm::default() };
    let reply = elm.act(|app| post::reply(app, elm.keeper, Answering::Post(copy.id), &typed));
    network.settle().await;

    for server in [oak, ash] {
        let arrived = server.post(reply.ap_id.as_str()).unwrap_or_else(|| panic!("no reply on {}", server.name));
        let root = server.post(sent.ap_id.as_str()).expect("the root");
        assert_eq!((arrived.root_id, arrived.parent_id), (Some(root.id), Some(root.id)));
        assert_eq!(author(server, reply.ap_id.as_str()), "https://elm.test/u/rowan");
    }
    let back = oak.read(|c| deliveries::of_host(c, "elm.test"));
    assert!(back.iter().all(|row| row.object_ap_id != reply.ap_id.as_str()), "never sent back to where it came from");
    let page = ash.page(&format!("/p/{}", ash.post(sent.ap_id.as_str()).expect("the root").id)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("A warm bath helps me."), "the reply is on the page");
    network.finish().await;
}

async fn an_edit_arrives_everywhere(databases: Databases) {
    let (network, tea) = three(databases).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let sent = oak.act(|app| post::publish(app, oak.keeper, tea, &noted(oak.persona)));
    network.settle().await;
    let copy = elm.post(sent.ap_id.as_str()).expect("it arrived");
    let typed = PostForm { text: "Bath.".into(), persona: elm.persona.to_string(), ..PostForm::default() };
    let reply = elm.act(|app| post::reply(app, elm.keeper, Answering::Post(copy.id), &typed));
    network.settle().await;

    network.clock.advance(chrono::Duration::minutes(5));
    let edited = PostForm { text: "I have tried milk.".into(), ..noted(oak.persona) };
    oak.act(|app| post::edit(app, oak.keeper, sent.id, &edited));
    let edited = PostForm { text: "A very warm bath.".into(), ..typed };
    elm.act(|app| post::edit(app, elm.keeper, reply.id, &edited));
    network.settle().await;

    for name in ["elm", "ash"] {
        let copy = network.server(name).post(sent.ap_id.as_str()).expect("it is here");
        assert!(copy.content_html.contains("milk") && copy.edited_at.is_some(), "{name}: {}", copy.content_html);
    }
    for name in ["oak", "ash"] {
        let copy = network.server(name).post(reply.ap_id.as_str()).expect("it is here");
        assert!(copy.content_html.contains("very warm"), "{name}: {}", copy.content_html);
    }
    network.finish().await;
}

async fn a_removal_leaves_a_tombstone_everywhere(databases: Databases) {
    let (network, tea) = three(databases).await;
    let (oak, elm, ash) = (network.server("oak"), network.server("elm"), network.server("ash"));
    let sent = oak.act(|app| post::publish(app, oak.keeper, tea, &noted(oak.persona)));
    network.settle().await;
    let copy = elm.post(sent.ap_id.as_str()).expect("it arrived");
    let typed = PostForm { text: "A secret bath.".into(), persona: elm.persona.to_string(), ..PostForm::default() };
    let reply = elm.act(|app| post::reply(app, elm.keeper, Answering::Post(copy.id), &typed));
    network.settle().await;

    elm.act(|app| post::delete(app, elm.keeper, reply.id));
    network.settle().await;
    for server in [oak, elm, ash] {
        let buried = server.post(reply.ap_id.as_str()).expect("the tombstone stays");
        assert!(buried.deleted_at.is_some() && buried.content_html.is_empty(), "on {}", server.name);
    }
    let gone = elm.document(reply.ap_id.as_str()).await;
    assert_eq!((gone.status, gone.json()["type"].clone()), (410, "Tombstone".into()));

    oak.act(|app| post::delete(app, oak.keeper, sent.id));
    network.settle().await;
    for server in [elm, ash] {
        let buried = server.post(sent.ap_id.as_str()).expect("the tombstone stays");
        assert!(buried.deleted_at.is_some() && buried.title.is_none(), "on {}", server.name);
        assert_eq!(server.page(&format!("/p/{}", buried.id)).await.status, 410);
    }
    network.finish().await;
}

async fn what_is_for_members_never_leaves(databases: Databases) {
    let (network, tea) = three(databases).await;
    let oak = network.server("oak");
    let before = oak.read(|c| deliveries::of_host(c, "elm.test")).len();
    let typed = PostForm { visibility: "members".into(), ..noted(oak.persona) };
    let kept = oak.act(|app| post::publish(app, oak.keeper, tea, &typed));
    network.settle().await;

    assert_eq!(oak.read(|c| deliveries::of_host(c, "elm.test")).len(), before);
    for name in ["elm", "ash"] {
        assert!(network.server(name).post(kept.ap_id.as_str()).is_none());
    }
    for accept in [ACTIVITY_JSON, "text/html"] {
        let real = oak.get(&format!("/p/{}", kept.id), accept).await;
        let unknown = oak.get("/p/0000000000000", accept).await;
        assert_eq!((real.status, unknown.status), (404, 404), "{accept}");
        let same = real.body.replace(&kept.id.to_string(), "") == unknown.body.replace("0000000000000", "");
        assert!(same, "{accept}: the two can be told apart");
    }
    let outbox = oak.get("/g/tea/outbox", ACTIVITY_JSON).await;
    assert!(!outbox.body.contains(&kept.id.to_string()) && !outbox.body.contains("sleep"), "{}", outbox.body);
    network.finish().await;
}

async fn what_is_without_a_name_is_so_everywhere(databases: Databases) {
    let (network, tea) = three(databases).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let typed = PostForm { unnamed: "yes".into(), ..noted(oak.persona) };
    let sent = oak.act(|app| post::publish(app, oak.keeper, tea, &typed));
    network.settle().await;

    let copy = elm.post(sent.ap_id.as_str()).expect("it arrived");
    assert_eq!(author(elm, sent.ap_id.as_str()), "https://oak.test/u/tea_notices");
    let answer = PostForm { text: "I hear you.".into(), persona: elm.persona.to_string(), ..PostForm::default() };
    let answer = elm.act(|app| post::reply(app, elm.keeper, Answering::Post(copy.id), &answer));
    network.settle().await;
    let back = oak.post(answer.ap_id.as_str()).expect("the answer came back");
    let more = PostForm { text: "Thank you.".into(), persona: oak.persona.to_string(), ..PostForm::default() };
    let more = oak.act(|app| post::reply(app, oak.keeper, Answering::Post(back.id), &more));
    network.settle().await;
    for name in ["elm", "ash"] {
        assert_eq!(author(network.server(name), more.ap_id.as_str()), "https://oak.test/u/tea_notices", "{name}");
    }
    let notices = oak.document("https://oak.test/u/tea_notices").await;
    assert_eq!((notices.status, notices.json()["type"].clone()), (200, "Service".into()));
    for ap_id in [&sent.ap_id, &more.ap_id] {
        let document = oak.document(ap_id.as_str()).await;
        assert!(!document.body.contains("oak.test/u/rowan\""), "{}", document.body);
        assert_eq!(document.json()["attributedTo"], "https://oak.test/u/tea_notices");
    }
    let page = elm.page(&format!("/p/{}", copy.id)).await;
    assert!(page.body.contains("<b>Someone</b>") && page.body.contains("Thank you."), "{}", page.body);

    oak.act(|app| post::delete(app, oak.keeper, sent.id));
    network.settle().await;
    assert!(elm.post(sent.ap_id.as_str()).expect("the tombstone stays").deleted_at.is_some());
    network.finish().await;
}
