//! Buckets: where they are and what is set up for them, and the objects in them, against the local Bedrock.

#[cfg(feature = "objects")]
use std::sync::Arc;

use outcrop::account::LifecycleRule;
use outcrop::{Client, Kind};
use outcrop_local::{Account, Local};

use crate::clients::{below, client_at, client_in};

const REGION: &str = "eu-west-1";

#[tokio::test]
async fn what_is_set_up_for_a_bucket_is_told() {
    let local = Local::new();
    let client = client_in(REGION, &local).await;
    let buckets = client.buckets();
    buckets.create("logs.of-mine").await.unwrap();
    buckets.create("my-logs").await.unwrap();
    assert_eq!(buckets.policy("my-logs").await.unwrap(), None);
    assert_eq!(buckets.lifecycle("my-logs").await.unwrap(), []);
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    for name in ["my-logs", "logs.of-mine"] {
        buckets.put_policy(name, policy).await.unwrap();
        assert_eq!(buckets.policy(name).await.unwrap().as_deref(), Some(policy));
    }
    let rules = [LifecycleRule::expiring("AWSLogs/", 30)];
    buckets.put_lifecycle("my-logs", &rules).await.unwrap();
    assert_eq!(buckets.lifecycle("my-logs").await.unwrap(), rules);
    let error = buckets.put_policy("my-logs", "nonsense").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Service, Some(400)));
}

#[tokio::test]
async fn a_bucket_elsewhere_says_where_it_is() {
    let local = Local::new();
    let client = client_in(REGION, &local).await;
    client.buckets().in_region("us-west-2").create("far-away").await.unwrap();
    assert_eq!(client.buckets().region("far-away").await.unwrap(), "us-west-2");
    let error = client.buckets().policy("far-away").await.unwrap_err();
    assert!(error.hint().unwrap().contains("is in us-west-2 and eu-west-1 was asked"), "{error:#?}");
    let error = client.buckets().policy("nowhere").await.unwrap_err();
    assert!(error.hint().unwrap().starts_with("there is no bucket nowhere"), "{error:#?}");
    let error = client.buckets().policy("No_Name").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
}

#[tokio::test]
async fn s3_takes_no_bedrock_api_key() {
    let client =
        below(&Local::new(), REGION, Client::builder().bearer_token(Account::BEARER_TOKEN)).build().await.unwrap();
    let error = client.buckets().policy("my-logs").await.unwrap_err();
    assert!(error.kind() == Kind::Config && error.to_string().contains("takes no Bedrock API key"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("AWS keys")));
}

#[tokio::test]
async fn an_endpoint_of_ones_own_has_the_bucket_in_its_path() {
    let server = Local::start().await.unwrap();
    let client = client_at("us-east-1", &server).await;
    client.buckets().create("my-bucket").await.unwrap();
    assert_eq!(client.buckets().region("my-bucket").await.unwrap(), "us-east-1");
    // There a bucket elsewhere is told by another code.
    client.buckets().in_region("eu-west-1").create("far-away").await.unwrap();
    assert_eq!(client.buckets().region("far-away").await.unwrap(), "eu-west-1");
}

#[cfg(feature = "objects")]
mod stores {
    use outcrop::object_store::path::Path;
    use outcrop::object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};
    use outcrop::{bytes::Bytes, object_store, objects};

    use super::*;

    async fn store() -> Arc<dyn ObjectStore> {
        let client = client_in(REGION, &Local::new()).await;
        client.buckets().create("my-bucket").await.unwrap();
        client.objects("my-bucket").unwrap()
    }

    #[tokio::test]
    async fn objects_are_put_got_listed_and_removed() {
        let store = store().await;
        let path = Path::from("a b/c+d%é~.txt");
        store.put(&path, PutPayload::from_static(b"hello")).await.unwrap();
        assert_eq!(store.get(&path).await.unwrap().bytes().await.unwrap(), Bytes::from_static(b"hello"));
        let range = GetOptions { range: Some(GetRange::Suffix(2)), ..GetOptions::default() };
        assert_eq!(store.get_opts(&path, range).await.unwrap().bytes().await.unwrap(), Bytes::from_static(b"lo"));
        let meta = store.head(&path).await.unwrap();
        assert_eq!((meta.size, &meta.location), (5, &path));
        let again = store.put_opts(&path, PutPayload::new(), PutMode::Create.into()).await.unwrap_err();
        assert!(matches!(again, object_store::Error::AlreadyExists { .. }), "{again}");
        let listed = store.list_with_delimiter(None).await.unwrap();
        assert_eq!((listed.objects.len(), listed.common_prefixes), (0, vec![Path::from("a b")]));
        let listed = store.list_with_delimiter(Some(&Path::from("a b"))).await.unwrap();
        assert_eq!(listed.objects[0].location, path);
        let copy = Path::from("copy");
        store.copy(&path, &copy).await.unwrap();
        for path in [path, copy] {
            store.delete(&path).await.unwrap();
            let error = store.get(&path).await.unwrap_err();
            assert!(matches!(error, object_store::Error::NotFound { .. }), "{error}");
            let error = objects::error("read it", &error);
            assert_eq!((error.status(), error.kind()), (Some(404), Kind::Service));
        }
    }

    #[tokio::test]
    async fn large_objects_go_up_in_parts() {
        let store = store().await;
        let path = Path::from("large");
        let mut upload = store.put_multipart(&path).await.unwrap();
        let part = vec![b'x'; 5 * 1024 * 1024];
        upload.put_part(part.clone().into()).await.unwrap();
        upload.put_part(PutPayload::from_iter([Bytes::from_static(b"y"), Bytes::from_static(b"z")])).await.unwrap();
        upload.complete().await.unwrap();
        let got = store.get(&path).await.unwrap().bytes().await.unwrap();
        assert!(got.len() == part.len() + 2 && got.ends_with(b"xyz"));
    }

    #[tokio::test]
    async fn refusals_are_errors_with_hints() {
        let local = Local::new();
        let client = client_in(REGION, &local).await;
        let path = Path::from("k");
        let told = |error: object_store::Error| objects::error("read s3://bucket/k", &error);
        let error = told(client.objects("nowhere").unwrap().get(&path).await.unwrap_err());
        assert!(error.to_string().starts_with("cannot read s3://bucket/k: NoSuchBucket (404)"), "{error}");
        client.buckets().in_region("us-west-2").create("far-away").await.unwrap();
        let error = told(client.objects("far-away").unwrap().get(&path).await.unwrap_err());
        assert!(error.hint().unwrap().contains("is in us-west-2"), "{error:#?}");
        let store = client.objects_in("us-west-2", "far-away").unwrap();
        store.put(&path, PutPayload::from_static(b"x")).await.unwrap();
        let wrong =
            below(&local, REGION, Client::builder().access_key(Account::ACCESS_KEY_ID, "wrong")).build().await.unwrap();
        let error = told(wrong.objects_in("us-west-2", "far-away").unwrap().get(&path).await.unwrap_err());
        assert_eq!((error.status(), error.kind()), (Some(403), Kind::Service));
        assert!(error.hint().unwrap().contains("secret access key"), "{error:#?}");
        let bearer =
            below(&local, REGION, Client::builder().bearer_token(Account::BEARER_TOKEN)).build().await.unwrap();
        assert_eq!(bearer.objects("my-bucket").map(|_| ()).unwrap_err().kind(), Kind::Config);
    }
}
