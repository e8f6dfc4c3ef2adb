//! Reports, in and out: somebody asks those who look after a group to look at something.
//!
//! Must never tell anybody who asked: not the author, not those who look, and not another server unless the person
//! agreed. Must never tell how many asked.

use crate::{
    ActionError, App, Form, Result, account, group, moderation, persona,
    publish::{self, Outgoing},
    server::{Site, site},
    team,
};
use chrono::Duration;
use hearth_activitypub::outbound;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        groups,
        posts::{self, Post},
        reports::{self, Report, ReportedPost},
    },
};
use hearth_domain::{
    audience::{self, Receivers},
    id::{AccountId, ActorId, PostId, ReportId},
    permission,
    report::{self as rules, State},
    text,
};
use url::Url;

/// What a person types to ask somebody to look.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct ReportForm {
    /// What is the matter.
    pub reason: String,
    /// `yes`: they are worried about the person, and somebody should look at once.
    pub worried: String,
    /// The persona that asks.
    pub persona: String,
    /// `yes`: a group elsewhere may be told by which persona; else this server asks.
    pub named: String,
    /// `yes`: the author's own server is asked too.
    pub author_server: String,
}

/// Asks those who look after the group of a post to look at it; of a group elsewhere, its server is asked.
///
/// # Errors
/// `NotFound`, `Gone`, `Invalid`, `Conflict` after too many in an hour.
pub fn file(app: &App, account: AccountId, post: PostId, typed: &ReportForm) -> Result<()> {
    let mut form = Form::default();
    let reason = form.paragraphs("reason", "What is the matter", &typed.reason, 3, text::SUMMARY_MAX);
    let persona = group::read_persona(&mut form, &typed.persona);
    form.finish()?;
    let persona = persona.ok_or(ActionError::NotFound)?;
    app.db.write(|tx| {
        let site = site(tx)?;
        let post = moderation::find(tx, account, post)?;
        if post.deleted_at.is_some() {
            return Err(ActionError::Gone);
        }
        let persona = persona::for_group(tx, account, post.group_id, persona)?;
        let since = (app.clock.now() - Duration::hours(1)).into();
        if reports::count_of_account(tx, account, since)? >= rules::FROM_AN_ACCOUNT {
            return Err(ActionError::Conflict("You’ve asked often in the last hour. Please wait a little."));
        }
        let (group, row) = groups::with_actor(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
        let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
        let state = if group.local { State::Open } else { State::PassedOn };
        let responsible = responsible(tx, &group, &author)?;
        let report = Report {
            id: ReportId::random(&*app.entropy),
            group_id: if group.local { responsible } else { Some(group.id) },
            about_id: author.id,
            reporter_id: persona.id,
            reason,
            worried: typed.worried == "yes",
            state,
            note: String::new(),
            created_at: app.now(),
            resolved_at: None,
        };
        if !store(tx, &report, &[post.id])? {
            return Ok(());
        }
        let public = audience::audience(row.settings(), post.visibility).receivers == Receivers::Followers;
        if public {
            let signer = if typed.named == "yes" { &persona } else { &site.actor };
            let flag = Flagged { post: &post, author: &author, reason: &report.reason };
            pass_on(app, tx, &site, signer, &flag, &group, typed.author_server == "yes")?;
        }
        Ok(())
    })
}

/// What other servers are told about.
struct Flagged<'a> {
    post: &'a Post,
    author: &'a Actor,
    reason: &'a str,
}

/// Asks the server of the group, and the author's too where that is wanted: each once.
fn pass_on(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    signer: &Actor,
    flag: &Flagged<'_>,
    group: &Actor,
    author_server: bool,
) -> Result<()> {
    let mut asked: Vec<&Actor> = Vec::new();
    if !group.local {
        asked.push(group);
    }
    if author_server && !flag.author.local && flag.author.host != group.host {
        asked.push(flag.author);
    }
    if asked.is_empty() {
        return Ok(());
    }
    actors::put_on_network(tx, signer.id, app.now())?;
    for receiver in asked {
        let id = publish::new_activity(app, site);
        let posts = [flag.post.ap_id.url().clone()];
        let (by, to, author) = (signer.ap_id.url(), receiver.ap_id.url(), flag.author.ap_id.url());
        let body = outbound::flag(&id.1, by, to, author, &posts, flag.reason).to_string();
        let object = flag.post.ap_id.as_str();
        Outgoing { id, kind: "Flag", signer, object, body }.send(app, tx, receiver)?;
    }
    Ok(())
}

/// Whose report it is: the group's facilitators', unless it is about one of them. Then it is the keepers'.
fn responsible(connection: &mut DbConn, group: &Actor, author: &Actor) -> Result<Option<ActorId>> {
    let looks_after = permission::may_moderate(team::standing(connection, group, author.ap_id.url())?).is_ok();
    Ok(Some(group.id).filter(|_| group.local && !looks_after))
}

fn store(tx: &mut Tx<'_>, report: &Report, about: &[PostId]) -> Result<bool> {
    if reports::is_known(tx, report, about)? {
        return Ok(false);
    }
    report.insert(tx)?;
    for post in about {
        ReportedPost { report_id: report.id, post_id: *post }.insert(tx)?;
    }
    Ok(true)
}

