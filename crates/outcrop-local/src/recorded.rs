//! One recorded exchange, as JSON: what `--record` writes and `--replay` reads.
//!
//! Its form is told in full by `engine/replay/format.md`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

/// An answer, as it was recorded.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// It broke off there.
    pub(crate) cut: bool,
}

impl Recorded {
    /// Whether the body is a stream of events.
    pub(crate) fn is_stream(&self) -> bool {
        self.is_frames() || content_type(&self.headers).starts_with("text/event-stream")
    }

    /// Whether these are frames, which are no text.
    fn is_frames(&self) -> bool {
        content_type(&self.headers).starts_with("application/vnd.amazon.eventstream")
    }
}

/// A request and its answer, as they were recorded.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// Without query.
    pub(crate) path: String,
    pub(crate) request: Bytes,
    pub(crate) response: Recorded,
}

/// Headers that are known to hold no secret, by name or beginning of it.
const HARMLESS: [&str; 8] =
    ["accept", "anthropic-beta", "anthropic-version", "content-type", "date", "request-id", "retry-after", "x-amzn-"];

/// The line of an exchange, without its end.
pub(crate) fn write(
    method: &str,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    response: &Recorded,
    time: &str,
) -> String {
    let mut request = json!({"method": method, "path": path, "headers": harmless(headers)});
    let mut answer = json!({"status": response.status.as_u16(), "headers": harmless(&response.headers)});
    set_body(&mut request, body, false);
    set_body(&mut answer, &response.body, response.is_frames());
    if response.cut {
        answer["cut"] = true.into();
    }
    json!({"request": request, "response": answer, "time": time}).to_string()
}

fn harmless(headers: &HeaderMap) -> Value {
    let mut out = Map::new();
    for name in headers.keys() {
        let fits = |known: &str| name.as_str() == known || known.ends_with('-') && name.as_str().starts_with(known);
        if HARMLESS.iter().any(|known| fits(known)) {
            let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            out.insert(name.to_string(), values.collect::<Vec<_>>().into());
        }
    }
    out.into()
}

fn set_body(side: &mut Value, body: &[u8], binary: bool) {
    match std::str::from_utf8(body) {
        _ if body.is_empty() => {}
        Ok(text) if !binary => side["body"] = text.into(),
        _ => side["body_base64"] = STANDARD.encode(body).into(),
    }
}

/// Reads an exchange.
///
/// # Errors
/// Which member is wrong, and what was expected.
pub(crate) fn read(exchange: &Value) -> Result<Exchange, String> {
    let (request, response) = (&exchange["request"], &exchange["response"]);
    let path = request["path"].as_str().ok_or("`request.path`: expected a string")?;
    let status = response["status"].as_u64().and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let (_, request_body) = body(request).map_err(|why| format!("`request.{why}"))?;
    let (is_text, response_body) = body(response).map_err(|why| format!("`response.{why}"))?;
    let mut headers = headers(&response["headers"]);
    if is_text {
        // Text that was packed would be no text.
        headers.remove(CONTENT_ENCODING);
    }
    Ok(Exchange {
        method: request["method"].as_str().unwrap_or("POST").to_owned(),
        path: path.split('?').next().unwrap_or_default().to_owned(),
        request: request_body,
        response: Recorded {
            status: status.ok_or("`response.status`: expected an HTTP status")?,
            headers,
            body: response_body,
            cut: response["cut"].as_bool().unwrap_or_default(),
        },
    })
}

/// The body of one side, and whether it was kept as text or JSON.
fn body(side: &Value) -> Result<(bool, Bytes), String> {
    let wrong = |name: &str, expected: &str| format!("{name}`: expected {expected}");
    if let Some(body) = side.get("body").filter(|body| !body.is_null()) {
        let text = body.as_str().ok_or_else(|| wrong("body", "a string"))?;
        return Ok((true, Bytes::copy_from_slice(text.as_bytes())));
    }
    if let Some(body) = side.get("body_base64").filter(|body| !body.is_null()) {
        let bytes = body.as_str().and_then(|text| STANDARD.decode(text).ok());
        return Ok((false, bytes.ok_or_else(|| wrong("body_base64", "a string of base64"))?.into()));
    }
    let json = side.get("body_json").filter(|json| !json.is_null());
    Ok((true, json.map(|json| json.to_string().into()).unwrap_or_default()))
}

/// What cannot be a header is left out.
fn headers(recorded: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in recorded.as_object().into_iter().flatten() {
        let values = match values {
            Value::Array(values) => &values[..],
            value => std::slice::from_ref(value),
        };
        for value in values {
            let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
            if let (Ok(name), Some(value)) = (HeaderName::from_bytes(name.as_bytes()), value) {
                headers.append(name, value);
            }
        }
    }
    headers
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
