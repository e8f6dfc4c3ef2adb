//! A group as a safe place: what waits for a look, what was decided about people and posts, logs, notices, helplines,
//! and reading a group in an emergency: one file because each is a few lines between a body and its action.
//!
//! Must never tell more than the pages do: no log holds what anybody wrote, and a waiting post is its author's and the
//! facilitators' alone.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    done,
    image::ImageDocument,
    ok,
    persona::PersonDocument,
    problem::ApiError,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{
    ActionError, access,
    care::{self, CareForm, Words},
    helpline::{self, HelplineForm},
    hold, log,
    notice::{self, QuietForm},
    pause, queue, rephrase, role,
};
use hearth_db::tables::images;
use hearth_domain::{
    id::{ActorId, PostId, ReportId},
    image::ImageState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

fn person(typed: &str) -> Result<ActorId, ActionError> {
    typed.parse().map_err(|_| ActionError::field("person", "Give the id of a person."))
}

/// What is said to somebody.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HideBody {
    /// Whether its author is asked for other words, after which it is shown again.
    rephrase: bool,
    /// Id of a ready text of the group; may be empty.
    house_reply: String,
    /// Own words to the author, 3 to 2,000 characters; may be empty with a ready text.
    words: String,
}

/// Hides a post, with a word to its author; or asks the author for other words. For those who look after its group.
#[utoipa::path(post, path = "/posts/{id}/hide", tag = "safety", request_body = HideBody,
    responses((status = 204, description = "Hidden.")))]
pub(super) async fn hide_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: HideBody = body.read().await?;
    let id: PostId = body::id(&path)?;
    let words = Words { house_reply: body.house_reply, words: body.words };
    state.act(move |app| rephrase::hide(app, me.id(), id, body.rephrase, &words)).await?;
    Ok(done())
}

/// Whether somebody has a report.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TakeBody {
    /// Whether the caller has it from now on; otherwise they give it back.
    #[schema(required)]
    mine: Option<bool>,
}

/// "I have this", or giving it back. The others who look after the group see it.
#[utoipa::path(post, path = "/reports/{id}/take", tag = "safety", request_body = TakeBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn take_report(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: TakeBody = body.read().await?;
    let mine = body::required("mine", body.mine)?;
    let id: ReportId = body::id(&path)?;
    state.act(move |app| if mine { queue::take(app, me.id(), id) } else { queue::give_back(app, me.id(), id) }).await?;
    Ok(done())
}

/// What a group decided about its safety.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CareDocument {
    /// How many first posts of somebody new a person looks at before they are shown, 0 to 20.
    first_posts: u32,
    /// Hours after which the next one is asked about a report, 1 to 168.
    answer_hours: u32,
    /// Words and phrases at which a person looks first.
    held_words: Vec<String>,
}

/// What a group decided about its safety. For those who look after it.
#[utoipa::path(get, path = "/groups/{id}/care", tag = "safety",
    responses((status = 200, description = "What it decided.", body = CareDocument)))]
pub(super) async fn get_care(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let (row, _) = state.run(move |app| care::of_group(app, me.account.id, id)).await?;
    Ok(ok(CareDocument {
        first_posts: u32::try_from(row.first_posts).unwrap_or_default(),
        answer_hours: u32::try_from(row.answer_hours).unwrap_or_default(),
        held_words: row.held_words.lines().map(str::to_owned).collect(),
    }))
}

/// Decides about a group's safety. For those who look after it.
#[utoipa::path(put, path = "/groups/{id}/care", tag = "safety", request_body = CareDocument,
    responses((status = 204, description = "Decided.")))]
pub(super) async fn put_care(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: CareDocument = body.read().await?;
    let id: ActorId = body::id(&path)?;
    let typed = CareForm {
        first_posts: body.first_posts.to_string(),
        answer_hours: body.answer_hours.to_string(),
        held_words: body.held_words.join("\n"),
    };
    state.act(move |app| care::settle(app, me.id(), id, &typed)).await?;
    Ok(done())
}

