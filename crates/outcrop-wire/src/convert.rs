//! Messages <-> Converse, both ways: requests, replies and streams, value by value.
//!
//! Bedrock itself translates Converse into Messages for Claude; these are the same two vocabularies. A conversion never
//! fails: what one side cannot say becomes a [`Loss`] that names its row in [`LOSSES`] and the place where it stood. What
//! Converse has no member for, thinking and betas say, goes through `additionalModelRequestFields`; what Messages has no
//! word for, guarded content say, is kept as an unknown block or member and restored on the way back.
//!
//! Without losses, a request that was converted there and back is equal to itself, but for what the table calls
//! respelled.
//!
//! Facts: AWS user guide, Converse; botocore service model bedrock-runtime 2023-09-30; recorded traffic.

mod citation;
mod content;
mod document;
mod kept;
mod losses;
mod media;
mod message;
mod place;
mod request;
mod settings;
mod stop_reason;
mod stream;
mod tool;
mod tool_result;
mod usage;

pub use document::{DOCUMENT_BYTES, DOCUMENT_NAME_LENGTH, DOCUMENTS_PER_MESSAGE, DocumentNames, is_document_name};
pub use losses::{Direction, Instead, LOSSES, Loss, LossRow, table};
pub use message::{Identity, message_from_converse, message_to_converse};
pub(crate) use request::RequestToConverse;
pub use request::{request_from_converse, request_to_converse};
pub(crate) use stream::Piece;
pub use stream::{StreamToConverse, StreamToMessages};

use place::Losses;

/// A value in the other vocabulary, and what it could not take along.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted<T> {
    /// The value.
    pub value: T,
    /// What was lost, translated, made up, kept as unknown or not shown to the model, in the order it came.
    pub losses: Vec<Loss>,
}

impl<T> Converted<T> {
    /// The same with another value.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Converted<U> {
        Converted { value: with(self.value), losses: self.losses }
    }
}

/// A conversion to Converse that is going on.
#[derive(Debug, Default)]
struct ToConverse {
    losses: Losses,
    names: DocumentNames,
    /// It is a reply, not a request.
    reply: bool,
}

/// A conversion to Messages that is going on.
#[derive(Debug, Default)]
struct ToMessages {
    losses: Losses,
}
