//! Who calls, decided: explicit > `AWS_BEARER_TOKEN_BEDROCK` > the AWS chain (keys in the environment, the AWS profile, and
//! what needs the network).

use std::sync::Arc;

use http::HeaderValue;
use outcrop_wire::surface::Surface;

use super::authorizer::{Authorizer, Signing};
use super::credentials::{Cache, from_environment, from_profile};
use super::profile::Profiles;
use super::{Auth, ProvideCredentials, Secret, Signer};
use crate::error::{Error, Result};
use crate::surroundings::Surroundings;
use crate::transport::Transport;

/// The variable of Bedrock API keys, the same for every SDK.
const BEARER_VARIABLE: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// What to do without credentials.
pub(super) const NO_CREDENTIALS_HINT: &str = "set AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key, or AWS_ACCESS_KEY_ID \
    and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`";

/// Everything that says who calls.
pub(crate) struct Caller<'a> {
    pub(crate) auth: Option<&'a Auth>,
    pub(crate) session_token: Option<&'a Secret>,
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) profiles: &'a Profiles,
    pub(crate) profile: &'a Profile,
    pub(crate) region: Option<&'a str>,
    #[cfg_attr(not(feature = "aws-config"), expect(dead_code, reason = "only what needs the network needs it"))]
    pub(crate) transport: &'a Arc<dyn Transport>,
}

impl Caller<'_> {
    /// What puts the caller's name on requests, and where it comes from. Nothing is fetched.
    pub(crate) fn authorizer(&self) -> Result<(Authorizer, String)> {
        if self.session_token.is_some() && !matches!(self.auth, Some(Auth::Keys(_))) {
            let why = "a session token was given without its access key";
            return Err(Error::config("set up credentials", why).with_hint("give the access key and secret with it"));
        }
        let (provider, source): (Arc<dyn ProvideCredentials>, String) = match self.auth {
            Some(Auth::Unsigned) => return Ok((Authorizer::Unsigned, "none, as the caller asks".to_owned())),
            Some(Auth::Bearer(token)) => return Ok((bearer(token)?, "a bearer key from the caller".to_owned())),
            Some(Auth::Provider(provider)) => (Arc::clone(provider), "a provider from the caller".to_owned()),
            Some(Auth::Keys(keys)) => {
                let mut keys = keys.clone();
                keys.session_token = self.session_token.cloned().or(keys.session_token);
                (Arc::new(keys.checked().map_err(Error::credentials)?), "keys from the caller".to_owned())
            }
            Some(Auth::Profile(_)) | None => {
                if !self.profile.explicit
                    && let Some(token) = self.surroundings.variable(BEARER_VARIABLE)
                {
                    return Ok((bearer(&token.into())?, format!("a bearer key from {BEARER_VARIABLE}")));
                }
                self.chain()?
            }
        };
        let passed_over = match self.surroundings.variable(BEARER_VARIABLE) {
            Some(_) => format!("; {BEARER_VARIABLE} is passed over"),
            None => String::new(),
        };
        // Signatures are scoped to a region, also where the host is not chosen by it.
        let region = self.region.ok_or_else(|| no_region(&self.profile.name))?;
        let service = Surface::InvokeModel.row().signing_service;
        let signing = Signing { cache: Cache::new(provider), signer: Signer::new(region, service) };
        Ok((Authorizer::SigV4(Box::new(signing)), format!("{source}{passed_over}")))
    }

    /// Keys in the environment (unless a profile was asked for), keys in the profile, and what needs the network.
    fn chain(&self) -> Result<(Arc<dyn ProvideCredentials>, String)> {
        let profile = self.profile;
        let environment = if profile.explicit { Ok(None) } else { from_environment(self.surroundings) };
        let of_profile = format!("AWS profile {}", profile.name);
        let keys = match environment.map_err(Error::credentials)? {
            Some(keys) => Some((keys, "keys from AWS_ACCESS_KEY_ID".to_owned())),
            None => from_profile(self.profiles, &profile.name)
                .map_err(Error::credentials)?
                .map(|keys| (keys, format!("keys from {of_profile}"))),
        };
        if let Some((keys, source)) = keys {
            return Ok((Arc::new(keys.checked().map_err(Error::credentials)?), source));
        }
        let mut tried = Vec::new();
        if !profile.explicit {
            tried.push(format!("{BEARER_VARIABLE}, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (not set)"));
        }
        tried.push(format!("{of_profile} (no keys)"));
        Ok((self.keys_from_elsewhere(tried)?, format!("{of_profile} and the services that give keys")))
    }

    #[cfg(feature = "aws-config")]
    fn keys_from_elsewhere(&self, tried: Vec<String>) -> Result<Arc<dyn ProvideCredentials>> {
        Ok(Arc::new(super::chain::Chain::new(self, tried).map_err(Error::credentials)?))
    }

    #[cfg(not(feature = "aws-config"))]
    fn keys_from_elsewhere(&self, tried: Vec<String>) -> Result<Arc<dyn ProvideCredentials>> {
        use super::credentials::{CredentialsError, elsewhere};
        let (note, hint) = match elsewhere(self.profiles, &self.profile.name) {
            Some(key) => (format!("`{key}` of it needs"), "build with the feature `aws-config`"),
            None => ("SSO, roles and instance metadata need".to_owned(), NO_CREDENTIALS_HINT),
        };
        let what = format!("tried {}; {note} the feature `aws-config`, which is off", tried.join("; "));
        Err(Error::credentials(CredentialsError { what, hint: Some(hint.to_owned()) }))
    }
}

