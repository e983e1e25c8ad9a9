//! `outcrop logging read`: the calls of a log, listed, shown or exported.

use std::collections::VecDeque;
use std::path::Path;

use outcrop::bytes::Bytes;
use outcrop::logging::S3Config;
use outcrop::wire::account::S3Uri;
use outcrop::wire::account::logging::{LogObject, LogOrder, ModelInvocationLog};
use outcrop::wire::catalogue::{Catalogue, Cost};
use outcrop::{Client, Surroundings, Usage};
use tokio::task::JoinHandle;

use super::bucket::Bucket;
use super::filter::Filter;
use super::folder::Folder;
use super::regions;
use super::show;
use super::source::{Lost, Object, Source};
use crate::args::LoggingRead;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats::counted;

/// So many objects are fetched ahead of the one that is read.
const AHEAD: usize = 8;

/// A log that is being read.
struct Reading<'a> {
    asked: &'a LoggingRead,
    source: Source,
    filter: Filter<'a>,
    catalogue: Catalogue,
    printer: &'a Printer,
    sum: Sum,
}

/// What came of it so far.
#[derive(Default)]
struct Sum {
    calls: usize,
    input: u64,
    output: u64,
    cost: Cost,
    /// Calls whose price is not known.
    unpriced: usize,
    /// Objects, lines and bodies that could not be read.
    troubles: usize,
}

pub(super) async fn run(asked: &LoggingRead, printer: &Printer) -> Result<(), Failure> {
    let filter = Filter::new(asked, Surroundings::system().unix());
    let (source, objects, troubles) = open(asked, &filter, printer).await?;
    let (catalogue, sum) = (Catalogue::built_in(), Sum::default());
    let mut reading = Reading { asked, source, filter, catalogue, printer, sum };
    reading.troubles(&troubles);
    let is_empty = objects.is_empty();
    let mut ahead: VecDeque<(Object, JoinHandle<Result<Bytes, Lost>>)> = VecDeque::new();
    let wanted: Vec<Object> = objects.into_iter().filter(|object| reading.filter.takes_hour(object.hour)).collect();
    for object in wanted {
        if ahead.len() == AHEAD
            && let Some((object, fetched)) = ahead.pop_front()
        {
            reading.object(&object, fetched).await?;
        }
        let fetched = reading.source.fetch(&object);
        ahead.push_back((object, fetched));
    }
    for (object, fetched) in ahead {
        reading.object(&object, fetched).await?;
    }
    reading.end(is_empty)
}

/// Where the log is, its objects, and what could not be looked into.
async fn open(
    asked: &LoggingRead,
    filter: &Filter<'_>,
    printer: &Printer,
) -> Result<(Source, Vec<Object>, Vec<String>), Failure> {
    if let Some(folder) = asked.place.as_deref().filter(|place| !place.contains("://")) {
        let mut folder = Folder::open(Path::new(folder))?;
        let (objects, troubles) = (std::mem::take(&mut folder.objects), std::mem::take(&mut folder.troubles));
        return Ok((Source::Folder(folder), objects, troubles));
    }
    let named = asked.place.as_deref().map(str::parse::<S3Uri>).transpose();
    let named = named.map_err(|error| Failure::usage(format!("cannot read the log: {error}")))?;
    let client = regions::client(&asked.reach, asked.region.first(), printer).await?;
    let place = match named {
        Some(place) => place,
        None => configured(&client, printer).await?,
    };
    let bucket = Bucket::open(client, &place.bucket)?;
    let objects = bucket.objects(&place.key, filter).await?;
    Ok((Source::Bucket(bucket), objects, Vec::new()))
}

