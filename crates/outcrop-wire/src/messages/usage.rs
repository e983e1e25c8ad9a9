//! Tokens, counted and added up.

use crate::record::record;

record! {
    /// Tokens of a reply.
    #[derive(Default)]
    pub struct Usage {
        /// Input that was neither read from nor written to the cache.
        default input_tokens: u64,
        /// Input written to the cache.
        optional cache_creation_input_tokens: u64,
        /// Input read from the cache.
        optional cache_read_input_tokens: u64,
        /// The cache writes by lifetime.
        optional cache_creation: CacheCreation,
        /// Output, thinking included.
        default output_tokens: u64,
        /// The output by kind.
        lenient output_tokens_details: OutputTokensDetails,
        /// Uses of tools that run at the service.
        lenient server_tool_use: ServerToolUsage,
        /// `standard`, `priority`, `batch`.
        lenient service_tier: String,
        /// Where it was processed, on Anthropic's own API.
        lenient inference_geo: String,
        /// `standard` or `fast`.
        lenient speed: String,
        /// Each of several passes: compactions, advice, fallbacks.
        lenient iterations: Vec<Iteration>,
    }
}

record! {
    /// One of several passes over a request.
    pub struct Iteration {
        /// `message`, `compaction`, `advisor_message`, `fallback_message`.
        required kind("type"): String,
        /// Whose, where it is another's.
        optional model: String,
        /// See [`Usage`].
        default input_tokens: u64,
        /// See [`Usage`].
        default output_tokens: u64,
        /// See [`Usage`].
        optional cache_creation_input_tokens: u64,
        /// See [`Usage`].
        optional cache_read_input_tokens: u64,
        /// See [`Usage`].
        optional cache_creation: CacheCreation,
    }
}

record! {
    /// The output by kind.
    #[derive(Default)]
    pub struct OutputTokensDetails {
        /// Thinking.
        default thinking_tokens: u64,
    }
}

record! {
    /// Uses of tools that run at the service.
    #[derive(Default)]
    pub struct ServerToolUsage {
        /// Web searches.
        optional web_search_requests: u64,
        /// Web fetches.
        optional web_fetch_requests: u64,
    }
}

record! {
    /// Cache writes by lifetime.
    #[derive(Default)]
    pub struct CacheCreation {
        /// Written for five minutes.
        default ephemeral_5m_input_tokens: u64,
        /// Written for an hour.
        default ephemeral_1h_input_tokens: u64,
    }
}

record! {
    /// Tokens as `message_delta` reports them: totals so far, never to be added. What is absent or null keeps its
    /// earlier value.
    #[derive(Default)]
    pub struct UsageDelta {
        /// See [`Usage`].
        optional input_tokens: u64,
        /// See [`Usage`].
        optional cache_creation_input_tokens: u64,
        /// See [`Usage`].
        optional cache_read_input_tokens: u64,
        /// See [`Usage`].
        optional output_tokens: u64,
        /// See [`Usage`].
        lenient output_tokens_details: OutputTokensDetails,
        /// See [`Usage`].
        lenient server_tool_use: ServerToolUsage,
        /// See [`Usage`].
        lenient service_tier: String,
        /// See [`Usage`].
        lenient inference_geo: String,
        /// See [`Usage`].
        lenient iterations: Vec<Iteration>,
    }
}

impl Usage {
    /// All input: plain, cache writes and cache reads.
    #[must_use]
    pub fn total_input(&self) -> u64 {
        self.input_tokens
            .saturating_add(self.cache_creation_input_tokens.unwrap_or(0))
            .saturating_add(self.cache_read_input_tokens.unwrap_or(0))
    }

    /// Adds the tokens of another reply, for a total over many. Tier and place of processing are those of the last.
    pub fn add(&mut self, other: &Usage) {
        fn sum(total: &mut Option<u64>, more: Option<u64>) {
            if let Some(more) = more {
                *total = Some(total.unwrap_or(0).saturating_add(more));
            }
        }
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        sum(&mut self.cache_creation_input_tokens, other.cache_creation_input_tokens);
        sum(&mut self.cache_read_input_tokens, other.cache_read_input_tokens);
        if let Some(more) = &other.cache_creation {
            let total = self.cache_creation.get_or_insert_default();
            let (five_minutes, hour) = (&mut total.ephemeral_5m_input_tokens, &mut total.ephemeral_1h_input_tokens);
            *five_minutes = five_minutes.saturating_add(more.ephemeral_5m_input_tokens);
            *hour = hour.saturating_add(more.ephemeral_1h_input_tokens);
        }
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        if let Some(more) = &other.output_tokens_details {
            let total = &mut self.output_tokens_details.get_or_insert_default().thinking_tokens;
            *total = total.saturating_add(more.thinking_tokens);
        }
        if let Some(more) = &other.server_tool_use {
            let total = self.server_tool_use.get_or_insert_default();
            sum(&mut total.web_search_requests, more.web_search_requests);
            sum(&mut total.web_fetch_requests, more.web_fetch_requests);
        }
        self.service_tier.clone_from(&other.service_tier);
        self.inference_geo.clone_from(&other.inference_geo);
    }

    /// Takes over what `delta` reports.
    pub fn update(&mut self, delta: &UsageDelta) {
        if let Some(tokens) = delta.input_tokens {
            self.input_tokens = tokens;
        }
        if delta.cache_creation_input_tokens.is_some() {
            self.cache_creation_input_tokens = delta.cache_creation_input_tokens;
        }
        if delta.cache_read_input_tokens.is_some() {
            self.cache_read_input_tokens = delta.cache_read_input_tokens;
        }
        if let Some(tokens) = delta.output_tokens {
            self.output_tokens = tokens;
        }
        if delta.output_tokens_details.is_some() {
            self.output_tokens_details.clone_from(&delta.output_tokens_details);
        }
        if delta.server_tool_use.is_some() {
            self.server_tool_use.clone_from(&delta.server_tool_use);
        }
        if delta.service_tier.is_some() {
            self.service_tier.clone_from(&delta.service_tier);
        }
        if delta.inference_geo.is_some() {
            self.inference_geo.clone_from(&delta.inference_geo);
        }
        if delta.iterations.is_some() {
            self.iterations.clone_from(&delta.iterations);
        }
        // The split of cache writes stays where it was known from the start: only Converse tells it at the end.
        if self.cache_creation.is_none() {
            self.cache_creation = delta.extra.value("cache_creation").and_then(|split| split.parse().ok());
        }
        let news = delta.extra.iter().filter(|(name, value)| *name != "cache_creation" && !value.is_null());
        self.extra.update(news);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_adds_up_part_by_part() {
        let reply: Usage = serde_json::from_str(
            r#"{"input_tokens":3,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":2},"output_tokens":7,"output_tokens_details":{"thinking_tokens":4},"server_tool_use":{"web_search_requests":1},"service_tier":"standard"}"#,
        )
        .expect("usage");
        let mut total = Usage::default();
        total.add(&Usage { cache_creation_input_tokens: Some(2), ..Usage::default() });
        total.add(&reply);
        total.add(&reply);
        assert_eq!((total.input_tokens, total.output_tokens, total.total_input()), (6, 14, 6 + 2 + 10));
        assert_eq!(total.cache_creation.map(|split| split.ephemeral_1h_input_tokens), Some(4));
        assert_eq!(total.output_tokens_details.map(|details| details.thinking_tokens), Some(8));
        assert_eq!(total.server_tool_use.and_then(|uses| uses.web_search_requests), Some(2));
        assert_eq!(total.service_tier.as_deref(), Some("standard"));
    }
}
