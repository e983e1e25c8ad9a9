//! Short-term Bedrock API keys: a presigned request, in base64. Made by clients, checked by servers.
//!
//! Source: AWS's `aws-bedrock-token-generator`, whose keys come out of [`mint`] byte for byte.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::sigv4::{
    AmzTime, Canonical, Claim, CredentialScope, PathStyle, Presigned, Refusal, SigningKey, hash_hex, presign,
    verify_presigned,
};

/// What every short-term key begins with.
pub const PREFIX: &str = "bedrock-api-key-";

/// The longest a key may hold: 12 hours (AWS's generator refuses more).
pub const LONGEST_SECONDS: u32 = 43_200;

const HOST: &str = "bedrock.amazonaws.com";
const ACTION: &str = "Action=CallWithBearerToken";
/// Added after signing, and so not signed.
const VERSION: &str = "&Version=1";
const SERVICE: &str = "bedrock";
const HEADERS: [(&str, &str); 1] = [("host", HOST)];

/// What a key is made of.
#[derive(Clone, Copy)]
pub struct Minting<'a> {
    /// `AKIA...`, or `ASIA...` for temporary keys.
    pub access_key_id: &'a str,
    /// Its secret.
    pub secret_access_key: &'a str,
    /// Of temporary keys.
    pub session_token: Option<&'a str>,
    /// The only region in which the key will be taken.
    pub region: &'a str,
    /// From when it holds.
    pub time: AmzTime,
    /// For how long, at most [`LONGEST_SECONDS`].
    pub seconds: u32,
}

/// Secrets never print.
impl fmt::Debug for Minting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minting")
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("time", &self.time)
            .field("seconds", &self.seconds)
            .finish_non_exhaustive()
    }
}

/// Makes a key. No call is needed for that.
///
/// ```
/// # use outcrop_wire::bearer::{Minting, ShortTermKey, mint};
/// # use outcrop_wire::sigv4::AmzTime;
/// let time = AmzTime::from_unix(1_772_366_400);
/// let minting = Minting {
///     access_key_id: "AKIDEXAMPLE",
///     secret_access_key: "secret",
///     session_token: None,
///     region: "us-east-1",
///     time,
///     seconds: 3600,
/// };
/// let key = ShortTermKey::parse(&mint(&minting)).unwrap();
/// assert_eq!((key.access_key_id(), key.region()), ("AKIDEXAMPLE", "us-east-1"));
/// assert_eq!(key.verify("secret", time), Ok(()));
/// ```
#[must_use]
pub fn mint(minting: &Minting<'_>) -> String {
    let Minting { access_key_id, secret_access_key, session_token, region, time, seconds } = *minting;
    let key = SigningKey::derive(secret_access_key, CredentialScope::new(time, region, SERVICE));
    let hash = hash_hex(b"");
    let seconds = seconds.min(LONGEST_SECONDS);
    let query = presign(&request(ACTION, &hash), &HEADERS, access_key_id, session_token, &key, time, seconds);
    format!("{PREFIX}{}", STANDARD.encode(format!("{HOST}/?{query}{VERSION}")))
}

/// A key taken apart. What it says is believed only after [`ShortTermKey::verify`].
#[derive(Clone, Debug, PartialEq)]
pub struct ShortTermKey {
    presigned: Presigned,
}

impl ShortTermKey {
    /// Takes a key apart; `None` when it is none.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let url = STANDARD.decode(key.strip_prefix(PREFIX)?).ok()?;
        let query = std::str::from_utf8(&url).ok()?.strip_prefix(HOST)?.strip_prefix("/?")?.strip_suffix(VERSION)?;
        let presigned = Presigned::parse(query).ok()?;
        // A signature for another action opens nothing here, nor does one over headers that nobody sent.
        let is_ours = query.split('&').any(|pair| pair == ACTION) && presigned.signed_headers == [HEADERS[0].0];
        is_ours.then_some(ShortTermKey { presigned })
    }

    /// Who made it.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.presigned.access_key_id
    }

    /// The session token of temporary keys that made it. A secret.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.presigned.session_token.as_deref()
    }

    /// The only region in which it is taken.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.presigned.scope.region
    }

    /// When it ends; the keys that made it may end before.
    #[must_use]
    pub fn ends(&self) -> AmzTime {
        self.presigned.ends()
    }

    /// Verifies it with the secret of its access key.
    ///
    /// # Errors
    /// The first reason to refuse it: it holds too long, its time, its service, its signature.
    pub fn verify(&self, secret_access_key: &str, now: AmzTime) -> Result<(), Refusal> {
        if self.presigned.expires_seconds > LONGEST_SECONDS {
            return Err(Refusal::Incomplete(vec!["X-Amz-Expires"]));
        }
        let hash = hash_hex(b"");
        let claim = Claim {
            request: request("", &hash),
            headers: &HEADERS,
            service: SERVICE,
            region: None,
            now,
            tolerance_seconds: TOLERANCE,
        };
        verify_presigned(&self.presigned, &claim, secret_access_key)
    }
}

