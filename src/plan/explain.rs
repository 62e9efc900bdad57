use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use strsim::damerau_levenshtein;

use super::rules::Rules;
use super::walk::{Harvest, Lift, Walk};
use super::{Error, show};
use crate::modelfile::Diagnostic;

/// A finding for every rule that asks for nothing that is there: what was asked for, and the likeliest reason.
pub(super) fn unmatched(rules: &Rules, harvest: &Harvest, walk: Walk) -> Result<Vec<Diagnostic>, Error> {
    let done = answered(harvest);
    let open: Vec<_> = rules.usable().into_iter().filter(|rule| !done.contains(rule)).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let patterns: Vec<_> = open.iter().flat_map(|rule| rules.patterns_of(*rule)).cloned().collect();
    let lifted = |lift| -> Result<_, Error> {
        Ok(answered(
            &Walk {
                patterns: &patterns,
                lift,
                ..walk
            }
            .run()?,
        ))
    };
    let omitted = Omitted {
        hidden: lifted(Lift {
            hidden: true,
            ..Lift::default()
        })?,
        ignored: lifted(Lift {
            ignored: true,
            ..Lift::default()
        })?,
        outputs: lifted(Lift {
            outputs: true,
            ..Lift::default()
        })?,
    };
    let finding = |rule: &usize| {
        let names = match rules.patterns_of(*rule) {
            [only] => only.pattern.literal(),
            _ => None,
        };
        match names {
            Some(names) => literal(rules, *rule, &names, &omitted, walk),
            None => pattern(rules, *rule, &omitted, walk),
        }
    };
    Ok(open.iter().map(finding).collect())
}

/// The rules that matched something, be it good or bad.
fn answered(harvest: &Harvest) -> BTreeSet<usize> {
    let good = harvest.files.iter().map(|found| &found.asked);
    let bad = harvest.problems.iter().map(|(asked, _)| asked);
    good.chain(bad).flat_map(|asked| asked.rules.iter().copied()).collect()
}

/// The rules that would have matched something if it were not left out.
struct Omitted {
    hidden: BTreeSet<usize>,
    ignored: BTreeSet<usize>,
    outputs: BTreeSet<usize>,
}

impl Omitted {
    fn explain(&self, rule: usize, mut finding: Diagnostic) -> Diagnostic {
        if self.hidden.contains(&rule) {
            finding = finding.help("only hidden files would match: a pattern for them begins with a dot, such as `.*`");
        }
        if self.ignored.contains(&rule) {
            finding = finding.help("only files that `.modelignore` excludes would match");
        }
        if self.outputs.contains(&rule) {
            finding = finding.help("only outputs of this or an earlier build would match; they are never packed");
        }
        finding
    }
}

/// A pattern that matches nothing.
fn pattern(rules: &Rules, rule: usize, omitted: &Omitted, walk: Walk) -> Diagnostic {
    let text = rules.text(rule);
    let shown = show::text(&text);
    let finding = Diagnostic::error(format!("no file matches `{shown}`"), rules.span(rule));
    if fs_err::symlink_metadata(walk.context.path.join(&text)).is_ok() {
        return finding.help(format!(
            "there is a file of exactly this name: write `\"{shown}\"` to name it"
        ));
    }
    omitted.explain(rule, finding)
}

/// A plain path that names nothing to pack.
fn literal(rules: &Rules, rule: usize, names: &[&str], omitted: &Omitted, walk: Walk) -> Diagnostic {
    let shown = show::text(&rules.text(rule));
    let span = rules.span(rule);
    let mut path = PathBuf::new();
    for (index, name) in names.iter().enumerate() {
        let place = walk.context.path.join(&path).join(name);
        if fs_err::symlink_metadata(place).is_err() {
            let finding = Diagnostic::error(format!("`{shown}` does not exist"), span);
            let rest = names.get(index + 1..).unwrap_or_default();
            return near(finding, walk, &path, name, rest);
        }
        path.push(name);
        if let Some(excluded) = walk.ignored.line(&path, walk.context.path.join(&path).is_dir()) {
            let line = format!("line {} there is `{}`", excluded.line, show::text(&excluded.text));
            return Diagnostic::error(format!("`{shown}` is excluded by `.modelignore`"), span)
                .help(format!("{line}; a later line with `!` takes a path in again"));
        }
    }
    let place = walk.context.path.join(&path);
    let directory = place.is_dir();
    let real = fs_err::canonicalize(&place).unwrap_or_default();
    if walk.outputs.iter().any(|output| real.starts_with(output)) {
        return Diagnostic::error(format!("`{shown}` is an output of this build"), span)
            .help("outputs are never packed: write the output elsewhere, or take the line out");
    }
    if directory {
        let finding = Diagnostic::error(format!("the directory `{shown}` holds no file to pack"), span);
        return omitted.explain(rule, finding);
    }
    Diagnostic::error(format!("`{shown}` is a file, not a directory"), span).help("take the last `/` away")
}

/// Says what the user may have meant by a name that is not in a directory.
fn near(finding: Diagnostic, walk: Walk, directory: &Path, name: &str, rest: &[&str]) -> Diagnostic {
    let place = walk.context.path.join(directory);
    if !place.is_dir() {
        return finding.help(format!("`{}` is a file", show::path(directory)));
    }
    let Ok(entries) = fs_err::read_dir(place) else {
        return finding;
    };
    let length = name.chars().count();
    let allowed = (length / 3).max(1);
    let distance = |other: &String| {
        if other.to_lowercase() == name.to_lowercase() {
            return Some(0);
        }
        // The cheap test first: a directory can be large.
        (other.chars().count().abs_diff(length) <= allowed)
            .then(|| damerau_levenshtein(name, other))
            .filter(|distance| *distance <= allowed)
    };
    let nearest = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|other| Some((distance(&other)?, other)))
        .min();
    let Some((distance, nearest)) = nearest else {
        return finding;
    };
    let mut whole = directory.join(&nearest);
    whole.extend(rest);
    if distance == 0 {
        return finding.help(format!(
            "names are case-sensitive: did you mean `{}`?",
            show::path(&whole)
        ));
    }
    finding.help(format!("did you mean `{}`?", show::path(&whole)))
}
