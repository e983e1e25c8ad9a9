//! A call in AWS's own shapes: where it goes is planned as for every call, what is said there is the caller's own.

use bytes::Bytes;
use outcrop_wire::converse::{ContentBlock, ConverseRequest, ConverseResponse, ConverseTokens, DocumentFormat};
use outcrop_wire::dialect::converse::{encode_converse_count, encode_converse_request};
use outcrop_wire::edit::splice;
use outcrop_wire::limits::Limits;
use outcrop_wire::messages::{InvocationMetrics, MessageRequest};
use outcrop_wire::surface::{Delivery, Surface};

use crate::call::{Answer, CallOptions, Prepared, prepare_as, read_as};
use crate::client::Inner;
use crate::error::Result;
use crate::plan::documents::text_only;
use crate::plan::{Adjustment, Needs, Plan, Refusal};
use crate::resolve;
use crate::response::{Meta, Response};
use crate::telemetry::{Asked, Span};

/// Makes bytes of a request. Path, host and headers are planned; of the body only what the options set is not the
/// caller's.
pub(crate) fn prepare(
    client: &Inner,
    request: &ConverseRequest,
    delivery: Delivery,
    options: &CallOptions,
) -> Result<Prepared> {
    let options = CallOptions { surface: Some(Surface::Converse), ..options.clone() };
    // Who is asked is all that the plan is to know.
    let needs = Needs::of(&MessageRequest::new(request.model.clone(), 1));
    let asked = Asked::of_converse(client, request);
    prepare_as(client, &request.model, needs, delivery, &options, asked, |plan| encode(client, request, plan))
}

/// The body of a request.
fn encode(client: &Inner, request: &ConverseRequest, plan: &mut Plan) -> std::result::Result<Bytes, Refusal> {
    if plan.target.surface != Surface::Converse {
        // A target of the failover list may ask for another.
        let why = format!("{} does not take requests in the shapes of Converse", plan.target.surface);
        return Err(Refusal { why, hint: None });
    }
    // What else the plan says of a body, it says of one in the words of Messages.
    plan.edits.retain(|adjustment| adjustment.is_insisted());
    plan.edits.extend(unseen_pages(client, request, plan));
    let body = match plan.delivery {
        Delivery::Unary | Delivery::Stream => encode_converse_request(request),
        Delivery::Count => encode_converse_count(&ConverseTokens::from(request.clone())),
    };
    let edits = plan.edits();
    let body = body.and_then(|body| if edits.is_empty() { Ok(body) } else { splice(&body, &edits) });
    let body =
        body.map_err(|error| Refusal { why: format!("the request cannot be written as JSON: {error}"), hint: None })?;
    let limits = Limits { body_bytes: plan.body_limit, ..Limits::default() };
    match limits.check_body(body.len() as u64) {
        Ok(()) => Ok(body.into()),
        Err(problem) => Err(Refusal { why: problem.why, hint: Some(problem.hint) }),
    }
}

/// What is told of PDFs whose pages the model is not shown. The body stays as it is: there is no `visual` here.
fn unseen_pages(client: &Inner, request: &ConverseRequest, plan: &Plan) -> Option<Adjustment> {
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    let unseen = blocks.filter(|block| match block {
        ContentBlock::Document(document) => {
            let cited = document.citations.as_ref().is_some_and(|citations| citations.enabled == Some(true));
            document.format == Some(DocumentFormat::Pdf) && !cited
        }
        _ => false,
    });
    let unseen = unseen.count();
    if unseen == 0 {
        return None;
    }
    let model = &plan.target.model;
    let today = resolve::today(client);
    let accepts = client.catalogue.accepts(model.model, Surface::Converse, &today);
    let name = model.model.map_or(model.id.as_str(), |model| model.name());
    let remedy = r#""citations": {"enabled": true} in the document has the pages seen"#;
    text_only(&accepts, Surface::Converse.row().name, name, unseen, remedy)
}

/// Makes an answer in AWS's own shapes of a whole answer.
pub(super) fn read(prepared: Prepared, answer: Answer) -> Result<Response<ConverseResponse>> {
    let mut response = read_as(prepared, answer, "answer of Converse", ConverseResponse::decode, Span::conversed)?;
    tell(&mut response.meta, &response.value);
    Ok(response)
}

/// What an answer says of its call, where every call has it: InvokeModel says it in headers and at the end of a stream.
pub(super) fn tell(meta: &mut Meta, response: &ConverseResponse) {
    let usage = &response.usage;
    meta.tier = response.service_tier.as_ref().map(|tier| tier.tier.clone()).or(meta.tier.take());
    let speed = response.performance_config.as_ref().and_then(|config| config.latency.clone());
    meta.latency_mode = speed.or(meta.latency_mode.take());
    meta.metrics = Some(InvocationMetrics {
        input_token_count: Some(usage.input_tokens),
        output_token_count: Some(usage.output_tokens),
        invocation_latency: Some(response.metrics.latency_ms),
        first_byte_latency: None,
        cache_read_input_token_count: usage.cache_read_input_tokens,
        cache_write_input_token_count: usage.cache_write_input_tokens,
        extra: Default::default(),
    });
}