/// Whether a group is archived.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ArchiveBody {
    /// Whether nothing can be added from now on.
    #[schema(required)]
    archived: Option<bool>,
}

/// Archives a group, or opens it again. Owners only.
#[utoipa::path(put, path = "/groups/{id}/archive", tag = "safety", request_body = ArchiveBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn put_archive(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: ArchiveBody = body.read().await?;
    let archived = body::required("archived", body.archived)?;
    let id: ActorId = body::id(&path)?;
    state.act(move |app| care::archive(app, me.id(), id, archived)).await?;
    Ok(done())
}

/// Another role.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RoleBody {
    /// Id of the member.
    person: String,
    /// `member`, `host` or `facilitator`.
    role: String,
}

/// Gives a member another role. Facilitators make hosts, owners facilitators too.
#[utoipa::path(post, path = "/groups/{id}/roles", tag = "safety", request_body = RoleBody,
    responses((status = 204, description = "Given.")))]
pub(super) async fn give_role(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: RoleBody = body.read().await?;
    let id: ActorId = body::id(&path)?;
    state
        .act(move |app| {
            let role = body.role.parse();
            let role = role.map_err(|_| ActionError::field("role", "Choose member, host or facilitator."))?;
            role::give(app, me.id(), id, person(&body.person)?, role)
        })
        .await?;
    Ok(done())
}

/// To whom a group is offered.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OfferBody {
    /// Id of a member who lives here.
    person: String,
}

/// Offers a group to another owner. Owners only.
#[utoipa::path(post, path = "/groups/{id}/offer", tag = "safety", request_body = OfferBody,
    responses((status = 204, description = "Offered.")))]
pub(super) async fn offer_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: OfferBody = body.read().await?;
    let id: ActorId = body::id(&path)?;
    state.act(move |app| role::offer(app, me.id(), id, person(&body.person)?)).await?;
    Ok(done())
}

/// The answer to an offer.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OfferAnswer {
    /// Whether the caller owns the group from now on. Who made the offer takes it back with `false`.
    yes: Option<bool>,
}

/// Answers the offer of a group, or takes it back.
#[utoipa::path(patch, path = "/groups/{id}/offer", tag = "safety", request_body = OfferAnswer,
    responses((status = 204, description = "Answered.")))]
pub(super) async fn answer_offer(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: OfferAnswer = body.read().await?;
    let yes = body.yes.ok_or(ApiError::NothingToDo)?;
    let id: ActorId = body::id(&path)?;
    state.act(move |app| role::answer_offer(app, me.id(), id, yes)).await?;
    Ok(done())
}

/// A word to a member, and a pause.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WarnBody {
    /// Id of the person.
    person: String,
    /// Id of a ready text of the group; may be empty.
    house_reply: String,
    /// Own words, 3 to 2,000 characters; may be empty with a ready text.
    words: String,
    /// For how many days they can't write, 1 to 90; 0: only the words.
    pause_days: u32,
}

/// Sends a word to a member, and pauses them where days are given. For those who look after the group.
#[utoipa::path(post, path = "/groups/{id}/warn", tag = "safety", request_body = WarnBody,
    responses((status = 204, description = "Sent.")))]
pub(super) async fn warn_member(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: WarnBody = body.read().await?;
    let id: ActorId = body::id(&path)?;
    let words = Words { house_reply: body.house_reply, words: body.words };
    state
        .act(move |app| {
            let person = person(&body.person)?;
            match body.pause_days {
                0 => pause::warn(app, me.id(), id, person, &words),
                days => pause::pause(app, me.id(), id, person, &days.to_string(), &words),
            }
        })
        .await?;
    Ok(done())
}

/// A post that waits for a person to look.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldDocument {
    /// The id it will have.
    id: String,
    /// Who wrote it.
    author: PersonDocument,
    /// Its title.
    title: Option<String>,
    /// Its text, HTML.
    content: String,
    /// Its content note.
    content_note: Option<String>,
    /// `first`: one of the first of somebody new; `words`: it holds a word of the group's list.
    cause: &'static str,
    /// Whether these are new words for a post that is shown.
    edits: bool,
    /// Its pictures.
    images: Vec<ImageDocument>,
    /// When it was written.
    created_at: DateTime<Utc>,
}

