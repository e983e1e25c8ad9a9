//! How Bedrock is to handle a call: guardrail, tier, speed, labels.

use outcrop::wire::surface::Surface;
use outcrop::{CallOptions, Delivery, Guardrail, GuardrailTrace, Kind, Latency, Meta, Tier};

use crate::converse;
use crate::scripted::{Recorded, SECRET, Scripted, Step, request};

fn said(recorded: &Recorded) -> Vec<(&str, &str)> {
    let ours = recorded
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-amzn-bedrock-") && name != "x-amzn-bedrock-accept");
    let mut said: Vec<(&str, &str)> = ours.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    said.sort_unstable();
    said
}

const ALL: [(&str, &str); 6] = [
    ("x-amzn-bedrock-guardrailidentifier", "gr1"),
    ("x-amzn-bedrock-guardrailversion", "DRAFT"),
    ("x-amzn-bedrock-performanceconfig-latency", "optimized"),
    ("x-amzn-bedrock-request-metadata", r#"{"k":"v","team":"a"}"#),
    ("x-amzn-bedrock-service-tier", "flex"),
    ("x-amzn-bedrock-trace", "ENABLED"),
];

#[tokio::test]
async fn it_is_said_in_headers_whole_and_streamed_and_the_answer_says_what_was_done() {
    let served = |step: Step| {
        step.header("x-amzn-bedrock-service-tier", "default")
            .header("x-amzn-bedrock-performanceconfig-latency", "standard")
    };
    let server = Scripted::new([served(Step::hello()), served(Step::streamed_hello()), Step::hello()]);
    let client = server.client().await;
    let call = || {
        client
            .message("opus")
            .user("Hello")
            .guardrail(Guardrail::new("gr1", "DRAFT").trace(GuardrailTrace::Enabled))
            .tier(Tier::Flex)
            .latency(Latency::Optimized)
            .request_metadata("team", "a")
            .request_metadata("k", "v")
    };
    let whole = call().await.unwrap();
    assert_eq!((whole.meta.tier, whole.meta.latency_mode), (Some(Tier::Default), Some(Latency::Standard)));
    let streamed = call().stream().await.unwrap().finish().await.unwrap();
    assert_eq!((streamed.meta.tier, streamed.meta.latency_mode), (Some(Tier::Default), Some(Latency::Standard)));
    for recorded in server.requests() {
        // Nobody on the way may take a guardrail away.
        let authorization = recorded.header("authorization").unwrap();
        assert!(ALL.iter().all(|(name, _)| authorization.contains(name)), "{authorization}");
        assert_eq!(said(&recorded), ALL);
        assert_eq!(recorded.verify(SECRET), Ok(()));
    }
    let plain = client.messages().create(&request()).await.unwrap();
    assert_eq!((plain.meta.tier, plain.meta.latency_mode), (None, None));
    assert_eq!(said(&server.requests()[2]), []);
}

#[tokio::test]
async fn what_is_nearer_to_the_call_counts_and_labels_add_up() {
    let server = Scripted::new([Step::hello(), Step::json(200, r#"{"inputTokens":8}"#)]);
    let far =
        CallOptions::new().tier("flex").latency("standard").request_metadata("a", "far").request_metadata("b", "far");
    let client = server.client().await.with_options(far);
    let near = CallOptions::new().tier("a-tier-of-next-year").request_metadata("a", "near");
    client.messages().with(near).create(&request()).await.unwrap();
    assert_eq!(
        said(&server.requests()[0]),
        [
            ("x-amzn-bedrock-performanceconfig-latency", "standard"),
            ("x-amzn-bedrock-request-metadata", r#"{"a":"near","b":"far"}"#),
            ("x-amzn-bedrock-service-tier", "a-tier-of-next-year"),
        ]
    );
    client.messages().count_tokens(&request()).await.unwrap();
    assert_eq!(said(&server.requests()[1]), [], "counts have no such headers");
}

#[tokio::test]
async fn what_aws_would_refuse_is_not_sent() {
    let server = Scripted::new([]);
    let client = server.client().await;
    let many = (0..17).fold(CallOptions::new(), |options, at| options.request_metadata(at.to_string(), ""));
    for (options, why) in [
        (CallOptions::new().guardrail(Guardrail::new("gr1", "")), "guardrail gr1 has no version"),
        (CallOptions::new().guardrail(Guardrail::new("", "1")), "the guardrail has no id"),
        (CallOptions::new().request_metadata("", "v"), "1 to 256 letters"),
        (CallOptions::new().request_metadata("k", "hidden!"), "letters other than"),
        (many, "17 labels of request metadata are more than 16"),
    ] {
        assert!(!format!("{options:?}").contains("hidden"));
        let error = client.messages().with(options).create(&request()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(error.to_string().contains(why) && error.hint().is_some(), "{error}");
        assert!(!format!("{error:?}").contains("hidden"), "labels are nobody's business");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_dry_run_shows_it() {
    let client = Scripted::new([]).client().await;
    let call = client.message("opus").user("Hello").tier(Tier::Reserved);
    let shown = call.dry_run(Delivery::Unary).await.unwrap().to_string();
    assert!(shown.contains("x-amzn-bedrock-service-tier: reserved"), "{shown}");
}

#[tokio::test]
async fn converse_has_it_in_its_body_and_the_messages_surfaces_take_no_guardrail() {
    let client = Scripted::new([]).client().await;
    let asked = |surface: Surface| {
        let options = CallOptions::new().surface(surface).guardrail(Guardrail::new("gr1", "1")).tier(Tier::Flex);
        client.message("haiku").user("Hello").options(options.request_metadata("team", "a"))
    };
    let shown = asked(Surface::Converse).dry_run(Delivery::Unary).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&shown.body).unwrap();
    assert_eq!(body["guardrailConfig"]["guardrailIdentifier"], "gr1");
    assert_eq!((&body["serviceTier"]["type"], &body["requestMetadata"]["team"]), (&"flex".into(), &"a".into()));
    assert!(body["messages"].is_array() && !shown.to_string().contains("x-amzn-bedrock-service-tier"));
    let error = asked(Surface::Mantle).dry_run(Delivery::Unary).await.unwrap_err();
    assert!(error.to_string().contains("guardrail") && error.kind() == Kind::Invalid, "{error}");
}

#[tokio::test]
async fn an_answer_over_converse_says_in_its_body_what_was_done() {
    let whole = r#"{"metrics":{"latencyMs":802},"output":{"message":{"content":[{"text":"Hello!"}],"role":"assistant"}},"performanceConfig":{"latency":"optimized"},"serviceTier":{"type":"priority"},"stopReason":"end_turn","usage":{"inputTokens":8,"outputTokens":2,"totalTokens":10}}"#;
    let server = Scripted::new([Step::json(200, whole), converse::answer(), converse::hello(), converse::hello()]);
    let client = server.client().await.with_options(CallOptions::new().surface(Surface::Converse));
    let call = || client.message("opus").user("Hello");
    let done = |meta: &Meta| (meta.tier.clone(), meta.latency_mode.clone());
    assert_eq!(done(&call().await.unwrap().meta), (Some(Tier::Priority), Some(Latency::Optimized)));
    assert_eq!(done(&call().await.unwrap().meta), (None, None), "it does not say");
    let mut stream = call().stream().await.unwrap();
    assert_eq!(done(stream.meta()), (None, None), "it says so at its end");
    while stream.next().await.is_some() {}
    assert_eq!(done(stream.meta()), (Some(Tier::Flex), Some(Latency::Standard)));
    let long = call().max_tokens(64_000).await.unwrap();
    assert_eq!(done(&long.meta), (Some(Tier::Flex), Some(Latency::Standard)), "an answer that was read from a stream");
}

#[tokio::test]
async fn a_body_that_is_sent_as_it_is_does_not_go_out_without_its_guardrail() {
    let server = Scripted::new([Step::hello(), converse::answer()]);
    let client = server.client().await;
    let guarded = CallOptions::new().guardrail(Guardrail::new("gr1", "1"));
    client.raw("opus", Delivery::Unary, "{}", &guarded).await.unwrap();
    assert_eq!(server.requests()[0].header("x-amzn-bedrock-guardrailidentifier"), Some("gr1"));
    let error = client.raw("opus", Delivery::Unary, "{}", &guarded.surface(Surface::Converse)).await.unwrap_err();
    assert!(error.kind() == Kind::Invalid && error.hint().is_some(), "{error}");
    client.raw("opus", Delivery::Unary, "{}", &CallOptions::new().surface(Surface::Converse)).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}
