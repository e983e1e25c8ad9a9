//! AWS's regions: those of the catalogue, which have Claude, and those that no row of it names.

use crate::catalogue::Catalogue;

/// A region without Claude, as far as is known.
#[derive(Clone, Copy, Debug)]
pub struct OtherRegion {
    /// `cn-north-1`
    pub name: &'static str,
    /// Whether Bedrock is there, with other models.
    pub has_bedrock: bool,
}

/// The regions that no row of the catalogue names (botocore 1.44.5: `data/partitions.json`, and `data/endpoints.json` for
/// where Bedrock is).
#[rustfmt::skip]
pub static OTHER_REGIONS: [OtherRegion; 13] = [
    OtherRegion { name: "ap-east-1",       has_bedrock: false },
    OtherRegion { name: "cn-north-1",      has_bedrock: false },
    OtherRegion { name: "cn-northwest-1",  has_bedrock: false },
    OtherRegion { name: "eu-isoe-west-1",  has_bedrock: false },
    OtherRegion { name: "eusc-de-east-1",  has_bedrock: true },
    OtherRegion { name: "me-west-1",       has_bedrock: false },
    OtherRegion { name: "sa-west-1",       has_bedrock: false },
    OtherRegion { name: "us-iso-east-1",   has_bedrock: true },
    OtherRegion { name: "us-iso-west-1",   has_bedrock: false },
    OtherRegion { name: "us-isob-east-1",  has_bedrock: true },
    OtherRegion { name: "us-isob-west-1",  has_bedrock: false },
    OtherRegion { name: "us-isof-east-1",  has_bedrock: true },
    OtherRegion { name: "us-isof-south-1", has_bedrock: true },
];

/// Whether it is a region of AWS, as far as is known. AWS opens new ones.
#[must_use]
pub fn exists(catalogue: &Catalogue, region: &str) -> bool {
    catalogue.knows_region(region) || OTHER_REGIONS.iter().any(|other| other.name == region)
}

/// Whether Bedrock is there, as far as is known.
///
/// ```
/// # use outcrop_wire::{catalogue::Catalogue, region};
/// let catalogue = Catalogue::built_in();
/// assert!(region::has_bedrock(&catalogue, "eu-west-1") && region::has_bedrock(&catalogue, "eusc-de-east-1"));
/// assert!(region::exists(&catalogue, "cn-north-1") && !region::has_bedrock(&catalogue, "cn-north-1"));
/// assert!(!region::exists(&catalogue, "mars-1"));
/// ```
#[must_use]
pub fn has_bedrock(catalogue: &Catalogue, region: &str) -> bool {
    catalogue.knows_region(region) || OTHER_REGIONS.iter().any(|other| other.name == region && other.has_bedrock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_region_is_told_twice() {
        let catalogue = Catalogue::built_in();
        assert!(OTHER_REGIONS.is_sorted_by(|a, b| a.name < b.name));
        assert!(OTHER_REGIONS.iter().all(|other| !catalogue.knows_region(other.name)), "the catalogue has it by now");
    }
}
