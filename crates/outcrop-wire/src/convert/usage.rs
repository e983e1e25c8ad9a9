//! Tokens, each way.

use super::losses::{CACHE_DETAIL, USAGE_MEMBER};
use super::place::Place;
use super::{ToConverse, ToMessages};
use crate::converse::{CacheDetail, TokenUsage};
use crate::messages::{CacheCreation, Ttl, Usage};

/// Tokens of Converse in the words of Messages, in which prices are told.
impl From<&TokenUsage> for Usage {
    fn from(usage: &TokenUsage) -> Self {
        ToMessages::default().usage(usage.clone(), &Place::of("usage"))
    }
}

impl ToConverse {
    /// The tokens; the tier goes elsewhere.
    pub(super) fn usage(&mut self, usage: Usage, place: &Place<'_>) -> TokenUsage {
        let total = usage.total_input().saturating_add(usage.output_tokens);
        let Usage {
            input_tokens,
            cache_creation_input_tokens,
            cache_read_input_tokens,
            cache_creation,
            output_tokens,
            output_tokens_details,
            server_tool_use,
            service_tier: _,
            inference_geo,
            speed,
            iterations,
            extra,
        } = usage;
        let others = [
            ("output_tokens_details", output_tokens_details.is_some()),
            ("server_tool_use", server_tool_use.is_some()),
            ("inference_geo", inference_geo.is_some()),
            ("speed", speed.is_some()),
            ("iterations", iterations.is_some()),
        ];
        for (name, _) in others.iter().filter(|(_, given)| *given) {
            self.losses.add(&USAGE_MEMBER, &place.member(name));
        }
        self.losses.unknown(&extra, place);
        TokenUsage {
            cache_details: cache_creation
                .map(|split| self.cache_details(&split, place))
                .filter(|details| !details.is_empty()),
            cache_read_input_token_count: None,
            cache_read_input_tokens,
            cache_write_input_token_count: None,
            cache_write_input_tokens: cache_creation_input_tokens,
            input_tokens,
            output_tokens,
            server_tool_usage: None,
            total_tokens: total,
            extra: Default::default(),
        }
    }

    /// Longer lifetimes first; what nothing was written for is left out.
    fn cache_details(&mut self, split: &CacheCreation, place: &Place<'_>) -> Vec<CacheDetail> {
        let CacheCreation { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens, extra } = split;
        self.losses.unknown(extra, &place.member("cache_creation"));
        [(Ttl::OneHour, *ephemeral_1h_input_tokens), (Ttl::FiveMinutes, *ephemeral_5m_input_tokens)]
            .into_iter()
            .filter(|(_, tokens)| *tokens > 0)
            .map(|(ttl, input_tokens)| CacheDetail { input_tokens, ttl, extra: Default::default() })
            .collect()
    }
}

impl ToMessages {
    /// The tokens; the tier comes from elsewhere.
    pub(super) fn usage(&mut self, usage: TokenUsage, place: &Place<'_>) -> Usage {
        let TokenUsage {
            cache_details,
            cache_read_input_token_count,
            cache_read_input_tokens,
            cache_write_input_token_count,
            cache_write_input_tokens,
            input_tokens,
            output_tokens,
            server_tool_usage,
            total_tokens: _,
            mut extra,
        } = usage;
        if let Some(uses) = server_tool_usage.filter(|uses| uses.text() != "{}" && !uses.is_null()) {
            extra.set("serverToolUsage", uses);
        }
        self.losses.foreign(&extra, place);
        Usage {
            input_tokens,
            cache_creation_input_tokens: cache_write_input_tokens.or(cache_write_input_token_count),
            cache_read_input_tokens: cache_read_input_tokens.or(cache_read_input_token_count),
            cache_creation: cache_details.map(|details| self.cache_creation(details, &place.member("cacheDetails"))),
            output_tokens,
            ..Usage::default()
        }
    }

    fn cache_creation(&mut self, details: Vec<CacheDetail>, place: &Place<'_>) -> CacheCreation {
        let mut split = CacheCreation::default();
        for (at, detail) in details.into_iter().enumerate() {
            self.losses.foreign(&detail.extra, &place.item(at));
            let tokens = match detail.ttl {
                Ttl::FiveMinutes => &mut split.ephemeral_5m_input_tokens,
                Ttl::OneHour => &mut split.ephemeral_1h_input_tokens,
                Ttl::Other(_) => {
                    self.losses.add(&CACHE_DETAIL, &place.item(at));
                    continue;
                }
            };
            *tokens = tokens.saturating_add(detail.input_tokens);
        }
        split
    }
}
