//! Tools that Anthropic defined: a family each, in dated versions.
//!
//! A version that is not in [`VERSIONS`] stays as it came (`Tool::Other`). Shapes: the official Python SDK 2.12, `types`
//! and `types/beta`.

use super::super::{CacheControl, CitationsConfig};
use crate::json::Json;
use crate::record::record;

/// A family of Anthropic-defined tools.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Family {
    /// A shell, run by the caller.
    Bash,
    /// A text editor, run by the caller.
    TextEditor,
    /// Screen, mouse and keyboard, run by the caller.
    Computer,
    /// A folder of memories, run by the caller.
    Memory,
    /// Finds tools whose loading was deferred; runs at the service.
    ToolSearch,
    /// Runs at the service.
    WebSearch,
    /// Runs at the service.
    WebFetch,
    /// Runs at the service.
    CodeExecution,
    /// Another model's advice; runs at the service.
    Advisor,
    /// The tools of an MCP server.
    McpToolset,
    /// Screen, mouse and keyboard, a tool each.
    ComputerToolset,
    /// A browser, a tool each.
    BrowserToolset,
}

/// A dated version of a family.
#[derive(Debug)]
pub struct Version {
    /// The `type` on the wire.
    pub kind: &'static str,
    /// Its family.
    pub family: Family,
    /// The name it must have; empty where it has none.
    pub name: &'static str,
}

const fn version(kind: &'static str, family: Family, name: &'static str) -> Version {
    Version { kind, family, name }
}

/// The versions known here, oldest first in each family.
pub static VERSIONS: &[Version] = &[
    version("bash_20241022", Family::Bash, "bash"),
    version("bash_20250124", Family::Bash, "bash"),
    version("text_editor_20241022", Family::TextEditor, "str_replace_editor"),
    version("text_editor_20250124", Family::TextEditor, "str_replace_editor"),
    version("text_editor_20250429", Family::TextEditor, "str_replace_based_edit_tool"),
    version("text_editor_20250728", Family::TextEditor, "str_replace_based_edit_tool"),
    version("computer_20241022", Family::Computer, "computer"),
    version("computer_20250124", Family::Computer, "computer"),
    version("computer_20251124", Family::Computer, "computer"),
    version("memory_20250818", Family::Memory, "memory"),
    version("tool_search_tool_regex", Family::ToolSearch, "tool_search_tool_regex"),
    version("tool_search_tool_regex_20251119", Family::ToolSearch, "tool_search_tool_regex"),
    version("tool_search_tool_bm25", Family::ToolSearch, "tool_search_tool_bm25"),
    version("tool_search_tool_bm25_20251119", Family::ToolSearch, "tool_search_tool_bm25"),
    version("web_search_20250305", Family::WebSearch, "web_search"),
    version("web_search_20260209", Family::WebSearch, "web_search"),
    version("web_search_20260318", Family::WebSearch, "web_search"),
    version("web_fetch_20250910", Family::WebFetch, "web_fetch"),
    version("web_fetch_20260209", Family::WebFetch, "web_fetch"),
    version("web_fetch_20260309", Family::WebFetch, "web_fetch"),
    version("web_fetch_20260318", Family::WebFetch, "web_fetch"),
    version("code_execution_20250522", Family::CodeExecution, "code_execution"),
    version("code_execution_20250825", Family::CodeExecution, "code_execution"),
    version("code_execution_20260120", Family::CodeExecution, "code_execution"),
    version("code_execution_20260521", Family::CodeExecution, "code_execution"),
    version("advisor_20260301", Family::Advisor, "advisor"),
    version("mcp_toolset", Family::McpToolset, ""),
    version("computer_toolset_20260801", Family::ComputerToolset, ""),
    version("browser_toolset_20260801", Family::BrowserToolset, ""),
];

impl Version {
    /// The version of a `type`, where it is known.
    #[must_use]
    pub fn of(kind: &str) -> Option<&'static Version> {
        VERSIONS.iter().find(|version| version.kind == kind)
    }
}

