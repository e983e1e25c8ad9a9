//! Scopes: which profile a name stands for, what is refused before it is sent, what is sent as it is, and what it cost.

use outcrop::wire::messages::Usage;
use outcrop::{CallOptions, Client, DefaultScope, Delivery, Geo, Kind, MessageRequest, Model, ModelId, Scope};

use crate::scripted::{Scripted, Step};

async fn client_in(region: &str) -> (Scripted, Client) {
    let server = Scripted::new([]);
    let client = server.builder().region(region).build().await.unwrap();
    (server, client)
}

/// The path of a call from a region, and its notes; or why there is none and what helps.
async fn called(
    region: &str,
    model: impl Into<ModelId>,
    scope: Option<DefaultScope>,
) -> Result<Call, (String, String)> {
    let (_server, client) = client_in(region).await;
    let mut options = CallOptions::new();
    options.scope = scope;
    let request = MessageRequest::new(model, 16).user("Hello");
    match client.messages().with(options).dry_run(&request, Delivery::Unary).await {
        Ok(shown) => {
            let path = shown.url.split_once("/model/").unwrap().1;
            let notes = shown.plan.reasons().map(str::to_owned).collect();
            Ok(Call { id: path.trim_end_matches("/invoke").replace("%3A", ":"), notes })
        }
        Err(error) => {
            assert_eq!((error.kind(), error.attempts().len()), (Kind::Invalid, 0), "{error}");
            let text = error.to_string();
            let (_, why) = text.split_once(".amazonaws.com: ").unwrap_or_else(|| panic!("{text}"));
            Err((why.to_owned(), error.hint().unwrap_or_default().to_owned()))
        }
    }
}

#[derive(Debug)]
struct Call {
    id: String,
    notes: Vec<String>,
}

#[tokio::test]
async fn a_scope_that_was_chosen_and_is_none_of_the_model_s_is_refused_with_those_that_are() {
    let opus = "anthropic.claude-opus-4-5-20251101-v1:0";
    let choices: [(ModelId, Option<DefaultScope>); 4] = [
        (Model::CLAUDE_OPUS_4_5.geo(Geo::Jp), None),
        ("jp.claude-opus-4-5".into(), None),
        ("claude-opus-4-5".into(), Some(Scope::Geo(Geo::Jp).into())),
        (Model::CLAUDE_OPUS_4_5.into(), Some(Scope::Geo(Geo::Jp).into())),
    ];
    for (model, scope) in choices {
        let (why, hint) = called("us-west-2", model.clone(), scope).await.unwrap_err();
        assert_eq!(why, "claude-opus-4-5 has no inference profile of scope jp", "{model}");
        let expected =
            format!("from us-west-2 call `global.{opus}` or `us.{opus}`; an id that is given whole is sent as it is");
        assert_eq!(hint, expected, "{model}");
    }
}

#[tokio::test]
async fn a_scope_that_the_region_does_not_have_is_refused_with_those_it_has() {
    for (region, model, why, hint) in [
        (
            "us-west-2",
            Model::CLAUDE_SONNET_4_6.geo(Geo::Jp),
            "the inference profile of claude-sonnet-4-6 in scope jp cannot be called from us-west-2",
            "from us-west-2 call `global.anthropic.claude-sonnet-4-6` or `us.anthropic.claude-sonnet-4-6`; an id that is \
             given whole is sent as it is",
        ),
        (
            "eu-west-2",
            "us.opus".into(),
            "the inference profile of claude-opus-4-6 in scope us cannot be called from eu-west-2",
            "from eu-west-2 call `global.anthropic.claude-opus-4-6-v1`, `eu.anthropic.claude-opus-4-6-v1` or \
             `anthropic.claude-opus-4-6-v1`; an id that is given whole is sent as it is",
        ),
        (
            "us-gov-west-1",
            "claude-opus-4-1".into(),
            "the inference profile of claude-opus-4-1 in scope us cannot be called from us-gov-west-1",
            "none can be called from us-gov-west-1; elsewhere there is `us.anthropic.claude-opus-4-1-20250805-v1:0`; an \
             id that is given whole is sent as it is",
        ),
    ] {
        assert_eq!(called(region, model, None).await.unwrap_err(), (why.to_owned(), hint.to_owned()));
    }
}

