//! `/healthz`: whether requests are answered, the database can be written, and the work goes on.
//!
//! Whoever asks often costs no more than whoever asks once: an answer counts for ten seconds. Must never say more than
//! one sentence without details; what is wrong exactly is on the keeper's page and in `hearth doctor`.

use crate::{config::Config, machine};
use actix_web::{HttpResponse, web};
use chrono::TimeDelta;
use hearth_actions::{
    App,
    health::{self, Machine},
};
use hearth_federation::Federation;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// How long an answer counts.
const FRESH: Duration = Duration::from_secs(10);
/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(12);
/// The watchdog begins a silent loop again after one minute; after two it did not help.
const SILENT: Duration = Duration::from_secs(120);

/// Looks at this server.
#[derive(Clone)]
pub struct Health {
    app: App,
    federation: Federation,
    data_dir: PathBuf,
    stuck_after: TimeDelta,
    last: Arc<Mutex<Option<(Instant, Answer)>>>,
}

/// `Ok`, or what is wrong.
type Answer = Result<(), &'static str>;

impl Health {
    /// Looks at a server with these settings.
    #[must_use]
    pub fn new(config: &Config, app: &App, federation: &Federation) -> Self {
        Self {
            app: app.clone(),
            federation: federation.clone(),
            data_dir: config.data_dir.clone(),
            stuck_after: TimeDelta::seconds(config.stuck_after_seconds.into()),
            last: Arc::default(),
        }
    }

    /// How the machine and the program are doing.
    #[must_use]
    pub fn machine(&self) -> Machine {
        Machine {
            disk: machine::disk(&self.data_dir),
            short_of_room: self.app.db.room().is_short(),
            silent_workers: self.federation.watchdog().silent(SILENT).len(),
            stuck_after: self.stuck_after,
        }
    }

    /// Whether all is well. Those who ask at the same time wait for one answer.
    ///
    /// # Errors
    /// What is wrong, without details.
    pub async fn check(&self) -> Answer {
        let mut last = self.last.lock().await;
        match *last {
            Some((at, answer)) if at.elapsed() < FRESH => answer,
            _ => {
                let answer = self.look().await;
                *last = Some((Instant::now(), answer));
                answer
            }
        }
    }

    async fn look(&self) -> Answer {
        const AWAY: &str = "the database does not answer";
        let door = self.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let app = &door.app;
            let written = health::write_something(app);
            let machine = door.machine();
            if !machine.short_of_room {
                written?;
            }
            app.db.read(|c| health::trouble(c, app.now(), &machine))
        });
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(Ok(Ok(None))) => Ok(()),
            Ok(Ok(Ok(Some(trouble)))) => Err(trouble.words()),
            _ => Err(AWAY),
        }
    }
}

/// Answers `GET /healthz`.
pub(crate) async fn show(health: web::Data<Health>) -> HttpResponse {
    let (mut answer, words) = match health.check().await {
        Ok(()) => (HttpResponse::Ok(), "ok"),
        Err(words) => (HttpResponse::ServiceUnavailable(), words),
    };
    answer.content_type("text/plain; charset=utf-8").body(format!("{words}\n"))
}
