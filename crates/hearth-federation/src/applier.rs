//! Applying what was received: activities that come at the same time are applied one after the other by one thread, and
//! share one commit, so that many senders wait for the disk once.
//!
//! Each is an action of its own: one that fails takes no other with it. Nobody is answered before the commit.
//!
//! Must never: stand still because one activity broke something.

use crate::{
    Federation, FederationError,
    inbox::{Taken, apply},
};
use hearth_activitypub::InboxActivity;
use hearth_db::{fault, tables::actors::Actor};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// Most activities in one commit. A web request that writes meanwhile waits for them.
const MOST: usize = 32;

/// One activity that waits to be applied.
struct Case {
    signer: Actor,
    activity: InboxActivity,
    tell: oneshot::Sender<Result<Taken, FederationError>>,
}

/// Activities that wait to be applied, in the order in which they came.
#[derive(Default)]
pub(crate) struct Line(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    cases: VecDeque<Case>,
    /// Whether a thread is at it.
    busy: bool,
}

impl Line {
    /// `true`: nobody is at it, so the caller has to see to it.
    fn push(&self, case: Case) -> bool {
        let mut waiting = self.lock();
        waiting.cases.push_back(case);
        !std::mem::replace(&mut waiting.busy, true)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().cases.len()
    }

    /// The next ones; with none left the thread is at it no more.
    fn take(&self) -> Vec<Case> {
        let mut waiting = self.lock();
        let count = waiting.cases.len().min(MOST);
        let taken: Vec<Case> = waiting.cases.drain(..count).collect();
        waiting.busy = !taken.is_empty();
        taken
    }

    /// All that wait, to be told that it can't be done now.
    fn give_up(&self) -> Vec<Case> {
        self.lock().cases.drain(..).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Federation {
    /// Applies an activity of a believed signer, together with those that come at the same time.
    pub(crate) async fn apply_in_line(&self, signer: Actor, activity: InboxActivity) -> Result<Taken, FederationError> {
        let (tell, told) = oneshot::channel();
        if self.0.line.push(Case { signer, activity, tell }) {
            let door = self.clone();
            tokio::task::spawn_blocking(move || door.apply_line());
        }
        told.await.unwrap_or(Err(FederationError::BrokenOff))
    }

    fn apply_line(&self) {
        loop {
            let cases = self.0.line.take();
            if cases.is_empty() {
                return;
            }
            self.apply_cases(cases);
        }
    }

    fn apply_cases(&self, cases: Vec<Case>) {
        let (app, most) = (self.app(), self.0.limits.incoming_waiting);
        // A panic in here would leave everybody after it waiting for ever.
        let one = |case: &Case| {
            catch_unwind(AssertUnwindSafe(|| apply(app, &case.signer, &case.activity, most)))
                .map_or(Err(FederationError::BrokenOff), |result| result.map_err(FederationError::from))
        };
        let results = app.db.together(|| cases.iter().map(one).collect::<Vec<_>>());
        let results = results.and_then(|results| fault::point("inbox.answer").map(|()| results));
        match results {
            Ok(results) => {
                for (case, result) in cases.into_iter().zip(results) {
                    // Who went away without waiting gets no answer, and will ask again.
                    let _ = case.tell.send(result);
                }
            }
            Err(error) => {
                tracing::warn!(count = cases.len(), %error, "received activities could not be committed");
                // Those behind them would each wait as long for the same answer, one commit after the other.
                for case in cases.into_iter().chain(self.0.line.give_up()) {
                    let _ = case.tell.send(Err(FederationError::BrokenOff));
                }
            }
        }
    }
}
