//! What keepers do: letting people in, and seeing how the server is doing. Keepers learn nothing here that their pages
//! do not show.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    done, ok,
};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use hearth_actions::{ActionError, account, health, remote};
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

/// One sentence about how the server is doing.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingDocument {
    /// `well`, `note`, `look` or `broken`.
    level: &'static str,
    /// The sentence.
    words: String,
    /// The one thing to do; empty where there is nothing.
    advice: String,
    /// The other server it is about, if it can be tried again.
    host: Option<String>,
}

/// Another server.
#[derive(Serialize, ToSchema)]
pub(super) struct NeighbourDocument {
    /// Its name.
    host: String,
    /// What it says it runs.
    software: Option<String>,
    /// `well`, `slow`, `not_answering`, `asleep` or `blocked`.
    state: &'static str,
    /// How many announcements wait for it.
    waiting: i64,
    /// How many it took in about a week.
    delivered: i64,
    /// When it last gave a sign of life.
    last_heard_at: Option<DateTime<Utc>>,
}

/// One hour.
#[derive(Serialize, ToSchema)]
pub(super) struct HourDocument {
    /// When it began.
    hour: DateTime<Utc>,
    /// What other servers took.
    delivered: i64,
    /// Attempts that failed.
    failed: i64,
    /// The most that waited at once.
    waiting: i64,
}

/// Something that was put right.
#[derive(Serialize, ToSchema)]
pub(super) struct IncidentDocument {
    /// `backlog_sent`, `key_fetched`, `worker_begun_again` or `lease_taken_over`.
    kind: &'static str,
    /// The server it was about.
    host: Option<String>,
    /// How many things.
    count: i64,
    /// When, or when last.
    at: DateTime<Utc>,
}

/// How the server is doing.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthDocument {
    /// What was found, the worst first.
    findings: Vec<FindingDocument>,
    /// How many announcements wait for other servers.
    waiting: i64,
    /// Since when the oldest of them waits.
    oldest_waiting_at: Option<DateTime<Utc>>,
    /// How many other servers there are.
    server_count: usize,
    /// Those in trouble first, then those heard from last.
    servers: Vec<NeighbourDocument>,
    /// The last 24 hours in which the server ran, oldest first.
    hours: Vec<HourDocument>,
    /// What the server put right by itself, newest first.
    put_right: Vec<IncidentDocument>,
}

impl From<health::Report> for HealthDocument {
    fn from(report: health::Report) -> Self {
        let finding = |found: health::Finding| FindingDocument {
            level: found.level.as_str(),
            words: found.words,
            advice: found.advice,
            host: found.host,
        };
        let server = |one: health::Neighbour| NeighbourDocument {
            last_heard_at: one.row.last_sign().map(hearth_db::Time::utc),
            host: one.row.host,
            software: one.row.software,
            state: one.state.as_str(),
            waiting: one.waiting.map_or(0, |waiting| waiting.count),
            delivered: one.delivered,
        };
        let hour = |row: hearth_db::tables::delivery_hours::DeliveryHour| HourDocument {
            hour: row.hour.utc(),
            delivered: row.delivered,
            failed: row.failed,
            waiting: row.waiting,
        };
        let incident = |row: hearth_db::tables::incidents::Incident| IncidentDocument {
            kind: row.kind.as_str(),
            host: row.host,
            count: row.count,
            at: row.at.utc(),
        };
        Self {
            findings: report.findings.into_iter().map(finding).collect(),
            waiting: report.waiting,
            oldest_waiting_at: report.oldest.map(hearth_db::Time::utc),
            server_count: report.servers,
            servers: report.neighbours.into_iter().map(server).collect(),
            hours: report.hours.into_iter().map(hour).collect(),
            put_right: report.incidents.into_iter().map(incident).collect(),
        }
    }
}

/// How the server is doing, in the words of the keeper's page.
#[utoipa::path(get, path = "/admin/health", tag = "keepers",
    responses((status = 200, description = "What was found, and the numbers.", body = HealthDocument)))]
pub(super) async fn get_health(state: State, me: Holder) -> Answer {
    let machine = state.machine.clone();
    let report = state.run(move |app| health::report(app, me.account.id, &machine())).await?;
    Ok(ok(HealthDocument::from(report)))
}

/// Another server.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TryAgainBody {
    /// Its name.
    host: String,
}

/// Makes what waits for a server due at once, though it did not answer lately.
#[utoipa::path(post, path = "/admin/servers/try-again", tag = "keepers", request_body = TryAgainBody,
    responses((status = 204, description = "It is tried again now.")))]
pub(super) async fn try_server_again(state: State, me: Writer, body: Body) -> Answer {
    let TryAgainBody { host } = body.read().await?;
    let tried = state.run(move |app| match remote::try_again(app, me.id(), &host) {
        Err(ActionError::NotFound) => Err(ActionError::field("host", "No server of that name is known here.")),
        done => done,
    });
    tried.await?;
    (state.wake)();
    Ok(done())
}

/// How far another server is trusted. What is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TrustBody {
    /// Its name.
    #[schema(example = "groups.example.org")]
    host: String,
    /// Whether it is a partner: groups that reach partners are open to it.
    partner: Option<bool>,
    /// Whether it may hold what is for members, whatever it runs. Hearth and Lemmy from 1.0 may anyway.
    may_hold_private: Option<bool>,
}

/// Says how far another server is trusted. It need not be known yet.
#[utoipa::path(post, path = "/admin/servers/trust", tag = "keepers", request_body = TrustBody,
    responses((status = 204, description = "Noted.")))]
pub(super) async fn trust_server(state: State, me: Writer, body: Body) -> Answer {
    let TrustBody { host, partner, may_hold_private } = body.read().await?;
    let trust = remote::Trust { partner, may_hold_private };
    state.run(move |app| remote::trust(app, me.id(), &host, trust)).await?;
    Ok(done())
}
