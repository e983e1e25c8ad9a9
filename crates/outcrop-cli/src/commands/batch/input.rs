//! The requests of a file, line by line: each read, checked and collected, and every mistake told before anything is sent.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use outcrop::jobs::{Asks, BatchRecords, RequestLine};
use outcrop::wire::messages::Role;
use outcrop::{Block, Error, MessageRequest};

use crate::args::Lifetime;
use crate::checkpoint;
use crate::exit::{Failure, as_flags};
use crate::printer::Printer;
use crate::question::{LONGEST, content};
use crate::render::stats::counted;

/// How many mistakes are told one by one.
const TOLD: usize = 20;

/// What belongs to each request besides what its line says.
pub(super) struct Template {
    /// What a request does not say.
    pub(super) request: MessageRequest,
    /// Files that are asked about.
    pub(super) files: Vec<Block>,
    pub(super) cache: Option<Lifetime>,
}

/// Collects the requests of a file, `-` being standard input. Nothing of it is held but what was collected.
pub(super) fn collect(
    path: &Path,
    template: &Template,
    records: &mut BatchRecords,
    printer: &Printer,
) -> Result<(), Failure> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let cannot = |error: io::Error| Failure::usage(format!("cannot read {name}: {error}"));
    let mut reader: Box<dyn BufRead> = match path == Path::new("-") {
        true => Box::new(BufReader::new(io::stdin())),
        false => Box::new(BufReader::new(File::open(path).map_err(cannot)?)),
    };
    let (mut number, mut mistakes, mut line) = (0, 0, Vec::new());
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST + 1).read_until(b'\n', &mut line).map_err(cannot)?;
        if read == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Err(why) = take(&line, template, records) {
            mistakes += 1;
            if mistakes <= TOLD {
                printer.mistake(&format!("{name}, line {number}: {why}"));
            }
        }
        if line.len() as u64 > LONGEST {
            // What follows is the rest of the line.
            skip_line(&mut reader).map_err(cannot)?;
        }
    }
    match mistakes {
        0 => Ok(()),
        mistakes => {
            let more = mistakes.saturating_sub(TOLD);
            let more = if more > 0 { format!(" (the first {TOLD} are told)") } else { String::new() };
            let text = format!("{} of {name} cannot be sent{more}; nothing was sent", counted(mistakes, "line"));
            Err(Failure::usage(text).hint("outcrop batch create --help tells what a line may be"))
        }
    }
}

/// Takes a line; else why not.
fn take(line: &[u8], template: &Template, records: &mut BatchRecords) -> Result<(), String> {
    if line.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes, more than a request may have"));
    }
    let text = std::str::from_utf8(line).map_err(|error| format!("it is not UTF-8: {error}"))?;
    // Windows puts it in front of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let RequestLine { record_id, mut asks, .. } =
        RequestLine::read(text, &template.request).map_err(|error| error.to_string())?;
    if let Asks::Message(request) = &mut asks {
        about(request, &template.files);
        if let Some(lifetime) = template.cache {
            checkpoint::set(request, lifetime.into());
        }
    }
    records.add_line(record_id, &asks).map(drop).map_err(|error| told(&error))
}

/// What is wrong with a record, without what the line says by itself.
fn told(error: &Error) -> String {
    let text = error.to_string();
    let why = text.strip_prefix("cannot take ").map_or(&*text, |rest| rest);
    let why = why.replacen(" into a batch job: ", ": ", 1);
    match error.hint() {
        Some(hint) => format!("{why} ({})", as_flags(hint)),
        None => why,
    }
}

/// Puts the files before what is asked first.
fn about(request: &mut MessageRequest, files: &[Block]) {
    let first = request.messages.iter_mut().find(|turn| turn.role == Role::User);
    if let Some(turn) = first.filter(|_| !files.is_empty()) {
        let own = std::mem::replace(&mut turn.content, content(Vec::new())).into_blocks();
        turn.content = content(files.iter().cloned().chain(own).collect());
    }
}

fn skip_line(reader: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let (end, length) = {
            let held = reader.fill_buf()?;
            let end = held.iter().position(|byte| *byte == b'\n');
            (end.is_some() || held.is_empty(), end.map_or(held.len(), |at| at + 1))
        };
        reader.consume(length);
        if end {
            return Ok(());
        }
    }
}
