//! Who may keep what models are asked and answer, in a region of the account: `Get-` and `PutAccountDataRetention`.
//!
//! Source: botocore service model bedrock 2023-04-20 (1.44.5); AWS user guide, data retention (September 2026).

use crate::model::Model;
use crate::record::{open_enum, record};

open_enum! {
    /// What may be kept.
    pub enum RetentionMode {
        /// What the model's own terms say.
        Default = "default",
        /// Nothing.
        Nothing = "none",
        /// What AWS may look into; the model's maker may not.
        AwsReview = "aws_review",
        /// What may be shared with the model's maker. AWS calls it legacy, and shares nothing today.
        ProviderDataShare = "provider_data_share",
        /// What a wider setting says. New accounts have this, and it comes to `default`.
        Inherit = "inherit",
    }
}

record! {
    /// The body of `PutAccountDataRetention`.
    pub struct RetentionRequest {
        /// What may be kept from now on.
        required mode: RetentionMode,
    }
}

record! {
    /// The answer of both operations.
    pub struct AccountRetention {
        /// What may be kept.
        required mode: RetentionMode,
        /// When that was said last, ISO 8601.
        lenient updated_at("updatedAt"): String,
    }
}

/// From what keeps least to what keeps most: a mode satisfies what asks for one before it.
const ORDER: [RetentionMode; 4] =
    [RetentionMode::Nothing, RetentionMode::Default, RetentionMode::AwsReview, RetentionMode::ProviderDataShare];

/// The least that models ask for, where that is more than nothing: our name, the mode, and who says so.
const NEEDS: [(&str, RetentionMode, &str); 3] = [
    ("claude-fable-5-1", RetentionMode::AwsReview, "AWS user guide, data retention (September 2026)"),
    ("claude-fable-5", RetentionMode::AwsReview, "AWS user guide, data retention (September 2026)"),
    ("claude-mythos-5", RetentionMode::ProviderDataShare, "AWS user guide, data retention (July 2026)"),
];

impl RetentionMode {
    /// What it comes to where no project says otherwise: `inherit` is the models' own default.
    #[must_use]
    pub fn effective(&self) -> &Self {
        match self {
            RetentionMode::Inherit => &RetentionMode::Default,
            other => other,
        }
    }

    /// The least that a model asks for. A model that nothing is documented of is content with nothing.
    #[must_use]
    pub fn needed_by(model: Model) -> Self {
        let row = NEEDS.into_iter().find(|(name, ..)| *name == model.name());
        row.map_or(RetentionMode::Nothing, |(_, mode, _)| mode)
    }

    /// Whether a model that asks for `needed` may be called under this mode; `None` where one of them is not known here.
    #[must_use]
    pub fn satisfies(&self, needed: &Self) -> Option<bool> {
        let place = |mode: &Self| ORDER.iter().position(|known| known == mode.effective());
        Some(place(self)? >= place(needed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn what_keeps_more_satisfies_what_asks_for_less() {
        let catalogue = Catalogue::built_in();
        let needed = |name: &str| RetentionMode::needed_by(catalogue.resolve(&name.into()).model.expect("a model"));
        for (name, ..) in NEEDS {
            assert_ne!(needed(name), RetentionMode::Nothing, "{name}");
        }
        for (mode, fable, opus) in [
            ("none", Some(false), Some(true)),
            ("default", Some(false), Some(true)),
            ("inherit", Some(false), Some(true)),
            ("aws_review", Some(true), Some(true)),
            ("provider_data_share", Some(true), Some(true)),
            ("something_new", None, None),
        ] {
            let mode = RetentionMode::from(mode);
            assert_eq!(mode.satisfies(&needed("claude-fable-5-1")), fable, "{mode:?}");
            assert_eq!(mode.satisfies(&needed("claude-opus-4-6")), opus, "{mode:?}");
        }
    }
}
