use std::path::Path;

use super::console::Console;
use super::exit::{FAILED, Failure, INVALID};
use super::job::{Job, Once};
use super::options::{Build, Format, Shared, Spec};
use super::{
    dated, depfile, explain, metadata_file, model_runner, progress, replaced, report_file, result, signals, trust,
    unlinked,
};
use crate::artifact::{Finding, Layer};
use crate::build::explain::{Explanation, Now, Origin, Record, settings};
use crate::build::{Built, Output, build};
use crate::modelfile::{Diagnostic, Severity};
use crate::plan::Plan;
use crate::store::{self, Cancel, Target};

/// Builds the artifact of a directory.
pub fn run(options: &Build, shared: &Shared, console: &Console) -> Result<(), Failure> {
    let cancel = Cancel::default();
    // Nothing was moved before that.
    let job = Job::prepare(options, shared, &Once::default(), &cancel).map_err(Failure::of_a_look)?;
    signals::watch(&cancel, || {})?;
    job.carry_out(options, shared, console, &cancel, None)
}

impl Job {
    /// Says what is worth saying about the Modelfile, and returns the warnings among it; with `--strict` they end it.
    pub fn tell_findings(&self, options: &Build, console: &Console) -> Result<Vec<String>, Failure> {
        let misread: Vec<_> = self.depfile.iter().flat_map(depfile::Planned::warnings).collect();
        let fails = options.strict && (self.findings.fails_strict() || !misread.is_empty());
        if options.quiet && fails {
            console.findings(&self.source, &self.findings.clone().quieted(true));
        } else if !options.quiet {
            console.findings(&self.source, &self.findings);
        }
        if fails || !options.quiet {
            for (message, help) in &misread {
                console.warning(message, help);
            }
        }
        if !options.quiet {
            for signature in trust::unverified(&self.claims) {
                console.note(
                    &format!("the signature `{}` was not verified", signature.display()),
                    &[],
                );
            }
        }
        if fails {
            return Err(Failure::new(
                INVALID,
                "there are warnings, and `--strict` makes them errors",
            ));
        }
        let is_warning = |finding: &&Diagnostic| finding.severity == Severity::Warning;
        let findings = self.findings.0.iter().filter(is_warning);
        let findings = findings.map(|finding| finding.message.clone());
        Ok(findings
            .chain(misread.into_iter().map(|(message, _)| message))
            .collect())
    }

    /// Builds and says so; `why` is what the build was begun for, where that is not that somebody asked.
    pub fn carry_out(
        &self,
        options: &Build,
        shared: &Shared,
        console: &Console,
        cancel: &Cancel,
        why: Option<&str>,
    ) -> Result<(), Failure> {
        let mut warnings = self.tell_findings(options, console)?;
        let built = self.build(options, console, cancel)?;
        let explanation = self.explain(options, &built);
        if !options.quiet {
            let is_told = |finding: &&Finding| options.dry_run || !finding.is_ordinary();
            console.about_artifact(built.findings.iter().filter(is_told));
            if let Some(error) = &built.forgotten {
                console.warning(&forgotten(error), "the build went on without it");
            }
        }
        write_files(options, &self.plan, &built)?;
        self.write_depfile(options, shared, console)?;
        if !options.quiet {
            // What is built again and again was meant to be replaced.
            if why.is_none() {
                for (output, received) in self.outputs.iter().zip(&built.received) {
                    let place = match (output.address(), output.path()) {
                        (Some(address), _) => address.whole_repository(),
                        (None, path) => path.map(|path| path.display().to_string()).unwrap_or_default(),
                    };
                    for (message, help) in
                        replaced::notes(&place, output.address().is_some(), &received.published.replaced)
                    {
                        console.note(&message, &[help.to_owned()]);
                    }
                }
            }
            for (message, help) in built
                .received
                .iter()
                .filter_map(|received| unlinked::note(received, false))
            {
                console.note(&message, &[help.to_owned()]);
            }
            if let Some((message, help)) = self.unused_tags(options) {
                console.note(&message, &[help.to_owned()]);
            }
            if options.spec == Spec::Docker {
                for (message, calls) in model_runner::calls(&self.outputs, &built.artifact.descriptor.digest) {
                    console.note(&message, &calls);
                }
            }
            if let Some(explanation) = &explanation {
                console.text(&explain::text(&self.plan, explanation, &built.origins));
            }
            let elapsed = self.started.elapsed();
            match why {
                None => progress::summary(shared.progress, &self.plan, &self.outputs, &built, elapsed),
                Some(why) => progress::built(shared.progress, &self.plan, &built, elapsed, why),
            }
        }
        let about_artifact = built.findings.iter();
        let about_artifact = about_artifact.filter(|finding| finding.severity == Severity::Warning);
        warnings.extend(about_artifact.map(ToString::to_string));
        warnings.extend(built.forgotten.as_ref().map(forgotten));
        self.report(options, &built, explanation.as_ref(), &warnings)
    }

