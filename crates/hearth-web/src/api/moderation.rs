//! Looking after groups: removing, closing, pinning, keeping out, reports; and "I hear you".
//!
//! Must never tell who reported something, or how many did, or who heard what.

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
use hearth_actions::{
    ActionError, Form,
    ban::{self, BanForm},
    group,
    moderation::{self, Act},
    reaction,
    report::{self, ReadReport, ReportForm},
    team,
};
use hearth_db::tables::{actors, bans};
use hearth_domain::id::{ActorId, PostId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is done about a post.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ModerationBody {
    /// `remove`, `restore`, `lock`, `unlock`, `pin` or `unpin`.
    act: String,
    /// Why, 3 to 500 characters; needed to remove. Other servers are told.
    reason: String,
}

impl ModerationBody {
    fn read(self) -> Result<Act, ActionError> {
        Ok(match self.act.as_str() {
            "remove" => Act::Remove(self.reason),
            "restore" => Act::Restore,
            "lock" => Act::Lock,
            "unlock" => Act::Unlock,
            "pin" => Act::Pin,
            "unpin" => Act::Unpin,
            _ => return Err(ActionError::field("act", "Choose remove, restore, lock, unlock, pin or unpin.")),
        })
    }
}

/// Removes a post, closes it to replies, or pins it; or undoes that. For those who look after its group.
#[utoipa::path(post, path = "/posts/{id}/moderate", tag = "moderation", request_body = ModerationBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn moderate_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: ModerationBody = body.read().await?;
    let id = body::id(&path)?;
    state.act(move |app| moderation::act(app, me.id(), id, &body.read()?)).await?;
    Ok(done())
}

/// Asking somebody to look.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReportBody {
    /// What is the matter, 3 to 2,000 characters.
    reason: String,
    /// Whether the caller is worried about somebody: such reports are shown first.
    worried: bool,
    /// Id of the persona that asks. The author is never told.
    persona: String,
    /// Whether a group elsewhere may be told by which persona; otherwise this server asks.
    named: bool,
    /// Whether the author's own server is asked too.
    author_server: bool,
}

fn yes(flag: bool) -> String {
    if flag { "yes".to_owned() } else { String::new() }
}

/// Asks those who look after the group of a post to look at it.
#[utoipa::path(post, path = "/posts/{id}/report", tag = "moderation", request_body = ReportBody,
    responses((status = 204, description = "Somebody will look.")))]
pub(super) async fn report_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: ReportBody = body.read().await?;
    let form = ReportForm {
        reason: body.reason,
        worried: yes(body.worried),
        persona: body.persona,
        named: yes(body.named),
        author_server: yes(body.author_server),
    };
    let id: PostId = body::id(&path)?;
    state.act(move |app| report::file(app, me.id(), id, &form)).await?;
    Ok(done())
}

/// "I hear you", or no longer.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HearBody {
    /// Whether the caller heard it.
    heard: bool,
    /// Id of the persona that says so.
    persona: String,
}

/// Says to the author of a post that one heard them, or takes it back. Nobody else is told.
#[utoipa::path(put, path = "/posts/{id}/hear", tag = "moderation", request_body = HearBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn hear_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: HearBody = body.read().await?;
    let id = body::id(&path)?;
    state.act(move |app| reaction::hear(app, me.id(), id, persona(&body.persona)?, body.heard)).await?;
    Ok(done())
}

fn persona(typed: &str) -> Result<ActorId, ActionError> {
    let mut form = Form::default();
    let persona = group::read_persona(&mut form, typed);
    form.finish()?;
    persona.ok_or(ActionError::NotFound)
}

fn person(typed: &str) -> Result<ActorId, ActionError> {
    typed.parse().map_err(|_| ActionError::field("person", "Give the id of a person."))
}

/// Keeping somebody out of a group.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BanBody {
    /// Id of the person.
    person: String,
    /// Why, 3 to 500 characters. Only those who look after the group read it.
    reason: String,
    /// For how many days; left out: until somebody lifts it.
    days: Option<u32>,
    /// Whether what they wrote in the group is removed too.
    remove_posts: bool,
}

/// Keeps somebody out of a group. They are not told.
#[utoipa::path(post, path = "/groups/{id}/ban", tag = "moderation", request_body = BanBody,
    responses((status = 204, description = "Kept out.")))]
pub(super) async fn ban_person(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: BanBody = body.read().await?;
    let id = body::id(&path)?;
    let form = BanForm {
        reason: body.reason,
        days: body.days.map(|days| days.to_string()).unwrap_or_default(),
        remove_posts: yes(body.remove_posts),
    };
    state.act(move |app| ban::ban(app, me.id(), id, person(&body.person)?, &form)).await?;
    Ok(done())
}

/// Somebody.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PersonChoice {
    /// Id of the person.
    person: String,
}

/// Lets somebody in again who was kept out.
#[utoipa::path(post, path = "/groups/{id}/let-in", tag = "moderation", request_body = PersonChoice,
    responses((status = 204, description = "No longer kept out.")))]
pub(super) async fn let_person_in(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: PersonChoice = body.read().await?;
    let id = body::id(&path)?;
    state.act(move |app| ban::lift(app, me.id(), id, person(&body.person)?)).await?;
    Ok(done())
}

