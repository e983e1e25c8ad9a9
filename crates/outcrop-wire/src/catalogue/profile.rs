//! An inference profile: from which regions it is called, and which may process a call.

use super::rows;

/// An inference profile of a model.
#[derive(Debug, PartialEq)]
pub struct ProfileRow {
    /// Its prefix: `global`, `us`, ...
    pub scope: &'static str,
    /// Where this row comes from.
    pub source: &'static str,
    /// First day it holds, ISO date.
    pub since: Option<&'static str>,
    /// Last day it holds, ISO date.
    pub until: Option<&'static str>,
    pub(super) from: &'static [&'static str],
    pub(super) to: &'static [&'static str],
    /// Where the regions come from, and what is uncertain about them.
    pub regions_source: &'static str,
}

impl ProfileRow {
    /// The regions that AWS serves it in: where it can be called.
    #[must_use]
    pub fn source_regions(&self) -> &'static [&'static str] {
        self.from
    }

    /// The regions that may process a call.
    #[must_use]
    pub fn destinations(&self) -> &'static [&'static str] {
        self.to
    }

    /// Whether it can be called from a region. `None` for a region that no row of the catalogue names: AWS opens new ones.
    #[must_use]
    pub fn is_called_from(&self, region: &str) -> Option<bool> {
        match self.from.contains(&region) {
            true => Some(true),
            false => rows::REGIONS.contains(&region).then_some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::Catalogue;
    use crate::model::Model;
    use crate::scope::{Geo, Scope};

    #[test]
    fn a_profile_is_called_from_its_regions() {
        for (model, scope, from, not_from) in [
            (Model::CLAUDE_OPUS_4_6, "us", ["us-west-2", "ca-west-1"], ["us-gov-west-1", "eu-west-1"]),
            (Model::CLAUDE_OPUS_4_5, "us", ["us-west-1", "ca-central-1"], ["ca-west-1", "sa-east-1"]),
            (Model::CLAUDE_SONNET_4, "us", ["us-east-1", "us-west-1"], ["ca-central-1", "us-gov-west-1"]),
            (Model::CLAUDE_SONNET_4, "eu", ["eu-west-1", "il-central-1"], ["eu-west-2", "eu-central-2"]),
            (Model::CLAUDE_SONNET_4_6, "eu", ["eu-west-2", "eu-central-2"], ["il-central-1", "us-east-1"]),
            (Model::CLAUDE_HAIKU_4_5, "jp", ["ap-northeast-1", "ap-northeast-3"], ["ap-northeast-2", "us-east-1"]),
            (Model::CLAUDE_SONNET_4_5, "au", ["ap-southeast-2", "ap-southeast-6"], ["ap-southeast-1", "ap-south-1"]),
            (Model::CLAUDE_OPUS_4_8, "au", ["ap-southeast-2", "ap-southeast-4"], ["ap-southeast-6", "us-east-1"]),
            (Model::CLAUDE_SONNET_4, "apac", ["ap-south-2", "ap-northeast-2"], ["ap-southeast-4", "eu-west-1"]),
            (Model::CLAUDE_OPUS_4_8, "us-gov", ["us-gov-east-1", "us-gov-west-1"], ["us-east-1", "us-west-2"]),
            (Model::CLAUDE_OPUS_4_6, "global", ["mx-central-1", "sa-east-1"], ["us-gov-west-1", "us-gov-east-1"]),
            (Model::CLAUDE_SONNET_4, "global", ["us-east-2", "ap-northeast-1"], ["us-west-1", "eu-central-1"]),
        ] {
            let profile = model.profile(&Scope::of_prefix(scope).expect(scope)).expect(scope);
            assert!(from.iter().all(|region| profile.is_called_from(region) == Some(true)), "{model:?} {scope}");
            assert!(not_from.iter().all(|region| profile.is_called_from(region) == Some(false)), "{model:?} {scope}");
            assert_eq!(
                profile.is_called_from("eu-isoe-west-1"),
                None,
                "nothing is known of a region that no row names"
            );
        }
        assert_eq!(Model::CLAUDE_OPUS_4_5.profile(&Scope::Geo(Geo::Jp)), None);
        assert_eq!(Model::CLAUDE_OPUS_4_5.profile(&Scope::Regional), None);
    }

    #[test]
    fn a_profile_stays_in_its_geography() {
        let us = Model::CLAUDE_SONNET_4_6.profile(&Scope::Geo(Geo::Us)).expect("there is one");
        assert_eq!(us.destinations(), ["us-east-1", "us-east-2", "us-west-2", "ca-central-1", "ca-west-1"]);
        let jp = Model::CLAUDE_SONNET_4_6.profile(&Scope::Geo(Geo::Jp)).expect("there is one");
        assert_eq!(jp.destinations(), ["ap-northeast-1", "ap-northeast-3"]);
        for profile in Catalogue::built_in().models().flat_map(|model| model.row().profiles) {
            let begins: &[&str] = match profile.scope {
                "us" => &["us-east-", "us-west-", "ca-"],
                "us-gov" => &["us-gov-"],
                "eu" => &["eu-"],
                "global" => &["us-east-", "us-west-", "ca-", "eu-", "ap-", "il-", "me-", "af-", "sa-", "mx-"],
                _ => &["ap-"],
            };
            let inside = |region: &&&str| begins.iter().any(|begin| region.starts_with(begin));
            assert!(profile.destinations().iter().all(|region| inside(&region)), "{profile:?}");
            assert!(!profile.destinations().is_empty() && !profile.source_regions().is_empty(), "{profile:?}");
            assert!(!profile.regions_source.is_empty(), "{profile:?}");
        }
    }
}
