//! A request as bytes for one target, before it is authorized: head and body by the dialect of the target's surface.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use outcrop_wire::Extra;
use outcrop_wire::convert::{Converted, Identity};
use outcrop_wire::dialect::{converse, invoke, messages};
use outcrop_wire::edit::{Edit, splice};
use outcrop_wire::limits::Limits;
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::surface::{Delivery, Dialect};

use super::options::put;
use super::{CallOptions, handling, request_id};
use crate::client::{Host, Inner};
use crate::error::{Error, Kind, Result};
use crate::plan::{Adjustment, Plan, Refusal};

/// A request as bytes for one target.
#[derive(Clone)]
pub(crate) struct Outbound {
    pub(crate) plan: Plan,
    pub(crate) host: Arc<Host>,
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    /// What is being done, for errors.
    pub(crate) doing: String,
    /// Whether it goes where calls go by themselves: not to a target of the failover list.
    pub(crate) own: bool,
}

impl Outbound {
    /// Where a plan goes, and what is said there; `encode` gives the bytes of the dialect.
    ///
    /// # Errors
    /// When there is no host, no such head or body, or the request is to be sent as it is and cannot be.
    pub(super) fn new(
        client: &Inner,
        mut plan: Plan,
        options: &CallOptions,
        encode: impl FnOnce(&mut Plan) -> std::result::Result<Bytes, Refusal>,
    ) -> Result<Self> {
        let host = client.hosts.of(&plan.target)?;
        let doing = doing(&plan.target.model.id, &host);
        handling::place(&options.handling, &mut plan).map_err(|refusal| refused(&doing, refusal))?;
        insist(&mut plan, &options.extra_body);
        let mut body = encode(&mut plan).map_err(|refusal| refused(&doing, refusal))?;
        if !plan.members.is_empty() {
            let spliced = splice(&body, &plan.members).map_err(|error| refused(&doing, unwritable(error)))?;
            body = spliced.into();
        }
        if options.strict == Some(true)
            && let Some(refusal) = plan.strictly()
        {
            return Err(refused(&doing, refusal));
        }
        let parts = head(&host, &plan, options).map_err(|why| refused(&doing, Refusal { why, hint: None }))?;
        Ok(Outbound { plan, host, parts, body, doing, own: true })
    }

    /// The same request to another target. It is written again only where it differs there.
    pub(super) fn elsewhere(
        &self,
        client: &Inner,
        plan: Plan,
        options: &CallOptions,
        encode: impl FnOnce(&mut Plan) -> std::result::Result<Bytes, Refusal>,
    ) -> Result<Self> {
        let encode = |plan: &mut Plan| {
            let same = plan.target.surface == self.plan.target.surface
                && plan.body_limit == self.plan.body_limit
                && plan.edits() == self.plan.edits();
            if !same {
                return encode(plan);
            }
            // What is told is told of each target by itself.
            let (told, _): (Vec<_>, Vec<_>) =
                std::mem::take(&mut plan.edits).into_iter().partition(Adjustment::is_told);
            plan.edits.extend(self.plan.edits.iter().filter(|adjustment| !adjustment.is_told()).cloned());
            plan.edits.extend(told);
            Ok(self.body.clone())
        };
        Ok(Outbound { own: false, ..Outbound::new(client, plan, options, encode)? })
    }

    /// Where it goes, for people: the region, and in what else it differs from another.
    pub(super) fn place(&self, beside: &Outbound) -> String {
        let (target, other) = (&self.plan.target, &beside.plan.target);
        let mut place = target.region.as_deref().unwrap_or(&self.host.endpoint.authority).to_owned();
        if let Some(scope) = target.model.scope.as_ref().filter(|scope| Some(*scope) != other.model.scope.as_ref()) {
            place.push_str(&format!(", scope {scope}"));
        }
        if target.surface != other.surface {
            place.push_str(&format!(", surface {}", target.surface));
        }
        if let Some(account) = &target.account {
            place.push_str(&format!(", account {account}"));
        }
        place
    }

    /// How it is spoken.
    pub(crate) fn dialect(&self) -> Dialect {
        self.plan.target.surface.row().dialect
    }

    /// Who answers, where the dialect does not say: the reply has the id of the call, and the name that the model goes by.
    pub(crate) fn identity(&self, answer: &HeaderMap) -> Identity {
        let named = &self.plan.target.model;
        let model = named.model.map_or(named.id.as_str(), |model| model.row().reply).to_owned();
        Identity { id: request_id(answer).unwrap_or_default(), model }
    }

    /// One request of it.
    pub(crate) fn request(&self) -> Request<Bytes> {
        Request::from_parts(self.parts.clone(), self.body.clone())
    }
}

