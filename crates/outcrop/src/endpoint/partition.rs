//! The partitions of AWS: which domain a region's hosts are in, and what kinds of hosts there are.

/// A part of AWS with its own accounts, regions and domain.
#[derive(Debug, Eq, PartialEq)]
pub struct Partition {
    /// As ARNs name it: `aws`, `aws-cn`.
    pub id: &'static str,
    /// The domain of its hosts.
    pub dns_suffix: &'static str,
    /// The domain of its hosts that have IPv6 addresses as well.
    pub dual_stack_dns_suffix: &'static str,
    /// Whether it has FIPS 140 hosts.
    pub supports_fips: bool,
    /// Whether it has dual-stack hosts.
    pub supports_dual_stack: bool,
    /// Its regions are PREFIX-word-number.
    pub(super) region_prefixes: &'static [&'static str],
    /// A name that stands for the partition as a whole.
    pub(super) global_region: Option<&'static str>,
}

/// The partition of a region. One that fits none is taken for one of `aws`, as AWS's own rule `aws.partition` does, so
/// that a new region works before this table knows it.
pub fn partition(region: &str) -> &'static Partition {
    PARTITIONS.iter().find(|partition| partition.has(region)).unwrap_or(&PARTITIONS[0])
}

/// All of them.
pub(super) fn partitions() -> &'static [Partition] {
    &PARTITIONS
}

/// The partitions of AWS (botocore 1.44.5, `data/partitions.json`), in its order: the first that fits counts, and the
/// first of all is the one for regions that fit none.
static PARTITIONS: [Partition; 8] = [
    Partition {
        id: "aws",
        dns_suffix: "amazonaws.com",
        dual_stack_dns_suffix: "api.aws",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
        global_region: Some("aws-global"),
    },
    Partition {
        id: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        dual_stack_dns_suffix: "api.amazonwebservices.com.cn",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["cn"],
        global_region: Some("aws-cn-global"),
    },
    Partition {
        id: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        dual_stack_dns_suffix: "api.amazonwebservices.eu",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["eusc-de"],
        global_region: None,
    },
    Partition {
        id: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        dual_stack_dns_suffix: "api.aws.ic.gov",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["us-iso"],
        global_region: Some("aws-iso-global"),
    },
    Partition {
        id: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        dual_stack_dns_suffix: "api.aws.scloud",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["us-isob"],
        global_region: Some("aws-iso-b-global"),
    },
    Partition {
        id: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        dual_stack_dns_suffix: "api.cloud-aws.adc-e.uk",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["eu-isoe"],
        global_region: Some("aws-iso-e-global"),
    },
    Partition {
        id: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        dual_stack_dns_suffix: "api.aws.hci.ic.gov",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["us-isof"],
        global_region: Some("aws-iso-f-global"),
    },
    Partition {
        id: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        dual_stack_dns_suffix: "api.aws",
        supports_fips: true,
        supports_dual_stack: true,
        region_prefixes: &["us-gov"],
        global_region: Some("aws-us-gov-global"),
    },
];

impl Partition {
    /// The file's patterns, as `^us\-gov\-\w+\-\d+$`, without an engine for them.
    fn has(&self, region: &str) -> bool {
        let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        let number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let fits = |prefix: &&str| {
            let rest = region.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
            let parts = rest.and_then(|rest| rest.split_once('-'));
            parts.is_some_and(|(name, count)| word(name) && number(count))
        };
        self.global_region == Some(region) || self.region_prefixes.iter().any(fits)
    }
}
