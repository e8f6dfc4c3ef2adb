//! The topics of the cards of a group: its facilitators keep the list, and whoever makes a card may propose one.
//!
//! Must never tell who proposed a topic, or on which card.

use crate::{
    ActionError, App, Form, Result,
    form::length_sentence,
    log::{self, Said},
    team,
};
use hearth_db::{
    DbConn,
    tables::card_topics::{self, CardTopic},
};
use hearth_domain::{
    card::{self, MOST_TOPICS},
    deed::{self, Deed},
    id::{AccountId, ActorId, CardTopicId},
    log::Logged,
};

/// A topic as it is to be on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicLine {
    /// The topic it is; none for a new one.
    pub id: Option<CardTopicId>,
    /// Its name.
    pub name: String,
}

/// Puts this list in place of the one a group had: what is left out goes, also from the cards that had it. A topic that was
/// proposed comes onto the list by its id, goes when it is among `declined`, and waits otherwise.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn set(
    app: &App,
    account: AccountId,
    group: ActorId,
    typed: &[TopicLine],
    declined: &[CardTopicId],
) -> Result<Vec<CardTopic>> {
    app.db.write(|tx| {
        let (group, _, persona, standing) = team::looked_after(tx, account, group)?;
        if !group.local {
            return Err(ActionError::NotFound);
        }
        deed::may(standing, Deed::CareForCards)?;
        let known = card_topics::of_group(tx, group.id)?;
        let mut form = Form::default();
        let list = read(&mut form, typed, &known);
        form.finish()?;
        let stays = |topic: &&CardTopic| list.iter().any(|(id, _)| *id == Some(topic.id));
        for topic in known.iter().filter(|topic| !stays(topic) && (topic.listed || declined.contains(&topic.id))) {
            card_topics::delete(tx, topic.id)?;
        }
        for ((id, name), place) in list.iter().zip(0..) {
            match id {
                Some(id) => card_topics::list(tx, *id, name, place)?,
                None => {
                    let id = CardTopicId::random(&*app.entropy);
                    CardTopic { id, group_id: group.id, name: name.clone(), place, listed: true }.insert(tx)?;
                }
            }
        }
        log::write(app, tx, &group, Logged::CardTopicsChanged, Said { by: Some(persona.id), ..Said::default() })?;
        Ok(card_topics::of_group(tx, group.id)?)
    })
}

fn read(form: &mut Form, typed: &[TopicLine], known: &[CardTopic]) -> Vec<(Option<CardTopicId>, String)> {
    let mut list: Vec<(Option<CardTopicId>, String)> = Vec::new();
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
pub fn listed(connection: &mut DbConn, group: ActorId) -> Result<Vec<CardTopic>> {
    Ok(card_topics::of_group(connection, group)?.into_iter().filter(|topic| topic.listed).collect())
}

/// The list and what was proposed for it, for who looks after the group.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn all(app: &App, account: AccountId, group: ActorId) -> Result<Vec<CardTopic>> {
    app.db.read(|c| {
        let (group, _, _, standing) = team::looked_after(c, account, group)?;
        deed::may(standing, Deed::CareForCards)?;
        Ok(card_topics::of_group(c, group.id)?)
    })
}
