//! `/admin/helplines` and `/admin/access`: the lines under "Get help", and reading a group in an emergency.

use super::cards;
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit, helpline as shown_line},
    views::{
        parts::Choice,
        safety::{AccessCard, AccessPage, HelplineValues, HelplinesPage},
        shell::Nav,
    },
    words::When,
};
use hearth_actions::{
    access, account,
    helpline::{self, HelplineForm},
};
use hearth_db::tables::helplines;
use hearth_domain::care::Access;

pub(crate) async fn lines(visit: Visit) -> Answer {
    visit.show(|visit| Lines.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_line(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, Lines).await
}

struct Lines;

impl Form for Lines {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let keeper = visit.account()?;
        let lines = visit.read(|c| {
            account::require_keeper(c, keeper)?;
            Ok(helplines::all(c)?)
        })?;
        let choice =
            |value: &str, words: &str| Choice { value: value.to_owned(), words: words.to_owned(), hint: String::new() };
        visit.page(&HelplinesPage {
            shell: visit.shell_again("Helplines", Nav::Elsewhere, flaws.any(), flaws.notice.clone()),
            lines: lines.into_iter().map(|line| (line.id.to_string(), shown_line(line))).collect(),
            kinds: vec![choice("tel", "By calling"), choice("sms", "By text message")],
            values: HelplineValues {
                name: sent.text("helpline_name"),
                about: sent.text("helpline_about"),
                hours: sent.text("helpline_hours"),
                number: sent.text("helpline_number"),
                kind: sent.or("helpline_kind", "tel"),
                region: sent.text("helpline_region"),
            },
            errors: flaws.errors,
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let typed = HelplineForm {
            name: sent.text("helpline_name"),
            about: sent.text("helpline_about"),
            hours: sent.text("helpline_hours"),
            kind: sent.text("helpline_kind"),
            number: sent.text("helpline_number"),
            region: sent.text("helpline_region"),
        };
        helpline::add(&visit.state.app, visit.account()?, &typed)?;
        Ok(Answer::see("/admin/helplines?said=saved"))
    }
}

/// `/admin/helplines/{id}`
pub(crate) async fn change_line(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let act = move |visit: &Visit, sent: &Sent| {
        let keep = match sent.get("do") {
            "first" => true,
            "delete" => false,
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        };
        helpline::change(&visit.state.app, visit.account()?, id.parse()?, keep)?;
        Ok(Answer::see("/admin/helplines?said=saved"))
    };
    submit(visit, sent, Button { page: "/admin/helplines".to_owned(), act }).await
}

pub(crate) async fn access_page(visit: Visit) -> Answer {
    visit.show(|visit| Ask.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn ask_access(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, Ask).await
}

struct Ask;

impl Form for Ask {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let keeper = visit.account()?;
        let when = |time: hearth_db::Time| When::written(time.utc(), visit.zone(), visit.now).words;
        let mut list = Vec::new();
        for (row, group) in access::current(&visit.state.app, keeper)? {
            let mine = row.account_id == keeper;
            let open = row.state == Access::Open;
            let due = row.opens_at.utc() <= visit.now;
            list.push(AccessCard {
                id: row.id.to_string(),
                group: group.display_name.clone(),
                href: cards::group_href(&group),
                state: match (open, due, row.ends_at) {
                    (true, _, Some(ends)) => format!("Open until: {}.", when(ends)),
                    (_, true, _) => "It may begin now.".to_owned(),
                    _ => format!(
                        "Asked: {}. It may begin a day later, or once another keeper agrees.",
                        when(row.asked_at)
                    ),
                },
                mine,
                open,
                can_open: mine && !open && due,
                can_agree: !mine && !open && row.approved_by.is_none(),
                reason: row.reason,
            });
        }
        visit.page(&AccessPage {
            shell: visit.shell_again(
                "Reading a group in an emergency",
                Nav::Elsewhere,
                flaws.any(),
                flaws.notice.clone(),
            ),
            list,
            group: sent.text("group"),
            reason: sent.text("reason"),
            errors: flaws.errors,
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        access::ask(&visit.state.app, visit.account()?, sent.get("group"), sent.get("reason"))?;
        Ok(Answer::see("/admin/access?said=asked"))
    }
}

/// `/admin/access/{id}`
pub(crate) async fn change_access(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let act = move |visit: &Visit, sent: &Sent| {
        let (app, keeper) = (&visit.state.app, visit.account()?);
        match sent.get("do") {
            "open" => access::open(app, keeper, id.parse()?).map(drop)?,
            "agree" => access::approve(app, keeper, id.parse()?)?,
            "end" => access::end(app, keeper, id.parse()?)?,
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        }
        Ok(Answer::see("/admin/access?said=saved"))
    };
    submit(visit, sent, Button { page: "/admin/access".to_owned(), act }).await
}
