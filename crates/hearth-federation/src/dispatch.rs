//! Keeps deliveries flying: leases what is due, sends it, and settles what comes back, many at a time.
//!
//! One settling writes down all answers that have come meanwhile and leases the next deliveries, in one transaction: at
//! a low rate each answer is settled at once, at a high rate hundreds share one. Hosts take turns; those that failed of
//! late share a quarter of the places, so that the rest is never held up by them.
//!
//! Must never: lose an answer because the database is away for a while, or let one host fill all places.

use crate::{
    Federation, FederationError,
    delivery::{Attempted, Parcels},
    places::Places,
};
use hearth_db::tables::deliveries;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Most hosts that are asked about in one settling.
const HOSTS_AT_ONCE: usize = 128;
/// Looking for hosts with work takes at most this share of the time.
const LOOKING: u32 = 10;

/// So many answers are settled without waiting for more.
const ENOUGH: usize = 64;
/// How long after one settling the next one begins at the earliest, while anything is in flight.
const GATHER: Duration = Duration::from_millis(8);
/// The same while many wait at the inbox: each settling takes a turn at the database.
const GATHER_PRESSED: Duration = Duration::from_millis(25);
/// So many waiting at the inbox leave deliveries few of their places.
const PRESSED: usize = 4;
/// Of so many places they leave one.
const PRESSED_SHARE: usize = 64;

/// The deliveries of this process.
pub(crate) struct Dispatcher {
    door: Federation,
    flying: JoinSet<Attempted>,
    /// What came back and is not written down yet.
    came_back: Vec<Attempted>,
    turns: Turns,
    places: Places,
    parcels: Parcels,
    /// Whether there may be work nobody has looked for.
    look: bool,
    /// When looking may be done again, so that it stays cheap.
    look_after: Option<Instant>,
    /// As many are out as there are deliveries to hosts that failed of late.
    suspects: Arc<()>,
    /// When the last step began.
    stepped: Option<Instant>,
}

/// Hosts with work, in the order of their turns.
#[derive(Default)]
struct Turns {
    well: VecDeque<String>,
    failing: VecDeque<String>,
    known: HashSet<String>,
}

impl Turns {
    fn add(&mut self, host: String, fails: bool) {
        if self.known.insert(host.clone()) {
            if fails { self.failing.push_back(host) } else { self.well.push_back(host) }
        }
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The next hosts: at most `most`, of them at most `failing` that failed of late.
    fn take(&mut self, most: usize, failing: usize) -> Vec<String> {
        let failing = failing.min(most).min(self.failing.len());
        let well = (most - failing).min(self.well.len());
        let taken: Vec<String> = self.well.drain(..well).chain(self.failing.drain(..failing)).collect();
        for host in &taken {
            self.known.remove(host);
        }
        taken
    }
}

impl Dispatcher {
    pub(crate) fn new(door: Federation) -> Self {
        Self {
            places: Places::new(&door.0.limits),
            door,
            flying: JoinSet::new(),
            came_back: Vec::new(),
            turns: Turns::default(),
            parcels: Parcels::new(),
            look: true,
            look_after: None,
            suspects: Arc::default(),
            stepped: None,
        }
    }

    /// There may be new work.
    pub(crate) const fn ring(&mut self) {
        self.look = true;
    }

    /// Whether a step would do something that no answer and no bell announces.
    pub(crate) fn has_more(&self) -> bool {
        !self.came_back.is_empty() || (self.room() > 0 && (!self.turns.is_empty() || self.look))
    }

    /// How long to wait before looking again, where there may be work.
    pub(crate) fn pause(&self) -> Option<Duration> {
        self.look_after.map(|at| at.saturating_duration_since(Instant::now())).filter(|pause| !pause.is_zero())
    }

    fn is_pressed(&self) -> bool {
        self.door.0.line.len() > PRESSED
    }

    /// Lets answers come together: at a high rate a settling a few milliseconds later does the work of many.
    pub(crate) async fn gather(&mut self) {
        let Some(stepped) = self.stepped else { return };
        let until = stepped + if self.is_pressed() { GATHER_PRESSED } else { GATHER };
        while !self.flying.is_empty() && self.came_back.len() < ENOUGH {
            if tokio::time::timeout_at(until.into(), self.answered()).await.is_err() {
                return;
            }
        }
    }

    /// Waits for an answer. `None` when nothing is in flight.
    pub(crate) async fn answered(&mut self) -> Option<()> {
        let answer = self.flying.join_next().await?;
        self.note(answer);
        Some(())
    }

