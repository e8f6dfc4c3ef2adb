//! The keys of actors that live here: Ed25519 beside RSA, integrity proofs made with them, and new keys in place of
//! old ones (profile 6.6, 6.7).
//!
//! A proof is put on what goes to everybody, and only there: what is for members must not be provable to others
//! (FEP-8b32). Must never: sign with a key that was replaced, but for the one activity that tells of it; or let a
//! private key out of the database.

use crate::{ActionError, App, KeyPair, Result, account, documents, publish, server::site};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hearth_activitypub::{Addresses, activity::Reach, multikey, outbound, proof};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        groups,
        proof_keys::{self, ProofKey},
        replaced_keys::ReplacedKey,
    },
};
use hearth_domain::{
    audience,
    id::{AccountId, ActorId},
};
use serde::Deserialize;
use url::Url;

/// The DER of an Ed25519 private key up to its 32 bytes (RFC 8410, section 7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
const END: &str = "\n-----END PRIVATE KEY-----\n";

/// The activities that carry a proof.
const PROVEN: [&str; 4] = ["Create", "Update", "Delete", "Announce"];

fn new_key(app: &App, at: &Addresses, actor: ActorId, ap_id: &Url) -> Result<ProofKey> {
    let mut seed = [0; 32];
    app.entropy.fill(&mut seed);
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| ActionError::NoKeys)?;
    let public: &[u8; 32] = pair.public_key().as_ref().try_into().map_err(|_| ActionError::NoKeys)?;
    let der = [&PKCS8_PREFIX[..], &seed].concat();
    Ok(ProofKey {
        actor_id: actor,
        key_id: at.ed25519_key(ap_id).into(),
        public_multibase: multikey::encode(public),
        private_pem: Some(format!("{BEGIN}{}{END}", BASE64.encode(der))),
    })
}

fn read_private(pem: &str) -> Option<Ed25519KeyPair> {
    let der = BASE64.decode(pem.strip_prefix(BEGIN)?.strip_suffix(END)?).ok()?;
    Ed25519KeyPair::from_seed_unchecked(der.strip_prefix(&PKCS8_PREFIX)?).ok()
}

/// Gives a new actor its Ed25519 key.
pub(crate) fn add(app: &App, tx: &mut Tx<'_>, at: &Addresses, actor: &Actor) -> Result<()> {
    Ok(new_key(app, at, actor.id, actor.ap_id.url())?.insert(tx)?)
}

