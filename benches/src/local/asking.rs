//! Who asks: bytes that are signed once, written again and again, and answers of which only the end is looked for.

use std::time::{Duration, SystemTime};

use outcrop_local::wire::sigv4::{AmzTime, Canonical, CredentialScope, PathStyle, SigningKey, hash_hex, sign};
use outcrop_local::Account;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::call::{Failure, MODEL_ID_IN_PATH, REGION, REQUEST_BODY};

/// How the caller shows who it is.
#[derive(Clone, Copy)]
pub enum Key {
    Signed,
    Bearer,
}

/// One request, as bytes.
#[derive(Clone)]
pub struct Asking {
    address: String,
    request: Vec<u8>,
}

type Sent<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Asking {
    pub fn new(address: &str, operation: &str, key: Key) -> Self {
        let path = format!("/model/{MODEL_ID_IN_PATH}/{operation}");
        let headers = match key {
            Key::Signed => signed(address, &path),
            Key::Bearer => format!("authorization: Bearer {}\r\n", Account::BEARER_TOKEN),
        };
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json\r\n\
             {headers}content-length: {}\r\n\r\n{REQUEST_BODY}",
            REQUEST_BODY.len()
        );
        Asking { address: address.to_owned(), request: request.into_bytes() }
    }

    /// Makes so many calls over so many connections.
    pub async fn calls(&self, connections: usize, calls: usize) -> Result<(), Failure> {
        let mut all = JoinSet::new();
        for connection in 0..connections {
            let asking = self.clone();
            let share = calls / connections + usize::from(connection < calls % connections);
            all.spawn(async move {
                let mut socket = asking.open().await?;
                let mut held = Vec::with_capacity(4096);
                for _ in 0..share {
                    socket.write_all(&asking.request).await?;
                    whole(&mut socket, &mut held).await?;
                }
                Ok(())
            });
        }
        finish(all).await
    }

    /// Opens so many streams, and looks at the server while all of them run. Every one is read to its end.
    pub async fn streams(
        &self,
        streams: usize,
        look: impl Fn() -> Result<f64, Failure>,
    ) -> Result<f64, Failure> {
        let mut sockets = Vec::with_capacity(streams);
        for _ in 0..streams {
            let mut socket = self.open().await.map_err(|error| error.to_string())?;
            socket.write_all(&self.request).await?;
            sockets.push(socket);
        }
        let begun = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
        let mut all = JoinSet::new();
        for mut socket in sockets {
            let begun = std::sync::Arc::clone(&begun);
            all.spawn(async move {
                let mut held = Vec::with_capacity(1024);
                let mut told = false;
                while !held.ends_with(b"0\r\n\r\n") {
                    if socket.read_buf(&mut held).await? == 0 {
                        return Err("a stream broke off".into());
                    }
                    if !told {
                        if !held.starts_with(b"HTTP/1.1 200") {
                            return Err(String::from_utf8_lossy(&held).into_owned().into());
                        }
                        begun.add_permits(1);
                        told = true;
                    }
                    // Only the end is looked for.
                    if held.len() > 1024 {
                        held.drain(..held.len() - 16);
                    }
                }
                Ok(())
            });
        }
        let every = u32::try_from(streams)?;
        let seen = tokio::time::timeout(Duration::from_secs(60), begun.acquire_many(every)).await??;
        let running = all.len() - finished(&mut all)?;
        if running < streams {
            return Err(format!("only {running} of {streams} streams ran at the same time").into());
        }
        let looked = look()?;
        drop(seen);
        finish(all).await?;
        Ok(looked)
    }

    async fn open(&self) -> Sent<TcpStream> {
        let socket = TcpStream::connect(&self.address).await?;
        socket.set_nodelay(true)?;
        Ok(socket)
    }
}

/// How many have ended, and well.
fn finished(all: &mut JoinSet<Sent<()>>) -> Result<usize, Failure> {
    let mut ended = 0;
    while let Some(one) = all.try_join_next() {
        one?.map_err(|error| error.to_string())?;
        ended += 1;
    }
    Ok(ended)
}

async fn finish(mut all: JoinSet<Sent<()>>) -> Result<(), Failure> {
    while let Some(one) = all.join_next().await {
        one?.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Reads one answer that says its length, and must be a success.
async fn whole(socket: &mut TcpStream, held: &mut Vec<u8>) -> Sent<()> {
    held.clear();
    loop {
        if socket.read_buf(held).await? == 0 {
            return Err("the connection ended".into());
        }
        let Some(head) = held.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&held[..head])?;
        if !text.starts_with("HTTP/1.1 200") {
            return Err(String::from_utf8_lossy(held).into_owned().into());
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.ok_or("an answer without its length")?.parse()?;
        while held.len() < head + 4 + length {
            if socket.read_buf(held).await? == 0 {
                return Err("the connection ended".into());
            }
        }
        return Ok(());
    }
}

/// The headers of a signature that holds for five minutes.
fn signed(address: &str, path: &str) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let time = AmzTime::from_unix(since.as_secs().try_into().unwrap_or_default());
    let date = time.to_string();
    let key = SigningKey::derive(Account::SECRET_ACCESS_KEY, CredentialScope::new(time, REGION, "bedrock"));
    let hash = hash_hex(REQUEST_BODY.as_bytes());
    let request =
        Canonical { method: "POST", path, query: "", path_style: PathStyle::Normalized, payload_hash: &hash };
    let headers = [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("host", address),
        ("x-amz-date", date.as_str()),
    ];
    let authorization = sign(&request, &headers, Account::ACCESS_KEY_ID, &key, time).authorization;
    format!("x-amz-date: {date}\r\nauthorization: {authorization}\r\n")
}
