//! The server under load: a real one, with workers, made from the same parts as the program's.

use super::child;
use crate::world::post_form;
use anyhow::Context;
use chrono::TimeDelta;
use hearth::{
    cli,
    config::Config,
    logging,
    server::{self, Parts, Running},
};
use hearth_db::{dialect, fault};
use hearth_domain::id::{AccountId, ActorId};
use hearth_federation::Limits;
use serde::{Deserialize, Serialize};
use std::{net::TcpListener, process::ExitCode};

/// What the server is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Its settings.
    pub config: Config,
    /// Whether it runs in development mode, which no settings file can say.
    pub dev: bool,
    /// Limits that differ from the usual ones.
    pub raised: Raised,
}

/// Limits of the server that a measurement raises, and states.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Raised {
    /// Activities taken from one host in a minute.
    pub posts_per_minute: Option<u32>,
    /// Deliveries in flight for one host at first.
    pub per_host: Option<i64>,
    /// Deliveries in flight in all.
    pub flight: Option<usize>,
    /// How long a delivery, or a received activity, belongs to who leased it, in seconds.
    pub lease: Option<i64>,
}

impl Raised {
    fn limits(self) -> Limits {
        let usual = Limits::default();
        Limits {
            posts_per_minute: self.posts_per_minute.unwrap_or(usual.posts_per_minute),
            deliveries_per_host: self.per_host.unwrap_or(usual.deliveries_per_host),
            deliveries: self.flight.unwrap_or(usual.deliveries),
            lease: self.lease.map_or(usual.lease, TimeDelta::seconds),
            incoming_lease: self.lease.map_or(usual.incoming_lease, TimeDelta::seconds),
            ..usual
        }
    }

    /// In words, for the report.
    pub(crate) fn words(self) -> String {
        let limits = self.limits();
        let posts = match self.posts_per_minute {
            Some(u32::MAX) => "no limit of activities from one host".to_owned(),
            _ => format!("{} activities from one host in a minute", limits.posts_per_minute),
        };
        format!(
            "{} deliveries in flight, {} to {} for one host, {posts}",
            limits.deliveries,
            limits.deliveries_per_host,
            limits.deliveries_per_host_most.max(limits.deliveries_per_host)
        )
    }
}

/// What the server is asked from inside.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// To publish. The answer is how many it were.
    Publish(Publish),
    /// To let its SQLite database grow by no more than so many pages (or as it likes again). The answer is the size in
    /// pages.
    FillDisk(Option<u64>),
}

/// Publishes posts one after the other, as the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Publish {
    /// The keeper's account.
    pub account: i64,
    /// The persona that writes.
    pub persona: i64,
    /// The group.
    pub group: i64,
    /// How many.
    pub posts: usize,
}

/// The role: starts the server, says its port, and publishes what it is asked to until nobody asks any more.
pub(crate) fn serve() -> anyhow::Result<ExitCode> {
    let Some(plan) = child::question::<Plan>()? else { return Ok(ExitCode::FAILURE) };
    let config = Config { dev: plan.dev, ..plan.config };
    logging::start(&config.log);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let parts = Parts { limits: plan.raised.limits(), ..Parts::system() };
    let runtime = cli::runtime()?;
    let running = runtime.block_on(async { server::start_on(listener, &config, parts) })?;
    child::answer(&running.listens_at.port())?;
    while let Some(asked) = child::question::<Ask>()? {
        let done = match asked {
            Ask::Publish(asked) => publish(&running, &asked)?,
            Ask::FillDisk(more) => {
                let pages = running.app.db.read(dialect::page_count)?;
                fault::fill_disk(more.map(|more| pages + more));
                usize::try_from(pages)?
            }
        };
        child::answer(&done)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn publish(running: &Running, asked: &Publish) -> anyhow::Result<usize> {
    let account = AccountId::try_from(asked.account).ok().context("an account")?;
    let persona = ActorId::try_from(asked.persona).ok().context("a persona")?;
    let group = ActorId::try_from(asked.group).ok().context("a group")?;
    for number in 0..asked.posts {
        let form = post_form(persona, &format!("Tea, {number}"), "There is **tea** on Tuesday. Bring a friend.");
        hearth_actions::post::publish(&running.app, account, group, &form)?;
        running.federation.wake();
    }
    Ok(asked.posts)
}
