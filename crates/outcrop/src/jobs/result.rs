//! What came of a record, and of all records of a job.

use outcrop_wire::Json;
use outcrop_wire::account::job::{InvocationType, JobResult, RecordError};
use outcrop_wire::catalogue::{Catalogue, Cost};
use outcrop_wire::convert::Identity;
use outcrop_wire::dialect::{converse, invoke};
use outcrop_wire::messages::{Message, MessageRequest, Usage};
use outcrop_wire::model::{ModelId, Named};

/// What came of a record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BatchResult {
    /// Its id: the one that was given, or AWS's.
    pub record_id: String,
    /// Its place among the requests of its file, from 1; none where they are not at hand.
    pub place: Option<u64>,
    /// The body that was sent.
    pub input: Json,
    /// The body of the answer, as it came.
    pub output: Option<Json>,
    /// What came of it.
    pub outcome: Outcome,
    /// What it cost; none where nothing was answered, or the price is not known.
    pub cost: Option<Cost>,
}

/// What came of a record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was answered.
    Message(Box<Message>),
    /// It was refused, or failed.
    Failed(RecordError),
    /// It has no result: the job ended before its turn came, or it is cut off.
    Missing,
}

/// What came of all records so far.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct BatchTotals {
    /// Records that were answered.
    pub answered: u64,
    /// Records that were refused, or failed.
    pub failed: u64,
    /// Records without a result.
    pub missing: u64,
    /// Lines that cannot be read; the records behind them count as missing where the input is at hand.
    pub unread: u64,
    /// Tokens of input, those of the cache included.
    pub input_tokens: u64,
    /// Tokens of output.
    pub output_tokens: u64,
    /// What the answers cost whose price is known: of a job, what batches cost.
    pub cost: Cost,
    /// Answers whose price is not known.
    pub unpriced: u64,
}

impl BatchResult {
    /// The answer, where there is one.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.outcome {
            Outcome::Message(message) => Some(message),
            Outcome::Failed(_) | Outcome::Missing => None,
        }
    }

    /// Why it failed, where it did.
    #[must_use]
    pub fn error(&self) -> Option<&RecordError> {
        match &self.outcome {
            Outcome::Failed(error) => Some(error),
            Outcome::Message(_) | Outcome::Missing => None,
        }
    }

    /// What was asked, as a request of the Messages API; of a body of Converse what that can say.
    ///
    /// # Errors
    /// When it is no request.
    pub fn request(&self) -> Result<MessageRequest, serde_json::Error> {
        let body = self.input.text().as_bytes();
        invoke::decode_request(ModelId::default(), body).or_else(|error| {
            converse::decode_request(ModelId::default(), body).map(|converted| converted.value).map_err(|_| error)
        })
    }
}

/// The line of a result as Bedrock writes it; without answer and error where there is none.
impl From<&BatchResult> for JobResult {
    fn from(result: &BatchResult) -> Self {
        JobResult {
            model_input: result.input.clone(),
            model_output: result.output.clone(),
            record_id: Some(result.record_id.clone()).filter(|id| !id.is_empty()),
            error: result.error().cloned(),
            ..JobResult::default()
        }
    }
}

impl BatchTotals {
    /// Records that were answered or failed.
    #[must_use]
    pub fn processed(&self) -> u64 {
        self.answered + self.failed
    }

    /// Whether each record was answered.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.failed == 0 && self.missing == 0 && self.unread == 0
    }

    pub(super) fn add(&mut self, result: &BatchResult) {
        match &result.outcome {
            Outcome::Message(message) => {
                self.answered += 1;
                self.input_tokens = self.input_tokens.saturating_add(message.usage.total_input());
                self.output_tokens = self.output_tokens.saturating_add(message.usage.output_tokens);
                match result.cost {
                    Some(cost) => self.cost = self.cost + cost,
                    None => self.unpriced += 1,
                }
            }
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Missing => self.missing += 1,
        }
    }
}

/// How the results of a job are read: what its bodies are, and what its model costs.
#[derive(Debug)]
pub(super) struct Reading<'c> {
    pub(super) kind: Option<InvocationType>,
    pub(super) model: Option<Named>,
    pub(super) catalogue: &'c Catalogue,
    pub(super) today: String,
    /// Whether they are a job's, which costs less.
    pub(super) in_batch: bool,
}

impl Reading<'_> {
    /// What came of a record.
    ///
    /// # Errors
    /// When its answer is no message.
    pub(super) fn outcome(&self, result: &JobResult) -> Result<Outcome, String> {
        if let Some(error) = &result.error {
            return Ok(Outcome::Failed(error.clone()));
        }
        let Some(output) = &result.model_output else { return Ok(Outcome::Missing) };
        let body = output.text().as_bytes();
        let invoked = || invoke::decode_response(body).map_err(|error| error.to_string());
        let conversed = || {
            let model = self.model.as_ref().and_then(|named| named.model);
            let model = model.map(|model| model.row().reply.to_owned()).unwrap_or_default();
            let identity = Identity { id: String::new(), model };
            converse::decode_response(body, &identity)
                .map(|converted| converted.value)
                .map_err(|error| error.to_string())
        };
        let message = match self.kind {
            Some(InvocationType::Converse) => conversed(),
            Some(_) => invoked(),
            None => invoked().or_else(|why| conversed().map_err(|_| why)),
        };
        message.map(|message| Outcome::Message(Box::new(message)))
    }

    /// What an answer costs.
    pub(super) fn cost(&self, outcome: &Outcome) -> Option<Cost> {
        let Outcome::Message(message) = outcome else { return None };
        let usage: &Usage = &message.usage;
        let named = self.model.as_ref()?;
        let price = self.catalogue.price(named.model?, named.scope.as_ref()?, usage.total_input(), &self.today)?;
        Some(usage.cost(&if self.in_batch { price.in_batch() } else { price }))
    }
}
