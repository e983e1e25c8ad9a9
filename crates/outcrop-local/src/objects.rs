//! The S3 face: requests about buckets and the objects in them. Read this first.
//!
//! Buckets are made by who wants them, as at AWS; in a folder, each folder inside that may be called so is one too, in
//! whichever region it is asked. There are no versions, no access lists and no permissions but keys: what of S3 is not
//! here is refused as `NotImplemented`. Keys that no file can have (an empty, `.` or `..` part) are refused.
//!
//! Source: botocore service model s3 2006-03-01, the Amazon S3 API reference with its list of error responses, and what
//! boto3 and object_store send.

mod access;
mod body;
mod bucket;
mod checksum;
mod copy;
mod heads;
mod list;
mod multipart;
mod object;
mod place;
mod receive;
mod refusal;
mod remove;
mod said;
mod store;
mod write;

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body::Body;
use outcrop_wire::account::bucket::query;
use outcrop_wire::fault::Fault;
use outcrop_wire::sigv4::AmzTime;

use self::access::Caller;
pub(crate) use self::bucket::KeptBucket;
use self::checksum::Checksums;
use self::place::Place;
use self::receive::Received;
use self::refusal::{absent, method_not_allowed, refusal};
use self::said::Said;
pub(crate) use self::store::Buckets;
use crate::answer::{About, Answer};
use crate::cut::Line;
use crate::server::Inner;
use crate::upload::Upload;

/// A request to S3.
pub(crate) struct ObjectCall {
    place: Place,
    query: Vec<(String, String)>,
}

/// What in a query names a part of a bucket or an object that is answered here.
const ANSWERED: [&str; 8] =
    ["delete", "lifecycle", "location", "policy", "uploadId", "uploads", "list-type", "partNumber"];

/// The same of what is not (botocore service model s3 2006-03-01, the request URIs).
const ABSENT: [&str; 33] = [
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "attributes",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "logging",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// The call that a request makes, if it is one to S3: by the scope of its signature, or by its host.
pub(crate) fn called(head: &Parts) -> Option<ObjectCall> {
    let place = Place::of(head)?;
    Some(ObjectCall { place, query: query(head.uri.query().unwrap_or_default()) })
}

/// What is known of a request while it is answered.
struct Asked<'a> {
    local: &'a Inner,
    buckets: Buckets<'a>,
    head: &'a Parts,
    place: &'a Place,
    query: &'a [(String, String)],
    /// The region that the signature is for.
    region: &'a str,
    now: AmzTime,
    line: &'a Line,
}

impl Asked<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// Refuses a request that takes a bucket to be somebody else's: this header names an account, and every bucket here is
    /// the account's own (Amazon S3 user guide, verifying bucket ownership).
    fn is_ours(&self, header: &str) -> Result<(), Fault> {
        match self.header(header).is_none_or(|owner| owner == self.local.account.id) {
            true => Ok(()),
            false => Err(refusal("AccessDenied", 403, "Access Denied")),
        }
    }
}

impl ObjectCall {
    /// The answer. Never fails: what goes wrong is an answer.
    pub(crate) async fn answer<B>(
        &self,
        local: &Arc<Inner>,
        head: &Parts,
        upload: &mut Upload<B>,
        about: &About<'_>,
        line: &Line,
    ) -> Result<Response<Answer>, (Fault, Response<Answer>)>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let said = self.said(local, head, upload, about, line).await;
        let is_head = head.method == Method::HEAD;
        said.map(|said| said.response(is_head, about)).map_err(|fault| {
            let response = Said::refusal(&fault, head.uri.path(), about.request_id).response(is_head, about);
            (fault, response)
        })
    }

    async fn said<B>(
        &self,
        local: &Inner,
        head: &Parts,
        upload: &mut Upload<B>,
        about: &About<'_>,
        line: &Line,
    ) -> Result<Said, Fault>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let now = AmzTime::from_unix(crate::exchange::unix(about.now));
        let Caller { region, payload } = access::check(local, head, &self.place, now)?;
        let asked = Asked {
            local,
            buckets: Buckets::of(&local.data),
            head,
            place: &self.place,
            query: &self.query,
            region: &region,
            now,
            line,
        };
        if let Some((name, _)) = self.query.iter().find(|(name, _)| ABSENT.contains(&name.as_str())) {
            return Err(absent(&format!("outcrop local has no `{name}` of buckets and objects")));
        }
        // What completes an upload says checksums of the object, not of its own body.
        let completes = head.method == Method::POST && asked.parameter("uploadId").is_some();
        let sums = if completes { Checksums::of_other() } else { Checksums::of(&head.headers)? };
        let body = Received::new(upload, head, payload, sums)?;
        match (&self.place.bucket, self.place.key.is_empty()) {
            (None, _) if head.method == Method::GET => Ok(list::buckets(&asked)),
            (None, _) => Err(method_not_allowed()),
            (Some(_), true) => self.of_bucket(&asked, body).await,
            (Some(_), false) => self.of_object(&asked, body).await,
        }
    }

    async fn of_bucket<B>(&self, asked: &Asked<'_>, body: Received<'_, B>) -> Result<Said, Fault>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let part = self.part();
        if asked.head.method == Method::PUT && part.is_none() {
            return bucket::create(asked, body).await;
        }
        let name = asked.buckets.here(asked)?;
        match (asked.head.method.as_str(), part) {
            ("HEAD", None) => Ok(bucket::head(asked, name)),
            ("DELETE", None) => bucket::delete(asked, name).await,
            ("GET", Some("location")) => Ok(bucket::location(asked, name)),
            ("GET", Some("policy")) => bucket::policy(asked, name),
            ("PUT", Some("policy")) => bucket::put_policy(asked, name, body).await,
            ("DELETE", Some("policy")) => bucket::delete_policy(asked, name),
            ("GET", Some("lifecycle")) => bucket::lifecycle(asked, name),
            ("PUT", Some("lifecycle")) => bucket::put_lifecycle(asked, name, body).await,
            ("DELETE", Some("lifecycle")) => bucket::delete_lifecycle(asked, name),
            ("GET", None | Some("list-type")) => list::objects(asked, name).await,
            ("POST", Some("delete")) => remove::several(asked, name, body).await,
            ("GET", Some("uploads")) => Err(absent("outcrop local does not list uploads")),
            _ => Err(method_not_allowed()),
        }
    }

    async fn of_object<B>(&self, asked: &Asked<'_>, body: Received<'_, B>) -> Result<Said, Fault>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        asked.buckets.here(asked)?;
        let copies = asked.head.headers.contains_key("x-amz-copy-source");
        let upload = asked.parameter("uploadId");
        match (asked.head.method.as_str(), upload) {
            ("GET" | "HEAD", None) => object::get(asked).await,
            ("PUT", None) if copies => copy::object(asked).await,
            ("PUT", None) => object::put(asked, body).await,
            ("DELETE", None) => remove::one(asked).await,
            ("POST", None) if asked.parameter("uploads").is_some() => multipart::create(asked).await,
            ("PUT", Some(id)) if copies => copy::part(asked, id).await,
            ("PUT", Some(id)) => multipart::part(asked, id, body).await,
            ("POST", Some(id)) => multipart::complete(asked, id, body).await,
            ("DELETE", Some(id)) => multipart::abort(asked, id).await,
            ("GET", Some(id)) => multipart::list(asked, id).await,
            _ => Err(method_not_allowed()),
        }
    }

    /// The part of a bucket that is asked for.
    fn part(&self) -> Option<&str> {
        self.query.iter().map(|(name, _)| name.as_str()).find(|name| ANSWERED.contains(name))
    }
}
