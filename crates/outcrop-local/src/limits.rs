//! Requests and tokens a minute and a day, by model, kind of id, region and endpoint: whoever asks for more is told to
//! wait, in AWS's words.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use outcrop_wire::fault::Fault;
use outcrop_wire::messages::Usage;

use crate::quotas::{Quotas, Way};
use crate::trouble::{Much, too_many};

/// Tokens of the limit that one token of output costs in the end, where the catalogue does not say (unverified: that of
/// the fourth generation).
const BURNDOWN: u64 = 5;

/// What may be asked for, and what is left of it.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Of every model, whatever the quotas say.
    requests: Option<u64>,
    tokens: Option<u64>,
    quotas: Quotas,
    left: Mutex<HashMap<String, Left>>,
}

/// What is left of the limits of a call, each with the most there may be.
#[derive(Debug)]
struct Left {
    requests: Room,
    tokens: Room,
    tokens_a_day: Room,
    /// Of what is said, on Mantle.
    output: Room,
    at: SystemTime,
}

/// What is left of one limit. It comes back as time passes.
#[derive(Debug)]
struct Room {
    most: f64,
    left: f64,
    /// How long all of it takes to come back, in seconds.
    period: f64,
}

impl Room {
    fn new(most: Option<u64>, period: f64) -> Self {
        let most = most.map_or(f64::INFINITY, |most| most as f64);
        Room { most, left: most, period }
    }

    fn pass(&mut self, seconds: f64) {
        // Of no limit there is nothing to give back.
        if self.most.is_finite() {
            self.give(self.most * (seconds / self.period));
        }
    }

    fn give(&mut self, back: f64) {
        self.left = (self.left + back).min(self.most);
    }
}

const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;

/// What a call takes from. The runtime and Mantle share nothing (documented, quotas).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket<'a> {
    pub(crate) region: &'a str,
    pub(crate) model: &'a str,
    pub(crate) way: Way,
    /// What a token of output costs, in tokens of the limit.
    pub(crate) burndown: Option<u64>,
}

/// What a call was let in for.
#[derive(Debug)]
pub(crate) struct Admitted {
    key: String,
    tokens: u64,
    burndown: u64,
    /// How much may be said, where that is limited apart.
    pub(crate) output: Option<u64>,
}

impl Limits {
    pub(crate) fn new(requests: Option<u64>, tokens: Option<u64>, quotas: Quotas) -> Self {
        Limits { requests, tokens, quotas, left: Mutex::default() }
    }

    /// Whether anything is limited.
    pub(crate) fn are_set(&self) -> bool {
        self.requests.is_some() || self.tokens.is_some() || !self.quotas.is_empty()
    }

    /// Lets a call in, if there is room for all the tokens that it may take: its input and the most that it may say.
    /// Room comes back as the minute or the day passes; when AWS gives back a day's is not known.
    ///
    /// # Errors
    /// When there is no room.
    pub(crate) fn admit(&self, bucket: &Bucket<'_>, tokens: u64, when: SystemTime) -> Result<Admitted, Fault> {
        let Bucket { region, model, way, burndown } = bucket;
        let burndown = match way {
            // Documented: what was not said of `max_tokens` comes back, one for one.
            Way::Mantle => 1,
            _ => burndown.unwrap_or(BURNDOWN),
        };
        let key = format!("{region}/{model}/{way:?}");
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let left = left.entry(key.clone()).or_insert_with(|| self.whole(bucket, when));
        let passed = when.duration_since(left.at).map_or(0.0, |passed| passed.as_secs_f64());
        if passed > 0.0 {
            for room in [&mut left.requests, &mut left.tokens, &mut left.tokens_a_day, &mut left.output] {
                room.pass(passed);
            }
            left.at = when;
        }
        let wanted = tokens as f64;
        if left.requests.left < 1.0 {
            return Err(too_many(Much::Requests));
        }
        if left.tokens_a_day.left < wanted.max(1.0) {
            return Err(too_many(Much::TokensADay));
        }
        if left.tokens.left < wanted {
            return Err(too_many(Much::Tokens));
        }
        left.requests.left -= 1.0;
        left.tokens.left -= wanted;
        left.tokens_a_day.left -= wanted;
        // No call is refused for what others said: its own answer is cut short, and says a word at least.
        let output = left.output.most.is_finite().then_some(left.output.left.max(1.0) as u64);
        Ok(Admitted { key, tokens, burndown, output })
    }

