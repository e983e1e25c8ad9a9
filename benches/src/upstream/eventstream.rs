//! Encodes one frame of `application/vnd.amazon.eventstream`.

/// The type number of a string among the header values; Bedrock uses no other.
const STRING: u8 = 7;

/// Lengths, their checksum, headers, payload, checksum of all that; integers are big-endian.
pub(super) fn encode_frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut encoded_headers = Vec::new();
    for (name, value) in headers {
        encoded_headers.push(u8::try_from(name.len()).expect("header names are short"));
        encoded_headers.extend_from_slice(name.as_bytes());
        encoded_headers.push(STRING);
        encoded_headers.extend_from_slice(&u16::try_from(value.len()).expect("header values are short").to_be_bytes());
        encoded_headers.extend_from_slice(value.as_bytes());
    }
    let total_length = 12 + encoded_headers.len() + payload.len() + 4;
    let mut frame = Vec::with_capacity(total_length);
    frame.extend_from_slice(&length(total_length));
    frame.extend_from_slice(&length(encoded_headers.len()));
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame.extend_from_slice(&encoded_headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("frames are short").to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::encode_frame;

    /// A frame whose checksums another implementation has verified.
    #[test]
    fn a_known_chunk_has_its_known_checksums() {
        let payload = concat!(
            r#"{"bytes":"eyJ0eXBlIjoiY29udGVudF9ibG9ja19kZWx0YSIsImluZGV4IjowLCJkZWx0YSI6eyJ0eXBlIjoidGV4dF9kZWx0YSIs"#,
            r#"InRleHQiOiJoaSJ9fQ==","p":"abcdefgh"}"#,
        );
        let frame = encode_frame(
            &[(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")],
            payload.as_bytes(),
        );
        assert_eq!(frame.len(), 230);
        assert_eq!(frame[..12], [0, 0, 0, 0xe6, 0, 0, 0, 0x4b, 0x23, 0xb8, 0x75, 0x0e]);
        assert_eq!(frame[226..], [0x3e, 0xce, 0x07, 0xe9]);
    }
}
