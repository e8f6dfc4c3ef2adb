//! `/media/{id}`: a picture, for whoever may see what it belongs to, and for another server that was given a link to it.
//!
//! Must never: answer with anything but a picture or one and the same "nothing here", or let a picture that is not for
//! everybody be kept on the way.

use crate::{
    answer::Answer,
    error::Failure,
    viewer::{Shown, Visit},
};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use hearth_actions::{
    ActionError,
    image::{self, Link, Seen},
};
use hearth_domain::id::ImageId;

/// What a browser may do with an answer, should it take it for a page: nothing.
const POLICY: &str = "default-src 'none'; sandbox";
/// How long what everybody may see is kept by others. Not long: a picture that was removed is to be gone.
const FOR_A_WHILE: &str = "public, max-age=60";
const NEVER: &str = "private, no-store";

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| answer(visit, find(visit))).await
}

fn find(visit: &Visit) -> Result<Seen, Failure> {
    let id: ImageId = visit.part("id").parse()?;
    let link = match (visit.query("until").parse(), visit.query("mac")) {
        (Ok(until), mac) if !mac.is_empty() => Some(Link { until, mac: mac.to_owned() }),
        _ => None,
    };
    let account = visit.me.as_ref().map(|me| me.account.id);
    visit.read(|c| {
        match image::seen(c, &visit.reader, account, id) {
            Err(ActionError::NotFound) => {}
            other => return Ok(other?),
        }
        let link = link.ok_or(ActionError::NotFound)?;
        Ok(image::seen_by_link(c, &visit.state.app, visit.site()?, id, &link)?)
    })
}

fn answer(visit: &Visit, found: Result<Seen, Failure>) -> Shown {
    let (answer, cache, site) = match found {
        Ok(seen) => {
            let (name, cache, site) = match (seen.media_type.as_str(), seen.by_everybody) {
                ("image/png", true) => ("picture.png", FOR_A_WHILE, "cross-origin"),
                ("image/png", false) => ("picture.png", NEVER, "same-origin"),
                (_, true) => ("picture.jpg", FOR_A_WHILE, "cross-origin"),
                (_, false) => ("picture.jpg", NEVER, "same-origin"),
            };
            let answer = Answer::bytes(if name.ends_with("png") { "image/png" } else { "image/jpeg" }, seen.bytes);
            (answer.header(CONTENT_DISPOSITION, &format!("inline; filename=\"{name}\"")), cache, site)
        }
        // Also for an id that is none.
        Err(Failure::Action(ActionError::NotFound | ActionError::NotSetUp)) => {
            let nothing = Answer::file("text/plain; charset=utf-8", "There is nothing here.\n".to_owned()).status(404);
            (nothing, NEVER, "same-origin")
        }
        Err(other) => (visit.problem(&other), NEVER, "same-origin"),
    };
    Ok(answer
        .header(CACHE_CONTROL, cache)
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(HeaderName::from_static("cross-origin-resource-policy"), site))
}
