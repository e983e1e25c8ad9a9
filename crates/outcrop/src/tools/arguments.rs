//! A struct of arguments as a tool: what `derive(Tool)` writes, and what is written by hand.

use outcrop_wire::messages::Tool;
use serde::de::DeserializeOwned;

use super::callable::{Callable, ToolContext};
use super::output::ToolResult;

/// The arguments of a tool: its name, and its definition as the model gets it. `#[derive(Tool)]` writes this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known as the arguments of a tool",
    label = "no tool",
    note = "add `#[derive(outcrop::Tool, serde::Deserialize, schemars::JsonSchema)]`"
)]
pub trait ToolArguments: DeserializeOwned + Send + 'static {
    /// The name the model calls it by.
    const NAME: &'static str;

    /// Name, description and schema.
    fn definition() -> Tool;
}

/// What a tool does with its arguments.
#[diagnostic::on_unimplemented(note = "say what the tool does: `impl outcrop::tools::Call for {Self}`")]
pub trait Call: ToolArguments {
    /// Carries out one call. Written as `async fn call(self, context: &ToolContext) -> ToolResult`.
    ///
    /// Runs in a task of its own, which ends early when the run is dropped.
    fn call(self, context: &ToolContext) -> impl Future<Output = ToolResult> + Send;

    /// The tool, to be given to a run.
    #[must_use]
    fn tool() -> Callable {
        Callable::with_context(Self::definition(), |arguments: Self, context: ToolContext| async move {
            arguments.call(&context).await
        })
    }
}

/// The definition of a tool whose schema is derived. Part of what `derive(Tool)` writes.
#[cfg(feature = "derive")]
#[doc(hidden)]
#[must_use]
pub fn describe<T: schemars::JsonSchema>(name: &str, description: &str, strict: bool) -> Tool {
    use outcrop_wire::schema::enforced;

    let schema = crate::structured::schema_of::<T>();
    // The tool has the description; twice would cost tokens.
    let mut members: outcrop_wire::Extra = schema.parse().unwrap_or_default();
    members.take("description");
    if members.value("properties").is_none() {
        members.set("properties", outcrop_wire::Json::empty_object());
    }
    let mut schema = outcrop_wire::Json::of(&members).unwrap_or(schema);
    // What cannot be enforced is not held to; then the model is only told.
    let enforced = strict.then(|| enforced(&schema).ok()).flatten().filter(|enforced| enforced.closed.is_empty());
    let strict = enforced.is_some().then_some(true);
    if let Some(enforced) = enforced {
        schema = enforced.schema;
    }
    let mut tool = Tool::new(name, description, schema);
    if let Tool::Custom(tool) = &mut tool {
        tool.strict = strict;
        tool.description.take_if(|description| description.is_empty());
    }
    tool
}

/// What `derive(Tool)` refuses.
///
/// ```compile_fail
/// /// Nothing to call.
/// #[derive(outcrop::Tool)]
/// enum Either { A, B }
/// ```
///
/// ```compile_fail
/// /// Not named.
/// #[derive(outcrop::Tool, serde::Deserialize, schemars::JsonSchema)]
/// struct Pair(u8, u8);
/// ```
///
/// ```compile_fail
/// // No description.
/// #[derive(outcrop::Tool, serde::Deserialize, schemars::JsonSchema)]
/// struct Silent { what: String }
/// ```
///
/// ```compile_fail
/// /// A name that the service would refuse.
/// #[derive(outcrop::Tool, serde::Deserialize, schemars::JsonSchema)]
/// #[tool(name = "get weather")]
/// struct GetWeather { city: String }
/// ```
///
/// ```compile_fail
/// /// An attribute that does not exist.
/// #[derive(outcrop::Tool, serde::Deserialize, schemars::JsonSchema)]
/// #[tool(titel = "Weather")]
/// struct GetWeather { city: String }
/// ```
///
/// What it takes, beside them:
///
/// ```
/// /// Described.
/// #[derive(outcrop::Tool, serde::Deserialize, schemars::JsonSchema)]
/// struct GetWeather { city: String }
/// ```
#[cfg(all(doctest, feature = "derive"))]
struct Refused;
