//! What an account may ask for in a minute and in a day: the quotas of AWS, or those of a file.

mod read;

use std::borrow::Cow;

use outcrop_wire::scope::Scope;
use outcrop_wire::surface::Surface;

use crate::table::{Field, Mistake};

/// By which way a model is called. On the runtime each kind of id has a quota of its own, on Mantle all share one (AWS user
/// guide, quotas of the bedrock-runtime and of the bedrock-mantle endpoint; names of the quotas in Service Quotas).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Way {
    /// The base id: `On-demand model inference ... for`.
    OnDemand,
    /// The profile of a geography: `Cross-region model inference ... for`.
    CrossRegion,
    /// The global profile: `Global cross-region model inference ... for`.
    Global,
    /// On Mantle, by whichever id: `Bedrock Mantle input tokens per minute for`.
    Mantle,
}

impl Way {
    pub(crate) fn of(surface: Surface, scope: Option<&Scope>) -> Self {
        match scope {
            _ if surface == Surface::Mantle => Way::Mantle,
            Some(Scope::Global) => Way::Global,
            Some(Scope::Geo(_)) => Way::CrossRegion,
            Some(Scope::Regional) | None => Way::OnDemand,
        }
    }
}

/// What may be asked for; what is not said is not limited.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Quota {
    /// Requests a minute.
    pub requests: Option<u64>,
    /// Tokens a minute: of input and output together, or on Mantle of what a call may take, its input and what it says.
    pub tokens: Option<u64>,
    /// On Mantle: tokens of output a minute. Where they are used up, an answer ends as at its `max_tokens`.
    pub output_tokens: Option<u64>,
    /// Tokens a day; where it is not said, those of a minute times 24 x 60 (AWS user guide, quotas of the bedrock-runtime
    /// endpoint).
    pub tokens_a_day: Option<u64>,
}

impl Quota {
    /// Mantle has none.
    pub(crate) fn a_day(&self, way: Way) -> Option<u64> {
        if way == Way::Mantle {
            return None;
        }
        self.tokens_a_day.or_else(|| self.tokens.map(|tokens| tokens.saturating_mul(24 * 60)))
    }
}

/// A quota, and which calls it is for.
#[derive(Clone, Debug)]
struct Row {
    /// Our name of the model, or `*`.
    model: Cow<'static, str>,
    /// None for every way of the runtime.
    way: Option<Way>,
    quota: Quota,
}

/// The quotas of an account, in each region. Those of Mantle are apart from the runtime's: what is for every way is for
/// every way of the runtime.
///
/// ```
/// # use outcrop_local::{Local, Quotas};
/// let quotas = Quotas::parse("[[quota]]\nmodel = \"opus\"\nway = \"global\"\ntokens = 100_000\n")?;
/// let local = Local::builder().quotas(quotas).build();
/// # Ok::<(), outcrop_local::Mistake>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Quotas(Vec<Row>);

/// AWS's default quotas of tokens a minute, as far as they are known; other models are not limited. Requests a minute are
/// enforced no more (AWS user guide, quotas, May 2026).
#[rustfmt::skip]
const USUAL: &[(&str, Way, u64, &str)] = &[
    ("claude-opus-5-5",   Way::CrossRegion, 30_000_000, "AWS General Reference, Amazon Bedrock quotas, as quoted in October 2026"),
    ("claude-opus-5-5",   Way::OnDemand,    15_000_000, "AWS General Reference, Amazon Bedrock quotas, as quoted in October 2026"),
    ("claude-sonnet-5-5", Way::CrossRegion,  6_000_000, "AWS General Reference, Amazon Bedrock quotas, as quoted in October 2026"),
    ("claude-sonnet-5",   Way::CrossRegion,  6_000_000, "Service Quotas, default of the account, as quoted in September 2026"),
    ("claude-sonnet-5",   Way::Global,       6_000_000, "Service Quotas, default of the account, as quoted in September 2026"),
    ("claude-opus-4-8",   Way::Global,      30_000_000, "Service Quotas, as quoted in public code: 43,200,000,000 a day"),
    ("claude-opus-4-8",   Way::OnDemand,    15_000_000, "Service Quotas, as quoted in public code: 21,600,000,000 a day"),
    ("claude-opus-4-7",   Way::CrossRegion, 30_000_000, "Service Quotas, as quoted in public code (L-5DB28B7B)"),
    ("claude-opus-4-6",   Way::CrossRegion,  3_000_000, "Service Quotas, as quoted in public code"),
    ("claude-sonnet-4-6", Way::CrossRegion,  6_000_000, "Service Quotas, as quoted in public code"),
    ("claude-sonnet-4-5", Way::CrossRegion,  5_000_000, "Service Quotas, as quoted in public code (L-F4DDD3EB)"),
    ("claude-sonnet-4-5", Way::Global,       5_000_000, "Service Quotas, as quoted in public code: 7,200,000,000 a day"),
    ("claude-haiku-4-5",  Way::CrossRegion,  5_000_000, "Service Quotas, as quoted in public code"),
];

/// The same on Mantle: tokens a minute of input, and of output. Where two sources differ, AWS's own names the model.
#[rustfmt::skip]
const USUAL_ON_MANTLE: &[(&str, u64, Option<u64>, &str)] = &[
    ("claude-opus-4-7", 20_000_000, Some(4_000_000), "AWS user guide, quotas of the bedrock-mantle endpoint (May 2026), which has no others"),
    ("*",                2_000_000, None,            "platform.claude.com, Claude in Amazon Bedrock (September 2026): by default, for each model"),
];