/// Somebody who is kept out.
#[derive(Serialize, ToSchema)]
pub(super) struct BanDocument {
    /// Who.
    person: PersonDocument,
    /// Why.
    reason: String,
    /// Since when.
    since: DateTime<Utc>,
    /// Until when; none: until somebody lifts it.
    until: Option<DateTime<Utc>>,
}

/// Who is kept out.
#[derive(Serialize, ToSchema)]
pub(super) struct BansDocument {
    /// The people, newest first.
    bans: Vec<BanDocument>,
}

/// Who is kept out of a group. For those who look after it.
#[utoipa::path(get, path = "/groups/{id}/bans", tag = "moderation",
    responses((status = 200, description = "The people.", body = BansDocument)))]
pub(super) async fn list_bans(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let rows = state
        .run(move |app| {
            app.db.read(|c| {
                let group = actors::by_id(c, id)?.ok_or(ActionError::NotFound)?;
                if team::looks_after(c, me.account.id, &group)? {
                    Ok(bans::of_group(c, id)?)
                } else {
                    Err(hearth_domain::Denied::FacilitatorsOnly.into())
                }
            })
        })
        .await?;
    let bans = rows
        .into_iter()
        .map(|(ban, actor)| BanDocument {
            person: actor.into(),
            reason: ban.reason,
            since: ban.banned_at.utc(),
            until: ban.ends_at.map(|at| at.utc()),
        })
        .collect();
    Ok(ok(BansDocument { bans }))
}

/// Who looks after a group.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TeamBody {
    /// Id of the person, here or elsewhere.
    person: String,
    /// Whether they are a facilitator from now on.
    facilitator: bool,
}

/// Makes somebody a facilitator of a group that lives here, or ends that. Owners only.
#[utoipa::path(post, path = "/groups/{id}/team", tag = "moderation", request_body = TeamBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn change_team(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: TeamBody = body.read().await?;
    let id = body::id(&path)?;
    state.act(move |app| team::appoint(app, me.id(), id, person(&body.person)?, body.facilitator)).await?;
    Ok(done())
}

/// Whether a team is shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamPatch {
    /// Whether other servers are shown who looks after the group.
    shown: Option<bool>,
}

/// Says whether other servers are shown who looks after a group. Owners only.
#[utoipa::path(patch, path = "/groups/{id}/team", tag = "moderation", request_body = TeamPatch,
    responses((status = 204, description = "Done.")))]
pub(super) async fn patch_team(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: TeamPatch = body.read().await?;
    let id = body::id(&path)?;
    let shown = patch.shown.ok_or(ApiError::NothingToDo)?;
    state.act(move |app| team::show(app, me.id(), id, shown)).await?;
    Ok(done())
}

/// A report. Who asked is not told.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportDocument {
    /// Id.
    id: String,
    /// Whom it is about.
    about: PersonDocument,
    /// Ids of the posts it is about.
    posts: Vec<String>,
    /// What is the matter.
    reason: String,
    /// Whether somebody is worried about a person.
    worried: bool,
    /// The server it came from, if it was not this one.
    from: Option<String>,
    /// When it came.
    created_at: DateTime<Utc>,
}

/// Reports.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportsDocument {
    /// The reports that nobody has looked at, worries first, then the oldest.
    reports: Vec<ReportDocument>,
}

fn reports(rows: Vec<ReadReport>) -> ReportsDocument {
    let reports = rows
        .into_iter()
        .map(|one| ReportDocument {
            id: one.report.id.to_string(),
            about: one.about.into(),
            posts: one.posts.iter().map(|post| post.id.to_string()).collect(),
            reason: one.report.reason,
            worried: one.report.worried,
            from: one.from,
            created_at: one.report.created_at.utc(),
        })
        .collect();
    ReportsDocument { reports }
}

/// Open reports of a group. For those who look after it.
#[utoipa::path(get, path = "/groups/{id}/reports", tag = "moderation",
    responses((status = 200, description = "The reports.", body = ReportsDocument)))]
pub(super) async fn list_reports(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let rows = state.run(move |app| report::open(app, me.account.id, Some(id))).await?;
    Ok(ok(reports(rows)))
}

/// Open reports of no group, and those about who looks after one. For keepers.
#[utoipa::path(get, path = "/admin/reports", tag = "keepers",
    responses((status = 200, description = "The reports.", body = ReportsDocument)))]
pub(super) async fn list_keepers_reports(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| report::open(app, me.account.id, None)).await?;
    Ok(ok(reports(rows)))
}

/// What was done about a report.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ResolveBody {
    /// What was done, for the others who look after the group: 3 to 2,000 characters.
    note: String,
}

/// Says that somebody looked at a report.
#[utoipa::path(post, path = "/reports/{id}/resolve", tag = "moderation", request_body = ResolveBody,
    responses((status = 204, description = "Resolved.")))]
pub(super) async fn resolve_report(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: ResolveBody = body.read().await?;
    let id = body::id(&path)?;
    state.act(move |app| report::resolve(app, me.id(), id, &body.note)).await?;
    Ok(done())
}
