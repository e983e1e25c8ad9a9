//! Inference profiles of the account's own: made, called, tagged and ended; and what stands behind their ARN.

use std::sync::Arc;

use outcrop::account::{CreatedProfile, ProfileFilter, ProfileRequest, ProfileType, Tag};
use outcrop::failover::Residency;
use outcrop::{Client, Delivery, Geo, Kind, Model, Retry, Scope};
use outcrop_local::Local;

use crate::clients::builder_in;
use crate::scripted::{REGION, Scripted, Step};

const ARN: &str = "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1b2c3d4e5f6";

async fn made(client: &Client, source: &str) -> String {
    let request = ProfileRequest::new("team a", source).description("costs of team a").tag("team", "a");
    let CreatedProfile { inference_profile_arn, .. } = client.models().create_profile(&request).await.unwrap();
    inference_profile_arn
}

#[tokio::test]
async fn a_profile_is_made_of_a_name_listed_tagged_and_ended() {
    let client = builder_in(REGION, &Local::new()).build().await.unwrap();
    let models = client.models();
    let arn = made(&client, "us.opus").await;
    assert!(arn.starts_with("arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/"), "{arn}");
    let profile = models.profile(&*arn).await.unwrap();
    assert_eq!(profile.behind(client.catalogue()), Some((Model::CLAUDE_OPUS_4_6, Scope::Geo(Geo::Us))));
    assert_eq!(models.profile(&*profile.inference_profile_id).await.unwrap(), profile);
    let mut filter = ProfileFilter::default();
    filter.kind = Some(ProfileType::Application);
    assert_eq!(models.profiles_of(filter).all().await.unwrap(), [profile]);
    models.tag(&*arn, [Tag::new("stage", "test")]).await.unwrap();
    models.untag(&*arn, ["team"]).await.unwrap();
    assert_eq!(models.tags(&*arn).await.unwrap(), [Tag::new("stage", "test")]);
    models.delete_profile(&*arn).await.unwrap();
    let error = models.delete_profile(&*arn).await.unwrap_err();
    assert_eq!((error.aws_code(), error.status()), (Some("ResourceNotFoundException"), Some(404)));
    let error = models.create_profile(&ProfileRequest::new("a", "gpt")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    let error = models.create_profile(&ProfileRequest::new("two  blanks", "us.opus")).await.unwrap_err();
    assert!(error.to_string().contains("at 'inferenceProfileName' failed to satisfy constraint"), "{error}");
}

#[tokio::test]
async fn a_call_by_its_arn_is_planned_and_priced_as_one_of_its_model() {
    let local = Local::new();
    let client = builder_in(REGION, &local).build().await.unwrap();
    let arn = made(&client, "us.opus").await;
    let reply = client.message(&*arn).max_tokens(64).temperature(0.5).user("Hello").await.unwrap();
    let target = &reply.meta.target.model;
    assert_eq!((target.id.as_str(), target.model), (arn.as_str(), Some(Model::CLAUDE_OPUS_4_6)));
    assert_eq!(target.scope, Some(Scope::Geo(Geo::Us)));
    let note = format!("model claude-opus-4-6 in scope us: behind {arn}");
    assert!(reply.meta.notes.contains(&note), "{:?}", reply.meta.notes);
    let same = client.message("us.opus").max_tokens(64).temperature(0.5).user("Hello").await.unwrap();
    assert_eq!(client.cost(&reply.usage, &reply.meta), client.cost(&same.usage, &same.meta));
    assert!(client.cost(&reply.usage, &reply.meta).is_some());
    let regional = made(&client, "anthropic.claude-haiku-4-5-20251001-v1:0").await;
    let counted = client.message(&*regional).user("Hello").count_tokens().await.unwrap();
    assert!(counted.input_tokens > 0 && counted.meta.notes.iter().any(|note| note.contains("base id")));
    let stays = builder_in(REGION, &local).residency(Residency::Geo(Geo::Us)).build().await.unwrap();
    assert!(stays.message(&*arn).user("Hello").await.is_ok(), "where it is processed is known");
    let leaves = builder_in(REGION, &local).residency(Residency::Geo(Geo::Eu)).build().await.unwrap();
    assert_eq!(leaves.message(&*arn).user("Hello").await.unwrap_err().kind(), Kind::Invalid);
}

const PROFILE: &str = r#"{"inferenceProfileName":"a","inferenceProfileArn":"x","inferenceProfileId":"a1b2c3d4e5f6","status":"ACTIVE","type":"APPLICATION","models":[{"modelArn":"arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-6-v1"}]}"#;

#[tokio::test]
async fn the_control_plane_is_asked_once_for_all_calls() {
    let server = Scripted::new([Step::json(200, PROFILE), Step::hello(), Step::hello(), Step::hello()]);
    let client = Arc::new(server.builder().look_up_profiles(true).build().await.unwrap());
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(
                async move { client.message(ARN).user("Hello").await.unwrap().meta.target.model.scope.clone() },
            )
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Some(Scope::Global));
    }
    let targets: Vec<String> = server.requests().into_iter().map(|recorded| recorded.target).collect();
    let segment = ARN.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(targets.len(), 4);
    assert_eq!(targets[0], format!("/inference-profiles/{segment}"));
    assert!(targets[1..].iter().all(|target| *target == format!("/model/{segment}/invoke")), "{targets:?}");
}

#[tokio::test]
async fn a_call_goes_out_where_nobody_may_be_asked() {
    let denied = r#"{"message":"User: x is not authorized to perform: bedrock:GetInferenceProfile"}"#;
    let nova = PROFILE.replace("anthropic.claude-opus-4-6-v1", "amazon.nova-lite-v1:0");
    for (answer, why) in [
        (Step::json(403, denied), "bedrock:GetInferenceProfile"),
        (Step::json(200, &nova), "it is of no model of the catalogue"),
        (Step::hang_up(), "nobody told what is behind it"),
    ] {
        let server = Scripted::new([answer, Step::hello(), Step::hello()]);
        let client = server.builder().look_up_profiles(true).retry(Retry::none()).build().await.unwrap();
        let reply = client.message(ARN).user("Hello").await.unwrap();
        assert_eq!(reply.meta.target.model.model, None);
        assert!(reply.meta.notes.iter().any(|note| note.contains(why)), "{why}: {:?}", reply.meta.notes);
        client.message(ARN).user("Hello").await.unwrap();
        assert_eq!(server.requests().len(), 3, "it is not asked again");
    }
}

#[tokio::test]
async fn what_the_caller_says_of_a_profile_is_not_asked() {
    let server = Scripted::new([Step::hello()]);
    let client = server.builder().look_up_profiles(true).profile_model(ARN, Model::CLAUDE_OPUS_4_6.geo(Geo::Us));
    let client = client.build().await.unwrap();
    let reply = client.message(ARN).user("Hello").await.unwrap();
    assert_eq!(reply.meta.target.model.scope, Some(Scope::Geo(Geo::Us)));
    assert_eq!(server.requests().len(), 1);
    let shown = client.message(ARN).user("Hello").dry_run(Delivery::Unary).await.unwrap();
    assert_eq!(shown.plan.target.model.model, Some(Model::CLAUDE_OPUS_4_6));
    for (arn, stands_for) in [("us.opus", "us.opus"), (ARN, "anthropic.claude-nova-9")] {
        let error = server.builder().profile_model(arn, stands_for).build().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Config, "{error}");
    }
}