impl Quotas {
    /// Those that AWS gives by default, as far as they are known.
    #[must_use]
    pub fn usual() -> Self {
        let row = |model: &'static str, way, quota| Row { model: Cow::Borrowed(model), way: Some(way), quota };
        let runtime = USUAL
            .iter()
            .map(|(model, way, tokens, _)| row(model, *way, Quota { tokens: Some(*tokens), ..Quota::default() }));
        let mantle = USUAL_ON_MANTLE.iter().map(|(model, input, output, _)| {
            row(model, Way::Mantle, Quota { tokens: Some(*input), output_tokens: *output, ..Quota::default() })
        });
        Quotas(runtime.chain(mantle).collect())
    }

    /// Those of many a new account: no tokens a day, so that every call is answered `Too many tokens per day` until AWS is
    /// asked for more (AWS user guide: new accounts might receive reduced quotas; that they are 0 is reported by many).
    #[must_use]
    pub fn new_account() -> Self {
        let quota = Quota { tokens_a_day: Some(0), ..Quota::default() };
        Quotas(vec![Row { model: Cow::Borrowed("*"), way: None, quota }])
    }

    /// One more quota, before those there are: for a model by our name, or `*`, and a way, or every one of the runtime.
    #[must_use]
    pub fn with(mut self, model: &str, way: Option<Way>, quota: Quota) -> Self {
        self.0.insert(0, Row { model: model.to_owned().into(), way, quota });
        self
    }

    /// Those of a TOML file: a `[[quota]]` for each, the first that fits a call counts. `model` is a name or an id, all
    /// models without; `way` is `on-demand`, `cross-region` or `global`, each of these without; `requests` and `tokens` are a
    /// minute's, `tokens_a_day` a day's. What is not said is not limited. Mantle has quotas of its own (`way = "mantle"`):
    /// `input_tokens` and `output_tokens` a minute, and no others.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        read::quotas(text)
    }

    /// Those of an account file.
    pub(crate) fn of_field(field: &Field<'_>) -> Result<Self, Mistake> {
        read::of_account(field)
    }

    /// Whether there is any.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// That of a call.
    pub(crate) fn of(&self, model: &str, way: Way) -> Quota {
        let is_way = |row: &Row| row.way.map_or(way != Way::Mantle, |known| known == way);
        let fits = |row: &&Row| (row.model == "*" || row.model == model) && is_way(row);
        self.0.iter().find(fits).map(|row| row.quota).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use outcrop_wire::catalogue::Catalogue;

    use super::*;

    #[test]
    fn the_usual_quotas_are_of_models_that_there_are_and_say_where_they_come_from() {
        let catalogue = Catalogue::built_in();
        for (model, _, tokens, source) in USUAL {
            assert!(catalogue.models().any(|known| known.name() == *model), "{model}");
            assert!(*tokens > 0 && !source.is_empty(), "{model}");
        }
        for (model, input, _, source) in USUAL_ON_MANTLE {
            assert!(*model == "*" || catalogue.models().any(|known| known.name() == *model), "{model}");
            assert!(*input > 0 && !source.is_empty(), "{model}");
        }
        let usual = Quotas::usual();
        let a_day = |model, way| usual.of(model, way).a_day(way);
        assert_eq!(a_day("claude-opus-4-8", Way::Global), Some(43_200_000_000));
        assert_eq!(a_day("claude-opus-4-8", Way::OnDemand), Some(21_600_000_000));
        assert_eq!(a_day("claude-opus-4-8", Way::Mantle), None);
        let mantle = |model| (usual.of(model, Way::Mantle).tokens, usual.of(model, Way::Mantle).output_tokens);
        assert_eq!(mantle("claude-opus-4-7"), (Some(20_000_000), Some(4_000_000)));
        assert_eq!(mantle("claude-opus-4-8"), (Some(2_000_000), None));
        assert_eq!(usual.of("claude-nova", Way::Global), Quota::default());
    }

    #[test]
    fn the_first_quota_that_fits_counts() {
        let text = "[[quota]]\nmodel = \"opus\"\nway = \"global\"\ntokens = 100_000\n[[quota]]\nrequests = 2\ntokens_a_day = 5\n";
        let quotas = Quotas::parse(text).expect("quotas");
        assert_eq!(quotas.of("claude-opus-4-6", Way::Global).tokens, Some(100_000));
        assert_eq!(quotas.of("claude-opus-4-6", Way::CrossRegion).requests, Some(2));
        assert_eq!(quotas.of("claude-haiku-4-5", Way::Global).a_day(Way::Global), Some(5));
        assert_eq!(quotas.of("claude-haiku-4-5", Way::Mantle), Quota::default(), "Mantle has quotas of its own");
        let more = quotas.with("*", None, Quota { requests: Some(9), ..Quota::default() });
        assert_eq!(more.of("claude-opus-4-6", Way::Global).requests, Some(9));
        for (wrong, problem) in [
            ("[[quota]]\nmodel = \"nova\"\n", "line 2, `quota.1.model`: "),
            ("[[quota]]\nway = \"fast\"\n", "line 2, `quota.1.way`: "),
            ("[[quota]]\ntokens = -1\n", "line 2, `quota.1.tokens`: "),
            ("[[quota]]\nway = \"mantle\"\nrequests = 1\n", "line 3, `quota.1.requests`: "),
            ("[[quota]]\noutput_tokens = 1\n", "line 2, `quota.1.output_tokens`: "),
            ("quotas = 1\n", "line 1, `quotas`: "),
        ] {
            let mistake = Quotas::parse(wrong).expect_err(wrong).to_string();
            assert!(mistake.starts_with(problem), "{mistake}");
        }
    }
}
