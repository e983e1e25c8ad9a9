//! Converse's own shapes: unions by their only member, what is unknown survives, sorted members, streams.

use outcrop_wire::converse::{
    CachePointBlock, ContentBlock, ContentBlockDelta, ContentBlockStart, ConverseAccumulator, ConverseEvent,
    ConverseRequest, ConverseResponse, ImageBlock, Message, ReasoningContentBlock, StopReason, SystemContentBlock,
    TokenUsage, Tool, ToolChoice, ToolSpec, ToolUseStart, Ttl,
};
use outcrop_wire::dialect::StreamError;
use outcrop_wire::dialect::converse::{
    ConverseEventDecoder, ConverseEventEncoder, decode_converse_request, decode_converse_response,
    encode_converse_request, encode_converse_response,
};
use outcrop_wire::eventstream;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::Usage;
use outcrop_wire::{Extra, Json};
use proptest::prelude::*;
use serde_json::{Value, json};

fn json_of(text: &str) -> Json {
    Json::from_text(text).unwrap()
}

#[test]
fn a_request_is_written_as_boto3_writes_it() {
    let request = ConverseRequest::new("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
        .system("Be terse.")
        .system(CachePointBlock::lasting(Ttl::OneHour))
        .user("hi")
        .assistant([ContentBlock::reasoning("hm", "RXJ="), ContentBlock::text("hello")])
        .user([
            ContentBlock::from(ImageBlock::from_bytes(b"\x89PNG\r\n\x1A\n\0").unwrap()),
            ContentBlock::tool_result("tooluse_1", "14 degrees"),
            ContentBlock::cache_point(),
        ])
        .max_tokens(64)
        .temperature(0.5)
        .stop_sequence("END")
        .tool(ToolSpec::new("weather", json_of(r#"{"type":"object"}"#)).description("Tells the weather."))
        .tool_choice(ToolChoice::any())
        .guardrail("gr1", "DRAFT")
        .additional_fields(json_of(r#"{"thinking":{"type":"enabled","budget_tokens":1024}}"#))
        .response_field_path("/stop_sequence")
        .request_metadata("team", "a")
        .latency("standard".into())
        .service_tier("default".into())
        .effort("low".into());
    let expected = json!({
        "messages": [
            {"content": [{"text": "hi"}], "role": "user"},
            {"content": [{"reasoningContent": {"reasoningText": {"signature": "RXJ=", "text": "hm"}}}, {"text": "hello"}], "role": "assistant"},
            {"content": [
                {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgoA"}}},
                {"toolResult": {"content": [{"text": "14 degrees"}], "toolUseId": "tooluse_1"}},
                {"cachePoint": {"type": "default"}},
            ], "role": "user"},
        ],
        "system": [{"text": "Be terse."}, {"cachePoint": {"type": "default", "ttl": "1h"}}],
        "inferenceConfig": {"maxTokens": 64, "temperature": 0.5, "stopSequences": ["END"]},
        "toolConfig": {
            "tools": [{"toolSpec": {"name": "weather", "description": "Tells the weather.", "inputSchema": {"json": {"type": "object"}}}}],
            "toolChoice": {"any": {}},
        },
        "guardrailConfig": {"guardrailIdentifier": "gr1", "guardrailVersion": "DRAFT"},
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        "additionalModelResponseFieldPaths": ["/stop_sequence"],
        "requestMetadata": {"team": "a"},
        "performanceConfig": {"latency": "standard"},
        "serviceTier": {"type": "default"},
        "outputConfig": {"effort": "low"},
    });
    let body = encode_converse_request(&request).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    assert_eq!(decode_converse_request(request.model.clone(), &body).unwrap(), request);
    assert!(encode_converse_request(&request.temperature(f64::NAN)).is_err());
}

/// boto3's arguments are one object with the model in it.
#[test]
fn the_model_is_read_and_never_written() {
    let text = r#"{"modelId":"anthropic.claude-x","messages":[]}"#;
    let request: ConverseRequest = serde_json::from_str(text).unwrap();
    assert_eq!(request.model.as_str(), "anthropic.claude-x");
    assert_eq!(serde_json::to_string(&request).unwrap(), r#"{"messages":[]}"#);
    let request = decode_converse_request("of.the.path".into(), text.as_bytes()).unwrap();
    assert_eq!(request.model.as_str(), "of.the.path");
    assert_eq!(request.extra.value("modelId").unwrap().text(), r#""anthropic.claude-x""#);
}

#[test]
fn what_is_unknown_survives() {
    for text in [
        r#"{"hologram":{"beams":[1,2.50,{"x":null}]}}"#,
        r#"{"video":{"format":"mp4","source":{"bytes":"AAAA"}}}"#,
        r#"{"text":"two","image":{"format":"png","source":{"bytes":""}}}"#,
        r#"{"text":"two","new":1}"#,
        r#"{}"#,
        r#"{"toolUse":{"toolUseId":"t","name":"n","input":{"b":1.50,"a":123456789012345678901234567890},"later":[]}}"#,
        r#"{"document":{"name":"d","source":{"satellite":{"orbit":3}},"format":"heic"}}"#,
        r#"{"reasoningContent":{"dream":"z"}}"#,
        r#"{"toolResult":{"toolUseId":"t","content":[{"json":null},{"smell":"x"}],"status":"maybe"}}"#,
        r#"{"guardContent":{"text":{"text":"x","qualifiers":["query","later"]}}}"#,
    ] {
        let block: ContentBlock = serde_json::from_str(text).unwrap();
        let again = serde_json::to_string(&block).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }
    let call: ContentBlock =
        serde_json::from_str(r#"{"toolUse":{"toolUseId":"t","name":"n","input":{"b":1.50,"a":2}}}"#).unwrap();
    assert!(serde_json::to_string(&call).unwrap().contains(r#"{"b":1.50,"a":2}"#), "the model's own text stays");
}

#[test]
fn a_union_has_one_member() {
    for (text, kind) in [
        (r#"{"text":"a","image":null}"#, "text"),
        (r#"{"image":null,"text":"a","later":null}"#, "text"),
        (r#"{"cachePoint":{"type":"default"}}"#, "cachePoint"),
    ] {
        let block: ContentBlock = serde_json::from_str(text).unwrap();
        assert!(!matches!(block, ContentBlock::Other(_)), "{text}: null counts as absent");
        assert_eq!(block.kind(), kind);
    }
    let two: ContentBlock =
        serde_json::from_str(r#"{"text":"a","toolResult":{"toolUseId":"t","content":[]}}"#).unwrap();
    let ContentBlock::Other(members) = two else { panic!("two members are none that is known") };
    assert_eq!(members.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["text", "toolResult"]);
    assert!(serde_json::from_str::<ContentBlock>(r#"{"text":"a","text":"b"}"#).is_err());
    assert!(serde_json::from_str::<ContentBlock>(r#"{"text":7}"#).is_err());
    assert!(serde_json::from_str::<ContentBlock>("[]").is_err());
    let tool: Tool = serde_json::from_str(r#"{"cachePoint":{"type":"default"}}"#).unwrap();
    assert!(matches!(tool, Tool::CachePoint(_)));
    let system: SystemContentBlock = serde_json::from_str(r#"{"text":"x"}"#).unwrap();
    assert_eq!(system, "x".into());
}

#[test]
fn an_answer_is_not_lost_to_one_block() {
    let body = br#"{"metrics":{"latencyMs":5},"output":{"message":{"content":[{"text":"a"},{"toolUse":{"name":7}}],"role":"assistant"}},"stopReason":"brand_new","usage":{"cacheDetails":"none","inputTokens":1,"outputTokens":2,"totalTokens":3}}"#;
    let response = decode_converse_response(body).unwrap();
    assert_eq!(response.text(), "a");
    assert!(matches!(&response.content()[1], ContentBlock::Other(block) if block.value("toolUse").is_some()));
    assert_eq!(response.stop_reason, StopReason::Other("brand_new".into()));
    assert_eq!(String::from_utf8(encode_converse_response(&response).unwrap()).unwrap(), String::from_utf8_lossy(body));
    for body in ["{", "[]", "{}", r#"{"Output":{"__type":"x"},"Version":"1.0"}"#] {
        assert!(decode_converse_response(body.as_bytes()).is_err(), "{body}");
    }
}

/// Members that nobody here knows take their place among the others, as AWS would write them.
#[test]
fn members_of_answers_are_sorted() {
    let mut response = ConverseResponse::new(
        Message::assistant(ContentBlock::text("a")),
        StopReason::EndTurn,
        TokenUsage { input_tokens: 1, output_tokens: 2, total_tokens: 3, ..TokenUsage::default() },
        7,
    );
    response.extra = [("zoo", Json::null()), ("blue", json_of("1"))].into_iter().collect();
    response.usage.extra = [("newCount", json_of("4"))].into_iter().collect();
    response.trace = Some(json_of(r#"{"z":1,"a":2}"#));
    assert_eq!(
        String::from_utf8(encode_converse_response(&response).unwrap()).unwrap(),
        r#"{"blue":1,"metrics":{"latencyMs":7},"output":{"message":{"content":[{"text":"a"}],"role":"assistant"}},"stopReason":"end_turn","trace":{"z":1,"a":2},"usage":{"inputTokens":1,"newCount":4,"outputTokens":2,"totalTokens":3},"zoo":null}"#
    );
}

fn frames(events: &[ConverseEvent]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, event) in events.iter().enumerate() {
        ConverseEventEncoder::default().encode(event, at * 3, &mut bytes).unwrap();
    }
    bytes
}

fn frame(name: &str, payload: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    eventstream::encode_event(name, |out| out.extend_from_slice(payload.as_bytes()), &mut bytes);
    bytes
}

fn read(bytes: &[u8]) -> (Vec<ConverseEvent>, Result<(), StreamError>) {
    let (mut decoder, mut events) = (ConverseEventDecoder::default(), Vec::new());
    decoder.push(bytes);
    loop {
        match decoder.next_event() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, decoder.finish()),
            Err(error) => return (events, Err(error)),
        }
    }
}

#[test]
fn padding_has_its_place_and_is_no_member() {
    let mut start = ConverseEvent::message_start();
    if let ConverseEvent::MessageStart(event) = &mut start {
        event.extra = [("zoo", json_of("1")), ("blue", json_of("2"))].into_iter().collect();
    }
    let other: ConverseEvent = serde_json::from_str(r#"{"later":{"z":1,"b":2}}"#).unwrap();
    let bytes = frames(&[start.clone(), ConverseEvent::stop(3), other]);
    let text = String::from_utf8_lossy(&bytes);
    for payload in [
        r#"{"blue":2,"p":"ab","role":"assistant","zoo":1}"#,
        r#"{"contentBlockIndex":3,"p":"abc"}"#,
        r#"{"b":2,"p":"abcdef","z":1}"#,
    ] {
        assert!(text.contains(payload), "{payload} is not in {text}");
    }
    let (events, _) = read(&bytes);
    assert_eq!(events[0], start);
    assert_eq!(events[2].kind(), "later");
    assert_eq!(serde_json::to_string(&events[2]).unwrap(), r#"{"later":{"b":2,"z":1}}"#);
}

#[test]
fn an_event_is_not_lost_to_one_member() {
    let bytes = [
        frame("contentBlockStart", r#"{"contentBlockIndex":1,"p":"ab","start":{"toolUse":{"name":1}}}"#),
        frame("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"text":null},"new":1,"p":"ab"}"#),
        frame("contentBlockDelta", r#"{"contentBlockIndex":"one","delta":{"text":"a"}}"#),
        frame("metadata", r#"{"metrics":{"latencyMs":1.5},"usage":{"inputTokens":1}}"#),
    ]
    .concat();
    let (events, _) = read(&bytes);
    let kinds: Vec<_> = events.iter().map(ConverseEvent::kind).collect();
    assert_eq!(kinds, ["contentBlockStart", "contentBlockDelta", "contentBlockDelta", "metadata"]);
    assert!(matches!(&events[0], ConverseEvent::ContentBlockStart(start) if start.content_block_index == 1
            && matches!(start.start, ContentBlockStart::Other(_)) && start.extra.is_empty()));
    assert!(matches!(&events[1], ConverseEvent::ContentBlockDelta(delta)
        if matches!(delta.delta, ContentBlockDelta::Other(_)) && delta.extra.value("new").is_some()));
    assert!(matches!(&events[2], ConverseEvent::Other(_)));
}

#[test]
fn a_stream_says_how_it_ended() {
    let (start, stop) = (ConverseEvent::message_start(), ConverseEvent::message_stop(StopReason::EndTurn));
    let metadata = ConverseEvent::metadata(TokenUsage::default(), 5);
    let whole = frames(&[start.clone(), stop.clone(), metadata.clone()]);
    assert!(read(&whole).1.is_ok());
    for (bytes, expected) in [
        (frames(std::slice::from_ref(&start)), "metadata"),
        (frames(&[start.clone(), stop]), "metadata"),
        (frames(&[start, metadata]), "messageStop"),
        (Vec::new(), "metadata"),
    ] {
        assert!(matches!(read(&bytes).1, Err(StreamError::Cut { expected: found, .. }) if found == expected));
    }
    assert!(matches!(read(&whole[..whole.len() - 3]).1, Err(StreamError::Frame(_))));
}

#[test]
fn faults_know_where_they_were_met() {
    let fault = Fault::new("ThrottlingException", "slow down", Origin::MidStream);
    let mut exception = Vec::new();
    ConverseEventEncoder::default().encode_fault(&fault, &mut exception);
    let mut late = frames(&[ConverseEvent::message_start()]);
    late.extend_from_slice(&exception);
    for (bytes, origin, before) in [(exception, Origin::FirstFrame, 0), (late, Origin::MidStream, 1)] {
        let (events, end) = read(&bytes);
        assert_eq!(events.len(), before);
        let Err(StreamError::Fault(met)) = end else { panic!("no fault") };
        assert_eq!((met.code.as_str(), met.message.as_str(), met.origin), ("ThrottlingException", "slow down", origin));
    }
}

/// An answer of each kind of block, and the events it comes as.
#[test]
fn events_add_up() {
    let events = [
        r#"{"messageStart":{"role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"m."}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"RXJ="}}}}"#,
        r#"{"contentBlockStop":{"contentBlockIndex":0}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"YQ=="}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"YmM="}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"text":"Hel"}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"text":"lo"}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":3,"delta":{"citation":{"title":"d","location":{"documentPage":{"documentIndex":0,"start":1,"end":2}}}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":3,"delta":{"text":"cited"}}}"#,
        r#"{"contentBlockStart":{"contentBlockIndex":4,"start":{"toolUse":{"name":"n","toolUseId":"t","type":"tool_use"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":4,"delta":{"toolUse":{"input":""}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":4,"delta":{"toolUse":{"input":"{\"b\":1.50,"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":4,"delta":{"toolUse":{"input":"\"a\":2}"}}}}"#,
        r#"{"later":{"x":1}}"#,
        r#"{"contentBlockStart":{"contentBlockIndex":5,"start":{"toolUse":{"name":"none","toolUseId":"u"}}}}"#,
        r#"{"messageStop":{"additionalModelResponseFields":{"delta":{"stop_sequence":null}},"stopReason":"tool_use"}}"#,
        r#"{"metadata":{"metrics":{"latencyMs":802},"serviceTier":{"type":"default"},"usage":{"inputTokens":12,"outputTokens":5,"serverToolUsage":{},"totalTokens":17}}}"#,
    ];
    let mut accumulator = ConverseAccumulator::new();
    for event in events {
        assert!(!accumulator.is_complete());
        accumulator.push(&serde_json::from_str(event).unwrap()).unwrap();
    }
    assert!(accumulator.is_complete());
    assert_eq!(
        serde_json::to_string(&accumulator.into_response().unwrap()).unwrap(),
        concat!(
            r#"{"additionalModelResponseFields":{"delta":{"stop_sequence":null}},"metrics":{"latencyMs":802},"output":{"message":{"content":["#,
            r#"{"reasoningContent":{"reasoningText":{"signature":"RXJ=","text":"Hmm."}}},{"reasoningContent":{"redactedContent":"YWJj"}},{"text":"Hello"},"#,
            r#"{"citationsContent":{"citations":[{"location":{"documentPage":{"documentIndex":0,"end":2,"start":1}},"title":"d"}],"content":[{"text":"cited"}]}},"#,
            r#"{"toolUse":{"input":{"b":1.50,"a":2},"name":"n","toolUseId":"t","type":"tool_use"}},{"toolUse":{"input":{},"name":"none","toolUseId":"u"}}"#,
            r#"],"role":"assistant"}},"serviceTier":{"type":"default"},"stopReason":"tool_use","usage":{"inputTokens":12,"outputTokens":5,"serverToolUsage":{},"totalTokens":17}}"#,
        )
    );
}

/// The words in which prices are told.
#[test]
fn tokens_are_those_of_the_messages_api() {
    let usage: TokenUsage = serde_json::from_str(
        r#"{"cacheDetails":[{"inputTokens":9,"ttl":"1h"},{"inputTokens":4,"ttl":"5m"}],"cacheReadInputTokenCount":6,"cacheWriteInputTokens":13,"inputTokens":3,"outputTokens":2,"totalTokens":24}"#,
    )
    .unwrap();
    let usage = Usage::from(&usage);
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.total_input()), (3, 2, 22));
    let split = usage.cache_creation.unwrap();
    assert_eq!((split.ephemeral_1h_input_tokens, split.ephemeral_5m_input_tokens), (9, 4));
}

#[test]
fn misplaced_events_are_told() {
    let mut accumulator = ConverseAccumulator::new();
    assert!(accumulator.push(&ConverseEvent::stop(0)).is_err());
    accumulator.push(&ConverseEvent::message_start()).unwrap();
    assert!(accumulator.push(&ConverseEvent::message_start()).is_err());
    let start = ContentBlockStart::ToolUse(ToolUseStart {
        name: "n".into(),
        tool_use_id: "t".into(),
        kind: None,
        extra: Extra::new(),
    });
    accumulator.push(&ConverseEvent::start(4_000_000_000, start.clone())).unwrap();
    assert!(accumulator.push(&ConverseEvent::start(4_000_000_000, start)).is_err());
    let cut = ContentBlockDelta::ToolUse(serde_json::from_str(r#"{"input":"{\"a\":"}"#).unwrap());
    accumulator.push(&ConverseEvent::delta(4_000_000_000, cut)).unwrap();
    let answer = accumulator.into_response().unwrap();
    assert_eq!(answer.tool_uses().next().unwrap().input.text(), r#""{\"a\":""#, "what was cut stays as text");
}

/// A megabyte of nesting is refused or kept, and never runs out of stack.
#[test]
fn deep_nesting_is_harmless() {
    let deep = |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    for nested in [
        deep(r#"{"toolResult":{"toolUseId":"t","content":["#, "]}}", 20_000),
        deep(r#"{"document":{"name":"d","source":{"content":["#, "]}}}", 20_000),
        deep(r#"{"hologram":"#, "}", 200_000),
    ] {
        let message = format!(r#"{{"role":"user","content":[{nested}]}}"#);
        let _ = decode_converse_request("m".into(), format!(r#"{{"messages":[{message}]}}"#).as_bytes());
        let body = format!(r#"{{"output":{{"message":{message}}},"stopReason":"end_turn"}}"#);
        let _ = decode_converse_response(body.as_bytes());
    }
}

#[test]
fn the_short_way_of_a_delta_is_the_long_way() {
    for payload in [
        r#"{"contentBlockIndex":0,"delta":{"text":"plain"},"p":"ab"}"#,
        r#"{"contentBlockIndex":12,"delta":{"text":"\"\\\u00e9\n},\"p\":\"x"},"p":"abcdefghijk"}"#,
        r#"{"contentBlockIndex":3,"delta":{"toolUse":{"input":"{\"a\": 1"}},"p":"abc"}"#,
        r#"{"contentBlockIndex":3,"delta":{"toolUse":{"input":"","later":1}},"p":"abc"}"#,
        r#"{"contentBlockIndex":3,"delta":{"reasoningContent":{"text":"hm"}},"p":"abc"}"#,
        r#"{"contentBlockIndex":3,"delta":{"reasoningContent":{"signature":"hm"}},"p":"abc"}"#,
        r#"{"contentBlockIndex":0,"delta":{"text":"unpadded"}}"#,
        r#"{"contentBlockIndex":0,"delta":{"text":"a"},"new":"b","p":"ab"}"#,
        r#"{"contentBlockIndex":0,"delta":{"text":"a"},"p":"a-b"}"#,
        r#"{"contentBlockIndex":0,"delta":{"text":"a"},"p":""}"#,
        r#"{"contentBlockIndex":0,"delta":{"text":"a","p":"ab"}}"#,
        r#"{"p":"ab","delta":{"text":"a"},"contentBlockIndex":0}"#,
    ] {
        let (events, _) = read(&frame("contentBlockDelta", payload));
        let mut long: Value = serde_json::from_str(payload).unwrap();
        long.as_object_mut().unwrap().remove("p");
        assert_eq!(serde_json::to_value(&events[0]).unwrap(), json!({"contentBlockDelta": long}), "{payload}");
    }
}

fn event() -> impl Strategy<Value = ConverseEvent> {
    let delta = prop_oneof![
        ".{0,40}".prop_map(ContentBlockDelta::Text),
        ".{0,40}".prop_map(|input| {
            ContentBlockDelta::ToolUse(serde_json::from_value(json!({ "input": input })).unwrap())
        }),
        ".{0,40}".prop_map(|text| {
            ContentBlockDelta::ReasoningContent(serde_json::from_value(json!({ "text": text })).unwrap())
        }),
        "[a-z]{1,9}"
            .prop_map(|name| ContentBlockDelta::Other([(format!("x{name}"), Json::null())].into_iter().collect())),
    ];
    prop_oneof![
        4 => (any::<u32>(), delta).prop_map(|(index, delta)| ConverseEvent::delta(index, delta)),
        1 => any::<u32>().prop_map(ConverseEvent::stop),
        1 => Just(ConverseEvent::message_start()),
        1 => "[a-z_]{1,20}".prop_map(|reason| ConverseEvent::message_stop(StopReason::from(reason.as_str()))),
        1 => any::<u64>().prop_map(|tokens| ConverseEvent::metadata(TokenUsage { input_tokens: tokens, ..TokenUsage::default() }, tokens)),
        1 => "[a-z]{1,9}".prop_map(|name| serde_json::from_value(json!({ format!("x{name}"): {"z": 1, "a": [2]} })).unwrap()),
    ]
}

proptest! {
    #[test]
    fn streams_survive_any_cut(events in proptest::collection::vec(event(), 0..12), size in 1usize..200) {
        let bytes = frames(&events);
        let (mut decoder, mut found) = (ConverseEventDecoder::default(), Vec::new());
        for piece in bytes.chunks(size) {
            decoder.push(piece);
            while let Some(event) = decoder.next_event().unwrap() {
                found.push(event);
            }
        }
        prop_assert_eq!(found, events);
    }

    #[test]
    fn thoughts_survive(text in ".{0,40}", signature in "[A-Za-z0-9+/]{0,40}") {
        let block = ContentBlock::reasoning(text, signature);
        let again: ContentBlock = serde_json::from_str(&serde_json::to_string(&block).unwrap()).unwrap();
        prop_assert!(matches!(&again, ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(_))));
        prop_assert_eq!(again, block);
    }
}
