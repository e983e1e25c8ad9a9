//! The checksums that a client sends of its body: in headers, or in trailers after it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc, Digest, Table};
use http::HeaderMap;
use md5::Md5;
use outcrop_wire::fault::Fault;
use sha2::{Digest as _, Sha256};

use super::refusal::refusal;

static CRC32: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_NVME);

/// A sum that grows with the body.
enum Sum {
    Crc32(Digest<'static, u32, Table<16>>),
    Crc32c(Digest<'static, u32, Table<16>>),
    Crc64(Digest<'static, u64, Table<16>>),
    Sha256(Sha256),
}

/// A header of S3's, and how to begin its sum. SHA-1 is taken unseen.
type Row = (&'static str, fn() -> Sum);

const ROWS: [Row; 4] = [
    ("x-amz-checksum-crc32", || Sum::Crc32(CRC32.digest())),
    ("x-amz-checksum-crc32c", || Sum::Crc32c(CRC32C.digest())),
    ("x-amz-checksum-crc64nvme", || Sum::Crc64(CRC64.digest())),
    ("x-amz-checksum-sha256", || Sum::Sha256(Sha256::new())),
];

/// The sums of a body: its MD5, which names the object, and those that the client sends.
pub(super) struct Checksums {
    md5: Md5,
    md5_said: Option<String>,
    /// The header, what it said if it came already, and the sum.
    sums: Vec<(&'static str, Option<String>, Sum)>,
}

/// What is known of a body that was received to its end.
pub(super) struct Digests {
    pub(super) md5: [u8; 16],
    /// The checksums that the answer repeats, as headers.
    pub(super) repeated: Vec<(&'static str, String)>,
}

impl Checksums {
    /// Those that headers send or announce.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let announced = text("x-amz-trailer").unwrap_or_default().to_ascii_lowercase();
        let rows = ROWS.iter().filter_map(|(name, begin)| {
            let said = text(name).map(str::to_owned);
            let wanted = said.is_some() || announced.split(',').any(|announced| announced.trim() == *name);
            wanted.then(|| (*name, said, begin()))
        });
        Checksums { md5: Md5::new(), md5_said: text("content-md5").map(str::to_owned), sums: rows.collect() }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        self.md5.update(data);
        for (_, _, sum) in &mut self.sums {
            match sum {
                Sum::Crc32(digest) | Sum::Crc32c(digest) => digest.update(data),
                Sum::Crc64(digest) => digest.update(data),
                Sum::Sha256(digest) => digest.update(data),
            }
        }
    }

    /// A trailer said something; others than those that were announced say nothing here.
    pub(super) fn trailer(&mut self, name: &str, value: &str) {
        if let Some((_, said, _)) = self.sums.iter_mut().find(|(known, ..)| *known == name) {
            *said = Some(value.to_owned());
        }
    }

    /// What is known of the body.
    ///
    /// # Errors
    /// When what the client said is not so.
    pub(super) fn finish(self) -> Result<Digests, Fault> {
        let md5: [u8; 16] = self.md5.finalize().into();
        if let Some(said) = self.md5_said {
            let said = STANDARD.decode(&said).ok().filter(|said| said.len() == md5.len());
            let said =
                said.ok_or_else(|| refusal("InvalidDigest", 400, "The Content-MD5 you specified was invalid."))?;
            if said != md5 {
                return Err(refusal("BadDigest", 400, "The Content-MD5 you specified did not match what we received."));
            }
        }
        let mut repeated = Vec::new();
        for (name, said, sum) in self.sums {
            let sum = match sum {
                Sum::Crc32(digest) | Sum::Crc32c(digest) => STANDARD.encode(digest.finalize().to_be_bytes()),
                Sum::Crc64(digest) => STANDARD.encode(digest.finalize().to_be_bytes()),
                Sum::Sha256(digest) => STANDARD.encode(digest.finalize()),
            };
            if said.is_some_and(|said| said != sum) {
                let algorithm = name.rsplit('-').next().unwrap_or_default().to_ascii_uppercase();
                let words = format!("The {algorithm} you specified did not match the calculated checksum.");
                return Err(refusal("BadDigest", 400, words));
            }
            repeated.push((name, sum));
        }
        Ok(Digests { md5, repeated })
    }
}
