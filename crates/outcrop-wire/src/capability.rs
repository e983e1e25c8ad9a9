//! What one model accepts on one surface: the rows of the catalogue, read by meaning.
//!
//! A model that the catalogue does not know has the rows of every model only: what no row speaks of is not judged.

use crate::catalogue::{Capability, Catalogue};
use crate::model::Model;
use crate::surface::Surface;

/// What rows may be about.
pub const KEYS: &[&str] = &[
    "beta.translate",
    "betas",
    "body.max",
    "cache.automatic",
    "cache.checkpoints",
    "cache.minimum",
    "cache.ttls",
    "count_tokens",
    "effort",
    "effort.beta",
    "feature.beta",
    "guardrails",
    "media.documents",
    "media.image_bytes",
    "media.images",
    "media.pdf_pages",
    "media.sources",
    "members.dropped",
    "members.refused",
    "model.id",
    "on_demand.regions",
    "output.bound",
    "output.burndown",
    "output.max",
    "output_format",
    "pdf.documented",
    "pdf.seen",
    "prefill",
    "sampling",
    "served",
    "thinking",
    "tool.beta",
    "tool.upgrade",
    "tools",
    "tools.eager_streaming",
    "tools.forced",
    "tools.refused",
    "tools.strict",
    "turns.system",
    "version.accepted",
    "version.sent",
    "version.tolerated",
    "window",
    "window.beta",
    "window.beta_size",
];

/// What one model accepts on one surface, today.
///
/// The rows that hold are looked up once: a plan asks some twenty times, and the table has hundreds.
#[derive(Clone, Debug)]
pub struct Capabilities<'a> {
    model: Option<Model>,
    /// Those of the model first, then those of every model.
    rows: Vec<&'a Capability>,
}

/// Which of `temperature`, `top_p` and `top_k` a model takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sampling {
    /// All of them.
    Free,
    /// `temperature` or `top_p`, not both.
    One,
    /// None: leave them out.
    Refused,
}

/// What a model is given of a PDF.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PdfView {
    /// The text that can be extracted.
    Text,
    /// Text and pages as they look.
    Pages,
}

impl PdfView {
    fn of(value: &str) -> Self {
        if value == "pages" { PdfView::Pages } else { PdfView::Text }
    }
}

/// Another version of a tool.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Upgrade<'a> {
    /// Its `type`.
    pub kind: &'a str,
    /// Its name, where that changes.
    pub name: Option<&'a str>,
    /// Members that it does not have.
    pub without: Vec<&'a str>,
}

impl<'a> Upgrade<'a> {
    /// Of a row: type, name if it changes, and members that go, each after a `-`.
    fn of(row: &'a str) -> Self {
        let mut words = row.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let (without, name): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with('-'));
        let without = without.into_iter().map(|word| word.trim_start_matches('-')).collect();
        Upgrade { kind, name: name.first().copied(), without }
    }
}

impl<'a> Capabilities<'a> {
    pub(crate) fn new(catalogue: &'a Catalogue, model: Option<Model>, surface: Surface, today: &str) -> Self {
        Capabilities { model, rows: catalogue.holding(model, surface, today) }
    }

    /// The model, where the catalogue knows it.
    #[must_use]
    pub fn model(&self) -> Option<Model> {
        self.model
    }

