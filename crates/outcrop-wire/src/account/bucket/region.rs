//! Where a bucket is: said when it is made, and when it is asked.
//!
//! Nothing at all means us-east-1, and `EU` is an old word for eu-west-1 (Amazon S3 API reference, GetBucketLocation).

use super::super::xml::put;
use super::{DECLARATION, DocumentError, NAMESPACE, read};

/// The region that has no name here.
const FIRST: &str = "us-east-1";

/// The body of `CreateBucket`; empty for the region that is not named.
#[must_use]
pub fn encode_creation(region: &str) -> String {
    if region == FIRST {
        return String::new();
    }
    let mut out = format!("<CreateBucketConfiguration xmlns=\"{NAMESPACE}\">");
    put(&mut out, "LocationConstraint", region);
    out.push_str("</CreateBucketConfiguration>");
    out
}

/// The region that a body of `CreateBucket` names, if it does.
///
/// # Errors
/// When it is no such document.
pub fn decode_creation(body: &[u8]) -> Result<Option<String>, DocumentError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let root = read(body, "CreateBucketConfiguration")?;
    Ok(root.text_of("LocationConstraint").filter(|region| !region.is_empty()).map(named))
}

/// The answer to `GetBucketLocation`.
#[must_use]
pub fn encode_location(region: &str) -> String {
    let mut out = DECLARATION.to_owned();
    let text = if region == FIRST { "" } else { region };
    put(&mut out, "LocationConstraint", text);
    out.replacen("<LocationConstraint>", &format!("<LocationConstraint xmlns=\"{NAMESPACE}\">"), 1)
}

/// The region that an answer to it names.
///
/// # Errors
/// When it is no such document.
pub fn decode_location(body: &[u8]) -> Result<String, DocumentError> {
    let root = read(body, "LocationConstraint")?;
    Ok(named(root.text().trim()))
}

fn named(region: &str) -> String {
    match region {
        "" => FIRST.to_owned(),
        "EU" => "eu-west-1".to_owned(),
        region => region.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_as_they_are_written() {
        for region in ["us-east-1", "eu-west-1", "ap-southeast-2"] {
            assert_eq!(decode_location(encode_location(region).as_bytes()).as_deref(), Ok(region));
            let made = decode_creation(encode_creation(region).as_bytes());
            assert_eq!(made, Ok(Some(region.to_owned()).filter(|region| region != FIRST)));
        }
        assert_eq!(decode_location(b"<LocationConstraint>EU</LocationConstraint>").as_deref(), Ok("eu-west-1"));
        assert!(decode_location(b"<Other/>").is_err() && decode_creation(b"{}").is_err());
    }
}
