//! Sending what stands in the delivery queue, and writing down truly what became of it (reliability.md 3).
//!
//! A delivery is leased, signed freshly, sent, and recorded at once, so that one slow server holds up nobody else. A
//! host that fails five times in a row is left alone but for one probe at a time, ever more rarely; any valid request
//! from it wakes it (`remote::heard_from`).
//!
//! Must never: send to an address the rules forbid, reuse a signature, count what was not answered as delivered, or
//! keep the text of an answer with room link and address longer than its delivery takes (profile 5.4).

use crate::{
    Federation, FederationError,
    client::{Delivered, Delivery as Sent, RetryReason},
    ready::Ready,
    schedule,
    signing::{Scheme, SigningKey},
};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use hearth_actions::incident;
use hearth_db::{
    DbError, Result as DbResult, Tx,
    tables::{
        activities::{self, Activity},
        actors::{self, Actor},
        deliveries::{self, Delivery, DeliveryState, LeaseLimits},
        hosts,
    },
};
use hearth_domain::clock::Entropy;
use std::{
    collections::{HashMap, HashSet},
    sync::{MutexGuard, PoisonError},
};
use tokio::task::JoinSet;
use url::Url;

/// Longer than a delivery may take with both its knocks.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// So many failures in a row open the breaker.
const BREAKER: i32 = 5;
/// 404 is final the third time.
const MOST_MISSING: i32 = 3;
/// How far 404s must lie apart to count as a lasting answer.
const MISSING_WAIT: TimeDelta = TimeDelta::hours(2);
/// Hosts whose signature scheme is remembered.
const MOST_SCHEMES: usize = 10_000;

/// A delivery with all that is needed to send it.
pub(crate) struct Job {
    delivery: Delivery,
    activity: Activity,
    signer: Option<Actor>,
}

/// What to write down about one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// No further attempt: the state, and what became of it.
    Final(DeliveryState, String),
    /// Another attempt at that time.
    Again(DateTime<Utc>, String),
}

/// What an attempt says about the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HostSign {
    /// It answered: it is there.
    Alive,
    /// It failed; it may have asked for a pause.
    Failed(Option<TimeDelta>),
    /// Nothing: the fault may be ours.
    Nothing,
}

impl Federation {
    /// Sends what is due now, several at once, and waits for all answers. Returns how many were attempted.
    ///
    /// # Errors
    /// Database errors; what fails with one delivery is written down with it.
    pub async fn deliver_due(&self) -> Result<usize, FederationError> {
        let mut flying = JoinSet::new();
        let count = self.launch(&mut flying, self.0.limits.deliveries).await?;
        let mut result = Ok(count);
        while let Some(done) = flying.join_next().await {
            if let Err(error) = done.unwrap_or(Err(FederationError::BrokenOff)) {
                result = Err(error);
            }
        }
        result
    }

    /// Leases up to `room` due deliveries and starts sending them.
    pub(crate) async fn launch(
        &self,
        flying: &mut JoinSet<Result<(), FederationError>>,
        room: usize,
    ) -> Result<usize, FederationError> {
        match self.ready().await {
            Ok(_) if room > 0 => {}
            Ok(_) | Err(FederationError::NotSetUp) => return Ok(0),
            Err(error) => return Err(error),
        }
        let jobs = self.lease(room).await?;
        let count = jobs.len();
        for job in jobs {
            let door = self.clone();
            flying.spawn(async move { door.attempt(job).await });
        }
        Ok(count)
    }

    async fn lease(&self, room: usize) -> Result<Vec<Job>, FederationError> {
        let now = self.now();
        let limits = LeaseLimits {
            until: (now + LEASE).into(),
            per_host: self.0.limits.deliveries_per_host,
            most: i64::try_from(room).unwrap_or(i64::MAX),
        };
        let jobs = self
            .blocking(move |app| {
                app.db.write(|tx| {
                    let leased = deliveries::lease(tx, now.into(), limits)?;
                    leased.into_iter().map(|(delivery, activity)| job(tx, delivery, activity)).collect::<DbResult<_>>()
                })
            })
            .await?;
        let jobs: Vec<Job> = jobs;
        self.leased().extend(jobs.iter().map(|job| job.delivery.id));
        Ok(jobs)
    }

