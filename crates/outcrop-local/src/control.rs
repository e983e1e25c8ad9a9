//! The account's side of an exchange: who calls (STS), which models and inference profiles there are (the control plane).

mod identity;
mod models;
mod profiles;

use http::Response;
use http::request::Parts;
use outcrop_wire::account::{Control, ControlCall, control_call, query};
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::sigv4::AmzTime;
use serde::Serialize;

use crate::account::Account;
use crate::answer::{self, About, Answer};
use crate::authenticate::{Service, authenticate};
use crate::exchange::region;

/// A call that is about the account, not to a model.
pub(crate) enum AccountCall {
    /// To STS.
    Sts,
    /// To the control plane.
    Control(ControlCall),
}

/// The path of STS, which takes forms and answers XML.
pub(crate) const STS: &str = "/";

/// The call that a request makes, if it is one that is answered here.
pub(crate) fn called(head: &Parts) -> Option<AccountCall> {
    let (method, path) = (head.method.as_str(), head.uri.path());
    if method == "POST" && path == STS {
        return Some(AccountCall::Sts);
    }
    let call = control_call(method, path, head.uri.query())?;
    answer_of(call.operation).map(|_| AccountCall::Control(call))
}

/// What calls are answered from.
pub(crate) struct World<'a> {
    pub(crate) account: &'a Account,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) now: AmzTime,
}

impl AccountCall {
    /// The answer.
    pub(crate) fn answer(
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
            AccountCall::Control(call) => {
                let signed_for = authenticate(world.account, head, body, Service::BEDROCK, world.now)?;
                let place = Place { account: &world.account.id, region: &region(signed_for, head) };
                // Every operation that was called has its answer.
                let answer = answer_of(call.operation).ok_or_else(|| invalid("there is no such operation"))?;
                let body = answer(world, &place, call)?;
                Ok(answer::whole_as(call.operation.row().status, body, about))
            }
        }
    }

    /// How a refusal is said.
    pub(crate) fn refusal(&self, fault: &Fault, about: &About<'_>) -> Response<Answer> {
        match self {
            AccountCall::Sts => answer::xml(fault.status, query::encode_fault(fault, about.request_id), about),
            AccountCall::Control(_) => answer::no_operation(fault, about),
        }
    }
}

/// Where a call is answered, and for whom.
struct Place<'a> {
    account: &'a str,
    region: &'a str,
}

impl Place<'_> {
    /// How ARNs begin here.
    fn partition(&self) -> &'static str {
        let rows = [("us-gov-", "aws-us-gov"), ("cn-", "aws-cn")];
        rows.iter().find(|(begin, _)| self.region.starts_with(begin)).map_or("aws", |(_, partition)| partition)
    }
}

type Answering = fn(&World<'_>, &Place<'_>, &ControlCall) -> Result<Vec<u8>, Fault>;

/// The operations that are answered.
const ANSWERS: [(Control, Answering); 5] = [
    (Control::ListFoundationModels, models::list),
    (Control::GetFoundationModel, models::get),
    (Control::GetFoundationModelAvailability, models::availability),
    (Control::ListInferenceProfiles, profiles::list),
    (Control::GetInferenceProfile, profiles::get),
];

fn answer_of(operation: Control) -> Option<Answering> {
    ANSWERS.iter().find(|(known, _)| *known == operation).map(|(_, answer)| *answer)
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
