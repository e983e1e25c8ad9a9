//! Which model is meant: a mistake is told before anybody is asked, with what the catalogue knows.

use outcrop::plan::callable;
use outcrop::wire::account::ApplicationProfileArn;
use outcrop::wire::catalogue::{Catalogue, RetiredRow};
use outcrop::wire::model::Named;
use outcrop::wire::sigv4::AmzTime;
use outcrop::{Client, Error, Model, ModelId, Surroundings};

use super::known::called_from;
use crate::exit::Failure;

/// So many regions are named; more are counted.
const NAMED_REGIONS: usize = 8;

/// Today, as the rows of the catalogue write days.
pub(super) fn today() -> String {
    AmzTime::from_unix(Surroundings::system().unix()).iso_day()
}

/// What a name or an id names for calls from a region. What only AWS can tell (an ARN, an id that the catalogue has not)
/// passes.
pub(super) fn meant(catalogue: &Catalogue, name: &str, region: Option<&str>) -> Result<Named, Failure> {
    let (id, today) = (ModelId::from(name), today());
    let named = catalogue.resolve_from(&id, region, None);
    if name.starts_with("arn:") {
        return Ok(named);
    }
    if let Some(ended) = catalogue.ended(&id, region, &today) {
        return Err(gone(&ended));
    }
    if named.model.is_none() && !name.contains(['.', ':']) {
        return Err(unknown(catalogue, name));
    }
    let Err(refusal) = callable(&named, region, catalogue, &today) else { return Ok(named) };
    let nowhere = named.model.filter(|model| !is_in(*model, region)).map(|model| elsewhere(model, region));
    Err(Failure { hint: nowhere.or(refusal.hint), ..Failure::usage(format!("`{name}`: {}", refusal.why)) })
}

/// A model of the catalogue, whether or not it has ended.
pub(super) fn find(catalogue: &Catalogue, name: &str) -> Result<Model, Failure> {
    let id = ModelId::from(name);
    match (catalogue.resolve(&id).model, catalogue.retired(&id, &today())) {
        (Some(model), _) => Ok(model),
        (None, Some(retired)) => Err(gone(retired)),
        (None, None) => Err(unknown(catalogue, name)),
    }
}

/// What AWS said of a model, with what the catalogue knows where that helps.
pub(super) fn explained(error: Error, client: &Client, name: &str) -> Failure {
    let is_unknown = matches!(error.aws_code(), Some("ResourceNotFoundException" | "ValidationException"));
    let failure = Failure::from(error);
    if !is_unknown {
        return failure;
    }
    let (catalogue, region) = (client.catalogue(), client.region());
    if let Some(arn) = ApplicationProfileArn::parse(name) {
        return match region {
            Some(region) if region != arn.region => {
                let is_in = arn.region;
                failure.hint(format!("it is in {is_in}, and {region} was asked: --region {is_in}"))
            }
            _ => failure.hint("`outcrop models profiles` lists the profiles of the region"),
        };
    }
    let Some(model) = catalogue.resolve(&ModelId::from(name)).model else {
        return match nearest(catalogue, name) {
            Some(names) => failure.hint(format!("is {names} meant? `outcrop models` lists what the region has")),
            None => failure.hint("`outcrop models` lists what the region has"),
        };
    };
    if is_in(model, region) { failure } else { failure.hint(elsewhere(model, region)) }
}

/// Whether one of its inference profiles can be called from a region.
fn is_in(model: Model, region: Option<&str>) -> bool {
    region.is_some_and(|region| model.scopes_from(region).next().is_some())
}

/// From where a model can be called, as a hint.
pub(super) fn elsewhere(model: Model, region: Option<&str>) -> String {
    let (name, regions) = (model.name(), called_from(model));
    let from = match regions.len() {
        0 => return format!("no region is known that {name} can be called from"),
        few if few <= NAMED_REGIONS => regions.join(", "),
        many => format!("{many} regions, which `outcrop models regions {name}` lists"),
    };
    match region {
        Some(region) => format!("as far as is known {name} cannot be called from {region}, but from {from}"),
        None => format!("{name} can be called from {from}"),
    }
}

fn gone(ended: &RetiredRow) -> Failure {
    let since = ended.since.map(|day| format!(" since {day}")).unwrap_or_default();
    Failure::usage(format!("{} has reached the end of its life: AWS serves it no more{since}", ended.title))
        .hint("`outcrop models` lists what there is")
}

fn unknown(catalogue: &Catalogue, name: &str) -> Failure {
    let failure = Failure::usage(format!("`{name}` is no model of the built-in catalogue"));
    match nearest(catalogue, name) {
        Some(names) => failure.hint(format!("is {names} meant? `outcrop models --offline` lists all")),
        None => {
            let names: Vec<&str> = catalogue.models().map(Model::name).collect();
            failure.hint(format!("it has {}", names.join(", ")))
        }
    }
}

/// The names and ids that are spelled nearly as one that nothing has, in words.
pub(in crate::commands) fn nearest(catalogue: &Catalogue, name: &str) -> Option<String> {
    let names: Vec<String> = catalogue.names_near(name).iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}
