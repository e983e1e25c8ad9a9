//! Keys from elsewhere: roles, SSO, web identity, programs, containers, instance metadata. Every kind against hosts that
//! are made up, in a process with an environment and files of its own.

use std::time::Duration;

use outcrop::{Auth, Client, Error, Kind, Message, Response};

use crate::scripted::{Recorded, Step, request};
use crate::world::{Hosts, World};

const BEDROCK: &str = "bedrock-runtime.us-west-2.amazonaws.com";
const STS: &str = "sts.us-west-2.amazonaws.com";
const ROLE: &str = "arn:aws:iam::123456789012:role/app";
const HIDDEN: &str = "hidden-in-plain-sight";
const LATER: &str = "2099-01-01T00:00:00Z";

/// Runs a test in its world.
macro_rules! inside {
    ($name:ident: $world:expr, $test:expr) => {
        #[test]
        fn $name() {
            $world.run(concat!(module_path!(), "::", stringify!($name)), $test)
        }
    };
}

/// What STS answers: keys with this id.
fn assumed(action: &str, id: &str) -> Step {
    let body = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><AssumedRoleUser>\
         <Arn>arn:aws:sts::123456789012:assumed-role/app/nightly</Arn><AssumedRoleId>AROAEXAMPLE:nightly</AssumedRoleId>\
         </AssumedRoleUser><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{HIDDEN}</SecretAccessKey>\
         <SessionToken>token-of-{id}</SessionToken><Expiration>{LATER}</Expiration></Credentials></{action}Result>\
         <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></{action}Response>"
    );
    Step::text(200, "text/xml", &body)
}

/// What containers and programs say: keys with this id.
fn keys(id: &str) -> String {
    format!(
        r#"{{"Version":1,"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"{id}","SecretAccessKey":"{HIDDEN}","Token":"token-of-{id}","SessionToken":"token-of-{id}","LastUpdated":"2026-11-23T00:00:00Z","Expiration":"{LATER}"}}"#
    )
}

/// The key that signed a request, and its session token.
fn signed_by(recorded: &Recorded) -> (String, String) {
    let authorization = recorded.header("authorization").unwrap();
    let id = authorization.split_once("Credential=").unwrap().1.split_once('/').unwrap().0;
    (id.to_owned(), recorded.header("x-amz-security-token").unwrap_or_default().to_owned())
}

fn of(id: &str) -> (String, String) {
    (id.to_owned(), format!("token-of-{id}"))
}

async fn asks(client: &Client) -> Result<Response<Message>, Error> {
    client.messages().create(&request()).await
}

/// Asks once, and says which key signed.
async fn answered(hosts: &Hosts, client: &Client) -> (String, String) {
    asks(client).await.unwrap();
    signed_by(hosts.requests(BEDROCK).last().unwrap())
}

/// What went wrong, which shows no secret.
async fn fails(client: &Client) -> Error {
    let error = asks(client).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Credentials);
    assert!(!format!("{error} {error:?} {error:#?}").contains(HIDDEN), "{error:#?}");
    error
}

/// A form that was sent.
fn form(recorded: &Recorded) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        let mut out = Vec::new();
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            out.push(match byte {
                b'%' => {
                    let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                byte => byte,
            });
        }
        String::from_utf8(out).unwrap()
    };
    recorded.text().split('&').map(|pair| pair.split_once('=').unwrap()).map(|(a, b)| (decode(a), decode(b))).collect()
}

fn value<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

const SOURCE_PROFILE: &str = "[profile app]\nregion = us-west-2\nrole_arn = arn:aws:iam::123456789012:role/app\n\
    source_profile = base\nrole_session_name = nightly\nexternal_id = the-external-id\nduration_seconds = 900\n\
    [profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = hidden-in-plain-sight\n";

