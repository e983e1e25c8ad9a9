//! Images and documents on the web, fetched before the call where that was asked for.

use std::time::Duration;

use outcrop::wire::messages::ResultBlock;
use outcrop::{Block, CallOptions, Delivery, Document, Error, Image, Kind, MessageRequest, Retry};
use serde_json::json;

use crate::scripted::{Scripted, Step, request};

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n";
const DATA: &str = "iVBORw0KGgo=";

fn png() -> Step {
    Step::stream(PNG.to_vec())
}

fn moved(status: u16, location: &str) -> Step {
    Step::text(status, "text/html", "moved").header("location", location)
}

fn with(url: &str) -> MessageRequest {
    request().user([Image::url(url).into(), Block::text("What is it?")])
}

fn options() -> CallOptions {
    CallOptions::new().download_media(true)
}

async fn refused(script: impl IntoIterator<Item = Step>, url: &str) -> Error {
    let server = Scripted::new(script);
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    let error = client.messages().with(options()).create(&with(url)).await.unwrap_err();
    let asked = server.requests();
    assert!(asked.iter().all(|recorded| recorded.method == "GET"), "nothing goes to the model: {asked:?}");
    error
}

#[tokio::test(start_paused = true)]
async fn a_file_on_the_web_goes_out_as_its_bytes() {
    let server = Scripted::new([png(), Step::hello()]);
    let client = server.client().await;
    let request = with("https://pictures.test:8443/a/cat.png?size=2");
    let before = request.clone();
    let reply = client.messages().with(options()).create(&request).await.unwrap();
    assert_eq!(request, before, "the caller's request stays as it is");
    let asked = server.requests();
    assert_eq!((asked[0].method.as_str(), asked[0].target.as_str()), ("GET", "/a/cat.png?size=2"));
    assert_eq!(asked[0].header("host"), Some("pictures.test:8443"));
    for secret in ["authorization", "x-amz-date", "x-amz-security-token"] {
        assert_eq!(asked[0].header(secret), None, "no stranger is shown who calls");
    }
    let source = json!({"type": "base64", "media_type": "image/png", "data": DATA});
    assert_eq!(asked[1].json()["messages"][1]["content"][0]["source"], source);
    assert!(asked[1].verify(crate::scripted::SECRET).is_ok());
    let note = reply.meta.notes.iter().find(|note| note.contains("downloaded")).unwrap();
    assert!(note.contains("pictures.test:8443/a/cat.png: 8 bytes") && !note.contains("size=2"), "{note}");
}

#[tokio::test(start_paused = true)]
async fn every_place_is_filled_and_a_file_is_fetched_once() {
    let server = Scripted::new([png(), Step::streamed_hello()]);
    let client = server.client().await;
    let image = || Image::url("http://pictures.test/cat.png");
    let result = Block::tool_result("t1", [ResultBlock::from(image())]);
    let blocks = Document::blocks([image().into()]);
    let request = request().user([image().into(), result, blocks.into()]);
    let stream = client.messages().with(options()).stream(&request).await.unwrap();
    assert!(stream.meta().notes.iter().any(|note| note.contains("downloaded")));
    let asked = server.requests();
    assert_eq!(asked.len(), 2);
    let body = asked[1].text();
    assert_eq!((body.matches(DATA).count(), body.matches("pictures.test").count()), (3, 0), "{body}");
}

