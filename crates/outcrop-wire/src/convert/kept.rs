//! What one vocabulary has no word for, kept in the other as an unknown value without a `type`, and taken back.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json::{Extra, Json};
use crate::record::Other;

/// A value of Converse as an unknown value of Messages: its members, no `type` of its own.
pub(crate) fn keep<T: Serialize>(value: &T) -> Other {
    // Values of the wire always encode, and here they are objects.
    let members = Json::of(value).and_then(|json| json.parse()).unwrap_or_default();
    Other { kind: String::new(), members }
}

/// The value that was kept; `None` where it is no such value.
pub(crate) fn restored<T: DeserializeOwned>(other: &Other) -> Option<T> {
    Json::of(other).and_then(|json| json.parse()).ok()
}

/// The value that was kept, of a union that keeps what it does not know: `unknown`.
pub(crate) fn restored_or<T: DeserializeOwned>(other: &Other, unknown: fn(Extra) -> T) -> T {
    restored(other).unwrap_or_else(|| unknown(other.members.clone()))
}
