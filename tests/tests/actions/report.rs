//! Reports in and out, and who may read them.

use hearth_actions::{
    ActionError,
    post::{self, PostForm},
    received::Outcome,
    report::{self, ReportForm},
};
use hearth_db::tables::{actors::Actor, posts::Post, reports};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId},
    membership::Role,
    report::FROM_AN_ACCOUNT,
};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form, refused_fields},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

struct Tea {
    world: World,
    keeper: AccountId,
    group: Actor,
    wren: (AccountId, ActorId),
    post: Post,
}

impl Tea {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let wren = world.account("wren");
        let post = post::publish(&world.app, wren.0, group.id, &post_form(wren.1, "Hello", "A long day.")).unwrap();
        world.sent();
        Self { world, keeper, group, wren, post }
    }

    fn open(&self) -> Vec<report::ReadReport> {
        report::open(&self.world.app, self.keeper, Some(self.group.id)).unwrap()
    }

    fn keepers(&self) -> usize {
        report::open(&self.world.app, self.keeper, None).unwrap().len()
    }

    fn flag(&self, by: &Actor, number: u32, object: &Value) -> Outcome {
        let flag = json!({"id": format!("{}/flag/{number}", by.ap_id.as_str()), "type": "Flag", "actor": by.ap_id.as_str(),
            "to": [self.group.ap_id.as_str()], "content": "Please look at this.", "object": object});
        self.world.receive(by, &flag).unwrap()
    }
}

fn form(persona: ActorId) -> ReportForm {
    ReportForm { reason: "This frightens me.".into(), persona: persona.to_string(), ..ReportForm::default() }
}

#[test]
fn reports_from_elsewhere_reach_the_facilitators() {
    each_database(|database| {
        let tea = Tea::new(database);
        let mastodon = tea.world.remote_actor("Application", "https://elm.test/actor");
        let sam = tea.world.remote_actor("Person", "https://fir.test/u/sam");
        let post = tea.post.ap_id.as_str();
        let author = "https://oak.test/u/wren";
        // A list from an instance actor, one string from a person, with unknown things among them.
        assert_eq!(tea.flag(&mastodon, 1, &json!([author, post, "https://elm.test/p/unknown"])), Outcome::Done);
        assert_eq!(tea.flag(&sam, 1, &json!(post)), Outcome::Done);
        let mut open = tea.open();
        assert_eq!(open.len(), 2);
        // Both came at the same moment.
        open.sort_by_key(|one| one.from.clone());
        assert_eq!((open[0].from.as_deref(), open[0].posts.len()), (Some("elm.test"), 1));
        assert_eq!(open[0].report.reason, "Please look at this.");
        tea.flag(&mastodon, 2, &json!([author, post]));
        assert_eq!(tea.open().len(), 2, "the same again is not filed again");
        assert!(matches!(tea.flag(&sam, 2, &json!("https://elm.test/p/unknown")), Outcome::Ignored(_)));
        assert_eq!(tea.flag(&sam, 3, &json!(author)), Outcome::Done, "about a person: the keepers look");
        assert_eq!((tea.open().len(), tea.keepers()), (2, 1));
        assert!(tea.world.sent().is_empty(), "nobody is told");
        // About who looks after the group: not for themselves to read.
        let owner = tea.world.personas(tea.keeper)[0].id;
        let theirs =
            post::publish(&tea.world.app, tea.keeper, tea.group.id, &post_form(owner, "Rules", "Mine.")).unwrap();
        assert_eq!(tea.flag(&sam, 4, &json!(theirs.ap_id.as_str())), Outcome::Done);
        assert_eq!((tea.open().len(), tea.keepers()), (2, 2));
    });
}

#[test]
fn what_is_kept_to_members_cannot_be_asked_about_from_elsewhere() {
    each_database(|database| {
        let tea = Tea::new(database);
        let (member, heron) = tea.world.member(tea.group.id, "heron", Role::Member);
        let typed = PostForm { visibility: "members".into(), ..post_form(heron, "Only us", "Hush.") };
        let kept = post::publish(&tea.world.app, member, tea.group.id, &typed).unwrap();
        let sam = tea.world.remote_actor("Person", "https://fir.test/u/sam");
        assert!(matches!(tea.flag(&sam, 1, &json!(kept.ap_id.as_str())), Outcome::Ignored(_)));
        assert_eq!(tea.open().len() + tea.keepers(), 0);
        report::file(&tea.world.app, member, kept.id, &form(heron)).unwrap();
        assert!(tea.world.sent().is_empty());
        assert_eq!(tea.open().len(), 1);
    });
}

