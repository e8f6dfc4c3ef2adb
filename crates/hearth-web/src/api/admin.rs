//! What keepers do: letting people in. Keepers learn nothing here that the page of waiting accounts does not show.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    done, ok,
};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use hearth_actions::account;
use hearth_db::tables::invitations;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account that waits.
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingDocument {
    /// Id of the account.
    id: String,
    /// The name it asked for in its address.
    persona_name: String,
    /// The name it asked to be shown by.
    persona_display_name: String,
    /// What the person wrote to the keepers.
    hello: String,
    /// When it asked.
    created_at: DateTime<Utc>,
}

/// Accounts that wait.
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingListDocument {
    /// The accounts, oldest first.
    waiting: Vec<WaitingDocument>,
}

/// Accounts that wait for a keeper.
#[utoipa::path(get, path = "/admin/accounts/waiting", tag = "keepers",
    responses((status = 200, description = "The accounts.", body = WaitingListDocument)))]
pub(super) async fn list_waiting(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| account::waiting(app, me.account.id)).await?;
    let waiting = rows
        .into_iter()
        .map(|row| WaitingDocument {
            id: row.id.to_string(),
            persona_name: row.wanted_name,
            persona_display_name: row.wanted_display_name,
            hello: row.hello,
            created_at: row.created_at.utc(),
        })
        .collect();
    Ok(ok(WaitingListDocument { waiting }))
}

/// Lets a waiting account in.
#[utoipa::path(post, path = "/admin/accounts/{id}/approve", tag = "keepers",
    responses((status = 204, description = "Let in.")))]
pub(super) async fn approve_account(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let account = body::id(&path)?;
    state.run(move |app| account::approve(app, me.id(), account)).await?;
    Ok(done())
}

/// Turns a waiting account away; nothing of it is kept.
#[utoipa::path(post, path = "/admin/accounts/{id}/turn-away", tag = "keepers",
    responses((status = 204, description = "Turned away.")))]
pub(super) async fn turn_away_account(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let account = body::id(&path)?;
    state.run(move |app| account::turn_away(app, me.id(), account)).await?;
    Ok(done())
}

/// An invitation, without its code.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationDocument {
    /// Id.
    id: String,
    /// How often it can still be used.
    uses: i32,
    /// Until when.
    expires_at: DateTime<Utc>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// Invitations.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationsDocument {
    /// The invitations that can still be used, oldest first.
    invitations: Vec<InvitationDocument>,
}

/// Invitations that can still be used.
#[utoipa::path(get, path = "/admin/invitations", tag = "keepers",
    responses((status = 200, description = "The invitations.", body = InvitationsDocument)))]
pub(super) async fn list_invitations(state: State, me: Holder) -> Answer {
    let rows = state
        .run(move |app| {
            app.db.read(|c| {
                account::require_keeper(c, me.account.id)?;
                Ok(invitations::usable(c, app.now())?)
            })
        })
        .await?;
    let invitations = rows
        .into_iter()
        .map(|row| InvitationDocument {
            id: row.id.to_string(),
            uses: row.uses_left,
            expires_at: row.expires_at.utc(),
            created_at: row.created_at.utc(),
        })
        .collect();
    Ok(ok(InvitationsDocument { invitations }))
}

/// A new invitation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct InvitationBody {
    /// For how many people, 1 to 100.
    uses: i32,
    /// For how many days it is good, 1 to 90.
    days: i64,
}

/// An invitation's code.
#[derive(Serialize, ToSchema)]
pub(super) struct CodeDocument {
    /// The code. It is shown this once.
    code: String,
}

/// Makes an invitation to open an account.
#[utoipa::path(post, path = "/admin/invitations", tag = "keepers", request_body = InvitationBody,
    responses((status = 201, description = "The code.", body = CodeDocument)))]
pub(super) async fn create_invitation(state: State, me: Writer, body: Body) -> Answer {
    let InvitationBody { uses, days } = body.read().await?;
    let code = state.run(move |app| account::invite(app, me.id(), uses, days)).await?;
    Ok(HttpResponse::Created().json(CodeDocument { code }))
}
