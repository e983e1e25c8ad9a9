//! The one retry rule: what is tried again, when, and when no longer.
//!
//! Two retries, 0.5 s doubling to 8 s, times 1 - 0.25 x chance, as the official SDKs have it; the server's own hints
//! come first; and a budget, so that many callers do not make a bad hour worse.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use outcrop_wire::fault::{Advice, Fault};

use crate::error::Kind;

/// How often and how fast to try again.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Retry {
    /// Tries after the first.
    pub max_retries: u32,
    /// The first pause.
    pub first: Duration,
    /// The longest pause of our own.
    pub longest: Duration,
    /// The longest pause that a server may ask for; a longer wish ends the call with it in `retry_after`.
    pub longest_hint: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            max_retries: 2,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(8),
            longest_hint: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// The default with another number of retries.
    #[must_use]
    pub fn times(max_retries: u32) -> Self {
        Retry { max_retries, ..Retry::default() }
    }

    /// No retries.
    #[must_use]
    pub fn none() -> Self {
        Retry::times(0)
    }

    /// The pause before retry number `retries` (0 for the first), with `chance` in 0..1.
    pub(crate) fn pause(&self, retries: u32, hint: Option<Duration>, chance: f64) -> Option<Duration> {
        match hint {
            Some(hint) => (hint <= self.longest_hint).then_some(hint),
            None => {
                let doubled = self.first.saturating_mul(2u32.saturating_pow(retries.min(16)));
                let pause = doubled.min(self.longest);
                Some(pause - pause.mul_f64(0.25 * chance.clamp(0.0, 1.0)))
            }
        }
    }
}

/// Whether a failed try may be repeated as it was.
pub(crate) fn may_repeat(fault: &Fault, headers: &HeaderMap) -> bool {
    match headers.get("x-should-retry").and_then(|value| value.to_str().ok()) {
        Some("true") => true,
        Some("false") => false,
        _ => matches!(fault.advice(), Advice::Wait | Advice::Throttle),
    }
}

/// A connection that failed or broke is worth another try while nothing was handed out. Silence is not: the model may
/// have been at work all the while, and would be paid for twice.
pub(crate) fn may_repeat_after(kind: Kind) -> bool {
    matches!(kind, Kind::Connect | Kind::Interrupted)
}

/// What the server asks for: `retry-after-ms`, then `retry-after` in seconds or as a date.
pub(crate) fn hint(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let positive = |seconds: f64| (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten();
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return positive(milliseconds / 1000.0);
    }
    let after = text("retry-after")?;
    match after.parse::<f64>() {
        Ok(seconds) => positive(seconds),
        Err(_) => httpdate::parse_http_date(after).ok()?.duration_since(now).ok(),
    }
}

/// Tokens that retries cost and successes give back, shared by all calls of a client.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

impl Budget {
    const FULL: u32 = 500;
    const COST: u32 = 5;

    pub(crate) fn new() -> Self {
        Budget(AtomicU32::new(Budget::FULL))
    }

    /// Whether a retry may be had.
    pub(crate) fn spend(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(Budget::COST)).is_ok()
    }

    /// A success gives a little back.
    pub(crate) fn refund(&self) {
        if self.0.load(Ordering::Relaxed) < Budget::FULL {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_with_jitter_below() {
        let retry = Retry::default();
        let seconds = |retries, chance| retry.pause(retries, None, chance).map(|pause| pause.as_secs_f64());
        assert_eq!(seconds(0, 0.0), Some(0.5));
        assert_eq!(seconds(0, 1.0), Some(0.375));
        assert_eq!(seconds(1, 0.0), Some(1.0));
        assert_eq!(seconds(40, 0.0), Some(8.0));
        assert_eq!(retry.pause(0, Some(Duration::from_secs(3)), 0.5), Some(Duration::from_secs(3)));
        assert_eq!(retry.pause(0, Some(Duration::from_secs(61)), 0.5), None);
        let endless = Retry { first: Duration::MAX, longest: Duration::MAX, ..Retry::default() };
        assert_eq!(endless.pause(1, None, 0.0), Some(Duration::MAX));
    }

    #[test]
    fn the_server_may_ask_in_three_ways() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let ask = |pairs: &[(&'static str, &str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a value")));
            hint(&headers.collect(), now)
        };
        assert_eq!(ask(&[("retry-after-ms", "1500"), ("retry-after", "9")]), Some(Duration::from_millis(1500)));
        assert_eq!(ask(&[("retry-after", "2.5")]), Some(Duration::from_millis(2500)));
        let date = httpdate::fmt_http_date(now + Duration::from_secs(7));
        assert_eq!(ask(&[("retry-after", &date)]), Some(Duration::from_secs(7)));
        assert_eq!(ask(&[("retry-after", "-1")]), None);
        assert_eq!(ask(&[("retry-after", "soon")]), None);
        assert_eq!(ask(&[]), None);
    }

    #[test]
    fn a_budget_ends_and_grows_back() {
        let budget = Budget::new();
        let had = (0..200).filter(|_| budget.spend()).count();
        assert_eq!(had, 100);
        for _ in 0..5 {
            budget.refund();
        }
        assert!(budget.spend() && !budget.spend());
    }
}
