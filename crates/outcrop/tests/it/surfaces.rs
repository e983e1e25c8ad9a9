//! One request over several ways in: which is taken and why, what goes where, and what comes back.

use outcrop::endpoint::EndpointError;
use outcrop::http::{HeaderName, HeaderValue};
use outcrop::wire::messages::Thinking;
use outcrop::{
    Auth, CallOptions, Change, Client, ClientBuilder, Delivery, Kind, MessageRequest, Retry, Surface, Surroundings,
    Tool,
};
use outcrop_local::Local;
use serde_json::{Value, json};

use crate::clients::builder_in;
use crate::scripted::{MESSAGE, REGION, Scripted, Step, request};

const MANTLE_STREAM: &str = concat!(
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-opus-4-8\",\"id\":\"msg_1\",",
    "\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,",
    "\"usage\":{\"input_tokens\":8,\"output_tokens\":1}}}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,",
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,",
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello!\"}}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",",
    "\"stop_sequence\":null},\"usage\":{\"output_tokens\":2}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

async fn client_on(local: &Local, surface: Surface) -> Client {
    builder_in(REGION, local).surface(surface).build().await.unwrap()
}

fn on(surface: Surface) -> CallOptions {
    CallOptions::new().surface(surface)
}

fn web_search() -> Tool {
    serde_json::from_value(json!({"type":"web_search_20250305","name":"web_search"})).unwrap()
}

fn newer() -> MessageRequest {
    MessageRequest::new("claude-opus-4-8", 256).user("Hello, world")
}

#[tokio::test]
async fn what_mantle_is_sent_is_what_anthropics_own_client_sends() {
    let server = Scripted::new([Step::json(200, MESSAGE).header("request-id", "req_1")]);
    let client = server.builder().surface(Surface::Mantle).build().await.unwrap();
    let mut asked = newer().beta("x-2026").thinking(Thinking::adaptive());
    asked.anthropic_version = Some("bedrock-2023-05-31".to_owned());
    let reply = client.messages().create(&asked).await.unwrap();
    assert_eq!((reply.text().as_str(), reply.meta.request_id.as_deref()), ("Hello!", Some("req_1")));
    assert_eq!(reply.meta.target.surface, Surface::Mantle);
    let sent = server.request();
    assert_eq!(sent.target, "/anthropic/v1/messages");
    assert_eq!(sent.header("host"), Some(&*format!("bedrock-mantle.{REGION}.api.aws")));
    assert_eq!(sent.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(sent.header("anthropic-beta"), Some("x-2026"));
    assert!(sent.header("authorization").unwrap().contains(&format!("/{REGION}/bedrock-mantle/aws4_request")));
    let body = sent.json();
    assert_eq!(body["model"], "global.anthropic.claude-opus-4-8");
    for absent in ["anthropic_version", "anthropic_beta", "stream"] {
        assert!(body.get(absent).is_none(), "{body}");
    }
}

#[tokio::test]
async fn server_sent_events_are_read_and_a_throttle_among_them_is_tried_again() {
    let sse = |body: &str| Step::text(200, "text/event-stream", body);
    let busy = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let server = Scripted::new([sse(busy), sse(MANTLE_STREAM)]);
    let options = on(Surface::Mantle).retry(fast());
    let stream = server.client().await.messages().with(options).stream(&newer()).await.unwrap();
    let reply = stream.finish().await.unwrap();
    assert_eq!((reply.text().as_str(), reply.meta.attempts.len()), ("Hello!", 2));
    assert!(reply.meta.attempts[0].failure.as_ref().unwrap().contains("Overloaded"));
    assert_eq!(server.requests()[1].json()["stream"], true);
}

fn fast() -> Retry {
    let mut retry = Retry::default();
    retry.first = std::time::Duration::ZERO;
    retry
}

#[tokio::test]
async fn an_error_in_anthropics_envelope_is_understood() {
    let text =
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"no such thing"},"request_id":"r"}"#;
    let server = Scripted::new([Step::json(400, text).header("request-id", "req_2")]);
    let error = server.client().await.messages().with(on(Surface::Mantle)).create(&newer()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.request_id()), (Kind::Service, Some(400), Some("req_2")));
    assert_eq!(error.service_message(), Some("no such thing"));
}

