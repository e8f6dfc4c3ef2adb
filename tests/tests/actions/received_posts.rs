//! What people elsewhere write in groups here.

use hearth_actions::{
    ActionError,
    error::Missing,
    notice,
    post::{self, PostForm},
    received::Outcome,
};
use hearth_db::tables::{actors::Actor, posts};
use hearth_domain::{
    group::{Settings, Template},
    id::{AccountId, ActorId},
    membership::Role,
    notice::Kind,
};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const PAGE: &str = "https://elm.test/p/1";

/// A group with followers at elm.test and fir.test; `kim` lives at elm.test.
struct Open {
    world: World,
    keeper: AccountId,
    owner: ActorId,
    group: Actor,
    kim: Actor,
}

impl Open {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_follower(&group, "https://elm.test/u/kim");
        world.remote_follower(&group, "https://fir.test/u/sam");
        Self { world, keeper, owner, group, kim }
    }

    fn page(&self) -> Value {
        json!({"id": PAGE, "type": "Page", "attributedTo": "https://elm.test/u/kim", "name": "From far\u{0} away",
            "content": "<p onclick=x>Hello <script>alert(1)</script>there</p>", "to": [self.group.ap_id.as_str(), PUBLIC], "cc": [],
            "audience": self.group.ap_id.as_str(), "published": "2026-11-24T09:00:00Z"})
    }

    fn note(&self, parent: &str) -> Value {
        let mut note = self.page();
        (note["id"], note["type"], note["inReplyTo"]) = (json!("https://elm.test/n/1"), json!("Note"), json!(parent));
        note
    }

    fn by(&self, signer: &Actor, kind: &str, number: u32, object: Value) -> Result<Outcome, ActionError> {
        let id = format!("{}/a/{number}", signer.ap_id);
        let to = [self.group.ap_id.as_str(), PUBLIC];
        let activity = json!({"id": id, "type": kind, "actor": signer.ap_id.as_str(), "to": to, "object": object});
        self.world.receive(signer, &activity)
    }

    fn kim(&self, kind: &str, number: u32, object: Value) -> Result<Outcome, ActionError> {
        self.by(&self.kim, kind, number, object)
    }

    fn post(&self, id: &str) -> Option<posts::Post> {
        self.world.read(|c| posts::by_ap_id(c, id))
    }
}

#[track_caller]
fn not_believed(result: Result<Outcome, ActionError>) {
    assert!(matches!(result, Err(ActionError::NotBelieved(_))), "{result:?}");
}

#[test]
fn who_is_named_from_elsewhere_hears_of_it_as_a_member() {
    each_database(|database| {
        let open = Open::new(database);
        let world = &open.world;
        let wren = world.member(open.group.id, "wren", Role::Member);
        let (lark, _) = world.account("lark");
        let mention = |href: &str| json!({"type": "Mention", "href": href, "name": "@somebody"});
        let mut page = open.page();
        page["tag"] = json!([
            mention("https://oak.test/u/wren"),
            mention("https://oak.test/u/lark"),
            mention("https://oak.test/g/tea"),
            mention("https://elm.test/u/wren"),
        ]);
        open.kim("Create", 1, page).unwrap();
        let told = |account| -> Vec<Kind> {
            notice::list(&world.app, account).unwrap().into_iter().map(|one| one.notice.kind).collect()
        };
        assert_eq!(told(wren.0), [Kind::Mention]);
        assert!(told(lark).is_empty(), "a name is not a way to call somebody in");
        // Whoever is answered and named hears of it once.
        let answered =
            post::publish(&world.app, wren.0, open.group.id, &post_form(wren.1, "Tea", "With milk?")).unwrap();
        let mut note = open.note(answered.ap_id.as_str());
        note["tag"] = json!([mention("https://oak.test/u/wren")]);
        open.kim("Create", 2, note).unwrap();
        assert_eq!(told(wren.0), [Kind::Reply, Kind::Mention]);
    });
}

#[test]
fn a_stranger_writes_in_an_open_group_and_is_relayed_but_not_back() {
    each_database(|database| {
        let open = Open::new(database);
        assert_eq!(open.kim("Create", 1, open.page()).unwrap(), Outcome::Done);
        let row = open.post(PAGE).unwrap();
        assert_eq!(row.title.as_deref(), Some("From far away"));
        assert_eq!(row.content_html, "<p>Hello there</p>");
        let sent = open.world.sent();
        assert_eq!(sent.iter().map(|sent| sent.host.as_str()).collect::<Vec<_>>(), ["fir.test", "fir.test"]);
        assert_eq!(sent[0].body["object"]["id"], "https://elm.test/u/kim/a/1");
        assert_eq!(sent[1].body["object"], PAGE);
        assert!(sent.iter().all(|sent| sent.signer == "https://oak.test/g/tea"));
        assert_eq!(open.kim("Create", 1, open.page()).unwrap(), Outcome::SeenBefore);
        assert_eq!(open.kim("Create", 2, open.page()).unwrap(), Outcome::SeenBefore, "another activity, the same post");
        assert!(open.world.sent().is_empty());
    });
}

