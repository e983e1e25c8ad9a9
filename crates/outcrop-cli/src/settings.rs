//! What was typed -> a client: against AWS, or against the local Bedrock inside this program.

use std::path::Path;

use outcrop::endpoint::{Source, known_region};
use outcrop::{Auth, Client, ClientBuilder, Retry, Surface, Surroundings};
use outcrop_local::{Account, Local, Notice, REGION};

use crate::args::{self, BatchRequests, Connection};
use crate::exit::{Failure, in_flags};
use crate::printer::Printer;

/// The client of a verb that calls.
pub(crate) async fn client(connection: &Connection, printer: &Printer) -> Result<Client, Failure> {
    match connection.local {
        true => Ok(built(local(connection, *printer)?, printer).await?),
        false => check_gateway(built(against_aws(connection, None), printer).await?, connection),
    }
}

/// The settings of a verb that calls, before they are held against the environment.
pub(crate) fn builder(connection: &Connection, printer: &Printer) -> Result<ClientBuilder, Failure> {
    match connection.local {
        true => local(connection, *printer),
        false => Ok(against_aws(connection, None)),
    }
}

/// The client of a verb that shows what it would send: that can be seen without credentials.
pub(crate) async fn client_for_show(connection: &Connection, printer: &Printer) -> Result<Client, Failure> {
    if connection.local {
        return client(connection, printer).await;
    }
    match built(against_aws(connection, None), printer).await {
        Err(error) if error.kind() == outcrop::Kind::Credentials => {
            printer.warning(&format!("{error}; the request is shown unsigned"));
            Ok(built(against_aws(connection, Some(Auth::Unsigned)), printer).await?)
        }
        outcome => check_gateway(outcome?, connection),
    }
}

/// The client of a local Bedrock that passes its calls on.
pub(crate) async fn upstream(flags: &args::Local, printer: &Printer) -> Result<Client, Failure> {
    Ok(built(aws(&flags.region, &flags.profile, &flags.endpoint_url), printer).await?)
}

/// The client of a verb that asks about the account.
pub(crate) async fn account(flags: &args::Account, printer: &Printer) -> Result<Client, Failure> {
    let builder = match flags.local {
        true => in_process(*printer, flags.region.as_deref(), Surroundings::made_up([], [])),
        false => aws(&flags.region, &flags.profile, &flags.endpoint_url),
    };
    Ok(built(builder, printer).await?)
}

/// The client of a verb that calls nobody: there need be neither keys nor a region.
pub(crate) async fn offline(flags: &args::Account, printer: &Printer) -> Result<Client, Failure> {
    let region = region(flags, printer)?.unwrap_or_else(|| REGION.to_owned());
    let client = Client::builder().surroundings(Surroundings::made_up([], [])).region(region);
    Ok(client.auth(Auth::Unsigned).build().await?)
}

/// The client of a verb that plans a file of requests; what is only `shown` can be seen without credentials.
pub(crate) async fn batch(
    flags: &args::Account,
    asked: &BatchRequests,
    shown: bool,
    printer: &Printer,
) -> Result<Client, Failure> {
    let builder = |auth: Option<Auth>| {
        let builder = match flags.local {
            true => in_process(*printer, flags.region.as_deref(), Surroundings::made_up([], [])),
            false => aws(&flags.region, &flags.profile, &flags.endpoint_url),
        };
        let mut builder = builder.strict(asked.strict);
        if let Some(scope) = &asked.scope {
            builder = builder.scope(scope.clone());
        }
        if let Some(residency) = &asked.residency {
            builder = builder.residency(residency.clone());
        }
        match auth {
            Some(auth) => builder.auth(auth),
            None => builder,
        }
    };
    match built(builder(None), printer).await {
        Err(error) if shown && error.kind() == outcrop::Kind::Credentials => {
            Ok(built(builder(Some(Auth::Unsigned)), printer).await?)
        }
        outcome => Ok(outcome?),
    }
}

/// The region that a verb is about which asks nobody, where one is said.
pub(crate) fn region(flags: &args::Account, printer: &Printer) -> Result<Option<String>, Failure> {
    let world = Surroundings::system();
    let variable = |name: &str| world.variable(name);
    let region = flags.region.clone().or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
    let Some(region) = region else { return Ok(None) };
    let Err(unknown) = known_region(&region) else { return Ok(Some(region)) };
    let settings = aws(&None, &flags.profile, &flags.endpoint_url).settings().unwrap_or_default();
    match settings.iter().any(|setting| setting.name == "endpoint" && setting.counting().is_some()) {
        // What listens elsewhere may call its regions as it likes: it is none that is known here.
        true => Ok(None),
        false if unknown.may_be_new() => {
            printer.warning(&unknown.told());
            Ok(Some(region))
        }
        false => Err(Failure::usage(unknown.to_string()).hint(unknown.hint())),
    }
}

