//! Received activities that need something from another server first: what is missing is fetched, then the same action
//! runs with it. They were answered 202, so none is lost: what keeps failing is parked, where the keeper sees it.
//!
//! Must never: believe what was fetched by itself (the action decides again), or fetch without end.

use crate::{
    Federation, FederationError,
    fetch::{FetchProblem, Shared},
    ready::Ready,
    schedule,
    worker::INCOMING,
};
use activitypub_federation::config::Data;
use futures_util::{StreamExt, stream};
use hearth_actions::{
    ActionError,
    error::Missing,
    incident,
    received::{self, Evidence},
};
use hearth_activitypub::{Document, InboxActivity, inbound};
use hearth_db::{
    DbConn, DbError,
    tables::{
        actors::{self, Actor},
        hosts,
        incoming::{self, Incoming},
    },
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{MutexGuard, PoisonError},
};
use url::Url;

/// Most activities that are worked on at once, and most signers.
const AT_ONCE: i64 = 32;
const SIGNERS_AT_ONCE: usize = 8;
/// After so many attempts an activity is parked.
const MOST_ATTEMPTS: i32 = 8;

/// What one attempt came to.
enum Attempt {
    /// It took effect, or has none.
    Done,
    /// It is refused for good.
    Refused(&'static str),
    /// Another attempt may go better.
    Again(&'static str),
    /// Nothing will make it better by itself, but the keeper may want to know.
    Park(&'static str),
}

/// An activity on its way to being applied.
struct Case {
    signer: Actor,
    activity: InboxActivity,
    evidence: Evidence,
}

impl Federation {
    /// Works on the received activities that are due: fetches what they need and applies them. Returns how many were
    /// worked on. Activities of one signer are applied in the order in which they came.
    ///
    /// # Errors
    /// Database errors; what fails with one activity concerns that one only.
    pub async fn apply_incoming(&self) -> Result<usize, FederationError> {
        let ready = match self.ready().await {
            Ok(ready) => ready,
            Err(FederationError::NotSetUp) => return Ok(0),
            Err(error) => return Err(error),
        };
        // What waits is tried when there is room: an attempt now would only bring it nearer to its last.
        if self.app().db.room().is_short() {
            return Ok(0);
        }
        let (now, until) = (self.now(), self.now() + self.0.limits.incoming_lease);
        let rows = self.blocking(move |app| {
            app.db.write(|tx| {
                let rows = incoming::lease(tx, now.into(), until.into(), AT_ONCE)?;
                incident::taken_over(tx, rows.iter().map(|row| row.last_result.as_deref()), now.into())?;
                Ok::<_, ActionError>(rows)
            })
        });
        let rows = rows.await?;
        self.receiving().extend(rows.iter().map(|row| (row.id, row.attempts)));
        let mut by_signer: BTreeMap<String, Vec<Incoming>> = BTreeMap::new();
        for row in rows {
            by_signer.entry(row.signer_ap_id.clone()).or_default().push(row);
        }
        let count: usize = by_signer.values().map(Vec::len).sum();
        let results: Vec<Result<(), FederationError>> = stream::iter(by_signer.into_values())
            .map(|rows| self.apply_in_order(ready, rows))
            .buffer_unordered(SIGNERS_AT_ONCE)
            .collect()
            .await;
        if count > 0 {
            self.0.outgoing.notify_one();
        }
        results.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(count + self.synchronize().await?)
    }

    async fn apply_in_order(&self, ready: &Ready, rows: Vec<Incoming>) -> Result<(), FederationError> {
        for row in rows {
            self.watchdog().tick(INCOMING);
            let attempt = self.attempt_incoming(ready, &row).await;
            self.note_incoming(&row, attempt).await?;
        }
        Ok(())
    }

    async fn attempt_incoming(&self, ready: &Ready, row: &Incoming) -> Attempt {
        let data = ready.library.to_request_data();
        // The stored text is what was read at the inbox; it is read here once, by the same strict reader.
        let Ok(activity) = inbound::read_activity(row.body.as_bytes(), ready.options) else {
            return Attempt::Refused("unreadable");
        };
        let signer = match self.known_or_fetched(&activity.actor, &data).await {
            Ok(signer) if signer.ap_id.as_str() == row.signer_ap_id => signer,
            Ok(_) => return Attempt::Refused("other_signer"),
            Err(problem) => return failed(&problem),
        };
        let case = Case { signer, activity, evidence: Evidence::default() };
        self.apply_with_evidence(case, &data).await
    }

    /// Applies an activity, fetching one missing thing after the other.
    async fn apply_with_evidence(&self, mut case: Case, data: &Data<Shared>) -> Attempt {
        let mut asked: Vec<Missing> = Vec::new();
        loop {
            let applied = self.blocking(move |app| {
                let result = received::receive(app, &case.signer, &case.activity, &case.evidence);
                Ok::<_, FederationError>((case, result))
            });
            let result;
            (case, result) = match applied.await {
                Ok(applied) => applied,
                Err(error) => return Attempt::Again(error.class()),
            };
            let missing = match result {
                Ok(_) => return Attempt::Done,
                Err(ActionError::Needs(missing)) => missing,
                Err(error) => return refused(&error),
            };
            if asked.contains(&missing) {
                return Attempt::Refused("not_there");
            }
            if let Err(problem) = self.gather(&missing, &mut case, data).await {
                return failed(&problem);
            }
            asked.push(missing);
        }
    }

    /// Fetches one missing thing into the evidence.
    async fn gather(&self, missing: &Missing, case: &mut Case, data: &Data<Shared>) -> Result<(), FetchProblem> {
        // Each fetch may take its time: a slow server is no stuck worker.
        self.watchdog().tick(INCOMING);
        let host = case.signer.host.clone();
        match missing {
            Missing::Actor(id) => {
                self.fetch_actor(id, &host, data).await?;
                case.evidence.refreshed.push(id.clone());
            }
            Missing::Moderators(list) => {
                let listed = self.read_moderators(list, &host, data).await?;
                case.evidence.moderators.push((list.clone(), listed));
            }
            Missing::Object(id) | Missing::Absence(id) => match self.fetch_document(id, &host, data).await {
                Ok(Document::Tombstone(_)) => case.evidence.gone.push(id.clone()),
                Ok(document) => {
                    self.learn_author(&document, &host, data).await;
                    case.evidence.objects.push(document);
                }
                Err(problem) if problem.is_absence() => case.evidence.gone.push(id.clone()),
                Err(problem) => return Err(problem),
            },
            // One that does not say is not asked again: the action decides with that.
            Missing::Software(asked) => self.ask_host_now(asked).await?,
        }
        Ok(())
    }

    /// Learns who wrote a fetched thing. If that fails, the action asks for the author by itself, and then it counts.
    async fn learn_author(&self, document: &Document, host: &str, data: &Data<Shared>) {
        let author = match document {
            Document::Post(post) => post.attributed_to.clone(),
            Document::Event(event) => event.attributed_to.clone(),
            _ => None,
        };
        let Some(author) = author else { return };
        let known = {
            let author = author.clone();
            self.blocking(move |app| app.db.read(|c| known_actor(c, &author))).await
        };
        if matches!(known, Ok(None))
            && let Err(problem) = self.fetch_actor(&author, host, data).await
        {
            tracing::debug!(host, class = problem.class(), "an author could not be fetched");
        }
    }

    async fn known_or_fetched(&self, id: &Url, data: &Data<Shared>) -> Result<Actor, FetchProblem> {
        let known = {
            let id = id.clone();
            self.blocking(move |app| app.db.read(|c| known_actor(c, &id))).await?
        };
        match known {
            Some(actor) => Ok(actor),
            None => self.fetch_actor(id, &hearth_domain::address::host_of(id), data).await.map(|found| found.row),
        }
    }

    async fn note_incoming(&self, row: &Incoming, attempt: Attempt) -> Result<(), FederationError> {
        let (id, attempts) = (row.id, row.attempts);
        if let Attempt::Refused(class) | Attempt::Park(class) | Attempt::Again(class) = &attempt {
            tracing::debug!(class, attempts, "a received activity did not take effect");
        }
        self.blocking(move |app| {
            let now = app.clock.now();
            app.db.write(|tx| match attempt {
                Attempt::Done | Attempt::Refused(_) => incoming::delete(tx, id),
                Attempt::Again(class) if attempts < MOST_ATTEMPTS => {
                    incoming::retry_at(tx, id, schedule::next(attempts, now, &*app.entropy).into(), class)
                }
                Attempt::Again(class) | Attempt::Park(class) => incoming::park(tx, id, class),
            })
        })
        .await?;
        self.receiving().remove(&id);
        Ok(())
    }

    /// Gives back what this process still holds, at an orderly stop.
    pub(crate) async fn release_incoming(&self) -> Result<usize, FederationError> {
        let held: Vec<(i64, i32)> = self.receiving().drain().collect();
        self.blocking(move |app| app.db.write(|tx| incoming::release(tx, &held))).await
    }

    fn receiving(&self) -> MutexGuard<'_, HashMap<i64, i32>> {
        self.0.receiving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An actor elsewhere that is known and neither gone nor on a blocked server.
fn known_actor(c: &mut DbConn, id: &Url) -> Result<Option<Actor>, ActionError> {
    let Some(actor) = actors::by_ap_id(c, id.as_str())?.filter(|a| !a.local && a.deleted_at.is_none()) else {
        return Ok(None);
    };
    if hosts::get(c, &actor.host)?.is_some_and(|row| row.blocked) {
        return Err(ActionError::NotBelieved("its server is blocked here"));
    }
    Ok(Some(actor))
}

/// What a failed fetch means for the activity that needed it.
fn failed(problem: &FetchProblem) -> Attempt {
    match problem {
        FetchProblem::Budget => Attempt::Park(problem.class()),
        FetchProblem::Here(FederationError::Action(ActionError::NotBelieved(_))) => Attempt::Refused("blocked"),
        problem if problem.is_temporary() => Attempt::Again(problem.class()),
        problem => Attempt::Refused(problem.class()),
    }
}

/// What an action's error means for the activity.
fn refused(error: &ActionError) -> Attempt {
    match error {
        ActionError::Database(DbError::Unavailable(_)) => Attempt::Again("database_busy"),
        ActionError::Database(_) => Attempt::Again("database"),
        ActionError::ShortOfRoom => Attempt::Again("no_room"),
        ActionError::Conflict(_) => Attempt::Again("conflict"),
        ActionError::NotBelieved(reason) => {
            tracing::debug!(reason, "a received activity was not believed");
            Attempt::Refused("not_believed")
        }
        ActionError::Denied(_) => Attempt::Refused("denied"),
        ActionError::NotFound | ActionError::Gone => Attempt::Refused("not_found"),
        _ => Attempt::Park("unexpected"),
    }
}
