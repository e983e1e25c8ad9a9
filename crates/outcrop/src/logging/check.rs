//! Whether Bedrock may write to a destination, looked at before it is asked to: what is missing, with the policy to paste.

use outcrop_wire::account::logging::{
    BucketPermission, CloudWatchConfig, LogGroupPermission, LogPlace, LoggingConfiguration, RECOMMENDED_DAYS, S3Config,
    role_account,
};
use outcrop_wire::account::policy::PolicyAnswer;
use serde_json::Value;

use super::Logging;
use crate::account::Identity;
use crate::client::Client;
use crate::endpoint::partition;
use crate::error::{Error, Kind, Result};

/// What was found of a configuration's destinations.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Check {
    /// What stands in the way for certain.
    pub missing: Vec<Finding>,
    /// What could not be seen: it may be well.
    pub unseen: Vec<Finding>,
}

/// Something that was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// About what: `bucket logs`, `log group /calls`, `role arn:...`.
    pub about: String,
    /// What.
    pub what: String,
    /// What mends it: policies and commands, each with where it belongs.
    pub paste: Vec<(String, String)>,
}

impl Check {
    /// Whether nothing is known to stand in the way.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.missing.is_empty()
    }
}

impl Logging<'_> {
    /// Looks whether Bedrock may write where `configuration` says: that each bucket is there, in the region, and lets
    /// Bedrock write by its policy; that the log group is there; that the role may be one. The policies of a role are not
    /// looked into: they are told as they must be.
    ///
    /// Who asks needs `s3:GetBucketPolicy` and `logs:DescribeLogGroups`; what cannot be seen without them is told as unseen.
    ///
    /// # Errors
    /// When there are no AWS keys, or STS does not say whose they are.
    pub async fn check(&self, configuration: &LoggingConfiguration) -> Result<Check> {
        let region = self.region.clone().unwrap_or_default();
        let account = match self.client.identity().await? {
            Identity::Caller(caller) => caller.account,
            _ => {
                let why = "a Bedrock API key does not say whose account it is, and S3 takes none";
                return Err(Error::new(Kind::Credentials, "look at the destinations of logs", why));
            }
        };
        let mut check = Check::default();
        let group = configuration.cloud_watch_config.as_ref();
        let large = group.and_then(|group| group.large_data_delivery_s3_config.as_ref());
        for s3 in [configuration.s3_config.as_ref(), large].into_iter().flatten() {
            bucket(self.client, &region, &account, s3, &mut check).await;
        }
        if let Some(group) = group {
            log_group(self.client, &region, &group.log_group_name, &mut check).await;
            role(&region, &account, group, &mut check);
        }
        if configuration.s3_config.is_none() && group.is_none() {
            let what = "it names neither a bucket nor a log group".to_owned();
            check.missing.push(Finding { about: "the configuration".to_owned(), what, paste: Vec::new() });
        }
        Ok(check)
    }
}

async fn bucket(client: &Client, region: &str, account: &str, s3: &S3Config, check: &mut Check) {
    let name = &s3.bucket_name;
    let prefix = s3.key_prefix.as_deref().unwrap_or_default().trim_matches('/').to_owned();
    let place = LogPlace { prefix, account: account.to_owned(), region: region.to_owned() };
    let permission = BucketPermission { partition: partition(region).id, bucket: name, place: &place };
    let found = |what: String, paste: bool| {
        let policy = (format!("the policy of the bucket {name}"), permission.policy());
        Finding { about: format!("bucket {name}"), what, paste: if paste { vec![policy] } else { Vec::new() } }
    };
    // A policy is set whole: what stands in the one that is there must be in that which takes its place.
    let joined = |what: String, there: &str| match with_statements_of(there, &permission.policy()) {
        Some(whole) => {
            let title = format!("the policy of the bucket {name}, with what it has already");
            Finding { about: format!("bucket {name}"), what, paste: vec![(title, whole)] }
        }
        None => found(what, true),
    };
    let policy = match client.buckets().in_region(region).policy(name).await {
        Ok(Some(policy)) => policy,
        Ok(None) => {
            check.missing.push(found("it has no policy that lets Bedrock write".to_owned(), true));
            return;
        }
        Err(error) => {
            let is_in = error.service_fault().and_then(|fault| fault.details.value("region")?.parse::<String>().ok());
            match (error.aws_code(), is_in.filter(|is_in| is_in != region)) {
                (Some("NoSuchBucket"), _) => {
                    let make = format!("aws s3 mb s3://{name} --region {region}");
                    let mut finding = found("there is no such bucket".to_owned(), true);
                    finding.paste.insert(0, (format!("what makes the bucket {name}"), make));
                    check.missing.push(finding);
                }
                (_, Some(is_in)) => {
                    let what = format!("it is in {is_in}, and must be in the region of the calls, {region}");
                    check.missing.push(found(what, false));
                }
                (Some("AccessDenied"), _) => {
                    let what = "its policy cannot be seen: that needs s3:GetBucketPolicy, of an owner of the bucket";
                    check.unseen.push(found(what.to_owned(), true));
                }
                _ => check.unseen.push(found(error.to_string(), true)),
            }
            return;
        }
    };
    match permission.judge(&policy) {
        Ok(PolicyAnswer::Allowed { .. }) => {}
        Ok(PolicyAnswer::Denied { statement }) => {
            let what = format!("{statement} of its policy denies Bedrock to write: take that away, or narrow it");
            check.missing.push(found(what, false));
        }
        Ok(PolicyAnswer::Silent { nearly }) => {
            let mut what = "its policy does not let Bedrock write".to_owned();
            if !nearly.is_empty() {
                what = format!("{what}: {}", nearly.join("; "));
            }
            check.missing.push(joined(what, &policy));
        }
        Err(error) => check.unseen.push(found(format!("its policy cannot be read: {error}"), true)),
    }
}

