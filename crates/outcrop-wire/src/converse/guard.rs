//! What a guardrail is to look at.

use super::{ImageFormat, ImageSource};
use crate::keyed::keyed;
use crate::record::{open_enum, record};

keyed! {
    /// What a guardrail is to look at; where there is such a block, it looks at nothing else.
    pub enum GuardContentBlock {
        /// Text.
        Text(GuardTextBlock) = "text",
        /// An image.
        Image(GuardImageBlock) = "image",
    }
}

record! {
    /// Text for a guardrail.
    sorted pub struct GuardTextBlock {
        /// What it is to the guardrail.
        optional qualifiers: Vec<GuardQualifier>,
        /// The text.
        required text: String,
    }
}

open_enum! {
    /// What a text is to a guardrail.
    pub enum GuardQualifier {
        /// What an answer must be grounded in.
        GroundingSource = "grounding_source",
        /// What was asked.
        Query = "query",
        /// What is to be guarded.
        GuardContent = "guard_content",
    }
}

record! {
    /// An image for a guardrail.
    sorted pub struct GuardImageBlock {
        /// `png` or `jpeg`.
        required format: ImageFormat,
        /// Its bytes.
        required source: ImageSource,
    }
}

impl GuardContentBlock {
    /// Text without qualifiers.
    pub fn text(text: impl Into<String>) -> Self {
        GuardContentBlock::Text(GuardTextBlock { qualifiers: None, text: text.into(), extra: Default::default() })
    }
}
