//! What is particular to one call, or to all calls of a copy of a client.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use outcrop_wire::converse::{Latency, Tier};
use outcrop_wire::handling::{GUARDRAIL_IDENTIFIER, Guardrail, Handling};
use outcrop_wire::scope::DefaultScope;
use outcrop_wire::surface::Surface;
use outcrop_wire::{Extra, Json};

use super::outbound::header_betas;
use crate::plan::Needs;
use crate::retry::Retry;

/// How a single call differs from its client's settings, or all calls of a copy of a client
/// ([`Client::with_options`](crate::Client::with_options)). What is nearer to the call wins.
///
/// How long connecting may take is a setting of the client alone: a connection is shared by calls.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Limit of the whole call, retries and stream included; [`Duration::MAX`] is none.
    pub timeout: Option<Duration>,
    /// Limit of silence between bytes.
    pub idle_timeout: Option<Duration>,
    /// Retries, in place of the number in `retry`.
    pub max_retries: Option<u32>,
    /// How often and how fast to try again.
    pub retry: Option<Retry>,
    /// Headers added, or set in place of ours. What names the caller (`authorization`, `x-amz-date`,
    /// `x-amz-security-token`) is ours, but for clients that sign nothing.
    pub extra_headers: HeaderMap,
    /// Top-level members of the body, added or set in place of what the request and the plan say. A member is set whole:
    /// nothing is merged within it. A dry run shows them.
    pub extra_body: Extra,
    /// Keeps the bytes of a whole answer in `meta.raw`. Without it nothing is copied or kept.
    pub keep_raw: bool,
    /// Whether the request is sent as it is or not at all: what a model or a surface does not take is an error then, in
    /// place of an adjustment that `meta.adjustments` tells of.
    pub strict: Option<bool>,
    /// The scope of names that say none, and of a [`Model`](crate::Model) alone. An id that is given whole, or a name with
    /// a scope (`us.opus`), keeps its own. Until set: the widest that can be called from the region.
    pub scope: Option<DefaultScope>,
    /// Whether images and documents on the web are fetched before the call and their bytes sent. Not until set.
    pub download_media: Option<bool>,
    /// Whether the model is to see the pages of PDFs as they look, on surfaces that give it only their text otherwise.
    pub visual: Option<bool>,
    /// By which way in. Until set, by `InvokeModel`, or where that has not the model or not what the request needs, by
    /// another one that has: `meta.notes` says which, and why.
    pub surface: Option<Surface>,
    /// How Bedrock is to handle the call: guardrail, capacity, speed, labels. Headers or members of the body, as the
    /// surface has it. Counts go without.
    pub handling: Handling,
}

