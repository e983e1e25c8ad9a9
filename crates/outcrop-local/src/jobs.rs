//! Batch jobs at work: each in the background, from its files to its files, through the engine.
//!
//! A job lives in what is kept of the account ([`KeptJob`](crate::data::KeptJob)); here is who works on it (`run`), file
//! by file (`files`), record by record (`record`). What a server leaves undone begins again with the next one.

mod answers;
mod buckets;
mod files;
mod record;
mod run;
mod validate;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use outcrop_wire::account::{Job, JobId, JobStatus};
use outcrop_wire::sigv4::AmzTime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

pub(crate) use self::buckets::check as check_buckets;
use self::run::Run;
use crate::exchange::unix;
use crate::server::Inner;

/// How many jobs run at once, and how many are validated; others wait, as they do at AWS.
const AT_ONCE: usize = 2;

/// The jobs that are worked on.
pub(crate) struct Jobs {
    /// By their ARNs.
    live: Mutex<HashMap<String, Arc<Live>>>,
    work: Mutex<JoinSet<()>>,
    resumed: AtomicBool,
    servers: AtomicUsize,
    validating: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// How far a job is, and whether it is to go on.
#[derive(Default)]
pub(crate) struct Live {
    total: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    /// Whether records are asked.
    begun: AtomicBool,
    stop: watch::Sender<bool>,
}

impl Default for Jobs {
    fn default() -> Self {
        Jobs {
            live: Mutex::default(),
            work: Mutex::default(),
            resumed: AtomicBool::new(false),
            servers: AtomicUsize::new(0),
            validating: Arc::new(Semaphore::new(AT_ONCE)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Jobs {
    /// What is kept of a job, with how far it is now.
    pub(crate) fn now(&self, mut job: Job) -> Job {
        if let Some(live) = self.live().get(&job.job_arn).filter(|_| !job.is_over()) {
            live.tell(&mut job);
        }
        job
    }

    fn live(&self) -> MutexGuard<'_, HashMap<String, Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// Writes how far it is into what is told of the job.
    fn tell(&self, job: &mut Job) {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (succeeded, failed) = (count(&self.succeeded), count(&self.failed));
        job.total_record_count = Some(count(&self.total));
        job.processed_record_count = Some(succeeded + failed);
        job.success_record_count = Some(succeeded);
        job.error_record_count = Some(failed);
    }
}

/// Works on a job that is kept, in the background. Needs a tokio runtime.
pub(crate) fn start(local: &Arc<Inner>, region: &str, arn: &str, id: JobId) {
    let live = match local.jobs.live().entry(arn.to_owned()) {
        Entry::Occupied(_) => return,
        Entry::Vacant(place) => Arc::clone(place.insert(Arc::default())),
    };
    let run = Run::new(local, live, region.to_owned(), arn.to_owned(), id);
    let mut work = local.jobs.work();
    while work.try_join_next().is_some() {}
    work.spawn(run.run());
}

/// Lets whoever works on a job end it, with what is done; somebody has to.
pub(crate) fn stop(local: &Arc<Inner>, region: &str, arn: &str, id: JobId) {
    let live = local.jobs.live().get(arn).cloned();
    match live {
        Some(live) => drop(live.stop.send_replace(true)),
        None => start(local, region, arn, id),
    }
}

/// Begins again what another server left undone. Once is enough.
pub(crate) fn resume(local: &Arc<Inner>) {
    if local.jobs.resumed.swap(true, Ordering::Relaxed) {
        return;
    }
    let undone: Vec<(String, String, JobId)> = local.data.read(|kept| {
        let jobs =
            kept.regions.iter().flat_map(|(region, regional)| regional.jobs.values().map(move |job| (region, job)));
        let mut undone: Vec<_> = jobs.filter(|(_, kept)| !kept.job.is_over()).collect();
        undone.sort_by_key(|(_, kept)| kept.number);
        undone
            .into_iter()
            .filter_map(|(region, kept)| Some((region.clone(), kept.job.job_arn.clone(), kept.job.id()?)))
            .collect()
    });
    for (region, arn, id) in undone {
        start(local, &region, &arn, id);
    }
}

/// A server that works on jobs until it ends. The last one leaves them.
pub(crate) struct Serving(Arc<Inner>);

/// Works on jobs, those that were left undone first.
pub(crate) fn serve(local: &Arc<Inner>) -> Serving {
    local.jobs.servers.fetch_add(1, Ordering::Relaxed);
    resume(local);
    Serving(Arc::clone(local))
}

impl Serving {
    /// Works no more: what is undone stays undone.
    pub(crate) async fn end(self) {
        if self.0.jobs.servers.load(Ordering::Relaxed) == 1 {
            let mut work = std::mem::take(&mut *self.0.jobs.work());
            work.shutdown().await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let jobs = &self.0.jobs;
        if jobs.servers.fetch_sub(1, Ordering::Relaxed) == 1 {
            jobs.work().abort_all();
            jobs.live().clear();
            jobs.resumed.store(false, Ordering::Relaxed);
        }
    }
}

/// A time as AWS writes those of jobs: `2026-03-01T12:00:00.123Z` (remembered, as to its fraction).
pub(crate) fn time(time: SystemTime) -> String {
    let milliseconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_millis());
    let second = AmzTime::from_unix(unix(time)).iso();
    format!("{}.{milliseconds:03}Z", second.trim_end_matches('Z'))
}

/// Whether a job can be stopped still.
pub(crate) fn can_be_stopped(status: Option<&JobStatus>) -> bool {
    use JobStatus::{InProgress, Scheduled, Submitted, Validating};
    matches!(status, Some(Submitted | Validating | Scheduled | InProgress))
}
