//! Writing without a name: nothing that anybody else reads, or that is sent, says who it was.

use hearth_actions::{
    ActionError, ban,
    ban::BanForm,
    cleanup, erase, moderation,
    moderation::Act,
    persona,
    post::{self, Answering, PostForm},
    reaction, seal,
    talk::{self, RulesForm},
};
use hearth_db::{
    Kind, dialect,
    tables::{
        actors::{self, Actor, ActorKind},
        posts::{self, Post},
        seals, voices,
    },
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId, PostId},
    membership::Role,
    seal::Spoken,
};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form, refused_fields},
};

/// A group with its facilitator, and two members.
struct Circle {
    world: World,
    keeper: AccountId,
    owner: ActorId,
    group: Actor,
    wren: (AccountId, ActorId),
    teal: (AccountId, ActorId),
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let wren = world.member(group.id, "wren", Role::Member);
        let teal = world.member(group.id, "teal", Role::Member);
        Self { world, keeper, owner, group, wren, teal }
    }

    fn form(persona: ActorId, title: &str, unnamed: bool) -> PostForm {
        let unnamed = if unnamed { "yes".to_owned() } else { String::new() };
        PostForm { unnamed, ..post_form(persona, title, "I am afraid of the evenings.") }
    }

    fn publish(&self, (account, persona): (AccountId, ActorId), unnamed: bool) -> Post {
        let typed = Self::form(persona, "Evenings", unnamed);
        post::publish(&self.world.app, account, self.group.id, &typed).unwrap()
    }

    fn reply(&self, to: PostId, (account, persona): (AccountId, ActorId), unnamed: bool) -> Result<Post, ActionError> {
        post::reply(&self.world.app, account, Answering::Post(to), &Self::form(persona, "", unnamed))
    }

    fn author(&self, post: &Post) -> Actor {
        self.world.read(|c| actors::by_id(c, post.author_id)).unwrap()
    }

    fn voice(&self, post: &Post) -> Option<i32> {
        self.world.read(|c| voices::get(c, post.id))
    }
}

#[test]
fn the_notices_stand_for_who_wrote_and_nothing_that_leaves_says_more() {
    each_database(|database| {
        let circle = Circle::new(database);
        let world = &circle.world;
        let root = circle.publish(circle.wren, true);
        let author = circle.author(&root);
        assert_eq!((author.kind, author.name.as_str()), (ActorKind::Service, "tea_notices"));
        let answer = circle.reply(root.id, circle.teal, true).unwrap();
        let again = circle.reply(answer.id, circle.wren, false).unwrap();
        assert_eq!(again.author_id, author.id, "who began without a name goes on without it, asked or not");
        assert_eq!([&root, &answer, &again].map(|post| circle.voice(post)), [Some(1), Some(2), Some(1)]);
        let edited = PostForm { text: "Of the mornings too.".into(), ..Circle::form(circle.wren.1, "Evenings", false) };
        assert_eq!(post::edit(&world.app, circle.wren.0, root.id, &edited).unwrap().author_id, author.id);

        let sent = world.sent();
        assert!(sent.len() >= 4, "it did go out");
        for one in &sent {
            let text = one.body.to_string();
            assert!(!text.contains("wren") && !text.contains("teal"), "{text}");
            assert!(one.signer.ends_with("/u/tea_notices") || one.signer.ends_with("/g/tea"), "{}", one.signer);
        }
        assert!(sent.iter().any(|one| one.body.to_string().contains("mornings") && one.body.to_string().contains("/u/tea_notices")));
        // Their own names never went out: no server learns that they are there.
        for persona in [circle.wren.1, circle.teal.1] {
            assert!(world.read(|c| actors::by_id(c, persona)).unwrap().on_network_since.is_none());
        }
        // In all the database the two stand together in one table, beside what its author alone is told of it.
        if database.kind() != Kind::Sqlite {
            return;
        }
        let without = |tables: &[&str]| world.read(|c| dialect::content(c, tables));
        let number = circle.wren.1.get().to_string();
        let rest = without(&["seals", "actors", "personas", "memberships", "proof_keys", "notices"]);
        assert!(!rest.contains(&number), "something else names who wrote");
    });
}

#[test]
fn with_a_name_or_without_it_but_not_both() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let root = circle.publish(circle.wren, false);
        assert_eq!(circle.author(&root).id, circle.wren.1);
        assert_eq!(refused_fields(circle.reply(root.id, circle.wren, true)), ["unnamed"]);
        circle.reply(root.id, circle.teal, true).unwrap();
        let thread = root.thread();
        let spoken = |account| circle.world.app.db.read(|c| seal::spoken(c, account, thread)).unwrap();
        assert_eq!(
            [circle.wren.0, circle.teal.0, circle.keeper].map(spoken),
            [Some(Spoken::Named), Some(Spoken::Unnamed), None]
        );
        // The group changes its mind: what was said stays sealed, and goes on so; nobody begins anew.
        let off = RulesForm::default();
        talk::change(app, circle.keeper, circle.group.id, &off).unwrap();
        let more = circle.reply(root.id, circle.teal, false).unwrap();
        assert_ne!(more.author_id, circle.teal.1);
        let begun = post::publish(app, circle.teal.0, circle.group.id, &Circle::form(circle.teal.1, "New", true));
        assert_eq!(refused_fields(begun), ["unnamed"]);
        // Whoever is no member speaks for themselves, also where anybody may write.
        talk::change(app, circle.keeper, circle.group.id, &RulesForm { unnamed: "yes".into(), ..off }).unwrap();
        let (stranger, persona) = circle.world.account("kite");
        assert_eq!(refused_fields(circle.reply(root.id, (stranger, persona), true)), ["unnamed"]);
    });
}

