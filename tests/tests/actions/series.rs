//! Meetups that come again: each date is announced once, as far ahead as other servers are told of it, and a series ends
//! with its dates called off.

use hearth_actions::{
    ActionError, App,
    event::{self, EventForm, series},
    membership, rsvp,
};
use hearth_db::{
    tables::{
        actors::Actor,
        event_series::{self, EventSeries},
        events::{self, Event},
        rsvps,
    },
    views::{calendar, visible::Reader},
};
use hearth_domain::{
    Denied,
    event::Status,
    id::{AccountId, ActorId},
    membership::Role,
    rsvp::Answer,
};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, event_form, instant, refused_fields, rsvp_form},
};

struct Tea {
    world: World,
    owner: AccountId,
    persona: ActorId,
    group: Actor,
}

impl Tea {
    /// A group that a server follows. It is Tuesday 24 November 2026.
    fn new(database: &TestDatabase) -> Self {
        let (world, owner) = World::ready(database);
        let persona = world.personas(owner)[0].id;
        let group = world.group(owner, persona, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        world.sent();
        Self { world, owner, persona, group }
    }

    fn app(&self) -> &App {
        &self.world.app
    }

    fn form(&self, repeats: &str, until: &str) -> EventForm {
        EventForm { repeats: repeats.into(), until: until.into(), ..event_form(self.persona) }
    }

    fn announce(&self, repeats: &str, until: &str) -> Event {
        event::announce(self.app(), self.owner, self.group.id, &self.form(repeats, until)).unwrap()
    }

    /// The meetups that are ahead, soonest first.
    fn ahead(&self) -> Vec<Event> {
        self.world.read(|c| {
            let reader = Reader::account(c, self.owner)?;
            calendar::upcoming(c, &reader, &[self.group.id], self.app().now(), 100)
        })
    }

    fn starts(&self) -> Vec<String> {
        self.ahead().into_iter().map(|event| event.civil_start).collect()
    }

    fn wait_until(&self, at: &str) {
        self.world.clock.advance(instant(at) - self.app().clock.now());
    }

    fn run(&self) {
        series::announce_due(self.app()).unwrap();
    }

    /// The kinds of what was sent to the follower's server, and the states of the meetups in it.
    fn sent(&self) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        self.world.sent().iter().map(|one| (text(&one.body["type"]), text(&one.body["object"]["status"]))).collect()
    }
}

#[test]
fn dates_are_announced_once_as_far_ahead_as_others_are_told() {
    each_database(|database| {
        let tea = Tea::new(database);
        let first = tea.announce("weekly", "");
        assert_eq!(
            tea.starts(),
            [
                "2026-12-01",
                "2026-12-08",
                "2026-12-15",
                "2026-12-22",
                "2026-12-29",
                "2027-01-05",
                "2027-01-12",
                "2027-01-19"
            ]
            .map(|day| format!("{day}T18:30")),
            "eight dates, all within 60 days"
        );
        assert_eq!(tea.sent(), vec![("Create".to_owned(), "CONFIRMED".to_owned()); 8]);
        let all = tea.ahead();
        assert!(all.iter().all(|event| event.title == first.title && event.address == first.address));
        let terms = |event: &Event| tea.world.read(|c| hearth_db::tables::event_terms::get(c, event.id)).link_lead;
        assert!(all.iter().all(|event| terms(event) == terms(&first)));
        tea.run();
        assert_eq!((tea.ahead().len(), tea.sent().len()), (8, 0), "nothing is due");
        // The first has begun: the ninth is announced, once.
        tea.wait_until("2026-12-01T18:30:00Z");
        tea.run();
        tea.run();
        assert_eq!(tea.sent().len(), 1);
        assert_eq!(tea.starts().last().unwrap(), "2027-01-26T18:30");
        // The server was off for half a year: what passed is left out, and the clocks have changed.
        tea.wait_until("2027-06-02T12:00:00Z");
        tea.run();
        let ahead = tea.ahead();
        assert_eq!((ahead.len(), ahead[0].civil_start.as_str()), (8, "2027-06-08T18:30"));
        assert_eq!(ahead[0].starts_at.utc(), instant("2027-06-08T17:30:00Z"));
        assert_eq!(tea.sent().len(), 8);
    });
}

