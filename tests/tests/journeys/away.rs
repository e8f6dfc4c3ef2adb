//! A server that was off for days comes back whole, whatever became of what was sent to it meanwhile; and who follows a
//! group for the first time finds what was said before.

use crate::{Databases, journeys};
use chrono::Duration;
use hearth_actions::{
    event,
    post::{self, Answering, PostForm},
};
use hearth_db::{
    tables::{
        actors::Actor,
        deliveries,
        events::{self, Event},
        posts::Post,
    },
    views::{calendar, conversation, visible::Reader},
};
use hearth_domain::id::ActorId;
use tests::{
    network::{TestNetwork, TestServer},
    world::{event_form, post_form},
};

journeys! { long:
    off_for_six_days,
    off_for_six_days_and_nothing_was_kept,
    a_first_follower_finds_what_was_said_before,
}

/// Everything of a group as people see it, in their order: words, and what is left of what was removed.
fn seen(server: &TestServer, group: &str) -> Vec<String> {
    let anybody = Reader::anybody();
    let id = group_of(server, group);
    let words = |post: &Post| {
        let text = if post.deleted_at.is_some() { "removed" } else { post.content_html.as_str() };
        format!("{} {:?} {text} {:?}", post.ap_id, post.title, post.edited_at.is_some())
    };
    let roots = server.read(|c| conversation::roots(c, &anybody, &[id], None, 100));
    let mut lines = Vec::new();
    for root in &roots {
        lines.push(words(&root.post));
        let said = server.read(|c| conversation::replies(c, &anybody, root.post.id, 100));
        lines.extend(
            said.iter().filter(|one| one.post.deleted_at.is_none()).map(|one| format!("  {}", words(&one.post))),
        );
    }
    let now = server.app().now();
    let meetups: Vec<Event> = server.read(|c| calendar::upcoming(c, &anybody, &[id], now, 100));
    lines.extend(
        meetups.iter().map(|one| format!("{} {} {} {}", one.ap_id, one.title, one.civil_start, one.status.as_str())),
    );
    lines
}

fn group_of(server: &TestServer, ap_id: &str) -> ActorId {
    server.read(|c| hearth_db::tables::actors::by_ap_id(c, ap_id)).expect("known").id
}

fn reply_form(persona: ActorId, text: &str) -> PostForm {
    PostForm { text: text.into(), persona: persona.to_string(), ..PostForm::default() }
}

/// Each word has its minute: what is said at the same moment has no order that servers could agree on.
fn say(network: &TestNetwork, server: &TestServer, group: &Actor, title: &str) -> Post {
    network.clock.advance(Duration::minutes(1));
    server.act(|app| post::publish(app, server.keeper, group.id, &post_form(server.persona, title, "Some words.")))
}

fn meet(network: &TestNetwork, server: &TestServer, group: &Actor, title: &str, date: &str) -> Event {
    network.clock.advance(Duration::minutes(1));
    let form = event::EventForm { title: title.into(), date: date.into(), ..event_form(server.persona) };
    server.act(|app| event::announce(app, server.keeper, group.id, &form))
}

fn answer(network: &TestNetwork, server: &TestServer, to: &str, text: &str) -> Post {
    network.clock.advance(Duration::minutes(1));
    let parent = server.post(to).expect("the post is here");
    let form = reply_form(server.persona, text);
    server.act(|app| post::reply(app, server.keeper, Answering::Post(parent.id), &form))
}

const TEA: &str = "https://oak.test/g/tea";
const WALKS: &str = "https://elm.test/g/walks";

/// Two servers, each with a group that somebody at the other follows; then elm is switched off with the last words of
/// its people unsent, and at oak life goes on for six days.
async fn six_days(databases: Databases, kept: bool) -> TestNetwork {
    let mut network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let (tea, walks) = (oak.group("tea"), elm.group("walks"));
    elm.follow("@tea@oak.test").await;
    oak.follow("@walks@elm.test").await;
    network.settle().await;
    for server in [oak, elm] {
        server.federation().refresh_hosts().await.expect("each knows what the other runs");
    }
    let (kept_post, removed_post) = (say(&network, oak, &tea, "What stays"), say(&network, oak, &tea, "What goes"));
    let (moved, dropped) =
        (meet(&network, oak, &tea, "Tea", "2026-12-08"), meet(&network, oak, &tea, "Cake", "2026-12-09"));
    network.clock.advance(Duration::minutes(1));
    let by_river = say(&network, elm, &walks, "By the river");
    network.settle().await;
    let regretted = answer(&network, elm, kept_post.ap_id.as_str(), "Too much.");
    let oaks_answer = answer(&network, oak, kept_post.ap_id.as_str(), "Thank you.");
    let oaks_slip = answer(&network, oak, kept_post.ap_id.as_str(), "A slip.");
    network.settle().await;
    network.run_jobs();
    assert_eq!(seen(oak, TEA), seen(elm, TEA));

    // The last minutes of elm reach nobody.
    network.clock.advance(Duration::minutes(5));
    elm.act(|app| post::edit(app, elm.keeper, by_river.id, &post_form(elm.persona, "By the lake", "New words.")));
    say(&network, elm, &walks, "Over the hill");
    elm.act(|app| post::delete(app, elm.keeper, regretted.id));
    answer(&network, elm, kept_post.ap_id.as_str(), "Good night.");
    meet(&network, elm, &walks, "A walk", "2026-12-12");
    network.server_mut("elm").stop().await;

    for day in 1..=6 {
        let oak = network.server("oak");
        let said = say(&network, oak, &tea, &format!("Day {day}"));
        network.clock.advance(Duration::minutes(1));
        answer(&network, oak, said.ap_id.as_str(), "And good morning.");
        match day {
            1 => drop(oak.act(|app| {
                post::edit(app, oak.keeper, kept_post.id, &post_form(oak.persona, "What stays", "Better words."))
            })),
            2 => drop(oak.act(|app| post::delete(app, oak.keeper, removed_post.id))),
            3 => {
                let typed =
                    event::EventForm { title: "Tea".into(), date: "2026-12-10".into(), ..event_form(oak.persona) };
                oak.act(|app| event::edit(app, oak.keeper, moved.id, &typed));
            }
            4 => {
                let typed = reply_form(oak.persona, "Thank you both.");
                oak.act(|app| post::edit(app, oak.keeper, oaks_answer.id, &typed));
                oak.act(|app| post::delete(app, oak.keeper, oaks_slip.id));
            }
            5 => drop(oak.act(|app| event::delete(app, oak.keeper, dropped.id))),
            _ => drop(meet(&network, oak, &tea, "A late tea", "2026-12-20")),
        }
        // Attempts go on, ever more rarely.
        for _ in 0..6 {
            network.clock.advance(Duration::hours(4));
            network.run_jobs();
            network.settle().await;
        }
        if !kept {
            network.server("oak").app().db.write(|tx| deliveries::drop_waiting(tx, "elm.test")).expect("the database");
        }
    }
    network.server_mut("elm").start_again();
    network.run_jobs();
    network.settle().await;
    network
}

