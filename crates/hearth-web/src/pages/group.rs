//! `/g/{name}`: a group here or elsewhere, and coming in and out of it.

use super::{
    cards, check_ins,
    home::{PAGE, pager, read_after},
    joining, topics,
};
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        group::{GroupPage, GroupWaitingPage, JoinValues, LetInPerson, Standing, WaitingPerson, WayIn},
        parts::Person,
        shell::Nav,
    },
    words::{When, size_band},
};
use hearth_actions::{
    access, agreement, block, care, follow as following, group::read_persona, join_request, markdown, membership, post,
    recipients, role, team,
};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        follows::{self, FollowState},
        groups::Group,
        hosts::{self, Host},
        join_requests::JoinAnswer,
        memberships, pins,
    },
    views::{Authored, calendar, conversation},
};
use hearth_domain::{group::Joining, id::ActorId, membership::State, permission};

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

/// The page of a group, with what was typed into its form.
pub(crate) fn page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let flaws = flaws.named(&[("persona", "as")]);
    visit.site()?;
    visit.read(|c| {
        let (actor, row) = cards::find_group(visit, c, name)?;
        let href = cards::group_href(&actor);
        let standing = visit.reader.standing(actor.id);
        let after = read_after(visit.query("after"));
        let (topics, topic) = topics::links(visit, c, &actor, (&row, &href))?;
        let (mut posts, list_href) = match topic {
            Some(id) => {
                let posts = conversation::roots_about(c, &visit.reader, actor.id, id, after, PAGE + 1)?;
                (posts, topics::href(&href, id))
            }
            None => (conversation::roots(c, &visit.reader, &[actor.id], after, PAGE + 1)?, href.clone()),
        };
        let pager = pager(&mut posts, &list_href, after);
        let mut first = Vec::new();
        if topic.is_none() {
            first = pinned(visit, c, &actor, &row)?;
            posts.retain(|one| !first.iter().any(|pin| pin.post.id == one.post.id));
        }
        let first_page = after.is_none() && topic.is_none();
        let pinned = if first_page { first } else { Vec::new() };
        let care = match &visit.me {
            Some(me) => team::looks_after(c, me.account.id, &actor)?,
            None => false,
        };
        let next = calendar::upcoming(c, &visit.reader, &[actor.id], visit.now.into(), 3)?;
        let handle = format!("@{}@{}", actor.name, actor.host);
        let guidelines = markdown::html(&row.guidelines);
        let page = GroupPage {
            shell: visit.shell_again(&actor.display_name, Nav::Groups, flaws.any(), flaws.notice.clone()),
            name: actor.display_name.clone(),
            quiet: actor.local && standing.is_member(),
            door: cards::door(&actor),
            handle: Some(handle).filter(|_| hearth_domain::audience::group_is_on_the_network(row.settings())),
            from: cards::from(&actor),
            their_page: cards::page_elsewhere(&actor.url).filter(|_| !actor.local),
            words: SafeHtml(actor.summary_html.clone()),
            rhythm: row.rhythm.clone(),
            guidelines: Some(SafeHtml(guidelines)).filter(|html| !html.0.is_empty()),
            edit_href: Some(format!("{href}/edit"))
                .filter(|_| actor.local && permission::may_change_group(standing).is_ok()),
            offered_by: offered_by(visit, c, actor.id)?,
            remarks: remarks(c, &actor, standing)?,
            care_href: Some(format!("{href}/care")).filter(|_| care),
            topics,
            check_in: if first_page { check_ins::newest(visit, c, &actor, &row)? } else { None },
            pinned: cards::post_cards(visit, c, pinned, false)?,
            waiting_href: Some(format!("{href}/waiting"))
                .filter(|_| actor.local && permission::may_let_in(standing).is_ok()),
            settings: settings(&actor, &row),
            size: size(c, &actor)?,
            standing: shown_standing(visit, c, &actor, &row)?,
            asks: actor.local && joining::asks(&row, &agreement::terms(c, actor.id)?),
            has_agreement: actor.local && joining::has_agreement(c, &actor)?,
            agreement_due: joining::is_due(visit, c, &actor)?,
            can_ask: !actor.local && row.settings().is_public() && is_hearth(c, &actor)?,
            personas: cards::personas(visit, c, Some(actor.id), sent.get("as"))?,
            can_be_followed: actor.local && row.settings().is_wide_open(),
            can_post: visit.me.is_some() && permission::may_post(row.settings(), standing).is_ok(),
            can_plan: actor.local && permission::may_host(standing).is_ok(),
            more_for_members: actor.local && !row.settings().is_public() && !standing.is_member(),
            next: cards::event_cards(visit, c, &next, false, false)?,
            posts: cards::post_cards(visit, c, posts, false)?,
            pager,
            hosts: hosts(visit, c, actor.id)?,
            values: JoinValues { hello: sent.text("hello") },
            errors: flaws.errors,
            href,
        };
        visit.page(&page)
    })
}

