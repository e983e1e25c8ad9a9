//! Where settings come from, and which comes first: keys, region, endpoint; and what is said when they make no sense.

use std::io::{Error as IoError, ErrorKind};
use std::path::Path;
use std::time::Duration;

use outcrop::endpoint::Source;
use outcrop::failover::FailoverTarget;
use outcrop::http::Uri;
use outcrop::{Auth, Client, ClientBuilder, Delivery, Error, Kind, Retry, Surroundings};
use tokio::io::DuplexStream;

use crate::scripted::{Scripted, Step, request};

const CONFIG: (&str, &str) = (
    "/home/u/.aws/config",
    "[default]\nregion = eu-west-1\n\n[profile work]\nregion = eu-central-1\n\n[profile bare]\nregion = sa-east-1\n",
);
const CREDENTIALS: (&str, &str) = (
    "/home/u/.aws/credentials",
    "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = hidden\n\n\
     [work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = hidden\naws_session_token = hidden\n",
);
const HOME: (&str, &str) = ("HOME", "/home/u");
const ENV_ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "AKIDENV");
const ENV_SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "hidden");
const BEARER: (&str, &str) = ("AWS_BEARER_TOKEN_BEDROCK", "ABSKenvironment");
const REGION: (&str, &str) = ("AWS_REGION", "us-east-2");

/// A builder in a world of these variables and files. Nothing of it opens a socket.
fn builder(variables: &[(&'static str, &'static str)], files: &[(&'static str, &'static str)]) -> ClientBuilder {
    let world = Surroundings::made_up(variables.iter().copied(), files.iter().copied());
    Scripted::new([]).below(Client::builder().surroundings(world))
}

/// The headers that would be sent, as far as they say who calls.
async fn caller(builder: ClientBuilder) -> (String, bool) {
    let client = builder.build().await.unwrap();
    let shown = client.messages().dry_run(&request(), Delivery::Unary).await.unwrap();
    let header = |name: &str| shown.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let authorization = header("authorization").unwrap_or_else(|| "nobody".to_owned());
    let who = match authorization.split_once("Credential=") {
        Some((_, rest)) => rest.split_once('/').unwrap().0.to_owned(),
        None => authorization,
    };
    (who, header("x-amz-security-token").is_some())
}

async fn refusal(builder: ClientBuilder) -> Error {
    builder.build().await.expect_err("it cannot be built")
}

#[tokio::test]
async fn where_settings_come_from_is_told() {
    let all = [HOME, REGION, BEARER];
    let world = |variables| builder(variables, &[CONFIG, CREDENTIALS]);
    for (builder, credentials, region) in [
        (world(&all), "a bearer key from AWS_BEARER_TOKEN_BEDROCK", "us-east-2: from AWS_REGION"),
        (
            world(&all).profile("work"),
            "keys from AWS profile work; AWS_BEARER_TOKEN_BEDROCK is passed over",
            "us-east-2: from AWS_REGION",
        ),
        (world(&[HOME]), "keys from AWS profile default", "eu-west-1: from the AWS profile"),
        (
            world(&[HOME]).region("us-west-2").bearer_token("ABSKcode"),
            "a bearer key from the caller",
            "us-west-2: from the caller",
        ),
        (world(&[HOME, ENV_ID, ENV_SECRET]), "keys from AWS_ACCESS_KEY_ID", "eu-west-1: from the AWS profile"),
    ] {
        let client = builder.build().await.unwrap();
        let reasons: Vec<&str> = client.reasons().collect();
        assert_eq!(reasons[0], format!("credentials: {credentials}"));
        assert_eq!(reasons[1], format!("region {region}"));
        assert!(reasons[2].starts_with("host bedrock-runtime.") && reasons.len() == 3, "{reasons:?}");
        assert!(!format!("{reasons:?}").contains("ABSK") && !format!("{reasons:?}").contains("hidden"));
    }
}

