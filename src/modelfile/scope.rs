//! Which arguments there are, what value each has, and from where on it holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::argument::{Argument, Arguments, BuildArg, BuildArgs, Origin};
use super::read::LIMIT;
use super::show::{nearest, quoted};
use super::substitute::{Piece, is_name, pieces};
use super::vocabulary::Findings;
use super::word::Unquoted;
use super::written::statements_of;
use super::{Diagnostic, Span, Spanned, Word, misuse};

/// Most findings that one line is worth.
const ENOUGH: usize = 20;
/// Most names that a misspelt one is compared with.
const COMPARED: usize = 1000;

/// The arguments of a text on the way through it.
pub(super) struct Scope<'a> {
    given: &'a BuildArgs,
    /// Where each name is declared first, read ahead.
    declared: BTreeMap<String, Span>,
    /// Whether the text has any `ARG`. Without one, `${name}` is the plain text that it is for modctl.
    has_any: bool,
    /// Whether an `ARG` has no legible name: then nobody knows which names are declared.
    is_illegible: bool,
    /// Those that have a value so far, by their place in `arguments`.
    known: HashMap<String, usize>,
    /// How many bytes of values may still be put in. Each default may double the one before it, so that forty lines
    /// could stand for a terabyte. `None` once that is said to be too much.
    left: Option<u64>,
    /// Those that have a value, and their uses.
    pub arguments: Arguments,
}

impl<'a> Scope<'a> {
    /// Reads the names of all arguments ahead.
    pub(super) fn new(text: &str, given: &'a BuildArgs) -> Self {
        let mut scope = Self {
            given,
            declared: BTreeMap::new(),
            has_any: false,
            is_illegible: false,
            known: HashMap::new(),
            left: Some(LIMIT),
            arguments: Arguments::default(),
        };
        for statement in statements_of(text, "ARG") {
            scope.has_any = true;
            let word = statement.arguments.first();
            match word.map(|word| (split(&Word::unquote(word.value)).0, word.span)) {
                Some((name, span)) if is_name(&name) => {
                    scope.declared.entry(name).or_insert(span);
                }
                _ => scope.is_illegible = true,
            }
        }
        scope
    }

    /// `ARG name[=default]`.
    pub(super) fn declare(&mut self, written: &Spanned<&str>, found: &mut Findings) {
        let span = written.span;
        let (name, default) = split(&Word::unquote(written.value));
        if !is_name(&name) {
            found.push(misuse::argument_name(&name, span));
            return;
        }
        if let Some(first) = self.declared.get(&name).filter(|first| **first != span) {
            found.push(misuse::declared_twice(&name, span, *first));
            return;
        }
        // A default is looked at even where it is not needed: whether the text is good should not depend on options.
        let default = default.map(|_| self.word(written, found));
        let (value, origin) = match (self.given.get(&name), default) {
            (Some(BuildArg::Value(value)), _) => (value.clone(), Origin::CommandLine),
            (Some(BuildArg::Environment(Some(value))), _) => (value.clone(), Origin::Environment),
            (_, Some(Some(word))) => (split(&word.value).1.unwrap_or_default(), Origin::Default),
            // What is wrong with the default is said already.
            (_, Some(None)) => return,
            (given, None) => {
                found.push(misuse::without_value(&name, span, given.is_some()));
                return;
            }
        };
        let index = self.arguments.add(Argument {
            name: name.clone(),
            value,
            span,
            origin,
        });
        self.known.insert(name, index);
    }

    /// The words of a statement, values in place of references; `None` where one has no value, which is said here or
    /// was said where it is declared.
    pub(super) fn words(&mut self, written: &[Spanned<&str>], found: &mut Findings) -> Option<Vec<Spanned<Word>>> {
        let mut words = Vec::with_capacity(written.len());
        for word in written {
            match self.word(word, found) {
                Some(word) => words.push(word),
                None if found.len() >= ENOUGH => break,
                None => {}
            }
        }
        (words.len() == written.len()).then_some(words)
    }

