//! `/groups`: finding a group here or elsewhere by words, an address or a link; and following what was found.
//!
//! Only people who are signed in make this server ask another one.

use super::{cards, group::persona_of};
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        group::{Following, Found, GroupPreview, GroupsPage},
        parts::GroupCard,
        shell::Nav,
    },
};
use hearth_actions::{follow as following, network::NotFound, tries};
use hearth_db::{
    DbConn,
    tables::{
        actors,
        follows::{self, FollowState},
        groups::{self, Group},
    },
};
use hearth_domain::{
    address::{Handle, Lookup, read_lookup},
    id::ActorId,
};
use std::time::Duration;

/// How long a page waits for another server.
const PATIENCE: Duration = Duration::from_secs(8);

pub(crate) async fn show(visit: Visit) -> Answer {
    let typed = visit.query("q").to_owned();
    look(visit, typed).await
}

/// Somebody comes from their own server's "follow" button, or from another's.
pub(crate) async fn arrive(visit: Visit) -> Answer {
    let typed = visit.query("uri").to_owned();
    if visit.me.is_none() {
        return visit.show(|visit| Err(visit.me().err().unwrap_or_else(crate::error::nothing))).await;
    }
    look(visit, typed).await
}

/// What is known before anybody else is asked.
enum Step {
    Known(ActorId),
    Ask(Lookup, String),
    SignIn,
    Words(String),
    Everything,
}

async fn look(visit: Visit, typed: String) -> Answer {
    let state = visit.state.clone();
    let lookup = read_lookup(&typed);
    let query = typed.clone();
    let (visit, step) = match actix_web::web::block(move || {
        let step = first_step(&visit, lookup);
        (visit, step)
    })
    .await
    {
        Ok(done) => done,
        Err(_) => return Answer::nothing().status(503),
    };
    let found = match step {
        Ok(Step::Ask(lookup, host)) => {
            match tokio::time::timeout(PATIENCE, state.network.find(&lookup))
                .await
                .unwrap_or(Err(NotFound::Unreachable))
            {
                Ok(id) => Ok(Step::Known(id)),
                Err(why) => return visit.show(move |visit| missed(visit, &query, why, host)).await,
            }
        }
        other => other,
    };
    visit.show(move |visit| result(visit, &query, found?)).await
}

fn first_step(visit: &Visit, lookup: Lookup) -> Result<Step, Failure> {
    let own = visit.site()?.host();
    let host = match &lookup {
        Lookup::Words(words) if words.is_empty() => return Ok(Step::Everything),
        Lookup::Words(words) => return Ok(Step::Words(words.to_lowercase())),
        Lookup::Handle(handle) => handle.host.clone(),
        Lookup::Link(link) => link.host(),
    };
    let known = visit.read(|c| known(c, &lookup, &own))?;
    if let Some(id) = known {
        return Ok(Step::Known(id));
    }
    if host == own {
        return Err(crate::error::nothing());
    }
    let Some(me) = &visit.me else { return Ok(Step::SignIn) };
    tries::count(&visit.state.app, &[(tries::LOOK_UP, &me.account.id.to_string())])?;
    Ok(Step::Ask(lookup, host))
}

fn known(connection: &mut DbConn, lookup: &Lookup, own: &str) -> Result<Option<ActorId>, Failure> {
    let actor = match lookup {
        Lookup::Handle(Handle { name, host }) if host == own => actors::local_by_name(connection, name)?,
        Lookup::Handle(Handle { name, host }) => actors::remote_by_handle(connection, name, host)?,
        Lookup::Link(link) => actors::by_ap_id(connection, link.as_str())?,
        Lookup::Words(_) => None,
    };
    Ok(actor.map(|actor| actor.id))
}

fn missed(visit: &Visit, query: &str, why: NotFound, host: String) -> Shown {
    let found = match why {
        NotFound::Unknown | NotFound::Unusable | NotFound::BadAddress => Found::Nothing,
        NotFound::Unreachable => Found::Unreachable(host),
        NotFound::Refused => Found::Refused(host),
    };
    page(visit, query, found, None)
}

fn result(visit: &Visit, query: &str, step: Step) -> Shown {
    match step {
        Step::Everything => page(visit, query, Found::NotAsked, None),
        Step::Words(words) => page(visit, query, Found::Lists, Some(&words)),
        Step::SignIn => Err(hearth_domain::Denied::SignIn.into()),
        Step::Ask(..) => page(visit, query, Found::Nothing, None),
        Step::Known(id) => {
            let found = match visit.read(|c| preview(visit, c, id, ""))? {
                Some(preview) => Found::Group(Box::new(preview)),
                None => Found::Nothing,
            };
            page(visit, query, found, None)
        }
    }
}

