//! What people read: the pages of one busy group, with 500 members, as its conversations grow.
//!
//! A page is asked for by one reader at a time, so that what is measured is what the server does and not how the readers
//! queue; beside it stands the answer that costs the server nothing, `/healthz`.

use super::{
    Options,
    report::{Report, Target},
};
use crate::{
    keys,
    rig::town::{self, Followers, Town},
};
use anyhow::{Context, bail};
use chrono::Duration;
use hearth_actions::{App, session};
use hearth_db::{
    Tx,
    tables::{actors::Actor, memberships::Membership, posts::Post},
};
use hearth_domain::{
    audience::Visibility,
    id::PostId,
    membership::{Role, State},
};
use std::time::Instant;
use url::Url;

/// 95 of 100 pages come within this, in milliseconds.
const WITHIN: f64 = 50.0;
/// How much longer a page may take when the group is the largest.
const SLOWER: f64 = 1.2;
/// Members of the group.
const MEMBERS: usize = 500;
/// Posts in one conversation: the question and what is answered.
const CONVERSATION: usize = 10;
/// Replies in the conversation that is read.
const REPLIES: usize = 50;
/// So many rows are put in together.
const TOGETHER: usize = 20_000;

/// Fills the group step by step, and reads its pages at each size.
pub(super) fn pages(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let largest = options.size(&options.rows, 1_000_000, 60);
    let sizes = if options.quick { [20, 40, largest] } else { [1_000, 50_000, largest] };
    let times = if options.quick { 3 } else { 200 };
    let mut town = Town::new(&options.setting(), Followers::good(1, 0), &[])?;
    let members = members(&town)?;
    let (app, group) = (town.app.clone(), town.group.clone());
    let filler = Filler { app: &app, group: &group, members: &members };
    let read = filler.conversation_to_read(&town.welcome)?;
    let cookie = session::open(&town.app, town.keeper, "The load program")?;
    let pages = [
        ("group page", format!("/g/{}", town.group.name)),
        ("conversation of 50", read),
        ("first page", "/".to_owned()),
    ];
    let mut first = Vec::new();
    let mut there = 0;
    for size in sizes {
        filler.grow(there, size)?;
        there = size;
        let section = format!("pages, {size} posts");
        town.start(Default::default())?;
        let address = town.address()?;
        let ask = |path: &str, cookie: Option<&str>| read_page(address, path, cookie, times);
        report.figure(&section, "/healthz, 95 %", ask("/healthz", None)?.within(0.95), "ms");
        let mut middles = Vec::new();
        for (name, path) in &pages {
            for (reader, cookie) in [("visitor", None), ("member", Some(cookie.as_str()))] {
                let answers = ask(path, cookie)?;
                let figure = format!("{name}, {reader}: 95 %");
                report.judge(&section, &figure, answers.within(0.95), "ms", Target::Most(WITHIN));
                middles.push((format!("{name}, {reader}: middle over that of the smallest"), answers.within(0.5)));
            }
        }
        town.stop();
        if first.is_empty() {
            first = middles;
            continue;
        }
        for ((figure, now), (_, before)) in middles.into_iter().zip(&first) {
            report.judge(&section, &figure, now / before, "", Target::Most(SLOWER));
        }
    }
    Ok(())
}

/// How long answers took, sorted, in milliseconds.
pub(super) struct Answers(Vec<f64>);

impl Answers {
    pub(super) fn within(&self, share: f64) -> f64 {
        let at = ((self.0.len() as f64 * share).ceil() as usize).clamp(1, self.0.len());
        self.0[at - 1]
    }
}

/// Asks for a page so often, as one reader after the other.
pub(super) fn read_page(
    address: std::net::SocketAddr,
    path: &str,
    cookie: Option<&str>,
    times: usize,
) -> anyhow::Result<Answers> {
    #[expect(clippy::disallowed_methods, reason = "the load program is a browser, not a part of Hearth")]
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut took = Vec::new();
        // The first ones fill caches and open the connection.
        for number in 0..times + 5 {
            let mut request = client.get(format!("http://{address}{path}")).header("Host", town::HOST);
            if let Some(cookie) = cookie {
                request = request.header("Cookie", format!("hearth={cookie}; __Host-hearth={cookie}"));
            }
            let began = Instant::now();
            let answer = request.send().await?;
            let status = answer.status();
            answer.bytes().await?;
            if status != 200 {
                bail!("{path} answers {status}");
            }
            if number >= 5 {
                took.push(began.elapsed().as_secs_f64() * 1_000.0);
            }
        }
        took.sort_by(f64::total_cmp);
        Ok(Answers(took))
    })
}

fn members(town: &Town) -> anyhow::Result<Vec<Actor>> {
    let pem = &keys::SHARED.public_pem;
    Ok(town.app.db.write(|tx| {
        (0..MEMBERS)
            .map(|number| {
                let id = format!("https://f0.test/u/member{number}").parse::<Url>().expect("an address");
                let actor = town::person(&town.app, tx, &id, pem)?;
                let (role, state, since) = (Role::Member, State::Active, town.app.now());
                Membership { group_id: town.group.id, actor_id: actor.id, role, state, since }.insert(tx)?;
                Ok(actor)
            })
            .collect::<hearth_db::Result<Vec<Actor>>>()
    })?)
}

/// Puts conversations in as they would be after some months.
struct Filler<'a> {
    app: &'a App,
    group: &'a Actor,
    members: &'a [Actor],
}

impl Filler<'_> {
    /// Adds posts until there are so many.
    fn grow(&self, there: usize, size: usize) -> anyhow::Result<()> {
        for from in (there..size).step_by(TOGETHER) {
            let to = (from + TOGETHER).min(size);
            self.app.db.write(|tx| {
                (from..to).step_by(CONVERSATION).try_for_each(|number| {
                    let root = self.post(number, None);
                    root.insert(tx)?;
                    (1..CONVERSATION).try_for_each(|reply| self.post(number + reply, Some(&root)).insert(tx))
                })
            })?;
        }
        Ok(())
    }

    /// A conversation with many answers; where its page is.
    fn conversation_to_read(&self, root: &Post) -> anyhow::Result<String> {
        self.app
            .db
            .write(|tx: &mut Tx<'_>| (0..REPLIES).try_for_each(|number| self.post(number, Some(root)).insert(tx)))?;
        let path = root.ap_id.url().path().to_owned();
        Some(path).filter(|path| path.starts_with("/p/")).context("the welcome is a post")
    }

    fn post(&self, number: usize, root: Option<&Post>) -> Post {
        let id = PostId::random(&*self.app.entropy);
        let author = &self.members[number % self.members.len()];
        // Twenty conversations a day.
        let minutes = i64::try_from(number / CONVERSATION).unwrap_or_default() * 72;
        let at = (self.app.clock.now() - Duration::minutes(minutes)).into();
        let ap_id = format!("https://{}/old/{id}", author.host);
        Post {
            id,
            ap_id: ap_id.parse().expect("an id"),
            local: false,
            group_id: self.group.id,
            author_id: author.id,
            root_id: root.map(|root| root.id),
            parent_id: root.map(|root| root.id),
            event_id: None,
            title: root.is_none().then(|| format!("A question, number {number}")),
            source: String::new(),
            content_html: "<p>Thank you. I will be there on Tuesday and bring <em>scones</em>.</p>".repeat(3),
            content_note: None,
            visibility: Visibility::Public,
            url: ap_id,
            published_at: at,
            edited_at: None,
            deleted_at: None,
            created_at: at,
        }
    }
}
