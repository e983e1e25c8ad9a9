//! Where buckets are, and what is set up for them: who may write there, and how long objects live.

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method};
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::{
    ANSWER_TYPE, CHECKSUM_HEADER, LifecycleRule, REGION_HEADER, checksum, decode_fault, decode_lifecycle,
    encode_creation, encode_lifecycle,
};

use super::call::{AccountCall, Reading};
use super::refusal::Asked;
use crate::client::Client;
use crate::error::{Error, Kind, Result};

/// The longest answer: a policy has 20 kB at most, and rules some hundred.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

const CHECKSUM: HeaderName = HeaderName::from_static(CHECKSUM_HEADER);

/// The buckets of a region, and what is set up for them. S3 takes signatures alone: there must be AWS keys.
#[derive(Clone, Debug)]
pub struct Buckets<'a> {
    client: &'a Client,
    region: Option<String>,
}

impl<'a> Buckets<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Buckets { client, region: client.0.region.clone() }
    }

    /// The buckets of another region than the client's own.
    #[must_use]
    pub fn in_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Where a bucket is, wherever it is asked, also where the caller may not look into it.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes, or there is no such bucket.
    pub async fn region(&self, bucket: &str) -> Result<String> {
        let told = |region: Option<String>| {
            let doing = format!("find the region of the bucket {bucket}");
            region.ok_or_else(|| Error::new(Kind::Decode, doing, "the answer does not say it"))
        };
        match self.call(Method::HEAD, bucket, "", None, "find the region of").await {
            Ok((headers, _)) => {
                told(headers.get(REGION_HEADER).and_then(|region| region.to_str().ok()).map(str::to_owned))
            }
            Err(error) => {
                let region = error.service_fault().and_then(|fault| fault.details.value("region")?.parse().ok());
                region.ok_or(error)
            }
        }
    }

    /// The policy of a bucket: JSON, as it was given. None where it has none.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes, S3 refuses, there is no such bucket or it is in another region.
    pub async fn policy(&self, bucket: &str) -> Result<Option<String>> {
        let asked = self.call(Method::GET, bucket, "?policy", None, "ask for the policy of").await;
        let Some((_, body)) = unless(asked, "NoSuchBucketPolicy")? else { return Ok(None) };
        Ok(Some(String::from_utf8_lossy(&body).into_owned()))
    }

    /// The rules about how long the objects of a bucket live; none where there are no rules.
    ///
    /// # Errors
    /// As [`Buckets::policy`].
    pub async fn lifecycle(&self, bucket: &str) -> Result<Vec<LifecycleRule>> {
        let asked = self.call(Method::GET, bucket, "?lifecycle", None, "ask for the lifecycle of").await;
        let Some((_, body)) = unless(asked, "NoSuchLifecycleConfiguration")? else { return Ok(Vec::new()) };
        decode_lifecycle(&body).map_err(|error| {
            let why = format!("the answer cannot be understood: {error}");
            Error::new(Kind::Decode, format!("ask for the lifecycle of the bucket {bucket}"), why)
        })
    }

    /// Makes a bucket in the region.
    ///
    /// # Errors
    /// As [`Buckets::policy`]; also where the name is taken.
    pub async fn create(&self, bucket: &str) -> Result<()> {
        let body = encode_creation(self.region.as_deref().unwrap_or_default());
        let body = Some(body).filter(|body| !body.is_empty()).map(|body| (ANSWER_TYPE, body));
        self.call(Method::PUT, bucket, "", body, "make").await.map(|_| ())
    }

    /// Sets the policy of a bucket, in the place of the one it has.
    ///
    /// # Errors
    /// As [`Buckets::policy`]; also where it is no policy.
    pub async fn put_policy(&self, bucket: &str, policy: &str) -> Result<()> {
        let body = Some(("application/json", policy.to_owned()));
        self.call(Method::PUT, bucket, "?policy", body, "set the policy of").await.map(|_| ())
    }

    /// Sets the rules about how long objects live, in the place of those there are: what else these say is lost.
    ///
    /// # Errors
    /// As [`Buckets::policy`]; also where a rule makes no sense.
    pub async fn put_lifecycle(&self, bucket: &str, rules: &[LifecycleRule]) -> Result<()> {
        let body = Some((ANSWER_TYPE, encode_lifecycle(rules)));
        self.call(Method::PUT, bucket, "?lifecycle", body, "set the lifecycle of").await.map(|_| ())
    }

    async fn call(
        &self,
        method: Method,
        bucket: &str,
        target: &'static str,
        body: Option<(&'static str, String)>,
        doing: &str,
    ) -> Result<(HeaderMap, Bytes)> {
        let doing = format!("{doing} the bucket {bucket}");
        let (content_type, body) = body.map_or((None, String::new()), |(kind, body)| (Some(kind), body));
        let client = &self.client.0;
        let call = AccountCall {
            host: client.hosts.of_bucket(self.region.as_deref(), bucket, &doing)?,
            method,
            target: target.to_owned(),
            content_type,
            body: body.into(),
            doing,
            refusal: |status, _, body| decode_fault(status, body),
        };
        let mut parts = call.head()?;
        if content_type.is_some()
            && let Ok(value) = HeaderValue::from_str(&checksum(&call.body))
        {
            parts.headers.insert(CHECKSUM, value);
        }
        let place = S3Uri { bucket: bucket.to_owned(), key: String::new() };
        let asked = Asked {
            method: &call.method,
            place: &place,
            query: target.trim_start_matches('?'),
            region: call.host.region(),
        };
        let answer = call.answer(client, parts, Reading::Whole).await.map_err(|error| asked.explain(error))?;
        let (head, mut body) = answer.into_parts();
        let body = body.collect(ANSWER_LIMIT).await.map_err(|error| Error::transport(&*call.doing, &error))?;
        Ok((head.headers, body))
    }
}

/// That something was never set up is no failure.
fn unless<T>(asked: Result<T>, code: &str) -> Result<Option<T>> {
    match asked {
        Err(error) if error.service_fault().is_some_and(|fault| fault.code == code) => Ok(None),
        asked => asked.map(Some),
    }
}
