//! The results of a job, record by record as they are downloaded, joined to what was asked.

use std::collections::VecDeque;
use std::fmt;

use outcrop_wire::Json;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::job::{Job, JobManifest, JobRecord, JobResult, MANIFEST, RECORDS, RESULTS};
use outcrop_wire::model::{ModelId, Named};

use super::join::{Found, Join};
use super::lines::{Line, Lines};
use super::place::BatchFiles;
use super::result::Reading;
use super::{BatchResult, BatchTotals, InvocationType, JobStatus, Jobs, Outcome};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::resolve;

/// The results of a job, record by record as they are downloaded: in the order of the files, and behind them the records
/// that have no result. What cannot be read is an error of its own; the rest follows it.
///
/// Nothing but the record ids is held in memory.
pub struct BatchResults {
    client: Client,
    kind: Option<InvocationType>,
    model: Option<Named>,
    manifest: Option<JobManifest>,
    notes: Vec<String>,
    totals: BatchTotals,
    files: VecDeque<File>,
    reading: Option<(File, Phase)>,
}

/// A file of results, and that of its requests.
struct File {
    results: Option<Source>,
    requests: Option<Source>,
    join: Join,
}

#[derive(Clone)]
struct Source {
    files: BatchFiles,
    key: String,
}

/// What of a file is being read.
enum Phase {
    Results(Lines),
    /// For the requests that have no result; the place of the next one.
    Missing(Lines, usize),
}

impl Jobs<'_> {
    /// The results of a job, with the requests that they answer: what there is, also of a job that ended before it was done.
    /// Ask for the job first ([`Jobs::get`], [`Jobs::wait`]).
    ///
    /// # Errors
    /// When the files cannot be reached, or there is none: the job has not ended, or failed before it began.
    pub async fn results(&self, job: &Job) -> Result<BatchResults> {
        let doing = || format!("read the results of job {}", job.job_arn);
        let Some(place) = job.place() else {
            return Err(Error::new(Kind::Decode, doing(), "its output is no folder of a bucket"));
        };
        let results = BatchFiles::bucket(self.client, &place.bucket, &place.folder)?;
        if results.list(RESULTS).await?.is_empty() {
            return Err(nothing_there(job, doing(), &results.shown(&place.folder)));
        }
        let requests = match job.input_data_config.uri().and_then(|uri| uri.parse::<S3Uri>().ok()) {
            Some(path) => Some(BatchFiles::bucket(self.client, &path.bucket, &path.key)?),
            None => None,
        };
        let model = ModelId::from(job.model_id.clone());
        self.results_in(results, requests, Some(model), Some(job.invocation())).await
    }

    /// Results that lie anywhere: below `results`, with the requests below `requests` where those are at hand. By `model`
    /// they are priced; `kind` is found out where it is not known.
    ///
    /// # Errors
    /// When the files of results cannot be listed, or there is none.
    pub async fn results_in(
        &self,
        results: BatchFiles,
        requests: Option<BatchFiles>,
        model: Option<ModelId>,
        kind: Option<InvocationType>,
    ) -> Result<BatchResults> {
        let mut found = results.list(&format!("{RECORDS}{RESULTS}")).await?;
        found.retain(|(key, _)| !key.ends_with(MANIFEST));
        if found.is_empty() {
            let doing = format!("read the results in {}", results.shown(&results.prefix));
            let error =
                Error::new(Kind::Invalid, doing, format!("there is no file whose name ends in {RECORDS}{RESULTS}"));
            return Err(error.with_hint("name the folder of the job: its name is the id of the job"));
        }
        let mut notes = Vec::new();
        let asked = match &requests {
            None => Vec::new(),
            Some(requests) => match requests.list(RECORDS).await {
                Ok(asked) => asked,
                Err(error) => {
                    notes.push(format!("{error}; what has no result is not known"));
                    Vec::new()
                }
            },
        };
        let manifest = manifest(&results, &found, &mut notes).await;
        let files = pair(&results, found, requests.as_ref(), asked);
        let client = self.client.clone();
        let model = match model {
            Some(model) => {
                resolve::look_up(&client.0, &model).await;
                Some(resolve::named(&client.0, &model, client.region(), None))
            }
            None => None,
        };
        let totals = BatchTotals::default();
        Ok(BatchResults { client, kind, model, manifest, notes, totals, files, reading: None })
    }
}

