//! Judges what Outcrop's client sends: the same cases, asked of the same local Bedrock by Anthropic's Python client
//! (`python/cases.py`) and by ours, must come to the same bodies.
//!
//! A body is compared by what it means: the order of members and the way a letter is escaped are free. What differs is
//! held to differ in just this way:
//!
//! - `anthropic_version`: the Python client sends its own default to every model, ours what AWS documents for the surface.
//! - Schemas that are made of types: those of Python have titles, each the name of a member in other letters.
//! - Ids of calls that the server made up: each side sends back those that it was given.
//!
//! `JUDGE_PYTHON` is the Python that has the client, `.venv/bin/python` of this folder until it is set.

mod asking;
mod media;
mod settings;
mod texts;
mod tools;

use std::path::Path;
use std::process::ExitCode;

use outcrop::{Client, Surroundings};
use outcrop_judges::tally::{Outcome, check_equal};
use outcrop_local::{Account, Asked, Local, REGION, Server};
use serde_json::Value;

use crate::asking::{Asking, CASE_HEADER};

/// The version that each client sends, in `anthropic_version`.
const THEIR_VERSION: &str = "2026-10-21";
const OUR_VERSION: &str = "bedrock-2023-05-31";

/// The cases whose schemas are made of types.
const MADE_OF_TYPES: [&str; 2] = ["tools: run by the client", "output: a value of a type"];

/// How ids of calls begin that the server made up.
const CALL_ID: &str = "toolu_bdrk_";

