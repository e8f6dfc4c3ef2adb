//! Pictures in posts: made anew, seen by whoever sees the post, and gone with it.

use ::image::{GenericImageView as _, ImageFormat, Rgba};
use chrono::Duration;
use hearth_actions::{
    ActionError,
    care::{self, CareForm, Words},
    cleanup, documents, erase, hold,
    image::{
        self, ImageForm, Link,
        reencode::{Reencoder, Unfit},
    },
    moderation::{self, Act},
    persona,
    post::{self, Answering, PostForm},
    rephrase,
    scheduled_post::{self, ScheduleForm},
    site,
    talk::{self, RulesForm},
};
use hearth_db::{
    dialect,
    tables::{
        actors::Actor,
        groups,
        images::{self, Picture},
        posts::{self, Post},
    },
    views::visible::Reader,
};
use hearth_domain::{
    group::Reach,
    id::{AccountId, ActorId, ImageId},
    image::{ImageState, MOST_KEPT, MOST_SENT},
    membership::Role,
};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    pictures::{self, CANARY},
    world::{World, post_form, refused_fields},
};

#[test]
fn a_picture_is_made_anew_without_all_that_was_in_its_file() {
    let maker = Reencoder::default();
    for (what, sent, kind, size) in [
        ("a photograph", pictures::with_position(), "image/jpeg", (20, 40)),
        ("a PNG", pictures::with_words(), "image/jpeg", (40, 20)),
        ("a WebP", pictures::as_format(ImageFormat::WebP), "image/jpeg", (40, 20)),
        ("a GIF", pictures::as_format(ImageFormat::Gif), "image/jpeg", (40, 20)),
        ("what one sees through", pictures::clear(), "image/png", (30, 30)),
        ("a large one", pictures::photograph(1_700, 16), "image/jpeg", (1_600, 15)),
    ] {
        let has_words = sent.windows(CANARY.len()).any(|part| part == CANARY.as_bytes());
        let made = maker.make(sent).unwrap_or_else(|why| panic!("{what}: {why:?}"));
        assert_eq!((made.media_type, made.size), (kind, size), "{what}");
        assert_eq!(has_words, matches!(what, "a photograph" | "a PNG"), "{what}");
        for kept in [CANARY, "Exif", "xmpmeta", "tEXt"] {
            assert!(!made.bytes.windows(kept.len()).any(|part| part == kept.as_bytes()), "{what} kept {kept}");
        }
        let again = ::image::load_from_memory(&made.bytes).expect("a picture");
        assert_eq!(again.dimensions(), size, "{what}");
    }
    // Held upright: what was on the left is above now.
    let turned = ::image::load_from_memory(&maker.make(pictures::with_position()).unwrap().bytes).unwrap();
    let Rgba([red, _, blue, _]) = turned.get_pixel(10, 4);
    assert!(red > 150 && blue < 100, "{red} {blue}");
    let clear = ::image::load_from_memory(&maker.make(pictures::clear()).unwrap().bytes).unwrap();
    assert_eq!((clear.get_pixel(2, 2).0[3], clear.get_pixel(28, 2).0[3]), (0, 255));
    let large = maker.make(pictures::noise(1_000)).unwrap();
    assert!(large.bytes.len() <= MOST_KEPT && large.size.0 >= 800, "{} {:?}", large.bytes.len(), large.size);
}

