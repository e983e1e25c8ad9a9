//! Batch jobs: shapes to the byte, captured requests, which jobs a filter lets through, and lines of any body.

use outcrop_wire::account::job::{
    InvocationType, JOB_LIMITS, JobCreated, JobInput, JobManifest, JobOutput, JobPlace, JobRecord, JobResult,
    JobS3Input, JobS3Output, JobSort, RecordError, SortOrder,
};
use outcrop_wire::account::{Control, Job, JobFilter, JobId, JobRequest, JobStatus, Jobs, Tag, control_call};
use outcrop_wire::{Extra, Json};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::corpus::{Captured, folder};
use crate::golden::{files, there_and_back};

#[test]
fn every_shape_is_written_to_the_byte_as_it_is_read() {
    fn check<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(name: &str) -> T {
        let files = files("job");
        let (_, text) = files.iter().find(|(file, _)| file == name).unwrap();
        there_and_back(text, name)
    }
    let request: JobRequest = check("request");
    assert_eq!(request.tags, Some(vec![Tag::new("team", "a")]));
    let job: Job = check("job");
    assert!(job.is_over());
    assert_eq!(job.invocation(), InvocationType::InvokeModel);
    let place = job.place().unwrap();
    assert_eq!(place.manifest(), "out/abcdef123456/manifest.json.out");
    let submitted = Job::submitted(&request, job.job_arn.clone(), "2026-03-01T12:00:00Z");
    assert_eq!(
        (submitted.is_over(), submitted.id(), submitted.invocation()),
        (false, job.id(), InvocationType::Converse)
    );
    let record: JobRecord = check("record");
    assert!(record.line().unwrap().contains("\"temperature\":0.50"));
    assert!(check::<JobResult>("answered").error.is_none());
    assert_eq!(check::<JobResult>("refused").error, Some(RecordError::new(400, "bad request")));
    assert_eq!(check::<JobManifest>("manifest").success_record_count, 2);
}

/// What is not known stays, and what only informs costs nothing where it has another shape.
#[test]
fn what_is_not_known_is_kept() {
    let job = r#"{"jobArn":"a","modelId":"m","roleArn":"r","submitTime":"t","inputDataConfig":{"later":{}},"outputDataConfig":{},"status":"Resting","totalRecordCount":"many","later":[1.50]}"#;
    let read: Job = serde_json::from_str(job).unwrap();
    assert_eq!((read.status.as_ref().map(JobStatus::as_str), read.total_record_count), (Some("Resting"), None));
    assert_eq!((read.is_over(), read.id(), read.place()), (false, None, None));
    let written: serde_json::Value = serde_json::to_value(&read).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(job).unwrap());
    let result: JobResult =
        serde_json::from_str(r#"{"recordId":"a","modelInput":{},"error":{"errorCode":"Bad","errorMessage":"m"}}"#)
            .unwrap();
    let error = result.error.unwrap();
    assert_eq!((error.error_code, error.error_message.as_deref()), (None, Some("m")));
    assert_eq!(error.extra.value("errorCode").map(Json::text), Some("\"Bad\""));
}

#[test]
fn captured_requests_are_read_and_made_again() {
    let Some(folder) = folder("requests of batch jobs") else { return };
    for (name, operation) in [
        ("create-job", Control::CreateModelInvocationJob),
        ("get-job-arn", Control::GetModelInvocationJob),
        ("list-jobs", Control::ListModelInvocationJobs),
        ("stop-job", Control::StopModelInvocationJob),
    ] {
        let captured = Captured::read(&folder, &format!("boto3-control-{name}"));
        let call = captured.control();
        assert_eq!(call.operation, operation, "{name}");
        let filter = JobFilter::of_pairs(&call.query).unwrap();
        let pairs = filter.pairs();
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(operation.row().target(call.id.as_ref(), pairs), captured.target);
        if let Some(id) = &call.id {
            assert_eq!(JobId::parse(id.as_str()), JobId::parse("abcdef123456"));
        }
        if operation == Control::CreateModelInvocationJob {
            let body = &captured.body;
            let request: JobRequest = serde_json::from_str(body).unwrap();
            assert_eq!(request.extra, Extra::new());
            assert_eq!(request.input_data_config.uri(), Some("s3://b/in.jsonl"));
            assert_eq!(request.model_invocation_type, Some(InvocationType::Converse));
            let written: serde_json::Value = serde_json::to_value(&request).unwrap();
            assert_eq!(written, serde_json::from_str::<serde_json::Value>(body).unwrap());
        }
    }
}

fn job(name: &str, status: JobStatus, submitted: &str) -> Job {
    let request = JobRequest::new(name, "r", "m", "s3://b/in.jsonl", "s3://b/out/");
    let arn = JobId::parse("abcdef123456").unwrap().arn("aws", "us-east-1", "123456789012");
    Job { status: Some(status), ..Job::submitted(&request, arn, submitted) }
}

#[test]
fn a_filter_lets_through_what_it_says() {
    let day = |day: u8| format!("2026-01-{day:02}T00:00:00.250Z");
    let jobs = [job("one", JobStatus::Completed, &day(1)), job("two", JobStatus::Failed, &day(2))];
    let through = |edit: &dyn Fn(&mut JobFilter)| -> Vec<usize> {
        let mut filter = JobFilter::default();
        edit(&mut filter);
        (0..jobs.len()).filter(|at| filter.lets_through(&jobs[*at])).collect()
    };
    assert_eq!(through(&|_| {}), [0, 1]);
    assert_eq!(through(&|filter| filter.status = Some(JobStatus::Failed)), [1]);
    assert_eq!(through(&|filter| filter.name_contains = Some("ne".to_owned())), [0]);
    assert_eq!(through(&|filter| filter.submitted_after = Some("2026-01-01T12:00:00+00:00".to_owned())), [1]);
    assert_eq!(through(&|filter| filter.submitted_before = Some("2026-01-01T12:00:00Z".to_owned())), [0]);
    assert!(through(&|filter| filter.submitted_before = Some("yesterday".to_owned())).is_empty());
    assert_eq!(JobFilter::of_pairs(&[("maxResults".to_owned(), "many".to_owned())]), Err("many".to_owned()));
}

