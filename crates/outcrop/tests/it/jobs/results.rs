//! Results: read as far as they are there, and joined to what was asked.

use std::sync::Arc;

use outcrop::jobs::{BatchFiles, BatchResult, BatchResults, InvocationType, Outcome};
use outcrop::object_store::memory::InMemory;
use outcrop::object_store::path::Path;
use outcrop::object_store::{ObjectStore, ObjectStoreExt as _};
use outcrop::{Error, Kind, ModelId};
use serde_json::json;

use super::client;
use super::samples::{answered, asked, file, manifest, refused};

/// The results in a store, and the requests.
async fn read(files: &[(&str, String)], kind: Option<InvocationType>) -> Result<BatchResults, Error> {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for (key, text) in files {
        store.put(&Path::from(*key), text.clone().into()).await.unwrap();
    }
    let model = Some(ModelId::from("us.anthropic.claude-haiku-4-5-20251001-v1:0"));
    let requests =
        files.iter().any(|(key, _)| key.starts_with("in/")).then(|| BatchFiles::new(Arc::clone(&store), "in/"));
    client().await.jobs().results_in(BatchFiles::new(store, "out/abc/"), requests, model, kind).await
}

async fn all(results: &mut BatchResults) -> Vec<Result<BatchResult, Error>> {
    let mut all = Vec::new();
    while let Some(result) = results.next().await {
        all.push(result);
    }
    all
}

fn told(result: &Result<BatchResult, Error>) -> String {
    match result {
        Err(error) => error.to_string(),
        Ok(result) => {
            let outcome = match &result.outcome {
                Outcome::Message(message) => message.text(),
                Outcome::Failed(error) => format!("{:?} {}", error.error_code, error.error_message.as_deref().unwrap()),
                _ => "missing".to_owned(),
            };
            format!("{} {:?}: {outcome}", result.record_id, result.place)
        }
    }
}

#[tokio::test]
async fn a_job_that_fails_half_way_gives_what_succeeded_and_says_what_did_not() {
    let files = [
        ("in/a.jsonl", file(&["quartz", "gneiss", "schist", "opal"].map(asked))),
        ("out/abc/a.jsonl.out", file(&[answered("schist"), refused("gneiss"), answered("quartz")])),
        ("out/abc/manifest.json.out", manifest(4, 2, 1)),
    ];
    let mut results = read(&files, None).await.unwrap();
    assert_eq!(results.manifest().map(|manifest| manifest.success_record_count), Some(2));
    let all = all(&mut results).await;
    let all_told: Vec<String> = all.iter().map(told).collect();
    assert_eq!(
        all_told,
        [
            "schist Some(3): schist is a mineral.",
            "gneiss Some(2): Some(400) bad request",
            "quartz Some(1): quartz is a mineral.",
            "opal Some(4): missing"
        ]
    );
    for result in all.iter().flatten() {
        let asked = result.request().unwrap();
        assert_eq!(asked.last_user_text(), Some(format!("What is {}?", result.record_id).into()));
    }
    let totals = results.totals();
    assert_eq!((totals.answered, totals.failed, totals.missing, totals.unread), (2, 1, 1, 0));
    assert_eq!((totals.input_tokens, totals.output_tokens, totals.is_whole()), (2000, 200, false));
    // 1.10 and 5.50 dollars a million outside the global scope, and half of that.
    assert_eq!((totals.cost.to_string().as_str(), totals.unpriced), ("$0.001650", 0));
    assert_eq!(results.notes().count(), 0);
}

#[tokio::test]
async fn what_is_cut_off_or_broken_is_told_and_the_rest_is_read() {
    let whole = file(&[answered("quartz"), answered("gneiss"), answered("schist")]);
    let input = ("in/a.jsonl", file(&["quartz", "gneiss", "schist"].map(asked)));
    let second = whole.find('\n').unwrap() + 1;
    for cut in (second..whole.len() - 1).step_by(17) {
        let mut results = read(&[input.clone(), ("out/abc/a.jsonl.out", whole[..cut].to_owned())], None).await.unwrap();
        let all = all(&mut results).await;
        assert_eq!(told(&all[0]), "quartz Some(1): quartz is a mineral.");
        let errors: Vec<&Error> = all.iter().filter_map(|result| result.as_ref().err()).collect();
        assert!(errors.len() <= 1 && errors.iter().all(|error| error.kind() == Kind::Decode), "{cut}");
        if let Some(error) = errors.first() {
            assert!(error.to_string().contains("a.jsonl.out") && error.hint().unwrap().contains("cut off"), "{error}");
        }
        assert_eq!(all.iter().flatten().count(), 3, "each request has a result or is missing: {cut}");
    }
    let broken = whole.replacen("\"modelOutput\":{", "\"modelOutput\":[", 1);
    let mut results = read(&[input, ("out/abc/a.jsonl.out", broken)], None).await.unwrap();
    let all: Vec<String> = all(&mut results).await.iter().map(told).collect();
    assert!(
        all[0].contains("line 1 of") && all[1].starts_with("gneiss") && all[3] == "quartz Some(1): missing",
        "{all:?}"
    );
    assert_eq!(results.totals().unread, 1);
}

