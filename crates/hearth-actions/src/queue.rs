//! The queue of reports: who has one, and who is asked next when nobody answers.
//!
//! Must never ask the same person twice for the same step, however many nodes run or are killed. Must never tell who
//! asked.

use crate::{
    ActionError, App, Result,
    log::{self, Said},
    notice::{self, Told},
    report::may_answer,
};
use chrono::{DateTime, Duration, Utc};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        group_care, memberships, personas,
        reports::{self, Report},
    },
};
use hearth_domain::{
    id::{AccountId, ActorId, ReportId},
    log::Logged,
    membership::Role,
    notice::Kind as Notice,
    report::{self as rules, KEEPERS_STEP, Kind, Next},
};

/// The job that asks the next one.
pub const ASK_NEXT: &str = "ask next";
/// Most reports that are looked at in one run; the oldest.
const MOST: i64 = 1_000;
/// How long a worry waits at most, whatever the group decided.
const WORRY_HOURS: i64 = 2;

/// How long a report of this kind waits in a group before the next one is asked.
///
/// # Errors
/// Database errors.
pub fn patience(connection: &mut DbConn, group: ActorId, kind: Kind) -> Result<Duration> {
    let hours = i64::from(group_care::of_group(connection, group)?.answer_hours.max(1));
    Ok(Duration::hours(if kind == Kind::Worried { hours.min(WORRY_HOURS) } else { hours }))
}

/// Those who look after a group and live here, but for the account that asked, longest first.
fn facilitators(connection: &mut DbConn, group: ActorId, but: ActorId) -> Result<Vec<ActorId>> {
    let asker = personas::owner(connection, but)?;
    let mut list = Vec::new();
    for (_, actor) in memberships::with_roles(connection, group, &[Role::Facilitator, Role::Owner])? {
        let owner = personas::owner(connection, actor.id)?;
        if actor.local && actor.deleted_at.is_none() && (asker.is_none() || owner != asker) {
            list.push(actor.id);
        }
    }
    Ok(list)
}

/// A report came: the first who is asked to look. About a worry all are told at once.
pub(crate) fn came(app: &App, tx: &mut Tx<'_>, report: &Report) -> Result<()> {
    let worried = report.kind == Kind::Worried;
    let Some(group) = report.group_id else {
        let kind = if worried { Notice::Worry } else { Notice::Report };
        return notice::keepers(app, tx, Told::of_server(kind));
    };
    let team = facilitators(tx, group, report.reporter_id)?;
    let Some(first) = team.first().copied() else {
        return ask_keepers(app, tx, report, group);
    };
    reports::step(tx, report, 0, Some(first), app.now())?;
    let asked = if worried { team } else { vec![first] };
    let kind = if worried { Notice::Worry } else { Notice::Report };
    for one in asked {
        notice::persona(app, tx, one, Told::of(kind, group))?;
    }
    Ok(())
}

/// Asks the keepers, who can't read what was written but know that somebody should.
fn ask_keepers(app: &App, tx: &mut Tx<'_>, report: &Report, group: ActorId) -> Result<()> {
    if !reports::step(tx, report, KEEPERS_STEP, None, app.now())? {
        return Ok(());
    }
    let kind = if report.kind == Kind::Worried { Notice::Worry } else { Notice::Unanswered };
    notice::keepers(app, tx, Told::of_server(kind))?;
    written(app, tx, group, Logged::KeepersAsked, None)
}

fn written(app: &App, tx: &mut Tx<'_>, group: ActorId, deed: Logged, by: Option<ActorId>) -> Result<()> {
    let group = actors::by_id(tx, group)?.ok_or(ActionError::NotFound)?;
    log::write(app, tx, &group, deed, Said { by, ..Said::default() })
}

/// The persona by which an account is known in a group, for the log.
fn known_as(connection: &mut DbConn, group: ActorId, account: AccountId) -> Result<Option<ActorId>> {
    Ok(memberships::of_account(connection, group, account)?.map(|row| row.actor_id))
}

/// A report that this account may answer.
fn answered_by(tx: &mut Tx<'_>, account: AccountId, id: ReportId) -> Result<Report> {
    let report = reports::by_id(tx, id)?.ok_or(ActionError::NotFound)?;
    match may_answer(tx, account, &report) {
        Ok(()) => Ok(report),
        // Who may not look does not learn that there is one.
        Err(ActionError::Denied(_)) => Err(ActionError::NotFound),
        Err(other) => Err(other),
    }
}

