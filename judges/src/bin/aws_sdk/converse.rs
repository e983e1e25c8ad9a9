//! Converse and ConverseStream.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    AnyToolChoice, CitationLocation, CitationsConfig, ContentBlock, ContentBlockDelta,
    ContentBlockStart, ConversationRole, ConverseStreamOutput, ConverseTokensRequest,
    CountTokensInput, DocumentBlock, DocumentFormat, DocumentSource, ImageBlock, ImageFormat,
    ImageSource, InferenceConfiguration, Message, StopReason, TokenUsage, Tool, ToolChoice,
    ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock, ToolSpecification,
    ToolUseBlock,
};
use aws_smithy_types::{Document, Number};

use super::{MODEL, Outcome, Server, UNKNOWN_MODEL, UNKNOWN_MODEL_MESSAGE, check, check_equal, check_error, no_error};

/// A base id, since tokens are counted for those only.
const BASE_MODEL: &str = "anthropic.claude-sonnet-4-6";

fn turn(role: ConversationRole, content: Vec<ContentBlock>) -> Message {
    let message = Message::builder().role(role).set_content(Some(content));
    message.build().expect("role and content are set")
}

fn said(text: &str, mut before: Vec<ContentBlock>) -> Message {
    before.push(ContentBlock::Text(text.to_string()));
    turn(ConversationRole::User, before)
}

fn settings() -> InferenceConfiguration {
    InferenceConfiguration::builder().max_tokens(512).build()
}

fn asked(client: &Client, message: Message) -> ConverseFluentBuilder {
    client.converse().model_id(MODEL).inference_config(settings()).messages(message)
}

fn object(members: Vec<(&str, Document)>) -> Document {
    Document::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
}

fn text(value: &str) -> Document {
    Document::String(value.to_string())
}

/// One tool, that has to be called where `forced`.
fn clock(forced: bool) -> ToolConfiguration {
    let city = object(vec![("type", text("string"))]);
    let schema = object(vec![
        ("type", text("object")),
        ("properties", object(vec![("city", city)])),
        ("required", Document::Array(vec![text("city")])),
    ]);
    let tool = ToolSpecification::builder()
        .name("get_time")
        .description("The time in one city.")
        .input_schema(ToolInputSchema::Json(schema))
        .build()
        .expect("name and schema are set");
    let choice = forced.then(|| ToolChoice::Any(AnyToolChoice::builder().build()));
    let tools = ToolConfiguration::builder().tools(Tool::ToolSpec(tool)).set_tool_choice(choice);
    tools.build().expect("there is a tool")
}

fn check_usage(usage: Option<&TokenUsage>) -> Outcome {
    let counted = usage.is_some_and(|usage| {
        usage.input_tokens > 0
            && usage.output_tokens > 0
            && usage.total_tokens >= usage.input_tokens + usage.output_tokens
    });
    check(counted, "tokens to be counted and added up", &usage)
}

fn content(answer: &ConverseOutput) -> Result<&[ContentBlock], String> {
    let message = answer.output().and_then(|output| output.as_message().ok());
    message.map(Message::content).ok_or_else(|| format!("expected a message; saw {answer:?}"))
}

fn check_answer(answer: &ConverseOutput, expected: &str) -> Outcome {
    check_equal("the stop reason", &StopReason::EndTurn, answer.stop_reason())?;
    let mut said = String::new();
    for block in content(answer)? {
        match block {
            ContentBlock::Text(text) => said.push_str(text),
            ContentBlock::CitationsContent(cited) => {
                let parts = cited.content().iter().filter_map(|part| part.as_text().ok());
                parts.for_each(|text| said.push_str(text));
            }
            _ => {}
        }
    }
    check(said.contains(expected), &format!("the text to contain {expected:?}"), &said)?;
    check(answer.metrics().is_some(), "metrics", &answer.metrics())?;
    check_usage(answer.usage())
}

pub(super) async fn plain(server: &Server) -> Outcome {
    let answer = asked(&server.client(), said("the kite is blue", vec![])).send().await;
    check_answer(&no_error(answer)?, "the kite is blue")
}

pub(super) async fn media(server: &Server) -> Outcome {
    let picture = ImageBlock::builder()
        .format(ImageFormat::Png)
        .source(ImageSource::Bytes(Blob::new(include_bytes!("../../../media/square.png"))))
        .build()
        .expect("format and source are set");
    let document = DocumentBlock::builder()
        .format(DocumentFormat::Pdf)
        .name("report")
        .source(DocumentSource::Bytes(Blob::new(include_bytes!("../../../media/report.pdf"))))
        .citations(CitationsConfig::builder().enabled(true).build().expect("it is set"))
        .build()
        .expect("name and source are set");
    let blocks = vec![ContentBlock::Image(picture), ContentBlock::Document(document)];
    let answer = no_error(asked(&server.client(), said("what is in these", blocks)).send().await)?;
    check_answer(&answer, "what is in these")?;
    let cited = content(&answer)?.iter().find_map(|block| block.as_citations_content().ok());
    let location = cited.and_then(|cited| cited.citations().first()?.location());
    check(matches!(location, Some(CitationLocation::DocumentPage(_))), "a page to be cited", &location)
}

