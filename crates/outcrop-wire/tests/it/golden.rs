//! A golden file for each type of block, tool and citation: what stands there is what is written, to the byte.

use std::collections::BTreeSet;
use std::path::Path;

use outcrop_wire::converse::{CitationLocation, ContentBlock, ConverseEvent, Tool as ConverseTool};
use outcrop_wire::messages::{Block, Citation, ResultBlock, TOOL_VERSIONS, Tool};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Name and text of each file of a folder.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), text.trim_end().to_owned())
        })
        .collect();
    files.sort();
    files
}

pub(crate) fn there_and_back<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
    text: &str,
    name: &str,
) -> T {
    let value: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_string(&value).unwrap(), text, "{name}");
    let debug = format!("{value:?}");
    assert!(!debug.contains("Other("), "{name}: something in it was not understood: {debug}");
    assert!(!debug.contains("extra: {\""), "{name}: some member has no field: {debug}");
    // Members may come in any order, the type last.
    let backwards: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
    let mut members: Vec<String> =
        backwards.iter().map(|(name, value)| format!("{}:{value}", serde_json::to_string(name).unwrap())).collect();
    members.sort_by_key(|member| member.starts_with("\"type\""));
    let turned: T = serde_json::from_str(&format!("{{{}}}", members.join(","))).unwrap();
    assert_eq!(turned, value, "{name}: with its type last");
    value
}

fn every_kind_has_one(kinds: impl IntoIterator<Item = &'static str>, files: &[(String, String)]) {
    let expected: BTreeSet<&str> = kinds.into_iter().collect();
    let there: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(there, expected);
}

#[test]
fn blocks() {
    let files = files("block");
    every_kind_has_one(Block::KINDS.iter().copied(), &files);
    for (name, text) in &files {
        let block: Block = there_and_back(text, name);
        assert_eq!(block.kind(), name);
        if let Block::ToolResult(result) = &block
            && let Some(outcrop_wire::messages::ResultContent::Blocks(blocks)) = &result.content
        {
            let kinds: BTreeSet<&str> = blocks.iter().map(ResultBlock::kind).collect();
            assert_eq!(kinds, ResultBlock::KINDS.iter().copied().collect());
        }
    }
}

#[test]
fn tools() {
    let files = files("tool");
    every_kind_has_one(TOOL_VERSIONS.iter().map(|version| version.kind).chain(["custom"]), &files);
    for (name, text) in &files {
        let tool: Tool = there_and_back(text, name);
        assert_eq!(tool.kind(), name);
        let version = TOOL_VERSIONS.iter().find(|version| version.kind == name);
        if let Some(version) = version {
            assert_eq!(tool.name().unwrap_or_default(), version.name, "{name}");
        }
    }
}

#[test]
fn citations() {
    let files = files("citation");
    every_kind_has_one(Citation::KINDS.iter().copied(), &files);
    for (name, text) in &files {
        let citation: Citation = there_and_back(text, name);
        assert_eq!(citation.kind(), name);
        assert!(citation.cited_text().is_some());
    }
}

/// The unions of Converse, one file for each member.
#[test]
fn converse() {
    fn check<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(
        folder: &str,
        kinds: &[&'static str],
        kind: impl Fn(&T) -> &str,
    ) {
        let files = files(folder);
        every_kind_has_one(kinds.iter().copied(), &files);
        for (name, text) in &files {
            let value: T = there_and_back(text, name);
            assert_eq!(kind(&value), name);
        }
    }
    check("converse_block", ContentBlock::KINDS, ContentBlock::kind);
    check("converse_tool", ConverseTool::KINDS, ConverseTool::kind);
    check("converse_location", CitationLocation::KINDS, CitationLocation::kind);
    check("converse_event", ConverseEvent::KINDS, ConverseEvent::kind);
}
