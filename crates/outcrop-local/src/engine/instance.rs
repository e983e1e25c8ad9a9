//! A JSON Schema -> the smallest value that is valid under it, its members in the order of the schema.

mod leaf;
mod pattern;
mod told;

use std::collections::{HashMap, HashSet};

use outcrop_wire::Json;
use serde_json::Value;

use super::ordered::Node;

/// References and nesting are followed this deep; below, `null` stands.
const DEEPEST: usize = 16;

/// An instance has at most so many values; a small schema may ask for billions.
const MOST: usize = 10_000;

/// A list has at most so many items.
const LONGEST: u64 = 64;

/// The smallest instance of `schema`; `{}` where it is no schema that can be looked at.
pub(super) fn instance(schema: &Json) -> Json {
    made(schema, |_| {})
}

/// The same, under the constraints too that are told in the descriptions of `schema`, as JSON Schema output has them.
pub(super) fn instance_as_told(schema: &Json) -> Json {
    made(schema, told::read_back)
}

fn made(schema: &Json, prepare: impl FnOnce(&mut Node)) -> Json {
    let Ok(mut schema) = schema.parse::<Node>() else { return Json::empty_object() };
    prepare(&mut schema);
    let instance = Maker { root: &schema, budget: MOST, variant: 0 }.of(&schema, DEEPEST);
    Json::of(&instance).unwrap_or_default()
}

struct Maker<'a> {
    root: &'a Node,
    /// How many values may still be made.
    budget: usize,
    /// Which of several values to make: items of a list that may not repeat take one each.
    variant: usize,
}

