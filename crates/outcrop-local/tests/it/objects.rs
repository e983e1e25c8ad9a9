//! The S3 face: buckets and objects, by requests written by hand. The chunks of a body are signed here as clients do.

use std::fs;

use outcrop_local::{Account, Data, Local};
use outcrop_wire::sigv4::{
    AmzTime, Canonical, CredentialScope, PathStyle, SigningKey, chunk_signature, hash_hex, presign, trailer_signature,
};

use crate::raw::{NOW, Request, Response, Signing, at, left, local, send};

const HOST: &str = "s3.us-east-1.amazonaws.com";

/// The signed headers of a request.
const SIGNED: [&str; 19] = [
    "content-md5",
    "host",
    "if-none-match",
    "range",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-mode",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-sha512",
    "x-amz-checksum-xxhash64",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-trailer",
];

fn bare(method: &str, target: &str, body: &[u8], headers: &[(&str, &str)]) -> Request {
    let mut request = Request::post(target, body);
    request.method = method.to_owned();
    request.headers = vec![("host".to_owned(), HOST.to_owned())];
    for (name, value) in headers {
        request = request.header(name, value);
    }
    match request.headers.iter().any(|(name, _)| name == "x-amz-content-sha256") {
        true => request,
        false => request.header("x-amz-content-sha256", &hash_hex(body)),
    }
}

fn signing() -> Signing<'static> {
    Signing { service: "s3", signed: &SIGNED, ..Signing::default() }
}

pub(crate) async fn ask(local: &Local, method: &str, target: &str, body: &[u8], headers: &[(&str, &str)]) -> Response {
    send(local, &bare(method, target, body, headers).signed(&signing())).await
}

async fn plain(local: &Local, method: &str, target: &str) -> Response {
    ask(local, method, target, b"", &[]).await
}

/// Makes a bucket in a region.
pub(crate) async fn make_bucket(local: &Local, bucket: &str, region: &str) {
    let body = match region {
        "us-east-1" => String::new(),
        region => format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        ),
    };
    let made = ask(local, "PUT", &format!("/{bucket}"), body.as_bytes(), &[]).await;
    assert_eq!(made.status, 200, "{}", made.text());
}

/// The code of a refusal.
fn code(response: &Response) -> (u16, &str) {
    let text = response.text();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    (response.status, code.unwrap_or(text))
}

async fn with_bucket() -> Local {
    let local = local();
    make_bucket(&local, "bucket", "us-east-1").await;
    local
}

#[tokio::test]
async fn an_object_is_given_as_it_was_taken() {
    let local = with_bucket().await;
    let put = ask(&local, "PUT", "/bucket/a%20b/%C3%A9+%25", b"hello", &[("content-type", "text/x")]).await;
    assert_eq!((put.status, put.header("etag")), (200, Some("\"5d41402abc4b2a76b9719d911017c592\"")));
    let get = plain(&local, "GET", "/bucket/a%20b/%C3%A9%2B%25").await;
    assert_eq!((get.status, get.text(), get.header("content-type")), (200, "hello", Some("text/x")));
    assert_eq!((get.header("etag"), get.header("content-length")), (put.header("etag"), Some("5")));
    assert!(get.header("last-modified").is_some() && get.header("x-amz-request-id").is_some());
    let range = ask(&local, "GET", "/bucket/a%20b/%C3%A9%2B%25", b"", &[("range", "bytes=-2")]).await;
    assert_eq!((range.status, range.text(), range.header("content-range")), (206, "lo", Some("bytes 3-4/5")));
    let etag = put.header("etag").unwrap();
    let same = ask(&local, "GET", "/bucket/a%20b/%C3%A9%2B%25", b"", &[("if-none-match", etag)]).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(plain(&local, "DELETE", "/bucket/a%20b/%C3%A9%2B%25").await.status, 204);
    let gone = plain(&local, "GET", "/bucket/a%20b/%C3%A9%2B%25").await;
    assert_eq!(code(&gone), (404, "NoSuchKey"));
}

