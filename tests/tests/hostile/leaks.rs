//! Nothing that a group keeps to itself reaches a reader or server that may not have it (profile 11 (4), threats 4): one
//! file because it is one matrix, with the house that it is walked through.
//!
//! One server holds a group of each kind, each full of marked words. Every route the server has is walked by a visitor,
//! by people who are signed in and are strangers, members, members of another group, wait, or were removed, by another
//! server with a good signature, and by one on which members live or lived; then every stored outgoing activity is looked
//! through. The routes are read from where they are registered, so that a new one can't be forgotten.

use crate::stage::Signer;
use futures_util::{StreamExt, stream};
use hearth_actions::{
    card,
    check_in::{self, CheckInForm},
    event, group,
    group::GroupForm,
    membership, persona,
    post::{self, Answering},
    quiet_word, rsvp,
    scheduled_post::{self, ScheduleForm},
    session, token,
};
use hearth_db::{
    Kind, dialect,
    tables::{actors::Actor, api_tokens::Scope, events, faded_posts::FadedPost, images::Image, memberships},
};
use hearth_domain::{
    clock::Clock,
    id::{AccountId, ActorId, ImageId, PostId, QuietWordId},
    image::ImageState,
    membership::{Role, State},
};
use hearth_federation::signing::RequestTarget;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;
use tests::{
    network::{ACTIVITY_JSON, TestNetwork, TestServer, plain_client},
    world::{event_form, group_form, post_form, rsvp_form, sign_up_form},
};
use url::Url;

/// The kinds of groups: word, readable, joining, reach.
const GROUPS: [(&str, &str, &str, &str); 5] = [
    ("tea", "public", "open", "network"),
    ("circle", "members", "approval", "network"),
    ("ring", "members", "approval", "partners"),
    ("veil", "hidden", "approval", "network"),
    ("den", "members", "approval", "here"),
];

/// Where the routes of documents are registered.
pub(crate) const DOCUMENTS: &str = "crates/hearth-federation/src/routes.rs";
/// Where the routes of pages are registered.
pub(crate) const PAGES: &str = "crates/hearth-web/src/pages/mod.rs";

/// How many readers ask at a time.
const AT_ONCE: usize = 4;

/// What is marked in each group. The first three are what a group shows of itself and what everybody may read in it.
const THINGS: [&str; 11] =
    ["name", "about", "open", "kept", "reply", "meet", "address", "room", "comer", "card", "signed"];

/// What every mark begins with.
const MARK: &str = "zq";

pub(crate) fn mark(group: &str, thing: &str) -> String {
    format!("{MARK}{group}{thing}")
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// A browser of somebody who is not signed in.
    Visitor,
    /// Somebody with an account who is in none of the groups.
    Stranger,
    /// Somebody who is a member of the group that stays here, and of no other.
    Neighbour,
    /// Somebody who asked to be a member of the groups where one can ask, and was not answered.
    Waiting,
    /// Somebody who was a member of all groups until they were removed.
    Removed,
    /// A member of all groups, without any part in them.
    Member,
    /// A server without a signature.
    Unsigned,
    /// A server with a good signature, where nobody is a member. It follows the public group.
    Ash,
    /// A server where members of the public, the members-only and the hidden group live. It is no partner.
    Elm,
    /// A server where a member of the same groups lived who was removed.
    Fir,
}

impl Who {
    pub(crate) const ALL: [Self; 10] = [
        Self::Visitor,
        Self::Stranger,
        Self::Neighbour,
        Self::Waiting,
        Self::Removed,
        Self::Member,
        Self::Unsigned,
        Self::Ash,
        Self::Elm,
        Self::Fir,
    ];

    pub(crate) const fn is_server(self) -> bool {
        matches!(self, Self::Unsigned | Self::Ash | Self::Elm | Self::Fir)
    }
}

/// Whether this reader may come across this mark: the matrix of profile 7 and threats 4.
pub(crate) fn may_see(who: Who, group: &str, thing: &str) -> bool {
    let server = who.is_server();
    let shows_itself = matches!(thing, "name" | "about");
    match (group, thing) {
        // Where a meetup is and who comes is for members' eyes here, and for nobody's elsewhere.
        (_, "address" | "room" | "comer") => false,
        // The library of a group never leaves the server.
        (_, "card" | "signed") if server => false,
        ("tea", "name" | "about" | "open") => true,
        _ if who == Who::Member || (group == "den" && who == Who::Neighbour) => true,
        ("tea" | "circle" | "veil", _) if who == Who::Elm => true,
        ("circle", _) if shows_itself => !server || matches!(who, Who::Ash | Who::Fir),
        ("ring" | "den", _) if shows_itself => !server,
        _ => false,
    }
}

