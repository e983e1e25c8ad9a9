//! Compares our signer with aws-sigv4 and our frame codec with aws-smithy-eventstream, on random input.
//!
//! `JUDGE_SEED` chooses other input; the same seed gives the same.

use std::collections::VecDeque;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SignatureLocation, SigningInstructions, SigningSettings,
};
use aws_sigv4::sign::v4;
use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, read_message_from, write_message_to};
use aws_smithy_eventstream::smithy::parse_response_headers;
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream::{Header, HeaderValue as TheirValue, Message};
use outcrop_judges::chance::{Chance, seed};
use outcrop_judges::requests::{Oracle, Request, borrowed, encode};
use outcrop_judges::tally::{Outcome, Tally, check_equal};
use outcrop_wire::dialect::invoke::EventEncoder;
use outcrop_wire::eventstream::{self, Decoder, HeaderValue};
use outcrop_wire::fault::{FAULTS, Fault, Origin};
use outcrop_wire::messages::Event;
use outcrop_wire::sigv4::{Authorization, Claim, hash_hex, presign, verify};

const REQUESTS: usize = 2_500;
const STREAMS: usize = 600;
const FRAMES_OF_A_STREAM: usize = 9;
const EVENTS: usize = 1_000;

fn main() -> ExitCode {
    let seed = match seed() {
        Ok(seed) => seed,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    println!("seed {seed}");
    let mut tally = Tally::default();
    // Each part has chance of its own, so that one part's numbers do not shift when another changes.
    judge_signatures(&mut tally, &mut Chance::new(seed));
    judge_frames(&mut tally, &mut Chance::new(seed));
    judge_events(&mut tally, &mut Chance::new(seed));
    judge_faults(&mut tally);
    tally.close()
}

// --- signatures: aws-sigv4 ---------------------------------------------------------------

fn judge_signatures(tally: &mut Tally, chance: &mut Chance) {
    for case in 0..REQUESTS {
        let request = Request::random(chance, Oracle::AwsSigv4);
        let expires_seconds = chance.between(1, 43_200) as u32;
        let told = |outcome: Outcome| outcome.map_err(|reason| format!("{reason}; {}", describe(&request)));
        match their_authorization(&request) {
            Ok(theirs) => {
                let equal = check_equal("the authorization", theirs.as_str(), &request.authorization());
                tally.record("our authorization is theirs", case, told(equal));
                tally.record("our verifier accepts theirs", case, told(check_accepted(&request, &theirs)));
                let refused = check_refused(chance, &request, &theirs);
                tally.record("our verifier refuses it over another request", case, told(refused));
            }
            Err(reason) => tally.record("our authorization is theirs", case, told(Err(reason))),
        }
        let presigned = their_presigned(&request, expires_seconds)
            .and_then(|theirs| check_equal("the added query", theirs, our_presigned(&request, expires_seconds)));
        tally.record("our presigned query is theirs", case, told(presigned));
    }
}

/// Enough to look for the cause; the seed and the case give the whole request again.
fn describe(request: &Request) -> String {
    format!("the request: {} {} at {} with {:?}", request.method, request.url(), request.time, request.headers)
}

/// Their settings are the default ones, as the SDK uses them for Bedrock: dot segments resolved, then the path encoded
/// once more.
fn their_signature(
    request: &Request,
    headers: &[(String, String)],
    settings: SigningSettings,
) -> Result<SigningInstructions, String> {
    let credentials = Credentials::new(
        &request.access_key_id,
        &request.secret_access_key,
        request.session_token.clone(),
        None,
        "judge",
    );
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&request.region)
        .name(request.service)
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(request.time.unix() as u64))
        .settings(settings)
        .build()
        .map_err(|error| format!("their parameters: {error}"))?
        .into();
    let body = SignableBody::Bytes(&request.body);
    let signable = SignableRequest::new(request.method, request.url(), borrowed(headers).into_iter(), body)
        .map_err(|error| format!("expected them to take the request; saw {error:?}"))?;
    let signed = aws_sigv4::http_request::sign(signable, &parameters)
        .map_err(|error| format!("expected them to sign the request; saw {error:?}"))?;
    Ok(signed.into_parts().0)
}

