//! Who comes into a group, made when a route wants them.

use super::world::World;
use hearth_db::tables::{
    actors,
    memberships::{self, Membership},
};
use hearth_domain::{
    address::ApId,
    id::{AccountId, ActorId},
    membership::{Role, State},
};
use serde_json::Value;

impl World {
    fn account(&self) -> AccountId {
        hearth_actions::token::account_named(&self.fresh.state.app, "ada").unwrap()
    }

    pub fn make_group(&self, body: &Value) -> String {
        let form = serde_json::from_value(body.clone()).unwrap();
        hearth_actions::group::create(&self.fresh.state.app, self.account(), &form).unwrap().id.to_string()
    }

    /// A new invitation to a group: its id and code.
    pub fn invitation(&self, group: &str) -> (String, String) {
        let form = hearth_actions::group_invitation::InvitationForm {
            uses: "1".to_owned(),
            days: "7".to_owned(),
            ..Default::default()
        };
        let app = &self.fresh.state.app;
        let made = hearth_actions::group_invitation::make(app, self.account(), group.parse().unwrap(), &form).unwrap();
        (made.0.id.to_string(), made.1)
    }

    /// The outsider waits to be let in to the group, and is asked something.
    pub fn ask_the_outsider(&self) {
        let app = &self.fresh.state.app;
        let (group_id, actor_id) = (self.group.parse().unwrap(), self.outsider_persona.parse().unwrap());
        let waits = Membership { group_id, actor_id, role: Role::Member, state: State::Waiting, since: app.now() };
        app.db.write(|tx| memberships::put(tx, &waits)).unwrap();
        hearth_actions::join_request::ask(app, self.account(), group_id, actor_id, "Which evenings?").unwrap();
    }

    /// A person of a server that runs Hearth.
    pub fn somebody_elsewhere(&self) -> String {
        let app = &self.fresh.state.app;
        let own = app.db.read(hearth_actions::site).unwrap().actor;
        let ap_id: ApId = "https://walks.example/u/kim".parse().unwrap();
        let kim = actors::Actor {
            id: ActorId::try_from(1_000_078).unwrap(),
            kind: actors::ActorKind::Person,
            inbox: format!("{ap_id}/inbox"),
            public_key_id: format!("{ap_id}#main-key"),
            name: "kim".to_owned(),
            host: "walks.example".to_owned(),
            local: false,
            shared_inbox: None,
            private_key_pem: None,
            ap_id,
            ..own
        };
        app.db.write(|tx| kim.insert(tx)).unwrap();
        hearth_actions::remote::learn_software(app, "walks.example", Some(("hearth", "1.0"))).unwrap();
        kim.id.to_string()
    }
}
