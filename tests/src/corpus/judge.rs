//! The judge: after every row the runner's helper asks over loopback whether its effect holds. The judge lets the
//! server do what is due, compares the whole database with how it was, and looks at what went over the wire.

use super::{
    effect::Effect,
    picture::{Change, Picture},
    rows,
    stage::Stage,
    wire::{Asked, Back, Exchange, Front, Kept, Traps},
};
use anyhow::Context;
use hearth_actions::secret::activity_hash;
use hearth_db::tables::follows;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The longest line a log may hold: longer ones hold something that was sent.
const LONGEST_LINE: usize = 400;
/// The verdict on a row with which nothing is wrong.
pub const GOOD: &str = "good";

/// What the runner says about a row.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    /// Its file.
    pub file: String,
    /// What stands in its ids.
    pub nonce: String,
    /// The requests that reached the peers while it was sent.
    pub seen: Vec<(String, String, String)>,
}

/// What is known about a row after it was sent.
pub struct Facts<'a> {
    /// The server.
    pub stage: &'a Stage,
    /// What stands in the row's ids.
    pub nonce: &'a str,
    /// Its file.
    pub file: &'a str,
    /// What is different in the database, without what the good request after the row brought.
    pub changes: Vec<Change>,
    /// The connections of the row.
    pub exchanges: Vec<Exchange>,
    /// How much the server's memory grew at its peak.
    pub grown_kib: u64,
}

/// A page as anybody gets it.
#[derive(Debug)]
pub struct Page {
    /// Status.
    pub status: u16,
    /// Its content security policy.
    pub policy: String,
    /// Body.
    pub body: String,
}

impl Facts<'_> {
    /// Whether the row may begin a conversation of its own.
    #[must_use]
    pub fn begins(&self) -> bool {
        rows::effects(self.file)
            .is_some_and(|effects| effects.iter().any(|effect| matches!(effect, Effect::AtMostBegun(_))))
    }

    /// The posts that are new.
    pub fn posts(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.table == "posts" && change.is_new())
    }

    /// The id of a post as it stands in addresses.
    #[must_use]
    pub fn word_of(&self, post: &Change) -> String {
        let id = post.column("id").as_i64().and_then(|id| hearth_domain::id::PostId::try_from(id).ok());
        id.map(|id| id.to_string()).unwrap_or_default()
    }

    /// Rows whose activity id holds no nonce in its usual place.
    #[must_use]
    pub fn nonce_is_free(&self) -> bool {
        rows::has_id_of_its_own(self.file)
    }

    /// A page as a browser gets it that is not signed in.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn page(&self, path: &str) -> anyhow::Result<Page> {
        self.get(path, "text/html").await
    }

    /// What anybody gets who asks for this type.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn get(&self, path: &str, accept: &str) -> anyhow::Result<Page> {
        #[expect(clippy::disallowed_methods, reason = "the judge is a browser, not a part of Hearth")]
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let url = format!("http://{}{path}", self.stage.running.listens_at);
        let answer = client.get(url).header("Host", "hearth.test").header("Accept", accept).send().await?;
        let policy = answer.headers().get("content-security-policy").and_then(|policy| policy.to_str().ok());
        let policy = policy.unwrap_or_default().to_owned();
        Ok(Page { status: answer.status().as_u16(), policy, body: answer.text().await? })
    }
}

/// The judge.
pub struct Judge {
    /// The server.
    pub stage: Stage,
    /// What is before the server.
    pub front: Front,
    /// What is before the peers.
    pub back: Back,
    /// What nobody may reach.
    pub traps: Traps,
    /// What the server logged.
    pub log: Kept<String>,
    /// How often anything panicked.
    pub panics: &'static AtomicUsize,
    before: Picture,
    panicked: usize,
    resident: u64,
    measures: bool,
    /// Files with what is wrong about them.
    pub verdicts: Vec<(String, Vec<String>)>,
}

