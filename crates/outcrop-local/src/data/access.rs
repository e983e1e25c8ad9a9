//! What the account may use now: what it started with, and what was set up since.

use std::collections::BTreeMap;
use std::time::SystemTime;

use outcrop_wire::account::{AccountRetention, AgreementStatus, UseCaseForm};
use outcrop_wire::model::Model;
use serde::{Deserialize, Serialize};

use super::Data;
use crate::account::Access;

/// What was agreed to since the account started, in every region.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Agreed {
    /// When a model, by its base id, was agreed to, in milliseconds since 1970; none where that was ended.
    pub(crate) agreements: BTreeMap<String, Option<u64>>,
    /// Anthropic's form, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<UseCaseForm>,
}

impl Agreed {
    pub(super) fn is_empty(&self) -> bool {
        self.agreements.is_empty() && self.form.is_none()
    }
}

/// What `GetUseCaseForModelAccess` says where there is no form (seen in public reports of 2026), and what an agreement
/// fails for that is made before the form is there (seen with it; that the member says it is inferred).
pub(crate) const NO_FORM: &str = "You have not filled out the request form. Fill out the form before getting access.";

/// What the account may use at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'a> {
    access: &'a Access,
    data: &'a Data,
    /// Milliseconds since 1970.
    now: u64,
}

impl<'a> Standing<'a> {
    pub(crate) fn new(access: &'a Access, data: &'a Data, now: SystemTime) -> Self {
        Standing { access, data, now: milliseconds(now) }
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// Whether a model was agreed to, and why not where it failed.
    pub(crate) fn agreement(&self, model: Model) -> (AgreementStatus, Option<&'static str>) {
        let since = self.data.read(|kept| kept.access.agreements.get(model.row().base).copied());
        let made = match since {
            Some(made) => made,
            None => self.access.grants(model).then_some(0),
        };
        let pending = u64::try_from(self.access.pending.as_millis()).unwrap_or(u64::MAX);
        match made {
            None => (AgreementStatus::NotAvailable, None),
            Some(0) => (AgreementStatus::Available, None),
            Some(made) if self.now.saturating_sub(made) < pending => (AgreementStatus::Pending, None),
            Some(_) if !self.has_form() => (AgreementStatus::Error, Some(NO_FORM)),
            Some(_) => (AgreementStatus::Available, None),
        }
    }

    /// Anthropic's form, if it was filled in.
    pub(crate) fn form(&self) -> Option<UseCaseForm> {
        let sent = self.data.read(|kept| kept.access.form.clone());
        sent.or_else(|| UseCaseForm::new(self.access.form.as_ref()?).ok())
    }

    /// Whether there is one.
    pub(crate) fn has_form(&self) -> bool {
        self.access.form.is_some() || self.data.read(|kept| kept.access.form.is_some())
    }

    /// Who may keep data in a region.
    pub(crate) fn retention(&self, region: &str) -> AccountRetention {
        let set = self.data.read(|kept| kept.region(region)?.retention.clone());
        set.unwrap_or_else(|| AccountRetention {
            mode: self.access.retention.clone(),
            updated_at: None,
            extra: Default::default(),
        })
    }

    /// Whether a region lacks a model that AWS may have there.
    pub(crate) fn lacks(&self, region: &str, model: Model) -> bool {
        self.access.lacks(region, model)
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    // Nothing was made at zero: that is what stands since the start.
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX).max(1)
}
