//! How a union told apart by its only member is declared: `{"text": ...}`, `{"image": ...}`, as Converse has them.
//!
//! Read in one pass, straight into the variant. A member that is `null` counts as absent (AWS restJson1). What has no
//! known member, or more than one, is kept whole.

/// Declares such a union. Each variant is a type and the name of its member; `Other` is added.
macro_rules! keyed {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident($type:ty) = $key:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant($type), )*
            /// Anything else: every member, in order.
            Other($crate::json::Extra),
        }

        impl $name {
            /// The name of the member; empty when there is none.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $( $name::$variant(_) => $key, )*
                    $name::Other(members) => members.iter().next().map_or("", |(name, _)| name),
                }
            }

            /// The members known here.
            pub const KINDS: &'static [&'static str] = &[$($key),*];
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                match self {
                    $( $name::$variant(value) => {
                        let mut map = serializer.serialize_map(Some(1))?;
                        map.serialize_entry($key, value)?;
                        map.end()
                    } )*
                    $name::Other(members) => members.serialize(serializer),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[allow(clippy::enum_variant_names)]
                enum Key { $($variant,)* Unknown_(Box<str>) }
                struct KeyVisitor;
                impl serde::de::Visitor<'_> for KeyVisitor {
                    type Value = Key;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a member name")
                    }
                    #[inline]
                    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Key, E> {
                        $( if name == $key { return Ok(Key::$variant); } )*
                        Ok(Key::Unknown_(name.into()))
                    }
                }
                impl<'de> serde::Deserialize<'de> for Key {
                    #[inline]
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        deserializer.deserialize_identifier(KeyVisitor)
                    }
                }
                struct KeyedVisitor;
                impl<'de> serde::de::Visitor<'de> for KeyedVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object with one member")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        let mut found: Option<$name> = None;
                        let mut rest = $crate::json::Extra::new();
                        while let Some(key) = map.next_key::<Key>()? {
                            match key {
                                $( Key::$variant => match map.next_value::<Option<$type>>()? {
                                    _ if found.as_ref().is_some_and(|found| found.kind() == $key) => {
                                        return Err(serde::de::Error::duplicate_field($key));
                                    }
                                    Some(value) => {
                                        let second = found.replace($name::$variant(value));
                                        $crate::keyed::keep_first(&mut rest, second)?;
                                    }
                                    None => rest.push($key, $crate::json::Json::null()),
                                }, )*
                                Key::Unknown_(name) => rest.push(name, map.next_value::<$crate::json::Json>()?),
                            }
                        }
                        match found {
                            Some(found) if rest.iter().all(|(_, value)| value.is_null()) => Ok(found),
                            found => {
                                $crate::keyed::keep_first(&mut rest, found)?;
                                Ok($name::Other(rest))
                            }
                        }
                    }
                }
                deserializer.deserialize_map(KeyedVisitor)
            }
        }
    };
}

/// Adds to `rest` the member that `found` is.
pub(crate) fn keep_first<T: serde::Serialize, E: serde::de::Error>(
    rest: &mut crate::json::Extra,
    found: Option<T>,
) -> Result<(), E> {
    let Some(found) = found else { return Ok(()) };
    let written = crate::json::Json::of(&found).and_then(|json| json.parse::<crate::json::Extra>());
    for (name, value) in written.map_err(E::custom)?.iter() {
        rest.push(name, value.clone());
    }
    Ok(())
}

pub(crate) use keyed;
