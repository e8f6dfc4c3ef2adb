//! Between people: muting, blocking, quiet words, what one wrote before one changed it, and conversations that fade.

use hearth_actions::{
    ActionError, App, block, cleanup, erase, fading, persona,
    post::{self, Answering, PostForm},
    quiet_word::{self, With},
    talk::{self, RulesForm},
};
use hearth_activitypub::outbound;
use hearth_db::{
    tables::{
        actors::Actor,
        blocks,
        faded_posts::FadedPost,
        posts::{self, Post},
        thread_choices,
    },
    views::{After, conversation, visible::Reader},
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId, PostId},
    membership::Role,
};
use serde_json::json;
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form},
};

/// A group with its facilitator and two members.
struct Circle {
    world: World,
    keeper: (AccountId, ActorId),
    group: Actor,
    wren: (AccountId, ActorId),
    teal: (AccountId, ActorId),
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let wren = world.member(group.id, "wren", Role::Member);
        let teal = world.member(group.id, "teal", Role::Member);
        Self { world, keeper: (keeper, owner), group, wren, teal }
    }

    fn app(&self) -> &App {
        &self.world.app
    }

    fn publish(&self, (account, persona): (AccountId, ActorId), title: &str) -> Post {
        self.world.clock.advance(chrono::Duration::minutes(1));
        post::publish(self.app(), account, self.group.id, &post_form(persona, title, "Words.")).unwrap()
    }

    fn reply(&self, to: PostId, (account, persona): (AccountId, ActorId)) -> Result<Post, ActionError> {
        self.world.clock.advance(chrono::Duration::minutes(1));
        post::reply(self.app(), account, Answering::Post(to), &post_form(persona, "", "An answer."))
    }

    /// Titles an account finds in the group, newest first, with the number of answers it is told of.
    fn sees(&self, account: Option<AccountId>) -> Vec<(String, i64)> {
        self.world.read(|c| {
            let reader = account.map_or_else(|| Ok(Reader::anybody()), |account| Reader::account(c, account))?;
            let roots = conversation::roots(c, &reader, &[self.group.id], None, 50)?;
            let ids: Vec<PostId> = roots.iter().map(|one| one.post.id).collect();
            let counts = conversation::reply_counts(c, &reader, &ids)?;
            let line = |post: &Post| (post.title.clone().unwrap(), counts.get(&post.id).copied().unwrap_or_default());
            Ok(roots.iter().map(|one| line(&one.post)).collect())
        })
    }

    fn titles(&self, who: (AccountId, ActorId)) -> Vec<String> {
        self.sees(Some(who.0)).into_iter().map(|(title, _)| title).collect()
    }
}

#[test]
fn a_mute_is_for_oneself_alone() {
    each_database(|database| {
        let circle = Circle::new(database);
        let first = circle.publish(circle.teal, "By teal");
        circle.publish(circle.keeper, "By rowan");
        circle.reply(first.id, circle.teal).unwrap();
        let rowans = circle.publish(circle.keeper, "More by rowan");
        circle.reply(rowans.id, circle.teal).unwrap();
        let before = circle.sees(None);
        block::mute(circle.app(), circle.wren.0, circle.teal.1, true).unwrap();
        assert_eq!(circle.sees(Some(circle.wren.0)), [("More by rowan".into(), 0), ("By rowan".into(), 0)]);
        assert_eq!(circle.sees(Some(circle.teal.0)), before, "they see what they saw");
        assert_eq!(circle.sees(None), before);
        assert!(circle.reply(first.id, circle.wren).is_ok() && circle.world.sent().is_empty());
        block::mute(circle.app(), circle.wren.0, circle.teal.1, false).unwrap();
        assert_eq!(circle.titles(circle.wren).len(), 3);
        let oneself = block::mute(circle.app(), circle.wren.0, circle.wren.1, true);
        assert!(matches!(oneself, Err(ActionError::Conflict(_))));
        let group = block::mute(circle.app(), circle.wren.0, circle.group.id, true);
        assert!(matches!(group, Err(ActionError::NotFound)));
    });
}

