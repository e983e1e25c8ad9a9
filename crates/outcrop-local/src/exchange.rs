//! One exchange: bytes, route, authenticate, check, engine, answer. Read this first.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::request::Parts;
use http::{Request, Response, Version};
use http_body::Body;
use outcrop_wire::dialect::invoke::{TokenCounts, encode_count_answer, encode_response};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::InvocationMetrics;
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::route::{Call, route};
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::{Delivery, Surface};

use crate::account::REGION;
use crate::answer::{self, About, Answer, set_header};
use crate::authenticate::authenticate;
use crate::call::{answered, aside};
use crate::cut::Line;
use crate::engine::{Given, Incoming};
use crate::events::{EventBody, Source};
use crate::reply::{Break, How, Reply, What};
use crate::server::{Inner, Notice};
use crate::upload::Upload;
use crate::{ENGINE_HEADER, WARNING_HEADER};

/// Operations that AWS has and this server does not answer yet: what follows `/model/{id}/`.
const RUNTIME_NOT_BUILT: [&str; 3] = ["converse", "converse-stream", "invoke-with-bidirectional-stream"];

/// The same on the other hosts that share this port: the first segment of the path (botocore service
/// models bedrock 2023-04-20, bedrock-runtime 2023-09-30, sts 2011-06-15).
const OTHER_NOT_BUILT: [&str; 16] = [
    "anthropic",
    "async-invoke",
    "create-foundation-model-agreement",
    "delete-foundation-model-agreement",
    "foundation-model-availability",
    "foundation-models",
    "guardrail",
    "guardrails",
    "inference-profiles",
    "list-foundation-model-agreement-offers",
    "listTagsForResource",
    "logging",
    "mantle",
    "model-invocation-job",
    "model-invocation-jobs",
    "use-case-for-model-access",
];

/// The path of STS, which takes forms and answers XML.
const STS: &str = "/";

/// Answers one request. Never fails: what goes wrong is an answer.
pub(crate) async fn exchange<B>(local: &Arc<Inner>, request: Request<B>, line: &Line) -> Response<Answer>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let request_id = local.request_id();
    let about = About { request_id: &request_id, now: local.now(), keeps_open: keeps_open(&parts) };
    let now = AmzTime::from_unix(unix(about.now));
    let head = Arc::new(parts);
    let path = head.uri.path();
    let mut upload = Upload::new(body);
    let outcome = async {
        // AWS looks for the operation before it asks who calls.
        let call = route(head.method.as_str(), path, None);
        let Some(call) = call.filter(|call| call.surface == Surface::InvokeModel) else {
            return Err(no_operation(path));
        };
        let announced = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = upload.read(announced).await?;
        let service = call.surface.row().signing_service;
        let signed_for = aside(body.len(), {
            let (local, head, body) = (Arc::clone(local), Arc::clone(&head), body.clone());
            move || authenticate(&local.account, &head, &body, service, now)
        });
        let region = region(signed_for.await?, &head);
        let incoming = Arc::new(Incoming { call, head: Arc::clone(&head), body, region });
        let answered = answered(local, &incoming, now, about.now).await?;
        Ok((incoming, answered))
    }
    .await;
    let (incoming, answered) = match outcome {
        Ok(passed) => passed,
        Err(fault) => {
            local.notify(&Notice::Refused { operation: path, fault: &fault });
            return if path == STS { answer::query_refusal(&fault, &about) } else { answer::refusal(&fault, &about) };
        }
    };
    let mut response = match answered.given {
        Given::Relayed(answer) => {
            let (head, body) = answer.into_parts();
            let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
            // Who answered says so itself, if it is no model.
            return answer::given(head.status, &head.headers, Answer::Relayed(body, line.clone()), length, &about);
        }
        Given::Reply(reply) => {
            if reply.delay > Duration::ZERO {
                tokio::time::sleep(reply.delay).await;
            }
            if let Some(fault) = reply.refusal(incoming.call.delivery) {
                local.notify(&Notice::Refused { operation: path, fault });
            }
            deliver(local, &incoming.call, reply, started, &about, line)
        }
    };
    set_header(&mut response, ENGINE_HEADER, answered.engine);
    for warning in &answered.warnings {
        local.notify(&Notice::Warning(warning));
        set_header(&mut response, WARNING_HEADER, warning);
    }
    response
}

