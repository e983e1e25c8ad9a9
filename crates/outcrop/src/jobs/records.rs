//! The requests of a job while they are collected: each planned, written and checked as it comes.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

use outcrop_wire::Json;
use outcrop_wire::account::job::{InvocationType, JOB_LIMITS, JobLimits, JobRecord};
use outcrop_wire::converse::ConverseRequest;
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::model::{ModelId, Named};
use outcrop_wire::scope::DefaultScope;
use outcrop_wire::surface::{Delivery, Surface};

use super::check;
use super::line::{Asks, LineError, RequestLine};
use super::spool::Spool;
use crate::call::{self, CallOptions, Prepared};
use crate::client::{Client, Inner};
use crate::converse;
use crate::error::{Error, Kind, Result};
use crate::plan::{Adjustment, Change};
use crate::resolve;

/// The longest record id (`CALL0000001` has 11 letters; how long one may be AWS does not say).
const LONGEST_ID: usize = 256;

/// How many mistakes of a request are told.
const TOLD: usize = 5;

/// The requests of a job: each is looked at for what no model takes, goes through the same plan as a call of its model, is
/// written as a line, and held against the limits of a job. Lines are kept in an unnamed temporary file once they are many.
///
/// ```
/// # async fn run() -> outcrop::Result<()> {
/// # let client = outcrop::Client::builder().access_key("AKIA", "secret").region("us-east-1")
/// #   .surroundings(outcrop::Surroundings::made_up([], [])).build().await?;
/// use outcrop::MessageRequest;
///
/// let mut records = client.jobs().records("haiku").await;
/// for mineral in ["quartz", "gneiss"] {
///     records.add_as(mineral, &MessageRequest::new("", 256).user(format!("What is {mineral}?")))?;
/// }
/// assert_eq!(records.len(), 2);
/// assert!(records.check().is_err(), "a job has at least a hundred records");
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
/// ```
#[derive(Debug)]
pub struct BatchRecords {
    client: Client,
    kind: InvocationType,
    options: CallOptions,
    limits: JobLimits,
    /// As it was named.
    asked: ModelId,
    /// What that names.
    model: Named,
    ids: HashSet<Box<str>>,
    adjustments: Vec<(Adjustment, u64)>,
    pub(super) lines: Spool,
    unchecked: bool,
}

impl BatchRecords {
    pub(super) async fn begin(client: &Client, model: ModelId, kind: InvocationType) -> Self {
        resolve::look_up(&client.0, &model).await;
        // A job runs where it is made.
        let client = Client(Arc::new(Inner { failover: Arc::from([]), ..Inner::clone(&client.0) }));
        let mut records = BatchRecords {
            kind,
            options: CallOptions::default(),
            limits: JOB_LIMITS,
            model: Named { id: model.clone(), model: None, scope: None, renamed: false },
            asked: model,
            client,
            ids: HashSet::new(),
            adjustments: Vec::new(),
            lines: Spool::new(),
            unchecked: false,
        };
        records.model = records.name();
        records
    }

    /// With settings for these requests: strict, scope, members of the body. A job has no headers, and no limits of time
    /// for each request.
    #[must_use]
    pub fn with(mut self, options: CallOptions) -> Self {
        self.options = options;
        self.model = self.name();
        self
    }

    /// With the quotas of an account that has others.
    #[must_use]
    pub fn limits(mut self, limits: JobLimits) -> Self {
        self.limits = limits;
        self
    }