#[tokio::test]
async fn an_id_that_is_given_whole_is_sent_as_it_is_and_what_is_known_is_noted() {
    for (id, note) in [
        (
            "jp.anthropic.claude-opus-4-5-20251101-v1:0",
            Some("sent as it is, though as far as is known claude-opus-4-5 has no inference profile of scope jp"),
        ),
        (
            "eu.anthropic.claude-opus-4-6-v1",
            Some(
                "sent as it is, though as far as is known the inference profile of claude-opus-4-6 in scope eu cannot be \
                 called from us-west-2",
            ),
        ),
        (
            "anthropic.claude-opus-4-6-v1",
            Some(
                "sent as it is, though as far as is known claude-opus-4-6 has no regional endpoint in us-west-2: from \
                 us-west-2 call `global.anthropic.claude-opus-4-6-v1` or `us.anthropic.claude-opus-4-6-v1`",
            ),
        ),
        ("anthropic.claude-opus-4-8", None),
        ("us.anthropic.claude-opus-4-6-v1", None),
    ] {
        let call = called("us-west-2", id, Some(Scope::Geo(Geo::Us).into())).await.unwrap();
        let notes: Vec<&str> = call.notes.iter().filter_map(|text| text.strip_prefix(&format!("{id}: "))).collect();
        assert_eq!((call.id.as_str(), notes), (id, note.into_iter().collect()));
    }
    // AWS opens regions: nothing is known of this one.
    assert_eq!(called("us-north-7", "us.opus", None).await.unwrap().id, "us.anthropic.claude-opus-4-6-v1");
}

#[tokio::test]
async fn a_regional_model_goes_by_its_base_id() {
    for (region, model, scope) in [
        ("eu-west-2", Model::CLAUDE_SONNET_4_6.regional(), None),
        ("us-east-1", Model::CLAUDE_SONNET_4_6.regional(), None),
        ("us-east-1", "sonnet".into(), Some(DefaultScope::Only(Scope::Regional))),
    ] {
        let call = called(region, model, scope).await.unwrap();
        assert_eq!(call.id, "anthropic.claude-sonnet-4-6");
        let warned = call.notes.iter().any(|note| note.contains("no regional endpoint in"));
        assert_eq!(warned, region == "us-east-1", "{:?}", call.notes);
    }
}

#[tokio::test]
async fn what_is_nearest_says_the_scope() {
    let server = Scripted::new([]);
    let client = server.builder().region("eu-west-1").scope(Scope::Geo(Geo::Eu)).build().await.unwrap();
    let id = async |model: ModelId, options: CallOptions| {
        let request = MessageRequest::new(model, 16).user("Hello");
        let shown = client.messages().with(options).dry_run(&request, Delivery::Unary).await.unwrap();
        shown.plan.target.model.id.to_string()
    };
    let none = CallOptions::new;
    assert_eq!(id("sonnet".into(), none()).await, "eu.anthropic.claude-sonnet-4-6");
    assert_eq!(id(Model::CLAUDE_SONNET_4_6.into(), none()).await, "eu.anthropic.claude-sonnet-4-6");
    assert_eq!(id("sonnet".into(), none().scope(Scope::Global)).await, "global.anthropic.claude-sonnet-4-6");
    assert_eq!(id("global.sonnet".into(), none()).await, "global.anthropic.claude-sonnet-4-6");
    assert_eq!(id(Model::CLAUDE_SONNET_4_6.global(), none()).await, "global.anthropic.claude-sonnet-4-6");
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3d4e5f6";
    assert_eq!(id(arn.into(), none()).await, arn);
    let shown = client.message("sonnet").user("Hello").scope(Scope::Global).dry_run(Delivery::Unary).await.unwrap();
    assert_eq!(shown.plan.target.model.scope, Some(Scope::Global));
}

