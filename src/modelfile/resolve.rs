//! The second stage: statements to a [`Modelfile`]. One pass over the lines; every bad line is reported.

use std::collections::{BTreeMap, HashMap};

use super::keyword::{Field, Keyword, Takes};
use super::scope::Scope;
use super::show::quoted;
use super::vocabulary::{self, Findings};
use super::written::{Statement, statements};
use super::{
    BuildArgs, Diagnostic, Diagnostics, Modelfile, Partial, PathRule, Severity, Source, Span, Spanned, Word, misuse,
    ollama,
};

/// Most findings of one severity that are gathered. Only 20 are ever shown, and a file of 2,000,000 bad lines should not fill the
/// memory with what is wrong with them.
const ENOUGH: usize = 1000;

impl Modelfile {
    /// Reads the language: what the text states, normalised and checked, and the warnings and notes about it. `given` are
    /// the values that the command line has for arguments.
    ///
    /// # Errors
    /// What could be read, and all findings, when at least one of them is an error. They stop after 1000 errors.
    pub fn parse(source: &Source, given: &BuildArgs) -> Result<(Self, Diagnostics), Box<Partial>> {
        if let Some(diagnostic) = ollama::recognise(&source.text) {
            return Err(Box::new(Partial {
                modelfile: Self::default(),
                findings: Diagnostics(vec![diagnostic]),
            }));
        }
        let mut resolver = Resolver::new(Scope::new(&source.text, given));
        for statement in statements(&source.text) {
            resolver.statement(statement);
            resolver.gather();
            if resolver.is_hopeless() {
                break;
            }
        }
        resolver.finish(source)
    }
}

struct Resolver<'a> {
    modelfile: Modelfile,
    /// The arguments declared so far.
    scope: Scope<'a>,
    /// What is wrong with the statement at hand.
    found: Findings,
    /// What was wrong with those before it.
    gathered: Vec<Diagnostic>,
    /// How many of each severity were gathered.
    counts: BTreeMap<Severity, usize>,
    /// Where each keyword stands first.
    first: HashMap<&'static str, Span>,
}

impl<'a> Resolver<'a> {
    fn new(scope: Scope<'a>) -> Self {
        Self {
            modelfile: Modelfile::default(),
            scope,
            found: Vec::new(),
            gathered: Vec::new(),
            counts: BTreeMap::new(),
            first: HashMap::new(),
        }
    }

    /// Takes the findings about one statement over.
    fn gather(&mut self) {
        for finding in self.found.drain(..) {
            let count = self.counts.entry(finding.severity).or_default();
            if *count < ENOUGH {
                *count += 1;
                self.gathered.push(finding);
            }
        }
    }

    fn is_hopeless(&self) -> bool {
        self.counts.get(&Severity::Error).is_some_and(|count| *count >= ENOUGH)
    }

    fn finish(mut self, source: &Source) -> Result<(Modelfile, Diagnostics), Box<Partial>> {
        self.found.extend(self.scope.undeclared(misuse::end(&source.text)));
        if !self.counts.contains_key(&Severity::Error) {
            // A line with an error may have been meant to use one.
            self.found.extend(self.scope.unused());
        }
        self.gather();
        let mut modelfile = self.modelfile;
        modelfile.arguments = self.scope.arguments;
        let mut findings = Diagnostics(self.gathered);
        if modelfile.paths.is_empty() && modelfile.from.is_none() && !findings.has_errors() {
            findings.0.push(misuse::no_file(&source.text));
        }
        findings.0.sort_by_key(|finding| finding.primary.0.start);
        if findings.has_errors() {
            Err(Box::new(Partial { modelfile, findings }))
        } else {
            Ok((modelfile, findings))
        }
    }

    /// The first line that states something of the model or names a file.
    fn stated(&self) -> Option<Span> {
        let declares = |word: &str| Keyword::find(word).is_some_and(|keyword| keyword.takes == Takes::Declaration);
        let stated = self.first.iter().filter(|(word, _)| !declares(word));
        stated.map(|(_, span)| *span).min_by_key(|span| span.start)
    }

    fn statement(&mut self, statement: Statement<'_>) {
        if !statement.broken.is_empty() {
            self.found.extend(statement.broken);
            return;
        }
        self.found.extend(statement.odd);
        let Some(keyword) = Keyword::find(&statement.keyword.value) else {
            self.found.push(misuse::unknown(&statement.keyword));
            return;
        };
        if keyword.takes == Takes::Reserved {
            self.found.push(misuse::reserved(keyword, statement.keyword.span));
            return;
        }
        if let Some(first) = self.first.get(keyword.word).filter(|_| !keyword.repeats) {
            self.found.push(
                Diagnostic::error(format!("`{}` is stated twice", keyword.word), statement.keyword.span)
                    .label("stated again")
                    .also(*first, "stated first")
                    .help("keep one of them"),
            );
            return;
        }
        if keyword.takes == Takes::Value(Field::From)
            && let Some(earlier) = self.stated()
        {
            self.found.push(misuse::late_base(statement.keyword.span, earlier));
        }
        self.first.entry(keyword.word).or_insert(statement.keyword.span);
        if let Some(problem) = misuse::arity(keyword, statement.keyword.span, &statement.arguments) {
            self.found.push(problem);
            return;
        }
        if keyword.takes == Takes::Declaration {
            for argument in &statement.arguments {
                self.scope.declare(argument, &mut self.found);
            }
            return;
        }
        let Some(arguments) = self.scope.words(&statement.arguments, &mut self.found) else {
            return;
        };
        match misuse::empty(keyword, &statement.arguments, &arguments) {
            Some(problem) => self.found.push(problem),
            None => self.arguments(keyword, arguments),
        }
        self.scope.arguments.trace(&mut self.found);
    }

