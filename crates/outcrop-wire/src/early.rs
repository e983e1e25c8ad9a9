//! Members that come before the `type` of their object: read once, in the form they nearly always have.
//!
//! More than half of the blocks in recorded requests have their `type` last, and the bulk of a request is in strings, in
//! the content of tool results and in the sources of media. Those are read straight into their form by their name, so
//! that nothing long is scanned twice; should the object turn out to be something else, they are written out as JSON
//! again (a number under such a name keeps its value then, not its spelling). Everything else waits as raw JSON.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::messages::{MediaSource, ResultBlock, ResultContent};
use crate::record::Other;

/// What came before the rest of an object's members.
#[derive(Debug, Default)]
pub(crate) struct EarlyMembers {
    /// The members that came before the `type`, in order.
    pub(crate) members: Vec<(Cow<'static, str>, Early)>,
    /// Whether the `type` was read: another one would be a second.
    pub(crate) tagged: bool,
}

/// A member that came before the `type`.
#[derive(Debug)]
pub(crate) enum Early {
    Text(String),
    Content(Box<ResultContent>),
    Source(Box<MediaSource>),
    Json(Json),
}

/// What a member of a certain name nearly always is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Text,
    Content,
    Source,
}

const FORMS: [(&str, Form); 13] = [
    ("text", Form::Text),
    ("data", Form::Text),
    ("id", Form::Text),
    ("name", Form::Text),
    ("tool_use_id", Form::Text),
    ("media_type", Form::Text),
    ("thinking", Form::Text),
    ("signature", Form::Text),
    ("title", Form::Text),
    ("partial_json", Form::Text),
    ("url", Form::Text),
    ("content", Form::Content),
    ("source", Form::Source),
];

/// Forms that a union reads early. Only the outermost blocks read content, and only blocks read sources: else types
/// that do not recurse would, and what turns out to be something else would be read again at every level.
pub(crate) const TEXTS: &[Form] = &[Form::Text];
pub(crate) const TEXTS_AND_SOURCES: &[Form] = &[Form::Text, Form::Source];
pub(crate) const ALL: &[Form] = &[Form::Text, Form::Source, Form::Content];

/// Reads members up to the `type`. `Ok(false)` when the object ended without one.
pub(crate) fn read_to_type<'de, A: MapAccess<'de>>(
    map: &mut A,
    early: &mut EarlyMembers,
    forms: &[Form],
) -> Result<bool, A::Error> {
    while let Some(key) = map.next_key::<Key>()? {
        let (name, value) = match key {
            Key::Type => {
                early.tagged = true;
                return Ok(true);
            }
            Key::Known(name, form) if forms.contains(&form) => (Cow::Borrowed(name), map.next_value_seed(form)?),
            Key::Known(name, _) => (Cow::Borrowed(name), Early::Json(map.next_value()?)),
            Key::Other(name) => (Cow::Owned(name), Early::Json(map.next_value()?)),
        };
        early.members.push((name, value));
    }
    Ok(false)
}

impl Early {
    /// Decodes the member as `T`.
    pub(crate) fn decode<T: DeserializeOwned + 'static, E: de::Error>(self, name: &str) -> Result<T, E> {
        let json = match self {
            Early::Text(text) => return T::deserialize(de::value::StringDeserializer::<E>::new(text)),
            Early::Content(content) => match same_type(*content) {
                Ok(content) => return Ok(content),
                Err(content) => written_out(&content),
            },
            Early::Source(source) => match same_type(*source) {
                Ok(source) => return Ok(source),
                Err(source) => match source.into_image().map(same_type) {
                    Ok(Ok(source)) => return Ok(source),
                    Ok(Err(source)) => written_out(&source),
                    Err(source) => written_out(&source),
                },
            },
            Early::Json(json) => json,
        };
        json.parse().map_err(|error| E::custom(format_args!("{name}: {error}")))
    }

    /// Decodes an optional member: `None` for `null`.
    pub(crate) fn decode_optional<T: DeserializeOwned + 'static, E: de::Error>(
        self,
        name: &str,
    ) -> Result<Option<T>, E> {
        match self {
            Early::Json(json) if json.is_null() => Ok(None),
            other => other.decode(name).map(Some),
        }
    }

    /// The member as JSON.
    pub(crate) fn into_json(self) -> Json {
        match self {
            Early::Text(text) => written_out(&text),
            Early::Content(content) => written_out(&content),
            Early::Source(source) => written_out(&source),
            Early::Json(json) => json,
        }
    }
}

/// Strings and our own types always encode.
fn written_out<T: Serialize>(value: &T) -> Json {
    Json::of(value).unwrap_or_else(|_| Json::null())
}

/// The value itself when `T` is its type.
fn same_type<V: 'static, T: 'static>(value: V) -> Result<T, V> {
    let mut slot = Some(value);
    match (&mut slot as &mut dyn Any).downcast_mut::<Option<T>>().and_then(Option::take) {
        Some(same) => Ok(same),
        // Nothing was taken: the slot still holds the value.
        None => match slot {
            Some(value) => Err(value),
            None => unreachable!("only a value of the same type is taken"),
        },
    }
}

/// The key of a member.
enum Key {
    Type,
    Known(&'static str, Form),
    Other(String),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }
            #[inline]
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Key, E> {
                if name == "type" {
                    return Ok(Key::Type);
                }
                Ok(match FORMS.iter().find(|(known, _)| *known == name) {
                    Some((known, form)) => Key::Known(known, *form),
                    None => Key::Other(name.to_owned()),
                })
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

impl<'de> de::DeserializeSeed<'de> for Form {
    type Value = Early;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Early, D::Error> {
        deserializer.deserialize_any(FormVisitor(self))
    }
}

/// Reads the form that is expected; any other is written out as JSON.
struct FormVisitor(Form);

impl<'de> Visitor<'de> for FormVisitor {
    type Value = Early;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Early, E> {
        Ok(Early::Text(text.to_owned()))
    }
    fn visit_string<E: de::Error>(self, text: String) -> Result<Early, E> {
        Ok(Early::Text(text))
    }
    fn visit_unit<E: de::Error>(self) -> Result<Early, E> {
        Ok(Early::Json(Json::null()))
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Early, E> {
        written(&value)
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Early, E> {
        written(&value)
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Early, E> {
        written(&value)
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Early, E> {
        written(&value)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Early, A::Error> {
        if let Form::Content = self.0 {
            let mut blocks: Vec<ResultBlock> = Vec::new();
            while let Some(block) = seq.next_element()? {
                blocks.push(block);
            }
            return Ok(Early::Content(Box::new(ResultContent::Blocks(blocks))));
        }
        let mut items: Vec<Json> = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        written(&items)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Early, A::Error> {
        let map = de::value::MapAccessDeserializer::new(map);
        match self.0 {
            Form::Source => MediaSource::deserialize(map).map(|source| Early::Source(Box::new(source))),
            Form::Text | Form::Content => written(&Other::deserialize(map)?),
        }
    }
}

fn written<T: Serialize, E: de::Error>(value: &T) -> Result<Early, E> {
    Json::of(value).map(Early::Json).map_err(E::custom)
}
