//! What is said of each setting, where, and what counts: as calls go by it.

use outcrop::settings::Setting;
use outcrop::{Client, Surroundings};

use crate::scripted::Scripted;

const CONFIG: (&str, &str) = (
    "/home/u/.aws/config",
    "[default]\nregion = eu-west-1\nuse_fips_endpoint = true\n\n[profile work]\nregion = eu-central-1\nservices = local\n\n\
     [profile sso]\nregion = eu-north-1\nsso_session = corp\n\n[sso-session corp]\nsso_region = us-east-1\n\n\
     [services local]\nbedrock =\n  endpoint_url = http://127.0.0.1:9473\n",
);
const CREDENTIALS: (&str, &str) = (
    "/home/u/.aws/credentials",
    "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = hidden-in-plain-sight\n\n\
     [work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = hidden-in-plain-sight\n\
     aws_session_token = hidden-in-plain-sight\n\n\
     [sso]\naws_access_key_id = AKIDSSO\naws_secret_access_key = hidden-in-plain-sight\n",
);
const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "hidden-in-plain-sight")];
const BEARER: (&str, &str) = ("AWS_BEARER_TOKEN_BEDROCK", "hidden-in-plain-sight");

fn world(variables: &[(&'static str, &'static str)]) -> Surroundings {
    let home = [("HOME", "/home/u")];
    Surroundings::made_up(home.into_iter().chain(variables.iter().copied()), [CONFIG, CREDENTIALS])
}

/// `value from origin`, and what it is overridden by.
fn told(settings: &[Setting], name: &str) -> Vec<String> {
    let setting = settings.iter().find(|setting| setting.name == name).unwrap();
    let line = |said: &outcrop::settings::Said| match &said.overridden_by {
        None => format!("{} from {}", said.value, said.origin),
        Some(by) => format!("{} from {}, but {by}", said.value, said.origin),
    };
    setting.said.iter().map(line).collect()
}

#[test]
fn each_place_is_told_and_the_nearest_counts() {
    let variables = [
        KEYS[0],
        KEYS[1],
        BEARER,
        ("AWS_PROFILE", "work"),
        ("AWS_REGION", "us-east-2"),
        ("AWS_USE_FIPS_ENDPOINT", "false"),
        ("AWS_ENDPOINT_URL", "http://user:hidden@gateway.example"),
    ];
    let settings = Client::builder().surroundings(world(&variables)).settings().unwrap();
    assert_eq!(told(&settings, "profile"), ["work from AWS_PROFILE"]);
    assert_eq!(
        told(&settings, "region"),
        ["us-east-2 from AWS_REGION", "eu-central-1 from /home/u/.aws/config:6 [profile work], but AWS_REGION"]
    );
    assert_eq!(told(&settings, "bearer key"), ["****************ight from AWS_BEARER_TOKEN_BEDROCK"]);
    assert_eq!(
        told(&settings, "access key"),
        [
            "**************** from AWS_ACCESS_KEY_ID, but AWS_BEARER_TOKEN_BEDROCK",
            "**************** from /home/u/.aws/credentials:6 [work], but AWS_BEARER_TOKEN_BEDROCK",
        ]
    );
    let control = told(&settings, "control endpoint");
    let services = "http://127.0.0.1:9473 from /home/u/.aws/config:17 [services local], but AWS_ENDPOINT_URL";
    assert_eq!(control, ["http://***@gateway.example from AWS_ENDPOINT_URL", services]);
    assert_eq!(told(&settings, "fips"), ["false from AWS_USE_FIPS_ENDPOINT"]);
    assert!(!format!("{settings:?}").contains("hidden"), "{settings:?}");

    let settings = Client::builder().surroundings(world(&variables)).profile("sso").settings().unwrap();
    assert_eq!(told(&settings, "profile"), ["sso from the caller", "work from AWS_PROFILE, but the caller"]);
    assert_eq!(told(&settings, "sso session"), ["corp from /home/u/.aws/config:11 [profile sso]"]);
    assert_eq!(told(&settings, "sso region"), ["us-east-1 from /home/u/.aws/config:14 [sso-session corp]"]);
    assert_eq!(told(&settings, "bearer key"), ["****************ight from AWS_BEARER_TOKEN_BEDROCK, but the caller"]);
    let keys = told(&settings, "access key");
    let of_profile = "/home/u/.aws/credentials:11 [sso], but /home/u/.aws/config:11 [profile sso]";
    assert_eq!(keys[0], format!("**************** from {of_profile}"));
}

/// What is told to count is what a client calls with.
#[tokio::test]
async fn what_counts_is_what_calls_go_by() {
    let profile = ("AWS_PROFILE", "work");
    for (variables, asked, name, reason) in [
        (vec![], None, "access key", "keys from AWS profile default"),
        (vec![KEYS[0], KEYS[1]], None, "access key", "keys from AWS_ACCESS_KEY_ID"),
        (vec![KEYS[0], KEYS[1], BEARER], None, "bearer key", "a bearer key from AWS_BEARER_TOKEN_BEDROCK"),
        (vec![KEYS[0], KEYS[1], profile], None, "access key", "keys from AWS_ACCESS_KEY_ID"),
        (vec![profile], None, "access key", "keys from AWS profile work"),
        (vec![KEYS[0], KEYS[1]], Some("work"), "access key", "keys from AWS profile work"),
    ] {
        let builder = || {
            let builder = Client::builder().surroundings(world(&variables)).fips(false);
            match asked {
                Some(asked) => Scripted::new([]).below(builder.profile(asked)),
                None => Scripted::new([]).below(builder),
            }
        };
        let settings = builder().settings().unwrap();
        let client = builder().build().await.unwrap();
        assert_eq!(client.reasons().next(), Some(format!("credentials: {reason}").as_str()));
        let who =
            ["bearer key", "access key"].map(|name| settings.iter().find(|setting| setting.name == name).unwrap());
        let counting: Vec<&Setting> = who.into_iter().filter(|setting| setting.counting().is_some()).collect();
        assert_eq!(counting.iter().map(|setting| setting.name).collect::<Vec<_>>(), [name], "{reason}");
        let origin = counting[0].counting().unwrap().origin.to_string();
        let of_variable = reason.contains("AWS_").then(|| reason.rsplit(' ').next().unwrap());
        let of_profile = format!("[{}]", reason.rsplit(' ').next().unwrap());
        assert!(origin == of_variable.unwrap_or_default() || origin.ends_with(&of_profile), "{origin}: {reason}");
        let region = settings.iter().find(|setting| setting.name == "region").unwrap();
        assert_eq!(client.region(), region.counting().map(|said| said.value.as_str()));
    }
}