impl Maker<'_> {
    fn of(&mut self, schema: &Node, left: usize) -> Node {
        // Where it is too deep, that costs too.
        let (true, Some(left)) = (self.pay(1), left.checked_sub(1)) else { return Node::NULL };
        for keyword in ["const", "default"] {
            if let Some(value) = schema.get(keyword) {
                return self.afforded(value);
            }
        }
        if let Some(value) = schema.get("enum").and_then(Node::list).and_then(|values| self.pick(values)) {
            return self.afforded(value);
        }
        let target = schema
            .get("$ref")
            .and_then(Node::text)
            .and_then(|reference| self.root.pointer(reference.strip_prefix('#')?));
        if let Some(target) = target {
            return self.of(target, left);
        }
        if let Some(parts) = schema.get("allOf").and_then(Node::list) {
            // Objects of all parts are joined.
            let whole = self.object(schema, schema.get("properties"), left);
            return parts.iter().fold(whole, |whole, part| joined(whole, self.of(part, left)));
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(first) = schema.get(keyword).and_then(Node::list).and_then(<[Node]>::first) {
                let properties = schema.get("properties");
                if properties.is_some() || schema.get("required").is_some() {
                    // What stands beside the choice holds too, and the choice may require what is described beside it.
                    let beside = self.object(schema, properties, left);
                    let chosen = match first.get("properties") {
                        None if first.get("required").is_some() => self.object(first, properties, left),
                        _ => self.of(first, left),
                    };
                    return joined(beside, chosen);
                }
                return self.of(first, left);
            }
        }
        let kind = match schema.get("type") {
            Some(Node::List(kinds)) => kinds.first().and_then(Node::text),
            kind => kind.and_then(Node::text),
        };
        match kind {
            Some("object") => self.object(schema, schema.get("properties"), left),
            None if schema.get("properties").is_some() => self.object(schema, schema.get("properties"), left),
            Some("array") => self.array(schema, left),
            Some("string") => {
                let text = leaf::string(schema, self.variant);
                // Looking for what matches costs too.
                let searched = if schema.get("pattern").is_some() { 16 } else { 0 };
                if self.pay(text.len() / 64 + searched) { text.into() } else { Node::NULL }
            }
            Some("integer") => leaf::integer(schema, self.variant).into(),
            Some("number") => leaf::number(schema, self.variant).into(),
            Some("boolean") => (self.variant % 2 == 1).into(),
            Some("null") => Node::NULL,
            _ => Node::Object(Vec::new()),
        }
    }

    /// Takes so much from the budget, if it is there.
    fn pay(&mut self, cost: usize) -> bool {
        let rest = self.budget.checked_sub(cost);
        self.budget = rest.unwrap_or(self.budget);
        rest.is_some()
    }

    fn pick<'n>(&self, values: &'n [Node]) -> Option<&'n Node> {
        values.get(self.variant.checked_rem(values.len())?)
    }

    /// A value written in the schema, if its length is still within the budget.
    fn afforded(&mut self, value: &Node) -> Node {
        let cost = match value {
            Node::Leaf(Value::String(text)) => text.len() / 64,
            Node::Leaf(_) => 0,
            Node::List(_) | Node::Object(_) => serde_json::to_string(value).map_or(0, |text| text.len()) / 8,
        };
        if self.pay(cost) { value.clone() } else { Node::NULL }
    }

    fn array(&mut self, schema: &Node, left: usize) -> Node {
        let least = schema.get("minItems").and_then(Node::count).unwrap_or(0).min(LONGEST);
        let first = schema.get("prefixItems").and_then(Node::list).unwrap_or_default();
        let others = schema.get("items").unwrap_or(&Node::NULL);
        let unique = schema.get("uniqueItems") == Some(&true.into());
        let outer = self.variant;
        let mut items: Vec<Node> = Vec::new();
        for (at, schema) in first.iter().chain(std::iter::repeat(others)).enumerate().take(least as usize) {
            if unique {
                self.variant = outer + at;
            }
            let item = self.of(schema, left);
            if unique && items.contains(&item) {
                // There are no more of them.
                break;
            }
            items.push(item);
        }
        self.variant = outer;
        Node::List(items)
    }

    /// The members that `schema` requires: those that `properties` names in its order, then the others.
    fn object(&mut self, schema: &Node, properties: Option<&Node>, left: usize) -> Node {
        let names = || schema.get("required").and_then(Node::list).into_iter().flatten().filter_map(Node::text);
        let mut required: HashSet<&str> = names().collect();
        let mut members = Vec::with_capacity(required.len().min(MOST));
        for (name, schema) in properties.map(Node::members).unwrap_or_default() {
            if required.remove(name.as_str()) {
                members.push((name.clone(), self.of(schema, left)));
            }
        }
        for name in names() {
            if required.remove(name) {
                members.push((name.to_owned(), self.of(&Node::NULL, left)));
            }
        }
        Node::Object(members)
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            (json!({"type":"integer","exclusiveMinimum":6,"multipleOf":5}), json!(10)),
            (json!({"type":"integer","exclusiveMaximum":-5,"multipleOf":4}), json!(-8)),
            (json!({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.5}), json!(0.25)),
            (json!({"type":"number","minimum":0.3,"multipleOf":0.25}), json!(0.5)),
            (json!({"type":"number","exclusiveMaximum":0}), json!(-1.0)),
            (json!({"type":"string","pattern":"^[A-Z]{2}\\d+$","minLength":5}), json!("AA000")),
            (json!({"type":"string","pattern":"^(?!x)","minLength":2}), json!("aa")),
            (json!({"type":"string","format":"email","minLength":14}), json!("aa@example.com")),
            (json!({"type":"string","format":"date","pattern":"^2"}), json!("2")),
            (
                json!({"type":"array","minItems":3,"uniqueItems":true,"items":{"type":"string","pattern":"^[a-c]$"}}),
                json!(["a", "b", "c"]),
            ),
            (
                json!({"type":"array","minItems":3,"uniqueItems":true,"items":{"type":"object","required":["n","on"],
                    "properties":{"n":{"type":"integer","minimum":1,"multipleOf":2},"on":{"type":"boolean"}}}}),
                json!([{"n":2,"on":false},{"n":4,"on":true},{"n":6,"on":false}]),
            ),
            (json!({"type":"array","minItems":9,"uniqueItems":true,"items":{"enum":[1,2]}}), json!([1, 2])),
            (
                json!({"type":"array","minItems":2,"prefixItems":[{"const":1}],"items":{"type":"string"}}),
                json!([1, ""]),
            ),
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
    fn every_format_has_examples_of_its_own() {
        for (format, first, second) in [
            ("date-time", "1970-01-01T00:00:00Z", "1971-01-01T00:00:00Z"),
            ("date", "1970-01-01", "1971-01-01"),
            ("time", "00:00:00Z", "00:01:00Z"),
            ("duration", "PT0S", "PT1S"),
            ("email", "a@example.com", "1@example.com"),
            ("hostname", "example.com", "1.example.com"),
            ("uri", "https://example.com/", "https://example.com/1"),
            ("ipv4", "127.0.0.1", "127.0.0.2"),
            ("ipv6", "::1", "::2"),
            ("uuid", "00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"),
        ] {
            let schema =
                json!({"type":"array","minItems":2,"uniqueItems":true,"items":{"type":"string","format":format}});
            assert_eq!(instance(&schema), json!([first, second]));
        }
    }

    /// Whatever is enforced or told: the transformed schema has an instance that is valid under the first one.
    #[test]
    fn what_is_told_in_words_holds() {
        let schema = json!({"type":"object","required":["age","ids","code","share"],"properties":{
            "age":{"type":["integer","null"],"minimum":3,"description":"Years."},
            "ids":{"type":"array","minItems":2,"uniqueItems":true,"items":{"$ref":"#/$defs/id"}},
            "code":{"type":"string","pattern":"^[A-Z]{1,3}: x, y$","description":"Of old."},
            "share":{"type":"number","exclusiveMinimum":0,"maximum":0.5,"default":7}},
            "$defs":{"id":{"type":"string","minLength":3}}});
        let enforced = outcrop_wire::schema::enforced(&Json::from(schema)).expect("a schema").schema;
        let told: Value = super::instance_as_told(&enforced).parse().expect("JSON");
        assert_eq!(told, json!({"age":3,"ids":["aaa","aa1"],"code":"A: x, y","share":0.25}));
        let plain: Value = super::instance(&enforced).parse().expect("JSON");
        assert_eq!(plain["age"], json!(0), "only where it is asked for");
    }

    #[test]
    fn members_come_in_the_order_of_the_schema() {
        let schema = r##"{"type":"object","required":["a","z","m"],"properties":{"z":{"type":"string"},"b":{},"a":{"$ref":"#/$defs/a~1b"},
            "m":{"type":"array","minItems":1,"items":{"const":{"y":1,"x":2}}}},"$defs":{"a/b":{"type":"integer"}}}"##;
        let instance = super::instance(&Json::from_text(schema).expect("JSON"));
        assert_eq!(instance.text(), r#"{"z":"","a":0,"m":[{"y":1,"x":2}]}"#);
    }
}
