//! JSON whose objects keep the order of their members: schemas, and what is made after them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Object(Vec<(String, Node)>),
    List(Vec<Node>),
    Leaf(Value),
}

impl Node {
    /// `null`.
    pub(super) const NULL: Node = Node::Leaf(Value::Null);

    /// A member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What a JSON pointer points to.
    pub(super) fn pointer(&self, pointer: &str) -> Option<&Node> {
        let mut parts = pointer.split('/');
        if parts.next() != Some("") {
            return None;
        }
        parts.try_fold(self, |here, part| match here {
            Node::List(values) => values.get(part.parse::<usize>().ok()?),
            _ => here.get(&part.replace("~1", "/").replace("~0", "~")),
        })
    }

    pub(super) fn members(&self) -> &[(String, Node)] {
        match self {
            Node::Object(members) => members,
            _ => &[],
        }
    }

    pub(super) fn list(&self) -> Option<&[Node]> {
        match self {
            Node::List(values) => Some(values),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.leaf()?.as_str()
    }

    pub(super) fn count(&self) -> Option<u64> {
        self.leaf()?.as_u64()
    }

    pub(super) fn integer(&self) -> Option<i64> {
        self.leaf()?.as_i64()
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.leaf()?.as_f64()
    }

    fn leaf(&self) -> Option<&Value> {
        match self {
            Node::Leaf(value) => Some(value),
            _ => None,
        }
    }
}

impl<V: Into<Value>> From<V> for Node {
    fn from(value: V) -> Self {
        match value.into() {
            Value::Object(members) => {
                Node::Object(members.into_iter().map(|(name, value)| (name, Node::from(value))).collect())
            }
            Value::Array(values) => Node::List(values.into_iter().map(Node::from).collect()),
            leaf => Node::Leaf(leaf),
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Node::List(values) => values.serialize(serializer),
            Node::Leaf(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;
        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Node::Object(members))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Node::List(values))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Leaf(value.into()))
            }
            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::NULL)
            }
        }
        deserializer.deserialize_any(NodeVisitor)
    }
}
