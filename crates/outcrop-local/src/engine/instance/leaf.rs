//! Strings and numbers within what a schema says of them.

use serde_json::{Value, json};

use super::pattern;
use crate::engine::ordered::Node;

/// Longer strings are not made.
const LONGEST: usize = 4096;

/// The shortest string; another one for each `variant`.
pub(super) fn string(schema: &Node, variant: usize) -> String {
    let length = |name| schema.get(name).and_then(Node::count).and_then(|length| usize::try_from(length).ok());
    let least = length("minLength").unwrap_or(0).min(LONGEST);
    let most = length("maxLength").unwrap_or(usize::MAX);
    let expression = schema.get("pattern").and_then(Node::text);
    schema
        .get("format")
        .and_then(Node::text)
        .and_then(|format| formatted(format, least, variant))
        .filter(|text| expression.is_none_or(|expression| pattern::matches(expression, text)))
        .or_else(|| pattern::example(expression?, least, most, variant))
        .unwrap_or_else(|| plain(least, variant))
}

/// Nothing but what makes it long enough, and its number.
fn plain(least: usize, variant: usize) -> String {
    let number = if variant == 0 { String::new() } else { variant.to_string() };
    let missing = least.saturating_sub(number.len());
    "a".repeat(missing) + &number
}

/// An example of a format that JSON Schema output enforces.
fn formatted(format: &str, least: usize, variant: usize) -> Option<String> {
    let long = |before: &str, after: &str, least_plain: usize| {
        let missing = least.saturating_sub(before.len() + after.len()).max(least_plain);
        format!("{before}{}{after}", plain(missing, variant))
    };
    let day = format!("{:04}-01-01", 1970 + variant % 8000);
    Some(match format {
        "date-time" => day + "T00:00:00Z",
        "date" => day,
        "time" => format!("{:02}:{:02}:00Z", variant / 60 % 24, variant % 60),
        "duration" => format!("PT{variant}S"),
        "email" => long("", "@example.com", 1),
        "hostname" if variant == 0 && least <= "example.com".len() => "example.com".to_owned(),
        "hostname" => long("", ".example.com", 1),
        "uri" => long("https://example.com/", "", 0),
        "ipv4" => format!("127.0.{}.{}", variant / 254 % 255, variant % 254 + 1),
        "ipv6" => format!("::{:x}", variant % 0xffff + 1),
        "uuid" => format!("00000000-0000-4000-8000-{variant:012x}"),
        _ => return None,
    })
}

/// The whole number nearest to its least, or to 0; another one for each `variant`.
pub(super) fn integer(schema: &Node, variant: usize) -> Value {
    let step = match schema.get("multipleOf") {
        Some(step) => {
            step.integer().or_else(|| step.number().filter(|step| step.fract() == 0.0).map(|step| step as i64))
        }
        None => None,
    };
    let step = i128::from(step.filter(|step| *step > 0).unwrap_or(1));
    // Bounds may be written as 1.0; casts of floats saturate.
    let bound = |name, rounded: fn(f64) -> f64| {
        let bound = schema.get(name)?;
        bound.integer().or_else(|| Some(rounded(bound.number()?) as i64)).map(i128::from)
    };
    let least = bound("minimum", f64::ceil).max(bound("exclusiveMinimum", f64::floor).map(|below| below + 1));
    let most = [bound("maximum", f64::floor), bound("exclusiveMaximum", f64::ceil).map(|above| above - 1)];
    let most = most.into_iter().flatten().min();
    let variant = variant as i128 * step;
    let number = match (least, most) {
        (Some(least), _) => {
            least.div_euclid(step) * step + if least.rem_euclid(step) == 0 { 0 } else { step } + variant
        }
        (None, Some(most)) if most < variant => most.div_euclid(step) * step - variant,
        (None, _) => variant,
    };
    json!(i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX }))
}

/// The number at its least, or 0; another one for each `variant`.
pub(super) fn number(schema: &Node, variant: usize) -> Value {
    let bound = |name| schema.get(name).and_then(Node::number);
    let most = [bound("maximum"), bound("exclusiveMaximum")].into_iter().flatten().reduce(f64::min);
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let further = variant as f64 * step.unwrap_or(1.0);
    let least = match (bound("minimum"), bound("exclusiveMinimum")) {
        (Some(least), Some(below)) if least > below => Some(least),
        (_, Some(below)) => Some(match (step, most) {
            (Some(step), _) => (below / step).floor() * step + step,
            (None, Some(most)) if most <= below + 1.0 => below.midpoint(most),
            _ => below + 1.0,
        }),
        (least, None) => least,
    };
    let number = match (least, most) {
        (Some(least), _) => step.map_or(least, |step| (least / step).ceil() * step) + further,
        (None, Some(most)) if most <= further => {
            let under = if bound("exclusiveMaximum") == Some(most) { most - step.unwrap_or(1.0) } else { most };
            step.map_or(under, |step| (under / step).floor() * step) - further
        }
        (None, _) => further,
    };
    json!(number)
}
