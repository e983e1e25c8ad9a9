//! Properties of conversions: what loses nothing comes back equal, streams say what their sums say, and nothing that
//! comes in makes them fail.

use outcrop_wire::converse::{self, ConverseAccumulator, ConverseRequest, DocumentFormat, DocumentSource};
use outcrop_wire::convert::{
    Converted, Identity, Loss, StreamToConverse, StreamToMessages, is_document_name, message_from_converse,
    message_to_converse, request_from_converse, request_to_converse,
};
use outcrop_wire::dialect::converse::{
    ConverseEventDecoder, EventDecoder, EventEncoder, decode_count_request, decode_request, decode_response,
    encode_count_request, encode_request, encode_response,
};
use outcrop_wire::edit::Edit;
use outcrop_wire::messages::{
    Block, CacheControl, CacheCreation, CharLocation, Citation, CitationsConfig, Content, ContentBlockLocation,
    CustomTool, DocumentBlock, Effort, Event, ImageBlock, ImageSource, MediaSource, Message, MessageRequest,
    OutputFormat, PageLocation, RedactedThinkingBlock, ResultBlock, ResultContent, SearchResultLocation, SourceBlock,
    StopReason, System, SystemBlock, TextBlock, Thinking, ThinkingBlock, Tool, ToolChoice, ToolResultBlock,
    ToolUseBlock, Ttl, Turn, Usage,
};
use outcrop_wire::model::ModelId;
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::{Accumulator, Extra, Json};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::golden;

fn json() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::from_text(r#"{"n":1.50,"a":[12345678901234567890]}"#).unwrap()),
        ".{0,12}".prop_map(|text| Json::of(&serde_json::json!({ "city": text })).unwrap()),
    ]
}

fn checkpoint() -> impl Strategy<Value = Option<CacheControl>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some(CacheControl::ephemeral())),
        1 => Just(Some(CacheControl::lasting(Ttl::OneHour))),
        1 => Just(Some(CacheControl::lasting(Ttl::FiveMinutes))),
    ]
}

fn image() -> impl Strategy<Value = ImageBlock> {
    ("(png|jpeg|gif|webp|brand-new)", "[A-Za-z0-9+/]{0,20}")
        .prop_map(|(kind, data)| ImageBlock::new(ImageSource::base64(format!("image/{kind}"), data)))
}

/// Documents that have a name of their own: `title` is made unique by the caller.
fn document() -> impl Strategy<Value = DocumentBlock> {
    let source = prop_oneof![
        "[A-Za-z0-9+/]{0,20}".prop_map(|data| MediaSource::base64("application/pdf", data)),
        ".{0,20}".prop_map(MediaSource::plain_text),
        vec(".{0,9}".prop_map(SourceBlock::text), 0..3).prop_map(MediaSource::content),
    ];
    (source, option::of(".{0,9}"), option::of(any::<bool>()), any::<u64>()).prop_map(
        |(source, context, citations, number)| {
            // Blocks without citations become one text.
            let citations = if matches!(source, MediaSource::Content(_)) { Some(true) } else { citations };
            DocumentBlock {
                title: Some(format!("Report [{number}]")),
                context,
                citations: citations.map(CitationsConfig::new),
                ..DocumentBlock::new(source)
            }
        },
    )
}

fn citation(reply: bool) -> impl Strategy<Value = Citation> {
    (".{0,9}", any::<u32>(), option::of(".{0,9}"), any::<u32>(), any::<u32>(), 0..if reply { 4 } else { 3 }).prop_map(
        |(cited_text, document_index, document_title, start, end, kind)| match kind {
            0 => Citation::Char(CharLocation {
                cited_text,
                document_index,
                document_title,
                file_id: None,
                start_char_index: start.into(),
                end_char_index: end.into(),
                extra: Extra::new(),
            }),
            1 => Citation::Page(PageLocation {
                cited_text,
                document_index,
                document_title,
                file_id: None,
                start_page_number: start,
                end_page_number: end,
                extra: Extra::new(),
            }),
            2 => Citation::ContentBlock(ContentBlockLocation {
                cited_text,
                document_index,
                document_title,
                file_id: None,
                start_block_index: start,
                end_block_index: end,
                extra: Extra::new(),
            }),
            _ => Citation::SearchResult(SearchResultLocation {
                cited_text,
                search_result_index: document_index,
                source: "s".into(),
                title: document_title,
                start_block_index: start,
                end_block_index: end,
                extra: Extra::new(),
            }),
        },
    )
}

