//! Calls that are passed on and written down: bytes untouched both ways, as they come, and no secret in the recording.

use std::io::Write;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use outcrop_local::wire::fault::{Fault, Origin};
use outcrop_local::{
    Account, Break, Credential, ENGINE_HEADER, Local, Notice, Outgoing, Recording, Reply, Upstream, UpstreamAnswer,
    UpstreamBody,
};
use serde_json::Value;

use crate::raw::{BODY, INVOKE, NOW, Request, STREAM, Signing, at, connect, local, send};

/// Another local Bedrock, called over HTTP with a key of its own.
struct Behind(Local);

impl Upstream for Behind {
    fn send(&self, call: Outgoing) -> UpstreamAnswer<'_> {
        Box::pin(async move {
            let stream = TokioIo::new(self.0.connect());
            let (mut sender, connection) = http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            let path = call.surface.row().path(call.delivery).replace("{model}", &call.model.path_segment());
            let mut request = http::Request::post(path)
                .header("host", "upstream")
                .header("authorization", format!("Bearer {}", Account::BEARER_TOKEN));
            for (name, value) in &call.headers {
                request = request.header(name, value);
            }
            let answer = sender.send_request(request.body(Full::new(call.body)).unwrap()).await;
            match answer {
                Ok(answer) => Ok(answer.map(|body| -> UpstreamBody { Box::pin(body.map_err(Into::into)) })),
                Err(error) => Err(Fault::new("ServiceUnavailableException", error.to_string(), Origin::Http)),
            }
        })
    }
}

/// What was written, and how often it was flushed.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<(Vec<u8>, usize)>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap().1 += 1;
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().0.clone()).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A recorder, what it passes calls on to, and what it writes.
fn recording() -> (Local, Local, Paper) {
    let (upstream, paper) = (local(), Paper::default());
    let recorder = Local::builder().clock(|| at(NOW)).record(Behind(upstream.clone()), paper.clone()).build();
    (recorder, upstream, paper)
}