#[tokio::test]
async fn lists_have_pages_and_folders() {
    let local = with_bucket().await;
    for key in ["a", "b/1", "b/2", "b0", "c/1/x", "c/2"] {
        assert_eq!(ask(&local, "PUT", &format!("/bucket/{key}"), b"x", &[]).await.status, 200);
    }
    let keys = |response: &Response| {
        let parts = response.text().split("<Key>").skip(1);
        let mut keys: Vec<String> = parts.map(|part| part.split('<').next().unwrap().to_owned()).collect();
        let prefixes = response.text().split("<CommonPrefixes><Prefix>").skip(1);
        keys.extend(prefixes.map(|part| format!("{}*", part.split('<').next().unwrap())));
        keys.join(" ")
    };
    for (query, expected) in [
        ("list-type=2", "a b/1 b/2 b0 c/1/x c/2"),
        ("list-type=2&prefix=b", "b/1 b/2 b0"),
        ("list-type=2&prefix=c%2F", "c/1/x c/2"),
        ("list-type=2&delimiter=%2F", "a b0 b/* c/*"),
        ("list-type=2&delimiter=%2F&prefix=c%2F", "c/2 c/1/*"),
        ("list-type=2&start-after=b%2F1", "b/2 b0 c/1/x c/2"),
        ("marker=c", "c/1/x c/2"),
        ("list-type=2&prefix=nothing", ""),
        ("list-type=2&max-keys=0", ""),
    ] {
        let listed = plain(&local, "GET", &format!("/bucket?{query}")).await;
        assert_eq!((listed.status, keys(&listed).as_str()), (200, expected), "{query}");
    }
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let page = plain(&local, "GET", &format!("/bucket/?list-type=2&max-keys=2&delimiter=%2F{token}")).await;
        all.push(keys(&page));
        let Some((_, next)) = page.text().split_once("<NextContinuationToken>") else { break };
        token = format!("&continuation-token={}", next.split('<').next().unwrap());
    }
    assert_eq!(all, ["a b/*", "b0 c/*"]);
    let wrong = plain(&local, "GET", "/bucket?list-type=2&continuation-token=x").await;
    assert_eq!(code(&wrong), (400, "InvalidArgument"));
}

#[tokio::test]
async fn uploads_in_parts_are_put_together() {
    let local = with_bucket().await;
    let begun = plain(&local, "POST", "/bucket/big?uploads").await;
    let id = begun.text().split_once("<UploadId>").unwrap().1.split('<').next().unwrap().to_owned();
    let first = vec![b'1'; 5 * 1024 * 1024];
    let mut document = String::new();
    for (number, part) in [(1, &first[..]), (2, b"2")] {
        let put = ask(&local, "PUT", &format!("/bucket/big?partNumber={number}&uploadId={id}"), part, &[]).await;
        let etag = put.header("etag").unwrap();
        document.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    }
    let complete = |document: String| {
        let document = format!("<CompleteMultipartUpload>{document}</CompleteMultipartUpload>");
        let (local, target) = (local.clone(), format!("/bucket/big?uploadId={id}"));
        async move { ask(&local, "POST", &target, document.as_bytes(), &[]).await }
    };
    let wrong = complete("<Part><PartNumber>3</PartNumber><ETag>\"x\"</ETag></Part>".to_owned()).await;
    assert_eq!(code(&wrong), (400, "InvalidPart"));
    let done = complete(document.clone()).await;
    assert!(done.status == 200 && done.text().contains("-2&quot;</ETag>"), "{}", done.text());
    let got = plain(&local, "GET", "/bucket/big").await;
    assert!(got.body.len() == first.len() + 1 && got.body.ends_with(b"12"));
    assert_eq!(code(&complete(document).await), (404, "NoSuchUpload"));
}

