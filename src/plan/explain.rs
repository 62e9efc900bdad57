use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::frontier::RulePattern;
use super::harvest::{Asked, Harvest};
use super::rules::Rules;
use super::walk::{Lift, Walk};
use super::{Error, meant, show};
use crate::modelfile::Diagnostic;

/// A finding for every rule that asks for nothing that is there, and for every file that one names in braces beside
/// others: what was asked for, and the likeliest reason. `elsewhere` says what paths are relative to, where that is not
/// plain.
pub(super) fn unmatched(
    rules: &Rules,
    harvest: &Harvest,
    walk: Walk,
    elsewhere: Option<&str>,
) -> Result<Vec<Diagnostic>, Error> {
    let done = answered(harvest);
    let mut open: Vec<Open> = Vec::new();
    for rule in rules.usable() {
        let patterns = rules.patterns_of(rule);
        if done.contains(&rule) {
            open.extend(missing(rule, patterns, harvest));
        } else {
            open.push(Open { rule, patterns });
        }
    }
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let patterns: Vec<_> = open.iter().flat_map(|open| open.patterns).cloned().collect();
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
    let search = Search {
        rules,
        omitted,
        walk,
        elsewhere,
    };
    Ok(open.iter().map(|open| search.finding(open)).collect())
}

/// What nothing was found for: all patterns of a rule, or one of them.
struct Open<'r> {
    rule: usize,
    patterns: &'r [RulePattern],
}

/// The alternatives of a rule's braces that name a file or directory which is not there. A pattern among them may match
/// nothing, as in `*.{json,jinja}`.
fn missing<'r>(rule: usize, patterns: &'r [RulePattern], harvest: &Harvest) -> Vec<Open<'r>> {
    if patterns.len() < 2 {
        return Vec::new();
    }
    let found: BTreeSet<&Path> = asked(harvest)
        .filter(|asked| asked.rules.contains(&rule))
        .map(|asked| asked.path.as_path())
        .collect();
    let is_met = |path: &Path| {
        // Itself, something below it, or a directory on the way that cannot be entered.
        found.range(path..).next().is_some_and(|found| found.starts_with(path))
            || path.ancestors().any(|above| found.contains(above))
    };
    let is_missing = |only: &RulePattern| only.pattern.path().is_some_and(|path| !is_met(&path));
    patterns
        .chunks(1)
        .filter(|only| only.iter().all(is_missing))
        .map(|patterns| Open { rule, patterns })
        .collect()
}

fn asked(harvest: &Harvest) -> impl Iterator<Item = &Asked> {
    let good = harvest.files.iter().map(|found| &found.asked);
    good.chain(harvest.problems.iter().map(|(asked, _)| asked))
}

/// The rules that matched something, be it good or bad.
fn answered(harvest: &Harvest) -> BTreeSet<usize> {
    asked(harvest).flat_map(|asked| asked.rules.iter().copied()).collect()
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

/// What is known when it is said that nothing was found.
struct Search<'a> {
    rules: &'a Rules<'a>,
    omitted: Omitted,
    walk: Walk<'a>,
    elsewhere: Option<&'a str>,
}

impl Search<'_> {
    fn finding(&self, open: &Open) -> Diagnostic {
        let whole = self.rules.patterns_of(open.rule).len() == open.patterns.len();
        match open.patterns {
            [only] if let Some(names) = only.pattern.literal() => {
                let shown = if whole {
                    self.rules.text(open.rule)
                } else {
                    names.join("/")
                };
                self.literal(open.rule, &show::text(&shown), &names)
            }
            _ => self.pattern(open.rule),
        }
    }

    /// A pattern that matches nothing.
    fn pattern(&self, rule: usize) -> Diagnostic {
        let text = self.rules.text(rule);
        let shown = show::text(&text);
        let finding = Diagnostic::error(format!("no file matches `{shown}`"), self.rules.span(rule));
        if fs_err::symlink_metadata(self.walk.context.path.join(&text)).is_ok() {
            return finding.help(format!(
                "there is a file of exactly this name: write `\"{shown}\"` to name it"
            ));
        }
        let finding = match meant::otherwise(self.rules.word(rule), self.walk.context) {
            Some(help) => finding.help(help),
            None => finding,
        };
        self.placed(self.omitted.explain(rule, finding))
    }

    /// A plain path that names nothing to pack.
    fn literal(&self, rule: usize, shown: &str, names: &[&str]) -> Diagnostic {
        let Self { rules, walk, .. } = self;
        let span = rules.span(rule);
        let mut path = PathBuf::new();
        for (index, name) in names.iter().enumerate() {
            let place = walk.context.path.join(&path).join(name);
            if fs_err::symlink_metadata(place).is_err() {
                let rest = names.get(index + 1..).unwrap_or_default();
                let help = meant::otherwise(rules.word(rule), walk.context)
                    .or_else(|| meant::near(walk.context, &path, name, rest));
                let finding = Diagnostic::error(format!("`{shown}` does not exist"), span);
                return self.placed(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
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
            return self.omitted.explain(rule, finding);
        }
        Diagnostic::error(format!("`{shown}` is a file, not a directory"), span).help("take the last `/` away")
    }

    /// The finding, and which directory was searched.
    fn placed(&self, finding: Diagnostic) -> Diagnostic {
        match self.elsewhere {
            Some(elsewhere) => finding.help(elsewhere),
            None => finding,
        }
    }
}
