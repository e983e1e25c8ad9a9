//! How Bedrock is to handle a call, besides what the model is told: guardrail, capacity, speed, labels for its logs.
//!
//! The same on two surfaces in two places: headers of InvokeModel, members of Converse (botocore service model
//! bedrock-runtime 2023-09-30).

use std::collections::BTreeMap;
use std::fmt;

use crate::converse::{GuardrailConfig, GuardrailTrace, Latency, PerformanceConfig, ServiceTier, Tier};
use crate::edit::Edit;
use crate::json::{Extra, Json};

/// The header that names a guardrail.
pub const GUARDRAIL_IDENTIFIER: &str = "x-amzn-bedrock-guardrailidentifier";
/// Its version.
pub const GUARDRAIL_VERSION: &str = "x-amzn-bedrock-guardrailversion";
/// Whether the answer tells what it found: `ENABLED`, `DISABLED`, `ENABLED_FULL`.
pub const TRACE: &str = "x-amzn-bedrock-trace";
/// The capacity that is to serve a call, and in an answer the one that did.
pub const SERVICE_TIER: &str = "x-amzn-bedrock-service-tier";
/// The speed, and in an answer the one that was given.
pub const LATENCY: &str = "x-amzn-bedrock-performanceconfig-latency";
/// Labels, as a JSON object.
pub const REQUEST_METADATA: &str = "x-amzn-bedrock-request-metadata";

/// Letters of the id or ARN of a guardrail.
const LONGEST_IDENTIFIER: usize = 2048;

/// So many labels a call may have.
pub const MOST_LABELS: usize = 16;
/// Letters of the name of a label, which has one at least, or of its value.
pub const LONGEST_LABEL: usize = 256;
/// Letters of [`REQUEST_METADATA`].
pub const LONGEST_METADATA: usize = 8500;

/// How a call is to be handled.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Handling {
    /// What looks at question and answer.
    pub guardrail: Option<Guardrail>,
    /// The capacity that is to serve it.
    pub tier: Option<Tier>,
    /// The speed.
    pub latency: Option<Latency>,
    /// Labels, which Bedrock writes to its invocation log.
    pub metadata: BTreeMap<String, String>,
}

/// A guardrail.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Guardrail {
    /// Its id or ARN.
    pub identifier: String,
    /// `DRAFT`, or a number.
    pub version: String,
    /// Whether the answer tells what it found.
    pub trace: Option<GuardrailTrace>,
}

impl Guardrail {
    /// A guardrail by id or ARN, in a version: `DRAFT`, or a number. The one goes with the other.
    pub fn new(identifier: impl Into<String>, version: impl Into<String>) -> Self {
        Guardrail { identifier: identifier.into(), version: version.into(), trace: None }
    }

    /// Has the answer tell what was found.
    #[must_use]
    pub fn trace(mut self, trace: GuardrailTrace) -> Self {
        self.trace = Some(trace);
        self
    }
}

/// What is wrong with how a call is to be handled.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HandlingProblem {
    /// What, and the limit.
    pub why: String,
    /// What to do next.
    pub hint: String,
}

impl fmt::Display for HandlingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for HandlingProblem {}

