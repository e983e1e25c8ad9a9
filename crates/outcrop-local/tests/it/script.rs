//! Scripts: which rule answers, what it says, and how it goes wrong on its way.

mod mistakes;

use std::time::Duration;

use outcrop_local::{Break, ENGINE_HEADER, Local, Reply, Rule, Script};
use outcrop_wire::accumulate::Accumulator;
use outcrop_wire::dialect::StreamError;
use outcrop_wire::dialect::invoke::EventDecoder;
use outcrop_wire::eventstream::{Decoder, FrameError};
use outcrop_wire::fault::Origin;
use outcrop_wire::messages::{Block, Message, StopReason};
use serde_json::{Value, json};

use crate::raw::{INVOKE, NOW, Request, Response, STREAM, Signing, at, connect, send};

fn playing(script: &str) -> Local {
    let script = Script::parse(script).unwrap_or_else(|error| panic!("{error}"));
    Local::builder().clock(|| at(NOW)).script(script).build()
}

fn body(text: &str) -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 256, "messages": [{"role": "user", "content": text}]})
}

async fn ask(local: &Local, target: &str, body: &Value) -> Response {
    send(local, &Request::post(target, body.to_string()).signed(&Signing::default())).await
}

async fn text(local: &Local, said: &str) -> String {
    let response = ask(local, INVOKE, &body(said)).await;
    response.json()["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{}", response.text())).to_owned()
}

/// The events of a stream added up as far as they came, how many they were, and what ended them.
fn read(bytes: &[u8]) -> (Option<Message>, usize, Result<(), StreamError>) {
    let (mut decoder, mut accumulator, mut events) = (EventDecoder::default(), Accumulator::new(), 0);
    decoder.push(bytes);
    loop {
        match decoder.next_event() {
            Ok(Some(event)) => {
                events += 1;
                accumulator.push(&event).unwrap();
            }
            Ok(None) => {
                let end = decoder.finish();
                return (accumulator.snapshot().cloned(), events, end);
            }
            Err(error) => return (accumulator.snapshot().cloned(), events, Err(error)),
        }
    }
}

#[tokio::test]
async fn the_first_rule_that_matches_answers_and_the_mirror_answers_the_rest() {
    let local = playing(
        r#"
        [[rule]]
        when.text = "weather"
        times = 1
        reply.text = "It rains."
        [[rule]]
        when.text = { regex = "(?i)^how .* WEATHER" }
        reply.text = "It rains again."
        "#,
    );
    assert_eq!(text(&local, "how is the weather?").await, "It rains.");
    assert_eq!(text(&local, "how is the weather?").await, "It rains again.");
    let mirrored = ask(&local, INVOKE, &body("Hello")).await;
    assert_eq!((mirrored.status, mirrored.header(ENGINE_HEADER)), (200, Some("mirror")));
    assert!(mirrored.text().contains("not Claude"));
}

#[tokio::test]
async fn what_no_rule_answers_can_be_refused() {
    let local = playing("otherwise = \"refuse\"\n[[rule]]\nwhen.text = \"weather\"\nreply.text = \"It rains.\"");
    let (status, code, message) = ask(&local, INVOKE, &body("Hello")).await.refusal();
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert_eq!(
        message,
        "outcrop local: none of the script's 1 rules answers this call of global.anthropic.claude-opus-4-6-v1, which is \
         call 1, turn 1, text \"Hello\""
    );
    let checked = ask(&local, INVOKE, &json!({"messages": []})).await;
    assert!(checked.text().contains("Field required"), "a call is checked before any rule sees it: {}", checked.text());
}

#[tokio::test]
async fn rules_ask_for_the_model_by_name_id_or_pattern() {
    for (pattern, matches) in [
        ("opus", true),
        ("claude-opus-4-6", true),
        ("global.anthropic.claude-opus-4-6-v1", true),
        ("global.anthropic.*", true),
        ("claude-opus-*", true),
        ("us.anthropic.*", false),
        ("sonnet", false),
        ("claude", false),
    ] {
        let local =
            playing(&format!("otherwise = \"refuse\"\n[[rule]]\nwhen.model = \"{pattern}\"\nreply.text = \"x\""));
        assert_eq!(ask(&local, INVOKE, &body("Hello")).await.status == 200, matches, "{pattern}");
    }
}