#[test]
fn what_is_no_picture_or_means_harm_is_refused() {
    let maker = Reencoder::default();
    let cut = |format| {
        let mut file = pictures::as_format(format);
        file.truncate(file.len() / 2);
        file
    };
    for (what, sent, why) in [
        ("50,000 × 50,000", pictures::png_of(50_000, 50_000), Unfit::TooManyPoints),
        ("a little too much", pictures::png_of(5_001, 5_000), Unfit::TooManyPoints),
        ("a GIF of 4,294 million points", pictures::gif_of((65_535, 65_535), (65_535, 65_535)), Unfit::TooManyPoints),
        ("a frame beyond its canvas", pictures::gif_of((10, 10), (65_535, 65_535)), Unfit::Damaged),
        ("no points", pictures::png_of(0, 10), Unfit::Damaged),
        ("a PNG with nothing in it", pictures::png_of(10, 10), Unfit::Damaged),
        ("half a WebP", cut(ImageFormat::WebP), Unfit::Damaged),
        ("half a PNG", cut(ImageFormat::Png), Unfit::Damaged),
        ("the first bytes of a JPEG", b"\xff\xd8\xff\xe0".to_vec(), Unfit::Damaged),
        ("nothing", Vec::new(), Unfit::NoPicture),
        (
            "an SVG",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(),
            Unfit::NoPicture,
        ),
        ("a page", b"<!doctype html><script>alert(1)</script>".to_vec(), Unfit::NoPicture),
        ("an actor", br#"{"type": "Person", "id": "https://oak.test/u/me"}"#.to_vec(), Unfit::NoPicture),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), Unfit::NoPicture),
        ("BMP", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0".to_vec(), Unfit::NoPicture),
        ("too many bytes", vec![0xff; MOST_SENT + 1], Unfit::TooLarge),
    ] {
        assert_eq!(maker.make(sent).map(|made| made.size), Err(why), "{what}");
    }
}

struct Circle {
    world: World,
    keeper: AccountId,
    group: Actor,
    otter: (AccountId, ActorId),
    wren: (AccountId, ActorId),
    heron: (AccountId, ActorId),
    stranger: AccountId,
}

/// Who of them sees a picture: its author, another member, a facilitator, a stranger, somebody not signed in.
type Seen = [bool; 5];
const ALL: Seen = [true; 5];
const MEMBERS: Seen = [true, true, true, false, false];
const AUTHOR: Seen = [true, false, false, false, false];
const LOOKS: Seen = [true, false, true, false, false];
const NOBODY: Seen = [false; 5];

impl Circle {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let otter = world.member(group.id, "otter", Role::Facilitator);
        let wren = world.member(group.id, "wren", Role::Member);
        let heron = world.member(group.id, "heron", Role::Member);
        let stranger = world.account("stranger").0;
        Self { world, keeper, group, otter, wren, heron, stranger }
    }

    fn keep(&self, account: AccountId) -> ImageForm {
        let kept = image::keep(&self.world.app, account, None, pictures::photograph(16, 8)).unwrap();
        ImageForm { id: kept.id.to_string(), description: "Two colours".into() }
    }

    fn form(&self, visibility: &str, images: Vec<ImageForm>) -> PostForm {
        let form = post_form(self.wren.1, "Colours", "I like these.");
        PostForm { visibility: visibility.into(), images: Some(images), ..form }
    }

    /// A post of wren's with one picture.
    fn post(&self, visibility: &str) -> (Post, ImageId) {
        let image = self.keep(self.wren.0);
        let id = image.id.parse().unwrap();
        let form = self.form(visibility, vec![image]);
        (post::publish(&self.world.app, self.wren.0, self.group.id, &form).unwrap(), id)
    }

    fn seen(&self, id: ImageId) -> Seen {
        let people = [Some(self.wren.0), Some(self.heron.0), Some(self.otter.0), Some(self.stranger), None];
        people.map(|who| {
            let seen = self.world.app.db.read(|c| {
                let reader = who.map_or(Ok(Reader::anybody()), |who| Reader::looking(c, who))?;
                image::seen(c, &reader, who, id)
            });
            match seen {
                Ok(seen) => seen.media_type == "image/jpeg" && seen.bytes.starts_with(b"\xff\xd8"),
                Err(ActionError::NotFound) => false,
                Err(other) => panic!("{other:?}"),
            }
        })
    }

    fn of(&self, post: &Post) -> Vec<Picture> {
        self.world.read(|c| images::of(c, ImageState::Shown, post.id.get()))
    }

    fn rows(&self) -> usize {
        self.world.read(dialect::every_row).iter().filter(|(table, _)| table == "images").count()
    }

    fn document(&self, post: &Post) -> Value {
        let now = self.world.app.clock.now();
        let site = self.world.app.db.read(site).unwrap();
        self.world.app.db.read(|c| documents::post(c, &site, post, now)).unwrap()
    }

    fn hold_words(&self, held_words: &str) {
        let form = CareForm { held_words: held_words.into(), answer_hours: "6".into(), ..CareForm::default() };
        care::settle(&self.world.app, self.keeper, self.group.id, &form).unwrap();
    }

    fn tidy(&self, days: i64) {
        self.world.clock.advance(Duration::days(days));
        cleanup::forget(&self.world.app).unwrap();
    }
}

fn described(image: &ImageForm, words: &str) -> ImageForm {
    ImageForm { description: words.into(), ..image.clone() }
}

fn words(text: &str) -> Words {
    Words { house_reply: String::new(), words: text.into() }
}

#[test]
fn a_picture_waits_for_its_post_in_one_pair_of_hands() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let image = circle.keep(circle.wren.0);
        let id: ImageId = image.id.parse().unwrap();
        assert_eq!(circle.seen(id), AUTHOR);
        let again = image::keep(app, circle.wren.0, Some(id), b"whatever".to_vec()).unwrap();
        assert!(again.id == id && circle.rows() == 1, "the same form sent twice");
        let guessed = image::keep(app, circle.heron.0, Some(id), pictures::photograph(8, 8)).unwrap();
        assert!(guessed.id != id && guessed.account_id == Some(circle.heron.0), "nothing is told of another's picture");
        app.db.write(|tx| images::delete(tx, guessed.id)).unwrap();
        // Nobody else can put it into a post of theirs, nor anybody without words.
        let mut stolen = circle.form("public", vec![image.clone()]);
        stolen.persona = circle.heron.1.to_string();
        assert_eq!(refused_fields(post::publish(app, circle.heron.0, circle.group.id, &stolen)), ["images"]);
        for wrong in [described(&image, " "), described(&image, &"x".repeat(1_501)), ImageForm::default()] {
            let form = circle.form("public", vec![wrong]);
            let mut fields = refused_fields(post::publish(app, circle.wren.0, circle.group.id, &form));
            fields.dedup();
            assert_eq!(fields, ["images"]);
        }
        let five = circle.form("public", vec![image.clone(); 5]);
        assert_eq!(refused_fields(post::publish(app, circle.wren.0, circle.group.id, &five)), ["images"]);
        assert_eq!(circle.seen(id), AUTHOR, "it waits as before");
        // Of many that nobody used the oldest go, and all after a day.
        for _ in 0..12 {
            circle.world.clock.advance(Duration::seconds(1));
            circle.keep(circle.wren.0);
        }
        assert!(circle.rows() == 12 && circle.seen(id) == NOBODY);
        circle.tidy(2);
        assert_eq!(circle.rows(), 0);
        let refused = image::keep(app, circle.wren.0, None, b"<svg/>".to_vec());
        assert_eq!(refused_fields(refused), ["images"]);
        app.db.room().ran_out();
        assert!(matches!(image::keep(app, circle.wren.0, None, Vec::new()), Err(ActionError::ShortOfRoom)));
        app.db.room().is_back();
    });
}

