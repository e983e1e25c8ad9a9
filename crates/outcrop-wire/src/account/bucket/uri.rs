//! Where an object is: `s3://bucket/key`.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// An object of a bucket, or with a key that is empty or ends in `/`, what begins so.
///
/// ```
/// use outcrop_wire::account::S3Uri;
///
/// let uri: S3Uri = "s3://my-bucket/batch/in.jsonl".parse()?;
/// assert_eq!((uri.bucket.as_str(), uri.key.as_str()), ("my-bucket", "batch/in.jsonl"));
/// assert_eq!(uri.to_string(), "s3://my-bucket/batch/in.jsonl");
/// assert!("s3://My_Bucket/x".parse::<S3Uri>().is_err());
/// # Ok::<(), outcrop_wire::account::bucket::S3UriError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct S3Uri {
    /// The bucket.
    pub bucket: String,
    /// The key, without the slash that ends the bucket. As it is, never percent-encoded.
    pub key: String,
}

/// Why a text is no place in S3.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct S3UriError {
    text: String,
    why: String,
}

/// The longest key, in bytes of UTF-8.
const LONGEST_KEY: usize = 1024;

impl S3Uri {
    /// An object of a bucket, or what begins so.
    ///
    /// # Errors
    /// When no bucket may be called so, or the key is longer than 1024 bytes.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Result<Self, S3UriError> {
        let uri = S3Uri { bucket: bucket.into(), key: key.into() };
        let why = match () {
            () if uri.bucket.is_empty() => "it names no bucket".to_owned(),
            () if !is_bucket_name(&uri.bucket) => format!(
                "`{}` is no name of a bucket: 3 to 63 of a-z, 0-9, `-` and `.`, with a letter or digit at both ends",
                uri.bucket
            ),
            () if uri.key.len() > LONGEST_KEY => format!("its key is longer than {LONGEST_KEY} bytes"),
            () => return Ok(uri),
        };
        Err(S3UriError { text: uri.to_string(), why })
    }

    /// What is below: a slash between them where there is none.
    ///
    /// # Errors
    /// When the key is longer than 1024 bytes.
    pub fn join(&self, key: &str) -> Result<Self, S3UriError> {
        let slash = if self.key.is_empty() || self.key.ends_with('/') { "" } else { "/" };
        S3Uri::new(self.bucket.clone(), format!("{}{slash}{key}", self.key))
    }

    /// `arn:aws:s3:::bucket/key`, as policies name it, in a partition.
    #[must_use]
    pub fn arn(&self, partition: &str) -> String {
        let slash = if self.key.is_empty() { "" } else { "/" };
        format!("arn:{partition}:s3:::{}{slash}{}", self.bucket, self.key)
    }
}

impl FromStr for S3Uri {
    type Err = S3UriError;

    fn from_str(text: &str) -> Result<Self, S3UriError> {
        let wrong = |why: &str| S3UriError { text: text.to_owned(), why: why.to_owned() };
        let Some(rest) = text.strip_prefix("s3://") else {
            return Err(match text.split_once("://") {
                Some((scheme, _)) if scheme.eq_ignore_ascii_case("s3") => wrong("`s3` is written small"),
                Some(_) => wrong("it begins with another scheme than `s3://`"),
                None if text.starts_with("arn:") => wrong("it is an ARN; write s3://BUCKET/KEY"),
                None => wrong("it does not begin with `s3://`"),
            });
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        S3Uri::new(bucket, key).map_err(|error| S3UriError { text: text.to_owned(), ..error })
    }
}

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl fmt::Display for S3UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no place in S3: {}", self.text, self.why)
    }
}

impl std::error::Error for S3UriError {}

/// Whether a bucket may be called so (Amazon S3 user guide, bucket naming rules of general purpose buckets).
#[must_use]
pub fn is_bucket_name(name: &str) -> bool {
    const BEGINS: [&str; 2] = ["xn--", "sthree-"];
    const ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| plain(*byte) || matches!(byte, b'-' | b'.'))
        && bytes.first().is_some_and(|byte| plain(*byte))
        && bytes.last().is_some_and(|byte| plain(*byte))
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !BEGINS.iter().any(|begin| name.starts_with(begin))
        && !ENDS.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for text in ["s3://abc/", "s3://my.bucket-1/a//b c%20d/", "s3://123/k"] {
            assert_eq!(text.parse::<S3Uri>().map(|uri| uri.to_string()).as_deref(), Ok(text));
        }
        let bare: S3Uri = "s3://abc".parse().expect("a bucket");
        assert_eq!((bare.key.as_str(), bare.arn("aws").as_str()), ("", "arn:aws:s3:::abc"));
        let joined = bare.join("in").and_then(|uri| uri.join("x.jsonl")).expect("a key");
        assert_eq!(joined.arn("aws-cn"), "arn:aws-cn:s3:::abc/in/x.jsonl");
    }

    #[test]
    fn what_is_no_place_says_why() {
        for (text, why) in [
            ("", "does not begin with"),
            ("abc/key", "does not begin with"),
            ("S3://abc/key", "written small"),
            ("https://abc/key", "another scheme"),
            ("arn:aws:s3:::abc/key", "an ARN"),
            ("s3://", "names no bucket"),
            ("s3:///key", "names no bucket"),
            ("s3://ab/key", "no name of a bucket"),
            ("s3://aB-c/key", "no name of a bucket"),
            ("s3://-abc/key", "no name of a bucket"),
            ("s3://a..b/key", "no name of a bucket"),
            ("s3://10.0.0.1/key", "no name of a bucket"),
            ("s3://xn--a/key", "no name of a bucket"),
            ("s3://abc--x-s3/key", "no name of a bucket"),
            ("s3://../key", "no name of a bucket"),
        ] {
            let error = text.parse::<S3Uri>().expect_err(text).to_string();
            assert!(error.contains(why) && error.contains(text), "{error}");
        }
        let long = format!("s3://abc/{}", "k".repeat(LONGEST_KEY + 1));
        assert!(long.parse::<S3Uri>().is_err());
    }
}