#[test]
fn the_same_form_sent_twice_begins_one_series() {
    each_database(|database| {
        let tea = Tea::new(database);
        let form = EventForm { draft: "0000000000abc".into(), ..tea.form("fortnightly", "2027-01-12") };
        let both = [0; 2].map(|_| event::announce(tea.app(), tea.owner, tea.group.id, &form).unwrap().id);
        assert_eq!(both[0], both[1]);
        assert_eq!(tea.starts(), ["2026-12-01T18:30", "2026-12-15T18:30", "2026-12-29T18:30", "2027-01-12T18:30"]);
        tea.wait_until("2026-12-20T12:00:00Z");
        tea.run();
        assert_eq!(tea.starts().len(), 2, "it ended");
    });
}

#[test]
fn what_cannot_repeat_is_refused() {
    each_database(|database| {
        let tea = Tea::new(database);
        let refused = |form: &EventForm| refused_fields(event::announce(tea.app(), tea.owner, tea.group.id, form));
        assert_eq!(refused(&tea.form("daily", "")), ["repeats"]);
        assert_eq!(refused(&tea.form("weekly", "2026-11-30")), ["until"]);
        assert_eq!(refused(&tea.form("weekly", "soon")), ["until"]);
        assert_eq!(refused(&tea.form("monthly_last", "")), ["repeats"], "1 December is no last Tuesday");
        let on = |date: &str, repeats| EventForm { date: date.into(), ..tea.form(repeats, "") };
        assert_eq!(refused(&on("2026-12-29", "monthly_weekday")), ["repeats"], "a fifth Tuesday");
        assert_eq!(refused(&on("2026-12-31", "monthly_day")), ["repeats"]);
        assert!(tea.ahead().is_empty());
    });
}

#[test]
fn this_and_later_dates_are_called_off() {
    each_database(|database| {
        let tea = Tea::new(database);
        let first = tea.announce("weekly", "");
        let all = tea.ahead();
        tea.sent();
        let (member, persona) = tea.world.member(tea.group.id, "wren", Role::Member);
        rsvp::answer(tea.app(), member, all[1].id, &rsvp_form(persona, "coming")).unwrap();
        let refused = series::stop(tea.app(), member, all[6].id);
        assert!(matches!(refused, Err(ActionError::Denied(Denied::HostsOnly))));
        series::stop(tea.app(), tea.owner, all[6].id).unwrap();
        assert_eq!(tea.sent(), vec![("Update".to_owned(), "CANCELLED".to_owned()); 2], "cancelled, not deleted");
        let status = |event: &Event| tea.world.read(|c| hearth_db::tables::events::by_id(c, event.id)).unwrap().status;
        let stand = all.iter().filter(|event| status(event) == Status::Scheduled).count();
        assert_eq!(stand, 6, "the earlier ones take place");
        tea.wait_until("2027-01-06T12:00:00Z");
        tea.run();
        assert!(tea.sent().is_empty(), "no further ones come");
        let once = tea.announce_once();
        assert!(matches!(series::stop(tea.app(), tea.owner, once.id), Err(ActionError::NotFound)));
        assert_ne!(once.id, first.id);
    });
}

impl Tea {
    fn announce_once(&self) -> Event {
        let form = EventForm { date: "2027-02-02".into(), ..self.form("", "") };
        event::announce(self.app(), self.owner, self.group.id, &form).unwrap()
    }
}

impl Tea {
    /// What a host sends who changes this date and some fields of it.
    fn change(&self, event: &Event, scope: &str, fields: impl FnOnce(&mut EventForm)) -> Result<Event, ActionError> {
        let (date, start) = event.civil_start.split_once('T').unwrap();
        let (_, end) = event.civil_end.split_once('T').unwrap();
        let mut form = EventForm {
            title: event.title.clone(),
            text: event.source.clone(),
            date: date.into(),
            start: start.into(),
            end: end.into(),
            area: event.area.clone(),
            scope: scope.into(),
            ..event_form(self.persona)
        };
        fields(&mut form);
        event::edit(self.app(), self.owner, event.id, &form)
    }

