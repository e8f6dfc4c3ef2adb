//! What other servers post to us. From the first byte to the answer, in the order of profile 5.3: sizes and form,
//! then the parse, then whose signature it is, then one action.
//!
//! All inboxes are one: which of them was posted to decides nothing, and an inbox of a name that does not exist answers
//! like any other, so that nothing can be learned about names. An activity of ours that comes back is answered 202 and
//! has no effect.
//!
//! Must never: read a body before the head was checked, parse twice, or tell a stranger more than a status.

use crate::{
    Federation, FederationError, answer,
    gate::{self, GateRules, Refusal, RequestHead, SignedRequest},
    ready::Ready,
    signer::{Known, Unsigned},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderMap},
    web,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use hearth_actions::{
    ActionError, App,
    received::{self, Evidence},
    relay, remote, secret,
};
use hearth_activitypub::{
    InboxActivity, ReadOptions,
    inbound::{self, ActivityKind},
};
use hearth_db::{
    DbError,
    tables::{
        activities,
        actors::{self, Actor},
        incoming,
    },
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use url::Url;

/// A whole body takes no longer than this.
const BODY_TIME: Duration = Duration::from_secs(20);
/// When a server that was refused for the moment should come again, in seconds.
const SOON: u32 = 60;
/// The same when its own key could not be had.
const KEY_LATER: u32 = 300;

/// POST to an inbox.
pub(crate) async fn post(request: HttpRequest, payload: web::Payload, door: web::Data<Federation>) -> HttpResponse {
    let ready = match door.ready().await {
        Ok(ready) => ready,
        Err(error) => return door.broken(&error),
    };
    // Before anything is read or fetched for it: it could not be kept.
    if door.app().db.room().is_short() {
        door.metrics().refused("no_room");
        return answer::unavailable(SOON);
    }
    let rules = GateRules::new(ready.policy.clone(), door.now());
    let target = request.head().uri.to_string();
    let fields = fields(request.headers());
    let head = RequestHead { method: request.method().as_str(), path_and_query: &target, headers: &fields };
    if let Err(refusal) = gate::check_head(&head, &rules) {
        return door.refuse(refusal);
    }
    let body = match tokio::time::timeout(BODY_TIME, read_body(payload, rules.max_body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(refusal)) => return door.refuse(refusal),
        Err(_) => {
            door.metrics().refused("slow_body");
            return answer::refused(StatusCode::REQUEST_TIMEOUT, "The body came too slowly.");
        }
    };
    match gate::read(&head, &body, &rules) {
        Ok(signed) => door.take(ready, signed, body).await,
        Err(refusal) => door.refuse(refusal),
    }
}

/// The header fields as the gate reads them.
pub(crate) fn fields(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

async fn read_body(mut payload: web::Payload, limit: usize) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::MalformedRequest)?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(Refusal::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What can be said of an activity without asking anybody.
enum First {
    /// It can't be taken: the class, and what is answered.
    Refused(&'static str, StatusCode, String),
    /// It says it is from here.
    Own(InboxActivity),
    /// What it says, and what is known of its signer.
    Read(Box<InboxActivity>, Result<Known, Unsigned>),
}

const OTHER_SERVER: &str = "The activity is of another server than its actor.";

/// What a believed sender's activity came to.
pub(crate) enum Taken {
    Applied,
    /// Kept until something was fetched.
    Kept,
    /// Too much waits already.
    Full,
}

impl Federation {
    fn refuse(&self, refusal: Refusal) -> HttpResponse {
        self.metrics().refused(refusal.reason());
        tracing::debug!(reason = refusal.reason(), "an activity was refused at the gate");
        // The gate and actix name statuses by different versions of the same crate.
        let status = StatusCode::from_u16(refusal.status().as_u16()).unwrap_or(StatusCode::BAD_REQUEST);
        answer::refused(status, &refusal.to_string())
    }

    async fn take(&self, ready: &Ready, signed: SignedRequest, body: Bytes) -> HttpResponse {
        let signed = Arc::new(signed);
        let (door, request, options) = (self.clone(), signed.clone(), ready.options);
        let first = self.blocking(move |app| {
            let ready = door.0.ready.get().ok_or(FederationError::NotSetUp)?;
            let activity = match inbound::read_activity(&body, options) {
                Ok(activity) => activity,
                Err(refusal) => return Ok(First::Refused("unreadable", StatusCode::BAD_REQUEST, refusal.to_string())),
            };
            if ready.policy.is_own(&activity.actor) {
                return Ok(First::Own(activity));
            }
            if activity.id.as_ref().is_none_or(|id| id.origin() != activity.actor.origin()) {
                return Ok(First::Refused("other_server", StatusCode::FORBIDDEN, OTHER_SERVER.to_owned()));
            }
            let hint = match gate::key_belongs_to(&request.key_id, &activity.actor) {
                true => None,
                false => hint_of_relay(app, &request.key_id, &activity, options)?,
            };
            let activity = hint.unwrap_or(activity);
            let known = door.known_signer(app, ready, &request, &activity.actor);
            Ok::<_, FederationError>(First::Read(Box::new(activity), known))
        });
        let (activity, known) = match first.await {
            Ok(First::Read(activity, known)) => (*activity, known),
            Ok(First::Refused(class, status, why)) => {
                self.metrics().refused(class);
                return answer::refused(status, &why);
            }
            Ok(First::Own(activity)) => return self.own_echo(activity).await,
            Err(error) => return self.broken(&error),
        };
        let signer = match known {
            Ok(known) => self.signer(ready, &signed, &activity, known).await,
            Err(unsigned) => Err(unsigned),
        };
        match signer {
            Ok(signer) => {
                let told = signed.synchronization.as_ref().map(|header| (signer.clone(), header));
                let answer = self.apply(signer, activity).await;
                // After it took effect: what it changes is no difference.
                if let Some((group, header)) = told.filter(|_| answer.status().is_success()) {
                    self.compare(group, header).await;
                }
                answer
            }
            Err(unsigned) => self.unsigned(unsigned),
        }
    }

    /// An activity of ours that comes back: nothing to do. One that only claims to be ours is refused.
    async fn own_echo(&self, activity: InboxActivity) -> HttpResponse {
        let sent = self.blocking(move |app| match &activity.id {
            Some(id) => was_sent(app, id, &activity.actor),
            None => Ok(false),
        });
        match sent.await {
            Ok(true) => answer::accepted(),
            Ok(false) => {
                self.metrics().refused("claims_to_be_ours");
                answer::refused(StatusCode::FORBIDDEN, "This claims to come from here.")
            }
            Err(error) => self.broken(&error),
        }
    }

    fn unsigned(&self, unsigned: Unsigned) -> HttpResponse {
        match unsigned {
            Unsigned::Refused(refusal) => self.refuse(refusal),
            Unsigned::Forbidden => {
                self.metrics().refused("forbidden_server");
                answer::refused(StatusCode::FORBIDDEN, "This server takes nothing from there.")
            }
            Unsigned::Nothing => answer::accepted(),
            Unsigned::Later => {
                self.metrics().refused("key_later");
                answer::unavailable(KEY_LATER)
            }
            Unsigned::Broken(error) => self.broken(&error),
        }
    }

    async fn apply(&self, signer: Actor, activity: InboxActivity) -> HttpResponse {
        if self.0.posts.take(&signer.host, self.now()).is_err() {
            self.metrics().refused("too_many");
            return answer::too_many();
        }
        let host = signer.host.clone();
        let is_follow = matches!(activity.kind, ActivityKind::Follow { .. });
        match self.apply_in_line(signer, activity).await {
            Ok(Taken::Applied) => {
                self.metrics().activity("applied");
                // What it had relayed or answered is in the queue now.
                self.0.outgoing.notify_one();
                answer::accepted()
            }
            Ok(Taken::Kept) => {
                self.metrics().activity("kept");
                self.0.incoming.notify_one();
                answer::accepted()
            }
            Ok(Taken::Full) => {
                self.metrics().refused("full");
                answer::unavailable(SOON)
            }
            Err(FederationError::Action(error)) => self.not_taken(&host, error, is_follow),
            Err(error) => self.broken(&error),
        }
    }

    fn not_taken(&self, host: &str, error: ActionError, is_follow: bool) -> HttpResponse {
        if !matches!(error, ActionError::Database(_)) {
            self.metrics().activity("turned_away");
        }
        match error {
            ActionError::NotBelieved(reason) => {
                tracing::debug!(host, reason, "an activity was not believed");
                answer::refused(StatusCode::FORBIDDEN, "The sender may not say this.")
            }
            ActionError::Denied(_) => answer::refused(StatusCode::FORBIDDEN, "This is not open to the sender."),
            ActionError::NotFound if is_follow => answer::not_found(),
            ActionError::Gone if is_follow => answer::refused(StatusCode::GONE, "It is gone."),
            ActionError::NotFound | ActionError::Gone => answer::accepted(),
            ActionError::ShortOfRoom => {
                self.metrics().refused("no_room");
                answer::unavailable(SOON)
            }
            other => self.broken(&FederationError::Action(other)),
        }
    }

    /// An answer for what failed here; the sender should try again.
    pub(crate) fn broken(&self, error: &FederationError) -> HttpResponse {
        match error {
            FederationError::NotSetUp => {}
            FederationError::Action(ActionError::Database(DbError::Unavailable(_))) => {
                tracing::warn!(class = error.class(), "a request could not be answered now");
            }
            error => tracing::error!(class = error.class(), %error, "a request could not be answered"),
        }
        answer::unavailable(SOON)
    }
}

/// What a relay of ours passes on as it came, as what it is worth: its hint to look at the object (profile 8.5). What it
/// holds is dropped here, so that nothing of it can be believed later on.
fn hint_of_relay(
    app: &App,
    key_id: &Url,
    activity: &InboxActivity,
    options: ReadOptions,
) -> Result<Option<InboxActivity>, ActionError> {
    let Some((relay, object)) = app.db.read(|c| relay::forwarded(c, key_id, activity))? else { return Ok(None) };
    let Some(forwarded) = &activity.id else { return Ok(None) };
    let mut id = relay.clone();
    id.set_fragment(Some(&format!("forwarded-{}", secret::activity_hash(forwarded.as_str()))));
    let hint = json!({"id": id, "type": "Announce", "actor": relay, "object": object, "to": [], "cc": []});
    Ok(inbound::read_activity(hint.to_string().as_bytes(), options).ok())
}

/// Whether this is an activity that was really sent from here.
fn was_sent(app: &App, id: &Url, actor: &Url) -> Result<bool, ActionError> {
    let known = id.path().strip_prefix("/a/").and_then(|id| id.parse().ok());
    let Some(known) = known else { return Ok(false) };
    app.db.read(|c| {
        let Some(sent) = activities::by_id(c, known)?.filter(|sent| sent.ap_id.url() == id) else { return Ok(false) };
        Ok(actors::by_id(c, sent.actor_id)?.is_some_and(|signer| signer.ap_id.url() == actor))
    })
}

/// Applies what can be applied at once, and keeps the rest.
pub(crate) fn apply(
    app: &App,
    signer: &Actor,
    activity: &InboxActivity,
    most_waiting: i64,
) -> Result<Taken, ActionError> {
    remote::heard_from(app, &signer.host)?;
    match received::receive(app, signer, activity, &Evidence::default()) {
        Ok(_) => Ok(Taken::Applied),
        Err(ActionError::Needs(_)) => {
            if app.db.read(incoming::count_waiting)? >= most_waiting {
                return Ok(Taken::Full);
            }
            received::keep_for_later(app, signer, activity).map(|_| Taken::Kept)
        }
        Err(error) => Err(error),
    }
}