#[test]
fn a_block_is_between_two_and_from_then_on() {
    each_database(|database| {
        let circle = Circle::new(database);
        let old = circle.publish(circle.teal, "Teal before");
        circle.world.clock.advance(chrono::Duration::seconds(1));
        block::block(circle.app(), circle.wren.0, circle.wren.1, circle.teal.1, true).unwrap();
        let teals = circle.publish(circle.teal, "Teal after");
        let wrens = circle.publish(circle.wren, "Wren after");
        assert_eq!(circle.titles(circle.wren), ["Wren after", "Teal before"]);
        assert_eq!(circle.titles(circle.teal), ["Teal after", "Teal before"]);
        assert_eq!(circle.titles(circle.keeper).len(), 3, "who looks after the group sees everything");
        assert_eq!(circle.sees(None).len(), 3);
        let refused = |to: PostId, who| match circle.reply(to, who) {
            Err(ActionError::NotFound) => "not found",
            Err(ActionError::Conflict(_)) => "not now",
            Err(other) => panic!("{other:?}"),
            Ok(_) => "taken",
        };
        assert_eq!(refused(teals.id, circle.wren), "not found");
        assert_eq!(refused(wrens.id, circle.teal), "not found");
        assert_eq!(refused(old.id, circle.wren), "not now");
        // Without a name it is nobody's, for readers and for who answers; but nobody goes round a block so.
        let typed = PostForm { unnamed: "yes".into(), ..post_form(circle.teal.1, "By someone", "Words.") };
        let sealed = post::publish(circle.app(), circle.teal.0, circle.group.id, &typed).unwrap();
        assert!(circle.titles(circle.wren).contains(&"By someone".to_owned()));
        assert_eq!(refused(sealed.id, circle.wren), "taken");
        let typed = PostForm { unnamed: "yes".into(), ..post_form(circle.wren.1, "", "Me again.") };
        let round = post::reply(circle.app(), circle.wren.0, Answering::Post(old.id), &typed);
        assert!(matches!(round, Err(ActionError::Conflict(_))));
        let notices = block::block(circle.app(), circle.wren.0, circle.wren.1, sealed.author_id, true);
        assert!(matches!(notices, Err(ActionError::NotFound)));
        block::block(circle.app(), circle.wren.0, circle.wren.1, circle.teal.1, false).unwrap();
        assert_eq!(circle.titles(circle.wren).len(), 4);
        // It goes with who made it.
        block::block(circle.app(), circle.wren.0, circle.wren.1, circle.teal.1, true).unwrap();
        persona::create(circle.app(), circle.wren.0, "finch", "Finch").unwrap();
        erase::persona(circle.app(), circle.wren.0, circle.wren.1).unwrap();
        assert!(circle.world.read(|c| blocks::get(c, circle.wren.1, circle.teal.1)).is_none());
    });
}

#[test]
fn a_block_reaches_the_other_server_and_comes_from_there() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (world, app) = (&circle.world, circle.app());
        let kim = world.remote_follower(&circle.group, "https://elm.test/u/kim");
        block::block(app, circle.wren.0, circle.wren.1, kim.id, true).unwrap();
        assert!(world.sent().is_empty(), "nobody there may know of her yet");
        block::block(app, circle.wren.0, circle.wren.1, kim.id, false).unwrap();
        let root = circle.publish(circle.wren, "On the network");
        world.sent();
        block::block(app, circle.wren.0, circle.wren.1, kim.id, true).unwrap();
        let sent = world.sent();
        let [block] = sent.as_slice() else { panic!("{} were sent", sent.len()) };
        assert_eq!((block.host.as_str(), block.body["object"].as_str()), ("elm.test", Some(kim.ap_id.as_str())));
        assert_eq!((&block.body["type"], block.body.get("target")), (&json!("Block"), None));
        // What they answer is refused as for anybody who may not.
        let note = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": "https://elm.test/a/1", "type": "Create",
            "actor": kim.ap_id.as_str(), "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
            "object": {
                "id": "https://elm.test/n/1", "type": "Note", "attributedTo": kim.ap_id.as_str(), "content": "Hello",
                "inReplyTo": root.ap_id.as_str(), "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
            },
        });
        world.receive(&kim, &note).unwrap();
        assert_eq!(world.sent().iter().map(|sent| sent.body["type"].clone()).collect::<Vec<_>>(), ["Reject"]);
        assert!(world.read(|c| posts::by_ap_id(c, "https://elm.test/n/1")).is_none());
        block::block(app, circle.wren.0, circle.wren.1, kim.id, false).unwrap();
        assert_eq!(world.sent()[0].body["type"], "Undo");

        let (id, them) = (
            "https://elm.test/a/2".parse().unwrap(),
            world.read(|c| hearth_db::tables::actors::by_id(c, circle.wren.1)),
        );
        let theirs = outbound::block(&id, kim.ap_id.url(), them.unwrap().ap_id.url());
        world.receive(&kim, &theirs).unwrap();
        assert!(world.read(|c| blocks::get(c, kim.id, circle.wren.1)).is_some());
        let undo = outbound::undo(&"https://elm.test/a/3".parse().unwrap(), kim.ap_id.url(), theirs);
        world.receive(&kim, &undo).unwrap();
        assert!(world.read(|c| blocks::get(c, kim.id, circle.wren.1)).is_none());
    });
}

