//! Coming into a group: what stands at its door, invitations to it, and requests as the person sees them who asked.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Visitor, Writer},
    created, done, ok,
    persona::PersonDocument,
    problem::ApiError,
};
use crate::limits;
use actix_web::{HttpRequest, web};
use chrono::{DateTime, Utc};
use hearth_actions::{
    ActionError, Form,
    agreement::{self, TermsForm},
    group::read_persona,
    group_invitation::{self as invitation, InvitationForm},
    invite::sent as sent_invite,
    join_request::{self, JoinForm, Pending},
    membership, site,
};
use hearth_db::tables::{actors::Actor, group_invitations::GroupInvitation, sent_invites::SentInvite};
use hearth_domain::{
    id::{ActorId, GroupInvitationId},
    membership::State as Membership,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody says who joins a group.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct JoinBody {
    /// Id of one of one's own personas.
    pub(super) persona: String,
    /// The version of the agreement that the person read and agrees to, where there is one.
    agreed: Option<i32>,
    /// Answers to the group's questions, in their order. Each may be empty.
    answers: Vec<String>,
    /// A line to the facilitators, where the group has no questions and lets people in.
    hello: String,
}

impl JoinBody {
    pub(super) fn persona(&self) -> Result<ActorId, ActionError> {
        let mut form = Form::default();
        let persona = read_persona(&mut form, &self.persona);
        form.finish()?;
        persona.ok_or(ActionError::NotFound)
    }

    pub(super) fn form(self) -> JoinForm {
        let agreed = self.agreed.map(|version| version.to_string()).unwrap_or_default();
        JoinForm { agreed, answers: self.answers, hello: self.hello }
    }
}

/// What members of a group agree to.
#[derive(Serialize, ToSchema)]
pub(super) struct AgreementDocument {
    /// Its version, to be named by who agrees.
    version: i32,
    /// The words, Markdown.
    text: String,
    /// Since when.
    since: DateTime<Utc>,
}

/// What stands at the door of a group.
#[derive(Serialize, ToSchema)]
pub(super) struct DoorDocument {
    /// What members agree to; none where there is nothing to agree to.
    agreement: Option<AgreementDocument>,
    /// What is asked of those who ask to join.
    questions: Vec<String>,
}

impl From<agreement::Terms> for DoorDocument {
    fn from(terms: agreement::Terms) -> Self {
        let agreement = terms.agreement.map(|row| AgreementDocument {
            version: row.version,
            text: row.source,
            since: row.created_at.utc(),
        });
        Self { agreement, questions: terms.questions }
    }
}

/// What members of a group agree to, and what it asks.
#[utoipa::path(get, path = "/groups/{id}/door", tag = "groups",
    responses((status = 200, description = "What stands at its door.", body = DoorDocument)))]
pub(super) async fn get_door(state: State, visitor: Visitor, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let terms = state.run(move |app| agreement::door(app, visitor.account, id)).await?;
    Ok(ok(DoorDocument::from(terms)))
}

/// What those who look after a group say about its door.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DoorBody {
    /// What members agree to, Markdown, 5,000 characters at most; empty: nothing.
    agreement: Option<String>,
    /// Whether only the wording is put right: then members are not asked again.
    only_wording: bool,
    /// Up to three questions for those who ask to join.
    questions: Vec<String>,
}

/// Changes what members agree to, and the questions. Its facilitators only.
///
/// Other words are a new version, to which members are asked to agree before they write again.
#[utoipa::path(put, path = "/groups/{id}/door", tag = "groups", request_body = DoorBody,
    responses((status = 200, description = "What stands at its door now.", body = DoorDocument)))]
pub(super) async fn put_door(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let DoorBody { agreement, only_wording, questions } = body.read().await?;
    let id = body::id(&path)?;
    let agreement =
        agreement.ok_or_else(|| ApiError::field("agreement", "Send what members agree to, or an empty text."))?;
    let only_wording = if only_wording { "yes" } else { "" }.to_owned();
    let typed = TermsForm { agreement, only_wording, questions };
    let terms = state
        .act(move |app| {
            agreement::set(app, me.id(), id, &typed)?;
            agreement::door(app, Some(me.id()), id)
        })
        .await?;
    Ok(ok(DoorDocument::from(terms)))
}

/// An invitation to a group.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationDocument {
    /// Id.
    id: String,
    /// What those who look after the group call it.
    label: String,
    /// Whether it lets people in at once.
    skips_approval: bool,
    /// How often it can still be used.
    uses_left: i32,
    /// Until when.
    expires_at: DateTime<Utc>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    made_by: Option<PersonDocument>,
    /// The code, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The link, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

fn document(row: GroupInvitation, made_by: Option<Actor>, code: Option<(String, String)>) -> InvitationDocument {
    let (code, link) = code.unzip();
    InvitationDocument {
        id: row.id.to_string(),
        label: row.label,
        skips_approval: row.skips_approval,
        uses_left: row.uses_left,
        expires_at: row.expires_at.utc(),
        made_by: made_by.map(Into::into),
        code,
        link,
    }
}