/// The blocks of a stream and what stands at its end.
async fn streamed(server: &Server, message: Message, tools: Option<ToolConfiguration>) -> Result<Streamed, String> {
    let operation = server.client().converse_stream().model_id(MODEL).inference_config(settings());
    let operation = operation.messages(message).set_tool_config(tools);
    let mut output = no_error(operation.send().await)?;
    let mut whole = Streamed::default();
    while let Some(event) = no_error(output.stream.recv().await)? {
        check(whole.usage.is_none(), "nothing after metadata", &event)?;
        match event {
            ConverseStreamOutput::MessageStart(start) => {
                check_equal("the role", &ConversationRole::Assistant, start.role())?;
            }
            ConverseStreamOutput::ContentBlockStart(event) => {
                if let Some(ContentBlockStart::ToolUse(start)) = event.start() {
                    whole.call = Some((start.tool_use_id().to_string(), start.name().to_string()));
                }
            }
            ConverseStreamOutput::ContentBlockDelta(event) => match event.delta() {
                Some(ContentBlockDelta::Text(text)) => whole.text.push_str(text),
                Some(ContentBlockDelta::ToolUse(piece)) => whole.input.push_str(piece.input()),
                other => return Err(format!("expected text or arguments; saw {other:?}")),
            },
            ConverseStreamOutput::ContentBlockStop(_) => {}
            ConverseStreamOutput::MessageStop(stop) => whole.stop_reason = Some(stop.stop_reason().clone()),
            ConverseStreamOutput::Metadata(metadata) => whole.usage = metadata.usage().cloned(),
            other => return Err(format!("expected an event that is known; saw {other:?}")),
        }
    }
    check_usage(whole.usage.as_ref())?;
    Ok(whole)
}

#[derive(Default)]
struct Streamed {
    text: String,
    call: Option<(String, String)>,
    input: String,
    stop_reason: Option<StopReason>,
    usage: Option<TokenUsage>,
}

pub(super) async fn stream(server: &Server) -> Outcome {
    let whole = streamed(server, said("the kite is red", vec![]), None).await?;
    check(whole.text.contains("the kite is red"), "the text", &whole.text)?;
    check_equal("the stop reason", Some(StopReason::EndTurn), whole.stop_reason)
}

pub(super) async fn tool_stream(server: &Server) -> Outcome {
    let whole = streamed(server, said("the time", vec![]), Some(clock(true))).await?;
    check_equal("the stop reason", Some(StopReason::ToolUse), whole.stop_reason)?;
    let Some((id, name)) = whole.call else { return Err("expected a call; saw none".to_string()) };
    check_equal("the tool", "get_time", name.as_str())?;
    let input: serde_json::Value =
        serde_json::from_str(&whole.input).map_err(|error| format!("expected arguments in JSON; saw {error}"))?;
    check(input["city"].is_string(), "a city", &input)?;
    let call = ToolUseBlock::builder()
        .tool_use_id(&id)
        .name(name)
        .input(object(vec![("city", text("Oslo"))]))
        .build()
        .expect("id, name and input are set");
    let result = ToolResultBlock::builder()
        .tool_use_id(id)
        .content(ToolResultContentBlock::Json(object(vec![("hour", Document::Number(Number::PosInt(6)))])))
        .build()
        .expect("id and content are set");
    let answer = asked(&server.client(), said("the time", vec![]))
        .messages(turn(ConversationRole::Assistant, vec![ContentBlock::ToolUse(call)]))
        .messages(said("thank you", vec![ContentBlock::ToolResult(result)]))
        .tool_config(clock(false))
        .send()
        .await;
    check_answer(&no_error(answer)?, "thank you")
}

pub(super) async fn count(server: &Server) -> Outcome {
    let message = said("count me", vec![]);
    let input = CountTokensInput::Converse(ConverseTokensRequest::builder().messages(message.clone()).build());
    let counted = server.client().count_tokens().model_id(BASE_MODEL).input(input).send().await;
    let counted = no_error(counted)?.input_tokens();
    let answer = no_error(asked(&server.client(), message).model_id(BASE_MODEL).send().await)?;
    check_equal("the tokens of the same request", Some(counted), answer.usage().map(TokenUsage::input_tokens))
}

pub(super) async fn unknown_model(server: &Server) -> Outcome {
    let operation = asked(&server.client(), said("this must fail", vec![])).model_id(UNKNOWN_MODEL);
    check_error(operation.send().await, 400, "ValidationException", UNKNOWN_MODEL_MESSAGE)?;
    let operation = server.client().converse_stream().model_id(UNKNOWN_MODEL).inference_config(settings());
    let streamed = operation.messages(said("this must fail", vec![])).send().await;
    check_error(streamed, 400, "ValidationException", UNKNOWN_MODEL_MESSAGE)
}

pub(super) async fn wrong_secret(server: &Server) -> Outcome {
    let client = server.client_with(&server.access_key, "not-the-secret");
    let refused = asked(&client, said("this must fail", vec![])).send().await;
    check_error(refused, 403, "InvalidSignatureException", super::WRONG_SECRET_MESSAGE)
}
