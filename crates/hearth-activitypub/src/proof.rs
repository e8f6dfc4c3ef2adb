//! Integrity proofs (FEP-8b32, `eddsa-jcs-2022`): what is signed, where the signature stands, and how one is read.
//!
//! A proof makes a document its owner's word, whoever hands it on. Only the bytes are made here; who holds keys signs
//! and verifies them. Must never: guess what was signed (the whole document but its proof is), or read a proof of
//! another kind as if it were this one.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    ReadOptions,
    canonical::{Members, NotCanonical, canonical},
    inbound::{Fragment, id, list_texts},
    multikey,
};

/// The context in which `proof` has its meaning.
pub const DATA_INTEGRITY: &str = "https://w3id.org/security/data-integrity/v2";

const KIND: &str = "DataIntegrityProof";
const SUITE: &str = "eddsa-jcs-2022";
const PURPOSE: &str = "assertionMethod";

/// Why a proof that is there does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// It is not well-formed, or its document has no canonical form.
    #[error("its proof can't be read")]
    Malformed,
    /// It is for another purpose, or for another document's context.
    #[error("its proof is for something else")]
    OtherPurpose,
    /// It said until when it is good, and that is past.
    #[error("its proof has expired")]
    Expired,
}

impl From<NotCanonical> for BadProof {
    fn from(_: NotCanonical) -> Self {
        Self::Malformed
    }
}

/// A proof as it stands in a document: to be verified with the key it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The key's id. The caller checks that the owner of the document lists it.
    pub method: Url,
    /// What was signed.
    pub signed: [u8; 64],
    /// The signature.
    pub signature: [u8; 64],
}

impl Proof {
    /// The actor whose key it names, by the form of the key's id (FEP-521a).
    #[must_use]
    pub fn owner(&self) -> Url {
        let mut owner = self.method.clone();
        owner.set_fragment(None);
        owner
    }

    /// Reads the proof of a document from its exact text. `None` without one, and with one of a kind that is not known
    /// here.
    ///
    /// # Errors
    /// [`BadProof`].
    pub fn read(document: &str, now: DateTime<Utc>, options: ReadOptions) -> Result<Option<Self>, BadProof> {
        let mut members = Members::read(document)?;
        let Some(found) = members.take("proof") else { return Ok(None) };
        let Some(proof) = known_kind(found)? else { return Ok(None) };
        // A linked-data signature is put on after the proof, and not part of what it is about.
        members.take("signature");
        Self::of(members, proof, now, options).map(Some)
    }

    fn of<'a>(
        mut document: Members<'a>,
        mut proof: Members<'a>,
        now: DateTime<Utc>,
        options: ReadOptions,
    ) -> Result<Self, BadProof> {
        let signature = proof.take("proofValue").and_then(text).ok_or(BadProof::Malformed)?;
        let signature = multikey::read_base58(&signature).ok_or(BadProof::Malformed)?;
        let method = proof.get("verificationMethod").and_then(text).ok_or(BadProof::Malformed)?;
        let method = id(&method, Fragment::Allowed, options).map_err(|_| BadProof::Malformed)?;
        if proof.get("proofPurpose").and_then(text).as_deref() != Some(PURPOSE) {
            return Err(BadProof::OtherPurpose);
        }
        if let Some(expires) = proof.get("expires") {
            let at = text(expires).and_then(|at| DateTime::parse_from_rfc3339(&at).ok()).ok_or(BadProof::Malformed)?;
            if at < now {
                return Err(BadProof::Expired);
            }
        }
        if let Some(context) = proof.get("@context") {
            begins_with(document.get("@context").unwrap_or("[]"), context)?;
            document.take("@context");
            document.0.push(("@context".into(), context));
        }
        let signed = signed(&proof.canonical()?, &document.canonical()?);
        Ok(Self { method, signed, signature })
    }
}

/// The proof of the kind that is known here: the only one, or the first in a list.
fn known_kind(found: &str) -> Result<Option<Members<'_>>, BadProof> {
    for proof in list_texts(found) {
        let members = Members::read(proof)?;
        let is = |name, word: &str| members.get(name).and_then(text).as_deref() == Some(word);
        if is("type", KIND) && is("cryptosuite", SUITE) {
            return Ok(Some(members));
        }
    }
    Ok(None)
}

/// The context of a document begins with that of its proof.
fn begins_with(document: &str, proof: &str) -> Result<(), BadProof> {
    let (document, proof) = (list_texts(document), list_texts(proof));
    let mut pairs = proof.iter().zip(document.iter());
    let same = |(a, b): (&&str, &&str)| matches!((canonical(a), canonical(b)), (Ok(a), Ok(b)) if a == b);
    if proof.len() <= document.len() && pairs.all(same) { Ok(()) } else { Err(BadProof::OtherPurpose) }
}

fn text(member: &str) -> Option<String> {
    serde_json::from_str(member).ok()
}

fn signed(config: &str, document: &str) -> [u8; 64] {
    let mut both = [0; 64];
    let (first, second) = both.split_at_mut(32);
    first.copy_from_slice(&Sha256::digest(config.as_bytes()));
    second.copy_from_slice(&Sha256::digest(document.as_bytes()));
    both
}

/// A document that is about to get its proof.
#[derive(Debug)]
pub struct Unproven {
    document: String,
    config: serde_json::Map<String, serde_json::Value>,
    /// What is to be signed.
    pub signed: [u8; 64],
}