/// "I have this": the others see it, and nobody else is asked meanwhile.
///
/// # Errors
/// `NotFound`; `Conflict` when somebody else has it, or it is answered.
pub fn take(app: &App, account: AccountId, id: ReportId) -> Result<Option<ActorId>> {
    app.db.write(|tx| {
        let report = answered_by(tx, account, id)?;
        if report.taken_by == Some(account) {
            return Ok(report.group_id);
        }
        if !reports::take(tx, id, account, app.now())? {
            return Err(ActionError::Conflict("Somebody else has this already."));
        }
        if let Some(group) = report.group_id {
            let by = known_as(tx, group, account)?;
            written(app, tx, group, Logged::ReportTaken, by)?;
        }
        Ok(report.group_id)
    })
}

/// Gives a report back, so that somebody else can have it.
///
/// # Errors
/// `NotFound`; `Conflict` when one does not have it.
pub fn give_back(app: &App, account: AccountId, id: ReportId) -> Result<Option<ActorId>> {
    app.db.write(|tx| {
        let report = answered_by(tx, account, id)?;
        if !reports::give_back(tx, id, account, app.now())? {
            return Err(ActionError::Conflict("You don’t have this one."));
        }
        if let Some(group) = report.group_id {
            let by = known_as(tx, group, account)?;
            written(app, tx, group, Logged::ReportGivenBack, by)?;
        }
        Ok(report.group_id)
    })
}

/// Who has a report, as the others who look after the group know them; `None`: nobody, or a keeper.
pub(crate) fn taken_by(connection: &mut DbConn, report: &Report) -> Result<Option<Actor>> {
    let (Some(group), Some(account)) = (report.group_id, report.taken_by) else { return Ok(None) };
    let known = known_as(connection, group, account)?;
    Ok(known.map(|id| actors::by_id(connection, id)).transpose()?.flatten())
}

/// Gives back what somebody has had for too long, and asks the next one about what nobody answered in the group's own
/// time: one facilitator, then the next one, then the keepers.
///
/// # Errors
/// Database errors.
pub fn ask_next(app: &App) -> Result<()> {
    let now = app.clock.now();
    let (taken, waiting) =
        app.db.read(|c| Ok::<_, ActionError>((reports::open(c, true, MOST)?, reports::open(c, false, MOST)?)))?;
    let too_long: DateTime<Utc> = now - Duration::hours(rules::TAKEN_HOURS);
    for report in taken.iter().filter(|report| report.taken_at.is_some_and(|at| at.utc() <= too_long)) {
        app.db.write(|tx| taken_too_long(app, tx, report))?;
    }
    for report in &waiting {
        app.db.write(|tx| not_answered(app, tx, report, now))?;
    }
    Ok(())
}

fn taken_too_long(app: &App, tx: &mut Tx<'_>, report: &Report) -> Result<()> {
    let Some(account) = report.taken_by else { return Ok(()) };
    if !reports::give_back(tx, report.id, account, app.now())? {
        return Ok(());
    }
    match report.group_id {
        Some(group) => {
            written(app, tx, group, Logged::ReportGivenBack, None)?;
            notice::team(app, tx, group, None, Told::of(Notice::Unanswered, group))
        }
        None => notice::keepers(app, tx, Told::of_server(Notice::Unanswered)),
    }
}

fn not_answered(app: &App, tx: &mut Tx<'_>, report: &Report, now: DateTime<Utc>) -> Result<()> {
    let Some(group) = report.group_id else { return Ok(()) };
    let since = report.step_at.unwrap_or(report.created_at).utc();
    if since + patience(tx, group, report.kind)? > now {
        return Ok(());
    }
    let team = facilitators(tx, group, report.reporter_id)?;
    match rules::next_after(report.step, team.len()) {
        Next::Nobody => Ok(()),
        Next::Keepers => ask_keepers(app, tx, report, group),
        Next::Facilitator => {
            let asked = report.asked_id.and_then(|asked| team.iter().position(|one| *one == asked));
            let Some(next) = team.get(rules::turn_after(asked, team.len())).copied() else { return Ok(()) };
            if !reports::step(tx, report, report.step + 1, Some(next), app.now())? {
                return Ok(());
            }
            notice::persona(app, tx, next, Told::of(Notice::Unanswered, group))?;
            written(app, tx, group, Logged::NextAsked, None)
        }
    }
}
