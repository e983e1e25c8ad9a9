//! Which regions AWS has, as far as is known here, and which of them is meant by a name that is none of them.

use std::fmt;

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::near::near;
use outcrop_wire::region::OTHER_REGIONS;

use super::partition::partitions;

/// Whether AWS has a region of this name, as far as is known here. Only the case of its own hosts needs it: what listens
/// elsewhere may call its regions as it likes.
///
/// ```
/// use outcrop::endpoint::known_region;
///
/// assert!(known_region("us-east-1").is_ok());
/// let error = known_region("us-esat-1").expect_err("no such region");
/// assert_eq!(error.to_string(), "no AWS region `us-esat-1` is known");
/// assert_eq!(error.hint(), "is it us-east-1?");
/// assert!(error.may_be_new() && !known_region("mars").expect_err("nor this").may_be_new());
/// ```
///
/// # Errors
/// When none is known: it may be a mistake, or newer than this program.
pub fn known_region(name: &str) -> Result<(), UnknownRegion> {
    // Names that stand for a whole partition: STS and IAM have hosts of theirs.
    let mut whole = partitions().iter().filter_map(|partition| partition.global_region);
    match regions().any(|known| known == name) || whole.any(|known| known == name) {
        true => Ok(()),
        false => Err(UnknownRegion { region: name.to_owned() }),
    }
}

/// A name by which no region is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownRegion {
    region: String,
}

impl UnknownRegion {
    /// Whether it is written as regions are, `us-east-1`: then AWS may have opened it.
    #[must_use]
    pub fn may_be_new(&self) -> bool {
        let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let parts: Vec<&str> = self.region.split('-').collect();
        match &parts[..] {
            [area, places @ .., number] if !places.is_empty() => {
                let counted = (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
                (2..=4).contains(&area.len()) && letters(area) && places.iter().all(|place| letters(place)) && counted
            }
            _ => false,
        }
    }

    /// That it is not known, and what may be meant, in one line.
    #[must_use]
    pub fn told(&self) -> String {
        format!("{self}: {}", self.hint())
    }

    /// What may be meant.
    #[must_use]
    pub fn hint(&self) -> String {
        match near(self.region.trim(), regions()) {
            near if near.is_empty() => "regions are written as us-east-1 or eu-central-1".to_owned(),
            near => format!("is it {}?", near.join(" or ")),
        }
    }
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no AWS region `{}` is known", self.region.escape_debug())
    }
}

impl std::error::Error for UnknownRegion {}

fn regions() -> impl Iterator<Item = &'static str> {
    Catalogue::built_in().regions().chain(OTHER_REGIONS.iter().map(|other| other.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_known_may_be_new_or_is_none() {
        for known in ["us-east-1", "us-gov-west-1", "ap-east-1", "eusc-de-east-1", "aws-global"] {
            assert_eq!(known_region(known), Ok(()), "{known}");
        }
        for (name, new, hint) in [
            ("us-esat-1", true, "is it us-east-1?"),
            ("xy-polar-1", true, "regions are written as us-east-1 or eu-central-1"),
            ("us-isog-east-1", true, "is it us-iso-east-1 or us-isob-east-1 or us-isof-east-1?"),
            ("US-EAST-1", false, "is it us-east-1?"),
            (" us-east-1", false, "is it us-east-1?"),
            ("us-east-1a", false, "is it us-east-1?"),
            ("us-east", false, "is it us-east-1 or us-east-2?"),
            ("mars-1", false, "regions are written as us-east-1 or eu-central-1"),
            ("", false, "regions are written as us-east-1 or eu-central-1"),
            ("-east-1", false, "regions are written as us-east-1 or eu-central-1"),
        ] {
            let error = known_region(name).expect_err(name);
            assert_eq!((error.may_be_new(), error.hint().as_str()), (new, hint), "{name}");
        }
    }
}
