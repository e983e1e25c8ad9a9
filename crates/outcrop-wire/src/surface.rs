//! The ways into Bedrock, one row each. Clients and servers read the same rows.

use std::fmt;
use std::str::FromStr;

/// A way in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Surface {
    /// `InvokeModel` and `InvokeModelWithResponseStream` on the runtime host.
    InvokeModel,
    /// `Converse` and `ConverseStream` on the runtime host.
    Converse,
    /// Anthropic's Messages API on the runtime host.
    RuntimeMessages,
    /// Anthropic's Messages API on a host of its own.
    Mantle,
}

/// How bytes are spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// Messages bodies, in event-stream chunks when streamed.
    Invoke,
    /// Converse bodies, and its own events in an event stream.
    Converse,
    /// Messages bodies as Anthropic's own API has them, and server-sent events.
    Messages,
}

/// Where a piece of a request travels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the body, under this name.
    Body(&'static str),
    /// In this header.
    Header(&'static str),
    /// The surface has no place for it.
    Nowhere,
}

/// Whether the reply comes whole, as a stream, or is not made at all.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Delivery {
    /// Whole.
    Unary,
    /// Event by event.
    Stream,
    /// Not at all: the tokens of the request are counted.
    Count,
}

/// What one surface is.
#[derive(Debug)]
pub struct SurfaceRow {
    /// Which.
    pub surface: Surface,
    /// Its name in data and messages.
    pub name: &'static str,
    /// A shorter name, for people who type it: `invoke`.
    pub short: &'static str,
    /// How its bytes are spoken.
    pub dialect: Dialect,
    /// First label of its host: `bedrock-runtime`.
    pub host: &'static str,
    /// What its paths begin with on a server that has several services on one port.
    pub prefix: &'static str,
    /// The service name that signatures are scoped to.
    pub signing_service: &'static str,
    /// Path of a whole reply; `{model}` is one encoded segment.
    pub unary_path: &'static str,
    /// Path of a streamed reply.
    pub stream_path: &'static str,
    /// Path of a count of tokens.
    pub count_path: &'static str,
    /// The operation's name at AWS, whole, streamed and counted: in permissions and logs.
    pub operations: [&'static str; 3],
    /// Where the model travels.
    pub model: Place,
    /// Where the wish for a stream travels.
    pub stream: Place,
    /// Where the version travels.
    pub version: Place,
    /// Where beta flags travel.
    pub betas: Place,
    /// A header that takes a Bedrock API key, besides `Authorization: Bearer`.
    pub api_key: Option<&'static str>,
    /// `Content-Type` of a streamed reply.
    pub stream_content_type: &'static str,
    /// The event that ends a complete stream.
    pub end_of_stream: &'static str,
    /// Where the row comes from.
    pub source: &'static str,
}

static SURFACES: [SurfaceRow; 4] = [
    SurfaceRow {
        surface: Surface::InvokeModel,
        name: "InvokeModel",
        short: "invoke",
        dialect: Dialect::Invoke,
        host: "bedrock-runtime",
        prefix: "",
        signing_service: "bedrock",
        unary_path: "/model/{model}/invoke",
        stream_path: "/model/{model}/invoke-with-response-stream",
        count_path: "/model/{model}/count-tokens",
        operations: ["InvokeModel", "InvokeModelWithResponseStream", "CountTokens"],
        model: Place::Path,
        stream: Place::Path,
        version: Place::Body("anthropic_version"),
        betas: Place::Body("anthropic_beta"),
        api_key: None,
        stream_content_type: "application/vnd.amazon.eventstream",
        end_of_stream: "message_stop",
        source: "botocore service model bedrock-runtime 2023-09-30; recorded traffic",
    },
    SurfaceRow {
        surface: Surface::Converse,
        name: "Converse",
        short: "converse",
        dialect: Dialect::Converse,
        host: "bedrock-runtime",
        prefix: "",
        signing_service: "bedrock",
        unary_path: "/model/{model}/converse",
        stream_path: "/model/{model}/converse-stream",
        count_path: "/model/{model}/count-tokens",
        operations: ["Converse", "ConverseStream", "CountTokens"],
        model: Place::Path,
        stream: Place::Path,
        version: Place::Nowhere,
        // The member goes with others into `additionalModelRequestFields`.
        betas: Place::Body("anthropic_beta"),
        api_key: None,
        stream_content_type: "application/vnd.amazon.eventstream",
        end_of_stream: "metadata",
        source: "botocore service model bedrock-runtime 2023-09-30; recorded traffic",
    },
    // Permissions and names of operations are those of InvokeModel as far as AWS says: the page names none.
    SurfaceRow {
        surface: Surface::RuntimeMessages,
        name: "Messages",
        short: "messages",
        dialect: Dialect::Messages,
        host: "bedrock-runtime",
        prefix: "",
        signing_service: "bedrock",
        unary_path: "/anthropic/v1/messages",
        stream_path: "/anthropic/v1/messages",
        count_path: "/anthropic/v1/messages/count_tokens",
        operations: ["InvokeModel", "InvokeModelWithResponseStream", "CountTokens"],
        model: Place::Body("model"),
        stream: Place::Body("stream"),
        version: Place::Header("anthropic-version"),
        betas: Place::Header("anthropic-beta"),
        api_key: Some("x-api-key"),
        stream_content_type: "text/event-stream",
        end_of_stream: "message_stop",
        source: "AWS user guide, inference-messages-api; the signing service is not confirmed",
    },
    SurfaceRow {
        surface: Surface::Mantle,
        name: "Mantle",
        short: "mantle",
        dialect: Dialect::Messages,
        host: "bedrock-mantle",
        prefix: "/mantle",
        signing_service: "bedrock-mantle",
        unary_path: "/anthropic/v1/messages",
        stream_path: "/anthropic/v1/messages",
        count_path: "/anthropic/v1/messages/count_tokens",
        operations: ["CreateInference", "CreateInference", "CreateInference"],
        model: Place::Body("model"),
        stream: Place::Body("stream"),
        version: Place::Header("anthropic-version"),
        betas: Place::Header("anthropic-beta"),
        api_key: Some("x-api-key"),
        stream_content_type: "text/event-stream",
        end_of_stream: "message_stop",
        source: "AnthropicBedrockMantle of the official SDKs, captured; platform.claude.com, Claude in Amazon Bedrock",
    },
];

impl Surface {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static SurfaceRow {
        match self {
            Surface::InvokeModel => &SURFACES[0],
            Surface::Converse => &SURFACES[1],
            Surface::RuntimeMessages => &SURFACES[2],
            Surface::Mantle => &SURFACES[3],
        }
    }

