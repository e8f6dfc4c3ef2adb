//! Groups: finding, making, describing, joining, following.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Own, Visitor, Writer, count_account},
    check_in::OpenCheckInDocument,
    created, done,
    joining::JoinBody,
    ok,
    persona::{PersonDocument, handle},
    problem::ApiError,
};
use crate::words::size_band;
use actix_web::web;
use hearth_actions::{
    ActionError, App, Form, check_in, follow,
    group::{self, GroupForm},
    membership,
    post::HOLDERS,
    server::site,
    tries,
};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        groups::{self, Group},
        memberships,
    },
};
use hearth_domain::{
    Denied,
    address::{self, Lookup},
    audience,
    id::ActorId,
    membership::Parting,
    permission,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What the caller is to a group.
#[derive(Serialize, ToSchema)]
pub(super) struct MineDocument {
    /// The persona by which the caller is known there.
    persona: Option<String>,
    /// `member`, `host`, `facilitator` or `owner`; none for who is no member.
    role: Option<&'static str>,
    /// `active`, or `waiting` until a facilitator has looked; none for who did not join.
    membership: Option<&'static str>,
    /// `accepted`, `asked` or `refused`; none for who does not follow.
    follow: Option<&'static str>,
}

/// A group.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupDocument {
    /// Id.
    id: String,
    /// The name in its address.
    name: String,
    /// The name on the network.
    #[schema(example = "@tea_and_talk@groups.example.org")]
    handle: String,
    /// The name that is shown.
    display_name: String,
    /// What it is about, Markdown; none for groups elsewhere.
    about: Option<String>,
    /// What it is about, HTML that is safe to show.
    about_html: String,
    /// When it usually meets, in words.
    rhythm: String,
    /// How people treat each other here, Markdown.
    guidelines: String,
    /// Whether it lives on this server.
    local: bool,
    /// Its page.
    url: String,
    /// Who can read: `public`, `members` or `hidden`.
    readable: &'static str,
    /// Who can join: `open`, `approval` or `invitation`.
    joining: &'static str,
    /// How far it reaches: `network`, `partners` or `here`.
    reach: &'static str,
    /// Who can post: `anyone`, `members` or `facilitators`.
    posting: &'static str,
    /// The first two in plain words.
    #[schema(example = "Anyone can read. Anyone can join.")]
    sentence: &'static str,
    /// About how many members, in words, never a number under twenty; none for groups elsewhere.
    #[schema(example = "under 20 people")]
    size: Option<String>,
    /// What the caller is to it; none without a token.
    mine: Option<MineDocument>,
    /// Who looks after it; only where one group is asked for, and to those who may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hosts: Option<Vec<PersonDocument>>,
    /// The check-in that opened last; only where one group is asked for, and something opened that the caller may read.
    #[serde(skip_serializing_if = "Option::is_none")]
    check_in: Option<OpenCheckInDocument>,
}

/// Groups.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupsDocument {
    /// The groups, by name.
    groups: Vec<GroupDocument>,
}

fn mine(own: &Own, group: ActorId) -> MineDocument {
    let (membership, follow) = (own.told(group), own.follow(group));
    let persona = membership.map(|(persona, _)| persona).or_else(|| follow.map(|row| row.follower_id));
    MineDocument {
        persona: persona.map(|id| id.to_string()),
        role: own.membership(group).filter(|_| own.reader.standing(group).is_member()).map(|row| row.role.as_str()),
        membership: membership.map(|(_, state)| state.as_str()),
        follow: follow.map(|row| row.state.as_str()),
    }
}

fn document(
    connection: &mut DbConn,
    visitor: Visitor,
    own: &Own,
    (actor, row): (Actor, Group),
) -> Result<GroupDocument, ActionError> {
    let size = if actor.local { Some(memberships::count(connection, actor.id)?) } else { None };
    let settings = row.settings();
    let handle = handle(&actor);
    Ok(GroupDocument {
        id: actor.id.to_string(),
        name: actor.name,
        handle,
        display_name: actor.display_name,
        about: actor.local.then_some(actor.summary_source),
        about_html: actor.summary_html,
        rhythm: row.rhythm,
        guidelines: row.guidelines,
        local: actor.local,
        url: actor.url,
        readable: settings.readable.as_str(),
        joining: settings.joining.as_str(),
        reach: settings.reach.as_str(),
        posting: settings.posting.as_str(),
        sentence: settings.sentence(),
        size: size.map(|people| size_band(u64::try_from(people).unwrap_or_default())),
        mine: visitor.account.map(|_| mine(own, actor.id)),
        hosts: None,
        check_in: None,
    })
}