/// Posts that wait.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldListDocument {
    /// The posts, oldest first.
    waiting: Vec<HeldDocument>,
}

/// What waits in a group for a person to look. For those who look after it.
#[utoipa::path(get, path = "/groups/{id}/held", tag = "safety",
    responses((status = 200, description = "What waits.", body = HeldListDocument)))]
pub(super) async fn list_held(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let rows = state
        .run(move |app| {
            let rows = hold::waiting(app, me.account.id, id)?;
            app.db.read(|c| {
                let with = |one: hold::ReadHeld| Ok((images::of(c, ImageState::Held, one.held.id.get())?, one));
                rows.into_iter().map(with).collect::<Result<Vec<_>, ActionError>>()
            })
        })
        .await?;
    let waiting = rows
        .into_iter()
        .map(|(pictures, one)| HeldDocument {
            images: pictures.into_iter().map(Into::into).collect(),
            id: one.held.id.to_string(),
            author: one.author.into(),
            title: one.held.title,
            content: one.held.content_html,
            content_note: one.held.content_note,
            cause: one.held.cause.as_str(),
            edits: one.held.edits,
            created_at: one.held.created_at.utc(),
        })
        .collect();
    Ok(ok(HeldListDocument { waiting }))
}

/// What becomes of a post that waits.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DecideBody {
    /// Id of the post.
    post: String,
    /// Whether it is shown.
    show: bool,
    /// Where it is not: id of a ready text; may be empty.
    house_reply: String,
    /// Where it is not: a kind word to its author.
    words: String,
}

/// Shows a post that waits, or does not. For those who look after the group.
#[utoipa::path(post, path = "/groups/{id}/held", tag = "safety", request_body = DecideBody,
    responses((status = 204, description = "Decided.")))]
pub(super) async fn decide_held(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: DecideBody = body.read().await?;
    let _: ActorId = body::id(&path)?;
    let words = Words { house_reply: body.house_reply, words: body.words };
    state
        .act(move |app| {
            let id = body.post.parse().map_err(|_| ActionError::field("post", "Give the id of a post that waits."))?;
            if body.show { hold::show(app, me.id(), id).map(drop) } else { hold::decline(app, me.id(), id, &words) }
        })
        .await?;
    Ok(done())
}

/// A line of a log.
#[derive(Serialize, ToSchema)]
pub(super) struct LogLine {
    /// What was done, as a word that stays the same: `removed`, `report_taken`.
    deed: &'static str,
    /// When.
    at: DateTime<Utc>,
    /// Who did it; in a group's log only.
    by: Option<PersonDocument>,
    /// About whom; in a group's log only.
    about: Option<PersonDocument>,
    /// A number of days.
    days: Option<i32>,
    /// In which group; in the server's log only, and not for a group that only its members know of.
    group: Option<String>,
    /// Which keeper; in the server's log only.
    keeper: Option<String>,
}

/// A log.
#[derive(Serialize, ToSchema)]
pub(super) struct LogDocument {
    /// The lines, newest first.
    lines: Vec<LogLine>,
}

/// What was done in a group. Never what anybody wrote. For those who look after it.
#[utoipa::path(get, path = "/groups/{id}/log", tag = "safety",
    responses((status = 200, description = "The log.", body = LogDocument)))]
pub(super) async fn get_group_log(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let rows = state.run(move |app| log::of_group(app, me.account.id, id)).await?;
    let lines = rows
        .into_iter()
        .map(|one| LogLine {
            deed: one.line.deed.as_str(),
            at: one.line.at.utc(),
            by: one.by.map(Into::into),
            about: one.about.map(Into::into),
            days: one.line.number,
            group: None,
            keeper: None,
        })
        .collect();
    Ok(ok(LogDocument { lines }))
}

