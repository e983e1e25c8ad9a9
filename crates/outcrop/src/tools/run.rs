//! A run: its settings, and what came of it.

use std::any::Any;
use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use outcrop_wire::Json;
use outcrop_wire::messages::{Block, Content, Message, MessageRequest, Role, ToolUseBlock, Turn, Usage};

use super::calls::Rules;
use super::event::RunEvent;
use super::output::{self, ToolError};
use super::set::ToolSet;
use super::stream::RunStream;
use super::turns::{Listener, OnEvent, Turns};
use crate::call::CallOptions;
use crate::client::Client;
use crate::error::Error;
use crate::response::Response;

/// The most replies of a run, until set.
const MAX_TURNS: u32 = 32;
/// Calls of one reply that are carried out at a time, until set.
const CONCURRENCY: usize = 8;
/// The most bytes of text of one result, until set: some 25,000 tokens.
const RESULT_LIMIT: usize = 100_000;

/// A conversation with tools, about to begin: await it, or call [`ToolRun::stream`].
///
/// The model is asked, what it calls is carried out, the results go back, and so on until it stops by itself or
/// [`max_turns`](ToolRun::max_turns) is reached. Calls are only carried out when the reply says that it stopped for them
/// (`tool_use`); a turn that the service paused is sent back as it is. Thinking and its signatures go back unchanged, and
/// so does the container that code ran in. A tool that must be called (`tool_choice` of `any` or a tool) must only be
/// called by the first reply; then the choice is `auto`, or the run would never end.
///
/// Dropping the run, or what it became, stops the request and every tool at its next `await`.
#[must_use = "a run begins when it is awaited or streamed"]
pub struct ToolRun {
    client: Client,
    request: MessageRequest,
    options: CallOptions,
    max_turns: u32,
    rules: Rules,
    state: Extensions,
    on_event: Option<OnEvent>,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// It is carried out.
    Allow,
    /// It is not, and the model is told why.
    Deny(String),
    /// It is carried out with these arguments in place of the model's. The model is not told.
    Replace(Json),
}

impl Decision {
    /// It is not carried out, and the model is told why.
    pub fn deny(reason: impl Into<String>) -> Self {
        Decision::Deny(reason.into())
    }
}

impl ToolRun {
    pub(crate) fn new(client: Client, request: MessageRequest, options: CallOptions, tools: ToolSet) -> Self {
        let rules = Rules {
            tools,
            concurrency: CONCURRENCY,
            timeout: None,
            result_limit: RESULT_LIMIT,
            before_call: None,
            state: Arc::default(),
        };
        let (state, max_turns) = (Extensions::new(), MAX_TURNS);
        ToolRun { client, request, options, max_turns, rules, state, on_event: None }
    }

    /// The most replies that are asked for, 32 until set; at least one is. The calls of the last are carried out too, so
    /// that the conversation can go on: the run ends as [`Stopped::MaxTurns`].
    pub fn max_turns(mut self, turns: u32) -> Self {
        self.max_turns = turns.max(1);
        self
    }

