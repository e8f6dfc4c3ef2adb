//! Fetching what was missed (profile 9): groups that are followed here, conversations that were opened, and followers
//! whose inbox is gone. `hearth_actions::repair` says what is to be fetched and what is made of it.
//!
//! One node does it at a time, and asks no server for more than one document in a second.
//!
//! Must never: take from a list what lies on another server than the list (it is fetched there), or take 404 for a
//! removal.

use crate::{
    Federation, FederationError,
    client::FetchError,
    fetch::{FetchProblem, Shared},
    ready::Ready,
    schedule,
    worker::REPAIR,
};
use activitypub_federation::config::Data;
use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use hearth_actions::{
    ActionError,
    error::Missing,
    job,
    received::{Evidence, Outcome},
    repair::{self, End, Entry},
};
use hearth_activitypub::Document;
use hearth_db::{
    DbError, Time,
    tables::{
        actors::Actor,
        repairs::{self, Repair, RepairKind},
    },
};
use hearth_domain::address::host_of;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};
use url::Url;

/// Most documents that are looked at in one go, and servers that are asked at the same time.
const AT_ONCE: i64 = 200;
const HOSTS_AT_ONCE: usize = 2;
/// How long this node may go on before it asks for the job again; the lease is longer than that and one document.
const SPELL: Duration = Duration::from_secs(4 * 60);
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// After so many attempts in vain a document is given up.
const MOST_ATTEMPTS: i32 = 6;
/// Actors that are fetched for one list. What else it holds is asked for one by one.
const ACTORS: usize = 15;
/// Steps up a conversation for one item.
const STEPS: usize = 10;

/// When each server may be asked again.
#[derive(Default)]
pub(crate) struct Pace(Mutex<HashMap<String, Instant>>);

impl Pace {
    /// Waits for the turn of a server, and takes it.
    async fn turn(&self, host: &str, pause: Duration) {
        let turn = {
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            hosts.retain(|_, next| *next > now);
            let turn = hosts.get(host).copied().unwrap_or(now);
            hosts.insert(host.to_owned(), turn + pause);
            turn
        };
        sleep_until(turn).await;
    }
}

impl Federation {
    /// Fetches what is due, until `stop` says so. Returns how many documents were asked for. Of several nodes one works.
    ///
    /// # Errors
    /// Database errors; what fails with one document concerns that one only.
    pub async fn repair_due(&self, stop: impl Fn() -> bool + Sync) -> Result<usize, FederationError> {
        let ready = match self.ready().await {
            Ok(ready) => ready,
            Err(FederationError::NotSetUp) => return Ok(0),
            Err(error) => return Err(error),
        };
        // What was missed waits until there is room for it.
        if self.app().db.room().is_short() {
            return Ok(0);
        }
        let now = Time::from(self.now());
        let mine = self.blocking(move |app| {
            if app.db.read(|c| repairs::count_due(c, now))? == 0 {
                return Ok(None);
            }
            if !job::begin(app, REPAIR, TimeDelta::zero(), LEASE)? {
                return Ok(None);
            }
            app.db.read(|c| Ok::<_, ActionError>(Some(repairs::due(c, now, AT_ONCE)?)))
        });
        let Some(rows) = mine.await? else { return Ok(0) };
        let mut by_host: BTreeMap<String, Vec<Repair>> = BTreeMap::new();
        for row in rows {
            by_host.entry(row.host.clone()).or_default().push(row);
        }
        let (until, stop) = (Instant::now() + SPELL, &stop);
        let results: Vec<Result<usize, FederationError>> = stream::iter(by_host.into_values())
            .map(|rows| async move {
                let mut done = 0;
                for row in rows {
                    if stop() || Instant::now() >= until {
                        break;
                    }
                    self.repair_one(ready, row).await?;
                    done += 1;
                }
                Ok(done)
            })
            .buffer_unordered(HOSTS_AT_ONCE)
            .collect()
            .await;
        self.blocking(|app| job::finish(app, REPAIR, "done")).await?;
        results.into_iter().sum()
    }