/// What was done on the server. For keepers.
#[utoipa::path(get, path = "/admin/log", tag = "keepers",
    responses((status = 200, description = "The log.", body = LogDocument)))]
pub(super) async fn get_server_log(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| log::of_server(app, me.account.id)).await?;
    let lines = rows
        .into_iter()
        .map(|one| LogLine {
            deed: one.line.deed.as_str(),
            at: one.line.at.utc(),
            by: None,
            about: None,
            days: None,
            group: one.group,
            keeper: one.keeper,
        })
        .collect();
    Ok(ok(LogDocument { lines }))
}

/// A notice.
#[derive(Serialize, ToSchema)]
pub(super) struct NoticeDocument {
    /// What happened: `reply`, `shown`, `worry`.
    kind: &'static str,
    /// When.
    at: DateTime<Utc>,
    /// Whether it was seen.
    seen: bool,
    /// Id of the group.
    group: Option<String>,
    /// Id of the post.
    post: Option<String>,
    /// Id of the meetup.
    event: Option<String>,
    /// What a facilitator wrote to the caller.
    words: String,
}

/// Notices.
#[derive(Serialize, ToSchema)]
pub(super) struct NoticesDocument {
    /// The newest first.
    notices: Vec<NoticeDocument>,
}

/// What the caller was told, as far as they may still see it.
#[utoipa::path(get, path = "/notices", tag = "safety",
    responses((status = 200, description = "The notices.", body = NoticesDocument)))]
pub(super) async fn list_notices(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| notice::list(app, me.account.id)).await?;
    let notices = rows
        .into_iter()
        .map(|one| NoticeDocument {
            kind: one.notice.kind.as_str(),
            at: one.notice.created_at.utc(),
            seen: one.notice.seen_at.is_some(),
            group: one.group.map(|group| group.id.to_string()),
            post: one.notice.post_id.map(|id| id.to_string()),
            event: one.notice.event_id.map(|id| id.to_string()),
            words: one.notice.words,
        })
        .collect();
    Ok(ok(NoticesDocument { notices }))
}

/// Up to when everything is seen.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SeenBody {
    /// The time of the newest notice that was seen.
    #[schema(required)]
    until: Option<DateTime<Utc>>,
}

/// Says that everything up to then is seen.
#[utoipa::path(post, path = "/notices/seen", tag = "safety", request_body = SeenBody,
    responses((status = 204, description = "Seen.")))]
pub(super) async fn mark_seen(state: State, me: Writer, body: Body) -> Answer {
    let body: SeenBody = body.read().await?;
    let until = body::required("until", body.until)?;
    state.act(move |app| notice::mark_seen(app, me.id(), until.into())).await?;
    Ok(done())
}

/// Quiet hours.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct QuietBody {
    /// The hour they begin, 0 to 23, in the server's time zone; null with the other one: there are none.
    #[serde(deserialize_with = "body::nullable")]
    #[schema(required, value_type = Option<u32>)]
    from: Option<Option<u32>>,
    /// The hour they end.
    #[serde(deserialize_with = "body::nullable")]
    #[schema(required, value_type = Option<u32>)]
    until: Option<Option<u32>>,
}

/// Sets the hours in which nothing is shown as new.
#[utoipa::path(put, path = "/notices/quiet", tag = "safety", request_body = QuietBody,
    responses((status = 204, description = "Set.")))]
pub(super) async fn put_quiet(state: State, me: Writer, body: Body) -> Answer {
    let body: QuietBody = body.read().await?;
    let words = |hour: Option<u32>| hour.map(|hour| hour.to_string()).unwrap_or_default();
    let (from, until) = (body::required("from", body.from)?, body::required("until", body.until)?);
    let typed = QuietForm { from: words(from), until: words(until) };
    state.act(move |app| notice::set_quiet(app, me.id(), &typed)).await?;
    Ok(done())
}

