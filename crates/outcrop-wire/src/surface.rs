//! The ways into Bedrock, one row each. Clients and servers read the same rows.

/// A way in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Surface {
    /// `InvokeModel` and `InvokeModelWithResponseStream` on the runtime host.
    InvokeModel,
}

/// How bytes are spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// Messages bodies, in event-stream chunks when streamed.
    Invoke,
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
    /// How its bytes are spoken.
    pub dialect: Dialect,
    /// First label of its host: `bedrock-runtime`.
    pub host: &'static str,
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
    /// `Content-Type` of a streamed reply.
    pub stream_content_type: &'static str,
    /// The event that ends a complete stream.
    pub end_of_stream: &'static str,
    /// Where the row comes from.
    pub source: &'static str,
}

static SURFACES: [SurfaceRow; 1] = [SurfaceRow {
    surface: Surface::InvokeModel,
    name: "InvokeModel",
    dialect: Dialect::Invoke,
    host: "bedrock-runtime",
    signing_service: "bedrock",
    unary_path: "/model/{model}/invoke",
    stream_path: "/model/{model}/invoke-with-response-stream",
    count_path: "/model/{model}/count-tokens",
    operations: ["InvokeModel", "InvokeModelWithResponseStream", "CountTokens"],
    model: Place::Path,
    stream: Place::Path,
    version: Place::Body("anthropic_version"),
    betas: Place::Body("anthropic_beta"),
    stream_content_type: "application/vnd.amazon.eventstream",
    end_of_stream: "message_stop",
    source: "botocore service model bedrock-runtime 2023-09-30; recorded traffic",
}];

impl Surface {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static SurfaceRow {
        match self {
            Surface::InvokeModel => &SURFACES[0],
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