pub(crate) struct House {
    net: TestNetwork,
    names: Vec<String>,
    pub(crate) groups: Vec<Actor>,
    /// Two personas of one account, by the words on them.
    twins: [String; 2],
    people: Vec<Login>,
    ash: Signer,
    elm: Signer,
    fir: Signer,
}

/// How one of the people here is signed in.
struct Login {
    who: Who,
    cookie: String,
    api_token: String,
}

impl House {
    pub(crate) async fn build(kind: Kind) -> Self {
        let servers = [("oak", kind), ("elm", Kind::Sqlite), ("ash", Kind::Sqlite), ("fir", Kind::Sqlite)];
        let net = TestNetwork::start(&servers).await;
        let oak = net.server("oak");
        let [ash, elm, fir] = ["ash", "elm", "fir"].map(|name| Signer::of(net.server(name)));
        let groups: Vec<Actor> = GROUPS
            .iter()
            .map(|(word, readable, joining, reach)| {
                let typed = GroupForm {
                    display_name: mark(word, "name"),
                    about: mark(word, "about"),
                    readable: (*readable).into(),
                    joining: (*joining).into(),
                    reach: (*reach).into(),
                    posting: "members".into(),
                    ..group_form(word, oak.persona, "")
                };
                oak.act(|app| group::create(app, oak.keeper, &typed))
            })
            .collect();
        net.server("ash").follow("@tea@oak.test").await;
        net.settle().await;
        let member = member_at("elm", &net, &groups).await;
        let_in(oak, &groups, member);
        let lost = member_at("fir", &net, &groups).await;
        let_in(oak, &groups, lost);
        for group in [&groups[0], &groups[1], &groups[3]] {
            oak.act(|app| membership::remove(app, oak.keeper, group.id, lost));
        }
        net.settle().await;
        let removed = settled(oak, "zqremoved", &groups);
        let twins = fill(oak, &groups);
        net.settle().await;
        // Elm knows nothing of these two, and has said so when it was told who its members are.
        let_in(oak, &groups, member);
        let persona = oak.act(|app| persona::all(app, removed))[0].id;
        for group in &groups {
            oak.act(|app| membership::remove(app, oak.keeper, group.id, persona));
        }
        let waits = settled(oak, "zqwaits", &[]);
        let persona = oak.act(|app| persona::all(app, waits))[0].id;
        for group in [&groups[1], &groups[2], &groups[4]] {
            oak.act(|app| membership::join(app, waits, group.id, persona));
        }
        let people = [
            (Who::Stranger, settled(oak, "zqstranger", &[])),
            (Who::Neighbour, settled(oak, "zqneighbour", &groups[4..])),
            (Who::Waiting, waits),
            (Who::Removed, removed),
            (Who::Member, settled(oak, "zqmember", &groups)),
        ];
        let people = people.map(|(who, account)| Login {
            who,
            cookie: oak.act(|app| session::open(app, account, "A browser")),
            api_token: oak.act(|app| token::create(app, account, "walk", Scope::Write)),
        });
        let mut names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
        names.extend(["rowan".to_owned(), "relay".to_owned(), twins[0].clone(), twins[1].clone()]);
        Self { net, names, groups, twins, people: people.into(), ash, elm, fir }
    }

    pub(crate) fn oak(&self) -> &TestServer {
        self.net.server("oak")
    }
}

/// An account here that is a member of these groups.
fn settled(oak: &TestServer, name: &str, of: &[Actor]) -> AccountId {
    let account = oak.act(|app| hearth_actions::account::create(app, &sign_up_form(name), false));
    let persona = oak.act(|app| persona::all(app, account))[0].id;
    for group in of {
        put_in(oak, group, persona);
    }
    account
}

/// Makes somebody a member without asking.
fn put_in(oak: &TestServer, group: &Actor, person: ActorId) {
    let (role, state, since) = (Role::Member, State::Active, oak.app().now());
    let row = memberships::Membership { group_id: group.id, actor_id: person, role, state, since };
    oak.app().db.write(|tx| memberships::put(tx, &row)).expect("the database answers");
}

