//! The dialect of `InvokeModel`: Messages bodies whose model and stream flag travel in the path, and events in
//! base64 inside the chunks of an AWS event stream.

mod count;
mod error;
mod event;
mod request;
mod response;

pub use count::{
    CountAnswer, CountInput, CountRequest, InvokeBody, decode_count_answer, decode_count_request, encode_count_answer,
    encode_count_request,
};
pub use error::encode_fault;
pub use event::{EventDecoder, EventEncoder, read_chunk};
pub use request::{decode_request, encode_request};
pub use response::{TokenCounts, decode_response, encode_response};
