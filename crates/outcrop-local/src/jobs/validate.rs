//! What is looked at before a job runs: its files, how many records they have, and whether each is one.
//!
//! What is in a record is not looked at (AWS user guide, statuses of jobs).

use std::sync::atomic::Ordering;

use outcrop_wire::account::job::JOB_LIMITS;

use super::buckets;
use super::files::{self, File, Lines};
use super::record;
use super::run::{End, Plan, Run};
use crate::check::FEW_RECORDS;
use crate::control::Place;
use crate::objects::Buckets;
use crate::server::Notice;

impl Run {
    /// Looks at the buckets and at every file: as many records as there may be, each an object with a body.
    pub(super) async fn validated(&self, plan: &Plan) -> Result<Vec<File>, End> {
        // They were there when it was asked for, which may be long ago.
        let local = self.local()?;
        let place = Place { account: &local.account.id, region: &self.region };
        buckets::check(Buckets::of(&local.data), &plan.job, place).map_err(|fault| fault.message)?;
        let files = self.unless_over(plan, files::list(&plan.store, &plan.input)).await??;
        let limits = &JOB_LIMITS;
        let bytes = |file: &File| file.meta.size;
        // By analogy with what is said of too few records: AWS's own words are not known.
        let more = |what: &str, count: u64, most: u64| {
            format!("Batch job {} contains more {what} ({count}) than the allowed maximum of: {most}", self.arn)
        };
        if let Some(file) = files.iter().find(|file| bytes(file) > limits.file_bytes.value) {
            let what = format!("bytes in {}", file.key);
            return Err(End::Failed(more(&what, bytes(file), limits.file_bytes.value)));
        }
        let all = files.iter().map(bytes).sum();
        if all > limits.job_bytes.value {
            return Err(End::Failed(more("bytes", all, limits.job_bytes.value)));
        }
        let mut total = 0;
        for file in &files {
            let mut count = 0;
            let mut lines = Lines::of(&plan.store, file);
            while let Some(line) = self.unless_over(plan, lines.next()).await?? {
                if let Err(why) = record::read(&line.text) {
                    return Err(End::Failed(format!("{}, line {}: {why}", file.key, line.number)));
                }
                count += 1;
                if count > limits.file_records.value {
                    let what = format!("records in {}", file.key);
                    return Err(End::Failed(more(&what, count, limits.file_records.value)));
                }
                // What is in memory is read without a pause.
                tokio::task::yield_now().await;
            }
            total += count;
        }
        if total > limits.job_records.value {
            return Err(End::Failed(more("records", total, limits.job_records.value)));
        }
        self.enough(plan, total)?;
        self.live.total.store(total, Ordering::Relaxed);
        Ok(files)
    }

    fn enough(&self, plan: &Plan, total: u64) -> Result<(), End> {
        let fewest = JOB_LIMITS.fewest_records.value;
        if total >= fewest {
            return Ok(());
        }
        if total == 0 {
            return Err(End::Failed(format!("there is no record in {}", plan.input)));
        }
        let local = self.local()?;
        let warning = FEW_RECORDS.judge(
            local.rules().strict,
            || format!("{}: AWS fails batch jobs of fewer than {fewest} records; this one has {total}", self.arn),
            || format!("Batch job {} contains less records ({total}) than the required minimum of: {fewest}", self.arn),
        )?;
        if let Some(warning) = warning {
            local.notify(&Notice::Warning(&warning));
        }
        Ok(())
    }
}
