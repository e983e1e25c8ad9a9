//! `outcrop models`: the catalogue, joined with what AWS says of the region and the account.

mod known;
mod regions;
mod show;

use outcrop::account::{FoundationModel, ModelFilter};
use outcrop::wire::account::foundation::InferenceType;
use outcrop::wire::catalogue::Catalogue;
use outcrop::{Client, ModelId, Scope};
use serde_json::Value;

use self::known::Known;
use crate::args::{Models, Which};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;
use crate::settings;

/// Whose models they are.
const PROVIDER: &str = "anthropic";

pub(crate) async fn run(models: Models, printer: &Printer) -> Result<(), Failure> {
    match &models.which {
        Some(Which::Regions { model }) => regions::run(model, models.json, printer),
        Some(Which::Show { model }) => show::run(model, &models, printer).await,
        None => list(&models, printer).await,
    }
}

async fn list(models: &Models, printer: &Printer) -> Result<(), Failure> {
    let rows = match models.offline {
        true => offline(settings::region(&models.account).as_deref()),
        false => {
            let client = settings::account(&models.account, printer).await?;
            client.reasons().for_each(|reason| printer.explain(reason));
            online(&client, models.access).await?
        }
    };
    if models.json {
        let rows: Vec<Value> = rows.iter().map(Known::as_json).collect();
        return Ok(printer.line(&Value::from(rows).to_string())?);
    }
    let cells: Vec<[String; 7]> = rows.iter().map(Known::cells).collect();
    printer.piece(&table::table(Known::HEAD, &cells))?;
    if rows.is_empty() {
        printer.note("there is none of them here");
    }
    Ok(())
}

/// What the catalogue knows, of a region or of all.
fn offline(region: Option<&str>) -> Vec<Known> {
    let catalogue = Catalogue::built_in();
    let mut rows = Vec::new();
    for model in catalogue.models() {
        let scopes: Vec<Scope> = match region {
            Some(region) => model.scopes_from(region).collect(),
            None => model.scopes().collect(),
        };
        let known = Known::of(&catalogue, model.row().base, Some(model), scopes, region);
        if !known.scopes.is_empty() {
            rows.push(known);
        }
    }
    rows
}

/// What AWS has in the region of a client, with what the catalogue knows of it.
async fn online(client: &Client, access: bool) -> Result<Vec<Known>, Failure> {
    let mut filter = ModelFilter::default();
    filter.provider = Some(PROVIDER.to_owned());
    let listed = client.models().list(&filter).await?;
    let profiles = client.models().profiles().all().await?;
    let mut rows = Vec::with_capacity(listed.len());
    for model in &listed {
        let scopes = profiles.iter().filter_map(|profile| match Scope::split(&profile.inference_profile_id) {
            Some((scope, base)) if base == model.model_id => Some(scope),
            _ => None,
        });
        let mut known = joined(client, model, scopes.collect());
        if access {
            let availability = client.models().availability(&*model.model_id).await?;
            known.access = Some(known::access(&availability));
        }
        rows.push(known);
    }
    Ok(rows)
}

/// A model as AWS describes it, with what the catalogue knows of it.
fn joined(client: &Client, model: &FoundationModel, scopes: Vec<Scope>) -> Known {
    let catalogue = client.catalogue();
    let named = catalogue.resolve(&ModelId::from(&*model.model_id));
    let mut known = Known::of(catalogue, &model.model_id, named.model, scopes, None);
    if model.inference_types_supported.iter().flatten().any(|kind| *kind == InferenceType::OnDemand) {
        known.scopes.push(Scope::Regional);
    }
    known.title = model.model_name.clone().or(known.title);
    if let Some(lifecycle) = &model.model_lifecycle {
        known.status = Some(lifecycle.status.as_str().to_lowercase());
        known.ends.clone_from(&lifecycle.end_of_life_time);
    }
    known
}