#[tokio::test]
async fn rules_ask_for_delivery_turn_and_number_of_the_call() {
    let local = playing(
        r#"
        [[rule]]
        when.call = 3
        reply.text = "third"
        [[rule]]
        when.stream = true
        reply.text = "streamed"
        [[rule]]
        when.turn = 2
        reply.text = "second turn"
        [[rule]]
        reply.text = "any"
        "#,
    );
    let streamed = ask(&local, STREAM, &body("x")).await;
    assert_eq!(read(&streamed.body).0.unwrap().text(), "streamed");
    let mut longer = body("x");
    longer["messages"] = json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"},
        {"role": "user", "content": "z"}]);
    assert_eq!(ask(&local, INVOKE, &longer).await.json()["content"][0]["text"], "second turn");
    assert_eq!(text(&local, "x").await, "third");
    assert_eq!(text(&local, "x").await, "any");
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_is_answered() {
    let local = playing(
        r#"
        otherwise = "refuse"
        [[rule]]
        when.tool_result = { name = "wea*", text = "rain", is_error = false }
        reply.text = "Take an umbrella."
        [[rule]]
        when.tool_result = { is_error = true }
        reply.text = "Sorry."
        [[rule]]
        when.turn = 1
        reply.thinking = "I should look."
        reply.text = "Looking."
        reply.tool_use = [
            { name = "weather", input = { city = "Oslo", days = 2 } },
            { name = "clock", input = '{"zone": 1.50}', id = "toolu_mine" },
        ]
        "#,
    );
    for target in [INVOKE, STREAM] {
        let response = ask(&local, target, &body("How is the weather?")).await;
        let message: Message = match target {
            STREAM => read(&response.body).0.unwrap(),
            _ => serde_json::from_slice(&response.body).unwrap(),
        };
        assert_eq!((message.model.as_str(), &message.stop_reason), ("claude-opus-4-6", &Some(StopReason::ToolUse)));
        assert!(
            message.id.starts_with("msg_bdrk_01") && message.usage.input_tokens > 0 && message.usage.output_tokens > 5
        );
        let [Block::Thinking(thinking), Block::Text(said), Block::ToolUse(first), Block::ToolUse(second)] =
            &message.content[..]
        else {
            panic!("{message:?}")
        };
        assert_eq!((thinking.thinking.as_str(), said.text.as_str()), ("I should look.", "Looking."));
        assert!(thinking.signature.as_ref().is_some_and(|signature| !signature.is_empty()));
        assert_eq!((first.name.as_str(), first.input.text()), ("weather", r#"{"city":"Oslo","days":2}"#));
        assert!(first.id.starts_with("toolu_bdrk_01"), "{}", first.id);
        assert_eq!((second.id.as_str(), second.input.text()), ("toolu_mine", r#"{"zone": 1.50}"#));

        // As it is sent back: the signature is one that this server knows again.
        let thinking = serde_json::to_value(&message.content[0]).unwrap();
        let result = |content: Value, failed: bool| {
            let mut body = body("How is the weather?");
            body["tools"] = json!([{"name": "weather", "input_schema": {"type": "object"}},
                {"name": "clock", "input_schema": {"type": "object"}}]);
            body["messages"] = json!([
                {"role": "user", "content": "How is the weather?"},
                {"role": "assistant", "content": [thinking, {"type": "tool_use", "id": first.id, "name": "weather", "input": {}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": first.id, "content": content, "is_error": failed}]},
            ]);
            body
        };
        for (content, failed, answer) in [
            (json!("rain all day"), false, "Take an umbrella."),
            (json!([{"type": "text", "text": "some rain"}]), false, "Take an umbrella."),
            (json!("no rain gauge"), true, "Sorry."),
        ] {
            let response = ask(&local, INVOKE, &result(content, failed)).await;
            assert_eq!(response.json()["content"][0]["text"], answer, "{}", response.text());
        }
        assert_eq!(ask(&local, INVOKE, &result(json!("sun"), false)).await.status, 400);
    }
}

#[tokio::test]
async fn a_reply_may_say_everything_that_a_message_says() {
    let local = playing(
        r#"
        [[rule]]
        reply.json = { city = "Oslo", days = [1, 2.5, true] }
        reply.stop_reason = "stop_sequence"
        reply.stop_sequence = "END"
        reply.usage = { input_tokens = 7, output_tokens = 9, cache_read_input_tokens = 11 }
        "#,
    );
    let response = ask(&local, INVOKE, &body("x")).await;
    let message = response.json();
    assert_eq!(message["content"][0]["text"], r#"{"city":"Oslo","days":[1,2.5,true]}"#);
    assert_eq!((&message["stop_reason"], &message["stop_sequence"]), (&json!("stop_sequence"), &json!("END")));
    assert_eq!(message["usage"]["cache_read_input_tokens"], 11);
    assert_eq!(response.header("x-amzn-bedrock-cache-read-input-token-count"), Some("11"));
    assert_eq!(response.header("x-amzn-bedrock-output-token-count"), Some("9"));
}

#[tokio::test]
async fn an_error_has_the_status_and_form_of_awss() {
    let local = playing(
        r#"
        [[rule]]
        when.call = 1
        reply.error = { code = "throttlingException", message = "Too many tokens, please wait before trying again." }
        [[rule]]
        reply.error = { code = "BrandNewException", message = "m", status = 418 }
        "#,
    );
    for (target, expected) in [(STREAM, (429, "ThrottlingException")), (INVOKE, (418, "BrandNewException"))] {
        let response = ask(&local, target, &body("x")).await;
        let (status, code, _) = response.refusal();
        assert_eq!((status, code.as_str()), expected);
        assert_eq!(response.header(ENGINE_HEADER), Some("script"));
    }
}

#[tokio::test]
async fn an_error_inside_a_stream_comes_after_so_many_events_in_its_frame() {
    for (frame, origin) in
        [("exception", Origin::MidStream), ("error", Origin::MidStream), ("event", Origin::MidStream)]
    {
        for after in [0, 3] {
            let local = playing(&format!(
                "[[rule]]\nreply.text = \"one two three\"\nreply.error = {{ code = \"ThrottlingException\", message = \"slow \
                 down\", after = {after}, frame = \"{frame}\" }}"
            ));
            let (response, broken) = {
                let mut connection = connect(&local);
                connection
                    .write(
                        &Request::post(STREAM, body("x").to_string())
                            .signed(&Signing::default())
                            .header("connection", "close"),
                    )
                    .await;
                connection.read_broken().await
            };
            assert!(response.status == 200 && !broken, "it ends as a stream ends");
            let (_, events, end) = read(&response.body);
            let Err(StreamError::Fault(fault)) = end else { panic!("{end:?}") };
            assert_eq!((events, fault.message.as_str(), fault.status), (after, "slow down", 429), "{frame}");
            assert_eq!(fault.origin, if after == 0 { Origin::FirstFrame } else { origin });
            let whole = ask(&local, INVOKE, &body("x")).await;
            assert_eq!(whole.refusal().0, 429, "a whole answer fails as a whole");
        }
    }
    let beyond = playing("[[rule]]\nreply.text = \"x\"\nreply.error = { code = \"ThrottlingException\", after = 99 }");
    let (message, _, end) = read(&ask(&beyond, STREAM, &body("x")).await.body);
    assert!(matches!(end, Err(StreamError::Fault(_))), "at the latest at its end: {end:?}");
    assert_eq!(message.unwrap().text(), "x");
}

#[tokio::test]
async fn anthropics_words_need_no_status_in_anthropics_event() {
    let local = playing(
        "[[rule]]\nreply.text = \"one two\"\nreply.error = { code = \"overloaded_error\", after = 2, frame = \"event\" }",
    );
    let (_, events, end) = read(&ask(&local, STREAM, &body("x")).await.body);
    let Err(StreamError::Fault(fault)) = end else { panic!("{end:?}") };
    assert_eq!((events, fault.code.as_str(), fault.status), (2, "overloaded_error", 529));
    for script in [
        "[[rule]]\nreply.error = { code = \"overloaded_error\", after = 2 }",
        "[[rule]]\nreply.error = { code = \"overlaoded_error\", after = 2, frame = \"event\" }",
    ] {
        assert!(Script::parse(script).is_err_and(|error| error.field == "rule.1.reply.error.code"), "{script}");
    }
}

#[tokio::test]
async fn a_reply_may_stop_and_say_nothing() {
    let local = playing("[[rule]]\nreply.stop_reason = \"refusal\"");
    let (message, _, end) = read(&ask(&local, STREAM, &body("x")).await.body);
    let message = message.unwrap();
    assert!(end.is_ok() && message.content.is_empty());
    assert_eq!(message.stop_reason, Some(StopReason::Refusal));
    let whole = ask(&local, INVOKE, &body("x")).await;
    assert_eq!((whole.status, &whole.json()["content"]), (200, &serde_json::json!([])));
}

async fn broken(local: &Local, target: &str) -> (Response, bool) {
    let mut connection = connect(local);
    connection.write(&Request::post(target, body("x").to_string()).signed(&Signing::default())).await;
    connection.read_broken().await
}

#[tokio::test]
async fn a_cut_closes_the_connection_after_what_came_before_it() {
    // Far more than a pipe holds, so that the cut has to wait for the reader.
    let long = "word ".repeat(40_000);
    for (after, inside) in [(0, false), (3, false), (3, true), (39_990, false), (usize::MAX >> 1, false)] {
        let local = playing(&format!(
            "[[rule]]\nreply.text = \"{long}\"\nreply.cut = {{ after = {after}, inside = {inside} }}"
        ));
        let (response, is_broken) = broken(&local, STREAM).await;
        assert!(is_broken && response.status == 200);
        let (_, events, end) = read(&response.body);
        match inside {
            true => assert!(matches!(end, Err(StreamError::Frame(FrameError::Cut { .. }))), "{end:?}"),
            false if after > 40_010 => assert!(end.is_ok(), "it was complete but for its end: {end:?}"),
            false => assert!(matches!(end, Err(StreamError::Cut { .. })), "{end:?}"),
        }
        assert_eq!(events, after.min(40_006), "{inside}");
        let (response, is_broken) = broken(&local, INVOKE).await;
        assert!(is_broken && response.status == 200 && response.body.len() > long.len() / 2);
    }
}

#[tokio::test]
async fn a_frame_with_a_bad_checksum() {
    let local = playing("[[rule]]\nreply.text = \"one two\"\nreply.bad_crc = { after = 2 }");
    let response = ask(&local, STREAM, &body("x")).await;
    let mut decoder = Decoder::default();
    decoder.push(&response.body);
    for _ in 0..2 {
        decoder.next_frame().unwrap().unwrap();
    }
    assert!(matches!(decoder.next_frame(), Err(FrameError::MessageChecksum { .. })));
    assert_eq!(ask(&local, INVOKE, &body("x")).await.status, 200, "a whole answer has no frames");
}

#[tokio::test(start_paused = true)]
async fn delay_and_pace_are_waited() {
    let script = Script::new().rule(Rule::new(
        Reply::text("one two").delay(Duration::from_secs(3)).pace(Duration::from_secs(1)).breaks(Break::cut(4)),
    ));
    let local = Local::builder().clock(|| at(NOW)).script(script).build();
    let began = tokio::time::Instant::now();
    let (response, is_broken) = broken(&local, STREAM).await;
    assert!(is_broken);
    assert_eq!(read(&response.body).1, 4);
    // The clock of this test moves only when everybody waits.
    assert_eq!(began.elapsed().as_secs(), 3 + 5, "the delay, four events, and the pause before the cut");
}
