//! What is set up in the account outlives the server where it is kept in a folder.

use outcrop_local::{Data, Local};
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Signing, at, send};

const LOGGING: &str = "/logging/modelinvocations";

async fn call(local: &Local, method: &str, body: &str, region: &str) -> (u16, Value) {
    let mut request = Request::post(LOGGING, body);
    request.method = method.to_owned();
    let response = send(local, &request.signed(&Signing { region, ..Signing::default() })).await;
    (response.status, response.json())
}

#[tokio::test]
async fn a_setting_of_a_region_is_there_after_a_restart_and_gone_when_it_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("account");
    let start = || Local::builder().clock(|| at(NOW)).data(Data::open(&data).unwrap()).build();
    let setting = json!({"loggingConfig": {"s3Config": {"bucketName": "logs", "keyPrefix": "p"}, "audioNew": [1.50]}});
    std::fs::create_dir_all(data.join("logs")).unwrap();
    let first = start();
    assert_eq!(call(&first, "GET", "", "us-east-1").await, (200, json!({})));
    assert_eq!(call(&first, "PUT", &setting.to_string(), "us-east-1").await, (200, json!({})));
    let (status, refusal) = call(&first, "PUT", "[", "us-east-1").await;
    assert_eq!(status, 400, "{refusal}");
    drop(first);
    let second = start();
    assert_eq!(call(&second, "GET", "", "us-east-1").await, (200, setting));
    assert_eq!(call(&second, "GET", "", "us-west-2").await, (200, json!({})));
    assert_eq!(call(&second, "DELETE", "", "us-east-1").await, (200, json!({})));
    drop(second);
    assert_eq!(call(&start(), "GET", "", "us-east-1").await, (200, json!({})));
}

#[test]
fn a_folder_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".account.json"), "{\"regions\": 1}").unwrap();
    let error = Data::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains(".account.json: ") && error.contains("line 1"), "{error}");
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(Data::open(&file).unwrap_err().to_string().contains("file: "));
}
