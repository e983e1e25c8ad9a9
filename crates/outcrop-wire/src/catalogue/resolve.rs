//! What an id names: which model, in which scope, and the id that goes on the wire.

use super::{Catalogue, RetiredRow, holds};
use crate::model::{ModelId, Named};
use crate::scope::{DefaultScope, Scope};

impl Catalogue {
    /// What `id` names: which model, in which scope, and the id that goes on the wire.
    ///
    /// A name of ours becomes the profile of the widest scope; `us.opus` that of the United States. Everything else,
    /// known or not, goes as it is.
    #[must_use]
    pub fn resolve(&self, id: &ModelId) -> Named {
        self.resolve_from(id, None, None)
    }

    /// What `id` names for a call from `region`, where that is known.
    ///
    /// A name of ours that says no scope gets `default`; without one, the widest that can be called from there. Where
    /// there is none of the geography that was asked for, `scope` is `None`.
    #[must_use]
    pub fn resolve_from(&self, id: &ModelId, region: Option<&str>, default: Option<&DefaultScope>) -> Named {
        let text = id.as_str();
        let (scope, rest) = split(text);
        if let Some(model) = self.models().find(|model| model.spells_base(rest)) {
            let scope = Some(scope.unwrap_or(Scope::Regional));
            return Named { id: id.clone(), model: Some(model), scope, renamed: false };
        }
        if !text.starts_with("arn:")
            && let Some(model) = self.models().find(|model| model.spells_name(rest))
        {
            let scope = match (scope, default) {
                (Some(scope), _) => Some(scope),
                (None, Some(DefaultScope::Only(scope))) => Some(scope.clone()),
                (None, Some(DefaultScope::Geography)) => region.and_then(|region| model.geography_of(region)),
                (None, None) => Some(model.widest_scope_from(region)),
            };
            let renamed = scope.is_some();
            let id = scope.as_ref().map_or_else(|| id.clone(), |scope| model.id(scope));
            return Named { id, model: Some(model), scope, renamed };
        }
        Named { id: id.clone(), model: None, scope, renamed: false }
    }

    /// The model that an id names, where it has left the catalogue since AWS no longer serves it; profiles and ARNs are
    /// understood.
    #[must_use]
    pub fn retired(&self, id: &ModelId, today: &str) -> Option<&'static RetiredRow> {
        let (_, base) = split(id.as_str());
        self.retired.iter().find(|row| row.base == base && holds(row.since, None, today))
    }

    /// The model that an id or a name names, where AWS no longer serves it in a region today, as far as is known: one that
    /// has left the catalogue, or one whose announced end has come.
    #[must_use]
    pub fn ended(&self, id: &ModelId, region: Option<&str>, today: &str) -> Option<RetiredRow> {
        let ended = || self.resolve(id).model?.ended(region, today);
        self.retired(id, today).copied().or_else(ended)
    }
}