/// Another server reports something. Taken in silence, whatever becomes of it. `false` when nothing of it is known here,
/// or too much came from there in the last hour.
pub(crate) fn received(
    app: &App,
    tx: &mut Tx<'_>,
    signer: &Actor,
    objects: &[Url],
    reason: Option<&str>,
) -> Result<bool> {
    let since = (app.clock.now() - Duration::hours(1)).into();
    if reports::count_from_host(tx, &signer.host, since)? >= rules::FROM_A_SERVER {
        return Ok(false);
    }
    let mut found: Vec<(Option<ActorId>, ActorId, Vec<PostId>)> = Vec::new();
    let mut people = Vec::new();
    for object in objects.iter().take(rules::MOST_POSTS) {
        if let Some(post) = posts::by_ap_id(tx, object.as_str())?.filter(|post| post.deleted_at.is_none()) {
            let Some((group, author)) = concerns_us(tx, &post)? else { continue };
            match found.iter_mut().find(|(g, a, _)| *g == group && *a == author) {
                Some((.., posts)) => posts.push(post.id),
                None => found.push((group, author, vec![post.id])),
            }
        } else if let Some(actor) = actors::by_ap_id(tx, object.as_str())? {
            people.push(actor);
        }
    }
    if found.is_empty() {
        // About a person as such: the keepers of the server where that person lives.
        let fits =
            |actor: &Actor| actor.local && actor.on_network_since.is_some() && actor.kind != ActorKind::Application;
        found.extend(people.into_iter().filter(fits).take(1).map(|person| (None, person.id, Vec::new())));
    }
    let reason = text::cut(&text::paragraphs(reason.unwrap_or_default()), rules::REASON_MAX);
    for (group_id, about_id, posts) in &found {
        let report = Report {
            id: ReportId::random(&*app.entropy),
            group_id: *group_id,
            about_id: *about_id,
            reporter_id: signer.id,
            reason: reason.clone(),
            worried: false,
            state: State::Open,
            note: String::new(),
            created_at: app.now(),
            resolved_at: None,
        };
        store(tx, &report, posts)?;
    }
    Ok(!found.is_empty())
}

/// Who is to look at a post that another server reports, and who wrote it: only what stands in a group here, or was
/// written here; and nothing that was kept from the network.
fn concerns_us(tx: &mut Tx<'_>, post: &Post) -> Result<Option<(Option<ActorId>, ActorId)>> {
    let (group, row) = groups::with_actor(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    let public = audience::audience(row.settings(), post.visibility).receivers == Receivers::Followers;
    if !public || !(group.local || author.local) {
        return Ok(None);
    }
    Ok(Some((responsible(tx, &group, &author)?, author.id)))
}

/// A report as those who are to look at it read it.
#[derive(Clone)]
pub struct ReadReport {
    /// The report. Who asked is not shown.
    pub report: Report,
    /// Whom it is about.
    pub about: Actor,
    /// What it is about.
    pub posts: Vec<Post>,
    /// The server it came from, when it was another.
    pub from: Option<String>,
}

/// Most reports that are shown together.
const MOST: i64 = 100;

/// Open reports of a group for those who look after it, or (no group) those for keepers. Worries come first.
///
/// # Errors
/// `NotFound`, `Denied`.
pub fn open(app: &App, account: AccountId, group: Option<ActorId>) -> Result<Vec<ReadReport>> {
    list(app, account, group, State::Open)
}

/// The last reports that were resolved.
///
/// # Errors
/// `NotFound`, `Denied`.
pub fn resolved(app: &App, account: AccountId, group: Option<ActorId>) -> Result<Vec<ReadReport>> {
    list(app, account, group, State::Resolved)
}

fn list(app: &App, account: AccountId, group: Option<ActorId>, state: State) -> Result<Vec<ReadReport>> {
    app.db.read(|c| {
        may_read(c, account, group)?;
        let mut list = Vec::new();
        for (report, about) in reports::list(c, group, state, MOST)? {
            let posts = reports::posts_of(c, report.id)?;
            let reporter = actors::by_id(c, report.reporter_id)?.filter(|actor| !actor.local);
            list.push(ReadReport { report, about, posts, from: reporter.map(|actor| actor.host) });
        }
        Ok(list)
    })
}

fn may_read(connection: &mut DbConn, account: AccountId, group: Option<ActorId>) -> Result<()> {
    match group {
        Some(group) => team::looked_after(connection, account, group).map(|_| ()),
        None => account::require_keeper(connection, account).map(|_| ()),
    }
}

/// Says that somebody looked, and what was done.
///
/// # Errors
/// `NotFound`, `Denied`, `Invalid`, `Conflict` when somebody else was quicker.
pub fn resolve(app: &App, account: AccountId, report: ReportId, note: &str) -> Result<Option<ActorId>> {
    let mut form = Form::default();
    let note = form.paragraphs("note", "A word about what was done", note, 3, text::SUMMARY_MAX);
    form.finish()?;
    app.db.write(|tx| {
        let report = reports::by_id(tx, report)?.ok_or(ActionError::NotFound)?;
        match may_read(tx, account, report.group_id) {
            // Who may not look does not learn that there is one.
            Err(ActionError::Denied(_)) => return Err(ActionError::NotFound),
            other => other?,
        }
        if report.state != State::Open {
            return Err(ActionError::Conflict("Somebody has looked at this already."));
        }
        reports::resolve(tx, report.id, &note, app.now())?;
        Ok(report.group_id)
    })
}
