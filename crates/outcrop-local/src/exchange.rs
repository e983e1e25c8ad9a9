//! One exchange: bytes, route, authenticate, check, engine, answer. Read this first.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST};
use http::request::Parts;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::route::{Call, route};
use outcrop_wire::sigv4::{AmzTime, Authorization};
use outcrop_wire::surface::{Delivery, Dialect, Place, Surface};

use crate::absent::{self, absent};
use crate::answer::{self, About, Answer, set_header};
use crate::authenticate::{Service, authenticate, known_host};
use crate::call::{answered, aside};
use crate::check::handling;
use crate::control::{self, World};
use crate::cut::Line;
use crate::dialect::{self, Wishes};
use crate::engine::{Given, Incoming};
use crate::events::{EventBody, Source};
use crate::invocation_log::Telling;
use crate::objects;
use crate::region;
use crate::reply::{Break, How, Reply, What};
use crate::server::{Inner, Notice};
use crate::upload::Upload;
use crate::{ENGINE_HEADER, WARNING_HEADER};

/// The path below which Anthropic's own API stands, on the runtime host and, behind its prefix, on Mantle.
const ANTHROPIC: &str = "/anthropic/";

/// Answers one request. Never fails: what goes wrong is an answer.
pub(crate) async fn exchange<B>(local: &Arc<Inner>, request: Request<B>, line: &Line) -> Response<Answer>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    name_host(&mut parts);
    let request_id = local.request_id();
    let about = About { request_id: &request_id, now: local.now(), keeps_open: keeps_open(&parts) };
    let now = AmzTime::from_unix(unix(about.now));
    let head = Arc::new(parts);
    let path = head.uri.path();
    let mut upload = Upload::new(body);
    if let Some(call) = objects::called(&head) {
        return call.answer(local, &head, &mut upload, &about, line).await.unwrap_or_else(|(fault, response)| {
            local.notify(&Notice::Refused { operation: path, fault: &fault });
            response
        });
    }
    if let Some(call) = control::called(&head) {
        let answered = match upload.read(announced(&head)).await {
            Ok(body) => {
                let world = World { local, account: &local.account, catalogue: &local.catalogue, now };
                call.answer(&world, &head, &body, &about).await
            }
            Err(fault) => Err(fault),
        };
        return answered.unwrap_or_else(|fault| {
            local.notify(&Notice::Refused { operation: path, fault: &fault });
            call.refusal(&fault, &about)
        });
    }
    // AWS looks for the operation before it asks who calls.
    let Some(mut call) = called(&head) else {
        let fault = no_operation(head.method.as_str(), path);
        local.notify(&Notice::Refused { operation: path, fault: &fault });
        return match below_anthropic(path) {
            Some(surface) => dialect::refusal(surface, &fault, &about),
            None => answer::no_operation(&fault, &about),
        };
    };
    let surface = call.surface;
    let mut telling = None;
    let outcome = async {
        let body = upload.read(announced(&head)).await?;
        let looked_at = aside(body.len(), {
            let (local, head, body) = (Arc::clone(local), Arc::clone(&head), body.clone());
            move || {
                let signed_for = authenticate(&local.account, &head, &body, Service::of(surface.row()), now)?;
                dialect::take_up(&mut call, &body);
                Ok((call, signed_for))
            }
        });
        let (call, signed_for) = looked_at.await?;
        let region = region::of_bedrock(local, signed_for, &head)?;
        // Nothing says that AWS takes application profiles where the body names the model.
        let named = call.model.as_ref().filter(|_| surface.row().model == Place::Path);
        let behind = named.and_then(|id| control::behind(local, &region, id));
        let incoming = Arc::new(Incoming { call, head: Arc::clone(&head), body, region, behind, in_job: false });
        telling = Telling::of(local, &incoming, &request_id, now);
        let answered = answered(local, &incoming, now, about.now).await?;
        Ok((incoming, answered))
    }
    .await;
    let (incoming, answered) = match outcome {
        Ok(passed) => passed,
        Err(fault) => {
            local.notify(&Notice::Refused { operation: path, fault: &fault });
            return logged(telling, dialect::refusal(surface, &fault, &about));
        }
    };
    let mut response = match answered.given {
        Given::Relayed(answer) => {
            let (head, body) = answer.into_parts();
            let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
            // Who answered says so itself, if it is no model.
            let body = Answer::Relayed(body, line.clone());
            return logged(telling, answer::given(head.status, &head.headers, body, length, &about));
        }
        Given::Reply(reply) => {
            if reply.delay > Duration::ZERO {
                tokio::time::sleep(reply.delay).await;
            }
            if let Some(fault) = reply.refusal(incoming.call.delivery) {
                local.notify(&Notice::Refused { operation: path, fault });
            }
            deliver(local, &incoming.call, reply, &answered.wishes, started, &about, line)
        }
    };
    let echoes = surface.row().dialect == Dialect::Invoke && incoming.call.delivery != Delivery::Count;
    if echoes && response.status().is_success() && !local.engine.takes_any() {
        handling::echo(&incoming.head.headers, response.headers_mut());
    }
    set_header(&mut response, ENGINE_HEADER, answered.engine);
    for warning in answer::told(&answered.warnings) {
        local.notify(&Notice::Warning(&warning));
        set_header(&mut response, WARNING_HEADER, &warning);
    }
    logged(telling, response)
}

