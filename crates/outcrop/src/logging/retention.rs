//! For how long what is logged is kept, where it is logged.

use outcrop_wire::account::bucket::LifecycleRule;
use outcrop_wire::account::logging::{LOGS_FOLDER, LoggingConfiguration, RECOMMENDED_DAYS, S3Config};

use super::Logging;

/// For how long what is logged in one place is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Retention {
    /// Where: `s3://bucket/prefix`, `log group NAME`.
    pub place: String,
    /// For how long.
    pub kept: Kept,
}

/// For how long something is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kept {
    /// Nothing removes it.
    Forever,
    /// Removed after so many days.
    Days(u32),
    /// It could not be seen, and why: a permission that lacks is named.
    Unknown(String),
}

impl Kept {
    /// Whether it is kept for [`RECOMMENDED_DAYS`]; none where that is not known.
    #[must_use]
    pub fn suffices(&self) -> Option<bool> {
        match self {
            Kept::Forever => Some(true),
            Kept::Days(days) => Some(*days >= RECOMMENDED_DAYS),
            Kept::Unknown(_) => None,
        }
    }
}

impl Logging<'_> {
    /// For how long what is logged is kept, in each place that `configuration` names: by the lifecycle of a bucket, which
    /// may remove what is below the prefix, and the retention of a log group. What cannot be seen is told as that, and fails
    /// nothing.
    ///
    /// Who asks needs `s3:GetLifecycleConfiguration` and `logs:DescribeLogGroups`.
    pub async fn retention(&self, configuration: &LoggingConfiguration) -> Vec<Retention> {
        let mut all = Vec::new();
        let group = configuration.cloud_watch_config.as_ref();
        let large = group.and_then(|group| group.large_data_delivery_s3_config.as_ref());
        if let Some(s3) = &configuration.s3_config {
            all.push(self.of_bucket(s3).await);
        }
        if let Some(group) = group {
            all.push(self.of_group(&group.log_group_name).await);
        }
        if let Some(s3) = large.filter(|large| configuration.s3_config.as_ref() != Some(*large)) {
            all.push(self.of_bucket(s3).await);
        }
        all
    }

    async fn of_bucket(&self, s3: &S3Config) -> Retention {
        let prefix = s3.key_prefix.as_deref().unwrap_or_default().trim_end_matches('/');
        let mut buckets = self.client.buckets();
        if let Some(region) = &self.region {
            buckets = buckets.in_region(region);
        }
        let kept = match buckets.lifecycle(&s3.bucket_name).await {
            Ok(rules) => by_rules(&rules, prefix, self.region.as_deref().unwrap_or_default()),
            Err(error) if error.aws_code() == Some("AccessDenied") => {
                Kept::Unknown(format!("s3:GetLifecycleConfiguration is not allowed on the bucket {}", s3.bucket_name))
            }
            Err(error) => Kept::Unknown(error.to_string()),
        };
        Retention { place: format!("s3://{}/{prefix}", s3.bucket_name), kept }
    }

    async fn of_group(&self, name: &str) -> Retention {
        let mut groups = self.client.log_groups();
        if let Some(region) = &self.region {
            groups = groups.in_region(region);
        }
        let kept = match groups.get(name).await {
            Ok(Some(group)) => group.retention_in_days.map_or(Kept::Forever, Kept::Days),
            Ok(None) => Kept::Unknown("there is no such log group".to_owned()),
            Err(error) if error.aws_code() == Some("AccessDeniedException") => {
                Kept::Unknown(format!("logs:DescribeLogGroups is not allowed on the log group {name}"))
            }
            Err(error) => Kept::Unknown(error.to_string()),
        };
        Retention { place: format!("log group {name}"), kept }
    }
}

/// What rules of a bucket make of the log of a region below a prefix: the first to remove something counts.
fn by_rules(rules: &[LifecycleRule], prefix: &str, region: &str) -> Kept {
    let reaching = || rules.iter().filter(|rule| rule.enabled && reaches(&rule.prefix, prefix, region));
    let least = |narrowed: bool| {
        reaching().filter(|rule| rule.narrowed == narrowed).filter_map(|rule| rule.expires_after_days).min()
    };
    let (all, some) = (least(false), least(true));
    let date = reaching().filter_map(|rule| rule.expires_on.as_deref()).min();
    match (all, some) {
        (Some(days), _) if days < RECOMMENDED_DAYS => Kept::Days(days),
        (_, Some(days)) if days < RECOMMENDED_DAYS => Kept::Unknown(format!(
            "a rule of its lifecycle removes some objects after {days} days, by their size or tags"
        )),
        _ if date.is_some() => Kept::Unknown(format!(
            "a rule of its lifecycle removes all objects from {} on",
            date.and_then(|date| date.get(..10)).unwrap_or_default()
        )),
        (Some(days), _) => Kept::Days(days),
        (None, _) => Kept::Forever,
    }
}

/// Whether objects of the log, `{prefix}/AWSLogs/{account}/BedrockModelInvocationLogs/{region}/...`, may begin so.
fn reaches(begin: &str, prefix: &str, region: &str) -> bool {
    let root = if prefix.is_empty() { "AWSLogs/".to_owned() } else { format!("{prefix}/AWSLogs/") };
    let Some(rest) = begin.strip_prefix(&root) else { return root.starts_with(begin) };
    let parts: Vec<&str> = rest.split('/').collect();
    // Which account it is, is not asked: a bucket has the log of one, most often.
    [LOGS_FOLDER, region].iter().enumerate().all(|(at, name)| match parts.get(at + 1) {
        None => true,
        Some(part) if at + 2 == parts.len() => name.starts_with(part),
        Some(part) => name == part,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_to_remove_something_of_the_log_counts() {
        let rule = LifecycleRule::expiring;
        let kept = |rules: &[LifecycleRule]| by_rules(rules, "p", "us-east-1");
        assert_eq!(kept(&[]), Kept::Forever);
        let off = LifecycleRule { enabled: false, ..rule("", 1) };
        let moved = LifecycleRule { expires_after_days: None, ..rule("", 1) };
        assert_eq!(kept(&[off, moved, rule("other/", 2), rule("p/AWSLogs/1/Other", 3)]), Kept::Forever);
        let elsewhere = rule("p/AWSLogs/1/BedrockModelInvocationLogs/us-east-2/", 4);
        assert_eq!(kept(&[rule("", 90), rule("p/", 30), elsewhere]), Kept::Days(30));
        let here = rule("p/AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/", 7);
        assert_eq!(kept(&[rule("p/", 30), here]), Kept::Days(7));
        let narrowed = LifecycleRule { narrowed: true, ..rule("p/", 5) };
        assert!(matches!(kept(std::slice::from_ref(&narrowed)), Kept::Unknown(why) if why.contains("after 5 days")));
        assert_eq!(kept(&[narrowed, rule("p/AWS", 3)]), Kept::Days(3));
        let dated = LifecycleRule {
            expires_after_days: None,
            expires_on: Some("2027-01-01T00:00:00Z".to_owned()),
            ..rule("p/", 1)
        };
        let why = "a rule of its lifecycle removes all objects from 2027-01-01 on";
        assert_eq!(kept(&[rule("", 90), dated.clone()]), Kept::Unknown(why.to_owned()));
        assert_eq!(kept(&[rule("", 3), dated]), Kept::Days(3));
        let suffice = [Kept::Forever, Kept::Days(30), Kept::Days(29), Kept::Unknown(String::new())];
        assert_eq!(suffice.map(|kept| kept.suffices()), [Some(true), Some(true), Some(false), None]);
    }
}
