//! The requests of a job as ordinary calls, for those that are too few for one: asked now, so many at a time, and answered
//! in their order.

use std::collections::VecDeque;
use std::fmt;

use outcrop_wire::Json;
use outcrop_wire::account::job::{InvocationType, JobRecord, JobResult, RecordError};
use outcrop_wire::dialect::converse::decode_converse_request;
use outcrop_wire::dialect::invoke;
use outcrop_wire::model::ModelId;
use tokio::task::JoinHandle;

use super::result::Reading;
use super::{BatchRecords, BatchResult, BatchTotals, Jobs};
use crate::call::CallOptions;
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::resolve;

const DOING: &str = "ask the requests one by one";

/// What comes of requests that are asked as calls, in their order. Dropped, what is being asked is given up.
pub struct BatchCalls<'r> {
    client: Client,
    records: &'r BatchRecords,
    at_once: usize,
    /// How far the lines were read.
    from: u64,
    /// How far they were answered.
    told: u64,
    /// How many were answered.
    place: u64,
    asking: VecDeque<Asking>,
    totals: BatchTotals,
    over: bool,
}

/// A call that is being made, until nobody waits for it, and the length of its line.
struct Asking(JoinHandle<Result<JobResult>>, u64);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Jobs<'_> {
    /// Asks requests as ordinary calls, `at_once` of them at a time, at the price of calls: as few as there are. They are
    /// planned, tried again and answered as any call is, and their results are those that a job would have.
    ///
    /// ```
    /// # async fn run() -> outcrop::Result<()> {
    /// # let local = outcrop_local::Local::new();
    /// # let (access_key, secret) = (outcrop_local::Account::ACCESS_KEY_ID, outcrop_local::Account::SECRET_ACCESS_KEY);
    /// # let client = outcrop::Client::builder().access_key(access_key, secret).region("us-west-2")
    /// #   .connector(move |_| std::future::ready(Ok(local.connect()))).build().await?;
    /// use outcrop::MessageRequest;
    ///
    /// let mut records = client.jobs().records("haiku").await;
    /// for mineral in ["quartz", "gneiss"] {
    ///     records.add_as(mineral, &MessageRequest::new("", 256).user(format!("What is {mineral}?")))?;
    /// }
    /// let mut calls = client.jobs().run(&records, 4);
    /// while let Some(result) = calls.next().await {
    ///     let result = result?;
    ///     println!("{}: {:?}", result.record_id, result.outcome);
    /// }
    /// assert_eq!(calls.totals().answered, 2);
    /// # Ok(()) }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
    /// ```
    #[must_use]
    pub fn run<'r>(&self, records: &'r BatchRecords, at_once: usize) -> BatchCalls<'r> {
        BatchCalls {
            client: self.client.clone(),
            records,
            at_once: at_once.max(1),
            from: 0,
            told: 0,
            place: 0,
            asking: VecDeque::new(),
            totals: BatchTotals::default(),
            over: false,
        }
    }
}

