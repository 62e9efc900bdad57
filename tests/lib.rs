//! All integration tests, in one binary so that they link once: a module per feature.
#![allow(missing_docs, reason = "tests document themselves by name")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking; clippy.toml's exceptions cover test functions, not what they call"
)]
#![allow(clippy::needless_raw_string_hashes, reason = "snapbox writes expected texts so")]

mod architecture;
mod archive_output;
mod artifact;
mod authorized;
mod bad_input;
mod blocks;
mod cache;
mod chance;
mod changing;
mod closure;
mod command_line;
mod converting;
mod crash;
mod credentials;
mod depfile;
mod determinism;
mod diff;
mod digest;
mod engine;
mod examples;
mod extracting;
mod files;
mod foreign;
mod from;
mod harness;
mod house;
mod inference;
mod interop;
mod known;
mod layout;
mod layout_output;
mod library;
mod login;
mod logout;
mod looking;
mod memory;
mod modelfile;
mod modelfile_rows;
mod mount;
mod options_of_registries;
mod oracle;
mod plan;
mod planning;
mod proxied;
mod pulling;
mod pushing;
mod reading;
mod reads;
mod reflink;
mod registry;
mod review;
mod running;
mod schema;
mod servers;
mod serving;
mod settings;
mod spoiling;
mod spoilt_documents;
mod telling;
mod tiny;
mod verifying;
mod watch;
mod watching;
