//! The figures for Prometheus, on a listener of their own (threats AD-06): `/metrics`, and nothing else.
//!
//! What is counted comes from the door to other servers; what stands somewhere is read when it is asked for.
//! Must never: be reachable by the public address, or name a group, a person, another server or a count of private
//! things (PR-17).

use crate::{machine, panics};
use actix_web::{App as ActixApp, HttpResponse, HttpServer, dev::Server, web};
use anyhow::Context;
use hearth_actions::App;
use hearth_db::{
    DbConn, DbError,
    tables::{hosts, incoming, jobs},
    views::queue,
};
use hearth_domain::host::HostState;
use hearth_federation::Federation;
use prometheus::{Gauge, GaugeVec, IntCounter, Opts, Registry, TextEncoder};
use std::net::TcpListener;

/// What the figures are read from.
#[derive(Clone)]
struct Sources {
    app: App,
    federation: Federation,
}

/// The server that shows the figures.
///
/// # Errors
/// When the listener can't be used.
pub fn server(listener: TcpListener, app: &App, federation: &Federation) -> anyhow::Result<Server> {
    let sources = Sources { app: app.clone(), federation: federation.clone() };
    let server = HttpServer::new(move || {
        ActixApp::new().app_data(web::Data::new(sources.clone())).route("/metrics", web::get().to(show))
    });
    let server = server.workers(1).disable_signals().shutdown_timeout(1).listen(listener);
    Ok(server.context("the figures can't be shown")?.run())
}

async fn show(sources: web::Data<Sources>) -> HttpResponse {
    let sources = sources.get_ref().clone();
    match web::block(move || text(&sources.app, &sources.federation)).await {
        Ok(Ok(text)) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

/// All figures in the text format. A database that does not answer is a figure, too.
///
/// # Errors
/// When the names of two figures clash.
pub fn text(app: &App, federation: &Federation) -> anyhow::Result<String> {
    let now = Registry::new();
    process(&now)?;
    let read = app.db.read(|c| standing(c, app));
    gauge(&now, "hearth_database_up", "Whether the database answers.", if read.is_ok() { 1.0 } else { 0.0 })?;
    let short = if app.db.room().is_short() { 1.0 } else { 0.0 };
    gauge(&now, "hearth_short_of_room", "Whether the disk of the database is full.", short)?;
    if let Ok(standing) = read {
        standing.show(&now)?;
    }
    let mut families = federation.metrics().registry().gather();
    families.extend(app.db.metrics().collectors().iter().flat_map(|figure| figure.collect()));
    families.extend(now.gather());
    Ok(TextEncoder::new().encode_to_string(&families)?)
}

/// What the database says.
struct Standing {
    oldest_due: f64,
    oldest_incoming: f64,
    incoming: i64,
    parked: i64,
    /// Servers and deliveries that wait for them, by how the server is doing.
    by_state: Vec<(HostState, i64, i64)>,
    size: queue::Size,
    schema: String,
    jobs: Vec<jobs::Job>,
}

fn standing(c: &mut DbConn, app: &App) -> Result<Standing, DbError> {
    let now = app.now();
    let age = |since: Option<hearth_db::Time>| {
        let age = since.map_or(0, |since| (now.utc() - since.utc()).num_milliseconds());
        // Milliseconds of an age fit into 52 bits.
        age.max(0) as f64 / 1_000.0
    };
    let waiting = queue::waiting(c)?;
    let hosts = hosts::all(c)?;
    let by_state = HostState::ALL.map(|state| {
        let these = hosts.iter().filter(|host| host.state() == state);
        let for_it = |host: &hosts::Host| waiting.get(&host.host).map_or(0, |waiting| waiting.count);
        these.fold((state, 0, 0), |(state, servers, waiting), host| (state, servers + 1, waiting + for_it(host)))
    });
    Ok(Standing {
        oldest_due: age(queue::oldest_due(c, now)?),
        oldest_incoming: age(queue::oldest_incoming(c, now)?),
        incoming: incoming::count_waiting(c)?,
        parked: incoming::count_parked(c)?,
        by_state: by_state.to_vec(),
        size: queue::size(c)?,
        schema: queue::schema_version(c)?,
        jobs: jobs::all(c)?,
    })
}

impl Standing {
    fn show(&self, to: &Registry) -> anyhow::Result<()> {
        let due = "Seconds since the oldest delivery is due whose server answers.";
        gauge(to, "hearth_delivery_oldest_due_seconds", due, self.oldest_due)?;
        let due = "Seconds since the oldest received activity is due that nobody works on.";
        gauge(to, "hearth_incoming_oldest_due_seconds", due, self.oldest_incoming)?;
        gauge(to, "hearth_incoming_waiting", "Received activities that wait.", self.incoming as f64)?;
        gauge(to, "hearth_incoming_parked", "Received activities that were given up.", self.parked as f64)?;
        let servers = gauges(to, "hearth_servers", "Other servers, by how they are doing.", "state")?;
        let waiting = "Deliveries that wait, by how their server is doing.";
        let waiting = gauges(to, "hearth_deliveries_waiting", waiting, "state")?;
        for (state, hosts, deliveries) in &self.by_state {
            servers.with_label_values(&[state.as_str()]).set(*hosts as f64);
            waiting.with_label_values(&[state.as_str()]).set(*deliveries as f64);
        }
        gauge(to, "hearth_database_bytes", "Size of the database.", self.size.bytes as f64)?;
        if let Some(file) = &self.size.file {
            let log = machine::log_bytes(file);
            gauge(to, "hearth_database_wal_bytes", "Size of SQLite's write-ahead log.", log as f64)?;
        }
        let version = self.schema.parse().unwrap_or_default();
        gauge(to, "hearth_schema_version", "Number of the newest migration.", version)?;
        let ended = gauges(to, "hearth_job_last_finished_seconds", "When each job last ended (Unix time).", "job")?;
        for job in &self.jobs {
            if let Some(at) = job.last_finished {
                ended.with_label_values(&[job.name.as_str()]).set(at.utc().timestamp() as f64);
            }
        }
        Ok(())
    }
}

fn process(to: &Registry) -> anyhow::Result<()> {
    if let Some(bytes) = machine::resident_bytes() {
        gauge(to, "process_resident_memory_bytes", "Memory this program holds.", bytes as f64)?;
    }
    if let Some(files) = machine::open_files() {
        gauge(to, "process_open_fds", "Files and connections this program has open.", files as f64)?;
    }
    let panics = IntCounter::with_opts(Opts::new("hearth_panics_total", "Panics since the start."))?;
    panics.inc_by(panics::count());
    Ok(to.register(Box::new(panics))?)
}

fn gauge(to: &Registry, name: &str, help: &str, value: f64) -> anyhow::Result<()> {
    let gauge = Gauge::with_opts(Opts::new(name, help))?;
    gauge.set(value);
    Ok(to.register(Box::new(gauge))?)
}

fn gauges(to: &Registry, name: &str, help: &str, label: &str) -> anyhow::Result<GaugeVec> {
    let gauges = GaugeVec::new(Opts::new(name, help), &[label])?;
    to.register(Box::new(gauges.clone()))?;
    Ok(gauges)
}