#[tokio::test]
async fn requests_without_ids_are_joined_by_their_order_and_files_by_their_names() {
    let unnamed = |what: &str| {
        let mut line = asked(what);
        line.as_object_mut().unwrap().remove("recordId");
        line
    };
    let files = [
        ("in/a.jsonl", file(&["quartz", "gneiss"].map(unnamed))),
        ("in/b.jsonl", file(&["schist", "quartz"].map(asked))),
        ("in/c.jsonl", file(&["opal"].map(asked))),
        ("out/abc/a.jsonl.out", file(&[answered("MADE0001"), answered("MADE0002")])),
        ("out/abc/b.jsonl.out", file(&["quartz", "quartz", "basalt"].map(answered))),
        ("out/abc/manifest.json.out", manifest(5, 5, 0)),
    ];
    let mut results = read(&files, Some(InvocationType::InvokeModel)).await.unwrap();
    let all: Vec<String> = all(&mut results).await.iter().map(told).collect();
    assert!(all[3].contains("record `quartz` came before"), "{all:?}");
    assert_eq!(
        all[..3],
        [
            "MADE0001 Some(1): MADE0001 is a mineral.",
            "MADE0002 Some(2): MADE0002 is a mineral.",
            "quartz Some(2): quartz is a mineral."
        ]
    );
    assert_eq!(all[4..], ["basalt None: basalt is a mineral.", "schist Some(1): missing", "opal Some(1): missing"]);
}

/// A file of which nothing says that the job had it: another job's, most often.
#[tokio::test]
async fn requests_of_other_jobs_are_left_out() {
    let told_of = async |files: &[(&str, String)]| {
        let mut results = read(files, None).await.unwrap();
        let told: Vec<String> = all(&mut results).await.iter().map(told).collect();
        let notes: Vec<String> = results.notes().map(str::to_owned).collect();
        (told, notes, results.totals().missing)
    };
    let mut files = vec![
        ("in/a.jsonl", file(&["quartz", "gneiss"].map(asked))),
        ("in/b.jsonl", file(&["schist", "opal"].map(asked))),
        ("out/abc/a.jsonl.out", file(&[answered("quartz")])),
    ];
    let quartz = "quartz Some(1): quartz is a mineral.".to_owned();
    let (told, notes, missing) = told_of(&files).await;
    assert_eq!((told, missing), (vec![quartz.clone(), "gneiss Some(2): missing".to_owned()], 1));
    assert!(notes[0].starts_with("left out, since nothing says") && notes[0].ends_with("in/b.jsonl"), "{notes:?}");
    files.push(("out/abc/manifest.json.out", manifest(2, 1, 0)));
    assert_eq!(told_of(&files).await.2, 1, "the job had two");
    files[3].1 = manifest(4, 1, 0);
    let (told, notes, missing) = told_of(&files).await;
    assert_eq!((told.len(), missing, notes.len()), (4, 3, 0), "the job had all of them: {told:?} {notes:?}");
    files[3].1 = manifest(1, 1, 0);
    let (told, notes, missing) = told_of(&files).await;
    assert_eq!((told, missing), (vec![quartz], 0));
    assert!(notes[0].contains("there are 2 requests, and out/abc had 1"), "{notes:?}");
}

