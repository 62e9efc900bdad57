//! `plan`: what a build would do, without reading a file's content.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::console::Console;
use super::exit::Failure;
use super::job::{Job, Once};
use super::options::{Build, Format, Shared};
use super::size::human;
use super::{explain, result};
use crate::artifact::unsaid;
use crate::build::explain::{Explanation, Now, Origin};
use crate::build::{Foreseen, Intended, Output, Preview, preview};
use crate::modelfile::escape;
use crate::plan::PlannedFile;
use crate::store::{Cancel, Target};

/// The version of the JSON document; it grows when a member changes its meaning or goes away.
const VERSION: u32 = 1;

/// How much of a digest the table shows: the twelve digits that docker shows.
const SHORT: usize = "sha256:".len() + 12;

/// Shows what a build would do.
pub fn run(options: &Build, shared: &Shared, console: &Console) -> Result<(), Failure> {
    let job = Job::prepare(options, shared, &Once::default(), &Cancel::default())?;
    let findings = job.tell_findings(options, console)?;
    if !options.quiet {
        console.about_artifact(&unsaid(&job.plan.metadata, job.recipe.spec));
    }
    let destinations = job.destinations()?;
    let preview = preview(&job.plan, &job.recipe, &destinations, job.settings(options))?;
    let layers: Vec<_> = job
        .plan
        .files
        .iter()
        .zip(&preview.layers)
        .map(|(file, layer)| Now::new(file, layer.digest))
        .collect();
    let shown = Shown {
        explanation: options.explain.then(|| job.explanation(&layers)),
        origins: preview.layers.iter().map(|layer| layer.origin.clone()).collect(),
        job: &job,
        preview: &preview,
    };
    let text = match options.format {
        _ if options.quiet => shown.digest().map_or_else(String::new, |digest| format!("{digest}\n")),
        Format::Json => shown.json(&findings),
        Format::Text => shown.text(),
    };
    result::print(&text)
}

struct Shown<'a> {
    job: &'a Job,
    preview: &'a Preview,
    explanation: Option<Explanation>,
    origins: Vec<Origin>,
}

impl Shown<'_> {
    fn digest(&self) -> Option<String> {
        let artifact = self.preview.artifact.as_ref();
        artifact.map(|artifact| artifact.descriptor.digest.to_string())
    }

    /// Bytes of the layers that would be read, and of all.
    fn bytes(&self) -> (u64, u64) {
        let layers = &self.preview.layers;
        let read = layers.iter().filter(|layer| layer.read);
        (
            read.map(|layer| layer.size).sum(),
            layers.iter().map(|layer| layer.size).sum(),
        )
    }

    /// What registries would get.
    fn uploads(&self) -> impl Iterator<Item = &Intended> {
        let outputs = self.job.outputs.iter().zip(&self.preview.outputs);
        outputs
            .filter(|(output, _)| output.address().is_some())
            .map(|(_, intended)| intended)
    }

    fn text(&self) -> String {
        let plan = &self.job.plan;
        let mut text = format!(
            "{:<9}  {:>7}  {:<SHORT$}  {:<10}  {:<31}  PATH\n",
            "KIND", "SIZE", "DIGEST", "TO DO", "MEDIA TYPE"
        );
        for (file, layer) in plan.files.iter().zip(&self.preview.layers) {
            let digest = layer.digest.map_or_else(|| "?".to_owned(), |digest| digest.to_string());
            let media_type = layer.media_type.as_str();
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{:<9}  {:>7}  {:<SHORT$}  {:<10}  {:<31}  {}",
                file.kind,
                human(layer.size),
                digest.get(..SHORT).unwrap_or(&digest),
                to_do(layer),
                // They all begin so, and the table is wide enough.
                media_type.strip_prefix("application/vnd.").unwrap_or(media_type),
                escape(&file.path)
            );
        }
        if let Some(explanation) = &self.explanation {
            text.push_str(&explain::text(plan, explanation, &self.origins));
        }
        let (read, all) = self.bytes();
        let _ = writeln!(text, "would read {} of {}", human(read), human(all));
        for (output, intended) in self.job.outputs.iter().zip(&self.preview.outputs) {
            let most = if intended.unknown == 0 { "" } else { "at most " };
            let how = if output.address().is_some() { "upload" } else { "write" };
            let _ = writeln!(text, "would {how} {most}{} to {}", human(intended.bytes), place(output));
        }
        if self.uploads().next().is_none() {
            text.push_str("would upload nothing\n");
        }
        match self.digest() {
            Some(digest) => drop(writeln!(text, "{digest}  (plan, nothing read or written)")),
            None => text.push_str("the digest is not known before the files are read\n"),
        }
        text
    }

    fn json(&self, warnings: &[String]) -> String {
        let plan = &self.job.plan;
        let layer = |(file, layer): (&PlannedFile, &Foreseen)| {
            json!({
                "path": file.path,
                "kind": file.kind.name(),
                "mediaType": layer.media_type,
                "size": layer.size,
                "digest": layer.digest,
                "known": explain::origin_json(&layer.origin),
                "read": layer.read,
                "write": layer.written,
            })
        };
        let output = |(output, intended): (&Output, &Intended)| {
            json!({
                "type": result::output_type(output),
                "path": output.path().map(|path| path.to_string_lossy()),
                "reference": output.address().map(|address| address.to_string()),
                "missing": intended.missing,
                "unknown": intended.unknown,
                "bytes": intended.bytes,
            })
        };
        let layers: Vec<Value> = plan.files.iter().zip(&self.preview.layers).map(layer).collect();
        let outputs = self.job.outputs.iter().zip(&self.preview.outputs).map(output);
        let mut document = json!({
            "version": VERSION,
            "name": plan.metadata.name,
            "spec": self.job.recipe.spec.name(),
            "digest": self.digest(),
            "layers": layers,
            "outputs": outputs.collect::<Vec<_>>(),
            "read": self.bytes().0,
            "upload": self.uploads().map(|intended| intended.bytes).sum::<u64>(),
            "warnings": warnings,
        });
        if let (Some(explanation), Some(members)) = (&self.explanation, document.as_object_mut()) {
            members.insert("why".to_owned(), explain::json(plan, explanation, &self.origins));
        }
        format!("{document:#}\n")
    }
}

/// What is done about a layer, in a word.
const fn to_do(layer: &Foreseen) -> &'static str {
    match (layer.digest.is_some(), layer.written) {
        (true, false) => "nothing",
        (true, true) => "copy",
        (false, true) => "hash, copy",
        (false, false) => "hash",
    }
}

fn place(output: &Output) -> String {
    match &output.target {
        Target::Stdout => "standard output".to_owned(),
        _ => format!("`{}`", output.shown()),
    }
}
