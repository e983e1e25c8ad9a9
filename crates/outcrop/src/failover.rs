//! Failover: where else a call may go when its own target is busy or out of order, and what a client promises never to
//! leave.
//!
//! It is opt-in. Calls go to the client's own region and to the model as it was named; when that answers with a throttle
//! or an error of the service's own (429, 5xx), or is not to be reached, the targets of the list are tried, each at once
//! and once, in their order. Only when all of them were tried is there a pause, by the client's
//! [`Retry`](crate::Retry), and then the next round. Nothing moves once the first event of a stream was handed out, and
//! silence moves nothing: the model may be at work. A target of the list that refuses the request (no access there, no
//! such model) is left out for the rest of the call.
//!
//! The list is the permission: a target without a scope keeps that of the call, so a regional call in a list of regions
//! stays regional, in those regions. [`Residency`] is a promise on top, held against the list when the client is built and
//! against every call.
//!
//! Where a request has cache checkpoints, the target that served it has its beginning in the cache: calls that continue it
//! go there first, for as long as the cache holds.
//!
//! ```
//! use outcrop::failover::{FailoverTarget, Residency};
//! use outcrop::{Client, Geo, Scope};
//!
//! let builder = Client::builder()
//!     .region("eu-west-1")
//!     .residency(Residency::Geo(Geo::Eu))
//!     .failover([
//!         FailoverTarget::region("eu-central-1"),
//!         FailoverTarget::region("eu-north-1").scope(Scope::Geo(Geo::Eu)),
//!     ]);
//! # let _ = builder;
//! ```

mod affinity;
mod residency;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::{ModelId, Named};
use outcrop_wire::scope::{DefaultScope, Scope};
use outcrop_wire::surface::Surface;

pub(crate) use self::affinity::{Affinity, Beginnings};
pub use self::residency::Residency;
use crate::auth::Auth;
use crate::endpoint::is_region;

/// Where else a call may go. What is not said is as the call has it.
#[derive(Clone, Debug, Default)]
pub struct FailoverTarget {
    pub(crate) region: Option<String>,
    pub(crate) scope: Option<DefaultScope>,
    pub(crate) surface: Option<Surface>,
    pub(crate) account: Option<(Arc<str>, Auth)>,
}

impl FailoverTarget {
    /// Another region.
    pub fn region(region: impl Into<String>) -> Self {
        FailoverTarget { region: Some(region.into()), ..FailoverTarget::default() }
    }

    /// The client's own region: with another scope, surface or account.
    #[must_use]
    pub fn here() -> Self {
        FailoverTarget::default()
    }

    /// Another scope: the model's profile for it, with `Regional` its base id, with [`DefaultScope::Geography`] the profile
    /// of the geography of the target's region. Until set: that of the call.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<DefaultScope>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Another way in. Until set: that of the call, or the one that has what the call needs.
    #[must_use]
    pub fn surface(mut self, surface: Surface) -> Self {
        self.surface = Some(surface);
        self
    }

    /// Another account, under a name for it that attempts are told by.
    #[must_use]
    pub fn account(mut self, name: impl Into<Arc<str>>, auth: impl Into<Auth>) -> Self {
        self.account = Some((name.into(), auth.into()));
        self
    }

    /// The account of another AWS profile.
    #[must_use]
    pub fn profile(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.account(name.as_str(), Auth::Profile(name.clone()))
    }

    /// What a model of a call is called here; none where its id has no scope to change.
    pub(crate) fn model(&self, named: &Named, region: Option<&str>) -> Option<Named> {
        let scope = match &self.scope {
            None => return Some(named.clone()),
            Some(DefaultScope::Only(scope)) => scope.clone(),
            Some(default) => {
                let bare = ModelId::from(named.model?.name());
                Catalogue::built_in().resolve_from(&bare, region, Some(default)).scope?
            }
        };
        if named.scope.as_ref() == Some(&scope) {
            return Some(named.clone());
        }
        let text = named.id.as_str();
        if text.starts_with("arn:") {
            return None;
        }
        let id = match named.model {
            Some(model) => model.id(&scope),
            None => {
                let (_, rest) = Scope::split(text)?;
                scope.prefix().map_or_else(|| ModelId::from(rest), |prefix| ModelId::from(format!("{prefix}.{rest}")))
            }
        };
        Some(Named { id, model: named.model, scope: Some(scope), renamed: true })
    }
}

/// `us-west-2`, `eu-west-1:eu`, `us-east-1:regional@backup`, `:global`: region, scope, AWS profile.
impl FromStr for FailoverTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (place, profile) = match text.split_once('@') {
            Some((_, "")) => return Err(format!("`{text}` names no AWS profile behind the `@`")),
            Some((place, profile)) => (place, Some(profile)),
            None => (text, None),
        };
        let (region, scope) = match place.split_once(':') {
            Some((region, scope)) => (region, Some(scope)),
            None => (place, None),
        };
        let mut target = match region {
            "" => FailoverTarget::here(),
            region if !is_region(region) => {
                return Err(format!("`{region}` is no region: those are made of 1 to 63 of a-z, 0-9 and inner `-`"));
            }
            region => FailoverTarget::region(region),
        };
        if let Some(scope) = scope {
            target = target.scope(scope.parse::<DefaultScope>().map_err(|error| error.to_string())?);
        }
        match profile {
            Some(profile) => Ok(target.profile(profile)),
            None if region.is_empty() && scope.is_none() => Err("a target names a region, a scope or both".to_owned()),
            None => Ok(target),
        }
    }
}

impl fmt::Display for FailoverTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.region.as_deref().unwrap_or("the same region"))?;
        if let Some(scope) = &self.scope {
            write!(f, ", scope {scope}")?;
        }
        if let Some(surface) = self.surface {
            write!(f, ", surface {surface}")?;
        }
        match &self.account {
            Some((name, _)) => write!(f, ", account {name}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_typed_in_a_few_letters() {
        let shown = |text: &str| text.parse::<FailoverTarget>().map(|target| target.to_string());
        assert_eq!(shown("us-west-2").as_deref(), Ok("us-west-2"));
        assert_eq!(shown("eu-west-1:eu@backup").as_deref(), Ok("eu-west-1, scope eu, account backup"));
        assert_eq!(shown(":regional").as_deref(), Ok("the same region, scope regional"));
        assert_eq!(shown("us-west-2:geo").as_deref(), Ok("us-west-2, scope geo"));
        for wrong in ["us west 2", "US-west-2", "", "us-west-2:mars", "us-west-2@", ":"] {
            assert!(shown(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_scope_changes_the_id_where_the_id_has_one() {
        let catalogue = Catalogue::built_in();
        let other = FailoverTarget::region("eu-west-1").scope(Scope::Regional);
        let id = |text: &str| {
            other.model(&catalogue.resolve(&ModelId::from(text)), None).map(|named| named.id.as_str().to_owned())
        };
        assert_eq!(id("opus").as_deref(), Some("anthropic.claude-opus-4-6-v1"));
        let near = FailoverTarget::region("eu-west-1").scope(DefaultScope::Geography);
        let named = near.model(&catalogue.resolve(&ModelId::from("us.opus")), Some("eu-west-1"));
        assert_eq!(named.expect("a scope").id.as_str(), "eu.anthropic.claude-opus-4-6-v1");
        assert_eq!(id("us.anthropic.claude-nova-9").as_deref(), Some("anthropic.claude-nova-9"));
        assert_eq!(id("arn:aws:bedrock:us-east-1:1:application-inference-profile/ab"), None);
    }
}