    /// Fetches one document, and what it needs besides.
    async fn repair_one(&self, ready: &Ready, row: Repair) -> Result<(), FederationError> {
        self.watchdog().tick(REPAIR);
        let row = Arc::new(row);
        let asked = row.clone();
        let actor = self.blocking(move |app| app.db.read(|c| repair::still_wanted(c, &asked))).await?;
        let end = match actor {
            Some(actor) => self.repaired(ready, &row, Arc::new(actor)).await,
            None => Ok(End::Done("not_wanted")),
        };
        let end = end.unwrap_or_else(|problem| self.failed_repair(&row, &problem));
        self.blocking(move |app| repair::finish(app, &row, end)).await
    }

    async fn repaired(&self, ready: &Ready, row: &Arc<Repair>, actor: Arc<Actor>) -> Result<End, FetchProblem> {
        let Ok(url) = Url::parse(&row.url) else { return Ok(End::Done("bad_address")) };
        let data = ready.library.to_request_data();
        match row.kind {
            RepairKind::Group => self.repair_group(row, &url, &data).await,
            RepairKind::Follower => self.repair_follower(row, &url, &data).await,
            RepairKind::Item | RepairKind::Thread => self.repair_item(row, actor, &url, &data).await,
            RepairKind::Outbox | RepairKind::Events | RepairKind::Context | RepairKind::Replies => {
                self.repair_list(ready, row, actor, &url, &data).await
            }
        }
    }

    /// What a failure means for the document.
    fn failed_repair(&self, row: &Repair, problem: &FetchProblem) -> End {
        tracing::debug!(host = row.host, class = problem.class(), "what was missed could not be fetched");
        if problem.is_temporary() && row.attempts + 1 < MOST_ATTEMPTS {
            let at = schedule::next(row.attempts + 1, self.now(), &*self.app().entropy);
            return End::Again(problem.class(), at.into());
        }
        End::Instead(problem.class())
    }

    /// Waits until the server of this address may be asked again. What is fetched so counts for itself, and not for what
    /// that server sends.
    async fn turn_of(&self, url: &Url) -> String {
        let host = host_of(url);
        self.0.pace.turn(&host, self.0.limits.repair_pause).await;
        self.watchdog().tick(REPAIR);
        format!("repair {host}")
    }

    async fn repair_group(&self, row: &Arc<Repair>, url: &Url, data: &Data<Shared>) -> Result<End, FetchProblem> {
        let for_host = self.turn_of(url).await;
        let Some(document) = self.fetch_actor(url, &for_host, data).await?.document else {
            return Ok(End::Done("unreadable"));
        };
        let asked = row.clone();
        self.blocking(move |app| repair::group_read(app, &asked, &document)).await?;
        Ok(End::Done("read"))
    }

    async fn repair_follower(&self, row: &Arc<Repair>, url: &Url, data: &Data<Shared>) -> Result<End, FetchProblem> {
        let for_host = self.turn_of(url).await;
        let erased = match self.fetch_document(url, &for_host, data).await {
            Ok(Document::Tombstone(_)) | Err(FetchProblem::Fetch(FetchError::Gone)) => true,
            Err(FetchProblem::Fetch(FetchError::NotFound)) => false,
            Ok(_) => return Ok(End::Done("still_there")),
            Err(problem) => return Err(problem),
        };
        let asked = row.clone();
        self.blocking(move |app| repair::follower_gone(app, &asked, erased)).await?;
        Ok(End::Done("gone"))
    }

    async fn repair_item(
        &self,
        row: &Arc<Repair>,
        group: Arc<Actor>,
        url: &Url,
        data: &Data<Shared>,
    ) -> Result<End, FetchProblem> {
        let for_host = self.turn_of(url).await;
        let mut evidence = Evidence::default();
        match self.fetch_document(url, &for_host, data).await {
            Ok(Document::Tombstone(_)) | Err(FetchProblem::Fetch(FetchError::Gone)) => evidence.gone.push(url.clone()),
            Ok(document) => evidence.objects.push(document),
            Err(problem) => return Err(problem),
        }
        for _ in 0..STEPS {
            let (asked, of) = (row.clone(), group.clone());
            let taking = self.blocking(move |app| {
                let taken = repair::take_fetched(app, &asked, &of, &evidence);
                Ok::<_, FederationError>((evidence, taken))
            });
            let taken;
            (evidence, taken) = taking.await?;
            let missing = match ended(taken)? {
                Ok(end) => return Ok(end),
                Err(missing) => missing,
            };
            self.fetch_missing(&missing, &mut evidence, data).await?;
        }
        Ok(End::Done("too_long"))
    }

