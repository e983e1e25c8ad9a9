//! Batch jobs: asked for, told about, stopped. Who works on them is elsewhere (`crate::jobs`).

mod request;

use outcrop_wire::account::job::{JobCreated, JobSort, SortOrder, TIMEOUT_HOURS};
use outcrop_wire::account::logging::log_time;
use outcrop_wire::account::{ControlCall, Job, JobFilter, JobId, JobRequest, JobStatus, Jobs};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::ModelId;
use outcrop_wire::sigv4::AmzTime;

use super::models::not_of;
use super::page::{Page, no_number};
use super::{Place, World, behind, invalid, tags, taken, written};
use crate::check::check_model;
use crate::data::{KeptJob, Regional};
use crate::jobs;
use crate::objects::Buckets;
use crate::server::Notice;

/// Of the service model.
const STATUSES: &str =
    "[Submitted, InProgress, Completed, Failed, Stopping, Stopped, PartiallyCompleted, Expired, Validating, Scheduled]";

/// `CreateModelInvocationJob`. A token that came before makes nothing, and is answered as then (API reference).
pub(super) fn create(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let request: JobRequest = taken(body)?;
    request::check(&request)?;
    let made_before = |regional: &Regional| {
        let token = request.client_request_token.as_ref()?;
        let same = regional.jobs.values().find(|kept| kept.job.client_request_token.as_ref() == Some(token))?;
        Some(same.job.job_arn.clone())
    };
    if let Some(job_arn) = world.local.data.read(|kept| made_before(kept.region(place.region)?)) {
        return written(&JobCreated { job_arn, extra: Default::default() });
    }
    if !world.local.engine.takes_any() {
        let model = ModelId::from(request.model_id.as_str());
        let model = behind(world.local, place.region, &model).unwrap_or(model);
        for warning in check_model(&world.local.rules(), &model, place.region, &world.now.iso_day())? {
            world.local.notify(&Notice::Warning(&warning));
        }
    }
    let now = jobs::time(world.local.now());
    let id = id(world)?;
    let tags = request.tags.clone().unwrap_or_default();
    let mut job = Job::submitted(&request, id.arn(place.partition(), place.region, place.account), now);
    // Remembered: the least there is, where none is asked for.
    let hours = request.timeout_duration_in_hours.unwrap_or(*TIMEOUT_HOURS.start());
    let ends = AmzTime::from_unix(world.now.unix().saturating_add(i64::from(hours) * 3600));
    job.timeout_duration_in_hours = Some(hours);
    job.job_expiration_time = Some(ends.iso());
    job.model_invocation_type = Some(job.invocation());
    jobs::check_buckets(Buckets::of(&world.local.data), &job, *place)?;
    let arn = world.local.data.change(|kept| {
        let regional = kept.region_mut(place.region);
        // Somebody may have been faster.
        if let Some(arn) = made_before(regional) {
            return Ok(arn);
        }
        let known = &mut regional.jobs;
        if known.values().any(|kept| kept.job.job_name == job.job_name) {
            // Quoted from AWS, of jobs that import models; the exception is the only one of this operation's that fits.
            return Err(Fault::new("ConflictException", "The provided job name is currently in use.", Origin::Http));
        }
        let number = known.values().map(|kept| kept.number).max().unwrap_or(0) + 1;
        known.insert(id.as_str().to_owned(), KeptJob { number, job: job.clone() });
        tags::put(regional, &job.job_arn, tags)?;
        Ok(job.job_arn.clone())
    })?;
    if arn == job.job_arn {
        jobs::start(world.local, place.region, &arn, id);
    }
    written(&JobCreated { job_arn: arn, extra: Default::default() })
}

/// `GetModelInvocationJob`.
pub(super) fn get(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let (id, asked) = asked(call)?;
    let job = world.local.data.read(|kept| Some(kept.region(place.region)?.jobs.get(id.as_str())?.job.clone()));
    let job = job.filter(|job| is(job, asked)).ok_or_else(|| missing(asked))?;
    written(&world.local.jobs.now(job))
}

