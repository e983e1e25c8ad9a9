//! What stands behind the application inference profiles that a caller knows.

use outcrop_wire::account::ApplicationProfileArn;
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::{ModelId, Named};

use super::ClientBuilder;
use crate::error::{Error, Result};
use crate::resolve::KnownProfiles;

impl ClientBuilder {
    /// Says what an application inference profile was made of, so that nobody is asked for it: its ARN, and the id that
    /// it stands for (`Model::CLAUDE_OPUS_4_6.geo(Geo::Us)`, `us.opus`).
    #[must_use]
    pub fn profile_model(mut self, arn: impl Into<String>, stands_for: impl Into<ModelId>) -> Self {
        self.told_profiles.push((arn.into(), stands_for.into()));
        self
    }

    /// Whether the control plane is asked what stands behind the ARN of an application inference profile, once, by the
    /// first call of it (`GetInferenceProfile`, with the permission `bedrock:GetInferenceProfile`). It is until set; where
    /// it may not be asked, calls go out all the same. Without, limits, capabilities and price are those of no model.
    #[must_use]
    pub fn look_up_profiles(mut self, look_up: bool) -> Self {
        self.told_profiles_only = !look_up;
        self
    }

    /// What is known of profiles from the beginning.
    pub(super) fn known_profiles(&mut self, catalogue: &Catalogue) -> Result<KnownProfiles> {
        let told = std::mem::take(&mut self.told_profiles).into_iter().map(|(arn, stands_for)| {
            let wrong = |why: String| Error::config("say what an inference profile stands for", why);
            let region = ApplicationProfileArn::parse(&arn).map(|parts| parts.region);
            let region =
                region.ok_or_else(|| wrong(format!("`{arn}` is no ARN of an application inference profile")))?;
            match catalogue.resolve_from(&stands_for, Some(region), None) {
                Named { model: Some(model), scope: Some(scope), .. } => Ok((arn, (model, scope))),
                _ => Err(wrong(format!("`{stands_for}` is no model that is known here"))),
            }
        });
        Ok(KnownProfiles::new(told.collect::<Result<Vec<_>>>()?, self.told_profiles_only))
    }
}
