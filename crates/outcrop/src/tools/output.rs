//! What a tool gives back, or how it fails: text, blocks or JSON for the model to read.

use std::fmt;

use outcrop_wire::Json;
use outcrop_wire::messages::{ResultBlock, ResultContent, TextBlock, ToolResultBlock, ToolUseBlock};
use serde::Serialize;

use crate::media::{Document, Image, Media, SearchResult};

/// What a tool gives back.
pub type ToolResult = Result<ToolOutput, ToolError>;

/// What the model is to see of a tool's success.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolOutput(Option<ResultContent>);

impl ToolOutput {
    /// A value as JSON text.
    ///
    /// # Errors
    /// When it cannot be written as JSON; `?` makes that the tool's failure.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        Json::of(value).map(ToolOutput::from)
    }

    /// The content; none when there is nothing to see.
    #[must_use]
    pub fn content(&self) -> Option<&ResultContent> {
        self.0.as_ref()
    }
}

impl From<ResultContent> for ToolOutput {
    fn from(content: ResultContent) -> Self {
        ToolOutput(Some(content))
    }
}

impl From<&str> for ToolOutput {
    fn from(text: &str) -> Self {
        ToolOutput(Some(text.into()))
    }
}

impl From<String> for ToolOutput {
    fn from(text: String) -> Self {
        ToolOutput(Some(text.into()))
    }
}

impl From<ResultBlock> for ToolOutput {
    fn from(block: ResultBlock) -> Self {
        vec![block].into()
    }
}

/// Images, documents and search results.
macro_rules! of_blocks {
    ($($media:ty),*) => {
        $( impl From<$media> for ToolOutput {
            fn from(media: $media) -> Self {
                ResultBlock::from(media).into()
            }
        } )*
    };
}

of_blocks!(Media, Image, Document, SearchResult);

impl From<Vec<ResultBlock>> for ToolOutput {
    fn from(blocks: Vec<ResultBlock>) -> Self {
        ToolOutput(Some(blocks.into()))
    }
}

impl<const N: usize> From<[ResultBlock; N]> for ToolOutput {
    fn from(blocks: [ResultBlock; N]) -> Self {
        ToolOutput(Some(blocks.into()))
    }
}

/// JSON goes to the model as its text.
impl From<Json> for ToolOutput {
    fn from(value: Json) -> Self {
        ToolOutput::from(value.text())
    }
}

/// Done, and nothing to say.
impl From<()> for ToolOutput {
    fn from((): ()) -> Self {
        ToolOutput::default()
    }
}

/// How a tool failed, for the model to read: it may try again, or do without. `?` makes one of any error.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolError(ResultContent);

impl ToolError {
    /// A failure in words, or in blocks: a screenshot of what went wrong, say.
    pub fn new(content: impl Into<ResultContent>) -> Self {
        ToolError(content.into())
    }

    /// What the model is to see.
    #[must_use]
    pub fn content(&self) -> &ResultContent {
        &self.0
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ResultContent::Text(text) => f.write_str(text),
            ResultContent::Blocks(blocks) => {
                for block in blocks {
                    match block {
                        ResultBlock::Text(block) => f.write_str(&block.text)?,
                        other => write!(f, "[{}]", other.kind())?,
                    }
                }
                Ok(())
            }
        }
    }
}

/// Any error, with what it came from.
impl<E: std::error::Error> From<E> for ToolError {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text = format!("{text}: {cause_text}");
            }
            source = cause.source();
        }
        ToolError::new(text)
    }
}

/// The block that answers a call, and whether its text was cut to `limit` bytes.
pub(super) fn block(call: &ToolUseBlock, result: &ToolResult, limit: usize) -> (ToolResultBlock, bool) {
    let (content, is_error) = match result {
        Ok(output) => (output.0.clone(), None),
        Err(error) => (Some(error.0.clone()), Some(true)),
    };
    let (content, cut) = match content {
        None => (None, false),
        Some(content) => {
            let (content, cut) = limited(content, limit);
            (Some(content), cut)
        }
    };
    // The service takes neither empty text blocks nor errors that say nothing.
    let content = match content {
        Some(ResultContent::Blocks(mut blocks)) => {
            blocks.retain(|block| !matches!(block, ResultBlock::Text(block) if block.text.is_empty()));
            Some(ResultContent::Blocks(blocks)).filter(|content| !is_empty(content))
        }
        other => other,
    };
    let content = match (content, is_error) {
        (content, Some(true)) if content.as_ref().is_none_or(is_empty) => Some("Error: the tool failed.".into()),
        (content, _) => content,
    };
    let block = ToolResultBlock {
        tool_use_id: call.id.clone(),
        content,
        is_error,
        toolset_name: call.toolset_name.clone(),
        cache_control: None,
        extra: Default::default(),
    };
    (block, cut)
}

