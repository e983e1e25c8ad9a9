//! Batch jobs: requests collected and written, results read and joined, in stores of memory and in folders.

mod local;
mod records;
mod results;
mod samples;

use outcrop::Client;
use outcrop_local::Local;

use crate::clients::client_in;

pub(crate) async fn client() -> Client {
    client_of(&Local::new()).await
}

pub(crate) async fn client_of(local: &Local) -> Client {
    client_in("us-east-1", local).await
}
