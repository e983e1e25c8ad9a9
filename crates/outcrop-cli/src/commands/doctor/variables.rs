//! Variables that override each other: which count, and which are passed over. The order is that of the library.

use outcrop::Surroundings;

use super::examination::Examination;
use super::finding::Finding;

/// When a pair of variables is worth a warning.
#[derive(Clone, Copy, PartialEq)]
enum When {
    /// Both are set.
    Both,
    /// Both are set, and not to the same.
    Differ,
    /// The first says yes, and the others are set.
    Yes,
}

/// A variable that is taken in place of others.
struct Row {
    wins: &'static str,
    over: &'static [&'static str],
    when: When,
    /// Whether a profile that is typed comes before it.
    yields_to_profile: bool,
    /// What else is to be known.
    remark: &'static str,
}

const fn row(wins: &'static str, over: &'static [&'static str], when: When, remark: &'static str) -> Row {
    Row { wins, over, when, yields_to_profile: false, remark }
}

/// What comes before what (`auth/caller.rs`, `client/builder/place.rs`, `endpoint/overrides.rs` and `transport/proxy.rs` of
/// the library decide it). What other programs do is botocore's (1.44.5, `configprovider.py`).
const ROWS: [Row; 13] = [
    Row {
        yields_to_profile: true,
        ..row(
            "AWS_BEARER_TOKEN_BEDROCK",
            &["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
            When::Both,
            "calls are made with the Bedrock API key",
        )
    },
    Row {
        yields_to_profile: true,
        ..row(
            "AWS_ACCESS_KEY_ID",
            &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
            When::Both,
            "the keys of the environment count; of the profile its region and endpoint",
        )
    },
    row("AWS_PROFILE", &["AWS_DEFAULT_PROFILE"], When::Differ, "boto3 takes AWS_DEFAULT_PROFILE"),
    row("AWS_REGION", &["AWS_DEFAULT_REGION"], When::Differ, "boto3 takes AWS_DEFAULT_REGION"),
    row(
        "ANTHROPIC_BEDROCK_BASE_URL",
        &["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"],
        When::Differ,
        "for calls of models",
    ),
    row("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &["AWS_ENDPOINT_URL"], When::Differ, "for calls of models"),
    row("AWS_ENDPOINT_URL_STS", &["AWS_ENDPOINT_URL"], When::Differ, "for STS"),
    row("AWS_ENDPOINT_URL_BEDROCK", &["AWS_ENDPOINT_URL"], When::Differ, "for the control plane"),
    row(
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        &["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL_BEDROCK", "AWS_ENDPOINT_URL_STS"],
        When::Yes,
        "what they say is passed over",
    ),
    row("https_proxy", &["HTTPS_PROXY"], When::Differ, "as in curl"),
    row("http_proxy", &["HTTP_PROXY"], When::Differ, "as in curl"),
    row("no_proxy", &["NO_PROXY"], When::Differ, "as in curl"),
    row("AWS_CA_BUNDLE", &["SSL_CERT_FILE"], When::Differ, "its certificates are trusted in place of the system's"),
];

/// Those that decide something, besides the ones above.
const OTHERS: [&str; 20] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_BEDROCK_MANTLE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "OUTCROP_SURFACE",
    "OUTCROP_CAPABILITIES",
    "ALL_PROXY",
    "all_proxy",
];

pub(super) async fn look(examination: &mut Examination<'_>) -> Finding {
    if examination.connection().local {
        return Finding::skip("the local Bedrock inside this program goes by none");
    }
    let world = &examination.world;
    let typed = examination.connection().profile.is_some();
    let mut told = Vec::new();
    let mut mends = Vec::new();
    for row in ROWS.iter().filter(|row| !(row.yields_to_profile && typed)) {
        let over = passed_over(row, world);
        if !over.is_empty() {
            let over = over.join(", ");
            told.push(format!("{} counts before {over}: {}", row.wins, row.remark));
            mends.push(format!("unset {over}, or {}", row.wins));
        }
    }
    // A token left over from another session: AWS refuses the pair, and names neither.
    let long_term = world.variable("AWS_ACCESS_KEY_ID").is_some_and(|id| id.trim().starts_with("AKIA"));
    if long_term && world.variable("AWS_SESSION_TOKEN").is_some() && !typed {
        told.push("AWS_SESSION_TOKEN is set, and the long-term key in AWS_ACCESS_KEY_ID has none".to_owned());
        mends.push("unset AWS_SESSION_TOKEN, or set all three of the same session".to_owned());
    }
    let known = ROWS.iter().flat_map(|row| std::iter::once(&row.wins).chain(row.over)).chain(&OTHERS);
    let mut set: Vec<&str> = known.copied().filter(|name| world.variable(name).is_some()).collect();
    set.sort_unstable();
    set.dedup();
    let finding = match (told.is_empty(), set.is_empty()) {
        (false, _) => Finding::warn(told.join("; ")).mends(mends),
        (true, true) => Finding::pass("none is set that decides anything"),
        (true, false) => Finding::pass(format!("set, and none passed over: {}", set.join(", "))),
    };
    finding.fact("set", set)
}

/// What is set and does not count.
fn passed_over(row: &Row, world: &Surroundings) -> Vec<&'static str> {
    let Some(winner) = world.variable(row.wins) else { return Vec::new() };
    if row.when == When::Yes && world.flag(row.wins) != Some(true) {
        return Vec::new();
    }
    let differs = |value: &str| row.when != When::Differ || value.trim() != winner.trim();
    row.over.iter().copied().filter(|name| world.variable(name).is_some_and(|value| differs(&value))).collect()
}
