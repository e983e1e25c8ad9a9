//! Whole replies that take long are streamed underneath, and nobody can tell but by the notes.

use std::time::Duration;

use outcrop::{CallOptions, Client, Delivery, Kind, MessageRequest, Model, Retry};
use outcrop_local::Local;
use tokio::time::Instant;

use crate::clients::client_in;
use crate::scripted::{HELLO, REGION, Scripted, Step, exception, frames, request};

const DENIED: &str = r#"{"message":"User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:us-west-2::foundation-model/x because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action"}"#;

fn long() -> MessageRequest {
    request().max_tokens(64_000)
}

fn paths(server: &Scripted) -> Vec<String> {
    let targets = server.requests().into_iter().map(|recorded| recorded.target);
    targets.map(|target| target.rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_may_take_long_is_streamed_underneath() {
    for (model, tokens, streamed) in [
        (Model::CLAUDE_OPUS_4_6.global(), 21_333, false),
        (Model::CLAUDE_OPUS_4_6.global(), 21_334, true),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0".into(), 8_192, false),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0".into(), 8_193, true),
        ("claude-opus-4-1".into(), 8_193, true),
        ("anthropic.claude-opus-4-20250514-v1:0".into(), 8_193, true),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/ab".into(), 21_333, false),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/ab".into(), 21_334, true),
    ] {
        let server = Scripted::new([if streamed { Step::streamed_hello() } else { Step::hello() }]);
        let client = server.client().await;
        let reply = client.message(model.clone()).max_tokens(tokens).user("Hello").await.unwrap();
        let path = if streamed { "invoke-with-response-stream" } else { "invoke" };
        assert_eq!(paths(&server), [path], "{model} {tokens}");
        assert_eq!(reply.meta.notes.iter().any(|note| note.contains("streamed underneath")), streamed);
        assert_eq!(reply.text(), "Hello!");
    }
}

#[tokio::test(start_paused = true)]
async fn the_reply_is_the_same() {
    let server = Scripted::new([Step::hello(), Step::streamed_hello()]);
    let client = server.client().await;
    let whole = client.messages().create(&request()).await.unwrap();
    let streamed = client.messages().create(&long()).await.unwrap();
    assert_eq!(*streamed, *whole);
    assert_eq!(streamed.meta.request_id.as_deref(), Some("id-of-stream"));
    assert_eq!(streamed.meta.attempts.len(), 1);
    assert_eq!((streamed.meta.counts.input, streamed.meta.counts.invocation_latency), (Some(8), Some(1181)));
    assert_eq!(streamed.meta.metrics.as_ref().unwrap().first_byte_latency, Some(366));
    assert_eq!(streamed.meta.header("x-amzn-requestid"), Some("id-of-stream"));
}

#[tokio::test(start_paused = true)]
async fn who_wants_the_bytes_of_the_answer_gets_a_whole_one() {
    let server = Scripted::new([Step::hello()]);
    let options = CallOptions::new().keep_raw();
    let reply = server.client().await.messages().with(options).create(&long()).await.unwrap();
    assert!(reply.meta.raw.is_some());
    assert_eq!(paths(&server), ["invoke"]);
}