#[tokio::test]
async fn without_a_scope_a_name_is_asked_for_in_the_widest_that_the_region_has() {
    for (region, model, id) in [
        ("us-west-2", "opus", "global.anthropic.claude-opus-4-6-v1"),
        ("us-gov-east-1", "claude-opus-4-8", "us-gov.anthropic.claude-opus-4-8"),
        ("us-west-1", "claude-sonnet-4", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
    ] {
        assert_eq!(called(region, model, None).await.unwrap().id, id);
    }
}

#[tokio::test]
async fn the_geography_is_that_of_the_region() {
    let geography = || Some(DefaultScope::Geography);
    for (region, id) in [
        ("us-east-2", "us.anthropic.claude-sonnet-4-6"),
        ("eu-west-2", "eu.anthropic.claude-sonnet-4-6"),
        ("ap-northeast-3", "jp.anthropic.claude-sonnet-4-6"),
        ("ap-southeast-6", "au.anthropic.claude-sonnet-4-6"),
    ] {
        assert_eq!(called(region, "sonnet", geography()).await.unwrap().id, id);
    }
    let (why, hint) = called("sa-east-1", "sonnet", geography()).await.unwrap_err();
    assert_eq!(why, "claude-sonnet-4-6 has no inference profile of the geography of sa-east-1");
    assert!(hint.starts_with("from sa-east-1 call `global.anthropic.claude-sonnet-4-6`;"), "{hint}");
    let server = Scripted::new([]);
    let nowhere = server.builder().region("").bearer_token("key").endpoint_url("https://gateway.example");
    let nowhere = nowhere.scope(DefaultScope::Geography).build().await.unwrap();
    let error = nowhere.message("sonnet").user("Hello").await.unwrap_err();
    assert!(error.kind() == Kind::Invalid && error.to_string().contains("no region is known"), "{error}");
}

#[tokio::test]
async fn a_refusal_says_by_which_id_to_call() {
    let on_demand = "Invocation of model ID anthropic.claude-sonnet-4-5-20250929-v1:0 with on-demand throughput \
                     isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains \
                     this model.";
    let invalid = "The provided model identifier is invalid.";
    let arn = "arn:aws:bedrock:ap-northeast-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0";
    let from_there = "from ap-northeast-1 call `global.anthropic.claude-sonnet-4-5-20250929-v1:0` or \
                      `jp.anthropic.claude-sonnet-4-5-20250929-v1:0`";
    for (id, message, hint) in [
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            on_demand,
            format!("claude-sonnet-4-5 is served through inference profiles: {from_there}"),
        ),
        (arn, on_demand, format!("claude-sonnet-4-5 is served through inference profiles: {from_there}")),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            invalid,
            format!(
                "the inference profile of claude-sonnet-4-5 in scope us cannot be called from ap-northeast-1: {from_there}"
            ),
        ),
        (
            "apac.anthropic.claude-sonnet-4-5-20250929-v1:0",
            invalid,
            format!("claude-sonnet-4-5 has no inference profile of scope apac: {from_there}"),
        ),
        // What fits as far as is known gets the hint that always fits.
        (
            "jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
            invalid,
            "check the model id and that the region offers it".to_owned(),
        ),
    ] {
        let body = serde_json::json!({ "message": message }).to_string();
        let server = Scripted::new([Step::json(400, &body).header("x-amzn-errortype", "ValidationException")]);
        let client = server.builder().region("ap-northeast-1").build().await.unwrap();
        let error = client.message(id).user("Hello").await.unwrap_err();
        assert_eq!((error.service_message(), error.hint()), (Some(message), Some(hint.as_str())), "{id}");
    }
}

#[tokio::test]
async fn tokens_are_counted_by_the_base_id_whatever_scope_is_named() {
    let (_server, client) = client_in("us-west-2").await;
    for model in ["jp.opus", "opus", "eu.anthropic.claude-opus-4-6-v1"] {
        let shown =
            client.message(model).user("Hello").scope(Scope::Geo(Geo::Jp)).dry_run(Delivery::Count).await.unwrap();
        assert!(shown.url.ends_with("/model/anthropic.claude-opus-4-6-v1/count-tokens"), "{}", shown.url);
    }
}

#[tokio::test]
async fn a_reply_knows_who_answered_and_what_it_cost() {
    // 8 tokens in, 2 out: Opus 4.6 takes 5 and 25 dollars a million, and a tenth more outside the global scope.
    for (model, scope, cost) in [
        ("opus", Scope::Global, "$0.000090"),
        ("us.opus", Scope::Geo(Geo::Us), "$0.000099"),
        ("us.anthropic.claude-opus-4-6-v1", Scope::Geo(Geo::Us), "$0.000099"),
        ("anthropic.claude-opus-4-6-v1", Scope::Regional, "$0.000099"),
    ] {
        let server = Scripted::new([Step::hello(), Step::stream(crate::scripted::frames(&crate::scripted::HELLO))]);
        let client = server.client().await;
        let reply = client.message(model).user("Hello").await.unwrap();
        let streamed = client.message(model).user("Hello").stream().await.unwrap().finish().await.unwrap();
        for reply in [reply, streamed] {
            let target = &reply.meta.target;
            assert_eq!((target.model.scope.as_ref(), target.region.as_deref()), (Some(&scope), Some("us-west-2")));
            assert_eq!(target.model.id, Model::CLAUDE_OPUS_4_6.id(&scope));
            assert_eq!(client.cost(&reply.usage, &reply.meta).map(|cost| cost.to_string()).as_deref(), Some(cost));
        }
    }
    let server = Scripted::new([Step::hello()]);
    let client = server.client().await;
    let unknown = client.message("us.anthropic.claude-nova-9").user("Hello").await.unwrap();
    assert_eq!(client.cost(&Usage::default(), &unknown.meta), None);
}
