//! Frames -> bytes.

use super::{CRC, HeaderValue, PRELUDE};

/// Appends a frame. Names longer than 255 bytes and values longer than 65,535 cannot be written and are cut.
pub fn encode<'a>(
    headers: impl IntoIterator<Item = (&'a str, HeaderValue<'a>)>,
    payload: impl FnOnce(&mut Vec<u8>),
    out: &mut Vec<u8>,
) {
    let start = out.len();
    out.extend_from_slice(&[0; PRELUDE]);
    for (name, value) in headers {
        header(name, value, out);
    }
    let headers_length = out.len() - start - PRELUDE;
    payload(out);
    let total = out.len() - start + CRC;
    out[start..start + 4].copy_from_slice(&length(total).to_be_bytes());
    out[start + 4..start + 8].copy_from_slice(&length(headers_length).to_be_bytes());
    let prelude = crc32fast::hash(&out[start..start + 8]);
    out[start + 8..start + PRELUDE].copy_from_slice(&prelude.to_be_bytes());
    let message = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&message.to_be_bytes());
}

/// Appends an event; headers in the order of recorded traffic.
pub fn encode_event(event_type: &str, payload: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) {
    encode(typed(":event-type", event_type, "event"), payload, out);
}

/// Appends a modelled exception; headers in the order of recorded traffic.
pub fn encode_exception(exception_type: &str, payload: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) {
    encode(typed(":exception-type", exception_type, "exception"), payload, out);
}

fn typed<'a>(name: &'a str, kind: &'a str, message_type: &'a str) -> [(&'a str, HeaderValue<'a>); 3] {
    [
        (name, HeaderValue::Text(kind)),
        (":content-type", HeaderValue::Text("application/json")),
        (":message-type", HeaderValue::Text(message_type)),
    ]
}

fn header(name: &str, value: HeaderValue<'_>, out: &mut Vec<u8>) {
    let name = &name.as_bytes()[..name.len().min(255)];
    out.push(name.len() as u8);
    out.extend_from_slice(name);
    match value {
        HeaderValue::Bool(true) => out.push(0),
        HeaderValue::Bool(false) => out.push(1),
        HeaderValue::I8(value) => tagged(2, &value.to_be_bytes(), out),
        HeaderValue::I16(value) => tagged(3, &value.to_be_bytes(), out),
        HeaderValue::I32(value) => tagged(4, &value.to_be_bytes(), out),
        HeaderValue::I64(value) => tagged(5, &value.to_be_bytes(), out),
        HeaderValue::Bytes(value) => sized(6, value, out),
        HeaderValue::Text(value) => sized(7, value.as_bytes(), out),
        HeaderValue::Timestamp(value) => tagged(8, &value.to_be_bytes(), out),
        HeaderValue::Uuid(value) => tagged(9, &value, out),
    }
}

fn tagged(kind: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(value);
}

fn sized(kind: u8, value: &[u8], out: &mut Vec<u8>) {
    let value = &value[..value.len().min(u16::MAX.into())];
    out.push(kind);
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
}

/// A frame over 4 GiB cannot be written; the decoder's limits stop far below.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
