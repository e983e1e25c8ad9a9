//! What was typed -> a client: against AWS, or against the local Bedrock inside this program.

use outcrop::{Auth, Client, Retry, Surroundings};
use outcrop_local::{Account, Local, Notice, REGION};

use crate::args::Connection;
use crate::exit::Failure;
use crate::printer::Printer;

/// The client of a verb that calls.
pub(crate) async fn client(connection: &Connection, printer: &Printer) -> Result<Client, Failure> {
    match connection.local {
        true => local(connection, *printer).await,
        false => Ok(against_aws(connection, None).await?),
    }
}

/// The client of a verb that shows what it would send: that can be seen without credentials.
pub(crate) async fn client_for_show(connection: &Connection, printer: &Printer) -> Result<Client, Failure> {
    if connection.local {
        return client(connection, printer).await;
    }
    match against_aws(connection, None).await {
        Err(error) if error.kind() == outcrop::Kind::Credentials => {
            printer.warning(&format!("{error}; the request is shown unsigned"));
            Ok(against_aws(connection, Some(Auth::Unsigned)).await?)
        }
        outcome => Ok(outcome?),
    }
}

async fn against_aws(connection: &Connection, auth: Option<Auth>) -> outcrop::Result<Client> {
    let mut builder = Client::builder().strict(connection.strict);
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
async fn local(connection: &Connection, printer: Printer) -> Result<Client, Failure> {
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
        .region(connection.region.as_deref().unwrap_or(REGION))
        .strict(connection.strict)
        .retry(Retry::none())
        .connector(move |_| std::future::ready(Ok(local.connect())));
    Ok(client.build().await?)
}