/// Invitations to a group.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupInvitationsDocument {
    /// Those that can still be used, newest first.
    invitations: Vec<InvitationDocument>,
}

/// The invitations to a group that can still be used. Its facilitators only.
#[utoipa::path(get, path = "/groups/{id}/invitations", tag = "groups",
    responses((status = 200, description = "The invitations.", body = GroupInvitationsDocument)))]
pub(super) async fn list_group_invitations(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let rows = state.run(move |app| invitation::all(app, me.account.id, id)).await?;
    let invitations = rows.into_iter().map(|(row, maker)| document(row, Some(maker), None)).collect();
    Ok(ok(GroupInvitationsDocument { invitations }))
}

/// A new invitation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GroupInvitationBody {
    /// What those who look after the group call it. May be empty.
    label: String,
    /// How many people can use it: 1 to 100.
    uses: i32,
    /// For how many days it is good: 1 to 365.
    days: i64,
    /// Whether who shows it is let in at once.
    skips_approval: bool,
}

/// Makes an invitation to a group, to be passed on as a link or a code. Its facilitators only.
#[utoipa::path(post, path = "/groups/{id}/invitations", tag = "groups", request_body = GroupInvitationBody,
    responses((status = 201, description = "The invitation, with its code.", body = InvitationDocument)))]
pub(super) async fn make_group_invitation(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: GroupInvitationBody = body.read().await?;
    let id = body::id(&path)?;
    let typed = InvitationForm {
        label: body.label,
        uses: body.uses.to_string(),
        days: body.days.to_string(),
        skips_approval: if body.skips_approval { "yes" } else { "" }.to_owned(),
    };
    let made = state
        .act(move |app| {
            let (row, code) = invitation::make(app, me.id(), id, &typed)?;
            let at = app.db.read(site)?.at;
            let link = at.page(&format!("i/{}", invitation::plain_code(&code))).to_string();
            Ok(document(row, None, Some((code, link))))
        })
        .await?;
    Ok(created(&format!("/invitations/{}", made.id), made))
}

/// Takes an invitation back: its code opens nothing any more. Facilitators of its group only.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "groups",
    responses((status = 204, description = "Taken back.")))]
pub(super) async fn revoke_group_invitation(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: GroupInvitationId = body::id(&path)?;
    state.act(move |app| invitation::revoke(app, me.id(), id).map(drop)).await?;
    Ok(done())
}

/// A code, and what somebody says who uses it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CodeBody {
    /// The code of an invitation to a group.
    code: String,
    /// Id of one of one's own personas; left out to learn first what the code opens.
    persona: String,
    /// The version of the agreement that the person read and agrees to.
    agreed: Option<i32>,
    /// Answers to the group's questions.
    answers: Vec<String>,
    /// A line to the facilitators.
    hello: String,
}

/// What a code opened.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenedDocument {
    /// Id of the group.
    group: String,
    /// Its name.
    display_name: String,
    /// What stands at its door.
    door: DoorDocument,
    /// What the caller is to it now: `active`, `waiting`, or none while only the code was looked at.
    membership: Option<&'static str>,
    /// What using the code leads to: `active` or `waiting`.
    leads_to: &'static str,
}

/// Uses the code of an invitation to a group: joins it, or the line of those who wait. Without a persona, only says what
/// the code opens. A code that is unknown, used up, too old or taken back is answered like a group that is not there.
#[utoipa::path(post, path = "/account/invitations", tag = "account", request_body = CodeBody,
    responses((status = 200, description = "What the code opened.", body = OpenedDocument)))]
pub(super) async fn use_group_invitation(state: State, me: Writer, request: HttpRequest, body: Body) -> Answer {
    let CodeBody { code, persona, agreed, answers, hello } = body.read().await?;
    if code.trim().is_empty() {
        return Err(ApiError::field("code", "Send the code that stands on the card."));
    }
    let forwarded = request.headers().get_all("x-forwarded-for").last().and_then(|value| value.to_str().ok());
    let network = limits::network(request.peer_addr().map(|peer| peer.ip()), forwarded);
    let opened = state
        .act(move |app| {
            let offer = invitation::look(app, &network, Some(me.id()), &code)?;
            let membership = if persona.is_empty() {
                None
            } else {
                let said = JoinBody { persona, agreed, answers, hello };
                let persona = said.persona()?;
                Some(invitation::accept(app, &network, me.id(), &code, persona, &said.form())?.1.as_str())
            };
            Ok(OpenedDocument {
                group: offer.group.id.to_string(),
                display_name: offer.group.display_name,
                door: offer.terms.into(),
                membership,
                leads_to: offer.leads_to.as_str(),
            })
        })
        .await?;
    Ok(ok(opened))
}

/// Somebody of another server who was invited.
#[derive(Serialize, ToSchema)]
pub(super) struct SentInviteDocument {
    /// Who.
    person: PersonDocument,
    /// When.
    invited_at: DateTime<Utc>,
}

