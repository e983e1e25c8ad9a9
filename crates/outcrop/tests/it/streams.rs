//! Streamed replies: events, text, the whole message, and every way a stream ends.

use std::time::Duration;

use futures_core::Stream;
use outcrop::wire::eventstream;
use outcrop::{Error, Event, Kind, MessageStream, Retry, StopReason, TextStream};

use crate::scripted::{
    BLOCK, BLOCK_STOP, DELTA, HEL, HELLO, LO, PING, START, STOP, Scripted, Step, exception, frames, request,
};

async fn stream_of(step: Step) -> (MessageStream, Scripted) {
    let server = Scripted::new([step]);
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    (client.messages().stream(&request()).await.unwrap(), server)
}

/// All events, and the error they end with.
async fn events_of(stream: &mut MessageStream) -> (Vec<Event>, Option<Error>) {
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(error) => return (events, Some(error)),
        }
    }
    (events, None)
}

fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(Event::kind).collect()
}

#[tokio::test(start_paused = true)]
async fn every_event_is_handed_on_in_order() {
    let (mut stream, server) = stream_of(Step::streamed_hello()).await;
    let (events, error) = events_of(&mut stream).await;
    assert!(error.is_none(), "{error:?}");
    let expected: Vec<Event> = HELLO.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    assert_eq!(events, expected);
    assert!(stream.next().await.is_none(), "it stays at its end");
    assert_eq!(server.request().target, "/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream");
}

#[tokio::test(start_paused = true)]
async fn finish_reads_a_stream_that_nobody_read() {
    let (stream, _server) = stream_of(Step::streamed_hello()).await;
    let reply = stream.finish().await.unwrap();
    assert_eq!((reply.text().as_str(), reply.stop_reason.as_ref()), ("Hello!", Some(&StopReason::EndTurn)));
    assert_eq!((reply.usage.input_tokens, reply.usage.output_tokens), (8, 2));
    assert_eq!(reply.meta.request_id.as_deref(), Some("id-of-stream"));
    assert_eq!(reply.meta.header("content-type"), Some("application/vnd.amazon.eventstream"));
    let metrics = reply.meta.metrics.as_ref().unwrap();
    assert_eq!((metrics.input_token_count, metrics.first_byte_latency), (Some(8), Some(366)));
}

