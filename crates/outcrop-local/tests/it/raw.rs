//! Requests written by hand and answers read by hand, over a pipe or a socket: no client stands between.

use std::time::{Duration, SystemTime};

use outcrop_local::{Account, Local};
use outcrop_wire::sigv4::{AmzTime, Canonical, CredentialScope, PathStyle, SigningKey, hash_hex, sign};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};

/// The time of every server and signature here, unless said otherwise.
pub(crate) const NOW: &str = "20261123T120000Z";

pub(crate) const INVOKE: &str = "/model/global.anthropic.claude-opus-4-6-v1/invoke";
pub(crate) const STREAM: &str = "/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream";

/// A body that passes.
pub(crate) const BODY: &str = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":256,"messages":[{"role":"user","content":"Hello, world"}]}"#;

pub(crate) fn at(time: &str) -> SystemTime {
    let seconds = AmzTime::parse(time).unwrap().unix();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
}

/// A local Bedrock whose clock stands at [`NOW`].
pub(crate) fn local() -> Local {
    Local::builder().clock(|| at(NOW)).build()
}

/// What signs a request.
#[derive(Clone, Debug)]
pub(crate) struct Signing<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) session_token: Option<&'a str>,
    pub(crate) time: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// Headers that are signed, besides the session token.
    pub(crate) signed: &'a [&'a str],
}

impl Default for Signing<'_> {
    fn default() -> Self {
        Signing {
            access_key_id: Account::ACCESS_KEY_ID,
            secret: Account::SECRET_ACCESS_KEY,
            session_token: None,
            time: NOW,
            region: "us-east-1",
            service: "bedrock",
            signed: &["host", "x-amz-date"],
        }
    }
}

/// A request, member by member.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("host".to_owned(), "bedrock-runtime.us-east-1.amazonaws.com".to_owned())];
        Request { method: "POST".to_owned(), target: target.to_owned(), headers, body: body.into() }
    }

    /// A request that passes, with keys of the default account.
    pub(crate) fn good(target: &str) -> Self {
        Request::post(target, BODY).signed(&Signing::default())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Signs what is there so far, for the host of the region where it is one of AWS's.
    pub(crate) fn signed(mut self, signing: &Signing<'_>) -> Self {
        if let Some((_, host)) = self.headers.iter_mut().find(|(_, host)| host.starts_with("bedrock-runtime.")) {
            *host = format!("bedrock-runtime.{}.amazonaws.com", signing.region);
        }
        self = self.header("x-amz-date", signing.time);
        let mut names = signing.signed.to_vec();
        if let Some(token) = signing.session_token {
            self = self.header("x-amz-security-token", token);
            names.push("x-amz-security-token");
        }
        let time = AmzTime::parse(signing.time).unwrap();
        let scope = CredentialScope::new(time, signing.region, signing.service);
        let key = SigningKey::derive(signing.secret, scope);
        let said = self.headers.iter().find(|(name, _)| name == "x-amz-content-sha256");
        let hash = said.map_or_else(|| hash_hex(&self.body), |(_, hash)| hash.clone());
        let path_style = if signing.service == "s3" { PathStyle::Once } else { PathStyle::Normalized };
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let request = Canonical { method: &self.method, path, query, path_style, payload_hash: &hash };
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| names.contains(name))
            .collect();
        let authorization = sign(&request, &headers, signing.access_key_id, &key, time).authorization;
        self.header("authorization", &authorization)
    }

    fn head(&self) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }
}

/// An answer, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// In the order of the wire, names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The chunks of the body, where it came in chunks.
    pub(crate) chunks: Vec<Vec<u8>>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// AWS's code and message of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let code = self.header("x-amzn-errortype").unwrap_or("none").split(':').next().unwrap().to_owned();
        (self.status, code, self.json()["message"].as_str().unwrap().to_owned())
    }
}

