//! What the answer is to be like.

use super::Effort;
use crate::json::Json;
use crate::keyed::keyed;
use crate::record::record;

record! {
    /// What the answer is to be like.
    #[derive(Default)]
    pub struct OutputConfig {
        /// The form of its text.
        optional text_format("textFormat"): TextFormat,
        /// How much work goes into it.
        optional effort: Effort,
    }
}

record! {
    /// The form of the answer's text.
    pub struct TextFormat {
        /// Always `json_schema` today.
        required kind("type"): String,
        /// Which form.
        required structure: OutputStructure,
    }
}

keyed! {
    /// A form.
    pub enum OutputStructure {
        /// JSON that matches a schema.
        JsonSchema(JsonSchema) = "jsonSchema",
    }
}

record! {
    /// JSON that matches a schema.
    pub struct JsonSchema {
        /// The JSON Schema, as text; every object of it needs `additionalProperties: false`.
        required schema: String,
        /// A name for it.
        optional name: String,
        /// What it is.
        optional description: String,
    }
}

impl TextFormat {
    /// JSON that matches a schema.
    #[must_use]
    pub fn json_schema(schema: &Json) -> Self {
        let schema =
            JsonSchema { schema: schema.text().to_owned(), name: None, description: None, extra: Default::default() };
        TextFormat {
            kind: "json_schema".to_owned(),
            structure: OutputStructure::JsonSchema(schema),
            extra: Default::default(),
        }
    }
}
