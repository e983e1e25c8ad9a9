//! What stands between a client and an answer, one thing at a time.

use std::time::{Duration, SystemTime};

use outcrop::endpoint::Service;
use outcrop::settings::Origin;
use outcrop::survey::CredentialKind;
use outcrop::transport::Obstacle;
use outcrop::{Client, Delivery, Kind, Surface, Surroundings};
use outcrop_local::{Account, Local};
use tokio::net::TcpListener;

use crate::clients::{builder_at, piped};
use crate::scripted::{ACCESS_KEY_ID, SECRET, Scripted, Step};

#[test]
fn the_profile_in_force_is_told_with_who_names_it() {
    let files = [("/h/.aws/config", "[profile work]\nregion = eu-west-1\n")];
    let world = |variables: &[(&'static str, &'static str)]| {
        let home = variables.iter().copied().chain([("HOME", "/h")]);
        Client::builder().surroundings(Surroundings::made_up(home, files))
    };
    let said = world(&[("AWS_PROFILE", "work")]).aws_profile().unwrap();
    assert_eq!((said.value.as_str(), &said.origin), ("work", &Origin::Variable("AWS_PROFILE")));
    assert_eq!(world(&[]).aws_profile().unwrap().origin, Origin::Default);
    assert_eq!(world(&[("AWS_PROFILE", "play")]).profile("work").aws_profile().unwrap().origin, Origin::Caller);
    let missing = world(&[]).profile("play").aws_profile().unwrap_err();
    assert_eq!(missing.kind(), Kind::Config);
    let broken = Surroundings::made_up([("AWS_CONFIG_FILE", "/c")], [("/c", "region = us-east-1\n")]);
    let error = Client::builder().surroundings(broken).aws_profile().unwrap_err();
    assert!(error.to_string().contains("/c, line 1"), "{error}");
}

#[tokio::test]
async fn credentials_are_told_without_their_secret() {
    let client = builder_at("http://127.0.0.1:1", &[], &[]).build().await.unwrap();
    let credential = client.credential().await.unwrap();
    let keys = CredentialKind::Keys { access_key_id: ACCESS_KEY_ID.to_owned(), session: false, expires: None };
    assert_eq!((credential.source.as_str(), &credential.kind), ("keys from the caller", &keys));
    assert!(!format!("{credential:?}").contains(SECRET));
    let client = builder_at("http://127.0.0.1:1", &[], &[]).skip_auth().build().await.unwrap();
    assert_eq!(client.credential().await.unwrap().kind, CredentialKind::Unsigned);
}