/// The keeper of another server is let into the members-only group.
async fn member_at(name: &str, net: &TestNetwork, groups: &[Actor]) -> ActorId {
    let (oak, elm) = (net.server("oak"), net.server(name));
    let circle = elm.find("@circle@oak.test").await;
    elm.act(|app| membership::join(app, elm.keeper, circle, elm.persona));
    net.settle().await;
    let waiting = oak.act(|app| membership::waiting(app, oak.keeper, groups[1].id));
    let person = waiting.first().expect("somebody waits").person.id;
    oak.act(|app| membership::answer(app, oak.keeper, groups[1].id, person, true));
    net.settle().await;
    assert!(elm.read(|c| memberships::anybody_here(c, circle)), "elm knows that it was let in");
    person
}

/// Makes somebody a member of the public and of the hidden group.
fn let_in(oak: &TestServer, groups: &[Actor], person: ActorId) {
    for group in [&groups[0], &groups[3]] {
        put_in(oak, group, person);
    }
}

/// Fills the groups. Somebody comes to each meetup under a name of their own; two of the names are one person's.
fn fill(oak: &TestServer, groups: &[Actor]) -> [String; 2] {
    let account = oak.act(|app| hearth_actions::account::create(app, &sign_up_form("zqtwin_one"), false));
    oak.act(|app| persona::create(app, account, "zqtwin_two", "zqtwin_two"));
    let twins: Vec<ActorId> = oak.act(|app| persona::all(app, account)).iter().map(|twin| twin.id).collect();
    for (number, ((word, ..), group)) in GROUPS.iter().zip(groups).enumerate() {
        let typed = |thing: &str, visibility: &str| hearth_actions::post::PostForm {
            visibility: visibility.into(),
            ..post_form(oak.persona, &mark(word, thing), &mark(word, thing))
        };
        let open = oak.act(|app| post::publish(app, oak.keeper, group.id, &typed("open", "public")));
        let kept = oak.act(|app| post::publish(app, oak.keeper, group.id, &typed("kept", "members")));
        let reply = oak.act(|app| post::reply(app, oak.keeper, Answering::Post(kept.id), &typed("reply", "public")));
        for (post, thing) in [(&open, "open"), (&kept, "kept"), (&reply, "reply")] {
            put_picture(oak, post.id.get(), ImageState::Shown, &mark(word, thing));
        }
        let mut form = event_form(oak.persona);
        form.title = mark(word, "meet");
        form.visibility = "members".into();
        form.address = mark(word, "address");
        form.link = format!("https://rooms.example/{}", mark(word, "room"));
        let meetup = oak.act(|app| event::announce(app, oak.keeper, group.id, &form));
        // It comes again, as something of its own.
        (form.repeats, form.until) = ("weekly".into(), "2026-12-08".into());
        oak.act(|app| event::announce(app, oak.keeper, group.id, &form));
        let comer = format!("comer_{number}");
        let signed_up =
            hearth_actions::account::SignUpForm { persona_display_name: mark(word, "comer"), ..sign_up_form(&comer) };
        let comer = oak.act(|app| hearth_actions::account::create(app, &signed_up, false));
        let persona = oak.act(|app| persona::all(app, comer))[0].id;
        for one in [persona, twins[number % 2]] {
            put_in(oak, group, one);
        }
        oak.act(|app| rsvp::answer(app, comer, meetup.id, &rsvp_form(persona, "coming")));
        // They also say something without their name, and something quietly: neither may say who they are.
        let sealed = |title: &str| hearth_actions::post::PostForm {
            visibility: "members".into(),
            unnamed: "yes".into(),
            ..post_form(persona, title, "Words.")
        };
        let begun = oak.act(|app| post::publish(app, comer, group.id, &sealed("By someone")));
        oak.act(|app| post::reply(app, comer, Answering::Post(begun.id), &sealed("")));
        // And they let the group keep it, without their name again. Who stands by what they wrote does so by name.
        let card = |naming: &str, thing: &str| card::CardForm {
            title: mark(word, thing),
            text: mark(word, thing),
            naming: naming.into(),
            proposed: mark(word, "address"),
            ..card::CardForm::default()
        };
        oak.act(|app| card::keep(app, comer, begun.id, &card("unnamed", "card")));
        oak.act(|app| card::keep(app, oak.keeper, kept.id, &card("named", "signed")));
        // What they plan is nobody else's, whether it is to have their name or not.
        for unnamed in ["yes", ""] {
            let words = mark(word, "address");
            let post =
                hearth_actions::post::PostForm { unnamed: unnamed.into(), text: words.clone(), ..sealed(&words) };
            let day = (oak.app().clock.now() + chrono::Duration::days(3)).format("%Y-%m-%d").to_string();
            let typed = ScheduleForm { post, date: day, time: "18:30".into() };
            let planned = oak.act(|app| scheduled_post::plan(app, comer, group.id, &typed));
            put_picture(oak, planned.id.get(), ImageState::Planned, &mark(word, "address"));
        }
        check_ins(oak, group, word);
        // What they said once and has faded is theirs alone.
        let words = mark(word, "address");
        let faded = FadedPost {
            id: PostId::random(&*oak.app().entropy),
            author_id: persona,
            group_name: words.clone(),
            title: Some(words.clone()),
            source: words.clone(),
            content_html: words.clone(),
            content_note: Some(words),
            published_at: oak.app().now(),
        };
        oak.app().db.write(|tx| faded.insert(tx)).expect("the database answers");
        oak.act(|app| quiet_word::ask(app, comer, group.id, &mark(word, "address")));
        oak.act(|app| quiet_word::write_to_author(app, oak.keeper, begun.id, &mark(word, "room")));
    }
    // One of the twins says something where everybody may read it.
    oak.act(|app| post::publish(app, account, groups[0].id, &post_form(twins[0], "One", "Words.")));
    ["zqtwin_one".to_owned(), "zqtwin_two".to_owned()]
}