/// The AWS profile in force.
pub(crate) struct Profile {
    pub(crate) name: String,
    /// Asked for in code rather than by a variable: then it comes before bearer keys and keys in the environment.
    pub(crate) explicit: bool,
}

impl Profile {
    /// Explicit > `AWS_PROFILE` > `AWS_DEFAULT_PROFILE` > `default`.
    pub(crate) fn choose(
        auth: Option<&Auth>,
        asked: Option<&str>,
        surroundings: &Surroundings,
        profiles: &Profiles,
    ) -> Result<Self> {
        let asked = match auth {
            Some(Auth::Profile(name)) => Some(name.as_str()),
            _ => asked,
        };
        let variable = || surroundings.variable("AWS_PROFILE").or_else(|| surroundings.variable("AWS_DEFAULT_PROFILE"));
        let named = asked.map(str::to_owned).or_else(variable);
        let profile =
            Profile { explicit: asked.is_some(), name: named.clone().unwrap_or_else(|| "default".to_owned()) };
        // A name that is nowhere is a mistake where it decides something; keys or a bearer key given in code do not need it.
        let decides = asked.is_some() || (auth.is_none() && surroundings.variable(BEARER_VARIABLE).is_none());
        if named.is_some() && decides && !profiles.exists(&profile.name) {
            let (config, credentials) = (profiles.config.path(), profiles.credentials.path());
            let why = format!("AWS profile {} is neither in {config} nor in {credentials}", profile.name);
            let error = Error::config("read the AWS profile", why);
            return Err(error.with_hint("check the name, or AWS_PROFILE where none was given"));
        }
        Ok(profile)
    }
}

/// A region is needed and there is none.
pub(crate) fn no_region(profile: &str) -> Error {
    let tried = format!(
        "no AWS region: tried the explicit setting, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile {profile}"
    );
    Error::config("find where to call", tried)
        .with_hint("set AWS_REGION, us-east-1 for example: calls are signed for a region, whatever their URL")
}

fn bearer(token: &Secret) -> Result<Authorizer> {
    let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose().trim()))
        .map_err(|_| Error::config("set up credentials", "the bearer token holds characters that no header may"))?;
    header.set_sensitive(true);
    Ok(Authorizer::Bearer(header))
}
