//! Meetups that come again: each date is announced once, as far ahead as other servers are told of it, and a series ends
//! with its dates called off.

use hearth_actions::{
    ActionError, App,
    event::{self, EventForm, series},
    membership, rsvp,
};
use hearth_db::{
    tables::{actors::Actor, event_series, events::Event},
    views::{calendar, visible::Reader},
};
use hearth_domain::{
    Denied,
    event::Status,
    id::{AccountId, ActorId},
    membership::Role,
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
