//! `outcrop ask`: a question in, an answer out as it comes.

use std::future::pending;

use outcrop::structured::ParseError;
use outcrop::{Block, Client, Delivery, MessageRequest};

use crate::answer::{self, Answer};
use crate::args::Ask;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::{View, stats};
use crate::schema::Schema;
use crate::{question, request, settings};

pub(crate) async fn run(ask: Ask, printer: &Printer) -> Result<(), Failure> {
    let client = match ask.dry_run {
        true => settings::client_for_show(&ask.connection, printer).await?,
        false => settings::client(&ask.connection, printer).await?,
    };
    let client = client.with_options(ask.handling.options()?);
    let mut question = question::read(&ask.question, false, &client, printer).await?;
    request::scoped(
        &mut question.request,
        ask.question.request.model.is_some(),
        ask.connection.scope.as_ref(),
        &client,
    )?;
    if ask.dry_run {
        let delivery = if ask.no_stream { Delivery::Unary } else { Delivery::Stream };
        return dry_run(&client, &question.sent(&client)?, delivery, printer).await;
    }
    let request = &question.request;
    if let Some(schema) = &question.schema {
        return fitting(&client, request, schema, ask.json, printer).await;
    }
    let received = match ask.no_stream {
        true => {
            let received = answer::whole(&client, request).await?;
            if !ask.json {
                printer.line(&received.reply.text())?;
            }
            received
        }
        false => {
            let mut view = match (ask.stream_json, ask.json) {
                (true, _) => View::Events,
                (false, true) => View::Silent,
                (false, false) => View::Text(Default::default()),
            };
            match answer::stream(&client, request, &mut view, pending(), printer).await {
                Ok(Answer::Whole(received)) => *received,
                Ok(Answer::Stopped(_)) => return Ok(()),
                Err(failure) => {
                    // Text and events were printed as they came.
                    if let (true, Some(partial)) = (ask.json, &failure.partial) {
                        printer.line(&json(partial)?)?;
                    }
                    return Err(failure);
                }
            }
        }
    };
    if ask.json {
        printer.line(&json(&*received.reply)?)?;
    } else if !ask.stream_json {
        for block in received.reply.content.iter().filter(|block| matches!(block, Block::ToolUse(_))) {
            printer.line(&json(block)?)?;
        }
    }
    stats::tell(&received, &client, printer);
    Ok(())
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::new(format!("cannot write the message: {error}")))
}

/// Asks for JSON. What does not fit is not given out as if it did; nor is it lost.
async fn fitting(
    client: &Client,
    request: &MessageRequest,
    schema: &Schema,
    whole: bool,
    printer: &Printer,
) -> Result<(), Failure> {
    let (received, value) = answer::value(client, request, &schema.json).await?;
    stats::tell(&received, client, printer);
    let misfit = |why: String, text: &str| {
        let text = if text.is_empty() { "empty" } else { text };
        Failure::new(format!("{why}\nthe answer was: {text}"))
    };
    match value {
        Err(ParseError::Invalid { why, text }) => return Err(misfit(format!("the answer is no JSON: {why}"), &text)),
        Err(error) => {
            let failure = misfit(format!("there is no answer that fits the schema: {error}"), error.text());
            return Err(match error {
                ParseError::Truncated { .. } => failure.hint("give it more room with --max-tokens"),
                _ => failure,
            });
        }
        Ok(value) => match (schema.misfit(&value), whole) {
            (Some(why), _) => return Err(misfit(format!("the answer does not fit the schema: {why}"), value.text())),
            (None, true) => printer.line(&json(&*received.reply)?)?,
            (None, false) => printer.line(value.text())?,
        },
    }
    Ok(())
}

async fn dry_run(
    client: &Client,
    request: &MessageRequest,
    delivery: Delivery,
    printer: &Printer,
) -> Result<(), Failure> {
    let shown = client.messages().dry_run(request, delivery).await?;
    // Where it is not the one that is taken by itself, the plan says so, and why.
    if !shown.plan.reasons().any(|reason| reason.starts_with("surface ")) {
        printer.note(&format!("plan: surface {}: it has the model and what is needed", shown.plan.target.surface));
    }
    for reason in shown.plan.reasons() {
        printer.note(&format!("plan: {reason}"));
    }
    printer.piece(&shown.to_string())?;
    Ok(())
}
