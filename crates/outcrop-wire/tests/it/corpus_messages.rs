//! Recorded bodies: what is decoded is encoded again with no member lost.

use outcrop_wire::dialect::invoke::{
    TokenCounts, decode_count_answer, decode_count_request, decode_request, decode_response, encode_count_answer,
    encode_request, encode_response,
};
use outcrop_wire::edit::Edit;
use outcrop_wire::fault::{Fault, row};
use outcrop_wire::messages::{Block, Content, Message, MessageRequest};
use outcrop_wire::model::ModelId;
use outcrop_wire::route::route;
use serde_json::Value;

use crate::corpus::{Exchange, Report, exchanges, folder, same};

fn is_invoke(exchange: &Exchange) -> bool {
    exchange.text("op").starts_with("InvokeModel") && exchange.text("family").eq_ignore_ascii_case("claude")
}

#[test]
fn corpus_invoke_requests() {
    let Some(folder) = folder("claude requests over InvokeModel") else { return };
    let mut report = Report::new("claude requests over InvokeModel");
    let mut opaque = 0;
    for exchange in exchanges(&folder, &["bedrock-"]).iter().filter(|exchange| is_invoke(exchange)) {
        let Some(body) = exchange.body("request") else { continue };
        let Ok(expected) = serde_json::from_slice::<Value>(&body) else {
            opaque += 1;
            continue;
        };
        if expected.get("messages").is_none() {
            opaque += 1;
            continue;
        }
        let outcome = (|| {
            let path = exchange.json["request"]["path"].as_str().ok_or("no path")?;
            let path = path.split('?').next().unwrap_or_default();
            let call = route("POST", path, None).ok_or_else(|| format!("no route for {path}"))?;
            let model = call.model.ok_or("no model in the path")?;
            let request = decode_request(model, &body).map_err(|error| error.to_string())?;
            if let Some(other) = request.blocks().find(|block| matches!(block, Block::Other(_))) {
                return Err(format!("a block of type `{}` was not understood", other.kind()));
            }
            let again = encode_request(&request, &[Edit::drop("model")]).map_err(|error| error.to_string())?;
            same(&serde_json::from_slice(&again).unwrap(), &expected)
        })();
        report.add(&exchange.name, outcome);
    }
    println!("corpus: opaque requests (`prompt` bodies, none kept): {opaque}");
    report.finish();
}

fn round_trip(body: &[u8]) -> Result<Message, String> {
    let message = decode_response(body).map_err(|error| error.to_string())?;
    let again = encode_response(&message).map_err(|error| error.to_string())?;
    same(&serde_json::from_slice(&again).unwrap(), &serde_json::from_slice(body).unwrap())?;
    Ok(message)
}

#[test]
fn corpus_invoke_answers() {
    let Some(folder) = folder("claude answers over InvokeModel") else { return };
    let mut report = Report::new("claude answers over InvokeModel");
    let mut opaque = 0;
    for exchange in exchanges(&folder, &["bedrock-"]).iter().filter(|exchange| is_invoke(exchange)) {
        if exchange.text("op") != "InvokeModel" || exchange.status() != 200 {
            continue;
        }
        let Some(body) = exchange.body("response") else { continue };
        let is_message = serde_json::from_slice::<Value>(&body).is_ok_and(|body| body["type"] == "message");
        if !is_message {
            opaque += 1;
            continue;
        }
        let outcome = round_trip(&body).and_then(|message| {
            let counts = TokenCounts::read(|name| exchange.json["response"]["headers"][name][0].as_str());
            match counts.input {
                Some(input) if input != message.usage.input_tokens => Err(format!("header says {input} input tokens")),
                _ if message.content.iter().any(|block| matches!(block, Block::Other(_))) => {
                    Err("an unknown block".into())
                }
                _ => Ok(()),
            }
        });
        report.add(&exchange.name, outcome);
    }
    println!("corpus: opaque answers (`completion` bodies): {opaque}");
    report.finish();
}

/// Every `Other` in a value, by the place it stands in: what was not understood.
pub(crate) fn unknown(value: &impl std::fmt::Debug) -> Vec<String> {
    let text = format!("{value:?}");
    text.match_indices("Other(Other { kind: \"")
        .map(|(at, found)| text[at + found.len()..].split('"').next().unwrap_or_default().to_owned())
        .collect()
}

