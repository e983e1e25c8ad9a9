//! catalogue/*.toml -> crates/outcrop-wire/src/catalogue/rows.rs

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
    let known = |file: &str, names: &[String]| match names
        .iter()
        .find(|name| *name != "*" && !models.model.iter().any(|model| model.name == **name))
    {
        Some(name) => Err(format!("catalogue/{file}: no model `{name}`")),
        None => Ok(()),
    };
    let mut out = String::from(
        "//! Written by `cargo run -p xtask` from catalogue/*.toml. Do not edit.\n\nuse super::{Capability, ModelRow, Price, ProfileRow, RetiredRow};\nuse crate::model::Model;\n\nimpl Model {\n",
    );
    for (index, model) in models.model.iter().enumerate() {
        let _ = writeln!(out, "    /// {}: `{}`.", model.title, model.base);
        let _ = writeln!(out, "    pub const {}: Model = Model::row_of(&MODELS[{index}]);", model.constant);
    }
    out.push_str("}\n\n#[rustfmt::skip]\npub(super) static MODELS: &[ModelRow] = &[\n");
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
            let _ = writeln!(
                out,
                "            ProfileRow {{ scope: {:?}, source: {:?}, since: {:?}, until: {:?} }},",
                profile.scope, profile.source, profile.since, profile.until
            );
        }
        out.push_str("        ],\n    },\n");
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
                "    Price {{ model: {:?}, input: {}, output: {}, cache_write_5m: {}, cache_write_1h: {}, cache_read: {}, above: {}, premium: {}, since: {:?}, until: {:?}, source: {:?} }},",
                model,
                micros(&row.input)?,
                micros(&row.output)?,
                micros(&row.cache_write_5m)?,
                micros(&row.cache_write_1h)?,
                micros(&row.cache_read)?,
                row.above.unwrap_or(0),
                premium.map_or(0, |premium| premium.percent),
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
