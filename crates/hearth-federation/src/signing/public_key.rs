//! Public keys of other actors, and the check of one signature against one key.
//!
//! Must never: choose the algorithm from what the request claims (algorithm confusion): the key decides.

use std::fmt;

use aws_lc_rs::signature::{
    ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
};

use super::{SigningError, read_pem};

/// The DER of an Ed25519 `SubjectPublicKeyInfo` up to its 32 key bytes (RFC 8410, section 4).
const ED25519_SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The DER of `rsaEncryption` with its NULL parameter, which precedes the key in a `SubjectPublicKeyInfo` (RFC 3279).
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A parsed public key: RSA of 2048 to 8192 bits, or Ed25519. Cheap to use many times.
#[derive(Clone)]
pub struct PublicKey(Kind);

#[derive(Clone)]
enum Kind {
    /// The same key twice, because the hash belongs to the parsed form.
    Rsa {
        sha256: ParsedPublicKey,
        sha512: ParsedPublicKey,
    },
    Ed25519(ParsedPublicKey),
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Rsa { .. } => "PublicKey(RSA)",
            Kind::Ed25519(_) => "PublicKey(Ed25519)",
        })
    }
}

impl PublicKey {
    /// Parses `publicKeyPem`: SPKI (`PUBLIC KEY`) or PKCS#1 (`RSA PUBLIC KEY`, which Mobilizon emits).
    ///
    /// # Errors
    /// [`SigningError::PublicKey`] for anything else, and for RSA keys under 2048 bits.
    pub fn from_pem(pem: &str) -> Result<Self, SigningError> {
        let (label, der) = read_pem(pem).ok_or(SigningError::PublicKey)?;
        if !matches!(label, "PUBLIC KEY" | "RSA PUBLIC KEY") {
            return Err(SigningError::PublicKey);
        }
        match der.strip_prefix(&ED25519_SPKI_PREFIX) {
            Some(raw) if label == "PUBLIC KEY" => Self::from_ed25519(raw),
            _ => Self::from_rsa_der(&der),
        }
    }

    /// Takes the 32 bytes of an Ed25519 public key, as a `Multikey` holds them.
    ///
    /// # Errors
    /// [`SigningError::PublicKey`] when it is not such a key.
    pub fn from_ed25519(raw: &[u8]) -> Result<Self, SigningError> {
        if raw.len() != 32 {
            return Err(SigningError::PublicKey);
        }
        ParsedPublicKey::new(&ED25519, raw).map(|key| Self(Kind::Ed25519(key))).map_err(|_| SigningError::PublicKey)
    }

    fn from_rsa_der(der: &[u8]) -> Result<Self, SigningError> {
        // The library measures the key only when it verifies; a weak key should not get as far as the database.
        let bits = RsaParameters::public_modulus_len(pkcs1(der)).map_err(|_| SigningError::PublicKey)?;
        if !(2_048..=8_192).contains(&bits) {
            return Err(SigningError::PublicKey);
        }
        let parse = |algorithm| ParsedPublicKey::new(algorithm, der).map_err(|_| SigningError::PublicKey);
        let (sha256, sha512) = (parse(&RSA_PKCS1_2048_8192_SHA256)?, parse(&RSA_PKCS1_2048_8192_SHA512)?);
        Ok(Self(Kind::Rsa { sha256, sha512 }))
    }

    /// Whether `signature` is this key's signature of `text`: RSASSA-PKCS1-v1_5 with SHA-256, then with SHA-512
    /// (profile 6.3), or Ed25519.
    pub fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Rsa { sha256, sha512 } => {
                sha256.verify_sig(text, signature).is_ok() || sha512.verify_sig(text, signature).is_ok()
            }
            Kind::Ed25519(key) => key.verify_sig(text, signature).is_ok(),
        }
    }
}

/// The PKCS#1 `RSAPublicKey` inside a `SubjectPublicKeyInfo`, or the bytes themselves when they are none.
fn pkcs1(der: &[u8]) -> &[u8] {
    let inside = || {
        let at = der.windows(RSA_ENCRYPTION.len()).take(8).position(|window| window == RSA_ENCRYPTION)?;
        let bits = der.get(at + RSA_ENCRYPTION.len()..)?.strip_prefix(&[0x03])?;
        let (length, rest) = bits.split_first()?;
        let skipped = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
        rest.get(skipped..)?.strip_prefix(&[0x00])
    };
    inside().unwrap_or(der)
}
