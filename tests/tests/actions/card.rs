//! The library of a group: asking for a card, the author's answer, who reads it, and that nothing leads from a card
//! without a name to its post or author.

use hearth_actions::{
    ActionError, App,
    card::{self, CardForm},
    care::{self, CareForm},
    cleanup, erase, export, log, membership, moderation, notice, persona,
    post::{self, Answering, PostForm},
    talk::{self, RulesForm},
    topics::{self, TopicLine},
};
use hearth_db::{
    dialect,
    tables::{actors::Actor, posts::Post},
    views::{
        library::{self, AfterCard, ReadCard, Wanted},
        visible::Reader,
    },
};
use hearth_domain::{
    Denied,
    card::search,
    group::Template,
    id::{AccountId, ActorId, CardId, PostId, TopicId},
    membership::{Parting, Role},
    notice::Kind,
};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, post_form, refused_fields},
};

type Person = (AccountId, ActorId);

/// A group with its owner and three members.
struct Circle {
    world: World,
    keeper: Person,
    group: Actor,
    wren: Person,
    teal: Person,
    finch: Person,
}

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group_like(keeper, owner, "circle", "peer_support_circle");
        let [wren, teal, finch] = ["wren", "teal", "finch"].map(|name| world.member(group.id, name, Role::Member));
        Self { world, keeper: (keeper, owner), group, wren, teal, finch }
    }

    fn app(&self) -> &App {
        &self.world.app
    }

    fn publish(&self, (account, persona): Person, title: &str, unnamed: bool) -> Post {
        self.world.clock.advance(chrono::Duration::minutes(61));
        let unnamed = if unnamed { "yes" } else { "" }.to_owned();
        let typed = PostForm { unnamed, ..post_form(persona, title, "Walking by the water.") };
        post::publish(self.app(), account, self.group.id, &typed).unwrap()
    }

    fn keep(&self, who: Person, post: &Post, naming: &str, title: &str) -> CardId {
        card::keep(self.app(), who.0, post.id, &form(title, naming)).unwrap()
    }

    /// The library as an account reads it.
    fn cards(&self, account: Option<AccountId>, wanted: Wanted<'_>) -> Vec<ReadCard> {
        self.world.read(|c| {
            let reader = account.map_or_else(|| Ok(Reader::anybody()), |account| Reader::account(c, account))?;
            let (_, row) = hearth_db::tables::groups::with_actor(c, self.group.id)?.unwrap();
            library::cards(c, &reader, &row, wanted, None, 50)
        })
    }

    /// Titles in the library, each with the name it stands under.
    fn shelf(&self, who: Person) -> Vec<(String, Option<String>)> {
        let mut shelf: Vec<(String, Option<String>)> = self
            .cards(Some(who.0), Wanted::default())
            .into_iter()
            .map(|one| (one.card.title, one.author.map(|author| author.display_name)))
            .collect();
        shelf.sort();
        shelf
    }

    fn asked(&self, who: Person) -> Vec<Option<PostId>> {
        let all = notice::list(self.app(), who.0).unwrap();
        all.into_iter()
            .filter(|one| one.notice.kind == Kind::CardAsked)
            .map(|one| one.post.map(|post| post.id))
            .collect()
    }

    fn topics(&self, names: &[&str]) -> Vec<TopicId> {
        let list: Vec<TopicLine> = names.iter().map(|name| TopicLine { id: None, name: (*name).to_owned() }).collect();
        let all = topics::set(self.app(), self.keeper.0, self.group.id, &list, &[]).unwrap();
        all.into_iter().map(|topic| topic.id).collect()
    }
}

fn form(title: &str, naming: &str) -> CardForm {
    CardForm { title: title.into(), text: "Walking *slowly*.".into(), naming: naming.into(), ..CardForm::default() }
}

fn named(title: &str, name: &str) -> (String, Option<String>) {
    (title.to_owned(), Some(name.to_owned()))
}

fn unnamed(title: &str) -> (String, Option<String>) {
    (title.to_owned(), None)
}

