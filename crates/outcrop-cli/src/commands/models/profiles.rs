//! `outcrop models profiles`: AWS's own inference profiles and the account's, listed, made, shown and ended.

mod find;
mod show;

use outcrop::account::{InferenceProfile, ProfileFilter, ProfileRequest, ProfileType};
use outcrop::wire::catalogue::Catalogue;
use outcrop::{Client, ModelId, Scope};
use serde_json::{Value, json};

use self::find::to_delete;
use self::show::show;
use super::meant::{explained, meant};
use crate::args::{CreateProfile, Models, ProfileKind, Profiles, ProfilesVerb};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;
use crate::settings;

pub(super) async fn run(profiles: &Profiles, models: &Models, printer: &Printer) -> Result<(), Failure> {
    if models.offline || profiles.offline {
        return Err(Failure::usage("--offline: the inference profiles are AWS's to tell")
            .hint("`outcrop models regions MODEL` tells what the built-in catalogue knows of them"));
    }
    let client = settings::account(&models.account, printer).await?;
    match &profiles.what {
        None => list(&client, None, models.json, printer).await,
        Some(ProfilesVerb::List { kind }) => list(&client, *kind, models.json, printer).await,
        Some(ProfilesVerb::Create(wanted)) => create(&client, wanted, models.json, printer).await,
        Some(ProfilesVerb::Show { which }) => show(&client, which, models.json, printer).await,
        Some(ProfilesVerb::Delete { which }) => {
            let arn = to_delete(&client, which).await?;
            client.models().delete_profile(&*arn).await.map_err(|error| explained(error, &client, &arn))?;
            printer.note(&match arn == *which {
                true => format!("{which} is gone"),
                false => format!("{which} is gone: {arn}"),
            });
            Ok(())
        }
    }
}

async fn list(client: &Client, kind: Option<ProfileKind>, as_json: bool, printer: &Printer) -> Result<(), Failure> {
    let mut filter = ProfileFilter::default();
    filter.kind = kind.map(|kind| match kind {
        ProfileKind::System => ProfileType::SystemDefined,
        ProfileKind::Application => ProfileType::Application,
    });
    let mut profiles = client.models().profiles_of(filter).all().await?;
    // The account's own are few, and come first.
    profiles.sort_by_key(|profile| profile.kind != ProfileType::Application);
    let catalogue = client.catalogue();
    if as_json {
        let rows: Vec<Value> = profiles.iter().map(|profile| as_value(catalogue, profile)).collect();
        return Ok(printer.line(&Value::from(rows).to_string())?);
    }
    if profiles.is_empty() {
        printer.note("there is none of them here");
        return Ok(());
    }
    let rows = profiles.iter().map(|profile| {
        let (model, scope) = behind(catalogue, profile);
        // Where all are of one kind it need not be said.
        let whose = if kind.is_some() { "" } else { whose(profile) };
        [profile.inference_profile_name.clone(), whose.to_owned(), model, scope, called_by(profile).to_owned()]
    });
    Ok(printer.piece(&table::filled(["NAME", "TYPE", "MODEL", "SCOPE", "CALLED AS"], rows.collect()))?)
}

async fn create(client: &Client, wanted: &CreateProfile, as_json: bool, printer: &Printer) -> Result<(), Failure> {
    let mut request = ProfileRequest::new(&*wanted.name, &*wanted.from);
    request.description.clone_from(&wanted.description);
    request = wanted.tags.iter().fold(request, |request, (key, value)| request.tag(&**key, &**value));
    if !wanted.from.starts_with("arn:") {
        meant(client.catalogue(), &wanted.from, client.region())?;
    }
    let made =
        client.models().create_profile(&request).await.map_err(|error| explained(error, client, &wanted.from))?;
    if as_json {
        return Ok(printer.line(&json!({"arn": made.inference_profile_arn}).to_string())?);
    }
    Ok(printer.line(&made.inference_profile_arn)?)
}

fn as_value(catalogue: &Catalogue, profile: &InferenceProfile) -> Value {
    let (model, scope) = behind(catalogue, profile);
    json!({
        "name": profile.inference_profile_name, "id": profile.inference_profile_id,
        "arn": profile.inference_profile_arn, "called_as": called_by(profile), "description": profile.description,
        "type": profile.kind.as_str(), "status": profile.status.as_str(), "made": profile.created_at,
        "model": model, "scope": scope, "regions": regions(profile),
    })
}

/// The model and the scope, by our names where the catalogue has them; what it has not is said as AWS does.
fn behind(catalogue: &Catalogue, profile: &InferenceProfile) -> (String, String) {
    let named = catalogue.resolve(&ModelId::from(&*profile.inference_profile_id));
    let known = named.model.zip(named.scope).or_else(|| profile.behind(catalogue));
    match known {
        Some((model, scope)) => (model.name().to_owned(), scope.to_string()),
        None => {
            let base =
                profile.models.iter().find_map(|model| Some(model.model_arn.as_ref()?.rsplit_once('/')?.1.to_owned()));
            let scope = Scope::split(&profile.inference_profile_id).map(|(scope, _)| scope.to_string());
            (base.unwrap_or_default(), scope.unwrap_or_default())
        }
    }
}

/// As `--type` says it.
fn whose(profile: &InferenceProfile) -> &'static str {
    match profile.kind {
        ProfileType::Application => "application",
        _ => "system",
    }
}

/// AWS's own are called by their id, the account's by their ARN alone.
fn called_by(profile: &InferenceProfile) -> &str {
    match profile.kind {
        ProfileType::Application => &profile.inference_profile_arn,
        _ => &profile.inference_profile_id,
    }
}

/// Where it is processed; `everywhere` of an entry that names no region.
fn regions(profile: &InferenceProfile) -> Vec<&str> {
    let arns = profile.models.iter().filter_map(|model| model.model_arn.as_deref());
    let regions: Vec<&str> = arns.filter_map(|arn| arn.split(':').nth(3)).collect();
    match regions.contains(&"") {
        true => vec!["everywhere"],
        false => regions,
    }
}
