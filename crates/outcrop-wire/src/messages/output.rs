//! What the answer is to be like: effort, format, budget.

use crate::json::Json;
use crate::record::{open_enum, record, union};

record! {
    /// What the answer is to be like.
    #[derive(Default)]
    pub struct OutputConfig {
        /// How much work goes into the answer.
        optional effort: Effort,
        /// The form of the answer.
        optional format: OutputFormat,
        /// What a whole task may cost (beta `task-budgets-2026-03-13`).
        optional task_budget: TaskBudget,
    }
}

open_enum! {
    /// How much work goes into the answer: thinking, text and tool calls alike.
    pub enum Effort {
        /// Least.
        Low = "low",
        /// Less.
        Medium = "medium",
        /// The default of most models.
        High = "high",
        /// More (newer models only).
        XHigh = "xhigh",
        /// Most.
        Max = "max",
    }
}

union! {
    /// The form of the answer.
    pub enum OutputFormat {
        /// JSON that matches a schema.
        JsonSchema(JsonSchemaFormat) = "json_schema",
    }
}

record! {
    /// JSON that matches a schema.
    pub struct JsonSchemaFormat {
        /// JSON Schema; every object needs `additionalProperties: false`.
        required schema: Json,
    }
}

record! {
    /// What a whole task may cost, over several requests.
    pub struct TaskBudget {
        /// `tokens`.
        required kind("type"): String,
        /// In all.
        required total: u64,
        /// What is left of it.
        optional remaining: u64,
    }
}

impl OutputFormat {
    /// JSON that matches a schema.
    #[must_use]
    pub fn json_schema(schema: Json) -> Self {
        OutputFormat::JsonSchema(JsonSchemaFormat { schema, extra: Default::default() })
    }
}
