//! Schemas whose root is an object, as the arguments of a tool must be: others become a member of one.

use outcrop_wire::{Extra, Json};

/// The member that holds a value which is no object.
pub(super) const MEMBER: &str = "value";

/// The schema of an object, and whether it had to be put into one.
pub(super) fn object(schema: &Json) -> (Json, bool) {
    let Ok(mut members) = schema.parse::<Extra>() else { return (schema.clone(), false) };
    let composed = ["anyOf", "oneOf", "allOf", "$ref"].iter().any(|key| members.value(key).is_some());
    if !composed && members.value("type").is_some_and(|kind| kind.text() == "\"object\"") {
        return (schema.clone(), false);
    }
    members.take("$schema");
    let definitions = members.take("$defs");
    let inner = reroot(&of(&members), 0);
    let mut root = Extra::new();
    root.set("type", of("object"));
    root.set("properties", of(&[(MEMBER, inner)].into_iter().collect::<Extra>()));
    root.set("required", of(&[MEMBER]));
    root.set("additionalProperties", of(&false));
    if let Some(definitions) = definitions {
        root.set("$defs", reroot(&definitions, 0));
    }
    (of(&root), true)
}

/// References to the root go where the root went.
fn reroot(schema: &Json, depth: usize) -> Json {
    if depth > 100 || !schema.text().contains(r##""#""##) {
        return schema.clone();
    }
    if let Ok(members) = schema.parse::<Extra>() {
        let moved = members.iter().map(|(name, value)| match (name, value.text()) {
            ("$ref", r##""#""##) => (name.to_owned(), of(&format!("#/properties/{MEMBER}"))),
            _ => (name.to_owned(), reroot(value, depth + 1)),
        });
        return of(&moved.collect::<Extra>());
    }
    match schema.parse::<Vec<Json>>() {
        Ok(list) => of(&list.iter().map(|item| reroot(item, depth + 1)).collect::<Vec<_>>()),
        Err(_) => schema.clone(),
    }
}

/// What was JSON before is JSON again.
fn of<T: serde::Serialize + ?Sized>(value: &T) -> Json {
    Json::of(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_becomes_a_member_of_one() {
        for (schema, expected) in [
            (r#"{"type":"object","properties":{}}"#, None),
            (
                r#"{"type":"array","items":{"type":"string"}}"#,
                Some(
                    r#"{"type":"object","properties":{"value":{"type":"array","items":{"type":"string"}}},"required":["value"],"additionalProperties":false}"#,
                ),
            ),
            (
                r##"{"type":"object","oneOf":[{"type":"object","properties":{"next":{"$ref":"#"},"other":{"$ref":"#/$defs/A"}}}],"$defs":{"A":{"items":{"$ref":"#"}}}}"##,
                Some(
                    r##"{"type":"object","properties":{"value":{"type":"object","oneOf":[{"type":"object","properties":{"next":{"$ref":"#/properties/value"},"other":{"$ref":"#/$defs/A"}}}]}},"required":["value"],"additionalProperties":false,"$defs":{"A":{"items":{"$ref":"#/properties/value"}}}}"##,
                ),
            ),
        ] {
            let (root, wrapped) = object(&Json::from_text(schema).expect("JSON"));
            assert_eq!((root.text(), wrapped), (expected.unwrap_or(schema), expected.is_some()));
        }
    }
}
