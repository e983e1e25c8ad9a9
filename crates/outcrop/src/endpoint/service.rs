//! The services that calls are sent to, as rows: hosts, variables, keys of the AWS files.

use std::fmt;

use outcrop_wire::surface::Surface;

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
    /// `s3`: buckets, and the objects in them.
    S3,
    /// `logs`: log groups of CloudWatch.
    Logs,
}

impl Service {
    /// The service that a surface belongs to.
    pub fn of(surface: Surface) -> Self {
        match surface.row().host == MANTLE.host_prefix {
            true => Self::Mantle,
            false => Self::Runtime,
        }
    }

    /// The first label of its hosts.
    pub fn host_prefix(self) -> &'static str {
        self.row().host_prefix
    }

    /// The name that signatures are scoped to.
    pub fn signing_service(self) -> &'static str {
        self.row().signing_service
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

    /// The variable of Anthropic's own clients; services that only AWS has clients of have none.
    pub fn base_url_variable(self) -> Option<&'static str> {
        self.row().base_url_variable
    }

    fn row(self) -> &'static ServiceRow {
        match self {
            Self::Runtime => &RUNTIME,
            Self::Control => &CONTROL,
            Self::Mantle => &MANTLE,
            Self::Sts => &STS,
            Self::S3 => &S3,
            Self::Logs => &LOGS,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().name)
    }
}

struct ServiceRow {
    name: &'static str,
    host_prefix: &'static str,
    signing_service: &'static str,
    service_id_key: &'static str,
    endpoint_variable: &'static str,
    base_url_variable: Option<&'static str>,
}

const RUNTIME: ServiceRow = ServiceRow {
    name: "Bedrock Runtime",
    host_prefix: "bedrock-runtime",
    signing_service: "bedrock",
    service_id_key: "bedrock_runtime",
    endpoint_variable: "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    base_url_variable: Some("ANTHROPIC_BEDROCK_BASE_URL"),
};

const CONTROL: ServiceRow = ServiceRow {
    name: "Bedrock",
    host_prefix: "bedrock",
    signing_service: "bedrock",
    service_id_key: "bedrock",
    endpoint_variable: "AWS_ENDPOINT_URL_BEDROCK",
    base_url_variable: None,
};

const MANTLE: ServiceRow = ServiceRow {
    name: "Bedrock Mantle",
    host_prefix: "bedrock-mantle",
    signing_service: "bedrock-mantle",
    service_id_key: "bedrock_mantle",
    endpoint_variable: "AWS_ENDPOINT_URL_BEDROCK_MANTLE",
    base_url_variable: Some("ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
};

const STS: ServiceRow = ServiceRow {
    name: "STS",
    host_prefix: "sts",
    signing_service: "sts",
    service_id_key: "sts",
    endpoint_variable: "AWS_ENDPOINT_URL_STS",
    base_url_variable: None,
};

const S3: ServiceRow = ServiceRow {
    name: "S3",
    host_prefix: "s3",
    signing_service: outcrop_wire::account::bucket::SIGNING_SERVICE,
    service_id_key: "s3",
    endpoint_variable: "AWS_ENDPOINT_URL_S3",
    base_url_variable: None,
};

const LOGS: ServiceRow = ServiceRow {
    name: "CloudWatch Logs",
    host_prefix: "logs",
    signing_service: "logs",
    service_id_key: "cloudwatch_logs",
    endpoint_variable: "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    base_url_variable: None,
};
