//! Invitations from elsewhere: heard only from whom somebody chose to hear.

use hearth_actions::{
    ActionError, follow,
    invite::{self, InvitedTo},
    received::Outcome,
};
use hearth_db::tables::{
    actors::{self, Actor},
    memberships::Membership,
};
use hearth_domain::{
    id::{AccountId, ActorId},
    membership::{Role, State},
};
use serde_json::{Value, json};
use tests::{database::each_database, world::World};

const WALK: &str = "https://elm.test/e/1";

fn inviting(by: &Actor, number: u32, target: &str, object: &str) -> Value {
    json!({"id": format!("{}/i/{number}", by.ap_id), "type": "Invite", "actor": by.ap_id.as_str(), "object": object, "target": target, "to": [target]})
}

/// `wren` follows `walks` elsewhere.
fn following(world: &World) -> (AccountId, ActorId, Actor) {
    let (wren, persona) = world.account("wren");
    let walks = world.remote_actor("Group", "https://elm.test/g/walks");
    follow::follow(&world.app, wren, walks.id, persona).unwrap();
    let asked = world.sent().remove(0).body;
    let accept =
        json!({"id": "https://elm.test/a/0", "type": "Accept", "actor": walks.ap_id.as_str(), "object": asked});
    world.receive(&walks, &accept).unwrap();
    (wren, persona, walks)
}

#[test]
fn a_group_one_follows_may_invite_and_is_answered() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _, walks) = following(&world);
        let me = "https://oak.test/u/wren";
        assert_eq!(world.receive(&walks, &inviting(&walks, 1, me, WALK)).unwrap(), Outcome::Done);
        assert!(matches!(world.receive(&walks, &inviting(&walks, 2, me, WALK)).unwrap(), Outcome::Ignored(_)), "once");
        assert_eq!(world.receive(&walks, &inviting(&walks, 3, me, walks.ap_id.as_str())).unwrap(), Outcome::Done);
        let invited = invite::all(&world.app, wren).unwrap();
        assert_eq!(invited.len(), 2);
        assert!(
            invited.iter().any(|one| matches!(&one.to, InvitedTo::Elsewhere(url) if url.as_str() == WALK)),
            "no meetup is stored"
        );
        assert!(invited.iter().any(|one| matches!(&one.to, InvitedTo::Group(group) if group.id == walks.id)));
        assert!(invite::all(&world.app, keeper).unwrap().is_empty());
        let id = invited[0].invite.id;
        assert!(matches!(invite::answer(&world.app, keeper, id, true), Err(ActionError::NotFound)));
        for (one, yes, kind) in [(&invited[0], true, "Accept"), (&invited[1], false, "Reject")] {
            invite::answer(&world.app, wren, one.invite.id, yes).unwrap();
            let sent = world.sent().remove(0);
            assert_eq!((sent.body["type"].as_str(), sent.signer.as_str()), (Some(kind), me));
            assert_eq!(sent.body["object"]["id"], one.invite.ap_id.as_str());
            assert_eq!(sent.body["to"], json!([walks.ap_id.as_str()]));
        }
        assert!(invite::all(&world.app, wren).unwrap().is_empty(), "nothing of it is kept");
    });
}

#[test]
fn strangers_are_not_heard() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _, _) = following(&world);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let me = "https://oak.test/u/wren";
        let heard = |number: u32, target: &str| {
            let outcome = world.receive(&kim, &inviting(&kim, number, target, group.ap_id.as_str())).unwrap();
            outcome == Outcome::Done
        };
        assert!(!heard(1, me), "a stranger");
        assert!(!heard(2, "https://oak.test/u/nobody"), "told the same where there is nobody");
        assert!(!heard(3, "https://oak.test/g/tea"), "a group is not invited");
        let persona = world.read(|c| actors::by_ap_id(c, me)).unwrap().id;
        world.join(wren, group.id, persona);
        assert!(!heard(4, me), "no facilitator of the group");
        let since = world.app.now();
        let row =
            Membership { group_id: group.id, actor_id: kim.id, role: Role::Facilitator, state: State::Active, since };
        world.write(|tx| row.insert(tx));
        assert!(heard(5, me), "a facilitator of a group that wren joined");
        assert_eq!(world.waiting(), 0, "an invitation is answered by hand");
    });
}
