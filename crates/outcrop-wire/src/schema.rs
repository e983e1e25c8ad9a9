//! JSON Schema as structured output takes it: what the service enforces is kept, the rest is said in words.
//!
//! The rules are those of the official SDKs (Python 2.12, `transform_schema`). One form that their own schemas never have
//! is added: a `type` that is a list becomes `anyOf`.

use std::fmt;

use crate::json::{Extra, Json};

/// A schema that structured output takes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Enforced {
    /// The schema.
    pub schema: Json,
    /// Places of objects whose members have free names (maps): every object is closed, so these can only be empty.
    pub closed: Vec<String>,
}

/// Why a schema cannot be enforced.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SchemaError {
    /// Where: `properties.meta`; empty for the root.
    pub path: String,
    /// What is wrong there.
    pub why: String,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "the schema {}", self.why),
            path => write!(f, "the schema at `{path}` {}", self.why),
        }
    }
}

impl std::error::Error for SchemaError {}

/// Deeper schemas are refused rather than followed.
const DEEPEST: usize = 100;

/// The `format`s of strings that are enforced.
const FORMATS: &[&str] = &["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// Of several schemas; the first of these counts.
const CHOICES: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// What a keyword says something about, where that is one type only.
const KEYWORDS: &[(&str, &[&str])] = &[
    ("object", &["properties", "required", "additionalProperties", "minProperties", "maxProperties", "propertyNames"]),
    ("array", &["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"]),
    ("string", &["format", "pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"]),
    ("number", &["format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ("integer", &["format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
];

/// Makes a schema such that the service can enforce it. The order of properties stays: a model writes in that order.
///
/// # Errors
/// When a part of it says nothing about the type of its value (`true`, `{}`), or it nests too deep.
pub fn enforced(schema: &Json) -> Result<Enforced, SchemaError> {
    let mut closed = Vec::new();
    let mut members = object(schema, "")?;
    members.take("$schema");
    let schema = transform(members, "", 0, &mut closed)?;
    Ok(Enforced { schema, closed })
}

fn transform(mut from: Extra, path: &str, depth: usize, closed: &mut Vec<String>) -> Result<Json, SchemaError> {
    if depth > DEEPEST {
        return Err(fault(path, "nests too deep"));
    }
    let mut to = Extra::new();
    let mut within = |schema: &Json, path: String| transform(object(schema, &path)?, &path, depth + 1, closed);
    if let Some(definitions) = from.take("$defs") {
        to.set("$defs", each(&definitions, path, "$defs", &mut within)?);
    }
    if let Some(reference) = from.take("$ref") {
        to.set("$ref", reference);
        return Ok(json(&to));
    }
    if let Some(kinds) = from.value("type").and_then(|kind| kind.parse::<Vec<String>>().ok())
        && literals(&from).is_empty()
        && CHOICES.iter().all(|key| from.value(key).is_none())
    {
        split_types(&mut from, &kinds);
    }
    let kind = from.take("type");
    let choices = CHOICES.map(|key| (key, from.take(key)));
    let choice = choices.into_iter().find_map(|(key, list)| Some((key, list?.parse::<Vec<Json>>().ok()?)));
    let literals = literals(&from);
    for key in &literals {
        if let Some(value) = from.take(key) {
            to.set(*key, value);
        }
    }
    // Values that are given need no type.
    let kind = kind.filter(|_| literals.is_empty());
    let known: Option<String> = kind.as_ref().and_then(|kind| kind.parse().ok());
    if let Some((key, list)) = choice {
        let parts = list.iter().enumerate().map(|(at, part)| within(part, join(path, &format!("{key}.{at}"))));
        let parts: Vec<Json> = parts.collect::<Result<_, _>>()?;
        to.set(if key == "allOf" { "allOf" } else { "anyOf" }, of(&parts));
    } else if let Some(kind) = kind {
        to.set("type", kind);
    } else if literals.is_empty() {
        return Err(fault(path, "says nothing about the type of its value"));
    }
    for key in ["description", "title"] {
        if let Some(value) = from.take(key) {
            to.set(key, value);
        }
    }
    match known.as_deref() {
        Some("object") => {
            let properties = from.take("properties").unwrap_or_default();
            to.set("properties", each(&properties, path, "properties", &mut within)?);
            if from.take("additionalProperties").is_some_and(|free| free.text() != "false") && properties.text() == "{}"
            {
                closed.push(path.to_owned());
            }
            to.set("additionalProperties", of(&false));
            if let Some(required) = from.take("required") {
                to.set("required", required);
            }
        }
        Some("string") => {
            let known = |format: &Json| format.parse().is_ok_and(|format: String| FORMATS.contains(&format.as_str()));
            keep(&mut from, &mut to, "format", known);
        }
        Some("array") => {
            if let Some(items) = from.take("items") {
                to.set("items", within(&items, join(path, "items"))?);
            }
            keep(&mut from, &mut to, "minItems", |least| matches!(least.text(), "0" | "1"));
        }
        _ => {}
    }
    describe(&mut to, &from);
    Ok(json(&to))
}

/// Keeps a keyword where its value is enforced; elsewhere it is told after the others.
fn keep(from: &mut Extra, to: &mut Extra, key: &str, enforced: impl Fn(&Json) -> bool) {
    if let Some(value) = from.take(key) {
        let place = if enforced(&value) { to } else { from };
        place.set(key, value);
    }
}

/// What is not enforced is at least told: `{minimum: 1, maximum: 5}` after the description.
fn describe(to: &mut Extra, left: &Extra) {
    if left.is_empty() {
        return;
    }
    let plain = |value: &Json| value.parse::<String>().unwrap_or_else(|_| value.text().to_owned());
    let said: Vec<String> = left.iter().map(|(key, value)| format!("{key}: {}", plain(value))).collect();
    let said = format!("{{{}}}", said.join(", "));
    let description = match to.value("description").map(plain) {
        Some(before) => format!("{before}\n\n{said}"),
        None => said,
    };
    to.set("description", of(&description));
}

/// `type: [a, b]` becomes `anyOf` of a and b, each with the keywords that are about it.
fn split_types(schema: &mut Extra, kinds: &[String]) {
    schema.take("type");
    let mut taken = Vec::new();
    let mut parts = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let mut part = Extra::new();
        part.set("type", of(kind));
        let keywords = KEYWORDS.iter().find(|(about, _)| about == kind).map_or(&[][..], |(_, keywords)| keywords);
        for keyword in keywords {
            if let Some(value) = schema.value(keyword) {
                part.set(*keyword, value.clone());
                taken.push(*keyword);
            }
        }
        parts.push(json(&part));
    }
    for keyword in taken {
        schema.take(keyword);
    }
    schema.set("anyOf", of(&parts));
}

/// `enum` and `const`, where their values are neither objects nor lists.
fn literals(schema: &Extra) -> Vec<&'static str> {
    let primitive = |value: &Json| !value.text().starts_with(['{', '[']);
    let all = |values: &Json| {
        let values = values.parse::<Vec<Json>>().unwrap_or_default();
        !values.is_empty() && values.iter().all(primitive)
    };
    let (list, one) = (schema.value("enum").is_some_and(all), schema.value("const").is_some_and(primitive));
    [list.then_some("enum"), one.then_some("const")].into_iter().flatten().collect()
}

/// Each member of an object of schemas, made such by `within`.
fn each(
    schemas: &Json,
    path: &str,
    key: &str,
    within: &mut impl FnMut(&Json, String) -> Result<Json, SchemaError>,
) -> Result<Json, SchemaError> {
    let mut out = Extra::new();
    for (name, schema) in object(schemas, &join(path, key))?.iter() {
        out.set(name, within(schema, join(path, &format!("{key}.{name}")))?);
    }
    Ok(json(&out))
}

fn object(schema: &Json, path: &str) -> Result<Extra, SchemaError> {
    match schema.text() {
        "true" => Err(fault(path, "says nothing about the type of its value")),
        _ => schema.parse().map_err(|_| fault(path, "is no JSON object")),
    }
}

fn fault(path: &str, why: &str) -> SchemaError {
    SchemaError { path: path.to_owned(), why: why.to_owned() }
}

fn join(path: &str, more: &str) -> String {
    if path.is_empty() { more.to_owned() } else { format!("{path}.{more}") }
}

/// Texts, lists and members that were JSON before are so again.
fn of<T: serde::Serialize + ?Sized>(value: &T) -> Json {
    Json::of(value).unwrap_or_default()
}

fn json(members: &Extra) -> Json {
    of(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden(schema: &str, expected: &str) {
        let enforced = enforced(&Json::from_text(schema).expect("JSON")).expect(schema);
        assert_eq!(enforced.schema.text(), expected, "{schema}");
    }

    #[test]
    fn each_rule_by_an_example() {
        for (schema, expected) in [
            // Objects are closed; the order of properties and `required` stay.
            (
                r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Lead","type":"object","properties":{"z":{"type":"string"},"a":{"type":"boolean"}},"required":["z"]}"#,
                r#"{"type":"object","title":"Lead","properties":{"z":{"type":"string"},"a":{"type":"boolean"}},"additionalProperties":false,"required":["z"]}"#,
            ),
            (r#"{"type":"object"}"#, r#"{"type":"object","properties":{},"additionalProperties":false}"#),
            // Known formats stay, others are told.
            (r#"{"type":"string","format":"date-time"}"#, r#"{"type":"string","format":"date-time"}"#),
            (
                r#"{"type":"string","format":"color","description":"A colour."}"#,
                r#"{"type":"string","description":"A colour.\n\n{format: color}"}"#,
            ),
            // What is not enforced goes to the description, in its order.
            (
                r#"{"type":"integer","minimum":1,"maximum":5}"#,
                r#"{"type":"integer","description":"{minimum: 1, maximum: 5}"}"#,
            ),
            (
                r#"{"type":"string","pattern":"^a\"b$","default":null}"#,
                r#"{"type":"string","description":"{pattern: ^a\"b$, default: null}"}"#,
            ),
            // Arrays: items, and `minItems` of 0 and 1 only.
            (
                r#"{"type":"array","items":{"type":"number","multipleOf":0.5},"minItems":1}"#,
                r#"{"type":"array","items":{"type":"number","description":"{multipleOf: 0.5}"},"minItems":1}"#,
            ),
            (r#"{"type":"array","minItems":2}"#, r#"{"type":"array","description":"{minItems: 2}"}"#),
            // oneOf is anyOf; allOf stays.
            (
                r#"{"oneOf":[{"type":"string"},{"type":"null"}],"title":"T"}"#,
                r#"{"anyOf":[{"type":"string"},{"type":"null"}],"title":"T"}"#,
            ),
            (r##"{"allOf":[{"$ref":"#/$defs/A"}]}"##, r##"{"allOf":[{"$ref":"#/$defs/A"}]}"##),
            // Values of primitives need no type; others do.
            (r#"{"type":"string","enum":["a","b"]}"#, r#"{"enum":["a","b"]}"#),
            (r#"{"const":1,"type":"integer","description":"One"}"#, r#"{"const":1,"description":"One"}"#),
            (
                r#"{"type":"object","properties":{"a":{"type":"null"}},"anyOf":[{"type":"object"}],"enum":[]}"#,
                r#"{"anyOf":[{"type":"object","properties":{},"additionalProperties":false}],"properties":{"a":{"type":"null"}},"additionalProperties":false,"description":"{enum: []}"}"#,
            ),
            (
                r#"{"type":"object","enum":[{}]}"#,
                r#"{"type":"object","properties":{},"additionalProperties":false,"description":"{enum: [{}]}"}"#,
            ),
            // A reference stands alone; definitions are made such too.
            (
                r##"{"$defs":{"A":{"type":"object","properties":{"n":{"type":"integer","minimum":0}}}},"type":"array","items":{"$ref":"#/$defs/A","description":"gone"}}"##,
                r##"{"$defs":{"A":{"type":"object","properties":{"n":{"type":"integer","description":"{minimum: 0}"}},"additionalProperties":false}},"type":"array","items":{"$ref":"#/$defs/A"}}"##,
            ),
            (
                r##"{"$ref":"#/$defs/A","$defs":{"A":{"type":"null"}}}"##,
                r##"{"$defs":{"A":{"type":"null"}},"$ref":"#/$defs/A"}"##,
            ),
            // A list of types.
            (
                r#"{"type":["array","null"],"items":{"type":"string"},"description":"D"}"#,
                r#"{"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"null"}],"description":"D"}"#,
            ),
            (r#"{"type":["string","null"],"enum":["a",null]}"#, r#"{"enum":["a",null]}"#),
        ] {
            golden(schema, expected);
        }
    }

    #[test]
    fn what_cannot_be_enforced_is_named_with_its_place() {
        for (schema, text) in [
            ("{}", "the schema says nothing about the type of its value"),
            (r#"{"type":"object","properties":{"meta":true}}"#, "the schema at `properties.meta` says nothing about"),
            (r#"{"anyOf":[{"type":"null"},7]}"#, "the schema at `anyOf.1` is no JSON object"),
            ("[]", "the schema is no JSON object"),
        ] {
            let error = enforced(&Json::from_text(schema).expect("JSON")).expect_err(schema);
            assert!(error.to_string().starts_with(text), "{error}");
        }
        let deep = format!("{}{{\"type\":\"null\"}}{}", r#"{"type":"array","items":"#.repeat(120), "}".repeat(120));
        let error = enforced(&Json::from_text(deep).expect("JSON")).expect_err("deep");
        assert_eq!(error.why, "nests too deep");
    }

    #[test]
    fn maps_are_told_because_they_can_only_be_empty() {
        let schema = r#"{"type":"object","properties":{"ages":{"type":"object","additionalProperties":{"type":"integer"}},"none":{"type":"object"}}}"#;
        let enforced = enforced(&Json::from_text(schema).expect("JSON")).expect("a schema");
        assert_eq!(enforced.closed, ["properties.ages"]);
    }
}
