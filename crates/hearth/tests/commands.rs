//! The real program, as a keeper uses it: started, asked, stopped, killed and started again.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

fn hearth(folder: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HEARTH_")) {
        command.env_remove(name);
    }
    command.env("HEARTH_DATA_DIR", folder.join("data")).env("HEARTH_LISTEN", listen);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    hearth(folder, "127.0.0.1:8080").args(arguments).stdin(Stdio::null()).output().expect("hearth runs")
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound").to_string()
}

/// A program that runs until it is dropped, and what it prints.
struct Serving {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Serving {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("hearth starts");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, lines }
    }

    /// Reads on until a line holds this, and returns the line.
    fn line_with(&mut self, wanted: &str) -> String {
        let mut line = String::new();
        while self.lines.read_line(&mut line).expect("its output") > 0 {
            if line.contains(wanted) {
                return line.trim().to_owned();
            }
            line.clear();
        }
        panic!("it ended without saying {wanted:?}");
    }

    fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(done.success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").expect("an address");
    let (host, path) = rest.split_once('/').expect("a path");
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut stream = loop {
        match TcpStream::connect(host) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() > deadline => panic!("{url}: {error}"),
            Err(_) => std::thread::yield_now(),
        }
    };
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
        .expect("asked");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    words(&answer)
}

#[test]
fn the_settings_file_prints_and_checks_itself() {
    let folder = tempfile::tempdir().unwrap();
    let example = run(folder.path(), &["config", "example"]);
    assert!(example.status.success() && words(&example.stdout).contains("# listen = \"127.0.0.1:8080\""));
    assert!(run(folder.path(), &["config", "check"]).status.success());

    let file = folder.path().join("hearth.toml");
    std::fs::write(&file, "listen = \"nowhere\"\n").unwrap();
    let wrong = hearth(folder.path(), "")
        .env_remove("HEARTH_LISTEN")
        .arg("--config")
        .arg(&file)
        .args(["config", "check"])
        .output()
        .unwrap();
    assert!(!wrong.status.success());
    assert!(words(&wrong.stderr).contains("listen must be an address and a port"), "{}", words(&wrong.stderr));
}

#[test]
fn a_first_evening_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let mut first = Serving::start(hearth(folder.path(), &listen));
    let link = first.line_with("/setup?code=");
    assert!(get(&link).starts_with("HTTP/1.1 200"), "{link}");
    first.signal("-KILL");
    drop(first);

    let mut second = Serving::start(hearth(folder.path(), &listen));
    let new_link = second.line_with("/setup?code=");
    assert_ne!(link, new_link);
    assert!(get(&link).starts_with("HTTP/1.1 200"), "the first link is still good");
    let health = hearth(folder.path(), &listen).arg("health").status().unwrap();
    assert!(health.success());
    second.signal("-TERM");
    let ended = second.child.wait().unwrap();
    assert!(ended.success(), "an orderly stop: {ended}");
    assert!(!hearth(folder.path(), &listen).arg("health").status().unwrap().success());
}

#[test]
fn what_it_keeps_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["account", "list"]).status.success());
    let mode = std::fs::metadata(folder.path().join("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn before_the_set_up_commands_say_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["account", "create", "someone", "wren"][..],
        &["group", "create", "someone", "tea", "Tea"],
        &["token", "create", "someone"],
        &["account", "reset-password", "someone"],
    ] {
        let output = run(folder.path(), arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let said = words(&output.stderr);
        assert!(said.starts_with("hearth: ") && said.trim().lines().count() == 1, "{arguments:?}: {said}");
    }
    let doctor = run(folder.path(), &["doctor"]);
    assert!(doctor.status.success());
    assert!(words(&doctor.stdout).contains("not set up yet"), "{}", words(&doctor.stdout));
    assert!(!words(&doctor.stdout).contains("set aside"), "{}", words(&doctor.stdout));
    // What a server keeps beside its database; here it need not be real.
    let ballast = std::fs::File::create(folder.path().join("data/ballast")).unwrap();
    ballast.set_len(hearth::ballast::BYTES).unwrap();
    let doctor = run(folder.path(), &["doctor"]);
    let aside = "well    16 MB are set aside for the day the disk is full.";
    assert!(words(&doctor.stdout).contains(aside), "{}", words(&doctor.stdout));
}

#[test]
fn dev_mode_and_dangerous_switches_are_refused_in_public() {
    let folder = tempfile::tempdir().unwrap();
    let public = hearth(folder.path(), &free_address())
        .env("HEARTH_ADDRESS", "https://groups.charity.org")
        .args(["serve", "--dev"])
        .output()
        .unwrap();
    assert!(!public.status.success() && words(&public.stderr).contains("--dev is for local trials"));
    let dangerous =
        hearth(folder.path(), &free_address()).env("DANGER_FEDERATION_ALLOW_LOCAL_IP", "").output().unwrap();
    assert!(!dangerous.status.success());
}

#[test]
fn the_demo_shows_a_post_on_both_servers() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = hearth(folder.path(), "127.0.0.1:8080");
    command.arg("demo").env("TMPDIR", folder.path());
    let mut demo = Serving::start(command);
    let oak = demo.line_with("/g/tea_and_talk");
    let elm = demo.line_with("/g/tea_and_talk@oak.test");
    for link in [&oak, &elm] {
        let page = get(link);
        assert!(page.starts_with("HTTP/1.1 200"), "{link}: {page}");
        assert!(page.contains("What helps you sleep?") && page.contains("Tuesday tea"), "{link}: {page}");
    }
    demo.line_with("Ctrl-C");
    demo.signal("-INT");
    assert!(demo.child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");
}