/// The check-in of a group has opened for its members; what it says next time only those who hold the group know.
fn check_ins(oak: &TestServer, group: &Actor, word: &str) {
    let typed = |thing: &str| CheckInForm {
        title: mark(word, thing),
        text: mark(word, thing),
        visibility: "members".into(),
        rule: "FREQ=WEEKLY;BYDAY=SU".into(),
        time: "18:30".into(),
        ..CheckInForm::default()
    };
    let made = oak.act(|app| check_in::set_up(app, oak.keeper, group.id, &typed("kept")));
    let id = made.id;
    let due = hearth_db::tables::check_ins::CheckIn { next_at: oak.app().now(), ..made };
    oak.app().db.write(|tx| hearth_db::tables::check_ins::update(tx, &due)).expect("the database answers");
    oak.act(check_in::open_due);
    oak.act(|app| check_in::change(app, oak.keeper, id, &typed("address")));
}

/// A picture whose bytes are its mark, as is what it shows.
fn put_picture(oak: &TestServer, belongs_to: i64, state: ImageState, mark: &str) {
    let row = Image {
        id: ImageId::random(&*oak.app().entropy),
        state,
        belongs_to: Some(belongs_to),
        account_id: None,
        position: 0,
        media_type: "image/jpeg".into(),
        width: 1,
        height: 1,
        description: mark.into(),
        url: None,
        created_at: oak.app().now(),
        bytes: mark.into(),
    };
    oak.app().db.write(|tx| row.insert(tx)).expect("the database answers");
}

/// The text of a source file of the project.
fn source(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The addresses in the string literals of a line.
fn literals(line: &str) -> Vec<String> {
    let parts: Vec<&str> = line.split('"').collect();
    parts.iter().skip(1).step_by(2).filter(|text| text.starts_with('/')).map(|text| (*text).to_owned()).collect()
}

/// Every route that is registered in a file. Each registration must name its address on its own line or next to it.
pub(crate) fn registered(path: &str) -> BTreeSet<String> {
    let text = source(path);
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().collect();
    let mut found = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        let registers = line.contains(".service(") || line.contains(".route(\"/");
        if !registers {
            continue;
        }
        let near: Vec<String> = [Some(at), at.checked_add(1), at.checked_sub(1), at.checked_sub(2)]
            .into_iter()
            .flatten()
            .filter_map(|at| lines.get(at))
            .map(|line| literals(line))
            .find(|found| !found.is_empty())
            .unwrap_or_default();
        assert!(!near.is_empty(), "{path}:{}: this test can't read which route is registered here", at + 1);
        for route in near {
            // Loops write their variable as `{kind}` and the parts of the path as `{{id}}`.
            if route.contains("{{") {
                let plain = route.replace("{{", "\u{1}").replace("}}", "\u{2}");
                found.extend(
                    ["p", "n"].map(|kind| plain.replace("{kind}", kind).replace('\u{1}', "{").replace('\u{2}', "}")),
                );
            } else {
                found.insert(route);
            }
        }
    }
    found
}

