//! What a line of a chat is: text, or a command that begins with a slash.

use crate::exit::Failure;

/// What was typed.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Typed {
    Text(String),
    Command(Command, Option<String>),
}

/// The commands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Command {
    Clear,
    Cost,
    File,
    Help,
    Model,
    Quit,
    Retry,
    Save,
    System,
    Tokens,
    Undo,
}

/// How a command is written, and what it does.
pub(super) struct Row {
    command: Command,
    pub(super) name: &'static str,
    argument: &'static str,
    says: &'static str,
}

macro_rules! rows {
    ($($command:ident $name:literal $argument:literal $says:literal)*) => {
        &[$(Row { command: Command::$command, name: $name, argument: $argument, says: $says }),*]
    };
}

pub(super) const COMMANDS: &[Row] = rows! {
    System "/system" "[TEXT|-]" "show or set the system prompt; - takes it away"
    Model "/model" "[MODEL]" "show or set the model"
    File "/file" "PATH" "add a file or a folder to the next question"
    Retry "/retry" "" "ask again what has no answer"
    Undo "/undo" "" "take back the last question and its answer"
    Clear "/clear" "" "begin a new session; this one stays saved"
    Save "/save" "[NAME]" "say where the session is saved, or go on under a name"
    Cost "/cost" "" "tokens and price of the session"
    Tokens "/tokens" "" "count the tokens of the conversation"
    Help "/help" "" "this list"
    Quit "/quit" "" "end the chat; so does Ctrl-D"
};

/// Another way to say a command.
const SYNONYMS: &[(&str, Command)] = &[("/exit", Command::Quit), ("/?", Command::Help)];

/// Reads what was typed. Two slashes in front stand for one that begins no command.
pub(super) fn read(typed: &str) -> Result<Typed, Failure> {
    let Some(rest) = typed.trim_start().strip_prefix('/') else { return Ok(Typed::Text(typed.to_owned())) };
    if rest.starts_with('/') {
        return Ok(Typed::Text(rest.to_owned()));
    }
    let line = typed.trim();
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = Some(argument.trim()).filter(|argument| !argument.is_empty()).map(str::to_owned);
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == name).map(|(_, command)| *command);
    let row = |command: &Command| COMMANDS.iter().find(|row| row.command == *command);
    let row = COMMANDS.iter().find(|row| row.name == name).or(synonym.as_ref().and_then(row));
    let Some(row) = row else {
        let near = COMMANDS.iter().find(|row| name.len() > 1 && row.name.starts_with(name));
        let hint = match near {
            Some(row) => format!("did you mean {}? /help lists all; // in front sends the line as it is", row.name),
            None => "/help lists all; // in front sends the line as it is".to_owned(),
        };
        return Err(Failure::usage(format!("there is no command {name}")).hint(hint));
    };
    match (row.argument, &argument) {
        ("", Some(argument)) => Err(Failure::usage(format!("{} takes nothing, and was given `{argument}`", row.name))),
        (needed, None) if !needed.is_empty() && !needed.starts_with('[') => {
            Err(Failure::usage(format!("{} needs a {needed}", row.name)))
        }
        _ => Ok(Typed::Command(row.command, argument)),
    }
}

/// Every command, a line each.
pub(super) fn help() -> String {
    let lines = COMMANDS.iter().map(|row| format!("{:<18} {}", format!("{} {}", row.name, row.argument), row.says));
    lines.collect::<Vec<_>>().join("\n")
}
