//! Streams, each way, event by event: state machines without I/O.

mod to_converse;
mod to_messages;

pub use to_converse::StreamToConverse;
pub(crate) use to_messages::Piece;
pub use to_messages::StreamToMessages;
