//! Posts that go out to many servers: signed deliveries per second of the server's processor time, as a share of the
//! bare signatures one thread makes in a second of its own. So neither the peers' cost nor a busy machine counts.

use super::{
    Options,
    limits::Rsa,
    report::{Report, Target},
};
use crate::rig::{
    child::Usage,
    served::Raised,
    town::{Followers, Town},
};

/// The least share of the bare signatures, with posts in a row and with one post to very many.
const SHARE: f64 = 0.6;
const SHARE_FANOUT: f64 = 0.5;
/// The most memory, in MiB.
const MEMORY: f64 = 150.0;

/// What a run of deliveries cost.
pub(super) struct Figures {
    deliveries: usize,
    repeated: usize,
    before: Usage,
    after: Usage,
    /// Milliseconds to the last and until 95 % of them had come.
    last_ms: f64,
    p95_ms: f64,
}

impl Figures {
    /// Deliveries per second of the server's processor time.
    pub(super) fn per_cpu_second(&self) -> f64 {
        self.deliveries as f64 / self.cpu()
    }

    fn cpu(&self) -> f64 {
        (self.after.cpu - self.before.cpu).as_secs_f64().max(0.01)
    }
}

/// Many posts in a row, after one that opens the connections.
pub(super) fn outgoing(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let hosts = options.size(&options.hosts, 200, 5);
    let posts = options.size(&options.posts, 20, 3);
    let section = format!("outgoing {hosts}x{posts}");
    let before = Rsa::measure(options.quick)?;
    let mut town = Town::new(&options.setting(), Followers::good(hosts, options.delay), &[])?;
    let raised = raised(options);
    town.start(raised)?;
    let figures = publish(&mut town, hosts, 1, posts)?;
    let limit = before.best(Rsa::measure(options.quick)?);
    say(report, &section, &figures, limit, SHARE, raised);
    Ok(())
}

/// One post to very many servers, none of which was spoken to before.
pub(super) fn fanout(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let hosts = options.size(&options.hosts, 10_000, 30);
    let posts = options.size(&options.posts, 1, 1);
    let section = format!("fanout {hosts}x{posts}");
    let before = Rsa::measure(options.quick)?;
    let mut town = Town::new(&options.setting(), Followers::good(hosts, options.delay), &[])?;
    let raised = raised(options);
    town.start(raised)?;
    let figures = publish(&mut town, hosts, 0, posts)?;
    let limit = before.best(Rsa::measure(options.quick)?);
    say(report, &section, &figures, limit, SHARE_FANOUT, raised);
    Ok(())
}

pub(super) fn raised(options: &Options) -> Raised {
    Raised { per_host: options.per_host, flight: options.flight, ..Raised::default() }
}

/// Publishes `first` posts that do not count, and then `posts` that do.
pub(super) fn publish(town: &mut Town, hosts: usize, first: usize, posts: usize) -> anyhow::Result<Figures> {
    town.publish(first)?;
    town.settle(first * hosts)?;
    town.reset_peers()?;
    let before = town.server()?.usage()?;
    town.publish(posts)?;
    let arrived = town.settle(posts * hosts)?;
    let after = town.server()?.usage()?;
    Ok(Figures {
        deliveries: arrived.distinct,
        repeated: arrived.deliveries - arrived.distinct,
        before,
        after,
        last_ms: arrived.last_ms,
        p95_ms: arrived.p95_ms,
    })
}

fn say(report: &mut Report, section: &str, figures: &Figures, limit: Rsa, target: f64, raised: Raised) {
    report.say(section, "limits of the server", raised.words());
    report.say(section, "deliveries (repeated)", format!("{} ({})", figures.deliveries, figures.repeated));
    report.figure(section, "server, processor time", figures.cpu(), "s");
    report.figure(section, "deliveries per CPU-second of the server", figures.per_cpu_second(), "");
    report.figure(section, "signatures per CPU-second (best of before, after)", limit.signs, "");
    let share = figures.per_cpu_second() / limit.signs;
    report.judge(section, "share of the bare signatures", share, "", Target::Least(target));
    let rate = figures.deliveries as f64 * 1_000.0 / figures.last_ms.max(0.01);
    report.figure(section, "deliveries per second", rate, "");
    report.figure(section, "95 % had come after", figures.p95_ms, "ms");
    report.judge(section, "server, most memory", figures.after.peak_mib, "MiB", Target::Most(MEMORY));
}
