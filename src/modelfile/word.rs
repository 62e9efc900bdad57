/// One argument as written, after quotes and backslashes are taken away.
///
/// It remembers which characters were quoted or escaped, because those are literal in a pattern: `"a*"` and `a\*` name
/// the file `a*`, while `a*` is a glob.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    chars: Vec<(char, bool)>,
}

impl Word {
    /// An empty word; `""` in the Modelfile is one.
    #[must_use]
    pub const fn new() -> Self {
        Self { chars: Vec::new() }
    }

    /// Takes quotes and backslashes away from a word of the grammar. A quote that is not closed reaches to the end.
    #[must_use]
    pub(super) fn unquote(written: &str) -> Self {
        let mut word = Unquoted::default();
        word.written(written);
        word.word
    }

    /// Adds a character; `literal` when it was quoted or escaped.
    pub fn push(&mut self, character: char, literal: bool) {
        self.chars.push((character, literal));
    }

    /// The characters, each with whether it is literal.
    #[must_use]
    pub fn chars(&self) -> &[(char, bool)] {
        &self.chars
    }

    /// The plain text.
    #[must_use]
    pub fn text(&self) -> String {
        self.chars.iter().map(|(character, _)| character).collect()
    }
}

/// A word in the making, from parts as written and from values.
#[derive(Debug, Default)]
pub(super) struct Unquoted {
    word: Word,
    in_quotes: bool,
}

impl Unquoted {
    /// Adds a part of a word of the grammar without its quotes and backslashes; a quote may be closed in a later part.
    pub(super) fn written(&mut self, part: &str) {
        let mut characters = part.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => self.in_quotes = !self.in_quotes,
                '\\' => {
                    if let Some(escaped) = characters.next() {
                        self.word.push(escaped, true);
                    }
                }
                _ => self.word.push(character, self.in_quotes),
            }
        }
    }

    /// Adds a value as it is: its quotes and backslashes are characters like any other, as they are in a shell.
    pub(super) fn value(&mut self, value: &str) {
        for character in value.chars() {
            self.word.push(character, self.in_quotes);
        }
    }

    /// The word.
    pub(super) fn finish(self) -> Word {
        self.word
    }
}
