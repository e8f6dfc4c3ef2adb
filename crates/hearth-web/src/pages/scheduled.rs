//! `/planned`: what the reader wrote to be published later, everywhere and in one group; changing it, publishing it now,
//! taking it back.
//!
//! Must never show one to anybody but its author.

use super::{
    cards, held,
    pictures::{self, Before},
    post,
};
use crate::{
    answer::Answer,
    error::{Failure, denied_words, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    upload::Upload,
    viewer::{Shown, Visit},
    views::{
        scheduled::{PlannedPage, PlannedPost},
        shell::Nav,
        thread::{Later, PostForm as Kind, PostValues},
    },
    words::{meeting_words, zone_words},
};
use chrono_tz::Tz;
use hearth_actions::{
    ActionError,
    post::PostForm,
    scheduled_post::{self as actions, ReadScheduled, ScheduleForm},
};
use hearth_db::tables::actors::Actor;
use hearth_domain::{id::ScheduledPostId, permission, scheduled_post::KEPT_DAYS};

/// The fields of a form that say when.
pub(crate) fn later(visit: &Visit, group: &Actor, sent: &Sent) -> Later {
    Later {
        date: sent.text("date"),
        time: sent.text("time"),
        zone: zone_words(visit.zone()),
        group: cards::spec(group),
    }
}

/// Plans what was typed into the form of a new post.
pub(crate) fn plan(visit: &Visit, group: &Actor, sent: &Sent, post: PostForm) -> Shown {
    let typed = ScheduleForm { post, date: sent.text("date"), time: sent.text("time") };
    actions::plan(&visit.state.app, visit.account()?, group.id, &typed)?;
    Ok(Answer::see(&format!("{}/planned?said=planned", cards::group_href(group))))
}

pub(crate) async fn everywhere(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, None)).await
}

pub(crate) async fn in_group(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.me()?;
            let (actor, row) = visit.read(|c| cards::find_group(visit, c, visit.part("name")))?;
            let may = permission::may_post(row.settings(), visit.reader.standing(actor.id)).is_ok();
            page(visit, Some((actor, may)))
        })
        .await
}

fn page(visit: &Visit, group: Option<(Actor, bool)>) -> Shown {
    let id = group.as_ref().map(|(actor, _)| actor.id);
    let all = actions::list(&visit.state.app, visit.account()?, id)?;
    let (returned, planned): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.post.returned.is_some());
    let shown =
        |list: Vec<ReadScheduled>| list.into_iter().map(|one| card(visit, one)).collect::<Result<Vec<_>, Failure>>();
    let href = group.as_ref().map(|(actor, _)| cards::group_href(actor));
    let may = group.as_ref().is_some_and(|(_, may)| *may);
    visit.page(&PlannedPage {
        shell: visit.shell("What you planned", if group.is_some() { Nav::Groups } else { Nav::Elsewhere }),
        new_href: href.as_ref().filter(|_| may).map(|href| format!("{href}/new")),
        group: href.zip(group.map(|(actor, _)| actor.display_name)),
        zone: zone_words(visit.zone()),
        kept_days: KEPT_DAYS,
        returned: shown(returned)?,
        planned: shown(planned)?,
    })
}

fn card(visit: &Visit, one: ReadScheduled) -> Result<PlannedPost, Failure> {
    let post = one.post;
    let zone = post.zone.parse().unwrap_or(Tz::UTC);
    Ok(PlannedPost {
        href: format!("/planned/{}", post.id),
        id: post.id.to_string(),
        when: meeting_words(post.publish_at.utc(), None, zone, visit.now),
        group: one.group.map(|group| (cards::group_href(&group), group.display_name)),
        speaks_as: if post.unnamed {
            "Without your name".to_owned()
        } else {
            format!("As {}", one.author.display_name)
        },
        title: post.title,
        content_note: post.content_note,
        html: pictures::below(&one.html, &one.pictures)?,
        why: post.returned.map_or("", |why| why.sentence()),
    })
}

