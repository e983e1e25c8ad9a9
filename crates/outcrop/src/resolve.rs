//! What a plan needs of the world: the day, the region, what an id names, and media on the web.

mod download;
mod fetch;
mod profile;

use std::sync::Arc;

use outcrop_wire::account::ApplicationProfileArn;
use outcrop_wire::model::{ModelId, Named};
use outcrop_wire::scope::DefaultScope;
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::Surface;

use crate::client::Inner;
use crate::plan::{Destination, Refusal};

pub(crate) use self::download::download;
pub(crate) use self::profile::{KnownProfiles, look_up};

/// Where a request may go, in the order to try, and why it may not go elsewhere.
///
/// # Errors
/// When the model as it is named would be processed where calls may not go.
pub(crate) fn destinations(
    client: &Inner,
    model: &ModelId,
    surface: Option<Surface>,
    scope: Option<&DefaultScope>,
) -> Result<(Vec<Destination>, Vec<String>), Refusal> {
    let named = |region: Option<&str>| named(client, model, region, scope);
    let mut left_out: Vec<String> = client.profiles.note(model).into_iter().collect();
    let own = ApplicationProfileArn::parse(model.as_str()).map(|arn| arn.region);
    let model = named(client.region.as_deref());
    if let Some(residency) = &client.residency
        && let Err(why) = residency.holds(client.region.as_deref(), &model)
    {
        return Err(Refusal { why, hint: Some(residency.hint()) });
    }
    let mut destinations = Vec::with_capacity(1 + client.failover.len());
    destinations.push(Destination { surface, region: client.region.clone(), model, account: None });
    for target in client.failover.iter() {
        let region = target.region.as_ref().or(client.region.as_ref()).cloned();
        // The widest scope of another region may be wider than that of the client's own: that was not asked for.
        let asked = match scope {
            Some(DefaultScope::Geography) => named(region.as_deref()),
            _ => destinations[0].model.clone(),
        };
        let model = target
            .model(&asked, region.as_deref())
            .ok_or_else(|| "there is no id of the model in that scope".to_owned());
        let model = model.and_then(|model| {
            let held = client.residency.as_ref().map(|residency| residency.holds(region.as_deref(), &model));
            held.transpose()?;
            callable(&model, region.as_deref())?;
            if let Some((own, region)) = own.zip(region.as_deref()).filter(|(own, region)| own != region) {
                return Err(format!("`{}` can be called in {own}, not in {region}", model.id));
            }
            Ok(model)
        });
        let account = target.account.as_ref().map(|(name, _)| Arc::clone(name));
        match model {
            Ok(model) => {
                if let Some(region) = region.as_deref().filter(|region| !client.catalogue.knows_region(region)) {
                    left_out.push(format!("failover to {target}: region {region} is not known"));
                }
                destinations.push(Destination { surface: target.surface.or(surface), region, model, account });
            }
            Err(why) => left_out.push(format!("failover to {target}: left out, {why}")),
        }
    }
    Ok((destinations, left_out))
}

/// What an id names for a call from `region`: as the catalogue says, or as is known of an application inference profile.
pub(crate) fn named(client: &Inner, id: &ModelId, region: Option<&str>, scope: Option<&DefaultScope>) -> Named {
    client.profiles.named(id).unwrap_or_else(|| client.catalogue.resolve_from(id, region, scope))
}

/// Whether a profile can be called from a region, as far as the catalogue knows.
fn callable(named: &Named, region: Option<&str>) -> Result<(), String> {
    let profile = named.model.zip(named.scope.as_ref()).and_then(|(model, scope)| model.profile(scope));
    match profile.zip(region).and_then(|(profile, region)| profile.is_called_from(region)) {
        Some(false) => Err(format!("`{}` cannot be called from there", named.id)),
        _ => Ok(()),
    }
}

/// Today, as the catalogue's rows write days.
pub(crate) fn today(client: &Inner) -> String {
    AmzTime::from_unix(client.surroundings.unix()).iso_day()
}
