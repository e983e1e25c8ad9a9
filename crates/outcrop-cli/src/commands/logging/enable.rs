//! `outcrop logging enable`: calls are logged from now on.

use outcrop::Client;
use outcrop::logging::{Check, CloudWatchConfig, Finding, Logging, LoggingConfiguration, RECOMMENDED_DAYS, S3Config};
use outcrop::wire::account::S3Uri;
use outcrop::wire::account::logging::role_account;
use serde_json::json;

use super::regions::{Answer, as_json, destination, end, kinds, open};
use crate::args::LoggingEnable;
use crate::exit::Failure;
use crate::printer::Printer;

/// What came of it in a region.
enum Outcome {
    /// What could not be seen before.
    Set(Vec<Finding>),
    /// It was so already.
    Kept,
    /// It is not to be.
    Refused(Failure),
}

pub(super) async fn run(enable: &LoggingEnable, printer: &Printer) -> Result<(), Failure> {
    // What is wrong with it is wrong in every region.
    configuration(enable, "us-east-1")?;
    let (client, regions) = open(&enable.at, printer).await?;
    let answers = client.logging().regions(regions).each(async |logging| set(enable, &client, logging).await).await;
    let answers: Vec<Answer<Outcome>> = answers.into_iter().map(|answer| refused(answer.into())).collect();
    if enable.at.json {
        let told = |region: &str, outcome: &Outcome| {
            let configuration = configuration(enable, region).ok();
            json!({"enabled": true, "changed": matches!(outcome, Outcome::Set(_)), "configuration": configuration})
        };
        printer.line(&as_json(&answers, told))?;
    } else {
        for answer in &answers {
            let to = configuration(enable, &answer.region).map(|to| destination(&to)).unwrap_or_default();
            match &answer.outcome {
                Ok(Outcome::Set(unseen)) => {
                    printer.line(&format!("{}: calls are logged to {to}", answer.region))?;
                    unseen.iter().for_each(|finding| printer.note(&told(finding)));
                }
                Ok(Outcome::Kept) => printer.line(&format!("{}: calls were logged to {to} already", answer.region))?,
                Ok(Outcome::Refused(_)) | Err(_) => {}
            }
        }
    }
    end(answers, "enable logging", printer)
}

async fn set(enable: &LoggingEnable, client: &Client, logging: Logging<'_>) -> outcrop::Result<Outcome> {
    let wanted = match configuration(enable, logging.region_name().unwrap_or_default()) {
        Ok(wanted) => wanted,
        Err(failure) => return Ok(Outcome::Refused(failure)),
    };
    let mut unseen = Vec::new();
    match logging.status().await? {
        Some(current) if current == wanted => return Ok(Outcome::Kept),
        Some(current) if !enable.yes => {
            let to = destination(&current);
            let failure = Failure::usage(format!("calls are logged otherwise already: {}, to {to}", kinds(&current)));
            return Ok(Outcome::Refused(failure.hint("--yes puts the new configuration in place of that one")));
        }
        _ => {}
    }
    let group = wanted.cloud_watch_config.as_ref().map(|group| group.log_group_name.as_str());
    if !enable.skip_checks {
        let mut check = logging.check(&wanted).await?;
        if enable.create {
            // It is made where nothing else stands in the way.
            check.missing.retain(|finding| !is_about(finding, group));
        }
        if !check.is_good() {
            return Ok(Outcome::Refused(lacking(&check, group)));
        }
        unseen = check.unseen;
    }
    if let (true, Some(group)) = (enable.create, group) {
        make(client, logging.region_name(), group).await?;
    }
    logging.enable(&wanted).await?;
    Ok(Outcome::Set(unseen))
}

/// Makes a log group where there is none.
async fn make(client: &Client, region: Option<&str>, group: &str) -> outcrop::Result<()> {
    let groups = client.log_groups().in_region(region.unwrap_or_default());
    if groups.get(group).await?.is_none() {
        groups.create(group).await?;
        groups.put_retention(group, RECOMMENDED_DAYS).await?;
    }
    Ok(())
}

/// Whether something was found of the log group.
fn is_about(finding: &Finding, group: Option<&str>) -> bool {
    group.is_some_and(|group| finding.about.strip_prefix("log group ") == Some(group))
}

/// What Bedrock lacks, and what mends it.
fn lacking(check: &Check, group: Option<&str>) -> Failure {
    let whats: Vec<String> =
        check.missing.iter().map(|Finding { about, what, .. }| format!("{about}: {what}")).collect();
    let pastes: Vec<String> = check
        .missing
        .iter()
        .filter(|finding| !finding.paste.is_empty())
        .map(|finding| match is_about(finding, group) {
            true => format!("--create makes the log group, or else\n{}", pasted(finding)),
            false => pasted(finding),
        })
        .collect();
    let failure = Failure::new(format!("Bedrock cannot log there: {}", whats.join("; ")));
    match pastes.is_empty() {
        true => failure,
        false => failure.hint(pastes.join("\n")),
    }
}

fn told(finding: &Finding) -> String {
    format!("{}: {}\n{}", finding.about, finding.what, pasted(finding))
}

/// The policies and commands to paste.
fn pasted(finding: &Finding) -> String {
    let pastes = finding.paste.iter().map(|(place, policy)| format!("{place}:\n{policy}"));
    pastes.collect::<Vec<_>>().join("\n")
}

fn refused(answer: Answer<Outcome>) -> Answer<Outcome> {
    let outcome = match answer.outcome {
        Ok(Outcome::Refused(failure)) => Err(failure),
        outcome => outcome,
    };
    Answer { outcome, ..answer }
}

/// What was asked for, in a region.
fn configuration(enable: &LoggingEnable, region: &str) -> Result<LoggingConfiguration, Failure> {
    let place = |text: &String| -> Result<S3Config, Failure> {
        let place: S3Uri =
            text.replace("{region}", region).parse().map_err(|error| Failure::usage(format!("{error}")))?;
        let prefix = Some(place.key.trim_matches('/').to_owned()).filter(|prefix| !prefix.is_empty());
        Ok(S3Config { bucket_name: place.bucket, key_prefix: prefix, ..S3Config::default() })
    };
    let cloud_watch = match (&enable.cloudwatch, &enable.role) {
        (Some(group), Some(role)) => {
            if role_account(role).is_none() {
                let text = format!("`{role}` is no ARN of a role: arn:aws:iam::123456789012:role/NAME");
                return Err(Failure::usage(text));
            }
            Some(CloudWatchConfig {
                log_group_name: group.clone(),
                role_arn: role.clone(),
                large_data_delivery_s3_config: enable.large_data.as_ref().map(place).transpose()?,
                ..CloudWatchConfig::default()
            })
        }
        _ => None,
    };
    Ok(LoggingConfiguration {
        s3_config: enable.s3.as_ref().map(place).transpose()?,
        cloud_watch_config: cloud_watch,
        text_data_delivery_enabled: Some(!enable.no_text),
        image_data_delivery_enabled: Some(!enable.no_images),
        embedding_data_delivery_enabled: Some(!enable.no_embeddings),
        video_data_delivery_enabled: Some(!enable.no_video),
        audio_data_delivery_enabled: Some(!enable.no_audio),
        ..LoggingConfiguration::default()
    })
}
