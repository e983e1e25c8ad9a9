//! A server that answers from a script and writes down what it was asked: over pipes in process, or on loopback.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outcrop::wire::dialect::invoke::EventEncoder;
use outcrop::wire::eventstream;
use outcrop::wire::messages::{Event, Message};
use outcrop::wire::replay::{Replay, replay};
use outcrop::wire::sigv4::{AmzTime, Authorization, Canonical, Claim, PathStyle, Refusal, hash_hex, verify};
use outcrop::{Client, ClientBuilder, MessageRequest, Model, Surroundings};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "us-west-2";

/// A whole answer, as recorded ones are.
pub(crate) const MESSAGE: &str = r#"{"model":"claude-opus-4-6","id":"msg_bdrk_01AbCdEfGhIjKlMnOpQrStUv","type":"message","role":"assistant","content":[{"type":"text","text":"Hello!"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":8,"output_tokens":2}}"#;

pub(crate) const START: &str = r#"{"type":"message_start","message":{"model":"claude-opus-4-6","id":"msg_bdrk_01AbCdEfGhIjKlMnOpQrStUv","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":8,"output_tokens":1}}}"#;
pub(crate) const BLOCK: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
pub(crate) const HEL: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}"#;
pub(crate) const LO: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo!"}}"#;
pub(crate) const BLOCK_STOP: &str = r#"{"type":"content_block_stop","index":0}"#;
pub(crate) const DELTA: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}"#;
pub(crate) const STOP: &str = r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":8,"outputTokenCount":2,"invocationLatency":1181,"firstByteLatency":366}}"#;
pub(crate) const PING: &str = r#"{"type":"ping"}"#;

/// The events of a streamed `Hello!`.
pub(crate) const HELLO: [&str; 7] = [START, BLOCK, HEL, LO, BLOCK_STOP, DELTA, STOP];

/// Events as the frames of a stream.
pub(crate) fn frames(events: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for (event, padding) in events.iter().zip(2..) {
        let event = Event::decode(event.as_bytes()).unwrap();
        EventEncoder::default().encode(&event, padding, &mut out).unwrap();
    }
    out
}

