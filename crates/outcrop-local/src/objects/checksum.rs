//! The checksum that a client sends of its body, in a header or in a trailer after it, or of an object of many parts.
//!
//! Source: botocore service model s3 2006-03-01 (`ChecksumAlgorithm`); the refusals are those of the functional tests of
//! OpenStack Swift (`test/s3api`), which are run against AWS as well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc, Digest, Table};
use http::HeaderMap;
use md5::Md5;
use outcrop_wire::fault::Fault;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::refusal::{absent, refusal};

static CRC32: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_NVME);

/// How the headers begin.
const BEGIN: &str = "x-amz-checksum-";

/// Headers that begin so and hold no checksum.
const OTHERS: [&str; 3] = ["x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"];

/// What names the algorithm of the checksum that comes.
const ALGORITHM: &str = "x-amz-sdk-checksum-algorithm";

/// A sum that grows with the body.
enum Sum {
    Crc32(Digest<'static, u32, Table<16>>),
    Crc64(Digest<'static, u64, Table<16>>),
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

/// A header of S3's, how many bytes its checksum has, and how to begin it.
struct Row {
    name: &'static str,
    length: usize,
    begin: fn() -> Sum,
}

#[rustfmt::skip]
static ROWS: [Row; 7] = [
    Row { name: "x-amz-checksum-crc32",     length: 4,  begin: || Sum::Crc32(CRC32.digest()) },
    Row { name: "x-amz-checksum-crc32c",    length: 4,  begin: || Sum::Crc32(CRC32C.digest()) },
    Row { name: "x-amz-checksum-crc64nvme", length: 8,  begin: || Sum::Crc64(CRC64.digest()) },
    Row { name: "x-amz-checksum-md5",       length: 16, begin: || Sum::Md5(Md5::new()) },
    Row { name: "x-amz-checksum-sha1",      length: 20, begin: || Sum::Sha1(Sha1::new()) },
    Row { name: "x-amz-checksum-sha256",    length: 32, begin: || Sum::Sha256(Sha256::new()) },
    Row { name: "x-amz-checksum-sha512",    length: 64, begin: || Sum::Sha512(Sha512::new()) },
];

/// The checksum that a client says, or announces, and what is received.
pub(super) struct Checksum {
    row: &'static Row,
    said: Option<String>,
    in_trailer: bool,
    sum: Sum,
}

/// The sums of a body: its MD5, which names the object, and that which the client sends.
pub(super) struct Checksums {
    md5: Md5,
    md5_said: Option<String>,
    checksum: Option<Checksum>,
}

/// A checksum that was found to be right: the header, and its value.
pub(super) type Verified = (&'static str, String);

/// What is known of a body that was received to its end.
pub(super) struct Digests {
    pub(super) md5: [u8; 16],
    /// The answer repeats it.
    pub(super) checksum: Option<Verified>,
}

impl Checksums {
    /// Those that headers send or announce of the body.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Fault> {
        let md5_said = text(headers, "content-md5").map(str::to_owned);
        Ok(Checksums { md5: Md5::new(), md5_said, checksum: Checksum::of(headers)? })
    }

    /// Those of a body whose headers speak of something else: nothing is expected of it.
    pub(super) fn of_other() -> Self {
        Checksums { md5: Md5::new(), md5_said: None, checksum: None }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        self.md5.update(data);
        if let Some(checksum) = &mut self.checksum {
            checksum.update(data);
        }
    }

    /// A trailer said something; others than that which was announced say nothing here.
    pub(super) fn trailer(&mut self, name: &str, value: &str) {
        if let Some(checksum) = self.checksum.as_mut().filter(|checksum| checksum.row.name == name) {
            checksum.said = Some(value.trim().to_owned());
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
        Ok(Digests { md5, checksum: self.checksum.map(Checksum::verified).transpose()? })
    }
}

impl Checksum {
    /// That which headers say or announce.
    ///
    /// # Errors
    /// When they say more than one, or one that is none.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, Fault> {
        let said = headers.keys().map(|name| name.as_str());
        let said = said.filter(|name| name.starts_with(BEGIN) && !OTHERS.contains(name)).map(|name| (name, false));
        let announced = text(headers, "x-amz-trailer").unwrap_or_default().to_ascii_lowercase();
        let announced = announced.split(',').map(str::trim).filter(|name| name.starts_with(BEGIN));
        let mut named = said.chain(announced.map(|name| (name, true)));
        let (first, second) = (named.next(), named.next());
        if second.is_some() {
            let words = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
            return Err(refusal("InvalidRequest", 400, words));
        }
        let checksum = first.map(|(name, in_trailer)| {
            let row = ROWS.iter().find(|row| row.name == name);
            let row = row.ok_or_else(|| absent(&format!("outcrop local cannot verify {name}")))?;
            let said = text(headers, name).map(str::to_owned);
            Ok(Checksum { row, said, in_trailer, sum: (row.begin)() })
        });
        let checksum = checksum.transpose()?;
        match (text(headers, ALGORITHM), &checksum) {
            (Some(_), None) => Err(refusal(
                "InvalidRequest",
                400,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers \
                 were found.",
            )),
            (Some(algorithm), Some(checksum)) if !algorithm.eq_ignore_ascii_case(checksum.algorithm()) => {
                Err(refusal("InvalidRequest", 400, format!("Value for {ALGORITHM} header is invalid.")))
            }
            _ => Ok(checksum),
        }
    }

    /// Of how many parts it is that of their checksums, if it is one of those: `base64-3`.
    pub(super) fn parts(&self) -> Option<&str> {
        self.said.as_deref()?.split_once('-').map(|(_, parts)| parts)
    }

    /// The header.
    pub(super) fn name(&self) -> &'static str {
        self.row.name
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        match &mut self.sum {
            Sum::Crc32(sum) => sum.update(data),
            Sum::Crc64(sum) => sum.update(data),
            Sum::Md5(sum) => sum.update(data),
            Sum::Sha1(sum) => sum.update(data),
            Sum::Sha256(sum) => sum.update(data),
            Sum::Sha512(sum) => sum.update(data),
        }
    }

    /// The same, where what was said is so.
    pub(super) fn verified(self) -> Result<Verified, Fault> {
        let (name, bad) = (self.row.name, self.bad());
        let Some(said) = self.said.as_deref() else {
            let words = "The request contained trailing data that was not well-formed or did not conform to our \
                         published schema.";
            return Err(refusal("MalformedTrailerError", 400, words));
        };
        let bare = said.split_once('-').map_or(said, |(sum, _)| sum);
        if STANDARD.decode(bare).map_or(0, |said| said.len()) != self.row.length {
            let place = if self.in_trailer { "trailing header" } else { "header" };
            return Err(refusal("InvalidRequest", 400, format!("Value for {name} {place} is invalid.")));
        }
        let sum = match self.sum {
            Sum::Crc32(sum) => STANDARD.encode(sum.finalize().to_be_bytes()),
            Sum::Crc64(sum) => STANDARD.encode(sum.finalize().to_be_bytes()),
            Sum::Md5(sum) => STANDARD.encode(sum.finalize()),
            Sum::Sha1(sum) => STANDARD.encode(sum.finalize()),
            Sum::Sha256(sum) => STANDARD.encode(sum.finalize()),
            Sum::Sha512(sum) => STANDARD.encode(sum.finalize()),
        };
        match bare == sum {
            true => Ok((name, said.to_owned())),
            false => Err(bad),
        }
    }

    /// That it is not what was said.
    pub(super) fn bad(&self) -> Fault {
        let algorithm = self.algorithm().to_ascii_uppercase();
        refusal("BadDigest", 400, format!("The {algorithm} you specified did not match the calculated checksum."))
    }

    /// `sha1`
    fn algorithm(&self) -> &'static str {
        self.row.name.trim_start_matches(BEGIN)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}
