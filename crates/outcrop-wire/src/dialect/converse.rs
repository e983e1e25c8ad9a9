//! The dialect of `Converse`: AWS's own shapes, with the model in the path, and events as the payloads of an AWS event
//! stream, each under its name.
//!
//! What is called `converse` here speaks AWS's own shapes; the rest has the face of every dialect and speaks Messages, by
//! way of [`convert`](crate::convert).

mod body;
mod count;
mod event;
mod frames;
mod request;
mod response;

pub use super::invoke::{decode_count_answer, encode_count_answer};
pub use body::{decode_converse_request, decode_converse_response, encode_converse_request, encode_converse_response};
pub use count::{decode_converse_count, encode_converse_count};
pub use event::{EventDecoder, EventEncoder};
pub use frames::{ConverseEventDecoder, ConverseEventEncoder};
pub use request::{decode_count_request, decode_request, encode_count_request, encode_request};
pub use response::{decode_response, encode_response};