    fn series_of(&self, event: &Event) -> EventSeries {
        self.world.read(|c| event_series::of_event(c, event.id)).unwrap().0
    }

    fn titles(&self) -> Vec<String> {
        self.ahead().into_iter().map(|event| event.title).collect()
    }
}

#[test]
fn one_date_changes_alone() {
    each_database(|database| {
        let tea = Tea::new(database);
        tea.announce("weekly", "");
        let third = tea.ahead()[2].clone();
        tea.sent();
        tea.change(&third, "this", |form| (form.title, form.date) = ("Tea and cake".into(), "2026-12-16".into()))
            .unwrap();
        assert_eq!(tea.sent().len(), 1);
        assert_eq!(tea.titles().iter().filter(|title| *title == "Tea and cake").count(), 1);
        let date = tea.world.read(|c| event_series::of_event(c, third.id)).unwrap().1;
        assert_eq!(date.recurrence_id, "2026-12-15T18:30", "it is still the date of that Tuesday");
    });
}

#[test]
fn what_changes_on_all_dates_leaves_alone_what_is_special_about_one() {
    each_database(|database| {
        let tea = Tea::new(database);
        tea.announce("weekly", "");
        let all = tea.ahead();
        tea.change(&all[2], "this", |form| (form.title, form.start) = ("Tea and cake".into(), "17:00".into())).unwrap();
        event::cancel(tea.app(), tea.owner, all[4].id).unwrap();
        // The first is over.
        tea.wait_until("2026-12-02T12:00:00Z");
        tea.run();
        tea.sent();
        let before = tea.series_of(&all[1]);
        let changed = tea.change(&all[1], "all", |form| {
            (form.area, form.start, form.end) = ("Southside".into(), "19:00".into(), "20:30".into());
        });
        assert_eq!(changed.unwrap().civil_end, "2026-12-08T20:30");
        let ahead = tea.ahead();
        let stored = |event: &Event| tea.world.read(|c| events::by_id(c, event.id)).unwrap();
        assert_eq!(stored(&all[0]).area, "Northside, near the library", "what is over stays as it was");
        assert_eq!(stored(&all[4]).area, "Northside, near the library", "and what was called off");
        let special = stored(&all[2]);
        assert_eq!(
            (special.title.as_str(), special.civil_start.as_str(), special.area.as_str()),
            ("Tea and cake", "2026-12-15T17:00", "Southside")
        );
        let usual: Vec<&Event> =
            ahead.iter().filter(|event| event.id != special.id && event.status == Status::Scheduled).collect();
        assert!(usual.iter().all(|event| event.civil_start.ends_with("T19:00") && event.area == "Southside"));
        assert_eq!(tea.sent().len(), usual.len() + 1, "one Update for each that is to come");
        let after = tea.series_of(&all[1]);
        assert_eq!((after.id, after.first_start.as_str(), after.minutes), (before.id, "2026-12-01T19:00", 90));
        // Those that come later say the same.
        tea.wait_until("2026-12-08T19:00:00Z");
        tea.run();
        let last = tea.ahead().pop().unwrap();
        assert_eq!((last.civil_start.as_str(), last.area.as_str()), ("2027-02-02T19:00", "Southside"));
        let day = tea.change(&last, "all", |form| form.date = "2027-02-03".into());
        assert_eq!(refused_fields(day), ["date"], "all dates do not move to another day");
    });
}

