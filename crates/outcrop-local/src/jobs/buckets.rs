//! The buckets of a job: whether they are there, and in its region.

use outcrop_wire::account::Job;
use outcrop_wire::account::logging::S3Path;
use outcrop_wire::fault::Fault;

use crate::check::invalid;
use crate::control::Place;
use crate::objects::Buckets;

/// Refuses a job whose input or output is in no bucket, or in one of another region or account.
///
/// AWS tries both with the role of the job and says what it could not do, not why. Its words are those of customization
/// jobs (AWS user guide, troubleshooting), of which those of the input are reported of batch jobs as well.
pub(crate) fn check(buckets: Buckets<'_>, job: &Job, place: Place<'_>) -> Result<(), Fault> {
    let owner = |owner: &Option<String>| owner.as_deref().is_none_or(|owner| owner == place.account);
    if let Some(S3Path { bucket, key }) = job.input_data_config.uri().and_then(S3Path::parse) {
        let said = job.input_data_config.s3_input_data_config.as_ref();
        let is_ours = said.is_none_or(|said| owner(&said.s3_bucket_owner));
        one(buckets, &bucket, is_ours, place, || {
            format!("Could not validate GetObject permissions to access Amazon S3 bucket: {bucket} at key {key}")
        })?;
    }
    if let Some(S3Path { bucket, key }) = job.output_data_config.uri().and_then(S3Path::parse) {
        let said = job.output_data_config.s3_output_data_config.as_ref();
        let is_ours = said.is_none_or(|said| owner(&said.s3_bucket_owner));
        one(buckets, &bucket, is_ours, place, || {
            let slash = if key.is_empty() || key.ends_with('/') { "" } else { "/" };
            format!(
                "Amazon S3 perms missing (PutObject): Could not validate PutObject permissions to access S3 bucket: \
                 {bucket} at key {key}{slash}.write_access_check_file.tmp"
            )
        })?;
    }
    Ok(())
}

/// A bucket that the request says to be somebody else's is none that the account's role may use: every bucket here is its
/// own.
fn one(
    buckets: Buckets<'_>,
    bucket: &str,
    is_ours: bool,
    place: Place<'_>,
    cannot: impl FnOnce() -> String,
) -> Result<(), Fault> {
    if !is_ours {
        return Err(invalid(cannot()));
    }
    let region = place.region;
    buckets.check(bucket, region).map_err(|_| match buckets.region(bucket) {
        // In words of ours: AWS's are not known.
        Some(is_in) => invalid(format!("The S3 bucket {bucket} is in {is_in}, and the batch job in {region}")),
        None => invalid(cannot()),
    })
}