/// Fewer cases than this prove too little.
const LEAST_CASES: usize = 30;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match judge().await {
        Ok((passed, failed)) => {
            println!("{passed} passed, {failed} failed");
            if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(reason) => {
            println!("FAIL start: {reason}");
            println!("0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

async fn judge() -> Result<(usize, usize), String> {
    let local = Local::builder().start().await.map_err(|error| format!("the local Bedrock does not start: {error}"))?;
    let finished = run_python(&local).await;
    let theirs = Calls::of(&local);
    local.forget();
    let client = client_of(&local).await.map_err(|error| format!("our client is not built: {error}"))?;
    let mut asking = Asking::new(client);
    texts::ask(&mut asking).await;
    media::ask(&mut asking).await;
    tools::ask(&mut asking).await;
    settings::ask(&mut asking).await;
    let ours = Calls::of(&local);

    let (mut passed, mut failed) = (0, 0);
    let mut record = |name: &str, outcome: Outcome| match outcome {
        Ok(()) => {
            passed += 1;
            println!("ok   {name}");
        }
        Err(reason) => {
            failed += 1;
            println!("FAIL {name}: {reason}");
        }
    };
    record("the Python client is answered throughout", finished);
    record("both sides ask the same cases", check_equal("the cases", theirs.names(), ours.names()));
    for (name, ours) in &ours.0 {
        let outcome = match asking.failed(name) {
            Some(error) => Err(format!("our client failed: {error}")),
            None => compare(name, theirs.named(name), ours),
        };
        record(name, outcome);
    }
    for (name, error) in asking.failures().iter().filter(|(name, _)| ours.named(name).is_empty()) {
        record(name, Err(format!("our client sent nothing: {error}")));
    }
    let many = ours.0.len() >= LEAST_CASES;
    record("there are cases enough", if many { Ok(()) } else { Err(format!("{} cases", ours.0.len())) });
    Ok((passed, failed))
}

/// Runs the cases of the Python client. Nothing of the caller's own set-up may help or hinder it.
async fn run_python(local: &Server) -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var_os("JUDGE_PYTHON").unwrap_or_else(|| folder.join(".venv/bin/python").into());
    let mut command = std::process::Command::new(&python);
    command.arg(folder.join("python/cases.py"));
    for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_CUSTOM_HEADERS"] {
        command.env_remove(name);
    }
    command.envs(local.environment()).env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    // The server runs beside it, on this thread.
    let status = tokio::task::spawn_blocking(move || command.status()).await;
    match status {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("python/cases.py: {status}")),
        Ok(Err(error)) => Err(format!("{} does not start: {error}", Path::new(&python).display())),
        Err(error) => Err(error.to_string()),
    }
}

/// Our client, which reads neither the environment nor any file.
async fn client_of(local: &Server) -> outcrop::Result<Client> {
    Client::builder()
        .surroundings(Surroundings::made_up([], []))
        .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
        .region(REGION)
        .endpoint_url(local.url())
        .build()
        .await
}

/// The calls of one client by case, in the order in which they came.
struct Calls(Vec<(String, Vec<Call>)>);

/// What is compared of a call.
struct Call {
    operation: &'static str,
    model: String,
    refused: Option<String>,
    body: Value,
}

impl Calls {
    fn of(local: &Local) -> Self {
        let mut calls: Vec<(String, Vec<Call>)> = Vec::new();
        for asked in local.asked() {
            let name = asked.header(CASE_HEADER).unwrap_or("a call without a case");
            let call = Call::of(&asked);
            match calls.iter_mut().find(|(known, _)| known == name) {
                Some((_, calls)) => calls.push(call),
                None => calls.push((name.to_owned(), vec![call])),
            }
        }
        Calls(calls)
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn named(&self, name: &str) -> &[Call] {
        self.0.iter().find(|(known, _)| known == name).map_or(&[], |(_, calls)| calls)
    }
}

impl Call {
    fn of(asked: &Asked) -> Self {
        Call {
            operation: asked.operation,
            model: asked.model.as_str().to_owned(),
            refused: asked.refused.as_ref().map(|fault| fault.message.clone()),
            body: serde_json::from_slice(&asked.body).unwrap_or_default(),
        }
    }

    /// The body without its version, which has to be this one, and with its calls by number.
    fn content(&self, version: &str) -> Result<Value, String> {
        let mut body = self.body.clone();
        let members = body.as_object_mut().ok_or("the body is no JSON object")?;
        let sent = members.remove("anthropic_version").unwrap_or_default();
        check_equal("anthropic_version", version, sent.as_str().unwrap_or_default())?;
        number_calls(&mut body, &mut Vec::new());
        Ok(body)
    }
}

fn compare(case: &str, theirs: &[Call], ours: &[Call]) -> Outcome {
    check_equal("the number of calls", theirs.len(), ours.len())?;
    for (theirs, ours) in theirs.iter().zip(ours) {
        for (whose, call) in [("Python's", theirs), ("our", ours)] {
            if let Some(why) = &call.refused {
                return Err(format!("{whose} call was refused: {why}"));
            }
        }
        check_equal("the operation", theirs.operation, ours.operation)?;
        check_equal("the model", &theirs.model, &ours.model)?;
        let (mut theirs, ours) = (theirs.content(THEIR_VERSION)?, ours.content(OUR_VERSION)?);
        if MADE_OF_TYPES.contains(&case) && drop_titles(&mut theirs) == 0 {
            return Err("expected titles in Python's schemas; saw none".to_owned());
        }
        if theirs != ours {
            return Err(format!("expected the body {theirs}; saw {ours}"));
        }
    }
    Ok(())
}

/// Puts numbers in place of the ids that the server gave to calls, in the order in which they first appear.
fn number_calls(value: &mut Value, seen: &mut Vec<String>) {
    match value {
        Value::String(id) if id.starts_with(CALL_ID) => {
            let number = seen.iter().position(|known| known == id).unwrap_or_else(|| {
                seen.push(id.clone());
                seen.len() - 1
            });
            *value = number.into();
        }
        Value::Array(values) => values.iter_mut().for_each(|value| number_calls(value, seen)),
        Value::Object(members) => members.values_mut().for_each(|value| number_calls(value, seen)),
        _ => {}
    }
}

/// Takes the titles out that Python makes of names, and says how many there were.
fn drop_titles(value: &mut Value) -> usize {
    match value {
        Value::Array(values) => values.iter_mut().map(drop_titles).sum(),
        Value::Object(members) => {
            let own = members.get("title").is_some_and(Value::is_string) && members.contains_key("type");
            if own {
                members.remove("title");
            }
            usize::from(own) + members.values_mut().map(drop_titles).sum::<usize>()
        }
        _ => 0,
    }
}