#[test]
fn this_and_later_dates_move_to_another_day_as_a_series_of_their_own() {
    each_database(|database| {
        let tea = Tea::new(database);
        tea.announce("weekly", "2027-03-01");
        let all = tea.ahead();
        let (member, persona) = tea.world.member(tea.group.id, "wren", Role::Member);
        rsvp::answer(tea.app(), member, all[5].id, &rsvp_form(persona, "coming")).unwrap();
        tea.sent();
        tea.change(&all[3], "later", |form| (form.date, form.start) = ("2026-12-23".into(), "18:00".into())).unwrap();
        assert_eq!(tea.sent(), vec![("Update".to_owned(), "CONFIRMED".to_owned()); 5]);
        assert_eq!(
            tea.starts(),
            [
                "2026-12-01T18:30",
                "2026-12-08T18:30",
                "2026-12-15T18:30",
                "2026-12-23T18:00",
                "2026-12-30T18:00",
                "2027-01-06T18:00",
                "2027-01-13T18:00",
                "2027-01-20T18:00"
            ]
        );
        let (old, new) = (tea.series_of(&all[0]), tea.series_of(&all[3]));
        assert_ne!(old.id, new.id);
        assert_eq!((old.until_day.as_deref(), old.next_at), (Some("2026-12-21"), None));
        assert_eq!((new.rule.to_string().as_str(), new.made), ("FREQ=WEEKLY;BYDAY=WE", 5));
        let coming = tea.world.read(|c| rsvps::of_account(c, all[5].id, member)).unwrap();
        assert_eq!(coming.answer, Answer::Coming, "who answered keeps their place");
        // Both go on as they should: the old one not at all.
        tea.wait_until("2026-12-23T18:00:00Z");
        tea.run();
        assert_eq!(tea.starts().last().unwrap(), "2027-02-17T18:00");
        // The series ends on 1 March, so a date that is moved behind it falls away.
        let ahead = tea.ahead();
        let late = tea.change(&ahead[0], "later", |form| form.date = "2027-03-02".into());
        assert_eq!(refused_fields(late), ["date"]);
        tea.change(&ahead[0], "later", |form| form.date = "2027-02-18".into()).unwrap();
        let stand: Vec<String> = tea
            .ahead()
            .into_iter()
            .filter(|event| event.status == Status::Scheduled)
            .map(|event| event.civil_start)
            .collect();
        assert_eq!(stand, ["2027-02-18T18:00", "2027-02-25T18:00"], "the others are called off");
    });
}

#[test]
fn from_the_first_date_on_it_stays_the_same_series() {
    each_database(|database| {
        let tea = Tea::new(database);
        let first = tea.announce("fortnightly", "");
        let before = tea.series_of(&first);
        tea.change(&first, "later", |form| form.date = "2026-12-03".into()).unwrap();
        let after = tea.series_of(&first);
        assert_eq!((after.id, after.made), (before.id, before.made));
        assert_eq!(
            tea.starts(),
            ["2026-12-03", "2026-12-17", "2026-12-31", "2027-01-14"].map(|day| format!("{day}T18:30"))
        );
        let once = tea.announce_once();
        assert_eq!(refused_fields(tea.change(&once, "later", |_| ())), ["scope"]);
        assert_eq!(refused_fields(tea.change(&once, "some", |_| ())), ["scope"]);
    });
}

#[test]
fn what_was_stopped_does_not_come_back_by_a_change() {
    each_database(|database| {
        let tea = Tea::new(database);
        tea.announce("weekly", "");
        let all = tea.ahead();
        series::stop(tea.app(), tea.owner, all[5].id).unwrap();
        tea.change(&all[2], "later", |form| form.title = "Tea and cake".into()).unwrap();
        tea.wait_until("2026-12-20T12:00:00Z");
        tea.run();
        let stand = tea.ahead().into_iter().filter(|event| event.status == Status::Scheduled);
        assert_eq!(stand.map(|event| event.civil_start).collect::<Vec<_>>(), ["2026-12-22T18:30", "2026-12-29T18:30"]);
    });
}

