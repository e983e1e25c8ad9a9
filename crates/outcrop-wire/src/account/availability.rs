//! Whether the account may use a model: `GetFoundationModelAvailability`.
//!
//! Source: botocore service model bedrock 2023-04-20.

use crate::record::{open_enum, record};

record! {
    /// Whether the account may use a model here.
    pub struct ModelAvailability {
        /// Its base id.
        required model_id("modelId"): String,
        /// Whether the agreement with its maker stands.
        required agreement_availability("agreementAvailability"): AgreementAvailability,
        /// Whether the caller is allowed to use it.
        required authorization_status("authorizationStatus"): Authorization,
        /// Whether the account has it.
        required entitlement_availability("entitlementAvailability"): Availability,
        /// Whether the region has it.
        required region_availability("regionAvailability"): Availability,
    }
}

impl ModelAvailability {
    /// Whether nothing of it stands in the way of a call.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.agreement_availability.status == AgreementStatus::Available
            && self.authorization_status == Authorization::Authorized
            && self.entitlement_availability == Availability::Available
            && self.region_availability == Availability::Available
    }
}

record! {
    /// Whether an agreement stands.
    pub struct AgreementAvailability {
        /// Whether it does.
        required status: AgreementStatus,
        /// Why not, for people.
        lenient error_message("errorMessage"): String,
    }
}

open_enum! {
    /// Whether an agreement stands.
    pub enum AgreementStatus {
        /// It does.
        Available = "AVAILABLE",
        /// It is being made.
        Pending = "PENDING",
        /// It does not.
        NotAvailable = "NOT_AVAILABLE",
        /// It could not be made.
        Error = "ERROR",
    }
}

open_enum! {
    /// Whether a caller is allowed.
    pub enum Authorization {
        /// Yes.
        Authorized = "AUTHORIZED",
        /// No.
        NotAuthorized = "NOT_AUTHORIZED",
    }
}

open_enum! {
    /// Whether something is to be had.
    pub enum Availability {
        /// Yes.
        Available = "AVAILABLE",
        /// No.
        NotAvailable = "NOT_AVAILABLE",
    }
}