/// A group the caller may see.
pub(super) fn visible(connection: &mut DbConn, own: &Own, id: ActorId) -> Result<(Actor, Group), ActionError> {
    let (actor, row) = groups::with_actor(connection, id)?.ok_or(ActionError::NotFound)?;
    if !is_shown(own, &row) {
        return Err(ActionError::NotFound);
    }
    if actor.deleted_at.is_some() { Err(ActionError::Gone) } else { Ok((actor, row)) }
}

fn is_shown(own: &Own, row: &Group) -> bool {
    audience::group_is_shown(row.settings(), own.reader.standing(row.actor_id))
}

pub(super) fn one(app: &App, visitor: Visitor, id: ActorId) -> Result<GroupDocument, ActionError> {
    app.db.read(|c| {
        let own = visitor.own(c)?;
        let (actor, row) = visible(c, &own, id)?;
        let reads = row.settings().is_public() || own.reader.standing(id).is_member();
        let hosts = if actor.local && reads { memberships::with_roles(c, id, HOLDERS)? } else { Vec::new() };
        let check_in = check_in::newest(c, visitor.account, &own.reader, &row)?.map(OpenCheckInDocument::from);
        let document = document(c, visitor, &own, (actor, row))?;
        let hosts = hosts.into_iter().map(|(_, actor)| actor.into()).collect();
        Ok(GroupDocument { hosts: Some(hosts), check_in, ..document })
    })
}

fn all(app: &App, visitor: Visitor, wanted: impl Fn(&Actor) -> bool) -> Result<GroupsDocument, ActionError> {
    app.db.read(|c| {
        let own = visitor.own(c)?;
        let mut rows = groups::local(c)?;
        rows.extend(groups::followed_elsewhere(c)?);
        rows.retain(|(actor, row)| is_shown(&own, row) && wanted(actor));
        let groups = rows.into_iter().map(|row| document(c, visitor, &own, row)).collect::<Result<_, _>>()?;
        Ok(GroupsDocument { groups })
    })
}

/// Groups that live here, then groups elsewhere that somebody here follows.
#[utoipa::path(get, path = "/groups", tag = "groups",
    responses((status = 200, description = "The groups.", body = GroupsDocument)))]
pub(super) async fn list_groups(state: State, visitor: Visitor) -> Answer {
    Ok(ok(state.run(move |app| all(app, visitor, |_| true)).await?))
}

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LookupQuery {
    /// A handle, a link, or words.
    #[param(example = "@tea_and_talk@groups.example.org")]
    q: String,
}

/// Finds groups by handle, link or words.
///
/// Words are looked for here. A handle or link of another server is asked for there, which needs a token.
#[utoipa::path(get, path = "/groups/lookup", tag = "groups", params(LookupQuery),
    responses((status = 200, description = "The groups that were found, none perhaps.", body = GroupsDocument)))]
pub(super) async fn look_up_groups(state: State, visitor: Visitor, query: web::Query<LookupQuery>) -> Answer {
    let lookup = address::read_lookup(&query.q);
    if let Lookup::Words(words) = lookup {
        let words = words.to_lowercase();
        let found = move |actor: &Actor| {
            [&actor.name, &actor.display_name, &actor.summary_source].iter().any(|t| t.to_lowercase().contains(&words))
        };
        return Ok(ok(state.run(move |app| all(app, visitor, found)).await?));
    }
    let asked = lookup.clone();
    let known = state.run(move |app| known(app, &asked)).await?;
    let id = match known {
        Known::Here(id) => id,
        Known::Nobody => return Err(ActionError::NotFound.into()),
        Known::Elsewhere => {
            let account = visitor.account.ok_or(ActionError::Denied(Denied::SignIn))?;
            count_account(&state, account, tries::LOOK_UP).await?;
            state.network.find(&lookup).await?
        }
    };
    let group = state.run(move |app| one(app, visitor, id)).await?;
    Ok(ok(GroupsDocument { groups: vec![group] }))
}

