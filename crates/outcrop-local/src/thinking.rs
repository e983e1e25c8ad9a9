//! Thinking that is signed when it goes out and known again when it comes back.
//!
//! Claude's signatures are opaque and so are these: whoever holds one sends it back as it is. The key is no secret; it
//! tells blocks of this server from others and from those that were changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const KEY: &[u8] = b"outcrop local mirror";

/// What a signature speaks of comes first under it, so that one kind never passes for the other.
const SHOWN: &[u8] = b"thinking\n";
const HIDDEN: &[u8] = b"redacted_thinking\n";

/// Bytes of a signature.
const LENGTH: usize = 32;

/// The `signature` of a `thinking` block that shows `text`; with `display: omitted` that is the empty text.
pub(crate) fn sign(text: &str) -> String {
    STANDARD.encode(seal(SHOWN, text.as_bytes()).unwrap_or_default())
}

/// Whether `signature` was made here for `text`.
pub(crate) fn verify(text: &str, signature: &str) -> bool {
    STANDARD.decode(signature).is_ok_and(|signature| is_sealed(SHOWN, text.as_bytes(), &signature))
}

/// The `data` of a `redacted_thinking` block.
pub(crate) fn redact(text: &str) -> String {
    let mut data = seal(HIDDEN, text.as_bytes()).unwrap_or_default();
    data.extend_from_slice(text.as_bytes());
    STANDARD.encode(data)
}

/// Whether `data` of a `redacted_thinking` block was made here and is whole.
pub(crate) fn verify_redacted(data: &str) -> bool {
    STANDARD.decode(data).is_ok_and(|data| {
        data.split_at_checked(LENGTH).is_some_and(|(signature, text)| is_sealed(HIDDEN, text, signature))
    })
}

fn mac(kind: &[u8], text: &[u8]) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).ok()?;
    mac.update(kind);
    mac.update(text);
    Some(mac)
}

fn seal(kind: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    Some(mac(kind, text)?.finalize().into_bytes().to_vec())
}

fn is_sealed(kind: &[u8], text: &[u8], signature: &[u8]) -> bool {
    mac(kind, text).is_some_and(|mac| mac.verify_slice(signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_text_alone() {
        for text in ["", "It rains.", "Grüße 🌍"] {
            assert!(verify(text, &sign(text)));
            assert!(!verify("It rains!", &sign(text)));
        }
        for forged in ["", "AAAA", "not base64", &sign("x")[4..]] {
            assert!(!verify("", forged), "{forged}");
        }
    }

    #[test]
    fn redacted_data_is_known_again_and_changes_show() {
        let data = redact("It rains.");
        assert!(verify_redacted(&data));
        let mut bytes = STANDARD.decode(&data).unwrap_or_default();
        assert!(!verify_redacted(&STANDARD.encode(&bytes[..LENGTH])), "cut");
        bytes.push(b'!');
        assert!(!verify_redacted(&STANDARD.encode(&bytes)), "longer");
        for forged in ["", "AAAA", "%", &sign("")] {
            assert!(!verify_redacted(forged), "{forged}");
        }
    }
}