#[test]
fn the_group_asks_and_the_author_answers() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        let post = circle.publish(circle.wren, "Water", false);
        card::ask(app, circle.teal.0, post.id).unwrap();
        card::ask(app, circle.finch.0, post.id).unwrap();
        card::ask(app, circle.teal.0, post.id).unwrap();
        assert_eq!(circle.asked(circle.wren), [Some(post.id)], "once, whoever asks");
        let one = notice::list(app, circle.wren.0).unwrap().into_iter().find(|one| one.post.is_some()).unwrap();
        assert!(one.about.is_none() && one.notice.words.is_empty(), "the group asks, and nobody else");
        let is_asked = |who: Person| circle.app().db.read(|c| card::is_asked(c, who.0, &post)).unwrap();
        assert!(is_asked(circle.wren) && !is_asked(circle.teal));
        // Nobody but the author decides.
        let other = card::keep(app, circle.teal.0, post.id, &form("Mine now", "unnamed"));
        assert!(matches!(other, Err(ActionError::Denied(Denied::AuthorOnly))));
        let other = card::decline(app, circle.keeper.0, post.id);
        assert!(matches!(other, Err(ActionError::Denied(Denied::AuthorOnly))));
        assert_eq!(refused_fields(card::keep(app, circle.wren.0, post.id, &form("x", ""))), ["title", "named"]);
        // No: nobody is told, nobody asks again, and who asks is answered as before.
        let told = notice::list(app, circle.teal.0).unwrap().len();
        card::decline(app, circle.wren.0, post.id).unwrap();
        card::ask(app, circle.teal.0, post.id).unwrap();
        card::ask(app, circle.finch.0, post.id).unwrap();
        assert!(!is_asked(circle.wren) && circle.asked(circle.wren).len() == 1);
        assert_eq!(notice::list(app, circle.teal.0).unwrap().len(), told);
        assert!(circle.shelf(circle.teal).is_empty());
        // They may keep it after all. The same form sent twice keeps once.
        let typed = CardForm { draft: "0000000000zzz".into(), ..form("By the water", "named") };
        let kept = card::keep(app, circle.wren.0, post.id, &typed).unwrap();
        assert_eq!(card::keep(app, circle.wren.0, post.id, &typed).unwrap(), kept);
        assert_eq!(circle.shelf(circle.teal), [named("By the water", "wren")]);
        let twin = card::keep(app, circle.keeper.0, circle.publish(circle.keeper, "Tea", false).id, &typed);
        assert!(matches!(twin, Err(ActionError::Conflict(_))));
        let own = card::ask(app, circle.wren.0, post.id);
        assert!(matches!(own, Err(ActionError::Conflict(_))));
        assert!(circle.world.sent().is_empty(), "nothing of it leaves this server");
    });
}

