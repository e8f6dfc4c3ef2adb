//! `/follow?uri=`: following a group of this server from another one.
//!
//! Must not keep what is typed.

use super::cards;
use crate::{
    answer::Answer,
    error::nothing,
    protect::{FOLLOW_POLICY, FormNonce},
    sent::Sent,
    submit::{Flaws, Form, Senders, submit},
    viewer::{Shown, Visit},
    views::{follow::FollowPage, shell::Nav},
};
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use hearth_actions::ActionError;
use hearth_db::tables::{actors, events, groups};
use hearth_domain::address::{Lookup, canonical_host, read_lookup};

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let uri = vec![("uri".to_owned(), visit.query("uri").to_owned())];
            FromElsewhere.show(visit, &Sent::of(uri), Flaws::none())
        })
        .await
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, FromElsewhere).await
}

struct FromElsewhere;

/// A public group of this server, by its address, its link or the link of one of its meetups.
fn group(visit: &Visit, uri: &str) -> Result<actors::Actor, crate::error::Failure> {
    let own = visit.site()?.host();
    visit.read(|c| {
        let actor = match read_lookup(uri) {
            Lookup::Handle(handle) if handle.host == own => actors::local_by_name(c, &handle.name)?,
            Lookup::Link(link) => match events::by_ap_id(c, link.as_str())? {
                Some(event) => actors::by_id(c, event.group_id)?,
                None => actors::by_ap_id(c, link.as_str())?,
            },
            _ => None,
        };
        let actor = actor.filter(|actor| actor.local && actor.deleted_at.is_none()).ok_or_else(nothing)?;
        let row = groups::by_id(c, actor.id)?.ok_or_else(nothing)?;
        if row.settings().is_wide_open() { Ok(actor) } else { Err(nothing()) }
    })
}

/// The server in what somebody typed: an address, a link, or only the server.
fn home(typed: &str) -> Option<String> {
    match read_lookup(typed) {
        Lookup::Handle(handle) => Some(handle.host),
        Lookup::Link(link) => canonical_host(&link.host()),
        Lookup::Words(words) => canonical_host(words.trim_end_matches('/')).filter(|host| host.contains('.')),
    }
}

impl Form for FromElsewhere {
    const SENDERS: Senders = Senders::Anyone;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let actor = group(visit, sent.get("uri"))?;
        let page = FollowPage {
            shell: visit.shell_again(
                &format!("Follow {}", actor.display_name),
                Nav::Groups,
                flaws.any(),
                flaws.notice.clone(),
            ),
            name: actor.display_name.clone(),
            door: cards::door(&actor),
            href: cards::group_href(&actor),
            uri: actor.ap_id.to_string(),
            handle: format!("@{}@{}", actor.name, actor.host),
            can_join: visit.can_join(),
            home: sent.text("home"),
            errors: flaws.errors,
        };
        Ok(visit.page(&page)?.header(CONTENT_SECURITY_POLICY, FOLLOW_POLICY))
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let actor = group(visit, sent.get("uri"))?;
        let Some(host) = home(sent.get("home")) else {
            let words = "Type your address there, like robin@meadow.example, or only the server, like meadow.example.";
            return Err(ActionError::field("home", words).into());
        };
        let uri: String = url::form_urlencoded::byte_serialize(actor.ap_id.as_str().as_bytes()).collect();
        Ok(Answer::see(&format!("https://{host}/authorize_interaction?uri={uri}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes() {
        for (typed, host) in [
            ("robin@meadow.example", Some("meadow.example")),
            ("@robin@Meadow.example", Some("meadow.example")),
            ("meadow.example", Some("meadow.example")),
            ("https://meadow.example/@robin", Some("meadow.example")),
            ("meadow", None),
            ("", None),
            ("javascript:alert(1)", None),
            ("evil.test/x", None),
            ("127.0.0.1", None),
        ] {
            assert_eq!(home(typed).as_deref(), host, "{typed}");
        }
    }
}
