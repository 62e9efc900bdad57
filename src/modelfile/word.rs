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
