//! The regions that a verb is about, and what came of it in each: what fails in one hides no other.

use outcrop::Client;
use outcrop::endpoint::partition;
use outcrop::logging::{InRegion, LoggingConfiguration, S3Config};
use serde_json::{Value, json};

use crate::args::{self, InRegions, Reach};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::settings;

/// The client of the verbs of logging.
pub(super) async fn client(reach: &Reach, region: Option<&String>, printer: &Printer) -> Result<Client, Failure> {
    let flags = args::Account {
        local: reach.local,
        region: region.cloned(),
        profile: reach.profile.clone(),
        endpoint_url: reach.endpoint_url.clone(),
    };
    settings::account(&flags, printer).await
}

/// The client of a verb that is about regions, and the regions that were asked for.
pub(super) async fn open(at: &InRegions, printer: &Printer) -> Result<(Client, Vec<String>), Failure> {
    let client = client(&at.reach, at.region.first(), printer).await?;
    let regions = asked(&client, at).await?;
    regions.iter().for_each(|region| settings::doubt(region, &client, printer));
    Ok((client, regions))
}

/// Those that were named, all of the client's partition, or its own.
async fn asked(client: &Client, at: &InRegions) -> Result<Vec<String>, Failure> {
    if at.all_regions {
        let home = partition(client.region().unwrap_or_default()).id;
        let all = client.catalogue().regions().filter(|region| partition(region).id == home);
        return Ok(all.map(str::to_owned).collect());
    }
    let mut named = at.region.clone();
    named.dedup();
    if let (true, Some(own)) = (named.is_empty(), client.region()) {
        named.push(own.to_owned());
    }
    if named.is_empty() {
        // Says what is missing, and where it could be set.
        client.logging().status().await?;
    }
    Ok(named)
}

/// Where records go.
pub(super) fn destination(configuration: &LoggingConfiguration) -> String {
    let bucket = configuration.s3_config.as_ref().map(place);
    let group = configuration.cloud_watch_config.as_ref().map(|group| {
        let large = group.large_data_delivery_s3_config.as_ref();
        let large = large.map(|large| format!(", large ones {}", place(large))).unwrap_or_default();
        format!("log group {}{large}", group.log_group_name)
    });
    bucket.into_iter().chain(group).collect::<Vec<_>>().join("; ")
}

fn place(s3: &S3Config) -> String {
    format!("s3://{}/{}", s3.bucket_name, s3.key_prefix.as_deref().unwrap_or_default())
}

/// What is logged.
pub(super) fn kinds(configuration: &LoggingConfiguration) -> String {
    let kinds = [
        ("text", configuration.text_data_delivery_enabled),
        ("images", configuration.image_data_delivery_enabled),
        ("embeddings", configuration.embedding_data_delivery_enabled),
        ("video", configuration.video_data_delivery_enabled),
        ("audio", configuration.audio_data_delivery_enabled),
    ];
    let on: Vec<&str> = kinds.iter().filter(|(_, on)| *on != Some(false)).map(|(kind, _)| *kind).collect();
    match on.len() {
        0 => "counts alone".to_owned(),
        5 => "everything".to_owned(),
        _ => on.join(" "),
    }
}

/// What came of it in a region.
pub(super) struct Answer<T> {
    pub(super) region: String,
    pub(super) outcome: Result<T, Failure>,
}

impl<T> From<InRegion<T>> for Answer<T> {
    fn from(answer: InRegion<T>) -> Self {
        Answer { region: answer.region, outcome: answer.outcome.map_err(Failure::from) }
    }
}

/// What came of it in every region as JSON: what `told` says of what went well, and why where it did not.
pub(super) fn as_json<T>(answers: &[Answer<T>], told: impl Fn(&str, &T) -> Value) -> String {
    let rows = answers.iter().map(|Answer { region, outcome }| {
        let mut row = match outcome {
            Ok(outcome) => told(region, outcome),
            Err(failure) => json!({"error": {"message": failure.text, "hint": failure.hint}}),
        };
        row["region"] = region.as_str().into();
        row
    });
    Value::from(rows.collect::<Vec<_>>()).to_string()
}

/// Tells what failed, and fails where something did: as the first did.
pub(super) fn end<T>(answers: Vec<Answer<T>>, doing: &str, printer: &Printer) -> Result<(), Failure> {
    let count = answers.len();
    let mut failed: Vec<(String, Failure)> =
        answers.into_iter().filter_map(|answer| Some((answer.region, answer.outcome.err()?))).collect();
    match failed.len() {
        0 => Ok(()),
        // The only one says it all.
        1 if count == 1 => Err(failed.remove(0).1),
        failures => {
            for (region, failure) in &failed {
                printer.warning(&format!("{region}: {}", failure.text));
                if let Some(hint) = &failure.hint {
                    printer.note(&format!("hint: {hint}"));
                }
            }
            let exit = failed.first().map_or(Exit::Failed, |(_, failure)| failure.exit);
            Err(Failure { exit, ..Failure::new(format!("cannot {doing} in {failures} of {count} regions")) })
        }
    }
}
