//! Unions: `type` anywhere, unknown kinds, explicit nulls, places of mistakes.

use outcrop_wire::accumulate::Accumulator;
use outcrop_wire::dialect::invoke::decode_request;
use outcrop_wire::messages::{Block, Event, Message, MessageRequest, StopReason, Tool, ToolChoice};
use serde_json::{Value, json};

fn round_trip<T: serde::Serialize + serde::de::DeserializeOwned>(text: &str) -> (T, Value) {
    let value: T = serde_json::from_str(text).unwrap();
    let again = serde_json::to_value(&value).unwrap();
    (value, again)
}

#[test]
fn the_type_may_stand_anywhere() {
    for text in [
        r#"{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"a\"b"}],"is_error":false}"#,
        r#"{"tool_use_id":"t","content":[{"text":"a\"b","type":"text"}],"is_error":false,"type":"tool_result"}"#,
        r#"{"tool_use_id":"t","type":"tool_result","content":[{"text":"a\"b","type":"text"}],"is_error":false}"#,
    ] {
        let (block, again): (Block, Value) = round_trip(text);
        assert!(matches!(block, Block::ToolResult(_)), "{block:?}");
        assert_eq!(again, serde_json::from_str::<Value>(text).unwrap());
    }
}

#[test]
fn what_is_unknown_survives() {
    for text in [
        r#"{"type":"hologram","beams":[1,2.50,{"x":null}],"text":"t"}"#,
        r#"{"text":7,"beams":1,"type":"hologram"}"#,
        r#"{"type":"text","text":"t","new_member":{"a":1},"citations":null}"#,
        r#"{"type":"image","source":{"type":"satellite","orbit":3},"cache_control":null}"#,
        r#"{"type":"tool_use","id":"1","name":"n","input":{"b":1.50,"a":123456789012345678901234567890},"caller":{"type":"direct"}}"#,
    ] {
        let block: Block = serde_json::from_str(text).unwrap();
        let again = serde_json::to_string(&block).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }
    let call: Block =
        serde_json::from_str(r#"{"type":"tool_use","id":"1","name":"n","input":{"b":1.50,"a":2}}"#).unwrap();
    assert!(
        serde_json::to_string(&call).unwrap().contains(r#"{"b":1.50,"a":2}"#),
        "the model's own text of the arguments stays"
    );
}

#[test]
fn a_remembered_null_gives_way_to_a_value() {
    let mut block: Block = serde_json::from_str(r#"{"type":"text","text":"t","cache_control":null}"#).unwrap();
    if let Block::Text(block) = &mut block {
        block.cache_control = Some(outcrop_wire::messages::CacheControl::ephemeral());
    }
    assert_eq!(
        serde_json::to_string(&block).unwrap(),
        r#"{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}"#
    );
}

#[test]
fn tools_without_a_type_are_the_callers_own() {
    for (text, custom) in [
        (r#"{"name":"n","input_schema":{"type":"object"}}"#, true),
        (r#"{"name":"n","input_schema":{"type":"object"},"type":null}"#, true),
        (r#"{"input_schema":{"type":"object"},"name":"n","type":"custom"}"#, true),
        (r#"{"type":"bash_20250124","name":"bash"}"#, false),
    ] {
        let (tool, again): (Tool, Value) = round_trip(text);
        assert_eq!(matches!(tool, Tool::Custom(_)), custom, "{text}");
        assert_eq!(again, serde_json::from_str::<Value>(text).unwrap());
        assert!(tool.name().is_some());
    }
    let (choice, again): (ToolChoice, Value) = round_trip(r#"{"type":"tool","name":"n"}"#);
    assert_eq!(choice, ToolChoice::tool("n"));
    assert_eq!(again, json!({"type":"tool","name":"n"}));
}

#[test]
fn an_answer_is_not_lost_to_one_block() {
    let body = br#"{"model":"m","id":"i","type":"message","role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":{"rich":true}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2}}"#;
    let message = Message::decode(body).unwrap();
    assert_eq!(message.text(), "a");
    assert!(matches!(&message.content[1], Block::Other(other) if other.kind == "text"));
    assert_eq!(serde_json::to_value(&message).unwrap(), serde_json::from_slice::<Value>(body).unwrap());
    let event = Event::decode(br#"{"type":"content_block_delta","index":"zero"}"#).unwrap();
    assert!(matches!(event, Event::Other(other) if other.kind == "content_block_delta"));
}

#[test]
fn what_is_no_request_is_refused() {
    for body in ["{", "[]", r#"{"messages":[]}"#, r#"{"max_tokens":1,"messages":[{"role":"user","content":7}]}"#] {
        assert!(decode_request("m".into(), body.as_bytes()).is_err(), "{body}");
    }
    let request = decode_request("m".into(), br#"{"model":"other","max_tokens":1,"messages":[]}"#).unwrap();
    assert_eq!(request.model.as_str(), "m");
    assert!(request.extra.value("model").is_some(), "that the body named a model too is not lost");
}

/// A megabyte of nesting is refused or kept, and never runs out of stack.
#[test]
fn deep_nesting_is_harmless() {
    let deep = |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    let body = format!(r#"{{"max_tokens":1,"messages":[],"x":{}}}"#, deep("[", "]", 500_000));
    let request: MessageRequest = serde_json::from_str(&body).unwrap();
    assert_eq!(request.clone(), request);
    let nested = deep(r#"{"type":"tool_result","tool_use_id":"t","content":["#, "]}", 20_000);
    let body = format!(r#"{{"max_tokens":1,"messages":[{{"role":"user","content":[{nested}]}}]}}"#);
    let _ = serde_json::from_str::<MessageRequest>(&body);
    // Images and documents, with `type` last: each level is read while the one above still waits for its type.
    let image = deep(r#"{"source":{"content":["#, r#"],"type":"content"},"type":"image"}"#, 20_000);
    let document = deep(r#"{"source":{"content":["#, r#"],"type":"content"},"type":"document"}"#, 20_000);
    for nested in [image, document] {
        let body = format!(r#"{{"max_tokens":1,"messages":[{{"role":"user","content":[{nested}]}}]}}"#);
        let _ = decode_request("m".into(), body.as_bytes());
        let reply = format!(r#"{{"role":"assistant","content":[{nested}]}}"#);
        let _ = Message::decode(reply.as_bytes());
    }
    let late = deep(r#"{"tool_use_id":"t","content":["#, r#"],"type":"tool_result"}"#, 20_000);
    let body = format!(r#"{{"max_tokens":1,"messages":[{{"role":"user","content":[{late}]}}]}}"#);
    let _ = serde_json::from_str::<MessageRequest>(&body);
}

#[test]
fn no_member_stands_twice() {
    for text in [
        r#"{"text":"a","text":"b","type":"text"}"#,
        r#"{"type":"text","text":"a","text":"b"}"#,
        r#"{"type":"text","text":"a","type":"image"}"#,
        r#"{"type":"hologram","type":"text"}"#,
    ] {
        assert!(serde_json::from_str::<Block>(text).is_err(), "{text}");
    }
    assert!(
        serde_json::from_str::<Tool>(r#"{"type":"custom","name":"n","input_schema":{},"type":"bash_20250124"}"#)
            .is_err()
    );
}

#[test]
fn an_event_is_not_lost_to_one_member() {
    let event = |text: &str| Event::decode(text.as_bytes()).unwrap();
    let start =
        event(r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"n"}}"#);
    assert!(
        matches!(start, Event::ContentBlockStart(start) if start.index == 1 && start.content_block.kind() == "tool_use")
    );
    let delta = event(r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":null}}"#);
    assert!(matches!(delta, Event::ContentBlockDelta(delta) if delta.delta.kind() == "text_delta"));
    let end = event(
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1.5}}"#,
    );
    assert!(
        matches!(end, Event::MessageDelta(end) if end.delta.stop_reason.is_some() && end.extra.value("usage").is_some())
    );
    let stop = r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"invocationLatency":12.5}}"#;
    assert!(matches!(event(stop), Event::MessageStop(_)));
    assert_eq!(serde_json::to_value(event(stop)).unwrap(), serde_json::from_str::<Value>(stop).unwrap());
}

#[test]
fn the_short_way_of_a_delta_is_the_long_way() {
    for text in [
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"plain"}}"#,
        r#"{"type":"content_block_delta","index":12,"delta":{"type":"text_delta","text":"\"\\\u00e9\n}}"}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1"}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","new":1}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"},"new":{"b":"}}"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"} }"#,
    ] {
        let long: Event = serde_json::from_str(text).unwrap();
        assert_eq!(Event::decode(text.as_bytes()).unwrap(), long, "{text}");
    }
    for text in [
        r#"{"type":"content_block_delta","index":-1,"delta":{"type":"text_delta","text":"a"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":a}}"#,
        r#"{"type":"content_block_delta","index":,"#,
        r#"{"type":"content_block_delta","index":"#,
    ] {
        assert!(!matches!(Event::decode(text.as_bytes()), Ok(Event::ContentBlockDelta(_))), "{text}");
    }
}

/// What only informs never costs a reply, whatever shape AWS gives it next.
#[test]
fn members_that_inform_and_do_not_fit_are_kept() {
    let text = r#"{"model":"m","id":"i","type":"message","role":"assistant","content":[],"stop_reason":"refusal","stop_sequence":null,"stop_details":"new","container":{"name":"c"},"usage":{"input_tokens":1,"output_tokens":2,"service_tier":{"name":"x"},"server_tool_use":7}}"#;
    let message: Message = serde_json::from_str(text).unwrap();
    assert_eq!((&message.stop_details, &message.container), (&None, &None));
    let again: serde_json::Value = serde_json::from_str(&serde_json::to_string(&message).unwrap()).unwrap();
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(text).unwrap());
    let event = r#"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":[1]},"usage":{"output_tokens":3,"inference_geo":4,"service_tier":"priority"}}"#;
    let Event::MessageDelta(event) = serde_json::from_str(event).unwrap() else { panic!("not a message_delta") };
    assert_eq!(event.delta.stop_reason, Some(StopReason::Refusal));
    let mut usage = message.usage;
    usage.update(event.usage.as_ref().unwrap());
    assert_eq!((usage.output_tokens, usage.service_tier.as_deref()), (3, Some("priority")));
}

#[test]
fn a_compaction_arrives_whole() {
    let mut accumulator = Accumulator::default();
    for event in [
        r#"{"type":"message_start","message":{"model":"m","id":"i","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"compaction","content":null}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"so far","later":1}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"proof"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
    ] {
        accumulator.push(&serde_json::from_str(event).unwrap()).unwrap();
    }
    let block = serde_json::to_value(&accumulator.snapshot().unwrap().content[0]).unwrap();
    let whole = serde_json::json!({"type": "compaction", "content": "so far", "signature": "proof", "later": 1});
    assert_eq!(block, whole);
}
