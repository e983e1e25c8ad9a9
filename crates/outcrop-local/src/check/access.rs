//! Whether the account may use a model: Anthropic's form first, then the agreement, and who may keep what is said.

use outcrop_wire::account::{AgreementStatus, RetentionMode};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::Model;

use super::{Verdict, invalid};
use crate::data::access::Standing;

/// AWS user guide, troubleshooting of API errors; whole in obot-platform/obot issue 6747 (May 2026).
const NO_FORM: &str = "Model use case details have not been submitted for this account. Fill out the Anthropic use case \
                       details form before using the model. If you have already filled out the form, try again in 15 \
                       minutes.";

/// Quoted from AWS (anthropics/claude-code issue 536, strands-agents/harness-sdk issue 38).
const NO_AGREEMENT: &str = "You don't have access to the model with the specified model ID.";

/// Refuses a model that the account may not use.
pub(super) fn check(standing: &Standing<'_>, model: Model) -> Verdict {
    if !standing.has_form() {
        return Err(Fault::new("ResourceNotFoundException", NO_FORM, Origin::Http));
    }
    match standing.agreement(model).0 {
        AgreementStatus::Available => Ok(()),
        _ => Err(Fault::new("AccessDeniedException", NO_AGREEMENT, Origin::Http)),
    }
}

/// Refuses a model that wants more to be kept than the account allows in the region. Words: quoted from AWS
/// (anomalyco/opencode issue 31560, danny-avila/LibreChat pull 13628, which also has it come before betas).
pub(super) fn check_retention(standing: &Standing<'_>, model: Model, region: &str) -> Verdict {
    let needed = RetentionMode::needed_by(model);
    let mode = standing.retention(region).mode;
    if mode.satisfies(&needed) != Some(false) {
        return Ok(());
    }
    Err(invalid(format!("data retention mode '{}' is not available for this model", mode.effective().as_str())))
}
