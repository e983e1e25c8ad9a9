//! The id of a job, alone or at the end of its ARN.

use std::fmt;

/// How the resource of the ARN of a job begins.
const RESOURCE: &str = "model-invocation-job/";
/// The id of a job: twelve lower-case letters and digits.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct JobId(String);

impl JobId {
    /// How long one is.
    pub const LENGTH: usize = 12;
    /// What one is made of.
    pub const LETTERS: &'static [u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

    /// Reads an id, or the ARN of a job; operations take both.
    ///
    /// ```
    /// # use outcrop_wire::account::job::JobId;
    /// let arn = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdef123456";
    /// assert_eq!(JobId::parse(arn), JobId::parse("abcdef123456"));
    /// assert_eq!(JobId::parse("abc"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = match text.strip_prefix("arn:") {
            None => text,
            Some(_) => {
                let parts: Vec<&str> = text.splitn(6, ':').collect();
                let [_, partition, "bedrock", region, account, resource] = parts.as_slice() else { return None };
                let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
                let whole = partition.starts_with("aws") && !region.is_empty() && digits;
                resource.strip_prefix(RESOURCE).filter(|_| whole)?
            }
        };
        (id.len() == JobId::LENGTH && id.bytes().all(|byte| JobId::LETTERS.contains(&byte)))
            .then(|| JobId(id.to_owned()))
    }

    /// The region that the ARN of a job is of; an id alone says none.
    ///
    /// ```
    /// # use outcrop_wire::account::job::JobId;
    /// let arn = "arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/abcdef123456";
    /// assert_eq!(JobId::region_of(arn), Some("eu-west-1"));
    /// assert_eq!(JobId::region_of("abcdef123456"), None);
    /// ```
    #[must_use]
    pub fn region_of(text: &str) -> Option<&str> {
        JobId::parse(text)?;
        text.strip_prefix("arn:")?.split(':').nth(2)
    }

    /// The id alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self, partition: &str, region: &str, account: &str) -> String {
        format!("arn:{partition}:bedrock:{region}:{account}:{RESOURCE}{self}")
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_alone_and_in_its_arn() {
        let id = JobId::parse("0a1b2c3d4e5f").expect("an id");
        assert_eq!(JobId::parse(&id.arn("aws-us-gov", "us-gov-west-1", "123456789012")), Some(id));
        let arn = |account, resource| format!("arn:aws:bedrock:us-east-1:{account}:{resource}");
        for wrong in [
            "",
            "0a1b2c3d4e5",
            "0a1b2c3d4e5f6",
            "0A1b2c3d4e5f",
            "0a1b2c3d4e5\u{e9}",
            "model-invocation-job/0a1b2c3d4e5f",
            &arn("12345678901", "model-invocation-job/0a1b2c3d4e5f"),
            &arn("123456789012", "inference-profile/0a1b2c3d4e5f"),
            &arn("123456789012", "model-invocation-job/x/0a1b2c3d4e5f"),
            "arn:aws:s3:us-east-1:123456789012:model-invocation-job/0a1b2c3d4e5f",
        ] {
            assert_eq!(JobId::parse(wrong), None, "{wrong}");
        }
    }
}
