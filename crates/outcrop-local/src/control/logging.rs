//! How activity is logged in a region: set, told, and ended.

use outcrop_wire::account::logging::LoggingSetting;
use outcrop_wire::fault::Fault;

use super::{Place, World, taken, written};

/// `PutModelInvocationLoggingConfiguration`.
pub(super) fn put(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let setting: LoggingSetting = taken(body)?;
    world.local.data.change(|kept| {
        kept.region_mut(place.region).logging = setting.logging_config;
        Ok(())
    })?;
    Ok(b"{}".to_vec())
}

/// `GetModelInvocationLoggingConfiguration`: an empty object where nothing is logged.
pub(super) fn get(world: &World<'_>, place: &Place<'_>) -> Result<Vec<u8>, Fault> {
    let configuration = world.local.data.read(|kept| kept.region(place.region)?.logging.clone());
    written(&configuration.map_or_else(LoggingSetting::default, LoggingSetting::new))
}

/// `DeleteModelInvocationLoggingConfiguration`.
pub(super) fn delete(world: &World<'_>, place: &Place<'_>) -> Result<Vec<u8>, Fault> {
    world.local.data.change(|kept| {
        kept.region_mut(place.region).logging = None;
        Ok(())
    })?;
    Ok(b"{}".to_vec())
}