#[tokio::test]
async fn what_passes_is_untouched_and_what_is_written_plays() {
    let (recorder, upstream, paper) = recording();
    // Spacing and order that no encoder of ours would give.
    let odd = "{ \"max_tokens\":64,\n\"messages\":[{\"content\":\"Hello\",\"role\":\"user\"}],\"anthropic_version\":\"bedrock-2023-05-31\"}";
    let mut answers = Vec::new();
    for target in [INVOKE, STREAM] {
        let request = Request::post(target, odd).header("x-amzn-bedrock-trace", "ENABLED").signed(&Signing::default());
        let response = send(&recorder, &request).await;
        assert_eq!((response.status, response.header(ENGINE_HEADER)), (200, Some("mirror")), "who answered says so");
        answers.push(response);
        let asked = upstream.last().unwrap();
        assert_eq!(&asked.body[..], odd.as_bytes());
        assert_eq!(asked.header("x-amzn-bedrock-trace"), Some("ENABLED"));
        assert_eq!((asked.header("x-amz-date"), asked.header("authorization")), (None, Some("***")), "its own key");
    }
    let refused = send(&recorder, &Request::post(INVOKE, "{}").signed(&Signing::default())).await;
    assert_eq!(refused.refusal().0, 400, "an error of the service is an answer");
    answers.push(refused);

    assert_eq!(paper.0.lock().unwrap().1, 3, "flushed for each exchange");
    let lines = paper.lines();
    assert_eq!(lines.len(), 3);
    assert_eq!((&lines[0]["request"]["path"], &lines[0]["request"]["body"]), (&INVOKE.into(), &odd.into()));
    assert_eq!(lines[0]["time"], NOW);
    assert!(lines[0]["response"]["body"].is_string() && lines[1]["response"]["body_base64"].is_string());

    let player = Local::builder().clock(|| at(NOW)).replay(Recording::parse(&paper.text()).unwrap()).build();
    for (target, body, recorded) in
        [(INVOKE, odd, &answers[0]), (STREAM, odd, &answers[1]), (INVOKE, "{}", &answers[2])]
    {
        let played = send(&player, &Request::post(target, body).signed(&Signing::default())).await;
        assert_eq!(played.status, recorded.status);
        assert!(played.body == recorded.body, "{} instead of {}", played.body.len(), recorded.body.len());
        for name in ["content-type", "x-amzn-requestid", "x-amzn-errortype", "x-amzn-bedrock-input-token-count"] {
            assert_eq!(played.header(name), recorded.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn no_secret_is_written() {
    let (upstream, paper) = (local(), Paper::default());
    let keys = Credential::Keys {
        access_key_id: "ASIASECRET".into(),
        secret_access_key: "very-secret".into(),
        session_token: Some("token-secret".into()),
    };
    let account = Account { credentials: vec![keys], ..Account::default() };
    let recorder = Local::builder().clock(|| at(NOW)).account(account).record(Behind(upstream), paper.clone()).build();
    let signing = Signing {
        access_key_id: "ASIASECRET",
        secret: "very-secret",
        session_token: Some("token-secret"),
        ..Signing::default()
    };
    let request = Request::post(INVOKE, BODY)
        .header("x-api-key", "api-secret")
        .header("cookie", "cookie-secret")
        .header("proxy-authorization", "proxy-secret")
        .header("x-mine", "header-secret")
        .signed(&signing);
    assert_eq!(send(&recorder, &request).await.status, 200);
    let text = paper.text();
    assert_eq!(paper.lines().len(), 1);
    for secret in ["secret", "SECRET", "Signature", "authorization", Account::BEARER_TOKEN] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn a_stream_passes_through_as_it_comes() {
    let (recorder, upstream, paper) = recording();
    // Minutes between events: nothing that waits for the end would be here in time.
    upstream.answer_next(Reply::text("one two three").pace(std::time::Duration::from_secs(600)));
    tokio::time::pause();
    let mut connection = connect(&recorder).patience(std::time::Duration::from_secs(900));
    connection.write(&Request::good(STREAM)).await;
    let head = connection.read_head().await;
    let first = connection.read_chunk(&head).await.unwrap();
    assert!(!first.is_empty() && paper.text().is_empty(), "the first event is there long before the last");
}

#[tokio::test]
async fn what_breaks_upstream_breaks_here_and_in_the_recording() {
    let (recorder, upstream, paper) = recording();
    upstream.break_next(Break::cut_inside(3));
    let mut connection = connect(&recorder);
    connection.write(&Request::good(STREAM)).await;
    let (response, broken) = connection.read_broken().await;
    assert!(broken && !response.body.is_empty());
    assert_eq!(paper.lines()[0]["response"]["cut"], true);

    let player = Local::builder().clock(|| at(NOW)).replay(Recording::parse(&paper.text()).unwrap()).build();
    let mut connection = connect(&player);
    connection.write(&Request::good(STREAM)).await;
    let (played, broken) = connection.read_broken().await;
    assert!(broken && played.body == response.body);
}

#[tokio::test]
async fn whoever_goes_away_is_not_recorded_and_that_is_said() {
    let (upstream, paper, said) = (local(), Paper::default(), Arc::new(Mutex::new(Vec::new())));
    let told = Arc::clone(&said);
    let recorder = Local::builder()
        .clock(|| at(NOW))
        .on_notice(move |notice| {
            if let Notice::Warning(text) = notice {
                told.lock().unwrap().push((*text).to_owned());
            }
        })
        .record(Behind(upstream.clone()), paper.clone())
        .build();
    upstream.answer_next(Reply::text("one two").pace(std::time::Duration::from_millis(20)));
    let mut connection = connect(&recorder);
    connection.write(&Request::good(STREAM)).await;
    connection.read_head().await;
    drop(connection);
    for _ in 0..200 {
        if !said.lock().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(*said.lock().unwrap(), ["an exchange was not recorded: who asked went away before its end"]);
    assert_eq!(paper.text(), "");
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_is_a_fault_and_no_exchange() {
    struct Nobody;
    impl Upstream for Nobody {
        fn send(&self, call: Outgoing) -> UpstreamAnswer<'_> {
            let why = format!("nobody answers for {}", call.model);
            Box::pin(async { Err(Fault::new("ServiceUnavailableException", why, Origin::Http)) })
        }
    }
    let paper = Paper::default();
    let recorder = Local::builder().clock(|| at(NOW)).record(Nobody, paper.clone()).build();
    let (status, code, message) = send(&recorder, &Request::good(INVOKE)).await.refusal();
    assert_eq!((status, code.as_str()), (503, "ServiceUnavailableException"));
    assert_eq!(message, "nobody answers for global.anthropic.claude-opus-4-6-v1");
    assert_eq!(paper.text(), "");
}
