//! Access to models: offers, agreements, Anthropic's form, and who may keep data.

use std::time::Duration;

use outcrop_wire::account::{
    AccountRetention, AgreementOffers, AgreementRequest, AgreementStatus, Availability, Control, ModelAgreement,
    ModelAvailability, Offer, RetentionMode, RetentionRequest, UseCase, UseCaseForm,
};
use outcrop_wire::model::ModelId;
use serde::de::IgnoredAny;

use super::control::{ask, tell};
use super::models::Models;
use crate::error::{Error, Kind, Result};

/// How long a request waits for its agreement. AWS takes some two minutes (anthropics/claude-code issue 51183).
const PATIENCE: Duration = Duration::from_secs(300);

/// The pause before availability is asked for again; it doubles up to the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Access to the models of a region. Agreements and the form count for the whole account, data retention for the region.
#[derive(Clone, Debug)]
pub struct Access<'a> {
    models: Models<'a>,
    patience: Duration,
}

/// What a request for access came to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Granted {
    /// What AWS says of the model now. Its agreement stands; whether nothing else is in the way, `is_available` tells.
    pub availability: ModelAvailability,
    /// The offer that was agreed to; none where an agreement stood already.
    pub offer: Option<Offer>,
    /// Whether the form was filled in by this request.
    pub form_submitted: bool,
}

impl<'a> Access<'a> {
    /// The actions that whoever asks for access has to be allowed (AWS user guide, access to foundation models).
    pub const PERMISSIONS: [&'static str; 7] = [
        "bedrock:GetFoundationModelAvailability",
        "bedrock:GetUseCaseForModelAccess",
        "bedrock:PutUseCaseForModelAccess",
        "bedrock:ListFoundationModelAgreementOffers",
        "bedrock:CreateFoundationModelAgreement",
        "aws-marketplace:Subscribe",
        "aws-marketplace:ViewSubscriptions",
    ];

    pub(super) fn new(models: Models<'a>) -> Self {
        Access { models, patience: PATIENCE }
    }

    /// How long [`Access::request`] waits for an agreement that is pending. Five minutes by default.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What may be agreed to before a model is used, and what it costs: by a name of ours, or an id.
    ///
    /// # Errors
    /// As [`Models::list`]; also where the region has no such model.
    pub async fn offers(&self, model: impl Into<ModelId>) -> Result<Vec<Offer>> {
        let base = self.base(model.into());
        let offers: Result<AgreementOffers> =
            ask(self.client(), self.region(), Control::ListFoundationModelAgreementOffers, Some(&base), []).await;
        Ok(offers.map_err(allowed)?.offers)
    }

    /// Agrees to an offer: a contract with costs. AWS may take minutes until the model can be used.
    ///
    /// # Errors
    /// As [`Models::list`]; also where the offer is none of the model, or its agreement stands already
    /// (`ConflictException`).
    pub async fn agree(&self, model: impl Into<ModelId>, offer: &Offer) -> Result<()> {
        let request = AgreementRequest {
            offer_token: offer.offer_token.clone(),
            model_id: self.base(model.into()).as_str().to_owned(),
            extra: Default::default(),
        };
        let told: Result<IgnoredAny> =
            tell(self.client(), self.region(), Control::CreateFoundationModelAgreement, None, &request).await;
        told.map(drop).map_err(allowed)
    }

    /// Ends the agreement of a model: it cannot be called any more.
    ///
    /// # Errors
    /// As [`Models::list`]; also where there is none (`ResourceNotFoundException`).
    pub async fn end(&self, model: impl Into<ModelId>) -> Result<()> {
        let agreement =
            ModelAgreement { model_id: self.base(model.into()).as_str().to_owned(), extra: Default::default() };
        let told: Result<IgnoredAny> =
            tell(self.client(), self.region(), Control::DeleteFoundationModelAgreement, None, &agreement).await;
        told.map(drop)
    }

    /// Fills in Anthropic's form, once for the account. It is read by [`Models::use_case_form`].
    ///
    /// # Errors
    /// As [`Models::list`]; [`Kind::Invalid`] where the form has mistakes ([`UseCase::mistakes`]), or is too short or too
    /// long ([`UseCaseForm::BYTES`]).
    pub async fn submit_form(&self, form: &UseCase) -> Result<()> {
        let form = filled_in(form)?;
        let told: Result<IgnoredAny> =
            tell(self.client(), self.region(), Control::PutUseCaseForModelAccess, None, &form).await;
        told.map(drop).map_err(allowed)
    }

    /// Does what is missing until a model can be used: the form, where the account has not filled it in; the agreement to
    /// the first offer; and waits for it. What stands already stays as it is, so it may be done again.
    ///
    /// # Errors
    /// As [`Models::list`]; [`Kind::Invalid`] where the form is missing and none is given, or the one that is given has
    /// mistakes (told before anything is sent), where the region lacks the model, or has no offer of it; [`Kind::Service`] where the agreement fails; [`Kind::Timeout`] where it is still
    /// pending when patience ends.
    pub async fn request(&self, model: impl Into<ModelId>, form: Option<&UseCase>) -> Result<Granted> {
        self.grant(model.into(), form, None).await
    }

