use std::collections::HashMap;

use super::pattern::{Part, Pattern};

/// One pattern and the index of the path rule that it comes from.
#[derive(Debug, Clone)]
pub(super) struct RulePattern {
    /// Index in the Modelfile's paths.
    pub rule: usize,
    /// The pattern.
    pub pattern: Pattern,
}

/// How far a pattern has matched a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    /// Index of the pattern.
    pattern: usize,
    /// How many of its parts have matched; all of them: it names this path or a directory that it lies in.
    position: usize,
    /// Whether every step so far was a name written out: the user named this very path.
    pub named: bool,
}

/// The patterns that can still match something in one directory.
///
/// Names that are written out stand in a map, so that a Modelfile with a line for each of 10,000 files costs one look
/// per file and not 10,000.
#[derive(Debug)]
pub(super) struct Frontier<'p> {
    patterns: &'p [RulePattern],
    literal: HashMap<&'p str, Vec<State>>,
    other: Vec<State>,
    hidden: bool,
}

impl<'p> Frontier<'p> {
    /// What can match in the context's own directory. `hidden` lets globs match names that begin with a dot too.
    pub(super) fn root(patterns: &'p [RulePattern], hidden: bool) -> Self {
        let start = |pattern| State {
            pattern,
            position: 0,
            named: true,
        };
        Self::new(patterns, (0..patterns.len()).map(start).collect(), hidden)
    }

    /// What can match in a directory that was reached with `states`.
    pub(super) fn below(&self, states: Vec<State>) -> Self {
        Self::new(self.patterns, states, self.hidden)
    }

    fn new(patterns: &'p [RulePattern], mut states: Vec<State>, hidden: bool) -> Self {
        let mut frontier = Self {
            patterns,
            literal: HashMap::new(),
            other: Vec::new(),
            hidden,
        };
        states.sort_unstable();
        states.dedup();
        while let Some(state) = states.pop() {
            match frontier.part(state) {
                Some(Part::Literal(name)) => {
                    frontier.literal.entry(name).or_default().push(state);
                    continue;
                }
                // `**/a` matches `a` too.
                Some(Part::AnyDepth) if !frontier.is_last(state) => {
                    states.push(State {
                        position: state.position + 1,
                        named: false,
                        ..state
                    });
                }
                _ => {}
            }
            frontier.other.push(state);
        }
        frontier.other.sort_unstable();
        frontier.other.dedup();
        frontier
    }

    /// How far the patterns have matched with this name added; empty if it is of no interest.
    pub(super) fn step(&self, name: &str) -> Vec<State> {
        let mut reached = Vec::new();
        for state in self.literal.get(name).into_iter().flatten() {
            reached.push(State {
                position: state.position + 1,
                ..*state
            });
        }
        let hidden = name.starts_with('.') && !self.hidden;
        for state in &self.other {
            let next = State {
                position: state.position + 1,
                named: false,
                ..*state
            };
            let stay = State { named: false, ..*state };
            match self.part(*state) {
                Some(Part::Glob(glob)) => {
                    if (!hidden || glob.begins_with_dot()) && glob.matches(name) {
                        reached.push(next);
                    }
                }
                Some(Part::AnyDepth) if !hidden => {
                    reached.push(stay);
                    if self.is_last(*state) {
                        reached.push(next);
                    }
                }
                // Below a directory that matched.
                None if !hidden => reached.push(stay),
                // Literal parts wait in the map.
                Some(Part::Literal(_) | Part::AnyDepth) | None => {}
            }
        }
        reached
    }

    /// The rules of `states`, each once.
    pub(super) fn rules<'s>(&self, states: impl IntoIterator<Item = &'s State>) -> Vec<usize> {
        let mut rules: Vec<_> = states
            .into_iter()
            .filter_map(|state| Some(self.patterns.get(state.pattern)?.rule))
            .collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// The rules that match the file of this name, each once: what [`Self::step`] reaches at the end of a pattern. Most
    /// entries are files, and most of a file's steps would lead nowhere.
    pub(super) fn matching(&self, name: &str) -> Vec<usize> {
        let hidden = name.starts_with('.') && !self.hidden;
        let is_end = |state: &&State| match self.part(**state) {
            Some(Part::Glob(glob)) => {
                self.is_last(**state) && (!hidden || glob.begins_with_dot()) && glob.matches(name)
            }
            Some(Part::AnyDepth) => !hidden && self.is_last(**state),
            Some(Part::Literal(_)) => self.is_last(**state),
            None => !hidden,
        };
        let named = self.literal.get(name).into_iter().flatten();
        self.rules(named.chain(&self.other).filter(is_end))
    }

    /// The rules that match the path that was reached with `states`, or that name it on their way to another.
    pub(super) fn met(&self, mut states: Vec<State>) -> Vec<usize> {
        states.retain(|state| state.named || self.part(*state).is_none());
        self.rules(&states)
    }

    /// The rules that can still match something in this directory.
    pub(super) fn waiting(&self) -> Vec<usize> {
        self.rules(self.literal.values().flatten().chain(&self.other))
    }

    fn part(&self, state: State) -> Option<&'p Part> {
        self.patterns.get(state.pattern)?.pattern.parts().get(state.position)
    }

    fn is_last(&self, state: State) -> bool {
        self.patterns
            .get(state.pattern)
            .is_some_and(|rule| rule.pattern.parts().len() == state.position + 1)
    }
}
