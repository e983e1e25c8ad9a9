//! A record in the words of Messages: the request, the reply, tokens and what they cost.

use std::fmt;

use super::{LogInput, LogOperation, LogOutput, ModelInvocationLog};
use crate::accumulate::Accumulator;
use crate::catalogue::{Catalogue, Cost};
use crate::converse::{self, ContentBlock, ConverseRequest, ConverseResponse};
use crate::convert::{Converted, Identity, Loss, message_from_converse, request_from_converse};
use crate::dialect::converse::decode_converse_request;
use crate::dialect::invoke::decode_request;
use crate::json::{self, Extra, Json};
use crate::messages::{Event, InvocationMetrics, Message, MessageRequest, Usage};

/// Which of the two bodies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogSide {
    /// The request's.
    Input,
    /// The answer's.
    Output,
}

/// Why a body cannot be told in the words of Messages.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogBodyError {
    /// It was not logged: text is not delivered, or there was no answer.
    Absent(LogSide),
    /// It lies elsewhere: read it with [`read_body`](super::read_body), and put it into the record.
    Elsewhere {
        /// Which.
        side: LogSide,
        /// Where: `s3://...`.
        path: String,
    },
    /// It is something else: of another maker's model, or no request that Bedrock took.
    Foreign {
        /// Which.
        side: LogSide,
        /// Why.
        why: String,
    },
}

/// A reply as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedReply {
    /// The message. Converse tells no id and not which model wrote: those are the record's.
    pub message: Message,
    /// What Messages has no word for.
    pub losses: Vec<Loss>,
    /// It came to its end.
    pub complete: bool,
    /// Bedrock's own counts, of a stream.
    pub metrics: Option<InvocationMetrics>,
    /// Events of a stream that could not be added: the message is what the others add up to.
    pub unread: usize,
}

impl fmt::Display for LogSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LogSide::Input => "request",
            LogSide::Output => "answer",
        })
    }
}

impl fmt::Display for LogBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogBodyError::Absent(side) => write!(f, "the {side} was not logged"),
            LogBodyError::Elsewhere { side, path } => write!(f, "the {side} is not in the record, it lies in {path}"),
            LogBodyError::Foreign { side, why } => write!(f, "the {side} is not one of Claude's: {why}"),
        }
    }
}

impl std::error::Error for LogBodyError {}

impl ModelInvocationLog {
    /// The request, and what Messages has no word for. Media may lie in S3: then their blocks are kept as they were
    /// logged.
    ///
    /// # Errors
    /// When the body is not in the record, or is no request to Claude.
    pub fn request(&self) -> Result<Converted<MessageRequest>, LogBodyError> {
        let side = LogSide::Input;
        let none = LogInput::default();
        let input = self.input.as_ref().unwrap_or(&none);
        let body = present(side, input.body.as_ref(), input.body_path.as_deref())?.text().as_bytes();
        let messages = || {
            let request = decode_request(self.model_id.clone(), body)?;
            Ok(Converted { value: request, losses: Vec::new() })
        };
        let converse = || {
            let request = decode_converse_request(self.model_id.clone(), body);
            request.or_else(|error| self.forgiving(body).ok_or(error)).map(request_from_converse)
        };
        let foreign = |error: serde_json::Error| LogBodyError::Foreign { side, why: error.to_string() };
        match &self.operation {
            LogOperation::Converse | LogOperation::ConverseStream => converse(),
            LogOperation::InvokeModel | LogOperation::InvokeModelWithResponseStream => messages(),
            // A body without `max_tokens` is none of Messages.
            LogOperation::Other(_) => messages().or_else(|_| converse()),
        }
        .map_err(foreign)
    }

    /// The reply: a whole one as it is, the events of a stream added up.
    ///
    /// # Errors
    /// When the body is not in the record, or is no answer of Claude's.
    pub fn reply(&self) -> Result<LoggedReply, LogBodyError> {
        let side = LogSide::Output;
        let none = LogOutput::default();
        let output = self.output.as_ref().unwrap_or(&none);
        let body = present(side, output.body.as_ref(), output.body_path.as_deref())?;
        let foreign = |error: serde_json::Error| LogBodyError::Foreign { side, why: error.to_string() };
        if body.text().starts_with('[') {
            return added_up(body);
        }
        // One of the two, whatever the operation is called: only Converse has an `output`.
        match body.parse::<Extra>().map_err(foreign)? {
            members if members.value("output").is_some() => self.converse_reply(members).map_err(foreign),
            _ => {
                let message = Message::decode(body.text().as_bytes()).map_err(foreign)?;
                Ok(LoggedReply { message, losses: Vec::new(), complete: true, metrics: None, unread: 0 })
            }
        }
    }

