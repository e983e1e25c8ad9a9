//! The blocking client: the same calls, outside of async code and within.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use outcrop::blocking::{Client, MessageStream};
use outcrop::tools::{Callable, Decision, Stopped};
use outcrop::{Block, CallOptions, Delivery, Event, Json, Kind, Retry, Tool};

use crate::converse;
use crate::scripted::{HELLO, Scripted, Step, exception, frames, request};

fn client(server: &Scripted) -> Client {
    server.builder().build_blocking().unwrap()
}

fn one_of_each(client: &Client) {
    assert_eq!(client.messages().create(&request()).unwrap().text(), "Hello!");
    let pieces: Vec<String> = client.messages().stream(&request()).unwrap().text().map(Result::unwrap).collect();
    assert_eq!(pieces, ["Hel", "lo!"]);
}

fn script() -> Scripted {
    Scripted::new([Step::hello(), Step::streamed_hello().in_pieces(200, Duration::from_millis(1))])
}

#[test]
fn calls_and_streams() {
    let server = script();
    one_of_each(&client(&server));
    let [whole, streamed] = &server.requests()[..] else { panic!() };
    assert!(whole.target.ends_with("/invoke") && streamed.target.ends_with("/invoke-with-response-stream"));
    assert_eq!(whole.body, streamed.body);
}

/// AWS's own shapes, as a program in boto3 has them.
#[test]
fn converse_too() {
    use outcrop::converse::{ConverseEvent, ConverseRequest};

    let server = Scripted::new([converse::answer(), converse::hello(), converse::hello()]);
    let client = client(&server);
    let request = ConverseRequest::new("opus").user("Hello");
    assert_eq!(client.converse().create(&request).unwrap().text(), "Hello!");
    let mut stream = client.converse().stream(&request).unwrap();
    let texts: Vec<String> =
        stream.by_ref().take(3).filter_map(|event| Some(event.unwrap().text()?.to_owned())).collect();
    assert_eq!((texts, stream.snapshot().unwrap().text()), (vec!["Hel".to_owned(), "lo!".to_owned()], "Hello!".into()));
    assert_eq!(stream.finish().unwrap().usage.total_tokens, 10);
    let last = client.converse().stream(&request).unwrap().last();
    assert!(matches!(last, Some(Ok(ConverseEvent::Metadata(_)))));
}

#[test]
fn over_a_socket_too() {
    let server = script();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let url = runtime.block_on(server.listen());
    let builder = outcrop::Client::builder().surroundings(outcrop::Surroundings::made_up([], []));
    let client = builder.auth(outcrop::Auth::Unsigned).endpoint_url(url).build_blocking().unwrap();
    one_of_each(&client);
}

#[test]
fn a_stream_is_an_iterator_of_events() {
    let server = Scripted::new([Step::streamed_hello(), Step::streamed_hello()]);
    let client = client(&server);
    let mut stream = client.message("opus").user("Hello").stream().unwrap();
    assert!(matches!(stream.by_ref().nth(2), Some(Ok(Event::ContentBlockDelta(_)))));
    assert_eq!(stream.snapshot().unwrap().text(), "Hel");
    assert_eq!(stream.meta().request_id.as_deref(), Some("id-of-stream"));
    assert_eq!(stream.finish().unwrap().text(), "Hello!");
    let mut text = client.messages().stream(&request()).unwrap().text();
    assert_eq!(text.next().unwrap().unwrap(), "Hel");
    assert_eq!(text.into_inner().finish().unwrap().text(), "Hello!");
}

#[test]
fn a_stream_that_fails_gives_its_error_once() {
    let mut body = frames(&HELLO[..3]);
    body.extend(exception("throttlingException", "slower"));
    let server = Scripted::new([Step::stream(body)]);
    let stream = client(&server).messages().stream(&request()).unwrap();
    let events: Vec<_> = stream.collect();
    assert_eq!(events.len(), 4);
    assert_eq!(events[3].as_ref().unwrap_err().partial().unwrap().text(), "Hel");
}

#[test]
fn the_sugar_has_the_same_setters() {
    let server = Scripted::new([Step::hello()]);
    let client = client(&server).with_options(CallOptions::new().extra_body("top_k", Json::from_text("3").unwrap()));
    let call = client.message("opus").max_tokens(9).system("Brief").user("Hello").timeout(Duration::from_secs(60));
    let reply = call.extra_header("x-team".parse().unwrap(), "a".parse().unwrap()).keep_raw().send().unwrap();
    assert!(reply.meta.raw.is_some());
    let sent = server.request();
    assert_eq!(
        (&sent.json()["max_tokens"], &sent.json()["top_k"], sent.header("x-team")),
        (&9.into(), &3.into(), Some("a"))
    );
    let shown = client.messages().dry_run(&request(), Delivery::Unary).unwrap();
    assert!(shown.to_string().contains("\"top_k\":3"));
    let reply = outcrop::Turn::from(reply);
    assert!(matches!(reply.content, outcrop::Content::Blocks(blocks) if blocks == [Block::text("Hello!")]));
}

