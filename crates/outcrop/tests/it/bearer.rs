//! Bearer keys that end: minted of AWS keys, or provided by a program; and calls that say nothing of who calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use outcrop::auth::credentials::Provided;
use outcrop::auth::{Credentials, CredentialsError, ProvideCredentials, ProvideToken, Token, TokenProvided, mint};
use outcrop::wire::bearer::ShortTermKey;
use outcrop::wire::sigv4::AmzTime;
use outcrop::{Auth, Client, Delivery, Kind, Surroundings};
use outcrop_local::Local;

use crate::clients::builder_in;
use crate::scripted::{ACCESS_KEY_ID, REGION, Recorded, SECRET, Scripted, Step, request};

const BEGIN: &str = "20261123T120000Z";
const HIDDEN: &str = "hidden-in-plain-sight";

/// A clock that is put forward.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Self {
        Clock(Arc::new(AtomicI64::new(AmzTime::parse(BEGIN).unwrap().unix())))
    }

    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst).try_into().unwrap())
    }

    fn world(&self) -> Surroundings {
        let clock = self.clone();
        Surroundings::made_up([], []).with_clock(move || clock.now())
    }
}

/// The key of a request, which is good at `clock`.
fn key(recorded: &Recorded, clock: &Clock) -> ShortTermKey {
    assert_eq!((recorded.header("x-amz-date"), recorded.header("x-amz-security-token")), (None, None));
    let text = recorded.header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
    let key = ShortTermKey::parse(text).unwrap();
    let now = AmzTime::from_unix(clock.0.load(Ordering::SeqCst));
    assert_eq!(key.verify(SECRET, now), Ok(()));
    key
}

/// Gives another key each time, each for an hour.
#[derive(Debug)]
struct Hourly(AtomicUsize, AtomicI64);

impl ProvideCredentials for Hourly {
    fn credentials(&self) -> Provided<'_> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        let mut keys = Credentials::new(format!("ASIA{number}"), SECRET);
        keys.session_token = Some(format!("token-{number}").into());
        let ends = Duration::from_secs((self.1.load(Ordering::SeqCst) + 3600).try_into().unwrap());
        keys.expires = Some(SystemTime::UNIX_EPOCH + ends);
        Box::pin(std::future::ready(Ok(keys)))
    }
}

#[tokio::test]
async fn minted_keys_are_kept_and_made_again_before_they_end() {
    let (clock, server) = (Clock::new(), Scripted::new(vec![Step::hello(); 4]));
    let builder = server.builder().mint_bearer(Duration::from_secs(7200)).surroundings(clock.world());
    let client = builder.build().await.unwrap();
    let mut ends = Vec::new();
    for wait in [0, 6899, 1, 60] {
        clock.forward(wait);
        client.messages().create(&request()).await.unwrap();
        let key = key(server.requests().last().unwrap(), &clock);
        assert_eq!((key.access_key_id(), key.region()), (ACCESS_KEY_ID, REGION));
        ends.push(key.ends().unix() - AmzTime::parse(BEGIN).unwrap().unix());
    }
    assert_eq!(ends, [7200, 7200, 14_100, 14_100], "five minutes before its end there is a new one");
    let reasons: Vec<&str> = client.reasons().collect();
    assert_eq!(reasons[0], "credentials: short-term keys made of keys from the caller");
}

#[tokio::test]
async fn minted_keys_live_no_longer_than_what_they_are_made_of_and_change_with_it() {
    let (clock, server) = (Clock::new(), Scripted::new(vec![Step::hello(); 3]));
    let provider = Arc::new(Hourly(AtomicUsize::new(0), AtomicI64::new(clock.0.load(Ordering::SeqCst))));
    let auth = Auth::ShortTermKeys {
        source: Some(Box::new(Auth::Provider(provider.clone()))),
        lifetime: outcrop::auth::LONGEST,
    };
    let client = server.builder().auth(auth).surroundings(clock.world()).build().await.unwrap();
    for (wait, id, token) in [(0, "ASIA0", "token-0"), (3299, "ASIA0", "token-0"), (1, "ASIA1", "token-1")] {
        clock.forward(wait);
        provider.1.fetch_add(wait, Ordering::SeqCst);
        client.messages().create(&request()).await.unwrap();
        let key = key(server.requests().last().unwrap(), &clock);
        assert_eq!((key.access_key_id(), key.session_token()), (id, Some(token)));
    }
    let first = ShortTermKey::parse(&server.requests()[0].header("authorization").unwrap()[7..]).unwrap();
    assert_eq!(first.ends().unix(), AmzTime::parse(BEGIN).unwrap().unix() + 3600);
}

