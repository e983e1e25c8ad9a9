//! What stands between the account and a model in a region: region, form, agreement, permission, data retention.

use outcrop::account::{Access, ModelAvailability, Models, RetentionMode};
use outcrop::wire::account::{AgreementStatus, Authorization, Availability};
use outcrop::wire::catalogue::Catalogue;
use outcrop::{Client, ModelId};

/// What is said where nothing stands in the way.
pub(super) const GRANTED: &str = "granted";

/// What counts for every model of a region: asked for once.
#[derive(Clone, Default)]
pub(super) struct Ground {
    /// Whether the account has filled in Anthropic's form, where that is known.
    pub(super) form: Option<bool>,
    /// Who may keep what is asked and answered, where that is known.
    pub(super) retention: Option<RetentionMode>,
}

/// A model in a region.
pub(super) struct Standing {
    pub(super) availability: ModelAvailability,
    pub(super) ground: Ground,
    /// The data retention that the model asks for.
    pub(super) needed: RetentionMode,
}

/// Something that stands in the way, and what mends it.
pub(super) struct Obstacle {
    pub(super) what: String,
    pub(super) how: Option<String>,
}

/// The data retention that the model behind an id asks for.
pub(super) fn needed(catalogue: &Catalogue, id: &str) -> RetentionMode {
    let model = catalogue.resolve(&ModelId::from(id)).model;
    model.map_or(RetentionMode::Nothing, RetentionMode::needed_by)
}

impl Standing {
    /// Of one model: by a name of ours, an id or an ARN. `form` where it is known already; retention is asked for where it
    /// matters.
    pub(super) async fn ask(
        client: &Client,
        models: Models<'_>,
        id: &str,
        form: Option<bool>,
    ) -> outcrop::Result<Self> {
        let availability = models.availability(id).await?;
        let needed = needed(client.catalogue(), &availability.model_id);
        let form = match form {
            Some(form) => form,
            None => models.use_case_form().await?.is_some(),
        };
        let retention = match needed {
            RetentionMode::Nothing => None,
            _ => Some(models.access().retention().await?.mode),
        };
        Ok(Standing { availability, ground: Ground { form: Some(form), retention }, needed })
    }

    /// Whether the account's data retention is what the model asks for, as far as is known.
    pub(super) fn is_retained(&self) -> bool {
        self.ground.retention.as_ref().and_then(|mode| mode.satisfies(&self.needed)) != Some(false)
    }

    pub(super) fn is_granted(&self) -> bool {
        self.obstacles(None).is_empty()
    }

    /// `granted`, or everything that stands in the way.
    pub(super) fn words(&self) -> String {
        let obstacles = self.obstacles(None);
        match obstacles.is_empty() {
            true => GRANTED.to_owned(),
            false => obstacles.into_iter().map(|obstacle| obstacle.what).collect::<Vec<_>>().join(", "),
        }
    }

    /// Everything that stands in the way, in the order in which it is mended.
    pub(super) fn obstacles(&self, region: Option<&str>) -> Vec<Obstacle> {
        let id = &self.availability.model_id;
        let model = Catalogue::built_in().resolve(&ModelId::from(&**id)).model;
        let name = model.map_or(id.as_str(), |model| model.name());
        let flag = region.map(|region| format!(" --region {region}")).unwrap_or_default();
        let request = || Some(format!("`outcrop models access request {name}{flag}` asks for it"));
        let mut obstacles = Vec::new();
        let mut stands = |what: String, how: Option<String>| obstacles.push(Obstacle { what, how });
        match &self.availability.region_availability {
            Availability::Available => {}
            Availability::NotAvailable => {
                stands(
                    "not in this region".to_owned(),
                    Some(format!("`outcrop models regions {name}` tells where it is")),
                );
            }
            other => stands(format!("region {}", words(other.as_str())), None),
        }
        if self.ground.form == Some(false) {
            stands(
                "form missing".to_owned(),
                Some(format!("`outcrop models access request {name}{flag}` fills it in")),
            );
        }
        match &self.availability.agreement_availability.status {
            AgreementStatus::Available => {}
            AgreementStatus::NotAvailable => stands("no agreement".to_owned(), request()),
            AgreementStatus::Pending => {
                let how = format!("it may take minutes: `outcrop models access status {name}{flag}`");
                stands("agreement pending".to_owned(), Some(how));
            }
            AgreementStatus::Error => {
                let why = self.availability.agreement_availability.error_message.as_deref();
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                stands(format!("agreement failed{why}"), request());
            }
            other => stands(format!("agreement {}", words(other.as_str())), None),
        }
        match &self.availability.entitlement_availability {
            Availability::Available => {}
            Availability::NotAvailable => stands("no entitlement".to_owned(), None),
            other => stands(format!("entitlement {}", words(other.as_str())), None),
        }
        match &self.availability.authorization_status {
            Authorization::Authorized => {}
            Authorization::NotAuthorized => {
                let how = format!("whoever asks has to be allowed {}", Access::PERMISSIONS.join(", "));
                stands("not authorized".to_owned(), Some(how));
            }
            other => stands(format!("authorization {}", words(other.as_str())), None),
        }
        if !self.is_retained() {
            let needed = self.needed.as_str();
            let how = format!(
                "`outcrop models access retention {needed}{flag}` says that what is asked and answered may be kept for it"
            );
            stands(format!("needs retention {needed}"), Some(how));
        }
        obstacles
    }
}

/// `NOT_AVAILABLE` for people.
fn words(value: &str) -> String {
    value.to_lowercase().replace('_', " ")
}