/// Bedrock makes the stream, but no log group.
async fn log_group(client: &Client, region: &str, name: &str, check: &mut Check) {
    let found = |what: String, paste| Finding { about: format!("log group {name}"), what, paste };
    match client.log_groups().in_region(region).get(name).await {
        Ok(Some(_)) => {}
        Ok(None) => {
            let make = format!(
                "aws logs create-log-group --region {region} --log-group-name {name}\n\
                 aws logs put-retention-policy --region {region} --log-group-name {name} \
                 --retention-in-days {RECOMMENDED_DAYS}"
            );
            let paste = vec![(format!("what makes the log group {name}"), make)];
            check.missing.push(found(format!("there is no such log group in {region}"), paste));
        }
        Err(error) if error.aws_code() == Some("AccessDeniedException") => {
            let what = "whether it is there cannot be seen: that needs logs:DescribeLogGroups";
            check.unseen.push(found(what.to_owned(), Vec::new()));
        }
        Err(error) => check.unseen.push(found(error.to_string(), Vec::new())),
    }
}

fn role(region: &str, account: &str, config: &CloudWatchConfig, check: &mut Check) {
    let (group, arn) = (&config.log_group_name, &config.role_arn);
    let permission = LogGroupPermission { partition: partition(region).id, group, account, region };
    let about = format!("role {arn}");
    match role_account(arn) {
        None => {
            let what = "it is no ARN of a role: arn:aws:iam::123456789012:role/NAME".to_owned();
            check.missing.push(Finding { about, what, paste: Vec::new() });
        }
        Some(other) if !other.is_empty() && other != account => {
            let what = format!("it is of the account {other}, and the calls are of {account}");
            check.missing.push(Finding { about, what, paste: Vec::new() });
        }
        Some(_) => check.unseen.push(Finding {
            about,
            what: format!("whether it may write to the log group {group}, and Bedrock may take it, is not looked at"),
            paste: vec![
                (format!("what the role must be allowed, for the log group {group}"), permission.policy()),
                ("who must be allowed to take the role".to_owned(), permission.trust()),
            ],
        }),
    }
}

/// A policy with the statements of another behind its own, as text; none where it has none of its own, or is no policy.
fn with_statements_of(there: &str, ours: &str) -> Option<String> {
    let mut whole: Value = serde_json::from_str(there).ok()?;
    let ours: Value = serde_json::from_str(ours).ok()?;
    let mut statements = match whole.get("Statement")? {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    let ours = ours.get("Statement")?.as_array()?;
    // One of ours that was set before is replaced: names are unique in a policy.
    statements
        .retain(|there| there.get("Sid").is_none() || ours.iter().all(|ours| ours.get("Sid") != there.get("Sid")));
    if statements.is_empty() {
        return None;
    }
    statements.extend(ours.iter().cloned());
    *whole.get_mut("Statement")? = Value::Array(statements);
    serde_json::to_string_pretty(&whole).ok()
}

#[cfg(test)]
mod tests {
    use super::with_statements_of;

    #[test]
    fn a_policy_keeps_what_it_says_already() {
        let ours = r#"{"Version":"2012-10-17","Statement":[{"Sid":"ours"}]}"#;
        for there in [r#"{"Version":"2008-10-17","Statement":[{"Sid":"theirs"}]}"#, r#"{"Statement":{"Sid":"theirs"}}"#]
        {
            let whole = with_statements_of(there, ours).expect("a policy");
            assert!(whole.contains("theirs") && whole.find("theirs") < whole.find("ours"), "{whole}");
        }
        assert_eq!(with_statements_of("[]", ours), None);
        assert_eq!(with_statements_of(ours, ours), None);
    }
}
