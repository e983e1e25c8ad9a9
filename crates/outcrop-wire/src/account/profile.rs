//! Inference profiles: `ListInferenceProfiles`, `GetInferenceProfile`, and those of the account's own.
//!
//! Source: botocore service model bedrock 2023-04-20; a real answer stands in RooCodeInc/Roo-Code pull request 1998.

use crate::record::{open_enum, record};

record! {
    /// An inference profile, as AWS describes it. Times are as AWS writes them: `2025-03-24T22:59:17.732909Z`.
    pub struct InferenceProfile {
        /// For people.
        required inference_profile_name("inferenceProfileName"): String,
        /// For people: the model, and where it may run.
        lenient description: String,
        /// When it was made.
        lenient created_at("createdAt"): String,
        /// When it was changed.
        lenient updated_at("updatedAt"): String,
        /// With the caller's account, also of AWS's own.
        required inference_profile_arn("inferenceProfileArn"): String,
        /// The model in each region that may process a call.
        default models: Vec<ProfileModel>,
        /// `us.anthropic.claude-opus-4-6-v1`; of the account's own twelve letters and digits.
        required inference_profile_id("inferenceProfileId"): String,
        /// Whether it can be called.
        required status: ProfileStatus,
        /// Whose it is.
        required kind("type"): ProfileType,
    }
}

record! {
    /// A model in a region.
    #[derive(Default)]
    pub struct ProfileModel {
        /// `arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-6-v1`
        lenient model_arn("modelArn"): String,
    }
}

open_enum! {
    /// Whether a profile can be called.
    pub enum ProfileStatus {
        /// It can.
        Active = "ACTIVE",
    }
}

open_enum! {
    /// Whose a profile is.
    pub enum ProfileType {
        /// AWS's.
        SystemDefined = "SYSTEM_DEFINED",
        /// The account's own.
        Application = "APPLICATION",
    }
}

record! {
    /// A page of the answer of `ListInferenceProfiles`.
    #[derive(Default)]
    pub struct InferenceProfiles {
        /// The profiles of the page.
        default inference_profile_summaries("inferenceProfileSummaries"): Vec<InferenceProfile>,
        /// Where the next page begins, if there is one.
        optional next_token("nextToken"): String,
    }
}

/// Which profiles are wanted, and which page of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProfileFilter {
    /// Whose.
    pub kind: Option<ProfileType>,
    /// The most profiles of a page, 1 to 1000.
    pub page_size: Option<u32>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

impl ProfileFilter {
    /// As a request says it.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        [
            ("maxResults", self.page_size.map(|size| size.to_string())),
            ("nextToken", self.next_token.clone()),
            ("type", self.kind.as_ref().map(|kind| kind.as_str().to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Reads what the query of a request says, decoded; other names are passed over.
    ///
    /// # Errors
    /// The number of profiles that is none, as it came.
    pub fn of_pairs(pairs: &[(String, String)]) -> Result<Self, String> {
        let mut filter = ProfileFilter::default();
        for (name, value) in pairs {
            match name.as_str() {
                "maxResults" => filter.page_size = Some(value.parse().map_err(|_| value.clone())?),
                "nextToken" => filter.next_token = Some(value.clone()),
                "type" => filter.kind = Some(ProfileType::from(value.as_str())),
                _ => {}
            }
        }
        Ok(filter)
    }
}
