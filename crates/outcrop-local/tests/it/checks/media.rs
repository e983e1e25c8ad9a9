//! Images and documents: sources, types, bytes, sizes, counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::Model;
use outcrop_wire::surface::Surface;
use serde_json::{Value, json};

use super::{OPUS_4_6, SONNET_4_5, content, refused, taken};
use crate::asking::pdf;

/// A PNG, JPEG, GIF and WebP of a few pixels, as far as their heads go.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\0\x09\0\x0b\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
const GIF: &[u8] = b"GIF89a\x05\0\x07\0\0\0\0";
const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x1f\0\0";

fn image(media_type: &str, data: impl AsRef<[u8]>) -> Value {
    json!({"type": "image", "source": {"type": "base64", "media_type": media_type, "data": STANDARD.encode(data)}})
}

fn raw(kind: &str, media_type: &str, data: &str) -> Value {
    json!({"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}})
}

fn one(block: Value) -> Value {
    content(json!([block]))
}

#[tokio::test]
async fn bytes_come_in_the_request() {
    for (kind, source, what) in [
        ("image", json!({"type": "url", "url": "https://example.com/a.png"}), "URL"),
        ("image", json!({"type": "file", "file_id": "file_1"}), "File"),
        ("document", json!({"type": "url", "url": "https://example.com/a.pdf"}), "URL"),
        ("document", json!({"type": "file", "file_id": "file_1"}), "File"),
    ] {
        let block = json!({"type": kind, "source": source});
        let message = format!("messages.0.content.0.image.source.base64.data: {what} sources are not supported");
        refused(OPUS_4_6, &[(one(block), &message)]).await;
    }
    refused(
        OPUS_4_6,
        &[(
            one(json!({"type": "image", "source": {"type": "s3"}})),
            "messages.0.content.0.image.source: Input tag 's3' found using 'type' does not match any of the expected tags: \
             'base64', 'file', 'url'",
        )],
    )
    .await;
}

#[tokio::test]
async fn images_are_what_they_say() {
    let place = "messages.0.content.0.image.source.base64";
    let expected =
        format!("{place}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'");
    let appears = |said: &str, found: &str| {
        format!(
            "{place}: The image was specified using the {said} media type, but the image appears to be a {found} image"
        )
    };
    refused(
        OPUS_4_6,
        &[
            (one(image("image/bmp", b"BM")), &expected),
            (one(image("application/pdf", b"%PDF-1.4")), &expected),
            (one(image("image/png", JPEG)), &appears("image/png", "image/jpeg")),
            (one(image("image/jpeg", WEBP)), &appears("image/jpeg", "image/webp")),
            (one(image("image/png", b"<html>")), "Could not process image"),
            (one(raw("image", "image/png", "")), &format!("{place}: image cannot be empty")),
            (one(raw("image", "image/png", "iVBORw0KGgo")), &format!("{place}.data: invalid base64 data")),
            (one(raw("image", "image/png", "data:image/png;base64,AAAA")), &format!("{place}.data: invalid base64 data")),
            (
                content(json!([{"type": "tool_result", "tool_use_id": "a"}, image("image/png", JPEG)])),
                // What is said is looked at before how much of it there is.
                "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a. Each `tool_result` block \
                 must have a corresponding `tool_use` block in the previous message.",
            ),
        ],
    )
    .await;
    taken(
        OPUS_4_6,
        &[
            one(image("image/png", PNG)),
            one(image("image/jpeg", JPEG)),
            one(image("image/gif", GIF)),
            one(image("image/webp", WEBP)),
        ],
    )
    .await;
}

#[tokio::test]
async fn images_are_neither_too_large_nor_too_many() {
    let mut large = PNG.to_vec();
    large.resize(3_932_163, 0);
    refused(
        OPUS_4_6,
        &[(
            one(image("image/png", &large)),
            "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 5242884 bytes > 5242880 bytes",
        )],
    )
    .await;
    // As many as the catalogue says.
    let accepts = Catalogue::built_in();
    let accepts = accepts.accepts(Some(Model::CLAUDE_OPUS_4_6), Surface::InvokeModel, "2026-11-23");
    let most = accepts.images().unwrap();
    let images = |count: u64| content((0..count).map(|_| image("image/gif", GIF)).collect());
    let message = format!("Too much media: 0 document pages + {} images > {most}", most + 1);
    refused(OPUS_4_6, &[(images(most + 1), &message)]).await;
    taken(OPUS_4_6, &[images(most)]).await;
    large.truncate(3_932_160);
    taken(OPUS_4_6, &[one(image("image/png", &large))]).await;
}

#[tokio::test]
async fn documents_are_what_they_say() {
    let place = "messages.0.content.0.document.source.base64";
    refused(
        OPUS_4_6,
        &[
            (
                one(raw("document", "application/msword", "AAAA")),
                &format!("{place}.media_type: Input should be 'application/pdf'"),
            ),
            (one(raw("document", "application/pdf", "")), &format!("{place}: PDF cannot be empty")),
            (one(raw("document", "application/pdf", "%PDF")), &format!("{place}.data: invalid base64 data")),
            (
                one(raw("document", "application/pdf", &STANDARD.encode("<html></html>"))),
                "messages.0.content.0.pdf.source.base64.data: The PDF specified was not valid.",
            ),
            (
                one(json!({"type": "document", "source": {"type": "text", "media_type": "text/html", "data": "x"}})),
                "messages.0.content.0.document.source.text.media_type: Input should be 'text/plain'",
            ),
        ],
    )
    .await;
    taken(
        OPUS_4_6,
        &[
            one(json!({"type": "document", "title": "t", "context": "c", "citations": {"enabled": true},
                "source": {"type": "text", "media_type": "text/plain", "data": "x"}})),
            one(json!({"type": "document", "source": {"type": "content", "content": [
                {"type": "text", "text": "x"}, image("image/gif", GIF)]}})),
        ],
    )
    .await;
}

/// The head of a PNG of this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut head = PNG.to_vec();
    head[16..20].copy_from_slice(&width.to_be_bytes());
    head[20..24].copy_from_slice(&height.to_be_bytes());
    head
}

#[tokio::test]
async fn images_have_a_longest_side() {
    let place =
        "messages.0.content.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size";
    let many = |side: u32, others: usize| {
        let mut images = vec![image("image/png", png(10, side))];
        images.extend((0..others).map(|_| image("image/gif", GIF)));
        content(json!(images))
    };
    refused(OPUS_4_6, &[(one(image("image/png", png(8001, 10))), &format!("{place}: 8000 pixels"))]).await;
    taken(OPUS_4_6, &[one(image("image/png", png(8000, 10))), many(2001, 1), many(2000, 19)]).await;
}

#[tokio::test]
async fn documents_have_a_most_of_pages() {
    let pages = |count: usize| {
        let pages = vec!["x"; count];
        json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf",
            "data": pdf("Quartz", &pages)}})
    };
    refused(
        SONNET_4_5,
        &[
            (
                one(pages(101)),
                "messages.0.content.0.pdf.source.base64.data: A maximum of 100 PDF pages may be provided.",
            ),
            (
                content(json!([pages(60), pages(41), image("image/gif", GIF)])),
                "Too much media: 101 document pages + 1 images > 100",
            ),
        ],
    )
    .await;
    taken(SONNET_4_5, &[one(pages(100))]).await;
    taken(OPUS_4_6, &[one(pages(101))]).await;
}
