//! Images and documents: from files, bytes and readers, into the body; and what is refused, with its name.

use std::path::PathBuf;

use outcrop::wire::messages::{ResultBlock, SourceBlock};
use outcrop::{Block, Document, Error, Image, Kind, Media, MessageRequest, Result, SearchResult, Ttl};
use serde_json::{Value, json};

use crate::scripted::{Scripted, Step};

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR";
const PDF: &[u8] = b"%PDF-1.7\n\xE2\xE3\n";
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
const DOCX: &[u8] = b"PK\x03\x04\x14\0\x06\0\x08\0word/document.xml\xB5\0";

/// A folder of its own, gone in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("outcrop-media-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn json_of(block: impl Into<Block>) -> Value {
    serde_json::to_value(block.into()).unwrap()
}

fn png_source() -> Value {
    json!({"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgoAAAANSUhEUg=="})
}

#[tokio::test]
async fn a_file_is_what_its_bytes_say() {
    let folder = Folder::new("kinds");
    let png = folder.file("photo.jpg", PNG);
    let pdf = folder.file("report.txt", PDF);
    let text = folder.file("notes.pdf", "Grüße".as_bytes());
    let image = json!({"type": "image", "source": png_source()});
    assert_eq!(json_of(Image::file(&png).await.unwrap()), image);
    assert_eq!(json_of(Media::file(&png).await.unwrap()), image);
    let document = json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjcK4uMK"}});
    assert_eq!(json_of(Document::file(&pdf).await.unwrap()), document);
    assert_eq!(json_of(Document::pdf_file(&pdf).await.unwrap()), document);
    assert_eq!(json_of(Media::file(&pdf).await.unwrap()), document);
    let plain = json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Grüße"}});
    assert_eq!(json_of(Document::file(&text).await.unwrap()), plain);
    assert_eq!(json_of(Media::file(&text).await.unwrap()), plain);
}

#[tokio::test]
async fn bytes_and_readers_give_what_files_give() {
    let image = Image::bytes(PNG).unwrap();
    assert_eq!(Image::reader(PNG).await.unwrap(), image);
    assert_eq!(Image::std_reader(PNG).unwrap(), image);
    assert_eq!(Media::bytes(PNG).unwrap(), Media::Image(image.clone()));
    assert_eq!(Media::reader(PNG).await.unwrap(), Media::Image(image.clone()));
    assert_eq!(Media::std_reader(PNG).unwrap(), Media::Image(image));
    let pdf = Document::pdf(PDF).unwrap();
    assert_eq!(Document::reader(PDF).await.unwrap(), pdf);
    assert_eq!(Document::std_reader(PDF).unwrap(), pdf);
}

#[test]
fn every_setting_reaches_the_wire() {
    let report = Document::pdf(PDF).unwrap().title("Q3").context("unaudited").citations(true).cache(Ttl::OneHour);
    assert_eq!(
        json_of(report),
        json!({
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjcK4uMK"},
            "title": "Q3", "context": "unaudited", "citations": {"enabled": true},
            "cache_control": {"type": "ephemeral", "ttl": "1h"},
        })
    );
    let blocks = Document::blocks([SourceBlock::text("one"), Image::bytes(PNG).unwrap().into()]);
    assert_eq!(
        json_of(blocks.cache(Ttl::FiveMinutes)),
        json!({
            "type": "document",
            "source": {"type": "content", "content": [
                {"type": "text", "text": "one"}, {"type": "image", "source": png_source()},
            ]},
            "cache_control": {"type": "ephemeral"},
        })
    );
    assert_eq!(
        json_of(Document::text("plain").citations(false)),
        json!({
            "type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "plain"},
            "citations": {"enabled": false},
        })
    );
    assert_eq!(
        json_of(Image::bytes(PNG).unwrap().cache(Ttl::OneHour)),
        json!({"type": "image", "source": png_source(), "cache_control": {"type": "ephemeral", "ttl": "1h"}})
    );
    assert_eq!(
        json_of(SearchResult::new("https://x.test", "X").text("one").text("two").citations(true)),
        json!({
            "type": "search_result", "source": "https://x.test", "title": "X",
            "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
            "citations": {"enabled": true},
        })
    );
    assert_eq!(
        json_of(Image::url("https://x.test/a.png")),
        json!({"type": "image", "source": {"type": "url", "url": "https://x.test/a.png"}})
    );
}