/// `StopModelInvocationJob`.
pub(super) fn stop(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let (id, asked) = asked(call)?;
    let arn = world.local.data.change(|kept| {
        let kept = kept.region_mut(place.region).jobs.get_mut(id.as_str()).filter(|kept| is(&kept.job, asked));
        let job = &mut kept.ok_or_else(|| missing(asked))?.job;
        if !jobs::can_be_stopped(job.status.as_ref()) {
            // In words of ours: AWS's are not known.
            let status = job.status.as_ref().map_or("unknown", JobStatus::as_str);
            let why = format!("The job {asked} cannot be stopped: its status is {status}");
            return Err(Fault::new("ConflictException", why, Origin::Http));
        }
        job.status = Some(JobStatus::Stopping);
        job.last_modified_time = Some(jobs::time(world.local.now()));
        Ok(job.job_arn.clone())
    })?;
    jobs::stop(world.local, place.region, &arn, id);
    Ok(b"{}".to_vec())
}

/// `ListModelInvocationJobs`: the newest first, where nothing else is asked for (remembered).
pub(super) fn list(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let filter = JobFilter::of_pairs(&call.query);
    let filter = filter.map_err(|given| no_number(&given))?;
    check(&filter)?;
    let Page { size, after } = Page::of(call, filter.page_size, filter.next_token.as_deref())?;
    let ascending = filter.order == Some(SortOrder::Ascending);
    let mut found: Vec<(u64, Job)> = world.local.data.read(|kept| {
        let jobs = kept.region(place.region).into_iter().flat_map(|regional| regional.jobs.values());
        let jobs =
            jobs.filter(|kept| after.is_none_or(|after| (kept.number > after) == ascending && kept.number != after));
        jobs.filter(|kept| filter.lets_through(&kept.job)).map(|kept| (kept.number, kept.job.clone())).collect()
    });
    found.sort_by_key(|(number, _)| *number);
    if !ascending {
        found.reverse();
    }
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().map(|(number, _)| *number).filter(|_| more);
    written(&Jobs {
        next_token: last.map(Page::token),
        invocation_job_summaries: found.into_iter().map(|(_, job)| world.local.jobs.now(job)).collect(),
        ..Jobs::default()
    })
}

/// What the service model says of what is wanted.
fn check(filter: &JobFilter) -> Result<(), Fault> {
    if let Some(JobStatus::Other(other)) = &filter.status {
        return Err(not_of(other, "statusEquals", STATUSES));
    }
    if let Some(JobSort::Other(other)) = &filter.sort {
        return Err(not_of(other, "sortBy", "[CreationTime]"));
    }
    if let Some(SortOrder::Other(other)) = &filter.order {
        return Err(not_of(other, "sortOrder", "[Ascending, Descending]"));
    }
    let times = [("submitTimeAfter", &filter.submitted_after), ("submitTimeBefore", &filter.submitted_before)];
    for (name, time) in times.into_iter().filter_map(|(name, time)| Some((name, time.as_ref()?))) {
        log_time(time).ok_or_else(|| invalid(format!("{name} is no time: {time}")))?;
    }
    Ok(())
}

/// The job that a path names, by its id or its ARN.
fn asked(call: &ControlCall) -> Result<(JobId, &str), Fault> {
    let text = call.id.as_ref().map(|id| id.as_str()).unwrap_or_default();
    // What is no id of a job is refused by then.
    JobId::parse(text).map(|id| (id, text)).ok_or_else(|| missing(text))
}

/// Whether an ARN is that of a job.
pub(super) fn has(regional: &Regional, arn: &str) -> bool {
    JobId::parse(arn).and_then(|id| regional.jobs.get(id.as_str())).is_some_and(|kept| kept.job.job_arn == arn)
}

/// An ARN of another region or account names another job.
fn is(job: &Job, asked: &str) -> bool {
    !asked.starts_with("arn:") || job.job_arn == asked
}

/// In words of ours: AWS's are not known.
fn missing(asked: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("The model invocation job {asked} was not found"), Origin::Http)
}

/// A new id.
fn id(world: &World<'_>) -> Result<JobId, Fault> {
    let mut random = world.local.random();
    let letters: String =
        (0..JobId::LENGTH).map(|_| char::from(random.choice(JobId::LETTERS).copied().unwrap_or(b'0'))).collect();
    JobId::parse(&letters).ok_or_else(|| Fault::new("InternalServerException", "outcrop local: no id", Origin::Http))
}
