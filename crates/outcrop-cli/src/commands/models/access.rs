//! `outcrop models access`: what stands in the way of models, and what opens it.

mod form;
mod request;
mod status;

use outcrop::account::RetentionMode;
use serde_json::json;

use crate::args::{Access, AccessCommand, Models};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings;

/// What can be said, as far as is known here.
const MODES: &str = "there are none, default, aws_review, provider_data_share, and inherit";

pub(super) async fn run(access: &Access, models: &Models, printer: &Printer) -> Result<(), Failure> {
    if models.offline || access.offline {
        return Err(Failure::usage("access cannot be told offline: AWS has to be asked"));
    }
    let client = settings::account(&models.account, printer).await?;
    match &access.which {
        AccessCommand::Status { models: names, all_regions } => {
            status::run(&client, names, *all_regions, models.json, printer).await
        }
        AccessCommand::Request(wanted) => request::run(&client, wanted, models.json, printer).await,
        AccessCommand::Retention { mode } => {
            let access = client.models().access();
            let retention = match mode.as_deref().map(RetentionMode::from) {
                None => access.retention().await?,
                Some(mode) => access.set_retention(mode).await.map_err(|error| match error.status() {
                    Some(400) => Failure::from(error).hint(MODES),
                    _ => error.into(),
                })?,
            };
            let mode = retention.mode.as_str();
            printer.line(&match models.json {
                true => json!({"mode": mode, "updated_at": retention.updated_at}).to_string(),
                false => mode.to_owned(),
            })?;
            Ok(())
        }
    }
}