/// A body in chunks, signed one over the other, with a trailer.
fn chunked(target: &str, parts: &[&[u8]], trailer: (&str, &str)) -> Request {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = length.to_string();
    let headers = [
        ("content-encoding", "aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", &length),
        ("x-amz-trailer", trailer.0),
    ];
    let mut request = bare("PUT", target, b"", &headers).signed(&signing());
    let authorization = &request.headers.iter().find(|(name, _)| name == "authorization").unwrap().1;
    let mut previous = authorization.rsplit_once("Signature=").unwrap().1.to_owned();
    let time = AmzTime::parse(NOW).unwrap();
    let key = SigningKey::derive(Account::SECRET_ACCESS_KEY, CredentialScope::new(time, "us-east-1", "s3"));
    let mut body = Vec::new();
    for part in parts.iter().chain([&&b""[..]]) {
        previous = chunk_signature(&key, time, &previous, &hash_hex(part));
        body.extend_from_slice(format!("{:x};chunk-signature={previous}\r\n", part.len()).as_bytes());
        body.extend_from_slice(part);
        body.extend_from_slice(if part.is_empty() { b"" } else { b"\r\n" });
    }
    let (name, value) = trailer;
    let signature = trailer_signature(&key, time, &previous, &format!("{name}:{value}\n"));
    body.extend_from_slice(format!("{name}:{value}\r\nx-amz-trailer-signature:{signature}\r\n\r\n").as_bytes());
    request.body = body;
    request
}

#[tokio::test]
async fn bodies_in_signed_chunks_are_taken_apart_and_checked() {
    let local = with_bucket().await;
    // The CRC-32 of `hello, world`.
    let trailer = ("x-amz-checksum-crc32", "/6tyOg==");
    let good = chunked("/bucket/chunks", &[b"hello, ", b"world"], trailer);
    let put = send(&local, &good).await;
    assert_eq!((put.status, put.header("x-amz-checksum-crc32")), (200, Some(trailer.1)), "{}", put.text());
    let got = plain(&local, "GET", "/bucket/chunks").await;
    assert_eq!((got.text(), got.header("content-encoding")), ("hello, world", None));

    let mut forged = good.clone();
    let at = forged.body.iter().position(|byte| *byte == b'w').unwrap();
    forged.body[at] = b'W';
    assert_eq!(code(&send(&local, &forged).await), (403, "SignatureDoesNotMatch"));
    let wrong = chunked("/bucket/wrong", &[b"hello, world"], (trailer.0, "AAAAAA=="));
    assert_eq!(code(&send(&local, &wrong).await), (400, "BadDigest"));
    let mut short = good;
    short.body.truncate(at);
    assert_eq!(code(&send(&local, &short).await), (400, "IncompleteBody"));
    assert_eq!(code(&plain(&local, "GET", "/bucket/wrong").await), (404, "NoSuchKey"));
}

#[tokio::test]
async fn what_a_body_is_said_to_be_it_must_be() {
    let local = with_bucket().await;
    let wrong = "0".repeat(64);
    for (name, good, bad, refusal) in [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", "AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"),
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", "nonsense", "InvalidDigest"),
        ("x-amz-checksum-crc32", "NhCmhg==", "AAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc32c", "mnG7TA==", "AAAAAA==", "BadDigest"),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD", &wrong, "XAmzContentSHA256Mismatch"),
    ] {
        let put = ask(&local, "PUT", "/bucket/good", b"hello", &[(name, good)]).await;
        assert_eq!(put.status, 200, "{name}: {}", put.text());
        let put = ask(&local, "PUT", "/bucket/bad", b"hello", &[(name, bad)]).await;
        assert_eq!(code(&put), (400, refusal), "{name}");
    }
    assert_eq!(code(&plain(&local, "GET", "/bucket/bad").await), (404, "NoSuchKey"));
}