/// An exception frame.
pub(crate) fn exception(kind: &str, message: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let body = format!(r#"{{"message":"{message}"}}"#);
    eventstream::encode_exception(kind, |out| out.extend_from_slice(body.as_bytes()), &mut out);
    out
}

/// A whole reply as the frames of a stream.
pub(crate) fn streamed(body: &str) -> Step {
    let message = Message::decode(body.as_bytes()).unwrap();
    let events = replay(&message, &Replay::default());
    let events: Vec<String> = events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    Step::stream(frames(&events.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// The request that most tests make.
pub(crate) fn request() -> MessageRequest {
    MessageRequest::new(Model::CLAUDE_OPUS_4_6.global(), 256).user("Hello, world")
}

/// What happens at one request, or in place of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    deed: Deed,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    framing: Framing,
    /// Bytes a piece; the whole body at once when 0.
    piece: usize,
    /// The pause before each piece.
    pace: Duration,
    /// The pause before the head.
    delay: Duration,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Answer,
    /// Reads the request and says nothing.
    Silence,
    /// Reads the request and closes the connection.
    HangUp,
    /// Refuses the connection.
    Refuse,
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunked,
    UntilClose,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Whole,
    /// After so many bytes of the body the connection closes.
    Cut(usize),
    /// After so many bytes of the body nothing more comes.
    Silent(usize),
}

impl Step {
    fn new(deed: Deed, status: u16, body: Vec<u8>, framing: Framing) -> Self {
        Step {
            deed,
            status,
            headers: Vec::new(),
            body,
            framing,
            piece: 0,
            pace: Duration::ZERO,
            delay: Duration::ZERO,
            end: End::Whole,
        }
    }

    /// A whole answer of some content type.
    pub(crate) fn text(status: u16, content_type: &str, body: &str) -> Self {
        Step::new(Deed::Answer, status, body.into(), Framing::Length).header("content-type", content_type)
    }

    /// A whole answer in JSON.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Step::text(status, "application/json", body)
    }

    /// The message `Hello!`.
    pub(crate) fn hello() -> Self {
        Step::json(200, MESSAGE).header("x-amzn-requestid", "id-of-hello")
    }

    /// A streamed answer of these bytes.
    pub(crate) fn stream(body: Vec<u8>) -> Self {
        Step::new(Deed::Answer, 200, body, Framing::Chunked)
            .header("content-type", "application/vnd.amazon.eventstream")
            .header("x-amzn-requestid", "id-of-stream")
    }

    /// The message `Hello!`, streamed.
    pub(crate) fn streamed_hello() -> Self {
        Step::stream(frames(&HELLO))
    }

    pub(crate) fn silence() -> Self {
        Step::new(Deed::Silence, 0, Vec::new(), Framing::Length)
    }

    pub(crate) fn hang_up() -> Self {
        Step::new(Deed::HangUp, 0, Vec::new(), Framing::Length)
    }

    pub(crate) fn refuse() -> Self {
        Step::new(Deed::Refuse, 0, Vec::new(), Framing::Length)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The head comes this late.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The body comes in pieces of `bytes`, each after a pause.
    pub(crate) fn in_pieces(mut self, bytes: usize, pace: Duration) -> Self {
        (self.piece, self.pace) = (bytes, pace);
        self
    }

    /// The connection closes after so many bytes of the body.
    pub(crate) fn cut_at(mut self, bytes: usize) -> Self {
        self.end = End::Cut(bytes);
        self
    }

    /// Nothing more comes after so many bytes of the body, and the connection stays open.
    pub(crate) fn silent_at(mut self, bytes: usize) -> Self {
        self.end = End::Silent(bytes);
        self
    }

    /// The end of the connection is the end of the body.
    pub(crate) fn until_close(mut self) -> Self {
        self.framing = Framing::UntilClose;
        self
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Which connection it came over, from 0.
    pub(crate) connection: usize,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks its signature, at the time it was signed.
    pub(crate) fn verify(&self, secret: &str) -> Result<(), Refusal> {
        let authorization = Authorization::parse(self.header("authorization").unwrap())?;
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let hash = hash_hex(&self.body);
        let request = Canonical {
            method: &self.method,
            path: &self.target,
            query: "",
            path_style: PathStyle::Normalized,
            payload_hash: &hash,
        };
        let now = AmzTime::parse(self.header("x-amz-date").unwrap()).unwrap();
        let claim = Claim { request, headers: &headers, service: "bedrock", region: None, now, tolerance_seconds: 0 };
        verify(&authorization, &claim, secret)
    }
}

/// The server. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Scripted(Arc<Inner>);

struct Inner {
    script: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<Recorded>>,
    opened: watch::Sender<usize>,
    closed: watch::Sender<usize>,
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Step>) -> Self {
        Scripted(Arc::new(Inner {
            script: Mutex::new(script.into_iter().collect()),
            requests: Mutex::new(Vec::new()),
            opened: watch::Sender::new(0),
            closed: watch::Sender::new(0),
        }))
    }

    /// Puts the server below the HTTP client of a builder.
    pub(crate) fn below(&self, builder: ClientBuilder) -> ClientBuilder {
        let server = self.clone();
        builder.connector(move |_| std::future::ready(server.open()))
    }

    /// A builder with keys and a region, in a world of its own. It asks for no profiles: a script answers calls of models.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let builder = Client::builder()
            .surroundings(Surroundings::made_up([], []))
            .access_key(ACCESS_KEY_ID, SECRET)
            .region(REGION)
            .look_up_profiles(false);
        self.below(builder)
    }

    pub(crate) async fn client(&self) -> Client {
        self.builder().build().await.unwrap()
    }

    /// Serves on loopback until the runtime ends; gives the URL.
    pub(crate) async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let connection = server.number();
                tokio::spawn(server.clone().serve(socket, connection));
            }
        });
        url
    }

    /// The same behind TLS.
    pub(crate) async fn listen_with_tls(&self, acceptor: TlsAcceptor) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // Who does not trust the server hangs up.
                if let Ok(stream) = acceptor.accept(socket).await {
                    let connection = server.number();
                    tokio::spawn(server.clone().serve(stream, connection));
                }
            }
        });
        url
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.0.requests.lock().unwrap().clone()
    }

    /// The only request.
    pub(crate) fn request(&self) -> Recorded {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one request was expected");
        requests.remove(0)
    }

    /// Resolves once so many connections were closed.
    pub(crate) async fn closed(&self, connections: usize) {
        let mut closed = self.0.closed.subscribe();
        let all = closed.wait_for(|count| *count >= connections);
        tokio::time::timeout(Duration::from_secs(5), all).await.expect("the connection stays open").unwrap();
    }

    /// A connection to it.
    pub(crate) fn open(&self) -> io::Result<DuplexStream> {
        let mut script = self.0.script.lock().unwrap();
        if script.front().is_some_and(|step| step.deed == Deed::Refuse) {
            script.pop_front();
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        drop(script);
        let (near, far) = tokio::io::duplex(16 * 1024);
        tokio::spawn(self.clone().serve(far, self.number()));
        Ok(near)
    }

    fn number(&self) -> usize {
        let mut number = 0;
        self.0.opened.send_modify(|count| {
            number = *count;
            *count += 1;
        });
        number
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(self, mut stream: S, connection: usize) {
        let mut held = Vec::new();
        while let Some(mut request) = read_request(&mut stream, &mut held).await {
            request.connection = connection;
            self.0.requests.lock().unwrap().push(request);
            let step = self.0.script.lock().unwrap().pop_front();
            let step = step.unwrap_or_else(|| Step::json(400, r#"{"message":"the script is at its end"}"#));
            if !play(&step, &mut stream).await.unwrap_or(false) {
                break;
            }
        }
        drop(stream);
        self.0.closed.send_modify(|count| *count += 1);
    }
}

/// Plays a step; says whether the connection stays.
async fn play<S: AsyncRead + AsyncWrite + Unpin>(step: &Step, stream: &mut S) -> io::Result<bool> {
    match step.deed {
        Deed::HangUp | Deed::Refuse => return Ok(false),
        Deed::Silence => return Ok(true),
        Deed::Answer => {}
    }
    tokio::time::sleep(step.delay).await;
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", step.status);
    for (name, value) in &step.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match step.framing {
        Framing::Length => head.push_str(&format!("content-length: {}\r\n", step.body.len())),
        Framing::Chunked => head.push_str("transfer-encoding: chunked\r\n"),
        Framing::UntilClose => head.push_str("connection: close\r\n"),
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    let sent = match step.end {
        End::Whole => step.body.len(),
        End::Cut(bytes) | End::Silent(bytes) => bytes.min(step.body.len()),
    };
    let piece = if step.piece == 0 { sent.max(1) } else { step.piece };
    for piece in step.body[..sent].chunks(piece) {
        tokio::time::sleep(step.pace).await;
        match step.framing {
            Framing::Chunked => {
                let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
                chunk.extend_from_slice(piece);
                chunk.extend_from_slice(b"\r\n");
                stream.write_all(&chunk).await?;
            }
            Framing::Length | Framing::UntilClose => stream.write_all(piece).await?,
        }
        stream.flush().await?;
    }
    match step.end {
        End::Cut(_) => Ok(false),
        End::Silent(_) => Ok(true),
        End::Whole => {
            if let Framing::Chunked = step.framing {
                stream.write_all(b"0\r\n\r\n").await?;
                stream.flush().await?;
            }
            Ok(!matches!(step.framing, Framing::UntilClose))
        }
    }
}

/// The next request of a connection; `None` when the client has gone.
async fn read_request<S: AsyncRead + Unpin>(stream: &mut S, held: &mut Vec<u8>) -> Option<Recorded> {
    let head_length = loop {
        if let Some(at) = held.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(held).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(held.drain(..head_length).collect()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let mut request_line = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (request_line.next()?, request_line.next()?);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    while held.len() < length {
        if stream.read_buf(held).await.ok()? == 0 {
            return None;
        }
    }
    let body = held.drain(..length).collect();
    Some(Recorded { method, target, headers, body, connection: 0 })
}
