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
        let mut word = Self::new();
        let mut in_quotes = false;
        let mut characters = written.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => in_quotes = !in_quotes,
                '\\' => {
                    if let Some(escaped) = characters.next() {
                        word.push(escaped, true);
                    }
                }
                _ => word.push(character, in_quotes),
            }
        }
        word
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
