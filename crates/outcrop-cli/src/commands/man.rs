//! `outcrop man`: manual pages, from the declaration of the arguments.

use clap::CommandFactory as _;
use clap::builder::Resettable;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::args::{self, Arguments};
use crate::exit::Failure;
use crate::printer::Printer;

pub(crate) fn run(man: &args::Man, printer: &Printer) -> Result<(), Failure> {
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    let below = below(&program, "");
    let pages: Vec<&clap::Command> = match (&man.command, man.all) {
        (None, true) => std::iter::once(&program).chain(below.into_iter().map(|(_, command)| command)).collect(),
        (None, false) => vec![&program],
        (Some(name), _) => {
            let found = below.iter().find(|(known, _)| known == name).map(|(_, command)| *command);
            let found = found.ok_or_else(|| {
                Failure::usage(format!("there is no subcommand `{name}` to write the page of"))
                    .hint("`outcrop man` names them; one below another is written `models-show`")
            })?;
            vec![found]
        }
    };
    let mut text = Vec::new();
    for page in pages {
        write(page, &mut text).map_err(|error| Failure::new(format!("cannot write the manual page: {error}")))?;
    }
    Ok(printer.rendered(&String::from_utf8_lossy(&text))?)
}

/// The subcommands of a command and theirs, each by the name of its page: `models`, `models-show`.
fn below<'a>(command: &'a clap::Command, prefix: &str) -> Vec<(String, &'a clap::Command)> {
    let mut found = Vec::new();
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{prefix}{}", command.get_name());
        let further = below(command, &format!("{name}-"));
        found.push((name, command));
        found.extend(further);
    }
    found
}

/// A page. What stands after the flags in the help has headings and lines of its own here: examples are copied.
fn write(page: &clap::Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    let more = page.get_after_help().map(ToString::to_string).unwrap_or_default();
    let page = page.clone().after_help(Resettable::Reset);
    let man = Man::new(page).source(concat!("outcrop ", env!("CARGO_PKG_VERSION"))).manual("Outcrop");
    man.render(out)?;
    sections(&more).to_writer(out)
}

/// A line at the margin that ends with a colon heads a section, and lines below it that are indented stay as they are.
/// Other lines are text.
fn sections(help: &str) -> Roff {
    let mut roff = Roff::new();
    let mut lines = help.lines().peekable();
    let mut headed = false;
    while let Some(line) = lines.next() {
        let below = lines.peek().is_some_and(|next| next.starts_with(' '));
        match line.strip_suffix(':') {
            _ if line.starts_with(' ') => {
                roff.control("nf", []);
                roff.text([roman(line)]);
                while let Some(next) = lines.next_if(|next| next.is_empty() || next.starts_with(' ')) {
                    roff.text([roman(next)]);
                }
                roff.control("fi", []);
                headed = false;
            }
            Some(title) if below => {
                roff.control("SH", [title.to_uppercase().as_str()]);
                headed = true;
            }
            _ if line.is_empty() => {
                if headed {
                    roff.control("PP", []);
                }
            }
            _ => {
                if !headed {
                    roff.control("SH", ["NOTES"]);
                    headed = true;
                }
                roff.text([roman(line)]);
            }
        }
    }
    roff
}