fn text(reply: bool) -> impl Strategy<Value = TextBlock> {
    (".{0,40}", option::of(vec(citation(reply), 1..3)))
        .prop_map(|(text, citations)| TextBlock { citations, ..TextBlock::new(text) })
}

/// Blocks of a reply that lose nothing.
fn said() -> impl Strategy<Value = Block> {
    prop_oneof![
        text(true).prop_map(Block::Text),
        ("[a-z]{1,8}", json()).prop_map(|(name, input)| Block::ToolUse(ToolUseBlock::new("tooluse_1", name, input))),
        (".{0,30}", option::of("[A-Za-z0-9+/]{1,20}")).prop_map(|(thinking, signature)| Block::Thinking(
            ThinkingBlock { thinking, signature, extra: Extra::new() }
        )),
        ".{0,20}".prop_map(|data| Block::RedactedThinking(RedactedThinkingBlock { data, extra: Extra::new() })),
        json().prop_map(|input| {
            let call = r#"{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}"#;
            let mut block: Block = serde_json::from_str(call).unwrap();
            if let Block::ServerToolUse(call) = &mut block {
                call.input = input;
            }
            block
        }),
    ]
}

fn result_block() -> impl Strategy<Value = ResultBlock> {
    let search = r#"{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}],"citations":{"enabled":true}}"#;
    prop_oneof![
        ".{0,20}".prop_map(|text| ResultBlock::Text(TextBlock::new(text))),
        image().prop_map(ResultBlock::Image),
        document().prop_map(ResultBlock::Document),
        Just(serde_json::from_str(search).unwrap()),
    ]
}

