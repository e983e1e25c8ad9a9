//! Images and documents in the request of a record: what becomes of them.
//!
//! Of requests of Converse each is an object of its own where images are delivered and there is a bucket for them: its source
//! is then `s3Uri`, and all else that the request says of it stays (published records). Where they are not delivered nothing
//! of their bytes is logged; AWS does not say what is left of them, here it is the block with an empty source.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::account::logging::change_blocks;
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
    let mut count = 0;
    let changed = match (fate, dialect) {
        (Fate::Stay, _) | (Fate::Elsewhere(_), Dialect::Invoke | Dialect::Messages) => None,
        (Fate::Omitted, Dialect::Invoke | Dialect::Messages) => change_blocks(&body, &mut without_data),
        (Fate::Omitted, Dialect::Converse) => {
            change_blocks(&body, &mut |block| with_source(block, |_, _| Some(Extra::new())))
        }
        (Fate::Elsewhere(put), Dialect::Converse) => change_blocks(&body, &mut |block| {
            with_source(block, |format, bytes| {
                let at = put(count, format, bytes);
                count += 1;
                let mut source = Extra::new();
                source.set("s3Uri", Json::of(&at).ok()?);
                Some(source)
            })
        }),
    };
    changed.unwrap_or(body)
}

/// A block of Converse whose media have another source; none where it has no bytes.
fn with_source(block: &Extra, new: impl FnOnce(&str, Vec<u8>) -> Option<Extra>) -> Option<Extra> {
    let (kind, mut media) =
        CONVERSE.iter().find_map(|kind| Some((*kind, block.value(kind)?.parse::<Extra>().ok()?)))?;
    let source: Extra = media.value("source")?.parse().ok()?;
    let bytes: String = source.value("bytes")?.parse().ok()?;
    // A document without a format is text.
    let format = media.value("format").and_then(|format| format.parse::<String>().ok());
    let source = new(format.as_deref().unwrap_or("txt"), STANDARD.decode(bytes).ok()?)?;
    media.set("source", Json::of(&source).ok()?);
    let mut block = block.clone();
    block.set(kind, Json::of(&media).ok()?);
    Some(block)
}

/// A block of Messages without the bytes of its media; none where it has none.
fn without_data(block: &Extra) -> Option<Extra> {
    if !matches!(block.value("type")?.text(), r#""image""# | r#""document""#) {
        return None;
    }
    let mut source: Extra = block.value("source")?.parse().ok()?;
    if source.value("type")?.text() != r#""base64""# {
        return None;
    }
    source.set("data", Json::of("").ok()?);
    let mut block = block.clone();
    block.set("source", Json::of(&source).ok()?);
    Some(block)
}
