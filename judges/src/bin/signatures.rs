//! Prints random requests with our signature over each, a JSON object a line, for oracles in other languages.

use std::io::Write;
use std::process::ExitCode;

use outcrop_judges::chance::{Chance, seed};
use outcrop_judges::requests::{Oracle, Request};
use serde_json::json;

const REQUESTS: usize = 2_500;

fn main() -> ExitCode {
    let seed = match seed() {
        Ok(seed) => seed,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    // Not on standard output, which is for the requests.
    eprintln!("seed {seed}");
    let mut chance = Chance::new(seed);
    let mut out = std::io::stdout().lock();
    for _ in 0..REQUESTS {
        let line = describe(&Request::random(&mut chance, Oracle::Botocore));
        if writeln!(out, "{line}").is_err() {
            // The reader went away; it knows why.
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The request as its sender has it before it is signed, and what our signer makes of it.
fn describe(request: &Request) -> serde_json::Value {
    let mut headers = request.headers.clone();
    if request.sends_body_hash {
        headers.push(("X-Amz-Content-SHA256".to_owned(), outcrop_wire::sigv4::hash_hex(&request.body)));
    }
    json!({
        "method": request.method,
        "url": request.url(),
        "headers": headers,
        "body": aws_smithy_types::base64::encode(&request.body),
        "time": request.time.as_str(),
        "access_key_id": request.access_key_id,
        "secret_access_key": request.secret_access_key,
        "session_token": request.session_token,
        "region": request.region,
        "service": request.service,
        "authorization": request.authorization(),
    })
}
