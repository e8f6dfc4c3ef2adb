//! What the members of a group agree to, and what the group asks of those who would like to join.
//!
//! Everybody agrees before anything else is asked of them. When the words change, members go on reading, and are asked
//! again before they say something more (`hearth_domain::agreement` says why). Who looks after the group is never kept
//! from that by it: a report must not wait for a tick. People of other servers can't be asked; facilitators are told so.

use crate::{ActionError, App, Form, Result, account, membership, team};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        agreements::{self, AcceptedAgreement, Agreement},
        join_questions, memberships,
    },
};
use hearth_domain::{
    agreement::{AGREEMENT_MAX, Agreed},
    id::{AccountId, ActorId},
    join_request::{MOST_QUESTIONS, QUESTION_MAX},
    membership::{Standing, State},
};

/// What stands at the door of a group.
#[derive(Clone, Default)]
pub struct Terms {
    /// What members agree to.
    pub agreement: Option<Agreement>,
    /// What is asked of those who ask to join.
    pub questions: Vec<String>,
}

/// What stands at the door of a group.
///
/// # Errors
/// Database errors.
pub fn terms(connection: &mut DbConn, group: ActorId) -> Result<Terms> {
    Ok(Terms { agreement: current(connection, group)?, questions: join_questions::of_group(connection, group)? })
}

fn current(connection: &mut DbConn, group: ActorId) -> Result<Option<Agreement>> {
    Ok(agreements::newest(connection, group)?.filter(|newest| !newest.source.is_empty()))
}

/// What those who look after a group type about its door.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct TermsForm {
    /// What members agree to, Markdown; empty: nothing.
    pub agreement: String,
    /// `yes`: the words are only put right, and nobody is asked again.
    pub only_wording: String,
    /// The questions; empty ones are left out.
    pub questions: Vec<String>,
}

/// Changes what members agree to, and the questions. Other words are a new version, to which everybody is asked to agree;
/// who wrote them agrees by that.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn set(app: &App, account: AccountId, group: ActorId, typed: &TermsForm) -> Result<()> {
    let mut form = Form::default();
    let source = form.paragraphs("agreement", "What members agree to", &typed.agreement, 0, AGREEMENT_MAX);
    let questions = read_questions(&mut form, &typed.questions);
    form.finish()?;
    app.db.write(|tx| {
        let (actor, _, persona, _) = team::looked_after(tx, account, group)?;
        if !actor.local {
            return Err(ActionError::NotFound);
        }
        join_questions::replace(tx, group, &questions)?;
        let newest = agreements::newest(tx, group)?;
        let before = newest.as_ref().map_or("", |newest| newest.source.as_str());
        if before == source {
            return Ok(());
        }
        let version = match newest {
            Some(newest) if typed.only_wording == "yes" && !source.is_empty() && !newest.source.is_empty() => {
                return Ok(agreements::correct(tx, group, newest.version, &source)?);
            }
            Some(newest) => newest.version.saturating_add(1),
            None => 1,
        };
        let now = app.now();
        Agreement { group_id: group, version, source: source.clone(), created_at: now }.insert(tx)?;
        agreements::accept(
            tx,
            &AcceptedAgreement { group_id: group, actor_id: persona.id, version, accepted_at: now },
        )?;
        Ok(())
    })
}

fn read_questions(form: &mut Form, typed: &[String]) -> Vec<String> {
    const FIELDS: [&str; MOST_QUESTIONS] = ["question_1", "question_2", "question_3"];
    if typed.len() > MOST_QUESTIONS {
        form.problem("question_3", format!("A group can ask {MOST_QUESTIONS} questions at most. Fewer are kinder."));
    }
    let read = |(field, words): (&'static str, &String)| form.line(field, "A question", words, 0, QUESTION_MAX);
    let read: Vec<String> = FIELDS.into_iter().zip(typed).map(read).collect();
    read.into_iter().filter(|words| !words.is_empty()).collect()
}

/// Reads which version somebody agrees to who would like to join: none where there is nothing to agree to.
pub(crate) fn read_agreed(connection: &mut DbConn, group: ActorId, typed: &str) -> Result<Option<i32>> {
    let Some(current) = current(connection, group)? else { return Ok(None) };
    match typed.trim() {
        "" => Err(ActionError::field("agreed", "Read what members agree to, and tick the box if you do.")),
        version if version.parse() == Ok(current.version) => Ok(Some(current.version)),
        _ => Err(ActionError::field(
            "agreed",
            "The words changed a moment ago. Read them once more, and tick the box if you agree.",
        )),
    }
}

/// Writes down that a member, or somebody who waits, agreed.
pub(crate) fn note(app: &App, tx: &mut Tx<'_>, group: ActorId, persona: ActorId, version: Option<i32>) -> Result<()> {
    let Some(version) = version else { return Ok(()) };
    let row = AcceptedAgreement { group_id: group, actor_id: persona, version, accepted_at: app.now() };
    Ok(agreements::accept(tx, &row)?)
}

/// Agrees to the words that hold now.
///
/// # Errors
/// `NotFound`, `Denied`, `Invalid` when the words changed meanwhile.
pub fn accept(app: &App, account: AccountId, group: ActorId, version: &str) -> Result<()> {
    app.db.write(|tx| {
        account::require_active(tx, account)?;
        let own = memberships::of_account(tx, group, account)?.filter(|own| own.state == State::Active);
        let own = own.ok_or(ActionError::NotFound)?;
        let version = read_agreed(tx, group, version)?;
        note(app, tx, group, own.actor_id, version)
    })
}

/// The words to which a member is still to agree.
///
/// # Errors
/// Database errors.
pub fn outstanding(connection: &mut DbConn, group: ActorId, account: AccountId) -> Result<Option<Agreement>> {
    let own = memberships::of_account(connection, group, account)?.filter(|own| own.state == State::Active);
    let Some(own) = own else { return Ok(None) };
    unsettled(connection, group, own.actor_id)
}

fn unsettled(connection: &mut DbConn, group: ActorId, persona: ActorId) -> Result<Option<Agreement>> {
    let Some(current) = current(connection, group)? else { return Ok(None) };
    let accepted = agreements::accepted(connection, group, persona)?;
    Ok(Some(current).filter(|current| !Agreed::of(Some(current.version), accepted).is_settled()))
}

/// Whether a member of a group here may say something more.
pub(crate) fn require(connection: &mut DbConn, group: &Actor, persona: ActorId, standing: Standing) -> Result<()> {
    if !group.local || !standing.is_member() || unsettled(connection, group.id, persona)?.is_none() {
        return Ok(());
    }
    Err(ActionError::Conflict(
        "What members of this group agree to has changed. Read it on the group's page and agree there, then send this \
         once more.",
    ))
}

/// What stands at the door of a group, for somebody who may see that door; and whether they look after it.
///
/// # Errors
/// `NotFound`, `Gone`.
pub fn door(app: &App, account: Option<AccountId>, group: ActorId) -> Result<Terms> {
    app.db.read(|c| {
        membership::seen_by(c, account, group)?;
        if !actors::by_id(c, group)?.is_some_and(|actor| actor.local) {
            return Ok(Terms::default());
        }
        terms(c, group)
    })
}
