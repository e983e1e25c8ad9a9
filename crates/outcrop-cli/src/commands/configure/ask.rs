//! Where values come from: a person at a terminal, the lines of standard input, a variable, a file.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::pin::pin;

use crate::exit::Failure;
use crate::printer::Printer;

/// Answers to questions.
pub(super) struct Answers {
    printer: Printer,
    person: bool,
}

impl Answers {
    pub(super) fn new(printer: Printer) -> Self {
        Answers { printer, person: io::stdin().is_terminal() }
    }

    /// Whether there is somebody to ask.
    pub(super) fn is_person(&self) -> bool {
        self.person
    }

    /// The next line, without blanks around it; nothing at the end.
    pub(super) async fn line(&mut self, prompt: &str) -> Result<Option<String>, Failure> {
        if self.person {
            self.printer.prompt(prompt);
        }
        let read = || {
            let mut line = String::new();
            let read = io::stdin().lock().read_line(&mut line)?;
            Ok((read > 0).then_some(line))
        };
        let answer = tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => {
                self.printer.note("");
                return Err(stopped());
            }
            read = on_a_thread(read) => read?,
        };
        Ok(answer.map(|line| line.trim().to_owned()))
    }

    /// The same, and a terminal does not show what is typed.
    pub(super) async fn hidden(&mut self, prompt: &str) -> Result<Option<String>, Failure> {
        if !self.person {
            return self.line(prompt).await;
        }
        // Before it is asked: who sees the question may type at once.
        let _hidden = Hidden::begin();
        self.printer.prompt(prompt);
        let mut reading = pin!(on_a_thread(|| rpassword::read_password().map(Some)));
        let read = tokio::select! {
            biased;
            // The terminal shows what is typed again only when the reading has ended.
            _ = tokio::signal::ctrl_c() => {
                let _ = reading.await;
                return Err(stopped());
            }
            read = &mut reading => read?,
        };
        Ok(read.map(|line| line.trim().to_owned()))
    }
}

/// A terminal that does not show what is typed, for as long as this lives.
#[cfg(unix)]
struct Hidden {
    terminal: std::fs::File,
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Hidden {
    fn begin() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty").ok()?;
        let before = tcgetattr(&terminal).ok()?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &hidden).ok()?;
        Some(Hidden { terminal, before })
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = rustix::termios::tcsetattr(&self.terminal, rustix::termios::OptionalActions::Now, &self.before);
    }
}

/// Elsewhere the reading hides it by itself.
#[cfg(not(unix))]
struct Hidden;

#[cfg(not(unix))]
impl Hidden {
    fn begin() -> Self {
        Hidden
    }
}

async fn on_a_thread<T: Send + 'static>(read: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Failure> {
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.map_err(|error| Failure::new(format!("cannot read: {error}")))?;
    read.map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => stopped(),
        io::ErrorKind::InvalidData => Failure::usage("cannot read standard input: it is not UTF-8"),
        _ => Failure::usage(format!("cannot read standard input: {error}")),
    })
}

fn stopped() -> Failure {
    Failure::stopped("stopped: nothing was written")
}

/// The secret that stands in `place`. A secret itself is never taken for one, and never told.
pub(super) async fn secret(place: &str, name: &str, answers: &mut Answers) -> Result<String, Failure> {
    let cannot = |why: String| Failure::usage(format!("cannot take the {name}: {why}"));
    let text = match place.split_once(':') {
        _ if place == "-" => answers
            .hidden(&format!("{name}: "))
            .await?
            .ok_or_else(|| cannot("standard input has no line for it".to_owned()))?,
        Some(("env", variable)) => {
            std::env::var(variable).map_err(|_| cannot(format!("the variable {variable} is not set, or is no text")))?
        }
        Some(("file", path)) => {
            std::fs::read_to_string(path).map_err(|error| cannot(format!("cannot read file {path}: {error}")))?
        }
        _ => {
            return Err(cannot("other users of this machine see what stands on a command line".to_owned())
                .hint("say where it is: `-` is a line of standard input, `env:NAME` a variable, `file:PATH` a file"));
        }
    };
    match text.trim() {
        "" => Err(cannot("it is empty".to_owned())),
        text if text.contains(char::is_whitespace) => Err(cannot("it has blanks or several lines".to_owned())),
        text => Ok(text.to_owned()),
    }
}
