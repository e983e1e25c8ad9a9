//! What S3's refusals mean for who asked: which permission lacks, where the bucket is.

use http::Method;
use outcrop_wire::account::S3Uri;

use crate::error::Error;

/// What was asked of S3.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    /// An empty key is the bucket itself.
    pub(crate) place: &'a S3Uri,
    pub(crate) query: &'a str,
    pub(crate) region: Option<&'a str>,
}

/// Codes of a bucket that is elsewhere; S3 says `BadRequest` to `HEAD`.
const ELSEWHERE: [&str; 5] = [
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "BadRequest",
];

impl Asked<'_> {
    /// The permission that it needs (Amazon S3 user guide, required permissions for S3 API operations).
    fn action(&self) -> &'static str {
        let query = |name: &str| self.query.split('&').any(|pair| pair.split('=').next() == Some(name));
        match (self.method, self.place.key.is_empty()) {
            (&Method::PUT, true) if query("policy") => "s3:PutBucketPolicy",
            (&Method::PUT, true) if query("lifecycle") => "s3:PutLifecycleConfiguration",
            (&Method::PUT, true) => "s3:CreateBucket",
            (_, true) if query("policy") => "s3:GetBucketPolicy",
            (_, true) if query("lifecycle") => "s3:GetLifecycleConfiguration",
            (_, true) => "s3:ListBucket",
            (&Method::GET | &Method::HEAD, _) => "s3:GetObject",
            (&Method::DELETE, _) if query("uploadId") => "s3:AbortMultipartUpload",
            (&Method::DELETE, _) => "s3:DeleteObject",
            _ => "s3:PutObject",
        }
    }

    /// The same error, with what helps.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let Some(fault) = error.service_fault() else { return error };
        let S3Uri { bucket, .. } = self.place;
        let is_in = fault.details.value("region").and_then(|region| region.parse::<String>().ok());
        if let Some(is_in) = is_in.filter(|is_in| self.region != Some(is_in.as_str()))
            && ELSEWHERE.contains(&fault.code.as_str())
        {
            let asked = self.region.unwrap_or("no region");
            let hint = format!("the bucket {bucket} is in {is_in} and {asked} was asked: call with region {is_in}");
            return error.with_hint(hint);
        }
        let hint = match fault.code.as_str() {
            "AccessDenied" | "AllAccessDisabled" => format!(
                "the caller's IAM policy, or the policy of the bucket, does not allow {} on {}",
                self.action(),
                self.place.arn("aws")
            ),
            "NoSuchBucket" => format!("there is no bucket {bucket}: check the name, or make it"),
            _ => return error,
        };
        error.with_hint(hint)
    }
}
