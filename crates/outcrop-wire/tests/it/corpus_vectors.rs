//! Other people's vectors: signatures and frames.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::bearer::{self, Minting, ShortTermKey};
use outcrop_wire::eventstream::{Decoder, HeaderValue, encode};
use outcrop_wire::sigv4::{
    AmzTime, Authorization, Canonical, Claim, CredentialScope, PathStyle, Presigned, SigningKey, canonical_request,
    hash_hex, presign, sign, string_to_sign, verify, verify_presigned,
};
use serde_json::Value;

use crate::corpus::{Report, exchanges, folder};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A request as the suites write it: request line, headers, blank line, body.
struct Written {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn parse(text: &str) -> Option<Written> {
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let line = lines.next()?;
    let (method, target) = line.split_once(' ')?;
    let target = target.rsplit_once(" HTTP/").map_or(target, |(target, _)| target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        match line.split_once(':') {
            // A folded header: the line goes on.
            _ if line.starts_with([' ', '\t']) => headers.last_mut()?.1.push_str(&format!(" {}", line.trim())),
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => return None,
        }
    }
    Some(Written {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.to_owned(),
    })
}

fn equal(what: &str, found: &str, expected: &str) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}:\n{found}\ninstead of\n{expected}")) }
}

/// `signed` is the request with its `Authorization`; `unsigned` what it was made from.
fn check_header(signed: &str, canonical: &str, to_sign: &str, style: PathStyle) -> Result<(), String> {
    let written = parse(signed).ok_or("the signed request cannot be read")?;
    let header =
        |name: &str| written.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned());
    let authorization = header("authorization").ok_or("no authorization")?;
    let parsed = Authorization::parse(&authorization).map_err(|refusal| format!("{refusal:?}"))?;
    let headers: Vec<(&str, &str)> = written
        .headers
        .iter()
        .filter(|(name, _)| parsed.signed_headers.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let payload_hash = header("x-amz-content-sha256").unwrap_or_else(|| hash_hex(written.body.as_bytes()));
    let request = Canonical {
        method: &written.method,
        path: &written.path,
        query: &written.query,
        path_style: style,
        payload_hash: &payload_hash,
    };
    equal("canonical request", &canonical_request(&request, &headers), canonical)?;
    let time = AmzTime::parse(&header("x-amz-date").ok_or("no date")?).ok_or("a malformed date")?;
    let key = SigningKey::derive(SECRET, parsed.scope.clone());
    equal("string to sign", &string_to_sign(time, &key, canonical), to_sign.trim_end())?;
    let ours = sign(&request, &headers, parsed.access_key_id, &key, time);
    equal("authorization", &ours.authorization, &authorization)?;
    let all: Vec<(&str, &str)> = written.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let claim = Claim {
        request,
        headers: &all,
        service: &parsed.scope.service,
        region: Some(&parsed.scope.region),
        now: time,
        tolerance_seconds: 300,
    };
    verify(&parsed, &claim, SECRET).map_err(|refusal| format!("refused: {refusal:?}"))?;
    match verify(&parsed, &claim, "another secret") {
        Err(_) => Ok(()),
        Ok(()) => Err("another secret verifies".into()),
    }
}

fn check_query(vector: &Value) -> Result<(), String> {
    let written = parse(vector["request"].as_str().unwrap_or_default()).ok_or("the request cannot be read")?;
    let context = &vector["context"];
    let text = |name: &str| context[name].as_str().unwrap_or_default();
    let time = AmzTime::parse(&text("timestamp").replace(['-', ':'], "")).ok_or("a malformed timestamp")?;
    let access_key_id = context["credentials"]["access_key_id"].as_str().unwrap_or_default();
    let token = context["credentials"]["token"].as_str();
    let headers: Vec<(&str, &str)> =
        written.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let style = if context["normalize"] == true { PathStyle::Normalized } else { PathStyle::AsIs };
    let request = Canonical {
        method: &written.method,
        path: &written.path,
        query: &written.query,
        path_style: style,
        payload_hash: &hash_hex(written.body.as_bytes()),
    };
    let key = SigningKey::derive(SECRET, CredentialScope::new(time, text("region"), text("service")));
    let query = presign(
        &request,
        &headers,
        access_key_id,
        token,
        &key,
        time,
        context["expiration_in_seconds"].as_u64().unwrap_or(3600) as u32,
    );
    let signature = query.rsplit('=').next().unwrap_or_default();
    equal("query signature", signature, vector["query_signature"].as_str().unwrap_or_default())?;
    let presigned = Presigned::parse(&query).map_err(|refusal| format!("{refusal:?}"))?;
    let claim =
        Claim { request, headers: &headers, service: text("service"), region: None, now: time, tolerance_seconds: 0 };
    verify_presigned(&presigned, &claim, SECRET).map_err(|refusal| format!("the query is refused: {refusal:?}"))
}

