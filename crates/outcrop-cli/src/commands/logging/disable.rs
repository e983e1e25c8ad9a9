//! `outcrop logging disable`: calls are logged no longer.

use serde_json::json;

use super::regions::{Answer, as_json, end, open};
use crate::args::LoggingDisable;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(disable: &LoggingDisable, printer: &Printer) -> Result<(), Failure> {
    let (client, regions) = open(&disable.at, printer).await?;
    let answers = client.logging().regions(regions).disable().await;
    let answers: Vec<Answer<()>> = answers.into_iter().map(Answer::from).collect();
    if disable.at.json {
        printer.line(&as_json(&answers, |_, ()| json!({"enabled": false})))?;
    } else {
        for answer in answers.iter().filter(|answer| answer.outcome.is_ok()) {
            printer.line(&format!("{}: calls are logged no longer", answer.region))?;
        }
    }
    end(answers, "disable logging", printer)
}
