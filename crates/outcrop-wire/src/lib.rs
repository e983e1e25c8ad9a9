//! Bytes and values of Claude on Amazon Bedrock.
//!
//! Every wire type is written once and used by both sides, client and server. Nothing here touches a socket, a clock, a
//! file, the environment or chance: bytes and values go in, bytes and values come out.
//!
//! In the order a request passes through:
//!
//! - [`messages`] is the one vocabulary: requests, blocks, replies, events; [`converse`] the shapes of AWS's own API,
//!   and [`convert`] turns the one into the other and names what is lost;
//! - [`model`] and [`scope`] say who is to answer and where; [`catalogue`] what is known of each model, as data:
//!   what it takes, and what it costs; [`region`] where AWS is besides;
//! - [`surface`] lists the ways into Bedrock, and [`route`](route::route) finds the one a request line takes;
//! - [`schema`] makes a JSON Schema one that is enforced, [`edit`] changes the members of a body, [`dialect`] encodes and
//!   decodes whole bodies and streams;
//! - [`sigv4`] signs and verifies from one canonical request, [`bearer`] makes short-term API keys of signatures;
//! - [`eventstream`] frames bytes, [`sse`] reads server-sent events;
//! - [`handling`] is how Bedrock is to handle a call: guardrail, capacity, speed, labels;
//! - [`account`] is what stands behind the calls: who calls, which models there are, who may
//!   use them, what is kept of them;
//! - [`fault`] is what can go wrong, in one table;
//! - [`sniff`] tells files by their bytes, [`limits`] weighs the media of a request;
//! - [`accumulate`] adds events up to a message, [`replay`](replay::replay) is its inverse;
//!   [`partial`] reads JSON that is still being written;
//! - [`json`] and [`record`] keep what nobody here knows.

pub mod account;
pub mod accumulate;
pub mod bearer;
mod capability;
pub mod catalogue;
pub mod converse;
pub mod convert;
pub mod dialect;
mod early;
pub mod edit;
pub mod eventstream;
pub mod fault;
pub mod handling;
pub mod json;
mod keyed;
pub mod limits;
pub mod messages;
pub mod model;
pub mod near;
pub mod partial;
mod price;
pub mod record;
pub mod region;
pub mod replay;
pub mod route;
pub mod schema;
pub mod scope;
pub mod sigv4;
pub mod sniff;
pub mod sse;
pub mod surface;

pub use accumulate::Accumulator;
pub use json::{Extra, Json};
pub use record::Other;