#[test]
fn only_what_is_there_and_whose_author_can_be_asked() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (world, app) = (&circle.world, circle.app());
        let (stranger, _) = world.account("heron");
        let post = circle.publish(circle.wren, "Water", false);
        assert!(matches!(card::ask(app, stranger, post.id), Err(ActionError::NotFound)));
        let gone = circle.publish(circle.wren, "Gone", false);
        post::delete(app, circle.wren.0, gone.id).unwrap();
        assert!(matches!(card::ask(app, circle.teal.0, gone.id), Err(ActionError::Gone)));
        let removed = circle.publish(circle.wren, "Removed", false);
        moderation::act(app, circle.keeper.0, removed.id, &moderation::Act::Remove("No.".into())).unwrap();
        let kept = card::keep(app, circle.wren.0, removed.id, &form("Kept", "named"));
        assert!(matches!(kept, Err(ActionError::Gone)));
        // A member elsewhere can't be asked, and who only follows doesn't decide about a library.
        let tea = world.group(circle.keeper.0, circle.keeper.1, "tea");
        let kim = world.remote_member(&tea, "https://elm.test/u/kim");
        let (to, id) = ([tea.ap_id.as_str(), "https://www.w3.org/ns/activitystreams#Public"], kim.ap_id.as_str());
        let note = serde_json::json!({
            "id": "https://elm.test/a/1", "type": "Create", "actor": id, "to": to, "object": {
                "id": "https://elm.test/p/1", "type": "Page", "attributedTo": id, "name": "From far away",
                "content": "<p>Hello there</p>", "to": to, "cc": [], "audience": tea.ap_id.as_str(),
                "published": "2026-11-24T09:00:00Z",
            },
        });
        world.receive(&kim, &note).unwrap();
        let theirs = world.read(|c| hearth_db::tables::posts::by_ap_id(c, "https://elm.test/p/1")).unwrap();
        let refused = card::ask(app, circle.keeper.0, theirs.id);
        assert!(matches!(refused, Err(ActionError::Conflict(words)) if words.contains("another server")));
        assert!(card::ask(app, stranger, theirs.id).is_err());
        let own = post_form(circle.keeper.1, "Open to all", "Words.");
        let open = post::publish(app, circle.keeper.0, tea.id, &own).unwrap();
        assert!(matches!(card::ask(app, stranger, open.id), Err(ActionError::Denied(Denied::MembersOnly))));
        // Somebody who left is asked nothing, and it looks the same.
        membership::leave(app, circle.wren.0, circle.group.id).unwrap();
        card::ask(app, circle.teal.0, post.id).unwrap();
        assert!(circle.asked(circle.wren).is_empty());
        // Nothing is added to an archived group.
        let last = circle.publish(circle.teal, "Last", false);
        care::archive(app, circle.keeper.0, circle.group.id, true).unwrap();
        for refused in [
            card::ask(app, circle.finch.0, last.id),
            card::keep(app, circle.teal.0, last.id, &form("Last", "named")).map(drop),
        ] {
            assert!(matches!(refused, Err(ActionError::Denied(Denied::Archived))));
        }
    });
}

/// Every column of every row in which a word or number appears, but in these tables.
fn rows_with(circle: &Circle, needle: &str, but: &[&str]) -> Vec<String> {
    let rows = circle.world.read(dialect::every_row);
    let found = rows.into_iter().filter(|(table, line)| !but.contains(&table.as_str()) && line.contains(needle));
    found.map(|(table, line)| format!("{table}: {line}")).collect()
}

