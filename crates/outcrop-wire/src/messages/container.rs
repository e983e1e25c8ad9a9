//! The container that code runs in. Bedrock has none today; conversations that began elsewhere name theirs.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::record::record;

/// The container of a request: its id, or what it is to hold.
#[derive(Clone, Debug, PartialEq)]
pub enum ContainerChoice {
    /// One that is there.
    Id(String),
    /// One with these skills.
    Setup(ContainerSetup),
}

record! {
    /// What a container is to hold.
    #[derive(Default)]
    pub struct ContainerSetup {
        /// One that is there.
        optional id: String,
        /// What it can do.
        optional skills: Vec<Skill>,
    }
}

record! {
    /// Something a container can do.
    pub struct Skill {
        /// `anthropic` or `custom`.
        required kind("type"): String,
        /// Which.
        required skill_id: String,
        /// Which version; the newest when absent.
        optional version: String,
    }
}

record! {
    /// The container that code ran in.
    pub struct Container {
        /// Its id, to be sent with the next request.
        required id: String,
        /// When it ends, ISO 8601.
        optional expires_at: String,
        /// What it can do.
        lenient skills: Vec<Skill>,
    }
}

impl From<&str> for ContainerChoice {
    fn from(id: &str) -> Self {
        ContainerChoice::Id(id.to_owned())
    }
}

impl From<&Container> for ContainerChoice {
    fn from(container: &Container) -> Self {
        ContainerChoice::Id(container.id.clone())
    }
}

impl Serialize for ContainerChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ContainerChoice::Id(id) => serializer.serialize_str(id),
            ContainerChoice::Setup(setup) => setup.serialize(serializer),
        }
    }
}

/// A string or an object: told apart by their JSON kind.
impl<'de> Deserialize<'de> for ContainerChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ChoiceVisitor;
        impl<'de> serde::de::Visitor<'de> for ChoiceVisitor {
            type Value = ContainerChoice;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a container's id or what it is to hold")
            }
            fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<ContainerChoice, E> {
                Ok(ContainerChoice::Id(id.to_owned()))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<ContainerChoice, A::Error> {
                ContainerSetup::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    .map(ContainerChoice::Setup)
            }
        }
        deserializer.deserialize_any(ChoiceVisitor)
    }
}