#[tokio::test]
async fn what_helps_is_said_in_whichever_words_the_error_came() {
    for (status, kind, message, hint) in [
        (429, "rate_limit_error", "Too many requests", "wait, ask for fewer tokens"),
        (
            401,
            "authentication_error",
            "The request signature we calculated does not match",
            "check the secret access key",
        ),
        (
            403,
            "permission_error",
            "Authentication failed: Please make sure your API Key is valid.",
            "the Bedrock API key",
        ),
        (529, "overloaded_error", "Overloaded", "AWS is busy"),
    ] {
        let text = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#);
        let server = Scripted::new(vec![Step::json(status, &text); 3]);
        let client = server.builder().retry(fast()).build().await.unwrap();
        let error = client.messages().with(on(Surface::Mantle)).create(&newer()).await.unwrap_err();
        assert!(error.hint().is_some_and(|said| said.contains(hint)), "{kind}: {:?}", error.hint());
    }
}

#[tokio::test]
async fn mantle_answers_whole_streamed_and_counted() {
    let local = Local::new();
    let client = client_on(&local, Surface::Mantle).await;
    let whole = client.messages().create(&newer()).await.unwrap();
    let streamed = client.messages().stream(&newer()).await.unwrap().finish().await.unwrap();
    let counted = client.messages().count_tokens(&newer()).await.unwrap();
    assert!(whole.text().contains("Hello, world") && whole.model == "claude-opus-4-8");
    assert_eq!(whole.text(), streamed.text());
    assert_eq!(counted.input_tokens, whole.usage.total_input());
    assert!(local.asked().iter().all(|asked| asked.surface == Surface::Mantle));
}

#[tokio::test]
async fn a_model_goes_by_the_id_it_has_there() {
    let client = Scripted::new([]).client().await;
    for (given, sent) in [
        ("us.haiku", "us.anthropic.claude-haiku-4-5"),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-haiku-4-5"),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", "global.anthropic.claude-haiku-4-5"),
        ("anthropic.claude-opus-4-8", "anthropic.claude-opus-4-8"),
    ] {
        let messages = client.messages().with(on(Surface::Mantle));
        let shown = messages.dry_run(&MessageRequest::new(given, 9).user("x"), Delivery::Stream).await.unwrap();
        let body: Value = serde_json::from_slice(&shown.body).unwrap();
        assert_eq!((&body["model"], &body["stream"]), (&json!(sent), &json!(true)), "{given}");
        let counted = messages.dry_run(&MessageRequest::new(given, 9).user("x"), Delivery::Count).await.unwrap();
        let body: Value = serde_json::from_slice(&counted.body).unwrap();
        assert!(counted.url.ends_with("/anthropic/v1/messages/count_tokens") && body.get("max_tokens").is_none());
        assert!(!body["model"].as_str().unwrap().starts_with("global."), "tokens are counted by the base id: {body}");
    }
}

