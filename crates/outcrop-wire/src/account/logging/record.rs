//! A record of the log: one call, as Bedrock saw it.

use std::collections::BTreeMap;

use serde::ser::{SerializeMap as _, Serializer as _};

use crate::json::{Extra, Json};
use crate::model::ModelId;
use crate::record::{Record as _, open_enum, record};
use crate::sigv4::AmzTime;

record! {
    /// A call: who, when, what model, what went in, what came out.
    ///
    /// Member order as a live record of 2026 has it; [`LogOrder`] says the other one.
    pub struct ModelInvocationLog {
        /// `ModelInvocationLog`.
        required schema_type("schemaType"): String,
        /// `1.0`.
        optional schema_version("schemaVersion"): String,
        /// When: `2026-04-19T13:28:51Z`, to the second; see [`ModelInvocationLog::time`].
        required timestamp: String,
        /// The account, twelve digits.
        optional account_id("accountId"): String,
        /// Who.
        lenient identity: LogIdentity,
        /// The region that was called.
        optional region: String,
        /// What the answer's header `x-amzn-requestid` said.
        required request_id("requestId"): String,
        /// What was called.
        required operation: LogOperation,
        /// The model as the caller named it: base id, profile id or ARN.
        required model_id("modelId"): ModelId,
        /// The region that served the call, of calls that may go elsewhere.
        lenient inference_region("inferenceRegion"): String,
        /// The exception's name, of a call that failed.
        lenient error_code("errorCode"): String,
        /// The caller's labels.
        lenient request_metadata("requestMetadata"): BTreeMap<String, String>,
        /// What went in.
        lenient input: LogInput,
        /// What came out; there may be none of a call that failed.
        lenient output: LogOutput,
    }
}

record! {
    /// Who called.
    #[derive(Default)]
    pub struct LogIdentity {
        /// A user, or a session of a role: `arn:aws:sts::123456789012:assumed-role/Role/session`.
        optional arn: String,
    }
}

record! {
    /// What went in. Its body is here, or in S3, or not logged at all.
    #[derive(Default)]
    pub struct LogInput {
        /// `application/json`.
        lenient content_type("inputContentType"): String,
        /// The request's body.
        optional body("inputBodyJson"): Json,
        /// Where in S3 a large body lies: `s3://bucket/.../data/{requestId}_input.json.gz`.
        lenient body_path("inputBodyS3Path"): String,
        /// Tokens, those of the cache not among them.
        lenient token_count("inputTokenCount"): u64,
        /// Tokens read from the cache.
        lenient cache_read_token_count("cacheReadInputTokenCount"): u64,
        /// Tokens written to the cache.
        lenient cache_write_token_count("cacheWriteInputTokenCount"): u64,
    }
}

record! {
    /// What came out. Its body is here, or in S3, or not logged at all.
    #[derive(Default)]
    pub struct LogOutput {
        /// `application/json`.
        lenient content_type("outputContentType"): String,
        /// The answer: a message, an answer of Converse (streamed ones added up), or the events of
        /// InvokeModelWithResponseStream as a list.
        optional body("outputBodyJson"): Json,
        /// Where in S3 a large body lies.
        lenient body_path("outputBodyS3Path"): String,
        /// Tokens.
        lenient token_count("outputTokenCount"): u64,
    }
}

open_enum! {
    /// What was called.
    pub enum LogOperation {
        /// A whole answer, in the model's own words.
        InvokeModel = "InvokeModel",
        /// The same as a stream.
        InvokeModelWithResponseStream = "InvokeModelWithResponseStream",
        /// A whole answer, in Converse's words.
        Converse = "Converse",
        /// The same as a stream.
        ConverseStream = "ConverseStream",
    }
}

/// Where in a record its schema is named. Published records have both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogOrder {
    /// First.
    #[default]
    SchemaFirst,
    /// Last.
    SchemaLast,
}

impl ModelInvocationLog {
    /// The `schemaType` of every record.
    pub const SCHEMA_TYPE: &'static str = "ModelInvocationLog";
    /// The `schemaVersion` known here.
    pub const SCHEMA_VERSION: &'static str = "1.0";

    /// A record of a call at `time`.
    #[must_use]
    pub fn new(
        time: AmzTime,
        request_id: impl Into<String>,
        operation: LogOperation,
        model_id: impl Into<ModelId>,
    ) -> Self {
        ModelInvocationLog {
            schema_type: Self::SCHEMA_TYPE.to_owned(),
            schema_version: Some(Self::SCHEMA_VERSION.to_owned()),
            timestamp: time.iso(),
            account_id: None,
            identity: None,
            region: None,
            request_id: request_id.into(),
            operation,
            model_id: model_id.into(),
            inference_region: None,
            error_code: None,
            request_metadata: None,
            input: None,
            output: None,
            extra: Extra::new(),
        }
    }

    /// When the call was, to the second; `None` where the timestamp is no time.
    #[must_use]
    pub fn time(&self) -> Option<AmzTime> {
        log_time(&self.timestamp)
    }

    /// Who called; empty where it is not told.
    #[must_use]
    pub fn caller(&self) -> &str {
        self.identity.as_ref().and_then(|identity| identity.arn.as_deref()).unwrap_or_default()
    }

    /// The record as its line, without the line's end.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn line(&self, order: LogOrder) -> Result<String, serde_json::Error> {
        let of_schema = |name: &str| matches!(name, "schemaType" | "schemaVersion");
        let mut line = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut line);
        let mut map = serializer.serialize_map(None)?;
        match order {
            LogOrder::SchemaFirst => self.encode_members(&mut map, |_| true)?,
            LogOrder::SchemaLast => {
                self.encode_members(&mut map, |name| !of_schema(name))?;
                self.encode_members(&mut map, of_schema)?;
            }
        }
        map.end()?;
        String::from_utf8(line).map_err(serde::ser::Error::custom)
    }
}

/// The time of a record, to the second: `2026-04-19T13:28:51Z`, and as pipelines respell it, with a space, with a
/// fraction or without its `Z`. It is UTC.
#[must_use]
pub fn log_time(text: &str) -> Option<AmzTime> {
    let text = text.trim().trim_end_matches('Z').trim_end_matches("+00:00");
    let (day, time) = text.split_once(['T', ' '])?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let day: Vec<&str> = day.split('-').collect();
    let time: Vec<&str> = time.split(':').collect();
    let ([year, month, day], [hour, minute, second]) = (day.as_slice(), time.as_slice()) else { return None };
    digits(fraction).then(|| AmzTime::parse(&format!("{year}{month}{day}T{hour}{minute}{second}Z"))).flatten()
}