#[test]
fn whoever_sees_a_post_sees_its_pictures_and_nobody_else() {
    each_database(|database| {
        let circle = Circle::new(database);
        let app = &circle.world.app;
        let ((open, in_open), (kept, in_kept)) = (circle.post("public"), circle.post("members"));
        assert_eq!((circle.seen(in_open), circle.seen(in_kept)), (ALL, MEMBERS));
        let row = circle.world.read(|c| images::get(c, in_kept)).unwrap();
        assert!(row.account_id.is_none(), "nothing says who sent it");
        let attached = &circle.document(&open)["attachment"];
        let url = format!("https://oak.test/media/{in_open}");
        let told = json!([{"type": "Image", "mediaType": "image/jpeg", "url": url, "name": "Two colours"}]);
        assert_eq!(*attached, told);
        let sent = circle.world.sent();
        assert!(sent.iter().any(|sent| sent.body.to_string().contains(&url)), "it went out with the post");
        assert!(!sent.iter().any(|sent| sent.body.to_string().contains(&in_kept.to_string())));
        // Another server has one that is not for everybody by a link that opens it for two weeks.
        let link = circle.document(&kept)["attachment"][0]["url"].as_str().unwrap().parse::<url::Url>().unwrap();
        let value = |name: &str| link.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        let link = Link { until: value("until").parse().unwrap(), mac: value("mac") };
        let opens = |id, link: &Link| {
            let site = app.db.read(site).unwrap();
            let seen = app.db.read(|c| image::seen_by_link(c, app, &site, id, link));
            seen.map(|seen| !seen.by_everybody && !seen.bytes.is_empty()).unwrap_or_default()
        };
        assert!(opens(in_kept, &link));
        for wrong in [
            Link { until: link.until + 1, ..link.clone() },
            Link { mac: link.mac.chars().rev().collect(), ..link.clone() },
            Link { mac: String::new(), ..link.clone() },
        ] {
            assert!(!opens(in_kept, &wrong));
        }
        assert!(!opens(in_open, &link), "one link, one picture");
        circle.world.clock.advance(Duration::days(14) - Duration::seconds(1));
        assert!(opens(in_kept, &link));
        circle.world.clock.advance(Duration::seconds(1));
        assert!(!opens(in_kept, &link), "its time is over");
        circle.world.clock.advance(Duration::days(-1));
        circle.world.write(|tx| {
            let row = groups::by_id(tx, circle.group.id)?.unwrap();
            groups::update(tx, &groups::Group { reach: Reach::Here, ..row })
        });
        assert!(!opens(in_kept, &link), "the group keeps to itself now");
    });
}

