//! `/settings`: what a person decides about themselves. Each part saves on its own.

use super::{account::names_from, cards, setup::EXITS, talk::lower};
use crate::{
    answer::Answer,
    cookies::Reading,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        parts::{Choice, ConfirmPage},
        settings::{NamesPage, OwnName, Session, SettingsPage},
        shell::{Nav, TextSize, Theme},
    },
    words::When,
};
use hearth_actions::{account, persona, session, tries};
use hearth_db::tables::{
    actors::{self, Actor},
    follows, memberships,
};
use hearth_domain::id::ActorId;
use std::collections::HashMap;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, &Sent::default(), Flaws::none())).await
}

fn page(visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
    let me = visit.me()?;
    let reading = visit.asked.reading;
    let theme = match sent.or("theme", &me.account.theme).as_str() {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => Theme::Device,
    };
    visit.page(&SettingsPage {
        shell: visit.shell_again("Your settings", Nav::Elsewhere, flaws.any(), flaws.notice.clone()),
        names: own_names(visit)?,
        theme,
        text_size: reading.text_size,
        notes_open: reading.notes_open,
        discreet: me.account.discreet_titles,
        exit_signs_out: !reading.stay,
        exit: reading.exit.to_string(),
        exits: exits(visit),
        sessions: sessions(visit)?,
        errors: flaws.errors,
    })
}

fn exits(visit: &Visit) -> Vec<Choice> {
    let choice = |value: usize, words: String| Choice { value: value.to_string(), words, hint: String::new() };
    let of_place = visit.site.as_ref().and_then(|site| url::Url::parse(&site.row.exit_url).ok());
    let host = of_place.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let first = choice(0, format!("What this place suggests ({host})"));
    std::iter::once(first)
        .chain(EXITS.iter().enumerate().map(|(at, (_, words))| choice(at + 1, (*words).to_owned())))
        .collect()
}

fn sessions(visit: &Visit) -> Result<Vec<Session>, Failure> {
    let me = visit.me()?;
    let words = |row: &hearth_db::tables::sessions::Session| {
        let used = When::written(row.used_at.utc(), visit.zone(), visit.now).words;
        format!("{}, last used {}", row.device, lower(&used))
    };
    let rows = session::of_account(&visit.state.app, me.account.id)?;
    let live = rows.iter().filter(|row| row.expires_at.utc() > visit.now);
    Ok(live
        .map(|row| Session { id: row.id.to_string(), words: words(row), current: row.id == me.session.id })
        .collect())
}

/// The reader's names, each with the groups it is known in.
fn own_names(visit: &Visit) -> Result<Vec<OwnName>, Failure> {
    let me = visit.me()?;
    let known: HashMap<ActorId, Vec<String>> = visit.read(|c| {
        let members =
            memberships::all_of_account(c, me.account.id)?.into_iter().map(|row| (row.actor_id, row.group_id));
        let mut pairs: Vec<(ActorId, ActorId)> = members.collect();
        pairs.extend(follows::of_account(c, me.account.id)?.into_iter().map(|row| (row.follower_id, row.target_id)));
        let groups: Vec<ActorId> = pairs.iter().map(|(_, group)| *group).collect();
        let groups: HashMap<ActorId, Actor> =
            actors::by_ids(c, &groups)?.into_iter().map(|actor| (actor.id, actor)).collect();
        let mut known: HashMap<ActorId, Vec<String>> = HashMap::new();
        for (persona, group) in pairs {
            if let Some(group) = groups.get(&group) {
                let names = known.entry(persona).or_default();
                if !names.contains(&group.display_name) {
                    names.push(group.display_name.clone());
                }
            }
        }
        Ok(known)
    })?;
    let own = |actor: &Actor| OwnName {
        id: actor.id.to_string(),
        name: actor.display_name.clone(),
        hue: cards::hue(actor.id),
        used_in: known.get(&actor.id).map(|names| names.join(", ")).unwrap_or_default(),
        retired: false,
    };
    Ok(me.personas.iter().map(own).collect())
}

/// A part of the settings page.
struct Part<A>(A);

impl<A: Fn(&Visit, &Sent) -> Shown + Send + 'static> Form for Part<A> {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        page(visit, sent, flaws.named(&[("password", "new_password"), ("old_password", "password")]))
    }
    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        (self.0)(visit, sent)
    }
}

pub(crate) async fn reading(visit: Visit, sent: Sent) -> Answer {
    let save = |visit: &Visit, sent: &Sent| {
        let me = visit.me()?;
        let theme = match sent.get("theme") {
            "device" => "auto",
            other => other,
        };
        account::set_reading(&visit.state.app, me.account.id, theme, me.account.discreet_titles)?;
        let text_size = match sent.get("text_size") {
            "large" => TextSize::Large,
            "larger" => TextSize::Larger,
            _ => TextSize::Normal,
        };
        let reading = Reading { text_size, notes_open: sent.get("notes_open") == "yes", ..visit.asked.reading };
        Ok(Answer::see("/settings?said=saved#reading").cookie(reading.cookie(visit.https())))
    };
    submit(visit, sent, Part(save)).await
}

