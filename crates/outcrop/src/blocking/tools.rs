//! A run of tools, blocking: its settings, and the wait for its end.

use std::any::Any;
use std::fmt;
use std::future::IntoFuture as _;
use std::sync::Arc;
use std::time::Duration;

use outcrop_wire::messages::ToolUseBlock;

use super::runtime::Runtime;
use crate::call::CallOptions;
use crate::tools::{Decision, Run, RunError, RunEvent};

/// A conversation with tools, about to begin: [`ToolRun::send`] it. Its settings are those of
/// [`ToolRun`](crate::tools::ToolRun). Tools are asynchronous here too: what blocks belongs into `spawn_blocking`.
#[must_use = "a run begins when it is sent"]
pub struct ToolRun {
    run: crate::tools::ToolRun,
    runtime: Arc<Runtime>,
}

/// The same setters as the asynchronous one has.
macro_rules! forward {
    ($( $(#[$meta:meta])* $name:ident($argument:ident: $type:ty); )*) => {
        $( $(#[$meta])* pub fn $name(mut self, $argument: $type) -> Self {
            self.run = self.run.$name($argument);
            self
        } )*
    };
}

impl ToolRun {
    pub(super) fn new(run: crate::tools::ToolRun, runtime: Arc<Runtime>) -> Self {
        ToolRun { run, runtime }
    }

    forward! {
        /// The most replies that are asked for, 32 until set.
        max_turns(turns: u32);
        /// How many calls of one reply are carried out at a time, 8 until set.
        concurrency(calls: usize);
        /// How long one call may take; for ever until set.
        tool_timeout(limit: Duration);
        /// The most bytes of text of one result, 100,000 until set.
        result_limit(bytes: usize);
        /// Tells what happens while it does.
        on_event(tell: impl FnMut(&RunEvent) + Send + 'static);
        /// Something for the tools to use, found by its type.
        state(value: impl Any + Clone + Send + Sync);
        /// Sets everything that is particular to the calls of the model.
        options(options: CallOptions);
    }

    /// Asks before each call of a known tool: see [`ToolRun::before_call`](crate::tools::ToolRun::before_call).
    pub fn before_call(mut self, mut decide: impl FnMut(ToolUseBlock) -> Decision + Send + 'static) -> Self {
        self.run = self.run.before_call(move |call| std::future::ready(decide(call)));
        self
    }

    /// Takes turns until the model is done.
    ///
    /// # Errors
    /// When a call of the model fails; it holds the conversation so far.
    pub fn send(self) -> Result<Run, RunError> {
        match self.runtime.may_wait() {
            Ok(()) => self.runtime.wait(self.run.into_future()),
            Err(error) => Err(self.run.refused(error)),
        }
    }
}

impl fmt::Debug for ToolRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.run.fmt(f)
    }
}
