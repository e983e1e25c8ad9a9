//! The operations of Bedrock's control plane, one row each. Clients and servers read the same rows.
//!
//! Source: botocore service model bedrock 2023-04-20 (1.44.5), and requests of boto3, captured.

use percent_encoding::percent_decode_str;

use super::target;
use crate::model::ModelId;

/// An operation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Control {
    /// Which models there are.
    ListFoundationModels,
    /// One of them.
    GetFoundationModel,
    /// Whether the account may use one.
    GetFoundationModelAvailability,
    /// What has to be agreed to before one is used.
    ListFoundationModelAgreementOffers,
    /// Agrees.
    CreateFoundationModelAgreement,
    /// Ends an agreement.
    DeleteFoundationModelAgreement,
    /// Fills in Anthropic's form about what the models are used for.
    PutUseCaseForModelAccess,
    /// The form as it was filled in.
    GetUseCaseForModelAccess,
    /// Which inference profiles there are.
    ListInferenceProfiles,
    /// One of them.
    GetInferenceProfile,
    /// Makes one of the account's own.
    CreateInferenceProfile,
    /// Ends one of the account's own.
    DeleteInferenceProfile,
    /// Keeps what models are asked and answer.
    PutModelInvocationLoggingConfiguration,
    /// What is kept, and where.
    GetModelInvocationLoggingConfiguration,
    /// Keeps nothing any more.
    DeleteModelInvocationLoggingConfiguration,
    /// Has many requests answered, from a file to a file.
    CreateModelInvocationJob,
    /// How far a job is.
    GetModelInvocationJob,
    /// Which jobs there are.
    ListModelInvocationJobs,
    /// Ends a job before it is done.
    StopModelInvocationJob,
    /// Puts words of the account's own on what it has.
    TagResource,
    /// Takes some of them away.
    UntagResource,
    /// The words.
    ListTagsForResource,
    /// Says who may keep what models are asked and answer.
    PutAccountDataRetention,
    /// Who may.
    GetAccountDataRetention,
}

/// What an operation is.
#[derive(Debug)]
pub struct ControlOperation {
    /// Which.
    pub operation: Control,
    /// AWS's name: in permissions and logs.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path; `{id}` is one encoded segment.
    pub path: &'static str,
    /// The status of a success.
    pub status: u16,
    /// What the query may say.
    pub query: &'static [&'static str],
    /// How its answer goes on, if it comes in pages.
    pub paging: Option<Paging>,
}

/// How an answer that comes in pages goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Paging {
    /// In the query: the most items of a page.
    pub limit: &'static str,
    /// In the query and in the answer: where the next page begins.
    pub token: &'static str,
    /// The most that may be asked for.
    pub largest: u32,
}

const PAGES_OF_1000: Option<Paging> = Some(Paging { limit: "maxResults", token: "nextToken", largest: 1000 });

macro_rules! operations {
    ($($name:ident $method:literal $path:literal $status:literal $query:expr, $paging:expr;)*) => {
        static OPERATIONS: &[ControlOperation] = &[$(ControlOperation {
            operation: Control::$name, name: stringify!($name), method: $method, path: $path, status: $status,
            query: &$query, paging: $paging,
        },)*];
    };
}

#[rustfmt::skip]
operations! {
    ListFoundationModels               "GET"    "/foundation-models"                          200
        ["byProvider", "byCustomizationType", "byOutputModality", "byInferenceType"], None;
    GetFoundationModel                 "GET"    "/foundation-models/{id}"                     200 [], None;
    GetFoundationModelAvailability     "GET"    "/foundation-model-availability/{id}"         200 [], None;
    ListFoundationModelAgreementOffers "GET"    "/list-foundation-model-agreement-offers/{id}" 200 ["offerType"], None;
    CreateFoundationModelAgreement     "POST"   "/create-foundation-model-agreement"          202 [], None;
    DeleteFoundationModelAgreement     "POST"   "/delete-foundation-model-agreement"          202 [], None;
    PutUseCaseForModelAccess           "POST"   "/use-case-for-model-access"                  201 [], None;
    GetUseCaseForModelAccess           "GET"    "/use-case-for-model-access"                  200 [], None;
    ListInferenceProfiles              "GET"    "/inference-profiles"                         200
        ["maxResults", "nextToken", "type"], PAGES_OF_1000;
    GetInferenceProfile                "GET"    "/inference-profiles/{id}"                    200 [], None;
    CreateInferenceProfile             "POST"   "/inference-profiles"                         201 [], None;
    DeleteInferenceProfile             "DELETE" "/inference-profiles/{id}"                    200 [], None;
    PutModelInvocationLoggingConfiguration    "PUT"    "/logging/modelinvocations"            200 [], None;
    GetModelInvocationLoggingConfiguration    "GET"    "/logging/modelinvocations"            200 [], None;
    DeleteModelInvocationLoggingConfiguration "DELETE" "/logging/modelinvocations"            200 [], None;
    CreateModelInvocationJob           "POST"   "/model-invocation-job"                       200 [], None;
    GetModelInvocationJob              "GET"    "/model-invocation-job/{id}"                  200 [], None;
    ListModelInvocationJobs            "GET"    "/model-invocation-jobs"                      200
        ["submitTimeAfter", "submitTimeBefore", "statusEquals", "nameContains", "maxResults", "nextToken", "sortBy",
         "sortOrder"], PAGES_OF_1000;
    StopModelInvocationJob             "POST"   "/model-invocation-job/{id}/stop"             200 [], None;
    TagResource                        "POST"   "/tagResource"                                200 [], None;
    UntagResource                      "POST"   "/untagResource"                              200 [], None;
    ListTagsForResource                "POST"   "/listTagsForResource"                        200 [], None;
    PutAccountDataRetention            "PUT"    "/data-retention"                             200 [], None;
    GetAccountDataRetention            "GET"    "/data-retention"                             200 [], None;
}