#[tokio::test(start_paused = true)]
async fn a_document_is_a_pdf_or_text() {
    for (bytes, source) in [
        (&b"%PDF-1.7\n"[..], json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjcK"})),
        (b"just text", json!({"type": "text", "media_type": "text/plain", "data": "just text"})),
    ] {
        let server = Scripted::new([Step::stream(bytes.to_vec()), Step::hello()]);
        let client = server.client().await;
        let document = Document::url("https://papers.test/a").title("A");
        client.message("opus").user(document).download_media(true).await.unwrap();
        let block = &server.requests()[1].json()["messages"][0]["content"][0];
        assert_eq!((&block["source"], &block["title"]), (&source, &json!("A")));
    }
}

#[tokio::test(start_paused = true)]
async fn redirects_are_followed_a_few_times() {
    let script = [moved(301, "https://other.test/b"), moved(302, "/c"), moved(307, "d"), png(), Step::hello()];
    let server = Scripted::new(script);
    server.client().await.messages().with(options()).create(&with("http://pictures.test/a")).await.unwrap();
    let asked: Vec<_> = server
        .requests()
        .into_iter()
        .take(4)
        .map(|recorded| format!("{}{}", recorded.header("host").unwrap(), recorded.target))
        .collect();
    assert_eq!(asked, ["pictures.test/a", "other.test/b", "other.test/c", "other.test/d"]);
    let error = refused((0..9).map(|_| moved(302, "/again")), "https://a.test/").await;
    assert!(error.to_string().contains("redirected more than 5 times"), "{error}");
    let error = refused([moved(302, "http://a.test/")], "https://a.test/").await;
    assert!(error.to_string().contains("from https to http"), "{error}");
    let error = refused([moved(302, "file:///etc/passwd")], "https://a.test/").await;
    assert_eq!(error.kind(), Kind::Invalid, "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_fetched_is_an_error_that_names_it_without_secrets() {
    let url = "https://pictures.test/a?X-Amz-Signature=secret";
    let large = Step::stream(Vec::new()).until_close().header("content-length", "18750001");
    let heic = Step::stream(b"\0\0\0\x18ftypheic".to_vec());
    for (step, why) in [
        (Step::text(404, "text/html", "no"), "the server answered 404"),
        (heic, "it is an HEIC image; an image is taken as JPEG, PNG, GIF or WebP"),
        (Step::text(200, "text/html", "<html>log in</html>"), "it is plain text; an image is taken"),
        (Step::stream(Vec::new()), "it is empty"),
        (Step::refuse(), "cannot connect"),
        (Step::stream(vec![0; 18_750_001]), "longer than 18750000 bytes"),
        (large, "longer than 18750000 bytes"),
        (Step::stream(PNG.to_vec()).silent_at(3), "no byte came for"),
        (Step::silence(), "it took longer than 60s"),
    ] {
        let error = refused([step], url).await;
        let text = error.to_string();
        assert!(text.starts_with("cannot download https://pictures.test/a: ") && text.contains(why), "{text}");
        assert!(!format!("{error:#?}").contains("secret"), "{error:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_web_addresses_are_fetched() {
    for (url, why) in [
        ("file:///etc/passwd", "only http and https"),
        ("s3://bucket/key", "only http and https"),
        ("https://user:pass@h.test/a", "a user name in a URL"),
        ("https://h.test/a b", "it is no URL"),
        ("cat.png", "only http and https"),
        ("", "only http and https"),
    ] {
        let error = refused([], url).await;
        assert!(error.kind() == Kind::Invalid && error.to_string().contains(why), "{url}: {error}");
        assert!(!error.to_string().contains("pass@"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_the_call_is_one_of_the_download() {
    let server = Scripted::new([Step::silence()]);
    let options = options().timeout(Duration::from_secs(1));
    let error = server.client().await.messages().with(options).create(&with("https://a.test/")).await.unwrap_err();
    assert!(error.to_string().contains("longer than 1s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_shows_what_would_be_sent() {
    let server = Scripted::new([png()]);
    let client = server.client().await;
    let run = client.messages().with(options()).dry_run(&with("https://a.test/x"), Delivery::Unary).await.unwrap();
    assert!(String::from_utf8_lossy(&run.body).contains(DATA));
    assert!(run.plan.reasons().any(|reason| reason.contains("downloaded https://a.test/x: 8 bytes")));
}

#[tokio::test(start_paused = true)]
async fn download_and_call_share_one_limit() {
    for by_client in [false, true] {
        let server = Scripted::new([png().after(Duration::from_secs(6)), Step::hello().after(Duration::from_secs(6))]);
        let limit = Duration::from_secs(10);
        let builder = server.builder().retry(Retry::none());
        let builder = if by_client { builder.timeout(limit) } else { builder };
        let options = if by_client { options() } else { options().timeout(limit) };
        let client = builder.build().await.unwrap();
        let error = client.messages().with(options).create(&with("https://a.test/")).await.unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (Kind::Timeout, 2), "{error}");
    }
    let server = Scripted::new([png().after(Duration::from_secs(6))]);
    let client = server.builder().timeout(Duration::from_secs(5)).build().await.unwrap();
    let error = client.messages().with(options()).create(&with("https://a.test/")).await.unwrap_err();
    assert!(error.to_string().contains("longer than 5s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn no_more_is_fetched_than_a_request_can_hold() {
    let mut large = PNG.to_vec();
    large.resize(10_000_000, 0);
    let server = Scripted::new([Step::stream(large.clone()), Step::stream(large)]);
    let request = with("https://a.test/1").user(Image::url("https://a.test/2"));
    let error = server.client().await.messages().with(options()).create(&request).await.unwrap_err();
    assert!(error.to_string().contains("together they are longer than 18750000 bytes"), "{error}");
    assert_eq!((error.kind(), server.requests().len()), (Kind::Invalid, 2));
}

#[tokio::test(start_paused = true)]
async fn many_files_are_fetched_some_at_a_time() {
    let files = 20;
    let server = Scripted::new((0..files).map(|_| png()).chain([Step::hello()]));
    let images = (0..files).map(|at| Block::from(Image::url(format!("https://a.test/{at}"))));
    let request = request().user(images.collect::<Vec<_>>());
    let reply = server.client().await.messages().with(options()).create(&request).await.unwrap();
    assert_eq!(reply.meta.notes.iter().filter(|note| note.contains("downloaded")).count(), files);
}