#[test]
fn what_happens_to_a_post_happens_to_its_pictures() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, otter, wren) = (&circle.world.app, circle.otter.0, circle.wren.0);
        let (post, id) = circle.post("public");
        moderation::act(app, otter, post.id, &Act::Remove("Not here.".into())).unwrap();
        assert_eq!(circle.seen(id), NOBODY);
        moderation::act(app, otter, post.id, &Act::Restore).unwrap();
        assert_eq!(circle.seen(id), ALL);
        rephrase::hide(app, otter, post.id, false, &words("For now.")).unwrap();
        assert_eq!(circle.seen(id), AUTHOR, "its author sees what is hidden");
        moderation::act(app, otter, post.id, &Act::Restore).unwrap();
        assert_eq!(circle.seen(id), ALL);
        // Other words are asked for: they come with another picture.
        rephrase::hide(app, otter, post.id, true, &words("Less of it, please.")).unwrap();
        let (old, new) = (ImageForm { id: id.to_string(), description: "Two".into() }, circle.keep(wren));
        let form = circle.form("", vec![new.clone(), old]);
        post::edit(app, wren, post.id, &form).unwrap();
        let shown: Vec<(String, String)> =
            circle.of(&post).into_iter().map(|one| (one.id.to_string(), one.description)).collect();
        assert_eq!(shown, [(new.id.clone(), "Two colours".into()), (id.to_string(), "Two".into())]);
        assert_eq!(circle.seen(id), ALL);
        // Its words are forgotten after a while, and the pictures with them.
        moderation::act(app, otter, post.id, &Act::Remove("Not here.".into())).unwrap();
        circle.tidy(31);
        assert_eq!(circle.rows(), 0);
        // Its author deletes one; erases themselves; the group is erased.
        let (post, id) = circle.post("members");
        post::delete(app, wren, post.id).unwrap();
        assert!(circle.seen(id) == NOBODY && circle.rows() == 0);
        let (hidden, _) = circle.post("public");
        rephrase::hide(app, otter, hidden.id, true, &words("Please.")).unwrap();
        circle.post("public");
        persona::create(app, wren, "second", "second").unwrap();
        erase::persona(app, wren, circle.wren.1).unwrap();
        assert_eq!(circle.rows(), 0);
        let mut form = circle.form("public", vec![circle.keep(circle.heron.0)]);
        form.persona = circle.heron.1.to_string();
        let by_heron = post::publish(app, circle.heron.0, circle.group.id, &form).unwrap();
        assert_eq!(circle.of(&by_heron).len(), 1);
        erase::group(app, circle.keeper, circle.group.id).unwrap();
        assert_eq!(circle.rows(), 0);
    });
}

#[test]
fn an_author_takes_a_picture_away_or_says_better_what_it_shows() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (&circle.world.app, circle.wren.0);
        let (post, id) = circle.post("public");
        let sent = circle.world.sent().len();
        let same = ImageForm { id: id.to_string(), description: "Two colours".into() };
        post::edit(app, wren, post.id, &circle.form("", vec![same.clone()])).unwrap();
        let untold = PostForm { images: None, ..circle.form("", Vec::new()) };
        post::edit(app, wren, post.id, &untold).unwrap();
        assert!(circle.world.sent().is_empty() && circle.of(&post).len() == 1, "nothing changed");
        post::edit(app, wren, post.id, &circle.form("", vec![described(&same, "Red and blue")])).unwrap();
        assert_eq!(circle.of(&post)[0].description, "Red and blue");
        assert!(sent > 0 && circle.world.sent().iter().any(|sent| sent.body.to_string().contains("Red and blue")));
        post::edit(app, wren, post.id, &circle.form("", Vec::new())).unwrap();
        assert!(circle.rows() == 0 && circle.seen(id) == NOBODY);
        assert_eq!(circle.document(&post)["attachment"], json!([]));
        let (_, versions) = post::versions(app, wren, post.id).unwrap();
        let mut said: Vec<String> = versions.into_iter().map(|version| version.pictures).collect();
        said.sort();
        assert_eq!(said, ["Red and blue", "Two colours"], "what they were stays said, for the author");
        // A reply has pictures too; another's picture can't be taken into a post by its id.
        let (other, in_other) = circle.post("members");
        let theirs = ImageForm { id: in_other.to_string(), description: "Mine".into() };
        let answer = PostForm { images: Some(vec![theirs]), ..post_form(circle.heron.1, "", "Look.") };
        let refused = post::reply(app, circle.heron.0, Answering::Post(other.id), &answer);
        assert_eq!(refused_fields(refused), ["images"]);
        let answer = PostForm { images: Some(vec![circle.keep(circle.heron.0)]), ..answer };
        let reply = post::reply(app, circle.heron.0, Answering::Post(other.id), &answer).unwrap();
        assert_eq!(circle.seen(circle.of(&reply)[0].id), MEMBERS);
    });
}

