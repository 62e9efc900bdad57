use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::context::Context;
use super::harvest::{Found, Harvest};
use super::problem::Problem;
use super::rules::Rules;
use super::show;
use super::{Base, Origin, Own, PlannedFile};
use crate::modelfile::{Diagnostic, Kind};

/// A file of the plan and the first rule that asks for it.
#[derive(Debug)]
pub(super) struct Selected {
    /// The file.
    pub file: PlannedFile,
    /// Index of the rule.
    pub rule: usize,
}

/// The files that can be packed, and a finding for whatever cannot.
pub(super) fn files(
    rules: &Rules,
    harvest: Harvest,
    context: &Context,
    base: Option<&Base>,
) -> (Vec<Selected>, Vec<Diagnostic>) {
    let Harvest {
        mut files,
        mut problems,
        ..
    } = harvest;
    // Directories come in no order; messages and plan must not show that.
    files.sort_by(|a, b| by_component(&a.asked.path, &b.asked.path));
    let mut claims = Claims::default();
    let mut selected = Vec::with_capacity(files.len());
    for found in files {
        let Found {
            asked,
            stamp,
            executable,
        } = found;
        let Some(path) = asked.path.to_str() else {
            problems.push((asked, Problem::NotUtf8));
            continue;
        };
        if path.chars().any(char::is_control) {
            problems.push((asked, Problem::Control));
            continue;
        }
        claims.add(rules, path, &asked.rules);
        let Some(rule) = asked.rules.first() else { continue };
        let file = PlannedFile {
            path: path.to_owned(),
            kind: rules.kind(*rule),
            executable,
            rule: rules.span(*rule),
            origin: Origin::Context(Own {
                path: context.path.join(path),
                stamp,
            }),
        };
        selected.push(Selected { file, rule: *rule });
    }
    if let Some(base) = base {
        inherit(&mut selected, base, rules.base());
    }
    problems.sort_by(|(a, _), (b, _)| by_component(&a.path, &b.path));
    let mut findings = grouped(rules, &problems);
    findings.extend(claims.findings(rules));
    findings.extend(same_but_for_case(rules, &selected));
    (selected, findings)
}

/// The order of [`Path`] for paths without `.` and doubled slashes, without taking them apart for each comparison.
fn by_component(one: &Path, other: &Path) -> Ordering {
    let (one, other) = (one.as_os_str().as_bytes(), other.as_os_str().as_bytes());
    let differ = one.iter().zip(other).find(|(one, other)| one != other);
    match differ {
        // A component that ends comes first.
        Some((b'/', _)) => Ordering::Less,
        Some((_, b'/')) => Ordering::Greater,
        Some((one, other)) => one.cmp(other),
        None => one.len().cmp(&other.len()),
    }
}

/// Adds the layers of the base that nothing replaces: no file of the same path, and no file that is the one of its kind.
fn inherit(selected: &mut Vec<Selected>, base: &Base, rule: usize) {
    let own: HashSet<_> = selected.iter().map(|selected| selected.file.path.clone()).collect();
    let states = |kind: Kind| selected.iter().any(|selected| selected.file.kind == kind);
    let replaced: Vec<_> = [Kind::Template, Kind::Projector]
        .into_iter()
        .filter(|kind| states(*kind))
        .collect();
    let kept = base
        .files
        .iter()
        .filter(|file| !own.contains(&file.path) && !replaced.contains(&file.kind));
    let kept: Vec<_> = kept
        .map(|file| Selected {
            file: file.clone(),
            rule,
        })
        .collect();
    selected.extend(kept);
}