#[test]
fn nothing_leads_from_an_unnamed_card_to_its_post_or_author() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        let topics = circle.topics(&["Nights"]);
        let (sealed, open) =
            (circle.publish(circle.wren, "Can’t sleep", true), circle.publish(circle.teal, "A walk", false));
        card::ask(app, circle.finch.0, sealed.id).unwrap();
        assert_eq!(circle.asked(circle.wren), [Some(sealed.id)], "also behind the seal, and nobody else learns of it");
        for other in [circle.keeper, circle.teal, circle.finch] {
            assert!(circle.asked(other).is_empty());
        }
        let tried = card::keep(app, circle.wren.0, sealed.id, &form("Nights", "named"));
        assert_eq!(refused_fields(tried), ["named"], "what was written without a name never gets one");
        let typed = CardForm {
            topics: vec![topics[0].to_string()],
            proposed: "Early mornings".into(),
            ..form("When I can’t sleep", "unnamed")
        };
        let first = card::keep(app, circle.wren.0, sealed.id, &typed).unwrap();
        assert_eq!(refused_fields(card::change(app, circle.wren.0, first, &form("Nights", "named"))), ["named"]);
        // Another hour of another day of the month, and another author: what is read of the two differs in words alone.
        circle.world.clock.advance(chrono::Duration::days(3));
        let second = circle.keep(circle.teal, &open, "unnamed", "When I walk");
        for reader in [circle.keeper, circle.finch] {
            let cards = circle.cards(Some(reader.0), Wanted::default());
            assert_eq!(cards.len(), 2);
            assert!(cards.iter().all(|one| one.author.is_none() && one.card.author_id.is_none()));
            assert_eq!(cards[0].card.month, cards[1].card.month);
            assert!(cards.windows(2).all(|two| two[0].card.id > two[1].card.id), "their order is that of their chance");
            let own = app.db.read(|c| card::own_ids(c, reader.0)).unwrap();
            assert!(own.is_empty() && card::own(app, reader.0).unwrap().is_empty());
        }
        // Whose a card is stands in one table, and which post it was in none: no row that names a card names a post.
        for (id, author, post) in [(first, circle.wren.1, sealed.id), (second, circle.teal.1, open.id)] {
            let with_card = rows_with(&circle, &id.get().to_string(), &["card_owners"]);
            assert!(!with_card.is_empty());
            for line in with_card {
                assert!(!line.contains(&post.get().to_string()) && !line.contains(&author.get().to_string()), "{line}");
            }
            let owners = rows_with(&circle, &id.get().to_string(), &["cards", "card_marks"]);
            assert!(owners.len() == 1 && !owners[0].contains(&post.get().to_string()), "{owners:?}");
        }
        // The proposed topic is a row of its own; members see it when it is listed.
        let shown = |who: Person| -> Vec<String> {
            let cards = circle.cards(Some(who.0), Wanted::default());
            cards.into_iter().flat_map(|one| one.topics).map(|topic| topic.name).collect()
        };
        assert_eq!(shown(circle.finch), ["Nights"]);
        // The log: no name, no card, no words, and the day alone.
        let changed = CardForm { topics: typed.topics.clone(), ..form("When sleep stays away", "unnamed") };
        card::change(app, circle.wren.0, first, &changed).unwrap();
        card::remove(app, circle.wren.0, first).unwrap();
        let lines = log::of_group(app, circle.keeper.0, circle.group.id).unwrap();
        let about: Vec<_> = lines.into_iter().filter(|one| one.line.deed.as_str().starts_with("card_")).collect();
        let deeds: Vec<&str> = about.iter().map(|one| one.line.deed.as_str()).collect();
        assert!(deeds.contains(&"card_changed") && deeds.contains(&"card_taken_back") && deeds.len() == 2, "{deeds:?}");
        for one in about {
            assert!(one.by.is_none() && one.about.is_none() && one.line.post_id.is_none());
            assert_eq!(one.line.at.utc().timestamp() % 86_400, 0, "a moment could say who it was");
        }
        let words = rows_with(&circle, "sleep stays away", &[]);
        assert!(words.is_empty(), "what was taken back is gone: {words:?}");
    });
}

#[test]
fn the_members_read_it_and_nobody_else() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (world, app) = (&circle.world, circle.app());
        let (stranger, _) = world.account("heron");
        let post = circle.publish(circle.wren, "Water", false);
        let id = circle.keep(circle.wren, &post, "named", "By the water");
        let read = |account| {
            app.db.read(|c| {
                let reader = Reader::account(c, account)?;
                library::card(c, &reader, id)
            })
        };
        for template in Template::ALL {
            world.settle(circle.group.id, template.settings());
            for (who, may) in [(circle.teal.0, true), (circle.keeper.0, true), (stranger, false)] {
                assert_eq!(read(who).unwrap().is_some(), may, "{template}");
                assert_eq!(circle.cards(Some(who), Wanted::default()).len(), usize::from(may), "{template}");
            }
            assert!(circle.cards(None, Wanted::default()).is_empty(), "{template}: not for who isn't signed in");
        }
        for refused in [
            card::change(app, stranger, id, &form("Mine", "unnamed")),
            card::remove(app, stranger, id),
            card::remove(app, stranger, CardId::try_from(77).unwrap()),
        ] {
            assert!(matches!(refused, Err(ActionError::NotFound)), "as where there is nothing");
        }
        let other = card::change(app, circle.teal.0, id, &form("Mine", "unnamed"));
        assert!(matches!(other, Err(ActionError::Denied(Denied::AuthorOnly))));
        assert!(matches!(card::remove(app, circle.teal.0, id), Err(ActionError::Denied(Denied::FacilitatorsOnly))));
        // Its author takes the name off; who looks after the group removes it, and its author hears that it is gone.
        card::change(app, circle.wren.0, id, &form("By the water", "unnamed")).unwrap();
        assert_eq!(circle.shelf(circle.teal), [unnamed("By the water")]);
        card::remove(app, circle.keeper.0, id).unwrap();
        assert!(circle.shelf(circle.teal).is_empty());
        assert!(notice::list(app, circle.wren.0).unwrap().iter().any(|one| one.notice.kind == Kind::Withheld));
        // Whom somebody muted is not in their library, as long as a name is on it.
        circle.keep(circle.wren, &post, "named", "Named");
        circle.keep(circle.wren, &post, "unnamed", "Unnamed");
        hearth_actions::block::mute(app, circle.teal.0, circle.wren.1, true).unwrap();
        assert_eq!(circle.shelf(circle.teal), [unnamed("Unnamed")]);
        hearth_actions::block::block(app, circle.wren.0, circle.wren.1, circle.finch.1, true).unwrap();
        assert_eq!(circle.shelf(circle.finch), [unnamed("Unnamed")]);
        assert_eq!(circle.shelf(circle.keeper).len(), 2);
    });
}

