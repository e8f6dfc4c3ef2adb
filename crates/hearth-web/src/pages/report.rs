//! `/p/{id}/report`: asking somebody to look; and the pages of those who look.
//!
//! Must never show who asked.

use super::{cards, thread};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        moderation::{KeeperReportsPage, ReportCard, ReportPage, ReportValues},
        shell::Nav,
    },
    words::When,
};
use hearth_actions::{
    ActionError, markdown,
    report::{self, ReadReport, ReportForm},
};
use hearth_db::tables::{actors, posts::Post};
use hearth_domain::id::{ActorId, PostId};

pub(crate) async fn ask(visit: Visit) -> Answer {
    let id = visit.part("id").to_owned();
    visit.show(move |visit| Ask { id }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Ask { id }).await
}

struct Ask {
    id: String,
}

/// The form, for a post that is there.
pub(crate) fn form(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    let flaws = flaws.named(&[("persona", "as")]);
    let id: PostId = id.parse()?;
    visit.read(|c| {
        let found = thread::find(visit, c, id)?;
        if found.post.deleted_at.is_some() {
            return Err(ActionError::Gone.into());
        }
        let author = actors::by_id(c, found.post.author_id)?.ok_or_else(nothing)?;
        let elsewhere = !author.local && author.host != found.group.host;
        visit.page(&ReportPage {
            shell: visit.shell_again("Ask somebody to look", Nav::Groups, flaws.any(), flaws.notice.clone()),
            action: format!("{}/report", href(&found.post)),
            back: thread::place_of(&found.post).unwrap_or_default(),
            author: author.display_name.clone(),
            group_name: found.group.display_name.clone(),
            group_host: cards::from(&found.group),
            author_host: Some(author.host).filter(|_| elsewhere),
            personas: cards::personas(visit, c, Some(found.group.id), sent.get("as"))?,
            values: ReportValues {
                reason: sent.text("reason"),
                worried: sent.get("worried") == "yes",
                named: sent.get("named") == "yes",
                author_server: sent.get("author_server") == "yes",
            },
            errors: flaws.errors.clone(),
        })
    })
}

/// Where the forms of a post or reply post below.
pub(crate) fn href(post: &Post) -> String {
    format!("/{}/{}", if post.is_root() { "p" } else { "n" }, post.id)
}

impl Form for Ask {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        form(visit, &self.id, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let id: PostId = self.id.parse()?;
        let typed = ReportForm {
            reason: sent.text("reason"),
            worried: sent.text("worried"),
            persona: sent.text("as"),
            named: sent.text("named"),
            author_server: sent.text("author_server"),
        };
        report::file(&visit.state.app, visit.account()?, id, &typed)?;
        let post = visit.read(|c| thread::find(visit, c, id))?.post;
        said(&post, "reported")
    }
}

/// Back to the place of a post, with a word about what happened.
pub(crate) fn said(post: &Post, what: &str) -> Shown {
    let place = thread::place_of(post).ok_or_else(nothing)?;
    let (path, anchor) =
        place.split_once('#').map_or((place.as_str(), String::new()), |(path, id)| (path, format!("#{id}")));
    Ok(Answer::see(&format!("{path}?said={what}{anchor}")))
}

/// Reports as they are shown.
pub(crate) fn read(visit: &Visit, reports: Vec<ReadReport>) -> Vec<ReportCard> {
    let shown = |post: &Post| {
        let words = match (&post.title, post.deleted_at) {
            (_, Some(_)) => "it is removed".to_owned(),
            (Some(title), None) => title.clone(),
            (None, None) => cards::shorten(&markdown::plain(&post.content_html), 60),
        };
        (
            post.content_note.clone().unwrap_or(words),
            SafeHtml(post.content_html.clone()),
            format!("{}/care", href(post)),
        )
    };
    reports
        .into_iter()
        .map(|one| ReportCard {
            id: one.report.id.to_string(),
            worried: one.report.worried,
            when: When::written(one.report.created_at.utc(), visit.zone(), visit.now).words,
            about: cards::person(visit, &one.about),
            from: one.from,
            posts: one.posts.iter().map(shown).collect(),
            reason: one.report.reason,
            note: one.report.note,
        })
        .collect()
}

/// `/admin/reports`
pub(crate) async fn keepers(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let (app, account) = (&visit.state.app, visit.account()?);
            visit.page(&KeeperReportsPage {
                shell: visit.shell("Reports", Nav::Elsewhere),
                reports: read(visit, report::open(app, account, None)?),
                resolved: read(visit, report::resolved(app, account, None)?),
            })
        })
        .await
}

/// `/admin/reports/{id}` and `/g/{name}/reports/{id}`: somebody looked.
pub(crate) async fn resolve(visit: Visit, sent: Sent) -> Answer {
    let (id, name) = (visit.part("id").to_owned(), visit.part("name").to_owned());
    let page = if name.is_empty() { "/admin/reports".to_owned() } else { format!("/g/{name}/care") };
    let back = page.clone();
    let act = move |visit: &Visit, sent: &Sent| {
        let account = visit.account()?;
        let of: Option<ActorId> = report::resolve(&visit.state.app, account, id.parse()?, sent.get("note"))?;
        let place = match of {
            Some(_) => back.clone(),
            None => "/admin/reports".to_owned(),
        };
        Ok(Answer::see(&format!("{place}?said=looked")))
    };
    submit(visit, sent, Button { page, act }).await
}

/// Reports of a group, for who looks after it.
pub(crate) fn of_group(visit: &Visit, group: ActorId) -> Result<(Vec<ReportCard>, Vec<ReportCard>), Failure> {
    let (app, account) = (&visit.state.app, visit.account()?);
    let open = report::open(app, account, Some(group))?;
    let done = report::resolved(app, account, Some(group))?;
    Ok((read(visit, open), read(visit, done)))
}
