//! What tokens cost.

use std::fmt;

use crate::messages::Usage;

/// What a million tokens of one model cost: millionths of a US dollar.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Our name of the model.
    pub model: &'static str,
    /// Input.
    pub input: u64,
    /// Output, thinking included.
    pub output: u64,
    /// Input written to the cache for five minutes.
    pub cache_write_5m: u64,
    /// Input written to the cache for an hour.
    pub cache_write_1h: u64,
    /// Input read from the cache.
    pub cache_read: u64,
    /// For requests of more input than this.
    pub above: u64,
    /// What every scope but the global one adds, in percent.
    pub premium: u64,
    /// First day it holds, ISO date.
    pub since: Option<&'static str>,
    /// Last day it holds, ISO date.
    pub until: Option<&'static str>,
    /// Where this row comes from.
    pub source: &'static str,
}

/// A sum of money: millionths of millionths of a US dollar, so that sums of many small calls stay exact.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cost(u128);

/// Picodollars a dollar.
const DOLLAR: u128 = 1_000_000_000_000;

impl Price {
    /// The price outside the global scope.
    pub(crate) fn with_premium(&self) -> Self {
        let more = |price: u64| price * (100 + self.premium) / 100;
        Price {
            input: more(self.input),
            output: more(self.output),
            cache_write_5m: more(self.cache_write_5m),
            cache_write_1h: more(self.cache_write_1h),
            cache_read: more(self.cache_read),
            ..self.clone()
        }
    }
}

impl Usage {
    /// What these tokens cost. Cache writes whose lifetime is not told cost as those of five minutes.
    #[must_use]
    pub fn cost(&self, price: &Price) -> Cost {
        let writes = self.cache_creation_input_tokens.unwrap_or(0);
        let hour = self.cache_creation.as_ref().map_or(0, |split| split.ephemeral_1h_input_tokens).min(writes);
        let parts = [
            (self.input_tokens, price.input),
            (self.output_tokens, price.output),
            (writes - hour, price.cache_write_5m),
            (hour, price.cache_write_1h),
            (self.cache_read_input_tokens.unwrap_or(0), price.cache_read),
        ];
        Cost(parts.iter().map(|(tokens, price)| u128::from(*tokens) * u128::from(*price)).sum())
    }
}

impl Cost {
    /// US dollars.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // for showing; sums are made before
    pub fn dollars(self) -> f64 {
        self.0 as f64 / DOLLAR as f64
    }
}

impl std::ops::Add for Cost {
    type Output = Cost;
    fn add(self, other: Cost) -> Cost {
        Cost(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(costs: I) -> Cost {
        costs.fold(Cost::default(), |sum, cost| sum + cost)
    }
}

/// `$0.0123`: cents, and as many digits after them as a small sum needs.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("$0"),
            sum if sum < DOLLAR / 1_000_000 => f.write_str("<$0.000001"),
            sum if sum < DOLLAR / 100 => write!(f, "${:.6}", self.dollars()),
            sum if sum < DOLLAR => write!(f, "${:.4}", self.dollars()),
            _ => write!(f, "${:.2}", self.dollars()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::messages::CacheCreation;
    use crate::model::Model;
    use crate::scope::{Geo, Scope};

    #[test]
    fn tokens_cost_by_kind_and_scope() {
        let catalogue = Catalogue::built_in();
        let price = |model, scope, input| catalogue.price(model, &scope, input, "2026-11-23").expect("a price");
        let usage = Usage {
            input_tokens: 1_000_000,
            output_tokens: 100_000,
            cache_creation_input_tokens: Some(300_000),
            cache_read_input_tokens: Some(1_000_000),
            cache_creation: Some(CacheCreation { ephemeral_1h_input_tokens: 100_000, ..CacheCreation::default() }),
            ..Usage::default()
        };
        // 5 + 2.5 + 0.2 * 6.25 + 0.1 * 10 + 0.5
        assert_eq!(usage.cost(&price(Model::CLAUDE_OPUS_4_6, Scope::Global, 10)).to_string(), "$10.25");
        assert_eq!(usage.cost(&price(Model::CLAUDE_OPUS_4_6, Scope::Geo(Geo::Eu), 10)).to_string(), "$11.28");
        assert_eq!(price(Model::CLAUDE_SONNET_4, Scope::Geo(Geo::Us), 10).input, 3_000_000);
        assert_eq!(price(Model::CLAUDE_SONNET_4_5, Scope::Global, 200_001).output, 22_500_000);
        assert_eq!(price(Model::CLAUDE_HAIKU_5_5, Scope::Global, 100_000).cache_read, 10_000);
        assert!(catalogue.price(Model::CLAUDE_FABLE_5_2, &Scope::Global, 1, "2026-11-23").is_none());
        let sonnet = |day| catalogue.price(Model::CLAUDE_SONNET_5_5, &Scope::Global, 1, day).map(|row| row.cache_read);
        assert_eq!((sonnet("2026-10-06"), sonnet("2026-10-07")), (Some(200_000), Some(100_000)));
        let small = Usage { input_tokens: 12, output_tokens: 3, ..Usage::default() };
        assert_eq!(small.cost(&price(Model::CLAUDE_HAIKU_4_5, Scope::Global, 12)).to_string(), "$0.000027");
    }
}
