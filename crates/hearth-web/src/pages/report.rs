//! `/p/{id}/report`: asking somebody to look; and the pages of those who look.
//!
//! Must never show who asked.

use super::{cards, held, pictures, thread};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        moderation::{KeeperReportsPage, ReportCard, ReportPage, ReportValues},
        parts::Choice,
        shell::Nav,
    },
    words::When,
};
use hearth_actions::{
    ActionError, markdown, queue,
    report::{self, ReadReport, ReportForm},
    seal,
};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        images, memberships,
        posts::Post,
    },
};
use hearth_domain::{
    id::{ActorId, PostId},
    image::ImageState,
    membership::Standing,
    permission,
    report::Kind,
};

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
            // Whoever wrote without a name is "someone".
            author: if seal::stands_for_others(&author) { String::new() } else { author.display_name.clone() },
            group_name: found.group.display_name.clone(),
            group_host: cards::from(&found.group),
            author_host: Some(author.host.clone()).filter(|_| elsewhere),
            kinds: kinds(),
            when: held::likely_time(c, found.group.id)?,
            for_keepers: found.group.local && looks_after(c, &found.group, &author)?,
            lines: visit.lines.clone(),
            personas: cards::personas(visit, c, Some(found.group.id), sent.get("as"))?,
            values: ReportValues {
                reason: sent.text("reason"),
                kind: sent.text("kind"),
                named: sent.get("named") == "yes",
                author_server: sent.get("author_server") == "yes",
            },
            errors: flaws.errors.clone(),
        })
    })
}

/// What a report can be about.
fn kinds() -> Vec<Choice> {
    let choice = |kind: &Kind| Choice {
        value: kind.as_str().to_owned(),
        words: kind_words(*kind).to_owned(),
        hint: match kind {
            Kind::Worried => "All who look after the group are told at once, and it is looked at first.",
            _ => "",
        }
        .to_owned(),
    };
    Kind::ALL.iter().map(choice).collect()
}

/// What a report is about, in words.
const fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Worried => "I’m worried about somebody",
        Kind::Unkind => "It is unkind, or presses somebody",
        Kind::Harmful => "It could harm whoever reads it",
        Kind::Private => "It tells something private",
        Kind::Spam => "It sells something, or doesn’t belong here",
        Kind::Other => "Something else",
    }
}

/// Whether whoever wrote it looks after the group: then it is for the keepers.
fn looks_after(connection: &mut DbConn, group: &Actor, author: &Actor) -> Result<bool, Failure> {
    let row = memberships::get(connection, group.id, author.id)?;
    let standing = row.map_or(Standing::Stranger, |row| Standing::of(row.role, row.state));
    Ok(permission::may_moderate(standing).is_ok())
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
            kind: sent.text("kind"),
            worried: sent.text("worried"),
            persona: sent.text("as"),
            named: sent.text("named"),
            author_server: sent.text("author_server"),
        };
        report::file(&visit.state.app, visit.account()?, id, &typed)?;
        if sent.get("kind") == Kind::Worried.as_str() || sent.get("worried") == "yes" {
            // Where the helplines are.
            return Ok(Answer::see("/help?said=worried"));
        }
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
pub(crate) fn read(visit: &Visit, reports: Vec<ReadReport>) -> Result<Vec<ReportCard>, Failure> {
    let shown = |post: &Post| {
        let words = match (&post.title, post.deleted_at) {
            (_, Some(_)) => "it is removed".to_owned(),
            (Some(title), None) => title.clone(),
            (None, None) => cards::shorten(&markdown::plain(&post.content_html), 60),
        };
        let below = visit.read(|c| Ok(images::of(c, ImageState::Shown, post.id.get())?))?;
        let html = pictures::below(&post.content_html, &below)?;
        Ok((post.content_note.clone().unwrap_or(words), html, format!("{}/care", href(post))))
    };
    reports
        .into_iter()
        .map(|one| {
            Ok(ReportCard {
                id: one.report.id.to_string(),
                worried: one.report.worried,
                when: When::written(one.report.created_at.utc(), visit.zone(), visit.now).words,
                about: cards::person(visit, &one.about),
                from: one.from,
                posts: one.posts.iter().map(shown).collect::<Result<_, Failure>>()?,
                reason: one.report.reason,
                note: one.report.note,
                kind: kind_words(one.report.kind),
                taken: match (one.mine, &one.taken_by, one.report.taken_by) {
                    (true, ..) => "You have this.".to_owned(),
                    (false, Some(actor), _) => format!("{} has this.", actor.display_name),
                    (false, None, Some(_)) => "A keeper has this.".to_owned(),
                    (false, None, None) => String::new(),
                },
                mine: one.mine,
                kept_back: one.kept_back > 0,
            })
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
                reports: read(visit, report::open(app, account, None)?)?,
                resolved: read(visit, report::resolved(app, account, None)?)?,
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
        let app = &visit.state.app;
        let (of, said): (Option<ActorId>, _) = match sent.get("do") {
            "take" => (queue::take(app, account, id.parse()?)?, "taken"),
            "give_back" => (queue::give_back(app, account, id.parse()?)?, "given-back"),
            _ => (report::resolve(app, account, id.parse()?, sent.get("note"))?, "looked"),
        };
        let place = match of {
            Some(_) if back != "/admin/reports" => back.clone(),
            _ => "/admin/reports".to_owned(),
        };
        Ok(Answer::see(&format!("{place}?said={said}")))
    };
    submit(visit, sent, Button { page, act }).await
}

/// Reports of a group, for who looks after it.
pub(crate) fn of_group(visit: &Visit, group: ActorId) -> Result<(Vec<ReportCard>, Vec<ReportCard>), Failure> {
    let (app, account) = (&visit.state.app, visit.account()?);
    let open = report::open(app, account, Some(group))?;
    let done = report::resolved(app, account, Some(group))?;
    Ok((read(visit, open)?, read(visit, done)?))
}
