//! The tools of a run.

use std::borrow::Cow;

use outcrop_wire::messages::{MessageRequest, Tool};

use super::arguments::Call;
use super::callable::Callable;

/// The tools of a run, in the order the model gets them.
#[derive(Clone, Debug, Default)]
pub struct ToolSet(Vec<Callable>);

impl ToolSet {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        ToolSet(Vec::new())
    }

    /// Adds a tool.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "nothing is summed")]
    pub fn add(mut self, tool: impl Into<Callable>) -> Self {
        self.0.push(tool.into());
        self
    }

    /// Adds the tool whose arguments are `T`.
    #[must_use]
    pub fn with<T: Call>(self) -> Self {
        self.add(T::tool())
    }

    /// The names the model calls them by.
    pub fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.iter().filter_map(Callable::name)
    }

    /// Their definitions, for a request.
    pub fn definitions(&self) -> impl Iterator<Item = &Tool> {
        self.0.iter().map(Callable::definition)
    }

    /// The tool that the model calls `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Callable> {
        self.0.iter().find(|tool| tool.name().as_deref() == Some(name))
    }

    /// Puts the definitions into a request. What the request already has under a name stays.
    ///
    /// # Errors
    /// When two tools have one name, or one has none.
    pub(super) fn define(&self, request: &mut MessageRequest) -> Result<(), String> {
        for (at, tool) in self.0.iter().enumerate() {
            let Some(name) = tool.name() else {
                return Err(format!("a tool of type `{}` has no name to be called by", tool.definition().kind()));
            };
            if self.names().take(at).any(|earlier| earlier == name) {
                return Err(format!("two tools have the name `{name}`"));
            }
            let tools = request.tools.get_or_insert_default();
            if !tools.iter().any(|known| known.name().as_deref() == Some(&name)) {
                tools.push(tool.definition().clone());
            }
        }
        Ok(())
    }
}

impl From<Callable> for ToolSet {
    fn from(tool: Callable) -> Self {
        ToolSet(vec![tool])
    }
}

impl From<Vec<Callable>> for ToolSet {
    fn from(tools: Vec<Callable>) -> Self {
        ToolSet(tools)
    }
}

impl<const N: usize> From<[Callable; N]> for ToolSet {
    fn from(tools: [Callable; N]) -> Self {
        ToolSet(tools.into())
    }
}

impl FromIterator<Callable> for ToolSet {
    fn from_iter<I: IntoIterator<Item = Callable>>(tools: I) -> Self {
        ToolSet(tools.into_iter().collect())
    }
}