inside!(a_role_of_a_profile_is_assumed_with_the_keys_of_another:
    World::new().file(".aws/config", SOURCE_PROFILE).env("AWS_PROFILE", "app"),
    async {
        let hosts = Hosts::new([(STS, vec![assumed("AssumeRole", "ASIAROLE")]), (BEDROCK, vec![Step::hello(); 2])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAROLE"));
        assert_eq!(answered(&hosts, &client).await, of("ASIAROLE"));
        let asked = hosts.requests(STS);
        assert_eq!(asked.len(), 1, "keys are kept");
        assert_eq!(signed_by(&asked[0]).0, "AKIDBASE");
        let form = form(&asked[0]);
        assert_eq!(value(&form, "Action"), Some("AssumeRole"));
        assert_eq!(value(&form, "RoleArn"), Some(ROLE));
        assert_eq!(value(&form, "RoleSessionName"), Some("nightly"));
        assert_eq!(value(&form, "ExternalId"), Some("the-external-id"));
        let reasons: Vec<&str> = client.reasons().collect();
        assert!(reasons[0].contains("AWS profile app"), "{reasons:?}");
        assert!(!format!("{client:?} {reasons:?}").contains(HIDDEN));
    }
);

inside!(a_role_of_a_profile_is_assumed_with_keys_of_the_environment:
    World::new()
        .file(".aws/config", "[profile app]\nregion = us-west-2\nrole_arn = arn:aws:iam::123456789012:role/app\ncredential_source = Environment\n")
        .env("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
        .env("AWS_SECRET_ACCESS_KEY", HIDDEN),
    async {
        let hosts = Hosts::new([(STS, vec![assumed("AssumeRole", "ASIAROLE")]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().profile("app").build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAROLE"));
        assert_eq!(signed_by(&hosts.requests(STS)[0]).0, "AKIDENVIRONMENT");
    }
);

inside!(a_role_of_a_profile_is_assumed_with_keys_of_the_container:
    World::new()
        .file(".aws/config", "[default]\nregion = us-west-2\nrole_arn = arn:aws:iam::123456789012:role/app\ncredential_source = EcsContainer\n")
        .env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/id"),
    async {
        let hosts = Hosts::new([
            ("169.254.170.2", vec![Step::json(200, &keys("ASIACONTAINER"))]),
            (STS, vec![assumed("AssumeRole", "ASIAROLE")]),
            (BEDROCK, vec![Step::hello()]),
        ]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAROLE"));
        assert_eq!(signed_by(&hosts.requests(STS)[0]), of("ASIACONTAINER"));
    }
);

inside!(a_role_that_is_refused_is_told_with_the_words_of_sts:
    World::new().file(".aws/config", SOURCE_PROFILE).env("AWS_PROFILE", "app"),
    async {
        let refusal = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code>\
            <Message>User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole</Message></Error><RequestId>id</RequestId></ErrorResponse>";
        let hosts = Hosts::new([(STS, vec![Step::text(403, "text/xml", refusal); 4]), (BEDROCK, vec![])]);
        let error = fails(&hosts.builder().build().await.unwrap()).await;
        let text = error.to_string();
        assert!(text.contains("`role_arn` of AWS profile app failed") && text.contains("not authorized to perform: sts:AssumeRole"), "{text}");
        assert!(error.hint().is_some_and(|hint| hint.contains("trust policy")), "{error:?}");
        assert!(hosts.requests(BEDROCK).is_empty());
    }
);

inside!(a_role_that_wants_a_one_time_code_is_an_error_that_says_what_to_do:
    World::new()
        .file(".aws/config", &SOURCE_PROFILE.replace("external_id", "mfa_serial = arn:aws:iam::1:mfa/a\nexternal_id"))
        .env("AWS_PROFILE", "app"),
    async {
        let hosts = Hosts::new([(STS, vec![])]);
        let error = hosts.builder().build().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Credentials);
        assert!(error.to_string().contains("AWS profile app wants a one-time code"), "{error}");
        assert!(error.hint().unwrap().contains("aws configure export-credentials --profile app"));
        assert!(hosts.requests(STS).is_empty());
    }
);

inside!(keys_of_a_role_are_fetched_once_for_two_hundred_calls_and_once_more_when_they_are_called_expired:
    World::new().file(".aws/config", SOURCE_PROFILE).env("AWS_PROFILE", "app"),
    async {
        let expired = Step::json(403, r#"{"message":"The security token included in the request is expired"}"#)
            .header("x-amzn-errortype", "ExpiredTokenException");
        let script = [vec![Step::hello(); 200], vec![expired, Step::hello()]].concat();
        let roles = vec![assumed("AssumeRole", "ASIAFIRST"), assumed("AssumeRole", "ASIASECOND")];
        let hosts = Hosts::new([(STS, roles), (BEDROCK, script)]);
        let client = hosts.builder().build().await.unwrap();
        let calls: Vec<_> = (0..200)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { asks(&client).await.map(|_| ()) })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(hosts.requests(STS).len(), 1);
        assert_eq!(answered(&hosts, &client).await, of("ASIASECOND"));
        assert_eq!((hosts.requests(STS).len(), hosts.requests(BEDROCK).len()), (2, 202));
    }
);

inside!(a_role_said_in_code_is_assumed_with_what_is_said_of_it:
    World::new(),
    async {
        let hosts = Hosts::new([
            (STS, vec![]),
            ("sts.eu-west-1.amazonaws.com", vec![assumed("AssumeRole", "ASIAROLE")]),
            (BEDROCK, vec![Step::hello()]),
        ]);
        let role = Auth::assume_role(ROLE)
            .session_name("nightly")
            .external_id("the-external-id")
            .duration(Duration::from_secs(1800))
            .region("eu-west-1")
            .source(Auth::session_keys("ASIASOURCE", HIDDEN, "token-of-ASIASOURCE"));
        assert!(!format!("{role:?}").contains(HIDDEN));
        let client = hosts.builder().auth(role).region("us-west-2").build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAROLE"));
        let asked = hosts.requests("sts.eu-west-1.amazonaws.com");
        assert_eq!(signed_by(&asked[0]), of("ASIASOURCE"));
        let form = form(&asked[0]);
        for (name, said) in [("RoleArn", ROLE), ("RoleSessionName", "nightly"), ("ExternalId", "the-external-id"), ("DurationSeconds", "1800")] {
            assert_eq!(value(&form, name), Some(said), "{name}");
        }
        assert_eq!(client.reasons().next(), Some("credentials: role arn:aws:iam::123456789012:role/app, assumed with keys from the caller"));
    }
);

inside!(a_role_may_be_assumed_by_a_role_and_by_what_the_environment_says:
    World::new().env("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT").env("AWS_SECRET_ACCESS_KEY", HIDDEN).env("AWS_REGION", "us-west-2"),
    async {
        let roles = vec![assumed("AssumeRole", "ASIAMIDDLE"), assumed("AssumeRole", "ASIAROLE")];
        let hosts = Hosts::new([(STS, roles), (BEDROCK, vec![Step::hello()])]);
        let middle = Auth::assume_role("arn:aws:iam::123456789012:role/middle");
        let client = hosts.builder().auth(Auth::assume_role(ROLE).source(middle)).build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAROLE"));
        let asked = hosts.requests(STS);
        assert_eq!((signed_by(&asked[0]).0.as_str(), signed_by(&asked[1])), ("AKIDENVIRONMENT", of("ASIAMIDDLE")));
        assert_eq!(value(&form(&asked[1]), "RoleSessionName"), Some("outcrop"));
    }
);

inside!(a_role_said_in_code_that_cannot_be_assumed_says_what_was_tried:
    World::new().env("AWS_REGION", "us-west-2"),
    async {
        let hosts = Hosts::new([(BEDROCK, vec![])]);
        let role = Auth::assume_role(ROLE).source(Auth::keys("AKIDSOURCE", HIDDEN));
        let error = fails(&hosts.builder().auth(role).build().await.unwrap()).await;
        let text = error.to_string();
        assert!(text.contains("role arn:aws:iam::123456789012:role/app, assumed with keys from the caller failed: "), "{text}");
        assert!(error.hint().unwrap().contains("trust policy"));
        for role in [Auth::assume_role("app"), Auth::assume_role(ROLE).source(Auth::bearer(HIDDEN)), Auth::assume_role(ROLE).source(Auth::Unsigned)] {
            let error = hosts.builder().auth(role).build().await.unwrap_err();
            assert!(matches!(error.kind(), Kind::Config | Kind::Credentials), "{error}");
            assert!(!format!("{error} {error:?}").contains(HIDDEN));
        }
    }
);

inside!(sts_may_be_elsewhere:
    World::new().env("AWS_REGION", "us-west-2").env("AWS_ENDPOINT_URL_STS", "http://sts.example:8080"),
    async {
        let hosts = Hosts::new([("sts.example", vec![assumed("AssumeRole", "ASIAROLE")]), (BEDROCK, vec![Step::hello()])]);
        let role = Auth::assume_role(ROLE).source(Auth::keys("AKIDSOURCE", HIDDEN));
        let client = hosts.builder().auth(role).build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAROLE"));
    }
);

inside!(sts_is_asked_on_its_fips_host_where_that_is_wanted:
    World::new().file(".aws/config", SOURCE_PROFILE).env("AWS_PROFILE", "app").env("AWS_USE_FIPS_ENDPOINT", "true"),
    async {
        const FIPS: &str = "bedrock-runtime-fips.us-west-2.amazonaws.com";
        let hosts = Hosts::new([("sts-fips.us-west-2.amazonaws.com", vec![assumed("AssumeRole", "ASIAROLE")]), (FIPS, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        asks(&client).await.unwrap();
        assert_eq!(signed_by(&hosts.requests(FIPS)[0]), of("ASIAROLE"));
    }
);

const SSO: &str = "portal.sso.eu-west-1.amazonaws.com";
const SSO_SESSION: &str = "[default]\nregion = us-west-2\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = app\n\
    [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\nsso_registration_scopes = sso:account:access\n";
/// Where the command line of AWS keeps the token of the session `corp`: its name is hashed.
const SESSION_CACHE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

fn sso_token(token: &str, until: &str) -> String {
    format!(
        r#"{{"startUrl":"https://corp.awsapps.com/start","region":"eu-west-1","accessToken":"{token}","expiresAt":"{until}","clientId":"the-client","clientSecret":"{HIDDEN}","registrationExpiresAt":"{LATER}","refreshToken":"{HIDDEN}"}}"#
    )
}

fn role_keys(id: &str) -> Step {
    let body = format!(
        r#"{{"roleCredentials":{{"accessKeyId":"{id}","secretAccessKey":"{HIDDEN}","sessionToken":"token-of-{id}","expiration":4070908800000}}}}"#
    );
    Step::json(200, &body)
}

inside!(an_sso_session_gives_keys:
    World::new().file(".aws/config", SSO_SESSION).file(SESSION_CACHE, &sso_token("the-token", LATER)),
    async {
        let hosts = Hosts::new([(SSO, vec![role_keys("ASIASSO")]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIASSO"));
        let asked = &hosts.requests(SSO)[0];
        assert_eq!(asked.header("x-amz-sso_bearer_token"), Some("the-token"));
        assert!(asked.target.contains("role_name=app") && asked.target.contains("account_id=123456789012"), "{}", asked.target);
    }
);

inside!(an_sso_session_that_has_ended_is_renewed_without_anybody:
    World::new().file(".aws/config", SSO_SESSION).file(SESSION_CACHE, &sso_token("old", "2020-01-01T00:00:00Z")),
    async {
        let renewed = Step::json(200, r#"{"accessToken":"new","tokenType":"Bearer","expiresIn":28800,"refreshToken":"next"}"#);
        let hosts = Hosts::new([
            ("oidc.eu-west-1.amazonaws.com", vec![renewed]),
            (SSO, vec![role_keys("ASIASSO")]),
            (BEDROCK, vec![Step::hello()]),
        ]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIASSO"));
        assert_eq!(hosts.requests(SSO)[0].header("x-amz-sso_bearer_token"), Some("new"));
    }
);

inside!(sso_without_a_session_reads_the_older_cache:
    World::new()
        .file(".aws/config", "[default]\nregion = us-west-2\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = app\n")
        .file(".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json", &sso_token("legacy", LATER)),
    async {
        let hosts = Hosts::new([(SSO, vec![role_keys("ASIASSO")]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIASSO"));
        assert_eq!(hosts.requests(SSO)[0].header("x-amz-sso_bearer_token"), Some("legacy"));
    }
);

inside!(who_is_not_logged_in_is_told_to:
    World::new().file(".aws/config", SSO_SESSION),
    async {
        let hosts = Hosts::new([(BEDROCK, vec![])]);
        let error = fails(&hosts.builder().build().await.unwrap()).await;
        assert!(error.to_string().contains("`sso_session` of AWS profile default failed"), "{error}");
        assert_eq!(error.hint(), Some("log in with `aws sso login`"));
        assert!(error.is_denied());
    }
);

inside!(a_login_that_has_ended_is_told_and_a_portal_that_is_out_of_reach_is_not_taken_for_one:
    World::new()
        .file(".aws/config", &format!("{SSO_SESSION}{}", SSO_SESSION.replace("default", "profile other").replace("corp", "other")))
        .file(SESSION_CACHE, &sso_token("old", "2020-01-01T00:00:00Z").replace("refreshToken", "other"))
        .file(".aws/sso/cache/d0941e68da8f38151ff86a61fc59f7c5cf9fcaa2.json", &sso_token("good", LATER)),
    async {
        let hosts = Hosts::new([(BEDROCK, vec![])]);
        let ended = fails(&hosts.builder().build().await.unwrap()).await;
        assert!(ended.to_string().contains("expired") && ended.is_denied(), "{ended}");
        assert_eq!(ended.hint(), Some("log in with `aws sso login`"));
        let lost = fails(&hosts.builder().profile("other").build().await.unwrap()).await;
        assert!(!lost.is_denied() && lost.hint().is_some_and(|hint| hint.starts_with("who gives keys cannot be reached")), "{lost:?}");
        let refused = Step::json(401, r#"{"message":"Session token not found or invalid"}"#).header("x-amzn-errortype", "UnauthorizedException");
        let hosts = Hosts::new([(SSO, vec![refused]), (BEDROCK, vec![])]);
        let revoked = fails(&hosts.builder().profile("other").build().await.unwrap()).await;
        assert!(revoked.is_denied(), "{revoked}");
        assert_eq!(revoked.hint(), Some("log in with `aws sso login --profile other`"));
    }
);

inside!(who_is_to_log_in_is_told_as_which_profile:
    World::new().file(
        ".aws/config",
        "[profile app]\nregion = us-west-2\nrole_arn = arn:aws:iam::123456789012:role/app\nsource_profile = corp\n\
         [profile corp]\nregion = us-west-2\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = app\n\
         [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n\
         [profile lost]\nregion = us-west-2\nrole_arn = arn:aws:iam::123456789012:role/app\nsource_profile = crop\n",
    ),
    async {
        for profile in ["corp", "app"] {
            let hosts = Hosts::new([(BEDROCK, vec![])]);
            let error = fails(&hosts.builder().profile(profile).build().await.unwrap()).await;
            assert_eq!(error.hint(), Some("log in with `aws sso login --profile corp`"), "{error}");
        }
        let hosts = Hosts::new([(BEDROCK, vec![])]);
        let error = hosts.builder().profile("lost").build().await.unwrap_err();
        let text = "cannot find AWS credentials: AWS profile lost assumes its role as `source_profile` crop, which is neither in ";
        assert!(error.to_string().starts_with(text), "{error}");
        assert_eq!(error.hint(), Some("is it corp?"));
    }
);

inside!(a_web_identity_of_the_environment_is_exchanged:
    World::new()
        .file("token", "the-web-identity")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "{HOME}/token")
        .env("AWS_ROLE_ARN", ROLE)
        .env("AWS_ROLE_SESSION_NAME", "pod")
        .env("AWS_REGION", "us-west-2"),
    async {
        let hosts = Hosts::new([(STS, vec![assumed("AssumeRoleWithWebIdentity", "ASIAWEB")]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAWEB"));
        let asked = &hosts.requests(STS)[0];
        assert_eq!(asked.header("authorization"), None, "the token is who calls");
        let form = form(asked);
        for (name, said) in [("Action", "AssumeRoleWithWebIdentity"), ("RoleArn", ROLE), ("RoleSessionName", "pod"), ("WebIdentityToken", "the-web-identity")] {
            assert_eq!(value(&form, name), Some(said), "{name}");
        }
    }
);

inside!(a_web_identity_of_a_profile_is_exchanged:
    World::new()
        .file("token", "the-web-identity")
        .file(".aws/config", "[default]\nregion = us-west-2\nrole_arn = arn:aws:iam::123456789012:role/app\nweb_identity_token_file = {HOME}/token\nrole_session_name = pod\n"),
    async {
        let hosts = Hosts::new([(STS, vec![assumed("AssumeRoleWithWebIdentity", "ASIAWEB")]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAWEB"));
        assert_eq!(value(&form(&hosts.requests(STS)[0]), "WebIdentityToken"), Some("the-web-identity"));
    }
);

#[cfg(unix)]
inside!(a_program_gives_keys_and_is_asked_again_when_they_are_called_expired:
    World::new()
        .file("keys.sh", "#!/bin/sh\necho asked >> {HOME}/asked\nprintf '{\"Version\":1,\"AccessKeyId\":\"AKID%s\",\"SecretAccessKey\":\"hidden-in-plain-sight\"}' $(wc -l < {HOME}/asked)\n")
        .file(".aws/config", "[default]\nregion = us-west-2\ncredential_process = sh {HOME}/keys.sh\n"),
    async {
        let expired = Step::json(403, r#"{"message":"The security token included in the request is expired"}"#)
            .header("x-amzn-errortype", "ExpiredTokenException");
        let hosts = Hosts::new([(BEDROCK, vec![Step::hello(), Step::hello(), expired, Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await.0, "AKID1");
        assert_eq!(answered(&hosts, &client).await.0, "AKID1");
        assert_eq!(answered(&hosts, &client).await.0, "AKID2");
    }
);

#[cfg(unix)]
inside!(a_program_that_fails_is_named_and_what_it_printed_is_not_shown:
    World::new()
        .file("keys.sh", "echo hidden-in-plain-sight\necho \"no keys for $2\" >&2\necho the second line >&2\nexit 3\n")
        .file(".aws/config", "[default]\nregion = us-west-2\ncredential_process = sh {HOME}/keys.sh --token hidden-in-plain-sight\n"),
    async {
        let hosts = Hosts::new([(BEDROCK, vec![])]);
        let error = fails(&hosts.builder().build().await.unwrap()).await;
        let text = error.to_string();
        assert!(text.contains("`credential_process` of AWS profile default failed: "), "{text}");
        assert!(text.contains("exit status: 3") && text.ends_with("no keys for ***"), "{text}");
        assert!(error.hint().is_some_and(|hint| hint.starts_with("run the program by hand")), "{error:?}");
    }
);

inside!(a_container_of_ecs_gives_keys:
    World::new().env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/id").env("AWS_REGION", "us-west-2"),
    async {
        let hosts = Hosts::new([("169.254.170.2", vec![Step::json(200, &keys("ASIAECS"))]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAECS"));
        assert_eq!(hosts.requests("169.254.170.2")[0].target, "/v2/credentials/id");
    }
);

inside!(a_pod_of_eks_gives_keys_to_who_shows_its_token:
    World::new()
        .file("token", "the-token-of-the-pod")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials")
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{HOME}/token")
        .env("AWS_REGION", "us-west-2"),
    async {
        let hosts = Hosts::new([("169.254.170.23", vec![Step::json(200, &keys("ASIAEKS"))]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAEKS"));
        let asked = &hosts.requests("169.254.170.23")[0];
        assert_eq!((asked.target.as_str(), asked.header("authorization")), ("/v1/credentials", Some("the-token-of-the-pod")));
    }
);

inside!(instance_metadata_gives_keys_to_who_fetched_a_token_first:
    World::new().env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://metadata.example").env("AWS_REGION", "us-west-2"),
    async {
        let token = Step::text(200, "text/plain", "the-metadata-token").header("x-aws-ec2-metadata-token-ttl-seconds", "21600");
        let script = vec![token, Step::text(200, "text/plain", "app"), Step::json(200, &keys("ASIAEC2"))];
        let hosts = Hosts::new([("metadata.example", script), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("ASIAEC2"));
        let asked = hosts.requests("metadata.example");
        assert_eq!((asked[0].method.as_str(), asked[0].target.as_str()), ("PUT", "/latest/api/token"));
        assert!(asked[1..].iter().all(|request| request.header("x-aws-ec2-metadata-token") == Some("the-metadata-token")));
        assert!(asked[2].target.ends_with("/app"), "{}", asked[2].target);
    }
);

inside!(who_has_nothing_is_told_all_that_was_tried:
    World::new().env("AWS_REGION", "us-west-2").env("AWS_EC2_METADATA_DISABLED", "true"),
    async {
        let error = Hosts::new([]).builder().build().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Credentials);
        let text = error.to_string();
        for tried in ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS profile default (no keys)", "web identity", "container", "instance metadata"] {
            assert!(text.contains(tried), "{tried}: {text}");
        }
    }
);

inside!(the_configuration_of_awss_own_sdk_may_be_taken_over:
    World::new(),
    async {
        let keys = aws_credential_types::Credentials::new("AKIDSDK", HIDDEN, Some("token-of-AKIDSDK".to_owned()), None, "test");
        let config = aws_config::SdkConfig::builder()
            .region(aws_config::Region::new("us-west-2"))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys))
            .build();
        let hosts = Hosts::new([(BEDROCK, vec![Step::hello()])]);
        let builder = hosts.builder().sdk_config(&config);
        assert!(!format!("{builder:?}").contains(HIDDEN));
        let client = builder.build().await.unwrap();
        assert_eq!(answered(&hosts, &client).await, of("AKIDSDK"));
    }
);

// What a short-term key is made of may come from anywhere.
inside!(keys_of_a_role_make_bearer_keys:
    World::new().file(".aws/config", SOURCE_PROFILE).env("AWS_PROFILE", "app"),
    async {
        let hosts = Hosts::new([(STS, vec![assumed("AssumeRole", "ASIAROLE")]), (BEDROCK, vec![Step::hello()])]);
        let client = hosts.builder().mint_bearer(Duration::from_secs(3600)).build().await.unwrap();
        asks(&client).await.unwrap();
        let asked = &hosts.requests(BEDROCK)[0];
        let key = asked.header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
        let key = outcrop::wire::bearer::ShortTermKey::parse(key).unwrap();
        assert_eq!((key.access_key_id(), key.session_token(), key.region()), ("ASIAROLE", Some("token-of-ASIAROLE"), "us-west-2"));
    }
);
