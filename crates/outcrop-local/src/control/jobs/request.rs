//! What a request for a job has to be, by the service model: names, roles, locations and numbers.

use std::sync::LazyLock;

use outcrop_wire::account::JobRequest;
use outcrop_wire::account::job::{InvocationType, JobFormat, TIMEOUT_HOURS};
use outcrop_wire::fault::Fault;
use regex_lite::Regex;
use serde::Deserialize;

use super::super::tags;
use crate::check::constraints::{Constraints, Told};
use crate::check::invalid;
use crate::check::place::Place;

/// What a text has to be.
struct Rule {
    /// Where it stands.
    member: &'static [&'static str],
    text: fn(&JobRequest) -> Option<&str>,
    longest: usize,
    pattern: &'static str,
}

const MODEL: &str = concat!(
    "(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:(",
    "([0-9]{12}:custom-model/[a-z0-9-]{1,63}[.]{1}[a-z0-9-:]{1,63}/[a-z0-9]{12}$)",
    "|(:foundation-model/([a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.]?[a-z0-9-]{1,63})([:][a-z0-9-]{1,63}){0,2})",
    "|(([0-9a-zA-Z][_-]?)+)$)",
    "|([0-9]{12}:(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+$)",
    "))",
    "|([a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.]?[a-z0-9-]{1,63})([:][a-z0-9-]{1,63}){0,2})",
    "|(([0-9a-zA-Z][_-]?)+)",
);
const S3_URI: &str = "s3://[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](?:/[-!_*'().a-z0-9A-Z]+(?:/[-!_*'().a-z0-9A-Z]+)*)?/?";
const OWNER: &str = "[0-9]{12}";

/// Botocore service model bedrock 2023-04-20.
static RULES: [Rule; 9] = [
    Rule {
        member: &["jobName"],
        text: |request| Some(&request.job_name),
        longest: 63,
        pattern: r"[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}",
    },
    Rule {
        member: &["roleArn"],
        text: |request| Some(&request.role_arn),
        longest: 2048,
        pattern: "arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+",
    },
    Rule {
        member: &["clientRequestToken"],
        text: |request| request.client_request_token.as_deref(),
        longest: 256,
        pattern: "[a-zA-Z0-9]{1,256}(-*[a-zA-Z0-9]){0,256}",
    },
    Rule { member: &["modelId"], text: |request| Some(&request.model_id), longest: 2048, pattern: MODEL },
    Rule {
        member: &["inputDataConfig", "s3InputDataConfig", "s3Uri"],
        text: |request| request.input_data_config.uri(),
        longest: 1024,
        pattern: S3_URI,
    },
    Rule {
        member: &["inputDataConfig", "s3InputDataConfig", "s3BucketOwner"],
        text: |request| request.input_data_config.s3_input_data_config.as_ref()?.s3_bucket_owner.as_deref(),
        longest: 12,
        pattern: OWNER,
    },
    Rule {
        member: &["outputDataConfig", "s3OutputDataConfig", "s3Uri"],
        text: |request| request.output_data_config.uri(),
        longest: 1024,
        pattern: S3_URI,
    },
    Rule {
        member: &["outputDataConfig", "s3OutputDataConfig", "s3BucketOwner"],
        text: |request| request.output_data_config.s3_output_data_config.as_ref()?.s3_bucket_owner.as_deref(),
        longest: 12,
        pattern: OWNER,
    },
    Rule {
        member: &["outputDataConfig", "s3OutputDataConfig", "s3EncryptionKeyId"],
        text: |request| request.output_data_config.s3_output_data_config.as_ref()?.s3_encryption_key_id.as_deref(),
        longest: 2048,
        pattern: concat!(
            "(arn:aws(-[^:]+)?:kms:[a-zA-Z0-9-]*:[0-9]{12}:((key/[a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)))",
            "|([a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)",
        ),
    },
];

