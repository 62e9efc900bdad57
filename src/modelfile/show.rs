//! User text in messages: nothing of a Modelfile reaches a terminal as a control sequence, and nothing floods it.

/// Longest piece of user text that a message repeats, in characters.
const LONGEST: usize = 60;

/// Longest path that a message repeats, in characters: what a person would look for fits.
const LONGEST_PATH: usize = 120;

/// `text` in backticks, [`escape`]d, and cut off when it is long.
pub(crate) fn quoted(text: &str) -> String {
    quoted_to(text, LONGEST)
}

/// The same for a path, which may be longer.
pub(crate) fn quoted_path(path: &str) -> String {
    quoted_to(path, LONGEST_PATH)
}

fn quoted_to(text: &str, longest: usize) -> String {
    let end = text.char_indices().nth(longest).map_or(text.len(), |(end, _)| end);
    let (shown, rest) = text.split_at(end);
    let more = if rest.is_empty() { "" } else { "…" };
    format!("`{}{more}`", escape(shown))
}

/// Text of a user as a terminal may have it: what would move the cursor, hide, or turn the direction of the text is
/// written as an escape, such as `\u{202e}`. Whatever is shown to people goes through here.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_obeyed(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a name, on a terminal or in a viewer that does not [`escape`] it, seems to be another one. Control characters
/// are another matter: no path may have one.
pub(crate) fn deceives(name: &str) -> bool {
    name.chars()
        .any(|character| is_obeyed(character) && !character.is_control())
}

/// As [`escape`] for one character, but always one for one, so that carets stay under what they mean.
pub(super) fn stand_in(character: char) -> char {
    match character {
        // The control pictures stand in the order of the control characters.
        '\0'..='\u{1f}' => match char::from_u32(0x2400 + character as u32) {
            Some(picture) => picture,
            None => char::REPLACEMENT_CHARACTER,
        },
        '\u{7f}' => '\u{2421}',
        _ if is_obeyed(character) => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

/// Whether a terminal or a viewer does something other than to draw it: control characters, line separators, marks of
/// no width, and the directional formatting characters of Unicode's bidirectional algorithm (UAX #9, table 1).
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// The code point as people look it up: `U+00A0`.
pub(super) fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// `a`, `a or b`, `a, b or c`, each in backticks.
pub(crate) fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The candidate that a misspelt `word` is likely to stand for, whatever its case.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Two slips in a long word, one in a short one. More than that suggests words that nobody meant; the limit on the
    // length keeps a megabyte of garbage from being compared.
    let length = word.chars().take(LONGEST + 1).count();
    let slips = match length {
        0..=1 => 0,
        2..=4 => 1,
        5..=LONGEST => 2,
        _ => return None,
    };
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
