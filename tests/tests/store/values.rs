//! Values come back as they went in, and compare alike, on both databases.

use chrono::{DateTime, Duration, Utc};
use hearth_db::{
    Db, Time,
    tables::{actors, groups, helplines, helplines::Helpline, setup_codes, setup_codes::SetupCode},
};
use hearth_domain::{id::HelplineId, server::HelplineKind};
use tests::{
    database::each_database,
    world::{World, instant, time},
};

/// Texts that some database, somewhere, has mangled.
const ODD: &[&str] = &[
    "",
    " leading and trailing ",
    "' \" ` ; -- \\ \\' %s $1 ? NULL",
    "100% _under_ [brackets]",
    "e\u{301} é",
    "שלום \u{202e}abc",
    "👩\u{200d}💻🏴\u{e0067}\u{e007f}",
    "\u{ffff}\u{10ffff}\u{fdd0}",
    "\u{1}\u{7f}\u{85}\u{2028}",
    "ﷺ ｆｕｌｌ ﬁ ſ K",
    "line\r\nline\ttab",
];

fn helpline(number: i64, name: &str) -> Helpline {
    Helpline {
        id: HelplineId::try_from(number).unwrap(),
        position: i32::try_from(number % 1_000).unwrap(),
        name: name.into(),
        about: String::new(),
        hours: String::new(),
        kind: HelplineKind::Sms,
        number: String::new(),
        region: String::new(),
    }
}

#[test]
fn texts_come_back_as_they_are() {
    each_database(|database| {
        let long = "ä".repeat(200_000);
        let texts: Vec<&str> = ODD.iter().copied().chain([long.as_str()]).collect();
        database
            .db
            .write(|tx| (0_i64..).zip(&texts).try_for_each(|(number, text)| helpline(number, text).insert(tx)))
            .unwrap();
        let rows = database.db.read(helplines::all).unwrap();
        assert!(rows.iter().map(|row| row.name.as_str()).eq(texts));
    });
}

#[test]
fn ids_hold_sixty_three_bits() {
    each_database(|database| {
        database.db.write(|tx| helpline(i64::MAX, "last").insert(tx)).unwrap();
        assert_eq!(database.db.read(helplines::all).unwrap()[0].id.get(), i64::MAX);
        let twice = database.db.write(|tx| helpline(i64::MAX, "again").insert(tx));
        assert!(matches!(twice, Err(hearth_db::DbError::Duplicate)));
    });
}

/// Writes an instant and reads it back.
fn round_trip(db: &Db, instant: DateTime<Utc>) -> Time {
    use hearth_db::tables::hosts::{self, Host};
    db.write(|tx| {
        let row = hosts::ensure(tx, "elm.test")?;
        hosts::update(tx, &Host { last_ok_at: Some(instant.into()), ..row })?;
        Ok::<_, hearth_db::DbError>(hosts::get(tx, "elm.test")?.unwrap().last_ok_at.unwrap())
    })
    .unwrap()
}

#[test]
fn instants_keep_microseconds() {
    each_database(|database| {
        for text in [
            "2026-11-24T10:00:00Z",
            "2026-11-24T10:00:00.000001Z",
            "2026-11-24T10:00:00.1Z",
            "2026-11-24T23:59:59.999999Z",
            "2000-01-01T00:00:00Z",
            "2100-12-31T23:59:59Z",
            "1999-02-28T00:00:00.5Z",
        ] {
            assert_eq!(round_trip(&database.db, instant(text)).utc(), instant(text), "{text}");
        }
        let finer = instant("2026-11-24T10:00:00.123456789Z");
        assert_eq!(round_trip(&database.db, finer), Time::from(finer));
        assert_eq!(Time::from(finer).utc(), instant("2026-11-24T10:00:00.123456Z"));
    });
}

/// SQLite keeps instants as text: order must not depend on how many digits were written.
#[test]
fn instants_compare_as_instants() {
    each_database(|database| {
        let base = instant("2026-11-24T09:59:59.9Z");
        let steps = [0, 1, 99_999, 100_000, 100_001, 100_100, 101_000, 600_000, 1_100_000];
        let instants: Vec<DateTime<Utc>> = steps.iter().map(|step| base + Duration::microseconds(*step)).collect();
        let bound = |at: DateTime<Utc>| {
            database
                .db
                .write(|tx| {
                    hearth_db::tables::seen_activities::purge(tx, time("2100-01-01T00:00:00Z"), 9)?;
                    for (number, instant) in instants.iter().enumerate() {
                        let id_hash = number.to_string();
                        hearth_db::tables::seen_activities::SeenActivity { id_hash, seen_at: (*instant).into() }
                            .insert(tx)?;
                    }
                    hearth_db::tables::seen_activities::purge(tx, at.into(), 9)
                })
                .unwrap()
        };
        for (earlier, instant) in instants.iter().enumerate() {
            assert_eq!(bound(*instant), earlier, "before {instant}");
        }
    });
}

#[test]
fn names_are_sorted_by_their_bytes() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        for (name, shown) in [("g_1", "éa"), ("g_2", "apple"), ("g_3", "Zed"), ("g_4", "Apple"), ("g_5", "日本")] {
            let group = world.group(keeper, owner, name);
            world.write(|tx| actors::describe(tx, group.id, shown, "", "", world.app.now()));
        }
        let shown: Vec<String> = world.read(groups::local).into_iter().map(|(actor, _)| actor.display_name).collect();
        assert_eq!(shown, ["Apple", "Zed", "apple", "éa", "日本"]);
    });
}

/// PostgreSQL keeps no NUL in texts. Whatever is asked for by such a name is not there, which is no failure.
#[test]
fn nothing_is_called_by_a_name_with_nul() {
    each_database(|database| {
        let db = &database.db;
        for name in ["\0", "wren\0", "a\0b"] {
            assert!(db.read(|c| actors::local_by_name(c, name)).unwrap().is_none());
            assert!(db.read(|c| actors::remote_by_handle(c, name, "elm.test")).unwrap().is_none());
            assert!(db.read(|c| actors::remote_by_handle(c, "kim", name)).unwrap().is_none());
            assert!(db.read(|c| hearth_db::tables::hosts::get(c, name)).unwrap().is_none());
            assert!(db.read(|c| hearth_db::tables::accounts::by_sign_in_name(c, name)).unwrap().is_none());
        }
    });
}

#[test]
fn names_differ_by_case() {
    each_database(|database| {
        database
            .db
            .write(|tx| SetupCode { code_hash: "abc".into(), created_at: time("2026-01-01T00:00:00Z") }.insert(tx))
            .unwrap();
        assert!(database.db.read(|c| setup_codes::known(c, "abc")).unwrap());
        assert!(!database.db.read(|c| setup_codes::known(c, "ABC")).unwrap());
        assert!(!database.db.read(|c| setup_codes::known(c, "ab_")).unwrap());
    });
}