pub(crate) async fn discreet(visit: Visit, sent: Sent) -> Answer {
    let save = |visit: &Visit, sent: &Sent| {
        let me = visit.me()?;
        let discreet = sent.get("discreet") == "yes";
        account::set_reading(&visit.state.app, me.account.id, &me.account.theme, discreet)?;
        let exit = sent.get("exit").parse().ok().filter(|exit| *exit <= EXITS.len()).unwrap_or_default();
        let stay = sent.get("exit_signs_out") != "yes";
        let reading = Reading { stay, exit, ..visit.asked.reading };
        Ok(Answer::see("/settings?said=saved#discreet").cookie(reading.cookie(visit.https())))
    };
    submit(visit, sent, Part(save)).await
}

pub(crate) async fn password(visit: Visit, sent: Sent) -> Answer {
    let change = |visit: &Visit, sent: &Sent| {
        let me = visit.me()?;
        tries::count(&visit.state.app, &[(tries::SIGN_IN, &me.account.id.to_string())])?;
        let (old, new) = (sent.get("password"), sent.get("new_password"));
        account::change_password(&visit.state.app, me.account.id, me.session.id, old, new)?;
        Ok(Answer::see("/settings?said=password#password-part"))
    };
    submit(visit, sent, Part(change)).await
}

pub(crate) async fn end_session(visit: Visit, sent: Sent) -> Answer {
    let end = |visit: &Visit, sent: &Sent| {
        session::end(&visit.state.app, visit.account()?, sent.get("id").parse()?)?;
        Ok(Answer::see("/settings?said=ended#sessions"))
    };
    submit(visit, sent, Button { page: "/settings".to_owned(), act: end }).await
}

// Names

pub(crate) async fn names(visit: Visit) -> Answer {
    visit.show(|visit| names_page(visit, &Sent::default(), Flaws::none())).await
}

/// The page of the reader's names.
pub(crate) fn names_page(visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
    let flaws = flaws.named(&[("persona_name", "name"), ("persona_display_name", "name")]);
    names_with(visit, own_names(visit)?, sent.text("name"), flaws)
}

fn names_with(visit: &Visit, names: Vec<OwnName>, new_name: String, flaws: Flaws) -> Shown {
    visit.page(&NamesPage {
        shell: visit.shell_again("Your names", Nav::Elsewhere, flaws.any(), flaws.notice.clone()),
        names,
        new_name,
        errors: flaws.errors,
    })
}

pub(crate) async fn take_name(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, NewName).await
}

struct NewName;

impl Form for NewName {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        names_page(visit, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let app = &visit.state.app;
        let (name, shown) = names_from(sent.get("name"), &*app.entropy);
        persona::create(app, visit.account()?, &name, &shown)?;
        Ok(Answer::see("/settings/names?said=named"))
    }
}

pub(crate) async fn rename(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Rename { id }).await
}

struct Rename {
    id: String,
}

impl Form for Rename {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let field = format!("rename-{}", self.id);
        let flaws = flaws.named(&[("persona_display_name", field.as_str())]);
        let mut names = own_names(visit)?;
        for own in names.iter_mut().filter(|own| own.id == self.id) {
            own.name = sent.or("name", &own.name);
        }
        names_with(visit, names, String::new(), flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let own = own_persona(visit, &self.id)?;
        let about = own.summary_source.clone();
        persona::describe(&visit.state.app, visit.account()?, own.id, sent.get("name"), &about)?;
        Ok(Answer::see("/settings/names?said=saved"))
    }
}

fn own_persona<'a>(visit: &'a Visit, id: &str) -> Result<&'a Actor, Failure> {
    let id: ActorId = id.parse()?;
    visit.me()?.personas.iter().find(|own| own.id == id).ok_or_else(nothing)
}

pub(crate) async fn ask_retire(visit: Visit) -> Answer {
    let id = visit.part("id").to_owned();
    visit.show(move |visit| Retire { id }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn retire(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Retire { id }).await
}

struct Retire {
    id: String,
}

impl Form for Retire {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let own = own_persona(visit, &self.id)?;
        visit.page(&ConfirmPage {
            shell: visit.shell_again("Put a name away", Nav::Elsewhere, flaws.any(), flaws.notice),
            question: format!("Put {} away?", own.display_name),
            words: "You can’t write under it again, and nobody else can use it. What you wrote under it stays. Leave \
                    its groups first."
                .to_owned(),
            action: format!("/settings/names/{}/retire", own.id),
            button: "Put it away".to_owned(),
            back: "/settings/names".to_owned(),
        })
    }
    fn act(&self, visit: &Visit, _: &Sent, _: FormNonce) -> Shown {
        let own = own_persona(visit, &self.id)?;
        persona::retire(&visit.state.app, visit.account()?, own.id)?;
        Ok(Answer::see("/settings/names?said=retired"))
    }
}
