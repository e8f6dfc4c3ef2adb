//! The SQL filter and `audience` agree, whatever a group's settings, an author's choice and a reader's standing are.

use hearth_db::{
    tables::{events::Event, follows, groups, memberships::Membership, posts::Post},
    views::{calendar, conversation, outbox, visible::Reader},
};
use hearth_domain::{
    address::ApId,
    audience::{Viewer, Visibility, audience},
    event::{JoinMode, PlaceKind, Status},
    group::{Joining, Posting, Reach, Readable, Settings},
    id::{ActorId, EventId, FollowId, PostId},
    membership::{Role, Standing, State},
};
use std::collections::BTreeSet;
use tests::{
    database::{TestDatabase, each_database},
    world::{World, time},
};

fn post(world: &World, group: ActorId, author: ActorId, visibility: Visibility) -> Post {
    let id = PostId::random(&*world.app.entropy);
    let ap_id: ApId = format!("https://oak.test/p/{id}").parse().unwrap();
    Post {
        id,
        url: ap_id.to_string(),
        ap_id,
        local: true,
        group_id: group,
        author_id: author,
        root_id: None,
        parent_id: None,
        event_id: None,
        title: Some("Sleep".into()),
        source: "text".into(),
        content_html: "<p>text</p>".into(),
        content_note: None,
        visibility,
        published_at: world.app.now(),
        edited_at: None,
        deleted_at: None,
        created_at: world.app.now(),
    }
}

fn event(world: &World, group: ActorId, visibility: Visibility) -> Event {
    let id = EventId::random(&*world.app.entropy);
    let ap_id: ApId = format!("https://oak.test/e/{id}").parse().unwrap();
    Event {
        id,
        url: ap_id.to_string(),
        ap_id,
        local: true,
        group_id: group,
        author_id: None,
        title: "Tea".into(),
        source: String::new(),
        content_html: String::new(),
        starts_at: time("2026-12-01T18:30:00Z"),
        ends_at: time("2026-12-01T20:00:00Z"),
        civil_start: "2026-12-01T18:30".into(),
        civil_end: "2026-12-01T20:00".into(),
        zone: "Europe/London".into(),
        place_kind: PlaceKind::Online,
        area: String::new(),
        address: String::new(),
        link: String::new(),
        access: String::new(),
        capacity: None,
        join_mode: JoinMode::Free,
        external_url: None,
        visibility,
        status: Status::Scheduled,
        published_at: world.app.now(),
        edited_at: None,
        deleted_at: None,
        created_at: world.app.now(),
        companion_ap_id: None,
    }
}

/// A group with settings, and one conversation and one meetup of each visibility with an answer to each.
struct Shelf {
    group: ActorId,
    settings: Settings,
    things: Vec<(Visibility, Post, Post, Event, Post)>,
}

struct Library {
    world: World,
    shelves: Vec<Shelf>,
    readers: Vec<(Standing, Reader)>,
}

