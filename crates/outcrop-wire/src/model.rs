//! How a model is named: an id as the caller gave it, and the catalogue's model behind it.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::catalogue::ModelRow;
use crate::scope::{Geo, Scope};

/// A base id, a profile id, an ARN, or a name of ours: whatever the caller gave.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ModelId(Cow<'static, str>);

/// Everything but the unreserved characters: `:` and `/` of an id may not end its path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl ModelId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one segment of a path, as boto3 and the AWS SDKs write it: `:` is `%3A`, `/` is `%2F`.
    #[must_use]
    pub fn path_segment(&self) -> String {
        utf8_percent_encode(&self.0, SEGMENT).to_string()
    }
}

impl Serialize for ModelId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ModelId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(ModelId::from)
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ModelId {
    fn from(id: &str) -> Self {
        ModelId(Cow::Owned(id.to_owned()))
    }
}

impl From<String> for ModelId {
    fn from(id: String) -> Self {
        ModelId(Cow::Owned(id))
    }
}

/// A model without a scope is asked for in its widest.
impl From<Model> for ModelId {
    fn from(model: Model) -> Self {
        model.id(&model.widest_scope())
    }
}

/// A model of the catalogue.
#[derive(Clone, Copy, PartialEq)]
pub struct Model(&'static ModelRow);

impl Model {
    pub(crate) const fn row_of(row: &'static ModelRow) -> Self {
        Model(row)
    }

    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static ModelRow {
        self.0
    }

    /// Our name: `claude-opus-4-6`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The `global.` profile: processed anywhere.
    #[must_use]
    pub fn global(self) -> ModelId {
        self.id(&Scope::Global)
    }

    /// The profile of a geography.
    #[must_use]
    pub fn geo(self, geo: Geo) -> ModelId {
        self.id(&Scope::Geo(geo))
    }

    /// The base id: processed in the region that is called.
    #[must_use]
    pub fn regional(self) -> ModelId {
        self.id(&Scope::Regional)
    }

    /// The id for a scope, whether or not the catalogue knows such a profile.
    #[must_use]
    pub fn id(self, scope: &Scope) -> ModelId {
        match scope.prefix() {
            Some(prefix) => ModelId(Cow::Owned(format!("{prefix}.{}", self.0.base))),
            None => ModelId(Cow::Borrowed(self.0.base)),
        }
    }

    /// The scopes that have a profile.
    pub fn scopes(self) -> impl Iterator<Item = Scope> {
        self.0.profiles.iter().filter_map(|profile| Scope::of_prefix(profile.scope))
    }

    /// The first scope of the catalogue's row: global where there is such a profile.
    #[must_use]
    pub fn widest_scope(self) -> Scope {
        self.scopes().next().unwrap_or(Scope::Regional)
    }

    pub(crate) fn spells_base(self, text: &str) -> bool {
        self.0.base == text || self.0.aliases.contains(&text)
    }

    pub(crate) fn spells_name(self, text: &str) -> bool {
        let row = self.0;
        row.name == text
            || row.name.strip_prefix("claude-") == Some(text)
            || row.reply == text
            || row.short.contains(&text)
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

/// What an id names.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The id that goes on the wire.
    pub id: ModelId,
    /// The model behind it, where the catalogue knows it.
    pub model: Option<Model>,
    /// Where it may be processed, where the id says so.
    pub scope: Option<Scope>,
    /// Whether a name of ours was replaced by an id.
    pub renamed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_holds_a_whole_id() {
        assert_eq!(Model::CLAUDE_HAIKU_4_5.regional().path_segment(), "anthropic.claude-haiku-4-5-20251001-v1%3A0");
        assert_eq!(
            ModelId::from("arn:aws:bedrock:us-east-1:1:application-inference-profile/ab").path_segment(),
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fab"
        );
    }
}
