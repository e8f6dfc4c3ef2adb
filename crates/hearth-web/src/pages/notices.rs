//! `/notices`: one calm page of what happened, and quiet hours.

use super::{cards, report};
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        parts::Choice,
        safety::{NoticeLine, NoticesPage},
        shell::Nav,
    },
    words::When,
};
use chrono::{DateTime, SecondsFormat, Utc};
use hearth_actions::notice::{self, QuietForm, ReadNotice};
use hearth_db::tables::quiet_hours;
use hearth_domain::notice::Kind;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, &Sent::default(), Flaws::none())).await
}

fn page(visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    let all = notice::list(&visit.state.app, account)?;
    let hour = notice::hour_in(visit.zone(), visit.now);
    let (quiet, hours) = visit.read(|c| Ok((notice::is_quiet(c, account, hour)?, quiet_hours::get(c, account)?)))?;
    let until = all.iter().map(|one| one.notice.created_at.utc()).max().unwrap_or(visit.now);
    let (new, seen): (Vec<ReadNotice>, Vec<ReadNotice>) = all.into_iter().partition(|one| one.notice.seen_at.is_none());
    let loud = new.iter().any(|one| one.notice.kind.breaks_quiet());
    let kept = |hour: Option<i32>| hour.map(|hour| hour.to_string()).unwrap_or_default();
    let lines = |list: Vec<ReadNotice>| list.into_iter().map(|one| line(visit, one)).collect();
    visit.page(&NoticesPage {
        shell: visit.shell_again("Notices", Nav::Notices, flaws.any(), flaws.notice.clone()),
        quiet: quiet && !new.is_empty() && !loud && visit.query("show") != "all",
        new: lines(new),
        seen: lines(seen),
        until: until.to_rfc3339_opts(SecondsFormat::Micros, true),
        hours: hour_choices(),
        from: sent.or("quiet_from", &kept(hours.as_ref().map(|row| row.from_hour))),
        to: sent.or("quiet_until", &kept(hours.as_ref().map(|row| row.until_hour))),
        errors: flaws.errors,
    })
}

fn hour_choices() -> Vec<Choice> {
    let choice = |value: String, words: String| Choice { value, words, hint: String::new() };
    let hour = |hour: u32| {
        let (twelve, half) =
            (if hour.is_multiple_of(12) { 12 } else { hour % 12 }, if hour < 12 { "am" } else { "pm" });
        choice(hour.to_string(), format!("{twelve} {half}"))
    };
    std::iter::once(choice(String::new(), "No quiet hours".to_owned())).chain((0..24).map(hour)).collect()
}

/// One notice in words: neutral ones, that say nothing of what was written.
fn line(visit: &Visit, one: ReadNotice) -> NoticeLine {
    let group = one.group.as_ref().map(|group| group.display_name.clone()).unwrap_or_default();
    let who = one.about.as_ref().map_or_else(|| "Somebody".to_owned(), |actor| actor.display_name.clone());
    let group_href = one.group.as_ref().map(cards::group_href).unwrap_or_default();
    let care = if group_href.is_empty() { "/admin/reports".to_owned() } else { format!("{group_href}/care") };
    let post = one.notice.post_id.map(|id| format!("/p/{id}")).unwrap_or_default();
    let shown = one.post.as_ref().map(|post| format!("{}#n-{}", report::href(post), post.id)).unwrap_or_default();
    let (words, href) = match one.notice.kind {
        Kind::Reply => (format!("{who} answered you in {group}."), shown),
        Kind::Mention => (format!("{who} named you in {group}."), shown),
        Kind::Said => (format!("Something was said in a conversation you follow in {group}."), shown),
        Kind::LetIn => (format!("You’re in: welcome to {group}."), group_href),
        Kind::Reminder => {
            let event = one.event.as_ref().map(|event| format!("/e/{}", event.id)).unwrap_or_default();
            (format!("A meetup of {group} that you go to is soon."), event)
        }
        Kind::Shown => (format!("What you wrote in {group} is shown now."), post),
        Kind::Declined => (format!("What you wrote in {group} was not shown."), post),
        Kind::Rephrase => (format!("Please say something in {group} in other words."), post),
        Kind::Withheld => (format!("Something you wrote in {group} is not shown any more."), post),
        Kind::Warned => (format!("A word from those who look after {group}."), String::new()),
        Kind::Paused => (format!("You can read {group}, and write again after a pause."), group_href),
        Kind::Role => (format!("Your part in {group} changed."), group_href),
        Kind::Offered => (format!("{who} asks whether you would own {group}."), group_href),
        Kind::Report if group.is_empty() => ("Somebody asks you to look at something.".to_owned(), care),
        Kind::Report => (format!("Somebody asks you to look at something in {group}."), care),
        Kind::Worry if group.is_empty() => ("Somebody is worried about a person.".to_owned(), care),
        Kind::Worry => (format!("Somebody in {group} is worried about a person. Please look soon."), care),
        Kind::Unanswered if group.is_empty() => ("A report waits, and nobody has answered.".to_owned(), care),
        Kind::Unanswered => (format!("A report in {group} waits, and nobody has answered."), care),
        Kind::Held => (format!("A post in {group} waits for one of you to look."), care),
        Kind::CardAsked => {
            let answer = one.post.as_ref().map(|post| format!("{}/card", report::href(post))).unwrap_or_default();
            (format!("Something you wrote in {group} helped. May it be kept as a card?"), answer)
        }
        Kind::Returned if group.is_empty() => {
            ("Something you planned was not published. You have it back.".to_owned(), "/planned".to_owned())
        }
        Kind::Returned => {
            (format!("What you planned for {group} was not published. You have it back."), "/planned".to_owned())
        }
        Kind::CheckInRests => (
            format!("A check-in of {group} rests: it can’t open at the moment. Perhaps one of you takes it over."),
            format!("{group_href}/check-ins"),
        ),
        Kind::Access => (format!("A keeper of this server began to read {group}, and gave this reason."), group_href),
    };
    let when = When::written(one.notice.created_at.utc(), visit.zone(), visit.now).words;
    NoticeLine { words, href, when, letter: one.notice.words }
}

/// `/notices/seen`
pub(crate) async fn seen(visit: Visit, sent: Sent) -> Answer {
    let act = |visit: &Visit, sent: &Sent| {
        let until: DateTime<Utc> =
            sent.get("until").parse().map_err(|_| Failure::Unreadable("Press the button on the page."))?;
        notice::mark_seen(&visit.state.app, visit.account()?, until.into())?;
        Ok(Answer::see("/notices"))
    };
    submit(visit, sent, Button { page: "/notices".to_owned(), act }).await
}

/// `/notices/quiet`
pub(crate) async fn quiet(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, Quiet).await
}

struct Quiet;

impl Form for Quiet {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        page(visit, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let typed = QuietForm { from: sent.text("quiet_from"), until: sent.text("quiet_until") };
        notice::set_quiet(&visit.state.app, visit.account()?, &typed)?;
        Ok(Answer::see("/notices?said=saved"))
    }
}
