//! The whole path against the local Bedrock: encode, sign, verify, answer, frame, decode.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use outcrop::wire::messages::Thinking;
use outcrop::{
    Auth, Block, CallOptions, Client, Event, Json, Kind, Message, MessageRequest, Model, Response, StopReason,
    Surroundings, Tool, ToolChoice, Turn,
};
use outcrop_local::{Account, Credential, ENGINE_HEADER, Local, Notice, WARNING_HEADER};
use serde_json::json;

use crate::clients::{below, builder_in, client_in};
use crate::scripted::{REGION, request};

async fn client_of(local: &Local) -> Client {
    client_in(REGION, local).await
}

/// The reply, whole or streamed.
async fn ask(client: &Client, request: &MessageRequest, streamed: bool) -> Response<Message> {
    match streamed {
        false => client.messages().create(request).await.unwrap(),
        true => client.messages().stream(request).await.unwrap().finish().await.unwrap(),
    }
}

#[tokio::test]
async fn a_question_is_answered_whole_and_streamed() {
    let client = client_of(&Local::new()).await;
    for streamed in [false, true] {
        let reply = ask(&client, &request(), streamed).await;
        let text = reply.text();
        assert!(text.starts_with("This is Outcrop's local engine, not Claude."), "{text}");
        for part in ["\n\nHello, world\n\n", "Model claude-opus-4-6, scope global, ", "1 turn, at most 256 tokens"] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!((reply.model.as_str(), reply.stop_reason.as_ref()), ("claude-opus-4-6", Some(&StopReason::EndTurn)));
        assert!(reply.id.starts_with("msg_bdrk_01"), "{}", reply.id);
        assert!(reply.usage.input_tokens > 0 && reply.usage.output_tokens > 10, "{:?}", reply.usage);
        assert_eq!(reply.meta.header(ENGINE_HEADER), Some("mirror"));
        assert_eq!(reply.meta.request_id.as_ref().unwrap().len(), 36);
        assert_eq!((reply.meta.attempts.len(), reply.meta.header(WARNING_HEADER)), (1, None));
        match streamed {
            false => assert_eq!(reply.meta.counts.output, Some(reply.usage.output_tokens)),
            true => {
                let metrics = reply.meta.metrics.as_ref().unwrap();
                assert_eq!(metrics.output_token_count, Some(reply.usage.output_tokens));
            }
        }
    }
}

#[tokio::test]
async fn events_come_in_their_order() {
    let client = client_of(&Local::new()).await;
    let mut stream = client.messages().stream(&request()).await.unwrap();
    let (mut kinds, mut text) = (Vec::new(), String::new());
    while let Some(event) = stream.next().await {
        let event = event.unwrap();
        if kinds.last().map(String::as_str) != Some(event.kind()) {
            kinds.push(event.kind().to_owned());
        }
        if let Event::ContentBlockDelta(event) = event
            && let outcrop::Delta::Text(delta) = event.delta
        {
            text.push_str(&delta.text);
        }
    }
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    assert_eq!(stream.snapshot().unwrap().text(), text);
}

#[tokio::test]
async fn a_bearer_key_is_taken() {
    let local = Local::new();
    let client = below(&local, REGION, Client::builder().bearer_token(Account::BEARER_TOKEN)).build().await.unwrap();
    assert!(ask(&client, &request(), false).await.text().contains("Hello, world"));
    let wrong = below(&local, REGION, Client::builder().bearer_token("ABSKwrong")).build().await.unwrap();
    let error = wrong.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.status(), error.aws_code()), (Some(403), Some("AccessDeniedException")));
    assert_eq!(error.service_message(), Some("Authentication failed: Please make sure your API Key is valid."));
    assert!(error.hint().unwrap().contains("API key"));
}

#[tokio::test]
async fn session_keys_are_taken_with_their_token() {
    let keys = Credential::Keys {
        access_key_id: "ASIAEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: Some("token".into()),
    };
    let account = Account { credentials: vec![keys], ..Account::default() };
    let local = Local::builder().account(account).build();
    let with = below(&local, REGION, Client::builder().auth(Auth::session_keys("ASIAEXAMPLE", "secret", "token")));
    assert!(ask(&with.build().await.unwrap(), &request(), true).await.text().contains("Hello, world"));
    let without = below(&local, REGION, Client::builder().access_key("ASIAEXAMPLE", "secret")).build().await.unwrap();
    let error = without.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.aws_code(), Some("UnrecognizedClientException"));
    assert!(error.hint().unwrap().contains("session token"));
}

