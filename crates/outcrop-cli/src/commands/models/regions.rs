//! `outcrop models regions`: from where a model can be called, and where it is processed.

use outcrop::wire::catalogue::Catalogue;
use serde_json::{Value, json};

use super::meant::find;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) fn run(name: &str, as_json: bool, printer: &Printer) -> Result<(), Failure> {
    let model = find(&Catalogue::built_in(), name)?;
    let row = model.row();
    if as_json {
        let profiles = row.profiles.iter().map(|profile| {
            json!({
                "scope": profile.scope,
                "id": format!("{}.{}", profile.scope, row.base),
                "from": profile.source_regions(),
                "to": profile.destinations(),
                "source": profile.regions_source,
            })
        });
        return Ok(printer.line(&Value::from(profiles.collect::<Vec<_>>()).to_string())?);
    }
    if row.profiles.is_empty() {
        printer.warning(&format!("of {} no inference profile is known: {}", row.name, row.source));
    }
    for profile in row.profiles {
        printer.line(&format!("{}.{}", profile.scope, row.base))?;
        printer.line(&format!("  called from   {}", profile.source_regions().join(" ")))?;
        printer.line(&format!("  processed in  {}", profile.destinations().join(" ")))?;
        printer.explain(profile.regions_source);
    }
    Ok(())
}
