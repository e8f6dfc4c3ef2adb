//! A PostgreSQL server of the soak program's own, so that it can be stopped: in a temporary folder and on loopback, as
//! `tests/run` makes one. Root lends it to the user `postgres`, for PostgreSQL does not run as root.

use anyhow::{Context, bail};
use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// It is stopped and gone when this is dropped.
pub(super) struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    as_root: bool,
    port: u16,
    address: String,
}

impl Cluster {
    /// Makes and starts one.
    pub(super) fn start() -> anyhow::Result<Self> {
        // Below /tmp: a socket's path has to be short, and the other user has to reach it.
        let folder = tempfile::Builder::new().prefix("hearth-soak-").tempdir_in("/tmp")?;
        let as_root = said(Command::new("id").arg("-u"))? == "0";
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("postgres://hearth@127.0.0.1:{port}/postgres");
        let cluster = Self { programs: programs()?, folder, as_root, port, address };
        if as_root {
            run(Command::new("chown").arg("postgres").arg(cluster.folder.path()))?;
        }
        let data = cluster.data();
        let authentication = ["--username=hearth", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"];
        run(cluster.program("initdb").arg(format!("--pgdata={data}")).args(authentication))?;
        cluster.start_again()?;
        Ok(cluster)
    }

    /// Its address, as `HEARTH_TEST_POSTGRES` would have it.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Stops it at once, as a power cut would.
    pub(super) fn stop(&self) -> anyhow::Result<()> {
        run(self.program("pg_ctl").arg(format!("--pgdata={}", self.data())).args(["--mode=immediate", "stop"]))
    }

    /// Starts it, again.
    pub(super) fn start_again(&self) -> anyhow::Result<()> {
        let folder = self.folder.path().display();
        // What was acknowledged must reach the disk here: that is what is tested.
        let settings =
            format!("-c unix_socket_directories={folder} -c listen_addresses=127.0.0.1 -c port={}", self.port);
        let mut start = self.program("pg_ctl");
        start.arg(format!("--pgdata={}", self.data())).arg(format!("--log={folder}/log"));
        run(start.args(["--wait", "--timeout=120"]).arg(format!("--options={settings}")).arg("start"))
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if self.as_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// The folder of `initdb` and `pg_ctl`, which Debian keeps off the PATH; the newest where there are several.
fn programs() -> anyhow::Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL is not there (package postgresql)")?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path).context("PostgreSQL is not there (package postgresql)")
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    // A server that goes on running must not keep our pipes open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if !status.success() {
        bail!("{} ended with {status}", command.get_program().display());
    }
    Ok(())
}

fn said(command: &mut Command) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&command.output()?.stdout).trim().to_owned())
}
