//! Where a call is, and whether there is anything to call there.

use http::request::Parts;
use outcrop_wire::catalogue::ProfileRow;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::region;

use crate::account::REGION;
use crate::authenticate::host_region;
use crate::server::Inner;

/// The region of a call: that of its signature or key, of the host it was sent to (where both say one they agree: see
/// `authenticate`), or the account's.
pub(crate) fn of(signed_for: Option<String>, parts: &Parts) -> String {
    let host = || host_region(&parts.headers).map(str::to_owned);
    signed_for.or_else(host).unwrap_or_else(|| REGION.to_owned())
}

/// The same of a call to Bedrock.
///
/// # Errors
/// When Bedrock is not there: at AWS the host would have no address. Where everything is passed on or played, whoever
/// answers knows.
pub(crate) fn of_bedrock(local: &Inner, signed_for: Option<String>, parts: &Parts) -> Result<String, Fault> {
    let region = of(signed_for, parts);
    if local.engine.takes_any() || region::has_bedrock(&local.catalogue, &region) {
        return Ok(region);
    }
    let why = match region::exists(&local.catalogue, &region) {
        true => format!("outcrop local: Amazon Bedrock is not in the region {region}"),
        false => nowhere(&region),
    };
    Err(refused(&why))
}

/// The same of a call to what is in every region.
///
/// # Errors
/// When there is no such region.
pub(crate) fn of_any(local: &Inner, signed_for: Option<String>, parts: &Parts) -> Result<String, Fault> {
    let region = of(signed_for, parts);
    match region::exists(&local.catalogue, &region) {
        true => Ok(region),
        false => Err(refused(&nowhere(&region))),
    }
}

/// That there is no such region.
pub(crate) fn nowhere(region: &str) -> String {
    format!("outcrop local: AWS has no region {region}, as far as is known")
}

/// What AWS says to a signature for a region that is none, and which it was.
fn refused(why: &str) -> Fault {
    let message = format!("Credential should be scoped to a valid region. {why}");
    Fault::new("InvalidSignatureException", message, Origin::Http)
}

/// Whether a profile can be called from a region. Nothing is offered in one that no row of the catalogue names.
pub(crate) fn offers(region: &str, profile: &ProfileRow) -> bool {
    profile.is_called_from(region) == Some(true)
}
