//! Jobs that the local Bedrock does, whose buckets are in a folder.

use outcrop::jobs::{BatchFiles, JobFilter, JobRequest, JobStatus, NewJob, Outcome};
use outcrop::{Client, Geo, Kind, MessageRequest, Model, Scope};
use outcrop_local::wire::fault::{Fault, Origin};
use outcrop_local::{Account, Data, Local, Reply, Rule, Script};
use tempfile::TempDir;

use super::client_of;
use crate::clients::{below, client_in};

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

/// Without a look at what calls: an id that is none.
#[tokio::test]
async fn what_names_no_job_is_told_before_anything_is_sent() {
    let client = client_of(&Local::new()).await;
    for wrong in ["nightly", "", "ABCDEF123456", "arn:aws:s3:::bucket"] {
        let error = client.jobs().get(wrong).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (Kind::Invalid, 0), "{error}");
    }
}

/// Its ARN says where a job is, whichever region the client calls.
#[tokio::test]
async fn a_job_of_another_region_is_found_by_its_arn() {
    let folder = tempfile::tempdir().unwrap();
    let local = local(&folder);
    let (here, there) = (client_of(&local).await, client_in("eu-west-1", &local).await);
    there.buckets().create("far-away").await.unwrap();
    let mut records = there.jobs().records("eu.haiku").await;
    for _ in 0..100 {
        records.add(&MessageRequest::new("", 64).user("What is quartz?")).unwrap();
    }
    let job = NewJob::new(ROLE, "s3://far-away/in/", "s3://far-away/out/");
    let created = there.jobs().create(&records, &job).await.unwrap();
    assert!(created.unseen.is_empty(), "{:?}", created.unseen);
    let job = here.jobs().wait(&created.arn, |_| {}).await.unwrap();
    let results = here.jobs().results(&job).await.unwrap().all().await.unwrap();
    assert_eq!(results.iter().filter(|result| result.message().is_some()).count(), 100);
    let error = here.jobs().get(job.id().unwrap().as_str()).await.unwrap_err();
    assert_eq!(error.aws_code(), Some("ResourceNotFoundException"));
}

