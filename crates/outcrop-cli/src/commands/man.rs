//! `outcrop man`: manual pages, from the declaration of the arguments.

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::args::{self, Arguments};
use crate::exit::Failure;
use crate::printer::Printer;

pub(crate) fn run(man: &args::Man, printer: &Printer) -> Result<(), Failure> {
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    let pages: Vec<&clap::Command> = match (&man.command, man.all) {
        (None, true) => std::iter::once(&program).chain(program.get_subcommands()).collect(),
        (None, false) => vec![&program],
        (Some(name), _) => {
            let found = program.get_subcommands().find(|command| command.get_name() == name);
            let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
            let found = found.ok_or_else(|| {
                Failure::usage(format!("there is no subcommand `{name}` to write the page of"))
                    .hint(format!("one of {}", names.join(", ")))
            })?;
            vec![found]
        }
    };
    let mut text = Vec::new();
    for page in pages {
        let man = Man::new(page.clone()).source(concat!("outcrop ", env!("CARGO_PKG_VERSION"))).manual("Outcrop");
        man.render(&mut text).map_err(|error| Failure::new(format!("cannot write the manual page: {error}")))?;
    }
    Ok(printer.rendered(&String::from_utf8_lossy(&text))?)
}