#[test]
fn earlier_versions_are_for_who_wrote_them() {
    each_database(|database| {
        let circle = Circle::new(database);
        let post = circle.publish(circle.wren, "First words");
        let edited = PostForm { content_note: "buses".into(), ..post_form(circle.wren.1, "Second words", "New.") };
        post::edit(circle.app(), circle.wren.0, post.id, &edited).unwrap();
        post::edit(circle.app(), circle.wren.0, post.id, &edited).unwrap();
        let versions = |who: (AccountId, ActorId)| {
            let (_, versions) = post::versions(circle.app(), who.0, post.id)?;
            Ok(versions.into_iter().map(|one| (one.title.unwrap(), one.source)).collect::<Vec<_>>())
        };
        assert_eq!(versions(circle.wren).unwrap(), [("First words".to_owned(), "Words.".to_owned())]);
        for other in [circle.teal, circle.keeper] {
            let refused: Result<_, ActionError> = versions(other);
            assert!(matches!(refused, Err(ActionError::Denied(Denied::AuthorOnly))));
        }
        post::delete(circle.app(), circle.wren.0, post.id).unwrap();
        let left = circle.world.read(|c| hearth_db::tables::post_versions::of(c, post.id));
        assert!(left.is_empty(), "they go with the post");
    });
}

#[test]
fn a_quiet_word_is_between_a_member_and_the_team() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        let word = quiet_word::ask(app, circle.wren.0, circle.group.id, "May I ask something?").unwrap();
        assert_eq!(quiet_word::ask(app, circle.wren.0, circle.group.id, "One more thing.").unwrap(), word);
        quiet_word::answer(app, circle.keeper.0, word, "Of course.").unwrap();
        let texts = |who: (AccountId, ActorId)| {
            let read = quiet_word::read(app, who.0, word)?;
            Ok(read.messages.into_iter().map(|(author, body, _)| (author.map(|a| a.name), body)).collect::<Vec<_>>())
        };
        let expected = [
            (None, "May I ask something?".to_owned()),
            (None, "One more thing.".to_owned()),
            (Some("rowan".to_owned()), "Of course.".to_owned()),
        ];
        assert_eq!(texts(circle.wren).unwrap(), expected);
        assert_eq!(texts(circle.keeper).unwrap(), expected);
        let refused: Result<_, ActionError> = texts(circle.teal);
        assert!(matches!(refused, Err(ActionError::NotFound)));
        assert!(matches!(quiet_word::answer(app, circle.teal.0, word, "Hm."), Err(ActionError::NotFound)));
        assert!(quiet_word::list(app, circle.teal.0, circle.group.id).unwrap().is_empty());
        let (stranger, _) = circle.world.account("kite");
        let asked = quiet_word::ask(app, stranger, circle.group.id, "Hello?");
        assert!(matches!(asked, Err(ActionError::Denied(Denied::MembersOnly))));
        assert!(circle.world.sent().is_empty(), "nothing of it leaves the server");
        circle.world.clock.advance(chrono::Duration::days(91));
        cleanup::forget(app).unwrap();
        let gone: Result<_, ActionError> = texts(circle.wren);
        assert!(matches!(gone, Err(ActionError::NotFound)));
    });
}

#[test]
fn a_quiet_word_goes_through_the_seal_and_says_not_whose_it_is() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        let typed = PostForm { unnamed: "yes".into(), ..post_form(circle.wren.1, "Nights", "I can't sleep.") };
        let post = post::publish(app, circle.wren.0, circle.group.id, &typed).unwrap();
        let denied = quiet_word::write_to_author(app, circle.teal.0, post.id, "Who are you?");
        assert!(matches!(denied, Err(ActionError::Denied(Denied::FacilitatorsOnly))));
        let word = quiet_word::write_to_author(app, circle.keeper.0, post.id, "Are you safe?").unwrap();
        let list = quiet_word::list(app, circle.wren.0, circle.group.id).unwrap();
        assert!(list.iter().any(|read| read.id == word && matches!(read.with, With::Team)), "it reaches her");
        assert!(quiet_word::list(app, circle.teal.0, circle.group.id).unwrap().is_empty());
        circle.world.clock.advance(chrono::Duration::seconds(1));
        quiet_word::answer(app, circle.wren.0, word, "Yes, thank you.").unwrap();
        let read = quiet_word::read(app, circle.keeper.0, word).unwrap();
        assert!(matches!(&read.with, With::Unnamed(about) if about.id == post.id));
        let authors: Vec<bool> = read.messages.iter().map(|(author, ..)| author.is_some()).collect();
        assert_eq!(authors, [true, false]);
        // Her own name is another quiet word: the two are not one.
        let own = quiet_word::ask(app, circle.wren.0, circle.group.id, "Something else.").unwrap();
        assert_ne!(own, word);
    });
}