#[test]
fn corpus_short_term_key() {
    let Some(folder) = folder("short-term key") else { return };
    let Ok(text) = std::fs::read_to_string(folder.join("short-term-token.txt")) else { return };
    let recorded = text.lines().find(|line| line.starts_with(bearer::PREFIX)).unwrap();
    let minting = Minting {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: SECRET,
        session_token: None,
        region: "us-east-1",
        time: AmzTime::parse("20260301T120000Z").unwrap(),
        seconds: bearer::LONGEST_SECONDS,
    };
    assert_eq!(bearer::mint(&minting), recorded);
    assert_eq!(ShortTermKey::parse(recorded).unwrap().verify(SECRET, minting.time), Ok(()));
}

#[test]
fn corpus_sigv4_vectors() {
    let Some(folder) = folder("SigV4 vectors") else { return };
    let mut report = Report::new("SigV4 vectors");
    for vector in exchanges(&folder, &["vectors-sigv4"]) {
        let text = |name: &str| vector.json[name].as_str().unwrap_or_default().to_owned();
        let outcome = if vector.json.get("sreq").is_some() {
            check_header(&text("sreq"), &text("creq"), &text("sts"), PathStyle::Normalized)
        } else {
            let style =
                if vector.json["context"]["normalize"] == false { PathStyle::AsIs } else { PathStyle::Normalized };
            check_header(
                &text("header_signed_request"),
                &text("header_canonical_request"),
                &text("header_string_to_sign"),
                style,
            )
            .and_then(|()| {
                match vector.json.get("query_signature") {
                    // A request that signs its body has another hash in the query form; the suite says so in context.
                    Some(_) if vector.json["context"].is_object() && vector.json["context"]["sign_body"] != true => {
                        check_query(&vector.json)
                    }
                    _ => Ok(()),
                }
            })
        };
        report.add(&vector.name, outcome);
    }
    report.finish();
}

#[test]
fn corpus_bedrock_signatures() {
    let Some(folder) = folder("Bedrock signatures") else { return };
    let Ok(text) = std::fs::read(folder.join("sigv4-vectors.json")) else { return };
    let mut report = Report::new("Bedrock signatures");
    for vector in serde_json::from_slice::<Vec<Value>>(&text).unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap_or_default().to_owned();
        let outcome = (|| {
            let url = text("url");
            let rest = url.split_once("://").ok_or("no scheme")?.1;
            let (host, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let mut signed = format!("{} {} HTTP/1.1\n", text("method"), if target.is_empty() { "/" } else { target });
            for (name, value) in vector["request_headers"].as_object().into_iter().flatten() {
                if !name.eq_ignore_ascii_case("x-amz-date") && !name.eq_ignore_ascii_case("host") {
                    signed.push_str(&format!("{name}:{}\n", value.as_str().unwrap_or_default()));
                }
            }
            // The list of request headers leaves out the token; the canonical request has it.
            let canonical = text("canonical_request");
            let token = canonical.lines().find(|line| line.starts_with("x-amz-security-token:"));
            signed.extend(token.map(|line| format!("{line}\n")));
            let authorization = text("authorization");
            signed.push_str(&format!(
                "host:{host}\nx-amz-date:{}\nauthorization:{authorization}\n\n{}",
                text("x_amz_date"),
                text("body")
            ));
            check_header(&signed, &text("canonical_request"), &text("string_to_sign"), PathStyle::Normalized)
        })();
        report.add(&text("name"), outcome);
    }
    report.finish();
}

