//! Which quota a throttled call went over, as AWS's sentences say it.
//!
//! Source: `Too many tokens` and `Too many requests` in public reports; `Too many tokens per day` is remembered and widely
//! seen. The fronts of Bedrock name no number and no quota.

use super::{Advice, Fault};

/// A quota of calls to models; each counts for one model, region and account, and profiles apart from the model itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Quota {
    /// Requests a minute.
    RequestsPerMinute,
    /// Tokens a minute.
    TokensPerMinute,
    /// Tokens a day.
    TokensPerDay,
}

/// A part of the message; the first that fits.
const WORDS: [(&str, Quota); 3] = [
    ("tokens per day", Quota::TokensPerDay),
    ("Too many tokens", Quota::TokensPerMinute),
    ("Too many requests", Quota::RequestsPerMinute),
];

impl Fault {
    /// The quota that a throttled call went over, where the message says which.
    ///
    /// ```
    /// # use outcrop_wire::fault::{Fault, Origin, Quota};
    /// let fault = Fault::new("ThrottlingException", "Too many tokens, please wait before trying again.", Origin::Http);
    /// assert_eq!(fault.quota(), Some(Quota::TokensPerMinute));
    /// ```
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        if self.advice() != Advice::Throttle {
            return None;
        }
        WORDS.iter().find(|(words, _)| self.message.contains(words)).map(|(_, quota)| *quota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Origin;

    #[test]
    fn a_throttle_says_which_quota() {
        for (message, quota) in [
            ("Too many tokens per day, please wait before trying again.", Some(Quota::TokensPerDay)),
            ("Too many requests, please wait before trying again.", Some(Quota::RequestsPerMinute)),
            ("Your request rate is too high", None),
        ] {
            assert_eq!(Fault::new("ThrottlingException", message, Origin::Http).quota(), quota, "{message}");
        }
        assert_eq!(Fault::new("ValidationException", "Too many tokens", Origin::Http).quota(), None);
    }
}
