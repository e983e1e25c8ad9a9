//! A job from its first to its last status.
//!
//! Submitted, Validating, Scheduled, InProgress, Completed; or Failed, with a message; or Stopping and Stopped, once it was
//! told to. When its time is over it is PartiallyCompleted, or Expired where it did not begin. Whatever ends a job that
//! runs, what was done until then is written, and counted in the manifest.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use object_store::{ObjectStore, ObjectStoreExt as _};
use outcrop_wire::account::job::{JobManifest, JobPlace};
use outcrop_wire::account::logging::{S3Path, log_time};
use outcrop_wire::account::{Job, JobId, JobStatus};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::sigv4::AmzTime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answers::Answers;
use super::files::{self, File, Lines, Results};
use super::record::{Calls, Done};
use super::{Jobs, Live};
use crate::exchange::unix;
use crate::server::{Inner, Notice};

/// How often a job that waits looks at the clock, which nobody else tells it.
const TICK: Duration = Duration::from_millis(50);

/// Someone who works on a job, for as long as its server is there.
pub(super) struct Run {
    local: Weak<Inner>,
    pub(super) live: Arc<Live>,
    pub(super) region: String,
    pub(super) arn: String,
    id: JobId,
}

/// Why a job goes no further.
pub(super) enum End {
    /// Its server is gone, or cannot write down what becomes of it.
    Gone,
    /// It was told to stop.
    Stopped,
    /// Its time is over.
    OutOfTime,
    /// It cannot go on.
    Failed(String),
}

/// What a job is to do.
pub(super) struct Plan {
    pub(super) job: Job,
    pub(super) input: S3Path,
    place: JobPlace,
    pub(super) store: Arc<dyn ObjectStore>,
    /// Seconds since 1970.
    ends: i64,
}

impl From<String> for End {
    fn from(why: String) -> Self {
        End::Failed(why)
    }
}

impl Run {
    pub(super) fn new(local: &Arc<Inner>, live: Arc<Live>, region: String, arn: String, id: JobId) -> Self {
        Run { local: Arc::downgrade(local), live, region, arn, id }
    }

    pub(super) async fn run(self) {
        let end = self.work().await;
        self.ended(end);
        if let Ok(local) = self.local() {
            local.jobs.live().remove(&self.arn);
        }
    }

    /// Writes down how it ended.
    fn ended(&self, end: Result<(), End>) {
        let (status, message) = match end {
            Ok(()) => (JobStatus::Completed, None),
            Err(End::Gone) => return,
            Err(End::Stopped) => (JobStatus::Stopped, None),
            Err(End::OutOfTime) if self.live.begun.load(Ordering::Relaxed) => (JobStatus::PartiallyCompleted, None),
            Err(End::OutOfTime) => (JobStatus::Expired, None),
            Err(End::Failed(why)) => (JobStatus::Failed, Some(why)),
        };
        // The error was told.
        let _ = self.change(|job, now| {
            job.status = Some(status);
            job.message = message;
            job.end_time = Some(now.to_owned());
        });
    }

    async fn work(&self) -> Result<(), End> {
        let plan = self.plan()?;
        if plan.job.status != Some(JobStatus::Submitted) {
            // Another server began it.
            self.change(|job, _| job.status = Some(JobStatus::Submitted))?;
        }
        let turn = self.turn(&plan, |jobs| &jobs.validating).await?;
        self.change(|job, _| job.status = Some(JobStatus::Validating))?;
        let files = self.validated(&plan).await?;
        drop(turn);
        self.change(|job, _| job.status = Some(JobStatus::Scheduled))?;
        let _turn = self.turn(&plan, |jobs| &jobs.running).await?;
        self.change(|job, _| job.status = Some(JobStatus::InProgress))?;
        self.live.begun.store(true, Ordering::Relaxed);
        let mut manifest = JobManifest::default();
        let mut outcome = Ok(());
        for file in &files {
            outcome = self.file(&plan, file, &mut manifest).await;
            if outcome.is_err() {
                break;
            }
        }
        if matches!(outcome, Err(End::Gone)) {
            return outcome;
        }
        let written = self.manifest(&plan, manifest).await;
        outcome.and(written)
    }

    fn plan(&self) -> Result<Plan, End> {
        let local = self.local()?;
        let job = local.data.read(|kept| Some(kept.region(&self.region)?.jobs.get(self.id.as_str())?.job.clone()));
        // One that ended while it was told to stop is left as it is.
        let job = job.filter(|job| !job.is_over()).ok_or(End::Gone)?;
        let input = job.input_data_config.uri().and_then(S3Path::parse);
        let input = input.ok_or_else(|| "its input is no s3:// location".to_owned())?;
        let place = job.place().ok_or_else(|| "its output is no s3:// location".to_owned())?;
        let ends = job.job_expiration_time.as_deref().and_then(log_time).map_or(i64::MAX, AmzTime::unix);
        if job.status == Some(JobStatus::Stopping) {
            self.live.stop.send_replace(true);
        }
        Ok(Plan { job, input, place, store: Arc::clone(local.data.buckets()), ends })
    }

