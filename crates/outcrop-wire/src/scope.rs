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

impl Scope {
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
