//! What was typed -> a client: against AWS, or against the local Bedrock inside this program.

use outcrop::{Auth, Client, Retry, Surroundings};
use outcrop_local::{Account, Local, Notice, REGION};

use crate::args::Ask;
use crate::exit::Failure;
use crate::printer::Printer;

/// The client of `ask`.
pub(crate) async fn client(ask: &Ask, printer: &Printer) -> Result<Client, Failure> {
    if ask.local {
        return local(ask.connection.region.as_deref(), *printer).await;
    }
    match against_aws(ask, None).await {
        // What would be sent can be shown without credentials.
        Err(error) if ask.dry_run && error.kind() == outcrop::Kind::Credentials => {
            printer.warning(&format!("{error}; the request is shown unsigned"));
            Ok(against_aws(ask, Some(Auth::Unsigned)).await?)
        }
        outcome => Ok(outcome?),
    }
}

async fn against_aws(ask: &Ask, auth: Option<Auth>) -> outcrop::Result<Client> {
    let mut builder = Client::builder();
    let connection = &ask.connection;
    if let Some(region) = &connection.region {
        builder = builder.region(region);
    }
    if let Some(profile) = &connection.profile {
        builder = builder.profile(profile);
    }
    if let Some(url) = &connection.endpoint_url {
        builder = builder.endpoint_url(url);
    }
    if let Some(auth) = auth {
        builder = builder.auth(auth);
    }
    builder.build().await
}

/// Through the whole path, signature and frames included, over a pipe in this process. The environment does not count.
async fn local(region: Option<&str>, printer: Printer) -> Result<Client, Failure> {
    let local = Local::builder()
        .on_notice(move |notice| {
            if let Notice::Warning(text) = notice {
                printer.warning(text);
            }
        })
        .build();
    let client = Client::builder()
        .surroundings(Surroundings::made_up([], []))
        .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
        .region(region.unwrap_or(REGION))
        .retry(Retry::none())
        .connector(move |_| std::future::ready(Ok(local.connect())));
    Ok(client.build().await?)
}