impl Control {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static ControlOperation {
        // Every operation has one: a test sees to it.
        OPERATIONS.iter().find(|row| row.operation == self).unwrap_or(&OPERATIONS[0])
    }

    /// Every operation.
    #[must_use]
    pub fn rows() -> &'static [ControlOperation] {
        OPERATIONS
    }
}

impl ControlOperation {
    /// Path and query of a request; `id` fills the place of the path that has one.
    ///
    /// ```
    /// # use outcrop_wire::account::Control;
    /// let row = Control::GetFoundationModel.row();
    /// let id = "anthropic.claude-haiku-4-5-20251001-v1:0".into();
    /// assert_eq!(row.target(Some(&id), []), "/foundation-models/anthropic.claude-haiku-4-5-20251001-v1%3A0");
    /// ```
    #[must_use]
    pub fn target<'a>(&self, id: Option<&ModelId>, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let segment = id.map(ModelId::path_segment).unwrap_or_default();
        let path = self.path.replace("{id}", &segment);
        match target::query(query) {
            query if query.is_empty() => path,
            query => format!("{path}?{query}"),
        }
    }
}

/// A call that a request line makes.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlCall {
    /// The operation.
    pub operation: Control,
    /// The id of the path, decoded once; none where the path has no place for one.
    pub id: Option<ModelId>,
    /// What the query says, decoded.
    pub query: Vec<(String, String)>,
}

impl ControlCall {
    /// What the query says of a name, first.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The call made by `method` and `raw_path`, the path exactly as it came, with what stands behind its question mark. It is
/// split on `/` before it is decoded.
#[must_use]
pub fn control_call(method: &str, raw_path: &str, query: Option<&str>) -> Option<ControlCall> {
    OPERATIONS.iter().filter(|row| row.method == method).find_map(|row| {
        let id = match row.path.split_once("{id}") {
            None => (raw_path == row.path).then_some(None)?,
            Some((before, after)) => Some(segment(raw_path.strip_prefix(before)?.strip_suffix(after)?)?),
        };
        Some(ControlCall { operation: row.operation, id, query: query.map(target::pairs).unwrap_or_default() })
    })
}

/// One segment of a path, decoded once. Dot segments would be resolved before the path is signed, and name another one.
fn segment(raw: &str) -> Option<ModelId> {
    let decoded = (!raw.is_empty() && !raw.contains('/')).then(|| percent_decode_str(raw).decode_utf8().ok())??;
    (!matches!(&*decoded, "." | "..")).then(|| ModelId::from(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_row_and_is_found_by_its_line() {
        for row in Control::rows() {
            assert_eq!(row.operation.row().name, row.name);
            assert_eq!(row.name, format!("{:?}", row.operation));
            let id = ModelId::from("arn:aws:bedrock:us-east-1:1:inference-profile/us.x-v1:0");
            let target = row.target(Some(&id), [("a", "b c")]);
            let (path, query) = target.split_once('?').expect("a query");
            let call = control_call(row.method, path, Some(query)).expect(row.name);
            assert_eq!(call.operation, row.operation);
            assert_eq!(call.id, row.path.contains("{id}").then_some(id));
            assert_eq!((call.query("a"), call.query("b")), (Some("b c"), None));
        }
        for (method, path) in [
            ("PUT", "/foundation-models"),
            ("GET", "/foundation-models/"),
            ("GET", "/foundation-models/a/b"),
            ("GET", "/foundation-models/.."),
            ("GET", "/foundation-modelsx"),
            ("POST", "/inference-profiles/x"),
            ("POST", "/model-invocation-job/x"),
            ("POST", "/model-invocation-job//stop"),
            ("POST", "/model-invocation-job/stop"),
            ("POST", "/model-invocation-job/a/b/stop"),
        ] {
            assert_eq!(control_call(method, path, None), None, "{method} {path}");
        }
    }
}
