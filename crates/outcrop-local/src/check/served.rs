//! The model where the body names it: whether the surface serves it, under which id, and whether it counts for it.

use outcrop_wire::catalogue::{Capabilities, Catalogue};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::{Model, ModelId, Named};
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::Surface;

/// The catalogue's model behind an id, if the surface serves it: by its base id there, or by an id of a profile.
///
/// Remembered, as Anthropic's own API says it: 404, `model: claude-x`. What AWS says is not recorded.
pub(super) fn known(
    catalogue: &Catalogue,
    surface: Surface,
    id: &ModelId,
    today: &str,
) -> Result<(Model, Scope), Fault> {
    let accepts = |model| catalogue.accepts(Some(model), surface, today);
    let found = match catalogue.resolve(id) {
        // Where the surface has a base id of its own, the one of the runtime host is none.
        Named { model: Some(model), scope: Some(scope), renamed: false, .. }
            if scope != Scope::Regional || accepts(model).model_id().is_none() =>
        {
            Some((model, scope))
        }
        _ => {
            let (scope, base) = Scope::split(id.as_str()).unwrap_or((Scope::Regional, id.as_str()));
            let model = catalogue.models().find(|model| accepts(*model).model_id() == Some(base));
            model.map(|model| (model, scope))
        }
    };
    let has = |model: Model, scope: &Scope| *scope == Scope::Regional || model.scopes().any(|known| known == *scope);
    found
        .filter(|(model, scope)| has(*model, scope) && accepts(*model).served() != Some(false))
        .ok_or_else(|| missing(format!("model: {id}")))
}

/// A warning where AWS documents no count of tokens on the surface; strictly, there is no such path.
pub(super) fn counts(accepts: &Capabilities<'_>, surface: Surface, strict: bool) -> Result<Option<String>, Fault> {
    if accepts.count_tokens() != Some(false) {
        return Ok(None);
    }
    match strict {
        // Remembered, as Anthropic's own API says it.
        true => Err(missing("Not found")),
        false => Ok(Some(format!("AWS documents no count of tokens on {surface} and may answer 404; Mantle counts"))),
    }
}

pub(super) fn missing(message: impl Into<String>) -> Fault {
    Fault::new("ResourceNotFoundException", message, Origin::Http)
}