    /// That no output gets the tags that were given: in a registry it has the one of its address.
    fn unused_tags(&self, options: &Build) -> Option<(String, &'static str)> {
        let first = options.tags.first().filter(|_| !options.push)?;
        let mut outputs = self.outputs.iter();
        let is_unused = outputs.len() > 0 && outputs.all(|output| output.address().is_some());
        is_unused.then(|| {
            (
                format!("no output was given the tag `{first}`: in a registry it has the one of its address"),
                "write `-o docker://HOST/REPOSITORY:TAG` once for each tag, or `--push` instead of `-o`",
            )
        })
    }

    fn build(&self, options: &Build, console: &Console, cancel: &Cancel) -> Result<Built, Failure> {
        let mut destinations = self.destinations()?;
        let built = build(
            &self.plan,
            &self.recipe,
            &mut destinations,
            self.settings(options),
            self.watcher.as_ref(),
            cancel,
        );
        if let Err(store::Error::Rejected { findings, .. }) = &built {
            let least = if options.quiet {
                Severity::Warning
            } else {
                Severity::Note
            };
            let is_told = |finding: &&Finding| !finding.is_ordinary() && finding.severity >= least;
            console.about_artifact(findings.iter().filter(is_told));
        }
        let mut built = built.map_err(|error| {
            let goes_on = |output: &Output| match output.target {
                Target::Registry(_) => !options.no_cache,
                Target::Layout(..) | Target::Archive(..) => output.resumable,
                Target::Stdout => false,
            };
            Failure::from(error).of_a_transfer(!options.dry_run && self.outputs.iter().any(goes_on))
        })?;
        if self.cache_place.as_ref().is_none_or(|place| !place.named) {
            // Nobody asked for a cache.
            built.forgotten = None;
        }
        Ok(built)
    }

    /// Compares with the last build where that is asked for, and notes this one for the next.
    fn explain(&self, options: &Build, built: &Built) -> Option<Explanation> {
        let now = |(file, layer): (_, &Layer)| Now::new(file, Some(layer.digest));
        let layers = || {
            self.plan
                .files
                .iter()
                .zip(&built.artifact.layers)
                .map(now)
                .collect::<Vec<_>>()
        };
        let explanation = options.explain.then(|| self.explanation(&layers()));
        let Some(cache) = self.cache.as_deref().filter(|_| !options.dry_run) else {
            return explanation;
        };
        let same = built.is_up_to_date() && built.origins.iter().all(|origin| *origin != Origin::Read);
        // A build without change writes nothing, here neither.
        if !same || !self.ledger.is_noted(cache) {
            let settings = settings(&self.plan.metadata.name, &self.recipe);
            let record = Record::of(&self.plan, &built.artifact, &self.source.text, settings);
            self.ledger.note(cache, &record);
        }
        explanation
    }

    /// Why the artifact with these layers is (not) the one of the last build.
    pub fn explanation(&self, layers: &[Now<'_>]) -> Explanation {
        let last = self.cache.as_deref().and_then(|cache| self.ledger.last(cache));
        let settings = settings(&self.plan.metadata.name, &self.recipe);
        Explanation::new(last.as_ref(), &self.source.text, &settings, layers)
    }

    fn write_depfile(&self, options: &Build, shared: &Shared, console: &Console) -> Result<(), Failure> {
        let Some(depfile) = &self.depfile else { return Ok(()) };
        depfile.write()?;
        let mut tarballs = dated::Tarballs::of(&self.outputs);
        let holds = depfile.date(|| {
            tarballs.were_dated();
            self.still_holds(options, shared)
        })?;
        if holds {
            tarballs.tell(self.cache.as_deref());
        } else if !options.quiet {
            console.warning("an input changed during the build", "make or ninja will build again");
        }
        Ok(())
    }

    fn report(
        &self,
        options: &Build,
        built: &Built,
        explanation: Option<&Explanation>,
        warnings: &[String],
    ) -> Result<(), Failure> {
        let (plan, outputs) = (&self.plan, &self.outputs);
        let why = explanation.map(|explanation| explain::json(plan, explanation, &built.origins));
        let text = match options.format {
            _ if options.quiet => format!("{}\n", built.artifact.descriptor.digest),
            Format::Json => result::json(plan, built, options, outputs, warnings, why),
            Format::Text => result::text(plan, built, outputs),
        };
        result::print_beside(&text, outputs.iter())
    }
}

fn write_files(options: &Build, plan: &Plan, built: &Built) -> Result<(), Failure> {
    let write = |path: &Path, bytes: &[u8]| {
        report_file::write(path, bytes).map_err(|error| Failure::Message {
            code: FAILED,
            message: format!("cannot write `{}`: {error}", path.display()),
            help: Some("the artifact itself is complete; only this report of it is missing".to_owned()),
        })
    };
    if options.dry_run {
        return Ok(());
    }
    if let Some(path) = &options.metadata_file {
        let metadata = metadata_file::metadata(plan, &built.artifact, &options.tags);
        write(path, format!("{metadata:#}\n").as_bytes())?;
    }
    if let Some(path) = &options.iidfile {
        // Without a newline, as docker and buildx write it.
        write(path, built.artifact.descriptor.digest.to_string().as_bytes())?;
    }
    Ok(())
}

fn forgotten(error: &std::io::Error) -> String {
    format!("the digest cache cannot be used: {error}")
}
