//! What is wrong with the lines of a file: each mistake told once, with the lines that make it.

use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats::counted;

/// How many different mistakes are told.
const TOLD: usize = 20;

/// How many lines are named for each.
const NAMED: usize = 5;

/// The mistakes of a file.
#[derive(Default)]
pub(super) struct Mistakes {
    kinds: Vec<Mistake>,
    /// Lines that are wrong.
    lines: usize,
    /// Those of them whose mistake is not told.
    untold: usize,
}

struct Mistake {
    why: String,
    /// The first of them.
    lines: Vec<String>,
    count: usize,
}

impl Mistakes {
    pub(super) fn add(&mut self, line: u64, why: String) {
        self.lines += 1;
        let is_told = self.kinds.len() < TOLD;
        match self.kinds.iter_mut().find(|known| known.why == why) {
            Some(known) => {
                known.count += 1;
                if known.lines.len() < NAMED {
                    known.lines.push(line.to_string());
                }
            }
            None if is_told => {
                self.kinds.push(Mistake { why, lines: vec![line.to_string()], count: 1 });
            }
            None => self.untold += 1,
        }
    }

    /// Tells them, and fails if there is one.
    pub(super) fn tell(&self, name: &str, printer: &Printer) -> Result<(), Failure> {
        for Mistake { why, lines, count } in &self.kinds {
            let more = count - lines.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let what = if *count == 1 { "line" } else { "lines" };
            printer.mistake(&format!("{name}, {what} {}{more}: {why}", lines.join(", ")));
        }
        if self.lines == 0 {
            return Ok(());
        }
        let untold = match self.untold {
            0 => String::new(),
            untold => {
                format!(" (what is wrong with {untold} of them is told when the first {TOLD} mistakes are mended)")
            }
        };
        let text = format!("{} of {name} cannot be sent{untold}; nothing was sent", counted(self.lines, "line"));
        Err(Failure::usage(text).hint("outcrop batch create --help tells what a line may be"))
    }
}
