//! `anthropic_version`, by the capability table.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::fault::Fault;

use super::invalid;

/// A warning when the version passes here and may not at AWS; strictly, it does not pass.
pub(super) fn check(version: Option<&str>, accepts: &Capabilities<'_>, strict: bool) -> Result<Option<String>, Fault> {
    let Some(version) = version else { return Err(invalid("anthropic_version: Field required")) };
    let lists = |key| accepts.rows(key).any(|row| row.value == version);
    if lists("version.accepted") {
        return Ok(None);
    }
    if lists("version.tolerated") && !strict {
        let expected = accepts.version().map_or("", |row| &row.value);
        return Ok(Some(format!(
            "anthropic_version {version}: AWS may answer 400 for {} (documented: {expected})",
            accepts.model().map_or("this model", |model| model.name())
        )));
    }
    // Quoted from AWS (boto/boto3 issue 4218).
    Err(invalid(format!("Invalid API version: {version}")))
}
