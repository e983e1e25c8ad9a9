//! Edits to the members of a request body, and inside them: applied while a typed request is encoded, or spliced over a
//! raw body.

use std::borrow::Cow;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json::{Extra, Json};
use crate::messages::{MessageRequest, Turn};
use crate::record::{Other, Record};

/// One edit of one top-level member.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// The member is left out.
    Drop(Cow<'static, str>),
    /// The member is set, whatever it was.
    Set(Cow<'static, str>, Json),
    /// Something inside the member changes: in the object that it is, or in objects of the list that it is.
    Within {
        /// The member.
        member: Cow<'static, str>,
        /// Which object of a list; all of them when `None`.
        at: Option<usize>,
        /// What changes there.
        edit: Box<Edit>,
    },
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

    /// Something changes inside the member, or in every object of the list that it is.
    pub fn within(member: impl Into<Cow<'static, str>>, edit: Edit) -> Self {
        Edit::Within { member: member.into(), at: None, edit: Box::new(edit) }
    }

    /// Something changes in one object of the list that the member is.
    pub fn within_at(member: impl Into<Cow<'static, str>>, at: usize, edit: Edit) -> Self {
        Edit::Within { member: member.into(), at: Some(at), edit: Box::new(edit) }
    }

    /// The top-level member it is about.
    #[must_use]
    pub fn member(&self) -> &str {
        match self {
            Edit::Drop(name) | Edit::Set(name, _) | Edit::Within { member: name, .. } => name,
        }
    }

    /// The value of the member after this edit.
    fn apply(&self, value: Option<Json>) -> Option<Json> {
        match self {
            Edit::Drop(_) => None,
            Edit::Set(_, set) => Some(set.clone()),
            Edit::Within { at, edit, .. } => Some(inside(value?, *at, edit)),
        }
    }
}

/// The value with an edit inside; itself where it is nothing that has members.
fn inside(value: Json, at: Option<usize>, edit: &Edit) -> Json {
    if let Ok(list) = value.parse::<Vec<Json>>() {
        let edited = list.into_iter().enumerate().map(|(place, item)| match at {
            Some(at) if at != place => item,
            _ => inside(item, None, edit),
        });
        return Json::of(&edited.collect::<Vec<_>>()).unwrap_or(value);
    }
    let Ok(mut object) = value.parse::<Other>() else { return value };
    let name = edit.member();
    let held = match name {
        "type" if !object.kind.is_empty() => Json::of(&std::mem::take(&mut object.kind)).ok(),
        _ => object.members.value(name).cloned(),
    };
    match edit.apply(held) {
        Some(after) if name == "type" => match after.parse() {
            Ok(kind) => object.kind = kind,
            Err(_) => object.members.set(name, after),
        },
        Some(after) => object.members.set(name, after),
        None => drop(object.members.take(name)),
    }
    Json::of(&object).unwrap_or(value)
}

/// What the edited members are in the end, in the order of their first edit: edits of one member follow one another.
/// `original` is asked only for what changes inside.
fn outcome(edits: &[Edit], original: impl Fn(&str) -> Option<Json>) -> Vec<(&str, Option<Json>)> {
    let mut members: Vec<(&str, Option<Json>)> = Vec::with_capacity(edits.len());
    for edit in edits {
        let place = members.iter().position(|(name, _)| *name == edit.member());
        let before = match (edit, place) {
            (Edit::Within { .. }, Some(place)) => members[place].1.take(),
            (Edit::Within { .. }, None) => original(edit.member()),
            _ => None,
        };
        let after = edit.apply(before);
        match place {
            Some(place) => members[place].1 = after,
            None => members.push((edit.member(), after)),
        }
    }
    members
}

fn encode_outcome<M: SerializeMap>(map: &mut M, members: &[(&str, Option<Json>)]) -> Result<(), M::Error> {
    for (name, value) in members {
        if let Some(value) = value {
            map.serialize_entry(name, value)?;
        }
    }
    Ok(())
}

/// The member `name` of a record; `None` where it is absent.
pub(crate) fn member_of<R: Record>(record: &R, name: &str) -> Option<Json> {
    struct One<'a, R>(&'a R, &'a str);
    impl<R: Record> Serialize for One<'_, R> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            self.0.encode_members(&mut map, |name| name == self.1)?;
            map.end()
        }
    }
    let whole = Json::of(&One(record, name)).ok()?;
    let mut object: Extra = whole.parse().ok()?;
    object.take(name)
}

/// A request that says nothing but this.
///
/// # Errors
/// When the value is none of that member.
pub(crate) fn request_of(name: &str, value: &Json) -> Result<MessageRequest, serde_json::Error> {
    let required = [("max_tokens", Json::from_text("0")?), ("messages", Json::from_text("[]")?)];
    let mut members: Extra = required.into_iter().collect();
    members.set(name, value.clone());
    Json::of(&members)?.parse()
}