/// Where what is looked for lives.
enum Known {
    Here(ActorId),
    Nobody,
    Elsewhere,
}

fn known(app: &App, lookup: &Lookup) -> Result<Known, ActionError> {
    app.db.read(|c| {
        let site = site(c)?;
        let (local, actor) = match lookup {
            Lookup::Handle(handle) if handle.host == site.host() => (true, actors::local_by_name(c, &handle.name)?),
            Lookup::Link(link) if site.at.is_local(link.url()) => (true, actors::by_ap_id(c, link.as_str())?),
            _ => (false, None),
        };
        Ok(match actor {
            Some(actor) => Known::Here(actor.id),
            None if local => Known::Nobody,
            None => Known::Elsewhere,
        })
    })
}

/// One group.
#[utoipa::path(get, path = "/groups/{id}", tag = "groups",
    responses((status = 200, description = "The group.", body = GroupDocument)))]
pub(super) async fn get_group(state: State, visitor: Visitor, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    Ok(ok(state.run(move |app| one(app, visitor, id)).await?))
}

/// A new group.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GroupBody {
    /// The name in its address: letters a to z, numbers and _. It can't be changed later.
    name: String,
    /// The name that is shown, 2 to 80 characters.
    display_name: String,
    /// What it is about, Markdown, 2,000 characters at most.
    about: String,
    /// When it usually meets, in words, 120 characters at most.
    rhythm: String,
    /// How people treat each other here, Markdown, 5,000 characters at most.
    guidelines: String,
    /// `open_community`, `peer_support_circle`, `public_noticeboard` or `private_circle`: where the four settings begin.
    template: String,
    /// Who can read: `public`, `members` or `hidden`; empty for what the template says, as the next three.
    readable: String,
    /// Who can join: `open`, `approval` or `invitation`.
    joining: String,
    /// How far it reaches: `network`, `partners` or `here`.
    reach: String,
    /// Who can post: `anyone`, `members` or `facilitators`.
    posting: String,
    /// The persona that makes and owns it.
    persona: String,
}

/// Makes a group.
#[utoipa::path(post, path = "/groups", tag = "groups", request_body = GroupBody,
    responses((status = 201, description = "The group.", body = GroupDocument)))]
pub(super) async fn create_group(state: State, me: Writer, body: Body) -> Answer {
    let body: GroupBody = body.read().await?;
    let form = GroupForm {
        name: body.name,
        display_name: body.display_name,
        about: body.about,
        rhythm: body.rhythm,
        guidelines: body.guidelines,
        template: body.template,
        readable: body.readable,
        joining: body.joining,
        reach: body.reach,
        posting: body.posting,
        persona: body.persona,
    };
    let group = state
        .act(move |app| {
            let actor = group::create(app, me.id(), &form)?;
            one(app, me.visitor(), actor.id)
        })
        .await?;
    Ok(created(&format!("/groups/{}", group.id), group))
}

/// A change of a group. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupPatch {
    /// The name that is shown, 2 to 80 characters.
    display_name: Option<String>,
    /// What it is about, Markdown, 2,000 characters at most.
    about: Option<String>,
    /// When it usually meets, in words, 120 characters at most.
    rhythm: Option<String>,
    /// How people treat each other here, Markdown, 5,000 characters at most.
    guidelines: Option<String>,
}

impl GroupPatch {
    fn is_empty(&self) -> bool {
        [&self.display_name, &self.about, &self.rhythm, &self.guidelines].iter().all(|field| field.is_none())
    }
    fn over(self, (actor, row): (Actor, Group)) -> GroupForm {
        GroupForm {
            display_name: self.display_name.unwrap_or(actor.display_name),
            about: self.about.unwrap_or(actor.summary_source),
            rhythm: self.rhythm.unwrap_or(row.rhythm),
            guidelines: self.guidelines.unwrap_or(row.guidelines),
            ..GroupForm::default()
        }
    }
}

