//! The canned upstream: a process of its own that answers fixed bytes, so that its CPU time does not count.

pub mod answers;
mod eventstream;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::call::Failure;
use answers::Answers;

/// How much of an answer one write hands to the socket.
const WRITE_SIZE: usize = 16 * 1024;

/// The running upstream, seen from the measuring process. It is killed when this is dropped.
pub struct Upstream {
    process: Child,
    endpoint: String,
}

impl Upstream {
    pub fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("upstream")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the upstream has no output")?;
        let mut upstream = Self { process, endpoint: String::new() };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let port: u16 = line.trim().parse().map_err(|_| "the upstream did not tell its port")?;
        upstream.endpoint = format!("http://127.0.0.1:{port}");
        Ok(upstream)
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // Both fail only if the process is gone already, which is what they are for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The upstream itself: prints its port and serves until its standard input ends, as it does with the parent.
pub fn serve() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    runtime.block_on(async {
        let answers: &'static Answers = Box::leak(Box::new(Answers::build()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (socket, _) = listener.accept().await?;
            tokio::spawn(async move {
                if let Err(error) = serve_connection(socket, answers).await {
                    eprintln!("upstream: {error}");
                }
            });
        }
    })
}

async fn serve_connection(mut socket: TcpStream, answers: &Answers) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut received: Vec<u8> = Vec::with_capacity(WRITE_SIZE);
    loop {
        let (length, answer) = loop {
            if let Some(request) = read_request(&received, answers) {
                break request;
            }
            if socket.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        };
        received.drain(..length);
        for part in answer.chunks(WRITE_SIZE) {
            socket.write_all(part).await?;
        }
    }
}

/// The length of the first request and the answer to it, once all of it has been received.
fn read_request<'a>(received: &[u8], answers: &'a Answers) -> Option<(usize, &'a [u8])> {
    let head = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let mut lines = received[..head].split(|byte| *byte == b'\n');
    let target = lines.next()?.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let length = head + lines.find_map(content_length).unwrap_or(0);
    (received.len() >= length).then(|| (length, answers.to(target)))
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