    async fn attempt(&self, job: Job) -> Result<(), FederationError> {
        let id = job.delivery.id;
        let ready = self.ready().await?;
        let (verdict, sign) = self.send(ready, &job).await;
        let result = self.record(job, verdict, sign).await;
        self.leased().remove(&id);
        result
    }

    async fn send(&self, ready: &Ready, job: &Job) -> (Verdict, HostSign) {
        let (delivery, now) = (&job.delivery, self.now());
        let dead = |class: &str| (Verdict::Final(DeliveryState::Dead, class.to_owned()), HostSign::Nothing);
        if now.signed_duration_since(delivery.created_at.utc()) > schedule::OLDEST {
            return dead("too_old");
        }
        // Forgotten on purpose: nothing may be sent in its place.
        if job.activity.body.is_empty() {
            return dead("forgotten");
        }
        let Ok(inbox) = Url::parse(&delivery.inbox) else { return dead("bad_inbox") };
        let Some(key) = self.key_of(job.signer.as_ref()).await else { return dead("no_key") };
        let body = Bytes::copy_from_slice(job.activity.body.as_bytes());
        let first = self.scheme_of(&delivery.host);
        let delivered = self.metrics().delivering(ready.client.post_activity(&inbox, body, &key, first, now)).await;
        self.remember_scheme(&delivery.host, delivered);
        // The answer may have taken its time: what follows is reckoned from now.
        judge(delivery, delivered.outcome, self.now(), &*self.app().entropy)
    }

    async fn key_of(&self, signer: Option<&Actor>) -> Option<SigningKey> {
        let signer = signer?;
        let id = Url::parse(&signer.public_key_id).ok()?;
        let pem = signer.private_key_pem.clone()?;
        let door = self.clone();
        self.blocking(move |_| Ok::<_, FederationError>(door.0.keys.get(&id, &pem).ok())).await.ok().flatten()
    }

    async fn record(&self, job: Job, verdict: Verdict, sign: HostSign) -> Result<(), FederationError> {
        if let Verdict::Final(DeliveryState::Dead, class) | Verdict::Again(_, class) = &verdict {
            tracing::debug!(host = job.delivery.host, class, attempts = job.delivery.attempts, "a delivery failed");
        }
        let now = self.now();
        let woke = self
            .blocking(move |app| {
                app.db.write::<_, DbError>(|tx| {
                    let woke = note_host(tx, &job.delivery.host, sign, now, &*app.entropy)?;
                    note_delivery(tx, &job, &verdict)?;
                    Ok(woke)
                })
            })
            .await?;
        if woke {
            self.0.outgoing.notify_one();
        }
        Ok(())
    }

    /// Gives back what this process still holds, at an orderly stop.
    pub(crate) async fn release_leases(&self) -> Result<usize, FederationError> {
        let ids: Vec<i64> = self.leased().drain().collect();
        self.blocking(move |app| app.db.write(|tx| deliveries::release(tx, &ids))).await
    }

    fn scheme_of(&self, host: &str) -> Scheme {
        self.schemes().get(host).copied().unwrap_or(Scheme::Cavage)
    }

    /// Keeps hosts that took the second form of signature; the usual form needs no memory.
    fn remember_scheme(&self, host: &str, delivered: Delivered) {
        if delivered.outcome != Sent::Accepted {
            return;
        }
        let mut schemes = self.schemes();
        match delivered.scheme {
            Scheme::Cavage => drop(schemes.remove(host)),
            Scheme::Rfc9421 if schemes.len() < MOST_SCHEMES => drop(schemes.insert(host.to_owned(), Scheme::Rfc9421)),
            Scheme::Rfc9421 => {}
        }
    }

