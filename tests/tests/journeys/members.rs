//! A group that only members can read, with members on three servers.

use crate::{Databases, journeys};
use hearth_actions::{
    event, group,
    group::GroupForm,
    invite::{self, InvitedTo},
    membership,
    post::{self, Answering},
    rsvp,
};
use hearth_db::tables::{deliveries, memberships, rsvps, teams};
use hearth_domain::{audience::Visibility, id::ActorId, membership::State};
use tests::{
    network::{ACTIVITY_JSON, TestNetwork, TestServer},
    world::{event_form, group_form, post_form, rsvp_form},
};

journeys! { long: a_circle_across_servers, what_was_lost_is_put_right, somebody_is_invited_from_another_server }

fn state(server: &TestServer, group: ActorId, person: ActorId) -> Option<State> {
    server.read(|c| memberships::get(c, group, person)).map(|row| row.state)
}

/// Asks to be let in to oak's circle as the keeper of a server, and is.
async fn join(network: &TestNetwork, name: &str, circle: ActorId) -> ActorId {
    let (oak, server) = (network.server("oak"), network.server(name));
    let there = server.find("@circle@oak.test").await;
    assert_eq!(server.act(|app| membership::join(app, server.keeper, there, server.persona)), State::Waiting);
    network.settle().await;
    assert_eq!(state(server, there, server.persona), Some(State::Waiting));
    let waiting = oak.act(|app| membership::waiting(app, oak.keeper, circle));
    let asked = waiting.first().unwrap_or_else(|| panic!("{name} does not wait"));
    let host = asked.host.as_ref().expect("of another server");
    assert_eq!((host.host.as_str(), host.software.as_deref()), (server.host().as_str(), Some("hearth")));
    oak.act(|app| membership::answer(app, oak.keeper, circle, asked.person.id, true));
    network.settle().await;
    assert_eq!(state(server, there, server.persona), Some(State::Active));
    there
}

async fn a_circle_across_servers(databases: Databases) {
    let network = databases.start(&["oak", "elm", "ash"]).await;
    let (oak, elm, ash) = (network.server("oak"), network.server("elm"), network.server("ash"));
    let typed = GroupForm { reach: "network".into(), ..group_form("circle", oak.persona, "private_circle") };
    let circle = oak.act(|app| group::create(app, oak.keeper, &typed));
    let stub = oak.document(circle.ap_id.as_str()).await;
    assert!(stub.status == 200 && !stub.body.contains("Tea and Talk"), "{}", stub.body);
    let at_elm = join(&network, "elm", circle.id).await;
    assert_eq!(elm.actor(at_elm).display_name, "Tea and Talk", "who signs is told its name");
    let at_ash = join(&network, "ash", circle.id).await;

    let root = oak.act(|app| post::publish(app, oak.keeper, circle.id, &post_form(oak.persona, "Hush", "Among us.")));
    let meetup = oak.act(|app| event::announce(app, oak.keeper, circle.id, &event_form(oak.persona)));
    network.settle().await;
    for server in [elm, ash] {
        let copy = server.post(root.ap_id.as_str()).unwrap_or_else(|| panic!("not on {}", server.name));
        assert_eq!(copy.visibility, Visibility::Members);
        assert_eq!(server.page(&format!("/p/{}", copy.id)).await.status, 404, "not for everybody on {}", server.name);
        let copy = server.event(meetup.ap_id.as_str()).unwrap_or_else(|| panic!("no meetup on {}", server.name));
        assert_eq!((copy.visibility, copy.address.as_str()), (Visibility::Members, ""));
    }

    // A member's reply reaches members on a third server, which asks its author's server, which asks the group's.
    let copy = elm.post(root.ap_id.as_str()).expect("it is here");
    let typed = post_form(elm.persona, "", "Quite so.");
    let reply = elm.act(|app| post::reply(app, elm.keeper, Answering::Post(copy.id), &typed));
    network.settle().await;
    for server in [oak, ash] {
        let arrived = server.post(reply.ap_id.as_str()).unwrap_or_else(|| panic!("no reply on {}", server.name));
        assert_eq!(arrived.visibility, Visibility::Members);
    }
    let unknown = elm.get("/n/0000000000000", ACTIVITY_JSON).await;
    let kept = elm.document(reply.ap_id.as_str()).await;
    assert_eq!((kept.status, &kept.body), (404, &unknown.body), "nobody else learns that it is there");

    // A member elsewhere comes to the meetup, and only they are told where it is.
    let copy = elm.event(meetup.ap_id.as_str()).expect("it is here");
    elm.act(|app| rsvp::answer(app, elm.keeper, copy.id, &rsvp_form(elm.persona, "coming")));
    network.settle().await;
    let told = elm.read(|c| rsvps::get(c, copy.id, elm.persona)).expect("answered");
    assert!(told.instructions.contains("14 Mill Lane"));

    // One is removed, one leaves: neither server gets anything more.
    let from_ash = oak.read(|c| memberships::on_host(c, circle.id, "ash.test")).remove(0);
    oak.act(|app| membership::remove(app, oak.keeper, circle.id, from_ash.id));
    network.settle().await;
    assert_eq!(state(ash, at_ash, ash.persona), None);
    let again = oak.act(|app| post::publish(app, oak.keeper, circle.id, &post_form(oak.persona, "Again", "Fewer.")));
    network.settle().await;
    assert!(ash.post(again.ap_id.as_str()).is_none() && elm.post(again.ap_id.as_str()).is_some());
    elm.act(|app| membership::leave(app, elm.keeper, at_elm));
    network.settle().await;
    assert!(oak.read(|c| memberships::elsewhere(c, circle.id)).is_empty());
    let before = oak.read(|c| deliveries::of_host(c, "elm.test")).len();
    oak.act(|app| post::publish(app, oak.keeper, circle.id, &post_form(oak.persona, "Alone", "Here.")));
    network.settle().await;
    assert_eq!(oak.read(|c| deliveries::of_host(c, "elm.test")).len(), before);
    network.finish().await;
}