#[test]
fn who_may_read_and_resolve() {
    each_database(|database| {
        let tea = Tea::new(database);
        let (asker, heron) = tea.world.account("heron");
        assert_eq!(
            refused_fields(report::file(&tea.world.app, asker, tea.post.id, &ReportForm::default())),
            ["reason", "persona"]
        );
        report::file(&tea.world.app, asker, tea.post.id, &form(heron)).unwrap();
        let worried = ReportForm { worried: "yes".into(), reason: "I’m worried about Wren.".into(), ..form(heron) };
        report::file(&tea.world.app, asker, tea.post.id, &worried).unwrap();
        let (host, _) = tea.world.member(tea.group.id, "lark", Role::Host);
        for account in [asker, tea.wren.0, host] {
            let denied = report::open(&tea.world.app, account, Some(tea.group.id));
            assert!(matches!(denied, Err(ActionError::Denied(Denied::FacilitatorsOnly))));
            assert!(matches!(
                report::open(&tea.world.app, account, None),
                Err(ActionError::Denied(Denied::KeepersOnly))
            ));
        }
        let open = tea.open();
        assert_eq!((open.len(), open[0].report.worried), (2, true), "worries come first");
        let id = open[0].report.id;
        assert!(matches!(report::resolve(&tea.world.app, asker, id, "Looked."), Err(ActionError::NotFound)));
        report::resolve(&tea.world.app, tea.keeper, id, "I wrote to Wren.").unwrap();
        assert!(matches!(report::resolve(&tea.world.app, tea.keeper, id, "Looked."), Err(ActionError::Conflict(_))));
        assert_eq!(tea.open().len(), 1);
        let done = report::resolved(&tea.world.app, tea.keeper, Some(tea.group.id)).unwrap();
        assert_eq!(done[0].report.note, "I wrote to Wren.");
    });
}

#[test]
fn an_account_asks_only_so_often() {
    each_database(|database| {
        let tea = Tea::new(database);
        let (asker, heron) = tea.world.account("heron");
        let ask = |number: i64| {
            let typed = ReportForm { reason: format!("Reason {number}"), ..form(heron) };
            report::file(&tea.world.app, asker, tea.post.id, &typed)
        };
        for number in 0..FROM_AN_ACCOUNT {
            ask(number).unwrap();
        }
        assert!(matches!(ask(99), Err(ActionError::Conflict(_))));
        tea.world.clock.advance(chrono::Duration::minutes(61));
        ask(100).unwrap();
    });
}

#[test]
fn a_report_about_a_group_elsewhere_names_nobody_unless_they_agree() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (account, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        hearth_actions::follow::follow(&world.app, account, walks.id, persona).unwrap();
        world.sent();
        let sam = world.remote_actor("Person", "https://fir.test/u/sam");
        let page = json!({"id": "https://fir.test/p/1", "type": "Page", "attributedTo": sam.ap_id.as_str(), "name": "A walk", "content": "<p>x</p>", "to": [walks.ap_id.as_str(), PUBLIC]});
        let announce = json!({"id": "https://elm.test/a/1", "type": "Announce", "actor": walks.ap_id.as_str(), "object": "https://fir.test/p/1"});
        world.receive_with(&walks, &announce, &tests::world::fetched(&[page])).unwrap();
        let post = world.read(|c| hearth_db::tables::posts::by_ap_id(c, "https://fir.test/p/1")).unwrap();
        report::file(&world.app, account, post.id, &form(persona)).unwrap();
        let sent = world.sent();
        let [flag] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!((flag.host.as_str(), flag.signer.as_str()), ("elm.test", "https://oak.test/"));
        assert_eq!(flag.body["to"], json!([walks.ap_id.as_str()]));
        assert_eq!(flag.body["object"], json!([sam.ap_id.as_str(), "https://fir.test/p/1"]));
        assert_eq!(
            (&flag.body["content"], &flag.body["summary"]),
            (&json!("This frightens me."), &json!("This frightens me."))
        );
        assert!(!flag.body.to_string().contains("wren"));
        let typed =
            ReportForm { reason: "Again.".into(), named: "yes".into(), author_server: "yes".into(), ..form(persona) };
        report::file(&world.app, account, post.id, &typed).unwrap();
        let sent = world.sent();
        assert_eq!(
            sent.iter().map(|one| (one.host.as_str(), one.signer.as_str())).collect::<Vec<_>>(),
            [("elm.test", "https://oak.test/u/wren"), ("fir.test", "https://oak.test/u/wren")]
        );
        assert!(sent.iter().all(|one| one.body["to"].as_array().unwrap().len() == 1));
        // Nothing is left for anybody to do here.
        assert!(world.read(|c| reports::list(c, None, hearth_domain::report::State::Open, 9)).is_empty());
    });
}