    /// How many more may fly. While many wait at the inbox they come first: what goes out is safe in its queue, and those
    /// who wait for an answer would ask again.
    fn room(&self) -> usize {
        let most = self.door.0.limits.deliveries;
        let most = if self.is_pressed() { (most / PRESSED_SHARE).max(1) } else { most };
        most.saturating_sub(self.flying.len())
    }

    fn note(&mut self, answer: Result<Attempted, tokio::task::JoinError>) {
        match answer {
            Ok(attempted) => {
                self.places.came_back(attempted.host(), attempted.answered_after());
                self.came_back.push(attempted);
            }
            // Its lease ends by itself.
            Err(error) => tracing::error!(panicked = error.is_panic(), "a delivery was broken off"),
        }
    }

    /// Writes down what came back, leases what is due, and sends it. Returns how many were sent.
    ///
    /// # Errors
    /// Database errors: what came back is kept for the next step.
    pub(crate) async fn step(&mut self) -> Result<usize, FederationError> {
        self.stepped = Some(Instant::now());
        while let Some(answer) = self.flying.try_join_next() {
            self.note(answer);
        }
        match self.door.ready().await {
            Ok(_) => {}
            Err(FederationError::NotSetUp) => {
                self.look = false;
                return Ok(0);
            }
            Err(error) => return Err(error),
        }
        self.look_for_hosts().await?;
        let room = self.room();
        let failing_room =
            (self.door.0.limits.deliveries / 4).max(1).saturating_sub(Arc::strong_count(&self.suspects) - 1);
        let hosts = self.turns.take(room.min(HOSTS_AT_ONCE), failing_room);
        if hosts.is_empty() && self.came_back.is_empty() {
            return Ok(0);
        }
        let hosts: HashMap<String, i64> =
            hosts.into_iter().map(|host| (self.places.of(&host), host)).map(|(places, host)| (host, places)).collect();
        let (came_back, mut parcels) = (std::mem::take(&mut self.came_back), std::mem::take(&mut self.parcels));
        let worker = self.door.clone();
        let done = self.door.blocking(move |app| {
            let settled = worker.settle(app, &came_back, &hosts, room, &mut parcels);
            Ok::<_, FederationError>((settled, came_back, hosts, parcels))
        });
        let (settled, came_back, hosts, parcels) = done.await?;
        self.parcels = parcels;
        let settled = match settled {
            Ok(settled) => settled,
            Err(error) => {
                self.came_back = came_back;
                hosts.into_keys().for_each(|host| self.turns.add(host, false));
                return Err(error);
            }
        };
        self.look |= settled.woke;
        // There is a place again for these.
        came_back.iter().for_each(|attempted| self.turns.add(attempted.host().to_owned(), attempted.failed()));
        let count = settled.jobs.len();
        for job in settled.jobs {
            let door = self.door.clone();
            self.places.sent(job.host());
            let suspect = job.suspect.then(|| self.suspects.clone());
            self.flying.spawn(async move {
                let attempted = door.attempt(job).await;
                drop(suspect);
                attempted
            });
        }
        Ok(count)
    }

    async fn look_for_hosts(&mut self) -> Result<(), FederationError> {
        if !self.look || self.room() == 0 || self.pause().is_some() {
            return Ok(());
        }
        let now = self.door.now();
        let began = Instant::now();
        let found = self.door.blocking(move |app| app.db.read(|c| deliveries::hosts_with_work(c, now.into()))).await?;
        self.look = false;
        self.look_after = Some(Instant::now() + began.elapsed() * LOOKING);
        found.into_iter().for_each(|(host, fails)| self.turns.add(host, fails));
        Ok(())
    }

    /// Waits for all that is in flight and writes it down.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn land(&mut self) -> Result<(), FederationError> {
        while self.answered().await.is_some() {}
        let came_back = std::mem::take(&mut self.came_back);
        if came_back.is_empty() {
            return Ok(());
        }
        let worker = self.door.clone();
        let settled =
            self.door.blocking(move |app| worker.settle(app, &came_back, &HashMap::new(), 0, &mut Parcels::new()));
        settled.await.map(drop)
    }
}

impl Federation {
    /// Sends what is due now, several at once, and waits for all answers. Returns how many were attempted.
    ///
    /// # Errors
    /// Database errors; what fails with one delivery is written down with it.
    pub async fn deliver_due(&self) -> Result<usize, FederationError> {
        let mut dispatcher = Dispatcher::new(self.clone());
        let count = dispatcher.step().await?;
        dispatcher.land().await?;
        Ok(count)
    }
}
