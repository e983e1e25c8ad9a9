//! The events of an answer -> what is shown of them.

mod markdown;
pub(crate) mod stats;
pub(crate) mod table;

use std::io;

use outcrop::{Block, Delta, Event};

use self::markdown::Markdown;
use crate::exit::Failure;
use crate::printer::{Printer, plain};

/// How an answer is shown while it comes.
pub(crate) enum View {
    /// Not at all.
    Silent,
    /// Its text, as it is.
    Text(Text),
    /// Every event, a line of JSON each.
    Events,
    /// Its text for a terminal, thinking included.
    Terminal(Terminal),
}

/// Text as it is.
#[derive(Default)]
pub(crate) struct Text {
    /// The last piece ended inside a line.
    inside: bool,
}

/// Text for a terminal.
#[derive(Default)]
pub(crate) struct Terminal {
    markdown: Markdown,
    thinking: bool,
}

const DIM: &str = "\x1b[2m";
const NOT_DIM: &str = "\x1b[22m";

impl View {
    /// Shows what an event brings.
    pub(crate) fn show(&mut self, event: &Event, printer: &Printer) -> Result<(), Failure> {
        match self {
            View::Silent => {}
            View::Events => {
                let json = serde_json::to_string(event)
                    .map_err(|error| Failure::new(format!("cannot write the event: {error}")))?;
                printer.line(&json)?;
            }
            View::Text(text) => {
                if let Event::ContentBlockDelta(event) = event
                    && let Delta::Text(delta) = &event.delta
                    && !delta.text.is_empty()
                {
                    text.inside = !delta.text.ends_with('\n');
                    printer.piece(&delta.text)?;
                }
            }
            View::Terminal(terminal) => terminal.show(event, printer)?,
        }
        Ok(())
    }

    /// Shows what was held back, and ends the last line.
    pub(crate) fn end(&mut self, printer: &Printer) -> io::Result<()> {
        match self {
            View::Silent | View::Events => Ok(()),
            View::Text(text) if text.inside => {
                text.inside = false;
                printer.piece("\n")
            }
            View::Text(_) => Ok(()),
            View::Terminal(terminal) => terminal.end(printer),
        }
    }
}

impl Terminal {
    fn show(&mut self, event: &Event, printer: &Printer) -> io::Result<()> {
        match event {
            Event::ContentBlockStart(start) if matches!(start.content_block, Block::Thinking(_)) => {
                self.thinking = true;
                printer.rendered(DIM)
            }
            Event::ContentBlockStop(_) => self.thought(printer),
            Event::ContentBlockDelta(event) => match &event.delta {
                Delta::Text(delta) => printer.rendered(&self.markdown.push(&delta.text)),
                Delta::Thinking(delta) => printer.rendered(&plain(&delta.thinking)),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Thinking is over.
    fn thought(&mut self, printer: &Printer) -> io::Result<()> {
        match std::mem::take(&mut self.thinking) {
            true => printer.rendered(&format!("{NOT_DIM}\n\n")),
            false => Ok(()),
        }
    }

    fn end(&mut self, printer: &Printer) -> io::Result<()> {
        self.thought(printer)?;
        printer.rendered(&std::mem::take(&mut self.markdown).finish())
    }
}
