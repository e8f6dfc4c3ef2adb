//! `/u/{name}`: a name, a pebble, and words about oneself; nothing else.

use super::cards;
use crate::{
    answer::Answer,
    error::nothing,
    viewer::Visit,
    views::{SafeHtml, account::PersonPage, shell::Nav},
};
use hearth_actions::{ActionError, notices};
use hearth_db::tables::actors::ActorKind;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.site()?;
            // A group's notices are its own words: they lead to the group.
            if let Some(group) = notices::group_of(visit.part("name")) {
                let group = visit.read(|c| cards::find_group(visit, c, group))?.0;
                return Ok(Answer::see(&cards::group_href(&group)));
            }
            let actor = visit.read(|c| cards::find_actor(c, visit.part("name")))?;
            let actor = actor.filter(|actor| actor.kind == ActorKind::Person).ok_or_else(nothing)?;
            if actor.deleted_at.is_some() {
                return Err(ActionError::Gone.into());
            }
            let you = visit.is_mine(actor.id);
            let page = PersonPage {
                shell: visit.shell(&actor.display_name, Nav::Elsewhere),
                name: actor.display_name.clone(),
                hue: cards::hue(actor.id),
                handle: actor.on_network_since.map(|_| format!("@{}@{}", actor.name, actor.host)),
                from: cards::from(&actor),
                words: Some(actor.summary_html).filter(|html| !html.is_empty()).map(SafeHtml),
                you,
            };
            visit.page(&page)
        })
        .await
}
