//! Somebody elsewhere who is kept out of a group.

use crate::stage::Stage;
use chrono::Duration;
use hearth_db::tables::{actors, deliveries, follows, memberships, rsvps};
use hearth_domain::membership::{Role, State};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_banned_person_comes_into_the_group() {
    let stage = Stage::set().await;
    let ash = &stage.stranger;
    // It is known from now on, and open to everybody until it is banned.
    assert_eq!(stage.deliver(ash, &stage.note(ash, "before", |_| {})).await, 202);
    let oak = stage.oak();
    let known = oak.read(|c| actors::by_ap_id(c, &ash.id)).expect("known");
    let ban = memberships::Membership {
        group_id: stage.tea.id,
        actor_id: known.id,
        role: Role::Member,
        state: State::Banned,
        since: oak.app().now(),
    };
    oak.app().db.write(|tx| ban.insert(tx)).expect("the database answers");
    let before = stage.picture();
    let join = stage.about(ash, "join", "Join", stage.meetup.ap_id.as_str());
    let root = stage.note(ash, "root", |a| {
        a["object"].as_object_mut().expect("an object").remove("inReplyTo");
    });
    // What is written is answered as for anybody who may not write here: a Reject without a reason.
    for (number, (name, activity)) in
        [("a reply", stage.note(ash, "reply", |_| {})), ("a conversation", root)].iter().enumerate()
    {
        stage.net.clock.advance(Duration::seconds(1));
        assert_eq!(stage.deliver(ash, activity).await, 202, "{name}");
        assert_eq!(stage.picture(), before, "{name}");
        assert_eq!(oak.read(|c| deliveries::of_host(c, "ash.test")).len(), number + 1, "{name}");
    }
    let attempts = [
        ("an answer to a meetup", join),
        ("maybe", stage.about(ash, "maybe", "TentativeAccept", stage.meetup.ap_id.as_str())),
        ("a follow", stage.about(ash, "follow", "Follow", stage.tea.ap_id.as_str())),
    ];
    for (name, activity) in attempts {
        stage.net.clock.advance(Duration::seconds(1));
        assert_eq!(stage.deliver(ash, &activity).await, 403, "{name}");
        assert_eq!(stage.picture(), before, "{name}");
    }
    oak.read(|c| {
        assert!(follows::between(c, known.id, stage.tea.id)?.is_none());
        assert!(rsvps::get(c, stage.meetup.id, known.id)?.is_none());
        assert_eq!(deliveries::of_host(c, "ash.test")?.len(), 2, "nor is anything else said");
        Ok(())
    });
    // Somebody else of the same server is none the worse for it.
    let friend = stage.note(&stage.friend, "friend", |a| a["cc"] = json!([]));
    assert_eq!(stage.deliver(&stage.friend, &friend).await, 202);
    stage.finish().await;
}