#[test]
fn posting_rights_hold_for_people_elsewhere() {
    each_database(|database| {
        let open = Open::new(database);
        open.world.settle(open.group.id, Template::PublicNoticeboard.settings());
        assert_eq!(open.kim("Create", 1, open.page()).unwrap(), Outcome::Done);
        let sent = open.world.sent();
        let [reject] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!((reject.host.as_str(), &reject.body["type"]), ("elm.test", &json!("Reject")));
        assert_eq!(reject.body["object"]["id"], "https://elm.test/u/kim/a/1");
        assert!(reject.body.get("summary").is_none(), "nobody is told why");
        open.world.settle(open.group.id, Template::PrivateCircle.settings());
        assert!(matches!(open.kim("Create", 2, open.page()), Err(ActionError::NotBelieved(_))), "it is public");
        assert!(open.post(PAGE).is_none() && open.world.waiting() == 0);
        open.world.settle(open.group.id, Settings { ..Template::OpenCommunity.settings() });
        assert_eq!(open.kim("Create", 3, open.page()).unwrap(), Outcome::Done, "asked again, it is taken");
    });
}

#[test]
fn what_somebody_else_wrote_is_not_taken() {
    each_database(|database| {
        let open = Open::new(database);
        let lee = open.world.remote_actor("Person", "https://elm.test/u/lee");
        not_believed(open.by(&lee, "Create", 1, open.page()));
        let mut foreign = open.page();
        foreign["id"] = json!("https://fir.test/p/1");
        not_believed(open.kim("Create", 2, foreign));
        let mut ours = open.page();
        ours["id"] = json!("https://oak.test/p/0000000000001");
        not_believed(open.kim("Create", 3, ours));
        assert_eq!(open.world.waiting(), 0);
    });
}

#[test]
fn private_posts_are_not_taken() {
    each_database(|database| {
        let open = Open::new(database);
        for (number, to) in [json!([]), json!([open.group.ap_id.as_str()]), json!(["https://elm.test/u/kim/followers"])]
            .into_iter()
            .enumerate()
        {
            let mut page = open.page();
            page["to"] = to;
            not_believed(open.kim("Create", u32::try_from(number).unwrap(), page));
        }
        assert!(open.post(PAGE).is_none() && open.world.waiting() == 0);
    });
}

#[test]
fn what_stands_in_no_group_here_is_nothing() {
    each_database(|database| {
        let open = Open::new(database);
        let mut page = open.page();
        (page["to"], page["audience"]) =
            (json!([PUBLIC, "https://oak.test/g/cake", "https://oak.test/u/rowan"]), Value::Null);
        assert!(matches!(open.kim("Create", 1, page).unwrap(), Outcome::Ignored(_)));
        assert!(open.post(PAGE).is_none());
    });
}

#[test]
fn people_elsewhere_answer_what_they_can_see() {
    each_database(|database| {
        let open = Open::new(database);
        let public =
            post::publish(&open.world.app, open.keeper, open.group.id, &post_form(open.owner, "Sleep", "text"))
                .unwrap();
        let typed = PostForm { visibility: "members".into(), ..post_form(open.owner, "Secret", "text") };
        let members = post::publish(&open.world.app, open.keeper, open.group.id, &typed).unwrap();
        open.world.sent();
        // What is for members answers like what is not there: nobody may learn which of the two it is.
        not_believed(open.kim("Create", 1, open.note(members.ap_id.as_str())));
        not_believed(open.kim("Create", 2, open.note("https://oak.test/p/0000000000001")));
        assert!(open.post("https://elm.test/n/1").is_none() && open.world.waiting() == 0);
        assert_eq!(open.kim("Create", 3, open.note(public.ap_id.as_str())).unwrap(), Outcome::Done);
        let row = open.post("https://elm.test/n/1").unwrap();
        assert_eq!((row.root_id, row.parent_id, row.title), (Some(public.id), Some(public.id), None));
        assert_eq!(open.world.sent().len(), 1, "replies are relayed as activities only");
    });
}

#[test]
fn an_unknown_conversation_is_fetched_first() {
    each_database(|database| {
        let open = Open::new(database);
        let answer = open.kim("Create", 1, open.note("https://fir.test/p/7"));
        let missing = "https://fir.test/p/7".parse().unwrap();
        assert!(matches!(answer, Err(ActionError::Needs(Missing::Object(id))) if id == missing));
    });
}

