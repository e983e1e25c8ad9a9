//! The heads of answers, header by header, against recorded ones.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::corpus::{Report, exchanges, folder};
use crate::raw::{INVOKE, Request, Response, STREAM, Signing, local, send};

const COUNT: &str = "/model/anthropic.claude-sonnet-4-20250514-v1%3A0/count-tokens";

/// What balancers and proxies add.
const ON_THE_WAY: [&str; 2] = ["set-cookie", "via"];

/// The names of an object's members, in their order.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = Names;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry::<String, _>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(NamesVisitor)
    }
}

/// The names of the headers of a recorded answer, in the order of the recording.
fn recorded(text: &str) -> Vec<String> {
    let response = text.split_once("\"response\": {").or_else(|| text.split_once("\"response\":{")).unwrap().1;
    let headers = response.split_once("\"headers\":").unwrap().1;
    let mut names = serde_json::Deserializer::from_str(headers);
    let Names(names) = Names::deserialize(&mut names).unwrap();
    names.into_iter().filter(|name| !ON_THE_WAY.contains(&name.as_str())).collect()
}

/// An answer of ours of the same kind.
async fn ours(operation: &str, status: u64) -> Option<Response> {
    let path = match operation {
        "InvokeModel" => INVOKE,
        "InvokeModelWithResponseStream" => STREAM,
        "CountTokens" => COUNT,
        _ => return None,
    };
    let request = match status {
        200 if path == COUNT => {
            let body = r#"{"input":{"invokeModel":{"body":"eyJhbnRocm9waWNfdmVyc2lvbiI6ImJlZHJvY2stMjAyMy0wNS0zMSIsIm1heF90b2tlbnMiOjEsIm1lc3NhZ2VzIjpbeyJyb2xlIjoidXNlciIsImNvbnRlbnQiOiJoIn1dfQ=="}}}"#;
            Request::post(path, body).signed(&Signing::default())
        }
        200 => Request::good(path),
        400 => Request::post(path, "{}").signed(&Signing::default()),
        403 => Request::good(path).header("x-amz-security-token", "of nobody"),
        _ => return None,
    };
    let response = send(&local(), &request).await;
    assert_eq!(u64::from(response.status), status, "{operation}: {}", response.text());
    Some(response)
}

#[tokio::test]
async fn corpus_heads_of_answers_are_those_of_recorded_ones() {
    let what = "heads of answers";
    let Some(folder) = folder(what) else { return };
    let mut report = Report::default();
    let mut kinds: Vec<((String, u64), BTreeSet<String>)> = Vec::new();
    for exchange in exchanges(&folder, "bedrock-") {
        let operation = exchange.json["op"].as_str().unwrap_or_default().to_owned();
        // Recorders that keep no headers of AWS's prove nothing, and other models have other counts.
        let headers = &exchange.json["response"]["headers"];
        let claude = exchange.status() != 200 || exchange.json["family"] == "claude";
        if headers.get("x-amzn-requestid").is_none() || !claude {
            continue;
        }
        let Some(ours) = ours(&operation, exchange.status()).await else { continue };
        let theirs = recorded(&std::fs::read_to_string(folder.join(&exchange.name)).unwrap());
        let position = |name: &String| ours.headers.iter().position(|(known, _)| known == name);
        // Whether something was cached is the answer's own business.
        let missing: Vec<_> =
            theirs.iter().filter(|name| position(name).is_none() && !name.contains("-cache-")).collect();
        // A recorder that sorts says nothing of the order.
        let sorts = theirs.is_sorted();
        let places: Vec<usize> = theirs.iter().filter_map(position).collect();
        let differs = |name: &str| {
            let same = |ours: &str| headers[name].as_str() == Some(ours) || headers[name][0].as_str() == Some(ours);
            headers.get(name).is_some() && !ours.header(name).is_some_and(same)
        };
        report.add(
            &exchange.name,
            if !missing.is_empty() {
                Err(format!("{missing:?} are missing"))
            } else if !sorts && !places.is_sorted() {
                Err(format!("{theirs:?} come in another order"))
            } else if let Some(name) =
                ["content-type", "connection", "x-amzn-bedrock-content-type"].iter().find(|name| differs(name))
            {
                Err(format!("{name}: {} and not {:?}", headers[*name], ours.header(name)))
            } else {
                Ok(())
            },
        );
        let kind = (operation, exchange.status());
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.extend(theirs),
            None => kinds.push((kind, theirs.into_iter().collect())),
        }
    }
    for ((operation, status), names) in kinds {
        let ours = ours(&operation, status).await.unwrap();
        let more: Vec<_> = ours
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !names.contains(*name) && !name.starts_with("x-outcrop-"))
            .collect();
        report.add(
            &format!("{operation} {status}"),
            if more.is_empty() { Ok(()) } else { Err(format!("{more:?} were never recorded")) },
        );
    }
    report.finish(what);
}
