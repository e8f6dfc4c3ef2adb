//! The topics of a group: its list, and those of a conversation.
//!
//! Must never give the topics of a conversation to who may not read it.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Own, Visitor, Writer},
    done, group, ok,
    problem::ApiError,
};
use actix_web::web;
use hearth_actions::{
    ActionError,
    topics::{self, TopicLine},
};
use hearth_db::{tables::topics::Topic, views::library};
use hearth_domain::id::{ActorId, PostId, TopicId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A topic of a group.
#[derive(Serialize, ToSchema)]
pub(super) struct TopicDocument {
    /// Id.
    pub(super) id: String,
    /// Its name.
    name: String,
}

impl From<Topic> for TopicDocument {
    fn from(topic: Topic) -> Self {
        Self { id: topic.id.to_string(), name: topic.name }
    }
}

/// The topics of a group.
#[derive(Serialize, ToSchema)]
pub(super) struct TopicsDocument {
    /// The group's list, in its order.
    topics: Vec<TopicDocument>,
    /// For those who look after the group: what was proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed: Option<Vec<TopicDocument>>,
}

/// The topics of a group, for its members.
#[utoipa::path(get, path = "/groups/{id}/topics", tag = "topics",
    responses((status = 200, description = "The topics.", body = TopicsDocument)))]
pub(super) async fn get_topics(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let document = state
        .run(move |app| {
            let listed = app.db.read(|c| {
                let own: Own = Visitor { account: Some(me.account.id) }.own(c)?;
                let (actor, row) = group::visible(c, &own, id)?;
                if !actor.local || !library::is_open(&own.reader, &row) {
                    return Err(ActionError::NotFound);
                }
                topics::listed(c, id)
            })?;
            match topics::all(app, me.account.id, id) {
                Ok(all) => Ok(topics_document(all)),
                Err(ActionError::Denied(_)) => {
                    Ok(TopicsDocument { topics: listed.into_iter().map(Into::into).collect(), proposed: None })
                }
                Err(error) => Err(error),
            }
        })
        .await?;
    Ok(ok(document))
}

fn topics_document(all: Vec<Topic>) -> TopicsDocument {
    let (listed, proposed): (Vec<Topic>, Vec<Topic>) = all.into_iter().partition(|topic| topic.listed);
    TopicsDocument {
        topics: listed.into_iter().map(Into::into).collect(),
        proposed: Some(proposed.into_iter().map(Into::into).collect()),
    }
}

/// A topic as it is to be on the list.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TopicLineBody {
    /// The topic it is, also one that was proposed; none for a new one.
    id: Option<String>,
    /// Its name, 60 characters at most.
    #[schema(required)]
    name: Option<String>,
}

/// The whole list.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TopicsBody {
    /// The list in its order, 40 at most. What is left out goes, also from the cards and conversations that have it.
    #[schema(required)]
    topics: Option<Vec<TopicLineBody>>,
    /// Ids of proposed topics that are not wanted. The others wait.
    declined: Vec<String>,
}

/// Puts another list of topics in place of the one there is. For those who look after the group.
#[utoipa::path(put, path = "/groups/{id}/topics", tag = "topics", request_body = TopicsBody,
    responses((status = 200, description = "The topics as they are now.", body = TopicsDocument)))]
pub(super) async fn put_topics(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: TopicsBody = body.read().await?;
    let id: ActorId = body::id(&path)?;
    let mut list = Vec::new();
    for line in body::required("topics", body.topics)? {
        let id = line.id.map(|id| topic_id(&id, "topics")).transpose()?;
        list.push(TopicLine { id, name: body::required("topics", line.name)? });
    }
    let declined: Result<Vec<TopicId>, ApiError> = body.declined.iter().map(|id| topic_id(id, "declined")).collect();
    let declined = declined?;
    let all = state.act(move |app| topics::set(app, me.id(), id, &list, &declined)).await?;
    Ok(ok(topics_document(all)))
}

fn topic_id(typed: &str, field: &'static str) -> Result<TopicId, ApiError> {
    typed.parse().map_err(|_| ActionError::field(field, "Send ids of topics as they came.").into())
}

/// The topics of a conversation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SortBody {
    /// Ids of topics of the group's list, five at most. Those that are left out go.
    #[schema(required)]
    topics: Option<Vec<String>>,
}

/// Gives a conversation other topics. For those who look after its group; its author changes them with the post.
#[utoipa::path(put, path = "/posts/{id}/topics", tag = "topics", request_body = SortBody,
    responses((status = 204, description = "It has them now.")))]
pub(super) async fn put_post_topics(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: SortBody = body.read().await?;
    let id: PostId = body::id(&path)?;
    let chosen = body::required("topics", body.topics)?;
    state.act(move |app| topics::sort(app, me.id(), id, &chosen)).await?;
    Ok(done())
}
