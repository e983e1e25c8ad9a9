//! What the body of a request says. What is missing from it is told as AWS tells it of every operation.

use outcrop_wire::fault::{Fault, Origin};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::check::constraints::{Constraints, Told};
use crate::check::place::Place;

/// What a body says; one that is empty says nothing.
///
/// # Errors
/// When it is none: by the name that every AWS service with JSON has for that, which is in no model.
pub(super) fn taken<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { body };
    let mut json = serde_json::Deserializer::from_slice(body);
    let taken = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let why = error.inner().to_string();
        missing(error.path(), &why).unwrap_or_else(|| no_body(why))
    })?;
    json.end().map_err(|error| no_body(error.to_string()))?;
    Ok(taken)
}

/// That a member is not there, or null, if that is what is wrong.
fn missing(path: &Path, why: &str) -> Option<Fault> {
    let member = why.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')).map(|(member, _)| member);
    if member.is_none() && !why.starts_with("invalid type: null") {
        return None;
    }
    let mut segments: Vec<Segment> = path.iter().cloned().collect();
    // Where a member is missing, the path may end with what lacks it, or with the member.
    let ends_with = |name: &str| matches!(segments.last(), Some(Segment::Map { key }) if key == name);
    if let Some(member) = member.filter(|member| !ends_with(member)) {
        segments.push(Segment::Map { key: member.to_owned() });
    }
    let mut broken = Constraints::default();
    at(&segments, &Place::ROOT, &mut |place| broken.add(Told::Null, place, "Member must not be null"));
    broken.verdict().err()
}

fn no_body(why: String) -> Fault {
    Fault {
        code: "SerializationException".to_owned(),
        status: 400,
        message: why,
        origin: Origin::Http,
        details: Default::default(),
    }
}

/// Does something at a place further in.
fn at(segments: &[Segment], place: &Place<'_>, what: &mut dyn FnMut(&Place<'_>)) {
    match segments {
        [] => what(place),
        [Segment::Seq { index }, rest @ ..] => at(rest, &place.item(*index), what),
        [Segment::Map { key } | Segment::Enum { variant: key }, rest @ ..] => at(rest, &place.member(key), what),
        [Segment::Unknown, rest @ ..] => at(rest, place, what),
    }
}
