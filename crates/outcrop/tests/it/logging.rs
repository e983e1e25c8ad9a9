//! How calls are logged: told, set and ended, in one region and in many.

use outcrop::logging::{Kept, LoggingConfiguration};
use outcrop::wire::account::bucket::LifecycleRule;
use outcrop_local::Local;

use crate::clients::client_in;
use crate::scripted::{Scripted, Step};

#[tokio::test]
async fn regions_are_set_each_for_itself() {
    let client = client_in("eu-west-1", &Local::new()).await;
    let logging = || client.logging();
    assert_eq!(logging().status().await.unwrap(), None);
    let configuration = LoggingConfiguration::to_cloud_watch("/calls", "arn:aws:iam::123456789012:role/logs");
    let refused = logging().region("us-east-1").enable(&configuration).await.unwrap_err();
    assert!(refused.to_string().contains("Failed to validate permissions for log group: /calls"), "{refused}");
    assert!(refused.hint().unwrap().contains("make the log group"), "{:?}", refused.hint());
    client.log_groups().in_region("us-east-1").create("/calls").await.unwrap();
    logging().region("us-east-1").enable(&configuration).await.unwrap();
    assert_eq!(logging().status().await.unwrap(), None);
    let all = logging().regions(["eu-west-1", "us-east-1", "no region"]).status().await;
    assert_eq!(all[0].outcome.as_ref().unwrap(), &None);
    assert_eq!(all[1].outcome.as_ref().unwrap(), &Some(configuration));
    let error = all[2].outcome.as_ref().unwrap_err().to_string();
    assert!(all[2].region == "no region" && error.contains("no region"), "{error}");
    let ended = logging().regions(["us-east-1", "eu-west-1"]).disable().await;
    assert!(ended.iter().all(|region| region.outcome.is_ok()), "{ended:?}");
    assert_eq!(logging().region("us-east-1").status().await.unwrap(), None);
}