#[tokio::test]
async fn who_calls_is_said_by_the_nearest_setting() {
    let everything =
        [HOME, REGION, ENV_ID, ENV_SECRET, ("AWS_SESSION_TOKEN", "hidden"), BEARER, ("AWS_PROFILE", "work")];
    let without_bearer = [HOME, REGION, ENV_ID, ENV_SECRET, ("AWS_SESSION_TOKEN", "hidden"), ("AWS_PROFILE", "work")];
    let of_profile = [HOME, REGION, ("AWS_PROFILE", "work")];
    let of_default = [HOME, REGION];
    let world = |variables| builder(variables, &[CONFIG, CREDENTIALS]);
    for (what, builder, who, token) in [
        ("keys in code", world(&everything).access_key("AKIDCODE", "hidden"), "AKIDCODE", false),
        (
            "keys in code, and a profile for the rest",
            world(&everything).profile("work").access_key("AKIDCODE", "hidden"),
            "AKIDCODE",
            false,
        ),
        ("a bearer key in code", world(&without_bearer).bearer_token("ABSKcode"), "Bearer ***", false),
        ("nobody, in code", world(&everything).auth(Auth::Unsigned), "nobody", false),
        ("a profile in code", world(&everything).profile("work"), "AKIDWORK", true),
        ("a profile as the way to call", world(&everything).auth(Auth::Profile("work".into())), "AKIDWORK", true),
        ("the bearer variable", world(&everything), "Bearer ***", false),
        ("keys in the environment", world(&without_bearer), "AKIDENV", true),
        ("the profile variable", world(&of_profile), "AKIDWORK", true),
        ("the other profile variable", world(&[HOME, REGION, ("AWS_DEFAULT_PROFILE", "work")]), "AKIDWORK", true),
        ("the default profile", world(&of_default), "AKIDDEFAULT", false),
    ] {
        assert_eq!(caller(builder).await, (who.to_owned(), token), "{what}");
    }
}

#[tokio::test]
async fn the_bearer_variable_is_the_key_that_is_sent() {
    let server = Scripted::new([Step::hello(), Step::hello()]);
    let world = Surroundings::made_up([BEARER, REGION], []);
    let client = server.below(Client::builder().surroundings(world.clone())).build().await.unwrap();
    client.messages().create(&request()).await.unwrap();
    let explicit = Client::builder().surroundings(world).bearer_token("ABSKcode");
    server.below(explicit).build().await.unwrap().messages().create(&request()).await.unwrap();
    let sent: Vec<String> =
        server.requests().iter().map(|recorded| recorded.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer ABSKenvironment", "Bearer ABSKcode"]);
}

#[tokio::test]
async fn empty_variables_count_as_absent() {
    let variables = [HOME, REGION, ("AWS_BEARER_TOKEN_BEDROCK", ""), ("AWS_ACCESS_KEY_ID", " "), ("AWS_PROFILE", "")];
    assert_eq!(caller(builder(&variables, &[CONFIG, CREDENTIALS])).await.0, "AKIDDEFAULT");
}

#[tokio::test]
async fn keys_may_stand_in_either_file_and_the_credentials_file_wins() {
    let keys = |id: &str| format!("[default]\naws_access_key_id={id}\naws_secret_access_key=hidden\n");
    let (in_config, in_credentials) = (keys("AKIDCONFIG").leak(), keys("AKIDCREDENTIALS").leak());
    let config = [("/home/u/.aws/config", &*in_config)];
    assert_eq!(caller(builder(&[HOME, REGION], &config)).await.0, "AKIDCONFIG");
    let both = [config[0], ("/home/u/.aws/credentials", &*in_credentials)];
    assert_eq!(caller(builder(&[HOME, REGION], &both)).await.0, "AKIDCREDENTIALS");
}

#[tokio::test]
async fn the_files_may_be_elsewhere() {
    let variables =
        [HOME, ("AWS_CONFIG_FILE", "/etc/aws/the-config"), ("AWS_SHARED_CREDENTIALS_FILE", "/etc/aws/the-credentials")];
    let elsewhere = [("/etc/aws/the-config", CONFIG.1), ("/etc/aws/the-credentials", CREDENTIALS.1)];
    let here = [("/home/u/.aws/config", "[default]\nregion = us-gov-west-1\n")];
    let client = builder(&variables, &[elsewhere[0], elsewhere[1], here[0]]).build().await.unwrap();
    assert_eq!(client.region(), Some("eu-west-1"));
    assert_eq!(caller(builder(&variables, &elsewhere)).await.0, "AKIDDEFAULT");
}

#[tokio::test]
async fn without_credentials_the_error_lists_what_was_tried() {
    let error = refusal(builder(&[REGION], &[])).await;
    assert_eq!(error.kind(), Kind::Credentials);
    let text = error.to_string();
    assert!(
        text.starts_with(
            "cannot find AWS credentials: tried AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY \
             (not set); AWS profile default (no keys)"
        ),
        "{text}"
    );
    assert!(!text.contains('\n'), "one line: {text}");
    let hint = error.hint().unwrap();
    for part in ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "aws sso login"] {
        assert!(hint.contains(part), "{hint}");
    }
}

