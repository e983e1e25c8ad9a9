//! Batch jobs: requests collected and written, results read and joined, in stores of memory and in folders.

mod local;
mod records;
mod results;

use outcrop::{Client, Retry, Surroundings};
use outcrop_local::{Account, Local};

pub(crate) async fn client() -> Client {
    client_of(Local::new()).await
}

pub(crate) async fn client_of(local: Local) -> Client {
    Client::builder()
        .surroundings(Surroundings::made_up([], []))
        .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
        .region("us-east-1")
        .retry(Retry::none())
        .connector(move |_| std::future::ready(Ok(local.connect())))
        .build()
        .await
        .unwrap()
}