impl BatchCalls<'_> {
    /// What came of the next request; `None` at the end. That one failed is a result.
    ///
    /// # Errors
    /// What every other request would meet as well: there are no credentials, nobody can be reached, the caller is refused, or
    /// there is no such model. It is over then; [`BatchCalls::rest`] has what was not answered.
    pub async fn next(&mut self) -> Option<Result<BatchResult>> {
        let outcome = self.answered().await?;
        if outcome.is_err() {
            self.over = true;
            self.asking.clear();
        }
        Some(outcome)
    }

    /// A request that was not answered before it was over, or given up: a record without a result. What is being asked is
    /// given up with the first.
    ///
    /// # Errors
    /// When the requests cannot be read.
    pub async fn rest(&mut self) -> Option<Result<BatchResult>> {
        self.over = true;
        self.asking.clear();
        let line = self.records.lines.line(self.told).await.transpose()?;
        Some(line.and_then(|line| {
            self.told += line.len() as u64;
            let unread = |error: serde_json::Error| Error::new(Kind::Invalid, DOING, error.to_string());
            let record: JobRecord = serde_json::from_str(&line).map_err(unread)?;
            let (model_input, record_id) = (record.model_input, record.record_id);
            self.result(JobResult { model_input, record_id, ..JobResult::default() })
        }))
    }

    /// What came of the requests so far, at the price of calls.
    #[must_use]
    pub fn totals(&self) -> &BatchTotals {
        &self.totals
    }

    async fn answered(&mut self) -> Option<Result<BatchResult>> {
        while !self.over && self.asking.len() < self.at_once {
            match self.records.lines.line(self.from).await {
                Ok(None) => self.over = true,
                Ok(Some(line)) => {
                    let length = line.len() as u64;
                    self.from += length;
                    let ask = Ask {
                        client: self.client.clone(),
                        options: self.records.call_options(),
                        model: self.records.model().clone(),
                        kind: self.records.kind().clone(),
                    };
                    self.asking.push_back(Asking(tokio::spawn(ask.line(line)), length));
                }
                Err(error) => return Some(Err(error)),
            }
        }
        // It stays where it is until it is done: whoever drops this future loses nothing.
        let done = (&mut self.asking.front_mut()?.0).await;
        let length = self.asking.pop_front().map_or(0, |asking| asking.1);
        let done = done.unwrap_or_else(|error| Err(Error::new(Kind::Interrupted, DOING, error.to_string())));
        Some(done.and_then(|result| {
            self.told += length;
            self.result(result)
        }))
    }

    fn result(&mut self, result: JobResult) -> Result<BatchResult> {
        self.place += 1;
        let reading = Reading {
            kind: Some(self.records.kind().clone()),
            model: Some(self.records.named().clone()),
            catalogue: self.client.catalogue(),
            today: resolve::today(&self.client.0),
            in_batch: false,
        };
        let outcome = reading.outcome(&result).map_err(|why| Error::new(Kind::Decode, DOING, why))?;
        let cost = reading.cost(&outcome);
        let (record_id, place) = (result.record_id.unwrap_or_default(), Some(self.place));
        let result =
            BatchResult { record_id, place, input: result.model_input, output: result.model_output, outcome, cost };
        self.totals.add(&result);
        Ok(result)
    }
}

/// Whom a request asks, and how.
struct Ask {
    client: Client,
    options: CallOptions,
    model: ModelId,
    kind: InvocationType,
}

impl Ask {
    async fn line(self, line: String) -> Result<JobResult> {
        let unread = |error: serde_json::Error| Error::new(Kind::Invalid, DOING, error.to_string());
        let record: JobRecord = serde_json::from_str(&line).map_err(unread)?;
        let (model_input, record_id) = (record.model_input, record.record_id);
        let answer = self.body(model_input.text().as_bytes()).await;
        let result = JobResult { model_input, record_id, ..JobResult::default() };
        match answer {
            Ok(output) => Ok(JobResult { model_output: Some(output), ..result }),
            // All others would meet the same.
            Err(error) if matches!(error.kind(), Kind::Credentials | Kind::Config | Kind::Connect) => Err(error),
            Err(error) if error.is_denied() || error.status() == Some(404) => Err(error),
            Err(error) => Ok(JobResult { error: Some(told(&error)), ..result }),
        }
    }

    /// The answer to a body, as it would stand in the results of a job.
    async fn body(&self, body: &[u8]) -> Result<Json> {
        let unread = |error: serde_json::Error| Error::new(Kind::Invalid, DOING, error.to_string());
        let (model, options) = (self.model.clone(), self.options.clone());
        if self.kind == InvocationType::Converse {
            let request = decode_converse_request(model, body).map_err(unread)?;
            let answer = self.client.converse().with(options).create(&request).await?;
            return Json::of(&*answer).map_err(unread);
        }
        let request = invoke::decode_request(model, body).map_err(unread)?;
        let answer = self.client.messages().with(options).create(&request).await?;
        Json::of(&*answer).map_err(unread)
    }
}

/// Why there is no answer, as a job tells it.
fn told(error: &Error) -> RecordError {
    match (error.status(), error.service_message()) {
        (Some(status), Some(message)) => RecordError::new(status, message),
        _ => RecordError { error_message: Some(error.to_string()), ..RecordError::default() },
    }
}

impl fmt::Debug for BatchCalls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchCalls")
            .field("records", &self.records.len())
            .field("totals", &self.totals)
            .finish_non_exhaustive()
    }
}
