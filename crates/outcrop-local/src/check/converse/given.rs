//! What of a request the model is given: AWS takes some of it away before it translates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::converse::{
    ContentBlock, ConverseRequest, DocumentBlock, DocumentFormat, DocumentSource, GuardContentBlock, ImageBlock,
    SystemContentBlock, ToolResultContent,
};

/// The request as the model gets it.
///
/// What a guardrail is to look at is text or an image to the model. Of documents that are no PDFs it gets the text. Of
/// those inside tool results it gets nothing (recorded). The type of a call is AWS's own.
pub(in crate::check) fn given_to_model(mut request: ConverseRequest) -> ConverseRequest {
    for block in request.system.iter_mut().flatten() {
        if let SystemContentBlock::GuardContent(GuardContentBlock::Text(guarded)) = block {
            *block = SystemContentBlock::Text(std::mem::take(&mut guarded.text));
        }
    }
    for block in request.messages.iter_mut().flat_map(|message| &mut message.content) {
        match block {
            ContentBlock::GuardContent(GuardContentBlock::Text(guarded)) => {
                *block = ContentBlock::Text(std::mem::take(&mut guarded.text));
            }
            ContentBlock::GuardContent(GuardContentBlock::Image(guarded)) => {
                let (format, source) = (guarded.format.clone(), guarded.source.clone());
                *block = ContentBlock::Image(ImageBlock { error: None, format, source, extra: Default::default() });
            }
            ContentBlock::Document(document) => as_text(document),
            ContentBlock::ToolUse(call) if call.kind.as_deref() == Some("tool_use") => call.kind = None,
            ContentBlock::ToolResult(result) => {
                result.content.retain(|piece| !matches!(piece, ToolResultContent::Document(_)));
            }
            _ => {}
        }
    }
    request
}

/// A document whose bytes are no PDF becomes its text.
fn as_text(document: &mut DocumentBlock) {
    let DocumentSource::Bytes(data) = &document.source else { return };
    let format = document.format.clone().unwrap_or(DocumentFormat::Txt);
    let bytes = STANDARD.decode(data).unwrap_or_default();
    let text = match format {
        DocumentFormat::Pdf | DocumentFormat::Other(_) => return,
        DocumentFormat::Txt | DocumentFormat::Md | DocumentFormat::Csv | DocumentFormat::Html => {
            String::from_utf8_lossy(&bytes).into_owned()
        }
        DocumentFormat::Doc | DocumentFormat::Docx | DocumentFormat::Xls | DocumentFormat::Xlsx => {
            format!("[{format} of {} bytes, whose text outcrop local cannot read]", bytes.len())
        }
    };
    document.format = Some(DocumentFormat::Txt);
    document.source = DocumentSource::Text(text);
}
