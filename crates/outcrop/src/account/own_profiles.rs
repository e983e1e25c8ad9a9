//! Inference profiles of the account's own, made and ended, and tags.

use outcrop_wire::account::foundation::FoundationModelDetails;
use outcrop_wire::account::{
    Control, CreatedProfile, InferenceProfile, ProfileRequest, Tag, TagRequest, Tags, TagsRequest, UntagRequest,
};
use outcrop_wire::model::ModelId;
use outcrop_wire::record::Other;
use outcrop_wire::scope::Scope;

use super::models::Models;
use super::{ask, tell};
use crate::error::{Error, Kind, Result};

impl Models<'_> {
    /// Makes an inference profile of the account's own, so that costs can be told apart: its ARN is called like a model.
    /// What it is made of may be an ARN, as AWS wants it, or an id or a name of ours (`us.opus`), whose ARN is asked for.
    ///
    /// ```
    /// # use outcrop::account::ProfileRequest;
    /// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
    /// let request = ProfileRequest::new("team a", "us.opus").tag("cost-centre", "42");
    /// let made = client.models().create_profile(&request).await?;
    /// let reply = client.message(made.inference_profile_arn).user("Hello").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Models::list`]; also where the region has nothing of which it is to be made.
    pub async fn create_profile(&self, request: &ProfileRequest) -> Result<CreatedProfile> {
        let mut request = request.clone();
        if let Some(source) = request.model_source.copy_from.as_deref().filter(|source| !source.starts_with("arn:")) {
            request.model_source.copy_from = Some(self.arn(source).await?);
        }
        // So that a request which is sent again makes no second one.
        request.client_request_token.get_or_insert_with(|| self.token());
        self.tell(Control::CreateInferenceProfile, &request).await
    }

    /// Ends an inference profile of the account's own, by its id or its ARN.
    ///
    /// # Errors
    /// As [`Models::list`]; also where the region has no such profile, or it is one of AWS's own.
    pub async fn delete_profile(&self, id: impl Into<ModelId>) -> Result<()> {
        let (client, id) = (&self.client.0, id.into());
        let _: Other = ask(client, self.region.as_deref(), Control::DeleteInferenceProfile, Some(&id), []).await?;
        Ok(())
    }

    /// The tags of what the account has in the region, such as an inference profile or a batch job, by its ARN.
    ///
    /// # Errors
    /// As [`Models::list`]; also where there is no such thing.
    pub async fn tags(&self, arn: impl Into<String>) -> Result<Vec<Tag>> {
        let request = TagsRequest { resource_arn: arn.into(), extra: Default::default() };
        let answer: Tags = self.tell(Control::ListTagsForResource, &request).await?;
        Ok(answer.tags)
    }

    /// Puts tags on it. A key that is there already says something else from then on.
    ///
    /// # Errors
    /// As [`Models::tags`]; also where they would be more than 50.
    pub async fn tag(&self, arn: impl Into<String>, tags: impl IntoIterator<Item = Tag>) -> Result<()> {
        let tags = tags.into_iter().collect();
        let request = TagRequest { resource_arn: arn.into(), tags, extra: Default::default() };
        let _: Other = self.tell(Control::TagResource, &request).await?;
        Ok(())
    }

    /// Takes tags away, by their keys.
    ///
    /// # Errors
    /// As [`Models::tags`].
    pub async fn untag(&self, arn: impl Into<String>, keys: impl IntoIterator<Item = impl Into<String>>) -> Result<()> {
        let tag_keys = keys.into_iter().map(Into::into).collect();
        let request = UntagRequest { resource_arn: arn.into(), tag_keys, extra: Default::default() };
        let _: Other = self.tell(Control::UntagResource, &request).await?;
        Ok(())
    }

    async fn tell<T: serde::de::DeserializeOwned>(
        &self,
        operation: Control,
        body: &impl serde::Serialize,
    ) -> Result<T> {
        tell(&self.client.0, self.region.as_deref(), operation, None, body).await
    }

    /// The ARN of what an id or a name of ours names: only AWS knows that of a profile, which has the account's number.
    async fn arn(&self, id: &str) -> Result<String> {
        let named = self.client.catalogue().resolve_from(&ModelId::from(id), self.region.as_deref(), None);
        match named.scope {
            Some(Scope::Regional) => {
                let answer: FoundationModelDetails = self.one(Control::GetFoundationModel, named.id).await?;
                Ok(answer.model_details.model_arn)
            }
            Some(_) => {
                let profile: InferenceProfile = self.one(Control::GetInferenceProfile, named.id).await?;
                Ok(profile.inference_profile_arn)
            }
            None => {
                let why = format!("`{id}` names no model and no inference profile");
                let error = Error::new(Kind::Invalid, "make an inference profile", why);
                Err(error.with_hint("name one with its scope (`us.opus`), an id or an ARN"))
            }
        }
    }

    /// Letters and digits that no other request has.
    fn token(&self) -> String {
        let surroundings = &self.client.0.surroundings;
        let digits = |chance: f64| format!("{chance:.16}").split_off(2);
        format!("outcrop-{}-{}-{}", surroundings.unix(), digits(surroundings.chance()), digits(surroundings.chance()))
    }
}