/// What is asked for by an id that tells nothing of a group: what is one's own, the keeper's, or taken by a form only.
const OF_NO_GROUP: [&str; 18] = [
    "/account/invites/",
    "/account/personas/",
    "/account/requests/",
    "/account/sessions/",
    "/admin/access/",
    "/admin/accounts/",
    "/admin/helplines/",
    "/admin/people/",
    "/followed/",
    "/followers/",
    "/held/",
    "/invitations/",
    "/names/",
    "/people/",
    "/reports/",
    "/requests/",
    "/waiting/",
    "/tokens/",
];

/// A route with its parts filled in every way that leads somewhere here.
pub(crate) fn filled(route: &str, ids: &Ids) -> Vec<String> {
    let Some((before, rest)) = route.split_once('{') else { return vec![route.to_owned()] };
    let (part, after) = rest.split_once('}').expect("closed");
    let (key, pattern) = part.split_once(':').unwrap_or((part, ""));
    let values: Vec<String> = match key {
        _ if !pattern.is_empty() => pattern.split('|').map(str::to_owned).collect(),
        "name" if before.starts_with("/static") => vec!["x.css".to_owned()],
        "name" => ids.names.clone(),
        "version" => vec!["2.0".to_owned(), "2.1".to_owned()],
        "host" => vec!["elm.test".to_owned()],
        "id" if before.contains("/e/") || before.contains("/events/") => ids.events.clone(),
        "id" if before.contains("/s/") => ids.series.clone(),
        "id" if before.contains("/a/") => ids.activities.clone(),
        "id" if before.contains("/groups/") => ids.groups.clone(),
        "id" if before.contains("/planned/") || before.contains("/scheduled/") => ids.scheduled.clone(),
        "id" if before.contains("/check-ins/") => ids.check_ins.clone(),
        "id" if before.contains("/quiet") => ids.quiet.clone(),
        "id" if before.contains("/cards/") => ids.cards.clone(),
        "id" if before.contains("/media/") || before.contains("/images/") => ids.images.clone(),
        "id" if ["/p/", "/n/", "/posts/"].iter().any(|kind| before.contains(kind)) => ids.posts.clone(),
        "id" if before.contains("/faded/") => ids.faded.clone(),
        "code" => vec!["1".to_owned()],
        "id" if OF_NO_GROUP.iter().any(|kind| before.ends_with(kind)) => vec!["1".to_owned()],
        _ => panic!("{route}: say here which ids lead somewhere at {{{part}}}, and put such a thing into the house"),
    };
    values.into_iter().flat_map(|value| filled(&format!("{before}{value}{after}"), ids)).collect()
}

/// What the parts of routes are filled with.
#[derive(Default)]
pub(crate) struct Ids {
    pub(crate) posts: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) activities: Vec<String>,
    /// Meetups that come again.
    pub(crate) series: Vec<String>,
    /// Names of groups and people.
    pub(crate) names: Vec<String>,
    /// Groups, by their numbers.
    pub(crate) groups: Vec<String>,
    /// What has faded, and its author still has.
    pub(crate) faded: Vec<String>,
    /// Quiet words.
    pub(crate) quiet: Vec<String>,
    /// Cards of libraries.
    pub(crate) cards: Vec<String>,
    /// Planned posts.
    pub(crate) scheduled: Vec<String>,
    /// Check-ins.
    pub(crate) check_ins: Vec<String>,
    /// Pictures.
    pub(crate) images: Vec<String>,
}

impl Ids {
    fn of(house: &House) -> Self {
        let oak = house.oak();
        let rows = oak.read(dialect::every_row);
        let ids = |table: &str| {
            let found = rows.iter().filter(|(name, _)| name == table).map(|(_, line)| {
                let row: Value = serde_json::from_str(line).expect("JSON");
                let ap_id = row["ap_id"].as_str().expect("an address").to_owned();
                ap_id.rsplit('/').next().expect("an id").to_owned()
            });
            found.collect()
        };
        let numbers = |table: &str| -> Vec<i64> {
            let found = rows.iter().filter(|(name, _)| name == table).map(|(_, line)| {
                let row: Value = serde_json::from_str(line).expect("JSON");
                row["id"].as_i64().expect("an id")
            });
            found.collect()
        };
        let text = |id: i64| QuietWordId::try_from(id).expect("an id").to_string();
        let [quiet, cards, scheduled, check_ins, images, faded, series] =
            ["quiet_words", "cards", "scheduled_posts", "check_ins", "images", "faded_posts", "event_series"]
                .map(|table| numbers(table).into_iter().map(text).collect::<Vec<String>>());
        assert_eq!(scheduled.len(), 2 * GROUPS.len(), "something is planned in each group");
        assert_eq!(check_ins.len(), GROUPS.len(), "each group has a check-in");
        assert_eq!(faded.len(), GROUPS.len(), "something has faded in each group");
        assert_eq!(series.len(), GROUPS.len(), "a meetup comes again in each group");
        assert!(images.len() >= 5 * GROUPS.len(), "each group has pictures");
        Self {
            quiet,
            cards,
            scheduled,
            check_ins,
            images,
            faded,
            series,
            names: house.names.clone(),
            groups: house.groups.iter().map(|group| group.id.to_string()).collect(),
            posts: ids("posts"),
            events: ids("events"),
            activities: ids("activities"),
        }
    }
}

