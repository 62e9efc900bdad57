use super::context::Context;
use super::frontier::RulePattern;
use super::pattern::Pattern;
use super::show;
use crate::modelfile::{Diagnostic, Kind, Modelfile, PathRule, Span, Word};

/// The Modelfile's path rules and the patterns that they stand for.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    paths: &'a [PathRule],
    patterns: Vec<RulePattern>,
    /// Where the base is named, if there is one.
    base: Option<Span>,
}

impl<'a> Rules<'a> {
    /// Reads every rule. One that cannot be read is a finding and has no pattern.
    pub(super) fn read(modelfile: &'a Modelfile, context: &Context) -> (Self, Vec<Diagnostic>) {
        let paths = modelfile.paths.as_slice();
        let base = modelfile.from.as_ref().map(|from| from.span);
        let mut findings = Vec::new();
        if paths.is_empty() && base.is_none() {
            let nowhere = Span { start: 0, end: 0 };
            findings.push(
                Diagnostic::error("the Modelfile names no file", nowhere)
                    .help("an artifact needs at least one: add a line such as `MODEL model.gguf`"),
            );
        }
        let mut patterns = Vec::new();
        for (rule, path) in paths.iter().enumerate() {
            match Pattern::all(&path.pattern.value, context) {
                Ok(all) => patterns.extend(all.into_iter().map(|pattern| RulePattern { rule, pattern })),
                Err(error) => {
                    let text = show::text(&path.pattern.value.text());
                    findings.push(
                        Diagnostic::error(format!("cannot use `{text}` as a path"), path.pattern.span)
                            .label(error.to_string())
                            .help(error.help()),
                    );
                }
            }
        }
        (Self { paths, patterns, base }, findings)
    }

    /// What stands in for a rule where the base is what names a file: one more than there are.
    pub(super) const fn base(&self) -> usize {
        self.paths.len()
    }

    /// The patterns of all rules.
    pub(super) fn patterns(&self) -> &[RulePattern] {
        &self.patterns
    }

    /// The patterns of one rule; none if it could not be read.
    pub(super) fn patterns_of(&self, rule: usize) -> &[RulePattern] {
        // They stand in the order of their rules.
        let start = self.patterns.partition_point(|pattern| pattern.rule < rule);
        let end = self.patterns.partition_point(|pattern| pattern.rule <= rule);
        self.patterns.get(start..end).unwrap_or_default()
    }

    /// The rules that have patterns.
    pub(super) fn usable(&self) -> Vec<usize> {
        let mut rules: Vec<_> = self.patterns.iter().map(|pattern| pattern.rule).collect();
        rules.dedup();
        rules
    }

    /// The place of a rule's pattern.
    pub(super) fn span(&self, rule: usize) -> Span {
        self.paths
            .get(rule)
            .map(|path| path.pattern.span)
            .or(self.base)
            .unwrap_or(Span { start: 0, end: 0 })
    }

    /// What a rule's files are for.
    pub(super) fn kind(&self, rule: usize) -> Kind {
        self.paths.get(rule).map_or(Kind::Weight, |path| path.kind)
    }

    /// A rule's pattern as written.
    pub(super) fn word(&self, rule: usize) -> &Word {
        const NONE: &Word = &Word::new();
        self.paths.get(rule).map_or(NONE, |path| &path.pattern.value)
    }

    /// A rule's pattern as text, without the quotes that it was written with.
    pub(super) fn text(&self, rule: usize) -> String {
        self.word(rule).text()
    }
}