    /// Every surface.
    #[must_use]
    pub fn rows() -> &'static [SurfaceRow] {
        &SURFACES
    }
}

impl SurfaceRow {
    /// The path template of a delivery.
    #[must_use]
    pub fn path(&self, delivery: Delivery) -> &'static str {
        match delivery {
            Delivery::Unary => self.unary_path,
            Delivery::Stream => self.stream_path,
            Delivery::Count => self.count_path,
        }
    }

    /// AWS's name of the operation.
    #[must_use]
    pub fn operation(&self, delivery: Delivery) -> &'static str {
        match delivery {
            Delivery::Unary => self.operations[0],
            Delivery::Stream => self.operations[1],
            Delivery::Count => self.operations[2],
        }
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().name)
    }
}

/// By its name or its short one, in any case.
impl FromStr for Surface {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let found = SURFACES.iter().find(|row| is(row.name) || is(row.short));
        found.map(|row| row.surface).ok_or_else(|| {
            let names: Vec<&str> = SURFACES.iter().map(|row| row.short).collect();
            format!("no surface is called `{name}`; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_surface_and_its_names() {
        for row in Surface::rows() {
            assert_eq!(row.surface.row().name, row.name);
            for name in [row.name.to_uppercase(), row.short.to_owned(), row.surface.to_string()] {
                assert_eq!(name.parse(), Ok(row.surface), "{name}");
            }
        }
        assert!("pigeon".parse::<Surface>().is_err_and(|why| why.contains("invoke, converse, messages, mantle")));
    }
}