/// Who offers this group to the reader.
fn offered_by(visit: &Visit, connection: &mut DbConn, group: ActorId) -> Result<Option<String>, Failure> {
    let Some(me) = &visit.me else { return Ok(None) };
    let Some((offer, _)) = role::offer_of(connection, me.account.id, group)? else { return Ok(None) };
    if visit.is_mine(offer.to_id) { Ok(Some(name(connection, offer.from_id)?)) } else { Ok(None) }
}

/// What stands above a group's conversations.
fn remarks(
    connection: &mut DbConn,
    actor: &Actor,
    standing: hearth_domain::membership::Standing,
) -> Result<Vec<String>, Failure> {
    let mut list = Vec::new();
    if actor.local && care::is_archived(connection, actor.id)? {
        list.push("This group is archived. Everything stays to be read, and nothing is added.".to_owned());
    }
    if actor.local && standing.is_member() && access::is_open(connection, actor.id)? {
        list.push("A keeper of this server can read this group at the moment. Your notices say why.".to_owned());
    }
    Ok(list)
}

/// What stands first, as far as the reader may see it.
fn pinned(visit: &Visit, connection: &mut DbConn, actor: &Actor, row: &Group) -> Result<Vec<Authored>, Failure> {
    let account = visit.me.as_ref().map(|me| me.account.id);
    let mut list = Vec::new();
    for post in pins::of_group(connection, actor.id)? {
        let shown =
            visit.reader.includes(row, post.visibility) && !block::hides(connection, account, &visit.reader, &post)?;
        if let (true, Some(author)) = (shown, actors::by_id(connection, post.author_id)?) {
            list.push(Authored { post, author });
        }
    }
    Ok(list)
}

/// The settings in words. How far a group elsewhere reaches is for its server to say.
fn settings(actor: &Actor, row: &Group) -> String {
    let settings = row.settings();
    if actor.local && !settings.is_wide_open() {
        format!("{} {}", settings.sentence(), settings.reach_sentence())
    } else {
        settings.sentence().to_owned()
    }
}

/// Rough size of a group here; of groups elsewhere we only know the followers that live here.
fn size(connection: &mut DbConn, actor: &Actor) -> Result<String, Failure> {
    if !actor.local {
        return Ok(String::new());
    }
    let count = u64::try_from(memberships::count(connection, actor.id)?).unwrap_or_default();
    let band = size_band(count);
    let mut letters = band.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    Ok(first + letters.as_str())
}

/// Those who look after a group.
pub(crate) fn hosts(visit: &Visit, connection: &mut DbConn, group: ActorId) -> Result<Vec<Person>, Failure> {
    let rows = memberships::with_roles(connection, group, post::HOLDERS)?;
    Ok(rows.iter().map(|(_, actor)| Person { host: true, ..cards::person(visit, actor) }).collect())
}

fn shown_standing(visit: &Visit, connection: &mut DbConn, actor: &Actor, row: &Group) -> Result<Standing, Failure> {
    let Some(me) = &visit.me else { return Ok(Standing::Visitor) };
    if actor.local {
        return Ok(match join_request::told(connection, actor.id, me.account.id)? {
            Some((own, State::Active)) => Standing::Member(name(connection, own)?),
            Some((own, _)) => Standing::Asked(name(connection, own)?),
            None => Standing::Outside(match row.joining {
                Joining::Open => WayIn::Open,
                Joining::Approval => WayIn::Approval,
                Joining::Invitation => WayIn::Invitation,
            }),
        });
    }
    if let Some(own) = memberships::of_account(connection, actor.id, me.account.id)? {
        let name = name(connection, own.actor_id)?;
        return Ok(if own.state == State::Active { Standing::Member(name) } else { Standing::Asked(name) });
    }
    if !row.settings().is_public() {
        return Ok(Standing::Outside(WayIn::Approval));
    }
    let follow = follows::of_account(connection, me.account.id)?.into_iter().find(|row| row.target_id == actor.id);
    Ok(match follow {
        Some(own) if own.state == FollowState::Accepted => Standing::Follows(name(connection, own.follower_id)?),
        Some(own) if own.state == FollowState::Asked => Standing::FollowAsked(name(connection, own.follower_id)?),
        _ => Standing::Outside(WayIn::Remote),
    })
}

/// What the reader is to a group, as far as it is told.
pub(crate) fn told(visit: &Visit, connection: &mut DbConn, group: ActorId) -> Result<Option<State>, Failure> {
    let Some(me) = &visit.me else { return Ok(None) };
    Ok(join_request::told(connection, group, me.account.id)?.map(|(_, state)| state))
}

/// Whether a group elsewhere can be joined and not only followed: where its server runs Hearth.
fn is_hearth(connection: &mut DbConn, actor: &Actor) -> Result<bool, Failure> {
    let host = hosts::get(connection, &actor.host)?;
    Ok(host.is_some_and(|host| recipients::software(&host).name() == "hearth"))
}