#[tokio::test]
async fn a_profile_that_was_asked_for_is_the_only_place_to_look() {
    let variables = [HOME, REGION, ENV_ID, ENV_SECRET, BEARER];
    let error = refusal(builder(&variables, &[CONFIG, CREDENTIALS]).profile("bare")).await;
    assert_eq!(error.kind(), Kind::Credentials);
    assert!(error.to_string().contains("AWS profile bare (no keys)"), "{error}");
    assert!(!error.to_string().contains("AWS_ACCESS_KEY_ID"), "it was not looked at: {error}");
}

#[tokio::test]
async fn half_a_key_pair_is_an_error_that_names_the_other_half() {
    for (variables, what, hint) in [
        (
            [REGION, ENV_ID],
            "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not",
            "set AWS_SECRET_ACCESS_KEY, or unset AWS_ACCESS_KEY_ID",
        ),
        (
            [REGION, ENV_SECRET],
            "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not",
            "set AWS_ACCESS_KEY_ID, or unset AWS_SECRET_ACCESS_KEY",
        ),
    ] {
        let error = refusal(builder(&variables, &[])).await;
        assert_eq!(error.kind(), Kind::Credentials);
        assert_eq!(error.to_string(), format!("cannot find AWS credentials: {what}"));
        assert_eq!(error.hint(), Some(hint));
    }
    let half = ("/home/u/.aws/credentials", "# mine\n[default]\naws_access_key_id = AKIDHALF\n");
    let error = refusal(builder(&[HOME, REGION], &[half])).await;
    assert_eq!(error.kind(), Kind::Credentials);
    assert_eq!(
        error.to_string(),
        "cannot find AWS credentials: cannot read AWS file /home/u/.aws/credentials, line 3: \
         profile \"default\" has aws_access_key_id but no aws_secret_access_key"
    );
}

#[tokio::test]
async fn a_profile_that_is_nowhere_is_an_error_that_says_where_was_looked() {
    let text = "cannot read the AWS profile: AWS profile play is neither in /home/u/.aws/config nor in \
                /home/u/.aws/credentials";
    for builder in [
        builder(&[HOME, REGION], &[CONFIG, CREDENTIALS]).profile("play"),
        builder(&[HOME, REGION], &[CONFIG, CREDENTIALS]).auth(Auth::Profile("play".into())),
        builder(&[HOME, REGION, ("AWS_PROFILE", "play")], &[CONFIG, CREDENTIALS]),
    ] {
        let error = refusal(builder).await;
        assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Config, text));
        assert!(error.hint().unwrap().contains("AWS_PROFILE"));
    }
    for (name, hint) in [
        ("wrok", "is it work?; check the name, or AWS_PROFILE where none was given"),
        ("play", "the files have default, work, bare; check the name, or AWS_PROFILE where none was given"),
    ] {
        let error = refusal(builder(&[HOME, REGION], &[CONFIG, CREDENTIALS]).profile(name)).await;
        assert_eq!(error.hint(), Some(hint));
    }
    let error = refusal(builder(&[HOME, REGION], &[]).profile("play")).await;
    assert_eq!(error.hint(), Some("the files have no profile: check where they are, or AWS_PROFILE"));
    // It decides nothing here.
    let variables = [HOME, REGION, ("AWS_PROFILE", "play")];
    assert_eq!(caller(builder(&variables, &[CONFIG]).access_key("AKIDCODE", "hidden")).await.0, "AKIDCODE");
}

