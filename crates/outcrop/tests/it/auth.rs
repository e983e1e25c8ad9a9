//! What says who calls: signatures, bearer keys, session tokens; clocks that are wrong and keys that end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use outcrop::auth::credentials::Provided;
use outcrop::auth::{Credentials, CredentialsError, ProvideCredentials};
use outcrop::wire::sigv4::{AmzTime, Refusal};
use outcrop::{Auth, CallOptions, Client, Kind, Surroundings};

use crate::scripted::{ACCESS_KEY_ID, Recorded, SECRET, Scripted, Step, request};

/// Gives another key each time it is asked.
#[derive(Debug, Default)]
struct Rotating(AtomicUsize);

impl ProvideCredentials for Rotating {
    fn credentials(&self) -> Provided<'_> {
        Box::pin(async {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(Credentials::new(format!("AKID{number}"), SECRET))
        })
    }
}

async fn with_auth(server: &Scripted, auth: Auth) -> Client {
    server.builder().auth(auth).build().await.unwrap()
}

fn signed_headers(recorded: &Recorded) -> &str {
    let authorization = recorded.header("authorization").unwrap();
    authorization.split_once("SignedHeaders=").unwrap().1.split_once(',').unwrap().0
}

/// A refusal for the time, from a server whose clock says `date`.
fn expired_signature(date: Option<SystemTime>) -> Step {
    let body = r#"{"message":"Signature expired: 20261123T235900Z is now earlier than 20261124T015400Z (20261124T015900Z - 5 min.)"}"#;
    let step = Step::json(403, body).header("x-amzn-errortype", "InvalidSignatureException");
    match date {
        Some(date) => step.header("date", httpdate::fmt_http_date(date)),
        None => step,
    }
}

fn expired_token() -> Step {
    Step::json(403, r#"{"message":"The security token included in the request is expired"}"#)
        .header("x-amzn-errortype", "ExpiredTokenException:http://internal.amazon.com/coral/com.amazon.coral.service/")
}

fn time(text: &str) -> SystemTime {
    let seconds = AmzTime::parse(text).unwrap().unix();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
}

fn slow_clock() -> Surroundings {
    let now = time("20261123T235900Z");
    Surroundings::made_up([], []).with_clock(move || now)
}

#[tokio::test]
async fn a_signed_request_verifies_and_covers_only_what_no_proxy_changes() {
    let server = Scripted::new([Step::hello()]);
    let client = server.builder().surroundings(slow_clock()).build().await.unwrap();
    client.messages().create(&request()).await.unwrap();
    let recorded = server.request();
    assert_eq!(recorded.verify(SECRET), Ok(()));
    assert_eq!(recorded.header("x-amz-date"), Some("20261123T235900Z"));
    let authorization = recorded.header("authorization").unwrap();
    let credential = format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/20261123/us-west-2/bedrock/aws4_request, ");
    assert!(authorization.starts_with(&credential), "{authorization}");
    assert_eq!(signed_headers(&recorded), "content-type;host;x-amz-date");
    assert_eq!(recorded.header("x-amz-security-token"), None);

    assert_eq!(recorded.verify("another secret"), Err(Refusal::Signature));
    let mut altered = recorded.clone();
    altered.body[20] ^= 1;
    assert_eq!(altered.verify(SECRET), Err(Refusal::Signature));
    let mut elsewhere = recorded.clone();
    elsewhere.target = elsewhere.target.replace("opus", "lapis");
    assert_eq!(elsewhere.verify(SECRET), Err(Refusal::Signature));
    let mut proxied = recorded;
    proxied.headers.retain(|(name, _)| !["user-agent", "accept"].contains(&name.as_str()));
    assert_eq!(proxied.verify(SECRET), Ok(()));
}

#[tokio::test]
async fn a_session_token_is_sent_and_signed() {
    let keys = || Client::builder().access_key(ACCESS_KEY_ID, SECRET).session_token("the session token");
    for builder in [
        keys(),
        Client::builder().session_token("the session token").access_key(ACCESS_KEY_ID, SECRET),
        Client::builder().auth(Auth::session_keys(ACCESS_KEY_ID, SECRET, "the session token")),
    ] {
        let server = Scripted::new([Step::hello()]);
        let builder = builder.surroundings(Surroundings::made_up([], [])).region("us-west-2");
        let client = server.below(builder).build().await.unwrap();
        client.messages().create(&request()).await.unwrap();
        let recorded = server.request();
        assert_eq!(recorded.header("x-amz-security-token"), Some("the session token"));
        assert_eq!(signed_headers(&recorded), "content-type;host;x-amz-date;x-amz-security-token");
        assert_eq!(recorded.verify(SECRET), Ok(()));
        let mut another = recorded;
        another.headers.iter_mut().find(|(name, _)| name == "x-amz-security-token").unwrap().1 = "another".to_owned();
        assert_eq!(another.verify(SECRET), Err(Refusal::Signature));
    }
}

#[tokio::test]
async fn a_session_token_without_its_key_is_an_error() {
    for builder in [Client::builder(), Client::builder().bearer_token("ABSKexample")] {
        let builder = builder.surroundings(Surroundings::made_up([], [])).region("us-west-2").session_token("token");
        let error = builder.build().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains("session token"), "{error}");
    }
}