/// Nothing was handed out: what would be tried again for a whole answer is tried again here, wherever it breaks.
#[tokio::test(start_paused = true)]
async fn a_break_in_the_middle_is_tried_again() {
    let until = frames(&HELLO[..4]).len();
    let mut throttled = frames(&HELLO[..3]);
    throttled.extend(exception("throttlingException", "Too many tokens"));
    for step in [Step::streamed_hello().cut_at(until + 9), Step::stream(frames(&HELLO[..6])), Step::stream(throttled)] {
        let server = Scripted::new([step, Step::streamed_hello()]);
        let reply = server.client().await.messages().create(&long()).await.unwrap();
        assert_eq!((reply.text().as_str(), reply.meta.attempts.len()), ("Hello!", 2));
        assert!(reply.meta.attempts[0].failure.is_some() && reply.meta.attempts[0].pause.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_of_a_reply_that_broke_off_is_in_the_error() {
    let mut refused = frames(&HELLO[..3]);
    refused.extend(exception("validationException", "no"));
    let server = Scripted::new([Step::stream(refused), Step::streamed_hello()]);
    let error = server.client().await.messages().create(&long()).await.unwrap_err();
    assert_eq!((error.aws_code(), error.attempts().len()), (Some("ValidationException"), 1));
    assert_eq!(error.partial().unwrap().text(), "Hel");
    // Silence is never tried again: the model may be at work.
    let server = Scripted::new([Step::streamed_hello().silent_at(frames(&HELLO[..4]).len()), Step::streamed_hello()]);
    let client = server.builder().idle_timeout(Duration::from_millis(50)).build().await.unwrap();
    let error = client.messages().create(&long()).await.unwrap_err();
    assert_eq!((error.kind(), error.partial().unwrap().text().as_str()), (Kind::Timeout, "Hello!"));
    assert_eq!(server.requests().len(), 1);
    // With no retry left, the last error stands.
    let server = Scripted::new([Step::stream(frames(&HELLO[..4]))]);
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    let error = client.messages().create(&long()).await.unwrap_err();
    assert_eq!((error.kind(), error.partial().unwrap().text().as_str()), (Kind::Interrupted, "Hello!"));
    assert_eq!(error.request_id(), Some("id-of-stream"));
}

#[tokio::test(start_paused = true)]
async fn who_may_not_stream_is_answered_whole() {
    let server = Scripted::new([Step::json(403, DENIED), Step::hello().after(Duration::from_secs(1200))]);
    let reply = server.client().await.messages().create(&long()).await.unwrap();
    assert_eq!(reply.text(), "Hello!");
    assert_eq!(paths(&server), ["invoke-with-response-stream", "invoke"]);
    let statuses: Vec<_> = reply.meta.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(403), Some(200)]);
    let note = |part: &str| reply.meta.notes.iter().any(|note| note.contains(part));
    assert!(note("may not call InvokeModelWithResponseStream") && !note("64000: streamed"), "{:?}", reply.meta.notes);
    // 20 minutes of silence are to be expected of 64,000 tokens; the whole call still has its own limit.
    let server = Scripted::new([Step::json(403, DENIED).after(Duration::from_secs(1)), Step::silence()]);
    let client = server.builder().timeout(Duration::from_secs(5)).build().await.unwrap();
    let began = Instant::now();
    let error = client.messages().create(&long()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (Kind::Timeout, 2));
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn another_refusal_is_a_refusal() {
    let other = r#"{"message":"You don't have access to the model with the specified model ID."}"#;
    let server = Scripted::new([Step::json(403, other), Step::hello()]);
    let error = server.client().await.messages().create(&long()).await.unwrap_err();
    assert_eq!((error.status(), server.requests().len()), (Some(403), 1));
    // Who asked for a stream is told that it may not have one.
    let server = Scripted::new([Step::json(403, DENIED), Step::hello()]);
    let error = server.client().await.messages().stream(&long()).await.unwrap_err();
    assert_eq!((error.status(), server.requests().len()), (Some(403), 1));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_shows_what_would_be_sent() {
    let client: Client = Scripted::new([]).client().await;
    let run = client.messages().dry_run(&long(), Delivery::Unary).await.unwrap();
    assert!(run.url.ends_with("/invoke-with-response-stream"), "{}", run.url);
    assert!(run.plan.reasons().any(|reason| reason.contains("streamed underneath")));
    let run = client.messages().dry_run(&request(), Delivery::Unary).await.unwrap();
    assert!(run.url.ends_with("/invoke"), "{}", run.url);
}

/// The whole path: what was streamed underneath says what an unstreamed answer says, headers and all.
#[tokio::test]
async fn the_local_bedrock_answers_both_ways_alike() {
    let client = client_in(REGION, &Local::new()).await;
    let whole = client.messages().with(CallOptions::new().keep_raw()).create(&long()).await.unwrap();
    let mut streamed = client.messages().create(&long()).await.unwrap();
    assert!(whole.meta.metrics.is_none() && streamed.meta.metrics.is_some(), "one of each");
    assert_eq!(
        (streamed.meta.counts.input, streamed.meta.counts.output),
        (whole.meta.counts.input, whole.meta.counts.output)
    );
    streamed.id.clone_from(&whole.id);
    assert_eq!(*streamed, *whole);
}