/// How far ahead the clock may be that made a key, seconds: as with signatures.
const TOLERANCE: i64 = 300;

fn request<'a>(query: &'a str, payload_hash: &'a str) -> Canonical<'a> {
    Canonical { method: "POST", path: "/", query, path_style: PathStyle::Normalized, payload_hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(change: impl Fn(&mut Minting<'_>)) -> String {
        let mut minting = Minting {
            access_key_id: "ASIAEXAMPLE",
            secret_access_key: "secret",
            session_token: Some("to/k+en=="),
            region: "eu-west-1",
            time: AmzTime::from_unix(1_772_366_400),
            seconds: 900,
        };
        change(&mut minting);
        mint(&minting)
    }

    #[test]
    fn a_key_says_who_made_it_and_holds_for_its_time() {
        let text = made(|_| {});
        let key = ShortTermKey::parse(&text).expect("a key");
        assert_eq!((key.access_key_id(), key.region()), ("ASIAEXAMPLE", "eu-west-1"));
        assert_eq!(key.session_token(), Some("to/k+en=="));
        let at = |seconds: i64| key.verify("secret", AmzTime::from_unix(1_772_366_400 + seconds));
        assert_eq!((at(-300), at(0), at(899)), (Ok(()), Ok(()), Ok(())));
        assert!(matches!(at(900), Err(Refusal::Expired { .. })) && matches!(at(-301), Err(Refusal::NotYet { .. })));
        assert_eq!(key.verify("another", AmzTime::from_unix(1_772_366_400)), Err(Refusal::Signature));
        assert!(!format!("{key:?}").contains("to/k+en") && !format!("{key:?}").contains(&key.presigned.signature));
    }

    #[test]
    fn every_part_of_a_key_is_signed() {
        let text = made(|_| {});
        let url = String::from_utf8(STANDARD.decode(&text[PREFIX.len()..]).unwrap_or_default()).unwrap_or_default();
        for (part, other) in [
            ("X-Amz-Expires=900", "X-Amz-Expires=43200"),
            ("eu-west-1", "us-east-1"),
            ("20260301T120000Z", "20260301T120001Z"),
            ("to%2Fk", "to%2Fx"),
            ("ASIAEXAMPLE", "ASIAANOTHER"),
            ("Action=", "Extra=1&Action="),
        ] {
            let forged = url.replace(part, other);
            assert_ne!(forged, url);
            let key = ShortTermKey::parse(&format!("{PREFIX}{}", STANDARD.encode(&forged))).expect(part);
            assert_eq!(key.verify("secret", AmzTime::from_unix(1_772_366_401)), Err(Refusal::Signature), "{part}");
        }
        for (part, other) in [
            (HOST, "sts.amazonaws.com"),
            ("CallWithBearerToken", "GetCallerIdentity"),
            ("SignedHeaders=host", "SignedHeaders=host%3Bx-extra"),
            ("&Version=1", ""),
            ("X-Amz-Date=", "X-Amz-Date=20260301T120000Z&X-Amz-Date="),
        ] {
            let forged = url.replace(part, other);
            assert_eq!(ShortTermKey::parse(&format!("{PREFIX}{}", STANDARD.encode(&forged))), None, "{part}");
        }
        for text in ["", PREFIX, "ABSKabc", "bedrock-api-key-????"] {
            assert_eq!(ShortTermKey::parse(text), None);
        }
    }

    #[test]
    fn no_key_holds_longer_than_twelve_hours() {
        let key = ShortTermKey::parse(&made(|minting| minting.seconds = 100_000)).expect("a key");
        assert_eq!(key.ends().unix(), 1_772_366_400 + 43_200);
        // One that somebody signed for longer all the same.
        let scope = CredentialScope::new(AmzTime::from_unix(1_772_366_400), "eu-west-1", SERVICE);
        let (time, hash) = (AmzTime::from_unix(1_772_366_400), hash_hex(b""));
        let signing = SigningKey::derive("secret", scope);
        let query = presign(&request(ACTION, &hash), &HEADERS, "AKID", None, &signing, time, 43_201);
        let long = format!("{PREFIX}{}", STANDARD.encode(format!("{HOST}/?{query}{VERSION}")));
        assert!(ShortTermKey::parse(&long).expect("a key").verify("secret", time).is_err());
    }
}
