//! The requests of a file, line by line: each read, checked and collected, and every mistake told before anything is sent.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use outcrop::jobs::{Asks, BatchRecords, RequestLine};
use outcrop::wire::messages::Role;
use outcrop::{Block, Change, Client, Error, MessageRequest};

use super::mistakes::Mistakes;
use super::print;
use crate::args::{BatchRequests, Lifetime};
use crate::exit::{Failure, in_flags};
use crate::printer::Printer;
use crate::question::{LONGEST, content};
use crate::{attach, checkpoint, request};

/// What belongs to each request besides what its line says.
struct Template {
    /// What a request does not say.
    request: MessageRequest,
    /// Files that are asked about.
    files: Vec<Block>,
    cache: Option<Lifetime>,
}

/// The requests of the file, with what the flags say of each.
pub(super) async fn records(
    asked: &BatchRequests,
    client: &Client,
    printer: &Printer,
) -> Result<BatchRecords, Failure> {
    let flags = &asked.request;
    let template = Template {
        request: request::begin(flags),
        files: attach::read(&flags.files, client, printer).await?,
        cache: flags.cache,
    };
    let mut named = template.request.clone();
    request::scoped(&mut named, flags.model.is_some(), asked.scope.as_ref(), client)?;
    let mut records = match asked.converse {
        true => client.jobs().converse_records(named.model).await,
        false => client.jobs().records(named.model).await,
    };
    if asked.skip_checks {
        records = records.unchecked();
    }
    // A request says nothing of the model unless its line does.
    let template = Template { request: MessageRequest { model: "".into(), ..template.request }, ..template };
    collect(&asked.requests, &template, &mut records, printer)?;
    for (adjustment, number) in records.adjustments() {
        let text = format!("{} ({})", adjustment.reason, print::counted(number, "record"));
        match adjustment.change {
            Change::Placed => printer.explain(&text),
            _ => printer.warning(&text),
        }
    }
    Ok(records)
}

/// Collects the requests of a file, `-` being standard input. Nothing of it is held but what was collected.
fn collect(path: &Path, template: &Template, records: &mut BatchRecords, printer: &Printer) -> Result<(), Failure> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let cannot = |error: io::Error| Failure::usage(format!("cannot read {name}: {error}"));
    let mut reader: Box<dyn BufRead> = match path == Path::new("-") {
        true => Box::new(BufReader::new(io::stdin())),
        false => Box::new(BufReader::new(File::open(path).map_err(cannot)?)),
    };
    let (mut number, mut mistakes, mut line) = (0, Mistakes::default(), Vec::new());
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
        if let Err(why) = take(&line, number, template, records) {
            mistakes.add(number, why);
        }
        if line.len() as u64 > LONGEST {
            // What follows is the rest of the line.
            skip_line(&mut reader).map_err(cannot)?;
        }
    }
    mistakes.tell(&name, printer)
}

/// Takes a line; else why not.
fn take(line: &[u8], number: u64, template: &Template, records: &mut BatchRecords) -> Result<(), String> {
    if line.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes, more than a request may have"));
    }
    let text = std::str::from_utf8(line).map_err(|error| format!("it is not UTF-8: {error}"))?;
    // Windows puts it in front of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = RequestLine::read(text, &template.request).map_err(|error| error.to_string())?;
    if let Asks::Message(request) = &mut line.asks {
        about(request, &template.files);
        if let Some(lifetime) = template.cache {
            checkpoint::set(request, lifetime.into());
        }
    }
    records.add_line(&line, number).map(drop).map_err(|error| told(&error))
}

/// What is wrong with a record, without its id: the line is named.
fn told(error: &Error) -> String {
    let text = error.to_string();
    let why = text.split_once(" into a batch job: ").map_or(&*text, |(_, why)| why);
    match error.hint() {
        Some(hint) => format!("{why} ({})", in_flags(hint)),
        None => why.to_owned(),
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
