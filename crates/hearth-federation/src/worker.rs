//! The loops that do what is due: deliveries, received activities, what was missed, and what other servers run.
//!
//! Each loop asks the database what is due, survives errors and panics with growing pauses, and can be repeated at any
//! time. Work is found by a wake-up, and without one within seconds.
//!
//! Each is kept by the `watchdog`, and calls `beat.tick()` more often than once in a minute.
//!
//! Must never: end because one piece of work failed.

use crate::{
    Federation, FederationError,
    client::Untold,
    dispatch::Dispatcher,
    watchdog::{Beat, stopped},
};
use hearth_actions::{ActionError, tries};
use hearth_db::Kind;
use std::time::Duration;
use tokio::{sync::watch, task::JoinSet, time::sleep};

/// How long at most until due work is found without a wake-up.
const POLL: Duration = Duration::from_secs(5);
/// Pause between two rounds of asking other servers what they run.
const HOSTS_POLL: Duration = Duration::from_secs(30);
/// The loop of received activities.
pub(crate) const INCOMING: &str = "incoming";
/// Pause between two exchanges of counts with other nodes.
const SHARE: Duration = Duration::from_secs(1);
/// The loop that fetches what was missed.
pub(crate) const REPAIR: &str = "repair";
/// Pause while the database does not answer.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);
/// How long what is in flight may take at an orderly stop.
const GRACE: Duration = Duration::from_secs(10);

impl Federation {
    /// Runs the workers until `stop` becomes `true` (or its sender is dropped). Then nothing new is begun, what is in
    /// flight has ten seconds, and leases are given back.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut loops = JoinSet::new();
        let (door, until) = (self.clone(), stop.clone());
        let begin = move |beat| door.clone().deliver_until(until.clone(), beat);
        loops.spawn(self.watchdog().clone().keep("delivery", stop.clone(), begin));
        let (door, until) = (self.clone(), stop.clone());
        let begin = move |beat| door.clone().apply_until(until.clone(), beat);
        loops.spawn(self.watchdog().clone().keep(INCOMING, stop.clone(), begin));
        let (door, until) = (self.clone(), stop.clone());
        let begin = move |beat| door.clone().ask_until(until.clone(), beat);
        loops.spawn(self.watchdog().clone().keep("hosts", stop.clone(), begin));
        if self.app().db.kind() == Kind::Postgres {
            let (door, until) = (self.clone(), stop.clone());
            let begin = move |beat| door.clone().share_until(until.clone(), beat);
            loops.spawn(self.watchdog().clone().keep("limits", stop.clone(), begin));
        }
        let (door, until) = (self.clone(), stop.clone());
        let begin = move |beat| door.clone().repair_until(until.clone(), beat);
        loops.spawn(self.watchdog().clone().keep(REPAIR, stop.clone(), begin));
        let until = stop.clone();
        let door = self.clone();
        // Ends by itself at the stop; a node that shares no database has nothing to hear.
        tokio::task::spawn_blocking(move || {
            door.app().db.listen(|| *until.borrow() || until.has_changed().is_err(), || door.wake());
        });
        stopped(stop).await;
        let _ = tokio::time::timeout(GRACE, async { while loops.join_next().await.is_some() {} }).await;
        loops.shutdown().await;
        for released in [self.release_leases().await, self.release_incoming().await] {
            if let Err(error) = released {
                tracing::warn!(class = error.class(), "leases could not be given back; they end by themselves");
            }
        }
    }

    /// Keeps up to the allowed number in flight. What came back is kept while the database is away.
    pub(crate) async fn deliver_until(self, stop: watch::Receiver<bool>, beat: Beat) -> Result<(), FederationError> {
        let mut dispatcher = Dispatcher::new(self.clone());
        while !*stop.borrow() {
            beat.tick();
            dispatcher.gather().await;
            let pause = match dispatcher.step().await {
                Ok(_) if dispatcher.has_more() => match dispatcher.pause() {
                    Some(pause) => pause,
                    None => continue,
                },
                Ok(_) => POLL,
                Err(error) => {
                    tracing::warn!(class = error.class(), "deliveries wait: the database does not answer");
                    DATABASE_PAUSE
                }
            };
            tokio::select! {
                () = stopped(stop.clone()) => break,
                Some(()) = dispatcher.answered() => {}
                () = self.0.outgoing.notified() => dispatcher.ring(),
                () = sleep(pause) => dispatcher.ring(),
            }
        }
        // What was sent is answered and written down.
        dispatcher.land().await
    }

    async fn apply_until(self, stop: watch::Receiver<bool>, beat: Beat) -> Result<(), FederationError> {
        while !*stop.borrow() {
            beat.tick();
            if self.apply_incoming().await? > 0 {
                continue;
            }
            tokio::select! {
                () = stopped(stop.clone()) => break,
                () = self.0.incoming.notified() => {}
                () = sleep(POLL) => {}
            }
        }
        Ok(())
    }

    /// Tells the other nodes on this database what was counted here, and learns what they counted: together they take
    /// what one would take, and a second's worth more.
    async fn share_until(self, stop: watch::Receiver<bool>, beat: Beat) -> Result<(), FederationError> {
        while !*stop.borrow() {
            beat.tick();
            self.share_counts().await?;
            tokio::select! {
                () = stopped(stop.clone()) => break,
                () = sleep(SHARE) => {}
            }
        }
        Ok(())
    }

    async fn repair_until(self, stop: watch::Receiver<bool>, beat: Beat) -> Result<(), FederationError> {
        while !*stop.borrow() {
            beat.tick();
            if self.repair_due(|| *stop.borrow()).await? > 0 {
                continue;
            }
            tokio::select! {
                () = stopped(stop.clone()) => break,
                () = sleep(POLL) => {}
            }
        }
        Ok(())
    }

    /// One exchange of counts with the other nodes.
    ///
    /// # Errors
    /// Database errors; what was counted meanwhile is then told to nobody, which lets a little more through.
    pub async fn share_counts(&self) -> Result<(), FederationError> {
        for (what, rates) in [("fetches", &self.0.fetches), ("posts", &self.0.posts)] {
            let Some(Untold { minute, counts }) = rates.untold() else { continue };
            let (counts, totals) = self
                .blocking(move |app| Ok::<_, ActionError>((tries::share(app, what, minute, &counts)?, counts)))
                .await
                .map(|(totals, counts)| (counts, totals))?;
            rates.learn(minute, counts.iter().map(|(host, _)| host.as_str()).zip(totals));
        }
        Ok(())
    }

    async fn ask_until(self, stop: watch::Receiver<bool>, beat: Beat) -> Result<(), FederationError> {
        while !*stop.borrow() {
            beat.tick();
            if self.refresh_hosts().await? > 0 {
                continue;
            }
            tokio::select! {
                () = stopped(stop.clone()) => break,
                () = sleep(HOSTS_POLL) => {}
            }
        }
        Ok(())
    }
}
