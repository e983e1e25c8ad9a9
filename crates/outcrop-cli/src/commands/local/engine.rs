//! Which engine answers: the mirror, or what a file says.

use std::fs::OpenOptions;
use std::path::Path;

use outcrop_local::{Builder, Recording, Script};

use super::upstream::Aws;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::{args, settings};

/// Puts the engine into the settings of a server.
pub(super) type Choice = Box<dyn FnOnce(Builder) -> Builder>;

/// The engine that was asked for. Files are read, and made, before anything is served.
pub(super) async fn engine(arguments: &args::Local, printer: &Printer) -> Result<Choice, Failure> {
    if let Some(path) = &arguments.script {
        let script = Script::parse(&read(path, "script")?)
            .map_err(|error| Failure::usage(format!("cannot use the script {}: {error}", path.display())))?;
        return Ok(Box::new(|builder| builder.script(script)));
    }
    if let Some(path) = &arguments.replay {
        let recording = recording(path, printer)?;
        let recording = if arguments.in_order { recording.in_order() } else { recording };
        return Ok(Box::new(|builder| builder.replay(recording)));
    }
    if let Some(path) = &arguments.record {
        let aws = Aws::new(settings::upstream(arguments, printer).await?);
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        // What is asked and answered may be private.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(path)
            .map_err(|error| Failure::usage(format!("cannot write the recording {}: {error}", path.display())))?;
        printer.note(&format!("passing calls on to {}", aws.place()));
        return Ok(Box::new(|builder| builder.record(aws, file)));
    }
    Ok(Box::new(|builder| builder))
}

fn recording(path: &Path, printer: &Printer) -> Result<Recording, Failure> {
    let recording = Recording::parse(&read(path, "recording")?)
        .map_err(|error| Failure::usage(format!("cannot use the recording {}: {error}", path.display())))?;
    let over = recording.passed_over();
    if recording.is_empty() {
        let why = match over {
            0 => "it holds no exchange".to_owned(),
            over => format!("none of its {over} exchanges is a call that is served here"),
        };
        return Err(Failure::usage(format!("cannot use the recording {}: {why}", path.display()))
            .hint("make one with `outcrop local --record FILE`"));
    }
    if over > 0 {
        printer.note(&format!("{over} exchanges of {} are of other operations and are not played", path.display()));
    }
    Ok(recording)
}

/// The text of a file that was named on the command line.
pub(super) fn read(path: &Path, what: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read the {what} {}: {error}", path.display())))
}
