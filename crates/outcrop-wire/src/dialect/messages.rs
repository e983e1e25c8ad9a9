//! The dialect of Anthropic's own Messages API, as the runtime host and Mantle speak it: model and stream flag are
//! members of the body, version and beta flags are headers, events are server-sent, and errors have an envelope.

mod count;
mod error;
mod event;
mod request;
mod response;

pub use count::{NOT_COUNTED, decode_count_answer, decode_count_request, encode_count_answer, encode_count_request};
pub use error::encode_fault;
pub use event::{EventDecoder, EventEncoder, PADDING_LENGTH};
pub use request::{Head, Outline, decode_request, encode_request};
pub use response::{decode_response, encode_response};