/// The scope of an id, if it says one, and what stands behind it; of an ARN its last part counts.
fn split(id: &str) -> (Option<Scope>, &str) {
    let short = id.strip_prefix("arn:").and_then(|_| id.rsplit_once('/')).map_or(id, |(_, last)| last);
    match Scope::split(short) {
        Some((scope, rest)) => (Some(scope), rest),
        None => (None, short),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::scope::Geo;

    #[test]
    fn resolves_every_spelling() {
        let catalogue = Catalogue::built_in();
        let cases = [
            ("opus", "global.anthropic.claude-opus-4-6-v1", Some("claude-opus-4-6"), Some("global")),
            (
                "claude-haiku-4-5",
                "global.anthropic.claude-haiku-4-5-20251001-v1:0",
                Some("claude-haiku-4-5"),
                Some("global"),
            ),
            ("us.sonnet", "us.anthropic.claude-sonnet-4-6", Some("claude-sonnet-4-6"), Some("us")),
            (
                "anthropic.claude-sonnet-4-6-v1",
                "anthropic.claude-sonnet-4-6-v1",
                Some("claude-sonnet-4-6"),
                Some("regional"),
            ),
            (
                "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
                Some("claude-sonnet-4-5"),
                Some("us-gov"),
            ),
            (
                "claude-sonnet-4-5-20250929",
                "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
                Some("claude-sonnet-4-5"),
                Some("global"),
            ),
            (
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
                Some("claude-sonnet-4"),
                Some("us"),
            ),
            (
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
                None,
                None,
            ),
            ("anthropic.claude-nova-9", "anthropic.claude-nova-9", None, None),
        ];
        for (given, id, model, scope) in cases {
            let named = catalogue.resolve(&ModelId::from(given));
            assert_eq!(named.id.as_str(), id, "{given}");
            assert_eq!(named.model.map(|model| model.name()), model, "{given}");
            assert_eq!(named.scope.as_ref().map(Scope::as_str), scope, "{given}");
        }
    }

    #[test]
    fn what_is_retired_is_no_model_and_is_found_by_every_id() {
        let catalogue = Catalogue::built_in();
        for row in catalogue.retired {
            assert!(!row.source.is_empty() && catalogue.models().all(|model| !model.spells_base(row.base)), "{row:?}");
        }
        let haiku = "anthropic.claude-3-5-haiku-20241022-v1:0";
        let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/";
        for id in [haiku.to_owned(), format!("us.{haiku}"), format!("{arn}us.{haiku}")] {
            let id = ModelId::from(id);
            assert_eq!(catalogue.retired(&id, "2026-06-19").map(|row| row.title), Some("Claude Haiku 3.5"));
            assert_eq!(catalogue.retired(&id, "2026-06-18"), None);
        }
        assert_eq!(catalogue.retired(&ModelId::from("us.anthropic.claude-opus-4-6-v1"), "2026-11-23"), None);
        let ended = |id: &str, region, today| catalogue.ended(&ModelId::from(id), region, today).map(|row| row.title);
        assert_eq!(ended(haiku, None, "2026-11-23"), Some("Claude Haiku 3.5"));
        assert_eq!(ended("us.claude-opus-4-1", None, "2027-01-07"), None);
        assert_eq!(ended("us.claude-opus-4-1", None, "2027-01-08"), Some("Claude Opus 4.1"));
        assert_eq!(ended("claude-sonnet-4-5", Some("us-gov-west-1"), "2027-05-01"), None);
    }

    #[test]
    fn a_name_without_a_scope_gets_one_that_the_region_has() {
        let catalogue = Catalogue::built_in();
        let only = |scope| Some(DefaultScope::Only(scope));
        let geography = || Some(DefaultScope::Geography);
        let japan = || Scope::Geo(Geo::Jp);
        for (name, region, default, id) in [
            ("opus", None, None, "global.anthropic.claude-opus-4-6-v1"),
            ("opus", Some("us-east-1"), None, "global.anthropic.claude-opus-4-6-v1"),
            ("claude-opus-4-8", Some("us-gov-west-1"), None, "us-gov.anthropic.claude-opus-4-8"),
            ("claude-sonnet-4", Some("us-west-1"), None, "us.anthropic.claude-sonnet-4-20250514-v1:0"),
            ("opus", Some("us-gov-west-1"), None, "global.anthropic.claude-opus-4-6-v1"),
            ("opus", Some("eu-isoe-west-1"), None, "global.anthropic.claude-opus-4-6-v1"),
            ("sonnet", Some("us-east-1"), only(japan()), "jp.anthropic.claude-sonnet-4-6"),
            ("sonnet", None, only(Scope::Regional), "anthropic.claude-sonnet-4-6"),
            ("us.sonnet", None, only(japan()), "us.anthropic.claude-sonnet-4-6"),
            ("sonnet", Some("ca-west-1"), geography(), "us.anthropic.claude-sonnet-4-6"),
            ("sonnet", Some("ap-northeast-1"), geography(), "jp.anthropic.claude-sonnet-4-6"),
            ("claude-sonnet-4", Some("ap-northeast-1"), geography(), "apac.anthropic.claude-sonnet-4-20250514-v1:0"),
            ("anthropic.claude-sonnet-4-6", Some("us-east-1"), only(japan()), "anthropic.claude-sonnet-4-6"),
            ("eu.anthropic.claude-sonnet-4-6", None, only(japan()), "eu.anthropic.claude-sonnet-4-6"),
        ] {
            let named = catalogue.resolve_from(&ModelId::from(name), region, default.as_ref());
            assert_eq!(named.id.as_str(), id, "{name} {region:?} {default:?}");
            assert_eq!(named.id.is_made(), name != id, "{name}");
        }
        for region in [None, Some("sa-east-1"), Some("eu-isoe-west-1")] {
            let named = catalogue.resolve_from(&Model::CLAUDE_SONNET_4_6.into(), region, geography().as_ref());
            assert_eq!((named.model, named.scope), (Some(Model::CLAUDE_SONNET_4_6), None), "{region:?}");
        }
    }
}
