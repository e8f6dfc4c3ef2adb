//! `/g/{name}/safety`: what a group decides about its own safety, and its owners about the group; the group's log; and
//! the offer of a group.

use super::{cards, moderation::named};
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        safety::{LogPage, PausedPerson, SafetyPage, SafetyValues},
        shell::Nav,
    },
    words::{When, date_words},
};
use hearth_actions::{
    ActionError,
    care::{self, CareForm},
    export, log, pause, role,
};
use hearth_domain::{deed, deed::Deed, id::ActorId, log::Logged, membership::Role};

pub(crate) async fn show(visit: Visit) -> Answer {
    let name = visit.part("name").to_owned();
    visit.show(move |visit| Safety { name }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Safety { name }).await
}

struct Safety {
    name: String,
}

impl Form for Safety {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let account = visit.account()?;
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let (care, replies) = care::of_group(&visit.state.app, account, group.id)?;
        let offer = visit.read(|c| Ok(role::offer_of(c, account, group.id)?))?;
        let own = visit.reader.standing(group.id);
        let settling = sent.get("do") == "settle";
        let typed = |name: &str, kept: String| if settling { sent.text(name) } else { kept };
        visit.page(&SafetyPage {
            shell: visit.shell_again("Keeping it a safe place", Nav::Groups, flaws.any(), flaws.notice.clone()),
            href: cards::group_href(&group),
            name: group.display_name.clone(),
            values: SafetyValues {
                first_posts: typed("first_posts", care.first_posts.to_string()),
                answer_hours: typed("answer_hours", care.answer_hours.to_string()),
                held_words: typed("held_words", care.held_words.clone()),
                reply_title: sent.text("reply_title"),
                reply_body: sent.text("reply_body"),
                person: sent.text("person"),
                owner: sent.text("owner"),
            },
            replies: replies.into_iter().map(|reply| (reply.id.to_string(), reply.title, reply.body)).collect(),
            owner: deed::may(own, Deed::HandOver).is_ok(),
            archived: care.archived_at.is_some(),
            offered: offer.map(|(_, to)| to.display_name),
            errors: flaws.errors,
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let mut said = "saved";
        match sent.get("do") {
            "settle" => {
                let typed = CareForm {
                    first_posts: sent.text("first_posts"),
                    answer_hours: sent.text("answer_hours"),
                    held_words: sent.text("held_words"),
                };
                care::settle(app, account, group.id, &typed)?;
            }
            "add_reply" => {
                care::add_house_reply(app, account, group.id, sent.get("reply_title"), sent.get("reply_body"))?;
            }
            "delete_reply" => care::delete_house_reply(app, account, group.id, sent.get("reply").parse()?)?,
            "role" => {
                let person = visit.read(|c| named(c, "person", sent.get("person")))?;
                let role: Role = sent
                    .get("role")
                    .parse()
                    .map_err(|_| ActionError::field("person", "Choose which part they have."))?;
                role::give(app, account, group.id, person, role)?;
            }
            "offer" => {
                let person = visit.read(|c| named(c, "owner", sent.get("owner")))?;
                role::offer(app, account, group.id, person)?;
                said = "offered";
            }
            archive @ ("archive" | "reopen") => care::archive(app, account, group.id, archive == "archive")?,
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        }
        Ok(Answer::see(&format!("{}/safety?said={said}", cards::group_href(&group))))
    }
}

/// `/g/{name}/offer`: yes or no to a group that is offered.
pub(crate) async fn answer_offer(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    let page = format!("/g/{name}");
    let act = move |visit: &Visit, sent: &Sent| {
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &name))?;
        let yes = match sent.get("answer") {
            "yes" => true,
            "no" => false,
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        };
        role::answer_offer(&visit.state.app, visit.account()?, group.id, yes)?;
        Ok(Answer::see(&format!("{}?said=saved", cards::group_href(&group))))
    };
    submit(visit, sent, Button { page, act }).await
}

/// `/g/{name}/export`: a copy of the whole group.
pub(crate) async fn export(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    let page = format!("/g/{name}/safety");
    let act = move |visit: &Visit, _: &Sent| {
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &name))?;
        let zip = export::group(&visit.state.app, visit.account()?, group.id)?;
        Ok(Answer::download("application/zip", "group.zip", zip))
    };
    submit(visit, sent, Button { page, act }).await
}

/// Who is paused in a group.
pub(crate) fn paused(visit: &Visit, group: ActorId) -> Result<Vec<PausedPerson>, Failure> {
    let rows = pause::of_group(&visit.state.app, visit.account()?, group)?;
    let until = |time: hearth_db::Time| format!("Until {}.", date_words(time.utc(), visit.zone(), visit.now));
    let person = |(pause, actor): (hearth_db::tables::pauses::Pause, hearth_db::tables::actors::Actor)| PausedPerson {
        id: actor.id.to_string(),
        name: actor.display_name,
        until: until(pause.ends_at),
    };
    Ok(rows.into_iter().map(person).collect())
}