#[test]
fn conversations_fade_for_everybody_where_the_group_chose_so() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (world, app) = (&circle.world, circle.app());
        let kim = world.remote_follower(&circle.group, "https://elm.test/u/kim");
        let before = circle.publish(circle.wren, "Before the choice");
        let rules = |days: &str| RulesForm { fades_after: days.into(), unnamed: "yes".into(), ..RulesForm::default() };
        let refused = talk::change(app, circle.keeper.0, circle.group.id, &rules("soon"));
        assert_eq!(tests::world::refused_fields(refused), ["fades_after"]);
        talk::change(app, circle.keeper.0, circle.group.id, &rules("30")).unwrap();
        let root = circle.publish(circle.wren, "Fades");
        let reply = circle.reply(root.id, circle.teal).unwrap();
        let unnamed = PostForm { unnamed: "yes".into(), ..post_form(circle.keeper.1, "", "Quietly.") };
        post::reply(app, circle.keeper.0, Answering::Post(root.id), &unnamed).unwrap();
        let note = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": "https://elm.test/a/1", "type": "Create",
            "actor": kim.ap_id.as_str(), "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
            "object": {
                "id": "https://elm.test/n/1", "type": "Note", "attributedTo": kim.ap_id.as_str(), "content": "Hello",
                "inReplyTo": root.ap_id.as_str(), "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
            },
        });
        world.receive(&kim, &note).unwrap();
        hearth_actions::conversation::choose(app, circle.teal.0, root.id, "follow").unwrap();
        let theirs = world.read(|c| posts::by_ap_id(c, "https://elm.test/n/1")).unwrap();
        world.sent();
        let there = |post: &Post| world.read(|c| posts::by_id(c, post.id)).unwrap().deleted_at.is_none();
        world.clock.advance(chrono::Duration::days(29));
        cleanup::forget(app).unwrap();
        assert!(there(&root) && there(&reply));
        // A later choice is for later conversations.
        talk::change(app, circle.keeper.0, circle.group.id, &rules("")).unwrap();
        world.clock.advance(chrono::Duration::days(2));
        cleanup::forget(app).unwrap();
        assert!(!there(&root) && !there(&reply) && !there(&theirs) && there(&before));
        assert!(world.read(|c| thread_choices::of_thread(c, root.id)).is_empty(), "nobody follows what is gone");
        // Who wrote it here under a name keeps the words, and nobody else does.
        let own = |account| fading::own(app, account, None, 10).unwrap();
        let wrens = own(circle.wren.0);
        let words =
            |list: &[FadedPost]| list.iter().map(|one| (one.title.clone(), one.source.clone())).collect::<Vec<_>>();
        assert_eq!(words(&wrens), [(root.title.clone(), root.source.clone())]);
        assert_eq!(words(&own(circle.teal.0)), [(None, reply.source.clone())]);
        assert!(own(circle.keeper.0).is_empty(), "nor what was said without a name");
        assert!(
            fading::own(app, circle.wren.0, Some(After { time: root.published_at, id: root.id }), 10)
                .unwrap()
                .is_empty()
        );
        assert!(fading::forget(app, circle.teal.0, root.id).is_err() && own(circle.wren.0) == wrens);
        fading::forget(app, circle.wren.0, root.id).unwrap();
        assert!(own(circle.wren.0).is_empty() && fading::forget(app, circle.wren.0, root.id).is_err());
        let told = world.sent().iter().map(|sent| sent.body.to_string()).collect::<Vec<_>>().join("\n");
        for post in [&root, &reply, &theirs] {
            let asked = told.lines().any(|line| line.contains("\"Delete\"") && line.contains(post.ap_id.as_str()));
            assert!(asked, "elm is asked to remove {}", post.ap_id.as_str());
        }
    });
}