    fn word(&mut self, written: &Spanned<&str>, found: &mut Findings) -> Option<Spanned<Word>> {
        if !self.has_any || !written.value.contains("${") {
            return Some(Spanned::new(Word::unquote(written.value), written.span));
        }
        let mut word = Unquoted::default();
        let mut used = BTreeSet::new();
        let mut is_whole = true;
        for piece in pieces(written) {
            match piece {
                Piece::Text(text) => word.written(text),
                Piece::Reference(name) => match self.value(&name, found) {
                    Some(index) => {
                        used.insert(index);
                        word.value(self.arguments.get(index).map_or("", |argument| &argument.value));
                    }
                    None => is_whole = false,
                },
                Piece::Malformed(problem) => {
                    found.push(problem);
                    is_whole = false;
                }
            }
            if !is_whole && found.len() >= ENOUGH {
                break;
            }
        }
        is_whole.then(|| {
            if !used.is_empty() {
                self.arguments.put_into(written.span, used);
            }
            Spanned::new(word.finish(), written.span)
        })
    }

    /// The argument that a reference means, if it may be put in.
    fn value(&mut self, name: &Spanned<&str>, found: &mut Findings) -> Option<usize> {
        let Some(index) = self.known.get(name.value).copied() else {
            found.extend(self.unknown(name));
            return None;
        };
        let size = self.arguments.get(index)?.value.len() as u64;
        // Once told is enough: the next one would not fit either, or only by chance.
        let left = self.left?;
        self.left = left.checked_sub(size);
        if self.left.is_none() {
            found.push(misuse::too_long(name.span));
            return None;
        }
        Some(index)
    }

    /// What is wrong with a reference to an argument that has no value.
    fn unknown(&self, name: &Spanned<&str>) -> Option<Diagnostic> {
        let shown = quoted(name.value);
        let Some(declared) = self.declared.get(name.value) else {
            let problem =
                Diagnostic::error(format!("no `ARG` declares {shown}"), name.span).label("not the name of an argument");
            return (!self.is_illegible).then(|| match self.near(name.value) {
                Some(near) => problem.help(format!("did you mean `${{{near}}}`?")),
                None => problem.help(format!(
                    "declare it on a line above, as in {}, or write {} for the text itself",
                    quoted(&format!("ARG {}=value", name.value)),
                    quoted(&format!("\\${{{}}}", name.value)),
                )),
            });
        };
        if declared.start > name.span.start {
            let message = format!("{shown} is used before it is declared");
            return Some(
                Diagnostic::error(message, name.span)
                    .label("without a value here")
                    .also(*declared, "declared here")
                    .help("an `ARG` holds from its line on: move it up"),
            );
        }
        if declared.end >= name.span.end {
            let message = format!("{shown} is used in its own default");
            return Some(
                Diagnostic::error(message, name.span)
                    .label("without a value yet")
                    .help("a default may use the arguments of the lines above"),
            );
        }
        // Its declaration is wrong, which is said there.
        None
    }

    /// What `--build-arg` gives and no `ARG` takes, at the `end` of the text.
    pub(super) fn undeclared(&self, end: Span) -> Findings {
        let without = |given: &BuildArg| *given == BuildArg::Environment(None);
        let problem = |name: &String| {
            let option = quoted(&format!("--build-arg {name}"));
            let problem =
                Diagnostic::warning(format!("no `ARG` takes {option}"), end).label("none is declared up to here");
            match self.near(name) {
                Some(near) => problem.help(format!("did you mean `--build-arg {near}`?")),
                None => problem.help(format!(
                    "declare it with {}, or leave the option out",
                    quoted(&format!("ARG {name}"))
                )),
            }
        };
        self.given
            .iter()
            .filter(|(name, given)| !self.is_illegible && !self.declared.contains_key(*name) && !without(given))
            .map(|(name, _)| problem(name))
            .collect()
    }

    /// Arguments that nothing uses.
    pub(super) fn unused(&self) -> Findings {
        let note = |argument: &Argument| {
            Diagnostic::note(
                format!("the argument {} is never used", quoted(&argument.name)),
                argument.span,
            )
            .help(format!(
                "its value is written {}, with the braces",
                quoted(&format!("${{{}}}", argument.name))
            ))
        };
        self.arguments.unused().map(note).collect()
    }

    fn near(&self, name: &str) -> Option<&str> {
        nearest(name, self.declared.keys().take(COMPARED).map(String::as_str))
    }
}

/// The name and the default of a declaration.
fn split(word: &Word) -> (String, Option<String>) {
    let text = word.text();
    match text.split_once('=') {
        Some((name, default)) => (name.to_owned(), Some(default.to_owned())),
        None => (text, None),
    }
}
