//! How long there will be a model, as AWS says it: Active, Legacy, and the end of its life.

use super::RetiredRow;
use crate::model::Model;

/// What AWS says of a model's end. Days are ISO dates.
#[derive(Debug, PartialEq)]
pub struct Lifecycle {
    /// The end comes no sooner: what model cards promise while a model is Active.
    pub not_before: Option<&'static str>,
    /// The first day as Legacy: whoever has not used the model cannot begin to, and who does not use it may lose it.
    pub legacy: Option<&'static str>,
    /// The first day of public extended access, in which it may cost more.
    pub extended: Option<&'static str>,
    /// The first day without it.
    pub ends: Option<&'static str>,
    /// The regions that legacy, extended access and end were announced for; empty where they hold everywhere.
    pub regions: &'static [&'static str],
    /// Where this row comes from.
    pub source: &'static str,
}

/// Where a model is in its life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// AWS has announced no end.
    Active,
    /// AWS has announced the end.
    Legacy,
    /// AWS serves it no more.
    Ended,
}

impl Phase {
    /// `active`, `legacy`, `ended`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Active => "active",
            Phase::Legacy => "legacy",
            Phase::Ended => "ended",
        }
    }
}

impl Lifecycle {
    /// Whether an end was announced for a region; where no region is known, for any.
    #[must_use]
    pub fn is_announced_for(&self, region: Option<&str>) -> bool {
        (self.legacy.is_some() || self.ends.is_some())
            && (self.regions.is_empty() || region.is_none_or(|region| self.regions.contains(&region)))
    }
}

impl Model {
    /// What AWS has announced of its end in a region: legacy, extended access, end. From where it cannot be called, what holds
    /// anywhere.
    #[must_use]
    pub fn announced(self, region: Option<&str>) -> Option<&'static Lifecycle> {
        let region =
            region.filter(|region| self.row().profiles.iter().any(|row| row.source_regions().contains(region)));
        self.row().lifecycle.as_ref().filter(|lifecycle| lifecycle.is_announced_for(region))
    }

    /// Where it is in its life, in a region, as far as the catalogue knows.
    #[must_use]
    pub fn phase(self, region: Option<&str>, today: &str) -> Phase {
        let has_come = |day: Option<&str>| day.is_some_and(|day| day <= today);
        match self.announced(region) {
            Some(lifecycle) if has_come(lifecycle.ends) => Phase::Ended,
            Some(lifecycle) if has_come(lifecycle.legacy) => Phase::Legacy,
            _ => Phase::Active,
        }
    }

    /// Its row among those that AWS serves no more, where it has ended in a region.
    pub(super) fn ended(self, region: Option<&str>, today: &str) -> Option<RetiredRow> {
        let lifecycle = self.announced(region).filter(|_| self.phase(region, today) == Phase::Ended)?;
        let row = self.row();
        Some(RetiredRow { base: row.base, title: row.title, source: lifecycle.source, since: lifecycle.ends })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn a_model_is_active_then_legacy_then_ended() {
        let (opus, any) = (Model::CLAUDE_OPUS_4_1, None);
        for (day, phase) in [
            ("2026-07-07", Phase::Active),
            ("2026-07-08", Phase::Legacy),
            ("2027-01-07", Phase::Legacy),
            ("2027-01-08", Phase::Ended),
        ] {
            assert_eq!(opus.phase(any, day), phase, "{day}");
            assert_eq!(opus.phase(Some("us-east-1"), day), phase, "{day}");
        }
        assert_eq!(Model::CLAUDE_OPUS_4_6.phase(any, "2029-01-01"), Phase::Active, "no end was announced");
        let (sonnet, day) = (Model::CLAUDE_SONNET_4_5, "2026-11-23");
        assert_eq!((sonnet.phase(any, day), sonnet.phase(Some("us-gov-west-1"), day)), (Phase::Legacy, Phase::Active));
    }

    #[test]
    fn days_are_in_order_and_say_where_they_come_from() {
        for model in Catalogue::built_in().models() {
            let Some(lifecycle) = &model.row().lifecycle else { continue };
            let Lifecycle { not_before, legacy, extended, ends, source, .. } = lifecycle;
            let days: Vec<&str> = [legacy, extended, ends].into_iter().filter_map(|day| *day).collect();
            assert!(days.is_sorted() && (legacy.is_some() == ends.is_some()), "{model:?}");
            assert!(not_before.iter().chain(&days).all(|day| day.len() == 10), "{model:?}");
            assert!(not_before.is_some() || ends.is_some(), "{model:?} says nothing");
            assert!(!source.is_empty(), "{model:?}");
        }
    }
}
