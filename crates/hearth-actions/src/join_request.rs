//! The waiting room of a group: what people say when they ask to join, what they are asked there, and what comes of it.
//!
//! Answers are for those who look after the group. Must never let somebody know that they are kept out: what they ask
//! looks like any request that waits, under whichever of their names, and nobody else sees it.

use crate::{ActionError, App, Form, Result, account, membership::held};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        join_questions,
        join_requests::{self, JoinAnswer, JoinRequest},
        memberships,
    },
};
use hearth_domain::{
    id::{AccountId, ActorId},
    join_request::{ANSWER_MAX, MOST_ASKED, MOST_QUESTIONS, Outcome, QUESTION_MAX},
    membership::State,
};

/// What somebody types to join a group.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct JoinForm {
    /// The version of the agreement that they read and agree to.
    pub agreed: String,
    /// The answers, in the order of the questions. Each may be left out.
    pub answers: Vec<String>,
    /// A line to those who look after the group, where it has no questions of its own.
    pub hello: String,
}

/// What is kept of the line to those who look after the group, as its question.
const HELLO: &str = "Hello";

/// Questions and answers, as they were read from a form.
pub(crate) type Said = Vec<(String, String)>;

/// Reads the answers to the questions of a group.
pub(crate) fn read(connection: &mut DbConn, group: ActorId, typed: &JoinForm) -> Result<Said> {
    const FIELDS: [&str; MOST_QUESTIONS] = ["answer_1", "answer_2", "answer_3"];
    let questions = join_questions::of_group(connection, group)?;
    let mut form = Form::default();
    let mut said = Said::new();
    if questions.is_empty() {
        let hello = form.paragraphs("hello", "Your hello", &typed.hello, 0, ANSWER_MAX);
        if !hello.is_empty() {
            said.push((HELLO.to_owned(), hello));
        }
    }
    let mut answers = typed.answers.iter();
    for (field, question) in FIELDS.into_iter().zip(questions) {
        let answer = answers.next().map_or("", String::as_str);
        said.push((question, form.paragraphs(field, "An answer", answer, 0, ANSWER_MAX)));
    }
    form.finish()?;
    Ok(said)
}

/// Writes a request down. `said` is empty for one that nobody is to see.
pub(crate) fn open(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    group: ActorId,
    actor: ActorId,
    said: Said,
) -> Result<()> {
    join_requests::delete_of_account(tx, group, account)?;
    let row = JoinRequest {
        group_id: group,
        actor_id: actor,
        outcome: Outcome::Waiting,
        note: String::new(),
        asked_at: app.now(),
        decided_at: None,
    };
    row.insert(tx)?;
    for (position, (question, answer)) in (0..).zip(said) {
        JoinAnswer { group_id: group, actor_id: actor, position, question, answer: Some(answer) }.insert(tx)?;
    }
    Ok(())
}

/// Where an account stands with a group, as far as it is told: by which persona, and whether it is in or waits. Who is
/// kept out waits once they asked again, and is nobody in particular before.
///
/// # Errors
/// Database errors.
pub fn told(connection: &mut DbConn, group: ActorId, account: AccountId) -> Result<Option<(ActorId, State)>> {
    match memberships::of_account(connection, group, account)? {
        Some(own) if own.state == State::Banned => {
            let asked = join_requests::of_account(connection, account)?;
            let asked = asked.into_iter().find(|row| row.group_id == group && row.outcome == Outcome::Waiting);
            Ok(asked.map(|row| (row.actor_id, State::Waiting)))
        }
        own => Ok(own.map(|own| (own.actor_id, own.state))),
    }
}

/// A request as the person sees it who asked.
pub struct Pending {
    /// The group.
    pub group: Actor,
    /// The persona that asked.
    pub persona: Actor,
    /// What became of it: it waits, or this is not the group for them.
    pub outcome: Outcome,
    /// The kind word that came with it.
    pub note: String,
    /// What is still to be answered: the place and the question.
    pub questions: Vec<(i32, String)>,
}

/// The requests of an account that wait, or that were answered with a kind word which was not put away yet.
///
/// # Errors
/// Database errors.
pub fn pending(app: &App, account: AccountId) -> Result<Vec<Pending>> {
    app.db.read(|c| {
        account::require_active(c, account)?;
        let mut list = Vec::new();
        let requests = join_requests::of_account(c, account)?;
        for row in &requests {
            let waits = told(c, row.group_id, account)?.is_some_and(|(_, state)| state == State::Waiting);
            let shown = match row.outcome {
                Outcome::Waiting => waits,
                Outcome::NotHere => !waits,
                Outcome::Welcomed => false,
            };
            if shown {
                let asked = join_requests::answers(c, row.group_id, row.actor_id)?;
                let open = asked.into_iter().filter(|one| one.answer.is_none());
                let questions = open.map(|one| (one.position, one.question)).collect();
                list.extend(pending_of(c, row.group_id, row.actor_id, (row.outcome, &row.note), questions)?);
            }
        }
        for row in memberships::all_of_account(c, account)? {
            let known = requests.iter().any(|request| request.group_id == row.group_id);
            if row.state == State::Waiting && !known {
                let waits = (Outcome::Waiting, "");
                list.extend(pending_of(c, row.group_id, row.actor_id, waits, Vec::new())?);
            }
        }
        Ok(list)
    })
}

