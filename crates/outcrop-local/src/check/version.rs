//! The version, by the capability table: a member of the body, or a header.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::surface::Place;

use super::fields::extra;
use super::manner::VERSIONS;
use super::{Verdict, invalid};

/// Members that a version and all later ones no longer have, by its day (apidog, 2026-11-02; absent from
/// `MessageCreateParams` of the official Python SDK 2.12).
const REMOVED: [(&str, [&str; 3]); 1] = [("2026-10-21", ["temperature", "top_k", "top_p"])];

/// What the version no longer has is not taken. A version that is only tolerated here may be another one at AWS.
pub(super) fn check_fields(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let Some(version) = &request.anthropic_version else { return Ok(()) };
    // Versions are days, but for those with a name before it, which have everything.
    if !accepts.rows("version.accepted").any(|row| row.value == *version) || !version.starts_with(char::is_numeric) {
        return Ok(());
    }
    let given = [
        ("temperature", request.temperature.is_some()),
        ("top_k", request.top_k.is_some()),
        ("top_p", request.top_p.is_some()),
    ];
    let mut removed = REMOVED.iter().filter(|(day, _)| *day <= version.as_str()).flat_map(|(_, names)| names);
    match removed.find(|name| given.contains(&(name, true))) {
        // Remembered: as every member that is not taken.
        Some(name) => extra(name),
        None => Ok(()),
    }
}

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
    // Quoted from AWS (InvokeModel; boto/boto3 issue 4218).
    let refusal = || invalid(format!("Invalid API version: {version}"));
    if !lists("version.tolerated") {
        return Err(refusal());
    }
    let warning = || {
        let expected = accepts.version().map_or("", |row| &row.value);
        let model = accepts.model().map_or("this model", |model| model.name());
        format!("anthropic_version {version}: AWS may answer 400 for {model} (documented: {expected})")
    };
    VERSIONS.judge(strict, warning, refusal)
}
