//! What Converse itself refuses, before a model sees anything: AWS's own layer, in its own words.
//!
//! First what the service model says of every shape, all of it at once; then, one after the other, what the pieces must
//! be to each other. In which order AWS looks at the latter is not recorded. What is not known by the service model is
//! passed over: a block with none but unknown members is refused as an empty one (quoted: `image_url` of another API).

mod calls;
mod constraints;
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
use outcrop_wire::fault::Fault;
use outcrop_wire::surface::Delivery;

pub(super) use self::given::given_to_model;
pub(super) use self::malformed::fault as malformed;

/// What a request is held against.
pub(super) struct Held<'a> {
    pub(super) accepts: &'a Capabilities<'a>,
    pub(super) delivery: Delivery,
    /// Whether what documentation says and AWS no longer does is refused. Otherwise it passes, with a warning.
    pub(super) strict: bool,
}

/// Checks a request, and gives what passes here and may be refused by AWS or is not done here.
pub(super) fn check(request: &ConverseRequest, held: &Held<'_>) -> Result<Vec<String>, Fault> {
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
