//! One call of the control plane, with a body or without.

use bytes::Bytes;
use http::Method;
use outcrop_wire::account::Control;
use outcrop_wire::fault::Fault;
use outcrop_wire::model::ModelId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::AccountCall;
use crate::client::Inner;
use crate::endpoint::Service;
use crate::error::{Error, Kind, Result};

/// Asks for something; `id` fills the place of the path that has one.
pub(crate) async fn ask<'a, T: DeserializeOwned>(
    client: &Inner,
    region: Option<&str>,
    operation: Control,
    id: Option<&ModelId>,
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<T> {
    let call = call(client, region, operation, id, query)?;
    call.send(client, read).await
}

/// Tells something, in a body. It may be told again where no answer comes: what may not be done twice has a token for it.
pub(crate) async fn tell<T: DeserializeOwned>(
    client: &Inner,
    region: Option<&str>,
    operation: Control,
    id: Option<&ModelId>,
    body: &impl Serialize,
) -> Result<T> {
    let call = call(client, region, operation, id, [])?;
    let body = serde_json::to_vec(body).map_err(|error| Error::new(Kind::Invalid, &*call.doing, error.to_string()))?;
    let call = AccountCall { content_type: Some("application/json"), body: body.into(), ..call };
    call.send(client, read).await
}

/// Where there is nothing to say AWS may say nothing at all.
fn read<T: DeserializeOwned>(body: &[u8]) -> std::result::Result<T, serde_json::Error> {
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body })
}

fn call<'a>(
    client: &Inner,
    region: Option<&str>,
    operation: Control,
    id: Option<&ModelId>,
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<AccountCall> {
    let row = operation.row();
    let host = client.hosts.of_service(Service::Control, region)?;
    let of = id.map(|id| format!(" of {id}")).unwrap_or_default();
    let doing = format!("call {}{of} on {}", row.name, host.endpoint.authority);
    // An empty segment would make another operation of it, and dots are resolved on the way.
    if id.is_some_and(|id| matches!(id.as_str(), "" | "." | "..")) {
        return Err(Error::new(Kind::Invalid, doing, "that is no id"));
    }
    Ok(AccountCall {
        host,
        method: Method::from_bytes(row.method.as_bytes()).unwrap_or_default(),
        target: row.target(id, query),
        content_type: None,
        body: Bytes::new(),
        doing,
        refusal: Fault::from_http,
    })
}
