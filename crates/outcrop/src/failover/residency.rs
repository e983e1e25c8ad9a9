//! Where requests of a client may be processed: a promise, held when it is built and at every call.

use std::fmt;
use std::str::FromStr;

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::Named;
use outcrop_wire::scope::{Geo, Scope};

/// Where requests may be processed, and nowhere else.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Residency {
    /// Within a geography: its profiles, and base ids in the regions that these may be processed in.
    Geo(Geo),
    /// In these regions: base ids alone.
    Regions(Vec<String>),
}

impl Residency {
    /// Whether calls from a region in this scope stay where they may. An id that says no scope is that of one region, but
    /// for ARNs, of which nobody knows.
    pub(crate) fn holds(&self, region: Option<&str>, named: &Named) -> Result<(), String> {
        let opaque = named.scope.is_none() && named.id.as_str().starts_with("arn:");
        let scope = named.scope.clone().unwrap_or(Scope::Regional);
        if opaque {
            return Err(format!("nothing says where `{}` is processed, and calls are to stay in {self}", named.id));
        }
        self.allows(region, &scope).map_err(|why| format!("`{}` {why}", named.id))
    }

    /// The same of a scope.
    pub(crate) fn allows(&self, region: Option<&str>, scope: &Scope) -> Result<(), String> {
        let leaves = |what: &str| Err(format!("{what}, and calls are to stay in {self}"));
        match (self, scope) {
            (_, Scope::Global) => leaves("may be processed anywhere"),
            (Residency::Geo(geo), Scope::Geo(other)) if geo == other => Ok(()),
            (_, Scope::Geo(other)) => leaves(&format!("is processed in {}", Scope::Geo(other.clone()))),
            (_, Scope::Regional) => match region {
                Some(region) if self.has(region) => Ok(()),
                Some(region) => leaves(&format!("is processed in {region}")),
                None => leaves("is processed in a region that is not known"),
            },
        }
    }

    /// How a model is named that stays there.
    pub(crate) fn hint(&self) -> String {
        match self {
            Residency::Geo(geo) => {
                let scope = Scope::Geo(geo.clone());
                format!(
                    "name the model with a scope that stays there, `{scope}.opus` say, or set that scope (`--scope {scope}`)"
                )
            }
            Residency::Regions(_) => {
                "call the model by its base id: set the scope regional (`--scope regional`)".to_owned()
            }
        }
    }

    fn has(&self, region: &str) -> bool {
        match self {
            // What its profiles may be processed in is what AWS counts to it.
            Residency::Geo(geo) => {
                let scope = Scope::Geo(geo.clone());
                let catalogue = Catalogue::built_in();
                let mut profiles = catalogue.models().filter_map(|model| model.profile(&scope));
                profiles.any(|profile| profile.destinations().contains(&region))
            }
            Residency::Regions(regions) => regions.iter().any(|known| known == region),
        }
    }
}

/// A geography, `eu`; or regions with commas between, `us-east-1,us-west-2`.
impl FromStr for Residency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<Scope>() {
            Ok(Scope::Geo(geo)) => return Ok(Residency::Geo(geo)),
            Ok(scope) => return Err(format!("`{scope}` names no place: a residency is a geography or regions")),
            Err(_) => {}
        }
        let regions = text.split(',').map(|region| match region.trim() {
            // `us-gov` is a geography too, so the number tells a region.
            region if region.contains('-') && region.ends_with(|last: char| last.is_ascii_digit()) => {
                Ok(region.to_owned())
            }
            other => {
                Err(format!("`{other}` is no region; a residency is one geography (us, eu, ...) or a list of regions"))
            }
        });
        regions.collect::<Result<_, _>>().map(Residency::Regions)
    }
}

impl fmt::Display for Residency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Residency::Geo(geo) => write!(f, "geography {}", Scope::Geo(geo.clone())),
            Residency::Regions(regions) => f.write_str(&regions.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop_wire::model::ModelId;

    #[test]
    fn a_residency_is_read_as_it_is_written() {
        let regions = |names: &[&str]| Ok(Residency::Regions(names.iter().map(|name| (*name).to_owned()).collect()));
        assert_eq!("eu".parse(), Ok(Residency::Geo(Geo::Eu)));
        assert_eq!("us-gov".parse(), Ok(Residency::Geo(Geo::UsGov)));
        assert_eq!("us-gov-west-1".parse(), regions(&["us-gov-west-1"]));
        assert_eq!("us-east-1, us-west-2".parse(), regions(&["us-east-1", "us-west-2"]));
        for wrong in ["", "global", "regional", "us,eu", "us-east-1,", "mars", "eu,us-east-1"] {
            assert!(wrong.parse::<Residency>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_leaves_is_told() {
        let catalogue = Catalogue::built_in();
        let eu = Residency::Geo(Geo::Eu);
        let ireland = Residency::Regions(vec!["eu-west-1".to_owned()]);
        let arn = "arn:aws:bedrock:eu-west-1:1:application-inference-profile/ab";
        #[rustfmt::skip] // a row a line
        let cases = [
            (&eu, Some("eu-west-1"), "eu.opus", true),
            (&eu, Some("eu-west-1"), "anthropic.claude-opus-4-6-v1", true),
            (&eu, Some("us-east-1"), "anthropic.claude-opus-4-6-v1", false),
            (&eu, Some("eu-west-1"), "global.anthropic.claude-opus-4-6-v1", false),
            (&eu, Some("us-east-1"), "us.opus", false),
            (&eu, Some("eu-west-1"), arn, false),
            (&ireland, Some("eu-west-1"), "anthropic.claude-nova-9", true),
            (&ireland, Some("eu-central-1"), "anthropic.claude-nova-9", false),
            (&ireland, Some("eu-west-1"), "eu.opus", false),
            (&ireland, None, "anthropic.claude-nova-9", false),
        ];
        for (residency, region, id, holds) in cases {
            let outcome = residency.holds(region, &catalogue.resolve(&ModelId::from(id)));
            assert_eq!(outcome.is_ok(), holds, "{residency} {region:?} {id}: {outcome:?}");
        }
    }
}
