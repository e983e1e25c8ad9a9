//! The models and what they accept, as data: each row says where it comes from and when it holds.

mod lifecycle;
mod profile;
mod resolve;
mod rows;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer};

pub use self::lifecycle::{Lifecycle, Phase};
pub use self::profile::ProfileRow;
pub use crate::capability::{Capabilities, KEYS, PdfView, Sampling, Upgrade};
use crate::model::Model;
use crate::near::near;
pub use crate::price::{Cost, Price};
use crate::record::record;
use crate::scope::Scope;
use crate::surface::Surface;

/// A model.
#[derive(Debug, PartialEq)]
pub struct ModelRow {
    /// Our name: `claude-opus-4-6`.
    pub name: &'static str,
    /// For people: `Claude Opus 4.6`.
    pub title: &'static str,
    /// The base id: `anthropic.claude-opus-4-6-v1`.
    pub base: &'static str,
    /// What a reply's `model` says.
    pub reply: &'static str,
    /// Shorter names of ours.
    pub short: &'static [&'static str],
    /// Other spellings of the base id.
    pub aliases: &'static [&'static str],
    /// The inference profiles there are.
    pub profiles: &'static [ProfileRow],
    /// How long there will be such a model, where AWS says.
    pub lifecycle: Option<Lifecycle>,
    /// Where this row comes from.
    pub source: &'static str,
    /// First day it holds, ISO date.
    pub since: Option<&'static str>,
    /// Last day it holds, ISO date.
    pub until: Option<&'static str>,
}

/// A model that has reached the end of its life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetiredRow {
    /// Its base id: `anthropic.claude-3-haiku-20240307-v1:0`.
    pub base: &'static str,
    /// For people: `Claude Haiku 3`.
    pub title: &'static str,
    /// Where this row comes from.
    pub source: &'static str,
    /// The first day without it, ISO date, where it is known.
    pub since: Option<&'static str>,
}

/// Something a model accepts on a surface. What the keys mean is told by [`Capabilities`].
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    /// Our name of the model, or `*`.
    pub model: Cow<'static, str>,
    /// The surface's name, or `*`.
    pub surface: Cow<'static, str>,
    /// What is said: `version.sent`, `output.max`, ...
    pub key: Cow<'static, str>,
    /// Its value, as text. Lists are words separated by spaces.
    pub value: Cow<'static, str>,
    /// First day it holds, ISO date.
    pub since: Option<Cow<'static, str>>,
    /// Last day it holds, ISO date.
    pub until: Option<Cow<'static, str>>,
    /// Where this row comes from.
    pub source: Cow<'static, str>,
}

record! {
    /// A row as a file of the caller's has it.
    #[allow(unreachable_pub)] // what `record!` declares is public
    pub struct OwnRow {
        /// See [`Capability`].
        required model: String,
        /// See [`Capability`].
        required surface: String,
        /// See [`Capability`].
        required key: String,
        /// See [`Capability`].
        required value: String,
        /// See [`Capability`].
        optional since: String,
        /// See [`Capability`].
        optional until: String,
        /// See [`Capability`].
        optional source: String,
    }
}

/// From an object with these members, `since`, `until` and `source` optional.
impl<'de> Deserialize<'de> for Capability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = OwnRow::deserialize(deserializer)?;
        if let Some((name, _)) = row.extra.iter().next() {
            return Err(serde::de::Error::unknown_field(name, OwnRow::MEMBERS));
        }
        Ok(Capability {
            model: row.model.into(),
            surface: row.surface.into(),
            key: row.key.into(),
            value: row.value.into(),
            since: row.since.map(Cow::from),
            until: row.until.map(Cow::from),
            source: row.source.map_or(Cow::Borrowed("set by the caller"), Cow::from),
        })
    }
}

impl Capability {
    const fn row(
        model: &'static str,
        surface: &'static str,
        key: &'static str,
        value: &'static str,
        since: Option<&'static str>,
        until: Option<&'static str>,
        source: &'static str,
    ) -> Self {
        const fn day(day: Option<&'static str>) -> Option<Cow<'static, str>> {
            match day {
                Some(day) => Some(Cow::Borrowed(day)),
                None => None,
            }
        }
        Capability {
            model: Cow::Borrowed(model),
            surface: Cow::Borrowed(surface),
            key: Cow::Borrowed(key),
            value: Cow::Borrowed(value),
            since: day(since),
            until: day(until),
            source: Cow::Borrowed(source),
        }
    }

    fn holds(&self, today: &str) -> bool {
        holds(self.since.as_deref(), self.until.as_deref(), today)
    }
}

fn holds(since: Option<&str>, until: Option<&str>, today: &str) -> bool {
    since.is_none_or(|since| since <= today) && until.is_none_or(|until| today <= until)
}

/// The tables.
#[derive(Clone, Debug)]
pub struct Catalogue {
    models: &'static [ModelRow],
    capabilities: Cow<'static, [Capability]>,
    /// How many of them are the caller's own: the first ones.
    own: usize,
    /// The places of a model's rows, found once: every call asks.
    by_model: OnceLock<HashMap<Cow<'static, str>, Vec<usize>>>,
    prices: &'static [Price],
    retired: &'static [RetiredRow],
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue::built_in()
    }
}

impl Catalogue {
    /// The tables that came with this version.
    #[must_use]
    pub const fn built_in() -> Self {
        Catalogue {
            models: rows::MODELS,
            capabilities: Cow::Borrowed(rows::CAPABILITIES),
            own: 0,
            by_model: OnceLock::new(),
            prices: rows::PRICES,
            retired: rows::RETIRED,
        }
    }

