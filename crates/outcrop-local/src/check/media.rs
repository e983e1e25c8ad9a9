//! Images and documents: where their bytes come from, what they are, how large and how many.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{Base64Source, DocumentBlock, ImageBlock, ImageSource, MediaSource, MessageRequest};
use outcrop_wire::sniff::sniff;

use super::place::Place;
use super::tags::list;
use super::walk::{self, Seen};
use super::{Verdict, refuse};
use crate::engine::prompt::Prompt;

/// The most pixels of a side, and of one among many images; and how many are many (platform.claude.com, vision).
const LONGEST_SIDE: u64 = 8000;
const LONGEST_SIDE_OF_MANY: u64 = 2000;
const MANY: u64 = 20;

/// The images that are taken (documented: AWS user guide, InvokeModel errors).
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

pub(super) fn check(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let mut images: u64 = 0;
    walk::each(&request.messages, &mut |seen, place| match seen {
        Seen::Image(block) => {
            images += 1;
            image(block, place, accepts)
        }
        Seen::Document(block) => document(block, place),
        _ => Ok(()),
    })?;
    // Quoted from AWS.
    match accepts.images() {
        Some(most) if images > most => {
            refuse(format_args!("Too much media: 0 document pages + {images} images > {most}"))
        }
        _ => Ok(()),
    }
}

/// What images and documents turned out to be when they were read.
pub(super) fn check_read(prompt: &Prompt<'_>, accepts: &Capabilities<'_>) -> Verdict {
    let most = accepts.pdf_pages();
    let (mut images, mut longest, mut pages) = (0, None, 0);
    walk::each(&prompt.request.messages, &mut |seen, place| {
        match seen {
            Seen::Image(ImageBlock { source: ImageSource::Base64(source), .. }) => {
                images += 1;
                let side = prompt.picture_size(source).map_or(0, |(width, height)| width.max(height));
                // Quoted from the API.
                if side > LONGEST_SIDE {
                    return refuse(format_args!("{place}.image.source.base64.data: {TOO_LONG}: {LONGEST_SIDE} pixels"));
                }
                if side > LONGEST_SIDE_OF_MANY && longest.is_none() {
                    longest = Some(place.to_string());
                }
            }
            Seen::Document(DocumentBlock { source: MediaSource::Base64(source), .. }) => {
                let own = prompt.pdf_pages(source).unwrap_or_default() as u64;
                pages += own;
                // Quoted from AWS and the API.
                if let Some(most) = most.filter(|most| own > *most) {
                    return refuse(format_args!(
                        "{place}.pdf.source.base64.data: A maximum of {most} PDF pages may be provided."
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    // Quoted from AWS.
    if let Some(most) = most.filter(|most| pages > *most) {
        return refuse(format_args!("Too much media: {pages} document pages + {images} images > {most}"));
    }
    // Quoted from the API.
    match longest.filter(|_| images > MANY) {
        Some(place) => refuse(format_args!(
            "{place}.image.source.base64.data: {TOO_LONG} for many-image requests: {LONGEST_SIDE_OF_MANY} pixels"
        )),
        None => Ok(()),
    }
}

const TOO_LONG: &str = "At least one of the image dimensions exceed max allowed size";

fn image(block: &ImageBlock, place: &Place<'_>, accepts: &Capabilities<'_>) -> Verdict {
    let source = match &block.source {
        ImageSource::Base64(source) => source,
        other => return elsewhere(other.kind(), place),
    };
    let place = format_args!("{place}.image.source.base64").to_string();
    // Documented: AWS user guide.
    if !IMAGES.contains(&source.media_type.as_str()) {
        return refuse(format_args!(
            "{place}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
        ));
    }
    // Remembered: as for PDFs.
    if source.data.is_empty() {
        return refuse(format_args!("{place}: image cannot be empty"));
    }
    // Quoted from the API: `image exceeds 5 MB maximum: 6096280 bytes > 5242880 bytes`. What is measured is the base64
    // text (anthropics/claude-code: the API refuses where its length is above the limit).
    if let Some(most) = accepts.image_bytes().filter(|most| source.data.len() as u64 > *most) {
        return refuse(format_args!(
            "{place}: image exceeds {} MB maximum: {} bytes > {most} bytes",
            most >> 20,
            source.data.len()
        ));
    }
    is_base64(source, &place)?;
    match sniff(&head(source)) {
        Ok(format) if format.media_type() == source.media_type => Ok(()),
        // Quoted from AWS.
        Ok(format) if format.is_image() => refuse(format_args!(
            "{place}: The image was specified using the {} media type, but the image appears to be a {} image",
            source.media_type,
            format.media_type()
        )),
        // Quoted from the API: bytes of no image that it knows.
        _ => refuse("Could not process image"),
    }
}

fn document(block: &DocumentBlock, place: &Place<'_>) -> Verdict {
    match &block.source {
        MediaSource::Base64(source) => pdf(source, place),
        // Remembered: as every literal is worded.
        MediaSource::Text(source) if source.media_type != "text/plain" => {
            refuse(format_args!("{place}.document.source.text.media_type: Input should be {}", list(["text/plain"])))
        }
        MediaSource::Text(_) | MediaSource::Content(_) | MediaSource::Other(_) => Ok(()),
        other => elsewhere(other.kind(), place),
    }
}

fn pdf(source: &Base64Source, place: &Place<'_>) -> Verdict {
    let own = format_args!("{place}.document.source.base64").to_string();
    // Quoted from the API.
    if source.media_type != "application/pdf" {
        return refuse(format_args!("{own}.media_type: Input should be 'application/pdf'"));
    }
    if source.data.is_empty() {
        return refuse(format_args!("{own}: PDF cannot be empty"));
    }
    is_base64(source, &own)?;
    // Something else may stand before the mark.
    if !head(source).windows(5).any(|window| window == b"%PDF-") {
        return refuse(format_args!("{place}.pdf.source.base64.data: The PDF specified was not valid."));
    }
    Ok(())
}

/// Recorded for an image from a `url` (Sonnet 4.5); a document is called an image here too (quoted, Vertex AI).
fn elsewhere(kind: &str, place: &Place<'_>) -> Verdict {
    let what = match kind {
        "url" => "URL",
        "file" => "File",
        _ => return Ok(()),
    };
    refuse(format_args!("{place}.image.source.base64.data: {what} sources are not supported"))
}

/// Quoted from the API. Looked at in place: nothing is decoded.
fn is_base64(source: &Base64Source, place: &str) -> Verdict {
    match reads_as_base64(&source.data) {
        true => Ok(()),
        false => refuse(format_args!("{place}.data: invalid base64 data")),
    }
}

pub(super) fn reads_as_base64(data: &str) -> bool {
    let data = data.as_bytes();
    let padding = data.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    data.len().is_multiple_of(4) && data[..data.len() - padding].iter().all(fits)
}

/// The first bytes, more than a thousand: a PDF may begin so far in (ISO 32000-1, annex H).
fn head(source: &Base64Source) -> Vec<u8> {
    const HEAD: usize = 1368;
    let data = source.data.as_bytes();
    STANDARD.decode(&data[..data.len().min(HEAD)]).unwrap_or_default()
}
