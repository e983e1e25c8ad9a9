//! How activity is logged in a region: set, told, and ended.

use bytes::Bytes;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::logging::{
    BucketPermission, CloudWatchConfig, LOG_GROUP_REFUSED, LOG_STREAM, LogPlace, LoggingConfiguration, LoggingSetting,
    PERMISSION_NOTICE, S3Config, role_account,
};
use outcrop_wire::account::policy::PolicyAnswer;
use outcrop_wire::fault::Fault;

use super::{Place, World, constraint, invalid, put_events, taken, written};
use crate::data::Regional;
use crate::objects::Buckets;

/// How ARNs of roles look (botocore service model bedrock 2023-04-20).
const ROLE: &str = "Member must satisfy regular expression pattern: arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+";

/// `PutModelInvocationLoggingConfiguration`: Bedrock looks first whether it may write there.
pub(super) async fn put(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let setting: LoggingSetting = taken(body)?;
    let configuration = setting.logging_config.as_ref().ok_or_else(|| {
        invalid(
            "1 validation error detected: Value null at 'loggingConfig' failed to satisfy constraint: Member must not be \
             null",
        )
    })?;
    let LoggingConfiguration { s3_config, cloud_watch_config, .. } = configuration;
    if s3_config.is_none() && cloud_watch_config.is_none() {
        return Err(invalid("loggingConfig names neither an s3Config nor a cloudWatchConfig to log to"));
    }
    let large = cloud_watch_config.as_ref().and_then(|group| group.large_data_delivery_s3_config.as_ref());
    for config in s3_config.iter().chain(large) {
        check_bucket(world, place, config)?;
    }
    if let Some(group) = cloud_watch_config {
        check_group(world, place, group)?;
    }
    for config in s3_config.iter().chain(large) {
        write_probe(world, place, config).await?;
    }
    if let Some(CloudWatchConfig { log_group_name: name, .. }) = cloud_watch_config {
        put_events(world.local, place.region, name, LOG_STREAM, vec![PERMISSION_NOTICE.to_owned()])?;
    }
    world.local.data.change(|kept| {
        kept.region_mut(place.region).logging = setting.logging_config;
        Ok(())
    })?;
    Ok(b"{}".to_vec())
}

/// `GetModelInvocationLoggingConfiguration`: an empty object where nothing is logged.
pub(super) fn get(world: &World<'_>, place: &Place<'_>) -> Result<Vec<u8>, Fault> {
    let configuration = world.local.data.read(|kept| kept.region(place.region)?.logging.clone());
    written(&configuration.map_or_else(LoggingSetting::default, LoggingSetting::new))
}

/// `DeleteModelInvocationLoggingConfiguration`.
pub(super) fn delete(world: &World<'_>, place: &Place<'_>) -> Result<Vec<u8>, Fault> {
    world.local.data.change(|kept| {
        kept.region_mut(place.region).logging = None;
        Ok(())
    })?;
    Ok(b"{}".to_vec())
}

fn log_place(place: &Place<'_>, config: &S3Config) -> LogPlace {
    let prefix = config.key_prefix.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
    LogPlace { prefix, account: place.account.to_owned(), region: place.region.to_owned() }
}

/// Whether Bedrock may write to a bucket. A folder that somebody put there, for which nothing is set up, is open to it.
fn check_bucket(world: &World<'_>, place: &Place<'_>, config: &S3Config) -> Result<(), Fault> {
    let (bucket, buckets) = (&config.bucket_name, Buckets::of(&world.local.data));
    if !buckets.exists(bucket) {
        return Err(refused_bucket(bucket, "there is no such bucket"));
    }
    match buckets.region(bucket) {
        None => return Ok(()),
        Some(is_in) if is_in != place.region => {
            let why = format!("it is in {is_in}, and must be in the region of the calls, {}", place.region);
            return Err(refused_bucket(bucket, &why));
        }
        Some(_) => {}
    }
    let at = log_place(place, config);
    let permission = BucketPermission { partition: place.partition(), bucket, place: &at };
    let Some(policy) = buckets.policy(bucket) else {
        return Err(refused_bucket(bucket, "it has no policy, and bedrock.amazonaws.com must be allowed s3:PutObject"));
    };
    match permission.judge(&policy) {
        Ok(PolicyAnswer::Allowed { .. }) => Ok(()),
        Ok(PolicyAnswer::Denied { statement }) => Err(refused_bucket(bucket, &format!("{statement} of it denies"))),
        Ok(PolicyAnswer::Silent { nearly }) => {
            let mut why = "it does not allow bedrock.amazonaws.com s3:PutObject".to_owned();
            if !nearly.is_empty() {
                why = format!("{why}: {}", nearly.join("; "));
            }
            Err(refused_bucket(bucket, &why))
        }
        Err(error) => Err(refused_bucket(bucket, &format!("it cannot be read: {error}"))),
    }
}

/// How AWS begins is seen in public; why is told besides.
fn refused_bucket(bucket: &str, why: &str) -> Fault {
    invalid(format!(
        "Failed to validate permissions for bucket: {bucket}. Verify the bucket policy is correct. (outcrop local: {why})"
    ))
}

/// A role may be one of the account; its policies are not kept here, and it may do everything. Bedrock makes no log group.
fn check_group(world: &World<'_>, place: &Place<'_>, group: &CloudWatchConfig) -> Result<(), Fault> {
    let CloudWatchConfig { log_group_name: name, role_arn: role, .. } = group;
    let refused = |why: &str| {
        // AWS has one text for all of it.
        invalid(format!(
            "{LOG_GROUP_REFUSED}: {name}, with role: {role}. Verify the IAM role permissions are correct. (outcrop local: \
             {why})"
        ))
    };
    match role_account(role) {
        None => return Err(constraint(role, "loggingConfig.cloudWatchConfig.roleArn", ROLE)),
        Some(account) if !account.is_empty() && account != place.account => {
            return Err(refused(&format!(
                "the role is of the account {account}, and the calls are of {}",
                place.account
            )));
        }
        Some(_) => {}
    }
    let is_there = |kept: &Regional| kept.log_groups.contains_key(name);
    match world.local.data.read(|kept| kept.region(place.region).is_some_and(is_there)) {
        true => Ok(()),
        false => Err(refused(&format!("there is no such log group in {}", place.region))),
    }
}

/// Shows that Bedrock may write, as it does.
async fn write_probe(world: &World<'_>, place: &Place<'_>, config: &S3Config) -> Result<(), Fault> {
    let (bucket, key) = (&config.bucket_name, log_place(place, config).permission_check());
    let probe = S3Uri { bucket: bucket.clone(), key };
    let put = Buckets::of(&world.local.data).put(&probe, Bytes::new(), "application/octet-stream").await;
    put.map_err(|fault| refused_bucket(bucket, &fault.message))
}
