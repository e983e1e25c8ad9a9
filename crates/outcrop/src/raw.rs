//! The raw door: a body as it is, sent once; and the answer as it comes, errors included.

use bytes::Bytes;
use http::{Request, Response};
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::model::ModelId;
use outcrop_wire::surface::Delivery;
use tokio::time::{Instant, timeout};

use crate::call::{CallOptions, Prepared, authorize, head};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::plan::{Needs, plan};
use crate::resolve;
use crate::telemetry::Asked;
use crate::transport::{Body, TransportError};

impl Client {
    /// Sends `body` to a model as it is, and gives the answer as it comes: status, headers and bytes, be it a reply or an
    /// error. Nothing is edited, read or tried again; path, host and signature are as for every call. Of the options,
    /// limits of time and headers count.
    ///
    /// For programs that pass on what others ask, as `outcrop local --record` does.
    ///
    /// ```
    /// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
    /// use outcrop::{CallOptions, Delivery};
    ///
    /// let body = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":64,"messages":[{"role":"user","content":"Hello"}]}"#;
    /// let mut answer = client.raw("opus", Delivery::Unary, body, &CallOptions::new()).await?;
    /// println!("{}", answer.status());
    /// while let Some(chunk) = answer.body_mut().chunk().await {
    ///     println!("{:?}", chunk);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the model cannot be named in a path, there are no credentials, or no answer comes.
    pub async fn raw(
        &self,
        model: impl Into<ModelId>,
        delivery: Delivery,
        body: impl Into<Bytes>,
        options: &CallOptions,
    ) -> Result<Response<Body>> {
        let client = &*self.0;
        // What is planned is where it goes; the body is none of the plan's business.
        let named = MessageRequest::new(model, 1);
        let doing = format!("call {} on {}", named.model, client.endpoint.authority);
        let refused = |why: String| Error::new(Kind::Invalid, doing.clone(), why);
        let targets = resolve::targets(client, &named);
        let plans = plan(&Needs::of(&named), &targets, delivery, &client.catalogue, &resolve::today(client));
        let mut plans = plans.map_err(|refusal| refused(refusal.why))?.into_iter();
        let Some(mut plan) = plans.next() else { return Err(refused("there is nowhere to send it".to_owned())) };
        plan.edits.clear();
        let options = client.defaults.under(options);
        let parts = head(client, &plan, &options).map_err(refused)?;
        let asked = Asked::of(client, &named);
        let prepared = Prepared { plan, parts, body: body.into(), options, doing, asked };
        let options = &prepared.options;

        let deadline = options.timeout.or(client.timeouts.total).and_then(|limit| Instant::now().checked_add(limit));
        let idle = options.idle_timeout.unwrap_or(client.timeouts.idle);
        let patience = deadline.map_or(idle, |deadline| idle.min(deadline.saturating_duration_since(Instant::now())));
        let exchange = async {
            let (parts, _) = authorize(client, &prepared).await?;
            let answer = client.transport.send(Request::from_parts(parts, prepared.body.clone())).await;
            answer.map_err(|error| Error::transport(prepared.doing.clone(), &error))
        };
        match timeout(patience, exchange).await {
            Ok(answer) => Ok(answer?.map(|body| body.watched(idle, deadline))),
            Err(_) => {
                let error = TransportError::Timeout(format!("no answer came within {patience:?}"));
                Err(Error::transport(prepared.doing.clone(), &error))
            }
        }
    }
}
