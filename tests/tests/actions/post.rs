//! Conversations of people here: who may, what becomes of it, and what leaves the server.

use hearth_actions::{
    ActionError,
    post::{self, Answering, PostForm},
};
use hearth_db::tables::posts::{self, Post};
use hearth_domain::{
    Denied,
    audience::Visibility,
    group::{Posting, Reach, Readable, Settings, Template},
    id::{AccountId, ActorId, PostId},
    membership::Role,
};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form, refused_fields},
};

/// A group with an owner, and a follower at elm.test.
struct Circle {
    world: World,
    keeper: AccountId,
    owner: ActorId,
    group: ActorId,
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        Self { group: group.id, world, keeper, owner }
    }

    fn publish(&self, visibility: &str) -> Post {
        let typed = PostForm { visibility: visibility.into(), ..post_form(self.owner, "Sleep", "**What** helps?") };
        post::publish(&self.world.app, self.keeper, self.group, &typed).unwrap()
    }

    fn reply(&self, to: PostId, visibility: &str) -> Post {
        let typed = PostForm { visibility: visibility.into(), ..post_form(self.owner, "", "Tea.") };
        post::reply(&self.world.app, self.keeper, Answering::Post(to), &typed).unwrap()
    }

    /// Types of what was sent, the relayed ones with what is in them.
    fn sent(&self) -> Vec<String> {
        let name = |body: &serde_json::Value| body["type"].as_str().unwrap_or("id").to_owned();
        self.world
            .sent()
            .iter()
            .map(|sent| format!("{}{{{}}} to {}", name(&sent.body), name(&sent.body["object"]), sent.host))
            .collect()
    }
}

