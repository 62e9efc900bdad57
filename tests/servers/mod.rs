//! Servers that the tests are the masters of, on loopback, each as long as its value lives.
//!
//! [`registry`] is a small registry of the OCI distribution specification. What clients ask is in a [`record`], to compare
//! with what they should have asked. [`proxy`] stands before any server and spoils what passes. [`forward`] is one that
//! clients are told to use. [`sink`] takes what it is sent and drops it, and gives what [`layouts`] have. Nothing here
//! knows the product: tests and benches start these, the product meets them over the network.

pub mod forward;
pub mod http;
mod layouts;
pub mod proxy;
pub mod record;
pub mod registry;
pub mod sink;