#[test]
fn searching_topics_and_pages() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        let topics = circle.topics(&["Nights", "Work"]);
        let post = circle.publish(circle.wren, "Water", false);
        for (title, text, topic) in [
            ("Ärzte finden", "50% of it is a_b waiting \\ here.", 0),
            ("Cold water", "On the WRISTS, when\nit is night.", 0),
            ("Ask for help", "Call your manager.", 1),
        ] {
            circle.world.clock.advance(chrono::Duration::days(31));
            let typed =
                CardForm { text: text.into(), topics: vec![topics[topic].to_string()], ..form(title, "unnamed") };
            card::keep(app, circle.wren.0, post.id, &typed).unwrap();
        }
        let found = |q: &str, topic: Option<TopicId>| -> Vec<String> {
            let words = search(q).unwrap();
            let cards = circle.cards(Some(circle.teal.0), Wanted { id: None, topic, words: &words });
            cards.into_iter().map(|one| one.card.title).collect()
        };
        assert_eq!(found("", None), ["Ask for help", "Cold water", "Ärzte finden"], "the newest month first");
        for (q, titles) in [
            ("ÄRZTE", vec!["Ärzte finden"]),
            ("wrists NIGHT", vec!["Cold water"]),
            ("wrists manager", vec![]),
            ("50%", vec!["Ärzte finden"]),
            ("5%0", vec![]),
            ("a_b", vec!["Ärzte finden"]),
            ("a_t", vec![]),
            ("\\", vec!["Ärzte finden"]),
            ("'", vec![]),
        ] {
            assert_eq!(found(q, None), titles, "{q}");
        }
        assert_eq!(found("", Some(topics[0])), ["Cold water", "Ärzte finden"]);
        assert_eq!(found("water", Some(topics[1])), Vec::<String>::new());
        // Page by page, each once.
        let (mut after, mut titles): (Option<AfterCard>, Vec<String>) = (None, Vec::new());
        loop {
            let page = circle.world.read(|c| {
                let reader = Reader::account(c, circle.teal.0)?;
                let (_, row) = hearth_db::tables::groups::with_actor(c, circle.group.id)?.unwrap();
                library::cards(c, &reader, &row, Wanted::default(), after, 1)
            });
            let Some(last) = page.last() else { break };
            after = Some(AfterCard { month: last.card.month, id: last.card.id });
            titles.extend(page.into_iter().map(|one| one.card.title));
        }
        assert_eq!(titles, found("", None));
        // Another name for a topic is on its cards at once; a topic that goes leaves them.
        let line = |id: Option<TopicId>, name: &str| TopicLine { id, name: name.to_owned() };
        let list = [line(Some(topics[0]), "At night"), line(None, "Mornings")];
        topics::set(app, circle.keeper.0, circle.group.id, &list, &[]).unwrap();
        let cards = circle.cards(Some(circle.teal.0), Wanted::default());
        let names: Vec<Vec<&str>> =
            cards.iter().map(|one| one.topics.iter().map(|topic| &*topic.name).collect()).collect();
        assert_eq!(names, [vec![], vec!["At night"], vec!["At night"]]);
        for (list, by, expected) in [
            (vec![line(None, "a"), line(None, "A")], circle.keeper, "fields"),
            (vec![line(Some(topics[1]), "Work")], circle.keeper, "fields"),
            (vec![line(None, &"x".repeat(61))], circle.keeper, "fields"),
            (vec![], circle.wren, "denied"),
        ] {
            match (topics::set(app, by.0, circle.group.id, &list, &[]), expected) {
                (Err(ActionError::Denied(Denied::FacilitatorsOnly)), "denied") => {}
                (refused, "fields") => assert_eq!(refused_fields(refused), ["topics"]),
                (other, _) => panic!("{:?}", other.map(|_| "taken")),
            }
        }
        let wrong = CardForm { topics: vec![topics[1].to_string()], ..form("Work", "unnamed") };
        assert_eq!(refused_fields(card::keep(app, circle.wren.0, post.id, &wrong)), ["topics"]);
    });
}

