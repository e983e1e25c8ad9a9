//! `outcrop models access status`: what stands between the account and models, region by region.

use outcrop::account::{ModelAvailability, ModelFilter, RetentionMode};
use outcrop::{Client, ModelId};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::commands::models::{AT_ONCE, PROVIDER, known};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;

/// A model in a region.
struct Standing {
    region: String,
    model: String,
    availability: ModelAvailability,
    retention: RetentionMode,
    /// What the model asks for.
    needed: RetentionMode,
}

pub(super) async fn run(
    client: &Client,
    names: &[String],
    all_regions: bool,
    as_json: bool,
    printer: &Printer,
) -> Result<(), Failure> {
    let form = client.models().use_case_form().await?.is_some();
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
                let Some(model) = catalogue.resolve(&ModelId::from(&**name)).model else {
                    return Err(Failure::usage(format!("`{name}` is no model of the built-in catalogue"))
                        .hint("its regions are not known; name one with --region"));
                };
                let regions = catalogue.regions().filter(|region| model.scopes_from(region).next().is_some());
                places.extend(regions.map(|region| (Some(region.to_owned()), name.clone())));
            }
        }
    }
    let standings = ask(client, places, printer).await?;
    if as_json {
        let rows: Vec<Value> = standings.iter().map(|standing| standing.as_json(form)).collect();
        return Ok(printer.line(&Value::from(rows).to_string())?);
    }
    if standings.is_empty() {
        printer.note("there is no model to tell of");
        return Ok(());
    }
    let cells: Vec<[String; 3]> = standings.iter().map(|standing| standing.cells(form)).collect();
    Ok(printer.piece(&table::table(["REGION", "MODEL", "ACCESS"], &cells))?)
}

/// Those that were named, or all of Anthropic's.
async fn models(client: &Client, names: &[String]) -> Result<Vec<String>, Failure> {
    if !names.is_empty() {
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
    printer: &Printer,
) -> Result<Vec<Standing>, Failure> {
    let (mut waiting, mut asked) = (places.into_iter().enumerate(), JoinSet::new());
    let mut standings = Vec::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some((at, (region, model))) = waiting.next()
        {
            let client = client.clone();
            asked.spawn(async move { (at, region.clone(), standing(&client, region, model).await) });
        }
        let Some(answered) = asked.join_next().await else { break };
        let (at, region, outcome) =
            answered.map_err(|error| Failure::new(format!("cannot ask for access: {error}")))?;
        match (outcome, region) {
            (Ok(standing), _) => standings.push((at, standing)),
            (Err(error), Some(region)) => printer.warning(&format!("{region}: {error}")),
            (Err(error), None) => return Err(error.into()),
        }
    }
    standings.sort_by_key(|(at, _)| *at);
    Ok(standings.into_iter().map(|(_, standing)| standing).collect())
}

async fn standing(client: &Client, region: Option<String>, model: String) -> outcrop::Result<Standing> {
    let mut models = client.models();
    if let Some(region) = &region {
        models = models.region(region);
    }
    let availability = models.availability(&*model).await?;
    let named = client.catalogue().resolve(&ModelId::from(&*availability.model_id)).model;
    let needed = named.map_or(RetentionMode::Nothing, RetentionMode::needed_by);
    // Asked where it matters.
    let retention = match needed {
        RetentionMode::Nothing => RetentionMode::Inherit,
        _ => models.access().retention().await?.mode,
    };
    let region = region.or_else(|| client.region().map(str::to_owned)).unwrap_or_default();
    let model = named.map_or(model, |model| model.name().to_owned());
    Ok(Standing { region, model, availability, retention, needed })
}

impl Standing {
    fn retained(&self) -> bool {
        self.retention.satisfies(&self.needed) != Some(false)
    }

    fn cells(&self, form: bool) -> [String; 3] {
        let mut wrong = Vec::new();
        if !form {
            wrong.push("form missing".to_owned());
        }
        if !self.availability.is_available() {
            wrong.push(known::access(&self.availability));
        }
        if !self.retained() {
            wrong.push(format!("data retention {}, needs {}", self.retention.as_str(), self.needed.as_str()));
        }
        let access = if wrong.is_empty() { known::access(&self.availability) } else { wrong.join(", ") };
        [self.region.clone(), self.model.clone(), access]
    }

    fn as_json(&self, form: bool) -> Value {
        let availability = &self.availability;
        json!({
            "region": self.region,
            "model": self.model,
            "id": availability.model_id,
            "granted": form && availability.is_available() && self.retained(),
            "form": form,
            "agreement": availability.agreement_availability.status.as_str(),
            "agreement_error": availability.agreement_availability.error_message,
            "authorization": availability.authorization_status.as_str(),
            "entitlement": availability.entitlement_availability.as_str(),
            "region_availability": availability.region_availability.as_str(),
            "retention_needed": (self.needed != RetentionMode::Nothing).then(|| self.needed.as_str()),
            "retention_satisfied": self.retained(),
        })
    }
}