    /// What the requests say is not looked at, for what is newer than this crate: roles, types of blocks, ranges of numbers.
    /// They are planned all the same.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.unchecked = true;
        self
    }

    /// Adds a request, and gives the record id that was made for it: `record-000001`. Its model may be empty; if it names
    /// one, it is that of the job. Media on the web are not fetched.
    ///
    /// # Errors
    /// When the request cannot be sent, no model takes what it says, it names another model, or the job would be too large.
    /// Nothing is added then.
    pub fn add(&mut self, request: &MessageRequest) -> Result<String> {
        let id = self.free_id();
        self.add_as(&*id, request)?;
        Ok(id)
    }

    /// Adds a request whose result is to be found by `record_id`.
    ///
    /// # Errors
    /// As [`BatchRecords::add`]; also when there is a record of that id.
    pub fn add_as(&mut self, record_id: impl Into<String>, request: &MessageRequest) -> Result<()> {
        let record_id = record_id.into();
        self.check_id(&record_id)?;
        self.check_model(&record_id, &request.model)?;
        self.check_request(&record_id, || check::of_messages(request))?;
        let client = &*self.client.0;
        let options = self.call_options();
        let prepared = call::prepare_for(client, request, &self.asked, Delivery::Unary, &options);
        let prepared = prepared.map_err(|error| self.named_in(error, &record_id))?;
        self.put(record_id, prepared)
    }

    /// Adds a body of Converse, which goes as it is. Its model may be empty.
    ///
    /// # Errors
    /// As [`BatchRecords::add_as`]; also when the job is not of that kind.
    pub fn add_converse_as(&mut self, record_id: impl Into<String>, request: &ConverseRequest) -> Result<()> {
        let record_id = record_id.into();
        if self.kind != InvocationType::Converse {
            let error = Error::new(Kind::Invalid, doing(&record_id), "it is a body of Converse, and the job is not");
            return Err(error.with_hint("have a job of Converse: `converse_records`"));
        }
        self.check_id(&record_id)?;
        self.check_model(&record_id, &request.model)?;
        self.check_request(&record_id, || check::of_converse(request, self.most_tokens()))?;
        let asked = ConverseRequest { model: self.asked.clone(), ..request.clone() };
        let prepared = converse::prepare(&self.client.0, &asked, Delivery::Unary, &self.call_options());
        let prepared = prepared.map_err(|error| self.named_in(error, &record_id))?;
        self.put(record_id, prepared)
    }

    /// Adds what a line of a file asks, by the id that it says, or else one that is made of its number; gives the id.
    ///
    /// # Errors
    /// As [`BatchRecords::add_as`] and [`BatchRecords::add_converse_as`].
    pub fn add_line(&mut self, line: &RequestLine, number: u64) -> Result<String> {
        let made = || Some(RequestLine::made_id(number)).filter(|id| !self.ids.contains(id.as_str()));
        let record_id = line.record_id.clone().or_else(made).unwrap_or_else(|| self.free_id());
        match &line.asks {
            Asks::Message(request) => self.add_as(&*record_id, request)?,
            Asks::Converse(request) => self.add_converse_as(&*record_id, request)?,
        }
        Ok(record_id)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.ids.len() as u64
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The bytes of their lines.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lines.bytes()
    }

    /// The id of the model, as the job names it.
    #[must_use]
    pub fn model(&self) -> &ModelId {
        &self.model.id
    }

    /// What the bodies are.
    #[must_use]
    pub fn kind(&self) -> &InvocationType {
        &self.kind
    }

    /// How requests were adjusted to the model, and how many of them.
    pub fn adjustments(&self) -> impl Iterator<Item = (&Adjustment, u64)> {
        self.adjustments.iter().map(|(adjustment, records)| (adjustment, *records))
    }

    /// Says whether a job may have them; [`Jobs::create`](super::Jobs::create) asks before anything is sent.
    ///
    /// # Errors
    /// When they are too few.
    pub fn check(&self) -> Result<()> {
        let fewest = &self.limits.fewest_records;
        if self.len() < fewest.value {
            let why = format!("there are {} records, and a job has at least {}", self.len(), fewest.value);
            let error = Error::new(Kind::Invalid, "make a batch job", why);
            return Err(error.with_hint(format!("ask fewer as calls: `Jobs::run`; AWS's quota is `{}`", fewest.name)));
        }
        Ok(())
    }

    /// Writes the lines: the file as it is uploaded.
    ///
    /// # Errors
    /// When they cannot be read again, or `out` cannot be written.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<u64> {
        self.lines.write_to(out)
    }

    /// By the way in that the bodies are written for.
    pub(super) fn call_options(&self) -> CallOptions {
        let surface = match self.kind {
            InvocationType::Converse => Surface::Converse,
            _ => Surface::InvokeModel,
        };
        CallOptions { surface: Some(surface), ..self.options.clone() }
    }

    /// The model, and where it is processed.
    pub(super) fn named(&self) -> &Named {
        &self.model
    }

    fn name(&self) -> Named {
        let scope = self.options.scope.as_ref().or(self.client.0.defaults.scope.as_ref());
        resolve::named(&self.client.0, &self.asked, self.client.region(), scope)
    }

    fn free_id(&self) -> String {
        let mut number = self.len() + 1;
        while self.ids.contains(RequestLine::made_id(number).as_str()) {
            number += 1;
        }
        RequestLine::made_id(number)
    }

    fn check_id(&self, id: &str) -> Result<()> {
        let why = match id.len() {
            0 => "its record id is empty".to_owned(),
            length if length > LONGEST_ID => {
                format!("its record id has {length} bytes, and at most {LONGEST_ID} are taken")
            }
            _ if self.ids.contains(id) => "another record has this id".to_owned(),
            _ => return Ok(()),
        };
        let shown: String = id.chars().take(64).collect();
        Err(Error::new(Kind::Invalid, doing(&shown), why).with_hint("results are found by the id: give each its own"))
    }

    /// Whether what a request says is taken by any model.
    fn check_request(&self, id: &str, mistakes: impl FnOnce() -> Vec<LineError>) -> Result<()> {
        if self.unchecked {
            return Ok(());
        }
        let mistakes = mistakes();
        if mistakes.is_empty() {
            return Ok(());
        }
        let mut told: Vec<String> = mistakes.iter().take(TOLD).map(ToString::to_string).collect();
        if mistakes.len() > TOLD {
            told.push(format!("and {} more", mistakes.len() - TOLD));
        }
        Err(Error::new(Kind::Invalid, doing(id), told.join("; ")))
    }

    /// The most tokens that the model gives on Converse, where that is known.
    fn most_tokens(&self) -> Option<u64> {
        let today = resolve::today(&self.client.0);
        self.client.catalogue().accepts(self.model.model, Surface::Converse, &today).largest_max_tokens()
    }

    /// A job has one model. A record that names another one, or the same somewhere else, does not belong there.
    fn check_model(&self, id: &str, model: &ModelId) -> Result<()> {
        if model.as_str().is_empty() || *model == self.asked || *model == self.model.id {
            return Ok(());
        }
        let scope = self.model.scope.clone().map(DefaultScope::Only);
        let named = resolve::named(&self.client.0, model, self.client.region(), scope.as_ref());
        if named.id == self.model.id {
            return Ok(());
        }
        let why = format!("it asks `{model}`, and the job is for `{}`", self.model.id);
        Err(Error::new(Kind::Invalid, doing(id), why).with_hint("a job has one model: make another job for the other"))
    }

    /// The same error, of a record of the job.
    fn named_in(&self, error: Error, id: &str) -> Error {
        error.with_doing(&doing(id))
    }

    fn put(&mut self, id: String, prepared: Prepared) -> Result<()> {
        let invalid = |why: String| Error::new(Kind::Invalid, doing(&id), why);
        let outbound = prepared.outbound;
        let mut adjustments: Vec<Adjustment> = outbound.plan.edits.clone();
        if self.kind != InvocationType::Converse {
            // It would travel in headers, of which a job has none.
            let handling = &prepared.options.handling;
            if handling.guardrail.is_some() {
                let why = "a job of InvokeModel takes no guardrail".to_owned();
                return Err(invalid(why).with_hint("have a job of Converse, whose bodies name one"));
            }
            if !handling.is_empty() {
                let reason =
                    "handling: a batch job has no tier, latency or metadata for a request; left out".to_owned();
                if prepared.options.strict == Some(true) {
                    return Err(invalid(reason));
                }
                adjustments.push(Adjustment { name: "handling", change: Change::Dropped, edit: None, reason });
            }
        }
        let body = String::from_utf8(outbound.body.to_vec()).map_err(|error| invalid(error.to_string()))?;
        let body = Json::from_text(body).map_err(|error| invalid(error.to_string()))?;
        let line = JobRecord::new(&*id, body).line().map_err(|error| invalid(error.to_string()))?;
        let JobLimits { file_records, job_records, file_bytes, .. } = &self.limits;
        for (limit, with, what) in [
            (file_records, self.len() + 1, "records"),
            (job_records, self.len() + 1, "records"),
            (file_bytes, self.bytes() + line.len() as u64, "bytes"),
        ] {
            if with > limit.value {
                let error = invalid(format!("with it there are more than the {} {what} that a job takes", limit.value));
                return Err(error.with_hint(format!("make two jobs of it; AWS's quota is `{}`", limit.name)));
            }
        }
        self.lines.push(&line).map_err(|error| invalid(format!("it cannot be kept: {error}")))?;
        self.model = outbound.plan.target.model.clone();
        for adjustment in adjustments {
            match self
                .adjustments
                .iter_mut()
                .find(|(known, _)| known.name == adjustment.name && known.reason == adjustment.reason)
            {
                Some((_, records)) => *records += 1,
                None => self.adjustments.push((Adjustment { edit: None, ..adjustment }, 1)),
            }
        }
        self.ids.insert(id.into());
        Ok(())
    }
}

fn doing(record_id: &str) -> String {
    format!("take record `{record_id}` into a batch job")
}