/// The page; `words` keeps the groups whose name or description holds them.
fn page(visit: &Visit, query: &str, found: Found, words: Option<&str>) -> Shown {
    page_with(visit, query, found, words, Flaws::none())
}

fn page_with(visit: &Visit, query: &str, found: Found, words: Option<&str>, flaws: Flaws) -> Shown {
    let lists = matches!(found, Found::NotAsked | Found::Lists);
    let (here, neighbours) = visit.read(|c| {
        if !lists {
            return Ok((Vec::new(), Vec::new()));
        }
        let shown =
            |row: &Group| hearth_domain::audience::group_is_shown(row.settings(), visit.reader.standing(row.actor_id));
        let here: Vec<_> = groups::local(c)?.into_iter().filter(|(_, row)| shown(row)).collect();
        Ok((cards_of(&here, words), cards_of(&groups::followed_elsewhere(c)?, words)))
    })?;
    visit.page(&GroupsPage {
        shell: visit.shell_again("Find a group", Nav::Groups, flaws.any(), flaws.notice),
        query: query.to_owned(),
        found,
        here,
        neighbours,
        can_create: visit.me.is_some(),
    })
}

fn cards_of(groups: &[(actors::Actor, Group)], words: Option<&str>) -> Vec<GroupCard> {
    let fits = |(actor, row): &&(actors::Actor, Group)| {
        words.is_none_or(|words| {
            let plain = hearth_actions::markdown::plain(&actor.summary_html);
            let text = format!("{} {} {plain} {}", actor.display_name, actor.name, row.rhythm).to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        })
    };
    groups.iter().filter(fits).map(cards::group_card).collect()
}

fn preview(visit: &Visit, connection: &mut DbConn, id: ActorId, typed: &str) -> Result<Option<GroupPreview>, Failure> {
    let Some((actor, row)) = groups::with_actor(connection, id)? else { return Ok(None) };
    let shown = hearth_domain::audience::group_is_shown(row.settings(), visit.reader.standing(id));
    if !shown || actor.deleted_at.is_some() {
        return Ok(None);
    }
    let follow = match &visit.me {
        Some(me) => follows::of_account(connection, me.account.id)?.into_iter().find(|follow| follow.target_id == id),
        None => None,
    };
    let following = match follow.map(|follow| follow.state) {
        None => Following::No,
        Some(FollowState::Asked) => Following::Asked,
        Some(FollowState::Accepted) => Following::Yes,
        Some(FollowState::Refused) => Following::Refused,
    };
    let personas = cards::personas(visit, connection, Some(id), typed)?;
    let sender = visit.me.as_ref().and_then(|me| me.personas.first());
    Ok(Some(GroupPreview {
        uri: actor.ap_id.to_string(),
        name: actor.display_name.clone(),
        door: cards::door(&actor),
        from: cards::from(&actor),
        words: SafeHtml(actor.summary_html.clone()),
        facts: vec![("info", row.settings().sentence().to_owned())],
        their_page: cards::page_elsewhere(&actor.url).unwrap_or_default(),
        here: Some(cards::group_href(&actor)).filter(|_| actor.local || following != Following::No),
        shares: sender.map(|own| format!("{}@{}", own.name, own.host)).unwrap_or_default(),
        personas,
        following,
    }))
}

pub(crate) async fn follow(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, Follow).await
}

struct Follow;

impl Follow {
    fn target(visit: &Visit, sent: &Sent) -> Result<ActorId, Failure> {
        let actor = visit.read(|c| Ok(actors::by_ap_id(c, sent.get("uri"))?))?;
        Ok(actor.ok_or_else(crate::error::nothing)?.id)
    }
}

impl Form for Follow {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let id = Self::target(visit, sent)?;
        let found = match visit.read(|c| preview(visit, c, id, sent.get("as")))? {
            Some(preview) => Found::Group(Box::new(preview)),
            None => Found::Nothing,
        };
        let wrong = flaws.errors.iter().next().map(|(_, sentence)| crate::submit::warm(sentence, ""));
        let notice = wrong.or(flaws.notice);
        page_with(visit, sent.get("uri"), found, None, Flaws { notice, ..Flaws::none() })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let target = Self::target(visit, sent)?;
        let state = following::follow(&visit.state.app, visit.account()?, target, persona_of(sent)?)?;
        let said = if state == FollowState::Accepted { "followed" } else { "asked" };
        let actor = visit.read(|c| Ok(actors::by_id(c, target)?))?.ok_or_else(crate::error::nothing)?;
        Ok(Answer::see(&format!("{}?said={said}", cards::group_href(&actor))))
    }
}
