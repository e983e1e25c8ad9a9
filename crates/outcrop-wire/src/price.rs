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
    /// What a batch costs less, in percent.
    pub batch: u64,
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
        self.times(100 + self.premium)
    }

    /// The price of the same in a batch job.
    #[must_use]
    pub fn in_batch(&self) -> Self {
        self.times(100 - self.batch.min(100))
    }

    /// Every price, so many hundredths of it.
    fn times(&self, percent: u64) -> Self {
        let of = |price: u64| price * percent / 100;
        Price {
            input: of(self.input),
            output: of(self.output),
            cache_write_5m: of(self.cache_write_5m),
            cache_write_1h: of(self.cache_write_1h),
            cache_read: of(self.cache_read),
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
        let batch = price(Model::CLAUDE_OPUS_4_6, Scope::Geo(Geo::Eu), 10).in_batch();
        assert_eq!((batch.input, batch.output), (2_750_000, 13_750_000));
        let small = Usage { input_tokens: 12, output_tokens: 3, ..Usage::default() };
        assert_eq!(small.cost(&price(Model::CLAUDE_HAIKU_4_5, Scope::Global, 12)).to_string(), "$0.000027");
    }

    /// Every price of a model: input, output, writes of five minutes and of an hour, reads, and outside the global scope
    /// input and output.
    #[test]
    fn prices_are_those_of_the_list() {
        // platform.claude.com, pricing; models without a premium outside the global scope cost the same everywhere.
        let list: [(&[Model], u64, [u64; 7]); 12] = [
            (&[Model::CLAUDE_FABLE_5_1], 1, [10_000, 50_000, 12_500, 20_000, 250, 11_000, 55_000]),
            (&[Model::CLAUDE_FABLE_5], 1, [10_000, 50_000, 12_500, 20_000, 1_000, 11_000, 55_000]),
            (&[Model::CLAUDE_OPUS_5_5], 1, [4_000, 20_000, 5_000, 8_000, 200, 4_400, 22_000]),
            (
                &[
                    Model::CLAUDE_OPUS_5,
                    Model::CLAUDE_OPUS_4_8,
                    Model::CLAUDE_OPUS_4_7,
                    Model::CLAUDE_OPUS_4_6,
                    Model::CLAUDE_OPUS_4_5,
                ],
                1_000_000,
                [5_000, 25_000, 6_250, 10_000, 500, 5_500, 27_500],
            ),
            (&[Model::CLAUDE_OPUS_4_1], 1, [15_000, 75_000, 18_750, 30_000, 1_500, 15_000, 75_000]),
            (&[Model::CLAUDE_SONNET_5_5], 1, [2_000, 10_000, 2_500, 4_000, 100, 2_200, 11_000]),
            (&[Model::CLAUDE_SONNET_5], 1, [2_000, 10_000, 2_500, 4_000, 200, 2_200, 11_000]),
            (
                &[Model::CLAUDE_SONNET_4_6, Model::CLAUDE_SONNET_4_5],
                200_000,
                [3_000, 15_000, 3_750, 6_000, 300, 3_300, 16_500],
            ),
            (&[Model::CLAUDE_SONNET_4], 200_000, [3_000, 15_000, 3_750, 6_000, 300, 3_000, 15_000]),
            (&[Model::CLAUDE_HAIKU_5_5], 100_000, [100, 500, 125, 200, 10, 110, 550]),
            (&[Model::CLAUDE_HAIKU_5_5], 100_001, [500, 2_500, 625, 1_000, 50, 550, 2_750]),
            (&[Model::CLAUDE_HAIKU_4_5], 1, [1_000, 5_000, 1_250, 2_000, 100, 1_100, 5_500]),
        ];
        let catalogue = Catalogue::built_in();
        for (models, input, listed) in list {
            let [base_in, base_out, five, hour, read, geo_in, geo_out] = listed.map(|thousandths| thousandths * 1_000);
            for model in models {
                let price = |scope: Scope| catalogue.price(*model, &scope, input, "2026-11-23").expect("a price");
                let base = price(Scope::Global);
                assert_eq!((base.input, base.output, base.cache_read), (base_in, base_out, read), "{model:?}");
                assert_eq!((base.cache_write_5m, base.cache_write_1h), (five, hour), "{model:?}");
                for scope in [Scope::Regional, Scope::Geo(Geo::Us), Scope::Geo(Geo::Jp)] {
                    let price = price(scope);
                    assert_eq!((price.input, price.output), (geo_in, geo_out), "{model:?}");
                    // What the cache costs grows with the rest.
                    assert_eq!(price.cache_read * base_in, read * geo_in, "{model:?}");
                    assert_eq!(price.cache_write_1h * base_in, hour * geo_in, "{model:?}");
                    assert_eq!(price.in_batch().cache_write_5m * 2 * base_in, five * geo_in, "{model:?}");
                }
            }
        }
    }
}
