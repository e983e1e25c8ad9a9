//! The test double: a server of its own, what was asked of it, and what it is told to do with the next calls.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_local::{Account, Break, Credential, Local, Reply};
use outcrop_wire::dialect::StreamError;
use outcrop_wire::dialect::invoke::EventDecoder;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::surface::Delivery;
use tokio::net::TcpStream;

use crate::raw::{BODY, Connection, INVOKE, NOW, Request, STREAM, Signing, at, connect, local, send};

#[tokio::test]
async fn it_listens_on_loopback_until_it_is_stopped_or_dropped() {
    let server = Local::builder().clock(|| at(NOW)).start().await.unwrap();
    let address = server.address();
    assert!(address.ip().is_loopback() && server.url() == format!("http://{address}"));
    let mut connection = Connection::over(TcpStream::connect(address).await.unwrap());
    assert_eq!(connection.send(&Request::good(INVOKE)).await.status, 200);
    assert_eq!(connect(&server).send(&Request::good(INVOKE)).await.status, 200, "and in process");
    assert_eq!(server.asked().len(), 2);
    server.stop().await;
    assert!(TcpStream::connect(address).await.is_err());

    let server = Local::start().await.unwrap();
    let address = server.address();
    let mut connection = Connection::over(TcpStream::connect(address).await.unwrap());
    drop(server);
    assert!(connection.is_over().await);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_stop_lets_a_stream_finish() {
    let server = Local::builder().clock(|| at(NOW)).pace(Duration::from_millis(2)).start().await.unwrap();
    let mut connection = Connection::over(TcpStream::connect(server.address()).await.unwrap());
    connection.write(&Request::good(STREAM)).await;
    connection.read_head().await;
    let reading = tokio::spawn(async move { connection.read_to_end().await });
    server.stop().await;
    let rest = String::from_utf8_lossy(&reading.await.unwrap()).into_owned();
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
}

#[tokio::test]
async fn its_environment_names_its_keys_and_where_it_is() {
    let server = Local::start().await.unwrap();
    let variables = server.environment();
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(value("AWS_ACCESS_KEY_ID"), Some(Account::ACCESS_KEY_ID));
    assert_eq!(value("AWS_SECRET_ACCESS_KEY"), Some(Account::SECRET_ACCESS_KEY));
    assert_eq!(value("ANTHROPIC_BEDROCK_BASE_URL"), Some(server.url().as_str()));
    assert_eq!(value("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"), Some(server.url().as_str()));
    let mantle = format!("{}/mantle/anthropic", server.url());
    assert_eq!(value("ANTHROPIC_BEDROCK_MANTLE_BASE_URL"), Some(mantle.as_str()));
    assert_eq!(value("AWS_SESSION_TOKEN"), None);
}

#[tokio::test]
async fn what_was_asked_is_told_without_secrets() {
    let credential = Credential::Keys {
        access_key_id: "ASIATEST".into(),
        secret_access_key: "secret".into(),
        session_token: Some("the-session-token".into()),
    };
    let account =
        Account { credentials: vec![credential, Credential::Bearer("ABSKthe-key".into())], ..Account::default() };
    let local = Local::builder().clock(|| at(NOW)).account(account).build();
    let signing = Signing {
        access_key_id: "ASIATEST",
        secret: "secret",
        session_token: Some("the-session-token"),
        region: "eu-west-1",
        ..Signing::default()
    };
    let request = Request::post(INVOKE, BODY).header("x-api-key", "the-api-key").header("x-mine", "kept");
    assert_eq!(send(&local, &request.signed(&signing)).await.status, 200);
    let second = Request::post(STREAM, BODY).bearer("ABSKthe-key").header("cookie", "the-crumb; Signature=1");
    assert_eq!(send(&local, &second).await.status, 200);

    let asked = local.asked();
    let [first, second] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((first.operation, second.operation), ("InvokeModel", "InvokeModelWithResponseStream"));
    assert_eq!((first.delivery, second.delivery), (Delivery::Unary, Delivery::Stream));
    assert_eq!(first.model.as_str(), "global.anthropic.claude-opus-4-6-v1");
    assert_eq!((first.region.as_str(), second.region.as_str()), ("eu-west-1", "us-east-1"));
    assert_eq!((first.when, &first.body[..]), (at(NOW), BODY.as_bytes()));
    let typed = first.request().unwrap();
    assert_eq!((typed.max_tokens, typed.last_user_text().as_deref()), (256, Some("Hello, world")));
    assert_eq!(first.header("x-mine"), Some("kept"));
    let authorization = first.header("authorization").unwrap();
    assert!(
        authorization.contains("Credential=ASIATEST/20261123/eu-west-1/") && authorization.ends_with("Signature=***")
    );
    assert_eq!((first.header("x-amz-security-token"), first.header("x-api-key")), (Some("***"), Some("***")));
    assert_eq!(second.header("authorization"), Some("***"));
    for secret in ["the-session-token", "the-key", "the-api-key", "the-crumb"] {
        assert!(!format!("{asked:?} {:?} {:?}", first.headers, second.headers).contains(secret), "{secret}");
    }
    assert_eq!(local.last().unwrap().operation, second.operation);
    local.forget();
    assert!(local.asked().is_empty() && local.last().is_none());
}

#[tokio::test]
async fn refused_calls_are_remembered_with_their_reason_and_strangers_are_not() {
    let local = local();
    assert_eq!(send(&local, &Request::post(INVOKE, "{}").signed(&Signing::default())).await.status, 400);
    assert_eq!(send(&local, &Request::post(INVOKE, BODY)).await.status, 403);
    let asked = local.asked();
    assert_eq!(asked.len(), 1);
    let refused = asked[0].refused.as_ref().unwrap();
    assert_eq!((refused.status, refused.code.as_str()), (400, "ValidationException"));
    assert!(asked[0].request().is_err());
}

#[tokio::test]
async fn only_so_much_is_remembered() {
    for (calls, bytes, kept) in [(3, usize::MAX, 3), (100, 2 * BODY.len(), 2), (0, usize::MAX, 0), (9, 5, 0)] {
        let local = Local::builder().clock(|| at(NOW)).remember(calls, bytes).build();
        let mut connection = connect(&local);
        for _ in 0..5 {
            connection.send(&Request::good(INVOKE)).await;
        }
        connection.send(&Request::good(STREAM)).await;
        assert_eq!(local.asked().len(), kept, "{calls} calls, {bytes} bytes");
        if kept > 0 {
            assert_eq!(local.last().unwrap().operation, "InvokeModelWithResponseStream", "the newest stay");
        }
    }
}

fn fault(origin: Origin) -> Fault {
    Fault::new("ThrottlingException", "Too many requests, please wait before trying again.", origin)
}

#[tokio::test]
async fn the_next_call_fails_where_the_fault_says_and_the_one_after_does_not() {
    let local = local();
    for (origin, events) in [(Origin::FirstFrame, 0), (Origin::MidStream, 2)] {
        local.fail_next(fault(origin));
        let response = send(&local, &Request::good(STREAM)).await;
        assert_eq!(response.status, 200);
        let mut decoder = EventDecoder::default();
        decoder.push(&response.body);
        let mut came = 0;
        let found = loop {
            match decoder.next_event() {
                Ok(Some(_)) => came += 1,
                Ok(None) => panic!("no fault"),
                Err(StreamError::Fault(found)) => break found,
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!((came, found), (events, fault(origin)));
    }
    for target in [INVOKE, STREAM] {
        local.fail_next(fault(Origin::Http));
        assert_eq!(send(&local, &Request::good(target)).await.refusal().0, 429);
        assert_eq!(send(&local, &Request::good(target)).await.status, 200);
    }
    local.fail_next(fault(Origin::MidStream));
    assert_eq!(send(&local, &Request::good(INVOKE)).await.refusal().0, 429, "a whole answer fails as a whole");
}

#[tokio::test]
async fn replies_and_breaks_are_queued_for_calls_that_pass_the_checks() {
    let local = local();
    local.answer_next(Reply::tool_use("weather", serde_json::json!({"city": "Oslo"})).thinking("Hm."));
    local.break_next(Break::cut(1));
    assert_eq!(send(&local, &Request::post(INVOKE, "{}").signed(&Signing::default())).await.status, 400);
    let message = send(&local, &Request::good(INVOKE)).await.json();
    assert_eq!((&message["model"], &message["stop_reason"]), (&"claude-opus-4-6".into(), &"tool_use".into()));
    assert_eq!(message["content"][1]["input"]["city"], "Oslo");
    assert!(message["usage"]["input_tokens"].as_u64() > Some(0));
    let mut connection = connect(&local);
    connection.write(&Request::good(STREAM)).await;
    let (response, broken) = connection.read_broken().await;
    assert!(broken && response.chunks.len() == 1, "{response:?}");
    assert_eq!(send(&local, &Request::good(STREAM)).await.status, 200);
}

#[tokio::test]
async fn a_count_of_tokens_is_told_and_fails_like_any_call() {
    let local = local();
    let input = serde_json::json!({"input": {"invokeModel": {"body": STANDARD.encode(BODY)}}}).to_string();
    let count = Request::post("/model/anthropic.claude-opus-4-6-v1/count-tokens", input).signed(&Signing::default());
    local.answer_next(Reply::text("for a message"));
    assert!(send(&local, &count).await.json()["inputTokens"].is_u64());
    let asked = local.last().unwrap();
    assert_eq!((asked.operation, asked.delivery), ("CountTokens", Delivery::Count));
    assert_eq!(asked.request().unwrap().last_user_text().as_deref(), Some("Hello, world"));
    assert_eq!(send(&local, &Request::good(INVOKE)).await.json()["content"][0]["text"], "for a message");
    for origin in [Origin::Http, Origin::MidStream] {
        local.fail_next(fault(origin));
        assert_eq!(send(&local, &count).await.refusal().0, 429);
    }
}
