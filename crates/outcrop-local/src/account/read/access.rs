//! What an account file says of model access -> what the account may use when it starts.

use std::time::Duration;

use outcrop_wire::account::{RetentionMode, UseCase};
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::{Model, ModelId};

use crate::account::{Access, Granted};
use crate::table::{Field, Result, Table};

/// The table `[access]`: what it does not say stays as it is.
pub(super) fn access(field: &Field<'_>, access: &mut Access) -> Result<()> {
    let mut table = field.table()?;
    if let Some(field) = table.take("models") {
        access.models = match field.one_of(&[("all", Granted::All), ("none", Granted::These(Vec::new()))]) {
            Ok(granted) => granted,
            Err(_) => Granted::These(models(&field, "\"all\", \"none\" or a list of models")?),
        };
    }
    if let Some(field) = table.take("form") {
        access.form = match field.flag() {
            Ok(true) => Access::open().form,
            Ok(false) => None,
            Err(_) => Some(form(field.table_or("true, false or a table")?)?),
        };
    }
    if let Some(field) = table.take("retention") {
        let modes = ["default", "none", "aws_review", "provider_data_share", "inherit"];
        access.retention = field.one_of(&modes.map(|mode| (mode, RetentionMode::from(mode))))?;
    }
    if let Some(field) = table.take("pending") {
        access.pending = Duration::from_millis(field.whole(0)?);
    }
    table.finish()
}

/// The tables `[regions.NAME]`.
pub(super) fn regions(field: &Field<'_>, access: &mut Access) -> Result<()> {
    for (region, field) in field.table_or("tables, begun with [regions.NAME]")?.all() {
        let mut table = field.table()?;
        if let Some(field) = table.take("lacks") {
            access.lacks.insert(region, models(&field, "a list of models")?);
        }
        table.finish()?;
    }
    Ok(())
}

fn form(mut table: Table<'_>) -> Result<UseCase> {
    let mut text = |name: &str| table.take(name).map_or(Ok(""), |field| field.text()).map(str::to_owned);
    let form = UseCase {
        company_name: text("company_name")?,
        company_website: text("company_website")?,
        intended_users: text("intended_users")?,
        industry_option: text("industry_option")?,
        other_industry_option: text("other_industry_option")?,
        use_cases: text("use_cases")?,
        ..UseCase::default()
    };
    table.finish()?;
    Ok(form)
}

/// Models by our names and their ids; those of profiles are the models behind them.
fn models(field: &Field<'_>, expected: &str) -> Result<Vec<Model>> {
    let catalogue = Catalogue::built_in();
    let model = |field: &Field<'_>| {
        let name = field.text()?;
        let named = catalogue.resolve(&ModelId::from(name)).model;
        named.ok_or_else(|| field.expected("a model of the catalogue, such as \"claude-opus-4-6\""))
    };
    field.list(expected)?.iter().map(model).collect()
}
