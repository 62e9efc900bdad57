use std::collections::BTreeSet;
use std::path::Path;

use super::exit::Failure;
use super::options::{Build, Trust};
use crate::known::{self, Claims};
use crate::plan::Plan;

/// What those who are trusted say of the files.
pub fn claims(options: &Build, plan: &Plan) -> Result<Claims, Failure> {
    // Of a layer that is a tar nobody has written down anything.
    if options.tar || options.trust.is_empty() {
        return Ok(Claims::default());
    }
    let whom = |trust: &Trust| match trust {
        Trust::Hf => known::Trust::Hf,
        Trust::Lfs => known::Trust::Lfs,
        Trust::Sums => known::Trust::Sums,
        Trust::Oms => known::Trust::Oms,
    };
    let trusted: Vec<_> = options.trust.iter().map(whom).collect();
    Ok(Claims::collect(&plan.files, &options.context, &trusted)?)
}

/// The signatures whose digests were taken, each once.
pub fn unverified(claims: &Claims) -> BTreeSet<&Path> {
    let signatures = claims.origins().filter(|origin| origin.trust == known::Trust::Oms);
    signatures.map(|origin| origin.path.as_path()).collect()
}
