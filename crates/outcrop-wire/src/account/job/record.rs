//! The lines of a job's files, and its manifest.
//!
//! Source: AWS user guide, "Format and upload your batch inference data" and "View the results of a batch inference job".

use serde::Serialize;

use crate::json::Json;
use crate::record::record;

record! {
    /// A request: a line of a job's input.
    #[derive(Default)]
    pub struct JobRecord {
        /// What its result is found by. AWS gives one where there is none.
        optional record_id("recordId"): String,
        /// The body: of InvokeModel, or of Converse, as the job says.
        required model_input("modelInput"): Json,
    }
}

record! {
    /// What came of a request: a line of a job's output, in the order of its input.
    #[derive(Default)]
    pub struct JobResult {
        /// The body as it came.
        required model_input("modelInput"): Json,
        /// The answer: a message, or that of Converse.
        optional model_output("modelOutput"): Json,
        /// That of the request.
        optional record_id("recordId"): String,
        /// Why there is no answer.
        optional error: RecordError,
    }
}

record! {
    /// Why a request was not answered.
    #[derive(Default)]
    pub struct RecordError {
        /// A status of HTTP: `400`.
        lenient error_code("errorCode"): u16,
        /// In words.
        lenient error_message("errorMessage"): String,
    }
}

record! {
    /// What came of a whole job: the text of `manifest.json.out`.
    #[derive(Default)]
    pub struct JobManifest {
        /// Records there were.
        default total_record_count("totalRecordCount"): u64,
        /// Records that were done, well or not.
        default processed_record_count("processedRecordCount"): u64,
        /// Records that were answered.
        default success_record_count("successRecordCount"): u64,
        /// Records that were refused, or failed.
        default error_record_count("errorRecordCount"): u64,
        /// Tokens that were read.
        default input_token_count("inputTokenCount"): u64,
        /// Tokens that were said.
        default output_token_count("outputTokenCount"): u64,
    }
}

impl JobRecord {
    /// A request that is to be found again by `id`.
    #[must_use]
    pub fn new(id: impl Into<String>, model_input: Json) -> Self {
        JobRecord { record_id: Some(id.into()), model_input, extra: Default::default() }
    }

    /// As a line, with its end. A body that is written over several lines is put on one.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        line(self)
    }
}

impl JobResult {
    /// As a line, with its end.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        line(self)
    }
}

impl RecordError {
    /// One with a status of HTTP.
    #[must_use]
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        let (error_code, error_message) = (Some(status), Some(message.into()));
        RecordError { error_code, error_message, extra: Default::default() }
    }
}

/// JSON has line ends between its tokens alone: inside of its strings they are escaped.
fn line(record: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut line = serde_json::to_string(record)?;
    if line.contains(['\n', '\r']) {
        line = line.replace(['\n', '\r'], " ");
    }
    line.push('\n');
    Ok(line)
}
