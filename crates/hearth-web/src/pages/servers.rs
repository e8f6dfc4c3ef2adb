//! `/admin/network`: following servers for their meetups. For keepers.

use super::cards;
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        parts::Choice,
        servers::{AdminNetworkPage, Followed, Follower, WaitingMeetup},
        shell::Nav,
    },
    words::When,
};
use hearth_actions::{
    ActionError, documents,
    network::NotFound,
    server_follow::{self, Servers},
    tries,
};
use hearth_db::tables::follows::FollowState;
use hearth_domain::{
    id::ActorId,
    server::{FollowedBy, TakesMeetups},
};

/// Where all of this is.
const PAGE: &str = "/admin/network";

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, &Sent::default(), Flaws::none())).await
}

fn page(visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
    let Servers { followed, followers, waiting, followed_by } =
        server_follow::servers(&visit.state.app, visit.account()?)?;
    visit.page(&AdminNetworkPage {
        shell: visit.shell_again("Other servers’ meetups", Nav::Elsewhere, flaws.any(), flaws.notice.clone()),
        waiting: waiting
            .into_iter()
            .map(|row| WaitingMeetup {
                when: When::meeting(row.starts_at.utc(), Some(row.ends_at.utc()), visit.zone(), visit.now).words,
                host: row.ap_id.host(),
                id: row.ap_id.to_string(),
                title: row.title,
                place: row.place,
                page: cards::page_elsewhere(&row.url),
            })
            .collect(),
        followed: followed
            .into_iter()
            .map(|(row, actor, state)| Followed {
                id: actor.id.to_string(),
                host: actor.host,
                state: follow_words(state).to_owned(),
                way: row.meetups.as_str().to_owned(),
            })
            .collect(),
        followers: followers
            .into_iter()
            .map(|(actor, state)| Follower {
                id: actor.id.to_string(),
                name: format!("@{}", documents::handle(&actor)),
                accepted: state == FollowState::Accepted,
            })
            .collect(),
        ways: TakesMeetups::ALL.iter().map(|way| way_choice(*way)).collect(),
        anyone: followed_by == FollowedBy::Anyone,
        server: sent.text("server"),
        way: sent.or("meetups", TakesMeetups::Review.as_str()),
        errors: flaws.errors,
    })
}

const fn follow_words(state: FollowState) -> &'static str {
    match state {
        FollowState::Asked => "Asked. Its keepers have not answered yet.",
        FollowState::Accepted => "Followed.",
        FollowState::Refused => "It said no.",
    }
}

fn way_choice(way: TakesMeetups) -> Choice {
    let words = match way {
        TakesMeetups::Off => "Take nothing for now",
        TakesMeetups::Review => "Show meetups after I looked at them",
        TakesMeetups::AtOnce => "Show meetups at once",
    };
    Choice { value: way.as_str().to_owned(), words: words.to_owned(), hint: String::new() }
}

/// Asks the other server who speaks for it, then follows it. The one thing here that needs the network.
pub(crate) async fn follow(visit: Visit, sent: Sent) -> Answer {
    let host = sent.get("server").trim().trim_start_matches("https://").trim_end_matches('/').to_lowercase();
    let state = visit.state.clone();
    let may = actix_web::web::block(move || {
        let may = may_look(&visit);
        (visit, may)
    });
    let Ok((visit, may)) = may.await else { return Answer::nothing().status(503) };
    let found = match may {
        Ok(()) => state.network.find_server(&host).await,
        // Whoever may not is told so by the action, in the same words as everywhere.
        Err(_) => Err(NotFound::Unknown),
    };
    submit(visit, sent, Follow { found }).await
}

/// Only keepers cause requests, and not without end.
fn may_look(visit: &Visit) -> Result<(), Failure> {
    let account = visit.account()?;
    server_follow::servers(&visit.state.app, account)?;
    Ok(tries::count(&visit.state.app, &[(tries::LOOK_UP, &account.to_string())])?)
}

struct Follow {
    found: Result<ActorId, NotFound>,
}

impl Form for Follow {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        page(visit, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let keeper = visit.account()?;
        server_follow::servers(&visit.state.app, keeper)?;
        let Ok(server) = self.found else {
            let sentence = "That server was not found, or can’t be followed. Check its name, or try again later.";
            return Err(ActionError::field("server", sentence).into());
        };
        server_follow::follow(&visit.state.app, keeper, server, way_of(sent)?)?;
        Ok(Answer::see(&format!("{PAGE}?said=asked")))
    }
}

fn way_of(sent: &Sent) -> Result<TakesMeetups, Failure> {
    sent.get("meetups").parse().map_err(|_| Failure::Unreadable("Choose from the list what to take."))
}

pub(crate) async fn followed(visit: Visit, sent: Sent) -> Answer {
    press(visit, sent, |visit, sent| {
        let (app, keeper, server) = (&visit.state.app, visit.account()?, sent.get("id").parse()?);
        match sent.get("answer") {
            "set" => server_follow::set_meetups(app, keeper, server, way_of(sent)?)?,
            "end" => server_follow::unfollow(app, keeper, server)?,
            _ => return Err(NEITHER),
        }
        Ok(())
    })
    .await
}

pub(crate) async fn followers(visit: Visit, sent: Sent) -> Answer {
    press(visit, sent, |visit, sent| {
        let yes = yes_or_no(sent)?;
        Ok(server_follow::answer_follower(&visit.state.app, visit.account()?, sent.get("id").parse()?, yes)?)
    })
    .await
}

pub(crate) async fn rule(visit: Visit, sent: Sent) -> Answer {
    press(visit, sent, |visit, sent| {
        let rule = if sent.get("anyone") == "yes" { FollowedBy::Anyone } else { FollowedBy::Asked };
        Ok(server_follow::set_followed_by(&visit.state.app, visit.account()?, rule)?)
    })
    .await
}

pub(crate) async fn meetup(visit: Visit, sent: Sent) -> Answer {
    press(visit, sent, |visit, sent| {
        let yes = yes_or_no(sent)?;
        Ok(server_follow::review(&visit.state.app, visit.account()?, sent.get("id"), yes)?)
    })
    .await
}

const NEITHER: Failure = Failure::Unreadable("Press one of the two buttons.");

fn yes_or_no(sent: &Sent) -> Result<bool, Failure> {
    match sent.get("answer") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(NEITHER),
    }
}

async fn press(visit: Visit, sent: Sent, deed: fn(&Visit, &Sent) -> Result<(), Failure>) -> Answer {
    let act = move |visit: &Visit, sent: &Sent| {
        deed(visit, sent)?;
        Ok(Answer::see(&format!("{PAGE}?said=saved")))
    };
    submit(visit, sent, Button { page: PAGE.to_owned(), act }).await
}