/// The patterns, in the order of the rules: each has to match a whole text.
static PATTERNS: LazyLock<Vec<Option<Regex>>> =
    LazyLock::new(|| RULES.iter().map(|rule| Regex::new(&format!("^(?:{})$", rule.pattern)).ok()).collect());

/// Subnets and security groups.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vpc {
    subnet_ids: Option<Vec<String>>,
    security_group_ids: Option<Vec<String>>,
}

/// Refuses what the service model does not allow, all of it at once.
pub(super) fn check(request: &JobRequest) -> Result<(), Fault> {
    let mut broken = Constraints::default();
    for (rule, pattern) in RULES.iter().zip(PATTERNS.iter()) {
        let Some(text) = (rule.text)(request) else { continue };
        at(rule.member, &Place::ROOT, &mut |place| {
            let fits = pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
            broken.pattern(fits, Told::As(&text), rule.pattern, place);
            broken.length(text, Told::As(&text), 0, rule.longest, place);
        });
    }
    if let Some(hours) = request.timeout_duration_in_hours {
        let (place, least, most) = (Place::ROOT, TIMEOUT_HOURS.start(), TIMEOUT_HOURS.end());
        let place = place.member("timeoutDurationInHours");
        if hours > *most {
            broken.add(Told::As(&hours), &place, format_args!("Member must have value less than or equal to {most}"));
        }
        if hours < *least {
            let rule = format_args!("Member must have value greater than or equal to {least}");
            broken.add(Told::As(&hours), &place, rule);
        }
    }
    if let Some(kind) = &request.model_invocation_type {
        let known = [InvocationType::InvokeModel, InvocationType::Converse];
        let known = known.each_ref().map(InvocationType::as_str);
        broken.one_of(kind.as_str(), &known, &Place::ROOT.member("modelInvocationType"));
    }
    let format = request.input_data_config.s3_input_data_config.as_ref().and_then(|s3| s3.s3_input_format.as_ref());
    if let Some(format) = format {
        at(&["inputDataConfig", "s3InputDataConfig", "s3InputFormat"], &Place::ROOT, &mut |place| {
            broken.one_of(format.as_str(), &[JobFormat::Jsonl.as_str()], place);
        });
    }
    if let Some(vpc) = &request.vpc_config {
        let vpc: Vpc = vpc.parse().map_err(|error| invalid(format!("vpcConfig: {error}")))?;
        let place = Place::ROOT.member("vpcConfig");
        for (member, ids, most) in [("subnetIds", vpc.subnet_ids, 16), ("securityGroupIds", vpc.security_group_ids, 5)]
        {
            let place = place.member(member);
            match ids {
                Some(ids) => {
                    broken.count(ids.len(), Told::Concealed, 1, most, &place);
                    for (at, id) in ids.iter().enumerate() {
                        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
                        broken.letters(id, Told::As(id), "[-0-9a-zA-Z]+", fits, &place.item(at));
                        broken.length(id, Told::As(id), 0, 32, &place.item(at));
                    }
                }
                None => broken.add(Told::Null, &place, "Member must not be null"),
            }
        }
    }
    tags::check(request.tags.as_deref().unwrap_or_default(), &Place::ROOT.member("tags"), &mut broken);
    broken.verdict()?;
    // Remembered: as of every union.
    let unset = |shape: &str, member: &str, key: &str| {
        Err(invalid(format!("{shape} object at {member} must set one of the following keys: {key}.")))
    };
    if request.input_data_config.uri().is_none() {
        return unset("ModelInvocationJobInputDataConfig", "inputDataConfig", "s3InputDataConfig");
    }
    if request.output_data_config.uri().is_none() {
        return unset("ModelInvocationJobOutputDataConfig", "outputDataConfig", "s3OutputDataConfig");
    }
    Ok(())
}

/// Does something at a place further in.
fn at(members: &[&str], place: &Place<'_>, what: &mut dyn FnMut(&Place<'_>)) {
    match members {
        [] => what(place),
        [first, rest @ ..] => at(rest, &place.member(first), what),
    }
}