#[test]
fn a_day_is_left_out_before_it_is_announced() {
    each_database(|database| {
        let tea = Tea::new(database);
        let first = tea.announce("weekly", "");
        let id = tea.series_of(&first).id;
        let later = || -> Vec<(String, bool)> {
            let series = tea.series_of(&first);
            let dates = tea.world.app.db.read(|c| series::later_dates(c, &series, tea.app().clock.now(), 3)).unwrap();
            dates.iter().map(|one| (one.date.recurrence_id.date().to_string(), one.skipped)).collect()
        };
        let day = |day: &str, skipped| (day.to_owned(), skipped);
        assert_eq!(later(), [day("2027-01-26", false), day("2027-02-02", false), day("2027-02-09", false)]);
        let (member, _) = tea.world.member(tea.group.id, "wren", Role::Member);
        let refused = series::skip(tea.app(), member, id, "2027-01-26", true);
        assert!(matches!(refused, Err(ActionError::Denied(Denied::HostsOnly))));
        for wrong in ["2027-01-19", "2027-01-27", "soon"] {
            let refused = series::skip(tea.app(), tea.owner, id, wrong, true);
            assert!(matches!(refused, Err(ActionError::Conflict(_))), "{wrong}");
        }
        for (days, skipped) in [("2027-01-26", true), ("2027-01-26", true), ("2027-02-02", true), ("2027-02-02", false)]
        {
            series::skip(tea.app(), tea.owner, id, days, skipped).unwrap();
        }
        assert_eq!(later()[..2], [day("2027-01-26", true), day("2027-02-02", false)]);
        tea.wait_until("2026-12-08T18:30:00Z");
        tea.run();
        let starts = tea.starts();
        assert_eq!(starts[starts.len() - 2..], ["2027-01-19T18:30", "2027-02-02T18:30"]);
        // What is left out goes with the dates that move.
        series::skip(tea.app(), tea.owner, id, "2027-02-16", true).unwrap();
        let ahead = tea.ahead();
        tea.change(&ahead[1], "later", |form| form.date = "2026-12-17".into()).unwrap();
        let new = tea.series_of(&ahead[1]).id;
        let skipped = |id| tea.world.read(|c| event_series::skipped(c, id));
        assert_eq!((skipped(id), skipped(new)), (vec![], vec!["2027-01-28".to_owned(), "2027-02-18".to_owned()]));
        // Nothing comes of a series that has ended, and nothing can be left out of it.
        series::stop(tea.app(), tea.owner, ahead[3].id).unwrap();
        assert!(matches!(series::skip(tea.app(), tea.owner, new, "2027-03-04", true), Err(ActionError::Conflict(_))));
    });
}

#[test]
fn other_servers_are_told_of_which_series_a_date_is() {
    each_database(|database| {
        let tea = Tea::new(database);
        let first = tea.announce("weekly", "");
        let told = tea.world.sent();
        let series = format!("https://oak.test/s/{}", tea.series_of(&first).id);
        assert_eq!(told.len(), 8);
        for one in told {
            assert_eq!(one.body["object"]["series"], series);
            assert_eq!(one.body["object"]["recurrenceRule"], "FREQ=WEEKLY;BYDAY=TU");
        }
        tea.announce_once();
        assert!(tea.world.sent()[0].body["object"].get("series").is_none());
    });
}

#[test]
fn it_goes_on_without_the_name_of_who_left() {
    each_database(|database| {
        let tea = Tea::new(database);
        let (host, persona) = tea.world.member(tea.group.id, "heron", Role::Host);
        let form = EventForm { named: "yes".into(), persona: persona.to_string(), ..tea.form("weekly", "") };
        let first = event::announce(tea.app(), host, tea.group.id, &form).unwrap();
        assert_eq!(first.author_id, Some(persona));
        membership::leave(tea.app(), host, tea.group.id).unwrap();
        tea.wait_until("2026-12-01T18:30:00Z");
        tea.run();
        let ninth = tea.ahead().pop().unwrap();
        assert_eq!((ninth.civil_start.as_str(), ninth.author_id), ("2027-01-26T18:30", None));
        let series = tea.world.read(|c| event_series::of_event(c, ninth.id)).unwrap().0;
        assert_eq!(series.made, 9);
    });
}
