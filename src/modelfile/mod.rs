//! The Modelfile language: text to a [`Modelfile`], with a span on every word.
//!
//! Enters: a [`Source`] (the text and its name) and the [`BuildArgs`] of the command line. Leaves: a [`Modelfile`] (what
//! is stated, checked against the field's vocabularies) and [`Diagnostic`]s. Two stages: *as written* (statements and
//! words, each with its span), then *resolved* (one field per thing that can be stated). Between them the values of
//! arguments take the place of `${name}`, so that every check sees the value and every caret the word as written. The
//! room touches no file but the Modelfile itself; globs stay patterns here.

mod argument;
mod diagnostic;
mod keyword;
mod kind;
mod misuse;
mod moment;
mod ollama;
mod read;
mod render;
mod resolve;
mod resolved;
mod scope;
mod show;
mod source;
mod span;
mod substitute;
mod vocabulary;
mod word;
mod written;

pub use argument::{Argument, Arguments, BuildArg, BuildArgs, Origin};
pub use diagnostic::{Diagnostic, Diagnostics, Fault, Severity};
pub use kind::Kind;
pub(crate) use moment::{is_time, time};
pub use read::ReadError;
pub use resolved::{Modality, Modelfile, Partial, PathRule};
pub use show::escape;
pub(crate) use show::{deceives, either, nearest, quoted, quoted_path};
pub use source::Source;
pub use span::{Span, Spanned};
pub use word::Word;
