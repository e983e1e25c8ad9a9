//! Which host a call goes to: partitions, FIPS, dual stack, and overrides.
//!
//! The rules are the endpoint rule sets of botocore 1.44.5 for `bedrock-runtime`, `bedrock` and `sts`; Mantle, which
//! has none, goes where Anthropic's own clients send it. A region is checked before it becomes part of a host, so it
//! can never change the host, and no error shows a URL, which may hold a password.

use std::fmt;
use std::net::Ipv6Addr;

/// A service that calls are sent to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Service {
    /// `bedrock-runtime`: InvokeModel, Converse, CountTokens.
    Runtime,
    /// `bedrock`: models, inference profiles, logging, jobs.
    Control,
    /// `bedrock-mantle`: the Messages API as Anthropic speaks it.
    Mantle,
    /// `sts`: who the caller is.
    Sts,
}

impl Service {
    /// The first label of its hosts.
    pub fn host_prefix(self) -> &'static str {
        self.row().host_prefix
    }

    /// Its key in a `services` section of `~/.aws/config`, as botocore forms it from the service id.
    pub fn service_id_key(self) -> &'static str {
        self.row().service_id_key
    }

    /// The variable that sets the endpoint of this service alone. That of Mantle follows the rule of the others; no
    /// AWS client is known to read it.
    pub fn endpoint_variable(self) -> &'static str {
        self.row().endpoint_variable
    }

    /// The variable of Anthropic's own clients; the control plane and STS have none.
    pub fn base_url_variable(self) -> Option<&'static str> {
        self.row().base_url_variable
    }

    fn row(self) -> &'static ServiceRow {
        match self {
            Self::Runtime => &RUNTIME,
            Self::Control => &CONTROL,
            Self::Mantle => &MANTLE,
            Self::Sts => &STS,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().name)
    }
}

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
    region_prefixes: &'static [&'static str],
    /// A name that stands for the partition as a whole.
    global_region: Option<&'static str>,
}

/// The partition of a region. One that fits none is taken for one of `aws`, as AWS's own rule `aws.partition` does, so
/// that a new region works before this table knows it.
pub fn partition(region: &str) -> &'static Partition {
    PARTITIONS
        .iter()
        .find(|partition| partition.has(region))
        .unwrap_or(&PARTITIONS[0])
}

/// The URL of a service where nothing overrides it: `https://bedrock-runtime.us-west-2.amazonaws.com`.
///
/// # Errors
///
/// An empty region; one that is not a host label; FIPS or dual stack where the partition has none. Mantle has no FIPS
/// host that is known, and its host is always the dual-stack one.
pub fn default_url(service: Service, region: &str, fips: bool, dual_stack: bool) -> Result<String, EndpointError> {
    check_region(service, region)?;
    template(service, partition(region), region, fips, dual_stack)
}

