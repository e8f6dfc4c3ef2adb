//! What was done in a group, for those who look after it; and the same without names, for the server's keepers.
//!
//! Must never take a word that anybody wrote: a line is a deed, ids and a time. Must never link an account to a persona.

use crate::{App, Result, account, team};
use chrono::SubsecRound;
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        accounts,
        actors::{self, Actor},
        audit_log::{self, AuditLine},
        group_log::{self, GroupLogLine},
        groups,
    },
};
use hearth_domain::{
    deed::{self, Deed},
    group::Readable,
    id::{AccountId, ActorId, LogId, PostId},
    log::Logged,
};
use url::Url;

/// Most lines that are shown together.
const MOST: i64 = 200;

/// What a line says beside the deed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said {
    /// Who did it.
    pub by: Option<ActorId>,
    /// About whom.
    pub about: Option<ActorId>,
    /// About which post.
    pub post: Option<PostId>,
    /// A number of days.
    pub number: Option<i32>,
}

/// Writes down what was done in a group that lives here. Of groups elsewhere nothing is kept: their server does that.
pub(crate) fn write(app: &App, tx: &mut Tx<'_>, group: &Actor, deed: Logged, said: Said) -> Result<()> {
    if !group.local {
        return Ok(());
    }
    let line = GroupLogLine {
        id: LogId::random(&*app.entropy),
        group_id: group.id,
        deed,
        by_id: said.by,
        about_id: said.about,
        post_id: said.post,
        number: said.number,
        at: app.now(),
    };
    line.insert(tx)?;
    audit(app, tx, deed, Some(group.id), None)
}

/// Writes down what a keeper did about a group: for the group without a name, for the keepers with it.
pub(crate) fn by_keeper(app: &App, tx: &mut Tx<'_>, group: &Actor, deed: Logged, keeper: AccountId) -> Result<()> {
    let (id, at) = (LogId::random(&*app.entropy), app.now());
    let line =
        GroupLogLine { id, group_id: group.id, deed, by_id: None, about_id: None, post_id: None, number: None, at };
    line.insert(tx)?;
    audit(app, tx, deed, Some(group.id), Some(keeper))
}

/// Writes down what somebody did in a group whose name is told to nobody. The day alone is kept: a moment, and its place
/// among other moments, could say who it was.
pub(crate) fn without_name(app: &App, tx: &mut Tx<'_>, group: &Actor, deed: Logged) -> Result<()> {
    let now = app.clock.now();
    let at: Time = (now - chrono::Duration::seconds(now.timestamp().rem_euclid(86_400))).trunc_subsecs(0).into();
    let line = GroupLogLine {
        id: LogId::random(&*app.entropy),
        group_id: group.id,
        deed,
        by_id: None,
        about_id: None,
        post_id: None,
        number: None,
        at,
    };
    line.insert(tx)?;
    let id = LogId::random(&*app.entropy);
    Ok(AuditLine { id, deed, group_id: Some(group.id), account_id: None, at }.insert(tx)?)
}

/// Writes down what a keeper did, or that something was done in a group.
pub(crate) fn audit(
    app: &App,
    tx: &mut Tx<'_>,
    deed: Logged,
    group: Option<ActorId>,
    keeper: Option<AccountId>,
) -> Result<()> {
    let id = LogId::random(&*app.entropy);
    Ok(AuditLine { id, deed, group_id: group, account_id: keeper, at: app.now() }.insert(tx)?)
}

/// The actor known here by this id on the network.
pub(crate) fn actor_of(connection: &mut DbConn, ap_id: &Url) -> Result<Option<ActorId>> {
    Ok(actors::by_ap_id(connection, ap_id.as_str())?.map(|actor| actor.id))
}

/// A line as those who look after the group read it.
pub struct ReadLine {
    /// The line.
    pub line: GroupLogLine,
    /// Who did it, where they are known here.
    pub by: Option<Actor>,
    /// About whom.
    pub about: Option<Actor>,
}

/// The log of a group, newest first.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn of_group(app: &App, account: AccountId, group: ActorId) -> Result<Vec<ReadLine>> {
    app.db.read(|c| {
        let (group, _, _, standing) = team::looked_after(c, account, group)?;
        deed::may(standing, Deed::ReadLog)?;
        let lines = group_log::of_group(c, group.id, MOST)?;
        let ids: Vec<ActorId> = lines.iter().flat_map(|line| [line.by_id, line.about_id]).flatten().collect();
        let known = actors::by_ids(c, &ids)?;
        let find = |id: Option<ActorId>| known.iter().find(|actor| Some(actor.id) == id).cloned();
        Ok(lines.into_iter().map(|line| ReadLine { by: find(line.by_id), about: find(line.about_id), line }).collect())
    })
}

/// A line as keepers read it.
pub struct ReadAudit {
    /// The line.
    pub line: AuditLine,
    /// The name of the group; none for a group that only its members know of.
    pub group: Option<String>,
    /// The sign-in name of the keeper who did it.
    pub keeper: Option<String>,
}

/// The audit log, newest first. Keepers only.
///
/// # Errors
/// `Denied(KeepersOnly)`.
pub fn of_server(app: &App, account: AccountId) -> Result<Vec<ReadAudit>> {
    app.db.read(|c| {
        account::require_keeper(c, account)?;
        let mut read = Vec::new();
        for line in audit_log::newest(c, MOST)? {
            let group = line.group_id.map(|id| groups::with_actor(c, id)).transpose()?.flatten();
            let shown = group.filter(|(_, row)| row.readable != Readable::Hidden);
            let keeper = line.account_id.map(|id| accounts::by_id(c, id)).transpose()?.flatten();
            read.push(ReadAudit {
                group: shown.map(|(actor, _)| actor.display_name),
                keeper: keeper.map(|keeper| keeper.sign_in_name),
                line,
            });
        }
        Ok(read)
    })
}
