//! `outcrop models`: the catalogue, joined with what AWS says of the region and the account.

mod access;
mod known;
pub(super) mod meant;
mod profiles;
mod regions;
mod show;
mod standing;

use outcrop::account::{FoundationModel, ModelAvailability, ModelFilter, RetentionMode};
use outcrop::wire::account::AgreementStatus;
use outcrop::wire::account::foundation::InferenceType;
use outcrop::wire::catalogue::{Catalogue, Phase};
use outcrop::{Client, ModelId, Scope};
use serde_json::Value;
use tokio::task::JoinSet;

use self::known::Known;
use self::meant::today;
use self::standing::{Ground, Standing, needed};
use crate::args::{Models, Which};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;
use crate::settings;

/// So many models are asked about at a time.
const AT_ONCE: usize = 8;

/// Whose models they are.
const PROVIDER: &str = "anthropic";

pub(crate) async fn run(models: Models, printer: &Printer) -> Result<(), Failure> {
    match &models.which {
        Some(Which::Access(wanted)) => access::run(wanted, &models, printer).await,
        Some(Which::Regions { model, .. }) => regions::run(model, models.json, printer),
        Some(Which::Profiles(wanted)) => profiles::run(wanted, &models, printer).await,
        Some(Which::Show { model, offline }) => show::run(model, *offline, &models, printer).await,
        None => list(&models, printer).await,
    }
}

async fn list(models: &Models, printer: &Printer) -> Result<(), Failure> {
    let mut rows = match models.offline {
        true => offline(settings::region(&models.account, printer)?.as_deref()),
        false => {
            let client = settings::account(&models.account, printer).await?;
            let mut rows = online(&client).await?;
            // What is left out in any case is not asked for.
            rows.retain(|known| known.is_meant(&models.filter));
            if !models.no_access {
                ask_access(&client, &mut rows, printer).await;
            }
            rows
        }
    };
    rows.retain(|known| known.is_meant(&models.filter) && (!models.filter.granted || known.is_granted()));
    let scope = models.filter.scope.as_deref().and_then(|name| Scope::all().find(|scope| scope.as_str() == name));
    if let Some(scope) = scope {
        rows.iter_mut().for_each(|known| known.priced_in(&Catalogue::built_in(), &scope));
    }
    if models.json {
        let rows: Vec<Value> = rows.iter().map(Known::as_json).collect();
        return Ok(printer.line(&Value::from(rows).to_string())?);
    }
    if rows.is_empty() {
        printer.note("there is none of them here");
        return Ok(());
    }
    Ok(printer.piece(&table::filled(Known::HEAD, rows.iter().map(Known::cells).collect()))?)
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
        if model.phase(region, &today()) == Phase::Ended {
            continue;
        }
        let known = Known::of(&catalogue, model.row().base, Some(model), scopes, region);
        if !known.scopes.is_empty() {
            rows.push(known);
        }
    }
    rows
}

/// What AWS has in the region of a client, with what the catalogue knows of it.
async fn online(client: &Client) -> Result<Vec<Known>, Failure> {
    let mut filter = ModelFilter::default();
    filter.provider = Some(PROVIDER.to_owned());
    let listed = client.models().list(&filter).await?;
    let profiles = client.models().profiles().all().await?;
    let rows = listed.iter().map(|model| {
        let scopes = profiles.iter().filter_map(|profile| match Scope::split(&profile.inference_profile_id) {
            Some((scope, base)) if base == model.model_id => Some(scope),
            _ => None,
        });
        joined(client, model, scopes.collect())
    });
    Ok(rows.collect())
}

/// What counts for all of them. What cannot be asked stays unknown, and is told.
async fn ground(client: &Client, rows: &[Known], printer: &Printer) -> Ground {
    let models = client.models();
    let form = match models.use_case_form().await {
        Ok(form) => Some(form.is_some()),
        Err(error) => {
            printer.warning(&format!("whether Anthropic's form is filled in is not known: {error}"));
            None
        }
    };
    if rows.iter().all(|known| needed(client.catalogue(), &known.id) == RetentionMode::Nothing) {
        return Ground { form, retention: None };
    }
    let retention = match models.access().retention().await {
        Ok(retention) => Some(retention.mode),
        Err(error) => {
            printer.warning(&format!("the account's data retention is not known: {error}"));
            None
        }
    };
    Ground { form, retention }
}

/// Asks for each model whether the account may use it, some at a time. What cannot be asked stays unknown, and is told
/// once: the list is worth having without.
async fn ask_access(client: &Client, rows: &mut [Known], printer: &Printer) {
    if rows.is_empty() {
        return;
    }
    let ground = ground(client, rows, printer).await;
    let mut waiting = 0..rows.len();
    let mut asked = JoinSet::new();
    let mut told = false;
    loop {
        while asked.len() < AT_ONCE
            && let Some(place) = waiting.next()
        {
            let (client, id) = (client.clone(), rows[place].id.clone());
            asked.spawn(async move { (place, client.models().availability(id).await) });
        }
        match asked.join_next().await {
            None => return,
            Some(Ok((place, Ok(availability)))) => {
                let needed = needed(client.catalogue(), &rows[place].id);
                let mut ground = ground.clone();
                // It counts as well where the management account of an organization has filled it in (AWS user guide,
                // access to models), and is then not seen from here.
                ground.form = ground.form.filter(|_| !agreed(&availability));
                rows[place].access = Some(Standing { availability, ground, needed }.words());
            }
            Some(Ok((_, Err(error)))) if !told => {
                told = true;
                printer.warning(&format!("whether the account may use them is not known: {error}"));
            }
            Some(_) => {}
        }
    }
}

fn agreed(availability: &ModelAvailability) -> bool {
    availability.agreement_availability.status == AgreementStatus::Available
}

/// A model as AWS describes it, with what the catalogue knows of it.
fn joined(client: &Client, model: &FoundationModel, scopes: Vec<Scope>) -> Known {
    let catalogue = client.catalogue();
    let named = catalogue.resolve(&ModelId::from(&*model.model_id));
    let mut known = Known::of(catalogue, &model.model_id, named.model, scopes, client.region());
    // That AWS knows better.
    known.scopes.retain(|scope| *scope != Scope::Regional);
    if model.inference_types_supported.iter().flatten().any(|kind| *kind == InferenceType::OnDemand) {
        known.scopes.push(Scope::Regional);
    }
    known.title = model.model_name.clone().or(known.title);
    if let Some(lifecycle) = &model.model_lifecycle {
        known.status = Some(lifecycle.status.as_str().to_lowercase());
        known.legacy = lifecycle.legacy_time.clone().or(known.legacy);
        known.extended = lifecycle.public_extended_access_time.clone().or(known.extended);
        known.ends = lifecycle.end_of_life_time.clone().or(known.ends);
    }
    known
}