impl Library {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let mut shelves = Vec::new();
        for (number, (readable, reach)) in Readable::ALL
            .iter()
            .flat_map(|readable| Reach::ALL.iter().map(move |reach| (*readable, *reach)))
            .enumerate()
        {
            let settings = Settings { readable, joining: Joining::Invitation, reach, posting: Posting::Members };
            let group = world.group(keeper, owner, &format!("group_{number}")).id;
            world.settle(group, settings);
            shelves.push(Shelf { group, settings, things: fill(&world, group, owner) });
        }
        let mut readers = vec![(Standing::Stranger, Reader::anybody())];
        for (name, standing) in [
            ("stranger", Standing::Stranger),
            ("follower", Standing::Follower),
            ("waiting", Standing::Waiting),
            ("member", Standing::Member(Role::Member)),
            ("hostess", Standing::Member(Role::Host)),
            ("facilitator", Standing::Member(Role::Facilitator)),
            ("owner", Standing::Member(Role::Owner)),
            ("banned", Standing::Banned),
        ] {
            let (account, persona) = world.account(name);
            shelves.iter().for_each(|shelf| place(&world, shelf.group, persona, standing));
            readers.push((standing, world.read(|c| Reader::account(c, account))));
        }
        Self { world, shelves, readers }
    }

    /// Goes through every shelf and reader: what `found` lists must be the things `audience` lets that reader see.
    #[track_caller]
    fn check<Id: Ord + std::fmt::Debug>(
        &self,
        what: &str,
        found: impl Fn(&Shelf, &Reader) -> Vec<Id>,
        id: impl Fn(&(Visibility, Post, Post, Event, Post)) -> Id,
    ) {
        let mut seen = 0;
        for shelf in &self.shelves {
            for (standing, reader) in &self.readers {
                let allowed = |visibility| audience(shelf.settings, visibility).includes(Viewer::Person(*standing));
                let expected: BTreeSet<Id> = shelf.things.iter().filter(|things| allowed(things.0)).map(&id).collect();
                seen += expected.len();
                let found: BTreeSet<Id> = found(shelf, reader).into_iter().collect();
                assert_eq!(found, expected, "{what} {:?} {standing:?}", shelf.settings);
            }
        }
        // 4 of 9 readers see 2 things on 9 shelves, 5 see 1 thing on 3.
        assert_eq!(seen, 4 * 2 * 9 + 5 * 3);
    }
}

fn fill(world: &World, group: ActorId, author: ActorId) -> Vec<(Visibility, Post, Post, Event, Post)> {
    Visibility::ALL
        .iter()
        .map(|&visibility| {
            let root = post(world, group, author, visibility);
            let reply = Post {
                root_id: Some(root.id),
                parent_id: Some(root.id),
                title: None,
                ..post(world, group, author, visibility)
            };
            let event = event(world, group, visibility);
            let said = Post { event_id: Some(event.id), title: None, ..post(world, group, author, visibility) };
            world.write(|tx| {
                root.insert(tx)?;
                reply.insert(tx)?;
                event.insert(tx)?;
                said.insert(tx)
            });
            (visibility, root, reply, event, said)
        })
        .collect()
}

fn place(world: &World, group: ActorId, persona: ActorId, standing: Standing) {
    let since = world.app.now();
    let member = |role, state| Membership { group_id: group, actor_id: persona, role, state, since };
    world.write(|tx| match standing {
        Standing::Stranger => Ok(()),
        Standing::Follower => {
            let id = FollowId::random(&*world.app.entropy);
            let ap_id = format!("https://oak.test/f/{id}").parse().unwrap();
            let state = follows::FollowState::Accepted;
            follows::Follow { id, ap_id, follower_id: persona, target_id: group, state, created_at: since }.insert(tx)
        }
        Standing::Waiting => member(Role::Owner, State::Waiting).insert(tx),
        Standing::Member(role) => member(role, State::Active).insert(tx),
        Standing::Banned => member(Role::Owner, State::Banned).insert(tx),
    });
}

#[test]
fn lists_show_what_the_audience_function_allows() {
    each_database(|database| {
        let library = Library::new(database);
        let world = &library.world;
        let now = world.app.now();
        library.check(
            "roots",
            |shelf, reader| {
                let rows = world.read(|c| conversation::roots(c, reader, &[shelf.group], None, 99));
                rows.into_iter().map(|row| row.post.id).collect()
            },
            |things| things.1.id,
        );
        library.check(
            "replies",
            |shelf, reader| {
                let of =
                    |things: &(_, Post, _, _, _)| world.read(|c| conversation::replies(c, reader, things.1.id, 99));
                shelf.things.iter().flat_map(of).map(|row| row.post.id).collect()
            },
            |things| things.2.id,
        );
        library.check(
            "reply counts",
            |shelf, reader| {
                let roots: Vec<PostId> = shelf.things.iter().map(|things| things.1.id).collect();
                let counts = world.read(|c| conversation::reply_counts(c, reader, &roots));
                counts.into_iter().filter(|(_, count)| *count == 1).map(|(root, _)| root).collect()
            },
            |things| things.1.id,
        );
        library.check(
            "about a meetup",
            |shelf, reader| {
                let of = |things: &(_, _, _, Event, _)| {
                    world.read(|c| conversation::about_event(c, reader, things.3.id, 99))
                };
                shelf.things.iter().flat_map(of).map(|row| row.post.id).collect()
            },
            |things| things.4.id,
        );
        library.check(
            "calendar",
            |shelf, reader| {
                let rows = world.read(|c| calendar::upcoming(c, reader, &[shelf.group], now, 99));
                rows.into_iter().map(|row| row.id).collect()
            },
            |things| things.3.id,
        );
        library.check(
            "calendar of everything",
            |shelf, reader| {
                let rows = world.read(|c| calendar::upcoming_everywhere(c, reader, now, 99));
                rows.into_iter().filter(|row| row.group_id == shelf.group).map(|row| row.id).collect()
            },
            |things| things.3.id,
        );
    });
}