#[test]
fn facilitators_do_what_they_do_without_learning_who() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, keeper) = (&circle.world.app, circle.keeper);
        let root = circle.publish(circle.wren, true);
        circle.world.sent();
        let removed = moderation::act(app, keeper, root.id, &Act::Remove("Too much.".into())).unwrap();
        assert!(removed.deleted_at.is_some());
        moderation::act(app, keeper, root.id, &Act::Restore).unwrap();
        circle.reply(root.id, (keeper, circle.owner), false).unwrap();
        for sent in circle.world.sent() {
            assert!(!sent.body.to_string().contains("wren"), "{}", sent.body);
        }
        let typed = BanForm { reason: "Unkind.".into(), ..BanForm::default() };
        let banned = ban::ban(app, keeper, circle.group.id, root.author_id, &typed);
        assert!(matches!(banned, Err(ActionError::NotFound)), "nobody is kept out by way of the seal");
        // Who is kept out can't write so; what they wrote so stays, for its going would tell.
        let along = BanForm { remove_posts: "yes".into(), ..typed };
        ban::ban(app, keeper, circle.group.id, circle.wren.1, &along).unwrap();
        assert!(circle.world.read(|c| posts::by_id(c, root.id)).unwrap().deleted_at.is_none());
        assert!(matches!(circle.reply(root.id, circle.wren, false), Err(ActionError::Denied(Denied::MembersOnly))));
    });
}

#[test]
fn only_who_wrote_it_can_change_it_or_learns_who_heard() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let root = circle.publish(circle.wren, true);
        let edit = |(account, persona): (AccountId, ActorId)| {
            post::edit(app, account, root.id, &Circle::form(persona, "Mornings", false)).map(|post| post.title)
        };
        for other in [circle.teal, (circle.keeper, circle.owner)] {
            assert!(matches!(edit(other), Err(ActionError::Denied(Denied::AuthorOnly))));
            assert!(matches!(post::delete(app, other.0, root.id), Err(ActionError::Denied(Denied::AuthorOnly))));
        }
        assert_eq!(edit(circle.wren).unwrap().as_deref(), Some("Mornings"));
        let hear = |(account, persona): (AccountId, ActorId)| reaction::hear(app, account, root.id, persona, true);
        assert!(hear(circle.teal).is_ok());
        assert!(matches!(hear(circle.wren), Err(ActionError::Conflict(_))));
        post::delete(app, circle.wren.0, root.id).unwrap();
        assert_eq!(circle.world.read(|c| seals::author(c, root.id)), None, "the link goes with the words");
    });
}

#[test]
fn what_an_erased_name_wrote_so_goes_at_moments_of_its_own() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let posts: Vec<Post> = (0..6).map(|_| circle.publish(circle.wren, true)).collect();
        persona::create(app, circle.wren.0, "finch", "Finch").unwrap();
        erase::persona(app, circle.wren.0, circle.wren.1).unwrap();
        let left = || {
            let there = |post: &&Post| circle.world.read(|c| posts::by_id(c, post.id)).unwrap().deleted_at.is_none();
            posts.iter().filter(there).count()
        };
        let mut seen = vec![left()];
        for _ in 0..72 {
            circle.world.clock.advance(chrono::Duration::hours(1));
            cleanup::forget(app).unwrap();
            if seen.last() != Some(&left()) {
                seen.push(left());
            }
        }
        assert_eq!((seen.first(), seen.last()), (Some(&6), Some(&0)), "{seen:?}");
        assert!(seen.len() > 3, "all at once: {seen:?}");
        let known = |post: &Post| circle.world.read(|c| seals::author(c, post.id)).is_some();
        assert!(!posts.iter().any(known));
        let deleted = circle.world.sent().iter().filter(|sent| sent.body.to_string().contains("\"Delete\"")).count();
        assert!(deleted >= 6, "other servers are asked to remove them: {deleted}");
    });
}

/// Nothing that shows or sends reads the table that knows.
#[test]
fn no_view_and_no_document_names_the_seals() {
    for (file, text) in [
        ("views/conversation.rs", include_str!("../../../crates/hearth-db/src/views/conversation.rs")),
        ("views/outbox.rs", include_str!("../../../crates/hearth-db/src/views/outbox.rs")),
        ("views/visible.rs", include_str!("../../../crates/hearth-db/src/views/visible.rs")),
        ("views/mod.rs", include_str!("../../../crates/hearth-db/src/views/mod.rs")),
        ("documents.rs", include_str!("../../../crates/hearth-actions/src/documents.rs")),
        ("report.rs", include_str!("../../../crates/hearth-actions/src/report.rs")),
        ("moderation.rs", include_str!("../../../crates/hearth-actions/src/moderation.rs")),
        ("catch_up.rs", include_str!("../../../crates/hearth-actions/src/catch_up.rs")),
    ] {
        assert!(!text.contains("seals"), "{file}");
    }
}
