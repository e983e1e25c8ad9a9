//! Images and documents in the request of a record: what becomes of them.
//!
//! Of requests of Converse each is an object of its own where images are delivered and there is a bucket for them: what is
//! left behind is `source.s3Uri` (published records). Where they are not delivered nothing of their bytes is logged; AWS
//! does not say what is left of them, here it is the block with an empty source.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::surface::Dialect;
use outcrop_wire::{Extra, Json};

/// Blocks of Converse that hold media.
const CONVERSE: [&str; 2] = ["image", "document"];

/// What becomes of the media of a request.
pub(super) enum Fate<'a> {
    /// They stay where they are.
    Stay,
    /// Each is put elsewhere: by its place and format, its bytes; what is given is where.
    Elsewhere(&'a mut dyn FnMut(usize, &str, Vec<u8>) -> String),
    /// They are left out.
    Omitted,
}

/// The body of a request, its media where they are to be.
pub(super) fn placed(body: Json, dialect: Dialect, fate: Fate<'_>) -> Json {
    let mut placing = match fate {
        Fate::Stay => return body,
        Fate::Elsewhere(_) if dialect != Dialect::Converse => return body,
        fate => Placing { dialect, fate, count: 0 },
    };
    placing.body(&body).unwrap_or(body)
}

struct Placing<'a> {
    dialect: Dialect,
    fate: Fate<'a>,
    count: usize,
}

impl Placing<'_> {
    /// None where there are none, or where it is no such body.
    fn body(&mut self, body: &Json) -> Option<Json> {
        let mut whole: Extra = body.parse().ok()?;
        let mut changed = false;
        let mut turns = Vec::new();
        for mut turn in whole.value("messages")?.parse::<Vec<Extra>>().ok()? {
            if let Some(content) = turn.value("content").and_then(|content| self.blocks(content)) {
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
    fn blocks(&mut self, content: &Json) -> Option<Json> {
        let blocks: Vec<Json> = content.parse().ok()?;
        let mut changed = false;
        let blocks: Vec<Json> = blocks
            .into_iter()
            .map(|block| match self.block(&block) {
                Some(placed) => {
                    changed = true;
                    placed
                }
                None => block,
            })
            .collect();
        changed.then(|| Json::of(&blocks).ok()).flatten()
    }

    fn block(&mut self, block: &Json) -> Option<Json> {
        let mut members: Extra = block.parse().ok()?;
        match self.dialect {
            Dialect::Converse => {
                for kind in CONVERSE {
                    if let Some(placed) = members.value(kind).and_then(|media| self.converse(media)) {
                        members.set(kind, placed);
                        return Json::of(&members).ok();
                    }
                }
                let mut result: Extra = members.value("toolResult")?.parse().ok()?;
                let content = self.blocks(result.value("content")?)?;
                result.set("content", content);
                members.set("toolResult", Json::of(&result).ok()?);
            }
            Dialect::Invoke | Dialect::Messages => {
                let kind: String = members.value("type")?.parse().ok()?;
                match kind.as_str() {
                    "image" | "document" => {
                        let mut source: Extra = members.value("source")?.parse().ok()?;
                        source
                            .value("data")
                            .filter(|_| source.value("type").is_some_and(|kind| kind.text() == "\"base64\""))?;
                        source.set("data", Json::of("").ok()?);
                        members.set("source", Json::of(&source).ok()?);
                    }
                    "tool_result" => {
                        let content = self.blocks(members.value("content")?)?;
                        members.set("content", content);
                    }
                    _ => return None,
                }
            }
        }
        Json::of(&members).ok()
    }

    /// The image or document, its bytes elsewhere; None where it has none.
    fn converse(&mut self, media: &Json) -> Option<Json> {
        let mut media: Extra = media.parse().ok()?;
        let source: Extra = media.value("source")?.parse().ok()?;
        let bytes: String = source.value("bytes")?.parse().ok()?;
        match &mut self.fate {
            Fate::Stay => None,
            Fate::Omitted => {
                media.set("source", Json::empty_object());
                Json::of(&media).ok()
            }
            Fate::Elsewhere(put) => {
                let format: String = media.value("format")?.parse().ok()?;
                let at = put(self.count, &format, STANDARD.decode(bytes).ok()?);
                self.count += 1;
                let mut source = Extra::new();
                source.set("s3Uri", Json::of(&at).ok()?);
                let mut left = Extra::new();
                left.set("source", Json::of(&source).ok()?);
                Json::of(&left).ok()
            }
        }
    }
}
