//! Peer "aws-sdk": the AWS SDK for Rust, with bodies and chunks parsed to `serde_json::Value`.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::ResponseStream;
use serde_json::Value;

use crate::call::{ACCESS_KEY_ID, Answer, Contender, Failure, MODEL_ID, REGION, REQUEST_BODY, SECRET_ACCESS_KEY};

pub struct AwsSdk {
    client: Client,
}

impl AwsSdk {
    /// The client that a user gets: only keys, region and endpoint are set. Retries and stalled-stream protection stay
    /// on, for they are on for every user; `lean` switches them off, to see what they cost.
    pub async fn open(endpoint: &str, lean: bool) -> Result<Self, Failure> {
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "benchmark"))
            .endpoint_url(endpoint);
        if lean {
            config = config
                .retry_config(RetryConfig::disabled())
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        }
        Ok(Self { client: Client::from_conf(config.build()) })
    }
}

impl Contender for AwsSdk {
    async fn unary(&self) -> Result<Answer, Failure> {
        let output = self
            .client
            .invoke_model()
            .model_id(MODEL_ID)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(REQUEST_BODY))
            .send()
            .await?;
        let message: Value = serde_json::from_slice(output.body().as_ref())?;
        super::read_message(&message)
    }

    async fn stream(&self) -> Result<Answer, Failure> {
        let mut output = self
            .client
            .invoke_model_with_response_stream()
            .model_id(MODEL_ID)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(REQUEST_BODY))
            .send()
            .await?;
        let mut answer = Answer { text: String::new(), output_tokens: 0 };
        while let Some(part) = output.body.recv().await? {
            if let ResponseStream::Chunk(chunk) = part {
                let bytes = chunk.bytes().ok_or("a chunk without bytes")?;
                let event: Value = serde_json::from_slice(bytes.as_ref())?;
                super::read_event(&event, &mut answer);
            }
        }
        Ok(answer)
    }
}