async fn what_was_lost_is_put_right(databases: Databases) {
    let network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let typed = GroupForm { reach: "network".into(), ..group_form("circle", oak.persona, "private_circle") };
    let circle = oak.act(|app| group::create(app, oak.keeper, &typed));
    let at_elm = join(&network, "elm", circle.id).await;
    let publish = |title: &str| {
        let typed = post_form(oak.persona, title, "Among us.");
        oak.act(|app| post::publish(app, oak.keeper, circle.id, &typed))
    };
    let write = |change: &dyn Fn(&mut hearth_db::Tx<'_>) -> hearth_db::Result<()>| {
        elm.app().db.write(|tx| change(tx)).expect("the database answers");
    };

    // The answer never arrived: with the next thing that is said elm learns that its person is a member.
    let now = elm.app().now();
    write(&|tx| memberships::set_state(tx, at_elm, elm.persona, State::Waiting, now));
    publish("One");
    network.settle().await;
    assert_eq!(state(elm, at_elm, elm.persona), Some(State::Active));
    network.clock.advance(chrono::Duration::minutes(6));
    let second = publish("Two");
    network.settle().await;
    assert!(elm.post(second.ap_id.as_str()).is_some());

    // The person left, and oak never heard of it: elm says so again.
    write(&|tx| memberships::delete(tx, at_elm, elm.persona).map(|_| ()));
    publish("Three");
    network.settle().await;
    assert!(oak.read(|c| memberships::elsewhere(c, circle.id)).is_empty(), "oak sends nothing more");
    assert_eq!(state(elm, at_elm, elm.persona), None);
    network.finish().await;
}

async fn somebody_is_invited_from_another_server(databases: Databases) {
    let network = databases.start(&["oak", "elm"]).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let tea = oak.group("tea");
    let typed = GroupForm {
        joining: "invitation".into(),
        reach: "network".into(),
        ..group_form("circle", oak.persona, "private_circle")
    };
    let circle = oak.act(|app| group::create(app, oak.keeper, &typed));
    // Somebody from elm follows the open group, whose facilitator is shown, and so hears of her.
    let at_elm = elm.find("@tea@oak.test").await;
    elm.act(|app| membership::join(app, elm.keeper, at_elm, elm.persona));
    network.settle().await;
    assert_eq!(state(elm, at_elm, elm.persona), Some(State::Active));
    elm.act(|app| app.db.write(|tx| teams::replace(tx, at_elm, &["https://oak.test/u/rowan"])).map_err(Into::into));
    let person = oak.read(|c| memberships::on_host(c, tea.id, "elm.test")).remove(0);
    // What runs there is known, and so that it may hold what is said among members.
    for server in [oak, elm] {
        server.federation().refresh_hosts().await.expect("servers that are met are asked what they run");
    }
    oak.act(|app| invite::sent::send(app, oak.keeper, circle.id, person.id));
    network.settle().await;
    let invited = elm.act(|app| invite::all(app, elm.keeper)).remove(0);
    assert!(matches!(invited.to, InvitedTo::Elsewhere(_)), "the circle is not known there");
    let there = elm.find("@circle@oak.test").await;
    assert_eq!(state(elm, there, elm.persona), None);
    elm.act(|app| invite::answer(app, elm.keeper, invited.invite.id, true));
    network.settle().await;
    assert_eq!(state(elm, there, elm.persona), Some(State::Active), "nobody had to look");
    let root = oak.act(|app| post::publish(app, oak.keeper, circle.id, &post_form(oak.persona, "Hush", "Among us.")));
    network.settle().await;
    assert!(elm.post(root.ap_id.as_str()).is_some(), "what members say arrives");
    network.finish().await;
}
