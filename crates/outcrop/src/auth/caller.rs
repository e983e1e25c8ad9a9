//! Who calls, decided: explicit > `AWS_BEARER_TOKEN_BEDROCK` > the AWS chain (keys in the environment, the AWS profile, and
//! what needs the network).

use std::sync::Arc;

use outcrop_wire::near::near;
use outcrop_wire::surface::Surface;

use super::authorizer::{Authorizer, Signing};
use super::cache::Cache;
use super::credentials::{Source, from_environment, from_profile};
use super::profile::{Profiles, Unseen, check, chosen};
use super::role::AssumeRole;
use super::token::{Minter, Provided, bearer_header};
use super::{Auth, ProvideCredentials, Secret, Signer};
use crate::error::{Error, Result};
use crate::settings::Origin;
use crate::surroundings::Surroundings;
use crate::transport::Transport;

/// The variable of Bedrock API keys, the same for every SDK.
pub(super) const BEARER_VARIABLE: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// The variable by which Claude Code leaves credentials to a gateway.
const SKIP_VARIABLE: &str = "CLAUDE_CODE_SKIP_BEDROCK_AUTH";

/// What to do without credentials.
#[cfg(feature = "aws-config")]
const NO_CREDENTIALS_HINT: &str = "set AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key, or AWS_ACCESS_KEY_ID and \
    AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`";
/// The same without what needs the network.
#[cfg(not(feature = "aws-config"))]
const NO_CREDENTIALS_HINT: &str = "set AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key, or AWS_ACCESS_KEY_ID and \
    AWS_SECRET_ACCESS_KEY; `aws sso login` counts in a build with the feature `aws-config`";

/// The same where a bearer key does not do.
#[cfg(feature = "aws-config")]
const NO_KEYS_HINT: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name an AWS profile that has keys, or log \
    in with `aws sso login`";
/// Both.
#[cfg(not(feature = "aws-config"))]
const NO_KEYS_HINT: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name an AWS profile that has keys";

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
    /// Whether calls go elsewhere than to AWS's own host.
    pub(crate) gateway: bool,
    /// Whether the FIPS hosts were asked for, and those with IPv4 and IPv6.
    #[cfg_attr(not(feature = "aws-config"), expect(dead_code, reason = "only what needs the network needs it"))]
    pub(crate) variants: (bool, bool),
}