impl BatchResults {
    /// What came of the next record; `None` at the end.
    ///
    /// # Errors
    /// A line that is none, and a file that cannot be read on. The rest follows.
    pub async fn next(&mut self) -> Option<Result<BatchResult>> {
        loop {
            let (mut file, phase) = match self.reading.take() {
                Some(reading) => reading,
                None => match self.open().await? {
                    Ok(()) => continue,
                    Err(error) => return Some(Err(error)),
                },
            };
            match phase {
                Phase::Results(mut lines) => {
                    let next = lines.next().await;
                    let read = match next {
                        Ok(Some(line)) => {
                            let read = self.read(&mut file, &line);
                            self.reading = Some((file, Phase::Results(lines)));
                            read
                        }
                        Ok(None) => {
                            self.look_for_missing(file).await;
                            continue;
                        }
                        Err(error) => {
                            self.look_for_missing(file).await;
                            Err(error)
                        }
                    };
                    return Some(self.counted(read));
                }
                Phase::Missing(mut lines, place) => {
                    // What is not read again is not told again: it counts as missing all the same.
                    let Ok(Some(line)) = lines.next().await else { continue };
                    let missing = !file.join.has(place);
                    self.reading = Some((file, Phase::Missing(lines, place + 1)));
                    if missing {
                        let result = Ok(unanswered(&line, place));
                        return Some(self.counted(result));
                    }
                }
            }
        }
    }

    /// All that are left. They are in memory then.
    ///
    /// # Errors
    /// The first of [`BatchResults::next`].
    pub async fn all(mut self) -> Result<Vec<BatchResult>> {
        let mut all = Vec::new();
        while let Some(result) = self.next().await {
            all.push(result?);
        }
        Ok(all)
    }

    /// What AWS counted, where it wrote that down.
    #[must_use]
    pub fn manifest(&self) -> Option<&JobManifest> {
        self.manifest.as_ref()
    }

    /// The id of the model that was asked, where it is known.
    #[must_use]
    pub fn model(&self) -> Option<&ModelId> {
        self.model.as_ref().map(|named| &named.id)
    }

    /// What came of the records that were read so far.
    #[must_use]
    pub fn totals(&self) -> &BatchTotals {
        &self.totals
    }

    /// What could not be done, and made no difference to what came of the records.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(String::as_str)
    }

    fn counted(&mut self, read: Result<BatchResult>) -> Result<BatchResult> {
        match &read {
            Ok(result) => self.totals.add(result),
            Err(_) => self.totals.unread += 1,
        }
        read
    }

    /// Opens the next file: first its requests are gone through, for their ids.
    async fn open(&mut self) -> Option<Result<()>> {
        let mut file = self.files.pop_front()?;
        if let Some(requests) = file.requests.clone() {
            match ids(&requests).await {
                Ok(join) => file.join = join,
                Err(error) => {
                    self.notes.push(format!("{error}; what has no result is not known"));
                    file.requests = None;
                }
            }
        }
        let Some(results) = &file.results else {
            self.look_for_missing(file).await;
            return Some(Ok(()));
        };
        match results.files.lines(&results.key).await {
            Ok(lines) => {
                self.reading = Some((file, Phase::Results(lines)));
                Some(Ok(()))
            }
            Err(error) => {
                self.look_for_missing(file).await;
                self.totals.unread += 1;
                Some(Err(error))
            }
        }
    }

    /// Goes through the requests again, for those that have no result.
    async fn look_for_missing(&mut self, file: File) {
        let Some(requests) = file.requests.clone().filter(|_| file.join.missing() > 0) else { return };
        match requests.files.lines(&requests.key).await {
            Ok(lines) => self.reading = Some((file, Phase::Missing(lines, 0))),
            Err(error) => {
                self.totals.missing += file.join.missing() as u64;
                self.notes.push(format!("{error}; {} records have no result", file.join.missing()));
            }
        }
    }

    fn read(&self, file: &mut File, line: &Line) -> Result<BatchResult> {
        let shown = file.results.as_ref().map(|source| source.files.shown(&source.key)).unwrap_or_default();
        let wrong = |why: String| {
            let error = Error::new(Kind::Decode, format!("read line {} of {shown}", line.number), why);
            match line.ended {
                true => error,
                false => error.with_hint("the file is cut off: copy it again, or read it when the job has ended"),
            }
        };
        let result: JobResult = serde_json::from_slice(&line.text).map_err(|error| match error.is_eof() {
            true => wrong("it ends before its JSON does".to_owned()),
            false => wrong(error.to_string()),
        })?;
        let found = match file.requests {
            Some(_) => file.join.found(result.record_id.as_deref()),
            None => Found::Unknown,
        };
        let place = match found {
            Found::Request(place) => Some(place as u64 + 1),
            Found::Again(_) => return Err(wrong(format!("record `{}` came before", shown_id(&result)))),
            Found::Unknown => None,
        };
        let today = resolve::today(&self.client.0);
        let reading =
            Reading { kind: self.kind.clone(), model: self.model.clone(), catalogue: self.client.catalogue(), today };
        let outcome = reading.outcome(&result);
        let outcome = outcome.map_err(|why| wrong(format!("the answer of record `{}`: {why}", shown_id(&result))))?;
        let cost = reading.cost(&outcome);
        let record_id = result.record_id.unwrap_or_default();
        Ok(BatchResult { record_id, place, input: result.model_input, output: result.model_output, outcome, cost })
    }
}