/// Where the calls of the region are logged.
async fn configured(client: &Client, printer: &Printer) -> Result<S3Uri, Failure> {
    let region = client.region().unwrap_or_default();
    let Some(configuration) = client.logging().status().await? else {
        return Err(Failure::usage(format!("calls in {region} are not logged")).hint(
            "outcrop logging enable has them logged; a log that is elsewhere is named: s3://BUCKET/PREFIX, or a folder",
        ));
    };
    match (&configuration.s3_config, &configuration.cloud_watch_config) {
        (Some(S3Config { bucket_name, key_prefix, .. }), _) => {
            let place = S3Uri::new(bucket_name.as_str(), key_prefix.as_deref().unwrap_or_default());
            let place = place.map_err(|error| Failure::new(format!("cannot read the log of {region}: {error}")))?;
            printer.explain(&format!("calls in {region} are logged to {place}"));
            Ok(place)
        }
        (None, group) => {
            let group = group.as_ref().map(|group| group.log_group_name.as_str()).unwrap_or_default();
            Err(Failure::usage(format!(
                "calls in {region} are logged to the log group {group}, which is not read here"
            ))
            .hint(format!(
                "aws logs filter-log-events --region {region} --log-group-name {group} --query 'events[].[message]' \
                     --output text > log.jsonl && outcrop logging read log.jsonl"
            )))
        }
    }
}

impl Reading<'_> {
    async fn object(&mut self, object: &Object, fetched: JoinHandle<Result<Bytes, Lost>>) -> Result<(), Failure> {
        let bytes = match fetched.await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(Lost::Everything(failure))) => return Err(failure),
            Ok(Err(Lost::Told(why))) => {
                self.troubles(&[why]);
                return Ok(());
            }
            Err(error) => return Err(Failure::new(format!("cannot read {}: {error}", object.name))),
        };
        for read in LogObject::new(&object.name, &bytes) {
            match read {
                Ok(log) if self.filter.takes(&log) => self.call(log, object).await?,
                Ok(_) => {}
                Err(trouble) => self.troubles(&[trouble.to_string()]),
            }
        }
        Ok(())
    }

    /// Prints a call, where its bodies do not say that it is none that was asked for.
    async fn call(&mut self, log: ModelInvocationLog, object: &Object) -> Result<(), Failure> {
        let LoggingRead { show, jsonl, messages, .. } = *self.asked;
        // An export of records keeps them as they were logged.
        let logged = (jsonl && !messages).then(|| log.clone());
        let (log, troubles) = match self.filter.reads_bodies() || show || messages {
            true => self.source.whole(log, object).await?,
            false => (log, Vec::new()),
        };
        self.troubles(&troubles);
        if !self.filter.finds(&log) {
            return Ok(());
        }
        let usage = log.usage();
        let cost = log.cost(&usage, &self.catalogue);
        self.sum.add(&usage, cost);
        let unwritable = |error| Failure::new(format!("cannot write the record of {}: {error}", log.request_id));
        match logged {
            Some(logged) => self.printer.line(&logged.line(LogOrder::SchemaFirst).map_err(unwritable)?)?,
            None if messages => self.printer.line(&show::exported(&log).map_err(unwritable)?)?,
            None if show => self.printer.piece(&show::conversation(&log, &usage, cost))?,
            None => self.printer.line(&show::listed(&log, &usage, cost))?,
        }
        Ok(())
    }

    /// What cannot be read; the rest is.
    fn troubles(&mut self, troubles: &[String]) {
        self.sum.troubles += troubles.len();
        troubles.iter().for_each(|why| self.printer.warning(why));
    }

    fn end(self, is_empty: bool) -> Result<(), Failure> {
        let Sum { calls, input, output, cost, unpriced, troubles } = self.sum;
        if is_empty {
            self.printer.note("there are no log objects here: their names end in .json.gz or .json");
        } else {
            let mut parts =
                vec![counted(calls, "call"), format!("{input} tokens in, {output} out"), format!("cost {cost}")];
            parts.extend((unpriced > 0).then(|| format!("{unpriced} of unknown price, not in the sum")));
            self.printer.note(&parts.join(" | "));
        }
        if troubles == 0 {
            return Ok(());
        }
        Err(Failure::new(format!("{} of the log could not be read; the rest was", counted(troubles, "part")))
            .hint("an object that is cut off may have been copied in part: fetch it again"))
    }
}

impl Sum {
    fn add(&mut self, usage: &Usage, cost: Option<Cost>) {
        self.calls += 1;
        self.input = self.input.saturating_add(usage.total_input());
        self.output = self.output.saturating_add(usage.output_tokens);
        match cost {
            Some(cost) => self.cost = self.cost + cost,
            None => self.unpriced += 1,
        }
    }
}
