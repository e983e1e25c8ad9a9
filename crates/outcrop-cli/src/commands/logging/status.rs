//! `outcrop logging status`: whether and where calls are logged.

use outcrop::logging::{Kept, LoggingConfiguration, RECOMMENDED_DAYS, Retention};
use serde_json::{Value, json};

use super::regions::{Answer, as_json, destination, end, kinds, open};
use crate::args::LoggingStatus;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;

const HEAD: [&str; 5] = ["REGION", "LOGGING", "TO", "WHAT", "KEPT"];

/// How calls are logged, and for how long that is kept.
type Status = Option<(LoggingConfiguration, Vec<Retention>)>;

pub(super) async fn run(status: &LoggingStatus, printer: &Printer) -> Result<(), Failure> {
    let (client, regions) = open(&status.at, printer).await?;
    let logging = client.logging().regions(regions);
    let answers = logging.each(async |logging| {
        let Some(configuration) = logging.status().await? else { return Ok(None) };
        let retention = logging.retention(&configuration).await;
        Ok(Some((configuration, retention)))
    });
    let answers: Vec<Answer<Status>> = answers.await.into_iter().map(Answer::from).collect();
    if status.at.json {
        printer.line(&as_json(&answers, |_, status| told(status)))?;
    } else {
        let rows: Vec<[String; 5]> = answers.iter().map(cells).collect();
        printer.piece(&table::filled(HEAD, rows))?;
        warn(&answers, printer);
    }
    end(answers, "see how calls are logged", printer)
}

fn told(status: &Status) -> Value {
    let configuration = status.as_ref().map(|(configuration, _)| configuration);
    let mut told = json!({"enabled": status.is_some(), "configuration": configuration});
    if let Some((_, retention)) = status {
        let rows = retention.iter().map(|Retention { place, kept }| {
            let (days, why) = match kept {
                Kept::Days(days) => (Some(days), None),
                Kept::Unknown(why) => (None, Some(why)),
                _ => (None, None),
            };
            let mut row = json!({"place": place, "kept": name(kept), "reaches": kept.suffices()});
            if let Some(days) = days {
                row["days"] = (*days).into();
            }
            if let Some(why) = why {
                row["why"] = why.as_str().into();
            }
            row
        });
        told["recommended_days"] = RECOMMENDED_DAYS.into();
        told["retention"] = rows.collect();
    }
    told
}

/// One word for how long something is kept.
fn name(kept: &Kept) -> &'static str {
    match kept {
        Kept::Forever => "forever",
        Kept::Days(_) => "days",
        _ => "unknown",
    }
}

fn cells(answer: &Answer<Status>) -> [String; 5] {
    let region = answer.region.clone();
    match &answer.outcome {
        Ok(Some((configuration, retention))) => {
            let kept: Vec<String> = retention.iter().map(|retention| kept(&retention.kept)).collect();
            [region, "on".to_owned(), destination(configuration), kinds(configuration), kept.join("; ")]
        }
        Ok(None) => [region, "off".to_owned(), String::new(), String::new(), String::new()],
        Err(_) => [region, "unknown".to_owned(), String::new(), String::new(), String::new()],
    }
}

fn kept(kept: &Kept) -> String {
    match kept {
        Kept::Forever => "for ever".to_owned(),
        Kept::Days(days) if kept.suffices() == Some(false) => format!("{days} days, short of {RECOMMENDED_DAYS}"),
        Kept::Days(days) => format!("{days} days"),
        _ => "unknown".to_owned(),
    }
}

/// Tells what could not be seen, and why.
fn warn(answers: &[Answer<Status>], printer: &Printer) {
    for Answer { region, outcome } in answers {
        for Retention { place, kept } in outcome.iter().flatten().flat_map(|(_, retention)| retention) {
            if let Kept::Unknown(why) = kept {
                printer.warning(&format!("{region}: for how long {place} is kept is not known: {why}"));
            }
        }
    }
}
