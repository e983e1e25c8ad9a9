//! Tools of MCP servers: the call, what came of it, and which there are.

use super::super::{CacheControl, PlainText};
use crate::json::Json;
use crate::record::{record, text_or_list};

record! {
    /// A call of a tool of an MCP server.
    pub struct McpToolUseBlock {
        /// Names the call.
        required id: String,
        /// The tool.
        required name: String,
        /// The server.
        required server_name: String,
        /// The arguments, as the model wrote them.
        required input: Json,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

text_or_list! {
    /// What an MCP tool gave back: one string, or texts.
    pub enum McpContent of PlainText;
}

record! {
    /// What a tool of an MCP server gave back.
    pub struct McpToolResultBlock {
        /// The call that this answers.
        required tool_use_id: String,
        /// What came of it.
        optional content: McpContent,
        /// Whether it failed.
        optional is_error: bool,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// The tools of an MCP server.
    pub struct McpToolListingBlock {
        /// The server.
        required mcp_server_name: String,
        /// Its tools.
        required tools: Vec<McpTool>,
    }
}

record! {
    /// A tool of an MCP server.
    pub struct McpTool {
        /// Its name.
        required name: String,
        /// What it does.
        optional description: String,
        /// JSON Schema of its arguments.
        required input_schema: Json,
    }
}
