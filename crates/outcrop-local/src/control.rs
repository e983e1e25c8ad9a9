//! The account's side of an exchange: who calls (STS), what there is and is set up (the control plane), log groups.

mod access;
mod body;
mod constraints;
mod identity;
mod jobs;
mod log_groups;
mod logging;
mod models;
mod own_profiles;
mod page;
mod profiles;
mod tags;

pub(crate) use own_profiles::behind;

use std::sync::Arc;

use http::Response;
use http::request::Parts;
use outcrop_wire::Json;
use outcrop_wire::account::log_group::{TARGET_HEADER, TARGET_PREFIX};
use outcrop_wire::account::{Control, ControlCall, control_call, query};
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::sigv4::AmzTime;
use serde::Serialize;

use crate::absent;
use crate::account::Account;
use crate::answer::{self, About, Answer};
use crate::authenticate::{Service, authenticate};
use crate::region;
use crate::server::Inner;

use self::body::taken;
pub(crate) use self::identity::caller_arn;
pub(crate) use self::log_groups::put_events;

/// A call that is about the account, not to a model.
pub(crate) enum AccountCall {
    /// To STS.
    Sts,
    /// To CloudWatch Logs: the operation's name.
    Logs(String),
    /// To the control plane.
    Control(ControlCall),
}

/// The path of STS, which takes forms and answers XML.
const STS: &str = "/";

/// The call that a request makes, if it is one that is answered here.
pub(crate) fn called(head: &Parts) -> Option<AccountCall> {
    let (method, path) = (head.method.as_str(), head.uri.path());
    let target = head.headers.get(TARGET_HEADER).and_then(|target| target.to_str().ok());
    if let Some(operation) = target.and_then(|target| target.strip_prefix(TARGET_PREFIX)) {
        return Some(AccountCall::Logs(operation.to_owned()));
    }
    if method == "POST" && path == STS {
        return Some(AccountCall::Sts);
    }
    control_call(method, path, head.uri.query()).map(AccountCall::Control)
}

/// What calls are answered from.
pub(crate) struct World<'a> {
    pub(crate) local: &'a Arc<Inner>,
    pub(crate) account: &'a Account,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) now: AmzTime,
}

impl AccountCall {
    /// The answer.
    pub(crate) async fn answer(
        &self,
        world: &World<'_>,
        head: &Parts,
        body: &[u8],
        about: &About<'_>,
    ) -> Result<Response<Answer>, Fault> {
        match self {
            AccountCall::Sts => {
                identity::answer(world, head, body, about.request_id).map(|text| answer::xml(200, text, about))
            }
            AccountCall::Logs(operation) => {
                let signed_for = authenticate(world.account, head, body, Service::LOGS, world.now)?;
                let region = region::of_any(world.local, signed_for, head)?;
                let place = Place { account: &world.account.id, region: &region };
                let body = log_groups::answered(world, &place, operation, body)?;
                Ok(answer::whole_as(200, body, about))
            }
            AccountCall::Control(call) => {
                let signed_for = authenticate(world.account, head, body, Service::BEDROCK, world.now)?;
                let region = region::of_bedrock(world.local, signed_for, head)?;
                let place = Place { account: &world.account.id, region: &region };
                let body = answered(world, &place, call, body).await?;
                Ok(answer::whole_as(call.operation.row().status, body, about))
            }
        }
    }

    /// How a refusal is said.
    pub(crate) fn refusal(&self, fault: &Fault, about: &About<'_>) -> Response<Answer> {
        match self {
            AccountCall::Sts => answer::xml(fault.status, query::encode_fault(fault, about.request_id), about),
            AccountCall::Control(_) => answer::no_operation(fault, about),
            // Clients of AWS JSON look for the code in the body alone.
            AccountCall::Logs(_) => {
                let mut fault = fault.clone();
                if let Ok(code) = Json::of(&fault.code) {
                    fault.details.set("__type", code);
                }
                answer::no_operation(&fault, about)
            }
        }
    }
}

/// Where a call is answered, and for whom.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
}

impl Place<'_> {
    /// How ARNs begin here.
    fn partition(&self) -> &'static str {
        partition(self.region)
    }
}

/// How ARNs begin in a region.
fn partition(region: &str) -> &'static str {
    let rows = [("us-gov-", "aws-us-gov"), ("cn-", "aws-cn")];
    rows.iter().find(|(begin, _)| region.starts_with(begin)).map_or("aws", |(_, partition)| partition)
}

/// The answer of the control plane, before it is framed.
async fn answered(world: &World<'_>, place: &Place<'_>, call: &ControlCall, body: &[u8]) -> Result<Vec<u8>, Fault> {
    constraints::check(call)?;
    match call.operation {
        Control::ListFoundationModels => models::list(world, place, call),
        Control::GetFoundationModel => models::get(world, place, call),
        Control::GetFoundationModelAvailability => models::availability(world, place, call),
        Control::ListInferenceProfiles => profiles::list(world, place, call),
        Control::GetInferenceProfile => profiles::get(world, place, call),
        Control::CreateInferenceProfile => own_profiles::create(world, place, body),
        Control::DeleteInferenceProfile => own_profiles::delete(world, place, call),
        Control::TagResource => tags::tag(world, place, body),
        Control::UntagResource => tags::untag(world, place, body),
        Control::ListTagsForResource => tags::list(world, place, body),
        Control::ListFoundationModelAgreementOffers => access::offers(world, place, call),
        Control::CreateFoundationModelAgreement => access::agree(world, place, body),
        Control::DeleteFoundationModelAgreement => access::end(world, place, body),
        Control::PutUseCaseForModelAccess => access::put_form(world, body),
        Control::GetUseCaseForModelAccess => access::form(world),
        Control::PutAccountDataRetention => access::put_retention(world, place, body),
        Control::GetAccountDataRetention => access::retention(world, place),
        Control::CreateModelInvocationJob => jobs::create(world, place, body),
        Control::GetModelInvocationJob => jobs::get(world, place, call),
        Control::ListModelInvocationJobs => jobs::list(world, place, call),
        Control::StopModelInvocationJob => jobs::stop(world, place, call),
        Control::PutModelInvocationLoggingConfiguration => logging::put(world, place, body).await,
        Control::GetModelInvocationLoggingConfiguration => logging::get(world, place),
        Control::DeleteModelInvocationLoggingConfiguration => logging::delete(world, place),
        other => Err(absent::refused(other.row().name)),
    }
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::new("InternalServerException", error.to_string(), Origin::Http))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message, Origin::Http)
}

/// AWS's words for a value that its service model does not allow.
fn constraint(value: &str, member: &str, constraint: &str) -> Fault {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    ))
}
