//! `anthropic_version`, by the capability table.

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::fault::Fault;
use outcrop_wire::model::Model;
use outcrop_wire::surface::Surface;

use super::invalid;

/// A warning when the version passes here and may not at AWS.
pub(super) fn check(
    catalogue: &Catalogue,
    surface: Surface,
    model: Model,
    version: Option<&str>,
    today: &str,
) -> Result<Option<String>, Fault> {
    let Some(version) = version else { return Err(invalid("anthropic_version: Field required")) };
    let lists = |key: &str| catalogue.capabilities(Some(model), surface, key, today).any(|row| row.value == version);
    if lists("version.accepted") {
        return Ok(None);
    }
    if lists("version.tolerated") {
        let expected = catalogue.capability(Some(model), surface, "version.sent", today).map_or("", |row| &row.value);
        return Ok(Some(format!(
            "anthropic_version {version}: AWS may answer 400 for {} (documented: {expected})",
            model.name()
        )));
    }
    Err(invalid(format!("Invalid API version: {version}")))
}