#[test]
fn authors_alone_change_and_remove() {
    each_database(|database| {
        let open = Open::new(database);
        open.kim("Create", 1, open.page()).unwrap();
        open.world.sent();
        let lee = open.world.remote_actor("Person", "https://elm.test/u/lee");
        let mut edited = open.page();
        (edited["name"], edited["updated"]) = (json!("Edited"), json!("2026-11-24T09:30:00Z"));
        not_believed(open.by(&lee, "Update", 1, edited.clone()));
        let mut stolen = edited.clone();
        stolen["attributedTo"] = json!("https://elm.test/u/lee");
        not_believed(open.by(&lee, "Update", 2, stolen));
        not_believed(open.by(&lee, "Delete", 3, json!(PAGE)));
        let sam = open.world.remote_actor("Person", "https://fir.test/u/sam");
        not_believed(open.by(&sam, "Delete", 4, json!(PAGE)));
        assert_eq!(open.post(PAGE).unwrap().title.as_deref(), Some("From far away"));

        assert_eq!(open.kim("Update", 5, edited.clone()).unwrap(), Outcome::Done);
        assert_eq!(open.post(PAGE).unwrap().title.as_deref(), Some("Edited"));
        let mut older = open.page();
        older["updated"] = json!("2026-11-24T09:10:00Z");
        assert_eq!(open.kim("Update", 6, older).unwrap(), Outcome::SeenBefore);
        assert_eq!(open.kim("Delete", 7, json!(PAGE)).unwrap(), Outcome::Done);
        let row = open.post(PAGE).unwrap();
        assert!(row.deleted_at.is_some() && row.title.is_none() && row.content_html.is_empty());
        let kinds: Vec<Value> = open.world.sent().iter().map(|sent| sent.body["object"]["type"].clone()).collect();
        assert_eq!(kinds, ["Update", "Delete"]);
        assert_eq!(open.kim("Update", 8, edited).unwrap(), Outcome::SeenBefore, "the removed stays removed");
        assert!(open.post(PAGE).unwrap().title.is_none());
    });
}

/// The same post in the words of several servers: what is kept of it here.
#[test]
fn the_ways_of_other_servers_to_write_a_post() {
    let link = |url: &str| format!("<p><a href=\"{url}\" rel=\"nofollow noopener noreferrer ugc\">{url}</a></p>");
    let cases = [
        // Lemmy, Mbin: a link post without words of its own.
        (
            json!({"name": "News", "content": null, "attachment": [{"type": "Link", "href": "https://news.example/?a=1"}]}),
            ("News", link("https://news.example/?a=1"), None),
        ),
        // Lotide, Friendica: the page's own address is what it leads to; once is enough.
        (
            json!({"name": "News", "content": "<p>see <a href=\"https://news.example/\">this</a></p>", "url": "https://news.example/"}),
            (
                "News",
                "<p>see <a href=\"https://news.example/\" rel=\"nofollow noopener noreferrer ugc\">this</a></p>".into(),
                None,
            ),
        ),
        // PeerTube writes Markdown and says so.
        (
            json!({"type": "Video", "name": "Film", "mediaType": "text/markdown", "content": "a **calm** film"}),
            ("Film", "<p>a <strong>calm</strong> film</p>\n".into(), None),
        ),
        // Pleroma, GoToSocial: a content warning does not need `sensitive`. No title: the first words.
        (
            json!({"type": "Note", "name": null, "summary": "spiders", "content": "<p>eight legs</p>"}),
            ("eight legs", "<p>eight legs</p>".into(), Some("spiders")),
        ),
        // WordPress, NodeBB: the summary of an article is an extract.
        (
            json!({"type": "Article", "name": "Blog", "summary": "extract", "content": "<p>all</p>"}),
            ("Blog", "<p>all</p>".into(), None),
        ),
        // Discourse: only the activity says for whom it is.
        (json!({"name": "Topic", "to": null, "cc": null, "content": "<p>a</p>"}), ("Topic", "<p>a</p>".into(), None)),
        // Mobilizon: the group is the owner, the author is the actor.
        (
            json!({"type": "Article", "name": "Plans", "attributedTo": "https://elm.test/@tea", "actor": "https://elm.test/u/kim", "content": "<p>b</p>"}),
            ("Plans", "<p>b</p>".into(), None),
        ),
    ];
    each_database(|database| {
        let open = Open::new(database);
        for (number, (said, (title, html, note))) in cases.iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            let mut page = open.page();
            page["id"] = json!(format!("https://elm.test/p/{number}"));
            page.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
            assert_eq!(open.kim("Create", number, page).unwrap(), Outcome::Done, "{said}");
            let row = open.post(&format!("https://elm.test/p/{number}")).unwrap();
            let kept = (row.title.as_deref(), &*row.content_html, row.content_note.as_deref());
            assert_eq!(kept, (Some(*title), &**html, *note), "{said}");
            assert_eq!(row.author_id, open.kim.id);
        }
        let mut stolen = open.page();
        (stolen["id"], stolen["attributedTo"]) = (json!("https://elm.test/p/99"), json!("https://fir.test/u/sam"));
        stolen["actor"] = json!("https://elm.test/u/kim");
        not_believed(open.kim("Create", 99, stolen));
    });
}