#[test]
fn a_proposed_topic_waits_and_a_listed_word_is_refused() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        let post = circle.publish(circle.wren, "Water", false);
        let typed = CardForm { proposed: " Early  mornings ".into(), ..form("Up early", "unnamed") };
        let id = card::keep(app, circle.wren.0, post.id, &typed).unwrap();
        let topics = |who: Person| {
            app.db.read(|c| {
                let reader = Reader::account(c, who.0)?;
                let found = library::card(c, &reader, id)?;
                Ok::<_, ActionError>(found.unwrap().0.topics.into_iter().map(|topic| topic.name).collect::<Vec<_>>())
            })
        };
        assert!(topics(circle.teal).unwrap().is_empty() && topics(circle.wren).unwrap().is_empty());
        assert!(matches!(topics::all(app, circle.teal.0, circle.group.id), Err(ActionError::Denied(_))));
        let waiting = topics::all(app, circle.keeper.0, circle.group.id).unwrap();
        assert!(waiting.len() == 1 && waiting[0].name == "Early mornings" && !waiting[0].listed);
        // Its card keeps it through a change, and shows it once it is listed.
        card::change(app, circle.wren.0, id, &form("Up at six", "unnamed")).unwrap();
        let line = TopicLine { id: Some(waiting[0].id), name: "Mornings".into() };
        topics::set(app, circle.keeper.0, circle.group.id, std::slice::from_ref(&line), &[]).unwrap();
        assert_eq!(topics(circle.teal).unwrap(), ["Mornings"]);
        // One that is declined goes; one that nobody decided about waits on.
        for name in ["Tea", "Coffee"] {
            let typed = CardForm { proposed: name.into(), ..form("A cup", "unnamed") };
            card::keep(app, circle.wren.0, post.id, &typed).unwrap();
        }
        let tea = topics::all(app, circle.keeper.0, circle.group.id).unwrap();
        let tea = tea.iter().find(|topic| topic.name == "Tea").unwrap().id;
        let left = topics::set(app, circle.keeper.0, circle.group.id, &[line], &[tea]).unwrap();
        assert_eq!(
            left.iter().map(|topic| (&*topic.name, topic.listed)).collect::<Vec<_>>(),
            [("Mornings", true), ("Coffee", false)]
        );

        let words = CareForm { held_words: "nettles\nslowly".into(), ..CareForm::default() };
        care::settle(app, circle.keeper.0, circle.group.id, &words).unwrap();
        let kept = card::keep(app, circle.wren.0, post.id, &form("By the water", "named"));
        assert_eq!(refused_fields(kept), ["text"], "in other words than those that were posted");
        let as_posted = CardForm { text: post.source.clone(), ..form("Water", "named") };
        card::keep(app, circle.wren.0, post.id, &as_posted).unwrap();
        let smuggled = CardForm { content_note: "nettles".into(), ..as_posted };
        assert_eq!(refused_fields(card::keep(app, circle.wren.0, post.id, &smuggled)), ["text"]);
    });
}

