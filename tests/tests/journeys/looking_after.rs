//! A group on oak that somebody on elm helps to look after; ash follows it.

use crate::{Databases, journeys};
use hearth_actions::{
    ActionError,
    ban::{self, BanForm},
    moderation::{self, Act},
    post::{self, Answering, PostForm},
    reaction,
    report::{self, ReportForm},
    team,
};
use hearth_db::tables::{actors, pins, posts::Post, reactions};
use hearth_domain::Denied;
use tests::{
    network::{ACTIVITY_JSON, TestNetwork, TestServer},
    world::post_form,
};

journeys! { long: a_group_is_looked_after_from_two_servers }

fn copy(server: &TestServer, post: &Post) -> Post {
    server.post(post.ap_id.as_str()).unwrap_or_else(|| panic!("no copy on {}", server.name))
}

fn reply(server: &TestServer, to: &Post, words: &str) -> Result<Post, ActionError> {
    let typed = PostForm { text: words.into(), persona: server.persona.to_string(), ..PostForm::default() };
    post::reply(server.app(), server.keeper, Answering::Post(copy(server, to).id), &typed)
}

fn act(server: &TestServer, post: &Post, act: &Act) {
    let id = copy(server, post).id;
    server.act(|app| moderation::act(app, server.keeper, id, act));
}

fn is_gone(net: &TestNetwork, post: &Post) -> Vec<bool> {
    ["oak", "elm", "ash"].map(|name| copy(net.server(name), post).deleted_at.is_some()).to_vec()
}

async fn a_group_is_looked_after_from_two_servers(databases: Databases) {
    let net = databases.start(&["oak", "elm", "ash"]).await;
    let (oak, elm, ash) = (net.server("oak"), net.server("elm"), net.server("ash"));
    let tea = oak.group("tea");
    elm.follow("@tea@oak.test").await;
    let tea_on_ash = ash.follow("@tea@oak.test").await;
    net.settle().await;
    let root = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "Welcome", "Sit down.")));
    net.settle().await;
    let rude = reply(ash, &root, "A rude word.").expect("written");
    net.settle().await;

    // Nobody on elm may do anything yet. Oak's owner asks its keeper to help; only elm is told.
    let denied = moderation::act(elm.app(), elm.keeper, copy(elm, &rude).id, &Act::Lock);
    assert!(matches!(denied, Err(ActionError::Denied(Denied::FacilitatorsOnly))));
    let helper = oak.read(|c| actors::by_ap_id(c, "https://elm.test/u/rowan")).expect("it follows");
    oak.act(|app| team::appoint(app, oak.keeper, tea.id, helper.id, true));
    net.settle().await;
    let team = oak.get("/g/tea/moderators", ACTIVITY_JSON).await.json();
    assert_eq!(team["orderedItems"], serde_json::json!([]), "the group does not show its team");

    // Somebody on ash hears the welcome; oak's author alone can tell.
    let heard = copy(ash, &root).id;
    ash.act(|app| reaction::hear(app, ash.keeper, heard, ash.persona, true));
    net.settle().await;
    assert_eq!(oak.read(|c| reactions::counts(c, &[root.id])).get(&root.id), Some(&1));
    assert!(elm.read(|c| reactions::counts(c, &[copy(elm, &root).id])).is_empty());

    // A report from ash reaches oak without a name.
    let typed = ReportForm { reason: "This hurts.".into(), persona: ash.persona.to_string(), ..ReportForm::default() };
    ash.act(|app| report::file(app, ash.keeper, heard, &typed));
    let about = copy(elm, &rude).id;
    let typed = ReportForm { persona: elm.persona.to_string(), ..typed };
    elm.act(|app| report::file(app, elm.keeper, about, &typed));
    net.settle().await;
    let open = oak.act(|app| report::open(app, oak.keeper, Some(tea.id)));
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].from.as_deref(), open[0].report.reason.as_str()), (Some("elm.test"), "This hurts."));
    let reporter = oak.actor(open[0].report.reporter_id);
    assert_eq!(reporter.ap_id.as_str(), "https://elm.test/", "the server asks, not the person");
    // What the owner wrote is for the keepers, who here are the same.
    assert_eq!(oak.act(|app| report::open(app, oak.keeper, None)).len(), 1);

    // The helper on elm removes it everywhere, and brings it back.
    act(elm, &rude, &Act::Remove("It hurts people.".into()));
    net.settle().await;
    assert_eq!(is_gone(&net, &rude), [true, true, true]);
    act(elm, &rude, &Act::Restore);
    net.settle().await;
    assert_eq!(is_gone(&net, &rude), [false, false, false]);
    assert!(copy(oak, &rude).content_html.contains("rude"));

    // The conversation is closed on elm: nobody answers, wherever they are.
    act(elm, &root, &Act::Lock);
    net.settle().await;
    for server in [oak, elm, ash] {
        assert!(matches!(reply(server, &root, "More."), Err(ActionError::Denied(Denied::Locked))), "{}", server.name);
    }
    act(elm, &root, &Act::Unlock);
    act(elm, &root, &Act::Pin);
    net.settle().await;
    for server in [oak, elm, ash] {
        assert!(server.read(|c| pins::get(c, copy(server, &root).id)).is_some(), "pinned on {}", server.name);
    }
    let featured = oak.get("/g/tea/featured", ACTIVITY_JSON).await.json();
    assert_eq!(
        (&featured["orderedItems"][0]["id"], &featured["orderedItems"][0]["stickied"]),
        (&root.ap_id.as_str().into(), &true.into())
    );

    // Oak keeps the person on ash out, and what they wrote goes.
    let person = oak.read(|c| actors::by_ap_id(c, "https://ash.test/u/rowan")).expect("it wrote");
    let terms =
        BanForm { reason: "Wrote to people in private.".into(), remove_posts: "yes".into(), ..BanForm::default() };
    oak.act(|app| ban::ban(app, oak.keeper, tea.id, person.id, &terms));
    net.settle().await;
    assert_eq!(is_gone(&net, &rude), [true, true, true]);
    let more = reply(ash, &root, "Again.");
    assert!(matches!(more, Err(ActionError::Denied(Denied::MembersOnly))), "ash was told, and its person is not");
    let page = oak.page(&format!("/p/{}", root.id)).await;
    assert!(page.body.contains("A facilitator removed this."), "{}", page.body);
    oak.act(|app| ban::lift(app, oak.keeper, tea.id, person.id));
    net.settle().await;
    let back = reply(ash, &root, "Sorry.").expect("they may again");
    assert_eq!(ash.actor(tea_on_ash).ap_id.as_str(), tea.ap_id.as_str());
    net.settle().await;
    assert!(oak.post(back.ap_id.as_str()).is_some());

    // The help ends, and with it what elm may do.
    oak.act(|app| team::appoint(app, oak.keeper, tea.id, helper.id, false));
    net.settle().await;
    let denied = moderation::act(elm.app(), elm.keeper, copy(elm, &root).id, &Act::Unpin);
    assert!(matches!(denied, Err(ActionError::Denied(Denied::FacilitatorsOnly))));
    net.finish().await;
}