fn pending_of(
    connection: &mut DbConn,
    group: ActorId,
    persona: ActorId,
    (outcome, note): (Outcome, &str),
    questions: Vec<(i32, String)>,
) -> Result<Option<Pending>> {
    let group = actors::by_id(connection, group)?.filter(|group| group.deleted_at.is_none());
    let (Some(group), Some(persona)) = (group, actors::by_id(connection, persona)?) else { return Ok(None) };
    Ok(Some(Pending { group, persona, outcome, note: note.to_owned(), questions }))
}

/// Answers what a facilitator asked, as the person who waits. `answers` names each question by its place; an empty answer
/// leaves it open.
///
/// # Errors
/// `NotFound` when the account does not wait there, `Invalid`.
pub fn answer(app: &App, account: AccountId, group: ActorId, answers: &[(i32, String)]) -> Result<()> {
    app.db.write(|tx| {
        let waits = told(tx, group, account)?.filter(|(_, state)| *state == State::Waiting);
        let (persona, _) = waits.ok_or(ActionError::NotFound)?;
        let asked = join_requests::answers(tx, group, persona)?;
        let mut form = Form::default();
        let mut read = Vec::new();
        for (position, typed) in answers {
            if asked.iter().any(|one| one.position == *position && one.answer.is_none()) {
                read.push((*position, form.paragraphs("answer", "An answer", typed, 0, ANSWER_MAX)));
            }
        }
        if read.iter().all(|(_, words)| words.is_empty()) {
            form.problem("answer", "Write an answer, or leave the question until later.");
        }
        form.finish()?;
        for (position, words) in read.iter().filter(|(_, words)| !words.is_empty()) {
            join_requests::answer(tx, group, persona, *position, words)?;
        }
        Ok(())
    })
}

/// Puts away the word that this is not the group for somebody.
///
/// # Errors
/// Database errors.
pub fn put_away(app: &App, account: AccountId, group: ActorId) -> Result<()> {
    app.db.write(|tx| {
        for row in join_requests::of_account(tx, account)? {
            if row.group_id == group && row.outcome == Outcome::NotHere {
                join_requests::delete(tx, group, row.actor_id)?;
            }
        }
        Ok(())
    })
}

/// Asks something of a person here who waits to be let in.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`; `Conflict` for people of other servers.
pub fn ask(app: &App, account: AccountId, group: ActorId, person: ActorId, words: &str) -> Result<()> {
    let mut form = Form::default();
    let question = form.line("question", "A question", words, 1, QUESTION_MAX);
    form.finish()?;
    app.db.write(|tx| {
        held(tx, account, group)?;
        let waits = memberships::get(tx, group, person)?.filter(|row| row.state == State::Waiting);
        waits.ok_or(ActionError::NotFound)?;
        if !actors::by_id(tx, person)?.is_some_and(|person| person.local) {
            return Err(ActionError::Conflict("People of other servers can't be asked from here."));
        }
        let asked = join_requests::answers(tx, group, person)?;
        if asked.len() >= MOST_ASKED {
            return Err(ActionError::field(
                "question",
                "They were asked enough. Welcome them, or say that it is not here.",
            ));
        }
        if join_requests::get(tx, group, person)?.is_none() {
            let (outcome, note) = (Outcome::Waiting, String::new());
            let row =
                JoinRequest { group_id: group, actor_id: person, outcome, note, asked_at: app.now(), decided_at: None };
            row.insert(tx)?;
        }
        let position = asked.last().map_or(0, |last| last.position.saturating_add(1));
        JoinAnswer { group_id: group, actor_id: person, position, question, answer: None }.insert(tx)?;
        Ok(())
    })
}

/// Somebody who was let in lately, with what they answered.
pub struct LetIn {
    /// The request.
    pub request: JoinRequest,
    /// Who asked.
    pub person: Actor,
    /// What they were asked and answered.
    pub answers: Vec<JoinAnswer>,
}

/// Who was let in lately, until their answers are forgotten.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn let_in_lately(app: &App, account: AccountId, group: ActorId) -> Result<Vec<LetIn>> {
    app.db.read(|c| {
        held(c, account, group)?;
        let mut people = Vec::new();
        for request in join_requests::of_group(c, group, Outcome::Welcomed)? {
            let answers = join_requests::answers(c, group, request.actor_id)?;
            if let Some(person) = actors::by_id(c, request.actor_id)?.filter(|_| !answers.is_empty()) {
                people.push(LetIn { request, person, answers });
            }
        }
        Ok(people)
    })
}

/// Writes down what became of a request, for as long as it is kept. Of what somebody answered who is not let in nothing
/// is kept.
pub(crate) fn decided(
    app: &App,
    tx: &mut Tx<'_>,
    group: ActorId,
    person: &Actor,
    outcome: Outcome,
    note: &str,
) -> Result<()> {
    if !person.local {
        return Ok(());
    }
    if outcome == Outcome::NotHere {
        join_requests::delete(tx, group, person.id)?;
        let (note, now) = (note.to_owned(), app.now());
        JoinRequest { group_id: group, actor_id: person.id, outcome, note, asked_at: now, decided_at: Some(now) }
            .insert(tx)?;
        return Ok(());
    }
    Ok(join_requests::decide(tx, group, person.id, outcome, note, app.now())?)
}