#[test]
fn a_card_outlives_its_post() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        let rules = RulesForm { unnamed: "yes".into(), fades_after: "10".into(), ..RulesForm::default() };
        talk::change(app, circle.keeper.0, circle.group.id, &rules).unwrap();
        let fades = circle.publish(circle.wren, "Fades", false);
        let reply = post::reply(
            app,
            circle.teal.0,
            Answering::Post(fades.id),
            &PostForm { unnamed: "yes".into(), ..post_form(circle.teal.1, "", "An answer.") },
        );
        let reply = reply.unwrap();
        let deleted = circle.publish(circle.finch, "Deleted", false);
        circle.keep(circle.wren, &fades, "named", "From a post that fades");
        let id = circle.keep(circle.teal, &reply, "unnamed", "From a reply that fades");
        circle.keep(circle.finch, &deleted, "named", "From a deleted post");
        card::ask(app, circle.teal.0, circle.publish(circle.wren, "Asked", false).id).unwrap();
        post::delete(app, circle.finch.0, deleted.id).unwrap();
        circle.world.clock.advance(chrono::Duration::days(12));
        cleanup::forget(app).unwrap();
        let gone = circle.world.read(|c| hearth_db::tables::posts::by_id(c, reply.id)).unwrap();
        assert!(gone.deleted_at.is_some() && gone.source.is_empty());
        assert_eq!(
            circle.shelf(circle.keeper),
            [
                named("From a deleted post", "finch"),
                named("From a post that fades", "wren"),
                unnamed("From a reply that fades")
            ]
        );
        assert!(circle.asked(circle.wren).is_empty(), "what is gone is not asked about");
        // It is still its author's own.
        card::change(app, circle.teal.0, id, &form("Still mine", "unnamed")).unwrap();
        card::remove(app, circle.teal.0, id).unwrap();
        assert_eq!(circle.shelf(circle.keeper).len(), 2);
    });
}

#[test]
fn leaving_and_erasing_do_what_was_chosen() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = circle.app();
        for who in [circle.wren, circle.teal, circle.finch] {
            let post = circle.publish(who, "Water", false);
            circle.keep(who, &post, "named", "Named");
            circle.keep(who, &post, "unnamed", "Unnamed");
        }
        membership::leave_with(app, circle.wren.0, circle.group.id, Parting::Kept).unwrap();
        membership::leave_with(app, circle.teal.0, circle.group.id, Parting::Unnamed).unwrap();
        membership::leave_with(app, circle.finch.0, circle.group.id, Parting::Removed).unwrap();
        // What finch kept without a name doesn't go in the moment in which they do.
        let of = |title: &str| circle.shelf(circle.keeper).iter().filter(|(one, _)| one == title).count();
        assert_eq!((of("Named"), of("Unnamed")), (2, 3));
        assert_eq!(circle.shelf(circle.keeper)[..2], [unnamed("Named"), named("Named", "wren")]);
        circle.world.clock.advance(chrono::Duration::days(3));
        cleanup::forget(app).unwrap();
        assert_eq!((of("Named"), of("Unnamed")), (2, 2));
        // Who left reads nothing there, and can take theirs back all the same.
        assert!(circle.shelf(circle.wren).is_empty());
        for (who, count) in [(circle.wren, 2), (circle.teal, 2), (circle.finch, 0)] {
            let own = card::own(app, who.0).unwrap();
            assert!(own.len() == count && own.iter().all(|one| !one.readable));
        }
        let own = card::own(app, circle.teal.0).unwrap();
        assert!(matches!(
            card::change(app, circle.teal.0, own[0].card.card.id, &form("X y", "named")),
            Err(ActionError::NotFound)
        ));
        for one in own {
            card::remove(app, circle.teal.0, one.card.card.id).unwrap();
        }
        assert_eq!((of("Named"), of("Unnamed")), (1, 1));
        // Erased: what has a name goes with it, or loses it and is nobody's.
        let (mallow, fern) = (
            circle.world.member(circle.group.id, "mallow", Role::Member),
            circle.world.member(circle.group.id, "fern", Role::Member),
        );
        for (who, cards) in [(mallow, Parting::Unnamed), (fern, Parting::Removed)] {
            persona::create(app, who.0, &format!("second{}", who.0), "Second").unwrap();
            let post = circle.publish(who, "Water", false);
            circle.keep(who, &post, "named", "Of the erased");
            circle.keep(who, &post, "unnamed", "Of the erased too");
            erase::persona_with(app, who.0, who.1, cards).unwrap();
        }
        assert_eq!((of("Of the erased"), of("Of the erased too")), (1, 2));
        circle.world.clock.advance(chrono::Duration::days(3));
        cleanup::forget(app).unwrap();
        assert_eq!((of("Of the erased"), of("Of the erased too")), (1, 1));
        assert!(circle.shelf(circle.keeper).contains(&unnamed("Of the erased")));
        assert!(card::own(app, mallow.0).unwrap().is_empty(), "they are nobody's now");
        let owners = rows_with(&circle, &mallow.1.get().to_string(), &[]);
        assert!(!owners.iter().any(|line| line.starts_with("card")), "{owners:?}");
        // And with the group everything goes.
        erase::group(app, circle.keeper.0, circle.group.id).unwrap();
        let left = circle.world.read(dialect::every_row);
        let left = left.iter().filter(|(table, _)| table.starts_with("card") && table != "card_requests").count();
        assert_eq!(left, 0);
    });
}

