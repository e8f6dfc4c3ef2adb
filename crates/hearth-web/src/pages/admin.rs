//! `/admin/people`: letting people in, and inviting them. For keepers.

use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        admin::{AdminPeoplePage, Invitation, InvitationValues, JoinRequest},
        shell::Nav,
    },
    words::{When, count_words, date_words},
};
use hearth_actions::account;
use hearth_db::tables::invitations;
use hearth_domain::id::AccountId;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, &Sent::default(), Flaws::none(), None)).await
}

fn page(visit: &Visit, sent: &Sent, flaws: Flaws, new_invitation: Option<String>) -> Shown {
    let waiting = account::waiting(&visit.state.app, visit.account()?)?;
    let request = |row: hearth_db::tables::accounts::Account| JoinRequest {
        id: row.id.to_string(),
        name: row.wanted_display_name,
        hello: row.hello,
        when: When::written(row.created_at.utc(), visit.zone(), visit.now).words,
    };
    visit.page(&AdminPeoplePage {
        shell: visit.shell_again("Joining", Nav::Elsewhere, flaws.any(), flaws.notice.clone()),
        waiting: waiting.into_iter().map(request).collect(),
        invitations: usable(visit)?,
        new_invitation,
        values: InvitationValues { uses: sent.or("uses", "1"), days: sent.or("days", "14") },
        errors: flaws.errors,
    })
}

fn usable(visit: &Visit) -> Result<Vec<Invitation>, Failure> {
    let rows = visit.read(|c| Ok(invitations::usable(c, visit.now.into())?))?;
    let words = |row: invitations::Invitation| {
        let people = count_words(u64::try_from(row.uses_left).unwrap_or_default(), "person", "people");
        Invitation {
            words: format!("For {people}, until {}", date_words(row.expires_at.utc(), visit.zone(), visit.now)),
        }
    };
    Ok(rows.into_iter().map(words).collect())
}

pub(crate) async fn answer(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let act = move |visit: &Visit, sent: &Sent| {
        let (app, keeper) = (&visit.state.app, visit.account()?);
        let account: AccountId = id.parse()?;
        let said = match sent.get("answer") {
            "yes" => {
                account::approve(app, keeper, account)?;
                "let-in"
            }
            "no" => {
                account::turn_away(app, keeper, account)?;
                "turned-away"
            }
            _ => return Err(Failure::Unreadable("Press one of the two buttons beside the name.")),
        };
        Ok(Answer::see(&format!("/admin/people?said={said}")))
    };
    submit(visit, sent, Button { page: "/admin/people".to_owned(), act }).await
}

pub(crate) async fn invite(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, Invite).await
}

struct Invite;

impl Form for Invite {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        page(visit, sent, flaws, None)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let number = |name: &str| sent.get(name).trim().parse::<i32>().unwrap_or_default();
        let code = account::invite(&visit.state.app, visit.account()?, number("uses"), number("days").into())?;
        let mut link = visit.site()?.at.page("join");
        link.query_pairs_mut().append_pair("code", &code);
        page(visit, &Sent::default(), Flaws::none(), Some(link.into()))
    }
}
