//! Records to where they are kept: objects in a bucket laid out as AWS does, and events of a log group.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use flate2::Compression;
use flate2::write::GzEncoder;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::logging::{LOG_STREAM, LogOrder, LogPlace, ModelInvocationLog, S3Config, S3Path};
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::Dialect;

use super::media::{Fate, placed};
use super::record::record;
use super::told::Told;
use crate::control::put_events;
use crate::objects::Buckets;
use crate::server::Inner;

/// A bucket, and where in it the log of an account and region lies.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Destination {
    bucket: String,
    prefix: String,
    account: String,
    region: String,
}

impl Destination {
    fn new(config: &S3Config, account: &str, region: &str) -> Self {
        let prefix = config.key_prefix.as_deref().unwrap_or_default().trim_end_matches('/');
        let [bucket, prefix, account, region] =
            [&config.bucket_name, prefix, account, region].map(|text| text.to_owned());
        Destination { bucket, prefix, account, region }
    }

    fn place(&self) -> LogPlace {
        let Destination { prefix, account, region, .. } = self;
        LogPlace { prefix: prefix.clone(), account: account.clone(), region: region.clone() }
    }
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    /// Bodies and media that are not in their record, in the order in which they came.
    beside: Vec<(S3Path, Vec<u8>)>,
    /// Records, as objects.
    objects: Vec<(S3Path, Vec<u8>)>,
    /// Records, as events of log groups: by region and group.
    events: BTreeMap<(String, String), Vec<String>>,
}

/// When it is, to the millisecond.
struct Now {
    time: AmzTime,
    milliseconds: u16,
}

impl Now {
    fn of(local: &Inner) -> Self {
        let since = local.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        Now { time: AmzTime::from_unix(seconds), milliseconds: u16::try_from(since.subsec_millis()).unwrap_or(0) }
    }
}

/// Makes records of calls; bodies longer than `inline` are beside them.
pub(super) fn deliveries(local: &Inner, calls: Vec<Told>, inline: usize) -> Deliveries {
    let now = Now::of(local);
    let mut deliveries = Deliveries::default();
    let mut lines: BTreeMap<Destination, Vec<u8>> = BTreeMap::new();
    for told in calls {
        let (configuration, region) = (&told.configuration, &told.incoming.region);
        let destination = |config: &S3Config| Destination::new(config, &local.account.id, region);
        let bucket = configuration.s3_config.as_ref().map(destination);
        let mut log = record(local, &told);
        if configuration.text_data_delivery_enabled == Some(false) {
            without_bodies(&mut log);
        }
        let splitting = Splitting {
            dialect: told.incoming.call.surface.row().dialect,
            images: configuration.image_data_delivery_enabled != Some(false),
            inline,
            time: now.time,
        };
        if let Some(group) = &configuration.cloud_watch_config {
            let beside = group.large_data_delivery_s3_config.as_ref().map(destination);
            let split = splitting.split(log.clone(), beside.as_ref(), &mut deliveries.beside);
            if let Ok(line) = split.line(LogOrder::SchemaFirst) {
                let place = (region.clone(), group.log_group_name.clone());
                deliveries.events.entry(place).or_default().push(line);
            }
        }
        if let Some(destination) = bucket {
            let split = splitting.split(log, Some(&destination), &mut deliveries.beside);
            if let Ok(line) = split.line(LogOrder::SchemaFirst) {
                let lines = lines.entry(destination).or_default();
                lines.extend_from_slice(line.as_bytes());
                lines.push(b'\n');
            }
        }
    }
    for (destination, lines) in lines {
        let unique = format!("{:016x}", local.random().u64(..));
        let key = destination.place().records(now.time, now.milliseconds, &unique);
        deliveries.objects.push((S3Path { bucket: destination.bucket, key }, gzipped(&lines)));
    }
    deliveries
}

/// Writes it, what is beside records before the records that name it. What cannot be written is told, and lost.
pub(super) async fn deliver(local: &Arc<Inner>, deliveries: Deliveries) {
    let Deliveries { beside, objects, events } = deliveries;
    for (path, bytes) in beside.into_iter().chain(objects) {
        let outcome = put(local, &path, bytes).await;
        local.invocation_log.tell(local, &format!("the bucket {}", path.bucket), outcome);
    }
    for ((region, group), lines) in events {
        let place = format!("the log group {group} of {region}");
        let put = tokio::task::spawn_blocking({
            let local = Arc::clone(local);
            move || put_events(&local, &region, &group, LOG_STREAM, lines)
        });
        // It ends early where the runtime does.
        if let Ok(outcome) = put.await {
            local.invocation_log.tell(local, &place, outcome.map_err(|fault| fault.message));
        }
    }
}

async fn put(local: &Inner, path: &S3Path, bytes: Vec<u8>) -> Result<(), String> {
    let (place, buckets) = (S3Uri { bucket: path.bucket.clone(), key: path.key.clone() }, Buckets::of(&local.data));
    // One that was removed does not come back by being written to.
    if !buckets.exists(&place.bucket) {
        return Err("there is no such bucket any more".to_owned());
    }
    let kind = if place.key.ends_with(".gz") { "application/gzip" } else { "application/octet-stream" };
    buckets.put(&place, bytes.into(), kind).await.map_err(|fault| fault.message)
}

fn without_bodies(log: &mut ModelInvocationLog) {
    if let Some(input) = &mut log.input {
        input.body = None;
    }
    if let Some(output) = &mut log.output {
        output.body = None;
    }
}

/// How what is too large for a record is kept beside it.
struct Splitting {
    dialect: Dialect,
    images: bool,
    inline: usize,
    time: AmzTime,
}

impl Splitting {
    /// The record as it is kept; without a bucket what is too large for it is lost.
    fn split(
        &self,
        mut log: ModelInvocationLog,
        destination: Option<&Destination>,
        beside: &mut Vec<(S3Path, Vec<u8>)>,
    ) -> ModelInvocationLog {
        let id = log.request_id.clone();
        let place = destination.map(|destination| (destination.bucket.clone(), destination.place()));
        let mut keep = |key: String, bytes: Vec<u8>| {
            let (bucket, _) = place.as_ref()?;
            let path = S3Path { bucket: bucket.clone(), key };
            let told = path.to_string();
            beside.push((path, bytes));
            Some(told)
        };
        let at = |of: &dyn Fn(&LogPlace) -> String| place.as_ref().map(|(_, place)| of(place)).unwrap_or_default();
        if let Some(input) = &mut log.input {
            let mut elsewhere = |count: usize, format: &str, bytes: Vec<u8>| {
                keep(at(&|place| place.media(self.time, &id, count, format)), bytes).unwrap_or_default()
            };
            let fate = match (self.images, &place) {
                (false, _) => Fate::Omitted,
                (true, Some(_)) => Fate::Elsewhere(&mut elsewhere),
                (true, None) if self.dialect == Dialect::Converse => Fate::Omitted,
                (true, None) => Fate::Stay,
            };
            input.body = input.body.take().map(|body| placed(body, self.dialect, fate));
            if let Some(body) = input.body.take_if(|body| body.text().len() > self.inline) {
                let key = at(&|place| place.input(self.time, &id));
                input.body_path = keep(key, gzipped(body.text().as_bytes()));
            }
        }
        if let Some(output) = &mut log.output
            && let Some(body) = output.body.take_if(|body| body.text().len() > self.inline)
        {
            let key = at(&|place| place.output(self.time, &id));
            output.body_path = keep(key, gzipped(body.text().as_bytes()));
        }
        log
    }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to a vector does not fail.
    let _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}