#[tokio::test(start_paused = true)]
async fn a_bearer_key_that_is_called_invalid_is_renewed_once() {
    let refusal = || {
        Step::json(403, r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#)
            .header("x-amzn-errortype", "AccessDeniedException")
    };
    let server = Scripted::new([refusal(), Step::hello(), refusal(), refusal()]);
    let client = server.builder().token_provider(Counting::default()).build().await.unwrap();
    client.messages().create(&request()).await.unwrap();
    let error = client.messages().create(&request()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("wrong, expired, or of another region"));
    let sent: Vec<_> = server.requests().iter().map(|sent| sent.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer ABSK0", "Bearer ABSK1", "Bearer ABSK1", "Bearer ABSK2"]);
    // One that nobody renews is refused once.
    let server = Scripted::new([refusal(), Step::hello()]);
    let client = server.builder().bearer_token("ABSKexample").build().await.unwrap();
    assert_eq!(client.messages().create(&request()).await.unwrap_err().attempts().len(), 1);
}

/// Counts how often it is asked, and gives another token each time.
#[derive(Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl ProvideToken for Counting {
    fn token(&self) -> TokenProvided<'_> {
        Box::pin(async {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(Token::new(format!("ABSK{number}")))
        })
    }
}

#[tokio::test]
async fn two_hundred_calls_ask_for_a_token_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Scripted::new(vec![Step::hello(); 200]);
    let client = server.builder().token_provider(Counting(Arc::clone(&asked))).build().await.unwrap();
    let calls: Vec<_> = (0..200).map(|_| tokio::spawn(client.message("opus").user("Hello").send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// Gives what it was told to.
#[derive(Debug)]
struct Fixed(Result<Token, CredentialsError>);

impl ProvideToken for Fixed {
    fn token(&self) -> TokenProvided<'_> {
        Box::pin(std::future::ready(self.0.clone()))
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_had_is_an_error_before_anything_is_sent() {
    let server = Scripted::new([]);
    for (given, why) in [
        (Err(CredentialsError::new("the vault is locked")), "the vault is locked"),
        (Ok(Token::new(format!("{HIDDEN}\u{1}"))), "characters that no header may"),
        (Ok(Token::new(" ")), "is empty"),
    ] {
        let client = server.builder().token_provider(Fixed(given)).build().await.unwrap();
        let error = client.messages().create(&request()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Credentials);
        assert!(error.to_string().contains(why) && !format!("{error:?} {error:#?}").contains(HIDDEN), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn tokens_that_are_minted_or_provided_do_not_print() {
    let server = Scripted::new([]);
    let provided = server.builder().token_provider(Fixed(Ok(Token::new(HIDDEN))));
    let minted = server.builder().access_key("AKIDEXAMPLE", HIDDEN).mint_bearer(Duration::from_secs(60));
    let role = Auth::assume_role("arn:aws:iam::123456789012:role/app").source(Auth::keys("AKIDEXAMPLE", HIDDEN));
    let mut shown = format!("{provided:?} {minted:?} {role:?} {:?}", Auth::from(role.clone()));
    for builder in [provided, minted] {
        let client = builder.build().await.unwrap();
        let dry_run = client.messages().dry_run(&request(), Delivery::Unary).await.unwrap();
        assert!(dry_run.to_string().contains("authorization: Bearer ***"), "{dry_run}");
        shown.push_str(&format!("{client:?} {dry_run:?} {dry_run}"));
        if let Ok(key) = client.short_term_key(Duration::from_secs(60)).await {
            assert!(!format!("{key:?}").contains("bedrock-api-key-"));
        }
    }
    assert!(!shown.contains(HIDDEN) && !shown.contains("bedrock-api-key-"), "{shown}");
}

#[tokio::test]
async fn a_client_with_aws_keys_makes_keys_for_other_programs() {
    let (clock, server) = (Clock::new(), Scripted::new([]));
    let client = server.builder().surroundings(clock.world()).build().await.unwrap();
    let made = client.short_term_key(Duration::from_secs(900)).await.unwrap();
    assert_eq!((made.region.as_str(), made.expires), (REGION, clock.now() + Duration::from_secs(900)));
    let same = mint(&Credentials::new(ACCESS_KEY_ID, SECRET), REGION, Duration::from_secs(900), clock.now()).unwrap();
    assert_eq!(made.token.expose(), same.token.expose());
    for builder in [server.builder().bearer_token("ABSKexample"), server.builder().skip_auth()] {
        let error = builder.build().await.unwrap().short_term_key(Duration::from_secs(900)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains("made of AWS keys") && error.hint().is_some(), "{error}");
    }
    for nothing in [Auth::bearer(HIDDEN), Auth::Unsigned, Auth::short_term_key()] {
        let error = server.builder().auth(nothing).mint_bearer(outcrop::auth::LONGEST).build().await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Config | Kind::Credentials), "{error}");
        assert!(!format!("{error} {error:?}").contains(HIDDEN));
    }
}

#[tokio::test]
async fn the_local_bedrock_takes_what_is_minted_in_its_region() {
    let local = Local::new();
    let builder = |region: &str| builder_in(region, &local).mint_bearer(Duration::from_secs(900));
    for region in ["us-east-1", "eu-central-1"] {
        builder(region).build().await.unwrap().messages().create(&request()).await.unwrap();
    }
    let elsewhere = builder("us-west-2").endpoint_url("https://bedrock-runtime.us-east-1.amazonaws.com");
    let error = elsewhere.build().await.unwrap().messages().create(&request()).await.unwrap_err();
    assert_eq!((error.status(), error.aws_code()), (Some(403), Some("AccessDeniedException")));
}

#[tokio::test]
async fn a_gateway_may_be_left_to_say_who_calls() {
    const SKIP: (&str, &str) = ("CLAUDE_CODE_SKIP_BEDROCK_AUTH", "1");
    const GATEWAY: (&str, &str) = ("ANTHROPIC_BEDROCK_BASE_URL", "http://gateway.example/bedrock");
    const REGION: (&str, &str) = ("AWS_REGION", "us-west-2");
    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    const BEARER: (&str, &str) = ("AWS_BEARER_TOKEN_BEDROCK", "ABSKexample");
    let server = Scripted::new(vec![Step::hello(); 8]);
    let sent = async |variables: Vec<(&str, &str)>, skip: bool| {
        let builder = Client::builder().surroundings(Surroundings::made_up(variables, []));
        let builder = if skip { builder.skip_auth() } else { builder };
        let client = server.below(builder).build().await.unwrap();
        client.messages().create(&request()).await.unwrap();
        let authorization = server.requests().last().unwrap().header("authorization").map(str::to_owned);
        authorization.map(|text| text.split(' ').next().unwrap().to_owned())
    };
    let all = |more: &[(&'static str, &'static str)]| [&[REGION, KEYS[0], KEYS[1]], more].concat();
    assert_eq!(sent(all(&[SKIP, GATEWAY]), false).await, None);
    assert_eq!(sent(all(&[GATEWAY]), true).await, None);
    assert_eq!(sent(all(&[GATEWAY, BEARER]), true).await, None, "what is said in code comes first");
    assert_eq!(
        sent(all(&[SKIP, GATEWAY, BEARER]), false).await.as_deref(),
        Some("Bearer"),
        "a bearer key is for the gateway"
    );
    assert_eq!(sent(all(&[SKIP]), false).await.as_deref(), Some("AWS4-HMAC-SHA256"), "AWS itself is no gateway");
    assert_eq!(sent(all(&[GATEWAY]), false).await.as_deref(), Some("AWS4-HMAC-SHA256"));
    assert_eq!(
        sent(all(&[("CLAUDE_CODE_SKIP_BEDROCK_AUTH", "0"), GATEWAY]), false).await.as_deref(),
        Some("AWS4-HMAC-SHA256")
    );
}