    /// The first row of a key.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<&'a Capability> {
        self.rows(key).next()
    }

    /// Every row of a key.
    pub fn rows(&self, key: &str) -> impl Iterator<Item = &'a Capability> {
        self.rows.iter().copied().filter(move |row| row.key == key)
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.row(key)?.value.parse().ok()
    }

    fn words(&self, key: &str) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
        Some(self.row(key)?.value.split_whitespace())
    }

    /// Whether the first row of `key` holds `word`; `None` where there is no row.
    #[must_use]
    pub fn lists(&self, key: &str, word: &str) -> Option<bool> {
        Some(self.words(key)?.any(|known| known == word))
    }

    fn accepted(&self, key: &str) -> Option<bool> {
        Some(self.row(key)?.value == "accepted")
    }

    /// Whether the model is served on the surface; `None` where no row says.
    #[must_use]
    pub fn served(&self) -> Option<bool> {
        self.accepted("served")
    }

    /// The base id of the model on this surface, where it is another one there.
    #[must_use]
    pub fn model_id(&self) -> Option<&'a str> {
        self.row("model.id").map(|row| &*row.value)
    }

    /// Whether a guardrail may be asked for.
    #[must_use]
    pub fn guardrails(&self) -> bool {
        self.row("guardrails").is_none_or(|row| row.value != "refused")
    }

    /// What the model is documented to be given of a PDF without citations.
    #[must_use]
    pub fn pdf_documented(&self) -> Option<PdfView> {
        self.row("pdf.documented").map(|row| PdfView::of(&row.value))
    }

    /// What recordings suggest that it is given, where they differ from what is documented.
    #[must_use]
    pub fn pdf_seen(&self) -> Option<PdfView> {
        self.row("pdf.seen").map(|row| PdfView::of(&row.value))
    }

    /// The `anthropic_version` to send.
    #[must_use]
    pub fn version(&self) -> Option<&'a Capability> {
        self.row("version.sent")
    }

    /// The most tokens a reply may have.
    #[must_use]
    pub fn max_output(&self) -> Option<u64> {
        self.number("output.max")
    }

    /// The largest `max_tokens` that is taken: all that a reply may have, or one less where that bound is refused itself.
    #[must_use]
    pub fn largest_max_tokens(&self) -> Option<u64> {
        let exclusive = self.row("output.bound").is_some_and(|row| row.value == "exclusive");
        self.max_output().map(|most| most.saturating_sub(u64::from(exclusive)))
    }

    /// Tokens of the quota a minute that one token of output takes in the end; what is paid is not multiplied.
    #[must_use]
    pub fn output_burndown(&self) -> Option<u64> {
        self.number("output.burndown")
    }

    /// The context window in tokens, as AWS documents it today.
    #[must_use]
    pub fn context_window(&self) -> Option<u64> {
        self.number("window")
    }

    /// The beta flag that was given to the model for a larger window.
    #[must_use]
    pub fn window_beta(&self) -> Option<&'a Capability> {
        self.row("window.beta")
    }

    /// The window under that flag.
    #[must_use]
    pub fn window_beta_size(&self) -> Option<u64> {
        self.number("window.beta_size")
    }

    /// Which sampling parameters are taken.
    #[must_use]
    pub fn sampling(&self) -> Option<Sampling> {
        match &*self.row("sampling")?.value {
            "free" => Some(Sampling::Free),
            "one" => Some(Sampling::One),
            _ => Some(Sampling::Refused),
        }
    }

    /// The kinds of thinking taken: `enabled`, `adaptive`, `disabled`.
    #[must_use]
    pub fn thinking(&self) -> Option<Vec<&'a str>> {
        self.words("thinking").map(Iterator::collect)
    }

    /// The efforts taken; none where the model has no such setting.
    #[must_use]
    pub fn efforts(&self) -> Option<Vec<&'a str>> {
        self.words("effort").map(Iterator::collect)
    }

    /// The beta flag that the effort needs.
    #[must_use]
    pub fn effort_beta(&self) -> Option<&'a str> {
        self.row("effort.beta").map(|row| &*row.value)
    }

    /// Whether `output_config.format` is taken.
    #[must_use]
    pub fn output_format(&self) -> Option<bool> {
        self.accepted("output_format")
    }

    /// Whether a tool's `strict` is taken.
    #[must_use]
    pub fn strict_tools(&self) -> Option<bool> {
        self.accepted("tools.strict")
    }

    /// Whether a tool may be forced by `tool_choice`.
    #[must_use]
    pub fn forced_tools(&self) -> bool {
        self.row("tools.forced").is_none_or(|row| row.value != "refused")
    }

    /// The beta flag that stands for a tool's `eager_input_streaming`.
    #[must_use]
    pub fn eager_streaming_beta(&self) -> Option<&'a str> {
        self.row("tools.eager_streaming").map(|row| &*row.value)
    }

    /// Whether an Anthropic-defined tool of this `type` is taken, and the beta flag it needs. A flag of which no row says
    /// whether it is taken is taken for one that is.
    #[must_use]
    pub fn tool(&self, kind: &str) -> Option<(bool, Option<&'a str>)> {
        let beta = self.pairs("tool.beta").find(|(known, _)| *known == kind).map(|(_, beta)| beta);
        match beta {
            Some(beta) => Some((self.beta(beta) != Some(false), Some(beta))),
            None => Some((self.lists("tools", kind)?, None)),
        }
    }

    /// Whether no model takes a tool of this `type` here: it runs at the service, or is a set.
    #[must_use]
    pub fn refuses_tool(&self, kind: &str) -> bool {
        self.words("tools.refused").into_iter().flatten().any(|start| kind.starts_with(start))
    }

    /// The types of tools taken, those of callers' own aside.
    #[must_use]
    pub fn tools(&self) -> Option<Vec<&'a str>> {
        let plain = self.words("tools")?;
        let with_beta = self.pairs("tool.beta").filter(|(_, beta)| self.beta(beta) == Some(true)).map(|(kind, _)| kind);
        Some(plain.chain(with_beta).collect())
    }

    /// What to send in place of a type of tool that is not taken: the first that is.
    #[must_use]
    pub fn tool_upgrade(&self, kind: &str) -> Option<Upgrade<'a>> {
        let others =
            self.pairs("tool.upgrade").filter(|(known, _)| *known == kind).map(|(_, other)| Upgrade::of(other));
        let mut taken = others.filter(|other| self.tool(other.kind).is_some_and(|(taken, _)| taken));
        taken.next()
    }

    /// The beta flag that a part of a request needs: the type of an edit of `context_management`, a member of a tool.
    #[must_use]
    pub fn feature_beta(&self, feature: &str) -> Option<&'a str> {
        self.pairs("feature.beta").find(|(known, _)| *known == feature).map(|(_, beta)| beta)
    }

    /// Rows of a key whose value is a word and what belongs to it.
    fn pairs(&self, key: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.rows(key).filter_map(|row| row.value.split_once(' '))
    }

    /// The beta flags taken.
    #[must_use]
    pub fn betas(&self) -> Option<Vec<&'a str>> {
        self.words("betas").map(Iterator::collect)
    }

    /// Whether a beta flag is taken; `None` where no row says.
    #[must_use]
    pub fn beta(&self, beta: &str) -> Option<bool> {
        self.lists("betas", beta)
    }

    /// What stands here for a beta flag of Anthropic's own API.
    #[must_use]
    pub fn beta_translation(&self, beta: &str) -> Option<Vec<&'a str>> {
        let (_, after) = self.pairs("beta.translate").find(|(known, _)| *known == beta)?;
        Some(after.split_whitespace().collect())
    }

    /// Whether the last turn may be the model's own.
    #[must_use]
    pub fn prefill(&self) -> bool {
        self.row("prefill").is_none_or(|row| row.value != "refused")
    }

    /// Whether system turns may stand in the middle of a conversation.
    #[must_use]
    pub fn system_turns(&self) -> Option<bool> {
        self.accepted("turns.system")
    }

    /// The least tokens before a checkpoint that are cached; fewer are not, silently.
    #[must_use]
    pub fn cache_minimum(&self) -> Option<u64> {
        self.number("cache.minimum")
    }

    /// The lifetimes of cached prefixes: `5m`, `1h`.
    #[must_use]
    pub fn cache_ttls(&self) -> Option<Vec<&'a str>> {
        self.words("cache.ttls").map(Iterator::collect)
    }

    /// The most checkpoints of a request.
    #[must_use]
    pub fn cache_checkpoints(&self) -> Option<u64> {
        self.number("cache.checkpoints")
    }

    /// Whether a top-level `cache_control` is taken.
    #[must_use]
    pub fn automatic_cache(&self) -> bool {
        self.row("cache.automatic").is_none_or(|row| row.value != "refused")
    }

    /// The kinds of sources of images and documents: `base64`, `text`, `content`, `url`, `file`.
    #[must_use]
    pub fn sources(&self) -> Option<Vec<&'a str>> {
        self.words("media.sources").map(Iterator::collect)
    }

    /// The most bytes of an image, in base64: so the service counts them (see [`Limits`](crate::limits::Limits)).
    #[must_use]
    pub fn image_bytes(&self) -> Option<u64> {
        self.number("media.image_bytes")
    }

    /// The most images of a request.
    #[must_use]
    pub fn images(&self) -> Option<u64> {
        self.number("media.images")
    }

    /// The most documents of a message.
    #[must_use]
    pub fn documents(&self) -> Option<u64> {
        self.number("media.documents")
    }

    /// The most pages of the PDFs of a request.
    #[must_use]
    pub fn pdf_pages(&self) -> Option<u64> {
        self.number("media.pdf_pages")
    }

    /// The most bytes of a body.
    #[must_use]
    pub fn max_body(&self) -> Option<u64> {
        self.number("body.max")
    }

    /// Whether tokens can be counted.
    #[must_use]
    pub fn count_tokens(&self) -> Option<bool> {
        self.accepted("count_tokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_by_meaning() {
        static CATALOGUE: Catalogue = Catalogue::built_in();
        let catalogue = &CATALOGUE;
        let of = |model| CATALOGUE.accepts(Some(model), Surface::InvokeModel, "2026-11-23");
        let opus = of(Model::CLAUDE_OPUS_4_6);
        assert_eq!((opus.max_output(), opus.context_window()), (Some(128_000), Some(1_000_000)));
        assert_eq!(opus.sampling(), Some(Sampling::One));
        assert_eq!(opus.thinking(), Some(vec!["enabled", "adaptive", "disabled"]));
        assert_eq!(opus.tool("computer_20251124"), Some((true, Some("computer-use-2025-11-24"))));
        assert_eq!(opus.tool("computer_20250124"), Some((false, Some("computer-use-2025-01-24"))));
        assert_eq!(opus.tool("bash_20250124"), Some((true, None)));
        assert_eq!(opus.tool("web_search_20250305"), Some((false, None)));
        let upgrade = |capabilities: &Capabilities<'static>, kind| {
            capabilities.tool_upgrade(kind).map(|other| (other.kind, other.name, other.without))
        };
        assert_eq!(
            upgrade(&opus, "text_editor_20241022"),
            Some(("text_editor_20250728", Some("str_replace_based_edit_tool"), vec![]))
        );
        assert_eq!(
            upgrade(&opus, "computer_20241022"),
            Some(("computer_20251124", None, vec![])),
            "the first that is taken"
        );
        let sonnet = of(Model::CLAUDE_SONNET_4_5);
        assert_eq!(upgrade(&sonnet, "computer_20251124"), Some(("computer_20250124", None, vec!["enable_zoom"])));
        assert_eq!(opus.feature_beta("compact_20260112"), Some("compact-2026-01-12"));
        let newer = of(Model::CLAUDE_OPUS_4_8);
        assert_eq!((newer.output_format(), newer.strict_tools()), (Some(false), Some(false)));
        assert_eq!(newer.sampling(), Some(Sampling::Refused));
        let unknown = catalogue.accepts(None, Surface::InvokeModel, "2026-11-23");
        assert_eq!((unknown.sampling(), unknown.max_output(), unknown.output_format()), (None, None, None));
        assert_eq!(unknown.tool("bash_20250124"), None);
    }

    #[test]
    fn a_row_of_the_surface_stands_before_one_of_every_surface() {
        static CATALOGUE: Catalogue = Catalogue::built_in();
        let on = |model, surface| CATALOGUE.accepts(Some(model), surface, "2026-11-23");
        let haiku = Model::CLAUDE_HAIKU_4_5;
        let windows = [Surface::InvokeModel, Surface::Mantle].map(|surface| on(haiku, surface).context_window());
        assert_eq!(windows, [Some(200_000); 2]);
        assert_eq!(on(haiku, Surface::Mantle).model_id(), Some("anthropic.claude-haiku-4-5"));
        assert_eq!(on(haiku, Surface::InvokeModel).model_id(), None);
        let formats = [Surface::Converse, Surface::Mantle].map(|surface| on(haiku, surface).output_format());
        assert_eq!(formats, [Some(true), Some(false)]);
        assert_eq!(on(Model::CLAUDE_OPUS_4_6, Surface::Mantle).served(), Some(false));
        let largest = |surface| on(Model::CLAUDE_OPUS_4_6, surface).largest_max_tokens();
        assert_eq!([Surface::InvokeModel, Surface::Converse].map(largest), [Some(128_000), Some(127_999)]);
        let seen = |model| (on(model, Surface::Converse).pdf_documented(), on(model, Surface::Converse).pdf_seen());
        assert_eq!(seen(Model::CLAUDE_SONNET_4_5), (Some(PdfView::Text), Some(PdfView::Pages)));
        assert_eq!(seen(Model::CLAUDE_OPUS_4_6), (Some(PdfView::Text), None));
    }

    #[test]
    fn rows_of_the_callers_own_come_first() {
        let rows = |text: &str| serde_json::from_str::<Vec<Capability>>(text).expect("rows");
        let catalogue = Catalogue::built_in();
        let own =
            rows(r#"[{"model":"claude-opus-4-8","surface":"InvokeModel","key":"output_format","value":"accepted"}]"#);
        let changed = catalogue.with_capabilities(own).expect("known words");
        let of = |catalogue: &Catalogue| {
            catalogue.accepts(Some(Model::CLAUDE_OPUS_4_8), Surface::InvokeModel, "2026-11-23").output_format()
        };
        assert_eq!((of(&catalogue), of(&changed)), (Some(false), Some(true)));
        let everywhere = rows(r#"[{"model":"*","surface":"*","key":"output_format","value":"accepted"}]"#);
        assert_eq!(of(&catalogue.with_capabilities(everywhere).expect("known words")), Some(true));
        for wrong in [
            r#"[{"model":"*","surface":"InvokeModel","key":"colour","value":"x"}]"#,
            r#"[{"model":"*","surface":"Carrier pigeon","key":"betas","value":"x"}]"#,
            r#"[{"model":"claude-9","surface":"InvokeModel","key":"betas","value":"x"}]"#,
        ] {
            assert!(catalogue.with_capabilities(rows(wrong)).is_err(), "{wrong}");
        }
    }
}
