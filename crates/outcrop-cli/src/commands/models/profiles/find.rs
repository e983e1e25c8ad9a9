//! Which inference profile is meant: by its ARN or its id, `us.opus`, or the name of one of the account's own.

use outcrop::account::{InferenceProfile, ProfileFilter, ProfileType};
use outcrop::wire::near::near;
use outcrop::{Client, Scope};

use crate::commands::models::meant::{explained, meant};
use crate::exit::Failure;

/// So many of the account's own are named; more are counted.
const NAMED: usize = 8;

/// The profile that a word names. A name is that of one of the account's own before it is one of ours.
pub(super) async fn find(client: &Client, which: &str) -> Result<InferenceProfile, Failure> {
    let is_id = which.contains(['.', ':']);
    if !is_id {
        let own = own(client).await?;
        if let Some(profile) = named(&own, which)? {
            return Ok(profile.clone());
        }
        if client.catalogue().resolve(&which.into()).model.is_none() {
            return Err(missing(which, &own));
        }
    }
    meant(client.catalogue(), which, client.region())?;
    client.models().profile(which).await.map_err(|error| explained(error, client, which))
}

/// The ARN of the one that is to be ended. AWS's own are not asked for: nobody can end them.
pub(super) async fn to_delete(client: &Client, which: &str) -> Result<String, Failure> {
    if which.starts_with("arn:") && !which.contains(":inference-profile/") {
        return Ok(which.to_owned());
    }
    let own = own(client).await?;
    if let Some(profile) = named(&own, which)? {
        return Ok(profile.inference_profile_arn.clone());
    }
    let is_of_aws = Scope::split(which.rsplit('/').next().unwrap_or(which)).is_some()
        || client.catalogue().resolve(&which.into()).model.is_some();
    Err(match is_of_aws {
        true => Failure::usage(format!("`{which}` is one of AWS's own inference profiles, which nobody can end"))
            .hint(listed(&own)),
        false => missing(which, &own),
    })
}

async fn own(client: &Client) -> Result<Vec<InferenceProfile>, Failure> {
    let mut filter = ProfileFilter::default();
    filter.kind = Some(ProfileType::Application);
    Ok(client.models().profiles_of(filter).all().await?)
}

/// The one of this name or id. Names need not be unique.
fn named<'a>(own: &'a [InferenceProfile], which: &str) -> Result<Option<&'a InferenceProfile>, Failure> {
    let is =
        |profile: &&InferenceProfile| profile.inference_profile_name == which || profile.inference_profile_id == which;
    let found: Vec<&InferenceProfile> = own.iter().filter(is).collect();
    match found[..] {
        [] => Ok(None),
        [profile] => Ok(Some(profile)),
        _ => {
            let arns: Vec<&str> = found.iter().map(|profile| profile.inference_profile_arn.as_str()).collect();
            Err(Failure::usage(format!("{} inference profiles are called `{which}`", found.len()))
                .hint(format!("name one by its ARN: {}", arns.join(", "))))
        }
    }
}

fn missing(which: &str, own: &[InferenceProfile]) -> Failure {
    let failure = Failure::usage(format!("the account has no inference profile `{which}` here"));
    let names = near(which, own.iter().map(|profile| profile.inference_profile_name.as_str()));
    match names.is_empty() {
        true => failure.hint(listed(own)),
        false => failure.hint(format!("is `{}` meant?", names.join("` or `"))),
    }
}

/// The account's own, as a hint.
fn listed(own: &[InferenceProfile]) -> String {
    let names: Vec<String> = own.iter().map(|profile| format!("`{}`", profile.inference_profile_name)).collect();
    match names.len() {
        0 => "the account has none of its own here: `outcrop models profiles create` makes one".to_owned(),
        few if few <= NAMED => format!("the account's own are {}", names.join(", ")),
        many => {
            format!("the account has {many} of its own, which `outcrop models profiles list --type application` lists")
        }
    }
}
