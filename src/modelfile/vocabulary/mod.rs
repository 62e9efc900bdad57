//! The field's vocabularies, one file each: a value as written to the value that the artifact carries.
//!
//! Each takes the text, its place, and the findings so far. An alias is normalised with a note. `modctl` checks
//! nothing, so a word that it would pass on is kept with a warning; what only our keywords state, and the `ModelPack`
//! schema demands, is an error and gives `None`.

mod capability;
mod context;
mod cutoff;
mod format;
mod language;
mod license;
mod modality;
mod param_size;
mod precision;
mod url;

use super::Diagnostic;

pub(super) use capability::{Capability, capability};
pub(super) use context::context;
pub(super) use cutoff::cutoff;
pub(super) use format::format;
pub(super) use language::language;
pub(super) use license::license;
pub(super) use modality::modality;
pub(super) use param_size::param_size;
pub(super) use precision::precision;
pub(super) use url::url;

/// What was found out about the values so far.
pub(super) type Findings = Vec<Diagnostic>;

/// The note that something was understood as something else.
fn taken_as(written: &str, meant: &str, span: super::Span) -> Diagnostic {
    Diagnostic::note(format!("{} is taken as `{meant}`", super::show::quoted(written)), span)
}
