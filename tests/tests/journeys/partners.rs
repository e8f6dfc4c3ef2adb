//! A circle that reaches partners: what its members say, and the pictures in it, come to a partner's server and never to a
//! third, which knows both and asks for everything.

use crate::{Databases, journeys};
use hearth_actions::{
    group,
    group::GroupForm,
    image::{self, ImageForm},
    membership,
    network::Network as _,
    post::{self, Answering, PostForm},
    remote, session,
};
use hearth_db::{
    dialect,
    tables::{
        deliveries,
        images::{self, Picture},
        memberships,
        posts::Post,
    },
};
use hearth_domain::{
    address::read_lookup,
    audience::Visibility,
    id::{ActorId, ImageId},
    image::ImageState,
    membership::State,
};
use tests::{
    network::{ACTIVITY_JSON, TestNetwork, TestServer, plain_client},
    pictures,
    world::{group_form, post_form},
};
use url::Url;

journeys! { long: a_circle_of_partners_stays_among_them, a_picture_goes_with_its_post_and_no_further }

/// Words that stand in the circle only.
const WORDS: [&str; 5] = ["Moorhen circle", "Wading birds", "Among partners", "Heard at elm", "Two colours"];

/// Oak's circle for its partner elm; ash follows an open group of oak, and elm's people.
async fn circle(databases: Databases) -> (TestNetwork, ActorId, ActorId) {
    let network = databases.start(&["oak", "elm", "ash"]).await;
    let (oak, elm, ash) = (network.server("oak"), network.server("elm"), network.server("ash"));
    oak.group("tea");
    ash.follow("@tea@oak.test").await;
    network.settle().await;
    let partner = remote::Trust { partner: Some(true), may_hold_private: Some(true) };
    oak.act(|app| remote::trust(app, oak.keeper, "elm.test", partner));
    let typed = GroupForm {
        reach: "partners".into(),
        display_name: "Moorhen circle".into(),
        ..group_form("circle", oak.persona, "private_circle")
    };
    let circle = oak.act(|app| group::create(app, oak.keeper, &typed)).id;
    let there = elm.find("@circle@oak.test").await;
    assert_eq!(elm.act(|app| membership::join(app, elm.keeper, there, elm.persona)), State::Waiting);
    network.settle().await;
    let asked = oak.act(|app| membership::waiting(app, oak.keeper, circle)).remove(0);
    oak.act(|app| membership::answer(app, oak.keeper, circle, asked.person.id, true));
    network.settle().await;
    let state = elm.read(|c| memberships::get(c, there, elm.persona)).map(|row| row.state);
    assert_eq!(state, Some(State::Active));
    (network, circle, there)
}

/// What oak and elm sent to ash so far.
fn sent_to_ash(network: &TestNetwork) -> usize {
    ["oak", "elm"].iter().map(|name| network.server(name).read(|c| deliveries::of_host(c, "ash.test")).len()).sum()
}

/// In all of ash's database stands none of the words, and nothing was ever on its way to it.
fn ash_knows_nothing(network: &TestNetwork) {
    let rows = network.server("ash").read(dialect::every_row);
    for (table, line) in &rows {
        let told = WORDS.iter().find(|word| line.contains(**word));
        assert_eq!(told, None, "in {table} of ash: {line}");
    }
    assert!(rows.iter().any(|(_, line)| line.contains("tea@oak.test") || line.contains("oak.test/g/tea")));
}

/// Whether everybody who asks for it is told the same as for something that is not there.
async fn is_hidden(server: &TestServer, post: &Post) {
    let path = Url::parse(post.ap_id.as_str()).expect("an address").path().to_owned();
    for accept in [ACTIVITY_JSON, "text/html"] {
        let asked = server.get(&path, accept).await;
        let unknown = server.get(&format!("{}0000000000000", &path[..3]), accept).await;
        assert_eq!((asked.status, unknown.status), (404, 404), "{path} {accept}");
        assert_eq!(asked.body, unknown.body, "{path} {accept}");
    }
}