#[test]
fn media_stand_where_blocks_stand() {
    let image = || Image::bytes(PNG).unwrap();
    let result = Block::tool_result("t1", [ResultBlock::from(image()), Document::text("x").into()]);
    let request = MessageRequest::new("opus", 1).user(image()).user(Document::text("alone")).user([
        image().into(),
        Block::text("and a question"),
        result,
    ]);
    let turns = serde_json::to_value(&request.messages).unwrap();
    assert_eq!(turns[0]["content"][0]["type"], "image");
    assert_eq!(turns[1]["content"][0]["source"]["data"], "alone");
    assert_eq!(turns[2]["content"][2]["content"][1]["type"], "document");
}

/// Kind, text and hint of a refusal.
fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> (Kind, String, String) {
    let error: Error = outcome.unwrap_err();
    (error.kind(), error.to_string(), error.hint().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_refusal_names_the_file_what_it_is_and_what_is_taken() {
    let folder = Folder::new("refusals");
    let heic = folder.file("photo.heic", HEIC);
    let docx = folder.file("letter.docx", DOCX);
    let empty = folder.file("empty.pdf", b"");
    let text = folder.file("notes.txt", b"hello");
    let missing = folder.0.join("nowhere.png");
    for (outcome, parts) in [
        (
            refusal(Image::file(&heic).await),
            ["photo.heic`: it is an HEIC image; ", "JPEG, PNG, GIF or WebP", "convert"],
        ),
        (refusal(Media::file(&docx).await), ["letter.docx`: it is a Word document (docx); ", "PDF", "give its text"]),
        (refusal(Document::file(&empty).await), ["empty.pdf`: ", "it is empty", ""]),
        (refusal(Document::pdf_file(&empty).await), ["empty.pdf`: ", "it is empty", ""]),
        (refusal(Image::file(&text).await), ["notes.txt`: it is plain text; ", "JPEG, PNG, GIF or WebP", ""]),
        (refusal(Document::pdf_file(&text).await), ["notes.txt`: it is plain text; ", "a PDF was asked for", ""]),
        (refusal(Image::file(&missing).await), ["cannot read `", "nowhere.png`: there is no such file", ""]),
        (
            refusal(Image::file(&folder.0).await),
            ["outcrop-media-refusals", "it is a directory, not a file", "one by one"],
        ),
        (refusal(Document::pdf(PNG)), ["cannot send a PDF: it is a PNG image; ", "a PDF was asked for", ""]),
        (refusal(Media::bytes(b"")), ["cannot send a file: ", "it is empty", ""]),
    ] {
        let (kind, text, hint) = outcome;
        assert_eq!(kind, Kind::Invalid, "{text}");
        assert!(text.contains(parts[0]) && text.contains(parts[1]) && hint.contains(parts[2]), "{text} / {hint}");
    }
}

#[tokio::test]
async fn what_no_request_can_hold_is_refused_without_being_read() {
    let folder = Folder::new("large");
    let path = folder.file("large.pdf", PDF);
    let sparse = std::fs::File::options().write(true).open(&path).unwrap();
    sparse.set_len(18_750_001).unwrap();
    let (kind, text, _) = refusal(Document::pdf_file(&path).await);
    assert_eq!(kind, Kind::Invalid);
    assert!(text.contains("large.pdf`: it is 18750001 bytes long; the limit is 18750000 bytes"), "{text}");
    // A reader has no length, and may never end.
    let (_, text, _) = refusal(Media::reader(tokio::io::repeat(b'x')).await);
    assert!(text.contains("the limit is 18750000 bytes"), "{text}");
    let (_, text, _) = refusal(Image::std_reader(std::io::repeat(0)));
    assert!(text.contains("the limit is 18750000 bytes"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_the_model_does_not_take_is_refused_before_anything_is_sent() {
    let large = || Image::bytes([PNG, &vec![0; 4_000_000]].concat()).unwrap();
    let pdf = || Document::pdf([PDF, &vec![0; 18_749_000]].concat()).unwrap();
    let many = (0..101).map(|_| Image::bytes(PNG).unwrap().into()).collect::<Vec<Block>>();
    for (content, why, hint) in [
        (
            vec![Image::url("https://x.test/a.png").into()],
            "the image comes from `url`, which is not taken",
            "download_media",
        ),
        (vec![Document::url("https://x.test/a.pdf").into()], "the document comes from `url`", "download_media"),
        (vec![large().into()], "the limit is 5242880 bytes of base64 an image", "3932160 bytes"),
        (many, "the request holds 101 images; the limit is 100 together", "leave out"),
        (vec![pdf().into(), pdf().into()], "bytes for a whole request", "fewer and smaller"),
    ] {
        let server = Scripted::new([Step::hello()]);
        let outcome = server.client().await.message("opus").user(content).await;
        let (kind, text, hinted) = refusal(outcome);
        assert_eq!((kind, server.requests().len()), (Kind::Invalid, 0), "{text}");
        assert!(text.contains(why) && hinted.contains(hint), "{text} / {hinted}");
    }
}
