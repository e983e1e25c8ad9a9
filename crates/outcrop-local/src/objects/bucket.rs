//! Buckets made, told and removed, and what is set up for them: where they are, their policy, how long objects live.

use bytes::Bytes;
use http_body::Body;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::{
    ANSWER_TYPE, REGION_HEADER, decode_creation, decode_lifecycle, encode_location, is_bucket_name,
};
use outcrop_wire::fault::Fault;
use outcrop_wire::region;
use serde::{Deserialize, Serialize};

use super::Asked;
use super::receive::Received;
use super::refusal::{malformed, refusal};
use super::said::Said;
use super::store::not_empty;

/// The region where buckets are made that name none.
const FIRST: &str = "us-east-1";

/// What was set up for a bucket.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KeptBucket {
    /// Where it is.
    pub(super) region: String,
    /// When it was made, seconds since 1970.
    pub(super) created: i64,
    /// Its policy: JSON, as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<String>,
    /// How long objects live: XML, as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lifecycle: Option<String>,
}

/// `CreateBucket`.
pub(super) async fn create<B>(asked: &Asked<'_>, body: Received<'_, B>) -> Result<Said, Fault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let name = asked.place.bucket.as_deref().unwrap_or_default();
    if !is_bucket_name(name) {
        return Err(refusal("InvalidBucketName", 400, "The specified bucket is not valid."));
    }
    let named = decode_creation(&body.whole().await?).map_err(malformed)?;
    let incompatible = |what: &str| {
        let words = format!(
            "The {what} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        refusal("IllegalLocationConstraintException", 400, words)
    };
    let region = match named {
        Some(named) if named != asked.region && asked.region != FIRST => return Err(incompatible(&named)),
        None if asked.region != FIRST => return Err(incompatible("unspecified")),
        Some(named) if named == FIRST || !region::exists(&asked.local.catalogue, &named) => {
            return Err(refusal("InvalidLocationConstraint", 400, "The specified location-constraint is not valid"));
        }
        named => named.unwrap_or_else(|| FIRST.to_owned()),
    };
    if asked.buckets.exists(name) {
        let words = "Your previous request to create the named bucket succeeded and you already own it.";
        // There AWS says that all is well, as it always did.
        return match region == FIRST && asked.buckets.region(name).as_deref() == Some(FIRST) {
            true => Ok(Said::nothing(200).with("location", &format!("/{name}"))),
            false => Err(refusal("BucketAlreadyOwnedByYou", 409, words)),
        };
    }
    asked.buckets.make_folder(name)?;
    let created = asked.now.unix();
    asked.buckets.change(name, &region, |bucket| bucket.created = created)?;
    Ok(Said::nothing(200).with("location", &format!("/{name}")))
}

/// `HeadBucket`.
pub(super) fn head(asked: &Asked<'_>, name: &str) -> Said {
    let region = asked.buckets.region(name);
    Said::nothing(200).with(REGION_HEADER, region.as_deref().unwrap_or(asked.region))
}

/// `DeleteBucket`.
pub(super) async fn delete(asked: &Asked<'_>, name: &str) -> Result<Said, Fault> {
    let place = S3Uri { bucket: name.to_owned(), key: String::new() };
    if !asked.buckets.list(&place).await?.is_empty() {
        return Err(not_empty());
    }
    asked.buckets.remove_folder(name)?;
    asked.local.data.change(|kept| {
        kept.buckets.remove(name);
        Ok(())
    })?;
    Ok(Said::nothing(204))
}

/// `GetBucketLocation`.
pub(super) fn location(asked: &Asked<'_>, name: &str) -> Said {
    let region = asked.buckets.region(name);
    Said::xml(encode_location(region.as_deref().unwrap_or(asked.region)))
}

/// `GetBucketPolicy`.
pub(super) fn policy(asked: &Asked<'_>, name: &str) -> Result<Said, Fault> {
    let policy = asked.buckets.policy(name);
    let policy = policy.ok_or_else(|| refusal("NoSuchBucketPolicy", 404, "The bucket policy does not exist"))?;
    Ok(Said::text(policy, "application/json"))
}

/// `PutBucketPolicy`. Nobody is kept out by it here; Bedrock asks it whether it may write.
pub(super) async fn put_policy<B>(asked: &Asked<'_>, name: &str, body: Received<'_, B>) -> Result<Said, Fault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = body.whole().await?;
    let policy: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&body).ok();
    let Some(policy) = policy.filter(|_| body.starts_with(b"{")) else {
        let words = "Policies must be valid JSON and the first byte must be '{'";
        return Err(refusal("MalformedPolicy", 400, words));
    };
    if !policy.contains_key("Statement") {
        return Err(refusal("MalformedPolicy", 400, "Missing required field Statement"));
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    asked.buckets.change(name, asked.region, |bucket| bucket.policy = Some(text))?;
    Ok(Said::nothing(204))
}

/// `DeleteBucketPolicy`.
pub(super) fn delete_policy(asked: &Asked<'_>, name: &str) -> Result<Said, Fault> {
    if asked.buckets.policy(name).is_some() {
        asked.buckets.change(name, asked.region, |bucket| bucket.policy = None)?;
    }
    Ok(Said::nothing(204))
}

/// `GetBucketLifecycleConfiguration`.
pub(super) fn lifecycle(asked: &Asked<'_>, name: &str) -> Result<Said, Fault> {
    let lifecycle = asked.buckets.kept(name).and_then(|kept| kept.lifecycle);
    let words = "The lifecycle configuration does not exist";
    let lifecycle = lifecycle.ok_or_else(|| refusal("NoSuchLifecycleConfiguration", 404, words))?;
    Ok(Said::text(lifecycle, ANSWER_TYPE))
}

/// `PutBucketLifecycleConfiguration`. Nothing is removed by it here.
pub(super) async fn put_lifecycle<B>(asked: &Asked<'_>, name: &str, body: Received<'_, B>) -> Result<Said, Fault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let body = body.whole().await?;
    let rules = decode_lifecycle(&body).map_err(malformed)?;
    if rules.is_empty() {
        return Err(malformed("it has no rule"));
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    asked.buckets.change(name, asked.region, |bucket| bucket.lifecycle = Some(text))?;
    Ok(Said::nothing(200))
}

/// `DeleteBucketLifecycle`.
pub(super) fn delete_lifecycle(asked: &Asked<'_>, name: &str) -> Result<Said, Fault> {
    if asked.buckets.kept(name).is_some_and(|kept| kept.lifecycle.is_some()) {
        asked.buckets.change(name, asked.region, |bucket| bucket.lifecycle = None)?;
    }
    Ok(Said::nothing(204))
}
