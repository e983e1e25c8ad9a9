//! What AWS refuses, in AWS's words: the model, the version, and the body.
//!
//! A file for each concern, and here the list of them, in the order in which AWS looks: first what is named, then what is
//! said about it, and last how much it is. Words are recorded, documented, quoted from somebody's refusal, or remembered
//! (the form of Anthropic's validation, which is regular); each says which.

mod access;
mod betas;
mod caching;
mod calls;
pub(crate) mod constraints;
mod context;
mod converse;
mod fields;
pub(crate) mod handling;
mod malformed;
mod manner;
mod media;
mod model;
pub(crate) mod place;
mod sampling;
mod served;
mod tags;
mod thinking;
mod tools;
mod turns;
mod version;
mod walk;
mod window;

use http::HeaderMap;
use outcrop_wire::catalogue::{Capabilities, Catalogue};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::model::{Model, ModelId};
use outcrop_wire::route::Call;
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::{Delivery, Dialect, Place, Surface, SurfaceRow};

pub(crate) use self::manner::FEW_RECORDS;
pub use self::manner::{MANNERS, Manner};
use crate::data::access::Standing;
use crate::dialect::{self, Wishes};
use crate::engine::prompt::Prompt;

pub(crate) use self::malformed::fault as malformed;

/// The longest body, bytes (botocore service model, `InvokeModelRequest.body`).
pub const BODY_LIMIT: usize = 25_000_000;

/// What calls are held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) catalogue: &'a Catalogue,
    /// What the account may use.
    pub(crate) standing: Standing<'a>,
    /// Whether what documentation says and AWS no longer does is refused. Otherwise it passes, with a warning.
    pub(crate) strict: bool,
}

/// A call that passed.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) request: MessageRequest,
    /// What the answer is to say besides.
    pub(crate) wishes: Wishes,
    pub(crate) model: Model,
    pub(crate) scope: Scope,
    /// What passed here and may be refused by AWS.
    pub(crate) warnings: Vec<String>,
}

/// Whether a check passed.
pub(crate) type Verdict = Result<(), Fault>;

/// Decodes and checks a call.
pub(crate) fn check(
    rules: &Rules<'_>,
    call: &Call,
    headers: &HeaderMap,
    body: &[u8],
    region: &str,
    today: &str,
) -> Result<Checked, Fault> {
    let id = &call.model.clone().unwrap_or_default();
    let row = call.surface.row();
    let (model, scope) = match row.model {
        Place::Body(name) if id.as_str().is_empty() => {
            // Another mistake in the body may be why.
            dialect::request(call, headers, body).map_err(|error| malformed(body, &error))?;
            return Err(invalid(format!("{name}: Field required")));
        }
        Place::Body(_) => served::known(rules.catalogue, call.surface, id, today)?,
        _ => model::known(rules.catalogue, id, today)?,
    };
    let accepts = rules.catalogue.accepts(Some(model), call.surface, today);
    let mut warnings = Vec::from_iter(model::ended(id, model, region, today, rules.strict)?);
    if row.dialect == Dialect::Invoke && call.delivery != Delivery::Count {
        warnings.extend(handling::check(headers)?);
    }
    if call.delivery == Delivery::Count {
        warnings.extend(served::counts(&accepts, call.surface, rules.strict)?);
    }
    // Tokens are counted for base ids only.
    if scope == Scope::Regional && call.delivery != Delivery::Count {
        warnings.extend(model::on_demand(&accepts, id, model, region, rules.strict)?);
    }
    warnings.extend(model::profile(id, model, &scope, region, rules.strict)?);
    if rules.standing.lacks(region, model) {
        return Err(match row.model {
            Place::Body(_) => served::missing(format!("model: {id}")),
            _ => invalid(model::INVALID),
        });
    }
    access::check(&rules.standing, model)?;
    let (mut request, wishes) = match row.dialect {
        Dialect::Converse => {
            let held = converse::Held { accepts: &accepts, delivery: call.delivery, strict: rules.strict };
            let passed = converse::check(call, body, &held)?;
            warnings.extend(passed.warnings);
            (passed.request, passed.wishes)
        }
        Dialect::Invoke | Dialect::Messages => {
            let request = dialect::request(call, headers, body).map_err(|error| malformed(body, &error))?;
            (request, Wishes::default())
        }
    };
    if row.version != Place::Nowhere {
        warnings.extend(version::check(request.anthropic_version.as_deref(), row.version, &accepts, rules.strict)?);
    }
    let by_the_model = |fault| passed_on(call.surface, fault);
    access::check_retention(&rules.standing, model, region).map_err(by_the_model)?;
    warnings.extend(betas::check(&request, &accepts, rules.strict).map_err(by_the_model)?);
    the_body(&request, row, &accepts).map_err(by_the_model)?;
    request.anthropic_version = None;
    Ok(Checked { request, wishes, model, scope, warnings })
}

/// Whether a model can be called by an id in a region, before there is a call: what passed and AWS may refuse. That it is
/// refused in the words of a call is remembered.
pub(crate) fn check_model(rules: &Rules<'_>, id: &ModelId, region: &str, today: &str) -> Result<Vec<String>, Fault> {
    let (model, scope) = model::known(rules.catalogue, id, today)?;
    let mut warnings = Vec::from_iter(model::ended(id, model, region, today, rules.strict)?);
    if scope == Scope::Regional {
        let accepts = rules.catalogue.accepts(Some(model), Surface::InvokeModel, today);
        warnings.extend(model::on_demand(&accepts, id, model, region, rules.strict)?);
    }
    warnings.extend(model::profile(id, model, &scope, region, rules.strict)?);
    if rules.standing.lacks(region, model) {
        return Err(invalid(model::INVALID));
    }
    access::check(&rules.standing, model)?;
    Ok(warnings)
}

/// What Converse puts before the words of a model (recorded).
const BY_THE_MODEL: &str = "The model returned the following errors: ";

/// What the model refuses, as the surface passes it on.
fn passed_on(surface: Surface, mut fault: Fault) -> Fault {
    if surface.row().dialect == Dialect::Converse {
        fault.message.insert_str(0, BY_THE_MODEL);
    }
    fault
}

fn the_body(request: &MessageRequest, row: &SurfaceRow, accepts: &Capabilities<'_>) -> Verdict {
    fields::check(request, row, accepts)?;
    context::check(request)?;
    betas::check_gated(request)?;
    sampling::check_length(request, accepts)?;
    sampling::check(request, accepts)?;
    version::check_fields(request, accepts)?;
    sampling::check_effort(request, accepts)?;
    thinking::check(request, accepts)?;
    tools::check(request, accepts)?;
    turns::check(request, accepts)?;
    calls::check(request)?;
    turns::check_ends(&request.messages, accepts)?;
    thinking::check_blocks(request)?;
    caching::check(request, accepts)?;
    media::check(request, accepts)
}

/// What can be said once the images and documents of a call were read: how large they are, and how much is said in all.
pub(crate) fn check_prompt(
    rules: &Rules<'_>,
    surface: Surface,
    model: Model,
    prompt: &Prompt<'_>,
    today: &str,
) -> Verdict {
    let accepts = rules.catalogue.accepts(Some(model), surface, today);
    media::check_read(prompt, &accepts)
        .and_then(|()| window::check(prompt, &accepts))
        .map_err(|fault| passed_on(surface, fault))
}

pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message, Origin::Http)
}

/// Does not pass.
fn refuse(message: impl std::fmt::Display) -> Verdict {
    Err(invalid(message.to_string()))
}
