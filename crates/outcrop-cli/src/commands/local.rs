//! `outcrop local`: serve the local Bedrock, or print what points clients at it.

mod account;
mod certificates;
mod engine;
mod quotas;
mod upstream;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
#[cfg(unix)]
use std::pin::pin;
use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use outcrop_local::{AUTHORITY_VARIABLES, Credential, Notice, REGION};
use tokio::net::TcpListener;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(crate) async fn run(arguments: args::Local, printer: &Printer) -> Result<(), Failure> {
    if arguments.env {
        let authority = certificates::certificates(&arguments)?.map(|kept| kept.authority);
        let credential = account::credential(&account::account(&arguments)?, arguments.bearer)?;
        let lines = environment(arguments.listen, credential, authority.as_deref())?;
        return Ok(printer.piece(&lines)?);
    }
    let cannot_listen = |error: std::io::Error| {
        Failure::usage(format!("cannot listen on {}: {error}", arguments.listen))
            .hint("choose another address with --listen; port 0 takes a free one")
    };
    let (account, data) = (account::account(&arguments)?, account::data(&arguments)?);
    let quotas = arguments.quotas.as_ref().map(quotas::quotas).transpose()?;
    let engine = engine::engine(&arguments, printer).await?;
    let kept = certificates::certificates(&arguments)?;
    let listener = TcpListener::bind(arguments.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let notices = Notices::start(*printer);
    let told = Told(notices.lines.clone());
    let stop = stop_signal(notices.lines.clone())
        .map_err(|error| Failure::new(format!("cannot wait for signals: {error}")))?;
    let mut builder = engine(outcrop_local::Local::builder());
    let mut scheme = "http";
    if let Some(kept) = kept {
        printer
            .note(&format!("clients trust it by {}; outcrop local --env --tls tells them", kept.authority.display()));
        builder = builder.tls(kept.certificates);
        scheme = "https";
    }
    builder = arguments.fault.into_iter().fold(builder, outcrop_local::Builder::trouble);
    builder = quotas.into_iter().fold(builder, outcrop_local::Builder::quotas);
    builder = arguments.rpm.into_iter().fold(builder, outcrop_local::Builder::requests_per_minute);
    builder = arguments.tpm.into_iter().fold(builder, outcrop_local::Builder::tokens_per_minute);
    builder = arguments.seed.into_iter().fold(builder, outcrop_local::Builder::seed);
    let local = builder
        .account(account)
        .data(data)
        // Nobody here asks what was asked.
        .remember(0, 0)
        .pace(Duration::from_millis(arguments.pace))
        .strict(arguments.strict)
        .on_notice(move |notice| match notice {
            Notice::Warning(text) => notices.warn(text),
            Notice::Refused { operation, fault } => notices.send(Line::Note(format!("refused {operation}: {fault}"))),
            _ => {}
        })
        .build();
    printer.line(&format!("listening on {scheme}://{address}"))?;
    local.serve(listener, stop).await;
    told.wait();
    Ok(())
}

/// What the server has to say, written by a thread of its own: whoever does not read our stderr must not stop it.
struct Notices {
    lines: SyncSender<Line>,
    /// Warnings that were given: each is given once.
    given: Mutex<HashSet<String>>,
}

/// So many different warnings are given; what is new after them is for nobody's eyes.
const MOST_WARNINGS: usize = 1024;

enum Line {
    Note(String),
    Warning(String),
    /// Nothing is said: whoever waits is told that all before it was.
    Mark(SyncSender<()>),
}

/// Waits at the end for what was to be said before it.
struct Told(SyncSender<Line>);

impl Told {
    /// Who does not read is not waited for long.
    fn wait(self) {
        let (mark, reached) = std::sync::mpsc::sync_channel(1);
        if self.0.try_send(Line::Mark(mark)).is_ok() {
            let _ = reached.recv_timeout(PATIENCE);
        }
    }
}

impl Notices {
    fn start(printer: Printer) -> Self {
        let (lines, waiting) = std::sync::mpsc::sync_channel(256);
        std::thread::spawn(move || {
            for line in waiting {
                match line {
                    Line::Note(text) => printer.note(&text),
                    Line::Warning(text) => printer.warning(&text),
                    Line::Mark(mark) => drop(mark),
                }
            }
        });
        Notices { lines, given: Mutex::default() }
    }

    fn warn(&self, text: &str) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if given.len() < MOST_WARNINGS
            && !given.contains(text)
            && self.lines.try_send(Line::Warning(text.to_owned())).is_ok()
        {
            given.insert(text.to_owned());
        }
    }

    /// Lines that nobody reads are lost.
    fn send(&self, line: Line) {
        let _ = self.lines.try_send(line);
    }
}

