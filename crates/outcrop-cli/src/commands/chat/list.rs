//! The list of sessions.

use std::time::Duration;

use outcrop::Surroundings;

use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats::counted;
use crate::session::Store;

/// Every session, a line each, the one used last first.
pub(super) fn run(store: &Store, surroundings: &Surroundings, printer: &Printer) -> Result<(), Failure> {
    let listed = store.list()?;
    if listed.is_empty() {
        printer.note("there are no sessions yet");
    }
    for entry in listed {
        let age = surroundings.now().duration_since(entry.used).unwrap_or_default();
        match entry.session {
            Ok(session) => printer.line(&format!(
                "{}\t{}\t{}\t{}",
                entry.name,
                ago(age),
                counted(session.request.messages.len(), "turn"),
                session.title()
            ))?,
            Err(why) => printer.line(&format!("{}\t{}\tcannot be read: {why}", entry.name, ago(age)))?,
        }
    }
    Ok(())
}

fn ago(age: Duration) -> String {
    match age.as_secs() {
        0..60 => "now".to_owned(),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..86400 => format!("{} h", seconds / 3600),
        seconds => counted(usize::try_from(seconds / 86400).unwrap_or(usize::MAX), "day"),
    }
}
