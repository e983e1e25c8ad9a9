//! Images and documents in a logged request: found, taken out, put back.
//!
//! Of requests of Converse each may be an object beside the record. What is left in its place keeps its format and name:
//! `{"document":{"format":"pdf","name":"r","source":{"s3Uri":"s3://.../data/{requestId}_input_media_00.pdf"}}}` (published
//! record of 2025: elastic/integrations, packages/aws_bedrock, test-aws-bedrock.log).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ModelInvocationLog;
use crate::json::{Extra, Json};

/// What in Converse holds media.
const MEDIA: [&str; 2] = ["image", "document"];

/// Where they lie.
const AT: &str = "s3Uri";

/// The blocks of a request, of Converse or of Messages, and of results of tools in it: `change` says what takes the place of
/// one. None where nothing changes, or where it is no such request.
#[must_use]
pub fn change_blocks(body: &Json, change: &mut dyn FnMut(&Extra) -> Option<Extra>) -> Option<Json> {
    let mut whole: Extra = body.parse().ok()?;
    let mut changed = false;
    let mut turns = Vec::new();
    for mut turn in whole.value("messages")?.parse::<Vec<Extra>>().ok()? {
        if let Some(content) = turn.value("content").and_then(|content| blocks(content, change)) {
            turn.set("content", content);
            changed = true;
        }
        turns.push(turn);
    }
    if !changed {
        return None;
    }
    whole.set("messages", Json::of(&turns).ok()?);
    Json::of(&whole).ok()
}

/// None where nothing changes.
fn blocks(content: &Json, change: &mut dyn FnMut(&Extra) -> Option<Extra>) -> Option<Json> {
    changed(content, &mut |block| change(block).or_else(|| within(block, change)))
}

/// The result of a tool, in whose content something changed. Results hold no results: nothing nests without end.
fn within(block: &Extra, change: &mut dyn FnMut(&Extra) -> Option<Extra>) -> Option<Extra> {
    let (member, new) = match block.value("toolResult").and_then(|result| result.parse::<Extra>().ok()) {
        Some(mut result) => {
            let content = changed(result.value("content")?, change)?;
            result.set("content", content);
            ("toolResult", Json::of(&result).ok()?)
        }
        None if block.value("type")?.text() == r#""tool_result""# => {
            ("content", changed(block.value("content")?, change)?)
        }
        None => return None,
    };
    let mut block = block.clone();
    block.set(member, new);
    Some(block)
}

/// The list with what changed in it; none where nothing did.
fn changed(list: &Json, change: &mut dyn FnMut(&Extra) -> Option<Extra>) -> Option<Json> {
    let mut any = false;
    let mut all = Vec::new();
    for block in list.parse::<Vec<Json>>().ok()? {
        let new = block.parse::<Extra>().ok().and_then(|block| change(&block));
        let new = new.and_then(|block| Json::of(&block).ok());
        any |= new.is_some();
        all.push(new.unwrap_or(block));
    }
    any.then(|| Json::of(&all).ok()).flatten()
}

impl ModelInvocationLog {
    /// Where media of the request lie that are not in its record: `s3://...`, in their order.
    #[must_use]
    pub fn media_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        if let Some(body) = self.input.as_ref().and_then(|input| input.body.as_ref()) {
            let _ = change_blocks(body, &mut |block| {
                paths.extend(elsewhere(block).map(|(_, _, path)| path));
                None
            });
        }
        paths
    }

    /// Puts media back into the request that lie elsewhere, where `bytes` gives them: by their path.
    pub fn put_media(&mut self, mut bytes: impl FnMut(&str) -> Option<Vec<u8>>) {
        let Some(body) = self.input.as_mut().and_then(|input| input.body.as_mut()) else { return };
        let whole = change_blocks(body, &mut |block| {
            let (kind, mut media, path) = elsewhere(block)?;
            let mut source = Extra::new();
            source.set("bytes", Json::of(&STANDARD.encode(bytes(&path)?)).ok()?);
            media.set("source", Json::of(&source).ok()?);
            let mut block = block.clone();
            block.set(kind, Json::of(&media).ok()?);
            Some(block)
        });
        if let Some(whole) = whole {
            *body = whole;
        }
    }
}

/// Of a block whose media lie elsewhere: what it holds them as, what it says of them, and where they lie.
fn elsewhere(block: &Extra) -> Option<(&'static str, Extra, String)> {
    MEDIA.into_iter().find_map(|kind| {
        let media: Extra = block.value(kind)?.parse().ok()?;
        let source: Extra = media.value("source")?.parse().ok()?;
        let path = source.value(AT)?.parse().ok()?;
        Some((kind, media, path))
    })
}
