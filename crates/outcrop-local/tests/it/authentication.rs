//! Who may call: signatures, session tokens, bearer keys; and AWS's words for those who may not.

use outcrop_local::{Account, Credential, Local};
use outcrop_wire::bearer::{Minting, mint};
use outcrop_wire::sigv4::AmzTime;

use crate::raw::{BODY, INVOKE, NOW, Request, Response, STREAM, Signing, at, local, send};

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const UNKNOWN: &str = "The security token included in the request is invalid.";

fn refused(response: &Response, status: u16, code: &str, message: &str) {
    assert_eq!(response.refusal(), (status, code.to_owned(), message.to_owned()));
    let speaker = if code == "AccessDeniedException" { "bedrock" } else { "coral.service" };
    let error_type = format!("{code}:http://internal.amazon.com/coral/com.amazon.{speaker}/");
    assert_eq!(response.header("x-amzn-errortype"), Some(error_type.as_str()));
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("x-amzn-requestid").map(str::len), Some(36));
}

async fn signed(signing: Signing<'_>) -> Response {
    send(&local(), &Request::post(INVOKE, BODY).signed(&signing)).await
}

#[tokio::test]
async fn a_signed_call_passes() {
    for target in [INVOKE, STREAM] {
        assert_eq!(send(&local(), &Request::good(target)).await.status, 200);
    }
    for region in ["us-west-2", "ap-northeast-1"] {
        let response = signed(Signing { region, ..Signing::default() }).await;
        assert_eq!(response.status, 200, "every region is here");
    }
}

#[tokio::test]
async fn every_header_may_be_signed() {
    let signing =
        Signing { signed: &["accept", "content-type", "host", "x-amz-date", "x-stainless-os"], ..Signing::default() };
    let request = Request::post(INVOKE, BODY)
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header("x-stainless-os", "  Linux   6  ");
    assert_eq!(send(&local(), &request.clone().signed(&signing)).await.status, 200);
    let mut altered = request.signed(&signing);
    altered.headers.iter_mut().find(|(name, _)| name == "accept").unwrap().1 = "*/*".to_owned();
    refused(&send(&local(), &altered).await, 403, "InvalidSignatureException", MISMATCH);
}

