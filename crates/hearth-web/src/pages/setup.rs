//! `/setup`: from the code that was printed at the start to a place with a name, a helpline and a keeper.

use super::{account::names_from, event_form::zones};
use crate::{
    answer::Answer,
    cookies,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, Senders, submit},
    viewer::{Shown, Visit},
    views::{
        parts::Choice,
        setup::{SetupLine, SetupPage, SetupValues},
        shell::Nav,
    },
};
use hearth_actions::{
    ActionError,
    server::{self, SetupForm},
    session, tries,
};
use hearth_domain::Denied;

/// Pages anybody might have open; the first is the one that "Leave quickly" leads to unless another is chosen.
pub(crate) const EXITS: [(&str, &str); 4] = [
    (server::DEFAULT_EXIT, "Weather (BBC)"),
    ("https://www.met.ie/", "Weather (Met Éireann)"),
    ("https://www.wikipedia.org/", "Wikipedia"),
    ("https://www.bbc.co.uk/food", "Recipes (BBC)"),
];

/// How new people come in, as the form offers it.
const DOORS: [(&str, &str, &str); 4] = [
    ("approval", "Someone reads each request", "Good for most places. A request can be answered in a minute."),
    ("invitation", "By invitation", "You hand out codes."),
    ("open", "Anybody, at once", "Only where somebody looks in several times a day."),
    ("closed", "Nobody for now", "You can change this later."),
];

/// The fields of the action, and what the page calls them.
const NAMES: [(&str, &str); 11] = [
    ("name", "place"),
    ("summary", "run_by"),
    ("exit_url", "exit"),
    ("sign_up", "door"),
    ("helpline_name", "line_name"),
    ("helpline_about", "line_words"),
    ("helpline_hours", "line_hours"),
    ("helpline_number", "line_reach"),
    ("persona_name", "name"),
    ("persona_display_name", "name"),
    ("origin", "address"),
];

/// The fields in the order of the page.
const ORDER: [&str; 15] = [
    "code",
    "place",
    "address",
    "zone",
    "run_by",
    "contact",
    "exit",
    "door",
    "line_name",
    "line_reach",
    "line_words",
    "line_hours",
    "name",
    "sign_in_name",
    "password",
];

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            if visit.site.is_some() {
                return Ok(Answer::see("/"));
            }
            let code = vec![("code".to_owned(), visit.query("code").to_owned())];
            SetupIt.show(visit, &Sent::of(code), Flaws::none())
        })
        .await
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, SetupIt).await
}

struct SetupIt;

impl Form for SetupIt {
    const SENDERS: Senders = Senders::Anyone;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let flaws = flaws.named(&NAMES);
        let choice = |value: &str, words: &str, hint: &str| Choice {
            value: value.to_owned(),
            words: words.to_owned(),
            hint: hint.to_owned(),
        };
        let zone = sent.or("zone", "Europe/London");
        visit.page(&SetupPage {
            shell: visit.shell_again("Set up this place", Nav::Elsewhere, flaws.any(), flaws.notice.clone()),
            exits: EXITS.iter().map(|(url, words)| choice(url, words, "")).collect(),
            zones: zones(&zone),
            doors: DOORS.iter().map(|(value, words, hint)| choice(value, words, hint)).collect(),
            values: SetupValues {
                code: sent.text("code"),
                place: sent.text("place"),
                address: sent.text("address"),
                run_by: sent.text("run_by"),
                contact: sent.text("contact"),
                exit: sent.or("exit", server::DEFAULT_EXIT),
                zone,
                door: sent.or("door", "approval"),
                line: SetupLine {
                    name: sent.text("line_name"),
                    words: sent.text("line_words"),
                    hours: sent.text("line_hours"),
                    reach: sent.text("line_reach"),
                },
                sign_in_name: sent.text("sign_in_name"),
                name: sent.text("name"),
            },
            errors: flaws.errors.in_order(&ORDER),
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        if visit.site.is_some() {
            return Ok(Answer::see("/"));
        }
        let app = &visit.state.app;
        tries::count(&visit.state.app, &[(tries::SET_UP, &visit.asked.network)])?;
        let (persona_name, persona_display_name) = names_from(sent.get("name"), &*app.entropy);
        let typed = SetupForm {
            code: sent.text("code"),
            name: sent.text("place"),
            summary: sent.text("run_by"),
            address: sent.text("address"),
            contact: sent.text("contact"),
            zone: sent.text("zone"),
            language: String::new(),
            exit_url: sent.text("exit"),
            signed_readers: None,
            sign_up: sent.text("door"),
            helpline_name: sent.text("line_name"),
            helpline_about: sent.text("line_words"),
            helpline_hours: sent.text("line_hours"),
            helpline_number: sent.text("line_reach"),
            sign_in_name: sent.text("sign_in_name"),
            password: sent.text("password"),
            persona_name,
            persona_display_name,
        };
        let keeper = server::set_up(app, &typed).map_err(|error| match error {
            ActionError::Denied(Denied::KeepersOnly) => {
                ActionError::field("code", "That is not the code. It was printed where the server was started.")
            }
            other => other,
        })?;
        let token = session::open(app, keeper, &visit.asked.device)?;
        Ok(Answer::see("/?said=welcome").cookie(cookies::session(&token, visit.https())))
    }
}