/// As for AWS's own tools, which take it for empty, until something is missed that may stand in it.
#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_where_something_is_missed() {
    let world = |variables: &[(&'static str, &'static str)]| {
        let unreadable = |path: &Path| match path.to_str() {
            Some("/home/u/.aws/credentials") => Err(ErrorKind::PermissionDenied.into()),
            Some("/home/u/.aws/config") => Ok("[default]\noutput = json\n".to_owned()),
            _ => Err(ErrorKind::NotFound.into()),
        };
        let world = Surroundings::made_up(variables.iter().copied(), []).with_files(unreadable);
        Scripted::new([]).below(Client::builder().surroundings(world))
    };
    assert_eq!(caller(world(&[HOME, REGION, ENV_ID, ENV_SECRET])).await.0, "AKIDENV");
    let why = "/home/u/.aws/credentials cannot be read: permission denied";
    for builder in [
        world(&[HOME, REGION]),
        world(&[HOME, ENV_ID, ENV_SECRET]),
        world(&[HOME, REGION]).profile("work"),
        world(&[HOME, REGION]).mint_bearer(Duration::from_secs(900)),
    ] {
        let error = refusal(builder).await;
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(error.hint(), Some("give yourself the right to read it: chmod u+r /home/u/.aws/credentials"));
    }
}

/// AWS's own tools pass over such a section without a word.
#[tokio::test]
async fn a_section_without_its_prefix_is_told_where_something_is_missed() {
    let config = ("/home/u/.aws/config", "[plugins]\na = b\n[play]\nregion = eu-west-1\n");
    let keys = ("/home/u/.aws/credentials", "[play]\naws_access_key_id = AKIDPLAY\naws_secret_access_key = hidden\n");
    let hint = "the config file wants [profile play]: write it so in line 3 of /home/u/.aws/config";
    let nowhere = refusal(builder(&[HOME, REGION], &[config]).profile("play")).await;
    assert_eq!((nowhere.kind(), nowhere.hint()), (Kind::Config, Some(hint)), "{nowhere}");
    let no_region = refusal(builder(&[HOME], &[config, keys]).profile("play")).await;
    assert!(no_region.to_string().contains("no AWS region: tried"), "{no_region}");
    assert_eq!(no_region.hint(), Some(hint));
    let plugins = refusal(builder(&[HOME, REGION], &[config]).profile("plugins")).await;
    assert!(plugins.hint().is_some_and(|hint| !hint.contains("[profile")), "{plugins:?}");
}

/// Whether or not the services that give keys can be asked.
#[tokio::test]
async fn a_profile_that_does_not_hold_together_is_told_before_anybody_is_asked() {
    let files = [(
        "/home/u/.aws/config",
        "[profile corp]\nsso_session = crop\nsso_account_id = 1\nsso_role_name = r\n[sso-session corp]\n\
         [profile a]\nrole_arn = a\nsource_profile = b\n[profile b]\nrole_arn = b\nsource_profile = a\n",
    )];
    for (name, why, hint) in [
        (
            "corp",
            "uses SSO session crop, and /home/u/.aws/config has no [sso-session crop]",
            "is it corp?; or write it: ",
        ),
        ("a", "in a circle: a as b as a", "let `source_profile` of the last one name a profile that has keys"),
    ] {
        let error = refusal(builder(&[HOME, REGION], &files).profile(name)).await;
        assert!(
            error.to_string().contains(why) && error.hint().is_some_and(|told| told.starts_with(hint)),
            "{error:?}"
        );
        assert_eq!(error.kind(), Kind::Credentials);
        assert!(
            builder(&[HOME, REGION, BEARER, ("AWS_PROFILE", name)], &files).build().await.is_ok(),
            "nobody needs it"
        );
    }
    let empty = refusal(builder(&[HOME, REGION], &files).profile(" ")).await;
    assert_eq!(empty.to_string(), "cannot read the AWS profile: the name that was given is empty");
}

