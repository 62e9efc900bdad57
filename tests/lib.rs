//! All integration tests, in one binary so that they link once: a module per feature.
#![allow(missing_docs, reason = "tests document themselves by name")]

mod artifact;
mod digest;
mod examples;
mod harness;
mod interop;
mod modelfile;
mod oracle;
mod registry;