async fn a_circle_of_partners_stays_among_them(databases: Databases) {
    let (network, circle, at_elm) = circle(databases).await;
    let (oak, elm, ash) = (network.server("oak"), network.server("elm"), network.server("ash"));
    // Ash finds what a signature is checked with, under no name; nobody there is let in, nor waits.
    let nameless = ash.find("@circle@oak.test").await;
    assert_ne!(ash.actor(nameless).display_name, "Moorhen circle");
    // That it asks is as it should be; what comes of it is looked at below.
    let asked = membership::join(ash.app(), ash.keeper, nameless, ash.persona);
    network.settle().await;
    let state = ash.read(|c| memberships::get(c, nameless, ash.persona)).map(|row| row.state);
    assert_eq!(state, None, "{asked:?}");
    assert!(oak.act(|app| membership::waiting(app, oak.keeper, circle)).is_empty());
    let before = sent_to_ash(&network);

    let root = post_form(oak.persona, "Wading birds", "Among partners.");
    let root = oak.act(|app| post::publish(app, oak.keeper, circle, &root));
    network.settle().await;
    let copy = elm.post(root.ap_id.as_str()).expect("a partner's members have it");
    assert_eq!(copy.visibility, Visibility::Members);
    let reply = post_form(elm.persona, "", "Heard at elm.");
    let reply = elm.act(|app| post::reply(app, elm.keeper, Answering::Post(copy.id), &reply));
    network.settle().await;
    let arrived = oak.post(reply.ap_id.as_str()).expect("the reply came");
    assert_eq!((arrived.visibility, arrived.root_id), (Visibility::Members, Some(root.id)));
    is_hidden(oak, &root).await;
    is_hidden(elm, &reply).await;
    for about in [&root, &reply] {
        assert!(ash.federation().find(&read_lookup(about.ap_id.as_str())).await.is_err(), "nor by its link");
    }

    elm.act(|app| membership::leave(app, elm.keeper, at_elm));
    network.settle().await;
    assert!(oak.read(|c| memberships::elsewhere(c, circle)).is_empty());
    let last = post_form(oak.persona, "Alone", "Among partners no more.");
    let last = oak.act(|app| post::publish(app, oak.keeper, circle, &last));
    network.settle().await;
    assert!(elm.post(last.ap_id.as_str()).is_none(), "who left gets nothing more");
    assert_eq!(sent_to_ash(&network), before, "nothing went to the third");
    ash_knows_nothing(&network);
    network.finish().await;
}

/// The path and query of a link, which is how this machine asks for it.
fn asked_at(link: &Url) -> String {
    link.query().map_or_else(|| link.path().to_owned(), |query| format!("{}?{query}", link.path()))
}

async fn a_picture_goes_with_its_post_and_no_further(databases: Databases) {
    let (network, circle, _) = circle(databases).await;
    let (oak, elm) = (network.server("oak"), network.server("elm"));
    let before = sent_to_ash(&network);
    let kept: Picture = oak.act(|app| image::keep(app, oak.keeper, None, pictures::photograph(16, 8)));
    let described = ImageForm { id: kept.id.to_string(), description: "Two colours".into() };
    let typed =
        PostForm { images: Some(vec![described]), ..post_form(oak.persona, "Wading birds", "Among partners.") };
    let root = oak.act(|app| post::publish(app, oak.keeper, circle, &typed));
    network.settle().await;

    // Elm tells its member what the picture shows and where it is; it keeps no copy of the file.
    let copy = elm.post(root.ap_id.as_str()).expect("a partner's members have it");
    let there = elm.read(|c| images::of(c, ImageState::Shown, copy.id.get())).remove(0);
    assert_eq!(there.description, "Two colours");
    let link: Url = there.url.as_deref().expect("a link").parse().expect("an address");
    assert_eq!((link.host_str(), link.path()), (Some("oak.test"), &*format!("/media/{}", kept.id)));
    let session = elm.act(|app| session::open(app, elm.keeper, "A browser"));
    let page = elm.local_url().join(&format!("/p/{}", copy.id)).expect("an address");
    let cookies = format!("hearth={session}; __Host-hearth={session}");
    let page = plain_client().get(page).header("Host", "elm.test").header("Accept", "text/html");
    let page = page.header("Cookie", cookies).send().await.expect("an answer").text().await.expect("a page");
    assert!(page.contains("Two colours") && page.contains(&asked_at(&link).replace('&', "&#38;")), "{page}");
    assert!(!page.contains("<img src=\"https://oak.test"), "nobody's browser asks oak before its person does");

    // The link opens it; without what is in it, or with something else, there is nothing.
    assert_eq!(oak.get(&asked_at(&link), "*/*").await.status, 200);
    let unknown = oak.get(&format!("/media/{}", ImageId::try_from(1).expect("an id")), "*/*").await;
    let stranger = oak.get(link.path(), "*/*").await;
    let forged = oak.get(&format!("{}x", asked_at(&link)), "*/*").await;
    for answer in [&stranger, &forged] {
        assert_eq!((answer.status, &answer.body), (404, &unknown.body), "as if there were none");
    }
    is_hidden(oak, &root).await;
    assert_eq!(sent_to_ash(&network), before, "nothing went to the third");
    ash_knows_nothing(&network);
    oak.act(|app| post::delete(app, oak.keeper, root.id));
    network.settle().await;
    assert_eq!(oak.get(&asked_at(&link), "*/*").await.status, 404, "gone with its post, also by the link");
    assert!(elm.read(|c| images::of(c, ImageState::Shown, copy.id.get())).is_empty(), "and what elm knew of it");
    network.finish().await;
}
