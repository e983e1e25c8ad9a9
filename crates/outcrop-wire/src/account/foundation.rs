//! Which models there are: `ListFoundationModels`, `GetFoundationModel`.
//!
//! Source: botocore service model bedrock 2023-04-20; a recorded answer (December 2025) has more members than that, which
//! are kept.

use crate::record::{open_enum, record};

record! {
    /// A model, as AWS describes it.
    pub struct FoundationModel {
        /// `arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1`
        required model_arn("modelArn"): String,
        /// Its base id.
        required model_id("modelId"): String,
        /// For people: `Claude Opus 4.6`.
        lenient model_name("modelName"): String,
        /// `Anthropic`
        lenient provider_name("providerName"): String,
        /// What it takes: `TEXT`, `IMAGE`.
        lenient input_modalities("inputModalities"): Vec<Modality>,
        /// What it gives.
        lenient output_modalities("outputModalities"): Vec<Modality>,
        /// Whether it can be streamed.
        lenient response_streaming_supported("responseStreamingSupported"): bool,
        /// How it can be customized.
        lenient customizations_supported("customizationsSupported"): Vec<String>,
        /// Which ids it is called by. `INFERENCE_PROFILE` is not in the service model, and recorded.
        lenient inference_types_supported("inferenceTypesSupported"): Vec<InferenceType>,
        /// How long there will be such a model.
        lenient model_lifecycle("modelLifecycle"): ModelLifecycle,
    }
}

record! {
    /// How long there will be a model. Times are as AWS writes them: `2026-06-19T00:00:00Z`.
    pub struct ModelLifecycle {
        /// Whether it still has a future.
        required status: LifecycleStatus,
        /// From when there is one.
        lenient start_of_life_time("startOfLifeTime"): String,
        /// From when there is none.
        lenient end_of_life_time("endOfLifeTime"): String,
        /// From when it is Legacy.
        lenient legacy_time("legacyTime"): String,
        /// From when on it may cost more, until it ends.
        lenient public_extended_access_time("publicExtendedAccessTime"): String,
    }
}

open_enum! {
    /// What goes in or comes out.
    pub enum Modality {
        /// Text.
        Text = "TEXT",
        /// Images.
        Image = "IMAGE",
        /// Vectors.
        Embedding = "EMBEDDING",
    }
}

open_enum! {
    /// By which ids a model is called.
    pub enum InferenceType {
        /// Its own.
        OnDemand = "ON_DEMAND",
        /// That of capacity which was bought.
        Provisioned = "PROVISIONED",
        /// Those of its inference profiles.
        InferenceProfile = "INFERENCE_PROFILE",
    }
}

open_enum! {
    /// Whether a model still has a future.
    pub enum LifecycleStatus {
        /// It has.
        Active = "ACTIVE",
        /// It will end.
        Legacy = "LEGACY",
    }
}

record! {
    /// The answer of `ListFoundationModels`.
    #[derive(Default)]
    pub struct FoundationModels {
        /// Every model that the region has and the filter lets through.
        default model_summaries("modelSummaries"): Vec<FoundationModel>,
    }
}

record! {
    /// The answer of `GetFoundationModel`.
    pub struct FoundationModelDetails {
        /// The model.
        required model_details("modelDetails"): FoundationModel,
    }
}

/// Which models are wanted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ModelFilter {
    /// Of whom: `anthropic`, in any case.
    pub provider: Option<String>,
    /// That can be customized so.
    pub customization: Option<String>,
    /// That give this.
    pub output: Option<Modality>,
    /// That are called so.
    pub inference: Option<InferenceType>,
}

impl ModelFilter {
    /// As a request says it.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        [
            ("byProvider", self.provider.as_deref()),
            ("byCustomizationType", self.customization.as_deref()),
            ("byOutputModality", self.output.as_ref().map(Modality::as_str)),
            ("byInferenceType", self.inference.as_ref().map(InferenceType::as_str)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Reads what the query of a request says, decoded; other names are passed over.
    #[must_use]
    pub fn of_pairs(pairs: &[(String, String)]) -> Self {
        let mut filter = ModelFilter::default();
        for (name, value) in pairs {
            match name.as_str() {
                "byProvider" => filter.provider = Some(value.clone()),
                "byCustomizationType" => filter.customization = Some(value.clone()),
                "byOutputModality" => filter.output = Some(Modality::from(value.as_str())),
                "byInferenceType" => filter.inference = Some(InferenceType::from(value.as_str())),
                _ => {}
            }
        }
        filter
    }

    /// Whether it lets a model through.
    #[must_use]
    pub fn lets_through(&self, model: &FoundationModel) -> bool {
        fn has<T: PartialEq>(wanted: Option<&T>, there: Option<&Vec<T>>) -> bool {
            wanted.is_none_or(|wanted| there.is_some_and(|there| there.contains(wanted)))
        }
        let provider = model.provider_name.as_deref().unwrap_or_default();
        self.provider.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(provider))
            && has(self.customization.as_ref(), model.customizations_supported.as_ref())
            && has(self.output.as_ref(), model.output_modalities.as_ref())
            && has(self.inference.as_ref(), model.inference_types_supported.as_ref())
    }
}
