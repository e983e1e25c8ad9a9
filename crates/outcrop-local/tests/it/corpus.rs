//! What Bedrock and Anthropic took, the local Bedrock takes; what they refused, it refuses in the same words.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::ModelId;
use serde_json::{Value, json};

use crate::raw::{Request, Response, Signing, local, send};

/// One recorded exchange.
pub(crate) struct Exchange {
    /// `bedrock-chatlas/001.json`
    pub(crate) name: String,
    pub(crate) json: Value,
}

impl Exchange {
    /// The body of `request` or `response`, in whichever form it was kept.
    fn body(&self, side: &str) -> Option<Value> {
        let side = &self.json[side];
        if let Some(text) = side["body"].as_str() {
            return serde_json::from_str(text).ok();
        }
        if let Some(text) = side["body_base64"].as_str() {
            return serde_json::from_slice(&base64::engine::general_purpose::STANDARD.decode(text).ok()?).ok();
        }
        side.get("body_json").filter(|json| !json.is_null()).cloned()
    }

    pub(crate) fn status(&self) -> u64 {
        self.json["response"]["status"].as_u64().unwrap_or_default()
    }

    pub(crate) fn is(&self, operation: &str) -> bool {
        self.json["op"].as_str().is_some_and(|op| op.starts_with(operation))
    }

    /// What the answer refuses with.
    fn message(&self) -> Option<String> {
        let body = self.body("response")?;
        let message = body.get("message").or_else(|| body["error"].get("message"))?;
        message.as_str().map(str::to_owned)
    }
}

/// `OUTCROP_CORPUS`, else the folder beside the checkout; `None` (and a line that says so) when neither is there.
pub(crate) fn folder(what: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let folder = std::env::var_os("OUTCROP_CORPUS").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("corpus: {what}: skipped, no corpus (set OUTCROP_CORPUS)");
    None
}

/// Every exchange in the sets whose name begins with `prefix`, in order.
pub(crate) fn exchanges(folder: &Path, prefix: &str) -> Vec<Exchange> {
    let mut files: Vec<PathBuf> = Vec::new();
    for set in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = set.file_name().unwrap().to_string_lossy().into_owned();
        if set.is_dir() && name.starts_with(prefix) {
            files.extend(std::fs::read_dir(&set).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |file: &PathBuf| Exchange {
        name: file.strip_prefix(folder).unwrap().to_string_lossy().into_owned(),
        json: serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap(),
    };
    files.iter().map(read).collect()
}

/// Counts, names what failed, and fails the test if anything did.
#[derive(Default)]
pub(crate) struct Report {
    ok: usize,
    failed: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.ok += 1,
            Err(problem) => self.failed.push(format!("{name}: {problem}")),
        }
    }

    pub(crate) fn finish(self, what: &str) {
        let Report { ok, failed } = self;
        println!("corpus: {what}: {} files, {ok} ok, {} failed", ok + failed.len(), failed.len());
        for failure in &failed {
            println!("corpus: {what}: failed {failure}");
        }
        assert!(failed.is_empty(), "{what}: {} failed:\n{}", failed.len(), failed.join("\n"));
        assert!(ok > 0, "{what}: nothing was looked at");
    }
}

async fn ask(path: &str, body: &Value) -> Response {
    send(&local(), &Request::post(path, body.to_string()).signed(&Signing::default())).await
}

fn is_known(id: &str) -> bool {
    let named = Catalogue::built_in().resolve(&ModelId::from(id));
    named.model.is_some() && !named.renamed
}

#[tokio::test]
async fn corpus_every_body_that_bedrock_took_passes() {
    let what = "InvokeModel bodies that were answered";
    let Some(folder) = folder(what) else { return };
    let mut report = Report::default();
    for exchange in exchanges(&folder, "bedrock-") {
        let model = exchange.json["model"].as_str().unwrap_or_default();
        let taken = exchange.is("InvokeModel") && exchange.status() == 200 && is_known(model);
        let Some(body) = exchange.body("request").filter(|body| taken && body.get("messages").is_some()) else {
            continue;
        };
        let response = ask(&format!("/model/{}/invoke", model.replace(':', "%3A")), &body).await;
        let outcome = if response.status == 200 { Ok(()) } else { Err(response.text().to_owned()) };
        report.add(&exchange.name, outcome);
    }
    report.finish(what);
}

/// Models of other makers, and names that are none: those calls say nothing about Claude.
fn target(exchange: &Exchange) -> Option<String> {
    let model = exchange.json["model"].as_str().filter(|model| is_known(model))?;
    let operation = exchange.json["request"]["path"].as_str()?.rsplit('/').next()?;
    Some(format!("/model/{}/{operation}", model.replace(':', "%3A").replace('/', "%2F")))
}

#[tokio::test]
async fn corpus_every_converse_body_that_bedrock_took_passes() {
    let what = "Converse bodies that were answered";
    let Some(folder) = folder(what) else { return };
    let mut report = Report::default();
    for exchange in exchanges(&folder, "bedrock-").into_iter().filter(|exchange| exchange.is("Converse")) {
        let Some(target) = target(&exchange).filter(|_| exchange.status() == 200) else { continue };
        let Some(body) = exchange.body("request") else { continue };
        let response = ask(&target, &body).await;
        let outcome = match response.status {
            200 => Ok(()),
            // What was thought elsewhere is not signed here.
            _ if response.text().contains("Invalid `signature` in `thinking` block") => continue,
            _ => Err(response.text().to_owned()),
        };
        report.add(&exchange.name, outcome);
    }
    report.finish(what);
}