impl Handling {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Handling { guardrail, tier, latency, metadata } = self;
        guardrail.is_none() && tier.is_none() && latency.is_none() && metadata.is_empty()
    }

    /// Whether AWS would take it, as far as its service model says. Words that are not known here pass: AWS adds some.
    ///
    /// # Errors
    /// With the first thing that it would not take.
    pub fn check(&self) -> Result<(), HandlingProblem> {
        let problem = |why: String, hint: &str| -> Result<(), HandlingProblem> {
            Err(HandlingProblem { why, hint: hint.to_owned() })
        };
        if let Some(Guardrail { identifier, version, .. }) = &self.guardrail {
            let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
            if identifier.is_empty() {
                return problem("the guardrail has no id".to_owned(), "give its id or ARN");
            }
            if identifier.len() > LONGEST_IDENTIFIER || !visible(identifier) {
                let why =
                    format!("a guardrail's id has at most {LONGEST_IDENTIFIER} letters, and no blanks among them");
                return problem(why, "give its id or ARN");
            }
            if !is_version(version) {
                let why = format!("guardrail {identifier} has no version `{version}`");
                return problem(why, "a version is DRAFT or a number from 1");
            }
        }
        for word in
            [self.tier.as_ref().map(Tier::as_str), self.latency.as_ref().map(Latency::as_str)].into_iter().flatten()
        {
            if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_graphic()) {
                return problem("the service tier or the latency is no word".to_owned(), "leave it out, or name one");
            }
        }
        let hint = "labels go to the invocation log: keep them few and short";
        if self.metadata.len() > MOST_LABELS {
            return problem(
                format!("{} labels of request metadata are more than {MOST_LABELS}", self.metadata.len()),
                hint,
            );
        }
        for (name, value) in &self.metadata {
            let letters = name.chars().count();
            if letters == 0 || letters > LONGEST_LABEL || value.chars().count() > LONGEST_LABEL {
                let why = "the name of a label of the request metadata has 1 to 256 letters, its value at most 256"
                    .to_owned();
                return problem(why, hint);
            }
            if !(name.chars().all(is_label_letter) && value.chars().all(is_label_letter)) {
                let why =
                    "a label of the request metadata has letters other than A-Z a-z 0-9, white space and :_@$#=/+,-."
                        .to_owned();
                return problem(why, "leave those letters out, or encode them");
            }
        }
        let length = self.metadata_text().map_or(0, |text| text.chars().count());
        if length > LONGEST_METADATA {
            return problem(format!("request metadata of {length} letters are more than {LONGEST_METADATA}"), hint);
        }
        Ok(())
    }

    /// The headers of InvokeModel.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if let Some(Guardrail { identifier, version, trace }) = &self.guardrail {
            headers.push((GUARDRAIL_IDENTIFIER, identifier.clone()));
            headers.push((GUARDRAIL_VERSION, version.clone()));
            headers.extend(trace.as_ref().map(|trace| (TRACE, trace.as_str().to_ascii_uppercase())));
        }
        headers.extend(self.tier.as_ref().map(|tier| (SERVICE_TIER, tier.as_str().to_owned())));
        headers.extend(self.latency.as_ref().map(|latency| (LATENCY, latency.as_str().to_owned())));
        headers.extend(self.metadata_text().map(|text| (REQUEST_METADATA, text)));
        headers
    }

    /// The members of a body of Converse, as edits to it.
    ///
    /// # Errors
    /// When one cannot be written as JSON.
    pub fn members(&self) -> Result<Vec<Edit>, serde_json::Error> {
        let mut members = Vec::new();
        if let Some(Guardrail { identifier, version, trace }) = &self.guardrail {
            let config = GuardrailConfig {
                guardrail_identifier: Some(identifier.clone()),
                guardrail_version: Some(version.clone()),
                trace: trace.clone(),
                ..GuardrailConfig::default()
            };
            members.push(Edit::set("guardrailConfig", Json::of(&config)?));
        }
        if !self.metadata.is_empty() {
            members.push(Edit::set("requestMetadata", Json::of(&self.metadata)?));
        }
        if let Some(latency) = &self.latency {
            let config = PerformanceConfig { latency: Some(latency.clone()), extra: Extra::new() };
            members.push(Edit::set("performanceConfig", Json::of(&config)?));
        }
        if let Some(tier) = &self.tier {
            let tier = ServiceTier { tier: tier.clone(), extra: Extra::new() };
            members.push(Edit::set("serviceTier", Json::of(&tier)?));
        }
        Ok(members)
    }

    fn metadata_text(&self) -> Option<String> {
        if self.metadata.is_empty() {
            return None;
        }
        // A map of texts is always written.
        serde_json::to_string(&self.metadata).ok()
    }
}