/// Requests as five clients put them on the wire verify, and stop verifying when a byte of the body changes.
#[test]
fn corpus_captured_requests_verify() {
    let Some(folder) = folder("captured requests") else { return };
    let Ok(files) = std::fs::read_dir(folder.join("captures")) else { return };
    let mut report = Report::new("captured requests");
    let mut bearer = 0;
    for file in files.map(|file| file.unwrap().path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len() - 4);
        let body = &bytes[end + 4..];
        let Some(written) = parse(&String::from_utf8_lossy(&bytes[..end])) else {
            report.add(&name, Err("cannot be read".into()));
            continue;
        };
        let header = |name: &str| written.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        let authorization = header("authorization").unwrap_or_default();
        if !authorization.starts_with("AWS4-") {
            bearer += 1;
            continue;
        }
        let outcome = (|| {
            let parsed = Authorization::parse(authorization).map_err(|refusal| format!("{refusal:?}"))?;
            let time = header("x-amz-date").and_then(AmzTime::parse).ok_or("no date")?;
            let headers: Vec<(&str, &str)> =
                written.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let check = |body: &[u8]| {
                let hash = hash_hex(body);
                let request = Canonical {
                    method: &written.method,
                    path: &written.path,
                    query: &written.query,
                    path_style: PathStyle::Normalized,
                    payload_hash: &hash,
                };
                let claim = Claim {
                    request,
                    headers: &headers,
                    service: &parsed.scope.service,
                    region: None,
                    now: time,
                    tolerance_seconds: 300,
                };
                verify(&parsed, &claim, SECRET)
            };
            check(body).map_err(|refusal| format!("{refusal:?}"))?;
            match check(&[body, b" "].concat()) {
                Err(_) => Ok(()),
                Ok(()) => Err("an altered body verifies".to_owned()),
            }
        })();
        report.add(&name, outcome);
    }
    println!("corpus: captured requests with a bearer key or none: {bearer}");
    report.finish();
}

#[test]
fn corpus_eventstream_vectors() {
    let Some(folder) = folder("event-stream vectors") else { return };
    let mut report = Report::new("event-stream vectors");
    for vector in exchanges(&folder, &["vectors-eventstream"]) {
        let bytes = STANDARD.decode(vector.text("encoded_base64")).unwrap();
        let mut decoder = Decoder::default();
        decoder.push(&bytes);
        let outcome = match (decoder.next_frame(), vector.json.get("expected_error")) {
            (Ok(Some(frame)), None) => {
                let expected = &vector.json["expected"];
                let headers: Vec<(String, Value)> =
                    frame.headers.into_iter().map(|(name, value)| (name.to_owned(), plain(value))).collect();
                let wanted: Vec<(String, Value)> = expected["headers"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|header| (header["name"].as_str().unwrap_or_default().to_owned(), header["value"].clone()))
                    .collect();
                let payload =
                    expected["payload"].as_str().map(|text| STANDARD.decode(text).unwrap()).unwrap_or_default();
                let mut again = Vec::new();
                encode(frame.headers, |out| out.extend_from_slice(frame.payload), &mut again);
                if headers != wanted {
                    Err(format!("headers {headers:?} instead of {wanted:?}"))
                } else if frame.payload != payload {
                    Err("another payload".into())
                } else if again != bytes {
                    Err("re-encodes to other bytes".into())
                } else {
                    Ok(())
                }
            }
            (Err(error), Some(expected)) => {
                let expected = expected.as_str().unwrap_or_default().to_lowercase();
                let (found, about) = (error.to_string(), expected.split(' ').next().unwrap_or_default().to_owned());
                if found.contains(&about) { Ok(()) } else { Err(format!("{found} instead of {expected}")) }
            }
            (found, expected) => Err(format!("{found:?} instead of {expected:?}")),
        };
        report.add(&vector.name, outcome);
    }
    for name in [
        "chunk-content_block_delta",
        "chunk-message_stop",
        "converse-messageStart",
        "converse-metadata",
        "error-unmodeled",
        "exception-modelStreamError",
        "exception-throttling",
        "live-converse-stream-sonnet-4-6",
        "live-invoke-stream-claude-v2",
    ] {
        let Ok(bytes) = std::fs::read(folder.join("eventstream").join(format!("{name}.bin"))) else { continue };
        let mut decoder = Decoder::default();
        decoder.push(&bytes);
        let mut again = Vec::new();
        let outcome = loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => encode(frame.headers, |out| out.extend_from_slice(frame.payload), &mut again),
                Ok(None) if again == bytes => break Ok(()),
                other => break Err(format!("{other:?}")),
            }
        };
        report.add(name, outcome);
    }
    report.finish();
}

fn plain(value: HeaderValue<'_>) -> Value {
    match value {
        HeaderValue::Bool(value) => value.into(),
        HeaderValue::I8(value) => value.into(),
        HeaderValue::I16(value) => value.into(),
        HeaderValue::I32(value) => value.into(),
        HeaderValue::I64(value) | HeaderValue::Timestamp(value) => value.into(),
        HeaderValue::Bytes(value) => STANDARD.encode(value).into(),
        HeaderValue::Text(value) => STANDARD.encode(value).into(),
        HeaderValue::Uuid(value) => STANDARD.encode(value).into(),
    }
}
