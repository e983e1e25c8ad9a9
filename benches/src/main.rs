//! Reads the arguments and runs the benchmark in order: upstream, contenders, rounds, report.

mod call;
mod convert;
mod decode;
mod local;
mod measure;
mod ours;
mod peers;
mod report;
mod upstream;

use std::process::ExitCode;

use call::Failure;
use measure::{Kind, Lane, Runner, Settings};
use ours::Ours;
use peers::aws_sdk::AwsSdk;
use peers::bare_hyper::BareHyper;
use report::Report;
use upstream::Upstream;

const USAGE: &str = "\
usage: outcrop-benches decode [--rounds N]
       outcrop-benches convert [--rounds N]
       outcrop-benches sdk [--rounds N] [--unary-calls N] [--stream-calls N] [--warm-up-calls N] [--one-core] [--lean-aws-sdk]
       outcrop-benches local [--program PATH] [--calls N] [--streams N] [--starts N]

  --rounds N         rounds, each of which measures every contender once     (default 7)
  --unary-calls N    measured unary calls per contender and round            (default 2000)
  --stream-calls N   measured streamed calls per contender and round         (default 500)
  --warm-up-calls N  unmeasured calls before each measurement                (default 50)
  --one-core         keep this process and the upstream on one core: no waking of another core is counted
  --lean-aws-sdk     switch off the retries and the stalled-stream protection of aws-sdk-bedrockruntime

  --program PATH     the program whose `local` is measured                   (default: a server inside this one)
  --calls N          measured unary calls                                    (default 20000)
  --streams N        streams at the same time                                (default 2000)
  --starts N         starts                                                  (default 11)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("sdk") => Settings::parse(&arguments[1..]).and_then(|settings| sdk(&settings)),
        Some("convert") => Settings::parse(&arguments[1..]).and_then(|settings| convert::convert(&settings)),
        Some("decode") => Settings::parse(&arguments[1..]).and_then(|settings| decode::decode(&settings)),
        Some("local") => local::Settings::parse(&arguments[1..]).and_then(|settings| local::local(&settings)),
        Some("local-server") => local::serve(&arguments[1..]),
        Some("upstream") => upstream::serve(),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            let mut cause = failure.source();
            while let Some(error) = cause {
                eprintln!("  caused by: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn sdk(settings: &Settings) -> Result<(), Failure> {
    if settings.one_core {
        measure::stay_on_one_core()?;
    }
    let upstream = Upstream::start()?;
    let endpoint = upstream.endpoint();

    let ours = Runner::open("ours", Ours::open(endpoint))?;
    let aws_sdk = Runner::open("aws-sdk", AwsSdk::open(endpoint, settings.lean_aws_sdk))?;
    let bare_hyper = Runner::open("bare hyper", BareHyper::open(endpoint))?;
    let lanes: [&dyn Lane; 3] = [&ours, &aws_sdk, &bare_hyper];

    let unary = measure::measure(Kind::Unary, &lanes, settings)?;
    let stream = measure::measure(Kind::Stream, &lanes, settings)?;
    let [unary_ours, unary_aws_sdk, unary_bare_hyper] = &unary;
    let [stream_ours, stream_aws_sdk, stream_bare_hyper] = &stream;

    let mut report = Report::new(settings);
    report.figure("unary vs aws-sdk", unary_ours, unary_aws_sdk, 0.50);
    report.figure("unary vs bare hyper", unary_ours, unary_bare_hyper, 1.50);
    report.figure("stream vs aws-sdk", stream_ours, stream_aws_sdk, 0.45);
    report.figure("stream vs bare hyper", stream_ours, stream_bare_hyper, 0.85);
    print!("{report}");
    Ok(())
}