/// What else is asked at an address.
fn with_queries(path: &str, house: &House) -> Vec<String> {
    let mut all = vec![path.to_owned()];
    if path.ends_with("outbox") {
        all.extend([format!("{path}?page=1"), format!("{path}?page=2")]);
    }
    if path.ends_with("context") {
        all.push(format!("{path}?embed=1"));
    }
    if path.ends_with("followers") {
        all.push(format!("{path}?is_follower={}", house.ash.id));
    }
    if path.ends_with("/cards") {
        all.extend(["card", "signed"].map(|thing| format!("{path}?q={thing}")));
    }
    // What every mark begins with: that alone is no mark where the page says what was looked for.
    if path.ends_with("/search") || path.ends_with("/posts") {
        all.push(format!("{path}?q={MARK}"));
    }
    if path.ends_with("webfinger") {
        all.extend(house.names.iter().map(|name| format!("{path}?resource=acct:{name}@oak.test")));
    }
    if path.ends_with("lookup") || path.ends_with("/groups") {
        all.extend(GROUPS.iter().map(|(word, ..)| format!("{path}?q={}", mark(word, "name"))));
    }
    all
}

/// What one reader is told at one address.
pub(crate) async fn ask(house: &House, client: &reqwest::Client, who: Who, path: &str) -> (u16, String) {
    let url = house.oak().local_url().join(path).expect("an address");
    let mut request = client.get(url).header("Host", "oak.test");
    request = match who {
        Who::Visitor => request.header("Accept", "text/html"),
        Who::Unsigned => request.header("Accept", ACTIVITY_JSON),
        Who::Stranger | Who::Neighbour | Who::Waiting | Who::Removed | Who::Member => {
            let login = house.people.iter().find(|login| login.who == who).expect("signed in");
            if path.starts_with("/api/") {
                request.bearer_auth(&login.api_token)
            } else {
                let cookies = format!("hearth={0}; __Host-hearth={0}", login.cookie);
                request.header("Accept", "text/html").header("Cookie", cookies)
            }
        }
        Who::Ash | Who::Elm | Who::Fir => {
            let signer = match who {
                Who::Ash => &house.ash,
                Who::Fir => &house.fir,
                _ => &house.elm,
            };
            let url = Url::parse("https://oak.test").and_then(|base| base.join(path)).expect("an address");
            let now = house.net.clock.now();
            let signed = signer.key.sign_cavage(&Method::GET, &url, None, RequestTarget::WithQuery, now);
            request.headers(signed.expect("signed")).header("Accept", ACTIVITY_JSON)
        }
    };
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let headers = format!("{:?}", answer.headers());
    (status, headers + "\n" + &answer.text().await.expect("a body"))
}

/// The marks in a text, each once. The text is read once, not once for each mark: there are thousands of long ones.
fn marks_in(text: &str) -> BTreeSet<(&'static str, &'static str)> {
    let after = |rest: &str| {
        let group = GROUPS.iter().map(|(word, ..)| *word).find(|word| rest.starts_with(word))?;
        let thing = THINGS.into_iter().find(|thing| rest[group.len()..].starts_with(thing))?;
        Some((group, thing))
    };
    text.match_indices(MARK).filter_map(|(at, _)| after(&text[at + MARK.len()..])).collect()
}

/// Marks in a text that this reader may not see. The page of a persona may show its own name, and what was asked for is
/// said again.
fn leaked(who: Who, path: &str, text: &str) -> Vec<String> {
    let wrong = marks_in(text).into_iter().filter(|(word, thing)| !may_see(who, word, thing));
    wrong.map(|(word, thing)| mark(word, thing)).filter(|mark| !path.contains(mark)).collect()
}

