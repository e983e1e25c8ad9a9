//! What is set up in the account outlives the server where it is kept in a folder.

use outcrop_local::{Data, Local};
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Signing, at, left, send};

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
    left(first).await;
    let second = start();
    assert_eq!(call(&second, "GET", "", "us-east-1").await, (200, setting));
    assert_eq!(call(&second, "GET", "", "us-west-2").await, (200, json!({})));
    assert_eq!(call(&second, "DELETE", "", "us-east-1").await, (200, json!({})));
    left(second).await;
    assert_eq!(call(&start(), "GET", "", "us-east-1").await, (200, json!({})));
}

#[test]
fn a_folder_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".account.json"), "{\"regions\": 1}").unwrap();
    let error = Data::open(folder.path()).unwrap_err();
    let (said, hint) = (error.to_string(), error.hint());
    assert!(
        said.contains(".account.json: ") && said.contains("line 1") && hint.contains("move it away"),
        "{said} {hint}"
    );
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Data::open(&file).unwrap_err();
    assert!(error.to_string().contains("file: ") && error.hint().contains("can be read and written"), "{error}");
}

#[test]
fn what_could_not_be_read_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".account.json");
    for damaged in ["", "{\"regions\": {\"us-east-1\"", "\u{0}\u{0}", "{\"regions\": {}, \"of a later version\": 1}"] {
        std::fs::write(&file, damaged).unwrap();
        for _ in 0..2 {
            let error = Data::open(folder.path()).unwrap_err();
            assert!(error.hint().contains("mend the file"), "{damaged:?}: {error}");
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), damaged);
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(Data::open(folder.path()).unwrap_err().to_string().contains(".account.json: "));
}

#[tokio::test]
async fn a_folder_is_one_servers_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    // What a server left that was killed.
    std::fs::write(folder.path().join(".lock"), "4194304000000\n").unwrap();
    let first = Local::builder().clock(|| at(NOW)).data(Data::open(folder.path()).unwrap()).build();
    let error = Data::open(folder.path()).unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with(folder.path().to_str().unwrap()), "{said}");
    assert!(said.contains("another local Bedrock uses this folder"), "{said}");
    assert!(!cfg!(unix) || said.contains(&format!("process {}", std::process::id())), "{said}");
    assert!(error.hint().contains("name another folder"), "{}", error.hint());
    std::fs::create_dir(folder.path().join("logs")).unwrap();
    let setting = json!({"loggingConfig": {"s3Config": {"bucketName": "logs"}}}).to_string();
    assert_eq!(call(&first, "PUT", &setting, "us-east-1").await.0, 200, "the first one goes on");
    left(first).await;
    assert!(Data::open(folder.path()).is_ok());
}