/// People of other servers who were invited.
#[derive(Serialize, ToSchema)]
pub(super) struct SentInvitesDocument {
    /// Those who have not answered, newest first.
    invited: Vec<SentInviteDocument>,
}

/// The people of other servers whom a group invited and who have not answered. Its facilitators only.
#[utoipa::path(get, path = "/groups/{id}/invites", tag = "groups",
    responses((status = 200, description = "The people.", body = SentInvitesDocument)))]
pub(super) async fn list_sent_invites(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let rows = state.run(move |app| sent_invite::all(app, me.account.id, id)).await?;
    let one = |(row, person): (SentInvite, Actor)| SentInviteDocument {
        person: person.into(),
        invited_at: row.created_at.utc(),
    };
    Ok(ok(SentInvitesDocument { invited: rows.into_iter().map(one).collect() }))
}

/// Who is invited.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SentInviteBody {
    /// Id of a person of another server who is known here.
    person: String,
    /// Whether an invitation is taken back.
    withdraw: bool,
}

/// Invites a person of another server into a group, or takes that back. Its facilitators only.
#[utoipa::path(post, path = "/groups/{id}/invites", tag = "groups", request_body = SentInviteBody,
    responses((status = 204, description = "On its way, or taken back.")))]
pub(super) async fn send_invite(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let SentInviteBody { person, withdraw } = body.read().await?;
    let id = body::id(&path)?;
    let person: ActorId = person.parse().map_err(|_| ApiError::field("person", "Name somebody by their id."))?;
    state
        .act(move |app| match withdraw {
            true => sent_invite::withdraw(app, me.id(), id, person),
            false => sent_invite::send(app, me.id(), id, person),
        })
        .await?;
    Ok(done())
}

/// A question that is still to be answered.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenQuestionDocument {
    /// Its place, to be named with the answer.
    place: i32,
    /// The question.
    question: String,
}

/// A request of one's own to join a group.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestDocument {
    /// Id of the group.
    group: String,
    /// Its name.
    display_name: String,
    /// The caller's persona that asked.
    persona: String,
    /// `waiting`; or `not_here`: this is not the group for them at the moment.
    outcome: &'static str,
    /// A kind word that came with it. May be empty.
    note: String,
    /// What a facilitator would like to know.
    questions: Vec<OpenQuestionDocument>,
}

/// One's own requests.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestsDocument {
    /// The requests that wait, or whose answer was not put away.
    requests: Vec<RequestDocument>,
}

/// One's own requests to join groups.
#[utoipa::path(get, path = "/account/requests", tag = "account",
    responses((status = 200, description = "The requests.", body = RequestsDocument)))]
pub(super) async fn list_requests(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| join_request::pending(app, me.account.id)).await?;
    let one = |row: Pending| RequestDocument {
        group: row.group.id.to_string(),
        display_name: row.group.display_name,
        persona: row.persona.id.to_string(),
        outcome: row.outcome.as_str(),
        note: row.note,
        questions: row
            .questions
            .into_iter()
            .map(|(place, question)| OpenQuestionDocument { place, question })
            .collect(),
    };
    Ok(ok(RequestsDocument { requests: rows.into_iter().map(one).collect() }))
}

/// An answer to a question.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AnswerBody {
    /// The place of the question.
    place: i32,
    /// The answer.
    answer: String,
}

/// Answers to questions.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AnswersBody {
    /// The answers. What is left out stays open.
    answers: Vec<AnswerBody>,
}

/// Answers what a facilitator asked. The id is the group's.
#[utoipa::path(post, path = "/account/requests/{id}", tag = "account", request_body = AnswersBody,
    responses((status = 204, description = "Sent.")))]
pub(super) async fn answer_questions(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let AnswersBody { answers } = body.read().await?;
    let id = body::id(&path)?;
    let answers: Vec<(i32, String)> = answers.into_iter().map(|one| (one.place, one.answer)).collect();
    state.act(move |app| join_request::answer(app, me.id(), id, &answers)).await?;
    Ok(done())
}

/// Takes a request back, or puts the answer to it away. The id is the group's.
#[utoipa::path(delete, path = "/account/requests/{id}", tag = "account",
    responses((status = 204, description = "Gone.")))]
pub(super) async fn end_request(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: ActorId = body::id(&path)?;
    state
        .act(move |app| {
            let waits = app.db.read(|c| join_request::told(c, id, me.id()))?;
            match waits {
                Some((_, Membership::Waiting)) => membership::leave(app, me.id(), id),
                _ => join_request::put_away(app, me.id(), id),
            }
        })
        .await?;
    Ok(done())
}

/// A question with its answer.
#[derive(Serialize, ToSchema)]
pub(super) struct AnsweredDocument {
    /// The question.
    pub(super) question: String,
    /// The answer; none until there is one.
    pub(super) answer: Option<String>,
}
