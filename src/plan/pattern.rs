use std::path::PathBuf;

use super::brace;
use super::context::Context;
use super::glob::Glob;
use super::syntax::{Chars, SyntaxError};
use crate::modelfile::Word;

/// What one component of a pattern asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// This name.
    Literal(String),
    /// A name that matches.
    Glob(Glob),
    /// `**`: any number of directories; at the end of a pattern everything below, on any level.
    AnyDepth,
}

/// A path or pattern without braces, split at `/`, without `.` components. No part at all is the whole context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    parts: Vec<Part>,
}

impl Pattern {
    /// The patterns that a word stands for: one, or one for each alternative of its braces.
    pub(super) fn all(word: &Word, context: &Context) -> Result<Vec<Self>, SyntaxError> {
        brace::expand(word.chars())?
            .iter()
            .map(|chars| Self::new(chars, context))
            .collect()
    }

    /// `..` takes the component before it away, whatever that is on the disk, as modctl does it. A path that goes by the
    /// directories above the context is good where it comes back.
    fn new(chars: &Chars, context: &Context) -> Result<Self, SyntaxError> {
        let mut outside = match chars.first() {
            None => return Err(SyntaxError::EmptyAlternative),
            Some(('/', _)) => Some(SyntaxError::Absolute),
            Some(_) => None,
        };
        let mut parts = Vec::new();
        for component in chars.split(|(character, _)| *character == '/') {
            let text: String = component.iter().map(|(character, _)| character).collect();
            match text.as_str() {
                "" | "." => {}
                ".." => match parts.pop() {
                    // It can stand for no directory at all, and then this leaves the one before it.
                    Some(Part::AnyDepth) => return Err(SyntaxError::Parent),
                    None if outside.is_none() => {
                        outside = Some(SyntaxError::Parent);
                        parts = context.above().ok_or(SyntaxError::Parent)?.map(Part::Literal).collect();
                    }
                    _ => {}
                },
                "**" if component.iter().all(|(_, literal)| !literal) => {
                    if parts.last() != Some(&Part::AnyDepth) {
                        parts.push(Part::AnyDepth);
                    }
                }
                _ if Glob::is_needed(component) => parts.push(Part::Glob(Glob::new(component)?)),
                _ => parts.push(Part::Literal(text)),
            }
        }
        if let Some(error) = outside {
            let names = parts.iter().map_while(|part| match part {
                Part::Literal(name) => Some(name.as_str()),
                Part::Glob(_) | Part::AnyDepth => None,
            });
            let depth = context.depth(names).ok_or(error)?;
            parts.drain(..depth);
        }
        // `docs/` is the directory and nothing else: whatever lies below it.
        if matches!(chars.last(), Some(('/', _))) && parts.last().is_some_and(|part| *part != Part::AnyDepth) {
            parts.push(Part::AnyDepth);
        }
        Ok(Self { parts })
    }

    /// The parts in order.
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The path that the pattern names and no other, without a `/` or `**` at its end.
    pub(super) fn path(&self) -> Option<PathBuf> {
        let names = self.parts.iter().map(|part| match part {
            Part::Literal(name) => Some(name),
            Part::Glob(_) | Part::AnyDepth => None,
        });
        names.collect()
    }

    /// The names, if the pattern is a plain path; empty for the whole context. The `/` of `docs/` is not told.
    pub(super) fn literal(&self) -> Option<Vec<&str>> {
        let parts = match self.parts.as_slice() {
            [rest @ .., Part::AnyDepth] if !rest.is_empty() => rest,
            parts => parts,
        };
        let names = parts.iter().map(|part| match part {
            Part::Literal(name) => Some(name.as_str()),
            Part::Glob(_) | Part::AnyDepth => None,
        });
        names.collect()
    }
}
