//! Failover: where a call goes when its own target fails, what is known of each try, and what it may never leave.

use std::collections::HashMap;
use std::time::Duration;

use outcrop::failover::{FailoverTarget, Residency};
use outcrop::http::Uri;
use outcrop::wire::fault::{Fault, Origin};
use outcrop::{
    Auth, Block, CacheControl, CallOptions, Change, Client, ClientBuilder, Delivery, Geo, Kind, MessageRequest, Retry,
    Scope, Surface, Surroundings, Ttl,
};
use outcrop_local::{Account, Local};
use tokio::time::Instant;

use crate::scripted::request;

/// A local Bedrock for each region; in others nobody listens.
#[derive(Clone)]
struct World(HashMap<&'static str, Local>);

impl World {
    fn of(regions: &[&'static str]) -> Self {
        World(regions.iter().map(|region| (*region, Local::new())).collect())
    }

    fn builder(&self, home: &str) -> ClientBuilder {
        let world = self.clone();
        Client::builder()
            .surroundings(Surroundings::made_up([], []))
            .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
            .region(home)
            .connector(move |uri: &Uri| {
                let region = uri.host().and_then(|host| host.split('.').nth(1)).unwrap_or_default();
                let found = world.0.get(region).map(Local::connect);
                std::future::ready(found.ok_or_else(|| std::io::ErrorKind::ConnectionRefused.into()))
            })
    }

    fn fail(&self, region: &str, code: &str, origin: Origin) {
        self.0[region].fail_next(Fault::new(code, "not now", origin));
    }

    fn asked(&self) -> Vec<(&'static str, usize)> {
        let mut asked: Vec<_> = self.0.iter().map(|(region, local)| (*region, local.asked().len())).collect();
        asked.sort_unstable();
        asked
    }
}

fn regions(attempts: &[outcrop::Attempt]) -> Vec<(&str, Option<u16>)> {
    attempts.iter().map(|attempt| (attempt.target.region.as_deref().unwrap(), attempt.status)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_busy_region_is_left_at_once() {
    let world = World::of(&["us-east-1", "us-west-2"]);
    let list = [FailoverTarget::region("eu-west-1"), FailoverTarget::region("us-west-2")];
    let client = world.builder("us-east-1").failover(list).build().await.unwrap();
    for (code, origin, status) in [
        ("ThrottlingException", Origin::Http, 429),
        ("ServiceUnavailableException", Origin::Http, 503),
        ("ThrottlingException", Origin::FirstFrame, 429),
    ] {
        world.fail("us-east-1", code, origin);
        let began = Instant::now();
        let reply = match origin {
            Origin::Http => client.messages().create(&request()).await.unwrap(),
            _ => client.messages().stream(&request()).await.unwrap().finish().await.unwrap(),
        };
        // Nobody listens in the second region.
        let expected = [("us-east-1", Some(status)), ("eu-west-1", None), ("us-west-2", Some(200))];
        assert_eq!(regions(&reply.meta.attempts), expected);
        assert!(reply.meta.attempts.iter().all(|attempt| attempt.pause.is_none()));
        assert!(began.elapsed() < Duration::from_millis(100), "there was no pause");
        assert_eq!(reply.meta.target.region.as_deref(), Some("us-west-2"));
        assert_eq!(reply.meta.attempts[0].target.surface, Surface::InvokeModel);
        let note = reply.meta.notes.iter().find(|note| note.starts_with("failover: served by us-west-2"));
        assert!(note.is_some(), "{:?}", reply.meta.notes);
    }
}

#[tokio::test(start_paused = true)]
async fn that_a_call_left_its_scope_is_told() {
    let world = World::of(&["us-east-1"]);
    let list = [FailoverTarget::here().scope(Scope::Global)];
    let client = world.builder("us-east-1").scope(Scope::Geo(Geo::Us)).failover(list).build().await.unwrap();
    world.fail("us-east-1", "ThrottlingException", Origin::Http);
    let request = MessageRequest::new("opus", 16).user("Hello");
    let reply = client.messages().create(&request).await.unwrap();
    let note = "failover: served by us-east-1, scope global, not by us-east-1, scope us";
    assert!(reply.meta.notes.iter().any(|told| told == note), "{:?}", reply.meta.notes);
    let told = reply.meta.adjustments.iter().find(|adjustment| adjustment.name == "failover").unwrap();
    assert_eq!(told.change, Change::Told);
    assert!(told.reason.contains("served in scope global, not in scope us"), "{}", told.reason);
    let reply = client.messages().create(&request).await.unwrap();
    assert!(!reply.meta.adjustments.iter().any(|adjustment| adjustment.name == "failover"));
}

#[tokio::test(start_paused = true)]
async fn a_pause_comes_when_all_were_tried() {
    let world = World::of(&["us-east-1", "us-west-2"]);
    let list = [FailoverTarget::region("us-west-2")];
    let client = world.builder("us-east-1").failover(list).build().await.unwrap();
    world.fail("us-east-1", "ThrottlingException", Origin::Http);
    world.fail("us-west-2", "ThrottlingException", Origin::Http);
    let reply = client.messages().create(&request()).await.unwrap();
    let expected = [("us-east-1", Some(429)), ("us-west-2", Some(429)), ("us-east-1", Some(200))];
    assert_eq!(regions(&reply.meta.attempts), expected);
    let paused: Vec<bool> = reply.meta.attempts.iter().map(|attempt| attempt.pause.is_some()).collect();
    assert_eq!(paused, [false, true, false]);
    // Without retries there is one round.
    world.fail("us-east-1", "ThrottlingException", Origin::Http);
    world.fail("us-west-2", "InternalServerException", Origin::Http);
    let error = client.message("opus").user("x").retry(Retry::none()).await.unwrap_err();
    assert_eq!(regions(error.attempts()), [("us-east-1", Some(429)), ("us-west-2", Some(500))]);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_the_request_goes_nowhere_else_and_what_refuses_is_left_out() {
    let world = World::of(&["us-east-1", "us-east-2", "us-west-2"]);
    let list = [FailoverTarget::region("us-east-2"), FailoverTarget::region("us-west-2")];
    let client = world.builder("us-east-1").failover(list).build().await.unwrap();
    world.fail("us-east-1", "ValidationException", Origin::Http);
    let error = client.messages().create(&request()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts().len()), (Some(400), 1));
    // No access in one region of the list is no reason to give up.
    world.fail("us-east-1", "ThrottlingException", Origin::Http);
    world.fail("us-east-2", "AccessDeniedException", Origin::Http);
    world.fail("us-west-2", "ThrottlingException", Origin::Http);
    world.fail("us-east-1", "ThrottlingException", Origin::Http);
    let reply = client.messages().create(&request()).await.unwrap();
    #[rustfmt::skip] // a round a line
    let expected = [
        ("us-east-1", Some(429)), ("us-east-2", Some(403)), ("us-west-2", Some(429)),
        ("us-east-1", Some(429)), ("us-west-2", Some(200)),
    ];
    assert_eq!(regions(&reply.meta.attempts), expected);
    // The error of a call that failed is that of a target which might have taken it.
    for _ in 0..3 {
        world.fail("us-east-1", "ThrottlingException", Origin::Http);
        world.fail("us-east-2", "AccessDeniedException", Origin::Http);
        world.fail("us-west-2", "AccessDeniedException", Origin::Http);
    }
    let error = client.messages().with(CallOptions::new().max_retries(0)).create(&request()).await.unwrap_err();
    assert!(error.is_throttled(), "{error}");
}

#[tokio::test]
async fn nothing_moves_once_something_was_handed_out() {
    let world = World::of(&["us-east-1", "us-west-2"]);
    let list = [FailoverTarget::region("us-west-2")];
    let client = world.builder("us-east-1").failover(list).build().await.unwrap();
    world.fail("us-east-1", "ThrottlingException", Origin::MidStream);
    let stream = client.messages().stream(&request()).await.unwrap();
    let error = stream.finish().await.unwrap_err();
    assert!(error.is_throttled() && error.partial().is_some(), "{error}");
    assert_eq!(world.asked(), [("us-east-1", 1), ("us-west-2", 0)]);
}

#[tokio::test(start_paused = true)]
async fn scopes_accounts_and_surfaces_of_the_list() {
    let world = World::of(&["us-east-1", "us-west-2"]);
    let other = Auth::keys("AKIDOTHER", "another-secret");
    let list = [
        FailoverTarget::here().scope(Scope::Geo(Geo::Us)),
        FailoverTarget::region("us-west-2").surface(Surface::Mantle),
        FailoverTarget::region("us-west-2").account("backup", other),
    ];
    let client = world.builder("us-east-1").failover(list).retry(Retry::none()).build().await.unwrap();
    for _ in 0..2 {
        world.fail("us-east-1", "ThrottlingException", Origin::Http);
    }
    world.fail("us-west-2", "ThrottlingException", Origin::Http);
    let asked = MessageRequest::new("claude-opus-4-8", 64).user("Hello");
    let error = client.messages().create(&asked).await.unwrap_err();
    let tried: Vec<String> = error
        .attempts()
        .iter()
        .map(|attempt| {
            let target = &attempt.target;
            let account = target.account.as_deref().unwrap_or("own");
            format!("{} {} {account} {}", target.surface, target.model.id, attempt.status.unwrap_or_default())
        })
        .collect();
    assert_eq!(
        tried,
        [
            "InvokeModel global.anthropic.claude-opus-4-8 own 429",
            "InvokeModel us.anthropic.claude-opus-4-8 own 429",
            "Mantle global.anthropic.claude-opus-4-8 own 429",
            // The account is not known in this world.
            "InvokeModel global.anthropic.claude-opus-4-8 backup 403",
        ]
    );
    assert!(error.is_throttled());
}

#[tokio::test]
async fn a_target_of_another_geography_is_left_out_of_a_call_that_stays_in_one() {
    let world = World::of(&["eu-west-1"]);
    let list = [FailoverTarget::region("us-east-1"), FailoverTarget::region("eu-central-1")];
    let client = world.builder("eu-west-1").failover(list).build().await.unwrap();
    let shown = client.messages().dry_run(&MessageRequest::new("eu.opus", 9).user("x"), Delivery::Unary).await.unwrap();
    let note = shown.plan.notes.iter().find(|note| note.starts_with("failover to us-east-1: left out")).unwrap();
    assert!(note.contains("cannot be called from there"), "{note}");
    assert!(!shown.plan.notes.iter().any(|note| note.contains("eu-central-1")), "{:?}", shown.plan.notes);
}

#[tokio::test]
async fn a_promise_of_residency_is_held() {
    let world = World::of(&["eu-west-1"]);
    let stays = || world.builder("eu-west-1").residency(Residency::Geo(Geo::Eu));
    for outside in [
        FailoverTarget::region("us-east-1"),
        FailoverTarget::region("eu-central-1").scope(Scope::Global),
        FailoverTarget::here().scope(Scope::Geo(Geo::Us)),
    ] {
        let error = stays().failover([outside.clone()]).build().await.unwrap_err();
        assert!(error.kind() == Kind::Config && error.to_string().contains("are to stay in geography eu"), "{error}");
    }
    let client = stays().failover([FailoverTarget::region("eu-central-1")]).build().await.unwrap();
    let error = client.message("opus").user("x").await.unwrap_err();
    assert!(error.kind() == Kind::Invalid && error.to_string().contains("may be processed anywhere"), "{error}");
    assert_eq!(world.asked(), [("eu-west-1", 0)]);
    assert!(client.message("eu.opus").user("x").await.is_ok());
    let error = world.builder("us-east-1").residency(Residency::Regions(vec!["eu-west-1".into()])).build().await;
    let error = error.unwrap().message("anthropic.claude-opus-4-6-v1").user("x").await.unwrap_err();
    assert!(error.to_string().contains("is processed in us-east-1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_conversation_stays_where_its_cache_is() {
    let world = World::of(&["us-east-1", "us-west-2"]);
    let list = [FailoverTarget::region("us-west-2")];
    let client = world.builder("us-east-1").failover(list).build().await.unwrap();
    let marked = |text: &str| {
        let mut block = Block::text(text);
        *block.checkpoint_mut().unwrap() = Some(CacheControl::from(Ttl::FiveMinutes));
        block
    };
    let mut talk = MessageRequest::new("opus", 64).system("Rules.").user(marked("one"));
    world.fail("us-east-1", "ThrottlingException", Origin::Http);
    let first = client.messages().create(&talk).await.unwrap();
    assert_eq!(regions(&first.meta.attempts), [("us-east-1", Some(429)), ("us-west-2", Some(200))]);
    talk = MessageRequest::new("opus", 64).system("Rules.").user("one").turn(&first).user(marked("two"));
    let second = client.messages().create(&talk).await.unwrap();
    assert_eq!(regions(&second.meta.attempts), [("us-west-2", Some(200))]);
    assert!(second.meta.notes.iter().any(|note| note.contains("has the conversation in its cache")));
    // What is busy is left, whatever it has; and other conversations are none of its business.
    world.fail("us-west-2", "ThrottlingException", Origin::Http);
    let third = client.messages().create(&talk).await.unwrap();
    assert_eq!(regions(&third.meta.attempts), [("us-west-2", Some(429)), ("us-east-1", Some(200))]);
    let other = MessageRequest::new("opus", 64).system("Other rules.").user(marked("one"));
    let other = client.messages().create(&other).await.unwrap();
    assert_eq!(regions(&other.meta.attempts), [("us-east-1", Some(200))]);
}

#[tokio::test]
async fn without_a_list_there_is_no_failover() {
    let world = World::of(&["us-east-1", "us-west-2"]);
    let client = world.builder("us-east-1").retry(Retry::none()).build().await.unwrap();
    world.fail("us-east-1", "ThrottlingException", Origin::Http);
    assert!(client.messages().create(&request()).await.unwrap_err().is_throttled());
    assert_eq!(world.asked(), [("us-east-1", 1), ("us-west-2", 0)]);
}
