//! The id by which a model is called on a surface.

use outcrop_wire::model::{Model, ModelId, Named};
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::Delivery;

/// The id that goes on the wire.
pub(super) struct Id {
    pub(super) sent: ModelId,
    /// Whether the caller gave an id, and this is another one.
    pub(super) is_another: bool,
    /// Whether it is the base id in place of a profile's.
    pub(super) is_base: bool,
}

impl Id {
    /// `base` is the base id of the model on the surface, where it is another one there.
    pub(super) fn new(named: &Named, delivery: Delivery, base: Option<&str>) -> Self {
        let counted = (delivery == Delivery::Count).then(|| countable(named));
        let is_base = counted.as_ref().is_some_and(|id| *id != named.id);
        let asked = counted.unwrap_or_else(|| named.id.clone());
        let sent = base.and_then(|base| called(named, &asked, base));
        let is_another = sent.as_ref().is_some_and(|id| !named.renamed && *id != asked);
        Id { sent: sent.unwrap_or(asked), is_another, is_base }
    }
}

/// The id that tokens are counted by: the base id, no profile (recorded: a profile is answered 400 `The provided model
/// doesn't support counting tokens.`).
fn countable(named: &Named) -> ModelId {
    let base = |model: Model| model.regional();
    match (named.model, Scope::split(named.id.as_str())) {
        (Some(model), _) => base(model),
        (None, Some((_, rest))) => ModelId::from(rest),
        (None, None) => named.id.clone(),
    }
}

/// What `asked`, an id of the model, is on a surface where its base id is `base`. An ARN is what it is.
fn called(named: &Named, asked: &ModelId, base: &str) -> Option<ModelId> {
    let (prefix, rest) = match Scope::split(asked.as_str()) {
        Some((scope, rest)) => (scope.prefix(), rest),
        None => (None, asked.as_str()),
    };
    named.model.map(Model::row).filter(|row| row.base == rest || row.aliases.contains(&rest))?;
    Some(match prefix {
        Some(prefix) => ModelId::from(format!("{prefix}.{base}")),
        None => ModelId::from(base),
    })
}
