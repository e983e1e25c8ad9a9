//! `outcrop ask`: a question in, an answer out as it comes.

use std::io::{IsTerminal as _, Read as _};
use std::time::{Duration, Instant};

use outcrop::{Client, Delivery, Delta, Event, Message, MessageRequest, Response, StopReason};
use outcrop_local::ENGINE_HEADER;

use crate::args::Ask;
use crate::exit::{self, Failure};
use crate::printer::Printer;
use crate::settings;

pub(crate) async fn run(ask: Ask, printer: &Printer) -> Result<(), Failure> {
    let client = settings::client(&ask, printer).await?;
    client.reasons().for_each(|reason| printer.explain(reason));
    let prompt = prompt(&ask.prompt, printer).await?;
    let mut request = MessageRequest::new(ask.model.clone(), ask.max_tokens).user(prompt);
    if let Some(system) = ask.system.clone() {
        request = request.system(system);
    }
    let delivery = if ask.no_stream { Delivery::Unary } else { Delivery::Stream };
    if ask.dry_run {
        return dry_run(&client, &request, delivery, printer).await;
    }
    let started = Instant::now();
    let (reply, first_token) = match delivery {
        Delivery::Unary | Delivery::Count => {
            let reply = client.messages().create(&request).await?;
            if !ask.json {
                printer.line(&reply.text())?;
            }
            (reply, None)
        }
        Delivery::Stream => stream(&client, &request, ask.json, started, printer).await?,
    };
    if ask.json {
        let json = serde_json::to_string(&*reply)
            .map_err(|error| Failure::new(format!("cannot write the message: {error}")))?;
        printer.line(&json)?;
    }
    let reasons = reply.meta.adjustments.iter().map(|adjustment| &adjustment.reason);
    for reason in reply.meta.notes.iter().chain(reasons) {
        printer.explain(reason);
    }
    for (attempt, number) in reply.meta.attempts.iter().zip(1..) {
        printer.explain(&exit::line(attempt, number));
    }
    printer.note(&summary(&reply, first_token, started.elapsed()));
    if let Some(remark) = remark(&reply) {
        printer.warning(remark);
    }
    Ok(())
}

/// The longest question: no model takes more.
const LONGEST: u64 = 25_000_000;

/// Arguments, standard input, or both: first the question, then what it is about.
async fn prompt(arguments: &[String], printer: &Printer) -> Result<String, Failure> {
    let question = arguments.join(" ");
    let mut input = String::new();
    if !std::io::stdin().is_terminal() {
        let mut reading = tokio::task::spawn_blocking(|| {
            let mut input = Vec::new();
            std::io::stdin().take(LONGEST + 1).read_to_end(&mut input).map(|_| input)
        });
        let read = match tokio::time::timeout(Duration::from_secs(1), &mut reading).await {
            Ok(read) => read,
            Err(_) => {
                printer.note("reading standard input to its end (</dev/null leaves it out)");
                reading.await
            }
        };
        let read = read.map_err(std::io::Error::other).and_then(|read| read);
        let cannot_read = |why: String| Failure::usage(format!("cannot read standard input: {why}"));
        let read = read.map_err(|error| cannot_read(error.to_string()))?;
        if read.len() as u64 > LONGEST {
            return Err(Failure::usage(format!(
                "standard input is longer than {LONGEST} bytes, more than a request may have"
            )));
        }
        input = String::from_utf8(read).map_err(|_| cannot_read("it is not UTF-8".to_owned()))?;
    }
    let input = input.trim_end();
    match (question.trim().is_empty(), input.trim().is_empty()) {
        (false, false) => Ok(format!("{question}\n\n{input}")),
        (false, true) => Ok(question),
        (true, false) => Ok(input.to_owned()),
        (true, true) => Err(Failure::usage("there is nothing to ask: no prompt and nothing on standard input")
            .hint("outcrop ask \"Hello, world\"")),
    }
}

async fn dry_run(
    client: &Client,
    request: &MessageRequest,
    delivery: Delivery,
    printer: &Printer,
) -> Result<(), Failure> {
    let shown = client.messages().dry_run(request, delivery).await?;
    for reason in shown.plan.reasons() {
        printer.note(&format!("plan: {reason}"));
    }
    printer.piece(&shown.to_string())?;
    Ok(())
}

/// Prints text as it comes; what was printed stays when the stream is cut.
async fn stream(
    client: &Client,
    request: &MessageRequest,
    json: bool,
    started: Instant,
    printer: &Printer,
) -> Result<(Response<Message>, Option<Duration>), Failure> {
    let mut stream = client.messages().stream(request).await?;
    let mut first_token = None;
    let mut at_line_start = true;
    let outcome = loop {
        let event = match stream.next().await {
            None => break Ok(()),
            Some(Err(error)) => break Err(error),
            Some(Ok(event)) => event,
        };
        let Event::ContentBlockDelta(event) = event else { continue };
        first_token.get_or_insert_with(|| started.elapsed());
        if let Delta::Text(delta) = event.delta
            && !json
            && !delta.text.is_empty()
        {
            at_line_start = delta.text.ends_with('\n');
            printer.piece(&delta.text)?;
        }
    };
    if !at_line_start {
        printer.piece("\n")?;
    }
    outcome?;
    Ok((stream.finish().await?, first_token))
}

/// Who answered, tokens, times, request id.
fn summary(reply: &Response<Message>, first_token: Option<Duration>, whole: Duration) -> String {
    let who = match reply.meta.header(ENGINE_HEADER) {
        Some(engine) => format!("answered by the local engine `{engine}`, not Claude"),
        None => format!("answered by {}", reply.model),
    };
    let usage = &reply.usage;
    let mut parts = vec![who, format!("{} tokens in, {} out", usage.total_input(), usage.output_tokens)];
    parts.extend(first_token.map(|time| format!("first token {}", shown(time))));
    parts.push(format!("total {}", shown(whole)));
    parts.extend(reply.meta.request_id.as_ref().map(|id| format!("request {id}")));
    parts.join(" | ")
}

/// What a person should know about how it ended.
fn remark(reply: &Message) -> Option<&'static str> {
    match reply.stop_reason.as_ref()? {
        StopReason::MaxTokens => Some("the answer was cut at --max-tokens"),
        StopReason::Refusal => Some("the model declined to answer"),
        StopReason::ModelContextWindowExceeded => Some("the context window is full"),
        _ => None,
    }
}

fn shown(duration: Duration) -> String {
    match duration.as_millis() {
        milliseconds @ 0..10 => format!("{milliseconds}.{} ms", duration.as_micros() % 1000 / 100),
        milliseconds @ 10..1000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}