#[tokio::test]
async fn a_bearer_key_goes_out_as_it_is_and_nothing_is_signed() {
    let server = Scripted::new([Step::hello()]);
    let client = with_auth(&server, Auth::bearer("ABSKexample\n")).await;
    client.messages().create(&request()).await.unwrap();
    let recorded = server.request();
    assert_eq!(recorded.header("authorization"), Some("Bearer ABSKexample"));
    assert_eq!((recorded.header("x-amz-date"), recorded.header("x-amz-security-token")), (None, None));
}

#[tokio::test]
async fn a_bearer_key_that_no_header_may_hold_is_an_error_that_does_not_show_it() {
    let server = Scripted::new([]);
    let error = server.builder().bearer_token("ABSK\u{1}hidden").build().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("bearer") && !format!("{error} {error:?}").contains("hidden"), "{error}");
}

#[tokio::test]
async fn unsigned_calls_say_nothing_of_who_calls() {
    let server = Scripted::new([Step::hello()]);
    let client = with_auth(&server, Auth::Unsigned).await;
    client.messages().create(&request()).await.unwrap();
    let recorded = server.request();
    assert_eq!((recorded.header("authorization"), recorded.header("x-amz-date")), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_mended_from_the_servers_date() {
    let date = time("20261124T015900Z");
    let server = Scripted::new([expired_signature(Some(date)), Step::hello(), Step::streamed_hello()]);
    let client = server.builder().surroundings(slow_clock()).build().await.unwrap();
    let reply = client.messages().create(&request()).await.unwrap();
    assert_eq!(reply.text(), "Hello!");
    let [refused, answered] = &reply.meta.attempts[..] else { panic!("{:?}", reply.meta.attempts) };
    assert_eq!((refused.status, refused.pause, answered.status), (Some(403), None, Some(200)));
    client.messages().stream(&request()).await.unwrap().finish().await.unwrap();
    let requests = server.requests();
    let dates: Vec<&str> = requests.iter().map(|recorded| recorded.header("x-amz-date").unwrap()).collect();
    assert_eq!(dates, ["20261123T235900Z", "20261124T015900Z", "20261124T015900Z"], "it stays mended");
    for recorded in &requests {
        assert_eq!(recorded.verify(SECRET), Ok(()), "the key is that of the day of the signature");
    }
    assert!(requests[1].header("authorization").unwrap().contains("/20261124/us-west-2/bedrock/aws4_request"));
}

#[tokio::test(start_paused = true)]
async fn a_clock_may_also_be_ahead() {
    let body = r#"{"message":"Signature not yet current: 20261123T235900Z is still later than 20261123T220000Z (20261123T215500Z + 5 min.)"}"#;
    let refusal = Step::json(403, body)
        .header("x-amzn-errortype", "InvalidSignatureException")
        .header("date", httpdate::fmt_http_date(time("20261123T215500Z")));
    let server = Scripted::new([refusal, Step::hello()]);
    let client = server.builder().surroundings(slow_clock()).build().await.unwrap();
    client.messages().create(&request()).await.unwrap();
    assert_eq!(server.requests()[1].header("x-amz-date"), Some("20261123T215500Z"));
}

#[tokio::test(start_paused = true)]
async fn a_clock_is_mended_once_a_call_and_only_where_the_server_tells_the_time() {
    let date = Some(time("20261124T015900Z"));
    let mismatch = Step::json(403, r#"{"message":"The request signature we calculated does not match"}"#)
        .header("x-amzn-errortype", "InvalidSignatureException")
        .header("date", httpdate::fmt_http_date(time("20261124T015900Z")));
    for (script, requests) in [
        (vec![expired_signature(date), expired_signature(date), Step::hello()], 2),
        (vec![expired_signature(None), Step::hello()], 1),
        (vec![mismatch, Step::hello()], 1),
    ] {
        let server = Scripted::new(script);
        let client = server.builder().surroundings(slow_clock()).build().await.unwrap();
        let error = client.messages().create(&request()).await.unwrap_err();
        assert_eq!((error.aws_code(), error.attempts().len()), (Some("InvalidSignatureException"), requests));
        assert_eq!(server.requests().len(), requests);
        assert!(error.hint().is_some() && !error.is_retryable());
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_renewed_once() {
    for streamed in [false, true] {
        let provider = Arc::new(Rotating::default());
        let answer = if streamed { Step::streamed_hello() } else { Step::hello() };
        let server = Scripted::new([expired_token(), answer]);
        let client = with_auth(&server, Auth::Provider(provider.clone())).await;
        // It is no retry of the same request: none is allowed here.
        let mut options = CallOptions::default();
        options.max_retries = Some(0);
        let messages = client.messages().with(options);
        let reply = match streamed {
            false => messages.create(&request()).await.unwrap(),
            true => messages.stream(&request()).await.unwrap().finish().await.unwrap(),
        };
        assert_eq!(reply.text(), "Hello!");
        assert_eq!(provider.0.load(Ordering::SeqCst), 2);
        let requests = server.requests();
        assert!(requests[0].header("authorization").unwrap().contains("Credential=AKID0/"));
        assert!(requests[1].header("authorization").unwrap().contains("Credential=AKID1/"));
        assert_eq!(requests[1].verify(SECRET), Ok(()));
        assert_eq!(reply.meta.attempts[0].pause, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_stays_expired_is_the_error_of_the_call() {
    let provider = Arc::new(Rotating::default());
    let server = Scripted::new([expired_token(), expired_token(), Step::hello()]);
    let client = with_auth(&server, Auth::Provider(provider.clone())).await;
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.aws_code(), error.attempts().len()), (Some("ExpiredTokenException"), 2));
    assert!(error.hint().unwrap().contains("log in again"));
    assert_eq!((provider.0.load(Ordering::SeqCst), server.requests().len()), (2, 2));
}

#[tokio::test]
async fn calls_at_the_same_time_ask_for_keys_once() {
    let provider = Arc::new(Rotating::default());
    let server = Scripted::new(vec![Step::hello(); 8]);
    let client = with_auth(&server, Auth::Provider(provider.clone())).await;
    let calls: Vec<_> = (0..8).map(|_| tokio::spawn(client.message("opus").user("Hello").send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(provider.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_an_error_before_anything_is_sent() {
    #[derive(Debug, Default)]
    struct Late(AtomicUsize);
    impl ProvideCredentials for Late {
        fn credentials(&self) -> Provided<'_> {
            let asked = self.0.fetch_add(1, Ordering::SeqCst);
            let mut error = CredentialsError::new("the vault is locked");
            error.hint = Some("unlock it".to_owned());
            let outcome = if asked == 0 { Err(error) } else { Ok(Credentials::new(ACCESS_KEY_ID, SECRET)) };
            Box::pin(std::future::ready(outcome))
        }
    }
    let server = Scripted::new([Step::hello()]);
    let client = with_auth(&server, Auth::Provider(Arc::new(Late::default()))).await;
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.hint()), (Kind::Credentials, Some("unlock it")));
    assert!(error.to_string().contains("the vault is locked"), "{error}");
    assert_eq!(server.requests().len(), 0);
    client.messages().create(&request()).await.expect("a failure is not kept");
}