#[tokio::test]
async fn a_surface_is_chosen_by_model_and_need() {
    let client = Scripted::new([]).client().await;
    let search = web_search;
    let guardrail = HeaderName::from_static("x-amzn-bedrock-guardrailidentifier");
    let guarded = CallOptions::new().extra_header(guardrail, HeaderValue::from_static("gr-1"));
    let plain = CallOptions::new();
    let ask = |model: &str| MessageRequest::new(model, 64).user("Hello");
    #[rustfmt::skip] // a row a line
    let cases = [
        (ask("opus"), Delivery::Unary, &plain, Surface::InvokeModel, None),
        (ask("opus"), Delivery::Count, &plain, Surface::InvokeModel, None),
        (ask("us.anthropic.claude-nova-9"), Delivery::Unary, &plain, Surface::InvokeModel, None),
        (ask("claude-opus-4-8"), Delivery::Unary, &plain, Surface::InvokeModel, None),
        (ask("claude-opus-4-8"), Delivery::Count, &plain, Surface::Mantle, Some("does not count tokens")),
        (ask("anthropic.claude-mythos-5"), Delivery::Unary, &plain, Surface::Mantle, Some("is not served on InvokeModel")),
        (ask("claude-opus-4-8").tool(search()), Delivery::Stream, &plain, Surface::Mantle, Some("InvokeModel has no tools of type web_search_")),
        (ask("claude-opus-4-8"), Delivery::Unary, &guarded, Surface::InvokeModel, None),
    ];
    for (asked, delivery, options, surface, why) in cases {
        let shown = client.messages().with(options.clone()).dry_run(&asked, delivery).await.unwrap();
        assert_eq!(shown.plan.target.surface, surface, "{} {delivery:?}", asked.model);
        let note = shown.plan.notes.iter().find(|note| note.starts_with("surface "));
        match why {
            Some(why) => {
                assert!(note.unwrap().starts_with("surface Mantle: ") && note.unwrap().contains(why), "{note:?}")
            }
            None => assert_eq!(note, None),
        }
    }
    // A guardrail and a search of the web: no surface has both.
    let both = ask("claude-opus-4-8").tool(search());
    let error = client.messages().with(guarded.clone()).dry_run(&both, Delivery::Unary).await.unwrap_err();
    assert!(error.to_string().contains("web_search_"), "{error}");
}

#[tokio::test]
async fn a_surface_that_will_not_do_is_an_error_that_names_those_that_do() {
    let client = Scripted::new([]).client().await;
    let ask = |model: &str| MessageRequest::new(model, 64).user("Hello");
    let refused = async |asked: MessageRequest, delivery, options: CallOptions| {
        let error = client.messages().with(options).dry_run(&asked, delivery).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
        (error.to_string(), error.hint().unwrap_or_default().to_owned())
    };
    let (why, hint) = refused(ask("opus"), Delivery::Unary, on(Surface::Mantle)).await;
    assert!(why.contains("claude-opus-4-6 is not served on Mantle"), "{why}");
    assert_eq!(hint, "choose another surface: auto, invoke, converse");
    let (why, hint) = refused(ask("anthropic.claude-mythos-5"), Delivery::Unary, on(Surface::Converse)).await;
    assert!(why.contains("is not served on Converse") && hint.ends_with("auto, mantle"), "{why} {hint}");
    let search = ask("claude-opus-4-8").tool(web_search());
    let (why, hint) = refused(search, Delivery::Unary, on(Surface::InvokeModel)).await;
    assert!(why.contains("InvokeModel has no tools of type web_search_") && hint.ends_with("auto, mantle"), "{why}");
    let guardrail = HeaderName::from_static("x-amzn-bedrock-guardrailidentifier");
    let guarded = on(Surface::Mantle).extra_header(guardrail, HeaderValue::from_static("gr-1"));
    let (why, hint) = refused(ask("claude-opus-4-8"), Delivery::Unary, guarded).await;
    assert!(why.contains("Mantle applies no guardrail"), "{why}");
    assert_eq!(hint, "choose another surface: auto, invoke, converse");
}