/// The first-party API says the same words: its recordings prove that what Bedrock does not carry today survives too.
#[test]
fn corpus_anthropic_bodies() {
    let Some(folder) = folder("first-party Messages bodies") else { return };
    let mut report = Report::new("first-party Messages bodies");
    for exchange in exchanges(&folder, &["anthropic-"]) {
        if exchange.text("op") != "Messages(Anthropic)" || exchange.status() != 200 {
            continue;
        }
        let outcome = (|| {
            if let Some(body) = exchange.body("request")
                && let Ok(expected) = serde_json::from_slice::<Value>(&body)
                && expected.get("messages").is_some()
            {
                let request: MessageRequest =
                    serde_json::from_slice(&body).map_err(|error| format!("request: {error}"))?;
                same(&serde_json::to_value(&request).unwrap(), &expected)
                    .map_err(|problem| format!("request{problem}"))?;
                if let [first, ..] = &unknown(&request)[..] {
                    return Err(format!("request: `{first}` was not understood"));
                }
            }
            if let Some(body) = exchange.body("response")
                && serde_json::from_slice::<Value>(&body).is_ok_and(|body| body["type"] == "message")
            {
                let message = round_trip(&body).map_err(|problem| format!("answer{problem}"))?;
                if let [first, ..] = &unknown(&message)[..] {
                    return Err(format!("answer: `{first}` was not understood"));
                }
                let turn = outcrop_wire::messages::Turn::from(&message);
                if turn.content != Content::Blocks(message.content) {
                    return Err("the answer does not go back as a turn".into());
                }
            }
            Ok(())
        })();
        report.add(&exchange.name, outcome);
    }
    report.finish();
}

#[test]
fn corpus_errors() {
    let Some(folder) = folder("error answers") else { return };
    let mut report = Report::new("error answers");
    for exchange in exchanges(&folder, &["bedrock-"]) {
        let status = exchange.status();
        if status < 400 || exchange.text("op").starts_with("Mantle") {
            continue;
        }
        let header = exchange.json["response"]["headers"]["x-amzn-errortype"][0].as_str();
        let body = exchange.body("response").unwrap_or_default();
        let fault = Fault::from_http(status as u16, header, &body);
        let outcome = match row(&fault.code) {
            None => Err(format!("code `{}` is not in the table", fault.code)),
            Some(row) if u64::from(row.status) != status => {
                Err(format!("{} is {} in the table, {status} here", row.code, row.status))
            }
            Some(_) if fault.message.is_empty() && !body.is_empty() => Err("the message was lost".into()),
            Some(_) if header.is_some_and(|header| header.contains('/') && header != fault.error_type()) => {
                Err(format!("would be written as {}", fault.error_type()))
            }
            Some(_) => Ok(()),
        };
        report.add(&exchange.name, outcome);
    }
    report.finish();
}

#[test]
fn corpus_paths() {
    let Some(folder) = folder("paths of model calls") else { return };
    let mut report = Report::new("paths of model calls");
    for exchange in exchanges(&folder, &["bedrock-"]) {
        let (true, Some(path)) =
            (exchange.text("op").starts_with("InvokeModel"), exchange.json["request"]["path"].as_str())
        else {
            continue;
        };
        let wanted = exchange.text("model");
        let found = route("POST", path.split('?').next().unwrap_or_default(), None).and_then(|call| call.model);
        let outcome = match found {
            Some(model) if wanted.is_empty() || model == ModelId::from(wanted.to_owned()) => Ok(()),
            other => Err(format!("{other:?} instead of {wanted}")),
        };
        report.add(&exchange.name, outcome);
    }
    report.finish();
}

/// Counts of tokens: the body inside is a request, and the answer a number.
#[test]
fn corpus_counts() {
    let Some(folder) = folder("counts of tokens") else { return };
    let mut report = Report::new("counts of tokens");
    for exchange in exchanges(&folder, &["bedrock-"]).iter().filter(|exchange| exchange.text("op") == "CountTokens") {
        let outcome = (|| {
            let path = exchange.json["request"]["path"].as_str().ok_or("no path")?;
            let call = route("POST", path, None).ok_or_else(|| format!("no route for {path}"))?;
            if call.delivery != outcrop_wire::surface::Delivery::Count {
                return Err(format!("{path} is no count"));
            }
            let asked = exchange.body("request").ok_or("no body")?;
            if let Some(body) = decode_count_request(&asked).map_err(|error| error.to_string())? {
                let request =
                    decode_request(call.model.unwrap_or_default(), &body).map_err(|error| error.to_string())?;
                let again = encode_request(&request, &[Edit::drop("model")]).map_err(|error| error.to_string())?;
                same(&serde_json::from_slice(&again).unwrap(), &serde_json::from_slice(&body).unwrap())?;
            }
            if exchange.status() == 200 {
                let answer = exchange.body("response").ok_or("no answer")?;
                let count = decode_count_answer(&answer).map_err(|error| error.to_string())?;
                same(
                    &serde_json::from_slice(&encode_count_answer(&count)).unwrap(),
                    &serde_json::from_slice(&answer).unwrap(),
                )?;
            }
            Ok(())
        })();
        report.add(&exchange.name, outcome);
    }
    report.finish();
}
