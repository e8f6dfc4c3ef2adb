//! Searching a group: everything with the words, of what the reader may see, and nothing else.

use chrono::Duration;
use hearth_actions::{
    block,
    post::{self, Answering, PostForm},
    search,
};
use hearth_db::{
    tables::{actors::Actor, posts::Post},
    views::{After, visible::Reader},
};
use hearth_domain::{
    card,
    id::{AccountId, ActorId},
    membership::Role,
};
use serde_json::json;
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form},
};

struct Circle {
    world: World,
    group: Actor,
    wren: (AccountId, ActorId),
    teal: (AccountId, ActorId),
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let [wren, teal] = ["wren", "teal"].map(|name| world.member(group.id, name, Role::Member));
        Self { world, group, wren, teal }
    }

    fn publish(&self, title: &str, text: &str, visibility: &str) -> Post {
        self.world.clock.advance(Duration::minutes(61));
        let form = PostForm { visibility: visibility.to_owned(), ..post_form(self.wren.1, title, text) };
        post::publish(&self.world.app, self.wren.0, self.group.id, &form).unwrap()
    }

    fn part(&self, who: Option<AccountId>, q: &str, after: Option<After>, most: usize) -> (Vec<String>, Option<After>) {
        let words = card::search(q).unwrap();
        let read = self.world.app.db.read(|c| {
            let reader = who.map_or_else(|| Ok(Reader::anybody()), |who| Reader::account(c, who))?;
            search::group(c, &reader, self.group.id, &words, after, most)
        });
        let found = read.unwrap();
        let words = |post: Post| post.title.unwrap_or_else(|| "a reply".to_owned());
        (found.hits.into_iter().map(|one| words(one.post)).collect(), found.next)
    }

    fn found(&self, who: Option<AccountId>, q: &str) -> Vec<String> {
        self.part(who, q, None, 50).0
    }
}

#[test]
fn it_finds_what_the_reader_may_see_newest_first() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren, teal) = (&circle.world.app, Some(circle.wren.0), Some(circle.teal.0));
        let first = circle.publish("Ärger am Morgen", "The *kettle* was cold.", "public");
        circle.publish("Evenings", "A kettle, and nobody to talk to.", "members");
        let answer = PostForm {
            visibility: "public".into(),
            ..post_form(circle.teal.1, "", "My kettle too, 100% of the time.")
        };
        circle.world.clock.advance(Duration::minutes(1));
        post::reply(app, circle.teal.0, Answering::Post(first.id), &answer).unwrap();
        assert_eq!(circle.found(wren, "kettle"), ["a reply", "Evenings", "Ärger am Morgen"]);
        assert_eq!(circle.found(None, "KETTLE"), ["a reply", "Ärger am Morgen"]);
        assert_eq!(circle.found(teal, "ärger kettle"), ["Ärger am Morgen"], "all words, wherever each stands");
        assert_eq!(circle.found(teal, "0%"), ["a reply"], "signs stand for themselves");
        for nothing in ["", "%", "_ettle", "kettle zebra", "strong", "<p>"] {
            let found = circle.found(None, nothing);
            assert!(found.is_empty() || nothing == "%" && found == ["a reply"], "{nothing}: {found:?}");
        }
        // What is gone is found no more; nor what whom one muted wrote.
        block::mute(app, circle.teal.0, circle.wren.1, true).unwrap();
        assert_eq!(circle.found(teal, "kettle"), ["a reply"]);
        post::delete(app, circle.wren.0, first.id).unwrap();
        assert_eq!(circle.found(None, "kettle"), ["a reply"]);
        assert!(circle.found(wren, "ärger").is_empty());
    });
}

#[test]
fn it_goes_on_where_it_stopped() {
    each_database(|database| {
        let circle = Circle::new(database);
        for number in 1..=5 {
            circle.publish(&format!("Kettle {number}"), "Again.", "public");
        }
        let (first, next) = circle.part(None, "kettle", None, 2);
        assert_eq!(first, ["Kettle 5", "Kettle 4"]);
        let (second, next) = circle.part(None, "kettle", next, 2);
        assert_eq!(second, ["Kettle 3", "Kettle 2"]);
        let (last, next) = circle.part(None, "kettle", next, 2);
        assert!(last == ["Kettle 1"] && next.is_none(), "{last:?}");
        // A large group is looked through part by part, also where a part holds nothing.
        let row = circle.publish("Long ago", "The last kettle.", "public");
        let filler = |number: i64| Post {
            id: hearth_domain::id::PostId::random(&*circle.world.app.entropy),
            ap_id: format!("https://oak.test/p/filler{number}").parse().unwrap(),
            title: Some("Filler".into()),
            source: "Nothing.".into(),
            published_at: (row.published_at.utc() + Duration::seconds(number)).into(),
            ..row.clone()
        };
        circle.world.write(|tx| (1..=5_000).try_for_each(|number| filler(number).insert(tx)));
        let (none, next) = circle.part(None, "last kettle", None, 20);
        assert!(none.is_empty() && next.is_some());
        let (found, next) = circle.part(None, "last kettle", next, 20);
        assert!(found == ["Long ago"] && next.is_none(), "{found:?}");
    });
}

#[test]
fn what_came_from_elsewhere_is_searched_in_its_words_alone() {
    each_database(|database| {
        let circle = Circle::new(database);
        let kim = circle.world.remote_follower(&circle.group, "https://elm.test/u/kim");
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let page = json!({"id": "https://elm.test/p/1", "type": "Page", "attributedTo": kim.ap_id.as_str(), "name": "From afar",
            "content": "<p>Tea &amp; <a href=\"https://elm.test/kettles\">talk</a></p>",
            "to": [circle.group.ap_id.as_str(), public], "audience": circle.group.ap_id.as_str()});
        let create = json!({"id": "https://elm.test/a/1", "type": "Create", "actor": kim.ap_id.as_str(),
            "to": [circle.group.ap_id.as_str(), public], "object": page});
        circle.world.receive(&kim, &create).unwrap();
        assert_eq!(circle.found(None, "talk"), ["From afar"]);
        for nothing in ["kettles", "href", "amp;"] {
            assert!(circle.found(None, nothing).is_empty(), "{nothing}");
        }
    });
}