/// One finding for all problems of one sort under one rule: a directory of 10,000 FIFOs is one mistake.
fn grouped(rules: &Rules, problems: &[(super::harvest::Asked, Problem)]) -> Vec<Diagnostic> {
    let mut groups: Vec<(usize, &Problem, Vec<&Path>)> = Vec::new();
    let mut index: HashMap<(usize, Discriminant<Problem>), usize> = HashMap::new();
    for (asked, problem) in problems {
        let Some(rule) = asked.rules.first() else { continue };
        let group = *index.entry((*rule, discriminant(problem))).or_insert_with(|| {
            groups.push((*rule, problem, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, _, paths)) = groups.get_mut(group) {
            paths.push(&asked.path);
        }
    }
    let finding = |(rule, problem, paths): (usize, &Problem, Vec<&Path>)| {
        let names: Vec<_> = paths.into_iter().map(show::path).collect();
        let (first, more) = names.split_first()?;
        let finding = Diagnostic::error(problem.message(first), rules.span(rule));
        Some(with_more(finding, more).help(problem.help()))
    };
    groups.into_iter().filter_map(finding).collect()
}

fn with_more(finding: Diagnostic, more: &[String]) -> Diagnostic {
    if more.is_empty() {
        finding
    } else {
        finding.help(format!("the same goes for {}", show::list(more)))
    }
}

/// Who asks for which file: files that two kinds claim, and rules for one file that match several.
#[derive(Debug, Default)]
struct Claims {
    /// Two rules of different kinds, and the files that both match.
    contested: Vec<((usize, usize), Vec<String>)>,
    /// The files of each rule that may match one only.
    single: HashMap<usize, Vec<String>>,
}

impl Claims {
    fn add(&mut self, rules: &Rules, path: &str, asking: &[usize]) {
        if let Some((first, others)) = asking.split_first()
            && let Some(other) = others.iter().find(|other| rules.kind(**other) != rules.kind(*first))
        {
            let pair = (*first, *other);
            match self.contested.iter_mut().find(|(known, _)| *known == pair) {
                Some((_, paths)) => paths.push(path.to_owned()),
                None => self.contested.push((pair, vec![path.to_owned()])),
            }
        }
        for rule in asking {
            if matches!(rules.kind(*rule), Kind::Template | Kind::Projector) {
                self.single.entry(*rule).or_default().push(path.to_owned());
            }
        }
    }

    fn findings(self, rules: &Rules) -> Vec<Diagnostic> {
        let contested = self.contested.into_iter().filter_map(|((first, second), paths)| {
            let (path, more) = paths.split_first()?;
            let (one, other) = (rules.kind(first).keyword(), rules.kind(second).keyword());
            let finding = Diagnostic::error(
                format!("`{path}` is matched by `{one}` and by `{other}`"),
                rules.span(second),
            )
            .label(format!("`{other}` here"))
            .also(rules.span(first), format!("`{one}` here"));
            Some(with_more(finding, more).help("a file is one layer of one kind: narrow one of the two"))
        });
        let single = self
            .single
            .into_iter()
            .filter(|(_, paths)| paths.len() > 1)
            .map(|(rule, paths)| {
                let keyword = rules.kind(rule).keyword();
                Diagnostic::error(
                    format!("`{keyword}` takes one file, not {}", paths.len()),
                    rules.span(rule),
                )
                .label("matches more than one")
                .help(format!("it matches {}", show::list(&paths)))
            });
        contested.chain(single).collect()
    }
}

/// Paths that differ by case only: on macOS and Windows one file would overwrite the other.
fn same_but_for_case(rules: &Rules, selected: &[Selected]) -> Vec<Diagnostic> {
    // Only what changes in lower case can clash with anything.
    let changes = |selected: &Selected| {
        !selected
            .file
            .path
            .bytes()
            .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    };
    if !selected.iter().any(changes) {
        return Vec::new();
    }
    let mut known: HashMap<String, &Selected> = HashMap::new();
    let mut findings: Vec<(Diagnostic, usize, &str, Vec<String>)> = Vec::new();
    for second in selected {
        let Some(first) = known.insert(second.file.path.to_lowercase(), second) else {
            continue;
        };
        let inherited = |selected: &Selected| selected.file.inherited().is_some();
        // What can be done about it is done where the file is one's own; inherited ones come last.
        let (first, second, help) = match (inherited(first), inherited(second)) {
            (false, true) => (
                second,
                first,
                "name yours as the base's to replace that, or exclude it in `.modelignore`",
            ),
            (true, _) => (first, second, "build the base without one of them"),
            (false, false) => (first, second, "rename one, or exclude it in `.modelignore`"),
        };
        let (one, other) = (&first.file.path, &second.file.path);
        if let Some((_, _, _, more)) = findings
            .iter_mut()
            .find(|(_, rule, known, _)| (*rule, *known) == (second.rule, help))
        {
            more.extend([one.clone(), other.clone()]);
            continue;
        }
        let mut finding = Diagnostic::error(
            format!("`{one}` and `{other}` differ by case only"),
            rules.span(second.rule),
        );
        if first.rule != second.rule {
            let verb = if inherited(first) { "holds" } else { "matches" };
            finding = finding
                .label(format!("matches `{other}`"))
                .also(rules.span(first.rule), format!("{verb} `{one}`"));
        }
        findings.push((finding, second.rule, help, Vec::new()));
    }
    let finish = |(finding, _, help, more): (Diagnostic, usize, &str, Vec<String>)| {
        with_more(finding, &more).help(format!("they are one file on macOS and Windows: {help}"))
    };
    findings.into_iter().map(finish).collect()
}