    /// The request of Converse with blocks that do not fit kept as they are: media that were put into S3 leave something
    /// behind that no caller could have sent.
    fn forgiving(&self, body: &[u8]) -> Option<ConverseRequest> {
        let mut whole: Extra = json::decode(body).ok()?;
        let mut messages = Vec::new();
        for mut said in whole.value("messages")?.parse::<Vec<Extra>>().ok()? {
            let blocks: Vec<Json> = said.value("content")?.parse().ok()?;
            said.set("content", Json::from_text("[]").ok()?);
            let mut message: converse::Message = Json::of(&said).ok()?.parse().ok()?;
            for block in blocks {
                let other = || block.parse().ok().map(ContentBlock::Other);
                message.content.push(block.parse().ok().or_else(other)?);
            }
            messages.push(message);
        }
        whole.set("messages", Json::from_text("[]").ok()?);
        let rest = Json::of(&whole).ok()?;
        let rest = decode_converse_request(self.model_id.clone(), rest.text().as_bytes()).ok()?;
        Some(ConverseRequest { messages, ..rest })
    }

    fn converse_reply(&self, mut members: Extra) -> Result<LoggedReply, serde_json::Error> {
        let stopped = members.value("stopReason").is_some_and(|reason| !reason.is_null());
        if !stopped {
            // Edited records lack it; that costs nobody the answer.
            members.set("stopReason", Json::of("")?);
        }
        let response = ConverseResponse::decode(Json::of(&members)?.text().as_bytes())?;
        let identity = Identity { id: self.request_id.clone(), model: self.model_id.to_string() };
        let Converted { value: mut message, losses } = message_from_converse(response, &identity);
        if !stopped {
            message.stop_reason = None;
        }
        Ok(LoggedReply { message, losses, complete: true, metrics: None, unread: 0 })
    }

    /// The tokens: as the reply tells them, which knows for how long the cache was written, else as the record does.
    #[must_use]
    pub fn usage(&self) -> Usage {
        match self.reply() {
            Ok(reply) if reply.message.usage != Usage::default() => reply.message.usage,
            _ => self.counts(),
        }
    }

    /// The tokens as the record counts them; none where it does not.
    #[must_use]
    pub fn counts(&self) -> Usage {
        let (input, output) = (self.input.as_ref(), self.output.as_ref());
        Usage {
            input_tokens: input.and_then(|input| input.token_count).unwrap_or(0),
            cache_creation_input_tokens: input.and_then(|input| input.cache_write_token_count),
            cache_read_input_tokens: input.and_then(|input| input.cache_read_token_count),
            output_tokens: output.and_then(|output| output.token_count).unwrap_or(0),
            ..Usage::default()
        }
    }

    /// What `usage` cost on the day of the call, by the id that was called; `None` where the catalogue does not know: an
    /// application profile says nothing about its model.
    #[must_use]
    pub fn cost(&self, usage: &Usage, catalogue: &Catalogue) -> Option<Cost> {
        let named = catalogue.resolve(&self.model_id);
        let price = catalogue.price(named.model?, &named.scope?, usage.total_input(), &self.time()?.iso_day())?;
        Some(usage.cost(&price))
    }
}

fn present<'a>(side: LogSide, body: Option<&'a Json>, path: Option<&str>) -> Result<&'a Json, LogBodyError> {
    match (body, path) {
        (Some(body), _) => Ok(body),
        (None, Some(path)) => Err(LogBodyError::Elsewhere { side, path: path.to_owned() }),
        (None, None) => Err(LogBodyError::Absent(side)),
    }
}

/// Adds the events of a stream up.
fn added_up(body: &Json) -> Result<LoggedReply, LogBodyError> {
    let foreign = |why: String| LogBodyError::Foreign { side: LogSide::Output, why };
    let events: Vec<Json> = body.parse().map_err(|error| foreign(error.to_string()))?;
    let mut accumulator = Accumulator::new();
    let (mut ended, mut unread) = (false, 0);
    for event in &events {
        // How streams that a guardrail blocked may end (published records).
        if event.text() == r#""[DONE]""# {
            ended = true;
            continue;
        }
        let added = Event::decode(event.text().as_bytes()).is_ok_and(|event| accumulator.push(&event).is_ok());
        unread += usize::from(!added);
    }
    let complete = ended || accumulator.is_complete();
    let metrics = accumulator.metrics().cloned();
    let message = accumulator.into_message().ok_or_else(|| foreign("its events begin no message".to_owned()))?;
    Ok(LoggedReply { message, losses: Vec::new(), complete, metrics, unread })
}
