//! Properties: there and back, cut anywhere, add up and play back.

use outcrop_wire::dialect::invoke::{EventDecoder, EventEncoder, decode_request, encode_request};
use outcrop_wire::edit::Edit;
use outcrop_wire::eventstream::{Decoder, HeaderValue, encode};
use outcrop_wire::messages::{
    Block, CacheControl, Container, Content, Effort, Message, MessageRequest, OutputFormat, OutputTokensDetails,
    RedactedThinkingBlock, ResultContent, StopReason, TextBlock, Thinking, ThinkingBlock, ToolChoice, ToolUseBlock,
    Turn, Usage,
};
use outcrop_wire::model::ModelId;
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::sigv4::{
    AmzTime, Authorization, Canonical, Claim, CredentialScope, PathStyle, SigningKey, hash_hex, sign, verify,
};
use outcrop_wire::{Accumulator, Extra, Json};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::golden;

fn json() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::empty_object()),
        any::<i64>().prop_map(|number| Json::of(&serde_json::json!({ "n": number })).unwrap()),
        ".{0,12}".prop_map(|text| Json::of(&serde_json::json!({ "city": text, "x": [1.5, null] })).unwrap()),
    ]
}

fn extra() -> impl Strategy<Value = Extra> {
    prop_oneof![
        4 => Just(Extra::new()),
        1 => json().prop_map(|value| [("zz_new", value)].into_iter().collect()),
    ]
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        (".{0,40}", any::<bool>(), extra()).prop_map(|(text, cached, extra)| {
            let cache_control = cached.then(CacheControl::ephemeral);
            Block::Text(TextBlock { text, citations: cached.then(Vec::new), cache_control, extra })
        }),
        ("[a-z]{1,8}", json(), extra()).prop_map(|(name, input, extra)| Block::ToolUse(ToolUseBlock {
            extra,
            ..ToolUseBlock::new(format!("toolu_bdrk_{name}"), name, input)
        })),
        (".{0,30}", proptest::option::of("[A-Za-z0-9+/]{0,20}")).prop_map(|(thinking, signature)| Block::Thinking(
            ThinkingBlock { thinking, signature, extra: Extra::new() }
        )),
        // Every other type, by its golden file.
        proptest::sample::select(golden::files("block")).prop_map(|(_, text)| serde_json::from_str(&text).unwrap()),
        "[A-Za-z0-9]{0,20}"
            .prop_map(|data| Block::RedactedThinking(RedactedThinkingBlock { data, extra: Extra::new() })),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    (vec(block(), 0..6), 0u64..1000, 0u64..1000, any::<bool>(), extra()).prop_map(
        |(content, input, output, stopped, extra)| Message {
            // Who went on is who answered.
            model: content.iter().rev().find_map(fallen_back).unwrap_or_else(|| "claude-opus-4-6".into()),
            id: "msg_bdrk_01".into(),
            content,
            stop_reason: Some(if stopped { StopReason::StopSequence } else { StopReason::Other("brand_new".into()) }),
            stop_sequence: stopped.then(|| "END".into()),
            container: stopped.then(|| Container {
                id: "c".into(),
                expires_at: None,
                skills: None,
                extra: Extra::new(),
            }),
            usage: Usage {
                input_tokens: input,
                output_tokens: output,
                cache_read_input_tokens: stopped.then_some(input),
                output_tokens_details: stopped.then(OutputTokensDetails::default),
                service_tier: stopped.then(|| "standard".into()),
                ..Usage::default()
            },
            extra,
            ..Message::default()
        },
    )
}

fn fallen_back(block: &Block) -> Option<String> {
    match block {
        Block::Fallback(fallback) => Some(fallback.to.model.clone()),
        _ => None,
    }
}

const CONTEXT: &str = r#"{"edits":[{"type":"clear_tool_uses_20250919","keep":{"type":"tool_uses","value":3}},{"type":"compact_20260112"},{"type":"brand_new","x":1.50}]}"#;

fn request() -> impl Strategy<Value = MessageRequest> {
    let turn = prop_oneof![
        ".{0,40}".prop_map(|text| Turn::user(text.as_str())),
        vec(block(), 0..4).prop_map(Turn::assistant),
        ("[a-z0-9_]{1,12}", ".{0,30}").prop_map(|(id, text)| Turn::user(Content::Blocks(vec![Block::tool_result(
            id,
            ResultContent::Text(text)
        )]))),
    ];
    let tool = proptest::sample::select(golden::files("tool"));
    let tools = vec(tool.prop_map(|(_, text)| serde_json::from_str(&text).unwrap()), 0..4);
    let system = proptest::option::of(".{0,20}");
    (vec(turn, 0..5), 1u32..100_000, proptest::option::of(0.0f64..1.0), system, extra(), proptest::option::of(tools))
        .prop_map(|(messages, max_tokens, temperature, system, extra, tools)| {
            let mut request = MessageRequest::new("anthropic.x-v1:0", max_tokens);
            request.messages = messages;
            request.temperature = temperature;
            request.system = system.map(|text| text.as_str().into());
            request.extra = extra;
            request.tools = tools;
            // What a number decides, so that each setting comes up with and without the others.
            if max_tokens % 2 == 0 {
                request = request.thinking(Thinking::budget(max_tokens / 2)).stop_sequence("END").user_id("u");
            }
            if max_tokens % 3 == 0 {
                let format = OutputFormat::json_schema(Json::empty_object());
                request = request.effort(Effort::Other("brand_new".into())).output_format(format);
            }
            if max_tokens % 5 == 0 {
                request = request.tool_choice(ToolChoice::tool("weigh").parallel(false)).context_1m();
                request.context_management = serde_json::from_str(CONTEXT).unwrap();
            }
            request
        })
}

