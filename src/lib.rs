//! modelbuild turns a directory of weights, configuration, code and documents into one OCI artifact.
//!
//! There is one way through the house, and each room has one job:
//!
//! ```text
//! Modelfile ─parse→ Modelfile ─resolve→ Plan ─transfer→ blobs + digests ─assemble→ Artifact ─publish→ layout | archive
//!  (text)           modelfile           plan    store                     artifact           store
//! ```
//!
//! | room | job |
//! |---|---|
//! | [`cores`] | many small pieces of work, on all cores at once |
//! | [`digest`] | bytes to SHA-256, and which file the bytes came from |
//! | [`files`] | files that are there whole or not at all, and locks |
//! | [`watch`] | directories to the moment when something has happened in them |
//! | [`cache`] | which digests are known of files that did not change |
//! | [`modelfile`] | text to a [`modelfile::Modelfile`], with a span on every word |
//! | [`plan`] | a Modelfile and its context directory to a [`plan::Plan`]: files, kinds, order, metadata |
//! | [`known`] | digests that somebody else has written down already |
//! | [`artifact`] | a plan and its digests to config and manifest bytes, one file per dialect |
//! | [`registry`] | one registry over HTTP: who we are there, requests and what is done when they fail |
//! | [`store`] | where blobs and manifests live, and the engine that moves them there |
//! | [`model`] | a stored artifact as a model, and what makes it another one |
//! | [`build`] | the walk through all of the rooms above |
//! | [`cli`] | options in, text or JSON out |
//!
//! A room may use the types of the rooms above it in this table, never of those below; `tests/architecture.rs`
//! holds that.
#![warn(missing_docs)]

pub mod artifact;
pub mod build;
pub mod cache;
pub mod cli;
pub mod cores;
pub mod digest;
pub mod files;
pub mod known;
pub mod model;
pub mod modelfile;
pub mod plan;
pub mod registry;
pub mod store;
pub mod watch;
