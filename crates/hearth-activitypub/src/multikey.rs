//! Ed25519 keys and signatures as text: `Multikey` (FEP-521a) and the value of a proof, both base58 with a `z` before.
//!
//! Must never take a key of another kind, or of another length.

/// The multicodec prefix of an Ed25519 public key.
const ED25519: [u8; 2] = [0xed, 0x01];

/// `z6Mk…`: an Ed25519 public key as `publicKeyMultibase`.
#[must_use]
pub fn encode(key: &[u8; 32]) -> String {
    base58(&[&ED25519[..], key].concat())
}

/// The Ed25519 public key in a `publicKeyMultibase`; `None` for anything else.
#[must_use]
pub fn decode(multibase: &str) -> Option<[u8; 32]> {
    let bytes: [u8; 34] = read_base58(multibase)?;
    let [first, second, key @ ..] = bytes;
    ([first, second] == ED25519).then_some(key)
}

/// Bytes as base58 with the multibase prefix.
pub(crate) fn base58(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Exactly so many bytes in base58 with the multibase prefix. What is too long is not even decoded: that takes
/// quadratic time.
pub(crate) fn read_base58<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.strip_prefix('z').filter(|text| text.len() <= 2 * N)?;
    bs58::decode(text).into_vec().ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of FEP-521a's own example.
    const SAMPLE: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

    #[test]
    fn a_key_goes_there_and_back() {
        assert_eq!(encode(&decode(SAMPLE).unwrap()), SAMPLE);
        assert_eq!(decode(&encode(&[7; 32])), Some([7; 32]));
        assert!(encode(&[0; 32]).starts_with("z6Mk"));
    }

    #[test]
    fn nothing_else_is_a_key() {
        let other_kind = base58(&[&[0x80, 0x24][..], &[7; 32]].concat());
        let too_long = base58(&[&ED25519[..], &[7; 33]].concat());
        for text in
            ["", "z", "z6Mk", &SAMPLE[1..], &SAMPLE.replace('k', "0"), &other_kind, &too_long, &"z1".repeat(500)]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