#[test]
fn what_waits_for_a_look_waits_with_its_pictures() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, otter, wren) = (&circle.world.app, circle.otter.0, circle.wren.0);
        circle.hold_words("nettles");
        let nettles = |image: ImageForm| circle.form("public", vec![described(&image, "A field of nettles")]);
        let image = circle.keep(wren);
        let id: ImageId = image.id.parse().unwrap();
        let held = post::publish(app, wren, circle.group.id, &nettles(image)).unwrap();
        assert_eq!(circle.seen(id), LOOKS, "a word of the list in a description is looked at too");
        hold::show(app, otter, held.id).unwrap();
        assert!(circle.seen(id) == ALL && circle.of(&held).len() == 1);
        // New words with a new picture wait; the old ones stay as they are meanwhile.
        let (old, new) = (ImageForm { id: id.to_string(), description: "Nettles, again".into() }, circle.keep(wren));
        let new_id: ImageId = new.id.parse().unwrap();
        post::edit(app, wren, held.id, &circle.form("", vec![old, new])).unwrap();
        assert_eq!((circle.seen(id), circle.seen(new_id), circle.rows()), (ALL, LOOKS, 3));
        assert_eq!(circle.of(&held)[0].description, "A field of nettles");
        hold::show(app, otter, held.id).unwrap();
        let shown: Vec<String> = circle.of(&held).into_iter().map(|one| one.description).collect();
        assert_eq!((shown, circle.rows()), (vec!["Nettles, again".to_owned(), "Two colours".to_owned()], 2));
        assert_eq!((circle.seen(id), circle.seen(new_id)), (NOBODY, ALL));
        post::delete(app, wren, held.id).unwrap();
        // Declined: its author has it for a while, and nobody else.
        let image = circle.keep(wren);
        let id: ImageId = image.id.parse().unwrap();
        let held = post::publish(app, wren, circle.group.id, &nettles(image)).unwrap();
        hold::decline(app, otter, held.id, &words("Not here.")).unwrap();
        assert_eq!(circle.seen(id), AUTHOR);
        circle.tidy(31);
        assert_eq!(circle.rows(), 0);
        let held = post::publish(app, wren, circle.group.id, &nettles(circle.keep(wren))).unwrap();
        hold::take_back(app, wren, held.id).unwrap();
        assert_eq!(circle.rows(), 0);
    });
}

#[test]
fn a_post_without_a_name_that_fades_takes_its_pictures_along() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (&circle.world.app, circle.wren.0);
        let rules = RulesForm { unnamed: "yes".into(), fades_after: "10".into(), ..RulesForm::default() };
        talk::change(app, circle.keeper, circle.group.id, &rules).unwrap();
        let image = circle.keep(wren);
        let id: ImageId = image.id.parse().unwrap();
        let form = PostForm { unnamed: "yes".into(), ..circle.form("members", vec![image]) };
        let post = post::publish(app, wren, circle.group.id, &form).unwrap();
        assert_eq!(circle.seen(id), MEMBERS);
        let rows = circle.world.read(dialect::every_row);
        let row = rows.iter().find(|(table, _)| table == "images").unwrap().1.clone();
        let row: Value = serde_json::from_str(&row).unwrap();
        assert!(row["account_id"].is_null() && row["created_at"].as_str().unwrap().contains("10:00:00"), "{row}");
        assert!(circle.world.read(|c| posts::by_id(c, post.id)).unwrap().author_id != circle.wren.1);
        circle.tidy(11);
        assert!(circle.rows() == 0 && circle.seen(id) == NOBODY);
    });
}

