//! What an account may use when it starts: models, Anthropic's form, who may keep data, and what regions lack.

use std::collections::BTreeMap;
use std::time::Duration;

use outcrop_wire::account::{RetentionMode, UseCase};
use outcrop_wire::model::Model;

/// What an account may use when it starts. What is set up later, by the operations of the control plane, is kept in the
/// server's [`Data`](crate::Data) and counts from then on.
#[derive(Clone, Debug)]
pub struct Access {
    /// The models that were agreed to.
    pub models: Granted,
    /// Anthropic's form as it was filled in; none where it was not: then no model answers.
    pub form: Option<UseCase>,
    /// Who may keep what models are asked and answer, in every region.
    pub retention: RetentionMode,
    /// How long an agreement that is made is pending.
    pub pending: Duration,
    /// Models that a region lacks, besides those that AWS does not have there.
    pub lacks: BTreeMap<String, Vec<Model>>,
}

/// Models that were agreed to.
#[derive(Clone, Debug, PartialEq)]
pub enum Granted {
    /// Every model.
    All,
    /// These, and no other.
    These(Vec<Model>),
}

impl Access {
    /// Everything: every model may be called.
    #[must_use]
    pub fn open() -> Self {
        let form = UseCase {
            company_name: "Outcrop".to_owned(),
            company_website: "https://example.com".to_owned(),
            intended_users: "0".to_owned(),
            industry_option: "Software".to_owned(),
            use_cases: "Tests and development".to_owned(),
            ..UseCase::default()
        };
        Access {
            models: Granted::All,
            form: Some(form),
            retention: RetentionMode::ProviderDataShare,
            ..Access::fresh()
        }
    }

    /// Nothing, as a new account has it: the form is to be filled in, and each model to be agreed to.
    #[must_use]
    pub fn fresh() -> Self {
        Access {
            models: Granted::These(Vec::new()),
            form: None,
            retention: RetentionMode::Inherit,
            pending: Duration::ZERO,
            lacks: BTreeMap::new(),
        }
    }

    /// Whether a model was agreed to at the start.
    pub(crate) fn grants(&self, model: Model) -> bool {
        match &self.models {
            Granted::All => true,
            Granted::These(models) => models.contains(&model),
        }
    }

    /// Whether a region lacks a model that AWS may have there.
    pub(crate) fn lacks(&self, region: &str, model: Model) -> bool {
        self.lacks.get(region).is_some_and(|models| models.contains(&model))
    }
}

impl Default for Access {
    fn default() -> Self {
        Access::open()
    }
}
