//! The walk through all the rooms: a Modelfile's text and a context directory in, an artifact at its destinations out.
//!
//! Two steps, because somebody may want to look in between: [`resolve`] reads the Modelfile and makes the plan, and
//! [`build`] carries it out. Nothing is written before the second.

mod base;
mod convert;
mod depfile;
pub mod explain;
mod output;
mod preview;
mod workspace;

use std::path::Path;

pub use base::{base, base_host, base_input, base_location, base_still_holds};
pub use convert::{ConvertError, Converted};
pub use depfile::{Date, Depfile, Misread, Reader, Unspeakable, date};
pub use output::{Means, Output, default_layout};
pub use preview::{Foreseen, Intended, Preview, preview};
use workspace::Workspace;

use explain::Origin;

use crate::artifact::{Artifact, Finding, Recipe};
use crate::cache::Cache;
use crate::known::Claims;
use crate::modelfile::{BuildArgs, Diagnostics, Modelfile, Source};
use crate::plan::{self, Plan};
use crate::registry::Client;
use crate::store::{self, Cancel, Destination, Options, Progress, Received, transfer};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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

/// How a plan is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// How blobs are moved.
    pub options: Options,
    /// Whether any warning is an error.
    pub strict: bool,
    /// Who knows the digests of files that did not change since an earlier build.
    pub cache: Option<&'a Cache>,
    /// What others have written down of the files, in the order of the plan. Heeded where layers are the files' bytes.
    pub claims: &'a Claims,
    /// How the registry is spoken to that has the base.
    pub client: &'a Client,
}

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// The artifact.
    pub artifact: Artifact,
    /// What each destination got, in their order.
    pub received: Vec<Received>,
    /// What is worth saying about the artifact.
    pub findings: Vec<Finding>,
    /// How the digest of each layer became known, in manifest order.
    pub origins: Vec<Origin>,
    /// Why the cache could not keep what was found out. That is no failure of the build.
    pub forgotten: Option<std::io::Error>,
}

impl Built {
    /// Whether all destinations were as they are before: nothing was written.
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        !self.received.is_empty() && self.received.iter().all(|received| !received.published.changed)
    }
}

/// Carries out a plan: hashes and stores every file once, and publishes the artifact at all destinations; without any
/// it only finds out the digests.
///
/// A file whose digest the cache knows is opened only where a destination lacks its blob, and then the digest is checked.
/// Should it be wrong, the build is done again without the cache. A claim that is wrong is an error.
///
/// # Errors
/// The first thing that failed. With `strict`, any warning is an error, and nothing is published.
pub fn build(
    plan: &Plan,
    recipe: &Recipe,
    destinations: &mut [Box<dyn Destination>],
    settings: Settings<'_>,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Built, store::Error> {
    let usable = settings.cache.map_or(Ok(()), Cache::check);
    let settings = Settings {
        cache: settings.cache.filter(|_| usable.is_ok()),
        ..settings
    };
    let options = settings.options;
    let is_sent = destinations.iter().any(|destination| destination.is_remote());
    let workspace = Workspace::new(plan, recipe, settings)?
        .recording_at_once(is_sent)
        .remembering()?;
    let mut origins = workspace.origins();
    let mut transferred = transfer(&workspace, destinations, options, progress, cancel);
    let mut recorded = usable.and(workspace.record());
    if let Err(store::Error::Mismatch { name, .. }) = &transferred
        && workspace.remembers(name)
    {
        recorded = recorded.and(workspace.forget());
        if let Some(begun) = destinations.iter().find(|destination| !destination.can_begin_again()) {
            return Err(store::Error::Misremembered {
                name: name.clone(),
                destination: begun.name(),
            });
        }
        let workspace = Workspace::new(plan, recipe, settings)?.recording_at_once(is_sent);
        origins = workspace.origins();
        transferred = transfer(&workspace, destinations, options, progress, cancel);
        recorded = recorded.and(workspace.record());
    }
    let transferred = transferred.map_err(|error| workspace.blame(error))?;
    let findings = workspace.findings(&transferred.artifact);
    Ok(Built {
        artifact: transferred.artifact,
        received: transferred.received,
        findings,
        origins,
        forgotten: recorded.err(),
    })
}