/// Blocks of a request that lose nothing.
fn block() -> impl Strategy<Value = Block> {
    let search = r#"{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]}"#;
    let kept = prop_oneof![
        Just(r#"{"guardContent":{"text":{"text":"x"}}}"#),
        Just(r#"{"video":{"format":"mp4"}}"#),
        Just(r#"{"toolAddition":{"tool":{"type":"tool_reference","name":"n"}}}"#),
    ];
    let block = prop_oneof![
        4 => said().prop_filter("search results are cited in replies only", |block| match block {
            Block::Text(text) => !text.citations.iter().flatten().any(|it| matches!(it, Citation::SearchResult(_))),
            _ => true,
        }),
        1 => image().prop_map(Block::Image),
        2 => document().prop_map(Block::Document),
        1 => Just(serde_json::from_str(search).unwrap()),
        2 => (vec(result_block(), 0..3), option::of(any::<bool>())).prop_map(|(blocks, is_error)| {
            Block::ToolResult(ToolResultBlock {
                tool_use_id: "tooluse_1".into(),
                content: (!blocks.is_empty()).then_some(ResultContent::Blocks(blocks)),
                is_error,
                toolset_name: None,
                cache_control: None,
                extra: Extra::new(),
            })
        }),
        1 => kept.prop_map(|text| {
            // As it comes from Converse: `toolAddition` is a block of Messages too.
            let body = format!(r#"{{"messages":[{{"role":"user","content":[{text}]}}]}}"#);
            let request: ConverseRequest = serde_json::from_str(&body).unwrap();
            request_from_converse(request).value.blocks().next().unwrap().clone()
        }),
    ];
    (block, checkpoint()).prop_map(|(mut block, checkpoint)| {
        if let Some(place) = block.checkpoint_mut() {
            *place = checkpoint;
        }
        block
    })
}

fn tool() -> impl Strategy<Value = Tool> {
    ("[a-z]{1,9}", option::of("[a-z]{1,9}"), json(), option::of(any::<bool>()), checkpoint()).prop_map(
        |(name, description, input_schema, strict, cache_control)| {
            Tool::Custom(CustomTool { name, description, input_schema, strict, cache_control, ..CustomTool::default() })
        },
    )
}

/// Requests that lose nothing, in the form that Converse gives them.
fn request() -> impl Strategy<Value = MessageRequest> {
    let turn = (any::<bool>(), vec(block(), 0..5)).prop_map(|(user, blocks)| match user {
        true => Turn::user(blocks),
        false => Turn::assistant(blocks),
    });
    let system = option::of(vec((".{0,9}", checkpoint()), 0..3).prop_map(|blocks| {
        let blocks = blocks
            .into_iter()
            .map(|(text, cache_control)| SystemBlock::Text(TextBlock { cache_control, ..TextBlock::new(text) }));
        System::Blocks(blocks.collect())
    }));
    let raw = proptest::sample::select(golden::files("tool")).prop_map(|(_, text)| text);
    let tools = (vec(tool(), 0..3), vec(raw, 0..3));
    (vec(turn, 0..5), 1u32..100_000, option::of(0.0f64..1.0), system, tools, option::of(json())).prop_map(
        |(messages, max_tokens, temperature, system, (tools, raw), unknown)| {
            let mut request = MessageRequest::new("m", max_tokens);
            // Names are unique in a request.
            request.messages = messages;
            request.system = system;
            request.temperature = temperature;
            let raw = raw.iter().map(|text| serde_json::from_str(text).unwrap());
            let tools: Vec<Tool> =
                tools.into_iter().chain(raw.filter(|tool| !matches!(tool, Tool::Custom(_)))).collect();
            request.tools = (!tools.is_empty()).then_some(tools);
            if let Some(value) = unknown {
                request.extra.set("brand_new", value);
            }
            // What a number decides, so that each setting comes up with and without the others.
            if max_tokens % 2 == 0 {
                request = request.thinking(Thinking::budget(max_tokens / 2)).stop_sequence("END").user_id("u").top_k(5);
            }
            if max_tokens % 3 == 0 {
                request = request.effort(Effort::Other("brand_new".into()));
            }
            if max_tokens % 5 == 0 {
                request = request.output_format(OutputFormat::json_schema(Json::from_text(r#"{"a":1.50}"#).unwrap()));
                request.top_p = Some(0.5);
            }
            if max_tokens % 7 < 3 {
                let choice = [ToolChoice::auto(), ToolChoice::none(), ToolChoice::tool("t").parallel(false)];
                request = request.tool_choice(choice[(max_tokens % 7) as usize].clone()).context_1m();
            }
            request
        },
    )
}

fn usage() -> impl Strategy<Value = Usage> {
    (0u64..1000, 0u64..1000, option::of(0u64..1000), option::of((1u64..1000, 0u64..1000)), any::<bool>()).prop_map(
        |(input_tokens, output_tokens, read, written, tier)| Usage {
            input_tokens,
            output_tokens,
            cache_read_input_tokens: read,
            cache_creation_input_tokens: written.map(|(short, long)| short + long),
            cache_creation: written.map(|(short, long)| CacheCreation {
                ephemeral_5m_input_tokens: short,
                ephemeral_1h_input_tokens: long,
                extra: Extra::new(),
            }),
            service_tier: tier.then(|| "flex".into()),
            ..Usage::default()
        },
    )
}

/// Replies that lose nothing.
fn reply() -> impl Strategy<Value = Message> {
    (vec(said(), 0..6), usage(), 0usize..5, option::of(json())).prop_map(|(content, usage, reason, trace)| {
        let reasons = ["end_turn", "max_tokens", "refusal", "guardrail_intervened", "stop_sequence"];
        let mut message = Message {
            id: "msg_1".into(),
            model: "m".into(),
            content,
            stop_reason: Some(StopReason::from(reasons[reason])),
            stop_sequence: (reason == 4).then(|| "END".into()),
            usage,
            ..Message::default()
        };
        let metrics = Json::from_text(r#"{"invocationLatency":802}"#).unwrap();
        message.extra.set("amazon-bedrock-invocationMetrics", metrics);
        if let Some(trace) = trace {
            message.extra.set("amazon-bedrock-trace", trace);
        }
        message
    })
}

fn identity() -> Identity {
    Identity { id: "msg_1".into(), model: "m".into() }
}

/// The message that events add up to, its metrics where a whole reply has them.
fn added_up(events: impl IntoIterator<Item = Event>) -> Message {
    let mut accumulator = Accumulator::new();
    for event in events {
        accumulator.push(&event).unwrap();
    }
    assert!(accumulator.is_complete());
    let metrics = accumulator.metrics().cloned();
    let mut message = accumulator.into_message().unwrap();
    if let Some(metrics) = metrics {
        message.extra.set("amazon-bedrock-invocationMetrics", Json::of(&metrics).unwrap());
    }
    message
}

/// Documents in results of tools are told of, each, and nothing else is.
fn unseen_documents_alone(request: &MessageRequest, losses: &[Loss]) -> Result<(), TestCaseError> {
    let results = request.blocks().filter_map(|block| match block {
        Block::ToolResult(ToolResultBlock { content: Some(ResultContent::Blocks(blocks)), .. }) => Some(blocks),
        _ => None,
    });
    let documents = results.flatten().filter(|block| matches!(block, ResultBlock::Document(_))).count();
    prop_assert_eq!(losses.len(), documents);
    prop_assert!(losses.iter().all(|loss| loss.row.name == "tool_result_document"));
    Ok(())
}

fn events(message: &Message, piece: Option<usize>) -> Vec<Event> {
    let mut message = message.clone();
    let metrics = message.extra.take("amazon-bedrock-invocationMetrics").and_then(|metrics| metrics.parse().ok());
    replay(&message, &Replay { metrics, piece })
}

/// Blocks that a stream says nothing of are none: it has no event for an empty text, nor for a thought without words.
fn without_silence(mut message: Message) -> Message {
    message.content.retain(|block| match block {
        Block::Text(text) => !text.text.is_empty() || text.citations.is_some(),
        Block::Thinking(thought) => !thought.thinking.is_empty() || thought.signature.is_some(),
        _ => true,
    });
    message
}

proptest! {
    #[test]
    fn requests_that_lose_nothing_come_back(request in request()) {
        let there = request_to_converse(request.clone());
        unseen_documents_alone(&request, &there.losses)?;
        let back = request_from_converse(there.value);
        prop_assert!(back.losses.iter().all(|loss| loss.row.name == "guard_content" || loss.row.name == "foreign_block"));
        prop_assert_eq!(back.value, request);
    }

    #[test]
    fn bodies_come_back_with_their_edits(request in request()) {
        let edits = [
            Edit::drop("stream"), Edit::set("max_tokens", Json::from_text("7").unwrap()), Edit::drop("top_k"),
            Edit::within("tools", Edit::drop("strict")), Edit::set("speed", Json::from_text("[1.50]").unwrap()),
        ];
        let body = encode_request(&request, &edits).unwrap();
        unseen_documents_alone(&request, &body.losses)?;
        let mut expected = request.clone();
        (expected.max_tokens, expected.top_k) = (7, None);
        for tool in expected.tools.iter_mut().flatten() {
            let text = serde_json::to_string(tool).unwrap();
            let mut members: Extra = serde_json::from_str(&text).unwrap();
            members.take("strict");
            *tool = serde_json::from_str(&serde_json::to_string(&members).unwrap()).unwrap();
        }
        // What its field cannot hold goes as it is.
        expected.extra.set("speed", Json::from_text("[1.50]").unwrap());
        let back = decode_request(ModelId::from("m"), &body.value).unwrap();
        prop_assert_eq!(back.value, expected);

        let count = encode_count_request(&request, &[]).unwrap();
        let counted = decode_count_request(ModelId::from("m"), &count.value).unwrap().unwrap().value;
        prop_assert_eq!(counted.messages, request.messages);
        prop_assert_eq!(counted.system, request.system);
        prop_assert_eq!(counted.thinking, request.thinking);
    }

    #[test]
    fn replies_that_lose_nothing_come_back(message in reply()) {
        let there = message_to_converse(message.clone());
        prop_assert_eq!(&there.losses, &[]);
        prop_assert_eq!(message_from_converse(there.value, &identity()).value, message.clone());
        let body = encode_response(&message).unwrap().value;
        prop_assert_eq!(decode_response(&body, &identity()).unwrap().value, message);
    }

    #[test]
    fn streams_say_what_their_sums_say(message in reply(), piece in option::of(1usize..9), cuts in vec(1usize..400, 1..30)) {
        let played = events(&message, piece);
        let (mut there, mut back) = (StreamToConverse::new(), StreamToMessages::new(identity()));
        let (mut accumulator, mut found) = (ConverseAccumulator::new(), Vec::new());
        let (mut encoder, mut bytes) = (EventEncoder::default(), Vec::new());
        for (at, event) in played.into_iter().enumerate() {
            encoder.encode(&event, at * 7 % 90, &mut bytes).unwrap();
            there.push(event);
            while let Some(event) = there.next_event() {
                accumulator.push(&event).unwrap();
                back.push(event);
                found.extend(std::iter::from_fn(|| back.next_event()));
            }
        }
        prop_assert_eq!(there.losses(), &[]);
        let whole = message_from_converse(accumulator.into_response().unwrap(), &identity()).value;
        let streamed = added_up(found.clone());
        prop_assert_eq!(&streamed, &whole);
        prop_assert_eq!(&streamed, &without_silence(message));

        // The same through bytes, cut anywhere.
        let mut decoder = EventDecoder::default();
        decoder.identify(identity());
        let (mut rest, mut cut, mut seen) = (&bytes[..], cuts.iter().cycle(), 0);
        while !rest.is_empty() {
            prop_assert!(decoder.finish().is_err());
            let (now, after) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
            rest = after;
            decoder.push(now);
            while let Some(event) = decoder.next_event().unwrap() {
                prop_assert_eq!(&event, &found[seen]);
                seen += 1;
            }
        }
        decoder.finish().unwrap();
        prop_assert_eq!(seen, found.len());
    }

    /// Whatever a request has: what its losses do not name is there, and the second time nothing is lost any more.
    #[test]
    fn any_request_settles(texts in vec(proptest::sample::select(golden::files("block")), 0..6), request in request()) {
        let mut request = request;
        request.messages.push(Turn::user(Content::Blocks(
            texts.iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect(),
        )));
        let Converted { value: first, .. } = request_to_converse(request);
        let back = request_from_converse(first.clone()).value;
        let second = request_to_converse(back.clone());
        prop_assert_eq!(&second.value, &first);
        prop_assert_eq!(request_from_converse(second.value).value, back);
    }
}

proptest! {
    /// Plain text goes as bytes where it is not cited: whatever the bytes are, they come back.
    #[test]
    fn uncited_text_goes_as_bytes(text in ".{0,40}", bytes in vec(any::<u8>(), 0..40), cited in any::<bool>()) {
        let document = DocumentBlock { title: Some("a".into()), ..DocumentBlock::new(MediaSource::plain_text(text.as_str())) };
        let document = DocumentBlock { citations: cited.then(|| CitationsConfig::new(true)), ..document };
        let request = MessageRequest::new("", 1).user(vec![Block::Document(document)]);
        let there = request_to_converse(request.clone());
        prop_assert_eq!(&there.losses, &[]);
        let converse::ContentBlock::Document(found) = &there.value.messages[0].content[0] else { panic!() };
        let expected = match cited {
            true => DocumentSource::Text(text.clone()),
            false => converse::DocumentBlock::plain_text("a", &text).source,
        };
        prop_assert_eq!((&found.source, &found.format), (&expected, &Some(DocumentFormat::Txt)));
        prop_assert_eq!(request_from_converse(there.value).value, request);

        let document = converse::DocumentBlock::from_bytes(DocumentFormat::Txt, "a", &bytes);
        let message = converse::Message::user([converse::ContentBlock::Document(Box::new(document))]);
        let request = ConverseRequest { messages: vec![message], ..ConverseRequest::new("") };
        let there = request_from_converse(request.clone()).value;
        let Some(Block::Document(found)) = there.blocks().next() else { panic!() };
        prop_assert_eq!(matches!(found.source, MediaSource::Text(_)), std::str::from_utf8(&bytes).is_ok());
        prop_assert_eq!(request_to_converse(there).value.messages, request.messages);
    }

    /// AWS refuses two documents of one name, wherever in the request they stand.
    #[test]
    fn no_name_names_two_documents(titles in vec(option::of("(a|a_b|a \\(2\\)|document 2|a&b|é)"), 0..9), split in 0usize..9) {
        let documents = titles.into_iter().map(|title| DocumentBlock {
            title,
            ..DocumentBlock::new(MediaSource::plain_text("x"))
        });
        let (mut said, mut given) = (Vec::new(), Vec::new());
        for (at, document) in documents.enumerate() {
            match at < split {
                true => said.push(Block::Document(document)),
                false => given.push(ResultBlock::Document(document)),
            }
        }
        let result = Block::tool_result("t", ResultContent::Blocks(given));
        let request = MessageRequest::new("", 1).user(said).user(vec![result]);
        let value = serde_json::to_value(request_to_converse(request).value).unwrap();
        let mut names = std::collections::HashSet::new();
        let mut left = vec![&value];
        while let Some(value) = left.pop() {
            if let Some(name) = value.pointer("/document/name").and_then(|name| name.as_str()) {
                prop_assert!(is_document_name(name) && names.insert(name), "{name}");
            }
            left.extend(value.as_array().into_iter().flatten());
            left.extend(value.as_object().into_iter().flat_map(|members| members.values()));
        }
    }
}

/// A stream that breaks off is no reply, wherever it breaks off.
#[test]
fn a_cut_stream_does_not_end_well() {
    let message = Message { content: vec![Block::text("Hello, world")], ..Message::default() };
    let (mut encoder, mut bytes) = (EventEncoder::default(), Vec::new());
    for event in events(&message, Some(3)) {
        encoder.encode(&event, 9, &mut bytes).unwrap();
    }
    let mut frames = ConverseEventDecoder::default();
    frames.push(&bytes);
    for end in 0..bytes.len() {
        let mut decoder = EventDecoder::default();
        decoder.push(&bytes[..end]);
        while decoder.next_event().unwrap().is_some() {}
        assert!(decoder.finish().is_err(), "{end}");
    }
}
