//! What was typed. What it means is decided in `settings` and the commands.

mod access;
mod account;
mod ask;
mod batch;
mod chat;
mod completions;
mod configure;
mod connection;
mod count;
mod doctor;
mod handling;
mod local;
mod logging;
mod man;
mod model;
mod models;
mod profiles;
mod question;
mod request;
mod surface;
mod token;
mod whoami;

use clap::{ArgAction, Parser, Subcommand};

pub(crate) use access::{Access, AccessCommand, AccessRequest, IntendedUsers, UseCaseFlags};
pub(crate) use account::Account;
pub(crate) use ask::Ask;
pub(crate) use batch::{
    Batch, BatchCommand, BatchCreate, BatchList, BatchRequests, BatchResults, BatchRun, Format, Printed,
};
pub(crate) use chat::Chat;
pub(crate) use completions::{Completions, Shell};
pub(crate) use configure::{Configure, ConfigureVerb};
pub(crate) use connection::Connection;
pub(crate) use count::Count;
pub(crate) use doctor::Doctor;
pub(crate) use handling::Handling;
pub(crate) use local::{Local, QuotasFrom, Start};
pub(crate) use logging::{
    InRegions, Logging, LoggingCommand, LoggingDisable, LoggingEnable, LoggingRead, LoggingStatus, Reach,
};
pub(crate) use man::Man;
pub(crate) use models::{Models, ModelsFilter, Which};
pub(crate) use profiles::{CreateProfile, ProfileKind, Profiles, ProfilesVerb};
pub(crate) use question::{Choice, Question};
pub(crate) use request::{Level, Lifetime, Request, Thought};
pub(crate) use token::Token;
pub(crate) use whoami::Whoami;

use crate::exit;

/// Claude on Amazon Bedrock, with a local Bedrock inside
#[derive(Debug, Parser)]
#[command(name = "outcrop", version, about, after_help = exit::help(), max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Only the answer, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = 990)]
    pub(crate) quiet: bool,

    /// Say what is decided and tried
    #[arg(short, long, global = true, action = ArgAction::SetTrue, display_order = 991)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a question and print the answer as it comes
    Ask(Ask),
    /// Talk with a model, turn by turn; every session is kept and can be resumed
    Chat(Chat),
    /// Count the input tokens of a question without asking it
    Count(Count),
    /// Have many requests answered in the background, for half the price
    Batch(Batch),
    /// Write keys, region, SSO and roles into the AWS files, or list what is set and where
    Configure(Box<Configure>),
    /// Say who calls: account, ARN and user id of AWS keys, or what a Bedrock API key says of itself
    Whoami(Whoami),
    /// Find out why calls fail, and what mends it
    Doctor(Doctor),
    /// List the models: ids, scopes, regions, window, price, end of life, access; ask for access; own profiles
    Models(Models),
    /// Have Bedrock log its calls, and read what it logs
    Logging(Logging),
    /// Print a short-term Bedrock API key, made of AWS keys
    Token(Token),
    /// Serve a local Bedrock for tests and development
    Local(Local),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print a manual page
    Man(Man),
}
