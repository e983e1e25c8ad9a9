//! `outcrop logging status`: whether and where calls are logged.

use outcrop::logging::LoggingConfiguration;
use serde_json::json;

use super::regions::{Answer, as_json, asked, client, destination, end, kinds};
use crate::args::LoggingStatus;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;

const HEAD: [&str; 4] = ["REGION", "LOGGING", "TO", "WHAT"];

pub(super) async fn run(status: &LoggingStatus, printer: &Printer) -> Result<(), Failure> {
    let client = client(&status.reach, status.regions.region.first(), printer).await?;
    let regions = asked(&client, &status.regions).await?;
    let answers = client.logging().regions(regions).status().await;
    let answers: Vec<Answer<Option<LoggingConfiguration>>> = answers.into_iter().map(Answer::from).collect();
    if status.json {
        let told = |_: &str, configuration: &Option<LoggingConfiguration>| json!({"enabled": configuration.is_some(), "configuration": configuration});
        printer.line(&as_json(&answers, told))?;
    } else {
        let rows: Vec<[String; 4]> = answers.iter().map(cells).collect();
        printer.piece(&table::filled(HEAD, rows))?;
    }
    end(answers, "see how calls are logged", printer)
}

fn cells(answer: &Answer<Option<LoggingConfiguration>>) -> [String; 4] {
    let region = answer.region.clone();
    match &answer.outcome {
        Ok(Some(configuration)) => [region, "on".to_owned(), destination(configuration), kinds(configuration)],
        Ok(None) => [region, "off".to_owned(), String::new(), String::new()],
        Err(_) => [region, "unknown".to_owned(), String::new(), String::new()],
    }
}
