//! The Modelfile language: text to a [`Modelfile`], with a span on every word.
//!
//! Enters: a [`Source`] (the text and its name). Leaves: a [`Modelfile`] (what is stated, checked against the field's
//! vocabularies) and [`Diagnostic`]s. Two stages: *as written* (statements and words, each with its span), then
//! *resolved* (one field per thing that can be stated). The room touches no file but the Modelfile itself; globs stay
//! patterns here.

mod diagnostic;
mod keyword;
mod kind;
mod misuse;
mod ollama;
mod read;
mod render;
mod resolve;
mod resolved;
mod show;
mod source;
mod span;
mod vocabulary;
mod word;
mod written;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use kind::Kind;
pub use read::ReadError;
pub use resolved::{Modality, Modelfile, Partial, PathRule};
pub use source::Source;
pub use span::{Span, Spanned};
pub use word::Word;