fn their_authorization(request: &Request) -> Result<String, String> {
    let mut settings = SigningSettings::default();
    if request.sends_body_hash {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let instructions = their_signature(request, &request.headers, settings)?;
    let header = |name: &str| instructions.headers().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    check_equal("x-amz-date", header("x-amz-date").as_deref(), Some(request.time.as_str()))?;
    header("authorization").ok_or_else(|| "expected them to give an authorization; saw none".to_owned())
}

/// What they add to the query, sorted.
fn their_presigned(request: &Request, expires_seconds: u32) -> Result<Vec<String>, String> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(expires_seconds.into()));
    let instructions = their_signature(request, &[], settings)?;
    let mut added: Vec<String> =
        instructions.params().iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    added.sort();
    Ok(added)
}

/// What we add to the query, sorted.
fn our_presigned(request: &Request, expires_seconds: u32) -> Vec<String> {
    let hash = hash_hex(&request.body);
    let headers = [("host", request.host.as_str())];
    let query = presign(
        &request.canonical(&hash),
        &headers,
        &request.access_key_id,
        request.session_token.as_deref(),
        &request.key(),
        request.time,
        expires_seconds,
    );
    let added = query.strip_prefix(&request.query).unwrap_or(&query);
    let mut added: Vec<String> = added.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
    added.sort();
    added
}

fn check_accepted(request: &Request, authorization: &str) -> Outcome {
    let parsed = Authorization::parse(authorization).map_err(|refusal| format!("not parsed: {refusal:?}"))?;
    let headers = request.sent_headers();
    let headers = borrowed(&headers);
    let hash = hash_hex(&request.body);
    check_equal("the verdict", Ok(()), verify(&parsed, &claim(request, &headers, &hash), &request.secret_access_key))
}

fn claim<'a>(request: &'a Request, headers: &'a [(&'a str, &'a str)], hash: &'a str) -> Claim<'a> {
    Claim {
        request: request.canonical(hash),
        headers,
        service: request.service,
        region: Some(&request.region),
        now: request.time,
        tolerance_seconds: 300,
    }
}

/// Changes one thing that is signed. A verifier that accepts everything would pass every other comparison.
fn check_refused(chance: &mut Chance, request: &Request, authorization: &str) -> Outcome {
    let parsed = Authorization::parse(authorization).map_err(|refusal| format!("not parsed: {refusal:?}"))?;
    let mut headers = request.sent_headers();
    let mut hash = hash_hex(&request.body);
    let (mut path, mut query) = (request.path.clone(), request.query.clone());
    let (mut method, mut secret) = (request.method, request.secret_access_key.clone());
    let changed = match chance.below(6) {
        0 => {
            hash = hash_hex(&[request.body.as_slice(), b"x"].concat());
            "the body"
        }
        1 => {
            path.push_str(if path.is_empty() { "/x" } else { "x" });
            "the path"
        }
        2 => {
            query.push_str("&zz=1");
            "the query"
        }
        3 => {
            method = if method == "POST" { "PUT" } else { "POST" };
            "the method"
        }
        4 => {
            secret.push('x');
            "the secret"
        }
        _ => {
            let signed: Vec<usize> = (0..headers.len())
                .filter(|at| parsed.signed_headers.contains(&headers[*at].0.as_str()))
                // With another date the request is too old, not wrongly signed.
                .filter(|at| headers[*at].0 != "x-amz-date")
                .collect();
            headers[chance.pick(&signed)].1.push('x');
            "a header"
        }
    };
    let headers = borrowed(&headers);
    let mut claim = claim(request, &headers, &hash);
    (claim.request.method, claim.request.path, claim.request.query) = (method, &path, &query);
    match verify(&parsed, &claim, &secret) {
        Err(_) => Ok(()),
        Ok(()) => Err(format!("expected a refusal after {changed} was changed; saw none")),
    }
}

// --- frames: aws-smithy-eventstream --------------------------------------------------------

/// A header's value that nobody has to borrow.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    Bytes(Vec<u8>),
    Text(String),
    Timestamp(i64),
    Uuid([u8; 16]),
}

impl Value {
    fn random(chance: &mut Chance) -> Value {
        let bits = chance.bits();
        match chance.below(10) {
            0 => Value::Bool(bits & 1 == 1),
            1 => Value::I8(bits as i8),
            2 => Value::I16(bits as i16),
            3 => Value::I32(bits as i32),
            4 => Value::I64(bits as i64),
            5 => {
                let length = value_length(chance);
                Value::Bytes(chance.bytes(length))
            }
            6 | 7 => {
                let length = value_length(chance);
                Value::Text(chance.text(LETTERS, length / 4))
            }
            8 => Value::Timestamp(bits as i64),
            _ => Value::Uuid((u128::from(bits) << 64 | u128::from(chance.bits())).to_be_bytes()),
        }
    }

