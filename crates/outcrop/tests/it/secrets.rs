//! Secrets: what is printed never holds one.

use outcrop::auth::Credentials;
use outcrop::{Auth, Client, Delivery, Retry, Secret, Surroundings};

use crate::scripted::{Scripted, Step, request};

const HIDDEN: &str = "hidden-in-plain-sight";

fn holds_none(what: &str, text: &str) {
    assert!(!text.contains(HIDDEN), "{what}: {text}");
}

fn every_auth() -> [Auth; 3] {
    [
        Auth::keys("AKIDEXAMPLE", HIDDEN),
        Auth::session_keys("ASIAEXAMPLE", HIDDEN, HIDDEN),
        Auth::bearer(format!("ABSK{HIDDEN}")),
    ]
}

#[test]
fn secrets_and_what_holds_them_do_not_print() {
    assert_eq!(format!("{:?}", Secret::from(HIDDEN)), "***");
    assert_eq!(Secret::from(HIDDEN).expose(), HIDDEN);
    holds_none("credentials", &format!("{:#?}", Credentials::new("AKIDEXAMPLE", HIDDEN)));
    for auth in every_auth() {
        holds_none("auth", &format!("{auth:?} {auth:#?}"));
        let builder = Client::builder().auth(auth).session_token(HIDDEN);
        holds_none("builder", &format!("{builder:?} {builder:#?}"));
    }
    let world = Surroundings::made_up([("AWS_SECRET_ACCESS_KEY", HIDDEN)], [("/home/u/.aws/credentials", HIDDEN)]);
    holds_none("surroundings", &format!("{world:#?}"));
}

#[tokio::test]
async fn clients_dry_runs_errors_and_replies_do_not_print_secrets() {
    for auth in every_auth() {
        let server = Scripted::new([
            Step::json(403, r#"{"message":"no"}"#),
            Step::hello(),
            Step::refuse(),
            Step::streamed_hello(),
        ]);
        let client = server.builder().auth(auth).retry(Retry::none()).build().await.unwrap();
        holds_none("client", &format!("{client:?} {client:#?}"));
        for delivery in [Delivery::Unary, Delivery::Stream] {
            let shown = client.messages().dry_run(&request(), delivery).await.unwrap();
            holds_none("dry run", &format!("{shown} {shown:?}"));
            assert!(shown.to_string().contains("***"), "the header is shown, its secret is not: {shown}");
        }
        let call = client.message("opus").user("Hello");
        holds_none("call", &format!("{call:#?} {:#?}", client.messages()));
        let error = client.messages().create(&request()).await.unwrap_err();
        holds_none("error", &format!("{error} {error:?} {error:#?}"));
        let reply = client.messages().create(&request()).await.unwrap();
        holds_none("reply", &format!("{reply:#?}"));
        let error = client.messages().create(&request()).await.unwrap_err();
        holds_none("error", &format!("{error} {error:?} {error:#?}"));
        let stream = client.messages().stream(&request()).await.unwrap();
        holds_none("stream", &format!("{stream:#?}"));
    }
}

#[tokio::test]
async fn a_signature_is_a_secret_too() {
    let server = Scripted::new([]);
    let client = server.client().await;
    let shown = client.messages().dry_run(&request(), Delivery::Unary).await.unwrap();
    let authorization = shown.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    let (head, signature) = authorization.1.split_once("Signature=").unwrap();
    assert_eq!(signature, "***");
    assert!(head.contains("Credential=AKIDEXAMPLE/") && head.contains("SignedHeaders="), "{head}");
}

#[tokio::test]
async fn mistakes_in_files_do_not_print_what_they_hold() {
    for (path, text) in [
        ("/home/u/.aws/credentials", format!("[default]\naws_secret_access_key = {HIDDEN}\n")),
        ("/home/u/.aws/credentials", format!("[default]\n{HIDDEN}\n")),
        ("/home/u/.aws/config", format!("[default\n{HIDDEN} = 1\n")),
        ("/home/u/.aws/config", format!("[default]\nendpoint_url = http://user:{HIDDEN}@host\n")),
    ] {
        let world = Surroundings::made_up([("HOME", "/home/u"), ("AWS_REGION", "us-east-1")], [(path, text.as_str())]);
        let error = Client::builder().surroundings(world).build().await.unwrap_err();
        holds_none(path, &format!("{error} {error:?} {:?}", error.hint()));
    }
}
