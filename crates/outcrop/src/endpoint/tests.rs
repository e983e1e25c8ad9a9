//! Endpoints, case by case and against recorded rules.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "tests panic to fail, and the corpus test reports")]

use super::*;
use std::fs;
use std::path::{Path, PathBuf};

const ALL: [Service; 6] =
    [Service::Runtime, Service::Control, Service::Mantle, Service::Sts, Service::S3, Service::Logs];

#[test]
fn default_urls_follow_service_and_partition() {
    #[rustfmt::skip] // a row a line
    let cases = [
        (Service::Runtime, "us-west-2", false, false, "bedrock-runtime.us-west-2.amazonaws.com"),
        (Service::Runtime, "us-west-2", true, false, "bedrock-runtime-fips.us-west-2.amazonaws.com"),
        (Service::Runtime, "us-west-2", false, true, "bedrock-runtime.us-west-2.api.aws"),
        (Service::Runtime, "us-west-2", true, true, "bedrock-runtime-fips.us-west-2.api.aws"),
        (Service::Control, "eusc-de-east-1", false, false, "bedrock.eusc-de-east-1.amazonaws.eu"),
        (Service::Control, "us-gov-west-1", true, false, "bedrock-fips.us-gov-west-1.amazonaws.com"),
        (Service::Control, "cn-north-1", false, true, "bedrock.cn-north-1.api.amazonwebservices.com.cn"),
        (Service::Control, "new-region-9", false, false, "bedrock.new-region-9.amazonaws.com"),
        (Service::Mantle, "eu-west-1", false, false, "bedrock-mantle.eu-west-1.api.aws"),
        (Service::Mantle, "eu-west-1", false, true, "bedrock-mantle.eu-west-1.api.aws"),
        (Service::Sts, "eu-west-1", false, false, "sts.eu-west-1.amazonaws.com"),
        (Service::Sts, "eu-west-1", true, false, "sts-fips.eu-west-1.amazonaws.com"),
        (Service::Sts, "aws-global", false, false, "sts.amazonaws.com"),
        (Service::Sts, "aws-global", true, false, "sts-fips.aws-global.amazonaws.com"),
        (Service::Sts, "us-gov-west-1", true, false, "sts.us-gov-west-1.amazonaws.com"),
        (Service::Sts, "us-gov-west-1", true, true, "sts-fips.us-gov-west-1.api.aws"),
        (Service::S3, "us-west-2", false, false, "s3.us-west-2.amazonaws.com"),
        (Service::S3, "us-west-2", true, false, "s3-fips.us-west-2.amazonaws.com"),
        (Service::S3, "cn-north-1", false, true, "s3.dualstack.cn-north-1.amazonaws.com.cn"),
        (Service::S3, "us-gov-west-1", true, true, "s3-fips.dualstack.us-gov-west-1.amazonaws.com"),
        (Service::Logs, "eu-west-1", false, false, "logs.eu-west-1.amazonaws.com"),
        (Service::Logs, "eu-west-1", true, true, "logs-fips.eu-west-1.api.aws"),
        (Service::Logs, "us-gov-west-1", true, false, "logs.us-gov-west-1.amazonaws.com"),
    ];
    for (service, region, fips, dual_stack, host) in cases {
        assert_eq!(default_url(service, region, fips, dual_stack), Ok(format!("https://{host}")));
    }
}

