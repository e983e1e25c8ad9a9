//! The loop of a run: ask, carry out, send back.

use outcrop_wire::messages::{
    AutoChoice, ContainerChoice, Content, Message, MessageRequest, StopReason, ToolChoice, Turn, Usage,
};
use tokio::sync::mpsc;

use super::calls::{self, Rules};
use super::event::RunEvent;
use super::run::{Run, RunError, Stopped};
use crate::call::CallOptions;
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::response::Response;

/// Hears what happens.
pub(super) type OnEvent = Box<dyn FnMut(&RunEvent) + Send>;

/// Who is told what happens.
pub(super) struct Listener {
    pub(super) callback: Option<OnEvent>,
    pub(super) sender: Option<mpsc::Sender<RunEvent>>,
}

impl Listener {
    /// What nobody hears is not put together: an event holds a copy of a whole reply.
    pub(super) async fn tell(&mut self, event: impl FnOnce() -> RunEvent) {
        if self.callback.is_none() && self.sender.is_none() {
            return;
        }
        let event = event();
        if let Some(callback) = &mut self.callback {
            callback(&event);
        }
        if let Some(sender) = &self.sender {
            // Whoever does not listen any more has dropped the run too.
            let _ = sender.send(event).await;
        }
    }
}

/// A run that goes on.
pub(super) struct Turns {
    pub(super) client: Client,
    pub(super) request: MessageRequest,
    pub(super) options: CallOptions,
    pub(super) max_turns: u32,
    pub(super) rules: Rules,
    pub(super) streamed: bool,
    pub(super) usage: Usage,
    pub(super) taken: u32,
}

impl Turns {
    /// Takes turns until there is nothing more to do.
    pub(super) async fn take(mut self, mut listener: Listener) -> Result<Run, RunError> {
        if let Err(why) = self.rules.tools.define(&mut self.request) {
            let error = Error::new(Kind::Invalid, "run with tools", why);
            return Err(self.failed(error.with_hint("give each tool a name of its own")));
        }
        loop {
            let reply = match self.ask(&mut listener).await {
                Ok(reply) => reply,
                Err(error) => return Err(self.failed(error)),
            };
            self.taken += 1;
            self.usage.add(&reply.usage);
            if !reply.content.is_empty() {
                self.request.messages.push(Turn::from(&*reply));
            }
            keep_container(&mut self.request, &reply);
            listener.tell(|| RunEvent::Reply(Box::new(reply.clone()))).await;
            let stopped = match &reply.stop_reason {
                Some(StopReason::ToolUse) => self.carry_out(&reply, &mut listener).await,
                // Sent back as they are, for the service to go on.
                Some(StopReason::PauseTurn | StopReason::Compaction) => None,
                _ => Some(Stopped::Reply),
            };
            let stopped = stopped.or((self.taken >= self.max_turns).then_some(Stopped::MaxTurns));
            if let Some(stopped) = stopped {
                return Ok(Run { reply, stopped, request: self.request, usage: self.usage, turns: self.taken });
            }
        }
    }

    async fn ask(&mut self, listener: &mut Listener) -> Result<Response<Message>> {
        let client = self.client.clone();
        let messages = client.messages().with(self.options.clone());
        if !self.streamed {
            return messages.create(&self.request).await;
        }
        let mut stream = messages.stream(&self.request).await?;
        while let Some(event) = stream.next().await {
            let event = event?;
            listener.tell(|| RunEvent::Event(event)).await;
        }
        stream.finish().await
    }

    /// Answers the calls of a reply, all in one turn.
    async fn carry_out(&mut self, reply: &Message, listener: &mut Listener) -> Option<Stopped> {
        let calls: Vec<_> = reply.tool_uses().cloned().collect();
        if calls.is_empty() {
            return Some(Stopped::NoCalls);
        }
        let answers = calls::answer(&mut self.rules, calls, self.taken, listener).await;
        self.request.messages.push(Turn::user(Content::Blocks(answers)));
        release_choice(&mut self.request);
        None
    }

    fn failed(self, error: Error) -> RunError {
        RunError { error, request: Box::new(self.request), usage: Box::new(self.usage), turns: self.taken }
    }
}

/// What had to be called was called.
fn release_choice(request: &mut MessageRequest) {
    let disable_parallel_tool_use = match &request.tool_choice {
        Some(ToolChoice::Any(choice)) => choice.disable_parallel_tool_use,
        Some(ToolChoice::Tool(choice)) => choice.disable_parallel_tool_use,
        _ => return,
    };
    request.tool_choice =
        disable_parallel_tool_use.map(|_| AutoChoice { disable_parallel_tool_use, extra: Default::default() }.into());
}

/// Code goes on in the container that it began in.
fn keep_container(request: &mut MessageRequest, reply: &Message) {
    let Some(container) = &reply.container else { return };
    match &mut request.container {
        Some(ContainerChoice::Setup(setup)) => setup.id = Some(container.id.clone()),
        choice => *choice = Some(container.into()),
    }
}