/// Whether a server was answered with a page instead of a document.
fn is_page(who: Who, answer: &str) -> bool {
    who.is_server() && answer.contains("\"content-type\": \"text/html")
}

/// The routes of the API, as it describes itself.
pub(crate) async fn described(house: &House) -> BTreeSet<String> {
    let document = house.oak().get("/api/v1/openapi.json", "*/*").await.json();
    document["paths"].as_object().expect("paths").keys().map(|path| format!("/api/v1{path}")).collect()
}

/// Lets some of the readers ask for everything there is; says which marks they came across.
async fn walk(house: &House, readers: impl Iterator<Item = Who>) -> BTreeSet<(Who, &'static str, &'static str)> {
    let ids = Ids::of(house);
    let open = BTreeSet::from(["/healthz".to_owned(), "/api/v1/openapi.json".to_owned()]);
    let described = described(house).await;
    let documents = registered(DOCUMENTS);
    let pages = registered(PAGES);
    assert!(documents.len() > 20 && pages.len() > 40 && described.len() > 30, "the routes can't be read any more");
    let client = plain_client();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut walks = Vec::new();
    for who in readers {
        let routes: BTreeSet<&String> = match who.is_server() {
            false => pages.iter().chain(&open).chain(&described).collect(),
            // A page reads no signature: what one signed server and one unsigned are told is told to all.
            true if matches!(who, Who::Unsigned | Who::Elm) => documents.iter().chain(&pages).collect(),
            true => documents.iter().collect(),
        };
        for path in routes.into_iter().flat_map(|route| filled(route, &ids)) {
            walks.extend(with_queries(&path, house).into_iter().map(|path| (who, path)));
        }
    }
    let client = &client;
    let mut answers = stream::iter(walks)
        .map(|(who, path)| async move {
            let (status, text) = ask(house, client, who, &path).await;
            (who, path, status, text)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((who, path, status, text)) = answers.next().await {
        assert!(status < 500, "{who:?} {path}: {status}");
        // A page tells a server what it tells any visitor; a server may come as one.
        let page = is_page(who, &text);
        let reads_as = if page { Who::Visitor } else { who };
        let wrong = leaked(reads_as, &path, &text).into_iter();
        found.extend(wrong.map(|mark| format!("{who:?} GET {path}: {mark}")));
        if house.twins.iter().all(|twin| text.contains(twin)) {
            found.push(format!("{who:?} GET {path}: two names of one person"));
        }
        seen.extend(marks_in(&text).into_iter().map(|(word, thing)| (who, word, thing)));
    }
    drop(answers);
    assert_eq!(found, Vec::<String>::new());
    seen
}

/// What is stored to be sent, by the servers it goes to; and the one answer that says where a meetup is.
async fn outgoing(house: &House) {
    let (oak, elm) = (house.oak(), house.net.server("elm"));
    let meetup = oak.read(|c| {
        let circle = house.groups[1].id;
        let rows = dialect::every_row(c)?;
        let ids = rows.iter().filter(|(table, _)| table == "events").map(|(_, line)| line.clone());
        let of_circle = ids.map(|line| serde_json::from_str::<Value>(&line).expect("JSON"));
        let mut ap_id =
            of_circle.filter(|row| row["title"] == mark("circle", "meet").as_str()).map(|row| row["ap_id"].clone());
        let ap_id = ap_id.next_back().expect("a meetup");
        events::by_ap_id(c, ap_id.as_str().expect("text")).map(|event| event.filter(|event| event.group_id == circle))
    });
    let meetup = meetup.expect("the meetup of the circle");
    let copy = elm.event(meetup.ap_id.as_str()).expect("members' servers have it");
    elm.act(|app| rsvp::answer(app, elm.keeper, copy.id, &rsvp_form(elm.persona, "coming")));
    elm.federation().deliver_due().await.expect("deliveries");
    check_stored(house, 1);
    house.net.settle().await;
    check_stored(house, 0);
    let told = elm.read(|c| hearth_db::tables::rsvps::get(c, copy.id, elm.persona)).expect("answered");
    assert!(told.instructions.contains(&mark("circle", "room")), "who comes is told");
}

/// Looks through everything that is stored to be sent. `answers`: how many say where a meetup is.
fn check_stored(house: &House, answers: usize) {
    let rows = house.oak().read(dialect::every_row);
    let table = |name: &'static str| {
        rows.iter()
            .filter(move |(table, _)| table == name)
            .map(|(_, line)| serde_json::from_str::<Value>(line).expect("JSON"))
    };
    let mut with_room = 0;
    let mut looked_at = 0;
    for activity in table("activities") {
        let body = activity["body"].as_str().expect("text");
        let public = body.contains("activitystreams#Public\"");
        let parsed: Value = serde_json::from_str(body).unwrap_or_default();
        let is_answer = parsed["type"] == "Accept" && parsed.get("instructions").is_some();
        with_room += usize::from(is_answer);
        let receivers = table("deliveries").filter(|row| row["activity_id"] == activity["id"]);
        for delivery in receivers {
            looked_at += 1;
            let who = match delivery["host"].as_str().expect("a host") {
                "elm.test" => Who::Elm,
                "ash.test" => Who::Ash,
                // What it got while its member was one; and that they are none any more.
                "fir.test" => Who::Elm,
                other => panic!("nothing goes to {other}"),
            };
            let mut wrong = leaked(who, "", body);
            if is_answer {
                assert_eq!(parsed["to"], serde_json::json!([house.elm.id]));
                wrong.retain(|mark| !mark.ends_with("address") && !mark.ends_with("room"));
            }
            assert_eq!(wrong, Vec::<String>::new(), "to {who:?}: {}", activity["kind"]);
            assert!(!house.twins.iter().all(|twin| body.contains(twin)), "two names of one person");
        }
        for (word, ..) in GROUPS.iter().skip(1) {
            let about = THINGS.iter().any(|thing| body.contains(&mark(word, thing)));
            assert!(!(about && public), "something of {word} is addressed to everybody");
        }
        assert!(
            GROUPS
                .iter()
                .filter(|(.., reach)| *reach == "here")
                .all(|(word, ..)| !body.contains(&format!("/g/{word}")))
        );
    }
    assert!(looked_at > 10, "nothing was sent");
    assert_eq!(with_room, answers);
}

/// On one database, like the next: what a query shows to whom is compared with the audience function on both in the tests
/// of the store.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_kept_reaches_people_who_may_not_have_it() {
    let house = House::build(Kind::Sqlite).await;
    let seen = walk(&house, Who::ALL.into_iter().filter(|who| !who.is_server())).await;
    // The walk is worth something: who may read did.
    for who in Who::ALL.into_iter().filter(|who| !who.is_server()) {
        assert!(seen.contains(&(who, "tea", "open")), "{who:?}");
    }
    for (word, ..) in GROUPS {
        for thing in ["name", "open", "kept", "reply", "meet", "card", "signed"] {
            assert!(seen.contains(&(Who::Member, word, thing)), "a member did not find {word} {thing}");
        }
    }
    assert!(seen.contains(&(Who::Neighbour, "den", "kept")));
    assert!(seen.contains(&(Who::Visitor, "circle", "about")));
    house.net.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_kept_reaches_servers_that_may_not_have_it() {
    let house = House::build(Kind::Sqlite).await;
    let seen = walk(&house, Who::ALL.into_iter().filter(|who| who.is_server())).await;
    for (word, things) in [
        ("tea", vec!["open", "kept", "reply", "meet"]),
        ("circle", vec!["name", "open", "kept", "reply", "meet"]),
        ("veil", vec!["name", "kept", "reply", "meet"]),
    ] {
        for thing in things {
            assert!(seen.contains(&(Who::Elm, word, thing)), "a server of members did not get {word} {thing}");
        }
    }
    for who in Who::ALL.into_iter().filter(|who| who.is_server()) {
        assert!(seen.contains(&(who, "tea", "open")), "{who:?}");
    }
    assert!(seen.contains(&(Who::Ash, "circle", "name")));
    outgoing(&house).await;
    house.net.finish().await;
}

#[test]
fn routes_are_read_from_where_they_are_registered() {
    let documents = registered(DOCUMENTS);
    for route in ["/g/{name}", "/inbox", "/a/{id}", "/e/{id}/{part:context|replies|attendees}"] {
        assert!(documents.contains(route), "{route}");
    }
    let pages = registered(PAGES);
    for route in ["/g/{name}/waiting", "/g/{name}/cards/{id}", "/p/{id}/reply", "/n/{id}/edit", "/e/{id}.ics"] {
        assert!(pages.contains(route), "{route}");
    }
}
