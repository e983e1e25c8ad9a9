//! Inference profiles: `ListInferenceProfiles`, `GetInferenceProfile`, and those of the account's own.
//!
//! Source: botocore service model bedrock 2023-04-20; a real answer stands in RooCodeInc/Roo-Code pull request 1998.

use super::tag::Tag;
use crate::catalogue::{Catalogue, ProfileRow};
use crate::model::Model;
use crate::record::{open_enum, record};
use crate::scope::Scope;

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

impl InferenceProfile {
    /// The model behind it and where that may process a call, as the models that it lists say: one region is that region,
    /// an entry without a region is everywhere, several are the first geography of the model that has
    /// them all, or at least the first. None where the
    /// catalogue has no such model or scope.
    #[must_use]
    pub fn behind(&self, catalogue: &Catalogue) -> Option<(Model, Scope)> {
        let arns = self.models.iter().filter_map(|model| model.model_arn.as_deref());
        let parts: Vec<(&str, &str)> =
            arns.filter_map(|arn| Some((arn.split(':').nth(3)?, arn.rsplit_once('/')?.1))).collect();
        let (first, base) = *parts.first()?;
        let model = catalogue.models().find(|model| model.spells_base(base))?;
        let geographies = || model.row().profiles.iter().filter(|profile| profile.scope != Scope::Global.as_str());
        let scope = match &parts[..] {
            parts if parts.iter().any(|(region, _)| region.is_empty()) => Some(Scope::Global),
            [_] => Some(Scope::Regional),
            parts => {
                let has = |profile: &&ProfileRow, region: &str| profile.destinations().contains(&region);
                let whole = geographies().find(|profile| parts.iter().all(|(region, _)| has(profile, region)));
                // AWS adds regions to profiles.
                let row = whole.or_else(|| geographies().find(|profile| has(profile, first)));
                row.and_then(|profile| Scope::of_prefix(profile.scope))
            }
        };
        Some((model, scope?))
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

/// The parts of the ARN of an application inference profile, which says nothing of its model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ApplicationProfileArn<'a> {
    /// Where it is, and can be called.
    pub region: &'a str,
    /// Whose it is.
    pub account: &'a str,
    /// Twelve letters and digits, as AWS makes them.
    pub id: &'a str,
}

impl<'a> ApplicationProfileArn<'a> {
    /// Reads one.
    ///
    /// ```
    /// # use outcrop_wire::account::ApplicationProfileArn;
    /// let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6";
    /// assert_eq!(ApplicationProfileArn::parse(arn).map(|arn| arn.region), Some("us-east-1"));
    /// assert_eq!(ApplicationProfileArn::parse("us.anthropic.claude-opus-4-6-v1"), None);
    /// ```
    #[must_use]
    pub fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let mut next = || parts.next();
        let ("arn", Some(_partition), "bedrock") = (next()?, next(), next()?) else { return None };
        let (region, account) = (next()?, next()?);
        let id = next()?.strip_prefix("application-inference-profile/")?;
        (!id.is_empty()).then_some(ApplicationProfileArn { region, account, id })
    }
}

record! {
    /// The body of `CreateInferenceProfile`.
    pub struct ProfileRequest {
        /// For people: 1 to 64 letters and digits, with single blanks, `_` and `-` between them.
        required inference_profile_name("inferenceProfileName"): String,
        /// For people: as a name, at most 200, with `:` and `.` too.
        optional description: String,
        /// A request that says the same again makes no second profile.
        optional client_request_token("clientRequestToken"): String,
        /// What it is made of.
        required model_source("modelSource"): ModelSource,
        /// What its costs are told apart by.
        optional tags: Vec<Tag>,
    }
}

impl ProfileRequest {
    /// A profile of a model in one region (the ARN of a foundation model), or wherever a profile of AWS's own may run
    /// (its ARN).
    #[must_use]
    pub fn new(name: impl Into<String>, copy_from: impl Into<String>) -> Self {
        let model_source = ModelSource { copy_from: Some(copy_from.into()), extra: Default::default() };
        ProfileRequest {
            inference_profile_name: name.into(),
            description: None,
            client_request_token: None,
            model_source,
            tags: None,
            extra: Default::default(),
        }
    }

    /// What it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// One more word on it, such as a cost centre.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.get_or_insert_default().push(Tag::new(key, value));
        self
    }
}

record! {
    /// What a profile is made of.
    #[derive(Default)]
    pub struct ModelSource {
        /// The ARN of a foundation model, or of a profile of AWS's own.
        optional copy_from("copyFrom"): String,
    }
}

record! {
    /// The answer of `CreateInferenceProfile`.
    pub struct CreatedProfile {
        /// `arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6`: the id to call it by.
        required inference_profile_arn("inferenceProfileArn"): String,
        /// Whether it can be called.
        lenient status: ProfileStatus,
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
