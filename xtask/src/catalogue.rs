//! catalogue/*.toml -> crates/outcrop-wire/src/catalogue/rows.rs

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

/// Where the rows go.
pub(crate) const GENERATED: &str = "crates/outcrop-wire/src/catalogue/rows.rs";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Models {
    model: Vec<Model>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    constant: String,
    name: String,
    title: String,
    base: String,
    reply: String,
    short: Vec<String>,
    aliases: Vec<String>,
    profiles: Vec<Profile>,
    source: String,
    since: Option<String>,
    until: Option<String>,
    lifecycle: Option<Lifecycle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifecycle {
    not_before: Option<String>,
    legacy: Option<String>,
    extended: Option<String>,
    ends: Option<String>,
    #[serde(default)]
    regions: Vec<String>,
    source: String,
}

impl Lifecycle {
    fn written(&self) -> String {
        let Lifecycle { not_before, legacy, extended, ends, regions, source } = self;
        format!(
            "Lifecycle {{\n            not_before: {not_before:?}, legacy: {legacy:?}, extended: {extended:?}, ends: {ends:?},\n            regions: &{regions:?},\n            source: {source:?},\n        }}"
        )
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    scope: String,
    source: String,
    since: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profiles {
    /// Sets of regions by name.
    regions: BTreeMap<String, Vec<String>>,
    profile: Vec<Place>,
}

/// Where profiles of a scope are called from and processed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    scope: String,
    models: Names,
    from: String,
    to: String,
    source: String,
}

impl Profiles {
    /// The row of a model's profile: its own, or else that of every model.
    fn of(&self, model: &str, scope: &str) -> Result<&Place, String> {
        let of_scope = || self.profile.iter().filter(|place| place.scope == scope);
        let named = |name: &str| of_scope().find(|place| place.models.names().iter().any(|known| known == name));
        let place = named(model).or_else(|| named("*"));
        place.ok_or_else(|| format!("catalogue/profiles.toml: no row for the `{scope}.` profile of `{model}`"))
    }

    /// The constant of a set of regions.
    fn set(&self, name: &str) -> Result<String, String> {
        match self.regions.contains_key(name) {
            true => Ok(constant(name)),
            false => Err(format!("catalogue/profiles.toml: no regions are called `{name}`")),
        }
    }

    /// The sets, and every region there is.
    fn write(&self, out: &mut String) {
        for (name, regions) in &self.regions {
            let _ = writeln!(out, "#[rustfmt::skip]\nconst {}: &[&str] = &{regions:?};", constant(name));
        }
        let every: BTreeSet<&String> = self.regions.values().flatten().collect();
        let every: Vec<&String> = every.into_iter().collect();
        let _ = writeln!(out, "#[rustfmt::skip]\npub(super) static REGIONS: &[&str] = &{every:?};\n");
    }
}

/// `us-6` is `REGIONS_US_6`.
fn constant(set: &str) -> String {
    format!("REGIONS_{}", set.to_uppercase().replace('-', "_"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Capabilities {
    capability: Vec<Capability>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Capability {
    models: Names,
    surface: Names,
    key: String,
    value: String,
    source: String,
    since: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    price: Vec<Price>,
    premium: Vec<Premium>,
    batch: Batch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    percent: u64,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    models: Vec<String>,
    input: String,
    output: String,
    cache_write_5m: String,
    cache_write_1h: String,
    cache_read: String,
    above: Option<u64>,
    source: String,
    since: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Premium {
    models: Vec<String>,
    percent: u64,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllRetired {
    retired: Vec<Retired>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retired {
    base: String,
    title: String,
    source: String,
    since: Option<String>,
}

/// One name or `*`, or several names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    These(Vec<String>),
}

impl Names {
    fn names(&self) -> &[String] {
        match self {
            Names::One(name) => std::slice::from_ref(name),
            Names::These(names) => names,
        }
    }
}

/// The text of rows.rs.
pub(crate) fn rows(root: &Path) -> Result<String, String> {
    let models: Models = read(root, "catalogue/models.toml")?;
    let capabilities: Capabilities = read(root, "catalogue/capabilities.toml")?;
    let prices: Prices = read(root, "catalogue/prices.toml")?;
    let retired: AllRetired = read(root, "catalogue/retired.toml")?;
    let profiles: Profiles = read(root, "catalogue/profiles.toml")?;
    let known = |file: &str, names: &[String]| match names
        .iter()
        .find(|name| *name != "*" && !models.model.iter().any(|model| model.name == **name))
    {
        Some(name) => Err(format!("catalogue/{file}: no model `{name}`")),
        None => Ok(()),
    };
    let mut out = String::from(
        "//! Written by `cargo run -p xtask` from catalogue/*.toml. Do not edit.\n\nuse super::{Capability, Lifecycle, ModelRow, Price, ProfileRow, RetiredRow};\nuse crate::model::Model;\n\nimpl Model {\n",
    );
    for place in &profiles.profile {
        known("profiles.toml", place.models.names())?;
    }
    for (index, model) in models.model.iter().enumerate() {
        let _ = writeln!(out, "    /// {}: `{}`.", model.title, model.base);
        let _ = writeln!(out, "    pub const {}: Model = Model::row_of(&MODELS[{index}]);", model.constant);
    }
    out.push_str("}\n\n");
    profiles.write(&mut out);
    out.push_str("#[rustfmt::skip]\npub(super) static MODELS: &[ModelRow] = &[\n");
    for model in &models.model {
        let _ = writeln!(
            out,
            "    ModelRow {{\n        name: {:?}, title: {:?},\n        base: {:?}, reply: {:?},\n        short: &{:?}, aliases: &{:?},\n        source: {:?}, since: {:?}, until: {:?},\n        profiles: &[",
            model.name,
            model.title,
            model.base,
            model.reply,
            model.short,
            model.aliases,
            model.source,
            model.since,
            model.until
        );
        for profile in &model.profiles {
            let place = profiles.of(&model.name, &profile.scope)?;
            let _ = writeln!(
                out,
                "            ProfileRow {{\n                scope: {:?}, source: {:?}, since: {:?}, until: {:?},\n                from: {}, to: {}, regions_source: {:?},\n            }},",
                profile.scope,
                profile.source,
                profile.since,
                profile.until,
                profiles.set(&place.from)?,
                profiles.set(&place.to)?,
                place.source
            );
        }
        let lifecycle = match &model.lifecycle {
            Some(lifecycle) => format!("Some({})", lifecycle.written()),
            None => "None".to_owned(),
        };
        let _ = writeln!(out, "        ],\n        lifecycle: {lifecycle},\n    }},");
    }
    out.push_str("];\n\n#[rustfmt::skip]\npub(super) static CAPABILITIES: &[Capability] = &[\n");
    for row in &capabilities.capability {
        known("capabilities.toml", row.models.names())?;
        let on = |surface| row.models.names().iter().map(move |model| (model, surface));
        for (model, surface) in row.surface.names().iter().flat_map(on) {
            let _ = writeln!(
                out,
                "    Capability::row({:?}, {:?}, {:?}, {:?}, {:?}, {:?}, {:?}),",
                model, surface, row.key, row.value, row.since, row.until, row.source
            );
        }
    }
    out.push_str("];\n\n#[rustfmt::skip]\npub(super) static PRICES: &[Price] = &[\n");
    for row in &prices.price {
        known("prices.toml", &row.models)?;
        for model in &row.models {
            let premium = prices.premium.iter().find(|premium| premium.models.contains(model));
            let _ = writeln!(
                out,
                "    Price {{ model: {:?}, input: {}, output: {}, cache_write_5m: {}, cache_write_1h: {}, cache_read: {}, above: {}, premium: {}, batch: {}, since: {:?}, until: {:?}, source: {:?} }},",
                model,
                micros(&row.input)?,
                micros(&row.output)?,
                micros(&row.cache_write_5m)?,
                micros(&row.cache_write_1h)?,
                micros(&row.cache_read)?,
                row.above.unwrap_or(0),
                premium.map_or(0, |premium| premium.percent),
                prices.batch.percent,
                row.since,
                row.until,
                row.source
            );
        }
    }
    for premium in &prices.premium {
        known("prices.toml", &premium.models)?;
        let _ = writeln!(out, "    // + {} %: {}", premium.percent, premium.source);
    }
    let _ = writeln!(out, "    // - {} % in a batch: {}", prices.batch.percent, prices.batch.source);
    out.push_str("];\n\n#[rustfmt::skip]\npub(super) static RETIRED: &[RetiredRow] = &[\n");
    for row in &retired.retired {
        let _ = writeln!(
            out,
            "    RetiredRow {{ base: {:?}, title: {:?}, source: {:?}, since: {:?} }},",
            row.base, row.title, row.source, row.since
        );
    }
    out.push_str("];\n");
    Ok(out)
}

/// Dollars as millionths.
fn micros(dollars: &str) -> Result<u64, String> {
    let wrong = || format!("catalogue/prices.toml: `{dollars}` is no price");
    let (whole, part) = dollars.split_once('.').unwrap_or((dollars, ""));
    if part.len() > 6 {
        return Err(wrong());
    }
    format!("{whole}{part:0<6}").parse().map_err(|_| wrong())
}

fn read<T: for<'de> Deserialize<'de>>(root: &Path, name: &str) -> Result<T, String> {
    let path = root.join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {name}: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("cannot read {name}: {error}"))
}
