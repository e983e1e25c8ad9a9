//! Where a call may be processed.

use std::fmt;

/// Where a call may be processed. A type, not a string prefix.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// Anywhere AWS has the model: the `global.` profile.
    Global,
    /// Within one geography: its profile.
    Geo(Geo),
    /// In the region that was called: the base id.
    Regional,
}

/// A geography that inference profiles stay in.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Geo {
    /// United States and Canada.
    Us,
    /// European Union.
    Eu,
    /// Japan.
    Jp,
    /// Australia and New Zealand.
    Au,
    /// Asia-Pacific.
    Apac,
    /// AWS GovCloud.
    UsGov,
}

/// Prefix of a profile id, and its scope. `us-gov` is a word of its own: splitting is at the first dot.
const PREFIXES: [(&str, Scope); 7] = [
    ("global", Scope::Global),
    ("us", Scope::Geo(Geo::Us)),
    ("eu", Scope::Geo(Geo::Eu)),
    ("jp", Scope::Geo(Geo::Jp)),
    ("au", Scope::Geo(Geo::Au)),
    ("apac", Scope::Geo(Geo::Apac)),
    ("us-gov", Scope::Geo(Geo::UsGov)),
];

/// Regions in which AWS has profiles of a scope, by how their names begin. Single models may be in fewer (AWS user guide,
/// source regions of inference profiles; aws-solutions guidance-for-claude-code, July 2026; AWS model cards, checked
/// 2026-09-09). `global` is in all that are not named by another partition.
const SOURCES: [(&str, &[&str]); 6] = [
    ("us", &["us-east-", "us-west-", "ca-central-", "ca-west-"]),
    ("eu", &["eu-", "il-central-"]),
    ("jp", &["ap-northeast-1", "ap-northeast-3"]),
    ("au", &["ap-southeast-2", "ap-southeast-4", "ap-southeast-6"]),
    ("apac", &["ap-northeast-", "ap-south-", "ap-southeast-"]),
    ("us-gov", &["us-gov-"]),
];

/// Regions of other partitions.
const APART: [&str; 2] = ["us-gov-", "cn-"];

impl Scope {
    /// Whether AWS has profiles of this scope in a region. A base id can be called from anywhere.
    #[must_use]
    pub fn is_called_from(&self, region: &str) -> bool {
        let among = |names: &[&str]| names.iter().any(|name| region.starts_with(name));
        match SOURCES.iter().find(|(prefix, _)| Some(*prefix) == self.prefix()) {
            Some((_, regions)) => among(regions),
            None => *self == Scope::Regional || !among(&APART),
        }
    }

    /// The scope of a prefix (`us`), if it is one.
    #[must_use]
    pub fn of_prefix(prefix: &str) -> Option<Scope> {
        PREFIXES.iter().find(|(known, _)| *known == prefix).map(|(_, scope)| scope.clone())
    }

    /// Splits `us.anthropic.x` into scope and rest.
    #[must_use]
    pub fn split(id: &str) -> Option<(Scope, &str)> {
        let (prefix, rest) = id.split_once('.')?;
        Some((Scope::of_prefix(prefix)?, rest))
    }

    /// The prefix of profile ids; none for a base id.
    #[must_use]
    pub fn prefix(&self) -> Option<&'static str> {
        PREFIXES.iter().find(|(_, scope)| scope == self).map(|(prefix, _)| *prefix)
    }

    /// `global`, `us`, ..., `regional`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.prefix().unwrap_or("regional")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn a_profile_is_called_from_its_geography() {
        for (prefix, from, not_from) in [
            ("us", ["us-west-2", "ca-west-1"], ["us-gov-west-1", "eu-west-1"]),
            ("eu", ["eu-west-1", "il-central-1"], ["us-east-1", "me-south-1"]),
            ("jp", ["ap-northeast-1", "ap-northeast-3"], ["ap-northeast-2", "us-east-1"]),
            ("au", ["ap-southeast-2", "ap-southeast-4"], ["ap-southeast-1", "ap-south-1"]),
            ("apac", ["ap-south-2", "ap-southeast-4"], ["eu-west-1", "us-west-1"]),
            ("us-gov", ["us-gov-east-1", "us-gov-west-1"], ["us-east-1", "us-west-2"]),
            ("global", ["us-east-1", "sa-east-1"], ["us-gov-west-1", "cn-north-1"]),
        ] {
            let scope = Scope::of_prefix(prefix).expect(prefix);
            assert!(from.iter().all(|region| scope.is_called_from(region)), "{prefix}");
            assert!(!not_from.iter().any(|region| scope.is_called_from(region)), "{prefix}");
        }
        assert!(Scope::Regional.is_called_from("us-gov-west-1"));
    }
}
