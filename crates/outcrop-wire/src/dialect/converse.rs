//! The dialect of `Converse`: AWS's own shapes, with the model in the path, and events as the payloads of an AWS event
//! stream, each under its name.

mod body;
mod count;
mod frames;

pub use body::{decode_converse_request, decode_converse_response, encode_converse_request, encode_converse_response};
pub use count::{decode_converse_count, encode_converse_count};
pub use frames::{ConverseEventDecoder, ConverseEventEncoder};
