//! Tokens.

use super::Ttl;
use crate::json::Json;
use crate::record::record;

record! {
    /// Tokens of a call.
    #[derive(Default)]
    sorted pub struct TokenUsage {
        /// Tokens written to the cache, by lifetime; longer lifetimes first.
        lenient cache_details("cacheDetails"): Vec<CacheDetail>,
        /// The same as `cache_read_input_tokens`: AWS sends both, and documents only that.
        optional cache_read_input_token_count("cacheReadInputTokenCount"): u64,
        /// Tokens read from the cache.
        optional cache_read_input_tokens("cacheReadInputTokens"): u64,
        /// The same as `cache_write_input_tokens`: AWS sends both, and documents only that.
        optional cache_write_input_token_count("cacheWriteInputTokenCount"): u64,
        /// Tokens written to the cache.
        optional cache_write_input_tokens("cacheWriteInputTokens"): u64,
        /// Tokens of the request, those of the cache not among them.
        default input_tokens("inputTokens"): u64,
        /// Tokens of the answer, thoughts included.
        default output_tokens("outputTokens"): u64,
        /// Not documented; `{}` in all recorded answers that have it.
        optional server_tool_usage("serverToolUsage"): Json,
        /// All of them: those of the cache too.
        default total_tokens("totalTokens"): u64,
    }
}

record! {
    /// Tokens written to the cache for one lifetime.
    sorted pub struct CacheDetail {
        /// Tokens.
        required input_tokens("inputTokens"): u64,
        /// How long they stay.
        required ttl: Ttl,
    }
}