#[tokio::test]
async fn a_file_may_be_named_from_the_home_folder() {
    let variables = [HOME, REGION, ("AWS_SHARED_CREDENTIALS_FILE", "~/keys")];
    assert_eq!(caller(builder(&variables, &[("/home/u/keys", CREDENTIALS.1)])).await.0, "AKIDDEFAULT");
}

#[tokio::test]
async fn a_malformed_file_is_an_error_that_names_the_line() {
    for (path, text, line, variables) in [
        ("/home/u/.aws/config", "[default]\nregion = eu-west-1\nthis is no setting\n", 3, vec![HOME]),
        ("/home/u/.aws/credentials", "aws_access_key_id = hidden\n", 1, vec![HOME]),
        ("/etc/config", "\n\n[profile work\n", 3, vec![("AWS_CONFIG_FILE", "/etc/config")]),
    ] {
        let error = refusal(builder(&variables, &[(path, text)]).region("us-east-1")).await;
        let start = format!("cannot read AWS file {path}, line {line}: ");
        assert!(error.to_string().contains(&start), "{error}");
        assert!(!error.to_string().contains("hidden") && !error.to_string().contains("this is no setting"), "{error}");
        assert!(matches!(error.kind(), Kind::Config | Kind::Credentials));
        let hint = error.hint().unwrap();
        assert!(hint.starts_with("mend the line, or name another file: AWS_"), "{hint}");
    }
}

#[tokio::test]
async fn the_region_is_said_by_the_nearest_setting() {
    let world = |variables: &[(&'static str, &'static str)]| {
        builder(&[&[HOME, ENV_ID, ENV_SECRET], variables].concat(), &[CONFIG, CREDENTIALS])
    };
    let both = [REGION, ("AWS_DEFAULT_REGION", "ca-central-1")];
    for (builder, region) in [
        (world(&both).region("ap-south-1"), "ap-south-1"),
        (world(&both).profile("work").region("ap-south-1"), "ap-south-1"),
        (world(&both), "us-east-2"),
        (world(&both).profile("work"), "us-east-2"),
        (world(&both[1..]), "ca-central-1"),
        (world(&[]).profile("work"), "eu-central-1"),
        (world(&[("AWS_PROFILE", "work")]), "eu-central-1"),
        (world(&[]), "eu-west-1"),
        (world(&both).region(""), "us-east-2"),
    ] {
        let client = builder.build().await.unwrap();
        assert_eq!(client.region(), Some(region));
        assert_eq!(client.endpoint().authority, format!("bedrock-runtime.{region}.amazonaws.com"));
        let shown = client.messages().dry_run(&request(), Delivery::Unary).await.unwrap();
        assert!(shown.headers.iter().any(|(_, value)| value.contains(&format!("/{region}/bedrock/"))), "{shown}");
    }
}

#[tokio::test]
async fn without_a_region_the_error_lists_what_was_tried() {
    let error = refusal(builder(&[ENV_ID, ENV_SECRET], &[])).await;
    assert_eq!(error.kind(), Kind::Config);
    assert_eq!(
        error.to_string(),
        "cannot find where to call: no AWS region: tried the explicit setting, AWS_REGION, AWS_DEFAULT_REGION and \
         `region` of AWS profile default"
    );
    assert_eq!(
        error.hint(),
        Some("set AWS_REGION, us-east-1 for example: calls are signed for a region, whatever their URL")
    );
    let error = refusal(builder(&[BEARER], &[])).await;
    assert_eq!(error.kind(), Kind::Config, "a host cannot be chosen without one");
}

