//! Which bucket and key a request is about: in its path, or with the bucket in its host.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::{SIGNING_SERVICE, decoded};
use outcrop_wire::sigv4::{Authorization, Presigned};

/// How the service of a signature stands in its scope.
const IN_SCOPE: &str = "/s3/";

/// What a request is about.
pub(super) struct Place {
    pub(super) bucket: Option<String>,
    /// Empty where it is about the bucket.
    pub(super) key: String,
    /// The region in the host, where that is one of AWS's.
    pub(super) region: Option<String>,
}

/// A host of S3.
struct Host<'a> {
    bucket: Option<&'a str>,
    region: Option<&'a str>,
}

impl Place {
    /// None where the request is not one to S3.
    pub(super) fn of(head: &Parts) -> Option<Self> {
        let host = text(&head.headers, "host").unwrap_or_default();
        let host = match Host::of_aws(host) {
            Some(host) => host,
            None if is_signed_for_s3(head) => Host::of_loopback(host),
            None => return None,
        };
        let path = head.uri.path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = match host.bucket {
            Some(bucket) => (Some(bucket.to_owned()), path),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (Some(decoded(bucket)).filter(|bucket| !bucket.is_empty()), key)
            }
        };
        Some(Place { bucket, key: decoded(key), region: host.region.map(str::to_owned) })
    }

    /// Bucket and key.
    pub(super) fn uri(&self) -> S3Uri {
        S3Uri { bucket: self.bucket.clone().unwrap_or_default(), key: self.key.clone() }
    }
}

impl<'a> Host<'a> {
    /// `s3.us-west-2.amazonaws.com`, `bucket.s3.us-west-2.amazonaws.com`, with `-fips` and `dualstack` or without.
    fn of_aws(host: &'a str) -> Option<Self> {
        let is_s3 = |label: &str| matches!(label, "s3" | "s3-fips");
        let mut at = 0;
        for label in host.split('.') {
            if is_s3(label) {
                let bucket = host.get(..at.max(1) - 1).filter(|bucket| !bucket.is_empty());
                let mut rest = host.get(at + label.len() + 1..)?.split('.').filter(|label| *label != "dualstack");
                let region = rest.next().filter(|region| region.contains('-'));
                return Some(Host { bucket, region });
            }
            at += label.len() + 1;
        }
        None
    }

    /// `bucket.localhost`; every other name is that of the server alone.
    fn of_loopback(host: &'a str) -> Self {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        Host { bucket: name.strip_suffix(".localhost"), region: None }
    }
}

/// Whether a signature is for S3, in a header or in the query. Every call to a model comes by here: most are told apart by
/// their bytes.
fn is_signed_for_s3(head: &Parts) -> bool {
    if let Some(authorization) = head.headers.get(AUTHORIZATION) {
        let told = authorization.to_str().ok().filter(|text| text.contains(IN_SCOPE));
        let parsed = told.and_then(|text| Authorization::parse(text).ok());
        return parsed.is_some_and(|parsed| parsed.scope.service == SIGNING_SERVICE);
    }
    let presigned = head.uri.query().and_then(|query| Presigned::parse(query).ok());
    presigned.is_some_and(|parsed| parsed.scope.service == SIGNING_SERVICE)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_buckets_and_regions() {
        for (host, bucket, region) in [
            ("s3.us-west-2.amazonaws.com", None, Some("us-west-2")),
            ("s3.amazonaws.com", None, None),
            ("abc.s3.amazonaws.com", Some("abc"), None),
            ("a.b.s3.eu-west-1.amazonaws.com", Some("a.b"), Some("eu-west-1")),
            ("abc.s3-fips.dualstack.us-gov-west-1.amazonaws.com", Some("abc"), Some("us-gov-west-1")),
            ("s3.dualstack.cn-north-1.amazonaws.com.cn", None, Some("cn-north-1")),
        ] {
            let found = Host::of_aws(host).expect(host);
            assert_eq!((found.bucket, found.region), (bucket, region), "{host}");
        }
        assert!(Host::of_aws("127.0.0.1:8080").is_none() && Host::of_aws("s3").is_none());
        assert_eq!(Host::of_loopback("abc.localhost:80").bucket, Some("abc"));
        assert_eq!(Host::of_loopback("localhost:80").bucket, None);
    }
}