    /// All that a call may take from.
    fn whole(&self, bucket: &Bucket<'_>, when: SystemTime) -> Left {
        let quota = self.quotas.of(bucket.model, bucket.way);
        Left {
            requests: Room::new(self.requests.or(quota.requests), MINUTE),
            tokens: Room::new(self.tokens.or(quota.tokens), MINUTE),
            tokens_a_day: Room::new(quota.a_day(bucket.way), DAY),
            output: Room::new(quota.output_tokens, MINUTE),
            at: when,
        }
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
        if let Some(left) = left.get_mut(&admitted.key) {
            let back = admitted.tokens as f64 - cost as f64;
            left.tokens.give(back);
            left.tokens_a_day.give(back);
            left.output.left -= usage.map_or(0, |usage| usage.output_tokens) as f64;
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

    fn bucket(model: &str) -> Bucket<'_> {
        Bucket { region: "us-east-1", model, way: Way::Global, burndown: None }
    }

    fn message(refused: Result<Admitted, Fault>) -> Option<String> {
        refused.err().map(|fault| fault.message)
    }

    #[test]
    fn requests_come_back_with_time_and_are_counted_by_model_and_endpoint() {
        let limits = Limits::new(Some(2), None, Quotas::default());
        let ask = |model, seconds| message(limits.admit(&bucket(model), 0, at(seconds)));
        assert_eq!((ask("opus", 0), ask("opus", 0)), (None, None));
        assert_eq!(ask("opus", 1).as_deref(), Some("Too many requests, please wait before trying again."));
        assert_eq!(ask("haiku", 1), None, "another model has room");
        assert_eq!(
            message(limits.admit(&Bucket { way: Way::Mantle, ..bucket("opus") }, 0, at(1))),
            None,
            "so has Mantle"
        );
        assert_eq!(ask("opus", 31), None);
        assert!(ask("opus", 31).is_some());
        assert_eq!(ask("opus", 3600), None);
        assert_eq!(ask("opus", 10), None, "a clock that goes back gives nothing and breaks nothing");
        assert!(ask("opus", 10).is_some());
    }

    #[test]
    fn room_is_kept_for_all_that_may_be_said_and_what_is_not_used_comes_back() {
        let limits = Limits::new(None, Some(1000), Quotas::default());
        let ask = |tokens| limits.admit(&bucket("opus"), tokens, at(0));
        assert_eq!(message(ask(1001)).as_deref(), Some("Too many tokens, please wait before trying again."));
        let admitted = ask(900).expect("there is room");
        assert!(message(ask(200)).is_some());
        let usage =
            Usage { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: Some(50), ..Usage::default() };
        limits.settle(&admitted, Some(&usage));
        assert!(message(ask(801)).is_some(), "100 of input and five times 20 are gone");
        let failed = ask(800).expect("there is room");
        limits.settle(&failed, None);
        let cheap = limits.admit(&Bucket { burndown: Some(1), ..bucket("opus") }, 800, at(0));
        limits.settle(&cheap.expect("what failed took nothing"), Some(&usage));
        assert!(message(ask(681)).is_some(), "100 of input and 20 are gone");
        assert_eq!(message(ask(680)), None);
    }

    #[test]
    fn on_mantle_what_goes_in_and_what_is_said_are_limited_apart() {
        let text = "[[quota]]\nway = \"mantle\"\ninput_tokens = 1000\noutput_tokens = 60\n";
        let limits = Limits::new(None, None, Quotas::parse(text).expect("quotas"));
        let ask = |tokens, seconds| limits.admit(&Bucket { way: Way::Mantle, ..bucket("opus") }, tokens, at(seconds));
        let first = ask(900, 0).expect("there is room");
        assert_eq!(first.output, Some(60));
        let usage = Usage { input_tokens: 100, output_tokens: 50, ..Usage::default() };
        limits.settle(&first, Some(&usage));
        assert!(message(ask(851, 0)).is_some(), "100 of input and 50 that were said are gone");
        let second = ask(850, 0).expect("there is room");
        assert_eq!(second.output, Some(10));
        limits.settle(&second, Some(&Usage { output_tokens: 10, ..Usage::default() }));
        assert_eq!(ask(1, 0).expect("there is room").output, Some(1), "it may say a word");
        assert_eq!(ask(1, 30).expect("there is room").output, Some(30), "half a minute later");
        let runtime = limits.admit(&bucket("opus"), 9000, at(0)).expect("the runtime is not limited");
        assert_eq!(runtime.output, None);
    }

    #[test]
    fn each_kind_of_id_has_a_quota_of_its_own_and_a_day_has_one_too() {
        let quotas = Quotas::parse(
            "[[quota]]\nway = \"global\"\ntokens = 1000\ntokens_a_day = 1500\n[[quota]]\nway = \"cross-region\"\nrequests = 1\n",
        );
        let limits = Limits::new(None, None, quotas.expect("quotas"));
        let ask = |way, tokens, seconds| message(limits.admit(&Bucket { way, ..bucket("opus") }, tokens, at(seconds)));
        assert_eq!(ask(Way::Global, 1000, 0), None);
        assert_eq!(ask(Way::Global, 1, 0).as_deref(), Some("Too many tokens, please wait before trying again."));
        assert_eq!(ask(Way::CrossRegion, 1000, 0), None);
        assert_eq!(ask(Way::CrossRegion, 0, 0).as_deref(), Some("Too many requests, please wait before trying again."));
        assert_eq!((ask(Way::OnDemand, 5000, 0), ask(Way::OnDemand, 5000, 0)), (None, None));
        let day = ask(Way::Global, 600, 60);
        assert_eq!(day.as_deref(), Some("Too many tokens per day, please wait before trying again."));
        assert_eq!(ask(Way::Global, 600, 86_400), None);
        assert_eq!(ask(Way::Mantle, 9000, 0), None, "Mantle has others");
        let new = Limits::new(None, None, Quotas::new_account());
        let none = message(new.admit(&bucket("opus"), 0, at(0)));
        assert_eq!(none.as_deref(), Some("Too many tokens per day, please wait before trying again."));
    }
}
