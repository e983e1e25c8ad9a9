//! What one vocabulary cannot say as the other does: one row each, and the list of what a conversion came across.

use std::fmt;

/// Which way a conversion goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// Messages to Converse.
    ToConverse,
    /// Converse to Messages.
    ToMessages,
}

/// What becomes of what cannot be carried as it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Instead {
    /// It is left out.
    Dropped,
    /// It is said in another way, which means about the same; the way back gives that other way.
    Translated,
    /// It was not there, and had to be.
    MadeUp,
    /// It has no word of its own and is kept as an unknown member or block; the way back restores it.
    Kept,
    /// It is carried as it is, and Bedrock does not show it to the model.
    Unseen,
    /// It is said in another way, which means exactly the same. Conversions do not report it.
    Respelled,
}

/// One way in which the vocabularies differ.
#[derive(Debug, Eq, Hash, PartialEq)]
pub struct LossRow {
    /// Its name, for programs.
    pub name: &'static str,
    /// The way it is met.
    pub direction: Direction,
    /// What cannot be carried as it is.
    pub what: &'static str,
    /// What becomes of it.
    pub instead: Instead,
    /// The same in words.
    pub how: &'static str,
    /// Where that comes from.
    pub source: &'static str,
}

/// Something that a conversion could not carry as it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Loss {
    /// What kind of thing, and what became of it.
    pub row: &'static LossRow,
    /// Where it stood in what was converted: `messages.3.content.0`, `tools.1.input_examples`.
    pub place: String,
    /// What was made of what, where that says more than the row: `` `a pdf` in place of `a.pdf` ``.
    pub made: Option<String>,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.row.what, self.row.how)?;
        match &self.made {
            Some(made) => write!(f, ": {made}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::ToConverse => "to Converse",
            Direction::ToMessages => "to Messages",
        })
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Instead::Dropped => "dropped",
            Instead::Translated => "translated",
            Instead::MadeUp => "made up",
            Instead::Kept => "kept",
            Instead::Unseen => "unseen",
            Instead::Respelled => "respelled",
        })
    }
}

/// Declares the rows, and the table of them in the documentation of [`LOSSES`].
macro_rules! losses {
    ($( $row:ident: $direction:ident $instead:ident $name:literal, $what:literal, $how:literal, $source:literal; )*) => {
        $(
            #[doc = concat!("To be found in [`LOSSES`]: ", $what, ": ", $how, ".")]
            pub(crate) static $row: LossRow = LossRow {
                name: $name,
                direction: Direction::$direction,
                what: $what,
                instead: Instead::$instead,
                how: $how,
                source: $source,
            };
        )*

        /// Every way in which Messages and Converse differ.
        ///
        /// | name | direction | what | instead | |
        /// |---|---|---|---|---|
        $( #[doc = concat!(
            "| `", $name, "` | ", stringify!($direction), " | ", $what, " | ", stringify!($instead), " | ", $how, " |"
        )] )*
        pub static LOSSES: &[&LossRow] = &[$(&$row),*];
    };
}

