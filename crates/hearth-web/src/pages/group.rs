//! `/g/{name}`: a group here or elsewhere, and coming in and out of it.

use super::{
    cards,
    home::{PAGE, pager, read_after},
};
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        group::{GroupPage, GroupWaitingPage, JoinValues, Standing, WaitingPerson, WayIn},
        parts::Person,
        shell::Nav,
    },
    words::{When, size_band},
};
use hearth_actions::{block, follow as following, group::read_persona, markdown, membership, post, team};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        follows::{self, FollowState},
        groups::Group,
        hosts::Host,
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
        let mut posts = conversation::roots(c, &visit.reader, &[actor.id], after, PAGE + 1)?;
        let pager = pager(&mut posts, &href, after);
        let pinned = pinned(visit, c, &actor, &row)?;
        posts.retain(|one| !pinned.iter().any(|pin| pin.post.id == one.post.id));
        let pinned = if after.is_none() { pinned } else { Vec::new() };
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
            care_href: Some(format!("{href}/care")).filter(|_| care),
            pinned: cards::post_cards(visit, c, pinned, false)?,
            waiting_href: Some(format!("{href}/waiting"))
                .filter(|_| actor.local && permission::may_let_in(standing).is_ok()),
            settings: settings(&actor, &row),
            size: size(c, &actor)?,
            standing: shown_standing(visit, c, &actor, &row)?,
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
        return Ok(match memberships::of_account(connection, actor.id, me.account.id)? {
            Some(own) if own.state == State::Active => Standing::Member(name(connection, own.actor_id)?),
            Some(own) => Standing::Asked(name(connection, own.actor_id)?),
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
        page(visit, &self.name, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let account = visit.account()?;
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let persona = persona_of(sent)?;
        let app = &visit.state.app;
        let said = if actor.local && !self.follow {
            match membership::join(app, account, actor.id, persona)? {
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

pub(crate) async fn leave(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    let page = format!("/g/{name}");
    let leave = move |visit: &Visit, _: &Sent| {
        let account = visit.account()?;
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &name))?;
        let app = &visit.state.app;
        membership::leave(app, account, actor.id)?;
        following::unfollow(app, account, actor.id)?;
        // Whoever left a group that only members know of is a stranger to its page.
        let visit = visit.again_same()?;
        let still = visit.read(|c| cards::find_group(&visit, c, &name)).is_ok();
        Ok(Answer::see(&if still { format!("{}?said=left", cards::group_href(&actor)) } else { "/?said=left".into() }))
    };
    submit(visit, sent, Button { page, act: leave }).await
}

pub(crate) async fn waiting(visit: Visit) -> Answer {
    visit.show(|visit| waiting_page(visit, visit.part("name"))).await
}

fn waiting_page(visit: &Visit, name: &str) -> Shown {
    let account = visit.account()?;
    let (actor, _) = visit.read(|c| cards::find_group(visit, c, name))?;
    let person = |row: membership::Waiting| WaitingPerson {
        id: row.person.id.to_string(),
        name: row.person.display_name.clone(),
        when: When::written(row.membership.since.utc(), visit.zone(), visit.now).words,
        from: row.host.map(|host| from_words(&host)).unwrap_or_default(),
    };
    let waiting = membership::waiting(&visit.state.app, account, actor.id)?;
    visit.page(&GroupWaitingPage {
        shell: visit.shell("People waiting", Nav::Groups),
        href: cards::group_href(&actor),
        name: actor.display_name,
        waiting: waiting.into_iter().map(person).collect(),
    })
}

fn from_words(host: &Host) -> String {
    match (&host.software, &host.version) {
        (Some(software), Some(version)) => format!("{} ({software} {version})", host.host),
        _ => host.host.clone(),
    }
}

pub(crate) async fn answer_waiting(visit: Visit, sent: Sent) -> Answer {
    let (name, person) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    let page = format!("/g/{name}/waiting");
    let back = page.clone();
    let act = move |visit: &Visit, sent: &Sent| {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &name))?;
        let (welcome, said) = match sent.get("answer") {
            "yes" => (true, "let-in"),
            "no" => (false, "turned-away"),
            _ => return Err(Failure::Unreadable("Press one of the two buttons beside the name.")),
        };
        membership::answer(app, account, actor.id, person.parse()?, welcome)?;
        Ok(Answer::see(&format!("{back}?said={said}")))
    };
    submit(visit, sent, Button { page, act }).await
}
