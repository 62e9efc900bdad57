//! The walk through all the rooms: a Modelfile's text and a context directory in, an artifact at its destinations out.
//!
//! Two steps, because somebody may want to look in between: [`resolve`] reads the Modelfile and makes the plan, and
//! [`build`] carries it out. Nothing is written before the second.

mod depfile;
mod output;
mod workspace;

use std::path::Path;

pub use depfile::{Date, Depfile, Misread, Reader, Unspeakable, date};
pub use output::{Output, default_layout};
use workspace::Workspace;

use crate::artifact::{Artifact, Finding, Recipe};
use crate::modelfile::{BuildArgs, Diagnostics, Modelfile, Source};
use crate::plan::{self, Plan};
use crate::store::{self, Cancel, Destination, Options, Progress, Received, transfer};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The Modelfile is wrong, or names something that cannot be packed: with places in it.
    #[error("the Modelfile cannot be built")]
    Findings(Diagnostics),
    /// Something beside the Modelfile is wrong.
    #[error(transparent)]
    Plan(plan::Error),
}

/// Reads the Modelfile, without looking at any other file; `given` are the values for its arguments. Where one of the
/// findings is an error, it is what the good lines state, and [`resolve`] only finds out what else is wrong.
#[must_use]
pub fn parse(source: &Source, given: &BuildArgs) -> (Modelfile, Diagnostics) {
    Modelfile::parse(source, given).unwrap_or_else(|partial| (partial.modelfile, partial.findings))
}

/// Makes the plan, without opening any file. `findings` are those of [`parse`]; what comes up here is added.
///
/// # Errors
/// All findings, where one of them is an error; or the context directory cannot be read.
pub fn resolve(
    modelfile: &Modelfile,
    findings: Diagnostics,
    context: &Path,
    options: &plan::Options,
) -> Result<(Plan, Diagnostics), ResolveError> {
    let is_partial = findings.has_errors();
    if is_partial && modelfile.paths.is_empty() {
        return Err(ResolveError::Findings(findings));
    }
    match Plan::resolve(modelfile, context, options) {
        // What it warns of may be named by a line that could not be read.
        Ok(_) if is_partial => Err(ResolveError::Findings(findings)),
        Ok((plan, more)) => Ok((plan, findings.and(more))),
        Err(plan::Error::Findings(more)) => Err(ResolveError::Findings(findings.and(more))),
        Err(_) if is_partial => Err(ResolveError::Findings(findings)),
        Err(error) => Err(ResolveError::Plan(error)),
    }
}

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// The artifact.
    pub artifact: Artifact,
    /// What each destination got, in their order.
    pub received: Vec<Received>,
    /// What is worth a warning.
    pub findings: Vec<Finding>,
}

/// Carries out a plan: hashes and stores every file once, and publishes the artifact at all destinations; without any
/// it only finds out the digests.
///
/// # Errors
/// The first thing that failed. With `strict`, any finding is an error, and nothing is published.
pub fn build(
    plan: &Plan,
    recipe: &Recipe,
    destinations: &mut [Box<dyn Destination>],
    options: Options,
    strict: bool,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Built, store::Error> {
    let workspace = Workspace::new(plan, recipe, strict)?;
    let transferred = transfer(&workspace, destinations, options, progress, cancel)?;
    let findings = crate::artifact::findings(plan, &transferred.artifact);
    Ok(Built {
        artifact: transferred.artifact,
        received: transferred.received,
        findings,
    })
}
