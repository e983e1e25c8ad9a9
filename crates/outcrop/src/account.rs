//! The account behind the calls: who calls, which models there are, and whether they may be used.
//!
//! ```
//! use outcrop::account::Identity;
//!
//! # async fn run() -> outcrop::Result<()> {
//! # let local = outcrop_local::Local::new();
//! # let (access_key, secret) = (outcrop_local::Account::ACCESS_KEY_ID, outcrop_local::Account::SECRET_ACCESS_KEY);
//! # let client = outcrop::Client::builder().access_key(access_key, secret).region("us-west-2")
//! #   .connector(move |_| std::future::ready(Ok(local.connect()))).build().await?;
//! if let Identity::Caller(caller) = client.identity().await? {
//!     println!("{} in account {}", caller.arn, caller.account);
//! }
//! let opus = client.models().get("opus").await?;
//! println!("{} ({})", opus.model_name.unwrap_or_default(), opus.model_id);
//! assert!(client.models().availability("opus").await?.is_available());
//! let mut profiles = client.models().profiles();
//! while let Some(profile) = profiles.next().await {
//!     println!("{}", profile?.inference_profile_id);
//! }
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
//! ```
//!
//! These calls go to other hosts than those of models: the control plane of Bedrock, STS and S3. They are authorized, limited
//! in time and tried again as all others; headers of the caller's own and middleware are for calls of models alone.

mod access;
mod buckets;
pub(crate) mod call;
mod control;
mod identity;
mod log_groups;
mod models;
mod own_profiles;
mod pages;
pub(crate) mod refusal;

pub use self::access::{Access, Granted};
pub use self::buckets::Buckets;
pub(crate) use self::call::PATIENCE;
pub(crate) use self::control::{ask, tell};
pub use self::identity::Identity;
pub(crate) use self::identity::identity;
pub use self::log_groups::{EventFilter, EventPages, LogGroups};
pub use self::models::Models;
pub use self::pages::{InferenceProfileStream, JobStream, Pages};
pub use outcrop_wire::account::bucket::LifecycleRule;
pub use outcrop_wire::account::{
    AccountRetention, ApiKey, ApplicationProfileArn, CallerIdentity, CreatedProfile, FormMistake, FoundationModel,
    InferenceProfile, ModelAvailability, ModelFilter, Offer, Principal, ProfileFilter, ProfileRequest, ProfileType,
    RetentionMode, Tag, UseCase,
};
pub use outcrop_wire::account::{LogEvent, LogGroup};