#[tokio::test]
async fn who_calls_is_checked_as_s3_does() {
    let local = with_bucket().await;
    let refusal = |signing: Signing<'static>| {
        let (local, request) = (local.clone(), bare("GET", "/bucket", b"", &[]).signed(&signing));
        async move { send(&local, &request).await }
    };
    for (signing, expected) in [
        (Signing { secret: "wrong", ..signing() }, (403, "SignatureDoesNotMatch")),
        (Signing { access_key_id: "AKIANOBODY", ..signing() }, (403, "InvalidAccessKeyId")),
        (Signing { session_token: Some("token"), ..signing() }, (400, "InvalidToken")),
        (Signing { time: "20261123T110000Z", ..signing() }, (403, "RequestTimeTooSkewed")),
        (Signing { region: "eu-west-1", ..signing() }, (400, "AuthorizationHeaderMalformed")),
        (Signing { service: "bedrock", ..signing() }, (400, "AuthorizationHeaderMalformed")),
        (Signing { signed: &["host", "x-amz-date"], ..signing() }, (403, "AccessDenied")),
    ] {
        assert_eq!(code(&refusal(signing.clone()).await), expected, "{signing:?}");
    }
    let anonymous = bare("GET", "/bucket", b"", &[]);
    assert_eq!(code(&send(&local, &anonymous).await), (403, "AccessDenied"));
    let bearer = anonymous.bearer(Account::BEARER_TOKEN);
    assert_eq!(code(&send(&local, &bearer).await), (400, "InvalidArgument"));
}

#[tokio::test]
async fn a_presigned_query_is_good_until_it_ends() {
    let local = with_bucket().await;
    assert_eq!(ask(&local, "PUT", "/bucket/key", b"hello", &[]).await.status, 200);
    let presigned = |time: &str| {
        let time = AmzTime::parse(time).unwrap();
        let key = SigningKey::derive(Account::SECRET_ACCESS_KEY, CredentialScope::new(time, "us-east-1", "s3"));
        let request = Canonical {
            method: "GET",
            path: "/bucket/key",
            query: "",
            path_style: PathStyle::Once,
            payload_hash: "UNSIGNED-PAYLOAD",
        };
        let query = presign(&request, &[("host", "localhost")], Account::ACCESS_KEY_ID, None, &key, time, 60);
        let mut request = Request::post(&format!("/bucket/key?{query}"), "");
        (request.method, request.headers) = ("GET".to_owned(), vec![("host".to_owned(), "localhost".to_owned())]);
        request
    };
    assert_eq!(send(&local, &presigned(NOW)).await.text(), "hello");
    assert_eq!(code(&send(&local, &presigned("20261123T115800Z")).await), (403, "AccessDenied"));
    let mut other = presigned(NOW);
    other.target = other.target.replacen("/key", "/other", 1);
    assert_eq!(code(&send(&local, &other).await), (403, "SignatureDoesNotMatch"));
}

