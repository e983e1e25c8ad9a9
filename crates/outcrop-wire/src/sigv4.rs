//! AWS Signature Version 4: one canonical request for the side that signs and the side that verifies.
//!
//! The contract. The path is taken as it is on the wire, already encoded once, and encoded once more (every AWS service
//! but S3 does that: [`PathStyle::Once`]), after dot segments and double slashes are resolved. The signer signs exactly the headers it is
//! given; the verifier checks exactly those that `SignedHeaders` names. Neither changes the request. The body enters by
//! its SHA-256. No clock: the time is an argument.
//!
//! Source: botocore `auth.py`, the AWS signing test suite, and captured requests of five clients.

mod canonical;
mod chunk;
mod key;
mod presigned;
mod sign;
mod time;
mod verify;

pub use canonical::{Canonical, PathStyle, canonical_path, canonical_query, canonical_request, hash_hex};
pub use chunk::{chunk_signature, trailer_signature};
pub use key::{CredentialScope, SigningKey};
pub use presigned::{Presigned, verify_presigned};
pub use sign::{Signed, presign, sign, string_to_sign};
pub use time::AmzTime;
pub use verify::{Authorization, Claim, Refusal, verify};

/// The algorithm's name.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