/// Where an endpoint may come from besides the template. Empty strings count as absent.
///
/// `Debug` tells which are set, not what to: an unchecked URL may hold a password.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Overrides {
    /// Set in code or on the command line.
    pub explicit: Option<String>,
    /// The variable [`Service::base_url_variable`] names; not looked at for a service that has none.
    pub anthropic_base_url: Option<String>,
    /// The variable [`Service::endpoint_variable`] names.
    pub service_url: Option<String>,
    /// `AWS_ENDPOINT_URL`.
    pub global_url: Option<String>,
    /// What the AWS profile sets for the service.
    pub profile_url: Option<String>,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true`: the three above do not count.
    pub ignore_configured: bool,
}

impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overrides")
            .field("explicit", &self.explicit.is_some())
            .field("anthropic_base_url", &self.anthropic_base_url.is_some())
            .field("service_url", &self.service_url.is_some())
            .field("global_url", &self.global_url.is_some())
            .field("profile_url", &self.profile_url.is_some())
            .field("ignore_configured", &self.ignore_configured)
            .finish()
    }
}

/// Decides where the calls of a service go: the first override that is set, in the order of the fields of
/// [`Overrides`], else [`default_url`]. An override needs no region.
///
/// # Errors
///
/// An override together with FIPS or dual stack, which AWS's rules refuse; an override that is no usable URL; a region
/// that is not a host label; and what [`default_url`] refuses.
pub fn resolve(
    service: Service,
    region: Option<&str>,
    fips: bool,
    dual_stack: bool,
    overrides: &Overrides,
) -> Result<Endpoint, EndpointError> {
    let region = region.filter(|region| !region.is_empty());
    if let Some(region) = region {
        check_region(service, region)?;
    }
    if let Some((url, source)) = first_override(service, overrides) {
        return match (fips, dual_stack) {
            (true, _) => Err(EndpointError::CustomFips { from: source }),
            (_, true) => Err(EndpointError::CustomDualStack { from: source }),
            _ => Endpoint::parse(url, source),
        };
    }
    let url = default_url(service, region.unwrap_or_default(), fips, dual_stack)?;
    Endpoint::parse(&url, Source::Template)
}

/// A checked place to send calls to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// How to connect.
    pub scheme: Scheme,
    /// Host in lower case, and port unless it is the scheme's own: what `Host` says and the signature covers.
    pub authority: String,
    /// What every path begins with: empty, or as `/bedrock`, without a slash at the end.
    pub path_prefix: String,
    /// Which rule decided.
    pub source: Source,
}

impl Endpoint {
    /// Reads a URL; whitespace around it and slashes at its end do not count.
    ///
    /// # Errors
    ///
    /// A scheme other than http and https; a missing or impossible host or port; a user name, password, query or
    /// fragment; a path with `.` or `..` segments or with characters that a URL does not allow.
    pub fn parse(url: &str, source: Source) -> Result<Self, EndpointError> {
        Self::read(url.trim(), source).map_err(|what| EndpointError::BadUrl { from: source, what })
    }

    /// The URL of a path, which is taken as it stands on the wire; an empty one gives the endpoint's own URL.
    pub fn url(&self, path: &str) -> String {
        let slash = if path.is_empty() || path.starts_with('/') {
            ""
        } else {
            "/"
        };
        format!("{}://{}{}{slash}{path}", self.scheme, self.authority, self.path_prefix)
    }

    fn read(url: &str, source: Source) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").ok_or(NO_SCHEME)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(NO_SCHEME),
        };
        // Some readers take a backslash for a slash; here it ends the host as well, and then fails as part of the path.
        let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err("it has a user name or password before the host");
        }
        if path.contains('?') {
            return Err("it has a query");
        }
        if path.contains('#') {
            return Err("it has a fragment");
        }
        let (host, port) = read_authority(authority)?;
        let path_prefix = path.trim_end_matches('/').to_owned();
        check_path(&path_prefix)?;
        // Clients leave the scheme's own port out of `Host`, so the signature has to as well.
        let authority = match port.filter(|port| *port != scheme.port()) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        Ok(Self {
            scheme,
            authority,
            path_prefix,
            source,
        })
    }
}

/// How to connect.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

impl Scheme {
    /// The port where none is written.
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// Which rule decided on an endpoint.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Source {
    /// Code or the command line.
    Explicit,
    /// The environment variable of this name.
    Variable(&'static str),
    /// The AWS profile, or the `services` section it names.
    Profile,
    /// AWS's template for service, region and partition.
    Template,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Explicit => "the caller",
            Self::Variable(name) => name,
            Self::Profile => "the AWS profile",
            Self::Template => "the region's template",
        })
    }
}

/// Why there is no endpoint.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Neither a region nor an override is set.
    #[error("cannot choose a host for {service}: no region is set")]
    MissingRegion {
        /// The service to call.
        service: Service,
    },
    /// The region cannot be part of a host.
    #[error("cannot choose a host for {service}: region {region:?} is not made of 1 to 63 of a-z, 0-9 and inner `-`")]
    BadRegion {
        /// The service to call.
        service: Service,
        /// What was given.
        region: String,
    },
    /// FIPS where there is no FIPS host.
    #[error("cannot choose a host for {service}: there is no FIPS endpoint in partition {partition}")]
    NoFips {
        /// The service to call.
        service: Service,
        /// [`Partition::id`].
        partition: &'static str,
    },
    /// Dual stack where there is no dual-stack host.
    #[error("cannot choose a host for {service}: there is no dual-stack endpoint in partition {partition}")]
    NoDualStack {
        /// The service to call.
        service: Service,
        /// [`Partition::id`].
        partition: &'static str,
    },
    /// An override together with FIPS. AWS's rules refuse it, as nothing tells whether that host complies.
    #[error("cannot use the endpoint from {from}: FIPS and a custom endpoint do not go together")]
    CustomFips {
        /// Where the override is set.
        from: Source,
    },
    /// An override together with dual stack, which AWS's rules refuse.
    #[error("cannot use the endpoint from {from}: dual stack and a custom endpoint do not go together")]
    CustomDualStack {
        /// Where the override is set.
        from: Source,
    },
    /// An override that is no usable URL.
    #[error("cannot use the endpoint from {from}: {what}")]
    BadUrl {
        /// Where the override is set.
        from: Source,
        /// What is wrong, without any part of the URL.
        what: &'static str,
    },
}

const NO_SCHEME: &str = "it does not begin with http:// or https://";
const GLOBAL_VARIABLE: &str = "AWS_ENDPOINT_URL";

struct ServiceRow {
    name: &'static str,
    host_prefix: &'static str,
    service_id_key: &'static str,
    endpoint_variable: &'static str,
    base_url_variable: Option<&'static str>,
}

const RUNTIME: ServiceRow = ServiceRow {
    name: "Bedrock Runtime",
    host_prefix: "bedrock-runtime",
    service_id_key: "bedrock_runtime",
    endpoint_variable: "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    base_url_variable: Some("ANTHROPIC_BEDROCK_BASE_URL"),
};

const CONTROL: ServiceRow = ServiceRow {
    name: "Bedrock",
    host_prefix: "bedrock",
    service_id_key: "bedrock",
    endpoint_variable: "AWS_ENDPOINT_URL_BEDROCK",
    base_url_variable: None,
};

const MANTLE: ServiceRow = ServiceRow {
    name: "Bedrock Mantle",
    host_prefix: "bedrock-mantle",
    service_id_key: "bedrock_mantle",
    endpoint_variable: "AWS_ENDPOINT_URL_BEDROCK_MANTLE",
    base_url_variable: Some("ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
};

const STS: ServiceRow = ServiceRow {
    name: "STS",
    host_prefix: "sts",
    service_id_key: "sts",
    endpoint_variable: "AWS_ENDPOINT_URL_STS",
    base_url_variable: None,
};

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

fn check_region(service: Service, region: &str) -> Result<(), EndpointError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.is_empty() {
        return Err(EndpointError::MissingRegion { service });
    }
    if region.len() > 63 || region.starts_with('-') || region.ends_with('-') || !region.chars().all(allowed) {
        let region = region.to_owned();
        return Err(EndpointError::BadRegion { service, region });
    }
    Ok(())
}

fn template(
    service: Service,
    partition: &Partition,
    region: &str,
    fips: bool,
    dual_stack: bool,
) -> Result<String, EndpointError> {
    let (prefix, partition_id) = (service.host_prefix(), partition.id);
    if fips && (!partition.supports_fips || service == Service::Mantle) {
        return Err(EndpointError::NoFips {
            service,
            partition: partition_id,
        });
    }
    if dual_stack && !partition.supports_dual_stack {
        return Err(EndpointError::NoDualStack {
            service,
            partition: partition_id,
        });
    }
    let plain = !dual_stack && !fips;
    Ok(match service {
        Service::Mantle => format!("https://{prefix}.{region}.api.aws"),
        Service::Sts if plain && region == "aws-global" => "https://sts.amazonaws.com".to_owned(),
        // GovCloud's plain STS host is its FIPS host.
        Service::Sts if !dual_stack && partition_id == "aws-us-gov" => {
            format!("https://{prefix}.{region}.{}", partition.dns_suffix)
        }
        _ => {
            let mark = if fips { "-fips" } else { "" };
            let suffix = if dual_stack {
                partition.dual_stack_dns_suffix
            } else {
                partition.dns_suffix
            };
            format!("https://{prefix}{mark}.{region}.{suffix}")
        }
    })
}

fn first_override(service: Service, overrides: &Overrides) -> Option<(&str, Source)> {
    let base_url = service
        .base_url_variable()
        .map(|name| (&overrides.anthropic_base_url, Source::Variable(name)));
    let configured = |url, source| (!overrides.ignore_configured).then_some((url, source));
    let rows = [
        Some((&overrides.explicit, Source::Explicit)),
        base_url,
        configured(&overrides.service_url, Source::Variable(service.endpoint_variable())),
        configured(&overrides.global_url, Source::Variable(GLOBAL_VARIABLE)),
        configured(&overrides.profile_url, Source::Profile),
    ];
    let mut set = rows
        .into_iter()
        .flatten()
        .filter_map(|(url, source)| Some((url.as_deref()?.trim(), source)));
    set.find(|(url, _)| !url.is_empty())
}

/// Host in lower case, and port.
fn read_authority(authority: &str) -> Result<(String, Option<u16>), &'static str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']').ok_or("its IPv6 address has no closing bracket")?;
            let address: Ipv6Addr = address.parse().map_err(|_| "its IPv6 address is not one")?;
            let port = match after.strip_prefix(':') {
                None if !after.is_empty() => return Err("it has something other than a port after its IPv6 address"),
                port => port,
            };
            (format!("[{address}]"), port)
        }
        None => {
            let (host, port) = match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            };
            check_host(host)?;
            (host.to_ascii_lowercase(), port)
        }
    };
    let Some(port) = port else {
        return Ok((host, None));
    };
    let number = Some(port)
        .filter(|port| port.chars().all(|c| c.is_ascii_digit()))
        .and_then(|port| port.parse().ok());
    let number = number
        .filter(|number| *number != 0)
        .ok_or("its port is not a number from 1 to 65535")?;
    Ok((host, Some(number)))
}

fn check_host(host: &str) -> Result<(), &'static str> {
    // Underscores are no part of host names, but networks of containers use them.
    let label = |label: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len()) && label.chars().all(allowed)
    };
    match host {
        "" => Err("it has no host (an IPv6 address needs brackets)"),
        _ if host.len() > 253 => Err("its host is longer than 253 characters"),
        _ if !host.split('.').all(label) => Err("its host is not made of labels of a-z, 0-9, `-` and `_`"),
        _ => Ok(()),
    }
}

fn check_path(path: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(c);
    let hex = |escape: &str| {
        escape
            .get(..2)
            .is_some_and(|pair| pair.chars().all(|c| c.is_ascii_hexdigit()))
    };
    if !path.chars().all(allowed) || !path.split('%').skip(1).all(hex) {
        return Err("its path has a character that a URL does not allow");
    }
    // Proxies and signatures disagree on what such a path is.
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return Err("its path has a `.` or `..` segment");
    }
    Ok(())
}

#[cfg(test)]
#[allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests panic to fail, and the corpus test reports"
)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::{Path, PathBuf};

    const ALL: [Service; 4] = [Service::Runtime, Service::Control, Service::Mantle, Service::Sts];

    #[test]
    fn default_urls_follow_service_and_partition() {
        #[rustfmt::skip] // a row a line
        let cases = [
            (Service::Runtime, "us-west-2", false, false, "bedrock-runtime.us-west-2.amazonaws.com"),
            (Service::Runtime, "us-west-2", true, false, "bedrock-runtime-fips.us-west-2.amazonaws.com"),
            (Service::Runtime, "us-west-2", false, true, "bedrock-runtime.us-west-2.api.aws"),
            (Service::Runtime, "us-west-2", true, true, "bedrock-runtime-fips.us-west-2.api.aws"),
            (Service::Control, "eusc-de-east-1", false, false, "bedrock.eusc-de-east-1.amazonaws.eu"),
            (Service::Control, "us-gov-west-1", true, false, "bedrock-fips.us-gov-west-1.amazonaws.com"),
            (Service::Control, "cn-north-1", false, true, "bedrock.cn-north-1.api.amazonwebservices.com.cn"),
            (Service::Control, "new-region-9", false, false, "bedrock.new-region-9.amazonaws.com"),
            (Service::Mantle, "eu-west-1", false, false, "bedrock-mantle.eu-west-1.api.aws"),
            (Service::Mantle, "eu-west-1", false, true, "bedrock-mantle.eu-west-1.api.aws"),
            (Service::Sts, "eu-west-1", false, false, "sts.eu-west-1.amazonaws.com"),
            (Service::Sts, "eu-west-1", true, false, "sts-fips.eu-west-1.amazonaws.com"),
            (Service::Sts, "aws-global", false, false, "sts.amazonaws.com"),
            (Service::Sts, "aws-global", true, false, "sts-fips.aws-global.amazonaws.com"),
            (Service::Sts, "us-gov-west-1", true, false, "sts.us-gov-west-1.amazonaws.com"),
            (Service::Sts, "us-gov-west-1", true, true, "sts-fips.us-gov-west-1.api.aws"),
        ];
        for (service, region, fips, dual_stack, host) in cases {
            assert_eq!(
                default_url(service, region, fips, dual_stack),
                Ok(format!("https://{host}"))
            );
        }
    }

    #[test]
    fn regions_belong_to_partitions() {
        #[rustfmt::skip] // a row a line
        let cases = [
            ("us-east-1", "aws"),
            ("ap-southeast-7", "aws"),
            ("mx-central-1", "aws"),
            ("aws-global", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("aws-cn-global", "aws-cn"),
            ("us-gov-east-1", "aws-us-gov"),
            ("us-iso-west-1", "aws-iso"),
            ("us-isob-west-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("eusc-de-east-1", "aws-eusc"),
            // No pattern fits these.
            ("eusc-fr-east-1", "aws"),
            ("us-gov-east", "aws"),
            ("cn-north-1a", "aws"),
            ("cn--1", "aws"),
            ("cnx-north-1", "aws"),
            ("cn", "aws"),
        ];
        for (region, id) in cases {
            assert_eq!(partition(region).id, id, "{region}");
        }
    }

    #[test]
    fn regions_cannot_change_the_host() {
        let long = "a".repeat(64);
        let bad = [
            "evil.com/",
            "us-east-1.evil.com",
            "a@b",
            "a:1",
            "a#",
            "a?",
            "US-EAST-1",
            "-a",
            "a-",
            "a b",
            "a\n",
            "\u{e9}",
        ];
        for region in bad.into_iter().chain([long.as_str()]) {
            for service in ALL {
                let error = EndpointError::BadRegion {
                    service,
                    region: region.to_owned(),
                };
                assert_eq!(default_url(service, region, false, false), Err(error.clone()));
                let overrides = Overrides {
                    explicit: Some("https://h".to_owned()),
                    ..Overrides::default()
                };
                assert_eq!(resolve(service, Some(region), false, false, &overrides), Err(error));
            }
        }
        assert_eq!(
            default_url(Service::Sts, "A", false, false).unwrap_err().to_string(),
            "cannot choose a host for STS: region \"A\" is not made of 1 to 63 of a-z, 0-9 and inner `-`"
        );
        assert!(default_url(Service::Runtime, &long[..63], false, false).is_ok());
    }

    #[test]
    fn unsupported_wishes_are_refused() {
        let bare = Partition {
            id: "bare",
            dns_suffix: "bare",
            dual_stack_dns_suffix: "bare",
            supports_fips: false,
            supports_dual_stack: false,
            region_prefixes: &[],
            global_region: None,
        };
        let (service, partition) = (Service::Runtime, "bare");
        assert_eq!(
            template(service, &bare, "r", true, false),
            Err(EndpointError::NoFips { service, partition })
        );
        assert_eq!(
            template(service, &bare, "r", false, true),
            Err(EndpointError::NoDualStack { service, partition })
        );
        assert_eq!(
            template(service, &bare, "r", false, false).unwrap(),
            "https://bedrock-runtime.r.bare"
        );
        assert_eq!(
            default_url(Service::Mantle, "us-east-1", true, false)
                .unwrap_err()
                .to_string(),
            "cannot choose a host for Bedrock Mantle: there is no FIPS endpoint in partition aws"
        );
        for region in [None, Some("")] {
            let error = resolve(service, region, false, false, &Overrides::default()).unwrap_err();
            assert_eq!(error, EndpointError::MissingRegion { service });
        }
    }

    #[test]
    fn overrides_have_an_order() {
        let url = |host: &str| Some(format!("https://{host}"));
        let mut overrides = Overrides {
            explicit: url("explicit"),
            anthropic_base_url: url("anthropic"),
            service_url: url("service"),
            global_url: url("global"),
            profile_url: url("profile"),
            ignore_configured: false,
        };
        let chosen = |service, overrides: &Overrides| {
            let endpoint = resolve(service, Some("us-east-1"), false, false, overrides).unwrap();
            (endpoint.authority, endpoint.source)
        };
        let runtime = |overrides: &Overrides| chosen(Service::Runtime, overrides);
        assert_eq!(runtime(&overrides), ("explicit".to_owned(), Source::Explicit));
        overrides.explicit = Some(String::new());
        let anthropic = ("anthropic".to_owned(), Source::Variable("ANTHROPIC_BEDROCK_BASE_URL"));
        assert_eq!(runtime(&overrides), anthropic);
        assert_eq!(
            chosen(Service::Mantle, &overrides).1,
            Source::Variable("ANTHROPIC_BEDROCK_MANTLE_BASE_URL")
        );
        assert_eq!(
            chosen(Service::Control, &overrides).1,
            Source::Variable("AWS_ENDPOINT_URL_BEDROCK")
        );
        overrides.ignore_configured = true;
        assert_eq!(runtime(&overrides), anthropic);
        overrides.anthropic_base_url = Some(" ".to_owned());
        assert_eq!(
            runtime(&overrides),
            ("bedrock-runtime.us-east-1.amazonaws.com".to_owned(), Source::Template)
        );
        overrides.ignore_configured = false;
        let service = (
            "service".to_owned(),
            Source::Variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
        );
        assert_eq!(runtime(&overrides), service);
        overrides.service_url = None;
        assert_eq!(
            runtime(&overrides),
            ("global".to_owned(), Source::Variable("AWS_ENDPOINT_URL"))
        );
        overrides.global_url = None;
        assert_eq!(runtime(&overrides), ("profile".to_owned(), Source::Profile));
        assert!(resolve(Service::Runtime, None, false, false, &overrides).is_ok());
        assert_eq!(
            resolve(Service::Runtime, None, true, true, &overrides)
                .unwrap_err()
                .to_string(),
            "cannot use the endpoint from the AWS profile: FIPS and a custom endpoint do not go together"
        );
        overrides.profile_url = None;
        assert_eq!(runtime(&overrides).1, Source::Template);
    }

    #[test]
    fn urls_are_read() {
        #[rustfmt::skip] // a row a line
        let cases = [
            ("https://example.com", "https", "example.com", ""),
            ("HTTPS://Example.COM:443/", "https", "example.com", ""),
            ("http://example.com:80//", "http", "example.com", ""),
            ("http://example.com:443/Bedrock/", "http", "example.com:443", "/Bedrock"),
            (" http://127.0.0.1:8080/a/b%2F~\n", "http", "127.0.0.1:8080", "/a/b%2F~"),
            ("http://[::1]:8080/bedrock", "http", "[::1]:8080", "/bedrock"),
            ("https://[2001:DB8:0::1]", "https", "[2001:db8::1]", ""),
            ("http://my_gateway:08080", "http", "my_gateway:8080", ""),
        ];
        for (url, scheme, authority, prefix) in cases {
            let endpoint = Endpoint::parse(url, Source::Explicit).unwrap();
            assert_eq!(endpoint.scheme.to_string(), scheme);
            assert_eq!(
                (endpoint.authority.as_str(), endpoint.path_prefix.as_str()),
                (authority, prefix),
                "{url}"
            );
            assert_eq!(Endpoint::parse(&endpoint.url(""), Source::Explicit), Ok(endpoint));
        }
    }

    #[test]
    fn urls_are_joined_with_paths() {
        let endpoint = Endpoint::parse("http://h:1/bedrock/", Source::Explicit).unwrap();
        assert_eq!(endpoint.url(""), "http://h:1/bedrock");
        assert_eq!(
            endpoint.url("/model/a%3A0/invoke"),
            "http://h:1/bedrock/model/a%3A0/invoke"
        );
        assert_eq!(endpoint.url("model"), "http://h:1/bedrock/model");
    }

    #[test]
    fn bad_urls_are_refused_without_showing_them() {
        let long = format!("https://{}hunter2", "a.".repeat(130));
        #[rustfmt::skip] // a row a line
        let cases = [
            ("hunter2", NO_SCHEME),
            ("hunter2:8080/x", NO_SCHEME),
            ("ftp://hunter2", NO_SCHEME),
            ("//hunter2", NO_SCHEME),
            ("https://", "it has no host (an IPv6 address needs brackets)"),
            ("https:///hunter2", "it has no host (an IPv6 address needs brackets)"),
            ("https://:443", "it has no host (an IPv6 address needs brackets)"),
            ("https://::1", "it has no host (an IPv6 address needs brackets)"),
            ("https://user:hunter2@h", "it has a user name or password before the host"),
            ("https://hunter2@h", "it has a user name or password before the host"),
            ("https://user:hunter2/@h", "its port is not a number from 1 to 65535"),
            ("https://h/?hunter2", "it has a query"),
            ("https://h?hunter2", "it has a query"),
            ("https://h#hunter2", "it has a fragment"),
            ("https://h:", "its port is not a number from 1 to 65535"),
            ("https://h:+80", "its port is not a number from 1 to 65535"),
            ("https://h:0", "its port is not a number from 1 to 65535"),
            ("https://h:65536", "its port is not a number from 1 to 65535"),
            ("https://[::1", "its IPv6 address has no closing bracket"),
            ("https://[hunter2]", "its IPv6 address is not one"),
            ("https://[::1]hunter2", "it has something other than a port after its IPv6 address"),
            ("https://hunter2..com", "its host is not made of labels of a-z, 0-9, `-` and `_`"),
            ("https://hunter2 .com", "its host is not made of labels of a-z, 0-9, `-` and `_`"),
            ("https://hunter2\u{e9}", "its host is not made of labels of a-z, 0-9, `-` and `_`"),
            (long.as_str(), "its host is longer than 253 characters"),
            ("https://h\\hunter2", "its path has a character that a URL does not allow"),
            ("https://h/hunter2\r\nx", "its path has a character that a URL does not allow"),
            ("https://h/hunter2%2", "its path has a character that a URL does not allow"),
            ("https://h/hunter2%\u{e9}", "its path has a character that a URL does not allow"),
            ("https://h/../hunter2", "its path has a `.` or `..` segment"),
        ];
        for (url, what) in cases {
            let error = Endpoint::parse(url, Source::Variable("AWS_ENDPOINT_URL")).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("cannot use the endpoint from AWS_ENDPOINT_URL: {what}"),
                "{url}"
            );
        }
        let overrides = Overrides {
            explicit: Some("https://user:hunter2@h".to_owned()),
            ..Overrides::default()
        };
        assert!(!format!("{overrides:?}").contains("hunter2"));
    }

    #[test]
    fn corpus_endpoints() {
        let Some(folder) = corpus()
            .map(|corpus| corpus.join("vectors-endpoints"))
            .filter(|folder| folder.is_dir())
        else {
            println!("corpus: endpoints: skipped, no recorded cases here");
            return;
        };
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let (mut cases, mut failed) = (0, 0);
        for file in &files {
            let failures = replay(file, &mut cases);
            failures
                .iter()
                .for_each(|failure| println!("{}: {failure}", file.display()));
            failed += usize::from(!failures.is_empty());
        }
        println!("endpoints: {cases} cases");
        println!(
            "corpus: endpoints: {} files, {} ok, {failed} failed",
            files.len(),
            files.len() - failed
        );
        assert!(cases > 0 && failed == 0);
    }

    fn corpus() -> Option<PathBuf> {
        if let Some(folder) = std::env::var_os("OUTCROP_CORPUS") {
            return Some(folder.into());
        }
        // Next to the checkout.
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        above
            .map(|folder| folder.join("shared/fixtures"))
            .find(|folder| folder.is_dir())
    }

    fn replay(file: &Path, cases: &mut usize) -> Vec<String> {
        let name = file.file_stem().unwrap_or_default();
        let Some(service) = ALL.into_iter().find(|service| service.host_prefix() == name) else {
            return vec!["no service of that name".to_owned()];
        };
        let recorded: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let mut failures = Vec::new();
        for case in recorded["testCases"].as_array().unwrap() {
            *cases += 1;
            let (params, expect) = (&case["params"], &case["expect"]);
            let flag = |name: &str| params[name].as_bool().unwrap_or(false);
            let overrides = Overrides {
                explicit: params["Endpoint"].as_str().map(str::to_owned),
                ..Overrides::default()
            };
            let region = params["Region"].as_str();
            let got = match resolve(service, region, flag("UseFIPS"), flag("UseDualStack"), &overrides) {
                Ok(endpoint) => serde_json::json!({ "endpoint": { "url": endpoint.url("") } }),
                Err(error) => serde_json::json!({ "error": words_of_aws(&error) }),
            };
            if got != *expect {
                failures.push(format!("{}: expected {expect}, got {got}", case["documentation"]));
            }
        }
        failures
    }

    fn words_of_aws(error: &EndpointError) -> &'static str {
        match error {
            EndpointError::MissingRegion { .. } => "Invalid Configuration: Missing Region",
            EndpointError::CustomFips { .. } => "Invalid Configuration: FIPS and custom endpoint are not supported",
            EndpointError::CustomDualStack { .. } => {
                "Invalid Configuration: Dualstack and custom endpoint are not supported"
            }
            EndpointError::NoFips { .. } => "FIPS is enabled but this partition does not support FIPS",
            EndpointError::NoDualStack { .. } => "DualStack is enabled but this partition does not support DualStack",
            EndpointError::BadRegion { .. } | EndpointError::BadUrl { .. } => "not a rule of AWS",
        }
    }
}