/// Prepares a proof of a document by the key `method`.
///
/// # Errors
/// [`BadProof::Malformed`] when it is no JSON object with a context, or has a proof already.
pub fn prepare(document: String, method: &Url, created: DateTime<Utc>) -> Result<Unproven, BadProof> {
    let members = Members::read(&document)?;
    if members.get("proof").is_some() {
        return Err(BadProof::Malformed);
    }
    let context = members.get("@context").ok_or(BadProof::Malformed)?;
    let context: serde_json::Value = serde_json::from_str(context).map_err(|_| BadProof::Malformed)?;
    let config = json!({
        "@context": context,
        "type": KIND,
        "cryptosuite": SUITE,
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
        "created": created.to_rfc3339_opts(SecondsFormat::Secs, true),
    });
    let signed = signed(&canonical(&config.to_string())?, &members.canonical()?);
    let serde_json::Value::Object(config) = config else { return Err(BadProof::Malformed) };
    Ok(Unproven { document, config, signed })
}

impl Unproven {
    /// The document with its proof; apart from that it is byte for byte what it was.
    #[must_use]
    pub fn with(mut self, signature: &[u8; 64]) -> String {
        self.config.insert("proofValue".to_owned(), multikey::base58(signature).into());
        let end = self.document.trim_end().len().saturating_sub(1);
        self.document.truncate(end);
        format!("{},\"proof\":{}}}", self.document, serde_json::Value::Object(self.config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::url;
    use serde_json::Value;

    /// FEP-8b32's own vector (fep-8b32.feature): the document, and its signature.
    const DOCUMENT: &str = r#"{"@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
        "id": "https://server.example/activities/1", "type": "Create", "actor": "https://server.example/users/alice",
        "object": {"id": "https://server.example/objects/1", "type": "Note",
            "attributedTo": "https://server.example/users/alice", "content": "Hello world",
            "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962}}}"#;
    const SIGNATURE: &str = "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL";
    const METHOD: &str = "https://server.example/users/alice#ed25519-key";

    fn at() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2023-02-24T23:36:38Z").unwrap().to_utc()
    }

    fn proven() -> Value {
        let signature = multikey::read_base58(SIGNATURE).unwrap();
        let text = prepare(DOCUMENT.to_owned(), &url(METHOD), at()).unwrap().with(&signature);
        serde_json::from_str(&text).unwrap()
    }

    fn read(document: &Value) -> Result<Option<Proof>, BadProof> {
        Proof::read(&document.to_string(), at(), ReadOptions::default())
    }

    #[test]
    fn a_proof_is_written_as_the_vector_has_it_and_read_back() {
        insta::assert_json_snapshot!("proof", proven()["proof"]);
        let found = read(&proven()).unwrap().unwrap();
        assert_eq!(found.method, url(METHOD));
        assert_eq!(found.owner(), url("https://server.example/users/alice"));
        assert_eq!(found.signature, multikey::read_base58::<64>(SIGNATURE).unwrap());
        assert_eq!(found.signed, prepare(DOCUMENT.to_owned(), &url(METHOD), at()).unwrap().signed);
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        let text = prepare(format!("{DOCUMENT}\n"), &url(METHOD), at()).unwrap().with(&[1; 64]);
        assert!(text.starts_with(DOCUMENT.strip_suffix('}').unwrap()));
        assert!(prepare(text, &url(METHOD), at()).is_err(), "one proof is enough");
    }

    #[test]
    fn what_was_changed_was_not_signed() {
        let original = read(&proven()).unwrap().unwrap().signed;
        let check = |change: fn(&mut Value), same: bool| {
            let mut document = proven();
            change(&mut document);
            let signed = read(&document).unwrap().unwrap().signed;
            assert_eq!(signed == original, same, "{document}");
        };
        check(|_| (), true);
        check(|d| d["signature"] = json!({"type": "RsaSignature2017"}), true);
        check(|d| d["proof"] = json!([{"type": "Other"}, d["proof"]]), true);
        // More context after what was signed says nothing about it.
        check(|d| d["@context"].as_array_mut().unwrap().push(json!({"x": "y:z"})), true);
        check(|d| d["object"]["content"] = json!("Hello"), false);
        check(|d| d["object"]["location"]["latitude"] = json!(25.273_963), false);
        check(|d| d["to"] = json!([]), false);
        check(|d| d["proof"]["created"] = json!("2023-02-24T23:36:39Z"), false);
        check(|d| d["proof"]["verificationMethod"] = json!("https://server.example/users/bob#ed25519-key"), false);
    }

    #[test]
    fn a_proof_is_good_none_or_bad() {
        let check = |change: fn(&mut Value), expected: Result<bool, BadProof>| {
            let mut document = proven();
            change(&mut document);
            assert_eq!(read(&document).map(|proof| proof.is_some()), expected, "{document}");
        };
        check(|_| (), Ok(true));
        check(|d| drop(d.as_object_mut().unwrap().remove("proof")), Ok(false));
        check(|d| d["proof"]["cryptosuite"] = json!("eddsa-rdfc-2022"), Ok(false));
        check(|d| d["proof"]["type"] = json!("Ed25519Signature2020"), Ok(false));
        check(|d| d["proof"] = json!("https://server.example/proofs/1"), Err(BadProof::Malformed));
        check(|d| d["proof"]["proofValue"] = json!("z6Mk"), Err(BadProof::Malformed));
        check(|d| d["proof"]["verificationMethod"] = json!("did:key:z6Mk"), Err(BadProof::Malformed));
        check(|d| d["proof"]["proofPurpose"] = json!("authentication"), Err(BadProof::OtherPurpose));
        check(|d| d["@context"] = json!("https://www.w3.org/ns/activitystreams"), Err(BadProof::OtherPurpose));
        check(|d| d["proof"]["expires"] = json!("2023-02-24T23:36:37Z"), Err(BadProof::Expired));
        check(|d| d["proof"]["expires"] = json!("2023-02-24T23:36:39Z"), Ok(true));
        check(|d| d["proof"]["expires"] = json!("soon"), Err(BadProof::Malformed));
    }
}
