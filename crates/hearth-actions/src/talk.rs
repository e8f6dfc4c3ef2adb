//! What a group chose for its conversations, and what a member wants folded or left out in them.

use crate::{ActionError, App, Form, Result, group, team};
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        groups,
        note_choices::{self, NoteChoice},
        talk_rules::{self, TalkRules},
    },
};
use hearth_domain::{
    audience,
    id::{AccountId, ActorId},
    note::{self, ListProblem},
};

/// What a facilitator types about conversations.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct RulesForm {
    /// Topics of content notes, one a line.
    pub notes: String,
    /// `yes`: members can write without their name.
    pub unnamed: String,
    /// After how many days a conversation is gone for everybody; empty: never.
    pub fades_after: String,
}

/// The longest time after which conversations fade, in days.
const MOST_DAYS: i32 = 3_650;

/// Changes how conversations of a group are held. What was written without a name stays so.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn change(app: &App, account: AccountId, group: ActorId, typed: &RulesForm) -> Result<TalkRules> {
    let mut form = Form::default();
    let topics = form.take("notes", note::list(&typed.notes), |problem| match problem {
        ListProblem::TooMany => format!("A list can have {} topics at most.", note::MOST_TOPICS),
        ListProblem::TooLong => format!("A topic can have {} characters at most.", note::TOPIC_MAX),
    });
    let days = typed.fades_after.trim();
    let fades_after = match days.parse::<i32>() {
        _ if days.is_empty() => None,
        Ok(days) if (1..=MOST_DAYS).contains(&days) => Some(days),
        _ => {
            form.problem("fades_after", "Give a number of days from 1 to 3,650, or leave it empty.");
            None
        }
    };
    form.finish()?;
    app.db.write(|tx| {
        let (group, ..) = team::looked_after(tx, account, group)?;
        if !group.local {
            return Err(ActionError::NotFound);
        }
        let before = talk_rules::of(tx, group.id)?;
        let after = TalkRules { notes: topics.join("\n"), unnamed: typed.unnamed == "yes", fades_after, ..before };
        talk_rules::put(tx, &after)?;
        Ok(after)
    })
}

/// What a group chose, for who may read in it.
///
/// # Errors
/// `NotFound`.
pub fn rules(connection: &mut DbConn, account: Option<AccountId>, group: ActorId) -> Result<(Actor, TalkRules)> {
    let (actor, row) = groups::with_actor(connection, group)?.ok_or(ActionError::NotFound)?;
    let standing = match account {
        Some(account) => group::standing(connection, account, group)?,
        None => hearth_domain::membership::Standing::Stranger,
    };
    let reads = row.settings().is_public() || standing.is_member();
    if !reads || !audience::group_is_shown(row.settings(), standing) || actor.deleted_at.is_some() {
        return Err(ActionError::NotFound);
    }
    let rules = talk_rules::of(connection, group)?;
    Ok((actor, rules))
}

/// What happens to each topic of a group for this reader, in the order of the group's list; choices for topics that are no
/// longer in the list come last.
///
/// # Errors
/// `NotFound`.
pub fn choices(app: &App, account: AccountId, group: ActorId) -> Result<Vec<(String, Option<note::NoteChoice>)>> {
    app.db.read(|c| {
        let (_, rules) = rules(c, Some(account), group)?;
        let mut chosen = note_choices::of_account(c, account)?;
        chosen.retain(|row| row.group_id == group);
        let mut list = Vec::new();
        for topic in rules.topics() {
            let at = chosen.iter().position(|row| row.topic == topic);
            list.push((topic.to_owned(), at.map(|at| chosen.remove(at).choice)));
        }
        list.extend(chosen.into_iter().map(|row| (row.topic, Some(row.choice))));
        Ok(list)
    })
}

/// Chooses what happens to topics: all choices in this group are replaced by these.
///
/// # Errors
/// `NotFound`, `Invalid`.
pub fn choose(app: &App, account: AccountId, group: ActorId, chosen: &[(String, note::NoteChoice)]) -> Result<()> {
    app.db.write(|tx| {
        crate::account::require_active(tx, account)?;
        rules(tx, Some(account), group)?;
        if chosen.len() > note::MOST_TOPICS * 2
            || chosen.iter().any(|(topic, _)| topic.chars().count() > note::TOPIC_MAX)
        {
            return Err(ActionError::field("choices", "These are too many topics, or one of them is too long."));
        }
        note_choices::clear(tx, account, group)?;
        let mut known: Vec<&str> = Vec::new();
        for (topic, choice) in chosen {
            if !known.contains(&topic.as_str()) {
                known.push(topic);
                NoteChoice { account_id: account, group_id: group, topic: topic.clone(), choice: *choice }
                    .insert(tx)?;
            }
        }
        Ok(())
    })
}
