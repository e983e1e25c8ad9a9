//! Judges the control plane of a local Bedrock server with the official AWS SDK for Rust.
//!
//! The server is found through the environment variables that `outcrop local --env` prints. What is made is ended again.

use std::fmt::Debug;
use std::process::ExitCode;

use aws_sdk_bedrock::Client;
use aws_sdk_bedrock::config::retry::RetryConfig;
use aws_sdk_bedrock::config::{Config, Credentials, Region};
use aws_sdk_bedrock::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_bedrock::primitives::Blob;
use aws_sdk_bedrock::types::{
    AgreementStatus, AuthorizationStatus, EntitlementAvailability, FoundationModelLifecycleStatus,
    InferenceProfileModelSource, InferenceProfileStatus, InferenceProfileType, LoggingConfig,
    ModelInvocationJobInputDataConfig, ModelInvocationJobOutputDataConfig, ModelInvocationJobS3InputDataConfig,
    ModelInvocationJobS3OutputDataConfig, ModelModality, RegionAvailability, Tag,
};
use outcrop_judges::tally::{Outcome, check_equal};

const BASE: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const PROFILE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const FORM: &str = r#"{"companyName":"Outcrop","companyWebsite":"https://example.com","intendedUsers":"0","industryOption":"Education","otherIndustryOption":"","useCases":"judging"}"#;

type Seen<T> = Result<T, String>;

fn check(condition: bool, expected: &str, seen: &dyn Debug) -> Outcome {
    if condition { Ok(()) } else { Err(format!("expected {expected}; saw {seen:?}")) }
}

fn no_error<T, E, R>(result: Result<T, SdkError<E, R>>) -> Seen<T>
where
    E: std::error::Error + 'static,
    R: Debug,
{
    result.map_err(|error| format!("expected no error; saw {}", DisplayErrorContext(error)))
}

/// The code of a refusal, and its message.
fn refused<T: Debug, E, R>(result: Result<T, SdkError<E, R>>) -> Seen<(String, String)>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: Debug,
{
    match result {
        Ok(answer) => Err(format!("expected a refusal; saw {answer:?}")),
        Err(error) => match error.as_service_error() {
            Some(error) => {
                Ok((error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned()))
            }
            None => Err(format!("expected a refusal; saw {}", DisplayErrorContext(error))),
        },
    }
}

struct Server {
    address: String,
    region: String,
    access_key: String,
    secret_key: String,
}

impl Server {
    fn from_environment() -> Seen<Server> {
        let variable =
            |name: &str| std::env::var(name).map_err(|_| format!("expected {name} to be set (see README.md)"));
        Ok(Server {
            address: variable("AWS_ENDPOINT_URL_BEDROCK")?,
            region: variable("AWS_REGION")?,
            access_key: variable("AWS_ACCESS_KEY_ID")?,
            secret_key: variable("AWS_SECRET_ACCESS_KEY")?,
        })
    }