losses! {
    // Requests, to Converse.
    MODEL: ToConverse Respelled "model",
        "the model, and whether the reply is streamed", "the path says both",
        "botocore bedrock-runtime, Converse";
    VERSION: ToConverse Dropped "anthropic_version",
        "the version of the Messages API", "Bedrock chooses it where it translates",
        "no recorded Converse request has one";
    STRING: ToConverse Respelled "string",
        "one string in the place of blocks", "one text block",
        "botocore bedrock-runtime, ContentBlocks";
    NOTHING: ToConverse Respelled "nothing",
        "an explicit null, an empty list of tools or citations, an empty description, a result without content, cache \
         writes of no tokens",
        "what says nothing is left out, or is an empty list",
        "botocore bedrock-runtime: at least one tool, NonEmptyString";
    CUSTOM: ToConverse Respelled "tool_type",
        "`type: custom` of a tool", "a toolSpec",
        "botocore bedrock-runtime, ToolSpecification";
    UNKNOWN_MEMBER: ToConverse Dropped "unknown_member",
        "a member that no field names, below the top level", "Converse has no place for it",
        "botocore bedrock-runtime: structures are closed";
    BLOCK: ToConverse Dropped "block",
        "a block of a kind that Converse does not have: results of server tools, MCP, compaction, fallback, containers",
        "the block is left out", "botocore bedrock-runtime, ContentBlock";
    EMPTIED_TURN: ToConverse Dropped "turn",
        "a turn all of whose blocks are left out", "the turn is left out",
        "botocore bedrock-runtime, Message";
    SOURCE: ToConverse Dropped "source",
        "an image or a document by URL or file id", "the block is left out: fetch it first",
        "botocore bedrock-runtime, ImageSource and DocumentSource";
    MEDIA_TYPE: ToConverse Translated "media_type",
        "a media type that is no format of Converse", "its last part is given as the format",
        "botocore bedrock-runtime, ImageFormat and DocumentFormat";
    IMAGE_IN_DOCUMENT: ToConverse Dropped "image_in_document",
        "an image inside a document made of blocks", "the image is left out",
        "botocore bedrock-runtime, DocumentContentBlock";
    UNCITED_TEXT: ToConverse Respelled "uncited_text",
        "a document of plain text that is not to be cited", "base64 `bytes` in the format `txt`, and back",
        "quoted (maximhq/bifrost issue 7072): `text` is taken with citations only";
    UNCITED_PIECES: ToConverse Translated "uncited_pieces",
        "a document made of blocks of text that is not to be cited", "one text, a blank line between the blocks",
        "quoted (maximhq/bifrost issue 7072, strands-agents/harness-sdk pull request 3582): `content` is taken with \
         citations only";
    TOOL_DOCUMENT: ToConverse Unseen "tool_result_document",
        "a document in a tool's result", "it is sent, but Bedrock does not show it to Claude: give it in the turn itself",
        "recorded (pydantic-ai, multimodal tool returns: Claude answers that it sees none)";
    TITLE: ToConverse Translated "document_title",
        "a title that is no document name, or that an earlier document has", "a name like it",
        "recorded (vercel/ai amazon-bedrock-invalid-document-filenames)";
    NAME: ToConverse MadeUp "document_name",
        "a document without a title", "a name by its place: `document 1`",
        "botocore bedrock-runtime, DocumentBlock: name is required";
    INNER_CHECKPOINT: ToConverse Dropped "inner_checkpoint",
        "a cache checkpoint inside a tool result, a search result or a document", "the checkpoint is left out",
        "botocore bedrock-runtime, ToolResultContentBlock";
    CHECKPOINT: ToConverse Translated "checkpoint",
        "a cache checkpoint other than `ephemeral`, or with members beside its ttl", "a cache point with its ttl",
        "botocore bedrock-runtime, CachePointBlock";
    CALLER: ToConverse Dropped "tool_caller",
        "who called a tool, and the tool set it belongs to", "Converse has no place for it",
        "botocore bedrock-runtime, ToolUseBlock and ToolResultBlock";
    SETTING: ToConverse Dropped "setting",
        "input examples, deferred loading, eager streaming and allowed callers of a tool; transformations of an image; \
         what a system turn sets",
        "Converse has no place for it", "botocore bedrock-runtime, ToolSpecification";
    TOOL_ORDER: ToConverse Translated "tool_order",
        "a tool that Anthropic defined before one of the caller's own",
        "it comes after them, in additionalModelRequestFields.tools",
        "AWS samples for computer use";
    CITED_TEXT: ToConverse Dropped "citations_of_instructions",
        "citations of the system prompt, of a tool result or of other text that nobody generated",
        "the text stays", "botocore bedrock-runtime, SystemContentBlock";
    SEARCH_CITATION: ToConverse Dropped "search_result_citation",
        "a citation of a search result, in a request", "the text stays: Bedrock loses its type on the way to the model",
        "langchain-aws, comment in chat_models/bedrock_converse.py";
    CITATION: ToConverse Dropped "citation",
        "a citation of an unknown kind", "the text stays",
        "botocore bedrock-runtime, CitationLocation";
    CITATION_MEMBER: ToConverse Dropped "citation_member",
        "the file id of a citation, and the encrypted index of a web citation", "the citation stays",
        "botocore bedrock-runtime, Citation";

    // Replies, to Converse.
    IDENTITY: ToConverse Respelled "reply_identity",
        "id, type and model of a reply", "Converse has no place for them; whoever asked knows the model",
        "botocore bedrock-runtime, ConverseResponse";
    STOP_REASON: ToConverse Translated "stop_reason",
        "no stop reason, `pause_turn` or `compaction`", "`end_turn`",
        "botocore bedrock-runtime, StopReason";
    REPLY_MEMBER: ToConverse Dropped "reply_member",
        "container, context management, diagnostics, input transformations and stop details of a reply",
        "Converse has no place for them", "botocore bedrock-runtime, ConverseResponse";
    USAGE_MEMBER: ToConverse Dropped "usage_member",
        "usage by kind of output, place and speed of processing, iterations, uses of server tools",
        "Converse has no place for them", "botocore bedrock-runtime, TokenUsage";
    PING: ToConverse Respelled "ping",
        "an event that says nothing", "no event",
        "botocore bedrock-runtime, ConverseStreamOutput";
    EVENT: ToConverse Dropped "event",
        "an event or a delta of a kind that Converse does not have", "no event",
        "botocore bedrock-runtime, ConverseStreamOutput";

    // Requests, to Messages.
    MAX_TOKENS: ToMessages MadeUp "max_tokens",
        "no limit of output: Converse takes the model's own", "4096",
        "botocore bedrock-runtime, InferenceConfiguration";
    RESULT_JSON: ToMessages Translated "tool_result_json",
        "JSON as a tool's result", "a text block with the JSON's text",
        "Messages API: a tool result holds text, images, documents and search results";
    GUARDED: ToMessages Kept "guard_content",
        "content that a guardrail is to look at", "an unknown block",
        "botocore bedrock-runtime, GuardrailConverseContentBlock";
    FOREIGN: ToMessages Kept "foreign_block",
        "video, audio, results of server tools, and blocks not known here", "an unknown block",
        "botocore bedrock-runtime, ContentBlock";
    S3: ToMessages Kept "s3_location",
        "an image or a document in S3", "an unknown source",
        "botocore bedrock-runtime, S3Location";
    LONE_CHECKPOINT: ToMessages Kept "lone_cache_point",
        "a cache point of an unknown type, or after nothing that takes one", "an unknown block or tool",
        "Messages API: checkpoints stand on blocks and tools";
    FOREIGN_TOOL: ToMessages Kept "system_tool",
        "a tool that AWS runs", "an unknown tool",
        "botocore bedrock-runtime, SystemTool";
    CALL_SETTING: ToMessages Kept "call_setting",
        "guardrail, tier, speed, request metadata, prompt variables, paths of response fields, unknown forms of output \
         and of tool choice: InvokeModel has headers for them or nothing",
        "an unknown member of the request", "botocore bedrock-runtime, InvokeModelRequest";
    RESPONSE_PATHS: ToMessages Respelled "response_paths",
        "the wish to be told which stop sequence was written", "replies of Messages always tell",
        "botocore bedrock-runtime, ConverseRequest";
    FOREIGN_MEMBER: ToMessages Dropped "foreign_member",
        "a member that Messages has no place for, below the top level", "left out",
        "Messages API: extra inputs are not permitted";
    SAID_TWICE: ToMessages Dropped "said_twice",
        "an additional model request field that says what a member of Converse says too", "the member stands",
        "a request of the Messages API has each member once";
    REDACTED: ToMessages Translated "redacted_content",
        "redacted content that is not base64 of text", "given as it is",
        "recorded: the blob is the base64 of `data`";
    CITED_PIECES: ToMessages Translated "cited_pieces",
        "a cited source or a cited text in several pieces, or in none", "the pieces joined",
        "Messages API: one `cited_text`, one `text`";
    PLACELESS: ToMessages Kept "placeless_citation",
        "a citation without a location, or with one not known here", "an unknown citation",
        "botocore bedrock-runtime, CitationLocation";
    UNCITED: ToMessages Respelled "uncited",
        "cited content without citations", "a text block",
        "botocore bedrock-runtime, CitationsContentBlock";
    UNFORMATTED: ToMessages Respelled "document_format",
        "a document without a format", "`text/plain`",
        "botocore bedrock-runtime, DocumentBlock";
    TOOL_USE_TYPE: ToMessages Respelled "tool_use_type",
        "`type: tool_use` of a call", "the block says so",
        "recorded (pydantic-ai, strict tools)";

    // Replies, to Messages.
    REPLY_IDENTITY: ToMessages MadeUp "made_up_identity",
        "id and model of a reply, where the caller does not know them", "nothing",
        "botocore bedrock-runtime, ConverseResponse";
    CALL_ANSWER: ToMessages Kept "call_answer",
        "trace, speed and additional response fields of a reply, and output that is no message",
        "where InvokeModel has them (`amazon-bedrock-...`), else an unknown member",
        "AWS user guide, guardrails with InvokeModel; recorded traffic";
    METRICS: ToMessages Respelled "metrics",
        "how long a reply took", "`amazon-bedrock-invocationMetrics`, as in the streams of InvokeModel",
        "recorded traffic";
    COUNTS: ToMessages Respelled "usage_counts",
        "the sum of all tokens, counts that stand twice, an empty `serverToolUsage`", "they can be worked out",
        "recorded (pydantic-ai)";
    FOREIGN_EVENT: ToMessages Dropped "foreign_event",
        "an event that fits no block: arguments without a call, text in a thought", "no event",
        "botocore bedrock-runtime, ConverseStreamOutput";
    CACHE_DETAIL: ToMessages Dropped "cache_detail",
        "cache writes of a lifetime not known here", "they count in the sum of all writes",
        "botocore bedrock-runtime, CacheDetail";
}

/// The table as Markdown, for documents.
#[must_use]
pub fn table() -> String {
    let mut out = String::from("| name | direction | what | instead | | source |\n|---|---|---|---|---|---|\n");
    for row in LOSSES {
        let LossRow { name, direction, what, instead, how, source } = row;
        out.push_str(&format!("| `{name}` | {direction} | {what} | {instead} | {how} | {source} |\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_names_one_row_a_direction_and_rows_fit_a_table() {
        for (at, row) in LOSSES.iter().enumerate() {
            assert!(!LOSSES[..at].iter().any(|earlier| (earlier.name, earlier.direction) == (row.name, row.direction)));
            for text in [row.what, row.how, row.source] {
                assert!(
                    !text.is_empty() && !text.contains(['|', '\n']) && !text.contains("  "),
                    "{}: {text}",
                    row.name
                );
            }
        }
        assert_eq!(table().lines().count(), LOSSES.len() + 2);
    }
}
