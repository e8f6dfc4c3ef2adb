//! Following other servers for their meetups, and being followed by them. Keepers only.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer, count_account},
    done, ok,
    problem::ApiError,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{documents, server_follow, tries};
use hearth_db::tables::follows::FollowState;
use hearth_domain::{id::ActorId, server::TakesMeetups};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A server that this one follows.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowedServerDocument {
    /// Id.
    id: String,
    /// Its name.
    host: String,
    /// `asked`, `accepted` or `refused`.
    state: &'static str,
    /// What is taken of its meetups: `off`, `review` or `at_once`.
    meetups: &'static str,
}

/// A server that follows this one, or asks to.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowingServerDocument {
    /// Id.
    id: String,
    /// `relay@oak.example`.
    handle: String,
    /// Whether it was let.
    accepted: bool,
}

/// A meetup that a keeper is to look at.
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingMeetupDocument {
    /// Its id on the network.
    id: String,
    /// Its title.
    title: String,
    /// Where, in words.
    place: String,
    /// Its page.
    url: String,
    /// Start.
    starts_at: DateTime<Utc>,
    /// End.
    ends_at: DateTime<Utc>,
}

/// How this server stands to others.
#[derive(Serialize, ToSchema)]
pub(super) struct NetworkDocument {
    /// Servers that are followed.
    followed: Vec<FollowedServerDocument>,
    /// Servers that follow this one, or ask to.
    followers: Vec<FollowingServerDocument>,
    /// Meetups that a keeper is to look at, soonest first.
    waiting: Vec<WaitingMeetupDocument>,
    /// How servers get to follow this one: `asked` or `anyone`.
    followed_by: &'static str,
}

const fn word(state: FollowState) -> &'static str {
    match state {
        FollowState::Asked => "asked",
        FollowState::Accepted => "accepted",
        FollowState::Refused => "refused",
    }
}

/// How this server stands to others.
#[utoipa::path(get, path = "/admin/network", tag = "keepers",
    responses((status = 200, description = "The servers and meetups.", body = NetworkDocument)))]
pub(super) async fn get_network(state: State, me: Holder) -> Answer {
    let found = state.run(move |app| server_follow::servers(app, me.account.id)).await?;
    let followed = found.followed.into_iter().map(|(row, actor, state)| FollowedServerDocument {
        id: actor.id.to_string(),
        host: actor.host,
        state: word(state),
        meetups: row.meetups.as_str(),
    });
    let followers = found.followers.into_iter().map(|(actor, state)| FollowingServerDocument {
        id: actor.id.to_string(),
        handle: documents::handle(&actor),
        accepted: state == FollowState::Accepted,
    });
    let waiting = found.waiting.into_iter().map(|row| WaitingMeetupDocument {
        id: row.ap_id.to_string(),
        title: row.title,
        place: row.place,
        url: row.url,
        starts_at: row.starts_at.utc(),
        ends_at: row.ends_at.utc(),
    });
    Ok(ok(NetworkDocument {
        followed: followed.collect(),
        followers: followers.collect(),
        waiting: waiting.collect(),
        followed_by: found.followed_by.as_str(),
    }))
}

/// How servers get to follow this one.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NetworkPatch {
    /// `asked`: a keeper lets each; `anyone`: they may at once.
    followed_by: String,
}

/// Changes how servers get to follow this one.
#[utoipa::path(patch, path = "/admin/network", tag = "keepers", request_body = NetworkPatch,
    responses((status = 204, description = "Changed.")))]
pub(super) async fn patch_network(state: State, me: Writer, body: Body) -> Answer {
    let NetworkPatch { followed_by } = body.read().await?;
    if followed_by.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let rule = followed_by.parse().map_err(|_| ApiError::field("followed_by", "Send `asked` or `anyone`."))?;
    state.run(move |app| server_follow::set_followed_by(app, me.id(), rule)).await?;
    Ok(done())
}

/// A server to follow.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FollowServerBody {
    /// Its name.
    #[schema(example = "mobilizon.example.org")]
    host: String,
    /// `off`, `review` or `at_once`; `review` if left out.
    meetups: String,
}

