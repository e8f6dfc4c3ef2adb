//! Coming into a group and going: `/g/{name}/join`, what members agree to, what is asked, and `/g/{name}/leave`.

use super::{cards, group};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        joining::{AgreementPage, GroupJoinPage, GroupLeavePage, TermsPage},
        parts::Choice,
        shell::Nav,
    },
    words::date_words,
};
use hearth_actions::{
    agreement::{self, Terms, TermsForm},
    follow as following,
    join_request::JoinForm,
    markdown, membership,
};
use hearth_db::tables::{actors::Actor, agreements, groups::Group, memberships};
use hearth_domain::{
    group::Joining,
    join_request::MOST_QUESTIONS,
    membership::{Parting, State},
    permission,
};

/// The fields of questions and answers.
const QUESTIONS: [&str; MOST_QUESTIONS] = ["question_1", "question_2", "question_3"];
const ANSWERS: [&str; MOST_QUESTIONS] = ["answer_1", "answer_2", "answer_3"];

/// What a form of joining says.
pub(crate) fn typed(sent: &Sent) -> JoinForm {
    JoinForm {
        agreed: sent.text("agreed"),
        answers: ANSWERS.iter().map(|field| sent.text(field)).collect(),
        hello: sent.text("hello"),
    }
}

/// How one comes into a group: by its settings, or by an invitation.
pub(crate) struct Way<'a> {
    /// The group.
    pub(crate) group: &'a Actor,
    /// Its settings and words.
    pub(crate) row: &'a Group,
    /// What stands at its door.
    pub(crate) terms: &'a Terms,
    /// In at once, or into the waiting room.
    pub(crate) leads_to: State,
    /// What the reader is to it already.
    pub(crate) present: Option<State>,
    /// The code of an invitation.
    pub(crate) code: Option<&'a str>,
}

/// The page before joining.
pub(crate) fn page(visit: &Visit, way: &Way<'_>, sent: &Sent, flaws: Flaws) -> Shown {
    let flaws = flaws.named(&[("persona", "as")]);
    let href = cards::group_href(way.group);
    let seen = visit.read(|c| Ok(cards::find_group(visit, c, &cards::spec(way.group)).is_ok()))?;
    let questions = ANSWERS.iter().zip(&way.terms.questions);
    let visitor = way.code.filter(|_| visit.me.is_none()).map(|code| {
        let open = visit.can_join().then(|| format!("/join?code={code}"));
        (super::account::sign_in_address(&format!("/i/{code}")), open)
    });
    let personas = visit.read(|c| cards::personas(visit, c, Some(way.group.id), sent.get("as")))?;
    visit.page(&GroupJoinPage {
        shell: visit.shell_again(&way.group.display_name, Nav::Groups, flaws.any(), flaws.notice.clone()),
        action: way.code.map_or_else(|| format!("{href}/join"), |code| format!("/i/{code}")),
        back: Some(href).filter(|_| seen),
        name: way.group.display_name.clone(),
        door: cards::door(way.group),
        words: SafeHtml(way.group.summary_html.clone()),
        settings: format!("{} {}", way.row.settings().sentence(), way.row.settings().reach_sentence()),
        invited: way.code.is_some(),
        waits: way.leads_to == State::Waiting,
        present: match way.present {
            Some(State::Active) => "member",
            Some(State::Waiting | State::Banned) => "waiting",
            None => "",
        }
        .to_owned(),
        visitor,
        agreement: way.terms.agreement.as_ref().map(|row| (row.version, SafeHtml(markdown::html(&row.source)))),
        agreed: !sent.get("agreed").is_empty(),
        questions: questions
            .map(|(field, question)| ((*field).to_owned(), question.clone(), sent.text(field)))
            .collect(),
        hello: sent.text("hello"),
        personas,
        errors: flaws.errors,
    })
}

/// Whether something comes before joining a group here: words to agree to, or questions.
pub(crate) fn asks(row: &Group, terms: &Terms) -> bool {
    terms.agreement.is_some() || (row.joining == Joining::Approval && !terms.questions.is_empty())
}

pub(crate) async fn join(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.me()?;
            let name = visit.part("name");
            join_page(visit, name, &Sent::default(), Flaws::none())
        })
        .await
}

/// The page before joining a group that lives here; the group's own page where nothing comes before.
pub(crate) fn join_page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let (actor, row, terms, present) = visit.read(|c| {
        let (actor, row) = cards::find_group(visit, c, name)?;
        let terms = if actor.local { agreement::terms(c, actor.id)? } else { Terms::default() };
        let present = group::told(visit, c, actor.id)?;
        Ok((actor, row, terms, present))
    })?;
    let leads_to = permission::may_join(row.settings());
    let (true, Ok(leads_to), None) = (asks(&row, &terms), leads_to, present) else {
        return group::page(visit, name, sent, flaws);
    };
    page(visit, &Way { group: &actor, row: &row, terms: &terms, leads_to, present: None, code: None }, sent, flaws)
}

// What members agree to

