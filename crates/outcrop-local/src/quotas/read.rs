//! The text of a quotas file, or those of an account file -> the quotas.

use std::borrow::Cow;

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::ModelId;

use super::{Quota, Quotas, Row, Way};
use crate::table::{self, Field, Result};

const WAYS: [(&str, Way); 4] = [
    ("on-demand", Way::OnDemand),
    ("cross-region", Way::CrossRegion),
    ("global", Way::Global),
    ("mantle", Way::Mantle),
];

/// What may be limited on the runtime, and on Mantle.
const ON_RUNTIME: [&str; 3] = ["requests", "tokens", "tokens_a_day"];
const ON_MANTLE: [&str; 2] = ["input_tokens", "output_tokens"];

pub(super) fn quotas(text: &str) -> Result<Quotas> {
    table::whole(text, |top| {
        let rows = top.take("quota").map_or(Ok(Vec::new()), |field| rows(&field))?;
        Ok(Quotas(rows))
    })
}

/// The quotas of an account file: those of a word, or a list of them.
pub(super) fn of_account(field: &Field<'_>) -> Result<Quotas> {
    match field.text() {
        Ok("default") => Ok(Quotas::usual()),
        Ok("new-account") => Ok(Quotas::new_account()),
        _ => {
            let expected = "\"default\" or \"new-account\" or a list of quotas, each begun with [[quotas]]";
            let rows = field.list(expected)?;
            Ok(Quotas(rows.iter().map(row).collect::<Result<_>>()?))
        }
    }
}

/// The quotas of a list, each begun with `[[quota]]`.
fn rows(field: &Field<'_>) -> Result<Vec<Row>> {
    let rows = field.list("a list of quotas, each begun with [[quota]]")?;
    rows.iter().map(row).collect()
}

fn row(field: &Field<'_>) -> Result<Row> {
    let mut table = field.table_or("a table")?;
    let (model, way) = (table.take("model"), table.take("way"));
    let on_runtime = ON_RUNTIME.map(|name| table.take(name));
    let on_mantle = ON_MANTLE.map(|name| table.take(name));
    table.finish()?;
    let number = |field: &Option<Field<'_>>| field.as_ref().map(|field| field.whole(0)).transpose();
    let none = |fields: &[Option<Field<'_>>], why: &str| match fields.iter().flatten().next() {
        Some(field) => Err(field.error(why)),
        None => Ok(()),
    };
    let model = model.map_or(Ok(Cow::Borrowed("*")), |field| self::model(&field))?;
    let way = way.map(|field| field.one_of(&WAYS)).transpose()?;
    let quota = if way == Some(Way::Mantle) {
        none(&on_runtime, "Mantle has no such quota: it limits `input_tokens` and `output_tokens`")?;
        let [input, output] = &on_mantle;
        Quota { tokens: number(input)?, output_tokens: number(output)?, ..Quota::default() }
    } else {
        none(&on_mantle, "the runtime counts input and output together, as `tokens`; `way = \"mantle\"` has this")?;
        let [requests, tokens, tokens_a_day] = &on_runtime;
        let (requests, tokens, tokens_a_day) = (number(requests)?, number(tokens)?, number(tokens_a_day)?);
        Quota { requests, tokens, tokens_a_day, ..Quota::default() }
    };
    Ok(Row { model, way, quota })
}

/// Our name of a model.
fn model(field: &Field<'_>) -> Result<Cow<'static, str>> {
    let text = field.text()?;
    if text == "*" {
        return Ok(Cow::Borrowed("*"));
    }
    let named = Catalogue::built_in().resolve(&ModelId::from(text)).model;
    named.map(|model| Cow::Borrowed(model.name())).ok_or_else(|| field.expected("a model of the catalogue, or *"))
}
