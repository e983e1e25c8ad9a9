//! AWS binary frames (`application/vnd.amazon.eventstream`): push bytes, pull frames; and encode.
//!
//! Layout, all integers big-endian (botocore `eventstream.py`):
//! `u32 total | u32 headers | u32 crc of these 8 | headers | payload | u32 crc of all before`.

mod decode;
mod encode;
mod frame;

pub use decode::{Decoder, FrameError, Limits};
pub use encode::{encode, encode_event, encode_exception};
pub use frame::{Frame, HeaderValue, Headers, Kind};

/// Bytes before the headers.
const PRELUDE: usize = 12;
/// The checksum at the end.
const CRC: usize = 4;
