//! How a wire type is declared: records that keep what they do not know, unions told apart by `type`, open string enums.
//!
//! Serde's own `tag`, `untagged` and `flatten` buffer a value before they decode it, and raw JSON fails inside them.
//! These macros read in one pass: a union reads up to its `type` and hands the open object to the record of that
//! variant; members that came earlier are kept aside (see `early.rs`). What no field names goes to `extra`.

use serde::de::{Deserialize, Deserializer, MapAccess};
use serde::ser::SerializeMap;

use crate::early::EarlyMembers;
use crate::json::{Extra, Json};

/// The members of a JSON object, in and out, without its braces and without its `type`.
pub(crate) trait Record: Sized {
    /// Decodes the members in `early`, then the rest of `map`.
    fn decode_members<'de, A: MapAccess<'de>>(early: EarlyMembers, map: &mut A) -> Result<Self, A::Error>;
    /// Writes the members whose name `keep` allows.
    fn encode_members<M: SerializeMap>(&self, map: &mut M, keep: impl Fn(&str) -> bool) -> Result<(), M::Error>;
    /// Makes the member `name` that of `other`, as absent as it may be there.
    fn take_member(&mut self, name: &str, other: &mut Self);
}

/// A variant that is rare and large may be boxed, so that the union stays small.
impl<R: Record> Record for Box<R> {
    fn decode_members<'de, A: MapAccess<'de>>(early: EarlyMembers, map: &mut A) -> Result<Self, A::Error> {
        R::decode_members(early, map).map(Box::new)
    }

    fn encode_members<M: SerializeMap>(&self, map: &mut M, keep: impl Fn(&str) -> bool) -> Result<(), M::Error> {
        (**self).encode_members(map, keep)
    }

    fn take_member(&mut self, name: &str, other: &mut Self) {
        (**self).take_member(name, other);
    }
}

/// A member of a union that is not known here, or whose members did not fit: all of it, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Other {
    /// The `type`; empty when there was none.
    pub kind: String,
    /// Every other member.
    pub members: Extra,
}

impl Other {
    /// The rest of an object whose `type` was read.
    pub(crate) fn decode_tagged<'de, A: MapAccess<'de>>(
        kind: String,
        early: EarlyMembers,
        map: &mut A,
    ) -> Result<Self, A::Error> {
        let mut other = Other::decode_members(early, map)?;
        if kind.is_empty() {
            // An empty name is not no name.
            other.members.push("type", Json::of("").unwrap_or_default());
        }
        other.kind = kind;
        Ok(other)
    }
}

impl Record for Other {
    fn decode_members<'de, A: MapAccess<'de>>(early: EarlyMembers, map: &mut A) -> Result<Self, A::Error> {
        let mut members: Extra = Extra::new();
        for (name, value) in early.members {
            members.push(&*name, value.into_json());
        }
        while let Some((name, value)) = map.next_entry::<Box<str>, Json>()? {
            if early.tagged && &*name == "type" {
                return Err(serde::de::Error::duplicate_field("type"));
            }
            members.push(name, value);
        }
        Ok(Other { kind: String::new(), members })
    }

    fn encode_members<M: SerializeMap>(&self, map: &mut M, keep: impl Fn(&str) -> bool) -> Result<(), M::Error> {
        if !self.kind.is_empty() && keep("type") {
            map.serialize_entry("type", &self.kind)?;
        }
        self.members.encode(map, keep)
    }

    fn take_member(&mut self, name: &str, other: &mut Self) {
        match name {
            "type" => self.kind = std::mem::take(&mut other.kind),
            name => self.members.take_member(name, &mut other.members),
        }
    }
}

/// Decodes any object as [`Other`]: the forgiving way, for replies whose members did not fit.
impl<'de> Deserialize<'de> for Other {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OtherVisitor;
        impl<'de> serde::de::Visitor<'de> for OtherVisitor {
            type Value = Other;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Other, A::Error> {
                let mut other = Other::decode_members(EarlyMembers::default(), &mut map)?;
                if let Some(kind) = other.members.value("type").and_then(|kind| kind.parse::<String>().ok()) {
                    other.members.take("type");
                    other.kind = kind;
                }
                Ok(other)
            }
        }
        deserializer.deserialize_map(OtherVisitor)
    }
}

impl serde::Serialize for Other {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.encode_members(&mut map, |_| true)?;
        map.end()
    }
}

