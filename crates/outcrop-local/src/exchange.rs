//! One exchange: bytes, route, authenticate, check, engine, answer. Read this first.

use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::request::Parts;
use http::{Request, Response, Version};
use http_body::Body;
use outcrop_wire::dialect::invoke::{TokenCounts, encode_response};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::{InvocationMetrics, Message};
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::route::{Call, route};
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::Delivery;

use crate::account::REGION;
use crate::answer::{self, About, Answer, EventBody, set_header};
use crate::authenticate::authenticate;
use crate::check::check;
use crate::engine::Ask;
use crate::server::{Inner, Notice};
use crate::upload::Upload;
use crate::{ENGINE_HEADER, WARNING_HEADER};

/// Operations that AWS has and this server does not answer yet: what follows `/model/{id}/`.
const RUNTIME_NOT_BUILT: [&str; 4] =
    ["converse", "converse-stream", "count-tokens", "invoke-with-bidirectional-stream"];

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
pub(crate) async fn exchange<B>(local: &Inner, request: Request<B>) -> Response<Answer>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let request_id = local.request_id();
    let about = About { request_id: &request_id, now: local.now(), keeps_open: keeps_open(&parts) };
    let mut upload = Upload::new(body);
    let outcome = async {
        // AWS looks for the operation before it asks who calls.
        let path = parts.uri.path();
        let Some(call) = route(parts.method.as_str(), path) else { return Err(no_operation(path)) };
        let announced = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = upload.read(announced).await?;
        let now = AmzTime::from_unix(unix(about.now));
        let signed_for = authenticate(&local.account, &parts, &body, call.surface.row().signing_service, now)?;
        let region = region(signed_for, &parts);
        let id = call.model.clone().unwrap_or_default();
        let checked = check(&local.catalogue, call.surface, &id, &body, &region, &now.iso_day())?;
        Ok((call, checked, region))
    }
    .await;
    let (call, checked, region) = match outcome {
        Ok(passed) => passed,
        Err(fault) => {
            let path = parts.uri.path();
            local.notify(&Notice::Refused { operation: path, fault: &fault });
            return if path == STS { answer::query_refusal(&fault, &about) } else { answer::refusal(&fault, &about) };
        }
    };
    let ask = Ask { request: &checked.request, model: checked.model, scope: &checked.scope, region: &region };
    let message = local.engine.answer(&ask, &mut |prefix| local.id(prefix));
    let mut response = deliver(local, &call, &message, started, &about);
    set_header(&mut response, ENGINE_HEADER, local.engine.name());
    for warning in &checked.warnings {
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

/// A path that is no operation here.
fn no_operation(path: &str) -> Fault {
    let runtime = path.strip_prefix("/model/").and_then(|rest| rest.split_once('/')).map(|(_, operation)| operation);
    let other = path.split('/').nth(1).filter(|first| path == STS || OTHER_NOT_BUILT.contains(first));
    match runtime.filter(|operation| RUNTIME_NOT_BUILT.contains(operation)).or(other.map(|_| path)) {
        Some(operation) => Fault {
            code: "NotImplementedException".to_owned(),
            status: 501,
            message: format!("outcrop local does not answer `{operation}` yet"),
            origin: Origin::Http,
            details: Default::default(),
        },
        None => Fault::new("UnknownOperationException", "", Origin::BodyOf200),
    }
}

fn deliver(local: &Inner, call: &Call, message: &Message, started: Instant, about: &About<'_>) -> Response<Answer> {
    let latency = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match call.delivery {
        Delivery::Unary => match encode_response(message) {
            Ok(body) => answer::message(body, TokenCounts::new(&message.usage, latency), about),
            Err(error) => {
                answer::refusal(&Fault::new("InternalServerException", error.to_string(), Origin::Http), about)
            }
        },
        Delivery::Stream => {
            let metrics = InvocationMetrics {
                input_token_count: Some(message.usage.input_tokens),
                output_token_count: Some(message.usage.output_tokens),
                invocation_latency: Some(latency),
                first_byte_latency: Some(latency),
                cache_read_input_token_count: None,
                cache_write_input_token_count: None,
                extra: Default::default(),
            };
            let events = replay(message, &Replay { metrics: Some(metrics), piece: None });
            let body = EventBody::new(events, local.pace, local.random());
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