/// Declares a family's record: its `type` and name, what is its own, and what every tool may have.
macro_rules! tool {
    ($(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        record! {
            $(#[$meta])*
            #[derive(Default)]
            pub struct $name {
                /// The dated `type`.
                default kind("type"): String,
                /// The name that its version has.
                required name: String,
                $($own)*
                /// Caches all tools up to here.
                optional cache_control: CacheControl,
                /// Who may call it: `direct`, or code that runs at the service.
                optional allowed_callers: Vec<String>,
                /// Whether it is only loaded once a tool search finds it.
                optional defer_loading: bool,
                /// Whether the arguments must match the schema exactly.
                optional strict: bool,
            }
        }
    };
}

tool!(
    /// A tool without settings of its own: bash, memory, tool search, code execution.
    PlainTool {
        /// Arguments as they may be.
        optional input_examples: Vec<Json>,
    }
);
tool!(
    /// A text editor.
    TextEditorTool {
        /// The most of a file that is shown (from `text_editor_20250728` on).
        optional max_characters: u64,
        /// Arguments as they may be.
        optional input_examples: Vec<Json>,
    }
);
tool!(
    /// Screen, mouse and keyboard.
    ComputerTool {
        /// Pixels across.
        required display_width_px: u32,
        /// Pixels down.
        required display_height_px: u32,
        /// Which display (X11).
        optional display_number: i64,
        /// Whether the model may look closer (from `computer_20251124` on).
        optional enable_zoom: bool,
        /// Arguments as they may be.
        optional input_examples: Vec<Json>,
    }
);
tool!(
    /// Web search.
    WebSearchTool {
        /// Nothing else is searched.
        optional allowed_domains: Vec<String>,
        /// Not searched.
        optional blocked_domains: Vec<String>,
        /// The most searches of a request.
        optional max_uses: u32,
        /// Where the user is.
        optional user_location: UserLocation,
        /// `full` or `excluded` (from `web_search_20260318` on).
        optional response_inclusion: String,
    }
);
tool!(
    /// Web fetch.
    WebFetchTool {
        /// Nothing else is fetched.
        optional allowed_domains: Vec<String>,
        /// Not fetched.
        optional blocked_domains: Vec<String>,
        /// The most fetches of a request.
        optional max_uses: u32,
        /// The most of a page that is taken.
        optional max_content_tokens: u64,
        /// Whether pages are to be cited.
        optional citations: CitationsConfig,
        /// Where addresses may come from.
        optional url_sources: Json,
        /// Whether a cached page will do (from `web_fetch_20260309` on).
        optional use_cache: bool,
        /// `full` or `excluded` (from `web_fetch_20260318` on).
        optional response_inclusion: String,
    }
);
tool!(
    /// Another model's advice.
    AdvisorTool {
        /// Whose.
        required model: String,
        /// The most it may say.
        optional max_tokens: u32,
        /// The most questions of a request.
        optional max_uses: u32,
        /// Caches what it is told.
        optional caching: CacheControl,
    }
);

record! {
    /// Where the user is, roughly.
    pub struct UserLocation {
        /// `approximate`.
        required kind("type"): String,
        /// City.
        optional city: String,
        /// ISO 3166 alpha-2.
        optional country: String,
        /// Region or state.
        optional region: String,
        /// IANA name.
        optional timezone: String,
    }
}

record! {
    /// Several tools under one `type`: an MCP server's, a computer's, a browser's.
    #[derive(Default)]
    pub struct Toolset {
        /// The `type`.
        default kind("type"): String,
        /// The MCP server, for its tools.
        optional mcp_server_name: String,
        /// Settings by tool.
        optional configs: Json,
        /// Settings of every other tool.
        optional default_config: Json,
        /// The tools, where they are known beforehand.
        optional tools: Vec<Json>,
        /// Caches all tools up to here.
        optional cache_control: CacheControl,
    }
}
