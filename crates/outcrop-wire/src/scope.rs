//! Where a call may be processed.

use std::fmt;
use std::str::FromStr;

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

/// Which scope a name gets that says none.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum DefaultScope {
    /// This one.
    Only(Scope),
    /// The geography of the region that is called: `us.` from us-east-1, `jp.` from ap-northeast-1.
    Geography,
}

/// What is meant to be a scope and is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownScope(String);

impl Scope {
    /// Every scope, the widest first.
    pub fn all() -> impl Iterator<Item = Scope> {
        PREFIXES.iter().map(|(_, scope)| scope.clone()).chain([Scope::Regional])
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

/// `global`, `us`, ..., `regional`, as [`Scope::as_str`] writes them.
impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Scope::all().find(|scope| scope.as_str() == text).ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

impl DefaultScope {
    /// The name of a scope, or `geo`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            DefaultScope::Only(scope) => scope.as_str(),
            DefaultScope::Geography => "geo",
        }
    }
}

impl From<Scope> for DefaultScope {
    fn from(scope: Scope) -> Self {
        DefaultScope::Only(scope)
    }
}

/// A [`Scope`], or `geo`.
impl FromStr for DefaultScope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        match text {
            "geo" => Ok(DefaultScope::Geography),
            _ => text.parse().map(DefaultScope::Only),
        }
    }
}

impl fmt::Display for DefaultScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Scope::all().map(|scope| scope.as_str()).collect();
        write!(f, "`{}` is no scope; there are {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownScope {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for scope in Scope::all() {
            assert_eq!(scope.to_string().parse(), Ok(scope.clone()));
            assert_eq!(scope.to_string().parse(), Ok(DefaultScope::Only(scope)));
        }
        assert_eq!(DefaultScope::Geography.to_string().parse(), Ok(DefaultScope::Geography));
        let error = "mars".parse::<Scope>().expect_err("no scope");
        assert_eq!(error.to_string(), "`mars` is no scope; there are global, us, eu, jp, au, apac, us-gov, regional");
    }
}
