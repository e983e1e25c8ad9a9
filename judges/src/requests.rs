//! Random requests as Bedrock sees them, and our signature over each.

use outcrop_wire::sigv4::{AmzTime, Canonical, CredentialScope, PathStyle, SigningKey, hash_hex, sign};

use crate::chance::Chance;

/// Whose reading a request must fit. The two differ where no Bedrock client goes; what one of them reads in its own
/// way is left out of its requests and put into the other's.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Oracle {
    /// Trims spaces but not tabs, reads `+` in a query as a space and bytes that are no UTF-8 as U+FFFD, and ends the
    /// path with a slash where its last segment is `.` or `..`.
    AwsSigv4,
    /// Signs the query as it is written, so it has to be written in canonical encoding; trims white space outside
    /// ASCII, too.
    Botocore,
}

/// A request that is about to be signed.
pub struct Request {
    /// `POST`.
    pub method: &'static str,
    /// `https`.
    pub scheme: &'static str,
    /// What the `Host` header says.
    pub host: String,
    /// As it is on the wire.
    pub path: String,
    /// As it is on the wire, without `?`.
    pub query: String,
    /// All but `Host` and what the signer adds: names in any case, values with any spaces.
    pub headers: Vec<(String, String)>,
    /// Whether `x-amz-content-sha256` is among the signed headers.
    pub sends_body_hash: bool,
    /// The body.
    pub body: Vec<u8>,
    /// When it is signed.
    pub time: AmzTime,
    /// `AKIA...`
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// Of temporary keys.
    pub session_token: Option<String>,
    /// `us-east-1`.
    pub region: String,
    /// `bedrock`.
    pub service: &'static str,
}

/// Headers that neither oracle signs: they change on the way, or come from the signing itself.
const UNSIGNED: [&str; 4] = ["authorization", "transfer-encoding", "user-agent", "x-amzn-trace-id"];

impl Request {
    /// The whole address.
    pub fn url(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}://{}{}{mark}{}", self.scheme, self.host, self.path, self.query)
    }

    /// Every header as it is sent, with lower-case names, as our verifier takes them.
    pub fn sent_headers(&self) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> =
            self.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        add("host", &self.host);
        add("x-amz-date", self.time.as_str());
        if let Some(token) = &self.session_token {
            add("x-amz-security-token", token);
        }
        if self.sends_body_hash {
            add("x-amz-content-sha256", &hash_hex(&self.body));
        }
        headers
    }

    /// Those of the sent headers that are signed.
    pub fn signed_headers(&self) -> Vec<(String, String)> {
        let mut headers = self.sent_headers();
        headers.retain(|(name, _)| !UNSIGNED.contains(&name.as_str()));
        headers
    }

    /// What our signer and verifier take; the hash is that of the body.
    pub fn canonical<'a>(&'a self, payload_hash: &'a str) -> Canonical<'a> {
        Canonical {
            method: self.method,
            path: &self.path,
            query: &self.query,
            path_style: PathStyle::Normalized,
            payload_hash,
        }
    }

    /// Our signing key.
    pub fn key(&self) -> SigningKey {
        SigningKey::derive(&self.secret_access_key, CredentialScope::new(self.time, &self.region, self.service))
    }

    /// Our `Authorization`.
    pub fn authorization(&self) -> String {
        let headers = self.signed_headers();
        let hash = hash_hex(&self.body);
        sign(&self.canonical(&hash), &borrowed(&headers), &self.access_key_id, &self.key(), self.time).authorization
    }

    /// A random request that `oracle` reads as the others do.
    pub fn random(chance: &mut Chance, oracle: Oracle) -> Request {
        let (method, path, query) = target(chance, oracle);
        let (scheme, host, service) = place(chance);
        let body = body(chance, method);
        Request {
            method,
            scheme,
            host,
            path,
            query,
            headers: headers(chance, oracle, body.len()),
            sends_body_hash: chance.once_in(2),
            body,
            // Any second of 1970 to 2099.
            time: AmzTime::from_unix((chance.bits() % 4_102_444_800) as i64),
            access_key_id: format!("AKIA{}", chance.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
            secret_access_key: {
                // Longer than the block of the hash, too: such keys are hashed first.
                let length = chance.pick(&[1, 20, 40, 40, 40, 60, 61, 100]);
                chance.text(BASE64, length)
            },
            session_token: chance.once_in(3).then(|| {
                let length = chance.between(16, 900);
                format!("{}==", chance.text(BASE64, length))
            }),
            region: chance
                .pick(&["us-east-1", "us-west-2", "eu-central-1", "ap-northeast-3", "us-gov-west-1"])
                .to_owned(),
            service,
        }
    }
}