impl Judge {
    /// A judge who has seen how everything stands before the first row. Only one at a time can measure memory.
    ///
    /// # Errors
    /// When the server does not come to rest.
    pub async fn new(
        stage: Stage,
        front: Front,
        back: Back,
        log: Kept<String>,
        panics: &'static AtomicUsize,
        measures: bool,
    ) -> anyhow::Result<Self> {
        stage.settle().await?;
        let before = Picture::take(&stage.running.app)?;
        let traps = Traps::set().await;
        let mut judge = Self {
            stage,
            front,
            back,
            traps,
            log,
            panics,
            before,
            panicked: 0,
            resident: 0,
            measures,
            verdicts: Vec::new(),
        };
        judge.forget();
        Ok(judge)
    }

    /// Everything up to now belongs to no row.
    fn forget(&mut self) {
        drop((self.front.take(), self.back.take(), self.stage.names.take(), self.log.take(), self.traps.take()));
        self.panicked = self.panics.load(Ordering::Relaxed);
        // The peak of memory is measured from here.
        if self.measures {
            let _ = std::fs::write("/proc/self/clear_refs", "5");
        }
        self.resident = memory("VmRSS:").unwrap_or_default();
    }

    /// Judges a row: [`GOOD`], or what is wrong with it.
    pub async fn judge(&mut self, told: &Told) -> String {
        let problems = self.problems(told).await.unwrap_or_else(|error| vec![format!("it can't be judged: {error:#}")]);
        let verdict = if problems.is_empty() { GOOD.to_owned() } else { problems.join("; ") };
        self.verdicts.push((told.file.clone(), problems));
        verdict
    }

    async fn problems(&mut self, told: &Told) -> anyhow::Result<Vec<String>> {
        let grown_kib = memory("VmHWM:").unwrap_or_default().saturating_sub(self.resident);
        let mut exchanges = self.front.take();
        self.stage.settle().await?;
        let after = Picture::take(&self.stage.running.app)?;
        let changes = self.before.changes(&after)?;
        let (own, good) = without_the_good_one(changes, &told.nonce);
        // The last connection is the good request that the runner sends after every row.
        exchanges.pop();
        let facts =
            Facts { stage: &self.stage, nonce: &told.nonce, file: &told.file, changes: own, exchanges, grown_kib };
        let mut problems = Vec::new();
        match rows::effects(&told.file) {
            None => problems.push("no rule is about this row".to_owned()),
            Some(effects) => {
                for effect in effects {
                    problems.extend(effect.problems(&facts));
                    problems.extend(effect.asked(&facts).await?);
                }
                problems.extend(self.of_the_wire(told, effects));
            }
        }
        if good != 1 {
            problems.push(format!("the good request after it was stored {good} times"));
        }
        problems.extend(self.of_every_row(told));
        self.before = if self.put_back(told)? { Picture::take(&self.stage.running.app)? } else { after };
        self.forget();
        Ok(problems)
    }

    /// What was asked of others because of the row.
    fn of_the_wire(&self, told: &Told, effects: &[Effect]) -> Vec<String> {
        let asked = self.back.take();
        let mut problems = Vec::new();
        for (method, host, path) in &told.seen {
            let one = Asked { method: method.clone(), host: host.clone(), path: path.clone() };
            if !asked.contains(&one) {
                problems.push(format!("a peer was reached past the forwarder: {method} {host}{path}"));
            }
        }
        let allowed = effects.iter().find_map(|effect| effect.fetches());
        let fetched: Vec<&Asked> = asked.iter().filter(|one| one.method != "POST").collect();
        let fine = |one: &&&Asked| allowed.is_some_and(|(host, _)| one.host == host);
        problems.extend(
            fetched
                .iter()
                .filter(|one| !fine(one))
                .map(|one| format!("{} {}{} was asked", one.method, one.host, one.path)),
        );
        if fetched.len() > allowed.map_or(0, |(_, most)| most) {
            problems.push(format!("{} fetches", fetched.len()));
        }
        let posted = asked.iter().filter(|one| one.method == "POST");
        let answered = effects.iter().find_map(|effect| effect.answered());
        let astray = posted.filter(|one| {
            let inbox = (one.host.as_str(), one.path.as_str());
            inbox != ("peer.test", "/inbox") && one.path != "/users/alice/inbox" && Some(inbox) != answered
        });
        problems.extend(astray.map(|one| format!("something was delivered to {}{}", one.host, one.path)));
        problems
    }