#[tokio::test]
async fn a_wrong_secret_is_refused_with_a_hint() {
    let local = Local::new();
    let wrong =
        below(&local, REGION, Client::builder().access_key(Account::ACCESS_KEY_ID, "wrong")).build().await.unwrap();
    for streamed in [false, true] {
        let error = match streamed {
            false => wrong.messages().create(&request()).await.unwrap_err(),
            true => wrong.messages().stream(&request()).await.unwrap_err(),
        };
        assert_eq!((error.kind(), error.status()), (Kind::Service, Some(403)));
        assert_eq!(error.aws_code(), Some("InvalidSignatureException"));
        assert!(error.service_message().unwrap().starts_with("The request signature we calculated does not match"));
        assert!(error.hint().unwrap().contains("secret access key"));
        assert_eq!(error.request_id().unwrap().len(), 36);
    }
    let nobody = below(&local, REGION, Client::builder().auth(Auth::Unsigned)).build().await.unwrap();
    let error = nobody.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.aws_code(), Some("MissingAuthenticationTokenException"));
}

#[tokio::test]
async fn an_unknown_model_is_refused_with_a_hint() {
    let client = client_of(&Local::new()).await;
    let error = client.message("anthropic.claude-nova-9").user("Hello").await.unwrap_err();
    assert_eq!((error.status(), error.aws_code()), (Some(400), Some("ValidationException")));
    assert_eq!(error.service_message(), Some("The provided model identifier is invalid."));
    assert!(error.hint().unwrap().contains("model id"));
    let error = client.message("sonnt").user("Hello").await.unwrap_err();
    assert_eq!(error.hint(), Some("`sonnt` is no model known here: is it `sonnet`?"));
    let error = client.message("quartz").user("Hello").await.unwrap_err();
    assert!(error.hint().unwrap().starts_with("`quartz` is no name known here"));
}

#[tokio::test]
async fn every_model_of_the_catalogue_answers_in_every_scope() {
    let client = client_of(&Local::new()).await;
    let catalogue = outcrop::wire::catalogue::Catalogue::built_in();
    let mut asked = 0;
    for model in catalogue.models() {
        for scope in model.scopes().chain([outcrop::Scope::Regional]) {
            // As text it is sent as it is, also from a region that has no such profile.
            let id = model.id(&scope).to_string();
            let reply = client.message(id).user("Hello").await.unwrap();
            assert_eq!(reply.model, model.row().reply);
            assert!(reply.text().contains(&format!("Model {}, scope {scope}, ", model.name())), "{}", reply.text());
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked}");
}

#[tokio::test]
async fn a_tool_that_must_be_called_is_called() {
    let client = client_of(&Local::new()).await;
    let schema = json!({"type":"object","required":["city","days"],"properties":{
        "city":{"type":"string","minLength":2},"days":{"type":"integer","minimum":3},"unit":{"type":"string"}}});
    let asking = request().tool(Tool::new("weather", "Tells the weather", Json::from(schema)));
    for choice in [ToolChoice::tool("weather"), ToolChoice::any()] {
        for streamed in [false, true] {
            let reply = ask(&client, &asking.clone().tool_choice(choice.clone()), streamed).await;
            assert_eq!(reply.stop_reason, Some(StopReason::ToolUse));
            let [call] = &reply.tool_uses().collect::<Vec<_>>()[..] else { panic!("{reply:?}") };
            assert!(call.name == "weather" && call.id.starts_with("toolu_bdrk_01"), "{call:?}");
            assert_eq!(call.input, Json::from(json!({"city":"aa","days":3})));
        }
    }
    let reply = ask(&client, &asking, false).await;
    assert_eq!(reply.tool_uses().count(), 0);
    assert!(reply.text().ends_with("tools weather."), "{}", reply.text());
}

#[tokio::test]
async fn a_conversation_goes_round_with_its_replies_as_turns() {
    let client = client_of(&Local::new()).await;
    for streamed in [false, true] {
        let asking = request().tool(Tool::new("clock", "Tells the time", Json::from(json!({"type":"object"}))));
        let reply = ask(&client, &asking.clone().tool_choice(ToolChoice::any()), streamed).await;
        let id = reply.tool_uses().next().unwrap().id.clone();
        let result = Turn::user(vec![Block::tool_result(id.as_str(), "noon"), Block::text("And now?")]);
        let asking = asking.turn(reply).turn(result);
        let reply = ask(&client, &asking, streamed).await;
        assert!(reply.text().contains("[result of clock] noon\nAnd now?"), "{}", reply.text());
        let asking = asking.turn(reply).user("Thanks");
        let reply = ask(&client, &asking, streamed).await;
        assert_eq!(Turn::from(&reply), Turn::from(reply.clone()));
        assert!(reply.text().contains("\n\nThanks\n\n") && reply.text().contains("5 turns"), "{}", reply.text());
    }
}

#[tokio::test]
async fn thinking_comes_first_and_signed() {
    let client = client_of(&Local::new()).await;
    for thinking in [Thinking::budget(1024), Thinking::adaptive()] {
        for streamed in [false, true] {
            let reply = ask(&client, &request().max_tokens(2048).thinking(thinking.clone()), streamed).await;
            let [Block::Thinking(thought), Block::Text(_)] = &reply.content[..] else { panic!("{reply:?}") };
            assert!(!thought.thinking.is_empty());
            assert_eq!(thought.signature.as_ref().unwrap().len(), 44, "32 bytes in base64");
            assert_eq!(reply.thinking(), thought.thinking);
        }
    }
}

#[tokio::test]
async fn the_answer_ends_at_a_stop_sequence() {
    let client = client_of(&Local::new()).await;
    for streamed in [false, true] {
        let reply = ask(&client, &request().stop_sequence("nowhere").stop_sequence(", world"), streamed).await;
        assert!(reply.text().ends_with("\n\nHello"), "{}", reply.text());
        assert_eq!(reply.stop_reason, Some(StopReason::StopSequence));
        assert_eq!(reply.stop_sequence.as_deref(), Some(", world"));
    }
}

#[tokio::test]
async fn the_answer_ends_at_max_tokens() {
    let client = client_of(&Local::new()).await;
    for streamed in [false, true] {
        let reply = ask(&client, &request().max_tokens(3), streamed).await;
        assert!(reply.text().len() < 20 && "This is Outcrop's local".starts_with(&reply.text()), "{}", reply.text());
        assert_eq!(reply.usage.output_tokens, 3);
        assert_eq!(reply.stop_reason, Some(StopReason::MaxTokens));
    }
}

#[tokio::test]
async fn what_aws_would_refuse_is_refused() {
    let client = client_of(&Local::new()).await;
    for unknown in [Json::null(), Json::empty_object()] {
        let error = client.message("opus").user("x").extra_member("brand_new", unknown).await.unwrap_err();
        assert_eq!(error.service_message(), Some("brand_new: Extra inputs are not permitted"));
        assert_eq!(error.kind(), Kind::Service);
    }
}

#[tokio::test]
async fn what_aws_may_refuse_passes_with_a_warning() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_435_200);
    let local = Local::builder()
        .clock(move || now)
        .on_notice(move |notice| {
            if let Notice::Warning(text) = notice {
                ears.lock().unwrap().push((*text).to_owned());
            }
        })
        .build();
    let world = Surroundings::made_up([], []).with_clock(move || now);
    let client = builder_in(REGION, &local).surroundings(world).build().await.unwrap();
    let mut insisting = request();
    insisting.anthropic_version = Some("2026-10-21".to_owned());
    for streamed in [false, true] {
        let reply = ask(&client, &insisting, streamed).await;
        let warning = reply.meta.header(WARNING_HEADER).unwrap();
        assert!(warning.contains("anthropic_version 2026-10-21"), "{warning}");
        assert_eq!(heard.lock().unwrap().pop().as_deref(), Some(warning));
    }
}

