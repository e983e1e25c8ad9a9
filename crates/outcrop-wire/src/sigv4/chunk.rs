//! Signatures of the chunks of a body that is signed as it is sent, and of its trailers: each one over the one before.
//!
//! Source: Amazon S3 API reference, "Signature calculations for the authorization header: transferring payload in
//! multiple chunks"; its example is a test here.

use super::canonical::hex;
use super::{AmzTime, SigningKey, hash_hex};

/// The hash of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The signature of a chunk, hex. `previous` is that of the chunk before; of the first, that of the request. `data_hash`
/// is the SHA-256 of its data, hex.
#[must_use]
pub fn chunk_signature(key: &SigningKey, time: AmzTime, previous: &str, data_hash: &str) -> String {
    let scope = key.scope();
    let text = format!("AWS4-HMAC-SHA256-PAYLOAD\n{time}\n{scope}\n{previous}\n{EMPTY}\n{data_hash}");
    hex(&key.signature(&text))
}

/// The signature of the trailers after the last chunk, hex: `trailers` is `name:value` and a line feed for each.
#[must_use]
pub fn trailer_signature(key: &SigningKey, time: AmzTime, previous: &str, trailers: &str) -> String {
    let (scope, hash) = (key.scope(), hash_hex(trailers.as_bytes()));
    hex(&key.signature(&format!("AWS4-HMAC-SHA256-TRAILER\n{time}\n{scope}\n{previous}\n{hash}")))
}

#[cfg(test)]
mod tests {
    use super::super::CredentialScope;
    use super::*;

    #[test]
    fn the_example_of_the_reference() {
        let time = AmzTime::parse("20130524T000000Z").expect("a time");
        let scope = CredentialScope::new(time, "us-east-1", "s3");
        let key = SigningKey::derive("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope);
        let mut previous = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9".to_owned();
        for (length, signature) in [
            (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
            (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
            (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
        ] {
            previous = chunk_signature(&key, time, &previous, &hash_hex(&vec![b'a'; length]));
            assert_eq!(previous, signature);
        }
        assert_eq!(EMPTY, hash_hex(b""));
    }
}
