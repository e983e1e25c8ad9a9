//! Replies as values of a type: by the service's own JSON Schema output where the model has it, by a tool that must be
//! called elsewhere.
//!
#![cfg_attr(feature = "derive", doc = "```no_run")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Lead {
//!     name: String,
//!     /// As it was written.
//!     email: String,
//!     wants_demo: bool,
//! }
//!
//! # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
//! let parsed = client.message("sonnet").user("John <j@x.io> wants a demo").parse::<Lead>().await?;
//! let lead = parsed.output?;
//! println!("{} {}", lead.name, lead.wants_demo);
//! # Ok(()) }
//! ```

mod ask;
mod fit;
mod read;
mod root;
mod stream;

use std::fmt;

use outcrop_wire::Json;
use outcrop_wire::messages::{Message, MessageRequest, StopReason};
use serde::de::DeserializeOwned;

pub(crate) use self::fit::{Misfit, fitted};
pub use self::stream::ParsedStream;
use crate::error::{Error, Kind, Result};
use crate::messages::{MessageCall, Messages};
use crate::resolve::look_up;
use crate::response::Response;

/// A reply and the value that it holds, or why it holds none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parsed<T> {
    /// The value. A reply that holds none was paid for all the same: it is in `reply`.
    pub output: Result<T, ParseError>,
    /// How the value was asked for.
    pub mode: Mode,
    /// The reply.
    pub reply: Response<Message>,
}

/// How a value is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mode {
    /// By `output_config.format`: the service holds the model to the schema.
    Native,
    /// By a tool that must be called; its arguments are the value.
    ForcedTool,
    /// By a tool that the system prompt asks to be called, where none can be forced: while the model thinks.
    AskedTool,
}

/// Why a reply holds no value. The text of the reply is kept.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ParseError {
    /// The model declined.
    Refused {
        /// What it was about, where that is told: `cyber`, `bio`, ...
        category: Option<String>,
        /// For a person.
        explanation: Option<String>,
        /// What it said.
        text: String,
    },
    /// The reply ended too early: at `max_tokens`, or the context window was full.
    Truncated {
        /// Which.
        reason: StopReason,
        /// As far as it came.
        text: String,
    },
    /// There is no value: no text, or no call of the tool.
    Missing {
        /// Why the model stopped.
        reason: Option<StopReason>,
        /// What it said instead.
        text: String,
    },
    /// The value is no JSON, or does not fit the type.
    Invalid {
        /// Where and why.
        why: String,
        /// The value as it came.
        text: String,
    },
}

impl ParseError {
    /// What the reply holds instead of a value.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            ParseError::Refused { text, .. }
            | ParseError::Truncated { text, .. }
            | ParseError::Missing { text, .. }
            | ParseError::Invalid { text, .. } => text,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Refused { category, explanation, .. } => {
                f.write_str("the model declined")?;
                if let Some(category) = category {
                    write!(f, " ({category})")?;
                }
                explanation.as_ref().map_or(Ok(()), |explanation| write!(f, ": {explanation}"))
            }
            ParseError::Truncated { reason, .. } => write!(f, "the reply ended too early ({reason})"),
            ParseError::Missing { reason: Some(reason), .. } => write!(f, "the reply holds no value ({reason})"),
            ParseError::Missing { reason: None, .. } => f.write_str("the reply holds no value"),
            ParseError::Invalid { why, .. } => write!(f, "the value does not fit: {why}"),
        }
    }
}

impl std::error::Error for ParseError {}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        let hint = match &error {
            ParseError::Truncated { reason: StopReason::MaxTokens, .. } => Some("raise max_tokens"),
            _ => None,
        };
        let error = Error::new(Kind::Decode, "read the reply as a value", error.to_string());
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

