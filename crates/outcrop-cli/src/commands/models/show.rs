//! `outcrop models show`: everything that is known of one model.

use outcrop::wire::account::ApplicationProfileArn;
use outcrop::wire::catalogue::Catalogue;
use outcrop::{Client, ModelId, Scope, Surface};
use serde_json::{Value, json};

use super::known::{self, Known};
use super::meant::{explained, find, meant, today};
use super::standing::Standing;
use crate::args::Models;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;
use crate::settings;

pub(super) async fn run(name: &str, offline: bool, models: &Models, printer: &Printer) -> Result<(), Failure> {
    let (mut known, catalogue, scope) = match offline || models.offline {
        true => {
            let catalogue = Catalogue::built_in();
            let model = find(&catalogue, name)?;
            let region = settings::region(&models.account, printer)?;
            let scopes = match &region {
                Some(region) => model.scopes_from(region).collect(),
                None => model.scopes().collect(),
            };
            let known = Known::of(&catalogue, model.row().base, Some(model), scopes, region.as_deref());
            let scope = catalogue.resolve(&ModelId::from(name)).scope;
            (known, catalogue, scope)
        }
        false => {
            let client = settings::account(&models.account, printer).await?;
            let (id, scope) = called(&client, name).await?;
            let described = client.models().get(id).await.map_err(|error| explained(error, &client, name))?;
            let standing = Standing::ask(&client, client.models(), &described.model_id, None).await?;
            let profiles = client.models().profiles().all().await?;
            let scopes = profiles.iter().filter_map(|profile| {
                let (scope, base) = Scope::split(&profile.inference_profile_id)?;
                (base == described.model_id).then_some(scope)
            });
            let mut known = super::joined(&client, &described, scopes.collect());
            known.access = Some(standing.words());
            (known, client.catalogue().clone(), scope)
        }
    };
    if let Some(scope) = scope.filter(|scope| known.scopes.contains(scope)) {
        known.priced_in(&catalogue, &scope);
    }
    let more = more(&catalogue, &known);
    if models.json {
        let mut shown = known.as_json();
        if let Value::Object(members) = &mut shown {
            members.extend(more.into_iter().map(|(name, value)| (name.replace(' ', "_"), json!(value))));
        }
        return Ok(printer.line(&shown.to_string())?);
    }
    Ok(printer.piece(&table::pairs(&pairs(&known, more)))?)
}

/// The id of the model that is meant, and the scope that it is called in. Of an inference profile of the account's own AWS
/// is asked.
async fn called(client: &Client, name: &str) -> Result<(ModelId, Option<Scope>), Failure> {
    let named = meant(client.catalogue(), name, client.region())?;
    if ApplicationProfileArn::parse(name).is_none() {
        return Ok((ModelId::from(name), named.scope));
    }
    let profile = client.models().profile(name).await.map_err(|error| explained(error, client, name))?;
    Ok(match profile.behind(client.catalogue()) {
        Some((model, scope)) => (model.regional(), Some(scope)),
        None => (ModelId::from(name), None),
    })
}

/// What the catalogue knows besides, in words.
fn more(catalogue: &Catalogue, known: &Known) -> Vec<(&'static str, String)> {
    let Some(model) = catalogue.resolve(&ModelId::from(&*known.id)).model else { return Vec::new() };
    let today = today();
    let accepts = catalogue.accepts(Some(model), Surface::InvokeModel, &today);
    let words = |words: Option<Vec<&str>>| words.map(|words| words.join(" "));
    [
        ("thinking", words(accepts.thinking())),
        ("effort", words(accepts.efforts())),
        ("cache from", accepts.cache_minimum().map(|tokens| format!("{tokens} tokens"))),
        ("cache for", words(accepts.cache_ttls())),
        ("since", model.row().since.map(str::to_owned)),
        ("until", model.row().until.map(str::to_owned)),
        ("source", Some(model.row().source.to_owned())),
        ("lifecycle source", model.row().lifecycle.as_ref().map(|lifecycle| lifecycle.source.to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn pairs(known: &Known, more: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    let mut pairs = vec![("model", known.name.unwrap_or("not in the built-in catalogue").to_owned())];
    pairs.extend(known.title.iter().map(|title| ("title", title.clone())));
    pairs.push(("base id", known.id.clone()));
    for scope in &known.scopes {
        pairs.push(("called as", known::id_in(scope, &known.id)));
    }
    pairs.extend(known.lifecycle());
    pairs.extend(known.access.iter().map(|access| ("access", access.clone())));
    pairs.extend(known.window.map(|window| ("window", format!("{} tokens", known::round(window)))));
    pairs.extend(known.max_output.map(|most| ("max output", format!("{} tokens", known::round(most)))));
    let price = known.price.as_ref().map(known::in_out);
    pairs.extend(price.map(|price| ("price", format!("{price} for a million tokens in/out"))));
    pairs.extend(more);
    pairs
}
