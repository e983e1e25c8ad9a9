//! What Converse itself refuses, before a model sees anything: AWS's own layer, in its own words.
//!
//! First what the service model says of every shape, all of it at once; then, one after the other, what the pieces must
//! be to each other. In which order AWS looks at the latter is not recorded. What the service model does not know is
//! passed over: a block with none but unknown members is refused as an empty one (quoted: `image_url` of another API).

mod calls;
mod document;
mod fields;
mod given;
mod malformed;
mod pointer;
mod said;
mod settings;
mod shapes;
mod union;

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::converse::ConverseRequest;
use outcrop_wire::convert::{Instead, request_from_converse};
use outcrop_wire::dialect::converse::decode_converse_request;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::route::Call;
use outcrop_wire::surface::Delivery;

use crate::dialect::Wishes;

/// What a request is held against.
pub(super) struct Held<'a> {
    pub(super) accepts: &'a Capabilities<'a>,
    pub(super) delivery: Delivery,
    /// Whether what documentation says and AWS no longer does is refused. Otherwise it passes, with a warning.
    pub(super) strict: bool,
}

/// A request that passed here; what the model says of it comes after.
pub(super) struct Passed {
    /// As the model gets it.
    pub(super) request: MessageRequest,
    pub(super) wishes: Wishes,
    pub(super) warnings: Vec<String>,
}

/// Decodes and checks a request, and translates it for the model.
pub(super) fn check(call: &Call, body: &[u8], held: &Held<'_>) -> Result<Passed, Fault> {
    let id = call.model.clone().unwrap_or_default();
    let mut request = decode_converse_request(id, body).map_err(|error| malformed::fault(body, &error))?;
    let mut warnings = all(&request, held)?;
    let wishes = Wishes::take(&mut request);
    let (given, loose) = given::given_to_model(request, held.accepts);
    warnings.extend(loose);
    let converted = request_from_converse(given);
    let dropped = converted.losses.iter().filter(|loss| loss.row.instead == Instead::Dropped);
    warnings.extend(dropped.map(ToString::to_string));
    Ok(Passed { request: converted.value, wishes, warnings })
}

/// Every check, and what passes here and may be refused by AWS or is not done here.
fn all(request: &ConverseRequest, held: &Held<'_>) -> Result<Vec<String>, Fault> {
    shapes::check(request, held.delivery)?;
    union::check(request)?;
    said::check(request)?;
    calls::check(request)?;
    fields::check(request)?;
    pointer::check(request)?;
    let mut warnings = document::check(request, held)?;
    warnings.extend(settings::check(request, held)?);
    Ok(warnings)
}