fn is_empty(content: &ResultContent) -> bool {
    match content {
        ResultContent::Text(text) => text.is_empty(),
        ResultContent::Blocks(blocks) => blocks.is_empty(),
    }
}

/// At most `limit` bytes of text, and a word to the model about what is missing. Images and documents are not counted.
fn limited(content: ResultContent, limit: usize) -> (ResultContent, bool) {
    let size = match &content {
        ResultContent::Text(text) => text.len(),
        ResultContent::Blocks(blocks) => blocks.iter().map(|block| text_of(block).len()).sum(),
    };
    if size <= limit {
        return (content, false);
    }
    let note =
        format!("[The result was cut: the first {limit} of its {size} bytes are shown. Ask for less at a time.]");
    let content = match content {
        ResultContent::Text(text) => ResultContent::Text(format!("{}\n\n{note}", prefix(&text, limit))),
        ResultContent::Blocks(blocks) => {
            let mut left = limit;
            let mut kept: Vec<ResultBlock> = Vec::with_capacity(blocks.len() + 1);
            for mut block in blocks {
                if let ResultBlock::Text(text) = &mut block {
                    let short = prefix(&text.text, left).len();
                    left -= short;
                    text.text.truncate(short);
                }
                kept.push(block);
            }
            kept.push(ResultBlock::Text(TextBlock::new(note)));
            ResultContent::Blocks(kept)
        }
    };
    (content, true)
}

fn text_of(block: &ResultBlock) -> &str {
    match block {
        ResultBlock::Text(block) => &block.text,
        _ => "",
    }
}

/// As much of the text as fits into `bytes`, whole characters.
fn prefix(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(result: &ToolResult, limit: usize) -> (String, bool) {
        let (block, cut) = block(&ToolUseBlock::new("toolu_1", "t", Json::empty_object()), result, limit);
        (serde_json::to_string(&block).expect("JSON"), cut)
    }

    #[test]
    fn results_as_the_model_sees_them() {
        let source = std::io::Error::other(std::fmt::Error);
        for (result, expected) in [
            (Ok("21".into()), r#""content":"21"}"#),
            (Ok(().into()), r#"{"tool_use_id":"toolu_1"}"#),
            (Ok(ToolOutput::json(&[1, 2]).expect("JSON")), r#""content":"[1,2]"}"#),
            (Ok(Image::url("https://example.com/a.png").into()), r#"[{"type":"image","source":{"type":"url""#),
            (Ok(vec![ResultBlock::Text(TextBlock::new(""))].into()), r#"{"tool_use_id":"toolu_1"}"#),
            (Err(ToolError::new("no such city")), r#""content":"no such city","is_error":true}"#),
            (Err(ToolError::new("")), r#""content":"Error: the tool failed.","is_error":true}"#),
            (Err(source.into()), r#""content":"an error occurred when formatting an argument","is_error":true}"#),
        ] {
            let (text, cut) = shown(&result, 1000);
            assert!(text.contains(expected) && !cut, "{text}");
        }
    }

    #[test]
    fn a_huge_result_is_cut_at_a_character_and_says_so() {
        let (text, cut) = shown(&Ok("é".repeat(10).into()), 5);
        assert!(cut && text.contains(r#""content":"éé\n\n[The result was cut: the first 5 of its 20 bytes"#), "{text}");
        let texts = ["ab", "cdef", "gh"].map(|text| ResultBlock::Text(TextBlock::new(text)));
        let (text, cut) = shown(&Ok(texts.into()), 4);
        let expected = r#"[{"type":"text","text":"ab"},{"type":"text","text":"cd"},{"type":"text","text":"[The result"#;
        assert!(cut && text.contains(expected), "{text}");
    }
}
