//! Where the turns of a chat come from: a person at a terminal, or the lines of standard input.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};

use super::slash::COMMANDS;
use crate::exit::Failure;
use crate::printer::Printer;

/// A source of turns.
pub(super) enum Input {
    /// A person. Away while a line is being read.
    Person(Box<Option<Person>>),
    /// Lines.
    Lines,
}

pub(super) struct Person {
    editor: Editor<Rules, FileHistory>,
    /// Where what was typed is remembered.
    history: Option<PathBuf>,
}

/// So many entries are remembered.
const REMEMBERED: usize = 1000;

impl Input {
    /// A person where input and output are a terminal; lines elsewhere.
    pub(super) fn new(history: Option<PathBuf>, printer: &Printer) -> Result<Self, Failure> {
        if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
            return Ok(Input::Lines);
        }
        let cannot = |error: ReadlineError| Failure::new(format!("cannot read from the terminal: {error}"));
        let config = Config::builder().max_history_size(REMEMBERED).map_err(cannot)?.history_ignore_space(true).build();
        let mut editor = Editor::with_config(config).map_err(cannot)?;
        editor.set_helper(Some(Rules));
        if let Some(path) = &history
            && path.exists()
            && let Err(error) = editor.load_history(path)
        {
            printer.warning(&format!("cannot read the history in {}: {error}", path.display()));
        }
        Ok(Input::Person(Box::new(Some(Person { editor, history }))))
    }

    pub(super) fn is_person(&self) -> bool {
        matches!(self, Input::Person(_))
    }

    /// What was typed next; nothing at the end. Empty entries are left out.
    pub(super) async fn next(&mut self, printer: &Printer) -> Result<Option<String>, Failure> {
        loop {
            let entry = match self {
                Input::Person(person) => person_says(person, printer).await?,
                Input::Lines => lines_say().await?,
            };
            match entry {
                Some(entry) if entry.trim().is_empty() => {}
                entry => return Ok(entry),
            }
        }
    }
}

/// Reads on a thread of its own: connections live on while a person thinks.
async fn person_says(person: &mut Option<Person>, printer: &Printer) -> Result<Option<String>, Failure> {
    let gone = || Failure::new("cannot read from the terminal: it is being read");
    let mut reading = person.take().ok_or_else(gone)?;
    let read = tokio::task::spawn_blocking(move || {
        let read = reading.editor.readline("> ");
        (reading, read)
    });
    let (mut reading, read) = read.await.map_err(|error| Failure::new(format!("cannot read: {error}")))?;
    let entry = match read {
        Ok(entry) => {
            remember(&mut reading, &entry, printer);
            Ok(Some(joined(&entry)))
        }
        // Nothing is running that could be stopped: the line is given up.
        Err(ReadlineError::Interrupted) => {
            printer.note("(Ctrl-D ends the chat)");
            Ok(Some(String::new()))
        }
        Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
            printer.warning("what was typed is not UTF-8: the line is given up");
            Ok(Some(String::new()))
        }
        Err(ReadlineError::Eof) => Ok(None),
        Err(error) => Err(Failure::new(format!("cannot read from the terminal: {error}"))),
    };
    *person = Some(reading);
    entry
}

/// A history that cannot be written is told once.
fn remember(person: &mut Person, entry: &str, printer: &Printer) {
    let Some(path) = &person.history else { return };
    let added = person.editor.add_history_entry(entry);
    if let Err(error) = added.and_then(|_| person.editor.append_history(path)) {
        printer.warning(&format!("cannot write the history to {}: {error}", path.display()));
        person.history = None;
    }
}

/// Lines until they are an entry. A signal ends the program, as it would end any that reads.
async fn lines_say() -> Result<Option<String>, Failure> {
    let reading = tokio::task::spawn_blocking(|| {
        let mut entry = String::new();
        let mut input = io::stdin().lock();
        loop {
            let read = input.read_line(&mut entry).map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => Failure::usage("cannot read standard input: it is not UTF-8"),
                _ => Failure::usage(format!("cannot read standard input: {error}")),
            })?;
            if read == 0 {
                return match entry.is_empty() || is_whole(&entry) {
                    true => Ok(Some(entry).filter(|entry| !entry.is_empty())),
                    false => Err(Failure::usage(
                        "standard input ended inside a turn that goes on: a backslash or \
                        \"\"\" has no end",
                    )),
                };
            }
            if is_whole(&entry) {
                return Ok(Some(entry));
            }
        }
    });
    let read = tokio::select! {
        read = reading => read,
        _ = tokio::signal::ctrl_c() => return Err(Failure::stopped("stopped before the next turn was read")),
    };
    let entry = read.map_err(|error| Failure::new(format!("cannot read: {error}")))??;
    Ok(entry.map(|entry| joined(&entry)))
}

/// What stands around a turn of several lines.
const QUOTES: &str = "\"\"\"";

/// Whether an entry is complete.
fn is_whole(entry: &str) -> bool {
    let entry = entry.trim_end_matches(['\n', '\r']);
    match entry.trim_start().strip_prefix(QUOTES) {
        Some(rest) => rest.trim_end().ends_with(QUOTES),
        None => !entry.ends_with('\\'),
    }
}

/// A complete entry as the text that it stands for.
fn joined(entry: &str) -> String {
    let entry = entry.trim_end_matches(['\n', '\r']);
    match entry.trim().strip_prefix(QUOTES) {
        Some(rest) => rest.strip_suffix(QUOTES).unwrap_or(rest).trim_matches(['\n', '\r']).to_owned(),
        None => entry.replace("\\\r\n", "\n").replace("\\\n", "\n"),
    }
}

/// What the editor asks: whether an entry is complete, and which commands begin so.
struct Rules;

impl Helper for Rules {}
impl Highlighter for Rules {}
impl Hinter for Rules {
    type Hint = String;
}

impl Validator for Rules {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match is_whole(context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

impl Completer for Rules {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line.get(..at).unwrap_or_default();
        let fit = COMMANDS.iter().filter(|row| typed.starts_with('/') && row.name.starts_with(typed));
        Ok((0, fit.map(|row| row.name.to_owned()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_may_have_several_lines() {
        for (entry, text) in [
            ("one\n", "one"),
            ("one\\\ntwo\n", "one\ntwo"),
            ("\"\"\"\none\n\ntwo\\\n\"\"\"\n", "one\n\ntwo\\"),
            ("\"\"\"one\"\"\"\n", "one"),
            ("say \"\"\" here", "say \"\"\" here"),
        ] {
            assert!(is_whole(entry), "{entry:?}");
            assert_eq!(joined(entry), text, "{entry:?}");
        }
        for entry in ["one\\\n", "\"\"\"\n", "\"\"\"one\ntwo\n", "one\\\ntwo\\"] {
            assert!(!is_whole(entry), "{entry:?}");
        }
    }
}
