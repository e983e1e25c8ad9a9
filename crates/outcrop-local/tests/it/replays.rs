//! Recordings that are played: what fits a call, what is played of it, and what is said where nothing fits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_local::{Break, ENGINE_HEADER, Local, Recording};
use serde_json::{Value, json};

use crate::raw::{INVOKE, NOW, Request, Response, STREAM, Signing, at, connect, send};

fn exchange(path: &str, request: Value, response: Value) -> Value {
    json!({"request": {"method": "POST", "path": path, "body": request.to_string()}, "response": response})
}

fn whole(text: &str) -> Value {
    json!({"status": 200, "headers": {"content-type": ["application/json"], "x-amzn-requestid": ["recorded-id"],
        "set-cookie": ["secret"], "transfer-encoding": ["chunked"], "date": ["Mon, 01 Jan 2001 00:00:00 GMT"]}, "body": text})
}

fn request(said: &str) -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 16, "messages": [{"role": "user", "content": said}]})
}

fn recording(exchanges: &[Value]) -> Recording {
    let lines: String = exchanges.iter().map(|exchange| format!("{exchange}\n")).collect();
    Recording::parse(&lines).unwrap()
}

fn playing(recording: Recording) -> Local {
    Local::builder().clock(|| at(NOW)).replay(recording).build()
}

async fn ask(local: &Local, target: &str, body: impl ToString) -> Response {
    send(local, &Request::post(target, body.to_string()).signed(&Signing::default())).await
}

#[tokio::test]
async fn a_body_that_means_the_same_has_the_recorded_answer_to_the_byte() {
    let odd = "{ \"model\":\"x\",\n \"n\": 1.50 }";
    let local = playing(recording(&[exchange(INVOKE, request("Hello"), whole(odd))]));
    let response = ask(
        &local,
        INVOKE,
        r#"{"messages":[{"content":"Hello","role":"user"}],"max_tokens":16.0,"anthropic_version":"bedrock-2023-05-31"}"#,
    )
    .await;
    assert_eq!((response.status, response.text()), (200, odd));
    assert_eq!(response.header("x-amzn-requestid"), Some("recorded-id"));
    assert_eq!(response.header("date"), Some("Mon, 23 Nov 2026 12:00:00 GMT"), "clients mend their clocks by it");
    assert_eq!(response.header("content-length"), Some(odd.len().to_string().as_str()));
    assert_eq!((response.header("set-cookie"), response.header("transfer-encoding")), (None, None));
    assert_eq!(response.header(ENGINE_HEADER), Some("replay"));
    assert_eq!(
        send(&local, &Request::post(INVOKE, request("Hello").to_string())).await.status,
        403,
        "who calls is checked"
    );
}

#[tokio::test]
async fn equal_calls_are_played_in_their_order_and_the_last_again() {
    let local = playing(recording(&[
        exchange(INVOKE, request("a"), whole("1")),
        exchange(INVOKE, request("b"), whole("2")),
        exchange(INVOKE, request("a"), whole("3")),
    ]));
    for (said, expected) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "3"), ("b", "2")] {
        assert_eq!(ask(&local, INVOKE, request(said)).await.text(), expected);
    }
}

#[tokio::test]
async fn what_fits_nowhere_is_refused_with_the_closest_and_how_it_differs() {
    let mut longer = request("Hello");
    longer["temperature"] = json!(0.5);
    let exchanges = [
        exchange(STREAM, request("Hello"), whole("1")),
        exchange("/model/anthropic.other/invoke", request("Hello"), whole("2")),
        exchange(INVOKE, longer, whole("3")),
        exchange(INVOKE, request("Something else"), whole("4")),
    ];
    let local = playing(recording(&exchanges));
    let message = async |target: &str, body: &Value| {
        let (status, code, message) = ask(&local, target, body).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"));
        message
    };
    assert_eq!(
        message(INVOKE, &request("Hello")).await,
        "outcrop local: no recorded exchange answers this InvokeModel; the closest is exchange 3, which differs at \
         temperature: nothing was asked, 0.5 is recorded"
    );
    let mut farther = request("Hi");
    farther["max_tokens"] = json!(17);
    assert_eq!(
        message(INVOKE, &farther).await,
        "outcrop local: no recorded exchange answers this InvokeModel; the closest is exchange 4, which differs in 2 \
         places, first at max_tokens: 17 was asked, 16 is recorded"
    );
    assert_eq!(
        message("/model/anthropic.third/invoke", &request("Hello")).await,
        "outcrop local: no recorded exchange answers this InvokeModel; the closest is exchange 2, which is of \
         anthropic.other, not anthropic.third"
    );
    let empty = playing(Recording::default());
    assert_eq!(
        ask(&empty, INVOKE, request("x")).await.refusal().2,
        "outcrop local: no recorded exchange answers this InvokeModel: the recording holds none that can be played"
    );
}

