//! The limits: of silence, and of the whole call.

use std::sync::Arc;
use std::time::Duration;

use outcrop::auth::ProvideCredentials;
use outcrop::auth::credentials::Provided;
use outcrop::{Auth, CallOptions, Kind};
use tokio::time::Instant;

use crate::scripted::{HELLO, MESSAGE, Scripted, Step, frames, request};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[tokio::test(start_paused = true)]
async fn silence_before_the_answer_ends_the_call() {
    for streamed in [false, true] {
        let server = Scripted::new([Step::silence(), Step::hello()]);
        let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
        let began = Instant::now();
        let error = match streamed {
            false => client.messages().create(&request()).await.unwrap_err(),
            true => client.messages().stream(&request()).await.unwrap_err(),
        };
        assert_eq!((error.kind(), error.attempts().len()), (Kind::Timeout, 1));
        assert_eq!(server.requests().len(), 1, "the model may be at work: the call is not made twice");
        assert!(error.to_string().contains("50ms"), "{error}");
        assert!((ms(50)..ms(100)).contains(&began.elapsed()));
        server.closed(1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn silence_in_the_middle_of_an_answer_ends_the_call() {
    let server = Scripted::new([Step::json(200, MESSAGE).silent_at(10)]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (Kind::Timeout, 1));
}

#[tokio::test(start_paused = true)]
async fn silence_in_the_middle_of_a_stream_ends_it_with_what_came() {
    let server = Scripted::new([Step::streamed_hello().silent_at(frames(&HELLO[..3]).len() + 7)]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let mut stream = client.messages().stream(&request()).await.unwrap();
    for _ in 0..3 {
        stream.next().await.unwrap().unwrap();
    }
    let began = Instant::now();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.partial().unwrap().text().as_str()), (Kind::Timeout, "Hel"));
    assert!((ms(50)..ms(100)).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert!(stream.next().await.is_none());
    drop(stream);
    server.closed(1).await;
}

/// The limit wakes the task that waits now, not the one that waited first.
#[tokio::test(start_paused = true)]
async fn a_stream_that_waits_may_go_to_another_task() {
    let server = Scripted::new([Step::streamed_hello().silent_at(frames(&HELLO[..1]).len())]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let mut stream = client.messages().stream(&request()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert!(tokio::time::timeout(ms(10), stream.next()).await.is_err(), "nothing comes");
    let waiting = tokio::spawn(async move { stream.next().await });
    let error = tokio::time::timeout(ms(500), waiting).await.expect("it waits for ever").unwrap().unwrap().unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn silence_before_the_first_event_of_a_stream_ends_the_call() {
    let server = Scripted::new([Step::streamed_hello().silent_at(9)]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let error = client.messages().stream(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (Kind::Timeout, 1));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_that_keeps_coming_is_no_silence() {
    let slow = Step::streamed_hello().in_pieces(100, ms(40));
    let server = Scripted::new([slow, Step::json(200, MESSAGE).in_pieces(20, ms(40))]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let began = Instant::now();
    let stream = client.messages().stream(&request()).await.unwrap();
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
    assert!(began.elapsed() > ms(200), "it took longer than one silence may");
    assert_eq!(client.messages().create(&request()).await.unwrap().text(), "Hello!");
}

/// The reader may take its time: only the server's silence counts.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_no_silence() {
    let server = Scripted::new([Step::streamed_hello().in_pieces(60, ms(10))]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let mut stream = client.messages().stream(&request()).await.unwrap();
    while let Some(event) = stream.next().await {
        event.unwrap();
        tokio::time::sleep(ms(200)).await;
    }
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
}

#[tokio::test(start_paused = true)]
async fn a_call_has_a_limit_of_its_own() {
    let first_event = frames(&HELLO[..1]).len();
    let slow = || Step::streamed_hello().in_pieces(first_event, ms(40));
    let server = Scripted::new([slow(), slow(), Step::silence(), Step::json(200, MESSAGE).in_pieces(20, ms(40))]);
    let client = server.builder().timeout(ms(130)).build().await.unwrap();

    let began = Instant::now();
    let mut stream = client.messages().stream(&request()).await.unwrap();
    let error = loop {
        match stream.next().await.expect("an error") {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.partial().is_some());
    assert!((ms(130)..ms(180)).contains(&began.elapsed()), "{:?}", began.elapsed());

    let patient = client.message("opus").user("Hello").timeout(ms(5000)).stream().await.unwrap();
    assert_eq!(patient.finish().await.unwrap().text(), "Hello!", "a call may have another limit");

    for _ in 0..2 {
        let began = Instant::now();
        let error = client.messages().create(&request()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
        assert!((ms(130)..ms(180)).contains(&began.elapsed()), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_its_own_limit_of_silence() {
    let server = Scripted::new([Step::hello().after(ms(80)), Step::hello().after(ms(80))]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let mut options = CallOptions::default();
    options.idle_timeout = Some(ms(100));
    assert!(client.messages().with(options).create(&request()).await.is_ok());
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_call_counts_its_retries() {
    let refusal = || Step::json(503, "{}").header("retry-after-ms", "60").after(ms(30));
    let server = Scripted::new([refusal(), refusal(), refusal(), Step::hello()]);
    let client = server.builder().timeout(ms(150)).build().await.unwrap();
    let began = Instant::now();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts().len()), (Kind::Service, Some(503), 2));
    assert!(began.elapsed() <= ms(150), "{:?}", began.elapsed());
}

/// A login program that hangs must not hang the call.
#[tokio::test(start_paused = true)]
async fn the_limit_of_a_call_counts_the_search_for_keys() {
    #[derive(Debug)]
    struct Never;
    impl ProvideCredentials for Never {
        fn credentials(&self) -> Provided<'_> {
            Box::pin(std::future::pending())
        }
    }
    let server = Scripted::new([]);
    let client = server.builder().auth(Auth::Provider(Arc::new(Never))).timeout(ms(50)).build().await.unwrap();
    let (messages, request) = (client.messages(), request());
    let call = tokio::time::timeout(Duration::from_secs(5), messages.create(&request));
    let error = call.await.expect("the call outlasts its limit").unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_body_does_not_come_is_still_that_error() {
    let server = Scripted::new([Step::json(403, r#"{"message":"never comes"}"#).silent_at(0)]);
    let client = server.builder().idle_timeout(ms(50)).build().await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.aws_code()),
        (Kind::Service, Some(403), Some("AccessDeniedException"))
    );
}
