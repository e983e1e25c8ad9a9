//! The rules of a plan, in the order they are applied: what a model on a surface takes decides each of them.

use outcrop_wire::Json;
use outcrop_wire::catalogue::{Capabilities, Sampling};
use outcrop_wire::edit::Edit;
use outcrop_wire::limits::Limits;
use outcrop_wire::messages::{Block, CONTEXT_1M, TextBlock, Thinking};
use outcrop_wire::surface::{Dialect, Place};

use super::draft::{Draft, refuse};
use super::{Change, Refusal, documents, lifecycle, scope, thinking, tools};

type Rule = fn(&mut Draft<'_>) -> Result<(), Refusal>;

/// Betas come last: other rules need some.
pub(super) const RULES: [Rule; 16] = [
    scope::rule,
    lifecycle::rule,
    version,
    members,
    max_tokens,
    sampling,
    thinking::rule,
    effort,
    output_format,
    tools::rule,
    features,
    caching,
    media,
    documents::rule,
    window,
    betas,
];

/// The version, by the capability table; one that the caller insists on stays.
fn version(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let row = draft.plan.target.surface.row();
    let insisted = draft.needs.version.as_deref();
    // Bedrock's own version is no version of Anthropic's API: a request that was made for InvokeModel says it.
    let insisted = insisted.filter(|version| row.dialect != Dialect::Messages || !version.starts_with("bedrock-"));
    if row.version == Place::Nowhere {
        return Ok(());
    }
    if let Some(version) = insisted {
        draft.plan.notes.push(format!("anthropic_version {version}: set by the caller"));
        if let Place::Header(name) = row.version {
            draft.plan.headers.push((name, version.to_owned()));
        }
        return Ok(());
    }
    let Some(sent) = draft.accepts.version() else { return Ok(()) };
    let reason = format!("anthropic_version {}: {} takes it ({})", sent.value, row.name, sent.source);
    match row.version {
        Place::Body(member) => {
            let value = Json::of(&*sent.value).unwrap_or_default();
            draft.edit("version", Change::Placed, Edit::set(member, value), reason);
        }
        Place::Header(name) => {
            draft.plan.headers.push((name, sent.value.to_string()));
            draft.note(reason);
        }
        Place::Path | Place::Nowhere => {}
    }
    Ok(())
}

/// Members that the surface does not take.
fn members(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    for member in &draft.needs.members {
        let (model, surface) = (draft.model(), draft.surface());
        if let Some(row) = listing(&draft.accepts, "members.refused", member) {
            return Err(refuse(
                format!("`{member}` cannot be sent on {surface} ({row})"),
                match member.as_str() {
                    "inference_geo" => "say where by the model's scope: a `global.`, `us.`, `eu.` ... profile",
                    _ => "leave it out; tools of the caller's own are taken",
                },
            ));
        }
        if let Some(row) = listing(&draft.accepts, "members.dropped", member) {
            let reason = format!("{member}: left out, {model} on {surface} does not take it ({row})");
            draft.edit("members", Change::Dropped, Edit::drop(member.clone()), reason);
        }
    }
    Ok(())
}

/// The source of the row that lists a word.
fn listing<'a>(accepts: &Capabilities<'a>, key: &str, word: &str) -> Option<&'a str> {
    let row = accepts.row(key)?;
    row.value.split_whitespace().any(|known| known == word).then_some(&*row.source)
}

fn max_tokens(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let asked = u64::from(draft.needs.max_tokens);
    if asked == 0 {
        return Err(refuse("max_tokens is 0", "set max_tokens to at least 1"));
    }
    if let Some(most) = draft.accepts.largest_max_tokens().filter(|most| asked > *most) {
        let (model, surface) = (draft.model(), draft.surface());
        let reason = format!("max_tokens: {asked} made {most}, the most that {model} takes on {surface}");
        let value = Json::of(&most).unwrap_or_default();
        draft.edit("max_tokens", Change::Translated, Edit::set("max_tokens", value), reason);
    }
    Ok(())
}