/// The answer, heard by the log where the call is logged.
fn logged(telling: Option<Telling>, response: Response<Answer>) -> Response<Answer> {
    match telling {
        Some(telling) => telling.hear(response),
        None => response,
    }
}

/// The call that a request makes, if it makes one that is answered here. Of surfaces that share a path the prefix decides,
/// then the host, then the scope of the signature.
fn called(head: &Parts) -> Option<Call> {
    let service = known_host(&head.headers).map(str::to_owned).or_else(|| {
        let authorization = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
        Some(Authorization::parse(authorization).ok()?.scope.service)
    });
    route(head.method.as_str(), head.uri.path(), service.as_deref())
}

/// How long a body says that it is.
fn announced(head: &Parts) -> Option<u64> {
    head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok())
}

/// HTTP/2 says the host in a field of its own, which counts where a header says another (RFC 9113, 8.3.1); signatures are
/// about the header.
fn name_host(parts: &mut Parts) {
    if (parts.version == Version::HTTP_2 || !parts.headers.contains_key(HOST))
        && let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(HOST, host);
    }
}

/// Whether the connection stays after the answer, as far as the client says; nothing is said of it in HTTP/2.
fn keeps_open(parts: &Parts) -> Option<bool> {
    if parts.version == Version::HTTP_2 {
        return None;
    }
    let asked = parts.headers.get(CONNECTION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Some(parts.version == Version::HTTP_11 && !asked.to_ascii_lowercase().contains("close"))
}

/// The surface below whose part of Anthropic's own API a path stands.
fn below_anthropic(path: &str) -> Option<Surface> {
    let mut surfaces = [Surface::Mantle, Surface::RuntimeMessages].into_iter();
    surfaces.find(|surface| path.strip_prefix(surface.row().prefix).is_some_and(|path| path.starts_with(ANTHROPIC)))
}

/// A path that is no operation here.
fn no_operation(method: &str, path: &str) -> Fault {
    if below_anthropic(path).is_some() {
        // Remembered, as Anthropic's own API says it: batches, files and models are not on Bedrock.
        return Fault::new("ResourceNotFoundException", "Not found", Origin::Http);
    }
    // Other makers' APIs stand there too.
    let below_mantle = path.strip_prefix(Surface::Mantle.row().prefix).is_some_and(|rest| rest.starts_with('/'));
    match absent(method, path).or(below_mantle.then_some(path)) {
        Some(operation) => absent::refused(operation),
        None => Fault::new("UnknownOperationException", "", Origin::BodyOf200),
    }
}

/// A reply on its way: whole or streamed, as it was asked for, and broken where it is to break.
fn deliver(
    local: &Inner,
    call: &Call,
    reply: Reply,
    wishes: &Wishes,
    started: Instant,
    about: &About<'_>,
    line: &Line,
) -> Response<Answer> {
    let latency = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let surface = call.surface;
    let streamed = |source, breach: Option<Break>| {
        let breach = breach.map(|breach| breach.framed(|framed| dialect::framed(surface, framed)));
        let pace = reply.pace.unwrap_or(local.pace);
        EventBody::new(source, dialect::encoder(surface), pace, breach, local.random(), line.clone())
    };
    let refusal = |fault: &Fault| dialect::refusal(surface, fault, about);
    // A whole answer has no events to break between.
    let whole = |response, breach: Option<Break>| match breach.map(|breach| breach.how) {
        Some(How::Fault(fault, _)) => refusal(&fault),
        Some(How::Cut | How::CutInside) => answer::cut(response, line),
        Some(How::BadCrc) | None => response,
    };
    let written = |outcome: Result<Response<Answer>, serde_json::Error>, breach| match outcome {
        Ok(response) => whole(response, breach),
        Err(error) => refusal(&Fault::new("InternalServerException", error.to_string(), Origin::Http)),
    };
    match reply.what {
        What::Fault(fault) => refusal(&fault),
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
        What::Counted(count) => written(dialect::count(surface, &count, about), reply.breach),
        What::Message(message) if call.delivery != Delivery::Stream => {
            written(dialect::message(surface, &message, latency, wishes, about), reply.breach)
        }
        What::Message(message) => {
            let events = dialect::events(surface, &message, latency, wishes);
            dialect::stream(surface, streamed(events, reply.breach), about)
        }
    }
}

/// Seconds since 1970.
pub(crate) fn unix(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    }
}
