//! A bucket with a log: the objects that may hold what was asked for, and the bodies beside them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream as _;
use outcrop::bytes::Bytes;
use outcrop::object_store::path::Path;
use outcrop::object_store::{self, ListResult, ObjectStore};
use outcrop::wire::account::logging::{LOGS_FOLDER, LogKey, LogRole, S3Path};
use outcrop::{Client, objects};
use tokio::task::JoinSet;

use super::beside::Beside;
use super::filter::Filter;
use super::source::{Lost, Object, Place};
use crate::exit::Failure;

/// So many folders are listed at once.
const LISTS: usize = 8;

/// The folder that all logs of AWS's are in.
const AWS_LOGS: &str = "AWSLogs";

/// What is beside records.
const DATA: &str = "data";

/// A bucket.
#[derive(Clone)]
pub(super) struct Bucket {
    name: String,
    store: Arc<dyn ObjectStore>,
    beside: Beside,
}

impl Bucket {
    pub(super) fn open(client: Client, name: &str) -> Result<Self, Failure> {
        let store = client.objects(name)?;
        Ok(Bucket { name: name.to_owned(), store, beside: Beside::new(client) })
    }

    /// The objects below a key that may hold calls that were asked for, in the order of their hours; or the one of that key.
    pub(super) async fn objects(&self, key: &str, filter: &Filter<'_>) -> Result<Vec<Object>, Failure> {
        let told = format!("read the log in s3://{}/{key}", self.name);
        let failed = |error: &object_store::Error| Failure::from(objects::error(&*told, error));
        let root = match key.trim_matches('/') {
            "" => Path::default(),
            key => Path::parse(key).map_err(|error| Failure::usage(format!("cannot {told}: {error}")))?,
        };
        if LogRole::of(key) == LogRole::Records {
            return Ok(vec![object(root)]);
        }
        let mut found = Vec::new();
        let mut waiting = VecDeque::from([root]);
        let mut listing: JoinSet<object_store::Result<(Vec<Path>, ListResult)>> = JoinSet::new();
        loop {
            while listing.len() < LISTS
                && let Some(folder) = waiting.pop_front()
            {
                let (store, flat) = (Arc::clone(&self.store), filter.takes_every_hour() && is_of_a_region(&folder));
                listing.spawn(async move {
                    match flat {
                        true => Ok((
                            listed(&*store, &folder).await?,
                            ListResult {
                                common_prefixes: Vec::new(),
                                objects: Vec::new(),
                                extensions: Default::default(),
                            },
                        )),
                        false => Ok((Vec::new(), store.list_with_delimiter(Some(&folder)).await?)),
                    }
                });
            }
            let Some(done) = listing.join_next().await else { break };
            let Ok(outcome) = done else { continue };
            let (keys, folders) = outcome.map_err(|error| failed(&error))?;
            waiting.extend(folders.common_prefixes.into_iter().filter(|folder| wanted(folder, filter)));
            let keys = keys.into_iter().chain(folders.objects.into_iter().map(|object| object.location));
            found.extend(keys.filter(|key| LogRole::of(key.as_ref()) == LogRole::Records).map(object));
        }
        found.sort_by(|a, b| (a.hour, &a.name).cmp(&(b.hour, &b.name)));
        Ok(found)
    }

    pub(super) async fn object(&self, key: &Path) -> Result<Bytes, Lost> {
        let at = S3Path { bucket: self.name.clone(), key: key.to_string() };
        self.beside.bytes(&at).await.map_err(|error| match error.status() {
            // Who may not read one may read none.
            Some(401 | 403) => Lost::Everything(Failure::from(error)),
            _ => Lost::Told(error.to_string()),
        })
    }

    /// What lies at `path`, in this bucket or the one that it names; where a bucket was copied, it lies beside its record.
    pub(super) async fn bytes(&self, path: &str, object: &Path) -> Result<Bytes, String> {
        let [named, beside] = self.places(path, object)?;
        match self.beside.bytes(&named).await {
            Err(error) if named != beside => self.beside.bytes(&beside).await.map_err(|_| error.to_string()),
            got => got.map_err(|error| error.to_string()),
        }
    }

    /// How many bytes it has.
    pub(super) async fn size(&self, path: &str, object: &Path) -> Result<u64, String> {
        let [named, beside] = self.places(path, object)?;
        match self.beside.size(&named).await {
            Err(error) if named != beside => self.beside.size(&beside).await.map_err(|_| error.to_string()),
            got => got.map_err(|error| error.to_string()),
        }
    }

    fn places(&self, path: &str, object: &Path) -> Result<[S3Path; 2], String> {
        let named = S3Path::parse(path).ok_or_else(|| format!("{path} is no path in S3"))?;
        let folder = object.as_ref().rsplit_once('/').map_or("", |(folder, _)| folder);
        let (_, name) = named.key.rsplit_once('/').unwrap_or(("", &named.key));
        let beside = S3Path { bucket: self.name.clone(), key: format!("{folder}/{DATA}/{name}") };
        Ok([named, beside])
    }
}

fn object(key: Path) -> Object {
    let hour = LogKey::parse(key.as_ref()).and_then(|key| key.hour);
    Object { name: key.to_string(), place: Place::Key(key), hour }
}

/// Every key below a folder.
async fn listed(store: &dyn ObjectStore, folder: &Path) -> object_store::Result<Vec<Path>> {
    let mut stream = store.list(Some(folder));
    let mut keys = Vec::new();
    while let Some(object) = std::future::poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        keys.push(object?.location);
    }
    Ok(keys)
}

/// The parts of a folder from the account on, where it is one of AWS's logs.
fn within(folder: &Path) -> Option<Vec<String>> {
    let parts: Vec<String> = folder.parts().map(|part| part.as_ref().to_owned()).collect();
    let at = parts.iter().rposition(|part| part == AWS_LOGS)?;
    Some(parts[at + 1..].to_vec())
}

/// Whether all below a folder is of one region.
fn is_of_a_region(folder: &Path) -> bool {
    within(folder).is_some_and(|parts| parts.len() >= 3)
}

/// Whether what was asked for may be below a folder: of another log, account, region or time it is not.
fn wanted(folder: &Path, filter: &Filter<'_>) -> bool {
    let Some(parts) = within(folder) else { return true };
    let part = |at: usize| parts.get(at).map(String::as_str);
    part(0).is_none_or(|account| filter.takes_account(account))
        && part(1).is_none_or(|log| log == LOGS_FOLDER)
        && part(2).is_none_or(|region| filter.takes_region(region))
        && filter.takes_time(parts.get(3..).unwrap_or_default())
        && part(7) != Some(DATA)
}
