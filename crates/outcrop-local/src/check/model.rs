//! The id of the model: its form, whether there is such a model still, and whether it is served from here.

use std::sync::LazyLock;

use outcrop_wire::catalogue::{Capabilities, Catalogue, Phase};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::{Model, ModelId, Named};
use outcrop_wire::scope::Scope;
use regex_lite::Regex;

use super::invalid;
use super::manner::{BASE_IDS, ELSEWHERE, ENDED};
use crate::region::offers;

/// What an id has to match (botocore 1.44 service model, `InvokeModelIdentifier`).
const PATTERN: &str = concat!(
    "(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:(",
    "([0-9]{12}:custom-model/[a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}/[a-z0-9]{12})",
    "|(:foundation-model/[a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.:]?[a-z0-9-]{1,63}))",
    "|([0-9]{12}:imported-model/[a-z0-9]{12})",
    "|([0-9]{12}:provisioned-model/[a-z0-9]{12})",
    "|([0-9]{12}:custom-model-deployment/[a-z0-9]{12})",
    "|([0-9]{12}:(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+)",
    "))",
    "|([a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.:]?[a-z0-9-]{1,63}))",
    "|(([0-9a-zA-Z][_-]?)+)",
    "|([a-zA-Z0-9-:.]+)$",
    "|(^(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:prompt/[0-9a-zA-Z]{10}(?::[0-9]{1,5})?))$",
    "|(^arn:aws:sagemaker:[a-z0-9-]+:[0-9]{12}:endpoint/[a-zA-Z0-9-]+$)",
    "|(^arn:aws(-[^:]+)?:bedrock:([0-9a-z-]{1,20}):([0-9]{12}):(default-)?prompt-router/[a-zA-Z0-9-:.]+$)",
);

/// The whole id has to match.
static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("^(?:{PATTERN})$")).ok());

/// Quoted from AWS.
pub(super) const INVALID: &str = "The provided model identifier is invalid.";

/// Its first sentence is quoted from AWS (October 2026), its second remembered.
const RETIRED: &str =
    "This model version has reached the end of its life. Please refer to the AWS documentation for more details.";

/// The catalogue's model behind an id. Names of ours are not AWS's, and a scope without a profile is no id.
pub(super) fn known(catalogue: &Catalogue, id: &ModelId, today: &str) -> Result<(Model, Scope), Fault> {
    if WHOLE.as_ref().is_some_and(|whole| !whole.is_match(id.as_str())) {
        // Quoted from AWS (aws/aws-sdk-js-v3 issue 5665).
        return Err(invalid(format!(
            "1 validation error detected: Value '{id}' at 'modelId' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: {PATTERN}"
        )));
    }
    if catalogue.retired(id, today).is_some() {
        return Err(retired());
    }
    match catalogue.resolve(id) {
        Named { model: Some(model), scope: Some(scope), renamed: false, .. }
            if scope == Scope::Regional || model.profile(&scope).is_some() =>
        {
            Ok((model, scope))
        }
        _ => Err(invalid(INVALID)),
    }
}

/// A warning where the day has come that AWS announced as the model's end; strictly, it is refused as one that has ended.
pub(super) fn ended(
    id: &ModelId,
    model: Model,
    region: &str,
    today: &str,
    strict: bool,
) -> Result<Option<String>, Fault> {
    if model.phase(Some(region), today) != Phase::Ended {
        return Ok(None);
    }
    let day = model.announced(Some(region)).and_then(|lifecycle| lifecycle.ends).unwrap_or_default();
    ENDED.judge(strict, || format!("{id}: AWS announced its end for {day} and may answer 404"), retired)
}

fn retired() -> Fault {
    Fault::new("ResourceNotFoundException", RETIRED, Origin::Http)
}

/// A warning where AWS serves the model through inference profiles only; strictly, its base id is refused.
pub(super) fn on_demand(
    accepts: &Capabilities<'_>,
    id: &ModelId,
    model: Model,
    region: &str,
    strict: bool,
) -> Result<Option<String>, Fault> {
    if accepts.lists("on_demand.regions", region) != Some(false) {
        return Ok(None);
    }
    let (name, instead) = (model.name(), instead(model, region));
    BASE_IDS.judge(
        strict,
        || {
            format!(
                "{id}: AWS serves {name} through inference profiles in {region} and may answer 400 to its base id{instead}"
            )
        },
        || {
            // Quoted from AWS, with its apostrophe.
            invalid(format!(
                "Invocation of model ID {id} with on-demand throughput isn’t supported. Retry your request with the ID or \
                 ARN of an inference profile that contains this model."
            ))
        },
    )
}

/// A warning where a profile is called from a region outside its list; strictly, there is no such profile (remembered).
pub(super) fn profile(
    id: &ModelId,
    model: Model,
    scope: &Scope,
    region: &str,
    strict: bool,
) -> Result<Option<String>, Fault> {
    if model.profile(scope).is_none_or(|profile| offers(region, profile)) {
        return Ok(None);
    }
    let instead = instead(model, region);
    ELSEWHERE.judge(
        strict,
        || format!("{id}: AWS has no such profile in {region} and may answer 400 there{instead}"),
        || invalid(INVALID),
    )
}

/// The profiles that can be called from a region, to end a warning with.
fn instead(model: Model, region: &str) -> String {
    let here = model.row().profiles.iter().filter(|profile| offers(region, profile));
    let ids = here.filter_map(|profile| Some(model.id(&Scope::of_prefix(profile.scope)?).to_string()));
    let ids: Vec<String> = ids.collect();
    match ids.is_empty() {
        true => String::new(),
        false => format!("; there it has {}", ids.join(", ")),
    }
}
