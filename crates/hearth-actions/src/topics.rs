//! The topics of a group: its facilitators keep the list, authors choose among them for cards and conversations, and
//! whoever makes a card may propose one.
//!
//! Must never tell who proposed a topic, or on which card.

use crate::{
    ActionError, App, Form, Result,
    form::length_sentence,
    log::{self, Said},
    moderation, team,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        post_marks,
        topics::{self, Topic},
    },
};
use hearth_domain::{
    card::{self, MOST_TOPICS},
    deed::{self, Deed},
    id::{AccountId, ActorId, PostId, TopicId},
    log::Logged,
    permission, post,
};

/// The field that every problem with the topics of a conversation is about.
const FIELD: &str = "topics";

const GONE: &str = "One of these topics is not on the group’s list any more. Choose again.";

/// A topic as it is to be on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicLine {
    /// The topic it is; none for a new one.
    pub id: Option<TopicId>,
    /// Its name.
    pub name: String,
}

/// Puts this list in place of the one a group had: what is left out goes, also from the cards and conversations that had
/// it. A topic that was
/// proposed comes onto the list by its id, goes when it is among `declined`, and waits otherwise.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn set(
    app: &App,
    account: AccountId,
    group: ActorId,
    typed: &[TopicLine],
    declined: &[TopicId],
) -> Result<Vec<Topic>> {
    app.db.write(|tx| {
        let (group, _, persona, standing) = team::looked_after(tx, account, group)?;
        if !group.local {
            return Err(ActionError::NotFound);
        }
        deed::may(standing, Deed::CareForCards)?;
        let known = topics::of_group(tx, group.id)?;
        let mut form = Form::default();
        let list = read(&mut form, typed, &known);
        form.finish()?;
        let stays = |topic: &&Topic| list.iter().any(|(id, _)| *id == Some(topic.id));
        for topic in known.iter().filter(|topic| !stays(topic) && (topic.listed || declined.contains(&topic.id))) {
            topics::delete(tx, topic.id)?;
        }
        for ((id, name), place) in list.iter().zip(0..) {
            match id {
                Some(id) => topics::list(tx, *id, name, place)?,
                None => {
                    let id = TopicId::random(&*app.entropy);
                    Topic { id, group_id: group.id, name: name.clone(), place, listed: true }.insert(tx)?;
                }
            }
        }
        log::write(app, tx, &group, Logged::TopicsChanged, Said { by: Some(persona.id), ..Said::default() })?;
        Ok(topics::of_group(tx, group.id)?)
    })
}

fn read(form: &mut Form, typed: &[TopicLine], known: &[Topic]) -> Vec<(Option<TopicId>, String)> {
    let mut list: Vec<(Option<TopicId>, String)> = Vec::new();
    for line in typed {
        let name = form.take("topics", card::topic(&line.name), |problem| length_sentence("A topic", problem));
        if line.id.is_some_and(|id| !known.iter().any(|topic| topic.id == id)) {
            form.problem("topics", "One of these topics is not there any more. Add it anew.");
        } else if list.iter().any(|(id, other)| (id.is_some() && *id == line.id) || card::same_topic(other, &name)) {
            form.problem("topics", "Two of these topics are the same. Leave one of them out.");
        } else {
            list.push((line.id, name));
        }
    }
    if list.len() > MOST_TOPICS {
        form.problem("topics", format!("A list can have {MOST_TOPICS} topics at most."));
    }
    list
}

/// The topics of a group's list, in their order.
///
/// # Errors
/// Database errors.
pub fn listed(connection: &mut DbConn, group: ActorId) -> Result<Vec<Topic>> {
    Ok(topics::of_group(connection, group)?.into_iter().filter(|topic| topic.listed).collect())
}

/// The topics that a form names for a conversation, as far as the database need not be asked.
pub(crate) fn read_chosen(form: &mut Form, typed: &[String]) -> Vec<TopicId> {
    let mut chosen: Vec<TopicId> = Vec::new();
    for one in typed {
        if let Some(id) = form.keep(FIELD, one.parse::<TopicId>(), |_| GONE.to_owned())
            && !chosen.contains(&id)
        {
            chosen.push(id);
        }
    }
    if chosen.len() > post::MOST_TOPICS {
        form.problem(FIELD, format!("A conversation can have {} topics at most.", post::MOST_TOPICS));
    }
    chosen
}

/// Gives a conversation of a group, or what is to become one, these topics of its list.
///
/// # Errors
/// `Invalid` when one is not on the list.
pub(crate) fn mark(tx: &mut Tx<'_>, group: ActorId, number: i64, chosen: &[TopicId]) -> Result<()> {
    if !chosen.is_empty() {
        let known = listed(tx, group)?;
        if !chosen.iter().all(|id| known.iter().any(|topic| topic.id == *id)) {
            return Err(ActionError::field(FIELD, GONE));
        }
    }
    Ok(post_marks::set(tx, number, chosen)?)
}

/// The same for a post of another server, by its hashtags: those that are none of the group's topics are nothing here.
pub(crate) fn mark_received(tx: &mut Tx<'_>, group: ActorId, number: i64, hashtags: &[&str]) -> Result<()> {
    if hashtags.is_empty() {
        return Ok(());
    }
    let mut chosen: Vec<TopicId> = Vec::new();
    for topic in listed(tx, group)? {
        if chosen.len() < post::MOST_TOPICS && hashtags.iter().any(|tag| card::is_hashtag_of(tag, &topic.name)) {
            chosen.push(topic.id);
        }
    }
    Ok(post_marks::set(tx, number, &chosen)?)
}

/// The topics that a conversation has, or what is planned.
pub(crate) fn chosen(connection: &mut DbConn, number: i64) -> Result<Vec<TopicId>> {
    let found = post_marks::of(connection, &[number])?.remove(&number).unwrap_or_default();
    Ok(found.into_iter().map(|topic| topic.id).collect())
}

/// Sorts a conversation anew, as somebody who looks after its group. Its words stay as they are, and nobody elsewhere is
/// told: a group's topics are its own order.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn sort(app: &App, account: AccountId, conversation: PostId, typed: &[String]) -> Result<()> {
    let mut form = Form::default();
    let chosen = read_chosen(&mut form, typed);
    app.db.write(|tx| {
        let post = moderation::find(tx, account, conversation)?;
        let (group, _, persona, standing) = team::looked_after(tx, account, post.group_id)?;
        permission::may_moderate(standing)?;
        if post.deleted_at.is_some() {
            return Err(ActionError::Gone);
        }
        if !group.local || !post.is_root() {
            return Err(ActionError::NotFound);
        }
        form.finish()?;
        mark(tx, group.id, post.id.get(), &chosen)?;
        let said = Said { by: Some(persona.id), post: Some(post.id), ..Said::default() };
        log::write(app, tx, &group, Logged::Sorted, said)
    })
}

/// The list and what was proposed for it, for who looks after the group.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn all(app: &App, account: AccountId, group: ActorId) -> Result<Vec<Topic>> {
    app.db.read(|c| {
        let (group, _, _, standing) = team::looked_after(c, account, group)?;
        deed::may(standing, Deed::CareForCards)?;
        Ok(topics::of_group(c, group.id)?)
    })
}