#[tokio::test]
async fn a_bearer_key_and_a_url_need_no_region() {
    for builder in [
        builder(&[], &[]).bearer_token("ABSKcode").endpoint_url("http://gateway.example"),
        builder(&[BEARER], &[]).endpoint_url("http://gateway.example"),
        builder(&[BEARER, ("ANTHROPIC_BEDROCK_BASE_URL", "http://gateway.example")], &[]),
        builder(&[("ANTHROPIC_BEDROCK_BASE_URL", "http://gateway.example")], &[]).bearer_token("ABSKcode"),
    ] {
        let client = builder.build().await.unwrap();
        assert_eq!((client.region(), client.endpoint().authority.as_str()), (None, "gateway.example"));
    }
}

#[tokio::test]
async fn a_region_that_does_not_exist_is_told_when_its_host_is_not_found() {
    let lost = |region: &str| {
        let open = |_: &Uri| std::future::ready(Err::<DuplexStream, _>(IoError::other("dns error: no such host")));
        builder(&[ENV_ID, ENV_SECRET], &[]).region(region).connector(open).retry(Retry::none())
    };
    let network =
        "check the host's name, which comes from the region or the endpoint URL, and the connection to the network";
    for (builder, hint) in [
        (lost("us-esat-1"), "no AWS region `us-esat-1` is known: is it us-east-1?"),
        (
            lost("mars-north-1"),
            "no AWS region `mars-north-1` is known: regions are written as us-east-1 or eu-central-1",
        ),
        (lost("us-east-1"), network),
        (lost("mars").endpoint_url("http://gateway.example"), network),
    ] {
        let client = builder.build().await.unwrap();
        let error = client.messages().create(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.hint()), (Kind::Connect, Some(hint)), "{error}");
        let error = client.identity().await.unwrap_err();
        assert_eq!((error.kind(), error.hint()), (Kind::Connect, Some(hint)), "{error}");
    }
}

/// AWS opens new ones: what is written as they are is called all the same.
#[tokio::test]
async fn a_region_that_is_not_known_is_told_and_one_that_is_none_is_refused() {
    let build = |region: &str| builder(&[ENV_ID, ENV_SECRET], &[]).region(region);
    let warnings = async |builder: ClientBuilder| {
        let client = builder.build().await.unwrap();
        client.warnings().map(str::to_owned).collect::<Vec<_>>()
    };
    for known in ["us-east-1", "us-gov-west-1", "ap-east-1", "aws-global"] {
        assert!(warnings(build(known)).await.is_empty(), "{known}");
    }
    assert_eq!(warnings(build("us-esat-1")).await, ["no AWS region `us-esat-1` is known: is it us-east-1?"]);
    let elsewhere =
        build("us-east-1").failover([FailoverTarget::region("us-esat-1"), FailoverTarget::region("us-west-2")]);
    assert_eq!(warnings(elsewhere).await, ["no AWS region `us-esat-1` is known: is it us-east-1?"]);
    let written = "regions are written as us-east-1 or eu-central-1";
    for (region, why, hint) in [
        ("mars-1", "no AWS region `mars-1` is known", written),
        ("us-east", "no AWS region `us-east` is known", "is it us-east-1 or us-east-2?"),
        ("US-EAST-1", "region \"US-EAST-1\" is not made of", "is it us-east-1?"),
        ("us east", "region \"us east\" is not made of", written),
    ] {
        let error = refusal(build(region)).await;
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!((error.kind(), error.hint()), (Kind::Config, Some(hint)), "{region}");
    }
    // Who listens elsewhere may call its regions as it likes.
    for region in ["mars-1", "us-esat-1"] {
        let gateway = build(region).endpoint_url("http://gateway.example");
        assert!(warnings(gateway).await.is_empty(), "{region}");
    }
    let control = build("us-east-1").build().await.unwrap();
    let error = control.logging().region("mars-1").status().await.unwrap_err();
    assert_eq!((error.kind(), error.hint()), (Kind::Config, Some(written)));
}