/// AWS says that it has nothing to say by saying nothing (API reference, PutModelInvocationLoggingConfiguration).
#[tokio::test]
async fn an_empty_answer_is_an_answer_and_a_refusal_names_the_action() {
    let denied = r#"{"message":"User: arn:aws:iam::123456789012:user/ann is not authorized to perform: bedrock:PutModelInvocationLoggingConfiguration"}"#;
    let server = Scripted::new([Step::json(200, ""), Step::json(200, "{}"), Step::json(403, denied)]);
    let client = server.client().await;
    let configuration = LoggingConfiguration::to_s3("logs", None);
    client.logging().enable(&configuration).await.unwrap();
    client.logging().enable(&configuration).await.unwrap();
    let error = client.logging().enable(&configuration).await.unwrap_err();
    assert!(error.to_string().contains("bedrock:PutModelInvocationLoggingConfiguration"), "{error}");
    let requests = server.requests();
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_lifecycle_says_for_how_long_the_log_is_kept() {
    let client = client_in("eu-west-1", &Local::new()).await;
    let configuration = LoggingConfiguration::to_s3("logs", Some("p/".to_owned()));
    let kept = async || client.logging().retention(&configuration).await.remove(0);
    let Kept::Unknown(why) = kept().await.kept else { panic!("there is no such bucket") };
    assert!(why.contains("NoSuchBucket"), "{why}");
    client.buckets().create("logs").await.unwrap();
    assert_eq!((kept().await.place.as_str(), kept().await.kept), ("s3://logs/p", Kept::Forever));
    for (prefix, days, expected) in [("p/", 90, Kept::Days(90)), ("", 7, Kept::Days(7)), ("other/", 1, Kept::Forever)] {
        client.buckets().put_lifecycle("logs", &[LifecycleRule::expiring(prefix, days)]).await.unwrap();
        assert_eq!(kept().await.kept, expected);
    }
    // The first to remove something counts, of those that reach the log: also as far as the middle of a name.
    let rule = LifecycleRule::expiring;
    let dated =
        LifecycleRule { expires_after_days: None, expires_on: Some("2027-01-01T00:00:00Z".to_owned()), ..rule("p", 1) };
    let why = "a rule of its lifecycle removes all objects from 2027-01-01 on".to_owned();
    for (rules, expected) in [
        (vec![rule("other/", 7), rule("p/", 365)], Kept::Days(365)),
        (vec![rule("", 365), rule("p/AWSLogs/", 7)], Kept::Days(7)),
        (vec![rule("p2", 7)], Kept::Forever),
        (vec![rule("p", 7)], Kept::Days(7)),
        (vec![rule("p/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/", 7)], Kept::Forever),
        (vec![LifecycleRule { enabled: false, ..rule("", 7) }, rule("", 30)], Kept::Days(30)),
        (vec![rule("", 365), dated], Kept::Unknown(why)),
    ] {
        client.buckets().put_lifecycle("logs", &rules).await.unwrap();
        assert_eq!(kept().await.kept, expected, "{rules:?}");
    }
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let server = Scripted::new([Step::text(403, "application/xml", denied)]);
    let told = server.client().await.logging().retention(&configuration).await.remove(0);
    assert_eq!(told.kept, Kept::Unknown("s3:GetLifecycleConfiguration is not allowed on the bucket logs".to_owned()));
}

#[tokio::test]
async fn a_log_group_says_for_how_long_it_keeps_events() {
    let client = client_in("eu-west-1", &Local::new()).await;
    let configuration = LoggingConfiguration::to_cloud_watch("/calls", "arn:aws:iam::123456789012:role/logs");
    let kept = async || client.logging().retention(&configuration).await.remove(0);
    assert_eq!(kept().await.kept, Kept::Unknown("there is no such log group".to_owned()));
    client.log_groups().create("/calls").await.unwrap();
    assert_eq!((kept().await.place.as_str(), kept().await.kept), ("log group /calls", Kept::Forever));
    client.log_groups().put_retention("/calls", 14).await.unwrap();
    assert_eq!(kept().await.kept, Kept::Days(14));
    let denied = r#"{"__type":"AccessDeniedException","Message":"no"}"#;
    let told = Scripted::new([Step::json(400, denied)]).client().await.logging().retention(&configuration).await;
    let why = "logs:DescribeLogGroups is not allowed on the log group /calls".to_owned();
    assert_eq!(told[0].kept, Kept::Unknown(why));
}

#[cfg(feature = "objects")]
mod destinations {
    use outcrop::logging::{Check, LoggingConfiguration};
    use outcrop::wire::account::logging::{BucketPermission, LogPlace};

    use crate::scripted::{Scripted, Step};

    const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ann</Arn><UserId>AIDAX</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

    fn refused(status: u16, code: &str) -> Step {
        let body = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
        Step::text(status, "application/xml", &body)
    }

    async fn check(configuration: &LoggingConfiguration, answers: Vec<Step>) -> (Check, Scripted) {
        let server = Scripted::new([Step::text(200, "text/xml", CALLER)].into_iter().chain(answers));
        let check = server.client().await.logging().check(configuration).await.unwrap();
        (check, server)
    }

    fn policy(region: &str) -> String {
        let place = LogPlace { prefix: "p".to_owned(), account: "123456789012".to_owned(), region: region.to_owned() };
        BucketPermission { partition: "aws", bucket: "logs", place: &place }.policy()
    }

    #[tokio::test]
    async fn a_bucket_that_lets_bedrock_write_is_good() {
        let configuration = LoggingConfiguration::to_s3("logs", Some("p/".to_owned()));
        let allows = Step::text(200, "application/json", &policy("us-west-2"));
        let (check, server) = check(&configuration, vec![allows]).await;
        assert_eq!(check, Check::default());
        let asked = &server.requests()[1];
        assert_eq!(asked.header("host"), Some("logs.s3.us-west-2.amazonaws.com"));
        assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", "/?policy"));
        assert!(asked.header("authorization").unwrap().contains("/us-west-2/s3/aws4_request"), "{asked:?}");
    }

    #[tokio::test]
    async fn what_is_missing_is_told_with_what_mends_it() {
        let configuration = LoggingConfiguration::to_s3("logs", Some("p".to_owned()));
        let elsewhere = refused(301, "PermanentRedirect").header("x-amz-bucket-region", "eu-west-1");
        for (step, what, pasted) in [
            (refused(404, "NoSuchBucketPolicy"), "it has no policy that lets Bedrock write", true),
            (elsewhere, "it is in eu-west-1, and must be in the region of the calls, us-west-2", false),
            (Step::json(200, &policy("us-east-1")), "AmazonBedrockLogsWrite asks for ArnLike aws:SourceArn", true),
            (
                Step::json(
                    200,
                    r#"{"Statement":{"Sid":"No","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}"#,
                ),
                "No of its policy denies",
                false,
            ),
        ] {
            let (check, _) = check(&configuration, vec![step]).await;
            let [finding] = check.missing.as_slice() else { panic!("{check:?}") };
            assert!(finding.what.contains(what) && finding.about == "bucket logs", "{finding:?}");
            assert_eq!(finding.paste.first().map(|(_, text)| text.clone()), pasted.then(|| policy("us-west-2")));
            assert!(!check.is_good());
        }
        let (none, _) = check(&configuration, vec![refused(404, "NoSuchBucket")]).await;
        let pastes: Vec<&str> = none.missing[0].paste.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(none.missing[0].what, "there is no such bucket");
        assert_eq!(pastes, ["aws s3 mb s3://logs --region us-west-2", &policy("us-west-2")]);
        let (check, _) = check(&configuration, vec![refused(403, "AccessDenied")]).await;
        assert!(check.is_good() && check.unseen[0].what.contains("s3:GetBucketPolicy"), "{check:?}");
    }

    #[tokio::test]
    async fn a_log_group_must_be_there() {
        let configuration = LoggingConfiguration::to_cloud_watch("/calls", "arn:aws:iam::123456789012:role/logs");
        let none = Step::json(200, r#"{"logGroups":[{"logGroupName":"/calls/more"}]}"#);
        let (missing, server) = check(&configuration, vec![none]).await;
        let [finding] = missing.missing.as_slice() else { panic!("{missing:?}") };
        assert_eq!(
            (finding.about.as_str(), finding.what.as_str()),
            ("log group /calls", "there is no such log group in us-west-2")
        );
        let make = "aws logs create-log-group --region us-west-2 --log-group-name /calls\n";
        assert!(
            finding.paste[0].1.starts_with(make) && finding.paste[0].1.ends_with("--retention-in-days 30"),
            "{finding:?}"
        );
        assert_eq!(server.requests()[1].header("x-amz-target"), Some("Logs_20140328.DescribeLogGroups"));
        let denied = Step::json(400, r#"{"__type":"AccessDeniedException","Message":"no"}"#);
        let (unseen, _) = check(&configuration, vec![denied]).await;
        assert!(unseen.is_good() && unseen.unseen[0].what.contains("logs:DescribeLogGroups"), "{unseen:?}");
    }

    #[tokio::test]
    async fn a_role_is_one_of_the_account() {
        for (role, what) in [
            ("arn:aws:iam::210987654321:role/logs", "it is of the account 210987654321"),
            ("logs", "it is no ARN of a role"),
        ] {
            let there = Step::json(200, r#"{"logGroups":[{"logGroupName":"/calls"}]}"#);
            let (check, _) = check(&LoggingConfiguration::to_cloud_watch("/calls", role), vec![there]).await;
            assert!(check.missing[0].what.contains(what), "{check:?}");
        }
        let role = "arn:aws:iam::123456789012:role/logs";
        let there = Step::json(200, r#"{"logGroups":[{"logGroupName":"/calls/more"},{"logGroupName":"/calls"}]}"#);
        let (good, _) = check(&LoggingConfiguration::to_cloud_watch("/calls", role), vec![there]).await;
        assert!(good.is_good() && good.unseen.len() == 1, "{good:?}");
        let policies: String = good.unseen[0].paste.iter().map(|(_, policy)| policy.as_str()).collect();
        assert!(policies.contains("log-group:/calls:log-stream:aws/bedrock/modelinvocations"), "{policies}");
        assert!(policies.contains("sts:AssumeRole"), "{policies}");
        let (nothing, _) = check(&LoggingConfiguration::default(), Vec::new()).await;
        assert!(!nothing.is_good());
    }
}
