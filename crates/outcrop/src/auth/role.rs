//! A role to assume, as it is said in code.

use std::time::Duration;

use super::{Auth, CredentialsError};

/// The session name of calls that say none.
const SESSION_NAME: &str = "outcrop";

/// A role that is assumed before the first call, and again before its keys end. Made by [`Auth::assume_role`].
///
/// Needs the feature `aws-config`, which is on by default.
#[derive(Clone, Debug)]
pub struct AssumeRole {
    pub(crate) arn: String,
    pub(crate) session_name: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) duration: Option<Duration>,
    pub(crate) region: Option<String>,
    pub(crate) source: Option<Box<Auth>>,
}

impl AssumeRole {
    pub(crate) fn new(arn: String) -> Self {
        AssumeRole { arn, session_name: None, external_id: None, duration: None, region: None, source: None }
    }

    /// The name that logs of the account show. `outcrop` until set.
    #[must_use]
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// What the account of the role asks of callers from other accounts.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// How long keys of the role hold: 15 minutes to 12 hours, and not longer than the role allows. An hour until set.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The region of the STS that is asked; the client's until set.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Who assumes the role: keys, an AWS profile, a provider, or another role. Until set, what the environment and the
    /// AWS files say.
    #[must_use]
    pub fn source(mut self, source: impl Into<Auth>) -> Self {
        self.source = Some(Box::new(source.into()));
        self
    }

    pub(crate) fn session(&self) -> &str {
        self.session_name.as_deref().unwrap_or(SESSION_NAME)
    }

    /// What STS would refuse, told before it is asked (STS API reference, `AssumeRole`).
    pub(crate) fn check(&self) -> Result<(), CredentialsError> {
        let problem = |why: String| Err(CredentialsError::new(format!("cannot assume role {}: {why}", self.arn)));
        let parts: Vec<&str> = self.arn.splitn(6, ':').collect();
        if !matches!(parts[..], ["arn", _, "iam", _, _, role] if role.strip_prefix("role/").is_some_and(|name| !name.is_empty()))
        {
            return problem("it is no ARN of a role, such as arn:aws:iam::123456789012:role/name".to_owned());
        }
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_=,.@-".contains(letter);
        let session = self.session();
        if !(2..=64).contains(&session.len()) || !session.chars().all(allowed) {
            return problem("the session name is not 2 to 64 of A-Z a-z 0-9 _ = , . @ -".to_owned());
        }
        match self.duration.map(|duration| duration.as_secs()) {
            Some(seconds) if !(900..=43_200).contains(&seconds) => {
                problem(format!("{seconds} seconds are not between 15 minutes and 12 hours"))
            }
            _ => Ok(()),
        }
    }
}

impl From<AssumeRole> for Auth {
    fn from(role: AssumeRole) -> Self {
        Auth::AssumeRole(Box::new(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sts_would_refuse_is_told_before_it_is_asked() {
        let role = |arn: &str| AssumeRole::new(arn.to_owned());
        let good = role("arn:aws-us-gov:iam::123456789012:role/path/name");
        assert_eq!(good.check(), Ok(()));
        assert_eq!(good.clone().session_name("a.b@c").duration(Duration::from_secs(900)).check(), Ok(()));
        for wrong in [
            role("name"),
            role("arn:aws:iam::123456789012:user/name"),
            role("arn:aws:iam::123456789012:role/"),
            good.clone().session_name("a b"),
            good.clone().session_name("a"),
            good.clone().duration(Duration::from_secs(899)),
            good.duration(Duration::from_secs(43_201)),
        ] {
            let error = wrong.check().expect_err("STS would refuse it");
            assert!(error.what.starts_with(&format!("cannot assume role {}: ", wrong.arn)), "{error}");
        }
    }
}
