//! Keys that change, groups that move and are erased, between servers that ask every reader for a signature.

use crate::{Databases, journeys};
use hearth_actions::{erase, keys, moving, post};
use hearth_activitypub::{ReadOptions, proof::Proof};
use hearth_db::tables::{
    activities, deliveries,
    follows::{self, FollowState},
    proof_keys, server,
};
use hearth_domain::{clock::Clock, id::ActorId};
use tests::{
    network::{ACTIVITY_JSON, TestServer},
    world::post_form,
};

journeys! { long:
    identities_hold_while_keys_and_addresses_change,
}

/// Whoever reads here must sign.
fn ask_for_signatures(on: &TestServer) {
    on.act(|app| {
        app.db.write(|tx| {
            if let Some(row) = server::get(tx)? {
                server::update(tx, &server::Server { authorized_fetch: true, ..row })?;
            }
            Ok(())
        })
    });
}

fn publish(on: &TestServer, group: ActorId, title: &str) -> String {
    let sent = on.act(|app| post::publish(app, on.keeper, group, &post_form(on.persona, title, "Warm milk.")));
    sent.ap_id.to_string()
}

async fn identities_hold_while_keys_and_addresses_change(databases: Databases) {
    let network = databases.start(&["oak", "elm", "ash"]).await;
    let (oak, elm, ash) = (network.server("oak"), network.server("elm"), network.server("ash"));
    for server in [oak, elm, ash] {
        ask_for_signatures(server);
    }
    let tea = oak.group("tea");
    let tea_elsewhere = elm.follow("@tea@oak.test").await;
    network.settle().await;

    // What is public is there for who signs; who does not gets the keys and nothing else.
    let first = publish(oak, tea.id, "Before");
    network.settle().await;
    assert!(elm.post(&first).is_some(), "fetched and delivered with signatures");
    assert_eq!(oak.get("/g/tea/outbox", ACTIVITY_JSON).await.status, 401);
    let stub = oak.get("/g/tea", ACTIVITY_JSON).await.json();
    assert!(stub["publicKey"].is_object() && stub.get("summary").is_none());

    // The keys change: the old one tells of the new ones, which are all that counts from then on.
    let before =
        (elm.actor(tea_elsewhere).public_key_pem, elm.read(|c| proof_keys::of(c, tea_elsewhere)).expect("a key"));
    oak.act(|app| keys::rotate(app, tea.id));
    network.settle().await;
    let second = publish(oak, tea.id, "After");
    network.settle().await;
    assert!(elm.post(&second).is_some(), "signed with the new key");
    let after = elm.read(|c| proof_keys::of(c, tea_elsewhere)).expect("a key");
    assert_eq!(elm.actor(tea_elsewhere).public_key_pem.trim(), oak.actor(tea.id).public_key_pem.trim());
    assert!(after.public_multibase != before.1.public_multibase);
    let told = oak.read(|c| deliveries::of_host(c, "elm.test"));
    let last = told.iter().map(|row| row.activity_id).next_back().expect("a delivery");
    let sent = oak.read(|c| activities::by_id(c, last)).expect("it is kept");
    let proof = Proof::read(&sent.body, network.clock.now(), ReadOptions::dev()).expect("good").expect("a proof");
    assert!(keys::holds(&proof, &after), "proven with the new key");

    // A group moves; who followed it follows its new address.
    let old = oak.group("books");
    let new = elm.group("reading");
    let followed = ash.follow("@books@oak.test").await;
    network.settle().await;
    let target = oak.find("@reading@elm.test").await;
    let too_early = moving::move_away(oak.app(), oak.keeper, old.id, target);
    assert!(too_early.is_err(), "the new address does not say yet that it is the same");
    elm.act(|app| moving::set_aliases(app, elm.keeper, new.id, old.ap_id.as_str()));
    let target = oak.find("@reading@elm.test").await;
    oak.act(|app| moving::move_away(app, oak.keeper, old.id, target));
    network.settle().await;
    let rows = ash.read(|c| follows::of_account(c, ash.keeper));
    let [row] = rows.as_slice() else { panic!("{} follows", rows.len()) };
    assert_eq!((ash.actor(row.target_id).ap_id.as_str(), row.state), (new.ap_id.as_str(), FollowState::Accepted));
    assert_eq!(oak.read(|c| follows::count_followers(c, old.id)), 0, "and no longer the old one");
    assert!(row.target_id != followed);

    // A group is erased: its address says so, and what it said is gone elsewhere too.
    oak.act(|app| erase::group(app, oak.keeper, tea.id));
    network.settle().await;
    assert_eq!(oak.get("/g/tea", ACTIVITY_JSON).await.status, 410);
    assert!(elm.actor(tea_elsewhere).deleted_at.is_some());
    for post in [&first, &second] {
        assert!(elm.post(post).is_none_or(|post| post.deleted_at.is_some()), "{post}");
    }
    network.finish().await;
}