#[test]
fn the_limits_fit_together() {
    let limits = &JOB_LIMITS;
    assert!(limits.fewest_records.value < limits.file_records.value);
    assert!(limits.file_records.value <= limits.job_records.value);
    assert!(limits.file_bytes.value < limits.job_bytes.value);
    for limit in [limits.fewest_records, limits.file_records, limits.job_records, limits.file_bytes, limits.job_bytes] {
        assert!(!limit.source.is_empty() && !limit.name.is_empty());
    }
}

proptest! {
    #[test]
    fn a_line_is_one_line_and_reads_as_what_it_was(id in ".{0,20}", text in "(?s).{0,40}", pretty in any::<bool>()) {
        let body = serde_json::json!({ "messages": [{ "role": "user", "content": text }] });
        let body = if pretty { serde_json::to_string_pretty(&body).unwrap() } else { body.to_string() };
        let record = JobRecord::new(id, Json::from_text(&body).unwrap());
        let line = record.line().unwrap();
        prop_assert_eq!(line.matches('\n').count(), 1);
        prop_assert!(line.ends_with('\n') && !line.contains('\r'));
        prop_assert_eq!(&serde_json::from_str::<JobRecord>(&line).unwrap(), &record);
        let result = JobResult { model_input: record.model_input, record_id: record.record_id, ..JobResult::default() };
        prop_assert_eq!(&serde_json::from_str::<JobResult>(&result.line().unwrap()).unwrap(), &result);
    }

    #[test]
    fn a_filter_is_read_as_it_is_written(
        name in proptest::option::of("[ -~]{0,20}"),
        status in proptest::option::of("[A-Za-z]{1,12}"),
        page_size in proptest::option::of(1u32..1001),
        descending in proptest::option::of(any::<bool>()),
    ) {
        let mut filter = JobFilter::default();
        filter.name_contains = name;
        filter.status = status.map(|status| JobStatus::from(status.as_str()));
        filter.page_size = page_size;
        filter.sort = descending.map(|_| JobSort::CreationTime);
        filter.order = descending.map(|descending| if descending { SortOrder::Descending } else { SortOrder::Ascending });
        filter.submitted_after = filter.name_contains.as_ref().map(|_| "2026-01-02T03:04:05Z".to_owned());
        let row = Control::ListModelInvocationJobs.row();
        let pairs = filter.pairs();
        prop_assert!(pairs.iter().all(|(name, _)| row.query.contains(name)));
        let target = row.target(None, pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let (path, query) = target.split_once('?').map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
        let call = control_call(row.method, path, query).unwrap();
        prop_assert_eq!(JobFilter::of_pairs(&call.query), Ok(filter));
    }

    #[test]
    fn results_are_found_by_their_input(folder in "[a-z/]{0,8}", name in "[a-z]{1,8}") {
        let place = JobPlace::new(&format!("s3://b/{folder}"), JobId::parse("abcdef123456").unwrap()).unwrap();
        let key = format!("{name}.jsonl");
        let results = place.results(&key, &key);
        prop_assert_eq!(place.input(&results), Some(key.as_str()));
    }
}

/// The members of each shape are those of botocore's service model, where one is at hand.
#[test]
fn shapes_are_those_of_the_service_model() {
    let Some(model) = std::env::var_os("OUTCROP_BEDROCK_MODEL") else {
        return println!("service model: skipped (set OUTCROP_BEDROCK_MODEL as for the rows)");
    };
    let model: serde_json::Value = serde_json::from_slice(&std::fs::read(model).unwrap()).unwrap();
    for (shape, fields) in [
        ("CreateModelInvocationJobRequest", JobRequest::MEMBERS),
        ("CreateModelInvocationJobResponse", JobCreated::MEMBERS),
        ("GetModelInvocationJobResponse", Job::MEMBERS),
        ("ModelInvocationJobSummary", Job::MEMBERS),
        ("ListModelInvocationJobsResponse", Jobs::MEMBERS),
        ("ModelInvocationJobInputDataConfig", JobInput::MEMBERS),
        ("ModelInvocationJobS3InputDataConfig", JobS3Input::MEMBERS),
        ("ModelInvocationJobOutputDataConfig", JobOutput::MEMBERS),
        ("ModelInvocationJobS3OutputDataConfig", JobS3Output::MEMBERS),
        ("Tag", Tag::MEMBERS),
    ] {
        let members = model["shapes"][shape]["members"].as_object().unwrap();
        let mut there: Vec<&str> = members.keys().map(String::as_str).collect();
        let mut here: Vec<&str> = fields.to_vec();
        there.sort_unstable();
        here.sort_unstable();
        assert_eq!(there, here, "{shape}");
    }
    for status in model["shapes"]["ModelInvocationJobStatus"]["enum"].as_array().unwrap() {
        let known = JobStatus::from(status.as_str().unwrap());
        assert!(!matches!(known, JobStatus::Other(_)), "{status}");
    }
}