proptest! {
    #[test]
    fn requests_come_back(request in request()) {
        let body = encode_request(&request, &[Edit::drop("model")]).unwrap();
        prop_assert_eq!(decode_request(ModelId::from("anthropic.x-v1:0"), &body).unwrap(), request);
    }

    #[test]
    fn messages_come_back(message in message()) {
        prop_assert_eq!(Message::decode(&serde_json::to_vec(&message).unwrap()).unwrap(), message);
    }

    #[test]
    fn what_is_played_adds_up(message in message(), piece in proptest::option::of(1usize..9), cuts in vec(1usize..400, 1..30)) {
        let mut bytes = Vec::new();
        let mut encoder = EventEncoder::default();
        let events = replay(&message, &Replay { metrics: None, piece });
        for (at, event) in events.iter().enumerate() {
            encoder.encode(event, at * 7 % 90, &mut bytes).unwrap();
        }
        let mut decoder = EventDecoder::default();
        let mut accumulator = Accumulator::new();
        let (mut rest, mut cut, mut seen) = (&bytes[..], cuts.iter().cycle(), 0);
        while !rest.is_empty() {
            prop_assert!(decoder.finish().is_err());
            let (now, after) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
            rest = after;
            decoder.push(now);
            while let Some(event) = decoder.next_event().unwrap() {
                prop_assert_eq!(&event, &events[seen]);
                accumulator.push(&event).unwrap();
                seen += 1;
            }
        }
        decoder.finish().unwrap();
        prop_assert_eq!(accumulator.into_message(), Some(message));
    }

    #[test]
    fn frames_come_back_from_any_cut(
        frames in vec((vec(("[a-z:-]{1,12}", ".{0,20}"), 0..4), vec(any::<u8>(), 0..300)), 1..6),
        size in 1usize..64,
    ) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (headers, payload) in &frames {
            let headers: std::collections::BTreeMap<_, _> = headers.iter().cloned().collect();
            encode(headers.iter().map(|(name, value)| (name.as_str(), HeaderValue::Text(value))), |out| out.extend_from_slice(payload), &mut bytes);
            expected.push((headers, payload.clone()));
        }
        let mut decoder = Decoder::default();
        let mut found = Vec::new();
        for cut in bytes.chunks(size) {
            decoder.push(cut);
            while let Some(frame) = decoder.next_frame().unwrap() {
                let headers = frame.headers.into_iter().map(|(name, value)| match value {
                    HeaderValue::Text(text) => (name.to_owned(), text.to_owned()),
                    other => (name.to_owned(), format!("{other:?}")),
                }).collect();
                found.push((headers, frame.payload.to_vec()));
            }
        }
        decoder.finish().unwrap();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_bytes_are_frames_or_an_error(bytes in vec(any::<u8>(), 0..200), flip in 0usize..170, with in 1u8..255) {
        let mut decoder = Decoder::default();
        decoder.push(&bytes);
        while let Ok(Some(_)) = decoder.next_frame() {}
        // One byte changed anywhere in a good frame is noticed.
        let mut good = Vec::new();
        encode([(":event-type", HeaderValue::Text("chunk"))], |out| out.extend_from_slice(&[7; 150]), &mut good);
        let at = flip % good.len();
        good[at] ^= with;
        let mut decoder = Decoder::default();
        decoder.push(&good);
        let outcome = decoder.next_frame().map(|frame| frame.is_some());
        prop_assert!(outcome != Ok(true) && (outcome.is_err() || decoder.finish().is_err()));
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else(
        path in "/model/[a-zA-Z0-9.:%/_-]{1,40}/invoke", query in "([a-z]{1,4}=[a-z0-9%]{0,4}&){0,3}",
        body in vec(any::<u8>(), 0..64), header in "[ -~]{0,30}", seconds in 0i64..4_000_000_000, skew in -300i64..=300,
    ) {
        let time = AmzTime::from_unix(seconds);
        let hash = hash_hex(&body);
        let request = Canonical { method: "POST", path: &path, query: &query, path_style: PathStyle::Normalized, payload_hash: &hash };
        let headers = [("host", "h"), ("x-amz-date", time.as_str()), ("x-custom", header.as_str())];
        let key = SigningKey::derive("secret", CredentialScope::new(time, "us-west-2", "bedrock"));
        let signed = sign(&request, &headers, "AKID", &key, time);
        let parsed = Authorization::parse(&signed.authorization).unwrap();
        let claim = Claim { request, headers: &headers, service: "bedrock", region: Some("us-west-2"), now: AmzTime::from_unix(seconds + skew), tolerance_seconds: 300 };
        prop_assert_eq!(verify(&parsed, &claim, "secret"), Ok(()));
        prop_assert!(verify(&parsed, &claim, "Secret").is_err());
        let late = Claim { now: AmzTime::from_unix(seconds + 301), ..claim };
        prop_assert!(verify(&parsed, &late, "secret").is_err());
        let elsewhere = Claim { service: "sts", ..claim };
        prop_assert!(verify(&parsed, &elsewhere, "secret").is_err());
        let altered = Canonical { payload_hash: &hash_hex(b"altered, and longer than any body of this test can be; really so"), ..request };
        let altered = Claim { request: altered, ..claim };
        prop_assert!(verify(&parsed, &altered, "secret").is_err());
    }

    #[test]
    fn any_header_is_an_authorization_or_a_refusal(text in ".{0,120}") {
        let _ = Authorization::parse(&text);
        let _ = Authorization::parse(&format!("AWS4-HMAC-SHA256 {text}"));
    }
}
