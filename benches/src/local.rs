//! The local Bedrock, measured from outside: unary calls a second, streams at the same time, and how fast it starts.
//!
//! The server is a process of its own, on one core; who asks is on another. What counts is the server's CPU time, which
//! a busy machine does not stretch.

mod asking;
mod process;

use std::time::{Duration, Instant};

use crate::call::Failure;
use asking::{Asking, Key};
use process::Server;

/// What is measured, and how much of it.
pub struct Settings {
    program: Option<String>,
    calls: usize,
    streams: usize,
    starts: usize,
}

/// The targets.
const CALLS_A_SECOND: f64 = 5000.0;
const STREAMS_MEGABYTES: f64 = 200.0;
const START: Duration = Duration::from_millis(50);

/// Connections that ask one call after the other.
const CONNECTIONS: usize = 32;

/// The pause before each event while streams are counted: long enough that all of them run at the same time.
const PACE: u64 = 400;

impl Settings {
    pub fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut settings = Settings { program: None, calls: 20_000, streams: 2000, starts: 11 };
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            let value = rest.next().ok_or_else(|| format!("`{flag}` takes a value"))?;
            let number = || value.parse().map_err(|_| format!("`{flag}` takes a number"));
            match flag.as_str() {
                "--program" => settings.program = Some(value.clone()),
                "--calls" => settings.calls = number()?,
                "--streams" => settings.streams = number()?,
                "--starts" => settings.starts = number()?,
                _ => return Err(format!("unknown argument `{flag}`").into()),
            }
        }
        Ok(settings)
    }
}

pub fn local(settings: &Settings) -> Result<(), Failure> {
    process::many_files()?;
    let cores = process::two_cores()?;
    let program = settings.program.as_deref();
    println!("{:<34}{:>12}  {:<14} verdict", "figure", "measured", "target");

    let mut starts = Vec::new();
    for _ in 0..settings.starts {
        let began = Instant::now();
        let server = Server::start(program, None, cores.server)?;
        starts.push(began.elapsed());
        drop(server);
    }
    starts.sort();
    let start = starts[starts.len() / 2];
    let shown = format!("{:.1} ms", start.as_secs_f64() * 1e3);
    line("start, median", &shown, &format!("<= {} ms", START.as_millis()), start <= START);

    process::stay_on(cores.asking)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (name, key, target) in
        [("unary, signed", Key::Signed, Some(CALLS_A_SECOND)), ("unary, bearer key", Key::Bearer, None)]
    {
        let server = Server::start(program, None, cores.server)?;
        let asking = Asking::new(server.address(), "invoke", key);
        runtime.block_on(asking.calls(CONNECTIONS, settings.calls / 10))?;
        let (before, began) = (server.cpu_time()?, Instant::now());
        runtime.block_on(asking.calls(CONNECTIONS, settings.calls))?;
        let (wall, spent) = (began.elapsed(), server.cpu_time()? - before);
        let per_second = |time: Duration| settings.calls as f64 / time.as_secs_f64();
        let rate = per_second(spent);
        let met = target.is_none_or(|target| rate >= target);
        let target = target.map_or_else(String::new, |target| format!(">= {target}/s"));
        line(&format!("{name}, a CPU second"), &format!("{rate:.0}/s"), &target, met);
        let each = spent.as_secs_f64() * 1e6 / settings.calls as f64;
        line(&format!("{name}, CPU a call"), &format!("{each:.1} us"), "", true);
        line(&format!("{name}, by the wall clock"), &format!("{:.0}/s", per_second(wall)), "", true);
        line(&format!("{name}, resident after"), &format!("{:.1} MB", server.resident()?), "", true);
    }

    let server = Server::start(program, Some(PACE), cores.server)?;
    let empty = server.resident()?;
    let asking = Asking::new(server.address(), "invoke-with-response-stream", Key::Signed);
    let resident = runtime.block_on(asking.streams(settings.streams, || server.resident()))?;
    let name = format!("{} streams, resident", settings.streams);
    let target = format!("<= {STREAMS_MEGABYTES} MB");
    line(&name, &format!("{resident:.1} MB"), &target, resident <= STREAMS_MEGABYTES);
    line("resident before", &format!("{empty:.1} MB"), "", true);
    Ok(())
}

fn line(name: &str, measured: &str, target: &str, met: bool) {
    let verdict = match (target.is_empty(), met) {
        (true, _) => "",
        (false, true) => "met",
        (false, false) => "MISSED",
    };
    println!("{}", format!("{name:<34}{measured:>12}  {target:<14} {verdict}").trim_end());
}

/// The server itself, where no other program is named: as `outcrop local` has it, until its standard input ends.
pub fn serve(arguments: &[String]) -> Result<(), Failure> {
    use std::io::{Read as _, Write as _};
    let pace = arguments.first().map_or(Ok(0), |pace| pace.parse())?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("listening on http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let local = outcrop_local::Local::builder().remember(0, 0).pace(Duration::from_millis(pace)).build();
        local.serve(listener, std::future::pending()).await;
        Ok(())
    })
}