    fn ours(&self) -> HeaderValue<'_> {
        match self {
            Value::Bool(value) => HeaderValue::Bool(*value),
            Value::I8(value) => HeaderValue::I8(*value),
            Value::I16(value) => HeaderValue::I16(*value),
            Value::I32(value) => HeaderValue::I32(*value),
            Value::I64(value) => HeaderValue::I64(*value),
            Value::Bytes(value) => HeaderValue::Bytes(value),
            Value::Text(value) => HeaderValue::Text(value),
            Value::Timestamp(value) => HeaderValue::Timestamp(*value),
            Value::Uuid(value) => HeaderValue::Uuid(*value),
        }
    }

    fn theirs(&self) -> TheirValue {
        match self {
            Value::Bool(value) => TheirValue::Bool(*value),
            Value::I8(value) => TheirValue::Byte(*value),
            Value::I16(value) => TheirValue::Int16(*value),
            Value::I32(value) => TheirValue::Int32(*value),
            Value::I64(value) => TheirValue::Int64(*value),
            Value::Bytes(value) => TheirValue::ByteArray(value.clone().into()),
            Value::Text(value) => TheirValue::String(value.clone().into()),
            Value::Timestamp(value) => TheirValue::Timestamp(DateTime::from_millis(*value)),
            Value::Uuid(value) => TheirValue::Uuid(u128::from_be_bytes(*value)),
        }
    }

    fn from_ours(value: HeaderValue<'_>) -> Value {
        match value {
            HeaderValue::Bool(value) => Value::Bool(value),
            HeaderValue::I8(value) => Value::I8(value),
            HeaderValue::I16(value) => Value::I16(value),
            HeaderValue::I32(value) => Value::I32(value),
            HeaderValue::I64(value) => Value::I64(value),
            HeaderValue::Bytes(value) => Value::Bytes(value.to_vec()),
            HeaderValue::Text(value) => Value::Text(value.to_owned()),
            HeaderValue::Timestamp(value) => Value::Timestamp(value),
            HeaderValue::Uuid(value) => Value::Uuid(value),
        }
    }
}

const LETTERS: &str = "abc XYZ 019:-_/\"\\\n\0é日🦀";

/// Mostly short; now and then up to 32,767, the longest that they write. We write up to 65,535.
fn value_length(chance: &mut Chance) -> usize {
    match chance.below(40) {
        0 => chance.between(0, i16::MAX as usize),
        1 => i16::MAX as usize,
        _ => chance.below(80),
    }
}

/// Headers and payload, in nobody's types.
type Parts = (Vec<(String, Value)>, Vec<u8>);

fn random_frame(chance: &mut Chance) -> Parts {
    let mut headers: Vec<(String, Value)> = Vec::new();
    for _ in 0..chance.below(7) {
        let name = match chance.below(6) {
            0 => ":event-type".to_owned(),
            1 => ":message-type".to_owned(),
            // The longest names there are.
            2 => chance.text("abc-XYZ", 255),
            _ => {
                let length = chance.between(1, 60);
                chance.text(LETTERS, length)
            }
        };
        // They let a name stand twice; we and botocore do not. Nobody sends such frames.
        if headers.iter().all(|(earlier, _)| *earlier != name) {
            headers.push((name, Value::random(chance)));
        }
    }
    let length = if chance.once_in(10) { 0 } else { chance.below(4097) };
    (headers, chance.bytes(length))
}

fn our_bytes((headers, payload): &Parts) -> Vec<u8> {
    let mut out = Vec::new();
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.ours()));
    eventstream::encode(headers, |out| out.extend_from_slice(payload), &mut out);
    out
}

fn their_message((headers, payload): &Parts) -> Message {
    let headers = headers.iter().map(|(name, value)| Header::new(name.clone(), value.theirs())).collect();
    Message::new_from_parts(headers, payload.clone())
}

fn their_bytes(message: &Message) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    write_message_to(message, &mut out).map_err(|error| format!("expected them to write it; saw {error}"))?;
    Ok(out)
}

