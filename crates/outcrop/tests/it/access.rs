//! Access to models: against a local Bedrock that begins with nothing, and a server that answers from a script.

use std::time::Duration;

use outcrop::Kind;
use outcrop::account::{RetentionMode, UseCase};
use outcrop_local::{Account, Local};

use crate::clients::client_in;
use crate::scripted::{Scripted, Step};

fn form() -> UseCase {
    UseCase {
        company_name: "Example".to_owned(),
        company_website: "https://example.com".to_owned(),
        intended_users: "0".to_owned(),
        industry_option: "Education".to_owned(),
        use_cases: "Questions about our own texts".to_owned(),
        ..UseCase::default()
    }
}

#[tokio::test]
async fn a_request_opens_a_model_and_may_be_made_again() {
    let client = client_in("us-east-1", &Local::builder().account(Account::fresh()).build()).await;
    let ask = || async { client.message("us.opus").max_tokens(8).user("Hello").await };
    let error = ask().await.unwrap_err();
    assert_eq!((error.status(), error.aws_code()), (Some(404), Some("ResourceNotFoundException")));
    assert!(error.hint().is_some_and(|hint| hint.contains("models access request")));

    let access = client.models().access();
    let error = access.request("opus", None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid, "{error}");
    assert!(error.to_string().starts_with("cannot get access to opus: the account has not filled in"), "{error}");

    let granted = access.request("opus", Some(&form())).await.unwrap();
    assert!(granted.availability.is_available() && granted.form_submitted && granted.offer.is_some());
    assert!(ask().await.is_ok());
    let sent = client.models().use_case_form().await.unwrap().and_then(|form| form.use_case()).unwrap();
    assert_eq!(sent, form());

    let again = access.request("opus", None).await.unwrap();
    assert!(again.availability.is_available() && !again.form_submitted && again.offer.is_none());
    let offers = access.offers("opus").await.unwrap();
    assert_eq!(access.agree("opus", &offers[0]).await.unwrap_err().aws_code(), Some("ConflictException"));
    access.end("opus").await.unwrap();
    assert_eq!(ask().await.unwrap_err().aws_code(), Some("AccessDeniedException"));
    assert!(access.accept("us.opus", &offers[0], None).await.unwrap().offer.is_some());
    assert!(ask().await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_had_is_told() {
    let account = Account::parse("[access]\nmodels = \"none\"\n[regions.us-east-1]\nlacks = [\"opus\"]").unwrap();
    let client = client_in("us-east-1", &Local::builder().account(account).build()).await;
    let access = client.models().access();
    let error = access.request("opus", None).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot get access to opus: the region does not have it");
    assert!(client.models().region("us-west-2").access().request("opus", None).await.is_ok());
    let error = access.submit_form(&UseCase { use_cases: "x".repeat(20_000), ..form() }).await.unwrap_err();
    assert!(error.kind() == Kind::Invalid && error.to_string().contains("16384"), "{error}");
    let wrong = UseCase { company_website: "example".to_owned(), intended_users: String::new(), ..form() };
    let error = access.request("opus", Some(&wrong)).await.unwrap_err();
    let why = "companyWebsite `example` is no URL such as https://example.com; intendedUsers is empty";
    assert!(error.kind() == Kind::Invalid && error.to_string().contains(why), "{error}");
    assert_eq!(access.request("nova", None).await.unwrap_err().aws_code(), Some("ValidationException"));
}

#[tokio::test]
async fn data_retention_opens_the_models_that_want_it() {
    let account = Account::parse("access.retention = \"inherit\"").unwrap();
    let client = client_in("us-east-1", &Local::builder().account(account).build()).await;
    let ask = || async { client.message("us.claude-fable-5-1").max_tokens(8).user("Hello").await };
    let error = ask().await.unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("models access retention")), "{error}");
    let access = client.models().access();
    assert_eq!(access.retention().await.unwrap().mode, RetentionMode::Inherit);
    let set = access.set_retention(RetentionMode::AwsReview).await.unwrap();
    assert!(set.mode == RetentionMode::AwsReview && set.updated_at.is_some());
    assert!(ask().await.is_ok());
}

fn availability(status: &str) -> Step {
    Step::json(
        200,
        &format!(
            r#"{{"modelId":"anthropic.claude-opus-4-6-v1","agreementAvailability":{{"status":"{status}","errorMessage":"why"}},
            "authorizationStatus":"AUTHORIZED","entitlementAvailability":"AVAILABLE","regionAvailability":"AVAILABLE"}}"#
        ),
    )
}

#[tokio::test(start_paused = true)]
async fn a_pending_agreement_is_waited_for_and_no_longer_than_patience() {
    let form = || Step::json(200, r#"{"formData":"eyJjb21wYW55TmFtZSI6ICJFeGFtcGxlIn0="}"#);
    for (statuses, kind) in [
        (vec!["PENDING", "PENDING", "PENDING", "AVAILABLE"], None),
        (vec!["PENDING", "ERROR"], Some(Kind::Service)),
        (vec!["PENDING"; 12], Some(Kind::Timeout)),
    ] {
        let (first, rest) = statuses.split_first().unwrap();
        let steps = [availability(first), form()].into_iter().chain(rest.iter().map(|status| availability(status)));
        let server = Scripted::new(steps);
        let client = server.client().await;
        let outcome = client.models().access().patience(Duration::from_secs(20)).request("opus", None).await;
        assert_eq!(outcome.as_ref().err().map(outcome_kind), kind, "{outcome:?}");
    }
}

fn outcome_kind(error: &outcrop::Error) -> Kind {
    error.kind()
}
