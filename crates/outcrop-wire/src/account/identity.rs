//! Who calls: `GetCallerIdentity` of STS, both halves.
//!
//! Source: botocore service model sts 2011-06-15; the request is captured, the answer was read by boto3.

use std::fmt;

use super::query::NAMESPACE;
use super::xml::{Element, escaped};

/// The operation's name.
pub const OPERATION: &str = "GetCallerIdentity";

/// The service that signatures are scoped to.
pub const SIGNING_SERVICE: &str = "sts";

const REQUEST: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// Who calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallerIdentity {
    /// The account: twelve digits.
    pub account: String,
    /// `arn:aws:iam::123456789012:user/alice`; of an assumed role `arn:aws:sts::...:assumed-role/NAME/SESSION`.
    pub arn: String,
    /// AWS's own id of the caller: `AIDA...`, `AROA...:SESSION`, or the account.
    pub user_id: String,
}

/// What an ARN says of who calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Principal<'a> {
    /// The owner of the account.
    Root,
    /// An IAM user, by name.
    User(&'a str),
    /// A role that somebody assumed.
    AssumedRole {
        /// The role's name.
        role: &'a str,
        /// What the session was called.
        session: &'a str,
    },
    /// Something else, such as a federated user: the part of the ARN after the account.
    Other(&'a str),
}

impl CallerIdentity {
    /// What kind of caller it is.
    ///
    /// ```
    /// # use outcrop_wire::account::{CallerIdentity, Principal};
    /// let identity = CallerIdentity {
    ///     account: "123456789012".to_owned(),
    ///     arn: "arn:aws:sts::123456789012:assumed-role/Dev/alice".to_owned(),
    ///     user_id: "AROAEXAMPLE:alice".to_owned(),
    /// };
    /// assert_eq!(identity.principal(), Principal::AssumedRole { role: "Dev", session: "alice" });
    /// ```
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        let resource = self.arn.splitn(6, ':').nth(5).unwrap_or_default();
        match resource.split_once('/') {
            None if resource == "root" => Principal::Root,
            // A path may stand before the name.
            Some(("user", name)) => Principal::User(name.rsplit('/').next().unwrap_or(name)),
            Some(("assumed-role", rest)) => match rest.split_once('/') {
                Some((role, session)) => Principal::AssumedRole { role, session },
                None => Principal::Other(resource),
            },
            _ => Principal::Other(resource),
        }
    }
}

/// Why an answer tells nobody's identity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdentityError(String);

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for IdentityError {}

/// The body of a request.
#[must_use]
pub fn encode_request() -> &'static str {
    REQUEST
}

/// The action that a request of the query protocol asks for, if it names one.
#[must_use]
pub fn action(body: &[u8]) -> Option<String> {
    super::target::pairs(std::str::from_utf8(body).ok()?)
        .into_iter()
        .find(|(name, _)| name == "Action")
        .map(|(_, value)| value)
}

/// The body of an answer.
#[must_use]
pub fn encode_response(identity: &CallerIdentity, request_id: &str) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult><Arn>{}</Arn><UserId>{}</UserId>\
         <Account>{}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>",
        escaped(&identity.arn),
        escaped(&identity.user_id),
        escaped(&identity.account),
        escaped(request_id)
    )
}

/// Reads an answer.
///
/// # Errors
/// When it is no XML, or not an identity.
pub fn decode_response(body: &[u8]) -> Result<CallerIdentity, IdentityError> {
    let root = Element::read(body).map_err(|error| IdentityError(error.to_string()))?;
    let result = root.child("GetCallerIdentityResult");
    let result = result.ok_or_else(|| IdentityError(format!("`{}` holds no GetCallerIdentityResult", root.name())))?;
    let text = |name: &str| {
        let text = result.text_of(name).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| IdentityError(format!("it has no {name}")))
    };
    Ok(CallerIdentity { account: text("Account")?, arn: text("Arn")?, user_id: text("UserId")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(arn: &str) -> CallerIdentity {
        CallerIdentity { account: "123456789012".to_owned(), arn: arn.to_owned(), user_id: "AIDAEXAMPLE".to_owned() }
    }

    #[test]
    fn an_answer_is_read_as_it_is_written() {
        let alice = identity("arn:aws:iam::123456789012:user/a&b");
        let text = encode_response(&alice, "id");
        assert_eq!(decode_response(text.as_bytes()), Ok(alice));
        for wrong in ["", "{}", "<a/>", "<a><GetCallerIdentityResult/></a>", &text.replace("Arn>", "Urn>")] {
            assert!(decode_response(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert_eq!(action(encode_request().as_bytes()).as_deref(), Some(OPERATION));
        assert_eq!(action(b"Version=1&Action=Get%43allerIdentity").as_deref(), Some(OPERATION));
        assert_eq!(action(b"\xff"), None);
    }

    #[test]
    fn an_arn_says_what_kind_of_caller_it_is() {
        for (arn, principal) in [
            ("arn:aws:iam::123456789012:root", Principal::Root),
            ("arn:aws:iam::123456789012:user/alice", Principal::User("alice")),
            ("arn:aws-us-gov:iam::123456789012:user/team/a/alice", Principal::User("alice")),
            (
                "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_X/a@b.test",
                Principal::AssumedRole { role: "AWSReservedSSO_X", session: "a@b.test" },
            ),
            ("arn:aws:sts::123456789012:federated-user/bob", Principal::Other("federated-user/bob")),
            ("nonsense", Principal::Other("")),
        ] {
            assert_eq!(identity(arn).principal(), principal, "{arn}");
        }
    }
}