fn denied<T>(result: Result<T, ActionError>) -> Option<Denied> {
    match result {
        Ok(_) => None,
        Err(ActionError::Denied(denied)) => Some(denied),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn who_may_begin_and_who_may_answer() {
    each_database(|database| {
        let circle = Circle::new(database);
        let root = circle.publish("public");
        let people: Vec<(&str, AccountId, ActorId)> =
            [("stranger", None), ("member", Some(Role::Member)), ("facilitator", Some(Role::Facilitator))]
                .into_iter()
                .map(|(name, role)| {
                    let made = match role {
                        Some(role) => circle.world.member(circle.group, name, role),
                        None => circle.world.account(name),
                    };
                    (name, made.0, made.1)
                })
                .collect();
        use Denied::{FacilitatorsOnly, MembersOnly};
        for (posting, begin, answer) in [
            (Posting::Anyone, [None, None, None], [None, None, None]),
            (Posting::Members, [Some(MembersOnly), None, None], [Some(MembersOnly), None, None]),
            (
                Posting::Facilitators,
                [Some(FacilitatorsOnly), Some(FacilitatorsOnly), None],
                [Some(MembersOnly), None, None],
            ),
        ] {
            circle.world.settle(circle.group, Settings { posting, ..Template::OpenCommunity.settings() });
            for (index, (name, account, persona)) in people.iter().enumerate() {
                let app = &circle.world.app;
                let begun = post::publish(app, *account, circle.group, &post_form(*persona, "Sleep", "text"));
                assert_eq!(denied(begun), begin[index], "{name} begins, {posting}");
                let to = Answering::Post(root.id);
                assert_eq!(
                    denied(post::reply(app, *account, to, &post_form(*persona, "", "text"))),
                    answer[index],
                    "{name} answers, {posting}"
                );
            }
        }
    });
}

#[test]
fn strangers_see_nothing_of_a_members_only_group() {
    each_database(|database| {
        let circle = Circle::new(database);
        let members = circle.publish("members");
        let root = circle.publish("public");
        let (stranger, persona) = circle.world.account("wren");
        let app = &circle.world.app;
        let answer = |to: PostId| post::reply(app, stranger, Answering::Post(to), &post_form(persona, "", "text"));
        assert!(matches!(answer(members.id), Err(ActionError::NotFound)));
        assert!(answer(root.id).is_ok());
        let edit = post::edit(app, stranger, members.id, &post_form(persona, "Sleep", "mine"));
        assert!(matches!(edit, Err(ActionError::NotFound)));
        assert!(matches!(post::delete(app, stranger, members.id), Err(ActionError::NotFound)));
        circle.world.settle(
            circle.group,
            Settings { readable: Readable::Hidden, posting: Posting::Members, ..Template::OpenCommunity.settings() },
        );
        let begun = post::publish(app, stranger, circle.group, &post_form(persona, "Sleep", "text"));
        assert!(matches!(begun, Err(ActionError::NotFound)), "a hidden group is not there");
        assert!(matches!(answer(root.id), Err(ActionError::NotFound)));
    });
}

#[test]
fn what_is_for_members_is_sent_to_nobody() {
    each_database(|database| {
        let circle = Circle::new(database);
        let with_deeds = |visibility: &str| {
            let root = circle.publish(visibility);
            let reply = circle.reply(root.id, "public");
            let app = &circle.world.app;
            post::edit(app, circle.keeper, root.id, &post_form(circle.owner, "Sleep again", "x")).unwrap();
            post::edit(app, circle.keeper, reply.id, &post_form(circle.owner, "", "y")).unwrap();
            post::delete(app, circle.keeper, reply.id).unwrap();
            post::delete(app, circle.keeper, root.id).unwrap();
        };
        with_deeds("members");
        assert_eq!(circle.world.waiting(), 0);
        for &readable in Readable::ALL {
            for &reach in Reach::ALL {
                if (readable, reach) != (Readable::Public, Reach::Network) {
                    let settings =
                        Settings { readable, reach, posting: Posting::Members, ..Template::OpenCommunity.settings() };
                    circle.world.settle(circle.group, settings);
                    with_deeds("public");
                    assert_eq!(circle.world.waiting(), 0, "{readable} {reach}");
                }
            }
        }
        circle.world.settle(circle.group, Template::OpenCommunity.settings());
        with_deeds("public");
        assert!(circle.world.waiting() > 0);
    });
}

#[test]
fn the_same_form_sent_twice_is_one_post() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let draft = PostId::random(&*app.entropy).to_string();
        let typed = PostForm { draft, ..post_form(circle.owner, "Sleep", "text") };
        let first = post::publish(app, circle.keeper, circle.group, &typed).unwrap();
        let sent = circle.sent().len();
        let second = post::publish(app, circle.keeper, circle.group, &typed).unwrap();
        assert!(first.id == second.id && sent > 0 && circle.sent().is_empty());
        let (wren, persona) = circle.world.account("wren");
        let stolen = PostForm { persona: persona.to_string(), ..typed.clone() };
        assert!(matches!(post::publish(app, wren, circle.group, &stolen), Err(ActionError::Conflict(_))));
        let other = PostForm { draft: "not an id".into(), ..typed };
        assert!(post::publish(app, circle.keeper, circle.group, &other).unwrap().id != first.id);
    });
}

#[test]
fn a_reply_is_never_wider_than_what_it_answers() {
    each_database(|database| {
        let circle = Circle::new(database);
        for (root, chosen, expected) in [
            ("public", "public", Visibility::Public),
            ("public", "members", Visibility::Members),
            ("members", "public", Visibility::Members),
            ("members", "members", Visibility::Members),
        ] {
            let root = circle.publish(root);
            let reply = circle.reply(root.id, chosen);
            assert_eq!(reply.visibility, expected);
            let below = circle.reply(reply.id, "public");
            assert_eq!((below.visibility, below.root_id, below.parent_id), (expected, Some(root.id), Some(reply.id)));
            let typed = PostForm { visibility: "public".into(), ..post_form(circle.owner, "", "edited") };
            let edited = post::edit(&circle.world.app, circle.keeper, reply.id, &typed).unwrap();
            assert_eq!(edited.visibility, expected, "an edit changes words only");
        }
    });
}

#[test]
fn only_authors_edit_and_delete() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let root = circle.publish("public");
        let (wren, persona) = circle.world.member(circle.group, "wren", Role::Owner);
        let typed = post_form(persona, "Sleep", "mine");
        assert_eq!(denied(post::edit(app, wren, root.id, &typed)), Some(Denied::AuthorOnly));
        assert_eq!(denied(post::delete(app, wren, root.id)), Some(Denied::AuthorOnly));
        let unchanged = circle.world.read(|c| posts::by_id(c, root.id)).unwrap();
        assert_eq!((unchanged.source.as_str(), unchanged.edited_at), ("**What** helps?", None));
        circle.sent();
        let same = post_form(circle.owner, "Sleep", "**What** helps?");
        assert!(post::edit(app, circle.keeper, root.id, &same).unwrap().edited_at.is_none());
        assert!(circle.sent().is_empty(), "no change is no news");
    });
}