impl Caller<'_> {
    /// What puts the caller's name on requests, and where it comes from. Nothing is fetched.
    pub(crate) fn authorizer(&self) -> Result<(Authorizer, String)> {
        if self.session_token.is_some() && !matches!(self.auth.and_then(Auth::root), Some(Auth::Keys(_))) {
            let why = "a session token was given without its access key";
            return Err(Error::config("set up credentials", why).with_hint("give the access key and secret with it"));
        }
        let lifetime = match self.auth {
            Some(Auth::Unsigned) => return Ok((Authorizer::Unsigned, "none, as the caller asks".to_owned())),
            Some(Auth::Bearer(token)) => return Ok((bearer(token)?, "a bearer key from the caller".to_owned())),
            Some(Auth::Tokens(provider)) => {
                let cache = Cache::new(Provided(Arc::clone(provider)));
                return Ok((Authorizer::Tokens(Arc::new(cache)), "bearer keys that the caller provides".to_owned()));
            }
            Some(Auth::ShortTermKeys { lifetime, .. }) => Some(*lifetime),
            Some(Auth::Profile(_)) | None => {
                if !self.profile.explicit
                    && let Some(token) = self.surroundings.variable(BEARER_VARIABLE)
                {
                    return Ok((bearer(&token.into())?, format!("a bearer key from {BEARER_VARIABLE}")));
                }
                if self.gateway && !self.profile.explicit && self.surroundings.flag(SKIP_VARIABLE) == Some(true) {
                    return Ok((Authorizer::Unsigned, format!("none, as {SKIP_VARIABLE} asks")));
                }
                None
            }
            Some(Auth::Keys(_) | Auth::Provider(_) | Auth::AssumeRole(_)) => None,
        };
        let (provider, mut source) = match self.auth {
            Some(Auth::ShortTermKeys { source, .. }) => self.keys("a short-term key", source.as_deref())?,
            auth => self.keys("a signature", auth)?,
        };
        if self.surroundings.variable(BEARER_VARIABLE).is_some() {
            source.push_str(&format!("; {BEARER_VARIABLE} is passed over"));
        }
        // Signatures are scoped to a region, also where the host is not chosen by it.
        let region = self.region.ok_or_else(|| no_region(self.profile))?;
        let cache = Arc::new(Cache::new(Source(provider)));
        if let Some(lifetime) = lifetime {
            let minter = Minter::new(cache, region, lifetime);
            return Ok((Authorizer::Minted(Box::new(minter)), format!("short-term keys made of {source}")));
        }
        let service = Surface::InvokeModel.row().signing_service;
        let signing = Signing { cache, signer: Signer::new(region, service) };
        Ok((Authorizer::SigV4(Box::new(signing)), source))
    }

    /// AWS keys, and where they come from; `what` is made of them.
    fn keys(&self, what: &str, auth: Option<&Auth>) -> Result<(Arc<dyn ProvideCredentials>, String)> {
        match auth {
            Some(Auth::Provider(provider)) => Ok((Arc::clone(provider), "a provider from the caller".to_owned())),
            Some(Auth::Keys(keys)) => {
                let mut keys = keys.clone();
                keys.session_token = self.session_token.cloned().or(keys.session_token);
                Ok((Arc::new(keys.checked().map_err(Error::credentials)?), "keys from the caller".to_owned()))
            }
            Some(Auth::Profile(_)) | None => self.chain(),
            Some(Auth::AssumeRole(role)) => {
                role.check().map_err(Error::credentials)?;
                let (provider, source) = self.keys("a role", role.source.as_deref())?;
                let source = format!("role {}, assumed with {source}", role.arn);
                Ok((self.assume(role, provider, &source)?, source))
            }
            Some(Auth::Bearer(_) | Auth::Tokens(_) | Auth::ShortTermKeys { .. } | Auth::Unsigned) => {
                let why = format!("{what} is made with AWS keys, and the caller gives none");
                let error = Error::config("set up credentials", why);
                Err(error.with_hint("give AWS keys, an AWS profile or a provider in place of a bearer key"))
            }
        }
    }

    /// What to do where no keys are found.
    pub(super) fn no_keys_hint(&self) -> String {
        let hint = match (&self.profile.unseen, self.auth) {
            (Some(unseen), _) => &unseen.hint,
            (None, Some(Auth::ShortTermKeys { .. } | Auth::AssumeRole(_))) => NO_KEYS_HINT,
            (None, _) => NO_CREDENTIALS_HINT,
        };
        hint.to_owned()
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
        check(self.profiles, &profile.name).map_err(Error::credentials)?;
        let mut tried = Vec::new();
        if !profile.explicit {
            let set = self.surroundings.variable(BEARER_VARIABLE).is_some();
            if set {
                tried.push(format!("{BEARER_VARIABLE} (a bearer key, which is no AWS key)"));
            }
            let bearer = if set { String::new() } else { format!("{BEARER_VARIABLE}, ") };
            tried.push(format!("{bearer}AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (not set)"));
        }
        let unseen = profile.unseen.as_ref().map(|unseen| format!("; {}", unseen.what)).unwrap_or_default();
        tried.push(format!("{of_profile} (no keys{unseen})"));
        Ok((self.keys_from_elsewhere(tried)?, format!("{of_profile} and the services that give keys")))
    }

    #[cfg(feature = "aws-config")]
    fn assume(
        &self,
        role: &AssumeRole,
        provider: Arc<dyn ProvideCredentials>,
        name: &str,
    ) -> Result<Arc<dyn ProvideCredentials>> {
        Ok(Arc::new(super::chain::Assumed::new(self, role, provider, name)))
    }

    #[cfg(not(feature = "aws-config"))]
    fn assume(
        &self,
        role: &AssumeRole,
        _: Arc<dyn ProvideCredentials>,
        _: &str,
    ) -> Result<Arc<dyn ProvideCredentials>> {
        let what = format!("cannot assume role {}: that needs the feature `aws-config`, which is off", role.arn);
        let hint = Some("build with the feature `aws-config`".to_owned());
        Err(Error::credentials(super::CredentialsError { hint, ..super::CredentialsError::new(what) }))
    }

    #[cfg(feature = "aws-config")]
    fn keys_from_elsewhere(&self, tried: Vec<String>) -> Result<Arc<dyn ProvideCredentials>> {
        Ok(Arc::new(super::chain::Chain::new(self, tried).map_err(Error::credentials)?))
    }

    #[cfg(not(feature = "aws-config"))]
    fn keys_from_elsewhere(&self, tried: Vec<String>) -> Result<Arc<dyn ProvideCredentials>> {
        use super::credentials::{CredentialsError, elsewhere};
        let (note, hint) = match elsewhere(self.profiles, &self.profile.name) {
            Some(key) => (format!("`{key}` of it needs"), "build with the feature `aws-config`".to_owned()),
            None => ("SSO, roles and instance metadata need".to_owned(), self.no_keys_hint()),
        };
        let what = format!("tried {}; {note} the feature `aws-config`, which is off", tried.join("; "));
        Err(Error::credentials(CredentialsError { hint: Some(hint), ..CredentialsError::new(what) }))
    }
}