fn sampling(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let given = &draft.needs.sampling;
    let has = |wanted: &str| given.iter().any(|(name, _)| *name == wanted);
    let thinks = matches!(&draft.needs.thinking, Some(Thinking::Enabled(_) | Thinking::Adaptive(_)));
    for (name, value) in given {
        let why = match (draft.accepts.sampling(), *name) {
            (Some(Sampling::Refused), _) => "it is deprecated for this model",
            (Some(Sampling::One), "top_p") if has("temperature") => "not together with temperature",
            // Messages API reference, extended thinking: not compatible with temperature or top_k, top_p from 0.95 on.
            (_, "temperature") if thinks && *value != 1.0 => "not while it thinks",
            (_, "top_k") if thinks => "not while it thinks",
            (_, "top_p") if thinks && *value < 0.95 => "not below 0.95 while it thinks",
            _ => continue,
        };
        let reason = format!("{name}: left out, {} does not take it: {why}", draft.model());
        draft.edit("sampling", Change::Dropped, Edit::drop(*name), reason);
    }
    Ok(())
}

/// From least to most.
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

fn effort(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let (Some(effort), Some(_)) = (draft.needs.effort.clone(), draft.accepts.model()) else { return Ok(()) };
    let model = draft.model();
    let Some(taken) = draft.accepts.efforts() else {
        let nothing_left = !draft.needs.output_format && !draft.needs.more_output;
        let edit = match nothing_left {
            true => Edit::drop("output_config"),
            false => Edit::within("output_config", Edit::drop("effort")),
        };
        draft.edit("effort", Change::Dropped, edit, format!("effort: left out, {model} has no such setting"));
        return Ok(());
    };
    if let Some(beta) = draft.accepts.effort_beta() {
        draft.beta(beta, &format!("{model} needs it for the effort"));
    }
    let rank = |word: &str| EFFORTS.iter().position(|known| *known == word);
    if !taken.contains(&effort.as_str())
        && let Some(asked) = rank(&effort)
        && let Some(nearest) = taken.iter().rev().find(|word| rank(word).is_some_and(|rank| rank <= asked))
    {
        let value = Json::of(nearest).unwrap_or_default();
        let edit = Edit::within("output_config", Edit::set("effort", value));
        draft.edit("effort", Change::Translated, edit, format!("effort: {effort} made {nearest}, the most of {model}"));
    }
    Ok(())
}

/// Left out, it would be another answer: then nothing is sent.
fn output_format(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.needs.output_format && draft.accepts.output_format() == Some(false) {
        return Err(refuse(
            format!("{} on {} does not take output_config.format", draft.model(), draft.surface()),
            "`parse` gives structured output on every model: by a forced tool where there is no format",
        ));
    }
    Ok(())
}

/// Parts of a request that need a beta flag: it goes out with them.
fn features(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let needs = draft.needs;
    for feature in &needs.features {
        if let Some(beta) = draft.accepts.feature_beta(feature) {
            draft.beta(beta, &format!("{feature} needs it"));
        }
    }
    Ok(())
}

fn caching(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if let Some(cache) = draft.needs.automatic_cache.clone().filter(|_| !draft.accepts.automatic_cache()) {
        let place = match cache.text {
            None => {
                let control = Json::of(&cache.control).unwrap_or_default();
                Edit::within_at("content", cache.block, Edit::set("cache_control", control))
            }
            // A string has no place for it.
            Some(text) => {
                let block = TextBlock { cache_control: Some(cache.control), ..TextBlock::new(text) };
                Edit::set("content", Json::of(&[Block::Text(block)]).unwrap_or_default())
            }
        };
        let reason = "cache_control: a checkpoint on the last block, where this surface takes it";
        draft.edit("cache", Change::Placed, Edit::drop("cache_control"), reason);
        draft.edit("cache", Change::Placed, Edit::within_at("messages", cache.turn, place), reason);
    }
    if draft.needs.hour_cache && draft.accepts.cache_ttls().is_some_and(|ttls| !ttls.contains(&"1h")) {
        let reason = format!("cache ttl: five minutes in place of an hour, the longest of {}", draft.model());
        let within = || Edit::within("cache_control", Edit::drop("ttl"));
        // One adjustment, told once, made in three places.
        draft.adjust("cache.ttl", Change::Translated, reason.clone());
        if draft.needs.automatic_cache.is_some() && draft.accepts.automatic_cache() {
            draft.edit("cache.ttl", Change::Placed, within(), reason.clone());
        }
        let messages = Edit::within("messages", Edit::within("content", within()));
        for edit in [Edit::within("tools", within()), Edit::within("system", within()), messages] {
            draft.edit("cache.ttl", Change::Placed, edit, reason.clone());
        }
    }
    Ok(())
}