#[test]
fn a_copy_of_the_group_holds_its_cards() {
    each_database(|database| {
        let circle = Circle::new(database);
        let topics = circle.topics(&["Nights"]);
        let post = circle.publish(circle.wren, "Water", false);
        let typed = CardForm { topics: vec![topics[0].to_string()], ..form("Named <b>", "named") };
        card::keep(circle.app(), circle.wren.0, post.id, &typed).unwrap();
        circle.keep(circle.wren, &post, "unnamed", "Unnamed");
        let bytes = export::group(circle.app(), circle.keeper.0, circle.group.id).unwrap();
        // Its files are stored as they are.
        let zip = String::from_utf8_lossy(&bytes).into_owned();
        let json = zip.split_once("\"cards\":").unwrap().1;
        let mut read = serde_json::Deserializer::from_str(json).into_iter::<Vec<serde_json::Value>>();
        let mut cards = read.next().unwrap().unwrap();
        cards.sort_by_key(|one| one["title"].as_str().unwrap().to_owned());
        assert_eq!((&cards[0]["author"], &cards[0]["topics"][0]), (&"wren".into(), &"Nights".into()));
        assert!(cards[1]["author"].is_null() && cards[1]["month"] == "2026-11" && cards.len() == 2);
        assert!(zip.contains("<h2>Named &lt;b&gt;</h2>") && zip.contains("<em>slowly</em>"), "{zip}");
    });
}

/// Nothing that shows a card reads the table that knows whose it is.
#[test]
fn no_view_and_no_document_names_the_owners() {
    for (file, text) in [
        ("views/library.rs", include_str!("../../../crates/hearth-db/src/views/library.rs")),
        ("views/visible.rs", include_str!("../../../crates/hearth-db/src/views/visible.rs")),
        ("tables/topics.rs", include_str!("../../../crates/hearth-db/src/tables/topics.rs")),
        ("topics.rs", include_str!("../../../crates/hearth-actions/src/topics.rs")),
        ("export.rs", include_str!("../../../crates/hearth-actions/src/export.rs")),
        ("documents.rs", include_str!("../../../crates/hearth-actions/src/documents.rs")),
    ] {
        assert!(!text.contains("card_owners") && !text.contains("card_requests"), "{file}");
    }
}
