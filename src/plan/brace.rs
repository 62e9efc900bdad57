use super::syntax::{Chars, SyntaxError};

/// How many words one word may become: more is a slip, and each costs time in every directory.
const MOST: usize = 1_000;

/// Every word that the braces of `word` stand for, in order; the word itself if it has none.
///
/// `{a,b}` is `a` and `b`, braces nest, and an alternative may hold a `/`. A brace or comma that is quoted or escaped
/// is an ordinary character, and so are a comma outside of braces and a `}` that closes nothing.
pub(super) fn expand(word: &Chars) -> Result<Vec<Vec<(char, bool)>>, SyntaxError> {
    // Each takes a pass over the word.
    if word.iter().filter(|character| **character == ('{', false)).count() > MOST {
        return Err(SyntaxError::TooManyAlternatives { most: MOST });
    }
    let mut done = Vec::new();
    // Words to look at, the next one last: the first brace pair of a word is replaced by each of its alternatives.
    let mut open = vec![word.to_vec()];
    while let Some(word) = open.pop() {
        let Some(start) = word.iter().position(|character| *character == ('{', false)) else {
            done.push(word);
            continue;
        };
        let (before, rest) = word.split_at(start);
        let (alternatives, after) = alternatives(rest.get(1..).unwrap_or_default())?;
        if done.len() + open.len() + alternatives.len() > MOST {
            return Err(SyntaxError::TooManyAlternatives { most: MOST });
        }
        open.extend(
            alternatives
                .into_iter()
                .rev()
                .map(|chosen| [before, chosen, after].concat()),
        );
    }
    Ok(done)
}

/// What stands between the commas up to the closing brace, and what follows that. `rest` begins behind the opening one.
fn alternatives(rest: &Chars) -> Result<(Vec<&Chars>, &Chars), SyntaxError> {
    let mut depth = 0_usize;
    let mut start = 0;
    let mut found = Vec::new();
    for (at, character) in rest.iter().enumerate() {
        match character {
            ('{', false) => depth += 1,
            ('}', false) if depth > 0 => depth -= 1,
            (',' | '}', false) if depth == 0 => {
                found.push(rest.get(start..at).unwrap_or_default());
                start = at + 1;
                if character.0 == '}' {
                    return Ok((found, rest.get(start..).unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
    Err(SyntaxError::Unclosed {
        opening: '{',
        closing: '}',
    })
}
