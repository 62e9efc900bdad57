//! HTTP to registries.
//!
//! Enters: the host of a registry and a repository there. Leaves: what the registry has, or has now.

pub mod credentials;
