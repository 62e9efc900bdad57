use std::collections::{BTreeMap, BTreeSet};

use super::show::quoted;
use super::substitute::is_name;
use super::{Diagnostic, Span};

/// Most arguments that a finding tells the values of: more than that is a text about arguments.
const MOST: usize = 4;

/// What `--build-arg` gives, by the names of arguments.
pub type BuildArgs = BTreeMap<String, BuildArg>;

/// What `--build-arg` gives one argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildArg {
    /// `--build-arg NAME=VALUE`.
    Value(String),
    /// `--build-arg NAME`: the value of the environment's variable of that name. Without one it is as if nothing was
    /// given, as with docker.
    Environment(Option<String>),
}

/// An `ARG` that has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// What stands in `${name}`.
    pub name: String,
    /// What takes its place; may be empty.
    pub value: String,
    /// The declaration, without the keyword.
    pub span: Span,
    /// Who gave the value.
    pub origin: Origin,
}

/// Where an argument's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `ARG name=default`.
    Default,
    /// `--build-arg NAME=VALUE`.
    CommandLine,
    /// The environment, as `--build-arg NAME` says.
    Environment,
}

/// The arguments of a Modelfile that have a value, and the words that hold them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    all: Vec<Argument>,
    uses: BTreeMap<Span, BTreeSet<usize>>,
}

impl Arguments {
    /// All of them, in the order of their declarations.
    pub fn iter(&self) -> impl Iterator<Item = &Argument> {
        self.all.iter()
    }

    /// Those whose values are in the word at `span`.
    pub fn within(&self, span: Span) -> impl Iterator<Item = &Argument> {
        let indexes = self.uses.get(&span).into_iter().flatten();
        indexes.filter_map(|index| self.all.get(*index))
    }

    /// Those that no word holds.
    pub(super) fn unused(&self) -> impl Iterator<Item = &Argument> {
        let used: BTreeSet<usize> = self.uses.values().flatten().copied().collect();
        let indexes = self.all.iter().enumerate();
        indexes
            .filter(move |(index, _)| !used.contains(index))
            .map(|(_, argument)| argument)
    }

    /// Adds one, and gives its index.
    pub(super) fn add(&mut self, argument: Argument) -> usize {
        self.all.push(argument);
        self.all.len() - 1
    }

    /// The one at `index`.
    pub(super) fn get(&self, index: usize) -> Option<&Argument> {
        self.all.get(index)
    }

    /// Notes that the word at `span` holds the values of `indexes`.
    pub(super) fn put_into(&mut self, span: Span, indexes: BTreeSet<usize>) {
        self.uses.insert(span, indexes);
    }

    /// Adds to findings about words what the values in these words are, and where they come from.
    pub fn trace(&self, findings: &mut [Diagnostic]) {
        for finding in findings {
            for argument in self.behind(finding) {
                argument.tell(finding);
            }
        }
    }

    /// The arguments in the words that `finding` points at, then those in their defaults, and so on.
    fn behind(&self, finding: &Diagnostic) -> Vec<&Argument> {
        let mut places = vec![finding.primary.0];
        places.extend(finding.secondary.iter().map(|(span, _)| *span));
        let mut behind: Vec<&Argument> = Vec::new();
        let mut next = 0;
        while let Some(place) = places.get(next).copied() {
            next += 1;
            for argument in self.within(place) {
                if behind.len() == MOST {
                    return behind;
                }
                if behind.iter().all(|known| known.span != argument.span) {
                    behind.push(argument);
                    if argument.origin == Origin::Default {
                        places.push(argument.span);
                    }
                }
            }
        }
        behind
    }
}

impl Argument {
    /// Whether `text` can be the name of one: a letter or `_`, then letters, digits and `_`, all of them ASCII.
    #[must_use]
    pub fn is_name(text: &str) -> bool {
        is_name(text)
    }

    fn tell(&self, finding: &mut Diagnostic) {
        let value = match self.value.as_str() {
            "" => "empty".to_owned(),
            value => quoted(value),
        };
        let told = format!("{} is {value}", quoted(&format!("${{{}}}", self.name)));
        match self.origin {
            Origin::Default => finding.secondary.push((self.span, format!("{told} by default"))),
            Origin::CommandLine => finding.help.push(format!("{told}, from `--build-arg`")),
            Origin::Environment => {
                let told = format!("{told}, from the environment, as `--build-arg` asks for");
                finding.help.push(told);
            }
        }
    }
}