#[tokio::test(start_paused = true)]
async fn finish_reads_on_from_where_one_stopped() {
    let (mut stream, _server) = stream_of(Step::streamed_hello()).await;
    for _ in 0..3 {
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(stream.snapshot().unwrap().text(), "Hel");
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
}

#[tokio::test(start_paused = true)]
async fn only_the_text_piece_by_piece() {
    let (stream, _server) = stream_of(Step::streamed_hello()).await;
    let mut text = stream.text();
    assert_eq!(text.next().await.unwrap().unwrap(), "Hel");
    assert_eq!(text.next().await.unwrap().unwrap(), "lo!");
    assert!(text.next().await.is_none());
    assert_eq!(text.into_inner().finish().await.unwrap().text(), "Hello!");
}

#[tokio::test(start_paused = true)]
async fn it_does_not_matter_where_the_bytes_are_cut() {
    for bytes in [1, 3, 64, 1000] {
        let (stream, _server) = stream_of(Step::streamed_hello().in_pieces(bytes, Duration::from_millis(1))).await;
        assert_eq!(stream.finish().await.unwrap().text(), "Hello!", "pieces of {bytes}");
    }
    let (stream, _server) = stream_of(Step::streamed_hello().until_close()).await;
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!", "a body without length ends with its connection");
}

#[tokio::test(start_paused = true)]
async fn pings_come_through_and_change_nothing() {
    let body = frames(&[PING, START, BLOCK, HEL, PING, LO, BLOCK_STOP, DELTA, STOP]);
    let (mut stream, _server) = stream_of(Step::stream(body)).await;
    let (events, error) = events_of(&mut stream).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(kinds(&events)[..3], ["ping", "message_start", "content_block_start"]);
    assert_eq!(kinds(&events).iter().filter(|kind| **kind == "ping").count(), 2);
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
}

#[tokio::test(start_paused = true)]
async fn what_is_unknown_comes_through() {
    let mut body = frames(&[START, r#"{"type":"hologram","beams":[1,2.50]}"#, BLOCK, HEL]);
    eventstream::encode_event("trace", |out| out.extend_from_slice(br#"{"level":3}"#), &mut body);
    let odd_delta = r#"{"type":"content_block_delta","index":0,"delta":{"type":"smell_delta","smell":"pine"}}"#;
    body.extend(frames(&[odd_delta, LO, BLOCK_STOP, DELTA, STOP]));
    let (mut stream, _server) = stream_of(Step::stream(body)).await;
    let (events, error) = events_of(&mut stream).await;
    assert!(error.is_none(), "{error:?}");
    let Event::Other(hologram) = &events[1] else { panic!("{:?}", events[1]) };
    assert_eq!((hologram.kind.as_str(), hologram.members.value("beams").unwrap().text()), ("hologram", "[1,2.50]"));
    assert_eq!(kinds(&events)[4], "trace");
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
}

#[tokio::test(start_paused = true)]
async fn metrics_may_come_in_an_event_without_a_type() {
    let metrics = r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":8,"outputTokenCount":2,"invocationLatency":1181,"firstByteLatency":366}}"#;
    let body = frames(&[START, BLOCK, HEL, LO, BLOCK_STOP, DELTA, r#"{"type":"message_stop"}"#, metrics]);
    let (mut stream, _server) = stream_of(Step::stream(body)).await;
    let (events, error) = events_of(&mut stream).await;
    assert!(error.is_none(), "{error:?}");
    assert!(matches!(events.last(), Some(Event::Other(other)) if other.kind.is_empty()));
    assert_eq!(stream.meta().metrics.as_ref().unwrap().invocation_latency, Some(1181));
    let reply = stream.finish().await.unwrap();
    assert_eq!((reply.text().as_str(), reply.meta.metrics.as_ref().unwrap().output_token_count), ("Hello!", Some(2)));
}

#[tokio::test(start_paused = true)]
async fn an_exception_mid_stream_ends_it_with_what_came_before() {
    for (kind, code, status, throttled) in [
        ("modelStreamErrorException", "ModelStreamErrorException", 424, false),
        ("throttlingException", "ThrottlingException", 429, true),
        ("internalServerException", "InternalServerException", 500, false),
    ] {
        let mut body = frames(&[START, BLOCK, HEL]);
        body.extend(exception(kind, "it broke"));
        body.extend(frames(&[LO, BLOCK_STOP, DELTA, STOP]));
        let (mut stream, _server) = stream_of(Step::stream(body)).await;
        let (events, error) = events_of(&mut stream).await;
        assert_eq!(kinds(&events), ["message_start", "content_block_start", "content_block_delta"]);
        let error = error.unwrap();
        assert_eq!((error.kind(), error.aws_code(), error.status()), (Kind::Service, Some(code), Some(status)));
        assert_eq!((error.service_message(), error.is_throttled()), (Some("it broke"), throttled));
        assert_eq!(error.partial().unwrap().text(), "Hel");
        assert_eq!(error.request_id(), Some("id-of-stream"));
        assert_eq!(error.attempts().len(), 1);
        assert!(stream.next().await.is_none() && stream.next().await.is_none(), "nothing comes after an error");
        assert_eq!(stream.snapshot().unwrap().text(), "Hel");
        let again = stream.finish().await.unwrap_err();
        assert_eq!(again.partial().unwrap().text(), "Hel", "a failed stream never finishes as a good one");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_event_mid_stream_is_an_error() {
    let failed = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let (mut stream, _server) = stream_of(Step::stream(frames(&[START, BLOCK, HEL, failed, LO, STOP]))).await;
    let (events, error) = events_of(&mut stream).await;
    assert_eq!(events.len(), 3);
    let error = error.unwrap();
    assert_eq!((error.kind(), error.aws_code()), (Kind::Service, Some("overloaded_error")));
    assert_eq!(error.partial().unwrap().text(), "Hel");
    assert!(stream.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn finish_gives_the_error_of_the_stream_with_what_came_before() {
    let mut body = frames(&[START, BLOCK, HEL]);
    body.extend(exception("modelStreamErrorException", "it broke"));
    let (stream, _server) = stream_of(Step::stream(body)).await;
    let error = stream.finish().await.unwrap_err();
    assert_eq!(
        (error.aws_code(), error.partial().unwrap().text().as_str()),
        (Some("ModelStreamErrorException"), "Hel")
    );
}

#[tokio::test(start_paused = true)]
async fn text_ends_with_the_error_of_the_stream() {
    let mut body = frames(&[START, BLOCK, HEL]);
    body.extend(exception("modelStreamErrorException", "it broke"));
    let (stream, _server) = stream_of(Step::stream(body)).await;
    let mut text = stream.text();
    assert_eq!(text.next().await.unwrap().unwrap(), "Hel");
    assert_eq!(text.next().await.unwrap().unwrap_err().aws_code(), Some("ModelStreamErrorException"));
    assert!(text.next().await.is_none());
}

/// A stream that ends short must never look like a whole one.
#[tokio::test(start_paused = true)]
async fn a_cut_stream_is_an_error_that_holds_what_came() {
    let whole = frames(&HELLO);
    let (until_hel, all_but_stop) = (frames(&HELLO[..3]).len(), frames(&HELLO[..6]).len());
    let kept = until_hel + 30;
    for (what, step, text) in [
        ("the body ends inside a frame", Step::stream(whole[..kept].to_vec()), "Hel"),
        ("the connection closes inside a frame", Step::stream(whole.clone()).cut_at(kept), "Hel"),
        ("a body without length ends inside a frame", Step::stream(whole[..kept].to_vec()).until_close(), "Hel"),
        ("the body ends between frames", Step::stream(whole[..all_but_stop].to_vec()), "Hello!"),
        ("the connection closes between frames", Step::stream(whole.clone()).cut_at(all_but_stop), "Hello!"),
        (
            "a body without length ends between frames",
            Step::stream(whole.clone()).until_close().cut_at(until_hel),
            "Hel",
        ),
    ] {
        let (mut stream, _server) = stream_of(step).await;
        let (events, error) = events_of(&mut stream).await;
        assert_eq!(events.len(), if text == "Hel" { 3 } else { 6 }, "{what}");
        let error = error.expect(what);
        assert_eq!(error.kind(), Kind::Interrupted, "{what}: {error}");
        assert_eq!(error.partial().unwrap().text(), text, "{what}");
        assert!(error.is_retryable() && error.service_fault().is_none(), "{what}");
        assert_eq!(error.request_id(), Some("id-of-stream"), "{what}");
        assert!(stream.next().await.is_none(), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_cut_before_its_last_event_says_which_is_missing() {
    let (stream, _server) = stream_of(Step::stream(frames(&HELLO[..6]))).await;
    let error = stream.finish().await.unwrap_err();
    let (text, length) = (error.to_string(), frames(&HELLO[..6]).len());
    assert!(text.ends_with(&format!("the stream ended after {length} bytes, before `message_stop`")), "{text}");
    let (stream, _server) = stream_of(Step::stream(frames(&HELLO)[..length + 30].to_vec())).await;
    let text = stream.finish().await.unwrap_err().to_string();
    let end = format!("the stream ends inside a frame, after 30 of its bytes and {length} before it");
    assert!(text.ends_with(&end), "{text}");
}

#[tokio::test(start_paused = true)]
async fn broken_bytes_are_an_error_that_holds_what_came() {
    let mut flipped = frames(&HELLO);
    let at = frames(&HELLO[..3]).len() + 40;
    flipped[at] ^= 1;
    let mut no_json = frames(&HELLO[..3]);
    eventstream::encode_event("chunk", |out| out.extend_from_slice(br#"{"bytes":"AAAA"}"#), &mut no_json);
    let mut no_base64 = frames(&HELLO[..3]);
    eventstream::encode_event("chunk", |out| out.extend_from_slice(br#"{"bytes":"?!"}"#), &mut no_base64);
    let out_of_order = frames(&[START, BLOCK, HEL, START]);
    for body in [flipped, no_json, no_base64, out_of_order] {
        let (mut stream, _server) = stream_of(Step::stream(body)).await;
        let (events, error) = events_of(&mut stream).await;
        assert_eq!(events.len(), 3);
        let error = error.unwrap();
        assert_eq!((error.kind(), error.partial().unwrap().text().as_str()), (Kind::Decode, "Hel"), "{error}");
        assert!(!error.is_retryable());
        assert!(stream.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_none_from_the_start_fails_the_call_at_once() {
    let mut flipped = frames(&HELLO);
    flipped[30] ^= 1;
    for (step, why) in [
        (Step::stream(flipped), "checksum"),
        (Step::text(200, "text/html", "<html>Welcome to the hotel</html>"), "text/html"),
        (Step::json(200, "{}"), "application/json"),
    ] {
        let server = Scripted::new([step, Step::streamed_hello()]);
        let error = server.client().await.messages().stream(&request()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(server.requests().len(), 1, "it would come out the same");
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_a_stream_closes_its_connection() {
    let (mut stream, server) = stream_of(Step::streamed_hello().silent_at(frames(&HELLO[..3]).len())).await;
    stream.next().await.unwrap().unwrap();
    drop(stream);
    server.closed(1).await;
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_closes_its_connection() {
    let server = Scripted::new([Step::silence()]);
    let client = server.client().await;
    let call = tokio::spawn(async move { client.messages().create(&request()).await });
    while server.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    call.abort();
    server.closed(1).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_read_to_its_end_gives_its_connection_back() {
    let server = Scripted::new([Step::streamed_hello(), Step::hello(), Step::streamed_hello()]);
    let client = server.client().await;
    client.messages().stream(&request()).await.unwrap().finish().await.unwrap();
    // Connections are given back by a task of the client's.
    tokio::time::sleep(Duration::from_millis(1)).await;
    client.messages().create(&request()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    client.messages().stream(&request()).await.unwrap().finish().await.unwrap();
    let connections: Vec<usize> = server.requests().iter().map(|recorded| recorded.connection).collect();
    assert_eq!(connections, [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn calls_and_streams_can_go_to_another_task() {
    fn free<T: Send + 'static>(value: T) -> T {
        value
    }
    fn is_stream<T: Stream<Item = outcrop::Result<I>> + Send + Unpin + 'static, I>(_: &T) {}
    let server = Scripted::new([Step::streamed_hello(), Step::hello(), Step::streamed_hello(), Step::hello()]);
    let client = free(server.client().await);
    let call = free(client.message("opus").user("Hello").stream());
    let stream: MessageStream = free(tokio::spawn(call).await.unwrap().unwrap());
    is_stream(&stream);
    let text: TextStream = free(stream.text());
    is_stream(&text);
    let reply = free(client.message("opus").user("Hello").send());
    let reply = free(tokio::spawn(reply).await.unwrap().unwrap());
    assert_eq!(reply.text(), "Hello!");
    let finishing = free(client.message("opus").user("Hello").stream().await.unwrap().finish());
    assert_eq!(tokio::spawn(finishing).await.unwrap().unwrap().text(), "Hello!");
    let awaited = tokio::spawn(client.message("opus").user("Hello").into_future());
    assert_eq!(awaited.await.unwrap().unwrap().text(), "Hello!");
}

#[tokio::test(start_paused = true)]
async fn the_bytes_of_a_stream_come_as_they_are() {
    let body = frames(&HELLO);
    let busy = Step::json(503, r#"{"message":"busy"}"#);
    let server = Scripted::new([busy, Step::stream(body.clone()).in_pieces(100, Duration::from_millis(1))]);
    let client = server.client().await;
    let mut stream = client.messages().stream_bytes(&request()).await.unwrap();
    assert_eq!((stream.meta().status.as_u16(), stream.meta().attempts.len()), (200, 2));
    assert_eq!(stream.meta().header("x-amzn-requestid"), Some("id-of-stream"));
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(all, body);
    assert!(stream.next().await.is_none(), "it stays at its end");
}

#[tokio::test(start_paused = true)]
async fn the_bytes_of_a_stream_end_with_an_error_where_they_break_off() {
    let body = frames(&HELLO);
    let server = Scripted::new([Step::stream(body.clone()).cut_at(body.len() - 9)]);
    let mut stream = server.client().await.messages().stream_bytes(&request()).await.unwrap();
    let mut length = 0;
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(piece) => length += piece.len(),
            Err(error) => break error,
        }
    };
    assert_eq!((length, error.kind(), error.request_id()), (body.len() - 9, Kind::Interrupted, Some("id-of-stream")));
    assert!(stream.next().await.is_none());
}
