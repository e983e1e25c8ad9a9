//! A request: typed -> body, and body and headers -> typed.

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::dialect::invoke;
use crate::edit::Edit;
use crate::json::{self, Json};
use crate::messages::MessageRequest;
use crate::model::ModelId;

/// The body of a request with `edits` applied. What headers carry, the version and the beta flags, is left out of it
/// unless an edit sets it. Whether the reply is streamed is the member `stream`.
///
/// # Errors
/// When a number is not finite: JSON has none, and `null` is refused by the models.
pub fn encode_request(request: &MessageRequest, edits: &[Edit]) -> Result<Vec<u8>, serde_json::Error> {
    // Of two edits of one member the later one counts.
    let in_headers = [Edit::drop("anthropic_version"), Edit::drop("anthropic_beta")];
    let edits: Vec<Edit> = in_headers.into_iter().chain(edits.iter().cloned()).collect();
    invoke::encode_request(request, &edits)
}

/// What the headers of a request say of it. Which headers these are says the row of the surface.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Head {
    /// `anthropic-version`
    pub version: Option<String>,
    /// `anthropic-beta`: the flags, which commas part.
    pub betas: Vec<String>,
}

impl Head {
    /// Reads the values of the two headers; a header may come more than once.
    pub fn read<'a>(version: Option<&str>, betas: impl IntoIterator<Item = &'a str>) -> Self {
        let flags = betas.into_iter().flat_map(|value| value.split(',')).map(str::trim).filter(|flag| !flag.is_empty());
        Head { version: version.map(str::to_owned), betas: flags.map(str::to_owned).collect() }
    }

    /// The value of the header for the flags; none where there are no flags.
    #[must_use]
    pub fn betas_value(&self) -> Option<String> {
        (!self.betas.is_empty()).then(|| self.betas.join(","))
    }
}

/// Decodes a body, with what the headers say of it.
///
/// # Errors
/// When the body is not JSON, or no request.
pub fn decode_request(head: Head, body: &[u8]) -> Result<MessageRequest, serde_json::Error> {
    let mut request: MessageRequest = json::decode(body)?;
    // The headers decide; that the body had one too must not be lost on who checks it.
    if let Some(version) = request.anthropic_version.take() {
        request.extra.set("anthropic_version", Json::of(&version)?);
    }
    if let Some(betas) = request.betas.take() {
        request.extra.set("anthropic_beta", Json::of(&betas)?);
    }
    request.anthropic_version = head.version;
    request.betas = (!head.betas.is_empty()).then_some(head.betas);
    Ok(request)
}

/// What of a body says how it is to be answered, read without the rest.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Outline {
    /// The model; empty where there is none.
    pub model: ModelId,
    /// Whether the reply is streamed.
    pub stream: bool,
}

impl Outline {
    /// Reads it. What is not there or of another type is as good as not said: a body that is none is told apart where
    /// it is decoded.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        struct Members(Outline);
        impl<'de> Deserialize<'de> for Members {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct OutlineVisitor;
                impl<'de> Visitor<'de> for OutlineVisitor {
                    type Value = Members;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                        let mut outline = Outline::default();
                        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
                            match &*name {
                                "model" => outline.model = map.next_value::<Json>()?.parse().unwrap_or_default(),
                                "stream" => outline.stream = map.next_value::<Json>()?.parse().unwrap_or_default(),
                                _ => drop(map.next_value::<IgnoredAny>()?),
                            }
                        }
                        Ok(Members(outline))
                    }
                }
                deserializer.deserialize_map(OutlineVisitor)
            }
        }
        serde_json::from_slice::<Members>(body).map(|members| members.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_carry_version_and_flags() {
        let mut request = MessageRequest::new("anthropic.claude-opus-4-8", 16).user("hi");
        request.anthropic_version = Some("2023-06-01".to_owned());
        request.betas = Some(vec!["a-1".to_owned(), "b-2".to_owned()]);
        let body =
            encode_request(&request, &[Edit::set("stream", Json::of(&true).expect("a value"))]).expect("encodes");
        assert_eq!(
            String::from_utf8_lossy(&body),
            r#"{"stream":true,"model":"anthropic.claude-opus-4-8","max_tokens":16,"messages":[{"role":"user","content":"hi"}]}"#
        );
        let outline = Outline { model: "anthropic.claude-opus-4-8".into(), stream: true };
        assert_eq!(Outline::read(&body), outline);
        let head = Head::read(Some("2023-06-01"), ["a-1, b-2", " ,"]);
        assert_eq!(head.betas_value().as_deref(), Some("a-1,b-2"));
        let decoded = decode_request(head, &body).expect("decodes");
        assert_eq!(decoded, MessageRequest { stream: Some(true), ..request });
    }

    #[test]
    fn what_the_body_says_beside_the_headers_is_not_lost() {
        let body = br#"{"anthropic_beta":["x"],"anthropic_version":"v","max_tokens":1,"messages":[]}"#;
        let decoded = decode_request(Head::default(), body).expect("decodes");
        assert_eq!((decoded.betas, decoded.anthropic_version), (None, None));
        assert_eq!(
            decoded.extra.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["anthropic_version", "anthropic_beta"]
        );
    }

    #[test]
    fn a_body_that_is_none_asks_for_nothing() {
        for body in [&b"["[..], b"{}", br#"{"model":1,"stream":"yes"}"#, br#"{"model":"x","#] {
            assert_eq!(Outline::read(body), Outline::default());
        }
        assert_eq!(Outline::read(br#"{"stream":1,"model":"x\u0041"}"#).model.as_str(), "xA");
    }
}
