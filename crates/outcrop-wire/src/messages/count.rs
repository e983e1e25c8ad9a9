//! The tokens of a request, counted without an answer.

use super::AppliedContext;
use crate::record::record;

record! {
    /// The tokens of a request.
    #[derive(Default)]
    pub struct TokenCount {
        /// Input tokens, as they would be billed without a cache.
        required input_tokens: u64,
        /// What would be taken out of the conversation before the model saw it.
        lenient context_management: AppliedContext,
    }
}
