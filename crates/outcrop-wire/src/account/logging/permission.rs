//! What lets Bedrock write the log: policies of the bucket and of the role, as text to paste, and whether a bucket's does.
//!
//! Source: AWS user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3"
//! (docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html).

use super::LogPlace;
use crate::account::policy::{PolicyAnswer, PolicyQuestion, judge};

/// Who writes the log.
pub const LOGS_WRITER: &str = "bedrock.amazonaws.com";

/// The log stream of every group, which Bedrock makes.
pub const LOG_STREAM: &str = "aws/bedrock/modelinvocations";

/// What Bedrock writes to a log group when it is set, as an event of its own: it is no record (public reports from 2024 on).
pub const PERMISSION_NOTICE: &str = "Permissions are correctly set for Amazon Bedrock logs.";

/// How Bedrock begins to refuse a log group: its role may not write there, or it is not there at all (public reports of 2025
/// and 2026; for neither is there another text).
pub const LOG_GROUP_REFUSED: &str = "Failed to validate permissions for log group";

/// For how many days records should be kept, at the least.
pub const RECOMMENDED_DAYS: u32 = 30;

/// A bucket and what Bedrock needs there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BucketPermission<'a> {
    /// `aws`, or another partition.
    pub partition: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// Where in it the log lies.
    pub place: &'a LogPlace,
}

impl BucketPermission<'_> {
    /// The policy that the bucket needs, as AWS documents it.
    #[must_use]
    pub fn policy(&self) -> String {
        let BucketPermission { partition, bucket, place } = self;
        let (folder, account, region) = (self.folder(), &place.account, &place.region);
        format!(
            r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "AmazonBedrockLogsWrite",
      "Effect": "Allow",
      "Principal": {{ "Service": "{LOGS_WRITER}" }},
      "Action": ["s3:PutObject"],
      "Resource": ["arn:{partition}:s3:::{bucket}/{folder}*"],
      "Condition": {{
        "StringEquals": {{ "aws:SourceAccount": "{account}" }},
        "ArnLike": {{ "aws:SourceArn": "arn:{partition}:bedrock:{region}:{account}:*" }}
      }}
    }}
  ]
}}"#
        )
    }

    /// Whether a policy of the bucket lets Bedrock write there.
    ///
    /// # Errors
    /// When it is none.
    pub fn judge(&self, policy: &str) -> Result<PolicyAnswer, serde_json::Error> {
        let BucketPermission { partition, bucket, place } = self;
        let resource = format!("arn:{partition}:s3:::{bucket}/{}", place.permission_check());
        let source = format!("arn:{partition}:bedrock:{}:{}:model-invocation-logging", place.region, place.account);
        judge(
            policy,
            &PolicyQuestion {
                service: LOGS_WRITER,
                action: "s3:PutObject",
                resource: &resource,
                context: &[
                    ("aws:SourceAccount", &place.account),
                    ("aws:SourceArn", &source),
                    ("aws:SecureTransport", "true"),
                ],
            },
        )
    }

    /// What every key begins with: the probe is no part of a region.
    fn folder(&self) -> String {
        let probe = self.place.permission_check();
        probe.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"))
    }
}

/// A log group and what Bedrock needs there, by the role that it takes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogGroupPermission<'a> {
    /// `aws`, or another partition.
    pub partition: &'a str,
    /// The group.
    pub group: &'a str,
    /// The account, twelve digits.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
}

impl LogGroupPermission<'_> {
    /// What the role must be allowed.
    #[must_use]
    pub fn policy(&self) -> String {
        let LogGroupPermission { partition, group, account, region } = self;
        format!(
            r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
      "Resource": "arn:{partition}:logs:{region}:{account}:log-group:{group}:log-stream:{LOG_STREAM}"
    }}
  ]
}}"#
        )
    }

    /// Who may take the role.
    #[must_use]
    pub fn trust(&self) -> String {
        let LogGroupPermission { partition, account, region, .. } = self;
        format!(
            r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Principal": {{ "Service": "{LOGS_WRITER}" }},
      "Action": "sts:AssumeRole",
      "Condition": {{
        "StringEquals": {{ "aws:SourceAccount": "{account}" }},
        "ArnLike": {{ "aws:SourceArn": "arn:{partition}:bedrock:{region}:{account}:*" }}
      }}
    }}
  ]
}}"#
        )
    }
}

/// The account of a role's ARN, where it is one: `arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+` (botocore service model bedrock
/// 2023-04-20).
#[must_use]
pub fn role_account(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return None };
    let good = (*partition == "aws" || partition.strip_prefix("aws-").is_some_and(|rest| !rest.is_empty()))
        && (account.is_empty() || account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
        && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty());
    good.then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_to_paste_is_one_that_suffices() {
        for prefix in ["", "logs/of-bedrock"] {
            let place = LogPlace {
                prefix: prefix.to_owned(),
                account: "123456789012".to_owned(),
                region: "us-east-1".to_owned(),
            };
            let permission = BucketPermission { partition: "aws", bucket: "b", place: &place };
            let bound_by = vec!["aws:SourceAccount".to_owned(), "aws:SourceArn".to_owned()];
            assert_eq!(permission.judge(&permission.policy()).expect("a policy"), PolicyAnswer::Allowed { bound_by });
            for other in [
                LogPlace { region: "us-west-2".to_owned(), ..place.clone() },
                LogPlace { account: "210987654321".to_owned(), ..place.clone() },
                LogPlace { prefix: "other".to_owned(), ..place.clone() },
            ] {
                let other = BucketPermission { place: &other, ..permission.clone() };
                let answer = other.judge(&permission.policy()).expect("a policy");
                assert!(matches!(&answer, PolicyAnswer::Silent { nearly } if nearly.len() == 1), "{answer:?}");
            }
        }
        let group = LogGroupPermission { partition: "aws", group: "/bedrock", account: "1", region: "us-east-1" };
        for text in [group.policy(), group.trust()] {
            assert!(serde_json::from_str::<crate::Extra>(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_role_is_told_by_its_arn() {
        for (arn, account) in [
            ("arn:aws:iam::123456789012:role/logs", Some("123456789012")),
            ("arn:aws-us-gov:iam::123456789012:role/service/logs", Some("123456789012")),
            ("arn:aws:iam:::role/logs", Some("")),
            ("arn:aws:iam::123456789012:user/logs", None),
            ("arn:aws:iam::123456789012:role/", None),
            ("arn:aws:iam::12345:role/logs", None),
            ("arn:aws-:iam::123456789012:role/logs", None),
            ("logs", None),
        ] {
            assert_eq!(role_account(arn), account, "{arn}");
        }
    }
}
