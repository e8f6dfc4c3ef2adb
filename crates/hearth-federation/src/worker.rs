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
    dispatch::Dispatcher,
    watchdog::{Beat, stopped},
};
use std::time::Duration;
use tokio::{sync::watch, task::JoinSet, time::sleep};

/// How long at most until due work is found without a wake-up.
const POLL: Duration = Duration::from_secs(5);
/// Pause between two rounds of asking other servers what they run.
const HOSTS_POLL: Duration = Duration::from_secs(30);
/// The loop of received activities.
pub(crate) const INCOMING: &str = "incoming";
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
        if let Err(error) = self.release_leases().await {
            tracing::warn!(class = error.class(), "leases could not be given back; they end by themselves");
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
