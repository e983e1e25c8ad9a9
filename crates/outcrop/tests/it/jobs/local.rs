//! Jobs that the local Bedrock does, whose buckets are in a folder.

use outcrop::jobs::{BatchFiles, JobFilter, JobRequest, JobStatus, NewJob, Outcome};
use outcrop::{Kind, MessageRequest};
use outcrop_local::{Data, Local, Reply, Rule, Script};
use tempfile::TempDir;

use super::client_of;

const ROLE: &str = "arn:aws:iam::123456789012:role/batch";

/// A local Bedrock that refuses what is about opals.
fn local(folder: &TempDir) -> Local {
    let refused =
        outcrop::wire::fault::Fault::new("ValidationException", "no opals", outcrop::wire::fault::Origin::Http);
    let script =
        Script::new().rule(Rule::new(Reply::fault(refused)).text("opal")).rule(Rule::new(Reply::text("A mineral.")));
    Local::builder().script(script).data(Data::open(folder.path()).unwrap()).build()
}

#[tokio::test]
async fn a_job_is_asked_for_waited_for_and_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("box/in")).unwrap();
    let client = client_of(&local(&folder)).await;
    for kind in ["InvokeModel", "Converse"] {
        let mut records = match kind {
            "Converse" => client.jobs().converse_records("us.haiku").await,
            _ => client.jobs().records("us.haiku").await,
        };
        for number in 0..100 {
            let what = if number % 50 == 7 { "opal" } else { "quartz" };
            records
                .add_as(format!("q-{number}"), &MessageRequest::new("", 64).user(format!("What is {what}?")))
                .unwrap();
        }
        let input = BatchFiles::folder(folder.path().join("box/in")).unwrap();
        records.upload(&input, &format!("{kind}.jsonl")).await.unwrap();
        let input = BatchFiles::folder(folder.path().join(format!("box/in/{kind}.jsonl"))).unwrap();
        let uri = format!("s3://box/in/{kind}.jsonl");
        let mut request = JobRequest::new(kind, ROLE, records.model().as_str(), uri, "s3://box/out/");
        request.model_invocation_type = Some(kind.into());
        let arn = client.jobs().submit(&request).await.unwrap();
        let mut seen = Vec::new();
        let job = client.jobs().wait(&arn, |job| seen.push(job.status.clone())).await.unwrap();
        assert_eq!(job.status, Some(JobStatus::Completed), "{job:?}");
        assert_eq!(seen.last(), Some(&job.status));
        let told = BatchFiles::folder(folder.path().join("box/out").join(job.id().unwrap().as_str())).unwrap();
        let model = Some(job.model_id.clone().into());
        let results = client.jobs().results_in(told, Some(input), model, Some(job.invocation())).await.unwrap();
        let manifest = results.manifest().cloned().unwrap();
        let mut results = results;
        let mut failed = Vec::new();
        while let Some(result) = results.next().await {
            let result = result.unwrap();
            match &result.outcome {
                Outcome::Message(message) => assert_eq!(message.text(), "A mineral."),
                outcome => failed.push((result.record_id.clone(), outcome.clone())),
            }
        }
        assert!(
            matches!(&failed[..], [(one, Outcome::Failed(why)), (other, _)]
            if one == "q-7" && other == "q-57" && why.error_code == Some(400)),
            "{failed:?}"
        );
        let totals = results.totals();
        assert_eq!((totals.answered, totals.failed, totals.missing), (98, 2, 0));
        assert_eq!((manifest.success_record_count, manifest.error_record_count), (98, 2));
        assert_eq!(
            (manifest.input_token_count, manifest.output_token_count),
            (totals.input_tokens, totals.output_tokens)
        );
        assert!(totals.unpriced == 0 && totals.cost.dollars() > 0.0);
    }
    let mut filter = JobFilter::default();
    (filter.page_size, filter.status) = (Some(1), Some(JobStatus::Completed));
    assert_eq!(client.jobs().list(filter.clone()).all().await.unwrap().len(), 2);
    filter.name_contains = Some("Conv".to_owned());
    let found = client.jobs().list(filter).all().await.unwrap();
    assert_eq!(found.iter().map(|job| job.job_name.as_deref()).collect::<Vec<_>>(), [Some("Converse")]);
}

#[tokio::test]
async fn a_job_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let client = client_of(&local(&folder)).await;
    for error in [
        client.jobs().get("abcdef123456").await.unwrap_err(),
        client.jobs().stop("abcdef123456").await.unwrap_err(),
        client.jobs().wait("abcdef123456", |_| {}).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.aws_code()), (Kind::Service, Some("ResourceNotFoundException")), "{error}");
    }
}

#[tokio::test]
async fn buckets_that_are_elsewhere_or_nowhere_are_told() {
    let client = client_of(&Local::new()).await;
    client.buckets().create("inbox").await.unwrap();
    client.buckets().in_region("eu-west-1").create("far-away").await.unwrap();
    let mut records = client.jobs().records("us.haiku").await;
    for number in 0..100 {
        records.add_as(format!("q-{number}"), &MessageRequest::new("", 64).user("What is quartz?")).unwrap();
    }
    for (number, (input, output, words)) in [
        ("s3://nothing/a.jsonl", "s3://inbox/out/", "NoSuchBucket"),
        ("s3://far-away/b.jsonl", "s3://inbox/out/", "eu-west-1"),
        (
            "s3://inbox/c.jsonl",
            "s3://nothing/out/",
            "Could not validate PutObject permissions to access S3 bucket: nothing",
        ),
        ("s3://inbox/d.jsonl", "s3://far-away/out/", "The S3 bucket far-away is in eu-west-1"),
    ]
    .into_iter()
    .enumerate()
    {
        let error = client.jobs().create(&records, &NewJob::new(ROLE, input, output)).await.unwrap_err();
        let told = format!("{error} {}", error.hint().unwrap_or_default());
        assert!(told.contains(words), "{input} {output}: {told}");
        assert!(number < 2 || error.aws_code() == Some("ValidationException"), "{error:?}");
    }
    assert!(client.jobs().list(JobFilter::default()).all().await.unwrap().is_empty());
}
