//! The results of a job, record by record as they are downloaded, joined to what was asked.

use std::collections::VecDeque;
use std::fmt;

use outcrop_wire::account::S3Uri;
use outcrop_wire::account::job::{Job, JobManifest, JobResult, RESULTS};
use outcrop_wire::model::{ModelId, Named};

use super::join::Found;
use super::line::{RequestLine, body_of, record_id_of};
use super::lines::{Line, Lines};
use super::pairing::{File, Known, Paired, Source, pair};
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
        let region = self.region_of(&job.job_arn);
        let results = BatchFiles::bucket(self.client, region, &place.bucket, &place.folder)?;
        if results.list(RESULTS).await?.is_empty() {
            return Err(nothing_there(job, doing(), &results.shown(&place.folder)));
        }
        let requests = match job.input_data_config.uri().and_then(|uri| uri.parse::<S3Uri>().ok()) {
            Some(path) => Some(BatchFiles::bucket(self.client, region, &path.bucket, &path.key)?),
            None => None,
        };
        let model = ModelId::from(job.model_id.clone());
        let known = Known { own: true, total: job.total_record_count };
        let paired = pair(&results, requests.as_ref(), known).await?;
        Ok(self.reading(paired, Some(model), Some(job.invocation())).await)
    }

    /// Results that lie anywhere: below `results`, with the requests below `requests` where those are at hand: files that
    /// were uploaded, or those that they were made of. By `model` they are priced; `kind` is found out where it is not known.
    ///
    /// There may be the results of several jobs, and the requests of others: which requests belong to which results is found
    /// by the names of files, record ids and manifests, and what is left out is told ([`BatchResults::notes`]).
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
        let paired = pair(&results, requests.as_ref(), Known::default()).await?;
        Ok(self.reading(paired, model, kind).await)
    }

    async fn reading(&self, paired: Paired, model: Option<ModelId>, kind: Option<InvocationType>) -> BatchResults {
        let Paired { files, manifest, notes } = paired;
        let client = self.client.clone();
        let model = match model {
            Some(model) => {
                resolve::look_up(&client.0, &model).await;
                Some(resolve::named(&client.0, &model, client.region(), None))
            }
            None => None,
        };
        let totals = BatchTotals::default();
        BatchResults { client, kind, model, manifest, notes, totals, files: files.into(), reading: None }
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

    /// Opens the next file.
    async fn open(&mut self) -> Option<Result<()>> {
        let file = self.files.pop_front()?;
        let Some(results) = &file.results else {
            self.look_for_missing(file).await;
            return Some(Ok(()));
        };
        match results.lines().await {
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
        let Some(requests) = file.requests.clone().filter(|_| file.misses && file.join.missing() > 0) else { return };
        match requests.lines().await {
            Ok(lines) => self.reading = Some((file, Phase::Missing(lines, 0))),
            Err(error) => {
                self.totals.missing += file.join.missing() as u64;
                self.notes.push(format!("{error}; {} records have no result", file.join.missing()));
            }
        }
    }

    fn read(&self, file: &mut File, line: &Line) -> Result<BatchResult> {
        let shown = file.results.as_ref().map(Source::shown).unwrap_or_default();
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
        let reading = Reading {
            kind: self.kind.clone(),
            model: self.model.clone(),
            catalogue: self.client.catalogue(),
            today: resolve::today(&self.client.0),
            in_batch: true,
        };
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

/// A request that has no result.
fn unanswered(line: &Line, place: usize) -> BatchResult {
    let record_id = record_id_of(&line.text).unwrap_or_else(|| RequestLine::made_id(line.number));
    let input = body_of(&line.text);
    BatchResult { record_id, place: Some(place as u64 + 1), input, output: None, outcome: Outcome::Missing, cost: None }
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
