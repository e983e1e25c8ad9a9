//! Whether a job can be made, looked at before anything is uploaded: that its model is there and may be used, that its
//! buckets are there and in its region.

use outcrop_wire::account::job::JobRequest;
use outcrop_wire::account::{AgreementStatus, ApplicationProfileArn, Availability, ModelAvailability, S3Uri};
use outcrop_wire::model::ModelId;
use outcrop_wire::scope::Scope;

use super::Jobs;
use super::create::{DOING, invalid};
use crate::error::{Error, Kind, Result};
use crate::resolve;

impl Jobs<'_> {
    /// Looks whether a job can be made as it is asked for: that the region has its model or inference profile, that the
    /// account may use it, that its buckets are there and in the region. Nothing is written. Gives what could not be seen:
    /// that may be well.
    ///
    /// Whether the role may read and write the buckets, AWS finds out when the job is made; which models it takes into batch
    /// jobs it does not tell.
    ///
    /// # Errors
    /// When something is known to stand in the way, or no answer comes.
    pub async fn check(&self, request: &JobRequest) -> Result<Vec<String>> {
        let mut unseen = Vec::new();
        let model = ModelId::from(request.model_id.as_str());
        self.check_profile(&model, &mut unseen).await?;
        self.check_model(&model, &mut unseen).await?;
        let places = [("output", request.output_data_config.uri()), ("input", request.input_data_config.uri())];
        let buckets = places.map(|(what, uri)| (what, uri.and_then(|uri| Some(uri.parse::<S3Uri>().ok()?.bucket))));
        for (at, (what, bucket)) in buckets.iter().enumerate() {
            let Some(bucket) = bucket.as_deref() else { continue };
            if at == 0 || buckets[0].1.as_deref() != Some(bucket) {
                self.check_bucket(what, bucket, &mut unseen).await?;
            }
        }
        Ok(unseen)
    }

    /// Whether the region has the inference profile, where it is one.
    async fn check_profile(&self, id: &ModelId, unseen: &mut Vec<String>) -> Result<()> {
        let named = resolve::named(&self.client.0, id, self.client.region(), None);
        let is_own = ApplicationProfileArn::parse(id.as_str()).is_some();
        if !is_own && named.scope.is_none_or(|scope| scope == Scope::Regional) {
            return Ok(());
        }
        match self.client.models().profile(id.clone()).await {
            Ok(_) => Ok(()),
            Err(error) => self.absent(error, &format!("the inference profile {id}"), unseen),
        }
    }

    /// Whether the account may use the model in the region, where it is known which one it is.
    async fn check_model(&self, id: &ModelId, unseen: &mut Vec<String>) -> Result<()> {
        let named = resolve::named(&self.client.0, id, self.client.region(), None);
        if named.model.is_none() && id.as_str().starts_with("arn:") {
            return Ok(());
        }
        let name = named.model.map_or(id.as_str(), |model| model.name());
        match self.client.models().availability(id.clone()).await {
            Ok(availability) => self.may_use(&availability, name),
            Err(error) => self.absent(error, &format!("the model {name}"), unseen),
        }
    }

    fn may_use(&self, availability: &ModelAvailability, name: &str) -> Result<()> {
        if availability.region_availability != Availability::Available {
            let hint = format!("make the job in a region that has it: `outcrop models regions {name}`");
            return Err(invalid(format!("{} does not have {name}", self.region()), &hint));
        }
        let hint = format!("`outcrop models access request {name}` asks for access");
        let agreement = &availability.agreement_availability;
        let why = match &agreement.status {
            _ if availability.is_available() => return Ok(()),
            AgreementStatus::Pending => format!("the agreement for {name} is being made: wait some minutes"),
            status if *status != AgreementStatus::Available => {
                let more = agreement.error_message.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
                format!("the account has no agreement for {name}{more}")
            }
            _ => format!("the account may not use {name}"),
        };
        Err(invalid(why, &hint))
    }

    /// Whether a bucket is there, and in the region.
    async fn check_bucket(&self, what: &str, bucket: &str, unseen: &mut Vec<String>) -> Result<()> {
        let here = self.region();
        match self.client.buckets().region(bucket).await {
            Ok(is_in) if is_in == here => Ok(()),
            Ok(is_in) => {
                let hint = format!("make the job in {is_in}, or take a bucket in {here}");
                Err(invalid(format!("the bucket {bucket} of the {what} is in {is_in}, and the job in {here}"), &hint))
            }
            Err(error) if error.status() == Some(404) => {
                let hint = format!("check the name, or make it: aws s3 mb s3://{bucket} --region {here}");
                Err(invalid(format!("there is no bucket {bucket} for the {what}"), &hint))
            }
            Err(error) => unless_silent(error, unseen),
        }
    }

    /// What it means that something is not told.
    fn absent(&self, error: Error, what: &str, unseen: &mut Vec<String>) -> Result<()> {
        // AWS says the one of profiles, the other of models.
        if matches!(error.aws_code(), Some("ResourceNotFoundException" | "ValidationException")) {
            let why =
                format!("{} does not have {what}: {}", self.region(), error.service_message().unwrap_or_default());
            return Err(invalid(why, "`outcrop models` lists what there is"));
        }
        unless_silent(error, unseen)
    }

    fn region(&self) -> &str {
        self.client.region().unwrap_or_default()
    }
}

/// That a service does not say it is no reason to stop; that nobody answers is.
fn unless_silent(error: Error, unseen: &mut Vec<String>) -> Result<()> {
    match error.kind() {
        Kind::Service | Kind::Decode => {
            unseen.push(format!("{error}; that was not looked at before the job was made"));
            Ok(())
        }
        _ => Err(error.with_doing(DOING)),
    }
}