fn way(sent: &str) -> Result<TakesMeetups, ApiError> {
    let sentence = "Send `off`, `review` or `at_once`.";
    if sent.is_empty() {
        return Ok(TakesMeetups::Review);
    }
    sent.parse().map_err(|_| ApiError::field("meetups", sentence))
}

/// Follows a server for its meetups. Its keepers may have to agree first.
#[utoipa::path(post, path = "/admin/network/follow", tag = "keepers", request_body = FollowServerBody,
    responses((status = 204, description = "It is asked.")))]
pub(super) async fn follow_server(state: State, me: Writer, body: Body) -> Answer {
    let FollowServerBody { host, meetups } = body.read().await?;
    let (keeper, meetups) = (me.id(), way(&meetups)?);
    let host = host.trim().to_owned();
    if host.is_empty() || host.len() > 253 || host.contains(char::is_whitespace) {
        return Err(ApiError::field("host", "Type the name of a server, for example mobilizon.example.org."));
    }
    // Only keepers cause requests, and not without end.
    state.run(move |app| server_follow::servers(app, keeper)).await?;
    count_account(&state, keeper, tries::LOOK_UP).await?;
    let server = state.network.find_server(&host).await?;
    state.act(move |app| server_follow::follow(app, keeper, server, meetups)).await?;
    Ok(done())
}

/// What is taken of a followed server.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FollowedServerPatch {
    /// `off`, `review` or `at_once`.
    meetups: String,
}

/// Changes what is taken of a followed server's meetups.
#[utoipa::path(patch, path = "/admin/network/followed/{id}", tag = "keepers", request_body = FollowedServerPatch,
    responses((status = 204, description = "Changed.")))]
pub(super) async fn patch_followed(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let FollowedServerPatch { meetups } = body.read().await?;
    if meetups.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let (server, meetups): (ActorId, _) = (body::id(&path)?, way(&meetups)?);
    state.run(move |app| server_follow::set_meetups(app, me.id(), server, meetups)).await?;
    Ok(done())
}

/// Stops following a server. Meetups that were here because of it go.
#[utoipa::path(delete, path = "/admin/network/followed/{id}", tag = "keepers",
    responses((status = 204, description = "Not followed any more.")))]
pub(super) async fn unfollow_server(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let server: ActorId = body::id(&path)?;
    state.act(move |app| server_follow::unfollow(app, me.id(), server)).await?;
    Ok(done())
}

/// Yes or no.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FollowerBody {
    /// Whether it may follow this one.
    yes: Option<bool>,
}

/// Lets a server follow this one, or says no; also later.
#[utoipa::path(post, path = "/admin/network/followers/{id}", tag = "keepers", request_body = FollowerBody,
    responses((status = 204, description = "It is told.")))]
pub(super) async fn answer_follower(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let FollowerBody { yes } = body.read().await?;
    let yes = yes.ok_or_else(|| ApiError::field("yes", "Say true or false."))?;
    let follower: ActorId = body::id(&path)?;
    state.act(move |app| server_follow::answer_follower(app, me.id(), follower, yes)).await?;
    Ok(done())
}

/// A meetup that was looked at.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReviewBody {
    /// Its id on the network.
    meetup: String,
    /// Whether it is shown here.
    yes: Option<bool>,
}

/// Lets a meetup of another server be shown here, or not.
#[utoipa::path(post, path = "/admin/network/meetups", tag = "keepers", request_body = ReviewBody,
    responses((status = 204, description = "Done. What is let through is fetched once more first.")))]
pub(super) async fn review_meetup(state: State, me: Writer, body: Body) -> Answer {
    let ReviewBody { meetup, yes } = body.read().await?;
    if meetup.is_empty() || meetup.len() > 2_048 {
        return Err(ApiError::field("meetup", "Send the id of a meetup, as the list has it."));
    }
    let yes = yes.ok_or_else(|| ApiError::field("yes", "Say true or false."))?;
    state.act(move |app| server_follow::review(app, me.id(), &meetup, yes)).await?;
    Ok(done())
}
