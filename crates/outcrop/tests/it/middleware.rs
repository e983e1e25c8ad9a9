//! Code of the caller's around each try: what it sees, what it may change, and what it never gets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt as _;
use outcrop::middleware::{Handling, Middleware, Next};
use outcrop::transport::Body;
use outcrop::{Error, Kind};

use crate::scripted::{MESSAGE, SECRET, Scripted, Step, request};

/// Writes down what passes.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

struct Named(&'static str, Diary);

impl Middleware for Named {
    fn handle<'a>(&'a self, mut request: Request<Bytes>, next: Next<'a>) -> Handling<'a> {
        Box::pin(async move {
            let Named(name, diary) = self;
            let attempt = next.attempt();
            let secrets = ["authorization", "x-amz-date", "x-amz-security-token"];
            assert!(!secrets.iter().any(|name| request.headers().contains_key(*name)));
            diary.write(format!("{name} {attempt} {}", next.plan().path == request.uri().path()));
            request.headers_mut().append("x-passed", HeaderValue::from_static(name));
            let answer = next.run(request).await;
            diary.write(match &answer {
                Ok(answer) => format!("{name} {attempt} {}", answer.status()),
                Err(error) => format!("{name} {attempt} {:?}", error.kind()),
            });
            answer
        })
    }
}

#[tokio::test(start_paused = true)]
async fn every_try_passes_through_all_in_order() {
    let diary = Diary::default();
    let server =
        Scripted::new([Step::json(503, r#"{"message":"busy"}"#), Step::hang_up(), Step::hello(), Step::hello()]);
    let client = server.builder().middleware(Named("outer", diary.clone())).build().await.unwrap();
    let copy = client.with_middleware(Named("inner", diary.clone()));
    assert_eq!(copy.messages().create(&request()).await.unwrap().text(), "Hello!");
    assert_eq!(
        diary.lines(),
        [
            "outer 1 true",
            "inner 1 true",
            "inner 1 503 Service Unavailable",
            "outer 1 503 Service Unavailable",
            "outer 2 true",
            "inner 2 true",
            "inner 2 Interrupted",
            "outer 2 Interrupted",
            "outer 3 true",
            "inner 3 true",
            "inner 3 200 OK",
            "outer 3 200 OK",
        ]
    );
    client.messages().create(&request()).await.unwrap();
    assert_eq!(diary.lines()[12..], ["outer 1 true", "outer 1 200 OK"], "the client itself has one");
    for sent in &server.requests() {
        assert_eq!(sent.verify(SECRET), Ok(()));
    }
    let passed = server.requests()[2].headers.iter().filter(|(name, _)| name == "x-passed").count();
    assert_eq!(passed, 2);
}

#[tokio::test]
async fn what_it_changes_is_signed_and_sent() {
    fn longer<'a>(request: Request<Bytes>, next: Next<'a>) -> Handling<'a> {
        let (parts, body) = request.into_parts();
        let body = String::from_utf8(body.to_vec()).unwrap().replace("Hello, world", "Hello, wide world");
        next.run(Request::from_parts(parts, body.into()))
    }
    let server = Scripted::new([Step::hello()]);
    let client = server.client().await.with_middleware(longer);
    client.messages().create(&request()).await.unwrap();
    assert!(server.request().text().contains("wide"));
    assert_eq!(server.request().verify(SECRET), Ok(()));
}

#[tokio::test]
async fn it_may_answer_itself_or_stop_the_call() {
    fn answer<'a>(_: Request<Bytes>, _: Next<'a>) -> Handling<'a> {
        let body = Body::new(http_body_util::Full::new(Bytes::from_static(MESSAGE.as_bytes())));
        Box::pin(std::future::ready(Ok(Response::new(body))))
    }
    fn stop<'a>(_: Request<Bytes>, _: Next<'a>) -> Handling<'a> {
        Box::pin(std::future::ready(Err(Error::stopped("the budget of today is used up"))))
    }
    let server = Scripted::new([]);
    let client = server.client().await;
    assert_eq!(client.with_middleware(answer).messages().create(&request()).await.unwrap().text(), "Hello!");
    let error = client.with_middleware(stop).messages().create(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable(), error.attempts().len()), (Kind::Stopped, false, 1));
    let text = "on bedrock-runtime.us-west-2.amazonaws.com: stopped by middleware: the budget of today is used up";
    assert!(error.to_string().ends_with(text), "{error}");
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_may_watch_the_bytes_of_a_stream() {
    struct Watch(Arc<Mutex<usize>>);
    impl Middleware for Watch {
        fn handle<'a>(&'a self, request: Request<Bytes>, next: Next<'a>) -> Handling<'a> {
            let count = Arc::clone(&self.0);
            Box::pin(async move {
                let answer = next.run(request).await?;
                let counted = move |frame: Frame<Bytes>| {
                    *count.lock().unwrap() += frame.data_ref().map_or(0, Bytes::len);
                    frame
                };
                Ok(answer.map(|body| Body::new(body.map_frame(counted))))
            })
        }
    }
    let seen = Arc::new(Mutex::new(0));
    let body = crate::scripted::frames(&crate::scripted::HELLO);
    let server = Scripted::new([Step::stream(body.clone()).in_pieces(64, Duration::from_millis(1))]);
    let client = server.client().await.with_middleware(Watch(Arc::clone(&seen)));
    let stream = client.messages().stream(&request()).await.unwrap();
    assert_eq!(stream.finish().await.unwrap().text(), "Hello!");
    assert_eq!(*seen.lock().unwrap(), body.len());
}

/// It takes part in the limits of the call.
#[tokio::test(start_paused = true)]
async fn one_that_hangs_ends_with_the_limit_of_the_call() {
    fn hang<'a>(_: Request<Bytes>, _: Next<'a>) -> Handling<'a> {
        Box::pin(std::future::pending())
    }
    let server = Scripted::new([]);
    let client = server.builder().timeout(Duration::from_secs(9)).middleware(hang).build().await.unwrap();
    assert_eq!(client.messages().create(&request()).await.unwrap_err().kind(), Kind::Timeout);
}

/// Keys that AWS calls expired are fetched again, also where the answer passed through middleware.
#[tokio::test]
async fn the_key_that_was_used_is_known_behind_it() {
    use outcrop::auth::credentials::Provided;
    use outcrop::auth::{Credentials, ProvideCredentials};
    #[derive(Debug, Default)]
    struct Rotating(Mutex<u32>);
    impl ProvideCredentials for Rotating {
        fn credentials(&self) -> Provided<'_> {
            let mut number = self.0.lock().unwrap();
            *number += 1;
            Box::pin(std::future::ready(Ok(Credentials::new(format!("AKID{number}"), SECRET))))
        }
    }
    let expired = Step::json(403, r#"{"message":"The security token included in the request is expired"}"#)
        .header("x-amzn-errortype", "ExpiredTokenException");
    let server = Scripted::new([expired, Step::hello()]);
    let client = server.builder().auth(outcrop::Auth::Provider(Arc::new(Rotating::default())));
    let client = client.middleware(Named("one", Diary::default())).build().await.unwrap();
    client.messages().create(&request()).await.unwrap();
    let sent = server.requests();
    assert!(sent[0].header("authorization").unwrap().contains("AKID1/"));
    assert!(sent[1].header("authorization").unwrap().contains("AKID2/"));
}