/// Declares a record. Each field says how its absence is treated:
/// `required` (missing is an error), `optional` (an `Option`; left out when `None`), `nullable` (an `Option`; written
/// as `null` when `None`), `lenient` (as `optional`, and a value of another shape is kept in `extra`: for what only
/// informs, so that it never costs a reply), `default` (absent is the default; always written), `aside` (as `default`,
/// but never written: it travels elsewhere). A literal after the name is the name on the wire. `extra` is added to each.
///
/// A `sorted` record writes its members in the order of the alphabet, those of `extra` among them; its fields stand so.
macro_rules! record {
    ( $(#[$meta:meta])* sorted pub struct $($rest:tt)* ) => {
        $crate::record::record! { @true $(#[$meta])* pub struct $($rest)* }
    };
    ( $(#[$meta:meta])* pub struct $($rest:tt)* ) => {
        $crate::record::record! { @false $(#[$meta])* pub struct $($rest)* }
    };
    (
        @$sorted:literal
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $mode:ident $field:ident $(($wire:literal))? : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $crate::record::field_type!($mode, $type), )*
            /// Members that no field names.
            pub extra: $crate::json::Extra,
        }

        impl $name {
            /// The members that have a field.
            #[doc(hidden)]
            pub const MEMBERS: &'static [&'static str] = &[$( $crate::record::wire_name!($field $(, $wire)?) ),*];
        }

        const _: () = assert!(!$sorted || $crate::record::is_ascending($name::MEMBERS), "the fields are not sorted");

        impl $crate::record::Record for $name {
            #[allow(unused_variables, unused_mut)]
            fn decode_members<'de, A: serde::de::MapAccess<'de>>(
                early: $crate::early::EarlyMembers,
                map: &mut A,
            ) -> Result<Self, A::Error> {
                #[allow(non_camel_case_types)]
                enum Field { $($field,)* Unknown_(Box<str>) }
                struct FieldVisitor;
                impl serde::de::Visitor<'_> for FieldVisitor {
                    type Value = Field;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a member name")
                    }
                    #[inline]
                    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Field, E> {
                        $( if name == $crate::record::wire_name!($field $(, $wire)?) { return Ok(Field::$field); } )*
                        Ok(Field::Unknown_(name.into()))
                    }
                }
                impl<'de> serde::Deserialize<'de> for Field {
                    #[inline]
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        deserializer.deserialize_identifier(FieldVisitor)
                    }
                }

                $( let mut $field: Option<$type> = None; )*
                let mut extra = $crate::json::Extra::new();
                for (name, value) in early.members {
                    match &*name {
                        $( wire if wire == $crate::record::wire_name!($field $(, $wire)?) => {
                            if $field.is_some() {
                                return Err(serde::de::Error::duplicate_field(
                                    $crate::record::wire_name!($field $(, $wire)?),
                                ));
                            }
                            $crate::record::decode_early!($mode, $field, value, wire, extra);
                        } )*
                        other => extra.push(other, $crate::early::Early::into_json(value)),
                    }
                }
                while let Some(field) = map.next_key::<Field>()? {
                    match field {
                        $( Field::$field => {
                            let wire = $crate::record::wire_name!($field $(, $wire)?);
                            if $field.is_some() {
                                return Err(serde::de::Error::duplicate_field(wire));
                            }
                            $crate::record::decode_member!($mode, $field, map, wire, extra);
                        } )*
                        Field::Unknown_(name) if early.tagged && &*name == "type" => {
                            return Err(serde::de::Error::duplicate_field("type"));
                        }
                        Field::Unknown_(name) => extra.push(name, map.next_value()?),
                    }
                }
                Ok($name {
                    $( $field: $crate::record::finish_member!($mode, $field, $crate::record::wire_name!($field $(, $wire)?)), )*
                    extra,
                })
            }

            #[allow(unused_variables, unused_mut)]
            fn encode_members<M: serde::ser::SerializeMap>(
                &self,
                map: &mut M,
                keep: impl Fn(&str) -> bool,
            ) -> Result<(), M::Error> {
                // A remembered `null` gives way to a value set since.
                let set = |name: &str| -> bool {
                    $( if name == $crate::record::wire_name!($field $(, $wire)?) {
                        return $crate::record::is_written!($mode, &self.$field);
                    } )*
                    false
                };
                let mut among = match $sorted && !self.extra.is_empty() {
                    true => self.extra.sorted(|name| keep(name) && !set(name)),
                    false => Vec::new(),
                }.into_iter().peekable();
                $( {
                    let wire = $crate::record::wire_name!($field $(, $wire)?);
                    while let Some((name, value)) = among.next_if(|(name, _)| *name < wire) {
                        map.serialize_entry(name, value)?;
                    }
                    if keep(wire) {
                        $crate::record::encode_member!($mode, &self.$field, map, wire);
                    }
                } )*
                for (name, value) in among {
                    map.serialize_entry(name, value)?;
                }
                if !$sorted && !self.extra.is_empty() {
                    self.extra.encode(map, |name| keep(name) && !set(name))?;
                }
                Ok(())
            }

            fn take_member(&mut self, name: &str, other: &mut Self) {
                // What `extra` has under the name of a field is its null, or what did not fit.
                self.extra.take_member(name, &mut other.extra);
                $( if name == $crate::record::wire_name!($field $(, $wire)?) {
                    std::mem::swap(&mut self.$field, &mut other.$field);
                } )*
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $crate::record::Record::encode_members(self, &mut map, |_| true)?;
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct RecordVisitor;
                impl<'de> serde::de::Visitor<'de> for RecordVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        $crate::record::Record::decode_members($crate::early::EarlyMembers::default(), &mut map)
                    }
                }
                deserializer.deserialize_map(RecordVisitor)
            }
        }
    };
}