#[test]
fn many_threads_share_a_client() {
    let server = Scripted::new((0..16).map(|_| Step::hello()));
    let client = client(&server);
    std::thread::scope(|threads| {
        for _ in 0..16 {
            threads.spawn(|| assert_eq!(client.messages().create(&request()).unwrap().text(), "Hello!"));
        }
    });
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    fn sent<T: Send + 'static>() {}
    sent::<MessageStream>();
}

#[test]
fn pauses_and_limits_of_time_count() {
    let busy = Step::json(503, r#"{"message":"busy"}"#).header("retry-after-ms", "1");
    let server = Scripted::new([busy, Step::hello(), Step::silence()]);
    let client = client(&server).with_options(CallOptions::new().retry(Retry::times(1)));
    assert_eq!(client.messages().create(&request()).unwrap().meta.attempts.len(), 2);
    let error = client.message("opus").user("Hello").timeout(Duration::from_millis(20)).send().unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
}

/// It holds the thread up, and nothing panics: neither the calls, nor the end of the client.
#[test]
fn it_works_on_threads_of_a_runtime() {
    let current = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for runtime in [current, many] {
        runtime.block_on(async { one_of_each(&client(&script())) });
        runtime.block_on(async { tokio::spawn(async { one_of_each(&client(&script())) }).await.unwrap() });
        runtime.block_on(async { tokio::task::spawn_blocking(|| one_of_each(&client(&script()))).await.unwrap() });
    }
}

#[test]
fn dropping_a_stream_closes_its_connection() {
    let whole = frames(&HELLO).len();
    let server = Scripted::new([Step::stream(frames(&HELLO)).silent_at(whole - 40)]);
    let client = client(&server);
    let mut stream = client.messages().stream(&request()).unwrap();
    assert!(stream.next().unwrap().is_ok());
    drop(stream);
    let closed = async {
        server.closed(1).await;
        Ok(())
    };
    client.run(closed).unwrap();
}

/// A stream may outlive the client that began it.
#[test]
fn a_stream_keeps_the_thread() {
    let server = Scripted::new([Step::streamed_hello().in_pieces(200, Duration::from_millis(1))]);
    let stream = client(&server).messages().stream(&request()).unwrap();
    assert_eq!(stream.finish().unwrap().text(), "Hello!");
}

#[test]
fn a_call_that_would_wait_for_itself_is_an_error() {
    let server = Scripted::new([]);
    let held: Arc<OnceLock<Client>> = Arc::default();
    let (sender, errors) = std::sync::mpsc::channel();
    let held_by_connector = Arc::clone(&held);
    let builder = server.builder().connector(move |_| {
        let (client, sender) = (held_by_connector.get().unwrap().clone(), sender.clone());
        async move {
            // A task runs on the thread of the client.
            let call = tokio::spawn(async move { client.messages().create(&request()).map(drop) });
            let _ = sender.send(call.await.unwrap().unwrap_err());
            Err::<tokio::io::DuplexStream, _>(std::io::ErrorKind::ConnectionRefused.into())
        }
    });
    let client = builder.retry(Retry::none()).build_blocking().unwrap();
    held.set(client.clone()).unwrap();
    assert_eq!(client.messages().create(&request()).unwrap_err().kind(), Kind::Connect);
    let error = errors.recv().unwrap();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("it would wait for itself") && error.hint().is_some(), "{error:?}");
}

#[test]
fn tokens_are_counted() {
    let server = Scripted::new([Step::json(200, r#"{"inputTokens":11}"#), Step::json(200, r#"{"inputTokens":12}"#)]);
    let client = client(&server);
    assert_eq!(client.messages().count_tokens(&request()).unwrap().input_tokens, 11);
    assert_eq!(client.message("opus").user("Hello").count_tokens().unwrap().input_tokens, 12);
}

#[test]
fn values_and_tools() {
    let value = r#"{"model":"claude-opus-4-6","id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"[1,2]"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"#;
    let calls = r#"{"model":"claude-opus-4-6","id":"msg_2","type":"message","role":"assistant","content":[{"type":"tool_use","id":"t1","name":"echo","input":{"a":1}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"#;
    let server = Scripted::new([Step::json(200, value), Step::json(200, calls), Step::hello(), Step::json(200, calls)]);
    let client = client(&server);
    let schema = Json::from_text(r#"{"type":"array","items":{"type":"integer"}}"#).unwrap();
    let parsed = client.message("opus").user("Count").parse_as::<Vec<u8>>(&schema).unwrap();
    assert_eq!(parsed.output.unwrap(), [1, 2]);

    let anything = || Json::from_text(r#"{"type":"object"}"#).unwrap();
    let echo = Callable::new(Tool::new("echo", "Says it again.", anything()), |input: Json| async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(input.into())
    });
    let run = client.message("opus").user("Call").run(echo.clone()).send().unwrap();
    assert_eq!((run.turns, run.reply.text().as_str(), run.usage.input_tokens > 1), (2, "Hello!", true));
    assert_eq!(server.requests()[2].json()["messages"][2]["content"][0]["content"], r#"{"a":1}"#);

    let run = client.run_tools(request(), echo).max_turns(1).before_call(|_| Decision::deny("no")).send().unwrap();
    assert_eq!(run.stopped, Stopped::MaxTurns);
    let dry = client.message("opus").user("Hello").dry_run(Delivery::Stream).unwrap();
    assert!(dry.url.ends_with("/invoke-with-response-stream"));
}
