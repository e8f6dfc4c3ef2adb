//! What is written down about deliveries: what is leased, and truly what became of it (reliability.md 3).
//!
//! A host that fails five times in a row is left alone but for one probe at a time, ever more rarely; after a week
//! without success it sleeps, and nothing is kept for it. Any valid request from it wakes it (`remote::heard_from`).
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
use hearth_actions::{ActionError, App, incident, remote, repair, synchronization};
use hearth_db::{
    Result as DbResult, Tx, fault,
    tables::{
        activities::{self, Activity},
        actors::{self, Actor, ActorKind},
        deliveries::{self, Delivery, DeliveryState, LeaseLimits},
        hosts::{self, Host},
        replaced_keys,
    },
};
use hearth_domain::{
    clock::Entropy,
    host::BREAKER,
    id::{ActivityId, ActorId},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use url::Url;

/// 404 is final the third time.
const MOST_MISSING: i32 = 3;
/// How far 404s must lie apart to count as a lasting answer.
const MISSING_WAIT: TimeDelta = TimeDelta::hours(2);
/// What stands at a delivery whose inbox is gone.
const GONE: &str = "gone";
/// How often it is written down that a host is well.
const WELL: TimeDelta = TimeDelta::minutes(1);

/// An activity as it is sent, to however many inboxes.
pub(crate) struct Parcel {
    body: Bytes,
    key: Option<SigningKey>,
    /// The key that `key` replaced, when this is what tells of it (profile 6.7): used for the first attempt, by which
    /// the receivers know the old key only. Who asked meanwhile knows the new one.
    replaced: Option<SigningKey>,
    /// Whether it tells one person where a meetup is (profile 5.4): then it is forgotten once it is delivered.
    private: bool,
    /// The group that sends it.
    group: Option<Actor>,
}

/// A delivery with all that is needed to send it.
pub(crate) struct Job {
    delivery: Delivery,
    parcel: Arc<Parcel>,
    scheme: Scheme,
    /// What the receiving server is told about its members of the group that sends it.
    members: Option<String>,
    /// Whether its host failed of late.
    pub suspect: bool,
    /// Whether it stands already that its host is well.
    noted: bool,
}

impl Job {
    /// The receiving server.
    pub(crate) fn host(&self) -> &str {
        &self.delivery.host
    }
}

/// A delivery that was attempted.
pub(crate) struct Attempted {
    job: Job,
    verdict: Verdict,
    sign: HostSign,
    scheme: Scheme,
    /// How long it took, waiting for the signature included.
    took: Duration,
}

impl Attempted {
    /// The receiving server.
    pub(crate) fn host(&self) -> &str {
        self.job.host()
    }

    /// Whether the host failed.
    pub(crate) const fn failed(&self) -> bool {
        matches!(self.sign, HostSign::Failed(_))
    }

    /// How long the answer took; `None` when the host failed.
    pub(crate) fn answered_after(&self) -> Option<Duration> {
        (!self.failed()).then_some(self.took)
    }
}

/// What to write down about one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// It was taken.
    Done,
    /// No further attempt, and why.
    Dead(String),
    /// Another attempt at that time.
    Again(DateTime<Utc>, String),
    /// The lease ended before anything was sent: it is somebody else's now.
    NotOurs,
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

/// What a settling came to.
pub(crate) struct Settled {
    /// What is to be sent now.
    pub jobs: Vec<Job>,
    /// Whether more became due than was known of: a host is there again.
    pub woke: bool,
}

/// Activities that are being sent, so that each is read once however many servers it goes to.
pub(crate) type Parcels = HashMap<ActivityId, Arc<Parcel>>;

impl Federation {
    /// Writes down what came back and leases what is due for these hosts, in one transaction.
    ///
    /// # Errors
    /// Database errors: nothing was written then.
    pub(crate) fn settle(
        &self,
        app: &App,
        came_back: &[Attempted],
        hosts: &HashMap<String, i64>,
        room: usize,
        parcels: &mut Parcels,
    ) -> Result<Settled, FederationError> {
        let now = self.now();
        if !came_back.is_empty() {
            fault::point("delivery.record").map_err(ActionError::from)?;
        }
        let limits =
            LeaseLimits { until: (now + self.0.limits.lease).into(), most: i64::try_from(room).unwrap_or(i64::MAX) };
        let (leased, known, mut told, woke) = app.db.write(|tx| {
            let woke = record(app, tx, came_back, now)?;
            if hosts.is_empty() || room == 0 {
                return Ok((Vec::new(), Vec::new(), HashMap::new(), woke));
            }
            let leased = deliveries::lease(tx, hosts, now.into(), limits)?;
            incident::taken_over(tx, leased.iter().map(|row| row.last_result.as_deref()), now.into())?;
            let names: HashSet<&str> = leased.iter().map(|row| row.host.as_str()).collect();
            let known = hosts::all_of(tx, &names.into_iter().collect::<Vec<_>>())?;
            self.open_parcels(tx, &leased, parcels)?;
            let told = members_told(tx, &leased, parcels)?;
            Ok::<_, ActionError>((leased, known, told, woke))
        })?;
        {
            let mut held = self.leased();
            for Delivery { id, attempts, .. } in came_back.iter().map(|attempted| &attempted.job.delivery) {
                // A later lease of the same row is still held.
                if held.get(id) == Some(attempts) {
                    held.remove(id);
                }
            }
            held.extend(leased.iter().map(|row| (row.id, row.attempts)));
        }
        let known: HashMap<&str, &Host> = known.iter().map(|row| (row.host.as_str(), row)).collect();
        let jobs = leased
            .into_iter()
            .filter_map(|delivery| {
                let parcel = parcels.get(&delivery.activity_id)?.clone();
                let host = known.get(delivery.host.as_str());
                let scheme = host.map_or(Scheme::Cavage, |row| scheme_of(row));
                let suspect = host.is_some_and(|row| row.failures > 0);
                let noted = host.is_some_and(|row| is_noted_well(row, now));
                let members = told.remove(&delivery.id);
                Some(Job { delivery, parcel, scheme, members, suspect, noted })
            })
            .collect();
        Ok(Settled { jobs, woke })
    }

    /// Reads the activities that are to be sent and not at hand yet, with the keys that sign them.
    fn open_parcels(&self, tx: &mut Tx<'_>, leased: &[Delivery], parcels: &mut Parcels) -> DbResult<()> {
        let wanted: HashSet<ActivityId> = leased.iter().map(|row| row.activity_id).collect();
        // What nobody sends any more may be forgotten or changed meanwhile.
        parcels.retain(|id, parcel| wanted.contains(id) && Arc::strong_count(parcel) > 1);
        let missing: Vec<ActivityId> = wanted.into_iter().filter(|id| !parcels.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut signers: HashMap<ActorId, (Option<SigningKey>, Option<Actor>)> = HashMap::new();
        let replaced = replaced_keys::of(tx, &missing)?;
        for activity in activities::by_ids(tx, &missing)? {
            let (key, group) = match signers.get(&activity.actor_id) {
                Some(known) => known.clone(),
                None => {
                    let signer = actors::by_id(tx, activity.actor_id)?.filter(|actor| actor.local);
                    let key = signer.as_ref().and_then(|signer| self.key_of(signer));
                    // What everybody may follow tells nobody who is a member.
                    let closed = |actor: &Actor| actor.kind == ActorKind::Group && actor.approves_followers;
                    let known = (key, signer.filter(closed));
                    signers.insert(activity.actor_id, known.clone());
                    known
                }
            };
            let pem = replaced.iter().find(|row| row.activity_id == activity.id).map(|row| row.private_pem.as_str());
            let old = key
                .as_ref()
                .zip(pem)
                .and_then(|(key, pem)| SigningKey::from_pem(&Url::parse(key.key_id()).ok()?, pem).ok());
            parcels.insert(activity.id, Arc::new(parcel(activity, (key, old), group)));
        }
        Ok(())
    }

    fn key_of(&self, signer: &Actor) -> Option<SigningKey> {
        let id = Url::parse(&signer.public_key_id).ok()?;
        self.0.keys.get(&id, signer.private_key_pem.as_deref()?).ok()
    }

    /// Sends one delivery and judges the answer. Nothing is written here.
    pub(crate) async fn attempt(&self, job: Job) -> Attempted {
        let began = Instant::now();
        let (verdict, sign, scheme) = match self.ready().await {
            Ok(ready) => self.send(ready, &job).await,
            Err(_) => (Verdict::NotOurs, HostSign::Nothing, job.scheme),
        };
        Attempted { job, verdict, sign, scheme, took: began.elapsed() }
    }

    async fn send(&self, ready: &Ready, job: &Job) -> (Verdict, HostSign, Scheme) {
        let (delivery, now) = (&job.delivery, self.now());
        let end = |verdict| (verdict, HostSign::Nothing, job.scheme);
        if delivery.lease_until.is_some_and(|until| until.utc() <= now) {
            return end(Verdict::NotOurs);
        }
        if now.signed_duration_since(delivery.created_at.utc()) > schedule::OLDEST {
            return end(Verdict::Dead("too_old".to_owned()));
        }
        // Forgotten on purpose: nothing may be sent in its place.
        if job.parcel.body.is_empty() {
            return end(Verdict::Dead("forgotten".to_owned()));
        }
        let Ok(inbox) = Url::parse(&delivery.inbox) else { return end(Verdict::Dead("bad_inbox".to_owned())) };
        let replaced = job.parcel.replaced.as_ref().filter(|_| delivery.attempts <= 1);
        let Some(key) = replaced.or(job.parcel.key.as_ref()) else { return end(Verdict::Dead("no_key".to_owned())) };
        let Delivered { outcome, scheme } = self
            .metrics()
            .delivering(ready.client.post_synchronizing(
                &inbox,
                job.parcel.body.clone(),
                key,
                job.scheme,
                job.members.as_deref(),
                now,
            ))
            .await;
        // The answer may have taken its time: what follows is reckoned from now.
        let (verdict, sign) = judge(delivery, outcome, self.now(), &*self.app().entropy);
        (verdict, sign, scheme)
    }

    /// Gives back what this process still holds, at an orderly stop.
    pub(crate) async fn release_leases(&self) -> Result<usize, FederationError> {
        let held: Vec<(i64, i32)> = self.leased().drain().collect();
        self.blocking(move |app| app.db.write(|tx| deliveries::release(tx, &held))).await
    }

    fn leased(&self) -> MutexGuard<'_, HashMap<i64, i32>> {
        self.0.leased.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the servers are told of their members of the groups that send these, by delivery. Told when it is sent, so that it
/// is what holds then.
fn members_told(tx: &mut Tx<'_>, leased: &[Delivery], parcels: &Parcels) -> Result<HashMap<i64, String>, ActionError> {
    let mut told = HashMap::new();
    for row in leased {
        let group = parcels.get(&row.activity_id).and_then(|parcel| parcel.group.as_ref());
        if let Some(group) = group
            && let Some(header) = synchronization::header(tx, group, &row.host)?
        {
            told.insert(row.id, header);
        }
    }
    Ok(told)
}

fn parcel(
    activity: Activity,
    (key, replaced): (Option<SigningKey>, Option<SigningKey>),
    group: Option<Actor>,
) -> Parcel {
    let private = activity.kind == "Accept" && activity.body.contains("\"instructions\"");
    Parcel { body: Bytes::from(activity.body), key, replaced, private, group }
}

/// How a server likes its signatures, if that is known.
fn scheme_of(host: &Host) -> Scheme {
    match host.signature_scheme.as_deref() {
        Some(remote::RFC_9421) => Scheme::Rfc9421,
        _ => Scheme::Cavage,
    }
}

/// What the outcome of an attempt means for the delivery and for the host.
fn judge(delivery: &Delivery, outcome: Sent, now: DateTime<Utc>, entropy: &dyn Entropy) -> (Verdict, HostSign) {
    match outcome {
        Sent::Accepted => (Verdict::Done, HostSign::Alive),
        Sent::Gone => (Verdict::Dead(GONE.to_owned()), HostSign::Alive),
        Sent::Refused(status) => (Verdict::Dead(format!("refused {status}")), HostSign::Alive),
        Sent::Forbidden(_) => (Verdict::Dead("forbidden".to_owned()), HostSign::Nothing),
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
        return Verdict::Dead(format!("too_old {class}"));
    }
    Verdict::Again(due, class)
}

/// 404 may be a server that is being moved: it counts only the third time in a row, hours apart.
fn missing(delivery: &Delivery, now: DateTime<Utc>, entropy: &dyn Entropy) -> Verdict {
    let before = delivery.last_result.as_deref().and_then(|class| class.strip_prefix("missing "));
    let times = before.and_then(|times| times.parse::<i32>().ok()).unwrap_or(0).saturating_add(1);
    let class = format!("missing {times}");
    if times >= MOST_MISSING {
        Verdict::Dead(class)
    } else {
        Verdict::Again(now + schedule::jittered(MISSING_WAIT, entropy), class)
    }
}

/// Writes down what came back. `true` when a host is there again and all that waits for it is due.
fn record(app: &App, tx: &mut Tx<'_>, came_back: &[Attempted], now: DateTime<Utc>) -> Result<bool, ActionError> {
    let taken = came_back.iter().filter(|attempted| attempted.verdict == Verdict::Done);
    let taken: Vec<i64> = taken.map(|attempted| attempted.job.delivery.id).collect();
    if !taken.is_empty() {
        deliveries::finish_all(tx, &taken)?;
    }
    let mut woke = false;
    let mut well = HashSet::new();
    for attempted in came_back {
        let (row, parcel) = (&attempted.job.delivery, &attempted.job.parcel);
        match &attempted.verdict {
            Verdict::Done | Verdict::NotOurs => {}
            Verdict::Dead(class) => {
                deliveries::finish(tx, row, DeliveryState::Dead, class)?;
                if class == GONE {
                    repair::inbox_is_gone(app, tx, &row.inbox)?;
                }
            }
            Verdict::Again(due, class) => {
                deliveries::retry_at(tx, row, (*due).into(), class)?;
            }
        }
        if let Verdict::Dead(class) | Verdict::Again(_, class) = &attempted.verdict {
            tracing::debug!(host = row.host, class, attempts = row.attempts, "a delivery failed");
        }
        if parcel.private && matches!(attempted.verdict, Verdict::Done | Verdict::Dead(_)) {
            activities::forget(tx, row.activity_id)?;
        }
        // The first good word about a host says all; a failure among them is one to count.
        let scheme = (attempted.verdict == Verdict::Done).then_some(attempted.scheme);
        if attempted.sign == HostSign::Alive && attempted.job.noted && scheme == Some(attempted.job.scheme) {
            continue;
        }
        if attempted.sign != HostSign::Alive || well.insert(row.host.as_str()) {
            woke |= note_host(app, tx, &row.host, attempted.sign, scheme, now)?;
        }
        if attempted.sign != HostSign::Alive {
            well.remove(row.host.as_str());
        }
    }
    Ok(woke)
}

/// Counts failures in a row. `true` when a host that had failed is there again, and all that waits for it is due.
fn note_host(
    app: &App,
    tx: &mut Tx<'_>,
    host: &str,
    sign: HostSign,
    scheme: Option<Scheme>,
    now: DateTime<Utc>,
) -> Result<bool, ActionError> {
    if sign == HostSign::Nothing {
        return Ok(false);
    }
    let mut row = hosts::ensure(tx, host)?;
    match sign {
        HostSign::Alive => {
            let scheme = match scheme {
                Some(Scheme::Cavage) => None,
                Some(Scheme::Rfc9421) => Some(remote::RFC_9421.to_owned()),
                None => row.signature_scheme.clone(),
            };
            if is_noted_well(&row, now) && scheme == row.signature_scheme {
                return Ok(false);
            }
            row.signature_scheme = scheme;
            row.last_ok_at = Some(now.into());
            let woke = remote::is_there_again(app, tx, &mut row)?;
            hosts::update(tx, &row)?;
            Ok(woke)
        }
        HostSign::Failed(pause) => {
            failed(&mut row, pause, now, &*app.entropy);
            if remote::falls_asleep(&row, now) {
                row.asleep_since = Some(now.into());
                let dropped = deliveries::drop_waiting(tx, host)?;
                tracing::info!(host, dropped, "A server has not answered for a week; nothing is kept for it any more");
            }
            hosts::update(tx, &row)?;
            Ok(false)
        }
        HostSign::Nothing => Ok(false),
    }
}

/// Whether it stands already, and not for long, that a host is well.
fn is_noted_well(row: &Host, now: DateTime<Utc>) -> bool {
    row.failures == 0
        && row.next_try_at.is_none()
        && row.failing_since.is_none()
        && row.asleep_since.is_none()
        && row.last_ok_at.is_some_and(|at| now - at.utc() < WELL)
}

/// One failure more, and how long the host is left alone.
fn failed(row: &mut Host, pause: Option<TimeDelta>, now: DateTime<Utc>, entropy: &dyn Entropy) {
    // Deliveries that were in flight together fail together: that is one failure.
    let left_alone = row.next_try_at.is_some_and(|at| at.utc() > now);
    if !left_alone {
        row.failures = row.failures.saturating_add(1);
    }
    row.failing_since.get_or_insert(now.into());
    let pause = pause.map(|pause| now + pause);
    let breaker =
        (row.failures >= BREAKER && !left_alone).then(|| schedule::next(row.failures - BREAKER + 1, now, entropy));
    let kept = row.next_try_at.map(hearth_db::Time::utc).filter(|_| left_alone);
    row.next_try_at = [pause, breaker, kept].into_iter().flatten().max().map(Into::into);
}

#[cfg(test)]
#[path = "delivery/tests.rs"]
mod tests;
