//! What is logged while the tests run. Every line of every server is looked through for words that people type in tests
//! and for addresses of people, groups and posts: a log must hold none of them (threats PR-20).
//!
//! Must never let a line pass because nobody looked: a test whose log says too much ends there and then, and so does one
//! whose log nobody hears.

use std::{
    io::{self, Write},
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// Words that people type in tests: a password, what they wrote, where they meet.
const TYPED: &[&str] = &[
    "a quiet evening",
    "three quiet ordinary words",
    "zq",
    "canary-",
    "Badly.",
    "Hush",
    "Mill Lane",
    "secret-room",
    "Nut allergy",
    "afraid of the evenings",
    "Among partners",
    "on the ward",
    "shouts at night",
];

/// The ways of addresses by which one could tell who or what was looked at, and what opens a door.
const ADDRESSES: &[&str] = &["/u/", "/g/", "/p/", "/n/", "/e/", "/a/", "/media/", "acct:", "Bearer ", "PRIVATE KEY"];

/// Where a line that was heard is remembered.
static HEARD: AtomicBool = AtomicBool::new(false);

static LISTENS: LazyLock<()> = LazyLock::new(|| {
    let ear = tracing_subscriber::fmt()
        .with_env_filter(hearth::logging::filter("debug"))
        .with_ansi(false)
        .with_writer(|| Ear)
        .try_init();
    assert!(ear.is_ok(), "somebody else listens to what this process logs");
    tracing::debug!(target: "hearth_actions", "a line for whoever listens");
    assert!(HEARD.load(Ordering::Relaxed), "nobody hears what this process logs");
});

/// Listens from now on, to all that this process logs down to the details. A second call changes nothing.
///
/// # Panics
/// When the lines are not heard.
pub fn listen() {
    LazyLock::force(&LISTENS);
}

/// The first of the words that a line holds.
fn canary(line: &str) -> Option<&'static str> {
    TYPED.iter().chain(ADDRESSES).find(|word| line.contains(**word)).copied()
}

struct Ear;

impl Write for Ear {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        HEARD.store(true, Ordering::Relaxed);
        let text = String::from_utf8_lossy(line);
        if let Some(word) = canary(&text) {
            eprintln!("the log says {word:?}: {text}");
            std::process::exit(101);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{TYPED, canary, listen};
    use std::{fs, path::Path, process::Command};

    /// What is set where a line is to be logged that may not be.
    const SAYS: &str = "HEARTH_TEST_LOG_LINE";

    #[test]
    fn what_people_write_and_where_they_are_is_caught() {
        assert_eq!(canary("GET /g/tea 200"), Some("/g/"));
        assert_eq!(canary("an activity was not believed host=elm.test"), None);
    }

    /// Logs what the test below asks for; on its own, nothing.
    #[test]
    fn a_process_that_logs() {
        listen();
        if let Ok(line) = std::env::var(SAYS) {
            tracing::debug!(target: "hearth_web", line);
        }
    }

    /// A process is asked to log; it ends badly for what no log may hold, whatever else it does.
    #[test]
    fn a_test_whose_log_says_too_much_fails() {
        let program = std::env::current_exe().expect("this program");
        for (line, ends_well) in [("a delivery was refused", true), ("Nut allergy", false), ("GET /p/1 200", false)] {
            let mut command = Command::new(&program);
            command.args(["--exact", "overheard::tests::a_process_that_logs"]).env(SAYS, line);
            let output = command.output().expect("it runs");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains("running 1 test"), "{said}");
            assert_eq!(output.status.success(), ends_well, "{line}: {said}");
        }
    }

    /// All sources of tests below a folder.
    fn sources(folder: &Path) -> String {
        let mut all = String::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                all += &sources(&path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("overheard.rs") {
                all += &fs::read_to_string(&path).expect("a text");
            }
        }
        all
    }

    /// A word that no test types any more would be looked for in vain.
    #[test]
    fn every_word_is_typed_somewhere() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let all = sources(&root.join("src")) + &sources(&root.join("tests"));
        for word in TYPED {
            assert!(all.contains(word), "no test types {word:?}");
        }
    }
}
