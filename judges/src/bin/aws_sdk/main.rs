//! Judges a local Bedrock server with the official AWS SDK for Rust.
//!
//! The server is found through the environment variables that
//! `outcrop local --env` prints. The address and the keys are handed to the SDK
//! explicitly, so nothing of the user's own AWS configuration is read.

mod converse;

use std::process::ExitCode;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::config::{Config, Credentials, Region};
use aws_sdk_bedrockruntime::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::RequestId;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::ResponseStream;
use serde_json::{Value, json};

// Sonnet 4.5 still takes a forced tool, and its id has a colon, which this SDK
// percent-encodes.
const MODEL: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const UNKNOWN_MODEL: &str = "anthropic.claude-which-nobody-made-v1:0";

const WRONG_SECRET_MESSAGE: &str = "The request signature we calculated does not match the signature you provided. \
     Check your AWS Secret Access Key and signing method. \
     Consult the service documentation for details.";
const UNKNOWN_KEY_MESSAGE: &str = "The security token included in the request is invalid.";
const UNKNOWN_MODEL_MESSAGE: &str = "The provided model identifier is invalid.";

/// What a case comes to: `Err` says what was expected and what was seen.
type Outcome = Result<(), String>;

/// One check. `expected` is in words, `seen` is the value that was found.
fn check(condition: bool, expected: &str, seen: &dyn std::fmt::Debug) -> Outcome {
    if condition {
        Ok(())
    } else {
        Err(format!("expected {expected}; saw {seen:?}"))
    }
}

fn check_equal<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, seen: T) -> Outcome {
    check(
        expected == seen,
        &format!("{what} to be {expected:?}"),
        &seen,
    )
}

/// For calls that must succeed: any error of the SDK is a finding.
fn no_error<T, E, R>(result: Result<T, SdkError<E, R>>) -> Result<T, String>
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    result.map_err(|error| format!("expected no error; saw {}", DisplayErrorContext(error)))
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    fn record(&mut self, name: &str, outcome: Outcome) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("ok   {name}");
            }
            Err(reason) => {
                self.failed += 1;
                println!("FAIL {name}: {reason}");
            }
        }
    }
}

/// What the environment says about the server.
struct Server {
    address: String,
    region: String,
    account: String,
    access_key: String,
    secret_key: String,
}

impl Server {
    fn from_environment() -> Result<Server, String> {
        let variable = |name: &str| {
            std::env::var(name)
                .map_err(|_| format!("expected {name} to be set; saw nothing (see README.md)"))
        };
        Ok(Server {
            address: variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")?,
            region: variable("AWS_REGION")?,
            account: variable("JUDGE_ACCOUNT").unwrap_or_else(|_| "123456789012".to_string()),
            access_key: variable("AWS_ACCESS_KEY_ID")?,
            secret_key: variable("AWS_SECRET_ACCESS_KEY")?,
        })
    }

    fn client(&self) -> Client {
        self.client_with(&self.access_key, &self.secret_key)
    }

    fn client_with(&self, access_key: &str, secret_key: &str) -> Client {
        let wait = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(10))
            .operation_timeout(Duration::from_secs(30))
            .build();
        // No retries: a judge reports the first answer it gets.
        let config = Config::builder()
            .endpoint_url(&self.address)
            .region(Region::new(self.region.clone()))
            .credentials_provider(Credentials::new(
                access_key, secret_key, None, None, "judge",
            ))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .timeout_config(wait)
            .build();
        Client::from_conf(config)
    }

    fn profile_arn(&self) -> String {
        format!(
            "arn:aws:bedrock:{}:{}:inference-profile/{MODEL}",
            self.region, self.account
        )
    }
}

/// A request body; the members of `more` are put on top.
fn body(said: &str, more: Value) -> Blob {
    let mut body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 256,
        "messages": [{"role": "user", "content": said}],
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    Blob::new(body.to_string())
}