impl Messages<'_> {
    /// Asks for a value of a type. The schema comes from the type, doc comments as descriptions.
    ///
    /// # Errors
    /// As [`Messages::parse_as`].
    #[cfg(feature = "derive")]
    pub async fn parse<T>(&self, request: &MessageRequest) -> Result<Parsed<T>>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        self.parse_as(request, &schema_of::<T>()).await
    }

    /// The request that [`Messages::parse_as`] sends: to be counted or shown.
    ///
    /// # Errors
    /// When the request sets what `parse` sets.
    pub fn asking_for(&self, request: &MessageRequest, schema: &Json) -> Result<MessageRequest> {
        Ok(ask::Asked::new(&self.client.0, request.clone(), schema, &self.options)?.request)
    }

    /// Asks for a value that matches a schema. `T` is [`Json`] to take it as it comes.
    ///
    /// # Errors
    /// As [`Messages::create`], and when the request sets what this sets: `output_config.format`, or `tool_choice` where
    /// the model has no JSON Schema output. What is wrong with the reply is in [`Parsed::output`].
    pub async fn parse_as<T: DeserializeOwned>(&self, request: &MessageRequest, schema: &Json) -> Result<Parsed<T>> {
        look_up(&self.client.0, &request.model).await;
        let mut asked = ask::Asked::new(&self.client.0, request.clone(), schema, &self.options)?;
        let mut answer = self.create(&asked.request).await;
        if let Err(error) = &answer
            && asked.fall_back(error)?
        {
            answer = self.create(&asked.request).await;
        }
        Ok(asked.parsed(answer?, None))
    }

    /// Asks for a value of a type, and gives it while it is written.
    ///
    /// # Errors
    /// As [`Messages::parse_as`].
    #[cfg(feature = "derive")]
    pub async fn parse_stream<T>(&self, request: &MessageRequest) -> Result<ParsedStream<T>>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        self.parse_stream_as(request, &schema_of::<T>()).await
    }

    /// Asks for a value that matches a schema, and gives it while it is written.
    ///
    /// # Errors
    /// As [`Messages::parse_as`].
    pub async fn parse_stream_as<T: DeserializeOwned>(
        &self,
        request: &MessageRequest,
        schema: &Json,
    ) -> Result<ParsedStream<T>> {
        look_up(&self.client.0, &request.model).await;
        let mut asked = ask::Asked::new(&self.client.0, request.clone(), schema, &self.options)?;
        let mut answer = self.stream(&asked.request).await;
        if let Err(error) = &answer
            && asked.fall_back(error)?
        {
            answer = self.stream(&asked.request).await;
        }
        Ok(ParsedStream::new(answer?, asked))
    }
}

impl MessageCall {
    /// Asks for a value of a type; see [`Messages::parse_as`].
    ///
    /// # Errors
    /// See [`Messages::parse_as`].
    #[cfg(feature = "derive")]
    pub async fn parse<T>(self) -> Result<Parsed<T>>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        self.parse_as(&schema_of::<T>()).await
    }

    /// Asks for a value that matches a schema; see [`Messages::parse_as`].
    ///
    /// # Errors
    /// See [`Messages::parse_as`].
    pub async fn parse_as<T: DeserializeOwned>(self, schema: &Json) -> Result<Parsed<T>> {
        self.client.messages().with(self.options).parse_as(&self.request, schema).await
    }

    /// Asks for a value of a type, and gives it while it is written.
    ///
    /// # Errors
    /// See [`Messages::parse_as`].
    #[cfg(feature = "derive")]
    pub async fn parse_stream<T>(self) -> Result<ParsedStream<T>>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        self.parse_stream_as(&schema_of::<T>()).await
    }

    /// Asks for a value that matches a schema, and gives it while it is written.
    ///
    /// # Errors
    /// See [`Messages::parse_as`].
    pub async fn parse_stream_as<T: DeserializeOwned>(self, schema: &Json) -> Result<ParsedStream<T>> {
        self.client.messages().with(self.options).parse_stream_as(&self.request, schema).await
    }
}

/// The schema of a type, its properties in the order of its fields.
#[cfg(feature = "derive")]
pub(crate) fn schema_of<T: schemars::JsonSchema>() -> Json {
    let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>();
    schema.remove("$schema");
    schema.remove("title");
    Json::of(&schema).unwrap_or_default()
}