#[tokio::test]
async fn a_connection_is_told_step_by_step() {
    let server = Scripted::new([]);
    let url = server.listen().await;
    let address = url.trim_start_matches("http://").to_owned();
    let probe = async |variables: &[(&str, &str)], url: &str| {
        let client = builder_at(url, variables, &[]).connect_timeout(Duration::from_secs(2)).build().await.unwrap();
        client.probe(Service::Runtime).await.unwrap().unwrap()
    };
    let good = probe(&[], &url).await;
    assert_eq!(good.obstacle, None);
    assert_eq!(good.socket.map(|socket| socket.to_string()), Some(address.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = probe(&[], &closed).await;
    assert!(matches!(refused.obstacle, Some(Obstacle::Refused(_))) && !refused.addresses.is_empty(), "{refused:?}");
    let plain = Local::start().await.unwrap();
    let speaks_http = probe(&[], &plain.url().replace("http", "https")).await;
    assert!(matches!(speaks_http.obstacle, Some(Obstacle::NotTls(_))), "{speaks_http:?}");
    let by_proxy = probe(&[("HTTPS_PROXY", &closed)], "https://bedrock.example").await;
    assert!(matches!(by_proxy.obstacle, Some(Obstacle::Refused(_))), "{by_proxy:?}");
    assert_eq!(by_proxy.proxy.as_deref(), closed.strip_prefix("http://"));
    let socks = probe(&[("HTTPS_PROXY", "socks5://user:hidden@127.0.0.1:1080")], "https://bedrock.example").await;
    assert!(matches!(socks.obstacle, Some(Obstacle::ProxyScheme(_))), "{socks:?}");
    assert!(!format!("{socks:?}").contains("hidden"));
    let proxy = Scripted::new([Step::text(403, "text/plain", "no tunnels here")]);
    let proxy = proxy.listen().await;
    let not_let_through = probe(&[("HTTPS_PROXY", &proxy)], "https://bedrock.example").await;
    assert!(matches!(not_let_through.obstacle, Some(Obstacle::Tunnel(_))), "{not_let_through:?}");
    assert!(server.requests().is_empty(), "nothing is sent");
    let piped = piped(&Local::new(), builder_at(&url, &[], &[])).build().await.unwrap();
    assert!(piped.probe(Service::Runtime).await.unwrap().is_none());
}

#[tokio::test]
async fn the_clock_is_held_against_that_of_the_service() {
    let ahead = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400);
    let local = Local::builder().clock(move || ahead).build();
    let world = Surroundings::made_up([], []).with_clock(move || ahead - Duration::from_secs(600));
    let client = builder_at("http://127.0.0.1:1", &[], &[]).surroundings(world);
    let client = piped(&local, client).build().await.unwrap();
    assert_eq!(client.clock_skew(Service::Runtime).await.unwrap(), Some(600));
}

#[tokio::test]
async fn who_knocks_is_let_in_or_told_why_not() {
    let knock = async |secret: &str, model: &str| {
        let local = Local::new();
        let client = builder_at("http://127.0.0.1:1", &[], &[]).access_key(Account::ACCESS_KEY_ID, secret);
        let client = piped(&local, client).build().await.unwrap();
        client.knock(model, Delivery::Stream, Surface::InvokeModel).await
    };
    assert!(knock(Account::SECRET_ACCESS_KEY, "opus").await.is_ok());
    let error = knock("wrong", "opus").await.unwrap_err();
    assert_eq!((error.status(), error.aws_code()), (Some(403), Some("InvalidSignatureException")));
    let error = knock(Account::SECRET_ACCESS_KEY, "anthropic.claude-nova-9").await.unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("check the model id")), "{error:?}");
    let refusal = r#"{"message":"User: arn:aws:iam::1:user/a is not authorized to perform: bedrock:InvokeModel"}"#;
    let step = Step::json(403, refusal).header("x-amzn-errortype", "AccessDeniedException");
    let server = Scripted::new([step]);
    let client = server.builder().build().await.unwrap();
    let error = client.knock("opus", Delivery::Unary, Surface::InvokeModel).await.unwrap_err();
    let denial = error.service_fault().and_then(|fault| fault.denial()).unwrap();
    assert_eq!(denial.actions, ["bedrock:InvokeModel"]);
    assert_eq!(server.request().text(), "{}");
    let kept = r#"{"message":"data retention mode 'default' is not available for this model"}"#;
    let kept = Step::json(400, kept).header("x-amzn-errortype", "ValidationException");
    let server = Scripted::new([kept, Step::text(200, "text/html", "<html>Log in</html>")]);
    let client = server.builder().build().await.unwrap();
    let knock = async || client.knock("opus", Delivery::Unary, Surface::InvokeModel).await.unwrap_err();
    assert_eq!(knock().await.status(), Some(400));
    assert_eq!(knock().await.kind(), Kind::Decode);
}

#[tokio::test]
async fn the_form_of_the_account_is_there_or_not() {
    let none = Step::json(404, r#"{"message":"none"}"#).header("x-amzn-errortype", "ResourceNotFoundException");
    let server = Scripted::new([none, Step::json(200, r#"{"formData":"e30="}"#)]);
    let client = server.builder().build().await.unwrap();
    assert_eq!(client.models().use_case_form().await.unwrap(), None);
    assert!(client.models().use_case_form().await.unwrap().is_some());
}
