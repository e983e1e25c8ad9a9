//! What lies in S3 beside a log, bodies and media: by the path that a record names.

use outcrop::bytes::Bytes;
use outcrop::object_store::path::Path;
use outcrop::object_store::{self, ObjectStoreExt as _};
use outcrop::wire::account::logging::S3Path;
use outcrop::{Client, objects};

/// The buckets that records name.
#[derive(Clone)]
pub(super) struct Beside {
    client: Client,
}

impl Beside {
    pub(super) fn new(client: Client) -> Self {
        Beside { client }
    }

    /// What lies at a path.
    pub(super) async fn bytes(&self, at: &S3Path) -> outcrop::Result<Bytes> {
        let store = self.client.objects(&at.bucket)?;
        let got = async { store.get(&key(at)?).await?.bytes().await };
        got.await.map_err(|error| failed(at, &error))
    }

    /// How many bytes it has.
    pub(super) async fn size(&self, at: &S3Path) -> outcrop::Result<u64> {
        let store = self.client.objects(&at.bucket)?;
        let asked = async { store.head(&key(at)?).await };
        asked.await.map(|meta| meta.size).map_err(|error| failed(at, &error))
    }
}

fn key(at: &S3Path) -> object_store::Result<Path> {
    Ok(Path::parse(&at.key)?)
}

fn failed(at: &S3Path, error: &object_store::Error) -> outcrop::Error {
    objects::error(format!("read {at}"), error)
}