#[tokio::test]
async fn corpus_converse_bodies_that_were_refused_are_refused_in_the_same_words() {
    let what = "Converse bodies that were refused";
    let Some(folder) = folder(what) else { return };
    let mut report = Report::default();
    for exchange in exchanges(&folder, "bedrock-") {
        if exchange.status() != 400 || !(exchange.is("Converse") || exchange.is("CountTokens")) {
            continue;
        }
        let Some(body) = exchange.body("request") else { continue };
        let Some(message) = exchange.message() else { continue };
        // What another maker's model says of itself is no rule here; that there is no such model is.
        let target = match target(&exchange) {
            Some(target) => target,
            None if message.ends_with("is invalid.") => exchange.json["request"]["path"].as_str().unwrap().to_owned(),
            None => continue,
        };
        let refusal = ask(&target, &body).await.text().to_owned();
        let said = serde_json::from_str::<Value>(&refusal).unwrap_or_default();
        let outcome =
            if said["message"] == message.as_str() { Ok(()) } else { Err(format!("{refusal} instead of {message}")) };
        report.add(&exchange.name, outcome);
    }
    report.finish(what);
}

/// A body of Anthropic's own API as one of InvokeModel, and the path it goes to. A model that the catalogue lacks is
/// taken for Sonnet 4.5, which takes most.
fn as_bedrock_has_it(mut body: Value) -> Option<(String, Value)> {
    let members = body.as_object_mut()?;
    let name = members.remove("model")?.as_str()?.to_owned();
    members.remove("stream");
    members.insert("anthropic_version".to_owned(), json!("bedrock-2023-05-31"));
    let named = Catalogue::built_in().resolve(&ModelId::from(name));
    let id = match named.model {
        Some(_) => named.id.to_string(),
        None => "us.anthropic.claude-sonnet-4-5-20250929-v1:0".to_owned(),
    };
    Some((format!("/model/{}/invoke", id.replace(':', "%3A")), body))
}

/// Refusals of what Bedrock has not, or that come of the change of model or server.
const ELSEWHERE: [&str; 8] = [
    "sources are not supported",
    "does not match any of the expected tags",
    "Invalid `signature` in `thinking` block",
    "Extra inputs are not permitted",
    "is not supported for this model",
    "is not supported on this model",
    "which is the maximum allowed number of output tokens",
    "This model does not support",
];

/// Bodies of 2024 that were taken before there was a rule: results that answer no call, and an image of another type.
const BEFORE_THE_RULE: [&str; 3] =
    ["anthropic-dd-trace-py/029.json", "anthropic-dd-trace-py/030.json", "anthropic-openinference/014.json"];

#[tokio::test]
async fn corpus_every_body_that_anthropic_took_passes_or_asks_for_what_bedrock_has_not() {
    let what = "Messages bodies that were answered";
    let Some(folder) = folder(what) else { return };
    let mut report = Report::default();
    let mut elsewhere = 0;
    for exchange in exchanges(&folder, "anthropic-") {
        if exchange.status() != 200 || BEFORE_THE_RULE.contains(&exchange.name.as_str()) {
            continue;
        }
        // Without `max_tokens` it was counted, not answered.
        let whole = |body: &Value| body.get("messages").is_some() && body.get("max_tokens").is_some();
        let Some(body) = exchange.body("request").filter(whole) else { continue };
        let Some((path, body)) = as_bedrock_has_it(body) else { continue };
        let response = ask(&path, &body).await;
        if response.status != 200 && ELSEWHERE.iter().any(|words| response.text().contains(words)) {
            elsewhere += 1;
            continue;
        }
        let outcome = if response.status == 200 { Ok(()) } else { Err(response.text().to_owned()) };
        report.add(&exchange.name, outcome);
    }
    println!("corpus: {what}: {elsewhere} more ask for what Bedrock has not");
    report.finish(what);
}

#[tokio::test]
async fn corpus_what_was_refused_is_refused_in_the_same_words() {
    let what = "bodies that were refused";
    let Some(folder) = folder(what) else { return };
    let mut report = Report::default();
    for exchange in exchanges(&folder, "bedrock-").into_iter().chain(exchanges(&folder, "anthropic-")) {
        let Some(body) = exchange.body("request").filter(|body| body.get("messages").is_some()) else { continue };
        let Some(message) = exchange.message().filter(|_| exchange.status() == 400) else { continue };
        let model = exchange.json["model"].as_str().unwrap_or_default();
        let (path, body) = if exchange.is("InvokeModel") && is_known(model) {
            (format!("/model/{}/invoke", model.replace(':', "%3A")), body)
        } else if exchange.is("Messages") && Catalogue::built_in().resolve(&ModelId::from(model)).model.is_some() {
            let Some(changed) = as_bedrock_has_it(body) else { continue };
            changed
        } else {
            continue;
        };
        let refusal = ask(&path, &body).await.text().to_owned();
        let said = serde_json::from_str::<Value>(&refusal).unwrap_or_default();
        let outcome =
            if said["message"] == message.as_str() { Ok(()) } else { Err(format!("{refusal} instead of {message}")) };
        report.add(&exchange.name, outcome);
    }
    report.finish(what);
}
