//! What goes out, to the byte: paths, headers, bodies; and what comes back with a reply.

use http::{HeaderMap, HeaderName, HeaderValue};
use outcrop::wire::messages::Thinking;
use outcrop::{
    Auth, Block, CallOptions, Client, Delivery, Geo, Image, Json, Kind, MessageRequest, Model, ModelId, Retry,
    Surroundings, Tool, ToolChoice, Turn,
};
use serde_json::json;

use crate::scripted::{HELLO, MESSAGE, Recorded, SECRET, Scripted, Step, frames, request};

/// The request that is sent for `request`.
async fn sent(request: &MessageRequest) -> Recorded {
    let server = Scripted::new([Step::hello()]);
    server.client().await.messages().create(request).await.unwrap();
    server.request()
}

fn header_names(recorded: &Recorded) -> Vec<&str> {
    let mut names: Vec<&str> = recorded.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_simple_request_is_these_bytes() {
    let recorded = sent(&request()).await;
    assert_eq!(
        (recorded.method.as_str(), recorded.target.as_str()),
        ("POST", "/model/global.anthropic.claude-opus-4-6-v1/invoke")
    );
    assert_eq!(
        recorded.text(),
        r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":256,"messages":[{"role":"user","content":"Hello, world"}]}"#
    );
    assert_eq!(
        header_names(&recorded),
        ["accept", "authorization", "content-length", "content-type", "host", "user-agent", "x-amz-date"]
    );
    assert_eq!(recorded.header("host"), Some("bedrock-runtime.us-west-2.amazonaws.com"));
    assert_eq!(recorded.header("content-type"), Some("application/json"));
    assert_eq!(recorded.header("accept"), Some("application/json"));
    assert!(recorded.header("user-agent").unwrap().starts_with("outcrop/"));
}

#[tokio::test]
async fn a_stream_differs_by_path_and_accept_only() {
    let server = Scripted::new([Step::streamed_hello()]);
    server.client().await.messages().stream(&request()).await.unwrap();
    let (streamed, whole) = (server.request(), sent(&request()).await);
    assert_eq!(streamed.target, "/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream");
    assert_eq!(streamed.body, whole.body);
    assert_eq!(streamed.header("x-amzn-bedrock-accept"), Some("application/json"));
    assert_eq!(streamed.header("accept"), None);
    assert_eq!(streamed.verify(SECRET), Ok(()));
}

#[tokio::test]
async fn the_sugar_sends_what_the_request_sends() {
    let server = Scripted::new([Step::hello(), Step::hello()]);
    let client = server.client().await;
    client.message(Model::CLAUDE_OPUS_4_6.global()).max_tokens(256).user("Hello, world").await.unwrap();
    client.message("haiku").user("Hello, world").send().await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].text(), sent(&request()).await.text());
    assert_eq!(requests[1].json()["max_tokens"], json!(4096), "4096 until set");
}

