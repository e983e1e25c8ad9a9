//! Who calls.

use bytes::Bytes;
use http::Method;
use outcrop_wire::account::identity::{decode_response, encode_request};
use outcrop_wire::account::query::{REQUEST_TYPE, decode_fault};
use outcrop_wire::account::{ApiKey, CallerIdentity};

use super::call::AccountCall;
use crate::client::Inner;
use crate::endpoint::Service;
use crate::error::{Error, Result};

/// Who calls, as far as it can be known.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Identity {
    /// What STS says of the AWS keys: of short-term keys that are made here, of those that they are made of.
    Caller(CallerIdentity),
    /// What a Bedrock API key says of itself. STS takes none.
    ApiKey(ApiKey),
    /// Nothing is said of who calls: a gateway adds it.
    Unsigned,
}

impl Identity {
    /// The number of the account, where it is known.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Identity::Caller(caller) => Some(&caller.account),
            Identity::ApiKey(_) | Identity::Unsigned => None,
        }
    }
}

/// Asks STS where there are AWS keys.
pub(crate) async fn identity(client: &Inner) -> Result<Identity> {
    let Some(host) = client.hosts.signed(Service::Sts, client.region.as_deref())? else {
        let authorizer = &client.hosts.home().authorizer;
        let key = authorizer.api_key(&client.surroundings).await.map_err(Error::credentials)?;
        return Ok(key.map_or(Identity::Unsigned, Identity::ApiKey));
    };
    let doing = format!("ask {} who calls", host.endpoint.authority);
    let call = AccountCall {
        host,
        method: Method::POST,
        target: "/".to_owned(),
        content_type: Some(REQUEST_TYPE),
        body: Bytes::from_static(encode_request().as_bytes()),
        doing,
        refusal: |status, _, body| decode_fault(status, body),
    };
    call.send(client, decode_response).await.map(Identity::Caller)
}
