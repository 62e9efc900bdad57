use super::syntax::{Chars, SyntaxError};

/// A pattern for one component of a path: `*`, `?`, `[a-z]`, `[!a]`, `[^a]`.
///
/// Not globset's: there `?` and classes match one *byte*, so that `?.txt` misses `é.txt` (modctl, which is Go, matches
/// it), and nothing can be quoted inside of a class. Without a `/` to care for there is little left to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob {
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Literal(char),
    /// `?`
    One,
    /// `*`
    Run,
    /// `[..]`: one character in, or with `negated` not in, the ranges.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Token {
    /// Whether it matches this one character; a run does not stand for a character.
    fn matches(&self, character: char) -> bool {
        match self {
            Self::Literal(literal) => *literal == character,
            Self::One => true,
            Self::Run => false,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

impl Glob {
    /// Whether a component is a glob at all.
    pub(super) fn is_needed(component: &Chars) -> bool {
        component
            .iter()
            .any(|character| matches!(character, ('*' | '?' | '[', false)))
    }

    /// Reads a component.
    pub(super) fn new(component: &Chars) -> Result<Self, SyntaxError> {
        let mut tokens = Vec::new();
        let mut rest = component;
        while let Some((character, behind)) = rest.split_first() {
            rest = behind;
            match character {
                // A second `*` adds nothing but time.
                ('*', false) if tokens.last() == Some(&Token::Run) => {}
                ('*', false) => tokens.push(Token::Run),
                ('?', false) => tokens.push(Token::One),
                ('[', false) => {
                    let (class, behind) = class(behind)?;
                    tokens.push(class);
                    rest = behind;
                }
                (literal, _) => tokens.push(Token::Literal(*literal)),
            }
        }
        Ok(Self { tokens })
    }

    /// Whether the pattern itself begins with a dot: only then may it match a hidden name.
    pub(super) fn begins_with_dot(&self) -> bool {
        self.tokens.first() == Some(&Token::Literal('.'))
    }

    /// Whether the whole name matches. Takes at most |pattern| x |name| steps: only the last `*` is ever retried, because
    /// whatever an earlier one could take instead, the later one can take too.
    pub(super) fn matches(&self, name: &str) -> bool {
        let mut tokens = self.tokens.as_slice();
        let mut rest = name.chars();
        // Behind the last `*`: its tokens, and the name from where it would take one character more.
        let mut retry = None;
        loop {
            if let Some((Token::Run, behind)) = tokens.split_first() {
                tokens = behind;
                retry = Some((behind, rest.clone()));
                continue;
            }
            let mut ahead = rest.clone();
            match (tokens.split_first(), ahead.next()) {
                (None, None) => return true,
                (Some((token, behind)), Some(character)) if token.matches(character) => {
                    tokens = behind;
                    rest = ahead;
                }
                _ => {
                    let Some((behind, from)) = &mut retry else { return false };
                    if from.next().is_none() {
                        return false;
                    }
                    tokens = behind;
                    rest = from.clone();
                }
            }
        }
    }
}

/// A class, and what follows its `]`. `rest` begins behind the `[`. A `]` that stands first is a member, as in POSIX.
fn class(rest: &Chars) -> Result<(Token, &Chars), SyntaxError> {
    let unclosed = || SyntaxError::Unclosed {
        opening: '[',
        closing: ']',
    };
    let negated = matches!(rest.first(), Some(('!' | '^', false)));
    let mut rest = rest.get(usize::from(negated)..).unwrap_or_default();
    let mut ranges = Vec::new();
    loop {
        let (character, behind) = rest.split_first().ok_or_else(unclosed)?;
        if *character == (']', false) && !ranges.is_empty() {
            return Ok((Token::Class { negated, ranges }, behind));
        }
        let low = character.0;
        let high = match behind {
            // `-` in front of the end is a member.
            [('-', false), (']', false), ..] => None,
            [('-', false), (high, _), ..] => Some(*high),
            _ => None,
        };
        rest = if high.is_some() {
            behind.get(2..).unwrap_or_default()
        } else {
            behind
        };
        let high = high.unwrap_or(low);
        if low > high {
            return Err(SyntaxError::EmptyRange { low, high });
        }
        ranges.push((low, high));
    }
}
