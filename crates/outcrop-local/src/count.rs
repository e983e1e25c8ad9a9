//! Counts of tokens: what is counted, by which ids, and that the number is an estimate.

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::dialect::invoke::decode_count_request;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{MessageRequest, TokenCount};
use outcrop_wire::model::ModelId;
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::Surface;

use crate::check::invalid;
use crate::engine::estimate;
use crate::exchange::not_built;
use crate::reply::Reply;

/// Said with every count.
pub(crate) const ESTIMATE: &str = "inputTokens is an estimate of four characters a token, not Claude's own count";

/// The body whose tokens are asked for.
///
/// AWS counts for base ids only: an inference profile is answered 400 (recorded with
/// `us.anthropic.claude-sonnet-4-20250514-v1:0`), as are models that it does not count for.
pub(crate) fn body_of(
    catalogue: &Catalogue,
    surface: Surface,
    id: &ModelId,
    body: &[u8],
    today: &str,
) -> Result<Vec<u8>, Fault> {
    let named = catalogue.resolve(id);
    let is_known = named.model.is_some() && !named.renamed;
    let counts = || catalogue.accepts(named.model, surface, today).count_tokens() != Some(false);
    if is_known && (named.scope != Some(Scope::Regional) || !counts()) {
        return Err(invalid("The provided model doesn't support counting tokens."));
    }
    match decode_count_request(body) {
        Ok(Some(body)) => Ok(body),
        Ok(None) => Err(not_built("outcrop local does not count the tokens of Converse requests yet")),
        Err(error) => {
            Err(invalid(format!("Malformed input request: {error}, please reformat your input and try again.")))
        }
    }
}

/// The count.
pub(crate) fn reply(request: &MessageRequest) -> Reply {
    Reply::counted(TokenCount { input_tokens: estimate(request), ..TokenCount::default() })
}
