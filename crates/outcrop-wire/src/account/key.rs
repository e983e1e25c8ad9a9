//! What a Bedrock API key says of itself. Nothing is asked, and nothing of its secret is kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::bearer::ShortTermKey;
use crate::sigv4::AmzTime;

/// What long-term keys begin with.
const LONG_TERM: &str = "ABSK";

/// What stands behind that, before a colon and the secret (remembered, and widely seen).
const NAME: &str = "BedrockAPIKey-";

/// What a Bedrock API key says of itself. That it is good is not said.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ApiKey {
    /// A signature that holds for some hours.
    ShortTerm {
        /// The AWS key that made it.
        access_key_id: String,
        /// The only region in which it is taken.
        region: String,
        /// When it ends; the AWS key may end before.
        ends: AmzTime,
    },
    /// One that belongs to an IAM user.
    LongTerm {
        /// Its name: `BedrockAPIKey-...`.
        name: Option<String>,
    },
    /// No form that is known here: a gateway may take it.
    Other,
}

impl ApiKey {
    /// Reads a key.
    ///
    /// ```
    /// # use outcrop_wire::account::ApiKey;
    /// assert_eq!(ApiKey::read("ABSK..."), ApiKey::LongTerm { name: None });
    /// assert_eq!(ApiKey::read("sk-ant-..."), ApiKey::Other);
    /// ```
    #[must_use]
    pub fn read(key: &str) -> Self {
        let key = key.trim();
        if let Some(key) = ShortTermKey::parse(key) {
            let (access_key_id, region) = (key.access_key_id().to_owned(), key.region().to_owned());
            return ApiKey::ShortTerm { access_key_id, region, ends: key.ends() };
        }
        let Some(rest) = key.strip_prefix(LONG_TERM) else { return ApiKey::Other };
        let text =
            STANDARD_NO_PAD.decode(rest.trim_end_matches('=')).ok().and_then(|text| String::from_utf8(text).ok());
        // Without a colon it would not be known what of it is the secret.
        let name = text.as_deref().and_then(|text| text.split_once(':')).map(|(name, _)| name);
        ApiKey::LongTerm { name: name.filter(|name| name.starts_with(NAME)).map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bearer::{Minting, mint};

    #[test]
    fn a_key_says_what_it_is_and_nothing_of_its_secret() {
        let key = mint(&Minting {
            access_key_id: "ASIAEXAMPLE",
            secret_access_key: "hidden",
            session_token: Some("hidden"),
            region: "eu-west-1",
            time: AmzTime::from_unix(1_772_366_400),
            seconds: 900,
        });
        let read = ApiKey::read(&format!(" {key}\n"));
        let ApiKey::ShortTerm { access_key_id, region, ends } = &read else { panic!("{read:?}") };
        assert_eq!((access_key_id.as_str(), region.as_str(), ends.unix()), ("ASIAEXAMPLE", "eu-west-1", 1_772_367_300));
        let long = |text: &str| ApiKey::read(&format!("ABSK{}", STANDARD_NO_PAD.encode(text)));
        assert_eq!(long("BedrockAPIKey-a1:hidden"), ApiKey::LongTerm { name: Some("BedrockAPIKey-a1".to_owned()) });
        for secret in ["hidden", "hidden:hidden", "BedrockAPIKey-hidden"] {
            assert_eq!(long(secret), ApiKey::LongTerm { name: None });
        }
    }
}