    /// The same, to an offer that was looked at.
    ///
    /// # Errors
    /// As [`Access::request`].
    pub async fn accept(&self, model: impl Into<ModelId>, offer: &Offer, form: Option<&UseCase>) -> Result<Granted> {
        self.grant(model.into(), form, Some(offer)).await
    }

    async fn grant(&self, model: ModelId, form: Option<&UseCase>, offer: Option<&Offer>) -> Result<Granted> {
        let doing = format!("get access to {model}");
        let failed = |kind, why: &str| Error::new(kind, &*doing, why);
        // Before anything is agreed to.
        form.map(filled_in).transpose()?;
        let availability = self.models.availability(model.clone()).await.map_err(allowed)?;
        if availability.region_availability == Availability::NotAvailable {
            return Err(failed(Kind::Invalid, "the region does not have it")
                .with_hint("the catalogue knows from which regions it can be called: `outcrop models regions`, or `Model::scopes_from`"));
        }
        let mut granted = Granted { availability, offer: None, form_submitted: false };
        if self.models.use_case_form().await.map_err(allowed)?.is_none() {
            let form = form.ok_or_else(|| {
                failed(
                    Kind::Invalid,
                    "the account has not filled in Anthropic's form about what its models are used for",
                )
                .with_hint("give the form with the request; it is asked for once in an account")
            })?;
            self.submit_form(form).await?;
            granted.form_submitted = true;
        }
        match granted.availability.agreement_availability.status {
            AgreementStatus::Available => return Ok(granted),
            AgreementStatus::Pending => {}
            _ => {
                let offer = match offer {
                    Some(offer) => offer.clone(),
                    None => {
                        let offers = self.offers(model.clone()).await?;
                        offers.into_iter().next().ok_or_else(|| failed(Kind::Invalid, "AWS has no offer of it here"))?
                    }
                };
                match self.agree(model.clone(), &offer).await {
                    Ok(()) => granted.offer = Some(offer),
                    // Somebody else was faster.
                    Err(error) if error.aws_code() == Some("ConflictException") => {}
                    Err(error) => return Err(error),
                }
            }
        }
        granted.availability = self.agreed(&model, &doing).await?;
        Ok(granted)
    }

    /// Waits until an agreement stands.
    async fn agreed(&self, model: &ModelId, doing: &str) -> Result<ModelAvailability> {
        let (mut waited, mut pause) = (Duration::ZERO, PAUSE);
        loop {
            let availability = self.models.availability(model.clone()).await?;
            match &availability.agreement_availability.status {
                AgreementStatus::Available => return Ok(availability),
                AgreementStatus::Error => {
                    let why =
                        availability.agreement_availability.error_message.as_deref().unwrap_or("no reason is given");
                    return Err(Error::new(Kind::Service, doing, format!("the agreement failed: {why}")));
                }
                _ => {}
            }
            if waited >= self.patience {
                let why = format!("the agreement is still pending after {} s", self.patience.as_secs());
                return Err(Error::new(Kind::Timeout, doing, why).with_hint("it may stand later: ask again"));
            }
            pause = pause.min(self.patience.saturating_sub(waited));
            tokio::time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Who may keep what models are asked and answer in the region.
    ///
    /// # Errors
    /// As [`Models::list`].
    pub async fn retention(&self) -> Result<AccountRetention> {
        ask(self.client(), self.region(), Control::GetAccountDataRetention, None, []).await
    }

    /// Says who may, in the region. Some models want more than AWS begins with: [`RetentionMode::needed_by`].
    ///
    /// # Errors
    /// As [`Models::list`].
    pub async fn set_retention(&self, mode: RetentionMode) -> Result<AccountRetention> {
        let request = RetentionRequest { mode, extra: Default::default() };
        tell(self.client(), self.region(), Control::PutAccountDataRetention, None, &request).await
    }

    fn client(&self) -> &'a crate::client::Inner {
        &self.models.client.0
    }

    fn region(&self) -> Option<&str> {
        self.models.region.as_deref()
    }

    /// The base id of a model of the catalogue; another id as it is.
    fn base(&self, id: ModelId) -> ModelId {
        let named = self.models.client.catalogue().resolve_from(&id, self.region(), None);
        named.model.map_or(id, |model| model.regional())
    }
}

/// A form as AWS takes it.
fn filled_in(form: &UseCase) -> Result<UseCaseForm> {
    let invalid = |why: String| Error::new(Kind::Invalid, "fill in Anthropic's form", why);
    let mistakes: Vec<String> = form.mistakes().iter().map(ToString::to_string).collect();
    if !mistakes.is_empty() {
        return Err(invalid(mistakes.join("; ")));
    }
    let form = UseCaseForm::new(form).map_err(|error| invalid(error.to_string()))?;
    let bytes = form.json().map_or(0, |json| json.len());
    if !UseCaseForm::BYTES.contains(&bytes) {
        let (least, most) = UseCaseForm::BYTES.into_inner();
        return Err(invalid(format!("it has {bytes} bytes; AWS takes from {least} to {most}")));
    }
    Ok(form)
}

/// What the caller has to be allowed, where AWS says that it is not.
fn allowed(error: Error) -> Error {
    match error.aws_code() {
        Some("AccessDeniedException") => {
            let hint = format!("whoever asks for access has to be allowed {}", Access::PERMISSIONS.join(", "));
            error.with_hint(hint)
        }
        _ => error,
    }
}