/// Both sides show the same, in the same order, each thing once.
fn are_equal(network: &TestNetwork) {
    for group in [TEA, WALKS] {
        let (oak, elm) = (seen(network.server("oak"), group), seen(network.server("elm"), group));
        assert_eq!(oak, elm, "{group}");
        let mut once = oak.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), oak.len(), "{group}: something is there twice");
    }
    let tea = seen(network.server("elm"), TEA).join("\n");
    for words in ["Day 1", "Day 6", "Better words.", "Thank you both.", "Good night.", "A late tea", "2026-12-10T18:30"]
    {
        assert!(tea.contains(words), "{words} in {tea}");
    }
    for words in ["What goes", "Too much.", "A slip.", "Cake"] {
        assert!(!tea.contains(words), "{words} in {tea}");
    }
    let walks = seen(network.server("oak"), WALKS).join("\n");
    assert!(walks.contains("By the lake") && walks.contains("Over the hill") && walks.contains("A walk"), "{walks}");
}

async fn off_for_six_days(databases: Databases) {
    let network = six_days(databases, true).await;
    network.pass(Duration::hours(13)).await;
    are_equal(&network);
    assert_eq!(network.server("oak").read(deliveries::count_waiting), 0);
    network.finish().await;
}

async fn off_for_six_days_and_nothing_was_kept(databases: Databases) {
    let network = six_days(databases, false).await;
    are_equal(&network);
    network.finish().await;
}

async fn a_first_follower_finds_what_was_said_before(databases: Databases) {
    let network = databases.start(&["oak", "elm", "ash"]).await;
    let (oak, elm, ash) = (network.server("oak"), network.server("elm"), network.server("ash"));
    let tea = oak.group("tea");
    elm.follow("@tea@oak.test").await;
    network.settle().await;
    let said = say(&network, oak, &tea, "Long ago");
    say(&network, oak, &tea, "And this");
    meet(&network, oak, &tea, "Tea", "2026-12-08");
    network.settle().await;
    answer(&network, elm, said.ap_id.as_str(), "From elm.");
    let of_elm = elm
        .act(|app| post::publish(app, elm.keeper, group_of(elm, TEA), &post_form(elm.persona, "Elm begins", "Hello.")));
    network.settle().await;
    network.clock.advance(Duration::days(3));

    ash.follow("@tea@oak.test").await;
    network.settle().await;
    assert_eq!(seen(oak, TEA), seen(ash, TEA));
    let copy = ash.post(of_elm.ap_id.as_str()).expect("what somebody of a third server began is there too");
    assert_eq!(copy.published_at, of_elm.published_at, "as old as it is");
    assert!(ash.read(|c| events::upcoming_elsewhere(c, group_of(ash, TEA), ash.app().now(), 9)).len() == 1);

    // The page of a conversation asks for what came since, and does not wait for it.
    let copy = ash.post(said.ap_id.as_str()).expect("the root");
    ash.app().db.write(|tx| deliveries::drop_waiting(tx, "ash.test")).expect("the database");
    let late = answer(&network, oak, said.ap_id.as_str(), "Lost on the way.");
    oak.app().db.write(|tx| deliveries::drop_waiting(tx, "ash.test")).expect("the database");
    network.clock.advance(Duration::minutes(20));
    network.settle().await;
    assert!(ash.post(late.ap_id.as_str()).is_none());
    let page = ash.page(&format!("/p/{}", copy.id)).await;
    assert_eq!(page.status, 200);
    for _ in 0..50 {
        network.settle().await;
        if ash.post(late.ap_id.as_str()).is_some() {
            break;
        }
        // The page was answered before its wish was written down.
        ash.page("/").await;
    }
    assert!(ash.post(late.ap_id.as_str()).is_some());
    network.finish().await;
}
