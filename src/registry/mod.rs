//! HTTP to registries.
//!
//! Enters: the host of a registry and a repository there. Leaves: what the registry has, or has now.

pub mod credentials;
mod host;
mod settings;

pub use host::is_host;
pub use settings::{HostSettings, Settings, is_mirror};