    fn client(&self, secret_key: &str) -> Client {
        let config = Config::builder()
            .endpoint_url(&self.address)
            .region(Region::new(self.region.clone()))
            .credentials_provider(Credentials::new(&self.access_key, secret_key, None, None, "judge"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .build();
        Client::from_conf(config)
    }
}

async fn models(client: &Client) -> Outcome {
    let answer = client.list_foundation_models().by_provider("anthropic").by_output_modality(ModelModality::Text);
    let answer = no_error(answer.send().await)?;
    let summary = answer.model_summaries().iter().find(|model| model.model_id() == BASE);
    let summary =
        summary.ok_or(format!("expected {BASE} in the list; saw {} models", answer.model_summaries().len()))?;
    check_equal("the name", Some("Claude Sonnet 4.5"), summary.model_name())?;
    check(summary.input_modalities().contains(&ModelModality::Image), "IMAGE", &summary.input_modalities())?;
    let details = no_error(client.get_foundation_model().model_identifier(BASE).send().await)?;
    let details = details.model_details().ok_or("expected details; saw none")?;
    check_equal("the ARN", summary.model_arn(), details.model_arn())?;
    check_equal(
        "the life cycle",
        Some(&FoundationModelLifecycleStatus::Legacy),
        details.model_lifecycle().map(|lifecycle| lifecycle.status()),
    )
}

async fn a_model_that_is_none(client: &Client) -> Outcome {
    let (code, _) =
        refused(client.get_foundation_model().model_identifier("anthropic.claude-nobody-v1:0").send().await)?;
    check(["ValidationException", "ResourceNotFoundException"].contains(&code.as_str()), "a typed refusal", &code)
}

async fn availability(client: &Client) -> Outcome {
    let answer = no_error(client.get_foundation_model_availability().model_id(BASE).send().await)?;
    check_equal(
        "the agreement",
        Some(&AgreementStatus::Available),
        answer.agreement_availability().map(|seen| seen.status()),
    )?;
    check_equal("the authorization", &AuthorizationStatus::Authorized, answer.authorization_status())?;
    check_equal("the entitlement", &EntitlementAvailability::Available, answer.entitlement_availability())?;
    check_equal("the region", &RegionAvailability::Available, answer.region_availability())
}

async fn access(client: &Client) -> Outcome {
    no_error(client.put_use_case_for_model_access().form_data(Blob::new(FORM)).send().await)?;
    let form = no_error(client.get_use_case_for_model_access().send().await)?;
    check_equal("the form", FORM.as_bytes(), form.form_data().as_ref())?;
    let offers = no_error(client.list_foundation_model_agreement_offers().model_id(BASE).send().await)?;
    let offer = offers.offers().first().ok_or("expected an offer; saw none")?;
    check(offer.term_details().is_some(), "terms", &offer)?;
    let agreed = client.create_foundation_model_agreement().model_id(BASE).offer_token(offer.offer_token());
    match agreed.send().await {
        Ok(agreed) => check_equal("the model", BASE, agreed.model_id()),
        // Where everything is granted, there is nothing to agree to.
        Err(error) => check(
            error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("ConflictException"),
            "an agreement, or a conflict with the one that stands",
            &DisplayErrorContext(error),
        ),
    }
}

async fn inference_profiles(client: &Client) -> Outcome {
    let mut pages = client.list_inference_profiles().max_results(3).into_paginator().items().send();
    let mut ids = Vec::new();
    while let Some(profile) = pages.next().await {
        ids.push(no_error(profile)?.inference_profile_id);
    }
    check(ids.len() > 3 && ids.iter().any(|id| id == PROFILE), "several pages of profiles", &ids)?;
    let profile = no_error(client.get_inference_profile().inference_profile_identifier(PROFILE).send().await)?;
    check_equal("the status", &InferenceProfileStatus::Active, profile.status())?;
    check_equal("the type", &InferenceProfileType::SystemDefined, profile.r#type())?;
    check(profile.created_at().is_some() && !profile.models().is_empty(), "a day and models", &profile)
}

async fn a_profile_of_the_account(client: &Client) -> Outcome {
    let system = no_error(client.get_inference_profile().inference_profile_identifier(PROFILE).send().await)?;
    let made = client
        .create_inference_profile()
        .inference_profile_name("judge of Rust")
        .description("made by a judge")
        .model_source(InferenceProfileModelSource::CopyFrom(system.inference_profile_arn().to_owned()))
        .tags(Tag::builder().key("team").value("a").build().map_err(|error| error.to_string())?);
    let made = no_error(made.send().await)?;
    let arn = made.inference_profile_arn();
    check(arn.contains(":application-inference-profile/"), "the ARN of an application profile", &arn)?;
    let tags = no_error(client.list_tags_for_resource().resource_arn(arn).send().await)?;
    check_equal("the tags", vec![("team", "a")], tags.tags().iter().map(|tag| (tag.key(), tag.value())).collect())?;
    let own = client.list_inference_profiles().type_equals(InferenceProfileType::Application).into_paginator().items();
    let mut own = own.send();
    let mut found = false;
    while let Some(profile) = own.next().await {
        found |= no_error(profile)?.inference_profile_arn() == arn;
    }
    check(found, "the profile in the list", &arn)?;
    no_error(client.delete_inference_profile().inference_profile_identifier(arn).send().await)?;
    let (code, _) = refused(client.get_inference_profile().inference_profile_identifier(arn).send().await)?;
    check_equal("the refusal of one that was deleted", "ResourceNotFoundException", code.as_str())
}

async fn logging(client: &Client) -> Outcome {
    let refused = refused(
        client
            .put_model_invocation_logging_configuration()
            .logging_config(
                LoggingConfig::builder()
                    .s3_config(
                        aws_sdk_bedrock::types::S3Config::builder()
                            .bucket_name("no-such-bucket")
                            .build()
                            .map_err(|error| error.to_string())?,
                    )
                    .build(),
            )
            .send()
            .await,
    )?;
    check_equal("the refusal of a bucket that is none", "ValidationException", refused.0.as_str())?;
    let setting = no_error(client.get_model_invocation_logging_configuration().send().await)?;
    check(setting.logging_config().is_none(), "no logging", &setting)?;
    no_error(client.delete_model_invocation_logging_configuration().send().await).map(|_| ())
}

async fn jobs(client: &Client) -> Outcome {
    let input = ModelInvocationJobS3InputDataConfig::builder().s3_uri("s3://no-such-bucket/in.jsonl").build();
    let output = ModelInvocationJobS3OutputDataConfig::builder().s3_uri("s3://no-such-bucket/out/").build();
    let input = ModelInvocationJobInputDataConfig::S3InputDataConfig(input.map_err(|error| error.to_string())?);
    let output = ModelInvocationJobOutputDataConfig::S3OutputDataConfig(output.map_err(|error| error.to_string())?);
    let made = client
        .create_model_invocation_job()
        .job_name("judge-of-rust")
        .role_arn("arn:aws:iam::123456789012:role/batch")
        .model_id(BASE)
        .input_data_config(input)
        .output_data_config(output);
    // Whether a bucket that is none is refused at once or fails the job, it is said.
    match made.send().await {
        Err(error) => check(
            error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("ValidationException"),
            "a typed refusal",
            &DisplayErrorContext(error),
        )?,
        Ok(made) => {
            let job = no_error(client.get_model_invocation_job().job_identifier(made.job_arn()).send().await)?;
            check_equal("the model", BASE, job.model_id())?;
        }
    }
    let mut pages = client.list_model_invocation_jobs().max_results(1).into_paginator().items().send();
    while let Some(job) = pages.next().await {
        no_error(job)?;
    }
    let missing = client.stop_model_invocation_job().job_identifier("abcdefghijkl").send().await;
    check_equal("the refusal of a job that is none", "ResourceNotFoundException", refused(missing)?.0.as_str())
}

async fn a_wrong_secret(server: &Server) -> Outcome {
    let (code, _) = refused(server.client("wrong").list_foundation_models().send().await)?;
    check_equal("the refusal", "InvalidSignatureException", code.as_str())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let server = match Server::from_environment() {
        Ok(server) => server,
        Err(reason) => {
            println!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    let client = server.client(&server.secret_key);
    let cases = [
        ("models are listed and told one by one", models(&client).await),
        ("a model that is none is refused", a_model_that_is_none(&client).await),
        ("a model is available", availability(&client).await),
        ("the form is kept, an offer agreed to", access(&client).await),
        ("inference profiles come page by page", inference_profiles(&client).await),
        ("a profile of the account is made, tagged, listed and deleted", a_profile_of_the_account(&client).await),
        ("logging to a bucket that is none is refused", logging(&client).await),
        ("jobs are made, listed and stopped", jobs(&client).await),
        ("a wrong secret is refused", a_wrong_secret(&server).await),
    ];
    let failed = cases.iter().filter(|(_, outcome)| outcome.is_err()).count();
    for (name, outcome) in &cases {
        match outcome {
            Ok(()) => println!("ok   {name}"),
            Err(reason) => println!("FAIL {name}: {reason}"),
        }
    }
    println!("{} passed, {failed} failed", cases.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
