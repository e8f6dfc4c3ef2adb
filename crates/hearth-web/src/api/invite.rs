//! Invitations from other servers to meetups and groups.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    done, ok,
    persona::PersonDocument,
    problem::ApiError,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::invite::{self, Invited, InvitedTo};
use hearth_domain::id::InviteId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(super) struct InviteDocument {
    /// Id.
    id: String,
    /// Who invites.
    by: PersonDocument,
    /// The caller's persona that is invited.
    persona: String,
    /// The id of the meetup, if it is known here.
    event: Option<String>,
    /// The id of the group, if it is known here.
    group: Option<String>,
    /// The address of what is not known here.
    url: Option<String>,
    /// When it came.
    created_at: DateTime<Utc>,
}

/// Invitations.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitesDocument {
    /// The invitations that were not answered, newest first.
    invites: Vec<InviteDocument>,
}

/// Invitations from people and groups of other servers.
#[utoipa::path(get, path = "/account/invites", tag = "account",
    responses((status = 200, description = "The invitations.", body = InvitesDocument)))]
pub(super) async fn list_invites(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| invite::all(app, me.account.id)).await?;
    let invites = rows.into_iter().map(|one| {
        let Invited { invite, inviter, invitee, to } = one;
        let (event, group, url) = match to {
            InvitedTo::Event(event) => (Some(event.id.to_string()), None, None),
            InvitedTo::Group(group) => (None, Some(group.id.to_string()), None),
            InvitedTo::Elsewhere(url) => (None, None, Some(url.to_string())),
        };
        InviteDocument {
            id: invite.id.to_string(),
            by: inviter.into(),
            persona: invitee.id.to_string(),
            event,
            group,
            url,
            created_at: invite.created_at.utc(),
        }
    });
    Ok(ok(InvitesDocument { invites: invites.collect() }))
}

/// An answer to an invitation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct InviteBody {
    /// Whether it is accepted.
    yes: Option<bool>,
}

/// Answers an invitation. Who invited is told; nothing of it is kept.
#[utoipa::path(post, path = "/account/invites/{id}", tag = "account", request_body = InviteBody,
    responses((status = 204, description = "Answered.")))]
pub(super) async fn answer_invite(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let InviteBody { yes } = body.read().await?;
    let yes = yes.ok_or_else(|| ApiError::field("yes", "Say true or false."))?;
    let id: InviteId = body::id(&path)?;
    state.act(move |app| invite::answer(app, me.id(), id, yes)).await?;
    Ok(done())
}