/// Whether a text is a version of a guardrail: `DRAFT`, or a number of one to eight digits.
#[must_use]
pub fn is_version(text: &str) -> bool {
    let is_number = (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text == "DRAFT" || is_number && !text.starts_with('0')
}

/// Whether a letter may stand in a label (botocore: `[a-zA-Z0-9\s:_@$#=/+,-.]`).
#[must_use]
pub fn is_label_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter.is_ascii_whitespace() || ":_@$#=/+,-.".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::splice;

    fn full() -> Handling {
        Handling {
            guardrail: Some(Guardrail::new("gr1234567890", "1").trace(GuardrailTrace::EnabledFull)),
            tier: Some(Tier::Priority),
            latency: Some(Latency::Optimized),
            metadata: BTreeMap::from([("team".to_owned(), "a, b".to_owned()), ("k".to_owned(), String::new())]),
        }
    }

    #[test]
    fn it_is_headers_on_one_surface_and_members_on_another() {
        assert_eq!(full().check(), Ok(()));
        let headers = full().headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            headers,
            [
                (GUARDRAIL_IDENTIFIER, "gr1234567890"),
                (GUARDRAIL_VERSION, "1"),
                (TRACE, "ENABLED_FULL"),
                (SERVICE_TIER, "priority"),
                (LATENCY, "optimized"),
                (REQUEST_METADATA, r#"{"k":"","team":"a, b"}"#),
            ]
        );
        let members = full().members().expect("members");
        let body = splice(br#"{"messages":[]}"#, &members).expect("a body");
        assert_eq!(
            String::from_utf8_lossy(&body),
            concat!(
                r#"{"guardrailConfig":{"guardrailIdentifier":"gr1234567890","guardrailVersion":"1","#,
                r#""trace":"enabled_full"},"requestMetadata":{"k":"","team":"a, b"},"performanceConfig":{"latency":"optimized"},"#,
                r#""serviceTier":{"type":"priority"},"messages":[]}"#
            )
        );
        let nothing = Handling::default();
        assert!(
            nothing.is_empty() && nothing.headers().is_empty() && nothing.members().is_ok_and(|all| all.is_empty())
        );
        assert!(!full().is_empty());
    }

    #[test]
    fn what_aws_would_refuse_is_told() {
        let labels =
            |labels: Vec<(String, String)>| Handling { metadata: labels.into_iter().collect(), ..Handling::default() };
        let guarded =
            |id: &str, version: &str| Handling { guardrail: Some(Guardrail::new(id, version)), ..Handling::default() };
        let many =
            |count: usize, length: usize| (0..count).map(|at| (format!("{at:0length$}"), "v".repeat(length))).collect();
        for (good, handling) in [
            (true, guarded("arn:aws:bedrock:us-east-1:123456789012:guardrail/abc", "DRAFT")),
            (true, guarded("abc", "99999999")),
            (false, guarded("", "1")),
            (false, guarded("a b", "1")),
            (false, guarded("abc", "")),
            (false, guarded("abc", "0")),
            (false, guarded("abc", "draft")),
            (false, guarded("abc", "100000000")),
            (true, labels(many(16, 256))),
            (false, labels(many(17, 2))),
            (false, labels(many(1, 257))),
            (false, labels(vec![(String::new(), "v".to_owned())])),
            (false, labels(vec![("k".to_owned(), "é".to_owned())])),
            (false, labels(vec![("k".to_owned(), "\"".to_owned())])),
            // Each is short enough, but written as JSON all are too long.
            (false, labels((0..16).map(|at| (format!("{at:0256}"), "\n".repeat(256))).collect())),
            (true, Handling { tier: Some("turbo".into()), ..Handling::default() }),
            (false, Handling { tier: Some("tur\nbo".into()), ..Handling::default() }),
        ] {
            assert_eq!(handling.check().is_ok(), good, "{handling:?}");
        }
    }
}
