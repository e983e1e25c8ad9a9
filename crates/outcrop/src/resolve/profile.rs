//! The model behind an application inference profile, of which its ARN says nothing: told by the caller, or asked of the
//! control plane once for all calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use outcrop_wire::account::{ApplicationProfileArn, Control, InferenceProfile};
use outcrop_wire::model::{Model, ModelId, Named};
use outcrop_wire::scope::Scope;
use tokio::time::{Instant, timeout};

use crate::account::ask;
use crate::client::Inner;
use crate::endpoint::Service;
use crate::error::{Error, Result};

/// How long a call waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long what could not be told is not asked again.
const REST: Duration = Duration::from_secs(300);

/// The profiles that a client knows.
#[derive(Debug, Default)]
pub(crate) struct KnownProfiles {
    /// Those that the caller told of stand here from the beginning.
    held: RwLock<HashMap<String, Known>>,
    /// One for each profile that was asked for: whoever comes while it is asked waits.
    asking: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Whether only what the caller told counts.
    told_only: bool,
}

#[derive(Clone, Debug)]
enum Known {
    Behind(Model, Scope),
    /// Why not, and until when that is believed.
    Not(String, Instant),
}

impl KnownProfiles {
    pub(crate) fn new(told: impl IntoIterator<Item = (String, (Model, Scope))>, told_only: bool) -> Self {
        let held = told.into_iter().map(|(arn, (model, scope))| (arn, Known::Behind(model, scope))).collect();
        KnownProfiles { held: RwLock::new(held), asking: Mutex::default(), told_only }
    }

    fn known(&self, arn: &str) -> Option<Known> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }

    /// Whether there is nothing to ask now.
    fn is_settled(&self, arn: &str) -> bool {
        match self.known(arn) {
            Some(Known::Behind(..)) => true,
            Some(Known::Not(_, until)) => Instant::now() < until,
            None => self.told_only,
        }
    }

    /// What an ARN names, where that is known.
    pub(crate) fn named(&self, id: &ModelId) -> Option<Named> {
        match self.known(id.as_str())? {
            Known::Behind(model, scope) => {
                Some(Named { id: id.clone(), model: Some(model), scope: Some(scope), renamed: false })
            }
            Known::Not(..) => None,
        }
    }

    /// Why nothing is known of an ARN that was asked for.
    pub(crate) fn note(&self, id: &ModelId) -> Option<String> {
        match self.known(id.as_str())? {
            Known::Behind(..) => None,
            Known::Not(why, _) => {
                Some(format!("model {id}: nobody told what is behind it ({why}), so what every model takes is sent"))
            }
        }
    }
}

/// Asks what is behind an id, where it is the ARN of an application inference profile that is not known yet. It never
/// fails: a call goes out as well without.
pub(crate) async fn look_up(client: &Inner, id: &ModelId) {
    let profiles = &client.profiles;
    let Some(arn) = ApplicationProfileArn::parse(id.as_str()) else { return };
    if profiles.is_settled(id.as_str()) {
        return;
    }
    let asking = {
        let mut asking = profiles.asking.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(asking.entry(id.as_str().to_owned()).or_default())
    };
    let _alone = asking.lock().await;
    if profiles.is_settled(id.as_str()) {
        return;
    }
    let not = |why: String| Known::Not(why, Instant::now() + REST);
    let known = match timeout(PATIENCE, told(client, arn.region, id)).await {
        Ok(Ok(profile)) => match profile.behind(&client.catalogue) {
            Some((model, scope)) => Known::Behind(model, scope),
            None => not("it is of no model of the catalogue".to_owned()),
        },
        Ok(Err(error)) => not(error.why().to_owned()),
        Err(_) => not(format!("no answer came within {PATIENCE:?}")),
    };
    profiles.held.write().unwrap_or_else(PoisonError::into_inner).insert(id.as_str().to_owned(), known);
}

async fn told(client: &Inner, region: &str, id: &ModelId) -> Result<InferenceProfile> {
    let (host, home) = (client.hosts.of_service(Service::Control, Some(region))?, client.hosts.home());
    // Whoever sends calls through a host of his own does not want some of them sent elsewhere.
    if host.endpoint.source.is_aws() && !home.endpoint.source.is_aws() {
        let why = format!("calls go to {} and nothing says where the control plane is", home.endpoint.authority);
        return Err(Error::config("find where to ask", why));
    }
    ask(client, Some(region), Control::GetInferenceProfile, Some(id), []).await
}
