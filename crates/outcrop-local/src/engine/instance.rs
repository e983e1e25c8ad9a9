//! A JSON Schema -> the smallest value that is valid under it, its members in the order of the schema.

use std::collections::{HashMap, HashSet};

use outcrop_wire::Json;
use serde_json::{Value, json};

use super::ordered::Node;

/// References and nesting are followed this deep; below, `null` stands.
const DEEPEST: usize = 16;

/// An instance has at most so many values; a small schema may ask for billions.
const MOST: usize = 10_000;

/// The smallest instance of `schema`; `{}` where it is no schema that can be looked at.
pub(super) fn instance(schema: &Json) -> Json {
    let Ok(schema) = schema.parse::<Node>() else { return Json::empty_object() };
    let instance = of(&schema, &schema, DEEPEST, &mut { MOST });
    Json::of(&instance).unwrap_or_default()
}

fn of(schema: &Node, root: &Node, left: usize, budget: &mut usize) -> Node {
    let Some(rest) = budget.checked_sub(1) else { return Node::NULL };
    *budget = rest;
    let Some(left) = left.checked_sub(1) else { return Node::NULL };
    for keyword in ["const", "default"] {
        if let Some(value) = schema.get(keyword) {
            return afforded(value, budget);
        }
    }
    if let Some(first) = schema.get("enum").and_then(Node::list).and_then(<[Node]>::first) {
        return afforded(first, budget);
    }
    let target =
        schema.get("$ref").and_then(Node::text).and_then(|reference| root.pointer(reference.strip_prefix('#')?));
    if let Some(target) = target {
        return of(target, root, left, budget);
    }
    if let Some(parts) = schema.get("allOf").and_then(Node::list) {
        // Objects of all parts are joined.
        let whole = object(schema, schema.get("properties"), root, left, budget);
        return parts.iter().fold(whole, |whole, part| joined(whole, of(part, root, left, budget)));
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(first) = schema.get(keyword).and_then(Node::list).and_then(<[Node]>::first) {
            let properties = schema.get("properties");
            if properties.is_some() || schema.get("required").is_some() {
                // What stands beside the choice holds too, and the choice may require what is described beside it.
                let beside = object(schema, properties, root, left, budget);
                let chosen = match first.get("properties") {
                    None if first.get("required").is_some() => object(first, properties, root, left, budget),
                    _ => of(first, root, left, budget),
                };
                return joined(beside, chosen);
            }
            return of(first, root, left, budget);
        }
    }
    let kind = match schema.get("type") {
        Some(Node::List(kinds)) => kinds.first().and_then(Node::text),
        kind => kind.and_then(Node::text),
    };
    match kind {
        Some("object") => object(schema, schema.get("properties"), root, left, budget),
        None if schema.get("properties").is_some() => object(schema, schema.get("properties"), root, left, budget),
        Some("array") => {
            let least = schema.get("minItems").and_then(Node::count).unwrap_or(0).min(64);
            let items = schema.get("items").unwrap_or(&Node::NULL);
            Node::List((0..least).map(|_| of(items, root, left, budget)).collect())
        }
        Some("string") => string(schema).into(),
        Some("integer") => integer(schema).into(),
        Some("number") => number(schema).into(),
        Some("boolean") => false.into(),
        Some("null") => Node::NULL,
        _ => Node::Object(Vec::new()),
    }
}

/// A value written in the schema, if its length is still within the budget.
fn afforded(value: &Node, budget: &mut usize) -> Node {
    let cost = match value {
        Node::Leaf(Value::String(text)) => text.len() / 64,
        Node::Leaf(_) => 0,
        Node::List(_) | Node::Object(_) => serde_json::to_string(value).map_or(0, |text| text.len()) / 8,
    };
    match budget.checked_sub(cost) {
        Some(rest) => {
            *budget = rest;
            value.clone()
        }
        None => Node::NULL,
    }
}

/// The members that `schema` requires: those that `properties` names in its order, then the others.
fn object(schema: &Node, properties: Option<&Node>, root: &Node, left: usize, budget: &mut usize) -> Node {
    let names = || schema.get("required").and_then(Node::list).into_iter().flatten().filter_map(Node::text);
    let mut required: HashSet<&str> = names().collect();
    let mut members = Vec::with_capacity(required.len().min(MOST));
    for (name, schema) in properties.map(Node::members).unwrap_or_default() {
        if required.remove(name.as_str()) {
            members.push((name.clone(), of(schema, root, left, budget)));
        }
    }
    for name in names() {
        if required.remove(name) {
            members.push((name.to_owned(), of(&Node::NULL, root, left, budget)));
        }
    }
    Node::Object(members)
}