fn judge_frames(tally: &mut Tally, chance: &mut Chance) {
    let mut case = 0;
    for stream_case in 0..STREAMS {
        let frames: Vec<Parts> = (0..chance.between(1, FRAMES_OF_A_STREAM)).map(|_| random_frame(chance)).collect();
        let messages: Vec<Message> = frames.iter().map(their_message).collect();
        let (mut our_stream, mut their_stream) = (Vec::new(), Vec::new());
        for (frame, message) in frames.iter().zip(&messages) {
            let ours = our_bytes(frame);
            let theirs = their_bytes(message);
            if let Ok(theirs) = &theirs {
                their_stream.extend_from_slice(theirs);
            }
            tally.record("the bytes of a frame are equal", case, theirs.and_then(|theirs| same_bytes(&theirs, &ours)));
            tally.record("they read our frame", case, check_they_read(message, &ours));
            tally.record("neither reads a broken frame", case, check_broken(chance, &ours));
            our_stream.extend_from_slice(&ours);
            case += 1;
        }
        let read = they_read_in_cuts(&our_stream, chance).and_then(|read| check_same("messages", &messages, &read));
        tally.record("they read our stream in any cuts", stream_case, read);
        let read = we_read_in_cuts(&their_stream, chance).and_then(|read| check_same("frames", &frames, &read));
        tally.record("we read their stream in any cuts", stream_case, read);
    }
}

/// Like `check_equal`, but names only the first byte that differs: frames are long.
fn same_bytes(expected: &[u8], seen: &[u8]) -> Outcome {
    if expected == seen {
        return Ok(());
    }
    let at = expected.iter().zip(seen).take_while(|(left, right)| left == right).count();
    Err(format!(
        "expected {} bytes; saw {} bytes; from byte {at} on {:?} against {:?}",
        expected.len(),
        seen.len(),
        expected.get(at..).map(|rest| &rest[..rest.len().min(24)]),
        seen.get(at..).map(|rest| &rest[..rest.len().min(24)]),
    ))
}

/// Compares one by one, and shows only the first that differs.
fn check_same<T: PartialEq + std::fmt::Debug>(what: &str, expected: &[T], seen: &[T]) -> Outcome {
    check_equal(&format!("the number of {what}"), expected.len(), seen.len())?;
    match expected.iter().zip(seen).find(|(left, right)| left != right) {
        Some((left, right)) => check_equal(&format!("one of the {what}"), left, right),
        None => Ok(()),
    }
}

fn check_they_read(expected: &Message, bytes: &[u8]) -> Outcome {
    let read = read_message_from(bytes).map_err(|error| format!("expected them to read it; saw {error}"))?;
    check_equal("the message", expected, &read)
}

/// One flipped bit must be noticed by both checksums' readers.
fn check_broken(chance: &mut Chance, bytes: &[u8]) -> Outcome {
    let mut broken = bytes.to_vec();
    let at = chance.below(broken.len());
    broken[at] ^= 1 << chance.below(8);
    if read_message_from(broken.as_slice()).is_ok() {
        return Err(format!("expected them to refuse a flipped bit in byte {at}; saw none"));
    }
    let mut decoder = Decoder::default();
    decoder.push(&broken);
    match decoder.next_frame() {
        Err(_) => Ok(()),
        Ok(frame) => Err(format!("expected us to refuse a flipped bit in byte {at}; saw {frame:?}")),
    }
}

/// A random cut of `rest`: often a few bytes, so that the cuts fall into preludes and checksums, too.
fn cut<'a>(rest: &mut &'a [u8], chance: &mut Chance) -> &'a [u8] {
    let most = chance.pick(&[1, 3, 16, 1500, 16_384]);
    let (piece, after) = rest.split_at(chance.between(1, most).min(rest.len()));
    *rest = after;
    piece
}

fn they_read_in_cuts(mut bytes: &[u8], chance: &mut Chance) -> Result<Vec<Message>, String> {
    let mut decoder = MessageFrameDecoder::new();
    let (mut held, mut read) = (VecDeque::new(), Vec::new());
    while !bytes.is_empty() {
        held.extend(cut(&mut bytes, chance));
        while let DecodedFrame::Complete(message) = decoder
            .decode_frame(&mut held)
            .map_err(|error| format!("expected them to read frame {}; saw {error}", read.len()))?
        {
            read.push(message);
        }
    }
    check_equal("the bytes left over", 0, held.len())?;
    Ok(read)
}

fn we_read_in_cuts(mut bytes: &[u8], chance: &mut Chance) -> Result<Vec<Parts>, String> {
    let mut decoder = Decoder::default();
    let mut read: Vec<Parts> = Vec::new();
    while !bytes.is_empty() {
        decoder.push(cut(&mut bytes, chance));
        while let Some(frame) =
            decoder.next_frame().map_err(|error| format!("expected us to read frame {}; saw {error}", read.len()))?
        {
            let headers =
                frame.headers.into_iter().map(|(name, value)| (name.to_owned(), Value::from_ours(value))).collect();
            read.push((headers, frame.payload.to_vec()));
        }
    }
    decoder.finish().map_err(|error| format!("expected the stream to be complete; saw {error}"))?;
    Ok(read)
}

