//! `outcrop logging read`: the calls of a log, listed, shown or exported.

use std::fs;

use outcrop::wire::account::logging::{LogObject, LogOrder, ModelInvocationLog};
use outcrop::wire::catalogue::{Catalogue, Cost};
use outcrop::{Surroundings, Usage};

use super::filter::Filter;
use super::folder::{Folder, Object};
use super::show;
use crate::args::LoggingRead;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats::counted;

/// A log that is being read.
struct Reading<'a> {
    asked: &'a LoggingRead,
    folder: &'a Folder,
    filter: Filter<'a>,
    catalogue: Catalogue,
    printer: &'a Printer,
    sum: Sum,
}

/// What came of it so far.
#[derive(Default)]
struct Sum {
    calls: usize,
    input: u64,
    output: u64,
    cost: Cost,
    /// Calls whose price is not known.
    unpriced: usize,
    /// Objects, lines and bodies that could not be read.
    troubles: usize,
}

pub(super) fn run(asked: &LoggingRead, printer: &Printer) -> Result<(), Failure> {
    let folder = Folder::open(&asked.place)?;
    let filter = Filter::new(asked, Surroundings::system().unix());
    let (catalogue, sum) = (Catalogue::built_in(), Sum::default());
    let mut reading = Reading { asked, folder: &folder, filter, catalogue, printer, sum };
    reading.troubles(&folder.troubles);
    for object in &folder.objects {
        if reading.filter.takes_hour(object.hour) {
            reading.object(object)?;
        }
    }
    reading.end()
}

impl Reading<'_> {
    fn object(&mut self, object: &Object) -> Result<(), Failure> {
        let bytes = match fs::read(&object.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.troubles(&[format!("{}: {error}", object.name)]);
                return Ok(());
            }
        };
        for read in LogObject::new(&object.name, &bytes) {
            match read {
                Ok(log) if self.filter.takes(&log) => self.call(log, object)?,
                Ok(_) => {}
                Err(trouble) => self.troubles(&[trouble.to_string()]),
            }
        }
        Ok(())
    }

    /// Prints a call, where its bodies do not say that it is none that was asked for.
    fn call(&mut self, log: ModelInvocationLog, object: &Object) -> Result<(), Failure> {
        let LoggingRead { show, jsonl, messages, .. } = *self.asked;
        // An export of records keeps them as they were logged.
        let logged = (jsonl && !messages).then(|| log.clone());
        let (log, troubles) = match self.filter.reads_bodies() || show || messages {
            true => self.folder.whole(log, object),
            false => (log, Vec::new()),
        };
        self.troubles(&troubles);
        if !self.filter.finds(&log) {
            return Ok(());
        }
        let usage = log.usage();
        let cost = log.cost(&usage, &self.catalogue);
        self.sum.add(&usage, cost);
        let unwritable = |error| Failure::new(format!("cannot write the record of {}: {error}", log.request_id));
        match logged {
            Some(logged) => self.printer.line(&logged.line(LogOrder::SchemaFirst).map_err(unwritable)?)?,
            None if messages => self.printer.line(&show::exported(&log).map_err(unwritable)?)?,
            None if show => self.printer.piece(&show::conversation(&log, &usage, cost))?,
            None => self.printer.line(&show::listed(&log, &usage, cost))?,
        }
        Ok(())
    }

    /// What cannot be read; the rest is.
    fn troubles(&mut self, troubles: &[String]) {
        self.sum.troubles += troubles.len();
        troubles.iter().for_each(|why| self.printer.warning(why));
    }

    fn end(self) -> Result<(), Failure> {
        let Sum { calls, input, output, cost, unpriced, troubles } = self.sum;
        if self.folder.objects.is_empty() {
            self.printer.note("there are no log objects here: their names end in .json.gz or .json");
        } else {
            let mut parts =
                vec![counted(calls, "call"), format!("{input} tokens in, {output} out"), format!("cost {cost}")];
            parts.extend((unpriced > 0).then(|| format!("{unpriced} of unknown price, not in the sum")));
            self.printer.note(&parts.join(" | "));
        }
        if troubles == 0 {
            return Ok(());
        }
        Err(Failure::new(format!("{} of the log could not be read; the rest was", counted(troubles, "part")))
            .hint("an object that is cut off may have been copied in part: fetch it again"))
    }
}

impl Sum {
    fn add(&mut self, usage: &Usage, cost: Option<Cost>) {
        self.calls += 1;
        self.input = self.input.saturating_add(usage.total_input());
        self.output = self.output.saturating_add(usage.output_tokens);
        match cost {
            Some(cost) => self.cost = self.cost + cost,
            None => self.unpriced += 1,
        }
    }
}