/// `/g/{name}/log`
pub(crate) async fn group_log(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let account = visit.account()?;
            let (group, _) = visit.read(|c| cards::find_group(visit, c, visit.part("name")))?;
            let lines = log::of_group(&visit.state.app, account, group.id)?;
            let line = |one: log::ReadLine| {
                let nobody = match one.line.deed {
                    Logged::CardChanged | Logged::CardTakenBack => "Somebody",
                    _ => "Hearth or a keeper",
                };
                let by = one.by.map_or_else(|| nobody.to_owned(), |actor| actor.display_name);
                let about = one.about.map(|actor| format!(" ({})", actor.display_name)).unwrap_or_default();
                let days = one.line.number.map(|days| format!(", {days} days")).unwrap_or_default();
                let when = When::written(one.line.at.utc(), visit.zone(), visit.now).words;
                (when, format!("{by}: {}{about}{days}.", deed_words(one.line.deed)))
            };
            visit.page(&LogPage {
                shell: visit.shell("What was done", Nav::Groups),
                back: Some((format!("{}/care", cards::group_href(&group)), "Looking after the group".to_owned())),
                lede: "Deeds and names, never what anybody wrote. Those who look after the group read this, for a year.",
                lines: lines.into_iter().map(line).collect(),
            })
        })
        .await
}

/// `/admin/log`
pub(crate) async fn server_log(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let lines = log::of_server(&visit.state.app, visit.account()?)?;
            let line = |one: log::ReadAudit| {
                let by = one.keeper.map(|keeper| format!("{keeper}: ")).unwrap_or_default();
                let place = match (one.line.group_id, one.group) {
                    (None, _) => String::new(),
                    (Some(_), Some(group)) => format!(", in {group}"),
                    (Some(_), None) => ", in a group that only its members know of".to_owned(),
                };
                let when = When::written(one.line.at.utc(), visit.zone(), visit.now).words;
                (when, format!("{by}{}{place}.", deed_words(one.line.deed)))
            };
            visit.page(&LogPage {
                shell: visit.shell("Log", Nav::Elsewhere),
                back: None,
                lede: "What was done in groups, without who did it there; and what keepers did. Kept for a year.",
                lines: lines.into_iter().map(line).collect(),
            })
        })
        .await
}

/// A deed in words.
const fn deed_words(deed: Logged) -> &'static str {
    match deed {
        Logged::Removed => "removed a post",
        Logged::Hidden => "hid a post",
        Logged::AskedToRephrase => "asked for other words",
        Logged::Rephrased => "found other words",
        Logged::Restored => "brought a post back",
        Logged::Locked => "closed a conversation",
        Logged::Unlocked => "opened a conversation again",
        Logged::Pinned => "pinned a post",
        Logged::Unpinned => "unpinned a post",
        Logged::HeldShown => "showed a post that waited",
        Logged::HeldDeclined => "did not show a post that waited",
        Logged::Warned => "sent a word to a member",
        Logged::Paused => "paused a member",
        Logged::PauseEnded => "ended a pause",
        Logged::LetIn => "let somebody in",
        Logged::TurnedAway => "did not let somebody in",
        Logged::MemberRemoved => "ended a membership",
        Logged::Banned => "kept somebody out",
        Logged::BanLifted => "keeps somebody out no more",
        Logged::ReportTaken => "took a report",
        Logged::ReportGivenBack => "gave a report back",
        Logged::ReportAnswered => "answered a report",
        Logged::NextAsked => "asked the next one, since nobody answered a report",
        Logged::KeepersAsked => "asked the keepers, since nobody answered a report",
        Logged::RoleChanged => "gave somebody another part",
        Logged::TeamShown => "changed whether other servers see who looks after the group",
        Logged::GroupChanged => "changed the group’s words or settings",
        Logged::CareChanged => "changed what the group decided about its safety",
        Logged::OwnershipOffered => "offered the group to somebody",
        Logged::OwnershipTaken => "owns the group now",
        Logged::OwnershipDeclined => "the offer of the group is over",
        Logged::Archived => "archived the group",
        Logged::Reopened => "opened the group again",
        Logged::Exported => "took a copy of the group",
        Logged::AccessAsked => "asked to read the group in an emergency",
        Logged::AccessApproved => "agreed to a keeper reading the group",
        Logged::AccessOpened => "began to read the group in an emergency",
        Logged::AccessEnded => "reads the group no more",
        Logged::CardChanged => "changed a card of their own",
        Logged::CardTakenBack => "took a card of their own back",
        Logged::CardRemoved => "removed a card",
        Logged::Sorted => "sorted a conversation under other topics",
        Logged::TopicsChanged => "changed the group’s topics",
        Logged::CheckInSetUp => "set up a check-in",
        Logged::CheckInChanged => "changed a check-in",
        Logged::CheckInPaused => "paused a check-in",
        Logged::CheckInResumed => "went on with a check-in",
        Logged::CheckInTakenOver => "took a check-in over",
        Logged::CheckInEnded => "ended a check-in",
        Logged::HelplinesChanged => "changed the helplines",
    }
}