    /// Fetches one missing thing into the evidence.
    async fn fetch_missing(
        &self,
        missing: &Missing,
        evidence: &mut Evidence,
        data: &Data<Shared>,
    ) -> Result<(), FetchProblem> {
        let (Missing::Actor(id) | Missing::Object(id) | Missing::Absence(id)) = missing else {
            // What moderators did is not told again by reading what was missed.
            return Err(FetchProblem::NotBelieved);
        };
        let for_host = self.turn_of(id).await;
        if matches!(missing, Missing::Actor(_)) {
            return self.fetch_actor(id, &for_host, data).await.map(drop);
        }
        match self.fetch_document(id, &for_host, data).await {
            Ok(Document::Tombstone(_)) => evidence.gone.push(id.clone()),
            Ok(document) => evidence.objects.push(document),
            Err(problem) if problem.is_absence() => evidence.gone.push(id.clone()),
            Err(problem) => return Err(problem),
        }
        Ok(())
    }

    async fn repair_list(
        &self,
        ready: &Ready,
        row: &Arc<Repair>,
        group: Arc<Actor>,
        url: &Url,
        data: &Data<Shared>,
    ) -> Result<End, FetchProblem> {
        let for_host = self.turn_of(url).await;
        let list = Arc::new(self.fetch_collection(url, &for_host, ready, data).await?);
        let mut actors = 0;
        let mut from = 0;
        loop {
            let (asked, of, held) = (row.clone(), group.clone(), list.clone());
            let taking = self.blocking(move |app| {
                let entries = repair::entries(&asked, &of, &held);
                take_list(app, &asked, &of, &entries, from)
            });
            let Some((at, missing)) = taking.await? else { break };
            // The next try begins where this one ended; who can't be had is asked for with the item.
            from = at;
            let for_host = self.turn_of(&missing).await;
            actors += 1;
            if actors > ACTORS || self.fetch_actor(&missing, &for_host, data).await.is_err() {
                let (asked, of, held) = (row.clone(), group.clone(), list.clone());
                self.blocking(move |app| match repair::entries(&asked, &of, &held).get(at) {
                    Some(entry) => repair::ask_for(app, &asked, entry.id),
                    None => Ok(()),
                })
                .await?;
                from = at + 1;
            }
        }
        let (asked, of) = (row.clone(), group.clone());
        self.blocking(move |app| repair::list_read(app, &asked, &list, &repair::entries(&asked, &of, &list))).await?;
        Ok(End::Done("read"))
    }
}

/// Takes what a list holds, beginning with the entry at `from`. `Some` when an actor must be fetched first: at which
/// entry, and who.
fn take_list(
    app: &hearth_actions::App,
    row: &Repair,
    group: &Actor,
    entries: &[Entry<'_>],
    from: usize,
) -> Result<Option<(usize, Url)>, ActionError> {
    let nothing = Evidence::default();
    for (at, entry) in entries.iter().enumerate().skip(from) {
        match repair::take(app, row, group, entry, &nothing) {
            Ok(_) => {}
            Err(ActionError::Needs(Missing::Actor(id))) => return Ok(Some((at, id))),
            Err(ActionError::Needs(_)) => repair::ask_for(app, row, entry.id)?,
            Err(ActionError::Database(error)) if !matches!(error, DbError::Duplicate) => {
                return Err(ActionError::Database(error));
            }
            // One thing that is not believed does not spoil the rest.
            Err(error) => tracing::debug!(host = row.host, why = reason(&error), "a listed thing was not taken"),
        }
    }
    Ok(None)
}

/// How the taking of one item ended, or what it needs first.
fn ended(taken: Result<Outcome, ActionError>) -> Result<Result<End, Missing>, FetchProblem> {
    match taken {
        Ok(Outcome::Done) => Ok(Ok(End::Done("taken"))),
        Ok(_) => Ok(Ok(End::Done("nothing_new"))),
        Err(ActionError::Needs(missing)) => Ok(Err(missing)),
        Err(ActionError::Database(error)) => Err(FetchProblem::Here(ActionError::Database(error).into())),
        Err(error) => Ok(Ok(End::Done(reason(&error)))),
    }
}

/// A stable word for why something was not taken.
fn reason(error: &ActionError) -> &'static str {
    match error {
        ActionError::NotBelieved(_) => "not_believed",
        ActionError::Denied(_) => "denied",
        _ => "not_taken",
    }
}
