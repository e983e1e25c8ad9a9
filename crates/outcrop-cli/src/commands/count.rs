//! `outcrop count`: the input tokens of a question that is not asked.

use crate::args::Count;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats;
use crate::{question, request, settings};

pub(crate) async fn run(count: Count, printer: &Printer) -> Result<(), Failure> {
    let client = settings::client(&count.connection, printer).await?;
    let mut question = question::read(&count.question, true, &client, printer).await?;
    request::scoped(
        &mut question.request,
        count.question.request.model.is_some(),
        count.connection.scope.as_ref(),
        &client,
    )?;
    let counted = client.messages().count_tokens(&question.sent(&client)?).await?;
    printer.line(&counted.input_tokens.to_string())?;
    stats::tell_count(&counted, &client, &question.request.model, printer);
    Ok(())
}
