//! `outcrop token`: a short-term Bedrock API key, made of AWS keys.

use std::time::SystemTime;

use outcrop::wire::sigv4::AmzTime;

use crate::args::Token;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings;

/// What every SDK reads the key from.
const VARIABLE: &str = "AWS_BEARER_TOKEN_BEDROCK";

pub(crate) async fn run(arguments: Token, printer: &Printer) -> Result<(), Failure> {
    let client = settings::minting(&arguments, printer).await?;
    let key = client.short_term_key(arguments.duration).await?;
    let ends = key.expires.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let ends = AmzTime::from_unix(i64::try_from(ends).unwrap_or(i64::MAX)).iso();
    let token = key.token.expose();
    if arguments.json {
        let shown = serde_json::json!({ "token": token, "expires": ends, "region": key.region });
        printer.line(&shown.to_string())?;
    } else if arguments.export {
        // Of letters, digits and `+/=-` alone.
        printer.line(&format!("export {VARIABLE}='{token}'"))?;
    } else {
        printer.line(token)?;
    }
    printer.note(&format!("good in {} until {ends}", key.region));
    Ok(())
}
