//! Who is calling: `Authorization: Bearer TOKEN` (RFC 6750), and nothing else. No cookie is ever looked at, so no other
//! site can make a browser call for somebody.
//!
//! Must never say why a token is not taken.

use super::problem::ApiError;
use crate::{limits, state::WebState};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web};
use hearth_actions::{
    ActionError,
    server::site,
    token,
    tries::{self, Rule},
};
use hearth_db::{
    DbConn,
    tables::{
        accounts::Account,
        actors,
        api_tokens::{ApiToken, Scope},
        events::Event,
        follows::{self, Follow},
        memberships::{self, Membership},
        personas,
        rsvps::{self, Rsvp},
    },
    views::visible::Reader,
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId, EventId},
    permission,
};
use std::{future::Future, pin::Pin};

/// Anybody: with a token what its account may see, without one what everybody may see.
#[derive(Clone, Copy)]
pub(super) struct Visitor {
    /// The account of the token.
    pub account: Option<AccountId>,
}

/// Somebody with a token, which may only read perhaps.
pub(super) struct Holder {
    /// The account.
    pub account: Account,
    /// The token.
    pub token: ApiToken,
}

/// Somebody with a token that may write.
pub(super) struct Writer(pub Account);

impl Writer {
    /// The account.
    pub(super) const fn id(&self) -> AccountId {
        self.0.id
    }
    /// The same person, reading.
    pub(super) const fn visitor(&self) -> Visitor {
        Visitor { account: Some(self.0.id) }
    }
}

/// What a visitor is to everything here, read once for one answer.
pub(super) struct Own {
    /// What may be seen.
    pub reader: Reader,
    /// The visitor's personas.
    pub personas: Vec<ActorId>,
    memberships: Vec<Membership>,
    follows: Vec<Follow>,
    rsvps: Vec<Rsvp>,
}

impl Visitor {
    /// Reads what the visitor is to everything here.
    pub(super) fn own(self, connection: &mut DbConn) -> Result<Own, ActionError> {
        let Some(account) = self.account else {
            let (personas, memberships, follows, rsvps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            return Ok(Own { reader: Reader::anybody(), personas, memberships, follows, rsvps });
        };
        Ok(Own {
            reader: Reader::account(connection, account)?,
            personas: personas::of_account(connection, account)?.into_iter().map(|actor| actor.id).collect(),
            memberships: memberships::all_of_account(connection, account)?,
            follows: follows::of_account(connection, account)?,
            rsvps: rsvps::all_of_account(connection, account)?,
        })
    }
}

impl Own {
    /// The visitor's membership of a group.
    pub(super) fn membership(&self, group: ActorId) -> Option<&Membership> {
        self.memberships.iter().find(|row| row.group_id == group)
    }
    /// The visitor's follow of a group.
    pub(super) fn follow(&self, group: ActorId) -> Option<&Follow> {
        self.follows.iter().find(|row| row.target_id == group)
    }
    /// The visitor's answer to a meetup.
    pub(super) fn rsvp(&self, event: EventId) -> Option<&Rsvp> {
        self.rsvps.iter().find(|row| row.event_id == event)
    }
    /// Whether the visitor may change a meetup and see who comes: as a host of its group, or because it is their own in a
    /// group elsewhere.
    pub(super) fn hosts(&self, connection: &mut DbConn, event: &Event) -> Result<bool, ActionError> {
        if !event.local || permission::may_host(self.reader.standing(event.group_id)).is_ok() {
            return Ok(event.local);
        }
        if !event.author_id.is_some_and(|author| self.personas.contains(&author)) {
            return Ok(false);
        }
        Ok(actors::by_id(connection, event.group_id)?.is_some_and(|group| !group.local))
    }
    /// Groups whose conversations come to the visitor.
    pub(super) fn feed_groups(&self) -> Vec<ActorId> {
        let mut groups = self.reader.member_of();
        groups.extend(self.follows.iter().map(|row| row.target_id));
        groups
    }
}

/// Counts a try of who is not signed in, by their network.
pub(super) async fn count_network(state: &WebState, request: &HttpRequest, rule: Rule) -> Result<(), ApiError> {
    let forwarded = request.headers().get_all("x-forwarded-for").last().and_then(|value| value.to_str().ok());
    let network = limits::network(request.peer_addr().map(|peer| peer.ip()), forwarded);
    count(state, rule, network).await
}

/// Counts a try of an account.
pub(super) async fn count_account(state: &WebState, account: AccountId, rule: Rule) -> Result<(), ApiError> {
    count(state, rule, account.to_string()).await
}

async fn count(state: &WebState, rule: Rule, who: String) -> Result<(), ApiError> {
    Ok(state.run(move |app| tries::count(app, &[(rule, &who)])).await?)
}

/// The token of a request, if it has one.
fn bearer(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(ApiError::BadToken);
    }
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(ApiError::BadToken)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(Some(token.trim().to_owned())) } else { Err(ApiError::BadToken) }
}

/// Who a request comes from. Everything but the set-up waits until the server is set up.
async fn check(request: HttpRequest) -> Result<Option<(ApiToken, Account)>, ApiError> {
    let state = request.app_data::<web::Data<WebState>>().cloned().ok_or(ActionError::NotSetUp)?;
    let sent = bearer(&request)?;
    let wanted = sent.is_some();
    let found = state
        .run(move |app| {
            app.db.read(|c| site(c).map(|_| ()))?;
            sent.map_or(Ok(None), |sent| token::check(app, &sent))
        })
        .await?;
    if wanted && found.is_none() { Err(ApiError::BadToken) } else { Ok(found) }
}

type Waiting<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl FromRequest for Visitor {
    type Error = ApiError;
    type Future = Waiting<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self { account: check(request).await?.map(|(_, account)| account.id) }) })
    }
}

impl FromRequest for Holder {
    type Error = ApiError;
    type Future = Waiting<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (token, account) = check(request).await?.ok_or(ActionError::Denied(Denied::SignIn))?;
            Ok(Self { account, token })
        })
    }
}

impl FromRequest for Writer {
    type Error = ApiError;
    type Future = Waiting<Self>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let holder = Holder::from_request(request, payload);
        Box::pin(async move {
            let Holder { account, token } = holder.await?;
            if token.scope == Scope::Write { Ok(Self(account)) } else { Err(ApiError::ReadOnlyToken) }
        })
    }
}
