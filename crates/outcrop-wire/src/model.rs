//! How a model is named: an id as the caller gave it, and the catalogue's model behind it.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::catalogue::{ModelRow, ProfileRow};
use crate::scope::{Geo, Scope};

/// A base id, a profile id, an ARN, or a name of ours: whatever the caller gave.
///
/// Two are equal when their text is.
#[derive(Clone, Debug, Default)]
pub struct ModelId {
    text: Cow<'static, str>,
    /// Whether it was put together here, of a model and a scope.
    made: bool,
}

/// Everything but the unreserved characters: `:` and `/` of an id may not end its path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl ModelId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it was put together of a model and a scope ([`Model::geo`], `us.opus`): then the catalogue knows whether
    /// there is such a profile. An id that was given as text may be newer than the catalogue.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.made
    }

    /// The id as one segment of a path, as boto3 and the AWS SDKs write it: `:` is `%3A`, `/` is `%2F`.
    #[must_use]
    pub fn path_segment(&self) -> String {
        utf8_percent_encode(&self.text, SEGMENT).to_string()
    }
}

impl PartialEq for ModelId {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ModelId {}

impl Hash for ModelId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Serialize for ModelId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for ModelId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(ModelId::from)
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for ModelId {
    fn from(id: &str) -> Self {
        ModelId::from(id.to_owned())
    }
}

impl From<String> for ModelId {
    fn from(id: String) -> Self {
        ModelId { text: Cow::Owned(id), made: false }
    }
}

/// A model without a scope is its name: it is asked for in the client's default scope, or else in its widest.
impl From<Model> for ModelId {
    fn from(model: Model) -> Self {
        ModelId { text: Cow::Borrowed(model.name()), made: false }
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

    /// The profile of a geography. Where the model has none, or the region that is called has none of it, a client says so
    /// before it sends anything, and which there are.
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
        let text = match scope.prefix() {
            Some(prefix) => Cow::Owned(format!("{prefix}.{}", self.0.base)),
            None => Cow::Borrowed(self.0.base),
        };
        ModelId { text, made: true }
    }

    /// The inference profile of a scope, where there is one. A base id has none.
    #[must_use]
    pub fn profile(self, scope: &Scope) -> Option<&'static ProfileRow> {
        let prefix = scope.prefix()?;
        self.0.profiles.iter().find(|profile| profile.scope == prefix)
    }

    /// The scopes that have a profile.
    pub fn scopes(self) -> impl Iterator<Item = Scope> {
        self.0.profiles.iter().filter_map(|profile| Scope::of_prefix(profile.scope))
    }

    /// The scopes whose profile can be called from a region, in the catalogue's order: global first where there is such a
    /// profile, then the geographies. For a region that the catalogue does not know, all of them.
    pub fn scopes_from(self, region: &str) -> impl Iterator<Item = Scope> {
        let profiles = self.0.profiles.iter();
        let called = profiles.filter(move |profile| profile.is_called_from(region) != Some(false));
        called.filter_map(|profile| Scope::of_prefix(profile.scope))
    }

    /// The first scope of the catalogue's row: global where there is such a profile.
    #[must_use]
    pub fn widest_scope(self) -> Scope {
        self.scopes().next().unwrap_or(Scope::Regional)
    }

    /// The first of [`Model::scopes_from`]; where nothing can be called from there, the first of all.
    pub(crate) fn widest_scope_from(self, region: Option<&str>) -> Scope {
        let near = region.and_then(|region| self.scopes_from(region).next());
        near.unwrap_or_else(|| self.widest_scope())
    }

    /// The geography of a region, of those that the model has a profile of.
    pub(crate) fn geography_of(self, region: &str) -> Option<Scope> {
        let mut scopes = self.0.profiles.iter().filter(|profile| profile.is_called_from(region) == Some(true));
        scopes.find_map(|profile| Scope::of_prefix(profile.scope).filter(|scope| *scope != Scope::Global))
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
    /// Where it may be processed, where the id says so. None for a model where it has no profile of the geography that
    /// was asked for.
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
