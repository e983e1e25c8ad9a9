//! All output of the program: data to stdout, everything else to stderr.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};

use crate::exit::Failure;

/// Prints. What is `note`d can be silenced, what is `explain`ed must be asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    quiet: bool,
    verbose: bool,
    /// Standard output is a terminal: it must obey nobody but us.
    terminal: bool,
    /// Standard output shows styles: a terminal, and nothing in the environment says otherwise.
    styles: bool,
}

impl Printer {
    pub(crate) fn new(quiet: bool, verbose: bool) -> Self {
        let stdout = io::stdout();
        let styles = AutoStream::choice(&stdout) != ColorChoice::Never;
        Printer { quiet, verbose, terminal: stdout.is_terminal(), styles }
    }

    /// Whether standard output shows styles.
    pub(crate) fn styles(&self) -> bool {
        self.styles
    }

    /// Whether nothing is said but the answer, warnings and errors.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A piece of the answer, now.
    pub(crate) fn piece(&self, text: &str) -> io::Result<()> {
        match self.terminal {
            true => self.rendered(&plain(text)),
            false => self.rendered(text),
        }
    }

    /// A piece of text that was made for a terminal: whoever rendered it has taken out what is not to be obeyed.
    pub(crate) fn rendered(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// A line of data.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        self.piece(&format!("{text}\n"))
    }

    /// A line about the call.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(&plain(text));
        }
    }

    /// A question, which the answer follows on the same line.
    pub(crate) fn prompt(&self, text: &str) {
        let mut out = anstream::stderr().lock();
        let _ = out.write_all(plain(text).as_bytes()).and_then(|()| out.flush());
    }

    /// A line for who wants to know.
    pub(crate) fn explain(&self, text: &str) {
        if self.verbose {
            self.say(&plain(text));
        }
    }

    /// Something that works now and may not later, or that is not what was asked for: said to the quiet too.
    pub(crate) fn warning(&self, text: &str) {
        self.say(&format!("\x1b[33mwarning:\x1b[0m {}", plain(text)));
    }

    /// One of several mistakes; why the command fails is said behind them.
    pub(crate) fn mistake(&self, text: &str) {
        self.say(&format!("\x1b[31merror:\x1b[0m {}", plain(text)));
    }

    /// Says why it failed, and gives the exit code.
    pub(crate) fn failed(&self, failure: &Failure) -> ExitCode {
        if failure.silent {
            return ExitCode::SUCCESS;
        }
        for attempt in &failure.attempts {
            self.explain(attempt);
        }
        self.say(&format!("\x1b[31merror:\x1b[0m {}", plain(&failure.text)));
        if let Some(request_id) = &failure.request_id {
            self.say(&format!("request id: {request_id}"));
        }
        if let Some(hint) = &failure.hint {
            self.say(&format!("\x1b[36mhint:\x1b[0m {}", plain(hint)));
        }
        ExitCode::from(failure.exit as u8)
    }

    /// Colours vanish where stderr is no terminal. That stderr is gone is no reason to stop.
    fn say(&self, text: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}

/// The text without what a terminal would obey: a server's words may hold anything.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|letter| is_harmless(*letter)).collect()
}

/// Whether a terminal only shows it.
pub(crate) fn is_harmless(letter: char) -> bool {
    !letter.is_control() || letter == '\n' || letter == '\t'
}
