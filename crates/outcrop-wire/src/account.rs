//! The account behind the calls: who calls, which models there are, who may use them,
//! and what it keeps of its calls.
//!
//! STS speaks the query protocol, forms in and XML out ([`identity`], [`query`]); the control plane of Bedrock speaks
//! JSON ([`operation`] has its rows); S3, where logs and batches are, speaks XML of its own ([`bucket`]). Every shape is written once and used by both sides.

pub mod agreement;
pub mod availability;
pub mod bucket;
pub mod foundation;
pub mod identity;
pub mod job;
mod key;
pub mod log_group;
pub mod logging;
pub mod operation;
pub mod policy;
pub mod profile;
pub mod query;
pub mod retention;
pub mod tag;
pub mod tagging;
mod target;
mod xml;

pub use agreement::{
    AgreementOffers, AgreementRequest, FormMistake, ModelAgreement, Offer, OfferType, UseCase, UseCaseForm,
};
pub use availability::{AgreementStatus, Authorization, Availability, ModelAvailability};
pub use bucket::S3Uri;
pub use foundation::{FoundationModel, FoundationModelDetails, FoundationModels, ModelFilter, ModelLifecycle};
pub use identity::{CallerIdentity, Principal};
pub use job::{Job, JobFilter, JobId, JobRequest, JobStatus, Jobs};
pub use key::ApiKey;
pub use log_group::{LogEvent, LogEvents, LogGroup, LogGroups};
pub use operation::{Control, ControlCall, ControlOperation, Paging, control_call};
pub use profile::{
    ApplicationProfileArn, CreatedProfile, InferenceProfile, InferenceProfiles, ModelSource, ProfileFilter,
    ProfileModel, ProfileRequest, ProfileStatus, ProfileType,
};
pub use retention::{AccountRetention, RetentionMode, RetentionRequest};
pub use tag::Tag;
pub use tagging::{TagRequest, Tags, TagsRequest, UntagRequest};