#[tokio::test]
async fn converse_is_written_and_read_and_its_losses_are_told() {
    let answer = r#"{"metrics":{"latencyMs":551},"output":{"message":{"content":[{"text":"Hello!"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":8,"outputTokens":2,"totalTokens":10}}"#;
    let server = Scripted::new([Step::json(200, answer).header("x-amzn-requestid", "id-1")]);
    let client = server.builder().surface(Surface::Converse).build().await.unwrap();
    let mut asked = request().system("Be brief.").temperature(0.5).beta("effort-2025-11-24");
    asked.metadata = Some(outcrop::wire::messages::Metadata { user_id: Some("u".into()), extra: Default::default() });
    let reply = client.messages().create(&asked).await.unwrap();
    assert_eq!((reply.text().as_str(), reply.model.as_str(), reply.id.as_str()), ("Hello!", "claude-opus-4-6", "id-1"));
    assert_eq!((reply.usage.input_tokens, reply.usage.output_tokens), (8, 2));
    assert_eq!(reply.meta.metrics.as_ref().unwrap().invocation_latency, Some(551));
    let sent = server.request();
    assert_eq!(sent.target, "/model/global.anthropic.claude-opus-4-6-v1/converse");
    assert!(sent.header("authorization").unwrap().contains("/bedrock/aws4_request"));
    let body = sent.json();
    assert_eq!(body["messages"], json!([{"role":"user","content":[{"text":"Hello, world"}]}]));
    assert_eq!(body["inferenceConfig"]["maxTokens"], 256);
    assert!(body.get("model").is_none() && body.get("anthropic_version").is_none(), "{body}");
    // What Converse has no place for is told, and refused where it has to go as it is.
    let lossy = request().tool(
        serde_json::from_value::<Tool>(
            json!({"name":"n","description":"d","input_schema":{"type":"object"},"input_examples":[{}]}),
        )
        .unwrap(),
    );
    let shown = client.messages().dry_run(&lossy, Delivery::Unary).await.unwrap();
    let loss = shown.plan.edits.iter().find(|adjustment| adjustment.change == Change::Dropped).unwrap();
    assert!(loss.reason.contains("tools.0.input_examples"), "{}", loss.reason);
    let strict = client.messages().with(CallOptions::new().strict(true));
    let error = strict.dry_run(&lossy, Delivery::Unary).await.unwrap_err();
    assert!(error.to_string().contains("tools.0.input_examples"), "{error}");
    assert!(strict.dry_run(&request(), Delivery::Unary).await.is_ok(), "nothing is lost of a plain request");
}

#[tokio::test]
async fn where_mantle_is_is_a_setting_of_its_own() {
    let shown = async |builder: ClientBuilder, variables: &[(&str, &str)]| {
        let world = Surroundings::made_up(variables.iter().copied(), []);
        let client = builder.surroundings(world).region("eu-west-1").auth(Auth::Unsigned).build().await.unwrap();
        client.messages().with(on(Surface::Mantle)).dry_run(&newer(), Delivery::Unary).await.map(|shown| shown.url)
    };
    let here = || Client::builder().endpoint_url("http://127.0.0.1:9");
    for (builder, variables, url) in [
        (Client::builder(), &[][..], "https://bedrock-mantle.eu-west-1.api.aws/anthropic/v1/messages"),
        (
            Client::builder(),
            &[("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", "http://h:1/mantle/anthropic")],
            "http://h:1/mantle/anthropic/v1/messages",
        ),
        (Client::builder(), &[("AWS_ENDPOINT_URL", "http://h:2")], "http://h:2/anthropic/v1/messages"),
        (here(), &[], "http://127.0.0.1:9/anthropic/v1/messages"),
        (here().mantle_url("http://127.0.0.1:9/mantle"), &[], "http://127.0.0.1:9/mantle/anthropic/v1/messages"),
    ] {
        assert_eq!(shown(builder, variables).await.unwrap(), url);
    }
    let error = shown(Client::builder().fips(true), &[]).await.unwrap_err();
    let no_fips = outcrop::endpoint::default_url(outcrop::endpoint::Service::Mantle, "eu-west-1", true, false);
    assert!(matches!(no_fips, Err(EndpointError::NoFips { .. })));
    assert!(error.to_string().contains("there is no FIPS endpoint"), "{error}");
}