/// A request with edits applied: the conversation is borrowed where no edit reaches it.
#[derive(Debug)]
pub(crate) struct Edited<'a> {
    /// Everything but the conversation.
    pub(crate) rest: MessageRequest,
    /// The conversation.
    pub(crate) turns: Cow<'a, [Turn]>,
}

/// Applies `edits` to a typed request; only what they name is written out and read again. A member that is set to what
/// its field cannot hold is an unknown member from then on.
///
/// # Errors
/// When the conversation is none after an edit.
pub(crate) fn edited<'a>(request: &'a MessageRequest, edits: &[Edit]) -> Result<Edited<'a>, serde_json::Error> {
    let mut edited = Edited { rest: request.without_turns(), turns: Cow::Borrowed(&request.messages) };
    for (name, value) in outcome(edits, |name| member_of(request, name)) {
        let mut said = match &value {
            None => MessageRequest::new("", 0),
            Some(value) => match request_of(name, value) {
                Ok(said) => said,
                Err(error) if name == "messages" => return Err(error),
                Err(_) => MessageRequest::new("", 0).extra_member(name, value.clone()),
            },
        };
        match name {
            "messages" => edited.turns = Cow::Owned(std::mem::take(&mut said.messages)),
            name => edited.rest.take_member(name, &mut said),
        }
    }
    Ok(edited)
}

/// Encodes a record with `edits` applied: what is set comes first, then the record's other members.
pub(crate) fn encode_edited<R: Record>(record: &R, edits: &[Edit]) -> Result<Vec<u8>, serde_json::Error> {
    struct Edited<'a, R>(&'a R, &'a [(&'a str, Option<Json>)]);
    impl<R: Record> Serialize for Edited<'_, R> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            encode_outcome(&mut map, self.1)?;
            self.0.encode_members(&mut map, |name| !self.1.iter().any(|(edited, _)| *edited == name))?;
            map.end()
        }
    }
    let members = outcome(edits, |name| member_of(record, name));
    let mut body = Vec::with_capacity(512);
    serde_json::to_writer(&mut body, &Edited(record, &members))?;
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
    struct Spliced<'a>(&'a Members<'a>, &'a [(&'a str, Option<Json>)]);
    impl Serialize for Spliced<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            encode_outcome(&mut map, self.1)?;
            for (name, value) in &self.0.0 {
                if !self.1.iter().any(|(edited, _)| edited == name) {
                    map.serialize_entry(name, value)?;
                }
            }
            map.end()
        }
    }
    let members: Members<'_> = serde_json::from_slice(body)?;
    let original = |name: &str| -> Option<Json> {
        let (_, value) = members.0.iter().find(|(known, _)| known == name)?;
        Json::from_text(value.get()).ok()
    };
    let outcome = outcome(edits, original);
    let mut out = Vec::with_capacity(body.len() + 64);
    serde_json::to_writer(&mut out, &Spliced(&members, &outcome))?;
    Ok(out)
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

    #[test]
    fn edits_reach_inside_and_follow_one_another() {
        let body =
            br#"{"tools":[{"type":"bash_20241022","name":"bash"},{"strict":true,"name":"x","n":1.50}],"o":{"a":1}}"#;
        let json = |text: &str| Json::from_text(text).expect("valid");
        let edits = [
            Edit::within("tools", Edit::drop("strict")),
            Edit::within_at("tools", 0, Edit::set("type", json("\"bash_20250124\""))),
            Edit::within("o", Edit::set("b", json("2"))),
            Edit::within("absent", Edit::drop("x")),
        ];
        let out = splice(body, &edits).expect("an object");
        assert_eq!(
            String::from_utf8_lossy(&out),
            r#"{"tools":[{"type":"bash_20250124","name":"bash"},{"name":"x","n":1.50}],"o":{"a":1,"b":2}}"#
        );
        let replaced = [Edit::within("o", Edit::drop("a")), Edit::set("o", json("3")), Edit::drop("tools")];
        assert_eq!(splice(body, &replaced).expect("an object"), br#"{"o":3}"#);
        let request: crate::messages::MessageRequest = serde_json::from_slice(
            br#"{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}"#,
        )
        .expect("a request");
        let edit = Edit::within_at("messages", 0, Edit::within_at("content", 1, Edit::set("c", json("0"))));
        let out = encode_edited(&request, &[Edit::drop("model"), edit]).expect("encodes");
        assert_eq!(
            String::from_utf8_lossy(&out),
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b","c":0}]}],"max_tokens":1}"#
        );
    }
}
