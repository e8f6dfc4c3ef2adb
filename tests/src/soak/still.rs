//! A real server in this process whose clock stands still, with other servers in another process: for what takes days.

use super::Options;
use crate::{
    keys::SharedKeys,
    rig::{
        requests::Member,
        town::{Followers, Town},
    },
    world::instant,
};
use anyhow::bail;
use chrono::{DateTime, Duration, Utc};
use hearth::server::{self, Parts, Running};
use hearth_domain::clock::{Clock, FixedClock};
use hearth_federation::{Limits, resolver::GuardedResolver};
use std::{net::SocketAddr, net::TcpListener, sync::Arc};
use tokio::runtime::Runtime;

/// The server, its clock and its network.
pub(super) struct Still {
    pub town: Town,
    pub clock: Arc<FixedClock>,
    running: Option<Running>,
    runtime: Runtime,
}

impl Still {
    /// Starts it. `resolver`: who turns names into addresses, where that is not the system.
    pub(super) fn start(
        options: &Options,
        followers: Followers,
        members: &[Member],
        resolver: Option<GuardedResolver>,
    ) -> anyhow::Result<Self> {
        let clock = Arc::new(FixedClock::at(instant("2026-11-24T10:00:00Z")));
        let mut setting = options.setting();
        setting.by_name = resolver.is_some();
        setting.clock = Some(clock.clone());
        let town = Town::new(&setting, followers, members)?;
        let parts = Parts {
            clock: clock.clone(),
            keys: Arc::new(SharedKeys),
            workers: false,
            limits: Limits { posts_per_minute: u32::MAX, ..Limits::default() },
            resolver: resolver.unwrap_or_else(GuardedResolver::system),
            ..Parts::system()
        };
        let runtime = Runtime::new()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let running = runtime.block_on(async { server::start_on(listener, &town.config, parts) })?;
        Ok(Self { town, clock, running: Some(running), runtime })
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.running().listens_at
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs until it is dropped")
    }

    /// Does what is due until nothing is. Returns how many deliveries were attempted.
    pub(super) fn settle(&self) -> anyhow::Result<usize> {
        let federation = &self.running().federation;
        let mut attempts = 0;
        for _ in 0..100_000 {
            let (sent, applied) = self.runtime.block_on(async {
                Ok::<_, anyhow::Error>((federation.deliver_due().await?, federation.apply_incoming().await?))
            })?;
            attempts += sent;
            if sent + applied == 0 {
                return Ok(attempts);
            }
        }
        bail!("there is no end of work");
    }

    /// Lets time pass in such steps, and does what becomes due. Returns how many deliveries were attempted.
    pub(super) fn pass(&self, time: Duration, step: Duration) -> anyhow::Result<usize> {
        let (end, mut attempts) = (self.now() + time, 0);
        while self.now() < end {
            self.clock.advance(step.min(end - self.now()));
            attempts += self.settle()?;
        }
        Ok(attempts)
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = self.runtime.block_on(running.stop());
        }
    }
}
