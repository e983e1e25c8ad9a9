//! `outcrop models access status`: what stands between the account and models, region by region.

use outcrop::account::{ModelFilter, RetentionMode};
use outcrop::{Client, ModelId};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::commands::models::meant::{explained, find, meant};
use crate::commands::models::standing::Standing;
use crate::commands::models::{AT_ONCE, PROVIDER};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;

/// A model in a region.
struct Row {
    region: String,
    model: String,
    standing: Standing,
}

pub(super) async fn run(
    client: &Client,
    names: &[String],
    all_regions: bool,
    as_json: bool,
    printer: &Printer,
) -> Result<(), Failure> {
    let mut places: Vec<(Option<String>, String)> = Vec::new();
    match all_regions {
        false => {
            for name in models(client, names).await? {
                places.push((None, name));
            }
        }
        true => {
            let catalogue = client.catalogue();
            for name in names {
                let model = find(catalogue, name)?;
                let regions = catalogue.regions().filter(|region| model.scopes_from(region).next().is_some());
                places.extend(regions.map(|region| (Some(region.to_owned()), name.clone())));
            }
        }
    }
    let form = client.models().use_case_form().await?.is_some();
    let rows = ask(client, places, form, printer).await?;
    if as_json {
        let rows: Vec<Value> = rows.iter().map(Row::as_json).collect();
        return Ok(printer.line(&Value::from(rows).to_string())?);
    }
    if rows.is_empty() {
        printer.note("there is no model to tell of");
        return Ok(());
    }
    let cells: Vec<[String; 3]> =
        rows.iter().map(|row| [row.region.clone(), row.model.clone(), row.standing.words()]).collect();
    Ok(printer.piece(&table::table(["REGION", "MODEL", "ACCESS"], &cells))?)
}

/// Those that were named, or all of Anthropic's.
async fn models(client: &Client, names: &[String]) -> Result<Vec<String>, Failure> {
    if !names.is_empty() {
        names.iter().try_for_each(|name| meant(client.catalogue(), name, client.region()).map(drop))?;
        return Ok(names.to_vec());
    }
    let mut filter = ModelFilter::default();
    filter.provider = Some(PROVIDER.to_owned());
    let listed = client.models().list(&filter).await?;
    Ok(listed.into_iter().map(|model| model.model_id).collect())
}

/// Some at a time, in the order of the places. Of several regions one may not answer: that is said, and the others go on.
async fn ask(
    client: &Client,
    places: Vec<(Option<String>, String)>,
    form: bool,
    printer: &Printer,
) -> Result<Vec<Row>, Failure> {
    let (mut waiting, mut asked) = (places.into_iter().enumerate(), JoinSet::new());
    let mut rows = Vec::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some((at, (region, model))) = waiting.next()
        {
            let client = client.clone();
            asked.spawn(async move {
                let row = row(&client, region.clone(), &model, form).await;
                (at, region, model, row)
            });
        }
        let Some(answered) = asked.join_next().await else { break };
        let (at, region, model, outcome) =
            answered.map_err(|error| Failure::new(format!("cannot ask for access: {error}")))?;
        match (outcome, region) {
            (Ok(row), _) => rows.push((at, row)),
            (Err(error), Some(region)) => printer.warning(&format!("{region}: {error}")),
            (Err(error), None) => return Err(explained(error, client, &model)),
        }
    }
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

async fn row(client: &Client, region: Option<String>, model: &str, form: bool) -> outcrop::Result<Row> {
    let mut models = client.models();
    if let Some(region) = &region {
        models = models.region(region);
    }
    let standing = Standing::ask(client, models, model, Some(form)).await?;
    let named = client.catalogue().resolve(&ModelId::from(&*standing.availability.model_id)).model;
    let region = region.or_else(|| client.region().map(str::to_owned)).unwrap_or_default();
    Ok(Row { region, model: named.map_or(model, |model| model.name()).to_owned(), standing })
}

impl Row {
    fn as_json(&self) -> Value {
        let Row { region, model, standing } = self;
        let availability = &standing.availability;
        json!({
            "region": region,
            "model": model,
            "id": availability.model_id,
            "granted": standing.is_granted(),
            "form": standing.ground.form,
            "agreement": availability.agreement_availability.status.as_str(),
            "agreement_error": availability.agreement_availability.error_message,
            "authorization": availability.authorization_status.as_str(),
            "entitlement": availability.entitlement_availability.as_str(),
            "region_availability": availability.region_availability.as_str(),
            "retention_needed": (standing.needed != RetentionMode::Nothing).then(|| standing.needed.as_str()),
            "retention_satisfied": standing.is_retained(),
        })
    }
}
