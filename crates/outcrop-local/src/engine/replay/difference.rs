//! How two bodies differ by meaning, place by place.

use serde_json::Value;

/// The places where `asked` differs from `recorded`, at most `most` of them, each with what stands there. The order of
/// members does not count, nor how a number is written.
pub(super) fn differences(recorded: &Value, asked: &Value, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    compare(recorded, asked, &mut String::new(), most, &mut found);
    found
}

fn compare(recorded: &Value, asked: &Value, place: &mut String, most: usize, found: &mut Vec<String>) {
    if found.len() >= most {
        return;
    }
    let mut inside = |name: &str, recorded: &Value, asked: &Value| {
        let length = place.len();
        if length > 0 {
            place.push('.');
        }
        place.push_str(name);
        compare(recorded, asked, place, most, found);
        place.truncate(length);
    };
    match (recorded, asked) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, recorded) in a {
                inside(name, recorded, b.get(name).unwrap_or(&ABSENT));
            }
            for (name, asked) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
                inside(name, &ABSENT, asked);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for at in 0..a.len().max(b.len()) {
                inside(&at.to_string(), a.get(at).unwrap_or(&ABSENT), b.get(at).unwrap_or(&ABSENT));
            }
        }
        (Value::Number(a), Value::Number(b)) if a == b || a.as_f64() == b.as_f64() => {}
        (a, b) if a == b => {}
        (a, b) => {
            let place = if place.is_empty() { "its top" } else { place.as_str() };
            found.push(format!("{place}: {} was asked, {} is recorded", shown(b), shown(a)));
        }
    }
}

/// What is null means the same as what is not there.
static ABSENT: Value = Value::Null;

/// A value, cut short.
fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(values) => format!("a list of {}", values.len()),
        Value::Object(_) => "an object".to_owned(),
        value => {
            let text = value.to_string();
            match text.char_indices().nth(MOST) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_members_and_the_spelling_of_numbers_do_not_count() {
        let found = differences(&json!({"a": 1, "b": [1.0], "c": null}), &json!({"b": [1], "a": 1.0}), 9);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn every_difference_has_its_place() {
        let recorded = json!({"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1, "top_k": 4});
        let asked = json!({"messages": [{"role": "user", "content": "Hi"}, {}], "max_tokens": 1, "system": "Be brief"});
        let found = differences(&recorded, &asked, 9);
        assert_eq!(
            found,
            [
                "messages.0.content: \"Hi\" was asked, \"Hello\" is recorded",
                "messages.1: an object was asked, nothing is recorded",
                "top_k: nothing was asked, 4 is recorded",
                "system: \"Be brief\" was asked, nothing is recorded",
            ]
        );
        assert_eq!(differences(&recorded, &asked, 2).len(), 2);
    }
}
