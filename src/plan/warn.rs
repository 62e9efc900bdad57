use super::metadata::{FORMATS, common_format, format};
use super::rules::Rules;
use super::select::Selected;
use super::{shards, show};
use crate::modelfile::{Diagnostic, Kind, Modelfile, Severity};

/// What a plan that can be built would better not have; by names only. What only Docker Model Runner minds is a note
/// unless the artifact is for it.
pub(super) fn about(modelfile: &Modelfile, rules: &Rules, selected: &[Selected], for_docker: bool) -> Vec<Diagnostic> {
    let mut findings = projectors(rules, selected);
    findings.extend(templates(rules, selected));
    if for_docker {
        findings.extend(weightless(rules, selected));
    } else {
        for finding in &mut findings {
            finding.severity = Severity::Note;
        }
    }
    findings.extend(other_format(modelfile, selected));
    findings.extend(incomplete(rules, selected));
    findings
}

/// Docker Model Runner tells a projector from weights by its name, and uses none where it finds two.
fn projectors(rules: &Rules, selected: &[Selected]) -> Vec<Diagnostic> {
    let all: Vec<_> = selected
        .iter()
        .filter(|selected| selected.file.kind == Kind::Projector)
        .collect();
    let unnamed = all
        .iter()
        .filter(|selected| !selected.file.name().contains("mmproj"))
        .map(|selected| {
            let message = format!(
                "the name of the projector `{}` does not contain `mmproj`",
                selected.file.path
            );
            Diagnostic::warning(message, rules.span(selected.rule))
                .help("Docker Model Runner takes it for weights; rename it, such as `mmproj-model.gguf`")
        });
    let mut warnings: Vec<_> = unnamed.collect();
    if let [_, second, ..] = all.as_slice() {
        let names: Vec<_> = all.iter().map(|selected| selected.file.path.as_str()).collect();
        warnings.push(
            Diagnostic::warning(
                format!("there are {} projectors: {}", all.len(), show::list(&names)),
                rules.span(second.rule),
            )
            .help("Docker Model Runner uses a projector only if it is the only one"),
        );
    }
    warnings
}

/// Docker Model Runner takes any `*.jinja` at top level for the chat template, and uses none where it finds two.
fn templates(rules: &Rules, selected: &[Selected]) -> Option<Diagnostic> {
    let is_template =
        |path: &str| !path.contains('/') && path.rsplit_once('.').is_some_and(|(_, extension)| extension == "jinja");
    let all: Vec<_> = selected
        .iter()
        .filter(|selected| is_template(&selected.file.path))
        .collect();
    let [_, second, ..] = all.as_slice() else { return None };
    let names: Vec<_> = all.iter().map(|selected| selected.file.path.as_str()).collect();
    Some(
        Diagnostic::warning(
            format!("there are {} chat templates: {}", all.len(), show::list(&names)),
            rules.span(second.rule),
        )
        .help("Docker Model Runner uses a `.jinja` file beside the weights only if it is the only one; move the others into a directory"),
    )
}

/// Docker's format has a layer for weights of three formats, and Docker Model Runner tells them by their names: a model
/// whose weights have others has none for it. Where some of them are told, the others are likely to be files beside them.
fn weightless(rules: &Rules, selected: &[Selected]) -> Option<Diagnostic> {
    let weights: Vec<_> = selected
        .iter()
        .filter(|selected| selected.file.kind == Kind::Weight)
        .collect();
    let first = weights.first()?;
    let is_told = |selected: &&Selected| {
        format(selected.file.name()).is_some_and(|format| ["gguf", "safetensors", "dduf"].contains(&format))
    };
    if weights.iter().any(is_told) {
        return None;
    }
    let names: Vec<_> = weights.iter().map(|selected| selected.file.path.as_str()).collect();
    let message = format!("Docker's format has no layer for such weights: {}", show::list(&names));
    Some(
        Diagnostic::warning(message, rules.span(first.rule))
            .help("Docker Model Runner finds no weights in this model: it tells them by names that end in `.gguf`, `.safetensors` or `.dduf`")
            .help("rename them if they are of one of these formats, or build without `--spec docker`"),
    )
}

/// Readers choose the engine by the format that is stated.
fn other_format(modelfile: &Modelfile, selected: &[Selected]) -> Option<Diagnostic> {
    let stated = modelfile.format.as_ref()?;
    let named = common_format(selected.iter().map(|selected| &selected.file))?;
    let differs = FORMATS.contains(&stated.value.as_str()) && stated.value != named;
    differs.then(|| {
        let message = format!(
            "the format is stated as `{}`, and all weights are named as `{named}`",
            stated.value
        );
        Diagnostic::warning(message, stated.span).help(format!("say `FORMAT {named}`, or leave the line out"))
    })
}

/// A weight without some of its shards does not load.
fn incomplete(rules: &Rules, selected: &[Selected]) -> Vec<Diagnostic> {
    let weights = || selected.iter().filter(|selected| selected.file.kind == Kind::Weight);
    let warning = |gap: shards::Gap| {
        let rule = weights()
            .find(|selected| selected.file.path == gap.present)
            .map_or(0, |selected| selected.rule);
        let names = show::first_of(&gap.names, gap.missing);
        let (verb, missing) = (if gap.missing == 1 { "is" } else { "are" }, gap.missing);
        let message = format!(
            "{missing} of the {} of `{}` {verb} missing",
            show::plural(gap.total as usize, "shard"),
            gap.present
        );
        let nobody = if selected.iter().any(|selected| selected.file.inherited().is_some()) {
            "neither the base nor a rule has"
        } else {
            "no rule matches"
        };
        Diagnostic::warning(message, rules.span(rule)).help(format!("{nobody} {names}"))
    };
    shards::gaps(weights().map(|selected| selected.file.path.as_str()))
        .into_iter()
        .map(warning)
        .collect()
}