#[test]
fn a_loaded_row_is_judged_alike() {
    each_database(|database| {
        let library = Library::new(database);
        for shelf in &library.shelves {
            let row = library.world.read(|c| groups::by_id(c, shelf.group)).unwrap();
            for (standing, reader) in &library.readers {
                for &visibility in Visibility::ALL {
                    let allowed = audience(shelf.settings, visibility).includes(Viewer::Person(*standing));
                    assert_eq!(reader.includes(&row, visibility), allowed, "{:?} {standing:?}", shelf.settings);
                }
            }
        }
    });
}

#[test]
fn collections_for_the_network_show_what_anybody_may_read() {
    each_database(|database| {
        let library = Library::new(database);
        for shelf in &library.shelves {
            let allowed =
                |visibility| audience(shelf.settings, visibility).includes(Viewer::Person(Standing::Stranger));
            let expected: Vec<PostId> =
                shelf.things.iter().filter(|things| allowed(things.0)).map(|things| things.1.id).collect();
            let newest = library.world.read(|c| outbox::newest(c, shelf.group, 99));
            assert_eq!(newest.iter().map(|row| row.post.id).collect::<Vec<_>>(), expected, "{:?}", shelf.settings);
            let count = library.world.read(|c| outbox::count(c, shelf.group));
            assert_eq!(usize::try_from(count).unwrap(), expected.len());
        }
    });
}

#[test]
fn lists_go_on_where_they_ended() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let mut expected: Vec<_> = (0..25)
            .map(|number| {
                // Five at each instant: the id decides among them.
                let published_at = (world.app.now().utc() + chrono::Duration::microseconds(number / 5)).into();
                let row = Post { published_at, ..post(&world, group, owner, Visibility::Public) };
                world.write(|tx| row.insert(tx));
                (row.published_at, row.id)
            })
            .collect();
        expected.sort();
        expected.reverse();
        let reader = Reader::anybody();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let rows = world.read(|c| conversation::roots(c, &reader, &[group], after, 4));
            let Some(last) = rows.last() else { break };
            after = Some(hearth_db::views::After { time: last.post.published_at, id: last.post.id });
            found.extend(rows.iter().map(|row| (row.post.published_at, row.post.id)));
        }
        assert_eq!(found, expected);
    });
}

#[test]
fn what_is_removed_or_over_is_in_no_list() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let now = world.app.now();
        let removed = Post { deleted_at: Some(now), ..post(&world, group, owner, Visibility::Public) };
        let over = Event { ends_at: now, ..event(&world, group, Visibility::Public) };
        let buried = Event { deleted_at: Some(now), ..event(&world, group, Visibility::Public) };
        world.write(|tx| {
            removed.insert(tx)?;
            over.insert(tx)?;
            buried.insert(tx)
        });
        let reader = Reader::anybody();
        assert!(world.read(|c| conversation::roots(c, &reader, &[group], None, 9)).is_empty());
        assert!(world.read(|c| calendar::upcoming(c, &reader, &[group], now, 9)).is_empty());
        assert!(world.read(|c| calendar::upcoming_everywhere(c, &reader, now, 9)).is_empty());
        assert_eq!(world.read(|c| outbox::count(c, group)), 0);
    });
}
