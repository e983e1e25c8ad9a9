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
    model: String,
    surface: String,
    key: String,
    value: String,
    source: String,
    since: Option<String>,
    until: Option<String>,
}

/// The text of rows.rs.
pub(crate) fn rows(root: &Path) -> Result<String, String> {
    let models: Models = read(root, "catalogue/models.toml")?;
    let capabilities: Capabilities = read(root, "catalogue/capabilities.toml")?;
    for capability in &capabilities.capability {
        if capability.model != "*" && !models.model.iter().any(|model| model.name == capability.model) {
            return Err(format!("catalogue/capabilities.toml: no model `{}`", capability.model));
        }
    }
    let mut out = String::from(
        "//! Written by `cargo run -p xtask` from catalogue/*.toml. Do not edit.\n\nuse super::{Capability, ModelRow, ProfileRow};\nuse crate::model::Model;\n\nimpl Model {\n",
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
        let _ = writeln!(
            out,
            "    Capability {{ model: {:?}, surface: {:?}, key: {:?}, value: {:?}, since: {:?}, until: {:?},\n        source: {:?} }},",
            row.model, row.surface, row.key, row.value, row.since, row.until, row.source
        );
    }
    out.push_str("];\n");
    Ok(out)
}

fn read<T: for<'de> Deserialize<'de>>(root: &Path, name: &str) -> Result<T, String> {
    let path = root.join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {name}: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("cannot read {name}: {error}"))
}