    /// The same tables with rows of the caller's own, which stand before those that came with this version.
    ///
    /// # Errors
    /// When a row is about a key, a surface or a model that there is not, and names it.
    pub fn with_capabilities(&self, rows: Vec<Capability>) -> Result<Self, String> {
        for row in &rows {
            let Capability { model, surface, key, .. } = row;
            if !KEYS.contains(&&**key) {
                return Err(format!("no capability is called `{key}`; there are {}", KEYS.join(", ")));
            }
            if surface != "*" && !Surface::rows().iter().any(|known| known.name == surface) {
                return Err(format!("no surface is called `{surface}`"));
            }
            if model != "*" && !self.models.iter().any(|known| known.name == model) {
                return Err(format!("no model is called `{model}`"));
            }
        }
        let own = self.own + rows.len();
        let capabilities = rows.into_iter().chain(self.capabilities.iter().cloned()).collect();
        Ok(Catalogue { capabilities, own, by_model: OnceLock::new(), ..self.clone() })
    }

    /// What `model` accepts on `surface` today: the table, read by meaning.
    #[must_use]
    pub fn accepts(&self, model: Option<Model>, surface: Surface, today: &str) -> Capabilities<'_> {
        Capabilities::new(self, model, surface, today)
    }

    /// Every row that holds today for a model on a surface, the caller's own before ours, and each in this order: those
    /// of both, those of the model on every surface, those of every model on this surface, those of every model
    /// everywhere.
    pub(crate) fn holding(&self, model: Option<Model>, surface: Surface, today: &str) -> Vec<&Capability> {
        let by_model = self.by_model.get_or_init(|| {
            let mut by_model: HashMap<Cow<'static, str>, Vec<usize>> = HashMap::new();
            for (at, row) in self.capabilities.iter().enumerate() {
                by_model.entry(row.model.clone()).or_default().push(at);
            }
            by_model
        });
        let surface = surface.row().name;
        let mut rows = Vec::with_capacity(64);
        let ours = 0..self.own;
        let built_in = self.own..self.capabilities.len();
        for whose in [ours, built_in].iter().filter(|whose| !whose.is_empty()) {
            for name in model.map(Model::name).into_iter().chain(["*"]) {
                for surface in [surface, "*"] {
                    let of_model = by_model.get(name).into_iter().flatten().filter(|at| whose.contains(at));
                    let of_model = of_model.filter_map(|at| self.capabilities.get(*at));
                    rows.extend(of_model.filter(|row| row.surface == surface && row.holds(today)));
                }
            }
        }
        rows
    }

    /// What a million tokens of `model` cost in `scope`, for a request of so many tokens of input, cache reads and
    /// writes counted.
    #[must_use]
    pub fn price(&self, model: Model, scope: &Scope, input: u64, today: &str) -> Option<Price> {
        let rows = self.prices.iter().filter(|row| {
            row.model == model.name() && (row.above == 0 || input > row.above) && holds(row.since, row.until, today)
        });
        let row = rows.max_by_key(|row| row.above)?;
        Some(if *scope == Scope::Global { row.clone() } else { row.with_premium() })
    }

    /// Whether a row names a region. AWS opens new ones.
    #[must_use]
    pub fn knows_region(&self, region: &str) -> bool {
        rows::REGIONS.contains(&region)
    }

    /// The regions that a row names, in the order of the alphabet.
    pub fn regions(&self) -> impl Iterator<Item = &'static str> + use<> {
        rows::REGIONS.iter().copied()
    }

    /// Every model, newest family first.
    pub fn models(&self) -> impl Iterator<Item = Model> {
        self.models.iter().map(Model::row_of)
    }

    /// The names and ids of models that are spelled nearly as `typed`: the nearest, where any is near.
    #[must_use]
    pub fn names_near(&self, typed: &str) -> Vec<&'static str> {
        let rows = self.models().map(Model::row);
        near(typed, rows.flat_map(|row| row.short.iter().copied().chain([row.name, row.base])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unambiguous_and_rows_say_where_they_come_from() {
        let catalogue = Catalogue::built_in();
        let mut seen = std::collections::HashSet::new();
        for row in catalogue.models {
            assert!(
                !row.source.is_empty() && row.profiles.iter().all(|profile| !profile.source.is_empty()),
                "{}",
                row.name
            );
            for name in [row.name, row.base]
                .iter()
                .chain(row.short)
                .chain(row.aliases)
                .chain((row.reply != row.name).then_some(&row.reply))
            {
                assert!(seen.insert(*name), "{name} names two models");
            }
        }
        let surfaces: Vec<&str> = Surface::rows().iter().map(|surface| surface.name).collect();
        for row in catalogue.capabilities.iter() {
            assert!(
                !row.source.is_empty()
                    && (row.surface == "*" || surfaces.contains(&&*row.surface))
                    && KEYS.contains(&&*row.key),
                "{row:?}"
            );
        }
        for (row, model) in catalogue.models.iter().zip(catalogue.models()) {
            assert_eq!(model.scopes().count(), row.profiles.len(), "{}: a profile of an unknown scope", row.name);
        }
    }

    #[test]
    fn a_row_holds_between_its_days() {
        let row = Capability::row("*", "InvokeModel", "k", "v", Some("2026-02-01"), Some("2026-03-01"), "s");
        assert!(
            !row.holds("2026-01-31") && row.holds("2026-02-01") && row.holds("2026-03-01") && !row.holds("2026-03-02")
        );
    }
}
