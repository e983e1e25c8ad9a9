//! Tags on what the account has: put, taken away, and told.

use std::sync::LazyLock;

use outcrop_wire::account::{Tag, TagRequest, Tags, TagsRequest, UntagRequest};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::json::Json;
use regex_lite::Regex;

use super::{Place, World, jobs, own_profiles, taken, written};
use crate::check::constraints::{Constraints, Told};
use crate::check::place;
use crate::data::Regional;

/// The most of one resource (botocore service model, `TooManyTagsException`).
const MOST: usize = 50;

/// The most of one request, and the longest keys and values (botocore service model, `TagList`, `TagKey`, `TagValue`).
const MOST_AT_ONCE: usize = 200;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;
const PATTERN: &str = r"[a-zA-Z0-9\s._:/=+@-]*";

/// What can have tags (botocore service model, `TaggableResourcesArn`).
const SHORTEST_ARN: usize = 20;
const LONGEST_ARN: usize = 1011;
const ARN: &str = concat!(
    r".*(^[a-zA-Z0-9][a-zA-Z0-9\-]*$)",
    "|(^arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:custom-model/(imported)/[a-z0-9]{12}$)",
    "|(^arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:([0-9]{12}|)(",
    "(:(fine-tuning-job|model-customization-job|custom-model)/[a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}",
    "([a-z0-9-]{1,63}[.]){0,2}[a-z0-9-]{1,63}([:][a-z0-9-]{1,63}){0,2}(/[a-z0-9]{12})$)",
    "|(:guardrail/[a-z0-9]+$)|(:automated-reasoning-policy/[a-zA-Z0-9]+(:[a-zA-Z0-9]+)?$)",
    "|(:(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+$)",
    "|(:(provisioned-model|model-invocation-job|model-evaluation-job|evaluation-job|model-import-job|imported-model",
    "|async-invoke|provisioned-model-v2|provisioned-model-reservation|prompt-router|custom-model-deployment)",
    "/[a-z0-9]{12}$))).*",
);

/// The whole ARN has to match.
static WHOLE_ARN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("^(?:{ARN})$")).ok());

/// `TagResource`.
pub(super) fn tag(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let TagRequest { resource_arn, tags, .. } = taken(body)?;
    let mut broken = Constraints::default();
    check_arn(&resource_arn, &mut broken);
    check(&tags, &place::Place::ROOT.member("tags"), &mut broken);
    broken.verdict()?;
    change(world, place, &resource_arn, |regional| put(regional, &resource_arn, tags))
}

/// `UntagResource`. Keys that are not there are passed over.
pub(super) fn untag(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let UntagRequest { resource_arn, tag_keys, .. } = taken(body)?;
    let mut broken = Constraints::default();
    check_arn(&resource_arn, &mut broken);
    let keys = place::Place::ROOT.member("tagKeys");
    broken.count(tag_keys.len(), Told::Concealed, 0, MOST_AT_ONCE, &keys);
    for (at, key) in tag_keys.iter().enumerate() {
        check_text(key, 1, LONGEST_KEY, &keys.item(at), &mut broken);
    }
    broken.verdict()?;
    change(world, place, &resource_arn, |regional| {
        if let Some(tags) = regional.tags.get_mut(&resource_arn) {
            tags.retain(|key, _| !tag_keys.contains(key));
        }
        Ok(())
    })
}

/// `ListTagsForResource`.
pub(super) fn list(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let TagsRequest { resource_arn, .. } = taken(body)?;
    let mut broken = Constraints::default();
    check_arn(&resource_arn, &mut broken);
    broken.verdict()?;
    let tags = world.local.data.read(|kept| {
        let regional = kept.region(place.region).filter(|regional| has(regional, place, &resource_arn))?;
        let tags = regional.tags.get(&resource_arn).into_iter().flatten();
        Some(tags.map(|(key, value)| Tag::new(key, value)).collect())
    });
    written(&Tags { tags: tags.ok_or_else(|| missing(&resource_arn))?, ..Tags::default() })
}

/// Puts tags on what a call makes or has named.
///
/// # Errors
/// When there would be too many.
pub(super) fn put(regional: &mut Regional, arn: &str, tags: Vec<Tag>) -> Result<(), Fault> {
    if tags.is_empty() {
        return Ok(());
    }
    let there = regional.tags.entry(arn.to_owned()).or_default();
    there.extend(tags.into_iter().map(|tag| (tag.key, tag.value)));
    if there.len() > MOST {
        // Its first words are those of the service model's documentation.
        let why = format!(
            "The request contains more tags than can be associated with a resource ({MOST} tags per resource)."
        );
        let mut fault = Fault::new("TooManyTagsException", why, Origin::Http);
        fault.details.set("resourceName", Json::of(arn).unwrap_or_default());
        return Err(fault);
    }
    Ok(())
}

/// What the service model says of tags.
pub(super) fn check(tags: &[Tag], place: &place::Place<'_>, broken: &mut Constraints) {
    broken.count(tags.len(), Told::Concealed, 0, MOST_AT_ONCE, place);
    for (at, tag) in tags.iter().enumerate() {
        let item = place.item(at);
        check_text(&tag.key, 1, LONGEST_KEY, &item.member("key"), broken);
        check_text(&tag.value, 0, LONGEST_VALUE, &item.member("value"), broken);
    }
}

fn check_arn(arn: &str, broken: &mut Constraints) {
    let place = place::Place::ROOT.member("resourceARN");
    let fits = WHOLE_ARN.as_ref().is_none_or(|whole| whole.is_match(arn));
    broken.pattern(fits, Told::As(&arn), ARN, &place);
    broken.length(arn, Told::As(&arn), SHORTEST_ARN, LONGEST_ARN, &place);
}

fn check_text(text: &str, least: usize, most: usize, place: &place::Place<'_>, broken: &mut Constraints) {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter.is_whitespace() || "._:/=+@-".contains(letter);
    broken.pattern(text.chars().all(fits), Told::As(&text), PATTERN, place);
    broken.length(text, Told::As(&text), least, most, place);
}

fn change(
    world: &World<'_>,
    place: &Place<'_>,
    arn: &str,
    change: impl FnOnce(&mut Regional) -> Result<(), Fault>,
) -> Result<Vec<u8>, Fault> {
    world.local.data.change(|kept| {
        let regional = kept.region_mut(place.region);
        if !has(regional, place, arn) {
            return Err(missing(arn));
        }
        change(regional)
    })?;
    Ok(b"{}".to_vec())
}

/// Whether the region has what is to be tagged.
fn has(regional: &Regional, place: &Place<'_>, arn: &str) -> bool {
    own_profiles::has(regional, place, arn) || jobs::has(regional, arn)
}

/// In words of ours: AWS's are not known.
fn missing(arn: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("There is no {arn} that has tags"), Origin::Http)
}
