//! The version, by the capability table: a member of the body, or a header.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::fault::Fault;
use outcrop_wire::surface::Place;

use super::invalid;

/// A warning when the version passes here and may not at AWS; strictly, it does not pass.
pub(super) fn check(
    version: Option<&str>,
    place: Place,
    accepts: &Capabilities<'_>,
    strict: bool,
) -> Result<Option<String>, Fault> {
    let Some(version) = version else {
        return match place {
            Place::Body(name) => Err(invalid(format!("{name}: Field required"))),
            // Remembered, as Anthropic's own API says it.
            Place::Header(name) => Err(invalid(format!("{name}: header is required"))),
            Place::Path | Place::Nowhere => Ok(None),
        };
    };
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
    // Quoted from AWS (InvokeModel; boto/boto3 issue 4218).
    Err(invalid(format!("Invalid API version: {version}")))
}
