//! Which models and inference profiles there are, and whether the account may use them.

use outcrop_wire::account::foundation::{FoundationModelDetails, FoundationModels};
use outcrop_wire::account::{
    Control, FoundationModel, InferenceProfile, ModelAvailability, ModelFilter, ProfileFilter, UseCaseForm,
};
use outcrop_wire::model::ModelId;
use serde::de::DeserializeOwned;

use super::access::Access;
use super::control::ask;
use super::pages::{InferenceProfileStream, Pages};
use crate::client::Client;
use crate::error::Result;
use crate::resolve::{look_up, named};

/// The models of a region, as Bedrock's control plane tells them. What they take and cost is in
/// [`Client::catalogue`](crate::Client::catalogue).
#[derive(Clone, Debug)]
pub struct Models<'a> {
    pub(super) client: &'a Client,
    pub(super) region: Option<String>,
}

impl<'a> Models<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Models { client, region: client.0.region.clone() }
    }

    /// The models of another region than the client's own.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Every model of the region, or those that a filter lets through, of every maker.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes, or the service answers with an error.
    pub async fn list(&self, filter: &ModelFilter) -> Result<Vec<FoundationModel>> {
        let answer: FoundationModels =
            ask(&self.client.0, self.region.as_deref(), Control::ListFoundationModels, None, filter.pairs()).await?;
        Ok(answer.model_summaries)
    }

    /// One model: by a name of ours, a base id or its ARN. Of a profile's id or ARN it is the model behind it.
    ///
    /// # Errors
    /// As [`Models::list`]; also where the region has no such model.
    pub async fn get(&self, id: impl Into<ModelId>) -> Result<FoundationModel> {
        let id = self.base(id.into()).await;
        let answer: FoundationModelDetails = self.one(Control::GetFoundationModel, id).await?;
        Ok(answer.model_details)
    }

    /// Whether the account may use a model in the region; named as for [`Models::get`].
    ///
    /// # Errors
    /// As [`Models::list`].
    pub async fn availability(&self, id: impl Into<ModelId>) -> Result<ModelAvailability> {
        let id = self.base(id.into()).await;
        self.one(Control::GetFoundationModelAvailability, id).await
    }

    /// The inference profiles of the region, page by page as they are wanted. Nothing is sent before the first is asked
    /// for.
    #[must_use]
    pub fn profiles(&self) -> InferenceProfileStream {
        self.profiles_of(ProfileFilter::default())
    }

    /// The inference profiles that a filter lets through, in pages of its size.
    #[must_use]
    pub fn profiles_of(&self, filter: ProfileFilter) -> InferenceProfileStream {
        Pages::new(self.client.clone(), self.region.clone(), filter)
    }

    /// One inference profile, by its id or its ARN; `us.opus` is understood.
    ///
    /// # Errors
    /// As [`Models::list`]; also where the region has no such profile.
    pub async fn profile(&self, id: impl Into<ModelId>) -> Result<InferenceProfile> {
        let named = self.client.catalogue().resolve_from(&id.into(), self.region.as_deref(), None);
        self.one(Control::GetInferenceProfile, named.id).await
    }

    /// Anthropic's form about what its models are used for, as the account filled it in; `None` where it did not.
    ///
    /// # Errors
    /// As [`Models::list`].
    pub async fn use_case_form(&self) -> Result<Option<UseCaseForm>> {
        let asked = ask(&self.client.0, self.region.as_deref(), Control::GetUseCaseForModelAccess, None, []).await;
        match asked {
            Err(error) if error.aws_code() == Some("ResourceNotFoundException") => Ok(None),
            outcome => outcome.map(Some),
        }
    }

    /// Access to them: offers and agreements, and who may keep data.
    #[must_use]
    pub fn access(&self) -> Access<'a> {
        Access::new(self.clone())
    }

    pub(super) async fn one<T: DeserializeOwned>(&self, operation: Control, id: ModelId) -> Result<T> {
        ask(&self.client.0, self.region.as_deref(), operation, Some(&id), []).await
    }

    /// The base id of a model of the catalogue; another id as it is.
    async fn base(&self, id: ModelId) -> ModelId {
        let client = &self.client.0;
        look_up(client, &id).await;
        let named = named(client, &id, self.region.as_deref(), None);
        named.model.map_or(id, |model| model.regional())
    }
}
