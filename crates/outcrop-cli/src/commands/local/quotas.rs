//! The quotas that `outcrop local` plays.

use outcrop_local::Quotas;

use super::engine::read;
use crate::args::QuotasFrom;
use crate::exit::Failure;

/// The quotas that were asked for.
pub(super) fn quotas(from: &QuotasFrom) -> Result<Quotas, Failure> {
    match from {
        QuotasFrom::Default => Ok(Quotas::usual()),
        QuotasFrom::NewAccount => Ok(Quotas::new_account()),
        QuotasFrom::File(path) => Quotas::parse(&read(path, "quotas file")?).map_err(|error| {
            Failure::usage(format!("cannot use the quotas file {}: {error}", path.display()))
                .hint("it has a [[quota]] for each, with model, way, requests, tokens and tokens_a_day, or for Mantle input_tokens \
                       and output_tokens")
        }),
    }
}
