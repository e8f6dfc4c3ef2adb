//! What a row may come to: a closed set of effects, each with a check that can fail.
//!
//! What is new in the database is compared with what the first effect of a row allows; every row that is different in
//! any other way, every request and every name that was asked for fails it.

use super::{
    judge::{Facts, Page},
    meetup,
    picture::Change,
};
use crate::fuzz::html_reading;
use hearth_actions::secret::activity_hash;
use hearth_db::views::{conversation, visible::Reader};
use serde_json::Value;
use std::time::Duration;

/// So many replies stand on the page of a conversation; later ones are looked for elsewhere.
const ON_A_PAGE: i64 = 400;

/// Who is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The member elsewhere.
    Alice,
    /// The stranger.
    Mallory,
}

/// One effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    // The first effect of a row: what may be new.
    /// Nothing at all.
    Nothing,
    /// At most that the activity came by.
    Noted,
    /// One reply by this person in the public conversation, that everybody can read.
    Shown(Who),
    /// The same, or nothing.
    AtMostShown(Who),
    /// At most a conversation that this person begins in the public group, with its words only.
    AtMostBegun(Who),
    /// The member elsewhere follows the public group, once, and is told so.
    Followed,
    /// Who sent it is told, at this server and inbox, that it is not taken, without a reason; nothing else.
    Refused(&'static str, &'static str),
    /// At most a report for those who look after the group.
    Reported,
    /// At most a meetup of the member's in the public group, that makes sense.
    AtMostMeetup,
    /// The person's own server was asked about them again, and what is known is what it says.
    Renewed(Who),
    /// At most that it waits for the keeper to look at, because too much would have to be fetched.
    Parked,

    // What also holds.
    /// At most so many fetches, from this server only.
    Fetched(&'static str, usize),
    /// One answer, after which the connection ends.
    OneAnswer,
    /// The server never asks for the body.
    NotContinued,
    /// Two answers, the second one a refusal.
    SecondRefused,
    /// All answers say that it was taken.
    AllTaken,
    /// The server ended the connection within so many seconds.
    ClosedWithin(u64),
    /// Answered within so many milliseconds; four times as many in a build without optimisation.
    AnsweredWithin(u64),
    /// None of the answers holds this.
    AnswerLacks(&'static str),
    /// The server's memory grew by less than so many MiB at its peak.
    GrewLess(u64),
    /// What is kept of a text has only plain elements and harmless links, and its page forbids all else.
    Inert,
    /// What is kept of a text does not hold this.
    TextLacks(&'static str),
    /// What is kept of a text says this where people can read it.
    TextSays(&'static str),
    /// What is kept of a text has at most so many bytes.
    TextAtMost(usize),
    /// Its time is not later than now.
    NotFromTomorrow,
    /// What the group passes on does not hold this.
    RelayLacks(&'static str),
    /// A hidden thing and one that does not exist are answered alike.
    LikeUnknown,
    /// The pages of meetups load, do not name it, and the calendar file of our own meetup holds one meetup.
    CalendarStands,
}

/// What is known of the person.
fn is_author(facts: &Facts<'_>, who: Who, change: &Change) -> bool {
    let id = match who {
        Who::Alice => facts.stage.alice.id,
        Who::Mallory => facts.stage.mallory.id,
    };
    change.column("author_id").as_i64() == Some(id.get())
}

impl Effect {
    /// Says what is wrong.
    #[must_use]
    pub fn problems(self, facts: &Facts<'_>) -> Vec<String> {
        match self {
            Self::Nothing => facts.changes.iter().map(Change::words).collect(),
            Self::Noted => others(facts, |change| is_note(facts, change)),
            Self::Shown(who) => shown(facts, who, 1),
            Self::AtMostBegun(who) => shown(facts, who, 0),
            Self::AtMostShown(who) => shown(facts, who, 0),
            Self::Followed => followed(facts),
            Self::Refused(host, _) => others(facts, |change| is_note(facts, change) || is_refusal(change, host)),
            Self::Reported => others(facts, |change| is_note(facts, change) || is_report(change)),
            Self::AtMostMeetup => meetup::problems(facts),
            Self::Renewed(who) => others(facts, |change| is_note(facts, change) || is_renewal(facts, who, change)),
            Self::Parked => others(facts, |change| is_note(facts, change) || is_parked(change)),
            Self::Fetched(..) => Vec::new(),
            Self::OneAnswer => {
                let good = |one: &super::wire::Exchange| one.statuses().len() == 1 && one.closed;
                if facts.exchanges.iter().all(good) { vec![] } else { vec!["not one answer and the end".into()] }
            }
            Self::NotContinued => {
                refuse(facts.exchanges.iter().any(|one| one.statuses().contains(&100)), "it was asked to go on")
            }
            Self::SecondRefused => {
                let second = facts.exchanges.first().and_then(|one| one.statuses().get(1).copied());
                // A first answer that ends the connection leaves the second unread.
                let refused = second.is_none_or(|status| (400..500).contains(&status));
                refuse(!refused, "the second request was not refused")
            }
            Self::AllTaken => {
                let taken = |one: &super::wire::Exchange| matches!(one.statuses().as_slice(), [200 | 202]);
                refuse(!facts.exchanges.iter().all(taken), "not every copy was answered as taken")
            }
            Self::ClosedWithin(seconds) => {
                let open = |one: &super::wire::Exchange| !one.closed || one.took() > Duration::from_secs(seconds);
                refuse(facts.exchanges.iter().any(open), "it was held open")
            }
            Self::AnsweredWithin(limit) => {
                let limit = if cfg!(debug_assertions) { limit * 4 } else { limit };
                let slow = facts.exchanges.iter().map(super::wire::Exchange::took).max().unwrap_or_default();
                refuse(slow > Duration::from_millis(limit), &format!("it took {} ms", slow.as_millis()))
            }
            Self::AnswerLacks(needle) => {
                let holds = |one: &super::wire::Exchange| String::from_utf8_lossy(&one.answer).contains(needle);
                refuse(facts.exchanges.iter().any(holds), &format!("an answer holds {needle}"))
            }
            Self::GrewLess(mib) => {
                refuse(facts.grown_kib >= mib * 1_024, &format!("it grew by {} KiB", facts.grown_kib))
            }
            Self::Inert => texts(facts).iter().filter_map(|html| html_reading::check(html, false).err()).collect(),
            Self::TextLacks(needle) => {
                refuse(texts(facts).iter().any(|html| html.contains(needle)), &format!("the text holds {needle:?}"))
            }
            Self::TextSays(needle) => {
                let says = |html: &&str| between_elements(html).contains(needle);
                refuse(!texts(facts).iter().all(says), &format!("people cannot read {needle:?}"))
            }
            Self::TextAtMost(bytes) => {
                refuse(texts(facts).iter().any(|html| html.len() > bytes), "the text is too long")
            }
            Self::NotFromTomorrow => {
                let now = facts.stage.running.app.clock.now().format("%Y-%m-%dT%H:%M:%S").to_string();
                let to_the_second = |post: &Change| post.text("published_at").chars().take(19).collect::<String>();
                let late = |post: &Change| to_the_second(post).replace(' ', "T") > now;
                refuse(facts.posts().any(late), "its time is not here yet")
            }
            Self::RelayLacks(needle) => {
                let relays = facts.changes.iter().filter(|change| change.table == "activities");
                refuse(
                    relays.into_iter().any(|change| change.text("body").contains(needle)),
                    &format!("passed on with {needle}"),
                )
            }
            Self::LikeUnknown | Self::CalendarStands => Vec::new(),
        }
    }

    /// As [`Effect::problems`], for what has to be asked for.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn asked(self, facts: &Facts<'_>) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Shown(_) | Self::AtMostShown(_) | Self::AtMostBegun(_) => on_the_pages(facts).await,
            Self::Inert => {
                let page = facts.page(&super::stage::path(facts.stage.root.ap_id.as_str())).await?;
                let strict = page.policy.contains("script-src 'self'") && !page.policy.contains("unsafe");
                Ok(refuse(!strict, "the page's policy is not strict"))
            }
            Self::LikeUnknown => like_unknown(facts).await,
            Self::CalendarStands => calendar(facts).await,
            Self::AtMostMeetup => meetup::asked(facts).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The inbox, with its server, to which something may be sent because of it.
    #[must_use]
    pub const fn answered(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Refused(host, inbox) => Some((host, inbox)),
            _ => None,
        }
    }

    /// The fetches this effect allows: from which server, and how many.
    #[must_use]
    pub const fn fetches(self) -> Option<(&'static str, usize)> {
        match self {
            Self::Fetched(host, most) => Some((host, most)),
            Self::Renewed(Who::Alice) => Some(("peer.test", 1)),
            Self::Renewed(Who::Mallory) => Some(("evil.test", 1)),
            _ => None,
        }
    }
}

fn refuse(wrong: bool, why: &str) -> Vec<String> {
    if wrong { vec![why.to_owned()] } else { Vec::new() }
}

/// What is different beyond what is allowed.
fn others(facts: &Facts<'_>, allowed: impl Fn(&Change) -> bool) -> Vec<String> {
    facts.changes.iter().filter(|change| !allowed(change)).map(Change::words).collect()
}

/// The note that an activity came by: its own.
fn is_note(facts: &Facts<'_>, change: &Change) -> bool {
    let ids = ["peer.test", "evil.test", "victim.test", "blocked.test"];
    let own = |host: &&str| change.text("id_hash") == activity_hash(&format!("https://{host}/acts/{}", facts.nonce));
    change.table == "seen_activities" && change.is_new() && (ids.iter().any(own) || facts.nonce_is_free())
}

fn is_renewal(facts: &Facts<'_>, who: Who, change: &Change) -> bool {
    let known = match who {
        Who::Alice => &facts.stage.alice,
        Who::Mallory => &facts.stage.mallory,
    };
    change.table == "actors"
        && change.text("ap_id") == known.ap_id.as_str()
        && change.after.is_some()
        && !change.is_new()
        && change.columns().iter().all(|column| ["fetched_at", "updated_at"].contains(column))
}

fn is_parked(change: &Change) -> bool {
    change.table == "incoming" && change.is_new() && change.text("state") == "parked"
}

/// A Reject to this server: it names what was asked, and holds nothing else.
fn is_refusal(change: &Change, host: &str) -> bool {
    change.is_new()
        && match change.table.as_str() {
            "activities" => change.text("kind") == "Reject",
            "deliveries" => change.text("host") == host,
            _ => false,
        }
}

fn is_report(change: &Change) -> bool {
    change.is_new() && ["reports", "report_posts", "notices"].contains(&change.table.as_str())
}

/// What belongs to a reply of this person in the public conversation.
fn is_part_of_reply(facts: &Facts<'_>, who: Who, change: &Change) -> bool {
    let post = facts.posts().next();
    let about = |column: &str| post.is_some_and(|post| post.text("ap_id") == change.text(column));
    change.is_new()
        && match change.table.as_str() {
            "posts" => is_good_reply(facts, who, change),
            "activities" => {
                about("object_ap_id")
                    && change.text("kind") == "Announce"
                    && change.column("actor_id").as_i64() == Some(facts.stage.calm.id.get())
            }
            // Only the one who follows gets it, and never what came from there.
            "deliveries" => {
                about("object_ap_id") && who == Who::Mallory && change.text("inbox") == "https://peer.test/inbox"
            }
            // Whom it answers is told.
            "notices" => post.is_some_and(|post| post.column("id") == change.column("post_id")),
            // A link to a picture elsewhere, and not many: nothing of it is here.
            "images" => {
                post.is_some_and(|post| post.column("id") == change.column("belongs_to"))
                    && change.text("url").starts_with("https://")
                    && change.text("bytes").is_empty()
                    && change
                        .column("position")
                        .as_u64()
                        .is_some_and(|position| position < hearth_domain::image::MOST as u64)
            }
            "seen_activities" => true,
            _ => false,
        }
}

fn is_good_reply(facts: &Facts<'_>, who: Who, change: &Change) -> bool {
    let stage = facts.stage;
    let named = change.text("ap_id");
    is_author(facts, who, change)
        && (named.contains(facts.nonce) || named.contains("NONCE"))
        && change.column("group_id").as_i64() == Some(stage.calm.id.get())
        && change.column("root_id").as_i64() == (!facts.begins()).then_some(stage.root.id.get())
        && change.text("visibility") == "public"
        && change.column("deleted_at").is_null()
}

fn shown(facts: &Facts<'_>, who: Who, least: usize) -> Vec<String> {
    let mut problems = others(facts, |change| is_part_of_reply(facts, who, change));
    let count = |table: &str| facts.changes.iter().filter(|change| change.table == table).count();
    if count("posts") > 1 || count("posts") < least || count("seen_activities") > 1 {
        problems.push(format!("{} posts and {} activities were taken", count("posts"), count("seen_activities")));
    }
    if count("posts") == 0 && (count("activities") + count("deliveries")) > 0 {
        problems.push("something was passed on that is not here".into());
    }
    problems
}

fn followed(facts: &Facts<'_>) -> Vec<String> {
    let stage = facts.stage;
    let mut problems = others(facts, |change| match change.table.as_str() {
        "follows" => change.columns() == ["ap_id"] && change.text("ap_id").contains(facts.nonce),
        "activities" => {
            change.is_new()
                && change.text("kind") == "Accept"
                && change.column("actor_id").as_i64() == Some(stage.calm.id.get())
        }
        "deliveries" => change.is_new() && change.text("host") == "peer.test" && change.text("state") == "done",
        _ => is_note(facts, change),
    });
    for table in ["follows", "activities", "deliveries"] {
        let count = facts.changes.iter().filter(|change| change.table == table).count();
        if count != 1 {
            problems.push(format!("{count} rows of {table}, not one"));
        }
    }
    problems
}

/// The texts that were kept.
fn texts<'a>(facts: &'a Facts<'_>) -> Vec<&'a str> {
    facts.posts().map(|post| post.text("content_html")).collect()
}

/// What people read of a piece of HTML.
fn between_elements(html: &str) -> String {
    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

/// What was kept is on the page of its conversation and in the JSON interface, for who is not signed in.
async fn on_the_pages(facts: &Facts<'_>) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for post in facts.posts() {
        let id = facts.word_of(post);
        let json = facts.page(&format!("/api/v1/posts/{id}")).await?;
        let body: Value = serde_json::from_str(&json.body).unwrap_or_default();
        let said = serde_json::to_string(post.text("content_html"))?;
        if json.status != 200 || !body.to_string().contains(&said) {
            problems.push(format!("the JSON interface answers {} for it", json.status));
        }
        let page = if facts.begins() {
            facts.page(&format!("/p/{id}")).await?
        } else {
            facts.page(&super::stage::path(facts.stage.root.ap_id.as_str())).await?
        };
        let is_there = page.body.contains(post.text("content_html"))
            && (facts.begins() || page.body.contains(&format!("id=\"n-{id}\"")));
        if page.status != 200 || !(is_there || (!facts.begins() && is_full(facts)?)) {
            problems.push(format!("it is not on the page of its conversation ({})", page.status));
        }
    }
    Ok(problems)
}

/// Whether the public conversation has more replies than its page shows.
fn is_full(facts: &Facts<'_>) -> anyhow::Result<bool> {
    let (app, root) = (&facts.stage.running.app, facts.stage.root.id);
    let said = app.db.read(|c| conversation::replies(c, &Reader::anybody(), root, ON_A_PAGE + 1))?;
    Ok(i64::try_from(said.len())? > ON_A_PAGE)
}

async fn like_unknown(facts: &Facts<'_>) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for hidden in [facts.stage.hidden_root.ap_id.as_str(), facts.stage.hidden_meetup.ap_id.as_str()] {
        let path = super::stage::path(hidden);
        let unknown = format!(
            "{}/{}",
            path.rsplit_once('/').map_or("", |(kind, _)| kind),
            hearth_domain::id::PostId::random(&*facts.stage.running.app.entropy)
        );
        for accept in [crate::network::ACTIVITY_JSON, "text/html"] {
            let (one, other) = (facts.get(&path, accept).await?, facts.get(&unknown, accept).await?);
            let plain = |page: &Page, path: &str| {
                (page.status, page.body.replace(path, "").replace(path.rsplit('/').next().unwrap_or_default(), ""))
            };
            if plain(&one, &path) != plain(&other, &unknown) || one.status == 200 {
                problems.push(format!("{path} is told from what does not exist as {accept}"));
            }
        }
    }
    Ok(problems)
}

async fn calendar(facts: &Facts<'_>) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    let event = super::stage::path(facts.stage.meetup.ap_id.as_str());
    for path in ["/meetups".to_owned(), format!("/g/{}/meetups", facts.stage.calm.name), event.clone()] {
        let page = facts.page(&path).await?;
        if page.status != 200 || page.body.contains(facts.nonce) {
            problems.push(format!("{path} answers {} or names it", page.status));
        }
    }
    let file = facts.page(&format!("{event}.ics")).await?;
    let count = |needle: &str| file.body.matches(needle).count();
    if file.status != 200 || count("BEGIN:VEVENT") != 1 || count("VALARM") + count("ATTENDEE") > 0 {
        problems.push(format!("the calendar file is odd ({})", file.status));
    }
    Ok(problems)
}