/// The checksums of `123456789`, as in the functional tests of OpenStack Swift; the last by `sha512sum`.
const CHECKSUMS: [(&str, &str); 6] = [
    ("crc32", "y/Q5Jg=="),
    ("crc32c", "4waSgw=="),
    ("crc64nvme", "rosUhgp5mIg="),
    ("sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
    ("sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
    ("sha512", "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ=="),
];

#[tokio::test]
async fn every_checksum_that_is_sent_is_verified_and_given_back() {
    let local = with_bucket().await;
    for (algorithm, right) in CHECKSUMS {
        let (name, target) = (format!("x-amz-checksum-{algorithm}"), format!("/bucket/{algorithm}"));
        let put = ask(&local, "PUT", &target, b"123456789", &[(&name, right)]).await;
        assert_eq!((put.status, put.header(&name)), (200, Some(right)), "{algorithm}: {}", put.text());
        let get = ask(&local, "GET", &target, b"", &[("x-amz-checksum-mode", "ENABLED")]).await;
        assert_eq!((get.header(&name), get.header("x-amz-checksum-type")), (Some(right), Some("FULL_OBJECT")));
        assert_eq!(plain(&local, "GET", &target).await.header(&name), None, "who does not ask is not told");
        let part = ask(&local, "GET", &target, b"", &[("x-amz-checksum-mode", "ENABLED"), ("range", "bytes=0-3")]);
        assert_eq!(part.await.header(&name), None, "it is not that of a part");

        let other = if right.starts_with('A') { 'B' } else { 'A' };
        let bad = format!("{other}{}", &right[1..]);
        let refused = ask(&local, "PUT", "/bucket/bad", b"123456789", &[(&name, &bad)]).await;
        assert_eq!(code(&refused), (400, "BadDigest"), "{algorithm}");
        let words = format!("The {} you specified did not match the calculated checksum.", algorithm.to_uppercase());
        assert!(refused.text().contains(&words), "{}", refused.text());
        for wrong in ["shrt", "^^^^", ""] {
            let refused = ask(&local, "PUT", "/bucket/bad", b"123456789", &[(&name, wrong)]).await;
            assert_eq!(code(&refused), (400, "InvalidRequest"), "{algorithm} {wrong}");
            assert!(refused.text().contains(&format!("Value for {name} header is invalid.")), "{}", refused.text());
        }
        let trailer = send(&local, &chunked("/bucket/trailer", &[b"12345", b"6789"], (&name, right))).await;
        assert_eq!((trailer.status, trailer.header(&name)), (200, Some(right)), "{algorithm}: {}", trailer.text());
        let refused = send(&local, &chunked("/bucket/bad", &[b"123456789"], (&name, &bad))).await;
        assert_eq!(code(&refused), (400, "BadDigest"), "{algorithm}");
    }
    assert_eq!(code(&plain(&local, "GET", "/bucket/bad").await), (404, "NoSuchKey"), "what is not right is not kept");
}

#[tokio::test]
async fn checksums_that_make_no_sense_are_refused() {
    let local = with_bucket().await;
    let crc32 = ("x-amz-checksum-crc32", "y/Q5Jg==");
    let sha1 = ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=");
    let algorithm = "x-amz-sdk-checksum-algorithm";
    for (headers, expected) in [
        (&[crc32, sha1][..], "Multiple checksum Types are not allowed."),
        (&[crc32, ("x-amz-trailer", "x-amz-checksum-sha1")], "Multiple checksum Types are not allowed."),
        (&[(algorithm, "CRC32")], "no corresponding x-amz-checksum-* or x-amz-trailer headers were found."),
        (&[(algorithm, "SHA1"), crc32], "Value for x-amz-sdk-checksum-algorithm header is invalid."),
    ] {
        let refused = ask(&local, "PUT", "/bucket/key", b"123456789", headers).await;
        assert_eq!(code(&refused), (400, "InvalidRequest"), "{headers:?}");
        assert!(refused.text().contains(expected), "{}", refused.text());
    }
    let announced = ask(&local, "PUT", "/bucket/key", b"123456789", &[("x-amz-trailer", "x-amz-checksum-crc32")]).await;
    assert_eq!(code(&announced), (400, "MalformedTrailerError"), "it never came");
    let unknown = ask(&local, "PUT", "/bucket/key", b"123456789", &[("x-amz-checksum-xxhash64", "AAAAAAAAAAA=")]).await;
    assert_eq!(code(&unknown), (501, "NotImplemented"), "what cannot be verified is not taken");
    assert_eq!(code(&plain(&local, "GET", "/bucket/key").await), (404, "NoSuchKey"));
    let right = ask(&local, "PUT", "/bucket/key", b"123456789", &[(algorithm, "SHA1"), sha1]).await;
    assert_eq!(right.status, 200, "{}", right.text());
}

#[tokio::test]
async fn an_upload_in_parts_has_checksums_of_its_parts_and_of_the_whole() {
    let local = with_bucket().await;
    let sha1 = ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=");
    // SHA-1 of the bytes of the SHA-1 of `123456789`.
    let composite = "zGcEPHvP9e6lVmvZsfPHT9mlz10=-1";
    for (of_part, headers, expected) in [
        (sha1.1, &[][..], Ok(None)),
        (sha1.1, &[sha1], Ok(Some(sha1.1))),
        (sha1.1, &[("x-amz-checksum-sha1", composite)], Ok(Some(composite))),
        (sha1.1, &[("x-amz-checksum-sha1", "zGcEPHvP9e6lVmvZsfPHT9mlz10=-2")], Err("BadDigest")),
        (sha1.1, &[("x-amz-checksum-sha1", "AGcEPHvP9e6lVmvZsfPHT9mlz10=-1")], Err("BadDigest")),
        (sha1.1, &[("x-amz-checksum-crc32", "AAAAAA==")], Err("BadDigest")),
        ("A8O8HYCOBHMq32eZZczDTKeuNEE=", &[], Err("InvalidPart")),
    ] {
        let begun = plain(&local, "POST", "/bucket/parts?uploads").await;
        let id = begun.text().split_once("<UploadId>").unwrap().1.split('<').next().unwrap().to_owned();
        let target = format!("/bucket/parts?partNumber=1&uploadId={id}");
        let put = ask(&local, "PUT", &target, b"123456789", &[sha1]).await;
        let etag = put.header("etag").unwrap();
        let document = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag>\
             <ChecksumSHA1>{of_part}</ChecksumSHA1></Part></CompleteMultipartUpload>"
        );
        let done = ask(&local, "POST", &format!("/bucket/parts?uploadId={id}"), document.as_bytes(), headers).await;
        match expected {
            Err(refusal) => assert_eq!(code(&done), (400, refusal), "{headers:?}"),
            Ok(told) => {
                assert_eq!(done.status, 200, "{headers:?}: {}", done.text());
                let get = ask(&local, "GET", "/bucket/parts", b"", &[("x-amz-checksum-mode", "ENABLED")]).await;
                assert_eq!((get.text(), get.header("x-amz-checksum-sha1")), ("123456789", told), "{headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_bucket_that_is_taken_for_somebody_elses_is_denied() {
    let local = with_bucket().await;
    let owner = "x-amz-expected-bucket-owner";
    assert_eq!(ask(&local, "HEAD", "/bucket", b"", &[(owner, "123456789012")]).await.status, 200);
    assert_eq!(ask(&local, "HEAD", "/bucket", b"", &[(owner, "210987654321")]).await.status, 403);
    let put = ask(&local, "PUT", "/bucket/key", b"x", &[(owner, "210987654321")]).await;
    assert_eq!(code(&put), (403, "AccessDenied"));
    assert_eq!(code(&ask(&local, "GET", "/nothing", b"", &[(owner, "210987654321")]).await), (404, "NoSuchBucket"));
    assert_eq!(plain(&local, "HEAD", "/nothing").await.status, 404);
}

#[tokio::test]
async fn a_region_that_there_is_not_has_no_buckets() {
    let local = with_bucket().await;
    let mut request = bare("GET", "/bucket", b"", &[]);
    request.headers[0].1 = "127.0.0.1:8080".to_owned();
    let refused = send(&local, &request.signed(&Signing { region: "mars-1", ..signing() })).await;
    assert_eq!(code(&refused), (400, "AuthorizationHeaderMalformed"));
    assert!(refused.text().contains("mars-1"), "{}", refused.text());
    let body =
        b"<CreateBucketConfiguration><LocationConstraint>mars-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(code(&ask(&local, "PUT", "/new", body, &[]).await), (400, "InvalidLocationConstraint"));
    let body =
        b"<CreateBucketConfiguration><LocationConstraint>cn-north-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(ask(&local, "PUT", "/new", body, &[]).await.status, 200, "S3 is where Bedrock is not");
}

#[tokio::test]
async fn a_bucket_is_in_one_region() {
    let local = local();
    let body =
        b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(ask(&local, "PUT", "/far-away", body, &[]).await.status, 200);
    let away = plain(&local, "GET", "/far-away").await;
    assert_eq!(code(&away), (301, "PermanentRedirect"));
    assert_eq!(away.header("x-amz-bucket-region"), Some("eu-west-1"));
    assert!(away.text().contains("<Endpoint>far-away.s3.eu-west-1.amazonaws.com</Endpoint>"), "{}", away.text());
    let head = plain(&local, "HEAD", "/far-away").await;
    assert_eq!((head.status, head.header("x-amz-bucket-region"), head.body.len()), (301, Some("eu-west-1"), 0));
    // The same of a server that stands for every region, whose host says none.
    let mut request = bare("GET", "/far-away?list-type=2", b"", &[]);
    request.headers[0].1 = "127.0.0.1:8080".to_owned();
    let away = send(&local, &request.signed(&signing())).await;
    assert_eq!(code(&away), (301, "PermanentRedirect"));
    assert_eq!(away.header("x-amz-bucket-region"), Some("eu-west-1"));
    // Below its own host, where it is.
    let mut request = bare("GET", "/?location", b"", &[]);
    request.headers[0].1 = "far-away.s3.eu-west-1.amazonaws.com".to_owned();
    let told = send(&local, &request.signed(&Signing { region: "eu-west-1", ..signing() })).await;
    assert!(told.text().contains(">eu-west-1</LocationConstraint>"), "{}", told.text());
    for (name, body, expected) in [
        ("/far-away", &body[..], (409, "BucketAlreadyOwnedByYou")),
        ("/Not_a_name", b"", (400, "InvalidBucketName")),
        ("/other", b"nonsense", (400, "MalformedXML")),
    ] {
        assert_eq!(code(&ask(&local, "PUT", name, body, &[]).await), expected, "{name}");
    }
    assert_eq!(code(&plain(&local, "GET", "/nothing").await), (404, "NoSuchBucket"));
    assert_eq!(code(&plain(&local, "GET", "/far-away?acl").await), (501, "NotImplemented"));
}

#[tokio::test]
async fn files_of_a_folder_are_objects_and_what_is_set_up_outlives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Local::builder().clock(|| at(NOW)).data(Data::open(folder.path()).unwrap()).build();
    fs::create_dir_all(folder.path().join("by-hand/deep")).unwrap();
    fs::write(folder.path().join("by-hand/deep/file.txt"), "written by hand").unwrap();
    let local = start();
    assert_eq!(plain(&local, "GET", "/by-hand/deep/file.txt").await.text(), "written by hand");
    assert!(plain(&local, "GET", "/by-hand?list-type=2").await.text().contains("<Key>deep/file.txt</Key>"));
    let buckets = plain(&local, "GET", "/").await;
    assert!(buckets.text().contains("<Name>by-hand</Name>") && !buckets.text().contains(".heads"));
    assert_eq!(plain(&local, "PUT", "/made").await.status, 200);
    assert_eq!(ask(&local, "PUT", "/made/a/b", b"hello", &[("content-type", "text/x")]).await.status, 200);
    assert_eq!(fs::read(folder.path().join("made/a/b")).unwrap(), b"hello");
    let policy = br#"{"Version":"2012-10-17","Statement":[]}"#;
    assert_eq!(ask(&local, "PUT", "/made?policy", policy, &[]).await.status, 204);
    left(local).await;
    let local = start();
    assert_eq!(plain(&local, "GET", "/made?policy").await.body, policy);
    assert_eq!(plain(&local, "GET", "/made/a/b").await.header("content-type"), Some("text/x"));
    // What is changed by hand is another object.
    fs::write(folder.path().join("made/a/b"), "changed").unwrap();
    let changed = plain(&local, "GET", "/made/a/b").await;
    assert_eq!((changed.text(), changed.header("content-type")), ("changed", Some("binary/octet-stream")));
    for key in ["/made/../x", "/made/a//b", "/made/%2E%2E/.account.json", "/made/folder/"] {
        let put = ask(&local, "PUT", key, b"x", &[]).await;
        assert_eq!(code(&put), (400, "InvalidArgument"), "{key}");
    }
    for target in ["/.heads/made", "/made/..%2F.account.json"] {
        assert!([400, 404].contains(&plain(&local, "GET", target).await.status), "{target}");
    }
    assert_eq!(code(&plain(&local, "DELETE", "/made").await), (409, "BucketNotEmpty"));
    assert_eq!(plain(&local, "DELETE", "/made/a/b").await.status, 204);
    assert_eq!(plain(&local, "DELETE", "/made").await.status, 204);
    assert!(!folder.path().join("made").exists());
}
