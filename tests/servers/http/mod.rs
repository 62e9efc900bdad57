//! As much of HTTP/1.1 (RFC 9112) as clients of registries use, over threads and blocking sockets.
//!
//! Connections in, [`Request`]s and [`Body`]s out to a [`Service`], its [`Reply`] back. Bodies pass through in pieces, so
//! that memory does not grow with them, and a body that broke is an error and never a short one.

mod body;
mod listener;
mod message;
mod received;
mod reply;
mod service;

pub use body::{Body, Framing};
pub use listener::{Listener, Stop};
pub use message::{Headers, Request, Response, form};
pub use received::Received;
pub use reply::Reply;
pub use service::{Service, respond, serve};