/// Whether the connection stays after the answer, as far as the client says.
fn keeps_open(parts: &Parts) -> bool {
    let asked = parts.headers.get(CONNECTION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    parts.version == Version::HTTP_11 && !asked.to_ascii_lowercase().contains("close")
}

/// The region of a call: that of its signature, of the host it was sent to, or the account's.
fn region(signed_for: Option<String>, parts: &Parts) -> String {
    let host = || {
        let host = parts.headers.get(http::header::HOST)?.to_str().ok()?;
        let rest = host.strip_prefix("bedrock-runtime.").or_else(|| host.strip_prefix("bedrock-runtime-fips."))?;
        rest.split('.').next().map(str::to_owned)
    };
    signed_for.or_else(host).unwrap_or_else(|| REGION.to_owned())
}

/// What AWS has and this server has not yet: a code of its own, not one of AWS's table.
pub(crate) fn not_built(message: impl Into<String>) -> Fault {
    Fault {
        code: "NotImplementedException".to_owned(),
        status: 501,
        message: message.into(),
        origin: Origin::Http,
        details: Default::default(),
    }
}

/// A path that is no operation here.
fn no_operation(path: &str) -> Fault {
    let runtime = path.strip_prefix("/model/").and_then(|rest| rest.split_once('/')).map(|(_, operation)| operation);
    let other = path.split('/').nth(1).filter(|first| path == STS || OTHER_NOT_BUILT.contains(first));
    match runtime.filter(|operation| RUNTIME_NOT_BUILT.contains(operation)).or(other.map(|_| path)) {
        Some(operation) => not_built(format!("outcrop local does not answer `{operation}` yet")),
        None => Fault::new("UnknownOperationException", "", Origin::BodyOf200),
    }
}

/// A reply on its way: whole or streamed, as it was asked for, and broken where it is to break.
fn deliver(
    local: &Inner,
    call: &Call,
    reply: Reply,
    started: Instant,
    about: &About<'_>,
    line: &Line,
) -> Response<Answer> {
    let latency = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let streamed = |source, breach| {
        let pace = reply.pace.unwrap_or(local.pace);
        EventBody::new(source, pace, breach, local.random(), line.clone())
    };
    // A whole answer has no events to break between.
    let whole = |response, breach: Option<Break>| match breach.map(|breach| breach.how) {
        Some(How::Fault(fault, _)) => answer::refusal(&fault, about),
        Some(How::Cut | How::CutInside) => answer::cut(response, line),
        Some(How::BadCrc) | None => response,
    };
    match reply.what {
        What::Fault(fault) => answer::refusal(&fault, about),
        What::Recorded(recorded) if recorded.is_stream() => {
            // What broke off when it was recorded breaks off again.
            let breach = reply.breach.or(recorded.cut.then(|| Break::cut(usize::MAX)));
            let body = streamed(Source::Frames(recorded.body), breach);
            answer::given(recorded.status, &recorded.headers, Answer::Events(Box::new(body)), None, about)
        }
        What::Recorded(recorded) => {
            let length = Some(recorded.body.len() + usize::from(recorded.cut));
            let body = match recorded.cut {
                true => Answer::Part(Some(recorded.body), line.clone()),
                false => Answer::Whole(Some(recorded.body)),
            };
            whole(answer::given(recorded.status, &recorded.headers, body, length, about), reply.breach)
        }
        What::Counted(count) => whole(answer::count(encode_count_answer(&count), about), reply.breach),
        What::Message(message) if call.delivery == Delivery::Unary => match encode_response(&message) {
            Ok(body) => whole(answer::message(body, TokenCounts::new(&message.usage, latency), about), reply.breach),
            Err(error) => {
                answer::refusal(&Fault::new("InternalServerException", error.to_string(), Origin::Http), about)
            }
        },
        What::Message(message) => {
            let counts = TokenCounts::new(&message.usage, latency);
            let metrics = InvocationMetrics {
                input_token_count: counts.input,
                output_token_count: counts.output,
                invocation_latency: Some(latency),
                first_byte_latency: Some(latency),
                cache_read_input_token_count: counts.cache_read,
                cache_write_input_token_count: counts.cache_write,
                extra: Default::default(),
            };
            let events = replay(&message, &Replay { metrics: Some(metrics), piece: None });
            let body = streamed(Source::Events(events.into_iter()), reply.breach);
            answer::stream(body, call.surface.row().stream_content_type, about)
        }
    }
}

fn unix(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    }
}