/// Changes how a group is described. Its facilitators only.
#[utoipa::path(patch, path = "/groups/{id}", tag = "groups", request_body = GroupPatch,
    responses((status = 200, description = "The group as it is now.", body = GroupDocument)))]
pub(super) async fn patch_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: GroupPatch = body.read().await?;
    let id = body::id(&path)?;
    if patch.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let group = state
        .act(move |app| {
            // Who may not change it learns nothing from what is said about the fields.
            let before = app.db.read(|c| {
                let own = me.visitor().own(c)?;
                let before = visible(c, &own, id)?;
                permission::may_change_group(own.reader.standing(id))?;
                Ok::<_, ActionError>(before)
            })?;
            group::describe(app, me.id(), id, &patch.over(before))?;
            one(app, me.visitor(), id)
        })
        .await?;
    Ok(ok(group))
}

/// Who does it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PersonaChoice {
    /// Id of one of one's own personas.
    persona: String,
}

impl PersonaChoice {
    fn read(&self) -> Result<ActorId, ActionError> {
        let mut form = Form::default();
        let persona = group::read_persona(&mut form, &self.persona);
        form.finish()?;
        persona.ok_or(ActionError::NotFound)
    }
}

/// Joins a group, here or on a server whose groups are joined and not only followed. Joining twice changes nothing, but
/// that a group elsewhere that has not answered is asked again, and that a member agrees to what `agreed` names.
#[utoipa::path(post, path = "/groups/{id}/join", tag = "groups", request_body = JoinBody,
    responses((status = 200, description = "The group, with what the caller is to it now.", body = GroupDocument)))]
pub(super) async fn join_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let said: JoinBody = body.read().await?;
    let id = body::id(&path)?;
    let group = state
        .act(move |app| {
            let persona = said.persona()?;
            app.db.read(|c| {
                let own = me.visitor().own(c)?;
                visible(c, &own, id).map(|_| ())
            })?;
            membership::join_saying(app, me.id(), id, persona, &said.form())?;
            one(app, me.visitor(), id)
        })
        .await?;
    Ok(ok(group))
}

/// How somebody leaves.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LeaveBody {
    /// What becomes of what they wrote there: `kept` (also when left out), `unnamed` (it stays without their name, only
    /// in a group that never leaves this server) or `removed`.
    posts: String,
}

/// Leaves a group, without a trace. Leaving a group one is not in changes nothing.
#[utoipa::path(post, path = "/groups/{id}/leave", tag = "groups", request_body = LeaveBody,
    responses((status = 204, description = "Left.")))]
pub(super) async fn leave_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let LeaveBody { posts } = body.read_if_any().await?;
    let id = body::id(&path)?;
    let parting = match posts.as_str() {
        "" => Parting::Kept,
        typed => typed.parse().map_err(|_| ApiError::field("posts", "Say kept, unnamed or removed."))?,
    };
    state.act(move |app| membership::leave_with(app, me.id(), id, parting)).await?;
    Ok(done())
}

/// Follows a group, here or elsewhere. Following twice asks again if nobody answered yet.
#[utoipa::path(post, path = "/groups/{id}/follow", tag = "groups", request_body = PersonaChoice,
    responses((status = 200, description = "The group, with what the caller is to it now.", body = GroupDocument)))]
pub(super) async fn follow_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let choice: PersonaChoice = body.read().await?;
    let id = body::id(&path)?;
    let group = state
        .act(move |app| {
            follow::follow(app, me.id(), id, choice.read()?)?;
            one(app, me.visitor(), id)
        })
        .await?;
    Ok(ok(group))
}

/// Stops following. Not following changes nothing.
#[utoipa::path(post, path = "/groups/{id}/unfollow", tag = "groups",
    responses((status = 204, description = "No longer followed.")))]
pub(super) async fn unfollow_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id = body::id(&path)?;
    state.act(move |app| follow::unfollow(app, me.id(), id)).await?;
    Ok(done())
}