/// Pairs of owned texts as pairs of borrowed ones.
pub fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Encodes all but the unreserved characters, in upper-case hex: as queries are signed.
pub fn encode(text: &str) -> String {
    encode_but(text, "")
}

const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const UNRESERVED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

/// Encodes all but the unreserved characters and those in `left_raw`.
fn encode_but(text: &str, left_raw: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if UNRESERVED.contains(letter) || left_raw.contains(letter) {
            out.push(letter);
            continue;
        }
        for byte in letter.to_string().bytes() {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

// --- where to -----------------------------------------------------------------------

fn place(chance: &mut Chance) -> (&'static str, String, &'static str) {
    let (scheme, host, service) = chance.pick(&[
        ("https", "bedrock-runtime.us-east-1.amazonaws.com", "bedrock"),
        ("https", "bedrock-runtime.us-east-1.amazonaws.com", "bedrock"),
        ("https", "bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "bedrock"),
        ("https", "bedrock.eu-central-1.amazonaws.com", "bedrock"),
        ("https", "bedrock-mantle.us-east-1.api.aws", "bedrock-mantle"),
        ("https", "vpce-0123456789abcdef0-abcdefgh.bedrock-runtime.us-east-1.vpce.amazonaws.com:8443", "bedrock"),
        ("http", "127.0.0.1:8080", "bedrock"),
        ("http", "localhost", "bedrock"),
        ("http", "[::1]:9090", "bedrock"),
        ("https", "sts.us-east-1.amazonaws.com", "sts"),
    ]);
    (scheme, host.to_owned(), service)
}

/// Method, path and query.
fn target(chance: &mut Chance, oracle: Oracle) -> (&'static str, String, String) {
    let (method, mut path) = match chance.below(10) {
        0..=5 => {
            let operation = chance.pick(&[
                "invoke",
                "invoke",
                "invoke-with-response-stream",
                "converse",
                "converse-stream",
                "count-tokens",
            ]);
            ("POST", format!("/model/{}/{operation}", id(chance)))
        }
        6 | 7 => {
            let collection = chance.pick(&[
                "foundation-models",
                "foundation-model-availability",
                "inference-profiles",
                "model-invocation-job",
                "list-foundation-model-agreement-offers",
            ]);
            ("GET", format!("/{collection}/{}", id(chance)))
        }
        8 => {
            let (method, path) = chance.pick(&[
                ("GET", "/foundation-models"),
                ("GET", "/inference-profiles"),
                ("GET", "/model-invocation-jobs"),
                ("GET", "/logging/modelinvocations"),
                ("PUT", "/logging/modelinvocations"),
                ("DELETE", "/logging/modelinvocations"),
                ("POST", "/model-invocation-job"),
                ("POST", "/anthropic/v1/messages"),
                ("GET", "/"),
                ("POST", "/"),
                ("GET", ""),
            ]);
            (method, path.to_owned())
        }
        _ => ("POST", roundabout(chance)),
    };
    if oracle == Oracle::AwsSigv4 && path.ends_with('.') {
        path.push('x');
    }
    // Control-plane requests have queries; that others may have one, too, must not matter.
    let pairs = if method == "GET" { chance.below(6) } else { chance.below(8).saturating_sub(5) };
    (method, path, query(chance, oracle, pairs))
}

/// A model id, a profile or an ARN, in one of the ways in which clients write them.
fn id(chance: &mut Chance) -> String {
    const MODELS: [&str; 6] = [
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "global.anthropic.claude-opus-4-6-v1",
        "anthropic.claude-opus-4-8",
        "anthropic.claude-3-haiku-20240307-v1:0:48k",
        "a1b2c3d4e5f6",
    ];
    let model = chance.pick(&MODELS);
    let plain = match chance.below(8) {
        0..=2 => model.to_owned(),
        3 => format!("arn:aws:bedrock:us-east-1::foundation-model/{model}"),
        4 => format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{model}"),
        5 => "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:application-inference-profile/a1b2c3d4e5f6".to_owned(),
        6 => "arn:aws:sagemaker:us-east-1:123456789012:endpoint/my endpoint".to_owned(),
        // No id that exists, but nothing a path cannot hold.
        _ => {
            let length = chance.between(1, 24);
            chance.text("abcXYZ019-_.~!$&'()*+,;=:@/ %\"<>[]^`{|}\\é日🦀", length)
        }
    };
    let left_raw = chance.pick(&["", "", ":", ":", ":/", "!$&'()*+,;=:@"]);
    let written = encode_but(&plain, left_raw);
    // Some clients write hex in small letters, and some encode twice.
    match chance.below(12) {
        0 => lower_case_hex(&written),
        1 => encode(&written),
        _ => written,
    }
}

/// A percent-encoded text with its hex in small letters.
fn lower_case_hex(written: &str) -> String {
    let mut pieces = written.split('%');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (hex, rest) = piece.split_at(2);
        out.push('%');
        out.push_str(&hex.to_ascii_lowercase());
        out.push_str(rest);
    }
    out
}

/// A path with dot segments and double slashes, which is signed as the path it leads to.
fn roundabout(chance: &mut Chance) -> String {
    // None of these is a dot segment, though they look like it.
    const HARMLESS: [&str; 7] = ["...", ".a", "a.", "..a", "%2E", "%2E%2E", ".%2E"];
    let mut path = String::new();
    for _ in 0..chance.between(1, 7) {
        path.push('/');
        match chance.below(6) {
            0 => {}
            1 => path.push('.'),
            2 => path.push_str(".."),
            3 => path.push_str(chance.pick(&HARMLESS)),
            4 => path.push_str("model"),
            _ => path.push_str(&id(chance)),
        }
    }
    match chance.below(3) {
        0 => path.push('/'),
        1 => path.push_str("/invoke"),
        _ => {}
    }
    path
}

fn query(chance: &mut Chance, oracle: Oracle, pairs: usize) -> String {
    const KEYS: [&str; 8] =
        ["byProvider", "byInferenceType", "maxResults", "nextToken", "submitTimeAfter", "sortBy", "a", "a-"];
    let mut query = String::new();
    for at in 0..pairs {
        if at > 0 {
            query.push('&');
        }
        let key = if chance.once_in(8) { odd_text(chance) } else { chance.pick(&KEYS).to_owned() };
        let value = match chance.below(7) {
            0 => "ON_DEMAND".to_owned(),
            1 => "2026-01-02T03:04:05Z".to_owned(),
            2 => "1000".to_owned(),
            3 => format!("{}==", chance.text(BASE64, 24)),
            4 => String::new(),
            5 => "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8".to_owned(),
            _ => odd_text(chance),
        };
        match oracle {
            Oracle::Botocore => {
                query.push_str(&encode(&key));
                // A key alone is signed as a key with an empty value.
                if !(value.is_empty() && chance.once_in(2)) {
                    query.push('=');
                    query.push_str(&encode(&value));
                }
            }
            Oracle::AwsSigv4 => {
                query.push_str(&loosely(chance, &key, "!$'()*,;:@/?"));
                if !(value.is_empty() && chance.once_in(2)) {
                    query.push('=');
                    query.push_str(&loosely(chance, &value, "!$'()*,;:@/?="));
                }
                // Two ampersands in a row: no pair between them.
                if chance.once_in(20) {
                    query.push('&');
                }
            }
        }
    }
    query
}

/// Encoded, but not as it will be signed: some characters raw, hex in small letters.
fn loosely(chance: &mut Chance, text: &str, may_stay_raw: &str) -> String {
    let left_raw = if chance.once_in(2) { may_stay_raw } else { "" };
    let written = encode_but(text, left_raw);
    match chance.below(4) {
        0 => lower_case_hex(&written),
        // Encoded although it need not be.
        1 => written.replacen('a', "%61", 1),
        _ => written,
    }
}

fn odd_text(chance: &mut Chance) -> String {
    let length = chance.between(1, 12);
    chance.text("aB3-_.~!$&'()*+,;=:@/?# %\"<>[]^`{|}\\é日🦀", length)
}

// --- what with ----------------------------------------------------------------------

fn headers(chance: &mut Chance, oracle: Oracle, body_length: usize) -> Vec<(String, String)> {
    const NAMES: [&str; 18] = [
        "Content-Type",
        "Accept",
        "Accept-Encoding",
        "X-Amzn-Bedrock-Accept",
        "X-Amzn-Bedrock-Trace",
        "X-Amzn-Bedrock-GuardrailIdentifier",
        "X-Amzn-Bedrock-GuardrailVersion",
        "X-Amzn-Bedrock-PerformanceConfig-Latency",
        "X-Amzn-Bedrock-Request-Metadata",
        "X-Amz-User-Agent",
        "x-amz-date-2",
        "anthropic-version",
        "anthropic-beta",
        "x-stainless-lang",
        "x-stainless-retry-count",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "x_under.score~tilde",
    ];
    let mut headers: Vec<(String, String)> = Vec::new();
    for _ in 0..chance.below(8) {
        // Several values of one name now and then, not always side by side.
        let name = match headers.is_empty() {
            false if chance.once_in(6) => headers[chance.below(headers.len())].0.clone(),
            _ => chance.pick(&NAMES).to_owned(),
        };
        let name = match chance.below(4) {
            0 => name.to_ascii_lowercase(),
            1 => name.to_ascii_uppercase(),
            _ => name,
        };
        headers.push((name, header_value(chance, oracle)));
    }
    if chance.once_in(2) {
        headers.push(("Content-Length".to_owned(), body_length.to_string()));
    }
    for name in UNSIGNED {
        if chance.once_in(4) {
            let at = chance.below(headers.len() + 1);
            headers.insert(at, (name.to_owned(), "not to be signed".to_owned()));
        }
    }
    headers
}

fn header_value(chance: &mut Chance, oracle: Oracle) -> String {
    match chance.below(9) {
        0 => String::new(),
        1 => "application/json".to_owned(),
        2 => r#"{"team": "platform",  "cost centre": "42"}"#.to_owned(),
        3 => "computer-use-2025-01-24, context-1m-2025-08-07".to_owned(),
        // Quoted spaces are made one like any others.
        4 => r#""a  b   c""#.to_owned(),
        5 => " ".repeat(chance.between(1, 4)),
        6 => {
            let length = chance.between(1, 12);
            chance.text(if oracle == Oracle::Botocore { "a\té日🦀 " } else { "a é日🦀 " }, length)
        }
        _ => {
            let length = chance.between(1, 60);
            chance.text("abc XYZ 019 -_.~!#$%&'()*+,;:@/?=\"<>[]^`{|}\\   ", length)
        }
    }
}

fn body(chance: &mut Chance, method: &str) -> Vec<u8> {
    if method == "GET" || chance.once_in(8) {
        return Vec::new();
    }
    if chance.once_in(2) {
        let length = chance.between(0, 200);
        let said = chance.text("abc xyz é日🦀", length);
        let body = serde_json::json!({
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 16,
            "messages": [{"role": "user", "content": said}],
        });
        return body.to_string().into_bytes();
    }
    let length = chance.between(1, 2048);
    chance.bytes(length)
}