pub(crate) async fn edit(visit: Visit) -> Answer {
    visit.show(|visit| form_of(visit, visit.part("id"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_edit(visit: Visit, upload: Upload) -> Answer {
    let sent = upload.read(&visit).await;
    let id = visit.part("id").to_owned();
    submit(visit, sent, Edit { id }).await
}

struct Edit {
    id: String,
}

/// The form of a planned post. Where it is gone meanwhile, what was typed is in the form of a new one.
pub(crate) fn form_of(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let one = match actions::get(&visit.state.app, visit.account()?, id.parse()?) {
        Err(ActionError::NotFound) if !sent.get("group").is_empty() => {
            return post::new_form(visit, sent.get("group"), sent, flaws);
        }
        one => one?,
    };
    let group = one.group.ok_or_else(nothing)?;
    let (_, row) = visit.read(|c| cards::find_group(visit, c, &cards::spec(&group)))?;
    let planned = one.post;
    let one_id = planned.id;
    let typed = !sent.get("token").is_empty();
    let kept = |name: &str, kept: String| if typed { sent.text(name) } else { kept };
    let (date, time) = planned.civil_time.split_once('T').unwrap_or_default();
    let values = PostValues {
        title: kept("title", planned.title),
        body: kept("body", planned.source),
        note: kept("note", planned.content_note.unwrap_or_default()),
        see: kept("see", planned.visibility.as_str().to_owned()),
    };
    let unnamed = if planned.unnamed { "yes" } else { "" };
    let fields = [
        ("date", kept("date", date.to_owned())),
        ("time", kept("time", time.to_owned())),
        ("as", kept("as", planned.author_id.to_string())),
        ("unnamed", kept("unnamed", unnamed.to_owned())),
    ];
    // What was typed goes first: of a field that is there twice the first counts.
    let mut fields = Sent::of(fields.map(|(name, value)| (name.to_owned(), value)).into());
    fields.also(sent);
    let fields = &fields;
    let before = Before::Planned(one_id.get());
    let audiences = post::audiences(visit, &group, &row);
    let action = format!("/planned/{id}");
    post::form_page(visit, &group, Kind::Planned, action, audiences, values, (fields, None, before), flaws)
}

impl Form for Edit {
    const PICTURES: bool = true;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        form_of(visit, &self.id, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let id: ScheduledPostId = self.id.parse()?;
        let post = post::typed(sent, nonce);
        let typed = ScheduleForm { post, date: sent.text("date"), time: sent.text("time") };
        match actions::change(app, account, id, &typed) {
            // What was typed stays in the form.
            Err(ActionError::Denied(denied)) => Err(ActionError::Conflict(denied_words(denied)).into()),
            Err(ActionError::NotFound) if !sent.get("group").is_empty() => Err(ActionError::Conflict(
                "It was published or taken back meanwhile. What you typed is still here, as a new post.",
            )
            .into()),
            done => {
                done?;
                Ok(Answer::see("/planned?said=planned"))
            }
        }
    }
}

/// `/planned/{id}/publish`
pub(crate) async fn publish(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let act = move |visit: &Visit, _: &Sent| -> Result<Answer, Failure> {
        let made = actions::publish_now(&visit.state.app, visit.account()?, id.parse()?)?;
        let said = if held::waits(visit, made.id)? { "waits" } else { "posted" };
        Ok(Answer::see(&format!("/p/{}?said={said}", made.id)))
    };
    submit(visit, sent, Button { page: "/planned".to_owned(), act }).await
}

/// `/planned/{id}/take-back`
pub(crate) async fn take_back(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let act = move |visit: &Visit, _: &Sent| -> Result<Answer, Failure> {
        actions::take_back(&visit.state.app, visit.account()?, id.parse()?)?;
        Ok(Answer::see("/planned?said=taken-back"))
    };
    submit(visit, sent, Button { page: "/planned".to_owned(), act }).await
}
