//! HTTP/2 with prior knowledge, as the AWS SDK for JavaScript speaks it to the runtime.

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use outcrop_local::{Account, Local};

use crate::raw::{self, BODY, INVOKE, STREAM, Signing, local};

type Sender = http2::SendRequest<Full<Bytes>>;

async fn connect(local: &Local) -> Sender {
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(local.connect()));
    let (sender, connection) = handshake.await.expect("a handshake");
    tokio::spawn(connection);
    sender
}

async fn send(sender: &mut Sender, host: &str, target: &str, headers: &[(&str, &str)]) -> Response<Incoming> {
    let mut request = Request::post(format!("http://{host}{target}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(BODY))).expect("a request");
    sender.send_request(request).await.expect("an answer")
}

#[tokio::test]
async fn calls_share_a_connection_whole_and_streamed() {
    let mut sender = connect(&Local::new()).await;
    let bearer = format!("Bearer {}", Account::BEARER_TOKEN);
    for (operation, content_type) in
        [("invoke", "application/json"), ("invoke-with-response-stream", "application/vnd.amazon.eventstream")]
    {
        let target = format!("/model/eu.anthropic.claude-sonnet-4-6/{operation}");
        let host = "bedrock-runtime.eu-west-1.amazonaws.com";
        let response = send(&mut sender, host, &target, &[("authorization", &bearer)]).await;
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers();
        assert_eq!(headers["content-type"], content_type);
        // What belongs to a connection is no header of HTTP/2.
        assert!(!headers.contains_key("connection") && !headers.contains_key("transfer-encoding"), "{headers:?}");
        // The region of the host is found where HTTP/2 says it: from elsewhere this profile is warned of.
        assert!(!headers.contains_key("x-outcrop-warning"), "{headers:?}");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        assert!(body.len() > 100, "{operation}");
    }
}

/// A header that names another host does not count (RFC 9113, 8.3.1).
#[tokio::test]
async fn the_host_is_that_of_http2() {
    let local = local();
    let mut sender = connect(&local).await;
    let bearer = format!("Bearer {}", Account::BEARER_TOKEN);
    let headers = [("authorization", &*bearer), ("host", "bedrock-runtime.us-east-1.amazonaws.com")];
    let host = "bedrock-runtime.eu-west-1.amazonaws.com";
    assert_eq!(send(&mut sender, host, INVOKE, &headers).await.status(), StatusCode::OK);
    assert_eq!(local.last().expect("a call").region, "eu-west-1");
    // The host says which of two surfaces is meant, before the scope of a signature does.
    let host = "bedrock-mantle.eu-west-1.api.aws";
    let signing = Signing { signed: &["host", "x-amz-date"], region: "eu-west-1", ..Signing::default() };
    let mut request = raw::Request::post("/anthropic/v1/messages", BODY);
    request.headers[0].1 = host.to_owned();
    let signed = request.signed(&signing);
    let headers: Vec<(&str, &str)> = signed.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let response = send(&mut sender, host, &signed.target, &headers).await;
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let words = "Credential should be scoped to correct service: 'bedrock-mantle'. ";
    assert!(String::from_utf8_lossy(&body).contains(words), "{body:?}");
}

/// The AWS SDK for JavaScript signs the host under the name that HTTP/2 has for it.
#[tokio::test]
async fn the_host_may_be_signed_under_its_name_in_http2() {
    let mut sender = connect(&local()).await;
    let host = "bedrock-runtime.us-east-1.amazonaws.com";
    for (signed_host, status) in [(host, StatusCode::OK), ("elsewhere.example", StatusCode::FORBIDDEN)] {
        for target in [INVOKE, STREAM] {
            let signing = Signing { signed: &[":authority", "x-amz-date"], ..Signing::default() };
            let mut request = raw::Request::post(target, BODY);
            request.headers.clear();
            let signed = request.header(":authority", signed_host).signed(&signing);
            let headers: Vec<(&str, &str)> =
                signed.headers[1..].iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!(send(&mut sender, host, target, &headers).await.status(), status, "{signed_host} {target}");
        }
    }
}