#[tokio::test]
async fn in_order_plays_the_next_one_of_the_same_operation() {
    let exchanges = [
        exchange(STREAM, request("s"), whole("stream")),
        exchange(INVOKE, request("a"), whole("1")),
        exchange(INVOKE, request("b"), whole("2")),
    ];
    let local = playing(recording(&exchanges).in_order());
    assert_eq!(ask(&local, INVOKE, request("b")).await.text(), "2", "what fits comes first");
    assert_eq!(ask(&local, INVOKE, request("new")).await.text(), "1");
    assert_eq!(ask(&local, INVOKE, request("newer")).await.status, 400, "all were played");
}

#[tokio::test]
async fn a_recorded_cut_and_a_told_one_break_the_connection() {
    let cut = json!({"status": 200, "headers": {"content-type": "application/json"}, "body": "{\"half", "cut": true});
    let local =
        playing(recording(&[exchange(INVOKE, request("a"), cut), exchange(INVOKE, request("b"), whole("1234"))]));
    let broken = async |said: &str| {
        let mut connection = connect(&local);
        connection.write(&Request::post(INVOKE, request(said).to_string()).signed(&Signing::default())).await;
        connection.read_broken().await
    };
    let (response, is_broken) = broken("a").await;
    assert!(is_broken && response.text() == "{\"half");
    local.break_next(Break::cut(0));
    let (response, is_broken) = broken("b").await;
    assert!(is_broken && response.text() == "12");
}

#[test]
fn what_is_no_recording_is_told() {
    for (text, told) in [
        (
            "{\"request\":{\"path\":\"/x\"},\"response\":{\"status\":200}}\n{",
            "exchange 2: EOF while parsing an object at line 2 column 1",
        ),
        ("{\"response\":{\"status\":200}}", "exchange 1: `request.path`: expected a string"),
        ("{\"request\":{\"path\":\"/x\"}}", "exchange 1: `response.status`: expected an HTTP status"),
        (
            "{\"request\":{\"path\":\"/x\"},\"response\":{\"status\":200,\"body_base64\":\"%\"}}",
            "exchange 1: `response.body_base64`: expected a string of base64",
        ),
        (
            "{\"request\":{\"path\":\"/x\",\"body\":1},\"response\":{\"status\":200}}",
            "exchange 1: `request.body`: expected a string",
        ),
    ] {
        assert_eq!(Recording::parse(text).map(|recording| recording.len()).unwrap_err().to_string(), told);
    }
    let other =
        Recording::parse("{\"request\":{\"path\":\"/foundation-models\"},\"response\":{\"status\":200}}").unwrap();
    assert_eq!((other.is_empty(), other.passed_over()), (true, 1));
}

/// Where recorded traffic lies: `OUTCROP_CORPUS`, else the folder beside the checkout.
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let folder = std::env::var_os("OUTCROP_CORPUS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Every recorded call of Claude over InvokeModel, played to whoever asks the same: the same bytes come back.
#[tokio::test]
async fn corpus_recorded_exchanges_come_back_to_the_byte() {
    let Some(folder) = corpus() else {
        println!("corpus: replay: skipped, no corpus (set OUTCROP_CORPUS)");
        return;
    };
    let mut sets: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
    for set in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = set.file_name().unwrap().to_string_lossy().into_owned();
        if !set.is_dir() || !name.starts_with("bedrock-") {
            continue;
        }
        let mut files: Vec<_> = std::fs::read_dir(&set).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let Ok(exchange) = serde_json::from_str::<Value>(&text) else { continue };
            let invoked = exchange["op"].as_str().is_some_and(|op| op.starts_with("InvokeModel"));
            if invoked && exchange["family"] == "claude" && exchange["response"]["status"].is_u64() {
                sets.entry(name.clone()).or_default().push((text, exchange));
            }
        }
    }
    let (mut whole, mut streams) = (0, 0);
    for (set, exchanges) in sets {
        // The files one after another are a recording.
        let text: String = exchanges.iter().map(|(text, _)| text.as_str()).collect();
        let local = playing(Recording::parse(&text).unwrap_or_else(|error| panic!("{set}: {error}")));
        for (_, exchange) in &exchanges {
            let (asked, recorded) = (body(&exchange["request"]), body(&exchange["response"]));
            let path = exchange["request"]["path"].as_str().unwrap();
            let response = send(&local, &Request::post(path, asked).signed(&Signing::default())).await;
            let expected = exchange["response"]["status"].as_u64().unwrap();
            assert_eq!(
                u64::from(response.status),
                expected,
                "{set} {path}: {}",
                String::from_utf8_lossy(&response.body)
            );
            assert_eq!(response.body, recorded, "{set} {path}");
            match response.header("content-type").unwrap_or_default() {
                "application/vnd.amazon.eventstream" => streams += 1,
                _ => whole += 1,
            }
        }
    }
    println!("corpus: replay: {whole} whole answers and {streams} streams came back to the byte");
    assert!(whole > 0 && streams > 0);
}

fn body(side: &Value) -> Vec<u8> {
    match side {
        Value::Object(side) if side.get("body").is_some_and(Value::is_string) => side["body"].as_str().unwrap().into(),
        Value::Object(side) if side.contains_key("body_base64") => {
            STANDARD.decode(side["body_base64"].as_str().unwrap()).unwrap()
        }
        side => {
            side.get("body_json").filter(|json| !json.is_null()).map(|json| json.to_string().into()).unwrap_or_default()
        }
    }
}
