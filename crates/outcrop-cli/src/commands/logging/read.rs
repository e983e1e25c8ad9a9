//! `outcrop logging read`: the calls of a log, listed, shown or exported.

use std::collections::VecDeque;
use std::path::Path;

use outcrop::bytes::Bytes;
use outcrop::logging::S3Config;
use outcrop::wire::account::S3Uri;
use outcrop::wire::account::log_group::LogEvent;
use outcrop::wire::account::logging::{LogObject, LogOrder, ModelInvocationLog};
use outcrop::wire::catalogue::{Catalogue, Cost};
use outcrop::{Client, Surroundings, Usage};
use tokio::task::JoinHandle;

use super::bucket::Bucket;
use super::filter::Filter;
use super::folder::Folder;
use super::group::Group;
use super::media::Sizes;
use super::regions;
use super::show;
use super::source::{Lost, Object, Place, Source};
use crate::args::LoggingRead;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats::counted;

/// So many objects are fetched ahead of the one that is read.
const AHEAD: usize = 8;

/// So much of an object is told that cannot be read; the rest is counted.
const TOLD: usize = 3;

/// A log that is being read.
struct Reading<'a> {
    asked: &'a LoggingRead,
    filter: &'a Filter<'a>,
    catalogue: Catalogue,
    printer: &'a Printer,
    sum: Sum,
    /// What could not be read of the object that is read now.
    lost: usize,
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
    /// Objects that end before their end are among them.
    cut: bool,
    /// Bodies and media that lie beside their record are.
    beside: bool,
}

pub(super) async fn run(asked: &LoggingRead, printer: &Printer) -> Result<(), Failure> {
    let filter = Filter::new(asked, Surroundings::system().unix())?;
    let (source, objects, troubles) = open(asked, &filter, printer).await?;
    let (catalogue, sum) = (Catalogue::built_in(), Sum::default());
    let mut reading = Reading { asked, filter: &filter, catalogue, printer, sum, lost: 0 };
    troubles.iter().for_each(|why| reading.trouble(why));
    reading.object_ends("the folder");
    let nothing = match &source {
        Source::Group(group) => {
            let mut events = 0;
            let each = async |page: Vec<LogEvent>| {
                events += page.len();
                reading.events(&source, group, &page).await
            };
            group.each_page(&filter, each).await?;
            (events == 0).then(|| format!("no such call is in the {}", group.name()))
        }
        Source::Folder(_) | Source::Bucket(_) => {
            let nothing = "there are no log objects here: their names end in .json.gz or .json";
            let nothing = objects.is_empty().then(|| nothing.to_owned());
            reading.objects(&source, objects).await?;
            nothing
        }
    };
    reading.end(nothing)
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
    let place = match (&asked.cloudwatch, named) {
        (Some(group), _) => Configured::Group(group.clone()),
        (None, Some(place)) => Configured::Bucket(place),
        (None, None) => configured(&client, printer).await?,
    };
    match place {
        Configured::Bucket(place) => {
            let bucket = Bucket::open(client, &place.bucket)?;
            let objects = bucket.objects(&place.key, filter).await?;
            Ok((Source::Bucket(bucket), objects, Vec::new()))
        }
        Configured::Group(name) => Ok((Source::Group(Group::open(client, name)), Vec::new(), Vec::new())),
    }
}

/// Where calls are logged.
enum Configured {
    Bucket(S3Uri),
    Group(String),
}

/// Where the calls of the region are logged.
async fn configured(client: &Client, printer: &Printer) -> Result<Configured, Failure> {
    let region = client.region().unwrap_or_default();
    let Some(configuration) = client.logging().status().await? else {
        return Err(Failure::usage(format!("calls in {region} are not logged")).hint(
            "outcrop logging enable has them logged; a log that is elsewhere is named: s3://BUCKET/PREFIX, or a folder",
        ));
    };
    let place = match (configuration.s3_config, configuration.cloud_watch_config) {
        (Some(S3Config { bucket_name, key_prefix, .. }), _) => {
            let place = S3Uri::new(bucket_name, key_prefix.unwrap_or_default());
            let place = place.map_err(|error| Failure::new(format!("cannot read the log of {region}: {error}")))?;
            printer.explain(&format!("calls in {region} are logged to {place}"));
            Configured::Bucket(place)
        }
        (None, group) => {
            let name = group.unwrap_or_default().log_group_name;
            printer.explain(&format!("calls in {region} are logged to the log group {name}"));
            Configured::Group(name)
        }
    };
    Ok(place)
}

