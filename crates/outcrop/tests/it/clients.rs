//! Clients for tests: of a local Bedrock, at the other end of a pipe or at its URL, and of whatever is at a URL.

use outcrop::{Client, ClientBuilder, Retry, Surroundings};
use outcrop_local::{Account, Local, Server};

use crate::scripted::{ACCESS_KEY_ID, REGION, SECRET};

/// A client that the local Bedrock knows, in an empty world.
fn known() -> ClientBuilder {
    let builder = Client::builder().surroundings(Surroundings::made_up([], []));
    builder.access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
}

/// Puts a local Bedrock below the HTTP client of a builder.
pub(crate) fn piped(local: &Local, builder: ClientBuilder) -> ClientBuilder {
    let local = local.clone();
    builder.connector(move |_| std::future::ready(Ok(local.connect())))
}

/// A local Bedrock below whoever calls in a region and an empty world, each call once.
pub(crate) fn below(local: &Local, region: &str, builder: ClientBuilder) -> ClientBuilder {
    let builder = builder.surroundings(Surroundings::made_up([], [])).region(region).retry(Retry::none());
    piped(local, builder)
}

/// The same for a caller whom it knows.
pub(crate) fn builder_in(region: &str, local: &Local) -> ClientBuilder {
    below(local, region, known())
}

/// A client of a local Bedrock that knows it, in a region. Each call is made once.
pub(crate) async fn client_in(region: &str, local: &Local) -> Client {
    builder_in(region, local).build().await.unwrap()
}

/// A client of a local Bedrock that listens.
pub(crate) async fn client_at(region: &str, server: &Server) -> Client {
    known().region(region).endpoint_url(server.url()).build().await.unwrap()
}

/// A caller of whatever is at a URL, in a world of these variables and files. Each call is made once.
pub(crate) fn builder_at(url: &str, variables: &[(&str, &str)], files: &[(&str, &str)]) -> ClientBuilder {
    Client::builder()
        .surroundings(Surroundings::made_up(variables.iter().copied(), files.iter().copied()))
        .access_key(ACCESS_KEY_ID, SECRET)
        .region(REGION)
        .retry(Retry::none())
        .endpoint_url(url)
}