#[test]
fn a_removed_post_leaves_no_words() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let typed = PostForm {
            content_note: "insomnia-note".into(),
            ..post_form(circle.owner, "Secret title", "Secret words")
        };
        let root = post::publish(app, circle.keeper, circle.group, &typed).unwrap();
        assert_eq!(root.content_html, "<p>Secret words</p>\n");
        post::delete(app, circle.keeper, root.id).unwrap();
        let row = circle.world.read(|c| posts::by_id(c, root.id)).unwrap();
        assert_eq!((row.title, row.source.as_str(), row.content_html.as_str(), row.content_note), (None, "", "", None));
        assert_eq!(row.deleted_at, Some(app.now()));
        for again in [
            post::delete(app, circle.keeper, root.id).map(drop),
            post::edit(app, circle.keeper, root.id, &typed).map(drop),
            post::reply(app, circle.keeper, Answering::Post(root.id), &typed).map(drop),
        ] {
            assert!(matches!(again, Err(ActionError::Gone)));
        }
    });
}

#[test]
fn every_problem_of_the_form_is_named_at_once() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let typed = PostForm { content_note: "x".repeat(301), visibility: "secret".into(), ..PostForm::default() };
        let mut fields = refused_fields(post::publish(app, circle.keeper, circle.group, &typed));
        fields.sort_unstable();
        assert_eq!(fields, ["content_note", "persona", "text", "title", "visibility"]);
        let only_hidden = post_form(circle.owner, "\0\u{200b}\u{202e}", " \0 ");
        assert_eq!(refused_fields(post::publish(app, circle.keeper, circle.group, &only_hidden)), ["title", "text"]);
        let odd = post_form(circle.owner, "S\0leep", "te\0xt \u{10ffff} e\u{301}");
        let row = post::publish(app, circle.keeper, circle.group, &odd).unwrap();
        assert_eq!((row.title.as_deref(), row.source.as_str()), (Some("Sleep"), "text \u{10ffff} é"));
        assert_eq!(circle.world.read(|c| posts::by_id(c, row.id)).unwrap().source, row.source);
    });
}

#[test]
fn each_kind_of_server_learns_of_it_in_the_form_it_reads() {
    each_database(|database| {
        let circle = Circle::new(database);
        let group = circle.world.read(|c| hearth_db::tables::actors::by_id(c, circle.group)).unwrap();
        for (host, software) in [("lemmy.test", "lemmy"), ("mast.test", "mastodon")] {
            circle.world.remote_follower(&group, &format!("https://{host}/u/kim"));
            circle.world.software(host, software);
        }
        let sorted = || {
            let mut sent = circle.sent();
            sent.sort();
            sent
        };
        let root = circle.publish("public");
        assert_eq!(
            sorted(),
            [
                "Announce{Create} to elm.test",
                "Announce{Create} to lemmy.test",
                "Announce{id} to elm.test",
                "Announce{id} to mast.test"
            ]
        );
        let reply = circle.reply(root.id, "public");
        assert_eq!(sorted(), ["Announce{Create} to elm.test", "Announce{Create} to lemmy.test"]);
        let app = &circle.world.app;
        post::edit(app, circle.keeper, reply.id, &post_form(circle.owner, "", "More tea.")).unwrap();
        let edited = [
            "Announce{Update} to elm.test",
            "Announce{Update} to lemmy.test",
            "Update{Note} to elm.test",
            "Update{Note} to mast.test",
        ];
        assert_eq!(sorted(), edited);
        post::delete(app, circle.keeper, root.id).unwrap();
        let removed = [
            "Announce{Delete} to elm.test",
            "Announce{Delete} to lemmy.test",
            "Delete{id} to elm.test",
            "Delete{id} to mast.test",
        ];
        assert_eq!(sorted(), removed);
    });
}