/// The AWS profile in force.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) name: String,
    /// Asked for in code rather than by a variable: then it comes before bearer keys and keys in the environment.
    pub(crate) explicit: bool,
    /// What of the AWS files is not seen: what is missed may be there.
    pub(crate) unseen: Option<Unseen>,
}

impl Profile {
    /// Explicit > `AWS_PROFILE` > `AWS_DEFAULT_PROFILE` > `default`.
    pub(crate) fn choose(
        auth: Option<&Auth>,
        asked: Option<&str>,
        surroundings: &Surroundings,
        profiles: &Profiles,
    ) -> Result<Self> {
        let root = auth.and_then(Auth::root);
        let asked = match root {
            Some(Auth::Profile(name)) => Some(name.as_str()),
            _ => asked,
        };
        let said = chosen(asked, surroundings).into_iter().next();
        let named = said.as_ref().is_some_and(|said| said.origin != Origin::Default);
        let name = said.map_or_else(|| "default".to_owned(), |said| said.value);
        let profile = Profile { unseen: profiles.unseen(&name), name, explicit: asked.is_some() };
        // A name that is nowhere is a mistake where it decides something; keys or a bearer key given in code do not need it.
        let decides =
            asked.is_some() || (root.is_none() && (auth.is_some() || surroundings.variable(BEARER_VARIABLE).is_none()));
        if named && decides && !profiles.exists(&profile.name) {
            return Err(profile.missing(profiles));
        }
        Ok(profile)
    }

    /// The name, for errors about what is not said in it.
    fn shown(&self) -> String {
        match &self.unseen {
            Some(unseen) => format!("{} ({})", self.name, unseen.what),
            None => self.name.clone(),
        }
    }

    fn missing(&self, profiles: &Profiles) -> Error {
        const DOING: &str = "read the AWS profile";
        if self.name.trim().is_empty() {
            let error = Error::config(DOING, "the name that was given is empty");
            return error.with_hint("give a name, or leave it out for the default profile");
        }
        let (config, credentials) = (profiles.config.path(), profiles.credentials.path());
        let unseen = self.unseen.as_ref().map(|unseen| format!("; {}", unseen.what)).unwrap_or_default();
        let why = format!("AWS profile {} is neither in {config} nor in {credentials}{unseen}", self.name);
        let hint = match (&self.unseen, instead(&self.name, &profiles.names())) {
            (Some(unseen), _) => unseen.hint.clone(),
            (None, Some(others)) => format!("{others}; check the name, or AWS_PROFILE where none was given"),
            (None, None) => "the files have no profile: check where they are, or AWS_PROFILE".to_owned(),
        };
        Error::config(DOING, why).with_hint(hint)
    }
}

/// The most names of profiles that an error lists.
const MOST_NAMES: usize = 10;

/// Which profiles there are in place of one that is not.
pub(super) fn instead(name: &str, names: &[&str]) -> Option<String> {
    let near = near(name, names.iter().copied());
    match names.len() {
        0 => None,
        _ if !near.is_empty() => Some(format!("is it {}?", near.join(" or "))),
        count if count > MOST_NAMES => {
            Some(format!("the files have {}, and {} more", names[..MOST_NAMES].join(", "), count - MOST_NAMES))
        }
        _ => Some(format!("the files have {}", names.join(", "))),
    }
}

/// A region is needed and there is none.
pub(crate) fn no_region(profile: &Profile) -> Error {
    let tried = format!(
        "no AWS region: tried the explicit setting, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile {}",
        profile.shown()
    );
    let hint = match &profile.unseen {
        Some(unseen) => &unseen.hint,
        None => "set AWS_REGION, us-east-1 for example: calls are signed for a region, whatever their URL",
    };
    Error::config("find where to call", tried).with_hint(hint)
}

fn bearer(token: &Secret) -> Result<Authorizer> {
    let header = bearer_header(token).map_err(|error| Error::config("set up credentials", error.what))?;
    Ok(Authorizer::Bearer(header))
}