#[tokio::test]
async fn a_program_behind_a_gateway_is_not_sent_past_it_unasked() {
    let world = [("ANTHROPIC_BEDROCK_BASE_URL", "http://gateway:8080")];
    let builder = Client::builder().surroundings(Surroundings::made_up(world, [])).region("us-east-1");
    let client = builder.auth(Auth::Unsigned).build().await.unwrap();
    let error = client.messages().dry_run(&newer(), Delivery::Count).await.unwrap_err();
    assert!(error.to_string().contains("does not count tokens"), "{error}");
    assert!(error.hint().unwrap().contains("calls go to gateway:8080"), "{:?}", error.hint());
    let named = client.messages().with(on(Surface::Mantle)).dry_run(&newer(), Delivery::Count).await.unwrap();
    assert!(named.url.starts_with("https://bedrock-mantle.us-east-1.api.aws/"), "{}", named.url);
}

#[tokio::test]
async fn a_variable_names_a_surface() {
    let client = async |name: &str| {
        let world = Surroundings::made_up([("OUTCROP_SURFACE", name)], []);
        Client::builder().surroundings(world).region("us-east-1").auth(Auth::Unsigned).build().await
    };
    let surface = async |client: Client| {
        client.messages().dry_run(&request(), Delivery::Unary).await.unwrap().plan.target.surface
    };
    assert_eq!(surface(client("converse").await.unwrap()).await, Surface::Converse);
    assert_eq!(surface(client("auto").await.unwrap()).await, Surface::InvokeModel);
    let error = client("pigeon").await.unwrap_err();
    assert!(error.kind() == Kind::Config && error.to_string().contains("OUTCROP_SURFACE"), "{error}");
}

#[tokio::test]
async fn every_surface_answers_whole_and_streamed_with_tools_thinking_and_a_cut() {
    let local = Local::new();
    let tool = serde_json::from_value::<Tool>(
        json!({"name":"weather","description":"d","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}),
    );
    let tool = tool.unwrap();
    for surface in [Surface::InvokeModel, Surface::Converse, Surface::RuntimeMessages, Surface::Mantle] {
        let client = client_on(&local, surface).await;
        let asks = [
            newer().system("Be brief."),
            newer().tool(tool.clone()).tool_choice(outcrop::ToolChoice::tool("weather")),
            newer().thinking(Thinking::adaptive()).max_tokens(2048),
            newer().max_tokens(3),
        ];
        for asked in asks {
            let whole = client.messages().create(&asked).await.unwrap();
            let streamed = client.messages().stream(&asked).await.unwrap().finish().await.unwrap();
            assert_eq!(whole.stop_reason, streamed.stop_reason, "{surface}");
            assert_eq!(whole.text(), streamed.text(), "{surface}");
            assert_eq!(whole.tool_uses().count(), streamed.tool_uses().count(), "{surface}");
            assert_eq!((whole.model.as_str(), streamed.model.as_str()), ("claude-opus-4-8", "claude-opus-4-8"));
            assert_eq!(whole.usage.output_tokens, streamed.usage.output_tokens, "{surface}");
            assert!(!whole.id.is_empty() && whole.meta.request_id.is_some(), "{surface}");
            assert_eq!(whole.meta.attempts[0].target.surface, surface);
        }
    }
    assert!(local.asked().iter().any(|asked| asked.surface == Surface::RuntimeMessages));
}

#[tokio::test]
async fn counts_agree_on_every_surface_that_counts() {
    let local = Local::new();
    let mut counted = Vec::new();
    for (surface, model) in [(Surface::InvokeModel, "haiku"), (Surface::Converse, "haiku"), (Surface::Mantle, "haiku")]
    {
        let asked = MessageRequest::new(model, 64).system("Be brief.").user("How much is this?");
        counted.push(client_on(&local, surface).await.messages().count_tokens(&asked).await.unwrap().input_tokens);
    }
    assert!(counted[0] > 0 && counted.iter().all(|count| *count == counted[0]), "{counted:?}");
    let error = client_on(&local, Surface::RuntimeMessages).await.messages().count_tokens(&newer()).await.unwrap_err();
    assert_eq!(error.hint(), Some("choose another surface: auto, mantle"), "{error}");
}