#[tokio::test]
async fn a_call_that_is_not_signed_is_refused() {
    for target in [INVOKE, STREAM] {
        let response = send(&local(), &Request::post(target, BODY)).await;
        refused(&response, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    }
}

#[tokio::test]
async fn an_authorization_without_its_parts_is_refused() {
    for (value, message) in [
        (
            "AWS4-HMAC-SHA256",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKIAOUTCROPLOCALTEST/20261123/us-east-1/bedrock/aws4_request, SignedHeaders=host",
            "Authorization header requires 'Signature' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKIAOUTCROPLOCALTEST, SignedHeaders=host, Signature=00",
            "Authorization header requires 'Credential' parameter.",
        ),
    ] {
        let request = Request::post(INVOKE, BODY).header("x-amz-date", NOW).header("authorization", value);
        let response = send(&local(), &request).await;
        let (status, code, text) = response.refusal();
        assert_eq!((status, code.as_str()), (400, "IncompleteSignatureException"));
        assert!(text.starts_with(message), "{text}");
    }
    let mut undated = Request::good(INVOKE);
    undated.headers.retain(|(name, _)| name != "x-amz-date");
    let (status, code, text) = send(&local(), &undated).await.refusal();
    assert_eq!((status, code.as_str()), (400, "IncompleteSignatureException"));
    assert!(
        text.starts_with("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."),
        "{text}"
    );
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let response = signed(Signing { access_key_id: "AKIAUNKNOWN", ..Signing::default() }).await;
    refused(&response, 403, "UnrecognizedClientException", UNKNOWN);
}

#[tokio::test]
async fn what_was_altered_after_signing_is_refused() {
    refused(
        &signed(Signing { secret: "wrong", ..Signing::default() }).await,
        403,
        "InvalidSignatureException",
        MISMATCH,
    );
    let good = Request::good(INVOKE);
    let mut body = good.clone();
    body.body = BODY.replace("Hello", "Hallo").into_bytes();
    let mut target = good.clone();
    target.target = INVOKE.replace("global.", "us.");
    let mut host = good.clone();
    host.headers[0].1 = "bedrock-runtime-fips.us-east-1.amazonaws.com".to_owned();
    let mut query = good;
    query.target = format!("{INVOKE}?beta=true");
    let signing = Signing { signed: &["content-type", "host", "x-amz-date"], ..Signing::default() };
    let mut missing = Request::post(INVOKE, BODY).header("content-type", "application/json").signed(&signing);
    missing.headers.retain(|(name, _)| name != "content-type");
    for request in [body, target, host, query, missing] {
        refused(&send(&local(), &request).await, 403, "InvalidSignatureException", MISMATCH);
    }
}

#[tokio::test]
async fn a_body_hash_that_is_not_of_the_body_is_refused() {
    for (hash, passes) in [(outcrop_wire::sigv4::hash_hex(BODY.as_bytes()), true), ("0".repeat(64), false)] {
        let signing = Signing { signed: &["host", "x-amz-content-sha256", "x-amz-date"], ..Signing::default() };
        let request = Request::post(INVOKE, BODY).header("x-amz-content-sha256", &hash).signed(&signing);
        let response = send(&local(), &request).await;
        match passes {
            true => assert_eq!(response.status, 200),
            false => refused(&response, 403, "InvalidSignatureException", MISMATCH),
        }
    }
}

#[tokio::test]
async fn the_host_must_be_signed() {
    let response = signed(Signing { signed: &["x-amz-date"], ..Signing::default() }).await;
    let message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    refused(&response, 403, "InvalidSignatureException", message);
}

#[tokio::test]
async fn a_signature_for_another_service_is_refused() {
    let response = signed(Signing { service: "bedrock-mantle", ..Signing::default() }).await;
    let message = "Credential should be scoped to correct service: 'bedrock'. ";
    refused(&response, 403, "InvalidSignatureException", message);
}

#[tokio::test]
async fn clocks_may_be_five_minutes_apart() {
    for (time, refusal) in [
        ("20261123T115500Z", None),
        ("20261123T120500Z", None),
        (
            "20261123T115459Z",
            Some(
                "Signature expired: 20261123T115459Z is now earlier than 20261123T115500Z (20261123T120000Z - 5 min.)",
            ),
        ),
        (
            "20261123T120501Z",
            Some(
                "Signature not yet current: 20261123T120501Z is still later than 20261123T120500Z (20261123T120000Z + 5 min.)",
            ),
        ),
    ] {
        let response = signed(Signing { time, ..Signing::default() }).await;
        match refusal {
            None => assert_eq!(response.status, 200, "{time}"),
            Some(message) => refused(&response, 403, "InvalidSignatureException", message),
        }
        assert_eq!(response.header("date"), Some("Mon, 23 Nov 2026 12:00:00 GMT"), "clients mend their clocks by it");
    }
}

/// The clock is looked at before the signature: AWS tells of the time even where the secret is wrong too.
#[tokio::test]
async fn a_wrong_clock_is_told_before_a_wrong_secret() {
    let response = signed(Signing { time: "20261123T110000Z", secret: "wrong", ..Signing::default() }).await;
    assert!(response.refusal().2.starts_with("Signature expired: "), "{:?}", response.refusal());
}

#[tokio::test]
async fn a_session_token_must_come_with_its_key_and_only_with_it() {
    let mut account = Account::default();
    account.credentials.push(Credential::Keys {
        access_key_id: "ASIASESSION".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: Some("the token".to_owned()),
    });
    let local = Local::builder().account(account).clock(|| at(NOW)).build();
    let session = Signing { access_key_id: "ASIASESSION", secret: "secret", ..Signing::default() };
    let ask = async |signing: &Signing<'_>| send(&local, &Request::post(INVOKE, BODY).signed(signing)).await;

    let good = Signing { session_token: Some("the token"), ..session.clone() };
    assert_eq!(ask(&good).await.status, 200);
    for wrong in [
        session.clone(),
        Signing { session_token: Some("another"), ..session },
        Signing { session_token: Some("superfluous"), ..Signing::default() },
    ] {
        refused(&ask(&wrong).await, 403, "UnrecognizedClientException", UNKNOWN);
    }
    // The token is sent, but not signed.
    let loose = Signing { access_key_id: "ASIASESSION", secret: "secret", ..Signing::default() };
    let request = Request::post(INVOKE, BODY).signed(&loose).header("x-amz-security-token", "the token");
    refused(&send(&local, &request).await, 403, "InvalidSignatureException", MISMATCH);
}

#[tokio::test]
async fn bearer_keys_are_known_wrong_or_malformed() {
    let bearer = async |token: &str| send(&local(), &Request::post(INVOKE, BODY).bearer(token)).await;
    assert_eq!(bearer(Account::BEARER_TOKEN).await.status, 200);
    let small = Request::post(STREAM, BODY).header("authorization", &format!("bearer  {}", Account::BEARER_TOKEN));
    assert_eq!(send(&local(), &small).await.status, 200);
    for wrong in ["ABSKwrong", "bedrock-api-key-wrong", &Account::BEARER_TOKEN[..40]] {
        let message = "Authentication failed: Please make sure your API Key is valid.";
        refused(&bearer(wrong).await, 403, "AccessDeniedException", message);
    }
    for malformed in ["sk-ant-wrong", "wrong"] {
        let message = "Invalid API Key format: Must start with pre-defined prefix";
        refused(&bearer(malformed).await, 403, "AccessDeniedException", message);
    }
}

/// A key that keys of the account made, but for what `change` does.
fn minted(change: impl FnOnce(&mut Minting<'_>)) -> String {
    let mut minting = Minting {
        access_key_id: Account::ACCESS_KEY_ID,
        secret_access_key: Account::SECRET_ACCESS_KEY,
        session_token: None,
        region: "us-east-1",
        time: AmzTime::parse(NOW).unwrap(),
        seconds: 3600,
    };
    change(&mut minting);
    mint(&minting)
}

#[tokio::test]
async fn keys_that_the_accounts_keys_made_pass_in_their_region_and_until_they_end() {
    let bearer = async |token: &str| send(&local(), &Request::post(INVOKE, BODY).bearer(token)).await;
    let hours = |hours: i64| AmzTime::from_unix(AmzTime::parse(NOW).unwrap().unix() + hours * 3600);
    assert_eq!(bearer(&minted(|_| {})).await.status, 200);
    let (time, seconds) = (hours(-11), outcrop_wire::bearer::LONGEST_SECONDS);
    assert_eq!(bearer(&minted(|key| (key.time, key.seconds) = (time, seconds))).await.status, 200);
    for (why, wrong) in [
        ("expired", minted(|key| key.time = hours(-1))),
        ("not yet good", minted(|key| key.time = hours(1))),
        ("for another region", minted(|key| key.region = "us-west-2")),
        ("by another secret", minted(|key| key.secret_access_key = "another")),
        ("by another account", minted(|key| key.access_key_id = "AKIAANOTHER")),
        ("with a session token", minted(|key| key.session_token = Some("superfluous"))),
        ("cut", minted(|_| {})[..200].to_owned()),
    ] {
        let response = bearer(&wrong).await;
        let message = "Authentication failed: Please make sure your API Key is valid.";
        assert_eq!(response.status, 403, "{why}");
        refused(&response, 403, "AccessDeniedException", message);
    }
}

/// A server on loopback is in no region: the key says it, as a signature does.
#[tokio::test]
async fn a_short_term_key_says_the_region_where_the_host_does_not() {
    for region in ["us-west-2", "eu-west-1"] {
        let mut request = Request::post(INVOKE, BODY).bearer(&minted(|key| key.region = region));
        request.headers[0].1 = "127.0.0.1:9473".to_owned();
        let reply = send(&local(), &request).await;
        assert_eq!(reply.status, 200);
        assert!(reply.text().contains(region), "the mirror tells the region: {}", reply.text());
    }
}

/// Remembered: AWS refuses a signature for another region than that of the host. A name of one's own says none.
#[tokio::test]
async fn a_signature_is_for_the_region_of_its_host() {
    for (host, status) in [
        ("bedrock-runtime-fips.us-east-1.amazonaws.com", 200),
        ("bedrock-runtime-fips.us-west-2.amazonaws.com", 403),
        ("bedrock-runtime-fips.us-west-2.api.aws:443", 403),
        ("bedrock-runtime-fips.internal:9473", 200),
        ("bedrock-runtime-fips.my-team.internal", 200),
        ("us-west-2.example.com", 200),
    ] {
        let mut request = Request::post(INVOKE, BODY);
        request.headers[0].1 = host.to_owned();
        let response = send(&local(), &request.signed(&Signing::default())).await;
        assert_eq!(response.status, status, "{host}");
        if status == 403 {
            let message = "Credential should be scoped to a valid region. ";
            refused(&response, 403, "InvalidSignatureException", message);
        }
    }
    let mut request = Request::post(INVOKE, BODY).bearer(Account::BEARER_TOKEN);
    request.headers[0].1 = "bedrock-runtime.internal:9473".to_owned();
    let local = local();
    assert_eq!(send(&local, &request).await.status, 200);
    assert_eq!(local.last().unwrap().region, "us-east-1", "the account's");
}

#[tokio::test]
async fn only_the_credentials_of_the_account_pass() {
    let account = Account { credentials: vec![Credential::Bearer("ABSKmine".to_owned())], ..Account::default() };
    let local = Local::builder().account(account).clock(|| at(NOW)).build();
    assert_eq!(send(&local, &Request::post(INVOKE, BODY).bearer("ABSKmine")).await.status, 200);
    assert_eq!(send(&local, &Request::post(INVOKE, BODY).bearer(Account::BEARER_TOKEN)).await.status, 403);
    assert_eq!(send(&local, &Request::good(INVOKE)).await.status, 403);
}

/// Nothing is said of the body to who may not call.
#[tokio::test]
async fn who_calls_is_asked_before_what_is_said() {
    let response = send(&local(), &Request::post(INVOKE, "{").bearer("ABSKwrong")).await;
    assert_eq!(response.refusal().1, "AccessDeniedException");
}

#[test]
fn secrets_do_not_print() {
    let account = Account::default();
    let shown = format!("{account:#?} {:?} {:?}", Local::builder(), Local::new());
    assert!(shown.contains(Account::ACCESS_KEY_ID) && shown.contains("123456789012"), "{shown}");
    assert!(!shown.contains(Account::SECRET_ACCESS_KEY) && !shown.contains(Account::BEARER_TOKEN), "{shown}");
}
