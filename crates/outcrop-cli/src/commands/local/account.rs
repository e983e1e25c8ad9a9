//! The account that `outcrop local` plays: who may call, and where what is set up in it is kept.

use outcrop_local::{Account, Credential, Data};

use super::engine::read;
use crate::args::{self, Start};
use crate::exit::Failure;

/// The account that was asked for.
pub(super) fn account(arguments: &args::Local) -> Result<Account, Failure> {
    match &arguments.account {
        None | Some(Start::Open) => Ok(Account::default()),
        Some(Start::Fresh) => Ok(Account::fresh()),
        Some(Start::File(path)) => Account::parse(&read(path, "account file")?)
            .map_err(|error| Failure::usage(format!("cannot use the account file {}: {error}", path.display())))
            .map_err(|failure| failure.hint("outcrop local --help shows one")),
    }
}

/// Where what is set up is kept.
pub(super) fn data(arguments: &args::Local) -> Result<Data, Failure> {
    let Some(folder) = &arguments.data else { return Ok(Data::memory()) };
    Data::open(folder).map_err(|error| Failure::usage(format!("cannot keep data: {error}")).hint(error.hint()))
}

/// One of those who may call: the first with an access key, or with a Bedrock API key.
pub(super) fn credential(account: &Account, bearer: bool) -> Result<Credential, Failure> {
    let fits = |credential: &&Credential| matches!(credential, Credential::Bearer(_)) == bearer;
    account.credentials.iter().find(fits).cloned().ok_or_else(|| match bearer {
        true => Failure::usage("the account has no Bedrock API key").hint("leave --bearer away"),
        false => Failure::usage("the account has no access key").hint("ask for its Bedrock API key with --bearer"),
    })
}