impl Reading<'_> {
    /// Reads objects in their order, some fetched ahead.
    async fn objects(&mut self, source: &Source, objects: Vec<Object>) -> Result<(), Failure> {
        let filter = self.filter;
        let mut wanted = objects.into_iter().filter(|object| filter.takes_hour(object.hour));
        let mut ahead: VecDeque<(Object, JoinHandle<Result<Bytes, Lost>>)> = VecDeque::new();
        loop {
            while ahead.len() < AHEAD
                && let Some(object) = wanted.next()
            {
                let fetched = source.fetch(&object);
                ahead.push_back((object, fetched));
            }
            let Some((object, fetched)) = ahead.pop_front() else { return Ok(()) };
            self.object(source, &object, fetched).await?;
        }
    }

    async fn object(
        &mut self,
        source: &Source,
        object: &Object,
        fetched: JoinHandle<Result<Bytes, Lost>>,
    ) -> Result<(), Failure> {
        match fetched.await {
            Ok(Ok(bytes)) => self.records(source, &object.name, &object.place, &bytes).await?,
            Ok(Err(Lost::Everything(failure))) => return Err(failure),
            Ok(Err(Lost::Told(why))) => self.trouble(&why),
            Err(error) => return Err(Failure::new(format!("cannot read {}: {error}", object.name))),
        }
        self.object_ends(&object.name);
        Ok(())
    }

    /// A page of a log group.
    async fn events(&mut self, source: &Source, group: &Group, page: &[LogEvent]) -> Result<(), Failure> {
        for event in page {
            self.records(source, &group.event_name(event), &Place::Event, event.message.as_bytes()).await?;
        }
        self.object_ends(&group.name());
        Ok(())
    }

    async fn records(&mut self, source: &Source, name: &str, place: &Place, bytes: &[u8]) -> Result<(), Failure> {
        for read in LogObject::new(name, bytes) {
            match read {
                Ok(log) if self.filter.takes(&log) => self.call(log, source, place).await?,
                Ok(_) => {}
                Err(trouble) => {
                    self.sum.cut |= trouble.kind.is_cut();
                    self.trouble(&trouble.to_string());
                }
            }
        }
        Ok(())
    }

    /// Prints a call, where its bodies do not say that it is none that was asked for.
    async fn call(&mut self, mut log: ModelInvocationLog, source: &Source, place: &Place) -> Result<(), Failure> {
        let LoggingRead { show, jsonl, messages, .. } = *self.asked;
        // An export of records keeps them as they were logged.
        let logged = (jsonl && !messages).then(|| log.clone());
        let mut troubles = Vec::new();
        if self.filter.reads_bodies() || show || messages {
            troubles = source.put_bodies(&mut log, place).await;
        }
        self.sum.beside |= !troubles.is_empty();
        if !self.filter.finds(&log) {
            troubles.iter().for_each(|why| self.trouble(why));
            return Ok(());
        }
        let mut sizes = Sizes::new();
        if messages {
            troubles.extend(source.put_media(&mut log, place).await);
        } else if show {
            let (found, missing) = source.media_sizes(&log, place).await;
            sizes = found;
            troubles.extend(missing);
        }
        self.sum.beside |= !troubles.is_empty();
        troubles.iter().for_each(|why| self.trouble(why));
        let usage = log.usage();
        // Whatever a model costs, a call that failed before it was asked cost nothing.
        let is_free = log.error_code.is_some() && usage == Usage::default();
        let cost = log.cost(&usage, &self.catalogue).or(is_free.then(Cost::default));
        self.sum.add(&usage, cost);
        let unwritable = |error| Failure::new(format!("cannot write the record of {}: {error}", log.request_id));
        match logged {
            Some(logged) => self.printer.line(&logged.line(LogOrder::SchemaFirst).map_err(unwritable)?)?,
            None if messages => self.printer.line(&show::exported(&log).map_err(unwritable)?)?,
            None if show => self.printer.piece(&show::conversation(&log, &usage, cost, &sizes))?,
            None => self.printer.line(&show::listed(&log, &usage, cost))?,
        }
        Ok(())
    }

    /// What cannot be read; the rest is.
    fn trouble(&mut self, why: &str) {
        self.sum.troubles += 1;
        self.lost += 1;
        if self.lost <= TOLD {
            self.printer.warning(why);
        }
    }

    /// Counts what was not told of an object.
    fn object_ends(&mut self, name: &str) {
        let more = std::mem::take(&mut self.lost).saturating_sub(TOLD);
        if more > 0 {
            self.printer.warning(&format!("{name}: and {more} more that could not be read"));
        }
    }

    fn end(self, nothing: Option<String>) -> Result<(), Failure> {
        let Sum { calls, input, output, cost, unpriced, troubles, cut, beside } = self.sum;
        if let Some(nothing) = nothing {
            self.printer.note(&nothing);
        } else {
            let mut parts =
                vec![counted(calls, "call"), format!("{input} tokens in, {output} out"), format!("cost {cost}")];
            parts.extend((unpriced > 0).then(|| format!("{unpriced} of unknown price, not in the sum")));
            self.printer.note(&parts.join(" | "));
        }
        if troubles == 0 {
            return Ok(());
        }
        let mut hints = Vec::new();
        hints.extend(cut.then_some("an object that is cut off may have been copied in part: fetch it again"));
        hints.extend(beside.then_some(
            "large bodies and media lie in `data` beside their records: it must be copied too, or readable",
        ));
        let failure = Failure::new(format!("{} of the log could not be read; the rest was", counted(troubles, "part")));
        match hints.is_empty() {
            true => Err(failure),
            false => Err(failure.hint(hints.join("\n"))),
        }
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
