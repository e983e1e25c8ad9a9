//! Peer "bare hyper": the least that a program written for the purpose would do.
//!
//! A hyper-util client, a fixed `authorization` header (nothing is signed), frames split by their length (no checksum),
//! base64, `serde_json::Value`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::Value;

use crate::call::{Answer, Contender, Failure, MODEL_ID_IN_PATH, REQUEST_BODY};

/// As long as a real one, and as little checked.
const FIXED_AUTHORIZATION: &str = concat!(
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/us-east-1/bedrock/aws4_request, ",
    "SignedHeaders=accept;content-type;host;x-amz-date, ",
    "Signature=4ca84a67894365a41fbe0e2b7b57dff53986dae1e53b3a54db616ec2274c101c",
);
const FIXED_AMZ_DATE: &str = "20260301T120000Z";

pub struct BareHyper {
    client: Client<HttpConnector, Full<Bytes>>,
    unary_target: Uri,
    stream_target: Uri,
}

impl BareHyper {
    pub async fn open(endpoint: &str) -> Result<Self, Failure> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            unary_target: format!("{endpoint}/model/{MODEL_ID_IN_PATH}/invoke").parse()?,
            stream_target: format!("{endpoint}/model/{MODEL_ID_IN_PATH}/invoke-with-response-stream").parse()?,
        })
    }

    async fn send(&self, target: &Uri) -> Result<Response<Incoming>, Failure> {
        let request = Request::post(target.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header("x-amz-date", HeaderValue::from_static(FIXED_AMZ_DATE))
            .header(AUTHORIZATION, HeaderValue::from_static(FIXED_AUTHORIZATION))
            .body(Full::new(Bytes::from_static(REQUEST_BODY.as_bytes())))?;
        let response = self.client.request(request).await?;
        if !response.status().is_success() {
            return Err(format!("the upstream answered {}", response.status()).into());
        }
        Ok(response)
    }
}

impl Contender for BareHyper {
    async fn unary(&self) -> Result<Answer, Failure> {
        let body = self.send(&self.unary_target).await?.into_body().collect().await?.to_bytes();
        let message: Value = serde_json::from_slice(&body)?;
        super::read_message(&message)
    }

    async fn stream(&self) -> Result<Answer, Failure> {
        let mut body = self.send(&self.stream_target).await?.into_body();
        let mut answer = Answer { text: String::new(), output_tokens: 0 };
        let mut received = BytesMut::new();
        let mut event = Vec::new();
        while let Some(part) = body.frame().await {
            let Ok(data) = part?.into_data() else { continue };
            received.extend_from_slice(&data);
            while let Some(length) = complete_frame(&received) {
                let chunk: Chunk<'_> = serde_json::from_slice(payload(&received[..length])?)?;
                event.clear();
                STANDARD.decode_vec(chunk.bytes, &mut event)?;
                super::read_event(&serde_json::from_slice(&event)?, &mut answer);
                received.advance(length);
            }
        }
        Ok(answer)
    }
}

#[derive(Deserialize)]
struct Chunk<'a> {
    bytes: &'a str,
}

/// The length of the first frame, once all of it has been received.
fn complete_frame(received: &[u8]) -> Option<usize> {
    let length = u32::from_be_bytes(*received.first_chunk()?) as usize;
    (received.len() >= length).then_some(length)
}

/// What stands between the headers and the closing checksum.
fn payload(frame: &[u8]) -> Result<&[u8], Failure> {
    let headers = frame.get(4..8).and_then(|field| field.first_chunk()).ok_or("a frame without prelude")?;
    let start = 12 + u32::from_be_bytes(*headers) as usize;
    frame.get(start..frame.len() - 4).ok_or_else(|| "a frame shorter than its headers".into())
}
