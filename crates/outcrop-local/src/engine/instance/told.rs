//! Constraints that a schema tells in words, read back: `{minimum: 1, maximum: 5}` at the end of a description.
//!
//! So the official SDKs, and ours, write what JSON Schema output does not enforce (Python 2.12, `transform_schema`).

use serde_json::Value;

use crate::engine::ordered::Node;

/// Those that are read; any other word ends the one before it and is left alone.
const READ: [&str; 12] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// Told beside them, and no constraints.
const OTHER: [&str; 10] = [
    "default",
    "examples",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "minProperties",
    "maxProperties",
    "contentEncoding",
    "contentMediaType",
];

/// Schemas by name, one schema, and lists of them.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];
const ONE: [&str; 2] = ["items", "additionalProperties"];
const SEVERAL: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// Puts what the descriptions of `schema` tell into the schema, all the way down.
pub(super) fn read_back(schema: &mut Node) {
    let Node::Object(members) = schema else { return };
    for (name, value) in members.iter_mut() {
        match (name.as_str(), value) {
            (name, Node::Object(named)) if NAMED.contains(&name) => named.iter_mut().for_each(|(_, it)| read_back(it)),
            (name, one) if ONE.contains(&name) => read_back(one),
            (name, Node::List(several)) if SEVERAL.contains(&name) => several.iter_mut().for_each(read_back),
            _ => {}
        }
    }
    let told = schema.get("description").and_then(Node::text).map(told).unwrap_or_default();
    let Node::Object(members) = schema else { return };
    for (name, value) in told {
        if !members.iter().any(|(known, _)| *known == name) {
            members.push((name, value));
        }
    }
}

fn told(description: &str) -> Vec<(String, Node)> {
    let last = description.rsplit("\n\n").next().unwrap_or_default();
    let Some(mut rest) = last.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return Vec::new() };
    let mut told = Vec::new();
    while let Some(name) = named(rest) {
        let value = &rest[name.len() + 2..];
        // A value ends where the next name begins; a pattern may have commas of its own.
        let end = value.match_indices(", ").map(|(at, _)| at).find(|at| named(&value[at + 2..]).is_some());
        let (value, after) = end.map_or((value, ""), |end| (&value[..end], &value[end + 2..]));
        if READ.contains(&name) {
            told.push((name.to_owned(), parsed(name, value)));
        }
        rest = after;
    }
    told
}

fn named(text: &str) -> Option<&'static str> {
    let (name, _) = text.split_once(": ")?;
    READ.iter().chain(&OTHER).find(|known| **known == name).copied()
}

/// Texts stand as they are, the rest as JSON or as Python writes it.
fn parsed(name: &str, value: &str) -> Node {
    match (name, value) {
        ("pattern" | "format", text) => text.into(),
        (_, "True") => true.into(),
        (_, "False") => false.into(),
        (_, other) => serde_json::from_str::<Value>(other).map_or(Node::NULL, Node::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read() {
        let names = |description| told(description).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("How old.\n\n{minimum: 3, maximum: 5.5}"), ["minimum", "maximum"]);
        assert_eq!(names("{uniqueItems: True, default: [1, 2], minItems: 2}"), ["uniqueItems", "minItems"]);
        for nothing in ["", "A set {minimum: 3}", "{a, b}", "{minimum: 3}\n\nMore.", "{}"] {
            assert!(told(nothing).is_empty(), "{nothing}");
        }
        let pattern = told("{pattern: ^a{1, 2}, x: [b]$, minLength: 2}");
        assert_eq!(pattern[0], ("pattern".to_owned(), Node::from("^a{1, 2}, x: [b]$")));
        assert_eq!(pattern[1], ("minLength".to_owned(), Node::from(2)));
    }
}
