//! HTTP/2 with prior knowledge, as the AWS SDK for JavaScript speaks it to the runtime.

use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use outcrop_local::{Account, Local};

const BODY: &str =
    r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":64,"messages":[{"role":"user","content":"over two"}]}"#;

#[tokio::test]
async fn calls_share_a_connection_whole_and_streamed() {
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(Local::new().connect())).await.expect("a handshake");
    tokio::spawn(connection);
    for (operation, content_type) in
        [("invoke", "application/json"), ("invoke-with-response-stream", "application/vnd.amazon.eventstream")]
    {
        let request = Request::post(format!(
            "http://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.claude-sonnet-4-6/{operation}"
        ))
        .header("authorization", format!("Bearer {}", Account::BEARER_TOKEN))
        .body(Full::new(Bytes::from_static(BODY.as_bytes())))
        .expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], content_type);
        // What belongs to a connection is no header of HTTP/2.
        assert!(
            !response.headers().contains_key("connection") && !response.headers().contains_key("transfer-encoding")
        );
        // The region of the host is found where HTTP/2 says it: elsewhere this profile would be warned of.
        assert!(!response.headers().contains_key("x-outcrop-warning"), "{:?}", response.headers());
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        assert!(body.len() > 100, "{operation}");
    }
}