/// Too few for a job: asked as calls, with the results that a job would have, at the price of calls.
#[tokio::test]
async fn requests_are_asked_as_calls_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let client = client_of(&local(&folder)).await;
    let ids: Vec<String> = (1..=9).map(|number| format!("q-{number}")).collect();
    for converse in [false, true] {
        let mut records = match converse {
            true => client.jobs().converse_records("us.haiku").await,
            false => client.jobs().records("us.haiku").await,
        };
        for (number, id) in ids.iter().enumerate() {
            let what = if number == 4 { "opal" } else { "quartz" };
            records.add_as(id, &MessageRequest::new("", 64).user(format!("What is {what}?"))).unwrap();
        }
        let mut calls = client.jobs().run(&records, 3);
        let mut told = Vec::new();
        while let Some(result) = calls.next().await {
            let result = result.unwrap();
            assert_eq!(result.place, Some(told.len() as u64 + 1));
            match &result.outcome {
                Outcome::Message(message) => assert_eq!(message.text(), "A mineral."),
                Outcome::Failed(error) => assert_eq!(
                    (error.error_code, error.error_message.as_deref(), &*result.record_id),
                    (Some(400), Some("no opals"), "q-5")
                ),
                outcome => panic!("{outcome:?}"),
            }
            told.push(result);
        }
        assert_eq!(told.iter().map(|result| &result.record_id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
        let totals = calls.totals();
        assert_eq!((totals.answered, totals.failed, totals.unpriced), (8, 1, 0));
        let usage = &told[0].message().unwrap().usage;
        let price = client.catalogue().price(Model::CLAUDE_HAIKU_4_5, &Scope::Geo(Geo::Us), 1, "2026-11-23").unwrap();
        assert_eq!(told[0].cost, Some(usage.cost(&price)));
    }
}

#[tokio::test]
async fn who_may_not_call_is_told_once() {
    let wrong = Client::builder().access_key(Account::ACCESS_KEY_ID, "wrong");
    let client = below(&Local::new(), "us-east-1", wrong).build().await.unwrap();
    let mut records = client.jobs().records("us.haiku").await;
    for _ in 0..9 {
        records.add(&MessageRequest::new("", 64).user("Hi")).unwrap();
    }
    let mut calls = client.jobs().run(&records, 2);
    assert_eq!(calls.next().await.unwrap().unwrap_err().status(), Some(403));
    assert!(calls.next().await.is_none());
}

/// What was not asked any more is told, so that it can be asked again.
#[tokio::test]
async fn requests_that_were_not_answered_are_left() {
    let local = Local::new();
    let client = client_of(&local).await;
    let mut records = client.jobs().records("us.haiku").await;
    for id in ["a", "b", "c", "d"] {
        records.add_as(id, &MessageRequest::new("", 64).user("Hi")).unwrap();
    }
    let mut calls = client.jobs().run(&records, 1);
    assert!(calls.next().await.unwrap().unwrap().message().is_some());
    local.fail_next(Fault::new("AccessDeniedException", "No more.", Origin::Http));
    assert_eq!(calls.next().await.unwrap().unwrap_err().status(), Some(403));
    let mut left = Vec::new();
    while let Some(result) = calls.rest().await {
        let result = result.unwrap();
        assert!(matches!(result.outcome, Outcome::Missing), "{result:?}");
        left.push((result.record_id, result.place));
    }
    assert_eq!(left, [("b".to_owned(), Some(2)), ("c".to_owned(), Some(3)), ("d".to_owned(), Some(4))]);
    assert_eq!((calls.totals().answered, calls.totals().missing), (1, 3));
}

#[tokio::test]
async fn buckets_that_are_elsewhere_or_nowhere_are_told() {
    let client = client_of(&Local::new()).await;
    client.buckets().create("inbox").await.unwrap();
    client.buckets().in_region("eu-west-1").create("far-away").await.unwrap();
    let in_region = "in eu-west-1, and the job in us-east-1";
    for (model, input, output, words) in [
        ("us.haiku", "s3://nothing/a.jsonl", "s3://inbox/out/", "there is no bucket nothing for the input"),
        ("us.haiku", "s3://far-away/b.jsonl", "s3://inbox/out/", &format!("far-away of the input is {in_region}")),
        ("us.haiku", "s3://inbox/c.jsonl", "s3://nothing/out/", "there is no bucket nothing for the output"),
        ("us.haiku", "s3://inbox/d.jsonl", "s3://far-away/out/", &format!("far-away of the output is {in_region}")),
        ("anthropic.claude-9", "s3://inbox/e.jsonl", "s3://inbox/out/", "does not have the model anthropic.claude-9"),
        (
            "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
            "s3://inbox/f.jsonl",
            "s3://inbox/out/",
            "inference profile eu.",
        ),
    ] {
        let mut records = client.jobs().records(model).await;
        for _ in 0..100 {
            records.add(&MessageRequest::new("", 64).user("What is quartz?")).unwrap();
        }
        let error = client.jobs().create(&records, &NewJob::new(ROLE, input, output)).await.unwrap_err();
        assert!(error.kind() == Kind::Invalid && error.to_string().contains(words), "{input} {output}: {error}");
        assert!(error.hint().is_some(), "{error}");
    }
    // Nothing was uploaded; who does not look first is told by AWS.
    let mut records = client.jobs().records("us.haiku").await;
    for _ in 0..100 {
        records.add(&MessageRequest::new("", 64).user("What is quartz?")).unwrap();
    }
    let inbox = client.objects("inbox").unwrap();
    assert!(inbox.list_with_delimiter(None).await.unwrap().objects.is_empty());
    let job = NewJob::new(ROLE, "s3://inbox/g.jsonl", "s3://nothing/out/").skip_checks();
    let error = client.jobs().create(&records, &job).await.unwrap_err();
    assert!(
        error.to_string().contains("Could not validate PutObject permissions to access S3 bucket: nothing"),
        "{error}"
    );
    assert_eq!(error.aws_code(), Some("ValidationException"));
    assert_eq!(inbox.list_with_delimiter(None).await.unwrap().objects.len(), 1);
    assert!(client.jobs().list(JobFilter::default()).all().await.unwrap().is_empty());
}