#[test]
fn regions_belong_to_partitions() {
    #[rustfmt::skip] // a row a line
    let cases = [
        ("us-east-1", "aws"),
        ("ap-southeast-7", "aws"),
        ("mx-central-1", "aws"),
        ("aws-global", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("aws-cn-global", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-west-1", "aws-iso"),
        ("us-isob-west-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
        // No pattern fits these.
        ("eusc-fr-east-1", "aws"),
        ("us-gov-east", "aws"),
        ("cn-north-1a", "aws"),
        ("cn--1", "aws"),
        ("cnx-north-1", "aws"),
        ("cn", "aws"),
    ];
    for (region, id) in cases {
        assert_eq!(partition(region).id, id, "{region}");
    }
}

#[test]
fn regions_cannot_change_the_host() {
    let long = "a".repeat(64);
    let bad =
        ["evil.com/", "us-east-1.evil.com", "a@b", "a:1", "a#", "a?", "US-EAST-1", "-a", "a-", "a b", "a\n", "\u{e9}"];
    for region in bad.into_iter().chain([long.as_str()]) {
        for service in ALL {
            let error = EndpointError::BadRegion { service, region: region.to_owned() };
            assert_eq!(default_url(service, region, false, false), Err(error.clone()));
            let overrides = Overrides { explicit: Some("https://h".to_owned()), ..Overrides::default() };
            assert_eq!(resolve(service, Some(region), false, false, &overrides), Err(error));
        }
    }
    assert_eq!(
        default_url(Service::Sts, "A", false, false).unwrap_err().to_string(),
        "cannot choose a host for STS: region \"A\" is not made of 1 to 63 of a-z, 0-9 and inner `-`"
    );
    assert!(default_url(Service::Runtime, &long[..63], false, false).is_ok());
}

#[test]
fn unsupported_wishes_are_refused() {
    let bare = Partition {
        id: "bare",
        dns_suffix: "bare",
        dual_stack_dns_suffix: "bare",
        supports_fips: false,
        supports_dual_stack: false,
        region_prefixes: &[],
        global_region: None,
    };
    let (service, partition) = (Service::Runtime, "bare");
    assert_eq!(template(service, &bare, "r", true, false), Err(EndpointError::NoFips { service, partition }));
    assert_eq!(template(service, &bare, "r", false, true), Err(EndpointError::NoDualStack { service, partition }));
    assert_eq!(template(service, &bare, "r", false, false).unwrap(), "https://bedrock-runtime.r.bare");
    assert_eq!(
        default_url(Service::Mantle, "us-east-1", true, false).unwrap_err().to_string(),
        "cannot choose a host for Bedrock Mantle: there is no FIPS endpoint in partition aws"
    );
    let (no_fips, partition) = (Service::S3, "aws-cn");
    let error = EndpointError::NoFips { service: no_fips, partition };
    assert_eq!(default_url(no_fips, "cn-north-1", true, false), Err(error));
    for region in [None, Some("")] {
        let error = resolve(service, region, false, false, &Overrides::default()).unwrap_err();
        assert_eq!(error, EndpointError::MissingRegion { service });
    }
}

#[test]
fn overrides_have_an_order() {
    let url = |host: &str| Some(format!("https://{host}"));
    let mut overrides = Overrides {
        explicit_of_service: url("own"),
        explicit: url("explicit"),
        anthropic_base_url: url("anthropic"),
        service_url: url("service"),
        global_url: url("global"),
        services_url: url("services"),
        profile_url: url("profile"),
        ignore_configured: false,
    };
    let chosen = |service, overrides: &Overrides| {
        let endpoint = resolve(service, Some("us-east-1"), false, false, overrides).unwrap();
        (endpoint.authority, endpoint.source)
    };
    let runtime = |overrides: &Overrides| chosen(Service::Runtime, overrides);
    assert_eq!(runtime(&overrides), ("own".to_owned(), Source::ExplicitOfService));
    overrides.explicit_of_service = None;
    assert_eq!(runtime(&overrides), ("explicit".to_owned(), Source::Explicit));
    overrides.explicit = Some(String::new());
    let anthropic = ("anthropic".to_owned(), Source::Variable("ANTHROPIC_BEDROCK_BASE_URL"));
    assert_eq!(runtime(&overrides), anthropic);
    assert_eq!(chosen(Service::Mantle, &overrides).1, Source::Variable("ANTHROPIC_BEDROCK_MANTLE_BASE_URL"));
    assert_eq!(chosen(Service::Control, &overrides).1, Source::Variable("AWS_ENDPOINT_URL_BEDROCK"));
    overrides.ignore_configured = true;
    assert_eq!(runtime(&overrides), anthropic);
    overrides.anthropic_base_url = Some(" ".to_owned());
    assert_eq!(runtime(&overrides), ("bedrock-runtime.us-east-1.amazonaws.com".to_owned(), Source::Template));
    overrides.ignore_configured = false;
    let service = ("service".to_owned(), Source::Variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"));
    assert_eq!(runtime(&overrides), service);
    overrides.service_url = None;
    assert_eq!(runtime(&overrides), ("global".to_owned(), Source::Variable("AWS_ENDPOINT_URL")));
    overrides.global_url = None;
    assert_eq!(runtime(&overrides), ("services".to_owned(), Source::Services));
    overrides.services_url = None;
    assert_eq!(runtime(&overrides), ("profile".to_owned(), Source::Profile));
    assert!(resolve(Service::Runtime, None, false, false, &overrides).is_ok());
    assert_eq!(
        resolve(Service::Runtime, None, true, true, &overrides).unwrap_err().to_string(),
        "cannot use the endpoint from the AWS profile: FIPS and a custom endpoint do not go together"
    );
    overrides.profile_url = None;
    assert_eq!(runtime(&overrides).1, Source::Template);
}

#[test]
fn a_base_url_of_mantle_holds_the_beginning_of_its_paths_or_not() {
    for (service, url, prefix) in [
        (Service::Mantle, "http://h/anthropic", ""),
        (Service::Mantle, "http://h/mantle/anthropic/", "/mantle"),
        (Service::Mantle, "http://h/mantle", "/mantle"),
        (Service::Mantle, "http://h/philanthropic", "/philanthropic"),
        (Service::Runtime, "http://h/anthropic", "/anthropic"),
    ] {
        let overrides = Overrides { anthropic_base_url: Some(url.to_owned()), ..Overrides::default() };
        let endpoint = resolve(service, None, false, false, &overrides).unwrap();
        assert_eq!(endpoint.path_prefix, prefix, "{service} {url}");
    }
}

#[test]
fn urls_are_read() {
    #[rustfmt::skip] // a row a line
    let cases = [
        ("https://example.com", "https", "example.com", ""),
        ("HTTPS://Example.COM:443/", "https", "example.com", ""),
        ("http://example.com:80//", "http", "example.com", ""),
        ("http://example.com:443/Bedrock/", "http", "example.com:443", "/Bedrock"),
        (" http://127.0.0.1:8080/a/b%2F~\n", "http", "127.0.0.1:8080", "/a/b%2F~"),
        ("http://[::1]:8080/bedrock", "http", "[::1]:8080", "/bedrock"),
        ("https://[2001:DB8:0::1]", "https", "[2001:db8::1]", ""),
        ("http://my_gateway:08080", "http", "my_gateway:8080", ""),
    ];
    for (url, scheme, authority, prefix) in cases {
        let endpoint = Endpoint::parse(url, Source::Explicit).unwrap();
        assert_eq!(endpoint.scheme.to_string(), scheme);
        assert_eq!((endpoint.authority.as_str(), endpoint.path_prefix.as_str()), (authority, prefix), "{url}");
        assert_eq!(Endpoint::parse(&endpoint.url(""), Source::Explicit), Ok(endpoint));
    }
}

#[test]
fn urls_are_joined_with_paths() {
    let endpoint = Endpoint::parse("http://h:1/bedrock/", Source::Explicit).unwrap();
    assert_eq!(endpoint.url(""), "http://h:1/bedrock");
    assert_eq!(endpoint.url("/model/a%3A0/invoke"), "http://h:1/bedrock/model/a%3A0/invoke");
    assert_eq!(endpoint.url("model"), "http://h:1/bedrock/model");
}

#[test]
fn bad_urls_are_refused_without_showing_them() {
    let long = format!("https://{}hunter2", "a.".repeat(130));
    #[rustfmt::skip] // a row a line
    let cases = [
        ("hunter2", NO_SCHEME),
        ("hunter2:8080/x", NO_SCHEME),
        ("ftp://hunter2", NO_SCHEME),
        ("//hunter2", NO_SCHEME),
        ("https://", "it has no host (an IPv6 address needs brackets)"),
        ("https:///hunter2", "it has no host (an IPv6 address needs brackets)"),
        ("https://:443", "it has no host (an IPv6 address needs brackets)"),
        ("https://::1", "it has no host (an IPv6 address needs brackets)"),
        ("https://user:hunter2@h", "it has a user name or password before the host"),
        ("https://hunter2@h", "it has a user name or password before the host"),
        ("https://user:hunter2/@h", "its port is not a number from 1 to 65535"),
        ("https://h/?hunter2", "it has a query"),
        ("https://h?hunter2", "it has a query"),
        ("https://h#hunter2", "it has a fragment"),
        ("https://h:", "its port is not a number from 1 to 65535"),
        ("https://h:+80", "its port is not a number from 1 to 65535"),
        ("https://h:0", "its port is not a number from 1 to 65535"),
        ("https://h:65536", "its port is not a number from 1 to 65535"),
        ("https://[::1", "its IPv6 address has no closing bracket"),
        ("https://[hunter2]", "its IPv6 address is not one"),
        ("https://[::1]hunter2", "it has something other than a port after its IPv6 address"),
        ("https://hunter2..com", "its host is not made of labels of a-z, 0-9, `-` and `_`"),
        ("https://hunter2 .com", "its host is not made of labels of a-z, 0-9, `-` and `_`"),
        ("https://hunter2\u{e9}", "its host is not made of labels of a-z, 0-9, `-` and `_`"),
        (long.as_str(), "its host is longer than 253 characters"),
        ("https://h\\hunter2", "its path has a character that a URL does not allow"),
        ("https://h/hunter2\r\nx", "its path has a character that a URL does not allow"),
        ("https://h/hunter2%2", "its path has a character that a URL does not allow"),
        ("https://h/hunter2%\u{e9}", "its path has a character that a URL does not allow"),
        ("https://h/../hunter2", "its path has a `.` or `..` segment"),
    ];
    for (url, what) in cases {
        let error = Endpoint::parse(url, Source::Variable("AWS_ENDPOINT_URL")).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot use the endpoint from AWS_ENDPOINT_URL: {what}"), "{url}");
    }
    let overrides = Overrides { explicit: Some("https://user:hunter2@h".to_owned()), ..Overrides::default() };
    assert!(!format!("{overrides:?}").contains("hunter2"));
}

#[test]
fn corpus_endpoints() {
    let Some(folder) = corpus().map(|corpus| corpus.join("vectors-endpoints")).filter(|folder| folder.is_dir()) else {
        println!("corpus: endpoints: skipped, no recorded cases here");
        return;
    };
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let (mut cases, mut failed) = (0, 0);
    for file in &files {
        let failures = replay(file, &mut cases);
        failures.iter().for_each(|failure| println!("{}: {failure}", file.display()));
        failed += usize::from(!failures.is_empty());
    }
    println!("endpoints: {cases} cases");
    println!("corpus: endpoints: {} files, {} ok, {failed} failed", files.len(), files.len() - failed);
    assert!(cases > 0 && failed == 0);
}

fn corpus() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("OUTCROP_CORPUS") {
        return Some(folder.into());
    }
    // Next to the checkout.
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.map(|folder| folder.join("shared/fixtures")).find(|folder| folder.is_dir())
}

fn replay(file: &Path, cases: &mut usize) -> Vec<String> {
    let name = file.file_stem().unwrap_or_default();
    let Some(service) = ALL.into_iter().find(|service| service.host_prefix() == name) else {
        return vec!["no service of that name".to_owned()];
    };
    let recorded: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut failures = Vec::new();
    for case in recorded["testCases"].as_array().unwrap() {
        *cases += 1;
        let (params, expect) = (&case["params"], &case["expect"]);
        let flag = |name: &str| params[name].as_bool().unwrap_or(false);
        let overrides = Overrides { explicit: params["Endpoint"].as_str().map(str::to_owned), ..Overrides::default() };
        let region = params["Region"].as_str();
        let got = match resolve(service, region, flag("UseFIPS"), flag("UseDualStack"), &overrides) {
            Ok(endpoint) => serde_json::json!({ "endpoint": { "url": endpoint.url("") } }),
            Err(error) => serde_json::json!({ "error": words_of_aws(&error) }),
        };
        if got != *expect {
            failures.push(format!("{}: expected {expect}, got {got}", case["documentation"]));
        }
    }
    failures
}

fn words_of_aws(error: &EndpointError) -> &'static str {
    match error {
        EndpointError::MissingRegion { .. } => "Invalid Configuration: Missing Region",
        EndpointError::CustomFips { .. } => "Invalid Configuration: FIPS and custom endpoint are not supported",
        EndpointError::CustomDualStack { .. } => {
            "Invalid Configuration: Dualstack and custom endpoint are not supported"
        }
        EndpointError::NoFips { .. } => "FIPS is enabled but this partition does not support FIPS",
        EndpointError::NoDualStack { .. } => "DualStack is enabled but this partition does not support DualStack",
        EndpointError::BadRegion { .. } | EndpointError::BadUrl { .. } => "not a rule of AWS",
    }
}