    fn arguments(&mut self, keyword: &Keyword, arguments: Vec<Spanned<Word>>) {
        match keyword.takes {
            Takes::Path(kind) | Takes::Paths(kind) => self
                .modelfile
                .paths
                .extend(arguments.into_iter().map(|pattern| PathRule { kind, pattern })),
            Takes::Value(field) => {
                for value in arguments {
                    self.value(field, plain(&value));
                }
            }
            Takes::KeyAndValue => {
                if let [key, value] = arguments.as_slice() {
                    self.annotation(plain(key), plain(value));
                }
            }
            Takes::Declaration | Takes::Reserved => {}
        }
    }

    fn annotation(&mut self, key: Spanned<String>, value: Spanned<String>) {
        if key
            .value
            .contains(|character: char| character.is_whitespace() || character.is_control())
        {
            let message = format!("the annotation key {} holds white space", quoted(&key.value));
            self.found.push(
                Diagnostic::error(message, key.span)
                    .help("keys look like `org.example.team`; the value may hold blanks"),
            );
            return;
        }
        if let Some((first, _)) = self
            .modelfile
            .annotations
            .iter()
            .find(|(first, _)| first.value == key.value)
        {
            let message = format!("the annotation {} is stated twice", quoted(&key.value));
            self.found.push(
                Diagnostic::error(message, key.span)
                    .label("stated again")
                    .also(first.span, "stated first")
                    .help("keep one of them"),
            );
            return;
        }
        self.modelfile.annotations.push((key, value));
    }

    fn value(&mut self, field: Field, value: Spanned<String>) {
        let (text, span, found) = (value.value.as_str(), value.span, &mut self.found);
        let to = &mut self.modelfile;
        match field {
            Field::Name => to.name = Some(value),
            Field::Architecture => to.architecture = Some(value),
            Field::Family => to.family = Some(value),
            Field::Format => to.format = Some(Spanned::new(vocabulary::format(text, span, found), span)),
            Field::ParamSize => to.param_size = Some(Spanned::new(vocabulary::param_size(text, span, found), span)),
            Field::Precision => to.precision = Some(Spanned::new(vocabulary::precision(text, span, found), span)),
            Field::Quantization => to.quantization = Some(value),
            Field::Version => to.version = Some(value),
            Field::Title => to.title = Some(value),
            Field::Description => to.description = Some(value),
            Field::Author => add(&mut to.authors, Some(value), found),
            Field::Vendor => to.vendor = Some(value),
            Field::License => add(
                &mut to.licenses,
                at(vocabulary::license(text, span, found), span),
                found,
            ),
            Field::DocUrl => to.doc_url = Some(Spanned::new(vocabulary::url(text, span, found), span)),
            Field::SourceUrl => to.source_url = Some(Spanned::new(vocabulary::url(text, span, found), span)),
            Field::Revision => to.revision = Some(value),
            Field::DatasetUrl => {
                let url = Spanned::new(vocabulary::url(text, span, found), span);
                add(&mut to.dataset_urls, Some(url), found);
            }
            Field::Input => add(&mut to.inputs, at(vocabulary::modality(text, span, found), span), found),
            Field::Output => add(
                &mut to.outputs,
                at(vocabulary::modality(text, span, found), span),
                found,
            ),
            Field::Language => add(
                &mut to.languages,
                at(vocabulary::language(text, span, found), span),
                found,
            ),
            Field::Cutoff => to.knowledge_cutoff = at(vocabulary::cutoff(text, span, found), span),
            Field::Capability => match vocabulary::capability(text, span, found) {
                Some(vocabulary::Capability::Reasoning) => to.reasoning = Some(Spanned::new((), span)),
                Some(vocabulary::Capability::Tools) => to.tool_usage = Some(Spanned::new((), span)),
                Some(vocabulary::Capability::Reward) => to.reward = Some(Spanned::new((), span)),
                None => {}
            },
            Field::From => to.from = Some(value),
            Field::Context => to.context_size = at(vocabulary::context(text, span, found), span),
        }
    }
}

fn plain(word: &Spanned<Word>) -> Spanned<String> {
    Spanned::new(word.value.text(), word.span)
}

fn at<T>(value: Option<T>, span: Span) -> Option<Spanned<T>> {
    value.map(|value| Spanned::new(value, span))
}

/// Adds to a list that means a set: saying something twice is a slip, not a second entry.
fn add<T: PartialEq>(list: &mut Vec<Spanned<T>>, value: Option<Spanned<T>>, found: &mut Findings) {
    let Some(value) = value else { return };
    if let Some(first) = list.iter().find(|known| known.value == value.value) {
        found.push(
            Diagnostic::warning("this is stated already", value.span)
                .label("stated again")
                .also(first.span, "stated first"),
        );
        return;
    }
    list.push(value);
}
