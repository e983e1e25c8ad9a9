//! One call: the answer is shown while it comes, and may be stopped.

use std::pin::pin;
use std::time::{Duration, Instant};

use outcrop::structured::ParseError;
use outcrop::{Client, Event, Json, Message, MessageRequest, ModelId, Response};
use outcrop_local::ENGINE_HEADER;

use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::View;
use crate::render::stats;

/// How it ended.
pub(crate) enum Answer {
    Whole(Box<Received>),
    /// Somebody stopped it.
    Stopped(Option<Box<Stopped>>),
}

/// A whole answer, and how long it took.
pub(crate) struct Received {
    pub(crate) reply: Response<Message>,
    /// Until the first piece of a stream.
    pub(crate) first: Option<Duration>,
    pub(crate) whole: Duration,
}

/// An answer as far as it came.
pub(crate) struct Stopped {
    pub(crate) partial: Message,
    /// The id that says the price.
    pub(crate) model: ModelId,
    /// The local engine that gave it, if one did.
    pub(crate) engine: Option<String>,
}

/// Waits for the whole answer.
pub(crate) async fn whole(client: &Client, request: &MessageRequest) -> Result<Received, Failure> {
    let started = Instant::now();
    let reply = client.messages().create(request).await?;
    Ok(Received { reply, first: None, whole: started.elapsed() })
}

/// Waits for an answer that holds a value, and gives both.
pub(crate) async fn value(
    client: &Client,
    request: &MessageRequest,
    schema: &Json,
) -> Result<(Received, Result<Json, ParseError>), Failure> {
    let started = Instant::now();
    let parsed = client.messages().parse_as(request, schema).await?;
    Ok((Received { reply: parsed.reply, first: None, whole: started.elapsed() }, parsed.output))
}

/// Shows the answer as it comes; what was shown stays when the stream is cut. Once `stop` is ready, nothing more is
/// read.
pub(crate) async fn stream(
    client: &Client,
    request: &MessageRequest,
    view: &mut View,
    stop: impl Future<Output = ()>,
    printer: &Printer,
) -> Result<Answer, Failure> {
    let started = Instant::now();
    let mut stop = pin!(stop);
    let messages = client.messages();
    let mut stream = tokio::select! {
        biased;
        () = &mut stop => return Ok(Answer::Stopped(None)),
        stream = messages.stream(request) => stream?,
    };
    let mut first = None;
    let outcome = loop {
        let event = tokio::select! {
            biased;
            () = &mut stop => {
                view.end(printer)?;
                let engine = stream.meta().header(ENGINE_HEADER).map(str::to_owned);
                let model = stats::priced(&stream.meta().target.model);
                let partial = stream.snapshot().cloned();
                return Ok(Answer::Stopped(partial.map(|partial| Box::new(Stopped { partial, model, engine }))));
            }
            event = stream.next() => event,
        };
        let event = match event {
            None => break Ok(()),
            Some(Err(error)) => break Err(error),
            Some(Ok(event)) => event,
        };
        if matches!(event, Event::ContentBlockDelta(_)) {
            first.get_or_insert_with(|| started.elapsed());
        }
        view.show(&event, printer)?;
    };
    view.end(printer)?;
    outcome?;
    let reply = stream.finish().await?;
    Ok(Answer::Whole(Box::new(Received { reply, first, whole: started.elapsed() })))
}