#[tokio::test]
async fn a_wrong_clock_is_mended_by_the_local_bedrock_too() {
    for seconds in [-7200, 7200_i64] {
        let shifted = move || match u64::try_from(seconds) {
            Ok(ahead) => SystemTime::now() + Duration::from_secs(ahead),
            Err(_) => SystemTime::now() - Duration::from_secs(seconds.unsigned_abs()),
        };
        let local = Local::builder().clock(shifted).build();
        let reply = client_of(&local).await.messages().create(&request()).await.unwrap();
        assert_eq!(reply.meta.attempts.len(), 2, "one refusal, then the server's time");
    }
}

#[tokio::test]
async fn a_paced_stream_comes_piece_by_piece() {
    let local = Local::builder().pace(Duration::from_millis(5)).build();
    let client = client_of(&local).await;
    let mut stream = client.messages().stream(&request()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert_eq!(stream.snapshot().unwrap().text(), "", "the rest is still to come");
    assert!(stream.finish().await.unwrap().text().contains("Hello, world"));
}

#[tokio::test]
async fn many_calls_at_once() {
    let client = client_of(&Local::new()).await;
    let calls: Vec<_> = (0..32)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                let asking = MessageRequest::new(Model::CLAUDE_HAIKU_4_5, 256).user(format!("number {number}"));
                (number, ask(&client, &asking, number % 2 == 0).await)
            })
        })
        .collect();
    let mut ids = std::collections::HashSet::new();
    for call in calls {
        let (number, reply) = call.await.unwrap();
        assert!(reply.text().contains(&format!("\n\nnumber {number}\n\n")), "{}", reply.text());
        assert!(ids.insert(reply.id.clone()) && ids.insert(reply.meta.request_id.clone().unwrap()));
    }
}

#[tokio::test]
async fn the_bytes_of_an_answer_may_be_kept() {
    let client = client_of(&Local::new()).await;
    let mut options = CallOptions::default();
    options.keep_raw = true;
    let reply = client.messages().with(options).create(&request()).await.unwrap();
    let raw: Message = serde_json::from_slice(reply.meta.raw.as_ref().unwrap()).unwrap();
    assert_eq!(raw, *reply);
}
