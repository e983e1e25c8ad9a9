//! Blocks about the conversation itself: made short, gone on with another model, tools that come and go, tabs.
//!
//! Shapes: the official Python SDK 2.12, `types/beta`.

use super::CacheControl;
use crate::json::Json;
use crate::record::record;

record! {
    /// A conversation, made short.
    pub struct CompactionBlock {
        /// The summary.
        nullable content: String,
        /// The summary, opaque.
        optional encrypted_content: String,
        /// Proves that it is unchanged.
        optional signature: String,
        /// Tools that came and went in it.
        optional tool_changes: Vec<Json>,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// Another model went on.
    pub struct FallbackBlock {
        /// The model that stopped.
        required from: FallbackModel,
        /// The model that went on.
        required to: FallbackModel,
        /// Why: a refusal today.
        lenient trigger: FallbackTrigger,
    }
}

record! {
    /// A model of a fallback.
    pub struct FallbackModel {
        /// Its name.
        required model: String,
    }
}

record! {
    /// Why another model went on.
    pub struct FallbackTrigger {
        /// `refusal`.
        required kind("type"): String,
        /// What it was about.
        optional category: String,
    }
}

record! {
    /// From here on there is one more tool (beta `mid-conversation-tool-changes-2026-07-01`).
    pub struct ToolAdditionBlock {
        /// A reference, or a definition.
        required tool: Json,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// From here on there is one tool less.
    pub struct ToolRemovalBlock {
        /// A reference.
        required tool: Json,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// The tabs of a browser.
    pub struct BrowserStateBlock {
        /// Open ones.
        required tabs: Vec<BrowserTab>,
        /// What happened since.
        optional state_changes: Vec<Json>,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// A tab of a browser.
    pub struct BrowserTab {
        /// Its id.
        required tab_id: String,
        /// Its title.
        required title: String,
        /// Where it is.
        required url: String,
        /// Whether it is the one in front.
        optional active: bool,
    }
}
