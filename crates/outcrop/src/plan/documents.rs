//! The rule of documents: what the model is given of a PDF, and how its pages are shown where it would get the text alone.

use outcrop_wire::Json;
use outcrop_wire::catalogue::{Capabilities, PdfView};
use outcrop_wire::edit::Edit;
use outcrop_wire::messages::{Block, CitationsConfig, Content, DocumentBlock, MediaSource, MessageRequest};
use outcrop_wire::messages::{ResultBlock, ResultContent};

use super::draft::Draft;
use super::{Adjustment, Change, Refusal};

/// A document of a request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DocumentNeed {
    /// Its turn.
    pub turn: usize,
    /// Its block in the turn.
    pub block: usize,
    /// Its block in the result of a tool, where it stands in one.
    pub within: Option<usize>,
    /// Whether it is a PDF.
    pub pdf: bool,
    /// Whether it may be cited.
    pub cited: bool,
}

impl DocumentNeed {
    /// Every document of a request, in order.
    pub(super) fn all(request: &MessageRequest) -> Vec<Self> {
        let mut all = Vec::new();
        for (turn, content) in request.messages.iter().map(|turn| &turn.content).enumerate() {
            let Content::Blocks(blocks) = content else { continue };
            for (block, content) in blocks.iter().enumerate() {
                match content {
                    Block::Document(document) => all.push(Self::of(document, turn, block, None)),
                    Block::ToolResult(result) => {
                        let Some(ResultContent::Blocks(blocks)) = &result.content else { continue };
                        all.extend(blocks.iter().enumerate().filter_map(|(within, content)| match content {
                            ResultBlock::Document(document) => Some(Self::of(document, turn, block, Some(within))),
                            _ => None,
                        }));
                    }
                    _ => {}
                }
            }
        }
        all
    }

    fn of(document: &DocumentBlock, turn: usize, block: usize, within: Option<usize>) -> Self {
        let pdf = matches!(&document.source, MediaSource::Base64(source) if source.media_type == "application/pdf");
        let cited = document.citations.as_ref().is_some_and(|citations| citations.enabled == Some(true));
        DocumentNeed { turn, block, within, pdf, cited }
    }

    fn cite(&self) -> Edit {
        let on = Edit::set("citations", Json::of(&CitationsConfig::new(true)).unwrap_or_default());
        let on = match self.within {
            Some(within) => Edit::within_at("content", within, on),
            None => on,
        };
        Edit::within_at("messages", self.turn, Edit::within_at("content", self.block, on))
    }
}

pub(super) fn rule(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let needs = draft.needs;
    if !needs.documents.iter().any(|document| document.pdf) {
        return Ok(());
    }
    let unseen = needs.documents.iter().filter(|document| document.pdf && !document.cited).count();
    let (model, surface) = (draft.model(), draft.surface());
    if needs.visual {
        if draft.accepts.pdf_documented() != Some(PdfView::Text) {
            draft.note(format!("visual: {surface} shows the pages of PDFs as they are"));
            return Ok(());
        }
        // On all of them or on none: so the Messages API has it.
        for document in needs.documents.iter().filter(|document| !document.cited) {
            let DocumentNeed { turn, block, .. } = document;
            let reason = format!(
                "visual: citations are on for messages.{turn}.content.{block}, so that {surface} shows the pages of PDFs"
            );
            draft.edit("pdf.visual", Change::Placed, document.cite(), reason);
        }
    } else {
        let remedy = "visual(true) (`--visual`) or another surface has the pages seen";
        draft.plan.edits.extend(text_only(&draft.accepts, surface, &model, unseen, remedy));
    }
    Ok(())
}

/// That a model is given only the text of so many PDFs without citations, where that is documented; `remedy` has the pages
/// seen.
pub(crate) fn text_only(
    accepts: &Capabilities<'_>,
    surface: &str,
    model: &str,
    unseen: usize,
    remedy: &str,
) -> Option<Adjustment> {
    if unseen == 0 || accepts.pdf_documented() != Some(PdfView::Text) {
        return None;
    }
    let which = if unseen == 1 { "a PDF".to_owned() } else { format!("{unseen} PDFs") };
    let seen = match accepts.pdf_seen() {
        Some(PdfView::Pages) => format!("; recordings suggest that {model} sees its pages all the same"),
        _ => String::new(),
    };
    let reason = format!(
        "{which} without citations: as documented, {surface} gives {model} the extracted text only{seen}; {remedy}"
    );
    Some(Adjustment::told("pdf.text_only", reason))
}