#[tokio::test]
async fn every_setter_reaches_the_body() {
    let server = Scripted::new([Step::hello()]);
    let schema = Json::from(json!({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}));
    let call = server
        .client()
        .await
        .message(Model::CLAUDE_SONNET_4_6.geo(Geo::Us))
        .max_tokens(5000)
        .system("Be brief")
        .user("What is the weather?")
        .assistant("Where?")
        .turn(Turn::user(vec![Block::text("In Paris"), Image::bytes(b"\x89PNG\r\n\x1A\n").unwrap().into()]))
        .temperature(0.5)
        .stop_sequence("END")
        .stop_sequence("STOP")
        .tool(Tool::new("weather", "Tells the weather", schema))
        .tool_choice(ToolChoice::tool("weather"))
        .thinking(Thinking::disabled())
        .beta("computer-use-2025-11-24")
        .extra_member("output_config", Json::from(json!({"effort":"low"})));
    call.await.unwrap();
    assert_eq!(
        server.request().json(),
        json!({
            "anthropic_version": "bedrock-2023-05-31",
            "anthropic_beta": ["computer-use-2025-11-24"],
            "max_tokens": 5000,
            "system": "Be brief",
            "messages": [
                {"role": "user", "content": "What is the weather?"},
                {"role": "assistant", "content": "Where?"},
                {"role": "user", "content": [
                    {"type": "text", "text": "In Paris"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
                ]}
            ],
            "temperature": 0.5,
            "stop_sequences": ["END", "STOP"],
            "tools": [{"name": "weather", "description": "Tells the weather", "input_schema":
                {"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}],
            "tool_choice": {"type": "tool", "name": "weather"},
            "thinking":{"type":"disabled"},
            "output_config": {"effort": "low"}
        })
    );
}

#[tokio::test]
async fn an_id_is_one_segment_of_the_path_and_its_signature_holds() {
    let arn = "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1b2c3";
    for (id, segment) in [
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1%3A0"),
        (arn, "arn%3Aaws%3Abedrock%3Aus-west-2%3A123456789012%3Aapplication-inference-profile%2Fa1b2c3"),
        ("opus", "global.anthropic.claude-opus-4-6-v1"),
        ("us.sonnet", "us.anthropic.claude-sonnet-4-6"),
        ("claude-haiku-4-5", "global.anthropic.claude-haiku-4-5-20251001-v1%3A0"),
        ("anthropic.claude-nova-9", "anthropic.claude-nova-9"),
        ("a b%2Fé~", "a%20b%252F%C3%A9~"),
    ] {
        let recorded = sent(&MessageRequest::new(ModelId::from(id), 1).user("x")).await;
        assert_eq!(recorded.target, format!("/model/{segment}/invoke"));
        assert_eq!(recorded.verify(SECRET), Ok(()), "{id}");
    }
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    for (url, host, prefix) in [
        ("http://gateway.example/bedrock/v1/", "gateway.example", "/bedrock/v1"),
        ("https://Gateway.Example:8443/a%20b", "gateway.example:8443", "/a%20b"),
        ("http://127.0.0.1:9473", "127.0.0.1:9473", ""),
    ] {
        let server = Scripted::new([Step::hello()]);
        let client = server.builder().endpoint_url(url).build().await.unwrap();
        client.messages().create(&MessageRequest::new("us.sonnet", 1).user("x")).await.unwrap();
        let recorded = server.request();
        assert_eq!(recorded.header("host"), Some(host));
        assert_eq!(recorded.target, format!("{prefix}/model/us.anthropic.claude-sonnet-4-6/invoke"));
        assert_eq!(recorded.verify(SECRET), Ok(()), "{url}");
    }
}

#[tokio::test]
async fn the_version_is_the_tables_unless_the_caller_insists() {
    for id in ["opus", "anthropic.claude-nova-9"] {
        let recorded = sent(&MessageRequest::new(id, 1).user("x")).await;
        assert_eq!(recorded.json()["anthropic_version"], json!("bedrock-2023-05-31"), "{id}");
    }
    let mut insisting = request();
    insisting.anthropic_version = Some("2026-10-21".to_owned());
    let recorded = sent(&insisting).await;
    assert_eq!(recorded.json()["anthropic_version"], json!("2026-10-21"));
    assert_eq!(recorded.text().matches("anthropic_version").count(), 1);
}

#[tokio::test]
async fn what_the_path_says_is_not_said_twice() {
    let mut asking = request();
    asking.stream = Some(true);
    let body = sent(&asking).await.json();
    assert_eq!((body.get("stream"), body.get("model")), (None, None));
}

#[tokio::test]
async fn members_nobody_here_knows_go_out_as_they_are() {
    let raw = Json::from_text(r#"{"b":1.50,"a":123456789012345678901234567890}"#).unwrap();
    let recorded = sent(&request().extra_member("brand_new", raw)).await;
    assert!(
        recorded.text().contains(r#""brand_new":{"b":1.50,"a":123456789012345678901234567890}"#),
        "{}",
        recorded.text()
    );
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_sent() {
    for (request, part) in [
        (MessageRequest::new("", 1).user("x"), "no model"),
        (MessageRequest::new("..", 1).user("x"), "dot segment"),
        (MessageRequest::new("opus", 0).user("x"), "max_tokens"),
    ] {
        let server = Scripted::new([Step::hello()]);
        let error = server.client().await.messages().create(&request).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(error.to_string().contains(part) && error.hint().is_some(), "{error}");
        assert_eq!(server.requests().len(), 0);
    }
}

/// JSON has no such number: it would go out as `null`.
#[tokio::test]
async fn a_number_that_is_not_finite_is_refused() {
    let server = Scripted::new([Step::hello()]);
    let outcome = server.client().await.messages().create(&request().temperature(f64::NAN)).await;
    assert_eq!(outcome.map(|reply| reply.text()).map_err(|error| error.kind()), Err(Kind::Invalid));
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn headers_of_the_caller_are_added_or_take_the_place_of_ours() {
    let mut options = CallOptions::default();
    let name = HeaderName::from_static("x-amzn-bedrock-trace");
    options.extra_headers.insert(name, HeaderValue::from_static("ENABLED"));
    options.extra_headers.insert(http::header::USER_AGENT, HeaderValue::from_static("mine/1"));
    let server = Scripted::new([Step::hello()]);
    server.client().await.messages().with(options).create(&request()).await.unwrap();
    let recorded = server.request();
    assert_eq!(recorded.header("x-amzn-bedrock-trace"), Some("ENABLED"));
    let agents = recorded.headers.iter().filter(|(name, _)| name == "user-agent").map(|(_, value)| value.as_str());
    assert_eq!(agents.collect::<Vec<_>>(), ["mine/1"]);
    assert_eq!(recorded.verify(SECRET), Ok(()));
}

#[tokio::test]
async fn a_header_of_the_caller_may_have_two_values() {
    let mut options = CallOptions::default();
    let name = HeaderName::from_static("x-team");
    options.extra_headers = [(name.clone(), "a"), (name, "b")]
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect::<HeaderMap>();
    let server = Scripted::new([Step::hello()]);
    server.client().await.messages().with(options).create(&request()).await.unwrap();
    let recorded = server.request();
    let values: Vec<&str> =
        recorded.headers.iter().filter(|(name, _)| name == "x-team").map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["a", "b"]);
}

#[tokio::test]
async fn a_reply_comes_with_what_is_known_of_its_call() {
    let answer = Step::hello()
        .header("x-amzn-bedrock-input-token-count", "8")
        .header("x-amzn-bedrock-output-token-count", "2")
        .header("x-amzn-bedrock-cache-read-input-token-count", "21408")
        .header("x-amzn-bedrock-invocation-latency", "1181");
    let server = Scripted::new([answer.clone(), answer]);
    let client = server.client().await;
    let reply = client.messages().create(&request()).await.unwrap();
    let counts = reply.meta.counts;
    assert_eq!(
        (counts.input, counts.output, counts.cache_read, counts.cache_write),
        (Some(8), Some(2), Some(21408), None)
    );
    assert_eq!((counts.invocation_latency, reply.meta.request_id.as_deref()), (Some(1181), Some("id-of-hello")));
    assert!(reply.meta.adjustments.iter().any(|adjustment| adjustment.reason.contains("bedrock-2023-05-31")));
    assert!(reply.meta.raw.is_none() && reply.meta.metrics.is_none());
    let mut options = CallOptions::default();
    options.keep_raw = true;
    let reply = client.messages().with(options).create(&request()).await.unwrap();
    assert_eq!(reply.meta.raw.as_deref(), Some(MESSAGE.as_bytes()));
}

/// Caches and thinking signatures depend on it: what the model wrote goes back as it wrote it.
#[tokio::test]
async fn a_reply_goes_back_as_a_turn_byte_for_byte() {
    let blocks = r#"[{"type":"thinking","thinking":"Hm","signature":"c2ln"},{"type":"redacted_thinking","data":"ZGF0YQ=="},{"type":"tool_use","id":"toolu_bdrk_01","name":"add","input":{"b":1.50,"a":123456789012345678901234567890}},{"type":"hologram","beams":[3,1]}]"#;
    let whole = MESSAGE.replace(r#"[{"type":"text","text":"Hello!"}]"#, blocks);
    let events = [
        HELLO[0].to_owned(),
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#.to_owned(),
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#.to_owned(),
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#.to_owned(),
        r#"{"type":"content_block_stop","index":0}"#.to_owned(),
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"ZGF0YQ=="}}"#.to_owned(),
        r#"{"type":"content_block_stop","index":1}"#.to_owned(),
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_bdrk_01","name":"add","input":{}}}"#.to_owned(),
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}"#.to_owned(),
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"b\":1.5"}}"#.to_owned(),
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"0,\"a\":123456789012345678901234567890}"}}"#.to_owned(),
        r#"{"type":"content_block_stop","index":2}"#.to_owned(),
        r#"{"type":"content_block_start","index":3,"content_block":{"type":"hologram","beams":[3,1]}}"#.to_owned(),
        r#"{"type":"content_block_stop","index":3}"#.to_owned(),
        HELLO[5].to_owned(),
        HELLO[6].to_owned(),
    ];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    for (first, streamed) in [(Step::json(200, &whole), false), (Step::stream(frames(&events)), true)] {
        let server = Scripted::new([first, Step::hello()]);
        let client = server.client().await;
        let reply = match streamed {
            false => client.messages().create(&request()).await.unwrap(),
            true => client.messages().stream(&request()).await.unwrap().finish().await.unwrap(),
        };
        let result = Block::tool_result("toolu_bdrk_01", "3");
        let next = request().turn(reply).turn(Turn::user(vec![result]));
        client.messages().create(&next).await.unwrap();
        let body = server.requests().remove(1);
        assert!(
            body.text().contains(&format!(r#"{{"role":"assistant","content":{blocks}}}"#)),
            "streamed {streamed}: {}",
            body.text()
        );
    }
}

#[tokio::test]
async fn a_dry_run_shows_what_is_sent_and_sends_nothing() {
    let now = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_435_200);
    let server = Scripted::new([Step::hello(), Step::streamed_hello()]);
    let world = Surroundings::made_up([], []).with_clock(move || now);
    let client = server.builder().surroundings(world).retry(Retry::none()).build().await.unwrap();
    for delivery in [Delivery::Unary, Delivery::Stream] {
        let before = server.requests().len();
        let shown = client.messages().dry_run(&request(), delivery).await.unwrap();
        assert_eq!(server.requests().len(), before);
        match delivery {
            Delivery::Unary => drop(client.messages().create(&request()).await.unwrap()),
            Delivery::Stream | Delivery::Count => drop(client.messages().stream(&request()).await.unwrap()),
        }
        let sent = server.requests().remove(before);
        assert_eq!(shown.method, sent.method);
        assert_eq!(shown.url, format!("https://bedrock-runtime.us-west-2.amazonaws.com{}", sent.target));
        assert_eq!(&shown.body[..], &sent.body[..]);
        for (name, value) in &shown.headers {
            let real = sent.header(name).unwrap_or_else(|| panic!("{name} is not sent"));
            match name.as_str() {
                "authorization" => assert_eq!(value.trim_end_matches("***"), &real[..value.len() - 3]),
                _ => assert_eq!(value, real, "{name}"),
            }
        }
        assert_eq!(shown.headers.len() + 1, sent.headers.len(), "all but the length");
        let text = shown.to_string();
        assert!(text.starts_with("POST https://bedrock-runtime.us-west-2.amazonaws.com/model/"), "{text}");
        assert!(text.contains("Signature=***\n") && text.contains("\n\n{\"anthropic_version\""), "{text}");
    }
}

#[tokio::test]
async fn an_unsigned_client_with_a_url_needs_no_region() {
    let server = Scripted::new([Step::hello()]);
    let builder = Client::builder()
        .surroundings(Surroundings::made_up([], []))
        .auth(Auth::Unsigned)
        .endpoint_url("http://gateway.example");
    let client = server.below(builder).build().await.unwrap();
    assert_eq!(client.region(), None);
    let reply = client.messages().create(&request()).await.unwrap();
    assert_eq!(reply.meta.attempts[0].target.region, None);
}
