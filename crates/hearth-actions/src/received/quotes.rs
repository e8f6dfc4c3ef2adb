//! Quotes (profile 3.1 k): nobody may quote what was written here, and who asks is told so.
//!
//! Must never: answer for what is not for everybody; that would tell that it is there.

use super::{Door, Outcome};
use crate::{
    ActionError, Result,
    publish::{self, Outgoing},
};
use hearth_activitypub::{InboxActivity, outbound};
use hearth_db::{
    Tx,
    tables::{actors, groups, posts},
};
use hearth_domain::audience::{self, Receivers};
use serde_json::Value;
use url::Url;

/// Somebody elsewhere asks to quote a post.
pub(super) fn requested(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Url) -> Result<Outcome> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())?.filter(|post| post.local && post.deleted_at.is_none())
    else {
        return Ok(Outcome::Ignored("it is not known here"));
    };
    let group = groups::by_id(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    if audience::audience(group.settings(), post.visibility).receivers != Receivers::Followers {
        return Ok(Outcome::Ignored("it is not known here"));
    }
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    let asked: Value = serde_json::from_str(&activity.raw).map_err(|_| ActionError::NotBelieved("it is not JSON"))?;
    let id = publish::new_activity(door.app, &door.site);
    let body = outbound::reject(&id.1, author.ap_id.url(), door.signer.ap_id.url(), asked).to_string();
    let answer = Outgoing { id, kind: "Reject", signer: &author, object: door.signer.ap_id.as_str(), body };
    answer.send(door.app, tx, door.signer).map(|()| Outcome::Done)
}
