//! Documents: their names, how many, how large, what is in them, and what Claude is given of them.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::catalogue::PdfView;
use outcrop_wire::converse::{
    ContentBlock, ConverseRequest, DocumentBlock, DocumentFormat, DocumentSource, Message, ToolResultContent,
};
use outcrop_wire::fault::Fault;
use outcrop_wire::sniff::{Format, sniff};

use super::Held;
use super::malformed::unreadable;
use crate::check::manner::{SCATTERED, UNCITED};
use crate::check::media::reads_as_base64;
use crate::check::place::Place;
use crate::check::{Verdict, invalid, refuse};

/// Recorded, 2026-09, without the place.
const NAME: &str = "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, \
                    parentheses, and square brackets. The name can't contain more than one consecutive whitespace \
                    character. Check that the file name conforms to these restrictions and retry your request.";

/// Quoted.
const SAME_NAME: &str = "Messages can't contain duplicate document names. Rename the document and retry your request.";
const TOO_MANY: &str =
    "You can't include more than 5 documents in a request. Reduce the number of documents and retry your request.";
const NO_TEXT: &str = "A text block must be included when using documents. Add a text block and retry your request.";

/// The words are those of a client's test, 2026; the number is documented.
const TOO_LARGE: &str = "Document is too large. Maximum document size is 4500000 bytes.";

/// Documented: of a message. What is quoted speaks of a request.
const MOST: usize = 5;

/// Documented (service model, `DocumentBlock`). The user guide exempts PDFs.
const LARGEST: usize = 4_500_000;

/// Every document, and what passes here and may be refused by AWS, or is not seen by the model.
pub(super) fn check(request: &ConverseRequest, held: &Held<'_>) -> Result<Vec<String>, Fault> {
    let mut documents = Documents { held, names: HashSet::new(), count: 0, warnings: Vec::new() };
    let messages = Place::ROOT.member("messages");
    for (at, message) in request.messages.iter().enumerate() {
        documents.of_message(message, &messages.item(at))?;
    }
    let Documents { count, mut warnings, .. } = documents;
    if count > MOST {
        let warning = || {
            format!("{count} documents in several messages: AWS documents {MOST} a message and may answer `{TOO_MANY}`")
        };
        warnings.extend(SCATTERED.judge(held.strict, warning, || invalid(TOO_MANY))?);
    }
    Ok(warnings)
}

struct Documents<'a> {
    held: &'a Held<'a>,
    names: HashSet<&'a str>,
    count: usize,
    warnings: Vec<String>,
}

impl<'a> Documents<'a> {
    fn of_message(&mut self, message: &'a Message, place: &Place<'_>) -> Verdict {
        let content = place.member("content");
        let mut own = 0;
        for (index, block) in message.content.iter().enumerate() {
            let place = content.item(index);
            match block {
                ContentBlock::Document(block) => {
                    own += 1;
                    self.of_block(block, &place.member("document"))?;
                    self.given(block, &place);
                }
                ContentBlock::ToolResult(result) => {
                    let own = place.member("toolResult");
                    let pieces = own.member("content");
                    for (index, piece) in result.content.iter().enumerate() {
                        let ToolResultContent::Document(block) = piece else { continue };
                        self.of_block(block, &pieces.item(index).member("document"))?;
                        // Recorded (Sonnet 4.5, three times, PDFs with bytes and from S3): the model is given nothing.
                        self.warnings.push(format!(
                            "{place}.toolResult: AWS takes a document here and gives the model nothing of it"
                        ));
                    }
                }
                _ => {}
            }
        }
        if own > MOST {
            return refuse(TOO_MANY);
        }
        self.count += own;
        if own > 0 && !message.content.iter().any(|block| matches!(block, ContentBlock::Text(_))) {
            return refuse(NO_TEXT);
        }
        Ok(())
    }

    fn of_block(&mut self, block: &'a DocumentBlock, place: &Place<'_>) -> Verdict {
        if !is_name(&block.name) {
            return refuse(NAME);
        }
        if !self.names.insert(&block.name) {
            return refuse(SAME_NAME);
        }
        match &block.source {
            DocumentSource::Bytes(data) => bytes(data, block.format.as_ref(), place),
            DocumentSource::Text(_) | DocumentSource::Content(_) if !is_cited(block) => {
                // Quoted (maximhq/bifrost issue 7072, 2026-09); the service model has no such rule.
                let rule = format!(
                    "DocumentSource object at {place}.source must set one of the following keys: bytes, s3Location."
                );
                let warning = || format!("{place}: AWS takes this source with citations only and may answer `{rule}`");
                self.warnings.extend(UNCITED.judge(self.held.strict, warning, || invalid(rule.as_str()))?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Says what the model does not get.
    fn given(&mut self, block: &DocumentBlock, place: &Place<'_>) {
        let DocumentSource::Bytes(_) = block.source else { return };
        let text_only = self.held.accepts.pdf_documented() == Some(PdfView::Text) && !is_cited(block);
        match block.format {
            Some(DocumentFormat::Pdf) if text_only => {
                self.warnings.push(format!(
                    "{place}.document: without citations Converse is documented to give the model the text of a PDF and \
                     not its pages; `citations: {{enabled: true}}` lets it see them"
                ));
            }
            Some(DocumentFormat::Doc | DocumentFormat::Docx | DocumentFormat::Xls | DocumentFormat::Xlsx) => {
                self.warnings.push(format!(
                    "{place}.document: AWS gives the model the text of it, which outcrop local cannot read"
                ));
            }
            _ => {}
        }
    }
}

fn is_cited(block: &DocumentBlock) -> bool {
    block.citations.as_ref().is_some_and(|citations| citations.enabled == Some(true))
}

/// As AWS's words say, and with `_`, which recorded names have that AWS took.
fn is_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || " -()[]_".contains(letter);
    name.chars().all(fits) && !name.contains("  ")
}

fn bytes(data: &str, format: Option<&DocumentFormat>, place: &Place<'_>) -> Verdict {
    let is_pdf = format == Some(&DocumentFormat::Pdf);
    if data.len() / 4 * 3 > LARGEST + 2 && !is_pdf {
        return refuse(TOO_LARGE);
    }
    if !reads_as_base64(data) {
        return Err(unreadable(format_args!("{place}.source.bytes is not base64")));
    }
    let head = STANDARD.decode(&data.as_bytes()[..data.len().min(HEAD)]).unwrap_or_default();
    match (sniff(&head), format) {
        // Quoted.
        (Ok(found), _) if found.is_image() => refuse(format_args!(
            "Unsupported MIME type: {}. Retry your request with a supported file type: xlsx, txt, pdf, csv, md, doc, html, \
             xls, docx",
            found.media_type()
        )),
        // Quoted; the other way round remembered.
        (Ok(Format::Text), Some(DocumentFormat::Pdf)) => detected("PLAIN_TEXT", "PDF"),
        (Ok(Format::Pdf), Some(format)) if !is_pdf => detected("PDF", &format.as_str().to_uppercase()),
        _ => Ok(()),
    }
}

/// So much is looked at: a multiple of four letters.
const HEAD: usize = 1368;

fn detected(found: &str, said: &str) -> Verdict {
    refuse(format_args!("The detected filetype is {found}, but the provided filetype was {said}."))
}
