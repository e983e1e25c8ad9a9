//! Variables that override each other: which count, and which are passed over. Which counts before which the library says;
//! what is said about it stands here.

use outcrop::Surroundings;
use outcrop::settings::{Origin, Setting};

use super::examination::Examination;
use super::finding::Finding;

/// Variables of what settings do not tell: the connection. The first of a pair counts where both are set, and not to the
/// same (`transport/proxy.rs` and `client/builder/trust.rs` of the library).
const PAIRS: [(&str, &str); 5] = [
    ("https_proxy", "HTTPS_PROXY"),
    ("http_proxy", "HTTP_PROXY"),
    ("all_proxy", "ALL_PROXY"),
    ("no_proxy", "NO_PROXY"),
    ("AWS_CA_BUNDLE", "SSL_CERT_FILE"),
];

/// What else is to be known of a variable that is passed over: other programs take it (botocore 1.44.5, `configprovider.py`).
const REMARKS: [(&str, &str); 2] = [
    ("AWS_DEFAULT_REGION", "boto3 takes AWS_DEFAULT_REGION"),
    ("AWS_DEFAULT_PROFILE", "boto3 takes AWS_DEFAULT_PROFILE"),
];

const PROFILE: &str = "AWS_PROFILE";

/// A variable, and those that it is taken in place of.
struct Override {
    wins: String,
    over: Vec<String>,
}

pub(super) async fn look(examination: &mut Examination<'_>) -> Finding {
    if examination.connection().local {
        return Finding::skip("the local Bedrock inside this program goes by none");
    }
    let (world, settings) = (&examination.world, &examination.settings);
    let mut overrides = Vec::new();
    for setting in settings {
        from_setting(setting, &mut overrides);
    }
    for (wins, over) in PAIRS {
        let values = (world.variable(wins), world.variable(over));
        if matches!(&values, (Some(one), Some(other)) if one.trim() != other.trim()) {
            add(&mut overrides, wins, over);
        }
    }
    if let Some(wins) = over_profile(world, settings) {
        add(&mut overrides, &wins, PROFILE);
    }
    let mut told: Vec<String> = overrides.iter().map(sentence).collect();
    let mut mends: Vec<String> =
        overrides.iter().map(|Override { wins, over }| format!("unset {}, or {wins}", over.join(", "))).collect();
    if token_of_another_key(world, settings) {
        told.push("AWS_SESSION_TOKEN is set, and the long-term key in AWS_ACCESS_KEY_ID has none".to_owned());
        mends.push("unset AWS_SESSION_TOKEN, or set all three of the same session".to_owned());
    }
    let set = set(world, settings);
    let finding = match (told.is_empty(), set.is_empty()) {
        (false, _) => Finding::warn(told.join("; ")).mends(mends),
        (true, true) => Finding::pass("none is set that decides anything"),
        (true, false) => Finding::pass(format!("set, and none passed over: {}", set.join(", "))),
    };
    finding.fact("set", set)
}

fn sentence(Override { wins, over }: &Override) -> String {
    let remark = REMARKS.iter().find(|(name, _)| over.iter().any(|over| over == name));
    let remark = remark.map(|(_, remark)| format!(" ({remark})")).unwrap_or_default();
    format!("{wins} counts before {}{remark}", over.join(", "))
}

/// What variables say and other variables override. That a flag comes before a variable, and a variable before a file, is
/// what people mean; so is the same said twice.
fn from_setting(setting: &Setting, overrides: &mut Vec<Override>) {
    let counting = setting.counting().map(|said| said.value.as_str());
    for said in &setting.said {
        if let (Origin::Variable(over), Some(Origin::Variable(wins))) = (&said.origin, &said.overridden_by) {
            let same = counting == Some(said.value.as_str()) && !said.value.starts_with('*');
            if !same {
                add(overrides, wins, over);
            }
        }
    }
}

fn add(overrides: &mut Vec<Override>, wins: &str, over: &str) {
    match overrides.iter_mut().find(|known| known.wins == wins) {
        Some(known) if known.over.iter().any(|known| known == over) => {}
        Some(known) => known.over.push(over.to_owned()),
        None => overrides.push(Override { wins: wins.to_owned(), over: vec![over.to_owned()] }),
    }
}

/// The variable whose credentials count in place of those of the AWS profile that `AWS_PROFILE` names.
fn over_profile(world: &Surroundings, settings: &[Setting]) -> Option<String> {
    world.variable(PROFILE)?;
    let wins = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"];
    let counts = |name: &str| {
        let said = settings.iter().flat_map(|setting| &setting.said);
        let mut said = said.filter(|said| matches!(said.origin, Origin::Variable(of) if of == name));
        said.any(|said| said.overridden_by.is_none())
    };
    wins.into_iter().find(|name| counts(name)).map(str::to_owned)
}

/// A token left over from another session: AWS refuses the pair, and names neither.
fn token_of_another_key(world: &Surroundings, settings: &[Setting]) -> bool {
    let long_term = world.variable("AWS_ACCESS_KEY_ID").is_some_and(|id| id.trim().starts_with("AKIA"));
    let of_environment = |setting: &Setting| {
        setting.name == "session token"
            && setting.said.iter().any(|said| said.origin == Origin::Variable("AWS_SESSION_TOKEN"))
    };
    long_term && settings.iter().any(of_environment)
}

/// The names of those that decide something.
fn set(world: &Surroundings, settings: &[Setting]) -> Vec<String> {
    let origins = settings.iter().flat_map(|setting| &setting.said).filter_map(|said| match said.origin {
        Origin::Variable(name) => Some(name),
        _ => None,
    });
    let others = ["ANTHROPIC_CUSTOM_HEADERS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "CLAUDE_CODE_SKIP_BEDROCK_AUTH"];
    let pairs = PAIRS.iter().flat_map(|(one, other)| [*one, *other]);
    let others = pairs.chain(others).filter(|name| world.variable(name).is_some());
    let mut set: Vec<String> = origins.chain(others).map(str::to_owned).collect();
    set.sort_unstable();
    set.dedup();
    set
}
