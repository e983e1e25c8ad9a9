//! JSON that is still being written: every prefix is a value, and values only grow.

use outcrop_wire::Json;
use outcrop_wire::partial::PartialJson;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
        "\\PC{0,12}|[\"\\\\/\n\u{1F600}\u{0}é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("\\PC{0,4}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The texts of a value: as `serde_json` writes it, with blanks, and with every letter that is not ASCII escaped.
fn texts(value: &Value) -> [String; 3] {
    let plain = value.to_string();
    let escaped = plain.chars().fold(String::new(), |mut text, letter| {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
        text
    });
    [plain, serde_json::to_string_pretty(value).unwrap(), escaped]
}

/// Whether `later` is `earlier`, grown: members and elements added, the last string longer.
fn grew(earlier: &Value, later: &Value) -> bool {
    match (earlier, later) {
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(name, value)| b.get(name).is_some_and(|after| grew(value, after)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() <= b.len() && a.iter().zip(b).all(|(a, b)| grew(a, b)),
        (Value::String(a), Value::String(b)) => b.starts_with(a.as_str()),
        (a, b) => a == b,
    }
}

fn read(json: Option<Json>) -> Option<Value> {
    json.map(|json| json.parse().unwrap_or_else(|error| panic!("{}: {error}", json.text())))
}

proptest! {
    #[test]
    fn every_prefix_is_a_value_that_only_grows(value in value()) {
        for text in texts(&value) {
            let mut partial = PartialJson::new();
            let (mut last, mut last_finished) = (None, None);
            for letter in text.chars() {
                partial.push(letter.encode_utf8(&mut [0; 4]));
                prop_assert!(!partial.is_broken(), "{:?} is called no JSON", partial.text());
                let (now, finished) = (read(partial.so_far()), read(partial.finished()));
                for (before, after) in [(&last, &now), (&last_finished, &finished), (&finished, &now)] {
                    if let Some(before) = before {
                        let after = after.as_ref();
                        prop_assert!(after.is_some_and(|after| grew(before, after)), "{before} became {after:?}");
                    }
                }
                (last, last_finished) = (now, finished);
            }
            // What follows the value ends a number too.
            partial.push(" ");
            prop_assert!(partial.is_whole());
            prop_assert_eq!(read(partial.so_far()), Some(value.clone()));
            prop_assert_eq!(read(partial.finished()), Some(value.clone()));
        }
    }

    #[test]
    fn it_does_not_matter_where_the_text_is_cut(value in value(), cuts in vec(1usize..9, 1..9)) {
        let text = value.to_string();
        let letters: Vec<char> = text.chars().collect();
        let (mut partial, mut rest, mut cut) = (PartialJson::new(), &letters[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (now, after) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
            rest = after;
            partial.push(&now.iter().collect::<String>());
            let once = PartialJson::of(partial.text());
            prop_assert_eq!(partial.so_far(), once.so_far());
            prop_assert_eq!(partial.finished(), once.finished());
        }
    }

    /// What it calls broken, a JSON parser refuses too; what it calls whole, a JSON parser takes.
    #[test]
    fn it_agrees_with_a_parser(text in "[\\[\\]{}:,\"0-9eE.+\\-\\\\utrfalsn \n]{0,24}") {
        let partial = PartialJson::of(&text);
        let parsed = Json::from_text(text.clone());
        prop_assert!(!partial.is_broken() || parsed.is_err(), "{text:?}: {parsed:?}");
        prop_assert!(!partial.is_whole() || parsed.is_ok(), "{text:?}: {parsed:?}");
        if let Ok(parsed) = parsed {
            let mut partial = partial;
            partial.push(" ");
            prop_assert_eq!(partial.finished(), Some(parsed));
        }
    }
}