/// The shown name of an actor.
pub(crate) fn name(connection: &mut DbConn, id: ActorId) -> Result<String, Failure> {
    Ok(actors::by_id(connection, id)?.map(|actor| actor.display_name).unwrap_or_default())
}

struct Join {
    name: String,
    /// Follow, also where one could join.
    follow: bool,
}

pub(crate) async fn join(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Join { name, follow: false }).await
}

pub(crate) async fn follow(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Join { name, follow: true }).await
}

impl Form for Join {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        if self.follow {
            page(visit, &self.name, sent, flaws)
        } else {
            joining::join_page(visit, &self.name, sent, flaws)
        }
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let account = visit.account()?;
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let persona = persona_of(sent)?;
        let app = &visit.state.app;
        let said = if (actor.local && !self.follow) || sent.get("do") == "ask" {
            match membership::join_saying(app, account, actor.id, persona, &joining::typed(sent))? {
                State::Active => "joined",
                State::Waiting | State::Banned => "asked",
            }
        } else {
            match following::follow(app, account, actor.id, persona)? {
                FollowState::Accepted => "followed",
                FollowState::Asked | FollowState::Refused => "asked",
            }
        };
        Ok(Answer::see(&format!("{}?said={said}", cards::group_href(&actor))))
    }
}

/// The name that was chosen in a form.
pub(crate) fn persona_of(sent: &Sent) -> Result<ActorId, Failure> {
    let mut form = hearth_actions::Form::default();
    let persona = read_persona(&mut form, sent.get("as"));
    form.finish()?;
    persona.ok_or_else(crate::error::nothing)
}

pub(crate) async fn waiting(visit: Visit) -> Answer {
    visit.show(|visit| waiting_page(visit, visit.part("name"), "", &Sent::default(), Flaws::none())).await
}

/// The page; `again` is the person whose form is shown once more.
fn waiting_page(visit: &Visit, name: &str, again: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let (question, word) = (format!("question-{again}"), format!("word-{again}"));
    let flaws = flaws.named(&[("question", &question), ("word", &word)]);
    let (app, account) = (&visit.state.app, visit.account()?);
    let (actor, _) = visit.read(|c| cards::find_group(visit, c, name))?;
    let when = |time: hearth_db::Time| When::written(time.utc(), visit.zone(), visit.now).words;
    let person = |row: membership::Waiting| {
        let id = row.person.id.to_string();
        let typed = |field: &str| if id == again { sent.text(field) } else { String::new() };
        WaitingPerson {
            name: row.person.display_name.clone(),
            when: when(row.membership.since),
            from: row.host.map(|host| from_words(&host)).unwrap_or_default(),
            answers: answered(row.answers),
            question: typed("question"),
            word: typed("word"),
            id,
        }
    };
    let waiting = membership::waiting(app, account, actor.id)?;
    let lately = join_request::let_in_lately(app, account, actor.id)?;
    let let_in = |one: join_request::LetIn| LetInPerson {
        name: one.person.display_name,
        when: one.request.decided_at.map(when).unwrap_or_default(),
        answers: answered(one.answers),
    };
    visit.page(&GroupWaitingPage {
        shell: visit.shell_again("People waiting", Nav::Groups, flaws.any(), flaws.notice.clone()),
        href: cards::group_href(&actor),
        name: actor.display_name,
        waiting: waiting.into_iter().map(person).collect(),
        lately: lately.into_iter().map(let_in).collect(),
        errors: flaws.errors,
    })
}

fn answered(answers: Vec<JoinAnswer>) -> Vec<(String, String)> {
    answers.into_iter().map(|one| (one.question, one.answer.unwrap_or_default())).collect()
}

fn from_words(host: &Host) -> String {
    match (&host.software, &host.version) {
        (Some(software), Some(version)) => format!("{} ({software} {version})", host.host),
        _ => host.host.clone(),
    }
}

pub(crate) async fn answer_waiting(visit: Visit, sent: Sent) -> Answer {
    let (name, person) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    submit(visit, sent, AnswerWaiting { name, person }).await
}

struct AnswerWaiting {
    name: String,
    person: String,
}

impl Form for AnswerWaiting {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        waiting_page(visit, &self.name, &self.person, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let person: ActorId = self.person.parse()?;
        let said = match sent.get("answer") {
            "yes" => {
                membership::answer(app, account, actor.id, person, true)?;
                "let-in"
            }
            "no" => {
                membership::answer_kindly(app, account, actor.id, person, false, sent.get("word"))?;
                "turned-away"
            }
            "ask" => {
                join_request::ask(app, account, actor.id, person, sent.get("question"))?;
                "question-sent"
            }
            _ => return Err(Failure::Unreadable("Press one of the buttons below the name.")),
        };
        Ok(Answer::see(&format!("{}/waiting?said={said}", cards::group_href(&actor))))
    }
}