/// What is being done, for errors.
pub(super) fn doing(model: &outcrop_wire::model::ModelId, host: &Host) -> String {
    let model = Some(model.as_str()).filter(|model| !model.is_empty()).unwrap_or("a model");
    format!("call {model} on {}", host.endpoint.authority)
}

/// Nothing is sent.
pub(super) fn refused(doing: &str, refusal: Refusal) -> Error {
    let error = Error::new(Kind::Invalid, doing.to_owned(), refusal.why);
    match refusal.hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// The body of a request as the plan has it; what the dialect cannot say is put down in the plan.
///
/// # Errors
/// When it cannot be written, or is longer than the surface takes.
pub(super) fn encode(request: &MessageRequest, plan: &mut Plan) -> std::result::Result<Bytes, Refusal> {
    let edits = plan.edits();
    let counted = plan.delivery == Delivery::Count;
    let body = match plan.target.surface.row().dialect {
        Dialect::Invoke => invoke::encode_request(request, &edits).map_err(unwritable)?,
        Dialect::Messages => messages::encode_request(request, &edits).map_err(unwritable)?,
        Dialect::Converse => {
            let encode = if counted { converse::encode_count_request } else { converse::encode_request };
            let Converted { value, losses } = encode(request, &edits).map_err(unwritable)?;
            plan.edits.extend(losses.iter().filter_map(Adjustment::of_loss));
            value
        }
    };
    let limits = Limits { body_bytes: plan.body_limit, ..Limits::default() };
    if let Err(problem) = limits.check_body(body.len() as u64) {
        return Err(Refusal { why: problem.why, hint: Some(problem.hint) });
    }
    let body = match (plan.target.surface.row().dialect, counted) {
        (Dialect::Invoke, true) => invoke::encode_count_request(&body),
        (Dialect::Messages, true) => messages::encode_count_request(&body).map_err(unwritable)?,
        _ => body,
    };
    Ok(body.into())
}

fn unwritable(error: serde_json::Error) -> Refusal {
    Refusal { why: format!("the request cannot be written as JSON: {error}"), hint: None }
}

/// What the caller sets in the body whatever the plan says of it: the plan then says so, too.
fn insist(plan: &mut Plan, members: &Extra) {
    for (name, value) in members.iter() {
        plan.edits.retain(|adjustment| adjustment.edit.as_ref().is_none_or(|edit| edit.member() != name));
        let edit = Edit::set(name.to_owned(), value.clone());
        plan.edits.push(Adjustment::insisted(edit, format!("{name}: set by the caller in extra_body")));
    }
}

/// The header of beta flags of Anthropic's own API.
const BETAS: &str = "anthropic-beta";

/// Beta flags of the caller's headers: the plan says where they travel.
pub(super) fn header_betas(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(BETAS).iter().filter_map(|value| value.to_str().ok());
    let flags = values.flat_map(|value| value.split(',').map(str::trim)).filter(|flag| !flag.is_empty());
    flags.map(str::to_owned).collect()
}

/// The head, but for what authorizes it.
fn head(host: &Host, plan: &Plan, options: &CallOptions) -> std::result::Result<Parts, String> {
    let uri: Uri = host.endpoint.url(&plan.path).parse().map_err(|error| format!("the URL is malformed: {error}"))?;
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::POST;
    parts.headers.insert(HOST, value(&host.endpoint.authority)?);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let accept = match (plan.target.surface.row().dialect, plan.delivery) {
        // The stream's own content type is asked for under another name (botocore service model).
        (Dialect::Invoke, Delivery::Stream) => HeaderName::from_static("x-amzn-bedrock-accept"),
        // As the official SDKs have it, streamed or not (captured).
        _ => ACCEPT,
    };
    parts.headers.insert(accept, HeaderValue::from_static("application/json"));
    parts.headers.insert(USER_AGENT, HeaderValue::from_static(concat!("outcrop/", env!("CARGO_PKG_VERSION"))));
    for (name, text) in &plan.headers {
        parts.headers.insert(HeaderName::from_static(name), value(text)?);
    }
    put(&mut parts.headers, &options.extra_headers);
    // The plan has taken these up: the flags of the caller's header travel with all others.
    match plan.headers.iter().find(|(name, _)| *name == BETAS) {
        Some((_, flags)) => drop(parts.headers.insert(BETAS, value(flags)?)),
        None => drop(parts.headers.remove(BETAS)),
    }
    parts.uri = uri;
    Ok(parts)
}

fn value(text: &str) -> std::result::Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| "a header would hold characters that no header may".to_owned())
}
