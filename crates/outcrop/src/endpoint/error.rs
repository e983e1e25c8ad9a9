//! Why there is no endpoint.

use std::fmt;

use super::{Service, Source};

/// Why there is no endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EndpointError {
    /// Neither a region nor an override is set.
    MissingRegion {
        /// The service to call.
        service: Service,
    },
    /// The region cannot be part of a host.
    BadRegion {
        /// The service to call.
        service: Service,
        /// What was given.
        region: String,
    },
    /// FIPS where there is no FIPS host.
    NoFips {
        /// The service to call.
        service: Service,
        /// Its id: `aws`, `aws-cn`, ....
        partition: &'static str,
    },
    /// Dual stack where there is no dual-stack host.
    NoDualStack {
        /// The service to call.
        service: Service,
        /// Its id: `aws`, `aws-cn`, ....
        partition: &'static str,
    },
    /// An override together with FIPS. AWS's rules refuse it, as nothing tells whether that host complies.
    CustomFips {
        /// Where the override is set.
        from: Source,
    },
    /// An override together with dual stack, which AWS's rules refuse.
    CustomDualStack {
        /// Where the override is set.
        from: Source,
    },
    /// An override that is no usable URL.
    BadUrl {
        /// Where the override is set.
        from: Source,
        /// What is wrong, without any part of the URL.
        what: &'static str,
    },
}

impl EndpointError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::MissingRegion { .. } => "set AWS_REGION, us-east-1 for example",
            Self::BadRegion { .. } => "a region is written like us-east-1",
            Self::NoFips { .. } => "leave FIPS out (AWS_USE_FIPS_ENDPOINT), or call another service or region",
            Self::NoDualStack { .. } => {
                "leave dual stack out (AWS_USE_DUALSTACK_ENDPOINT), or call another service or region"
            }
            Self::CustomFips { .. } => "leave out FIPS (AWS_USE_FIPS_ENDPOINT) or the endpoint URL",
            Self::CustomDualStack { .. } => "leave out dual stack (AWS_USE_DUALSTACK_ENDPOINT) or the endpoint URL",
            Self::BadUrl { .. } => {
                "an endpoint URL is scheme, host and perhaps port and path: https://gateway.example.com/bedrock"
            }
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let no_host = |f: &mut fmt::Formatter<'_>, service: &Service| write!(f, "cannot choose a host for {service}: ");
        match self {
            Self::MissingRegion { service } => {
                no_host(f, service)?;
                f.write_str("no region is set")
            }
            Self::BadRegion { service, region } => {
                no_host(f, service)?;
                write!(f, "region {region:?} is not made of 1 to 63 of a-z, 0-9 and inner `-`")
            }
            Self::NoFips { service, partition } => {
                no_host(f, service)?;
                write!(f, "there is no FIPS endpoint in partition {partition}")
            }
            Self::NoDualStack { service, partition } => {
                no_host(f, service)?;
                write!(f, "there is no dual-stack endpoint in partition {partition}")
            }
            Self::CustomFips { from } => {
                write!(f, "cannot use the endpoint from {from}: FIPS and a custom endpoint do not go together")
            }
            Self::CustomDualStack { from } => {
                write!(f, "cannot use the endpoint from {from}: dual stack and a custom endpoint do not go together")
            }
            Self::BadUrl { from, what } => write!(f, "cannot use the endpoint from {from}: {what}"),
        }
    }
}

impl std::error::Error for EndpointError {}