impl CallOptions {
    /// The client's settings.
    #[must_use]
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// Limits the whole call, retries and stream included.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Limits the silence between bytes.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = Some(limit);
        self
    }

    /// Sets the number of retries.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Sets how often and how fast to try again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.max_retries = None;
        self.retry = Some(retry);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn extra_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.extra_headers.append(name, value);
        self
    }

    /// Sets a top-level member of the body, whatever the request and the plan say of it.
    #[must_use]
    pub fn extra_body(mut self, name: impl Into<Box<str>>, value: Json) -> Self {
        self.extra_body.set(name, value);
        self
    }

    /// Sends the request as it is or not at all.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }

    /// Sets the scope of names that say none, and of a [`Model`](crate::Model) alone.
    ///
    /// ```
    /// use outcrop::{CallOptions, DefaultScope, Geo, Scope};
    ///
    /// let in_europe = CallOptions::new().scope(Scope::Geo(Geo::Eu));
    /// // `us.` from us-east-1, `jp.` from ap-northeast-1
    /// let nearby = CallOptions::new().scope(DefaultScope::Geography);
    /// ```
    #[must_use]
    pub fn scope(mut self, scope: impl Into<DefaultScope>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Keeps the bytes of a whole answer in `meta.raw`.
    #[must_use]
    pub fn keep_raw(mut self) -> Self {
        self.keep_raw = true;
        self
    }

    /// Whether images and documents on the web are fetched before the call, and their bytes sent: Bedrock itself fetches
    /// none. Over the client's own connections and proxies, without credentials, at most 60 s for all. Do not switch it on
    /// for URLs from strangers where this machine reaches what they do not.
    #[must_use]
    pub fn download_media(mut self, download: bool) -> Self {
        self.download_media = Some(download);
        self
    }

    /// Whether the model is to see the pages of PDFs as they look. `Converse` gives it only their text where citations are
    /// off (as documented), so they are switched on for every document of the request; elsewhere nothing changes. Costs
    /// the tokens of the pages, and replies may hold citations.
    #[must_use]
    pub fn visual(mut self, visual: bool) -> Self {
        self.visual = Some(visual);
        self
    }

    /// Goes in by this way: `Surface::Mantle`, say. What is not to be had there is an error.
    #[must_use]
    pub fn surface(mut self, surface: Surface) -> Self {
        self.surface = Some(surface);
        self
    }

    /// Has a guardrail look at question and answer.
    #[must_use]
    pub fn guardrail(mut self, guardrail: Guardrail) -> Self {
        self.handling.guardrail = Some(guardrail);
        self
    }

    /// Names the capacity that is to serve the call; `meta.tier` says which did.
    #[must_use]
    pub fn tier(mut self, tier: impl Into<Tier>) -> Self {
        self.handling.tier = Some(tier.into());
        self
    }

    /// Asks for a speed, which few models have besides the usual one.
    #[must_use]
    pub fn latency(mut self, latency: impl Into<Latency>) -> Self {
        self.handling.latency = Some(latency.into());
        self
    }

    /// Adds a label for Bedrock's invocation log: a name of 1 to 256 letters, a value of at most 256, of A-Z a-z 0-9, white
    /// space and `:_@$#=/+,-.`; 16 of them at most.
    #[must_use]
    pub fn request_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.handling.metadata.insert(name.into(), value.into());
        self
    }

    /// These where `nearer`, those of the call, say nothing. A header or member named there is not looked up here.
    pub(crate) fn under(&self, nearer: &CallOptions) -> Self {
        if self.is_empty() {
            return nearer.clone();
        }
        let mut both = self.clone();
        if let Some(retry) = &nearer.retry {
            both = both.retry(retry.clone());
        }
        both.timeout = nearer.timeout.or(both.timeout);
        both.idle_timeout = nearer.idle_timeout.or(both.idle_timeout);
        both.max_retries = nearer.max_retries.or(both.max_retries);
        put(&mut both.extra_headers, &nearer.extra_headers);
        for (name, value) in nearer.extra_body.iter() {
            both.extra_body.set(name, value.clone());
        }
        both.keep_raw |= nearer.keep_raw;
        both.strict = nearer.strict.or(both.strict);
        both.scope = nearer.scope.clone().or(both.scope);
        both.download_media = nearer.download_media.or(both.download_media);
        both.visual = nearer.visual.or(both.visual);
        both.surface = nearer.surface.or(both.surface);
        let Handling { guardrail, tier, latency, metadata, .. } = nearer.handling.clone();
        both.handling.guardrail = guardrail.or(both.handling.guardrail);
        both.handling.tier = tier.or(both.handling.tier);
        both.handling.latency = latency.or(both.handling.latency);
        both.handling.metadata.extend(metadata);
        both
    }

    /// Adds what these need of a surface and a model to what the request needs.
    pub(crate) fn need(&self, needs: &mut Needs) {
        needs.header_betas = header_betas(&self.extra_headers);
        needs.visual = self.visual == Some(true);
        needs.guardrail |= self.handling.guardrail.is_some() || self.extra_headers.contains_key(GUARDRAIL_IDENTIFIER);
    }

    fn is_empty(&self) -> bool {
        let CallOptions {
            timeout,
            idle_timeout,
            max_retries,
            retry,
            extra_headers,
            extra_body,
            keep_raw,
            strict,
            scope,
            download_media,
            visual,
            surface,
            handling,
        } = self;
        let settings = timeout.is_none() && idle_timeout.is_none() && max_retries.is_none() && retry.is_none();
        let places = scope.is_none() && surface.is_none();
        let switches = !keep_raw && strict.is_none() && places && download_media.is_none() && visual.is_none();
        settings && switches && extra_headers.is_empty() && extra_body.is_empty() && handling.is_empty()
    }
}

/// Puts headers in place of those of the same name.
pub(super) fn put(headers: &mut HeaderMap, new: &HeaderMap) {
    for name in new.keys() {
        headers.remove(name);
        for value in new.get_all(name) {
            // Whatever it is, it is the caller's to know.
            let mut value = value.clone();
            value.set_sensitive(true);
            headers.append(name, value);
        }
    }
}

/// Header values and members may be secrets: only the names print.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_retries", &self.max_retries)
            .field("retry", &self.retry)
            .field("extra_headers", &self.extra_headers.keys().collect::<Vec<_>>())
            .field("extra_body", &self.extra_body.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("keep_raw", &self.keep_raw)
            .field("strict", &self.strict)
            .field("scope", &self.scope)
            .field("download_media", &self.download_media)
            .field("visual", &self.visual)
            .field("surface", &self.surface)
            .field("guardrail", &self.handling.guardrail)
            .field("tier", &self.handling.tier)
            .field("latency", &self.handling.latency)
            .field("request_metadata", &self.handling.metadata.keys().collect::<Vec<_>>())
            .finish()
    }
}