fn forced_tool() -> Value {
    json!({
        "tools": [{
            "name": "get_weather",
            "description": "The weather forecast of one city.",
            "input_schema": {
                "type": "object",
                "properties": {
                    "city": {"type": "string"},
                    "days": {"type": "integer", "minimum": 1},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["city", "days", "unit"],
            },
        }],
        "tool_choice": {"type": "tool", "name": "get_weather"},
    })
}

async fn invoke(client: &Client, model: &str, body: Blob) -> Result<Value, String> {
    let output = no_error(
        client
            .invoke_model()
            .model_id(model)
            .body(body)
            .send()
            .await,
    )?;
    check_equal(
        "the content type",
        "application/json",
        output.content_type(),
    )?;
    check(
        output.request_id().is_some_and(|id| !id.is_empty()),
        "a request id",
        &output.request_id(),
    )?;
    serde_json::from_slice(output.body().as_ref())
        .map_err(|error| format!("expected a JSON body; saw {error}"))
}

/// Reads a stream to its end and puts the message together, minding the order
/// of its events.
async fn invoke_stream(client: &Client, model: &str, body: Blob) -> Result<Value, String> {
    let operation = client
        .invoke_model_with_response_stream()
        .model_id(model)
        .body(body);
    let mut output = no_error(operation.send().await)?;
    check_equal(
        "the content type",
        "application/json",
        output.content_type(),
    )?;
    check(
        output.request_id().is_some_and(|id| !id.is_empty()),
        "a request id",
        &output.request_id(),
    )?;
    let mut fold = Fold::default();
    while let Some(event) = no_error(output.body.recv().await)? {
        let ResponseStream::Chunk(part) = event else {
            return Err(format!("expected a chunk; saw {event:?}"));
        };
        let bytes = part.bytes().map(|blob| blob.as_ref()).unwrap_or_default();
        let event = serde_json::from_slice(bytes)
            .map_err(|error| format!("expected a JSON event; saw {error}"))?;
        fold.take(&event)?;
    }
    fold.finish()
}

/// A message being put together from stream events.
#[derive(Default)]
struct Fold {
    message: Value,
    blocks: Vec<Value>,
    partial_json: String,
    block_is_open: bool,
    delta_seen: bool,
    stop_seen: bool,
}

impl Fold {
    fn take(&mut self, event: &Value) -> Outcome {
        let kind = event["type"].as_str().unwrap_or_default();
        check(!self.stop_seen, "no event after message_stop", event)?;
        let started = self.message.is_object();
        match kind {
            "ping" => {}
            "message_start" => {
                check(!started, "only one message_start", event)?;
                check(
                    event["message"].is_object(),
                    "a message in message_start",
                    event,
                )?;
                self.message = event["message"].clone();
            }
            _ if !started => return Err(format!("expected message_start first; saw {event}")),
            "content_block_start" => {
                check(
                    !self.block_is_open && !self.delta_seen,
                    "no block inside another or at the end",
                    event,
                )?;
                check_equal(
                    "the index of a started block",
                    Some(self.blocks.len() as u64),
                    event["index"].as_u64(),
                )?;
                self.blocks.push(event["content_block"].clone());
                self.partial_json.clear();
                self.block_is_open = true;
            }
            "content_block_delta" | "content_block_stop" => {
                check(self.block_is_open, "a started block", event)?;
                check_equal(
                    "the index of the open block",
                    Some(self.blocks.len() as u64 - 1),
                    event["index"].as_u64(),
                )?;
                self.take_inside_block(kind, &event["delta"])?;
            }
            "message_delta" => {
                check(
                    !self.block_is_open && !self.delta_seen,
                    "one message_delta after all blocks",
                    event,
                )?;
                self.delta_seen = true;
                self.message["stop_reason"] = event["delta"]["stop_reason"].clone();
                self.message["usage"]["output_tokens"] = event["usage"]["output_tokens"].clone();
            }
            "message_stop" => {
                check(self.delta_seen, "message_delta before message_stop", event)?;
                self.stop_seen = true;
            }
            _ => return Err(format!("expected a known event; saw {event}")),
        }
        Ok(())
    }

    fn take_inside_block(&mut self, kind: &str, delta: &Value) -> Outcome {
        let Some(block) = self.blocks.last_mut() else {
            return Err("expected a started block; saw none".to_string());
        };
        if kind == "content_block_stop" {
            self.block_is_open = false;
            if block["type"] == "tool_use" {
                block["input"] = serde_json::from_str(&self.partial_json).map_err(|error| {
                    format!(
                        "expected the tool input to be JSON; saw {:?} ({error})",
                        self.partial_json
                    )
                })?;
            }
            return Ok(());
        }
        match delta["type"].as_str().unwrap_or_default() {
            "text_delta" => {
                let text = format!(
                    "{}{}",
                    block["text"].as_str().unwrap_or_default(),
                    delta["text"].as_str().unwrap_or_default()
                );
                block["text"] = Value::from(text);
            }
            "input_json_delta" => self
                .partial_json
                .push_str(delta["partial_json"].as_str().unwrap_or_default()),
            _ => return Err(format!("expected a text or input delta; saw {delta}")),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Value, String> {
        check(
            self.stop_seen,
            "the stream to end with message_stop",
            &self.message,
        )?;
        self.message["content"] = Value::from(self.blocks);
        Ok(self.message)
    }
}

fn text_of(message: &Value) -> String {
    let blocks = message["content"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    blocks
        .iter()
        .filter_map(|block| block["text"].as_str())
        .collect()
}

fn check_usage(message: &Value) -> Outcome {
    for field in ["input_tokens", "output_tokens"] {
        let number = &message["usage"][field];
        check(
            number.as_u64() > Some(0),
            &format!("usage.{field} to be a number above 0"),
            number,
        )?;
    }
    Ok(())
}

fn check_message(message: &Value, said: &str) -> Outcome {
    check_equal("type", Some("message"), message["type"].as_str())?;
    check_equal("role", Some("assistant"), message["role"].as_str())?;
    let id = message["id"].as_str().unwrap_or_default();
    check(
        id.starts_with("msg_bdrk_"),
        "id to begin with 'msg_bdrk_'",
        &id,
    )?;
    check_equal(
        "stop_reason",
        Some("end_turn"),
        message["stop_reason"].as_str(),
    )?;
    let text = text_of(message);
    check(
        text.contains(said),
        &format!("the text to contain {said:?}"),
        &text,
    )?;
    check_usage(message)
}

fn check_tool_use(message: &Value) -> Outcome {
    check_equal(
        "stop_reason",
        Some("tool_use"),
        message["stop_reason"].as_str(),
    )?;
    let blocks = message["content"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let uses: Vec<&Value> = blocks
        .iter()
        .filter(|block| block["type"] == "tool_use")
        .collect();
    check_equal("the number of tool_use blocks", 1, uses.len())?;
    let tool_use = uses[0];
    let id = tool_use["id"].as_str().unwrap_or_default();
    check(
        id.starts_with("toolu_bdrk_"),
        "the tool id to begin with 'toolu_bdrk_'",
        &id,
    )?;
    check_equal(
        "the tool's name",
        Some("get_weather"),
        tool_use["name"].as_str(),
    )?;
    let input = &tool_use["input"];
    check_equal(
        "the number of members of the input",
        Some(3),
        input.as_object().map(|object| object.len()),
    )?;
    check(input["city"].is_string(), "city to be a string", input)?;
    check(
        input["days"].as_u64() >= Some(1),
        "days to be an integer of at least 1",
        input,
    )?;
    let unit = input["unit"].as_str().unwrap_or_default();
    check(
        ["celsius", "fahrenheit"].contains(&unit),
        "unit to be one of the enum",
        input,
    )?;
    check_usage(message)
}

/// Looks at an error that must have come from the service.
fn check_error<T, E>(
    result: Result<T, SdkError<E>>,
    status: u16,
    code: &str,
    message: &str,
) -> Outcome
where
    T: std::fmt::Debug,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let error = match result {
        Ok(answer) => {
            return Err(format!(
                "expected an error with code {code}; saw {answer:?}"
            ));
        }
        Err(error @ SdkError::ServiceError(_)) => error,
        Err(other) => {
            return Err(format!(
                "expected an error of the service; saw {}",
                DisplayErrorContext(other)
            ));
        }
    };
    check_equal("the code", Some(code), error.code())?;
    check_equal("the message", Some(message), error.message())?;
    check_equal(
        "the status",
        Some(status),
        error
            .raw_response()
            .map(|response| response.status().as_u16()),
    )
}

async fn text(server: &Server) -> Outcome {
    let message = invoke(&server.client(), MODEL, body("rust says hello", json!({}))).await?;
    check_message(&message, "rust says hello")
}

async fn text_by_arn(server: &Server) -> Outcome {
    let message = invoke(
        &server.client(),
        &server.profile_arn(),
        body("called by an ARN", json!({})),
    )
    .await?;
    check_message(&message, "called by an ARN")
}

async fn tool(server: &Server) -> Outcome {
    let message = invoke(
        &server.client(),
        MODEL,
        body("the weather please", forced_tool()),
    )
    .await?;
    check_tool_use(&message)
}

async fn stream(server: &Server) -> Outcome {
    let client = server.client();
    let streamed = invoke_stream(&client, MODEL, body("rust by the stream", json!({}))).await?;
    check_message(&streamed, "rust by the stream")?;
    let unary = invoke(&client, MODEL, body("rust by the stream", json!({}))).await?;
    check_equal(
        "the text of the stream",
        text_of(&unary),
        text_of(&streamed),
    )
}

async fn stream_by_arn(server: &Server) -> Outcome {
    let message = invoke_stream(
        &server.client(),
        &server.profile_arn(),
        body("an ARN by the stream", json!({})),
    )
    .await?;
    check_message(&message, "an ARN by the stream")
}

async fn tool_stream(server: &Server) -> Outcome {
    let message = invoke_stream(
        &server.client(),
        MODEL,
        body("stream me the weather", forced_tool()),
    )
    .await?;
    check_tool_use(&message)
}

/// The same mistake must get the same error from both operations.
async fn both_errors(
    client: &Client,
    model: &str,
    status: u16,
    code: &str,
    message: &str,
) -> Outcome {
    let failing = body("this must fail", json!({}));
    let unary = client
        .invoke_model()
        .model_id(model)
        .body(failing.clone())
        .send()
        .await;
    check_error(unary, status, code, message)?;
    let streamed = client
        .invoke_model_with_response_stream()
        .model_id(model)
        .body(failing)
        .send()
        .await;
    check_error(streamed, status, code, message)
}

async fn unknown_model(server: &Server) -> Outcome {
    both_errors(
        &server.client(),
        UNKNOWN_MODEL,
        400,
        "ValidationException",
        UNKNOWN_MODEL_MESSAGE,
    )
    .await
}

async fn unknown_model_is_typed(server: &Server) -> Outcome {
    let operation = server
        .client()
        .invoke_model()
        .model_id(UNKNOWN_MODEL)
        .body(body("typed", json!({})));
    let result = operation.send().await;
    let typed = result
        .as_ref()
        .err()
        .and_then(SdkError::as_service_error)
        .is_some_and(|error| error.is_validation_exception());
    check(typed, "the SDK's own ValidationException", &result)
}

async fn wrong_secret(server: &Server) -> Outcome {
    let client = server.client_with(&server.access_key, "not-the-secret");
    both_errors(
        &client,
        MODEL,
        403,
        "InvalidSignatureException",
        WRONG_SECRET_MESSAGE,
    )
    .await
}

async fn unknown_key(server: &Server) -> Outcome {
    let client = server.client_with("AKIANOBODYKNOWSTHIS0", "not-the-secret");
    both_errors(
        &client,
        MODEL,
        403,
        "UnrecognizedClientException",
        UNKNOWN_KEY_MESSAGE,
    )
    .await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut tally = Tally::default();
    match Server::from_environment() {
        Err(reason) => tally.record("start", Err(reason)),
        Ok(server) => {
            tally.record("invoke_model: text", text(&server).await);
            tally.record(
                "invoke_model: model id as an ARN",
                text_by_arn(&server).await,
            );
            tally.record("invoke_model: a forced tool", tool(&server).await);
            tally.record("stream: text", stream(&server).await);
            tally.record("stream: model id as an ARN", stream_by_arn(&server).await);
            tally.record("stream: a forced tool", tool_stream(&server).await);
            tally.record("converse: text", converse::plain(&server).await);
            tally.record("converse: an image and a PDF", converse::media(&server).await);
            tally.record("converse stream: text", converse::stream(&server).await);
            tally.record("converse stream: a tool, called and answered", converse::tool_stream(&server).await);
            tally.record("count of a Converse request", converse::count(&server).await);
            tally.record("converse: unknown model", converse::unknown_model(&server).await);
            tally.record("converse: wrong secret", converse::wrong_secret(&server).await);
            tally.record("error: unknown model", unknown_model(&server).await);
            tally.record(
                "error: unknown model is a ValidationException",
                unknown_model_is_typed(&server).await,
            );
            tally.record("error: wrong secret", wrong_secret(&server).await);
            tally.record("error: unknown key", unknown_key(&server).await);
        }
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