fn media(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    if draft.needs.media.pieces.is_empty() {
        return Ok(());
    }
    let checked = draft.needs.media.check(&Limits::of(&draft.accepts));
    checked.map_err(|problem| refuse(problem.why, problem.hint))
}

/// The window of a million tokens, asked for by its flag.
fn window(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    const MILLION: u64 = 1_000_000;
    let Some(model) = draft.accepts.model() else { return Ok(()) };
    if !draft.betas.iter().any(|beta| beta == CONTEXT_1M) {
        return Ok(());
    }
    let native = draft.accepts.context_window().is_some_and(|window| window >= MILLION);
    match (draft.accepts.window_beta(), native) {
        (Some(_), true) => draft.note(format!(
            "context-1m: the window of {} is a million tokens by itself; the flag is sent and changes nothing",
            model.name()
        )),
        (Some(_), false) => draft.note(format!(
            "context-1m: sent for {}; AWS now documents {} tokens for it and may answer `invalid beta flag`",
            model.name(),
            draft.accepts.context_window().unwrap_or_default()
        )),
        (None, true) => {
            draft.betas.retain(|beta| beta != CONTEXT_1M);
            draft.adjust(
                "context_1m",
                Change::Placed,
                format!("context-1m: not sent, the window of {} is a million tokens by itself", model.name()),
            );
        }
        (None, false) => {
            let surface = draft.plan.target.surface;
            let has = |model: &outcrop_wire::model::Model| {
                let accepts = draft.catalogue.accepts(Some(*model), surface, draft.today);
                accepts.window_beta().is_some() || accepts.context_window().is_some_and(|window| window >= MILLION)
            };
            let names: Vec<&str> = draft.catalogue.models().filter(has).map(|model| model.name()).collect();
            return Err(refuse(
                format!("{} has no window of a million tokens", model.name()),
                format!("leave out context_1m, or take one that has: {}", names.join(", ")),
            ));
        }
    }
    Ok(())
}

/// Flags are translated, and those that the model is known to refuse left out.
fn betas(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let mut sent: Vec<String> = Vec::with_capacity(draft.betas.len());
    for beta in std::mem::take(&mut draft.betas) {
        let translated = draft.accepts.beta_translation(&beta);
        // A flag that something does not work without stays, and the flag of the large window is sent to models that were given it, whatever AWS says of it since.
        let window = draft.accepts.window_beta().map(|row| &*row.value);
        let taken = |beta: &str| {
            draft.accepts.beta(beta) != Some(false)
                || window == Some(beta)
                || draft.needed.iter().any(|needed| needed == beta)
        };
        let instead: Vec<String> = match &translated {
            Some(instead) => instead.iter().filter(|beta| taken(beta)).map(|beta| (*beta).to_owned()).collect(),
            None if taken(&beta) => vec![beta.clone()],
            None => Vec::new(),
        };
        match (instead.is_empty(), translated) {
            (true, _) => draft.adjust(
                "betas",
                Change::Dropped,
                format!("beta {beta}: left out, {} would answer `invalid beta flag`", draft.model()),
            ),
            (false, Some(_)) => {
                draft.adjust("betas", Change::Translated, format!("beta {beta}: called {} here", instead.join(", ")))
            }
            (false, None) => {}
        }
        for beta in instead {
            if !sent.contains(&beta) {
                sent.push(beta);
            }
        }
    }
    let row = draft.plan.target.surface.row();
    match row.betas {
        Place::Header(name) if !sent.is_empty() => draft.plan.headers.push((name, sent.join(","))),
        Place::Body(_) if sent == draft.needs.betas => {}
        Place::Body(member) if sent.is_empty() => {
            draft.edit("betas", Change::Placed, Edit::drop(member), "betas: none is left");
        }
        Place::Body(member) => {
            let value = Json::of(&sent).unwrap_or_default();
            let reason = format!("betas: {}", sent.join(", "));
            draft.edit("betas", Change::Placed, Edit::set(member, value), reason);
        }
        Place::Header(_) | Place::Path | Place::Nowhere => {}
    }
    Ok(())
}
