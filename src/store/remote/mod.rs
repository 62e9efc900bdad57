//! A repository of a registry as a place for artifacts.
//!
//! Blobs are looked for first, then mounted from a repository that may have them, then uploaded by
//! [`registry::Upload`](crate::registry::Upload); the manifest comes last, under its tags. What was uploaded stays, even
//! if the transfer fails: the registry removes what nobody refers to, and the next attempt finds it there.

mod address;
mod destination;
mod siblings;
mod slot;

pub use address::{Address, AddressError};
pub use destination::Remote;
