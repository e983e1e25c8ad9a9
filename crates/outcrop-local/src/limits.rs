//! Requests and tokens a minute, by model, region and endpoint: whoever asks for more is told to wait, in AWS's words.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use outcrop_wire::fault::Fault;
use outcrop_wire::messages::Usage;

use crate::trouble::too_many;

/// Tokens of the limit that one token of output costs in the end, where the catalogue does not say (unverified: that of
/// the fourth generation).
const BURNDOWN: u64 = 5;

/// What may be asked in a minute, and what is left of it.
#[derive(Debug)]
pub(crate) struct Limits {
    requests: Option<u64>,
    tokens: Option<u64>,
    left: Mutex<HashMap<String, Left>>,
}

#[derive(Debug)]
struct Left {
    requests: f64,
    tokens: f64,
    at: SystemTime,
}

/// What a call takes from. The runtime and Mantle share nothing (documented, quotas); that input and output are limited
/// apart on Mantle is not played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota<'a> {
    /// Of the endpoint: the first label of its host.
    pub(crate) host: &'a str,
    pub(crate) region: &'a str,
    pub(crate) model: &'a str,
    /// What a token of output costs, in tokens of the limit.
    pub(crate) burndown: Option<u64>,
}

/// What a call was let in for.
#[derive(Debug)]
pub(crate) struct Admitted {
    key: String,
    tokens: u64,
    burndown: u64,
}

impl Limits {
    pub(crate) fn new(requests: Option<u64>, tokens: Option<u64>) -> Self {
        Limits { requests, tokens, left: Mutex::default() }
    }

    /// Whether anything is limited.
    pub(crate) fn are_set(&self) -> bool {
        self.requests.is_some() || self.tokens.is_some()
    }

    /// Lets a call in, if there is room for all the tokens that it may take: its input and the most that it may say.
    /// Room comes back as the minute passes.
    ///
    /// # Errors
    /// When there is no room.
    pub(crate) fn admit(&self, quota: &Quota<'_>, tokens: u64, when: SystemTime) -> Result<Admitted, Fault> {
        let Quota { host, region, model, burndown } = quota;
        let (key, burndown) = (format!("{host}/{region}/{model}"), burndown.unwrap_or(BURNDOWN));
        let most = |limit: Option<u64>| limit.map_or(f64::INFINITY, |limit| limit as f64);
        let (requests_most, tokens_most) = (most(self.requests), most(self.tokens));
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let left = left.entry(key.clone()).or_insert(Left { requests: requests_most, tokens: tokens_most, at: when });
        let minutes = when.duration_since(left.at).map_or(0.0, |passed| passed.as_secs_f64() / 60.0);
        if minutes > 0.0 {
            left.requests = (left.requests + requests_most * minutes).min(requests_most);
            left.tokens = (left.tokens + tokens_most * minutes).min(tokens_most);
            left.at = when;
        }
        if left.requests < 1.0 {
            return Err(too_many(false));
        }
        if left.tokens < tokens as f64 {
            return Err(too_many(true));
        }
        left.requests -= 1.0;
        left.tokens -= tokens as f64;
        Ok(Admitted { key, tokens, burndown })
    }

    /// Gives back what was not used: all of it where nothing was answered. Tokens read from the cache are free, those of
    /// output are dear.
    pub(crate) fn settle(&self, admitted: &Admitted, usage: Option<&Usage>) {
        let cost = usage.map_or(0, |usage| {
            let said = usage.output_tokens.saturating_mul(admitted.burndown);
            let written = usage.cache_creation_input_tokens.unwrap_or_default();
            usage.input_tokens.saturating_add(written).saturating_add(said)
        });
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(left), Some(most)) = (left.get_mut(&admitted.key), self.tokens) {
            left.tokens = (left.tokens + admitted.tokens as f64 - cost as f64).min(most as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn quota<'a>(host: &'a str, model: &'a str) -> Quota<'a> {
        Quota { host, region: "us-east-1", model, burndown: None }
    }

    fn message(refused: Result<Admitted, Fault>) -> Option<String> {
        refused.err().map(|fault| fault.message)
    }

    #[test]
    fn requests_come_back_with_time_and_are_counted_by_model_and_endpoint() {
        let limits = Limits::new(Some(2), None);
        let ask = |model, seconds| message(limits.admit(&quota("bedrock-runtime", model), 0, at(seconds)));
        assert_eq!((ask("opus", 0), ask("opus", 0)), (None, None));
        assert_eq!(ask("opus", 1).as_deref(), Some("Too many requests, please wait before trying again."));
        assert_eq!(ask("haiku", 1), None, "another model has room");
        assert_eq!(message(limits.admit(&quota("bedrock-mantle", "opus"), 0, at(1))), None, "so has Mantle");
        assert_eq!(ask("opus", 31), None);
        assert!(ask("opus", 31).is_some());
        assert_eq!(ask("opus", 3600), None);
        assert_eq!(ask("opus", 10), None, "a clock that goes back gives nothing and breaks nothing");
        assert!(ask("opus", 10).is_some());
    }

    #[test]
    fn room_is_kept_for_all_that_may_be_said_and_what_is_not_used_comes_back() {
        let limits = Limits::new(None, Some(1000));
        let ask = |tokens| limits.admit(&quota("bedrock-runtime", "opus"), tokens, at(0));
        assert_eq!(message(ask(1001)).as_deref(), Some("Too many tokens, please wait before trying again."));
        let admitted = ask(900).expect("there is room");
        assert!(message(ask(200)).is_some());
        let usage =
            Usage { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: Some(50), ..Usage::default() };
        limits.settle(&admitted, Some(&usage));
        assert!(message(ask(801)).is_some(), "100 of input and five times 20 are gone");
        let failed = ask(800).expect("there is room");
        limits.settle(&failed, None);
        let cheap = limits.admit(&Quota { burndown: Some(1), ..quota("bedrock-runtime", "opus") }, 800, at(0));
        limits.settle(&cheap.expect("what failed took nothing"), Some(&usage));
        assert!(message(ask(681)).is_some(), "100 of input and 20 are gone");
        assert_eq!(message(ask(680)), None);
    }
}
