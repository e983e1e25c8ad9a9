//! Edits to the top level of a request body: applied while a typed request is encoded, or spliced over a raw body.

use std::borrow::Cow;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json::Json;
use crate::record::Record;

/// One edit of one top-level member.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// The member is left out.
    Drop(Cow<'static, str>),
    /// The member is set, whatever it was.
    Set(Cow<'static, str>, Json),
}

impl Edit {
    /// The member is left out.
    pub fn drop(member: impl Into<Cow<'static, str>>) -> Self {
        Edit::Drop(member.into())
    }

    /// The member is set, whatever it was.
    pub fn set(member: impl Into<Cow<'static, str>>, value: Json) -> Self {
        Edit::Set(member.into(), value)
    }

    /// The member it is about.
    #[must_use]
    pub fn member(&self) -> &str {
        match self {
            Edit::Drop(name) | Edit::Set(name, _) => name,
        }
    }
}

/// Encodes a record with `edits` applied: what is set comes first, then the record's other members.
pub(crate) fn encode_edited<R: Record>(record: &R, edits: &[Edit]) -> Result<Vec<u8>, serde_json::Error> {
    struct Edited<'a, R>(&'a R, &'a [Edit]);
    impl<R: Record> Serialize for Edited<'_, R> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            set_members(&mut map, self.1)?;
            self.0.encode_members(&mut map, |name| !self.1.iter().any(|edit| edit.member() == name))?;
            map.end()
        }
    }
    let mut body = Vec::with_capacity(512);
    serde_json::to_writer(&mut body, &Edited(record, edits))?;
    Ok(body)
}

/// Applies `edits` to a raw body; every member that no edit names keeps its bytes and its order.
///
/// # Errors
/// When the body is not a JSON object.
pub fn splice(body: &[u8], edits: &[Edit]) -> Result<Vec<u8>, serde_json::Error> {
    struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);
    impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct MembersVisitor;
            impl<'de> serde::de::Visitor<'de> for MembersVisitor {
                type Value = Members<'de>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a JSON object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                    let mut members = Vec::new();
                    while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                        members.push((name, value));
                    }
                    Ok(Members(members))
                }
            }
            deserializer.deserialize_map(MembersVisitor)
        }
    }
    struct Spliced<'a>(&'a Members<'a>, &'a [Edit]);
    impl Serialize for Spliced<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            set_members(&mut map, self.1)?;
            for (name, value) in &self.0.0 {
                if !self.1.iter().any(|edit| edit.member() == name) {
                    map.serialize_entry(name, value)?;
                }
            }
            map.end()
        }
    }
    let members: Members<'_> = serde_json::from_slice(body)?;
    let mut out = Vec::with_capacity(body.len() + 64);
    serde_json::to_writer(&mut out, &Spliced(&members, edits))?;
    Ok(out)
}

/// Of several edits of one member the last stands.
fn set_members<M: SerializeMap>(map: &mut M, edits: &[Edit]) -> Result<(), M::Error> {
    for (at, edit) in edits.iter().enumerate() {
        if let Edit::Set(name, value) = edit
            && !edits[at + 1..].iter().any(|later| later.member() == name)
        {
            map.serialize_entry(name, value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splicing_keeps_the_bytes_of_what_it_does_not_name() {
        let body = br#"{"model":"x", "n": 1.50,"messages":[ {"a":1} ],"stream":true}"#;
        let edits = [
            Edit::drop("model"),
            Edit::drop("stream"),
            Edit::set("anthropic_version", Json::from_text("\"v\"").expect("valid")),
        ];
        let out = splice(body, &edits).expect("an object");
        assert_eq!(String::from_utf8_lossy(&out), r#"{"anthropic_version":"v","n":1.50,"messages":[ {"a":1} ]}"#);
        assert!(splice(b"[]", &edits).is_err());
    }
}
