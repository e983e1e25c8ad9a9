//! What of a request the model is given: AWS takes some of it away before it translates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::converse::{
    ContentBlock, ConverseRequest, DocumentBlock, DocumentFormat, DocumentSource, GuardContentBlock, ImageBlock,
    OutputStructure, SystemContentBlock, Tool, ToolResultContent,
};
use outcrop_wire::{Extra, Json};

/// The request as the model gets it, and where checkpoints stand that end nothing.
///
/// What a guardrail is to look at is text or an image to the model. Of documents that are no PDFs it gets the text. Of
/// those inside tool results it gets nothing (recorded). Settings of the call it does not see.
pub(in crate::check) fn given_to_model(
    mut request: ConverseRequest,
    accepts: &Capabilities<'_>,
) -> (ConverseRequest, Vec<String>) {
    let mut loose = Vec::new();
    for block in request.system.iter_mut().flatten() {
        if let SystemContentBlock::GuardContent(GuardContentBlock::Text(guarded)) = block {
            *block = SystemContentBlock::Text(std::mem::take(&mut guarded.text));
        }
    }
    if let Some(system) = &mut request.system {
        let is_point = |block: &SystemContentBlock| matches!(block, SystemContentBlock::CachePoint(_));
        tie(system, is_point, || "system".to_owned(), &mut loose);
    }
    if let Some(config) = &mut request.tool_config {
        let is_point = |tool: &Tool| matches!(tool, Tool::CachePoint(_));
        tie(&mut config.tools, is_point, || "toolConfig.tools".to_owned(), &mut loose);
    }
    for (at, message) in request.messages.iter_mut().enumerate() {
        let is_point = |block: &ContentBlock| matches!(block, ContentBlock::CachePoint(_));
        tie(&mut message.content, is_point, || format!("messages.{at}.content"), &mut loose);
        message.content.iter_mut().for_each(of_block);
    }
    limit(&mut request, accepts.max_output());
    schema(&mut request);
    reasoning(&mut request, accepts);
    let request = ConverseRequest {
        guardrail_config: None,
        prompt_variables: None,
        additional_model_response_field_paths: None,
        request_metadata: None,
        performance_config: None,
        service_tier: None,
        ..request
    };
    (request, loose)
}

/// Leaves only checkpoints that end something.
fn tie<T>(blocks: &mut Vec<T>, is_point: impl Fn(&T) -> bool, place: impl Fn() -> String, loose: &mut Vec<String>) {
    let (mut index, mut tied) = (0, false);
    blocks.retain(|block| {
        let keeps = !is_point(block) || tied;
        if !keeps {
            loose.push(format!("{}.{index}: a cachePoint ends nothing here and is passed over", place()));
        }
        tied = !is_point(block);
        index += 1;
        keeps
    });
}

fn of_block(block: &mut ContentBlock) {
    match block {
        ContentBlock::GuardContent(GuardContentBlock::Text(guarded)) => {
            *block = ContentBlock::Text(std::mem::take(&mut guarded.text));
        }
        ContentBlock::GuardContent(GuardContentBlock::Image(guarded)) => {
            let (format, source) = (guarded.format.clone(), guarded.source.clone());
            *block = ContentBlock::Image(ImageBlock { error: None, format, source, extra: Default::default() });
        }
        ContentBlock::Document(document) => as_text(document),
        ContentBlock::ToolResult(result) => {
            result.content.retain(|piece| !matches!(piece, ToolResultContent::Document(_)));
        }
        _ => {}
    }
}

/// An answer without a limit has the model's own (documented).
fn limit(request: &mut ConverseRequest, most: Option<u64>) {
    let names_one = |fields: &Json| fields.parse::<Extra>().is_ok_and(|fields| fields.value("max_tokens").is_some());
    if request.additional_model_request_fields.as_ref().is_some_and(names_one) {
        return;
    }
    let config = request.inference_config.get_or_insert_default();
    config.max_tokens = config.max_tokens.or_else(|| u32::try_from(most?).ok());
}

/// The name of a schema is Converse's own.
fn schema(request: &mut ConverseRequest) {
    let format = request.output_config.as_mut().and_then(|config| config.text_format.as_mut());
    if let Some(OutputStructure::JsonSchema(schema)) = format.map(|format| &mut format.structure) {
        (schema.name, schema.description) = (None, None);
    }
}

/// Another name for `thinking`, where that takes a budget (recorded: Sonnet 3.7, 2026).
fn reasoning(request: &mut ConverseRequest, accepts: &Capabilities<'_>) {
    let takes_budget = accepts.thinking().is_none_or(|kinds| kinds.contains(&"enabled"));
    let fields = request.additional_model_request_fields.as_ref().filter(|_| takes_budget);
    let Some(mut fields) = fields.and_then(|fields| fields.parse::<Extra>().ok()) else { return };
    if fields.value("thinking").is_none()
        && let Some(thinking) = fields.take("reasoning_config")
    {
        fields.set("thinking", thinking);
        request.additional_model_request_fields = Json::of(&fields).ok();
    }
}

/// A document whose bytes are no PDF becomes its text.
fn as_text(document: &mut DocumentBlock) {
    let DocumentSource::Bytes(data) = &document.source else { return };
    let format = document.format.clone().unwrap_or(DocumentFormat::Txt);
    let text = |data: &str| STANDARD.decode(data).unwrap_or_default();
    let text = match format {
        DocumentFormat::Pdf | DocumentFormat::Other(_) => return,
        DocumentFormat::Txt | DocumentFormat::Md | DocumentFormat::Csv | DocumentFormat::Html => {
            String::from_utf8_lossy(&text(data)).into_owned()
        }
        DocumentFormat::Doc | DocumentFormat::Docx | DocumentFormat::Xls | DocumentFormat::Xlsx => {
            format!("[{format} of {} bytes, whose text outcrop local cannot read]", text(data).len())
        }
    };
    document.format = Some(DocumentFormat::Txt);
    document.source = DocumentSource::Text(text);
}