fn shown_id(result: &JobResult) -> &str {
    result.record_id.as_deref().unwrap_or_default()
}

/// A request that has no result. What it asks is told as far as it is a record.
fn unanswered(line: &Line, place: usize) -> BatchResult {
    let record: Option<JobRecord> = serde_json::from_slice(&line.text).ok();
    let (record_id, input) = record.map_or((None, Json::null()), |record| (record.record_id, record.model_input));
    let record_id = record_id.unwrap_or_default();
    BatchResult { record_id, place: Some(place as u64 + 1), input, output: None, outcome: Outcome::Missing, cost: None }
}

/// The ids of a file of requests.
async fn ids(requests: &Source) -> Result<Join> {
    let mut lines = requests.files.lines(&requests.key).await?;
    let mut join = Join::default();
    while let Some(line) = lines.next().await? {
        let record: Option<JobRecord> = serde_json::from_slice(&line.text).ok();
        join.expect(record.and_then(|record| record.record_id).as_deref());
    }
    Ok(join)
}

/// Each file of results with that of its requests, and the files of requests that have no results.
fn pair(
    results: &BatchFiles,
    found: Vec<(String, u64)>,
    requests: Option<&BatchFiles>,
    asked: Vec<(String, u64)>,
) -> VecDeque<File> {
    let mut asked: Vec<Option<String>> = asked.into_iter().map(|(key, _)| Some(key)).collect();
    let mut files = VecDeque::new();
    for (key, _) in found {
        // AWS keeps the name of the file; how it keeps folders it does not say.
        let name = key.strip_suffix(RESULTS).unwrap_or(&key);
        let fits = |asked: &Option<String>| asked.as_deref().map_or(0, |asked| common(asked, name));
        let best = asked.iter_mut().max_by_key(|asked| fits(asked)).filter(|asked| fits(asked) > 0);
        let request = best.and_then(Option::take).zip(requests);
        files.push_back(File {
            results: Some(Source { files: results.clone(), key }),
            requests: request.map(|(key, files)| Source { files: files.clone(), key }),
            join: Join::default(),
        });
    }
    let left = asked.into_iter().flatten().zip(requests.into_iter().cycle());
    files.extend(left.map(|(key, files)| File {
        results: None,
        requests: Some(Source { files: files.clone(), key }),
        join: Join::default(),
    }));
    files
}

/// How many parts of two paths are the same, from the end.
fn common(one: &str, other: &str) -> usize {
    one.rsplit('/').zip(other.rsplit('/')).take_while(|(one, other)| one == other).count()
}

/// What AWS counted. It lies beside the results.
async fn manifest(results: &BatchFiles, found: &[(String, u64)], notes: &mut Vec<String>) -> Option<JobManifest> {
    let beside = |key: &str| format!("{}{MANIFEST}", key.rfind('/').map_or("", |slash| &key[..=slash]));
    let place = if results.prefix.is_empty() || results.prefix.ends_with('/') {
        format!("{}{MANIFEST}", results.prefix)
    } else {
        beside(&found.first()?.0)
    };
    let read = match results.small(&place).await {
        Ok(read) => read?,
        Err(error) => {
            notes.push(error.to_string());
            return None;
        }
    };
    serde_json::from_slice(&read)
        .inspect_err(|error| notes.push(format!("{} is no manifest: {error}", results.shown(&place))))
        .ok()
}

/// Why there is no file of results.
fn nothing_there(job: &Job, doing: String, place: &str) -> Error {
    let status = job.status.as_ref().map_or("of unknown status", JobStatus::as_str);
    if !job.is_over() {
        let why = format!("there are none in {place} yet: it is {status}");
        return Error::new(Kind::Unfinished, doing, why).with_hint("wait until it has ended");
    }
    let message = job.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
    Error::new(Kind::Service, doing, format!("there are none in {place}: it is {status}{message}"))
}

impl fmt::Debug for BatchResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchResults")
            .field("manifest", &self.manifest)
            .field("totals", &self.totals)
            .finish_non_exhaustive()
    }
}
