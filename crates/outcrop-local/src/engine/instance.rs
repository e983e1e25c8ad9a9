//! A JSON Schema -> the smallest value that is valid under it, for tools that must be called.

use serde_json::{Map, Value, json};

/// References and nesting are followed this deep; below, `null` stands.
const DEEPEST: usize = 16;

/// An instance has at most so many values; a small schema may ask for billions.
const MOST: usize = 10_000;

/// The smallest instance of `schema`.
pub(super) fn instance(schema: &Value) -> Value {
    of(schema, schema, DEEPEST, &mut { MOST })
}

fn of(schema: &Value, root: &Value, left: usize, budget: &mut usize) -> Value {
    let Some(rest) = budget.checked_sub(1) else { return Value::Null };
    *budget = rest;
    let Some(left) = left.checked_sub(1) else { return Value::Null };
    for keyword in ["const", "default"] {
        if let Some(value) = schema.get(keyword) {
            return afforded(value, budget);
        }
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return afforded(first, budget);
    }
    if let Some(target) = schema["$ref"].as_str().and_then(|reference| root.pointer(reference.strip_prefix('#')?)) {
        return of(target, root, left, budget);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return all_of(schema, parts, root, left, budget);
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(first) = schema[keyword].as_array().and_then(|choices| choices.first()) {
            if schema.get("properties").is_some() || schema.get("required").is_some() {
                // What stands beside the choice holds too.
                let mut part = first.clone();
                if let (Some(part), Some(properties)) = (part.as_object_mut(), schema.get("properties")) {
                    part.entry("properties").or_insert_with(|| properties.clone());
                }
                return all_of(schema, &[part], root, left, budget);
            }
            return of(first, root, left, budget);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => object(schema, root, left, budget),
        None if schema.get("properties").is_some() => object(schema, root, left, budget),
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(0).min(64);
            (0..least).map(|_| of(&schema["items"], root, left, budget)).collect()
        }
        Some("string") => string(schema),
        Some("integer") => integer(schema),
        Some("number") => number(schema),
        Some("boolean") => json!(false),
        Some("null") => Value::Null,
        _ => json!({}),
    }
}

/// A value written in the schema, if its length is still within the budget.
fn afforded(value: &Value, budget: &mut usize) -> Value {
    let cost = match value {
        Value::String(text) => text.len() / 64,
        Value::Array(_) | Value::Object(_) => value.to_string().len() / 8,
        _ => 0,
    };
    match budget.checked_sub(cost) {
        Some(rest) => {
            *budget = rest;
            value.clone()
        }
        None => Value::Null,
    }
}

fn object(schema: &Value, root: &Value, left: usize, budget: &mut usize) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let members: Map<String, Value> =
        required.map(|name| (name.to_owned(), of(&schema["properties"][name], root, left, budget))).collect();
    Value::Object(members)
}

/// Objects of all parts are joined; of other kinds the first part stands.
fn all_of(schema: &Value, parts: &[Value], root: &Value, left: usize, budget: &mut usize) -> Value {
    let mut joined = object(schema, root, left, budget);
    for part in parts {
        match (&mut joined, of(part, root, left, budget)) {
            (Value::Object(members), Value::Object(more)) => members.extend(more),
            (Value::Object(members), other) if members.is_empty() => return other,
            _ => {}
        }
    }
    joined
}

fn string(schema: &Value) -> Value {
    let text = match schema["format"].as_str() {
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
    let least = schema["minLength"].as_u64().unwrap_or(0).min(4096) as usize;
    let missing = least.saturating_sub(text.chars().count());
    json!(format!("{text}{}", "a".repeat(missing)))
}

fn integer(schema: &Value) -> Value {
    if let Some(least) = schema["minimum"].as_i64() {
        return json!(least);
    }
    // Bounds may be written as 1.0; casts of floats saturate.
    if let Some(least) = schema["minimum"].as_f64() {
        return json!(least.ceil() as i64);
    }
    if let Some(below) = schema["exclusiveMinimum"].as_f64() {
        return json!((below.floor() as i64).saturating_add(1));
    }
    json!(schema["maximum"].as_f64().map_or(0, |most| most.floor() as i64).min(0))
}

fn number(schema: &Value) -> Value {
    if let Some(least) = schema["minimum"].as_f64() {
        return json!(least);
    }
    if let Some(below) = schema["exclusiveMinimum"].as_f64() {
        return json!(below + 1.0);
    }
    json!(schema["maximum"].as_f64().unwrap_or(0.0).min(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