    /// How many calls of one reply are carried out at a time, 8 until set; 1 for one after another.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.rules.concurrency = calls.max(1);
        self
    }

    /// How long one call may take; for ever until set. A tool is stopped at an `await`: one that blocks its thread is not.
    pub fn tool_timeout(mut self, limit: Duration) -> Self {
        self.rules.timeout = Some(limit);
        self
    }

    /// The most bytes of text of one result, 100,000 until set. Longer ones are cut, which the model is told.
    pub fn result_limit(mut self, bytes: usize) -> Self {
        self.rules.result_limit = bytes;
        self
    }

    /// Asks before each call of a known tool: one after another in the order of the blocks, and before any of the reply's
    /// calls begins.
    ///
    /// ```
    /// # use outcrop::tools::{Decision, ToolRun};
    /// # fn with(run: ToolRun) -> ToolRun {
    /// run.before_call(|call| async move {
    ///     match call.name.as_str() {
    ///         "delete_file" => Decision::deny("files stay"),
    ///         _ => Decision::Allow,
    ///     }
    /// })
    /// # }
    /// ```
    pub fn before_call<F, R>(mut self, mut decide: F) -> Self
    where
        F: FnMut(ToolUseBlock) -> R + Send + 'static,
        R: Future<Output = Decision> + Send + 'static,
    {
        self.rules.before_call = Some(Box::new(move |call| Box::pin(decide(call))));
        self
    }

    /// Tells what happens while it does: replies, and tools that begin and end. Streamed runs tell it twice, here and as
    /// items.
    pub fn on_event(mut self, tell: impl FnMut(&RunEvent) + Send + 'static) -> Self {
        self.on_event = Some(Box::new(tell));
        self
    }

    /// Something for the tools to use, found by its type: [`ToolContext::state`](super::ToolContext::state).
    pub fn state<T: Any + Clone + Send + Sync>(mut self, value: T) -> Self {
        self.state.insert(value);
        self
    }

    /// Sets everything that is particular to the calls of the model.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Runs with streamed replies: their events as they come, and what the tools do.
    #[must_use]
    pub fn stream(self) -> RunStream {
        RunStream::new(|sender| {
            let (turns, mut listener) = self.begin(true);
            listener.sender = Some(sender);
            Box::pin(turns.take(listener))
        })
    }

    /// It does not even begin.
    #[cfg(feature = "blocking")]
    pub(crate) fn refused(self, error: Error) -> RunError {
        let (request, usage) = (Box::new(self.request), Box::default());
        RunError { error, request, usage, turns: 0 }
    }

    fn begin(self, streamed: bool) -> (Turns, Listener) {
        let ToolRun { client, request, options, max_turns, mut rules, state, on_event } = self;
        rules.state = Arc::new(state);
        let usage = Usage::default();
        let turns = Turns { client, request, options, max_turns, rules, streamed, usage, taken: 0 };
        (turns, Listener { callback: on_event, sender: None })
    }
}

impl IntoFuture for ToolRun {
    type Output = Result<Run, RunError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let (turns, listener) = self.begin(false);
        Box::pin(turns.take(listener))
    }
}

impl fmt::Debug for ToolRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolRun")
            .field("request", &self.request)
            .field("tools", &self.rules.tools)
            .field("max_turns", &self.max_turns)
            .finish_non_exhaustive()
    }
}

/// A run that has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// The last reply. Its `stop_reason` says why the model stopped.
    pub reply: Response<Message>,
    /// Why the run stopped.
    pub stopped: Stopped,
    /// The whole conversation, tools and all, the last reply included; see [`Run::follow_up`].
    pub request: MessageRequest,
    /// The tokens of all replies.
    pub usage: Usage,
    /// How many replies there were.
    pub turns: u32,
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Stopped {
    /// The model stopped for another reason than to call tools: it was done, refused, or ran out of tokens. Calls in such
    /// a reply are not carried out.
    Reply,
    /// The reply said that it calls tools, and called none.
    NoCalls,
    /// The most replies were asked for. The calls of the last one were carried out.
    MaxTurns,
}

impl Run {
    /// The conversation with another turn of the user, to be run again. Calls that were left open (a reply that was cut
    /// may hold some) are answered as not carried out, since the service wants an answer to each.
    #[must_use]
    pub fn follow_up(self, content: impl Into<Content>) -> MessageRequest {
        let mut request = self.request;
        let open: Vec<Block> = match request.messages.last() {
            Some(Turn { role: Role::Assistant, content: Content::Blocks(blocks), .. }) => {
                let calls = blocks.iter().filter_map(|block| match block {
                    Block::ToolUse(call) => Some(call),
                    _ => None,
                });
                let error = || Err(ToolError::new("Error: not carried out, the reply ended too early."));
                calls.map(|call| Block::ToolResult(output::block(call, &error(), usize::MAX).0)).collect()
            }
            _ => Vec::new(),
        };
        let more = content.into();
        match open.is_empty() {
            true => request.user(more),
            false => {
                let blocks = open.into_iter().chain(more.into_blocks()).collect();
                request.messages.push(Turn::user(Content::Blocks(blocks)));
                request
            }
        }
    }
}

/// Why a run failed, and how far it came. `?` makes an [`Error`] of it.
#[non_exhaustive]
pub struct RunError {
    /// What failed: a call of the model, never a tool.
    pub error: Error,
    /// The conversation so far; run again, it goes on.
    pub request: Box<MessageRequest>,
    /// The tokens of the replies so far.
    pub usage: Box<Usage>,
    /// How many replies there were.
    pub turns: u32,
}

impl From<RunError> for Error {
    fn from(failed: RunError) -> Self {
        failed.error
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// As the error itself.
impl fmt::Debug for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for RunError {}
