//! What AWS refuses, in AWS's words: the model, the version, and the body.

mod body;
mod version;

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::dialect::invoke::decode_request;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::model::{Model, ModelId, Named};
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::Surface;

/// The longest body, bytes (botocore service model, `InvokeModelRequest.body`).
pub const BODY_LIMIT: usize = 25_000_000;

/// A call that passed.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) request: MessageRequest,
    pub(crate) model: Model,
    pub(crate) scope: Scope,
    /// What passed here and may be refused by AWS.
    pub(crate) warnings: Vec<String>,
}

/// Decodes and checks a call.
pub(crate) fn check(
    catalogue: &Catalogue,
    surface: Surface,
    id: &ModelId,
    body: &[u8],
    region: &str,
    today: &str,
) -> Result<Checked, Fault> {
    let (model, scope) = known_model(catalogue, id)?;
    let mut request = decode_request(id.clone(), body).map_err(|error| body::malformed(body, &error))?;
    let mut warnings = Vec::new();
    warnings.extend(version::check(catalogue, surface, model, request.anthropic_version.as_deref(), today)?);
    if scope == Scope::Regional {
        let served =
            catalogue.capability(Some(model), surface, "on_demand.regions", today).map_or("", |row| &row.value);
        if !served.split(' ').any(|known| known == region) {
            warnings.push(format!(
                "{id}: AWS serves {} through inference profiles in {region} and may answer 400 to its base id",
                model.name()
            ));
        }
    }
    body::check(catalogue, surface, model, &request, today)?;
    request.anthropic_version = None;
    Ok(Checked { request, model, scope, warnings })
}

/// The catalogue's model behind an id. Names of ours are not AWS's, and a scope without a profile is no id.
fn known_model(catalogue: &Catalogue, id: &ModelId) -> Result<(Model, Scope), Fault> {
    match catalogue.resolve(id) {
        Named { model: Some(model), scope: Some(scope), renamed: false, .. }
            if scope == Scope::Regional || model.scopes().any(|known| known == scope) =>
        {
            Ok((model, scope))
        }
        _ => Err(invalid("The provided model identifier is invalid.")),
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message, Origin::Http)
}
