use fs_err::File;
use rustix::fs::OFlags;

use crate::artifact::{self, Artifact, Envelope, Recipe};
use crate::digest::{Digest, Stamp};
use crate::plan::Plan;
use crate::store::{Blob, Content, Error, Source};

/// The files of a plan as the source of a transfer.
pub struct Workspace<'a> {
    plan: &'a Plan,
    recipe: &'a Recipe,
    strict: bool,
    blobs: Vec<Blob>,
}

impl<'a> Workspace<'a> {
    /// # Errors
    /// The recipe does not fit the plan.
    pub fn new(plan: &'a Plan, recipe: &'a Recipe, strict: bool) -> Result<Self, Error> {
        let blob = |file: &crate::plan::PlannedFile| {
            let size = Envelope::of(file, recipe)?.blob_size(file.size());
            // Nothing has but one digest; so equal empty files are known to be equal before anything is written.
            Ok(Blob {
                name: file.path.clone(),
                size,
                digest: (size == 0).then(|| Digest::of(&[])),
            })
        };
        let blobs = plan.files.iter().map(blob).collect::<Result<_, Error>>()?;
        Ok(Self {
            plan,
            recipe,
            strict,
            blobs,
        })
    }
}

impl Workspace<'_> {
    /// Checks the files that nobody needed to open, because their digest was known: the others were checked when they
    /// were read.
    fn verify_unopened(&self) -> Result<(), Error> {
        for (file, _) in self
            .plan
            .files
            .iter()
            .zip(&self.blobs)
            .filter(|(_, blob)| blob.digest.is_some())
        {
            let found = Stamp::of(&fs_err::metadata(&file.source).map_err(Error::reading)?);
            if found != file.stamp {
                return Err(Error::Changed {
                    path: file.source.clone(),
                });
            }
        }
        Ok(())
    }
}

impl Source for Workspace<'_> {
    fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    fn open(&self, index: usize) -> Result<Content, Error> {
        let planned = self.plan.files.get(index);
        let planned = planned.ok_or_else(|| Error::reading(std::io::Error::other("no such file in the plan")))?;
        // Should a FIFO have taken the file's place, opening it must not wait for a writer.
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
        let mut options = fs_err::OpenOptions::new();
        fs_err::os::unix::fs::OpenOptionsExt::custom_flags(options.read(true), flags);
        let file: File = options.open(&planned.source).map_err(Error::reading)?;
        let stamp = Stamp::of(&file.metadata().map_err(Error::reading)?);
        if stamp != planned.stamp {
            return Err(Error::Changed {
                path: planned.source.clone(),
            });
        }
        let Envelope { prefix, suffix } = Envelope::of(planned, self.recipe)?;
        Ok(Content {
            file,
            stamp,
            prefix,
            suffix,
        })
    }

    fn assemble(&self, digests: &[Digest]) -> Result<Artifact, Error> {
        self.verify_unopened()?;
        let artifact = artifact::assemble(self.plan, digests, self.recipe)?;
        let findings = artifact::findings(self.plan, &artifact);
        if self.strict && !findings.is_empty() {
            let reasons: Vec<_> = findings.iter().map(ToString::to_string).collect();
            return Err(Error::Rejected {
                reason: format!("{}, and `--strict` makes warnings errors", reasons.join("; ")),
            });
        }
        Ok(artifact)
    }
}