/// Whether names stand in the order of the alphabet.
pub(crate) const fn is_ascending(names: &[&str]) -> bool {
    let mut at = 1;
    while at < names.len() {
        let (before, name) = (names[at - 1].as_bytes(), names[at].as_bytes());
        let mut letter = 0;
        while letter < before.len() && letter < name.len() && before[letter] == name[letter] {
            letter += 1;
        }
        if letter == name.len() || (letter < before.len() && before[letter] > name[letter]) {
            return false;
        }
        at += 1;
    }
    true
}

macro_rules! field_type {
    (required, $type:ty) => { $type };
    (aside, $type:ty) => { $type };
    (default, $type:ty) => { $type };
    (optional, $type:ty) => { Option<$type> };
    (lenient, $type:ty) => { Option<$type> };
    (nullable, $type:ty) => { Option<$type> };
}

macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident, $wire:literal) => {
        $wire
    };
}

macro_rules! decode_early {
    (required, $field:ident, $value:ident, $wire:expr, $extra:ident) => {
        $field = Some($value.decode($wire)?)
    };
    (optional, $field:ident, $value:ident, $wire:expr, $extra:ident) => {
        $field = $value.decode_optional($wire)?;
        if $field.is_none() {
            $extra.push($wire, $crate::json::Json::null());
        }
    };
    (lenient, $field:ident, $value:ident, $wire:expr, $extra:ident) => {
        let value = $value.into_json();
        $crate::record::keep_misfit!($field, value, $wire, $extra);
    };
    ($mode:ident, $field:ident, $value:ident, $wire:expr, $extra:ident) => {
        $field = $value.decode_optional($wire)?
    };
}

/// What does not fit its field stays as it came.
macro_rules! keep_misfit {
    ($field:ident, $value:ident, $wire:expr, $extra:ident) => {
        match $value.parse() {
            Ok(Some(fits)) => $field = Some(fits),
            _ => $extra.push($wire, $value),
        }
    };
}

macro_rules! decode_member {
    (required, $field:ident, $map:ident, $wire:expr, $extra:ident) => {
        $field = Some($map.next_value()?)
    };
    (optional, $field:ident, $map:ident, $wire:expr, $extra:ident) => {
        $field = $map.next_value()?;
        if $field.is_none() {
            $extra.push($wire, $crate::json::Json::null());
        }
    };
    (lenient, $field:ident, $map:ident, $wire:expr, $extra:ident) => {
        let value: $crate::json::Json = $map.next_value()?;
        $crate::record::keep_misfit!($field, value, $wire, $extra);
    };
    ($mode:ident, $field:ident, $map:ident, $wire:expr, $extra:ident) => {
        $field = $map.next_value()?
    };
}

macro_rules! finish_member {
    (required, $field:ident, $wire:expr) => {
        match $field {
            Some(value) => value,
            None => return Err(serde::de::Error::missing_field($wire)),
        }
    };
    (default, $field:ident, $wire:expr) => {
        $field.unwrap_or_default()
    };
    (aside, $field:ident, $wire:expr) => {
        $field.unwrap_or_default()
    };
    ($mode:ident, $field:ident, $wire:expr) => {
        $field
    };
}

macro_rules! encode_member {
    (aside, $value:expr, $map:ident, $wire:expr) => {};
    (lenient, $value:expr, $map:ident, $wire:expr) => {
        $crate::record::encode_member!(optional, $value, $map, $wire)
    };
    (optional, $value:expr, $map:ident, $wire:expr) => {
        if let Some(value) = $value {
            $map.serialize_entry($wire, value)?;
        }
    };
    ($mode:ident, $value:expr, $map:ident, $wire:expr) => {
        $map.serialize_entry($wire, $value)?
    };
}

macro_rules! is_written {
    (optional, $value:expr) => {
        $value.is_some()
    };
    (lenient, $value:expr) => {
        $value.is_some()
    };
    (aside, $value:expr) => {
        false
    };
    ($mode:ident, $value:expr) => {
        true
    };
}

