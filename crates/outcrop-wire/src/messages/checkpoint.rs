//! Where cache checkpoints may stand: one place knows which blocks and tools take one.

use super::{Block, CacheControl, ResultBlock, SystemBlock, Tool};

/// `checkpoint` and `checkpoint_mut` of a union, from the variants that have the member.
macro_rules! checkpoints {
    ($union:ident: $($variant:ident)+) => {
        impl $union {
            /// The cache checkpoint that this carries.
            #[must_use]
            pub fn checkpoint(&self) -> Option<&CacheControl> {
                match self {
                    $($union::$variant(it) => it.cache_control.as_ref(),)+
                    _ => None,
                }
            }

            /// Whether a cache checkpoint may stand here.
            #[must_use]
            pub fn takes_checkpoint(&self) -> bool {
                matches!(self, $($union::$variant(_))|+)
            }

            /// The place of a cache checkpoint; `None` where the kind has no such place, or is not known.
            pub fn checkpoint_mut(&mut self) -> Option<&mut Option<CacheControl>> {
                match self {
                    $($union::$variant(it) => Some(&mut it.cache_control),)+
                    _ => None,
                }
            }
        }
    };
}

checkpoints!(Block: Text Image Document ToolUse ToolResult SearchResult ServerToolUse WebSearchToolResult
    WebFetchToolResult CodeExecutionToolResult BashCodeExecutionToolResult TextEditorCodeExecutionToolResult
    ToolSearchToolResult AdvisorToolResult McpToolUse McpToolResult ContainerUpload Compaction
    ToolAddition ToolRemoval);
checkpoints!(ResultBlock: Text Image Document SearchResult ToolReference BrowserState);
checkpoints!(SystemBlock: Text);
checkpoints!(Tool: Custom Bash TextEditor Computer Memory ToolSearch WebSearch WebFetch CodeExecution Advisor Toolset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_seen_and_can_be_taken_off() {
        let json = r#"[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
            {"type":"tool_use","id":"t","name":"n","input":{"cache_control":1},"cache_control":{"type":"ephemeral","ttl":"1h"}},
            {"type":"thinking","thinking":"hm","signature":"s"},{"type":"hologram"}]"#;
        let mut blocks: Vec<Block> = serde_json::from_str(json).expect("blocks");
        assert_eq!(blocks.iter().filter(|block| block.checkpoint().is_some()).count(), 2);
        let places = blocks.iter_mut().filter_map(Block::checkpoint_mut).map(|place| *place = None).count();
        assert_eq!(places, 2);
        assert!(blocks.iter().all(|block| block.checkpoint().is_none()));
        let call = serde_json::to_string(&blocks[1]).expect("encodes");
        assert!(call.contains(r#""input":{"cache_control":1}"#), "arguments are the model's: {call}");
    }
}
