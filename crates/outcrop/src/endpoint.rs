//! Which host a call goes to: by region and partition, FIPS, dual stack, and overrides.
//!
//! The rules are the endpoint rule sets of botocore 1.44.5 for `bedrock-runtime`, `bedrock`, `sts`, `s3` (its regional
//! hosts) and `logs`; Mantle, which has none, goes where Anthropic's own clients send it. A region is checked before it becomes part of a host, so it
//! can never change the host, and no error shows a URL, which may hold a password.

mod error;
mod overrides;
mod partition;
mod region;
mod service;

use std::fmt;
use std::net::Ipv6Addr;

pub use error::EndpointError;
pub use overrides::Overrides;
pub use partition::{Partition, partition};
pub use region::{UnknownRegion, known_region};
pub use service::Service;

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

/// Decides where the calls of a service go: the first override that is set, in the order of the fields of
/// [`Overrides`], else [`default_url`]. An override needs no region. One for Mantle may end in `/anthropic`, as the base
/// URLs of Anthropic's own clients do, or not.
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
    if let Some((url, source)) = overrides.first(service) {
        return match (fips, dual_stack) {
            (true, _) => Err(EndpointError::CustomFips { from: source }),
            (_, true) => Err(EndpointError::CustomDualStack { from: source }),
            _ => Endpoint::parse(url, source).map(|endpoint| endpoint.of_service(service)),
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
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        format!("{}://{}{}{slash}{path}", self.scheme, self.authority, self.path_prefix)
    }

    /// Where a bucket is: below its own host at AWS, and elsewhere below its path, as botocore has it; so also where its
    /// name has dots, which the certificates of S3 do not cover.
    pub(crate) fn of_bucket(mut self, bucket: &str) -> Self {
        match self.source.is_aws() && !bucket.contains('.') {
            true => self.authority = format!("{bucket}.{}", self.authority),
            false => self.path_prefix = format!("{}/{bucket}", self.path_prefix),
        }
        self
    }

    /// The paths of Mantle begin with `/anthropic`, and so do the base URLs that Anthropic's own clients are given for it.
    fn of_service(mut self, service: Service) -> Self {
        if service == Service::Mantle
            && let Some(shorter) = self.path_prefix.strip_suffix("/anthropic")
        {
            self.path_prefix.truncate(shorter.trim_end_matches('/').len());
        }
        self
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
        Ok(Self { scheme, authority, path_prefix, source })
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
    /// Code or the command line, for this service alone: `mantle_url`.
    ExplicitOfService,
    /// Code or the command line: `endpoint_url`.
    Explicit,
    /// The environment variable of this name.
    Variable(&'static str),
    /// The `services` section that the AWS profile names.
    Services,
    /// `endpoint_url` of the AWS profile.
    Profile,
    /// AWS's template for service, region and partition.
    Template,
}

impl Source {
    /// Whether it is AWS's own host.
    pub(crate) fn is_aws(self) -> bool {
        self == Self::Template
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExplicitOfService => "`mantle_url` of the caller",
            Self::Explicit => "`endpoint_url` of the caller",
            Self::Variable(name) => name,
            Self::Services => "the services section of the AWS profile",
            Self::Profile => "the AWS profile",
            Self::Template => "the region's template",
        })
    }
}

const NO_SCHEME: &str = "it does not begin with http:// or https://";

/// Whether it can be a region, and a part of a host.
pub(crate) fn is_region(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-') && text.chars().all(allowed)
}

fn check_region(service: Service, region: &str) -> Result<(), EndpointError> {
    if region.is_empty() {
        return Err(EndpointError::MissingRegion { service });
    }
    if !is_region(region) {
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
    let without_fips = service == Service::Mantle || (service == Service::S3 && partition_id == "aws-cn");
    if fips && (!partition.supports_fips || without_fips) {
        return Err(EndpointError::NoFips { service, partition: partition_id });
    }
    if dual_stack && !partition.supports_dual_stack {
        return Err(EndpointError::NoDualStack { service, partition: partition_id });
    }
    let plain = !dual_stack && !fips;
    let mark = if fips { "-fips" } else { "" };
    Ok(match service {
        Service::Mantle => format!("https://{prefix}.{region}.api.aws"),
        Service::Sts if plain && region == "aws-global" => "https://sts.amazonaws.com".to_owned(),
        // GovCloud's plain hosts of these are its FIPS hosts.
        Service::Sts | Service::Logs if !dual_stack && partition_id == "aws-us-gov" => {
            format!("https://{prefix}.{region}.{}", partition.dns_suffix)
        }
        Service::S3 => {
            let stack = if dual_stack { ".dualstack" } else { "" };
            format!("https://{prefix}{mark}{stack}.{region}.{}", partition.dns_suffix)
        }
        _ => {
            let suffix = if dual_stack { partition.dual_stack_dns_suffix } else { partition.dns_suffix };
            format!("https://{prefix}{mark}.{region}.{suffix}")
        }
    })
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
    let number = Some(port).filter(|port| port.chars().all(|c| c.is_ascii_digit())).and_then(|port| port.parse().ok());
    let number = number.filter(|number| *number != 0).ok_or("its port is not a number from 1 to 65535")?;
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
    let hex = |escape: &str| escape.get(..2).is_some_and(|pair| pair.chars().all(|c| c.is_ascii_hexdigit()));
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
mod tests;
