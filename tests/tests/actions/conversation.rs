//! Following a conversation, and hearing nothing more of one: for oneself alone, and never past what one may read.

use hearth_actions::{
    ActionError, block, conversation, membership, notice,
    post::{self, Answering, PostForm},
};
use hearth_db::tables::{actors::Actor, posts::Post, thread_choices};
use hearth_domain::{
    group::{Readable, Settings, Template},
    id::{AccountId, ActorId},
    membership::Role,
    notice::{Kind, ThreadChoice},
};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, event_form, post_form, refused_fields},
};

struct Room {
    world: World,
    keeper: AccountId,
    group: Actor,
    otter: (AccountId, ActorId),
    wren: (AccountId, ActorId),
    root: Post,
}

impl Room {
    /// A public group in which wren began a conversation.
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let otter = world.member(group.id, "otter", Role::Member);
        let wren = world.member(group.id, "wren", Role::Member);
        let root = post::publish(&world.app, wren.0, group.id, &post_form(wren.1, "One", "Words.")).unwrap();
        Self { world, keeper, group, otter, wren, root }
    }

    fn choose(&self, account: AccountId, choice: &str) {
        assert_eq!(conversation::choose(&self.world.app, account, self.root.id, choice).unwrap(), self.root.id);
    }

    fn reply(&self, who: (AccountId, ActorId), text: &str, visibility: &str) -> Post {
        let form = PostForm {
            text: text.into(),
            persona: who.1.to_string(),
            visibility: visibility.into(),
            ..PostForm::default()
        };
        post::reply(&self.world.app, who.0, Answering::Post(self.root.id), &form).unwrap()
    }

    /// What an account was told, by kind: in a test everything happens at one moment.
    fn told(&self, account: AccountId) -> Vec<Kind> {
        let told = notice::list(&self.world.app, account).unwrap();
        let mut kinds: Vec<Kind> = told.into_iter().map(|one| one.notice.kind).collect();
        kinds.sort();
        kinds
    }

    fn look(&self, account: AccountId) {
        notice::mark_seen(&self.world.app, account, self.world.app.now()).unwrap();
    }
}

#[test]
fn who_follows_is_told_once_until_they_look() {
    each_database(|database| {
        let room = Room::new(database);
        let lark = room.world.member(room.group.id, "lark", Role::Member);
        room.choose(lark.0, "follow");
        room.reply(room.otter, "Me too.", "");
        room.reply(room.otter, "And more.", "");
        assert_eq!(room.told(lark.0), [Kind::Said]);
        room.look(lark.0);
        room.reply(room.otter, "Later.", "");
        assert_eq!(room.told(lark.0), [Kind::Said, Kind::Said], "seen, and told anew");
        room.look(lark.0);
        // What they say themselves is no news to them, and who is named or answered is told so, once.
        room.reply(lark, "I hear you.", "");
        room.reply(room.otter, "Thank you @lark.", "");
        assert_eq!(room.told(lark.0), [Kind::Mention, Kind::Said, Kind::Said]);
        room.choose(lark.0, conversation::USUAL);
        room.look(lark.0);
        room.reply(room.otter, "Good night.", "");
        assert_eq!(room.told(lark.0).len(), 3);
        assert_eq!(room.told(room.otter.0), [], "nobody is told who follows");
    });
}

#[test]
fn who_mutes_hears_nothing_more() {
    each_database(|database| {
        let room = Room::new(database);
        room.choose(room.wren.0, "mute");
        room.reply(room.otter, "Words for @wren.", "");
        assert_eq!(room.told(room.wren.0), []);
        let chosen = room.world.read(|c| thread_choices::get(c, room.wren.0, room.root.id));
        assert_eq!(chosen, Some(ThreadChoice::Mute));
        room.choose(room.wren.0, conversation::USUAL);
        room.reply(room.otter, "Hello again.", "");
        assert_eq!(room.told(room.wren.0), [Kind::Reply]);
    });
}

#[test]
fn nobody_hears_of_what_they_may_not_read_or_would_rather_not() {
    each_database(|database| {
        let room = Room::new(database);
        let app = &room.world.app;
        let (stranger, _) = room.world.account("stranger");
        let lark = room.world.member(room.group.id, "lark", Role::Member);
        room.choose(stranger, "follow");
        room.choose(lark.0, "follow");
        room.reply(room.otter, "For members.", "members");
        assert_eq!((room.told(stranger), room.told(lark.0)), (vec![], vec![Kind::Said]));
        // Muted and blocked people make no news, also not by an answer or a name.
        room.look(lark.0);
        block::mute(app, lark.0, room.otter.1, true).unwrap();
        room.reply(room.otter, "Still here @lark.", "");
        assert_eq!(room.told(lark.0), [Kind::Said]);
        assert_eq!(room.told(stranger), [Kind::Said], "in a public group");
        block::mute(app, room.wren.0, room.otter.1, true).unwrap();
        assert_eq!(room.told(room.wren.0), [], "answers of before are left out too");
        block::mute(app, room.wren.0, room.otter.1, false).unwrap();
        assert_eq!(room.told(room.wren.0).len(), 2);
        // Who can't see the group any more hears nothing of what came before.
        let closed = Settings { readable: Readable::Members, ..Template::PeerSupportCircle.settings() };
        room.world.settle(room.group.id, closed);
        assert_eq!(room.told(stranger), []);
        assert!(matches!(conversation::choose(app, stranger, room.root.id, "usual"), Err(ActionError::NotFound)));
        membership::remove(app, room.keeper, room.group.id, lark.1).unwrap();
        assert_eq!(room.told(lark.0), []);
    });
}

#[test]
fn what_can_be_chosen() {
    each_database(|database| {
        let room = Room::new(database);
        let app = &room.world.app;
        assert_eq!(refused_fields(conversation::choose(app, room.otter.0, room.root.id, "loud")), ["choice"]);
        let reply = room.reply(room.wren, "More.", "");
        assert_eq!(conversation::choose(app, room.otter.0, reply.id, "follow").unwrap(), room.root.id);
        let owner = room.world.personas(room.keeper)[0].id;
        let meetup = hearth_actions::event::announce(app, room.keeper, room.group.id, &event_form(owner)).unwrap();
        let about = PostForm { text: "See you.".into(), persona: room.wren.1.to_string(), ..PostForm::default() };
        let about = post::reply(app, room.wren.0, Answering::Event(meetup.id), &about).unwrap();
        assert!(matches!(conversation::choose(app, room.otter.0, about.id, "follow"), Err(ActionError::Conflict(_))));
        post::delete(app, room.wren.0, room.root.id).unwrap();
        assert!(matches!(conversation::choose(app, room.otter.0, room.root.id, "mute"), Err(ActionError::Gone)));
    });
}
