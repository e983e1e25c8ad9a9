//! What is tried again, how often, when, and what is known of each try.

use std::time::{Duration, SystemTime};

use outcrop::wire::eventstream::{self, HeaderValue};
use outcrop::{CallOptions, Kind, Retry, Surroundings};
use tokio::time::Instant;

use crate::scripted::{HELLO, MESSAGE, SECRET, Scripted, Step, exception, frames, request};

const NOT_NOW: &str = r#"{"message":"not now"}"#;

fn retries(max_retries: u32) -> CallOptions {
    let mut options = CallOptions::default();
    options.max_retries = Some(max_retries);
    options
}

fn statuses(attempts: &[outcrop::Attempt]) -> Vec<Option<u16>> {
    attempts.iter().map(|attempt| attempt.status).collect()
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let server = Scripted::new([Step::json(status, NOT_NOW), Step::json(status, NOT_NOW), Step::hello()]);
        let reply = server.client().await.messages().create(&request()).await.unwrap();
        assert_eq!(reply.text(), "Hello!");
        assert_eq!(statuses(&reply.meta.attempts), [Some(status), Some(status), Some(200)]);
        let [first, second, last] = &reply.meta.attempts[..] else { panic!("{:?}", reply.meta.attempts) };
        assert!(first.failure.as_ref().unwrap().contains("not now"), "{first:?}");
        assert_eq!((last.failure.as_deref(), last.pause), (None, None));
        assert!(first.pause.is_some() && second.pause.is_some());
        assert_eq!(first.target.region.as_deref(), Some("us-west-2"));
        let requests = server.requests();
        assert_eq!(requests.len(), 3, "{status}");
        for recorded in &requests {
            assert_eq!(recorded.body, requests[0].body);
            assert_eq!(recorded.verify(SECRET), Ok(()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_asked_once() {
    for status in [400, 401, 402, 403, 404, 413, 422, 424] {
        let server = Scripted::new([Step::json(status, NOT_NOW), Step::hello()]);
        let error = server.client().await.messages().create(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Service, Some(status)));
        assert!(!error.is_retryable(), "{status}");
        assert_eq!(statuses(error.attempts()), [Some(status)]);
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_retries_unless_told_otherwise() {
    for (of_client, of_call, requests) in
        [(None, None, 3), (Some(0), None, 1), (Some(1), None, 2), (None, Some(0), 1), (Some(0), Some(4), 5)]
    {
        let server = Scripted::new(vec![Step::json(503, NOT_NOW); 9]);
        let mut builder = server.builder();
        if let Some(max_retries) = of_client {
            builder = builder.retry(Retry::times(max_retries));
        }
        let client = builder.build().await.unwrap();
        let options = of_call.map(retries).unwrap_or_default();
        let error = client.messages().with(options).create(&request()).await.unwrap_err();
        assert_eq!(server.requests().len(), requests, "{of_client:?} {of_call:?}");
        assert_eq!(error.attempts().len(), requests);
        assert_eq!(error.attempts().last().unwrap().pause, None, "nothing comes after the last try");
        assert!(error.is_retryable());
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_from_half_a_second() {
    let server = Scripted::new([Step::json(500, NOT_NOW), Step::json(500, NOT_NOW), Step::hello()]);
    let client = server.client().await;
    let began = Instant::now();
    let reply = client.messages().create(&request()).await.unwrap();
    let pauses: Vec<Duration> = reply.meta.attempts.iter().filter_map(|attempt| attempt.pause).collect();
    let [first, second] = pauses[..] else { panic!("{pauses:?}") };
    assert!((Duration::from_millis(375)..=Duration::from_millis(500)).contains(&first), "{first:?}");
    assert!((Duration::from_millis(750)..=Duration::from_millis(1000)).contains(&second), "{second:?}");
    assert!(began.elapsed() >= first + second, "the pauses were made");
    assert!(reply.meta.latency >= first + second, "the latency is that of the call, tries and pauses included");
}

#[tokio::test(start_paused = true)]
async fn the_servers_own_wish_comes_first() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let date = httpdate::fmt_http_date(now + Duration::from_secs(7));
    for (headers, milliseconds) in [
        (&[("retry-after-ms", "1500"), ("retry-after", "9")][..], 1500),
        (&[("retry-after", "2.5")], 2500),
        (&[("retry-after", "60")], 60_000),
        (&[("retry-after", date.as_str())], 7000),
    ] {
        let mut refusal = Step::json(429, NOT_NOW);
        for (name, value) in headers {
            refusal = refusal.header(name, *value);
        }
        let server = Scripted::new([refusal, Step::hello()]);
        let world = Surroundings::made_up([], []).with_clock(move || now);
        let client = server.builder().surroundings(world).build().await.unwrap();
        let began = Instant::now();
        let reply = client.messages().create(&request()).await.unwrap();
        let pause = Duration::from_millis(milliseconds);
        assert_eq!(reply.meta.attempts[0].pause, Some(pause), "{headers:?}");
        assert!(began.elapsed() >= pause);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wish_that_makes_no_sense_is_passed_over() {
    for value in ["-1", "0", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", ""] {
        let server = Scripted::new([Step::json(429, NOT_NOW).header("retry-after", value), Step::hello()]);
        let reply = server.client().await.messages().create(&request()).await.unwrap();
        let pause = reply.meta.attempts[0].pause.unwrap();
        assert!(pause >= Duration::from_millis(375) && pause <= Duration::from_millis(500), "{value}: {pause:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wish_that_is_too_long_ends_the_call() {
    let server = Scripted::new([Step::json(429, NOT_NOW).header("retry-after", "61"), Step::hello()]);
    let client = server.client().await;
    let began = Instant::now();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(error.is_throttled() && error.is_retryable());
    assert_eq!(server.requests().len(), 1);
    assert!(began.elapsed() < Duration::from_millis(300), "nothing was waited for");
}

#[tokio::test(start_paused = true)]
async fn the_last_refusal_tells_how_long_to_wait() {
    let server = Scripted::new([Step::json(503, NOT_NOW).header("retry-after", "7")]);
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_outlasts_the_call_is_not_begun() {
    let server = Scripted::new([Step::json(429, NOT_NOW).header("retry-after", "2"), Step::hello()]);
    let client = server.builder().timeout(Duration::from_secs(1)).build().await.unwrap();
    let began = Instant::now();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Service, Some(429)));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn the_server_may_overrule_what_is_tried_again() {
    let server = Scripted::new([Step::json(400, NOT_NOW).header("x-should-retry", "true"), Step::hello()]);
    let reply = server.client().await.messages().create(&request()).await.unwrap();
    assert_eq!(statuses(&reply.meta.attempts), [Some(400), Some(200)]);

    let server = Scripted::new([Step::json(503, NOT_NOW).header("x-should-retry", "false"), Step::hello()]);
    let error = server.client().await.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_fails_is_tried_again() {
    let server = Scripted::new([Step::refuse(), Step::hello()]);
    let reply = server.client().await.messages().create(&request()).await.unwrap();
    assert_eq!(statuses(&reply.meta.attempts), [None, Some(200)]);
    assert!(reply.meta.attempts[0].failure.as_ref().unwrap().contains("cannot connect"));
    assert!(reply.meta.attempts[0].pause.is_some());

    let server = Scripted::new([Step::refuse(), Step::refuse(), Step::refuse()]);
    let error = server.client().await.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts().len()), (Kind::Connect, None, 3));
    assert!(error.is_retryable() && error.service_fault().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_before_the_answer_is_whole_is_tried_again() {
    // The second one had said that it would be a success.
    for (broken, status) in [(Step::hang_up(), None), (Step::json(200, MESSAGE).cut_at(10), Some(200))] {
        let server = Scripted::new([broken, Step::hello()]);
        let reply = server.client().await.messages().create(&request()).await.unwrap();
        assert_eq!(statuses(&reply.meta.attempts), [status, Some(200)]);
        assert!(reply.meta.attempts[0].failure.is_some() && reply.meta.attempts[1].failure.is_none());
        assert_eq!(server.requests().len(), 2);
    }
    let server = Scripted::new(vec![Step::hang_up(); 3]);
    let error = server.client().await.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (Kind::Interrupted, 3));
}

/// Servers close idle connections without a word; the next call must not suffer.
#[tokio::test(start_paused = true)]
async fn a_connection_that_was_closed_after_its_answer_does_no_harm() {
    for pause in [0, 1, 1000] {
        let server = Scripted::new([Step::hello().cut_at(MESSAGE.len()), Step::hello()]);
        let client = server.client().await;
        client.messages().create(&request()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        assert_eq!(client.messages().create(&request()).await.unwrap().text(), "Hello!");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_before_its_first_event_is_tried_again() {
    let whole = frames(&HELLO);
    for broken in [
        Step::stream(Vec::new()),
        Step::stream(whole.clone()).cut_at(0),
        Step::stream(whole.clone()).cut_at(20),
        Step::stream(whole[..20].to_vec()),
    ] {
        let server = Scripted::new([broken, Step::streamed_hello()]);
        let stream = server.client().await.messages().stream(&request()).await.unwrap();
        assert_eq!(stream.meta().attempts.len(), 2);
        assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_as_first_frame_is_tried_again() {
    let throttled = Step::stream(exception("throttlingException", "Too many tokens"));
    let server = Scripted::new([throttled.clone(), throttled, Step::streamed_hello()]);
    let stream = server.client().await.messages().stream(&request()).await.unwrap();
    let [first, _, last] = &stream.meta().attempts[..] else { panic!("{:?}", stream.meta()) };
    assert_eq!((first.status, last.status), (Some(429), Some(200)));
    assert_eq!(first.request_id.as_deref(), Some("id-of-stream"));
    assert!(first.failure.as_ref().unwrap().contains("Too many tokens"));
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
}

/// What came together with a throttle and says nothing yet is not missed: the caller sees one good stream.
#[tokio::test(start_paused = true)]
async fn a_throttle_right_behind_the_first_event_is_tried_again() {
    for events in [&HELLO[..1], &HELLO[..2]] {
        let mut body = frames(events);
        body.extend(exception("throttlingException", "Too many requests, please wait before trying again."));
        let server = Scripted::new([Step::stream(body), Step::streamed_hello()]);
        let stream = server.client().await.messages().stream(&request()).await.unwrap();
        assert_eq!(statuses(&stream.meta().attempts), [Some(429), Some(200)]);
        assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
    }
}

/// What is late, or follows something that was said, is an error of the stream: nothing waits for it.
#[tokio::test(start_paused = true)]
async fn a_throttle_that_comes_later_is_an_error_of_the_stream() {
    for (events, pieces) in [(&HELLO[..3], 100_000), (&HELLO[..1], frames(&HELLO[..1]).len())] {
        let mut body = frames(events);
        body.extend(exception("throttlingException", "Too many requests, please wait before trying again."));
        let step = Step::stream(body).in_pieces(pieces, Duration::from_millis(5));
        let server = Scripted::new([step, Step::streamed_hello()]);
        let stream = server.client().await.messages().stream(&request()).await.unwrap();
        let error = stream.finish().await.unwrap_err();
        assert_eq!(error.aws_code(), Some("ThrottlingException"));
        assert!(error.is_retryable() && error.partial().is_some(), "a new call may go through: {error}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_as_first_frame_that_stays_is_the_error_of_the_call() {
    let server = Scripted::new(vec![Step::stream(exception("throttlingException", "Too many tokens")); 3]);
    let error = server.client().await.messages().stream(&request()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.aws_code()),
        (Kind::Service, Some(429), Some("ThrottlingException"))
    );
    assert_eq!(error.service_message(), Some("Too many tokens"));
    assert!(error.is_throttled() && error.partial().is_none());
    assert_eq!(error.attempts().len(), 3);
}

/// The same table as outside of a stream says what is tried again.
#[tokio::test(start_paused = true)]
async fn other_exceptions_as_first_frame_follow_the_table() {
    for (kind, code, status, again) in [
        ("internalServerException", "InternalServerException", 500, true),
        ("serviceUnavailableException", "ServiceUnavailableException", 503, true),
        ("modelTimeoutException", "ModelTimeoutException", 408, true),
        ("validationException", "ValidationException", 400, false),
        ("modelStreamErrorException", "ModelStreamErrorException", 424, false),
    ] {
        let server = Scripted::new([Step::stream(exception(kind, "m")), Step::streamed_hello()]);
        let outcome = server.client().await.messages().stream(&request()).await;
        assert_eq!(server.requests().len(), if again { 2 } else { 1 }, "{kind}");
        match outcome {
            Ok(stream) => assert_eq!(stream.meta().attempts[0].status, Some(status)),
            Err(error) => assert_eq!((error.aws_code(), error.status()), (Some(code), Some(status))),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unmodelled_error_as_first_frame_is_read() {
    let mut frame = Vec::new();
    let headers = [
        (":error-code", HeaderValue::Text("InternalServerException")),
        (":error-message", HeaderValue::Text("An internal error")),
        (":message-type", HeaderValue::Text("error")),
    ];
    eventstream::encode(headers, |_| {}, &mut frame);
    let server = Scripted::new(vec![Step::stream(frame); 3]);
    let error = server.client().await.messages().stream(&request()).await.unwrap_err();
    assert_eq!(
        (error.aws_code(), error.service_message()),
        (Some("InternalServerException"), Some("An internal error"))
    );
    assert_eq!(server.requests().len(), 3);
}

/// Errors in Anthropic's own words, as the first chunk of a stream.
#[tokio::test(start_paused = true)]
async fn an_error_event_as_first_chunk_is_tried_again_if_it_may_pass() {
    for (kind, status, again, throttled) in [
        ("overloaded_error", 529, true, true),
        ("rate_limit_error", 429, true, true),
        ("api_error", 500, true, false),
        ("invalid_request_error", 400, false, false),
        ("permission_error", 403, false, false),
    ] {
        let event = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"in band"}}}}"#);
        let server = Scripted::new(vec![Step::stream(frames(&[&event])); 3]);
        let error = server.client().await.messages().stream(&request()).await.unwrap_err();
        assert_eq!((error.aws_code(), error.status()), (Some(kind), Some(status)));
        assert_eq!(error.service_message(), Some("in band"));
        assert_eq!(server.requests().len(), if again { 3 } else { 1 }, "{kind}");
        assert_eq!((error.is_retryable(), error.is_throttled()), (again, throttled), "{kind}");
    }
}

/// Many callers must not make a bad hour worse: after a hundred retries without a success there are no more, and five
/// successes pay for one.
#[tokio::test(start_paused = true)]
async fn retries_of_all_calls_share_a_budget() {
    let mut script = vec![Step::json(500, NOT_NOW); 103];
    script.extend(vec![Step::hello(); 5]);
    script.extend(vec![Step::json(500, NOT_NOW); 9]);
    let server = Scripted::new(script);
    let client = server.client().await;
    for tries in [81, 21, 1] {
        let error = client.messages().with(retries(80)).create(&request()).await.unwrap_err();
        assert_eq!(error.attempts().len(), tries);
    }
    assert_eq!(server.requests().len(), 103);
    for _ in 0..5 {
        client.messages().create(&request()).await.unwrap();
    }
    let error = client.messages().with(retries(80)).create(&request()).await.unwrap_err();
    assert_eq!(error.attempts().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_the_last_answer_stays_when_no_later_try_gets_one() {
    let refusal = Step::json(503, NOT_NOW).header("x-amzn-requestid", "id-of-refusal");
    let server = Scripted::new([refusal, Step::refuse(), Step::refuse()]);
    let error = server.client().await.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
    let ids: Vec<Option<&str>> = error.attempts().iter().map(|attempt| attempt.request_id.as_deref()).collect();
    assert_eq!(ids, [Some("id-of-refusal"), None, None]);
    assert_eq!(error.request_id(), Some("id-of-refusal"));
}
