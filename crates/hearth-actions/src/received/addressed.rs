//! For whom something from elsewhere is, as far as its group goes (profile 1.3, 7.0, 7.2).
//!
//! Must never take for public what does not plainly say so, nor let a group be wider than it is (threats PR-01, PR-04).

use super::Door;
use crate::{ActionError, Result, documents};
use hearth_activitypub::Recipient;
use hearth_db::tables::{actors::Actor, groups::Group};
use hearth_domain::audience::Visibility;

/// The visibility of a thing with these recipients in a group.
///
/// # Errors
/// `NotBelieved` when it is public and its group is not, or when it is for others than the group's members.
pub(super) fn visibility(
    door: &Door<'_>,
    to: &[Recipient],
    cc: &[Recipient],
    group: &Actor,
    settings: &Group,
) -> Result<Visibility> {
    let open = settings.settings().is_public();
    let names = |id: &url::Url| to.iter().chain(cc).any(|recipient| matches!(recipient, Recipient::Id(to) if to == id));
    if to.iter().chain(cc).any(Recipient::is_public) {
        return if open {
            Ok(Visibility::Public)
        } else {
            Err(ActionError::NotBelieved("it is public, its group is not"))
        };
    }
    let members = door.site.at.members(group.ap_id.url());
    if names(&members) || (!open && names(&documents::followers(&door.site, group))) {
        return Ok(Visibility::Members);
    }
    Err(ActionError::NotBelieved("it is not public"))
}
