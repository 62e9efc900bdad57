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

mod archive_output;
mod artifact;
mod command_line;
mod digest;
mod examples;
mod harness;
mod interop;
mod layout_output;
mod modelfile;
mod modelfile_rows;
mod oracle;
mod plan;
mod registry;
mod tiny;