#[test]
fn a_planned_post_has_its_pictures_when_its_time_comes() {
    each_database(|database| {
        let circle = Circle::new(database);
        let (app, wren) = (&circle.world.app, circle.wren.0);
        let plan = |image: &ImageForm| {
            let post = circle.form("public", vec![image.clone()]);
            let typed = ScheduleForm { post, date: "2026-11-25".into(), time: "18:30".into() };
            (scheduled_post::plan(app, wren, circle.group.id, &typed).unwrap(), typed)
        };
        let image = circle.keep(wren);
        let id: ImageId = image.id.parse().unwrap();
        let (planned, typed) = plan(&image);
        assert_eq!(circle.seen(id), AUTHOR);
        let better = PostForm { images: Some(vec![described(&image, "Better words")]), ..typed.post };
        scheduled_post::change(app, wren, planned.id, &ScheduleForm { post: better, ..typed }).unwrap();
        circle.tidy(1);
        assert_eq!(circle.rows(), 1, "what is planned is no leftover");
        circle.world.clock.advance(Duration::hours(12));
        scheduled_post::publish_due(app).unwrap();
        assert_eq!(circle.seen(id), ALL);
        assert_eq!(circle.world.read(|c| images::get(c, id)).unwrap().description, "Better words");
        let image = circle.keep(wren);
        let typed =
            ScheduleForm { post: circle.form("public", vec![image]), date: "2026-12-25".into(), time: "18:30".into() };
        let planned = scheduled_post::plan(app, wren, circle.group.id, &typed).unwrap();
        scheduled_post::take_back(app, wren, planned.id).unwrap();
        assert_eq!(circle.rows(), 1);
    });
}

#[test]
fn pictures_elsewhere_are_links_that_nobody_follows() {
    each_database(|database| {
        let circle = Circle::new(database);
        let world = &circle.world;
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let to = [circle.group.ap_id.as_str(), public];
        let page = |attachment: Value| {
            json!({"id": "https://elm.test/p/1", "type": "Page", "attributedTo": kim.ap_id.as_str(), "name": "From far",
                "content": "<p>Look.</p>", "to": to, "cc": [], "audience": circle.group.ap_id.as_str(),
                "attachment": attachment, "published": "2026-11-24T09:00:00Z", "updated": "2026-11-24T09:30:00Z"})
        };
        let send = |kind: &str, number: u32, object: Value| {
            let id = format!("https://elm.test/a/{number}");
            let activity = json!({"id": id, "type": kind, "actor": kim.ap_id.as_str(), "to": to, "object": object});
            world.receive(&kim, &activity).unwrap();
        };
        let attached = json!([
            {"type": "Image", "url": "https://elm.test/1.png", "mediaType": "image/png", "name": "A\u{202e} tree"},
            {"type": "Document", "url": "https://cdn.test/2.webp", "mediaType": "image/webp"},
            {"type": "Document", "url": "https://elm.test/film.mp4", "mediaType": "video/mp4"},
            {"type": "Image", "url": "javascript:alert(1)", "name": "no"},
            {"type": "Image", "url": "https://elm.test/3.png"},
            {"type": "Image", "url": "https://elm.test/4.png"},
            {"type": "Image", "url": "https://elm.test/5.png"},
        ]);
        send("Create", 1, page(attached));
        let post = world.read(|c| posts::by_ap_id(c, "https://elm.test/p/1")).unwrap();
        let all = circle.of(&post);
        let links: Vec<(&str, &str)> =
            all.iter().map(|one| (one.url.as_deref().unwrap(), one.description.as_str())).collect();
        let expected = [
            ("https://elm.test/1.png", "A tree"),
            ("https://cdn.test/2.webp", ""),
            ("https://elm.test/3.png", ""),
            ("https://elm.test/4.png", ""),
        ];
        assert_eq!(links, expected);
        assert_eq!(circle.seen(all[0].id), NOBODY, "there is nothing to be had here");
        send("Update", 2, page(json!([{"type": "Image", "url": "https://elm.test/6.png", "name": "New"}])));
        assert_eq!(circle.of(&post).iter().map(|one| one.description.clone()).collect::<Vec<_>>(), ["New"]);
        moderation::act(&world.app, circle.otter.0, post.id, &Act::Remove("Not here.".into())).unwrap();
        assert_eq!((circle.of(&post).len(), circle.rows()), (0, 1));
        moderation::act(&world.app, circle.otter.0, post.id, &Act::Restore).unwrap();
        assert_eq!(circle.of(&post).len(), 1);
        send("Delete", 3, json!("https://elm.test/p/1"));
        assert_eq!(circle.rows(), 0);
    });
}
