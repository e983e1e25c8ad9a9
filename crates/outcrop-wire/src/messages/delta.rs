//! What a block grows by.

use super::Citation;
use crate::record::{record, union};

union! {
    /// One growth of a block.
    pub enum Delta {
        /// Text is appended.
        Text(TextDelta) = "text_delta",
        /// The JSON text of a tool's arguments is appended.
        InputJson(InputJsonDelta) = "input_json_delta",
        /// Thinking is appended.
        Thinking(ThinkingDelta) = "thinking_delta",
        /// The signature, whole, after the thinking.
        Signature(SignatureDelta) = "signature_delta",
        /// A citation is added.
        Citations(Box<CitationsDelta>) = "citations_delta",
        /// The summary of a compaction.
        Compaction(Box<CompactionDelta>) = "compaction_delta",
    }
}

record! {
    /// Text is appended.
    pub struct TextDelta {
        /// The piece.
        required text: String,
    }
}

record! {
    /// The JSON text of a tool's arguments is appended.
    pub struct InputJsonDelta {
        /// The piece; the first is often empty, and only the whole is JSON.
        required partial_json: String,
    }
}

record! {
    /// Thinking is appended.
    pub struct ThinkingDelta {
        /// The piece.
        required thinking: String,
        /// About how many tokens so far (beta `thinking-token-count-2026-05-13`).
        lenient estimated_tokens: u64,
    }
}

record! {
    /// The signature of a thinking block.
    pub struct SignatureDelta {
        /// All of it.
        required signature: String,
    }
}

record! {
    /// A citation is added.
    pub struct CitationsDelta {
        /// The citation.
        required citation: Citation,
    }
}

record! {
    /// The summary of a compaction, whole.
    pub struct CompactionDelta {
        /// The summary.
        optional content: String,
        /// The summary, opaque.
        optional encrypted_content: String,
    }
}

impl Delta {
    /// Text is appended.
    pub fn text(text: impl Into<String>) -> Self {
        Delta::Text(TextDelta { text: text.into(), extra: Default::default() })
    }

    /// A piece of a tool's arguments is appended.
    pub fn input_json(partial_json: impl Into<String>) -> Self {
        Delta::InputJson(InputJsonDelta { partial_json: partial_json.into(), extra: Default::default() })
    }

    /// Thinking is appended.
    pub fn thinking(thinking: impl Into<String>) -> Self {
        Delta::Thinking(ThinkingDelta { thinking: thinking.into(), estimated_tokens: None, extra: Default::default() })
    }

    /// The signature of a thinking block.
    pub fn signature(signature: impl Into<String>) -> Self {
        Delta::Signature(SignatureDelta { signature: signature.into(), extra: Default::default() })
    }

    /// A citation is added.
    #[must_use]
    pub fn citation(citation: Citation) -> Self {
        Delta::Citations(Box::new(CitationsDelta { citation, extra: Default::default() }))
    }
}