    /// What holds whatever the row is about.
    fn of_every_row(&self, told: &Told) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(self.stage.names.take().iter().map(|name| format!("the address of {name} was asked for")));
        problems.extend(self.traps.take().iter().map(|port| format!("port {port} of this machine was reached")));
        let panics = self.panics.load(Ordering::Relaxed) - self.panicked;
        if panics > 0 {
            problems.push(format!("{panics} panics"));
        }
        for line in self.log.take() {
            let told_too_much =
                ["mallory", "alice", "SIGNED-TEXT", told.nonce.as_str()].iter().any(|word| line.contains(word));
            if line.len() > LONGEST_LINE || told_too_much || line.trim_end().contains('\n') {
                problems.push(format!("the log says too much: {}", line.chars().take(120).collect::<String>()));
            }
        }
        problems
    }

    /// A later row names the follow by the id it had at first.
    fn put_back(&self, told: &Told) -> anyhow::Result<bool> {
        let followed = rows::effects(&told.file).is_some_and(|effects| effects.contains(&Effect::Followed));
        if followed {
            self.stage.running.app.db.write(|tx| {
                let row = follows::between(tx, self.stage.alice.id, self.stage.calm.id)?;
                row.map_or(Ok(()), |row| follows::set_ap_id(tx, row.id, &self.stage.known_follow))
            })?;
        }
        Ok(followed)
    }
}

/// Takes out what the good request after a row brought, and says how often that was stored: its ids hold 32 hexadecimal
/// digits.
fn without_the_good_one(changes: Vec<Change>, nonce: &str) -> (Vec<Change>, usize) {
    let nonce_of = |id: &str| -> Option<String> {
        let found = id.strip_prefix("https://peer.test/notes/")?;
        let plain = found.len() == 32 && found.bytes().all(|byte| byte.is_ascii_hexdigit());
        (plain && found != nonce).then(|| found.to_owned())
    };
    let goods = changes
        .iter()
        .filter(|change| change.table == "posts" && change.is_new() && change.text("visibility") == "public");
    let goods: Vec<(String, String)> =
        goods.filter_map(|change| Some((nonce_of(change.text("ap_id"))?, change.column("id").to_string()))).collect();
    let (goods, ids): (Vec<String>, Vec<String>) = goods.into_iter().unzip();
    let notes: Vec<String> =
        goods.iter().map(|good| activity_hash(&format!("https://peer.test/acts/{good}"))).collect();
    let is_good = |change: &Change| {
        change.is_new()
            && match change.table.as_str() {
                "posts" => nonce_of(change.text("ap_id")).is_some(),
                "activities" => nonce_of(change.text("object_ap_id")).is_some(),
                // Whom it answers is told.
                "notices" => ids.contains(&change.column("post_id").to_string()),
                "seen_activities" => notes.iter().any(|hash| hash == change.text("id_hash")),
                _ => false,
            }
    };
    let count = goods.len();
    (changes.into_iter().filter(|change| !is_good(change)).collect(), count)
}

/// A figure of this process's memory, in KiB.
#[must_use]
pub fn memory(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find(|line| line.starts_with(name))?.split_whitespace().nth(1)?.parse().ok()
}

/// Reads what the runner's helper has to tell from its environment.
///
/// # Errors
/// When something is missing.
pub fn told(file: &str) -> anyhow::Result<Told> {
    let nonce = std::env::var("HEARTH_CORPUS_NONCE").context("HEARTH_CORPUS_NONCE is missing")?;
    let seen = std::env::var("HEARTH_CORPUS_SEEN").context("HEARTH_CORPUS_SEEN is missing")?;
    Ok(Told {
        file: file.to_owned(),
        nonce,
        seen: serde_json::from_str(&seen).context("HEARTH_CORPUS_SEEN is no list")?,
    })
}
