//! Where else calls of a client may go, and what they may not leave: checked before anything is sent.

use std::sync::Arc;

use outcrop_wire::scope::{DefaultScope, Scope};

use super::ClientBuilder;
use crate::auth::profile::Profiles;
use crate::auth::{Auth, Authorizer, Caller, Profile};
use crate::error::{Error, Result};
use crate::failover::{FailoverTarget, Residency};

/// More make no call better.
const MOST_TARGETS: usize = 16;

impl ClientBuilder {
    /// Where else calls go when their own target is busy or out of order, in this order; see
    /// [`failover`](crate::failover). A failover is opt-in: without a list there is none.
    ///
    /// ```
    /// use outcrop::Client;
    /// use outcrop::failover::FailoverTarget;
    ///
    /// let builder = Client::builder()
    ///     .region("us-east-1")
    ///     .failover([FailoverTarget::region("us-west-2"), FailoverTarget::region("us-east-2").profile("backup")]);
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn failover(mut self, targets: impl IntoIterator<Item = FailoverTarget>) -> Self {
        self.failover = targets.into_iter().collect();
        self
    }

    /// Where requests may be processed, and nowhere else: a failover target outside of it is an error when the client is
    /// built, and a call outside of it is an error before anything is sent.
    #[must_use]
    pub fn residency(mut self, residency: Residency) -> Self {
        self.residency = Some(residency);
        self
    }

    /// # Errors
    /// When there are too many targets, or one leaves where calls are to stay.
    pub(super) fn check_failover(&self, region: Option<&str>) -> Result<()> {
        let wrong = |why: String| Error::config("set up failover", why);
        if self.failover.len() > MOST_TARGETS {
            return Err(wrong(format!("{} targets, and there may be {MOST_TARGETS}", self.failover.len())));
        }
        let Some(residency) = &self.residency else { return Ok(()) };
        for target in &self.failover {
            let region = target.region.as_deref().or(region);
            // A target without a scope has that of the call, and one of a geography that of the model, which is checked there; of its region this much is plain.
            let scope = match &target.scope {
                Some(DefaultScope::Only(scope)) => scope,
                Some(DefaultScope::Geography) | None => &Scope::Regional,
            };
            let allowed = residency.allows(region, scope);
            allowed.map_err(|why| {
                wrong(format!("{target} {why}")).with_hint("leave the target out, or widen the residency")
            })?;
        }
        Ok(())
    }

    /// What authorizes calls in the names of other accounts.
    pub(super) fn find_accounts(
        &self,
        profiles: &Profiles,
        caller: &Caller<'_>,
    ) -> Result<Vec<(Arc<str>, Authorizer)>> {
        let mut found: Vec<(Arc<str>, Authorizer)> = Vec::new();
        for (name, auth) in self.failover.iter().filter_map(|target| target.account.as_ref()) {
            if found.iter().any(|(known, _)| known == name) {
                continue;
            }
            let profile = match auth {
                Auth::Profile(asked) => Profile::choose(Some(auth), Some(asked), &self.surroundings, profiles)?,
                _ => Profile { explicit: true, ..caller.profile.clone() },
            };
            let caller = Caller { auth: Some(auth), session_token: None, profile: &profile, ..*caller };
            let (authorizer, _) = caller.authorizer()?;
            found.push((Arc::clone(name), authorizer));
        }
        Ok(found)
    }
}
