//! The body of a request, piece by piece: out of its chunks, with every hash and signature that was sent of it checked.

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http_body::Body;
use outcrop_wire::account::bucket::{Chunked, Piece};
use outcrop_wire::fault::Fault;
use outcrop_wire::sigv4::{chunk_signature, trailer_signature};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::access::{Chain, Payload};
use super::checksum::{Checksums, Digests};
use super::refusal::refusal;
use super::write::Writer;
use crate::upload::Upload;

/// The longest document that is read whole: a thousand keys to remove, or ten thousand parts.
const LONGEST_DOCUMENT: usize = 4 * 1024 * 1024;

/// The trailer that signs the others.
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// A body that is being received.
pub(super) struct Received<'a, B>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    upload: &'a mut Upload<B>,
    /// What came and was not handed out.
    pending: Bytes,
    reading: Reading,
    sums: Checksums,
    /// How long the body is, where that was said.
    announced: Option<u64>,
    count: u64,
}

/// How the body is read.
enum Reading {
    Plain,
    Hashed { expected: String, hash: Sha256 },
    Chunks { reader: Chunked, chain: Option<Box<(Chain, Sha256)>>, trailers: String },
    Over,
}

impl<'a, B> Received<'a, B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// `sums` are those that the head says of the body.
    pub(super) fn new(
        upload: &'a mut Upload<B>,
        head: &Parts,
        payload: Payload,
        sums: Checksums,
    ) -> Result<Self, Fault> {
        let number = |name: &str| head.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let (reading, announced) = match payload {
            Payload::Unsigned => (Reading::Plain, number("content-length")),
            Payload::Hash(expected) => (Reading::Hashed { expected, hash: Sha256::new() }, number("content-length")),
            Payload::Chunks(chain) => {
                let Some(length) = number("x-amz-decoded-content-length") else {
                    let words = "You must provide the Content-Length HTTP header.";
                    return Err(refusal("MissingContentLength", 411, words));
                };
                let chain = chain.map(|chain| Box::new((*chain, Sha256::new())));
                (Reading::Chunks { reader: Chunked::new(), chain, trailers: String::new() }, Some(length))
            }
        };
        Ok(Received { upload, pending: Bytes::new(), reading, sums, announced, count: 0 })
    }

    /// The next piece of the data; `None` at its end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            if let Some(data) = self.piece()? {
                self.count += data.len() as u64;
                self.sums.update(&data);
                return Ok(Some(data));
            }
            match self.upload.chunk().await.map_err(|_| incomplete())? {
                Some(data) => self.pending = data,
                None => {
                    self.over()?;
                    return Ok(None);
                }
            }
        }
    }

    /// What follows in what came.
    fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        let (reader, chain, trailers) = match &mut self.reading {
            Reading::Chunks { reader, chain, trailers } => (reader, chain, trailers),
            Reading::Hashed { hash, .. } => {
                hash.update(&self.pending);
                return Ok(Some(std::mem::take(&mut self.pending)).filter(|data| !data.is_empty()));
            }
            Reading::Plain | Reading::Over => {
                return Ok(Some(std::mem::take(&mut self.pending)).filter(|data| !data.is_empty()));
            }
        };
        let pending = self.pending.clone();
        let mut input = &pending[..];
        let outcome = loop {
            let piece = reader.next(&mut input).map_err(|error| {
                refusal("InvalidRequest", 400, format!("The body is not aws-chunked as it says: {error}"))
            })?;
            match piece {
                None => break None,
                Some(Piece::Data(data)) => {
                    if let Some((_, hash)) = chain.as_deref_mut() {
                        hash.update(data);
                    }
                    break Some(pending.slice_ref(data));
                }
                Some(Piece::ChunkEnd(signature)) => {
                    if let Some((chain, hash)) = chain.as_deref_mut() {
                        let hash = hex(&std::mem::take(hash).finalize());
                        let expected = chunk_signature(&chain.key, chain.time, &chain.previous, &hash);
                        matching(&expected, signature.as_deref())?;
                        chain.previous = expected;
                    }
                }
                Some(Piece::Trailer(name, value)) if name == TRAILER_SIGNATURE => {
                    if let Some((chain, _)) = chain.as_deref() {
                        let expected = trailer_signature(&chain.key, chain.time, &chain.previous, trailers);
                        matching(&expected, Some(&value))?;
                    }
                }
                Some(Piece::Trailer(name, value)) => {
                    trailers.push_str(&format!("{name}:{value}\n"));
                    self.sums.trailer(&name, &value);
                }
                Some(Piece::End) => {}
            }
        };
        self.pending = pending.slice_ref(input);
        Ok(outcome)
    }

    /// Whether the end may be here, and the body is what was signed.
    fn over(&mut self) -> Result<(), Fault> {
        let is_whole = match std::mem::replace(&mut self.reading, Reading::Over) {
            Reading::Chunks { reader, .. } => reader.may_end(),
            Reading::Hashed { expected, hash } => {
                let matches = hex(&hash.finalize()) == expected;
                let words = "The provided 'x-amz-content-sha256' header does not match what was computed.";
                matches.then_some(true).ok_or_else(|| refusal("XAmzContentSHA256Mismatch", 400, words))?
            }
            Reading::Plain | Reading::Over => true,
        };
        let is_long_enough = self.announced.is_none_or(|announced| announced == self.count);
        match is_whole && is_long_enough {
            true => Ok(()),
            false => Err(incomplete()),
        }
    }

    /// Writes the data down, and what is known of it. What is not as it was said to be is not kept.
    pub(super) async fn write_to<'w>(mut self, mut writer: Writer<'w>) -> Result<(Writer<'w>, Digests), Fault> {
        let taken = loop {
            match self.next().await {
                Ok(Some(data)) => match writer.write(data).await {
                    Ok(()) => {}
                    Err(fault) => break Err(fault),
                },
                Ok(None) => break Ok(()),
                Err(fault) => break Err(fault),
            }
        };
        match taken.and_then(|()| self.sums.finish()) {
            Ok(digests) => Ok((writer, digests)),
            Err(fault) => {
                writer.abort().await;
                Err(fault)
            }
        }
    }

    /// A document, whole.
    pub(super) async fn whole(mut self) -> Result<Bytes, Fault> {
        let mut all = BytesMut::new();
        while let Some(data) = self.next().await? {
            if all.len() + data.len() > LONGEST_DOCUMENT {
                let words = "Your request was larger than the maximum size allowed.";
                return Err(refusal("MaxMessageLengthExceeded", 400, words));
            }
            all.extend_from_slice(&data);
        }
        self.sums.finish()?;
        Ok(all.freeze())
    }
}

fn incomplete() -> Fault {
    let words = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    refusal("IncompleteBody", 400, words)
}

fn matching(expected: &str, said: Option<&str>) -> Result<(), Fault> {
    match bool::from(expected.as_bytes().ct_eq(said.unwrap_or_default().as_bytes())) {
        true => Ok(()),
        false => Err(refusal(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method.",
        )),
    }
}

/// Small letters and digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