    /// Has a file of records answered. What ends it before its time leaves the results that there are.
    async fn file(&self, plan: &Plan, file: &File, manifest: &mut JobManifest) -> Result<(), End> {
        let key = plan.place.results(&plan.input.key, &file.key);
        let mut results = Results::new(&plan.store, &plan.place.bucket, &key)?;
        let mut answers = Answers::new(Calls::of(&*self.local()?, &plan.job, &self.region));
        let outcome = self.records(plan, file, &mut answers, &mut results, manifest).await;
        if matches!(outcome, Err(End::Gone)) {
            return outcome;
        }
        for done in answers.rest() {
            self.result(&mut results, done, manifest).await?;
        }
        outcome.and(results.finish().await.map_err(End::from))
    }

    async fn records(
        &self,
        plan: &Plan,
        file: &File,
        answers: &mut Answers,
        results: &mut Results,
        manifest: &mut JobManifest,
    ) -> Result<(), End> {
        let mut lines = Lines::of(&plan.store, file);
        let mut is_over = false;
        loop {
            while !is_over && answers.have_room(&*self.local()?) {
                match self.unless_over(plan, lines.next()).await?? {
                    Some(line) => answers.ask(self.local()?, line.text.into()),
                    None => is_over = true,
                }
            }
            let Some(done) = self.unless_over(plan, answers.next()).await? else { return Ok(()) };
            for warning in done.warnings.iter().filter(|warning| answers.is_new(warning)) {
                self.local()?.notify(&Notice::Warning(warning));
            }
            self.result(results, done, manifest).await?;
        }
    }

    async fn result(&self, results: &mut Results, done: Done, manifest: &mut JobManifest) -> Result<(), End> {
        results.write(&done.line).await?;
        let count = if done.succeeded { &self.live.succeeded } else { &self.live.failed };
        count.fetch_add(1, Ordering::Relaxed);
        manifest.input_token_count += done.input_tokens;
        manifest.output_token_count += done.output_tokens;
        Ok(())
    }

    async fn manifest(&self, plan: &Plan, mut manifest: JobManifest) -> Result<(), End> {
        let count = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
        manifest.total_record_count = count(&self.live.total);
        manifest.success_record_count = count(&self.live.succeeded);
        manifest.error_record_count = count(&self.live.failed);
        manifest.processed_record_count = manifest.success_record_count + manifest.error_record_count;
        let text = serde_json::to_vec(&manifest).map_err(|error| error.to_string())?;
        let key = plan.place.manifest();
        let path = files::path(&plan.place.bucket, &key)?;
        let written = plan.store.put(&path, text.into()).await;
        written.map_err(|error| format!("cannot write s3://{}/{key}: {error}", plan.place.bucket))?;
        Ok(())
    }

    /// Waits for a turn.
    async fn turn(&self, plan: &Plan, of: fn(&Jobs) -> &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, End> {
        let turns = Arc::clone(of(&self.local()?.jobs));
        let turn = self.unless_over(plan, turns.acquire_owned()).await?.map_err(|_| End::Gone)?;
        // It may come too late.
        self.goes_on(plan)?;
        Ok(turn)
    }

    /// Whether it was not told to stop, and has time left.
    fn goes_on(&self, plan: &Plan) -> Result<(), End> {
        if *self.live.stop.borrow() {
            return Err(End::Stopped);
        }
        let now: SystemTime = self.local()?.now();
        if unix(now) >= plan.ends { Err(End::OutOfTime) } else { Ok(()) }
    }

    /// Waits for something, but no longer than the job goes on.
    pub(super) async fn unless_over<T>(&self, plan: &Plan, work: impl Future<Output = T>) -> Result<T, End> {
        let mut work = pin!(work);
        let mut stop = self.live.stop.subscribe();
        loop {
            self.goes_on(plan)?;
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                // Who can tell it to stop is here, and looked at above.
                _ = stop.changed() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Changes what is kept of the job, with how far it is.
    fn change(&self, change: impl FnOnce(&mut Job, &str)) -> Result<(), End> {
        let local = self.local()?;
        let now = super::time(local.now());
        let changed = local.data.change(|kept| {
            let kept = kept.region_mut(&self.region).jobs.get_mut(self.id.as_str());
            let job =
                &mut kept.ok_or_else(|| Fault::new("ResourceNotFoundException", "no such job", Origin::Http))?.job;
            // Told to stop, it is that until it has stopped.
            let stopping = job.status == Some(JobStatus::Stopping);
            self.live.tell(job);
            change(job, &now);
            if stopping && !job.is_over() {
                job.status = Some(JobStatus::Stopping);
            }
            job.last_modified_time = Some(now.clone());
            Ok(())
        });
        changed.map_err(|fault| {
            local.notify(&Notice::Warning(&format!("{}: {fault}", self.arn)));
            End::Gone
        })
    }

    pub(super) fn local(&self) -> Result<Arc<Inner>, End> {
        self.local.upgrade().ok_or(End::Gone)
    }
}
