//! Counts of tokens: what is counted, by which ids, and that the number is an estimate.

use outcrop_wire::catalogue::{Catalogue, PdfView};
use outcrop_wire::messages::{MessageRequest, TokenCount};
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::{Dialect, Place, Surface};

use crate::check::{Verdict, invalid};
use crate::engine::{Incoming, estimate};
use crate::reply::Reply;

/// Said with every count.
pub(crate) fn note(surface: Surface) -> String {
    let member = match surface.row().dialect {
        Dialect::Messages => "input_tokens",
        Dialect::Invoke | Dialect::Converse => "inputTokens",
    };
    format!("{member} is an estimate of four characters a token, not Claude's own count")
}

/// Whether the tokens of requests to a model are counted.
///
/// Where the path names the model, AWS counts for base ids only: an inference profile is answered 400 (recorded with
/// `us.anthropic.claude-sonnet-4-20250514-v1:0`), as are models that it does not count for.
pub(crate) fn check(catalogue: &Catalogue, incoming: &Incoming, today: &str) -> Verdict {
    let call = &incoming.call;
    if call.surface.row().model != Place::Path {
        return Ok(());
    }
    let named = catalogue.resolve(&call.model.clone().unwrap_or_default());
    let is_known = named.model.is_some() && !named.renamed;
    let counts = || catalogue.accepts(named.model, call.surface, today).count_tokens() != Some(false);
    let is_profile = incoming.behind.is_some() || is_known && named.scope != Some(Scope::Regional);
    if is_profile || is_known && !counts() {
        return Err(invalid("The provided model doesn't support counting tokens."));
    }
    Ok(())
}

/// The count.
pub(crate) fn reply(request: &MessageRequest, uncited: PdfView) -> Reply {
    Reply::counted(TokenCount { input_tokens: estimate(request, uncited), ..TokenCount::default() })
}