pub(crate) async fn agreement(visit: Visit) -> Answer {
    visit.show(|visit| Agree { name: visit.part("name").to_owned() }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn agree(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Agree { name }).await
}

struct Agree {
    name: String,
}

impl Form for Agree {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        visit.read(|c| {
            let (actor, _) = cards::find_group(visit, c, &self.name)?;
            let current = agreement::terms(c, actor.id)?.agreement.ok_or_else(nothing)?;
            let due = match &visit.me {
                Some(me) => agreement::outstanding(c, actor.id, me.account.id)?,
                None => None,
            };
            let since = date_words(current.created_at.utc(), visit.zone(), visit.now);
            visit.page(&AgreementPage {
                shell: visit.shell_again("What members agree to", Nav::Groups, flaws.any(), flaws.notice.clone()),
                href: cards::group_href(&actor),
                name: actor.display_name,
                words: SafeHtml(markdown::html(&current.source)),
                since: format!("Since {since}."),
                due: due.map(|row| row.version),
                errors: flaws.errors,
            })
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        agreement::accept(&visit.state.app, visit.account()?, actor.id, sent.get("agreed"))?;
        Ok(Answer::see(&format!("{}?said=agreed", cards::group_href(&actor))))
    }
}

// What those who look after a group say about its door

pub(crate) async fn terms(visit: Visit) -> Answer {
    visit.show(|visit| terms_form(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_terms(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, SetTerms { name }).await
}

pub(crate) fn terms_form(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    visit.read(|c| {
        let (actor, row) = cards::find_group(visit, c, name)?;
        if !actor.local {
            return Err(nothing());
        }
        permission::may_let_in(visit.reader.standing(actor.id))?;
        let now = agreement::terms(c, actor.id)?;
        let labels = ["First question", "Second question", "Third question"];
        let question = |(at, (field, label)): (usize, (&&str, &str))| {
            let asked = now.questions.get(at).map_or("", String::as_str);
            ((*field).to_owned(), label.to_owned(), sent.or(field, asked))
        };
        let present = now.agreement.as_ref().map_or("", |row| row.source.as_str());
        visit.page(&TermsPage {
            shell: visit.shell_again("Agreement and questions", Nav::Groups, flaws.any(), flaws.notice.clone()),
            href: cards::group_href(&actor),
            name: actor.display_name.clone(),
            agreement: sent.or("agreement", present),
            has_agreement: !present.is_empty(),
            only_wording: sent.get("only_wording") == "yes",
            asks: row.joining != Joining::Open,
            questions: QUESTIONS.iter().zip(labels).enumerate().map(question).collect(),
            errors: flaws.errors,
        })
    })
}

struct SetTerms {
    name: String,
}

impl Form for SetTerms {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        terms_form(visit, &self.name, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let typed = TermsForm {
            agreement: sent.text("agreement"),
            only_wording: sent.text("only_wording"),
            questions: QUESTIONS.iter().map(|field| sent.text(field)).collect(),
        };
        agreement::set(&visit.state.app, visit.account()?, actor.id, &typed)?;
        Ok(Answer::see(&format!("{}/terms?said=saved", cards::group_href(&actor))))
    }
}

/// The version of the words that hold, for the note on the group's page.
pub(crate) fn is_due(visit: &Visit, connection: &mut hearth_db::DbConn, group: &Actor) -> Result<bool, Failure> {
    match &visit.me {
        Some(me) if group.local => Ok(agreement::outstanding(connection, group.id, me.account.id)?.is_some()),
        _ => Ok(false),
    }
}

/// Whether a group has words to agree to.
pub(crate) fn has_agreement(connection: &mut hearth_db::DbConn, group: &Actor) -> Result<bool, Failure> {
    Ok(agreements::newest(connection, group.id)?.is_some_and(|newest| !newest.source.is_empty()))
}

// Leaving

pub(crate) async fn ask_leave(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.me()?;
            leave_page(visit, visit.part("name"), &Sent::default(), Flaws::none())
        })
        .await
}

fn leave_page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    visit.read(|c| {
        let (actor, row) = cards::find_group(visit, c, name)?;
        let href = cards::group_href(&actor);
        let own = memberships::of_account(c, actor.id, account)?.filter(|own| own.state == State::Active);
        let Some(own) = own else { return Ok(Answer::see(&href)) };
        let choice = |parting: Parting, words: &str, hint: &str| Choice {
            value: parting.as_str().to_owned(),
            words: words.to_owned(),
            hint: hint.to_owned(),
        };
        let mut choices = vec![choice(Parting::Kept, "It stays", "Under the name you have there.")];
        if membership::can_take_name_off(&actor, &row) {
            let hint =
                "The group’s name stands in place of yours. This can’t be undone, and you can’t edit it any more.";
            choices.push(choice(Parting::Unnamed, "It stays, without my name", hint));
        }
        choices.push(choice(
            Parting::Removed,
            "It goes",
            "Others see that something was removed. This can’t be undone.",
        ));
        let leaves = row.settings().reach != hearth_domain::group::Reach::Here;
        let elsewhere = "Other servers have copies under your name. If you remove what you wrote, we ask them to do \
            the same. Most will, but we can’t make them.";
        visit.page(&GroupLeavePage {
            shell: visit.shell_again("Leave", Nav::Groups, flaws.any(), flaws.notice.clone()),
            name: actor.display_name.clone(),
            persona: group::name(c, own.actor_id)?,
            choices,
            value: sent.or("posts", Parting::Kept.as_str()),
            elsewhere: if leaves { elsewhere.to_owned() } else { String::new() },
            errors: flaws.errors,
            href,
        })
    })
}

pub(crate) async fn leave(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Leave { name }).await
}

struct Leave {
    name: String,
}

impl Form for Leave {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        leave_page(visit, &self.name, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let account = visit.account()?;
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let app = &visit.state.app;
        let parting = match sent.get("posts") {
            "" => Parting::Kept,
            typed => typed.parse().map_err(|_| Failure::Unreadable("Choose one of the answers on the page."))?,
        };
        membership::leave_with(app, account, actor.id, parting)?;
        following::unfollow(app, account, actor.id)?;
        // Whoever left a group that only members know of is a stranger to its page.
        let visit = visit.again_same()?;
        let still = visit.read(|c| cards::find_group(&visit, c, &self.name)).is_ok();
        Ok(Answer::see(&if still { format!("{}?said=left", cards::group_href(&actor)) } else { "/?said=left".into() }))
    }
}