    fn schemes(&self) -> MutexGuard<'_, HashMap<String, Scheme>> {
        self.0.schemes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leased(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.0.leased.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn job(tx: &mut Tx<'_>, delivery: Delivery, activity: Activity) -> DbResult<Job> {
    let signer = actors::by_id(tx, activity.actor_id)?.filter(|actor| actor.local);
    Ok(Job { delivery, activity, signer })
}

/// What the outcome of an attempt means for the delivery and for the host.
fn judge(delivery: &Delivery, outcome: Sent, now: DateTime<Utc>, entropy: &dyn Entropy) -> (Verdict, HostSign) {
    let end = |state, class: &str| Verdict::Final(state, class.to_owned());
    match outcome {
        Sent::Accepted => (end(DeliveryState::Done, "accepted"), HostSign::Alive),
        Sent::Gone => (end(DeliveryState::Dead, "gone"), HostSign::Alive),
        Sent::Refused(status) => (end(DeliveryState::Dead, &format!("refused {status}")), HostSign::Alive),
        Sent::Forbidden(_) => (end(DeliveryState::Dead, "forbidden"), HostSign::Nothing),
        Sent::Retry { why: RetryReason::Missing, .. } => (missing(delivery, now, entropy), HostSign::Nothing),
        Sent::Retry { why: RetryReason::Signing, .. } => {
            (again(delivery, None, "signing".to_owned(), now, entropy), HostSign::Nothing)
        }
        Sent::Retry { after, why } => {
            let pause = after.and_then(|after| TimeDelta::from_std(after).ok());
            (again(delivery, pause, why.to_string(), now, entropy), HostSign::Failed(pause))
        }
    }
}

fn again(
    delivery: &Delivery,
    pause: Option<TimeDelta>,
    class: String,
    now: DateTime<Utc>,
    entropy: &dyn Entropy,
) -> Verdict {
    let due = schedule::next(delivery.attempts, now, entropy).max(now + pause.unwrap_or_default());
    if due.signed_duration_since(delivery.created_at.utc()) > schedule::OLDEST {
        return Verdict::Final(DeliveryState::Dead, format!("too_old {class}"));
    }
    Verdict::Again(due, class)
}

/// 404 may be a server that is being moved: it counts only the third time in a row, hours apart.
fn missing(delivery: &Delivery, now: DateTime<Utc>, entropy: &dyn Entropy) -> Verdict {
    let before = delivery.last_result.as_deref().and_then(|class| class.strip_prefix("missing "));
    let times = before.and_then(|times| times.parse::<i32>().ok()).unwrap_or(0).saturating_add(1);
    let class = format!("missing {times}");
    if times >= MOST_MISSING {
        Verdict::Final(DeliveryState::Dead, class)
    } else {
        Verdict::Again(now + schedule::jittered(MISSING_WAIT, entropy), class)
    }
}

fn note_delivery(tx: &mut Tx<'_>, job: &Job, verdict: &Verdict) -> DbResult<()> {
    match verdict {
        Verdict::Final(state, class) => {
            deliveries::finish(tx, job.delivery.id, *state, class)?;
            // An answer that tells one person where a meetup is (profile 5.4).
            if job.activity.kind == "Accept" && job.activity.body.contains("\"instructions\"") {
                activities::forget(tx, job.activity.id)?;
            }
            Ok(())
        }
        Verdict::Again(due, class) => deliveries::retry_at(tx, job.delivery.id, (*due).into(), class),
    }
}

/// Counts failures in a row. `true` when a host that had failed is there again, and all that waits for it is due.
fn note_host(tx: &mut Tx<'_>, host: &str, sign: HostSign, now: DateTime<Utc>, entropy: &dyn Entropy) -> DbResult<bool> {
    if sign == HostSign::Nothing {
        return Ok(false);
    }
    let mut row = hosts::ensure(tx, host)?;
    let had_failed = row.failures > 0 || row.next_try_at.is_some();
    match sign {
        HostSign::Alive => {
            incident::came_back(tx, &row, now.into())?;
            row.failures = 0;
            row.next_try_at = None;
            row.last_ok_at = Some(now.into());
        }
        HostSign::Failed(pause) => {
            // Deliveries that were in flight together fail together: that is one failure.
            let left_alone = row.next_try_at.is_some_and(|at| at.utc() > now);
            if !left_alone {
                row.failures = row.failures.saturating_add(1);
            }
            let pause = pause.map(|pause| now + pause);
            let breaker = (row.failures >= BREAKER && !left_alone)
                .then(|| schedule::next(row.failures - BREAKER + 1, now, entropy));
            let kept = row.next_try_at.map(hearth_db::Time::utc).filter(|_| left_alone);
            row.next_try_at = [pause, breaker, kept].into_iter().flatten().max().map(Into::into);
        }
        HostSign::Nothing => {}
    }
    hosts::update(tx, &row)?;
    if sign == HostSign::Alive && had_failed {
        return Ok(deliveries::wake(tx, host, now.into())? > 0);
    }
    Ok(false)
}

#[cfg(test)]
#[path = "delivery/tests.rs"]
mod tests;