/// Gives every actor that has none its Ed25519 key: those made before there were any. Safe to repeat, and to run on
/// several nodes at once. Returns how many were made.
///
/// # Errors
/// `NoKeys`, database errors.
pub fn complete(app: &App) -> Result<usize> {
    let (at, missing) = match app.db.read(|c| Ok((site(c)?.at, proof_keys::missing(c)?))) {
        Err(ActionError::NotSetUp) => return Ok(0),
        read => read?,
    };
    let mut made = 0;
    for actor in missing {
        match app.db.write(|tx| add(app, tx, &at, &actor)) {
            Ok(()) => made += 1,
            // Another node made it.
            Err(ActionError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(made)
}

/// Puts a proof on an activity that goes to everybody. Anything else stays as it is.
pub(crate) fn prove(app: &App, tx: &mut Tx<'_>, signer: &Actor, kind: &str, body: String) -> Result<String> {
    if !PROVEN.contains(&kind) || !is_for_everybody(&body) {
        return Ok(body);
    }
    let Some(key) = proof_keys::of(tx, signer.id)? else { return Ok(body) };
    let (Some(pair), Ok(method)) = (key.private_pem.as_deref().and_then(read_private), Url::parse(&key.key_id)) else {
        return Err(ActionError::NoKeys);
    };
    let unproven = proof::prepare(body, &method, app.clock.now()).map_err(|_| ActionError::NoKeys)?;
    let signature: [u8; 64] = pair.sign(&unproven.signed).as_ref().try_into().map_err(|_| ActionError::NoKeys)?;
    Ok(unproven.with(&signature))
}

/// Whether an activity of ours is addressed to everybody. Ours are always lists, with the address in full.
fn is_for_everybody(body: &str) -> bool {
    #[derive(Deserialize)]
    struct Addressed {
        to: Vec<String>,
        cc: Vec<String>,
    }
    let addressed: Result<Addressed, _> = serde_json::from_str(body);
    addressed.is_ok_and(|list| list.to.iter().chain(&list.cc).any(|id| id == hearth_activitypub::context::PUBLIC))
}

/// Whether a proof was made with this key.
#[must_use]
pub fn holds(proof: &proof::Proof, key: &ProofKey) -> bool {
    key.key_id == proof.method.as_str()
        && multikey::decode(&key.public_multibase)
            .is_some_and(|raw| UnparsedPublicKey::new(&ED25519, raw).verify(&proof.signed, &proof.signature).is_ok())
}

/// Gives an actor that lives here new keys under the same ids, and tells every server that knows of it. That one
/// activity is signed with the old key; from now on everything else is signed with the new one.
///
/// # Errors
/// `NotFound`, `NoKeys`, database errors.
pub fn rotate(app: &App, actor: ActorId) -> Result<()> {
    let keys = app.key_pair()?;
    app.db.write(|tx| {
        let old = actors::by_id(tx, actor)?.filter(|actor| actor.local && actor.deleted_at.is_none());
        renew(app, tx, &old.ok_or(ActionError::NotFound)?, &keys)
    })
}

/// The same for a keeper or for the owner of the persona.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`, `NoKeys`.
pub fn rotate_as(app: &App, keeper: AccountId, actor: ActorId) -> Result<()> {
    app.db.read(|c| account::require_keeper(c, keeper))?;
    rotate(app, actor)
}

/// The actors whose keys may be renewed: all that live here, or the one of this name.
///
/// # Errors
/// `NotFound`.
pub fn actors_named(app: &App, name: Option<&str>) -> Result<Vec<Actor>> {
    app.db.read(|c| match name {
        None => Ok(actors::all_local(c)?),
        Some(name) => {
            let found = actors::local_by_name(c, name)?.filter(|actor| actor.deleted_at.is_none());
            Ok(vec![found.ok_or(ActionError::NotFound)?])
        }
    })
}

fn renew(app: &App, tx: &mut Tx<'_>, old: &Actor, keys: &KeyPair) -> Result<()> {
    let site = site(tx)?;
    let replaced = old.private_key_pem.clone().ok_or(ActionError::NotFound)?;
    actors::set_keys(tx, old.id, &keys.public_pem, &keys.private_pem, app.now())?;
    proof_keys::put(tx, &new_key(app, &site.at, old.id, old.ap_id.url())?)?;
    let actor = actors::by_id(tx, old.id)?.ok_or(ActionError::NotFound)?;
    let document = match actor.kind {
        ActorKind::Group => {
            let row = groups::by_id(tx, actor.id)?.ok_or(ActionError::NotFound)?;
            // A group with readers of its own is asked by them; others are not told that it is there.
            if !row.settings().is_public() || !audience::group_is_on_the_network(row.settings()) {
                return Ok(());
            }
            documents::group(tx, &site, &actor, &row)?
        }
        ActorKind::Application => documents::server(tx, &crate::Site { actor: actor.clone(), ..site.clone() })?,
        _ if actor.on_network_since.is_none() => return Ok(()),
        _ => documents::persona(tx, &site, &actor)?,
    };
    let id = publish::new_activity(app, &site);
    let followers = site.at.followers(actor.ap_id.url());
    let body = outbound::update_actor(&id.1, document, &followers, &Reach::Public, app.clock.now()).to_string();
    let update = publish::Outgoing { id, kind: "Update", signer: &actor, object: actor.ap_id.as_str(), body };
    if let Some(update) = update.tell_everybody(app, tx)? {
        ReplacedKey { activity_id: update, private_pem: replaced }.insert(tx)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_kept_as_pem_and_nothing_else_is_read() {
        let seed = [7; 32];
        let pem = format!("{BEGIN}{}{END}", BASE64.encode([&PKCS8_PREFIX[..], &seed].concat()));
        let public = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap().public_key().as_ref().to_vec();
        assert_eq!(read_private(&pem).unwrap().public_key().as_ref(), public);
        for bad in
            ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", &pem.replace("PRIVATE", "PUBLIC")]
        {
            assert!(read_private(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_what_names_everybody_is_for_everybody() {
        let check = |body: &str, expected: bool| assert_eq!(is_for_everybody(body), expected, "{body}");
        check(r#"{"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":[]}"#, true);
        check(r#"{"to":["https://a.example/g"],"cc":["https://www.w3.org/ns/activitystreams#Public"]}"#, true);
        check(r#"{"to":["https://a.example/g/members"],"cc":[]}"#, false);
        check(r#"{"to":["x"],"cc":[],"object":{"to":["https://www.w3.org/ns/activitystreams#Public"]}}"#, false);
        check(r#"{"to":[]}"#, false);
    }
}