#[tokio::test]
async fn a_region_cannot_change_the_host() {
    for region in ["evil.example/", "us-east-1.evil", "a@b", "US-EAST-1"] {
        let error = refusal(builder(&[ENV_ID, ENV_SECRET], &[]).region(region)).await;
        assert_eq!(error.kind(), Kind::Config, "{region}");
    }
}

#[tokio::test]
async fn the_endpoint_is_said_by_the_nearest_setting() {
    let variables = [
        HOME,
        REGION,
        ENV_ID,
        ENV_SECRET,
        ("AWS_PROFILE", "local"),
        ("AWS_ENDPOINT_URL", "http://global.example"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://service.example"),
        ("ANTHROPIC_BEDROCK_BASE_URL", "http://anthropic.example"),
    ];
    let config = "[profile local]\nservices = mine\nendpoint_url = http://profile.example\n\n[services mine]\n\
                  bedrock_runtime =\n  endpoint_url = http://services.example\n";
    let plain = "[profile local]\nendpoint_url = http://profile.example\n";
    let none = "[profile local]\nregion = eu-west-1\n";
    let template = "bedrock-runtime.us-east-2.amazonaws.com";
    for (left_out, config, explicit, host, source) in [
        (0, config, Some("http://explicit.example"), "explicit.example", Source::Explicit),
        (0, config, None, "anthropic.example", Source::Variable("ANTHROPIC_BEDROCK_BASE_URL")),
        (1, config, None, "service.example", Source::Variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")),
        (2, config, None, "global.example", Source::Variable("AWS_ENDPOINT_URL")),
        (3, config, None, "services.example", Source::Services),
        (3, plain, None, "profile.example", Source::Profile),
        (3, none, None, template, Source::Template),
    ] {
        let set = &variables[..variables.len() - left_out];
        for ignoring in [false, true] {
            let flag = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", if ignoring { "true" } else { "false" });
            let mut builder = builder(&[set, &[flag]].concat(), &[("/home/u/.aws/config", config)]);
            if let Some(url) = explicit {
                builder = builder.endpoint_url(url);
            }
            let client = builder.build().await.unwrap();
            let found = (client.endpoint().authority.as_str(), client.endpoint().source);
            // What AWS's own settings say is passed over; what is not AWS's stays.
            match ignoring && left_out > 0 {
                false => assert_eq!(found, (host, source)),
                true => assert_eq!(found, (template, Source::Template), "{host}"),
            }
        }
    }
}

#[tokio::test]
async fn a_profile_may_ignore_configured_endpoints_too() {
    let config = "[default]\nignore_configured_endpoint_urls = true\n";
    let variables = [HOME, REGION, ENV_ID, ENV_SECRET, ("AWS_ENDPOINT_URL", "http://global.example")];
    let client = builder(&variables, &[("/home/u/.aws/config", config)]).build().await.unwrap();
    assert_eq!(client.endpoint().source, Source::Template);
    let told =
        "endpoints from AWS_ENDPOINT_URL are passed over, as AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or the profile asks";
    assert!(client.reasons().any(|reason| reason == told), "{:?}", client.reasons().collect::<Vec<_>>());
    // The environment comes first, also when it says no.
    let no = [&variables[..], &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")]].concat();
    let client = builder(&no, &[("/home/u/.aws/config", config)]).build().await.unwrap();
    assert_eq!(client.endpoint().source, Source::Variable("AWS_ENDPOINT_URL"));
}

#[tokio::test]
async fn hosts_follow_the_partition_and_its_variants() {
    for (region, fips, dual_stack, host) in [
        ("us-east-1", false, false, "bedrock-runtime.us-east-1.amazonaws.com"),
        ("us-east-1", true, false, "bedrock-runtime-fips.us-east-1.amazonaws.com"),
        ("eu-west-1", false, true, "bedrock-runtime.eu-west-1.api.aws"),
        ("us-gov-west-1", true, true, "bedrock-runtime-fips.us-gov-west-1.api.aws"),
        ("cn-north-1", false, false, "bedrock-runtime.cn-north-1.amazonaws.com.cn"),
        ("us-iso-east-1", false, false, "bedrock-runtime.us-iso-east-1.c2s.ic.gov"),
    ] {
        let by_code = builder(&[ENV_ID, ENV_SECRET], &[]).region(region).fips(fips).dual_stack(dual_stack);
        assert_eq!(by_code.build().await.unwrap().endpoint().authority, host);
        let flag = |set| if set { "true" } else { "false" };
        let by_variable = [
            ENV_ID,
            ENV_SECRET,
            ("AWS_REGION", region),
            ("AWS_USE_FIPS_ENDPOINT", flag(fips)),
            ("AWS_USE_DUALSTACK_ENDPOINT", flag(dual_stack)),
        ];
        assert_eq!(builder(&by_variable, &[]).build().await.unwrap().endpoint().authority, host);
    }
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_used_is_an_error_that_does_not_show_it() {
    for url in ["gateway.example", "ftp://gateway.example", "http://user:hidden@gateway.example", "http://h?hidden"] {
        let error = refusal(builder(&[ENV_ID, ENV_SECRET, REGION], &[]).endpoint_url(url)).await;
        assert_eq!(error.kind(), Kind::Config, "{url}");
        assert!(!format!("{error} {error:?}").contains("hidden"), "{error}");
    }
    let error = refusal(builder(&[ENV_ID, ENV_SECRET, REGION], &[]).endpoint_url("http://h.example").fips(true)).await;
    assert!(error.to_string().contains("FIPS"), "{error}");
    let missing = ("/home/u/.aws/config", "[default]\nservices = nowhere\n");
    let error = refusal(builder(&[HOME, ENV_ID, ENV_SECRET, REGION], &[missing])).await;
    assert!(error.to_string().contains("\"nowhere\""), "{error}");
    // A section that is not there and would not be asked is no mistake.
    let ignoring = [HOME, ENV_ID, ENV_SECRET, REGION, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
    assert!(builder(&ignoring, &[missing]).build().await.is_ok());
    let explicit = builder(&[HOME, ENV_ID, ENV_SECRET, REGION], &[missing]).endpoint_url("http://h.example");
    assert!(explicit.build().await.is_ok());
}

#[tokio::test]
async fn a_profile_may_ask_for_fips_and_dual_stack_and_the_environment_may_say_no() {
    let config = "[default]\nregion = us-east-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n";
    let file = ("/home/u/.aws/config", config);
    for (variable, host) in [
        (("AWS_X", ""), "bedrock-runtime-fips.us-east-1.api.aws"),
        (("AWS_USE_FIPS_ENDPOINT", "false"), "bedrock-runtime.us-east-1.api.aws"),
        (("AWS_USE_DUALSTACK_ENDPOINT", "false"), "bedrock-runtime-fips.us-east-1.amazonaws.com"),
    ] {
        let client = builder(&[ENV_ID, ENV_SECRET, HOME, variable], &[file]).build().await.unwrap();
        assert_eq!(client.endpoint().authority, host);
    }
    let both = builder(&[ENV_ID, ENV_SECRET, HOME], &[file]).fips(false).dual_stack(false).build().await.unwrap();
    assert_eq!(both.endpoint().authority, "bedrock-runtime.us-east-1.amazonaws.com", "code comes first");
    // AWS's rules take no host of one's own together with either.
    let url = ("AWS_ENDPOINT_URL", "http://h.example");
    let error = refusal(builder(&[ENV_ID, ENV_SECRET, HOME, url], &[file])).await;
    assert!(error.to_string().contains("FIPS") && error.to_string().contains("AWS_ENDPOINT_URL"), "{error}");
}