/// Declares a union told apart by `type`: each variant is a record and its tag. `Other` is added. `early(...)` names the
/// members that are read into their form before the `type` is known; texts where nothing is named.
macro_rules! union {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($rest:tt)* }
    ) => {
        $crate::record::union! { $(#[$meta])* pub enum $name early(TEXTS) { $($rest)* } }
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident early($forms:ident) {
            $( $(#[$variant_meta:meta])* $variant:ident($record:ty) = $tag:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant($record), )*
            /// Anything else, kept whole.
            Other($crate::record::Other),
        }

        impl $name {
            /// The `type` on the wire.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $( $name::$variant(_) => $tag, )*
                    $name::Other(other) => &other.kind,
                }
            }

            /// The types known here.
            pub const KINDS: &'static [&'static str] = &[$($tag),*];
        }

        $( impl From<$record> for $name {
            fn from(value: $record) -> Self {
                $name::$variant(value)
            }
        } )*

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                use $crate::record::Record as _;
                let mut map = serializer.serialize_map(None)?;
                match self {
                    $( $name::$variant(record) => {
                        map.serialize_entry("type", $tag)?;
                        record.encode_members(&mut map, |_| true)?;
                    } )*
                    $name::Other(other) => other.encode_members(&mut map, |_| true)?,
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[allow(clippy::enum_variant_names)]
                enum Tag { $($variant,)* Unknown_(String) }
                struct TagVisitor;
                impl serde::de::Visitor<'_> for TagVisitor {
                    type Value = Tag;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a type name")
                    }
                    #[inline]
                    fn visit_str<E: serde::de::Error>(self, tag: &str) -> Result<Tag, E> {
                        $( if tag == $tag { return Ok(Tag::$variant); } )*
                        Ok(Tag::Unknown_(tag.to_owned()))
                    }
                }
                impl<'de> serde::Deserialize<'de> for Tag {
                    #[inline]
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        deserializer.deserialize_str(TagVisitor)
                    }
                }
                struct UnionVisitor;
                impl<'de> serde::de::Visitor<'de> for UnionVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object with a type")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        use $crate::record::Record as _;
                        let mut early = $crate::early::EarlyMembers::default();
                        if !$crate::early::read_to_type(&mut map, &mut early, $crate::early::$forms)? {
                            return $crate::record::Other::decode_members(early, &mut map).map($name::Other);
                        }
                        match map.next_value::<Tag>()? {
                            $( Tag::$variant => <$record>::decode_members(early, &mut map).map($name::$variant), )*
                            Tag::Unknown_(kind) => {
                                $crate::record::Other::decode_tagged(kind, early, &mut map).map($name::Other)
                            }
                        }
                    }
                }
                deserializer.deserialize_map(UnionVisitor)
            }
        }
    };
}

/// Declares a string enum that stays open: what is not known is `Other` and written back verbatim.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )*
            /// A value not known here.
            Other(String),
        }

        impl $name {
            /// The value on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( $name::$variant => $text, )*
                    $name::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $( $text => $name::$variant, )*
                    other => $name::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TextVisitor;
                impl serde::de::Visitor<'_> for TextVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        Ok($name::from(text))
                    }
                }
                deserializer.deserialize_str(TextVisitor)
            }
        }
    };
}

/// Declares what may be a string or a list of blocks, as `content` and `system` may.
macro_rules! text_or_list {
    (
        $(#[$meta:meta])*
        pub enum $name:ident of $item:ty;
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            /// One string.
            Text(String),
            /// A list of blocks.
            Blocks(Vec<$item>),
        }

        impl Default for $name {
            fn default() -> Self {
                $name::Blocks(Vec::new())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name::Text(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                $name::Text(text)
            }
        }

        impl From<Vec<$item>> for $name {
            fn from(blocks: Vec<$item>) -> Self {
                $name::Blocks(blocks)
            }
        }

        impl<const N: usize> From<[$item; N]> for $name {
            fn from(blocks: [$item; N]) -> Self {
                $name::Blocks(blocks.into())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $name::Text(text) => serializer.serialize_str(text),
                    $name::Blocks(blocks) => blocks.serialize(serializer),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ContentVisitor;
                impl<'de> serde::de::Visitor<'de> for ContentVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string or a list of blocks")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        Ok($name::Text(text.to_owned()))
                    }
                    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<$name, E> {
                        Ok($name::Text(text))
                    }
                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<$name, A::Error> {
                        <Vec<$item> as serde::Deserialize>::deserialize(serde::de::value::SeqAccessDeserializer::new(seq)).map($name::Blocks)
                    }
                }
                deserializer.deserialize_any(ContentVisitor)
            }
        }
    };
}

pub(crate) use {
    decode_early, decode_member, encode_member, field_type, finish_member, is_written, keep_misfit, open_enum, record,
    text_or_list, union, wire_name,
};
