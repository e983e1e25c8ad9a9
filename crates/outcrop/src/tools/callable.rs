//! A tool and what carries it out.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use http::Extensions;
use outcrop_wire::Json;
use outcrop_wire::messages::Tool;
use serde::de::DeserializeOwned;

use super::output::ToolResult;
use crate::structured::Misfit;

/// One call being carried out; the arguments may turn out not to fit.
pub(super) type Job = Pin<Box<dyn Future<Output = Result<ToolResult, Misfit>> + Send>>;

type Start = dyn Fn(Json, ToolContext) -> Job + Send + Sync;

/// A tool and what carries it out. Cheap to clone.
#[derive(Clone)]
pub struct Callable {
    definition: Tool,
    start: Arc<Start>,
}

impl Callable {
    /// A tool of any definition, its schema written by hand, or one that Anthropic defined. `T` is [`Json`] to take the
    /// arguments as they come.
    ///
    /// ```
    /// use outcrop::tools::Callable;
    /// use outcrop::{Json, Tool};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let schema = Json::from_text(r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#)?;
    /// let echo = Callable::new(Tool::new("echo", "Says it again.", schema), |arguments: Json| async move {
    ///     Ok(arguments.into())
    /// });
    /// # assert_eq!(echo.name().as_deref(), Some("echo"));
    /// # Ok(()) }
    /// ```
    pub fn new<T, F, R>(definition: impl Into<Tool>, run: F) -> Self
    where
        T: DeserializeOwned,
        F: Fn(T) -> R + Send + Sync + 'static,
        R: Future<Output = ToolResult> + Send + 'static,
    {
        Callable::with_context(definition, move |arguments, _| run(arguments))
    }

    /// The same, for what wants to know about the call.
    pub fn with_context<T, F, R>(definition: impl Into<Tool>, run: F) -> Self
    where
        T: DeserializeOwned,
        F: Fn(T, ToolContext) -> R + Send + Sync + 'static,
        R: Future<Output = ToolResult> + Send + 'static,
    {
        let run = Arc::new(run);
        let start = move |input: Json, context: ToolContext| -> Job {
            let run = Arc::clone(&run);
            // All of it inside the future: whatever panics, panics where it is looked for.
            Box::pin(async move {
                let future = run(crate::structured::fitted(input.text())?, context);
                Ok(future.await)
            })
        };
        Callable { definition: definition.into(), start: Arc::new(start) }
    }

    /// The definition that the model gets.
    #[must_use]
    pub fn definition(&self) -> &Tool {
        &self.definition
    }

    /// The same with another definition: cached, strict, or under another name.
    #[must_use]
    pub fn defined(mut self, change: impl FnOnce(Tool) -> Tool) -> Self {
        self.definition = change(self.definition);
        self
    }

    /// The name the model calls it by.
    #[must_use]
    pub fn name(&self) -> Option<Cow<'_, str>> {
        self.definition.name()
    }

    pub(super) fn start(&self, input: Json, context: ToolContext) -> Job {
        (self.start)(input, context)
    }
}

impl fmt::Debug for Callable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Callable").field(&self.definition).finish()
    }
}

/// A closure as a tool; the schema comes from the type of its argument, a struct with named fields: arguments are a JSON
/// object.
///
/// ```
/// # #[derive(serde::Deserialize, schemars::JsonSchema)] struct Sum { a: f64, b: f64 }
/// let add = outcrop::tools::tool_fn("add", "Adds two numbers.", |sum: Sum| async move {
///     Ok((sum.a + sum.b).to_string().into())
/// });
/// ```
#[cfg(feature = "derive")]
pub fn tool_fn<T, F, R>(name: &str, description: &str, run: F) -> Callable
where
    T: DeserializeOwned + schemars::JsonSchema,
    F: Fn(T) -> R + Send + Sync + 'static,
    R: Future<Output = ToolResult> + Send + 'static,
{
    Callable::new(super::arguments::describe::<T>(name, description, false), run)
}

/// What a tool may want to know about its call.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ToolContext {
    /// Names the call: `toolu_bdrk_...`.
    pub id: String,
    /// The name the model called.
    pub name: String,
    /// In which reply of the run, from 1.
    pub turn: u32,
    pub(super) state: Arc<Extensions>,
}

impl ToolContext {
    /// What the program gave the run for its tools, by its type: a database, a session.
    #[must_use]
    pub fn state<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.state.get()
    }

    /// A context by hand, for tests of a tool.
    #[must_use]
    pub fn with_state<T: Any + Clone + Send + Sync>(mut self, value: T) -> Self {
        Arc::make_mut(&mut self.state).insert(value);
        self
    }
}