/// Two objects as one, the later member standing; where the later is no object, the one that says anything.
fn joined(whole: Node, part: Node) -> Node {
    match (whole, part) {
        (Node::Object(mut members), Node::Object(more)) => {
            let places: HashMap<String, usize> =
                members.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
            for (name, value) in more {
                match places.get(&name) {
                    Some(at) => members[*at].1 = value,
                    None => members.push((name, value)),
                }
            }
            Node::Object(members)
        }
        (Node::Object(members), other) if members.is_empty() => other,
        (whole, _) => whole,
    }
}

fn string(schema: &Node) -> String {
    let text = match schema.get("format").and_then(Node::text) {
        Some("date-time") => "1970-01-01T00:00:00Z",
        Some("date") => "1970-01-01",
        Some("time") => "00:00:00Z",
        Some("duration") => "PT0S",
        Some("email") => "a@example.com",
        Some("hostname") => "example.com",
        Some("uri") => "https://example.com/",
        Some("ipv4") => "127.0.0.1",
        Some("ipv6") => "::1",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        _ => "",
    };
    let least = schema.get("minLength").and_then(Node::count).unwrap_or(0).min(4096) as usize;
    let missing = least.saturating_sub(text.chars().count());
    format!("{text}{}", "a".repeat(missing))
}

fn integer(schema: &Node) -> Value {
    let bound = |name| schema.get(name).and_then(Node::number);
    if let Some(least) = schema.get("minimum").and_then(Node::integer) {
        return json!(least);
    }
    // Bounds may be written as 1.0; casts of floats saturate.
    if let Some(least) = bound("minimum") {
        return json!(least.ceil() as i64);
    }
    if let Some(below) = bound("exclusiveMinimum") {
        return json!((below.floor() as i64).saturating_add(1));
    }
    json!(bound("maximum").map_or(0, |most| most.floor() as i64).min(0))
}

fn number(schema: &Node) -> Value {
    let bound = |name| schema.get(name).and_then(Node::number);
    if let Some(least) = bound("minimum") {
        return json!(least);
    }
    if let Some(below) = bound("exclusiveMinimum") {
        return json!(below + 1.0);
    }
    json!(bound("maximum").unwrap_or(0.0).min(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(schema: &Value) -> Value {
        super::instance(&Json::from(schema.clone())).parse().expect("JSON")
    }

    #[test]
    fn smallest_instances() {
        for (schema, expected) in [
            (
                json!({"type":"object","properties":{"city":{"type":"string"},"x":{}},"required":["city"]}),
                json!({"city":""}),
            ),
            (json!({"type":"object"}), json!({})),
            (json!({"enum":["b","a"]}), json!("b")),
            (json!({"type":"array","items":{"type":"integer","minimum":3},"minItems":2}), json!([3, 3])),
            (
                json!({"$defs":{"p":{"type":"object","required":["n"],"properties":{"n":{"type":["null","string"]}}}},"$ref":"#/$defs/p"}),
                json!({"n":null}),
            ),
            (json!({"anyOf":[{"type":"number","exclusiveMinimum":1},{"type":"null"}]}), json!(2.0)),
            (
                json!({"allOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"type":"string","minLength":2}},"required":["b"]}]}),
                json!({"a":1,"b":"aa"}),
            ),
            (json!({"type":"integer","maximum":-5}), json!(-5)),
            (json!(true), json!({})),
        ] {
            assert_eq!(instance(&schema), expected, "{schema}");
        }
        let beside = json!({"type":"object","required":["a"],"properties":{"a":{"const":1},"b":{"const":2}},"anyOf":[{"required":["b"]}]});
        assert_eq!(instance(&beside), json!({"a":1,"b":2}));
        assert_eq!(instance(&json!({"type":"integer","minimum":1.0})), json!(1));
        let vast = json!({"type":"object","properties":{"a":{"type":"array","minItems":64,"items":{"$ref":"#/properties/a"}}},"required":["a"]});
        assert!(instance(&vast).to_string().len() < 100_000);
        let endless = json!({"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]});
        assert!(instance(&endless).is_object());
    }

    #[test]
    fn members_come_in_the_order_of_the_schema() {
        let schema = r##"{"type":"object","required":["a","z","m"],"properties":{"z":{"type":"string"},"b":{},"a":{"$ref":"#/$defs/a~1b"},
            "m":{"type":"array","minItems":1,"items":{"const":{"y":1,"x":2}}}},"$defs":{"a/b":{"type":"integer"}}}"##;
        let instance = super::instance(&Json::from_text(schema).expect("JSON"));
        assert_eq!(instance.text(), r#"{"z":"","a":0,"m":[{"y":1,"x":2}]}"#);
    }
}