/// The folder that the results of several jobs were copied to, and the file that both were made of, whatever it is called.
#[tokio::test]
async fn each_of_several_jobs_has_its_own_requests() {
    let (one, other) = ("out/abc/aaaaaaaaaaaa", "out/abc/bbbbbbbbbbbb");
    let keys = [one, other].map(|job| (format!("{job}/in.jsonl.out"), format!("{job}/manifest.json.out")));
    let files = [
        ("in/first.jsonl", file(&["quartz", "gneiss", "schist"].map(asked))),
        ("in/second.jsonl", file(&["opal", "basalt"].map(asked))),
        (&*keys[0].0, file(&[answered("quartz"), refused("gneiss")])),
        (&*keys[0].1, manifest(3, 1, 1)),
        (&*keys[1].0, file(&[answered("opal"), answered("basalt")])),
        (&*keys[1].1, manifest(2, 2, 0)),
    ];
    let mut results = read(&files, None).await.unwrap();
    let all: Vec<String> = all(&mut results).await.iter().map(told).collect();
    assert_eq!(
        all,
        [
            "quartz Some(1): quartz is a mineral.",
            "gneiss Some(2): Some(400) bad request",
            "schist Some(3): missing",
            "opal Some(1): opal is a mineral.",
            "basalt Some(2): basalt is a mineral."
        ]
    );
    assert_eq!(results.manifest().map(|manifest| manifest.total_record_count), Some(5));
    assert_eq!(results.notes().collect::<Vec<_>>(), [format!("these are the results of 2 jobs: {one}, {other}")]);
}

/// What people keep is the file that they made, not the lines that were made of it: prompts, requests of other forms.
#[tokio::test]
async fn results_are_joined_to_the_file_that_the_job_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let questions = "\"What is quartz?\"\n\n{\"custom_id\":\"b\",\"prompt\":\"What is gneiss?\"}\n\
        {\"params\":{\"messages\":[{\"role\":\"user\",\"content\":\"What is schist?\"}]}}\n\"What is opal?\"\n";
    std::fs::write(folder.path().join("questions.txt"), questions).unwrap();
    let results = file(&[answered("record-000001"), answered("b"), answered("record-000005")]);
    std::fs::create_dir(folder.path().join("told")).unwrap();
    std::fs::write(folder.path().join("told/nightly.jsonl.out"), results).unwrap();
    let [told, questions] = ["told", "questions.txt"].map(|name| BatchFiles::folder(folder.path().join(name)).unwrap());
    let results = client().await.jobs().results_in(told, Some(questions), None, None).await.unwrap();
    let all = results.all().await.unwrap();
    let places: Vec<(&str, Option<u64>)> = all.iter().map(|result| (&*result.record_id, result.place)).collect();
    assert_eq!(
        places,
        [("record-000001", Some(1)), ("b", Some(2)), ("record-000005", Some(4)), ("record-000004", Some(3))]
    );
    assert_eq!(all[3].outcome, Outcome::Missing);
    assert!(all[3].input.text().contains("What is schist?"), "{}", all[3].input);
}

#[tokio::test]
async fn answers_of_converse_are_messages_too() {
    let mut line =
        json!({"recordId": "a", "modelInput": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}});
    line["modelOutput"] = json!({"output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}},
        "stopReason": "end_turn", "metrics": {"latencyMs": 5},
        "usage": {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12}});
    for kind in [None, Some(InvocationType::Converse)] {
        let mut results = read(&[("out/abc/x.jsonl.out", file(&[line.clone()]))], kind).await.unwrap();
        let result = results.next().await.unwrap().unwrap();
        let message = result.message().unwrap();
        assert_eq!((message.text(), message.usage.input_tokens, result.place), ("Hi.".to_owned(), 10, None));
        assert_eq!(message.model, "claude-haiku-4-5-20251001");
        assert_eq!(result.request().unwrap().last_user_text().as_deref(), Some("Hello"));
        assert!(result.cost.is_some() && results.next().await.is_none());
    }
}

#[tokio::test]
async fn results_are_read_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.jsonl"), file(&["quartz", "opal"].map(asked))).unwrap();
    std::fs::write(folder.path().join("a.jsonl.out"), file(&[answered("quartz")])).unwrap();
    let files = |path: &std::path::Path| BatchFiles::folder(path).unwrap();
    let client = client().await;
    for (results, requests) in [
        (files(folder.path()), files(folder.path())),
        (files(&folder.path().join("a.jsonl.out")), files(&folder.path().join("a.jsonl"))),
    ] {
        let mut results = client.jobs().results_in(results, Some(requests), None, None).await.unwrap();
        let all: Vec<String> = all(&mut results).await.iter().map(told).collect();
        assert_eq!(all, ["quartz Some(1): quartz is a mineral.", "opal Some(2): missing"]);
        assert_eq!((results.totals().unpriced, results.totals().missing), (1, 1));
    }
    assert!(BatchFiles::folder(folder.path().join("nothing")).is_err());
    std::fs::remove_file(folder.path().join("a.jsonl.out")).unwrap();
    let error = client.jobs().results_in(files(folder.path()), None, None, None).await.unwrap_err();
    assert!(error.to_string().contains("there is no file whose name ends in .jsonl.out"), "{error}");
}
