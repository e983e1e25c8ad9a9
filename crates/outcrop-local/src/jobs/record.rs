//! A record of a job: a line that is read, asked as a call of the runtime would be, and answered with a line.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use http_body_util::BodyExt as _;
use outcrop_wire::Json;
use outcrop_wire::account::Job;
use outcrop_wire::account::job::{InvocationType, JobRecord, JobResult, RecordError};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::ModelId;
use outcrop_wire::route::Call;
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::{Delivery, Surface};
use serde::Deserialize;

use crate::answer::About;
use crate::call::answered;
use crate::control::behind;
use crate::dialect::{self, Wishes};
use crate::engine::{Given, Incoming};
use crate::exchange::unix;
use crate::reply::{How, Reply, What};
use crate::server::{Inner, Notice};

/// Letters and digits of an id that is made (AWS user guide: an "11 character alphanumeric string").
const ID: usize = 11;

/// The header with the name of an error.
const ERROR_TYPE: &str = "x-amzn-errortype";

/// What all records of a job have in common.
#[derive(Clone)]
pub(super) struct Calls {
    call: Call,
    region: String,
    /// What the application inference profile that it names was copied from.
    behind: Option<ModelId>,
}

/// What came of a record.
pub(super) struct Done {
    /// The line, with its end.
    pub(super) line: String,
    pub(super) succeeded: bool,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    /// What passed here and may be refused by AWS.
    pub(super) warnings: Vec<String>,
}

/// What a message tells of its tokens, in either dialect.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    usage: Option<Counts>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    #[serde(alias = "inputTokens")]
    input_tokens: u64,
    #[serde(alias = "outputTokens")]
    output_tokens: u64,
}

/// Reads a line: an object of JSON whose `modelInput` is another. That is all that is looked at before a job runs
/// (documented); what is in it is between the record and its model.
pub(super) fn read(line: &[u8]) -> Result<JobRecord, String> {
    let record: JobRecord = serde_json::from_slice(line).map_err(|error| {
        // The line that serde tells is always the first.
        error.to_string().replace(" at line 1 column ", " at column ")
    })?;
    match record.model_input.text().starts_with('{') {
        true => Ok(record),
        false => Err("modelInput is no object".to_owned()),
    }
}

impl Calls {
    pub(super) fn of(local: &Inner, job: &Job, region: &str) -> Self {
        let surface = match job.invocation() {
            InvocationType::Converse => Surface::Converse,
            _ => Surface::InvokeModel,
        };
        let model = ModelId::from(job.model_id.as_str());
        let behind = behind(local, region, &model);
        let call = Call { surface, delivery: Delivery::Unary, model: Some(model) };
        Calls { call, region: region.to_owned(), behind }
    }

    /// The answer to a line. Never fails: what goes wrong is a result.
    pub(super) async fn answer(self, local: Arc<Inner>, line: Bytes) -> Done {
        let mut record = taken(&line);
        let body = Bytes::from(record.model_input.text().to_owned());
        let (outcome, warnings) = self.ask(&local, body).await;
        let mut random = local.random();
        record.record_id.get_or_insert_with(|| (0..ID).map(|_| random.alphanumeric()).collect());
        Done { warnings, ..Done::of(record, outcome) }
    }

    async fn ask(&self, local: &Arc<Inner>, body: Bytes) -> (Result<Json, Fault>, Vec<String>) {
        let (head, ()) = Request::new(()).into_parts();
        let Calls { call, region, behind } = self.clone();
        let incoming = Arc::new(Incoming { call, head: Arc::new(head), body, region, behind, in_job: true });
        let when = local.now();
        let (outcome, warnings) = match answered(local, &incoming, AmzTime::from_unix(unix(when)), when).await {
            Err(fault) => (Err(fault), Vec::new()),
            Ok(answered) => {
                let outcome = match answered.given {
                    Given::Reply(reply) => said(local, self.call.surface, reply, &answered.wishes).await,
                    Given::Relayed(response) => collected(response).await,
                };
                (outcome, answered.warnings)
            }
        };
        if let Err(fault) = &outcome {
            let operation = self.call.surface.row().operation(Delivery::Unary);
            local.notify(&Notice::Refused { operation, fault });
        }
        (outcome, warnings)
    }
}

/// The record of a line. It was one when the files were looked at; what no longer is one is refused as a body.
fn taken(line: &[u8]) -> JobRecord {
    read(line).unwrap_or_else(|_| {
        let text = Json::of(&*String::from_utf8_lossy(line));
        JobRecord { model_input: text.unwrap_or_default(), ..JobRecord::default() }
    })
}

impl Done {
    /// What is said of a record whose answer never came.
    pub(super) fn failed(line: &[u8]) -> Self {
        Done::of(taken(line), Err(broken("outcrop local: the record could not be answered")))
    }

    fn of(record: JobRecord, outcome: Result<Json, Fault>) -> Self {
        let (model_input, record_id) = (record.model_input, record.record_id);
        let mut result = JobResult { model_input, record_id, ..JobResult::default() };
        let mut counts = Counts::default();
        let succeeded = outcome.is_ok();
        match outcome {
            Ok(output) => {
                counts = output.parse::<Told>().ok().and_then(|told| told.usage).unwrap_or_default();
                result.model_output = Some(output);
            }
            Err(fault) => result.error = Some(RecordError::new(fault.status, fault.message)),
        }
        Done {
            line: result.line().unwrap_or_default(),
            succeeded,
            input_tokens: counts.input_tokens,
            output_tokens: counts.output_tokens,
            warnings: Vec::new(),
        }
    }
}

/// A reply as the body that an unary call would have.
async fn said(local: &Inner, surface: Surface, reply: Reply, wishes: &Wishes) -> Result<Json, Fault> {
    // A sleep of no time is one of a millisecond.
    if reply.delay > Duration::ZERO {
        tokio::time::sleep(reply.delay).await;
    }
    if let Some(fault) = reply.refusal(Delivery::Unary) {
        return Err(fault.clone());
    }
    if let Some(How::Cut | How::CutInside) = reply.breach.as_ref().map(|breach| &breach.how) {
        return Err(broken("the answer broke off"));
    }
    match reply.what {
        What::Fault(fault) => Err(fault),
        What::Recorded(recorded) if recorded.is_stream() || recorded.cut => {
            Err(broken("what was recorded is no whole answer"))
        }
        What::Recorded(recorded) => whole(recorded.status.as_u16(), &recorded.headers, &recorded.body),
        What::Counted(_) => Err(broken("a count of tokens is no answer")),
        What::Message(message) => {
            let request_id = local.request_id();
            let about = About { request_id: &request_id, now: local.now(), keeps_open: None };
            let response = dialect::message(surface, &message, 0, wishes, &about);
            let response = response.map_err(|error| broken(error.to_string()))?;
            collected(response).await
        }
    }
}

/// The body of an answer, all of it.
async fn collected<B>(response: Response<B>) -> Result<Json, Fault>
where
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| broken(format!("the answer broke off: {error}")))?.to_bytes();
    whole(head.status.as_u16(), &head.headers, &body)
}

/// An HTTP answer as a result.
fn whole(status: u16, headers: &HeaderMap, body: &[u8]) -> Result<Json, Fault> {
    if !(200..300).contains(&status) {
        let error_type = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok());
        return Err(Fault::from_http(status, error_type, body));
    }
    serde_json::from_slice(body).map_err(|error| broken(format!("the answer is no JSON: {error}")))
}

fn broken(why: impl Into<String>) -> Fault {
    Fault::new("InternalServerException", why, Origin::Http)
}
