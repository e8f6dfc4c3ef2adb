//! The notices of a group: the actor that announces meetups for hosts who are not named (profile 4.3). It is made when
//! the group first needs one; its name can be nobody else's.
//!
//! Must never have followers, or say who of the hosts it speaks for.

use crate::{ActionError, App, KeyPair, Result, server::Site};
use hearth_activitypub::address::notices_name;
use hearth_db::{
    Tx,
    tables::actors::{self, Actor, ActorKind},
};
use hearth_domain::{
    address::ApId,
    id::{AccountId, ActorId},
    permission,
    persona::NOTICES_SUFFIX,
};

/// Keys for the notices of a group that has none yet, if this account hosts there. Slow: never called inside a
/// transaction.
pub(crate) fn keys(app: &App, account: AccountId, group: ActorId) -> Result<Option<KeyPair>> {
    let wanted = app.db.read(|c| {
        if permission::may_host(crate::group::standing(c, account, group)?).is_err() {
            return Ok(false);
        }
        let Some(group) = actors::by_id(c, group)?.filter(|group| group.local) else { return Ok(false) };
        Ok::<_, ActionError>(actors::local_by_name(c, &notices_name(&group.name))?.is_none())
    })?;
    if wanted { app.key_pair().map(Some) } else { Ok(None) }
}

/// Makes the notices of a group, if it has none yet.
pub(crate) fn ensure(app: &App, tx: &mut Tx<'_>, site: &Site, group: &Actor, keys: Option<&KeyPair>) -> Result<()> {
    let name = notices_name(&group.name);
    if actors::local_by_name(tx, &name)?.is_some() {
        return Ok(());
    }
    let keys = keys.ok_or(ActionError::Conflict("The group changed meanwhile. Please try again."))?;
    let url = site.at.person(&name);
    let now = app.now();
    let row = Actor {
        id: ActorId::random(&*app.entropy),
        kind: ActorKind::Service,
        ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
        host: site.host(),
        local: true,
        display_name: group.display_name.clone(),
        name,
        summary_source: String::new(),
        summary_html: String::new(),
        url: url.to_string(),
        inbox: site.at.inbox(&url).into(),
        shared_inbox: Some(site.at.shared_inbox().into()),
        outbox: Some(site.at.outbox(&url).into()),
        followers: Some(site.at.followers(&url).into()),
        public_key_id: site.at.main_key(&url).into(),
        public_key_pem: keys.public_pem.clone(),
        private_key_pem: Some(keys.private_pem.clone()),
        approves_followers: true,
        discoverable: false,
        on_network_since: Some(now),
        created_at: now,
        updated_at: now,
        fetched_at: None,
        deleted_at: None,
    };
    Ok(row.insert(tx)?)
}

/// The name of the group whose notices have this name.
#[must_use]
pub fn group_of(name: &str) -> Option<&str> {
    name.strip_suffix(NOTICES_SUFFIX).filter(|group| !group.is_empty())
}
