//! The rule of scopes: whether the model has such a profile, whether it can be called from the region, and by which id to
//! call instead.
//!
//! AWS adds profiles and regions. An id that was given whole is sent as it is, with a note; a scope that was chosen (a name
//! such as `us.opus`, [`Model::geo`], a default scope) is held against the catalogue.

use outcrop_wire::catalogue::{Capabilities, Catalogue};
use outcrop_wire::model::{Model, ModelId, Named};
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::{Delivery, Surface};

use super::draft::Draft;
use super::{Refusal, Target};

pub(super) fn rule(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    // Tokens are counted by the base id, whatever was named.
    let (Some(model), false) = (draft.accepts.model(), draft.plan.delivery == Delivery::Count) else { return Ok(()) };
    let target = &draft.plan.target;
    if target.model.scope == Some(Scope::Regional) {
        if let Some(note) = not_on_demand(&draft.accepts, target, model) {
            draft.tell("scope", note);
        }
        return Ok(());
    }
    let Some(why) = misfit(&target.model, target.region.as_deref()) else {
        if let (Some(scope), Some(region)) = (&target.model.scope, target.region.as_deref())
            && !draft.catalogue.knows_region(region)
        {
            let id = &target.model.id;
            let note =
                format!("{id}: region {region} is not known, nor whether scope {scope} can be called from there");
            draft.tell("scope", note);
        }
        return Ok(());
    };
    if is_given_whole(&target.model) {
        let note = format!("{}: sent as it is, though as far as is known {why}", target.model.id);
        draft.tell("scope", note);
        return Ok(());
    }
    Err(refusal(why, &draft.accepts, model, target.region.as_deref()))
}

/// Whether what an id names can be called from a region, as far as the catalogue knows.
///
/// ```
/// use outcrop::plan::callable;
/// use outcrop::wire::catalogue::Catalogue;
///
/// let catalogue = Catalogue::built_in();
/// let named = catalogue.resolve(&"us.opus".into());
/// assert!(callable(&named, Some("us-east-1"), &catalogue, "2026-11-23").is_ok());
/// assert!(callable(&named, Some("eu-west-1"), &catalogue, "2026-11-23").is_err());
/// ```
///
/// # Errors
/// What a call would be refused for before anything is sent, with the ids to call instead.
pub fn callable(named: &Named, region: Option<&str>, catalogue: &Catalogue, today: &str) -> Result<(), Refusal> {
    let accepts = catalogue.accepts(named.model, Surface::InvokeModel, today);
    match (named.model, misfit(named, region)) {
        (Some(model), Some(why)) if !is_given_whole(named) => Err(refusal(why, &accepts, model, region)),
        _ => Ok(()),
    }
}

fn refusal(why: String, accepts: &Capabilities<'_>, model: Model, region: Option<&str>) -> Refusal {
    let hint = instead(accepts, model, region);
    Refusal { why, hint: Some(format!("{hint}; an id that is given whole is sent as it is")) }
}

/// Such an id may be newer than the catalogue.
fn is_given_whole(named: &Named) -> bool {
    named.scope.is_some() && !named.id.is_made()
}

/// What helps against a refusal that is about the scope of a call, where the catalogue knows more than AWS says.
pub(crate) fn hint(target: &Target, catalogue: &Catalogue, today: &str, message: &str) -> Option<String> {
    let invalid = message.contains("model identifier is invalid");
    let id = &target.model.id;
    let Some(model) = target.model.model else {
        let is_word = !id.as_str().contains(['.', ':']);
        if !is_word || !invalid {
            return None;
        }
        // A whole id may be newer than the catalogue: nothing is guessed of it.
        let near = catalogue.names_near(id.as_str());
        return Some(match near.is_empty() {
            false => format!("`{id}` is no model known here: is it `{}`?", near.join("` or `")),
            true => format!(
                "`{id}` is no name known here (as opus, sonnet, haiku are) and was sent as it is: check the model id and \
                 that the region offers it"
            ),
        });
    };
    let accepts = catalogue.accepts(Some(model), target.surface, today);
    let instead = || instead(&accepts, model, target.region.as_deref());
    if message.contains("on-demand throughput") {
        return Some(format!("{} is served through inference profiles: {}", model.name(), instead()));
    }
    let why = misfit(&target.model, target.region.as_deref()).filter(|_| invalid)?;
    Some(format!("{why}: {}", instead()))
}

/// Why the scope of a profile does not fit the model or the region, as far as the catalogue knows.
fn misfit(named: &Named, region: Option<&str>) -> Option<String> {
    let model = named.model?;
    let name = model.name();
    let Some(scope) = &named.scope else {
        return Some(match region {
            Some(region) => format!("{name} has no inference profile of the geography of {region}"),
            None => format!("no region is known, so neither is the geography to ask {name} in"),
        });
    };
    match (model.profile(scope), region) {
        _ if *scope == Scope::Regional => None,
        (None, _) => Some(format!("{name} has no inference profile of scope {scope}")),
        (Some(profile), Some(region)) if profile.is_called_from(region) == Some(false) => {
            Some(format!("the inference profile of {name} in scope {scope} cannot be called from {region}"))
        }
        _ => None,
    }
}

/// A base id where AWS serves the model through inference profiles only.
fn not_on_demand(accepts: &Capabilities<'_>, target: &Target, model: Model) -> Option<String> {
    let region = target.region.as_deref()?;
    if accepts.lists("on_demand.regions", region) != Some(false) {
        return None;
    }
    Some(format!(
        "{}: sent as it is, though as far as is known {} has no regional endpoint in {region}: {}",
        target.model.id,
        model.name(),
        instead(accepts, model, Some(region))
    ))
}

/// The ids to call a model by, in words.
fn instead(accepts: &Capabilities<'_>, model: Model, region: Option<&str>) -> String {
    let every = || listed(&mut model.scopes().map(|scope| model.id(&scope)));
    let Some(region) = region else {
        return match every() {
            Some(ids) => format!("there is {ids}"),
            None => "no inference profile of it is known".to_owned(),
        };
    };
    let base = (accepts.lists("on_demand.regions", region) == Some(true)).then(|| model.regional());
    match (listed(&mut model.scopes_from(region).map(|scope| model.id(&scope)).chain(base)), every()) {
        (Some(ids), _) => format!("from {region} call {ids}"),
        (None, Some(ids)) => format!("none can be called from {region}; elsewhere there is {ids}"),
        (None, None) => "no inference profile of it is known".to_owned(),
    }
}

/// `a`, `b` or `c`
fn listed(ids: &mut dyn Iterator<Item = ModelId>) -> Option<String> {
    let ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    let (last, others) = ids.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} or {last}", others.join(", ")) })
}
