//! The calls of one reply: each allowed or not, carried out side by side, and answered in the order of their blocks.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use outcrop_wire::Json;
use outcrop_wire::messages::{Block, Tool, ToolUseBlock};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::callable::ToolContext;
use super::event::{Outcome, RunEvent, ToolFinished};
use super::output::{self, ToolError, ToolResult};
use super::run::Decision;
use super::set::ToolSet;
use super::turns::Listener;
use crate::structured::Misfit;

/// Asked before a call is carried out.
pub(super) type BeforeCall = Box<dyn FnMut(ToolUseBlock) -> Pin<Box<dyn Future<Output = Decision> + Send>> + Send>;

/// What holds for all calls of a run.
pub(super) struct Rules {
    pub(super) tools: ToolSet,
    pub(super) concurrency: usize,
    pub(super) timeout: Option<Duration>,
    pub(super) result_limit: usize,
    pub(super) before_call: Option<BeforeCall>,
    pub(super) state: Arc<Extensions>,
}

/// How a call that began has ended.
enum End {
    Result(ToolResult),
    Misfit(Misfit),
    TimedOut,
}

/// Answers every call, in the order of the calls.
pub(super) async fn answer(
    rules: &mut Rules,
    calls: Vec<ToolUseBlock>,
    turn: u32,
    listener: &mut Listener,
) -> Vec<Block> {
    let mut answers: Vec<Option<Block>> = vec![None; calls.len()];
    let mut waiting: Vec<(usize, ToolUseBlock, Json)> = Vec::with_capacity(calls.len());
    for (at, call) in calls.into_iter().enumerate() {
        let decision = match (&mut rules.before_call, rules.tools.find(&call.name)) {
            (Some(before_call), Some(_)) => before_call(call.clone()).await,
            _ => Decision::Allow,
        };
        let input = match decision {
            _ if rules.tools.find(&call.name).is_none() => Err((Outcome::Unknown, unknown(&call.name, &rules.tools))),
            Decision::Deny(reason) => Err((Outcome::Denied, denied(&reason))),
            Decision::Allow => Ok(call.input.clone()),
            Decision::Replace(input) => Ok(input),
        };
        match input {
            Ok(input) => waiting.push((at, call, input)),
            Err((outcome, error)) => {
                let answer = finish(call, &Err(error), outcome, rules.result_limit, Duration::ZERO, listener).await;
                answers[at] = Some(answer);
            }
        }
    }
    // Whatever still runs when this set is dropped is stopped.
    let mut tasks: JoinSet<End> = JoinSet::new();
    let mut running: HashMap<Id, (usize, ToolUseBlock, Instant)> = HashMap::new();
    let mut waiting = waiting.into_iter();
    loop {
        while running.len() < rules.concurrency.max(1)
            && let Some((at, call, input)) = waiting.next()
        {
            let Some(tool) = rules.tools.find(&call.name) else { continue };
            let context =
                ToolContext { id: call.id.clone(), name: call.name.clone(), turn, state: Arc::clone(&rules.state) };
            listener.tell(|| RunEvent::ToolStarted(call.clone())).await;
            let task = tasks.spawn(limited(tool.start(input, context), rules.timeout));
            running.insert(task.id(), (at, call, Instant::now()));
        }
        let Some(joined) = tasks.join_next_with_id().await else { break };
        let (id, end) = match joined {
            Ok((id, end)) => (id, Ok(end)),
            Err(error) => (error.id(), Err(error)),
        };
        let Some((at, call, began)) = running.remove(&id) else { continue };
        let (result, outcome) = rules.judge(&call.name, end);
        answers[at] = Some(finish(call, &result, outcome, rules.result_limit, began.elapsed(), listener).await);
    }
    answers.into_iter().flatten().collect()
}

async fn limited(job: super::callable::Job, timeout: Option<Duration>) -> End {
    let ended = match timeout {
        None => Some(job.await),
        Some(limit) => tokio::time::timeout(limit, job).await.ok(),
    };
    match ended {
        Some(Ok(result)) => End::Result(result),
        Some(Err(misfit)) => End::Misfit(misfit),
        None => End::TimedOut,
    }
}

impl Rules {
    /// What a call's end is to the model, and to the program.
    fn judge(&self, name: &str, end: Result<End, JoinError>) -> (ToolResult, Outcome) {
        match end {
            Ok(End::Result(Ok(output))) => (Ok(output), Outcome::Done),
            Ok(End::Result(Err(error))) => (Err(error), Outcome::Failed),
            Ok(End::Misfit(misfit)) => {
                let schema = self.tools.find(name).and_then(|tool| schema_hint(tool.definition()));
                let text = format!(
                    "Error: the arguments do not fit the tool `{name}`: {misfit}.{}",
                    schema.map(|schema| format!(" They must fit this JSON Schema: {schema}")).unwrap_or_default()
                );
                (Err(ToolError::new(text)), Outcome::BadArguments(misfit.to_string()))
            }
            Ok(End::TimedOut) => {
                let seconds = self.timeout.unwrap_or_default().as_secs_f64();
                let text = format!("Error: the tool `{name}` was stopped: it took longer than {seconds} s.");
                (Err(ToolError::new(text)), Outcome::TimedOut)
            }
            Err(error) => {
                let text = format!("Error: the tool `{name}` broke down.");
                (Err(ToolError::new(text)), Outcome::Panicked(panic_message(error)))
            }
        }
    }
}

async fn finish(
    call: ToolUseBlock,
    result: &ToolResult,
    outcome: Outcome,
    limit: usize,
    duration: Duration,
    listener: &mut Listener,
) -> Block {
    let (result, cut) = output::block(&call, result, limit);
    let finished = || ToolFinished { call, result: result.clone(), outcome, cut, duration };
    listener.tell(|| RunEvent::ToolFinished(Box::new(finished()))).await;
    Block::ToolResult(result)
}

fn unknown(name: &str, tools: &ToolSet) -> ToolError {
    let names: Vec<String> = tools.names().map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => ToolError::new(format!("Error: there is no tool `{name}`.")),
        false => ToolError::new(format!("Error: there is no tool `{name}`. There are: {}.", names.join(", "))),
    }
}

fn denied(reason: &str) -> ToolError {
    match reason {
        "" => ToolError::new("Error: the call was not allowed."),
        reason => ToolError::new(format!("Error: the call was not allowed: {reason}")),
    }
}

/// The schema, unless it is too long to be told again.
fn schema_hint(tool: &Tool) -> Option<&str> {
    match tool {
        Tool::Custom(tool) => Some(tool.input_schema.text()).filter(|schema| schema.len() <= 4000),
        _ => None,
    }
}

fn panic_message(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
            (Some(text), _) => (*text).to_owned(),
            (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        },
        Err(error) => error.to_string(),
    }
}
