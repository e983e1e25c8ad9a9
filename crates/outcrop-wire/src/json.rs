//! JSON that must stay as it came: the free leaf, and the members nobody here knows.

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Decodes JSON bytes. Checking all of them for UTF-8 at once is much cheaper than string by string.
pub(crate) fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // The slow way says where it goes wrong.
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// One JSON value, kept as its text.
///
/// Equal by meaning (member order and spacing do not count, numbers are compared as `serde_json` reads them), printed exactly as it came: key order, `1.50` and long
/// integers survive, which prompt caches and thinking signatures depend on.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The JSON text of `value`.
    ///
    /// # Errors
    /// When `value` cannot be written as JSON (a map with keys that are not strings, say).
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Json)
    }

    /// Takes text that is one JSON value.
    ///
    /// # Errors
    /// When it is not.
    pub fn from_text(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text.into()).map(Json)
    }

    /// `{}`.
    #[must_use]
    pub fn empty_object() -> Self {
        Json(RawValue::from_string("{}".to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// `null`.
    #[must_use]
    pub fn null() -> Self {
        Json(RawValue::NULL.to_owned())
    }

    /// The text, as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.text() == "null"
    }

    /// Decodes the value into `T`.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.text())
    }
}

impl Default for Json {
    fn default() -> Self {
        Json::empty_object()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
            || match (self.parse::<serde_json::Value>(), other.parse::<serde_json::Value>()) {
                (Ok(a), Ok(b)) => a == b,
                // Too deep to be read: then only spacing does not count.
                _ => squeezed(self.text()) == squeezed(other.text()),
            }
    }
}

/// The text without spacing between its tokens.
fn squeezed(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let mut keep = |letter: &char| {
        let inside = in_string;
        match letter {
            '"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = in_string && *letter == '\\' && !escaped;
        inside || !letter.is_ascii_whitespace()
    };
    text.chars().filter(|letter| keep(letter)).collect()
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Json(RawValue::from_string(value.to_string()).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Json)
    }
}

/// Members that no field here names, in the order they came. They are written again after the known ones.
///
/// An explicit `null` of an optional member is remembered here too, so that what came in goes out.
#[derive(Clone, Default)]
pub struct Extra(Vec<(Box<str>, Json)>);

impl Extra {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Extra(Vec::new())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each member, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The value of the member `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Json> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Sets the member `name`; the last value given stands.
    pub fn set(&mut self, name: impl Into<Box<str>>, value: Json) {
        let name = name.into();
        match self.0.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets each of `members`; many at once cost no more than one by one.
    pub(crate) fn update<'a>(&mut self, members: impl Iterator<Item = (&'a str, &'a Json)>) {
        let mut places: std::collections::HashMap<Box<str>, usize> =
            self.0.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        for (name, value) in members {
            match places.get(name) {
                Some(at) => self.0[*at].1 = value.clone(),
                None => {
                    places.insert(name.into(), self.0.len());
                    self.0.push((name.into(), value.clone()));
                }
            }
        }
    }

    /// Removes the member `name` and gives its value.
    pub fn take(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(key, _)| &**key == name)?;
        Some(self.0.remove(at).1)
    }

    /// Makes the member `name` that of `other`: gone where it is not there.
    pub(crate) fn take_member(&mut self, name: &str, other: &mut Self) {
        match other.take(name) {
            Some(value) => self.set(name, value),
            None => drop(self.take(name)),
        }
    }

    /// Appends without looking for an earlier member of that name: for decoders, on the hot path.
    pub(crate) fn push(&mut self, name: impl Into<Box<str>>, value: Json) {
        self.0.push((name.into(), value));
    }

    /// The members that `keep` allows, by name; those of one name in their order.
    pub(crate) fn sorted(&self, keep: impl Fn(&str) -> bool) -> Vec<(&str, &Json)> {
        let mut members: Vec<_> = self.iter().filter(|(name, _)| keep(name)).collect();
        members.sort_by_key(|(name, _)| *name);
        members
    }

    /// Writes the members that `keep` allows.
    pub(crate) fn encode<M: SerializeMap>(&self, map: &mut M, keep: impl Fn(&str) -> bool) -> Result<(), M::Error> {
        for (name, value) in self.iter().filter(|(name, _)| keep(name)) {
            map.serialize_entry(name, value)?;
        }
        Ok(())
    }
}

/// Order does not count, but for members of one name.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |extra: &'_ Self| -> Vec<usize> {
            let mut places: Vec<usize> = (0..extra.0.len()).collect();
            places.sort_by_key(|at| &extra.0[*at].0);
            places
        };
        self.0.len() == other.0.len()
            && sorted(self).into_iter().zip(sorted(other)).all(|(a, b)| self.0[a] == other.0[b])
    }
}

/// As one object.
impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.encode(&mut map, |_| true)?;
        map.end()
    }
}

/// Any object, its members in order.
impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> serde::de::Visitor<'de> for ObjectVisitor {
            type Value = Extra;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
                let mut members = Extra::new();
                while let Some((name, value)) = map.next_entry::<Box<str>, Json>()? {
                    members.push(name, value);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<N: Into<Box<str>>> FromIterator<(N, Json)> for Extra {
    fn from_iter<I: IntoIterator<Item = (N, Json)>>(members: I) -> Self {
        let mut extra = Extra::new();
        for (name, value) in members {
            extra.set(name, value);
        }
        extra
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_text_and_compares_the_meaning() {
        let text = r#"{"b": 1.50, "a": 12345678901234567890123}"#;
        let json: Json = serde_json::from_str(text).expect("valid");
        assert_eq!(json.text(), text);
        assert_eq!(serde_json::to_string(&json).expect("encodes"), text);
        assert_eq!(json, Json::from_text(r#"{"a":12345678901234567890123,"b":1.5}"#).expect("valid"));
        assert_ne!(json, Json::from_text("{}").expect("valid"));
    }

    #[test]
    fn extra_is_a_map_that_keeps_its_order() {
        let mut extra: Extra = [("b", Json::null()), ("a", Json::empty_object())].into_iter().collect();
        extra.set("b", Json::from_text("2").expect("valid"));
        assert_eq!(extra.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(extra.take("b").expect("there").text(), "2");
        assert!(extra.value("b").is_none());
    }
}