/// Drops a server, and waits until its connections have ended: its folder may be opened again.
pub(crate) async fn left(local: Local) {
    drop(local);
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

/// One connection.
pub(crate) struct Connection<S> {
    stream: S,
    held: Vec<u8>,
    patience: Duration,
}

/// A connection in process.
pub(crate) fn connect(local: &Local) -> Connection<DuplexStream> {
    Connection::over(local.connect())
}

/// One request over a connection of its own.
pub(crate) async fn send(local: &Local, request: &Request) -> Response {
    connect(local).send(request).await
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn over(stream: S) -> Self {
        Connection { stream, held: Vec::new(), patience: Duration::from_secs(10) }
    }

    pub(crate) async fn send(&mut self, request: &Request) -> Response {
        self.write(request).await;
        self.read().await
    }

    /// Writes a request with its length.
    pub(crate) async fn write(&mut self, request: &Request) {
        let head = format!("{}content-length: {}\r\n\r\n", request.head(), request.body.len());
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.stream.write_all(&request.body).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Waits so long for bytes.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Writes the head of a request that says how long its body would be.
    pub(crate) async fn announce(&mut self, request: &Request, length: u64) {
        let head = format!("{}content-length: {length}\r\n\r\n", request.head());
        self.stream.write_all(head.as_bytes()).await.unwrap();
    }

    /// Writes a request in chunks, and reads the answer meanwhile: the server may have enough before it has all.
    pub(crate) async fn send_in_chunks(self, request: &Request, chunk: usize) -> Response
    where
        S: Send + 'static,
    {
        let (reader, mut writer) = tokio::io::split(self.stream);
        let request = request.clone();
        let writing = tokio::spawn(async move {
            let head = format!("{}transfer-encoding: chunked\r\n\r\n", request.head());
            writer.write_all(head.as_bytes()).await?;
            for chunk in request.body.chunks(chunk) {
                writer.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
                writer.write_all(chunk).await?;
                writer.write_all(b"\r\n").await?;
            }
            writer.write_all(b"0\r\n\r\n").await
        });
        let response = Connection::over(tokio::io::join(reader, tokio::io::sink())).read().await;
        writing.abort();
        response
    }

    /// Reads an answer to its end.
    pub(crate) async fn read(&mut self) -> Response {
        let mut response = self.read_head().await;
        while let Some(chunk) = self.read_chunk(&response).await {
            response.body.extend_from_slice(&chunk);
            if response.header("transfer-encoding").is_some() {
                response.chunks.push(chunk);
            } else {
                break;
            }
        }
        response
    }

    pub(crate) async fn read_head(&mut self) -> Response {
        let length = loop {
            if let Some(at) = self.held.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.more().await, "the connection ended before the head of an answer");
        };
        let head = String::from_utf8(self.held.drain(..length).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Response { status, headers, body: Vec::new(), chunks: Vec::new() }
    }

    /// The next chunk of a body, or all of one that has a length; `None` at the end.
    pub(crate) async fn read_chunk(&mut self, head: &Response) -> Option<Vec<u8>> {
        if let Some(length) = head.header("content-length") {
            return Some(self.take(length.parse().unwrap()).await);
        }
        let Some(encoding) = head.header("transfer-encoding") else {
            // S3 says why to no `HEAD`.
            let bare = [204, 301, 304, 400, 403, 404].contains(&head.status);
            assert!(bare, "it has a body, but no length: {head:?}");
            return None;
        };
        assert_eq!(encoding, "chunked");
        let line = loop {
            if let Some(at) = self.held.windows(2).position(|window| window == b"\r\n") {
                let line: Vec<u8> = self.held.drain(..at + 2).collect();
                break String::from_utf8(line).unwrap();
            }
            assert!(self.more().await, "the connection ended inside a body");
        };
        let length = usize::from_str_radix(line.trim(), 16).unwrap();
        let mut chunk = self.take(length + 2).await;
        chunk.truncate(length);
        (length > 0).then_some(chunk)
    }

    /// Everything that still comes.
    pub(crate) async fn read_to_end(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.held)
    }

    /// Reads an answer until it ends or breaks off, and says whether it broke off.
    pub(crate) async fn read_broken(&mut self) -> (Response, bool) {
        let mut response = self.read_head().await;
        let held = self.read_to_end().await;
        match response.header("content-length") {
            Some(length) => {
                let broken = held.len() < length.parse().unwrap();
                response.body = held;
                (response, broken)
            }
            None => {
                let mut rest = &held[..];
                loop {
                    let Some(at) = rest.windows(2).position(|window| window == b"\r\n") else {
                        return (response, true);
                    };
                    let length = usize::from_str_radix(std::str::from_utf8(&rest[..at]).unwrap(), 16).unwrap();
                    rest = &rest[at + 2..];
                    let chunk = &rest[..length.min(rest.len())];
                    response.body.extend_from_slice(chunk);
                    match rest.get(length + 2..) {
                        Some(_) if length == 0 => return (response, false),
                        Some(after) => rest = after,
                        None => return (response, true),
                    }
                    response.chunks.push(chunk.to_vec());
                }
            }
        }
    }

    /// Whether the server has closed the connection, once everything was read.
    pub(crate) async fn is_over(&mut self) -> bool {
        self.held.is_empty() && !self.more().await
    }

    async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.held.len() < length {
            assert!(self.more().await, "the connection ended inside a body");
        }
        self.held.drain(..length).collect()
    }

    async fn more(&mut self) -> bool {
        let read = tokio::time::timeout(self.patience, self.stream.read_buf(&mut self.held)).await;
        read.expect("nothing comes").is_ok_and(|read| read > 0)
    }
}