// --- chunks and exceptions, as our dialect writes them ------------------------------------------

/// What hides the length of a chunk, as recorded traffic has it.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

fn judge_events(tally: &mut Tally, chance: &mut Chance) {
    let mut encoder = EventEncoder::default();
    for case in 0..EVENTS {
        let json = random_event(chance);
        let padding = chance.between(2, 61);
        tally.record("they read our chunk", case, check_chunk(&mut encoder, &json, padding));
    }
}

/// The JSON of an event, with its members in the order in which we write them.
fn random_event(chance: &mut Chance) -> String {
    let length = chance.below(400);
    let text = serde_json::Value::from(chance.text(LETTERS, length));
    let index = chance.below(20);
    let delta = |kind: &str, member: &str| {
        format!(r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{member}":{text}}}}}"#)
    };
    match chance.below(7) {
        0 | 1 => delta("text_delta", "text"),
        2 => delta("input_json_delta", "partial_json"),
        3 => delta("thinking_delta", "thinking"),
        4 => delta("signature_delta", "signature"),
        5 => format!(r#"{{"type":"content_block_stop","index":{index}}}"#),
        _ => format!(
            r#"{{"type":"message_stop","amazon-bedrock-invocationMetrics":{{"inputTokenCount":{index},"outputTokenCount":1}}}}"#
        ),
    }
}

fn check_chunk(encoder: &mut EventEncoder, json: &str, padding: usize) -> Outcome {
    let event = Event::decode(json.as_bytes()).map_err(|error| format!("our event: {error}"))?;
    let mut bytes = Vec::new();
    encoder.encode(&event, padding, &mut bytes).map_err(|error| format!("our encoder: {error}"))?;
    let message = read_message_from(bytes.as_slice()).map_err(|error| format!("expected a frame; saw {error}"))?;
    check_typed(&message, "event", "chunk")?;
    let payload = members(&message)?;
    let text = payload["bytes"].as_str().ok_or_else(|| format!("expected `bytes`; saw {payload}"))?;
    let inside = aws_smithy_types::base64::decode(text).map_err(|error| format!("expected base64; saw {error}"))?;
    check_equal("the event", json, &String::from_utf8_lossy(&inside))?;
    check_equal("`p`", Some(&PADDING[..padding]), payload["p"].as_str())?;
    // All of it once more, built and written by them.
    let header = |name: &'static str, value: &'static str| Header::new(name, TheirValue::String(value.into()));
    let headers = vec![
        header(":event-type", "chunk"),
        header(":content-type", "application/json"),
        header(":message-type", "event"),
    ];
    let text = aws_smithy_types::base64::encode(json);
    let payload = format!(r#"{{"bytes":"{text}","p":"{}"}}"#, &PADDING[..padding]);
    same_bytes(&their_bytes(&Message::new_from_parts(headers, payload.into_bytes()))?, &bytes)
}

fn judge_faults(tally: &mut Tally) {
    for (case, row) in FAULTS.iter().enumerate() {
        let fault = Fault::new(row.code, "said in \"quotes\"", Origin::MidStream);
        tally.record("they read our exception", case, check_exception(&fault));
    }
}

fn check_exception(fault: &Fault) -> Outcome {
    let mut bytes = Vec::new();
    EventEncoder::default().encode_fault(fault, &mut bytes);
    let message = read_message_from(bytes.as_slice()).map_err(|error| format!("expected a frame; saw {error}"))?;
    check_typed(&message, "exception", &fault.exception_type())?;
    check_equal("the message", Some(fault.message.as_str()), members(&message)?["message"].as_str())
}

/// Their own reading of the three headers that say what a frame is.
fn check_typed(message: &Message, message_type: &str, kind: &str) -> Outcome {
    let headers = parse_response_headers(message).map_err(|error| format!("expected a typed frame; saw {error}"))?;
    check_equal(":message-type", message_type, headers.message_type.as_str())?;
    check_equal("the type", kind, headers.smithy_type.as_str())?;
    check_equal(":content-type", Some("application/json"), headers.content_type())
}

fn members(message: &Message) -> Result<serde_json::Value, String> {
    serde_json::from_slice(message.payload()).map_err(|error| format!("expected a JSON payload; saw {error}"))
}