/// Tells of a region that a client is to call besides its own, where AWS has none of that name that is known. What is written
/// as no region is refused when it is called.
pub(crate) fn doubt(region: &str, client: &Client, printer: &Printer) {
    let besides = client.region() != Some(region) && client.endpoint().source == Source::Template;
    if let (true, Err(unknown)) = (besides, known_region(region))
        && unknown.may_be_new()
    {
        printer.warning(&unknown.told());
    }
}

/// A client whose AWS keys become a short-term key: a bearer key, of which none can be made, is passed over.
pub(crate) async fn minting(flags: &args::Token, printer: &Printer) -> Result<Client, Failure> {
    let builder = aws(&flags.region, &flags.profile, &None);
    Ok(built(builder.auth(Auth::ShortTermKeys { source: None, lifetime: flags.duration }), printer).await?)
}

/// The client of some settings. Where they come from is told to who wants to know, and what may be a mistake to all.
async fn built(builder: ClientBuilder, printer: &Printer) -> Result<Client, outcrop::Error> {
    let client = builder.build().await?;
    client.warnings().for_each(|warning| printer.warning(warning));
    client.reasons().for_each(|reason| printer.explain(&in_flags(reason)));
    Ok(client)
}

/// AWS answers nobody who does not say who calls.
pub(crate) fn check_gateway(client: Client, connection: &Connection) -> Result<Client, Failure> {
    let mantle = client.surface() == Some(Surface::Mantle);
    if connection.skip_auth && !mantle && client.endpoint().source == Source::Template {
        let text = "--skip-auth is for a gateway, and no endpoint URL says where that is";
        return Err(Failure::usage(text).hint("name it: --endpoint-url, or AWS_ENDPOINT_URL_BEDROCK_RUNTIME"));
    }
    Ok(client)
}

fn against_aws(connection: &Connection, auth: Option<Auth>) -> ClientBuilder {
    let builder = aws(&connection.region, &connection.profile, &connection.endpoint_url);
    let mut builder = checked(builder, connection);
    if let Some(url) = &connection.mantle_url {
        builder = builder.mantle_url(url);
    }
    match auth {
        Some(auth) => builder.auth(auth),
        None if connection.skip_auth => builder.skip_auth(),
        None => builder,
    }
}

/// By AWS's own settings, but for what was typed.
fn aws(region: &Option<String>, profile: &Option<String>, endpoint_url: &Option<String>) -> ClientBuilder {
    let mut builder = Client::builder();
    if let Some(region) = region {
        builder = builder.region(region);
    }
    if let Some(profile) = profile {
        builder = builder.profile(profile);
    }
    if let Some(url) = endpoint_url {
        builder = builder.endpoint_url(url);
    }
    builder
}

/// How requests are held against what a model takes, by which way they go in, and where they may be processed.
fn checked(builder: ClientBuilder, connection: &Connection) -> ClientBuilder {
    let mut builder = builder.strict(connection.strict).failover(connection.failover.iter().cloned());
    if let Some(way) = connection.surface {
        builder = builder.surface(way);
    }
    if connection.visual {
        builder = builder.visual(true);
    }
    if let Some(scope) = &connection.scope {
        builder = builder.scope(scope.clone());
    }
    if let Some(residency) = &connection.residency {
        builder = builder.residency(residency.clone());
    }
    match &connection.capabilities {
        Some(path) => builder.capabilities_file(path),
        None => builder,
    }
}

/// Through the whole path, signature and frames included, over a pipe in this process. Of the environment and its files nothing
/// counts that was not typed.
fn local(connection: &Connection, printer: Printer) -> Result<ClientBuilder, Failure> {
    let capabilities = match &connection.capabilities {
        Some(path) => Some((path.display().to_string(), read(path)?)),
        None => None,
    };
    let files = capabilities.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let client = in_process(printer, connection.region.as_deref(), Surroundings::made_up([], files));
    Ok(checked(client, connection))
}

/// A client of a local Bedrock at the other end of a pipe.
fn in_process(printer: Printer, region: Option<&str>, surroundings: Surroundings) -> ClientBuilder {
    let local = Local::builder()
        .on_notice(move |notice| {
            if let Notice::Warning(text) = notice {
                printer.warning(text);
            }
        })
        .build();
    Client::builder()
        .surroundings(surroundings)
        .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
        .region(region.unwrap_or(REGION))
        .retry(Retry::none())
        .connector(move |_| std::future::ready(Ok(local.connect())))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read the capabilities in {}: {error}", path.display())))
}