/// A helpline.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HelplineBody {
    /// Its name.
    #[serde(rename = "helpline_name")]
    name: String,
    /// What it is for.
    #[serde(rename = "helpline_about")]
    about: String,
    /// When it answers.
    #[serde(rename = "helpline_hours")]
    hours: String,
    /// `tel` or `sms`.
    #[serde(rename = "helpline_kind")]
    kind: String,
    /// The number as people write it.
    #[serde(rename = "helpline_number")]
    number: String,
    /// For whom, such as "Scotland"; empty: everybody who comes here.
    #[serde(rename = "helpline_region")]
    region: String,
}

/// Adds a helpline. For keepers.
#[utoipa::path(post, path = "/admin/helplines", tag = "keepers", request_body = HelplineBody,
    responses((status = 204, description = "Added.")))]
pub(super) async fn add_helpline(state: State, me: Writer, body: Body) -> Answer {
    let body: HelplineBody = body.read().await?;
    let HelplineBody { name, about, hours, kind, number, region } = body;
    let typed = HelplineForm { name, about, hours, kind, number, region };
    state.act(move |app| helpline::add(app, me.id(), &typed)).await?;
    Ok(done())
}

/// Asking to read a group.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AccessBody {
    /// The group's name in its address.
    group: String,
    /// Why, 10 to 500 characters. Every member will read it.
    reason: String,
}

/// Asks to read a group in an emergency. For keepers; it opens a day later, or when another keeper agrees.
#[utoipa::path(post, path = "/admin/access", tag = "keepers", request_body = AccessBody,
    responses((status = 204, description = "Asked.")))]
pub(super) async fn ask_access(state: State, me: Writer, body: Body) -> Answer {
    let body: AccessBody = body.read().await?;
    state.act(move |app| access::ask(app, me.id(), &body.group, &body.reason)).await?;
    Ok(done())
}

/// An access that was asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct AccessDocument {
    /// Id.
    id: String,
    /// Id of the group.
    group: String,
    /// Why.
    reason: String,
    /// `asked` or `open`.
    state: &'static str,
    /// Whether the caller asked.
    mine: bool,
    /// From when on it may be opened.
    opens_at: DateTime<Utc>,
    /// Until when it is open.
    ends_at: Option<DateTime<Utc>>,
}

/// What keepers asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct AccessListDocument {
    /// Asked for or open, newest first.
    access: Vec<AccessDocument>,
}

/// Which groups keepers asked to read, or read now. For keepers.
#[utoipa::path(get, path = "/admin/access", tag = "keepers",
    responses((status = 200, description = "The list.", body = AccessListDocument)))]
pub(super) async fn list_access(state: State, me: Holder) -> Answer {
    let own = me.account.id;
    let rows = state.run(move |app| access::current(app, own)).await?;
    let access = rows
        .into_iter()
        .map(|(row, group)| AccessDocument {
            id: row.id.to_string(),
            group: group.id.to_string(),
            mine: row.account_id == own,
            state: row.state.as_str(),
            opens_at: row.opens_at.utc(),
            ends_at: row.ends_at.map(|at| at.utc()),
            reason: row.reason,
        })
        .collect();
    Ok(ok(AccessListDocument { access }))
}

/// What becomes of it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AccessChange {
    /// Id of the access.
    access: String,
    /// `agree`, `open` or `end`.
    act: String,
}

/// Agrees to another keeper's reading a group, begins to read it, or ends that. For keepers.
#[utoipa::path(patch, path = "/admin/access", tag = "keepers", request_body = AccessChange,
    responses((status = 204, description = "Done.")))]
pub(super) async fn change_access(state: State, me: Writer, body: Body) -> Answer {
    let body: AccessChange = body.read().await?;
    if body.access.is_empty() && body.act.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    state
        .act(move |app| {
            let id =
                body.access.parse().map_err(|_| ActionError::field("access", "Give the id of what was asked for."))?;
            match body.act.as_str() {
                "agree" => access::approve(app, me.id(), id),
                "open" => access::open(app, me.id(), id).map(drop),
                "end" => access::end(app, me.id(), id),
                _ => Err(ActionError::field("act", "Choose agree, open or end.")),
            }
        })
        .await?;
    Ok(done())
}