/// When streams in flight take this long to end, that is said.
const PATIENCE: Duration = Duration::from_millis(500);

/// Ready at the first SIGTERM or SIGINT. A second one ends the program at once.
#[cfg(unix)]
fn stop_signal(notices: SyncSender<Line>) -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            let mut again = pin!(async {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            });
            if tokio::time::timeout(PATIENCE, &mut again).await.is_err() {
                let text = "finishing what is in flight; a second signal stops at once";
                let _ = notices.try_send(Line::Note(text.to_owned()));
                again.await;
            }
            std::process::exit(Exit::Stopped as i32);
        });
    })
}

#[cfg(not(unix))]
fn stop_signal(_: SyncSender<Line>) -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Variables of one way to say who calls, which defeat the other.
const WAYS: [&str; 3] = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/// Variables that would defeat the others whichever way is taken.
const DEFEATING: [&str; 7] = [
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
];

/// Shell lines that point every AWS and Anthropic client at the server on `listen`, and let them trust its authority.
fn environment(listen: SocketAddr, credential: Credential, authority: Option<&Path>) -> Result<String, Failure> {
    if listen.port() == 0 {
        return Err(Failure::usage(
            "cannot print the environment of a server on port 0: its port is not known before it listens",
        )
        .hint("give --listen the address that the server printed"));
    }
    let scheme = if authority.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", reachable(listen));
    let mut set: Vec<(&str, String)> = Vec::new();
    match credential {
        Credential::Keys { access_key_id, secret_access_key, session_token } => {
            set.extend([("AWS_ACCESS_KEY_ID", access_key_id), ("AWS_SECRET_ACCESS_KEY", secret_access_key)]);
            set.extend(session_token.map(|token| ("AWS_SESSION_TOKEN", token)));
        }
        Credential::Bearer(key) => set.push(("AWS_BEARER_TOKEN_BEDROCK", key)),
    }
    let unset = WAYS.into_iter().chain(DEFEATING).filter(|name| !set.iter().any(|(known, _)| known == name));
    let unset: Vec<&str> = unset.collect();
    let mut lines = String::new();
    let mut export = |name: &str, value: &str| {
        // Writing to a String does not fail.
        let _ = writeln!(lines, "export {name}='{}'", value.replace('\'', r"'\''"));
    };
    for (name, value) in &set {
        export(name, value);
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        export(name, REGION);
    }
    for name in [
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "AWS_ENDPOINT_URL_BEDROCK",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
        "ANTHROPIC_BEDROCK_BASE_URL",
    ] {
        export(name, &url);
    }
    export("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", &format!("{url}/mantle/anthropic"));
    if let Some(path) = authority {
        let path = path.to_string_lossy();
        for name in AUTHORITY_VARIABLES {
            export(name, &path);
        }
    }
    // Some clients read one spelling, some the other; what is excepted already stays so.
    for name in ["NO_PROXY", "no_proxy"] {
        let _ = writeln!(lines, "export {name}=\"{}127.0.0.1,localhost,::1${{{name}:+,${name}}}\"", other_host(listen));
    }
    for name in unset {
        let _ = writeln!(lines, "unset {name}");
    }
    Ok(lines)
}

/// The host of a server that is not on loopback, to be excepted from proxies too.
fn other_host(listen: SocketAddr) -> String {
    let ip = reachable(listen).ip();
    if ip.is_loopback() { String::new() } else { format!("{ip},") }
}

/// The address to call for a server that listens on every interface.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
